//! Containers that are simulated: files of the same names, groups with a freezer, and real processes, which is all that
//! the recorder sees of them, without the half a core that runc itself would take.

#[path = "../../tests/runc/simulated.rs"]
mod simulated;

use super::{FOR, Recorder};
use simulated::Container;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

/// Containers that begin in a minute.
const A_MINUTE: u32 = 1_000;
/// How many are alive at once.
const AT_ONCE: u32 = 3;
/// Between two steps of a life.
const BETWEEN: Duration = Duration::from_millis(25);

#[expect(clippy::disallowed_methods, reason = "a benchmark measures time")]
pub(super) fn measure(folder: &Path) {
    let state = folder.join("state");
    fs::create_dir_all(&state).expect("a folder");
    let groups = Path::new("/sys/fs/cgroup/freezer").join(format!("statetrail-bench-{}", std::process::id()));
    let groups = fs::create_dir(&groups).ok().map(|()| groups);
    if groups.is_none() {
        println!("no group of cgroup v1 can be made: without groups");
    }
    let recorder = Recorder::start(folder, &format!("runc:{}", state.display()));
    recorder.measure("containers", || {
        let begun = Instant::now();
        std::thread::scope(|scope| {
            let of_one = |of| live(&state, groups.as_deref(), of, begun);
            let threads: Vec<_> = (0..AT_ONCE).map(|of| scope.spawn(move || of_one(of))).collect();
            threads.into_iter().map(|thread| thread.join().expect("containers can be made")).sum()
        })
    });
    groups.iter().for_each(|groups| fs::remove_dir(groups).expect("nothing is left in it"));
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
