//! Values of arguments, with those that shells complete.

use crate::view::Format;
use clap::builder::{PossibleValuesParser, TypedValueParser};

/// `show -o`.
pub(super) fn formats() -> impl TypedValueParser<Value = Format> {
    PossibleValuesParser::new(Format::ALL.map(Format::as_str))
        .map(|word| word.parse().expect("it is the name of a format"))
}
