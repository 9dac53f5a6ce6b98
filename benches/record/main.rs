//! From socket to file, compared with the plain program that anyone would write with kube-rs, in the same run.
//!
//! `cargo bench --bench record`. One scripted server process sends 50,000 pod events of 3.4 KB, each of which is
//! appended to a file. The server holds back its response until all events exist, so that it is never the bottleneck.
//! Both programs run as processes of their own, in turns; a rate counts from the first event to the last one on disk
//! (ours: recorded, folded and fsynced). No figure is asserted: machines differ, and the ratio is what matters.

mod ours;
mod peak;
mod plain;
mod server;
mod stream;

use std::process::{Command, Stdio};

/// Events in a run.
const EVENTS: usize = 50_000;
/// Pairs of runs that are counted.
const PAIRS: usize = 5;

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    match arguments.get(1).map(String::as_str) {
        Some("serve") => server::serve(arguments.get(2).is_some_and(|mode| mode == "gap")),
        Some("ours") => ours::run(&arguments[2]),
        Some("plain") => plain::run(&arguments[2]),
        Some("judged") => ours::judged(&arguments[2]),
        Some("judged-by-the-fold") => ours::judged_by_the_fold(&arguments[2]),
        _ => {
            compare();
            judge();
        }
    }
}

/// The figures that a run prints.
#[derive(Clone, Copy)]
struct Figures {
    events_per_second: f64,
    peak_mib: f64,
    cpu_seconds: f64,
}

fn compare() {
    println!("{EVENTS} pod events of {} bytes, from socket to file, on {} CPUs", stream::size(), cpus());
    let (mut ours, mut plain) = (Vec::new(), Vec::new());
    for pair in 0..=PAIRS {
        let (a, b) = (measure("ours", "plain"), measure("plain", "plain"));
        // The first pair warms up.
        if pair > 0 {
            println!(
                "  pair {pair}: statetrail {:7.0} events/s, plain kube-rs {:7.0} events/s, ratio {:.2}",
                a.events_per_second,
                b.events_per_second,
                a.events_per_second / b.events_per_second
            );
            ours.push(a);
            plain.push(b);
        }
    }
    show("statetrail", &ours);
    show("plain kube-rs", &plain);
    let mut ratios: Vec<f64> =
        ours.iter().zip(&plain).map(|(a, b)| a.events_per_second / b.events_per_second).collect();
    ratios.sort_by(f64::total_cmp);
    println!("ratio: {:.2} (min {:.2}, max {:.2})", ratios[PAIRS / 2], ratios[0], ratios[PAIRS - 1]);
}

fn show(name: &str, runs: &[Figures]) {
    let median = |figure: fn(&Figures) -> f64| {
        let mut figures: Vec<f64> = runs.iter().map(figure).collect();
        figures.sort_by(f64::total_cmp);
        figures[figures.len() / 2]
    };
    println!(
        "{name}: median {:.0} events/s, peak memory {:.0} MiB, {:.2} s of CPU",
        median(|run| run.events_per_second),
        median(|run| run.peak_mib),
        median(|run| run.cpu_seconds),
    );
}

/// Measures what a thousand expectations cost while a gap is open.
fn judge() {
    let (mut thread, mut fold) = (Vec::new(), Vec::new());
    for _ in 0..PAIRS {
        let alone = measure("ours", "plain").events_per_second;
        thread.push(measure("judged", "gap").events_per_second / alone);
        fold.push(measure("judged-by-the-fold", "gap").events_per_second / alone);
    }
    for (name, ratios) in [("a thread of their own", &mut thread), ("the fold", &mut fold)] {
        ratios.sort_by(f64::total_cmp);
        println!(
            "1,000 expectations with an open gap, judged by {name}: {:.2} of the rate without (min {:.2}, max {:.2})",
            ratios[PAIRS / 2],
            ratios[0],
            ratios[PAIRS - 1]
        );
    }
}

#[expect(clippy::cast_precision_loss, reason = "50,000 is exact")]
fn measure(who: &str, mode: &str) -> Figures {
    let program = std::env::current_exe().expect("this program has a path");
    let mut server = Command::new(&program)
        .args(["serve", mode])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the server starts");
    let url = server::url_of(&mut server);
    let output = Command::new(&program).args([who, &url]).stderr(Stdio::inherit()).output().expect("the program runs");
    drop(server.stdin.take());
    server.wait().expect("the server ends");
    assert!(output.status.success(), "{who} failed");
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    let numbers: Vec<f64> = text.split_whitespace().map(|word| word.parse().expect("a number")).collect();
    Figures { events_per_second: (EVENTS - 1) as f64 / numbers[0], peak_mib: numbers[1], cpu_seconds: numbers[2] }
}

fn cpus() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}
