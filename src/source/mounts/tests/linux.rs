//! What is asked of the real machine, which needs no rights.

use super::super::super::mountinfo::Row;
use super::super::host::{Host as _, Watched};
use super::super::linux::Linux;
use std::path::Path;

#[test]
fn a_place_is_watched_only_if_it_is_of_the_mount_that_is_meant() {
    let mut host = Linux::new(Path::new("/proc/self")).unwrap();
    let rows = host.rows().unwrap();
    let numbered = rows.iter().find_map(|row| Some((row, host.unique(row)?)));
    let (row, unique) = numbered.expect("no mount has a unique number: this needs Linux 6.8 or later");
    assert!(matches!(host.watch(row, Some(unique)), Watched::By(_)));
    for other in [None, Some(unique + 1)] {
        assert!(matches!(host.watch(row, other), Watched::No(_)), "{other:?}");
    }
    let other = Row { dev: "0:0".into(), ..row.clone() };
    assert!(matches!(host.watch(&other, Some(unique)), Watched::No(_)), "the watch is of another device");
}

#[test]
fn what_is_no_process_is_refused_with_what_is_expected() {
    for (path, why) in [("/etc", "not a process"), ("/proc/sys", "not a process"), ("/proc/stat", "not a process")] {
        let refused = Linux::new(Path::new(path)).unwrap_err();
        assert!(refused.contains(why) && refused.contains("/proc/PID"), "{refused}");
    }
    assert_eq!(Linux::new(Path::new("/proc/0")).unwrap_err(), "/proc/0: no such process; give /proc/PID");
}
