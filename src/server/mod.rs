//! The HTTP server of a running recorder: its timeline, marks, expectations and recording.
//!
//! It reads the recorder's handle like any other program, and never delays it: readers of the timeline have positions
//! and no queues, expectations have a thread of their own. Requests, bodies, waits and connections have limits.
//! [SERVER.md](../../docs/SERVER.md) describes the API.

#![expect(clippy::disallowed_methods, reason = "timeouts of requests and connections are of tokio's clock")]

mod access;
mod app;
mod call;
mod client;
mod compiler;
mod connections;
mod expectations;
mod exporter;
mod followers;
mod guard;
mod health;
mod judged;
mod limits;
mod marks;
mod metrics;
mod openapi;
mod page;
mod parameters;
mod problem;
mod proving;
mod recording;
mod review;
mod router;
mod status;
mod subjects;
mod timeline;

pub(crate) use access::{Access, Who};
pub(crate) use app::App;
pub(crate) use call::{CallError, Target, mark};
pub(crate) use connections::{Listening, Server};
pub(crate) use limits::ENTRIES;
pub(crate) use review::Reviewer;
pub use router::document as openapi;
