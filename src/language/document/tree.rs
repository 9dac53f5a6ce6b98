//! A document as a tree with places. YAML's typing of scalars (`True` a boolean, `1.30` a number) is undone, since they
//! are states and versions here.

use super::unquoted::unquoted;
use crate::monitor::Fault;
use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_saphyr::budget::BudgetBreach;
use serde_saphyr::{Error, Location, Spanned};
use std::fmt;
use std::ops::Range;

/// A value without its place.
#[derive(Clone, Debug, PartialEq)]
pub enum Tree {
    /// No value.
    Null,
    /// The text as written, without its quotes.
    Scalar(String),
    /// Values in order.
    List(Vec<Node>),
    /// Keys and values in order.
    Map(Vec<(Node, Node)>),
}

/// Formats the value on one line, the outermost map without braces.
impl fmt::Display for Tree {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Map(entries) => entries.iter().enumerate().try_for_each(|(index, (key, value))| {
                let comma = if index > 0 { ", " } else { "" };
                write!(f, "{comma}{}: {}", key.tree.nested(), value.tree.nested())
            }),
            other => f.write_str(&other.nested()),
        }
    }
}

impl Tree {
    /// The text of a scalar; none for other values.
    pub fn scalar(&self) -> Option<&str> {
        match self {
            Self::Scalar(text) => Some(text),
            _ => None,
        }
    }

    fn nested(&self) -> String {
        match self {
            Self::Null => "null".into(),
            Self::Scalar(text) => text.split_whitespace().collect::<Vec<_>>().join(" "),
            Self::List(items) => {
                format!("[{}]", items.iter().map(|item| item.tree.nested()).collect::<Vec<_>>().join(", "))
            }
            Self::Map(_) => format!("{{{self}}}"),
        }
    }
}

impl Node {
    /// True for the one-line form, `vm/web status: never Failed`: in quotes, or read as a map by YAML.
    pub fn is_one_line(&self) -> bool {
        let text = match &self.tree {
            Tree::Map(entries) => entries.first().and_then(|(key, _)| key.tree.scalar()),
            tree => tree.scalar(),
        };
        text.is_some_and(|text| text.contains(' '))
    }
}

/// A value with its place.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// The value.
    pub tree: Tree,
    /// The place, in bytes of the source.
    pub range: Range<usize>,
}

/// Deepest nesting of documents. Statements reach their own limit first; each of them takes a list and a map.
const MAX_DEPTH: usize = 48;
/// Most values of one file, with its aliases expanded.
const MAX_VALUES: usize = 100_000;

/// Parses all documents of a source.
///
/// # Errors
/// The source is not YAML.
pub fn documents(text: &str) -> Result<Vec<Node>, Fault> {
    // The parser is recursive, and one level takes up to 32 KiB of stack in unoptimized builds.
    let options = serde_saphyr::options! {
        budget: serde_saphyr::budget! { max_depth: MAX_DEPTH, max_nodes: MAX_VALUES }
    };
    let raw: Vec<Raw> = serde_saphyr::from_multiple_with_options(text, options).map_err(|error| {
        let place = error.location().map_or(0..1, |location| range(text, location));
        if matches!(error.without_snippet(), Error::Budget { breach: BudgetBreach::Depth { .. }, .. }) {
            return too_deep(place);
        }
        if let Some(fault) = folded(text, place.start) {
            return fault;
        }
        let message = error.without_snippet().to_string();
        let fault = refused(place, message.lines().next().unwrap_or("not YAML"));
        match unquoted(text, fault.range.start, &fault.message).filter(|_| fault.help.is_none()) {
            Some(named) => Fault { range: fault.range, ..named },
            None => fault,
        }
    })?;
    raw.into_iter().filter(|raw| !matches!(raw.0.value, Value::Null)).map(|raw| node(text, raw, 0)).collect()
}

