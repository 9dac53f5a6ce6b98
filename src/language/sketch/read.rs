//! The parser of sketches. Words are separated by spaces; each is an entry, a gap or the end.

use super::words::{Entry, LATEST, SECOND, SketchedGap, Word, entry, gap, seconds, split, time};
use super::{Ending, MAX_ENTRIES, Sketch, Track};
use crate::language::diagnostic::{Diagnostics, Fragment};
use crate::language::syntax::MAX_TEXT;
use crate::monitor::{Cause, Event, Fault, Found, Micros, NEVER_BEFORE, Order, Shown, Span};
use crate::observation::StateKind;
use std::ops::Range;

impl Sketch {
    /// Parses a sketch.
    ///
    /// # Errors
    /// The text is not a sketch; the error shows the place.
    pub fn parse(origin: &str, text: &str) -> Result<Self, Diagnostics> {
        let whole = Fragment::whole(origin, text);
        if text.len() > MAX_TEXT * 16 {
            let message = format!("the sketch has {} bytes, at most {} are allowed", text.len(), MAX_TEXT * 16);
            return Err(whole.locate(Fault::new(0..1, message)).into());
        }
        Reader::new(text).sketch().map_err(|fault| whole.locate(fault).into())
    }
}

struct Reader<'a> {
    text: &'a str,
    words: Vec<Word<'a>>,
    at: usize,
    entries: usize,
}

impl<'a> Reader<'a> {
    fn new(text: &'a str) -> Self {
        Self { text, words: split(text), at: 0, entries: 0 }
    }

    fn sketch(mut self) -> Result<Sketch, Fault> {
        let mut tracks: Vec<Track> = Vec::new();
        let mut marks = Vec::new();
        let mut last = 0;
        loop {
            if self.peek() == Some("marks:") {
                self.at += 1;
                last = last.max(self.marks(&mut marks)?);
            } else {
                let (track, latest) = self.track()?;
                last = last.max(latest);
                if let Some(name) = &track.name
                    && tracks.iter().any(|known| known.name.as_ref() == Some(name) && known.life == track.life)
                {
                    return Err(Fault::new(track.range, format!("track `{} {}` twice", name.0, name.1))
                        .help("a later life of the same name is `pod/a#2`"));
                }
                tracks.push(track);
            }
            if self.peek() != Some(";") {
                break;
            }
            self.at += 1;
        }
        if tracks.len() > 1
            && let Some(track) = tracks.iter().find(|track| track.name.is_none())
        {
            return Err(Fault::new(track.range.clone(), "one of several tracks has no name")
                .help("`pod/a phase: Pending Running ; vmi/b phase: Scheduling`"));
        }
        if tracks.is_empty() {
            return Err(
                Fault::new(self.here(), "marks without a track").help("`Pending Running ; marks: done@3 |closed`")
            );
        }
        check_lives(&tracks)?;
        let end = self.end(last)?;
        for track in &mut tracks {
            settle_tail(track, track.deleted.map_or(end, Ending::Deleted))?;
        }
        Ok(Sketch { tracks, marks, end })
    }

