//! The program as a process: what can only happen to a process.

use super::attachments::appears;
use super::bounded;
use super::recorder::Scene;
use super::truth::{Truth, object, pods};
use crate::recorder::Recording;
use crate::recorder::process::{PROGRAM, ended, signal, statetrail};
use statetrail::expectation::{Program, Source, Verdict};
use statetrail::observation::{Change, Payload};
use statetrail::recording::Reader;
use statetrail::run;
use std::path::Path;
use std::process::{Output, Stdio};
use std::sync::Arc;
use std::time::Duration;
use tokio::process::Command;

/// `statetrail record`, killed when the test ends.
pub(super) fn recording(scene: &Scene, arguments: &[&str]) -> Command {
    let mut command = statetrail(["record"]);
    command.args(arguments).arg("--kubeconfig").arg(scene.path("kubeconfig"));
    command
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn events_while_the_process_is_stopped_are_recorded_as_late() {
    // Longer than the state has to be for the verdict below; and the shortest that is noticed, and some.
    let verdict = stopped(Duration::from_millis(1500)).await;
    assert_eq!(verdict, Verdict::Inconclusive);
    stopped(Duration::from_millis(110)).await;
}

/// Stops the process for so long; gives the verdict on how long a state lasted meanwhile.
async fn stopped(length: Duration) -> Verdict {
    let mut truth = Truth::new();
    let scene = Scene::new(&truth);
    let path = scene.path("run.jsonl");
    let file = path.to_str().expect("UTF-8").to_owned();
    let child = recording(&scene, &["pods", "-A", "-o", &file]).spawn().expect("the program");
    bounded("the watch", scene.server.until(|server| server.open_watches() == 1)).await;
    truth.put("a", "Pending");
    let recorded = |name: &'static str, phase: &'static str| {
        let path = path.clone();
        async move {
            let is_it = |what: &Payload| matches!(what, Payload::Object(seen) if seen.object.name == name && seen.object.json.get().contains(phase));
            bounded(phase, async {
                while !std::fs::metadata(&path).is_ok_and(|file| file.len() > 0)
                    || !Reader::open(&path).is_ok_and(|mut reader| {
                        reader.any(|record| record.is_ok_and(|record| is_it(&record.observation.payload)))
                    })
                {
                    tokio::time::sleep(Duration::from_millis(5)).await;
                }
            })
            .await;
        }
    };
    recorded("a", "Pending").await;
    signal(&child, rustix::process::Signal::STOP);
    // The signal takes effect with a delay.
    let status = format!("/proc/{}/status", child.id().expect("it runs"));
    let is_stopped = || std::fs::read_to_string(&status).is_ok_and(|text| text.contains("State:\tT"));
    bounded("the stop", async {
        while !is_stopped() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    })
    .await;
    let stopped = now();
    truth.put("a", "Running");
    // Not to wait for anything: the process must not run for longer than it may be late.
    tokio::time::sleep(length).await;
    truth.put("a", "Failed");
    let woken = now();
    signal(&child, rustix::process::Signal::CONT);
    recorded("a", "Failed").await;
    signal(&child, rustix::process::Signal::TERM);
    let output = ended(child).await;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let outcome = Recording::read(&path);
    outcome.assert_whole(&truth, "stopped");
    for phase in ["Running", "Failed"] {
        let recorded = outcome.records.iter().find_map(|record| match &record.observation.payload {
            Payload::Object(seen) if seen.object.json.get().contains(phase) => {
                Some((seen.not_before, record.observation.stamp.at))
            }
            _ => None,
        });
        let (not_before, at) = recorded.expect("it was recorded");
        assert!(at >= woken, "{phase}: {at} {woken}");
        assert!(not_before.is_some_and(|not_before| not_before <= stopped), "{phase}: {not_before:?} {stopped}");
    }
    let expectation = "pod/a phase: Pending -> Running for <1s -> Failed";
    let program = Program::compile([Source::Line { name: "--expect", text: expectation }]).expect("it is one");
    let outcomes =
        run::judge(Reader::open(&path).expect("a recording"), Arc::new(program)).expect("it is read").outcomes;
    outcomes[0].standing.verdict
}

/// Pseudorandom numbers, the same in every run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % bound
    }
}

/// How often it is killed.
const KILLS: usize = 60;

