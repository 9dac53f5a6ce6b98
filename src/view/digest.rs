//! What of a timeline people watch by default: the states that `kubectl get -w` shows, failures, and gaps.
//!
//! Conditions, containers that do well, and ordinary Events are counted instead. A Warning that is repeated is shown
//! again after pauses that grow. Nothing but a live view uses it: verdicts and recordings have everything.

use super::label;
use super::style::Ink;
use crate::kinds::{self, Kind};
use crate::observation::{State, Subject, Track};
use crate::timeline::{Body, Entry, Reported};
use jiff::Timestamp;
use smol_str::SmolStr;
use std::collections::hash_map::Entry as Slot;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

/// After how long a repeated Warning is shown again: at first, and at most.
const AGAIN: (Duration, Duration) = (Duration::from_mins(1), Duration::from_mins(16));
/// Most Warnings and subjects that are remembered.
const MOST: usize = 4096;

/// Decides which entries are shown, in order.
#[derive(Debug, Default)]
pub struct Digest {
    is_of_events: bool,
    warnings: HashMap<Problem, Repeated>,
    /// The state of each subject as shown.
    states: HashMap<SmolStr, SmolStr>,
    /// The subjects that are being deleted.
    ending: HashSet<SmolStr>,
    failures: Vec<Failing>,
    counts: Counts,
}

/// What Warnings have in common that are one problem, whichever objects of a kind they are about: the reason, and the
/// message without numbers and the names of the object.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Problem {
    kind: SmolStr,
    namespace: SmolStr,
    reason: SmolStr,
    message: String,
}

impl Problem {
    fn of(reported: &Reported) -> Self {
        let involved = &reported.involved;
        let mut message = reported.message.to_string();
        for name in [&involved.uid, &involved.name] {
            if !name.is_empty() {
                message = message.replace(name.as_str(), "");
            }
        }
        message.retain(|letter| !letter.is_ascii_digit());
        Self {
            kind: involved.kind.clone(),
            namespace: involved.namespace.clone(),
            reason: reported.reason.clone(),
            message,
        }
    }
}

/// How often it came, and when it is shown again.
#[derive(Debug)]
struct Repeated {
    times: u32,
    again: Timestamp,
    pause: Duration,
}

/// What was not shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Transitions.
    pub transitions: u64,
    /// Events.
    pub events: u64,
}

/// The failures of a subject: each label, and how often it was entered.
#[derive(Debug)]
struct Failing {
    subject: Arc<Subject>,
    labels: Vec<(SmolStr, u32)>,
}

impl Digest {
    /// Nothing was shown yet; `is_of_events` when Events were asked for, which are then shown whatever their type.
    #[must_use]
    pub fn new(is_of_events: bool) -> Self {
        Self { is_of_events, ..Self::default() }
    }

    /// How often the entry has occurred, if it is to be shown: once, except for repeated Events.
    pub fn shows(&mut self, entry: &Entry) -> Option<u32> {
        match &entry.body {
            Body::Gap(_) | Body::Mark(_) => Some(1),
            Body::Evidence(reported) => self.event(entry, reported),
            Body::Transition(_) | Body::Detailed(_) => {
                let (Some(subject), Some((track, state))) = (&entry.subject, entry.body.shown()) else {
                    return Some(1);
                };
                let is_shown = self.state(subject, track, state);
                self.counts.transitions += u64::from(!is_shown && matches!(entry.body, Body::Transition(_)));
                is_shown.then_some(1)
            }
        }
    }

