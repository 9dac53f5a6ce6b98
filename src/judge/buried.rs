//! What is kept of deleted subjects whose verdicts no later line can change: how many there were, their judgements, and
//! the first few traces of each verdict.
//!
//! A recording may show a million pods of which a hundred exist at a time. A judge keeps the [`KEPT`] subjects that were
//! deleted last, and drops the earlier ones (`bury.rs`). A late line about a dropped subject is recognized by its uid, and
//! never counts as another subject that certainly matches.

use super::log::ClauseId;
use super::outcome::{Life, TraceOutcome};
use super::samples::Samples;
use super::subjects::{Member, Name, Subjects, name};
use crate::language::Pattern;
use crate::monitor::{Judgement, Verdict};
use crate::observation::{ResourceVersion, Subject, Track};
use crate::timeline::Tombstones;
use std::collections::{BTreeMap, HashMap, VecDeque};

/// How many deleted subjects are kept with their traces.
pub const KEPT: usize = 2_000;
/// Of how many storages the dropped uids are kept.
const MAX_STORAGES: usize = 8;
/// For how many names the number of dropped lives is kept.
const MAX_NAMES: usize = 20_000;

/// The dropped subjects.
#[derive(Clone, Debug, Default)]
pub(super) struct Buried {
    summaries: BTreeMap<ClauseId, Summary>,
    /// For kinds and tracks that clauses name: whether a dropped subject showed the track, and any track of its family.
    shown: BTreeMap<(String, Track), (bool, bool)>,
    /// By the storage in which they were deleted, the last ones.
    uids: BTreeMap<u32, Tombstones>,
    /// The last storage whose deleted objects were forgotten.
    forgot_uids: Option<u32>,
    lives: HashMap<Name, Lives>,
    /// Oldest first.
    names: VecDeque<Name>,
    /// True when some names were dropped.
    forgot_names: bool,
}

/// What one clause says about them.
#[derive(Clone, Debug, Default)]
pub(super) struct Summary {
    /// The different judgements, each with the number of its subjects.
    standings: Vec<(Judgement, u64)>,
    /// The first traces of each verdict, each with the index of its subject.
    traces: Vec<(usize, TraceOutcome)>,
    samples: Samples,
}

/// The dropped lives of one name.
#[derive(Clone, Copy, Debug)]
struct Lives {
    number: usize,
    /// The first and the last place at which one of them began; none when the places are unknown.
    began: Option<(u64, u64)>,
}

impl Summary {
    /// The number of subjects, all of which certainly match.
    pub fn subjects(&self) -> u64 {
        self.standings.iter().map(|(_, number)| number).sum()
    }

    /// Their different judgements; how many subjects have one makes no difference.
    pub fn standings(&self) -> impl Iterator<Item = Judgement> {
        self.standings.iter().map(|(standing, _)| *standing)
    }

    /// The traces that are kept, each with the index of its subject.
    pub fn traces(&self) -> &[(usize, TraceOutcome)] {
        &self.traces
    }

    /// How many traces of each verdict are not kept.
    pub fn beyond(&self) -> Vec<(Verdict, u64)> {
        self.samples.beyond()
    }

    fn add(&mut self, index: usize, standing: Judgement, traces: Vec<TraceOutcome>) {
        match self.standings.iter_mut().find(|(known, _)| *known == standing) {
            Some((_, number)) => *number += 1,
            None => self.standings.push((standing, 1)),
        }
        for trace in traces {
            if self.samples.take(trace.standing.verdict) {
                self.traces.push((index, trace));
            }
        }
    }
}

impl Buried {
    /// What a clause says about them; none when it is about none of them.
    pub fn of(&self, id: ClauseId) -> Option<&Summary> {
        self.summaries.get(&id)
    }

    /// True when another trace of this verdict would be kept for a clause.
    pub fn wants(&self, id: ClauseId, verdict: Verdict) -> bool {
        self.of(id).is_none_or(|summary| summary.samples.want(verdict))
    }

