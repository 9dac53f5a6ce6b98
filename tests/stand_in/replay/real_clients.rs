//! Clients that are really in use: kube's client and its watcher.

use super::bounded;
use super::script::{filled, pods, put, serve, vms};
use futures::{StreamExt, TryStreamExt};
use k8s_openapi::api::core::v1::{Namespace, Pod};
use kube::api::{Api, DynamicObject, ListParams, WatchEvent, WatchParams};
use kube::core::{ApiResource, GroupVersionKind};
use kube::runtime::{WatchStreamExt, reflector, watcher};
use kube::{Client, Config};
use statetrail::observation::Change;
use statetrail::replay::{Fault, Server, Verb};
use std::pin::pin;

fn client(server: &Server) -> Client {
    let config = Config::new(server.url().parse().expect("a URL"));
    Client::try_from(config).expect("a client")
}

/// Follows the watcher until an object has a version; returns every object as it was delivered.
async fn follow(server: &Server, config: watcher::Config, until: &str) -> Vec<String> {
    let pods: Api<Pod> = Api::all(client(server));
    let mut stream = pin!(watcher(pods, config).backoff(NoWait));
    let mut seen = Vec::new();
    loop {
        let event = bounded("an event of the watcher", stream.next()).await.expect("watchers never end");
        let pod = match event {
            Ok(watcher::Event::InitApply(pod) | watcher::Event::Apply(pod) | watcher::Event::Delete(pod)) => pod,
            Ok(watcher::Event::Init | watcher::Event::InitDone) | Err(_) => continue,
        };
        let version = pod.metadata.resource_version.expect("a version");
        let phase = pod.status.and_then(|status| status.phase).unwrap_or_default();
        seen.push(format!("{} {phase} {version}", pod.metadata.name.expect("a name")));
        if version == until {
            return seen;
        }
    }
}

/// Retries at once.
struct NoWait;

impl Iterator for NoWait {
    type Item = std::time::Duration;
    fn next(&mut self) -> Option<Self::Item> {
        Some(std::time::Duration::ZERO)
    }
}

impl kube::runtime::utils::Backoff for NoWait {
    fn reset(&mut self) {}
}

#[tokio::test]
async fn the_typed_watcher_lists_and_follows() {
    let store = filled(2);
    for config in [watcher::Config::default(), watcher::Config::default().streaming_lists()] {
        let server = serve(&store);
        let from = store.revision().number().expect("a number");
        let writer = async {
            bounded("the watch", server.until_watched(&[pods()])).await;
            for phase in ["Running", "Failed", "Pending"] {
                put(&store, "pod-00", phase);
            }
        };
        let until = (from + 3).to_string();
        let (seen, ()) = tokio::join!(follow(&server, config, &until), writer);
        let expected = [
            format!("pod-00 Pending {}", if from == 3 { 2 } else { from }),
            "pod-01 Pending 3".to_owned(),
            format!("pod-00 Running {}", from + 1),
            format!("pod-00 Failed {}", from + 2),
            format!("pod-00 Pending {}", from + 3),
        ];
        assert_eq!(seen, expected);
        bounded("the shutdown", server.shutdown()).await.expect("every connection ends");
    }
}

#[tokio::test]
async fn the_typed_watcher_survives_cuts_and_refusals() {
    let store = filled(1);
    let server = serve(&store);
    for fault in ["cut-after=1", "http=503:2,verb=watch", "chunks=1:50,verb=watch"] {
        server.inject(Fault::parse(fault).expect("a fault"));
    }
    let writer = async {
        bounded("the watch", server.until_watched(&[pods()])).await;
        for index in 0..5 {
            put(&store, "pod-00", &format!("P{index}"));
        }
    };
    let (seen, ()) = tokio::join!(follow(&server, watcher::Config::default(), "7"), writer);
    let expected: Vec<_> =
        ["Pending 2", "P0 3", "P1 4", "P2 5", "P3 6", "P4 7"].iter().map(|text| format!("pod-00 {text}")).collect();
    assert_eq!(seen, expected);
    assert_eq!((server.count(Verb::List, "pods"), server.count(Verb::Watch, "pods")), (1, 7));
}

