//! The judges of expectations that a client asks for again and again.

use super::limits::Taken;
use crate::run::LiveJudge;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// How long a judge is kept for a client that asks the same again.
const KEPT: Duration = Duration::from_mins(1);

/// What was asked: the text, and whether it consists of one-line expectations.
pub(super) type Asked = (String, bool);

/// The judges, by what was asked.
#[derive(Debug, Default)]
pub(super) struct Judged(Mutex<HashMap<Asked, Kept>>);

#[derive(Debug)]
struct Kept {
    judge: LiveJudge,
    used: Instant,
    _taken: Taken,
}

impl Judged {
    pub(super) fn find(&self, asked: &Asked) -> Option<LiveJudge> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        kept.retain(|_, kept| now.duration_since(kept.used) < KEPT);
        let known = kept.get_mut(asked)?;
        known.used = now;
        Some(known.judge.clone())
    }

    pub(super) fn keep(&self, asked: Asked, judge: LiveJudge, taken: Taken) {
        let kept = Kept { judge, used: Instant::now(), _taken: taken };
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(asked, kept);
    }
}
