//! The judge: runs a program over a timeline as it grows and gives the verdict of every expectation.
//!
//! It combines the verdicts of monitors on single traces: over the subjects of a clause, and over the clauses of an
//! expectation. Subjects that may still come, or may have been missed, keep a verdict from being final.

use super::apart::{self, Timed};
use super::buried::Summary;
use super::cut::{self, Cut, Known};
use super::ends::{Ends, weakest};
use super::formula::combine;
use super::log::{ClauseId, Kept, Log, MAX_TRACE};
use super::membership::Membership;
use super::outcome::{ClauseOutcome, Life, Outcome, TraceOutcome, reason};
use super::requires::Met;
use super::samples::Samples;
use super::state::Judge;
use super::subjects::Member;
use super::together::{self, Chosen, so_far};
use super::window::{Bounds, Edge, Trouble};
use crate::explanation::{Breach, Case, Doubt, Explanation, explain};
use crate::kinds;
use crate::language::{Clause, Expectation, From, Pattern, Quantify, Until, Window};
use crate::monitor::{Cause, End, Event, Judgement, Micros, Monitor, Order, Plan, START, Span, Statement, Verdict};
use crate::observation::Track;
use std::borrow::Cow;
use std::sync::Arc;

impl Judge {
    /// The outcome of every expectation if the timeline ends with `ends`.
    #[must_use]
    pub fn verdicts(&self, ends: impl Into<Ends>) -> Vec<Outcome> {
        self.outcomes(&self.ends(ends), true)
    }

    /// The judgement of every expectation, without reasons; a live judge asks for it after every batch.
    #[must_use]
    pub fn standings(&self, ends: impl Into<Ends>) -> Vec<Judgement> {
        self.outcomes(&self.ends(ends), false).into_iter().map(|outcome| outcome.standing).collect()
    }

    /// The same if it were known that nothing has happened up to now.
    #[must_use]
    pub fn standings_if_quiet(&self, ends: impl Into<Ends>) -> Vec<Judgement> {
        self.standings(ends.into().if_quiet())
    }

    /// Whether every expectation is decided, can no longer be decided, or would be satisfied if a fence proved now that
    /// nothing is missing.
    #[must_use]
    pub fn is_settled(&self, ends: impl Into<Ends>) -> bool {
        let ends = self.ends(ends);
        let fenced = self.outcomes(&ends.if_fenced(), false);
        self.outcomes(&ends, false)
            .iter()
            .zip(fenced)
            .all(|(now, then)| now.standing.verdict != Verdict::Pending || then.standing.verdict == Verdict::Satisfied)
    }

    /// The ends as far as their times are known.
    fn ends(&self, ends: impl Into<Ends>) -> Ends {
        match self.unmeasured {
            Some(unmeasured) if !self.is_timeless() => ends.into().measured_until(unmeasured.since),
            _ => ends.into(),
        }
    }

    /// The outcomes. A gap without an end may turn out to be none, so until it ends it puts no verdict permanently out
    /// of reach.
    fn outcomes(&self, ends: &Ends, detailed: bool) -> Vec<Outcome> {
        let mut outcomes = self.settled(ends, detailed);
        if !self.ongoing.is_empty() && !ends.are_final() {
            let mut unbroken = self.clone();
            for (at, member) in std::mem::take(&mut unbroken.ongoing) {
                unbroken.roster.members.restore(at, member);
            }
            let others = unbroken.settled(ends, false);
            outcomes.iter_mut().zip(&others).for_each(|(outcome, other)| outcome.or_unbroken(other));
        }
        if detailed {
            outcomes.iter_mut().enumerate().for_each(|(number, outcome)| self.complete(number, outcome));
        }
        outcomes
    }

    /// The outcomes with every open gap closed.
    fn settled(&self, ends: &Ends, detailed: bool) -> Vec<Outcome> {
        if self.roster.members.iter().all(|member| member.open_gaps.is_empty()) {
            return self.all(ends, detailed);
        }
        let mut settled = self.clone();
        settled.settle();
        settled.all(ends, detailed)
    }

