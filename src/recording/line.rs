//! The serde form of the lines after the header, and its conversion from and to [`Observation`].
//!
//! One flat struct for every type of line: members that a type does not have are absent.

use super::axis::Axis;
use super::times;
use crate::observation::{
    Attached, Boot, Change, ClockChange, Environment, Fence, Gap, GapReason, Healed, Object, ObjectEvent, Observation,
    Past, Payload, Raw, Reconnected, Renewal, ResourceVersion, Stamp, Undecodable, WatchId, decode_kept, digest,
    seconds,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use smol_str::SmolStr;
use std::borrow::Cow;
use std::ops::Not;
use std::time::Duration;

/// One line after the header, with the members of every type; those that do not apply are none.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Line<'a> {
    pub seq: u64,
    #[serde(with = "times::micros")]
    pub at: Timestamp,
    #[serde(with = "seconds")]
    elapsed: Duration,
    #[serde(rename = "type")]
    pub of: Type,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    watch: Option<WatchId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    resource_version: Option<ResourceVersion>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    uid: Option<SmolStr>,
    #[serde(default, skip_serializing_if = "Option::is_none", with = "times::optional_micros")]
    not_before: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none", with = "times::optional_seconds")]
    not_before_elapsed: Option<i64>,
    #[serde(default, skip_serializing_if = "Not::not")]
    healed: bool,
    #[serde(default, skip_serializing_if = "Not::not")]
    confirmed: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    from_resource_version: Option<ResourceVersion>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    to_resource_version: Option<ResourceVersion>,
    #[serde(default, skip_serializing_if = "Option::is_none", with = "times::optional_micros")]
    from: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none", with = "times::optional_micros")]
    to: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none", with = "times::optional_seconds")]
    from_elapsed: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none", with = "times::optional_seconds")]
    to_elapsed: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none", with = "times::optional_seconds")]
    by: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none", with = "times::optional_seconds")]
    ahead_at_least: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none", with = "times::optional_seconds")]
    ahead_at_most: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    boot: Option<Boot>,
    #[serde(default, skip_serializing_if = "Option::is_none", with = "times::optional_micros")]
    since: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none", with = "times::optional_micros")]
    dated: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    clock: Option<SmolStr>,
    #[serde(default, skip_serializing_if = "<[_]>::is_empty")]
    leases: Cow<'a, [Renewal]>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    cause: Option<GapReason>,
    #[serde(default, borrow, skip_serializing_if = "Option::is_none")]
    reason: Option<Cow<'a, str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    whole: Option<bool>,
    #[serde(default, borrow, skip_serializing_if = "Option::is_none")]
    name: Option<Cow<'a, str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    length: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    digest: Option<SmolStr>,
    #[serde(default, borrow, skip_serializing_if = "Option::is_none")]
    head: Option<Cow<'a, str>>,
    #[serde(default, borrow, skip_serializing_if = "Option::is_none")]
    raw: Option<Cow<'a, str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    environment: Option<Cow<'a, Environment>>,
    #[serde(default, borrow, skip_serializing_if = "Option::is_none")]
    object: Option<&'a RawValue>,
    #[serde(default, skip_serializing_if = "Not::not")]
    listed: bool,
    #[serde(default, borrow, skip_serializing_if = "Option::is_none")]
    event: Option<&'a RawValue>,
}

/// Longest line in bytes that is read, and so that is written. What a stream delivers is limited to far less.
pub(super) const MAX_LINE_BYTES: usize = 64 << 20;

/// The types of lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(super) enum Type {
    Added,
    Modified,
    Deleted,
    Listed,
    Raw,
    Unchanged,
    Bookmark,
    NotServed,
    Attached,
    Reconnected,
    Gap,
    Healed,
    Past,
    Undecodable,
    Fence,
    Environment,
    Clock,
    Mark,
    Resumed,
    End,
}

