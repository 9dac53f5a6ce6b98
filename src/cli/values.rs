//! Values of arguments, with those that shells complete.

use crate::view::Format;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use std::fmt;

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

    /// The extension of a file with it; none for what people read on a terminal.
    pub(super) fn extension(self) -> Option<&'static str> {
        match self {
            Self::Text(format) => format.binary_extension(),
            Self::Page => Some("html"),
        }
    }
}

impl fmt::Display for Output {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(format) => format.fmt(f),
            Self::Page => f.write_str(Self::PAGE),
        }
    }
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
