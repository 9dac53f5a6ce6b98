//! What was counted of a timeline so far.

use super::bounds::Bounds;
use super::families::STAYS;
use super::labels::{self, OTHER, UNKNOWN};
use super::objects::Objects;
use super::series::Series;
use super::stays::Stays;
use crate::meter::Histogram;
use crate::observation::Subject;
use crate::run::{States, Told};
use crate::timeline::{Body, Entry, GapEntry, Provenance, Reported, Transition};
use smol_str::SmolStr;

/// Counts of a timeline.
#[derive(Debug, Default)]
pub(super) struct Counts {
    bounds: Bounds,
    pub(super) transitions: Series<5, u64>,
    pub(super) stayed: Series<3, Stayed>,
    pub(super) evidence: Series<4, u64>,
    pub(super) gaps: Series<3, u64>,
    pub(super) objects: Objects,
    /// Entries that are not counted.
    pub(super) missed: u64,
    stays: Stays,
}

/// The lengths of stays in one state.
#[derive(Debug)]
pub(super) struct Stayed(pub(super) Histogram);

impl Default for Stayed {
    fn default() -> Self {
        Self(Histogram::new(STAYS))
    }
}

impl Counts {
    /// Takes what the recorder tells next.
    pub(super) fn take(&mut self, told: Told) {
        match told {
            Told::Entry(entry) => self.entry(&entry),
            Told::Missed(entries) => {
                self.missed += entries;
                self.stays.forget();
                self.objects.forget();
            }
            Told::States(states) => self.states(&states),
        }
    }

    fn states(&mut self, states: &States) {
        self.objects.replace(states, &mut self.bounds);
    }

    fn entry(&mut self, entry: &Entry) {
        match (&entry.body, entry.subject.as_deref()) {
            // With these a watch begins: when they were entered was not seen.
            (Body::Transition(_) | Body::Evidence(_), _) if entry.seen == Provenance::Initial => {}
            (Body::Transition(transition), Some(subject)) => self.transition(subject, transition, entry.seen),
            (Body::Evidence(reported), subject) => self.reported(subject, reported),
            (Body::Gap(gap), _) => self.gap(gap),
            _ => {}
        }
        let Self { bounds, stayed, stays, objects, .. } = self;
        stays.push(entry, |subject, held| {
            let kind = bounds.kind(&subject.kind);
            let track = bounds.track(&kind, labels::track(&held.track));
            let state = bounds.state(&kind, &track, &held.state);
            let place = stayed.place([kind, track, state], |[kind, track, _]| [kind, track, OTHER], Stayed::default);
            stayed.at(place).0.observe(held.length);
        });
        objects.push(entry, bounds);
    }

    fn transition(&mut self, subject: &Subject, Transition { track, from, to }: &Transition, seen: Provenance) {
        let kind = self.bounds.kind(&subject.kind);
        let namespace = self.bounds.namespace(&subject.namespace);
        let track = self.bounds.track(&kind, labels::track(track));
        let mut state = |state: &SmolStr| self.bounds.state(&kind, &track, state);
        let from = match from {
            // What came directly before it was not seen.
            _ if seen == Provenance::AfterGap => UNKNOWN,
            Some(from) => state(&labels::state(from)),
            None => SmolStr::default(),
        };
        let labels = [kind.clone(), namespace, track.clone(), from, state(&labels::state(to))];
        let beyond = |[kind, _, track, ..]: [SmolStr; 5]| [kind, OTHER, track, OTHER, OTHER];
        let place = self.transitions.place(labels, beyond, u64::default);
        *self.transitions.at(place) += 1;
    }

