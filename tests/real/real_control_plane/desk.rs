//! Commands of the documentation, and a folder in which they run as they are pasted into a shell.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use tempfile::TempDir;

use crate::cluster::{ADMIN, ControlPlane, deadline, program};
use crate::recorder::process::{PROGRAM, Recorder};
use crate::recorder::terminal::Terminal;

const CTRL_C: u8 = 3;

const EXPECTATIONS: &str = "apiVersion: statetrail/v1\nkind: Expectation\nmetadata: {name: starts}\n\
                            subjects: {vm: {kind: VirtualMachine, name: web}}\n\
                            expect: [{track: vm.status, path: '... -> Starting -> ...'}]\n";

/// The indented commands of the page, without their comments; a line that ends in `\` goes on in the next.
pub(super) fn commands(page: &str) -> Vec<String> {
    let mut commands: Vec<String> = Vec::new();
    let mut goes_on = false;
    let mut fenced = false;
    for line in page.lines() {
        fenced ^= line.starts_with("```");
        let Some(line) = line.strip_prefix("    ").filter(|_| !fenced) else { continue };
        let line = line.split("  #").next().unwrap_or(line).trim();
        let text = line.trim_end_matches('\\').trim_end();
        match commands.last_mut().filter(|_| goes_on) {
            Some(command) => *command = format!("{command} {text}"),
            None => commands.push(text.to_owned()),
        }
        goes_on = line.ends_with('\\');
    }
    commands
}

/// A folder with what the commands find: programs, a cluster, expectations.
pub(super) struct Desk {
    folder: TempDir,
    kubeconfig: PathBuf,
}

impl Desk {
    pub(super) fn new(plane: &ControlPlane) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let bin = folder.path().join("bin");
        fs::create_dir(&bin).expect("a folder");
        symlink(PROGRAM, bin.join("statetrail")).expect("a link");
        // Its log shows when the watch is open.
        let kubectl = program("kubectl").display().to_string();
        let script =
            format!("#!/bin/sh\ncase \" $* \" in *' -w '*) exec {kubectl} -v=6 \"$@\";; esac\nexec {kubectl} \"$@\"\n");
        executable(&bin.join("kubectl"), &script);
        executable(&bin.join("go"), "#!/bin/sh\nexec kubectl label vm web -n kubevirt-test tested=yes\n");
        fs::write(folder.path().join("expectations.yaml"), EXPECTATIONS).expect("a file");
        Self { folder, kubeconfig: plane.kubeconfig(ADMIN) }
    }

    /// Writes a program into the folder.
    pub(super) fn program(&self, name: &str, text: &str) {
        executable(&self.folder.path().join(name), text);
    }

    /// Makes a command find what it needs, and not what an earlier one has left.
    pub(super) fn prepare(&self, command: &str) {
        let words: Vec<&str> = command.split_whitespace().collect();
        for pair in words.windows(2) {
            if ["-o", "--output"].contains(&pair[0]) && pair[1].contains(".jsonl") {
                let _ = fs::remove_file(self.folder.path().join(pair[1]));
            }
        }
        if command.contains("artifacts/") {
            let artifacts = self.folder.path().join("artifacts");
            fs::create_dir_all(&artifacts).expect("a folder");
            fs::copy(self.folder.path().join("run.jsonl.zst"), artifacts.join("one.jsonl.zst")).expect("a recording");
        }
    }

    fn surround(&self, command: &mut Command) {
        let path = format!("{}/bin:{}", self.folder.path().display(), std::env::var("PATH").unwrap_or_default());
        command.env("PATH", path).env("KUBECONFIG", &self.kubeconfig).env("HOME", self.folder.path());
        command.env_remove("KUBERNETES_SERVICE_HOST").current_dir(self.folder.path());
    }

    /// Runs a command to its end; returns its exit code and what it printed.
    pub(super) fn run(&self, command: &str) -> (Option<i32>, String) {
        let mut shell = Command::new("setpriv");
        let script = format!("HOME='{}'; {command}", self.folder.path().display());
        shell.args(["--pdeathsig", "KILL", "--", "bash", "-c", &script]);
        self.surround(&mut shell);
        let (ended, _files) = Recorder::launch(shell, tempfile::tempdir().expect("a folder")).wait();
        (ended.code, format!("{}{}", ended.stdout, ended.stderr))
    }

    /// Runs a command on a terminal, and presses Ctrl-C once it sees the cluster.
    pub(super) fn run_until_stopped(&self, command: &str) -> (Option<i32>, String) {
        let mut terminal = Terminal::open();
        let mut shell = terminal.command("bash", &["-c", command]);
        self.surround(&mut shell);
        let mut child = shell.spawn().expect("a shell");
        terminal.await_shown(if command.contains("kubectl") { "watch=true" } else { "attached: " });
        terminal.press(CTRL_C);
        let ended = deadline::until(Duration::from_mins(1), || child.try_wait().expect("a child"));
        let _ = child.kill();
        (ended.and_then(|status| status.code()), terminal.shown())
    }
}

/// Writes a file that can be run.
fn executable(path: &Path, script: &str) {
    fs::write(path, script).expect("a file");
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).expect("a file of ours");
}

#[test]
fn commands_are_read_as_they_are_pasted() {
    let page = "text\n\n    one a \\\n        -- b   # why\n    two 'a # b'\n```text\n    not this\n```\n";
    assert_eq!(commands(page), ["one a -- b", "two 'a # b'"]);
}
