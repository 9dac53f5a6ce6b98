//! `statetrail demo`: replays a failed image pull, from server to timeline.
//!
//! The stand-in API server replays a real recording on a loopback port; the real recorder lists and watches it over
//! HTTP. Idle periods are shortened; all times are those of the recording.

use super::arguments::RecordArgs;
use super::exit::{Exit, Failure, written};
use super::printer::{self, Notation};
use super::{page, record, runtime, show, terminal};
use crate::observation::{Track, Watch};
use crate::recording::{Header, Reader};
use crate::replay::{Abridged, Options, Pace, Server, Speed, Store, TimedWrite, abridge, script};
use crate::run::{Listener, Message, Output, Recorder};
use crate::source::{Clock, Cluster};
use crate::timeline::{Body, Entry};
use crate::view::line::Lines;
use crate::view::{KindName, Selection, Style, path, polling};
use indicatif::{ProgressBar, ProgressStyle};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, mpsc};
use std::time::Duration;
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;

/// A part of a recording of a real cluster: a VM whose container disk cannot be pulled, and three pods.
const STORY: &[u8] = include_bytes!("../../assets/image-pull.jsonl.zst");
/// The duration of the replay.
const LENGTH: Duration = Duration::from_secs(15);
/// The interval at which the progress bar moves.
const TICK: Duration = Duration::from_millis(100);
/// The VM of the scenario.
const VM: &str = "vm-imagepull";
/// The tracks that are printed during the replay; the recording has all of them.
const SHOWN: [&str; 3] = ["status", "phase", "lifecycle"];

/// Runs it.
pub(super) fn run() -> Result<Exit, Failure> {
    let story = Story::read()?;
    let folder = folder()?;
    let recording = folder.join("image-pull.jsonl");
    let closed = CancellationToken::new();
    runtime::run(live(story, &recording, closed.clone()))?;
    if closed.is_cancelled() {
        return Ok(Exit::Ok);
    }
    let style = terminal::style_of_stdout();
    let (_, entries) = show::timeline(&recording)?;
    let page = folder.join("image-pull.html");
    let mut text = Vec::new();
    page::report(&recording, &[], &mut text)?;
    std::fs::write(&page, text).map_err(|error| {
        Failure::trouble(format!("cannot write the page of the timeline {}: {error}", page.display()))
    })?;
    written(summarize(&entries, (&recording, &page), &style))
}

/// The scenario that is replayed.
struct Story {
    header: Header,
    writes: Vec<TimedWrite>,
}

impl Story {
    fn read() -> Result<Self, Failure> {
        let reader = Reader::new("the bundled story", STORY)?;
        let header = reader.header().clone();
        let records = reader.collect::<Result<Vec<_>, _>>()?;
        let writes = script(&header, records);
        Ok(Self { header, writes })
    }
}

/// A new folder for the recording.
fn folder() -> Result<PathBuf, Failure> {
    let folder = std::env::temp_dir().join(format!("statetrail-demo-{}", std::process::id()));
    std::fs::create_dir_all(&folder).map_err(|error| {
        Failure::trouble(format!("cannot create directory {} for the demo's recording: {error}", folder.display()))
    })?;
    Ok(folder)
}

/// Serves the scenario and records it until it is over, or until the reader of standard output closed the pipe.
async fn live(story: Story, recording: &Path, closed: CancellationToken) -> Result<(), Failure> {
    let Story { header, writes } = story;
    let store = Store::new();
    let watches: Vec<Watch> = header.watches.iter().map(|watch| Watch::all(watch.resource.clone())).collect();
    watches.iter().for_each(|watch| store.serve(&watch.resource));
    let server = Server::start(store.clone(), Options::default()).map_err(Failure::trouble)?;
    let length = writes.iter().map(|write| write.offset).max().unwrap_or_default();
    printer::say(format!(
        "a stand-in API server at {} replays {} s of a real cluster in about {} s; times are the cluster's",
        server.url(),
        length.as_secs(),
        LENGTH.as_secs()
    ));
    let cluster = Arc::new(Cluster::at(server.url()).await?);
    let mut config = record::config(cluster, watches, &RecordArgs::default(), Output::New(recording.to_owned()));
    let Abridged { writes, knots } = abridge(writes, LENGTH);
    let clock = Clock::of_story(header.started, knots);
    config.clock = Some(clock.clone());

    let bar = progress(length);
    let attaching = Recorder::attach(config);
    let printing = printing(attaching.listen(), bar.clone(), closed.clone());
    let recorder = attaching.await?;
    let shown = show_progress(bar.clone(), clock.clone());
    play(store, writes, &clock, &closed).await?;
    drop(shown);
    recorder.stop().finish("the story is over");
    let recorded = recorder.ended().await;
    // It returns nothing; it only ends.
    let _ = printing.await;
    bar.finish_and_clear();
    // The server's connections are ours and closed; if one is not, the user need not know.
    let _ = server.shutdown().await;
    recorded?;
    Ok(())
}

