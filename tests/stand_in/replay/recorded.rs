//! A recording that is replayed and recorded again has the same timeline, whatever the speed.

use super::bounded;
use super::random;
use super::raw::get;
use crate::recorder::{Recording, handle::Recorder};
use futures::StreamExt;
use serde_json::Value;
use statetrail::metrics::Metrics;
use statetrail::observation::{
    Attached, Capture, Change, ObjectEvent, Observation, Payload, Resource, ResourceVersion, Shape, Stamp, Undecodable,
    Watch, decode_object,
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

/// The recordings of API servers: what was recorded of a machine, no server replays.
pub(super) fn scenarios() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scenarios");
    let folders = fs::read_dir(root).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<PathBuf> = folders
        .flat_map(|folder| [folder.join("recording.jsonl"), folder.join("recording.jsonl.zst")])
        .filter(|file| file.exists())
        .filter(|file| Recording::read(file).header.watches.iter().all(Watch::is_served))
        .collect();
    files.sort();
    files
}

/// Replays a recording at a speed, and records that.
async fn again(path: &Path, speed: Speed) -> Recording {
    again_with(path, speed, |config| (Recorder::start(config), ())).await.0
}

/// The same, with the metrics of its recorder.
pub(super) async fn measured_again(path: &Path, speed: Speed) -> (Recording, Metrics) {
    again_with(path, speed, Recorder::start_measured).await
}

/// The same with a recorder that is started so.
async fn again_with<T>(path: &Path, speed: Speed, start: impl FnOnce(Config) -> (Recorder, T)) -> (Recording, T) {
    let (header, playback, server, _) = stepped(path);
    let folder = tempfile::tempdir().expect("a folder");
    let cluster = Cluster::at(server.url()).await.expect("a client");
    let mut config = Config::to(cluster, header.watches.clone(), Output::New(folder.path().join("run.jsonl")));
    config.sync = SyncPolicy::Never;
    config.pace = Timeouts { backoff: 0.01, ..Timeouts::default() };
    let (mut recorder, beside) = start(config);
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
    (recording, beside)
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

/// Where two recordings differ first.
fn first_difference(expected: &[String], found: &[String]) -> Option<String> {
    let at = (0..expected.len().max(found.len())).find(|at| expected.get(*at) != found.get(*at))?;
    let [a, b] = [expected, found].map(|all| all.get(at).map_or("(nothing)", String::as_str));
    Some(format!("entry {at}\n  expected {a}\n  found    {b}"))
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
        if let Some(difference) = first_difference(&expected, &found) {
            let counts = (expected.len(), found.len());
            let gaps = original.payloads().filter(|payload| matches!(payload, Payload::Gap(_))).count();
            wrong.push(format!("{name} {counts:?} ({gaps} gaps), {difference}"));
        }
    }
    assert!(wrong.is_empty(), "{} scenarios differ:\n{}", wrong.len(), wrong.join("\n"));
}