#[tokio::test]
async fn the_reflector_has_what_there_is_after_cuts_refusals_and_lost_history() {
    let store = filled(3);
    let server = serve(&store);
    let (reader, writer) = reflector::store();
    let pods_api: Api<Pod> = Api::all(client(&server));
    let mut events = pin!(reflector(writer, watcher(pods_api, watcher::Config::default()).backoff(NoWait)));
    let mut until = async |version: u64, count: usize| {
        let is_there = || {
            let state: Vec<_> = reader.state();
            let versions = state.iter().filter_map(|pod| pod.metadata.resource_version.as_deref());
            state.len() == count && versions.max().is_some_and(|newest| newest == version.to_string())
        };
        while !is_there() {
            let _ = bounded("an event of the reflector", events.next()).await.expect("it never ends");
        }
    };
    until(4, 3).await;
    for fault in ["cut-after=1,times=2", "http=503:2,verb=watch", "segments=1:1:7"] {
        server.inject(Fault::parse(fault).expect("a fault"));
    }
    put(&store, "pod-00", "Running");
    put(&store, "pod-01", "Running");
    put(&store, "pod-02", "Running");
    until(7, 3).await;
    // What it has not read is forgotten, and one of them is gone.
    server.inject(Fault::parse("http=503:1,verb=watch").expect("a fault"));
    server.cut();
    store.delete(&pods(), "story", "pod-01").expect("it is there");
    put(&store, "pod-02", "Failed");
    store.compact(9).expect("the newest");
    until(9, 2).await;
    let phases = reader.state().into_iter().map(|pod| {
        let phase = pod.status.as_ref().and_then(|status| status.phase.clone()).unwrap_or_default();
        (pod.metadata.name.clone().expect("a name"), phase)
    });
    let phases: std::collections::BTreeMap<_, _> = phases.collect();
    assert_eq!(
        phases.into_iter().collect::<Vec<_>>(),
        [("pod-00", "Running"), ("pod-02", "Failed")].map(|(name, phase)| (name.to_owned(), phase.to_owned()))
    );
}

#[tokio::test]
async fn the_client_pages_selects_and_reads_metadata() {
    let server = serve(&filled(5));
    let api: Api<Pod> = Api::namespaced(client(&server), "story");
    let page = api.list(&ListParams::default().limit(2)).await.expect("a page");
    assert_eq!((page.items.len(), page.metadata.remaining_item_count), (2, Some(3)));
    let token = page.metadata.continue_.expect("a token");
    let rest = api.list(&ListParams::default().continue_token(&token)).await.expect("the rest");
    assert_eq!(rest.items.len(), 3);
    let chosen = api.list(&ListParams::default().labels("app in (pod-01, pod-04)")).await.expect("a list");
    assert_eq!(chosen.items.len(), 2);
    let metadata = api.list_metadata(&ListParams::default().fields("metadata.name=pod-03")).await.expect("a list");
    assert_eq!(metadata.items[0].metadata.resource_version.as_deref(), Some("5"));
    let missing = api.get("none").await.expect_err("not there");
    assert!(matches!(missing, kube::Error::Api(status) if status.code == 404 && status.reason == "NotFound"));
}

#[tokio::test]
async fn the_client_watches_a_custom_resource_and_gets_a_410_when_it_is_late() {
    let store = filled(1);
    let vm = br#"{"metadata":{"name":"vm","namespace":"story"},"status":{"printableStatus":"Stopped"}}"#;
    store.write(&vms(), Change::Added, vm).expect("a VM");
    let server = serve(&store);
    let resource = ApiResource::from_gvk(&GroupVersionKind::gvk("kubevirt.io", "v1", "VirtualMachine"));
    let api: Api<DynamicObject> = Api::all_with(client(&server), &resource);
    let mut stream = pin!(api.watch(&WatchParams::default(), "2").await.expect("a watch"));
    let event = bounded("the VM", stream.try_next()).await.expect("an event");
    assert!(matches!(event, Some(WatchEvent::Added(vm)) if vm.data["status"]["printableStatus"] == "Stopped"));
    store.compact(3).expect("the newest");
    let mut stream = pin!(api.watch(&WatchParams::default(), "2").await.expect("a watch"));
    let event = bounded("the error", stream.try_next()).await.expect("an event");
    assert!(matches!(event, Some(WatchEvent::Error(status)) if status.code == 410 && status.reason == "Expired"));
}

#[tokio::test]
async fn the_kubeconfig_points_to_the_server() {
    let store = filled(1);
    store.serve(&vms());
    let server = serve(&store);
    server.expect_token(Some("let me in"));
    let kubeconfig = kube::config::Kubeconfig::from_yaml(&server.kubeconfig_yaml()).expect("a kubeconfig");
    let options = kube::config::KubeConfigOptions::default();
    let config = Config::from_custom_kubeconfig(kubeconfig, &options).await.expect("a config");
    let client = Client::try_from(config).expect("a client");
    assert_eq!(client.apiserver_version().await.expect("a version").git_version, "v1.36.4");
    let groups = client.list_api_groups().await.expect("groups");
    assert_eq!(groups.groups[0].name, "kubevirt.io");
    let namespaces: Api<Namespace> = Api::all(client);
    assert!(namespaces.get("kube-system").await.expect("it is there").metadata.uid.is_some());
}
