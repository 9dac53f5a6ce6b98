//! Drops deleted subjects whose verdicts no later line can change.
//!
//! That holds when the deletion is the last line about a subject, no open gap hides anything about it, and each clause
//! that may be about it
//!
//! - is about the whole timeline: a window depends on marks, and on how far its stream was seen;
//! - is about each or any of its subjects: `first`, `last` and `life: N` depend on all others;
//! - does not wait for another subject, and no clause waits for this one;
//! - is certain whether the subject matches, and whether its kind has the tracks.
//!
//! Owners that a clause names are kept, because the objects that they own may come later, and so are objects that a
//! selector names by their uid, of whatever kind they are.

use super::buried::is_sibling;
use super::ends::Ends;
use super::log::ClauseId;
use super::membership::Membership;
use super::outcome::TraceOutcome;
use super::state::Judge;
use super::subjects::Member;
use super::verdicts::is_joined;
use crate::kinds;
use crate::language::{Expectation, Pattern, Program, Selector, unlisted};
use crate::monitor::{End, Event, Judgement};
use crate::observation::{ResourceVersion, Track};
use std::collections::BTreeSet;
use std::sync::Arc;

impl Judge {
    /// Records that a subject was deleted, in this version.
    pub(super) fn died(&mut self, index: usize, version: Option<&ResourceVersion>) {
        self.dead.push_back((index, version.cloned().unwrap_or_default()));
    }

    /// Drops the subjects that were deleted longest ago, several at a time.
    pub(super) fn drop_deleted(&mut self) {
        if self.dead.len() <= self.keeps.saturating_add(self.keeps / 2) {
            return;
        }
        let mut gone = BTreeSet::new();
        while self.dead.len() > self.keeps
            && let Some((index, version)) = self.dead.pop_front()
        {
            if self.bury(index, version) {
                gone.insert(index);
            }
        }
        self.roster.remove(&gone);
    }

    /// Adds the final outcomes of a subject to those of the dropped ones; false when it must be kept.
    fn bury(&mut self, index: usize, version: ResourceVersion) -> bool {
        let member = self.roster.members.shared(index);
        if !self.is_over(index, &member) || self.may_matter_to_others(&member) {
            return false;
        }
        let mut outcomes: Vec<(ClauseId, Vec<TraceOutcome>)> = Vec::new();
        for id in member.interests() {
            match self.final_outcomes(*id, &member) {
                Some(traces) => outcomes.extend((!traces.is_empty()).then_some((*id, traces))),
                None => return false,
            }
        }
        let program = Arc::clone(&self.program);
        let buried = Arc::make_mut(&mut self.buried);
        let judged: Vec<Judgement> = outcomes.iter().map(|(id, _)| joined(&program, *id, &outcomes)).collect();
        for ((id, traces), standing) in outcomes.into_iter().zip(judged) {
            buried.add(id, index, standing, traces);
        }
        named_tracks(&program, &member).for_each(|pattern| buried.show(pattern, &member));
        buried.remember(&member, version);
        true
    }

    /// True when its deletion is the last entry about it.
    fn is_over(&self, index: usize, member: &Member) -> bool {
        let last = member.tracks.get(&Track::Lifecycle).and_then(|log| log.events.last()).and_then(Event::shown);
        member.deleted.is_some()
            && member.open_gaps.is_empty()
            && !self.ongoing.contains_key(&index)
            && last.is_some_and(|last| last.symbol.label == "Deleted")
    }

