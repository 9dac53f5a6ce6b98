//! How a list is recorded, with what history shows of the time before it.

use super::super::clock::Now;
use super::super::heal::{Answer, Recovery, Unknown};
use super::super::pages::Pages;
use super::action::Action;
use super::loss::Loss;
use super::recorded::Recorded;
use crate::observation::Observation;
use jiff::Timestamp;
use std::collections::HashMap;

/// How a list is recorded.
#[derive(Debug)]
pub(super) enum Account {
    /// As the first one.
    First,
    /// As the first one, with everything since a time.
    Since(Timestamp),
    /// As the first one, with the beginnings of existing objects.
    Beginnings,
    /// As equal to the previous one: nothing happened.
    Unchanged,
    /// As the state after a loss.
    Loss(Loss),
}

impl Account {
    /// Records a list, and what history shows of the time before it.
    pub(super) fn record(
        self,
        recorded: &mut Recorded,
        pages: Pages,
        answer: Result<Answer, Unknown>,
        now: Now,
        actions: &mut Vec<Action>,
    ) -> Vec<Observation> {
        match (self, answer) {
            (Self::Since(moment), Ok(Answer::Since(answer))) => recorded.list_since(moment, answer, pages, now),
            (Self::Since(moment), answer) => recorded.list_since(moment, Err(unknown(answer)), pages, now),
            (Self::Beginnings, Ok(Answer::Beginnings(chains))) => recorded.list_with_beginnings(chains, pages, now),
            (Self::First | Self::Beginnings | Self::Unchanged, answer) => {
                if let Err(unknown @ Unknown::TooMany { .. }) = answer {
                    actions.push(Action::Inform(format!("no beginnings are read: {unknown}")));
                }
                let mut lines = Vec::with_capacity(pages.items.len() + 1);
                recorded.list(pages, &HashMap::new(), now, &mut lines);
                lines
            }
            (Self::Loss(loss), answer) => {
                let recovery = match answer {
                    Ok(Answer::Loss(recovery)) => recovery,
                    answer => Recovery::none(unknown(answer)),
                };
                if let Some(unknown) = recovery.unknown() {
                    actions.push(Action::Inform(format!("a gap remains: {unknown}")));
                }
                recorded.relist(pages, loss, recovery, now)
            }
        }
    }
}

/// Why history did not answer the question.
fn unknown(answer: Result<Answer, Unknown>) -> Unknown {
    answer.err().unwrap_or_else(|| Unknown::Failed("another question was answered".to_owned()))
}