/// Where a storage is replaced, versions do not order what different watches have seen; nor do they order the gaps of two
/// watches of one kind. A gap of a single name may be shorter: its next version shows what it was before.
fn essences_by_object(recording: &Recording) -> Vec<String> {
    let about = |entry: &Entry| match (&entry.body, &entry.subject) {
        (Body::Gap(gap), None) => format!("{} {}", gap.resource, gap.namespace),
        (_, Some(subject)) => format!("{}/{}", subject.namespace, subject.name),
        _ => String::new(),
    };
    let all = recording.timeline.iter().filter_map(|entry| Some((kind(entry), about(entry), essence(entry)?)));
    let ends = regex::Regex::new(r#"(from|to)ResourceVersion":"[0-9]+"#).expect("a pattern");
    let mut all: Vec<_> = all
        .map(|(kind, about, entry)| {
            let is_of_watch = !about.contains('/');
            let entry = if is_of_watch { ends.replace_all(&entry, "").into_owned() } else { entry };
            (format!("{kind} {about}"), is_of_watch.then(|| entry.clone()), entry)
        })
        .collect();
    all.sort_by(|(one, gap, _), (other, other_gap, _)| (one, gap).cmp(&(other, other_gap)));
    all.into_iter().map(|(about, _, entry)| format!("{about}: {entry}")).collect()
}

/// How a recording of a seed differs when it is recorded again.
async fn difference(seed: u64) -> Option<String> {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("run.jsonl");
    random::recording(seed, &path);
    // What reads history while the storage is replaced reads that of another one.
    let speed = match (random::is_replaced(seed), seed / random::SORTS % 2) {
        (true, _) => Speed::Times(1.0),
        (false, 0) => Speed::Max,
        (false, _) => Speed::Times(20.0),
    };
    let essences = if random::is_ordered(seed) { essences } else { essences_by_object };
    let expected = essences(&Recording::read(&path));
    let found = essences(&again(&path, speed).await);
    first_difference(&expected, &found).map(|difference| format!("seed {seed}, {speed}: {difference}"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn random_recordings_are_recorded_again_as_they_were() {
    // A recorder takes seconds to find out that a storage was replaced.
    let seeds = futures::stream::iter(0..random::SORTS * 6);
    let all = seeds.map(|seed| async move { (seed, tokio::spawn(difference(seed)).await.expect("it does not panic")) });
    let differing: Vec<(u64, Option<String>)> = all.buffer_unordered(8).collect().await;
    let mut wrong = Vec::new();
    // One that did not keep up beside seven others is tried again alone.
    for (seed, _) in differing.into_iter().filter(|(_, difference)| difference.is_some()) {
        wrong.extend(difference(seed).await);
    }
    assert!(wrong.is_empty(), "{} recordings differ:\n{}", wrong.len(), wrong.join("\n"));
}

/// A server of a recording that moves only by steps.
pub(super) fn stepped(path: &Path) -> (Header, Playback, Server, usize) {
    let mut reader = Reader::open(path).expect("a recording");
    let header = reader.header().clone();
    let loaded = load(&header, reader.by_ref()).expect("it can be replayed");
    let steps = loaded.moments.len();
    let playback = Playback::new(loaded.moments.clone(), loaded.length, Speed::Step, false, false);
    let server = Server::of_recording(loaded, header.started, playback.clone(), Options::default()).expect("a port");
    (header, playback, server, steps)
}

#[tokio::test]
async fn every_list_of_a_version_is_the_same_whenever_it_is_asked_for() {
    for path in scenarios() {
        let (header, playback, server, steps) = stepped(&path);
        let paths = header.watches.iter().map(|watch| watch.resource.path(&watch.namespace));
        let paths: Vec<String> = paths.collect();
        let mut seen = BTreeMap::new();
        for step in 0..=steps {
            for path in &paths {
                let list = get(&server, path).await;
                if list.status != 200 {
                    continue;
                }
                let list = list.json();
                let objects = list["items"].as_array().expect("a list").iter().map(|item| {
                    let metadata = &item["metadata"];
                    format!("{}/{} {}", metadata["namespace"], metadata["name"], metadata["resourceVersion"])
                });
                let objects: Vec<String> = objects.collect();
                let version = list["metadata"]["resourceVersion"].to_string();
                let before = seen.entry((path.clone(), version.clone())).or_insert_with(|| objects.clone());
                assert_eq!(*before, objects, "{path} at {version}, step {step}");
            }
            playback.step(1);
            bounded("the step", playback.settled()).await;
        }
        bounded("the shutdown", server.shutdown()).await.expect("every connection ends");
    }
}

/// Writes a recording of pods in namespace `a`.
fn write_pods(path: &Path, payloads: Vec<Payload>) {
    let started = random::started();
    let pods = Watch { namespace: "a".into(), ..Watch::all(Resource::new("", "v1", "pods", "Pod")) };
    let mut writer = Writer::create(path, &Header::new(started, vec![pods]), SyncPolicy::Never).expect("a file");
    for (index, payload) in (0_u32..).zip(payloads) {
        let elapsed = Duration::from_secs(1) * index;
        let stamp = Stamp { at: started + elapsed, elapsed };
        writer.append(&Observation { stamp, payload }).expect("a line");
    }
    writer.finish().expect("it is written");
}

fn pod_event(change: Change, name: &str, version: u64) -> Payload {
    let text = super::script::pod_at("a", name, "Running", version);
    let object = decode_object(text.as_bytes(), Shape::Pod, Capture::Full).expect("a pod");
    Payload::Object(ObjectEvent { watch: 0, change, object, not_before: None, healed: false, confirmed: false })
}

#[tokio::test]
async fn a_version_that_could_not_be_read_is_not_replayed_as_if_there_were_none() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("run.jsonl");
    let resource_version = ResourceVersion::new("10");
    write_pods(
        &path,
        vec![
            Payload::Attached(Attached { watch: 0, resource_version, kind: "Pod".into(), not_before: None }),
            pod_event(Change::Added, "one", 11),
            Payload::Undecodable(Undecodable {
                watch: 0,
                uid: Some("uid-one".into()),
                resource_version: Some(ResourceVersion::new("12")),
                error: "no object".to_owned(),
                length: 7,
                digest: "crc32c:00000000".into(),
                head: "MODIFIED a/one".to_owned(),
                object: None,
                raw: None,
            }),
            pod_event(Change::Added, "two", 13),
            pod_event(Change::Modified, "one", 14),
        ],
    );
    let (_, playback, server, _) = stepped(&path);
    let list = "/api/v1/namespaces/a/pods";
    playback.seek(Duration::from_millis(3500));
    bounded("the moment", playback.settled()).await;
    let frozen = get(&server, list).await.json();
    assert_eq!(frozen["metadata"]["resourceVersion"], "11", "{frozen}");
    playback.seek(Duration::from_secs(9));
    bounded("the end", playback.settled()).await;
    let whole = get(&server, list).await;
    assert_eq!(
        (whole.names(), &whole.json()["metadata"]["resourceVersion"]),
        (vec!["one".to_owned(), "two".to_owned()], &"14".into())
    );
    assert_eq!(get(&server, &format!("{list}?resourceVersion=12&resourceVersionMatch=Exact")).await.status, 410);
    let watch = get(&server, &format!("{list}?watch=1&resourceVersion=11&timeoutSeconds=1")).await;
    assert!(String::from_utf8_lossy(&watch.body).contains("too old resource version"));
    // Of other namespaces, the recording has nothing.
    let other = get(&server, "/api/v1/namespaces/b/pods").await;
    assert_eq!(other.status, 403);
    assert!(other.json()["message"].as_str().expect("a message").contains("only namespace a"));
    assert_eq!(get(&server, "/api/v1/pods").await.names(), ["one", "two"]);
    bounded("the shutdown", server.shutdown()).await.expect("every connection ends");
}
