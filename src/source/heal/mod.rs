//! Healing: what a stream did not deliver is read back from the server's history.
//!
//! `history` sends requests within a budget; `walk` finds the versions of one object; `sweep` proves that nothing else
//! happened; `span` combines these for a lost span, as `event`s. `dates` finds the revision of a time. `question` is
//! the interface for watches.

mod bisection;
mod dates;
mod event;
mod history;
mod question;
mod span;
mod sweep;
mod walk;

#[cfg(test)]
mod tests;

pub(super) use dates::{ALLOWANCE, MARGIN, Reach, created};
pub(super) use event::Event;
pub(super) use history::{Head, History, Snapshot, Stop, Unknown};
pub(super) use question::{Answer, Question, Recovery, Since};
pub(super) use span::{Found, Seen, Span, Step};
pub(super) use sweep::{heads, newest};
pub(super) use walk::{Beginning, Chain};
