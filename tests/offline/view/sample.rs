//! Hand-written timelines, small enough to review.

use jiff::{SignedDuration, Timestamp};
use statetrail::kinds::{Evidence, Involved};
use statetrail::observation::{GapReason, Identity, ResourceVersion, Stamp, State, StateKind, Subject, Track};
use statetrail::timeline::{Body, Entry, GapEntry, Provenance, Reported, Transition};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

/// Begins a timeline at 18:09:20 on a Friday.
pub(super) struct Timeline {
    pub entries: Vec<Entry>,
    states: HashMap<(Arc<Subject>, Track), State>,
}

pub(super) fn at(millis: i64) -> Timestamp {
    let start: Timestamp = "2026-11-20T18:09:20Z".parse().unwrap();
    start + SignedDuration::from_millis(millis)
}

pub(super) fn subject(kind: &str, name: &str, uid: &str) -> Arc<Subject> {
    let group = if kind == "Pod" { "" } else { "kubevirt.io" };
    Arc::new(Subject {
        cluster: Some("c1f9a6e0-0000-4000-8000-000000000001".into()),
        kind: kind.into(),
        group: group.into(),
        namespace: "story".into(),
        name: name.into(),
        uid: uid.into(),
        identity: Identity::default(),
    })
}

pub(super) fn container(label: &str, kind: StateKind, restarts: u32) -> State {
    let mut state = State::plain(label);
    state.kind = kind;
    state.detail.restart_count = Some(restarts);
    state
}

pub(super) fn failed(label: &str, restarts: u32, code: i32) -> State {
    let mut state = container(label, StateKind::Terminated, restarts);
    state.detail.exit_code = Some(code);
    state.detail.finished_at = Some(at(0));
    state
}

pub(super) fn condition(label: &str, reason: &str, message: &str) -> State {
    let mut state = State::plain(label);
    state.detail.reason = Some(reason.into());
    state.detail.message = Some(message.into());
    state.detail.server_time = Some(at(0));
    state
}

pub(super) fn gap(resource: &str, from: Option<i64>, to: Option<i64>, reason: GapReason) -> GapEntry {
    GapEntry {
        resource: resource.into(),
        kind: "".into(),
        namespace: "story".into(),
        track: None,
        from: from.map(at),
        to: to.map(at),
        from_resource_version: Some(ResourceVersion::new("123")),
        read_through: None,
        to_resource_version: to.map(|_| ResourceVersion::new("456")),
        reason,
        evidence: None,
    }
}

impl Timeline {
    pub(super) fn new() -> Self {
        Self { entries: Vec::new(), states: HashMap::new() }
    }

    pub(super) fn push(&mut self, millis: i64, subject: Option<&Arc<Subject>>, body: Body) -> &mut Entry {
        let elapsed = Duration::from_millis(u64::try_from(millis).unwrap());
        let seq = self.entries.len() as u64 + 2;
        self.entries.push(Entry {
            seq,
            stamp: Stamp { at: at(millis), elapsed },
            subject: subject.map(Arc::clone),
            resource_version: subject.map(|_| ResourceVersion::new((3700 + seq).to_string())),
            not_before: None,
            leases: None,
            seen: Provenance::Live,
            origin: None,
            body,
        });
        self.entries.last_mut().unwrap()
    }

    pub(super) fn enter(&mut self, millis: i64, subject: &Arc<Subject>, track: &str, to: State) -> &mut Entry {
        let track = Track::parse(track);
        let from = self.states.insert((Arc::clone(subject), track.clone()), to.clone());
        self.push(millis, Some(subject), Body::Transition(Transition { track, from, to }))
    }

    pub(super) fn go(&mut self, millis: i64, subject: &Arc<Subject>, track: &str, to: &str) -> &mut Entry {
        self.enter(millis, subject, track, State::plain(to))
    }

    pub(super) fn lose(&mut self, millis: i64, subject: Option<&Arc<Subject>>, gap: GapEntry) -> &mut Entry {
        self.push(millis, subject, Body::Gap(gap))
    }

    pub(super) fn mark(&mut self, millis: i64, name: &str) {
        self.push(millis, None, Body::Mark(name.to_owned()));
    }

    pub(super) fn event(&mut self, millis: i64, subject: &Arc<Subject>, reason: &str, count: u32, message: &str) {
        let evidence = Evidence {
            involved: Involved { kind: subject.kind.clone(), name: subject.name.clone(), ..Involved::default() },
            kind: if reason == "Scheduled" { "Normal" } else { "Warning" }.into(),
            reason: reason.into(),
            message: message.into(),
            count,
            source: "kubelet".into(),
        };
        let event = Arc::new(Subject { kind: "Event".into(), ..Subject::clone(subject) });
        self.push(millis, Some(subject), Body::Evidence(Reported { event, is_created: true, evidence }));
    }
}

