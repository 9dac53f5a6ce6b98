//! A resource that the server serves only in another version than that of the watch: its objects exist, unseen.

use super::super::error::Error;
use super::action::Action;
use super::machine::Machine;
use super::state::{State, Then};
use crate::observation::Resource;
use smol_str::SmolStr;

impl Machine {
    /// Another version serves the resource. The one of the watch is waited for, as it may be served again, but the
    /// time until then is not seen.
    pub(super) fn served_as(&mut self, version: SmolStr, then: Then) -> State {
        let served = Resource { version: version.clone(), ..self.recorded.watch.resource.clone() };
        let error = Error::ServedAs(Box::new(served));
        if self.retry.may_give_up() {
            return self.fail(error);
        }
        let is_known = self.recorded.position().version().is_some();
        let (known, since) = match self.elsewhere.found.take() {
            Some((known, since)) => (Some(known), since),
            None if is_known => (None, self.recorded.alive()),
            None => (None, self.elsewhere.not_served.unwrap_or(self.now.stamp.at)),
        };
        if known.as_ref() != Some(&version) {
            self.act(Action::Warn(format!("{error}; stop this recorder and start another")));
        }
        let missing = format!("the resource is served only as {version}");
        self.elsewhere.found = Some((version, since));
        self.interruption.get_or_insert_with(|| missing.clone());
        if self.fence.is_none() {
            return self.pause(self.config.pace.absent, then);
        }
        if !self.is_asked_at_end {
            return self.go(then);
        }
        self.record_unread(matches!(then, Then::List(Some(_))));
        self.write_fence(self.recorded.version(), missing)
    }

    /// Records before the end the time in which another version served the resource.
    pub(super) fn record_elsewhere(&mut self) {
        let Some((version, from)) = self.elsewhere.found.take() else { return };
        self.record_unseen(from, self.now.stamp.at, format!("the resource was served only as {version}"));
    }
}
