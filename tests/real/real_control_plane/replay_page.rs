//! The commands of docs/REPLAY.md, as they are pasted into a shell.

use std::collections::HashMap;
use std::fs;
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::os::unix::fs::symlink;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use rustix::process::{Pid, Signal, kill_process};

use super::desk::commands;
use crate::cluster::program;
use crate::recorder::process::PROGRAM;
use crate::replay::story;

/// The port of the page.
const PORT: &str = "8901";

/// What runs elsewhere, and why.
const ELSEWHERE: [(&str, &str); 1] = [("statetrail torture", "its own tests run it")];

/// A shell that has what the page assumes, and the servers that were started in it.
struct Shell {
    folder: tempfile::TempDir,
    port: String,
    variables: HashMap<String, String>,
    servers: Vec<Child>,
}

impl Shell {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let bin = folder.path().join("bin");
        fs::create_dir(&bin).expect("a folder");
        symlink(PROGRAM, bin.join("statetrail")).expect("a link");
        symlink(program("kubectl"), bin.join("kubectl")).expect("a link");
        for name in ["run.jsonl", "run.jsonl.zst"] {
            fs::copy(story(), folder.path().join(name)).expect("a recording");
        }
        let free = TcpListener::bind("127.0.0.1:0").expect("a free port").local_addr().expect("an address").port();
        Self { folder, port: free.to_string(), variables: HashMap::new(), servers: Vec::new() }
    }

    fn command(&self, text: &str) -> Command {
        let mut shell = Command::new("bash");
        let path = format!("{}/bin:{}", self.folder.path().display(), std::env::var("PATH").unwrap_or_default());
        shell.args(["-c", text]).current_dir(self.folder.path()).env("PATH", path).env("HOME", self.folder.path());
        shell.env_remove("KUBECONFIG").envs(&self.variables).stdin(Stdio::null());
        shell
    }

    /// Runs a command; none where it exits as it should.
    fn run(&mut self, command: &str) -> Option<String> {
        let text = command.replace(PORT, &self.port);
        if let Some((name, value)) = text.strip_prefix("export ").and_then(|set| set.split_once('=')) {
            self.variables.insert(name.to_owned(), value.to_owned());
            return None;
        }
        if text.contains("--listen") {
            self.serve(&text);
            return None;
        }
        // What goes on until Ctrl-C.
        let text = if text.ends_with(" -w") { format!("{text} --request-timeout=2s || true") } else { text };
        // In less time, and without a terminal.
        let text = text.replace("| less", "| cat").replace("--speed 10x", "--speed 1000x");
        let text = if text.ends_with("replay run.jsonl") { text + " --speed 1000x" } else { text };
        let output = self.command(&text).output().expect("a shell");
        let expected = match () {
            // The verdict of the story.
            () if text.contains(" check ") => 1,
            // There is no terminal here.
            () if text.contains("--speed step") => 2,
            // It is a part of a longer recording.
            () if text.contains(" verify ") => output.status.code().filter(|code| *code == 3).unwrap_or_default(),
            () => 0,
        };
        (output.status.code() != Some(expected)).then(|| {
            let [out, told] = [&output.stdout, &output.stderr].map(|text| String::from_utf8_lossy(text).into_owned());
            format!("{command}: {}\n{out}{told}", output.status)
        })
    }

    /// Starts a server, and waits until it answers.
    fn serve(&mut self, text: &str) {
        for mut server in self.servers.drain(..) {
            end(&mut server);
        }
        let mut server = self.command(&format!("exec {text}"));
        let mut server = server.stdout(Stdio::piped()).process_group(0).spawn().expect("a shell");
        let mut line = String::new();
        BufReader::new(server.stdout.take().expect("a pipe")).read_line(&mut line).expect("its address");
        assert!(line.starts_with("http://"), "{text}: {line}");
        line.trim().rsplit(':').next().expect("a port").clone_into(&mut self.port);
        self.servers.push(server);
    }
}

impl Drop for Shell {
    fn drop(&mut self) {
        self.servers.iter_mut().for_each(end);
    }
}

fn end(server: &mut Child) {
    let id = i32::try_from(server.id()).ok().and_then(Pid::from_raw).expect("an id");
    let _ = kill_process(id, Signal::TERM);
    let _ = server.wait();
}

#[test]
fn every_command_of_the_page_works_as_pasted() {
    let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/REPLAY.md")).expect("a page");
    let commands = commands(&page);
    assert!(commands.len() > 20, "{commands:?}");
    let mut shell = Shell::new();
    let failed: Vec<String> = commands
        .iter()
        .filter(|command| !ELSEWHERE.iter().any(|(elsewhere, _)| command.starts_with(elsewhere)))
        .filter_map(|command| shell.run(command))
        .collect();
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}
