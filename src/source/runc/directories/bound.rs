//! The directories of the machine that a process sees mounted, by its table of mounts.
//!
//! A table names a device and a path there. The directory is looked at through the process, so that it is the one that
//! is meant; its path on this machine is that of a mount of the same device, where the same directory is found.

use super::super::super::mountinfo::{self, Row};
use super::super::host::{Bound, Tables};
use super::super::linux::Linux;
use rustix::fs::{AtFlags, CWD, FileType, Mode, OFlags, ResolveFlags, Statx, StatxFlags, open, openat2, statx};
use rustix::io::Errno;
use smol_str::{SmolStr, format_smolstr};
use std::ffi::OsStr;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt as _;
use std::path::PathBuf;

/// Places whose mounts are those of every container.
const OWN_PLACES: [&str; 5] = ["/dev", "/proc", "/sys", "/run/secrets", "/var/run/secrets"];
/// Filesystems that have no directories of users.
const VIRTUAL: [&str; 19] = [
    "binfmt_misc",
    "bpf",
    "cgroup",
    "cgroup2",
    "configfs",
    "debugfs",
    "devpts",
    "devtmpfs",
    "efivarfs",
    "fusectl",
    "hugetlbfs",
    "mqueue",
    "nsfs",
    "proc",
    "pstore",
    "rpc_pipefs",
    "securityfs",
    "sysfs",
    "tracefs",
];
/// Filesystems that are made for one container.
const PRIVATE: [&str; 3] = ["overlay", "ramfs", "tmpfs"];

impl Tables for Linux {
    fn bound(&mut self, pid: i32) -> Result<Vec<Bound>, String> {
        // It mounts nothing of its own.
        if namespace("self")? == namespace(&pid.to_string())? {
            return Ok(Vec::new());
        }
        let seen = Seen::by(pid)?;
        let own = std::fs::read("/proc/self/mountinfo").map_err(|error| format!("/proc/self/mountinfo: {error}"))?;
        let own = mountinfo::read(&own);
        let bound = seen.rows.iter().filter(|row| seen.is_candidate(row, &own)).map(|row| seen.directory(row, &own));
        bound.filter_map(Result::transpose).collect()
    }
}

/// The mount namespace of a process.
fn namespace(pid: &str) -> Result<PathBuf, String> {
    let link = format!("/proc/{pid}/ns/mnt");
    std::fs::read_link(&link).map_err(|error| format!("{link}: {error}"))
}

/// What a process sees.
struct Seen {
    root: OwnedFd,
    rows: Vec<Row>,
}

impl Seen {
    fn by(pid: i32) -> Result<Self, String> {
        let table = format!("/proc/{pid}/mountinfo");
        let rows = mountinfo::read(&std::fs::read(&table).map_err(|error| format!("{table}: {error}"))?);
        let root = format!("/proc/{pid}/root");
        let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let root = open(&root, flags, Mode::empty()).map_err(|error| format!("{root}: {error}"))?;
        if rows.is_empty() { Err(format!("{table}: empty")) } else { Ok(Self { root, rows }) }
    }

    /// Whether a mount may be that of a directory of the machine, which the process can reach.
    fn is_candidate(&self, row: &Row, own: &[Row]) -> bool {
        let is_virtual = VIRTUAL.contains(&row.fs.as_str()) || OWN_PLACES.iter().any(|place| is_in(&row.point, place));
        let is_private =
            PRIVATE.contains(&row.fs.as_str()) && row.is_whole() && own.iter().all(|own| own.dev != row.dev);
        row.point != "/" && !is_virtual && !is_private && !is_covered(&row.point, row, &self.rows)
    }

