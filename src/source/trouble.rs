//! Why a request did not give what it was for, and whether that may pass.

use super::error::Error;
use super::socket::causes;
use crate::observation::Watch;
use http::StatusCode;
use std::time::Duration;

/// Why a request did not give what it was for.
#[derive(Debug)]
pub enum Trouble {
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

impl Trouble {
    /// In words, for the record.
    pub fn words(&self) -> String {
        match self {
            Self::Expired(message) => message.clone(),
            Self::NotServed => "the resource is not served".to_owned(),
            Self::Passing { error, .. } | Self::Lasting(error) => causes(error),
        }
    }
}

/// What a status means for a list or a watch.
pub fn judge(verb: &'static str, watch: &Watch, code: StatusCode, after: Option<Duration>, message: String) -> Trouble {
    let what = what(watch);
    match code {
        StatusCode::GONE => Trouble::Expired(message),
        StatusCode::NOT_FOUND => Trouble::NotServed,
        // The server has no machine-readable word for it: the right that is missing is not the one to list.
        StatusCode::FORBIDDEN if message.contains("cannot impersonate") => {
            Trouble::Lasting(Error::Impersonation { verb, what, message })
        }
        StatusCode::FORBIDDEN => Trouble::Lasting(Error::Forbidden {
            verb,
            resource: Box::new(watch.resource.clone()),
            namespace: watch.namespace.to_string(),
            message,
        }),
        StatusCode::UNAUTHORIZED => Trouble::Lasting(Error::Unauthorized { verb, what, message }),
        StatusCode::TOO_MANY_REQUESTS | StatusCode::REQUEST_TIMEOUT => {
            Trouble::Passing { after, error: Error::Refused { verb, what, code: code.as_u16(), message } }
        }
        code if code.is_server_error() => {
            Trouble::Passing { after, error: Error::Refused { verb, what, code: code.as_u16(), message } }
        }
        code => Trouble::Lasting(Error::Refused { verb, what, code: code.as_u16(), message }),
    }
}

/// `pods in story`.
pub fn what(watch: &Watch) -> String {
    if watch.namespace.is_empty() {
        watch.resource.to_string()
    } else {
        format!("{} in {}", watch.resource, watch.namespace)
    }
}
