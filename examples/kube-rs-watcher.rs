//! Watches with kube-rs' `watcher`, and prints a line for each change.
//!
//! It has the flags and the output of the programs in `examples/watchers`, and nothing beyond what the documentation of
//! `watcher` asks for: its backoff, and that objects which a new list does not have are taken as deleted.

use std::collections::BTreeSet;
use std::error::Error;
use std::{mem, process};

use clap::Parser;
use futures::TryStreamExt as _;
use kube::api::{Api, DynamicObject};
use kube::core::GroupVersion;
use kube::discovery::{self, Scope};
use kube::runtime::{WatchStreamExt as _, watcher};
use kube::{Client, ResourceExt as _};
use tokio::signal::unix::{SignalKind, signal};

/// Watches with the watcher of kube-rs.
///
/// Prints a line "NAMESPACE/NAME STATE" for each change of an object, and "NAMESPACE/NAME -" when it was deleted. The
/// environment variable KUBECONFIG says which API server to watch.
#[derive(Parser)]
struct Options {
    /// What to watch: PLURAL.VERSION.GROUP, or PLURAL alone for the core group.
    #[arg(long, default_value = "pods")]
    resource: String,
    /// The namespace to watch (default all).
    #[arg(short)]
    namespace: Option<String>,
}

#[tokio::main]
async fn main() {
    let watched = tokio::select! {
        watched = watch(Options::parse()) => watched,
        () = asked_to_end() => Ok(()),
    };
    if let Err(error) = watched {
        eprintln!("error: {error}");
        process::exit(1);
    }
}

async fn watch(options: Options) -> Result<(), Box<dyn Error>> {
    let api = find(Client::try_default().await?, &options).await?;
    let mut printer = Printer::default();
    let mut events = Box::pin(watcher(api, watcher::Config::default()).default_backoff());
    loop {
        match events.try_next().await {
            Ok(Some(event)) => printer.print(event),
            Ok(None) => return Ok(()),
            // The watcher recovers when it is asked for the next event.
            Err(error) => eprintln!("error: {error}"),
        }
    }
}

async fn find(client: Client, options: &Options) -> Result<Api<DynamicObject>, Box<dyn Error>> {
    let mut parts = options.resource.splitn(3, '.');
    let plural = parts.next().unwrap_or_default();
    let (version, group) = (parts.next().unwrap_or("v1"), parts.next().unwrap_or_default());
    let group = discovery::pinned_group(&client, &GroupVersion::gv(group, version)).await?;
    let found = group.recommended_resources().into_iter().find(|(resource, _)| resource.plural == plural);
    let (resource, capabilities) = found.ok_or_else(|| format!("the API server has no {}", options.resource))?;
    Ok(match &options.namespace {
        Some(namespace) if capabilities.scope == Scope::Namespaced => {
            Api::namespaced_with(client, namespace, &resource)
        }
        _ => Api::all_with(client, &resource),
    })
}

/// Prints events, and knows which objects there are, to tell what a new list no longer has.
#[derive(Default)]
struct Printer {
    present: BTreeSet<String>,
    /// What was present before the list that is being read, and was not in it so far.
    unlisted: BTreeSet<String>,
}

impl Printer {
    fn print(&mut self, event: watcher::Event<DynamicObject>) {
        match event {
            watcher::Event::Init => self.unlisted.append(&mut self.present),
            watcher::Event::InitApply(object) | watcher::Event::Apply(object) => {
                let name = name_of(&object);
                println!("{name} {}", state_of(&object));
                self.unlisted.remove(&name);
                self.present.insert(name);
            }
            watcher::Event::InitDone => mem::take(&mut self.unlisted).iter().for_each(|name| println!("{name} -")),
            watcher::Event::Delete(object) => {
                let name = name_of(&object);
                println!("{name} -");
                self.present.remove(&name);
            }
        }
    }
}

fn name_of(object: &DynamicObject) -> String {
    let name = object.name_any();
    object.namespace().map(|namespace| format!("{namespace}/{name}")).unwrap_or(name)
}

fn state_of(object: &DynamicObject) -> &str {
    let field = |name: &str| object.data["status"][name].as_str().filter(|text| !text.is_empty());
    field("phase").or_else(|| field("printableStatus")).unwrap_or("Present")
}

async fn asked_to_end() {
    let mut terminated = signal(SignalKind::terminate()).expect("the runtime takes signals");
    let mut interrupted = signal(SignalKind::interrupt()).expect("the runtime takes signals");
    tokio::select! {
        _ = terminated.recv() => {}
        _ = interrupted.recv() => {}
    }
}
