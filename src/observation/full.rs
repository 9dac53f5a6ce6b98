//! `--capture full`: everything except `metadata.managedFields`.

use super::object::{Error, Identity, Keep, Object, identified};
use serde::de::{MapAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::{RawValue, to_raw_value};
use std::borrow::Cow;
use std::fmt;

/// Every member except `metadata.managedFields`, in the server's order.
#[derive(Deserialize)]
pub(super) struct Full<'a>(#[serde(borrow)] Members<'a>);

impl Keep for Full<'_> {
    fn object(self) -> Result<Object, Error> {
        let mut identity = Identity::default();
        let mut members = Vec::with_capacity(self.0.0.len());
        for (key, value) in self.0.0 {
            if key == "metadata" {
                identity = serde_json::from_str(value.get())?;
                let mut metadata: Members<'_> = serde_json::from_str(value.get())?;
                metadata.retain(|key, _| key != "managedFields");
                members.push((key, Cow::Owned(to_raw_value(&metadata)?)));
            } else {
                members.push((key, Cow::Borrowed(value)));
            }
        }
        identified(&identity, || to_raw_value(&OwnedMembers(members)))
    }
}

/// A JSON object with its members in order.
pub(super) struct Members<'a>(Vec<(Cow<'a, str>, &'a RawValue)>);

impl Members<'_> {
    /// The member of this name, if there is exactly one.
    pub(super) fn only(&self, name: &str) -> Option<&RawValue> {
        let mut named = self.0.iter().filter(|(of, _)| of == name);
        let first = named.next()?;
        named.next().is_none().then_some(first.1)
    }

    /// All members, in order.
    pub(super) fn each(&self) -> impl Iterator<Item = (&str, &RawValue)> {
        self.0.iter().map(|(name, value)| (&**name, *value))
    }

    /// Keeps the members for which `keep` returns true.
    pub(super) fn retain(&mut self, keep: impl Fn(&str, &RawValue) -> bool) {
        self.0.retain(|(name, value)| keep(name, value));
    }
}

struct OwnedMembers<'a>(Vec<(Cow<'a, str>, Cow<'a, RawValue>)>);

impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Collect;
        impl<'de> Visitor<'de> for Collect {
            type Value = Vec<(Cow<'de, str>, &'de RawValue)>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                #[derive(Deserialize)]
                struct Key<'a>(#[serde(borrow)] Cow<'a, str>);
                let mut members = Vec::new();
                while let Some((Key(key), value)) = map.next_entry()? {
                    members.push((key, value));
                }
                Ok(members)
            }
        }
        deserializer.deserialize_map(Collect).map(Members)
    }
}

impl Serialize for Members<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(key, value)| (key, value)))
    }
}

impl Serialize for OwnedMembers<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (key, value) in &self.0 {
            map.serialize_entry(key, &**value)?;
        }
        map.end()
    }
}
