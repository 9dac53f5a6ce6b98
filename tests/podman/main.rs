//! Containers, pods, images and volumes of the real Podman, recorded by the program. It needs root, and Debian's
//! podman, runc and busybox-static.

mod cache;
mod image;
mod place;
mod proxies;
mod told;

use place::{Events, Place, until};
use std::path::Path;
use std::process::Stdio;
use told::{Told, told};

const LIFE: &str = "created initialized running";

#[test]
fn lives_of_containers_pods_and_volumes_are_told_as_podman_was_asked() {
    let place = Place::new(&Events::In("file"));
    place.podman(&["create", "--name", "before", "localhost/bb:1", "sleep", "1000"]);
    let mut service = place.serve();
    let recorder = place.record(&[]);
    for asked in [
        &["volume", "create", "data"][..],
        &["run", "-d", "--name", "web", "localhost/bb:1", "sleep", "1000"],
        &["pause", "web"],
        &["unpause", "web"],
        &["exec", "web", "true"],
        &["kill", "web"],
        &["wait", "web"],
        &["rm", "web"],
        &["volume", "rm", "data"],
        &["volume", "create", "data"],
        &["pod", "create", "--infra=false", "group"],
        &["create", "--pod", "group", "--name", "member", "localhost/bb:1", "true"],
        &["pod", "start", "group"],
        &["pod", "rm", "-f", "group"],
    ] {
        place.podman(asked);
        // A look confirms these, which counts only if nothing else has happened to the container by then.
        if let [action @ ("pause" | "unpause"), _] = asked {
            let line = format!("\"action\":\"{action}\"");
            let is_told = || std::fs::read_to_string(&recorder.file).unwrap_or_default().contains(&line);
            until(action, || is_told().then_some(()));
        }
    }
    place.asked(&["run", "--name", "bad", "localhost/bb:1", "sh", "-c", "exit 7"], 7);
    place.asked(&["run", "--name", "never", "localhost/bb:1", "/no/such"], 127);
    let file = recorder.file.clone();
    let (code, said) = recorder.stop();
    let Told { states, gaps, .. } = told(&file);
    let of =
        |name: &str| states.iter().filter(|((of, _), _)| of == name).map(|(_, all)| all.join(" ")).collect::<Vec<_>>();
    assert_eq!(of("podman/web"), [format!("{LIFE} paused running exited removed")], "{said}");
    assert_eq!(of("podman/bad"), [format!("{LIFE} exited")]);
    assert_eq!(of("podman/never"), ["created"]);
    assert_eq!(of("podman/before"), ["created"]);
    assert_eq!(of("podman/member"), [format!("{LIFE} exited removed")]);
    assert_eq!(of("podmanpod/group"), ["create start remove"]);
    let mut volumes = of("podmanvolume/data");
    volumes.sort();
    assert_eq!(volumes, ["create", "create remove"]);
    assert_eq!((gaps, code), (0, Some(0)), "{said}");
    assert!(told::verified(&file).status.success());
    service.stop();
}

#[test]
fn a_socket_of_podman_is_refused_as_one_of_cri() {
    let place = Place::new(&Events::In("file"));
    let mut service = place.serve();
    let socket = place.path("podman.sock");
    let mut recorder = place::statetrail();
    recorder.args(["record", "--for", "30s", "-o"]).arg(place.path("cri.jsonl"));
    let refused = recorder.arg(format!("cri:{}", socket.display())).output().unwrap();
    let said = String::from_utf8_lossy(&refused.stderr);
    assert_eq!(refused.status.code(), Some(4), "{said}");
    assert!(
        said.contains(&format!("is not a CRI runtime; Podman's service is `libpod:{}`", socket.display())),
        "{said}"
    );
    service.stop();
}

