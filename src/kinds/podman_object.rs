//! What the kinds of Podman share: the source, and an object after an event.

use super::declaration::{Follow, Followed, Source};
use super::followed;
use super::parts::{Parts, track};
use super::podman_event::{CREATE, Event, FOUND, REMOVE};
use super::tracks::Tracks;
use super::{Error, Interpretation};
use crate::observation::{Change, Object, Raw, State, StateKind};
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

/// The source of a kind.
pub(super) const fn source(follow: Follow) -> Source {
    Source { what: "the socket of Podman's service", usual: "/run/podman/podman.sock", may_be_omitted: false, follow }
}

/// The event of a line.
///
/// # Errors
/// It is not one of Podman.
pub(super) fn event(raw: &Raw) -> Result<Event, Error> {
    serde_json::from_str(raw.event.get()).map_err(Error::shape("event of Podman"))
}

/// How a server would have delivered an event of an object that begins and ends.
pub(super) fn change(before: Option<&Object>, raw: &Raw, event: &Event) -> Change {
    match event.action.as_str() {
        _ if raw.listed => Change::Listed,
        CREATE => Change::Added,
        REMOVE => Change::Deleted,
        // Its creation was not seen, which a line before this one says.
        _ if before.is_none() => Change::Added,
        _ => Change::Modified,
    }
}

/// What is there, of which nothing says what was done to it last.
pub(super) const PRESENT: &str = "present";

/// The last action that changed anything; `found` is that of what is there.
pub(super) fn action(event: &Event, found: &'static str) -> SmolStr {
    if event.action == FOUND { SmolStr::new_static(found) } else { event.action.clone() }
}

/// An object after an event.
///
/// # Errors
/// Its status is not JSON.
pub(super) fn followed(raw: &Raw, change: Change, status: impl Serialize) -> Result<Followed, Error> {
    followed::followed(raw, change, status, "event of Podman")
}

/// What is known of an object of which only the last action is.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Acted {
    action: SmolStr,
}

/// Such an object after an event; `found` is the last action of one that is there.
///
/// # Errors
/// It is not an event of Podman.
pub(super) fn acted(before: Option<&Object>, raw: &Raw, found: &'static str) -> Result<Followed, Error> {
    let event = event(raw)?;
    followed(raw, change(before, raw, &event), Acted { action: action(&event, found) })
}

/// Its last action; `kind` names it in an error.
///
/// # Errors
/// Its status has another shape.
pub(super) fn interpret_action(object: &Object, kind: &'static str) -> Result<Interpretation, Error> {
    let mut tracks = Tracks::with_capacity(1);
    let known: Parts<'_, IgnoredAny, Acted> = Parts::of(object, kind)?;
    let kind = |action: &SmolStr| if action == PRESENT { StateKind::Unknown } else { StateKind::Plain };
    let state = |Acted { action }| State { kind: kind(&action), ..State::plain(action) };
    tracks.optional(track("action"), known.status.map(state));
    Ok(tracks.done(None))
}
