//! Tasks, bounded channels and the order of shutdown: stop the source, fence, drain the writer, close the timeline.

mod earlier;
mod error;
mod folder;
mod import;
mod judging;
mod pipeline;
mod record;
mod recorder;
mod whole;

pub use earlier::Earlier;
pub use error::Error;
pub use folder::{Heard, Sink};
pub use import::{Import, import};
pub use judging::{Judged, Judging, judge};
pub use pipeline::{Finished, Pipeline, Progress, Watched};
pub use record::{Before, Output, Plan, Recorded, Stop, record};
pub use whole::{Whole, whole};
