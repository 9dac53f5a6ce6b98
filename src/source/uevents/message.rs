//! Reads a uevent: `ACTION@PATH`, then `KEY=VALUE`, each ended by a zero byte (`lib/kobject_uevent.c` of the kernel).

use crate::kinds::{DeviceDid as Did, DeviceEvent as Event};
use smol_str::{SmolStr, format_smolstr};

/// A uevent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Uevent {
    /// Its number among all uevents of the machine.
    pub seqnum: u64,
    /// The name and the event of a block device; none for what is about anything else, or was only asked for.
    pub device: Option<(SmolStr, Event)>,
}

/// Reads one; none if it has no number.
pub(super) fn read(bytes: &[u8]) -> Option<Uevent> {
    let text = String::from_utf8_lossy(bytes);
    let value = |key: &str| text.split('\0').skip(1).find_map(|pair| pair.strip_prefix(key)?.strip_prefix('='));
    let seqnum = value("SEQNUM")?.parse().ok()?;
    let did = match value("ACTION") {
        Some("add") => Some(Did::Add),
        Some("change") => Some(Did::Change),
        Some("remove") => Some(Did::Remove),
        _ => None,
    };
    // `udevadm trigger` asks the kernel to say something again.
    let is_asked_for = value("SYNTH_UUID").is_some();
    let name = value("DEVPATH").and_then(|path| path.rsplit('/').next()).filter(|name| !name.is_empty());
    let is_block = value("SUBSYSTEM") == Some("block") && !is_asked_for;
    let device = name.zip(did).filter(|_| is_block).map(|(name, did)| {
        let dev = value("MAJOR").zip(value("MINOR")).map(|(major, minor)| format_smolstr!("{major}:{minor}"));
        let diskseq = value("DISKSEQ").and_then(|number| number.parse().ok());
        let media_change = value("DISK_MEDIA_CHANGE") == Some("1");
        (SmolStr::from(name), Event { did, seqnum: Some(seqnum), dev, diskseq, media_change, open: None })
    });
    Some(Uevent { seqnum, device })
}
