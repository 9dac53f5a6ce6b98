//! The expectation of KubeVirt's image-pull test, on a real recording of it and on variants with one change.

use super::tape::{Tape, file, of_json};
use jiff::SignedDuration;
use statetrail::observation::{Change, Observation, Payload, WatchId};

const VMS: WatchId = 0;
const PODS: WatchId = 2;

fn story() -> Tape {
    Tape::scenario("vm-imagepull")
}

fn verdict(tape: &Tape) -> String {
    tape.verdict(&std::fs::read_to_string(file("tests/scenarios/vm-imagepull/expectations.yaml")).unwrap())
}

/// The lines at which the VM is in this status.
fn vm_in(tape: &Tape, status: &str) -> Vec<usize> {
    let is = |line: &Observation| shows(line, VMS, &format!(r#""printableStatus":"{status}""#));
    tape.lines.iter().enumerate().filter(|(_, line)| is(line)).map(|(index, _)| index).collect()
}

fn pulls_of_the_pod(tape: &Tape) -> Vec<usize> {
    let is = |line: &Observation| shows(line, PODS, r#""reason":"ErrImagePull""#);
    tape.lines.iter().enumerate().filter(|(_, line)| is(line)).map(|(index, _)| index).collect()
}

fn shows(line: &Observation, watch: WatchId, text: &str) -> bool {
    matches!(&line.payload, Payload::Object(seen) if seen.watch == watch && seen.object.json.get().contains(text))
}

fn rewrite(tape: &mut Tape, line: usize, from: &str, to: &str) {
    let Payload::Object(seen) = &mut tape.lines[line].payload else { panic!("an object") };
    let json = seen.object.json.get();
    assert!(json.contains(from), "{json}");
    seen.object = of_json(&json.replace(from, to));
}

#[test]
fn the_story_satisfies_what_the_test_means() {
    assert_eq!(verdict(&story()), "satisfied");
}

#[test]
fn a_vm_that_backs_off_before_any_error_violates() {
    let mut tape = story();
    // Without the VM's first ErrImagePull.
    let first = vm_in(&tape, "ErrImagePull")[0];
    tape.lines.remove(first);
    assert_eq!(verdict(&tape), "violated");
}

#[test]
fn two_states_that_were_swapped_violate() {
    let mut tape = story();
    let (pull, back_off) = (vm_in(&tape, "ErrImagePull")[0], vm_in(&tape, "ImagePullBackOff")[0]);
    rewrite(&mut tape, pull, r#""printableStatus":"ErrImagePull""#, r#""printableStatus":"ImagePullBackOff""#);
    rewrite(&mut tape, back_off, r#""printableStatus":"ImagePullBackOff""#, r#""printableStatus":"ErrImagePull""#);
    assert_eq!(verdict(&tape), "violated");
}

#[test]
fn a_gap_over_an_error_is_inconclusive() {
    let mut tape = story();
    // The stream is lost at the first error, and the VM is found in its back-off.
    let (lost, found) = (vm_in(&tape, "ErrImagePull")[0], vm_in(&tape, "ImagePullBackOff")[0]);
    let before = tape.lines[..lost].iter().rfind(|line| line.payload.watch() == Some(VMS)).unwrap().stamp;
    let (stamp, Payload::Object(seen)) = (tape.lines[found].stamp, tape.lines[found].payload.clone()) else {
        panic!("a VM")
    };
    let version: u64 = seen.object.resource_version.number().unwrap();
    let mut relisted = Tape { lines: Vec::new(), ..tape.clone() };
    relisted
        .gap(0.0, VMS, (0.0, 3862), version)
        .object(0.0, VMS, Change::Listed, seen.object)
        .attached(0.0, VMS, version);
    relisted.lines.iter_mut().for_each(|line| line.stamp = stamp);
    let Payload::Gap(gap) = &mut relisted.lines[0].payload else { panic!("a gap") };
    (gap.from, gap.to) = (before.at, stamp.at);
    tape.lines.splice(found..=found, relisted.lines);
    tape.lines.remove(lost);
    assert_eq!(verdict(&tape), "inconclusive");
}

fn cut_after_the_first_toggle() -> Tape {
    let mut tape = story();
    let second =
        pulls_of_the_pod(&tape).into_iter().find(|index| *index > vm_in(&tape, "ImagePullBackOff")[0]).unwrap();
    tape.lines.truncate(second);
    tape
}

#[test]
fn a_recording_that_still_grows_is_pending() {
    assert_eq!(verdict(&cut_after_the_first_toggle()), "pending");
}

#[test]
fn a_recording_that_stopped_early_without_a_fence_is_inconclusive() {
    let mut tape = cut_after_the_first_toggle();
    tape.ended(60.0);
    assert_eq!(verdict(&tape), "inconclusive");
}

#[test]
fn one_toggle_at_a_fenced_end_violates() {
    let mut tape = cut_after_the_first_toggle();
    let stamp = tape.lines.last().unwrap().stamp;
    let end = tape.lines.len();
    tape.closed(0.0);
    tape.lines[end..].iter_mut().for_each(|line| line.stamp = stamp);
    assert_eq!(verdict(&tape), "violated");
}

#[test]
fn a_vm_that_knows_of_the_error_before_its_pod_violates() {
    let mut tape = story();
    // The pod's first error gets a revision behind the VM's, 4248, and its line stays where it is: revisions count.
    let pod = pulls_of_the_pod(&tape)[0];
    rewrite(&mut tape, pod, r#""resourceVersion":"4241""#, r#""resourceVersion":"4249""#);
    assert_eq!(verdict(&tape), "violated");
}

#[test]
fn a_vm_that_ran_for_a_moment_violates() {
    let mut tape = story();
    let last = *vm_in(&tape, "ImagePullBackOff").last().unwrap();
    rewrite(&mut tape, last, r#""printableStatus":"ImagePullBackOff""#, r#""printableStatus":"Running""#);
    assert_eq!(verdict(&tape), "violated");
}

#[test]
fn a_pod_of_another_owner_is_no_evidence_for_the_vm() {
    let mut tape = story();
    for index in 0..tape.lines.len() {
        if shows(&tape.lines[index], PODS, r#""uid":"e233de8f-2fad-46ae-938d-bcc34d370231""#) {
            let stranger = r#""uid":"00000000-0000-4000-8000-000000000000""#;
            rewrite(&mut tape, index, r#""uid":"e233de8f-2fad-46ae-938d-bcc34d370231""#, stranger);
        }
    }
    // Its owner is unknown, and no fence proves that there was no other pod.
    assert_eq!(verdict(&tape), "inconclusive");
}

#[test]
fn toggles_that_take_too_long_violate() {
    let mut tape = story();
    let second =
        vm_in(&tape, "ErrImagePull").into_iter().find(|index| *index > vm_in(&tape, "ImagePullBackOff")[0]).unwrap();
    for line in &mut tape.lines[second..] {
        line.stamp.at += SignedDuration::from_mins(12);
        line.stamp.elapsed += std::time::Duration::from_mins(12);
    }
    let third = *vm_in(&tape, "ErrImagePull").iter().find(|index| **index > second + 5).unwrap();
    for line in &mut tape.lines[third..] {
        line.stamp.at += SignedDuration::from_mins(12);
        line.stamp.elapsed += std::time::Duration::from_mins(12);
    }
    assert_eq!(verdict(&tape), "violated");
}

#[test]
fn a_vm_that_existed_before_the_recorder_came_may_have_run() {
    let mut tape = story();
    let first = tape.lines.iter().position(|line| shows(line, VMS, "vm-imagepull")).unwrap();
    let starting = vm_in(&tape, "Starting")[0];
    let Payload::Object(seen) = &mut tape.lines[starting].payload else { panic!("a VM") };
    seen.change = Change::Listed;
    let gone: Vec<usize> = (first..starting).filter(|index| tape.lines[*index].payload.watch() == Some(VMS)).collect();
    gone.into_iter().rev().for_each(|index| drop(tape.lines.remove(index)));
    assert_eq!(verdict(&tape), "inconclusive");
}
