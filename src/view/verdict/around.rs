//! What happened around a trace where it departed: entries of other tracks and subjects, marks, and Events.
//!
//! Only a few are shown: those most likely related come first (its own subject, subjects of the same expectation,
//! subjects whose names contain each other, as a VM's name is in its pod's; then its namespace), then the nearest in
//! time. The choice is a reading aid; `show` has all of them.

use super::index::Index;
use super::trace::{Trace, written};
use crate::expectation::{Outcome, TraceOutcome};
use crate::kinds;
use crate::observation::{GapReason, Subject};
use crate::timeline::{Body, Entry, Transition};
use crate::view::row::Row;
use crate::view::style::{Ink, Style};
use crate::view::{clock, gap, label};
use jiff::SignedDuration;
use std::collections::{BTreeSet, HashSet};

/// Largest distance in time.
pub(super) const WINDOW: SignedDuration = SignedDuration::from_secs(10);
/// Largest number of entries that are examined on either side.
const MAX_LOOKED_AT: usize = 5_000;
/// Largest number of updates of other tracks, marks and gaps.
const MAX_UPDATES: usize = 6;
/// Largest number of Events.
const MAX_EVIDENCE: usize = 4;

/// Length of the shortest word of a state that is looked for in Events.
const SHORTEST: usize = 4;

/// Largest number of tracks of one update that are named.
const MAX_TRACKS: usize = 4;

/// What happened around a trace, in order.
#[derive(Default)]
pub(super) struct Around<'a> {
    /// The entry in the middle.
    middle: Option<&'a Entry>,
    updates: Vec<(Distance, Vec<&'a Entry>)>,
    evidence: Vec<(Distance, &'a Entry)>,
}

/// How far an entry is from a trace: by relation, then by time; less is closer.
type Distance = (u8, i128);

impl<'a> Around<'a> {
    /// What happened around the step of a trace that is explained first.
    pub(super) fn of(outcome: &Outcome, word: &TraceOutcome, trace: &Trace<'_>, index: &Index<'a>) -> Self {
        let focus = word.explanation.as_ref().and_then(crate::expectation::Explanation::focus);
        let step = focus.or(trace.steps.len().checked_sub(1));
        let Some(place) = step.and_then(|step| trace.steps[step].place) else { return Self::default() };
        let judged = subjects_of(outcome);
        let entries = index.entries();
        let middle = &entries[place];
        let near = |entry: &&(usize, &'a Entry)| apart(entry.1, middle).abs() <= WINDOW;
        let from = place.saturating_sub(MAX_LOOKED_AT);
        let to = entries.len().min(place + MAX_LOOKED_AT);
        let all: Vec<(usize, &Entry)> = (from..).zip(&entries[from..to]).collect();
        let mut updates: Vec<(Distance, Vec<&Entry>)> = Vec::new();
        let mut evidence: Vec<(Distance, &Entry)> = Vec::new();
        for (_, entry) in all.iter().filter(near) {
            let tier = kinship(entry, &judged, word);
            let apart = apart(entry, middle).as_nanos();
            // What came before is more likely a cause than what came after.
            let distance = (tier, if apart > 0 { 2 * apart } else { -apart });
            match &entry.body {
                Body::Transition(transition) => {
                    let own = entry.subject.as_deref() == Some(&*word.subject);
                    if own && word.track.as_ref() == Some(&transition.track) {
                        continue;
                    }
                    // Who holds a mount is looked for while it is detached, and says more than what was before.
                    let distance = if own && kinds::is_named_by_place(&word.subject.kind) { (0, 0) } else { distance };
                    match updates.last_mut().filter(|(_, update)| same_update(update[0], entry)) {
                        Some((_, update)) => update.push(entry),
                        None => updates.push((distance, vec![entry])),
                    }
                }
                Body::Detailed(_) => {}
                Body::Gap(blind) if blind.reason == GapReason::NeverPublished => {}
                // Where a kernel says little, each change is between two gaps that end with it.
                Body::Gap(_) if updates.last().is_some_and(|(_, update)| same_gap(update[0], entry)) => {}
                Body::Gap(_) | Body::Mark(_) => updates.push((distance, vec![entry])),
                // An Event about another object of the namespace is no reason.
                Body::Evidence(_) if tier != 1 => evidence.push((distance, entry)),
                Body::Evidence(_) => {}
            }
        }
        let begun = trace.steps.iter().find_map(|step| step.place).unwrap_or(place).max(from);
        let troubles = troubles(&entries[begun..to], &judged, word);
        if focus.is_none() {
            // Something was missing all along: the warnings on the way explain more than the Events at the end.
            let warned = warnings(&entries[begun..to], &judged, word);
            evidence = if warned.is_empty() { evidence } else { warned };
        }
        // Of Events about one family, those about what failed come first.
        evidence.iter_mut().for_each(|((tier, _), entry)| *tier = 3 * *tier + troubles.distance(entry));
        let (updates, mut evidence) = (nearest(&updates, MAX_UPDATES), nearest(&evidence, MAX_EVIDENCE));
        evidence.sort_by_key(|((tier, _), _)| *tier);
        Self { middle: Some(middle), updates, evidence }
    }

    /// Entries of other tracks, marks and gaps.
    pub(super) fn updates(&self) -> impl Iterator<Item = &'a Entry> {
        self.updates.iter().flat_map(|(_, update)| update).copied()
    }

    /// Events.
    pub(super) fn evidence(&self) -> impl Iterator<Item = &'a Entry> {
        self.evidence.iter().map(|(_, entry)| *entry)
    }

    /// The lines of the nearest updates and of the nearest Events, at most this many.
    pub(super) fn rows(&self, updates: usize, evidence: usize) -> (Vec<Row>, Vec<Row>) {
        let Some(middle) = self.middle else { return (Vec::new(), Vec::new()) };
        let line = |entry: &Entry, words: Row| {
            let apart = apart(entry, middle);
            let sign = if apart.is_negative() { "-" } else { "+" };
            let mut row = Row::of(Ink::Faint, format!("{sign}{}", clock::span(apart.unsigned_abs()))).align_right(6);
            row.push(Ink::Plain, "  ").append(words);
            row
        };
        let changes =
            nearest(&self.updates, updates).into_iter().map(|(_, update)| line(update[0], update_row(&update)));
        let events = nearest(&self.evidence, evidence).into_iter().map(|(_, entry)| line(entry, event_row(entry)));
        (changes.collect(), events.collect())
    }
}

