//! The judge against worlds that are known: what it decides of a recording must be so in the world that was recorded,
//! in every other that would have been recorded alike, and in every longer recording of it.
//!
//! `STATETRAIL_WORLDS=5000000 cargo test --test offline worlds` runs longer; `STATETRAIL_WORLDS_SEED` begins elsewhere.

mod case;
mod chance;
mod lines;
mod shrink;
mod statement;
mod truth;
mod value;
mod view;
mod world;

use case::{Case, Fault, Tally};
use chance::mix;
use std::collections::BTreeMap;

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().and_then(|text| text.parse().ok())
}

/// Worlds of one part: the parts run in parallel.
fn run(part: u64, parts: u64) {
    let worlds = number("STATETRAIL_WORLDS").unwrap_or(4_000) / parts;
    let first = number("STATETRAIL_WORLDS_SEED").unwrap_or(1);
    let mut tally = Tally::default();
    let mut faults: BTreeMap<String, (u64, Fault)> = BTreeMap::new();
    for at in 0..worlds {
        let seed = mix(first.wrapping_add(at * parts + part));
        let case = Case::drawn(seed);
        for fault in case.faults(&mut tally) {
            let known = faults.entry(fault.class()).or_insert_with(|| (0, fault));
            known.0 += 1;
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
#[ignore = "tells every class of verdicts that are known to be wrong: cargo test --test offline worlds -- --ignored"]
fn no_verdict_on_a_partly_seen_world_is_wrong() {
    run(0, 1);
}