    /// True when clauses about other subjects may depend on it: as their condition, as their owner, because no other
    /// subject had its name in a gap, or because no other has a uid that they name.
    fn may_matter_to_others(&self, member: &Member) -> bool {
        let waits = |id: &ClauseId| {
            let clause = self.program.clause(*id);
            clause.condition.as_ref().is_some_and(|(alias, _)| *alias != clause.subject)
        };
        let takes_name = |selector: &Selector| self.unseen.iter().any(|unseen| self.takes(member, selector, unseen));
        let has_uid = |selector: &Selector| selector.uid.as_deref() == Some(&*member.subject.uid);
        // A window that starts or ends at an entry may count from one of its own.
        let bounds = |expectation: &Expectation| {
            let mut selectors = expectation.window.entries().map(|entered| &expectation.subjects[entered.subject].1);
            selectors.any(|selector| member.is_named_by(selector))
        };
        let mut selectors = self.program.expectations.iter().flat_map(|expectation| &expectation.subjects);
        member.triggers().iter().any(waits)
            || owns_some(&self.program, &member.subject.kind)
            || self.program.expectations.iter().any(bounds)
            || selectors.any(|(_, selector)| has_uid(selector) || takes_name(selector))
    }

    /// The final outcomes of a clause for it, empty when it does not match; none when they are not known yet.
    fn final_outcomes(&self, id: ClauseId, member: &Member) -> Option<Vec<TraceOutcome>> {
        let expectation = &self.program.expectations[id.0];
        let clause = &expectation.clauses[id.1];
        let (_, selector) = &expectation.subjects[clause.subject];
        if !expectation.window.is_whole() || chooses(expectation, selector) {
            return None;
        }
        // How its stream ends makes no difference after its deletion.
        let ends = Ends::from(&End::Unfenced);
        match self.membership(expectation, clause.subject, member, &ends) {
            Membership::Yes => {}
            Membership::No => return Some(Vec::new()),
            Membership::Unknown => return None,
        }
        let is_hidden = !member.unshown.log().events.is_empty();
        match &clause.condition {
            Some((alias, _)) if *alias != clause.subject => return None,
            Some((_, pattern)) if is_hidden || !self.is_settled_track(pattern, member) => return None,
            _ => {}
        }
        let is_family = matches!(clause.tracks, Pattern::Family(_));
        if is_family && is_hidden || !self.is_settled_track(&clause.tracks, member) {
            return None;
        }
        let traces = self.member(id, member, &ends, false);
        let wanted = traces.iter().any(|trace| self.buried.wants(id, trace.standing.verdict));
        Some(if wanted { self.member(id, member, &ends, true) } else { traces })
    }

    /// True when it is certain whether its kind has a track, or the subject showed it.
    fn is_settled_track(&self, pattern: &Pattern, member: &Member) -> bool {
        let Pattern::One(track) = pattern else { return true };
        let kind = &member.subject.kind;
        member.tracks.contains_key(track) || unlisted(kind, track).is_none() || self.shows(kind, track).0
    }

    /// Whether a subject of a kind ever showed a track, and whether one showed any track of its family.
    pub(super) fn shows(&self, kind: &str, track: &Track) -> (bool, bool) {
        let (is_shown, has_sibling) = self.buried.shown(kind, track);
        let of_kind = || self.roster.members.iter().filter(|member| member.subject.kind == kind);
        (
            is_shown || of_kind().any(|member| member.tracks.contains_key(track)),
            has_sibling || of_kind().any(|member| member.tracks.keys().any(|shown| is_sibling(shown, track))),
        )
    }
}

/// Whether a subject, or one that it belongs to, is chosen among all lives.
fn chooses(expectation: &Expectation, selector: &Selector) -> bool {
    let owner = selector.owned_by.as_ref();
    let owner = owner.and_then(|owner| expectation.subjects.iter().find(|(alias, _)| alias == owner));
    selector.quantify.chooses() || owner.is_some_and(|(_, owner)| chooses(expectation, owner))
}

/// The judgement of a subject by a clause, and by those that are one statement with it if its subjects are judged by
/// them together.
fn joined(program: &Program, id: ClauseId, outcomes: &[(ClauseId, Vec<TraceOutcome>)]) -> Judgement {
    let expectation = &program.expectations[id.0];
    let both = |other: &ClauseId| {
        *other == id
            || is_joined(expectation, id) && other.0 == id.0 && expectation.clauses[id.1].joined.contains(&other.1)
    };
    let traces = outcomes.iter().filter(|(of, _)| both(of)).flat_map(|(_, traces)| traces);
    Judgement::all(traces.map(|trace| trace.standing))
}

