//! Checkpoints on a kernel on which the real criu works, and on a processor on which it lacks a feature. The same story
//! on the machine that runs the tests is `tests/runc/checkpoint.rs`.

use super::machine::{Architecture, Results, run};
use super::{is_whole, scenario, statetrail, verdicts};
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

/// The same file for all.
const EXPECTATIONS: &str = "checkpoint-healthy/expectations.yaml";

fn is_asked(results: &Results, words: &str, code: i32, said: &str) {
    let asked = results.asked(words);
    assert!(asked.iter().any(|it| it.0 == code && it.1.contains(said)), "{words}: {asked:?}\n{}", results.story());
}

#[test]
fn on_linux_6_1_a_checkpoint_is_judged_where_criu_can_check_its_features() {
    let results = run(Architecture::Amd64, "checkpoint.sh");
    is_asked(&results, "criu check", 0, "mem_dirty_track is supported");
    is_asked(&results, "criu check", 1, "Could not initialize kernel features detection");
    for (name, wanted) in [
        (
            "unchecked",
            &["inconclusive  it-is-written-to-disk", "could not run: Could not initialize kernel features"][..],
        ),
        ("healthy", &["satisfied     it-is-written-to-disk"]),
        ("failed", &["violated      it-is-written-to-disk"]),
    ] {
        let recording = results.path(&format!("{name}.jsonl"));
        let text = verdicts(&recording, &scenario(EXPECTATIONS));
        for words in wanted {
            assert!(text.contains(words), "{name}: {words}: {text}\n{}", results.story());
        }
        assert!(is_whole(&recording), "{name}: {}", results.text(&format!("{name}.said")));
        assert_eq!(results.text(&format!("{name}.code")).trim(), "0", "{name}");
    }
    // A container that is restored has a directory of its own.
    let shown = statetrail().arg("show").arg(results.path("restored.jsonl")).output().unwrap();
    let text = String::from_utf8(shown.stdout).unwrap();
    let (first, second) = text.split_once("checkpointed").unwrap_or_else(|| panic!("{text}\n{}", results.story()));
    assert!(first.contains("running") && second.contains("stopped") && second.contains("restored"), "{text}");
}

/// The program does not run there. What criu said there, programs of the same names say to a recorder here.
#[test]
fn on_arm64_a_feature_is_missing_and_the_expectation_is_skipped() {
    let results = run(Architecture::Arm64, "arm64.sh");
    is_asked(&results, "runc checkpoint --pre-dump", 1, "CRIU is missing features");
    is_asked(&results, "runc restore", 0, "");
    assert_eq!(results.text("said/criu.mem_dirty_track.code").trim(), "1");
    let uname = results.text("said/uname.stdout");
    let (kernel, machine) = uname.trim().split_once(' ').unwrap();
    assert_eq!(machine, "aarch64");

    let folder = tempfile::tempdir().unwrap();
    let programs = folder.path().join("bin");
    fs::create_dir_all(&programs).unwrap();
    for program in ["criu", "runc"] {
        said_again(&programs.join(program), program, &results.path("said"));
    }
    let (state, recording) = (folder.path().join("state"), folder.path().join("run.jsonl"));
    fs::create_dir(&state).unwrap();
    let recorded = statetrail()
        .env("PATH", format!("{}:/usr/bin:/bin", programs.display()))
        .arg("record")
        .arg(format!("runc:{}", state.display()))
        .args(["--fact", "architecture=arm64", "--fact", &format!("kernel={kernel}"), "--for", "1ms", "-o"])
        .arg(&recording)
        .output()
        .unwrap();
    assert!(recorded.status.success(), "{recorded:?}");
    let text = verdicts(&recording, &scenario(EXPECTATIONS));
    assert!(text.contains("skipped       it-is-written-to-disk"), "{text}");
    assert!(text.contains("criu.mem_dirty_track is false, not true"), "{text}");
}

/// A program that says what another one said, and ends as it did.
fn said_again(path: &Path, program: &str, said: &Path) {
    let script = format!(
        "#!/bin/sh\n\
         [ \"$1\" = --version ] && said={said}/{program} || said={said}/{program}.$3\n\
         cat \"$said.stdout\"\n\
         cat \"$said.stderr\" >&2\n\
         exit \"$(cat \"$said.code\")\"\n",
        said = said.display()
    );
    fs::write(path, script).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}
