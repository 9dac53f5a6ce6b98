//! What is read of answers: the status, why something was refused, and whether a stream said an error.

use super::head::Answer;
use super::request::UNKNOWN;
use crate::kinds::{CallProgress as Progress, LibpodCall as Call};
use regex::Regex;
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use smol_str::SmolStr;
use std::borrow::Cow;
use std::fmt::{self, Formatter};
use std::sync::LazyLock;

/// Longest answer of a call that was refused, and longest line of a stream, that is read.
const MOST: usize = 256 << 10;
/// Most characters of a cause or a message that are kept.
const KEPT: usize = 1024;

const ENCODED: &str = "its answer is compressed: whether it says an error is not known";
const LONG: &str = "a line of its answer is too long to be read: whether that is an error is not known";

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
#[derive(serde::Deserialize, Default)]
struct Reason<'a> {
    #[serde(default, borrow)]
    cause: Cow<'a, str>,
    #[serde(default, borrow)]
    message: Cow<'a, str>,
}

/// The fields of answers that say an error, in lower case: of the whole, of one object, or of several.
const ERRORS: &[&str] = &["containererrors", "err", "error", "errordetail", "errors", "errs"];

/// Whether a value says an error, at any depth.
#[derive(Clone, Copy, Debug, Default)]
struct Said {
    /// It has a field that says one.
    is_error: bool,
    /// It is not null, an empty text or an empty list. In such a field, that is an error.
    is_something: bool,
}

impl<'de> Deserialize<'de> for Said {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(SaidVisitor)
    }
}

struct SaidVisitor;

impl SaidVisitor {
    const NOTHING: Said = Said { is_error: false, is_something: false };
    const SOMETHING: Said = Said { is_error: false, is_something: true };
}

impl<'de> Visitor<'de> for SaidVisitor {
    type Value = Said;

    fn expecting(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        formatter.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Said, E> {
        Ok(Self::NOTHING)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Said, E> {
        Ok(Self::SOMETHING)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Said, E> {
        Ok(Self::SOMETHING)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Said, E> {
        Ok(Self::SOMETHING)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Said, E> {
        Ok(Self::SOMETHING)
    }

    fn visit_str<E>(self, text: &str) -> Result<Said, E> {
        Ok(Said { is_error: false, is_something: !text.is_empty() })
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut all: A) -> Result<Said, A::Error> {
        let mut said = Self::NOTHING;
        while let Some(one) = all.next_element::<Said>()? {
            said = Said { is_error: said.is_error | one.is_error, is_something: true };
        }
        Ok(said)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Said, A::Error> {
        let mut said = Self::SOMETHING;
        while let Some((name, value)) = fields.next_entry::<Cow<'_, str>, Said>()? {
            let says_error = ERRORS.iter().any(|error| name.eq_ignore_ascii_case(error));
            said.is_error |= value.is_error || says_error && value.is_something;
        }
        Ok(said)
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

    /// It ended, and that is not known to be its end.
    pub(super) fn doubt(&mut self, why: &'static str) {
        if let Self::Stream(stream) = self {
            stream.unknown.get_or_insert(why);
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
        if [&b"rror"[..], b"\"Err"].iter().any(|word| memchr::memmem::find(&line, word).is_some()) {
            let values = serde_json::Deserializer::from_slice(&line).into_iter::<Said>();
            self.is_error |= values.map_while(Result::ok).any(|said| said.is_error);
        }
    }
}

/// True for a call whose errors follow a status that says that all is well.
fn says_errors(call: &Call) -> bool {
    let path = call.path.strip_prefix("/libpod").unwrap_or(&call.path);
    let path = path.strip_prefix("/local").unwrap_or(path);
    let paths = ["/build", "/images/create", "/images/pull", "/images/import", "/images/load", "/images/{name}/push"];
    let of_several = path == "/images/remove" || path.starts_with("/pods/") || path.ends_with("/prune");
    let plays = ["/play/kube", "/kube/play", "/kube/apply"].contains(&path);
    match call.method.as_str() {
        // A later version of Podman may do anything by that.
        _ if path == UNKNOWN => true,
        "POST" => paths.contains(&path) || path.starts_with("/manifests/") || of_several || plays,
        "DELETE" => of_several || plays || path == "/containers/{name}",
        "GET" => path == "/containers/stats",
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
