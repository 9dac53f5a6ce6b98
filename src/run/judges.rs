//! The thread that judges expectations while a recording grows, any number of programs at once.
//!
//! It is a listener like any other, so it never holds up the fold; the fold only adds, on request, how far the streams
//! were seen. It spends at most a fifth of its time on answers, the rest on new entries. If it falls behind by more than
//! its queue, it reads the file again and goes on from there; without a file, what was not decided by then stays
//! inconclusive.

use super::answer::Answer;
use super::entry_log::EntryLog;
use super::folded::{FoldedRecording, folded};
use super::horizon::Horizon;
use super::judging::{Times, end};
use super::listener::{Item, Queue};
use super::live_judge::{self, JudgeThread, LiveJudge};
use super::orders::{FromFile, Order};
use super::parking;
use super::prover::Prover;
use super::relevance::{KindAndName, Object, Relevance, object};
use super::verdicts::Verdicts;
use crate::expectation::{End, Judge, Judgement, Outcome, Program, Verdict};
use crate::recording::Reader;
use crate::source::Clock;
use crate::timeline::Entry;
use crate::view::verdict::Beside;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::sync::{oneshot, watch};

/// The shortest interval between judgements of what has new entries, ...
const PACE: Duration = Duration::from_millis(5);
/// ... and of all that is undecided: time alone decides some of it.
const ROUND: Duration = Duration::from_millis(50);
/// How often it is asked whether time alone would decide something.
const TIME: Duration = Duration::from_millis(500);
/// When a proof that nothing has happened is asked for again, if it decided nothing: first, and at the latest.
const AGAIN: (Duration, Duration) = (Duration::from_secs(5), Duration::from_mins(1));
/// The longest part of a round, so that what has new entries does not wait for all of it.
const PART: Duration = Duration::from_millis(2);
/// The thread rests for this many times as long as an answer took.
const REST: u32 = 4;
/// The longest sleep of an idle thread.
const IDLE: Duration = Duration::from_secs(10);
/// How long a question waits for the fold to report how far the streams were seen; after that the last report counts.
const PATIENCE: Duration = Duration::from_secs(1);

/// The handle of the thread, which ends with the recorder, or when the handle is dropped.
pub(super) struct Judges {
    thread: Arc<JudgeThread>,
    cases: AtomicU64,
}

impl Judges {
    /// Starts the thread.
    ///
    /// `file` is the path of the recording; `earlier` says that it has entries that the queue did not get. What the
    /// thread gets, it adds to the log.
    /// A violation that is found is told to `prover`, and that time alone would decide something.
    pub(super) fn start(of: (Arc<Queue>, Option<PathBuf>, bool), log: EntryLog, prover: Prover) -> Arc<Self> {
        Self::begin(of, log, prover, None)
    }

    /// Starts a thread for one program, which is judged even if the recorder has ended.
    pub(super) fn of_one(
        of: (Arc<Queue>, Option<PathBuf>, bool),
        log: EntryLog,
        prover: Prover,
        program: Arc<Program>,
    ) -> LiveJudge {
        let (answers, receiver) = watch::channel(Answer::none(program.expectations().len()));
        let judges = Self::begin(of, log, prover, Some((program, answers)));
        let id = judges.cases.fetch_add(1, Ordering::Relaxed);
        LiveJudge { case: Arc::new(live_judge::Case { thread: Arc::clone(&judges.thread), id }), answers: receiver }
    }