#[test]
fn what_was_done_before_the_recorder_began_is_not_known() {
    let place = Place::new(&Events::In("file"));
    place.podman(&["volume", "create", "data"]);
    place.podman(&["pod", "create", "--infra=false", "group"]);
    let mut service = place.serve();
    let recorder = place.record(&[]);
    place.podman(&["volume", "rm", "data"]);
    place.podman(&["pod", "rm", "group"]);
    let file = recorder.file.clone();
    let (code, said) = recorder.stop();
    assert_eq!(code, Some(0), "{said}");
    let Told { states, .. } = told(&file);
    let of = |name: &str| states.iter().filter(|((of, _), _)| of == name).map(|(_, all)| all.join(" ")).next();
    assert_eq!(of("podmanvolume/data").as_deref(), Some("create remove"));
    assert_eq!(of("podmanpod/group").as_deref(), Some("present remove"));
    let verdicts = [
        ("podmanvolume/data action: create -> remove", "inconclusive"),
        ("podmanvolume/data action: ... -> create -> remove", "satisfied"),
        ("podmanpod/group action: create -> remove", "inconclusive"),
        ("podmanpod/group action: create -> start -> stop -> remove", "inconclusive"),
        ("podmanpod/group action: always [create, remove]", "inconclusive"),
        ("podmanpod/group action: never !create", "violated"),
        ("podmanpod/group action: ... -> present -> remove", "satisfied"),
        ("podmanpod/group action: ... -> remove", "satisfied"),
        ("podmanpod/group action: ... -> remove -> start", "violated"),
        ("podmanpod/group action: never kill", "inconclusive"),
        ("podmanimage/localhost/bb:1 action: ... -> pull", "inconclusive"),
        ("podmanimage/localhost/bb:1 action: ... -> present", "satisfied"),
    ];
    assert_verdicts(&file, &verdicts);
    service.stop();
}

#[test]
fn a_build_that_fails_is_told_as_one_without_an_image() {
    let place = Place::new(&Events::In("file"));
    let mut service = place.serve();
    let recorder = place.record(&[]);
    place.build("localhost/good:1", "true", 0);
    place.build("localhost/bad:1", "false", 1);
    let file = recorder.file.clone();
    let (code, said) = recorder.stop();
    let Told { states, .. } = told(&file);
    let with = |action: &str| states.values().filter(|actions| **actions == [action.to_owned()]).count();
    assert_eq!((with("build"), with("build-without-image"), code), (1, 1, Some(0)), "{states:?} {said}");
    service.stop();
}

#[test]
fn a_service_that_is_killed_and_started_again_costs_nothing() {
    let place = Place::new(&Events::In("file"));
    let mut service = place.serve();
    let recorder = place.record(&[]);
    place.podman(&["volume", "create", "a"]);
    place.podman(&["volume", "create", "b"]);
    until("the volume is recorded", || recorder.has("\"name\":\"b\"").then_some(()));
    service.kill();
    // Podman goes on without its service.
    place.podman(&["volume", "create", "while-away"]);
    place.podman(&["volume", "rm", "a"]);
    service = place.serve();
    place.podman(&["volume", "create", "after"]);
    until("what came after is recorded", || recorder.has("\"name\":\"after\"").then_some(()));
    let file = recorder.file.clone();
    let (code, said) = recorder.stop();
    let Told { states, gaps, reconnects } = told(&file);
    let of = |name: &str| states.iter().find(|((of, _), _)| of == name).map(|(_, all)| all.join(" "));
    for (name, actions) in [("a", "create remove"), ("b", "create"), ("while-away", "create"), ("after", "create")] {
        assert_eq!(of(&format!("podmanvolume/{name}")).as_deref(), Some(actions), "{said}");
    }
    assert_eq!((gaps, code), (0, Some(0)), "the last event came again: {said}");
    assert!(reconnects >= 4, "{reconnects} of four watches");
    service.stop();
}

