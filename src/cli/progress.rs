//! The messages of a running recorder: a progress line on a terminal, and messages everywhere.

use super::outages::Outages;
use super::printer::{self, counted};
use crate::observation::{Past, Served, Stamp, Watch};
use crate::recording::Torn;
use crate::run::{FoldedRecording, Progress, Stop, Watched};
use crate::source::{Timeouts, wall};
use crate::timeline::Coverage;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::path::Path;
use std::pin::pin;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::sync::oneshot;
use tokio::sync::watch::Receiver;
use tokio::time::{MissedTickBehavior, timeout};

/// How often the progress line is redrawn.
const TICK: Duration = Duration::from_millis(200);

/// After this time, it is said which lists are waited for.
const SLOW: Duration = Duration::from_secs(5);

/// How long an end may take without a message.
const PATIENCE: Duration = Duration::from_secs(1);

/// Reports from a separate thread, so that a blocked terminal delays nothing else; the result completes when the thread
/// ends. Must be called within a runtime.
pub(super) fn start(
    watches: Vec<Watch>,
    before: Vec<Watched>,
    (progress, stop): (Receiver<Progress>, Stop),
    moving: bool,
) -> oneshot::Receiver<()> {
    let (done, ended) = oneshot::channel();
    let runtime = Handle::current();
    std::thread::spawn(move || {
        runtime.block_on(report(watches, before, (progress, stop), moving));
        drop(done);
    });
    ended
}

/// Reports what comes after `before` until the recorder ends; with a progress line if `moving`, that is, if nothing
/// else writes to the terminal.
async fn report(
    watches: Vec<Watch>,
    before: Vec<Watched>,
    (mut progress, stop): (Receiver<Progress>, Stop),
    moving: bool,
) {
    // Before the attachment there is no progress to show, so that messages are not surrounded by redraws.
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden());
    bar.set_style(ProgressStyle::with_template("{spinner} {elapsed_precise} {wide_msg}").expect("a template of ours"));
    let mut reported = Message { attached: false, start: before.clone(), watched: before, outages: Outages::default() };
    let mut tick = tokio::time::interval(TICK);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut overdue = pin!(async {
        stop.finish.cancelled().await;
        tokio::time::sleep(PATIENCE).await;
    });
    let mut slow = pin!(tokio::time::sleep(SLOW));
    let (mut is_overdue, mut is_slow) = (false, false);
    loop {
        tokio::select! {
            // Time passes without progress, too.
            changed = timeout(TICK, progress.changed()) => if changed.is_ok_and(|changed| changed.is_err()) { break },
            () = &mut overdue, if !is_overdue => {
                is_overdue = true;
                bar.suspend(|| awaited(&watches, &progress.borrow()));
                stop.announced.store(true, Relaxed);
                continue;
            }
            () = &mut slow, if !is_slow => {
                is_slow = true;
                bar.suspend(|| unattached_yet(&watches, &progress.borrow()));
                continue;
            }
        }
        let now = progress.borrow_and_update().clone();
        bar.suspend(|| reported.catch_up(&watches, &now));
        if reported.attached {
            if moving && bar.is_hidden() {
                // It hides itself when stderr is not a terminal.
                bar.set_draw_target(ProgressDrawTarget::stderr());
            }
            bar.set_message(reported.line(&watches, &now));
            bar.tick();
        }
        tick.tick().await;
    }
    bar.finish_and_clear();
    let last = progress.borrow().clone();
    reported.catch_up(&watches, &last);
    reported.outages.finish(&watches, wall()).into_iter().for_each(printer::say);
}

/// Reports that the end of a recording was truncated, and what is done with the rest.
pub(super) fn torn(path: &Path, torn: Torn, done: &str) {
    printer::say(format!("{}: {}", path.display(), torn_words(torn, done)));
}

/// The same, without the name of the file.
pub(super) fn torn_words(torn: Torn, done: &str) -> String {
    match torn {
        Torn { is_frame: true, .. } => format!("its last zstd frame has no end; its lines are {done}"),
        Torn { bytes, line, .. } => {
            format!("line {line} was cut off after {bytes} bytes; everything before it is {done}")
        }
    }
}

/// Reports that lines are missing in a recording.
pub(super) fn missing(path: &Path, missing: &str) {
    printer::say(format!("warning: {}: {}", path.display(), missing_words(missing)));
}

/// The same, without the name of the file.
pub(super) fn missing_words(missing: &str) -> String {
    format!("lines are missing: {missing}")
}

/// Maximum number of steps of the wall clock that are reported one by one.
const STEPS: usize = 3;

/// Reports that the wall clock was set during a recording.
pub(super) fn steps(path: &Path, steps: &[(Stamp, i64)]) {
    let path = path.display();
    for (stamp, by) in steps.iter().take(STEPS) {
        let seconds = Duration::from_micros(by.unsigned_abs()).as_secs_f64();
        let way = if *by < 0 { "back" } else { "ahead" };
        printer::say(format!(
            "{path}: the wall clock was set {way} by {seconds:.3}s at {:.3}; times are by the clock as it was at the start",
            stamp.at
        ));
    }
    if let Some(more) = steps.len().checked_sub(STEPS).filter(|more| *more > 0) {
        printer::say(format!("{path}: and {more} times more"));
    }
}

