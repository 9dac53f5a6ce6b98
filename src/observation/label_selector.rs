//! Label selectors: the grammar of Kubernetes, shared by the command line, expectations and the stand-in server.
//!
//! It follows `labels.Parse` of k8s.io/apimachinery token by token, so it refuses the selectors that a server refuses
//! and gives the others the same meaning. The exception is NUL, which apimachinery reads as a space: it is refused.

mod error;
mod names;
mod tokens;

pub use error::LabelSelectorError;
use smol_str::SmolStr;
use std::fmt;
use tokens::{Kind, Token, tokens};

/// Requirements on labels, all of which must hold; none selects everything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LabelSelector(Vec<Requirement>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Requirement {
    /// `key`
    Exists(SmolStr),
    /// `!key`
    Absent(SmolStr),
    /// `key=value`, `key==value`, `key in (a, b)`
    In(SmolStr, Vec<SmolStr>),
    /// `key!=value`, `key notin (a, b)`
    NotIn(SmolStr, Vec<SmolStr>),
    /// `key>1`
    Above(SmolStr, i64),
    /// `key<1`
    Below(SmolStr, i64),
}

impl Requirement {
    fn implies(&self, wanted: &Self) -> bool {
        use Requirement::{Above, Absent, Below, Exists, In, NotIn};
        let number = |value: &SmolStr| value.parse::<i64>().ok();
        match (self, wanted) {
            (In(key, _) | Above(key, _) | Below(key, _) | Exists(key), Exists(wanted)) => key == wanted,
            (Absent(key), Absent(wanted) | NotIn(wanted, _)) => key == wanted,
            (In(key, values), In(wanted, all)) => key == wanted && values.iter().all(|value| all.contains(value)),
            (In(key, values), NotIn(wanted, none)) => key == wanted && !values.iter().any(|value| none.contains(value)),
            (NotIn(key, values), NotIn(wanted, none)) => {
                key == wanted && none.iter().all(|value| values.contains(value))
            }
            (In(key, values), Above(wanted, bound)) => {
                key == wanted && values.iter().all(|value| number(value).is_some_and(|value| value > *bound))
            }
            (In(key, values), Below(wanted, bound)) => {
                key == wanted && values.iter().all(|value| number(value).is_some_and(|value| value < *bound))
            }
            (Above(key, least), Above(wanted, bound)) => key == wanted && least >= bound,
            (Below(key, most), Below(wanted, bound)) => key == wanted && most <= bound,
            _ => false,
        }
    }
}

impl LabelSelector {
    /// Reads a selector, as in `app=web,tier in (a, b),!canary`.
    ///
    /// # Errors
    /// When the text is not a selector.
    pub fn parse(text: &str) -> Result<Self, LabelSelectorError> {
        Parser { tokens: tokens(text)?, next: 0 }.selector().map(Self)
    }

    /// A selector of labels that have all of these values.
    ///
    /// # Errors
    /// When one of them is not a valid label.
    pub fn equal<'a>(labels: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<Self, String> {
        let requirement = |(key, value): (&str, &str)| {
            names::key(key)?;
            names::value(value)?;
            Ok(Requirement::In(key.into(), vec![value.into()]))
        };
        labels.into_iter().map(requirement).collect::<Result<_, _>>().map(Self)
    }

    /// True when it selects everything.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// True when every object that `other` selects is selected too, as far as comparing single requirements can show.
    #[must_use]
    pub fn is_implied_by(&self, other: &Self) -> bool {
        self.0.iter().all(|wanted| other.0.iter().any(|known| known.implies(wanted)))
    }

    /// Whether an object is selected; `value` looks up one of its labels.
    pub fn matches<'a>(&self, value: impl Fn(&str) -> Option<&'a str>) -> bool {
        let number = |key: &str| value(key).and_then(|text| text.parse::<i64>().ok());
        self.0.iter().all(|requirement| match requirement {
            Requirement::Exists(key) => value(key).is_some(),
            Requirement::Absent(key) => value(key).is_none(),
            Requirement::In(key, values) => value(key).is_some_and(|is| values.iter().any(|value| value == is)),
            Requirement::NotIn(key, values) => value(key).is_none_or(|is| values.iter().all(|value| value != is)),
            Requirement::Above(key, bound) => number(key).is_some_and(|number| number > *bound),
            Requirement::Below(key, bound) => number(key).is_some_and(|number| number < *bound),
        })
    }
}

