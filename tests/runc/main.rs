//! Containers of the real runc, recorded by the program. It needs root, and Debian's runc and busybox-static.

mod checkpoint;
mod directories;

use rustix::process::Signal;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_mins(1);

fn statetrail() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_statetrail"));
    // No cluster is needed, and none is looked for.
    command.env_remove("KUBECONFIG").env("HOME", "/nonexistent").stdin(Stdio::null());
    command
}

/// A folder with a state directory for runc, and a bundle.
struct Place(tempfile::TempDir);

impl Place {
    fn new(arguments: &[&str]) -> Self {
        let place = Self(tempfile::tempdir().unwrap());
        let (bundle, busybox) = (place.path("bundle"), Path::new("/bin/busybox"));
        assert!(busybox.exists(), "no /bin/busybox; install it: apt-get install busybox-static");
        for folder in ["bin", "proc", "sys", "dev", "tmp", "etc"] {
            fs::create_dir_all(bundle.join("rootfs").join(folder)).unwrap();
        }
        fs::copy(busybox, bundle.join("rootfs/bin/busybox")).unwrap();
        for name in ["sleep", "true"] {
            std::os::unix::fs::symlink("busybox", bundle.join("rootfs/bin").join(name)).unwrap();
        }
        let spec = runc(&["spec", "--bundle", bundle.to_str().unwrap()]);
        assert!(spec.status.success(), "{spec:?}");
        let file = bundle.join("config.json");
        let mut config: Value = serde_json::from_str(&fs::read_to_string(&file).unwrap()).unwrap();
        let process = &mut config["process"];
        (process["terminal"], process["args"]) = (json!(false), json!(arguments));
        process.as_object_mut().unwrap().remove("rlimits");
        for set in process["capabilities"].as_object_mut().unwrap().values_mut() {
            set.as_array_mut().unwrap().retain(|capability| capability != "CAP_SYS_RESOURCE");
        }
        fs::write(&file, config.to_string()).unwrap();
        place
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn runc(&self, arguments: &[&str]) -> Output {
        let (state, bundle) = (self.path("state"), self.path("bundle"));
        let mut all = vec!["--root", state.to_str().unwrap()];
        all.extend(arguments.iter().map(|word| if *word == "BUNDLE" { bundle.to_str().unwrap() } else { word }));
        runc(&all)
    }

    fn done(&self, arguments: &[&str]) {
        let output = self.runc(arguments);
        assert!(output.status.success(), "runc {arguments:?}: {output:?}");
    }

    /// Starts a recorder of containers, and waits until it has attached.
    fn record(&self) -> Recorder {
        self.record_as("runccontainers")
    }

    fn record_as(&self, source: &str) -> Recorder {
        self.record_at(&format!("{source}:{}", self.path("state").display()))
    }

    fn record_at(&self, address: &str) -> Recorder {
        let (file, ready, said) = (self.path("run.jsonl"), self.path("ready"), self.path("said"));
        let recorder = statetrail()
            .arg("record")
            .arg(address)
            .arg("-o")
            .arg(&file)
            .arg("--ready-file")
            .arg(&ready)
            .stderr(fs::File::create(&said).unwrap())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let recorder = Recorder { child: recorder, file, said };
        until("the recorder attaches", || ready.exists().then_some(()));
        recorder
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        for name in fs::read_dir(self.path("state")).into_iter().flatten().flatten() {
            self.runc(&["delete", "-f", &name.file_name().to_string_lossy()]);
        }
    }
}

fn runc(arguments: &[&str]) -> Output {
    // A container inherits the descriptors: with pipes, its end would be waited for.
    let said = tempfile::tempfile().unwrap();
    let mut command = Command::new("runc");
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(said.try_clone().unwrap());
    let status = command.status().expect("no runc; install it: apt-get install runc");
    let mut stderr = Vec::new();
    std::io::Seek::rewind(&mut &said).unwrap();
    std::io::Read::read_to_end(&mut &said, &mut stderr).unwrap();
    Output { status, stdout: Vec::new(), stderr }
}

#[expect(clippy::disallowed_methods, reason = "a test waits for programs in real time")]
fn until<T>(what: &str, mut asked: impl FnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(answer) = asked() {
            return answer;
        }
        assert!(begun.elapsed() < PATIENCE, "{what}: waited for {PATIENCE:?}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

struct Recorder {
    child: Child,
    file: PathBuf,
    said: PathBuf,
}

impl Recorder {
    /// Stops it, and returns its exit code and what it said.
    fn stop(mut self) -> (Option<i32>, String) {
        let pid = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(pid, Signal::INT).unwrap();
        let status = until("the recorder ends", || self.child.try_wait().unwrap());
        (status.code(), fs::read_to_string(&self.said).unwrap())
    }

    fn has(&self, text: &str) -> bool {
        fs::read_to_string(&self.file).unwrap_or_default().contains(text)
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The states of each container, by its name and uid.
type States = BTreeMap<(String, String), Vec<String>>;

/// The states of each container, by name and uid, and what each gap is of.
fn told(file: &Path) -> (States, Vec<String>) {
    let shown = statetrail().arg("show").arg(file).args(["-o", "json"]).output().unwrap();
    assert!(shown.status.success(), "{shown:?}");
    let (mut states, mut gaps) = (BTreeMap::<_, Vec<String>>::new(), Vec::new());
    for line in String::from_utf8(shown.stdout).unwrap().lines() {
        let entry: Value = serde_json::from_str(line).unwrap();
        let text = |member: &str| entry[member].as_str().unwrap_or_default().to_owned();
        if text("track") == "state" {
            states.entry((text("name"), text("uid"))).or_default().push(text("to"));
        }
        gaps.extend(entry.get("gap").map(|_| text("name")));
    }
    (states, gaps)
}

fn verified(file: &Path) -> Output {
    statetrail().arg("verify").arg(file).output().unwrap()
}

#[test]
fn eighty_quick_lives_are_in_the_right_order() {
    let place = Place::new(&["true"]);
    fs::create_dir(place.path("state")).unwrap();
    let recorder = place.record();
    for life in 0..80 {
        let name = format!("c{life}");
        place.done(&["run", "-d", "--bundle", "BUNDLE", &name]);
        place.done(&["delete", "-f", &name]);
    }
    let file = recorder.file.clone();
    let (code, said) = recorder.stop();
    let (states, gaps) = told(&file);
    assert_eq!(states.len(), 80, "{said}");
    let right = ["creating", "created", "running", "stopped", "deleted"];
    // Where the machine kept the recorder waiting, that is said, and the order is right nevertheless.
    let doubtful: BTreeSet<&String> = gaps.iter().collect();
    let is_right = |name: &String, states: &[String]| {
        let mut rest = right.iter();
        states == right || doubtful.contains(name) && states.iter().all(|state| rest.any(|right| right == state))
    };
    let wrong: Vec<_> = states.iter().filter(|((name, _), states)| !is_right(name, states)).collect();
    assert!(wrong.is_empty(), "{} of 80 lives are wrong: {wrong:#?}", wrong.len());
    let whole = 80 - doubtful.len();
    println!("{whole} of 80 lives are whole: {gaps:?}");
    assert!(whole >= 60, "{whole} of 80 lives are whole: {gaps:?}");
    assert_eq!(code, Some(if gaps.is_empty() { 0 } else { 3 }), "{said}");
    let verified = verified(&file);
    assert_eq!(verified.status.success(), gaps.is_empty(), "{verified:?}");
}

#[test]
fn a_life_with_a_pause_and_odd_names_is_told_as_runc_was_asked() {
    let place = Place::new(&["sleep", "1000"]);
    fs::create_dir(place.path("state")).unwrap();
    let name = "a_B+c-.9";
    place.done(&["run", "-d", "--bundle", "BUNDLE", "before"]);
    let recorder = place.record();
    fs::create_dir(place.path("state/not runc's")).unwrap();
    for asked in [&["create", "--bundle", "BUNDLE", name][..], &["start", name], &["pause", name]] {
        place.done(asked);
    }
    until("the pause is recorded", || recorder.has("FROZEN").then_some(()));
    place.done(&["resume", name]);
    place.done(&["kill", name, "KILL"]);
    until("the end is recorded", || recorder.has("EXIT").then_some(()));
    place.done(&["delete", name]);
    place.done(&["create", "--bundle", "BUNDLE", "never-started"]);
    place.done(&["delete", "-f", "never-started"]);
    let file = recorder.file.clone();
    let (code, said) = recorder.stop();
    let (states, gaps) = told(&file);
    let of = |name: &str| states.iter().find(|((of, _), _)| of == name).map(|(_, states)| states.join(" "));
    assert_eq!(of(name).as_deref(), Some("creating created running paused running stopped deleted"), "{said}");
    assert_eq!(of("before").as_deref(), Some("running"));
    assert_eq!(of("never-started").as_deref(), Some("creating created stopped deleted"));
    assert_eq!((states.len(), gaps.len(), code), (3, 0, Some(0)), "{said}");
}

#[test]
fn a_directory_that_is_not_there_yet_is_waited_for_and_a_resumed_recorder_says_what_it_did_not_see() {
    let place = Place::new(&["sleep", "1000"]);
    let recorder = place.record();
    place.done(&["run", "-d", "--bundle", "BUNDLE", "c1"]);
    until("the container is recorded", || recorder.has("RAW").then_some(()));
    let file = recorder.file.clone();
    let (code, said) = recorder.stop();
    assert!(said.contains("is not there yet: waiting until it is made"), "{said}");
    assert_eq!(code, Some(3), "the gap before it was watched: {said}");
    place.done(&["delete", "-f", "c1"]);
    let resumed = statetrail().arg("record").arg("--resume").arg(&file).args(["--for", "100ms"]).output().unwrap();
    assert_eq!(resumed.status.code(), Some(3), "{resumed:?}");
    let (states, gaps) = told(&file);
    let [words] = states.into_values().collect::<Vec<_>>().try_into().unwrap();
    assert!(words.ends_with(&["running".to_owned()]), "{words:?}");
    assert!(gaps.len() >= 3, "{gaps:?}");
}

/// Stops a recorder while something is done.
fn while_stopped(recorder: &Recorder, done: impl FnOnce()) {
    let id = rustix::process::Pid::from_child(&recorder.child);
    rustix::process::kill_process(id, Signal::STOP).unwrap();
    done();
    rustix::process::kill_process(id, Signal::CONT).unwrap();
}

#[test]
fn a_pause_through_one_descriptor_that_was_over_when_it_was_read_leaves_its_place_open() {
    let place = Place::new(&["sleep", "1000"]);
    fs::create_dir(place.path("state")).unwrap();
    let recorder = place.record();
    place.done(&["run", "-d", "--bundle", "BUNDLE", "c1"]);
    until("it runs", || recorder.has("exec.fifo").then_some(()));
    let state = fs::read(place.path("state/c1/state.json")).unwrap();
    let state: Value = serde_json::from_slice(&state).unwrap();
    let group = |hierarchy: &str| state["cgroup_paths"][hierarchy].as_str().map(PathBuf::from);
    let (file, paused, running) = match group("freezer") {
        Some(group) => (group.join("freezer.state"), "FROZEN", "THAWED"),
        None => (group("").unwrap().join("cgroup.freeze"), "1", "0"),
    };
    while_stopped(&recorder, || {
        let mut file = fs::File::options().write(true).open(file).unwrap();
        file.write_all(paused.as_bytes()).unwrap();
        file.write_all(running.as_bytes()).unwrap();
    });
    place.done(&["delete", "-f", "c1"]);
    let file = recorder.file.clone();
    let (_, said) = recorder.stop();
    let check = |line: &str| {
        let checked = statetrail().arg("check").arg(&file).args(["--expect", line]).output().unwrap();
        String::from_utf8(checked.stdout).unwrap()
    };
    let never = check("runc/c1 state: never paused");
    assert!(never.starts_with("inconclusive"), "{never} {said}");
    let path = check("runc/c1 state: creating -> created -> running -> paused -> running -> stopped -> deleted");
    assert!(path.starts_with("inconclusive"), "{path} {said}");
}

#[test]
fn a_directory_of_containers_that_was_made_and_removed_between_two_looks_is_a_gap() {
    for parents in ["", "late/"] {
        let place = Place::new(&["true"]);
        let state = place.path(&format!("{parents}state"));
        let recorder = place.record_at(&format!("runccontainers:{}", state.display()));
        while_stopped(&recorder, || {
            fs::create_dir_all(state.join("c1")).unwrap();
            fs::remove_dir_all(&state).unwrap();
            if !parents.is_empty() {
                fs::remove_dir(place.path("late")).unwrap();
            }
        });
        let (code, said) = recorder.stop();
        assert_eq!(code, Some(3), "{said}");
    }
}

#[test]
fn pauses_one_after_the_other_are_all_told() {
    let place = Place::new(&["sleep", "1000"]);
    fs::create_dir(place.path("state")).unwrap();
    let recorder = place.record();
    // Nothing waits for the recorder: what it is too slow for must be a gap, or never published.
    place.done(&["create", "--bundle", "BUNDLE", "c1"]);
    for asked in ["pause", "resume", "start", "pause", "resume", "pause", "resume"] {
        place.done(&[asked, "c1"]);
    }
    place.done(&["delete", "-f", "c1"]);
    let file = recorder.file.clone();
    let (code, said) = recorder.stop();
    let (states, gaps) = told(&file);
    let right = "creating created paused created running paused running paused running stopped deleted";
    let [mut words] = states.into_values().collect::<Vec<_>>().try_into().unwrap();
    println!("{words:?}, {} gaps", gaps.len());
    // A span that was never published is between two equal states. Where a container is slow to freeze, runc thaws it and
    // freezes it again.
    let again = |words: &mut Vec<String>| {
        words.dedup();
        while let Some(at) =
            (4..words.len()).find(|at| words[at - 4..at - 2] == words[at - 2..*at] && words[*at] == words[at - 2])
        {
            words.drain(at - 2..at);
        }
    };
    let mut right: Vec<String> = right.split(' ').map(str::to_owned).collect();
    again(&mut words);
    again(&mut right);
    let mut rest = right.iter();
    assert!(words.iter().all(|word| rest.any(|right| right == word)), "{words:?} is not of {right:?}");
    assert!(words == right || !gaps.is_empty(), "{words:?}: {said}");
    assert_eq!(code, Some(0), "what was never published is no loss: {said}");
}

#[test]
fn what_may_not_be_read_is_said_with_what_can_be_done() {
    let place = Place::new(&["true"]);
    fs::create_dir(place.path("state")).unwrap();
    fs::set_permissions(place.path("state"), fs::Permissions::from_mode(0o700)).unwrap();
    let folder = tempfile::tempdir().unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o777)).unwrap();
    // Nobody may read what root made, and may not even look for the program, which is found as an open file.
    let program = fs::File::open(env!("CARGO_BIN_EXE_statetrail")).unwrap();
    let recorded = Command::new("/proc/self/fd/0")
        .args(["record", &format!("runc:{}", place.path("state").display()), "--for", "1m", "-o"])
        .arg(folder.path().join("run.jsonl"))
        .env("HOME", "/nonexistent")
        .current_dir("/")
        .stdin(program)
        .uid(65534)
        .gid(65534)
        .output()
        .unwrap();
    let said = String::from_utf8(recorded.stderr).unwrap();
    let why = format!("{}: permission denied: run as root, or leave `runc:` out", place.path("state").display());
    assert!(said.contains(&why), "{said}");
    assert_eq!(recorded.status.code(), Some(4), "{said}");
}

#[test]
fn no_api_server_is_made_of_containers() {
    let place = Place::new(&["true"]);
    fs::create_dir(place.path("state")).unwrap();
    let recorder = place.record();
    let file = recorder.file.clone();
    recorder.stop();
    let replayed = statetrail().arg("replay").arg(&file).args(["--listen", "127.0.0.1:0"]).output().unwrap();
    let said = String::from_utf8(replayed.stderr).unwrap();
    assert!(replayed.status.code() == Some(2) && said.contains("no API server has such objects"), "{said}");
}
