//! Containers of runc, from the directory in which runc keeps its state.
//!
//! `machine` is the pure part: it turns what the kernel's queues deliver into lines, in an order that is certain, or says
//! that something was lost. It asks a [`Host`](host::Host) for the little that it must look at. `listing` is its look at
//! everything, at the beginning and after a loss. `linux` is the host, and `state_file` reads what runc wrote.
//!
//! `directories` is a second watch of the same address: what the containers mount. `watching` is what both have in
//! common, and `stream` runs them by the clock.

#[cfg(any(target_os = "linux", test))]
mod directories;
#[cfg(any(target_os = "linux", test))]
mod groups;
#[cfg(target_os = "linux")]
mod hierarchy;
#[cfg(any(target_os = "linux", test))]
mod host;
#[cfg(target_os = "linux")]
mod linux;
#[cfg(any(target_os = "linux", test))]
mod listing;
#[cfg(any(target_os = "linux", test))]
mod machine;
#[cfg(target_os = "linux")]
mod state_file;
#[cfg(target_os = "linux")]
mod stream;
#[cfg(test)]
mod tests;
#[cfg(any(target_os = "linux", test))]
mod watching;

#[cfg(target_os = "linux")]
pub(super) use stream::run;
