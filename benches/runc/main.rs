//! What it costs to record 1,000 containers of runc a minute.
//!
//! `cargo bench --bench runc`, as root where groups can be made. The containers are simulated: files of the same names,
//! groups with a freezer, and real processes, which is all that the recorder sees of them, without the half a core that
//! runc itself would take. The recorder is the program, in a process of its own, of which the CPU time is read.

#[path = "../../tests/runc/simulated.rs"]
mod simulated;

use simulated::Container;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Containers that begin in a minute.
const A_MINUTE: u32 = 1_000;
/// For how long.
const FOR: Duration = Duration::from_mins(1);
/// How many are alive at once.
const AT_ONCE: u32 = 3;
/// Between two steps of a life.
const BETWEEN: Duration = Duration::from_millis(25);
/// Without any container.
const IDLE: Duration = Duration::from_secs(10);

#[expect(clippy::disallowed_methods, reason = "a benchmark measures time")]
fn main() {
    let folder = std::env::temp_dir().join(format!("statetrail-bench-runc-{}", std::process::id()));
    let state = folder.join("state");
    fs::create_dir_all(&state).expect("a folder");
    let groups = Path::new("/sys/fs/cgroup/freezer").join(format!("statetrail-bench-{}", std::process::id()));
    let groups = fs::create_dir(&groups).ok().map(|()| groups);
    if groups.is_none() {
        println!("no group of cgroup v1 can be made: without groups");
    }
    let mut recorder = start(&folder, &state);
    let before = cpu_seconds(&recorder);
    std::thread::sleep(IDLE);
    let idle = cpu_seconds(&recorder);
    let begun = Instant::now();
    let lives: u32 = std::thread::scope(|scope| {
        let of_one = |of| live(&state, groups.as_deref(), of, begun);
        let threads: Vec<_> = (0..AT_ONCE).map(|of| scope.spawn(move || of_one(of))).collect();
        threads.into_iter().map(|thread| thread.join().expect("containers can be made")).sum()
    });
    let (took, busy) = (begun.elapsed(), cpu_seconds(&recorder));
    drop(recorder.stdin.take());
    let status = recorder.wait().expect("it ends");
    let recorded = fs::read_to_string(folder.join("run.jsonl")).expect("a recording");
    let count = |word: &str| recorded.lines().filter(|line| line.contains(word)).count();
    let (seconds, cpu) = (took.as_secs_f64(), busy - idle);
    println!("{lives} containers in {seconds:.1} s, {:.0} a minute", f64::from(lives) * 60.0 / seconds);
    println!(
        "recorder: {cpu:.2} s of CPU, {:.2} % of a core, {:.2} ms for each; {:.2} % while idle",
        cpu / seconds * 100.0,
        cpu * 1000.0 / f64::from(lives),
        (idle - before) / IDLE.as_secs_f64() * 100.0
    );
    let (events, gaps) = (count("\"type\":\"RAW\""), count("\"type\":\"UNDECODABLE\"") + count("\"type\":\"GAP\""));
    println!("{events} events and {gaps} gaps recorded; {status}");
    groups.iter().for_each(|groups| fs::remove_dir(groups).expect("nothing is left in it"));
    fs::remove_dir_all(&folder).expect("nothing else uses it");
}

/// A recorder that has attached, and ends when its command does, which ends with its input.
fn start(folder: &Path, state: &Path) -> Child {
    let ready: PathBuf = folder.join("ready");
    let mut command = Command::new(env!("CARGO_BIN_EXE_statetrail"));
    command.arg("record").arg(format!("runc:{}", state.display())).arg("-o").arg(folder.join("run.jsonl"));
    command.arg("--ready-file").arg(&ready).args(["--", "cat"]);
    let recorder =
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it starts");
    while !ready.exists() {
        std::thread::sleep(Duration::from_millis(10));
    }
    recorder
}

/// One life after another, at the pace; returns how many.
#[expect(clippy::disallowed_methods, reason = "a benchmark measures time")]
fn live(state: &Path, groups: Option<&Path>, of: u32, begun: Instant) -> u32 {
    let mut lives = 0;
    loop {
        let at = Duration::from_mins(1) * (lives * AT_ONCE + of) / A_MINUTE;
        if at >= FOR {
            return lives;
        }
        std::thread::sleep((begun + at).saturating_duration_since(Instant::now()));
        let pause = || std::thread::sleep(BETWEEN);
        let mut container = Container::create(state, groups, &format!("c{of}-{lives}"), pause).expect("a container");
        container.start().expect("it starts");
        pause();
        container.end().expect("it ends");
        pause();
        container.remove().expect("it is removed");
        lives += 1;
    }
}

/// The CPU time of a process, of all its threads.
fn cpu_seconds(process: &Child) -> f64 {
    let stat = fs::read_to_string(format!("/proc/{}/stat", process.id())).expect("Linux");
    let rest = stat.rsplit_once(')').expect("a name").1;
    let ticks: f64 =
        rest.split_ascii_whitespace().skip(11).take(2).map(|ticks| ticks.parse::<f64>().expect("ticks")).sum();
    ticks / 100.0
}