    fn begin(
        (queue, file, earlier): (Arc<Queue>, Option<PathBuf>, bool),
        log: EntryLog,
        prover: Prover,
        first: Option<(Arc<Program>, watch::Sender<Answer>)>,
    ) -> Arc<Self> {
        let clock = Clock::start(Duration::ZERO);
        let now = clock.played();
        let thread = Thread {
            cases: BTreeMap::new(),
            of_object: HashMap::new(),
            of_all: Vec::new(),
            line: Vec::new(),
            log,
            horizon: None,
            times: Times::Known,
            judged: 0,
            behind: false,
            reading: false,
            changed: BTreeSet::new(),
            undecided: BTreeSet::new(),
            left: BTreeSet::new(),
            asked: BTreeSet::new(),
            file,
            queue: Arc::clone(&queue),
            prover,
            clock,
            due: now,
            round: now,
            time: now,
            is_timed: false,
        };
        let thread = std::thread::Builder::new()
            .name("judge".to_owned())
            .spawn(move || thread.run(earlier, first))
            .expect("a thread can be started");
        let thread = Arc::new(JudgeThread::new(queue, thread));
        Arc::new(Self { thread, cases: AtomicU64::new(0) })
    }

    /// Judges a program from the first entry on; none if the recorder has ended.
    pub(super) fn judge(&self, program: Arc<Program>) -> Option<LiveJudge> {
        let id = self.cases.fetch_add(1, Ordering::Relaxed);
        let (answers, receiver) = watch::channel(Answer::none(program.expectations().len()));
        let is_taken = self.thread.order(Order::Judge { case: id, program, answers });
        let case = Arc::new(live_judge::Case { thread: Arc::clone(&self.thread), id });
        is_taken.then_some(LiveJudge { case, answers: receiver })
    }
}

/// Why programs have no verdict where entries were missed, and there is no file that has them.
const MISSED: &str = "entries came faster than they could be judged; record into a file, and check that";
/// Why one has none that was added after entries that are gone.
const TOO_LATE: &str = "it was added too late: earlier entries are gone, and there is no file to read them from";

/// A program, and its judge.
struct Case {
    program: Arc<Program>,
    relevance: Relevance,
    /// None while it reads the file, and if it cannot.
    judge: Option<Judge>,
    /// Why nothing more will be decided: entries are missing.
    lost: Option<&'static str>,
    /// The verdicts from before entries were missed.
    kept: Option<Verdicts>,
    questions: Vec<oneshot::Sender<Verdicts>>,
    answers: watch::Sender<Answer>,
    proof: Option<Wanted>,
}

/// A proof that nothing has happened, which a program asked for.
struct Wanted {
    /// So much would be decided by it.
    decides: usize,
    /// When it is asked for again, and how long that is after it was asked for.
    again: (Duration, Duration),
}

