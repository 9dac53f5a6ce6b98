//! The judge: runs a program over a timeline as it grows and says where every expectation stands.
//!
//! It combines what monitors say about single words: over the subjects of a clause, over the clauses of an
//! expectation. Subjects that may yet come, or that nobody would have seen, keep a verdict from being final.

use super::explain::{Explanation, explain, reason};
use super::monitor::{First, Monitor};
use super::program::{Clause, Expectation, Formula, Pattern, Program};
use super::requires::{Environment, Met};
use super::roster::{ClauseId, Log, Member, Roster};
use super::select::{Membership, Quantify, Selector};
use super::verdict::{Standing, Verdict};
use super::window::{Marks, Trouble};
use super::word::{End, Event, Micros};
use crate::observation::{Subject, Track};
use smol_str::SmolStr;
use std::sync::Arc;

/// Subjects that may have lived and died unseen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unseen {
    /// Kind; empty when it is not known.
    pub kind: SmolStr,
    /// Namespace; empty for all.
    pub namespace: SmolStr,
    /// The place that their entries may have.
    pub place: u64,
    /// When nobody looked.
    pub when: super::word::Span,
}

/// A judge.
#[derive(Clone, Debug)]
pub struct Judge {
    program: Arc<Program>,
    pub(super) roster: Roster,
    pub(super) marks: Marks,
    pub(super) unseen: Vec<Unseen>,
    environment: Environment,
}

/// What is said of one expectation.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The expectation's name.
    pub name: String,
    /// Where it stands.
    pub standing: Standing,
    /// Why, in one line.
    pub reason: String,
    /// Its clauses.
    pub clauses: Vec<ClauseOutcome>,
    /// What it assumes.
    pub assumptions: Vec<String>,
}

/// What is said of one clause.
#[derive(Clone, Debug)]
pub struct ClauseOutcome {
    /// The clause as it was written.
    pub text: String,
    /// Where it stands.
    pub standing: Standing,
    /// Why, when it is not because of one of its words.
    pub reason: Option<String>,
    /// Its words.
    pub words: Vec<WordOutcome>,
}

/// What is said of one word.
#[derive(Clone, Debug)]
pub struct WordOutcome {
    /// Whose; none for the unnamed track of a sketch.
    pub subject: Arc<Subject>,
    /// Which track.
    pub track: Option<Track>,
    /// Where it stands.
    pub standing: Standing,
    /// Why, when it is not for the word itself.
    pub reason: Option<String>,
    /// The word, the last events of it.
    pub events: Vec<Event>,
    /// How it ends.
    pub end: End,
    /// Why it stands where it stands, where that can be told of the word alone.
    pub explanation: Option<Explanation>,
}

impl Judge {
    /// Before the first entry.
    #[must_use]
    pub fn new(program: Arc<Program>) -> Self {
        Self {
            program,
            roster: Roster::default(),
            marks: Marks::new(),
            unseen: Vec::new(),
            environment: Environment::default(),
        }
    }

    /// What it runs.
    #[must_use]
    pub fn program(&self) -> &Program {
        &self.program
    }

    /// Tells what is known of where the recording was made.
    pub fn environment(&mut self, environment: Environment) {
        self.environment = environment;
    }

    /// A named instant; the first of a name counts.
    pub fn mark(&mut self, name: &str, at: Micros) {
        self.marks.entry(name.to_owned()).or_insert(at);
    }

    /// The index of a subject, for [`Judge::observe`].
    pub fn seen(&mut self, subject: &Arc<Subject>) -> usize {
        self.roster.seen(&self.program, subject)
    }

    /// Something happened on a track of a subject.
    pub fn observe(&mut self, member: usize, track: &Track, event: Event) {
        if let Some(member) = self.roster.members.get_mut(member) {
            member.push(&self.program, track, event);
        }
    }

    /// Subjects may have lived and died unseen.
    pub fn may_have_missed(&mut self, unseen: Unseen) {
        if !self.unseen.contains(&unseen) {
            self.unseen.push(unseen);
        }
    }

    /// Says where every expectation stands if the timeline ends so.
    #[must_use]
    pub fn verdicts(&self, end: &End) -> Vec<Outcome> {
        if self.roster.members.iter().any(|member| !member.holes.is_empty()) {
            let mut settled = self.clone();
            settled.settle(end);
            return settled.all(end, true);
        }
        self.all(end, true)
    }

