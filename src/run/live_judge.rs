//! Expectations on a growing recording, judged by a separate thread.
//!
//! The thread is a listener like any other, so it never holds up the fold; the fold only adds, on request, how far the
//! streams were seen. The thread spends at most a fifth of its time on answers, the rest on new entries. If it falls
//! behind by more than its queue, it judges the file from then on; without a file, what was not decided by then stays
//! inconclusive.

use super::folded::FoldedRecording;
use super::horizon::Horizon;
use super::judging::{self, Read};
use super::listener::{Item, Queue};
use super::parking;
use super::verdicts::{Question, Verdicts};
use crate::expectation::{End, Judge, Judgement, Program, Verdict};
use crate::recording::Reader;
use crate::source::Clock;
use crate::timeline::Entry;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::sync::{oneshot, watch};

/// The shortest interval between judgements of a growing recording.
const PACE: Duration = Duration::from_millis(50);
/// The thread rests for this many times as long as an answer took.
const REST: u32 = 4;
/// The longest sleep of an idle thread.
const IDLE: Duration = Duration::from_secs(10);
/// How long a question waits for the fold to report how far the streams were seen; after that the last report counts.
const PATIENCE: Duration = Duration::from_secs(1);
/// Most entries that are kept for explanations.
const KEPT: usize = 100_000;

/// The verdicts on expectations while a recording grows. Dropping it ends its thread.
pub struct LiveJudge {
    queue: Arc<Queue>,
    answers: watch::Receiver<Answer>,
    thread: Option<JoinHandle<()>>,
}

impl fmt::Debug for LiveJudge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LiveJudge").finish_non_exhaustive()
    }
}

/// The thread's result so far.
#[derive(Clone)]
struct Answer {
    standings: Arc<[Judgement]>,
    decided: bool,
    /// True when everything undecided would be satisfied if the recording ended now.
    settled: bool,
    /// The final verdicts, once the recorder has ended.
    last: Option<Arc<Verdicts>>,
}

impl LiveJudge {
    /// Each expectation's judgement when the thread last judged. Cheap.
    #[must_use]
    pub fn standings(&self) -> Arc<[Judgement]> {
        Arc::clone(&self.answers.borrow().standings)
    }

    /// Waits until there is nothing left to wait for; false when the recorder ended first. Cancel-safe.
    ///
    /// That is when every expectation is decided or can no longer be, or when each of the others would be satisfied if
    /// the recording were fenced at that moment, unless all expectations are guards ([`Program::has_goals`]). What is
    /// still undecided then is judged at the fence; see [`LiveJudge::standings`].
    pub async fn decided(&mut self) -> bool {
        let is_over = |answer: &Answer| answer.decided || answer.settled;
        let waited = self.answers.wait_for(|answer| is_over(answer) || answer.last.is_some()).await;
        waited.is_ok_and(|answer| is_over(&answer))
    }

    /// The outcome of each expectation now, with reasons; after the recorder's end, the final ones. Cancel-safe.
    ///
    /// # Panics
    /// If the thread panicked.
    pub async fn verdicts(&mut self) -> Verdicts {
        let (question, answer) = oneshot::channel();
        if self.queue.ask(Question(question))
            && let Ok(verdicts) = answer.await
        {
            return verdicts;
        }
        if let Ok(answer) = self.answers.wait_for(|answer| answer.last.is_some()).await
            && let Some(last) = &answer.last
        {
            return Verdicts::clone(last);
        }
        let panic = self.thread.take().and_then(|thread| thread.join().err());
        std::panic::resume_unwind(panic.unwrap_or_else(|| Box::new("the judge's thread panicked")))
    }
}

impl Drop for LiveJudge {
    fn drop(&mut self) {
        self.queue.leave();
    }
}

