//! Clients that ask again and again: each is told the end before the port closes.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::watch;

/// How long one of them may take between an answer and its next request.
const RETURN: Duration = Duration::from_secs(5);
/// Most of them that are waited for.
const MOST: usize = 1024;
/// The longest name.
const LONGEST: usize = 64;

/// Those that have an answer and are expected to ask again, with when they were answered. Clones share it.
///
/// One whose request is being answered is not among them: its connection is drained.
#[derive(Clone, Debug)]
pub(super) struct Followers(Arc<watch::Sender<HashMap<String, Instant>>>);

impl Default for Followers {
    fn default() -> Self {
        Self(Arc::new(watch::Sender::default()))
    }
}

impl Followers {
    /// One has asked.
    pub(super) fn asked(&self, name: &str) {
        self.0.send_if_modified(|expected| expected.remove(name).is_some());
    }

    /// One has been answered, and asks again.
    pub(super) fn answered(&self, name: &str) {
        self.0.send_modify(|expected| {
            expected.retain(|_, answered| answered.elapsed() < RETURN);
            if expected.len() < MOST && name.len() <= LONGEST {
                expected.insert(name.to_owned(), Instant::now());
            }
        });
    }

    /// Waits until each has asked again, or is not expected any longer.
    pub(super) async fn returned(&self) {
        self.0.send_modify(|expected| expected.retain(|_, answered| answered.elapsed() < RETURN));
        let mut expected = self.0.subscribe();
        let returned = expected.wait_for(HashMap::is_empty);
        // Who does not come back has gone.
        let _ = tokio::time::timeout(RETURN, returned).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn who_was_answered_is_waited_for_within_a_bound() {
        let followers = Followers::default();
        let waited = async || {
            let began = tokio::time::Instant::now();
            followers.returned().await;
            began.elapsed()
        };
        assert_eq!(waited().await, Duration::ZERO, "nobody");
        followers.answered("a");
        followers.answered("b");
        followers.asked("a");
        assert_eq!(waited().await, RETURN, "b does not come back");
        let (asking, returned) = (followers.clone(), waited());
        let asking = async move {
            tokio::time::sleep(Duration::from_secs(1)).await;
            asking.asked("b");
        };
        assert_eq!(tokio::join!(returned, asking).0, Duration::from_secs(1));
        assert_eq!(waited().await, Duration::ZERO, "both were told");
    }
}
