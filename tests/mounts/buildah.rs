//! Mounts of the real Buildah, which says that they are unmounted while they are in use.

use super::{Namespace, sits, states, statetrail, until};
use std::fs;

#[test]
fn buildah_has_unmounted_what_a_process_still_sits_in() {
    let namespace = Namespace::new();
    let at = |name: &str| namespace.text(name);
    let storage =
        format!("[storage]\ndriver = \"overlay\"\nrunroot = \"{}\"\ngraphroot = \"{}\"\n", at("run"), at("root"));
    fs::write(namespace.path("storage.conf"), storage).unwrap();
    let buildah = |arguments: &[&str]| {
        let mut command = namespace.inside("buildah");
        command.env("CONTAINERS_STORAGE_CONF", at("storage.conf")).env("TMPDIR", at("")).args(arguments);
        let output = command.output().unwrap();
        assert!(
            output.status.success(),
            "is it installed (apt-get install buildah)? buildah {arguments:?}: {output:?}"
        );
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    };
    buildah(&["from", "--name", "w", "scratch"]);
    let recorder = namespace.record(&[]);
    let merged = buildah(&["mount", "w"]);
    recorder.shows(&["ATTACH", &merged]);
    let sitting = sits(&namespace, &merged);
    buildah(&["umount", "w"]);
    recorder.shows(&["HOLDERS", &format!("\"pid\":{}", sitting.pid()), "cwd"]);
    drop(sitting);
    recorder.shows(&["UNMOUNT", &merged]);
    // Without a holder, it is released at once.
    assert_eq!(buildah(&["mount", "w"]), merged);
    buildah(&["umount", "w"]);
    let is_end = |line: &&str| line.contains("UNMOUNT") && line.contains(&merged);
    let ends = || fs::read_to_string(&recorder.file).unwrap().lines().filter(is_end).count();
    until("it is released again", || (ends() == 2).then_some(()));
    let file = recorder.file.clone();
    let (_, said) = recorder.stop();
    assert_eq!(states(&file, &merged, "state"), "mounted detached released, mounted detached released", "{said}");
    let line = format!("mount/{merged} state: every detached then released within 100ms");
    let checked = statetrail().arg("check").arg(&file).arg("--expect").arg(&line).output().unwrap();
    let text = String::from_utf8(checked.stdout).unwrap();
    assert!(checked.status.code() == Some(1) && text.contains("cwd of sleep["), "{text}");
}
