//! A container as a recorder sees one of runc: the same files, made in the same order, and a process.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// As much as runc writes of a container besides what is read.
const CONFIG_BYTES: usize = 8_000;

/// A container that was created.
#[derive(Debug)]
pub(crate) struct Container {
    directory: PathBuf,
    group: Option<PathBuf>,
    process: Child,
}

impl Container {
    /// Makes its directory, its group below `groups`, if that is given, its process, and its state. `between` is called
    /// after each of them.
    ///
    /// # Errors
    /// Something cannot be made.
    pub(crate) fn create(state: &Path, groups: Option<&Path>, name: &str, between: impl Fn()) -> io::Result<Self> {
        let directory = state.join(name);
        fs::create_dir(&directory)?;
        // Made, but not written, as a pipe is.
        let empty = state.join(format!("{name}.empty"));
        fs::write(&empty, "")?;
        fs::hard_link(&empty, directory.join("exec.fifo"))?;
        fs::remove_file(empty)?;
        between();
        let group = groups.map(|groups| groups.join(name));
        group.as_ref().map(fs::create_dir).transpose()?;
        between();
        // It ends when its input does.
        let process = Command::new("cat").stdin(Stdio::piped()).stdout(Stdio::null()).spawn()?;
        let container = Self { directory, group, process };
        fs::write(container.directory.join("state-1"), container.state()?)?;
        fs::rename(container.directory.join("state-1"), container.directory.join("state.json"))?;
        between();
        Ok(container)
    }

    fn state(&self) -> io::Result<String> {
        let id = self.process.id();
        let stat = fs::read_to_string(format!("/proc/{id}/stat"))?;
        let start = stat.rsplit_once(')').and_then(|(_, rest)| rest.split_ascii_whitespace().nth(19));
        let start = start.ok_or(io::ErrorKind::InvalidData)?;
        let group = self.group.as_ref().map(|group| format!("\"freezer\":\"{}\"", group.display()));
        let (group, config) = (group.unwrap_or_default(), "x".repeat(CONFIG_BYTES));
        Ok(format!(
            r#"{{"init_process_pid":{id},"init_process_start":{start},"cgroup_paths":{{{group}}},"config":"{config}"}}"#
        ))
    }

    /// Releases its process.
    ///
    /// # Errors
    /// Its pipe is not there.
    pub(crate) fn start(&self) -> io::Result<()> {
        let fifo = self.directory.join("exec.fifo");
        fs::write(&fifo, "0")?;
        fs::remove_file(fifo)
    }

    /// Ends its process.
    ///
    /// # Errors
    /// It cannot be waited for.
    pub(crate) fn end(&mut self) -> io::Result<()> {
        drop(self.process.stdin.take());
        self.process.wait().map(drop)
    }

    /// Removes its group and its directory.
    ///
    /// # Errors
    /// Something cannot be removed.
    pub(crate) fn remove(mut self) -> io::Result<()> {
        self.end()?;
        self.group.as_ref().map(fs::remove_dir).transpose()?;
        fs::remove_dir_all(&self.directory)
    }
}
