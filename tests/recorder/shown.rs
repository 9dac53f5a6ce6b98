//! What tests against real clusters ask of a recording, and what `statetrail verify` says of it.

use std::path::Path;
use std::process::Command;

use super::process::{Ended, PROGRAM};
use super::recording::Recording;
use serde_json::Value;
use statetrail::observation::{Change, Gap, Object, ObjectEvent, Payload, Reconnected, StateKind, WatchId};
use statetrail::timeline::Body;

/// A state that a track entered: label and version. An absent track has the label `-`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Step {
    pub label: String,
    pub restarts: Option<u32>,
    pub version: u64,
}

impl Recording {
    /// The index of the watch of a resource, by its plural.
    pub(crate) fn watch(&self, plural: &str) -> WatchId {
        let index = self.header.watches.iter().position(|watch| watch.resource.plural == plural);
        WatchId::try_from(index.unwrap_or_else(|| panic!("no watch of {plural}"))).expect("few watches")
    }

    /// The lines of a watch, in the order of the file.
    fn lines_of(&self, plural: &str) -> impl Iterator<Item = &Payload> {
        let id = self.watch(plural);
        self.payloads().filter(move |payload| payload.watch() == Some(id))
    }

    /// All objects of a watch, in the order of the file.
    pub(crate) fn seen(&self, plural: &str) -> impl Iterator<Item = &ObjectEvent> {
        self.lines_of(plural).filter_map(|payload| if let Payload::Object(seen) = payload { Some(seen) } else { None })
    }

    /// The events of a watch, without what was listed.
    pub(crate) fn events(&self, plural: &str) -> impl Iterator<Item = (Change, &Object)> {
        self.seen(plural).filter(|seen| seen.change != Change::Listed).map(|seen| (seen.change, &seen.object))
    }

    /// The gap lines of a watch.
    pub(crate) fn gaps_of(&self, plural: &str) -> Vec<&Gap> {
        let lines = self.lines_of(plural);
        lines.filter_map(|payload| if let Payload::Gap(gap) = payload { Some(gap) } else { None }).collect()
    }

    /// How often and why the stream of a watch was resumed.
    pub(crate) fn reconnects_of(&self, plural: &str) -> Vec<&Reconnected> {
        let lines = self.lines_of(plural);
        let reconnects =
            lines.filter_map(|payload| if let Payload::Reconnected(again) = payload { Some(again) } else { None });
        reconnects.collect()
    }

    /// Who of a kind has a gap of its own, by name, in the order of the timeline.
    pub(crate) fn gapped(&self, kind: &str) -> Vec<&str> {
        let gaps = self.timeline.iter().filter(|entry| matches!(entry.body, Body::Gap(_)));
        let subjects = gaps.filter_map(|entry| entry.subject.as_ref()).filter(|subject| subject.kind == kind);
        subjects.map(|subject| subject.name.as_str()).collect()
    }

    /// The states that a track of all subjects of a name entered.
    pub(crate) fn steps(&self, namespace: &str, name: &str, kind: &str, track: &str) -> Vec<Step> {
        let of_subject = self.timeline.iter().filter(|entry| {
            let subject = entry.subject.as_ref();
            subject.is_some_and(|one| one.namespace == namespace && one.name == name && one.kind == kind)
        });
        let steps = of_subject.filter_map(|entry| match &entry.body {
            Body::Transition(transition) if transition.track.to_string() == track => {
                let version =
                    entry.resource_version.as_ref().and_then(statetrail::observation::ResourceVersion::number);
                let absent = transition.to.kind == StateKind::Absent;
                Some(Step {
                    label: if absent { "-".to_owned() } else { transition.to.label.to_string() },
                    restarts: transition.to.detail.restart_count,
                    version: version.unwrap_or_default(),
                })
            }
            _ => None,
        });
        steps.collect()
    }

    /// The labels of [`Recording::steps`].
    pub(crate) fn labels(&self, namespace: &str, name: &str, kind: &str, track: &str) -> Vec<String> {
        self.steps(namespace, name, kind, track).into_iter().map(|step| step.label).collect()
    }

    /// Asks `statetrail verify`: its exit code, and what it says.
    pub(crate) fn verify(&self) -> (Option<i32>, Value) {
        verify(&self.path)
    }

    /// # Panics
    /// When its recorder ended otherwise than `statetrail verify` does.
    pub(crate) fn assert_said(&self, ended: &Ended) {
        let (code, said) = self.verify();
        assert_eq!(ended.code, code, "{}{said:#}", ended.stderr);
    }

    /// # Panics
    /// When `statetrail verify` does not say that it is whole.
    pub(crate) fn assert_verified(&self) {
        let (code, said) = self.verify();
        assert_eq!((code, &said["complete"]), (Some(0), &Value::Bool(true)), "{said:#}");
    }
}

fn verify(recording: &Path) -> (Option<i32>, Value) {
    let output = Command::new(PROGRAM)
        .args(["verify", "-o", "json"])
        .arg(recording)
        .output()
        .expect("running statetrail verify");
    let said = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|_| panic!("verify: {}", String::from_utf8_lossy(&output.stderr)));
    (output.status.code(), said)
}