/// Why a line is not a valid observation.
#[derive(Debug)]
pub(super) enum Unfit {
    /// A member that its type needs is missing.
    Missing(&'static str),
    /// Its `resourceVersion` differs from its object's.
    Version,
    /// Its object has no identity.
    Object(crate::observation::Error),
}

impl<'a> Line<'a> {
    /// The line of an observation.
    #[must_use]
    #[expect(clippy::too_many_lines, reason = "one arm for each type of line")]
    pub(super) fn new(seq: u64, observation: &'a Observation) -> Self {
        let Observation { stamp, payload: what } = observation;
        let mut line = Self::empty(seq, *stamp);
        match what {
            Payload::Object(seen) => {
                line.of = Type::of(seen.change);
                line.watch = Some(seen.watch);
                line.resource_version = Some(seen.object.resource_version.clone());
                line.not_before = seen.not_before;
                line.healed = seen.healed;
                line.confirmed = seen.confirmed;
                line.object = Some(&seen.object.json);
            }
            Payload::Raw(raw) => {
                line.on(Type::Raw, raw.watch, Some(&raw.resource_version));
                line.uid = Some(raw.uid.clone());
                line.name = Some(Cow::Borrowed(raw.name.as_str()));
                line.not_before = Some(raw.not_before);
                line.since = raw.since;
                line.listed = raw.listed;
                line.event = Some(&raw.event);
            }
            Payload::Unchanged { watch, uid, resource_version } => {
                line.on(Type::Unchanged, *watch, Some(resource_version));
                line.uid = Some(uid.clone());
            }
            Payload::Bookmark { watch, resource_version } => line.on(Type::Bookmark, *watch, Some(resource_version)),
            Payload::LateBookmark { watch, resource_version, not_before } => {
                line.on(Type::Bookmark, *watch, Some(resource_version));
                line.not_before = Some(*not_before);
            }
            Payload::NotServed { watch } => line.on(Type::NotServed, *watch, None),
            Payload::Attached(attached) => {
                line.on(Type::Attached, attached.watch, Some(&attached.resource_version));
                line.name = (!attached.kind.is_empty()).then_some(Cow::Borrowed(attached.kind.as_str()));
                line.not_before = attached.not_before;
            }
            Payload::Reconnected(reconnected) => {
                line.on(Type::Reconnected, reconnected.watch, Some(&reconnected.resource_version));
                line.not_before = Some(reconnected.not_before);
                line.reason = Some(Cow::Borrowed(&reconnected.reason));
            }
            Payload::Gap(gap) => {
                line.on(Type::Gap, gap.watch, None);
                line.from_resource_version = Some(gap.from_resource_version.clone());
                line.to_resource_version = Some(gap.to_resource_version.clone());
                line.from = Some(gap.from);
                line.to = Some(gap.to);
                line.cause = Some(gap.reason);
                line.reason = (!gap.unhealed.is_empty()).then_some(Cow::Borrowed(&gap.unhealed));
            }
            Payload::Healed(healed) => {
                line.on(Type::Healed, healed.watch, None);
                line.from_resource_version = Some(healed.from_resource_version.clone());
                line.to_resource_version = Some(healed.to_resource_version.clone());
                line.from = Some(healed.from);
                line.to = Some(healed.to);
                line.cause = Some(healed.reason);
                line.not_before = healed.not_before;
            }
            Payload::Past(past) => {
                line.on(Type::Past, past.watch, past.resource_version.as_ref());
                line.since = Some(past.since);
                line.dated = past.dated;
                line.clock = (!past.clock.is_empty()).then(|| past.clock.clone());
                line.leases = Cow::Borrowed(&past.leases);
                (line.ahead_at_least, line.ahead_at_most) = past.ahead_micros.unzip();
                line.reason = (!past.missing.is_empty()).then_some(Cow::Borrowed(&past.missing));
            }
            Payload::Undecodable(undecodable) => {
                line.on(Type::Undecodable, undecodable.watch, undecodable.resource_version.as_ref());
                line.uid.clone_from(&undecodable.uid);
                line.reason = Some(Cow::Borrowed(&undecodable.error));
                line.length = Some(undecodable.length);
                line.digest = Some(undecodable.digest.clone());
                line.head = (!undecodable.head.is_empty()).then_some(Cow::Borrowed(&*undecodable.head));
                line.raw = undecodable.raw.as_deref().map(Cow::Borrowed);
                line.object = undecodable.object.as_ref().map(|object| &*object.json);
            }
            Payload::Fence(fence) => {
                line.on(Type::Fence, fence.watch, Some(&fence.resource_version));
                line.from_resource_version.clone_from(&fence.from_resource_version);
                line.whole = Some(fence.whole);
                line.reason = (!fence.missing.is_empty()).then_some(Cow::Borrowed(&fence.missing));
            }
            Payload::Environment(environment) => {
                line.of = Type::Environment;
                line.environment = Some(Cow::Borrowed(environment));
            }
            Payload::Clock(change) => {
                line.of = Type::Clock;
                line.by = change.step_micros;
                line.boot.clone_from(&change.boot);
            }
            Payload::Mark { name } => {
                line.of = Type::Mark;
                line.name = Some(Cow::Borrowed(name));
            }
            Payload::Resumed { tool } => {
                line.of = Type::Resumed;
                line.name = Some(Cow::Borrowed(tool));
            }
            Payload::End { reason } => {
                line.of = Type::End;
                line.reason = Some(Cow::Borrowed(reason));
            }
        }
        line
    }

