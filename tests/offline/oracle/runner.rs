//! Draws cases and holds a check against each; a case that fails is told as it was drawn, then as small as it gets.
//!
//! Its own generator and its own shrinking, since most of the time of a short case would go into a general one. What is
//! told of a failure is a sketch and a line, which `statetrail try` takes: no seed is needed to see it again.

use super::sample::Chance;
use std::hash::{BuildHasher, Hasher, RandomState};

/// Bytes of a case.
const LENGTH: usize = 110;

/// What a check says of a case.
pub(super) enum Checked {
    /// It was compared.
    Judged,
    /// It is no case: the expectation does not compile, or there is nothing to compare.
    Refused,
}

/// The answer of a check; an error is a failure, told.
pub(super) type Answer = Result<Checked, String>;

/// How many cases are compared, of `share` in a thousand of all: all are `STATETRAIL_ORACLE_CASES`, or 210,000.
pub(super) fn cases(share: u64) -> u64 {
    let all = std::env::var("STATETRAIL_ORACLE_CASES").ok().and_then(|text| text.parse().ok());
    all.unwrap_or(210_000_u64) * share / 1000
}

/// Where the random cases begin: `STATETRAIL_ORACLE_SEED`, or another place each time.
fn seed() -> u64 {
    let told = std::env::var("STATETRAIL_ORACLE_SEED").ok().and_then(|text| text.parse().ok());
    told.unwrap_or_else(|| RandomState::new().build_hasher().finish())
}

/// Compares so many cases.
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
            Err(told) => {
                eprintln!("{name}: failed at case {drawn} of seed {seed}: {told}");
                panic!("{name}: {}", shrunk(bytes, told, &mut check));
            }
        }
    }
}

/// The smallest failure that is found by leaving bytes out and making them smaller.
fn shrunk(mut bytes: Vec<u8>, mut told: String, check: &mut impl FnMut(&[u8]) -> Answer) -> String {
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
                    (bytes, told, again) = (candidate, found, true);
                    break;
                }
            }
            if at > bytes.len() {
                break;
            }
        }
    }
    told
}