async fn killed_again_and_again(name: &str) {
    let mut truth = Truth::new();
    let scene = Scene::new(&truth);
    let path = scene.path(name);
    let file = path.to_str().expect("UTF-8").to_owned();
    let mut numbers = Numbers(0x9e37_79b9_7f4a_7c15);
    let mut kept = Vec::new();
    let ready = scene.path("ready");
    for kill in 0..KILLS {
        let mut arguments = vec!["--resume", &file];
        if kill == 0 {
            arguments = vec!["pods", "-A", "-o", &file, "--ready-file", ready.to_str().expect("UTF-8")];
        }
        let mut child = recording(&scene, &arguments).spawn().expect("the program");
        // The first time, it must not be killed before it has attached: what is cut off then is unknown.
        if kill == 0 {
            bounded("the ready file", appears(&ready)).await;
        } else if numbers.below(4) > 0 {
            let begun = |server: &statetrail::replay::Server| server.open_watches() == 1;
            bounded("the watch", scene.server.until(begun)).await;
        }
        for _ in 0..numbers.below(4) {
            truth.story(1 + usize::try_from(numbers.below(9)).expect("small"));
            // Not a wait for a state: it is to be killed at any point of its work.
            tokio::time::sleep(Duration::from_micros(numbers.below(4000))).await;
        }
        signal(&child, rustix::process::Signal::KILL);
        bounded("its death", child.wait()).await.expect("it was started");
        bounded("the watch's end", scene.server.until(|server| server.open_watches() == 0)).await;
        let outcome = Recording::read(&path);
        assert!(outcome.records.len() >= kept.len(), "kill {kill}: {} lines", outcome.records.len());
        assert_eq!(outcome.records[..kept.len()], kept[..], "kill {kill}: earlier lines are unchanged");
        outcome.assert_once(name);
        kept = outcome.records;
    }
    let outcome = scene.resume(&path).await.finish().await;
    outcome.assert_whole(&truth, name);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_recorder_killed_at_any_moment_resumes_without_a_loss() {
    killed_again_and_again("run.jsonl").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_recorder_killed_at_any_moment_resumes_a_compressed_file() {
    killed_again_and_again("run.jsonl.zst").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sigterm_fences_and_ends_and_what_follows_is_resumed_without_a_gap() {
    let mut truth = Truth::new();
    let scene = Scene::new(&truth);
    let path = scene.path("run.jsonl");
    let file = path.to_str().expect("UTF-8").to_owned();
    for arguments in [&["pods", "-A", "-o", &file][..], &["--resume", &file]] {
        let child = recording(&scene, arguments).spawn().expect("the program");
        bounded("the watch", scene.server.until(|server| server.open_watches() == 1)).await;
        truth.story(10);
        signal(&child, rustix::process::Signal::TERM);
        let output = ended(child).await;
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        Recording::read(&path).assert_whole(&truth, &arguments.join(" "));
        bounded("the watch's end", scene.server.until(|server| server.open_watches() == 0)).await;
        truth.story(3);
    }
}

/// A disk that hangs: every sync blocks forever.
const HANGING: &str = r#"
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>
static int hang(void) { close(open(getenv("HANGS"), O_CREAT | O_WRONLY, 0600)); for (;;) pause(); }
int fsync(int file) { return hang(); }
int fdatasync(int file) { return hang(); }
"#;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_signal_ends_the_program_although_the_disk_hangs() {
    let scene = Scene::new(&Truth::new());
    let (source, library, hangs) = (scene.path("hanging.c"), scene.path("hanging.so"), scene.path("hangs"));
    std::fs::write(&source, HANGING).expect("a file");
    // The compiler that linked this test can build it.
    let compiled = Command::new("cc").args(["-shared", "-fPIC", "-o"]).arg(&library).arg(&source).output().await;
    let compiled = compiled.expect("cc");
    assert!(compiled.status.success(), "{}", String::from_utf8_lossy(&compiled.stderr));
    let path = scene.path("run.jsonl");
    let mut command = recording(&scene, &["pods", "-A", "--sync", "always", "-o", path.to_str().expect("UTF-8")]);
    let mut child = command.env("LD_PRELOAD", &library).env("HANGS", &hangs).spawn().expect("the program");
    bounded("the disk", async {
        while !hangs.exists() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    })
    .await;
    signal(&child, rustix::process::Signal::INT);
    signal(&child, rustix::process::Signal::TERM);
    let ended = tokio::time::timeout(Duration::from_secs(5), child.wait()).await;
    assert_eq!(ended.expect("it ends").expect("it was started").code(), Some(4));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_recording_that_verify_does_not_call_whole_exits_3_and_says_why() {
    let mut truth = Truth::new();
    let scene = Scene::new(&truth);
    let path = scene.path("run.jsonl");
    let child = recording(&scene, &["pods", "-A", "-o", path.to_str().expect("UTF-8")]).spawn().expect("the program");
    bounded("the watch", scene.server.until(|server| server.open_watches() == 1)).await;
    truth.story(5);
    // A container list that is a number: the object's identity can be read, and no more.
    let odd = object("odd", "uid-odd", "Unseen").replace(r#""status""#, r#""spec":{"containers":7},"status""#);
    truth.store.write(&pods(), Change::Modified, odd.as_bytes()).expect("an object");
    signal(&child, rustix::process::Signal::TERM);
    let output = ended(child).await;
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(3), "{stderr}");
    let verified = Recording::read(&path).verified;
    let [problem] = &verified.watches[0].problems[..] else { panic!("one problem: {verified:#?}") };
    assert!(stderr.contains(&format!("not whole: {problem}")), "{stderr}");
    assert!(!stderr.contains("whole: every change"), "{stderr}");
}

/// Asserts the end after a failed write: exit code 4, a message with the remedy, and a file that is readable up to there.
fn assert_stopped(output: &Output, path: &Path, what: &str, remedy: &str) {
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(4), "{what}: {stderr}");
    for words in ["write recording", "stays readable", remedy, "--resume"] {
        assert!(stderr.contains(words), "{what}: {stderr}");
    }
    let outcome = Recording::read(path);
    assert!(outcome.records.len() > 50, "{what}: {} lines", outcome.records.len());
    assert!(!outcome.verified.complete);
}

/// Writes more than a small disk holds, and the rest after the disk has grown.
async fn outgrows(name: &str, shell: &str, remedy: &str) {
    let mut truth = Truth::new();
    let scene = Scene::new(&truth);
    let path = scene.path(name);
    let mut command = Command::new("sh");
    command.args(["-c", shell, "sh", PROGRAM]).arg(&path).arg(scene.path("kubeconfig"));
    command.kill_on_drop(true).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let child = command.spawn().expect("a shell");
    bounded("the watch", scene.server.until(|server| server.open_watches() == 1)).await;
    // Text that does not compress, so that compressed files outgrow the disk, too.
    let mut numbers = Numbers(88_172_645_463_325_252);
    for turn in 0..1500 {
        truth.put("a", &format!("Phase{turn}x{:016x}{:016x}", numbers.below(u64::MAX), numbers.below(u64::MAX)));
    }
    assert_stopped(&ended(child).await, &path, name, remedy);
    bounded("the watch's end", scene.server.until(|server| server.open_watches() == 0)).await;
    scene.resume(&path).await.finish().await.assert_whole(&truth, name);
}

/// The size of files is limited, which needs no privileges.
const LIMITED: &str = "ulimit -f 64; exec \"$1\" record pods -A -o \"$2\" --kubeconfig \"$3\"";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_size_limit_ends_the_program_with_a_message_and_exit_code_4() {
    outgrows("run.jsonl", LIMITED, "raise the file size limit (`ulimit -f`)").await;
    outgrows("run.jsonl.zst", LIMITED, "raise the file size limit (`ulimit -f`)").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_ends_the_program_with_a_message_and_exit_code_4() {
    if !rustix::process::geteuid().is_root() {
        eprintln!("skipped: mounting a disk needs root; the test with limited files covers this");
        return;
    }
    // In a mount namespace of its own: the disk disappears with the process.
    let full = "dir=$(dirname \"$2\")/disk; mkdir \"$dir\" && mount -t tmpfs -o size=128k none \"$dir\" || exit 77; \
                \"$1\" record pods -A -o \"$dir/run.jsonl\" --kubeconfig \"$3\"; code=$?; cp \"$dir/run.jsonl\" \"$2\"; exit $code";
    outgrows(
        "run.jsonl",
        &format!("exec unshare -m sh -c '{}' sh \"$@\"", full.replace('\'', "'\\''")),
        "free some space",
    )
    .await;
}

#[expect(clippy::disallowed_methods, reason = "the test compares its own clock with the recorder's")]
fn now() -> jiff::Timestamp {
    jiff::Timestamp::now()
}
