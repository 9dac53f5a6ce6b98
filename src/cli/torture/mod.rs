//! `statetrail torture`: runs a watch client against a recording under each fault in turn, and compares what it printed
//! last of every object with what there was.

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
use crate::replay::{Access, Doing, Ends, Fault, Options, Playback, Server, TRIALS, Trial, ends, load};
use crate::view::KindName;
use client::Client;
use outcome::Outcome;
use printed::{Printed, Wrong};
use std::time::Duration;

/// How often what a client printed is compared with what there was, once the recording has ended.
const AGAIN: Duration = Duration::from_millis(50);

/// Runs it.
pub(super) fn run(command: &Torture) -> Result<Exit, Failure> {
    let trials = chosen(&command.only)?;
    let expected = expected(command)?;
    let stop = signals::listen()?;
    let outcomes = runtime::run(async {
        let mut outcomes = Vec::new();
        for trial in trials {
            let outcome = tokio::select! {
                outcome = torment(command, &expected, trial) => outcome?,
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

/// The states that the client must come to.
fn expected(command: &Torture) -> Result<Ends, Failure> {
    let resource = resource(command)?;
    let reader = Reader::open(&command.recording)?;
    let header = reader.header().clone();
    let ends = ends(&header, reader).map_err(Failure::trouble)?.into_iter().find(|ends| ends.resource == resource);
    ends.ok_or_else(|| Failure::not_found(format!("the recording has no {resource}")))
}

/// Runs the client under the faults of one trial.
async fn torment(command: &Torture, expected: &Ends, trial: &'static Trial) -> Result<Outcome, Failure> {
    let mut reader = Reader::open(&command.recording)?;
    let header = reader.header().clone();
    let loaded = load(&header, reader.by_ref()).map_err(Failure::trouble)?;
    let playback = Playback::new(loaded.moments.clone(), loaded.length, command.speed, true, false);
    let options = Options { bookmark_every: Duration::from_secs(1), ..Options::default() };
    let server = Server::replay(loaded, header.started, playback.clone(), options, Access::default());
    let server = server.map_err(Failure::trouble)?;
    server.seed(command.seed);
    let faults: Vec<Fault> = trial.faults().map_err(Failure::trouble)?;
    faults.into_iter().for_each(|fault| server.inject(fault));
    let outcome = watched(command, trial, &server, &playback, expected).await;
    // Connections of the client that are left are cut.
    let _ = server.shutdown().await;
    outcome
}

async fn watched(
    command: &Torture,
    trial: &'static Trial,
    server: &Server,
    playback: &Playback,
    expected: &Ends,
) -> Result<Outcome, Failure> {
    let mut client = Client::start(command, server)?;
    // Since the start, and since the end of the recording, in steps of the loop.
    let (mut waited, mut over) = (Duration::ZERO, None);
    let (printed, ended) = loop {
        let printed = client.printed();
        let ended = client.ended();
        let position = playback.position();
        if position.doing == Doing::Ended {
            over.get_or_insert(waited);
        }
        let is_late = over.is_some_and(|over| waited.saturating_sub(over) >= command.patience);
        // A client that watches nothing never starts the clock.
        let is_idle = position.step == 0 && position.doing == Doing::Waiting && waited >= command.patience;
        let is_right = over.is_some() && printed.wrong(expected).is_empty();
        if ended.is_some() || is_late || is_idle || is_right {
            break (printed, ended);
        }
        tokio::time::sleep(AGAIN).await;
        waited += AGAIN;
    };
    client.stop().await;
    // What it wrote up to its end counts.
    let printed = if ended.is_some() { client.printed() } else { printed };
    let (objects, unread) = (expected.states.len(), printed.unread(expected));
    Ok(Outcome { trial, wrong: printed.wrong(expected), objects, ended, unread })
}

impl Printed {
    /// Lines that name no object of the recording.
    fn unread(&self, expected: &Ends) -> usize {
        let unknown = self.objects().filter(|object| !expected.states.contains_key(*object));
        self.formless + unknown.count()
    }

    /// The objects whose last state is not that of the recording.
    fn wrong(&self, expected: &Ends) -> Vec<Wrong> {
        let states = expected.states.iter().filter_map(|(object, state)| {
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
