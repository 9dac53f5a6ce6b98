//! What a name says of a label, or of a message, instead of spelling it: a regular expression that matches it, or a
//! comparison of it with a number.
//!
//! A state has each predicate that holds of it as a detail, whose name is [`OF_LABEL`] or [`OF_MESSAGE`] and then the
//! predicate. So whatever distinguishes states by their details does so by predicates, too.
//!
//! [`OF_LABEL`]: crate::observation::OF_LABEL
//! [`OF_MESSAGE`]: crate::observation::OF_MESSAGE

use super::decimal::Decimal;
use regex::Regex;
use std::cmp::Ordering;

/// What the text of a regular expression starts with.
const MATCHES: char = '~';

/// A predicate over texts.
#[derive(Clone, Debug)]
pub enum Predicate {
    /// The regular expression matches somewhere.
    Matches(Regex),
    /// The text is a number for which the comparison holds.
    Compares(Comparison),
}

/// `<3`, `<=3`, `>3` or `>=3`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comparison {
    /// True for `<` and `<=`.
    less: bool,
    /// True for `<=` and `>=`.
    equal: bool,
    /// The number on its right.
    pub bound: Decimal,
}

impl Comparison {
    /// Reads it as it is written; none for a regular expression, and where its number is none.
    pub fn parse(text: &str) -> Option<Self> {
        let (less, rest) = match text.strip_prefix('<') {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix('>')?),
        };
        let (equal, number) = rest.strip_prefix('=').map_or((false, rest), |number| (true, number));
        Some(Self { less, equal, bound: Decimal::plain(number)? })
    }

    /// True for a number that has this order to the bound.
    pub fn admits(&self, order: Ordering) -> bool {
        match order {
            Ordering::Less => self.less,
            Ordering::Equal => self.equal,
            Ordering::Greater => !self.less,
        }
    }

    /// True when the other holds wherever this one does.
    pub fn implies(&self, other: &Self) -> bool {
        let order = self.bound.cmp(&other.bound);
        let is_within = if self.less { order.is_lt() } else { order.is_gt() };
        self.less == other.less && (is_within || order.is_eq() && (other.equal || !self.equal))
    }
}

impl Predicate {
    /// The text of a regular expression.
    #[must_use]
    pub fn matches(regex: &str) -> String {
        format!("{MATCHES}{regex}")
    }

    /// Reads the text of a predicate: [`Predicate::matches`], or a comparison as it is written.
    ///
    /// # Errors
    /// The cause: it is no regular expression, or the number of a comparison is none.
    pub fn parse(text: &str) -> Result<Self, String> {
        let Some(regex) = text.strip_prefix(MATCHES) else {
            return Comparison::parse(text).map(Self::Compares).ok_or_else(|| "not a number".to_owned());
        };
        Regex::new(regex).map(Self::Matches).map_err(|error| {
            let error = error.to_string();
            error.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned()
        })
    }

    /// Whether it holds of a label, or of a message.
    #[must_use]
    pub fn holds(&self, of: &str) -> bool {
        match self {
            Self::Matches(regex) => regex.is_match(of),
            Self::Compares(comparison) => {
                Decimal::parse(of).is_some_and(|number| comparison.admits(number.cmp(&comparison.bound)))
            }
        }
    }

    /// True for the text of a comparison.
    #[must_use]
    pub fn compares(text: &str) -> bool {
        !text.starts_with(MATCHES)
    }

    /// A predicate as the language writes it.
    #[must_use]
    pub fn written(text: &str) -> String {
        match text.strip_prefix(MATCHES) {
            Some(regex) => format!("{MATCHES}'{}'", regex.replace('\'', "''")),
            None => text.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comparisons_hold_of_numbers_only() {
        let holds = |text: &str, of: &str| Predicate::parse(text).expect("a predicate").holds(of);
        for (text, yes, no) in [
            ("<3", ["2", "-7", "2.99"], ["3", "3.0", "x"]),
            ("<=3", ["3", "3.00", "0"], ["3.01", "", "3 "]),
            (">3", ["4", "3.0001", "1000000000000000000000000"], ["3", "-4", "4s"]),
            (">=-0.5", ["0", "-0.5", "-0.50"], ["-0.51", "-1", "NaN"]),
        ] {
            yes.iter().for_each(|of| assert!(holds(text, of), "{of} {text}"));
            no.iter().for_each(|of| assert!(!holds(text, of), "{of} {text}"));
        }
        assert!(Predicate::parse(">x").is_err() && Predicate::parse("=3").is_err());
    }

    #[test]
    fn an_implied_comparison_holds_of_every_number_of_the_other() {
        let bounds = ["-1", "0", "0.0", "2"];
        let texts = ["<", "<=", ">", ">="].iter().flat_map(|sign| bounds.map(|bound| format!("{sign}{bound}")));
        let all: Vec<Comparison> = texts.filter_map(|text| Comparison::parse(&text)).collect();
        let numbers = ["-2", "-1", "-0.5", "0", "1", "2", "3"].map(|text| Decimal::parse(text).expect("a number"));
        for (one, other) in all.iter().flat_map(|one| all.iter().map(move |other| (one, other))) {
            let holds = |of: &Comparison, number: &Decimal| of.admits(number.cmp(&of.bound));
            let implied = numbers.iter().all(|number| !holds(one, number) || holds(other, number));
            assert_eq!(one.implies(other), implied, "{one:?} {other:?}");
        }
    }
}
