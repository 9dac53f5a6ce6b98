//! `statetrail demo`: the image-pull story, end to end.
//!
//! A real recording is lived again by the stand-in API server on a loopback port; the real recorder lists and watches it
//! over HTTP. Its idle stretches are hurried over; all times are told on the story's own clock.

use super::arguments::Keeping;
use super::exit::{Exit, Failure};
use super::{record, show, terminal};
use crate::observation::{Track, Watch};
use crate::recording::{Header, Reader};
use crate::replay::{Abridged, Options, Pace, Server, Speed, Store, TimedWrite, abridge, script};
use crate::run::{Output, Progress, Sink, Stop};
use crate::source::{Access, Clock, Cluster};
use crate::timeline::{Body, Entry};
use crate::view::line::Lines;
use crate::view::{KindName, Selection, Style, path, polling};
use indicatif::{ProgressBar, ProgressStyle};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

/// A part of a recording of a real cluster: a VM whose container disk cannot be pulled, and three pods beside it.
const STORY: &[u8] = include_bytes!("../../assets/image-pull.jsonl.zst");
/// How long the play takes.
const LENGTH: Duration = Duration::from_secs(15);
/// Whom the story is about.
const VM: &str = "vm-imagepull";
/// What is said while it happens; the recording has all of it.
const TOLD: [&str; 3] = ["status", "phase", "lifecycle"];

/// Runs it.
pub fn run() -> Result<Exit, Failure> {
    let story = Story::read()?;
    let folder = folder()?;
    let recording = folder.join("image-pull.jsonl");
    super::runtime().block_on(live(story, &folder, &recording))?;
    let style = terminal::style(&io::stdout());
    let (_, entries) = show::timeline(&recording)?;
    tell(&entries, &recording, &style).map_err(|error| Failure::trouble(crate::run::Error::Output(error)))?;
    Ok(Exit::Ok)
}

/// What is lived again.
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

/// Where the recording will lie, and the kubeconfig beside it.
fn folder() -> Result<PathBuf, Failure> {
    let folder = std::env::temp_dir().join(format!("statetrail-demo-{}", std::process::id()));
    std::fs::create_dir_all(&folder).map_err(|error| {
        Failure::trouble(format!("make the folder {} for the demo's recording: {error}", folder.display()))
    })?;
    Ok(folder)
}

/// Serves the story and records it until it is over.
async fn live(story: Story, folder: &Path, recording: &Path) -> Result<(), Failure> {
    let Story { header, writes } = story;
    let store = Store::new();
    let watches: Vec<Watch> = header.watches.iter().map(|watch| Watch::all(watch.resource.clone())).collect();
    watches.iter().for_each(|watch| store.serve(&watch.resource));
    let server = Server::start(store.clone(), Options::default()).map_err(Failure::trouble)?;
    let kubeconfig = folder.join("kubeconfig");
    std::fs::write(&kubeconfig, server.kubeconfig_yaml())
        .map_err(|error| Failure::trouble(format!("write {}: {error}", kubeconfig.display())))?;
    let length = writes.iter().map(|write| write.offset).max().unwrap_or_default();
    anstream::eprintln!(
        "a stand-in API server at {} lives {} s of a real cluster again in {} s; times are the story's own",
        server.url(),
        length.as_secs(),
        LENGTH.as_secs()
    );
    let cluster = Arc::new(Cluster::new(Access { kubeconfig: Some(kubeconfig), ..Access::default() }).await?);
    let mut plan = record::plan(cluster, watches, &Keeping::default(), Output::New(recording.to_owned()));
    let Abridged { writes, knots } = abridge(writes, LENGTH);
    let clock = Clock::of_story(header.started, knots);
    plan.clock = Some(clock.clone());

    let bar = progress(length);
    let stop = Stop::default();
    let progress = watch::Sender::new(Progress::default());
    let mut attached = progress.subscribe();
    let recorder = tokio::spawn(crate::run::record(plan, stop.clone(), Some(teller(bar.clone())), progress));
    if attached.wait_for(Progress::is_attached).await.is_ok() {
        play(store, writes, &clock, &bar).await?;
    }
    bar.finish_and_clear();
    stop.finish("the story is over");
    let recorded = recorder.await.expect("the recorder does not panic");
    // The server's connections are ours and gone; if one is not, that is no trouble of the reader's.
    let _ = server.shutdown().await;
    recorded?;
    Ok(())
}

/// Makes the story's writes, each in its time.
async fn play(store: Store, mut writes: Vec<TimedWrite>, clock: &Clock, bar: &ProgressBar) -> Result<(), Failure> {
    let played = clock.played();
    for write in &mut writes {
        write.offset = write.offset.saturating_sub(played);
    }
    let mut pace = Pace::new(store, writes);
    let cancel = CancellationToken::new();
    let mut playing = pin!(pace.play(Speed::Times(1.0), &cancel));
    let mut tick = tokio::time::interval(Duration::from_millis(100));
    loop {
        tokio::select! {
            played = &mut playing => return played.map_err(Failure::trouble),
            _ = tick.tick() => bar.set_position(clock.now().elapsed.as_secs()),
        }
    }
}

fn progress(length: Duration) -> ProgressBar {
    let bar = ProgressBar::new(length.as_secs());
    bar.set_style(ProgressStyle::with_template("{bar:40} {pos} of {len} s of the story").expect("a template of ours"));
    bar
}

/// Says what happens as it happens.
fn teller(bar: ProgressBar) -> Sink {
    let mut lines = Lines::new(terminal::style(&io::stdout()));
    Box::new(move |heard| {
        let told = |entry: &&Entry| match &entry.body {
            Body::Transition(transition) => TOLD.contains(&transition.track.to_string().as_str()),
            body => matches!(body, Body::Gap(_)),
        };
        let text: String = heard.entries.iter().filter(told).map(|entry| lines.line(entry)).collect();
        if text.is_empty() {
            return;
        }
        // A pipe that was closed does not end the recording; the end of the story is told by the exit code.
        bar.suspend(|| {
            let _ = io::stdout().write_all(text.as_bytes());
        });
    })
}

/// The story in short.
fn tell(entries: &[Entry], recording: &Path, style: &Style) -> io::Result<()> {
    let mut out = io::stdout().lock();
    let subject = |kind: &str, is: &dyn Fn(&str) -> bool| {
        entries.iter().filter_map(|entry| entry.subject.as_deref()).find(|s| s.kind == kind && is(&s.name)).cloned()
    };
    let vm = subject("VirtualMachine", &|name| name == VM);
    let pod = subject("Pod", &|name| name.contains(VM));
    for (who, subject) in [("The VM's whole path", vm), ("The pod that caused it", pod)] {
        let Some(subject) = subject else { continue };
        writeln!(out, "\n{who}: {subject}, status\n")?;
        out.write_all(path::narrative(entries, &subject, &Track::Status, style).as_bytes())?;
    }
    let selection = Selection {
        kinds: vec![format!("vm/{VM}").parse::<KindName>().expect("a name of ours")],
        tracks: vec!["status".parse().expect("a track of ours")],
        ..Selection::default()
    };
    writeln!(out, "\nHow a poll would have fared on the VM's states: the share of visits that it sees\n")?;
    out.write_all(polling::visits(entries, &selection).each(&polling::PERIODS, style).as_bytes())?;
    let file = recording.display();
    writeln!(out, "\nThe recording lies in {file}")?;
    writeln!(out, "  statetrail show {file}      all of it, with the three pods beside the VM")?;
    writeln!(out, "  statetrail verify {file}    proof that it is whole")
}
