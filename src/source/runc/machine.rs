//! The containers of one directory, without I/O of its own: from what the kernel's queues hold to lines.
//!
//! There are two queues, that of inotify and the processes that have ended, and their order is not known. It does not
//! matter between containers: all lines of one turn have the same interval of time. Within a container it is known what
//! comes first: whatever is done in its directory while it lives, then the end of its process, then the end of the
//! directory. So the processes are asked first, and believed only after the queue was read.

use super::super::numbered::Lines;
use super::groups::Groups;
use super::host::{Directory, Host, Init, Notice, Unwatched, Wd};
use super::watching::{Lost, OVERFLOW, TWICE, Watching};
use crate::kinds::{RuncDid as Did, RuncEvent as Event, RuncFreezer as Freezer, RuncWhat as What};
use jiff::Timestamp;
use smol_str::{SmolStr, format_smolstr};
use std::collections::{BTreeSet, HashMap, VecDeque};

/// How many of the directories that were removed last are known, in case that one is made just like them.
const REMOVED: usize = 64;
/// How often a file is read that is written as fast.
const READS: usize = 100;

const BLIND: &str = "its freezer cannot be watched: it may have been paused";
pub(super) const UNFOLLOWED: &str = "its process cannot be followed: it may be gone, or too many files may be open";
const UNWATCHED: &str = "what happened in its directory before it was watched is not known";

/// A container that is there.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub(super) struct Container {
    /// Identifies its directory.
    pub uid: SmolStr,
    /// Its process is known.
    pub is_followed: bool,
    /// Its process has ended.
    pub has_ended: bool,
    /// Its state was written.
    pub has_state: bool,
    /// Its state was there when its directory was listed for the first time, but not its pipe: whether that was released
    /// before the directory was watched, the rest of the queue shows.
    is_unsettled: bool,
    /// Its state and its pipe were there when its directory was listed. It may have been released before the directory
    /// was watched, and its pipe not be removed yet.
    pub is_waiting: bool,
    /// It is being restored: it has no pipe.
    is_restored: bool,
    /// Its freezer cannot be watched.
    is_blind: bool,
    /// What its freezer said when it began to be watched, if that is to be said: what is still in the queue of its
    /// directory came before, what is there of the freezer came after.
    closed: Option<(What, Freezer)>,
}

/// What a watch is of.
#[derive(Clone, Debug)]
struct Watched {
    name: SmolStr,
    uid: SmolStr,
    /// A file of a freezer; none for the directory.
    freezer: Option<What>,
}

/// The containers of one directory.
#[derive(Debug)]
pub(super) struct Machine {
    pub(super) lines: Lines,
    /// When everything that had happened had been delivered, before the last turn.
    lost_since: Timestamp,
    pub(super) containers: HashMap<SmolStr, Container>,
    watched: HashMap<Wd, Watched>,
    /// The groups that are there, which are watched before a container is known to be in them.
    pub(super) groups: Groups,
    /// The directories that were removed last.
    removed: VecDeque<SmolStr>,
    /// Freezers of cgroup v1 that were asked to close, and had not when they were read. Nothing tells when they have.
    closing: BTreeSet<Wd>,
    /// What is still to be read of the queue.
    pub(super) queue: VecDeque<Notice>,
    /// Containers whose process had ended when it was looked for.
    already: Vec<SmolStr>,
}

impl Machine {
    /// A machine that knows of no container, and continues these lines.
    pub(super) fn new(lines: Lines) -> Self {
        Self {
            lost_since: lines.not_before(),
            lines,
            containers: HashMap::new(),
            watched: HashMap::new(),
            groups: Groups::default(),
            removed: VecDeque::new(),
            closing: BTreeSet::new(),
            queue: VecDeque::new(),
            already: Vec::new(),
        }
    }

    fn read(&mut self, host: &mut impl Host) -> Result<(), Lost> {
        while let Some(notice) = self.queue.pop_front() {
            match notice {
                Notice::Directory { name, is_made: true } => self.made(host, &name)?,
                Notice::Directory { name, is_made: false } => self.gone(host, &name),
                Notice::File { wd, did, what } => self.file(host, wd, did, what),
                Notice::Freezer { wd } => self.freezer(host, wd),
                Notice::Group { path, is_made: true } => self.group(host, &path),
                Notice::Group { path, is_made: false } => self.groups.removed(&path),
                Notice::Watched { path, number } => self.groups.settled(&path, number),
                Notice::Overflow => return Err(Lost::Events(OVERFLOW)),
                Notice::Root => return Err(Lost::Root),
            }
        }
        Ok(())
    }

