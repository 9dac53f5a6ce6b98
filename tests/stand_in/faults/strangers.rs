//! Servers that are not API servers, or do not answer like one.

use super::bounded;
use super::recorder::{Recorder, quick};
use super::truth::pods;
use statetrail::observation::{Payload, Resource, Watch};
use statetrail::recording::SyncPolicy;
use statetrail::run::{Config, HistoryPolicy, Output};
use statetrail::source::{self, Access, Cluster, Healing};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// A response.
enum Reply {
    Json(u16, String),
    Html(u16),
    /// An open, silent watch.
    Open,
    /// The connection is closed without an answer.
    Nothing,
}

/// A server whose responses a test defines by path.
struct Stranger {
    url: String,
    folder: TempDir,
    task: JoinHandle<()>,
}

impl Drop for Stranger {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Stranger {
    async fn answering(answer: impl Fn(&str) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("it is bound"));
        let answer = Arc::new(answer);
        let task = tokio::spawn(async move {
            let mut open = tokio::task::JoinSet::new();
            while let Ok((socket, _)) = listener.accept().await {
                let answer = Arc::clone(&answer);
                open.spawn(serve(socket, answer));
            }
        });
        Self { url, folder: tempfile::tempdir().expect("a folder"), task }
    }

    async fn cluster(&self) -> Arc<Cluster> {
        let access = Access {
            server: Some(self.url.clone()),
            request_timeout: Some(Duration::from_secs(1)),
            ..Access::default()
        };
        Arc::new(Cluster::new(access).await.expect("a client"))
    }

    async fn plan(&self, resource: Resource) -> Config {
        let output = Output::New(self.folder.path().join("run.jsonl"));
        let mut config = Config::to(self.cluster().await, vec![Watch::all(resource)], output);
        (config.sync, config.pace) = (SyncPolicy::Never, quick());
        (config.healing, config.past) = (Healing::OFF, HistoryPolicy::Unseen);
        config.ready_file = Some(self.folder.path().join("ready"));
        config
    }

    /// The error of a recorder that cannot attach; it leaves neither a recording nor the ready file of an earlier one.
    async fn refused(&self, resource: Resource) -> String {
        let ready = self.folder.path().join("ready");
        std::fs::write(&ready, "of an earlier run").expect("a file");
        let error = bounded("the end", Recorder::start(self.plan(resource).await).ended()).await;
        let error = error.err().expect("it cannot attach");
        assert!(!ready.exists() && !self.folder.path().join("run.jsonl").exists(), "{error}");
        let mut message = error.to_string();
        let mut cause = std::error::Error::source(&error);
        while let Some(error) = cause {
            message = format!("{message}: {error}");
            cause = error.source();
        }
        message
    }
}

async fn serve(socket: TcpStream, answer: Arc<impl Fn(&str) -> Reply>) {
    let mut socket = BufReader::new(socket);
    let mut path = String::new();
    let mut line = String::new();
    while socket.read_line(&mut line).await.is_ok_and(|read| read > 2) {
        if path.is_empty() {
            path = line.split(' ').nth(1).unwrap_or_default().to_owned();
        }
        line.clear();
    }
    let (status, kind, body) = match answer(&path) {
        Reply::Nothing => return,
        Reply::Open => {
            let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n";
            if socket.write_all(head.as_bytes()).await.is_ok() {
                // Until the client disconnects.
                let _ = socket.read_line(&mut line).await;
            }
            return;
        }
        Reply::Json(status, body) => (status, "application/json", body),
        Reply::Html(status) => (status, "text/html", "<html>default backend</html>".to_owned()),
    };
    let length = body.len();
    let head = format!(
        "HTTP/1.1 {status} X\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
    );
    // A client that no longer reads does not need it.
    let _ = socket.write_all(head.as_bytes()).await;
}

fn widgets() -> Resource {
    Resource::new("example.com", "v1", "widgets", "Widget")
}

fn status(code: u16) -> String {
    let reason = if code == 404 { "NotFound" } else { "" };
    format!(
        r#"{{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"{reason}","message":"no","code":{code}}}"#
    )
}

