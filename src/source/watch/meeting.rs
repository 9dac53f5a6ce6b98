//! An event that is delivered, held against what was recorded: it is new, it is sent again, or it cannot be.

use super::doubt::Doubt;
use super::recorded::Recorded;
use crate::observation::{Change, ResourceVersion};
use smol_str::SmolStr;

/// What an event is.
#[derive(Debug)]
pub(super) enum Meeting {
    /// To be recorded.
    New,
    /// Recorded already, or shown by a list.
    Again,
    /// Something was lost on the way, or an older history goes on.
    Contradiction(Doubt),
}

impl Recorded {
    /// `change` is none where it could not be read.
    pub(super) fn meets(&self, change: Option<Change>, uid: &SmolStr, version: &ResourceVersion) -> Meeting {
        let objects = self.objects();
        if objects.has(uid, version, change.unwrap_or(Change::Modified)) {
            return Meeting::Again;
        }
        let last = self.position().version();
        let is_last = last == Some(version);
        let doubt = |why: String, at: Option<&ResourceVersion>| {
            let since = at.and_then(|at| self.trail.before(at));
            Meeting::Contradiction(Doubt { why, since })
        };
        if let Some(listed) = objects.listed()
            && version.is_covered_by(listed)
        {
            // A list shows what became of everything before it.
            return match objects.known().get(uid) {
                Some(known)
                    if known.is_covered_by(version) && known != version && !(is_last && is_deletion(change)) =>
                {
                    doubt(
                        format!("an event of {uid} at {version} is newer than a list at {listed} shows"),
                        Some(version),
                    )
                }
                Some(_) if is_last && is_deletion(change) => Meeting::New,
                _ => Meeting::Again,
            };
        }
        if let Some(last) = last
            && !is_last
            && version.is_covered_by(last)
        {
            return doubt(format!("an event at {version} follows one at {last}"), Some(version));
        }
        if matches!(change, Some(Change::Modified | Change::Deleted)) && !objects.is_there(uid) {
            let what = if is_deletion(change) { "deleted" } else { "modified" };
            return doubt(format!("{uid} was {what} at {version}, and never added"), None);
        }
        Meeting::New
    }
}

fn is_deletion(change: Option<Change>) -> bool {
    change == Some(Change::Deleted)
}
