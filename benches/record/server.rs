//! The server for both programs: the stand-in API server, in a process of its own.

use crate::{EVENTS, stream};
use statetrail::observation::{Change, Resource};
use statetrail::replay::{Fault, Options, Server, Store};
use std::io::{BufRead, BufReader, Read};
use std::process::Child;

/// Serves until standard input ends. Every watch is answered late enough for all events to exist. With a `gap`, a pod
/// leaves the selection before them, and its further states are unseen.
pub(crate) fn serve(gap: bool) {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime can be built");
    let store = Store::new();
    let pods = Resource::new("", "v1", "pods", "Pod");
    store.serve(&pods);
    let server = runtime.block_on(async { Server::start(store, Options::default()).expect("a free port") });
    server.inject(Fault::parse("delay=1500ms,verb=watch").expect("a known fault"));
    println!("{}", server.url());
    let left = |label: &str| {
        format!(
            r#"{{"metadata":{{"name":"left","namespace":"load","labels":{{"app":"{label}"}}}},"status":{{"phase":"Running"}}}}"#
        )
    };
    if gap {
        server.store().write(&pods, Change::Added, left("load").as_bytes()).expect("a pod");
    }
    let objects: Vec<_> = stream::objects(EVENTS).collect();
    runtime.block_on(server.until(|server| server.requests().iter().any(|asked| asked.path.contains("watch="))));
    if gap {
        server.store().write(&pods, Change::Modified, left("other").as_bytes()).expect("a pod");
    }
    for object in objects {
        server.store().apply(&pods, Change::Modified, &object).expect("a pod");
    }
    let _ = std::io::stdin().read(&mut [0]);
    runtime.block_on(server.kill());
}

/// The address that a server prints.
pub(crate) fn url_of(server: &mut Child) -> String {
    let mut line = String::new();
    let stdout = server.stdout.as_mut().expect("stdout is piped");
    BufReader::new(stdout).read_line(&mut line).expect("the server prints its address");
    line.trim().to_owned()
}
