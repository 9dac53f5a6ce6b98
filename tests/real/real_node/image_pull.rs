//! A pod whose image a real kubelet cannot pull, asserted by the example for KubeVirt.

use crate::cluster::{ControlPlane, Node, NodeOptions, Options};
use crate::go;

#[test]
fn the_image_pull_test_passes_for_pods_of_a_real_kubelet() {
    let plane = ControlPlane::start(Options::default().with_controllers());
    let _node = Node::start(&plane, NodeOptions::default());
    let printed = go::image_pull(&plane, "node", 3);
    assert!(printed.contains("Ran 3 of"), "{printed}");
}