impl Case {
    /// Reads entries that are relevant to it.
    fn read<'a>(&self, judge: &mut Judge, entries: impl IntoIterator<Item = &'a Entry>) {
        entries.into_iter().filter(|entry| self.relevance.has(entry)).for_each(|entry| judge.push(entry));
    }

    fn publish(&self, standings: Vec<Judgement>, settled: bool) {
        let decided = Answer::is_decided(&standings);
        self.answers.send_modify(|answer| {
            (answer.standings, answer.decided, answer.settled) = (standings.into(), decided, settled);
        });
    }

    /// Publishes the standings, as far as the streams were seen; true if nothing is pending. Before that, a violation is
    /// told to `prover`.
    fn stand(&mut self, horizon: &Horizon, prover: &Prover) -> bool {
        if let (Some(judge), None) = (&mut self.judge, self.lost) {
            let standings = horizon.ask(judge, Judge::standings);
            let settled = self.program.has_goals() && horizon.ask(judge, Judge::is_settled);
            if violated(&standings) > violated(&self.answers.borrow().standings) {
                prover.violated();
            }
            self.publish(standings, settled);
        }
        self.answers.borrow().decided
    }

    /// True when a proof that nothing has happened up to now would decide more than was published, and is to be asked
    /// for.
    fn wants_proof(&mut self, horizon: &Horizon, now: Duration) -> bool {
        let (Some(judge), None) = (&mut self.judge, self.lost) else { return false };
        let answer = self.answers.borrow();
        if answer.decided {
            return false;
        }
        let decides = decided(&horizon.ask(judge, Judge::standings_if_quiet));
        if decides <= decided(&answer.standings) {
            return false;
        }
        let again = match &self.proof {
            Some(last) if last.decides == decides && now < last.again.0 => return false,
            Some(last) if last.decides == decides => (2 * last.again.1).min(AGAIN.1),
            _ => AGAIN.0,
        };
        self.proof = Some(Wanted { decides, again: (now + again, again) });
        true
    }

    /// The outcomes, as far as the streams were seen.
    fn outcomes(&mut self, horizon: Option<&Horizon>) -> Vec<Outcome> {
        let mut outcomes = match (horizon, &mut self.judge) {
            (Some(horizon), Some(judge)) => horizon.ask(judge, Judge::verdicts),
            (None, Some(judge)) => judge.verdicts(&End::Unfenced),
            (_, None) => Judge::new(Arc::clone(&self.program)).verdicts(&End::Unfenced),
        };
        if let Some(reason) = self.lost {
            for outcome in outcomes.iter_mut().filter(|outcome| !outcome.standing.verdict.is_decided()) {
                outcome.standing = Judgement::INCONCLUSIVE;
                outcome.explained = false;
                outcome.reason = reason.into();
            }
        }
        outcomes
    }

    /// Keeps what was decided before entries were missed; the rest is inconclusive.
    fn lose(&mut self, reason: &'static str, horizon: Option<&Horizon>) {
        self.lost.get_or_insert(reason);
        let standings = self.outcomes(horizon).iter().map(|outcome| outcome.standing).collect();
        self.publish(standings, false);
    }
}

fn decided(standings: &[Judgement]) -> usize {
    standings.iter().filter(|standing| standing.verdict.is_decided()).count()
}

fn violated(standings: &[Judgement]) -> usize {
    standings.iter().filter(|standing| standing.verdict == Verdict::Violated).count()
}

struct Thread {
    cases: BTreeMap<u64, Case>,
    /// The programs that need the entries of an object, and those that need all.
    of_object: HashMap<KindAndName, Vec<u64>>,
    of_all: Vec<u64>,
    /// Entries of one line that are not judged yet, the last ones of the log: more of it may come, such as what was
    /// found after a gap.
    line: Vec<Arc<Entry>>,
    log: EntryLog,
    horizon: Option<Arc<Horizon>>,
    times: Times,
    /// `seq` up to which entries were read from the file.
    judged: u64,
    /// True when entries were missed: the judges' state is then invalid, until the file is read again.
    behind: bool,
    /// True while another thread reads the file for some programs.
    reading: bool,
    /// Programs that have something pending, and those of them with entries that are not answered yet.
    undecided: BTreeSet<u64>,
    changed: BTreeSet<u64>,
    /// Programs that the current round has not judged yet.
    left: BTreeSet<u64>,
    /// Programs with questions.
    asked: BTreeSet<u64>,
    file: Option<PathBuf>,
    queue: Arc<Queue>,
    prover: Prover,
    clock: Clock,
    /// When the next answers and the next round are due, on the recorder's clock.
    due: Duration,
    round: Duration,
    /// When a round asks next whether time alone would decide something, and whether the current one does.
    time: Duration,
    is_timed: bool,
}

impl Thread {
    fn run(mut self, earlier: bool, first: Option<(Arc<Program>, watch::Sender<Answer>)>) {
        if earlier && !self.read_again() {
            self.fall_behind();
        }
        if let Some((program, answers)) = first {
            self.begin(0, program, answers);
        }
        self.log.publish();
        loop {
            let bound = self.request();
            let queue = Arc::clone(&self.queue);
            let Some(taken) = parking::wait(queue.take(), bound, &self.clock) else {
                if !self.behind {
                    self.reply();
                }
                continue;
            };
            let Some(items) = taken else { break };
            for item in items {
                self.item(item);
            }
            self.log.publish();
            if self.queue.is_left() {
                return;
            }
        }
        self.end();
    }

