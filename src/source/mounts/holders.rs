//! Who uses a filesystem: files that processes have open, run or map, their directories, and mounts of it in whatever
//! mount namespace. This is a look at `/proc`, and what it shows may be over by then.

use super::super::mountinfo;
use super::host::Held;
use crate::kinds::{MountBy as By, MountHolder as Holder};
use rustix::fs::{AtFlags, CWD, StatxFlags, statx};
use smol_str::{SmolStr, format_smolstr};
use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::sync::mpsc;
use std::time::Duration;

/// How long a look may take. A file of a network whose server is gone would be waited for without an end.
const AT_MOST: Duration = Duration::from_secs(1);
/// Most holders of a filesystem that are named.
const NAMED: usize = 10;

/// Looks for who uses filesystems, by device; none if that takes too long. Mounts of the namespace `here` are those of
/// nobody.
pub(super) fn look(devices: &[SmolStr], here: Option<SmolStr>) -> Option<BTreeMap<SmolStr, Held>> {
    let devices = devices.to_vec();
    let (sender, receiver) = mpsc::channel();
    // What waits for a network is left to itself.
    let look = std::thread::Builder::new().name("holders".to_owned()).spawn(move || {
        let _ = sender.send(Look::new(devices, here).all());
    });
    look.ok().and_then(|_| receiver.recv_timeout(AT_MOST).ok())
}

struct Look {
    held: BTreeMap<SmolStr, Held>,
    /// Of each mount namespace, where mounts of a network are.
    namespaces: HashMap<SmolStr, Vec<SmolStr>>,
    here: Option<SmolStr>,
}

impl Look {
    fn new(devices: Vec<SmolStr>, here: Option<SmolStr>) -> Self {
        let held = devices.into_iter().map(|device| (device, Held::default())).collect();
        Self { held, namespaces: HashMap::new(), here }
    }

    fn all(mut self) -> BTreeMap<SmolStr, Held> {
        let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
        let mut pids: Vec<i32> = entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok()).collect();
        pids.sort_unstable();
        for pid in pids {
            // One that ends meanwhile holds nothing.
            let _ = self.process(pid);
        }
        self.held
    }

    fn process(&mut self, pid: i32) -> Option<()> {
        let folder = format!("/proc/{pid}");
        // A kernel thread has none. It holds nothing, and nobody can end it.
        fs::read_link(format!("{folder}/exe")).ok()?;
        let comm: SmolStr = fs::read_to_string(format!("{folder}/comm")).ok()?.trim_end().into();
        let namespace: SmolStr = fs::read_link(format!("{folder}/ns/mnt")).ok()?.to_str()?.into();
        if !self.namespaces.contains_key(&namespace) {
            self.namespace(&folder, pid, &comm, namespace.clone());
        }
        let remote = self.namespaces.get(&namespace).cloned().unwrap_or_default();
        for (by, link) in [(By::Cwd, "cwd"), (By::Root, "root"), (By::Exe, "exe")] {
            self.link(&format!("{folder}/{link}"), &remote, (pid, &comm, by));
        }
        for entry in fs::read_dir(format!("{folder}/fd")).into_iter().flatten().flatten() {
            if let Some(path) = entry.path().to_str() {
                self.link(path, &remote, (pid, &comm, By::Fd));
            }
        }
        for line in fs::read_to_string(format!("{folder}/maps")).ok()?.lines() {
            let mut words = line.split_whitespace();
            let Some((major, minor)) = words.nth(3).and_then(|device| device.split_once(':')) else { continue };
            let number = |text: &str| u32::from_str_radix(text, 16).ok();
            let Some((major, minor)) = number(major).zip(number(minor)) else { continue };
            let path = words.nth(1).unwrap_or_default();
            self.found(&format_smolstr!("{major}:{minor}"), (pid, &comm, By::Maps), path);
        }
        Some(())
    }

    /// The mounts of a namespace that is seen for the first time.
    fn namespace(&mut self, folder: &str, pid: i32, comm: &SmolStr, namespace: SmolStr) {
        let table = fs::read(format!("{folder}/mountinfo")).unwrap_or_default();
        let rows = mountinfo::read(&table);
        let nobody = SmolStr::default();
        let of = if self.here.as_ref() == Some(&namespace) { (0, &nobody, By::Mount) } else { (pid, comm, By::Mount) };
        for row in &rows {
            self.found(&row.dev, of, &row.point);
        }
        let remote = rows.into_iter().filter(|row| row.is_remote).map(|row| row.point).collect();
        self.namespaces.insert(namespace, remote);
    }

    /// What a link of `/proc` leads to.
    fn link(&mut self, link: &str, remote: &[SmolStr], of: (i32, &SmolStr, By)) {
        let Ok(target) = fs::read_link(link) else { return };
        let target = target.to_string_lossy();
        if !target.starts_with('/') || remote.iter().any(|point| target.starts_with(point.as_str())) {
            return;
        }
        let flags = AtFlags::NO_AUTOMOUNT | AtFlags::STATX_DONT_SYNC;
        let Ok(stat) = statx(CWD, link, flags, StatxFlags::TYPE) else { return };
        self.found(&format_smolstr!("{}:{}", stat.stx_dev_major, stat.stx_dev_minor), of, &target);
    }

    /// Each process is told once for each way in which it holds a filesystem.
    fn found(&mut self, device: &SmolStr, (pid, comm, by): (i32, &SmolStr, By), path: &str) {
        let Some(held) = self.held.get_mut(device) else { return };
        let is_it = |holder: &Holder| (holder.pid, holder.by) == (pid, by) && (pid != 0 || holder.path == path);
        if held.holders.iter().any(is_it) {
            return;
        }
        if held.holders.len() < NAMED {
            held.holders.push(Holder { pid, comm: comm.clone(), by, path: path.into() });
        } else {
            held.others += 1;
        }
    }
}
