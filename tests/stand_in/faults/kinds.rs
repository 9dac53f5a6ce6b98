//! Which resource a name means on a server: the served version of declared kinds, and whether they are namespaced.

use super::recorder::Scene;
use super::truth::{Truth, pods};
use statetrail::observation::{Change, Resource};
use statetrail::source::{self, Resolved};

fn pools(version: &str) -> Resource {
    Resource::new("pool.kubevirt.io", version, "virtualmachinepools", "VirtualMachinePool")
}

async fn resolved(served: Vec<Resource>, word: &str) -> Resolved {
    let scene = Scene::new(&Truth::of(served));
    source::resolve(&*scene.cluster().await, word).await.unwrap_or_else(|error| panic!("{word}: {error}"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_kind_is_watched_in_the_served_version_preferring_the_servers_choice() {
    for (served, expected) in [
        (vec![pools("v1alpha1")], "v1alpha1"),
        (vec![pools("v1alpha1"), pools("v1beta1")], "v1beta1"),
        (vec![pools("v1")], "v1"),
        (vec![pools("v1alpha1"), pools("v1beta1"), pools("v1")], "v1"),
        (vec![pods()], "v1beta1"),
    ] {
        let Resolved { resource, namespaced } = resolved(served.clone(), "vmpool").await;
        assert_eq!((resource, namespaced), (pools(expected), true), "{served:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nodes_are_cluster_scoped_and_discovery_decides_for_undeclared_kinds() {
    let volumes = Resource::new("", "v1", "persistentvolumes", "PersistentVolume");
    let volume = br#"{"metadata":{"name":"pv-1","uid":"u","resourceVersion":"0"},"status":{"phase":"Bound"}}"#;
    let truth = Truth::of(vec![volumes.clone(), pods()]);
    truth.store.write(&volumes, Change::Added, volume).expect("an object");
    let scene = Scene::new(&truth);
    let cluster = scene.cluster().await;
    // The kind of a resource that is not served yet is known only from its list.
    for (word, expected, kind) in [
        ("node", false, "Node"),
        ("v1/nodes", false, "Node"),
        ("pods", true, "Pod"),
        ("v1/pods", true, "Pod"),
        ("kubevirt.io/v1/virtualmachines", true, "VirtualMachine"),
        ("persistentvolume", false, "PersistentVolume"),
        ("v1/persistentvolumes", false, "PersistentVolume"),
        ("apps/v1/statefulsets", true, ""),
    ] {
        let resolved = source::resolve(&cluster, word).await.unwrap_or_else(|error| panic!("{word}: {error}"));
        assert_eq!((resolved.namespaced, resolved.resource.kind.as_str()), (expected, kind), "{word}");
    }
}
