//! What is read of answers: the status, why something was refused, and whether a stream said an error.

use super::head::Answer;
use crate::kinds::{CallProgress as Progress, LibpodCall as Call};
use regex::Regex;
use serde::Deserialize;
use serde::de::IgnoredAny;
use smol_str::SmolStr;
use std::sync::LazyLock;

/// Longest answer of a call that was refused, and longest line of a stream, that is read.
const MOST: usize = 256 << 10;
/// Most characters of a cause or a message that are kept.
const KEPT: usize = 1024;

const ENCODED: &str = "its answer is compressed: whether it says an error is not known";
const LONG: &str = "a line of its answer is too long to be read: whether that is an error is not known";
const TO_END: &str = "its answer ends with the connection: whether it is whole is not known";

/// What an answer carries, as far as it is read.
#[derive(Debug)]
pub(super) enum Content {
    /// Nothing is read.
    Passed,
    /// Why it was refused.
    Reason(Vec<u8>),
    /// A stream of JSON, a line each, of which one may be an error.
    Stream(Stream),
}

/// A stream that may say an error.
#[derive(Debug, Default)]
pub(super) struct Stream {
    line: Vec<u8>,
    is_error: bool,
    /// Why whether it says an error is not known.
    unknown: Option<&'static str>,
}

/// What libpod says where it refuses something, and Docker's API.
#[derive(Deserialize, Default)]
struct Reason<'a> {
    #[serde(default, borrow)]
    cause: std::borrow::Cow<'a, str>,
    #[serde(default, borrow)]
    message: std::borrow::Cow<'a, str>,
}

/// A line of a stream, or what is said of several objects.
#[derive(Deserialize)]
struct Line {
    error: Option<IgnoredAny>,
    #[serde(rename = "Err")]
    of_object: Option<IgnoredAny>,
    #[serde(rename = "Errors", alias = "Errs")]
    of_objects: Option<Vec<IgnoredAny>>,
}

impl Line {
    fn is_error(&self) -> bool {
        self.error.is_some() || self.of_object.is_some() || self.of_objects.as_ref().is_some_and(|all| !all.is_empty())
    }
}

impl Content {
    /// What is read of the answer to a call.
    pub(super) fn of(call: &Call, answer: &Answer) -> Self {
        match answer.code {
            400.. if !answer.is_encoded => Self::Reason(Vec::new()),
            200..=299 if says_errors(call) => {
                let unknown = Some(ENCODED).filter(|_| answer.is_encoded);
                Self::Stream(Stream { unknown, ..Stream::default() })
            }
            _ => Self::Passed,
        }
    }

    /// Some of it came.
    pub(super) fn push(&mut self, bytes: &[u8]) {
        match self {
            Self::Passed => {}
            Self::Reason(text) => {
                let room = (MOST + 1).saturating_sub(text.len());
                text.extend_from_slice(&bytes[..bytes.len().min(room)]);
            }
            Self::Stream(stream) => bytes.split_inclusive(|byte| *byte == b'\n').for_each(|piece| stream.push(piece)),
        }
    }

    /// It ended where nothing but the end of the connection says so.
    pub(super) fn ended_with_connection(&mut self) {
        if let Self::Stream(stream) = self {
            stream.unknown.get_or_insert(TO_END);
        }
    }

    /// True when it has said how the call ended, though more of it may follow.
    pub(super) fn is_decided(&mut self, call: &Call) -> bool {
        if let Self::Stream(stream) = self {
            stream.read();
            return stream.is_error;
        }
        call.code.is_some_and(|code| code >= 400)
    }

    /// The call, once it was answered with a status.
    ///
    /// # Errors
    /// Why it is not known how it ended.
    pub(super) fn answered(self, call: &mut Call) -> Result<(), &'static str> {
        let code = call.code.unwrap_or_default();
        call.state = if code < 400 { Progress::Answered } else { Progress::Refused };
        match self {
            Self::Passed => {}
            Self::Reason(text) => {
                let reason = serde_json::from_slice::<Reason<'_>>(&text).unwrap_or_default();
                (call.cause, call.message) = (kept(&reason.cause), kept(&reason.message));
            }
            Self::Stream(mut stream) => {
                stream.read();
                if stream.is_error {
                    call.state = Progress::Failed;
                } else if let Some(why) = stream.unknown {
                    return Err(why);
                }
            }
        }
        Ok(())
    }
}

impl Stream {
    fn push(&mut self, piece: &[u8]) {
        if self.line.len() + piece.len() > MOST {
            self.unknown.get_or_insert(LONG);
            self.line.clear();
        } else if self.unknown.is_none() {
            self.line.extend_from_slice(piece);
        }
        if piece.ends_with(b"\n") {
            self.read();
        }
    }

    fn read(&mut self) {
        let line = std::mem::take(&mut self.line);
        let may_be = [&b"\"error\""[..], b"\"Err"].iter().any(|word| memchr::memmem::find(&line, word).is_some());
        let of_one = || serde_json::from_slice::<Line>(&line).is_ok_and(|line| line.is_error());
        let of_several = || serde_json::from_slice::<Vec<Line>>(&line).is_ok_and(|all| all.iter().any(Line::is_error));
        self.is_error |= may_be && (of_one() || of_several());
    }
}

/// True for a call whose errors follow a status that says that all is well.
fn says_errors(call: &Call) -> bool {
    let path = call.path.strip_prefix("/libpod").unwrap_or(&call.path);
    let paths = ["/build", "/images/create", "/images/pull", "/images/import", "/images/load", "/images/{name}/push"];
    let of_several = path == "/images/remove" || path.starts_with("/pods/") || path.ends_with("/prune");
    match call.method.as_str() {
        "POST" => paths.contains(&path) || path.starts_with("/manifests/") || of_several,
        "DELETE" => of_several,
        _ => false,
    }
}

fn kept(text: &str) -> SmolStr {
    // What precedes a host may be a password, and what follows a path a signature.
    static USER: LazyLock<Regex> = LazyLock::new(|| expression(r#"://[^\s"'/]*@"#));
    static WITHOUT_SCHEME: LazyLock<Regex> = LazyLock::new(|| expression(r#"[^\s"'/@:]+:[^\s"'/@]+@([^\s"'/@]+/)"#));
    static QUERY: LazyLock<Regex> = LazyLock::new(|| expression(r#"(://[^\s"'?]*)\?[^\s"']*"#));
    let text = USER.replace_all(text, "://");
    let text = WITHOUT_SCHEME.replace_all(&text, "$1");
    let text = QUERY.replace_all(&text, "$1");
    text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).take(KEPT).collect()
}

fn expression(text: &str) -> Regex {
    Regex::new(text).expect("a regular expression")
}
