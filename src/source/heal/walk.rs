//! The versions of one object, newest first: the version before resourceVersion V is the one at revision V - 1.
//!
//! No version is skipped or guessed: k versions take k + 1 requests. Names are not identities: an object with another
//! uid under the name marks the creation of this one.

use super::bisection::Bisection;
use super::history::{Head, History, Unknown};
use crate::observation::Object;
use smol_str::SmolStr;
use std::sync::Arc;

/// Consecutive versions of one object.
#[derive(Debug)]
pub(crate) struct Chain {
    /// Oldest first.
    pub versions: Vec<Object>,
    /// What precedes the oldest version.
    pub beginning: Beginning,
}

/// What precedes a chain of versions.
#[derive(Debug)]
pub(crate) enum Beginning {
    /// The recorded version.
    Recorded,
    /// Nothing: the oldest is the first of all.
    Birth,
    /// Unknown, perhaps older versions.
    Unseen(Unknown),
}

/// Walks back from a version to the one recorded at revision `from`, or, if none was, to the creation.
pub(super) async fn walk(history: &Arc<History>, newest: Object, recorded: Option<u64>, from: u64) -> Chain {
    let mut versions = vec![newest];
    let beginning = loop {
        let last = versions.last().expect("it begins with one and only grows");
        match before(history, last, recorded, from).await {
            Ok(Before::Version(object)) => versions.push(*object),
            Ok(Before::Beginning(beginning)) => break beginning,
            Err(unknown) => break Beginning::Unseen(unknown),
        }
    };
    versions.reverse();
    Chain { versions, beginning }
}

enum Before {
    Version(Box<Object>),
    Beginning(Beginning),
}

async fn before(history: &Arc<History>, last: &Object, recorded: Option<u64>, from: u64) -> Result<Before, Unknown> {
    let contradiction = || Unknown::Contradicted(format!("{} is in a version that was not recorded", last.name));
    let version = last.resource_version.number().ok_or_else(contradiction)?;
    if version <= from {
        return Err(contradiction());
    }
    let beginning = || Before::Beginning(if recorded.is_some() { Beginning::Recorded } else { Beginning::Birth });
    // The object at `from` is known.
    if version - 1 == from {
        return Ok(beginning());
    }
    match history.object(&last.namespace, &last.name, version - 1).await? {
        Some(object) if object.uid == last.uid => match object.resource_version.number() {
            older if older == recorded => Ok(Before::Beginning(Beginning::Recorded)),
            _ => Ok(Before::Version(Box::new(object))),
        },
        // No object, or another one under the name.
        _ if recorded.is_some() => Err(contradiction()),
        _ => Ok(beginning()),
    }
}

/// The first revision without an object that was there at one revision and not at a later one. A uid never returns, so
/// a binary search finds it.
pub(super) async fn gone_at(
    history: &Arc<History>,
    uid: &SmolStr,
    head: &Head,
    there: u64,
    absent: u64,
) -> Result<u64, Unknown> {
    let mut search = Bisection::between(there, absent);
    while let Some(revision) = search.next() {
        let found = history.head(&head.namespace, &head.name, revision, true).await?;
        search.answer(revision, found.is_some_and(|(found, _)| found == *uid));
    }
    Ok(search.after())
}

/// The oldest available revision after one that is compacted and up to one that is not.
pub(super) async fn oldest(history: &Arc<History>, forgotten: u64, remembered: u64) -> Result<u64, Unknown> {
    let mut search = Bisection::between(forgotten, remembered);
    while let Some(revision) = search.next() {
        search.answer(revision, !history.remembers(revision).await?);
    }
    Ok(search.after())
}
