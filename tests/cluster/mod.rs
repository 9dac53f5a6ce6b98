//! A real control plane and a real node for tests: etcd, kube-apiserver, and as root kubelet and containerd too.
//!
//! What a watcher meets in the field (410s, compacted history, slow kubelets, API servers that die) is not what
//! a stand-in thinks of, so what can be tested against the real programs is. Each [`ControlPlane`] and each
//! [`Node`] lives in a temporary folder and on ports of its own: any number run side by side, and nothing stays
//! behind.
//!
//! It refuses to pass over what is missing. A test that wants a cluster panics where the programs have not been
//! built (`tests/cluster/build`), and where a node is wanted without root: a test that tested nothing must not
//! look like one that passed.

#![allow(dead_code, unused_imports, reason = "every test that includes this module uses its own part of it")]

mod apiserver;
mod certificates;
mod cgroup;
mod client;
mod containerd;
mod control_plane;
mod controllers;
mod etcd;
mod folder;
mod image;
mod kubelet;
mod kubevirt;
mod namespaces;
mod network;
mod node;
mod process;
mod programs;
mod proxy;
mod registry;
mod reserved;
mod tar;
mod workload;
mod writer;

pub(crate) use crate::recorder::deadline;
pub(crate) use apiserver::Apiserver;
pub(crate) use certificates::Authority;
pub(crate) use client::{ADMIN, Client};
pub(crate) use control_plane::{ControlPlane, Options};
pub(crate) use image::BUSYBOX;
pub(crate) use kubevirt::kubevirt_crds;
pub(crate) use node::{Node, Options as NodeOptions};
pub(crate) use programs::{is_root, program};
pub(crate) use proxy::Proxy;
pub(crate) use registry::{Answer, Registry};
pub(crate) use workload::{pod, pod_once};
pub(crate) use writer::{Writer, version_of, write_status};
