//! The threads between a recorder and its screen: one takes the entries, so that none is missed however long a picture
//! of them takes, and one prepares the pictures.

use super::collection::{Collection, LIMIT, Painter};
use super::picture::Picture;
use crate::cli::printer;
use crate::cli::tally::Tally;
use crate::run::{Listener, Message};
use crate::source::Clock;
use crate::view::Style;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::watch;

/// The least time between two pictures, and how many times as long as it takes to prepare one.
const PICTURE: Duration = Duration::from_millis(100);
const SHARE: u32 = 10;

/// What the threads share.
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

struct State {
    collection: Collection,
    /// How often it was changed.
    changes: u64,
    /// True when the recorder has ended.
    is_over: bool,
}

/// Collects the entries of a listener, and counts the messages that were `handled`; the pictures come as long as there is
/// a receiver.
pub(super) fn collect(
    listener: Listener,
    tally: Arc<Mutex<Tally>>,
    style: Style,
    handled: watch::Sender<u64>,
) -> watch::Receiver<Option<Picture>> {
    let collection = Collection::new(lock(&tally).selection().clone(), style, LIMIT);
    let state = Mutex::new(State { collection, changes: 0, is_over: false });
    let shared = Arc::new(Shared { state, changed: Condvar::new() });
    let (pictures, next) = watch::channel(None);
    let taking = Arc::clone(&shared);
    std::thread::spawn(move || take(listener, &tally, &taking, &handled));
    std::thread::spawn(move || prepare(&shared, Painter::new(style), &pictures));
    next
}

/// Takes the entries until the recorder ends.
fn take(mut listener: Listener, tally: &Mutex<Tally>, shared: &Shared, handled: &watch::Sender<u64>) {
    while let Some(message) = listener.blocking_next() {
        let is_changed = match message {
            Message::Entry(entry) => {
                let fate = lock(tally).take(&entry);
                lock(&shared.state).take(|collection| collection.take(entry, fate))
            }
            Message::Missed { entries } => {
                printer::say(format!("{entries} entries are not shown: the screen is too slow"));
                lock(&shared.state).take(|collection| {
                    collection.miss(entries);
                    true
                })
            }
        };
        if is_changed {
            shared.changed.notify_one();
        }
        handled.send_modify(|messages| *messages += 1);
    }
    lock(&shared.state).is_over = true;
    shared.changed.notify_one();
}

impl State {
    /// Changes the collection; returns whether it did.
    fn take(&mut self, change: impl FnOnce(&mut Collection) -> bool) -> bool {
        let is_changed = change(&mut self.collection);
        self.changes += u64::from(is_changed);
        is_changed
    }
}

/// Prepares pictures as long as there is a screen, at most ten times a second and for at most a tenth of the time.
fn prepare(shared: &Shared, mut painter: Painter, pictures: &watch::Sender<Option<Picture>>) {
    let clock = Clock::start(Duration::ZERO);
    let mut drawn = 0;
    loop {
        let state = lock(&shared.state);
        let state = shared.changed.wait_while(state, |state| state.changes == drawn && !state.is_over);
        let state = state.unwrap_or_else(PoisonError::into_inner);
        if pictures.is_closed() || state.changes == drawn {
            return;
        }
        drawn = state.changes;
        let collected = state.collection.collected();
        drop(state);
        let begun = clock.played();
        pictures.send_replace(Some(painter.picture(collected)));
        let took = clock.played().saturating_sub(begun);
        let pause = PICTURE.max(took * (SHARE - 1));
        drop(shared.changed.wait_timeout_while(lock(&shared.state), pause, |state| !state.is_over));
    }
}

/// No panic leaves it half changed.
fn lock<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}
