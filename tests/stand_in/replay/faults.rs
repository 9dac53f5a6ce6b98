//! Faults of responses and events: all of the catalogue except those of the connection itself.

use super::raw::{self, Next, get, send};
use super::script::{empty, filled, pods, put, serve, vms};
use statetrail::observation::Change;
use statetrail::replay::{Fault, Server};
use std::io::Read;
use std::time::{Duration, Instant};

fn inject(server: &Server, text: &str) {
    server.inject(Fault::parse(text).unwrap_or_else(|error| panic!("{error}")));
}

#[tokio::test]
async fn status_faults_strike_as_often_as_given_and_only_matching_requests() {
    let server = serve(&filled(1));
    inject(&server, "http=429:2,retry-after=7,verb=list,resource=pods");
    assert_eq!(raw::watch(&server, "&resourceVersion=1").await.event().await, "ADDED pod-00 Pending 2");
    assert_eq!(get(&server, "/api/v1/namespaces").await.status, 200);
    for _ in 0..2 {
        let refused = get(&server, "/api/v1/pods").await;
        assert_eq!((refused.status, refused.header("retry-after")), (429, Some("7")));
        assert_eq!(refused.json()["reason"], "TooManyRequests");
    }
    assert_eq!(get(&server, "/api/v1/pods").await.status, 200);
    inject(&server, "http=503");
    let refused = get(&server, "/version").await;
    assert_eq!((refused.status, refused.header("retry-after")), (503, None));
}

#[tokio::test]
async fn faults_of_a_custom_resource_match_by_plural_or_by_plural_and_group() {
    let store = empty();
    store.serve(&vms());
    let server = serve(&store);
    let path = "/apis/kubevirt.io/v1/virtualmachines";
    inject(&server, "http=500,resource=virtualmachines.kubevirt.io");
    inject(&server, "http=504,resource=virtualmachines");
    inject(&server, "http=503,resource=virtualmachines.other.io,times=9");
    let mut statuses = Vec::new();
    for _ in 0..3 {
        statuses.push(get(&server, path).await.status);
    }
    assert_eq!(statuses, [500, 504, 200]);
    server.clear_faults();
}