    /// Where every expectation stands, without words and reasons: what a live judge asks after every batch.
    #[must_use]
    pub fn standings(&self, end: &End) -> Vec<Standing> {
        let told = |judge: &Self| judge.all(end, false).into_iter().map(|outcome| outcome.standing).collect();
        if self.roster.members.iter().any(|member| !member.holes.is_empty()) {
            let mut settled = self.clone();
            settled.settle(end);
            return told(&settled);
        }
        told(self)
    }

    fn all(&self, end: &End, told: bool) -> Vec<Outcome> {
        (0..self.program.expectations.len()).map(|number| self.verdict(number, end, told)).collect()
    }

    fn verdict(&self, number: usize, end: &End, told: bool) -> Outcome {
        let expectation = &self.program.expectations[number];
        let met = expectation.requires.met(&self.environment);
        let clauses: Vec<ClauseOutcome> =
            (0..expectation.clauses.len()).map(|index| self.clause((number, index), end, told)).collect();
        let standing = met.standing().unwrap_or_else(|| combine(&expectation.formula, &clauses));
        let reason = match met {
            Met::No(reason) | Met::Unknown(reason) => reason,
            Met::Yes => reason(standing, &clauses),
        };
        Outcome {
            name: expectation.name.clone(),
            standing,
            reason,
            clauses,
            assumptions: expectation.assumptions.clone(),
        }
    }

    fn clause(&self, id: ClauseId, end: &End, told: bool) -> ClauseOutcome {
        let expectation = &self.program.expectations[id.0];
        let clause = &expectation.clauses[id.1];
        let (_, selector) = &expectation.subjects[clause.subject];
        let mut parts = Vec::new();
        let mut words = Vec::new();
        let (mut sure, mut possible) = (0_u64, 0_u64);
        for member in &self.roster.members {
            let membership = self.roster.membership(&expectation.subjects, clause.subject, member);
            if membership == Membership::No {
                continue;
            }
            possible += 1;
            sure += u64::from(membership == Membership::Yes);
            let found = self.member(id, member, end, told);
            let standing = Standing::all(found.iter().map(|word| word.standing));
            parts.push(if membership == Membership::Yes {
                standing
            } else {
                doubtful(standing, selector.quantify, end)
            });
            words.extend(found);
            if selector.quantify == Quantify::First && membership == Membership::Yes {
                break;
            }
        }
        let (standing, reason) = self.together(expectation, clause, &parts, (sure, possible), end);
        ClauseOutcome { text: clause.text.clone(), standing, reason, words }
    }

    /// Combines what is said of single subjects.
    fn together(
        &self,
        expectation: &Expectation,
        clause: &Clause,
        parts: &[Standing],
        (sure, possible): (u64, u64),
        end: &End,
    ) -> (Standing, Option<String>) {
        let (alias, selector) = &expectation.subjects[clause.subject];
        let more_may_come = !end.is_final() && (selector.quantify != Quantify::First || possible == 0);
        let missed = (selector.quantify != Quantify::First || possible == 0) && self.may_be_unseen(selector);
        let unfenced = *end == End::Unfenced && (selector.quantify != Quantify::First || possible == 0);
        let mut all = parts.to_vec();
        let undecided = |pass_lost: bool, fail_lost: bool| {
            if end.is_final() { Standing::INCONCLUSIVE } else { Standing::open(pass_lost, fail_lost) }
        };
        let number = number_of_subjects(selector, sure, possible, more_may_come, missed || unfenced, end);
        let mut reason = None;
        if let Some((standing, told)) = number {
            if standing.verdict != Verdict::Satisfied {
                reason = Some(format!("{told} {}", describe(alias, selector)));
            }
            if standing.verdict == Verdict::Violated {
                return (standing, reason);
            }
            if selector.quantify == Quantify::Any {
                let some = self.any(&all, more_may_come || missed || unfenced, end);
                return (Standing::all([some, standing]), reason);
            }
            all.push(standing);
        }
        if selector.quantify == Quantify::Any {
            if all.is_empty() && !more_may_come && !missed && !unfenced {
                return (
                    Standing::SATISFIED,
                    Some(format!("nothing to judge, as allowed: no {}", describe(alias, selector))),
                );
            }
            return (self.any(&all, more_may_come || missed || unfenced, end), reason);
        }
        if (more_may_come || missed || unfenced) && selector.quantify == Quantify::Each {
            all.push(undecided(false, false));
            if missed || unfenced {
                reason = reason.or_else(|| Some(format!("{} may have lived unseen", describe(alias, selector))));
            }
        }
        if all.is_empty() {
            return (
                Standing::SATISFIED,
                Some(format!("nothing to judge, as allowed: no {}", describe(alias, selector))),
            );
        }
        (Standing::all(all), reason)
    }

