//! Monitors: automata that decide whether the trace of one track fits a statement.
//!
//! A statement is compiled once for a track into a plan: an automaton, or the parameters of a counting monitor. A
//! monitor is started from the plan and reads the events of its track one by one.
//!
//! Every monitor keeps a belief: a set of configurations that contains, for each completion of what was not seen, the
//! one that it leads to. The verdict is `satisfied` only when all of them are, and `violated` only when none can be
//! satisfied. The room knows neither text nor subjects nor clocks.

#![expect(unreachable_pub, reason = "`crate::expectation` re-exports what this room offers, so that is public here")]

mod alphabet;
mod automaton;
mod belief;
mod combination;
mod count;
mod decimal;
mod delayed;
mod dfa;
mod entries;
mod fault;
mod first;
mod held;
mod meanwhile;
mod operator;
mod paired;
mod path;
mod place;
mod placeholder;
mod plan;
mod precedence;
mod predicate;
mod quiet;
mod refinement;
mod regular;
mod response;
mod restarts;
mod statement;
mod timed;
mod trace;
mod verdict;

pub use alphabet::{ANY_OTHER, Alphabet};
pub use automaton::Automaton;
pub use dfa::Dfa;
pub use entries::Entered;
pub use fault::Fault;
pub use first::{First, Read};
pub use operator::Monitor;
pub use paired::Paired;
pub use path::{Bound, Item, Name, NamedAt, Path, Primitive, Repeat, States};
pub use place::Place;
pub use placeholder::Terms;
pub use plan::Plan;
pub use predicate::Predicate;
pub use refinement::Refinement;
pub use restarts::Base;
pub use statement::Statement;
pub use timed::{Outlook, Timed};
pub use trace::{
    Cause, Details, End, Event, Found, Micros, NEVER_AFTER, NEVER_BEFORE, Order, START, Shown, Span, Symbol,
};
pub use verdict::{Judgement, Verdict};
