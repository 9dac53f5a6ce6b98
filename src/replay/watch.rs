//! WATCH: the stream of one client, from its initial state on, with bookmarks, until it ends.
//!
//! The state is in [`Watching`]; each call of [`Watching::next`] returns the next piece of the body. No events are
//! buffered here: what the socket has not taken stays in the store.

use super::collection::{Bookmark, Collection};
use super::fault::{End, Shape};
use super::printing::{Form, Printing};
use super::refusal::Refusal;
use super::route::Query;
use super::selector::Selection;
use super::store::{Address, State, Store};
use super::wire::Valve;
use crate::observation::Change;
use bytes::{Bytes, BytesMut};
use jiff::Timestamp;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch::Receiver;
use tokio::time::{Instant, Interval, Sleep};
use tokio_util::sync::CancellationToken;

/// Size in bytes at which a piece of the body is complete when its events have to be copied.
const PIECE: usize = 64 * 1024;

/// Where a watch starts, and where it is.
#[derive(Debug)]
pub(super) struct Beginning {
    /// The initial state, as far as it is yet to be sent.
    initial: Option<Initial>,
    /// Revision of the bookmark that ends the initial state, if there is one.
    end_bookmark: Option<u64>,
    /// Index of the first write after the initial state.
    next: usize,
    /// The revision from which it starts.
    from: u64,
    /// How often the replay had been moved back.
    round: u64,
    /// Breaks of the recording that it has behind it.
    breaks: usize,
    /// Bookmarks of the recording that it has met.
    bookmarks: usize,
}

/// The objects at a revision, from a key on.
#[derive(Debug)]
struct Initial {
    revision: u64,
    from: String,
}

/// Determines where a WATCH starts.
pub(super) fn beginning(
    state: &State,
    collection: &Collection,
    selection: &Selection,
    query: &Query,
    knows_initial_events: bool,
) -> Result<Beginning, Refusal> {
    let version = query.text("resourceVersion");
    let streams_list = knows_initial_events && query.flag("sendInitialEvents");
    if knows_initial_events
        && !query.text("sendInitialEvents").is_empty()
        && query.text("resourceVersionMatch") != "NotOlderThan"
    {
        return Err(Refusal::new(
            422,
            "resourceVersionMatch: Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan",
        ));
    }
    let asked = match version {
        "" | "0" => None,
        text => {
            Some(text.parse().map_err(|_| Refusal::new(400, format!("Invalid value: \"{text}\": resourceVersion")))?)
        }
    };
    let newest = state.known_until(collection, &selection.scope);
    let scopes = &collection.scopes;
    let breaks_before = |revision| scopes.breaks_before(&selection.scope, revision);
    let from = Beginning {
        initial: None,
        end_bookmark: None,
        next: collection.len(),
        from: newest,
        round: state.round,
        breaks: breaks_before(newest),
        bookmarks: scopes.bookmarks_before(collection.len()),
    };
    match asked {
        Some(asked) if !streams_list => {
            if asked > newest && state.round > 0 {
                return Err(Refusal::moved_back(asked, newest));
            }
            if asked < state.watch_floor || asked <= newest && !state.knows(collection, &selection.scope, asked) {
                let oldest = state.known_since(collection, &selection.scope).max(state.watch_floor);
                return Err(Refusal::expired_watch(asked, oldest));
            }
            let next = collection.after(asked);
            let (breaks, bookmarks) = (breaks_before(asked), scopes.bookmarks_before(next));
            // It would get nothing before it breaks off.
            if scopes.next_break(&selection.scope, breaks).is_some_and(|index| index <= next) {
                return Err(Refusal::expired_watch(asked, state.known_since(collection, &selection.scope)));
            }
            Ok(Beginning { next, from: asked, breaks, bookmarks, ..from })
        }
        Some(asked) if asked > newest => Err(Refusal::too_large(asked, newest)),
        _ => Ok(Beginning {
            initial: Some(Initial { revision: newest, from: String::new() }),
            end_bookmark: streams_list.then_some(newest),
            ..from
        }),
    }
}

