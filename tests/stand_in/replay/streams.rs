//! Faults of connections, and streams at full speed.

use super::bounded;
use super::raw::{self, Next, get, send};
use super::script::{empty, filled, pod_at, pods, put, serve};
use statetrail::observation::Change;
use statetrail::replay::{Fault, Options, Server};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

fn inject(server: &Server, text: &str) {
    server.inject(Fault::parse(text).unwrap_or_else(|error| panic!("{error}")));
}

/// Everything that a client receives that resumes from the last version it saw.
async fn resuming(server: &Server, events: usize) -> (Vec<String>, Vec<Next>) {
    let (mut seen, mut ends, mut version) = (Vec::new(), Vec::new(), serde_json::Value::from("1"));
    while seen.len() < events {
        let mut watch = raw::watch(server, &format!("&resourceVersion={}", version.as_str().expect("a version"))).await;
        let end = loop {
            match watch.next().await {
                Next::Event(event) => {
                    seen.push(raw::summary(&event));
                    version = event["object"]["metadata"]["resourceVersion"].clone();
                    if seen.len() == events {
                        return (seen, ends);
                    }
                }
                end => break end,
            }
        };
        ends.push(end);
    }
    (seen, ends)
}

#[tokio::test]
async fn connections_cut_after_every_k_events_lose_nothing_to_a_resuming_client() {
    let server = serve(&filled(12));
    let (whole, _) = resuming(&server, 12).await;
    for every in 1..=12 {
        server.clear_faults();
        inject(&server, &format!("cut-after={every}"));
        let (seen, ends) = resuming(&server, 12).await;
        assert_eq!(seen, whole, "cut after every {every}");
        assert_eq!(ends.len(), 11 / every, "cut after every {every}");
        assert!(ends.iter().all(|end| *end == Next::Cut(0)), "{ends:?}");
    }
}

#[tokio::test]
async fn initial_events_are_cut_only_on_request() {
    let server = serve(&filled(3));
    inject(&server, "cut-after=1");
    let mut watch = raw::watch(&server, "&sendInitialEvents=true&resourceVersionMatch=NotOlderThan").await;
    let events = watch.events(4).await;
    assert_eq!(events[3], "BOOKMARK - - 4");
    put(server.store(), "pod-00", "Running");
    assert_eq!(watch.event().await, "MODIFIED pod-00 Running 5");
    assert_eq!(watch.next().await, Next::Cut(0));
    server.clear_faults();
    inject(&server, "cut-after=2,initial");
    let mut watch = raw::watch(&server, "&sendInitialEvents=true&resourceVersionMatch=NotOlderThan").await;
    watch.events(2).await;
    assert_eq!(watch.next().await, Next::Cut(0));
}

#[tokio::test]
async fn a_connection_is_cut_at_any_byte_of_an_event() {
    let server = serve(&filled(3));
    for bytes in [1, 9, 100, 150] {
        inject(&server, &format!("cut-within={bytes},event=2"));
        let mut watch = raw::watch(&server, "&resourceVersion=1").await;
        assert_eq!(watch.event().await, "ADDED pod-00 Pending 2");
        assert_eq!(watch.next().await, Next::Cut(bytes));
    }
    inject(&server, "cut-within=99999");
    let mut watch = raw::watch(&server, "&resourceVersion=1").await;
    let Next::Cut(bytes) = watch.next().await else { panic!("the event came whole") };
    assert!(bytes > 200, "all but the newline: {bytes}");
}

#[tokio::test]
async fn a_half_open_connection_is_silent_and_stays_open() {
    let store = filled(3);
    let server = serve(&store);
    inject(&server, "half-open-after=2");
    let mut watch = raw::watch(&server, "&resourceVersion=1").await;
    assert_eq!(watch.events(2).await, ["ADDED pod-00 Pending 2", "ADDED pod-01 Pending 3"]);
    put(&store, "pod-00", "Running");
    server.send_bookmarks();
    assert!(watch.is_silent().await);
    let mut again = raw::watch(&server, "&resourceVersion=3").await;
    assert_eq!(again.event().await, "ADDED pod-02 Pending 4");
    bounded("a shutdown that is not held up", server.shutdown()).await.expect("nothing had to be cut");
}

#[tokio::test]
async fn a_watch_can_be_closed_properly_after_some_events() {
    let server = serve(&filled(5));
    inject(&server, "close-after=2");
    let (seen, ends) = resuming(&server, 5).await;
    assert_eq!((seen.len(), ends), (5, vec![Next::End, Next::End]));
}

#[tokio::test]
async fn responses_have_the_given_chunks() {
    let server = serve(&filled(3));
    let plain = get(&server, "/api/v1/pods").await.body;
    inject(&server, "chunks=1");
    let mut watch = raw::watch(&server, "&resourceVersion=1").await;
    assert_eq!(watch.event().await, "ADDED pod-00 Pending 2");
    assert!(watch.chunks.len() > 200 && watch.chunks.iter().all(|size| *size == 1));
    assert_eq!(get(&server, "/api/v1/pods").await.body, plain);
    server.clear_faults();
    inject(&server, "chunks=7:1:300,verb=watch");
    let mut watch = raw::watch(&server, "&resourceVersion=1").await;
    watch.events(3).await;
    assert_eq!(watch.chunks[..4], [7, 1, 300, 7]);
}