/// Makes the scenario's writes, each at its time, until it is stopped.
async fn play(
    store: Store,
    mut writes: Vec<TimedWrite>,
    clock: &Clock,
    stop: &CancellationToken,
) -> Result<(), Failure> {
    let played = clock.played();
    for write in &mut writes {
        write.offset = write.offset.saturating_sub(played);
    }
    match Pace::new(store, writes).play(Speed::Times(1.0), stop).await {
        Err(error) if !stop.is_cancelled() => Err(Failure::trouble(error)),
        _ => Ok(()),
    }
}

/// Moves the bar until the result is dropped, on a separate thread: a blocked terminal delays the bar, not the replay.
fn show_progress(bar: ProgressBar, clock: Clock) -> mpsc::Sender<()> {
    let (shown, over) = mpsc::channel();
    std::thread::spawn(move || {
        while over.recv_timeout(TICK) == Err(mpsc::RecvTimeoutError::Timeout) {
            bar.set_position(clock.now().elapsed.as_secs());
        }
    });
    shown
}

fn progress(length: Duration) -> ProgressBar {
    let bar = ProgressBar::new(length.as_secs());
    bar.set_style(ProgressStyle::with_template("{bar:40} {pos} of {len} s replayed").expect("a template of ours"));
    bar
}

/// Prints entries as they come, on a separate thread; the result completes when the thread ends.
fn printing(mut listener: Listener, bar: ProgressBar, closed: CancellationToken) -> oneshot::Receiver<()> {
    let (done, all_printed) = oneshot::channel();
    let mut lines = Lines::new(terminal::style_of_stdout());
    std::thread::spawn(move || {
        while let Some(message) = listener.blocking_next() {
            let Message::Entry(entry) = message else { continue };
            let wanted = match &entry.body {
                Body::Transition(transition) => SHOWN.contains(&transition.track.to_string().as_str()),
                body => matches!(body, Body::Gap(_)),
            };
            if wanted {
                let line = lines.line(&entry);
                let written = bar.suspend(|| {
                    let mut out = printer::stdout(Notation::Words);
                    out.write_all(line.as_bytes()).and_then(|()| out.flush())
                });
                if written.is_err_and(|error| error.kind() == io::ErrorKind::BrokenPipe) {
                    closed.cancel();
                    break;
                }
            }
        }
        drop(done);
    });
    all_printed
}

/// Prints the summary.
fn summarize(entries: &[Entry], (recording, page): (&Path, &Path), style: &Style) -> io::Result<()> {
    let mut out = printer::stdout(Notation::Words);
    let subject = |kind: &str, is: &dyn Fn(&str) -> bool| {
        entries.iter().filter_map(|entry| entry.subject.as_deref()).find(|s| s.kind == kind && is(&s.name)).cloned()
    };
    let vm = subject("VirtualMachine", &|name| name == VM);
    let pod = subject("Pod", &|name| name.contains(VM));
    for (who, subject) in [("Path of the VM", vm), ("Path of the pod that caused it", pod)] {
        let Some(subject) = subject else { continue };
        writeln!(out, "\n{who}: {subject}, status\n")?;
        out.write_all(path::narrative(entries, &subject, &Track::Status, style).as_bytes())?;
    }
    let selection = Selection {
        kinds: vec![format!("vm/{VM}").parse::<KindName>().expect("a name of ours")],
        tracks: vec!["status".parse().expect("a track of ours")],
        ..Selection::default()
    };
    writeln!(out, "\nProbability that a poll sees each state of the VM\n")?;
    out.write_all(polling::visits(entries, &selection).each(&polling::PERIODS, style).as_bytes())?;
    if let Some(note) = late(entries) {
        writeln!(out, "\n{note}")?;
    }
    let file = recording.display();
    writeln!(out, "\nRecording saved to {file}")?;
    writeln!(out, "  statetrail show {file}      show all of it, including the three pods")?;
    writeln!(out, "  statetrail verify {file}    verify that it is whole")?;
    writeln!(out, "Timeline saved to {}: open it in a browser", page.display())
}

/// What a busy machine changes in the times above.
fn late(entries: &[Entry]) -> Option<String> {
    let late = entries.iter().filter(|entry| entry.not_before.is_some()).count();
    (late > 0).then(|| {
        format!(
            "{late} of {} entries were delivered late, as on a busy machine: they may have happened earlier than shown,\n\
             but not before the time in [delayed, not before ...]. On an idle machine the demo measures more.",
            entries.len()
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_that_were_delivered_late_are_announced() {
        let whole = crate::run::folded(Reader::new("the bundled story", STORY).unwrap(), |_| true).unwrap();
        let mut entries = whole.entries;
        entries.iter_mut().for_each(|entry| entry.not_before = None);
        assert_eq!(late(&entries), None);
        entries[0].not_before = Some(entries[0].stamp.at);
        assert!(late(&entries).expect("a note").starts_with("1 of "));
    }
}