    /// Asks for what is needed to answer, and returns for how long to wait for it.
    fn request(&mut self) -> Duration {
        let now = self.clock.played();
        let due = if !self.asked.is_empty() {
            now
        } else if !self.changed.is_empty() || !self.left.is_empty() {
            self.due
        } else if !self.undecided.is_empty() {
            self.due.max(self.round)
        } else {
            return IDLE;
        };
        if let Some(rest) = due.checked_sub(now).filter(|rest| !rest.is_zero()) {
            return rest;
        }
        if !self.behind {
            self.queue.want();
        } else if self.read_again() {
            self.behind = false;
            self.log.publish();
        } else {
            self.rest(now);
        }
        PATIENCE
    }

    fn item(&mut self, item: Item) {
        match item {
            Item::Entry(_) | Item::Horizon(_) if self.behind => {}
            Item::Entry(entry) if entry.seq > self.judged => {
                if self.line.last().is_some_and(|last| last.seq != entry.seq) {
                    self.judge_line();
                }
                self.log.push(Arc::clone(&entry));
                self.line.push(entry);
            }
            Item::Entry(_) => {}
            // The clock changes when a recorder resumes on another boot: only the file tells from which line on.
            Item::Horizon(horizon) if horizon.has_other_clock && matches!(self.times, Times::Known) => {
                if !self.read_again() {
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
            Item::Order(Order::Judge { case, program, answers }) => self.begin(case, program, answers),
            Item::Order(Order::Explain(id, question)) => {
                // Nobody waits for one that was forgotten.
                if let Some(case) = self.cases.get_mut(&id) {
                    case.questions.push(question);
                    self.asked.insert(id);
                }
            }
            Item::Order(Order::Forget(case)) => self.forget(case),
            Item::Order(Order::Read(cases, read)) => self.has_read(&cases, read),
            // It asks for none.
            Item::States(_) => {}
        }
    }

    fn begin(&mut self, id: u64, program: Arc<Program>, answers: watch::Sender<Answer>) {
        let relevance = Relevance::of(&program);
        match &relevance {
            Relevance::All => self.of_all.push(id),
            Relevance::Of(objects) => {
                objects.iter().for_each(|object| self.of_object.entry(object.clone()).or_default().push(id));
            }
        }
        let mut case = Case {
            program,
            relevance,
            judge: None,
            lost: None,
            kept: None,
            questions: Vec::new(),
            answers,
            proof: None,
        };
        if self.log.dropped_seq() == 0 && !self.behind {
            let entries = self.log.relevant(&case.relevance, self.line.len());
            let mut judge = self.times.judge(Arc::clone(&case.program));
            case.read(&mut judge, entries.iter().map(|entry| &**entry));
            case.judge = Some(judge);
        } else if self.file.is_none() {
            case.lose(TOO_LATE, None);
        }
        if !case.answers.borrow().decided {
            self.undecided.insert(id);
            self.changed.insert(id);
        }
        self.cases.insert(id, case);
        self.read_for_some();
    }

    fn forget(&mut self, id: u64) {
        let Some(case) = self.cases.remove(&id) else { return };
        [&mut self.undecided, &mut self.changed, &mut self.left, &mut self.asked]
            .into_iter()
            .for_each(|ids| _ = ids.remove(&id));
        match case.relevance {
            Relevance::All => self.of_all.retain(|other| *other != id),
            Relevance::Of(objects) => {
                for object in objects {
                    if let Some(ids) = self.of_object.get_mut(&object) {
                        ids.retain(|other| *other != id);
                        if ids.is_empty() {
                            self.of_object.remove(&object);
                        }
                    }
                }
            }
        }
    }

    fn judge_line(&mut self) {
        for entry in self.line.drain(..) {
            let none = Vec::new();
            let of_object = match object(&entry) {
                Object::None => {
                    for (id, case) in &mut self.cases {
                        push(*id, case, &entry, &self.undecided, &mut self.changed);
                    }
                    continue;
                }
                Object::OfEvent => &none,
                Object::Named(object) => self.of_object.get(&object).unwrap_or(&none),
            };
            for id in of_object.iter().chain(&self.of_all) {
                if let Some(case) = self.cases.get_mut(id) {
                    push(*id, case, &entry, &self.undecided, &mut self.changed);
                }
            }
        }
    }

    /// Answers what is asked, what has new entries and, once in a while, everything that is undecided.
    fn answer(&mut self) {
        let Some(horizon) = self.horizon.clone() else { return };
        let begun = self.clock.played();
        if begun >= self.round && self.left.is_empty() {
            self.left.clone_from(&self.undecided);
            self.round = begun + ROUND;
            self.is_timed = begun >= self.time;
            if self.is_timed {
                self.time = begun + TIME;
            }
        }
        for id in std::mem::take(&mut self.changed) {
            self.left.remove(&id);
            self.stand(id, &horizon);
        }
        self.reply();
        let part = self.clock.played();
        while self.clock.played().saturating_sub(part) < PART
            && let Some(id) = self.left.pop_first()
        {
            self.stand(id, &horizon);
            if self.is_timed && self.cases.get_mut(&id).is_some_and(|case| case.wants_proof(&horizon, begun)) {
                // It answers all of them.
                self.prover.due();
                self.is_timed = false;
            }
        }
        self.rest(begun);
    }

    fn stand(&mut self, id: u64, horizon: &Horizon) {
        if self.cases.get_mut(&id).is_none_or(|case| case.stand(horizon, &self.prover)) {
            self.undecided.remove(&id);
        }
    }

    /// Answers questions, as far as the streams were seen.
    fn reply(&mut self) {
        let horizon = self.horizon.clone();
        for id in std::mem::take(&mut self.asked) {
            let Some(case) = self.cases.get_mut(&id) else { continue };
            // It has not read the file yet.
            if case.judge.is_none() && case.lost.is_none() {
                self.asked.insert(id);
                continue;
            }
            let verdicts = verdicts(case, horizon.as_deref(), &self.log);
            // The receiver may be gone.
            case.questions.drain(..).for_each(|question| _ = question.send(verdicts.clone()));
        }
    }

    fn rest(&mut self, begun: Duration) {
        let now = self.clock.played();
        let rest = now.saturating_sub(begun) * REST;
        self.due = now + rest.max(PACE);
    }

    /// Reads the whole recording, for all programs; false when that fails.
    fn read_again(&mut self) -> bool {
        let folded = self.queue.reopen();
        let Some(whole) = self.file.as_deref().and_then(read).filter(|whole| whole.seq >= folded) else {
            self.queue.close();
            return false;
        };
        self.judged = whole.seq;
        self.times = Times::of(&whole);
        for case in self.cases.values_mut() {
            let mut judge = self.times.judge(Arc::clone(&case.program));
            case.read(&mut judge, &whole.entries);
            case.judge = Some(judge);
        }
        self.changed.clone_from(&self.undecided);
        self.line.clear();
        self.horizon = Some(Arc::new(end(&whole)));
        self.log.replace(whole.entries.into_iter().map(Arc::new));
        self.answer();
        true
    }

    /// Lets another thread read the file for the programs that were added after entries that are no longer in the log.
    fn read_for_some(&mut self) {
        let unread = self.cases.iter().filter(|(_, case)| case.judge.is_none() && case.lost.is_none());
        let unread: Vec<_> = unread.map(|(id, case)| (*id, Arc::clone(&case.program))).collect();
        let Some(path) = self.file.clone().filter(|_| !self.reading && !self.behind && !unread.is_empty()) else {
            return;
        };
        self.reading = true;
        let queue = Arc::clone(&self.queue);
        // It ends with the file, and nothing waits for it longer than that.
        std::thread::spawn(move || {
            let (ids, programs): (Vec<_>, Vec<_>) = unread.into_iter().unzip();
            let read = read(&path).map(|whole| {
                let times = Times::of(&whole);
                let judges = programs.iter().map(|program| {
                    let (mut judge, relevance) = (times.judge(Arc::clone(program)), Relevance::of(program));
                    whole.entries.iter().filter(|entry| relevance.has(entry)).for_each(|entry| judge.push(entry));
                    judge
                });
                FromFile { judges: judges.collect(), seq: whole.seq }
            });
            queue.order(Order::Read(ids, read));
        });
    }

    fn has_read(&mut self, ids: &[u64], read: Option<FromFile>) {
        self.reading = false;
        match read {
            // The log begins after what was read: it was long.
            Some(FromFile { seq, .. }) if self.log.dropped_seq() > seq => {}
            Some(FromFile { judges, seq }) => {
                for (id, mut judge) in ids.iter().zip(judges) {
                    let Some(case) = self.cases.get_mut(id).filter(|case| case.judge.is_none()) else { continue };
                    let entries = self.log.relevant(&case.relevance, self.line.len());
                    case.read(&mut judge, entries.iter().map(|entry| &**entry).filter(|entry| entry.seq > seq));
                    case.judge = Some(judge);
                    self.changed.insert(*id);
                }
            }
            None => {
                for id in ids {
                    if let Some(case) = self.cases.get_mut(id).filter(|case| case.judge.is_none()) {
                        case.lose(UNREADABLE, None);
                        self.undecided.remove(id);
                    }
                }
            }
        }
        self.read_for_some();
    }

    /// Handles missed entries: only the file shows what happened.
    fn fall_behind(&mut self) {
        if self.behind {
            return;
        }
        if self.file.is_some() {
            self.behind = true;
            self.queue.close();
            return;
        }
        let horizon = self.horizon.clone();
        // More of the last line may have been missed: it was not judged.
        let unjudged = std::mem::take(&mut self.line).first().map(|entry| entry.seq);
        for case in self.cases.values_mut() {
            case.lose(MISSED, horizon.as_deref());
            let mut kept = verdicts(case, horizon.as_deref(), &self.log);
            kept.entries.retain(|entry| Some(entry.seq) != unjudged);
            case.kept = Some(kept);
        }
        (self.undecided, self.changed) = (BTreeSet::new(), BTreeSet::new());
        self.log.lose();
    }

    /// Handles the end of the recorder: publishes the final verdicts.
    fn end(mut self) {
        if self.behind && !self.read_again() {
            let horizon = self.horizon.clone();
            self.cases.values_mut().for_each(|case| case.lose(UNREADABLE, horizon.as_deref()));
        }
        self.judge_line();
        // No other thread can answer any more.
        let is_unread = |case: &Case| case.judge.is_none() && case.lost.is_none();
        if self.cases.values().any(is_unread) && !self.read_again() {
            self.cases.values_mut().filter(|case| is_unread(case)).for_each(|case| case.lose(UNREADABLE, None));
        }
        let horizon = self.horizon.clone();
        for case in self.cases.values_mut() {
            horizon.iter().for_each(|horizon| _ = case.stand(horizon, &self.prover));
            let verdicts = verdicts(case, horizon.as_deref(), &self.log);
            case.questions.drain(..).for_each(|question| _ = question.send(verdicts.clone()));
            case.answers.send_modify(|answer| answer.last = Some(Arc::new(verdicts)));
        }
        self.log.end();
    }
}

/// Why programs have no verdict if the recording cannot be read.
const UNREADABLE: &str = "the recording so far cannot be read";

/// Lets a program read an entry.
fn push(id: u64, case: &mut Case, entry: &Entry, undecided: &BTreeSet<u64>, changed: &mut BTreeSet<u64>) {
    if let Some(judge) = &mut case.judge
        && case.lost.is_none()
    {
        judge.push(entry);
        if undecided.contains(&id) {
            changed.insert(id);
        }
    }
}

/// The verdicts of a program, with the entries that their explanations may show.
fn verdicts(case: &mut Case, horizon: Option<&Horizon>, log: &EntryLog) -> Verdicts {
    if let Some(kept) = &case.kept {
        return kept.clone();
    }
    let outcomes = case.outcomes(horizon);
    let beside = Beside::of(&outcomes);
    // The first one says when the recording began.
    let objects: Option<Vec<KindAndName>> = beside.objects().map(Iterator::collect);
    let entries = log.select(objects.as_ref(), |entry| beside.shows(entry));
    let entries = entries.iter().map(|entry| Entry::clone(entry)).collect();
    Verdicts { outcomes, entries }
}

/// Reads a recording as far as it is written.
fn read(path: &Path) -> Option<FoldedRecording> {
    let whole = Reader::open(path).map_err(Into::into).and_then(|reader| folded(reader, |_| true));
    match whole {
        Ok(FoldedRecording { damage: Some(error), .. }) => {
            tracing::warn!("judge the recording so far: {error}");
            None
        }
        Ok(whole) => Some(whole),
        Err(error) => {
            tracing::warn!("judge the recording so far: {error}");
            None
        }
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
        speaker.emit(Batch {
            entries,
            fold: &fold,
            order: &order,
            seq,
            now,
            last: false,
            is_restated: false,
            may_state: false,
        });
        drop(speaker);
        let mut judgement =
            Judges::of_one((queue, None, false), EntryLog::new(0, 100), Prover::default(), Arc::new(program));
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

    #[test]
    fn a_program_that_is_added_late_is_judged_like_one_that_was_there_from_the_beginning() {
        let compiled = |text| Arc::new(Program::compile([Source::Line { name: "test", text }]).expect("it compiles"));
        let watches = [Watch::all(Resource::new("", "v1", "pods", "Pod"))];
        let (fold, order) = (Fold::new(None, &watches).expect("no tracks of a user's own"), Order::new(SETTLE));
        let clock = Clock::start(Duration::ZERO);
        for (held, is_known) in [(100, true), (2, false)] {
            let hub = Hub::default();
            let (queue, _) = hub.join(100);
            let mut speaker = Speaker::new(hub, None);
            let judges = Judges::start((queue, None, false), EntryLog::new(0, held), Prover::default());
            let program = compiled("pod/a phase: never Running");
            let mut early = judges.judge(Arc::clone(&program)).expect("it has not ended");
            let story = (1..).zip(["Pending", "Running", "Failed", "Unknown"]).map(|(at, to)| entry(at, to));
            for entry in story {
                let (seq, now) = (entry.seq, entry.stamp);
                speaker.emit(Batch {
                    entries: vec![entry],
                    fold: &fold,
                    order: &order,
                    seq,
                    now,
                    last: false,
                    is_restated: false,
                    may_state: false,
                });
            }
            let now = entry(4, "").stamp;
            let wait = |judge: &mut LiveJudge, speaker: &mut Speaker| {
                // The fold says again and again how far it is.
                for _ in 0..1000 {
                    speaker.emit(Batch {
                        entries: vec![],
                        fold: &fold,
                        order: &order,
                        seq: 4,
                        now,
                        last: false,
                        is_restated: false,
                        may_state: false,
                    });
                    if parking::wait(judge.judged(), Duration::from_millis(40), &clock).is_some() {
                        break;
                    }
                }
                judge.standings()[0].verdict
            };
            assert_eq!(wait(&mut early, &mut speaker), Verdict::Violated);
            let mut late = judges.judge(program).expect("it has not ended");
            let expected = if is_known { Verdict::Violated } else { Verdict::Inconclusive };
            assert_eq!(wait(&mut late, &mut speaker), expected, "{held} entries are held");
        }
    }
}