    /// What was not shown so far.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.counts
    }

    /// `pod/web  CrashLoopBackOff x5, Error; now Running`: the failures of each subject, in the order of the first.
    #[must_use]
    pub fn failures(&self) -> Vec<(String, String)> {
        let line = |Failing { subject, labels }: &Failing| {
            let words = labels.iter().map(|(label, times)| match times {
                1 => label.to_string(),
                times => format!("{label} x{times}"),
            });
            let mut words = words.collect::<Vec<_>>().join(", ");
            if let Some(now) = self.states.get(key(subject)).filter(|now| labels.iter().all(|(label, _)| label != *now))
            {
                words.push_str("; now ");
                words.push_str(now);
            }
            (label::subject(subject), words)
        };
        self.failures.iter().map(line).collect()
    }

    fn state(&mut self, subject: &Arc<Subject>, track: &Track, state: &State) -> bool {
        let fails = label::ink(track, state) == Ink::Failure;
        let main = is_main(subject, track, state);
        let before = self.states.get(key(subject)).map(SmolStr::as_str);
        // `Init:Error` is the state of a pod, and `Error` that of one of its containers.
        let is_same = before.is_some_and(|label| label.rsplit(':').next() == Some(&*state.label));
        let is_ending = self.ending.contains(key(subject));
        if main && matches!(track, Track::Status | Track::Phase | Track::Lifecycle) {
            if self.states.len() >= MOST && !self.states.contains_key(key(subject)) {
                self.states.clear();
                self.ending.clear();
            }
            self.states.insert(key(subject).clone(), state.label.clone());
            if state.label == "Terminating" {
                self.ending.insert(key(subject).clone());
            }
        }
        // What is killed fails.
        let fails = fails && !is_ending;
        let shown = main || fails && *track != Track::Phase && !is_same;
        if fails && shown {
            self.failed(subject, &state.label);
        }
        shown
    }

    fn failed(&mut self, subject: &Arc<Subject>, label: &SmolStr) {
        let failing = match self.failures.iter().position(|failing| key(&failing.subject) == key(subject)) {
            Some(index) => &mut self.failures[index],
            None if self.failures.len() < MOST => {
                self.failures.push(Failing { subject: Arc::clone(subject), labels: Vec::new() });
                self.failures.last_mut().expect("it was pushed")
            }
            None => return,
        };
        match failing.labels.iter_mut().find(|(known, _)| known == label) {
            Some((_, times)) => *times += 1,
            None => failing.labels.push((label.clone(), 1)),
        }
    }

    fn event(&mut self, entry: &Entry, reported: &Reported) -> Option<u32> {
        let times = self.occurs(entry, reported);
        self.counts.events += u64::from(times.is_none());
        times
    }

    fn occurs(&mut self, entry: &Entry, reported: &Reported) -> Option<u32> {
        if reported.kind != "Warning" && !self.is_of_events {
            return None;
        }
        let key = Problem::of(reported);
        if self.warnings.len() >= MOST && !self.warnings.contains_key(&key) {
            self.warnings.clear();
        }
        let at = entry.stamp.at;
        match self.warnings.entry(key) {
            Slot::Vacant(first) => {
                let times = reported.count.max(1);
                first.insert(Repeated { times, again: at + AGAIN.0, pause: AGAIN.0 });
                Some(times)
            }
            Slot::Occupied(known) => {
                let known = known.into_mut();
                known.times = reported.count.max(known.times + 1);
                if at < known.again {
                    return None;
                }
                known.pause = (known.pause * 2).min(AGAIN.1);
                known.again = at + known.pause;
                Some(known.times)
            }
        }
    }
}

/// What distinguishes subjects: their labels may change.
fn key(subject: &Subject) -> &SmolStr {
    if subject.uid.is_empty() { &subject.name } else { &subject.uid }
}

/// True for a track that `kubectl get` shows, or that was asked for.
fn is_main(subject: &Subject, track: &Track, state: &State) -> bool {
    let known = kinds::of_kind(&subject.kind).filter(|kind| kind.serves(&subject.group, kind.plural));
    let Some(kind) = known else { return true };
    match track {
        Track::Lifecycle => state.label == "Deleted",
        Track::Migration => state.label != "none",
        // No `kubectl get` leaves anything of these out.
        _ if !kind.is_served() => true,
        _ if has(kind, "status") => *track == Track::Status || is_defined(kind, track),
        _ if has(kind, "phase") => *track == Track::Phase || is_defined(kind, track),
        _ => kind.track(track).is_none_or(|declared| declared.column.is_some()),
    }
}

fn has(kind: &Kind, track: &str) -> bool {
    kind.tracks().iter().any(|declared| declared.name == track)
}

/// True for a track that the user has defined.
fn is_defined(kind: &Kind, track: &Track) -> bool {
    matches!(track, Track::Custom(_)) && kind.track(track).is_none()
}