struct Parser<'a> {
    tokens: Vec<Token<'a>>,
    next: usize,
}

impl<'a> Parser<'a> {
    /// The last token is [`Kind::End`], which is never consumed.
    fn peek(&self) -> Token<'a> {
        self.tokens[self.next]
    }

    fn take(&mut self) -> Token<'a> {
        let token = self.peek();
        self.next = (self.next + 1).min(self.tokens.len() - 1);
        token
    }

    fn selector(mut self) -> Result<Vec<Requirement>, LabelSelectorError> {
        let mut requirements = Vec::new();
        if self.peek().kind == Kind::End {
            return Ok(requirements);
        }
        loop {
            requirements.push(self.requirement()?);
            match self.take() {
                Token { kind: Kind::End, .. } => return Ok(requirements),
                Token { kind: Kind::Comma, .. } => {}
                other => return Err(other.instead_of("`,` or the end")),
            }
        }
    }

    fn requirement(&mut self) -> Result<Requirement, LabelSelectorError> {
        let absent = self.peek().kind == Kind::Not;
        if absent {
            self.take();
        }
        let token = self.take();
        if !token.is_word() {
            return Err(token.instead_of(if absent { "a label" } else { "a label or `!`" }));
        }
        names::key(token.text).map_err(|message| token.wrong(message))?;
        let key = SmolStr::new(token.text);
        if absent {
            return Ok(Requirement::Absent(key));
        }
        if matches!(self.peek().kind, Kind::End | Kind::Comma) {
            return Ok(Requirement::Exists(key));
        }
        let operator = self.take();
        Ok(match operator.kind {
            Kind::In => Requirement::In(key, self.values()?),
            Kind::NotIn => Requirement::NotIn(key, self.values()?),
            Kind::Equal => Requirement::In(key, vec![self.value()?]),
            Kind::NotEqual => Requirement::NotIn(key, vec![self.value()?]),
            Kind::Above => Requirement::Above(key, self.number()?),
            Kind::Below => Requirement::Below(key, self.number()?),
            _ => return Err(operator.instead_of("`in`, `notin`, `=`, `==`, `!=`, `<` or `>`")),
        })
    }

    /// `(a, b)`; where a value is missing, it is empty.
    fn values(&mut self) -> Result<Vec<SmolStr>, LabelSelectorError> {
        let open = self.take();
        if open.kind != Kind::Open {
            return Err(open.instead_of("`(`"));
        }
        let mut values = Vec::new();
        loop {
            if matches!(self.peek().kind, Kind::Comma | Kind::Close) {
                values.push(SmolStr::default());
            } else {
                values.push(self.word("a value, `,` or `)`")?);
            }
            match self.take() {
                Token { kind: Kind::Comma, .. } => {}
                Token { kind: Kind::Close, .. } => return Ok(values),
                other => return Err(other.instead_of("`,` or `)`")),
            }
        }
    }

    /// The value after `=`; where it is missing, it is empty.
    fn value(&mut self) -> Result<SmolStr, LabelSelectorError> {
        if matches!(self.peek().kind, Kind::End | Kind::Comma) {
            return Ok(SmolStr::default());
        }
        self.word("a value")
    }

    /// `strconv.ParseInt` accepts a sign, but no label value begins with one.
    fn number(&mut self) -> Result<i64, LabelSelectorError> {
        let token = self.peek();
        let value = self.value()?;
        value.parse().map_err(|_| token.wrong(format!("`{value}` is not an integer of 64 bits, as `<` and `>` need")))
    }

    fn word(&mut self, expected: &str) -> Result<SmolStr, LabelSelectorError> {
        let token = self.take();
        if !token.is_word() {
            return Err(token.instead_of(expected));
        }
        names::value(token.text).map_err(|message| token.wrong(message))?;
        Ok(token.text.into())
    }
}

impl Token<'_> {
    fn instead_of(&self, expected: &str) -> LabelSelectorError {
        self.wrong(match self.kind {
            Kind::End => format!("it ends where {expected} is expected"),
            _ => format!("found `{}`, expected {expected}", self.text),
        })
    }

    fn wrong(&self, message: String) -> LabelSelectorError {
        LabelSelectorError::new(self.at..self.at + self.text.len(), message)
    }
}

