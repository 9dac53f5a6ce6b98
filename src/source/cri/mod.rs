//! Sandboxes and containers of a runtime that speaks CRI, from its stream of events.
//!
//! `machine` is the pure part: it turns events and lists into lines. States come from events; a list only proves that none
//! is missing, four times a second, because a runtime changes some states without an event (a container that
//! cannot be started). `messages` are those of the protocol, as far as they are read, `shown` what is taken from them, and
//! `client` asks. `intake` reads the stream and does nothing else, so that the runtime never waits for the recorder, and
//! `stream` runs them by the clock.

mod client;
mod facts;
mod intake;
mod machine;
mod messages;
mod proxy;
mod shown;
mod stream;
#[cfg(test)]
mod tests;

pub(super) use facts::fact;
pub(super) use proxy::Cri;
pub(super) use stream::run;
