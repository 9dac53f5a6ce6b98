//! The Go client against a real API server, by its own suite and by the example for KubeVirt.

use crate::cluster::{ControlPlane, Options};
use crate::go;

#[test]
fn the_go_client_passes_its_suite() {
    let plane = ControlPlane::start(Options::default());
    plane.install_kubevirt_crds();
    let printed = go::passes(&plane, "clients/go/e2e", &["test", "-count=1", "-timeout=5m", "./..."], &[]);
    assert!(printed.contains("ok"), "{printed}");
}

#[test]
fn the_image_pull_test_of_kubevirt_passes_fails_for_each_wrong_actor_and_is_missed_by_polling() {
    let plane = ControlPlane::start(Options::default());
    plane.install_kubevirt_crds();
    let printed = go::image_pull(&plane, "!node", 9);
    assert!(printed.contains("Ran 9 of"), "{printed}");
    assert!(printed.contains("statetrail recording:"), "{printed}");
}
