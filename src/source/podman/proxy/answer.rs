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

/// A line of a stream.
#[derive(Deserialize)]
struct Line {
    error: Option<IgnoredAny>,
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
        let may_be = memchr::memmem::find(&line, b"\"error\"").is_some();
        self.is_error |= may_be && serde_json::from_slice::<Line>(&line).is_ok_and(|line| line.error.is_some());
    }
}

/// True for a call whose errors follow a status that says that all is well.
fn says_errors(call: &Call) -> bool {
    let path = call.path.strip_prefix("/libpod").unwrap_or(&call.path);
    let paths = ["/build", "/images/create", "/images/pull", "/images/import", "/images/load", "/images/{name}/push"];
    call.method == "POST" && (paths.contains(&path) || path.starts_with("/manifests/"))
}

fn kept(text: &str) -> SmolStr {
    // What precedes a host may be a password.
    static SECRET: LazyLock<Regex> = LazyLock::new(|| Regex::new(r#"://[^\s"'/]*@"#).expect("a regular expression"));
    let text = SECRET.replace_all(text, "://");
    text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).take(KEPT).collect()
}
