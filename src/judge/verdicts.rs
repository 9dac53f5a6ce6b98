//! The judge: runs a program over a timeline as it grows and says where every expectation stands.
//!
//! It combines what monitors say about single words: over the subjects of a clause, over the clauses of an
//! expectation. Subjects that may yet come, or that nobody would have seen, keep a verdict from being final.

use super::ends::{Ends, weakest};
use super::formula::combine;
use super::log::{ClauseId, Log};
use super::membership::Membership;
use super::outcome::{ClauseOutcome, Outcome, WordOutcome, reason};
use super::requires::Met;
use super::state::Judge;
use super::subjects::Member;
use super::together;
use crate::explanation::{Case, explain};
use crate::language::{Clause, Expectation, Pattern, Quantify};
use crate::monitor::{End, Event, Judgement, Monitor, Verdict};
use crate::observation::Track;
use std::sync::Arc;

impl Judge {
    /// Says where every expectation stands if the timeline ends so.
    #[must_use]
    pub fn verdicts(&self, ends: impl Into<Ends>) -> Vec<Outcome> {
        self.outcomes(&ends.into(), true)
    }

    /// Where every expectation stands, without words and reasons: what a live judge asks after every batch.
    #[must_use]
    pub fn standings(&self, ends: impl Into<Ends>) -> Vec<Judgement> {
        self.outcomes(&ends.into(), false).into_iter().map(|outcome| outcome.standing).collect()
    }

    /// With every gap that goes on taken as its end leaves it.
    fn outcomes(&self, ends: &Ends, told: bool) -> Vec<Outcome> {
        if self.roster.members.iter().all(|member| member.holes.is_empty()) {
            return self.all(ends, told);
        }
        let mut settled = self.clone();
        settled.settle(ends);
        settled.all(ends, told)
    }

    fn all(&self, ends: &Ends, told: bool) -> Vec<Outcome> {
        (0..self.program.expectations.len()).map(|number| self.verdict(number, ends, told)).collect()
    }

    fn verdict(&self, number: usize, ends: &Ends, told: bool) -> Outcome {
        let expectation = &self.program.expectations[number];
        let met = expectation.requires.met(&self.environment);
        let clauses: Vec<ClauseOutcome> =
            (0..expectation.clauses.len()).map(|index| self.clause((number, index), ends, told)).collect();
        let standing = met.standing().unwrap_or_else(|| combine(&expectation.formula, &clauses));
        let explained = met == Met::Yes;
        let reason = match met {
            Met::No(reason) | Met::Unknown(reason) => reason,
            Met::Yes => reason(standing, &clauses),
        };
        Outcome {
            name: expectation.name.clone(),
            standing,
            reason,
            explained,
            clauses,
            assumptions: expectation.assumptions.clone(),
        }
    }

    fn clause(&self, id: ClauseId, ends: &Ends, told: bool) -> ClauseOutcome {
        let expectation = &self.program.expectations[id.0];
        let clause = &expectation.clauses[id.1];
        let (_, selector) = &expectation.subjects[clause.subject];
        let cover = ends.of_selector(selector);
        let mut parts = Vec::new();
        let mut words = Vec::new();
        let mut tales = Tales::default();
        let (mut sure, mut possible) = (0_u64, 0_u64);
        for member in self.roster.interested(id) {
            let membership = self.roster.membership(&expectation.subjects, clause.subject, member);
            if membership == Membership::No {
                continue;
            }
            // Behind one that may be the first, no other surely is.
            let membership =
                if selector.quantify == Quantify::First && possible > sure { Membership::Unknown } else { membership };
            possible += 1;
            sure += u64::from(membership == Membership::Yes);
            let mut found = self.member(id, member, ends, false);
            if told && found.iter().any(|word| tales.wants(word.standing.verdict)) {
                found = self.member(id, member, ends, true);
            }
            let standing = Judgement::all(found.iter().map(|word| word.standing));
            parts.push(if membership == Membership::Yes {
                standing
            } else {
                together::doubtful(standing, selector.quantify, &cover.end)
            });
            words.extend(found);
            if selector.quantify == Quantify::First && membership == Membership::Yes {
                break;
            }
        }
        let (standing, reason) = self.together(expectation, clause, &parts, (sure, possible), &cover);
        let negated = expectation.formula.negates(id.1);
        ClauseOutcome { text: clause.text.clone(), standing, negated, reason, words }
    }