/// An open watch.
pub(super) struct Watching {
    pub store: Store,
    pub address: Address,
    pub selection: Selection,
    pub form: Form,
    pub beginning: Beginning,
    /// `Off` when the client did not ask for bookmarks.
    pub bookmark: Bookmark,
    pub shape: Shape,
    pub valve: Arc<Valve>,
    pub clocks: Clocks,
    pub changes: Receiver<u64>,
    /// Writes before this index may be sent; a lag holds back the others.
    pub shown: usize,
    /// The columns of its table were sent.
    pub has_columns: bool,
    /// It has been told that it expired.
    pub is_over: bool,
}

/// What ends a watch or makes it send something, besides events.
pub(super) struct Clocks {
    pub bookmarks: Interval,
    pub bookmark_now: Receiver<u64>,
    pub timeout: Option<std::pin::Pin<Box<Sleep>>>,
    /// The bookmark before that.
    pub last: Option<std::pin::Pin<Box<Sleep>>>,
    pub closing: CancellationToken,
}

/// How long before its end a watch with a timeout has a bookmark, as `nextBookmarkTime` in `storage/cacher` of
/// k8s.io/apiserver does it.
const BEFORE_TIMEOUT: Duration = Duration::from_secs(2);

/// What the store currently has for a watch.
enum Backlog {
    Piece(Bytes),
    End(End),
    /// The client has to list again.
    Expired(Bytes),
    Nothing,
}

impl Watching {
    /// The next piece of the body; `None` ends it properly.
    pub(super) async fn next(&mut self) -> Option<Bytes> {
        if self.is_over {
            return None;
        }
        loop {
            match self.backlog() {
                Backlog::Piece(piece) => return Some(piece),
                Backlog::Expired(error) => {
                    self.is_over = true;
                    return Some(error);
                }
                Backlog::End(End::Close) => return None,
                Backlog::End(End::Cut) => return self.valve.cut_for_good().await,
                Backlog::End(End::HalfOpen) => return self.valve.mute_for_good().await,
                Backlog::Nothing => {}
            }
            if let Some(lag) = self.shape.lag
                && let Some(written) = self.written()
                && written > self.shown
            {
                tokio::time::sleep(lag).await;
                self.shown = written;
                continue;
            }
            let timeout = elapsed(self.clocks.timeout.as_mut());
            let last = elapsed(self.clocks.last.as_mut());
            let bookmark = tokio::select! {
                changed = self.changes.changed() => { changed.ok()?; false }
                Ok(()) = self.clocks.bookmark_now.changed() => true,
                _ = self.clocks.bookmarks.tick() => true,
                () = last => { self.clocks.last = None; true }
                () = timeout => return None,
                () = self.clocks.closing.cancelled() => return None,
            };
            if bookmark && let Some(line) = self.bookmark() {
                return Some(line);
            }
        }
    }

    fn written(&self) -> Option<usize> {
        self.store.lock().served(&self.address).map(Collection::len)
    }

    fn backlog(&mut self) -> Backlog {
        let store = self.store.clone();
        let state = store.lock();
        // Withholding a resource ends its watches, as deleting a CRD does.
        let Some(collection) = state.served(&self.address) else { return Backlog::End(End::Close) };
        let newest = state.known_until(collection, &self.selection.scope);
        if state.round != self.beginning.round {
            return Backlog::Expired(Refusal::moved_back(newest, newest).event().into());
        }
        let end = collection.scopes.next_break(&self.selection.scope, self.beginning.breaks);
        let lagging = if self.shape.lag.is_some() { self.shown } else { usize::MAX };
        let limit = lagging.min(end.unwrap_or(usize::MAX));
        let bookmark = collection.scopes.next_bookmark(&self.selection.scope, self.beginning.bookmarks);
        if self.is_unselective() && lagging == usize::MAX {
            let to = limit.min(bookmark.map_or(usize::MAX, |(index, ..)| index));
            if let Some((piece, next)) = collection.run(self.beginning.next, to) {
                self.beginning.next = next;
                return Backlog::Piece(piece);
            }
        }
        let mut piece = BytesMut::new();
        let now = state.now();
        while piece.len() < PIECE {
            let initial_done = self.beginning.initial.is_none() && self.beginning.end_bookmark.is_none();
            if let Some(end) = self.shape.end(initial_done) {
                return if piece.is_empty() { Backlog::End(end) } else { Backlog::Piece(piece.freeze()) };
            }
            match self.line(collection, limit, now) {
                Some(line) if piece.is_empty() && !self.shape.is_plain() => return Backlog::Piece(line),
                Some(line) => piece.extend_from_slice(&line),
                None => break,
            }
        }
        if !piece.is_empty() {
            Backlog::Piece(piece.freeze())
        } else if end.is_some_and(|end| self.beginning.next >= end) && self.beginning.initial.is_none() {
            let last = self.beginning.next.checked_sub(1).and_then(|index| collection.version(index));
            let last = last.map_or(self.beginning.from, |last| last.revision.max(self.beginning.from));
            Backlog::Expired(Refusal::expired_watch(last, newest).event().into())
        } else {
            Backlog::Nothing
        }
    }

