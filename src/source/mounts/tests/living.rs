//! What is told of mounts while nothing is lost.

use super::super::host::Unique;
use super::super::machine::Machine;
use super::world::{Act, NOW, Told, World, chance, follow, is_of, started};
use jiff::SignedDuration;
use smol_str::SmolStr;
use std::collections::BTreeSet;

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
        let is_known = |unique: Unique| told.of(unique).next().is_some();
        let is_unseen = |unique: Unique| told.is_unseen(unique);
        let begun: BTreeSet<Unique> = world.truth.iter().map(|(unique, ..)| *unique).collect();
        for unique in begun {
            let truth: Vec<&(Unique, &str, SmolStr)> = world.truth.iter().filter(|(of, ..)| *of == unique).collect();
            assert!(is_known(unique) || is_unseen(unique), "round {round}: {unique} is neither told nor unseen");
            if world.pace == 0 {
                assert!(is_known(unique) && !is_unseen(unique), "round {round}: {unique} was looked at in time");
            }
            let states: Vec<(String, SmolStr)> = told.of(unique).cloned().collect();
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
        let of_mounts: Vec<_> = told.order.iter().filter(|(_, what)| what != "released").collect();
        let is_told =
            |(unique, state): &(Unique, &str)| told.order.iter().any(|(of, what)| is_of(of, *unique) && what == state);
        let order: Vec<(Unique, &str)> = world
            .truth
            .iter()
            .filter(|(_, what, _)| *what != "released")
            .map(|(unique, what, _)| (*unique, *what))
            .filter(is_told)
            .collect();
        let is_same =
            |((of, told), (unique, what)): (&&(SmolStr, String), &(Unique, &str))| is_of(of, *unique) && told == what;
        assert!(
            of_mounts.len() == order.len() && of_mounts.iter().zip(&order).all(is_same),
            "round {round}: {of_mounts:?} was told of {order:?}"
        );
    }
    assert!(named > 3_000 && unseen > 100, "{named} were named, {unseen} unseen");
}

/// A filesystem that was unmounted a moment ago, and is still in use.
fn held() -> (World, Machine, Told) {
    let mut world = World::new(&[], 0);
    let (mut machine, told) = started(&mut world);
    for act in [Act::Mount("/mnt"), Act::Unmount("/mnt")] {
        world.act(&act);
        machine.turn(&mut world, NOW).unwrap();
    }
    (world, machine, told)
}

#[test]
fn a_filesystem_that_is_held_is_detached_until_its_last_user_lets_go_and_its_holders_are_looked_for_twice() {
    let (mut world, mut machine, mut told) = held();
    assert_eq!(world.looks, 0, "most are released at once");
    for seconds in 1..5 {
        machine.turn(&mut world, NOW + SignedDuration::from_secs(seconds)).unwrap();
    }
    assert_eq!(world.looks, 1, "it was not held for long");
    for seconds in 5..9 {
        machine.turn(&mut world, NOW + SignedDuration::from_secs(seconds)).unwrap();
    }
    told.take(&mut machine);
    assert_eq!((world.looks, told.holders.len()), (2, 2));
    assert_eq!(told.states(100), "mounted detached");
    // It may be mounted again meanwhile: both are released together.
    world.act(&Act::Release);
    machine.turn(&mut world, NOW).unwrap();
    told.take(&mut machine);
    assert_eq!(told.states(100), "mounted detached released");
    assert!(told.unseen.is_empty());
}

#[test]
fn holders_are_looked_for_when_it_is_asked_for_and_once_a_second_at_most() {
    let (mut world, mut machine, mut told) = held();
    for (milliseconds, looks) in [(10, 1), (20, 1), (200, 2), (300, 2), (1010, 3), (1500, 3), (5000, 4)] {
        machine.is_asked |= milliseconds != 1500 && milliseconds != 5000;
        machine.turn(&mut world, NOW + SignedDuration::from_millis(milliseconds)).unwrap();
        assert_eq!(world.looks, looks, "after {milliseconds} ms");
    }
    told.take(&mut machine);
    assert_eq!(told.holders.len(), 4);
    // Nothing is looked for where nothing waits.
    world.act(&Act::Release);
    machine.turn(&mut world, NOW + SignedDuration::from_secs(6)).unwrap();
    machine.is_asked = true;
    machine.turn(&mut world, NOW + SignedDuration::from_secs(7)).unwrap();
    assert_eq!(world.looks, 4);
}

