//! A client of a runtime, which also sends what no other one would.

use crate::channel::connect;
use crate::messages::{Id, Metadata, Nothing, PodMetadata};
use crate::requests::{
    ContainerConfig, CreateContainer, Image, LinuxContainer, LinuxPod, NamespaceOptions, Pod, RunPod, SecurityContext,
    StopContainer,
};
use http::uri::PathAndQuery;
use std::future::pending;
use std::path::{Path, PathBuf};
use tokio::runtime::Runtime;
use tonic::client::Grpc;
use tonic_prost::ProstCodec;

/// A client that waits for its answers.
pub(crate) struct Client {
    runtime: Runtime,
    socket: PathBuf,
    cgroup: String,
}

impl Client {
    pub(crate) fn new(socket: &Path, cgroup: &str) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        Self { runtime, socket: socket.to_owned(), cgroup: cgroup.to_owned() }
    }

    /// Begins a call that is not answered, until this is dropped.
    pub(crate) fn begin(&self, method: &str) -> impl Sized {
        let path: PathAndQuery = format!("/runtime.v1.RuntimeService/{method}").parse().unwrap();
        let (socket, runtime) = (self.socket.clone(), tokio::runtime::Builder::new_multi_thread());
        let runtime = { runtime }.worker_threads(1).enable_all().build().unwrap();
        runtime.spawn(async move {
            let mut grpc = Grpc::new(connect(socket).await.unwrap());
            grpc.ready().await.unwrap();
            let codec = ProstCodec::<Nothing, Nothing>::default();
            let answer = grpc.server_streaming(tonic::Request::new(Nothing {}), path, codec).await;
            // To drop it is to give the call up.
            pending::<()>().await;
            drop(answer);
        });
        runtime
    }

    pub(crate) fn call<Q, A>(&self, method: &str, question: Q) -> Result<A, tonic::Status>
    where
        Q: prost::Message + Send + Sync + 'static,
        A: prost::Message + Default + Send + Sync + 'static,
    {
        let path: PathAndQuery = format!("/runtime.v1.RuntimeService/{method}").parse().unwrap();
        let socket = self.socket.clone();
        self.runtime.block_on(async move {
            let mut grpc = Grpc::new(connect(socket).await?);
            grpc.ready().await.map_err(|error| tonic::Status::unavailable(error.to_string()))?;
            let codec = ProstCodec::<Q, A>::default();
            grpc.unary(tonic::Request::new(question), path, codec).await.map(tonic::Response::into_inner)
        })
    }

    fn pod(&self, name: &str) -> Pod {
        let metadata =
            PodMetadata { name: name.to_owned(), uid: format!("uid-{name}"), namespace: "shop".to_owned(), attempt: 0 };
        let security_context = SecurityContext { namespace_options: Some(NamespaceOptions { network: 2 }) };
        Pod {
            metadata: Some(metadata),
            log_directory: String::new(),
            linux: Some(LinuxPod { cgroup_parent: self.cgroup.clone(), security_context: Some(security_context) }),
        }
    }

    /// Runs the sandbox of a pod.
    pub(crate) fn run_pod(&self, name: &str) -> String {
        let config = Some(self.pod(name));
        self.call::<_, Id>("RunPodSandbox", RunPod { config }).unwrap().id
    }

    /// Creates a container of busybox.
    pub(crate) fn create(
        &self,
        (pod, sandbox): (&str, &str),
        name: &str,
        command: &[&str],
    ) -> Result<String, tonic::Status> {
        let config = ContainerConfig {
            metadata: Some(Metadata { name: name.to_owned(), attempt: 0 }),
            image: Some(Image { image: crate::image::BUSYBOX.to_owned() }),
            command: command.iter().map(|&word| word.to_owned()).collect(),
            linux: Some(LinuxContainer {}),
        };
        let create = CreateContainer { sandbox: sandbox.to_owned(), config: Some(config), pod: Some(self.pod(pod)) };
        self.call::<_, Id>("CreateContainer", create).map(|created| created.id)
    }

    pub(crate) fn start(&self, id: &str) -> Result<(), tonic::Status> {
        self.call::<_, Nothing>("StartContainer", Id { id: id.to_owned() }).map(drop)
    }

    pub(crate) fn stop(&self, id: &str) {
        self.call::<_, Nothing>("StopContainer", StopContainer { id: id.to_owned(), timeout: 0 }).unwrap();
    }

    pub(crate) fn remove(&self, id: &str) {
        self.call::<_, Nothing>("RemoveContainer", Id { id: id.to_owned() }).unwrap();
    }

    pub(crate) fn remove_pod(&self, sandbox: &str) {
        for method in ["StopPodSandbox", "RemovePodSandbox"] {
            self.call::<_, Nothing>(method, Id { id: sandbox.to_owned() }).unwrap();
        }
    }
}
