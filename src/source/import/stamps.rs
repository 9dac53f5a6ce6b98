//! The newest timestamp in an object, which replaces a missing time of receipt.
//!
//! Timestamps are of the writers' clocks, mostly whole seconds. `deletionTimestamp` lies in the future and is ignored.
//! So are `spec`, annotations and labels, where times may mean anything.

use jiff::Timestamp;
use serde::Deserializer;
use serde::de::{DeserializeSeed, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;
use std::fmt;

/// Members that contain the time of something that has happened.
const STAMPS: [&str; 14] = [
    "completionTime",
    "creationTimestamp",
    "endTimestamp",
    "eventTime",
    "finishedAt",
    "firstTimestamp",
    "lastObservedTime",
    "lastTimestamp",
    "lastTransitionTime",
    "phaseTransitionTimestamp",
    "startTime",
    "startTimestamp",
    "startedAt",
    "time",
];

const PASSED_OVER: [&str; 4] = ["spec", "annotations", "labels", "fieldsV1"];

/// The newest timestamp of an object.
pub(super) fn newest(object: &RawValue) -> Option<Timestamp> {
    Newest { is_stamp: false }.deserialize(&mut serde_json::Deserializer::from_str(object.get())).ok()?
}

struct Newest {
    is_stamp: bool,
}

impl<'de> DeserializeSeed<'de> for Newest {
    type Value = Option<Timestamp>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Newest {
    type Value = Option<Timestamp>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON")
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(if self.is_stamp { text.parse().ok() } else { None })
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut newest = None;
        while let Some(key) = map.next_key::<std::borrow::Cow<'de, str>>()? {
            if PASSED_OVER.contains(&&*key) {
                map.next_value::<IgnoredAny>()?;
            } else {
                newest = newest.max(map.next_value_seed(Self { is_stamp: STAMPS.contains(&&*key) })?);
            }
        }
        Ok(newest)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let mut newest = None;
        while let Some(found) = seq.next_element_seed(Self { is_stamp: false })? {
            newest = newest.max(found);
        }
        Ok(newest)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn newest_of(json: &str) -> Option<String> {
        newest(&RawValue::from_string(json.to_owned()).unwrap()).map(|at| at.to_string())
    }

    #[test]
    fn the_newest_stamp_of_what_has_happened_counts() {
        let object = r#"{"metadata":{"creationTimestamp":"2026-01-01T00:00:01Z","deletionTimestamp":"2026-01-01T00:09:00Z",
            "annotations":{"time":"2027-01-01T00:00:00Z"},"managedFields":[{"time":"2026-01-01T00:00:03Z","fieldsV1":{}}]},
            "spec":{"startTime":"2028-01-01T00:00:00Z"},
            "status":{"n":[1,-1,1.5,true,null],"containerStatuses":[{"state":{"running":{"startedAt":"2026-01-01T00:00:02Z"}}}]}}"#;
        assert_eq!(newest_of(object).as_deref(), Some("2026-01-01T00:00:03Z"));
        assert_eq!(
            newest_of(r#"{"lastTimestamp":"2026-01-01T00:00:03Z","eventTime":null}"#).as_deref(),
            Some("2026-01-01T00:00:03Z")
        );
        assert_eq!(newest_of(r#"{"status":{"startTime":"soon"}}"#), None);
    }
}