    /// Adds the final judgement of a subject for a clause, and its outcomes.
    pub fn add(&mut self, id: ClauseId, index: usize, standing: Judgement, traces: Vec<TraceOutcome>) {
        self.summaries.entry(id).or_default().add(index, standing, traces);
    }

    /// Remembers the uid and the name of a subject, and its last version.
    pub fn remember(&mut self, member: &Member, version: ResourceVersion) {
        self.uids.entry(member.died_in.unwrap_or(u32::MAX)).or_default().insert(&member.subject.uid, version);
        if self.uids.len() > MAX_STORAGES {
            self.forgot_uids = self.uids.pop_first().map(|(storage, _)| storage).max(self.forgot_uids);
        }
        let name = member.name();
        let began = member.began.map(|began| (began, began));
        match self.lives.get_mut(&name) {
            Some(lives) => {
                lives.number += 1;
                let both = lives.began.zip(began);
                lives.began = both.map(|((first, last), (_, own))| (first.min(own), last.max(own)));
            }
            None => {
                self.lives.insert(name.clone(), Lives { number: 1, began });
                self.names.push_back(name);
                if self.names.len() > MAX_NAMES
                    && let Some(oldest) = self.names.pop_front()
                {
                    self.lives.remove(&oldest);
                    self.forgot_names = true;
                }
            }
        }
    }

    /// True when an object that seems new in this version of a storage is or may be a dropped one. One that was deleted
    /// in an earlier storage lives again, which is another life.
    pub fn may_be(&self, uid: &str, storage: Option<u32>, version: Option<&ResourceVersion>) -> bool {
        let (storage, version) = (storage.unwrap_or(0), version.cloned().unwrap_or_default());
        let may_have = |gone: &Tombstones| gone.version(uid).is_some() || gone.may_have_forgotten(&version);
        self.forgot_uids.is_some_and(|forgotten| storage <= forgotten)
            || self.uids.range(storage..).any(|(_, gone)| may_have(gone))
    }

    /// The number of a kept life among all lives of its name, including dropped ones; none when it is unknown.
    pub fn life(&self, member: &Member, known: Life) -> Option<Life> {
        let Some(lives) = self.lives.get(&member.name()) else { return (!self.forgot_names).then_some(known) };
        let ((first, last), own) = lives.began.zip(member.began)?;
        let before = match () {
            () if own > last => lives.number,
            () if own < first => 0,
            () => return None,
        };
        Some(Life { number: known.number + before, of: known.of + lives.number })
    }

    /// The number of a dropped life, which was `then` when it was dropped, among the lives that its name has had since.
    pub fn life_of(&self, subject: &Subject, then: Life, kept: &Subjects) -> Option<Life> {
        let name = name(subject);
        let lives = self.lives.get(&name)?;
        Some(Life { number: then.number, of: lives.number + kept.lives(&name) })
    }

    /// Records which of the tracks that a clause names a subject showed.
    pub fn show(&mut self, pattern: &Pattern, member: &Member) {
        let Pattern::One(track) = pattern else { return };
        let shown = self.shown.entry((member.subject.kind.to_string(), track.clone())).or_default();
        shown.0 |= member.tracks.contains_key(track);
        shown.1 |= member.tracks.keys().any(|shown| is_sibling(shown, track));
    }

    /// Whether a dropped subject showed a track, and whether one showed any track of its family.
    pub fn shown(&self, kind: &str, track: &Track) -> (bool, bool) {
        self.shown.get(&(kind.to_owned(), track.clone())).copied().unwrap_or_default()
    }

    /// How many entries and traces it has, which must not grow with the number of deleted subjects.
    #[cfg(test)]
    pub fn size(&self) -> usize {
        let of_clauses = self.summaries.values().map(|summary| summary.traces.len() + summary.standings.len());
        of_clauses.sum::<usize>() + self.shown.len()
    }
}

/// True for two tracks of one family, such as `condition/A` and `condition/B`.
pub(super) fn is_sibling(one: &Track, other: &Track) -> bool {
    let family = |track: &Track| track.to_string().split_once('/').map(|(family, _)| family.to_owned());
    family(one) == family(other)
}
