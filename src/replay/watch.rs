//! WATCH: the stream of one client, from its initial state on, with bookmarks, until it ends.
//!
//! The state is in [`Watching`]; each call of [`Watching::next`] returns the next piece of the body. No events are
//! buffered here: what the socket has not taken stays in the store.

use super::collection::{Bookmark, Collection, Form};
use super::fault::{End, Shape};
use super::refusal::Refusal;
use super::route::Query;
use super::selector::Selection;
use super::store::{Address, State, Store};
use super::wire::Valve;
use crate::observation::Change;
use bytes::{Bytes, BytesMut};
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch::Receiver;
use tokio::time::{Instant, Interval, Sleep};
use tokio_util::sync::CancellationToken;

/// Size in bytes at which a piece of the body is complete when its events have to be copied.
const PIECE: usize = 64 * 1024;

/// Where a watch starts.
#[derive(Debug)]
pub(super) struct Beginning {
    /// Indexes of the objects of the initial state that are yet to be sent.
    initial: VecDeque<usize>,
    /// Revision of the bookmark that ends the initial state, if there is one.
    end_bookmark: Option<u64>,
    /// Index of the first write after the initial state.
    next: usize,
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
    match asked {
        Some(asked) if !streams_list => {
            let oldest = state.compacted.max(state.watch_floor);
            if asked < oldest {
                return Err(Refusal::expired_watch(asked, oldest));
            }
            Ok(Beginning { initial: VecDeque::new(), end_bookmark: None, next: collection.after(asked) })
        }
        Some(asked) if asked > state.revision => Err(Refusal::too_large(asked, state.revision)),
        _ => Ok(Beginning {
            initial: collection.at(state.revision, selection, "").map(|(_, index)| index).collect(),
            end_bookmark: streams_list.then_some(state.revision),
            next: collection.len(),
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
}

/// What ends a watch or makes it send something, besides events.
pub(super) struct Clocks {
    pub bookmarks: Interval,
    pub bookmark_now: Receiver<u64>,
    pub timeout: Option<std::pin::Pin<Box<Sleep>>>,
    pub closing: CancellationToken,
}

/// What the store currently has for a watch.
enum Backlog {
    Piece(Bytes),
    End(End),
    Nothing,
}

impl Watching {
    /// The next piece of the body; `None` ends it properly.
    pub(super) async fn next(&mut self) -> Option<Bytes> {
        loop {
            match self.backlog() {
                Backlog::Piece(piece) => return Some(piece),
                Backlog::End(End::Close) => return None,
                Backlog::End(end) => return self.break_off(end).await,
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
            let timeout = async {
                match &mut self.clocks.timeout {
                    Some(timeout) => timeout.as_mut().await,
                    None => std::future::pending().await,
                }
            };
            let bookmark = tokio::select! {
                changed = self.changes.changed() => { changed.ok()?; false }
                Ok(()) = self.clocks.bookmark_now.changed() => true,
                _ = self.clocks.bookmarks.tick() => true,
                () = timeout => return None,
                () = self.clocks.closing.cancelled() => return None,
            };
            if bookmark && let Some(line) = self.bookmark() {
                return Some(line);
            }
        }
    }

    /// Ends the connection below HTTP; never returns.
    async fn break_off(&self, end: End) -> Option<Bytes> {
        match end {
            End::Cut => self.valve.cut(),
            End::HalfOpen | End::Close => self.valve.mute(),
        }
        // The valve acts at the next flush of the connection; yielding once makes sure that there is one.
        tokio::task::yield_now().await;
        std::future::pending().await
    }

    fn written(&self) -> Option<usize> {
        self.store.lock().served(&self.address).map(Collection::len)
    }

    fn backlog(&mut self) -> Backlog {
        let store = self.store.clone();
        let state = store.lock();
        // Withholding a resource ends its watches, as deleting a CRD does.
        let Some(collection) = state.served(&self.address) else { return Backlog::End(End::Close) };
        let limit = if self.shape.lag.is_some() { self.shown } else { usize::MAX };
        if self.is_unselective() && limit == usize::MAX {
            return match collection.run(self.beginning.next) {
                Some((piece, next)) => {
                    self.beginning.next = next;
                    Backlog::Piece(piece)
                }
                None => Backlog::Nothing,
            };
        }
        let mut piece = BytesMut::new();
        while piece.len() < PIECE {
            let initial_done = self.beginning.initial.is_empty() && self.beginning.end_bookmark.is_none();
            if let Some(end) = self.shape.end(initial_done) {
                return if piece.is_empty() { Backlog::End(end) } else { Backlog::Piece(piece.freeze()) };
            }
            match self.line(collection, limit) {
                Some(line) if piece.is_empty() && !self.shape.is_plain() => return Backlog::Piece(line),
                Some(line) => piece.extend_from_slice(&line),
                None => break,
            }
        }
        if piece.is_empty() { Backlog::Nothing } else { Backlog::Piece(piece.freeze()) }
    }

    /// True when the lines of the log can be sent unchanged.
    fn is_unselective(&self) -> bool {
        self.beginning.initial.is_empty()
            && self.beginning.end_bookmark.is_none()
            && self.shape.is_plain()
            && self.form == Form::Full
            && self.selection.is_everything()
    }

    fn line(&mut self, collection: &Collection, limit: usize) -> Option<Bytes> {
        if let Some(index) = self.beginning.initial.pop_front() {
            let line = collection.line(collection.version(index)?, Change::Added, self.form);
            return Some(self.shape.event(line, true));
        }
        if let Some(revision) = self.beginning.end_bookmark.take()
            && self.bookmark != Bookmark::Off
        {
            return Some(collection.bookmark(revision, true, self.form, self.bookmark));
        }
        while self.beginning.next < collection.len().min(limit) {
            let index = self.beginning.next;
            self.beginning.next += 1;
            if let Some(line) = collection.event(index, &self.selection, self.form) {
                return Some(self.shape.event(line, false));
            }
        }
        None
    }

    /// A bookmark at the newest revision, if everything before it was sent.
    fn bookmark(&self) -> Option<Bytes> {
        let state = self.store.lock();
        let collection = state.served(&self.address)?;
        let revision = if self.bookmark == Bookmark::Behind { state.revision / 2 } else { state.revision };
        (self.bookmark != Bookmark::Off && self.beginning.next == collection.len())
            .then(|| collection.bookmark(revision, false, self.form, self.bookmark))
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
        let timeout = timeout.map(|timeout| Box::pin(tokio::time::sleep(timeout)));
        Self { bookmarks, bookmark_now, timeout, closing }
    }
}
