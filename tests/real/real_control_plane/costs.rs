//! The cost of reading history back: figures for docs/ARCHITECTURE.md, on demand.
//!
//! `cargo nextest run --run-ignored only -E 'test(costs)' --no-capture`

use serde_json::json;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::{Duration, Instant};
use tempfile::TempDir;

use crate::cluster::Writer;
use crate::cluster::{ADMIN, Apiserver, BUSYBOX, ControlPlane, Options, pod};
use crate::recorder::process::{Recorder, run};

/// CPU seconds of an API server so far, from its own metric.
fn cpu(server: &Apiserver) -> f64 {
    let metrics = server.kubectl_ok(&["get", "--raw=/metrics"]);
    let line = metrics.lines().find_map(|line| line.strip_prefix("process_cpu_seconds_total "));
    line.and_then(|seconds| seconds.parse().ok()).expect("API servers export it")
}

fn cost(printed: &str) -> &str {
    printed.lines().rfind(|line| line.contains("requests to history")).expect("printed with -v")
}

#[test]
#[ignore = "measures, and proves nothing"]
fn healing() {
    let plane = ControlPlane::start(Options::default());
    let second = plane.second_apiserver();
    let writer = Writer::new(&second.kubeconfig(ADMIN));
    let mut recorder = Recorder::attached(&plane.kubeconfig(ADMIN), &["-v", "pods"]);
    let mut pods: Vec<_> = (0..10)
        .map(|number| writer.create("Pod", "default", &pod(&format!("pod-{number}"), BUSYBOX, &["sleep", "1"])))
        .collect();
    recorder.await_lines("events", 10, |line| line["type"] == "ADDED");
    for (round, versions) in [10, 100, 1000].into_iter().enumerate() {
        plane.kill_apiserver();
        for turn in 0..versions {
            let index = turn % pods.len();
            pods[index] = writer.write_status("Pod", pods[index].clone(), &json!({"message": turn.to_string()}));
        }
        // Frozen, so that the work of the server's start is not counted.
        recorder.signal(rustix::process::Signal::STOP);
        plane.restart_apiserver();
        let before = cpu(plane.apiserver());
        recorder.signal(rustix::process::Signal::CONT);
        recorder.await_lines("healing", round + 1, |line| line["type"] == "HEALED");
        let spent = cpu(plane.apiserver()) - before;
        println!("{versions} versions of 10 objects: {}; server CPU {spent:.2} s", cost(&recorder.told()));
    }
    recorder.stop().assert_verified();
}

#[test]
#[ignore = "measures, and proves nothing"]
fn recovering() {
    for objects in [10, 100, 1000] {
        let plane = ControlPlane::start(Options::default());
        let writer = Writer::new(&plane.kubeconfig(ADMIN));
        for number in 0..objects {
            let pod = writer.create("Pod", "default", &pod(&format!("pod-{number}"), BUSYBOX, &["sleep", "1"]));
            writer.write_status("Pod", pod, &json!({"phase": "Running"}));
        }
        let before = cpu(plane.apiserver());
        let folder = TempDir::new().expect("a temporary folder");
        let file = folder.path().join("run.jsonl").display().to_string();
        let ended = run(&plane.kubeconfig(ADMIN), &["recover", "-v", "--since", "5m", "-o", &file, "pods"]);
        let spent = cpu(plane.apiserver()) - before;
        println!("{objects} objects, recovered: {}; server CPU {spent:.2} s", cost(&ended.stderr));
    }
}

/// How long an end takes during writes, and whether it is proven.
#[test]
#[ignore = "measures, and proves nothing"]
#[expect(clippy::disallowed_methods, reason = "it measures real time")]
fn fencing() {
    let plane = ControlPlane::start(Options::default());
    // All writes are in `default`, which is the watched namespace or another.
    for (what, watched, writers) in
        [("quiet", "default", 0), ("others", "kube-system", 1), ("others", "kube-system", 8), ("watched", "default", 8)]
    {
        let setup = Writer::new(&plane.kubeconfig(ADMIN));
        let name = |writer: usize| format!("{what}-{writers}-{writer}");
        let pods: Vec<_> = (0..writers)
            .map(|writer| setup.create("Pod", "default", &pod(&name(writer), BUSYBOX, &["sleep", "1"])))
            .collect();
        let recorder = Recorder::attached(&plane.kubeconfig(ADMIN), &["pods", "-n", watched]);
        let (over, written) = (AtomicBool::new(false), AtomicU32::new(0));
        std::thread::scope(|scope| {
            for mut pod in pods {
                let (over, written, kubeconfig) = (&over, &written, plane.kubeconfig(ADMIN));
                scope.spawn(move || {
                    let writer = Writer::new(&kubeconfig);
                    while !over.load(Ordering::Relaxed) {
                        let turn = written.fetch_add(1, Ordering::Relaxed);
                        pod = writer.write_status("Pod", pod, &json!({"message": turn.to_string()}));
                    }
                });
            }
            let begun = Instant::now();
            std::thread::sleep(Duration::from_secs(3));
            let rate = f64::from(written.load(Ordering::Relaxed)) / begun.elapsed().as_secs_f64();
            let begun = Instant::now();
            recorder.signal(rustix::process::Signal::TERM);
            let (ended, _folder) = recorder.wait();
            let (took, code) = (begun.elapsed(), ended.code);
            over.store(true, Ordering::Relaxed);
            let words = ended.stderr.lines().find(|line| line.contains("not whole")).unwrap_or("whole").to_owned();
            println!("{what}, {writers} writers, {rate:.0} writes a second: {took:.2?}, exit {code:?}: {words}");
        });
    }
}
