//! What is told after a loss, and where the kernel tells little.

use super::super::super::numbered::Lines;
use super::super::host::{Host as _, Notice};
use super::super::machine::{Lost, Machine, OVERFLOW};
use super::world::{Act, NOW, Told, World, follow, started};
use crate::kinds::{MountDid, MountEvent};
use crate::observation::{Payload, Raw};
use jiff::SignedDuration;
use smol_str::SmolStr;
use std::collections::BTreeSet;

#[test]
fn where_a_mount_was_between_two_moves_is_lost_and_afterwards_it_is_found() {
    let mut world = World::new(&[], 0);
    let (mut machine, mut told) = started(&mut world);
    world.act(&Act::Mount("/a"));
    machine.turn(&mut world, NOW).unwrap();
    world.act(&Act::Move("/a", "/b"));
    world.act(&Act::Move("/b", "/c"));
    follow(&mut world, &mut machine, &mut told);
    machine.fence(&mut world, NOW).unwrap();
    told.take(&mut machine);
    assert_eq!((told.gaps, told.open_lists), (1, 1));
    assert_eq!(told.states(100), "mounted mounted", "one object at /a, another one at /c");
    let places: BTreeSet<SmolStr> = told.of(100).map(|(_, place)| place.clone()).collect();
    assert_eq!(places.into_iter().collect::<Vec<_>>(), ["/a", "/c"]);
    assert_eq!(told.fence, Some((true, String::new())));
    // Of one that is gone by then, only where it came from is known.
    for act in [Act::Move("/c", "/d"), Act::Unmount("/d")] {
        world.act(&act);
    }
    machine.turn(&mut world, NOW).unwrap();
    told.take(&mut machine);
    assert_eq!(told.places(), ["/a:mounted", "/c:mounted /c:moved"]);
    assert!(told.is_unseen(100));
}

#[test]
fn what_lies_under_another_mount_after_a_loss_is_not_counted_twice() {
    let raws = |machine: &mut Machine| -> Vec<Raw> {
        let lines = machine.lines.take().into_iter();
        lines.filter_map(|line| if let Payload::Raw(raw) = line { Some(raw) } else { None }).collect()
    };
    let did = |raw: &Raw| serde_json::from_str::<MountEvent>(raw.event.get()).unwrap().did;
    for is_resumed in [false, true] {
        let mut world = World::new(&[], 0);
        let (mut machine, _) = started(&mut world);
        machine.lines.take();
        for _ in 0..2 {
            world.act(&Act::Mount("/a"));
            machine.turn(&mut world, NOW).unwrap();
        }
        let earlier = raws(&mut machine);
        let uids: BTreeSet<&SmolStr> = earlier.iter().map(|raw| &raw.uid).collect();
        assert_eq!(uids.len(), 2, "{earlier:?}");
        if is_resumed {
            machine = Machine::new(Lines::new(0, 50, NOW), false);
            machine.recall(earlier.iter(), &world.boot());
        }
        machine.list(&mut world, Some((NOW, "no recorder ran")), &"Mount".into(), NOW).unwrap();
        for _ in 0..2 {
            world.act(&Act::Unmount("/a"));
            machine.turn(&mut world, NOW).unwrap();
        }
        let later: Vec<Raw> = raws(&mut machine).into_iter().filter(|raw| raw.name == "/a").collect();
        let found = later.iter().filter(|raw| raw.listed).map(|raw| &raw.uid).collect::<BTreeSet<_>>();
        assert_eq!(found, uids, "{is_resumed}: {later:?}");
        let detached = later.iter().filter(|raw| did(raw) == MountDid::Detach).map(|raw| &raw.uid);
        assert_eq!(detached.collect::<BTreeSet<_>>(), uids, "{is_resumed}: {later:?}");
    }
}

