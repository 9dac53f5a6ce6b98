//! The machine on a simulated kernel, which goes on while it is looked at: at every question, some of what is to happen
//! happens before the answer.

use super::super::super::numbered::Lines;
use super::super::host::{Held, Host, Notice, Unique, Watched, Wd};
use super::super::machine::{Lost, Machine, OVERFLOW, uid};
use super::super::mountinfo::Row;
use crate::kinds::{self, MountBy, MountHolder};
use crate::observation::{Change, Object, Payload, Raw, Resource};
use jiff::{SignedDuration, Timestamp};
use smol_str::{SmolStr, format_smolstr};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

const NOW: Timestamp = Timestamp::UNIX_EPOCH;
const BOOT: &str = "b007";

/// What is done.
#[derive(Clone, Debug)]
enum Act {
    /// A filesystem of its own is mounted.
    Mount(&'static str),
    /// The filesystem that is mounted at the first place is bound to the second.
    Bind(&'static str, &'static str),
    /// What is on top of a place is unmounted.
    Unmount(&'static str),
    /// What is on top of a place is moved.
    Move(&'static str, &'static str),
    /// The last user of the filesystem that was mounted first lets go, if nothing has it mounted.
    Release,
}

#[derive(Default)]
struct World {
    is_exact: bool,
    todo: VecDeque<Act>,
    /// How much happens at each question.
    pace: usize,
    mounts: BTreeMap<Unique, Row>,
    /// The filesystems that have a user, and whether their release is watched.
    filesystems: BTreeMap<SmolStr, bool>,
    next: Unique,
    queue: Vec<Notice>,
    released: Vec<Notice>,
    has_changed: bool,
    /// What happened to which mount, and where that was.
    truth: Vec<(Unique, &'static str, SmolStr)>,
    /// How often holders were looked for.
    looks: usize,
}

impl World {
    fn new(acts: &[Act], pace: usize) -> Self {
        Self { is_exact: true, todo: acts.iter().cloned().collect(), pace, next: 100, ..Self::default() }
    }

    fn happen(&mut self) {
        for _ in 0..self.pace {
            let Some(act) = self.todo.pop_front() else { return };
            self.act(&act);
        }
    }

    fn rest(&mut self) {
        while let Some(act) = self.todo.pop_front() {
            self.act(&act);
        }
    }

    fn top(&self, point: &str) -> Option<Unique> {
        self.mounts.iter().rev().find(|(_, row)| row.point == point).map(|(unique, _)| *unique)
    }

    fn attach(&mut self, point: &str, dev: SmolStr, root: &str) {
        let unique = self.next;
        self.next += 1;
        let id = (40..1000).find(|id| self.mounts.values().all(|row| row.id != *id)).unwrap();
        let (root, point, fs) = (root.into(), SmolStr::from(point), "tmpfs".into());
        let row = Row { id, parent: 1, dev, root, point: point.clone(), fs, source: None, is_remote: false };
        self.mounts.insert(unique, row);
        self.told(Notice::Attach(unique));
        self.truth.push((unique, "mounted", point));
    }

    fn told(&mut self, notice: Notice) {
        self.queue.extend(self.is_exact.then_some(notice));
        self.has_changed = true;
    }

    fn act(&mut self, act: &Act) {
        match act {
            Act::Mount(point) => {
                let dev = format_smolstr!("0:{}", self.next);
                self.filesystems.insert(dev.clone(), false);
                self.attach(point, dev, "/");
            }
            Act::Bind(of, point) => {
                if let Some(dev) = self.top(of).map(|unique| self.mounts[&unique].dev.clone()) {
                    self.attach(point, dev, "/sub");
                }
            }
            Act::Unmount(point) => {
                let Some(unique) = self.top(point) else { return };
                let row = self.mounts.remove(&unique).unwrap();
                self.told(Notice::Detach(unique));
                self.truth.push((unique, "detached", row.point));
            }
            Act::Move(from, to) => {
                let Some(unique) = self.top(from) else { return };
                self.mounts.get_mut(&unique).unwrap().point = (*to).into();
                self.told(Notice::Move(unique));
            }
            Act::Release => {
                let is_free = |dev: &&SmolStr| self.mounts.values().all(|row| row.dev != **dev);
                let Some(dev) = self.filesystems.keys().find(is_free).cloned() else { return };
                if self.filesystems.remove(&dev) == Some(true) {
                    self.released.push(Notice::Released(wd(&dev)));
                }
                let number: Unique = dev[2..].parse().unwrap();
                self.truth.push((number, "released", SmolStr::default()));
            }
        }
    }
}

/// A filesystem has the number of its first mount.
fn wd(dev: &str) -> Wd {
    dev[2..].parse().unwrap()
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
        self.top(&row.point).filter(|unique| self.mounts[unique].id == row.id)
    }

    fn watch(&mut self, row: &Row) -> Watched {
        self.happen();
        if self.top(&row.point).is_none_or(|unique| self.mounts[&unique] != *row) {
            return Watched::No("gone");
        }
        self.filesystems.insert(row.dev.clone(), true);
        Watched::By(wd(&row.dev))
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
struct Told {
    objects: BTreeMap<SmolStr, Object>,
    /// The states of each mount, with its place.
    states: BTreeMap<SmolStr, Vec<(String, SmolStr)>>,
    /// What was told of named mounts, in order.
    order: Vec<(SmolStr, String)>,
    unseen: BTreeSet<SmolStr>,
    holders: Vec<String>,
    gaps: usize,
    fence: Option<(bool, String)>,
}

impl Told {
    fn take(&mut self, machine: &mut Machine) {
        for line in machine.lines.take() {
            match line {
                Payload::Raw(raw) => self.raw(&raw),
                Payload::Undecodable(undecodable) => drop(self.unseen.insert(undecodable.uid.unwrap())),
                Payload::Gap(_) => {
                    self.gaps += 1;
                    self.objects.clear();
                }
                Payload::Fence(fence) => self.fence = Some((fence.whole, fence.missing)),
                _ => {}
            }
        }
    }

    fn raw(&mut self, raw: &Raw) {
        let resource = Resource::new("mounts", "v1", "mounts", "Mount");
        let before = self.objects.get(&raw.uid);
        let followed = kinds::follow(&resource, before, raw).expect("an event of ours");
        let status: serde_json::Value = serde_json::from_str(followed.object.json.get()).unwrap();
        let state = status["status"]["state"].as_str().unwrap().to_owned();
        if let Some(holders) = status["status"]["holders"].as_array() {
            self.holders.extend(holders.iter().map(|holder| holder["comm"].as_str().unwrap().to_owned()));
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

    fn states(&self, unique: Unique) -> String {
        let states = self.states.get(&uid(unique, BOOT)).into_iter().flatten();
        states.map(|(state, _)| state.as_str()).collect::<Vec<_>>().join(" ")
    }
}

fn started(world: &mut World) -> (Machine, Told) {
    let mut machine = Machine::new(Lines::new(0, 0, NOW));
    machine.list(world, None, &"Mount".into(), NOW).unwrap();
    let mut told = Told::default();
    told.take(&mut machine);
    (machine, told)
}

/// Turns until nothing is left.
fn follow(world: &mut World, machine: &mut Machine, told: &mut Told) {
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
fn chance(seed: &mut u64) -> u64 {
    *seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    *seed >> 33
}

#[test]
fn whatever_happens_meanwhile_what_is_told_is_true_and_what_is_not_told_is_unseen() {
    const PLACES: [&str; 4] = ["/a", "/b", "/c d", "/a/e"];
    let (mut named, mut unseen) = (0, 0);
    for round in 0..600_u64 {
        let mut seed = round;
        let mut acts = Vec::new();
        for _ in 0..40 {
            let place = PLACES[usize::try_from(chance(&mut seed) % 4).unwrap()];
            acts.push(match chance(&mut seed) % 8 {
                0..3 => Act::Mount(place),
                3 => Act::Bind("/a", place),
                4..7 => Act::Unmount(place),
                _ => Act::Release,
            });
        }
        let mut world = World::new(&acts, 0);
        let (mut machine, mut told) = started(&mut world);
        world.pace = usize::try_from(round % 4).unwrap();
        if world.pace == 0 {
            // One act at a time, each of which is read.
            while let Some(act) = world.todo.pop_front() {
                world.act(&act);
                machine.turn(&mut world, NOW).unwrap();
            }
        }
        follow(&mut world, &mut machine, &mut told);
        assert_eq!(told.gaps, 0, "round {round}");
        let is_known = |unique: Unique| told.states.contains_key(&uid(unique, BOOT));
        let is_unseen = |unique: Unique| told.unseen.contains(&uid(unique, BOOT));
        let begun: BTreeSet<Unique> = world.truth.iter().map(|(unique, ..)| *unique).collect();
        for unique in begun {
            let truth: Vec<&(Unique, &str, SmolStr)> = world.truth.iter().filter(|(of, ..)| *of == unique).collect();
            assert!(is_known(unique) || is_unseen(unique), "round {round}: {unique} is neither told nor unseen");
            if world.pace == 0 {
                assert!(is_known(unique) && !is_unseen(unique), "round {round}: {unique} was looked at in time");
            }
            let states = told.states.get(&uid(unique, BOOT)).cloned().unwrap_or_default();
            named += usize::from(!states.is_empty());
            unseen += usize::from(is_unseen(unique));
            for ((state, place), (_, happened, point)) in states.iter().zip(&truth) {
                assert_eq!(state, happened, "round {round}: {unique}: {states:?} {truth:?}");
                assert!(*state == "released" || place == point, "round {round}: {unique} is told to be at {place}");
            }
            let is_whole = states.len() >= truth.iter().filter(|(_, what, _)| *what != "released").count();
            assert!(is_unseen(unique) || is_whole, "round {round}: {unique}: {states:?} of {truth:?}");
            // The release of a filesystem is told, unless something else still had it when it was bound.
            let is_released = truth.iter().any(|(_, what, _)| *what == "released");
            let is_last = states.last().is_some_and(|(state, _)| state == "released");
            assert!(!is_last || is_released, "round {round}: {unique} is told to be released");
            assert!(is_last || !is_released || is_unseen(unique), "round {round}: {unique}: {states:?} {truth:?}");
        }
        let order: Vec<(SmolStr, String)> = world
            .truth
            .iter()
            .filter(|(_, what, _)| *what != "released")
            .map(|(unique, what, _)| (uid(*unique, BOOT), (*what).to_owned()))
            .filter(|step| told.order.contains(step))
            .collect();
        let of_mounts: Vec<_> = told.order.iter().filter(|(_, what)| what != "released").cloned().collect();
        assert_eq!(of_mounts, order, "round {round}: the order of what was told");
    }
    assert!(named > 3_000 && unseen > 100, "{named} were named, {unseen} unseen");
}

#[test]
fn a_filesystem_that_is_held_is_detached_until_its_last_user_lets_go_and_its_holders_are_looked_for_once() {
    let mut world = World::new(&[], 0);
    let (mut machine, mut told) = started(&mut world);
    for act in [Act::Mount("/mnt"), Act::Unmount("/mnt")] {
        world.act(&act);
        machine.turn(&mut world, NOW).unwrap();
    }
    assert_eq!(world.looks, 0, "most are released at once");
    for seconds in 1..5 {
        machine.turn(&mut world, NOW + SignedDuration::from_secs(seconds)).unwrap();
    }
    told.take(&mut machine);
    assert_eq!((world.looks, told.holders.len()), (1, 1));
    assert_eq!(told.states(100), "mounted detached");
    // It may be mounted again meanwhile: both are released together.
    world.act(&Act::Release);
    machine.turn(&mut world, NOW).unwrap();
    told.take(&mut machine);
    assert_eq!(told.states(100), "mounted detached released");
    assert!(told.unseen.is_empty());
}

#[test]
fn a_bind_mount_ends_when_it_is_detached_and_one_that_is_left_holds_the_filesystem() {
    let mut world = World::new(&[], 0);
    let (mut machine, mut told) = started(&mut world);
    for act in [Act::Mount("/a"), Act::Bind("/a", "/b"), Act::Unmount("/a"), Act::Unmount("/b"), Act::Release] {
        world.act(&act);
        machine.turn(&mut world, NOW).unwrap();
    }
    told.take(&mut machine);
    assert_eq!(
        (told.states(100).as_str(), told.states(101).as_str()),
        ("mounted detached released", "mounted detached")
    );
    assert!(told.unseen.is_empty() && told.objects.is_empty());
}

#[test]
fn what_is_covered_before_it_is_looked_at_is_named_by_the_order_of_the_table() {
    let mut world = World::new(&[], 0);
    let (mut machine, mut told) = started(&mut world);
    for place in ["/a", "/a", "/b", "/a"] {
        world.act(&Act::Mount(place));
    }
    machine.turn(&mut world, NOW).unwrap();
    for place in ["/a", "/a", "/b", "/a"] {
        world.act(&Act::Unmount(place));
        machine.turn(&mut world, NOW).unwrap();
    }
    told.take(&mut machine);
    for (unique, place) in [(100, "/a"), (101, "/a"), (102, "/b"), (103, "/a")] {
        let states = &told.states[&uid(unique, BOOT)];
        assert!(states.len() == 2 && states.iter().all(|(_, at)| at == place), "{unique}: {states:?}");
    }
}

#[test]
fn a_mount_that_is_moved_is_another_object_from_then_on() {
    let mut world = World::new(&[], 0);
    let (mut machine, mut told) = started(&mut world);
    for act in [Act::Mount("/a"), Act::Move("/a", "/b"), Act::Unmount("/b"), Act::Release] {
        world.act(&act);
        machine.turn(&mut world, NOW).unwrap();
    }
    told.take(&mut machine);
    let all: Vec<String> = told
        .states
        .values()
        .map(|states| states.iter().map(|(state, place)| format!("{place}:{state}")).collect::<Vec<_>>().join(" "))
        .collect();
    assert_eq!(all, ["/a:mounted /a:moved", "/b:mounted /b:detached /b:released"]);
}

#[test]
fn after_a_loss_what_is_there_is_told_again_and_what_was_detached_is_still_waited_for() {
    let mut world = World::new(&[], 0);
    let (mut machine, mut told) = started(&mut world);
    for act in [Act::Mount("/held"), Act::Unmount("/held"), Act::Mount("/b")] {
        world.act(&act);
    }
    machine.turn(&mut world, NOW).unwrap();
    // The first was gone before it could be looked at; the same again, one after the other.
    for act in [Act::Mount("/held"), Act::Unmount("/held")] {
        world.act(&act);
        machine.turn(&mut world, NOW).unwrap();
    }
    world.queue.push(Notice::Overflow);
    world.act(&Act::Mount("/c"));
    assert_eq!(machine.turn(&mut world, NOW), Err(Lost(OVERFLOW)));
    machine.list(&mut world, Some((NOW, OVERFLOW)), &"Mount".into(), NOW).unwrap();
    told.take(&mut machine);
    assert_eq!(told.gaps, 1);
    assert_eq!((told.states(101).as_str(), told.states(103).as_str()), ("mounted", "mounted"));
    assert_eq!(told.states(102), "mounted detached");
    world.act(&Act::Release);
    world.act(&Act::Release);
    machine.turn(&mut world, NOW).unwrap();
    told.take(&mut machine);
    assert_eq!(told.states(102), "mounted detached released");
    machine.fence(&mut world, NOW).unwrap();
    told.take(&mut machine);
    assert_eq!(told.fence, Some((true, String::new())));
}

#[test]
fn without_a_queue_what_came_and_went_is_a_gap_and_so_is_what_may_have_come_and_gone() {
    let mut world = World::new(&[], 0);
    world.is_exact = false;
    let (mut machine, mut told) = started(&mut world);
    world.act(&Act::Mount("/a"));
    follow(&mut world, &mut machine, &mut told);
    assert_eq!((told.states(100).as_str(), told.gaps, told.unseen.len()), ("mounted", 0, 1));
    world.act(&Act::Mount("/b"));
    world.act(&Act::Unmount("/b"));
    follow(&mut world, &mut machine, &mut told);
    assert_eq!((told.gaps, told.states(101).as_str()), (1, ""), "nothing differs");
    world.act(&Act::Unmount("/a"));
    world.act(&Act::Mount("/c"));
    follow(&mut world, &mut machine, &mut told);
    assert_eq!((told.states(100).as_str(), told.states(102).as_str()), ("mounted detached", "mounted"));
    assert_eq!(told.unseen.len(), 2, "others may have come and gone at the same time");
}

#[test]
fn the_fence_names_what_is_there_and_not_recorded() {
    let mut world = World::new(&[Act::Mount("/late")], 0);
    let (mut machine, mut told) = started(&mut world);
    world.rest();
    world.queue.clear();
    machine.fence(&mut world, NOW).unwrap();
    told.take(&mut machine);
    assert_eq!(told.fence, Some((false, "/late".to_owned())));
}
