//! Recording, importing and judging: tasks, bounded channels and the order of shutdown (stop the source,
//! fence, drain the writer, close the timeline).
//!
//! [`Recorder`] is the handle of a running recorder.

mod answer;
mod batch;
mod config;
mod current;
mod entry_log;
mod error;
mod folded;
mod folder;
mod follower;
mod handle;
mod horizon;
mod import;
mod judges;
mod judging;
mod listener;
mod live_judge;
mod live_timeline;
mod mark;
mod meters;
mod opening;
mod orders;
mod parking;
mod pipeline;
mod places;
mod prior;
mod progress;
mod prover;
mod record;
mod relevance;
mod stop;
mod verdicts;
mod writing;

pub use config::{Config, HistoryPolicy, Output};
#[doc(hidden)]
pub use current::{CurrentState, CurrentSubject};
#[doc(hidden)]
pub use entry_log::{EntryLog, Position, Read};
pub use error::Error;
pub(crate) use follower::Told;
pub use handle::{Attaching, Marker, Recorder};
pub(crate) use listener::States;
pub use listener::{Listener, Message};
pub use live_judge::LiveJudge;
#[doc(hidden)]
pub use live_timeline::LiveTimeline;
pub(crate) use mark::LONGEST_NAME as LONGEST_MARK;
pub(crate) use meters::Filling;
pub use pipeline::Finished;
pub use prior::PriorRecording;
pub use progress::{Progress, Watched};
#[doc(hidden)]
pub use prover::Prover;
pub use record::Recorded;
pub(crate) use record::withdraw;
pub use stop::Stop;
pub use verdicts::Verdicts;

// Not part of the API: for the tests and benchmarks of this repository.
#[doc(hidden)]
pub use folded::{FoldedRecording, folded, verify};
#[doc(hidden)]
pub use import::{Import, import};
#[doc(hidden)]
pub use judging::{Judged, judge, judge_file};

#[cfg(test)]
mod tests;
