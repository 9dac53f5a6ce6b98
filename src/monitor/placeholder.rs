//! The monitor of paths with a placeholder: `$n` stands for one label, which the path does not name otherwise.
//!
//! The path is compiled once, with a reserved label in place of `$n`. Each label that the track shows has a monitor of
//! its own, which reads it as the reserved one. One more monitor reads no label so, and stands for every label that was
//! not shown: until a label is shown, this is its monitor, too. Some of them satisfied is satisfied, all of them
//! violated is violated. Beyond [`MAX_LABELS`] labels the monitor is never violated, unless it was before.

use super::alphabet::Alphabet;
use super::automaton::Automaton;
use super::dfa::Dfa;
use super::path::{Bound, Path};
use super::regular::Regular;
use super::timed::{Outlook, Timed};
use super::trace::{End, Event, Found, Micros, Shown, Symbol};
use super::verdict::{Judgement, Verdict};
use crate::observation::StateKind;
use smol_str::{SmolStr, format_smolstr};
use std::borrow::Cow;
use std::sync::Arc;

/// Most labels of one trace that have a monitor of their own.
const MAX_LABELS: usize = 64;

/// A path, compiled.
#[derive(Clone, Debug)]
pub enum Compiled {
    /// See [`Regular`].
    Untimed(Arc<Dfa>),
    /// See [`Timed`].
    Timed(Arc<Automaton>, Arc<Outlook>),
}

impl Compiled {
    fn start(&self) -> Reader {
        match self {
            Self::Untimed(dfa) => Reader::Untimed(Regular::new(Arc::clone(dfa))),
            Self::Timed(automaton, outlook) => Reader::Timed(Timed::new(Arc::clone(automaton), Arc::clone(outlook))),
        }
    }
}

/// A path with a placeholder.
#[derive(Clone, Debug)]
pub struct Terms {
    path: Compiled,
    /// The placeholder, as the path names it.
    name: String,
    /// Its label in the path.
    reserved: SmolStr,
    /// The labels that the path names otherwise.
    named: Vec<SmolStr>,
}

impl Terms {
    /// The terms of a path; none when it has no placeholder.
    #[must_use]
    pub fn new(compiled: Compiled, path: &Path) -> Option<Self> {
        let placeholder = &path.placeholder()?.name;
        let others = path.names().into_iter().map(|named| &named.name);
        let others = others.filter(|name| *name != placeholder && name.kind != Some(StateKind::Absent));
        let named = others.filter_map(|name| name.label.clone()).collect();
        Some(Self { path: compiled, name: placeholder.to_string(), reserved: placeholder.label.clone()?, named })
    }