/// A VM whose image cannot be pulled, and its pod, without gaps.
pub(super) fn image_pull() -> Vec<Entry> {
    let vm = subject("VirtualMachine", "vm-imagepull", "acb829db-c0df-43c7-96ef-8b9105e70fdd");
    let pod = subject("Pod", "virt-launcher-vm-imagepull-zfzrf", "58cff6d1-cc41-4643-a67d-c86598da5d2b");
    let mut t = Timeline::new();
    t.mark(1_000, "create the VM");
    t.go(1_100, &vm, "lifecycle", "Present");
    t.go(1_103, &vm, "status", "Stopped");
    t.go(1_166, &vm, "status", "Starting");
    t.enter(1_166, &vm, "condition/Ready", condition("False", "VMINotExists", "VMI does not exist"));
    t.go(1_230, &pod, "lifecycle", "Present");
    t.go(1_230, &pod, "status", "Pending");
    t.go(1_230, &pod, "phase", "Pending");
    t.event(1_240, &pod, "Scheduled", 1, "Successfully assigned to node1");
    t.go(1_255, &pod, "node", "node1");
    t.go(1_255, &pod, "status", "Init:0/1");
    t.enter(1_255, &pod, "init/disk", container("PodInitializing", StateKind::Waiting, 0));
    t.go(6_195, &pod, "status", "Init:ErrImagePull");
    t.enter(6_195, &pod, "init/disk", container("ErrImagePull", StateKind::Waiting, 0));
    t.event(6_200, &pod, "Failed", 1, "Failed to pull image \"localhost:1/none\": connection refused");
    t.go(6_222, &vm, "status", "ErrImagePull");
    t.event(6_230, &pod, "Failed", 1, "Error: ErrImagePull");
    t.event(7_240, &pod, "BackOff", 1, "Back-off pulling image");
    t.go(7_250, &pod, "status", "Init:ImagePullBackOff");
    t.enter(7_250, &pod, "init/disk", container("ImagePullBackOff", StateKind::Waiting, 0));
    t.go(7_349, &vm, "status", "ImagePullBackOff");
    t.mark(20_000, "second attempt");
    t.go(36_130, &pod, "status", "Init:ErrImagePull");
    t.enter(36_130, &pod, "init/disk", container("ErrImagePull", StateKind::Waiting, 0));
    t.go(36_160, &vm, "status", "ErrImagePull");
    t.event(36_200, &pod, "Failed", 2, "Error: ErrImagePull");
    t.go(36_390, &pod, "status", "Init:ImagePullBackOff");
    t.enter(36_390, &pod, "init/disk", container("ImagePullBackOff", StateKind::Waiting, 0));
    t.go(36_391, &vm, "status", "ImagePullBackOff");
    t.event(40_000, &pod, "BackOff", 4, "Back-off pulling image");
    t.go(97_406, &vm, "lifecycle", "Terminating");
    t.go(97_446, &vm, "status", "Terminating");
    t.go(97_800, &vm, "lifecycle", "Deleted");
    t.entries
}

/// Every kind of gap and delay, and hostile text from a cluster.
pub(super) fn troubled() -> Vec<Entry> {
    let pod = subject("Pod", "web-0", "0d6f2a11-0000-4000-8000-00000000000a");
    let old = subject("Pod", "db-0", "77777777-0000-4000-8000-00000000000b");
    let vmi = subject("VirtualMachineInstance", "löwe-虎", "99999999-0000-4000-8000-00000000000c");
    let mut t = Timeline::new();
    t.go(0, &old, "lifecycle", "Present").seen = Provenance::Initial;
    t.go(0, &old, "status", "Running").seen = Provenance::Initial;
    t.enter(0, &old, "container/db", container("Running", StateKind::Running, 3)).seen = Provenance::Initial;
    t.enter(0, &old, "condition/Ready", State::plain("True")).seen = Provenance::Initial;
    t.go(2_000, &pod, "lifecycle", "Present");
    t.go(2_000, &pod, "status", "Pending");
    t.enter(2_500, &pod, "container/app", container("ContainerCreating", StateKind::Waiting, 0));
    t.go(3_000, &pod, "status", "Running");
    t.enter(3_000, &pod, "container/app", container("Running", StateKind::Running, 0));
    t.mark(4_000, "kill the API server");
    t.lose(17_300, None, gap("pods", Some(5_000), Some(17_300), GapReason::HistoryExpired));
    t.lose(17_300, Some(&pod), gap("pods", Some(5_000), Some(17_300), GapReason::HistoryExpired));
    t.go(17_300, &pod, "status", "CrashLoopBackOff").seen = Provenance::AfterGap;
    let mut unpublished = gap("pods", Some(17_300), Some(18_000), GapReason::NeverPublished);
    unpublished.track = Some(Track::parse("container/app"));
    unpublished.evidence = Some("restartCount 3 -> 5, one termination seen".to_owned());
    t.lose(18_000, Some(&pod), unpublished);
    t.enter(18_000, &pod, "container/app", failed("Error", 5, 137));
    let healed = t.go(19_000, &pod, "status", "Error");
    healed.seen = Provenance::Healed;
    healed.not_before = Some(at(18_400));
    let delayed = t.go(21_000, &pod, "status", "Running");
    delayed.seen = Provenance::Delayed;
    delayed.not_before = Some(at(20_000));
    t.enter(21_200, &pod, "condition/Ready", condition("False", "Odd\u{1b}[31m", "two\nlines\u{202e} and a bell\u{7}"));
    t.go(22_000, &vmi, "phase", "").seen = Provenance::Late;
    t.go(22_500, &vmi, "phase", "Scheduling");
    t.enter(22_500, &vmi, "condition/Paused", State::plain("True"));
    t.enter(23_000, &vmi, "condition/Paused", State::absent());
    t.lose(24_000, Some(&old), gap("pods", Some(23_500), None, GapReason::LeftSelection));
    t.lose(
        25_000,
        None,
        GapEntry {
            namespace: "".into(),
            ..gap("virtualmachineinstances.kubevirt.io", Some(24_500), Some(25_000), GapReason::Undecodable)
        },
    );
    t.entries
}