    fn any(&self, parts: &[Standing], more: bool, end: &End) -> Standing {
        let undecided = if end.is_final() { Standing::INCONCLUSIVE } else { Standing::PENDING };
        Standing::any(parts.iter().copied().chain(more.then_some(undecided)))
    }

    fn may_be_unseen(&self, selector: &Selector) -> bool {
        self.unseen.iter().any(|unseen| {
            (unseen.kind.is_empty() || unseen.kind == selector.kind.as_str())
                && (unseen.namespace.is_empty()
                    || selector.namespace.as_ref().is_none_or(|namespace| *namespace == unseen.namespace.as_str()))
        })
    }

    /// What a clause says of one subject: of each track that it is about.
    fn member(&self, id: ClauseId, member: &Member, end: &End, told: bool) -> Vec<WordOutcome> {
        let expectation = &self.program.expectations[id.0];
        let clause = &expectation.clauses[id.1];
        // Another subject's track may still tell of what came before.
        let other = clause.condition.as_ref().is_some_and(|(alias, _)| *alias != clause.subject);
        let end = if other { *end } else { member.end(end) };
        let logs: Vec<(&Track, &Log)> = member.tracks.iter().filter(|(track, _)| clause.tracks.fits(track)).collect();
        if logs.is_empty() {
            let track = match &clause.tracks {
                Pattern::One(track) => Some(track.clone()),
                Pattern::Family(_) | Pattern::Unnamed => None,
            };
            return vec![self.word(id, member, (track, &Log::default()), &end, told)];
        }
        logs.into_iter().map(|(track, log)| self.word(id, member, (Some(track.clone()), log), &end, told)).collect()
    }

    fn word(
        &self,
        id: ClauseId,
        member: &Member,
        (track, log): (Option<Track>, &Log),
        end: &End,
        told: bool,
    ) -> WordOutcome {
        let expectation = &self.program.expectations[id.0];
        let clause = &expectation.clauses[id.1];
        let end = &match (end, log.events.last()) {
            // An entry shows that its own stream was alive; it says nothing of another that a condition is about.
            (End::Open { now, alive }, Some(last)) if clause.condition.is_none() => {
                End::Open { now: *now, alive: (*alive).max(last.when().hi) }
            }
            _ => *end,
        };
        let mut word = WordOutcome {
            subject: Arc::clone(&member.subject),
            track,
            standing: Standing::PENDING,
            reason: None,
            events: if told { log.events.clone() } else { Vec::new() },
            end: *end,
            explanation: None,
        };
        let undecided = if end.is_final() { Standing::INCONCLUSIVE } else { Standing::PENDING };
        if expectation.window.is_whole() {
            let known = log.monitors.iter().find(|(known, _)| *known == id).map(|(_, monitor)| monitor);
            let fresh;
            let monitor = match known {
                Some(monitor) => monitor,
                None => {
                    fresh = clause.plan.start();
                    &fresh
                }
            };
            word.standing = self.judge_one(id, member, monitor, end);
        } else if log.shortened {
            word.standing = undecided;
            word.reason = Some("more events than are kept for a window".into());
            return word;
        } else {
            let mut monitor = clause.plan.start();
            match expectation.window.run(&mut monitor, &log.events, &self.marks, member.first, end) {
                Ok(ends) => {
                    word.end = ends;
                    word.standing = self.judge_one(id, member, &monitor, &ends);
                }
                Err(trouble) => {
                    word.standing = undecided;
                    word.reason = Some(match trouble {
                        Trouble::NotBegun => "the window has not begun".into(),
                        Trouble::UnknownEnd => "the window's end counts from a beginning that was not seen".into(),
                    });
                    return word;
                }
            }
        }
        if told && !log.shortened && expectation.window.is_whole() {
            let condition = self.condition(id, member);
            word.explanation = Some(explain(&clause.plan, &condition, &log.events, end, word.standing));
        }
        if log.events.is_empty() && clause.needs_state && word.standing.verdict == Verdict::Violated {
            word.standing = undecided;
            word.reason = Some("the track had no state: nothing to judge".into());
        }
        word
    }

    fn judge_one(&self, id: ClauseId, member: &Member, monitor: &Monitor, end: &End) -> Standing {
        let condition = self.condition(id, member);
        monitor.judge(&condition, end)
    }