/// The words of the failures that the trace's subject and related ones showed: `image`, `pull`, `back`.
struct Troubles(BTreeSet<String>);

fn troubles(entries: &[Entry], judged: &HashSet<&str>, word: &TraceOutcome) -> Troubles {
    let mut words = BTreeSet::new();
    for entry in entries {
        let Body::Transition(Transition { track, to, .. }) = &entry.body else { continue };
        if label::ink(track, to) == Ink::Failure && kinship(entry, judged, word) == 0 {
            let mut label = String::new();
            for c in to.label.chars() {
                if c.is_uppercase() || !c.is_alphanumeric() {
                    label.push(' ');
                }
                label.push(c);
            }
            let long = label.split_whitespace().filter(|word| word.len() >= SHORTEST);
            words.extend(long.map(str::to_lowercase));
        }
    }
    Troubles(words)
}

impl Troubles {
    /// How far an Event is from explaining them: 0 for a Warning about one, 1 if its message has no word besides
    /// theirs (`Error: ErrImagePull`, `Back-off pulling image "..."`), 2 for others.
    fn distance(&self, entry: &Entry) -> u8 {
        let Body::Evidence(said) = &entry.body else { return 2 };
        // The object's own name says nothing of a failure: `virt-launcher-vm-imagepull-x`.
        let message = said.message.replace(said.involved.name.as_str(), "").to_lowercase();
        let text = format!("{} {message}", said.reason.to_lowercase());
        // It has two of their words, or the only one.
        let found = self.0.iter().filter(|word| text.contains(word.as_str())).count();
        if said.kind != "Warning" || found == 0 || found < self.0.len().min(2) {
            return 2;
        }
        let unquoted = message.split('"').step_by(2);
        let mut long =
            unquoted.flat_map(|part| part.split(|c: char| !c.is_alphanumeric())).filter(|word| word.len() >= SHORTEST);
        u8::from(long.all(|word| word == "error" || self.0.iter().any(|trouble| word.contains(trouble.as_str()))))
    }
}

/// The first Warning of each reason about the trace's subject and related ones.
fn warnings<'a>(entries: &'a [Entry], judged: &HashSet<&str>, word: &TraceOutcome) -> Vec<(Distance, &'a Entry)> {
    let mut reasons = HashSet::new();
    let mut found = Vec::new();
    for entry in entries {
        let Body::Evidence(said) = &entry.body else { continue };
        if is_related_warning(entry, judged, word) && reasons.insert((&said.involved.uid, &said.reason)) {
            found.push(((0, found.len() as i128), entry));
        }
    }
    found
}