    /// The placeholder, `$n`.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The label of a state, if the placeholder may stand for it.
    #[must_use]
    pub fn label<'a>(&self, symbol: &'a Symbol) -> Option<&'a SmolStr> {
        Some(&symbol.label).filter(|label| symbol.kind != StateKind::Absent && !self.named.contains(label))
    }

    /// Each state that the path distinguishes, with its name, where the placeholder may stand for these labels; the last
    /// are all other states.
    #[must_use]
    pub fn samples(&self, labels: &[SmolStr]) -> Vec<(Symbol, String)> {
        let alphabet = self.alphabet();
        let all = |alphabet: &Alphabet| {
            let sample = |atom| (alphabet.sample(atom), alphabet.describe(atom));
            (0..alphabet.size()).map(sample).collect::<Vec<_>>()
        };
        let of_label = |label: &SmolStr| {
            let mut samples = all(&alphabet.renamed(&self.reserved, label));
            samples.retain(|(symbol, _)| symbol.label == *label);
            samples
        };
        let mut samples: Vec<_> = labels.iter().flat_map(of_label).collect();
        samples.extend(all(alphabet).into_iter().filter(|(symbol, _)| symbol.label != self.reserved));
        samples
    }

    fn alphabet(&self) -> &Alphabet {
        match &self.path {
            Compiled::Untimed(dfa) => &dfa.alphabet,
            Compiled::Timed(automaton, _) => &automaton.alphabet,
        }
    }

    /// The path where the placeholder stands for this label, or without one for any that it does not name and the track
    /// does not show.
    #[must_use]
    pub fn stands_for(&self, label: Option<&SmolStr>) -> Option<Compiled> {
        let Some(label) = label else { return Some(self.path.clone()) };
        let alphabet = self.alphabet().renamed(&self.reserved, label);
        Some(match &self.path {
            Compiled::Untimed(dfa) => Compiled::Untimed(Arc::new(dfa.over(alphabet))),
            Compiled::Timed(automaton, _) => {
                let automaton = Arc::new(Automaton { alphabet, ..(**automaton).clone() });
                Compiled::Timed(Arc::clone(&automaton), Arc::new(Outlook::new(automaton)?))
            }
        })
    }

    /// An event as the monitor of a label reads it, or without one that of all labels that were not shown. No other
    /// label becomes the reserved one, and different labels stay different.
    fn read<'a>(&self, event: &'a Event, as_reserved: bool) -> Cow<'a, Event> {
        let Some(shown) = event.shown() else { return Cow::Borrowed(event) };
        let label = if as_reserved {
            self.reserved.clone()
        } else if shown.symbol.label.starts_with(self.reserved.as_str()) {
            format_smolstr!("{}\0", shown.symbol.label)
        } else {
            return Cow::Borrowed(event);
        };
        let symbol = Symbol { label, ..shown.symbol.clone() };
        let shown = Shown { symbol, restarts: shown.restarts };
        Cow::Owned(match event {
            Event::Enter { when, order, .. } => Event::Enter { shown, when: *when, order: *order },
            Event::Gap { when, order, cause, .. } => {
                Event::Gap { when: *when, order: *order, cause: *cause, found: Found::In(shown) }
            }
        })
    }
}

/// The monitor of one label.
#[derive(Clone, Debug)]
enum Reader {
    Untimed(Regular),
    Timed(Timed),
}

impl Reader {
    fn observe(&mut self, event: &Event) {
        match self {
            Self::Untimed(monitor) => monitor.observe(event),
            Self::Timed(monitor) => monitor.observe(event),
        }
    }

    fn stutters(&self, event: &Event) -> bool {
        match self {
            Self::Untimed(monitor) => monitor.stutters(event),
            Self::Timed(monitor) => monitor.stutters(event),
        }
    }

    fn judge(&self, end: &End) -> Judgement {
        match self {
            Self::Untimed(monitor) => monitor.judge(end),
            Self::Timed(monitor) => monitor.judge(end),
        }
    }

    fn is_violated(&self, end: &End) -> bool {
        match (self, end) {
            (Self::Untimed(monitor), End::Open { .. }) => monitor.is_hopeless(),
            _ => self.judge(end).verdict == Verdict::Violated,
        }
    }

    fn is_split(&self) -> bool {
        match self {
            Self::Untimed(monitor) => monitor.belief().len() > 1 && !monitor.is_hopeless(),
            Self::Timed(monitor) => monitor.is_split(),
        }
    }
}

/// The monitor of a path with a placeholder.
#[derive(Clone, Debug)]
pub struct Placeholder {
    terms: Arc<Terms>,
    /// Of all labels that were not shown.
    others: Reader,
    /// Of those that were, in that order. Those for which the path was violated before are left out.
    shown: Vec<(SmolStr, Reader)>,
    /// More labels were shown than are kept.
    overflow: bool,
}

impl Placeholder {
    /// A monitor before the first event.
    #[must_use]
    pub fn new(terms: Arc<Terms>) -> Self {
        let others = terms.path.start();
        Self { terms, others, shown: Vec::new(), overflow: false }
    }

