//! Generates cases and runs a check on each; a failing case is printed as generated, and then shrunk.
//!
//! It has its own generator and shrinking, since a general framework takes most of the time of a short case. A failure
//! is printed as a sketch and a line for `statetrail try`, so no seed is needed to reproduce it.

use super::sample::Chance;
use std::hash::{BuildHasher, Hasher, RandomState};

/// Bytes of a case.
const LENGTH: usize = 110;

/// The result of checking a case.
pub(super) enum Checked {
    /// The case was compared.
    Judged,
    /// The case was skipped: the expectation does not compile, or there is nothing to compare.
    Refused,
}

/// The answer of a check; an error describes a failure.
pub(super) type Answer = Result<Checked, String>;

/// The number of cases: `share` thousandths of `STATETRAIL_ORACLE_CASES`, by default 210,000.
pub(super) fn cases(share: u64) -> u64 {
    let all = std::env::var("STATETRAIL_ORACLE_CASES").ok().and_then(|text| text.parse().ok());
    all.unwrap_or(210_000_u64) * share / 1000
}

/// The seed: `STATETRAIL_ORACLE_SEED`, or a random one.
fn seed() -> u64 {
    let message = std::env::var("STATETRAIL_ORACLE_SEED").ok().and_then(|text| text.parse().ok());
    message.unwrap_or_else(|| RandomState::new().build_hasher().finish())
}

/// Compares this share of the cases.
pub(super) fn run(name: &str, share: u64, mut check: impl FnMut(&[u8]) -> Answer) {
    let (wanted, seed) = (cases(share), seed());
    let mut chance = Chance(seed);
    let (mut judged, mut drawn) = (0, 0);
    while judged < wanted {
        drawn += 1;
        assert!(drawn < 20 * wanted + 1_000, "{name}: of {drawn} cases only {judged} could be judged");
        let length = usize::try_from(chance.below(LENGTH as u64)).expect("below a usize");
        let bytes: Vec<u8> = (0..length).map(|_| chance.below(256).to_le_bytes()[0]).collect();
        match check(&bytes) {
            Ok(Checked::Judged) => judged += 1,
            Ok(Checked::Refused) => {}
            Err(message) => {
                eprintln!("{name}: failed at case {drawn} of seed {seed}: {message}");
                panic!("{name}: {}", shrunk(bytes, message, &mut check));
            }
        }
    }
}

/// The smallest failure found by removing bytes and making them smaller.
fn shrunk(mut bytes: Vec<u8>, mut message: String, check: &mut impl FnMut(&[u8]) -> Answer) -> String {
    let mut tries = 0;
    let mut again = true;
    while again && tries < 20_000 {
        again = false;
        for at in (0..bytes.len()).rev() {
            let mut shorter = bytes.clone();
            shorter.truncate(at);
            let mut without = bytes.clone();
            without.remove(at);
            let smaller = [0, bytes[at] / 2, bytes[at].saturating_sub(1)].into_iter().filter(|byte| *byte < bytes[at]);
            let smaller = smaller.map(|byte| {
                let mut changed = bytes.clone();
                changed[at] = byte;
                changed
            });
            for candidate in [shorter, without].into_iter().chain(smaller).collect::<Vec<_>>() {
                tries += 1;
                if let Err(found) = check(&candidate) {
                    (bytes, message, again) = (candidate, found, true);
                    break;
                }
            }
            if at > bytes.len() {
                break;
            }
        }
    }
    message
}
