//! Directories that containers of the real runc mount.

use super::{Place, statetrail, until};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// Runs a container that mounts things, each at the place of its name.
fn run(place: &Place, name: &str, mounted: &[&str]) {
    let bundle = place.path(&format!("bundle-{name}"));
    fs::create_dir(&bundle).unwrap();
    let config = fs::read_to_string(place.path("bundle/config.json")).unwrap();
    let mut config: Value = serde_json::from_str(&config).unwrap();
    config["root"] = json!({"path": place.path("bundle/rootfs"), "readonly": false});
    for source in mounted {
        let (destination, source) = (format!("/mnt/{source}"), place.path(source));
        let mount = json!({"destination": destination, "type": "bind", "source": source, "options": ["rbind", "rw"]});
        config["mounts"].as_array_mut().unwrap().push(mount);
    }
    fs::write(bundle.join("config.json"), config.to_string()).unwrap();
    place.done(&["run", "-d", "--bundle", bundle.to_str().unwrap(), name]);
}

fn kill(place: &Place, name: &str) {
    place.done(&["kill", name, "KILL"]);
}

/// The states of each directory, and the number of gaps.
fn told(file: &Path) -> (BTreeMap<String, Vec<String>>, usize) {
    let shown = statetrail().arg("show").arg(file).args(["-o", "json"]).output().unwrap();
    assert!(shown.status.success(), "{shown:?}");
    let (mut states, mut gaps) = (BTreeMap::<_, Vec<String>>::new(), 0);
    for line in String::from_utf8(shown.stdout).unwrap().lines() {
        let entry: Value = serde_json::from_str(line).unwrap();
        if entry["track"] == "users" {
            let name = entry["name"].as_str().unwrap().to_owned();
            states.entry(name).or_default().push(entry["to"].as_str().unwrap().to_owned());
        }
        gaps += usize::from(entry.get("gap").is_some());
    }
    (states, gaps)
}

#[test]
fn containers_that_mount_one_directory_at_once_share_it_and_others_do_not() {
    let place = Place::new(&["sleep", "1000"]);
    for folder in ["state", "cache", "own-a", "own-b", "in-turn"] {
        fs::create_dir(place.path(folder)).unwrap();
    }
    fs::write(place.path("file"), "").unwrap();
    run(&place, "before", &["cache"]);
    let recorder = place.record_as("runc");
    let is_told = |what: &str, text: &str| until(what, || recorder.has(text).then_some(()));
    run(&place, "a", &["cache", "own-a", "file"]);
    run(&place, "b", &["own-b", "cache", "file"]);
    is_told("all three are there", r#""users":3"#);
    kill(&place, "a");
    is_told("two are left", r#"["before","b"]"#);
    kill(&place, "before");
    kill(&place, "b");
    for (times, name) in [(1, "c"), (2, "d")] {
        run(&place, name, &["in-turn"]);
        is_told("it is there", &format!(r#"["{name}"]"#));
        kill(&place, name);
        let is_end = |line: &&str| line.contains("LEAVE") && line.contains("/in-turn");
        let ends = || fs::read_to_string(&recorder.file).unwrap().lines().filter(is_end).count();
        until("it has ended", || (ends() == times).then_some(()));
    }
    let file = recorder.file.clone();
    let (code, said) = recorder.stop();
    let (states, gaps) = told(&file);
    let of = |name: &str| states.get(&place.path(name).display().to_string()).map(|words| words.join(" "));
    assert_eq!(of("cache").as_deref(), Some("used shared used idle"), "{said}");
    assert_eq!(of("own-a").as_deref(), Some("used idle"));
    assert_eq!(of("own-b").as_deref(), Some("used idle"));
    assert_eq!(of("in-turn").as_deref(), Some("used idle used idle"));
    assert_eq!((states.len(), gaps, code), (4, 0, Some(0)), "{states:?}: {said}");

    let never = |name: &str| {
        let expectation = format!("directory/{} users: never shared", place.path(name).display());
        statetrail().arg("check").arg(&file).args(["--expect", &expectation]).output().unwrap()
    };
    let shared = never("cache");
    let text = String::from_utf8(shared.stdout).unwrap();
    assert!(shared.status.code() == Some(1) && text.contains("entered shared"), "{text}");
    for name in ["own-a", "own-b", "in-turn"] {
        assert_eq!(never(name).status.code(), Some(0), "{name}");
    }
}

#[test]
fn a_resumed_recorder_does_not_know_who_used_what_meanwhile() {
    let place = Place::new(&["sleep", "1000"]);
    for folder in ["state", "cache"] {
        fs::create_dir(place.path(folder)).unwrap();
    }
    let recorder = place.record_as("directories");
    run(&place, "a", &["cache"]);
    until("it is there", || recorder.has(r#""users":1"#).then_some(()));
    let file = recorder.file.clone();
    assert_eq!(recorder.stop().0, Some(0));
    kill(&place, "a");
    run(&place, "b", &["cache"]);
    let resumed = statetrail().arg("record").arg("--resume").arg(&file).args(["--for", "100ms"]).output().unwrap();
    assert_eq!(resumed.status.code(), Some(3), "{resumed:?}");
    let expectation = format!("directory/{} users: never shared", place.path("cache").display());
    let checked = statetrail().arg("check").arg(&file).args(["--expect", &expectation]).output().unwrap();
    assert_eq!(checked.status.code(), Some(3), "{checked:?}");
    assert!(gone_on(&file), "who is there is said");
}

fn gone_on(file: &Path) -> bool {
    fs::read_to_string(file).unwrap().lines().any(|line| line.contains(r#""listed":true"#) && line.contains(r#"["b"]"#))
}
