//! Losses that began before the stream was seen to be incomplete, read back from a server that is a table of writes.

use super::super::cluster::Cluster;
use super::super::settings::Healing;
use super::{Answer, Head, History, Question, Recovery, Seen, Snapshot, Span, Step, Stop, Unknown};
use crate::observation::{Capture, Object, Resource, ResourceVersion, Shape, Watch, decode_object};
use smol_str::{SmolStr, ToSmolStr};
use std::collections::HashMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;

/// Writes of objects, by revision; a deletion is `false`.
type Writes = &'static [(u64, &'static str, bool)];

fn version(revision: u64) -> ResourceVersion {
    ResourceVersion::new(revision.to_smolstr())
}

fn json(name: &str, revision: u64) -> String {
    format!(
        r#"{{"metadata":{{"name":"{name}","namespace":"ns","uid":"{name}","resourceVersion":"{revision}"}},"status":{{}}}}"#
    )
}

/// What exists at a revision, with the revision of its last write.
fn there(writes: Writes, at: u64) -> Vec<(&'static str, u64)> {
    let mut there: Vec<(&str, u64)> = Vec::new();
    for (revision, name, exists) in writes.iter().filter(|(revision, ..)| *revision <= at) {
        there.retain(|(other, _)| other != name);
        there.extend(exists.then_some((*name, *revision)));
    }
    there
}

fn parameter(query: &str, name: &str) -> Option<String> {
    form_urlencoded::parse(query.as_bytes()).find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}