    /// A directory was made. What was made in it before it was watched is found by listing it afterwards.
    fn made(&mut self, host: &mut impl Host, name: &SmolStr) -> Result<(), Lost> {
        if self.containers.contains_key(name) {
            return Err(Lost::Events(TWICE));
        }
        let directory = host.directory(name);
        // What was watched and listed is this one only if it is still there, and not another one of its name.
        let is_over = self.is_over(host, name);
        let event = Event::of(Did::Create, What::Directory);
        let Directory { uid, wd, has } = match directory {
            Ok(directory) if !is_over => directory,
            directory => {
                let uid = format_smolstr!("{}-{}", host.boot(), self.lines.version());
                self.containers.insert(name.clone(), Container::new(uid.clone()));
                self.lines.event(name, &uid, &event, false);
                let why = match directory {
                    Err(Unwatched::Refused(why)) => why,
                    _ => "its directory was gone before it could be watched".to_owned(),
                };
                self.lines.unseen(&uid, why);
                return Ok(());
            }
        };
        // Two directories that are made at the same moment may have the same number.
        let is_new = !self.removed.contains(&uid);
        let uid = if is_new { uid } else { format_smolstr!("{uid}-{}", self.lines.version()) };
        self.containers.insert(name.clone(), Container::new(uid.clone()));
        self.watch(wd, name, &uid, None);
        self.lines.event(name, &uid, &event, false);
        let is_restored = has.contains(&What::CriuRoot);
        if is_restored {
            self.lines.event(name, &uid, &Event::of(Did::Found, What::CriuRoot), false);
        }
        let (has_state, has_pipe) = (has.contains(&What::StateJson), has.contains(&What::ExecFifo));
        if let Some(container) = self.containers.get_mut(name) {
            container.is_restored = is_restored;
            container.is_waiting = has_state && has_pipe;
            container.is_unsettled = has_state && !has_pipe;
        }
        if has_state && has_pipe {
            self.state(host, name, Did::Found);
        }
        Ok(())
    }

    /// A directory was removed, which runc does once the process has ended.
    fn gone(&mut self, host: &mut impl Host, name: &SmolStr) {
        self.say_closed(name);
        let Some(container) = self.containers.remove(name) else { return };
        let uid = container.uid;
        if container.is_waiting || container.is_unsettled {
            self.lines.unseen(&uid, UNWATCHED.to_owned());
        }
        if container.is_followed && !container.has_ended && (self.already.contains(&uid) || host.has_ended(&uid)) {
            self.lines.event(name, &uid, &Event::of(Did::Exit, What::Init), false);
        } else if container.has_state && !container.is_followed {
            self.lines.unseen(&uid, UNFOLLOWED.to_owned());
        }
        self.already.retain(|already| *already != uid);
        host.forget(&uid);
        self.watched.retain(|_, watched| watched.uid != uid);
        self.lines.event(name, &uid, &Event::of(Did::Delete, What::Directory), false);
        self.removed.push_back(uid);
        if self.removed.len() > REMOVED {
            self.removed.pop_front();
        }
    }

    fn file(&mut self, host: &mut impl Host, wd: Wd, did: Did, what: What) {
        let Some(Watched { name, uid, freezer: None }) = self.watched.get(&wd).cloned() else { return };
        let Some(container) = self.containers.get_mut(&name).filter(|container| container.uid == uid) else { return };
        container.is_restored |= what == What::CriuRoot;
        match (did, what) {
            (Did::MovedTo, What::StateJson) => self.state(host, &name, did),
            (Did::CloseWrite, What::ExecFifo) => {
                container.is_waiting = false;
                if container.is_unsettled && !container.has_state {
                    self.state(host, &name, Did::Found);
                }
                self.containers.get_mut(&name).into_iter().for_each(|container| container.is_unsettled = false);
                self.lines.event(&name, &uid, &Event::of(did, what), false);
                self.doubt(&name);
            }
            // It was released before that was watched.
            (Did::Delete, What::ExecFifo) if container.is_waiting && !container.has_ended => {
                container.is_waiting = false;
                let is_followed = container.is_followed;
                self.lines.unseen(&uid, UNWATCHED.to_owned());
                // With a container that was never started, it is removed after its process has ended.
                if is_followed && !self.already.contains(&uid) && !host.has_ended(&uid) {
                    self.lines.event(&name, &uid, &Event::of(did, what), false);
                    self.doubt(&name);
                }
            }
            (Did::CloseWrite, What::Checkpoint) | (Did::Create, What::CriuRoot) => {
                self.lines.event(&name, &uid, &Event::of(did, what), false);
                self.doubt(&name);
            }
            _ => {}
        }
    }

