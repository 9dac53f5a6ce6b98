//! What may have existed outside everything that was seen of a subject or of a condition: lives before the recording,
//! and a track that was never shown.

use super::ends::Ends;
use super::log::ClauseId;
use super::membership::Membership;
use super::state::Judge;
use super::subjects::Member;
use super::window::Sight;
use crate::language::{From, Pattern, Selector, Until, Window, unlisted};
use crate::monitor::Micros;

impl Judge {
    /// Whether a condition may have had a subject that no watch showed: outside the watches, or before the recording.
    pub(super) fn may_have_been_before(&self, id: ClauseId, own: &Member, alias: usize, ends: &Ends) -> bool {
        let (expectation, own_alias) = (&self.program.expectations[id.0], self.program.clause(id).subject);
        let (name, selector) = &expectation.subjects[alias];
        let (own_name, own_selector) = &expectation.subjects[own_alias];
        if let Some(uid) = &selector.uid {
            return self.of_uid(uid).is_none_or(|member| member.may_be_again);
        }
        if !ends.would_show_all(selector) {
            return true;
        }
        // The selector selects lives of the recording, or those that began in it.
        if ends.is_whole_from_first(selector) || selector.quantify.chooses() || selector.born_in_window {
            return false;
        }
        let Some((began, place)) = ends.since(selector) else { return true };
        let start = match expectation.window.from {
            From::Attached => own.sight.map(|sight| sight.seen().lo),
            From::Enter(_) => self.bounds(id, own, ends).ok().and_then(|bounds| bounds.from).map(|from| from.lo.0),
            _ => self.start(&expectation.window),
        };
        if start.is_some_and(|at| at >= began) {
            return false;
        }
        // Subjects related to one that was seen from its beginning existed no earlier, or are known too.
        let is_after = || {
            let is_one_storage = self.replaced.iter().all(|replaced| began <= replaced.after);
            let is_version = is_one_storage && !self.storages.counts_lines(own.watch);
            let seen = own.began.filter(|_| own.sight.is_some_and(Sight::is_birth) && is_version);
            seen.is_some_and(|own| own >= place) && !ends.is_separate(own_selector, selector)
        };
        let is_owner_known = || self.roster.hides_owner(&expectation.subjects, own_alias, own) == Membership::No;
        let owned = selector.owned_by.as_deref() == Some(own_name) && is_after();
        let owner = own_selector.owned_by.as_deref() == Some(name) && is_owner_known();
        !owned && !owner
    }

    /// Whether a selector names a uid that no line has shown.
    pub(super) fn is_uid_unseen(&self, selector: &Selector) -> bool {
        selector.uid.as_ref().is_some_and(|uid| self.of_uid(uid).is_none())
    }

    /// The subject with a uid, if a line has shown it.
    pub(super) fn of_uid(&self, uid: &str) -> Option<&Member> {
        self.roster.find(uid).map(|at| &self.roster.members[at])
    }

    /// The message for a track that its kind does not declare and that no subject of the kind ever showed.
    pub(super) fn is_misspelt(&self, kind: &str, tracks: &Pattern) -> Option<String> {
        let Pattern::One(track) = tracks else { return None };
        let listed = unlisted(kind, track)?;
        let (is_shown, has_sibling) = self.shows(kind, track);
        let is_known = !listed.is_empty() || has_sibling;
        let message = format!("{kind} declares no track `{track}`, and the recording never shows it");
        (is_known && !is_shown).then_some(message)
    }

    /// When a window starts, if that is a fixed time.
    pub(super) fn start(&self, window: &Window) -> Option<Micros> {
        match &window.from {
            From::Created | From::Attached | From::Enter(_) => None,
            From::Time(at) => Some(*at),
            From::Mark(name) => self.marks.get(name).copied(),
        }
    }

    /// True when a window starts at a mark that has not come.
    pub(super) fn awaits_start(&self, window: &Window) -> bool {
        matches!(&window.from, From::Mark(name) if !self.marks.contains_key(name))
    }

    /// True when a window ends at a mark that has not come.
    pub(super) fn awaits_end(&self, window: &Window) -> bool {
        matches!(&window.until, Until::Mark(name) if !self.marks.contains_key(name))
    }
}
