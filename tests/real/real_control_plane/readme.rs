//! The commands of README.md, as they are pasted into a shell: each runs, and exits as it should.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use serde_json::json;
use tempfile::TempDir;

use crate::cluster::{ADMIN, BUSYBOX, ControlPlane, Options, Writer, deadline, pod, program};
use crate::recorder::process::{PROGRAM, Recorder};
use crate::recorder::terminal::Terminal;

/// The commands that cannot run here, and why.
const ELSEWHERE: [(&str, &str); 5] = [
    ("cargo run --release -- demo", "it compiles the program; the tests of the stand-in server run its demo"),
    ("tests/run", "it is what runs this test"),
    ("statetrail show run.jsonl --at 18:09:30", "the recording is of another time"),
    ("cargo install --locked --profile dist --path .", "it compiles the program"),
    ("ln -s statetrail ~/.cargo/bin/kubectl-statetrail", "it needs that installation"),
];

const CTRL_C: u8 = 3;

const EXPECTATIONS: &str = "apiVersion: statetrail/v1\nkind: Expectation\nmetadata: {name: starts}\n\
                            subjects: {vm: {kind: VirtualMachine, name: web}}\n\
                            expect: [{track: vm.status, path: '... -> Starting -> ...'}]\n";

/// The indented commands of the page, without their comments; a line that ends in `\` goes on in the next.
fn commands(page: &str) -> Vec<String> {
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

/// True for a command that runs until Ctrl-C.
fn runs_until_stopped(command: &str) -> bool {
    let records =
        ["statetrail record", "statetrail watch", "statetrail serve"].iter().any(|start| command.starts_with(start));
    let ends = ["--for ", "--until-expect ", " -- "].iter().any(|part| command.contains(part));
    records && !ends || command.contains(" -w ")
}

/// The exit codes that a command may have here.
fn exit_codes(command: &str) -> &'static [i32] {
    match () {
        // The verdicts on what happens here.
        () if command.contains("--expect") || command.contains(" check ") => &[0, 1, 3],
        // Etcd does not reach back ten minutes.
        () if command.contains(" recover ") || command.contains(" verify ") => &[0, 3],
        () => &[0],
    }
}

/// A folder with what the commands find: programs, a cluster, expectations.
struct Desk {
    folder: TempDir,
    kubeconfig: std::path::PathBuf,
}

impl Desk {
    fn new(plane: &ControlPlane) -> Self {
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

    /// Makes a command find what it needs, and not what an earlier one has left.
    fn prepare(&self, command: &str) {
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
    fn run(&self, command: &str) -> (Option<i32>, String) {
        let mut shell = Command::new("setpriv");
        let script = format!("HOME='{}'; {command}", self.folder.path().display());
        shell.args(["--pdeathsig", "KILL", "--", "bash", "-c", &script]);
        self.surround(&mut shell);
        let (ended, _files) = Recorder::launch(shell, tempfile::tempdir().expect("a folder")).wait();
        (ended.code, format!("{}{}", ended.stdout, ended.stderr))
    }

    /// Runs a command on a terminal, and presses Ctrl-C once it sees the cluster.
    fn run_until_stopped(&self, command: &str) -> (Option<i32>, String) {
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

fn executable(path: &Path, script: &str) {
    fs::write(path, script).expect("a file");
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).expect("a file of ours");
}

#[test]
fn every_command_of_the_readme_works_as_pasted() {
    let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).expect("a page");
    let commands = commands(&page);
    assert!(commands.len() > 20, "{commands:?}");
    let plane = ControlPlane::start(Options::default());
    plane.install_kubevirt_crds();
    plane.kubectl_ok(&["create", "namespace", "kubevirt-test"]);
    let writer = Writer::new(&plane.kubeconfig(ADMIN));
    for namespace in ["default", "kubevirt-test"] {
        let vm = json!({"apiVersion": "kubevirt.io/v1", "kind": "VirtualMachine", "metadata": {"name": "web"}});
        let vm = writer.create("VirtualMachine", namespace, &vm);
        writer.write_status("VirtualMachine", vm, &json!({"printableStatus": "Starting"}));
    }
    writer.create("Pod", "default", &pod("seen", BUSYBOX, &["true"]));
    let desk = Desk::new(&plane);
    let mut failed = Vec::new();
    for command in commands {
        if ELSEWHERE.iter().any(|(elsewhere, _)| command == *elsewhere) {
            continue;
        }
        // Ten minutes shorter.
        let command = command.replace("--for 10m", "--for 1s");
        desk.prepare(&command);
        let (code, printed) =
            if runs_until_stopped(&command) { desk.run_until_stopped(&command) } else { desk.run(&command) };
        if !code.is_some_and(|code| exit_codes(&command).contains(&code)) {
            failed.push(format!("{command}\nexits with {code:?}:\n{printed}"));
        }
        if command.contains("statetrail import") {
            let (_, shown) = desk.run("statetrail show run.jsonl");
            assert!(shown.contains("seen"), "{shown}");
        }
    }
    assert!(failed.is_empty(), "\n{}", failed.join("\n"));
}

#[test]
fn commands_are_read_as_they_are_pasted() {
    let page = "text\n\n    one a \\\n        -- b   # why\n    two 'a # b'\n```text\n    not this\n```\n";
    assert_eq!(commands(page), ["one a -- b", "two 'a # b'"]);
}