impl fmt::Display for LabelSelector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, requirement) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str(",")?;
            }
            match requirement {
                Requirement::Exists(key) => f.write_str(key)?,
                Requirement::Absent(key) => write!(f, "!{key}")?,
                Requirement::In(key, values) => write!(f, "{key} in ({})", values.join(","))?,
                Requirement::NotIn(key, values) => write!(f, "{key} notin ({})", values.join(","))?,
                Requirement::Above(key, bound) => write!(f, "{key}>{bound}")?,
                Requirement::Below(key, bound) => write!(f, "{key}<{bound}")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;
    use std::collections::BTreeMap;

    #[derive(Deserialize)]
    struct Table {
        labels: Vec<BTreeMap<String, String>>,
        selectors: Vec<Row>,
    }

    #[derive(Deserialize)]
    struct Row {
        selector: String,
        matches: Option<Vec<usize>>,
    }

    fn table() -> Table {
        serde_json::from_str(include_str!("../../tests/data/label-selectors.json")).expect("the table")
    }

    fn selected(selector: &LabelSelector, labels: &[BTreeMap<String, String>]) -> Vec<usize> {
        let matches = |index: &usize| selector.matches(|key| labels[*index].get(key).map(String::as_str));
        (0..labels.len()).filter(matches).collect()
    }

    #[test]
    fn selectors_are_accepted_and_refused_and_match_as_in_apimachinery() {
        let table = table();
        assert!(table.selectors.len() > 100);
        for row in &table.selectors {
            let selector = LabelSelector::parse(&row.selector);
            let selects = selector.as_ref().ok().map(|selector| selected(selector, &table.labels));
            assert_eq!(selects, row.matches, "{:?}: {selector:?}", row.selector);
        }
    }

    #[test]
    fn an_implied_selector_selects_all_that_the_other_does() {
        let table = table();
        let all: Vec<LabelSelector> =
            table.selectors.iter().filter_map(|row| LabelSelector::parse(&row.selector).ok()).collect();
        let mut implied = 0;
        for (one, other) in all.iter().flat_map(|one| all.iter().map(move |other| (one, other))) {
            if one.is_implied_by(other) {
                implied += 1;
                let (more, less) = (selected(one, &table.labels), selected(other, &table.labels));
                assert!(less.iter().all(|index| more.contains(index)), "`{one}` by `{other}`");
            }
        }
        assert!(implied > all.len());
        let implied = |one: &str, other: &str| {
            LabelSelector::parse(one).unwrap().is_implied_by(&LabelSelector::parse(other).unwrap())
        };
        assert!(implied("app=x", "app=x,tier=a") && implied("app in (x,y)", "app=y") && implied("", "app=x"));
        assert!(!implied("app=x", "app=y") && !implied("app=x", "") && !implied("app=x,tier", "app=x"));
    }

    #[test]
    fn a_formatted_selector_selects_the_same() {
        let table = table();
        for row in table.selectors.iter().filter(|row| row.matches.is_some()) {
            let selector = LabelSelector::parse(&row.selector).expect(&row.selector);
            assert_eq!(LabelSelector::parse(&selector.to_string()), Ok(selector), "{:?}", row.selector);
        }
    }

    #[test]
    fn an_error_says_where_and_what() {
        for (text, column, message) in [
            ("app=we b", 8, "found `b`, expected `,` or the end"),
            ("app in (web", 12, "it ends where `,` or `)` is expected"),
            ("app web", 5, "found `web`, expected `in`, `notin`, `=`, `==`, `!=`, `<` or `>`"),
            ("app=web,", 9, "it ends where a label or `!` is expected"),
            (
                "ü=web",
                1,
                "`ü` is not a valid label: its name must begin and end with a letter or digit, with `-`, `_` or `.` \
                 between",
            ),
            ("n>x", 3, "`x` is not an integer of 64 bits, as `<` and `>` need"),
        ] {
            let error = LabelSelector::parse(text).expect_err(text);
            assert_eq!((error.column(text), error.to_string().as_str()), (column, message), "{text}");
        }
    }
}
