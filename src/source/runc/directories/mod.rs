//! The directories of the machine that containers of runc mount.
//!
//! `machine` follows the containers, without I/O of its own: it reads the table of mounts of each when it is created,
//! and waits for the end of its process. `users` says what that changes. `bound` reads a table.

#[cfg(target_os = "linux")]
mod bound;
mod machine;
mod users;

pub(super) use machine::Machine as Directories;
