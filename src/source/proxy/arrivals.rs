//! Since when what is read from sockets may have waited there.
//!
//! A client that does not read, or a recorder that is kept waiting, makes bytes pass later than they were written. So
//! whenever the thread in which calls pass has nothing more to do, and at least every [`AT_LEAST`], it looks which sockets
//! have something to read. What is read from one came after the last look at which it had nothing.

use super::super::clock::{Clock, until};
use super::super::error::Error;
use jiff::Timestamp;
use rustix::buffer::spare_capacity;
use rustix::event::epoll::{self, Event, EventData, EventFlags};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::ioctl_fionread;
use std::collections::{BTreeMap, HashMap};
use std::convert::Infallible;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How often it looks when nothing passes.
pub(super) const AT_LEAST: Duration = Duration::from_millis(20);

/// How long what has come may take to be read at the end, and how often it looks then.
const AT_MOST: Duration = Duration::from_millis(500);
const BETWEEN_LOOKS: Duration = Duration::from_millis(1);

/// A look, without waiting.
const NOW: Timespec = Timespec { tv_sec: 0, tv_nsec: 0 };

/// What is known of the sockets of one thread.
#[derive(Clone, Debug)]
pub(in super::super) struct Arrivals(Arc<Sockets>);

#[derive(Debug)]
struct Sockets {
    epoll: OwnedFd,
    clock: Clock,
    known: Mutex<Known>,
}

#[derive(Debug)]
struct Known {
    last: u64,
    watched: usize,
    /// When it looked last.
    looked: Timestamp,
    /// The sockets that had something to read then, and since when it may have been there.
    waiting: BTreeMap<u64, Timestamp>,
    /// Since when what was read of a socket may have been there that was not dealt with.
    held: BTreeMap<u64, Timestamp>,
    /// When a socket had nothing to read besides, though it may have been closed.
    empty: HashMap<u64, Timestamp>,
    /// Since when what is being read may have been there.
    reading: Option<Timestamp>,
    /// At the end, up to when everything was read, and whether that is all that had come.
    ended: Option<(Timestamp, bool)>,
}

impl Arrivals {
    /// No socket yet.
    ///
    /// # Errors
    /// The kernel refuses a descriptor.
    pub(in super::super) fn new(clock: Clock) -> Result<Self, Error> {
        let epoll = epoll::create(epoll::CreateFlags::CLOEXEC).map_err(|error| Error::Descriptor(error.into()))?;
        let (looked, waiting) = (clock.now().at, BTreeMap::new());
        let known = Known {
            last: 0,
            watched: 0,
            looked,
            waiting,
            held: BTreeMap::new(),
            empty: HashMap::new(),
            reading: None,
            ended: None,
        };
        Ok(Self(Arc::new(Sockets { epoll, clock, known: Mutex::new(known) })))
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.0.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Watches a socket. What is read from it may have been there since a moment, or came after the last look.
    ///
    /// # Errors
    /// The kernel refuses it.
    pub(super) fn watch<S: AsFd>(&self, socket: S, since: Option<Timestamp>) -> io::Result<Watched<S>> {
        let mut known = self.known();
        known.last += 1;
        let id = known.last;
        epoll::add(&self.0.epoll, &socket, EventData::new_u64(id), EventFlags::IN)?;
        known.watched += 1;
        known.waiting.extend(since.map(|since| (id, since)));
        drop(known);
        let arrival = Arrival { arrivals: self.clone(), id, is_watched: true, mark: None };
        Ok(Watched { socket, arrival })
    }

    /// Looks which sockets have something to read. Everything that was read before must have been dealt with.
    pub(super) fn look(&self) {
        let mut known = self.known();
        let Known { watched, looked, waiting, .. } = &mut *known;
        let now = self.0.clock.now().at;
        let mut found: Vec<Event> = Vec::with_capacity(*watched + 1);
        // Where it fails, the look before it counts.
        if epoll::wait(&self.0.epoll, spare_capacity(&mut found), Some(&NOW)).is_err() {
            return;
        }
        let ids = found.iter().map(|event| event.data.u64());
        *waiting = ids.map(|id| (id, waiting.get(&id).copied().unwrap_or(*looked))).collect();
        *looked = now;
    }

    /// Looks at least once in a while.
    pub(super) async fn pace(&self) -> Infallible {
        loop {
            until(Some(self.0.clock.after(AT_LEAST))).await;
        }
    }

    /// Everything that had come by this moment was read.
    pub(super) fn read_until(&self) -> Timestamp {
        let known = self.known();
        match known.ended {
            Some((until, _)) => until,
            None => {
                known.waiting.values().chain(known.held.values()).fold(known.looked, |until, since| until.min(*since))
            }
        }
    }

    /// Reads what has come up to now, as far as that takes no longer than [`AT_MOST`]. What is read later does not count.
    pub(super) async fn end(&self) {
        let now = || self.0.clock.now();
        let begun = now();
        while self.read_until() < begun.at && now().elapsed.saturating_sub(begun.elapsed) < AT_MOST {
            until(Some(self.0.clock.after(BETWEEN_LOOKS))).await;
        }
        let until = self.read_until();
        self.known().ended = Some((until, until >= begun.at));
    }

    /// True when everything was read that had come at the end.
    pub(super) fn has_read_up(&self) -> bool {
        self.known().ended.is_some_and(|(_, is_all)| is_all)
    }

    /// Something is about to pass to this socket: what its owner writes after that came later than now, if there is nothing
    /// to read yet.
    pub(super) fn before_passing(&self, id: u64, to: impl AsFd) {
        let now = self.0.clock.now().at;
        if ioctl_fionread(to) == Ok(0) {
            self.known().empty.insert(id, now);
        }
    }

    /// Since when what is being read may have been there.
    pub(super) fn reading(&self) -> Option<Timestamp> {
        self.known().reading
    }

    pub(super) fn now(&self) -> Timestamp {
        self.0.clock.now().at
    }

    /// When it looked last.
    pub(super) fn looked(&self) -> Timestamp {
        self.known().looked
    }

    /// Deals with something that may have been there since a moment.
    pub(super) fn deal<T>(&self, since: Timestamp, deal: impl FnOnce() -> T) -> T {
        self.known().reading = Some(since);
        let dealt = deal();
        self.known().reading = None;
        dealt
    }
}

/// A socket that is looked at.
#[derive(Debug)]
pub(in super::super) struct Watched<S: AsFd> {
    pub(super) socket: S,
    pub(super) arrival: Arrival,
}

impl<S: AsFd> Drop for Watched<S> {
    fn drop(&mut self) {
        self.arrival.end(&self.socket);
        self.arrival.hold(None);
        // What passes to one of which nothing more is read is noted, too.
        self.arrival.arrivals.known().empty.remove(&self.arrival.id);
    }
}

/// What is known of a socket.
#[derive(Debug)]
pub(super) struct Arrival {
    pub(super) arrivals: Arrivals,
    pub(super) id: u64,
    is_watched: bool,
    /// When it had this much to read.
    mark: Option<(Timestamp, u64)>,
}

impl Arrival {
    /// Since when what is read next may have been there.
    pub(super) fn since(&self) -> Timestamp {
        let since = self.closed_since();
        self.arrivals.known().empty.get(&self.id).map_or(since, |empty| since.max(*empty))
    }

