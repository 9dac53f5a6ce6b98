//! The calls to Podman's service that pass through the recorder, in HTTP/1.1.
//!
//! `exchange` reads along, and says which answer belongs to which request. `head` and `body` are the messages of HTTP,
//! `request` is what is recorded of a request, and `answer` what is read of an answer.

mod answer;
mod body;
mod exchange;
mod head;
mod request;
#[cfg(test)]
mod tests;

use super::super::proxy::{Calls, Exchange, Protocol};
use crate::kinds::LibpodCall as Call;
use exchange::Http1;

/// Podman's API, and Docker's.
#[derive(Debug)]
pub(in super::super) struct Libpod;

impl Protocol for Libpod {
    type Call = Call;
    const UNREAD: &'static str = "a request could not be read: it is no HTTP/1.1, or too long";

    fn exchange(calls: Calls<Call>) -> impl Exchange {
        Http1::new(calls)
    }
}
