//! Pods of the real containerd.

use crate::containerd::Containerd;
use crate::crictl::{Age, Crictl};
use crate::recorder::{Recorder, Timeline, is_verified};
use std::path::{Path, PathBuf};

#[test]
fn pods_are_told_from_their_creation_to_their_removal() {
    let containerd = Containerd::start();
    let client = &containerd.client;
    let early = client.run_pod("early");
    let recorder = Recorder::start(containerd.path("").as_path(), &containerd.path("sock"));
    let web = client.run_pod("web");
    let app = client.create(("web", &web), "app", &["sh", "-c", "exit 3"]).unwrap();
    client.start(&app).unwrap();
    recorder.recorded(r#""exitCode":3"#);
    let served = client.create(("web", &web), "server", &["sleep", "1000"]).unwrap();
    client.start(&served).unwrap();
    client.stop(&served);
    client.remove(&served);
    client.remove_pod(&web);
    client.remove_pod(&early);
    let file = recorder.file.clone();
    let (code, said) = recorder.stop();
    let timeline = Timeline::of(&file);
    assert_eq!(timeline.path("web.app.0"), "created running exited(3) removed", "{timeline:?} {said}");
    assert_eq!(timeline.path("web.server.0"), "created running exited(137) removed", "{timeline:?}");
    assert_eq!(timeline.path("web.0"), "ready notready removed", "{timeline:?}");
    assert_eq!(timeline.path("early.0"), "ready[initial] notready removed", "{timeline:?}");
    assert_eq!((timeline.gaps, code), (Vec::new(), Some(0)), "{said}");
    assert!(is_verified(&file));
}

#[test]
fn a_container_that_cannot_be_started_is_a_gap_since_no_event_tells_it() {
    let containerd = Containerd::start();
    let client = &containerd.client;
    let recorder = Recorder::start(containerd.path("").as_path(), &containerd.path("sock"));
    let web = client.run_pod("web");
    let bad = client.create(("web", &web), "bad", &["/no/such"]).unwrap();
    assert!(client.start(&bad).is_err());
    recorder.recorded(r#""reason":"StartError""#);
    client.remove_pod(&web);
    let file = recorder.file.clone();
    let (code, said) = recorder.stop();
    let timeline = Timeline::of(&file);
    assert_eq!(timeline.path("web.bad.0"), "created exited(128)[after-gap] removed", "{timeline:?} {said}");
    assert_eq!(timeline.gaps, ["web.bad.0 unrecorded"]);
    assert_eq!(code, Some(3), "{said}");
}

/// A client of an age asks for a container with an image volume, through the recorder.
fn asked(age: Age) -> (Containerd, PathBuf) {
    let containerd = Containerd::start();
    let proxy = containerd.path("proxy.sock");
    let recorder = Recorder::between(containerd.path("").as_path(), &containerd.path("sock"), &proxy);
    let crictl = Crictl::new(age, containerd.path(""), &proxy, &containerd.cgroup());
    let web = crictl.run_pod("web").unwrap();
    let created = crictl.create_with_image_volume(&web, "reader", &["sh", "-c", "ls /vol/bin/busybox"]);
    match age {
        Age::BeforeImageVolumes => {
            let refused = created.expect_err("it has no path");
            assert!(refused.contains("failed to mkdir"), "{refused}");
        }
        Age::New => {
            containerd.client.start(&created.unwrap()).unwrap();
            recorder.recorded(r#""exitCode":0"#);
        }
    }
    containerd.client.remove_pod(&web);
    let file = recorder.file.clone();
    let (code, said) = recorder.stop();
    assert_eq!(code, Some(0), "{said}");
    assert!(is_verified(&file));
    // A scenario of tests/scenarios can be made of it.
    if let Some(folder) = std::env::var_os("STATETRAIL_KEEP_RECORDINGS") {
        let name = if age == Age::New { "new.jsonl" } else { "old.jsonl" };
        std::fs::copy(&file, Path::new(&folder).join(name)).unwrap();
    }
    (containerd, file)
}

#[test]
fn what_an_old_client_is_refused_leaves_no_event_and_the_call_shows_that_the_image_was_missing() {
    let (_containerd, file) = asked(Age::BeforeImageVolumes);
    let timeline = Timeline::of(&file);
    assert_eq!(timeline.path("web.reader.0"), "", "{timeline:?}");
    assert_eq!(timeline.path("CreateContainer.web.reader.2"), "calling refused(UNKNOWN)", "{timeline:?}");
    assert_eq!(timeline.others["CreateContainer.web.reader.2"], ["sourceless"]);
    assert_eq!(timeline.path("RunPodSandbox.web.1"), "calling answered", "{timeline:?}");
    assert_eq!(timeline.path("web.0"), "ready notready removed", "{timeline:?}");
    assert_eq!(timeline.gaps, Vec::<String>::new());
}

#[test]
fn what_a_new_client_asks_for_is_created_and_lives() {
    let (_containerd, file) = asked(Age::New);
    let timeline = Timeline::of(&file);
    assert_eq!(timeline.path("web.reader.0"), "created running exited(0) removed", "{timeline:?}");
    assert_eq!(timeline.path("CreateContainer.web.reader.2"), "calling answered", "{timeline:?}");
    assert_eq!(timeline.others["CreateContainer.web.reader.2"], ["image"]);
    assert_eq!(timeline.gaps, Vec::<String>::new());
}

#[test]
fn a_runtime_that_was_killed_and_came_back_is_a_gap_and_then_what_it_lists() {
    let mut containerd = Containerd::start();
    let web = containerd.client.run_pod("web");
    let app = containerd.client.create(("web", &web), "app", &["sleep", "1000"]).unwrap();
    containerd.client.start(&app).unwrap();
    let recorder = Recorder::start(containerd.path("").as_path(), &containerd.path("sock"));
    containerd.kill();
    containerd.run();
    recorder.recorded(r#""type":"GAP""#);
    recorder.recorded(r#""listed":true,"event":{"did":"FOUND","state":"exited""#);
    containerd.client.remove_pod(&web);
    let file = recorder.file.clone();
    let (code, said) = recorder.stop();
    let timeline = Timeline::of(&file);
    let path = timeline.path("web.app.0");
    assert!(
        path.starts_with("running[initial] exited") && path.ends_with("[after-gap] removed"),
        "{timeline:?} {said}"
    );
    assert_eq!(timeline.path("web.0"), "ready[initial] notready[after-gap] removed", "{timeline:?}");
    assert!(timeline.gaps.iter().all(|gap| gap.ends_with("unrecorded")), "{timeline:?}");
    assert_eq!((timeline.gaps.is_empty(), code), (false, Some(3)), "{said}");
    assert!(said.contains("the stream of events was interrupted"), "{said}");
}
