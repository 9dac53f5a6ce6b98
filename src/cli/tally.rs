//! What of a timeline `watch` shows, and what it counts of the rest, for the summary at the end.

use super::printer::{self, counted};
use crate::run::Recorded;
use crate::timeline::{Body, Entry};
use crate::view::Selection;
use crate::view::digest::{Counts, Digest};
use smol_str::SmolStr;
use std::collections::HashSet;

/// Most subjects with failures in a summary.
const FAILURES: usize = 20;

/// Decides which entries are shown, in order, and counts them.
pub(super) struct Tally {
    selection: Selection,
    /// None when everything is shown.
    digest: Option<Digest>,
    /// Transitions that are selected, whether they are shown or not, and the uids of their subjects.
    transitions: u64,
    subjects: HashSet<SmolStr>,
}

/// What becomes of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// Its subject or its track is not selected.
    NotSelected,
    /// It is selected, and counted instead of shown.
    Counted,
    /// It is shown, for this many occurrences.
    Shown(u32),
}

impl Tally {
    pub(super) fn new(selection: Selection, digest: Option<Digest>) -> Self {
        Self { selection, digest, transitions: 0, subjects: HashSet::new() }
    }

    pub(super) fn selection(&self) -> &Selection {
        &self.selection
    }

    /// Takes the next entry.
    pub(super) fn take(&mut self, entry: &Entry) -> Fate {
        self.selection.observe(entry);
        if !self.selection.matches(entry) {
            return Fate::NotSelected;
        }
        if matches!(entry.body, Body::Transition(_)) {
            self.transitions += 1;
        }
        if let Some(subject) = entry.subject.as_deref().filter(|subject| !self.subjects.contains(&subject.uid)) {
            self.subjects.insert(subject.uid.clone());
        }
        match &mut self.digest {
            Some(digest) => digest.shows(entry).map_or(Fate::Counted, Fate::Shown),
            None => Fate::Shown(if let Body::Evidence(evidence) = &entry.body { evidence.count } else { 1 }),
        }
    }

    /// What was seen, in a few lines for a terminal of a width; a recording has a summary of its own.
    pub(super) fn summary(&self, recorded: &Recorded, is_recorded: bool, width: Option<usize>) -> Vec<String> {
        let mut summary = Vec::new();
        let watches = &recorded.finished.progress.watches;
        if !is_recorded {
            let gaps = watches.iter().map(|watched| watched.gaps + watched.undecodable).sum();
            let (transitions, subjects) =
                (counted(self.transitions, "transition"), counted(self.subjects.len() as u64, "subject"));
            let lasted = printer::lasted(recorded.elapsed);
            summary.push(format!("watched {lasted}: {transitions} of {subjects}, {}", counted(gaps, "gap")));
        }
        if self.subjects.is_empty() && self.selection.names_objects() {
            summary.push("no object of these names was seen".to_owned());
        }
        let Some(digest) = &self.digest else { return summary };
        let failures = digest.failures();
        let widest = failures.iter().take(FAILURES).map(|(subject, _)| subject.len()).max().unwrap_or_default();
        for (subject, words) in failures.iter().take(FAILURES) {
            summary.push(failed(subject, words, widest, width));
        }
        if failures.len() > FAILURES {
            summary.push(format!("  and {} more that failed", failures.len() - FAILURES));
        }
        let Counts { transitions, events } = digest.counts();
        if transitions + events > 0 {
            let transitions = counted(transitions, "transition");
            let events = format!("{events} Event{}", if events == 1 { "" } else { "s" });
            summary.push(format!("not shown: {transitions} of other tracks and {events}; --all shows them"));
        }
        summary
    }
}

/// `  failed: pod/web  Error x5, CrashLoopBackOff x3`; where a terminal is too narrow, the words are on lines of their own.
fn failed(subject: &str, words: &str, widest: usize, width: Option<usize>) -> String {
    let line = format!("  failed: {subject:widest$}  {words}");
    let Some(width) = width.filter(|width| line.chars().count() > *width) else { return line };
    let mut text = format!("  failed: {subject}");
    let mut used = width;
    for word in words.split(' ') {
        let length = word.chars().count();
        if used + 1 + length > width {
            text.push_str("\n   ");
            used = 3;
        }
        text.push(' ');
        text.push_str(word);
        used += 1 + length;
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn in_a_narrow_terminal_failures_are_broken_between_words() {
        let (subject, words) = ("pod/virt-launcher-web", "Init:ErrImagePull x3, Error x3; now Deleted");
        let line = format!("  failed: {subject}  {words}");
        for width in [None, Some(line.len())] {
            assert_eq!(failed(subject, words, subject.len(), width), line);
        }
        let broken = "  failed: pod/virt-launcher-web\n    Init:ErrImagePull x3, Error\n    x3; now Deleted";
        assert_eq!(failed(subject, words, 30, Some(32)), broken);
    }
}
