//! Order across kinds: cause before effect, whichever stream delivers first.

use super::recorder::{Recorder, Scene, heard};
use super::truth::{Truth, line, object, pods, vmis};
use crate::recorder::folded;
use statetrail::observation::{Change, Watch};
use statetrail::run::{Message, Output};
use statetrail::timeline::{Entry, Provenance, sorted};
use std::time::Duration;

/// The pod's update arrives 100 to 200 ms after the VMI's update that it caused. Returns the entries as they settled
/// live, and all entries of the file in order.
async fn record(settle: Duration) -> (Vec<Entry>, Vec<Entry>) {
    let mut truth = Truth::of(vec![pods(), vmis()]);
    truth.put("virt-launcher", "Pending");
    truth.write(1, Change::Added, &object("vmi", "uid-vmi", "Scheduling"));
    let scene = Scene::faulty(&truth, &["lag=100ms,resource=pods"]);
    let watches = vec![Watch::all(pods()), Watch::all(vmis())];
    let mut plan = scene.plan(watches, Output::New(scene.path("run.jsonl"))).await;
    plan.settle = settle;
    let (mut recorder, listener) = Recorder::start_heard(plan);
    recorder.attached().await;
    // Both streams are open, so that neither update is delayed by an interruption.
    super::bounded("the watches", scene.server.until(|server| server.open_watches() == 2)).await;
    truth.put("virt-launcher", "Running");
    truth.write(1, Change::Modified, &object("vmi", "uid-vmi", "Scheduled"));
    let objects = |progress: &statetrail::run::Progress| progress.objects() == 4;
    recorder.until("both updates", objects).await;
    let outcome = recorder.finish().await;
    outcome.assert_whole(&truth, "two kinds");
    let ordered = folded(&outcome.header.watches, outcome.records.into_iter().map(|record| record.observation));
    let arrived: Vec<u64> = ordered.iter().filter_map(|placed| placed.revision).collect();
    assert!(arrived.ends_with(&[5, 5, 4, 4]) || arrived.ends_with(&[5, 4, 4]), "the VMI's came first: {arrived:?}");
    let whole = sorted(ordered, settle.try_into().expect("a settle window"));
    let entry =
        |message| if let Message::Entry(entry) = message { Entry::clone(&entry) } else { panic!("{message:?}") };
    let live = heard(listener).await.into_iter().map(entry).collect();
    (live, whole)
}

fn phases(entries: &[Entry]) -> Vec<(String, Provenance)> {
    let updates = entries.iter().filter(|entry| entry.seen != Provenance::Initial);
    let lines = updates.filter_map(|entry| Some((line(entry)?, entry.seen)));
    lines.filter(|(line, _)| line.contains(" phase:")).collect()
}

const CAUSE: &str = "virt-launcher/uid-virt-launcher phase: Pending -> Running @4";
const EFFECT: &str = "vmi/uid-vmi phase: Scheduling -> Scheduled @5";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_effect_that_arrives_before_its_cause_settles_after_it() {
    let (live, whole) = record(Duration::from_secs(20)).await;
    let expected = [(CAUSE.to_owned(), Provenance::Live), (EFFECT.to_owned(), Provenance::Live)];
    assert_eq!(phases(&live), expected);
    assert_eq!(phases(&whole), expected);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cause_that_arrives_after_the_settle_window_is_put_in_its_place_and_marked_late() {
    let (live, whole) = record(Duration::ZERO).await;
    assert_eq!(phases(&live), [(EFFECT.to_owned(), Provenance::Live), (CAUSE.to_owned(), Provenance::Late)]);
    assert_eq!(phases(&whole), [(CAUSE.to_owned(), Provenance::Late), (EFFECT.to_owned(), Provenance::Live)]);
}