#[test]
fn after_a_loss_what_is_not_found_any_more_may_exist() {
    let lose = |world: &mut World, machine: &mut Machine, told: &mut Told, notice: Notice| {
        world.queue.push(notice);
        follow(world, machine, told);
        (told.gaps, std::mem::take(&mut told.open_lists))
    };
    let mut world = World::new(&[], 0);
    let (mut machine, mut told) = started(&mut world);
    for act in [Act::Mount("/held"), Act::Unmount("/held"), Act::Mount("/b")] {
        world.act(&act);
        machine.turn(&mut world, NOW).unwrap();
    }
    assert_eq!(lose(&mut world, &mut machine, &mut told, Notice::Overflow), (1, 0), "all is found or followed");
    assert_eq!(lose(&mut world, &mut machine, &mut told, Notice::ReleasesLost), (2, 1), "the first may be in use");
    // It is not followed any more.
    assert_eq!(lose(&mut world, &mut machine, &mut told, Notice::Overflow), (3, 1));
    // Its release cannot be seen.
    let mut world = World::new(&[], 0);
    let (mut machine, mut told) = started(&mut world);
    world.before_watch = vec![Act::Mount("/a")];
    world.act(&Act::Mount("/a"));
    for _ in 0..2 {
        machine.turn(&mut world, NOW).unwrap();
        world.act(&Act::Unmount("/a"));
    }
    machine.turn(&mut world, NOW).unwrap();
    assert_eq!(lose(&mut world, &mut machine, &mut told, Notice::Overflow), (1, 1));
    // It was unmounted meanwhile.
    let mut world = World::new(&[], 0);
    let (mut machine, mut told) = started(&mut world);
    world.act(&Act::Mount("/a"));
    machine.turn(&mut world, NOW).unwrap();
    world.queue.push(Notice::Elsewhere);
    world.act(&Act::Unmount("/a"));
    world.queue.pop();
    follow(&mut world, &mut machine, &mut told);
    assert_eq!((told.gaps, told.open_lists), (1, 1));
    // An earlier recorder may have known of one.
    let mut world = World::new(&[], 0);
    let mut machine = Machine::new(Lines::new(0, 7, NOW), false);
    let mut told = Told::default();
    machine.list(&mut world, Some((NOW, "no recorder ran")), &"Mount".into(), NOW).unwrap();
    told.take(&mut machine);
    assert_eq!((told.gaps, told.open_lists), (1, 1));
}

#[test]
fn without_a_queue_another_place_is_a_gap() {
    let mut world = World::new(&[], 0);
    world.is_exact = false;
    let (mut machine, mut told) = started(&mut world);
    world.act(&Act::Mount("/a"));
    follow(&mut world, &mut machine, &mut told);
    world.act(&Act::Move("/a", "/b"));
    world.act(&Act::Mount("/c"));
    follow(&mut world, &mut machine, &mut told);
    assert_eq!((told.gaps, told.open_lists), (1, 1));
    assert_eq!(told.places().iter().filter(|told| *told == "/a:mounted" || *told == "/b:mounted").count(), 2);
}

#[test]
fn without_unique_numbers_a_release_is_told_unless_the_table_changed_while_its_watch_began() {
    let lived = |before_watch: Vec<Act>| {
        let mut world = World::new(&[], 0);
        (world.is_exact, world.is_unnumbered, world.before_watch) = (false, true, before_watch);
        let (mut machine, mut told) = started(&mut world);
        for act in [Act::Mount("/a"), Act::Unmount("/a"), Act::Release] {
            world.act(&act);
            machine.turn(&mut world, NOW).unwrap();
        }
        told.take(&mut machine);
        (told.places(), told.unseen.len(), told.gaps)
    };
    // One for each change: what else may have been.
    let others = 2;
    assert_eq!(lived(Vec::new()), (vec!["/a:mounted /a:detached /a:released".to_owned()], others, 0));
    // The kernel gave another one the same device, and the same number in the table: what is watched is that one.
    let replaced = vec![Act::Unmount("/a"), Act::Release, Act::Mount("/a")];
    assert_eq!(lived(replaced), (vec!["/a:mounted /a:detached".to_owned()], others + 1, 0));
}

#[test]
fn without_a_queue_the_order_of_what_changed_at_the_same_time_is_not_known() {
    let mut world = World::new(&[], 0);
    world.is_exact = false;
    let (mut machine, mut told) = started(&mut world);
    world.act(&Act::Mount("/a"));
    machine.turn(&mut world, NOW).unwrap();
    told.take(&mut machine);
    assert!(!told.is_unseen(100), "it is alone");
    world.act(&Act::Mount("/b"));
    world.act(&Act::Unmount("/a"));
    machine.turn(&mut world, NOW).unwrap();
    let lines = machine.lines.take();
    let uid = |line: &Payload| match line {
        Payload::Raw(raw) => (raw.uid.clone(), true),
        Payload::Undecodable(unseen) => (unseen.uid.clone().unwrap(), false),
        other => panic!("{other:?}"),
    };
    let lines: Vec<(SmolStr, bool)> = lines.iter().map(uid).collect();
    // What may have been at the same time, then each of both, then what is told of them; and again what may have been.
    let told: Vec<bool> = lines.iter().map(|(_, is_told)| *is_told).collect();
    assert_eq!(told, [false, false, false, true, true, false]);
    assert!(lines[1].0 == lines[3].0 && lines[2].0 == lines[4].0 && lines[0].0 == lines[5].0, "{lines:?}");
}

#[test]
fn what_is_not_seen_is_not_delivered() {
    let mut world = World::new(&[], 0);
    let (mut machine, _) = started(&mut world);
    let later = |seconds| NOW + SignedDuration::from_secs(seconds);
    machine.turn(&mut world, later(1)).unwrap();
    world.is_blind = true;
    machine.turn(&mut world, later(2)).unwrap();
    assert_eq!(machine.lines.not_before(), later(1));
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
    assert!(told.is_unseen(100) && told.is_unseen(102), "which of the two was first is not known");
    assert_eq!(told.unseen.len(), 4, "others may have come and gone at the same time, twice");
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
