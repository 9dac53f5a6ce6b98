//! The shared vocabulary: what can be observed on a watch stream, without I/O, clocks or interpretation.
//!
//! Nothing here knows how an observation was obtained or what it means; `source` makes them, `recording` keeps
//! them, `timeline` folds them.

mod decode;
mod entry;
mod envelope;
mod environment;
pub(crate) mod field_selector;
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
mod raw;
mod resource;
mod served;
mod similar;
mod stalls;
mod stamp;
mod state;
mod subject;
mod undecodable;
mod version;

pub use entry::{Change, GapReason, Past, Renewal};
pub(crate) use identity::SameCluster;
pub(crate) use inventory::Inventory;
pub(crate) use kept::kept_metadata;
pub(crate) use names::{
    DNS_LABEL, IMAGE, PATH_SEGMENT, PLACE, SUBDOMAIN, is_dns_label, is_image, is_path_segment, is_place, is_subdomain,
};
pub use object::Capture;
pub(crate) use position::Position;
pub(crate) use printable::{is_printable, printable};
pub use resource::{CustomTrack, Resource, Watch};
pub(crate) use similar::{alike, listed, nearest, nearest_within};
pub use stalls::Stalls;
pub use stamp::Stamp;
pub(crate) use stamp::seconds;
pub use state::{Detail, State, StateKind, Termination, Track};
pub(crate) use state::{DetailSort, OF_LABEL, OF_MESSAGE, PREDICATE};
pub use subject::{Identity, Owner, Subject};
pub use version::ResourceVersion;

// Not part of the API: for the tests and benchmarks of this repository.
#[doc(hidden)]
pub use decode::{decode_kept, decode_object};
#[doc(hidden)]
pub use entry::{Attached, Fence, Gap, Healed, ObjectEvent, Observation, Payload, Reconnected};
#[doc(hidden)]
pub use envelope::{Envelope, StatusError, decode_event};
#[doc(hidden)]
pub use environment::{Environment, Fact, Node};
#[doc(hidden)]
pub use identity::ClusterIdentity;
#[doc(hidden)]
pub use label_selector::{LabelSelector, LabelSelectorError};
#[doc(hidden)]
pub use malformed::Malformed;
#[doc(hidden)]
pub use object::{Error, Object, Shape};
#[doc(hidden)]
pub use problem::Problem;
#[doc(hidden)]
pub use raw::Raw;
#[doc(hidden)]
pub use resource::WatchId;
#[doc(hidden)]
pub use served::Served;
#[doc(hidden)]
pub use stamp::{Boot, ClockChange, rfc3339_micros};
#[doc(hidden)]
pub use undecodable::{Undecodable, digest};
