//! Random completions, longer than those that are enumerated: where an answer needs a long trace, they find it sooner.

use super::language::{Finish, LOST, Symbol, Trace};
use super::timeline::{End, Event, Timeline};

/// A pseudo-random generator (`SplitMix64`, Steele et al. 2014).
pub(super) struct Chance(pub u64);

impl Chance {
    pub(super) fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % limit.max(1)
    }

    fn within(&mut self, from: i64, to: i64) -> i64 {
        from + i64::try_from(self.below(u64::try_from(to - from + 1).unwrap_or(1))).unwrap()
    }
}

const MOST: u64 = 9;

/// One completion.
pub(super) fn completion(timeline: &Timeline, chance: &mut Chance) -> (Trace, Finish) {
    let mut symbols: Vec<(Symbol, i64)> = Vec::new();
    for (at, event) in timeline.events.iter().enumerate() {
        let last = symbols.last().copied();
        let past = last.map_or(i64::MIN, |(_, at)| at);
        let stays = last.is_some_and(|(symbol, _)| symbol == event.symbol()) && chance.below(3) == 0;
        match *event {
            Event::Enter { symbol, hi, .. } if at == 0 && timeline.before => {
                hidden(&mut symbols, hi - 8, hi, Some(symbol), chance);
            }
            Event::Enter { symbol, lo, hi } => symbols.push((symbol, chance.within(lo.max(past), hi))),
            Event::Gap { from, to, found } if !stays => hidden(&mut symbols, from.max(past), to, Some(found), chance),
            Event::Bump { symbol, at } if !stays => hidden(&mut symbols, at.max(past), at, Some(symbol), chance),
            Event::Empty { from, to } => {
                let from = if at == 0 && timeline.before { to - 8 } else { from.max(past) };
                if chance.below(3) > 0 {
                    hidden(&mut symbols, from, to, None, chance);
                }
                if symbols.last().is_some_and(|(last, _)| *last != LOST) {
                    let earliest = symbols.last().map_or(from, |(_, at)| *at);
                    symbols.push((LOST, chance.within(earliest, to)));
                }
            }
            Event::Gap { .. } | Event::Bump { .. } | Event::Lost { .. } => {}
        }
    }
    let seen = timeline.events.last().map_or(0, |event| event.hi());
    let past = symbols.last().map_or(i64::MIN, |(_, at)| *at);
    let (left, finish) = match timeline.end {
        End::Deleted(at) if timeline.lost().is_some() => {
            let from = timeline.lost().unwrap_or(at).max(past);
            hidden(&mut symbols, from, at, None, chance);
            (chance.within(symbols.last().map_or(from, |(_, at)| (*at).max(from)), at), Finish::Gone)
        }
        End::Closed(at) => (chance.within(at, at + 8), Finish::Fenced(at)),
        End::Deleted(at) => (at, Finish::Gone),
        End::Unfenced | End::Open { .. } => {
            let earliest = match timeline.end {
                _ if timeline.lost().is_some() => timeline.lost().unwrap_or(seen).max(past),
                End::Open { alive, .. } => (alive + 1).max(past),
                _ => seen,
            };
            hidden(&mut symbols, earliest, earliest + 12, None, chance);
            let last = symbols.last().map_or(earliest, |(_, at)| (*at).max(earliest));
            let end = chance.within(last, last + 6);
            if chance.below(2) == 0 { (end, Finish::Gone) } else { (end + chance.within(0, 6), Finish::Fenced(end)) }
        }
    };
    (Trace { symbols, left, detailed: timeline.detailed, labels: timeline.labels }, finish)
}

fn hidden(symbols: &mut Vec<(Symbol, i64)>, from: i64, to: i64, found: Option<Symbol>, chance: &mut Chance) {
    let mut earliest = from;
    for _ in 0..chance.below(MOST) {
        let symbol = u8::try_from(chance.below(5)).unwrap();
        if symbols.last().is_none_or(|(last, _)| *last != symbol) {
            earliest = chance.within(earliest, to);
            symbols.push((symbol, earliest));
        }
    }
    let Some(found) = found else { return };
    if symbols.last().is_some_and(|(last, _)| *last == found) {
        symbols.push(((found + 1) % 5, earliest));
    }
    symbols.push((found, chance.within(earliest, to)));
}
