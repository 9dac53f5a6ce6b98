//! Values of arguments, with those that shells complete.

use crate::view::Format;
use clap::builder::{PossibleValuesParser, TypedValueParser};

/// `show -o`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Output {
    /// Text.
    Text(Format),
    /// The page for browsers.
    Page,
}

impl Output {
    const PAGE: &str = "html";
}

/// `show -o`.
pub(super) fn formats() -> impl TypedValueParser<Value = Output> {
    PossibleValuesParser::new(Format::ALL.map(Format::as_str).into_iter().chain([Output::PAGE])).map(|word| {
        if word == Output::PAGE {
            return Output::Page;
        }
        Output::Text(word.parse().expect("it is the name of a format"))
    })
}