/// Starts the thread. It ends with the recorder, or when the handle is dropped.
///
/// `file` is the path of the recording; `earlier` says that it has entries that the queue did not get.
pub(super) fn start(program: Arc<Program>, queue: Arc<Queue>, file: Option<PathBuf>, earlier: bool) -> LiveJudge {
    let standings: Arc<[Judgement]> = vec![Judgement::PENDING; program.expectations().len()].into();
    let (answers, receiver) = watch::channel(Answer { standings, decided: false, settled: false, last: None });
    let clock = Clock::start(Duration::ZERO);
    let due = clock.played();
    let judge = Judge::new(Arc::clone(&program));
    let thread = Thread {
        program,
        judge,
        line: Vec::new(),
        entries: Vec::new(),
        horizon: None,
        judged: 0,
        behind: false,
        file,
        queue: Arc::clone(&queue),
        questions: Vec::new(),
        answers,
        clock,
        due,
    };
    let thread = std::thread::Builder::new()
        .name("judge".to_owned())
        .spawn(move || thread.run(earlier))
        .expect("a thread can be started");
    LiveJudge { queue, answers: receiver, thread: Some(thread) }
}

struct Thread {
    program: Arc<Program>,
    judge: Judge,
    /// Entries of one line that are not judged yet: more of it may come, such as what was found after a gap.
    line: Vec<Arc<Entry>>,
    entries: Vec<Entry>,
    horizon: Option<Arc<Horizon>>,
    /// `seq` up to which entries were read from the file.
    judged: u64,
    /// True when entries were missed: the judge's state is then invalid.
    behind: bool,
    file: Option<PathBuf>,
    queue: Arc<Queue>,
    questions: Vec<Question>,
    answers: watch::Sender<Answer>,
    clock: Clock,
    /// When the next answer is due, on the recorder's clock.
    due: Duration,
}

impl Thread {
    fn run(mut self, earlier: bool) {
        if earlier && !self.catch_up() {
            self.fall_behind();
        }
        loop {
            let now = self.clock.played();
            let wants = !self.answers.borrow().decided || !self.questions.is_empty();
            let due = now >= self.due || !self.questions.is_empty();
            if self.behind && wants && due {
                self.judge_file();
            } else if wants && due {
                self.queue.want();
            }
            let bound = if wants && !due { self.due.saturating_sub(now).max(PACE / 10) } else { IDLE };
            let hurried = self.behind || !self.questions.is_empty();
            let bound = if hurried { bound.min(PATIENCE) } else { bound };
            let queue = Arc::clone(&self.queue);
            let Some(taken) = parking::wait(queue.take(), bound, &self.clock) else {
                if !self.behind && !self.questions.is_empty() {
                    let verdicts = self.verdicts();
                    self.reply(&verdicts);
                }
                continue;
            };
            let Some(items) = taken else { break };
            for item in items {
                self.item(item);
            }
            if self.queue.is_left() {
                return;
            }
        }
        self.end();
    }

    fn item(&mut self, item: Item) {
        match item {
            Item::Entry(_) | Item::Horizon(_) if self.behind => {}
            Item::Entry(entry) if entry.seq > self.judged => {
                if self.line.last().is_some_and(|last| last.seq != entry.seq) {
                    self.judge_line();
                }
                self.line.push(entry);
            }
            Item::Entry(_) => {}
            // The clock changes when a recorder resumes on another boot: only the file tells from which line on.
            Item::Horizon(horizon) if horizon.has_other_clock && !self.judge.is_unmeasured() => {
                if !self.catch_up() {
                    self.fall_behind();
                }
            }
            Item::Horizon(horizon) if horizon.seq >= self.judged => {
                self.judge_line();
                self.horizon = Some(horizon);
                self.answer();
            }
            // The horizon is older than what was read.
            Item::Horizon(_) => {}
            Item::Missed(_) => self.fall_behind(),
            Item::Question(question) => self.questions.push(question),
        }
    }

    fn judge_line(&mut self) {
        for entry in self.line.drain(..) {
            self.judge.push(&entry);
            if self.entries.len() > KEPT {
                self.entries.drain(..KEPT / 2);
            }
            self.entries.push(Entry::clone(&entry));
        }
    }

    /// Judges everything at the horizon.
    fn answer(&mut self) {
        let Some(horizon) = self.horizon.clone() else { return };
        let begun = self.clock.played();
        if !self.answers.borrow().decided {
            let standings = horizon.ask(&mut self.judge, Judge::standings);
            let settled = self.program.has_goals() && horizon.ask(&mut self.judge, Judge::is_settled);
            self.publish(standings, settled);
        }
        if !self.questions.is_empty() {
            let verdicts = self.verdicts();
            self.reply(&verdicts);
        }
        self.rest(begun);
    }

