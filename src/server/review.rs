//! Asks the cluster who has a token, and whether they may watch what is recorded.

use super::problem::Problem;
use crate::observation::Watch;
use crate::source::{Allowed, Cluster, review_token};
use ring::digest::{SHA256, digest};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// How long an answer is believed: a permission, and a refusal.
const BELIEVED: Duration = Duration::from_mins(1);
const REFUSED: Duration = Duration::from_secs(5);
/// Most tokens whose answers are remembered.
const MOST: usize = 1024;
/// How long the cluster is waited for.
const PATIENCE: Duration = Duration::from_secs(5);

/// Reviews tokens by TokenReview and SubjectAccessReview: whoever may watch in the cluster all that is recorded may
/// read the recording.
#[derive(Clone, Debug)]
pub(crate) struct Reviewer(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    cluster: Arc<Cluster>,
    watches: Vec<Watch>,
    /// By the SHA-256 of the token.
    known: Mutex<HashMap<Vec<u8>, (Allowed, Instant)>>,
}

impl Reviewer {
    /// Asks this cluster about these watches.
    pub(crate) fn new(cluster: Arc<Cluster>, watches: Vec<Watch>) -> Self {
        Self(Arc::new(Inner { cluster, watches, known: Mutex::default() }))
    }

    /// Whether whoever has the token has access.
    ///
    /// # Errors
    /// They have none, or the cluster does not say.
    pub(super) async fn review(&self, token: &str) -> Result<(), Problem> {
        let Inner { cluster, watches, known } = &*self.0;
        let key = digest(&SHA256, token.as_bytes()).as_ref().to_vec();
        let now = Instant::now();
        let remembered = known.lock().unwrap_or_else(PoisonError::into_inner).get(&key).cloned();
        let allowed = match remembered.filter(|(_, until)| *until > now) {
            Some((allowed, _)) => allowed,
            None => {
                let asked = tokio::time::timeout(PATIENCE, review_token(cluster, watches, token)).await;
                let unanswered = || Problem::unreviewed("the API server does not answer in time; try again");
                let allowed =
                    asked.map_err(|_| unanswered())?.map_err(|error| Problem::unreviewed(error.to_string()))?;
                let believed = if allowed == Allowed::Yes { BELIEVED } else { REFUSED };
                let mut known = known.lock().unwrap_or_else(PoisonError::into_inner);
                known.retain(|_, (_, until)| *until > now);
                if known.len() < MOST {
                    known.insert(key, (allowed.clone(), now + believed));
                }
                allowed
            }
        };
        match allowed {
            Allowed::Yes => Ok(()),
            Allowed::Unknown => Err(Problem::unauthorized("the cluster does not know this token")),
            Allowed::No { user, what } => Err(Problem::forbidden(format!("{user} may not {what} in the cluster"))),
        }
    }
}