    fn peek(&self) -> Option<&'a str> {
        self.words.get(self.at).map(|(word, _)| *word)
    }

    fn track(&mut self) -> Result<(Track, Micros), Fault> {
        let range = self.here();
        let mut track = Track { name: None, life: 1, deleted: None, range, events: Vec::new(), has_kinds: false };
        if let [(subject, from), (name, to), ..] = &self.words[self.at..]
            && let Some(name) = name.strip_suffix(':')
            && !subject.starts_with('\'')
        {
            track.range = from.start..to.end;
            if let Some(rest) = subject.strip_prefix('^') {
                let help = format!("`{rest} {name}: ^Running`; without a subject the track has no name: `^Running`");
                return Err(Fault::new(from.clone(), "`^` stands before a state, not before a subject").help(help));
            }
            let (subject, life) = life(subject, from)?;
            (track.name, track.life) = (Some((subject.to_owned(), name.to_owned())), life);
            self.at += 2;
        }
        let mut before = self.caret();
        let mut pending: Option<SketchedGap> = None;
        while let Some((word, range)) = self.words.get(self.at).cloned() {
            if word == ";" || word.starts_with('|') {
                break;
            }
            self.at += 1;
            self.entries += 1;
            if self.entries > MAX_ENTRIES {
                return Err(Fault::new(range, format!("more than {MAX_ENTRIES} entries in a sketch")));
            }
            if word.ends_with(':') && !word.contains('\'') {
                let fault =
                    Fault::new(range, format!("`{word}` is not a state: a track is named before its first state"));
                return Err(fault.help("`vm/web status: Starting Running |closed`; tracks are separated by `;`"));
            }
            if word.starts_with('~') {
                if pending.is_some() {
                    return Err(Fault::new(range, "expected a state between two gaps").help("one gap over both"));
                }
                pending = Some(gap(word, &range)?);
            } else {
                let entry = entry(word, &range)?;
                push(&mut track, entry, pending.take(), std::mem::take(&mut before), &range)?;
            }
        }
        if before {
            return Err(Fault::new(self.here(), "expected a state after `^`").help("`^Running |closed`"));
        }
        if let Some(pending) = pending {
            let from = latest(&track);
            let (from, to) = pending.span.unwrap_or((from, LATEST));
            check_gap(&track, from, &pending.range)?;
            track.events.push(lost(Span::new(from, to), Found::NotSeen));
        }
        self.deletion(&mut track)?;
        let last = track.events.iter().map(|event| event.when().hi).filter(|at| *at < LATEST).max();
        let deleted = track.deleted;
        Ok((track, last.into_iter().chain(deleted).max().unwrap_or(0)))
    }

    /// Takes `|deleted@5` that ends the life of a subject while the timeline continues with another track.
    fn deletion(&mut self, track: &mut Track) -> Result<(), Fault> {
        let [(word, range), (";", _), ..] = &self.words[self.at..] else { return Ok(()) };
        let Some(at) = word.strip_prefix("|deleted") else { return Ok(()) };
        let last = track.events.iter().map(|event| event.when().hi).filter(|at| *at < LATEST).max().unwrap_or(0);
        let at = match at.strip_prefix('@') {
            Some(at) => time(at, range)?,
            None if at.is_empty() => last,
            None => return Err(Fault::new(range.clone(), format!("`{word}` is not an end")).help("`|deleted@5`")),
        };
        if at < last {
            let message = format!("deleted at {}, before its last entry", seconds(at));
            return Err(Fault::new(range.clone(), message).help(format!("not before {}", seconds(last))));
        }
        track.deleted = Some(at);
        self.at += 1;
        Ok(())
    }

    /// Parses `marks: begin@1 done@12`; returns the latest of their times.
    fn marks(&mut self, marks: &mut Vec<(String, Micros)>) -> Result<Micros, Fault> {
        let mut last = 0;
        while let Some((word, range)) = self.words.get(self.at).cloned() {
            if word == ";" || word.starts_with('|') {
                break;
            }
            self.at += 1;
            let shape =
                || Fault::new(range.clone(), format!("`{word}` is not a mark")).help("`marks: begin@1 done@12.5`");
            let Entry { symbol: Some(symbol), restarts: None, when: Some((at, latest)) } = entry(word, &range)? else {
                return Err(shape());
            };
            if at != latest || symbol.label.is_empty() || symbol.kind != StateKind::Plain || marks.len() == MAX_ENTRIES
            {
                return Err(shape());
            }
            last = last.max(at);
            marks.push((symbol.label.to_string(), at));
        }
        Ok(last)
    }

    /// Takes a `^`, which is a word or the prefix of one.
    fn caret(&mut self) -> bool {
        let Some((word, range)) = self.words.get_mut(self.at) else { return false };
        let Some(rest) = word.strip_prefix('^') else { return false };
        if rest.is_empty() {
            self.at += 1;
        } else {
            *word = rest;
            range.start += 1;
        }
        true
    }

    fn here(&self) -> Range<usize> {
        self.words.get(self.at).map_or(self.text.len()..self.text.len(), |(_, range)| range.clone())
    }

    fn end(&mut self, last: Micros) -> Result<Ending, Fault> {
        let range = self.here();
        let ends = "`|open`, `|closed`, `|unfenced` or `|deleted`";
        let Some((word, _)) = self.words.get(self.at) else {
            return Err(Fault::new(range, "the sketch has no end").help(ends));
        };
        let (kind, at) = match word.split_once('@') {
            Some((kind, at)) => (kind, Some(time(at, &range)?)),
            None => (*word, None),
        };
        self.at += 1;
        if let Some(at) = at.filter(|at| *at < last) {
            let message = format!("ends at {}, before its last entry", seconds(at));
            return Err(Fault::new(range, message).help(format!("not before {}", seconds(last))));
        }
        let ending = match kind {
            "|open" => self.open(at.unwrap_or(last), last)?,
            "|closed" => Ending::Closed(at.unwrap_or(last)),
            "|unfenced" => Ending::Unfenced,
            "|deleted" => Ending::Deleted(at.unwrap_or(last)),
            _ => return Err(Fault::new(range, format!("`{kind}` is not an end")).help(ends)),
        };
        match self.peek() {
            None => Ok(ending),
            Some(word) => Err(Fault::new(self.here(), format!("`{word}` after the end"))),
        }
    }

    fn open(&mut self, now: Micros, last: Micros) -> Result<Ending, Fault> {
        let (mut now, mut alive) = (now, None);
        while let Some((word, range)) = self.words.get(self.at).cloned() {
            let unknown = || {
                Fault::new(range.clone(), format!("`{word}` after `|open`")).help("`|open now=31 alive=25`, in seconds")
            };
            let (key, value) = word.split_once('=').ok_or_else(unknown)?;
            let at = time(value, &range)?;
            match key {
                "now" if at < last => {
                    return Err(Fault::new(range, format!("judged at {}, before its last entry", seconds(at))));
                }
                "now" => now = at,
                "alive" => alive = Some((at, range)),
                _ => return Err(unknown()),
            }
            self.at += 1;
        }
        match alive {
            Some((at, range)) if at > now => {
                Err(Fault::new(range, format!("known alive at {}, after now", seconds(at))))
            }
            Some((alive, _)) => Ok(Ending::Open { now, alive }),
            None => Ok(Ending::Open { now, alive: now }),
        }
    }
}

