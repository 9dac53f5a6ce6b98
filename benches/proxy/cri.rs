//! Calls of CRI.

use crate::channel::connect;
use crate::fake::Fake;
use crate::messages::{Containers, Nothing, Version};
use crate::recorder::Recorder;
use std::path::Path;
use tokio::runtime::Runtime;
use tonic::client::Grpc;
use tonic::transport::Channel;
use tonic_prost::ProstCodec;

/// Containers that are listed.
const CONTAINERS: usize = 20;

/// A client with a connection.
struct Client {
    runtime: Runtime,
    grpc: Grpc<Channel>,
}

impl Client {
    fn of(socket: &Path) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let grpc = Grpc::new(runtime.block_on(connect(socket.to_owned())).expect("it listens"));
        Self { runtime, grpc }
    }

    fn call<A: prost::Message + Default + Send + Sync + 'static>(&mut self, method: &str) -> A {
        let path = format!("/runtime.v1.RuntimeService/{method}").parse().expect("a path");
        let Self { runtime, grpc } = self;
        runtime.block_on(async {
            grpc.ready().await.expect("a connection");
            let codec = ProstCodec::<Nothing, A>::default();
            grpc.unary(tonic::Request::new(Nothing {}), path, codec).await.expect("an answer").into_inner()
        })
    }
}

pub(crate) fn compare() {
    let fake = Fake::start();
    (0..CONTAINERS).for_each(|number| fake.set(&format!("c{number}"), 1, 0));
    let proxy = fake.folder.path().join("proxy.sock");
    let recorder = Recorder::between(fake.folder.path(), &fake.socket(), &proxy);
    let [mut direct, mut through] = [fake.socket(), proxy].map(|socket| Client::of(&socket));
    crate::compare(
        "CRI Version",
        || drop(direct.call::<Version>("Version")),
        || {
            drop(through.call::<Version>("Version"));
        },
    );
    let list = |client: &mut Client| {
        let listed = client.call::<Containers>("ListContainers");
        assert_eq!(listed.items.len(), CONTAINERS);
    };
    crate::compare("CRI ListContainers", || list(&mut direct), || list(&mut through));
    drop((direct, through));
    let (code, said) = recorder.stop();
    assert!(code.is_some(), "{said}");
}
