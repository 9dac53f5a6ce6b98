//! The faults by name, with what they do and their syntax: the one list that parsing, help texts and docs share.
//!
//! Unknown names are refused: a misspelt fault would never strike, and its test would always pass.

use super::super::collection::Bookmark;
use super::parts::{Parts, number, share, verb};
use super::{Effect, Fault, Garble, Gone, OldServer, Scope};
use crate::replay::Error;
use std::str::FromStr;

/// A fault that can be given by name.
#[derive(Clone, Copy, Debug)]
pub struct Known {
    /// Its name.
    pub name: &'static str,
    /// Its syntax.
    pub syntax: &'static str,
    /// What it does, on one line.
    pub doc: &'static str,
    /// What a correct client does, on one line.
    pub correct: &'static str,
    /// How many requests it strikes if `times` is not given; `None` for all.
    pub times: Option<u32>,
    read: fn(&mut Parts<'_>) -> Result<Effect, String>,
}

const fn known(
    name: &'static str,
    syntax: &'static str,
    doc: &'static str,
    correct: &'static str,
    times: Option<u32>,
    read: fn(&mut Parts<'_>) -> Result<Effect, String>,
) -> Known {
    Known { name, syntax, doc, correct, times, read }
}

/// All known faults, in the order of help texts.
#[must_use]
pub fn catalogue() -> &'static [Known] {
    CATALOGUE
}

const CATALOGUE: &[Known] = &[
    known(
        "cut-after",
        "cut-after=EVENTS[,initial]",
        "close the connection after EVENTS events",
        "opens the watch again at the version of the last event or bookmark",
        None,
        |parts| Ok(Effect::CutAfter { events: parts.value()?, initial: parts.flag("initial") }),
    ),
    known(
        "cut-within",
        "cut-within=BYTES[,event=N][,initial]",
        "close the connection after BYTES bytes of an event",
        "drops the incomplete line, and opens the watch again at the version of the event before it",
        Some(1),
        |parts| Ok(Effect::CutWithin { bytes: parts.value()?, event: parts.event()?, initial: parts.flag("initial") }),
    ),
    known(
        "cut-list",
        "cut-list=BYTES",
        "close the connection after BYTES bytes of a list",
        "drops the incomplete page and requests it again",
        Some(1),
        |parts| Ok(Effect::CutList { bytes: parts.value()? }),
    ),
    known(
        "half-open-after",
        "half-open-after=EVENTS[,initial]",
        "send nothing after EVENTS events, but keep the connection open",
        "notices the silence after a while, by a timeout or keep-alive, and opens the watch again",
        Some(1),
        |parts| Ok(Effect::HalfOpenAfter { events: parts.value()?, initial: parts.flag("initial") }),
    ),
    known(
        "close-after",
        "close-after=EVENTS[,initial]",
        "end the watch properly after EVENTS events",
        "opens the watch again at once, at the version of the last event or bookmark",
        None,
        |parts| Ok(Effect::CloseAfter { events: parts.value()?, initial: parts.flag("initial") }),
    ),
    known(
        "chunks",
        "chunks=BYTES[:BYTES]...",
        "send HTTP chunks of these sizes, in turn",
        "splits events at newlines only, not at chunks",
        None,
        |parts| Ok(Effect::Chunks(parts.sizes()?)),
    ),
    known(
        "segments",
        "segments=BYTES[:BYTES]...",
        "send TCP segments of these sizes, in turn",
        "splits events at newlines only, not at reads of the socket",
        None,
        |parts| Ok(Effect::Segments(parts.sizes()?)),
    ),
    known(
        "http",
        "http=STATUS[:TIMES][,retry-after=SECONDS]",
        "answer with this status instead",
        "tries again later, with growing pauses, and not before Retry-After",
        Some(1),
        |parts| {
            if let Some((status, times)) = parts.value.and_then(|value| value.split_once(':')) {
                parts.value = Some(status);
                parts.times = Some(number(times)?);
            }
            Ok(Effect::Http { status: parts.status()?, retry_after: parts.key("retry-after").map(number).transpose()? })
        },
    ),
    known(
        "gone",
        "gone[=stream|http]",
        "refuse a watch because its resourceVersion is too old (410)",
        "lists again, and takes what is missing in the list for deleted",
        Some(1),
        |parts| Ok(Effect::Gone(parts.word(&[("stream", Gone::InStream), ("http", Gone::Http)])?)),
    ),
    known(
        "forget",
        "forget",
        "forget what happened before a watch, so that its version is too old (410) from then on",
        "lists again, and takes what is missing in the list for deleted",
        Some(1),
        |parts| {
            parts.nothing()?;
            Ok(Effect::Forget)
        },
    ),
    known(
        "expire-continue",
        "expire-continue",
        "answer 410 to the next page of a list",
        "lists again from the first page, or continues and knows that the list is not of one moment",
        Some(1),
        |parts| {
            parts.nothing()?;
            Ok(Effect::ExpireContinue)
        },
    ),
    known(
        "no-initial-events",
        "no-initial-events[=ignore|refuse]",
        "ignore or refuse sendInitialEvents, as older servers do",
        "falls back to a list and a watch from its version",
        None,
        |parts| {
            let words = [("ignore", OldServer::Ignore), ("refuse", OldServer::Refuse)];
            Ok(Effect::NoInitialEvents(parts.word(&words)?))
        },
    ),
    known(
        "bookmarks",
        "bookmarks=real|null|bare|behind|off",
        "send bookmarks as a real server, with `spec: null`, with metadata only, of half the newest revision, or none",
        "never goes back to an older version because of a bookmark, and works without any",
        None,
        |parts| {
            let words = [
                ("real", Bookmark::Real),
                ("null", Bookmark::NullSpec),
                ("bare", Bookmark::Bare),
                ("behind", Bookmark::Behind),
                ("off", Bookmark::Off),
            ];
            Ok(Effect::Bookmarks(parts.word(&words)?))
        },
    ),
    known(
        "gzip",
        "gzip=on|off",
        "compress all lists, or none",
        "decompresses what is marked as compressed",
        None,
        |parts| Ok(Effect::Gzip(parts.word(&[("on", true), ("off", false)])?)),
    ),
    known(
        "garble",
        "garble[=garbage|truncated|shape][,event=N][,initial]",
        "replace an event with one that cannot be decoded",
        "does not skip the event in silence: opens the watch again before it, or lists again",
        Some(1),
        |parts| {
            let words = [("garbage", Garble::Garbage), ("truncated", Garble::Truncated), ("shape", Garble::Shape)];
            let how = parts.word(&words)?;
            Ok(Effect::Garble { how, event: parts.event()?, initial: parts.flag("initial") })
        },
    ),
    known(
        "oversize",
        "oversize=BYTES[,event=N][,initial]",
        "make an event larger by BYTES bytes",
        "reads the event whatever its size, or lists again",
        Some(1),
        |parts| Ok(Effect::Oversize { bytes: parts.value()?, event: parts.event()?, initial: parts.flag("initial") }),
    ),
    known("delay", "delay=DURATION", "delay every response", "waits, with a bound", None, |parts| {
        Ok(Effect::Delay(parts.duration()?))
    }),
    known(
        "lag",
        "lag=DURATION",
        "delay events by one to two times this duration",
        "does not take what it has for the newest state",
        None,
        |parts| Ok(Effect::Lag(parts.duration()?)),
    ),
    known(
        "refuse-exact",
        "refuse-exact[=STATUS]",
        "refuse lists at an exact resourceVersion (400)",
        "works without lists of past versions",
        None,
        |parts| Ok(Effect::RefuseExact { status: if parts.value.is_some() { parts.status()? } else { 400 } }),
    ),
    known(
        "duplicate",
        "duplicate[=N]",
        "send every Nth event twice; by default every one",
        "takes an event with a version that it has for no change",
        None,
        |parts| {
            let every = if parts.value.is_some() { parts.value()? } else { 1 };
            if every == 0 { Err("0 is no number of events".to_owned()) } else { Ok(Effect::Duplicate { every }) }
        },
    ),
    known(
        "reorder",
        "reorder=DURATION",
        "delay the events of each watch by a random time of up to this, so that kinds overtake each other",
        "puts events of several kinds in order by their versions, and not by their arrival",
        None,
        |parts| Ok(Effect::Reorder(parts.duration()?)),
    ),
    known(
        "clock-jump",
        "clock-jump=[-]DURATION",
        "send the header Date as of a clock that is ahead by this, or behind",
        "does not compare its own clock with the server's",
        None,
        |parts| {
            let text = parts.text()?;
            let (is_behind, length) = text.strip_prefix('-').map_or((false, text), |length| (true, length));
            let length =
                humantime::parse_duration(length).map_err(|error| format!("`{text}` is not a duration ({error})"))?;
            let length = jiff::SignedDuration::try_from(length).map_err(|error| error.to_string())?;
            Ok(Effect::ClockJump(if is_behind { -length } else { length }))
        },
    ),
    known(
        "drop-slow",
        "drop-slow=DURATION",
        "disconnect a client that reads nothing for this long",
        "reads without long pauses, and opens the watch again when it was disconnected",
        None,
        |parts| Ok(Effect::DropSlow(parts.duration()?)),
    ),
];

impl Fault {
    /// The names of all faults, for messages.
    #[must_use]
    pub fn names() -> String {
        CATALOGUE.iter().map(|known| known.name).collect::<Vec<_>>().join(", ")
    }

