//! The resource usage that a process prints at its end.

use std::time::Duration;

/// Prints seconds, peak memory in MiB and CPU seconds.
pub(crate) fn report(elapsed: Duration) {
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux");
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("VmHWM");
    let kib: f64 = peak.trim().trim_end_matches(" kB").parse().expect("a number");
    let stat = std::fs::read_to_string("/proc/self/stat").expect("Linux");
    let after = stat.rsplit(')').next().expect("a name in brackets");
    let ticks: Vec<f64> =
        after.split_whitespace().skip(11).take(2).map(|word| word.parse().expect("a number")).collect();
    println!("{} {} {}", elapsed.as_secs_f64(), kib / 1024.0, (ticks[0] + ticks[1]) / 100.0);
}
