//! The machine on a simulated kernel, which goes on while it is looked at: at every question, some of what is to happen
//! happens before the answer.

use super::super::super::mountinfo::Row;
use super::super::super::numbered::Lines;
use super::super::host::{Held, Host, Notice, Unique, Watched, Wd};
use super::super::machine::{Lost, Machine, uid};
use crate::kinds::{self, MountBy, MountHolder};
use crate::observation::{Change, Object, Payload, Raw, Resource};
use jiff::Timestamp;
use smol_str::{SmolStr, format_smolstr};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::path::Path;

pub(super) const NOW: Timestamp = Timestamp::UNIX_EPOCH;
pub(super) const BOOT: &str = "b007";

/// What is done.
#[derive(Clone, Debug)]
pub(super) enum Act {
    /// A filesystem of its own is mounted.
    Mount(&'static str),
    /// The filesystem that is mounted at the first place is bound to the second.
    Bind(&'static str, &'static str),
    /// What is on top of a place is unmounted, unless something is on it.
    Unmount(&'static str),
    /// What is on top of a place is moved, with all that is on it.
    Move(&'static str, &'static str),
    /// A directory above a place is renamed, of which the kernel says nothing.
    Rename(&'static str, &'static str),
    /// The last user of the filesystem that was mounted first lets go, if nothing has it mounted.
    Release,
}

#[derive(Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub(super) struct World {
    pub(super) is_exact: bool,
    /// The kernel has no unique numbers.
    pub(super) is_unnumbered: bool,
    pub(super) todo: VecDeque<Act>,
    /// How much happens at each question.
    pub(super) pace: usize,
    pub(super) mounts: BTreeMap<Unique, Row>,
    /// The filesystems that have a user, by device: the number of the first mount, and whether the release is watched.
    /// Numbers of devices are assigned again.
    pub(super) filesystems: BTreeMap<SmolStr, (Unique, bool)>,
    /// The last mount of a filesystem that was unmounted.
    last: BTreeMap<SmolStr, Unique>,
    /// What happens just before a place is watched.
    pub(super) before_watch: Vec<Act>,
    pub(super) is_blind: bool,
    pub(super) next: Unique,
    pub(super) queue: Vec<Notice>,
    pub(super) released: Vec<Notice>,
    pub(super) has_changed: bool,
    /// What happened to which mount, and where that was.
    pub(super) truth: Vec<(Unique, &'static str, SmolStr)>,
    /// How often holders were looked for.
    pub(super) looks: usize,
}

impl World {
    pub(super) fn new(acts: &[Act], pace: usize) -> Self {
        Self { is_exact: true, todo: acts.iter().cloned().collect(), pace, next: 100, ..Self::default() }
    }

    fn happen(&mut self) {
        for _ in 0..self.pace {
            let Some(act) = self.todo.pop_front() else { return };
            self.act(&act);
        }
    }

    pub(super) fn rest(&mut self) {
        while let Some(act) = self.todo.pop_front() {
            self.act(&act);
        }
    }

    fn top(&self, point: &str) -> Option<Unique> {
        let is_covered = |of: &Row| self.mounts.values().any(|row| row.parent == of.id && row.point == of.point);
        let mut there = self.mounts.iter().rev().filter(|(_, row)| row.point == point);
        there.find(|(_, row)| !is_covered(row)).map(|(unique, _)| *unique)
    }

    /// The number of the mount that a place is on.
    fn parent(&self, point: &str) -> u32 {
        let above = Path::new(point).ancestors().find_map(|above| self.top(above.to_str()?));
        above.map_or(1, |unique| self.mounts[&unique].id)
    }

    /// Moves a mount, with all that is on it.
    fn place(&mut self, unique: Unique, from: &str, to: &str) {
        let row = self.mounts.get_mut(&unique).unwrap();
        row.point = format_smolstr!("{to}{}", &row.point[from.len()..]);
        let id = row.id;
        let on: Vec<Unique> = self.mounts.iter().filter(|(_, row)| row.parent == id).map(|(on, _)| *on).collect();
        on.into_iter().for_each(|on| self.place(on, from, to));
    }

    fn attach(&mut self, point: &str, dev: SmolStr, root: &str) {
        let unique = self.next;
        self.next += 1;
        let id = (40..1000).find(|id| self.mounts.values().all(|row| row.id != *id)).unwrap();
        let (root, point, fs) = (root.into(), SmolStr::from(point), "tmpfs".into());
        let parent = self.parent(&point);
        let row = Row { id, parent, dev, root, point: point.clone(), fs, source: None, is_remote: false };
        self.mounts.insert(unique, row);
        self.told(Notice::Attach(unique));
        self.truth.push((unique, "mounted", point));
    }

    fn told(&mut self, notice: Notice) {
        self.queue.extend(self.is_exact.then_some(notice));
        self.has_changed = true;
    }

    pub(super) fn act(&mut self, act: &Act) {
        match act {
            Act::Mount(point) => {
                let mut devices = (40..1000).map(|number| format_smolstr!("0:{number}"));
                let dev = devices.find(|dev| !self.filesystems.contains_key(dev)).unwrap();
                self.filesystems.insert(dev.clone(), (self.next, false));
                self.attach(point, dev, "/");
            }
            Act::Bind(of, point) => {
                if let Some(dev) = self.top(of).map(|unique| self.mounts[&unique].dev.clone()) {
                    self.attach(point, dev, "/sub");
                }
            }
            Act::Unmount(point) => {
                let Some(unique) = self.top(point) else { return };
                let id = self.mounts[&unique].id;
                if self.mounts.values().any(|row| row.parent == id) {
                    return;
                }
                let row = self.mounts.remove(&unique).unwrap();
                self.told(Notice::Detach(unique));
                self.last.insert(row.dev, unique);
                self.truth.push((unique, "detached", row.point));
            }
            Act::Move(from, to) => {
                let Some(unique) = self.top(from).filter(|_| !Path::new(to).starts_with(from)) else { return };
                let parent = self.parent(to);
                self.place(unique, from, to);
                self.mounts.get_mut(&unique).unwrap().parent = parent;
                self.told(Notice::Move(unique));
                self.truth.push((unique, "mounted", SmolStr::from(*to)));
            }
            Act::Rename(from, to) => {
                let Some(unique) = self.top(from) else { return };
                self.mounts.get_mut(&unique).unwrap().point = (*to).into();
            }
            Act::Release => {
                let is_free = |dev: &&SmolStr| self.mounts.values().all(|row| row.dev != **dev);
                let Some(dev) = self.filesystems.keys().find(is_free).cloned() else { return };
                let (number, is_watched) = self.filesystems.remove(&dev).unwrap();
                self.released.extend(is_watched.then_some(Notice::Released(wd(number))));
                let last = self.last.remove(&dev).filter(|last| *last != number);
                for number in [number].into_iter().chain(last) {
                    self.truth.push((number, "released", SmolStr::default()));
                }
            }
        }
    }
}

pub(super) fn wd(number: Unique) -> Wd {
    Wd::try_from(number).unwrap()
}

impl Host for World {
    fn reset(&mut self) -> Result<(), String> {
        self.happen();
        (self.queue, self.has_changed) = (Vec::new(), false);
        Ok(())
    }

    fn is_exact(&self) -> bool {
        self.is_exact
    }

    fn drain(&mut self) -> Vec<Notice> {
        self.happen();
        let released = std::mem::take(&mut self.released);
        self.happen();
        let mut notices = std::mem::take(&mut self.queue);
        if std::mem::take(&mut self.has_changed) && !self.is_exact {
            notices.push(Notice::Changed);
        }
        notices.extend(released);
        notices
    }

    fn rows(&mut self) -> Result<Vec<Row>, String> {
        self.happen();
        Ok(self.mounts.values().cloned().collect())
    }

    fn unique(&mut self, row: &Row) -> Option<Unique> {
        self.happen();
        self.top(&row.point).filter(|unique| self.mounts[unique].id == row.id && !self.is_unnumbered)
    }

    fn watch(&mut self, row: &Row, unique: Option<Unique>) -> Watched {
        self.happen();
        std::mem::take(&mut self.before_watch).iter().for_each(|act| self.act(act));
        let (is_unnumbered, mounts) = (self.is_unnumbered, &self.mounts);
        let is_it = |there: &Unique| if is_unnumbered { mounts[there].is_same(row) } else { Some(*there) == unique };
        let Some(unique) = self.top(&row.point).filter(is_it) else {
            return Watched::No("gone");
        };
        let (number, is_watched) = self.filesystems.get_mut(&self.mounts[&unique].dev).unwrap();
        *is_watched = true;
        Watched::By(wd(*number))
    }

    fn is_blind(&self) -> bool {
        self.is_blind
    }

    fn holders(&mut self, devices: &[SmolStr]) -> Option<BTreeMap<SmolStr, Held>> {
        self.looks += 1;
        let holder = MountHolder { pid: 7, comm: "sleep".into(), by: MountBy::Cwd, path: "/mnt".into() };
        let held = Held { holders: vec![holder], others: 0 };
        Some(devices.iter().map(|device| (device.clone(), held.clone())).collect())
    }

    fn boot(&self) -> SmolStr {
        BOOT.into()
    }
}

/// What the lines say.
#[derive(Default)]
pub(super) struct Told {
    pub(super) objects: BTreeMap<SmolStr, Object>,
    /// The states of each mount, with its place.
    pub(super) states: BTreeMap<SmolStr, Vec<(String, SmolStr)>>,
    /// The places at which mounts were told to be from an event on.
    pub(super) live: Vec<(SmolStr, SmolStr)>,
    /// What was told of named mounts, in order.
    pub(super) order: Vec<(SmolStr, String)>,
    pub(super) unseen: BTreeSet<SmolStr>,
    /// How many lists say that what they do not show may exist.
    pub(super) open_lists: usize,
    pub(super) is_listing: bool,
    pub(super) holders: Vec<String>,
    pub(super) gaps: usize,
    pub(super) fence: Option<(bool, String)>,
}

impl Told {
    pub(super) fn take(&mut self, machine: &mut Machine) {
        for line in machine.lines.take() {
            match line {
                Payload::Raw(raw) => self.raw(&raw),
                Payload::Undecodable(undecodable) => match undecodable.uid {
                    Some(uid) => drop(self.unseen.insert(uid)),
                    None => {
                        assert!(self.is_listing, "outside of a list, it would be about everything");
                        self.open_lists += 1;
                    }
                },
                Payload::Gap(_) => {
                    self.gaps += 1;
                    self.objects.clear();
                    self.is_listing = true;
                }
                Payload::Attached(_) => self.is_listing = false,
                Payload::Fence(fence) => self.fence = Some((fence.whole, fence.missing)),
                _ => {}
            }
        }
    }

    fn raw(&mut self, raw: &Raw) {
        // What a list shows must not be unseen from then on.
        self.is_listing = false;
        let resource = Resource::new("mounts", "v1", "mounts", "Mount");
        let before = self.objects.get(&raw.uid);
        let followed = kinds::follow(&resource, before, raw).expect("an event of ours");
        let status: serde_json::Value = serde_json::from_str(followed.object.json.get()).unwrap();
        let state = status["status"]["state"].as_str().unwrap().to_owned();
        if let Some(holders) = status["status"]["holders"].as_array() {
            self.holders.extend(holders.iter().map(|holder| holder["comm"].as_str().unwrap().to_owned()));
        }
        if followed.change == Change::Added {
            self.live.push((raw.uid.clone(), raw.name.clone()));
        }
        let states = self.states.entry(raw.uid.clone()).or_default();
        if states.last().is_none_or(|(last, _)| *last != state) {
            states.push((state.clone(), raw.name.clone()));
            self.order.push((raw.uid.clone(), state));
        }
        match followed.change {
            Change::Deleted => drop(self.objects.remove(&raw.uid)),
            _ => drop(self.objects.insert(raw.uid.clone(), followed.object)),
        }
    }

    pub(super) fn states(&self, unique: Unique) -> String {
        self.of(unique).map(|(state, _)| state.as_str()).collect::<Vec<_>>().join(" ")
    }

    /// The states of a mount, at whatever place.
    pub(super) fn of(&self, unique: Unique) -> impl Iterator<Item = &(String, SmolStr)> {
        self.states.iter().filter(move |(uid, _)| is_of(uid, unique)).flat_map(|(_, states)| states)
    }

    pub(super) fn is_unseen(&self, unique: Unique) -> bool {
        self.unseen.iter().any(|uid| is_of(uid, unique))
    }

    /// What was told, with the place of each state.
    pub(super) fn places(&self) -> Vec<String> {
        let told = |states: &Vec<(String, SmolStr)>| {
            states.iter().map(|(state, place)| format!("{place}:{state}")).collect::<Vec<_>>().join(" ")
        };
        let mut places: Vec<String> = self.states.values().map(told).collect();
        places.sort();
        places
    }
}

pub(super) fn is_of(of: &str, unique: Unique) -> bool {
    of.starts_with(uid(unique, BOOT).as_str())
}

pub(super) fn started(world: &mut World) -> (Machine, Told) {
    let mut machine = Machine::new(Lines::new(0, 0, NOW), true);
    machine.list(world, None, &"Mount".into(), NOW).unwrap();
    let mut told = Told::default();
    told.take(&mut machine);
    (machine, told)
}

/// Turns until nothing is left.
pub(super) fn follow(world: &mut World, machine: &mut Machine, told: &mut Told) {
    for _ in 0..500 {
        let turned = machine.turn(world, NOW);
        told.take(machine);
        if let Err(Lost(why)) = turned {
            machine.list(world, Some((NOW, why)), &"Mount".into(), NOW).unwrap();
            told.take(machine);
        }
        if world.todo.is_empty() && world.queue.is_empty() && world.released.is_empty() && !world.has_changed {
            return;
        }
    }
    panic!("it does not end");
}

/// Numbers that look like chance, and are the same in every run.
pub(super) fn chance(seed: &mut u64) -> u64 {
    *seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    *seed >> 33
}
