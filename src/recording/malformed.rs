//! Describes a line that cannot be read although its checksum is right, without any of its values.

use super::header::Header;
use super::line::{Line, Type, Unfit};
use crate::observation::printable;
use serde::Deserialize;
use serde_json::value::RawValue;
use std::collections::BTreeMap;

/// Longest type of a line that is quoted.
const LONGEST: usize = 40;

/// The members of a line, unparsed.
type Members<'a> = BTreeMap<String, &'a RawValue>;

/// Describes a line after the header.
pub(super) fn of_line(text: &[u8]) -> String {
    let least = [("seq", "1"), ("at", r#""1970-01-01T00:00:00Z""#), ("elapsed", "0"), ("type", r#""END""#)];
    let Ok(members) = serde_json::from_slice::<Members<'_>>(text) else { return "it is not a JSON object".to_owned() };
    let kind = members.get("type").and_then(|kind| serde_json::from_str::<String>(kind.get()).ok());
    if let Some(kind) = kind
        && serde_json::from_str::<Type>(members["type"].get()).is_err()
    {
        let kind: String = kind.chars().take(LONGEST).collect();
        return format!("its type is `{}`, which this version does not know", printable(&kind));
    }
    of_members(&members, &least, |text| serde_json::from_str::<Line<'_>>(text).is_ok())
}

/// Describes a header.
pub(super) fn of_header(text: &[u8]) -> String {
    let least = [("format", r#""""#), ("tool", r#""""#), ("started", r#""1970-01-01T00:00:00Z""#), ("watches", "[]")];
    let Ok(members) = serde_json::from_slice::<Members<'_>>(text) else { return "it is not a JSON object".to_owned() };
    of_members(&members, &least, |text| Header::deserialize(&mut serde_json::Deserializer::from_str(text)).is_ok())
}

/// Describes a line that does not fit its type.
pub(super) fn of_unfit(of: Type, unfit: &Unfit) -> String {
    match unfit {
        Unfit::Missing(member) => format!("its type is {}, and it has no `{member}`", format!("{of:?}").to_uppercase()),
        Unfit::Version => "its `resourceVersion` is not the one of its `object`".to_owned(),
        Unfit::Object(error) => format!("its `object` cannot be read ({})", error.words()),
    }
}

/// Finds the first member that `reads` does not accept together with the required ones in `least`.
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
        Some((name, _)) => format!("its `{}` is malformed", printable(name)),
        None => "a member occurs twice".to_owned(),
    }
}
