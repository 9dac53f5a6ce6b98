//! The calls to a runtime that pass through the recorder, in gRPC.
//!
//! `exchange` reads along, and says which answer belongs to which request. `frames` are those of HTTP/2, `requests` is
//! what is read of a request, and `call` when it is said.

mod call;
mod exchange;
mod frames;
mod requests;
#[cfg(test)]
mod tests;

use super::super::proxy::{Calls, Exchange, Protocol};
use crate::kinds::CriCall as Call;
use exchange::Http2;

/// gRPC.
#[derive(Debug)]
pub(in super::super) struct Cri;

impl Protocol for Cri {
    type Call = Call;
    const UNREAD: &'static str =
        "a request could not be read: it is no HTTP/2, or it is not whole, compressed, too long or no message of CRI";

    fn exchange(calls: Calls<Call>) -> impl Exchange {
        Http2::new(calls)
    }
}
