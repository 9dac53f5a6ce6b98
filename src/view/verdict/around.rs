//! What happened beside a word when it departed: entries of other tracks and subjects, marks, and what Events said.
//!
//! Few of many: those that most likely have to do with it come first (its own subject, subjects of the same expectation,
//! subjects whose names hold each other, as a VM's name is in its pod's; then its namespace), then the nearest in time. The
//! choice is a reading aid; whoever wants all of them asks `show`.

use super::index::Index;
use super::trace::Trace;
use crate::expectation::{Outcome, WordOutcome};
use crate::observation::{GapReason, Subject};
use crate::timeline::{Body, Entry};
use crate::view::row::Row;
use crate::view::style::Ink;
use crate::view::{clock, gap, label};
use jiff::SignedDuration;

/// How far away in time something may be.
const WINDOW: SignedDuration = SignedDuration::from_secs(10);
/// Most entries that are looked at on either side.
const MAX_LOOKED_AT: usize = 5_000;
/// Most updates of other tracks, marks and gaps.
const MAX_UPDATES: usize = 6;
/// Most Events.
const MAX_EVIDENCE: usize = 4;

/// What happened beside a word, in order.
#[derive(Default)]
pub(super) struct Around<'a> {
    /// The entry that it is beside.
    middle: Option<&'a Entry>,
    /// Updates of other tracks, each with the entries that it made; marks; gaps.
    pub updates: Vec<Vec<&'a Entry>>,
    /// Events.
    pub evidence: Vec<&'a Entry>,
}

/// How much an entry has to do with a word; less is more.
type Distance = (u8, i128);

