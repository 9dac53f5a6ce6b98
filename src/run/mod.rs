//! The recorder, and what else runs to an end: tasks, bounded channels and the order of shutdown (stop the source, fence,
//! drain the writer, close the timeline).
//!
//! [`Recorder`] is the one door to a recording in the making.

mod config;
mod earlier;
mod error;
mod folder;
mod handle;
mod horizon;
mod import;
mod judgement;
mod judging;
mod listener;
mod mark;
mod opening;
mod parking;
mod pipeline;
mod record;
mod whole;
mod writing;

pub use config::{Before, Config, Output};
pub use earlier::Earlier;
pub use error::Error;
pub use handle::{Attaching, Recorder};
pub use import::{Import, import};
pub use judgement::{Judgement, Verdicts};
pub use judging::{Judged, judge};
pub use listener::{Listener, Told};
pub use pipeline::{Finished, Progress, Watched};
pub use record::{Recorded, Stop};
pub(crate) use whole::whole;