    /// Converts its times to the wall clock. If that was set and differs from the recorder's time, both are written.
    pub(super) fn onto_wall(&mut self, axis: &mut Axis) {
        if self.of == Type::Clock
            && let Some(by) = self.by
        {
            axis.stepped(by);
        }
        if !axis.is_set() {
            return;
        }
        self.at = axis.wall(self.at);
        let times = [
            (&mut self.not_before, &mut self.not_before_elapsed),
            (&mut self.from, &mut self.from_elapsed),
            (&mut self.to, &mut self.to_elapsed),
        ];
        for (time, elapsed) in times {
            *elapsed = time.map(|time| axis.elapsed(time));
            *time = time.map(|time| axis.wall(time));
        }
    }

    /// Converts its times to the recorder's time.
    pub(super) fn onto_axis(&mut self, axis: &mut Axis) {
        // A state from before the line was received may be recorded with the time of that state.
        let may_be_earlier = matches!(self.of, Type::Attached | Type::Unchanged);
        let wall = self.at;
        self.at = axis.place(wall, self.elapsed, may_be_earlier);
        let is_upper = self.to.is_some_and(|to| to == wall);
        self.not_before = axis.bound(self.not_before, self.not_before_elapsed, self.at);
        self.from = axis.bound(self.from, self.from_elapsed, self.at);
        self.to = match self.to_elapsed {
            None if is_upper => Some(self.at),
            elapsed => axis.bound(self.to, elapsed, self.at),
        };
    }

    /// Converts it back to the observation.
    ///
    /// # Errors
    /// When a member that the line's type needs is missing, or its object has no identity.
    #[expect(clippy::too_many_lines, reason = "one arm for each type of line")]
    pub(super) fn observation(self) -> Result<Observation, Unfit> {
        let stamp = Stamp { at: self.at, elapsed: self.elapsed };
        let watch = self.watch.ok_or(Unfit::Missing("watch"));
        let version = self.resource_version.ok_or(Unfit::Missing("resourceVersion"));
        let reason = self.reason.map(Cow::into_owned);
        let name = self.name.ok_or(Unfit::Missing("name"));
        let what = match self.of {
            Type::Added | Type::Modified | Type::Deleted | Type::Listed => Payload::Object(ObjectEvent {
                watch: watch?,
                change: self.of.change(),
                object: object(self.object.ok_or(Unfit::Missing("object"))?, version.ok().as_ref())?,
                not_before: self.not_before,
                healed: self.healed,
                confirmed: self.confirmed,
            }),
            Type::Raw => Payload::Raw(Raw {
                watch: watch?,
                resource_version: version?,
                uid: self.uid.ok_or(Unfit::Missing("uid"))?,
                name: name?.into(),
                not_before: self.not_before.ok_or(Unfit::Missing("notBefore"))?,
                since: self.since,
                listed: self.listed,
                event: self.event.ok_or(Unfit::Missing("event"))?.to_owned(),
            }),
            Type::Unchanged => Payload::Unchanged {
                watch: watch?,
                uid: self.uid.ok_or(Unfit::Missing("uid"))?,
                resource_version: version?,
            },
            Type::Bookmark => match self.not_before {
                Some(not_before) => Payload::LateBookmark { watch: watch?, resource_version: version?, not_before },
                None => Payload::Bookmark { watch: watch?, resource_version: version? },
            },
            Type::NotServed => Payload::NotServed { watch: watch? },
            Type::Attached => Payload::Attached(Attached {
                watch: watch?,
                resource_version: version?,
                kind: name.map(SmolStr::from).unwrap_or_default(),
                not_before: self.not_before,
            }),
            Type::Reconnected => Payload::Reconnected(Reconnected {
                watch: watch?,
                resource_version: version?,
                not_before: self.not_before.ok_or(Unfit::Missing("notBefore"))?,
                reason: reason.ok_or(Unfit::Missing("reason"))?,
            }),
            Type::Gap => Payload::Gap(Gap {
                watch: watch?,
                from_resource_version: self.from_resource_version.ok_or(Unfit::Missing("fromResourceVersion"))?,
                to_resource_version: self.to_resource_version.ok_or(Unfit::Missing("toResourceVersion"))?,
                from: self.from.ok_or(Unfit::Missing("from"))?,
                to: self.to.ok_or(Unfit::Missing("to"))?,
                reason: self.cause.ok_or(Unfit::Missing("cause"))?,
                unhealed: reason.unwrap_or_default(),
            }),
            Type::Healed => Payload::Healed(Healed {
                watch: watch?,
                from_resource_version: self.from_resource_version.ok_or(Unfit::Missing("fromResourceVersion"))?,
                to_resource_version: self.to_resource_version.ok_or(Unfit::Missing("toResourceVersion"))?,
                from: self.from.ok_or(Unfit::Missing("from"))?,
                to: self.to.ok_or(Unfit::Missing("to"))?,
                reason: self.cause.ok_or(Unfit::Missing("cause"))?,
                not_before: self.not_before,
            }),
            Type::Past => Payload::Past(Past {
                watch: watch?,
                since: self.since.ok_or(Unfit::Missing("since"))?,
                resource_version: version.ok(),
                dated: self.dated,
                clock: self.clock.unwrap_or_default(),
                ahead_micros: self.ahead_at_least.zip(self.ahead_at_most),
                leases: self.leases.into_owned(),
                missing: reason.unwrap_or_default(),
            }),
            Type::Undecodable => {
                // Earlier recordings have only the bytes.
                let earlier = self.length.is_none().then_some(()).and(self.raw.as_deref());
                let length = self.length.or(earlier.map(|raw| raw.len() as u64)).ok_or(Unfit::Missing("length"))?;
                let digest = self.digest.or(earlier.map(|raw| digest(raw.as_bytes())));
                Payload::Undecodable(Undecodable {
                    watch: watch?,
                    uid: self.uid,
                    resource_version: version.ok(),
                    error: reason.ok_or(Unfit::Missing("reason"))?,
                    length,
                    digest: digest.ok_or(Unfit::Missing("digest"))?,
                    head: self.head.map(Cow::into_owned).unwrap_or_default(),
                    object: self.object.map(decode_kept).transpose().map_err(Unfit::Object)?,
                    raw: self.raw.map(Cow::into_owned),
                })
            }
            Type::Fence => Payload::Fence(Fence {
                watch: watch?,
                resource_version: version?,
                from_resource_version: self.from_resource_version,
                whole: self.whole.ok_or(Unfit::Missing("whole"))?,
                missing: reason.unwrap_or_default(),
            }),
            Type::Environment => {
                Payload::Environment(self.environment.ok_or(Unfit::Missing("environment"))?.into_owned())
            }
            Type::Clock => Payload::Clock(ClockChange { step_micros: self.by, boot: self.boot }),
            Type::Mark => Payload::Mark { name: name?.into_owned() },
            Type::Resumed => Payload::Resumed { tool: name?.into_owned() },
            Type::End => Payload::End { reason: reason.ok_or(Unfit::Missing("reason"))? },
        };
        Ok(Observation { stamp, payload: what })
    }

