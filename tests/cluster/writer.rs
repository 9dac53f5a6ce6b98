//! A client that writes fast: kube's, with a runtime of its own, where kubectl would start a process per write.
//!
//! It remembers nothing and retries nothing: what it returns is what the server answered.

use std::future::Future;
use std::path::Path;

use kube::api::{Api, ApiResource, DeleteParams, DynamicObject, PostParams};
use kube::config::{KubeConfigOptions, Kubeconfig};
use kube::core::GroupVersionKind;
use kube::{Client, Config};
use serde_json::Value;
use tokio::runtime::{Builder, Runtime};

pub(crate) struct Writer {
    runtime: Runtime,
    client: Client,
}

impl Writer {
    pub(crate) fn new(kubeconfig: &Path) -> Self {
        let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
        let client = runtime.block_on(async {
            let kubeconfig = Kubeconfig::read_from(kubeconfig).expect("reading the kubeconfig");
            let options = KubeConfigOptions::default();
            let config = Config::from_custom_kubeconfig(kubeconfig, &options).await.expect("using the kubeconfig");
            Client::try_from(config).expect("making a client")
        });
        Self { runtime, client }
    }

    /// Runs writes that are to go on side by side.
    pub(crate) fn block_on<T>(&self, future: impl Future<Output = T>) -> T {
        self.runtime.block_on(future)
    }

    pub(crate) fn api(&self, kind: &str, namespace: &str) -> Api<DynamicObject> {
        Api::namespaced_with(self.client.clone(), namespace, &resource(kind))
    }

    /// # Panics
    /// When the server refuses.
    pub(crate) fn create(&self, kind: &str, namespace: &str, object: &Value) -> DynamicObject {
        let object = serde_json::from_value(object.clone()).expect("an object");
        self.block_on(async { self.api(kind, namespace).create(&PostParams::default(), &object).await })
            .unwrap_or_else(|error| panic!("creating a {kind} in {namespace}: {error}"))
    }

    /// # Panics
    /// When the server refuses.
    pub(crate) fn write_status(&self, kind: &str, object: DynamicObject, status: &Value) -> DynamicObject {
        self.block_on(write_status(&self.api(kind, namespace_of(&object)), object, status))
    }

    /// # Panics
    /// When the server refuses.
    pub(crate) fn delete(&self, kind: &str, namespace: &str, name: &str) {
        let now = DeleteParams { grace_period_seconds: Some(0), ..DeleteParams::default() };
        self.block_on(async { self.api(kind, namespace).delete(name, &now).await })
            .unwrap_or_else(|error| panic!("deleting {kind} {name}: {error}"));
    }
}

/// Replaces an object's whole status, as controllers do, and gives the object as it is then.
///
/// # Panics
/// When the server refuses.
pub(crate) async fn write_status(api: &Api<DynamicObject>, mut object: DynamicObject, status: &Value) -> DynamicObject {
    let name = object.metadata.name.clone().expect("an object of the server has a name");
    object.data["status"] = status.clone();
    api.replace_status(&name, &PostParams::default(), &object)
        .await
        .unwrap_or_else(|error| panic!("writing the status of {name}: {error}"))
}

pub(crate) fn version_of(object: &DynamicObject) -> u64 {
    let version = object.metadata.resource_version.as_deref().expect("an object of the server has a version");
    version.parse().expect("versions are numbers")
}

fn namespace_of(object: &DynamicObject) -> &str {
    object.metadata.namespace.as_deref().expect("these objects have namespaces")
}

fn resource(kind: &str) -> ApiResource {
    let (group, version) = match kind {
        "Namespace" | "Pod" | "ConfigMap" => ("", "v1"),
        _ => ("kubevirt.io", "v1"),
    };
    ApiResource::from_gvk(&GroupVersionKind::gvk(group, version, kind))
}