    /// Parses a fault such as `cut-after=5`, `http=503:3,retry-after=1` or `half-open-after=10,resource=pods`.
    ///
    /// # Errors
    /// When the name is not in the [`catalogue`], or its arguments do not match its syntax.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let fail = |problem| Error::Fault { text: text.to_owned(), problem };
        let mut parts = Parts::read(text);
        let known = CATALOGUE
            .iter()
            .find(|known| known.name == parts.name)
            .ok_or_else(|| Error::NoFault { name: parts.name.to_owned(), known: Self::names() })?;
        let read = |parts: &mut Parts<'_>| -> Result<Self, String> {
            let scope = Scope {
                verb: parts.key("verb").map(verb).transpose()?,
                resource: parts.key("resource").map(Into::into),
            };
            let times = parts.key("times").map(number).transpose()?;
            let chance = parts.key("chance").map(share).transpose()?;
            let skip = parts.key("skip").map(number).transpose()?.unwrap_or_default();
            let effect = (known.read)(parts)?;
            if let (Some(only), Some(verb)) = (effect.only_verb(), scope.verb)
                && only != verb
            {
                return Err(format!("it strikes {only} requests only"));
            }
            if let Some((key, _)) = parts.keys.first() {
                return Err(format!("`{key}` is not understood here"));
            }
            // A share is of all requests.
            let default = if chance.is_some() { None } else { known.times };
            Ok(Self { effect, scope, times: times.or(parts.times).or(default), chance, skip })
        };
        read(&mut parts).map_err(|problem| fail(format!("{problem}; write {}", known.syntax)))
    }
}

