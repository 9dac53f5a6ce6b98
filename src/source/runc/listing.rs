//! A look at all containers: what is there at the beginning, and after a loss.
//!
//! A look takes time, and what it shows may be of several moments. So everything is watched first, and what something
//! happened to meanwhile is looked at again, until nothing did.

use super::host::{Directory, Host, Notice, Unwatched};
use super::machine::{Container, Machine, UNFOLLOWED};
use super::watching::{LOOKS, Watching};
use crate::kinds::{RuncDid as Did, RuncEvent as Event, RuncWhat as What};
use jiff::Timestamp;
use smol_str::SmolStr;
use std::collections::{BTreeMap, BTreeSet};

/// What a look found of a container.
enum Found {
    /// Its identity, and what it is like.
    Seen(SmolStr, Event),
    /// Its identity, and why it could not be read.
    Unread(SmolStr, String),
}

impl Machine {
    /// [`attach`](Watching::attach).
    pub(super) fn look_at_all(
        &mut self,
        host: &mut impl Host,
        lost: Option<(Timestamp, &str)>,
        kind: &SmolStr,
        now: Timestamp,
    ) -> Result<bool, String> {
        let mut found = None;
        let mut is_there = false;
        for _ in 0..LOOKS {
            self.forget_all();
            is_there = host.reset()?;
            if let Some(all) = if is_there { self.at_rest(host)? } else { Some(BTreeMap::new()) } {
                found = Some(all);
                break;
            }
        }
        let found = found.ok_or("containers come and go faster than they can be looked at")?;
        if let Some((since, why)) = lost {
            self.lines.gap(since, now, why);
        }
        for (name, found) in found {
            match found {
                Found::Seen(uid, event) => self.lines.event(&name, &uid, &event, true),
                Found::Unread(uid, why) => self.lines.unseen(&uid, why),
            }
        }
        self.lines.attached(kind, now);
        let mut names: Vec<SmolStr> = self.containers.keys().cloned().collect();
        names.sort();
        names.iter().for_each(|name| self.doubt(name));
        Ok(is_there)
    }

    /// Looks until nothing happens meanwhile; none if events were lost.
    fn at_rest(&mut self, host: &mut impl Host) -> Result<Option<BTreeMap<SmolStr, Found>>, String> {
        let names = match host.names() {
            Ok(names) => names,
            Err(Unwatched::Gone) => return Ok(None),
            Err(Unwatched::Refused(why)) => return Err(why),
        };
        for group in host.groups() {
            self.groups.made(group);
        }
        let mut found = BTreeMap::new();
        let mut moved: BTreeSet<SmolStr> = names.into_iter().collect();
        for _ in 0..LOOKS {
            for name in std::mem::take(&mut moved) {
                self.containers.remove(&name);
                match self.see(host, &name) {
                    Some(seen) => drop(found.insert(name, seen)),
                    None => drop(found.remove(&name)),
                }
            }
            let notices = host.drain();
            if notices.iter().any(|notice| matches!(notice, Notice::Overflow | Notice::Root)) {
                return Ok(None);
            }
            moved.extend(self.about(&notices));
            for notice in &notices {
                match notice {
                    Notice::Group { path, is_made: true } => {
                        for group in host.group(path) {
                            self.groups.made(group);
                        }
                    }
                    Notice::Group { path, is_made: false } => self.groups.removed(path),
                    _ => {}
                }
            }
            if moved.is_empty() && !notices.iter().any(|notice| matches!(notice, Notice::Group { .. })) {
                self.groups.all_settled();
                return Ok(Some(found));
            }
        }
        Ok(None)
    }

    /// Looks at one container again, and says what it is like, unless it is gone by now.
    pub(super) fn look(&mut self, host: &mut impl Host, name: &SmolStr) {
        let Some(before) = self.containers.get(name).cloned() else { return };
        let found = self.see(host, name);
        match found {
            Some(Found::Seen(uid, event)) if uid == before.uid && !self.is_over(host, name) => {
                self.lines.event(name, &uid, &event, false);
                self.doubt(name);
            }
            _ => drop(self.containers.insert(name.clone(), before)),
        }
    }

    fn see(&mut self, host: &mut impl Host, name: &SmolStr) -> Option<Found> {
        let Directory { uid, wd, has } = match host.directory(name) {
            Ok(directory) => directory,
            Err(Unwatched::Gone) => return None,
            Err(Unwatched::Refused(why)) => {
                let uid = SmolStr::from(format!("{}-{name}", host.boot()));
                self.containers.insert(name.clone(), Container::new(uid.clone()));
                return Some(Found::Unread(uid, why));
            }
        };
        self.containers.insert(name.clone(), Container::new(uid.clone()));
        self.watch(wd, name, &uid, None);
        let mut event = Event { has, ..Event::of(Did::Found, What::Directory) };
        if event.has.contains(&What::StateJson) {
            let Some(init) = host.state(name) else {
                return Some(Found::Unread(uid, "its state.json cannot be read".to_owned()));
            };
            if let Some(container) = self.containers.get_mut(name) {
                container.has_state = true;
            }
            (event.pid, event.start_time) = (Some(init.pid), Some(init.start_time));
            let Some(is_there) = self.follow(host, name, &uid, &init) else {
                return Some(Found::Unread(uid, UNFOLLOWED.to_owned()));
            };
            let is_alive = is_there && !host.has_ended(&uid);
            event.alive = Some(is_alive);
            if let Some(container) = self.containers.get_mut(name) {
                container.is_waiting = is_alive && event.has.contains(&What::ExecFifo);
            }
            if !is_alive {
                // The look says it.
                self.has_ended_before(&uid);
            }
            event.value = self.freezers(host, name, &uid, &init).first().map(|(_, value)| *value);
        }
        Some(Found::Seen(uid, event))
    }
}
