//! The mounts of one namespace, without I/O of its own: from what the kernel's queues hold to lines.
//!
//! The queue of mounts has them in order. That of releases is read first: what was released was detached before, so that
//! the queue of mounts, read afterwards, has that.

use super::super::mountinfo::Row;
use super::super::numbered::Lines;
use super::host::{Held, Host, Notice, Unique, Watched, Wd};
use crate::kinds::{MountDid as Did, MountEvent as Event, MountRelease as Release, Mounted};
use crate::observation::{Raw, digest};
use jiff::{SignedDuration, Timestamp};
use smol_str::{SmolStr, format_smolstr};
use std::collections::BTreeMap;

/// Everything must be looked at again; the words say what was lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Lost(pub &'static str);

pub(super) const OVERFLOW: &str = "the kernel's queue of events was full";
pub(super) const RELEASES: &str = "the kernel's queue of released filesystems was full";
pub(super) const ELSEWHERE: &str = "the process went to another mount namespace";
pub(super) const TWICE: &str = "a mount was attached twice";

const UNPROVEN: &str = "something was mounted or unmounted while the watch of its release began";
const NOT_MOVED: &str = "the kernel said that it was moved, and it is where it was";
const UNWATCHED: &str = "it was the last mount of its filesystem, whose release is not watched";
const TWICE_RELEASED: &str = "its filesystem was released before it was detached";

/// How long a mount is detached when its holders are looked for: most are released at once, and who holds one for a
/// moment may be another one than who holds it for long.
const LOOK_AFTER: [SignedDuration; 2] = [SignedDuration::from_millis(200), SignedDuration::from_secs(5)];
/// The shortest time between looks that are asked for.
const BETWEEN: SignedDuration = SignedDuration::from_secs(1);

/// A mount that is there.
#[derive(Clone, Debug)]
pub(super) struct Mount {
    /// Identifies it.
    pub uid: SmolStr,
    /// Its unique number, if it is known.
    pub unique: Option<Unique>,
    /// Its line in the table.
    pub row: Row,
    /// Whether its release is watched, and by what.
    pub release: Option<Result<Wd, &'static str>>,
}

/// A mount that is detached, and whose filesystem was not released.
#[derive(Clone, Debug)]
pub(super) struct Waiting {
    pub uid: SmolStr,
    pub row: Row,
    pub wd: Wd,
    /// When it was detached, or found to be.
    pub since: Timestamp,
    /// How often its holders were looked for.
    pub looks: usize,
}

/// The mounts of one namespace.
#[derive(Debug)]
pub(super) struct Machine {
    pub lines: Lines,
    /// The same as `not_before` of the lines, before the last turn.
    lost_since: Timestamp,
    /// By the number of the table.
    pub(super) mounts: BTreeMap<u32, Mount>,
    pub(super) waiting: Vec<Waiting>,
    /// What was read from the queues and not told yet.
    pub(super) pending: Vec<Notice>,
    /// How many mounts had no number.
    unnumbered: u64,
    /// What an earlier recorder left: mounts, their places, and what was mounted.
    pub(super) earlier: Vec<(SmolStr, SmolStr, Mounted)>,
    /// Everything that was recorded and may exist is followed. What is not, no later look shows.
    pub(super) follows_all: bool,
    /// Holders are to be looked for, however long their mounts are detached.
    pub(super) is_asked: bool,
    /// When such a look was last done.
    asked_at: Option<Timestamp>,
}

impl Machine {
    /// A machine without mounts, which is the first one of a recording or not.
    pub(super) fn new(lines: Lines, is_first: bool) -> Self {
        let lost_since = lines.not_before();
        let (mounts, waiting, pending) = (BTreeMap::new(), Vec::new(), Vec::new());
        Self {
            lines,
            lost_since,
            mounts,
            waiting,
            pending,
            unnumbered: 0,
            earlier: Vec::new(),
            follows_all: is_first,
            is_asked: false,
            asked_at: None,
        }
    }

