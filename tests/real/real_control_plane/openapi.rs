//! The OpenAPI document against the server that it describes: what it allows is answered as it says, and nothing fails.

use std::path::Path;
use std::process::Command;

use serde_json::json;
use tempfile::TempDir;

use super::served::served;
use crate::cluster::{ADMIN, BUSYBOX, ControlPlane, Options, Writer, pod};

#[test]
fn the_server_answers_as_its_openapi_document_says() {
    let plane = ControlPlane::start(Options::default());
    let (recorder, url) = served(&plane, &[]);
    let writer = Writer::new(&plane.kubeconfig(ADMIN));
    let web = writer.create("Pod", "default", &pod("web", BUSYBOX, &["true"]));
    writer.write_status("Pod", web, &json!({"phase": "Running"}));

    let folder = TempDir::new().expect("a folder");
    let python = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/python");
    let mut schemathesis = Command::new("schemathesis");
    schemathesis.arg("--config-file").arg(python.join("schemathesis.toml")).args(["run", "--no-color"]);
    schemathesis.arg(format!("{url}/openapi.json")).args(["--seed=1", "--max-examples=20"]);
    schemathesis.args(["--request-timeout=30", "--suppress-health-check=all"]).current_dir(folder.path());
    let output = schemathesis.output().expect("schemathesis is missing: run tests/run, or install it from PyPI");
    let printed = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{printed}{}", String::from_utf8_lossy(&output.stderr));
    assert!(printed.contains("Tested: 9"), "{printed}");
    recorder.stop().assert_verified();
}
