//! The machine on a simulated host, which goes on while it is looked at: at every question, some of what is to happen
//! happens before the answer.

use super::super::super::numbered::Lines;
use super::super::host::{Bound, Directory, FreezerFile, Group, Host, Init, Notice, Tables, Unwatched, Wd};
use super::super::machine::Machine;
use super::super::watching::{Lost, OVERFLOW, Watching};
use crate::kinds::{self, Followed, RuncDid as Did, RuncFreezer as Freezer, RuncWhat as What};
use crate::observation::{Object, Payload, Raw, Resource};
use jiff::Timestamp;
use proptest::prelude::*;
use smol_str::{SmolStr, format_smolstr};
use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};

pub(super) const NOW: Timestamp = Timestamp::UNIX_EPOCH;

/// What happens to one directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    Make,
    Fifo,
    Group,
    CriuRoot,
    State,
    Release,
    /// What started it removes the pipe, some time after the release.
    Unpipe,
    Freeze,
    Thaw,
    Checkpoint,
    Exit,
    Ungroup,
    Remove,
}

/// A life: the name of the container, and what happens.
pub(super) type Life = (&'static str, &'static [Step]);

pub(super) const QUICK: &[Step] = &[
    Step::Make,
    Step::Fifo,
    Step::Group,
    Step::State,
    Step::Release,
    Step::Unpipe,
    Step::Exit,
    Step::Ungroup,
    Step::Remove,
];
const ENDED_AT_ONCE: &[Step] = &[
    Step::Make,
    Step::Fifo,
    Step::Group,
    Step::State,
    Step::Release,
    Step::Exit,
    Step::Unpipe,
    Step::Ungroup,
    Step::Remove,
];
const NEVER_STARTED: &[Step] =
    &[Step::Make, Step::Fifo, Step::Group, Step::State, Step::Exit, Step::Ungroup, Step::Remove];
const RESTORED: &[Step] =
    &[Step::Make, Step::CriuRoot, Step::Group, Step::State, Step::Exit, Step::Ungroup, Step::Remove];
const CHECKPOINTED: &[Step] = &[
    Step::Make,
    Step::Fifo,
    Step::Group,
    Step::State,
    Step::Release,
    Step::Unpipe,
    Step::Checkpoint,
    Step::Exit,
    Step::Ungroup,
    Step::Remove,
];
const PAUSED: &[Step] = &[
    Step::Make,
    Step::Fifo,
    Step::Group,
    Step::State,
    Step::Release,
    Step::Unpipe,
    Step::Freeze,
    Step::Thaw,
    Step::Exit,
    Step::Ungroup,
    Step::Remove,
];
const PAUSED_AT_ONCE: &[Step] = &[
    Step::Make,
    Step::Group,
    Step::Fifo,
    Step::State,
    Step::Freeze,
    Step::Thaw,
    Step::Release,
    Step::Unpipe,
    Step::Exit,
    Step::Ungroup,
    Step::Remove,
];
const PAUSED_TWICE: &[Step] = &[
    Step::Group,
    Step::Make,
    Step::Fifo,
    Step::State,
    Step::Release,
    Step::Unpipe,
    Step::Freeze,
    Step::Thaw,
    Step::Freeze,
    Step::Thaw,
    Step::Freeze,
    Step::Exit,
    Step::Ungroup,
    Step::Remove,
];
pub(super) const FAILED: &[Step] = &[Step::Make, Step::Group, Step::Ungroup, Step::Remove];
pub(super) const KINDS: &[&[Step]] =
    &[QUICK, ENDED_AT_ONCE, NEVER_STARTED, RESTORED, CHECKPOINTED, PAUSED, PAUSED_AT_ONCE, PAUSED_TWICE, FAILED];

fn words(steps: &[Step]) -> Vec<&'static str> {
    let mut words = Vec::new();
    for step in steps {
        let word = match step {
            Step::Make => "creating",
            Step::State if steps.contains(&Step::CriuRoot) => "restored",
            Step::State => "created",
            Step::Release => "running",
            // What it was before the pause.
            Step::Thaw => words[words.len() - 2],
            Step::Freeze => "paused",
            Step::Checkpoint => "checkpointed",
            Step::Exit => "stopped",
            Step::Remove => "deleted",
            Step::Fifo | Step::CriuRoot | Step::Group | Step::Ungroup | Step::Unpipe => continue,
        };
        words.push(word);
    }
    words
}

