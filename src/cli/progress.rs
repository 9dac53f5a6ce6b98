//! What a recorder says while it runs: on a terminal a line that moves, everywhere what a person must know.

use super::printer::{self, counted};
use crate::observation::{Past, Watch};
use crate::recording::Torn;
use crate::run::{Progress, Watched};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::path::Path;
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::sync::oneshot;
use tokio::sync::watch::Receiver;

/// How often the moving line is drawn anew.
const TICK: Duration = Duration::from_millis(200);

/// Tells from a thread of its own: a terminal that takes nothing holds up nobody else. What it gives ends with it. To
/// be called within a runtime.
pub(super) fn start(
    watches: Vec<Watch>,
    before: Vec<Watched>,
    progress: Receiver<Progress>,
    moving: bool,
) -> oneshot::Receiver<()> {
    let (done, told) = oneshot::channel();
    let runtime = Handle::current();
    std::thread::spawn(move || {
        runtime.block_on(tell(watches, before, progress, moving));
        drop(done);
    });
    told
}

/// Tells until the recorder ends what comes after `before`; with a `moving` line unless something else writes to the
/// terminal meanwhile.
async fn tell(watches: Vec<Watch>, before: Vec<Watched>, mut progress: Receiver<Progress>, moving: bool) {
    // Until it has attached there is nothing to show, and nothing that would be erased around what is said.
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden());
    bar.set_style(ProgressStyle::with_template("{spinner} {elapsed_precise} {msg}").expect("a template of ours"));
    let mut told = Message { attached: false, watched: before };
    let mut tick = tokio::time::interval(TICK);
    while progress.changed().await.is_ok() {
        let now = progress.borrow_and_update().clone();
        bar.suspend(|| told.catch_up(&watches, &now));
        if told.attached {
            if moving && bar.is_hidden() {
                // Hidden by itself where stderr is no terminal.
                bar.set_draw_target(ProgressDrawTarget::stderr());
            }
            bar.set_message(line(&now));
            bar.tick();
        }
        tick.tick().await;
    }
    bar.finish_and_clear();
    let last = progress.borrow().clone();
    told.catch_up(&watches, &last);
}

/// Says that the end of a recording was cut off, and what is done with the rest.
pub(super) fn torn(path: &Path, torn: Torn, done: &str) {
    let path = path.display();
    printer::say(match torn {
        Torn { is_frame: true, .. } => format!("{path}: its last zstd frame has no end; its lines are {done}"),
        Torn { bytes, line, .. } => {
            format!("{path}: line {line} was cut off after {bytes} bytes; everything before it is {done}")
        }
    });
}

/// Says that lines are missing in a recording.
pub(super) fn missing(path: &Path, missing: &str) {
    let path = path.display();
    printer::say(format!("warning: {path}: lines are missing, and what they said is not known: {missing}"));
}

/// What was said already.
struct Message {
    attached: bool,
    watched: Vec<Watched>,
}

impl Message {
    fn catch_up(&mut self, watches: &[Watch], progress: &Progress) {
        if !self.attached && progress.is_attached() {
            self.attached = true;
            attached(watches, progress);
        }
        for ((watch, now), before) in watches.iter().zip(&progress.watches).zip(&mut self.watched) {
            let resource = &watch.resource;
            if self.attached && before.absent && !now.absent {
                printer::say(format!("{resource} is served now, and attached"));
            }
            if let (Some(past), None) = (&now.past, &before.past) {
                printer::say(format!("{resource}: {}", reached(past)));
            }
            if now.gaps + now.undecodable > before.gaps + before.undecodable {
                printer::say(format!("{resource}: gap: what happened for a while is not known"));
            }
            if now.healed > before.healed {
                printer::say(format!(
                    "{resource}: missed events were read back from the server's history, nothing is lost"
                ));
            }
            if now.reconnects > before.reconnects {
                printer::say(format!("{resource}: reconnected"));
            }
            before.clone_from(now);
        }
    }
}

/// Says that the recorder sees everything from now on.
fn attached(watches: &[Watch], progress: &Progress) {
    let names = |absent: bool| {
        let chosen = watches.iter().zip(&progress.watches).filter(|(_, watched)| watched.absent == absent);
        chosen.map(|(watch, _)| watch.resource.to_string()).collect::<Vec<_>>().join(", ")
    };
    let (served, absent) = (names(false), names(true));
    if !served.is_empty() {
        printer::say(format!("attached: {served}"));
    }
    if !absent.is_empty() {
        printer::say(format!("waiting for {absent} to be served"));
    }
}

/// How much of the past that was asked for could be read.
fn reached(past: &Past) -> String {
    let Some(version) = &past.resource_version else { return format!("its past could not be read: {}", past.missing) };
    let asked = format!("asked for {:.0}", past.since);
    match past.dated {
        Some(dated) if past.missing.is_empty() => {
            format!("read from {dated:.0} on (revision {version}, by the clock of {}); {asked}", past.clock)
        }
        Some(dated) => {
            format!(
                "read from {dated:.0} only (revision {version}, by the clock of {}); {asked}: {}",
                past.clock, past.missing
            )
        }
        None if past.missing.is_empty() => format!("read from revision {version} on, which is far enough; {asked}"),
        None => format!("read from revision {version} on, at an unknown time; {asked}: {}", past.missing),
    }
}

fn line(progress: &Progress) -> String {
    let gaps: u64 = progress.watches.iter().map(|watched| watched.gaps + watched.undecodable).sum();
    format!(
        "{}, {} of {}, {}",
        counted(progress.objects(), "event"),
        counted(progress.transitions, "transition"),
        counted(progress.subjects, "subject"),
        counted(gaps, "gap")
    )
}