    /// What a clause says of one subject: of each track that it is about.
    fn member(&self, id: ClauseId, member: &Member, ends: &Ends, told: bool) -> Vec<WordOutcome> {
        let expectation = &self.program.expectations[id.0];
        let clause = &expectation.clauses[id.1];
        let end = match &clause.condition {
            // Another subject's track may still tell of what came before.
            Some((alias, _)) if *alias != clause.subject => {
                let other = ends.of_selector(&expectation.subjects[*alias].1).end;
                weakest([ends.of_subject(&member.subject), other]).unwrap_or(other)
            }
            _ => member.end(ends.of_subject(&member.subject)),
        };
        let logs: Vec<(&Track, &Log)> = member.tracks.iter().filter(|(track, _)| clause.tracks.fits(track)).collect();
        let unshown = member.unshown.log();
        if logs.is_empty() {
            let track = match &clause.tracks {
                Pattern::One(track) => Some(track.clone()),
                Pattern::Family(_) | Pattern::Unnamed => None,
            };
            return vec![self.word(id, member, (track, unshown), (end, ends), told)];
        }
        let words = logs.into_iter();
        let mut words: Vec<WordOutcome> =
            words.map(|(track, log)| self.word(id, member, (Some(track.clone()), log), (end, ends), told)).collect();
        if let Pattern::Family(_) = clause.tracks {
            words.extend(self.another(id, member, (end, ends)));
        }
        words
    }

    /// What a clause about a family of tracks says of one that was not seen, or that may still come; none when there can
    /// be none. That there is one is not known, so it never speaks against the clause.
    fn another(&self, id: ClauseId, member: &Member, (end, ends): (End, &Ends)) -> Option<WordOutcome> {
        let unshown = member.unshown.log();
        let mut word = self.word(id, member, (None, unshown), (end, ends), false);
        let mut may_be_hidden = false;
        let window = &self.program.expectations[id.0].window;
        let read = window.each(&unshown.events, &self.marks, member.first, &end, |_| may_be_hidden = true);
        let may_come = !matches!(word.end, End::Closed { .. } | End::Deleted { .. });
        if word.standing.verdict == Verdict::Satisfied || !(may_be_hidden || may_come || read.is_err()) {
            return None;
        }
        word.standing = if end.is_final() { Judgement::INCONCLUSIVE } else { Judgement::open(false, false) };
        word.reason = Some("another track of this name may have been there, or may come".to_owned());
        Some(word)
    }

