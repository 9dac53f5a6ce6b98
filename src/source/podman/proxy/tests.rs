use super::super::super::clock::Clock;
use super::super::super::proxy::{Calls, Exchange as _, Known, relay, watched};
use super::exchange::Http1;
use super::request;
use crate::kinds::LibpodCall as Call;
use proptest::prelude::*;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::UnixStream;

/// What comes on a connection, in an order that can be.
#[derive(Clone, Debug)]
enum Comes {
    /// From the client.
    Asks(Vec<u8>),
    /// From the service, once everything before it has passed.
    Says(Vec<u8>),
}

use Comes::{Asks, Says};

fn asks(text: &str) -> Comes {
    Asks(text.as_bytes().to_vec())
}

fn says(text: &str) -> Comes {
    Says(text.as_bytes().to_vec())
}

/// What was recorded of a connection on which this comes, in pieces of these sizes, and what passed to the service.
fn recorded(comes: &[Comes], sizes: &[usize]) -> (Vec<String>, Vec<u8>) {
    let calls: Calls<Call> = Calls::after(0, Clock::start(Duration::ZERO)).unwrap();
    let mut exchange = Http1::new(calls.clone());
    let mut sizes = sizes.iter().copied().cycle();
    let (mut held, mut passed) = (Vec::new(), Vec::new());
    let pass = |exchange: &mut Http1, held: &mut Vec<u8>, passed: &mut Vec<u8>| {
        let passing = exchange.requested(held);
        passed.extend(held.drain(..passing));
    };
    for part in comes {
        let (Asks(bytes) | Says(bytes)) = part;
        let mut rest = &bytes[..];
        while !rest.is_empty() {
            let (piece, after) = rest.split_at(sizes.next().unwrap_or(rest.len()).min(rest.len()));
            rest = after;
            if matches!(part, Asks(_)) {
                held.extend_from_slice(piece);
            } else {
                exchange.answered(piece);
            }
            pass(&mut exchange, &mut held, &mut passed);
        }
    }
    exchange.ended();
    pass(&mut exchange, &mut held, &mut passed);
    passed.append(&mut held);
    drop(exchange);
    let (known, is_unread) = calls.known();
    let mut told: Vec<String> = known
        .into_iter()
        .map(|(name, known): (_, Known<Call>)| match known {
            Ok(Call { state, code, message, .. }) => {
                let code = code.map(|code| format!(" {code}")).unwrap_or_default();
                let message = if message.is_empty() { String::new() } else { format!(" {message}") };
                format!("{name} {state:?}{code}{message}")
            }
            Err(why) => format!("{name}: {why}"),
        })
        .collect();
    told.extend(is_unread.then(|| "unread".to_owned()));
    (told, passed)
}