    /// The state of a container was written: its process is there.
    fn state(&mut self, host: &mut impl Host, name: &SmolStr, did: Did) {
        let Some(container) = self.containers.get_mut(name) else { return };
        container.has_state = true;
        // Otherwise its release is still to come, in the rest of the queue.
        container.is_unsettled &= !container.is_restored;
        let (uid, is_followed) = (container.uid.clone(), container.is_followed);
        let init = host.state(name);
        // What was read is of this one only if it is still there, and not another one of its name.
        let init = init.filter(|_| !self.is_over(host, name));
        let event = Event::of(did, What::StateJson);
        let pid = init.as_ref().map(|init| init.pid);
        let event = Event { pid, start_time: init.as_ref().map(|init| init.start_time), ..event };
        self.lines.event(name, &uid, &event, false);
        if let Some(init) = init.filter(|_| !is_followed) {
            // Nothing freezes a container of which nobody knows yet that it is there.
            let group = init.group.as_ref().map(|(path, _)| path);
            let is_watched = group.is_none_or(|path| did != Did::Found && self.groups.is_settled(path));
            if !is_watched {
                self.lines.unseen(&uid, "it may have been paused before its freezer was watched".to_owned());
            }
            if self.follow(host, name, &uid, &init).is_none() {
                self.lines.unseen(&uid, UNFOLLOWED.to_owned());
            }
            let mut values = self.freezers(host, name, &uid, &init).into_iter();
            let closed = values.find(|(_, value)| *value != Freezer::Thawed);
            // Whatever came before that is in the queue from now on.
            self.queue.extend(host.drain());
            let is_ours = |wd: &Wd| self.watched.get(wd).is_some_and(|of| of.uid == uid && of.freezer.is_some());
            let is_told = self.queue.iter().any(|notice| matches!(notice, Notice::Freezer { wd } if is_ours(wd)));
            if is_told && group.is_some_and(|path| self.groups.is_written(path)) {
                self.lines.unseen(&uid, "it may have been paused before it was created".to_owned());
            }
            let closed = closed.filter(|_| !is_told);
            self.containers.get_mut(name).into_iter().for_each(|container| container.closed = closed);
            self.doubt(name);
        }
    }

    /// Follows the process of a container; returns whether it is there, or none where it cannot be followed.
    pub(super) fn follow(&mut self, host: &mut impl Host, name: &SmolStr, uid: &SmolStr, init: &Init) -> Option<bool> {
        let is_alive = host.follow(uid, init);
        if let Some(container) = self.containers.get_mut(name) {
            container.is_followed = is_alive.is_some();
        }
        if is_alive == Some(false) {
            self.already.push(uid.clone());
        }
        is_alive
    }

    /// Watches the freezer of a container, and reads what it says after that.
    pub(super) fn freezers(
        &mut self,
        host: &mut impl Host,
        name: &SmolStr,
        uid: &SmolStr,
        init: &Init,
    ) -> Vec<(What, Freezer)> {
        let mut values = Vec::new();
        let known = init.group.as_ref().and_then(|(path, _)| self.groups.files(path));
        let files = known.unwrap_or_else(|| host.freezer_files(init));
        if let Some(container) = self.containers.get_mut(name) {
            container.is_blind = init.group.is_some() && files.is_empty();
        }
        for file in files {
            self.watch(file.wd, name, uid, Some(file.what));
            // The other file of cgroup v2 says what is asked, not what is so.
            if file.what != What::CgroupFreeze {
                let value = host.freezer(file.wd);
                self.note_closing(file.wd, value);
                values.extend(value.map(|value| (file.what, value)));
            }
        }
        values
    }