#[test]
fn a_log_that_is_rotated_is_told_in_full_or_with_a_gap() {
    let place = Place::new(&Events::Rotated);
    let mut service = place.serve();
    let recorder = place.record(&[]);
    let mut expected = 0;
    for round in 0..40 {
        let name = format!("v{round}");
        place.podman(&["volume", "create", &name]);
        place.podman(&["volume", "rm", &name]);
        expected += 1;
    }
    let file = recorder.file.clone();
    let (code, said) = recorder.stop();
    let Told { states, gaps, reconnects } = told(&file);
    let whole = states.iter().filter(|((name, _), _)| name.starts_with("podmanvolume/v"));
    let whole = whole.filter(|(_, actions)| actions.join(" ") == "create remove").count();
    eprintln!("{whole} of {expected} volumes in full, {gaps} gaps, {reconnects} reconnects");
    assert!(reconnects > 0 || gaps > 0, "nothing was rotated");
    assert!(whole == expected || gaps > 0, "{whole} of {expected} volumes, and no gap: {said}");
    assert_eq!(code, Some(if gaps == 0 { 0 } else { 3 }), "{said}");
    assert!(whole > expected / 2, "{whole} of {expected} volumes");
    service.stop();
}

#[test]
fn a_log_that_is_emptied_while_it_is_followed_is_a_gap() {
    let place = Place::new(&Events::In("file"));
    let mut service = place.serve();
    let recorder = place.record(&[]);
    place.podman(&["volume", "create", "a"]);
    until("the volume is recorded", || recorder.has("\"name\":\"a\"").then_some(()));
    service.signal(rustix::process::Signal::STOP);
    place.podman(&["volume", "create", "lost"]);
    place.podman(&["volume", "rm", "lost"]);
    std::fs::write(place.path("tmp/events/events.log"), "").unwrap();
    place.podman(&["volume", "create", "later"]);
    service.signal(rustix::process::Signal::CONT);
    place.podman(&["volume", "create", "last"]);
    let file = recorder.file.clone();
    let (code, said) = recorder.stop();
    let Told { states, gaps, .. } = told(&file);
    let is_told = states.keys().any(|(name, _)| name == "podmanvolume/lost");
    assert!(is_told || gaps > 0 && code == Some(3), "{gaps} gaps, {code:?}: {said}");
    service.stop();
}

/// What `check` says of an expectation on a recording; it begins with the verdict.
fn checked(file: &Path, expectation: &str) -> String {
    let checked = place::statetrail().arg("check").arg(file).args(["--expect", expectation]).output().unwrap();
    String::from_utf8_lossy(&checked.stdout).into_owned()
}

/// Each expectation on a recording has the verdict that stands beside it.
fn assert_verdicts(file: &Path, expected: &[(&str, &str)]) {
    for (expectation, verdict) in expected {
        let said = checked(file, expectation);
        assert!(said.starts_with(verdict), "{expectation}: {said}");
    }
}

