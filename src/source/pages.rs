//! What lists hold: whole objects, or who is there in which version.

use super::socket::causes;
use crate::observation::{self, Object, ResourceVersion, Stamp, Undecodable, WatchId, salvage};
use smol_str::SmolStr;

/// A whole list.
#[derive(Debug)]
pub struct Pages {
    /// The list's version: every object is as of it.
    pub version: ResourceVersion,
    /// The kind of its objects, when the server tells it.
    pub kind: SmolStr,
    /// The objects, in the server's order, with the receipt of their page.
    pub items: Vec<(Stamp, Item)>,
}

/// An object of a list.
#[derive(Debug)]
pub enum Item {
    /// Decoded.
    Object(Object),
    /// Kept as it came.
    Undecodable(Undecodable),
}

impl Item {
    /// The object, if it could be decoded.
    pub fn object(&self) -> Option<&Object> {
        match self {
            Self::Object(object) => Some(object),
            Self::Undecodable(_) => None,
        }
    }
}

/// uids, names and versions of a whole list.
#[derive(Clone, Debug)]
pub struct Heads {
    /// The list's version.
    pub version: ResourceVersion,
    /// The objects.
    pub objects: Vec<Head>,
}

/// Who is in a list, in which version.
#[derive(Clone, Debug)]
pub struct Head {
    pub uid: SmolStr,
    pub namespace: SmolStr,
    pub name: SmolStr,
    pub version: ResourceVersion,
}

/// Keeps what could not be decoded, with what of it could be read.
pub fn undecodable(id: WatchId, bytes: &[u8], error: &observation::Error) -> Undecodable {
    let saved = salvage(bytes);
    Undecodable {
        watch: id,
        uid: saved.as_ref().map(|(uid, _)| uid.clone()),
        resource_version: saved.map(|(_, version)| version).filter(|version| !version.as_str().is_empty()),
        error: causes(error),
        raw: String::from_utf8_lossy(bytes).into_owned(),
    }
}