    /// Up to whatever comes next, a container whose freezer cannot be watched may be paused.
    pub(super) fn doubt(&mut self, name: &SmolStr) {
        if let Some(container) = self.containers.get(name).filter(|container| container.is_blind) {
            let uid = container.uid.clone();
            self.lines.unseen(&uid, BLIND.to_owned());
        }
    }

    fn say_closed(&mut self, name: &SmolStr) {
        let Some(container) = self.containers.get_mut(name) else { return };
        if let Some((what, value)) = container.closed.take() {
            let uid = container.uid.clone();
            self.lines.event(name, &uid, &Event::of(Did::Found, what).with(value), false);
        }
    }

    fn freezer(&mut self, host: &mut impl Host, wd: Wd) {
        let Some(Watched { name, uid, freezer: Some(what) }) = self.watched.get(&wd).cloned() else {
            return self.groups.written(wd);
        };
        self.say_closed(&name);
        let (times, value) = self.written(host, wd);
        self.note_closing(wd, value);
        if self.containers.get(&name).is_none_or(|container| container.uid != uid || container.has_ended) {
            return;
        }
        match value {
            Some(value) => {
                let times = (times > 1).then_some(times);
                self.lines.event(&name, &uid, &Event { times, ..Event::of(Did::Modify, what).with(value) }, false);
            }
            // It also says that the group is empty.
            None if what == What::CgroupEvents => {}
            None => self.lines.unseen(&uid, "its freezer was written, and was gone before it could be read".to_owned()),
        }
    }

    fn note_closing(&mut self, wd: Wd, value: Option<Freezer>) {
        if value == Some(Freezer::Freezing) {
            self.closing.insert(wd);
        } else {
            self.closing.remove(&wd);
        }
    }

    /// Looks whether freezers have closed that were asked to.
    fn look_at_closing(&mut self, host: &mut impl Host) {
        for wd in self.closing.clone() {
            let Some(Watched { name, uid, freezer: Some(what) }) = self.watched.get(&wd).cloned() else {
                self.closing.remove(&wd);
                continue;
            };
            let value = host.freezer(wd);
            // One that was written meanwhile is read again when that is told.
            self.queue.extend(host.drain());
            if value == Some(Freezer::Freezing) || self.queue.contains(&Notice::Freezer { wd }) {
                continue;
            }
            self.closing.remove(&wd);
            let container = self.containers.get(&name);
            let is_there = container.is_some_and(|container| container.uid == uid && !container.has_ended);
            if let Some(value) = value.filter(|_| is_there) {
                self.lines.event(&name, &uid, &Event::of(Did::Found, what).with(value), false);
            }
        }
    }

    /// How often a file of a freezer was written up to a moment, of which one time is known, and what it said then.
    fn written(&mut self, host: &mut impl Host, wd: Wd) -> (usize, Option<Freezer>) {
        let mut times = 1;
        for _ in 0..READS {
            times += self.take_freezer(wd);
            let value = host.freezer(wd);
            // What was written before it was read is in the queue by now.
            self.queue.extend(host.drain());
            if !self.queue.contains(&Notice::Freezer { wd }) {
                return (times, value);
            }
        }
        (times, host.freezer(wd))
    }

    /// Takes from the queue how often a file of a freezer was written.
    fn take_freezer(&mut self, wd: Wd) -> usize {
        let before = self.queue.len();
        self.queue.retain(|notice| *notice != Notice::Freezer { wd });
        before - self.queue.len()
    }

    /// A group was made: it is watched before a container can be known that is in it.
    pub(super) fn group(&mut self, host: &mut impl Host, path: &SmolStr) {
        let made = host.group(path);
        let watched = made.into_iter().map(|group| self.groups.made(group)).collect::<Vec<_>>();
        // What is in the queue by now may have happened before.
        self.queue.extend(host.drain());
        self.queue.extend(watched.into_iter().map(|(path, number)| Notice::Watched { path, number }));
    }