#[derive(Default)]
struct Folder {
    wd: Option<Wd>,
    has: Vec<What>,
    has_ended: bool,
}

/// A group of processes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Cell {
    is_frozen: bool,
    /// The watches of its freezer: of what it does, and of what it is asked.
    watched: Option<(Wd, Wd)>,
    /// The kernel is still to say that it changed.
    is_owed: bool,
    /// How often it still says `FREEZING`.
    slow: u64,
}

#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub(super) struct World {
    /// What is still to happen, in order: the number of a life, and the step.
    pub(super) future: VecDeque<(usize, Step)>,
    /// What has happened.
    pub(super) past: Vec<(usize, Step)>,
    pub(super) lives: Vec<Life>,
    /// The directories that each life mounts, and those whose tables cannot be read.
    pub(super) mounts: Vec<Vec<&'static str>>,
    pub(super) unreadable: HashSet<usize>,
    /// The life whose directory has a name.
    names: BTreeMap<SmolStr, usize>,
    folders: HashMap<usize, Folder>,
    /// The groups that are there, by the name of their container, in cgroup v1 or v2.
    cells: BTreeMap<SmolStr, Cell>,
    is_unified: bool,
    /// How often a freezer of cgroup v1 says `FREEZING` before it has closed.
    freezes_after: u64,
    are_groups_watched: bool,
    /// The life whose process is followed under a uid.
    followed: HashMap<SmolStr, usize>,
    queue: Vec<Notice>,
    next: Wd,
    /// Decides how much happens at each question.
    random: u64,
    /// The most that happens at once.
    pub(super) pace: u64,
    pub(super) is_overflowing: bool,
    /// No process can be followed.
    pub(super) lacks_descriptors: bool,
}

impl World {
    /// Lives of which each begins when the one before it of its name is over; otherwise they mix at random.
    pub(super) fn new(lives: &[Life], seed: u64, pace: u64) -> Self {
        let mut world = Self {
            future: VecDeque::new(),
            past: Vec::new(),
            lives: lives.to_vec(),
            mounts: vec![Vec::new(); lives.len()],
            unreadable: HashSet::new(),
            names: BTreeMap::new(),
            folders: HashMap::new(),
            cells: BTreeMap::new(),
            is_unified: false,
            freezes_after: 0,
            are_groups_watched: false,
            followed: HashMap::new(),
            queue: Vec::new(),
            next: 1,
            random: seed,
            pace,
            is_overflowing: false,
            lacks_descriptors: false,
        };
        let mut rest: Vec<VecDeque<Step>> = lives.iter().map(|(_, steps)| steps.iter().copied().collect()).collect();
        while rest.iter().any(|steps| !steps.is_empty()) {
            let may = |life: usize| (0..life).all(|before| lives[before].0 != lives[life].0 || rest[before].is_empty());
            let ready: Vec<usize> = (0..lives.len()).filter(|life| !rest[*life].is_empty() && may(*life)).collect();
            let life = ready[usize::try_from(world.roll(ready.len() as u64)).unwrap()];
            let step = rest[life].pop_front().unwrap();
            world.future.push_back((life, step));
        }
        world
    }

