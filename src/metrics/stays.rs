//! How long states were held, while it is seen: a stay counts only if its beginning and its end were both seen as they
//! happened, without a gap between them.

use super::labels;
use crate::observation::{StateKind, Subject, Track};
use crate::timeline::{Body, Entry};
use crate::view::{begun, lasted};
use smol_str::SmolStr;
use std::collections::HashMap;
use std::time::Duration;

/// The stays that have not ended.
#[derive(Debug, Default)]
pub(super) struct Stays(HashMap<SmolStr, Vec<Stay>>);

#[derive(Debug)]
struct Stay {
    track: Track,
    state: SmolStr,
    /// When it began, on the time axis of timelines; none if that was not seen, or a gap came after it.
    since: Option<i64>,
}

/// A stay that was seen from its beginning to its end.
#[derive(Debug, PartialEq)]
pub(super) struct Held {
    pub track: Track,
    pub state: SmolStr,
    pub length: Duration,
}

impl Stays {
    /// Takes the next entry; `ended` gets the stays that it ends.
    pub(super) fn push(&mut self, entry: &Entry, mut ended: impl FnMut(&Subject, Held)) {
        let Some(subject) = entry.subject.as_deref() else { return };
        match &entry.body {
            Body::Transition(transition) if transition.is_deletion() => {
                for stay in self.0.remove(&subject.uid).unwrap_or_default() {
                    stay.end(entry).into_iter().for_each(|held| ended(subject, held));
                }
            }
            Body::Transition(transition) => {
                let stays = self.0.entry(subject.uid.clone()).or_default();
                if let Some(at) = stays.iter().position(|stay| stay.track == transition.track) {
                    stays.swap_remove(at).end(entry).into_iter().for_each(|held| ended(subject, held));
                }
                if transition.to.kind != StateKind::Absent {
                    let (track, state) = (transition.track.clone(), labels::state(&transition.to));
                    stays.push(Stay { track, state, since: begun(entry) });
                }
            }
            Body::Gap(gap) => {
                let stays = self.0.get_mut(&subject.uid).into_iter().flatten();
                let lost = stays.filter(|stay| gap.track.as_ref().is_none_or(|track| *track == stay.track));
                lost.for_each(|stay| stay.since = None);
            }
            Body::Detailed(_) | Body::Mark(_) | Body::Evidence(_) => {}
        }
    }

    /// Entries were missed: no stay was seen from its beginning on.
    pub(super) fn forget(&mut self) {
        self.0.clear();
    }
}

impl Stay {
    fn end(self, left: &Entry) -> Option<Held> {
        let length = lasted(self.since?, left)?;
        Some(Held { track: self.track, state: self.state, length })
    }
}
