//! Why a request failed, and whether retrying helps.

use super::cluster::is_temporary;
use super::connection::Trouble;
use super::error::Error;
use super::rights::Rights;
use crate::observation::Watch;
use http::StatusCode;
use smol_str::SmolStr;
use std::time::Duration;

/// Why a request failed.
#[derive(Debug)]
pub(super) enum RequestError {
    /// 410: the version is older than the server's history.
    Expired(String),
    /// 404 from an API server: the resource is not served, or the object does not exist.
    NotServed,
    /// 404 from an API server that serves the resource in this version instead.
    ServedAs(SmolStr),
    /// A temporary error: retry, not before `after`.
    Passing {
        /// The pause of a Retry-After header.
        after: Option<Duration>,
        /// The error.
        error: Error,
    },
    /// An error that the operator must fix.
    Lasting(Error),
}

impl RequestError {
    /// The pause of a Retry-After header.
    pub(super) fn after(&self) -> Option<Duration> {
        match self {
            Self::Passing { after, .. } => *after,
            _ => None,
        }
    }

    /// The text for a recording.
    pub(super) fn words(&self) -> String {
        match self {
            Self::Expired(message) => message.clone(),
            Self::NotServed => "the resource is not served".to_owned(),
            Self::ServedAs(version) => format!("the resource is served only as {version}"),
            Self::Passing { error, .. } | Self::Lasting(error) => error.line(),
        }
    }

    /// What is reported of it while a recorder runs; none where another message says more.
    pub(super) fn trouble(&self) -> Option<Trouble> {
        match self {
            Self::Passing { error, .. } | Self::Lasting(error) => Some(error.trouble()),
            Self::Expired(_) | Self::NotServed | Self::ServedAs(_) => None,
        }
    }

    /// Converts it for requests that are neither retried nor resumed.
    pub(super) fn into_error(self, verb: &'static str, what: &str) -> Error {
        let refused = |code, message| Error::Refused { verb, what: what.to_owned(), code, message };
        match self {
            Self::Expired(message) => refused(410, message),
            trouble @ Self::ServedAs(_) => refused(404, trouble.words()),
            Self::NotServed => refused(404, "Not Found".to_owned()),
            Self::Passing { error, .. } | Self::Lasting(error) => error,
        }
    }
}

/// The subject of a request in its errors.
#[derive(Clone, Copy)]
pub(super) enum About<'a> {
    /// The collection of a watch, or an object in it.
    Watch(&'a Watch),
    /// Another path.
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

/// An error response.
pub(super) struct Refusal<'a> {
    /// The address of the server.
    pub url: &'a str,
    pub code: StatusCode,
    /// The pause of a Retry-After header.
    pub after: Option<Duration>,
    /// The message.
    pub message: String,
    /// True when the body was a v1 Status, as API servers send it.
    pub is_status: bool,
}

/// The meaning of an error status.
///
/// A 404 may come from a proxy, an ingress, or a path outside the API. Only a v1 Status means that something is not
/// served, and never for the core API, which every server has.
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
        // The server has no machine-readable reason for it: the missing right is not the one to list.
        (StatusCode::FORBIDDEN, _) if message.contains("cannot impersonate") => {
            RequestError::Lasting(Error::Impersonation { verb, what, message })
        }
        (StatusCode::FORBIDDEN, About::Watch(watch)) => RequestError::Lasting(Error::Forbidden {
            verb,
            resource: Box::new(watch.resource.clone()),
            namespace: watch.namespace.to_string(),
            message,
            rights: Rights::of(watch),
        }),
        (StatusCode::UNAUTHORIZED, _) => {
            RequestError::Lasting(Error::Unauthorized { verb, what, message, certificate: None })
        }
        (code, _) if is_temporary(code) => {
            RequestError::Passing { after, error: Error::Refused { verb, what, code: code.as_u16(), message } }
        }
        (code, _) => RequestError::Lasting(Error::Refused { verb, what, code: code.as_u16(), message }),
    }
}

/// The meaning of the status in an ERROR event, which always comes from an API server.
pub(super) fn judge<'a>(
    verb: &'static str,
    about: impl Into<About<'a>>,
    code: StatusCode,
    after: Option<Duration>,
    message: String,
) -> RequestError {
    judge_answer(verb, about, Refusal { url: "the server", code, after, message, is_status: true })
}

/// Resources of the core group, which every API server serves.
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
