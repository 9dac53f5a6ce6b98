//! The smallest pod that tests apply, and waiting for what becomes of it.
//!
//! A pod here is a JSON value that a test bends to its needs before it applies it; there is no builder for what
//! Kubernetes calls a pod, because tests should show the fields that they rely on.

use serde_json::{Value, json};

use super::client::Client;

/// A pod in the namespace `default` with one container, `app`. It is restarted always, and ends within a second
/// when deleted.
pub(crate) fn pod(name: &str, image: &str, command: &[&str]) -> Value {
    json!({
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "namespace": "default"},
        "spec": {
            "restartPolicy": "Always",
            "terminationGracePeriodSeconds": 1,
            "containers": [{"name": "app", "image": image, "imagePullPolicy": "IfNotPresent", "command": command}],
        },
    })
}

/// As [`pod`], and never restarted.
pub(crate) fn pod_once(name: &str, image: &str, command: &[&str]) -> Value {
    let mut pod = pod(name, image, command);
    pod["spec"]["restartPolicy"] = json!("Never");
    pod
}

impl Client {
    /// Waits until the field at a JSONPath (`.status.phase`) of an object (`pod/a`) has a value. kubectl
    /// watches, so that a value that passes quickly is seen.
    ///
    /// # Panics
    /// When it has not within a minute.
    pub(crate) fn wait_for(&self, namespace: &str, object: &str, path: &str, value: &str) {
        let condition = format!("--for=jsonpath={{{path}}}={value}");
        self.kubectl_ok(&["--namespace", namespace, "wait", &condition, object, "--timeout=60s"]);
    }

    /// Waits until an object is there.
    ///
    /// # Panics
    /// When it is not within a minute.
    pub(crate) fn wait_for_creation(&self, namespace: &str, object: &str) {
        self.kubectl_ok(&["--namespace", namespace, "wait", "--for=create", object, "--timeout=60s"]);
    }
}
