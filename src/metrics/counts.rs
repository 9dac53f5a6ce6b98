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
