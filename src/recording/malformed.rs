//! What is wrong with a line whose checksum is right and that yet cannot be read, in words without any of its values.

use super::header::Header;
use super::line::{Line, Type, Unfit};
use crate::observation::printable;
use serde::Deserialize;
use serde_json::value::RawValue;
use std::collections::BTreeMap;

/// Longest type of a line that is told.
const LONGEST: usize = 40;

/// The members of a line, as they stand there.
type Members<'a> = BTreeMap<String, &'a RawValue>;

/// Of a line after the header.
pub(super) fn of_line(text: &[u8]) -> String {
    let least = [("seq", "1"), ("at", r#""1970-01-01T00:00:00Z""#), ("elapsed", "0"), ("type", r#""END""#)];
    let Ok(members) = serde_json::from_slice::<Members<'_>>(text) else { return "it is no JSON object".to_owned() };
    let told = members.get("type").and_then(|told| serde_json::from_str::<String>(told.get()).ok());
    if let Some(told) = told
        && serde_json::from_str::<Type>(members["type"].get()).is_err()
    {
        let told: String = told.chars().take(LONGEST).collect();
        return format!("its type is `{}`, which this version does not know", printable(&told));
    }
    of_members(&members, &least, |text| serde_json::from_str::<Line<'_>>(text).is_ok())
}

/// Of the header.
pub(super) fn of_header(text: &[u8]) -> String {
    let least = [("format", r#""""#), ("tool", r#""""#), ("started", r#""1970-01-01T00:00:00Z""#), ("watches", "[]")];
    let Ok(members) = serde_json::from_slice::<Members<'_>>(text) else { return "it is no JSON object".to_owned() };
    of_members(&members, &least, |text| Header::deserialize(&mut serde_json::Deserializer::from_str(text)).is_ok())
}

/// Of what its type needs.
pub(super) fn of_unfit(of: Type, unfit: &Unfit) -> String {
    match unfit {
        Unfit::Missing(member) => format!("its type is {}, and it has no `{member}`", format!("{of:?}").to_uppercase()),
        Unfit::Version => "its `resourceVersion` is not the one of its `object`".to_owned(),
        Unfit::Object(error) => format!("its `object` cannot be read ({})", error.words()),
    }
}

/// The first member that `reads` does not take beside the `least` that there must be.
fn of_members(members: &Members<'_>, least: &[(&str, &str)], reads: impl Fn(&str) -> bool) -> String {
    if let Some((missing, _)) = least.iter().find(|(name, _)| !members.contains_key(*name)) {
        return format!("it has no `{missing}`");
    }
    let wrong = members.iter().find(|(name, value)| {
        let others = least.iter().filter(|(other, _)| other != name).map(|(name, value)| format!("\"{name}\":{value}"));
        let name = serde_json::to_string(name).expect("a string is JSON");
        let all: Vec<String> = others.chain([format!("{name}:{value}")]).collect();
        !reads(&format!("{{{}}}", all.join(",")))
    });
    match wrong {
        Some((name, _)) => format!("its `{}` is not of the form that it must have", printable(name)),
        None => "a member stands in it twice".to_owned(),
    }
}
