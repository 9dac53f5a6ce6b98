//! Lives of containers as they were captured on other machines. `checkpoint` is of Debian's runc 1.1.5 and criu 3.17.1 on
//! Linux 6.1; in `no-checkpoint`, criu fails; `life` was created, started, paused, resumed, killed and deleted, and run once
//! more. In `life-1.5.2`, the ends of the commands stand for the freezer and the ends of processes, which were not captured.

use super::super::super::numbered::Lines;
use super::super::host::{Directory, FreezerFile, Group, Host, Init, Notice, Unwatched, Wd};
use super::super::machine::Machine;
use super::super::watching::Watching as _;
use crate::kinds::{self, RuncDid as Did, RuncFreezer as Freezer, RuncWhat as What};
use crate::observation::{Object, Payload, Resource};
use jiff::Timestamp;
use serde::Deserialize;
use smol_str::SmolStr;
use std::collections::VecDeque;

const FREEZER: Wd = 2;

#[derive(Deserialize)]
struct Line {
    #[serde(default)]
    path: String,
    #[serde(default)]
    ev: String,
    value: Option<String>,
    init: Option<i32>,
    pid: Option<i32>,
}

/// The host as one line of the capture shows it.
#[derive(Default)]
struct Captured {
    lives: usize,
    init: i32,
    is_unified: bool,
    /// What its freezer says, the last of them from then on.
    freezer: VecDeque<Freezer>,
    ended: bool,
    queue: Vec<Notice>,
}

impl Captured {
    fn take(&mut self, line: &Line) {
        let file = line.path.strip_prefix("/tmp/state/c1");
        match (file, line.ev.as_str()) {
            (Some(""), "CREATE|DIR" | "DELETE|DIR") => {
                let is_made = line.ev == "CREATE|DIR";
                (self.lives, self.ended) = (self.lives + usize::from(is_made), false);
                self.queue.push(Notice::Directory { name: "c1".into(), is_made });
            }
            (Some(file), "CREATE" | "CREATE|DIR" | "MOVED_TO" | "CLOSE_WRITE") => {
                let did = match line.ev.as_str() {
                    "MOVED_TO" => Did::MovedTo,
                    "CLOSE_WRITE" => Did::CloseWrite,
                    _ => Did::Create,
                };
                let what = What::in_directory(file.trim_start_matches('/'));
                let wd = Wd::try_from(self.lives).unwrap() * 10;
                self.queue.extend(what.map(|what| Notice::File { wd, did, what }));
            }
            _ => {}
        }
        if let Some(value) = &line.value {
            self.freezer = match value.as_str() {
                "FREEZING" => [Freezer::Freezing, Freezer::Frozen].into(),
                value if value == "FROZEN" || value.contains("frozen 1") => [Freezer::Frozen].into(),
                _ => [Freezer::Thawed].into(),
            };
            self.queue.push(Notice::Freezer { wd: FREEZER });
        }
        self.ended |= line.pid.is_some();
    }
}

impl Host for Captured {
    fn reset(&mut self) -> Result<bool, String> {
        Ok(true)
    }

    fn names(&mut self) -> Result<Vec<SmolStr>, Unwatched> {
        Ok(Vec::new())
    }

    fn directory(&mut self, _name: &str) -> Result<Directory, Unwatched> {
        let wd = Wd::try_from(self.lives).unwrap() * 10;
        Ok(Directory { uid: self.lives.to_string().into(), wd, has: Vec::new() })
    }

    fn state(&mut self, _name: &str) -> Option<Init> {
        Some(Init { pid: self.init, start_time: 1, group: Some(("/c1".into(), self.is_unified)) })
    }

    fn follow(&mut self, _uid: &SmolStr, _init: &Init) -> Option<bool> {
        Some(true)
    }

    fn forget(&mut self, _uid: &SmolStr) {}

    fn has_ended(&mut self, _uid: &SmolStr) -> bool {
        self.ended
    }

    fn ended(&mut self) -> Vec<SmolStr> {
        self.ended.then(|| self.lives.to_string().into()).into_iter().collect()
    }

    fn groups(&mut self) -> Vec<Group> {
        let what = if self.is_unified { What::CgroupEvents } else { What::FreezerState };
        vec![Group { path: "/c1".into(), files: vec![FreezerFile { wd: FREEZER, what }] }]
    }

    fn group(&mut self, _path: &str) -> Vec<Group> {
        Vec::new()
    }

    fn freezer_files(&mut self, _init: &Init) -> Vec<FreezerFile> {
        Vec::new()
    }

    fn freezer(&mut self, _wd: Wd) -> Option<Freezer> {
        let is_last = self.freezer.len() < 2;
        let said = if is_last { self.freezer.front().copied() } else { self.freezer.pop_front() };
        Some(said.unwrap_or(Freezer::Thawed))
    }

    fn drain(&mut self) -> Vec<Notice> {
        std::mem::take(&mut self.queue)
    }

    fn boot(&self) -> SmolStr {
        "boot".into()
    }
}

/// The states that a capture is told as.
fn told(capture: &str) -> String {
    let lines: Vec<Line> = capture.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let is_unified = capture.contains("frozen 0");
    let mut host = Captured { is_unified, ..Captured::default() };
    let mut machine = Machine::new(Lines::new(0, 0, Timestamp::UNIX_EPOCH));
    machine.attach(&mut host, None, &"RuncContainer".into(), Timestamp::UNIX_EPOCH).unwrap();
    let resource = Resource::new("runc", "v1", "runccontainers", "RuncContainer");
    let (mut words, mut before): (Vec<String>, Option<Object>) = (Vec::new(), None);
    for (at, line) in lines.iter().enumerate() {
        // What the state says is the next thing that was read.
        host.init = lines[at..].iter().find_map(|line| line.init).unwrap_or_default();
        host.take(line);
        machine.turn(&mut host, Timestamp::UNIX_EPOCH).unwrap();
        for line in machine.lines.take() {
            assert!(!matches!(line, Payload::Undecodable(_) | Payload::Gap(_)), "{line:?}");
            let Payload::Raw(raw) = line else { continue };
            let known = before.as_ref().filter(|object| object.uid == raw.uid);
            let followed = kinds::follow(&resource, known, &raw).unwrap();
            assert!(followed.unpublished.is_none(), "{raw:?}");
            let status: serde_json::Value = serde_json::from_str(followed.object.json.get()).unwrap();
            let word = status["status"]["state"].as_str().unwrap().to_owned();
            if words.last() != Some(&word) {
                words.push(word);
            }
            before = Some(followed.object);
        }
    }
    words.join(" ")
}

macro_rules! capture {
    ($name:literal) => {
        include_str!(concat!("../../../../tests/data/runc/", $name, ".jsonl"))
    };
}

#[test]
fn checkpoints_and_a_restore_are_told_as_they_were_captured() {
    let first = "creating created running paused running paused running checkpointed paused running checkpointed";
    let then = "stopped deleted creating restored paused running stopped deleted";
    assert_eq!(told(capture!("checkpoint-1.1.5-cgroup2")), format!("{first} {then}"));
}

#[test]
fn lives_are_told_as_they_were_captured() {
    let first = "creating created running paused running stopped deleted";
    for capture in [capture!("life-1.1.5-cgroup1"), capture!("life-1.5.2-cgroup1")] {
        assert_eq!(told(capture), format!("{first} creating created running stopped deleted"));
    }
    for capture in [capture!("no-checkpoint-1.1.5-cgroup1"), capture!("no-checkpoint-1.5.2-cgroup1")] {
        assert_eq!(told(capture), first);
    }
}
