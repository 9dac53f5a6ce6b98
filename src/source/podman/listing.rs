//! What Podman lists: at the beginning, after a gap, and at the end.

use super::super::delivery::NOT_RUN;
use super::machine::{Known, Lost, Machine, Missed, Sort};
use super::message::{Event, Listed};
use crate::kinds::{PODMAN_FOUND as FOUND, PodmanEvent as Recorded};
use jiff::Timestamp;
use smol_str::{SmolStr, format_smolstr};
use std::collections::{BTreeSet, HashMap};

const LISTED_MEANWHILE: &str = "Podman said something of it while it was listed";

impl Machine {
    /// Records what is there, after a gap if something was lost. The log was read before and after the list.
    pub(super) fn attach(
        &mut self,
        (before, after): (&[Event], &[Event]),
        listed: &[Listed],
        missed: Option<Missed>,
        kind: &SmolStr,
        (asked, now): (Timestamp, Timestamp),
    ) {
        let moved = self.moved(before, after);
        match missed {
            Some(Missed::NotRun(since)) => self.lines.gap(since, now, NOT_RUN),
            Some(Missed::Lost(lost @ Lost::Refresh)) => self.lines.gap(self.lines.not_before(), now, lost.words()),
            // It may have stood between what was delivered since the log was read as a whole.
            Some(Missed::Lost(lost @ (Lost::Anchor | Lost::Undelivered))) => self.lines.gap_before(now, lost.words()),
            None => {}
        }
        let earlier = std::mem::take(&mut self.known);
        let volumes = std::mem::take(&mut self.volumes);
        let has_names_of_its_own = matches!(self.sort, Sort::Container | Sort::Pod);
        if has_names_of_its_own {
            // Those that are still there keep their names.
            let still = listed.iter().filter_map(|listed| earlier.get_key_value(self.lives.uid(&listed.id)));
            self.known = still.map(|(uid, known)| (uid.clone(), known.clone())).collect();
        }
        if self.sort == Sort::Container {
            let gone = earlier.keys().filter(|uid| !self.known.contains_key(*uid));
            gone.for_each(|uid| self.lives.ended(uid));
            listed.iter().for_each(|listed| self.lives.begin(&listed.id, &self.lines.version()));
        }
        for listed in listed {
            for (uid, mut found) in self.found(listed, &earlier, &volumes) {
                if has_names_of_its_own && !earlier.contains_key(&uid) {
                    found.name = self.free(&uid, &found.name);
                }
                let state = Some(found.state.clone()).filter(|state| !state.is_empty());
                let died = state.as_deref() == Some("exited");
                let event = Recorded {
                    action: SmolStr::new_static(FOUND),
                    state,
                    exit_code: listed.exit_code.filter(|_| died),
                    image: listed.image.clone().filter(|_| self.sort == Sort::Container),
                    id: Some(listed.id.clone()).filter(|_| self.sort == Sort::Image),
                    ..Recorded::default()
                };
                self.lines.event(&found.name, &uid, &event, true);
                if moved.contains(&listed.id) || moved.contains(&uid) || moved.contains(&found.name) {
                    self.lines.unseen(&uid, format!("{}: {LISTED_MEANWHILE}", found.name));
                    found.state = SmolStr::default();
                }
                if self.sort != Sort::Image {
                    self.know(&uid, found);
                }
            }
        }
        self.lines.attached_since(kind, asked);
        self.listed = asked;
        self.begin_after(after);
    }

    /// True when something was said of an object of this sort between two readings of the log.
    pub(super) fn has_moved(&self, before: &[Event], after: &[Event]) -> bool {
        !self.moved(before, after).is_empty()
    }

