//! The path of one judged trace, step by step: which state, when, for how long, and where it was not seen.
//!
//! Times and stays come from the trace that was judged; its entry adds what traces do not contain (exit codes, how it
//! was seen).

use super::axis::{Axis, is_timeless};
use super::index::Index;
use crate::expectation::{Cause, Details, End, Event, Shown, Span, TraceOutcome};
use crate::observation::{State, StateKind, Track};
use crate::timeline::Entry;
use crate::view::dwell::{self, Dwell};
use crate::view::label;
use crate::view::row::Row;
use smol_str::SmolStr;

/// One step of a trace.
pub(super) struct Step<'a> {
    /// When it was entered, or when it was not seen.
    pub when: Span,
    /// Nothing of the trace was seen before it.
    pub is_first: bool,
    /// Why it was not seen, if it was not.
    pub gap: Option<Cause>,
    /// The state after it; none when it was not seen again.
    pub state: Option<State>,
    /// The details of that state which the expectation names.
    pub details: Details,
    /// Found in the state from before the gap.
    pub still: bool,
    /// How long the state lasted, as far as it was seen.
    pub dwell: Option<Dwell>,
    /// The entry that it was made from.
    pub entry: Option<&'a Entry>,
    /// The index of that entry in the timeline.
    pub place: Option<usize>,
}

/// A state as an expectation or a sketch writes it, with a failing exit code, some other details and the restart count:
/// `False/Deferred`, `Error/137#1`, `Absent`.
pub(super) fn written<'a>(track: &Track, state: &State, details: impl Iterator<Item = &'a SmolStr>) -> Row {
    let ink = label::ink(track, state);
    let code = state.detail.exit_code.filter(|code| *code != 0).map(|code| SmolStr::from(code.to_string()));
    let mut row = match (state.kind, state.label.as_str()) {
        (StateKind::Absent, _) => Row::of(ink, "Absent"),
        (_, "") => Row::of(ink, "''"),
        (_, label) => Row::of(ink, label),
    };
    if let Some(code) = &code {
        row.push(ink, format!("/{code}"));
    }
    for detail in details.filter(|detail| code.as_ref() != Some(detail)) {
        row.push(ink, format!("/{detail}"));
    }
    if let Some(count) = state.detail.restart_count.filter(|count| *count > 0) {
        row.push(ink, format!("#{count}"));
    }
    row
}

impl Step<'_> {
    /// The state as an expectation or a sketch writes it, with a failing exit code, the details that the expectation
    /// names and the restart count: `False/Deferred`, `Error/137#1`.
    pub(super) fn label(&self, track: &Track) -> Row {
        let Some(state) = &self.state else { return Row::new() };
        written(track, state, self.details.shown())
    }

    /// True where no time is known: the recording has no times of receipt.
    pub(super) fn is_timeless(&self) -> bool {
        is_timeless(self.when)
    }
}

/// All steps of a trace.
pub(super) struct Trace<'a> {
    /// In order.
    pub steps: Vec<Step<'a>>,
    /// The track, for the inks of states.
    pub track: Track,
    /// The origin of the times.
    pub axis: Axis,
}

impl<'a> Trace<'a> {
    /// The path of a trace.
    pub(super) fn of(word: &TraceOutcome, axis: Axis, index: Option<&Index<'a>>) -> Self {
        let track = word.track.clone().unwrap_or_else(|| Track::Custom(SmolStr::default()));
        let mut steps: Vec<Step<'a>> = Vec::new();
        let mut before: Option<&Shown> = None;
        // A verdict about two tracks does not end with one of their subjects.
        let ended = word.gone.map_or(word.end, |when| End::Deleted { when });
        for (at, event) in word.events.iter().enumerate() {
            let place = index.and_then(|index| index.place(&word.subject, &track, event));
            let entry = index.zip(place).map(|(index, place)| &index.entries()[place]);
            let gap = match event {
                Event::Enter { .. } => None,
                Event::Gap { cause, .. } => Some(*cause),
            };
            let shown = event.shown();
            steps.push(Step {
                when: event.when(),
                is_first: at == 0,
                gap,
                state: shown.map(|shown| state(shown, entry)),
                details: shown.map(|shown| shown.symbol.details.clone()).unwrap_or_default(),
                still: gap.is_some_and(|cause| cause != Cause::Coalesced) && shown.is_some() && shown == before,
                dwell: shown.map(|_| stay(event, word.events.get(at + 1), &ended)),
                entry,
                // How far others are from it is then not known.
                place: place.filter(|_| !is_timeless(event.when())),
            });
            before = shown.or(before);
        }
        Self { steps, track, axis }
    }
}

/// The state of the entry, or as much of it as the trace has.
fn state(shown: &Shown, entry: Option<&Entry>) -> State {
    if let Some((_, to)) = entry.and_then(|entry| entry.body.shown()) {
        return to.clone();
    }
    let mut state = State::plain(&shown.symbol.label);
    state.kind = shown.symbol.kind;
    state.detail.restart_count = shown.restarts;
    state
}

fn stay(event: &Event, next: Option<&Event>, end: &End) -> Dwell {
    let entered = event.when();
    let lasted = |until: Span, end: dwell::End| {
        let dwell = Dwell::lasted(entered, until, end);
        Dwell { at_most: dwell.at_most.filter(|_| dwell.has_ended()), ..dwell }
    };
    match (next, end) {
        (Some(Event::Enter { when, .. }), _) => lasted(*when, dwell::End::Next),
        (Some(Event::Gap { when, cause: Cause::Coalesced, .. }), _) => lasted(Span::at(when.hi), dwell::End::Unseen),
        (Some(Event::Gap { when, .. }), _) => lasted(Span::at(when.lo), dwell::End::Unseen),
        (None, End::Deleted { when }) => lasted(*when, dwell::End::Deleted),
        (None, End::Closed { at }) if *at > entered.hi => lasted(Span::at(*at), dwell::End::Unseen),
        (None, End::Unfenced) => lasted(Span::at(entered.hi), dwell::End::Unseen),
        (None, End::Open { .. } | End::Closed { .. }) => lasted(Span::at(entered.hi), dwell::End::Open),
    }
}
