//! Many writers at once: the statuses that virt-controller wrote in the captures, written again in 50 namespaces.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};
use statetrail::observation::Change;

use crate::cluster::{ADMIN, ControlPlane, Options, deadline};
use crate::cluster::{Proxy, Writer, version_of, write_status};
use crate::recorder::Recording;
use crate::recorder::process::Recorder;

const NAMESPACES: usize = 50;

/// An object to write: kind, plural, name, and the sequence of statuses.
type Script = (&'static str, &'static str, &'static str, &'static str);

const PULL: [Script; 2] = [
    ("VirtualMachine", "virtualmachines", "bad", include_str!("../../data/kubevirt-statuses/imagepull-vm.jsonl")),
    (
        "VirtualMachineInstance",
        "virtualmachineinstances",
        "bad",
        include_str!("../../data/kubevirt-statuses/imagepull-vmi.jsonl"),
    ),
];
const LIFE: [Script; 3] = [
    ("VirtualMachine", "virtualmachines", "life", include_str!("../../data/kubevirt-statuses/life-vm.jsonl")),
    (
        "VirtualMachineInstance",
        "virtualmachineinstances",
        "life",
        include_str!("../../data/kubevirt-statuses/life-vmi.jsonl"),
    ),
    (
        "VirtualMachineInstanceMigration",
        "virtualmachineinstancemigrations",
        "mig-1",
        include_str!("../../data/kubevirt-statuses/life-vmim.jsonl"),
    ),
];

/// A written object: plural, namespace, name.
type Object = (&'static str, String, &'static str);

/// The server's responses to the writers: versions with the statuses written.
type Log = BTreeMap<Object, Vec<(u64, Value)>>;

#[test]
fn two_thousand_status_writes_in_fifty_namespaces_are_recorded_in_order() {
    let plane = ControlPlane::start(Options::default());
    plane.install_kubevirt_crds();
    let recorder = Recorder::attached(&plane.kubeconfig(ADMIN), &["-A", "vm,vmi,vmim"]);
    let log = write(&plane);
    let recording = recorder.stop();
    assert_recorded(&recording, &log);
}

#[test]
fn connections_that_are_cut_again_and_again_lose_nothing_and_leave_no_gap() {
    let plane = ControlPlane::start(Options::default());
    plane.install_kubevirt_crds();
    let proxy = Proxy::start(&plane.server_url());
    let mut recorder = Recorder::attached(&proxy.kubeconfig(&plane.kubeconfig(ADMIN)), &["-A", "vm,vmi,vmim"]);
    let (file, written) = (recorder.file(), AtomicBool::new(false));
    let size = || std::fs::metadata(&file).map_or(0, |metadata| metadata.len());
    let log = thread::scope(|scope| {
        // A stream that is cut before it delivers anything is backed off; these are cut in the middle.
        let cutter = scope.spawn(|| {
            let mut cut_at = 0;
            deadline::until(Duration::from_mins(2), || {
                if size() > cut_at + 100_000 {
                    proxy.cut();
                    cut_at = size();
                }
                written.load(Ordering::SeqCst).then_some(())
            })
        });
        let log = write(&plane);
        written.store(true, Ordering::SeqCst);
        assert!(cutter.join().expect("the cutter does not panic").is_some(), "the writing took too long");
        log
    });
    // A recorder that is stopped within an outage may be left too little time to find out whether it missed something.
    let writer = Writer::new(&plane.kubeconfig(ADMIN));
    for kind in ["VirtualMachine", "VirtualMachineInstance", "VirtualMachineInstanceMigration"] {
        let last = json!({"apiVersion": "kubevirt.io/v1", "kind": kind, "metadata": {"name": "last"}, "spec": {}});
        writer.create(kind, "ns-00", &last);
    }
    recorder.await_lines("last objects", 3, |line| line["object"]["metadata"]["name"] == "last");
    let recording = recorder.stop();
    let watches = ["virtualmachines", "virtualmachineinstances", "virtualmachineinstancemigrations"];
    let reconnects = watches.map(|plural| recording.reconnects_of(plural).len());
    // On a busy machine a stream is cut because another one delivered, and then it waits longest.
    assert!(reconnects.iter().all(|count| *count > 0) && reconnects.iter().sum::<usize>() >= 6, "{reconnects:?}");
    assert_recorded(&recording, &log);
}

