//! Decimal numbers of any length, compared exactly: the counters of an API may be larger than any machine word, and a
//! float would make neighbours equal.

use smol_str::SmolStr;
use std::cmp::Ordering;

/// The largest exponent that is read.
const MAX_EXPONENT: usize = 400;

/// A number without leading and trailing zeros, so that equal numbers are equal values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decimal {
    /// Never of zero.
    negative: bool,
    whole: SmolStr,
    fraction: SmolStr,
}

impl Decimal {
    /// Reads a number as expectations or JSON write it: `3`, `-0.50`, `1e+20`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let Some((mantissa, exponent)) = text.split_once(['e', 'E']) else { return Self::plain(text) };
        Self::plain(mantissa)?.scaled(exponent.parse().ok()?)
    }

    /// Times a power of ten; none if that is larger than that of any float.
    fn scaled(self, exponent: i32) -> Option<Self> {
        let by = usize::try_from(exponent.unsigned_abs()).ok().filter(|by| *by <= MAX_EXPONENT)?;
        let (whole, fraction) = if exponent >= 0 {
            let padded = format!("{:0<by$}", self.fraction);
            let (moved, rest) = padded.split_at(by);
            (format!("{}{moved}", self.whole), rest.to_owned())
        } else {
            let padded = format!("{:0>by$}", self.whole);
            let (rest, moved) = padded.split_at(padded.len() - by);
            (rest.to_owned(), format!("{moved}{}", self.fraction))
        };
        let (whole, fraction) = (whole.trim_start_matches('0').into(), fraction.trim_end_matches('0').into());
        Some(Self { negative: self.negative, whole, fraction })
    }

    /// Reads an optional sign, digits, and an optional fraction. Nothing else is a number: no exponent, no unit, no
    /// blanks.
    #[must_use]
    pub fn plain(text: &str) -> Option<Self> {
        let (negative, digits) = match text.strip_prefix('-') {
            Some(digits) => (true, digits),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let (whole, fraction) = match digits.split_once('.') {
            Some((_, "")) => return None,
            Some(parts) => parts,
            None => (digits, ""),
        };
        let is_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty() || !is_digits(whole) || !is_digits(fraction) {
            return None;
        }
        let whole = SmolStr::new(whole.trim_start_matches('0'));
        let fraction = SmolStr::new(fraction.trim_end_matches('0'));
        Some(Self { negative: negative && !(whole.is_empty() && fraction.is_empty()), whole, fraction })
    }

    /// The order without the signs.
    fn magnitude(&self, other: &Self) -> Ordering {
        // Without zeros before it, the longer whole part is the larger one.
        let whole = self.whole.len().cmp(&other.whole.len()).then_with(|| self.whole.cmp(&other.whole));
        whole.then_with(|| self.fraction.cmp(&other.fraction))
    }
}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self.negative, other.negative) {
            (false, false) => self.magnitude(other),
            (true, true) => other.magnitude(self),
            (true, false) => Ordering::Less,
            (false, true) => Ordering::Greater,
        }
    }
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn decimal(text: &str) -> Decimal {
        Decimal::parse(text).unwrap_or_else(|| panic!("{text} is a number"))
    }

    #[test]
    fn numbers_are_ordered_by_their_values_however_they_are_written() {
        let ordered =
            ["-10", "-9.5", "-1", "-0.51", "-0.5", "0", "0.05", "0.5", "1", "9", "10", "99999999999999999999"];
        for pair in ordered.windows(2) {
            assert!(decimal(pair[0]) < decimal(pair[1]), "{pair:?}");
        }
        for (one, other) in [("0", "-0.00"), ("+3", "3.0"), ("007", "7"), ("-0.50", "-0.5")] {
            assert_eq!(decimal(one), decimal(other));
        }
        let written = [("1e3", "1000"), ("1.8446744073709552e+19", "18446744073709552000"), ("-2.5E-3", "-0.0025")];
        for (one, other) in written.into_iter().chain([("0e9", "0"), ("12e-1", "1.2"), ("1.5e0", "1.5")]) {
            assert_eq!(decimal(one), decimal(other), "{one}");
        }
        let neighbours = ("9007199254740992", "9007199254740993");
        assert!(decimal(neighbours.0) < decimal(neighbours.1), "equal as floats");
    }

    #[test]
    fn other_texts_are_no_numbers() {
        for text in [
            "", "-", "+", ".", "3.", ".5", "1e", "e3", "1e401", "1e3e4", "1e1.5", "0x1", "1 ", " 1", "1.2.3", "--1",
            "+-1", "3m", "٣", "-.5",
        ] {
            assert_eq!(Decimal::parse(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn the_order_is_that_of_scaled_integers(one in -200_000_i64..200_000, other in -200_000_i64..200_000) {
            let written = |scaled: i64| {
                let sign = if scaled < 0 { "-" } else { "" };
                format!("{sign}{}.{:03}", scaled.abs() / 1000, scaled.abs() % 1000)
            };
            prop_assert_eq!(decimal(&written(one)).cmp(&decimal(&written(other))), one.cmp(&other));
        }

        #[test]
        fn no_text_panics(text in "[-+.0-9e]{0,12}") {
            if let Some(number) = Decimal::parse(&text) {
                prop_assert_eq!(number.cmp(&number), Ordering::Equal);
            }
        }
    }
}