    /// The directory that is mounted; none for a file.
    fn directory(&self, row: &Row, own: &[Row]) -> Result<Option<Bound>, String> {
        if row.is_remote {
            // It may be waited for without an end.
            let name = paths(row, own).next().unwrap_or_else(|| unresolved(row));
            return Ok(Some(Bound { identity: format_smolstr!("{}:{}", row.dev, row.root), name }));
        }
        let stat = self.look(row).map_err(|error| format!("{}: {error}", row.point))?;
        if FileType::from_raw_mode(stat.stx_mode.into()) != FileType::Directory {
            return Ok(None);
        }
        let it = identity(&stat);
        let is_it = |path: &SmolStr| {
            let path = PathBuf::from(OsStr::from_bytes(&mountinfo::path(path)));
            let flags = AtFlags::SYMLINK_NOFOLLOW | AtFlags::NO_AUTOMOUNT | AtFlags::STATX_DONT_SYNC;
            statx(CWD, &path, flags, WANTED).is_ok_and(|stat| identity(&stat) == it)
        };
        let name = paths(row, own).find(is_it).unwrap_or_else(|| unresolved(row));
        Ok(Some(Bound { identity: it, name }))
    }

    /// What is mounted, as the process sees it.
    fn look(&self, row: &Row) -> Result<Statx, Errno> {
        let path = mountinfo::path(&row.point);
        let path = OsStr::from_bytes(path.strip_prefix(b"/").unwrap_or(&path));
        let flags = OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let resolve = ResolveFlags::IN_ROOT | ResolveFlags::NO_SYMLINKS;
        let file = openat2(&self.root, path, flags, Mode::empty(), resolve)?;
        let stat = statx(&file, "", AtFlags::EMPTY_PATH | AtFlags::STATX_DONT_SYNC, WANTED)?;
        let has_number = stat.stx_mask & StatxFlags::MNT_ID.bits() != 0;
        if has_number && stat.stx_mnt_id != u64::from(row.id) { Err(Errno::STALE) } else { Ok(stat) }
    }
}

const WANTED: StatxFlags = StatxFlags::TYPE.union(StatxFlags::INO).union(StatxFlags::BTIME).union(StatxFlags::MNT_ID);

/// Tells a directory apart from all others of the machine, also from one that is made after it with its number.
fn identity(stat: &Statx) -> SmolStr {
    let has_birth = stat.stx_mask & StatxFlags::BTIME.bits() != 0;
    let birth = if has_birth { (stat.stx_btime.tv_sec, stat.stx_btime.tv_nsec) } else { (0, 0) };
    let (major, minor, inode) = (stat.stx_dev_major, stat.stx_dev_minor, stat.stx_ino);
    format_smolstr!("{major}:{minor}-{inode:x}-{}.{:09}", birth.0, birth.1)
}

/// The paths of this machine at which what is mounted may be.
fn paths<'a>(row: &'a Row, own: &'a [Row]) -> impl Iterator<Item = SmolStr> + 'a {
    own.iter().filter(|own| own.dev == row.dev && is_in(&row.root, &own.root)).filter_map(move |mount| {
        let below = row.root.strip_prefix(mount.root.as_str())?.trim_start_matches('/');
        let point = mount.point.trim_end_matches('/');
        let path = if below.is_empty() { mount.point.clone() } else { format_smolstr!("{point}/{below}") };
        (!is_covered(&path, mount, own)).then_some(path)
    })
}

/// The name of what is at no path of this machine.
fn unresolved(row: &Row) -> SmolStr {
    format_smolstr!("/{}:{}", row.dev, row.root)
}

