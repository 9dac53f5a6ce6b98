//! The shared vocabulary: what can be observed on a watch stream, without I/O, clocks or interpretation.
//!
//! Nothing here knows how an observation was obtained or what it means; `source` makes them, `recording` keeps
//! them, `timeline` folds them.

mod entry;
mod environment;
pub mod field_selector;
mod full;
mod identity;
mod inventory;
mod kept;
mod label_selector;
mod lenient;
mod malformed;
mod names;
mod object;
mod position;
mod printable;
mod problem;
mod resource;
mod served;
mod stamp;
mod state;
mod subject;
mod undecodable;
mod version;

pub use entry::{
    Attached, Change, Fence, Gap, GapReason, Healed, ObjectEvent, Observation, Past, Payload, Reconnected,
};
pub use environment::{Environment, Node};
pub use identity::{ClusterIdentity, SameCluster};
pub use inventory::Inventory;
pub(crate) use kept::kept_metadata;
pub use label_selector::{LabelSelector, LabelSelectorError};
pub use malformed::Malformed;
pub use names::{is_dns_label, is_path_segment, is_subdomain};
pub use object::{Capture, Envelope, Error, Object, Shape, StatusError, decode_event, decode_kept, decode_object};
pub use position::{Counts, Fenced, OpenGap, Position};
pub use printable::{is_printable, printable};
pub use problem::Problem;
pub use resource::{CustomTrack, Resource, Watch, WatchId};
pub use served::Served;
pub use stamp::{Boot, ClockChange, Stamp, rfc3339_micros, seconds};
pub use state::{Detail, State, StateKind, Termination, Track};
pub use subject::{Identity, Owner, Subject};
pub use undecodable::{Undecodable, digest};
pub use version::ResourceVersion;