impl FromStr for Fault {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        Self::parse(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::replay::Verb;
    use std::time::Duration;

    #[test]
    fn faults_are_parsed_by_their_syntax() {
        let read = |text: &str| Fault::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!(read("cut-after=5"), Fault::new(Effect::CutAfter { events: 5, initial: false }));
        assert_eq!(
            read("http=503:3,retry-after=1,verb=watch,resource=pods"),
            Fault::new(Effect::Http { status: 503, retry_after: Some(1) }).times(3).verb(Verb::Watch).resource("pods")
        );
        assert_eq!(read("gone"), Fault::new(Effect::Gone(Gone::InStream)).times(1));
        assert_eq!(read("gone,chance=0.5").times, None);
        assert_eq!(read("gone=http,times=2"), Fault::new(Effect::Gone(Gone::Http)).times(2));
        assert_eq!(read("chunks=1:7:4096"), Fault::new(Effect::Chunks(vec![1, 7, 4096])));
        assert_eq!(read("lag=200ms"), Fault::new(Effect::Lag(Duration::from_millis(200))));
        assert_eq!(
            read("garble=shape,event=4,initial"),
            Fault::new(Effect::Garble { how: Garble::Shape, event: 4, initial: true }).times(1)
        );
    }

    #[test]
    fn invalid_faults_are_refused_with_a_remedy() {
        for (text, words) in [
            ("cut-aftre=5", "there is no fault `cut-aftre`; there are cut-after, "),
            ("cut-after=5,verb=list", "it strikes watch requests only"),
            ("cut-after", "a value is missing; write cut-after=EVENTS"),
            ("cut-after=5,every=3", "`every` is not understood here"),
            ("http=200", "200 is not an HTTP error status"),
            ("chunks=0", "a size of 0 never ends"),
            ("bookmarks=odd", "`odd` is not understood"),
            ("expire-continue=5", "takes no value"),
        ] {
            let error = Fault::parse(text).expect_err(text).to_string();
            assert!(error.contains(words), "{text}: {error}");
        }
    }

    #[test]
    fn every_known_fault_says_what_it_does() {
        for known in catalogue() {
            assert!(
                known.syntax.starts_with(known.name) && known.doc.len() > 10 && known.correct.len() > 10,
                "{}",
                known.name
            );
        }
    }
}