fn answer(stream: &mut TcpStream, writes: Writes) -> Option<()> {
    let head: Vec<String> =
        BufReader::new(&*stream).lines().map_while(Result::ok).take_while(|line| !line.is_empty()).collect();
    let (_, query) = head.first()?.split(' ').nth(1)?.split_once('?')?;
    let at: u64 = parameter(query, "resourceVersion")?.parse().ok()?;
    let name =
        parameter(query, "fieldSelector").and_then(|fields| Some(fields.strip_prefix("metadata.name=")?.to_owned()));
    let items = there(writes, at).into_iter().filter(|(it, _)| name.as_deref().is_none_or(|name| name == *it));
    let items: Vec<String> = items.map(|(name, revision)| json(name, revision)).collect();
    let list = format!(r#"{{"kind":"PodList","metadata":{{"resourceVersion":"{at}"}},"items":[{}]}}"#, items.join(","));
    let length = list.len();
    write!(stream, "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{list}").ok()
}

/// A recording that began with `a` at 2, as of a list at 5, in which these events of the stream were recorded, and in
/// which something is missing that was written: what is found of it, up to 12, from the last event on.
async fn recovered(writes: Writes, events: &[(u64, &str)], limits: Healing) -> Recovery {
    recovered_after(writes, events, None, limits).await
}

/// The same after a bookmark that may be of another storage.
async fn recovered_after(writes: Writes, events: &[(u64, &str)], read: Option<u64>, limits: Healing) -> Recovery {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a loopback port");
    let address = listener.local_addr().expect("an address");
    // A connection without a request ends it.
    let server = std::thread::spawn(move || {
        while let Ok((mut stream, _)) = listener.accept()
            && answer(&mut stream, writes).is_some()
        {}
    });
    let (from, to) = (events.last().map_or(5, |(revision, _)| *revision), 12);
    let mut recorded = HashMap::from([("a".to_smolstr(), version(2))]);
    recorded.extend(events.iter().map(|(revision, name)| (name.to_smolstr(), version(*revision))));
    let seen = |name: &str, revision| Seen { uid: name.into(), version: version(revision), is_deletion: false };
    let steps = events.iter().map(|(revision, name)| Step { revision: *revision, seen: Some(seen(name, *revision)) });
    let steps = std::iter::once(Step { revision: 5, seen: None }).chain(steps).collect();
    let end: Vec<(&str, u64)> = there(writes, to);
    let object = |(name, revision): &(&str, u64)| -> Object {
        decode_object(json(name, *revision).as_bytes(), Shape::Pod, Capture::Status).expect("an object")
    };
    let head = |(name, version): &(&str, u64)| -> (SmolStr, Head) {
        (name.to_smolstr(), Head { namespace: "ns".into(), name: name.to_smolstr(), version: *version })
    };
    let changed = end.iter().map(object).collect();
    let end: Snapshot = end.iter().map(head).collect();
    let span = Span { from, read, recorded, steps, seen: None, to, end, changed };
    let cluster = Arc::new(Cluster::at(format!("http://{address}")).await.expect("a client"));
    let watch = Watch::all(Resource::new("", "v1", "pods", "Pod"));
    let history = History::new(cluster, watch, Capture::Status, limits, Stop::default());
    let Answer::Loss(recovery) = Question::Loss(span).ask(history, None).await else { panic!("another answer") };
    drop(TcpStream::connect(address).expect("it listens"));
    server.join().expect("it does not panic");
    recovery
}

/// From where the span was read, and the events that were not recorded.
async fn healed(writes: Writes, events: &[(u64, &str)]) -> (Option<u64>, Vec<String>) {
    let recovery = recovered(writes, events, Healing::default()).await;
    (recovery.since, whole(recovery))
}

/// The events of a recovery, if it is whole.
fn whole(recovery: Recovery) -> Vec<String> {
    let found = recovery.found.expect("it is found");
    assert_eq!(found.whole, Ok(()));
    found.events.iter().map(|event| format!("{:?} {}@{}", event.change, event.object.name, event.revision)).collect()
}

const LIFE: Writes =
    &[(2, "a", true), (6, "a", true), (7, "n", true), (8, "a", true), (9, "n", true), (10, "n", false)];

const LIVES: Writes = &[(2, "a", true), (6, "n", true), (8, "a", true), (9, "n", true)];
const ENDS: Writes = &[(2, "a", true), (6, "b", true), (7, "a", true), (8, "a", false), (9, "b", true)];
/// Written before the list.
const EARLY: Writes = &[(2, "a", true), (3, "n", true), (8, "a", true)];

#[tokio::test]
async fn a_creation_that_was_lost_before_other_events_is_read_back_from_before_it() {
    let found = healed(LIFE, &[(6, "a"), (8, "a")]).await;
    let expected = ["Added n@7", "Modified n@9", "Deleted n@10"].map(str::to_owned).to_vec();
    assert_eq!(found, (Some(6), expected));
    // Not after it: nothing else was lost.
    let found = healed(LIFE, &[(6, "a"), (7, "n"), (8, "a")]).await;
    assert_eq!(found, (None, ["Modified n@9", "Deleted n@10"].map(str::to_owned).to_vec()));
}

#[tokio::test]
async fn an_object_that_lives_a_change_and_a_deletion_are_read_back_likewise() {
    assert_eq!(healed(LIVES, &[(8, "a")]).await, (Some(5), ["Added n@6", "Modified n@9"].map(str::to_owned).to_vec()));
    assert_eq!(
        healed(ENDS, &[(6, "b"), (9, "b")]).await,
        (Some(6), ["Modified a@7", "Deleted a@8"].map(str::to_owned).to_vec())
    );
}

#[tokio::test]
async fn what_is_not_read_back_of_an_earlier_loss_has_a_reason_that_is_true() {
    // Older in history than recorded: no lost event explains that.
    let found = recovered(LIFE, &[(6, "a"), (7, "a")], Healing::default()).await.found;
    assert_eq!(found.expect_err("no storage has that"), Unknown::Contradicted("a at revision 7".to_owned()));
    let limits = Healing { revisions: 2, ..Healing::default() };
    let unknown = recovered(LIFE, &[(6, "a"), (8, "a")], limits).await.found.expect_err("too long");
    assert_eq!(
        unknown.to_string(),
        "n is not recorded as history shows it at revision 8, so something was lost before; 4 revisions are more than \
         --heal-revisions allows to look at one by one"
    );
    // It was lost before anything that is remembered.
    let unknown = recovered(EARLY, &[(8, "a")], Healing::default()).await.found.expect_err("since when, is not known");
    assert!(unknown.to_string().ends_with("at revision 5, so something was lost before"), "{unknown}");
}

#[tokio::test]
async fn nothing_is_read_before_a_bookmark_at_which_history_shows_what_was_recorded_if_that_is_far() {
    const QUIET: Writes = &[(2, "a", true), (11, "b", true)];
    let limits = || Healing { revisions: 3, ..Healing::default() };
    assert_eq!(whole(recovered_after(QUIET, &[], Some(10), limits()).await), ["Added b@11"]);
    let found = recovered(QUIET, &[], limits()).await.found.expect("b is found");
    assert!(found.whole.is_err(), "without the bookmark, it is too far");
}

#[tokio::test]
async fn what_another_storage_has_before_a_bookmark_is_read_back() {
    const SHORT: Writes = &[(2, "a", true), (6, "n", true), (7, "n", false), (11, "b", true)];
    const CHANGED: Writes = &[(2, "a", true), (6, "a", true), (11, "b", true)];
    let recovered = async |writes| whole(recovered_after(writes, &[], Some(10), Healing::default()).await);
    assert_eq!(recovered(SHORT).await, ["Added n@6", "Deleted n@7", "Added b@11"]);
    assert_eq!(recovered(CHANGED).await, ["Modified a@6", "Added b@11"]);
}