/// Connections with everything that HTTP/1.1 has, and what is recorded of them.
#[expect(clippy::too_many_lines, reason = "a table")]
fn connections() -> Vec<(Vec<Comes>, Vec<&'static str>)> {
    let long_head = format!("GET /a HTTP/1.1\r\nX: {}\r\n\r\n", "x".repeat(super::body::MOST_HEAD));
    let many = (0..200).map(|number| format!("X-{number}: 1\r\n")).collect::<Vec<_>>().concat();
    vec![
        // One after another, and two at once.
        (
            vec![
                asks("GET /_ping HTTP/1.1\r\nHost: d\r\n\r\n"),
                says("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nOK"),
                asks("GET /v4.3.1/libpod/containers/web/json HTTP/1.1\r\n\r\nHEAD /_ping HTTP/1.1\r\n\r\n"),
                says("HTTP/1.1 404 Not Found\r\nContent-Length: 46\r\n\r\n"),
                says(
                    "{\"cause\":\"none\",\"message\":\"no such container\"}HTTP/1.1 200 OK\r\nContent-Length:9\r\n\r\n",
                ),
                asks("GET /info HTTP/1.1\r\n\r\n"),
                says("HTTP/1.1 204 No Content\r\n\r\n"),
            ],
            vec![
                "_ping.1 Calling",
                "_ping.1 Answered 200",
                "containers.json.web.2 Calling",
                "_ping.3 Calling",
                "containers.json.web.2 Refused 404 no such container",
                "_ping.3 Answered 200",
                "info.4 Calling",
                "info.4 Answered 204",
            ],
        ),
        // Chunks with extensions and trailers, a body that looks like a request, and an answer before it is whole.
        (
            vec![
                asks("POST /build?t=a%2Fb:1 HTTP/1.1\r\nTransfer-Encoding: chunked\r\nExpect: 100-continue\r\n\r\n"),
                says("HTTP/1.1 100 Continue\r\n\r\n"),
                asks("1a;a=b\r\nGET /_ping HTTP/1.1\r\n\r\nxxx\r\n0\r\nTrailer: a\r\n\r\n"),
                says("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n11\r\n{\"stream\":\"one\"}\n\r\n"),
                says("5\r\n{\"err\r\na\r\nor\":\"no\"}\n\r\n0\r\n\r\n"),
                asks("POST /libpod/images/load HTTP/1.1\r\nContent-Length: 4\r\n\r\nab"),
                says("HTTP/1.1 500 Oh\r\nContent-Length: 2\r\n\r\n{}"),
                asks("cdDELETE /volumes/v HTTP/1.1\r\n\r\n"),
            ],
            vec![
                "build.a/b:1.1 Calling",
                "build.a/b:1.1 Failed 200",
                "images.load.2 Calling",
                "images.load.2 Refused 500",
                "volumes.delete.v.3 Calling",
                "volumes.delete.v.3 Dropped",
            ],
        ),
        // What is said of several objects, and an address that may be secret.
        (
            vec![
                asks("DELETE /v4.0.0/libpod/images/remove?images=a HTTP/1.1\r\n\r\n"),
                says("HTTP/1.1 200 OK\r\nContent-Length: 28\r\n\r\n{\"ExitCode\":1,\"Errors\":[\"\"]}"),
                asks("DELETE /v4.0.0/libpod/images/remove?images=a HTTP/1.1\r\n\r\n"),
                says("HTTP/1.1 200 OK\r\nContent-Length: 28\r\n\r\n{\"ExitCode\":0,\"Errors\":null}"),
                asks("POST /v4.0.0/libpod/volumes/prune HTTP/1.1\r\n\r\n"),
                says("HTTP/1.1 200 OK\r\nContent-Length: 19\r\n\r\n[{\"Id\":1,\"Err\":{}}]"),
                asks("POST /libpod/images/import?url=a HTTP/1.1\r\n\r\n"),
                says("HTTP/1.1 500 Oh\r\nContent-Length: 56\r\n\r\n"),
                says("{\"message\":\"get http://u:p@h/x?s=secret: u:p@h/y a:b@c\"}"),
            ],
            vec![
                "images.remove.1 Calling",
                "images.remove.1 Failed 200",
                "images.remove.2 Calling",
                "images.remove.2 Answered 200",
                "volumes.prune.3 Calling",
                "volumes.prune.3 Failed 200",
                "images.import.4 Calling",
                "images.import.4 Refused 500 get http://h/x h/y a:b@c",
            ],
        ),
        // A connection that is handed over, with bytes that follow at once; and one that is not.
        (
            vec![
                asks(
                    "POST /exec/e/start HTTP/1.1\r\nUpgrade: tcp\r\nContent-Length: 2\r\n\r\n{}GET / HTTP/1.1\r\n\r\n",
                ),
                says("HTTP/1.1 101 UPGRADED\r\nUpgrade: tcp\r\n\r\nHTTP/1.1 500 no\r\n\r\n"),
                asks("bytes"),
            ],
            vec!["exec.start.e.1 Calling", "exec.start.e.1 Upgraded 101", "exec.start.e.1 Closed 101"],
        ),
        (
            vec![
                asks("POST /containers/c/attach HTTP/1.1\r\n\r\n"),
                says("HTTP/1.1 200 OK\r\nContent-Type: application/vnd.docker.raw-stream\r\n\r\nout"),
                asks("GET /no HTTP/1.1\r\n\r\n"),
            ],
            vec![
                "containers.attach.c.1 Calling",
                "containers.attach.c.1 Upgraded 200",
                "containers.attach.c.1 Closed 200",
            ],
        ),
        (
            vec![
                asks("POST /exec/e/start HTTP/1.1\r\nUpgrade: tcp\r\n\r\nGET /_ping HTTP/1.1\r\n\r\n"),
                says("HTTP/1.1 409 Conflict\r\nContent-Length: 0\r\n\r\n"),
                says("HTTP/1.1 200 OK\r\n\r\nto the end"),
            ],
            vec!["exec.start.e.1 Calling", "exec.start.e.1 Refused 409", "_ping.2 Calling", "_ping.2 Answered 200"],
        ),
        // What cannot be read.
        (vec![asks("GET /a HTTP/1.1\r\n"), asks(&many), asks("\r\n")], vec!["unknown.1 Calling", "unknown.1 Dropped"]),
        (vec![asks(&long_head)], vec!["unread"]),
        (vec![asks("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")], vec!["unread"]),
        (
            vec![
                asks(
                    "POST /auth HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nGET /_ping HTTP/1.1\r\n\r\n",
                ),
                says("HTTP/1.1 400 Bad Request\r\n\r\n"),
            ],
            vec!["unread"],
        ),
        (
            vec![asks("GET /_ping HTTP/1.1\r\n\r\n"), says("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n")],
            vec!["_ping.1 Calling", "_ping.1: its answer could not be read"],
        ),
        (
            vec![
                asks("GET /_ping HTTP/1.1\r\n\r\n"),
                says("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n"),
            ],
            vec!["_ping.1 Calling", "_ping.1: its answer could not be read"],
        ),
        (
            vec![
                asks("GET /_ping HTTP/1.1\r\n\r\n"),
                says("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n"),
                asks("GET /info HTTP/1.1\r\n\r\n"),
            ],
            vec![
                "_ping.1 Calling",
                "_ping.1: its answer could not be read",
                "info.2 Calling",
                "info.2: its answer could not be read",
            ],
        ),
        (
            vec![asks("POST /build HTTP/1.0\r\n\r\n"), says("HTTP/1.0 200 OK\r\n\r\n{\"stream\":\"a\"}")],
            vec!["build.1 Calling", "build.1: its answer ends with the connection: whether it is whole is not known"],
        ),
        // The service goes away in the middle.
        (
            vec![
                asks("POST /build HTTP/1.1\r\n\r\n"),
                says("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab"),
            ],
            vec!["build.1 Calling", "build.1 Dropped 200"],
        ),
        // Of one of several objects, at some depth, and where there is a name for it and nothing in it.
        (
            vec![
                asks("DELETE /libpod/containers/web?depend=1 HTTP/1.1\r\n\r\n"),
                says("HTTP/1.1 200 OK\r\nContent-Length: 30\r\n\r\n[{\"Id\":\"a\"},{\"Err\":\"it runs\"}]"),
                asks("POST /libpod/play/kube HTTP/1.1\r\n\r\n"),
                says("HTTP/1.1 200 OK\r\nContent-Length: 43\r\n\r\n{\"Pods\":[{\"ContainerErrors\":[\"starting\"]}]}"),
                asks("POST /libpod/system/prune HTTP/1.1\r\n\r\n"),
                says(
                    "HTTP/1.1 200 OK\r\nContent-Length: 43\r\n\r\n{\"R\":[{\"Err\":null,\"Errors\":[]}],\"error\":\"\"}",
                ),
                asks("GET /libpod/containers/stats HTTP/1.1\r\n\r\n"),
                says("HTTP/1.1 200 OK\r\nContent-Length: 25\r\n\r\n{\"Error\":{},\"Stats\":null}"),
            ],
            vec![
                "containers.delete.web.1 Calling",
                "containers.delete.web.1 Failed 200",
                "play.kube.2 Calling",
                "play.kube.2 Failed 200",
                "system.prune.3 Calling",
                "system.prune.3 Answered 200",
                "containers.stats.4 Calling",
                "containers.stats.4 Failed 200",
            ],
        ),
        // A build of a folder of the service's machine, and what only a later version knows.
        (
            vec![
                asks("POST /v5.8.0/libpod/local/build?t=a HTTP/1.1\r\n\r\n"),
                says("HTTP/1.1 200 OK\r\nContent-Length: 14\r\n\r\n{\"error\":\"no\"}"),
                asks("POST /libpod/later HTTP/1.1\r\n\r\n"),
                says("HTTP/1.1 200 OK\r\nContent-Length: 14\r\n\r\n{\"error\":\"no\"}"),
                asks("POST /libpod/later HTTP/1.1\r\n\r\n"),
                says("HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n{\"Id\":\"ok\"}"),
            ],
            vec![
                "build.a.1 Calling",
                "build.a.1 Failed 200",
                "unknown.2 Calling",
                "unknown.2 Failed 200",
                "unknown.3 Calling",
                "unknown.3 Answered 200",
            ],
        ),
        // After it said an error.
        (
            vec![
                asks("POST /build HTTP/1.1\r\n\r\n"),
                says("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nf\r\n{\"error\":\"no\"}\n\r\n"),
            ],
            vec!["build.1 Calling", "build.1 Failed 200"],
        ),
    ]
}