    /// Continues after what an earlier recorder left: the last line of each object.
    pub(super) fn recall<'a>(&mut self, lines: impl Iterator<Item = &'a Raw>, boot: &str) {
        let mut lines: Vec<&Raw> = lines.filter(|raw| raw.uid.contains(boot)).collect();
        lines.sort_by_key(|raw| raw.resource_version.number());
        for raw in lines {
            if let Ok(Event { did: Did::Attach | Did::Found, detached: false, mount: Some(mount), .. }) =
                serde_json::from_str(raw.event.get())
            {
                self.earlier.push((raw.uid.clone(), raw.name.clone(), mount));
            }
        }
    }

    /// The earliest moment at which what the last turn lost can have happened.
    pub(super) fn lost_since(&self) -> Timestamp {
        self.lost_since
    }

    /// Reads the queues, which `now` begins.
    ///
    /// # Errors
    /// Everything must be looked at again. The lines up to there are due.
    pub(super) fn turn(&mut self, host: &mut impl Host, now: Timestamp) -> Result<(), Lost> {
        let read = self.read(host, now);
        self.lost_since = self.lines.not_before();
        if !host.is_blind() {
            self.lines.delivered_until(now);
        }
        read?;
        self.look_for_holders(host, now);
        Ok(())
    }

    fn read(&mut self, host: &mut impl Host, now: Timestamp) -> Result<(), Lost> {
        let mut notices = std::mem::take(&mut self.pending);
        notices.extend(host.drain());
        if notices.is_empty() {
            return Ok(());
        }
        let told = if host.is_exact() {
            self.exact(host, &mut notices, now)
        } else if notices.contains(&Notice::Changed) {
            self.compare(host, &mut notices, now)
        } else {
            Ok(())
        };
        // These are told whatever else was lost: nothing tells them again.
        let released = notices.iter().filter_map(|notice| match notice {
            Notice::Released(wd) => Some(*wd),
            _ => None,
        });
        released.for_each(|wd| self.released(wd));
        told.and_then(|()| lost(&notices))
    }

    /// A mount that is there from now on.
    pub(super) fn attach(&mut self, host: &mut impl Host, uid: SmolStr, unique: Option<Unique>, row: Row) {
        let mount = self.begin(host, uid, unique, row);
        self.lines.event(&mount.row.point, &mount.uid, &mount.event(Did::Attach), false);
        self.mounts.insert(mount.row.id, mount);
    }

    /// A mount, and whether its release is watched: that of the first mount of a filesystem.
    pub(super) fn begin(&self, host: &mut impl Host, uid: SmolStr, unique: Option<Unique>, row: Row) -> Mount {
        let is_first = row.is_whole() && !self.mounts.values().any(|other| other.row.dev == row.dev);
        let release = match is_first.then(|| host.watch(&row, unique)) {
            Some(Watched::By(wd)) => Some(Ok(wd)),
            Some(Watched::No(why)) => Some(Err(why)),
            None => None,
        };
        Mount { uid, unique, row, release }
    }

    /// What is watched of a mount without a unique number is its own filesystem only if the table did not change between
    /// its reading and the beginning of the watch.
    pub(super) fn prove(&mut self, host: &mut impl Host, begun: &[u32]) {
        let is_unproven = |mount: &Mount| mount.unique.is_none() && matches!(mount.release, Some(Ok(_)));
        if !begun.iter().any(|id| self.mounts.get(id).is_some_and(is_unproven)) {
            return;
        }
        self.pending.extend(host.drain());
        if self.pending.contains(&Notice::Changed) {
            let begun = self.mounts.iter_mut().filter(|(id, mount)| begun.contains(*id) && is_unproven(mount));
            begun.for_each(|(_, mount)| mount.release = Some(Err(UNPROVEN)));
        }
    }

    /// A mount that is there no longer.
    pub(super) fn detach(&mut self, mount: Mount, now: Timestamp) {
        let Mount { uid, row, release, .. } = mount;
        let is_known = release.is_some();
        // Of several mounts of a filesystem, the last one may be another than the one whose release is watched.
        let is_last = || self.mounts.values().all(|other| other.row.dev != row.dev);
        let release = release.or_else(|| {
            let awaited = self.waiting.iter().find(|waiting| waiting.row.dev == row.dev).map(|waiting| waiting.wd);
            is_last().then(|| awaited.ok_or(UNWATCHED))
        });
        let told = release.filter(|_| !is_known).map(|release| Release::of(release.is_ok()));
        self.lines.event(&row.point, &uid, &Event { release: told, ..Event::of(Did::Detach) }, false);
        match release {
            Some(Ok(wd)) => self.waiting.push(Waiting { uid, row, wd, since: now, looks: 0 }),
            Some(Err(why)) => {
                self.lines.unseen(&uid, why.to_owned());
                self.follows_all = false;
            }
            None => {}
        }
    }

    /// A mount has another place, where it is another object. Where its place is the same, the mount that it is on may
    /// have become another one, as when one below it went; or it is back.
    pub(super) fn moved(&mut self, mount: &Mount, row: Row, host: &mut impl Host) {
        if mount.row.point == row.point {
            let mount = Mount { row, ..mount.clone() };
            self.lines.unseen(&mount.uid, NOT_MOVED.to_owned());
            self.lines.event(&mount.row.point, &mount.uid, &mount.event(Did::Found), false);
            self.mounts.insert(mount.row.id, mount);
            return;
        }
        self.lines.event(&mount.row.point, &mount.uid, &Event::of(Did::Move), false);
        let Mount { unique, release, .. } = *mount;
        let mount = Mount { uid: self.uid_elsewhere(host, unique, &row), unique, row, release };
        self.lines.event(&mount.row.point, &mount.uid, &mount.event(Did::Attach), false);
        self.mounts.insert(mount.row.id, mount);
    }

    pub(super) fn released(&mut self, wd: Wd) {
        let (released, waiting): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.waiting).into_iter().partition(|waiting| waiting.wd == wd);
        self.waiting = waiting;
        for Waiting { uid, row, .. } in released {
            self.lines.event(&row.point, &uid, &Event::of(Did::Unmount), false);
        }
        // One that is there cannot be released; the watch is gone.
        for mount in self.mounts.values_mut().filter(|mount| mount.release == Some(Ok(wd))) {
            mount.release = Some(Err(TWICE_RELEASED));
        }
    }

    /// Who holds the filesystems that should be free.
    fn look_for_holders(&mut self, host: &mut impl Host, now: Timestamp) {
        let is_asked = self.is_asked && self.asked_at.is_none_or(|last| now.duration_since(last) >= BETWEEN);
        if is_asked {
            (self.is_asked, self.asked_at) = (false, Some(now));
        }
        let is_late = |waiting: &Waiting| {
            LOOK_AFTER.get(waiting.looks).is_some_and(|after| now.duration_since(waiting.since) >= *after)
        };
        let is_due = |waiting: &Waiting| is_asked || is_late(waiting);
        let mut devices: Vec<SmolStr> =
            self.waiting.iter().filter(|waiting| is_due(waiting)).map(|waiting| waiting.row.dev.clone()).collect();
        if devices.is_empty() {
            return;
        }
        devices.sort();
        devices.dedup();
        let held = host.holders(&devices);
        if held.is_none() {
            tracing::warn!("looking for the holders of a filesystem takes too long");
        }
        for waiting in self.waiting.iter_mut().filter(|waiting| is_due(waiting)) {
            waiting.looks += usize::from(is_late(waiting));
            let Some(held) = &held else { continue };
            let Held { holders, others } = held.get(&waiting.row.dev).cloned().unwrap_or_default();
            let event = Event { holders, others, ..Event::of(Did::Holders) };
            self.lines.event(&waiting.row.point, &waiting.uid, &event, false);
        }
    }

    /// A mount by its unique number.
    pub(super) fn known(&self, unique: Unique) -> Option<u32> {
        self.mounts.iter().find(|(_, mount)| mount.unique == Some(unique)).map(|(id, _)| *id)
    }

    /// The identity of a mount at the place at which it was found: at another one it is another object, also for a
    /// later recorder.
    pub(super) fn uid(&mut self, host: &impl Host, unique: Option<Unique>, row: &Row) -> SmolStr {
        let Some(unique) = unique else { return self.unnamed(host) };
        let place = digest(row.point.as_bytes());
        let place = place.rsplit(':').next().unwrap_or_default();
        format_smolstr!("{}-{place}", uid(unique, &host.boot()))
    }

    /// The identity of a mount that was moved: it may come back to where it was.
    pub(super) fn uid_elsewhere(&mut self, host: &impl Host, unique: Option<Unique>, row: &Row) -> SmolStr {
        let base = self.uid(host, unique, row);
        format_smolstr!("{base}-{}", self.lines.version())
    }

    /// The identity of a mount whose unique number is not known.
    pub(super) fn unnamed(&mut self, host: &impl Host) -> SmolStr {
        self.unnumbered += 1;
        format_smolstr!("n{}x{}-{}", self.lines.version(), self.unnumbered, host.boot())
    }
}

impl Mount {
    /// The event that begins it.
    pub(super) fn event(&self, did: Did) -> Event {
        let release = self.release.map(|release| Release::of(release.is_ok()));
        Event { mount: Some(self.row.mounted()), release, ..Event::of(did) }
    }
}

/// What is known of the identity of a mount without its place: the part that differs most comes first.
pub(super) fn uid(unique: Unique, boot: &str) -> SmolStr {
    format_smolstr!("{unique:08x}-{boot}")
}

/// # Errors
/// Notices were lost.
pub(super) fn lost(notices: &[Notice]) -> Result<(), Lost> {
    if notices.contains(&Notice::Overflow) {
        return Err(Lost(OVERFLOW));
    }
    if notices.contains(&Notice::Elsewhere) {
        return Err(Lost(ELSEWHERE));
    }
    if notices.contains(&Notice::ReleasesLost) {
        return Err(Lost(RELEASES));
    }
    Ok(())
}
