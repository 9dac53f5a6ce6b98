//! What the kernel says of a block device, as it is recorded. Nothing else of a uevent is stored.

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

/// One event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Event {
    /// What was done.
    pub did: Did,
    /// `SEQNUM`: its number among all uevents of the machine; none for what was found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seqnum: Option<u64>,
    /// `MAJOR` and `MINOR`. Numbers are assigned again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dev: Option<SmolStr>,
    /// `DISKSEQ`: what is in the device; never assigned again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub diskseq: Option<u64>,
    /// `DISK_MEDIA_CHANGE`: what was in the device is out of it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub media_change: bool,
    /// What was found: whether anything was in the device.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub open: Option<bool>,
}

/// What was done: `ACTION`, except one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum Did {
    /// The device is there.
    Add,
    /// Something about it changed.
    Change,
    /// It is gone.
    Remove,
    /// It was there when it was looked for.
    Found,
}