    pub(super) fn roll(&mut self, below: u64) -> u64 {
        self.random = self.random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.random >> 33) % below
    }

    fn go_on(&mut self) {
        for _ in 0..self.roll(self.pace + 1) {
            self.happen();
            if self.roll(3) == 0 {
                self.say_owed();
            }
        }
    }

    /// The kernel says once, and some time later, what changed in between.
    fn say_owed(&mut self) {
        for cell in self.cells.values_mut().filter(|cell| cell.is_owed) {
            cell.is_owed = false;
            // Otherwise there is nobody to be told.
            self.queue.extend(cell.watched.map(|(wd, _)| Notice::Freezer { wd }));
        }
    }

    pub(super) fn happen(&mut self) {
        let Some((life, step)) = self.future.pop_front() else { return };
        self.past.push((life, step));
        let name = SmolStr::new(self.lives[life].0);
        let folder = self.folders.entry(life).or_default();
        let mut file = |did, what| {
            self.queue.extend(folder.wd.map(|wd| Notice::File { wd, did, what }));
        };
        match step {
            Step::Make => {
                self.names.insert(name.clone(), life);
                self.queue.push(Notice::Directory { name, is_made: true });
            }
            Step::Fifo => {
                folder.has.push(What::ExecFifo);
                file(Did::Create, What::ExecFifo);
            }
            Step::CriuRoot => {
                folder.has.push(What::CriuRoot);
                file(Did::Create, What::CriuRoot);
            }
            Step::State => {
                folder.has.push(What::StateJson);
                file(Did::MovedTo, What::StateJson);
            }
            Step::Release => file(Did::CloseWrite, What::ExecFifo),
            Step::Unpipe => {
                folder.has.retain(|what| *what != What::ExecFifo);
                file(Did::Delete, What::ExecFifo);
            }
            Step::Checkpoint => {
                folder.has.push(What::Checkpoint);
                file(Did::CloseWrite, What::Checkpoint);
            }
            Step::Freeze | Step::Thaw => {
                let cell = self.cells.get_mut(&name).unwrap();
                (cell.is_frozen, cell.is_owed) = (step == Step::Freeze, self.is_unified);
                cell.slow = self.freezes_after;
                let written = cell.watched.map(|(does, asked)| if self.is_unified { asked } else { does });
                self.queue.extend(written.map(|wd| Notice::Freezer { wd }));
            }
            Step::Group => {
                self.cells.insert(name.clone(), Cell { is_frozen: false, watched: None, is_owed: false, slow: 0 });
                if self.are_groups_watched {
                    self.queue.push(Notice::Group { path: name, is_made: true });
                }
            }
            Step::Ungroup => {
                self.cells.remove(&name);
                if self.are_groups_watched {
                    self.queue.push(Notice::Group { path: name, is_made: false });
                }
            }
            Step::Exit => folder.has_ended = true,
            Step::Remove => {
                if folder.has.contains(&What::ExecFifo) {
                    file(Did::Delete, What::ExecFifo);
                }
                self.names.remove(&name);
                self.queue.push(Notice::Directory { name, is_made: false });
            }
        }
    }

    fn uid(life: usize) -> SmolStr {
        format_smolstr!("life-{life}")
    }

    fn freezer_of(&mut self, path: &str) -> Option<Vec<FreezerFile>> {
        self.go_on();
        let cell = self.cells.get_mut(path)?;
        self.next += 2;
        let next = self.next;
        let (does, asked) = *cell.watched.get_or_insert((next - 1, next));
        if !self.is_unified {
            return Some(vec![FreezerFile { wd: does, what: What::FreezerState }]);
        }
        self.go_on();
        let files = [(does, What::CgroupEvents), (asked, What::CgroupFreeze)];
        Some(files.map(|(wd, what)| FreezerFile { wd, what }).to_vec())
    }
}

impl Host for World {
    fn reset(&mut self) -> Result<bool, String> {
        self.queue.clear();
        self.followed.clear();
        self.folders.values_mut().for_each(|folder| folder.wd = None);
        self.cells.values_mut().for_each(|cell| cell.watched = None);
        self.are_groups_watched = false;
        self.go_on();
        Ok(true)
    }

    fn names(&mut self) -> Result<Vec<SmolStr>, Unwatched> {
        self.go_on();
        Ok(self.names.keys().cloned().collect())
    }

    fn directory(&mut self, name: &str) -> Result<Directory, Unwatched> {
        self.go_on();
        let life = *self.names.get(name).ok_or(Unwatched::Gone)?;
        self.next += 1;
        let next = self.next;
        let wd = *self.folders.entry(life).or_default().wd.get_or_insert(next);
        self.go_on();
        // Another one may have the name by now: the path is read again.
        let listed = *self.names.get(name).ok_or(Unwatched::Gone)?;
        Ok(Directory { uid: Self::uid(life), wd, has: self.folders[&listed].has.clone() })
    }

    fn state(&mut self, name: &str) -> Option<Init> {
        self.go_on();
        let life = *self.names.get(name)?;
        let has_state = self.folders[&life].has.contains(&What::StateJson);
        let pid = i32::try_from(life).unwrap() + 1;
        has_state.then_some(Init { pid, start_time: 1, group: Some((name.into(), self.is_unified)) })
    }

    fn follow(&mut self, uid: &SmolStr, init: &Init) -> Option<bool> {
        self.go_on();
        let life = usize::try_from(init.pid).unwrap() - 1;
        if self.lacks_descriptors {
            return None;
        }
        let is_alive = !self.folders[&life].has_ended;
        if is_alive {
            self.followed.insert(uid.clone(), life);
        }
        Some(is_alive)
    }