    /// True when the lines of the log can be sent unchanged.
    fn is_unselective(&self) -> bool {
        self.beginning.initial.is_none()
            && self.beginning.end_bookmark.is_none()
            && self.shape.is_plain()
            && self.form == Form::Full
            && self.selection.is_everything()
    }

    fn line(&mut self, collection: &Collection, limit: usize, now: Timestamp) -> Option<Bytes> {
        let printing = Printing::new(self.form, &collection.resource, now, !self.has_columns);
        let line = self.next_line(collection, limit, &printing)?;
        self.has_columns = true;
        Some(line)
    }

    fn next_line(&mut self, collection: &Collection, limit: usize, printing: &Printing) -> Option<Bytes> {
        if let Some(initial) = &mut self.beginning.initial {
            let next = collection.at(initial.revision, &self.selection, &initial.from).next();
            if let Some((key, index)) = next {
                initial.from = format!("{key}\0");
                let line = collection.line(collection.version(index)?, Change::Added, printing);
                return Some(self.shape.event(line, true));
            }
            self.beginning.initial = None;
        }
        if let Some(revision) = self.beginning.end_bookmark.take()
            && self.bookmark != Bookmark::Off
        {
            return Some(collection.bookmark(revision, true, printing, self.bookmark));
        }
        loop {
            let recorded = collection.scopes.next_bookmark(&self.selection.scope, self.beginning.bookmarks);
            if let Some((_, revision, met)) = recorded.filter(|(index, ..)| *index <= self.beginning.next) {
                self.beginning.bookmarks = met;
                if revision > self.beginning.from && self.bookmark == Bookmark::Real {
                    return Some(collection.bookmark(revision, false, printing, self.bookmark));
                }
                continue;
            }
            if self.beginning.next >= collection.len().min(limit) {
                return None;
            }
            let index = self.beginning.next;
            self.beginning.next += 1;
            if let Some(line) = collection.event(index, &self.selection, printing) {
                return Some(self.shape.event(line, false));
            }
        }
    }

    /// A bookmark at the newest revision, if everything before it was sent.
    fn bookmark(&self) -> Option<Bytes> {
        let state = self.store.lock();
        let collection = state.served(&self.address)?;
        let newest = state.known_until(collection, &self.selection.scope);
        let revision = if self.bookmark == Bookmark::Behind { newest / 2 } else { newest };
        let printing = Printing::new(self.form, &collection.resource, state.now(), !self.has_columns);
        (self.bookmark != Bookmark::Off && self.beginning.next == collection.len())
            .then(|| collection.bookmark(revision, false, &printing, self.bookmark))
    }
}

impl Clocks {
    pub(super) fn new(
        bookmark_every: Duration,
        bookmark_now: Receiver<u64>,
        timeout: Option<Duration>,
        closing: CancellationToken,
    ) -> Self {
        let mut bookmarks = tokio::time::interval_at(Instant::now() + bookmark_every, bookmark_every);
        bookmarks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let sleep = |length| Box::pin(tokio::time::sleep(length));
        let last = timeout.and_then(|timeout| timeout.checked_sub(BEFORE_TIMEOUT)).map(sleep);
        Self { bookmarks, bookmark_now, timeout: timeout.map(sleep), last, closing }
    }
}

/// Waits until a time is up; for ever where there is none.
async fn elapsed(time: Option<&mut std::pin::Pin<Box<Sleep>>>) {
    match time {
        Some(time) => time.await,
        None => std::future::pending().await,
    }
}
