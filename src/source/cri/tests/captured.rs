//! What containerd 2.2.1 told while an old client was refused a container with an image volume, and a new one was not.

use super::super::machine::Machine;
use super::super::messages::{ContainerEvent, ContainerMetadata, ContainerStatus, Sandbox, SandboxMetadata};
use super::super::shown::{Of, Told};
use super::machine::{machine, words};
use jiff::Timestamp;
use serde_json::Value;
use std::time::Duration;

const CAPTURE: &str = include_str!("../../../../tests/data/cri/image-volume.jsonl");

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn number(value: &Value) -> i64 {
    value.as_str().and_then(|text| text.parse().ok()).or(value.as_i64()).unwrap()
}

fn place(value: &Value, words: &[&str]) -> i32 {
    let at = words.iter().position(|word| value.as_str().unwrap().contains(word));
    i32::try_from(at.unwrap()).unwrap()
}

fn container(value: &Value) -> ContainerStatus {
    let metadata = &value["metadata"];
    let attempt = u32::try_from(number(&metadata["attempt"])).unwrap();
    ContainerStatus {
        id: text(&value["id"]),
        metadata: Some(ContainerMetadata { name: text(&metadata["name"]), attempt }),
        state: place(&value["state"], &["CREATED", "RUNNING", "EXITED"]),
        created_at: number(&value["createdAt"]),
        started_at: number(&value["startedAt"]),
        finished_at: number(&value["finishedAt"]),
        exit_code: i32::try_from(number(&value["exitCode"])).unwrap(),
        reason: text(&value["reason"]),
    }
}

fn event(value: &Value) -> ContainerEvent {
    let sandbox = &value["podSandboxStatus"];
    let metadata = SandboxMetadata {
        name: text(&sandbox["metadata"]["name"]),
        uid: text(&sandbox["metadata"]["uid"]),
        namespace: text(&sandbox["metadata"]["namespace"]),
        attempt: u32::try_from(number(&sandbox["metadata"]["attempt"])).unwrap(),
    };
    ContainerEvent {
        container_id: text(&value["containerId"]),
        kind: place(&value["containerEventType"], &["CREATED", "STARTED", "STOPPED", "DELETED"]),
        created_at: number(&value["createdAt"]),
        sandbox: Some(Sandbox {
            id: text(&sandbox["id"]),
            metadata: Some(metadata),
            state: i32::from(text(&sandbox["state"]) != "SANDBOX_READY"),
            created_at: number(&sandbox["createdAt"]),
        }),
        containers: value["containersStatuses"].as_array().unwrap().iter().map(container).collect(),
    }
}

fn told(of: Of) -> Vec<String> {
    let mut machine: Machine = machine(of, Vec::new());
    words(&mut machine);
    for line in CAPTURE.lines() {
        let event = event(&serde_json::from_str(line).unwrap());
        let here = |nanoseconds| Timestamp::from_nanosecond(i128::from(nanoseconds)).unwrap();
        machine.told(Told::taken(event, of, here).unwrap(), Duration::ZERO);
    }
    assert!(!machine.is_in_doubt());
    let since = |word: String| word.split(" since").next().unwrap_or_default().to_owned();
    words(&mut machine).into_iter().map(since).collect()
}

#[test]
fn a_refused_container_leaves_no_event_and_the_other_one_lives() {
    assert_eq!(
        told(Of::Containers),
        [
            "p1.vol-new.1 CREATED: created",
            "p1.vol-new.1 STARTED: running",
            "p1.vol-new.1 STOPPED: exited(0)",
            "p1.vol-new.1 DELETED: removed",
        ]
    );
    assert_eq!(told(Of::Sandboxes), ["p1.1 CREATED: ready", "p1.1 STOPPED: notready", "p1.1 DELETED: removed"]);
}
