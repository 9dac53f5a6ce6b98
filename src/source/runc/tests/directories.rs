//! The directories that containers use, on the simulated host: what is said of each is what happened, or a gap.

use super::super::super::numbered::Lines;
use super::super::directories::Directories;
use super::super::watching::{Lost, Watching};
use super::world::{FAILED, KINDS, Life, NOW, QUICK, Step, World};
use crate::kinds::DirectoryEvent as Event;
use crate::observation::{Payload, Raw};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

const PATHS: [&str; 3] = ["/a", "/b", "/c"];

/// What is said of a directory.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Said {
    /// So many use it; which ones, where that is known.
    Users(usize, BTreeSet<String>),
    /// Something was not seen.
    Gap,
}

#[derive(Debug, Default)]
struct Told(BTreeMap<&'static str, Vec<Said>>);

impl Told {
    fn take(&mut self, machine: &mut Directories) {
        for line in machine.lines.take() {
            match line {
                Payload::Raw(raw) => {
                    let Event { users, containers, .. } = serde_json::from_str(raw.event.get()).unwrap();
                    let names = containers.iter().map(ToString::to_string).collect();
                    self.of(&raw.name).push(Said::Users(users, names));
                }
                Payload::Undecodable(seen) if seen.uid.is_some() => {
                    let uid = seen.uid.unwrap();
                    self.of(uid.rsplit_once('-').unwrap().0).push(Said::Gap);
                }
                Payload::Undecodable(_) | Payload::Gap(_) => {
                    PATHS.iter().for_each(|path| self.of(path).push(Said::Gap));
                }
                _ => {}
            }
        }
    }

    fn of(&mut self, path: &str) -> &mut Vec<Said> {
        let path = PATHS.into_iter().find(|known| *known == path).unwrap();
        self.0.entry(path).or_default()
    }

    fn words(&mut self, path: &str) -> String {
        let word = |said: &Said| match said {
            Said::Users(users, names) if names.is_empty() => users.to_string(),
            Said::Users(_, names) => names.iter().cloned().collect::<Vec<_>>().join("+"),
            Said::Gap => "?".to_owned(),
        };
        self.of(path).iter().map(word).collect::<Vec<_>>().join(" ")
    }
}

/// Who used a directory, one after the other.
fn truth(world: &World, path: &str) -> Vec<BTreeSet<String>> {
    let (mut there, mut all) = (BTreeSet::new(), vec![BTreeSet::new()]);
    for (life, step) in &world.past {
        let name = world.lives[*life].0.to_owned();
        let is_changed = match step {
            Step::State if world.mounts[*life].contains(&path) => there.insert(name),
            Step::Exit => there.remove(&name),
            _ => false,
        };
        if is_changed {
            all.push(there.clone());
        }
    }
    all
}

/// Whether what was said fits: without a gap, each state follows the one before it.
fn fits(said: &[Said], truth: &[BTreeSet<String>]) -> bool {
    let (mut at, mut is_unseen) = (BTreeSet::from([0]), false);
    for said in said {
        let Said::Users(users, names) = said else {
            is_unseen = true;
            continue;
        };
        let is_it = |place: &usize| {
            let real = &truth[*place];
            real.len() == *users && (names.is_empty() || names == real)
        };
        let next = |place: usize| if is_unseen { place..truth.len() } else { place + 1..truth.len().min(place + 2) };
        at = at.into_iter().flat_map(next).filter(is_it).collect();
        is_unseen = false;
    }
    is_unseen && !at.is_empty() || at.contains(&(truth.len() - 1))
}

fn started(world: &mut World) -> (Directories, Told) {
    let pace = std::mem::take(&mut world.pace);
    let mut machine = Directories::new(Lines::new(0, 0, NOW));
    assert_eq!(machine.attach(world, None, &"Directory".into(), NOW), Ok(true));
    world.pace = pace;
    let mut told = Told::default();
    told.take(&mut machine);
    (machine, told)
}

/// Two containers that mount `/a`.
fn two(first: &'static [Step], second: &'static [Step]) -> World {
    let mut world = World::new(&[("one", first), ("two", second)], 1, 0);
    world.mounts = vec![vec!["/a"], vec!["/a"]];
    world.future.clear();
    world
}

/// The steps of a life that lead up to a step, or from it on.
fn up_to(world: &mut World, life: usize, last: Step) {
    let steps = world.lives[life].1;
    let done = world.past.iter().filter(|(of, _)| *of == life).count();
    let until = steps.iter().position(|step| *step == last).unwrap();
    for step in &steps[done..=until] {
        world.future.push_back((life, *step));
        world.happen();
    }
}

#[test]
fn a_directory_is_shared_while_two_containers_that_mount_it_are_there() {
    let mut world = two(QUICK, QUICK);
    let (mut machine, mut told) = started(&mut world);
    for (life, step) in [(0, Step::State), (1, Step::State), (0, Step::Exit), (1, Step::Remove), (0, Step::Remove)] {
        up_to(&mut world, life, step);
        machine.turn(&mut world, NOW).unwrap();
    }
    told.take(&mut machine);
    assert_eq!(told.words("/a"), "one one+two two 0");
}

#[test]
fn one_that_ends_while_the_table_of_another_is_read_may_have_shared_or_not() {
    let mut world = two(QUICK, QUICK);
    let (mut machine, mut told) = started(&mut world);
    up_to(&mut world, 0, Step::State);
    machine.turn(&mut world, NOW).unwrap();
    // Both are read at once: the queue of files and that of processes have no common order.
    up_to(&mut world, 0, Step::Exit);
    up_to(&mut world, 1, Step::State);
    machine.turn(&mut world, NOW).unwrap();
    up_to(&mut world, 1, Step::Exit);
    machine.turn(&mut world, NOW).unwrap();
    told.take(&mut machine);
    assert_eq!(told.words("/a"), "one ? two 0");
}

#[test]
fn two_that_end_at_once_leave_one_whose_name_is_not_known() {
    let mut world = two(QUICK, QUICK);
    let (mut machine, mut told) = started(&mut world);
    up_to(&mut world, 0, Step::State);
    up_to(&mut world, 1, Step::State);
    machine.turn(&mut world, NOW).unwrap();
    up_to(&mut world, 0, Step::Exit);
    up_to(&mut world, 1, Step::Exit);
    machine.turn(&mut world, NOW).unwrap();
    told.take(&mut machine);
    // Both had been created when their directories were listed: which of them was the first is not known, either.
    assert_eq!(told.words("/a"), "? one+two 1 0");
}

#[test]
fn a_container_that_ended_before_its_table_was_read_makes_all_directories_unknown_up_to_then() {
    let mut world = two(QUICK, QUICK);
    let (mut machine, mut told) = started(&mut world);
    up_to(&mut world, 0, Step::State);
    machine.turn(&mut world, NOW).unwrap();
    up_to(&mut world, 1, Step::Exit);
    machine.turn(&mut world, NOW).unwrap();
    up_to(&mut world, 0, Step::Exit);
    machine.turn(&mut world, NOW).unwrap();
    told.take(&mut machine);
    assert_eq!(told.words("/a"), "one ? one 0");
    assert_eq!(told.words("/b"), "?", "it may have used any");
    // One that never had a process uses nothing.
    let mut world = two(QUICK, FAILED);
    let (mut machine, mut told) = started(&mut world);
    for step in [Step::Make, Step::Remove] {
        up_to(&mut world, 1, step);
        machine.turn(&mut world, NOW).unwrap();
    }
    told.take(&mut machine);
    assert_eq!(told.words("/a"), "");
}

#[test]
fn nothing_is_said_while_a_container_is_there_whose_table_cannot_be_read() {
    let mut world = two(QUICK, QUICK);
    world.unreadable.insert(1);
    let (mut machine, mut told) = started(&mut world);
    up_to(&mut world, 1, Step::State);
    machine.turn(&mut world, NOW).unwrap();
    up_to(&mut world, 0, Step::State);
    machine.turn(&mut world, "2026-01-01T00:00:00Z".parse().unwrap()).unwrap();
    told.take(&mut machine);
    assert_eq!(told.words("/a"), "?", "that it is used by one would be a guess");
    assert_eq!(machine.lines.not_before(), NOW, "it is not known what happened since");
    up_to(&mut world, 1, Step::Exit);
    machine.turn(&mut world, NOW).unwrap();
    told.take(&mut machine);
    assert_eq!(told.words("/a"), "? ? one");
    // At the end, it is said once more.
    let mut world = two(QUICK, QUICK);
    world.unreadable.insert(1);
    up_to(&mut world, 0, Step::State);
    up_to(&mut world, 1, Step::State);
    let (mut machine, mut told) = started(&mut world);
    machine.fence(&mut world, true, NOW).unwrap();
    told.take(&mut machine);
    assert_eq!(told.words("/a"), "? ? ?");
}

#[test]
fn after_a_gap_it_is_said_who_is_there() {
    let mut world = two(QUICK, QUICK);
    up_to(&mut world, 0, Step::State);
    let (mut machine, mut told) = started(&mut world);
    up_to(&mut world, 1, Step::State);
    up_to(&mut world, 0, Step::Remove);
    machine.attach(&mut world, Some((NOW, "no recorder ran")), &"Directory".into(), NOW).unwrap();
    up_to(&mut world, 1, Step::Exit);
    machine.turn(&mut world, NOW).unwrap();
    told.take(&mut machine);
    assert_eq!(told.words("/a"), "one ? two 0");
}

#[test]
fn a_later_recorder_knows_the_directories_of_an_earlier_one() {
    let raw = |machine: &mut Directories| -> Vec<Raw> {
        let lines = machine.lines.take().into_iter();
        lines.filter_map(|line| if let Payload::Raw(raw) = line { Some(raw) } else { None }).collect()
    };
    let mut world = two(QUICK, QUICK);
    let mut machine = Directories::new(Lines::new(0, 0, NOW));
    machine.attach(&mut world, None, &"Directory".into(), NOW).unwrap();
    up_to(&mut world, 0, Step::State);
    machine.turn(&mut world, NOW).unwrap();
    let left = raw(&mut machine);
    assert_eq!(left.len(), 1);
    up_to(&mut world, 0, Step::Remove);
    let mut later = Directories::new(Lines::new(0, 9, NOW));
    later.recall(left.iter());
    later.attach(&mut world, Some((NOW, "no recorder ran")), &"Directory".into(), NOW).unwrap();
    up_to(&mut world, 1, Step::State);
    later.turn(&mut world, NOW).unwrap();
    let told = raw(&mut later);
    let users = |raw: &Raw| serde_json::from_str::<Event>(raw.event.get()).unwrap().users;
    assert_eq!(told.iter().map(users).collect::<Vec<_>>(), [0, 1]);
    assert!(told.iter().all(|raw| raw.uid == left[0].uid), "{told:?}");
}

#[test]
fn of_the_directories_that_nobody_uses_the_last_are_followed() {
    let mut machine = Directories::new(Lines::new(0, 0, NOW));
    let mut world = World::new(&[("one", QUICK)], 1, 0);
    let paths: Vec<String> = (0..103).map(|number| format!("/{number}")).collect();
    world.mounts = vec![paths.iter().map(|path| &*path.clone().leak()).collect()];
    machine.attach(&mut world, None, &"Directory".into(), NOW).unwrap();
    while !world.future.is_empty() {
        world.happen();
        machine.turn(&mut world, NOW).unwrap();
    }
    let is_forgotten = |line: &&Payload| matches!(line, Payload::Raw(raw) if raw.event.get().contains("FORGET"));
    assert_eq!(machine.lines.take().iter().filter(is_forgotten).count(), 3);
}

fn check(lives: &[Life], mounts: &[u8], unreadable: &BTreeSet<usize>, seed: u64, pace: u64) -> Result<usize, String> {
    let mut world = World::new(lives, seed, pace);
    let chosen = |bits: &u8| (0..3).filter(|bit| bits & (1 << bit) != 0).map(|bit| PATHS[bit]).collect();
    world.mounts = mounts.iter().map(chosen).collect();
    world.unreadable.extend(unreadable);
    let (mut machine, mut told) = started(&mut world);
    for _ in 0..10_000 {
        let is_over = world.future.is_empty();
        world.is_overflowing = world.roll(50) == 0;
        match machine.turn(&mut world, NOW) {
            Ok(()) => {}
            Err(Lost::Events(why)) => drop(machine.attach(&mut world, Some((NOW, why)), &"Directory".into(), NOW)?),
            Err(Lost::Root) => return Err("the root stays".to_owned()),
        }
        told.take(&mut machine);
        if is_over && machine.queue.is_empty() && !world.is_overflowing {
            break;
        }
    }
    for path in PATHS {
        let (said, truth) = (told.of(path).clone(), truth(&world, path));
        if !fits(&said, &truth) {
            return Err(format!("{path}: {said:?} is not {truth:?}"));
        }
    }
    Ok(told.0.values().flatten().filter(|said| **said == Said::Gap).count())
}

proptest! {
    #[test]
    fn what_is_said_is_what_happened_or_a_gap(
        kinds in prop::collection::vec((0..KINDS.len(), 0..3_usize, 0..8_u8), 1..6),
        unreadable in prop::collection::btree_set(0..20_usize, 0..2),
        seed in any::<u64>(),
        pace in 0..6_u64,
    ) {
        let names = ["one", "two", "three"];
        let lives: Vec<Life> = kinds.iter().map(|(kind, name, _)| (names[*name], KINDS[*kind])).collect();
        let mounts: Vec<u8> = kinds.iter().map(|(.., mounts)| *mounts).collect();
        let checked = check(&lives, &mounts, &unreadable, seed, pace);
        prop_assert!(checked.is_ok(), "{}", checked.unwrap_err());
    }
}
