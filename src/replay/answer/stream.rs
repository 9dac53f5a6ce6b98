//! WATCH: whether it may start, and the stream of its response.

use super::super::body::{self, Body};
use super::super::collection::Bookmark;
use super::super::fault::{Gone, OldServer, Plan};
use super::super::refusal::Refusal;
use super::super::scopes::Scope;
use super::super::shared::Shared;
use super::super::store::Address;
use super::super::watch::{Clocks, Watching, beginning};
use super::request::{ObjectRequest, known};
use bytes::Bytes;
use http::Response;
use std::sync::Arc;
use std::time::Duration;

pub(super) fn answer(request: &ObjectRequest<'_>, plan: Plan) -> Result<Response<Body>, Refusal> {
    let (shared, query) = (request.shared, &request.call.query);
    if plan.old_server == Some(OldServer::Refuse) {
        return Err(Refusal::new(
            422,
            "sendInitialEvents: Forbidden: sendInitialEvents is forbidden for watch unless the WatchList feature gate is \
             enabled",
        ));
    }
    if !request.name.is_empty() {
        return Err(Refusal::new(400, "watch one object with fieldSelector=metadata.name=NAME"));
    }
    // Subscribes before reading the state, so that no change is missed.
    let changes = shared.store.changes();
    let mut state = shared.store.lock();
    if plan.forget {
        state.compacted = state.revision();
    }
    let Some(collection) = state.served(request.address) else { return Ok(request.not_served(&state)) };
    let selection = request.selection(collection)?;
    known(collection, &selection.scope)?;
    let begun = match plan.gone {
        Some(_) => Err(Refusal::expired_watch(query.number("resourceVersion").unwrap_or(0), state.revision())),
        None => beginning(&state, collection, &selection, query, plan.old_server.is_none()),
    };
    let beginning = match begun {
        Ok(beginning) => beginning,
        Err(refusal) if refusal.code == 410 && plan.gone.unwrap_or(shared.options.gone) == Gone::InStream => {
            let event = Bytes::from(refusal.event());
            return Ok(body::stream(futures::stream::iter([event]), plan.chunks));
        }
        Err(refusal) => return Err(refusal),
    };
    let timeout = query.number("timeoutSeconds").filter(|seconds| *seconds > 0).map(Duration::from_secs);
    let open = Open::new(shared.clone(), (request.address.clone(), selection.scope.clone()));
    let watching = Watching {
        store: shared.store.clone(),
        address: request.address.clone(),
        selection,
        form: request.form,
        bookmark: if query.flag("allowWatchBookmarks") { plan.bookmarks } else { Bookmark::Off },
        shown: collection.len(),
        is_over: false,
        has_columns: false,
        beginning,
        shape: plan.shape,
        valve: request.valve.clone(),
        clocks: Clocks::new(
            shared.options.bookmark_every,
            shared.bookmark_now(),
            timeout.or(shared.options.watch_timeout),
            shared.closing.clone(),
        ),
        changes,
    };
    drop(state);
    if let Some(reel) = &shared.reel {
        reel.playback.release();
    }
    let pieces = futures::stream::unfold((watching, open), |(mut watching, open)| async move {
        let piece = watching.next().await?;
        Some((piece, (watching, open)))
    });
    Ok(body::stream(pieces, plan.chunks))
}

/// Counts a watch as open in the journal while it exists.
struct Open(Arc<Shared>, (Address, Scope));

impl Open {
    fn new(shared: Arc<Shared>, watched: (Address, Scope)) -> Self {
        shared.journal.watching(&watched, true);
        Self(shared, watched)
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.0.journal.watching(&self.1, false);
    }
}