    fn verdicts(&mut self) -> Verdicts {
        let outcomes = match self.horizon.clone() {
            Some(horizon) => horizon.ask(&mut self.judge, Judge::verdicts),
            None => self.judge.verdicts(&End::Unfenced),
        };
        Verdicts { outcomes, entries: self.entries.clone() }
    }

    fn publish(&self, standings: Vec<Judgement>, settled: bool) {
        let decided = standings.iter().all(|standing| standing.verdict != Verdict::Pending);
        self.answers.send_modify(|answer| {
            (answer.standings, answer.decided, answer.settled) = (standings.into(), decided, settled);
        });
    }

    fn reply(&mut self, verdicts: &Verdicts) {
        for Question(question) in self.questions.drain(..) {
            // The receiver may be gone.
            let _ = question.send(verdicts.clone());
        }
    }

    fn rest(&mut self, begun: Duration) {
        let now = self.clock.played();
        self.due = now + (now.saturating_sub(begun) * REST).max(PACE);
    }

    /// Reads what was recorded before the queue existed; false when that fails.
    fn catch_up(&mut self) -> bool {
        let Some(Read { whole, judge, horizon }) = self.read() else { return false };
        self.judged = whole.seq;
        self.line.retain(|entry| entry.seq > whole.seq);
        self.judge = judge;
        self.entries = whole.entries;
        self.horizon = Some(Arc::new(horizon));
        self.answer();
        true
    }

    fn read(&self) -> Option<Read> {
        let path = self.file.as_ref()?;
        let read = Reader::open(path).map_err(Into::into);
        match read.and_then(|reader| judging::read(reader, Arc::clone(&self.program))) {
            Ok(Read { whole: FoldedRecording { damage: Some(error), .. }, .. }) => {
                tracing::warn!("judge the recording so far: {error}");
                None
            }
            Ok(read) => Some(read),
            Err(error) => {
                tracing::warn!("judge the recording so far: {error}");
                None
            }
        }
    }

    /// Handles missed entries: from now on only the file shows what happened.
    fn fall_behind(&mut self) {
        if self.behind {
            return;
        }
        self.behind = true;
        self.queue.close();
        if self.file.is_none() {
            let standings = self.frozen().outcomes.iter().map(|outcome| outcome.standing).collect();
            self.publish(standings, false);
        }
    }

    /// Keeps what was decided before entries were missed; the rest is inconclusive.
    fn frozen(&mut self) -> Verdicts {
        let mut verdicts = self.verdicts();
        for outcome in verdicts.outcomes.iter_mut().filter(|outcome| !outcome.standing.verdict.is_decided()) {
            outcome.standing = Judgement::INCONCLUSIVE;
            outcome.explained = false;
            outcome.reason = "entries came faster than they could be judged; record into a file, and check that".into();
        }
        verdicts
    }

    /// Judges the file as far as it is written.
    fn judge_file(&mut self) {
        let begun = self.clock.played();
        let (verdicts, settled) = self.file_verdicts();
        if !self.answers.borrow().decided {
            self.publish(verdicts.outcomes.iter().map(|outcome| outcome.standing).collect(), settled);
        }
        self.reply(&verdicts);
        self.rest(begun);
    }

    fn file_verdicts(&mut self) -> (Verdicts, bool) {
        match self.read() {
            Some(Read { whole, mut judge, horizon }) => {
                let outcomes = horizon.ask(&mut judge, Judge::verdicts);
                let settled = self.program.has_goals() && horizon.ask(&mut judge, Judge::is_settled);
                (Verdicts { outcomes, entries: whole.entries }, settled)
            }
            None => (self.frozen(), false),
        }
    }

