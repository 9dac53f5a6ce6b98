//! How resources are interpreted, and by which names users refer to them.

use super::data::{chain, watch_with};
use statetrail::kinds;
use statetrail::observation::{Resource, Shape};

#[test]
fn every_short_name_of_kubectl_and_kubevirt_is_known() {
    for (words, resource) in [
        (&["pods", "pod", "po", "Pod", "PODS"][..], "pods"),
        (&["vmi", "vmis", "virtualmachineinstance", "VirtualMachineInstance"], "virtualmachineinstances.kubevirt.io"),
        (&["vm", "vms", "virtualmachine", "virtualmachines.kubevirt.io"], "virtualmachines.kubevirt.io"),
        (&["vmim", "vmims", "vmim.kubevirt.io"], "virtualmachineinstancemigrations.kubevirt.io"),
        (&["dv", "dvs", "datavolume"], "datavolumes.cdi.kubevirt.io"),
        (&["ev", "events", "event"], "events"),
    ] {
        for word in words {
            assert_eq!(kinds::named(word).unwrap_or_else(|| panic!("{word}")).resource().to_string(), resource);
        }
    }
    for word in ["", ".", "pods.kubevirt.io", "vm.example.com", "statefulsets", "events.events.k8s.io"] {
        assert_eq!(kinds::named(word), None, "{word}");
    }
}

#[test]
fn no_word_names_two_kinds() {
    let mut words: Vec<_> = kinds::all().flat_map(kinds::Kind::names).collect();
    let all = words.len();
    words.sort_unstable();
    words.dedup();
    assert_eq!(words.len(), all);
}

#[test]
fn a_resource_is_kept_in_the_shape_that_its_kind_declares() {
    let shape = |group, plural| kinds::shape(&Resource::new(group, "v1", plural, ""));
    assert_eq!(shape("", "pods"), Shape::Pod);
    assert_eq!(shape("", "events"), Shape::Event);
    assert_eq!(shape("events.k8s.io", "events"), Shape::Event);
    assert_eq!(shape("", "nodes"), Shape::Spec(&["unschedulable"]));
    assert_eq!(shape("metrics.k8s.io", "pods"), Shape::Other);
    assert_eq!(shape("metrics.k8s.io", "nodes"), Shape::Other);
    assert_eq!(shape("kubevirt.io", "virtualmachines"), Shape::Other);
}

#[test]
fn events_take_no_tracks_of_the_users_own() {
    let error = kinds::of(&watch_with("ev", &[("first", ".firstTimestamp")])).err().expect("refused");
    assert!(chain(&error).contains("add track `first`: events are evidence"), "{}", chain(&error));
}
