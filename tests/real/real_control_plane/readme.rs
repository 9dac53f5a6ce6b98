//! The commands of README.md, as they are pasted into a shell: each runs, and exits as it should.

use std::fs;
use std::path::Path;

use serde_json::json;

use super::desk::{Desk, commands};
use crate::cluster::{ADMIN, BUSYBOX, ControlPlane, Options, Writer, pod};

/// The commands that cannot run here, and why.
const ELSEWHERE: [(&str, &str); 8] = [
    ("cargo run --release -- demo", "it compiles the program; the tests of the stand-in server run its demo"),
    ("tests/run", "it is what runs this test"),
    ("statetrail show run.jsonl --at 18:09:30", "the recording is of another time"),
    (
        "statetrail replay run.jsonl --listen 127.0.0.1:0 --kubeconfig-out replay.kubeconfig",
        "it runs until it is stopped; the commands of docs/REPLAY.md have it",
    ),
    ("KUBECONFIG=replay.kubeconfig kubectl get pods -A", "it needs that server"),
    ("statetrail watch --tui", "it needs a terminal of some size; the tests of its screen have one"),
    ("cargo install --locked --profile dist --path .", "it compiles the program"),
    ("ln -s statetrail ~/.cargo/bin/kubectl-statetrail", "it needs that installation"),
];

/// True for a command that runs until Ctrl-C.
fn runs_until_stopped(command: &str) -> bool {
    let records =
        ["statetrail record", "statetrail watch", "statetrail serve"].iter().any(|start| command.starts_with(start));
    let ends = ["--for ", "--until-expect ", " -- "].iter().any(|part| command.contains(part));
    records && !ends || command.contains(" -w ")
}

/// The exit codes that a command may have here.
fn exit_codes(command: &str) -> &'static [i32] {
    match () {
        // The verdicts on what happens here.
        () if command.contains("--expect") || command.contains(" check ") => &[0, 1, 3],
        // Etcd does not reach back ten minutes.
        () if command.contains(" recover ") || command.contains(" verify ") => &[0, 3],
        () => &[0],
    }
}

#[test]
fn every_command_of_the_readme_works_as_pasted() {
    let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).expect("a page");
    let commands = commands(&page);
    assert!(commands.len() > 20, "{commands:?}");
    let plane = ControlPlane::start(Options::default());
    plane.install_kubevirt_crds();
    plane.kubectl_ok(&["create", "namespace", "kubevirt-test"]);
    let writer = Writer::new(&plane.kubeconfig(ADMIN));
    for namespace in ["default", "kubevirt-test"] {
        let vm = json!({"apiVersion": "kubevirt.io/v1", "kind": "VirtualMachine", "metadata": {"name": "web"}});
        let vm = writer.create("VirtualMachine", namespace, &vm);
        writer.write_status("VirtualMachine", vm, &json!({"printableStatus": "Starting"}));
    }
    writer.create("Pod", "default", &pod("seen", BUSYBOX, &["true"]));
    let desk = Desk::new(&plane);
    let mut failed = Vec::new();
    for command in commands {
        if ELSEWHERE.iter().any(|(elsewhere, _)| command == *elsewhere) {
            continue;
        }
        // Ten minutes shorter.
        let command = command.replace("--for 10m", "--for 1s");
        desk.prepare(&command);
        let (code, printed) =
            if runs_until_stopped(&command) { desk.run_until_stopped(&command) } else { desk.run(&command) };
        if !code.is_some_and(|code| exit_codes(&command).contains(&code)) {
            failed.push(format!("{command}\nexits with {code:?}:\n{printed}"));
        }
        if command.contains("statetrail import") {
            let (_, shown) = desk.run("statetrail show run.jsonl");
            assert!(shown.contains("seen"), "{shown}");
        }
    }
    assert!(failed.is_empty(), "\n{}", failed.join("\n"));
}