#[test]
fn requests_and_answers_are_read_as_http_has_them() {
    for (comes, meant) in connections() {
        let (told, _) = recorded(&comes, &[usize::MAX]);
        assert_eq!(told, meant, "{comes:.300?}");
    }
}

proptest! {
    // Heads of a megabyte are among them.
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn however_the_bytes_are_split_the_calls_are_the_same_and_the_bytes_pass_unchanged(
        sizes in prop::collection::vec(prop_oneof![1_usize..4, 1_usize..40, 1_usize..70_000], 1..20),
    ) {
        for (comes, _) in connections() {
            // A head of a megabyte in single bytes would be read again a million times.
            let is_long = comes.iter().any(|part| matches!(part, Asks(bytes) if bytes.len() > 100_000));
            let sizes: Vec<usize> = sizes.iter().map(|size| if is_long { size + 60_000 } else { *size }).collect();
            let (told, passed) = recorded(&comes, &sizes);
            prop_assert_eq!(told, recorded(&comes, &[usize::MAX]).0);
            let asked: Vec<u8> = comes.iter().flat_map(|part| match part {
                Asks(bytes) => bytes.clone(),
                Says(_) => Vec::new(),
            }).collect();
            prop_assert_eq!(passed, asked);
        }
    }

    #[test]
    fn nothing_panics_whatever_comes(
        parts in prop::collection::vec((any::<bool>(), prop::collection::vec(any::<u8>(), 0..60)), 0..6),
    ) {
        let mut comes = vec![asks("POST /build HTTP/1.1\r\n\r\n"), says("HTTP/1.1 200 OK\r\n")];
        comes.extend(parts.into_iter().map(|(is_asked, bytes)| if is_asked { Asks(bytes) } else { Says(bytes) }));
        let (told, passed) = recorded(&comes, &[7]);
        let asked: usize = comes.iter().map(|part| if let Asks(bytes) = part { bytes.len() } else { 0 }).sum();
        prop_assert!(!told.is_empty());
        prop_assert_eq!(passed.len(), asked);
    }
}

