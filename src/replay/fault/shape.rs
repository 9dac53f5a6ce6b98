//! The effect of faults on the events of one watch.
//!
//! Bookmarks are not altered or counted: they are not events, and their number depends on the clock.

use super::{Effect, Garble};
use bytes::Bytes;
use std::time::Duration;

/// How a stream ends prematurely.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum End {
    /// The connection is closed without an end of the response.
    Cut,
    /// Nothing more is sent.
    HalfOpen,
    /// The response ends properly.
    Close,
}

/// The faults of one watch, and its number of events so far.
#[derive(Debug, Default)]
pub(in super::super) struct Shape {
    pub lag: Option<Duration>,
    effects: Vec<Effect>,
    seen_live: u64,
    seen: u64,
    ended: Option<End>,
}

impl Shape {
    pub(crate) fn take(&mut self, effect: &Effect) {
        match effect {
            Effect::Lag(lag) => self.lag = Some(*lag),
            effect => self.effects.push(effect.clone()),
        }
    }

    /// True when events pass unaltered and uncounted.
    pub(crate) fn is_plain(&self) -> bool {
        self.effects.is_empty()
    }

    /// How the stream ends now, if it does.
    pub(crate) fn end(&self, initial_done: bool) -> Option<End> {
        let due = |events: u64, initial: bool| {
            if initial { self.seen >= events } else { initial_done && self.seen_live >= events }
        };
        self.ended.or_else(|| {
            self.effects.iter().find_map(|effect| match effect {
                Effect::CutAfter { events, initial } if due(*events, *initial) => Some(End::Cut),
                Effect::HalfOpenAfter { events, initial } if due(*events, *initial) => Some(End::HalfOpen),
                Effect::CloseAfter { events, initial } if due(*events, *initial) => Some(End::Close),
                _ => None,
            })
        })
    }

    /// Counts an event and alters it as the faults say.
    pub(crate) fn event(&mut self, line: Bytes, is_initial: bool) -> Bytes {
        self.seen += 1;
        self.seen_live += u64::from(!is_initial);
        let (number, live_number) = (self.seen, self.seen_live);
        let now = |event: u64, initial: bool| {
            if initial { event == number } else { !is_initial && event == live_number }
        };
        let mut line = line;
        for effect in &self.effects {
            line = match effect {
                Effect::Garble { how, event, initial } if now(*event, *initial) => garble(&line, *how),
                Effect::Oversize { bytes, event, initial } if now(*event, *initial) => oversize(&line, *bytes),
                Effect::CutWithin { bytes, event, initial } if now(*event, *initial) => {
                    self.ended = Some(End::Cut);
                    // Without its newline, the event is incomplete even if all its bytes are sent.
                    line.slice(..(*bytes).min(line.len().saturating_sub(1)))
                }
                Effect::Duplicate { every } if number % every == 0 => [&line[..], &line[..]].concat().into(),
                _ => line,
            };
        }
        line
    }
}

fn garble(line: &Bytes, how: Garble) -> Bytes {
    match how {
        Garble::Garbage => Bytes::from_static(b"\xff\xfe<html>502 Bad Gateway</html>\n"),
        Garble::Truncated => {
            let mut cut = line[..line.len() / 2].to_vec();
            cut.push(b'\n');
            cut.into()
        }
        Garble::Shape => {
            let text = String::from_utf8_lossy(line);
            let mut event: serde_json::Value = serde_json::from_str(&text).unwrap_or_default();
            event["object"]["status"] = 7.into();
            event["object"]["metadata"]["labels"] = "seven".into();
            (event.to_string() + "\n").into()
        }
    }
}

/// Adds a member after all others of the object, so that every reader has to skip it.
fn oversize(line: &Bytes, bytes: usize) -> Bytes {
    let Some(body) = line.strip_suffix(b"}}\n") else { return line.clone() };
    let mut large = Vec::with_capacity(body.len() + bytes + 32);
    large.extend_from_slice(body);
    large.extend_from_slice(br#","oversize":""#);
    large.resize(large.len() + bytes, b'x');
    large.extend_from_slice(b"\"}}\n");
    large.into()
}
