//! Objects and servers that the tests share.

use statetrail::observation::{Change, Resource};
use statetrail::replay::{Options, Server, Store};

pub(super) fn pods() -> Resource {
    Resource::new("", "v1", "pods", "Pod")
}

pub(super) fn vms() -> Resource {
    Resource::new("kubevirt.io", "v1", "virtualmachines", "VirtualMachine")
}

/// A pod with a phase, without a version.
pub(super) fn pod(namespace: &str, name: &str, phase: &str) -> String {
    format!(
        r#"{{"metadata":{{"name":"{name}","namespace":"{namespace}","labels":{{"app":"{name}"}}}},"spec":{{"nodeName":"node1","containers":[{{"name":"app","image":"a"}}]}},"status":{{"phase":"{phase}"}}}}"#
    )
}

/// A pod as in a capture, with kind, uid and version.
pub(super) fn pod_at(namespace: &str, name: &str, phase: &str, version: u64) -> String {
    format!(
        r#"{{"kind":"Pod","apiVersion":"v1","metadata":{{"name":"{name}","namespace":"{namespace}","uid":"uid-{name}","resourceVersion":"{version}"}},"status":{{"phase":"{phase}"}}}}"#
    )
}

/// Writes a pod of namespace `story` at the next revision.
pub(super) fn put(store: &Store, name: &str, phase: &str) -> u64 {
    let version = store.write(&pods(), Change::Modified, pod("story", name, phase).as_bytes()).expect("a pod");
    version.number().expect("versions are numbers")
}

/// A store that serves pods and contains none.
pub(super) fn empty() -> Store {
    let store = Store::new();
    store.serve(&pods());
    store
}

/// A store with pods `pod-00`, `pod-01` ... in `story`, written from revision 2 on.
pub(super) fn filled(count: usize) -> Store {
    let store = empty();
    for index in 0..count {
        put(&store, &format!("pod-{index:02}"), "Pending");
    }
    store
}

pub(super) fn serve(store: &Store) -> Server {
    Server::start(store.clone(), Options::default()).expect("a free loopback port")
}
