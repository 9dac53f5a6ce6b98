//! Who may send requests: a token where one is needed.

use super::problem::Problem;
use super::review::Reviewer;
use crate::listen::{TokenFile, bearer};
use http::HeaderMap;

/// Who has access.
#[derive(Clone, Debug)]
pub(crate) struct Access {
    /// The server listens on a loopback address: names of other hosts that lead here are forged.
    pub is_loopback: bool,
    /// Who may send requests.
    pub who: Who,
}

/// Who may send requests.
#[derive(Clone, Debug)]
pub(crate) enum Who {
    /// Whoever reaches it.
    Anyone,
    /// Who has a token of a file.
    Token(TokenFile),
    /// Who may watch in the cluster what is recorded.
    Kubernetes(Reviewer),
}

/// Refuses requests without the token that is needed.
pub(super) async fn authorize(who: &Who, headers: &HeaderMap) -> Result<(), Problem> {
    let token = || bearer(headers).ok_or_else(|| Problem::unauthorized("send `Authorization: Bearer TOKEN`"));
    match who {
        Who::Anyone => Ok(()),
        Who::Token(file) if file.has(token()?) => Ok(()),
        Who::Token(_) => Err(Problem::unauthorized("the token is not valid")),
        Who::Kubernetes(reviewer) => reviewer.review(token()?).await,
    }
}
