//! `statetrail torture`: runs a watch client against a recording under each fault in turn, and compares what it printed
//! last of every object with what there is: when most objects exist, where the clock stops for that, and at the end.

mod client;
mod outcome;
mod printed;
mod table;

use super::arguments::{Torture, TortureFormat};
use super::exit::{Exit, Failure, written};
use super::printer::{self, Notation};
use super::{replaying, runtime, signals};
use crate::observation::Resource;
use crate::recording::Reader;
use crate::replay::{
    Access, Checkpoint, Doing, Fault, Options, Playback, Server, Speed, TRIALS, Trial, Verb, checkpoints, load,
};
use crate::view::KindName;
use client::Client;
use outcome::Outcome;
use printed::{Printed, Wrong};
use std::time::Duration;

/// How often what a client printed is compared with what there is.
const AGAIN: Duration = Duration::from_millis(50);

/// Runs it.
pub(super) fn run(command: &Torture) -> Result<Exit, Failure> {
    let trials = chosen(&command.only)?;
    if command.speed == Speed::Step {
        return Err(Failure::usage("--speed step: nobody would make the steps; use max, or a number as in 20x"));
    }
    let compared = Compared::of(command)?;
    let stop = signals::listen()?;
    let outcomes = runtime::run(async {
        let mut outcomes = Vec::new();
        for trial in trials {
            let outcome = tokio::select! {
                outcome = torment(command, &compared, trial) => outcome?,
                () = stop.finish.cancelled() => return Err(Failure::trouble("stopped")),
            };
            if command.output == TortureFormat::Table {
                written(printer::print(Notation::Words, &table::line(&outcome)))?;
            }
            outcomes.push(outcome);
        }
        Ok(outcomes)
    })?;
    match command.output {
        TortureFormat::Table => {
            written(printer::print(Notation::Words, &table::total(&outcomes, &command.recording)))?;
        }
        TortureFormat::Json => {
            written(printer::print(Notation::Json, &table::json(&outcomes)))?;
        }
    }
    Ok(if outcomes.iter().all(Outcome::passed) { Exit::Ok } else { Exit::Violated })
}

/// The trials of these names; all of them without any.
fn chosen(only: &[String]) -> Result<Vec<&'static Trial>, Failure> {
    let unknown = only.iter().find(|name| !TRIALS.iter().any(|trial| trial.name == name.as_str()));
    if let Some(name) = unknown {
        let known: Vec<&str> = TRIALS.iter().map(|trial| trial.name).collect();
        return Err(Failure::usage(format!("there is no trial `{name}`; there are {}", known.join(", "))));
    }
    Ok(TRIALS.iter().filter(|trial| only.is_empty() || only.iter().any(|name| name == trial.name)).collect())
}

/// The resource whose objects are compared.
fn resource(command: &Torture) -> Result<Resource, Failure> {
    let header = Reader::open(&command.recording)?.header().clone();
    let Some(name) = &command.kind else {
        let first = header.watches.first().map(|watch| watch.resource.clone());
        return first.ok_or_else(|| Failure::not_found("the recording has no kind"));
    };
    let named: KindName = name.parse().map_err(Failure::usage)?;
    let resource = header.watches.iter().map(|watch| &watch.resource).find(|resource| named.is_of(resource));
    resource.cloned().ok_or_else(|| {
        let recording = command.recording.display();
        Failure::not_found(format!("{recording}: it has no kind `{name}`; it has {}", replaying::kinds(&header)))
    })
}

/// What a client is compared with.
struct Compared {
    resource: Resource,
    checkpoints: Vec<Checkpoint>,
}

impl Compared {
    fn of(command: &Torture) -> Result<Self, Failure> {
        let resource = resource(command)?;
        let reader = Reader::open(&command.recording)?;
        let header = reader.header().clone();
        let checkpoints = checkpoints(&header, reader, &resource).map_err(Failure::trouble)?;
        if checkpoints.is_empty() {
            return Err(Failure::trouble(format!(
                "{}: it has no object of {resource}, so there is nothing to compare; --kind names another kind",
                command.recording.display()
            )));
        }
        Ok(Self { resource, checkpoints })
    }

    /// The number of events that a stream has had when the clock stops first.
    fn last_event(&self) -> usize {
        self.checkpoints[0].events
    }
}

