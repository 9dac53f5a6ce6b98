//! WATCH: starts, selections, bookmarks, ends.

use super::raw::{self, Next, get, send};
use super::script::{empty, filled, pod, pods, put, serve, vms};
use statetrail::observation::Change;
use statetrail::replay::{Options, Server};
use std::time::Duration;

#[tokio::test]
async fn a_watch_from_a_version_gets_everything_after_it() {
    let store = filled(2);
    let server = serve(&store);
    let mut watch = raw::watch(&server, "&resourceVersion=2").await;
    assert_eq!(watch.event().await, "ADDED pod-01 Pending 3");
    put(&store, "pod-00", "Running");
    store.delete(&pods(), "story", "pod-00").expect("it is there");
    put(&store, "pod-00", "Pending");
    let expected = ["MODIFIED pod-00 Running 4", "DELETED pod-00 Running 5", "ADDED pod-00 Pending 6"];
    assert_eq!(watch.events(3).await, expected);
}

#[tokio::test]
async fn a_watch_without_a_version_starts_with_the_current_state() {
    let store = filled(2);
    put(&store, "pod-01", "Running");
    let server = serve(&store);
    for version in ["", "&resourceVersion=0"] {
        let mut watch = raw::watch(&server, version).await;
        assert_eq!(watch.events(2).await, ["ADDED pod-00 Pending 2", "ADDED pod-01 Running 4"], "{version}");
        assert!(watch.is_silent().await, "no bookmark ends this initial state");
    }
}

#[tokio::test]
async fn a_streaming_list_ends_with_its_bookmark() {
    let store = filled(2);
    store.advance(40);
    let server = serve(&store);
    let query = "&sendInitialEvents=true&resourceVersionMatch=NotOlderThan";
    let mut watch = raw::watch(&server, query).await;
    assert_eq!(watch.events(2).await, ["ADDED pod-00 Pending 2", "ADDED pod-01 Pending 3"]);
    let Next::Event(bookmark) = watch.next().await else { panic!("no bookmark") };
    let expected = r#"{"type":"BOOKMARK","object":{"kind":"Pod","apiVersion":"v1","metadata":{"resourceVersion":"40","annotations":{"k8s.io/initial-events-end":"true"}},"spec":{"containers":null},"status":{}}}"#;
    assert_eq!(bookmark, serde_json::from_str::<serde_json::Value>(expected).unwrap());
    put(&store, "pod-02", "Pending");
    assert_eq!(watch.event().await, "ADDED pod-02 Pending 41");

    let early = get(&server, &format!("/api/v1/pods?watch=1{query}&resourceVersion=99")).await;
    assert_eq!((early.status, early.json()["reason"].as_str()), (504, Some("Timeout")));
    assert_eq!(get(&server, "/api/v1/pods?watch=1&sendInitialEvents=true").await.status, 422);
}

#[tokio::test]
async fn a_bookmark_never_runs_ahead_of_events() {
    let store = filled(1);
    let server = serve(&store);
    let mut watch = raw::watch(&server, "&resourceVersion=1").await;
    let mut deaf = send(&server, "GET", "/api/v1/pods?watch=1&resourceVersion=1", &[]).await;
    assert_eq!(watch.event().await, "ADDED pod-00 Pending 2");
    store.advance(9);
    server.send_bookmarks();
    assert_eq!(watch.event().await, "BOOKMARK - - 9");
    put(&store, "pod-00", "Running");
    assert_eq!(watch.event().await, "MODIFIED pod-00 Running 10");
    assert_eq!(deaf.events(2).await, ["ADDED pod-00 Pending 2", "MODIFIED pod-00 Running 10"], "it asked for none");
}

#[tokio::test]
async fn bookmarks_are_sent_periodically() {
    let options = Options { bookmark_every: Duration::from_millis(20), ..Options::default() };
    let server = Server::start(filled(1), options).expect("a port");
    let mut watch = raw::watch(&server, "&resourceVersion=2").await;
    assert_eq!(watch.events(2).await, ["BOOKMARK - - 2", "BOOKMARK - - 2"]);
}

#[tokio::test]
async fn custom_resources_have_bookmarks_of_metadata_only() {
    let store = empty();
    store.serve(&vms());
    let server = serve(&store);
    let path = "/apis/kubevirt.io/v1/virtualmachines?watch=1&allowWatchBookmarks=1&resourceVersion=1";
    let mut watch = send(&server, "GET", path, &[]).await;
    server.send_bookmarks();
    let Next::Event(bookmark) = watch.next().await else { panic!("no bookmark") };
    assert_eq!(bookmark["object"].as_object().unwrap().len(), 3);
    assert_eq!(bookmark["object"]["kind"], "VirtualMachine");
}

