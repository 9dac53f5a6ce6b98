//! The calls to Podman's service that pass through the recorder, in HTTP/1.1.
//!
//! `relay` passes on, byte by byte what it read. `exchange` is the pure part: it reads along, and says which answer
//! belongs to which request. `head` and `body` are the messages of HTTP, `request` is what is recorded of a request,
//! and `answer` what is read of an answer.

mod answer;
mod body;
mod exchange;
mod head;
mod relay;
mod request;
#[cfg(test)]
mod tests;

pub(in super::super) use relay::Libpod;