#[tokio::test]
async fn responses_are_written_in_the_given_segments() {
    let server = serve(&filled(1));
    inject(&server, "segments=3");
    let mut socket = TcpStream::connect(server.address()).await.expect("the server listens");
    socket.write_all(b"GET /api/v1/pods HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").await.expect("sent");
    let (mut reads, mut bytes, mut buffer) = (0_usize, 0_usize, [0; 4096]);
    loop {
        let read = bounded("a segment", socket.read(&mut buffer)).await.expect("bytes");
        if read == 0 {
            break;
        }
        (reads, bytes) = (reads + 1, bytes + read);
    }
    assert!(bytes > 300 && reads > bytes / 6, "{bytes} bytes in {reads} reads");
}

#[tokio::test]
async fn a_list_is_cut_in_its_middle() {
    let server = serve(&filled(3));
    inject(&server, "cut-list=100");
    let mut list = send(&server, "GET", "/api/v1/pods", &[]).await;
    assert_eq!(list.next().await, Next::Cut(100));
    assert_eq!(get(&server, "/api/v1/pods").await.names().len(), 3);
}

#[tokio::test]
async fn all_connections_can_be_cut_at_once() {
    let server = serve(&filled(1));
    let mut watches = [raw::watch(&server, "").await, raw::watch(&server, "&resourceVersion=1").await];
    bounded("both watches", server.until(|server| server.open_watches() == 2)).await;
    server.cut();
    for watch in &mut watches {
        watch.event().await;
        assert_eq!(watch.next().await, Next::Cut(0));
    }
    bounded("the server's side", server.until(|server| server.open_watches() == 0)).await;
    assert_eq!(raw::watch(&server, "").await.event().await, "ADDED pod-00 Pending 2");
}

/// Pods of about 3.4 KB, `count` versions of 100 names.
fn long(count: u64) -> statetrail::replay::Store {
    let store = empty();
    let filler = "x".repeat(3_200);
    for version in 2..count + 2 {
        let name = format!("pod-{:02}", version % 100);
        store.apply(&pods(), Change::Modified, pod_at("story", &name, &filler, version).as_bytes()).expect("a pod");
    }
    store
}

#[tokio::test]
async fn a_client_that_does_not_read_is_disconnected() {
    let options = Options { send_buffer_bytes: Some(16 * 1024), ..Options::default() };
    let server = Server::start(long(8_000), options).expect("a port");
    inject(&server, "drop-slow=100ms");
    let mut watch = raw::watch(&server, "&resourceVersion=1").await;
    bounded("the drop", server.until(|server| server.count(statetrail::replay::Verb::Watch, "pods") == 1)).await;
    bounded("the drop", server.until(|server| server.open_watches() == 0)).await;
    let mut events = 0_usize;
    let end = loop {
        match watch.next().await {
            Next::Event(_) => events += 1,
            end => break end,
        }
    };
    assert!(matches!(end, Next::Cut(_)) && events < 8_000, "{end:?} after {events}");
}

#[tokio::test]
async fn a_long_backlog_is_sent_in_large_pieces_complete_and_in_order() {
    let store = long(2_000);
    let server = serve(&store);
    for query in ["&resourceVersion=1", "&resourceVersion=1&labelSelector=!none"] {
        let mut watch = raw::watch(&server, query).await;
        for version in 2..2_002 {
            let event = watch.event().await;
            assert!(event.ends_with(&format!(" {version}")), "{version}: {event}");
        }
        let mean = watch.chunks.iter().sum::<usize>() / watch.chunks.len();
        assert!(mean > 50_000, "{query}: chunks of {mean} bytes");
    }
}

#[tokio::test]
async fn watches_follow_a_writer_without_missing_an_event() {
    let store = empty();
    let server = serve(&store);
    let mut watches = [
        raw::watch(&server, "&resourceVersion=1").await,
        raw::watch(&server, "&sendInitialEvents=true&resourceVersionMatch=NotOlderThan").await,
        raw::watch(&server, "&resourceVersion=1&fieldSelector=metadata.namespace=story").await,
    ];
    assert_eq!(watches[1].event().await, "BOOKMARK - - 1");
    let writer = tokio::spawn(async move {
        for index in 0..3_000_u64 {
            put(&store, &format!("pod-{:02}", index % 7), "Running");
            if index % 5 == 0 {
                tokio::task::yield_now().await;
            }
        }
    });
    for watch in &mut watches {
        for version in 2..3_002 {
            let event = watch.event().await;
            assert!(event.ends_with(&format!(" {version}")), "{version}: {event}");
        }
    }
    writer.await.expect("the writer ends");
}
