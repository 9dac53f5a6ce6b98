//! What is stored of a line or a list item that could not be decoded. Any part of it may be secret, so its bytes are
//! stored only with `--capture full`.

use super::lenient::{self, Readable};
use super::object::{Capture, Error, Identity, Object, Shape};
use super::{ResourceVersion, WatchId, printable};
use smol_str::{SmolStr, format_smolstr};

/// Longest object name that an API server accepts (RFC 1123); `head` shows no more of a name.
const LONGEST_NAME: usize = 253;

/// Most bytes of `raw`. Escaped as JSON they are up to six times as long, and the line must not exceed what readers accept.
const MAX_RAW_BYTES: usize = 8 << 20;

/// A line or a list item that could not be decoded, with the parts of it that could be read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Undecodable {
    /// Index of the watch in the header, from 0.
    pub watch: WatchId,
    /// The object's uid, if that much could be read.
    pub uid: Option<SmolStr>,
    /// The object's version, if that much could be read.
    pub resource_version: Option<ResourceVersion>,
    /// The decoding error, without any value of the input.
    pub error: String,
    /// Its length in bytes.
    pub length: u64,
    /// CRC-32C of its bytes: `crc32c:` and eight hexadecimal digits. It distinguishes two such lines, and is too short
    /// to confirm a guess at a secret.
    pub digest: SmolStr,
    /// The type of the event, the namespace and the name, where they could be read: `MODIFIED shop/web`.
    pub head: String,
    /// What the allow-list keeps of it, if it is JSON with a readable identity; members of another type than the API
    /// says are left out. With [`Capture::Full`] the bytes are kept instead.
    pub object: Option<Object>,
    /// The bytes, invalid UTF-8 replaced: with [`Capture::Full`], and in earlier recordings.
    pub raw: Option<String>,
}

impl Undecodable {
    /// Describes a watch line or an object that could not be decoded because of `error`.
    #[must_use]
    pub fn new(watch: WatchId, bytes: &[u8], shape: Shape, capture: Capture, error: &Error) -> Self {
        let Readable { kind, identity, object } = lenient::read(bytes, shape);
        let is_full = capture == Capture::Full;
        Self {
            error: error.words(),
            object: object.filter(|_| !is_full),
            raw: (is_full && bytes.len() <= MAX_RAW_BYTES).then(|| String::from_utf8_lossy(bytes).into_owned()),
            ..Self::identified(watch, bytes, kind, identity)
        }
    }

    /// Describes an object that is longer than `longest`, and therefore not decoded: by its identity alone.
    #[must_use]
    pub fn too_long(watch: WatchId, bytes: &[u8], longest: usize) -> Self {
        let Readable { kind, identity, .. } = lenient::identify(bytes);
        let fits = identity.uid.len().max(identity.resource_version.as_str().len()) <= LONGEST_NAME;
        let identity = if fits { identity } else { Identity::default() };
        let error = format!("the object is longer than {} MiB", longest >> 20);
        Self { error, ..Self::identified(watch, bytes, kind, identity) }
    }

    fn identified(watch: WatchId, bytes: &[u8], kind: Option<&'static str>, identity: Identity) -> Self {
        let mut head = kind.unwrap_or_default().to_owned();
        let names = [&identity.namespace, &identity.name].map(|name| shortened(name));
        for (name, separator) in names.iter().zip([" ", if names[0].is_empty() { " " } else { "/" }]) {
            if !name.is_empty() {
                head.push_str(separator);
                head.push_str(name);
            }
        }
        Self {
            watch,
            resource_version: Some(identity.resource_version)
                .filter(|version| !identity.uid.is_empty() && !version.as_str().is_empty()),
            uid: Some(identity.uid).filter(|uid| !uid.is_empty()),
            length: bytes.len() as u64,
            digest: digest(bytes),
            head: head.trim_start().to_owned(),
            ..Self::default()
        }
    }
}

/// CRC-32C of bytes, as in [`Undecodable::digest`].
#[must_use]
pub fn digest(bytes: &[u8]) -> SmolStr {
    format_smolstr!("crc32c:{:08x}", crc32c::crc32c(bytes))
}

fn shortened(name: &str) -> String {
    printable(&name.chars().take(LONGEST_NAME).collect::<String>()).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_kept_only_where_a_line_of_a_recording_can_hold_them() {
        let error = Error::from(serde_json::from_str::<u8>("x").expect_err("no number"));
        let of = |bytes: usize| Undecodable::new(0, &vec![1; bytes], Shape::Other, Capture::Full, &error).raw;
        assert!(of(MAX_RAW_BYTES).is_some_and(|raw| serde_json::to_vec(&raw).expect("text").len() < 60 << 20));
        assert_eq!(of(MAX_RAW_BYTES + 1), None);
    }

    #[test]
    fn of_an_object_that_is_too_long_only_a_reasonable_identity_is_kept() {
        let of = |uid: &str| {
            let metadata = format!(r#"{{"name":"a","namespace":"n","uid":"{uid}","resourceVersion":"7"}}"#);
            let json = format!(r#"{{"metadata":{metadata},"status":{{"message":"{}"}}}}"#, "y".repeat(2 << 20));
            Undecodable::too_long(3, json.as_bytes(), 1 << 20)
        };
        let kept = of("u");
        let identity = (kept.watch, kept.uid.as_deref(), kept.resource_version.as_ref().map(ResourceVersion::as_str));
        assert_eq!((identity, &*kept.head), ((3, Some("u"), Some("7")), "n/a"));
        assert!(kept.length > 2 << 20 && kept.object.is_none() && kept.raw.is_none(), "{kept:?}");
        assert_eq!(kept.error, "the object is longer than 1 MiB");
        let kept = of(&"u".repeat(2 << 20));
        assert_eq!((kept.uid, kept.resource_version), (None, None));
    }
}