    fn forget(&mut self, uid: &SmolStr) {
        self.followed.remove(uid);
    }

    fn has_ended(&mut self, uid: &SmolStr) -> bool {
        self.go_on();
        self.followed.get(uid).is_some_and(|life| self.folders[life].has_ended)
    }

    fn ended(&mut self) -> Vec<SmolStr> {
        self.go_on();
        let ended = self.followed.iter().filter(|(_, life)| self.folders[life].has_ended);
        let mut ended: Vec<SmolStr> = ended.map(|(uid, _)| uid.clone()).collect();
        ended.sort();
        ended
    }

    fn groups(&mut self) -> Vec<Group> {
        self.go_on();
        self.are_groups_watched = true;
        let names: Vec<SmolStr> = self.cells.keys().cloned().collect();
        names.into_iter().flat_map(|path| self.group(&path)).collect()
    }

    fn group(&mut self, path: &str) -> Vec<Group> {
        let files = self.freezer_of(path);
        files.map(|files| Group { path: path.into(), files }).into_iter().collect()
    }

    fn freezer_files(&mut self, init: &Init) -> Vec<FreezerFile> {
        let (path, _) = init.group.clone().unwrap();
        self.freezer_of(&path).unwrap_or_default()
    }

    fn freezer(&mut self, wd: Wd) -> Option<Freezer> {
        self.go_on();
        let is_of = |cell: &&Cell| cell.watched.is_some_and(|(does, asked)| wd == does || wd == asked);
        let cell = self.cells.values_mut().find(|cell| is_of(&&**cell))?;
        if cell.is_frozen && cell.slow > 0 {
            cell.slow -= 1;
            return Some(Freezer::Freezing);
        }
        Some(if cell.is_frozen { Freezer::Frozen } else { Freezer::Thawed })
    }

    fn drain(&mut self) -> Vec<Notice> {
        self.go_on();
        if std::mem::take(&mut self.is_overflowing) {
            self.queue.clear();
            return vec![Notice::Overflow];
        }
        std::mem::take(&mut self.queue)
    }

    fn boot(&self) -> SmolStr {
        "boot".into()
    }
}

impl Tables for World {
    fn bound(&mut self, pid: i32) -> Result<Vec<Bound>, String> {
        self.go_on();
        let life = usize::try_from(pid).unwrap() - 1;
        if self.unreadable.contains(&life) || self.folders[&life].has_ended {
            return Err("no table".to_owned());
        }
        let bound = |path: &&str| Bound { identity: (*path).into(), name: (*path).into() };
        Ok(self.mounts[life].iter().map(bound).collect())
    }
}

/// What the lines say of each directory.
#[derive(Default)]
struct Told {
    before: HashMap<SmolStr, Object>,
    words: BTreeMap<SmolStr, Vec<String>>,
    names: HashMap<SmolStr, SmolStr>,
    /// Those of which something was not seen, and those of which something was never published.
    unseen: HashSet<SmolStr>,
    unpublished: HashSet<SmolStr>,
    gaps: usize,
    last: u64,
    /// All events, for a test that fails.
    events: Vec<String>,
}

impl Told {
    fn take(&mut self, machine: &mut Machine) {
        let resource = Resource::new("runc", "v1", "runccontainers", "RuncContainer");
        for line in machine.lines.take() {
            match line {
                Payload::Raw(raw) => self.raw(&resource, &raw),
                Payload::Undecodable(undecodable) => drop(self.unseen.insert(undecodable.uid.unwrap())),
                Payload::Gap(_) => {
                    self.gaps += 1;
                    self.before.clear();
                }
                _ => {}
            }
        }
    }

    fn raw(&mut self, resource: &Resource, raw: &Raw) {
        let version = raw.resource_version.number().unwrap();
        assert!(version > self.last, "numbers rise");
        self.last = version;
        self.events.push(format!("{} {}", raw.uid, raw.event.get()));
        let Followed { object, unpublished, .. } = kinds::follow(resource, self.before.get(&raw.uid), raw).unwrap();
        if unpublished.is_some() {
            self.unpublished.insert(raw.uid.clone());
        }
        let status: serde_json::Value = serde_json::from_str(object.json.get()).unwrap();
        let word = status["status"]["state"].as_str().unwrap().to_owned();
        let words = self.words.entry(raw.uid.clone()).or_default();
        if words.last() != Some(&word) {
            words.push(word);
        }
        self.names.insert(raw.uid.clone(), raw.name.clone());
        self.before.insert(raw.uid.clone(), object);
    }

