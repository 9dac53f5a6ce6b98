//! Values of arguments, with those that shells complete.

use super::documents;
use crate::kinds;
use crate::view::Format;
use clap::builder::{PossibleValue, PossibleValuesParser, StringValueParser, TypedValueParser};
use clap::{Arg, Command, Error};
use std::ffi::OsStr;

/// `show -o`.
pub(super) fn formats() -> impl TypedValueParser<Value = Format> {
    PossibleValuesParser::new(Format::ALL.map(Format::as_str))
        .map(|word| word.parse().expect("it is the name of a format"))
}

/// A topic of `explain`. Any text is accepted: the possible values are those that shells complete.
#[derive(Clone)]
pub(super) struct Topics;

impl TypedValueParser for Topics {
    type Value = String;

    fn parse_ref(&self, command: &Command, arg: Option<&Arg>, value: &OsStr) -> Result<String, Error> {
        StringValueParser::new().parse_ref(command, arg, value)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        let documents = documents::ALL.iter().map(|document| document.name);
        Some(Box::new(kinds::all().map(|kind| kind.display).chain(documents).map(PossibleValue::new)))
    }
}
