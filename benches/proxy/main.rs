//! What a proxy adds to a call: the same calls directly and through the recorder, in turns, in the same run.
//!
//! `cargo bench --bench proxy`, as root, with Debian's podman, runc and busybox-static. The runtime of CRI is the
//! stand-in of the tests, the service of Podman is the real one. Each client keeps a connection, and waits for each
//! answer. The recorder is the program, in a process of its own, which records every call that passes.

#[path = "../../tests/cri/channel.rs"]
mod channel;
mod cri;
#[path = "../../tests/recorder/deadline.rs"]
#[expect(dead_code, reason = "tests use the rest")]
mod deadline;
#[path = "../../tests/cri/fake.rs"]
#[expect(dead_code, reason = "tests use the rest")]
mod fake;
#[path = "../../tests/podman/image.rs"]
mod image;
mod libpod;
#[path = "../../tests/cri/messages.rs"]
mod messages;
#[path = "../../tests/podman/place.rs"]
#[expect(dead_code, reason = "tests use the rest")]
mod place;
#[path = "../../tests/cri/recorder.rs"]
#[expect(dead_code, reason = "tests use the rest")]
mod recorder;

use std::time::{Duration, Instant};

/// Turns that are counted; one more warms up.
const TURNS: usize = 8;
/// Calls in a turn.
const CALLS: usize = 500;

fn main() {
    println!("microseconds of a call, the median of {} calls, and of a mean call of a turn", TURNS * CALLS);
    cri::compare();
    libpod::compare();
}

/// Prints what the same call takes on two ways.
fn compare(name: &str, mut direct: impl FnMut(), mut through: impl FnMut()) {
    let (mut of_direct, mut of_through) = (Vec::new(), Vec::new());
    for turn in 0..=TURNS {
        let (a, b) = (times(&mut direct), times(&mut through));
        if turn > 0 {
            of_direct.extend(a);
            of_through.extend(b);
        }
    }
    let figures = [of_direct, of_through].map(|mut all| {
        all.sort();
        let total: Duration = all.iter().sum();
        [micros(all[all.len() / 2]), micros(total) / f64::from(u32::try_from(all.len()).expect("few calls"))]
    });
    let [[direct, mean_direct], [through, mean_through]] = figures;
    println!(
        "  {name:<32} direct {direct:7.1}, through the proxy {through:7.1}: {:6.1} more, ratio {:.2} \
         (means {mean_direct:7.1} and {mean_through:7.1}: {:6.1} more)",
        through - direct,
        through / direct,
        mean_through - mean_direct
    );
}

#[expect(clippy::disallowed_methods, reason = "a benchmark measures time")]
fn times(call: &mut impl FnMut()) -> Vec<Duration> {
    let one = |_| {
        let begun = Instant::now();
        call();
        begun.elapsed()
    };
    (0..CALLS).map(one).collect()
}

fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}