    fn of(&self, life: usize) -> Vec<&str> {
        self.words.get(&World::uid(life)).map(|words| words.iter().map(String::as_str).collect()).unwrap_or_default()
    }
}

fn started(world: &mut World) -> (Machine, Told) {
    let pace = std::mem::take(&mut world.pace);
    let mut machine = Machine::new(Lines::new(0, 0, NOW));
    assert_eq!(machine.attach(world, None, &"RuncContainer".into(), NOW), Ok(true));
    world.pace = pace;
    let mut told = Told::default();
    told.take(&mut machine);
    (machine, told)
}

/// Turns until nothing is left to happen.
fn run(world: &mut World) -> Told {
    let (mut machine, mut told) = started(world);
    for _ in 0..10_000 {
        let is_over = world.future.is_empty();
        match machine.turn(world, NOW) {
            Ok(()) => told.take(&mut machine),
            Err(Lost::Events(why)) => {
                told.take(&mut machine);
                machine.attach(world, Some((NOW, why)), &"RuncContainer".into(), NOW).unwrap();
                told.take(&mut machine);
            }
            Err(Lost::Root) => panic!("the root stays"),
        }
        if is_over && machine.queue.is_empty() && world.cells.values().all(|cell| !cell.is_owed) {
            return told;
        }
        world.say_owed();
    }
    panic!("it never ends");
}

#[test]
fn a_watched_life_is_told_in_order_step_by_step() {
    for (steps, is_unified) in KINDS.iter().flat_map(|steps| [(steps, false), (steps, true)]) {
        let mut world = World { is_unified, ..World::new(&[("c1", steps)], 1, 0) };
        let (mut machine, mut told) = started(&mut world);
        while !world.future.is_empty() {
            world.happen();
            machine.turn(&mut world, NOW).unwrap();
            world.say_owed();
            machine.turn(&mut world, NOW).unwrap();
            told.take(&mut machine);
        }
        assert_eq!(told.of(0), words(steps), "{steps:?}");
        assert!(told.unseen.is_empty() && told.unpublished.is_empty(), "{steps:?}");
    }
}

/// Runs a life up to some steps, unread up to each.
fn read_after(steps: &'static [Step], is_unified: bool, read: &[usize]) -> Told {
    let mut world = World { is_unified, ..World::new(&[("c1", steps)], 1, 0) };
    let (mut machine, mut told) = started(&mut world);
    let mut happened = 0;
    for until in read {
        (happened..*until).for_each(|_| world.happen());
        happened = *until;
        machine.turn(&mut world, NOW).unwrap();
    }
    world.say_owed();
    machine.turn(&mut world, NOW).unwrap();
    told.take(&mut machine);
    told
}

#[test]
fn a_pause_that_was_over_before_anybody_read_of_it_was_never_published() {
    for is_unified in [false, true] {
        // The group is known; everything else up to the end of the pause is read at once.
        let told = read_after(PAUSED_AT_ONCE, is_unified, &[2, 6]);
        assert_eq!(told.of(0), ["creating", "created"]);
        assert!(told.unpublished.contains("life-0") && told.unseen.is_empty(), "cgroup v2: {is_unified}");
        // Two pauses, of which the first is over.
        let told = read_after(PAUSED_TWICE, is_unified, &[1, 3, 5, 9]);
        assert_eq!(told.of(0), ["creating", "created", "running", "paused"]);
        assert!(told.unpublished.contains("life-0") && told.unseen.is_empty(), "cgroup v2: {is_unified}");
        // One that is not over is nothing but that.
        let told = read_after(PAUSED_TWICE, is_unified, &[1, 3, 5, 7]);
        assert_eq!(told.of(0), ["creating", "created", "running", "paused"]);
        assert!(told.unpublished.is_empty() && told.unseen.is_empty(), "cgroup v2: {is_unified}");
    }
}

#[test]
fn a_pause_of_cgroup_v2_that_is_too_short_for_the_kernel_was_never_published() {
    let cases: &[&[usize]] = &[&[1, 3, 5, 8], &[1, 3, 5, 7, 8], &[1, 2, 3, 4, 5, 6, 7, 8]];
    for read in cases {
        // The kernel says something only once it is over, and then that nothing is frozen.
        let told = read_after(PAUSED_TWICE, true, read);
        assert_eq!(told.of(0), ["creating", "created", "running"], "{read:?}");
        assert!(told.unpublished.contains("life-0") && told.unseen.is_empty(), "{read:?}");
    }
}