#[test]
fn a_bind_mount_ends_when_it_is_detached_unless_it_is_the_last_of_its_filesystem() {
    let mut world = World::new(&[], 0);
    let (mut machine, mut told) = started(&mut world);
    let binds = [Act::Mount("/a"), Act::Bind("/a", "/b"), Act::Bind("/a", "/c"), Act::Unmount("/c")];
    for act in binds.into_iter().chain([Act::Unmount("/a"), Act::Unmount("/b"), Act::Release]) {
        world.act(&act);
        machine.turn(&mut world, NOW).unwrap();
    }
    told.take(&mut machine);
    let states = [100, 101, 102].map(|unique| told.states(unique));
    assert_eq!(states, ["mounted detached released", "mounted detached released", "mounted detached"]);
    assert!(told.unseen.is_empty() && told.objects.is_empty());
}

#[test]
fn the_last_mount_of_a_filesystem_of_which_nothing_is_watched_may_be_in_use() {
    let mut world = World::new(&[Act::Mount("/a"), Act::Bind("/a", "/b"), Act::Unmount("/a")], 0);
    while let Some(act) = world.todo.pop_front() {
        world.act(&act);
    }
    let (mut machine, mut told) = started(&mut world);
    for act in [Act::Unmount("/b"), Act::Release] {
        world.act(&act);
        machine.turn(&mut world, NOW).unwrap();
    }
    told.take(&mut machine);
    assert_eq!(told.states(101), "mounted detached");
    assert!(told.is_unseen(101));
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
        let states: Vec<_> = told.of(unique).collect();
        assert!(states.len() == 2 && states.iter().all(|(_, at)| at == place), "{unique}: {states:?}");
    }
}

#[test]
fn a_directory_above_that_is_renamed_changes_nothing_of_the_name() {
    let mut world = World::new(&[], 0);
    let (mut machine, mut told) = started(&mut world);
    for act in [
        Act::Mount("/a/m"),
        Act::Rename("/a/m", "/b/m"),
        Act::Mount("/c"),
        Act::Move("/c", "/d"),
        Act::Unmount("/b/m"),
        Act::Release,
    ] {
        world.act(&act);
        machine.turn(&mut world, NOW).unwrap();
        machine.fence(&mut world, NOW).unwrap();
        told.take(&mut machine);
        assert_eq!(told.fence, Some((true, String::new())), "{act:?}");
    }
    let told_of: Vec<&(String, SmolStr)> = told.of(100).collect();
    assert!(told_of.iter().all(|(_, place)| place == "/a/m"), "{told_of:?}");
    assert_eq!((told.states(100).as_str(), told.unseen.len()), ("mounted detached released", 0));
}

#[test]
fn the_release_of_what_is_mounted_in_its_place_is_not_that_of_a_mount() {
    let mut world = World::new(&[], 0);
    let (mut machine, mut told) = started(&mut world);
    world.before_watch = vec![Act::Unmount("/a"), Act::Release, Act::Mount("/a")];
    world.act(&Act::Mount("/a"));
    follow(&mut world, &mut machine, &mut told);
    // The kernel gave the second one the same device, and the same number in the table.
    for act in [Act::Unmount("/a"), Act::Release] {
        world.act(&act);
        machine.turn(&mut world, NOW).unwrap();
    }
    told.take(&mut machine);
    assert_eq!(told.states(100), "mounted detached");
    assert!(told.is_unseen(100), "its release was not watched");
    assert_eq!(told.states(101), "mounted detached released");
}
