//! A pod's object, as far as its tracks need it.

use super::conditions::Condition;
use super::container;
use super::metadata::Metadata;
use super::text::Text;
use serde::Deserialize;

/// A pod, as far as tracks need it.
#[derive(Debug, Deserialize)]
pub(super) struct Pod<'a> {
    #[serde(default, borrow)]
    pub(super) metadata: Metadata<'a>,
    #[serde(borrow)]
    pub(super) spec: Option<Spec<'a>>,
    #[serde(borrow)]
    pub(super) status: Option<Status<'a>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Spec<'a> {
    #[serde(borrow)]
    pub(super) node_name: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) init_containers: Option<Vec<InitContainer<'a>>>,
}

/// An init container of the spec.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct InitContainer<'a> {
    #[serde(borrow)]
    pub(super) name: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) restart_policy: Option<Text<'a>>,
}

/// `PodStatus`, as far as tracks need it.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Status<'a> {
    #[serde(borrow)]
    pub(super) phase: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) reason: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) message: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) conditions: Option<Vec<Condition<'a>>>,
    #[serde(borrow)]
    pub(super) init_container_statuses: Option<Vec<container::Status<'a>>>,
    #[serde(borrow)]
    pub(super) container_statuses: Option<Vec<container::Status<'a>>>,
    #[serde(borrow)]
    pub(super) ephemeral_container_statuses: Option<Vec<container::Status<'a>>>,
}

impl<'a> Pod<'a> {
    /// The init containers in the spec.
    pub(super) fn init_containers(&self) -> &[InitContainer<'a>] {
        self.spec.as_ref().and_then(|spec| spec.init_containers.as_deref()).unwrap_or_default()
    }
}

impl<'a> Status<'a> {
    pub(super) fn conditions(&self) -> &[Condition<'a>] {
        self.conditions.as_deref().unwrap_or_default()
    }

    pub(super) fn init_containers(&self) -> &[container::Status<'a>] {
        self.init_container_statuses.as_deref().unwrap_or_default()
    }

    pub(super) fn containers(&self) -> &[container::Status<'a>] {
        self.container_statuses.as_deref().unwrap_or_default()
    }
}
