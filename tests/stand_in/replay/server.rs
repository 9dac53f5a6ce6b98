//! The server as a whole: discovery, refusals, start and stop.

use super::bounded;
use super::raw::{self, Next, get, send};
use super::script::{empty, filled, pods, put, serve, vms};
use statetrail::observation::Change;
use statetrail::replay::{Error, Fault, Options, Server, Verb};
use std::time::Duration;

#[tokio::test]
async fn discovery_lists_what_is_served() {
    let store = filled(1);
    store.serve(&vms());
    let server = serve(&store);
    assert_eq!(get(&server, "/version").await.json()["gitVersion"], "v1.36.4");
    assert_eq!(get(&server, "/version").await.json()["minor"], "36");
    assert_eq!(get(&server, "/api").await.json()["versions"][0], "v1");
    let groups = get(&server, "/apis").await.json();
    assert_eq!(groups["groups"][0]["preferredVersion"]["groupVersion"], "kubevirt.io/v1");
    assert_eq!(get(&server, "/apis/kubevirt.io").await.json()["kind"], "APIGroup");
    let core = get(&server, "/api/v1").await.json();
    assert_eq!((&core["groupVersion"], &core["resources"][0]["kind"]), (&"v1".into(), &"Pod".into()));
    let kubevirt = get(&server, "/apis/kubevirt.io/v1").await.json();
    assert_eq!(kubevirt["resources"][0]["name"], "virtualmachines");
    assert_eq!(kubevirt["resources"][0]["namespaced"], true);
    let accept = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json";
    let aggregated = send(&server, "GET", "/apis", &[("Accept", accept)]).await.whole().await.json();
    let version = &aggregated["items"][0]["versions"][0];
    assert_eq!(version["resources"][0]["responseKind"]["kind"], "VirtualMachine", "{aggregated}");
    assert_eq!(get(&server, "/openapi/v3").await.json()["paths"], serde_json::json!({}));
    for path in ["/apis/other.io", "/apis/other.io/v1", "/api/v1/pods/a/b/c/d"] {
        assert_eq!(get(&server, path).await.status, 404, "{path}");
    }
    assert_eq!(get(&server, "/readyz").await.body, b"ok");
}

#[tokio::test]
async fn kube_system_identifies_the_cluster() {
    let options = Options { cluster_uid: "11111111-2222-4333-8444-555555555555".to_owned(), ..Options::default() };
    let server = Server::start(filled(1), options).expect("a port");
    let namespace = get(&server, "/api/v1/namespaces/kube-system").await.json();
    assert_eq!(namespace["metadata"]["uid"], "11111111-2222-4333-8444-555555555555");
    assert_eq!(get(&server, "/api/v1/namespaces").await.names(), ["default", "kube-system", "story"]);
    assert_eq!(get(&server, "/api/v1/namespaces?fieldSelector=metadata.name=story").await.names(), ["story"]);
    assert_eq!(get(&server, "/api/v1/namespaces/none").await.status, 404);
}

#[tokio::test]
async fn writes_are_refused() {
    let server = serve(&filled(1));
    for method in ["POST", "PUT", "PATCH", "DELETE"] {
        let refused = send(&server, method, "/api/v1/namespaces/story/pods/pod-00", &[]).await.whole().await;
        let json = refused.json();
        assert_eq!((refused.status, json["reason"].as_str()), (405, Some("MethodNotAllowed")), "{method}");
        assert!(json["message"].as_str().unwrap().contains("replays a recording"));
    }
}

#[tokio::test]
async fn requests_are_recorded_with_their_responses() {
    let server = serve(&filled(1));
    server.inject(Fault::parse("http=503,verb=watch").expect("a fault"));
    get(&server, "/api/v1/pods?limit=1").await;
    get(&server, "/api/v1/pods?watch=1").await;
    get(&server, "/api/v1/namespaces/story/pods/none").await;
    let recorded: Vec<_> =
        server.requests().into_iter().map(|asked| (asked.verb, asked.resource, asked.path, asked.status)).collect();
    let pods = || "pods".to_owned();
    assert_eq!(
        recorded,
        [
            (Verb::List, pods(), "/api/v1/pods?limit=1".to_owned(), Some(200)),
            (Verb::Watch, pods(), "/api/v1/pods?watch=1".to_owned(), Some(503)),
            (Verb::Get, pods(), "/api/v1/namespaces/story/pods/none".to_owned(), Some(404)),
        ]
    );
    assert_eq!((server.count(Verb::List, "pods"), server.open_watches()), (1, 0));
}