#[test]
fn a_call_is_named_by_what_is_asked_and_of_what_without_what_may_be_secret() {
    for (asked, meant) in [
        ("GET /v4.3.1/libpod/_ping", "_ping /libpod/_ping"),
        ("GET http://d/v1.41/containers/json?all=1", "containers.json /containers/json all=1"),
        ("POST /libpod/containers/web%2Fx/start", "containers.start.web/x /libpod/containers/{name}/start"),
        ("DELETE /libpod/containers/web?force=true", "containers.delete.web /libpod/containers/{name} force=true"),
        ("DELETE /images/quay.io/a/json", "images.delete.quay.io/a/json /images/{name}"),
        ("GET /libpod/images/quay.io/a/b:1/json", "images.json.quay.io/a/b:1 /libpod/images/{name}/json"),
        ("POST /containers/create?name=web", "containers.create.web /containers/create name=web"),
        ("GET /libpod/containers/web/attach/ws", "containers.attach.ws.web /libpod/containers/{name}/attach/ws"),
        ("GET /volumes", "volumes.get /volumes"),
        ("GET /images/docker://a/json", "images.json.docker:/a /images/{name}/json"),
        (
            "GET /exec/636b9e4171f0067d8477f37ebb5b42eb757360da7b6e6425a71c76fc1fdc3861/json",
            "exec.json.636b9e4171f0 /exec/{name}/json",
        ),
        (
            "POST /libpod/build?t=a:1&t=b:1&buildargs=%7B%22S%22:1%7D&nocache=1",
            "build.a:1 /libpod/build nocache=1 t=a:1,b:1",
        ),
        ("POST /build?remote=https://s3c@host/r%3Ftoken=s3c", "build /build remote=https://host/r"),
        ("POST /build?remote=s3c@host/r", "build /build remote=host/r"),
        ("POST /libpod/images/pull?reference=u:s3c@h/x", "images.pull.h/x /libpod/images/pull reference=h/x"),
        ("GET /images/u:s3c@h/x/json", "images.json.h/x /images/{name}/json"),
        (
            "POST /libpod/containers/web/shouldrestart",
            "containers.shouldrestart.web /libpod/containers/{name}/shouldrestart",
        ),
        ("POST /build?remote=ht%20tp://s3c@host", "build /build remote=..."),
        (
            "POST /libpod/images/pull?reference=alpine@sha256:0",
            "images.pull.alpine@sha256:0 /libpod/images/pull reference=alpine@sha256:0",
        ),
        ("GET /s3c/web?name=a", "unknown.a unknown name=a"),
        (
            "POST /v5.8.0/libpod/manifests/localhost%2Fzz:1/registry/docker:%2F%2Fu:s3c@h:1%2Fy?all=true",
            "manifests.registry.localhost/zz:1 /libpod/manifests/{name}/registry/{destination} all=true",
        ),
        (
            "POST /libpod/manifests/a/b/registry/u:s3c@h/registry/y",
            "manifests.registry.a/b /libpod/manifests/{name}/registry/{destination}",
        ),
        ("DELETE /images/x/docker://u:s3c@h/y", "images.delete.x/docker:/h/y /images/{name}"),
        ("DELETE /images/docker:%2F%2Fu:s3c@h", "images.delete.docker://h /images/{name}"),
        ("GET /images/a:1@sha256:0/json", "images.json.a:1@sha256:0 /images/{name}/json"),
        ("POST /v5.8.0/libpod/local/build?localcontextdir=/s3c&t=a:1", "build.a:1 /libpod/local/build t=a:1"),
        ("POST /libpod/local/images/load?path=/s3c", "images.load /libpod/local/images/load"),
        ("POST /libpod/artifacts/local/add?name=a", "artifacts.local.add.a /libpod/artifacts/local/add name=a"),
        ("POST /libpod/exec/e/remove", "exec.remove.e /libpod/exec/{name}/remove"),
        ("POST /libpod/images/scp/a/b", "images.scp.a/b /libpod/images/scp/{name}"),
        ("POST /libpod/images/scp/a/tag?repo=b", "images.tag.scp/a /libpod/images/{name}/tag repo=b"),
        ("GET /libpod/quadlets/a.container/file", "quadlets.file.a.container /libpod/quadlets/{name}/file"),
        ("GET /libpod/secrets/s/json", "secrets.json.s /libpod/secrets/{name}/json"),
        ("OPTIONS *", "unknown unknown"),
    ] {
        let (method, target) = asked.split_once(' ').unwrap();
        let call = request::call(method, target);
        let named = super::super::super::proxy::Call::name(&call);
        let query = call.query.iter().map(|(name, value)| format!(" {name}={value}")).collect::<Vec<_>>().concat();
        assert_eq!(format!("{named} {}{query}", call.path), meant, "{asked}");
        assert!(!format!("{call:?}").contains("s3c"), "{call:?}");
    }
}

