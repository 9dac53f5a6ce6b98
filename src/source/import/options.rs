//! What the lines themselves do not say about the watches that they came from.

use crate::observation::{Capture, Resource};
use smol_str::SmolStr;

/// How to take the lines.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// What to keep of objects.
    pub capture: Capture,
    /// Resources of kinds whose plural is irregular, and, without a kind, the resource of objects that name none.
    pub resources: Vec<Resource>,
    /// The namespace that was watched, empty for all. Else it is the one that all objects of a watch share, since a
    /// narrower watch claims less.
    pub namespace: Option<SmolStr>,
    /// The `-l` of the watches. With one, a deletion may be an object that only left the selection.
    pub label_selector: String,
    /// The `--field-selector` of the watches.
    pub field_selector: String,
    /// Names of resources whose versions do not compare with those of the others: they are put in order by time.
    pub separate_storage: Vec<SmolStr>,
}
