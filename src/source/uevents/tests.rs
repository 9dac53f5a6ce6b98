//! The machine with what was captured, and with what may be lost.

use super::super::numbered::Lines;
use super::host::{Found, Host, Notice};
use super::machine::{Lost, Machine};
use super::message;
use crate::kinds;
use crate::observation::{Change, Object, Payload, Raw, Resource};
use jiff::{SignedDuration, Timestamp};
use smol_str::SmolStr;
use std::collections::BTreeMap;

const NOW: Timestamp = Timestamp::UNIX_EPOCH;

#[derive(Default)]
struct World {
    counted: u64,
    waiting: Vec<Notice>,
    /// What comes while the devices are looked at.
    meanwhile: Vec<Notice>,
    devices: Vec<Found>,
}

impl World {
    /// Something happens to a device, or to anything else.
    fn say(&mut self, words: &str) {
        self.counted += 1;
        let notice = self.message(words);
        self.waiting.push(notice);
    }

    fn message(&self, words: &str) -> Notice {
        let text = format!("{words} SEQNUM={}", self.counted).replace(' ', "\0");
        Notice::Uevent(message::read(text.as_bytes()).expect("a uevent"))
    }
}

/// A uevent of a device.
fn block(action: &str, name: &str, more: &str) -> String {
    let path = format!("/devices/virtual/block/{name}");
    format!("{action}@{path} ACTION={action} DEVPATH={path} SUBSYSTEM=block MAJOR=7 MINOR=0 {more}")
}

impl Host for World {
    fn drain(&mut self) -> Vec<Notice> {
        std::mem::take(&mut self.waiting)
    }

    fn last(&mut self) -> Result<u64, String> {
        Ok(self.counted)
    }

    fn devices(&mut self) -> Result<Vec<Found>, String> {
        if let Some(notice) = self.meanwhile.pop() {
            self.counted += 1;
            self.waiting.push(notice);
        }
        Ok(self.devices.clone())
    }

    fn uid(&mut self, name: &str) -> Option<SmolStr> {
        self.devices.iter().find(|found| found.name == name).map(|found| found.uid.clone())
    }

    fn boot(&self) -> SmolStr {
        "b007".into()
    }
}

fn device(name: &str, is_open: bool) -> Found {
    Found { name: name.into(), uid: format!("{name}-uid").into(), dev: None, diskseq: Some(1), is_open }
}

#[derive(Default)]
struct Told {
    objects: BTreeMap<SmolStr, Object>,
    states: BTreeMap<SmolStr, Vec<String>>,
    deleted: usize,
    gaps: usize,
}

impl Told {
    fn take(&mut self, machine: &mut Machine) {
        for line in machine.lines.take() {
            match line {
                Payload::Raw(raw) => self.raw(&raw),
                Payload::Gap(_) => self.gaps += 1,
                _ => {}
            }
        }
    }

    fn raw(&mut self, raw: &Raw) {
        let resource = Resource::new("uevents", "v1", "blockdevices", "BlockDevice");
        let followed = kinds::follow(&resource, self.objects.get(&raw.uid), raw).expect("an event of ours");
        let status: serde_json::Value = serde_json::from_str(followed.object.json.get()).unwrap();
        let state = status["status"]["state"].as_str().unwrap().to_owned();
        let states = self.states.entry(raw.name.clone()).or_default();
        if states.last() != Some(&state) {
            states.push(state);
        }
        self.deleted += usize::from(followed.change == Change::Deleted);
        self.objects.insert(raw.uid.clone(), followed.object);
    }

    fn states(&self, name: &str) -> String {
        self.states.get(name).map(|states| states.join(" ")).unwrap_or_default()
    }
}

fn started(world: &mut World) -> (Machine, Told) {
    let mut machine = Machine::new(Lines::new(0, 0, NOW));
    machine.list(world, None, &"BlockDevice".into(), NOW).unwrap();
    let mut told = Told::default();
    told.take(&mut machine);
    (machine, told)
}

#[test]
fn a_loop_device_is_closed_when_it_lets_go_and_not_when_it_was_asked_to() {
    let mut world = World { counted: 900, devices: vec![device("loop0", false)], ..World::default() };
    let (mut machine, mut told) = started(&mut world);
    for _ in 0..2 {
        world.say(&block("change", "loop0", "DISKSEQ=9"));
        world.say("add@/devices/x ACTION=add DEVPATH=/devices/x SUBSYSTEM=net");
        // `udevadm trigger` says nothing new.
        world.say(&block("change", "loop0", "SYNTH_UUID=0"));
        machine.turn(&mut world, NOW).unwrap();
        told.take(&mut machine);
        assert!(told.states("loop0").ends_with("open"));
        world.say(&block("change", "loop0", "DISKSEQ=9"));
        world.say(&block("change", "loop0", "DISKSEQ=10 DISK_MEDIA_CHANGE=1"));
        machine.turn(&mut world, NOW).unwrap();
        told.take(&mut machine);
    }
    assert_eq!(told.states("loop0"), "closed open closed open closed");
    assert_eq!((told.gaps, told.deleted), (0, 0));
}

