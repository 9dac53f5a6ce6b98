//! The calls to a runtime that pass through the recorder: it listens on a socket of its own, and passes on what comes, both
//! ways. What it passes on, it has seen: nothing else is needed to attach.
//!
//! `relay` passes on, `body` takes a copy meanwhile, `requests` is what is read of it, `calls` what is recorded, and `run`
//! records.

mod body;
mod calls;
mod relay;
mod requests;
mod run;

pub(in super::super) use run::run_proxy;
