//! A recording that is replayed and recorded again has the same timeline, whatever the speed.

use super::bounded;
use crate::recorder::{Recording, handle::Recorder};
use serde_json::Value;
use statetrail::observation::{
    Attached, Capture, Change, Gap, GapReason, ObjectEvent, Observation, Payload, Resource, ResourceVersion, Shape,
    Stamp, Watch, decode_object,
};
use statetrail::recording::{Header, Reader, SyncPolicy, Writer};
use statetrail::replay::{Doing, Options, Playback, Server, Speed, load};
use statetrail::run::{Config, Output};
use statetrail::source::{Cluster, Timeouts};
use statetrail::timeline::{Body, Entry};
use statetrail::view::json;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

fn scenarios() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scenarios");
    let folders = fs::read_dir(root).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<PathBuf> = folders
        .flat_map(|folder| [folder.join("recording.jsonl"), folder.join("recording.jsonl.zst")])
        .filter(|file| file.exists())
        .collect();
    files.sort();
    files
}

/// Replays a recording at a speed, and records that.
async fn again(path: &Path, speed: Speed) -> Recording {
    let mut reader = Reader::open(path).expect("a recording");
    let header = reader.header().clone();
    let loaded = load(&header, reader.by_ref()).expect("it can be replayed");
    let playback = Playback::new(loaded.moments.clone(), loaded.length, Speed::Step, false, false);
    let server = Server::of_recording(loaded, header.started, playback.clone(), Options::default()).expect("a port");
    let folder = tempfile::tempdir().expect("a folder");
    let cluster = Cluster::at(server.url()).await.expect("a client");
    let mut config = Config::to(cluster, header.watches.clone(), Output::New(folder.path().join("run.jsonl")));
    config.sync = SyncPolicy::Never;
    config.pace = Timeouts { backoff: 0.01, ..Timeouts::default() };
    let mut recorder = Recorder::start(config);
    recorder.attached().await;
    playback.set_speed(speed);
    playback.resume();
    bounded("the end of the recording", async {
        while playback.position().doing != Doing::Ended {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    })
    .await;
    bounded("the last steps", playback.settled()).await;
    // The fence reads every stream to its newest version.
    let recording = recorder.finish().await;
    bounded("the shutdown", server.shutdown()).await.expect("every connection ends");
    drop(folder);
    recording
}

/// What a replay keeps of an entry: all but its times, its place in the file and how it was delivered.
fn essence(entry: &Entry) -> Option<String> {
    let mut text = Vec::new();
    json::entry(entry, &mut text).expect("memory");
    let mut entry: Value = serde_json::from_slice(&text).expect("JSON");
    let object = entry.as_object_mut().expect("an entry");
    for member in ["seq", "at", "elapsed", "notBefore", "cluster", "seen"] {
        object.remove(member);
    }
    if let Some(gap) = object.get_mut("gap").and_then(Value::as_object_mut) {
        for member in ["from", "to", "reason", "unhealed", "cause"] {
            gap.remove(member);
        }
        if let Some(subject) = gap.get_mut("subject").and_then(Value::as_object_mut) {
            subject.remove("cluster");
        }
    }
    // A server has no marks.
    (!object.contains_key("mark")).then(|| entry.to_string())
}

/// What must be the same: all entries with versions, in one order; and those of each kind with its gaps. A gap is a span,
/// and where it stands among the entries of other kinds is a matter of arrival.
fn essences(recording: &Recording) -> Vec<String> {
    let all: Vec<(String, String)> =
        recording.timeline.iter().filter_map(|entry| Some((kind(entry), essence(entry)?))).collect();
    let versioned = all.iter().filter(|(_, entry)| !entry.contains("\"gap\"")).map(|(_, entry)| entry.clone());
    let mut kinds: Vec<&String> = all.iter().map(|(kind, _)| kind).collect();
    kinds.sort();
    kinds.dedup();
    let by_kind = kinds.into_iter().flat_map(|kind| {
        all.iter().filter(move |(of, _)| of == kind).map(move |(_, entry)| format!("{kind}: {entry}"))
    });
    versioned.chain(by_kind).collect()
}

/// The resource or kind that an entry is about.
fn kind(entry: &Entry) -> String {
    match (&entry.body, &entry.subject) {
        (Body::Gap(gap), None) => gap.resource.to_string(),
        (_, Some(subject)) => format!("{}s", subject.kind.to_lowercase()),
        _ => String::new(),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_scenario_is_recorded_again_as_it_was() {
    let mut wrong = Vec::new();
    for path in scenarios() {
        let name = path.parent().and_then(Path::file_name).unwrap_or_default().to_string_lossy().into_owned();
        let original = Recording::read(&path);
        let expected = essences(&original);
        let found = essences(&again(&path, Speed::Max).await);
        if expected != found {
            let at = expected.iter().zip(&found).position(|(a, b)| a != b).unwrap_or(expected.len().min(found.len()));
            let [a, b] = [&expected, &found].map(|all| all.get(at).map_or("(nothing)", String::as_str));
            let counts = (expected.len(), found.len());
            let gaps = original.payloads().filter(|payload| matches!(payload, Payload::Gap(_))).count();
            wrong.push(format!("{name} {counts:?} ({gaps} gaps), entry {at}\n  expected {a}\n  found    {b}"));
        }
    }
    assert!(wrong.is_empty(), "{} scenarios differ:\n{}", wrong.len(), wrong.join("\n"));
}

/// A cluster in which things happen at random, and a recorder that sometimes sees nothing of a kind for a while and
/// finds out with a list what is there.
struct Random {
    state: u64,
    revision: u64,
    at: Duration,
    /// What exists, by kind and name: uid and version.
    objects: BTreeMap<(u16, String), (u64, u64)>,
    uids: u64,
    /// Since when a kind is not seen, with what was known of it by then.
    hidden: [Option<Hidden>; 2],
    lines: Vec<Observation>,
}

struct Hidden {
    from: Duration,
    revision: u64,
    known: BTreeMap<String, (u64, u64)>,
}

impl Random {
    fn chance(&mut self, of: u64) -> bool {
        self.below(of) == 0
    }

    fn below(&mut self, end: u64) -> u64 {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        self.state % end
    }

    fn line(&mut self, payload: Payload) {
        let stamp = Stamp { at: started() + self.at, elapsed: self.at };
        self.lines.push(Observation { stamp, payload });
    }

    fn attach(&mut self, watch: u16) {
        let resource_version = ResourceVersion::new(self.revision.to_string());
        self.line(Payload::Attached(Attached { watch, resource_version, kind: "".into(), not_before: None }));
    }

    fn object(watch: u16, change: Change, name: &str, (uid, version): (u64, u64)) -> Payload {
        let phase = ["Pending", "Running", "Failed"][usize::try_from(version % 3).unwrap()];
        let text = format!(
            r#"{{"metadata":{{"name":"{name}","namespace":"a","uid":"u{uid}","resourceVersion":"{version}"}},"status":{{"phase":"{phase}"}}}}"#
        );
        let object = decode_object(text.as_bytes(), Shape::Other, Capture::Full).expect("an object");
        Payload::Object(ObjectEvent { watch, change, object, not_before: None, healed: false, confirmed: false })
    }

    /// Something is written, and recorded if it is seen.
    fn write(&mut self) {
        self.revision += 1 + self.below(3);
        let watch = u16::try_from(self.below(2)).unwrap();
        let name = format!("o{}", self.below(4));
        let known = self.objects.get(&(watch, name.clone())).copied();
        let (change, uid) = match known {
            None => {
                self.uids += 1;
                (Change::Added, self.uids)
            }
            Some((uid, _)) if self.chance(4) => (Change::Deleted, uid),
            Some((uid, _)) => (Change::Modified, uid),
        };
        let written = (uid, self.revision);
        match change {
            Change::Deleted => _ = self.objects.remove(&(watch, name.clone())),
            _ => _ = self.objects.insert((watch, name.clone()), written),
        }
        if self.hidden[usize::from(watch)].is_none() {
            let event = Self::object(watch, change, &name, written);
            self.line(event);
        }
    }

    fn of(&self, watch: u16) -> BTreeMap<String, (u64, u64)> {
        let of_watch = self.objects.iter().filter(|((kind, _), _)| *kind == watch);
        of_watch.map(|((_, name), known)| (name.clone(), *known)).collect()
    }

    fn hide_or_show(&mut self, watch: u16) {
        let index = usize::from(watch);
        let Some(hidden) = self.hidden[index].take() else {
            self.hidden[index] = Some(Hidden { from: self.at, revision: self.revision, known: self.of(watch) });
            // What is written next is not proven to be the first write of the gap.
            self.revision += 2;
            return;
        };
        // Of at least one revision of the gap, nothing shows what it was: otherwise nothing is lost.
        self.revision += 3;
        self.line(Payload::Gap(Gap {
            watch,
            from_resource_version: ResourceVersion::new(hidden.revision.to_string()),
            to_resource_version: ResourceVersion::new(self.revision.to_string()),
            from: started() + hidden.from,
            to: started() + self.at,
            reason: GapReason::HistoryExpired,
            unhealed: String::new(),
        }));
        for (name, known) in self.of(watch) {
            let line = if hidden.known.get(&name) == Some(&known) {
                let resource_version = ResourceVersion::new(known.1.to_string());
                Payload::Unchanged { watch, uid: format!("u{}", known.0).into(), resource_version }
            } else {
                Self::object(watch, Change::Listed, &name, known)
            };
            self.line(line);
        }
        self.attach(watch);
    }

    fn recording(seed: u64, path: &Path) {
        let mut random = Self {
            state: seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1,
            revision: 10,
            at: Duration::ZERO,
            objects: BTreeMap::new(),
            uids: 0,
            hidden: [None, None],
            lines: Vec::new(),
        };
        for watch in 0..2 {
            random.attach(watch);
        }
        for _ in 0..40 {
            random.at += Duration::from_millis(50);
            if random.chance(6) {
                let watch = u16::try_from(random.below(2)).unwrap();
                random.hide_or_show(watch);
            }
            random.write();
        }
        for watch in 0..2 {
            if random.hidden[usize::from(watch)].is_some() {
                random.hide_or_show(watch);
            }
            let resource_version = ResourceVersion::new(random.revision.to_string());
            random.line(Payload::Bookmark { watch, resource_version });
        }
        let kinds = [("pods", "Pod"), ("configmaps", "ConfigMap")];
        let watches = kinds.map(|(plural, kind)| Watch::all(Resource::new("", "v1", plural, kind)));
        let mut writer =
            Writer::create(path, &Header::new(started(), watches.into()), SyncPolicy::Never).expect("a file");
        for line in &random.lines {
            writer.append(line).expect("a line");
        }
        writer.finish().expect("it is written");
    }
}

fn started() -> jiff::Timestamp {
    "2026-01-01T00:00:00Z".parse().expect("a time")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn random_recordings_with_gaps_are_recorded_again_as_they_were() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut wrong = Vec::new();
    for seed in 0..24 {
        let path = folder.path().join(format!("{seed}.jsonl"));
        Random::recording(seed, &path);
        let speed = [Speed::Max, Speed::Times(20.0)][usize::try_from(seed % 2).unwrap()];
        let expected = essences(&Recording::read(&path));
        let found = essences(&again(&path, speed).await);
        if expected != found {
            let at = expected.iter().zip(&found).position(|(a, b)| a != b).unwrap_or(expected.len().min(found.len()));
            let [a, b] = [&expected, &found].map(|all| all.get(at).map_or("(nothing)", String::as_str));
            wrong.push(format!("seed {seed}, {speed}: entry {at}\n  expected {a}\n  found    {b}"));
        }
    }
    assert!(wrong.is_empty(), "{} recordings differ:\n{}", wrong.len(), wrong.join("\n"));
}