/// The order of the device mapper on Linux 6.1, as `cryptsetup luksOpen` and `luksClose` were captured there.
#[test]
fn a_device_of_the_mapper_is_open_with_its_table_and_is_removed_once() {
    let mut world = World::default();
    let (mut machine, mut told) = started(&mut world);
    for (action, more) in
        [("add", ""), ("change", "DM_COOKIE=4194304"), ("remove", "DM_COOKIE=4194304"), ("remove", "")]
    {
        world.say(&block(action, "dm-0", more));
    }
    machine.turn(&mut world, NOW).unwrap();
    told.take(&mut machine);
    assert_eq!((told.states("dm-0").as_str(), told.deleted), ("closed open closed", 1));
    world.say(&block("add", "vdb", ""));
    world.say(&block("change", "vdb", ""));
    world.say(&block("remove", "vdb", ""));
    machine.turn(&mut world, NOW).unwrap();
    told.take(&mut machine);
    assert_eq!((told.states("vdb").as_str(), told.deleted), ("open closed", 2));
}

#[test]
fn a_hole_in_the_numbers_is_a_loss_whatever_is_behind_it() {
    let mut world = World { counted: 7, devices: vec![device("loop0", false)], ..World::default() };
    let (mut machine, mut told) = started(&mut world);
    world.say(&block("change", "loop0", ""));
    world.counted += 1;
    world.say(&block("change", "loop0", "DISK_MEDIA_CHANGE=1"));
    let lost = machine.turn(&mut world, NOW);
    assert_eq!(lost, Err(Lost("1 uevents before number 10 were not delivered here".to_owned())));
    machine.list(&mut world, Some((NOW, "a hole")), &"BlockDevice".into(), NOW).unwrap();
    told.take(&mut machine);
    assert_eq!((told.states("loop0").as_str(), told.gaps), ("closed open closed", 1));
    world.waiting.push(Notice::Overrun);
    assert_eq!(machine.turn(&mut world, NOW), Err(Lost("the socket was full".to_owned())));
}

#[test]
fn what_the_kernel_counted_and_did_not_deliver_is_a_loss_after_a_while() {
    let mut world = World { counted: 7, ..World::default() };
    let (mut machine, _) = started(&mut world);
    // In a container, nothing is delivered.
    world.counted = 10;
    machine.turn(&mut world, NOW).unwrap();
    assert_eq!(machine.lines.not_before(), NOW, "it is not known what happened");
    let later = |milliseconds| NOW + SignedDuration::from_millis(milliseconds);
    machine.turn(&mut world, later(500)).unwrap();
    assert_eq!(machine.lines.not_before(), NOW);
    let lost = machine.turn(&mut world, later(1100));
    assert_eq!(lost, Err(Lost("the kernel has counted 3 more uevents than it delivered here".to_owned())));
    // What only came late is no loss.
    let (mut machine, _) = started(&mut world);
    world.counted = 11;
    machine.turn(&mut world, later(0)).unwrap();
    let late = world.message("add@/x ACTION=add DEVPATH=/x SUBSYSTEM=net");
    world.waiting.push(late);
    machine.turn(&mut world, later(1500)).unwrap();
    assert_eq!(machine.lines.not_before(), later(1500));
}

#[test]
fn a_look_is_repeated_while_something_happens_to_a_device() {
    let mut world = World { counted: 7, devices: vec![device("loop0", false)], ..World::default() };
    world.counted = 8;
    let during = world.message(&block("change", "loop0", ""));
    world.counted = 7;
    world.meanwhile = vec![during];
    let (mut machine, told) = started(&mut world);
    assert_eq!(told.states("loop0"), "closed");
    world.say("add@/x ACTION=add DEVPATH=/x SUBSYSTEM=net");
    machine.turn(&mut world, NOW).unwrap();
    machine.fence(&mut world, NOW).unwrap();
    let whole = machine.lines.take().into_iter().any(|line| matches!(line, Payload::Fence(fence) if fence.whole));
    assert!(whole);
}

#[test]
fn what_is_no_uevent_is_read_as_none() {
    for bytes in [&b""[..], b"libudev\0\xfe\xed", b"add@/x\0SEQNUM=x", b"SEQNUM=1", b"\xff\xff\0SEQNUM"] {
        assert_eq!(message::read(bytes), None);
    }
    let other = message::read(b"bind@/x\0ACTION=bind\0DEVPATH=/x\0SUBSYSTEM=block\0SEQNUM=4").unwrap();
    assert_eq!((other.seqnum, other.device), (4, None));
}
