//! The recorder under test, and what it recorded: the one harness of all suites.
//!
//! It runs in two ways: as a process, as people run it ([`process`]), or in the test's own process by its handle
//! ([`handle`]), which has settings and failures that no command line has. What it recorded is read and folded in one
//! way, with the library: [`Recording`].

#![allow(dead_code, unused_imports, reason = "every suite that includes this module uses its own part of it")]

pub(crate) mod deadline;
pub(crate) mod handle;
pub(crate) mod metrics;
pub(crate) mod process;
mod recording;
mod shown;
pub(crate) mod terminal;

pub(crate) use recording::{Recording, folded, observations};
pub(crate) use shown::Step;