    /// Handles the end of the recorder: publishes the final verdicts.
    fn end(mut self) {
        let verdicts = if self.behind {
            self.file_verdicts().0
        } else {
            self.judge_line();
            self.verdicts()
        };
        if !self.answers.borrow().decided {
            self.publish(verdicts.outcomes.iter().map(|outcome| outcome.standing).collect(), false);
        }
        self.reply(&verdicts);
        self.answers.send_modify(|answer| answer.last = Some(Arc::new(verdicts)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expectation::Source;
    use crate::observation::{GapReason, Resource, Stamp, State, Subject, Track, Watch};
    use crate::run::batch::Batch;
    use crate::run::listener::{Hub, Speaker};
    use crate::timeline::{Body, Fold, GapEntry, Order, Provenance, SETTLE, Transition};

    fn entry(seq: u64, phase: &'static str) -> Entry {
        let at = jiff::Timestamp::from_second(i64::try_from(seq).expect("small")).expect("small");
        let subject = Subject { kind: "Pod".into(), name: "a".into(), uid: "u".into(), ..Subject::default() };
        let to = State::plain(phase);
        Entry {
            seq,
            stamp: Stamp { at, elapsed: Duration::from_secs(seq) },
            subject: Some(Arc::new(subject)),
            resource_version: None,
            not_before: None,
            leases: None,
            seen: Provenance::Live,
            origin: None,
            body: Body::Transition(Transition { track: Track::Phase, from: None, to }),
        }
    }

    /// The final verdicts when entries are emitted into a queue of this capacity before the judge takes any.
    fn judged(capacity: usize, entries: Vec<Entry>, source: Source<'_>) -> Verdicts {
        let program = Program::compile([source]).expect("it compiles");
        let watches = [Watch::all(Resource::new("", "v1", "pods", "Pod"))];
        let (fold, order) = (Fold::new(None, &watches).expect("no tracks of a user's own"), Order::new(SETTLE));
        let hub = Hub::default();
        let (queue, _) = hub.join(capacity);
        let mut speaker = Speaker::new(hub, None);
        let (seq, now) = entries.last().map(|last| (last.seq, last.stamp)).expect("entries");
        speaker.emit(Batch { entries, fold: &fold, order: &order, seq, now, last: false });
        drop(speaker);
        let mut judgement = start(Arc::new(program), queue, None, false);
        let clock = Clock::start(Duration::ZERO);
        parking::wait(judgement.verdicts(), Duration::from_secs(40), &clock).expect("the thread ends")
    }

    #[test]
    fn what_was_decided_before_entries_were_missed_stays_and_nothing_else_is_claimed() {
        let story = || (1..).zip(["Pending", "Running", "Failed", "Running"]).map(|(at, to)| entry(at, to)).collect();
        let line = |text| Source::Line { name: "test", text };
        let violated = line("pod/a phase: never Failed");
        assert_eq!(judged(4, story(), violated).verdict(), Verdict::Violated);
        let missed = judged(2, story(), violated);
        assert_eq!(missed.verdict(), Verdict::Inconclusive, "the failure was missed");
        assert!(missed.to_string().contains("faster than they could be judged"), "{missed}");
        assert_eq!(
            judged(3, story(), line("pod/a phase: never Running")).verdict(),
            Verdict::Violated,
            "it ran before"
        );
    }

    #[test]
    fn what_a_gap_ends_with_is_judged_with_all_that_its_line_shows_or_not_at_all() {
        let blind = GapEntry {
            resource: "v1/pods".into(),
            kind: "Pod".into(),
            namespace: "".into(),
            track: None,
            from: Some(entry(2, "").stamp.at),
            to: Some(entry(3, "").stamp.at),
            from_resource_version: None,
            read_through: None,
            to_resource_version: None,
            reason: GapReason::Unrecorded,
            evidence: None,
        };
        let gap = Entry { seen: Provenance::AfterGap, body: Body::Gap(blind), ..entry(3, "") };
        let found = Entry { seen: Provenance::AfterGap, ..entry(3, "Failed") };
        let story = || vec![entry(1, "Running"), gap.clone(), found.clone()];
        let judged = |capacity| {
            let never = Source::Line { name: "test", text: "pod/a phase: never Unknown" };
            let entries = judged(capacity, story(), never).entries;
            entries.iter().map(|entry| entry.seq).collect::<Vec<_>>()
        };
        assert_eq!((judged(3), judged(2)), (vec![1, 3, 3], vec![1]));
    }
}
