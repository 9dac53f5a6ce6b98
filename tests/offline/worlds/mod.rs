//! The judge against worlds that are known: what it decides of a recording must be so in the world that was recorded,
//! in every other that would have been recorded alike, and in every longer recording of it.
//!
//! `STATETRAIL_WORLDS=5000000 cargo test --test offline worlds` runs longer; `STATETRAIL_WORLDS_SEED` begins elsewhere.

mod case;
mod chance;
mod dropping;
mod lines;
mod scope;
mod shrink;
mod statement;
mod truth;
mod value;
mod view;
mod world;

use case::{Batch, Case, Fault, Tally};
use chance::mix;
use scope::Scope;
use std::collections::BTreeMap;

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().and_then(|text| text.parse().ok())
}

/// Worlds that the same documents are judged on.
const WORLDS: u64 = 8;

/// Tests that share the worlds, and run in parallel.
const PARTS: u64 = 4;

/// Draws a part of the worlds: those that are recorded, and those that would be recorded alike.
fn run(part: u64) {
    let wanted = number("STATETRAIL_WORLDS").unwrap_or(200_000) / PARTS;
    let first = number("STATETRAIL_WORLDS_SEED").unwrap_or(1);
    let (scope, mut tally) = (Scope::told(), Tally::default());
    let mut faults: BTreeMap<String, (u64, Fault)> = BTreeMap::new();
    for batch in 0.. {
        if tally.worlds() >= wanted {
            break;
        }
        let seed = mix(first.wrapping_add(batch * PARTS + part));
        let batch = Batch::drawn(seed, &mut tally);
        for world in 0..WORLDS {
            let case = Case::drawn(mix(seed ^ (world + 1)), &batch);
            for fault in case.faults(&batch, &scope, &mut tally) {
                let known = faults.entry(fault.class()).or_insert_with(|| (0, fault));
                known.0 += 1;
            }
        }
    }
    println!("part {part}: {tally}");
    // What is left of different classes once they are small is often the same.
    let mut small: BTreeMap<String, (u64, Fault)> = BTreeMap::new();
    for (times, fault) in faults.into_values() {
        let fault = fault.shrunk();
        let known = small.entry(fault.class()).or_insert_with(|| (0, fault));
        known.0 += times;
    }
    let told: Vec<String> =
        small.into_iter().map(|(class, (times, fault))| format!("{times} x {class}\n{}", fault.text())).collect();
    assert!(told.is_empty(), "{} classes of wrong verdicts\n\n{}", told.len(), told.join("\n\n"));
}

#[test]
fn no_verdict_on_a_partly_seen_world_is_wrong_first_quarter() {
    run(0);
}

#[test]
fn no_verdict_on_a_partly_seen_world_is_wrong_second_quarter() {
    run(1);
}

#[test]
fn no_verdict_on_a_partly_seen_world_is_wrong_third_quarter() {
    run(2);
}

#[test]
fn no_verdict_on_a_partly_seen_world_is_wrong_fourth_quarter() {
    run(3);
}
