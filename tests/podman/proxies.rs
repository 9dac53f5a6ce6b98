//! Calls that pass through the recorder to Podman's service.

use crate::image;
use crate::place::{Events, Place, Recorder, until};
use crate::told::{told, verified};
use std::fs;
use std::process::{Child, Command, Stdio};

/// Where the recorder listens.
const PROXY: &str = "proxy.sock";

/// The states of a call that went well.
const WELL: &str = "calling answered";

fn record(place: &Place) -> Recorder {
    let proxy = format!("--proxy=libpod={}", place.path(PROXY).display());
    place.record(&[&proxy])
}

/// What curl prints of an answer at a socket.
fn curl(place: &Place, socket: &str, arguments: &[&str]) -> String {
    let mut command = Command::new("curl");
    command.args(["-sS", "--max-time", "100", "--unix-socket"]).arg(place.path(socket)).args(arguments);
    let output = command.output().expect("no curl; install it: apt-get install curl");
    assert!(output.status.success(), "{arguments:?}: {output:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// A call that is not answered while a container runs.
fn begin_to_wait(place: &Place) -> Child {
    let mut command = Command::new("curl");
    command.args(["-sS", "--max-time", "100", "-X", "POST", "--unix-socket"]).arg(place.path(PROXY));
    command.arg("http://d/v4.3.1/libpod/containers/web/wait").stdout(Stdio::null()).stderr(Stdio::null());
    command.spawn().expect("no curl; install it: apt-get install curl")
}

#[test]
fn builds_show_their_names_and_whether_they_failed() {
    let place = Place::new(&Events::In("file"));
    let mut service = place.serve();
    let recorder = record(&place);
    let begin = |name: &str, step: &str| {
        let context = place.path(&format!("context-{name}"));
        fs::create_dir(&context).unwrap();
        let cached = format!("FROM localhost/bb:1\nRUN --mount=type=cache,id=c,target=/cache {step}\n");
        fs::write(context.join("Containerfile"), cached).unwrap();
        let tag = format!("localhost/{name}:1");
        let secret = "--build-arg=TOKEN=s3cr3t";
        place.remotely(PROXY, &["build", "-q", "--no-cache", secret, "-t", &tag, context.to_str().unwrap()])
    };
    let (one, two) = (begin("one", "echo a > /cache/one"), begin("two", "echo b > /cache/two"));
    one.ends(0);
    two.ends(0);
    begin("bad", "false s3cr3t").ends(1);
    let file = recorder.file.clone();
    let (code, said) = recorder.stop();
    let told = told(&file);
    assert_eq!(told.calls("build.localhost/one:1"), [WELL], "{told:?} {said}");
    assert_eq!(told.calls("build.localhost/two:1"), [WELL]);
    assert_eq!(told.calls("build.localhost/bad:1"), ["calling failed"]);
    let recorded = fs::read_to_string(&file).unwrap();
    assert!(recorded.contains(r#""nocache":"1""#) && !recorded.contains("s3cr3t"), "{recorded}");
    assert_eq!((told.gaps, code), (0, Some(0)), "{said}");
    assert!(verified(&file).status.success());
    assert!(!place.path(PROXY).exists(), "the socket is left");
    service.stop();
}

#[test]
fn what_is_refused_says_why_and_what_takes_the_connection_passes() {
    let place = Place::new(&Events::In("file"));
    let mut service = place.serve();
    let recorder = record(&place);
    place.remotely(PROXY, &["run", "-d", "--name", "web", "localhost/bb:1", "sleep", "1000"]).ends(0);
    let refused = place.remotely(PROXY, &["create", "--name", "web", "localhost/bb:1", "true"]).ends(125);
    assert!(refused.contains("is already in use"), "{refused}");
    place.remotely(PROXY, &["exec", "web", "sh", "-c", "exit 7"]).ends(7);
    // Both ways, on a connection that was handed over.
    let url = format!("unix://{}", place.path(PROXY).display());
    let mut command = place.command();
    command.args(["--remote", "--url", &url, "exec", "-i", "web", "cat"]);
    command.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut cat = command.spawn().unwrap();
    std::io::Write::write_all(&mut cat.stdin.take().unwrap(), b"there and back").unwrap();
    let back = cat.wait_with_output().unwrap();
    assert_eq!(back.stdout, b"there and back");
    for (asked, arguments) in [
        ("/_ping", &["-I"][..]),
        ("/v1.41/containers/json?all=1", &[]),
        ("/volumes/create", &["-H", "Content-Type: application/json", "-d", r#"{"Name":"data"}"#]),
        ("/v4.3.1/libpod/volumes/data", &["-X", "DELETE"]),
        ("/v4.3.1/libpod/containers/prune", &["-X", "POST"]),
        ("/v4.3.1/libpod/images/pull?reference=localhost:1/none", &["-X", "POST"]),
    ] {
        curl(&place, PROXY, &[arguments, &[&format!("http://d{asked}")]].concat());
    }
    let file = recorder.file.clone();
    let (code, said) = recorder.stop();
    let told = told(&file);
    let creates = told.calls("containers.create");
    assert!(creates.contains(&WELL.to_owned()) && creates.contains(&"calling refused(500)".to_owned()), "{told:?}");
    let recorded = fs::read_to_string(&file).unwrap();
    assert!(recorded.contains("the container name \\\"web\\\" is already in use"), "{recorded}");
    let starts = told.states.iter().filter(|((name, _), _)| name.starts_with("libpodcall/exec.start."));
    let starts: Vec<String> = starts.map(|(_, states)| states.join(" ")).collect();
    assert_eq!(starts, ["calling upgraded closed"; 2], "{told:?}");
    for name in ["containers.json", "volumes.create", "volumes.delete.data", "containers.prune"] {
        assert_eq!(told.calls(name), [WELL], "{name}: {told:?}");
    }
    assert_eq!(told.calls("images.pull.localhost:1/none"), ["calling failed"]);
    assert!(told.states.iter().any(|((name, _), _)| name.starts_with("libpodcall/_ping.")));
    assert_eq!((told.gaps, code), (0, Some(0)), "{said}");
    service.stop();
}

#[test]
fn a_large_image_streams_through_little_memory() {
    const SIZE: usize = 64 << 20;
    let place = Place::new(&Events::In("file"));
    let mut service = place.serve();
    let recorder = record(&place);
    let archive = place.path("large.tar");
    image::write_with(&archive, "localhost/large:1", SIZE);
    curl(&place, PROXY, &["http://d/_ping"]);
    let before = recorder.peak();
    // With a length, in chunks, and back.
    let path = archive.to_str().unwrap();
    let load = "http://d/v4.3.1/libpod/images/load";
    let loaded = curl(&place, PROXY, &["-X", "POST", "-T", path, "-H", "Expect: 100-continue", load]);
    assert!(loaded.contains("localhost/large:1"), "{loaded}");
    let loaded = curl(&place, PROXY, &["-X", "POST", "-T", path, "-H", "Transfer-Encoding: chunked", load]);
    assert!(loaded.contains("localhost/large:1"), "{loaded}");
    let saved = ["direct", "through"].map(|name| place.path(name));
    for (socket, file) in ["podman.sock", PROXY].iter().zip(&saved) {
        let from = "http://d/v4.3.1/libpod/images/localhost%2Flarge:1/get";
        curl(&place, socket, &["-o", file.to_str().unwrap(), from]);
    }
    // Archives have times in them; whether all bytes came through, their digests show.
    let [direct, through] = saved.each_ref().map(|file| fs::metadata(file).unwrap().len());
    assert!(direct >= SIZE as u64 && direct == through, "{direct} and {through} bytes");
    place.podman(&["rmi", "localhost/large:1"]);
    place.podman(&["load", "-q", "-i", saved[1].to_str().unwrap()]);
    let more = recorder.peak() - before;
    let file = recorder.file.clone();
    let (code, said) = recorder.stop();
    let told = told(&file);
    eprintln!("{more} KiB more for three times {} MiB", SIZE >> 20);
    assert!(more < 16 << 10, "{more} KiB more");
    assert_eq!(told.calls("images.load"), [WELL; 2], "{told:?} {said}");
    assert_eq!(told.calls("images.get.localhost/large:1"), [WELL]);
    assert_eq!((told.gaps, code), (0, Some(0)), "{said}");
    service.stop();
}

#[test]
fn a_call_that_a_killed_recorder_left_is_not_refused() {
    let place = Place::new(&Events::In("file"));
    let mut service = place.serve();
    let recorder = record(&place);
    place.podman(&["run", "-d", "--name", "web", "localhost/bb:1", "sleep", "1000"]);
    let mut waiting = begin_to_wait(&place);
    until("the call is recorded", || recorder.has("containers.wait.web.").then_some(()));
    recorder.kill();
    assert!(!until("the client ends", || waiting.try_wait().unwrap()).success());
    let recorder = place.record(&["--resume"]);
    place.remotely(PROXY, &["volume", "create", "later"]).ends(0);
    let file = recorder.file.clone();
    let (code, said) = recorder.stop();
    let told = told(&file);
    assert_eq!(told.calls("containers.wait.web"), ["calling"], "{told:?} {said}");
    assert_eq!(told.calls("volumes.create"), [WELL]);
    let uids: std::collections::BTreeSet<&String> = told.states.keys().map(|(_, uid)| uid).collect();
    assert_eq!(uids.len(), told.states.len(), "each call has a number of its own: {told:?}");
    let shown = crate::place::statetrail().arg("show").arg(&file).args(["-o", "json"]).output().unwrap();
    let shown = String::from_utf8(shown.stdout).unwrap();
    let is_gap = |line: &&str| line.contains("\"gap\"") && line.contains("LibpodCall");
    assert!(shown.lines().any(|line| is_gap(&line)), "{shown}");
    assert_eq!(code, Some(3), "{said}");
    service.stop();
}

#[test]
fn a_service_that_goes_away_drops_what_it_did_not_answer() {
    let place = Place::new(&Events::In("file"));
    let mut service = place.serve();
    let recorder = record(&place);
    place.podman(&["run", "-d", "--name", "web", "localhost/bb:1", "sleep", "1000"]);
    let mut waiting = begin_to_wait(&place);
    until("the call is recorded", || recorder.has("containers.wait.web.").then_some(()));
    service.kill();
    assert!(!until("the client ends", || waiting.try_wait().unwrap()).success());
    place.remotely(PROXY, &["volume", "create", "nothing"]).ends(125);
    service = place.serve();
    place.remotely(PROXY, &["volume", "create", "later"]).ends(0);
    let file = recorder.file.clone();
    let (code, said) = recorder.stop();
    let told = told(&file);
    assert_eq!(told.calls("containers.wait.web"), ["calling dropped"], "{told:?} {said}");
    assert_eq!(told.calls("volumes.create"), [WELL]);
    assert_eq!((told.gaps, code), (0, Some(0)), "{said}");
    service.stop();
}