#[test]
fn a_freezer_that_is_closing_is_no_pause_until_it_has_closed() {
    // It is read when it is written, and again in the same turn.
    let mut world = World { freezes_after: 2, ..World::new(&[("c1", PAUSED)], 1, 0) };
    let (mut machine, mut told) = started(&mut world);
    let mut turn = |world: &mut World, happens: usize| {
        (0..happens).for_each(|_| world.happen());
        machine.turn(world, NOW).unwrap();
        told.take(&mut machine);
        told.of(0).last().map(ToString::to_string)
    };
    for _ in 0..6 {
        turn(&mut world, 1);
    }
    assert_eq!(turn(&mut world, 1).as_deref(), Some("running"), "it is closing");
    assert_eq!(turn(&mut world, 0).as_deref(), Some("paused"), "nothing told that it has closed");
    assert_eq!(turn(&mut world, 1).as_deref(), Some("running"));
    assert_eq!(told.of(0), ["creating", "created", "running", "paused", "running"]);
    assert!(told.unseen.is_empty() && told.unpublished.is_empty());
    // It is open again before it was seen closed, or the process has ended.
    for (steps, last) in [(PAUSED, "running"), (PAUSED_TWICE, "stopped")] {
        let mut world = World { freezes_after: 100, ..World::new(&[("c1", steps)], 1, 0) };
        let (mut machine, mut told) = started(&mut world);
        let until = if last == "running" { 8 } else { 12 };
        for _ in 0..until {
            world.happen();
            machine.turn(&mut world, NOW).unwrap();
        }
        told.take(&mut machine);
        assert_eq!(told.of(0).last(), Some(&last));
        assert!(!told.of(0).contains(&"paused") && told.unpublished.contains("life-0"), "{:?}", told.of(0));
    }
}

#[test]
fn what_was_written_to_a_freezer_that_is_gone_is_a_gap() {
    for is_unified in [false, true] {
        let told = read_after(PAUSED, is_unified, &[3, 5, PAUSED.len()]);
        assert_eq!(told.of(0), ["creating", "created", "running", "stopped", "deleted"]);
        assert!(told.unseen.contains("life-0"), "cgroup v2: {is_unified}");
        let told = read_after(QUICK, is_unified, &[3, 5, QUICK.len()]);
        assert_eq!((told.of(0), told.unseen.len()), (words(QUICK), 0), "cgroup v2: {is_unified}");
    }
}

#[test]
fn a_pause_before_the_freezer_is_watched_is_a_gap() {
    // The group was made, and the container with it, before anybody looked.
    let told = read_after(PAUSED_AT_ONCE, false, &[1, 4]);
    assert_eq!(told.of(0), ["creating", "created"]);
    assert!(told.unseen.contains("life-0"));
    // Another group is made in the place of the one that was seen.
    let mut world = World::new(&[("c1", FAILED), ("c1", QUICK)], 1, 0);
    let (mut machine, mut told) = started(&mut world);
    (0..FAILED.len() + 4).for_each(|_| world.happen());
    machine.turn(&mut world, NOW).unwrap();
    told.take(&mut machine);
    assert_eq!(told.of(1), ["creating", "created"]);
    assert!(told.unseen.contains("life-1"));
}

#[test]
fn two_directories_of_one_number_are_two_containers() {
    let mut world = World::new(&[("c1", FAILED), ("c1", FAILED)], 1, 0);
    let (mut machine, mut told) = started(&mut world);
    for _ in 0..2 * FAILED.len() {
        world.happen();
        // The kernel gives the second one the number and the time of the first.
        world.names.values_mut().for_each(|life| *life = 0);
        machine.turn(&mut world, NOW).unwrap();
        told.take(&mut machine);
    }
    assert_eq!(told.words.len(), 2, "{:?}", told.words);
    assert!(told.words.values().all(|words| words == &["creating", "deleted"]), "{:?}", told.words);
}

#[test]
fn stopped_does_not_overtake_running_when_both_wait() {
    let mut world = World::new(&[("c1", QUICK)], 1, 0);
    let (mut machine, mut told) = started(&mut world);
    for _ in 0..4 {
        world.happen();
        machine.turn(&mut world, NOW).unwrap();
    }
    // Released, ended and removed before anybody looks.
    (0..5).for_each(|_| world.happen());
    machine.turn(&mut world, NOW).unwrap();
    told.take(&mut machine);
    assert_eq!(told.of(0), words(QUICK));
    assert!(told.unseen.is_empty());
}