#[tokio::test]
async fn the_start_of_watches_can_be_awaited() {
    let store = empty();
    store.serve(&vms());
    let server = serve(&store);
    let wanted = [pods(), vms()];
    let mut wait = std::pin::pin!(server.until_watched(&wanted));
    let _pods = raw::watch(&server, "").await;
    assert!(tokio::time::timeout(Duration::from_millis(20), &mut wait).await.is_err(), "VMs are not watched");
    let _vms = send(&server, "GET", "/apis/kubevirt.io/v1/virtualmachines?watch=1", &[]).await;
    bounded("both watches", wait).await;
}

#[tokio::test]
async fn a_shutdown_ends_watches_properly_and_joins() {
    let server = serve(&filled(1));
    let mut watch = raw::watch(&server, "&resourceVersion=1").await;
    assert_eq!(watch.event().await, "ADDED pod-00 Pending 2");
    bounded("the shutdown", server.shutdown()).await.expect("every connection ends");
    assert_eq!(watch.next().await, Next::End);
}

#[tokio::test]
async fn a_shutdown_is_bounded() {
    let options = Options { drain: Duration::from_millis(50), ..Options::default() };
    let server = Server::start(filled(1), options).expect("a port");
    server.inject(Fault::parse("delay=1h").expect("a fault"));
    let url = server.address();
    let stuck = tokio::spawn(async move {
        use tokio::io::{AsyncReadExt, AsyncWriteExt};
        let mut socket = tokio::net::TcpStream::connect(url).await.expect("the server listens");
        socket.write_all(b"GET /version HTTP/1.1\r\nHost: localhost\r\n\r\n").await.expect("sent");
        socket.read(&mut [0; 8]).await
    });
    bounded("the request", server.until(|server| !server.requests().is_empty())).await;
    let error = bounded("the shutdown", server.shutdown()).await.expect_err("one response was pending");
    assert!(matches!(error, Error::Drain { connections: 1 }), "{error}");
    let _ = bounded("the client", stuck).await;
}

#[tokio::test]
async fn a_killed_server_can_be_started_again_on_its_port() {
    let store = filled(2);
    let server = serve(&store);
    let address = server.address();
    let mut watch = raw::watch(&server, "&resourceVersion=2").await;
    assert_eq!(watch.event().await, "ADDED pod-01 Pending 3");
    bounded("the kill", server.kill()).await;
    assert!(matches!(watch.next().await, Next::Cut(_)));
    put(&store, "pod-00", "Running");
    let server = Server::start(store.clone(), Options { address, ..Options::default() }).expect("the same port");
    let mut watch = raw::watch(&server, "&resourceVersion=3").await;
    assert_eq!(watch.event().await, "MODIFIED pod-00 Running 4");
    let taken = Server::start(store, Options { address, ..Options::default() }).expect_err("the port is taken");
    assert!(taken.to_string().contains("choose a free port"), "{taken}");
}

#[tokio::test]
async fn the_store_refuses_impossible_writes() {
    let store = filled(2);
    let apply = |object: &str| store.apply(&pods(), Change::Modified, object.as_bytes());
    let order = apply(r#"{"metadata":{"name":"a","resourceVersion":"3"}}"#).expect_err("it is at 3");
    assert!(order.to_string().contains("the store is already at 3; sort the script"), "{order}");
    for broken in [
        "[]",
        "{}",
        "{\"metadata\":{}}",
        "{\"metadata\":{\"name\":\"a\"}}",
        "{\"metadata\":{\"name\":\"a\",\"resourceVersion\":\"x\"}}",
        "not json",
        "{\"metadata\":7}",
    ] {
        assert!(apply(broken).is_err(), "{broken}");
    }
    assert!(store.delete(&pods(), "story", "none").is_err());
    assert!(store.delete(&vms(), "story", "none").is_err());
    assert!(store.write(&vms(), Change::Deleted, br#"{"metadata":{"name":"none"}}"#).is_err());
    assert_eq!(store.revision().as_str(), "3");
    assert_eq!(get(&serve(&store), "/apis/kubevirt.io/v1").await.status, 404, "a refused write serves nothing");
}
