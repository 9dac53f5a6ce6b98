//! The part of the fold for sources that are not API servers: their events, which the kinds follow.

use super::entry::Transition;
use super::fold::Fold;
use super::life::Step;
use super::place::{Ordered, Place};
use crate::kinds::{self, Followed};
use crate::observation::{Change, GapReason, ObjectEvent, Problem, Raw};

impl Fold {
    /// Folds one event: what its kind says of its object after it, as if a server had delivered that.
    pub(super) fn raw(&mut self, raw: &Raw, place: &Place, out: &mut Vec<Ordered>) {
        let stream = &mut self.streams[usize::from(raw.watch)];
        let before = stream.followed.get(&raw.uid);
        let followed = match kinds::follow(&stream.watch.resource, before, raw) {
            Ok(followed) => followed,
            Err(error) => {
                self.unread += 1;
                let (name, version) = (raw.name.clone(), raw.resource_version.clone());
                self.problems.push((raw.watch, Problem::Unread { name, version, error: error.words() }));
                let since = (Some(raw.earliest()), None, Some(raw.resource_version.clone()));
                let of = (raw.watch, GapReason::Undecodable, Some(place.stamp.at));
                self.hides_others(of, since, place.clone(), out);
                return;
            }
        };
        let Followed { change, object, unpublished } = followed;
        if change == Change::Deleted {
            stream.followed.remove(&raw.uid);
        } else {
            stream.followed.insert(raw.uid.clone(), object.clone());
        }
        if let Some((track, evidence)) = unpublished
            && let Some(life) = self.lives.get(&raw.uid)
            && let Some(state) = life.state_of(&track)
        {
            // The event that reveals it also shows the state that followed it.
            self.steps.push(Step::Unpublished(track.clone(), evidence.to_owned()));
            let again = Transition { track, from: Some(state.clone()), to: state };
            self.steps.push(Step::Entered(Box::new(again)));
        }
        let (not_before, healed, confirmed) = (None, false, false);
        let seen = ObjectEvent { watch: raw.watch, change, object, not_before, healed, confirmed };
        self.object(&seen, place, out);
    }
}