/// The fault of a comparison without quotes, whose `>` starts a folded text: in the line of a place, or the one before.
pub fn folded(text: &str, at: usize) -> Option<Fault> {
    let here = text.get(..at)?.rfind('\n').map_or(0, |end| end + 1);
    let before = text[..here.saturating_sub(1)].rfind('\n').map_or(0, |end| end + 1);
    let end = text[at..].find('\n').map_or(text.len(), |end| at + end);
    let is_value = |sign: usize| {
        let rest = text[sign + 1..end].trim_start_matches('=');
        let starts = text[..sign].trim_end_matches(' ');
        let is_apart = starts.len() < sign || starts.ends_with('[');
        is_apart
            && starts.ends_with([':', '-', '[', ','])
            && rest.starts_with(|c: char| c.is_ascii_digit() || "+-".contains(c))
    };
    let sign = text[before..end].match_indices('>').map(|(sign, _)| before + sign).find(|sign| is_value(*sign))?;
    let is_number = |c: char| c.is_ascii_digit() || "=.+-".contains(c);
    let length = text[sign + 1..end].find(|c| !is_number(c)).unwrap_or(end - sign - 1) + 1;
    let written = &text[sign..sign + length];
    let fault = Fault::new(sign..sign + length, "YAML reads `>` as the start of folded text");
    Some(fault.help(format!("quote a comparison: `\"{written}\"`")))
}

fn too_deep(place: Range<usize>) -> Fault {
    Fault::new(place, format!("nested more than {MAX_DEPTH} deep")).help(SPLIT)
}

/// Rewords an error of the parser.
fn refused(place: Range<usize>, message: &str) -> Fault {
    // The parser appends the place, which the diagnostic already shows.
    let reason = message.split(" at line ").next().unwrap_or(message);
    if let Some(key) = reason.strip_prefix("duplicate mapping key: ") {
        let key = key.split(',').next().unwrap_or(key);
        return Fault::new(place, format!("`{key}` twice in one map")).help("leave one of them out");
    }
    if reason.contains("recursion limit") || reason.contains("Depth") {
        return too_deep(place);
    }
    if reason.contains("budget breached") {
        return Fault::new(place, "the document is too large with its aliases expanded")
            .help(format!("at most {MAX_VALUES} values in one file; use several files"));
    }
    if reason.contains("recursive references") {
        return Fault::new(place, "the alias contains itself").help("write the statement out in full");
    }
    Fault::new(place, reason.to_owned())
}

const SPLIT: &str = "split it into several expectations";

struct Raw(Spanned<Value>);

impl<'de> Deserialize<'de> for Raw {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Spanned::deserialize(deserializer).map(Self)
    }
}

enum Value {
    Null,
    /// A string according to YAML.
    Text(String),
    /// A boolean or a number; its text is taken from the source.
    Typed,
    List(Vec<Raw>),
    Map(Vec<(Raw, Raw)>),
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Any)
    }
}

struct Any;

impl<'de> Visitor<'de> for Any {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Value, E> {
        Ok(Value::Text(text.to_owned()))
    }

    fn visit_bool<E: de::Error>(self, _: bool) -> Result<Value, E> {
        Ok(Value::Typed)
    }

    fn visit_i64<E: de::Error>(self, _: i64) -> Result<Value, E> {
        Ok(Value::Typed)
    }

    fn visit_u64<E: de::Error>(self, _: u64) -> Result<Value, E> {
        Ok(Value::Typed)
    }

    fn visit_i128<E: de::Error>(self, _: i128) -> Result<Value, E> {
        Ok(Value::Typed)
    }

    fn visit_u128<E: de::Error>(self, _: u128) -> Result<Value, E> {
        Ok(Value::Typed)
    }

    fn visit_f64<E: de::Error>(self, _: f64) -> Result<Value, E> {
        Ok(Value::Typed)
    }

    fn visit_unit<E: de::Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_none<E: de::Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut values: A) -> Result<Value, A::Error> {
        let mut found = Vec::new();
        while let Some(value) = values.next_element()? {
            found.push(value);
        }
        Ok(Value::List(found))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut found = Vec::new();
        while let Some(entry) = entries.next_entry()? {
            found.push(entry);
        }
        Ok(Value::Map(found))
    }
}

