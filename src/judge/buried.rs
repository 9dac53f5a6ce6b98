//! What is kept of subjects that are gone and of which nothing that may still come changes what is said: how many there
//! were, where they stood, and the first few of each verdict.
//!
//! A recording may show a million pods of which a hundred live at a time. A judge keeps the last [`KEPT`] that are gone
//! as they were; of the earlier ones it keeps what `bury.rs` makes of them. A line about one of those that nobody
//! expects any more is known for what it is by its uid, and never counts as another subject that is surely meant.

use super::log::ClauseId;
use super::outcome::{Life, TraceOutcome};
use super::subjects::{Member, Name, Subjects, name};
use crate::language::Pattern;
use crate::monitor::{Judgement, Verdict};
use crate::observation::{ResourceVersion, Subject, Track};
use crate::timeline::Tombstones;
use std::collections::{BTreeMap, HashMap, VecDeque};

/// How many subjects that are gone are kept as they were.
pub const KEPT: usize = 2_000;
/// Most words of one verdict that one clause keeps of the others.
const MAX_WORDS: usize = 16;
/// Of how many names it is kept how many lives of them are not.
const MAX_NAMES: usize = 20_000;

/// All of them.
#[derive(Clone, Debug, Default)]
pub(super) struct Buried {
    summaries: BTreeMap<ClauseId, Summary>,
    /// Of kinds and tracks that clauses name: whether the track was shown, and whether one of its family was.
    shown: BTreeMap<(String, Track), (bool, bool)>,
    uids: Tombstones,
    lives: HashMap<Name, Lives>,
    /// From the longest ago on.
    names: VecDeque<Name>,
    /// Some names were forgotten.
    forgot_names: bool,
}

/// What one clause says of them.
#[derive(Clone, Debug, Default)]
pub(super) struct Summary {
    /// What is said of how many.
    standings: Vec<(Judgement, u64)>,
    /// The first words of each verdict, by the index of their subject.
    traces: Vec<(usize, TraceOutcome)>,
    /// How many words of each verdict there were.
    counts: [u64; 5],
}

/// The lives of one name that are not kept.
#[derive(Clone, Copy, Debug)]
struct Lives {
    number: usize,
    /// The first and the last place at which one of them began; none when places do not tell.
    began: Option<(u64, u64)>,
}

impl Summary {
    /// How many subjects there were, all of them surely meant.
    pub fn subjects(&self) -> u64 {
        self.standings.iter().map(|(_, number)| number).sum()
    }

    /// What is said of them, each once: how many there are of it makes no difference.
    pub fn standings(&self) -> impl Iterator<Item = Judgement> {
        self.standings.iter().map(|(standing, _)| *standing)
    }

    /// The words that are kept.
    pub fn traces(&self) -> &[(usize, TraceOutcome)] {
        &self.traces
    }

    /// True when another word of this verdict would be kept.
    pub fn wants(&self, verdict: Verdict) -> bool {
        self.counts[verdict as usize] < MAX_WORDS as u64
    }

    /// How many words of each verdict are not kept.
    pub fn beyond(&self) -> Vec<(Verdict, u64)> {
        let kept = |verdict: Verdict| self.traces.iter().filter(|(_, word)| word.standing.verdict == verdict).count();
        let all = [Verdict::Satisfied, Verdict::Violated, Verdict::Pending, Verdict::Inconclusive, Verdict::Skipped];
        let beyond = all.map(|verdict| (verdict, self.counts[verdict as usize] - kept(verdict) as u64));
        beyond.into_iter().filter(|(_, number)| *number > 0).collect()
    }

    fn add(&mut self, index: usize, words: Vec<TraceOutcome>) {
        let standing = Judgement::all(words.iter().map(|word| word.standing));
        match self.standings.iter_mut().find(|(known, _)| *known == standing) {
            Some((_, number)) => *number += 1,
            None => self.standings.push((standing, 1)),
        }
        for word in words {
            let verdict = word.standing.verdict;
            if self.wants(verdict) {
                self.traces.push((index, word));
            }
            self.counts[verdict as usize] += 1;
        }
    }
}

impl Buried {
    /// What a clause says of them; none when it is about none of them.
    pub fn of(&self, id: ClauseId) -> Option<&Summary> {
        self.summaries.get(&id)
    }

    /// True when another word of this verdict would be kept for a clause.
    pub fn wants(&self, id: ClauseId, verdict: Verdict) -> bool {
        self.of(id).is_none_or(|summary| summary.wants(verdict))
    }

    /// Adds what a clause says of a subject.
    pub fn add(&mut self, id: ClauseId, index: usize, words: Vec<TraceOutcome>) {
        self.summaries.entry(id).or_default().add(index, words);
    }

    /// Remembers a subject by its uid and its name; `version` is the last that was told of it.
    pub fn remember(&mut self, member: &Member, version: ResourceVersion) {
        self.uids.insert(&member.subject.uid, version);
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

    /// True when an object that seems new in this version is one of them, or may be.
    pub fn may_be(&self, uid: &str, version: Option<&ResourceVersion>) -> bool {
        let none = ResourceVersion::default();
        self.uids.version(uid).is_some() || self.uids.may_have_forgotten(version.unwrap_or(&none))
    }

    /// The same life among all lives of its name, those included that are not kept; none when that is not known.
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

    /// The life of one of them as it was when it was let go, among the lives that its name has had since.
    pub fn life_of(&self, subject: &Subject, then: Life, kept: &Subjects) -> Option<Life> {
        let name = name(subject);
        let lives = self.lives.get(&name)?;
        Some(Life { number: then.number, of: lives.number + kept.lives(&name) })
    }

    /// Notes which of the tracks that a clause names a subject showed.
    pub fn show(&mut self, pattern: &Pattern, member: &Member) {
        let Pattern::One(track) = pattern else { return };
        let shown = self.shown.entry((member.subject.kind.to_string(), track.clone())).or_default();
        shown.0 |= member.tracks.contains_key(track);
        shown.1 |= member.tracks.keys().any(|shown| is_sibling(shown, track));
    }

    /// Whether one of them showed a track, and whether one showed any of its family.
    pub fn shown(&self, kind: &str, track: &Track) -> (bool, bool) {
        self.shown.get(&(kind.to_owned(), track.clone())).copied().unwrap_or_default()
    }

    /// How many entries and words it has: what must not grow with the number of the dead.
    #[cfg(test)]
    pub fn size(&self) -> usize {
        let words: usize = self.summaries.values().map(|summary| summary.traces.len() + summary.standings.len()).sum();
        words + self.shown.len()
    }
}

/// `condition/A` and `condition/B` are of one family.
pub(super) fn is_sibling(one: &Track, other: &Track) -> bool {
    let family = |track: &Track| track.to_string().split_once('/').map(|(family, _)| family.to_owned());
    family(one) == family(other)
}