#[tokio::test]
async fn a_changed_token_is_required() {
    let server = serve(&filled(1));
    server.expect_token(Some("new"));
    let with = async |token: &str| send(&server, "GET", "/api/v1/pods", &[("Authorization", token)]).await.status;
    assert_eq!(get(&server, "/version").await.status, 401);
    assert_eq!((with("Bearer old").await, with("new").await, with("Bearer new").await), (401, 401, 200));
    assert!(server.kubeconfig_yaml().contains(r#"token: "new""#));
    server.expect_token(None);
    assert_eq!(get(&server, "/version").await.status, 200);
}

#[tokio::test]
async fn gone_strikes_only_the_next_watch() {
    let server = serve(&filled(2));
    inject(&server, "gone");
    let event = raw::watch(&server, "&resourceVersion=2").await.event().await;
    assert!(event.starts_with("ERROR"), "{event}");
    assert_eq!(raw::watch(&server, "&resourceVersion=2").await.event().await, "ADDED pod-01 Pending 3");
    inject(&server, "gone=http,resource=pods");
    assert_eq!(raw::watch(&server, "").await.event().await, "ADDED pod-00 Pending 2", "it has no version");
    assert_eq!(get(&server, "/api/v1/pods?watch=1&resourceVersion=2").await.status, 410);
}

#[tokio::test]
async fn a_continue_token_expires_in_the_middle_of_a_list() {
    let server = serve(&filled(5));
    inject(&server, "expire-continue");
    let first = get(&server, "/api/v1/pods?limit=2").await.json();
    let path = format!("/api/v1/pods?limit=2&continue={}", first["metadata"]["continue"].as_str().unwrap());
    let expired = get(&server, &path).await;
    assert_eq!((expired.status, expired.json()["reason"].as_str()), (410, Some("Expired")));
    assert_eq!(get(&server, &path).await.names(), ["pod-02", "pod-03"]);
}

#[tokio::test]
async fn an_old_server_ignores_or_refuses_streaming_lists() {
    let server = serve(&filled(1));
    inject(&server, "no-initial-events");
    let query = "&sendInitialEvents=true&resourceVersionMatch=NotOlderThan";
    let mut watch = raw::watch(&server, query).await;
    assert_eq!(watch.event().await, "ADDED pod-00 Pending 2");
    server.send_bookmarks();
    let Next::Event(bookmark) = watch.next().await else { panic!("no bookmark") };
    assert!(bookmark["object"]["metadata"].get("annotations").is_none());
    server.clear_faults();
    inject(&server, "no-initial-events=refuse");
    let refused = get(&server, &format!("/api/v1/pods?watch=1{query}")).await;
    assert_eq!((refused.status, refused.json()["reason"].as_str()), (422, Some("Invalid")));
    assert_eq!(get(&server, "/api/v1/pods").await.status, 200);
}

#[tokio::test]
async fn bookmarks_have_the_requested_shape() {
    let server = serve(&filled(0));
    for (fault, spec) in [
        ("bookmarks=real", r#"Some({"containers":null})"#),
        ("bookmarks=null", "Some(null)"),
        ("bookmarks=bare", "None"),
    ] {
        server.clear_faults();
        inject(&server, fault);
        let mut watch = raw::watch(&server, "&resourceVersion=1").await;
        server.send_bookmarks();
        let Next::Event(bookmark) = watch.next().await else { panic!("no bookmark") };
        let found = bookmark["object"].get("spec").map(ToString::to_string);
        assert_eq!(found.map_or("None".to_owned(), |spec| format!("Some({spec})")), spec, "{fault}");
    }
    server.clear_faults();
    inject(&server, "bookmarks=off");
    let mut watch = raw::watch(&server, "&sendInitialEvents=true&resourceVersionMatch=NotOlderThan").await;
    server.send_bookmarks();
    put(server.store(), "pod-00", "Pending");
    assert_eq!(watch.event().await, "ADDED pod-00 Pending 2");
}

#[tokio::test]
async fn lists_are_compressed_for_clients_that_accept_it() {
    let server = serve(&filled(3));
    let accepting = [("Accept-Encoding", "gzip, deflate")];
    let plain = send(&server, "GET", "/api/v1/pods", &accepting).await.whole().await;
    assert_eq!(plain.header("content-encoding"), None, "small lists are not worth it");
    inject(&server, "gzip=on");
    let packed = send(&server, "GET", "/api/v1/pods", &accepting).await.whole().await;
    assert_eq!(packed.header("content-encoding"), Some("gzip"));
    let mut unpacked = Vec::new();
    flate2::read::GzDecoder::new(&packed.body[..]).read_to_end(&mut unpacked).expect("one gzip member");
    assert_eq!(unpacked, plain.body);
    assert_eq!(get(&server, "/api/v1/pods").await.body, plain.body);

    server.clear_faults();
    let large = "x".repeat(200_000);
    let pod = format!(r#"{{"metadata":{{"name":"large","namespace":"story"}},"status":{{"message":"{large}"}}}}"#);
    server.store().write(&pods(), Change::Added, pod.as_bytes()).expect("a pod");
    let packed = send(&server, "GET", "/api/v1/pods", &accepting).await.whole().await;
    assert_eq!(packed.header("content-encoding"), Some("gzip"));
}

#[tokio::test]
async fn an_undecodable_event_replaces_the_given_one() {
    let server = serve(&filled(4));
    for how in ["garbage", "truncated"] {
        inject(&server, &format!("garble={how},event=2"));
        let mut watch = raw::watch(&server, "&resourceVersion=1").await;
        assert_eq!(watch.event().await, "ADDED pod-00 Pending 2", "{how}");
        assert!(matches!(watch.next().await, Next::Garbage(_)), "{how}");
        assert_eq!(watch.event().await, "ADDED pod-02 Pending 4", "{how}");
    }
    inject(&server, "garble=shape,event=1,initial");
    let mut watch = raw::watch(&server, "").await;
    let Next::Event(event) = watch.next().await else { panic!("no event") };
    assert_eq!((&event["object"]["status"], &event["object"]["metadata"]["name"]), (&7.into(), &"pod-00".into()));
    assert_eq!(watch.event().await, "ADDED pod-01 Pending 3");
}

#[tokio::test]
async fn an_event_can_be_larger_than_a_mebibyte() {
    let server = serve(&filled(2));
    inject(&server, "oversize=1500000,event=1");
    let mut watch = raw::watch(&server, "&resourceVersion=1").await;
    let Next::Event(event) = watch.next().await else { panic!("no event") };
    assert_eq!(event["object"]["oversize"].as_str().map(str::len), Some(1_500_000));
    assert_eq!(raw::summary(&event), "ADDED pod-00 Pending 2");
    assert_eq!(watch.event().await, "ADDED pod-01 Pending 3");
}

#[tokio::test]
async fn exact_lists_can_be_refused() {
    let server = serve(&filled(2));
    let exact = "/api/v1/pods?resourceVersion=2&resourceVersionMatch=Exact";
    inject(&server, "refuse-exact");
    assert_eq!(get(&server, exact).await.status, 400);
    server.clear_faults();
    inject(&server, "refuse-exact=501");
    assert_eq!(get(&server, exact).await.status, 501);
    assert_eq!(get(&server, "/api/v1/pods").await.status, 200);
}

#[tokio::test]
async fn a_delay_holds_the_answer_back() {
    let server = serve(&filled(1));
    inject(&server, "delay=80ms,times=1,verb=list");
    let asked = Instant::now();
    assert_eq!(get(&server, "/api/v1/pods").await.status, 200);
    assert!(asked.elapsed() >= Duration::from_millis(80));
}

#[tokio::test]
async fn a_lag_of_one_resource_puts_effect_before_cause() {
    let store = empty();
    store.serve(&vms());
    let server = serve(&store);
    inject(&server, "lag=200ms,resource=pods");
    let mut pod = raw::watch(&server, "&resourceVersion=1").await;
    let mut vm = send(&server, "GET", "/apis/kubevirt.io/v1/virtualmachines?watch=1&resourceVersion=1", &[]).await;
    put(&store, "pod-00", "Running");
    store.write(&vms(), Change::Added, br#"{"metadata":{"name":"vm","namespace":"story"}}"#).expect("a VM");
    let first = tokio::select! {
        event = pod.event() => event,
        event = vm.event() => event,
    };
    assert_eq!(first, "ADDED vm - 3");
    assert_eq!(pod.event().await, "ADDED pod-00 Running 2");
}

#[tokio::test]
async fn a_withheld_resource_is_not_served_until_it_is_installed() {
    let store = empty();
    store.withhold(&vms());
    let server = serve(&store);
    let path = "/apis/kubevirt.io/v1/virtualmachines";
    let before = get(&server, path).await;
    assert_eq!((before.status, before.body.as_slice()), (404, b"404 page not found\n".as_slice()));
    assert_eq!(get(&server, "/apis/kubevirt.io/v1").await.status, 404);
    let unknown = get(&server, "/api/v1/unicorns").await;
    assert_eq!((unknown.status, unknown.json()["reason"].as_str()), (404, Some("NotFound")));
    store.serve(&vms());
    assert_eq!(get(&server, path).await.names(), Vec::<String>::new());
    let mut watch = send(&server, "GET", &format!("{path}?watch=1&resourceVersion=1"), &[]).await;
    store.withhold(&vms());
    assert_eq!(watch.next().await, Next::End, "its definition was deleted");
}
