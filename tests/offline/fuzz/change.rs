//! Mutations of inputs: bytes, tokens, lines, parts of other inputs.

/// Mutates inputs.
#[derive(Clone)]
pub(super) struct Changer {
    words: &'static [&'static str],
    lines: bool,
    finish: fn(Vec<u8>, u64) -> Vec<u8>,
    state: u64,
}

impl Changer {
    /// A mutator of texts that consist of these words.
    pub(super) fn of(words: &'static [&'static str]) -> Self {
        Self { words, lines: false, finish: |input, _| input, state: 0 }
    }

    /// Mutates whole lines too, and completes each mutation by `finish`, with a random number.
    pub(super) fn lines(self, finish: fn(Vec<u8>, u64) -> Vec<u8>) -> Self {
        Self { lines: true, finish, ..self }
    }

    /// The same with another seed.
    pub(super) fn seeded(self, seed: u64) -> Self {
        Self { state: seed, ..self }
    }

    /// `SplitMix64` (Steele et al. 2014).
    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() % limit.max(1) as u64).expect("below a usize")
    }

    /// A position in a text, sometimes its end.
    fn place(&mut self, text: &[u8]) -> usize {
        self.below(text.len() + 1)
    }

    fn part(&mut self, text: &[u8]) -> (usize, usize) {
        let from = self.place(text);
        let most = if self.below(4) == 0 { text.len() } else { 16 };
        (from, (from + self.below(most + 1)).min(text.len()))
    }

    /// A mutation of the kept inputs; works without any, too.
    pub(super) fn change(&mut self, kept: &[Vec<u8>]) -> Vec<u8> {
        let pick = self.below(kept.len());
        let mut text = kept.get(pick).cloned().unwrap_or_default();
        for _ in 0..=self.below(6) {
            let other = self.below(kept.len());
            let other = kept.get(other).map_or([].as_slice(), Vec::as_slice);
            if self.lines && self.below(2) == 0 {
                self.change_lines(&mut text, other);
            } else {
                self.change_bytes(&mut text, other);
            }
        }
        let random = self.next();
        (self.finish)(text, random)
    }

    fn change_bytes(&mut self, text: &mut Vec<u8>, other: &[u8]) {
        let (from, to) = self.part(text);
        match self.below(9) {
            0 if from < text.len() => text[from] ^= 1 << self.below(8),
            1 if from < text.len() => text[from] = self.next().to_le_bytes()[0],
            2 => drop(text.drain(from..to)),
            3 => {
                let copy = text[from..to].to_vec();
                let times = 1 + if self.below(8) == 0 { self.below(200) } else { self.below(3) };
                let at = self.place(text);
                text.splice(at..at, copy.repeat(times));
            }
            4 => {
                let (start, end) = self.part(other);
                text.splice(from..to, other[start..end].iter().copied());
            }
            5 => text.truncate(from),
            6 => {
                const NUMBERS: [&str; 8] = [
                    "0",
                    "-1",
                    "1000",
                    "4294967296",
                    "9223372036854775807",
                    "18446744073709551616",
                    "1e400",
                    "0.0000001",
                ];
                let digits = text.iter().skip(from).position(u8::is_ascii_digit).map_or(from, |at| from + at);
                let end =
                    text.iter().skip(digits).position(|b| !b.is_ascii_digit()).map_or(text.len(), |at| digits + at);
                text.splice(digits..end, NUMBERS[self.below(NUMBERS.len())].bytes());
            }
            _ => {
                let word = self.words[self.below(self.words.len())];
                let end = if self.below(2) == 0 { from } else { to };
                text.splice(from..end, word.bytes());
            }
        }
    }

    fn change_lines(&mut self, text: &mut Vec<u8>, other: &[u8]) {
        let mut lines: Vec<&[u8]> = text.split_inclusive(|byte| *byte == b'\n').collect();
        let others: Vec<&[u8]> = other.split_inclusive(|byte| *byte == b'\n').collect();
        if lines.is_empty() {
            return;
        }
        let (one, two) = (self.below(lines.len()), self.below(lines.len()));
        match self.below(5) {
            0 => lines.swap(one, two),
            1 => drop(lines.drain(one.min(two)..one.max(two))),
            2 => lines.insert(two, lines[one]),
            3 if !others.is_empty() => lines.insert(two, others[self.below(others.len())]),
            _ if !others.is_empty() => {
                lines.truncate(one);
                lines.extend(&others[self.below(others.len())..]);
            }
            _ => {}
        }
        *text = lines.concat();
    }
}