    /// Since when it may have been closed.
    pub(super) fn closed_since(&self) -> Timestamp {
        let known = self.arrivals.known();
        known.waiting.get(&self.id).copied().unwrap_or(known.looked)
    }

    /// So much was read, and dealt with. Where a socket never becomes empty, because as much comes as is read, the amounts
    /// show what was there when.
    pub(super) fn was_read(&mut self, socket: impl AsFd, length: usize) {
        let mut known = self.arrivals.known();
        let Some(since) = known.waiting.get_mut(&self.id) else {
            self.mark = None;
            return;
        };
        let length = length as u64;
        match &mut self.mark {
            Some((_, left)) if *left > length => {
                *left -= length;
                return;
            }
            mark => *since = mark.take().map_or(*since, |(at, _)| at.max(*since)),
        }
        let now = self.arrivals.0.clock.now().at;
        let left = ioctl_fionread(&socket);
        self.mark = left.ok().filter(|_| !has_ended(&socket)).map(|left| (now, left));
    }

    /// What was read is not dealt with yet, and may have been there since a moment; none when it is.
    pub(super) fn hold(&self, since: Option<Timestamp>) {
        let mut known = self.arrivals.known();
        match since {
            Some(since) => _ = known.held.insert(self.id, since),
            None => _ = known.held.remove(&self.id),
        }
    }

    /// Nothing more will be read from it.
    pub(super) fn end(&mut self, socket: impl AsFd) {
        if std::mem::take(&mut self.is_watched) {
            let mut known = self.arrivals.known();
            let _ = epoll::delete(&self.arrivals.0.epoll, socket);
            known.watched -= 1;
            known.waiting.remove(&self.id);
        }
    }
}

/// True where the other side sends no more.
fn has_ended(socket: impl AsFd) -> bool {
    says(socket, PollFlags::RDHUP)
}

/// True where the other side has closed both directions.
pub(super) fn is_closed(socket: impl AsFd) -> bool {
    says(socket, PollFlags::HUP)
}

/// Looks at a socket, without waiting: whether it says this.
fn says(socket: impl AsFd, this: PollFlags) -> bool {
    let mut asked = [PollFd::new(&socket, this)];
    poll(&mut asked, Some(&NOW)).is_err() || asked[0].revents().intersects(this)
}

/// A socket that nothing looks at.
#[cfg(test)]
pub(in super::super) fn watched<S: AsFd, C: super::Call>(calls: &super::Calls<C>, socket: S) -> Watched<S> {
    calls.arrivals().watch(socket, None).unwrap()
}