    /// Reads the next event.
    pub fn observe(&mut self, event: &Event) {
        let terms = Arc::clone(&self.terms);
        let label = event.shown().and_then(|shown| terms.label(&shown.symbol));
        if let Some(label) = label {
            // Everything up to the event was seen.
            self.admit(label, event.when().lo.saturating_sub(1));
        }
        let others = terms.read(event, false);
        for (of, reader) in &mut self.shown {
            if Some(&*of) == label { reader.observe(&terms.read(event, true)) } else { reader.observe(&others) }
        }
        self.others.observe(&others);
    }

    /// Starts the monitor of a label, unless it has one.
    fn admit(&mut self, label: &SmolStr, alive: Micros) {
        let is_known = self.shown.iter().any(|(of, _)| of == label);
        if is_known || self.others.is_violated(&End::Open { now: alive, alive }) {
            return;
        }
        if self.shown.len() < MAX_LABELS {
            self.shown.push((label.clone(), self.others.clone()));
        } else {
            self.overflow = true;
        }
    }

    fn readers(&self) -> impl Iterator<Item = &Reader> {
        self.shown.iter().map(|(_, reader)| reader).chain([&self.others])
    }

    /// The labels that were shown and for which the path was not violated before.
    pub fn labels(&self) -> impl Iterator<Item = &SmolStr> {
        self.shown.iter().map(|(label, _)| label)
    }

    /// The placeholder, and the number of labels that have a monitor, where more were shown.
    #[must_use]
    pub fn beyond_labels(&self) -> Option<(&str, usize)> {
        self.overflow.then(|| (self.terms.name(), MAX_LABELS))
    }

    /// True when an entry repeats the present state in every completion.
    #[must_use]
    pub fn stutters(&self, event: &Event) -> bool {
        let label = event.shown().and_then(|shown| self.terms.label(&shown.symbol));
        let stutters = |(of, reader): &(SmolStr, Reader)| reader.stutters(&self.terms.read(event, Some(of) == label));
        self.shown.iter().all(stutters) && self.others.stutters(&self.terms.read(event, false))
    }

    /// True when gaps or inexact times leave more than one possibility.
    #[must_use]
    pub fn is_split(&self) -> bool {
        self.overflow || self.readers().any(Reader::is_split)
    }

    /// True when the trace is violated if it ends with `end`; cheaper than [`Self::judge`].
    #[must_use]
    pub fn is_violated(&self, end: &End) -> bool {
        !self.overflow && self.readers().all(|reader| reader.is_violated(end))
    }

    /// The bounds on the present state, of all paths that lead on from it.
    #[must_use]
    pub fn stays(&self) -> Vec<Bound> {
        let timed = self.readers().filter_map(|reader| match reader {
            Reader::Timed(monitor) => Some(monitor),
            Reader::Untimed(_) => None,
        });
        timed.flat_map(Timed::stays).collect()
    }

    /// The work to read this many events, in steps that are the same for every run.
    #[must_use]
    pub fn work(&self, events: u64) -> u64 {
        let of_reader = |reader: &Reader| match reader {
            Reader::Timed(monitor) => monitor.work().max(events),
            Reader::Untimed(_) => events,
        };
        self.readers().map(of_reader).sum()
    }

    /// The judgement if the trace ends with `end`.
    #[must_use]
    pub fn judge(&self, end: &End) -> Judgement {
        let shown = self.shown.iter().map(|(_, reader)| reader.judge(end));
        let others = self.others.judge(end);
        let is_left = |one: &Judgement| one.verdict != Verdict::Violated;
        let left: Vec<Judgement> = shown.chain([others]).filter(is_left).collect();
        if left.iter().any(|one| one.verdict == Verdict::Satisfied) {
            return Judgement::SATISFIED;
        }
        match left[..] {
            [] if !self.overflow => Judgement::VIOLATED,
            // Only one label is left.
            [one] if !self.overflow && !is_left(&others) => one,
            _ if end.is_final() => Judgement::INCONCLUSIVE,
            // Different labels may fit different completions, so it is not known that no future satisfies.
            _ => Judgement::open(false, self.overflow || left.iter().any(|one| one.fail_lost)),
        }
    }
}
