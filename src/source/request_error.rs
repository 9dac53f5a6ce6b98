//! Why a request did not give what it was for, and whether that may pass.

use super::error::Error;
use super::socket::causes;
use crate::observation::Watch;
use http::StatusCode;
use std::time::Duration;

/// Why a request did not give what it was for.
#[derive(Debug)]
pub enum RequestError {
    /// 410: the version is older than what the server remembers.
    Expired(String),
    /// 404: the resource is not served.
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
    /// In words, for the record.
    pub fn words(&self) -> String {
        match self {
            Self::Expired(message) => message.clone(),
            Self::NotServed => "the resource is not served".to_owned(),
            Self::Passing { error, .. } | Self::Lasting(error) => causes(error),
        }
    }

    /// The error, where all trouble is one: for requests that are neither tried again nor resumed.
    pub fn into_error(self, verb: &'static str, what: &str) -> Error {
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
pub enum About<'a> {
    /// The collection of a watch, or an object in it.
    Watch(&'a Watch),
    /// Anything else, by its path.
    Path(&'a str),
}

impl About<'_> {
    pub fn words(self) -> String {
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

/// What an error status means.
pub fn judge<'a>(
    verb: &'static str,
    about: impl Into<About<'a>>,
    code: StatusCode,
    after: Option<Duration>,
    message: String,
) -> RequestError {
    let about = about.into();
    let what = about.words();
    match (code, about) {
        (StatusCode::GONE, _) => RequestError::Expired(message),
        (StatusCode::NOT_FOUND, _) => RequestError::NotServed,
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

pub fn passing(error: Error) -> RequestError {
    RequestError::Passing { after: None, error }
}

/// `pods in story`.
pub fn what(watch: &Watch) -> String {
    if watch.namespace.is_empty() {
        watch.resource.to_string()
    } else {
        format!("{} in {}", watch.resource, watch.namespace)
    }
}