/// True for a Warning about the trace's subject or a related one.
pub(super) fn is_related_warning(entry: &Entry, judged: &HashSet<&str>, word: &TraceOutcome) -> bool {
    matches!(&entry.body, Body::Evidence(event) if event.kind == "Warning") && kinship(entry, judged, word) == 0
}

/// The uids of all subjects that an outcome is about; none if those are so many that they are not about each other.
pub(super) fn subjects_of(outcome: &Outcome) -> HashSet<&str> {
    let traces = outcome.clauses.iter().flat_map(|clause| &clause.traces);
    let uids: HashSet<&str> = traces.map(|word| word.subject.uid.as_str()).collect();
    if uids.len() > outcome.clauses.len().max(2) { HashSet::new() } else { uids }
}

/// The nearest ones, in their order.
fn nearest<T: Clone>(all: &[(Distance, T)], most: usize) -> Vec<(Distance, T)> {
    let mut distances: Vec<(Distance, usize)> = all.iter().map(|(distance, _)| *distance).zip(0..).collect();
    distances.sort_unstable();
    distances.truncate(most);
    let kept = |place: usize| distances.iter().any(|(_, kept)| *kept == place);
    all.iter().enumerate().filter(|(place, _)| kept(*place)).map(|(_, one)| one.clone()).collect()
}

fn apart(entry: &Entry, middle: &Entry) -> SignedDuration {
    entry.stamp.at.duration_since(middle.stamp.at)
}

/// True for two entries from one version of one object.
fn same_update(one: &Entry, other: &Entry) -> bool {
    one.stamp == other.stamp && one.subject == other.subject && matches!(one.body, Body::Transition(_))
}

/// True for two gaps of one watch that were recorded at once.
fn same_gap(one: &Entry, other: &Entry) -> bool {
    let are_whole = one.subject.is_none() && other.subject.is_none();
    are_whole && one.stamp == other.stamp && one.origin == other.origin && matches!(one.body, Body::Gap(_))
}

/// How closely an entry is related to a trace: 0 for its own subject and those that belong to it, then its namespace.
fn kinship(entry: &Entry, judged: &HashSet<&str>, word: &TraceOutcome) -> u8 {
    let (uid, namespace, name) = match (&entry.subject, &entry.body) {
        (Some(subject), _) => (&subject.uid, &subject.namespace, &subject.name),
        (None, Body::Evidence(said)) => (&said.involved.uid, &said.involved.namespace, &said.involved.name),
        (None, _) => return 0,
    };
    let own: &Subject = &word.subject;
    let holds = |one: &str, other: &str| !other.is_empty() && one.contains(other);
    let of_one_family = namespace == &own.namespace && (holds(name, &own.name) || holds(&own.name, name));
    // What is at the same place, or around it, need not have to do with it.
    let is_place = entry.subject.as_ref().is_some_and(|subject| kinds::is_named_by_place(&subject.kind));
    match () {
        () if is_place => u8::from(uid != &own.uid),
        () if uid == &own.uid || judged.contains(uid.as_str()) || of_one_family => 0,
        () if namespace == &own.namespace => 1,
        () => 2,
    }
}

/// `pod/web  phase Running, condition/Ready True`, a mark, or a gap.
fn update_row(update: &[&Entry]) -> Row {
    let entry = update[0];
    let mut row = Row::new();
    match (&entry.body, entry.subject.as_deref()) {
        (Body::Mark(name), _) => _ = row.push(Ink::Mark, format!("---- {name} ----")),
        (Body::Gap(blind), subject) => _ = row.append(gap::line(blind, subject, &Style::default())),
        (_, subject) => {
            row.push(Ink::Strong, subject.map(label::subject).unwrap_or_default());
            for (at, entry) in update.iter().enumerate().take(MAX_TRACKS) {
                let Body::Transition(transition) = &entry.body else { continue };
                row.push(Ink::Faint, if at == 0 { "  " } else { ", " });
                row.push(Ink::Faint, format!("{} ", transition.track));
                row.append(written(&transition.track, &transition.to, std::iter::empty()));
            }
            if update.len() > MAX_TRACKS {
                row.push(Ink::Faint, format!(" and {} more", update.len() - MAX_TRACKS));
            }
        }
    }
    row
}

/// `pod/web  Failed x2: Error: ErrImagePull`.
fn event_row(entry: &Entry) -> Row {
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
