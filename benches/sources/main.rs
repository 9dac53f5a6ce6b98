//! What it costs to record 1,000 containers of runc a minute, and 10,000 mounts and unmounts.
//!
//! `cargo bench --bench sources`, as root; `-- runc` or `-- mounts` does one of them. The recorder is the program, in a
//! process of its own, of which the CPU time is read.

mod mounts;
mod runc;

use rustix::process::{Pid, Signal};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// For how long events come.
const FOR: Duration = Duration::from_mins(1);
/// Without any.
const IDLE: Duration = Duration::from_secs(10);

fn main() {
    let asked: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with('-')).collect();
    let is_asked = |name: &str| asked.is_empty() || asked.iter().any(|asked| asked == name);
    let folder = std::env::temp_dir().join(format!("statetrail-bench-sources-{}", std::process::id()));
    fs::create_dir_all(&folder).expect("a folder");
    if is_asked("runc") {
        runc::measure(&folder);
    }
    if is_asked("mounts") {
        mounts::measure(&folder);
    }
    fs::remove_dir_all(&folder).expect("nothing else uses it");
}

/// A recorder that has attached.
struct Recorder {
    process: Child,
    file: PathBuf,
}

impl Recorder {
    fn start(folder: &Path, source: &str) -> Self {
        let (ready, file) = (folder.join("ready"), folder.join("run.jsonl"));
        let mut command = Command::new(env!("CARGO_BIN_EXE_statetrail"));
        command.arg("record").arg(source).arg("-o").arg(&file).arg("--ready-file").arg(&ready);
        let process =
            command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it starts");
        while !ready.exists() {
            std::thread::sleep(Duration::from_millis(10));
        }
        fs::remove_file(&ready).expect("it is there");
        Self { process, file }
    }

    /// Prints what it costs while nothing happens, and while `events` makes so many of `what`.
    #[expect(clippy::disallowed_methods, reason = "a benchmark measures time")]
    fn measure(mut self, what: &str, events: impl FnOnce() -> u32) {
        let before = self.cpu_seconds();
        std::thread::sleep(IDLE);
        let (idle, begun) = (self.cpu_seconds(), Instant::now());
        let made = f64::from(events());
        let (seconds, cpu) = (begun.elapsed().as_secs_f64(), self.cpu_seconds() - idle);
        rustix::process::kill_process(Pid::from_child(&self.process), Signal::INT).expect("it runs");
        let status = self.process.wait().expect("it ends");
        let recorded = fs::read_to_string(&self.file).expect("a recording");
        fs::remove_file(&self.file).expect("it is there");
        let count = |word: &str| recorded.lines().filter(|line| line.contains(word)).count();
        println!("{made} {what} in {seconds:.1} s, {:.0} a minute", made * 60.0 / seconds);
        println!(
            "recorder: {cpu:.2} s of CPU, {:.2} % of a core, {:.3} ms for each; {:.2} % while idle",
            cpu / seconds * 100.0,
            cpu * 1000.0 / made,
            (idle - before) / IDLE.as_secs_f64() * 100.0
        );
        let (events, gaps) = (count("\"type\":\"RAW\""), count("\"type\":\"UNDECODABLE\"") + count("\"type\":\"GAP\""));
        println!("{events} events and {gaps} gaps recorded; {status}");
    }

    /// The CPU time of all its threads.
    fn cpu_seconds(&self) -> f64 {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.process.id())).expect("Linux");
        let rest = stat.rsplit_once(')').expect("a name").1;
        let ticks: f64 =
            rest.split_ascii_whitespace().skip(11).take(2).map(|ticks| ticks.parse::<f64>().expect("ticks")).sum();
        ticks / 100.0
    }
}