/// Whether a clause is about subjects that an object of this kind may own.
fn owns_some(program: &Program, kind: &str) -> bool {
    program.expectations.iter().any(|expectation| {
        expectation.subjects.iter().any(|(_, selector)| {
            let Some(owner) = &selector.owned_by else { return false };
            let owner = expectation.subjects.iter().find(|(alias, _)| alias == owner).map(|(_, owner)| &owner.kind);
            let is_between = || match &selector.through {
                Some(through) => through.iter().any(|between| between == kind),
                None => owner.is_some_and(|owner| kinds::owns(owner, kind)),
            };
            kind.is_empty()
                || owner.is_none_or(|owner| owner == kind)
                // A subject owns itself in no chain.
                || (is_between() && (selector.kind != kind || selector.through.is_some()))
        })
    })
}

/// The tracks that clauses name for subjects of this kind.
fn named_tracks<'a>(program: &'a Program, member: &'a Member) -> impl Iterator<Item = &'a Pattern> {
    program.expectations.iter().flat_map(move |expectation| {
        let of_kind = move |alias: usize| expectation.subjects[alias].1.kind == member.subject.kind;
        expectation.clauses.iter().flat_map(move |clause| {
            let own = of_kind(clause.subject).then_some(&clause.tracks);
            let awaited = clause.condition.as_ref().filter(|(alias, _)| of_kind(*alias)).map(|(_, pattern)| pattern);
            own.into_iter().chain(awaited)
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::Source;
    use crate::observation::{GapReason, Stamp, State, Subject};
    use crate::timeline::{Body, Entry, GapEntry, Provenance, Transition};
    use jiff::Timestamp;
    use std::time::Duration;

    const EXPECTED: &str = "
apiVersion: statetrail/v1
kind: Expectation
metadata: {name: x}
subjects: {p: {kind: Pod, namespace: n, quantify: each}, q: {kind: Pod, quantify: any}}
expect:
- {track: p.phase, path: Pending -> Running}
- {track: q.phase, path: Pending -> Failed}
- {track: p.phase, every: Pending, then: [Running, Failed], within: 1m}
- {track: p.condition/Ready, never: \"False\"}
- {track: p.phase, count: {Running: {max: 1}}}
";

    struct Cluster {
        judge: Judge,
        seq: u64,
    }

    impl Cluster {
        fn judged(documents: &[&str], keeps: usize) -> Self {
            let sources = documents.iter().map(|text| Source::Document { name: "x", text });
            let mut judge = Judge::new(Arc::new(Program::compile(sources).expect("it compiles")));
            judge.keep(keeps);
            Self { judge, seq: 0 }
        }

        fn enters(&mut self, pod: u64, track: &str, to: &str) {
            let subject = Subject {
                kind: "Pod".into(),
                namespace: "n".into(),
                name: format!("p{pod}").into(),
                uid: format!("00000000-0000-4000-8000-{pod:012x}").into(),
                ..Subject::default()
            };
            let track = Track::parse(track);
            self.push(Some(subject), Body::Transition(Transition { track, from: None, to: State::plain(to) }));
        }

        /// A gap of the watch, of the last second.
        fn gap(&mut self) {
            let at = |seq: u64| Timestamp::from_second(i64::try_from(seq).expect("small")).ok();
            let version = |seq: u64| Some(ResourceVersion::new(seq.to_string()));
            let gap = GapEntry {
                resource: "pods".into(),
                kind: "Pod".into(),
                namespace: "n".into(),
                track: None,
                from: at(self.seq),
                to: at(self.seq + 1),
                from_resource_version: version(self.seq),
                read_through: None,
                to_resource_version: version(self.seq + 1),
                reason: GapReason::HistoryExpired,
                evidence: None,
            };
            self.push(None, Body::Gap(gap));
        }

        fn push(&mut self, subject: Option<Subject>, body: Body) {
            self.seq += 1;
            let at = Timestamp::from_second(i64::try_from(self.seq).expect("small")).expect("small");
            self.judge.push(&Entry {
                seq: self.seq,
                stamp: Stamp { at, elapsed: Duration::from_secs(self.seq) },
                subject: subject.map(Arc::new),
                resource_version: Some(ResourceVersion::new(self.seq.to_string())),
                not_before: None,
                leases: None,
                seen: Provenance::Live,
                origin: None,
                body,
            });
        }

        fn lives(&mut self, pod: u64, phase: &str) {
            self.enters(pod, "lifecycle", "Created");
            self.enters(pod, "phase", "Pending");
            self.enters(pod, "condition/Ready", "True");
            self.enters(pod, "phase", phase);
            self.enters(pod, "lifecycle", "Deleted");
        }

        fn kept(&self) -> [usize; 3] {
            [self.judge.roster.members.len(), self.judge.roster.entries(), self.judge.buried.size()]
        }

        fn now(&self) -> End {
            let now = i64::try_from(self.seq).expect("small") * 1_000_000;
            End::Open { now, alive: now }
        }
    }

    #[test]
    fn what_is_kept_does_not_grow_with_the_number_of_deleted_subjects() {
        let mut cluster = Cluster::judged(&[EXPECTED], 100);
        let live = |cluster: &mut Cluster, pods: std::ops::Range<u64>| {
            pods.for_each(|pod| cluster.lives(pod, if pod % 7 == 3 { "Failed" } else { "Running" }));
        };
        live(&mut cluster, 0..1_000);
        let early = cluster.kept();
        live(&mut cluster, 1_000..10_000);
        // Members, entries of their indices, and traces of dropped ones.
        let (late, most) = (cluster.kept(), 151);
        assert!(early[0] <= most && late[0] <= most, "{early:?}, {late:?}");
        assert!(early[1] <= 7 * most && late[1] <= 7 * most, "{early:?}, {late:?}");
        assert_eq!(late[2], early[2]);
    }

    #[test]
    fn all_dropped_subjects_count_and_the_first_of_each_verdict_are_explained() {
        let (mut cluster, mut whole) = (Cluster::judged(&[EXPECTED], 10), Cluster::judged(&[EXPECTED], usize::MAX));
        for pod in 0..200 {
            let phase = if pod % 7 == 3 { "Failed" } else { "Running" };
            cluster.lives(pod, phase);
            whole.lives(pod, phase);
        }
        let (some, all) =
            (cluster.judge.verdicts(&cluster.now()).remove(0), whole.judge.verdicts(&whole.now()).remove(0));
        assert_eq!((some.standing, &some.reason), (all.standing, &all.reason));
        for (some, all) in some.clauses.iter().zip(&all.clauses) {
            assert_eq!((some.standing, &some.reason), (all.standing, &all.reason), "{}", some.text);
            let of = |verdict: crate::monitor::Verdict| {
                let some = some.traces.iter().filter(|word| word.standing.verdict == verdict).count() as u64
                    + some.beyond.iter().filter(|(of, _)| *of == verdict).map(|(_, number)| number).sum::<u64>();
                (some, all.traces.iter().filter(|word| word.standing.verdict == verdict).count() as u64)
            };
            for verdict in [crate::monitor::Verdict::Satisfied, crate::monitor::Verdict::Violated] {
                assert_eq!(of(verdict).0, of(verdict).1, "{}: {verdict}", some.text);
            }
        }
        let broken =
            some.clauses[0].traces.iter().find(|word| word.standing.verdict == crate::monitor::Verdict::Violated);
        let broken = broken.expect("the first that failed");
        assert_eq!(broken.subject.name, "p3");
        assert!(broken.explanation.is_some() && !broken.events.is_empty());
    }

    #[test]
    fn a_dropped_subject_that_comes_back_is_not_counted_as_another() {
        let text = EXPECTED.replace("namespace: n, quantify: each", "namespace: n, quantify: each, max: 20");
        let mut cluster = Cluster::judged(&[&text], 0);
        (0..20).for_each(|pod| cluster.lives(pod, "Running"));
        cluster.enters(7, "phase", "Failed");
        let outcome = cluster.judge.verdicts(&cluster.now()).remove(0);
        assert!(!outcome.clauses[0].standing.verdict.is_decided(), "{:?}", outcome.clauses[0].standing);
        cluster.lives(20, "Running");
        let outcome = cluster.judge.verdicts(&cluster.now()).remove(0);
        assert_eq!(outcome.clauses[0].standing.verdict, crate::monitor::Verdict::Violated, "21 are too many");
    }

    #[test]
    fn the_only_one_that_can_have_had_its_name_in_a_gap_is_kept() {
        let named = |pod: u64| {
            format!(
                "apiVersion: statetrail/v1\nkind: Expectation\nmetadata: {{name: x}}\n\
                 subjects: {{p: {{kind: Pod, namespace: n, name: p{pod}}}}}\nexpect: [{{track: p.phase, never: Failed}}]\n"
            )
        };
        let judged = |pod: u64| {
            let mut cluster = Cluster::judged(&[&named(pod)], 0);
            cluster.enters(1, "lifecycle", "Created");
            cluster.enters(1, "phase", "Running");
            cluster.gap();
            cluster.enters(1, "lifecycle", "Deleted");
            cluster.lives(2, "Running");
            let at = i64::try_from(cluster.seq).expect("small") * 1_000_000;
            (cluster.kept()[0], cluster.judge.standings(&End::Closed { at })[0].verdict)
        };
        assert_eq!(judged(1), (1, crate::monitor::Verdict::Satisfied));
        assert_eq!(judged(2), (0, crate::monitor::Verdict::Inconclusive), "another may have been deleted in the gap");
    }

    #[test]
    fn subjects_that_verdicts_on_others_may_depend_on_are_kept() {
        let kept = |body: &str| {
            let head = "apiVersion: statetrail/v1\nkind: Expectation\nmetadata: {name: x}\n";
            let mut cluster = Cluster::judged(&[&format!("{head}{body}")], 0);
            (0..10).for_each(|pod| cluster.lives(pod, "Running"));
            cluster.judge.roster.members.len()
        };
        let each = "subjects: {p: {kind: Pod, quantify: each}}\n";
        assert_eq!(kept(&format!("{each}expect: [{{track: p.phase, never: Failed}}]")), 0);
        let windowed = "window: {from: {mark: m}}\nexpect: [{track: p.phase, never: Failed}]";
        assert_eq!(kept(&format!("{each}{windowed}")), 10, "the mark may come later");
        let first = "subjects: {p: {kind: Pod, quantify: first}}\nexpect: [{track: p.phase, never: Failed}]";
        assert_eq!(kept(first), 10, "an earlier one may come later");
        let waited = "subjects: {p: {kind: Pod}, n: {kind: Node, quantify: each}}\n\
                      expect: [{enter: n.condition/Ready=True, onlyAfter: p.phase=Running}]";
        assert_eq!(kept(waited), 10, "a node may come later");
        let uid = "subjects: {n: {kind: Node, uid: 00000000-0000-4000-8000-000000000003, quantify: each}}\n\
                   expect: [{track: n.condition/Ready, never: 'False'}]";
        assert_eq!(kept(uid), 1, "no node has the uid of a pod");
        let owned = "subjects: {p: {kind: Pod, quantify: each, ownedBy: j}, j: {kind: Job}}\n\
                     expect: [{track: p.phase, never: Failed}]";
        assert_eq!(kept(owned), 10, "whether it is owned is not known");
        assert_eq!(
            kept(&format!("{each}expect: [{{track: p.condition/Redy, never: 'False'}}]")),
            10,
            "it may be misspelt"
        );
    }
}