#[test]
fn what_was_made_before_the_directory_was_watched_is_found() {
    for before in 1..=2 {
        let mut world = World::new(&[("c1", QUICK)], 1, 0);
        let (mut machine, mut told) = started(&mut world);
        (0..before).for_each(|_| world.happen());
        machine.turn(&mut world, NOW).unwrap();
        while !world.future.is_empty() {
            world.happen();
            machine.turn(&mut world, NOW).unwrap();
        }
        told.take(&mut machine);
        assert_eq!((told.of(0), told.unseen.len()), (words(QUICK), 0), "{before} steps before");
    }
}

#[test]
fn a_release_that_nobody_saw_is_a_gap_and_not_a_guess() {
    let mut world = World::new(&[("c1", QUICK)], 1, 0);
    let (mut machine, mut told) = started(&mut world);
    (0..6).for_each(|_| world.happen());
    machine.turn(&mut world, NOW).unwrap();
    told.take(&mut machine);
    assert_eq!(told.of(0), ["creating", "running"]);
    assert!(told.unseen.contains("life-0"));
}

#[test]
fn a_container_that_was_just_released_when_it_was_found_is_not_taken_for_one_that_waits() {
    // Its group is known before it, so that it cannot have been paused unseen.
    const STEPS: &[Step] = &[
        Step::Group,
        Step::Make,
        Step::Fifo,
        Step::State,
        Step::Release,
        Step::Unpipe,
        Step::Exit,
        Step::Ungroup,
        Step::Remove,
    ];
    let run = |happened: usize, is_attached: bool| {
        let mut world = World::new(&[("c1", STEPS)], 1, 0);
        (0..if is_attached { happened } else { 1 }).for_each(|_| world.happen());
        let (mut machine, mut told) = started(&mut world);
        (0..if is_attached { 0 } else { happened - 1 }).for_each(|_| world.happen());
        machine.turn(&mut world, NOW).unwrap();
        told.take(&mut machine);
        assert!(told.of(0).ends_with(&["created"]), "{:?}", told.of(0));
        // Where its state was there first, it may have been paused by then.
        assert_eq!(std::mem::take(&mut told.unseen).is_empty(), is_attached);
        (world, machine, told)
    };
    for is_attached in [true, false] {
        // Its pipe is removed.
        let (mut world, mut machine, mut told) = run(5, is_attached);
        world.happen();
        machine.turn(&mut world, NOW).unwrap();
        told.take(&mut machine);
        assert!(told.of(0).ends_with(&["created", "running"]), "{:?}", told.of(0));
        assert!(told.unseen.contains("life-0"));
        // Its process ends before that, or it was never released and is killed: which of them is not known.
        let (mut world, mut machine, mut told) = run(5, is_attached);
        let unpipe = world.future.pop_front();
        world.happen();
        world.future.push_front(unpipe.unwrap());
        machine.turn(&mut world, NOW).unwrap();
        told.take(&mut machine);
        assert!(told.of(0).ends_with(&["created", "stopped"]), "{:?}", told.of(0));
        assert!(told.unseen.contains("life-0"));
        // It did wait.
        let (mut world, mut machine, mut told) = run(4, is_attached);
        while !world.future.is_empty() {
            world.happen();
            machine.turn(&mut world, NOW).unwrap();
        }
        told.take(&mut machine);
        assert!(words(STEPS).ends_with(&told.of(0)) && told.of(0).len() > 3, "{:?}", told.of(0));
        assert!(told.unseen.is_empty());
    }
}

#[test]
fn a_process_that_cannot_be_followed_is_a_gap_and_not_an_end() {
    let mut world = World { lacks_descriptors: true, ..World::new(&[("c1", QUICK)], 1, 0) };
    let (mut machine, mut told) = started(&mut world);
    while !world.future.is_empty() {
        world.happen();
        machine.turn(&mut world, NOW).unwrap();
    }
    told.take(&mut machine);
    assert_eq!(told.of(0), ["creating", "created", "running", "deleted"]);
    assert!(told.unseen.contains("life-0"));
    // A look does not take it for one that has ended, either.
    let mut world = World { lacks_descriptors: true, ..World::new(&[("c1", QUICK)], 1, 0) };
    (0..6).for_each(|_| world.happen());
    let (_, told) = started(&mut world);
    assert!(told.of(0).is_empty() && told.unseen.contains("life-0"));
}