    fn reported(&mut self, subject: Option<&Subject>, reported: &Reported) {
        let involved = &reported.involved;
        let (kind, namespace) =
            subject.map_or((&involved.kind, &involved.namespace), |subject| (&subject.kind, &subject.namespace));
        let (kind, namespace) = (self.bounds.kind(kind), self.bounds.namespace(namespace));
        let is_known = matches!(reported.kind.as_str(), "Normal" | "Warning");
        let level = if is_known { reported.kind.clone() } else { OTHER };
        let labels = [kind.clone(), namespace, level, self.bounds.reason(&kind, &reported.reason)];
        let place = self.evidence.place(labels, |[kind, _, level, _]| [kind, OTHER, level, OTHER], u64::default);
        *self.evidence.at(place) += 1;
    }

    fn gap(&mut self, gap: &GapEntry) {
        let labels =
            [gap.resource.clone(), self.bounds.namespace(&gap.namespace), SmolStr::new_static(gap.reason.as_str())];
        let place = self.gaps.place(labels, |[resource, _, reason]| [resource, OTHER, reason], u64::default);
        *self.gaps.at(place) += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kinds::{Evidence, Involved};
    use crate::observation::{GapReason, Stamp, State, Track};
    use crate::timeline::{Origin, Standing};
    use jiff::Timestamp;
    use std::collections::BTreeSet;
    use std::sync::Arc;
    use std::time::Duration;

    fn subject() -> Arc<Subject> {
        Arc::new(Subject { kind: "Pod".into(), namespace: "ns".into(), uid: "u".into(), ..Subject::default() })
    }

    fn entry(seq: u64, body: Body) -> Told {
        entry_of(subject(), seq, body)
    }

    fn entry_of(subject: Arc<Subject>, seq: u64, body: Body) -> Told {
        let at = Timestamp::from_second(i64::try_from(seq).expect("small")).expect("small");
        Told::Entry(Arc::new(Entry {
            seq,
            stamp: Stamp { at, elapsed: Duration::from_secs(seq) },
            subject: Some(subject),
            resource_version: None,
            not_before: None,
            leases: None,
            seen: Provenance::Live,
            origin: Some(Origin { watch: 0, storage: 0, before: 0 }),
            body,
        }))
    }

    fn enters(seq: u64, phase: &str) -> Told {
        entry(seq, Body::Transition(Transition { track: Track::Phase, from: None, to: State::plain(phase) }))
    }

    fn gap(seq: u64, to: Option<Timestamp>) -> Told {
        let gap = GapEntry {
            resource: "pods".into(),
            kind: "Pod".into(),
            namespace: "ns".into(),
            track: None,
            from: None,
            to,
            from_resource_version: None,
            read_through: None,
            to_resource_version: None,
            reason: GapReason::HistoryExpired,
            evidence: None,
        };
        entry(seq, Body::Gap(gap))
    }

    fn states(seq: u64, phase: &str, is_unseen: bool) -> Told {
        let tracks = vec![(Track::Phase, phase.into(), crate::observation::StateKind::Plain)];
        let standing = Standing { subject: subject(), watch: 0, is_unseen, has_left: false, tracks };
        Told::States(Arc::new(States { seq, objects: vec![standing] }))
    }

    /// The states of phases, and the stays that were counted.
    fn after(all: impl IntoIterator<Item = Told>) -> (Vec<String>, u64) {
        let mut counts = Counts::default();
        counts.take(Told::States(Arc::new(States { seq: 0, objects: Vec::new() })));
        all.into_iter().for_each(|told| counts.take(told));
        let now = counts.objects.now(|_| false);
        let stays = counts.stayed.all().map(|(_, stayed)| stayed.0.counted().count).sum();
        (now.into_iter().map(|([.., state], count)| format!("{count} {state}")).collect(), stays)
    }

    #[test]
    fn a_stay_counts_only_if_nothing_was_missed_in_it() {
        assert_eq!(after([enters(1, "A"), enters(2, "B")]), (vec!["1 B".to_owned()], 1));
        let missed = [enters(1, "A"), Told::Missed(1), states(3, "A", false), enters(4, "B")];
        assert_eq!(after(missed), (vec!["1 B".to_owned()], 0));
        let gap = [enters(1, "A"), gap(2, Some(Timestamp::UNIX_EPOCH)), enters(3, "B"), enters(4, "C")];
        assert_eq!(after(gap), (vec!["1 C".to_owned()], 1));
    }

    #[test]
    fn after_missed_entries_every_state_is_unknown_until_the_states_are_told() {
        assert_eq!(after([enters(1, "A"), Told::Missed(1)]).0, ["1 unknown"]);
        assert_eq!(after([enters(1, "A"), Told::Missed(1), states(3, "C", false)]).0, ["1 C"]);
        // An entry of a line that the states include came later.
        assert_eq!(after([enters(1, "A"), Told::Missed(1), states(3, "C", false), enters(2, "B")]).0, ["1 C"]);
    }

    #[test]
    fn a_state_is_unknown_in_an_open_gap_and_known_after_a_closed_one() {
        assert_eq!(after([enters(1, "A"), gap(2, None)]).0, ["1 unknown"]);
        assert_eq!(after([enters(1, "A"), gap(2, None), gap(3, Some(Timestamp::UNIX_EPOCH))]).0, ["1 A"]);
        assert_eq!(after([states(1, "A", true)]).0, ["1 unknown"]);
        assert_eq!(after([states(1, "A", true), enters(2, "B")]).0, ["1 B"]);
    }

    #[test]
    fn ten_thousand_namespaces_tracks_states_and_reasons_are_a_bounded_number_of_series() {
        let mut counts = Counts::default();
        counts.take(Told::States(Arc::new(States { seq: 0, objects: Vec::new() })));
        let total = 10_000;
        for number in 1..=total {
            let kind = if number % 2 == 0 { "Pod" } else { "Node" };
            let (namespace, uid) = (format!("ns-{number}").into(), format!("uid-{number}").into());
            let subject = Arc::new(Subject { kind: kind.into(), namespace, uid, ..Subject::default() });
            let condition = Track::Condition(format!("Type{number}").into());
            for track in [Track::Phase, condition, Track::Container(format!("name-{number}").into())] {
                let to = State::plain(format!("State{number}"));
                let body = Body::Transition(Transition { track, from: None, to });
                counts.take(entry_of(Arc::clone(&subject), number, body));
            }
            let evidence = Evidence { kind: "Normal".into(), reason: format!("Reason{number}").into(), ..evidence() };
            let body = Body::Evidence(Reported { event: Arc::clone(&subject), is_created: true, evidence });
            counts.take(entry_of(subject, number, body));
        }
        let objects = counts.objects.now(|_| false);
        let transitions: Vec<_> = counts.transitions.all().collect();
        let reported: Vec<_> = counts.evidence.all().collect();
        // Two kinds; beyond the limit there is one series for each track.
        for series in [objects.len(), transitions.len(), reported.len()] {
            assert!(series <= 2 * (2000 + 52), "{series}");
        }
        let values = |at: usize| objects.keys().map(|labels| labels[at].clone()).collect::<BTreeSet<_>>();
        assert!(values(1).len() == 201 && values(1).contains(&OTHER));
        assert!(values(2).len() <= 2 * 50 + 1 && values(2).contains("container") && values(2).contains(&OTHER));
        let of_phase = objects.keys().filter(|[kind, _, track, _]| kind == "Pod" && track == "phase");
        assert!(of_phase.map(|[.., state]| state).collect::<BTreeSet<_>>().len() <= 101);
        // Nothing is left out.
        assert_eq!(objects.values().sum::<u64>(), 3 * total);
        assert_eq!(transitions.iter().map(|(_, count)| **count).sum::<u64>(), 3 * total);
        assert_eq!(reported.iter().map(|(_, count)| **count).sum::<u64>(), total);
    }

    fn evidence() -> Evidence {
        let (kind, reason, message, source) = Default::default();
        Evidence { involved: Involved::default(), kind, reason, message, count: 1, source }
    }
}
