//! `state.json`, as far as it is read: the process of a container, and the group that it is in.

use super::host::Init;
use serde::Deserialize;
use smol_str::SmolStr;
use std::collections::BTreeMap;

#[derive(Deserialize)]
struct State {
    init_process_pid: i32,
    init_process_start: u64,
    #[serde(default)]
    cgroup_paths: BTreeMap<String, SmolStr>,
}

/// What a state says; none where it does not have runc's shape.
pub(super) fn read(bytes: &[u8]) -> Option<Init> {
    let State { init_process_pid: pid, init_process_start: start_time, cgroup_paths } =
        serde_json::from_slice(bytes).ok()?;
    // cgroup v2 has one group for everything; where both are there, the freezer is that of v1.
    let own = cgroup_paths.get("freezer").map(|path| (path.clone(), false));
    let group = own.or_else(|| cgroup_paths.get("").map(|path| (path.clone(), true)));
    let group = group.filter(|(path, _)| path.starts_with('/'));
    (pid > 0).then_some(Init { pid, start_time, group })
}

/// The start of a process in its line of `/proc/PID/stat`: the name may contain anything.
pub(super) fn start_time(stat: &str) -> Option<u64> {
    let (_, rest) = stat.rsplit_once(')')?;
    rest.split_ascii_whitespace().nth(19)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_process_and_its_freezer_are_read_and_nothing_else() {
        let v1 = br#"{"id":"c1","init_process_pid":7,"init_process_start":99,"cgroup_paths":{"cpu":"/c","freezer":"/f/c1"},"config":{"env":["SECRET=1"]}}"#;
        assert_eq!(read(v1), Some(Init { pid: 7, start_time: 99, group: Some(("/f/c1".into(), false)) }));
        let hybrid = br#"{"init_process_pid":7,"init_process_start":9,"cgroup_paths":{"":"/u/c1","freezer":"/f/c1"}}"#;
        assert_eq!(read(hybrid).and_then(|init| init.group), Some(("/f/c1".into(), false)));
        let v2 = br#"{"init_process_pid":7,"init_process_start":99,"cgroup_paths":{"":"/sys/fs/cgroup/c1"}}"#;
        assert_eq!(read(v2).and_then(|init| init.group), Some(("/sys/fs/cgroup/c1".into(), true)));
        for wrong in ["", "{}", r#"{"init_process_pid":0,"init_process_start":0}"#, r#"{"init_process_pid":"x"}"#] {
            assert_eq!(read(wrong.as_bytes()), None, "{wrong}");
        }
    }

    #[test]
    fn a_name_with_parentheses_does_not_shift_the_start() {
        let rest = " S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 4711 20 21";
        assert_eq!(start_time(&format!("12 (a) b (c){rest}")), Some(4711));
        assert_eq!(start_time("12 (sh"), None);
    }
}
