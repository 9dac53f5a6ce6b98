//! `statetrail demo`, the first command that a user types.

use crate::recorder::deadline::bounded;
use crate::recorder::process::{ended, statetrail};
use tokio::io::AsyncReadExt as _;

#[tokio::test]
async fn the_demo_shows_the_path_of_the_vm_and_its_recording_is_whole() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let demo = ended(statetrail(["demo"]).env("TMPDIR", folder.path()).spawn().expect("the program")).await;
    let printed = String::from_utf8(demo.stdout).expect("UTF-8");
    assert!(demo.status.success(), "{printed}\n{}", String::from_utf8_lossy(&demo.stderr));
    let (_, path) =
        printed.split_once("Path of the VM: VirtualMachine story/vm-imagepull, status\n\n").expect(&printed);
    let (path, _) = path.split_once("\n\n").expect("more than a path");
    let states: Vec<_> = path.lines().filter_map(|line| line.split_whitespace().nth(2)).collect();
    let mut expected = vec!["Stopped", "Starting"];
    expected.extend(["ErrImagePull", "ImagePullBackOff"].repeat(3));
    expected.push("Terminating");
    assert_eq!(states, expected, "{printed}");
    assert!(!printed.contains("no state was seen"), "{printed}");

    let (_, command) = printed.rsplit_once("statetrail verify ").expect("how to verify it");
    let recording = command.split_whitespace().next().expect("its path");
    let verified = ended(statetrail(["verify", recording]).spawn().expect("the program")).await;
    assert!(verified.status.success(), "{}", String::from_utf8_lossy(&verified.stdout));
}

#[tokio::test]
async fn a_demo_whose_reader_leaves_ends_quietly() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut demo = statetrail(["demo"]).env("TMPDIR", folder.path()).spawn().expect("the program");
    let mut printed = demo.stdout.take().expect("a pipe");
    let mut first = [0; 10];
    bounded("its first line", printed.read_exact(&mut first)).await.expect("it prints");
    drop(printed);
    let demo = ended(demo).await;
    let told = String::from_utf8_lossy(&demo.stderr);
    assert!(demo.status.success() && !told.contains("error"), "{told}");
}
