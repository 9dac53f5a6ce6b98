//! The judges of expectations that a client asks for again and again.

use super::limits::Taken;
use crate::expectation::Judgement;
use crate::run::LiveJudge;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// How long a judge is kept for a client that asks the same again.
const KEPT: Duration = Duration::from_mins(1);
/// How often it is looked which judges are no longer asked for.
const LOOK: Duration = Duration::from_secs(10);

/// What was asked: the text, and whether it consists of one-line expectations.
pub(super) type Asked = (String, bool);

/// The judges, by what was asked.
#[derive(Clone, Debug)]
pub(super) struct Judged(Arc<Mutex<Held>>);

#[derive(Debug)]
struct Held {
    /// Those of the recorder itself, which nobody asked for.
    own: Vec<LiveJudge>,
    kept: HashMap<Asked, Kept>,
    /// True while a task lets go of what is no longer asked for.
    expires: bool,
}

#[derive(Debug)]
struct Kept {
    judge: LiveJudge,
    used: Instant,
    _taken: Taken,
}

impl Judged {
    /// Nothing was asked yet; the recorder has these itself.
    pub(super) fn beside(own: Vec<LiveJudge>) -> Self {
        Self(Arc::new(Mutex::new(Held { own, kept: HashMap::new(), expires: false })))
    }

    pub(super) fn find(&self, asked: &Asked) -> Option<LiveJudge> {
        let mut held = self.lock();
        let known = held.kept.get_mut(asked)?;
        known.used = Instant::now();
        Some(known.judge.clone())
    }

    /// The recorder's own judges, then those that are kept; not more than a few.
    pub(super) fn few(&self, most: usize) -> Vec<LiveJudge> {
        let held = self.lock();
        let mut kept: Vec<_> = held.kept.iter().collect();
        kept.sort_by_key(|(asked, _)| *asked);
        held.own.iter().chain(kept.into_iter().map(|(_, kept)| &kept.judge)).take(most).cloned().collect()
    }

    /// The judgements of all that are kept.
    pub(super) fn standings(&self) -> Vec<Judgement> {
        let held = self.lock();
        held.kept.values().flat_map(|kept| kept.judge.standings().to_vec()).collect()
    }

    pub(super) fn keep(&self, asked: Asked, judge: LiveJudge, taken: Taken) {
        let kept = Kept { judge, used: Instant::now(), _taken: taken };
        let mut held = self.lock();
        held.kept.insert(asked, kept);
        if !std::mem::replace(&mut held.expires, true) {
            tokio::spawn(self.clone().expire());
        }
    }

    /// Lets go of what is no longer asked for, until nothing is kept: a judge costs time though nobody waits for it.
    async fn expire(self) {
        loop {
            tokio::time::sleep(LOOK).await;
            let mut held = self.lock();
            held.kept.retain(|_, kept| kept.used.elapsed() < KEPT);
            if held.kept.is_empty() {
                held.expires = false;
                return;
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Held> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