    fn empty(seq: u64, stamp: Stamp) -> Self {
        Self {
            seq,
            at: stamp.at,
            elapsed: stamp.elapsed,
            of: Type::End,
            watch: None,
            resource_version: None,
            uid: None,
            not_before: None,
            not_before_elapsed: None,
            healed: false,
            confirmed: false,
            from_resource_version: None,
            to_resource_version: None,
            from: None,
            to: None,
            from_elapsed: None,
            to_elapsed: None,
            by: None,
            ahead_at_least: None,
            ahead_at_most: None,
            boot: None,
            since: None,
            dated: None,
            clock: None,
            leases: Cow::Borrowed(&[]),
            cause: None,
            reason: None,
            whole: None,
            name: None,
            length: None,
            digest: None,
            head: None,
            raw: None,
            environment: None,
            object: None,
            listed: false,
            event: None,
        }
    }

    fn on(&mut self, of: Type, watch: WatchId, version: Option<&ResourceVersion>) {
        self.of = of;
        self.watch = Some(watch);
        self.resource_version = version.cloned();
    }
}

/// An object, which is in the version that the line says.
fn object(kept: &RawValue, version: Option<&ResourceVersion>) -> Result<Object, Unfit> {
    let object = decode_kept(kept).map_err(Unfit::Object)?;
    if version.is_some_and(|version| *version != object.resource_version) {
        return Err(Unfit::Version);
    }
    Ok(object)
}

impl Type {
    fn of(change: Change) -> Self {
        match change {
            Change::Added => Self::Added,
            Change::Modified => Self::Modified,
            Change::Deleted => Self::Deleted,
            Change::Listed => Self::Listed,
        }
    }

    fn change(self) -> Change {
        match self {
            Self::Added => Change::Added,
            Self::Modified => Change::Modified,
            Self::Deleted => Change::Deleted,
            _ => Change::Listed,
        }
    }
}
