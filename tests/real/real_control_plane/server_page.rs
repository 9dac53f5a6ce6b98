//! The examples of docs/SERVER.md, as they are pasted into a shell or a file: with curl, jq and pytest.

use std::fs;
use std::path::Path;

use serde_json::json;

use super::desk::Desk;
use crate::cluster::{ADMIN, BUSYBOX, ControlPlane, Options, Writer, pod};

/// What the examples need, and the test of them does not check by itself.
const PROGRAMS: &str = "for program in curl jq pytest; do command -v $program > /dev/null || \
                        { echo \"$program is missing: run tests/run, or install it\"; exit 9; }; done\n";

/// The lines of a section, from its heading to the next one of the same depth.
fn section(page: &str, heading: &str) -> String {
    let lines = page.lines().skip_while(|line| *line != heading).skip(1);
    lines.take_while(|line| !line.starts_with("## ")).collect::<Vec<_>>().join("\n")
}

/// The blocks of indented lines, without their indent.
fn blocks(section: &str) -> Vec<String> {
    let lines: Vec<Option<&str>> = section.lines().map(|line| line.strip_prefix("    ")).collect();
    let blocks = lines.split(Option::is_none).filter(|block| !block.is_empty());
    blocks.map(|block| block.iter().flatten().copied().collect::<Vec<_>>().join("\n")).collect()
}

fn page() -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/SERVER.md")).expect("a page")
}

/// A control plane with a VM `web` and its running pod of this name in the namespace of the examples and in `default`.
fn plane() -> ControlPlane {
    let plane = ControlPlane::start(Options::default());
    plane.install_kubevirt_crds();
    plane.kubectl_ok(&["create", "namespace", "kubevirt-test"]);
    let writer = Writer::new(&plane.kubeconfig(ADMIN));
    for namespace in ["default", "kubevirt-test"] {
        let mut web = pod("web", BUSYBOX, &["true"]);
        web["metadata"]["namespace"] = json!(namespace);
        let web = writer.create("Pod", namespace, &web);
        writer.write_status("Pod", web, &json!({"phase": "Running"}));
        let vm = json!({"apiVersion": "kubevirt.io/v1", "kind": "VirtualMachine", "metadata": {"name": "web"}});
        let vm = writer.create("VirtualMachine", namespace, &vm);
        writer.write_status("VirtualMachine", vm, &json!({"printableStatus": "Running"}));
    }
    plane
}

#[test]
fn the_first_commands_of_the_page_work_as_pasted() {
    let (plane, page) = (plane(), page());
    let start = blocks(&section(&page, "## Start"));
    let (pasted, stream) = start[0].trim_end().rsplit_once('\n').expect("lines");
    let stream = stream.split("  #").next().expect("a command");
    let script = format!(
        "{PROGRAMS}set -e\n{pasted}\nwait_for() {{ timeout 40 bash -c \"$1\"; }}\n\
         {stream} > events & stream=$!\nwait_for 'until grep -q upgraded events; do sleep 0.1; done'\n\
         kill $stream; statetrail show so-far.jsonl; kill -INT %1; wait %1\nstatetrail verify run.jsonl\n"
    );
    let (code, printed) = Desk::new(&plane).run(&format!("set -m; {script}"));
    assert_eq!(code, Some(0), "{printed}\n{script}");
    assert!(printed.contains(r#""verdict":"satisfied""#), "{printed}");
}

#[test]
fn a_shell_script_waits_marks_asserts_and_follows() {
    let (plane, page) = (plane(), page());
    let blocks = blocks(&section(&page, "## Shell"));
    let [adoption, waits, marks, follows] = blocks.as_slice() else { panic!("{blocks:#?}") };
    let desk = Desk::new(&plane);
    let tests = format!(
        "{PROGRAMS}set -e\n{waits}\n{marks}\n({}) > followed & follower=$!\n\
         timeout 40 bash -c 'until grep -q web followed; do sleep 0.1; done'\nkill $follower\ncat followed\n",
        follows.trim_end()
    );
    desk.program("run-tests", &format!("#!/bin/bash\n{tests}"));
    desk.program("upgrade", "#!/bin/sh\n");
    let (code, printed) = desk.run(&format!("set -e\n{adoption}"));
    assert_eq!(code, Some(0), "{printed}\n{tests}");
    assert!(printed.contains("satisfied     no-crash-since-the-upgrade"), "{printed}");
    assert!(printed.contains("web Pending -> Running"), "{printed}");
}

#[test]
fn the_python_example_passes_with_pytest() {
    let (plane, page) = (plane(), page());
    let section = section(&page, "## Python");
    let (_, code) = section.split_once("```python\n").expect("a block");
    let (code, _) = code.split_once("```").expect("its end");
    let (_, command) = section.split_once("run by `").expect("a command");
    let (command, _) = command.split_once('`').expect("its end");
    let desk = Desk::new(&plane);
    desk.program("test_web.py", code);
    let (code, printed) = desk.run(&format!("{PROGRAMS}{command}"));
    assert_eq!(code, Some(0), "{printed}");
    assert!(printed.contains("1 passed"), "{printed}");
}
