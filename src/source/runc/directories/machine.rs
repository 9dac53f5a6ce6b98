//! The containers of one directory of runc, and what they mount, without I/O of its own.
//!
//! A container uses what is in its table of mounts, which is complete once its state is written: its process waits at
//! its pipe then. It does so until its process has ended. While it is not known what one of them uses, nothing can be
//! said of any directory.

use super::super::super::numbered::Lines;
use super::super::host::{Directory, Host, Notice, Tables, Unwatched, Wd};
use super::super::watching::{LOOKS, Lost, OVERFLOW, TWICE, Watching};
use super::users::{Arrival, User, Users};
use crate::kinds::{RuncDid as Did, RuncWhat as What};
use crate::observation::Raw;
use jiff::Timestamp;
use smol_str::{SmolStr, format_smolstr};
use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};

const UNORDERED: &str = "containers were created at once, and in which order is not known";

/// A container whose directory is there.
#[derive(Clone, Debug)]
struct Container {
    key: SmolStr,
    /// Its state was written.
    has_state: bool,
}

/// The directories that the containers of one directory of runc use.
#[derive(Debug)]
pub(in super::super) struct Machine {
    pub(in super::super) lines: Lines,
    lost_since: Timestamp,
    pub(in super::super) queue: VecDeque<Notice>,
    containers: BTreeMap<SmolStr, Container>,
    watched: HashMap<Wd, SmolStr>,
    /// The processes that are waited for, by the keys of their containers.
    followed: BTreeSet<SmolStr>,
    users: Users,
    /// Containers of which it is not known what they use, and why: until their processes have ended, or, where those
    /// are not known, until their directories are gone.
    unread: BTreeMap<SmolStr, String>,
    /// Why it is not known what a container used that is gone.
    missed: Option<String>,
    /// Why nothing is said of directories.
    silent: Option<String>,
    /// Who arrived in this turn.
    arrived: Vec<Arrival>,
    /// One of them was found by a list of its directory.
    is_listed: bool,
    /// The number of the last container.
    number: u64,
}

impl Machine {
    /// A machine that knows of no container, and continues these lines.
    pub(in super::super) fn new(lines: Lines) -> Self {
        Self {
            lost_since: lines.not_before(),
            lines,
            queue: VecDeque::new(),
            containers: BTreeMap::new(),
            watched: HashMap::new(),
            followed: BTreeSet::new(),
            users: Users::default(),
            unread: BTreeMap::new(),
            missed: None,
            silent: None,
            arrived: Vec::new(),
            is_listed: false,
            number: 0,
        }
    }