#[test]
fn what_was_delivered_before_a_loss_was_noticed_may_not_be_all() {
    let place = Place::new(&Events::In("file"));
    let mut service = place.serve();
    let recorder = place.record(&[]);
    place.podman(&["run", "-d", "--name", "web", "localhost/bb:1", "sleep", "1000"]);
    until("the start is recorded", || recorder.has(r#""action":"start""#).then_some(()));
    service.signal(rustix::process::Signal::STOP);
    place.podman(&["kill", "web"]);
    place.podman(&["start", "web"]);
    std::fs::write(place.path("tmp/events/events.log"), "").unwrap();
    service.signal(rustix::process::Signal::CONT);
    // The stream may deliver the end of the second run as if it were that of the first.
    place.podman(&["rm", "-f", "-t", "0", "web"]);
    let file = recorder.file.clone();
    let (code, said) = recorder.stop();
    assert_eq!(code, Some(3), "{said}");
    assert_verdicts(
        &file,
        &[
            ("podman/web state: created -> initialized -> running -> exited -> removed", "inconclusive"),
            ("podman/web state: count running max 1", "inconclusive"),
            ("podman/web state: ... -> exited -> ... -> running -> ...", "inconclusive"),
            ("podman/web state: count paused min 3000", "inconclusive"),
        ],
    );
    service.stop();
}

#[test]
fn a_container_that_is_cleaned_up_is_created_again_or_not_known() {
    let place = Place::new(&Events::In("file"));
    let mut service = place.serve();
    let recorder = place.record(&[]);
    place.podman(&["create", "--name", "web", "localhost/bb:1", "true"]);
    place.podman(&["init", "web"]);
    place.podman(&["container", "cleanup", "web"]);
    place.podman(&["init", "web"]);
    let file = recorder.file.clone();
    let (code, said) = recorder.stop();
    assert!(matches!(code, Some(0 | 3)), "{said}");
    let twice = checked(&file, "podman/web state: created -> initialized -> created -> initialized");
    assert!(!twice.starts_with("violated"), "{twice}");
    let once = checked(&file, "podman/web state: created -> initialized");
    assert!(!once.starts_with("satisfied"), "{once}");
    service.stop();
}

#[test]
fn a_container_ended_before_podman_says_so() {
    let place = Place::new(&Events::In("file"));
    let mut service = place.serve();
    let recorder = place.record(&[]);
    place.podman(&["run", "-d", "--name", "web", "localhost/bb:1", "sleep", "1"]);
    // While it is exported, nothing can be written about it. The archive is more than a pipe holds.
    let mut export = place.command().args(["export", "web"]).stdout(Stdio::piped()).spawn().unwrap();
    let mut archive = export.stdout.take().unwrap();
    place.podman(&["run", "-d", "--name", "longer", "localhost/bb:1", "sleep", "4"]);
    let has_ended = |name: &str| recorder.has(&format!(r#""name":"{name}","event":{{"action":"died""#));
    until("one that runs longer has ended", || has_ended("longer").then_some(()));
    std::io::copy(&mut archive, &mut std::io::sink()).unwrap();
    assert!(export.wait().unwrap().success());
    until("its end is recorded", || has_ended("web").then_some(()));
    let file = recorder.file.clone();
    let (code, said) = recorder.stop();
    assert_eq!(code, Some(0), "{said}");
    assert_verdicts(
        &file,
        &[
            ("podman/web state: ... -> running for >=500ms -> exited", "satisfied"),
            ("podman/web state: ... -> running for >=3s -> exited", "inconclusive"),
            ("podman/web state: every running then exited within 3s", "inconclusive"),
        ],
    );
    service.stop();
}

#[test]
fn what_fails_and_what_is_renamed_is_told_as_it_is() {
    let place = Place::new(&Events::In("file"));
    let mut service = place.serve();
    let recorder = place.record(&[]);
    place.podman(&["run", "-d", "--name", "web", "localhost/bb:1", "sleep", "1000"]);
    // Podman logs it, and refuses it.
    place.asked(&["container", "restore", "web"], 125);
    place.podman(&["rename", "web", "web-old"]);
    place.podman(&["create", "--name", "web", "localhost/bb:1", "true"]);
    place.podman(&["rm", "-f", "-t", "0", "web-old"]);
    let file = recorder.file.clone();
    let (code, said) = recorder.stop();
    let Told { states, gaps, .. } = told(&file);
    let of = |(name, uid): &(String, String)| name.replace(&uid[..12], "ID");
    let named: Vec<_> = states.iter().map(|(key, all)| (of(key), all.join(" "))).collect();
    for (name, expected) in [("podman/web", format!("{LIFE} exited removed")), ("podman/web-ID", "created".to_owned())]
    {
        assert!(named.contains(&(name.to_owned(), expected)), "{name}: {named:?} {said}");
    }
    assert_eq!((gaps, code), (0, Some(0)), "{said}");
    let image = ["--expect", "podmanimage/localhost/bb:1 action: ... -> pull"];
    let checked = place::statetrail().arg("check").arg(&file).args(image).output().unwrap();
    assert!(checked.status.success(), "{checked:?}");
    service.stop();
}

#[test]
fn a_recorder_goes_on_at_the_last_event_and_says_so_if_it_is_gone() {
    let place = Place::new(&Events::In("file"));
    let mut service = place.serve();
    let recorder = place.record(&[]);
    place.podman(&["volume", "create", "a"]);
    place.podman(&["create", "--name", "c", "localhost/bb:1", "true"]);
    until("the container is recorded", || recorder.has("\"name\":\"c\"").then_some(()));
    let file = recorder.file.clone();
    let (code, said) = recorder.stop();
    assert_eq!(code, Some(0), "{said}");
    place.podman(&["volume", "rm", "a"]);
    place.podman(&["volume", "create", "a"]);
    let (_, said) = place.record(&["--resume"]).stop();
    let Told { states, gaps, .. } = told(&file);
    let mut volumes: Vec<String> =
        states.iter().filter(|((name, _), _)| name == "podmanvolume/a").map(|(_, all)| all.join(" ")).collect();
    volumes.sort();
    assert_eq!(volumes, ["create", "create remove"], "{said}");
    // Pods had no event that could come again.
    assert_eq!(gaps, 1, "{said}");
    // The log is gone.
    std::fs::write(place.path("tmp/events/events.log"), "").unwrap();
    place.podman(&["volume", "create", "later"]);
    let (code, said) = place.record(&["--resume"]).stop();
    let after = told(&file);
    assert_eq!(code, Some(3), "{said}");
    assert!(after.gaps >= gaps + 3, "{} gaps: {said}", after.gaps);
    assert_eq!(after.states[&("podmanvolume/later".to_owned(), uid_of(&after, "podmanvolume/later"))], ["create"]);
    service.stop();
}

fn uid_of(told: &Told, name: &str) -> String {
    let mut uids = told.states.keys().filter(|(of, _)| of == name).map(|(_, uid)| uid.clone());
    uids.next_back().unwrap_or_default()
}

#[test]
fn a_service_that_keeps_no_events_is_refused_with_the_reason() {
    let has_journal = Path::new("/run/systemd/journal/socket").exists();
    for (backend, reason) in [("none", "events_logger = \"none\""), ("journald", "nothing receives at")] {
        if has_journal && backend == "journald" {
            continue;
        }
        let place = Place::new(&Events::In(backend));
        let mut service = place.serve();
        let source = format!("libpod:{}", place.path("podman.sock").display());
        let refused =
            place::statetrail().args(["record", &source, "-o"]).arg(place.path("run.jsonl")).output().unwrap();
        let said = String::from_utf8(refused.stderr).unwrap();
        assert!(!refused.status.success() && said.contains(reason), "{said}");
        assert!(said.contains("set `events_logger = \"file\"`"), "{said}");
        service.stop();
    }
}

#[test]
fn a_socket_that_is_not_there_yet_is_waited_for() {
    let place = Place::new(&Events::In("file"));
    let source = format!("libpod:{}", place.path("podman.sock").display());
    let (ready, said) = (place.path("ready"), place.path("said"));
    let mut command = place::statetrail();
    command.args(["record", &source, "-o"]).arg(place.path("run.jsonl")).arg("--ready-file").arg(&ready);
    command.stdout(Stdio::null()).stderr(std::fs::File::create(&said).unwrap());
    let recorder = place::Recorder::of(command, place.path("run.jsonl"), said.clone());
    until("the recorder waits", || std::fs::read_to_string(&said).unwrap().contains("waiting until").then_some(()));
    let mut service = place.serve();
    until("the recorder attaches", || ready.exists().then_some(()));
    let (code, said) = recorder.stop();
    assert_eq!(code, Some(0), "{said}");
    service.stop();
}