    /// Adds completions to the trace that explains an outcome: they are shown for no other.
    fn complete(&self, number: usize, outcome: &mut Outcome) {
        let Some((clause, trace)) = outcome.undecided_trace() else { return };
        if let Some(explanation) = &mut trace.explanation {
            explanation.complete(&self.program.expectations[number].clauses[clause].plan, &trace.events, &trace.end);
        }
    }

    fn all(&self, ends: &Ends, detailed: bool) -> Vec<Outcome> {
        (0..self.program.expectations.len()).map(|number| self.verdict(number, ends, detailed)).collect()
    }

    fn verdict(&self, number: usize, ends: &Ends, detailed: bool) -> Outcome {
        let expectation = &self.program.expectations[number];
        let met = expectation.requires.met(&self.environment);
        let clauses: Vec<ClauseOutcome> =
            (0..expectation.clauses.len()).map(|index| self.clause((number, index), ends, detailed)).collect();
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
            sometimes: expectation.sometimes,
        }
    }

    fn clause(&self, id: ClauseId, ends: &Ends, detailed: bool) -> ClauseOutcome {
        let expectation = &self.program.expectations[id.0];
        let clause = &expectation.clauses[id.1];
        let (_, selector) = &expectation.subjects[clause.subject];
        let mut cover = ends.of_selector(selector);
        // A recording that was closed before the start or the end that a window asks for does not show which subjects
        // followed.
        if self.asks_beyond(&expectation.window, &cover.end) {
            cover.end = End::Unfenced;
        }
        let buried = self.buried.of(id);
        let mut traces: Vec<(usize, TraceOutcome)> = Vec::new();
        let mut samples = Samples::default();
        let meant = self.roster.interested(id).filter_map(|member| {
            let is = self.membership(expectation, clause.subject, member, ends);
            let is = is.min(self.lived(id, member, ends));
            (is != Membership::No).then_some((member, is))
        });
        let choice = self.choose(expectation, clause.subject, meant.collect(), (ends, &cover));
        let mut chosen = Chosen { is_settled: choice.is_settled, ..Chosen::default() };
        chosen.is_windowed = !expectation.window.is_whole();
        if let Some(buried) = buried {
            (chosen.possible, chosen.sure) = (buried.subjects(), buried.subjects());
            chosen.parts.extend(buried.standings());
            if detailed {
                traces = self.traces_of_buried(buried);
                traces.iter().for_each(|(_, trace)| _ = samples.take(trace.standing.verdict));
            }
        }
        let mut missing = None;
        for (member, membership) in choice.members {
            if detailed && membership == Membership::Unknown && missing.is_none() {
                let kind = self.roster.missing_owner(&expectation.subjects, clause.subject, member);
                missing = kind.map(|kind| {
                    let owner = selector.owned_by.as_deref().unwrap_or_default();
                    let verb = if kinds::is_evidence(&member.subject.kind) { "about" } else { "owned by" };
                    format!("whether {} is {verb} `{owner}` is unknown: record its {kind}, too", member.subject)
                });
            }
            chosen.possible += 1;
            chosen.sure += u64::from(membership == Membership::Yes);
            let mut found = self.member(id, member, ends, false);
            if detailed && found.iter().any(|trace| samples.take(trace.standing.verdict)) {
                found = self.member(id, member, ends, true);
            }
            let standing = Judgement::all(found.iter().map(|trace| trace.standing));
            let standing = self.joined(id, member, ends, standing);
            chosen.parts.push(if membership == Membership::Yes {
                standing
            } else {
                together::doubtful(standing, selector, &cover.end)
            });
            traces.extend(found.into_iter().map(|trace| (member.index, trace)));
        }
        if buried.is_some() {
            traces.sort_by_key(|(index, _)| *index);
        }
        let traces: Vec<TraceOutcome> = traces.into_iter().map(|(_, trace)| trace).collect();
        let (mut standing, mut reason) = self.together(expectation, clause, &chosen, &cover);
        standing = so_far(standing, expectation, ends);
        if !standing.verdict.is_decided() {
            // Without an entry at which it starts, it is about no subject.
            let is_begun = chosen.possible > 0 || !matches!(expectation.window.from, From::Enter(_));
            let not_begun = || expectation.window.trouble(&self.marks, Trouble::NotBegun);
            reason = missing.or_else(|| if is_begun { reason } else { Some(not_begun()) });
        }
        let is_about_subjects = standing.verdict.is_decided() || !matches!(expectation.window.from, From::Enter(_));
        if detailed
            && is_about_subjects
            && chosen.possible == 0
            && standing.verdict != Verdict::Satisfied
            && !cover.unwatched
        {
            let alike = self.roster.alike(selector).map(|alike| format!("; did you mean {alike}?"));
            reason = reason.map(|reason| reason + alike.as_deref().unwrap_or_default());
        }
        let explains = |trace: &TraceOutcome| trace.standing.verdict == standing.verdict;
        if detailed && is_joined(expectation, id) && !traces.iter().any(explains) {
            let texts: Vec<&str> =
                expectation.clauses[clause.joined.clone()].iter().map(|of| of.text.as_str()).collect();
            let tracks = texts.join(", ");
            reason = reason.or_else(|| match standing.verdict {
                Verdict::Satisfied => None,
                Verdict::Violated => Some(format!("no {} is quiet on all of {tracks}", selector.kind)),
                _ => Some(format!("whether a {} is quiet on all of {tracks} is undecided", selector.kind)),
            });
        }
        let (negated, under_not) = (expectation.formula.negates(id.1), expectation.formula.is_under_not(id.1));
        let beyond = buried.map(Summary::beyond).unwrap_or_default();
        ClauseOutcome { text: clause.text.clone(), standing, negated, under_not, reason, traces, beyond }
    }

    /// The judgement of a subject by all clauses that are one statement with a clause, whose own judgement is given.
    /// Only `any` distinguishes that from combining the clauses.
    fn joined(&self, id: ClauseId, member: &Member, ends: &Ends, own: Judgement) -> Judgement {
        let expectation = &self.program.expectations[id.0];
        if !is_joined(expectation, id) {
            return own;
        }
        let others = expectation.clauses[id.1].joined.clone().filter(|at| *at != id.1);
        let of_others = others.flat_map(|at| self.member((id.0, at), member, ends, false));
        Judgement::all(of_others.map(|trace| trace.standing).chain([own]))
    }

    /// The traces that are kept of subjects that are not, each with the index of its subject.
    fn traces_of_buried(&self, buried: &Summary) -> Vec<(usize, TraceOutcome)> {
        let with_life = |(index, trace): &(usize, TraceOutcome)| {
            let life = trace.life.and_then(|life| self.buried.life_of(&trace.subject, life, &self.roster));
            (*index, TraceOutcome { life, ..trace.clone() })
        };
        buried.traces().iter().map(with_life).collect()
    }

    /// The number of a member's life among those of its name.
    fn life(&self, member: &Member) -> Option<Life> {
        self.buried.life(member, self.roster.life(member)?)
    }

    /// Whether a member is one of the subjects of an alias, and in the window if that is required.
    pub(super) fn membership(
        &self,
        expectation: &Expectation,
        alias: usize,
        member: &Member,
        ends: &Ends,
    ) -> Membership {
        let is_meant = |at: usize, member: &Member| {
            let is_born = self.born(&expectation.subjects[at].1, &expectation.window, member, ends);
            // The quantifier of the subject itself is applied to all of them together.
            if at == alias { is_born } else { is_born.min(self.is_life(expectation, at, member, ends)) }
        };
        let is = self.roster.membership(&expectation.subjects, alias, member, &is_meant);
        // A uid names the first life.
        let is_uncertain = member.may_be_known || member.may_be_again && expectation.subjects[alias].1.uid.is_some();
        if is_uncertain { is.min(Membership::Unknown) } else { is }
    }

    /// The outcomes of a clause for one subject: one for each track that it is about.
    pub(super) fn member(&self, id: ClauseId, member: &Member, ends: &Ends, detailed: bool) -> Vec<TraceOutcome> {
        let expectation = &self.program.expectations[id.0];
        let clause = &expectation.clauses[id.1];
        let end = match &clause.condition {
            // Another subject's track may still show what came before.
            Some((alias, _)) if *alias != clause.subject => {
                let other = ends.of_selector(&expectation.subjects[*alias].1).end;
                weakest([ends.of_subject(&member.subject), other]).unwrap_or(other)
            }
            _ => member.end(ends.of_subject(&member.subject)),
        };
        // Of a family, those count that the subject has in the window.
        let is_family = matches!(clause.tracks, Pattern::Family(_)) && !expectation.window.is_whole();
        let is_within = |track: &Track, log: &Log| {
            self.cut(id, member, (Some(track), log), ends).map_or(true, |cut| !cut.events.is_empty())
        };
        let logs: Vec<(&Track, &Log)> = member
            .tracks
            .iter()
            .filter(|(track, log)| clause.tracks.fits(track) && (!is_family || is_within(track, log)))
            .collect();
        let unshown = member.unshown.log();
        if logs.is_empty() {
            let track = match &clause.tracks {
                Pattern::One(track) => Some(track.clone()),
                Pattern::Family(_) | Pattern::Unnamed => None,
            };
            return vec![self.trace(id, member, (track, unshown), (end, ends), detailed)];
        }
        let traces = logs.into_iter();
        let mut traces: Vec<TraceOutcome> = traces
            .map(|(track, log)| self.trace(id, member, (Some(track.clone()), log), (end, ends), detailed))
            .collect();
        if let Pattern::Family(_) = clause.tracks {
            traces.extend(self.another(id, member, (end, ends)));
        }
        traces
    }

    /// The outcome of a clause about a family of tracks for a track that was not seen, or that may still come; none
    /// when there can be none. It is not known to exist, so it never violates the clause.
    fn another(&self, id: ClauseId, member: &Member, (end, ends): (End, &Ends)) -> Option<TraceOutcome> {
        let unshown = member.unshown.log();
        let tracks = &self.program.clause(id).tracks;
        let mut trace = self.trace(id, member, (None, unshown), (end, ends), false);
        let may_be_hidden = self.cut(id, member, (None, unshown), ends).map_or(true, |cut| !cut.events.is_empty());
        let may_come = !trace.end.is_proven();
        if trace.standing.verdict == Verdict::Satisfied || !(may_be_hidden || may_come) {
            return None;
        }
        // A window that has not begun or ended continues after the deletion of its subject.
        let goes_on = !end.is_final() || trace.standing.verdict == Verdict::Pending;
        trace.standing = if goes_on { Judgement::open(false, false) } else { Judgement::INCONCLUSIVE };
        trace.reason = Some(format!("another track of `{tracks}` may have existed unseen, or may still come"));
        Some(trace)
    }

    fn trace(
        &self,
        id: ClauseId,
        member: &Member,
        (track, log): (Option<Track>, &Log),
        (end, ends): (End, &Ends),
        detailed: bool,
    ) -> TraceOutcome {
        let expectation = &self.program.expectations[id.0];
        let clause = &expectation.clauses[id.1];
        let final_end = end;
        // Anything may have happened after an unproven end: it is judged like a future that will not be seen.
        let end = if end == End::Unfenced { Self::unseen_future(clause, expectation, member, ends) } else { end };
        let end = &shown_by(log, end, clause);
        let sees = clause.sees(track.as_ref());
        let mut trace = TraceOutcome {
            subject: Arc::clone(&member.subject),
            life: self.life(member),
            track,
            standing: Judgement::PENDING,
            reason: None,
            events: if detailed { sees.events(log.events.as_slice().into()).into_owned() } else { Vec::new() },
            end: *end,
            gone: member.gone().map(Edge::when),
            explanation: None,
        };
        let undecided = if final_end.is_final() { Judgement::INCONCLUSIVE } else { Judgement::PENDING };
        let mut plan = &clause.plan;
        let mut lacks = log.shortened;
        let timed = self.timed(id, member, ends);
        let mut ended = apart::over(None, (member, trace.track.as_ref()), timed);
        let windowed;
        let mut within = None;
        if log.events.is_empty()
            && let Some(misspelt) = self.is_misspelt(&member.subject.kind, &clause.tracks)
        {
            // Another subject may still show it, also after this one is gone.
            let standing = if ends.are_final() { Judgement::INCONCLUSIVE } else { Judgement::PENDING };
            (trace.standing, trace.reason) = (standing, Some(misspelt));
            return trace;
        }
        let has_no_state = |events: &[Event]| events.iter().all(|event| event.shown().is_none());
        let mut is_empty = has_no_state(&log.events);
        if expectation.window.is_whole() {
            let monitor = self.whole(id, member, (trace.track.as_ref(), log), timed, ends);
            trace.standing = self.judge_one(id, member, &monitor, (end, ended), ends);
        } else {
            let cut = match self.cut(id, member, (trace.track.as_ref(), log), ends) {
                Ok(cut) => cut,
                Err(trouble) => {
                    // The subject's deletion need not be the end of its window.
                    let over = trouble.lasts() || final_end.is_final() && ends.of_subject(&member.subject).is_final();
                    let standing = if over { Judgement::INCONCLUSIVE } else { Judgement::PENDING };
                    trace.standing = so_far(standing, expectation, ends);
                    trace.reason = Some(expectation.window.trouble(&self.marks, trouble));
                    return trace;
                }
            };
            windowed = clause.plan.counted_from(cut.base);
            plan = &windowed;
            let monitor = read(plan, &cut.events, timed);
            ended = apart::over(cut.next, (member, trace.track.as_ref()), timed);
            (trace.standing, trace.end) = (self.judge_one(id, member, &monitor, (&cut.end, ended), ends), cut.end);
            if let Some(end) = cut.or
                && self.judge_one(id, member, &monitor, (&end, ended), ends).verdict != trace.standing.verdict
            {
                (trace.standing, trace.end) = (Judgement::INCONCLUSIVE, End::Unfenced);
            }
            is_empty = has_no_state(&cut.events);
            lacks = log.lacks(id.0);
            if lacks && !trace.standing.verdict.is_decided() {
                trace.reason = Some("the window has more events than are stored".into());
            }
            trace.events = if detailed { cut.events } else { Vec::new() };
            (trace.gone, within) = (cut.gone, Some((cut.held, cut.is_bounded)));
        }
        if final_end.is_final() && trace.standing.verdict == Verdict::Pending && !self.awaits_track(id, ends) {
            (trace.standing, trace.end) = (Judgement::INCONCLUSIVE, End::Unfenced);
        }
        // A window is judged on the events that are kept, and says so.
        if detailed && log.shortened && expectation.window.is_whole() && trace.standing.verdict != Verdict::Satisfied {
            trace.reason = Some(beyond(trace.standing.verdict));
        }
        if detailed && trace.reason.is_none() && !lacks {
            trace.explanation = Some(self.explanation(id, member, (plan, ended), &trace, ends).in_window(within));
        }
        let is_of_states =
            matches!(clause.statement, Statement::Path(_) | Statement::While { .. } | Statement::SameAs { .. });
        if is_empty && (clause.needs_state || is_of_states) {
            // A path without a window is violated if the states that it names were never entered.
            let undone = match trace.standing.verdict {
                Verdict::Violated => clause.needs_state || !expectation.window.is_whole(),
                verdict => verdict == Verdict::Satisfied && !clause.needs_state,
            };
            if undone {
                trace.standing = undecided;
                trace.reason = Some("the track had no state: there is nothing to judge".into());
            } else {
                let is_over = final_end.is_final() || trace.end.is_final();
                let standing = trace.standing;
                trace.standing = if is_over { standing.vacuously() } else { standing.vacuously_so_far() };
            }
        }
        trace.standing = so_far(trace.standing, expectation, ends);
        trace
    }

    /// The monitor of a clause that has read all of a track.
    fn whole<'a>(
        &self,
        id: ClauseId,
        member: &Member,
        (track, log): (Option<&Track>, &'a Log),
        timed: Option<Timed>,
        ends: &Ends,
    ) -> Cow<'a, Monitor> {
        let kept = log.monitors.binary_search_by_key(&id, |(known, _)| *known).ok().filter(|_| timed.is_none());
        if let Some(at) = kept {
            return Cow::Borrowed(&log.monitors[at].1);
        }
        let clause = self.program.clause(id);
        let seen = clause.sees(track).events(log.events.as_slice().into());
        // Of those that were dropped, only the state is known to which they led.
        let cut = timed.and_then(|_| self.cut(id, member, (track, log), ends).ok());
        let events = cut.map_or(seen, |cut| cut.events.into());
        Cow::Owned(read(&clause.plan, &events, timed))
    }

    fn explanation(
        &self,
        id: ClauseId,
        member: &Member,
        (plan, ended): (&Plan, Option<Order>),
        trace: &TraceOutcome,
        ends: &Ends,
    ) -> Explanation {
        let (expectation, clause) = (&self.program.expectations[id.0], self.program.clause(id));
        let (mut condition, _) = self.awaited_at(id, member, &trace.end, ends);
        condition.over = ended;
        let awaited = clause.condition.as_ref().map(|(alias, track)| (expectation.subjects[*alias].0.as_str(), track));
        let written = awaited.map(|(alias, track)| format!("{alias} {track}"));
        let case = Case::new(plan, &clause.statement, &condition, written);
        let timed = self.timed(id, member, ends);
        let mut events = Cow::Borrowed(&trace.events);
        if timed.is_some() {
            events = Cow::Owned(events.iter().map(|event| apart::placed(event.clone(), timed)).collect());
        }
        let mut explanation = explain(&case, &events, &trace.end, trace.standing);
        // A line names the object itself.
        if let (Some(Breach::Meanwhile { held, of, .. }), Some((alias, _))) = (&mut explanation.breach, awaited)
            && !alias.contains('/')
        {
            *held = held.replacen(alias, &format!("{alias} ({})", self.roster.members[*of].subject), 1);
        }
        if matches!(
            explanation.doubt,
            Some(Doubt::Held(_) | Doubt::Values(_) | Doubt::Entries(_) | Doubt::Condition(_))
        ) {
            explanation.unseen = self.gap_of_condition(id);
        }
        // Where nothing is missing, it is the order that is not known.
        if events.iter().all(|event| matches!(event, Event::Enter { .. }))
            && explanation.unseen.is_none()
            && condition.certain.is_some()
            && condition.possible != Some(START)
            && timed.is_some()
            && let Some(Doubt::Condition(awaited) | Doubt::Held(awaited) | Doubt::Entries(awaited)) = &explanation.doubt
        {
            explanation.doubt = Some(Doubt::Order(awaited.clone()));
        }
        explanation
    }

    /// The first gap of a track that a clause's condition is about, where it has one with a beginning.
    fn gap_of_condition(&self, id: ClauseId) -> Option<Span> {
        let (_, pattern) = self.program.clause(id).condition.as_ref()?;
        let tracks = self.roster.awaited(id).flat_map(|member| &member.tracks);
        let mut events = tracks.filter(|(track, _)| pattern.fits(track)).flat_map(|(_, log)| &log.events);
        events.find_map(|event| match event {
            Event::Gap { when, cause: Cause::Lost, .. } => Some(*when),
            _ => None,
        })
    }

    /// An unproven end as an open one after which nothing more is seen, where it is known how far was seen.
    fn unseen_future(clause: &Clause, expectation: &Expectation, member: &Member, ends: &Ends) -> End {
        let other = clause.condition.as_ref().filter(|(alias, _)| *alias != clause.subject);
        let own = ends.last_alive(&member.subject);
        let alive = match other {
            Some((alias, _)) => own.zip(ends.alive_at_least(&expectation.subjects[*alias].1)).map(|(a, b)| a.min(b)),
            None => own,
        };
        alive.map_or(End::Unfenced, |alive| End::Open { now: alive, alive })
    }

    /// The bounds of an expectation's window for a subject.
    pub(super) fn bounds(&self, id: ClauseId, member: &Member, ends: &Ends) -> Result<Bounds, Trouble> {
        let window = &self.program.expectations[id.0].window;
        let Window { from, until, max } = window;
        let is_timed = !matches!(from, From::Created | From::Attached) || *until != Until::End || max.is_some();
        if self.is_timeless() && is_timed {
            return Err(Trouble::Timeless);
        }
        let alive = cut::alive(&stream(member, ends));
        window.bounds(&self.marks, member.sight, alive, self.entries(id, member, ends))
    }

    /// The bounds of a window of one subject, with their places as the watch of another counts them.
    pub(super) fn of(&self, bounds: Bounds, (own, other): (&Member, &Member), ends: &Ends) -> Bounds {
        let seen = |edge: Edge| self.seen_from(other, own, edge, ends);
        Bounds { from: bounds.from.map(seen), until: bounds.until.map(seen), ..bounds }
    }

    /// The part of a track's trace within the window, and how it ends; if a condition is awaited, the end takes its
    /// track into account.
    fn cut(
        &self,
        id: ClauseId,
        member: &Member,
        (track, log): (Option<&Track>, &Log),
        ends: &Ends,
    ) -> Result<Cut, Trouble> {
        let expectation = &self.program.expectations[id.0];
        let clause = &expectation.clauses[id.1];
        let bounds = self.bounds(id, member, ends)?;
        let kept = log.kept(id.0);
        let kept = Kept { events: clause.sees(track).events(kept.events), ..kept };
        let mut cut = bounds.cut(&known((member, member), kept, ends))?;
        let Some((alias, _)) = &clause.condition else { return Ok(cut) };
        let own = stream(member, ends);
        if *alias == clause.subject {
            (cut.end, cut.or) = bounds.closing(member.gone(), own);
            return Ok(cut);
        }
        let selector = &expectation.subjects[*alias].1;
        let other = seen(ends.of_selector(selector).end, ends.alive_at_least(selector));
        let both = [bounds.closing(None, own).0, bounds.closing(None, other).0];
        (cut.end, cut.or) = (weakest(both).unwrap_or(End::Unfenced), None);
        Ok(cut)
    }

    /// The judgement of a track that ends with `end`, and whose last state ended before one of these places, if it did.
    fn judge_one(
        &self,
        id: ClauseId,
        member: &Member,
        monitor: &Monitor,
        (end, ended): (&End, Option<Order>),
        ends: &Ends,
    ) -> Judgement {
        let (mut condition, end) = self.awaited_at(id, member, end, ends);
        condition.over = ended;
        let standing = monitor.judge(&condition, &end);
        let is_open =
            standing.verdict == Verdict::Inconclusive && (self.awaits_other(id, ends) || self.awaits_track(id, ends));
        if is_open { Judgement::PENDING } else { standing }
    }

    /// True while a condition is about a track that its kind does not declare and that was not shown, and may be.
    fn awaits_track(&self, id: ClauseId, ends: &Ends) -> bool {
        let (expectation, clause) = (&self.program.expectations[id.0], self.program.clause(id));
        let condition = clause.condition.as_ref().filter(|_| !ends.are_final());
        condition.is_some_and(|(alias, track)| self.is_misspelt(&expectation.subjects[*alias].1.kind, track).is_some())
    }

    /// True while later lines may show which life a condition means, or in which order those of two watches began.
    fn awaits_other(&self, id: ClauseId, ends: &Ends) -> bool {
        let (expectation, clause) = (&self.program.expectations[id.0], self.program.clause(id));
        let condition = clause.condition.as_ref().filter(|(alias, _)| *alias != clause.subject);
        condition.map(|(alias, _)| &expectation.subjects[*alias].1).is_some_and(|selector| {
            let may_tell =
                self.is_uid_unseen(selector) || selector.quantify == Quantify::Last || !self.storages.are_plain();
            may_tell && !ends.of_selector(selector).end.is_final()
        })
    }
}

