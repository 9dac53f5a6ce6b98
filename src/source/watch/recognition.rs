//! After an outage in which the storage may have been put back: is it the recorded one?
//!
//! The stream is opened from before the newest version that was recorded. In the recorded storage it delivers that
//! first, and nothing else up to where the stream was left. A server that does not have it any more is asked for the
//! stream from there on, and history whether it knows the newest version. A storage that is recognized in neither way is
//! not taken for the recorded one.

use super::super::heal::Unknown;
use super::super::settings::LastEvent;
use super::doubt::Doubt;
use super::meeting::Meeting;
use super::recorded::Recorded;
use crate::observation::{Change, ResourceVersion};
use jiff::Timestamp;
use smol_str::SmolStr;
use std::time::Duration;

/// The recognition of a storage.
#[derive(Debug)]
pub(super) struct Recognition {
    pub step: Step,
    /// The version up to which the stream had been read when it was left. An event up to there that was not recorded is
    /// another storage's.
    pub through: ResourceVersion,
    /// True once the stream was read to there again, or if the last line said all of it.
    pub is_passed: bool,
    /// Until when the open stream is to deliver the newest version, or an error if history says nothing.
    pub until: Option<Duration>,
    /// Why history says nothing.
    pub unknown: Option<Unknown>,
    /// A bookmark at or beyond the newest version that came in place of it.
    pub skipped_to: Option<ResourceVersion>,
    /// How often the stream from before the newest version failed, with anything but a 410 or silence.
    pub failures: u32,
    /// Whether the newest event was tried once because of that, and the server was there.
    pub is_probed: bool,
}

/// How far a recognition is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// The stream is to deliver the newest version.
    Awaited,
    /// The stream fails from there. It is opened from the newest event, to see whether the server fails from anywhere.
    Probed,
    /// History is asked for it.
    Asked,
    /// It is known.
    Known,
}

/// When the storage was last known to be the recorded one.
#[derive(Debug, Default)]
pub(super) struct Contact {
    /// What had elapsed when the server closed the stream, or delivered what was recorded once more: no line says that.
    pub recognized_at: Option<Duration>,
    /// Until when everything was delivered when the newest version was last awaited in a stream, and how often since.
    pub sought_since: Option<(Timestamp, u32)>,
    /// True until the first stream is open, if an earlier recorder was stopped.
    pub is_resumed: bool,
    /// True once a recognition was begun after an interruption, until the stream is open.
    pub is_doubted: bool,
    /// True when reading was held up, and nothing was received since.
    pub is_held_up: bool,
}

/// What an event says of the storage.
#[derive(Debug)]
pub(super) enum Sign {
    /// It was recorded, or is as old as what a list included.
    Recorded,
    /// Nothing.
    Nothing,
    /// The storage is another one.
    Other(Doubt),
    /// Nothing shows which one the storage is.
    Unproven,
}

impl Recognition {
    /// Classifies an event; `change` is none when it could not be decoded.
    pub(super) fn meets(
        &mut self,
        recorded: &Recorded,
        change: Option<Change>,
        uid: &SmolStr,
        version: &ResourceVersion,
    ) -> Sign {
        if self.is_unproven() {
            return Sign::Unproven;
        }
        // More deletions may share the last version, unless a bookmark followed.
        let position = recorded.position();
        let is_beside = change == Some(Change::Deleted) && position.resumes_at() != position.version();
        if let Some(newest) = recorded.last().filter(|_| self.is_awaited()) {
            if newest.is(change, uid, version) {
                self.step = Step::Known;
                return Sign::Recorded;
            }
            if version.number() != Some(newest.revision) || !is_beside {
                let LastEvent { name, revision, .. } = newest;
                let why = format!("the stream goes on with an event at {version}, without {name} at {revision}");
                return Sign::Other(Doubt { why, since: None });
            }
        }
        if !version.is_covered_by(&self.through) {
            self.is_passed = true;
            return Sign::Nothing;
        }
        match recorded.meets(change, uid, version) {
            Meeting::New if is_beside => Sign::Nothing,
            Meeting::New => Sign::Other(Doubt { why: format!("{uid} was not recorded at {version}"), since: None }),
            Meeting::Again => Sign::Recorded,
            Meeting::Contradiction(doubt) => Sign::Other(Doubt { why: doubt.why, since: None }),
        }
    }

    /// Notes a bookmark before the newest version was delivered. It says nothing unless nothing older can follow it.
    pub(super) fn skip(&mut self, version: &ResourceVersion, recorded: &Recorded) {
        let newest = recorded.last().map(|last| last.revision);
        if version.number() >= newest && self.skipped_to.is_none() {
            self.skipped_to = Some(version.clone());
        }
    }

    /// True if the newest version will not come any more.
    pub(super) fn is_skipped(&self) -> bool {
        self.is_awaited() && self.skipped_to.is_some()
    }

    /// Notes that the stream was read to this version. True if it was not read to where it was left before.
    pub(super) fn bookmark(&mut self, version: &ResourceVersion) -> bool {
        let is_new = !self.is_passed && self.through.is_covered_by(version);
        self.is_passed |= is_new;
        is_new
    }

    /// True when nothing shows which storage it is.
    pub(super) fn is_unproven(&self) -> bool {
        self.unknown.is_some()
    }

    /// True while the newest version is awaited in the stream, where it comes first.
    pub(super) fn is_awaited(&self) -> bool {
        self.step == Step::Awaited
    }

    /// True when the newest version is the storage's.
    pub(super) fn is_known(&self) -> bool {
        self.step == Step::Known
    }

    /// When the stream has not delivered the newest version in time, or an error.
    pub(super) fn wakes_at(&self) -> Option<Duration> {
        self.until.filter(|_| self.is_awaited() || self.is_unproven())
    }
}
