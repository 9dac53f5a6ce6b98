//! The calls to a runtime that pass through the recorder.
//!
//! `relay` passes on, `body` takes a copy meanwhile, `requests` is what is read of it, and `call` when it is said.

mod body;
mod call;
mod relay;
mod requests;

pub(in super::super) use relay::Cri;