    /// Continues after what an earlier recorder left: the last line of each directory.
    pub(in super::super) fn recall<'a>(&mut self, lines: impl Iterator<Item = &'a Raw>) {
        self.users.recall(lines);
    }

    fn read<H: Host + Tables>(&mut self, host: &mut H) -> Result<(), Lost> {
        while let Some(notice) = self.queue.pop_front() {
            match notice {
                Notice::Directory { name, is_made: true } if self.containers.contains_key(&name) => {
                    return Err(Lost::Events(TWICE));
                }
                Notice::Directory { name, is_made: true } => self.made(host, &name),
                Notice::Directory { name, is_made: false } => self.gone(&name),
                Notice::File { wd, did: Did::MovedTo, what: What::StateJson } => {
                    if let Some(name) = self.watched.get(&wd).cloned() {
                        self.created(host, &name);
                    }
                }
                Notice::Overflow => return Err(Lost::Events(OVERFLOW)),
                Notice::Root => return Err(Lost::Root),
                _ => {}
            }
        }
        Ok(())
    }

    /// The directory of a container was made.
    fn made<H: Host + Tables>(&mut self, host: &mut H, name: &SmolStr) {
        let directory = host.directory(name);
        // What was watched and listed is this one only if it is still there, and not another one of its name.
        let is_over = self.is_over(host, name);
        match directory {
            Ok(Directory { wd, has, .. }) if !is_over => {
                self.begin(name);
                self.watched.insert(wd, name.clone());
                if has.contains(&What::StateJson) {
                    self.created(host, name);
                    self.is_listed = true;
                }
            }
            Err(Unwatched::Refused(why)) if !is_over => {
                let key = self.begin(name);
                self.unread.insert(key, why);
            }
            _ => self.missed = Some(format!("the directory of {name} was gone before it could be watched")),
        }
    }

    fn begin(&mut self, name: &SmolStr) -> SmolStr {
        self.number += 1;
        let key = format_smolstr!("{}", self.number);
        self.containers.insert(name.clone(), Container { key: key.clone(), has_state: false });
        key
    }

    /// The state of a container was written: what it mounts is complete.
    fn created<H: Host + Tables>(&mut self, host: &mut H, name: &SmolStr) {
        let Some(container) = self.containers.get_mut(name) else { return };
        // It is written again when a container is changed.
        if std::mem::replace(&mut container.has_state, true) {
            return;
        }
        let key = container.key.clone();
        let init = host.state(name);
        let Some(init) = init.filter(|_| !self.is_over(host, name)) else {
            let why = format!("the state of {name} cannot be read: what it mounts is not known");
            self.unread.insert(key, why);
            return;
        };
        let ended = format!("the process of {name} had ended before its mounts were read");
        match host.follow(&key, &init) {
            Some(true) => {}
            Some(false) => {
                self.missed = Some(ended);
                return;
            }
            None => {
                self.unread.insert(key, format!("the process of {name} cannot be followed"));
                return;
            }
        }
        self.followed.insert(key.clone());
        let bound = host.bound(init.pid);
        // A process of this number that was there afterwards is the one that was meant.
        match bound {
            _ if host.has_ended(&key) => {
                // Or each look would find that it has ended.
                host.forget(&key);
                self.followed.remove(&key);
                self.missed = Some(ended);
            }
            Ok(bound) => self.arrived.push((User { key, name: name.clone() }, bound)),
            Err(why) => drop(self.unread.insert(key, format!("what {name} mounts is not known: {why}"))),
        }
    }

    /// The directory of a container was removed. Its process may go on, if it was not runc that removed it.
    fn gone(&mut self, name: &SmolStr) {
        let Some(Container { key, .. }) = self.containers.remove(name) else { return };
        self.watched.retain(|_, of| of != name);
        if !self.followed.contains(&key)
            && let Some(why) = self.unread.remove(&key)
        {
            self.missed = Some(why);
        }
    }

    /// Says what a turn changed, or why that is not known.
    fn settle(&mut self, host: &mut impl Host, ended: &[SmolStr]) {
        let arrived = std::mem::take(&mut self.arrived);
        let why = self.missed.take().or_else(|| self.unread.values().next().cloned());
        for key in ended {
            host.forget(key);
            self.followed.remove(key);
            self.unread.remove(key);
        }
        let Some(why) = self.silent.clone().or(why) else {
            return self.users.say(&mut self.lines, &arrived, ended);
        };
        let is_over = self.unread.is_empty();
        // What happens in between is a part of the gap, which ends with the second line.
        if is_over || self.silent.is_none() {
            self.lines.unseen_others(&why);
        }
        self.users.keep_silent(&self.lines, &arrived, ended);
        self.silent = Some(why).filter(|_| !is_over);
        if is_over {
            self.users.say_all(&mut self.lines);
        }
    }

    /// Looks until nothing happens meanwhile; false if events were lost.
    fn at_rest<H: Host + Tables>(&mut self, host: &mut H) -> Result<bool, String> {
        let names = match host.names() {
            Ok(names) => names,
            Err(Unwatched::Gone) => return Ok(false),
            Err(Unwatched::Refused(why)) => return Err(why),
        };
        names.iter().for_each(|name| self.made(host, name));
        // All whose mounts were read are there now, or it is not known who was there with whom.
        let is_at_rest = host.ended().is_empty();
        self.queue.extend(host.drain());
        let is_news = |notice: &Notice| {
            let is_state = matches!(notice, Notice::File { did: Did::MovedTo, what: What::StateJson, .. });
            is_state || matches!(notice, Notice::Directory { .. } | Notice::Overflow | Notice::Root)
        };
        let is_at_rest = is_at_rest && !self.queue.iter().any(is_news);
        // What ended before is no user.
        self.missed = None;
        Ok(is_at_rest)
    }

    fn forget_containers(&mut self) {
        self.containers.clear();
        self.watched.clear();
        self.followed.clear();
        self.unread.clear();
        self.queue.clear();
        self.arrived.clear();
        (self.missed, self.is_listed) = (None, false);
    }
}

impl<H: Host + Tables> Watching<H> for Machine {
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
        let mut ended = host.ended();
        self.queue.extend(host.drain());
        let mut read = self.read(host);
        for _ in 0..LOOKS {
            if read.is_err() || self.arrived.is_empty() && self.missed.is_none() {
                break;
            }
            // Whoever is there now was there when the last one arrived, or had ended unread.
            ended = self.followed.iter().filter(|key| ended.contains(key) || host.has_ended(key)).cloned().collect();
            // Another one may have come before one of them ended.
            self.queue.extend(host.drain());
            if self.queue.is_empty() {
                break;
            }
            read = self.read(host);
        }
        // Others that are still in the queue may have come before one that a list shows.
        if std::mem::take(&mut self.is_listed) && self.arrived.len() > 1 {
            self.missed.get_or_insert_with(|| UNORDERED.to_owned());
        }
        if read.is_ok() {
            self.settle(host, &ended);
        }
        self.lost_since = self.lines.not_before();
        // Otherwise what happens is known only once nothing is unknown any more.
        if self.silent.is_none() {
            self.lines.delivered_until(now);
        }
        read
    }

    fn attach(
        &mut self,
        host: &mut H,
        lost: Option<(Timestamp, &str)>,
        kind: &SmolStr,
        now: Timestamp,
    ) -> Result<bool, String> {
        let mut is_at_rest = false;
        let mut is_there = false;
        for _ in 0..LOOKS {
            self.forget_containers();
            is_there = host.reset()?;
            is_at_rest = !is_there || self.at_rest(host)?;
            if is_at_rest {
                break;
            }
        }
        if !is_at_rest {
            return Err("containers come and go faster than they can be looked at".to_owned());
        }
        if let Some((since, why)) = lost {
            self.lines.gap(since, now, why);
        }
        self.users.clear();
        let arrived = std::mem::take(&mut self.arrived);
        self.users.keep_silent(&self.lines, &arrived, &[]);
        self.silent = self.unread.values().next().cloned();
        self.users.list(&mut self.lines, self.silent.as_deref());
        self.lines.attached(kind, now);
        if let Some(why) = &self.silent {
            self.lines.unseen_others(why);
        }
        Ok(is_there)
    }

    fn finish(&mut self) {
        if let Some(why) = &self.silent {
            self.lines.unseen_others(why);
        }
    }
}
