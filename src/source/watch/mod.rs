//! One watch, without I/O: a state machine that takes inputs (from the socket, the clock, or a completed request) and
//! returns actions.
//!
//! `state` says where the watch is, `machine` has the step; `input` and `action` are all that goes in and out.
//! `listing`, `history`, `reading`, `outage` and `finish` are the steps of a list, of what history shows, an open
//! stream, a stream that cannot be followed, and the end. The parts of the state: `recorded` is what the recording says
//! of the watch (`account`, `loss` and `past` write what history shows), `backlog` which events come late, `fence` the
//! proof of the end, `proof` the same while the watch goes on (`prove` has its steps), `check` that of a stream that was taken up again (both by `awaited`), `recognition` that of its
//! storage (`recognize` has its steps), `meeting` whether an event can be (`doubt` why not), `trail` what was recorded
//! last, `reported` what is reported of the connection, `held` lines that wait for an answer, `beside` the list that waits for history, `retry` when to ask again.
//! `source::stream` performs the actions.

mod account;
mod action;
mod awaited;
mod backlog;
mod before;
mod beside;
mod check;
mod doubt;
mod elsewhere;
mod fence;
mod finish;
mod held;
mod history;
mod input;
mod listing;
mod loss;
mod machine;
mod meeting;
mod outage;
mod past;
mod proof;
mod prove;
mod reading;
mod recognition;
mod recognize;
mod recorded;
mod reported;
mod retry;
mod state;
#[cfg(test)]
mod tests;
mod trail;

pub(super) use action::Action;
pub(super) use fence::Tail;
pub(super) use input::Input;
pub(super) use machine::{Config, Machine};