/// True for a path that is another one, or in it.
fn is_in(path: &str, above: &str) -> bool {
    let above = above.trim_end_matches('/');
    path.strip_prefix(above).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// True when a path of a mount cannot be reached, because another mount is on top of it, or of a directory above.
fn is_covered(path: &str, mount: &Row, rows: &[Row]) -> bool {
    let mut above = vec![mount.id];
    let mut at = mount.parent;
    while let Some(row) = rows.iter().find(|row| row.id == at).filter(|row| !above.contains(&row.id)) {
        above.push(row.id);
        at = row.parent;
    }
    rows.iter().any(|row| is_in(path, &row.point) && !above.contains(&row.id))
}

#[cfg(test)]
mod tests {
    use super::*;

    const OWN: &str = "\
27 2 254:0 / / rw - ext4 /dev/vda rw
30 27 254:1 /vol /data rw - ext4 /dev/vdb rw
31 27 0:40 / /hidden rw - tmpfs t rw
32 27 254:0 /srv /again rw - ext4 /dev/vda rw
";

    fn rows(table: &str) -> Vec<Row> {
        mountinfo::read(table.as_bytes())
    }

    fn found(line: &str) -> Vec<String> {
        let row = rows(line).remove(0);
        paths(&row, &rows(OWN)).map(|path| path.to_string()).collect()
    }

    #[test]
    fn a_path_is_that_of_a_mount_of_the_device_which_has_the_directory_and_is_not_covered() {
        assert_eq!(found("148 145 254:0 /var/tmp/c /cache rw - ext4 /dev/vda rw"), ["/var/tmp/c"]);
        assert_eq!(found("148 145 254:0 /srv/a /a rw - ext4 /dev/vda rw"), ["/srv/a", "/again/a"]);
        assert_eq!(found("148 145 254:1 /vol /a rw - ext4 /dev/vdb rw"), ["/data"]);
        assert_eq!(found("148 145 254:1 /vol/x /a rw - ext4 /dev/vdb rw"), ["/data/x"]);
        for unseen in ["254:1 /volume", "254:1 /", "254:0 /hidden/a", "254:0 /data", "0:99 /"] {
            let none: [&str; 0] = [];
            assert_eq!(found(&format!("148 145 {unseen} /a rw - ext4 /dev/vdb rw")), none, "{unseen}");
        }
    }

    #[test]
    fn what_every_container_has_is_no_directory_of_the_machine() {
        let table = "\
145 114 0:50 / / rw - overlay overlay rw
146 145 0:53 / /dev rw - tmpfs tmpfs rw
147 145 0:54 / /proc rw - proc proc rw
148 145 254:0 /c /cache rw - ext4 /dev/vda rw
149 145 0:55 / /tmp rw - tmpfs tmpfs rw
150 145 0:22 / /sys ro - sysfs sysfs rw
151 146 254:0 /shm /dev/shm rw - ext4 /dev/vda rw
152 145 254:0 /s /run/secrets rw - ext4 /dev/vda rw
153 145 0:40 / /shared rw - tmpfs tmpfs rw
154 145 0:77 /part /part rw - tmpfs tmpfs rw
155 145 254:0 /under /twice rw - ext4 /dev/vda rw
156 155 254:0 /over /twice rw - ext4 /dev/vda rw
157 145 0:78 / /disk rw - ext4 /dev/loop0 rw
158 145 254:0 /d /devices rw - ext4 /dev/vda rw
";
        let root = open("/", OFlags::PATH | OFlags::CLOEXEC, Mode::empty()).unwrap();
        let seen = Seen { root, rows: rows(table) };
        let own = rows(OWN);
        let points: Vec<&str> =
            seen.rows.iter().filter(|row| seen.is_candidate(row, &own)).map(|row| row.point.as_str()).collect();
        assert_eq!(points, ["/cache", "/shared", "/part", "/twice", "/disk", "/devices"]);
        assert!(is_covered("/twice", &seen.rows[10], &seen.rows) && !is_covered("/twice", &seen.rows[11], &seen.rows));
    }

    #[test]
    fn the_own_process_is_looked_at_as_any_other() {
        let pid = i32::try_from(std::process::id()).unwrap();
        let seen = Seen::by(pid).unwrap();
        let own = seen.rows.clone();
        for row in seen.rows.iter().filter(|row| seen.is_candidate(row, &own) && !row.is_remote) {
            let Some(Bound { name, .. }) = seen.directory(row, &own).unwrap() else { continue };
            let found = paths(row, &own).next();
            assert_eq!(Some(name), found);
        }
    }
}
