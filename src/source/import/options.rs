//! Options about the watches that the lines came from.

use crate::observation::{Capture, Resource};
use smol_str::SmolStr;

/// The options of an import.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Which fields of objects to keep.
    pub capture: Capture,
    /// Resources of kinds with irregular plurals; one without a kind is the resource of objects without a kind.
    pub resources: Vec<Resource>,
    /// The namespace that was watched, empty for all. By default the one that all objects of a watch share, since a
    /// narrower watch claims less.
    pub namespace: Option<SmolStr>,
    /// The `-l` of the watches. With a selector, a deletion may be an object that only left the selection.
    pub label_selector: String,
    /// The `--field-selector` of the watches.
    pub field_selector: String,
    /// Names of resources whose versions cannot be compared with those of the others; they are ordered by time.
    pub separate_storage: Vec<SmolStr>,
}
