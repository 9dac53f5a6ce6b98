//! Compares a delivered event with what was recorded: it is new, repeated, or contradictory.

use super::doubt::Doubt;
use super::recorded::Recorded;
use crate::observation::{Change, Object, ResourceVersion};
use smol_str::SmolStr;

/// How an event relates to what was recorded.
#[derive(Debug)]
pub(super) enum Meeting {
    /// To be recorded.
    New,
    /// Recorded already, or included in a list.
    Again,
    /// Something was lost before it, or an older history continues.
    Contradiction(Doubt),
}

impl Recorded {
    /// Classifies an event; `change` is none when it could not be decoded.
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
            // A list includes everything before it.
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

    /// Whether a new object has the name of one that exists, whose deletion was lost then.
    pub(super) fn is_reborn(&self, object: &Object) -> Option<Doubt> {
        let (other, known) = self.objects().namesake(object)?;
        let Object { uid, name, resource_version: version, .. } = object;
        let why = format!("{name} was added at {version} as {uid}, and {other} of that name was not deleted");
        Some(Doubt { why, since: self.trail.up_to(known) })
    }
}

fn is_deletion(change: Option<Change>) -> bool {
    change == Some(Change::Deleted)
}
