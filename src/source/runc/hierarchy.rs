//! Where the groups of processes are that can be frozen.

use crate::kinds::RuncWhat as What;
use std::path::PathBuf;

/// The hierarchy of groups that has the freezer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Hierarchy {
    /// Its folder.
    pub top: PathBuf,
    /// It is that of cgroup v2.
    pub is_unified: bool,
}

impl Hierarchy {
    /// The one of the machine; none where none is mounted.
    pub(super) fn of_this_machine() -> Option<Self> {
        Self::among(&std::fs::read_to_string("/proc/self/mountinfo").ok()?)
    }

    /// The one among mounts. Where there is a freezer of cgroup v1, runc uses that.
    fn among(mounts: &str) -> Option<Self> {
        let mounts = || {
            mounts.lines().filter_map(|mount| {
                let (mount, filesystem) = mount.split_once(" - ")?;
                let mut filesystem = filesystem.split(' ');
                let (kind, options) = (filesystem.next()?, filesystem.nth(1)?);
                Some((kind, options, mount.split(' ').nth(4)?))
            })
        };
        let is_freezer = |options: &str| options.split(',').any(|option| option == "freezer");
        let own = mounts().find(|(kind, options, _)| *kind == "cgroup" && is_freezer(options));
        let found = own.or_else(|| mounts().find(|(kind, ..)| *kind == "cgroup2"));
        found.map(|(kind, _, top)| Self { top: top.into(), is_unified: kind == "cgroup2" })
    }

    /// The files of a freezer: what it does, and, in cgroup v2, what it is asked.
    pub(super) fn files(is_unified: bool) -> &'static [(&'static str, What)] {
        if is_unified {
            &[("cgroup.events", What::CgroupEvents), ("cgroup.freeze", What::CgroupFreeze)]
        } else {
            &[("freezer.state", What::FreezerState)]
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_freezer_of_cgroup_v1_comes_before_cgroup_v2() {
        let v1 = "37 31 0:34 / /sys/fs/cgroup/freezer rw,relatime shared:9 - cgroup cgroup rw,freezer\n";
        let other = "36 31 0:33 / /sys/fs/cgroup/devices rw,relatime - cgroup cgroup rw,devices\n";
        let v2 = "41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw,nsdelegate\n";
        let among = |mounts: &[&str]| {
            Hierarchy::among(&mounts.concat()).map(|found| (found.top.display().to_string(), found.is_unified))
        };
        assert_eq!(among(&[v2, other, v1]), Some(("/sys/fs/cgroup/freezer".to_owned(), false)));
        assert_eq!(among(&[other, v2]), Some(("/sys/fs/cgroup/unified".to_owned(), true)));
        assert_eq!(among(&[other, "nonsense"]), None);
    }
}