    /// The rest of the queue did not show how a new container got where it is.
    fn settle(&mut self, host: &mut impl Host) {
        let closed = self.containers.iter().filter(|(_, container)| container.closed.is_some());
        let mut names: Vec<SmolStr> = closed.map(|(name, _)| name.clone()).collect();
        names.sort();
        names.iter().for_each(|name| self.say_closed(name));
        let unsettled = self.containers.iter().filter(|(_, container)| container.is_unsettled);
        let mut names: Vec<SmolStr> = unsettled.map(|(name, _)| name.clone()).collect();
        names.sort();
        for name in names {
            let Some(container) = self.containers.get_mut(&name) else { continue };
            container.is_unsettled = false;
            let uid = container.uid.clone();
            self.lines.unseen(&uid, UNWATCHED.to_owned());
            self.look(host, &name);
        }
    }

    fn ended(&mut self, host: &mut impl Host, uid: &SmolStr) {
        host.forget(uid);
        let Some((name, container)) = self.containers.iter_mut().find(|(_, container)| container.uid == *uid) else {
            return;
        };
        if !std::mem::replace(&mut container.has_ended, true) {
            let name = name.clone();
            if std::mem::take(&mut container.is_waiting) {
                self.lines.unseen(uid, UNWATCHED.to_owned());
            }
            self.lines.event(&name, uid, &Event::of(Did::Exit, What::Init), false);
        }
    }

    /// A look says that the process has ended.
    pub(super) fn has_ended_before(&mut self, uid: &SmolStr) {
        self.already.retain(|already| already != uid);
        let mut containers = self.containers.values_mut();
        containers.find(|container| container.uid == *uid).into_iter().for_each(|container| container.has_ended = true);
    }

    pub(super) fn watch(&mut self, wd: Wd, name: &SmolStr, uid: &SmolStr, freezer: Option<What>) {
        self.watched.insert(wd, Watched { name: name.clone(), uid: uid.clone(), freezer });
    }

    /// The containers that notices are about, by name.
    pub(super) fn about(&self, notices: &[Notice]) -> Vec<SmolStr> {
        let about = |notice: &Notice| match notice {
            Notice::Directory { name, .. } => Some(name.clone()),
            Notice::File { wd, .. } | Notice::Freezer { wd } => {
                self.watched.get(wd).map(|watched| watched.name.clone())
            }
            Notice::Overflow | Notice::Root | Notice::Group { .. } | Notice::Watched { .. } => None,
        };
        let mut names: Vec<SmolStr> = notices.iter().filter_map(about).collect();
        names.sort();
        names.dedup();
        names
    }

    /// Forgets everything but the number of the last line.
    pub(super) fn forget_all(&mut self) {
        self.containers.clear();
        self.watched.clear();
        self.groups = Groups::default();
        self.closing.clear();
        self.queue.clear();
        self.already.clear();
    }
}

impl<H: Host> Watching<H> for Machine {
    fn lines(&mut self) -> &mut Lines {
        &mut self.lines
    }

    fn queue(&mut self) -> &mut VecDeque<Notice> {
        &mut self.queue
    }

    fn names(&self) -> BTreeSet<SmolStr> {
        self.containers.keys().cloned().collect()
    }

    fn lost_since(&self) -> Timestamp {
        self.lost_since
    }

    fn turn(&mut self, host: &mut H, now: Timestamp) -> Result<(), Lost> {
        // What ended by now did so after all that the queue gets to hold until it is read.
        let ended = host.ended();
        self.queue.extend(host.drain());
        let read = self.read(host);
        if read.is_ok() {
            self.look_at_closing(host);
            self.settle(host);
            let already = std::mem::take(&mut self.already);
            for uid in already.iter().chain(&ended) {
                self.ended(host, uid);
            }
        }
        self.lost_since = self.lines.not_before();
        self.lines.delivered_until(now);
        read
    }

    fn attach(
        &mut self,
        host: &mut H,
        lost: Option<(Timestamp, &str)>,
        kind: &SmolStr,
        now: Timestamp,
    ) -> Result<bool, String> {
        self.look_at_all(host, lost, kind, now)
    }
}

impl Container {
    pub(super) fn new(uid: SmolStr) -> Self {
        Self {
            uid,
            is_followed: false,
            has_ended: false,
            has_state: false,
            is_unsettled: false,
            is_waiting: false,
            is_restored: false,
            is_blind: false,
            closed: None,
        }
    }
}
