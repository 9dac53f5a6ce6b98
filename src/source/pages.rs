//! What lists hold: whole objects, or who is there in which version.

use crate::observation::{Object, ResourceVersion, Stamp, Undecodable};
use jiff::fmt::rfc2822;
use jiff::{SignedDuration, Timestamp};
use smol_str::SmolStr;
use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};

/// Most pages of a list: a million objects.
const MAX_PAGES: u32 = 2_000;

/// The pages of a list that is being read, as far as that takes to see that it does not end.
#[derive(Debug, Default)]
pub(super) struct Paging {
    pages: u32,
    token: Option<String>,
    /// Hashes of the uids that were listed.
    listed: HashSet<u64>,
}

/// A list without an end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Endless {
    /// The continue token of a page leads to that page again.
    #[error("the server continues the list with the token that it was asked for")]
    Repeated,
    /// An object is in it twice.
    #[error("the list has an object twice: the server goes through it again")]
    Twice,
    /// It has too many pages.
    #[error("the list has more than {MAX_PAGES} pages")]
    TooManyPages,
}

impl Paging {
    /// Notes an object of the page.
    ///
    /// # Errors
    /// When it was listed before.
    pub(super) fn object(&mut self, uid: &str) -> Result<(), Endless> {
        let mut hasher = DefaultHasher::new();
        uid.hash(&mut hasher);
        if self.listed.insert(hasher.finish()) { Ok(()) } else { Err(Endless::Twice) }
    }

    /// Ends the page. The token of the next one, if there is one.
    ///
    /// # Errors
    /// When there is no end to be seen.
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
    /// The list's version: every object is as of it.
    pub version: ResourceVersion,
    /// The kind of its objects, when the server says it.
    pub kind: SmolStr,
    /// How far the server's clock is ahead of ours, where it sends its time.
    pub skew: Option<Skew>,
    /// The objects, in the server's order, with the receipt of their page.
    pub items: Vec<(Stamp, Item)>,
}

/// How far the server's clock is ahead of ours: at least, and at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Skew {
    pub least: SignedDuration,
    pub most: SignedDuration,
}

impl Skew {
    /// The clocks are one.
    pub(super) const NONE: Self = Self { least: SignedDuration::ZERO, most: SignedDuration::ZERO };

    /// In microseconds.
    pub(super) fn micros(self) -> Option<(i64, i64)> {
        let micros = |length: SignedDuration| i64::try_from(length.as_micros()).ok();
        micros(self.least).zip(micros(self.most))
    }

    /// By the `Date` of an answer, cut to seconds, that was asked for and received at these moments of ours.
    pub(super) fn measured(date: &str, asked: Timestamp, received: Timestamp) -> Option<Self> {
        let date = rfc2822::DateTimeParser::new().parse_timestamp(date).ok()?;
        let second = SignedDuration::from_secs(1);
        Some(Self { least: date.duration_since(received), most: date.duration_since(asked) + second })
    }
}

/// An object of a list.
#[derive(Debug)]
pub(super) enum Item {
    /// Decoded.
    Object(Object),
    /// What is kept of one that could not be decoded.
    Undecodable(Undecodable),
}

impl Item {
    /// The object, if it could be decoded.
    pub(super) fn object(&self) -> Option<&Object> {
        match self {
            Self::Object(object) => Some(object),
            Self::Undecodable(_) => None,
        }
    }
}

/// uids, names and versions of a whole list.
#[derive(Clone, Debug)]
pub(super) struct Heads {
    /// The list's version.
    pub version: ResourceVersion,
    /// The objects.
    pub objects: Vec<Head>,
}

/// Who is in a list, in which version.
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
        paging.object("a").and_then(|()| paging.object("b")).expect("two objects");
        assert_eq!(paging.object("a"), Err(Endless::Twice));
        let mut paging = Paging::default();
        let refused = (1..=2 * MAX_PAGES).map(|number| paging.next(token(number))).position(|next| next.is_err());
        assert_eq!(refused, Some(MAX_PAGES as usize - 1));
        assert_eq!(Paging::default().next(Some(String::new())), Ok(None));
    }
}
