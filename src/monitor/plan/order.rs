//! Statements about the order of entries on one track, as automata, which makes them exact about gaps and futures.

use crate::monitor::dfa::Dfa;
use crate::monitor::fault::Fault;
use crate::monitor::path::States;
use crate::monitor::place::Place;

/// Largest `min` of `every` for which an automaton is built.
const MAX_COUNTED: u64 = 256;

/// `every A then B`; none when its automaton would be too large.
pub(super) fn every(every: &States, then: &States, min: u64, place: &Place) -> Result<Option<Dfa>, Fault> {
    let alphabet = place.alphabet(every.names.iter().chain(&then.names))?;
    if min > MAX_COUNTED {
        return Ok(None);
    }
    let (every, then) = (alphabet.set(every), alphabet.set(then));
    let step = |(open, count): &(bool, u64), atom: usize| {
        let (triggers, answers) = (every & (1 << atom) != 0, then & (1 << atom) != 0);
        (triggers || *open && !answers, min.max(1).min(count + u64::from(triggers)))
    };
    let accepts = |(open, count): &(bool, u64)| !open && *count >= min;
    // A was entered too rarely, or never: there is nothing to judge.
    let lacks = |(open, count): &(bool, u64)| !open && *count < min.max(1);
    Ok(Dfa::judged(&alphabet, (false, 0), step, accepts, lacks))
}

/// `A onlyAfter B`, both on one track.
pub(super) fn only_after(enter: &States, after: &States, place: &Place) -> Result<Dfa, Fault> {
    let alphabet = place.alphabet(enter.names.iter().chain(&after.names))?;
    let (enter, after) = (alphabet.set(enter), alphabet.set(after));
    // None until either was entered, then whether B came before A or with it.
    let step = |decided: &Option<bool>, atom: usize| match decided {
        Some(_) => *decided,
        None if after & (1 << atom) != 0 => Some(true),
        None if enter & (1 << atom) != 0 => Some(false),
        None => None,
    };
    small(Dfa::of(&alphabet, None, step, |decided| *decided != Some(false)))
}

/// `quiet after A`, both on one track.
pub(super) fn quiet(after: &States, place: &Place) -> Result<Dfa, Fault> {
    let alphabet = place.alphabet(after.names.iter())?;
    let set = alphabet.set(after);
    // None before A, then whether anything came after it.
    let step = |noise: &Option<bool>, atom: usize| match noise {
        Some(_) => Some(true),
        None if set & (1 << atom) != 0 => Some(false),
        None => None,
    };
    small(Dfa::of(&alphabet, None, step, |noise| *noise != Some(true)))
}

/// Three states for each atom always stay below the cap.
fn small(dfa: Option<Dfa>) -> Result<Dfa, Fault> {
    dfa.ok_or_else(|| Fault::new(0..0, "more states than an automaton may have"))
}