fn push(
    track: &mut Track,
    entry: Entry,
    pending: Option<SketchedGap>,
    before: bool,
    range: &Range<usize>,
) -> Result<(), Fault> {
    let last = latest(track);
    let default = match &pending {
        Some(SketchedGap { span: Some((_, to)), .. }) => *to,
        _ if track.events.is_empty() => 0,
        _ => last + SECOND,
    };
    let (lo, hi) = entry.when.unwrap_or((default, default));
    let when = Span { lo, hi };
    let earliest = track.events.last().map_or(0, |event| event.when().lo.max(0));
    if lo < earliest || hi < last {
        let message = format!("entered at {}, earlier than the state before it ({})", seconds(hi), seconds(last));
        return Err(Fault::new(range.clone(), message));
    }
    let Some(symbol) = entry.symbol else {
        let (from, cause) = match pending {
            Some(pending) if !before => {
                let (from, to) = pending.span.unwrap_or((last, hi));
                check_gap(track, from, &pending.range)?;
                if hi != to {
                    return Err(timed_apart(range, to));
                }
                (from, Cause::Lost)
            }
            None if before => (NEVER_BEFORE, Cause::Beginning),
            _ => {
                return Err(Fault::new(range.clone(), "`-` is not a state: it says that a gap ended without one")
                    .help("`^- True` or `~10,40~ - True`; a track that its object lost is `Absent`"));
            }
        };
        let when = Span::new(from, hi);
        track.events.push(Event::Gap { when, order: order(when), cause, found: Found::NoState });
        return Ok(());
    };
    let shown = Shown { symbol, restarts: entry.restarts };
    track.has_kinds |= !matches!(shown.symbol.kind, StateKind::Plain | StateKind::Absent);
    let previous = track.events.last().and_then(Event::shown).cloned();
    let event = if let Some(pending) = pending {
        if before {
            return Err(Fault::new(pending.range, "a gap right after `^`")
                .help("`^` says already that nothing was seen before the first state"));
        }
        let (from, to) = pending.span.unwrap_or((last, hi));
        check_gap(track, from, &pending.range)?;
        if lo != hi || hi != to {
            return Err(timed_apart(range, to));
        }
        lost(Span::new(from, to), Found::In(shown))
    } else if before {
        let when = Span::new(NEVER_BEFORE, hi);
        Event::Gap { when, order: order(when), cause: Cause::Beginning, found: Found::In(shown) }
    } else if let Some(previous) = previous.filter(|previous| {
        let is_restarted = shown.restarts.is_some() && shown.restarts != previous.restarts;
        previous.symbol == shown.symbol || is_restarted && previous.symbol.is_same_state(&shown.symbol)
    }) {
        if shown.restarts.is_none() || shown.restarts <= previous.restarts {
            return Err(Fault::new(range.clone(), format!("`{}` follows itself", shown.symbol))
                .help("a track never enters the state that it is in; `~` is a gap, `#1` a higher restart count"));
        }
        // Until then the server served the previous state: what was never published has no time.
        Event::Gap { when, order: order(when), cause: Cause::Coalesced, found: Found::In(shown) }
    } else {
        Event::Enter { shown, when, order: order(when) }
    };
    track.events.push(event);
    Ok(())
}

