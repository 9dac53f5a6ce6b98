//! The block devices of a machine, without I/O of its own: from uevents to lines.

use super::super::numbered::Lines;
use super::host::{Found, Host, Notice};
use super::message::Uevent;
use crate::kinds::{DeviceDid as Did, DeviceEvent as Event};
use jiff::{SignedDuration, Timestamp};
use smol_str::{SmolStr, format_smolstr};
use std::collections::{BTreeMap, BTreeSet};

/// Everything must be looked at again; the words say what was lost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Lost(pub String);

/// How often a look is repeated while something happens.
const LOOKS: usize = 100;
/// The kernel counts a uevent before it delivers it. What was not delivered by then will not be.
const DELIVERED_WITHIN: SignedDuration = SignedDuration::from_secs(1);

/// The devices of a machine.
#[derive(Debug)]
pub(super) struct Machine {
    pub lines: Lines,
    lost_since: Timestamp,
    /// Identities, by name.
    devices: BTreeMap<SmolStr, SmolStr>,
    /// The number of the last uevent that was delivered, or happened before the look.
    last: u64,
    /// Since when the kernel has counted more than it delivered.
    behind: Option<Timestamp>,
}

impl Machine {
    /// A machine without devices.
    pub(super) fn new(lines: Lines) -> Self {
        let lost_since = lines.not_before();
        Self { lines, lost_since, devices: BTreeMap::new(), last: 0, behind: None }
    }

    /// The earliest moment at which what the last turn lost can have happened.
    pub(super) fn lost_since(&self) -> Timestamp {
        self.lost_since
    }

    /// Reads the socket, which `now` begins.
    ///
    /// # Errors
    /// Everything must be looked at again. The lines up to there are due.
    pub(super) fn turn(&mut self, host: &mut impl Host, now: Timestamp) -> Result<(), Lost> {
        self.lost_since = self.lines.not_before();
        // What it counts from here on was delivered if the socket, read afterwards, has it.
        let counted = host.last();
        for notice in host.drain() {
            self.take(host, notice)?;
        }
        let counted = counted.map_err(Lost)?;
        if counted <= self.last {
            self.behind = None;
            self.lines.delivered_until(now);
            return Ok(());
        }
        let since = *self.behind.get_or_insert(now);
        if now.duration_since(since) < DELIVERED_WITHIN {
            return Ok(());
        }
        let missing = counted - self.last;
        Err(Lost(format!("the kernel has counted {missing} more uevents than it delivered here")))
    }

    fn take(&mut self, host: &mut impl Host, notice: Notice) -> Result<(), Lost> {
        let Notice::Uevent(Uevent { seqnum, device }) = notice else {
            return Err(Lost("the socket was full".to_owned()));
        };
        if seqnum <= self.last {
            return Ok(());
        }
        let missing = seqnum - self.last - 1;
        if missing > 0 {
            return Err(Lost(format!("{missing} uevents before number {seqnum} were not delivered here")));
        }
        self.last = seqnum;
        if let Some((name, event)) = device {
            self.tell(host, &name, &event);
        }
        Ok(())
    }

    fn tell(&mut self, host: &mut impl Host, name: &SmolStr, event: &Event) {
        let known = match event.did {
            Did::Add => None,
            // A removal may be said twice.
            Did::Remove => match self.devices.remove(name) {
                Some(uid) => Some(uid),
                None => return,
            },
            _ => self.devices.get(name).cloned(),
        };
        let uid = known.unwrap_or_else(|| {
            let uid = host.uid(name).unwrap_or_else(|| format_smolstr!("s{:07x}-{}", self.last, host.boot()));
            self.devices.insert(name.clone(), uid.clone());
            uid
        });
        self.lines.event(name, &uid, event, false);
    }

    /// Looks at everything, and says what is there; after a gap, if something was lost since a moment.
    ///
    /// # Errors
    /// It cannot be read, or does not come to rest.
    pub(super) fn list(
        &mut self,
        host: &mut impl Host,
        lost: Option<(Timestamp, &str)>,
        kind: &SmolStr,
        now: Timestamp,
    ) -> Result<(), String> {
        let found = (0..LOOKS).find_map(|_| self.at_rest(host).transpose());
        let found = found.ok_or("devices come and go faster than they can be looked at")??;
        if let Some((since, why)) = lost {
            self.lines.gap(since, now, why);
        }
        self.behind = None;
        self.devices.clear();
        for Found { name, uid, dev, diskseq, is_open } in found {
            let open = Some(is_open);
            let event = Event { did: Did::Found, seqnum: None, dev, diskseq, media_change: false, open };
            self.lines.event(&name, &uid, &event, true);
            self.devices.insert(name, uid);
        }
        self.lines.attached(kind, now);
        Ok(())
    }

    /// What is there, if nothing happened to a device meanwhile.
    fn at_rest(&mut self, host: &mut impl Host) -> Result<Option<Vec<Found>>, String> {
        host.drain();
        self.last = host.last()?;
        let found = host.devices()?;
        for notice in host.drain() {
            match notice {
                Notice::Uevent(Uevent { seqnum, .. }) if seqnum <= self.last => {}
                Notice::Uevent(Uevent { seqnum, device: None }) if seqnum == self.last + 1 => self.last = seqnum,
                _ => return Ok(None),
            }
        }
        Ok(Some(found))
    }

    /// Compares what is there with what was recorded.
    ///
    /// # Errors
    /// Everything must be looked at again.
    pub(super) fn fence(&mut self, host: &mut impl Host, now: Timestamp) -> Result<(), Lost> {
        let mut missing = String::new();
        for _ in 0..LOOKS {
            self.turn(host, now)?;
            missing = match host.devices() {
                Ok(_) if self.behind.is_some() => "uevents that were not delivered yet".to_owned(),
                Ok(found) => {
                    let there: BTreeSet<SmolStr> = found.into_iter().map(|found| found.name).collect();
                    let known: BTreeSet<SmolStr> = self.devices.keys().cloned().collect();
                    let differing: Vec<&str> = there.symmetric_difference(&known).map(SmolStr::as_str).collect();
                    differing.join(", ")
                }
                Err(why) => why,
            };
            if missing.is_empty() {
                break;
            }
        }
        self.lines.fence(missing);
        Ok(())
    }
}