#[tokio::test]
async fn a_client_that_is_still_sending_gets_its_refusal_and_one_that_is_early_its_upgrade() {
    let calls: Calls<Call> = Calls::after(0, Clock::start(Duration::ZERO)).unwrap();
    for (asked, answer) in [
        ("POST /build HTTP/1.1\r\nContent-Length: 99999999\r\n\r\n", "HTTP/1.1 413 no\r\nContent-Length: 0\r\n\r\n"),
        ("POST /exec/e/start HTTP/1.1\r\nUpgrade: tcp\r\n\r\n", "HTTP/1.1 101 UPGRADED\r\n\r\n"),
    ] {
        let ((mut client, near), (far, mut service)) = (UnixStream::pair().unwrap(), UnixStream::pair().unwrap());
        let relay = tokio::spawn(relay(Http1::new(calls.clone()), watched(&calls, near), watched(&calls, far)));
        let serving = tokio::spawn(async move {
            let mut got = vec![0; asked.len()];
            service.read_exact(&mut got).await.unwrap();
            service.write_all(answer.as_bytes()).await.unwrap();
            // Before it is closed, something more came, which is not read.
            service.readable().await.unwrap();
            got
        });
        client.write_all(asked.as_bytes()).await.unwrap();
        while client.write_all(&[b'x'; 4096]).await.is_ok() {}
        let mut told = Vec::new();
        let _ = client.read_to_end(&mut told).await;
        assert_eq!(String::from_utf8_lossy(&told), answer);
        assert_eq!(serving.await.unwrap(), asked.as_bytes());
        drop(client);
        tokio::time::timeout(Duration::from_secs(30), relay).await.expect("it ends").unwrap();
    }
    let states = calls.known().0.into_iter().map(|(name, known)| (name, known.unwrap().state)).collect::<Vec<_>>();
    let states: Vec<String> = states.into_iter().map(|(name, state)| format!("{name} {state:?}")).collect();
    let meant = [
        "build.1 Calling",
        "build.1 Refused",
        "exec.start.e.2 Calling",
        "exec.start.e.2 Upgraded",
        "exec.start.e.2 Closed",
    ];
    assert_eq!(states, meant);
}

