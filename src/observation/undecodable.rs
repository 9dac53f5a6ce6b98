//! A line or a list item that could not be decoded: what is kept of it. It cannot be known what in it is secret, so its
//! bytes are kept only if everything is.

use super::lenient::{self, Readable};
use super::object::{Capture, Error, Object, Shape};
use super::{ResourceVersion, WatchId, printable};
use smol_str::{SmolStr, format_smolstr};

/// Longest name that an API server takes (RFC 1123), and so that a head shows.
const LONGEST_NAME: usize = 253;

/// Something that could not be decoded, with what of it could be read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Undecodable {
    /// Index of the watch in the header, from 0.
    pub watch: WatchId,
    /// The object's uid, if that much could be read.
    pub uid: Option<SmolStr>,
    /// The object's version, if that much could be read.
    pub resource_version: Option<ResourceVersion>,
    /// What is wrong with it, without any of its values.
    pub error: String,
    /// How many bytes it has.
    pub length: u64,
    /// `crc32c:` and eight hexadecimal digits, of its bytes. It distinguishes two of them, and is too short to confirm
    /// a guess at a secret.
    pub digest: SmolStr,
    /// The type of the event, namespace and name, as far as they could be read: `MODIFIED shop/web`.
    pub head: String,
    /// What the allow-list keeps of it, if it is JSON and its identity could be read; what is of another type than the
    /// API says is left out. With [`Capture::Full`] the bytes are kept instead.
    pub object: Option<Object>,
    /// The bytes, invalid UTF-8 replaced: with [`Capture::Full`], and in earlier recordings.
    pub raw: Option<String>,
}

impl Undecodable {
    /// Of these bytes, a watch line or an object.
    #[must_use]
    pub fn new(watch: WatchId, bytes: &[u8], shape: Shape, capture: Capture, error: &Error) -> Self {
        let Readable { kind, identity, object } = lenient::read(bytes, shape);
        let mut head = kind.unwrap_or_default().to_owned();
        let names = [&identity.namespace, &identity.name].map(|name| shortened(name));
        for (name, separator) in names.iter().zip([" ", if names[0].is_empty() { " " } else { "/" }]) {
            if !name.is_empty() {
                head.push_str(separator);
                head.push_str(name);
            }
        }
        let is_full = capture == Capture::Full;
        Self {
            watch,
            resource_version: Some(identity.resource_version)
                .filter(|version| !identity.uid.is_empty() && !version.as_str().is_empty()),
            uid: Some(identity.uid).filter(|uid| !uid.is_empty()),
            error: error.words(),
            length: bytes.len() as u64,
            digest: digest(bytes),
            head: head.trim_start().to_owned(),
            object: object.filter(|_| !is_full),
            raw: is_full.then(|| String::from_utf8_lossy(bytes).into_owned()),
        }
    }
}

/// The digest of bytes.
#[must_use]
pub fn digest(bytes: &[u8]) -> SmolStr {
    format_smolstr!("crc32c:{:08x}", crc32c::crc32c(bytes))
}

fn shortened(name: &str) -> String {
    printable(&name.chars().take(LONGEST_NAME).collect::<String>()).into_owned()
}