fn node(text: &str, Raw(spanned): Raw, depth: usize) -> Result<Node, Fault> {
    let range = range(text, spanned.referenced);
    if depth > MAX_DEPTH {
        return Err(Fault::new(range, format!("nested more than {MAX_DEPTH} deep")).help(SPLIT));
    }
    if let Some(tag) = tag(text, range.start) {
        let fault = Fault::new(tag.clone(), format!("YAML reads `{}` as a tag, and leaves it out", &text[tag]));
        return Err(fault.help("quote a value that begins with `!`: `never: \"!Running\"`"));
    }
    let tree = match spanned.value {
        Value::Null => Tree::Null,
        Value::Text(text) => Tree::Scalar(text),
        Value::Typed => {
            Tree::Scalar(text.get(self::range(text, spanned.defined)).unwrap_or_default().trim().to_owned())
        }
        Value::List(values) => {
            Tree::List(values.into_iter().map(|value| node(text, value, depth + 1)).collect::<Result<_, _>>()?)
        }
        Value::Map(entries) => Tree::Map(
            entries
                .into_iter()
                .map(|(key, value)| Ok((node(text, key, depth + 1)?, node(text, value, depth + 1)?)))
                .collect::<Result<_, Fault>>()?,
        ),
    };
    Ok(Node { tree, range })
}

/// The tag of a value at a place, which begins with it or follows it: `!Failed`, but not `!!str`.
fn tag(text: &str, at: usize) -> Option<Range<usize>> {
    let is_end = |c: char| c.is_whitespace() || ",[]{}".contains(c);
    let word = |start: usize| start..text[start..].find(is_end).map_or(text.len(), |length| start + length);
    let is_tag = |word: &Range<usize>| text[word.clone()].starts_with('!') && !text[word.clone()].starts_with("!!");
    if let Some(own) = text.get(at..).map(|_| word(at)).filter(is_tag) {
        return Some(own);
    }
    let before = text.get(..at)?.trim_end();
    let start = before.rfind(is_end).map_or(0, |end| end + before[end..].chars().next().map_or(1, char::len_utf8));
    let line = before[..start].rfind('\n').map_or(0, |end| end + 1);
    let is_comment = before[line..start].contains('#');
    // A key in quotes may end in such a word.
    Some(start..before.len()).filter(|word| is_tag(word) && !before.ends_with(':') && !is_comment)
}

/// The bytes of a place, computed from line and column if the offset is not known.
fn range(text: &str, location: Location) -> Range<usize> {
    let span = location.span();
    let bytes = span.byte_offset().and_then(|start| usize::try_from(start).ok());
    let length = span.byte_len().and_then(|length| usize::try_from(length).ok()).unwrap_or(1);
    let start = bytes.unwrap_or_else(|| {
        let line = usize::try_from(location.line()).unwrap_or(1).saturating_sub(1);
        let column = usize::try_from(location.column()).unwrap_or(1).saturating_sub(1);
        let start: usize = text.split_inclusive('\n').take(line).map(str::len).sum();
        let here = text.get(start..).unwrap_or_default();
        start + here.chars().take(column).map(char::len_utf8).sum::<usize>()
    });
    start..start.saturating_add(length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_no_negation() {
        for (text, tag) in [
            ("a: ! Failed", "!"),
            ("a: !Failed Running -> ...", "!Failed"),
            ("{never: [! Failed, B]}", "!"),
            ("{never: [!A, B]}", "!A"),
            ("{never: !Absent}", "!Absent"),
            ("never:\n  !A B\n", "!A"),
            ("- ! [A]", "!"),
        ] {
            let fault = documents(text).expect_err(text);
            assert_eq!(fault.message, format!("YAML reads `{tag}` as a tag, and leaves it out"), "{text}");
        }
        for text in [
            "a: '! Failed'",
            "a: !!str 3",
            "{\"a !A\": b}",
            "a: # not !A\n  b",
            "[\"a !B\", c]",
            "a: b !C",
            "a: \"!A\"\nb: c",
        ] {
            assert!(documents(text).is_ok(), "{text}");
        }
    }

    #[test]
    fn nesting_is_bounded_before_it_is_read() {
        let nested = |depth: usize| "{a: ".repeat(depth) + "b" + &"}".repeat(depth);
        assert!(documents(&nested(MAX_DEPTH)).is_ok());
        for depth in [MAX_DEPTH + 1, 60, 200] {
            let fault = documents(&nested(depth)).expect_err("it is nested too deep");
            assert_eq!(fault.message, "nested more than 48 deep", "{depth}");
        }
        assert!(documents(&nested(10_000)).is_err());
    }
}