#[tokio::test]
async fn a_call_whose_client_is_gone_ends_as_its_answer_said_before_whatever_the_service_says_then() {
    const STREAM: &str = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    for (answer, meant) in [
        (STREAM.to_owned(), "Dropped 200"),
        (format!("{STREAM}10\r\n{{\"stream\":\"a\"}}\n\n\r\n"), "Dropped 200"),
        (format!("{STREAM}10\r\n{{\"error\":\"no\"}}\n\n\r\n"), "Failed 200"),
        (format!("{STREAM}e\r\n{{\"error\":\"no\"}}\r\n"), "Failed 200"),
        ("HTTP/1.1 500 no\r\nContent-Length: 100\r\n\r\n".to_owned(), "Refused 500"),
    ] {
        let calls: Calls<Call> = Calls::after(0, Clock::start(Duration::ZERO)).unwrap();
        let ((mut client, near), (far, mut service)) = (UnixStream::pair().unwrap(), UnixStream::pair().unwrap());
        let relay = tokio::spawn(relay(Http1::new(calls.clone()), watched(&calls, near), watched(&calls, far)));
        client.write_all(b"POST /build HTTP/1.1\r\nContent-Length: 0\r\n\r\n").await.unwrap();
        let mut asked = Vec::new();
        while !asked.ends_with(b"\r\n\r\n") {
            service.read_buf(&mut asked).await.unwrap();
        }
        service.write_all(answer.as_bytes()).await.unwrap();
        let mut begun = vec![0; answer.len()];
        client.read_exact(&mut begun).await.unwrap();
        drop(client);
        assert_eq!(service.read_buf(&mut asked).await.unwrap(), 0, "it is told");
        let _ = service.write_all(b"0\r\n\r\n").await;
        drop(service);
        tokio::time::timeout(Duration::from_secs(30), relay).await.expect("it ends").unwrap();
        let known: Vec<Call> = calls.known().0.into_iter().map(|(_, known)| known.unwrap()).collect();
        let ends = known.iter().skip(1).map(|call| format!("{:?} {}", call.state, call.code.unwrap_or_default()));
        assert_eq!(ends.collect::<Vec<_>>(), [meant], "{answer}");
    }
}

#[tokio::test]
async fn a_client_that_sends_no_more_gets_its_answer_and_a_stream_may_have_ended_early() {
    for (request, answer, meant) in [
        (
            "POST /libpod/volumes/create HTTP/1.1\r\n\r\n",
            "HTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\n{}",
            "Answered 201",
        ),
        (
            "POST /build HTTP/1.1\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}",
            "whether its answer is whole",
        ),
        ("POST /build HTTP/1.1\r\n\r\n", "HTTP/1.1 500 no\r\nContent-Length: 2\r\n\r\n{}", "Refused 500"),
    ] {
        let calls: Calls<Call> = Calls::after(0, Clock::start(Duration::ZERO)).unwrap();
        let ((mut client, near), (far, mut service)) = (UnixStream::pair().unwrap(), UnixStream::pair().unwrap());
        let relay = tokio::spawn(relay(Http1::new(calls.clone()), watched(&calls, near), watched(&calls, far)));
        client.write_all(request.as_bytes()).await.unwrap();
        client.shutdown().await.unwrap();
        let mut asked = String::new();
        service.read_to_string(&mut asked).await.unwrap();
        assert_eq!(asked, request);
        service.write_all(answer.as_bytes()).await.unwrap();
        drop(service);
        let mut got = String::new();
        client.read_to_string(&mut got).await.unwrap();
        assert_eq!(got, answer);
        tokio::time::timeout(Duration::from_secs(30), relay).await.expect("it ends").unwrap();
        let last = match calls.known().0.pop().unwrap().1 {
            Ok(call) => format!("{:?} {}", call.state, call.code.unwrap_or_default()),
            Err(why) => why.to_owned(),
        };
        assert!(last.contains(meant), "{request}: {last}");
    }
}