fn list(kind: &str) -> String {
    format!(r#"{{"kind":"{kind}List","apiVersion":"v1","metadata":{{"resourceVersion":"5"}},"items":null}}"#)
}

fn is_watch(path: &str) -> bool {
    path.contains("watch=true")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_404_from_another_web_server_means_a_wrong_address() {
    let stranger = Stranger::answering(|_| Reply::Html(404)).await;
    for resource in [pods(), widgets()] {
        let message = stranger.refused(resource).await;
        assert!(message.contains(&stranger.url) && message.contains("address of the API server"), "{message}");
    }
    // A body that only resembles a Status.
    let stranger = Stranger::answering(|_| Reply::Json(404, r#"{"code":404,"message":"no route"}"#.into())).await;
    let message = stranger.refused(widgets()).await;
    assert!(message.contains("no route") && message.contains("address of the API server"), "{message}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn core_resources_never_count_as_not_served() {
    let stranger = Stranger::answering(|_| Reply::Json(404, status(404))).await;
    for plural in ["pods", "events", "nodes", "namespaces"] {
        let message = stranger.refused(Resource::new("", "v1", plural, "")).await;
        assert!(message.contains("address of the API server"), "{message}");
    }
    // Nor does any other resource, if there is no discovery.
    let message = stranger.refused(widgets()).await;
    assert!(message.contains("address of the API server"), "{message}");
}

const GROUPS: &str = r#"{"kind":"APIGroupList","groups":[{"name":"example.com","versions":[{"version":"v1"}]}]}"#;
const NO_GROUPS: &str = r#"{"kind":"APIGroupList","groups":null}"#;

/// A 404 for one path, with working discovery.
async fn missing(words: Reply, groups: &'static str) -> Stranger {
    let (code, body) = match words {
        Reply::Json(code, body) => (code, Some(body)),
        Reply::Html(code) => (code, None),
        Reply::Open | Reply::Nothing => panic!("it is answered"),
    };
    Stranger::answering(move |path| match (path, &body) {
        ("/apis", _) => Reply::Json(200, groups.into()),
        (path, _) if path.starts_with("/api/v1") => Reply::Json(403, status(403)),
        (_, Some(body)) => Reply::Json(code, body.clone()),
        (_, None) => Reply::Html(code),
    })
    .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_a_status_that_agrees_with_discovery_says_that_a_resource_is_not_served() {
    for words in [status(404), "404 page not found\n".to_owned()] {
        let stranger = missing(Reply::Json(404, words.clone()), NO_GROUPS).await;
        let mut recorder = Recorder::start(stranger.plan(widgets()).await);
        recorder.until("not served", |progress| progress.watches.first().is_some_and(|watched| watched.absent)).await;
        recorder.finish().await;
        let message = missing(Reply::Json(404, words), GROUPS).await.refused(widgets()).await;
        assert!(message.contains("404 though its discovery lists the group"), "{message}");
    }
    let without_reason = status(404).replace("NotFound", "");
    let of_a_proxy = [r#"{"error":"no route"}"#.to_owned(), r#"{"code":404}"#.to_owned(), without_reason];
    let of_a_proxy = of_a_proxy.into_iter().map(|body| Reply::Json(404, body)).chain([Reply::Html(404)]);
    for words in of_a_proxy {
        let message = missing(words, NO_GROUPS).await.refused(widgets()).await;
        assert!(message.contains("404 in words that no API server uses"), "{message}");
    }
}

/// A server whose group `example.com` has the versions v1 and v2, where `v2` answers what v2 serves.
async fn with_v2(v1: bool, v2: impl Fn() -> Reply + Send + Sync + 'static) -> Stranger {
    let versions = if v1 { r#"{"version":"v1"},{"version":"v2"}"# } else { r#"{"version":"v2"}"# };
    Stranger::answering(move |path| match path {
        "/apis" => {
            let groups = format!(r#"[{{"name":"example.com","versions":[{versions}]}}]"#);
            Reply::Json(200, format!(r#"{{"kind":"APIGroupList","groups":{groups}}}"#))
        }
        "/apis/example.com" => Reply::Json(200, format!(r#"{{"kind":"APIGroup","versions":[{versions}]}}"#)),
        "/apis/example.com/v1" if v1 => Reply::Json(200, r#"{"kind":"APIResourceList","resources":null}"#.into()),
        "/apis/example.com/v2" => v2(),
        path if path.starts_with("/api/v1") => Reply::Json(403, status(403)),
        _ => Reply::Json(404, status(404)),
    })
    .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_resource_that_another_version_serves_is_an_error_that_names_it() {
    let widgets_in_v2 =
        || Reply::Json(200, r#"{"kind":"APIResourceList","resources":[{"name":"widgets","namespaced":true}]}"#.into());
    for v1 in [true, false] {
        let message = with_v2(v1, widgets_in_v2).await.refused(widgets()).await;
        let remedy = "the server serves widgets.example.com only as v2: record example.com/v2/widgets";
        assert!(message.contains(remedy), "{message}");
        // Neither is it said of a version that cannot be read.
        let message = with_v2(v1, || Reply::Json(503, status(503))).await.refused(widgets()).await;
        assert!(message.contains("discovery does not say whether another version or scope serves it"), "{message}");
        // Nor of one that may not be read.
        let message = with_v2(v1, || Reply::Json(403, status(403))).await.refused(widgets()).await;
        assert!(message.contains(DISCOVERY_RULE), "{message}");
        // It is of a group without the resource.
        let other = || Reply::Json(200, r#"{"kind":"APIResourceList","resources":[{"name":"gadgets"}]}"#.into());
        let stranger = with_v2(v1, other).await;
        let mut recorder = Recorder::start(stranger.plan(widgets()).await);
        recorder.until("not served", |progress| progress.watches.first().is_some_and(|it| it.absent)).await;
        recorder.finish().await;
    }
}

const DISCOVERY_RULE: &str = r#"nonResourceURLs: ["/api", "/api/*", "/apis", "/apis/*"]"#;

/// A server whose discovery answers with one status, and whose collections are cluster-scoped.
async fn undiscovered(code: u16, items: &'static str) -> Stranger {
    Stranger::answering(move |path| match path.split('?').next().unwrap_or_default() {
        "/apis/example.com/v1/widgets" | "/api/v1/namespaces" => {
            Reply::Json(200, list("Any").replace(r#""items":null"#, &format!(r#""items":{items}"#)))
        }
        "/api/v1" | "/apis" | "/apis/example.com" | "/apis/example.com/v1" => Reply::Json(code, status(code)),
        _ => Reply::Json(404, status(404)),
    })
    .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_discovery_a_404_says_nothing_of_a_resource() {
    let error = async |stranger: &Stranger, resource: Resource, namespace: &str| {
        let mut plan = stranger.plan(resource).await;
        plan.watches[0].namespace = namespace.into();
        let error = bounded("the end", Recorder::start(plan).ended()).await.err().expect("it cannot attach");
        format!("{error} {}", std::error::Error::source(&error).map(ToString::to_string).unwrap_or_default())
    };
    let namespaces = || Resource::new("", "v1", "namespaces", "");
    for code in [403, 503] {
        let words =
            if code == 403 { DISCOVERY_RULE } else { "discovery does not say whether another version or scope" };
        for resource in [widgets(), namespaces()] {
            // An object in no namespace shows what the resource is, and no object shows nothing.
            let scoped = undiscovered(code, r#"[{"metadata":{"name":"a","uid":"a"}}]"#).await;
            let message = error(&scoped, resource.clone(), "shop").await;
            assert!(message.contains("its objects are in no namespace"), "{code}: {message}");
            for items in ["null", r#"[{"metadata":{"name":"a","uid":"a","namespace":"shop"}}]"#] {
                let message = error(&undiscovered(code, items).await, resource.clone(), "shop").await;
                assert!(message.contains(words), "{code}: {message}");
            }
        }
        // A resource of which no path is served may be served in another version.
        let gadgets = Resource::new("example.com", "v1", "gadgets", "");
        let message = error(&undiscovered(code, "null").await, gadgets, "").await;
        assert!(message.contains(words), "{code}: {message}");
        // The scope of declared kinds is known, and every server has those of the core.
        let message = error(&undiscovered(code, "null").await, pods(), "shop").await;
        assert!(message.contains("address of the API server"), "{code}: {message}");
    }
    let core = r#"{"kind":"APIResourceList","resources":[{"name":"pods","namespaced":true}]}"#;
    let stranger = Stranger::answering(move |path| match path {
        "/api/v1" => Reply::Json(200, core.into()),
        _ => Reply::Json(404, status(404)),
    });
    let message = error(&stranger.await, namespaces(), "").await;
    assert!(message.contains("`namespaces` is not a resource of this server"), "{message}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_resource_in_discovery_is_served_whatever_its_path_returns() {
    let stranger = Stranger::answering(|path| match path {
        "/apis/example.com/v1" => {
            Reply::Json(200, r#"{"kind":"APIResourceList","resources":[{"name":"widgets"}]}"#.into())
        }
        _ => Reply::Json(404, status(404)),
    })
    .await;
    let message = stranger.refused(widgets()).await;
    assert!(message.contains("404 though its discovery lists the resource"), "{message}");
}

/// Before a kind is served, it is not known whether it is namespaced.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_kind_that_turns_out_to_be_cluster_scoped_is_not_taken_for_one_that_is_not_served() {
    let stranger = Stranger::answering(|path| match path {
        "/apis/example.com/v1" => {
            let widgets = r#"{"name":"widgets","namespaced":false}"#;
            Reply::Json(200, format!(r#"{{"kind":"APIResourceList","resources":[{widgets}]}}"#))
        }
        _ => Reply::Json(404, status(404)),
    })
    .await;
    let mut plan = stranger.plan(widgets()).await;
    plan.watches[0].namespace = "shop".into();
    let error = bounded("the end", Recorder::start(plan).ended()).await.err().expect("it cannot attach");
    let source = std::error::Error::source(&error).map(ToString::to_string).unwrap_or_default();
    let message = format!("{error} {source}");
    assert!(message.contains("in no namespace, and those of `shop` were asked for; run with -A"), "{message}");
}

/// All pages of a list have one version; otherwise it is not a list.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pages_of_different_versions_are_not_a_list() {
    let page = |version: u32, token: &str, name: &str| {
        let metadata = format!(r#"{{"name":"{name}","namespace":"n","uid":"{name}","resourceVersion":"{version}"}}"#);
        let list = format!(r#"{{"resourceVersion":"{version}","continue":"{token}"}}"#);
        format!(r#"{{"kind":"PodList","metadata":{list},"items":[{{"metadata":{metadata},"status":{{}}}}]}}"#)
    };
    // The second page has another version, in the first two lists or always.
    for is_lasting in [false, true] {
        let lists = AtomicUsize::new(0);
        let stranger = Stranger::answering(move |path| match path {
            path if is_watch(path) => Reply::Open,
            "/api/v1/pods?limit=500" => {
                lists.fetch_add(1, Ordering::Relaxed);
                Reply::Json(200, page(5, "more", "a"))
            }
            path if path.contains("continue=more") => {
                let is_other = is_lasting || lists.load(Ordering::Relaxed) < 3;
                Reply::Json(200, page(if is_other { 6 } else { 5 }, "", "b"))
            }
            _ => Reply::Json(404, status(404)),
        })
        .await;
        if is_lasting {
            let message = stranger.refused(pods()).await;
            assert!(message.contains("410 a list at 5 was continued at 6"), "{message}");
            continue;
        }
        let mut recorder = Recorder::start(stranger.plan(pods()).await);
        recorder.attached().await;
        let outcome = recorder.finish().await;
        let listed = outcome.payloads().filter(|what| matches!(what, Payload::Object(_))).count();
        let attached = outcome.payloads().find_map(|what| match what {
            Payload::Attached(attached) => Some(attached.resource_version.to_string()),
            _ => None,
        });
        assert_eq!((listed, attached.as_deref()), (2, Some("5")));
    }
}

/// A line of such an object could not be read back.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_object_in_a_list_that_no_server_would_store_is_a_gap_of_its_subject() {
    let pod = |name: &str, message: &str| {
        let metadata = format!(r#"{{"name":"{name}","namespace":"n","uid":"uid-{name}","resourceVersion":"4"}}"#);
        format!(r#"{{"metadata":{metadata},"status":{{"phase":"Running","message":"{message}"}}}}"#)
    };
    let items = format!("[{},{}]", pod("a", "short"), pod("big", &"y".repeat(17 << 20)));
    let body = list("Pod").replace(r#""items":null"#, &format!(r#""items":{items}"#));
    let stranger = Stranger::answering(move |path| match path {
        path if is_watch(path) => Reply::Open,
        path if path.starts_with("/api/v1/pods") => Reply::Json(200, body.clone()),
        _ => Reply::Json(404, status(404)),
    })
    .await;
    let mut recorder = Recorder::start(stranger.plan(pods()).await);
    recorder.attached().await;
    let outcome = recorder.finish().await;
    let kept = outcome.payloads().find_map(|what| match what {
        Payload::Undecodable(kept) => Some(kept),
        _ => None,
    });
    let kept = kept.expect("it is recorded");
    assert_eq!((kept.uid.as_deref(), &*kept.head, kept.length >> 20), (Some("uid-big"), "n/big", 17));
    assert!(kept.object.is_none() && kept.error.contains("longer than 16 MiB"), "{kept:?}");
    assert!(outcome.gaps().iter().any(|gap| gap.contains("Undecodable")), "{:?}", outcome.gaps());
    assert!(outcome.lines().iter().any(|line| line.contains("a/uid-a phase")), "{:?}", outcome.lines());
    assert!(!outcome.verified.complete && outcome.verified.watches[0].fenced, "{:?}", outcome.verified);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_that_is_too_large_is_not_held_and_smaller_ones_are_requested() {
    let asked = Arc::new(Mutex::new(Vec::new()));
    let pages = Arc::clone(&asked);
    let stranger = Stranger::answering(move |path| match path {
        path if is_watch(path) => Reply::Open,
        path if path.starts_with("/api/v1/pods?limit=") => {
            pages.lock().expect("no thread panics").push(path.to_owned());
            let is_large = ["=500", "=62"].iter().any(|limit| path.ends_with(limit));
            Reply::Json(200, if is_large { " ".repeat(129 << 20) } else { list("Pod") })
        }
        _ => Reply::Json(404, status(404)),
    })
    .await;
    let mut plan = stranger.plan(pods()).await;
    // A slow machine needs some time for so much.
    let access = Access { server: Some(stranger.url.clone()), ..Access::default() };
    plan.cluster = Arc::new(Cluster::new(access).await.expect("a client"));
    let mut recorder = Recorder::start(plan);
    recorder.attached().await;
    recorder.finish().await;
    let asked = asked.lock().expect("no thread panics");
    let limits: Vec<&str> = asked.iter().filter_map(|path| path.split('=').nth(1)).take(3).collect();
    assert_eq!(limits, ["500", "62", "7"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_user_who_may_list_but_not_watch_sees_the_missing_rule_and_is_never_attached() {
    for (code, words) in [(403, r#"verbs: ["get", "list", "watch"]"#), (405, "verb `watch`"), (400, "400 no")] {
        let stranger = Stranger::answering(move |path| match path {
            path if is_watch(path) => Reply::Json(code, status(code)),
            path if path.starts_with("/api/v1/pods") => Reply::Json(200, list("Pod")),
            _ => Reply::Json(404, status(404)),
        })
        .await;
        let message = stranger.refused(pods()).await;
        assert!(message.contains(words), "{message}");
    }
    // A temporary refusal is not permanent.
    let asked = AtomicUsize::new(0);
    let stranger = Stranger::answering(move |path| match path {
        path if is_watch(path) && asked.fetch_add(1, Ordering::Relaxed) < 2 => Reply::Json(503, status(503)),
        path if is_watch(path) => Reply::Open,
        _ => Reply::Json(200, list("Pod")),
    })
    .await;
    let mut recorder = Recorder::start(stranger.plan(pods()).await);
    recorder.attached().await;
    recorder.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_response_without_the_members_of_a_list_is_not_an_empty_list() {
    for body in [
        r#"{"kind":"PodList","metadata":{}}"#,
        r#"{"metadata":{"resourceVersion":"5"}}"#,
        r#"{"kind":"Status","metadata":{"resourceVersion":"5"},"items":[]}"#,
        r#"{"kind":"Pod","metadata":{"resourceVersion":"5"}}"#,
        "{}",
    ] {
        let stranger = Stranger::answering(move |path| match path {
            path if is_watch(path) => Reply::Open,
            _ => Reply::Json(200, body.to_owned()),
        })
        .await;
        let message = stranger.refused(pods()).await;
        assert!(message.contains("not what the Kubernetes API promises"), "{body}: {message}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_that_breaks_at_the_first_list_is_retried_and_one_that_is_refused_is_not() {
    let lists = AtomicUsize::new(0);
    let stranger = Stranger::answering(move |path| match path {
        path if is_watch(path) => Reply::Open,
        path if path.starts_with("/api/v1/pods") && lists.fetch_add(1, Ordering::Relaxed) < 2 => Reply::Nothing,
        _ => Reply::Json(200, list("Pod")),
    })
    .await;
    let mut recorder = Recorder::start(stranger.plan(pods()).await);
    recorder.attached().await;
    recorder.finish().await;
    // The port is unused afterwards.
    let free = TcpListener::bind("127.0.0.1:0").await.expect("a free port").local_addr().expect("it was bound");
    let mut gone = Stranger::answering(|_| Reply::Nothing).await;
    gone.url = format!("http://{free}");
    let message = gone.refused(pods()).await;
    assert!(message.contains("is it up"), "{message}");
}

fn nodes(names: &[&str], token: &str) -> String {
    let node = |name: &&str| {
        format!(r#"{{"metadata":{{"name":"{name}"}},"status":{{"nodeInfo":{{"architecture":"{name}"}}}}}}"#)
    };
    let items: Vec<String> = names.iter().map(node).collect();
    let metadata = format!(r#"{{"resourceVersion":"5","continue":"{token}"}}"#);
    format!(r#"{{"kind":"NodeList","metadata":{metadata},"items":[{}]}}"#, items.join(","))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_nodes_are_read_page_by_page_or_none_are_recorded() {
    let page = |last: Option<String>| {
        move |path: &str| match path {
            "/api/v1/nodes?limit=500" => Reply::Json(200, nodes(&["amd64", "s390x"], "a=b&c")),
            "/api/v1/nodes?limit=500&continue=a%3Db%26c" => {
                last.clone().map_or(Reply::Json(410, status(410)), |last| Reply::Json(200, last))
            }
            _ => Reply::Json(404, status(404)),
        }
    };
    for (last, expected) in [
        (Some(nodes(&["arm64"], "")), Some(vec!["amd64", "s390x", "arm64"])),
        (None, None),
        (Some(r#"{"kind":"NodeList","metadata":{},"items":[]}"#.to_owned()), None),
        // A token that does not advance.
        (Some(nodes(&["arm64"], "a=b&c")), None),
    ] {
        let stranger = Stranger::answering(page(last)).await;
        let found = bounded("the nodes", Box::pin(source::environment(&*stranger.cluster().await))).await.nodes;
        let names = found.map(|nodes| nodes.into_iter().map(|node| node.architecture).collect::<Vec<_>>());
        assert_eq!(names, expected.map(|names| names.into_iter().map(str::to_owned).collect()));
    }
}
