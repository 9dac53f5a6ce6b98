//! A Podman of a test's own: its configuration, its storage, its service, and a recorder.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_mins(2);

pub(crate) fn statetrail() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_statetrail"));
    // No cluster is needed, and none is looked for.
    command.env_remove("KUBECONFIG").env("HOME", "/nonexistent").stdin(Stdio::null());
    command
}

#[expect(clippy::disallowed_methods, reason = "a test waits for programs in real time")]
pub(crate) fn until<T>(what: &str, mut asked: impl FnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(answer) = asked() {
            return answer;
        }
        assert!(begun.elapsed() < PATIENCE, "{what}: waited for {PATIENCE:?}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// How a Podman keeps its events.
pub(crate) enum Events {
    /// In this backend.
    In(&'static str),
    /// In a file that is rotated often.
    Rotated,
}

/// A folder with everything of one Podman.
pub(crate) struct Place(tempfile::TempDir);

impl Place {
    /// One with an image.
    pub(crate) fn new(events: &Events) -> Self {
        let events = match events {
            Events::In(backend) => format!("events_logger = \"{backend}\""),
            Events::Rotated => "events_logger = \"file\"\nevents_logfile_max_size = \"6000\"".to_owned(),
        };
        let place = Self(tempfile::tempdir().unwrap());
        for folder in ["tmp", "run", "root", "vol", "svctmp", "context", "runc"] {
            fs::create_dir(place.path(folder)).unwrap();
        }
        let at = |name: &str| place.path(name).display().to_string();
        let containers = format!(
            "[containers]\n\
             default_ulimits = [\"nofile=4096:4096\", \"nproc=4096:4096\"]\n\
             default_capabilities = [\"CHOWN\", \"DAC_OVERRIDE\", \"FOWNER\", \"KILL\", \"SETGID\", \"SETUID\"]\n\
             netns = \"host\"\n\
             log_driver = \"k8s-file\"\n\
             [engine]\n\
             cgroup_manager = \"cgroupfs\"\n\
             {events}\n\
             runtime = \"runc\"\n\
             tmp_dir = \"{}\"\n\
             volume_path = \"{}\"\n\
             image_copy_tmp_dir = \"{}\"\n\
             [engine.runtimes]\n\
             runc = [\"{}\"]\n\
             [network]\n\
             network_backend = \"cni\"\n",
            at("tmp"),
            at("vol"),
            at("svctmp"),
            at("runc.sh"),
        );
        fs::write(place.path("containers.conf"), containers).unwrap();
        // The containers of other tests are in other directories.
        let runc = format!("#!/bin/sh\nexec runc --root '{}' \"$@\"\n", at("runc"));
        fs::write(place.path("runc.sh"), runc).unwrap();
        fs::set_permissions(place.path("runc.sh"), fs::Permissions::from_mode(0o755)).unwrap();
        let storage =
            format!("[storage]\ndriver = \"overlay\"\nrunroot = \"{}\"\ngraphroot = \"{}\"\n", at("run"), at("root"));
        fs::write(place.path("storage.conf"), storage).unwrap();
        super::image::write(&place.path("bb.tar"), "localhost/bb:1");
        place.podman(&["load", "-q", "-i", &at("bb.tar")]);
        place
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new("podman");
        command
            .env("CONTAINERS_CONF", self.path("containers.conf"))
            .env("CONTAINERS_STORAGE_CONF", self.path("storage.conf"))
            .env("TMPDIR", self.path("svctmp"))
            .stdin(Stdio::null())
            .stdout(Stdio::null());
        command
    }

    /// Podman is asked for something, which succeeds.
    pub(crate) fn podman(&self, arguments: &[&str]) {
        self.asked(arguments, 0);
    }

    /// Podman is asked for something, and ends with a code.
    pub(crate) fn asked(&self, arguments: &[&str], code: i32) {
        self.begin(arguments).ends(code);
    }

    /// Podman is asked for something.
    pub(crate) fn begin(&self, arguments: &[&str]) -> Asked {
        // A container inherits the descriptors: with pipes, its end would be waited for.
        let said = tempfile::NamedTempFile::new_in(self.path("svctmp")).unwrap();
        let mut command = self.command();
        command.args(arguments).stderr(said.reopen().unwrap());
        let child = command.spawn().expect("no podman; install it: apt-get install podman runc busybox-static");
        Asked { child, said, of: format!("podman {arguments:?}") }
    }

    /// The service is asked at a socket, as by a client on another machine.
    pub(crate) fn remotely(&self, socket: &str, arguments: &[&str]) -> Asked {
        let url = format!("unix://{}", self.path(socket).display());
        self.begin(&[&["--remote", "--url", &url], arguments].concat())
    }

    /// Builds an image with one step.
    pub(crate) fn build(&self, name: &str, step: &str, code: i32) {
        let context = self.path("context");
        fs::write(context.join("Containerfile"), format!("FROM localhost/bb:1\nRUN {step}\n")).unwrap();
        self.asked(&["build", "-q", "--no-cache", "-t", name, context.to_str().unwrap()], code);
    }

    /// Starts the service, and waits until it listens.
    pub(crate) fn serve(&self) -> Service {
        let socket = self.path("podman.sock");
        let _ = fs::remove_file(&socket);
        let mut command = self.command();
        command.args(["system", "service", "--time=0"]).arg(format!("unix://{}", socket.display()));
        let said = fs::File::create(self.path("service.said")).unwrap();
        let service = Service(command.stderr(said).spawn().unwrap());
        until("the service listens", || std::os::unix::net::UnixStream::connect(&socket).ok());
        service
    }

    /// Starts a recorder, and waits until it has attached.
    pub(crate) fn record(&self, flags: &[&str]) -> Recorder {
        let (file, ready, said) = (self.path("run.jsonl"), self.path("ready"), self.path("said"));
        let _ = fs::remove_file(&ready);
        let mut command = statetrail();
        command.arg("record").arg("--ready-file").arg(&ready).stdout(Stdio::null());
        command.stderr(fs::File::create(&said).unwrap());
        if flags.contains(&"--resume") {
            command.arg("--resume").arg(&file);
        } else {
            command.arg(format!("libpod:{}", self.path("podman.sock").display())).arg("-o").arg(&file).args(flags);
        }
        let recorder = Recorder::of(command, file, said);
        until("the recorder attaches", || ready.exists().then_some(()));
        recorder
    }
}

impl Place {
    /// Ends the monitors of `exec`, which wait for five minutes, and would write into the folder then.
    fn end_monitors(&self) {
        let folder = self.0.path().display().to_string();
        for process in fs::read_dir("/proc").into_iter().flatten().flatten() {
            let line = fs::read(process.path().join("cmdline")).unwrap_or_default();
            let mut words = line.split(|byte| *byte == 0).map(String::from_utf8_lossy);
            let is_monitor = words.next().is_some_and(|program| program.ends_with("conmon"));
            let id = process.file_name().to_str().and_then(|id| rustix::process::Pid::from_raw(id.parse().ok()?));
            if let Some(id) = id.filter(|_| is_monitor && words.any(|word| word.starts_with(&folder))) {
                let _ = rustix::process::kill_process(id, rustix::process::Signal::KILL);
            }
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let all = ["rm", "-f", "-a", "-t", "0"];
        let _ = self.command().args(all).stderr(Stdio::null()).status();
        self.end_monitors();
        let mounts = fs::read_to_string("/proc/self/mountinfo").unwrap_or_default();
        let below = |line: &str| line.split(' ').nth(4).map(PathBuf::from).filter(|at| at.starts_with(self.0.path()));
        let mut mounts: Vec<PathBuf> = mounts.lines().filter_map(below).collect();
        mounts.reverse();
        for mount in mounts {
            let _ = rustix::mount::unmount(&mount, rustix::mount::UnmountFlags::DETACH);
        }
    }
}

/// Something that Podman was asked for.
pub(crate) struct Asked {
    child: Child,
    said: tempfile::NamedTempFile,
    of: String,
}

impl Asked {
    /// It ends with a code; returns what it said.
    pub(crate) fn ends(mut self, code: i32) -> String {
        let status = until(&self.of, || self.child.try_wait().unwrap());
        let said = fs::read_to_string(self.said.path()).unwrap();
        assert_eq!(status.code(), Some(code), "{}: {said}", self.of);
        said
    }
}

impl Drop for Asked {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Podman's service.
pub(crate) struct Service(Child);

impl Service {
    pub(crate) fn signal(&self, signal: rustix::process::Signal) {
        rustix::process::kill_process(rustix::process::Pid::from_child(&self.0), signal).unwrap();
    }

    /// Ends it at once.
    pub(crate) fn kill(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }

    /// Ends it.
    pub(crate) fn stop(&mut self) {
        let _ = rustix::process::kill_process(rustix::process::Pid::from_child(&self.0), rustix::process::Signal::TERM);
        until("the service ends", || self.0.try_wait().unwrap());
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        self.kill();
    }
}

pub(crate) struct Recorder {
    child: Child,
    pub(crate) file: PathBuf,
    said: PathBuf,
}

impl Recorder {
    pub(crate) fn of(mut command: Command, file: PathBuf, said: PathBuf) -> Self {
        Self { child: command.spawn().unwrap(), file, said }
    }

    /// Ends it at once.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// The most memory that it ever had, in KiB.
    pub(crate) fn peak(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
        peak.trim().trim_end_matches(" kB").parse().unwrap()
    }

    /// Stops it, and returns its exit code and what it said.
    pub(crate) fn stop(mut self) -> (Option<i32>, String) {
        let pid = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(pid, rustix::process::Signal::INT).unwrap();
        let status = until("the recorder ends", || self.child.try_wait().unwrap());
        (status.code(), fs::read_to_string(&self.said).unwrap())
    }

    /// True when a text was recorded.
    pub(crate) fn has(&self, text: &str) -> bool {
        fs::read_to_string(Path::new(&self.file)).unwrap_or_default().contains(text)
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
