//! Conditions: the same shape on every kind (KEP-1623, and the API conventions before it).

use super::declaration::{TrackDeclaration, Vocabulary};
use super::text::{Text, label, some};
use crate::observation::{Detail, State, Track};
use jiff::Timestamp;
use serde::Deserialize;

/// Declares the conditions of a kind; `types` are the known ones. Their states are core/v1 `ConditionStatus`.
pub(super) const fn declared(types: &'static [&'static str]) -> TrackDeclaration {
    let statuses = Vocabulary::closed("condition status", &["True", "False", "Unknown"]);
    TrackDeclaration::family("condition/", types, &[".status.conditions[*].status"], statuses)
}

/// One entry of `.status.conditions` of a kind whose shape the API promises.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Condition<'a> {
    /// `type`, such as `Ready`.
    #[serde(rename = "type", borrow)]
    pub(super) kind: Text<'a>,
    /// `True`, `False`, `Unknown`.
    #[serde(borrow)]
    pub(super) status: Text<'a>,
    /// `reason`: the cause as one CamelCase identifier.
    #[serde(borrow)]
    pub(super) reason: Option<Text<'a>>,
    /// `message`: the cause as a sentence.
    #[serde(borrow)]
    pub(super) message: Option<Text<'a>>,
    /// `lastTransitionTime`, by the clock of the component that wrote the condition.
    pub(super) last_transition_time: Option<Timestamp>,
}

impl Condition<'_> {
    /// `condition/TYPE` and its state.
    pub(super) fn track(&self) -> (Track, State) {
        let detail = Detail {
            reason: some(self.reason.as_ref()),
            message: some(self.message.as_ref()),
            server_time: self.last_transition_time,
            ..Detail::default()
        };
        (Track::Condition(label(&self.kind)), State { detail, ..State::plain(&*self.status) })
    }
}
