//! The statement to explain.

use crate::monitor::{Event, First, Monitor, Plan, Statement, States};

/// A statement to explain, and what is known about its condition.
#[derive(Clone, Debug)]
pub struct Case<'a> {
    pub(super) plan: &'a Plan,
    pub(super) statement: &'a Statement,
    pub(super) condition: &'a First,
    /// The track that the clause waits for, when it is another one.
    pub(super) awaited: Option<String>,
}

impl<'a> Case<'a> {
    /// A statement about one track; `awaited` names the track of its condition, when that is another track.
    #[must_use]
    pub fn new(plan: &'a Plan, statement: &'a Statement, condition: &'a First, awaited: Option<String>) -> Self {
        Self { plan, statement, condition, awaited }
    }

    /// The monitor after these events.
    pub(super) fn read(&self, events: &[Event]) -> Monitor {
        let mut monitor = self.plan.start();
        events.iter().for_each(|event| monitor.observe(event));
        monitor
    }

    /// The states with the track of the condition, `pod phase Running`.
    pub(super) fn awaits(&self, states: &States) -> String {
        self.awaited.as_ref().map_or_else(|| states.to_string(), |track| format!("{track} {states}"))
    }

    pub(super) fn awaited_states(&self) -> Option<String> {
        match self.statement {
            Statement::OnlyAfter { after: states, .. }
            | Statement::Quiet { after: states }
            | Statement::EveryAfter { after: states, .. }
            | Statement::EveryThen { then: states, .. }
            | Statement::While { held: states, .. } => Some(self.awaits(states)),
            Statement::SameAs { .. } => self.awaited.clone(),
            _ => None,
        }
    }
}