/// Reports the watches of which a recording has no complete list.
pub(super) fn unattached(path: &Path, whole: &FoldedRecording) {
    if let Some(words) = unattached_words(whole) {
        printer::say(format!("warning: {}: {words}", path.display()));
    }
}

/// The same, without the name of the file.
pub(super) fn unattached_words(whole: &FoldedRecording) -> Option<String> {
    let coverages = whole.fold.coverage();
    let is_unattached = |of: &&Coverage| of.lists.is_empty() && of.served != Served::No;
    let names: Vec<_> = coverages.iter().filter(is_unattached).map(|of| of.watch.resource.to_string()).collect();
    (!names.is_empty()).then(|| {
        let names = names.join(", ");
        format!("{names}: no complete list in it: what did not change is not shown, and no beginning is known")
    })
}

/// What was already reported.
struct Message {
    attached: bool,
    watched: Vec<Watched>,
    /// What an earlier recorder had recorded.
    start: Vec<Watched>,
    outages: Outages,
}

impl Message {
    fn catch_up(&mut self, watches: &[Watch], progress: &Progress) {
        if !self.attached && progress.is_attached() {
            self.attached = true;
            attached(watches, progress);
        }
        self.outages.tell(watches, &progress.connections.now(), wall()).into_iter().for_each(printer::say);
        for (index, (watch, now)) in watches.iter().zip(&progress.watches).enumerate() {
            let resource = &watch.resource;
            let Some(before) = self.watched.get_mut(index) else { break };
            if self.attached && before.absent && !now.absent {
                printer::say(format!("{resource} is served now, and attached"));
            }
            if let (Some(past), None) = (&now.past, &before.past) {
                printer::say(format!("{resource}: {}", reached(past)));
            }
            // The end of an outage says what that cost.
            if let Some((gaps, healed)) = self.outages.accounted(index) {
                let start = &self.start[index];
                let (gaps, healed) = (start.gaps + start.undecodable + gaps, start.healed + healed);
                if now.gaps + now.undecodable > (before.gaps + before.undecodable).max(gaps) {
                    printer::say(format!("{resource}: gap: some events were missed"));
                }
                if now.healed > before.healed.max(healed) {
                    // A beginning in the past is read back too, where nothing was missed.
                    let what = if now.past.is_some() && now.reconnects == 0 { "the past" } else { "what was missed" };
                    printer::say(format!("{resource}: {what} was read back completely from the server's history"));
                }
                before.clone_from(now);
            }
            (before.absent, before.past) = (now.absent, now.past.clone());
        }
    }
}

impl Message {
    /// The progress line: an outage, or what was recorded.
    fn line(&self, watches: &[Watch], progress: &Progress) -> String {
        let gaps: u64 = progress.watches.iter().map(|watched| watched.gaps + watched.undecodable).sum();
        let counts = format!(
            "{}, {} of {}, {}",
            counted(progress.objects(), "event"),
            counted(progress.transitions, "transition"),
            counted(progress.subjects, "subject"),
            counted(gaps, "gap")
        );
        match self.outages.now(watches, wall()) {
            Some(outage) => format!("{outage} | {counts}"),
            None => counts,
        }
    }
}

/// What these watches select: `pods/web, events`.
pub(super) fn selected<'a>(watches: impl Iterator<Item = &'a Watch>) -> String {
    let mut names: Vec<String> = watches.map(Watch::selected).collect();
    // In several namespaces, it is the same.
    names.dedup();
    names.join(", ")
}

/// Reports which watches have no list, some time after the start.
fn unattached_yet(watches: &[Watch], progress: &Progress) {
    let of = watches.iter().enumerate();
    let waiting = of.filter(|(index, _)| progress.watches.get(*index).is_none_or(|watched| !watched.attached));
    let waiting = selected(waiting.map(|(_, watch)| watch));
    if !waiting.is_empty() {
        printer::say(format!("{waiting}: no list yet after {} s", SLOW.as_secs()));
    }
}

/// Reports what the end of a recorder waits for.
fn awaited(watches: &[Watch], progress: &Progress) {
    let open = watches.iter().zip(&progress.watches).filter(|(_, watched)| !watched.ended);
    let open = selected(open.map(|(watch, _)| watch));
    let left = Timeouts::default().fence.saturating_sub(PATIENCE).as_secs();
    printer::say(if open.is_empty() || !progress.is_attached() {
        "ending: waiting for the last answers of the cluster and for the file; Ctrl-C ends at once".to_owned()
    } else {
        format!(
            "ending: waiting for at most {left} s for the proof that nothing of {open} is missing; Ctrl-C ends at once, \
             without it"
        )
    });
}

/// Reports that the recorder has attached.
fn attached(watches: &[Watch], progress: &Progress) {
    let names = |absent: bool| {
        let chosen = watches.iter().zip(&progress.watches).filter(|(_, watched)| watched.absent == absent);
        selected(chosen.map(|(watch, _)| watch))
    };
    let (served, absent) = (names(false), names(true));
    if !served.is_empty() {
        printer::say(format!("attached: {served}"));
    }
    if !absent.is_empty() {
        printer::say(format!("waiting for {absent} to be served"));
    }
}

/// How much of the requested past was read.
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
        None if past.missing.is_empty() => {
            format!("history reaches back to revision {version}, which is far enough; {asked}")
        }
        None => format!("read from revision {version} on, at an unknown time; {asked}: {}", past.missing),
    }
}
