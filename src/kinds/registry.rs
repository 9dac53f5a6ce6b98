//! Which interpreter reads which resource.

use super::{Error, Interpretation, Interpreter};
use crate::observation::{Object, Resource, Shape, Watch};

/// The kinds that people name by a short word: names as `kubectl` takes them, and the resource.
#[must_use]
pub fn well_known() -> &'static [(&'static [&'static str], fn() -> Resource)] {
    &[
        (&["pods", "pod", "po"], || Resource::new("", "v1", "pods", "Pod")),
        (&["virtualmachineinstances", "virtualmachineinstance", "vmi", "vmis"], || {
            Resource::new("kubevirt.io", "v1", "virtualmachineinstances", "VirtualMachineInstance")
        }),
        (&["virtualmachines", "virtualmachine", "vm", "vms"], || {
            Resource::new("kubevirt.io", "v1", "virtualmachines", "VirtualMachine")
        }),
        (&["virtualmachineinstancemigrations", "virtualmachineinstancemigration", "vmim", "vmims"], || {
            Resource::new("kubevirt.io", "v1", "virtualmachineinstancemigrations", "VirtualMachineInstanceMigration")
        }),
        (&["datavolumes", "datavolume", "dv", "dvs"], || {
            Resource::new("cdi.kubevirt.io", "v1beta1", "datavolumes", "DataVolume")
        }),
        (&["events", "event", "ev"], || Resource::new("", "v1", "events", "Event")),
    ]
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

/// The interpreter of one watch's objects.
pub struct Tracks {
    _private: (),
}

impl Interpreter for Tracks {
    fn interpret(&self, _object: &Object) -> Result<Interpretation, Error> {
        Ok(Interpretation::Tracks { states: Vec::new(), deletion: None })
    }
}

/// Chooses the interpreter of a watch.
#[must_use]
pub fn of(_watch: &Watch) -> Result<Box<dyn Interpreter>, Error> {
    Ok(Box::new(Tracks { _private: () }))
}