impl<'a> Around<'a> {
    /// What happened beside the step of a word that is looked at first.
    pub(super) fn of(outcome: &Outcome, word: &WordOutcome, trace: &Trace<'_>, index: &Index<'a>) -> Self {
        let focus = word.explanation.as_ref().and_then(crate::expectation::Explanation::focus);
        let step = focus.or(trace.steps.len().checked_sub(1));
        let Some(place) = step.and_then(|step| trace.steps[step].place) else { return Self::default() };
        let entries = index.entries();
        let middle = &entries[place];
        let near = |entry: &&(usize, &'a Entry)| apart(entry.1, middle).abs() <= WINDOW;
        let from = place.saturating_sub(MAX_LOOKED_AT);
        let to = entries.len().min(place + MAX_LOOKED_AT);
        let all: Vec<(usize, &Entry)> = (from..).zip(&entries[from..to]).collect();
        let mut updates: Vec<(Distance, Vec<&Entry>)> = Vec::new();
        let mut evidence: Vec<(Distance, &Entry)> = Vec::new();
        for (_, entry) in all.iter().filter(near) {
            let tier = kinship(entry, outcome, word);
            let distance = (tier, apart(entry, middle).as_nanos().abs());
            match &entry.body {
                Body::Transition(transition) => {
                    let own = entry.subject.as_deref() == Some(&*word.subject);
                    if own && word.track.as_ref() == Some(&transition.track) {
                        continue;
                    }
                    match updates.last_mut().filter(|(_, update)| same_update(update[0], entry)) {
                        Some((_, update)) => update.push(entry),
                        None => updates.push((distance, vec![entry])),
                    }
                }
                Body::Gap(blind) if blind.reason == GapReason::NeverPublished => {}
                Body::Gap(_) | Body::Mark(_) => updates.push((distance, vec![entry])),
                Body::Evidence(_) => evidence.push((distance, entry)),
            }
        }
        Self { middle: Some(middle), updates: nearest(updates, MAX_UPDATES), evidence: nearest(evidence, MAX_EVIDENCE) }
    }

    /// The lines, most of them about updates.
    pub(super) fn rows(&self, updates: usize, evidence: usize) -> (Vec<Row>, Vec<Row>) {
        let Some(middle) = self.middle else { return (Vec::new(), Vec::new()) };
        let line = |entry: &Entry, words: Row| {
            let apart = apart(entry, middle);
            let sign = if apart.is_negative() { "-" } else { "+" };
            let mut row = Row::of(Ink::Faint, format!("{sign}{}", clock::span(apart.unsigned_abs()))).align_right(6);
            row.push(Ink::Plain, "  ").append(words);
            row
        };
        let few = |len: usize, most: usize| len.saturating_sub(most) / 2;
        let skipped = few(self.updates.len(), updates);
        let told = self.updates.iter().skip(skipped).take(updates).map(|update| line(update[0], told(update)));
        let said = self.evidence.iter().take(evidence).map(|entry| line(entry, said(entry)));
        (told.collect(), said.collect())
    }
}

/// The nearest of them, in their order.
fn nearest<T>(all: Vec<(Distance, T)>, most: usize) -> Vec<T> {
    let mut distances: Vec<(Distance, usize)> = all.iter().map(|(distance, _)| *distance).zip(0..).collect();
    distances.sort_unstable();
    distances.truncate(most);
    let kept = |place: usize| distances.iter().any(|(_, kept)| *kept == place);
    all.into_iter().enumerate().filter(|(place, _)| kept(*place)).map(|(_, (_, one))| one).collect()
}

fn apart(entry: &Entry, middle: &Entry) -> SignedDuration {
    entry.stamp.at.duration_since(middle.stamp.at)
}

/// Two entries that one version of one object made.
fn same_update(one: &Entry, other: &Entry) -> bool {
    one.stamp == other.stamp && one.subject == other.subject && matches!(one.body, Body::Transition(_))
}

fn kinship(entry: &Entry, outcome: &Outcome, word: &WordOutcome) -> u8 {
    let (uid, namespace, name) = match (&entry.subject, &entry.body) {
        (Some(subject), _) => (&subject.uid, &subject.namespace, &subject.name),
        (None, Body::Evidence(said)) => (&said.involved.uid, &said.involved.namespace, &said.involved.name),
        (None, _) => return 0,
    };
    let own: &Subject = &word.subject;
    let judged = |uid: &str| {
        let words = outcome.clauses.iter().flat_map(|clause| &clause.words);
        words.into_iter().any(|word| word.subject.uid == uid)
    };
    let holds = |one: &str, other: &str| !other.is_empty() && one.contains(other);
    let of_one_family = namespace == &own.namespace && (holds(name, &own.name) || holds(&own.name, name));
    match () {
        () if uid == &own.uid || judged(uid) || of_one_family => 0,
        () if namespace == &own.namespace => 1,
        () => 2,
    }
}

/// `pod/web  phase Running, condition/Ready True`, a mark, or a gap.
fn told(update: &[&Entry]) -> Row {
    let entry = update[0];
    let mut row = Row::new();
    match (&entry.body, entry.subject.as_deref()) {
        (Body::Mark(name), _) => _ = row.push(Ink::Mark, format!("---- {name} ----")),
        (Body::Gap(blind), subject) => _ = row.append(gap::line(blind, subject)),
        (_, subject) => {
            row.push(Ink::Strong, subject.map(label::subject).unwrap_or_default());
            for (at, entry) in update.iter().enumerate() {
                let Body::Transition(transition) = &entry.body else { continue };
                row.push(Ink::Faint, if at == 0 { "  " } else { ", " });
                row.push(Ink::Faint, format!("{} ", transition.track));
                row.append(label::state(&transition.track, &transition.to));
            }
        }
    }
    row
}

/// `pod/web  Failed x2: Error: ErrImagePull`.
fn said(entry: &Entry) -> Row {
    let Body::Evidence(said) = &entry.body else { return Row::new() };
    let mut row = Row::of(Ink::Strong, label::named(&said.involved.kind, &said.involved.name));
    let ink = if said.kind == "Warning" { Ink::Waiting } else { Ink::Plain };
    row.push(Ink::Plain, "  ").push(ink, &said.reason);
    if said.count > 1 {
        row.push(ink, format!(" x{}", said.count));
    }
    row.push(Ink::Faint, format!(": {}", said.message));
    row
}
