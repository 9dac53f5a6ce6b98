//! The content of lists: whole objects, or identities and versions.

use super::clock;
use crate::observation::{Object, ResourceVersion, Stamp, Undecodable};
use jiff::{SignedDuration, Timestamp};
use smol_str::SmolStr;
use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Duration;

/// Most pages of a list, which allow a million objects.
const MAX_PAGES: u32 = 2_000;

/// Most objects of a list.
pub(super) const MAX_OBJECTS: usize = 1_000_000;

/// The paging state of a list, to detect a list that does not end.
#[derive(Debug, Default)]
pub(super) struct Paging {
    pages: u32,
    token: Option<String>,
    objects: usize,
    /// Hashes of the uids that were listed.
    listed: HashSet<u64>,
}

/// Why a list does not end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Endless {
    /// The continue token of a page leads to the same page again.
    #[error("the server continues the list with the token that it was asked for")]
    Repeated,
    /// An object is listed twice.
    #[error("the list has an object twice: the server goes through it again")]
    Twice,
    /// It has too many pages.
    #[error("the list has more than {MAX_PAGES} pages")]
    TooManyPages,
    /// It has too many objects.
    #[error("the list has more than {MAX_OBJECTS} objects")]
    TooManyObjects,
}

impl Paging {
    /// Notes an object of the page, by its uid if that can be read.
    ///
    /// # Errors
    /// It was listed before, or there are too many.
    pub(super) fn object(&mut self, uid: Option<&str>) -> Result<(), Endless> {
        self.objects += 1;
        if self.objects > MAX_OBJECTS {
            return Err(Endless::TooManyObjects);
        }
        let Some(uid) = uid else { return Ok(()) };
        let mut hasher = DefaultHasher::new();
        uid.hash(&mut hasher);
        if self.listed.insert(hasher.finish()) { Ok(()) } else { Err(Endless::Twice) }
    }

    /// Ends the page, and returns the token of the next one, if there is one.
    ///
    /// # Errors
    /// The list does not end.
    pub(super) fn next(&mut self, token: Option<String>) -> Result<Option<String>, Endless> {
        let token = token.filter(|token| !token.is_empty());
        self.pages += 1;
        match &token {
            Some(_) if token == self.token => Err(Endless::Repeated),
            Some(_) if self.pages >= MAX_PAGES => Err(Endless::TooManyPages),
            _ => {
                self.token.clone_from(&token);
                Ok(token)
            }
        }
    }
}

/// A whole list.
#[derive(Debug)]
pub(super) struct Pages {
    /// The list's version, which applies to every object.
    pub version: ResourceVersion,
    /// The kind of its objects; empty when the server does not send it.
    pub kind: SmolStr,
    /// By how much the server's clock is ahead of ours; none when it does not send its time.
    pub skew: Option<Skew>,
    /// The objects, in the server's order, each with the receipt of its page.
    pub items: Vec<(Stamp, Item)>,
    /// The time from the request for its first page to the receipt of its last.
    pub took: Duration,
}

/// A list that is answered within this time shows the state at its request.
const PROMPT: Duration = Duration::from_millis(100);

/// True for a list that took so long that its objects may have changed before it was complete.
pub(super) fn is_long(took: Duration) -> bool {
    took > PROMPT
}

/// By how much the server's clock is ahead of ours: a range.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Skew {
    pub least: SignedDuration,
    pub most: SignedDuration,
}

impl Skew {
    /// The clocks agree.
    pub(super) const NONE: Self = Self { least: SignedDuration::ZERO, most: SignedDuration::ZERO };

    /// In microseconds.
    pub(super) fn micros(self) -> Option<(i64, i64)> {
        let micros = |length: SignedDuration| i64::try_from(length.as_micros()).ok();
        micros(self.least).zip(micros(self.most))
    }

    /// Computed from the `Date` of a response, truncated to seconds, which was requested and received at these times of
    /// our clock.
    pub(super) fn measured(date: &str, asked: Timestamp, received: Timestamp) -> Option<Self> {
        let date = clock::http_date(date)?;
        let second = SignedDuration::from_secs(1);
        Some(Self { least: date.duration_since(received), most: date.duration_since(asked) + second })
    }
}

/// An object of a list.
#[derive(Debug)]
pub(super) enum Item {
    /// Decoded.
    Object(Object),
    /// What is kept of an object that is undecodable or too long.
    Undecodable(Undecodable),
}

impl Item {
    /// The uid, if it could be read.
    pub(super) fn uid(&self) -> Option<&str> {
        match self {
            Self::Object(object) => Some(&object.uid),
            Self::Undecodable(undecodable) => undecodable.uid.as_deref(),
        }
    }

    /// The object, if it could be decoded.
    pub(super) fn object(&self) -> Option<&Object> {
        match self {
            Self::Object(object) => Some(object),
            Self::Undecodable(_) => None,
        }
    }
}

/// The uids, names and versions of a whole list.
#[derive(Clone, Debug)]
pub(super) struct Heads {
    /// The list's version.
    pub version: ResourceVersion,
    /// The objects.
    pub objects: Vec<Head>,
}

/// An object in a list of metadata.
#[derive(Clone, Debug)]
pub(super) struct Head {
    pub uid: SmolStr,
    pub namespace: SmolStr,
    pub name: SmolStr,
    pub version: ResourceVersion,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_that_does_not_end_is_refused() {
        let token = |number: u32| Some(number.to_string());
        let mut paging = Paging::default();
        assert_eq!(paging.next(token(1)), Ok(token(1)));
        assert_eq!(paging.next(token(1)), Err(Endless::Repeated));
        let mut paging = Paging::default();
        paging.object(Some("a")).and_then(|()| paging.object(Some("b"))).expect("two objects");
        assert_eq!(paging.object(Some("a")), Err(Endless::Twice));
        let refused = (2..=2 * MAX_OBJECTS).map(|_| paging.object(None)).find(Result::is_err);
        assert_eq!((refused, paging.objects), (Some(Err(Endless::TooManyObjects)), MAX_OBJECTS + 1));
        let mut paging = Paging::default();
        let refused = (1..=2 * MAX_PAGES).map(|number| paging.next(token(number))).position(|next| next.is_err());
        assert_eq!(refused, Some(MAX_PAGES as usize - 1));
        assert_eq!(Paging::default().next(Some(String::new())), Ok(None));
    }
}
