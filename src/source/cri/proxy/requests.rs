//! What is read of requests: names, an image, and what mounts are of. From `pkg/apis/runtime/v1/api.proto` of
//! k8s.io/cri-api v0.36.3 (Apache-2.0), reduced to that.

use super::super::super::proxy::name;
use super::super::messages::{ContainerMetadata, SandboxMetadata};
use crate::kinds::{CallProgress as Progress, CriCall as Call, CriMounts as Mounts};
use prost::Message;
use smol_str::SmolStr;

/// `PodSandboxConfig`.
#[derive(Clone, PartialEq, Eq, Message)]
struct Pod {
    #[prost(message, optional, tag = "1")]
    metadata: Option<SandboxMetadata>,
}

/// `RunPodSandboxRequest`.
#[derive(Clone, PartialEq, Eq, Message)]
struct RunPod {
    #[prost(message, optional, tag = "1")]
    config: Option<Pod>,
}

/// `ImageSpec`.
#[derive(Clone, PartialEq, Eq, Message)]
struct Image {
    #[prost(string, tag = "1")]
    image: String,
}

/// `PullImageRequest`.
#[derive(Clone, PartialEq, Eq, Message)]
struct PullImage {
    #[prost(message, optional, tag = "1")]
    image: Option<Image>,
    #[prost(message, optional, tag = "3")]
    pod: Option<Pod>,
}

/// `Mount`.
#[derive(Clone, PartialEq, Eq, Message)]
struct Mount {
    #[prost(string, tag = "2")]
    host_path: String,
    #[prost(message, optional, tag = "9")]
    image: Option<Image>,
}

/// `ContainerConfig`.
#[derive(Clone, PartialEq, Eq, Message)]
struct Container {
    #[prost(message, optional, tag = "1")]
    metadata: Option<ContainerMetadata>,
    #[prost(message, optional, tag = "2")]
    image: Option<Image>,
    #[prost(message, repeated, tag = "7")]
    mounts: Vec<Mount>,
}

/// `CreateContainerRequest`.
#[derive(Clone, PartialEq, Eq, Message)]
struct CreateContainer {
    #[prost(message, optional, tag = "2")]
    config: Option<Container>,
    #[prost(message, optional, tag = "3")]
    pod: Option<Pod>,
}

/// A call of which nothing but the method is known.
pub(super) fn nothing(method: &str) -> Call {
    let none = SmolStr::default;
    Call {
        state: Progress::Calling,
        method: method.into(),
        code: none(),
        namespace: none(),
        pod: none(),
        container: none(),
        image: none(),
        mounts: None,
    }
}

/// True for a method whose request is read.
pub(super) fn is_read(method: &str) -> bool {
    matches!(method, "CreateContainer" | "RunPodSandbox" | "PullImage")
}

/// Takes what is recorded of a request. What cannot be decoded has nothing.
pub(super) fn read(call: &mut Call, message: &[u8]) -> bool {
    let (pod, image) = match call.method.as_str() {
        "RunPodSandbox" => {
            let Ok(RunPod { config }) = RunPod::decode(message) else { return false };
            (config, None)
        }
        "PullImage" => {
            let Ok(PullImage { image, pod }) = PullImage::decode(message) else { return false };
            (pod, image)
        }
        "CreateContainer" => {
            let Ok(CreateContainer { config, pod }) = CreateContainer::decode(message) else { return false };
            let Container { metadata, image, mounts } = config.unwrap_or_default();
            call.container = name(&metadata.unwrap_or_default().name);
            call.mounts = mounts.iter().map(of).max();
            (pod, image)
        }
        _ => (None, None),
    };
    let SandboxMetadata { name: pod, namespace, .. } = pod.and_then(|pod| pod.metadata).unwrap_or_default();
    (call.pod, call.namespace) = (name(&pod), name(&namespace));
    call.image = name(&image.unwrap_or_default().image);
    true
}

fn of(mount: &Mount) -> Mounts {
    match (&mount.host_path, &mount.image) {
        (_, Some(image)) if !image.image.is_empty() => Mounts::Image,
        (path, _) if path.is_empty() => Mounts::Sourceless,
        _ => Mounts::Host,
    }
}

/// The name of a code of gRPC (the status codes of grpc/grpc).
pub(super) fn code(number: &str) -> &'static str {
    const NAMES: [&str; 17] = [
        "OK",
        "CANCELLED",
        "UNKNOWN",
        "INVALID_ARGUMENT",
        "DEADLINE_EXCEEDED",
        "NOT_FOUND",
        "ALREADY_EXISTS",
        "PERMISSION_DENIED",
        "RESOURCE_EXHAUSTED",
        "FAILED_PRECONDITION",
        "ABORTED",
        "OUT_OF_RANGE",
        "UNIMPLEMENTED",
        "INTERNAL",
        "UNAVAILABLE",
        "DATA_LOSS",
        "UNAUTHENTICATED",
    ];
    number.parse::<usize>().ok().and_then(|number| NAMES.get(number)).copied().unwrap_or("UNKNOWN")
}
