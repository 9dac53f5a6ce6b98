//! Why a request did not give what it was for, and whether that may pass.

use super::causes::causes;
use super::error::Error;
use crate::observation::Watch;
use http::StatusCode;
use std::time::Duration;

/// Why a request did not give what it was for.
#[derive(Debug)]
pub(super) enum RequestError {
    /// 410: the version is older than what the server remembers.
    Expired(String),
    /// 404, in the words of an API server: the resource is not served, or the object is not there.
    NotServed,
    /// Something that may pass: try again, not before `after`.
    Passing {
        /// What the server asked for with Retry-After.
        after: Option<Duration>,
        /// The trouble.
        error: Error,
    },
    /// Something that an operator must mend.
    Lasting(Error),
}

impl RequestError {
    /// What the server asked for with Retry-After.
    pub(super) fn after(&self) -> Option<Duration> {
        match self {
            Self::Passing { after, .. } => *after,
            _ => None,
        }
    }

    /// In words, for the record.
    pub(super) fn words(&self) -> String {
        match self {
            Self::Expired(message) => message.clone(),
            Self::NotServed => "the resource is not served".to_owned(),
            Self::Passing { error, .. } | Self::Lasting(error) => causes(error),
        }
    }

    /// The error, where all trouble is one: for requests that are neither tried again nor resumed.
    pub(super) fn into_error(self, verb: &'static str, what: &str) -> Error {
        let refused = |code, message| Error::Refused { verb, what: what.to_owned(), code, message };
        match self {
            Self::Expired(message) => refused(410, message),
            Self::NotServed => refused(404, "Not Found".to_owned()),
            Self::Passing { error, .. } | Self::Lasting(error) => error,
        }
    }
}

/// What a request is about, as its errors name it.
#[derive(Clone, Copy)]
pub(super) enum About<'a> {
    /// The collection of a watch, or an object in it.
    Watch(&'a Watch),
    /// Anything else, by its path.
    Path(&'a str),
}

impl About<'_> {
    pub(super) fn words(self) -> String {
        match self {
            Self::Watch(watch) => what(watch),
            Self::Path(path) => path.to_owned(),
        }
    }
}

impl<'a> From<&'a Watch> for About<'a> {
    fn from(watch: &'a Watch) -> Self {
        Self::Watch(watch)
    }
}

/// An answer of an error status.
pub(super) struct Refusal<'a> {
    /// Whose answer it is.
    pub url: &'a str,
    pub code: StatusCode,
    /// What the server asked for with Retry-After.
    pub after: Option<Duration>,
    /// Its words.
    pub message: String,
    /// They are a v1 Status, as every API server sends it.
    pub is_status: bool,
}

/// What an error status means.
///
/// Anybody can answer 404: a proxy, an ingress, a path of the server that is not that of its API. By itself only a v1
/// Status says that something is not served, and of the core of the API, which every server has, nobody can say it.
pub(super) fn judge_answer<'a>(verb: &'static str, about: impl Into<About<'a>>, refusal: Refusal<'_>) -> RequestError {
    let about = about.into();
    let what = about.words();
    let Refusal { url, code, after, message, is_status } = refusal;
    let is_core = verb != "get" && matches!(about, About::Watch(watch) if is_core(watch));
    match (code, about) {
        (StatusCode::GONE, _) => RequestError::Expired(message),
        (StatusCode::NOT_FOUND, _) if is_status && !is_core => RequestError::NotServed,
        (StatusCode::NOT_FOUND, _) => RequestError::Lasting(Error::NoApi { verb, what, url: url.to_owned(), message }),
        (StatusCode::METHOD_NOT_ALLOWED, About::Watch(watch)) if verb == "watch" => {
            RequestError::Lasting(Error::Unwatchable { resource: Box::new(watch.resource.clone()), message })
        }
        // The server has no machine-readable word for it: the right that is missing is not the one to list.
        (StatusCode::FORBIDDEN, _) if message.contains("cannot impersonate") => {
            RequestError::Lasting(Error::Impersonation { verb, what, message })
        }
        (StatusCode::FORBIDDEN, About::Watch(watch)) => RequestError::Lasting(Error::Forbidden {
            verb,
            resource: Box::new(watch.resource.clone()),
            namespace: watch.namespace.to_string(),
            message,
        }),
        (StatusCode::UNAUTHORIZED, _) => RequestError::Lasting(Error::Unauthorized { verb, what, message }),
        (StatusCode::TOO_MANY_REQUESTS | StatusCode::REQUEST_TIMEOUT, _) => {
            RequestError::Passing { after, error: Error::Refused { verb, what, code: code.as_u16(), message } }
        }
        (code, _) if code.is_server_error() => {
            RequestError::Passing { after, error: Error::Refused { verb, what, code: code.as_u16(), message } }
        }
        (code, _) => RequestError::Lasting(Error::Refused { verb, what, code: code.as_u16(), message }),
    }
}

/// What the status of an ERROR event means: it came from an API server, or there would be no stream.
pub(super) fn judge<'a>(
    verb: &'static str,
    about: impl Into<About<'a>>,
    code: StatusCode,
    after: Option<Duration>,
    message: String,
) -> RequestError {
    judge_answer(verb, about, Refusal { url: "the server", code, after, message, is_status: true })
}

/// Pods, events, nodes and the like: every API server serves these.
pub(super) fn is_core(watch: &Watch) -> bool {
    watch.resource.group.is_empty() && watch.resource.version == "v1"
}

pub(super) fn passing(error: Error) -> RequestError {
    RequestError::Passing { after: None, error }
}

/// `pods in story`.
pub(super) fn what(watch: &Watch) -> String {
    if watch.namespace.is_empty() {
        watch.resource.to_string()
    } else {
        format!("{} in {}", watch.resource, watch.namespace)
    }
}
