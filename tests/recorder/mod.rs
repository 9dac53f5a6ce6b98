//! The program under test, run against real clusters: as a process of its own, as a person runs it.
//!
//! What it recorded is read with the library. Nothing here knows how the recorder works: it is started, cut off,
//! stopped and asked for its file.

#![allow(dead_code, unused_imports, reason = "every test that includes this module uses its own part of it")]

mod process;
mod proxy;
mod recording;
mod writer;

pub(crate) use crate::recorded::Recording;
pub(crate) use process::{Ended, Recorder, run};
pub(crate) use proxy::Proxy;
pub(crate) use recording::Step;
pub(crate) use writer::{Writer, version_of, write_status};
