//! Bounds in explanations, quoted from the statement: `120s` where it says so, not `2m`.

use crate::explanation::TimeFormat;
use crate::language;
use crate::monitor::{Micros, Span};

/// The bounds of a statement as its text writes them; everything else as others do.
pub struct Quoted<'a> {
    /// The statement's text.
    pub text: &'a str,
    /// How times are shown.
    pub times: &'a dyn TimeFormat,
}

impl TimeFormat for Quoted<'_> {
    fn at(&self, when: Span) -> String {
        self.times.at(when)
    }

    fn length(&self, micros: Micros) -> String {
        self.times.length(micros)
    }

    fn at_least(&self, micros: Micros) -> String {
        self.times.at_least(micros)
    }

    fn at_most(&self, micros: Micros) -> String {
        self.times.at_most(micros)
    }

    fn bound(&self, micros: Micros) -> String {
        let words = self.text.split(|c: char| !c.is_alphanumeric() && c != '.').flat_map(|word| word.split(".."));
        let mut same = words.filter(|word| language::duration(word).is_ok_and(|written| written == micros));
        same.next().map_or_else(|| self.times.bound(micros), ToOwned::to_owned)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::explanation::Timeless;

    #[test]
    fn a_duration_is_written_as_the_language_reads_it() {
        for (micros, text) in [
            (0, "0s"),
            (7, "7us"),
            (1_500, "1500us"),
            (200_000, "200ms"),
            (9_500_000, "9.5s"),
            (90_000_000, "1m30s"),
            (90_250_000, "1m30.25s"),
            (86_400_000_000, "1d"),
            (90_061_000_001, "1d1h1m1.000001s"),
        ] {
            assert_eq!(Timeless.bound(micros), text);
            assert_eq!(language::duration(text).ok(), Some(micros), "{text}");
        }
    }

    #[test]
    fn a_bound_is_quoted_from_the_text() {
        let of = |text| Quoted { text, times: &Timeless };
        assert_eq!(of("A for >=120s").bound(120_000_000), "120s");
        assert_eq!(of("(A -> B) within 90s..2m -> ...").bound(90_000_000), "90s");
        assert_eq!(of("(A -> B) within 90s..2m -> ...").bound(120_000_000), "2m");
        assert_eq!(of("within: 1m 30s").bound(90_000_000), "1m30s");
    }
}
