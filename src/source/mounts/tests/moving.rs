//! What is told of mounts that are moved.

use super::super::host::Notice;
use super::super::host::Unique;
use super::super::machine::OVERFLOW;
use super::world::{Act, NOW, World, chance, follow, is_of, started};
use smol_str::SmolStr;

#[test]
fn a_mount_that_is_moved_is_another_object_from_then_on() {
    let mut world = World::new(&[], 0);
    let (mut machine, mut told) = started(&mut world);
    for act in [Act::Mount("/a"), Act::Move("/a", "/b"), Act::Unmount("/b"), Act::Release] {
        world.act(&act);
        machine.turn(&mut world, NOW).unwrap();
    }
    told.take(&mut machine);
    assert_eq!(told.places(), ["/a:mounted /a:moved", "/b:mounted /b:detached /b:released"]);
}

#[test]
fn where_a_mount_was_before_it_was_moved_is_lost_if_both_are_read_together() {
    // It itself, the one that it is on, and the one that this one is on.
    for (before, acts, now) in [
        (vec![], vec![Act::Mount("/b"), Act::Move("/b", "/c")], vec!["/c"]),
        (vec![Act::Mount("/p")], vec![Act::Mount("/p/k"), Act::Move("/p", "/q")], vec!["/q", "/q/k"]),
        (
            vec![Act::Mount("/p"), Act::Mount("/p/k")],
            vec![Act::Mount("/p/k/l"), Act::Move("/p", "/q")],
            vec!["/q", "/q/k", "/q/k/l"],
        ),
        (vec![], vec![Act::Mount("/p"), Act::Mount("/p/k"), Act::Move("/p", "/q")], vec!["/q", "/q/k"]),
    ] {
        let mut world = World::new(&[], 0);
        let (mut machine, mut told) = started(&mut world);
        for act in before {
            world.act(&act);
            machine.turn(&mut world, NOW).unwrap();
        }
        acts.iter().for_each(|act| world.act(act));
        follow(&mut world, &mut machine, &mut told);
        machine.fence(&mut world, NOW).unwrap();
        told.take(&mut machine);
        assert_eq!((told.gaps, &told.fence), (1, &Some((true, String::new()))), "{acts:?}");
        assert!(told.unseen.is_empty(), "it ends");
        let is_true = |(uid, place): &(SmolStr, SmolStr)| {
            world.truth.iter().any(|(unique, _, point)| is_of(uid, *unique) && point == place)
        };
        assert!(told.live.iter().all(is_true), "{acts:?}: {:?}", told.live);
        for place in now {
            assert!(world.mounts.values().any(|row| row.point == place), "{acts:?}");
        }
    }
}

#[test]
fn a_move_elsewhere_takes_nothing_from_what_was_mounted_before() {
    let mut world = World::new(&[], 0);
    let (mut machine, mut told) = started(&mut world);
    world.act(&Act::Mount("/p"));
    machine.turn(&mut world, NOW).unwrap();
    // One beside it, one on it when it has its place.
    for act in [Act::Mount("/b"), Act::Move("/p", "/q"), Act::Mount("/q/k")] {
        world.act(&act);
    }
    machine.turn(&mut world, NOW).unwrap();
    told.take(&mut machine);
    assert_eq!(told.gaps, 0);
    assert_eq!(told.places(), ["/b:mounted", "/p:mounted /p:moved", "/q/k:mounted", "/q:mounted"]);
}

#[test]
fn a_mount_that_comes_back_during_a_loss_is_not_the_object_that_was_moved() {
    let mut world = World::new(&[], 0);
    let (mut machine, mut told) = started(&mut world);
    for act in [Act::Mount("/a"), Act::Move("/a", "/b")] {
        world.act(&act);
        machine.turn(&mut world, NOW).unwrap();
    }
    world.act(&Act::Move("/b", "/a"));
    world.queue = vec![Notice::Overflow];
    follow(&mut world, &mut machine, &mut told);
    assert_eq!(told.gaps, 1, "{OVERFLOW}");
    assert_eq!(told.places(), ["/a:mounted", "/a:mounted /a:moved", "/b:mounted"]);
}

#[test]
fn whatever_is_moved_meanwhile_no_mount_is_told_to_be_where_it_was_not() {
    const PLACES: [&str; 6] = ["/a", "/b", "/c", "/a/e", "/b/e", "/c/e"];
    let (mut live, mut gaps) = (0, 0);
    for round in 0..1_000_u64 {
        let mut seed = round;
        let mut place = || PLACES[usize::try_from(chance(&mut seed) % 6).unwrap()];
        let mut acts = Vec::new();
        for at in 0..30 {
            let (from, to) = (place(), place());
            acts.push(match (round + at) % 7 {
                0..3 => Act::Mount(from),
                3..5 => Act::Move(from, to),
                _ => Act::Unmount(from),
            });
        }
        let mut world = World::new(&acts, 0);
        let (mut machine, mut told) = started(&mut world);
        world.pace = usize::try_from(round % 4).unwrap();
        if world.pace == 0 {
            while let Some(act) = world.todo.pop_front() {
                world.act(&act);
                machine.turn(&mut world, NOW).unwrap();
            }
        }
        follow(&mut world, &mut machine, &mut told);
        let begun: Vec<&(Unique, &str, SmolStr)> =
            world.truth.iter().filter(|(_, what, _)| *what == "mounted").collect();
        for (uid, place) in &told.live {
            let is_true = begun.iter().any(|(unique, _, point)| is_of(uid, *unique) && point == place);
            assert!(is_true, "round {round}: {uid} is told to be at {place}: {:?}", world.truth);
        }
        if told.gaps == 0 && told.unseen.is_empty() {
            assert_eq!(told.live.len(), begun.len(), "round {round}: {:?} of {begun:?}", told.live);
        }
        live += told.live.len();
        gaps += told.gaps;
    }
    assert!(live > 5_000 && gaps > 300, "{live} were told, in {gaps} gaps");
}
