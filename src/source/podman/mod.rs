//! Containers, pods, images and volumes of Podman, from the events of its service.
//!
//! `machine` is the pure part: it turns Podman's log of events, as a stream and as a whole, into lines; `listing` adds
//! what lists show, `look` what looks prove, and `lives` which container of an id is meant. `message` is what the
//! service sends, `client` asks it over a unix socket, `facts` is what it says of itself, and `stream` runs them by the
//! clock. `proxy` is what passes to the service.

mod client;
mod facts;
mod listing;
mod lives;
mod look;
mod machine;
mod message;
mod proxy;
mod stream;
#[cfg(test)]
mod tests;

pub(super) use facts::facts;
pub(super) use proxy::Libpod;
pub(super) use stream::run;
