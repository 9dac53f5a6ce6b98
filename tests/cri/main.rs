//! Sandboxes and containers of a runtime that speaks CRI, recorded by the program: those of the real containerd
//! (`tests/cluster/build`; it needs root), and of a stand-in for what goes wrong.

#[path = "../cluster/cgroup.rs"]
#[expect(dead_code, reason = "the groups are made by runc, and only removed here")]
mod cgroup;
mod channel;
mod client;
mod containerd;
mod crictl;
#[path = "../recorder/deadline.rs"]
#[expect(dead_code, reason = "other tests use the rest")]
mod deadline;
mod fake;
mod faults;
#[path = "../cluster/image.rs"]
#[expect(dead_code, reason = "other tests use the rest")]
mod image;
mod lives;
mod messages;
#[path = "../cluster/process.rs"]
#[expect(dead_code, reason = "other tests use the rest")]
mod process;
#[path = "../cluster/programs.rs"]
mod programs;
mod proxies;
mod recorder;
mod requests;
#[path = "../cluster/tar.rs"]
mod tar;
