//! Real mounts, filesystems and loop devices, recorded by the program. It needs root, and
//! Debian's e2fsprogs, mount, util-linux and buildah.
//!
//! Each test has a mount namespace of its own, so that no test sees the mounts of another. Loop devices are those of the
//! machine: a test looks at its own only.

mod buildah;

use serde_json::Value;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::os::unix::ffi::OsStringExt as _;
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

/// A process that ends with its test.
struct Process(Child);

impl Process {
    fn pid(&self) -> u32 {
        self.0.id()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn run(program: &str, arguments: &[&str]) -> Output {
    let output = Command::new(program).args(arguments).stdin(Stdio::null()).output();
    output.unwrap_or_else(|error| panic!("{program}: {error}; install it: apt-get install mount util-linux e2fsprogs"))
}

fn done(program: &str, arguments: &[&str]) -> String {
    let output = run(program, arguments);
    assert!(output.status.success(), "{program} {arguments:?}: {output:?}");
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// A mount namespace with a folder, and a process that keeps it.
struct Namespace {
    keeper: Process,
    folder: tempfile::TempDir,
}

/// A process in a mount namespace of its own, a copy of the one that it is begun in.
fn apart(begun_in: Option<&Namespace>) -> Process {
    let mut command = match begun_in {
        Some(namespace) => namespace.inside("unshare"),
        None => Command::new("unshare"),
    };
    command.args(["--mount", "--propagation", "private", "sleep", "1000"]).stdin(Stdio::null());
    let process = Process(command.spawn().expect("no unshare; install it: apt-get install util-linux"));
    let of = |pid: &str| fs::read_link(format!("/proc/{pid}/ns/mnt")).ok();
    let outside = begun_in.map_or("self".to_owned(), |namespace| namespace.keeper.pid().to_string());
    until("the namespace is there", || {
        let comm = fs::read_to_string(format!("/proc/{}/comm", process.pid())).ok()?;
        (comm == "sleep\n" && of(&process.pid().to_string()) != of(&outside)).then_some(())
    });
    process
}

impl Namespace {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("mnt")).unwrap();
        Self { keeper: apart(None), folder }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn text(&self, name: &str) -> String {
        self.path(name).to_str().unwrap().to_owned()
    }

    /// A command that runs in it.
    fn inside(&self, program: &str) -> Command {
        let mut command = Command::new("nsenter");
        command.args(["--mount", "--target", &self.keeper.pid().to_string(), "--", program]).stdin(Stdio::null());
        command
    }

    fn run(&self, program: &str, arguments: &[&str]) -> Output {
        self.inside(program).args(arguments).output().unwrap()
    }

    fn done(&self, program: &str, arguments: &[&str]) {
        let output = self.run(program, arguments);
        assert!(output.status.success(), "{program} {arguments:?}: {output:?}");
    }

    /// Starts a recorder of its mounts and of other sources, and waits until it has attached.
    fn record(&self, sources: &[&str]) -> Recorder {
        let mut command = statetrail();
        command.arg("record").arg(format!("mounts:/proc/{}", self.keeper.pid())).args(sources);
        self.start(command)
    }

    fn start(&self, mut command: Command) -> Recorder {
        command.arg("-o").arg(self.path("run.jsonl"));
        self.attached(command)
    }

    /// Starts a recorder that continues the last one.
    fn resume(&self) -> Recorder {
        fs::remove_file(self.path("ready")).unwrap();
        let mut command = statetrail();
        command.args(["record", "--resume"]).arg(self.path("run.jsonl"));
        self.attached(command)
    }

    fn attached(&self, mut command: Command) -> Recorder {
        let (file, ready, said) = (self.path("run.jsonl"), self.path("ready"), self.path("said"));
        let recorder = command
            .arg("--ready-file")
            .arg(&ready)
            .stderr(fs::File::create(&said).unwrap())
            .stdout(fs::File::create(self.path("printed")).unwrap())
            .spawn()
            .unwrap();
        let recorder = Recorder { process: Process(recorder), file, said };
        until("the recorder attaches", || ready.exists().then_some(()));
        recorder
    }
}

struct Recorder {
    process: Process,
    file: PathBuf,
    said: PathBuf,
}

impl Recorder {
    /// Stops it, and returns its exit code and what it said.
    fn stop(mut self) -> (Option<i32>, String) {
        let pid = rustix::process::Pid::from_child(&self.process.0);
        rustix::process::kill_process(pid, rustix::process::Signal::INT).unwrap();
        let status = until("the recorder ends", || self.process.0.try_wait().unwrap());
        (status.code(), fs::read_to_string(&self.said).unwrap())
    }

    /// Waits until a line of the recording has all of these words.
    fn shows(&self, words: &[&str]) {
        until(&format!("{words:?} is recorded"), || {
            let text = fs::read_to_string(&self.file).unwrap_or_default();
            text.lines().any(|line| words.iter().all(|word| line.contains(word))).then_some(())
        });
    }
}

/// A loop device with a filesystem.
struct Loop(String);

impl Loop {
    fn new(namespace: &Namespace) -> Self {
        let image = namespace.path("disk.img");
        fs::File::create(&image).unwrap().set_len(24 << 20).unwrap();
        let device = Self(done("losetup", &["--find", "--show", image.to_str().unwrap()]));
        done("mkfs.ext4", &["-q", "-O", "^has_journal", &device.0]);
        device
    }

    fn name(&self) -> &str {
        self.0.trim_start_matches("/dev/")
    }

    fn is_attached(&self) -> bool {
        Path::new(&format!("/sys/block/{}/loop", self.name())).exists()
    }
}

impl Drop for Loop {
    fn drop(&mut self) {
        if self.is_attached() {
            run("losetup", &["--detach", &self.0]);
        }
    }
}

/// What the recording shows: the states of a track, by kind, name and uid, and the number of gaps.
fn told(file: &Path, track: &str) -> (BTreeMap<(String, String), Vec<String>>, usize) {
    let shown = statetrail().arg("show").arg(file).args(["-o", "json"]).output().unwrap();
    assert!(shown.status.success(), "{shown:?}");
    let (mut states, mut gaps) = (BTreeMap::<_, Vec<String>>::new(), 0);
    for line in String::from_utf8(shown.stdout).unwrap().lines() {
        let entry: Value = serde_json::from_str(line).unwrap();
        let text = |member: &str| entry[member].as_str().unwrap_or_default().to_owned();
        if text("track") == track {
            states.entry((text("name"), text("uid"))).or_default().push(text("to"));
        }
        gaps += usize::from(entry.get("gap").is_some());
    }
    (states, gaps)
}

/// The states of a track of everything with a name, in order.
fn states(file: &Path, name: &str, track: &str) -> String {
    let (states, _) = told(file, track);
    let of = states.into_iter().filter(|((of, _), _)| of == name);
    of.map(|(_, states)| states.join(" ")).collect::<Vec<_>>().join(", ")
}

/// A process that sits in a folder of a namespace.
fn sits(namespace: &Namespace, folder: &str) -> Process {
    let mut command = namespace.inside("sh");
    let process = Process(command.args(["-c", &format!("cd {folder} && exec sleep 1000")]).spawn().unwrap());
    until("it sits there", || {
        let cwd = fs::read_link(format!("/proc/{}/cwd", process.pid())).ok()?;
        let comm = fs::read_to_string(format!("/proc/{}/comm", process.pid())).ok()?;
        (cwd == Path::new(folder) && comm == "sleep\n").then_some(())
    });
    process
}

#[test]
fn a_busy_mount_stays_a_held_one_is_detached_and_its_device_is_closed_by_the_last_holder() {
    let namespace = Namespace::new();
    let recorder = namespace.record(&["uevents:"]);
    let (device, mnt) = (Loop::new(&namespace), namespace.text("mnt"));
    namespace.done("mount", &[&device.0, &mnt]);
    recorder.shows(&["ATTACH", &mnt]);
    // A process sits in it.
    let sitting = sits(&namespace, &mnt);
    let refused = namespace.run("umount", &[&mnt]);
    assert!(!refused.status.success() && String::from_utf8_lossy(&refused.stderr).contains("busy"), "{refused:?}");
    drop(sitting);
    namespace.done("umount", &[&mnt]);
    recorder.shows(&["UNMOUNT", &mnt]);
    // A copy of the namespace has it.
    namespace.done("mount", &[&device.0, &mnt]);
    let other = apart(Some(&namespace));
    namespace.done("umount", &[&mnt]);
    done("losetup", &["--detach", &device.0]);
    assert!(device.is_attached(), "the device let go, although it was in use");
    recorder.shows(&["HOLDERS", &format!("\"pid\":{}", other.pid())]);
    drop(other);
    recorder.shows(&["mediaChange", &format!("\"{}\"", device.name())]);
    until("the device is free", || (!device.is_attached()).then_some(()));
    let file = recorder.file.clone();
    let (code, said) = recorder.stop();
    let (_, gaps) = told(&file, "state");
    assert_eq!(states(&file, &mnt, "state"), "mounted detached released, mounted detached released", "{said}");
    assert!(states(&file, &mnt, "holders").contains("mount of sleep["), "{}", states(&file, &mnt, "holders"));
    assert_eq!(states(&file, device.name(), "state"), "closed open closed", "{said}");
    assert_eq!((gaps, code), (0, Some(0)), "{said}");
    // Who held it is part of the explanation.
    let line = format!("mount/{mnt} state: every detached then released within 100ms");
    let checked = statetrail().arg("check").arg(&file).arg("--expect").arg(&line).output().unwrap();
    let text = String::from_utf8(checked.stdout).unwrap() + &String::from_utf8(checked.stderr).unwrap();
    assert!(text.contains("violated") && text.contains("mount of sleep["), "{text}");
}

#[test]
fn whoever_holds_a_filesystem_when_an_expectation_is_violated_is_recorded_and_named() {
    let namespace = Namespace::new();
    let (mnt, bound) = (namespace.text("mnt"), namespace.text("bound"));
    fs::create_dir(&bound).unwrap();
    let mut command = statetrail();
    command.args(["watch", &format!("mounts:/proc/{}", namespace.keeper.pid())]);
    // Between the two looks that are always done.
    command.args(["--expect", &format!("mount/{mnt} state: every detached then released within 2s")]);
    let mut recorder = namespace.start(command);
    namespace.done("mount", &["-t", "tmpfs", "t", &mnt]);
    namespace.done("mount", &["--bind", &mnt, &bound]);
    let first = sits(&namespace, &mnt);
    namespace.done("umount", &["--lazy", &mnt]);
    recorder.shows(&["HOLDERS", &format!("\"pid\":{}", first.pid())]);
    let second = sits(&namespace, &bound);
    drop(first);
    let ended = until("the expectation is decided", || recorder.process.0.try_wait().unwrap());
    let said = fs::read_to_string(&recorder.said).unwrap();
    assert_eq!(ended.code(), Some(1), "{said}");
    recorder.shows(&["HOLDERS", &format!("\"pid\":{}", second.pid())]);
    let named = format!("cwd of sleep[{}]", second.pid());
    let printed = fs::read_to_string(namespace.path("printed")).unwrap();
    assert!(printed.contains("violated") && printed.contains(&named), "{printed}");
}

#[test]
fn where_nothing_happens_time_alone_decides() {
    let namespace = Namespace::new();
    let mnt = namespace.text("mnt");
    let mut command = statetrail();
    command.args(["watch", &format!("mounts:/proc/{}", namespace.keeper.pid()), "--for", "30s"]);
    command.args(["--expect", &format!("mount/{mnt} state: every mounted then detached within 1s")]);
    let mut recorder = namespace.start(command);
    namespace.done("mount", &["-t", "tmpfs", "t", &mnt]);
    let ended = until("the expectation is decided", || recorder.process.0.try_wait().unwrap());
    let said = fs::read_to_string(&recorder.said).unwrap();
    assert_eq!(ended.code(), Some(1), "{said}");
    // A source says of itself that nothing has happened once a minute.
    let recorded = fs::read_to_string(&recorder.file).unwrap();
    assert!(recorded.contains(r#""reason":"every expectation is decided""#), "{recorded}");
}

#[test]
fn the_holders_of_a_lazy_unmount_are_named_by_what_they_hold() {
    let namespace = Namespace::new();
    let (mnt, bound) = (namespace.text("mnt"), namespace.text("bound"));
    fs::create_dir(&bound).unwrap();
    let recorder = namespace.record(&[]);
    namespace.done("mount", &["-t", "tmpfs", "t", &mnt]);
    namespace.done("mount", &["--bind", &mnt, &bound]);
    let sitting = sits(&namespace, &mnt);
    namespace.done("umount", &[&bound]);
    namespace.done("umount", &["--lazy", &mnt]);
    recorder.shows(&["HOLDERS", &format!("\"pid\":{}", sitting.pid()), "cwd"]);
    drop(sitting);
    recorder.shows(&["UNMOUNT", &mnt]);
    let file = recorder.file.clone();
    let (code, said) = recorder.stop();
    assert_eq!(states(&file, &mnt, "state"), "mounted detached released", "{said}");
    assert_eq!(states(&file, &bound, "state"), "mounted detached", "a bind mount has no filesystem of its own");
    assert_eq!(code, Some(0), "{said}");
}

#[test]
fn names_with_slashes_and_blanks_are_selected_as_they_are_shown() {
    let namespace = Namespace::new();
    let (mnt, odd) = (namespace.text("mnt"), namespace.text("my disk"));
    fs::create_dir(&odd).unwrap();
    let recorder = namespace.record(&[]);
    for place in [&mnt, &odd] {
        namespace.done("mount", &["-t", "tmpfs", "t", place]);
        recorder.shows(&["ATTACH", &place.replace(' ', "\\\\040")]);
        namespace.done("umount", &[place]);
    }
    recorder.shows(&["UNMOUNT", "040"]);
    let file = recorder.file.clone();
    recorder.stop();
    assert_eq!(states(&file, &odd.replace(' ', "\\040"), "state"), "mounted detached released");
    let shown = statetrail().arg("show").arg(&file).arg(format!("mount/{mnt}")).output().unwrap();
    let text = String::from_utf8(shown.stdout).unwrap();
    assert!(shown.status.success() && text.contains(&format!("Mount {mnt} ")) && !text.contains("\\040"), "{text}");
    for place in [mnt, odd.replace(' ', "\\040")] {
        let line = format!("mount/{place} state: mounted -> detached -> released");
        let checked = statetrail().arg("check").arg(&file).arg("--expect").arg(&line).output().unwrap();
        assert!(checked.status.success(), "{checked:?}");
    }
}

#[test]
fn names_that_are_no_text_are_told_apart() {
    let namespace = Namespace::new();
    let recorder = namespace.record(&[]);
    for byte in [0xff, 0xfe] {
        let mut path = namespace.path("bad").into_os_string().into_vec();
        path.push(byte);
        let place = PathBuf::from(OsString::from_vec(path));
        fs::create_dir(&place).unwrap();
        let mounted = namespace.inside("mount").args(["-t", "tmpfs", "t"]).arg(&place).status().unwrap();
        recorder.shows(&["ATTACH", &format!("bad\\\\{byte:o}")]);
        let unmounted = namespace.inside("umount").arg(&place).status().unwrap();
        assert!(mounted.success() && unmounted.success());
        recorder.shows(&["UNMOUNT", &format!("bad\\\\{byte:o}")]);
    }
    let file = recorder.file.clone();
    recorder.stop();
    for name in ["bad\\377", "bad\\376"] {
        assert_eq!(states(&file, &namespace.text(name), "state"), "mounted detached released");
    }
}

#[test]
fn a_directory_above_a_mount_may_be_renamed() {
    let namespace = Namespace::new();
    let (before, after) = (namespace.text("before/mnt"), namespace.text("after/mnt"));
    fs::create_dir_all(&before).unwrap();
    let recorder = namespace.record(&[]);
    namespace.done("mount", &["-t", "tmpfs", "t", &before]);
    recorder.shows(&["ATTACH", &before]);
    namespace.done("mv", &[&namespace.text("before"), &namespace.text("after")]);
    // An event at which the table is read.
    namespace.done("mount", &["-t", "tmpfs", "t", &namespace.text("mnt")]);
    recorder.shows(&["ATTACH", &namespace.text("mnt")]);
    namespace.done("umount", &[&after]);
    recorder.shows(&["UNMOUNT", &before]);
    let file = recorder.file.clone();
    let (code, said) = recorder.stop();
    assert_eq!(states(&file, &before, "state"), "mounted detached released");
    assert_eq!(states(&file, &after, "state"), "");
    assert_eq!(code, Some(0), "{said}");
}

/// The kernel says of the mount above that it was moved when the one goes that propagation had put below it.
#[test]
fn a_mount_is_not_moved_when_another_one_goes_from_below_it() {
    let namespace = Namespace::new();
    let (from, to) = (namespace.text("mnt"), namespace.text("copy"));
    let (below, above) = (namespace.text("mnt/x"), namespace.text("copy/x"));
    fs::create_dir(&to).unwrap();
    namespace.done("mount", &["-t", "tmpfs", "t", &from]);
    namespace.done("mount", &["--make-shared", &from]);
    namespace.done("mkdir", &[&below]);
    namespace.done("mount", &["--bind", &from, &to]);
    namespace.done("mount", &["--make-slave", &to]);
    let recorder = namespace.record(&[]);
    namespace.done("mount", &["-t", "tmpfs", "above", &above]);
    recorder.shows(&["ATTACH", &above]);
    namespace.done("mount", &["-t", "tmpfs", "below", &below]);
    recorder.shows(&["ATTACH", &below]);
    namespace.done("umount", &[&below]);
    recorder.shows(&["DETACH", &below]);
    namespace.done("umount", &[&above]);
    let file = recorder.file.clone();
    until("its end is recorded", || states(&file, &above, "state").contains("released").then_some(()));
    recorder.stop();
    for line in ["never moved", "every detached then released within 10s"] {
        let expectation = format!("mount/{above} state: {line}");
        let checked = statetrail().arg("check").arg(&file).arg("--expect").arg(&expectation).output().unwrap();
        let said = String::from_utf8_lossy(&checked.stdout);
        assert!(!said.starts_with("violated"), "{said}");
    }
}

#[test]
fn a_mount_that_a_later_recorder_does_not_find_may_be_in_use() {
    let namespace = Namespace::new();
    let mnt = namespace.text("mnt");
    let recorder = namespace.record(&[]);
    namespace.done("mount", &["-t", "tmpfs", "t", &mnt]);
    let sitting = sits(&namespace, &mnt);
    recorder.shows(&["ATTACH", &mnt]);
    namespace.done("umount", &["--lazy", &mnt]);
    recorder.shows(&["HOLDERS", &mnt]);
    let file = recorder.file.clone();
    assert_eq!(recorder.stop().0, Some(0));
    // The second one does not know what the first one knew.
    for _ in 0..2 {
        assert_eq!(namespace.resume().stop().0, Some(3));
    }
    for (line, verdict) in [
        ("state: mounted -> detached for >=5s -> released", "inconclusive"),
        ("lifecycle: Present for >=6s", "inconclusive"),
        ("lifecycle: never Deleted", "inconclusive"),
        ("state: never detached", "violated"),
    ] {
        let line = format!("mount/{mnt} {line}");
        let checked = statetrail().arg("check").arg(&file).arg("--expect").arg(&line).output().unwrap();
        let text = String::from_utf8(checked.stdout).unwrap() + &String::from_utf8(checked.stderr).unwrap();
        assert!(text.starts_with(verdict), "{line}: {text}");
    }
    drop(sitting);
}

#[test]
fn the_end_of_the_process_is_said_at_once() {
    let namespace = Namespace::new();
    let process = sits(&namespace, "/");
    let mut command = statetrail();
    command.arg("record").arg(format!("mounts:/proc/{}", process.pid()));
    let recorder = namespace.start(command);
    drop(process);
    until("the end is said", || {
        fs::read_to_string(&recorder.said)
            .unwrap()
            .contains("the process has ended: nothing more is seen")
            .then_some(())
    });
    namespace.done("mount", &["-t", "tmpfs", "t", &namespace.text("mnt")]);
    recorder.shows(&["UNDECODABLE"]);
    let (code, said) = recorder.stop();
    assert_eq!(code, Some(3), "{said}");
}

#[test]
fn of_quick_mounts_each_is_told_whole_or_is_a_gap() {
    let namespace = Namespace::new();
    let mnt = namespace.text("mnt");
    let recorder = namespace.record(&[]);
    // While the recorder looks at its path, an unmount may be refused.
    let pairs = "unmount() { umount \"$0\" || umount \"$0\" || umount \"$0\"; }
        for i in $(seq 100); do mount -t tmpfs t \"$0\" && unmount \"$0\" || exit 1; done";
    namespace.done("sh", &["-c", pairs, &mnt]);
    let file = recorder.file.clone();
    let (code, said) = recorder.stop();
    let (states, gaps) = told(&file, "state");
    let of: Vec<_> = states.iter().filter(|((name, _), _)| *name == mnt).map(|(_, states)| states.join(" ")).collect();
    let text = fs::read_to_string(&file).unwrap();
    let unseen = text.lines().filter(|line| line.contains("UNDECODABLE")).count();
    let wrong: Vec<_> = of.iter().filter(|states| !"mounted detached released".starts_with(states.as_str())).collect();
    assert!(wrong.is_empty(), "{wrong:?}");
    let whole = of.iter().filter(|states| *states == "mounted detached released").count();
    assert!(of.len() <= 100 && whole + unseen >= 100, "{whole} whole, {} told, {unseen} unseen: {said}", of.len());
    assert_eq!(code, Some(if gaps == 0 { 0 } else { 3 }), "{said}");
}

#[test]
fn without_rights_the_recorder_says_so_and_every_change_is_a_gap() {
    let namespace = Namespace::new();
    let mnt = namespace.text("mnt");
    let mut command = namespace.inside("setpriv");
    command.args(["--bounding-set=-sys_admin", env!("CARGO_BIN_EXE_statetrail"), "record", "mounts:"]);
    command.env_remove("KUBECONFIG").env("HOME", "/nonexistent");
    let recorder = namespace.start(command);
    namespace.done("mount", &["-t", "tmpfs", "t", &mnt]);
    recorder.shows(&["ATTACH", &mnt]);
    namespace.done("umount", &[&mnt]);
    recorder.shows(&["UNMOUNT", &mnt]);
    let file = recorder.file.clone();
    let (code, said) = recorder.stop();
    assert!(said.contains("the kernel tells only that something was mounted or unmounted"), "{said}");
    assert_eq!(states(&file, &mnt, "state"), "mounted detached released");
    let (_, gaps) = told(&file, "state");
    assert!(gaps >= 2 && code == Some(3), "{gaps} gaps, {code:?}: {said}");
    // Whatever was mounted elsewhere at the same time may not have been seen.
    let checked =
        statetrail().arg("check").arg(&file).args(["--expect", "mount//nowhere lifecycle: never Present"]).output();
    let text = String::from_utf8(checked.unwrap().stdout).unwrap();
    assert!(!text.contains("satisfied"), "{text}");
}

#[test]
fn where_the_kernel_delivers_nothing_its_count_says_that_something_was_lost() {
    let namespace = Namespace::new();
    let mut command = Command::new("unshare");
    command.args(["--user", "--map-root-user", "--net", env!("CARGO_BIN_EXE_statetrail"), "record", "uevents:"]);
    command.env_remove("KUBECONFIG").env("HOME", "/nonexistent").stdin(Stdio::null());
    let recorder = namespace.start(command);
    let device = Loop::new(&namespace);
    recorder.shows(&["GAP", "than it delivered here"]);
    // A look shows what no event told.
    recorder.shows(&["FOUND", &format!("\"{}\"", device.name()), "\"open\":true"]);
    let file = recorder.file.clone();
    let (code, said) = recorder.stop();
    assert!(states(&file, device.name(), "state").ends_with("open"), "{said}");
    assert_eq!(code, Some(3), "{said}");
}

#[test]
fn a_process_that_is_not_there_is_refused() {
    let refused = statetrail().args(["record", "mounts:/proc/0", "-o", "-"]).output().unwrap();
    let said = String::from_utf8(refused.stderr).unwrap();
    assert!(!refused.status.success() && said.contains("/proc/0: no such process"), "{said}");
}