fn timed_apart(range: &Range<usize>, to: Micros) -> Fault {
    Fault::new(range.clone(), "what is found at the end of a gap has the gap's time")
        .help(format!("leave the time out, or write @{}", seconds(to)))
}

/// Parses `pod/a#2`, the second life of that name.
fn life<'a>(subject: &'a str, range: &Range<usize>) -> Result<(&'a str, u32), Fault> {
    match subject.rsplit_once('#').filter(|(_, life)| !life.contains('\'')) {
        None => Ok((subject, 1)),
        Some((name, life)) => match life.parse() {
            Ok(life) if life > 0 => Ok((name, life)),
            _ => Err(Fault::new(range.clone(), format!("`#{life}` is not a life"))
                .help("`pod/a#2` is the second of that name")),
        },
    }
}

/// A life begins after the previous one ended.
fn check_lives(tracks: &[Track]) -> Result<(), Fault> {
    for track in tracks.iter().filter(|track| track.life > 1) {
        let subject = |track: &Track| track.name.as_ref().map(|(subject, _)| subject.clone());
        let before = || tracks.iter().filter(|other| subject(other) == subject(track) && other.life < track.life);
        let fault = |message: &str| {
            Err(Fault::new(track.range.clone(), message)
                .help("`pod/a phase: Pending |deleted@5 ; pod/a#2 phase: Pending@6 |closed`"))
        };
        let begins = track.events.first().map_or(0, |event| event.when().hi);
        if before().count() == 0 {
            return fault("a later life of a name without one before it");
        }
        if before().all(|other| other.deleted.is_none()) {
            return fault("a later life of a name, and the one before it does not end");
        }
        if before().any(|other| other.deleted.is_some_and(|at| at > begins)) {
            return fault("a later life of a name begins before the one before it ends");
        }
    }
    Ok(())
}

fn latest(track: &Track) -> Micros {
    track.events.last().map_or(0, |event| event.when().hi)
}

/// The range of places in the order of several tracks: entries that may have the same time are not ordered.
fn order(when: Span) -> Order {
    let place = |at: Micros| u64::try_from(at - NEVER_BEFORE).unwrap_or(0) * 2;
    Order { lo: place(when.lo), hi: place(when.hi) + 1 }
}

fn lost(when: Span, found: Found) -> Event {
    Event::Gap { when, order: order(when), cause: Cause::Lost, found }
}

fn check_gap(track: &Track, from: Micros, range: &Range<usize>) -> Result<(), Fault> {
    let last = latest(track);
    if from >= last {
        return Ok(());
    }
    let message = format!("the gap begins at {}, before the entry before it", seconds(from));
    Err(Fault::new(range.clone(), message).help(format!("not before {}", seconds(last))))
}

/// A gap without an end must be last in its track, which must not end in `|closed`.
fn settle_tail(track: &mut Track, end: Ending) -> Result<(), Fault> {
    let range = track.range.clone();
    let Some(Event::Gap { when, order: place, found: Found::NotSeen, .. }) = track.events.last_mut() else {
        return Ok(());
    };
    if matches!(end, Ending::Closed(_)) {
        return Err(Fault::new(range, "expected a state between the gap and `|closed`")
            .help("name the state that was found; it may be the one before the gap"));
    }
    // The track was not seen again, whatever end the gap was given.
    *when = Span::new(when.lo, if let Ending::Deleted(at) = end { at } else { LATEST });
    *place = order(*when);
    Ok(())
}
