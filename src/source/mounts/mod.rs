//! Mounts of a mount namespace.
//!
//! `machine` is the pure part: it turns what the kernel's queues deliver into lines, in an order that is certain, or says
//! that something was lost. It asks a [`Host`](host::Host) for what it must look at. The queue has numbers only, so
//! `naming` finds out which mount each of them is; `compare` does without numbers, on kernels that have no such queue.
//! `listing` is the look at everything, at the beginning, after a loss and at the end. `linux` is the host: `queue` reads
//! fanotify, `releases` waits for the end of filesystems, and `holders` looks for who uses one. `stream` runs them by the
//! clock.

#[cfg(any(target_os = "linux", test))]
mod compare;
#[cfg(target_os = "linux")]
mod holders;
#[cfg(any(target_os = "linux", test))]
mod host;
#[cfg(target_os = "linux")]
mod linux;
#[cfg(any(target_os = "linux", test))]
mod listing;
#[cfg(any(target_os = "linux", test))]
mod machine;
#[cfg(any(target_os = "linux", test))]
mod naming;
#[cfg(target_os = "linux")]
mod queue;
#[cfg(target_os = "linux")]
mod releases;
#[cfg(target_os = "linux")]
mod stream;
#[cfg(test)]
mod tests;

#[cfg(target_os = "linux")]
pub(super) use stream::run;
