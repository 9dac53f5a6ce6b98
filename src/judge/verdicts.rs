//! The judge: runs a program over a timeline as it grows and says where every expectation stands.
//!
//! It combines what monitors say about single words: over the subjects of a clause, over the clauses of an
//! expectation. Subjects that may yet come, or that nobody would have seen, keep a verdict from being final.

use super::ends::{Ends, weakest};
use super::formula::combine;
use super::membership::Membership;
use super::outcome::{ClauseOutcome, Outcome, WordOutcome, reason};
use super::requires::Met;
use super::state::Judge;
use super::subjects::{ClauseId, Log, Member};
use super::together::{self, Chosen};
use crate::explanation::{Case, explain};
use crate::language::{Clause, Expectation, Pattern};
use crate::monitor::{End, Event, Judgement, Monitor, Statement, Verdict};
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

    /// Whether every expectation is decided, can no longer be, or would be satisfied if a fence proved now that nothing is
    /// missing.
    #[must_use]
    pub fn is_settled(&self, ends: impl Into<Ends>) -> bool {
        let ends = ends.into();
        let fenced = self.outcomes(&ends.if_fenced(), false);
        self.outcomes(&ends, false)
            .iter()
            .zip(fenced)
            .all(|(now, then)| now.standing.verdict != Verdict::Pending || then.standing.verdict == Verdict::Satisfied)
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
        let mut words = Vec::new();
        let mut tales = Tales::default();
        let meant = self.roster.interested(id).filter_map(|member| {
            let is = self.membership(expectation, clause.subject, member);
            (is != Membership::No).then_some((member, is))
        });
        let choice = self.choose(expectation, clause.subject, meant.collect(), (ends, &cover));
        let mut chosen = Chosen { is_settled: choice.is_settled, ..Chosen::default() };
        let mut missing = None;
        for (member, membership) in choice.members {
            if told && membership == Membership::Unknown && missing.is_none() {
                let kind = self.roster.missing_owner(&expectation.subjects, clause.subject, member);
                missing = kind.map(|kind| {
                    let owner = selector.owned_by.as_deref().unwrap_or_default();
                    format!("whether {} is owned by `{owner}` is not known: record its {kind} as well", member.subject)
                });
            }
            chosen.possible += 1;
            chosen.sure += u64::from(membership == Membership::Yes);
            let mut found = self.member(id, member, ends, false);
            if told && found.iter().any(|word| tales.wants(word.standing.verdict)) {
                found = self.member(id, member, ends, true);
            }
            let standing = Judgement::all(found.iter().map(|word| word.standing));
            chosen.parts.push(if membership == Membership::Yes {
                standing
            } else {
                together::doubtful(standing, selector.quantify, &cover.end)
            });
            words.extend(found);
        }
        let (standing, mut reason) = self.together(expectation, clause, &chosen, &cover);
        if !standing.verdict.is_decided() {
            reason = missing.or(reason);
        }
        let (negated, under_not) = (expectation.formula.negates(id.1), expectation.formula.is_under_not(id.1));
        ClauseOutcome { text: clause.text.clone(), standing, negated, under_not, reason, words }
    }

    /// Whether a member is one of the subjects of an alias, in the window if that is asked for.
    pub(super) fn membership(&self, expectation: &Expectation, alias: usize, member: &Member) -> Membership {
        let is = self.roster.membership(&expectation.subjects, alias, member);
        is.min(self.born(&expectation.subjects[alias].1, &expectation.window, member))
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
        if logs.is_empty() {
            let track = match &clause.tracks {
                Pattern::One(track) => Some(track.clone()),
                Pattern::Family(_) | Pattern::Unnamed => None,
            };
            let mut words = vec![self.word(id, member, (track, &Log::default()), (end, ends), told)];
            words.extend(self.hidden(id, member, end));
            return words;
        }
        logs.into_iter()
            .map(|(track, log)| self.word(id, member, (Some(track.clone()), log), (end, ends), told))
            .chain(self.hidden(id, member, end))
            .collect()
    }

    /// What is said of the tracks of a family that no version of a subject shows, if there may be any.
    fn hidden(&self, id: ClauseId, member: &Member, end: End) -> Option<WordOutcome> {
        let clause = &self.program.expectations[id.0].clauses[id.1];
        let reason = self.hidden_tracks(id, member, &end).filter(|_| matches!(clause.tracks, Pattern::Family(_)))?;
        Some(WordOutcome {
            subject: Arc::clone(&member.subject),
            life: self.roster.life(member),
            track: None,
            standing: if end.is_final() { Judgement::INCONCLUSIVE } else { Judgement::PENDING },
            reason: Some(reason),
            events: Vec::new(),
            end,
            explanation: None,
        })
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
            // it says nothing of another stream that a condition is about.
            (End::Open { now, alive }, Some(last)) if clause.condition.is_none() => {
                End::Open { now, alive: alive.max(last.when().hi - 1) }
            }
            _ => end,
        };
        let mut word = WordOutcome {
            subject: Arc::clone(&member.subject),
            life: self.roster.life(member),
            track,
            standing: Judgement::PENDING,
            reason: None,
            events: if told { log.events.clone() } else { Vec::new() },
            end: *end,
            explanation: None,
        };
        let undecided = if final_end.is_final() { Judgement::INCONCLUSIVE } else { Judgement::PENDING };
        if log.events.is_empty()
            && let Some(told) = self.is_misspelt(&member.subject.kind, &clause.tracks)
        {
            (word.standing, word.reason) = (undecided, Some(told));
            return word;
        }
        let mut is_empty = log.events.is_empty();
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
            word.standing = self.judge_one(id, member, monitor, end, ends);
        } else if log.shortened {
            word.standing = undecided;
            word.reason = Some("more events than are kept for a window".into());
            return word;
        } else {
            let mut monitor = clause.plan.start();
            is_empty = true;
            let _ = expectation.window.each(&log.events, &self.marks, member.first, end, |_| is_empty = false);
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
        if is_empty && (clause.needs_state || matches!(clause.statement, Statement::Path(_))) {
            match (clause.needs_state, word.standing.verdict) {
                (true, Verdict::Violated) | (false, Verdict::Satisfied) => {
                    word.standing = undecided;
                    word.reason = Some("the track had no state: nothing to judge".into());
                }
                _ => word.standing = word.standing.vacuously(),
            }
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
