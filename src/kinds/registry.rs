//! Which interpreter reads which resource, and by which words people name it.

use super::custom::{self, WithTracks};
use super::data_volume::DataVolumes;
use super::event::Events;
use super::generic::Generic;
use super::migration::Migrations;
use super::pod::Pods;
use super::virtual_machine::VirtualMachines;
use super::virtual_machine_instance::VirtualMachineInstances;
use super::{Error, Interpreter};
use crate::observation::{Capture, Resource, Shape, Watch};
use smol_str::SmolStr;

/// A kind that people name by a short word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WellKnown {
    /// The words that `kubectl` takes for it, in lower case: the plural first, then the singular and the short names.
    pub names: &'static [&'static str],
    /// API group, empty for core.
    pub group: &'static str,
    /// The version to watch.
    pub version: &'static str,
    /// Kind as the API writes it.
    pub kind: &'static str,
}

impl WellKnown {
    /// Plural name, as paths have it.
    #[must_use]
    pub fn plural(&self) -> &'static str {
        self.names[0]
    }

    /// The resource.
    #[must_use]
    pub fn resource(&self) -> Resource {
        Resource::new(self.group, self.version, self.plural(), self.kind)
    }
}

const WELL_KNOWN: [WellKnown; 6] = [
    WellKnown { names: &["pods", "pod", "po"], group: "", version: "v1", kind: "Pod" },
    WellKnown {
        names: &["virtualmachineinstances", "virtualmachineinstance", "vmi", "vmis"],
        group: "kubevirt.io",
        version: "v1",
        kind: "VirtualMachineInstance",
    },
    WellKnown {
        names: &["virtualmachines", "virtualmachine", "vm", "vms"],
        group: "kubevirt.io",
        version: "v1",
        kind: "VirtualMachine",
    },
    WellKnown {
        names: &["virtualmachineinstancemigrations", "virtualmachineinstancemigration", "vmim", "vmims"],
        group: "kubevirt.io",
        version: "v1",
        kind: "VirtualMachineInstanceMigration",
    },
    WellKnown {
        names: &["datavolumes", "datavolume", "dv", "dvs"],
        group: "cdi.kubevirt.io",
        version: "v1beta1",
        kind: "DataVolume",
    },
    WellKnown { names: &["events", "event", "ev"], group: "", version: "v1", kind: "Event" },
];

/// The kinds that people name by a short word.
#[must_use]
pub fn well_known() -> &'static [WellKnown] {
    &WELL_KNOWN
}

/// The kind that a word names, as `kubectl` takes it: `vmi`, `Pod`, `virtualmachines.kubevirt.io`.
#[must_use]
pub fn named(word: &str) -> Option<&'static WellKnown> {
    let word = word.to_ascii_lowercase();
    WELL_KNOWN.iter().find(|kind| {
        let name = match word.split_once('.') {
            Some((name, group)) if group == kind.group => name,
            _ => &*word,
        };
        kind.names.contains(&name)
    })
}

/// What of an object of this resource is kept beside metadata and status.
#[must_use]
pub fn shape(resource: &Resource) -> Shape {
    match (resource.group.as_str(), resource.plural.as_str()) {
        ("", "pods") => Shape::Pod,
        ("", "events") => Shape::Event,
        _ => Shape::Other,
    }
}

/// Chooses the interpreter of a watch's objects. The version of the API does not matter: what is read of a kind is the
/// same in all versions that are served.
///
/// # Errors
/// When a track of the user's own has a name that it cannot have, or a path that is no JSONPath; and when a watch of
/// Events has such tracks, since Events are evidence and have none.
pub fn of(watch: &Watch) -> Result<Box<dyn Interpreter>, Error> {
    let Resource { group, plural, kind, .. } = &watch.resource;
    let kind = if kind.is_empty() { plural } else { kind };
    let interpreter: Box<dyn Interpreter> = match (group.as_str(), plural.as_str()) {
        ("", "pods") => Box::new(Pods),
        ("", "events") => return events(watch),
        ("kubevirt.io", "virtualmachineinstances") => Box::new(VirtualMachineInstances),
        ("kubevirt.io", "virtualmachines") => Box::new(VirtualMachines),
        ("kubevirt.io", "virtualmachineinstancemigrations") => Box::new(Migrations),
        ("cdi.kubevirt.io", "datavolumes") => Box::new(DataVolumes),
        _ => Box::new(Generic { kind: kind.clone() }),
    };
    if watch.tracks.is_empty() {
        return Ok(interpreter);
    }
    Ok(Box::new(WithTracks::new(kind.clone(), interpreter, &watch.tracks)?))
}

fn events(watch: &Watch) -> Result<Box<dyn Interpreter>, Error> {
    match watch.tracks.first() {
        None => Ok(Box::new(Events)),
        Some(track) => {
            let wrong = "events are evidence on the objects that they are about and have no tracks of their own \
                         (add it to a watch of those objects)";
            Err(Error::Name { track: SmolStr::clone(&track.name), wrong })
        }
    }
}

/// Refuses tracks of the user's own that this capture could never show. A recorder asks this before it starts; a reader
/// need not, since a recording that was made is read as far as it goes.
///
/// # Errors
/// When a path leads to what is not kept.
pub fn admit(watch: &Watch, capture: Capture) -> Result<(), Error> {
    watch.tracks.iter().try_for_each(|track| custom::admit(track, capture))
}