/// Writes all scripts in all namespaces concurrently.
fn write(plane: &ControlPlane) -> Log {
    let writer = Writer::new(&plane.kubeconfig(ADMIN));
    let namespaces: Vec<String> = (0..NAMESPACES).map(|number| format!("ns-{number:02}")).collect();
    let list =
        namespaces.iter().map(|name| json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}));
    plane.kubectl_with_input(
        &["create", "--filename=-"],
        &json!({"apiVersion": "v1", "kind": "List", "items": list.collect::<Vec<_>>()}).to_string(),
    );
    let scripts = namespaces.iter().enumerate().flat_map(|(number, namespace)| {
        let scripts: &[Script] = if number % 2 == 0 { &LIFE } else { &PULL };
        scripts.iter().map(move |script| (namespace.clone(), *script))
    });
    writer.block_on(async {
        let tasks: Vec<_> = scripts
            .map(|(namespace, script)| {
                let api = writer.api(script.0, &namespace);
                tokio::spawn(
                    async move { ((script.1, namespace.clone(), script.2), play(&api, &namespace, script).await) },
                )
            })
            .collect();
        let mut log = Log::new();
        for task in tasks {
            let (object, written) = task.await.expect("the writers do not panic");
            log.insert(object, written);
        }
        log
    })
}

/// One object's life: created, each status written, deleted.
async fn play(
    api: &kube::Api<kube::api::DynamicObject>,
    namespace: &str,
    (kind, _, name, statuses): Script,
) -> Vec<(u64, Value)> {
    let fresh = json!({
        "apiVersion": "kubevirt.io/v1", "kind": kind, "metadata": {"name": name, "namespace": namespace}, "spec": {},
    });
    let fresh = serde_json::from_value(fresh).expect("an object");
    let mut object = api.create(&kube::api::PostParams::default(), &fresh).await.expect("creating an object");
    let mut written = Vec::new();
    for status in statuses.lines() {
        let status: Value = serde_json::from_str(status).expect("a status");
        object = write_status(api, object, &status).await;
        written.push((version_of(&object), status));
    }
    api.delete(name, &kube::api::DeleteParams::default()).await.expect("deleting an object");
    written
}

fn assert_recorded(recording: &Recording, log: &Log) {
    let writes: usize = log.values().map(Vec::len).sum();
    assert!(writes >= 2_000, "only {writes} writes");
    recording.assert_verified();
    for ((plural, namespace, name), written) in log {
        let of_object = recording.events(plural).filter(|(_, one)| one.namespace == *namespace && one.name == *name);
        let of_object: Vec<_> = of_object.collect();
        let recorded: Vec<(u64, Value)> = of_object
            .iter()
            .filter(|(change, _)| *change == Change::Modified)
            .map(|(_, object)| {
                let mut kept: Value = serde_json::from_str(object.json.get()).expect("what is kept is JSON");
                (object.resource_version.number().expect("a number"), kept["status"].take())
            })
            .collect();
        assert_eq!(recorded, *written, "{plural} {namespace}/{name}");
        let (first, last) = (of_object[0].0, of_object[of_object.len() - 1].0);
        assert_eq!((first, last), (Change::Added, Change::Deleted), "{plural} {namespace}/{name}");
        assert_track(recording, (plural, namespace, name), written);
    }
    for plural in ["virtualmachines", "virtualmachineinstances", "virtualmachineinstancemigrations"] {
        let versions: Vec<_> = recording.events(plural).map(|(_, object)| object.resource_version.number()).collect();
        assert!(versions.is_sorted_by(|one, next| one < next), "{plural} out of order");
        assert!(recording.gaps_of(plural).is_empty(), "{:?}", recording.gaps_of(plural));
    }
}

/// The timeline's labels are those that were written, each entered at its first version.
fn assert_track(recording: &Recording, (plural, namespace, name): (&str, &str, &str), written: &[(u64, Value)]) {
    let (kind, track, field) = match plural {
        "virtualmachines" => ("VirtualMachine", "status", "printableStatus"),
        "virtualmachineinstances" => ("VirtualMachineInstance", "phase", "phase"),
        _ => ("VirtualMachineInstanceMigration", "phase", "phase"),
    };
    let mut expected: Vec<(String, u64)> = Vec::new();
    for (version, status) in written {
        let Some(label) = status[field].as_str() else { continue };
        if expected.last().is_none_or(|(last, _)| last != label) {
            expected.push((label.to_owned(), *version));
        }
    }
    let steps = recording.steps(namespace, name, kind, track);
    let entered: Vec<(String, u64)> = steps.into_iter().map(|step| (step.label, step.version)).collect();
    assert_eq!(entered, expected, "{plural} {namespace}/{name} {track}");
}
