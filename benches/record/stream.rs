//! The generated stream: versions of 5,000 pods, each the size of a real one.

use bytes::Bytes;
use std::fmt::Write as _;

/// Size of an event on the wire, in bytes.
const BYTES: usize = 3400;
const PODS: usize = 5_000;

/// The objects, in the order of their versions.
pub(crate) fn objects(count: usize) -> impl Iterator<Item = Bytes> {
    (0..count).map(|index| Bytes::from(pod(index)))
}

/// Size of one event.
pub(crate) fn size() -> usize {
    pod(0).len() + r#"{"type":"MODIFIED","object":}"#.len() + 1
}

fn pod(index: usize) -> String {
    let (number, version) = (index % PODS, index / PODS);
    let mut text = format!(
        r#"{{"kind":"Pod","apiVersion":"v1","metadata":{{"name":"pod-{number:05}","namespace":"load","uid":"00000000-0000-4000-8000-{number:012}","resourceVersion":"{}","generation":1,"creationTimestamp":"2026-11-20T18:09:22Z","labels":{{"app":"load","pod-template-hash":"7d9c"}},"ownerReferences":[{{"apiVersion":"apps/v1","kind":"ReplicaSet","name":"load-7d9c","uid":"11111111-1111-4111-8111-111111111111","controller":true,"blockOwnerDeletion":true}}],"managedFields":[{{"manager":"kubelet","operation":"Update","apiVersion":"v1","time":"2026-11-20T18:09:22Z","fieldsType":"FieldsV1","fieldsV1":{{"f:status":{{"f:conditions":{{"k:{{\"type\":\"Ready\"}}":{{".":{{}},"f:lastProbeTime":{{}},"f:lastTransitionTime":{{}},"f:status":{{}},"f:type":{{}}}}}},"f:containerStatuses":{{}},"f:hostIP":{{}},"f:phase":{{}},"f:podIP":{{}},"f:startTime":{{}}}}}},"subresource":"status"}}]}},"spec":{{"volumes":[{{"name":"kube-api-access","projected":{{"sources":[{{"serviceAccountToken":{{"expirationSeconds":3607,"path":"token"}}}}],"defaultMode":420}}}}],"containers":[{{"name":"app","image":"registry.example/app:1","command":["sleep","3600"],"env":["#,
        index + 10,
    );
    let status = format!(
        r#"],"resources":{{}},"terminationMessagePath":"/dev/termination-log","imagePullPolicy":"IfNotPresent"}}],"restartPolicy":"Always","nodeName":"node1","schedulerName":"default-scheduler"}},"status":{{"phase":"Running","conditions":[{{"type":"PodReadyToStartContainers","status":"True","lastProbeTime":null,"lastTransitionTime":"2026-11-20T18:09:24Z"}},{{"type":"Initialized","status":"True","lastProbeTime":null,"lastTransitionTime":"2026-11-20T18:09:22Z"}},{{"type":"Ready","status":"{}","lastProbeTime":null,"lastTransitionTime":"2026-11-20T18:09:25Z"}},{{"type":"ContainersReady","status":"{}","lastProbeTime":null,"lastTransitionTime":"2026-11-20T18:09:25Z"}},{{"type":"PodScheduled","status":"True","lastProbeTime":null,"lastTransitionTime":"2026-11-20T18:09:22Z"}}],"hostIP":"10.0.0.1","podIP":"10.88.0.7","startTime":"2026-11-20T18:09:22Z","containerStatuses":[{{"name":"app","state":{{"running":{{"startedAt":"2026-11-20T18:09:25Z"}}}},"lastState":{{}},"ready":{},"restartCount":0,"image":"registry.example/app:1","imageID":"registry.example/app@sha256:0123","containerID":"containerd://{number:064}","started":true}}],"qosClass":"BestEffort"}}}}"#,
        truth(version),
        truth(version),
        version.is_multiple_of(2),
    );
    let mut variable = 0;
    while text.len() + status.len() + 30 < BYTES {
        let comma = if variable == 0 { "" } else { "," };
        let _ = write!(text, r#"{comma}{{"name":"VARIABLE_{variable:03}","value":"value {variable:03}"}}"#);
        variable += 1;
    }
    text + &status
}

fn truth(version: usize) -> &'static str {
    if version.is_multiple_of(2) { "True" } else { "False" }
}
