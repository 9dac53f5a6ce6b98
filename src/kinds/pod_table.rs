//! The table of pods, which follows `printPod` of Kubernetes 1.36 (pkg/printers/internalversion/printers.go).
//!
//! Which containers count for READY and RESTARTS depends on how far the initialization is: the containers of a pod that
//! initializes are not counted yet, and once it is done, init containers are not counted any more, except sidecars.

use super::pod_object::Pod;
use super::pod_status;
use super::printed::{Printed, or, text, time};
use super::table::{AGE, Column, Completion, NAME, TableDeclaration};
use jiff::Timestamp;
use serde_json::Value;

pub(super) const TABLE: TableDeclaration = TableDeclaration::of(&[
    NAME,
    Column::computed("Ready", "How many containers are ready, of how many.", |pod| Counts::of(pod).readiness().into()),
    Column::computed("Status", "What the pod, or the container that matters most, is doing.", status),
    Column::computed("Restarts", "How often containers have restarted, and when one last did.", |pod| {
        Counts::of(pod).restarts(pod).into()
    }),
    AGE,
    Column::computed("IP", "The first address of the pod.", address).wide(),
    Column::computed("Node", "The node that the pod is on.", |pod| or_none(pod.text("/spec/nodeName"))).wide(),
    Column::computed("Nominated Node", "The node on which room is being made for the pod.", |pod| {
        or_none(pod.text("/status/nominatedNodeName"))
    })
    .wide(),
    Column::computed("Readiness Gates", "How many readiness gates are true, of how many.", gates).wide(),
])
.completion(completion);

fn or_none(text: &str) -> Value {
    or(text, "<none>").into()
}

/// `podIP`, which is also the first of `podIPs` unless an old client wrote the status.
fn address(pod: &Printed<'_>) -> Value {
    or_none(pod.first(&["/status/podIP", "/status/podIPs/0/ip"]))
}

fn status(pod: &Printed<'_>) -> Value {
    let Some(parsed) = pod.parse::<Pod<'_>>() else { return or(pod.text("/status/phase"), "<unknown>").into() };
    parsed.status.as_ref().map(|status| pod_status::column(&parsed, status)).unwrap_or_default().as_str().into()
}

fn completion(pod: &Printed<'_>) -> Option<Completion> {
    match pod.text("/status/phase") {
        "Succeeded" => Some(Completion { reason: "Succeeded", message: "The pod has completed successfully." }),
        "Failed" => Some(Completion { reason: "Failed", message: "The pod failed." }),
        _ => None,
    }
}

fn gates(pod: &Printed<'_>) -> Value {
    let gates = pod.list("/spec/readinessGates");
    if gates.is_empty() {
        return or_none("");
    }
    let is_true = |gate: &&Value| has(pod, text(&gate["conditionType"]));
    format!("{}/{}", gates.iter().filter(is_true).count(), gates.len()).into()
}

/// True when the first condition of a type is true.
fn has(pod: &Printed<'_>, kind: &str) -> bool {
    let first = pod.list("/status/conditions").iter().find(|condition| text(&condition["type"]) == kind);
    first.is_some_and(|condition| text(&condition["status"]) == "True")
}

/// The containers that count.
#[derive(Default)]
struct Counts {
    ready: usize,
    total: usize,
    restarts: Restarts,
}

/// Restarts of containers, and when the latest of the runs before them ended.
#[derive(Clone, Copy, Default)]
struct Restarts {
    count: i64,
    latest: Option<Timestamp>,
}

impl Restarts {
    fn add(&mut self, container: &Value) {
        self.count += container["restartCount"].as_i64().unwrap_or_default();
        self.latest = self.latest.max(time(&container["lastState"]["terminated"]["finishedAt"]));
    }
}

impl Counts {
    fn of(pod: &Printed<'_>) -> Self {
        let init = pod.list("/spec/initContainers");
        let sidecars = init.iter().filter(|container| is_restarted(container)).count();
        let total = pod.list("/spec/containers").len() + sidecars;
        let mut counts = Self { total, ..Self::default() };
        let mut of_sidecars = Restarts::default();
        let mut initializing = false;
        for container in pod.list("/status/initContainerStatuses") {
            let name = text(&container["name"]);
            let is_sidecar = init.iter().rfind(|known| text(&known["name"]) == name).is_some_and(is_restarted);
            counts.restarts.add(container);
            if is_sidecar {
                of_sidecars.add(container);
            }
            let terminated = &container["state"]["terminated"];
            if terminated.is_object() && terminated["exitCode"].as_i64().unwrap_or_default() == 0 {
                continue;
            }
            if is_sidecar && container["started"] == true {
                counts.ready += usize::from(container["ready"] == true);
                continue;
            }
            initializing = true;
            break;
        }
        if !initializing || has(pod, "Initialized") {
            counts.restarts = of_sidecars;
            for container in pod.list("/status/containerStatuses") {
                counts.restarts.add(container);
                counts.ready += usize::from(is_ready(container));
            }
        }
        counts
    }

    fn readiness(&self) -> String {
        format!("{}/{}", self.ready, self.total)
    }

    fn restarts(&self, pod: &Printed<'_>) -> String {
        match self.restarts {
            Restarts { count, latest: Some(latest) } if count != 0 => {
                format!("{count} ({} ago)", pod.since(Some(latest)))
            }
            Restarts { count, .. } => count.to_string(),
        }
    }
}

/// A container that waits or has terminated does not count as ready, whatever its status says.
fn is_ready(container: &Value) -> bool {
    let state = &container["state"];
    let is_waiting = !text(&state["waiting"]["reason"]).is_empty();
    !is_waiting && !state["terminated"].is_object() && state["running"].is_object() && container["ready"] == true
}

/// A sidecar: an init container that is restarted for as long as the pod lives (KEP-753).
fn is_restarted(container: &Value) -> bool {
    text(&container["restartPolicy"]) == "Always"
}