#[tokio::test]
async fn what_enters_a_selection_is_added_and_what_leaves_it_is_deleted() {
    let store = filled(2);
    let server = serve(&store);
    let mut watch = raw::watch(&server, "&resourceVersion=3&fieldSelector=status.phase=Running").await;
    for (name, phase) in [("pod-00", "Running"), ("pod-01", "Failed"), ("pod-00", "Running"), ("pod-00", "Succeeded")] {
        put(&store, name, phase);
    }
    store.delete(&pods(), "story", "pod-00").expect("it is there");
    put(&store, "pod-02", "Running");
    store.delete(&pods(), "story", "pod-02").expect("it is there");
    let expected = [
        "ADDED pod-00 Running 4",
        "MODIFIED pod-00 Running 6",
        // In its last state inside, at the version that removed it.
        "DELETED pod-00 Running 7",
        "ADDED pod-02 Running 9",
        "DELETED pod-02 Running 10",
    ];
    assert_eq!(watch.events(5).await, expected);
}

#[tokio::test]
async fn a_namespaced_watch_does_not_see_other_namespaces() {
    let store = filled(1);
    let server = serve(&store);
    let mut watch = send(&server, "GET", "/api/v1/namespaces/story/pods?watch=true&resourceVersion=2", &[]).await;
    store.write(&pods(), Change::Added, pod("other", "x", "Pending").as_bytes()).expect("a pod");
    put(&store, "pod-00", "Running");
    assert_eq!(watch.event().await, "MODIFIED pod-00 Running 4");
}

#[tokio::test]
async fn metadata_only_watches_leave_everything_else_out() {
    let store = filled(1);
    let server = serve(&store);
    let accept = ("Accept", "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1");
    let path = "/api/v1/pods?watch=1&resourceVersion=1&allowWatchBookmarks=1&labelSelector=app=pod-00";
    let mut watch = send(&server, "GET", path, &[accept]).await;
    let Next::Event(event) = watch.next().await else { panic!("no event") };
    assert_eq!(event["object"]["kind"], "PartialObjectMetadata");
    assert_eq!(event["object"].as_object().unwrap().len(), 3);
    store.write(&pods(), Change::Modified, br#"{"metadata":{"name":"pod-00","namespace":"story"}}"#).expect("a pod");
    let Next::Event(event) = watch.next().await else { panic!("no event") };
    assert_eq!(raw::summary(&event), "DELETED pod-00 - 3");
    assert_eq!(event["object"]["metadata"]["labels"]["app"], "pod-00");
    server.send_bookmarks();
    let Next::Event(event) = watch.next().await else { panic!("no event") };
    assert_eq!((&event["type"], &event["object"]["kind"]), (&"BOOKMARK".into(), &"PartialObjectMetadata".into()));
}

#[tokio::test]
async fn a_watch_from_a_compacted_version_is_refused_in_its_stream_or_by_status() {
    let store = filled(5);
    store.compact(4).expect("a past revision");
    let server = serve(&store);
    let mut watch = raw::watch(&server, "&resourceVersion=3").await;
    let Next::Event(error) = watch.next().await else { panic!("no event") };
    assert_eq!((error["type"].as_str(), error["object"]["code"].as_u64()), (Some("ERROR"), Some(410)));
    assert_eq!(error["object"]["message"], "too old resource version: 3 (4)");
    assert_eq!(watch.next().await, Next::End);
    assert_eq!(raw::watch(&server, "&resourceVersion=4").await.event().await, "ADDED pod-03 Pending 5");

    let options = Options { gone: statetrail::replay::Gone::Http, ..Options::default() };
    let server = Server::start(store.clone(), options).expect("a port");
    let refused = get(&server, "/api/v1/pods?watch=1&resourceVersion=3").await;
    assert_eq!((refused.status, refused.json()["reason"].as_str()), (410, Some("Expired")));
}

#[tokio::test]
async fn a_restarted_server_forgets_watches_but_not_lists() {
    let store = filled(3);
    store.forget_watch_history();
    let server = serve(&store);
    let event = raw::watch(&server, "&resourceVersion=3").await.event().await;
    assert!(event.starts_with("ERROR"), "{event}");
    let list = get(&server, "/api/v1/pods?resourceVersion=3&resourceVersionMatch=Exact").await;
    assert_eq!(list.names(), ["pod-00", "pod-01"]);
    let mut watch = raw::watch(&server, "&resourceVersion=4").await;
    put(&store, "pod-00", "Running");
    assert_eq!(watch.event().await, "MODIFIED pod-00 Running 5");
}

#[tokio::test]
async fn a_watch_ends_properly_at_its_timeout() {
    let server = serve(&filled(1));
    let mut watch = raw::watch(&server, "&resourceVersion=1&timeoutSeconds=1").await;
    assert_eq!(watch.event().await, "ADDED pod-00 Pending 2");
    assert_eq!(watch.next().await, Next::End);
}