/// Whether the subjects of a clause are judged by several clauses together.
pub(super) fn is_joined(expectation: &Expectation, (_, at): ClauseId) -> bool {
    let clause = &expectation.clauses[at];
    clause.joined.len() > 1 && expectation.subjects[clause.subject].1.quantify == Quantify::Any
}

/// An entry shows that its own stream was alive until then, though not that no other comes at the same time; it says
/// nothing about another stream that a condition is about. Neither does an entry of a backlog or a list, which earlier
/// ones may follow. A gap begins after what was seen.
fn shown_by(log: &Log, end: End, clause: &Clause) -> End {
    let shown = log.events.last().filter(|_| clause.condition.is_none()).and_then(|event| match event {
        Event::Enter { when, .. } => Some(when.hi).filter(|at| when.lo == *at),
        Event::Gap { when, cause, .. } => Some(when.lo).filter(|_| *cause == Cause::Lost),
    });
    match (end, shown) {
        (End::Open { now, alive }, Some(at)) => End::Open { now, alive: alive.max(at - 1) },
        _ => end,
    }
}

/// What is known about a track of the subject that is judged, or of another one.
pub(super) fn known<'a>((judged, member): (&Member, &Member), kept: Kept<'a>, ends: &Ends) -> Known<'a> {
    let own = Arc::ptr_eq(&judged.subject, &member.subject);
    let stream = stream(member, ends);
    let Kept { events, shortened } = kept;
    Known { events, own, first: member.first, seen: member.seen_by(), shortened, deleted: member.gone(), stream }
}

/// How far the stream of a subject was seen, whether or not the subject was deleted before.
pub(super) fn stream(member: &Member, ends: &Ends) -> End {
    seen(ends.of_subject(&member.subject), ends.last_alive(&member.subject))
}

/// An unproven end as an open one, where it is known how far was seen.
fn seen(end: End, alive: Option<Micros>) -> End {
    match alive {
        Some(alive) if end == End::Unfenced => End::Open { now: alive, alive },
        _ => end,
    }
}

/// A monitor that has read events, each at its place.
fn read(plan: &Plan, events: &[Event], timed: Option<Timed>) -> Monitor {
    let mut monitor = plan.start();
    for event in events {
        if timed.is_some() {
            monitor.observe(&apart::placed(event.clone(), timed));
        } else {
            monitor.observe(event);
        }
    }
    monitor
}

/// The reason for the verdict on a trace whose first events are no longer kept; the monitor read them all.
fn beyond(verdict: Verdict) -> String {
    let read = match verdict {
        Verdict::Violated => "it is violated",
        _ => "it is undecided",
    };
    format!("{read}, by all of its events; only the last {MAX_TRACE} are kept, so the place is unknown")
}