#[test]
fn a_life_that_was_over_before_it_could_be_watched_is_a_gap() {
    let mut world = World::new(&[("c1", FAILED)], 1, 0);
    let (mut machine, mut told) = started(&mut world);
    (0..FAILED.len()).for_each(|_| world.happen());
    machine.turn(&mut world, NOW).unwrap();
    told.take(&mut machine);
    let (uid, words) = told.words.first_key_value().unwrap();
    assert_eq!(words, &["creating", "deleted"]);
    assert!(told.unseen.contains(uid));
}

#[test]
fn an_overflow_is_a_gap_after_which_what_is_certain_is_said() {
    for (happened, state) in [(1, "creating"), (4, "created"), (6, "running"), (7, "stopped")] {
        let mut world = World::new(&[("c1", QUICK)], 1, 0);
        let (mut machine, mut told) = started(&mut world);
        (0..happened).for_each(|_| world.happen());
        world.is_overflowing = true;
        assert_eq!(machine.turn(&mut world, NOW), Err(Lost::Events(OVERFLOW)));
        machine.attach(&mut world, Some((NOW, OVERFLOW)), &"RuncContainer".into(), NOW).unwrap();
        told.take(&mut machine);
        assert_eq!((told.gaps, told.of(0)), (1, vec![state]));
        while !world.future.is_empty() {
            world.happen();
            machine.turn(&mut world, NOW).unwrap();
        }
        told.take(&mut machine);
        assert!(words(QUICK).ends_with(&told.of(0)), "{:?}", told.of(0));
    }
}

#[test]
fn the_fence_names_what_is_there_and_not_recorded() {
    let mut world = World::new(&[("c1", QUICK)], 1, 0);
    let (mut machine, _) = started(&mut world);
    (0..3).for_each(|_| world.happen());
    machine.turn(&mut world, NOW).unwrap();
    machine.fence(&mut world, true, NOW).unwrap();
    let fence = |machine: &mut Machine| match machine.lines.take().pop() {
        Some(Payload::Fence(fence)) => (fence.whole, fence.missing),
        other => panic!("{other:?}"),
    };
    assert_eq!(fence(&mut machine), (true, String::new()));
    world.names.insert("c2".into(), 0);
    machine.fence(&mut world, true, NOW).unwrap();
    assert_eq!(fence(&mut machine), (false, "c2".to_owned()));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn whatever_happens_while_it_looks_the_order_is_right_or_there_is_a_gap(
        kinds in prop::collection::vec((0usize..3, 0..KINDS.len()), 1..7),
        is_unified in any::<bool>(),
        seed in any::<u64>(),
        pace in 1u64..5,
        overflows in prop::bool::weighted(0.1),
    ) {
        let lives: Vec<Life> = kinds.iter().map(|(name, steps)| {
            (["c1", "c2", "c3"][*name], KINDS[*steps])
        }).collect();
        let mut world = World { is_unified, ..World::new(&lives, seed, pace) };
        world.is_overflowing = overflows;
        let told = run(&mut world);
        for (life, (name, steps)) in lives.iter().enumerate() {
            let (said, right) = (told.of(life), words(steps));
            // Of a life that could not be identified, there is a gap under its name.
            let is_gap = |uid: &SmolStr| told.unseen.contains(uid) && told.names.get(uid).is_none_or(|of| of == name);
            let is_unpublished = told.unpublished.contains(&World::uid(life));
            let has_gap = told.unseen.iter().any(is_gap) || is_unpublished || told.gaps > 0;
            prop_assert!(said == right || has_gap, "{name}: {said:?} instead of {right:?}, without a gap: {:#?}", told.events);
            if is_unpublished || told.unseen.contains(&World::uid(life)) || told.gaps > 0 {
                // What is said besides is in the right order.
                let mut rest = right.iter();
                // A look does not tell a container that was restored, or written to disk, from another one that runs.
                let is_so = |word: &str, right: &str| {
                    word == right || word == "running" && ["restored", "checkpointed"].contains(&right)
                };
                let is_in_order = said.iter().all(|word| rest.any(|right| is_so(word, right)));
                prop_assert!(is_in_order, "{name}: {said:?} of {right:?}");
            }
        }
    }
}