    /// When the state that a clause's condition waits for was first entered, by any of its subjects.
    fn condition(&self, id: ClauseId, member: &Member) -> First {
        let expectation = &self.program.expectations[id.0];
        let clause = &expectation.clauses[id.1];
        let mut sum = First::default();
        let Some((alias, pattern)) = &clause.condition else { return sum };
        let (_, selector) = &expectation.subjects[*alias];
        for other in &self.roster.members {
            let membership = if *alias == clause.subject {
                if Arc::ptr_eq(&other.subject, &member.subject) { Membership::Yes } else { Membership::No }
            } else {
                self.related(expectation, (clause.subject, member), (*alias, other))
            };
            if membership == Membership::No {
                continue;
            }
            for (_, log) in other.tracks.iter().filter(|(track, _)| pattern.fits(track)) {
                sum.join(&self.first(id, other, log), membership == Membership::Yes);
            }
            if selector.quantify == Quantify::First && membership == Membership::Yes {
                break;
            }
        }
        if *alias != clause.subject {
            for unseen in
                self.unseen.iter().filter(|unseen| unseen.kind.is_empty() || unseen.kind == selector.kind.as_str())
            {
                sum.may_be_hidden(unseen.place);
            }
        }
        sum
    }

    fn first(&self, id: ClauseId, other: &Member, log: &Log) -> First {
        let expectation = &self.program.expectations[id.0];
        if expectation.window.is_whole() {
            let known = log.conditions.iter().find(|(known, _)| *known == id);
            return known.map(|(_, first)| first.clone()).unwrap_or_default();
        }
        let mut first = First::default();
        if let Some(states) = expectation.clauses[id.1].plan.condition() {
            let end = End::Unfenced;
            let window = &expectation.window;
            let observed =
                window.each(&log.events, &self.marks, other.first, &end, |event| first.observe(states, event));
            if observed.is_err() || log.shortened {
                first.may_be_hidden(0);
            }
        }
        first
    }

    /// Whether `other` is one of the condition's subjects for this member: where one is owned by the other, only its own.
    fn related(&self, expectation: &Expectation, own: (usize, &Member), other: (usize, &Member)) -> Membership {
        let subjects = &expectation.subjects;
        let named = |alias: usize| subjects[alias].0.as_str();
        let owner_of = |alias: usize| subjects[alias].1.owned_by.as_deref();
        let is = self.roster.membership(subjects, other.0, other.1);
        if owner_of(other.0) == Some(named(own.0)) {
            return is.min(self.roster.owned_by(other.1, own.1));
        }
        if owner_of(own.0) == Some(named(other.0)) {
            return is.min(self.roster.owned_by(own.1, other.1));
        }
        is
    }
}

/// A subject of which it is not known whether it is meant.
fn doubtful(standing: Standing, quantify: Quantify, end: &End) -> Standing {
    let harmless = match quantify {
        Quantify::Any => standing.verdict == Verdict::Violated,
        Quantify::Each | Quantify::First => standing.verdict == Verdict::Satisfied,
    };
    if harmless {
        standing
    } else if end.is_final() {
        Standing::INCONCLUSIVE
    } else {
        Standing::open(standing.pass_lost && quantify != Quantify::Any, false)
    }
}

fn number_of_subjects(
    selector: &Selector,
    sure: u64,
    possible: u64,
    more_may_come: bool,
    missed: bool,
    end: &End,
) -> Option<(Standing, String)> {
    if selector.max.is_some_and(|max| sure > max) {
        return Some((Standing::VIOLATED, format!("{sure} where at most {} may be:", selector.max.unwrap_or(0))));
    }
    if possible < selector.min && !more_may_come && !missed {
        return Some((Standing::VIOLATED, format!("nothing to judge: {possible} of at least {}", selector.min)));
    }
    let few = sure < selector.min;
    let many = selector.max.is_some_and(|max| possible > max || more_may_come || missed);
    if !few && !many {
        return None;
    }
    let standing = if end.is_final() { Standing::INCONCLUSIVE } else { Standing::open(false, false) };
    Some((standing, format!("{sure} of at least {}", selector.min)))
}

/// How a selector is told to people.
fn describe(alias: &str, selector: &Selector) -> String {
    let mut text = selector.kind.clone();
    if let Some(name) = &selector.name {
        text = match &selector.namespace {
            Some(namespace) => format!("{text} {namespace}/{name}"),
            None => format!("{text} {name}"),
        };
    }
    if alias.is_empty() || alias.contains('/') || alias == selector.kind { text } else { format!("{alias} ({text})") }
}

fn combine(formula: &Formula, clauses: &[ClauseOutcome]) -> Standing {
    match formula {
        Formula::Clause(index) => clauses[*index].standing,
        Formula::All(parts) => Standing::all(parts.iter().map(|part| combine(part, clauses))),
        Formula::Any(parts) => Standing::any(parts.iter().map(|part| combine(part, clauses))),
        Formula::Not(part) => combine(part, clauses).negated(),
    }
}