    /// The objects of which something was said between two readings of the log, by uid or name.
    fn moved(&self, before: &[Event], after: &[Event]) -> BTreeSet<SmolStr> {
        if self.sort == Sort::Image {
            return BTreeSet::new();
        }
        let last = before.last().map(Event::anchor);
        let new = last.and_then(|last| after.iter().rposition(|event| event.is(&last)).map(|at| at + 1));
        let new = after[new.unwrap_or(0)..].iter().filter(|event| event.kind == self.sort.word());
        new.map(|event| if self.sort == Sort::Volume { event.name().clone() } else { event.actor.id.clone() }).collect()
    }

    /// What a list shows of an object; an image has several names.
    fn found(
        &self,
        listed: &Listed,
        earlier: &HashMap<SmolStr, Known>,
        volumes: &HashMap<SmolStr, SmolStr>,
    ) -> Vec<(SmolStr, Known)> {
        let Listed { id, name, names, state, created_at, .. } = listed;
        let names = names.as_deref().unwrap_or_default();
        let known = |name: &SmolStr, state, time_nano| Known { name: name.clone(), state, time_nano, since: 0 };
        let uid = self.lives.uid(id);
        // It keeps the name under which it is recorded.
        let kept = earlier.get(uid).map(|known| &known.name);
        match self.sort {
            Sort::Container => {
                let found =
                    Recorded { state: state.clone(), action: SmolStr::new_static(FOUND), ..Recorded::default() };
                let name = kept.or(names.first()).unwrap_or(id);
                vec![(uid.clone(), known(name, found.container_state().unwrap_or_default(), 0))]
            }
            Sort::Pod => vec![(id.clone(), known(kept.unwrap_or(name), SmolStr::default(), 0))],
            Sort::Volume => {
                let created: Option<Timestamp> = created_at.parse().ok();
                let created = created.and_then(|at| i64::try_from(at.as_nanosecond()).ok()).unwrap_or_default();
                // Podman says that it created a volume after it did: a later one of the name was created after that.
                let same = volumes.get(name).filter(|uid| earlier.get(*uid).is_some_and(|at| created <= at.time_nano));
                let time = same.and_then(|uid| earlier.get(uid)).map_or(created, |known| known.time_nano);
                let uid = same.cloned().unwrap_or_else(|| format_smolstr!("{name}@{created}"));
                vec![(uid, known(name, SmolStr::default(), time))]
            }
            Sort::Image if names.is_empty() => vec![(self.image_uid(id), known(id, SmolStr::default(), 0))],
            Sort::Image => {
                names.iter().map(|name| (self.image_uid(name), known(name, SmolStr::default(), 0))).collect()
            }
        }
    }

    /// What differs between a list and what was recorded. Events of images do not say what there is of them.
    pub(super) fn differences(&self, listed: &[Listed]) -> String {
        if self.sort == Sort::Image {
            return String::new();
        }
        let mut there: HashMap<SmolStr, Known> = HashMap::new();
        listed.iter().for_each(|listed| there.extend(self.found(listed, &self.known, &self.volumes)));
        let mut differing = BTreeSet::new();
        for (uid, found) in &there {
            match self.known.get(uid) {
                None => _ = differing.insert(format!("{} is not recorded", found.name)),
                Some(known) if !agree(&known.state, &found.state) => {
                    let words = format!("{} is {}, recorded as {}", known.name, found.state, known.state);
                    differing.insert(words);
                }
                Some(_) => {}
            }
        }
        let gone = self.known.iter().filter(|(uid, _)| !there.contains_key(*uid));
        differing.extend(gone.map(|(_, known)| format!("{} is not there", known.name)));
        differing.into_iter().collect::<Vec<_>>().join(", ")
    }
}

/// True when a recorded state and a listed one do not contradict each other. A container that is being removed may be
/// in any, and one that was checkpointed or restored runs or has exited.
fn agree(recorded: &str, listed: &str) -> bool {
    recorded == listed
        || recorded.is_empty()
        || matches!(listed, "" | "removing" | "unknown")
        || matches!(recorded, "checkpointed" | "restored") && matches!(listed, "running" | "exited")
}