    fn word(
        &self,
        id: ClauseId,
        member: &Member,
        (track, log): (Option<Track>, &Log),
        (end, ends): (End, &Ends),
        told: bool,
    ) -> WordOutcome {
        let expectation = &self.program.expectations[id.0];
        let clause = &expectation.clauses[id.1];
        let final_end = end;
        // Behind an end that nothing proves lies what may have happened: it is judged like a future that nobody will see.
        let end = if end == End::Unfenced { Self::unseen_future(clause, expectation, member, ends) } else { end };
        let end = &match (end, log.events.last()) {
            // An entry shows that its own stream was alive until then, though not that no other comes at the same moment;
            // it says nothing of another stream that a condition is about. Nor does one of a backlog or a list, behind
            // which more may come that happened before.
            (End::Open { now, alive }, Some(Event::Enter { when, .. }))
                if clause.condition.is_none() && when.lo == when.hi =>
            {
                End::Open { now, alive: alive.max(when.hi - 1) }
            }
            _ => end,
        };
        let mut word = WordOutcome {
            subject: Arc::clone(&member.subject),
            track,
            standing: Judgement::PENDING,
            reason: None,
            events: if told { log.events.clone() } else { Vec::new() },
            end: *end,
            explanation: None,
        };
        let undecided = if final_end.is_final() { Judgement::INCONCLUSIVE } else { Judgement::PENDING };
        if expectation.window.is_whole() {
            let known = log.monitors.iter().find(|(known, _)| *known == id).map(|(_, monitor)| monitor);
            let fresh;
            let monitor = match known {
                Some(monitor) => monitor,
                None => {
                    let mut read = clause.plan.start();
                    log.events.iter().for_each(|event| read.observe(event));
                    fresh = read;
                    &fresh
                }
            };
            word.standing = self.judge_one(id, member, monitor, end, ends);
        } else if log.shortened {
            word.standing = undecided;
            word.reason = Some("more events than are kept for a window".into());
            return word;
        } else {
            let mut monitor = clause.plan.start();
            match expectation.window.run(&mut monitor, &log.events, &self.marks, member.first, end) {
                Ok(closing) => {
                    word.end = closing;
                    if told {
                        word.events.clear();
                        let seen = |event: &Event| word.events.push(event.clone());
                        let _ = expectation.window.each(&log.events, &self.marks, member.first, end, seen);
                    }
                    word.standing = self.judge_one(id, member, &monitor, &closing, ends);
                }
                Err(trouble) => {
                    word.standing = undecided;
                    word.reason = Some(expectation.window.trouble(&self.marks, trouble));
                    return word;
                }
            }
        }
        if final_end == End::Unfenced && word.standing.verdict == Verdict::Pending {
            (word.standing, word.end) = (Judgement::INCONCLUSIVE, End::Unfenced);
        }
        if told && !log.shortened {
            let condition = self.condition(id, member, ends);
            let awaited = clause.condition.as_ref();
            let awaited = awaited.map(|(alias, track)| format!("{} {track}", expectation.subjects[*alias].0));
            let case = Case::new(&clause.plan, &clause.statement, &condition, awaited);
            word.explanation = Some(explain(&case, &word.events, &word.end, word.standing));
        }
        let may_be_empty = log.events.iter().all(|event| event.shown().is_none());
        if may_be_empty && clause.needs_state && word.standing.verdict == Verdict::Violated {
            word.standing = undecided;
            word.reason = Some("the track had no state: nothing to judge".into());
        }
        word
    }

    /// An end that nothing proves, as an open one of which no more will be seen, where it is known how far was seen.
    fn unseen_future(clause: &Clause, expectation: &Expectation, member: &Member, ends: &Ends) -> End {
        let other = clause.condition.as_ref().filter(|(alias, _)| *alias != clause.subject);
        let watched = other.is_none_or(|(alias, _)| ends.through(&expectation.subjects[*alias].1).is_some());
        let alive = ends.last_alive(&member.subject).filter(|_| watched);
        alive.map_or(End::Unfenced, |alive| End::Open { now: alive, alive })
    }

    fn judge_one(&self, id: ClauseId, member: &Member, monitor: &Monitor, end: &End, ends: &Ends) -> Judgement {
        let condition = self.condition(id, member, ends);
        let end = self.seen_in_order(id, (monitor, &condition), end, ends);
        monitor.judge(&condition, &end)
    }
}

/// How many words of each verdict are told with events and explanations: a clause may be about many thousands.
#[derive(Default)]
struct Tales([usize; 5]);

/// Most words of one verdict that one clause tells.
const MAX_TALES: usize = 16;

impl Tales {
    fn wants(&mut self, verdict: Verdict) -> bool {
        let known = &mut self.0[verdict as usize];
        *known += 1;
        *known <= MAX_TALES
    }
}
