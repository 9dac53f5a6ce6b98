//! Block devices of this machine, from the kernel's uevents.
//!
//! The kernel numbers all uevents of the machine without holes, whoever may see them, and says the last number. So every
//! loss is known, that of a socket which something filters included. `message` reads a uevent, `machine` is the pure part,
//! `linux` has the socket and `/sys`, and `stream` runs them by the clock.

#[cfg(any(target_os = "linux", test))]
mod host;
#[cfg(target_os = "linux")]
mod linux;
#[cfg(any(target_os = "linux", test))]
mod machine;
#[cfg(any(target_os = "linux", test))]
mod message;
#[cfg(target_os = "linux")]
mod stream;
#[cfg(test)]
mod tests;

#[cfg(target_os = "linux")]
pub(super) use stream::run;