/// Runs the client under the faults of one trial.
async fn torment(command: &Torture, compared: &Compared, trial: &'static Trial) -> Result<Outcome, Failure> {
    let mut reader = Reader::open(&command.recording)?;
    let header = reader.header().clone();
    let loaded = load(&header, reader.by_ref()).map_err(Failure::trouble)?;
    let playback = Playback::new(loaded.moments.clone(), loaded.length, command.speed, true, false);
    let options = Options { bookmark_every: Duration::from_secs(1), ..Options::default() };
    let server = Server::replay(loaded, header.started, playback.clone(), options, Access::default());
    let server = server.map_err(Failure::trouble)?;
    server.seed(command.seed);
    let faults: Vec<Fault> = trial.faults(compared.last_event()).map_err(Failure::trouble)?;
    faults.into_iter().for_each(|fault| server.inject(fault));
    let outcome = watched(command, trial, &server, &playback, compared).await;
    // Connections of the client that are left are cut.
    let _ = server.shutdown().await;
    outcome
}

async fn watched(
    command: &Torture,
    trial: &'static Trial,
    server: &Server,
    playback: &Playback,
    compared: &Compared,
) -> Result<Outcome, Failure> {
    let mut client = Client::start(command, server)?;
    let mut outcome = Outcome {
        trial,
        flags: trial.flags(compared.last_event()),
        wrong: Vec::new(),
        objects: 0,
        is_within: false,
        has_watched: true,
        ended: None,
        unread: 0,
    };
    for (index, checkpoint) in compared.checkpoints.iter().enumerate() {
        let is_last = index + 1 == compared.checkpoints.len();
        playback.stop_after((!is_last).then_some(checkpoint.step));
        let is_there = || {
            let position = playback.position();
            position.step >= checkpoint.step && position.doing == if is_last { Doing::Ended } else { Doing::Paused }
        };
        outcome.ended = compare(command, &mut client, (playback, is_there), checkpoint).await;
        let printed = client.printed();
        outcome.wrong = printed.wrong(checkpoint);
        outcome.unread = printed.unread(checkpoint);
        (outcome.objects, outcome.is_within) = (checkpoint.states.len(), !is_last);
        if outcome.ended.is_some() || !outcome.wrong.is_empty() {
            break;
        }
    }
    client.stop().await;
    outcome.has_watched = server.count(Verb::Watch, &compared.resource.to_string()) > 0;
    Ok(outcome)
}

/// Waits until the client has come to the states of a checkpoint, has ended, or takes too long; how it has ended.
async fn compare(
    command: &Torture,
    client: &mut Client,
    (playback, is_there): (&Playback, impl Fn() -> bool),
    checkpoint: &Checkpoint,
) -> Option<String> {
    // Since the clock is there, or waits for a client that watches nothing; in steps of the loop.
    let mut waited = Duration::ZERO;
    loop {
        if let Some(ended) = client.ended() {
            // What it wrote up to its end counts.
            client.stop().await;
            return Some(ended);
        }
        let is_there = is_there();
        if is_there && client.printed().wrong(checkpoint).is_empty() || waited >= command.patience {
            return None;
        }
        tokio::time::sleep(AGAIN).await;
        let is_idle = playback.position().step == 0 && playback.position().doing == Doing::Waiting;
        waited += if is_there || is_idle { AGAIN } else { Duration::ZERO };
    }
}

impl Printed {
    /// Lines that name no object of the recording.
    fn unread(&self, checkpoint: &Checkpoint) -> usize {
        let unknown = self.objects().filter(|object| !checkpoint.states.contains_key(*object));
        self.formless + unknown.count()
    }

    /// The objects whose last state is not that of the recording.
    fn wrong(&self, checkpoint: &Checkpoint) -> Vec<Wrong> {
        let states = checkpoint.states.iter().filter_map(|(object, state)| {
            let found = self.last(object);
            let is_right = match (found, state) {
                (Some(found), Some(state)) => found == state,
                (Some(found), None) => found == "-",
                // It has never heard of an object that is gone: nothing is wrong with that.
                (None, None) => true,
                (None, Some(_)) => false,
            };
            (!is_right).then(|| Wrong {
                object: object.clone(),
                found: found.map(str::to_owned),
                expected: state.clone(),
            })
        });
        states.collect()
    }
}
