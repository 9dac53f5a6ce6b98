//! The metrics of a running recorder, for Prometheus: what happened to the objects, and how the recorder is.
//!
//! A thread of its own follows the recorder; it delays nobody, and a scrape reads what it has counted. What it may have
//! missed is a metric, too. The number of series has bounds, whatever a cluster contains. [METRICS.md] describes each.
//!
//! [METRICS.md]: ../../docs/METRICS.md

mod bounds;
mod counts;
mod exposition;
mod families;
mod labels;
mod measured;
mod objects;
mod recorder;
mod series;
mod stays;

pub use exposition::CONTENT_TYPE;
pub use families::{Family, Kind};
pub use recorder::{Metrics, started};

/// All families, in the order of docs/METRICS.md.
pub use families::ALL;
