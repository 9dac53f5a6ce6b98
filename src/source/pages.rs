//! What lists hold: whole objects, or who is there in which version.

use crate::observation::{Object, ResourceVersion, Stamp, Undecodable};
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
    /// What is kept of one that could not be decoded.
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
#[derive(Debug)]
pub struct Heads {
    /// The list's version.
    pub version: ResourceVersion,
    /// The objects.
    pub objects: Vec<Head>,
}

impl Heads {
    /// Nothing is there.
    pub fn none() -> Self {
        Self { version: ResourceVersion::default(), objects: Vec::new() }
    }
}

/// Who is in a list, in which version.
#[derive(Debug)]
pub struct Head {
    pub uid: SmolStr,
    pub name: SmolStr,
    pub version: ResourceVersion,
}
