//! The steps of a recording: what its server had, one after the other.

use super::scopes::Scope;
use std::sync::Arc;

/// One step. `scope` is that of the watch that recorded it.
#[derive(Clone, Debug)]
pub(super) enum Step {
    /// The next write of a collection happened.
    Show { collection: usize },
    /// A list shows what there is: all that its next versions hold. What was before is not known completely.
    List { collection: usize, scope: Scope, versions: usize, revision: u64 },
    /// Nothing is known of what was after a revision.
    Freeze { collection: usize, scope: Scope, revision: u64 },
    /// Nothing is known of what there is.
    Lose { collection: usize, scope: Scope },
    /// The server confirmed that a stream has everything up to a revision.
    Bookmark { collection: usize, scope: Scope, revision: u64 },
    /// The server does not serve a resource.
    Withhold { collection: usize },
    /// The storage was replaced by another one at a revision: of some collections, nothing is known until lists show it.
    Replace { storage: usize, revision: u64, collections: Vec<usize> },
}

impl Step {
    /// The collections and scopes whose streams it ends.
    pub(super) fn ends_streams(&self) -> Vec<(usize, Scope)> {
        match self {
            Self::List { collection, scope, .. } | Self::Lose { collection, scope } => {
                vec![(*collection, scope.clone())]
            }
            Self::Withhold { collection } => vec![(*collection, Scope::default())],
            Self::Replace { collections, .. } => {
                collections.iter().map(|collection| (*collection, Scope::default())).collect()
            }
            Self::Show { .. } | Self::Freeze { .. } | Self::Bookmark { .. } => Vec::new(),
        }
    }

    /// Whether clients whose streams have ended can list again.
    pub(super) fn is_list(&self) -> bool {
        matches!(self, Self::List { .. })
    }
}

/// The steps of a recording, in order. Clones share them.
#[derive(Clone, Debug, Default)]
pub(super) struct Steps(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    /// Those that were made when the replay starts.
    start: Vec<Step>,
    later: Vec<Step>,
}

impl Steps {
    /// Those that were made when the replay starts, and those that it makes.
    pub(super) fn new(start: Vec<Step>, later: Vec<Step>) -> Self {
        Self(Arc::new(Inner { start, later }))
    }

    /// Those that were made when the replay starts.
    pub(super) fn of_the_start(&self) -> &[Step] {
        &self.0.start
    }

    /// The number of those that a replay makes.
    pub(super) fn len(&self) -> usize {
        self.0.later.len()
    }

    /// Those from one number up to another.
    pub(super) fn between(&self, from: usize, to: usize) -> &[Step] {
        self.0.later.get(from..to.min(self.len())).unwrap_or_default()
    }
}
