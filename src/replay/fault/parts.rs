//! The text of a fault, `NAME[=VALUE][,KEY=VALUE]...`, and the values in it.
//!
//! The keys `times`, `skip`, `chance`, `verb` and `resource` are valid for every fault. A value that does not parse as its type is an
//! error.

use super::super::route::Verb;
use std::str::FromStr;
use std::time::Duration;

/// The text of a fault, split into its parts.
pub(super) struct Parts<'a> {
    pub name: &'a str,
    pub value: Option<&'a str>,
    /// Keys that have not been consumed yet.
    pub keys: Vec<(&'a str, &'a str)>,
    /// How many requests it strikes, if the value contains the number.
    pub times: Option<u32>,
}

impl<'a> Parts<'a> {
    pub(super) fn read(text: &'a str) -> Self {
        let mut parts = text.split(',').map(str::trim);
        let first = parts.next().unwrap_or_default();
        let (name, value) = first.split_once('=').map_or((first, None), |(name, value)| (name, Some(value)));
        let keys = parts.map(|part| part.split_once('=').unwrap_or((part, ""))).collect();
        Self { name, value, keys, times: None }
    }

    /// Removes a key and returns its value.
    pub(super) fn key(&mut self, name: &str) -> Option<&'a str> {
        let index = self.keys.iter().position(|(key, _)| *key == name)?;
        Some(self.keys.remove(index).1)
    }

    pub(super) fn flag(&mut self, name: &str) -> bool {
        self.key(name).is_some()
    }

    pub(super) fn text(&self) -> Result<&'a str, String> {
        self.value.ok_or_else(|| "a value is missing".to_owned())
    }

    pub(super) fn value<T: FromStr>(&self) -> Result<T, String> {
        number(self.text()?)
    }

    pub(super) fn nothing(&self) -> Result<(), String> {
        self.value.map_or(Ok(()), |value| Err(format!("`{value}`: the fault takes no value")))
    }

    pub(super) fn event(&mut self) -> Result<u64, String> {
        self.key("event").map_or(Ok(1), number)
    }

    pub(super) fn status(&self) -> Result<u16, String> {
        let status = self.value()?;
        if (400..600).contains(&status) { Ok(status) } else { Err(format!("{status} is not an HTTP error status")) }
    }

    pub(super) fn sizes(&self) -> Result<Vec<usize>, String> {
        let sizes: Vec<usize> = self.text()?.split(':').map(number).collect::<Result<_, _>>()?;
        if sizes.contains(&0) { Err("a size of 0 never ends".to_owned()) } else { Ok(sizes) }
    }

    pub(super) fn duration(&self) -> Result<Duration, String> {
        let text = self.text()?;
        humantime::parse_duration(text).map_err(|error| format!("`{text}` is not a duration ({error})"))
    }

    /// The meaning of one of these keywords; of the first one when there is no value.
    pub(super) fn word<T: Copy>(&self, words: &[(&str, T)]) -> Result<T, String> {
        let wanted = self.value.unwrap_or(words[0].0);
        words
            .iter()
            .find(|(word, _)| *word == wanted)
            .map(|(_, meaning)| *meaning)
            .ok_or_else(|| format!("`{wanted}` is not understood"))
    }
}

pub(super) fn number<T: FromStr>(text: &str) -> Result<T, String> {
    text.parse().map_err(|_| format!("`{text}` is not a valid number"))
}

/// A part of all, from 0 to 1.
pub(super) fn share(text: &str) -> Result<f64, String> {
    let share: f64 = number(text)?;
    if (0.0..=1.0).contains(&share) { Ok(share) } else { Err(format!("chance={text}: write a number from 0 to 1")) }
}

pub(super) fn verb(text: &str) -> Result<Verb, String> {
    match text {
        "get" => Ok(Verb::Get),
        "list" => Ok(Verb::List),
        "watch" => Ok(Verb::Watch),
        other => Err(format!("`{other}` is not a verb: use get, list or watch")),
    }
}
