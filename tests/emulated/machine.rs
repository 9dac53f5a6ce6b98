//! A machine that qemu emulates: Debian's kernel, and a file system in memory with busybox, runc and criu, and, on
//! x86-64, with the program.
//!
//! It shares nothing with this one but the processor's time. What runs in it is a script, and what the script leaves in
//! `/out` comes back over the console, as a tar archive in base64.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// How long a machine may take, in seconds: several times what it takes where nothing else runs.
const PATIENCE: &str = "540";

/// The processor of a machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Architecture {
    /// x86-64.
    Amd64,
    /// 64-bit ARM.
    Arm64,
}

/// What a script left.
pub(crate) struct Results(tempfile::TempDir);

impl Results {
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(crate) fn text(&self, name: &str) -> String {
        let path = self.path(name);
        fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}\n{}", path.display(), self.story()))
    }

    /// The commands of the script, each with the time, its exit code and the last line that it said.
    pub(crate) fn story(&self) -> String {
        fs::read_to_string(self.path("story")).unwrap_or_default()
    }

    /// The exit code and the last line of the only command that begins with these words.
    pub(crate) fn asked(&self, words: &str) -> Vec<(i32, String)> {
        let story = self.story();
        let lines = story.lines().filter_map(|line| {
            let (_, line) = line.split_once(' ')?;
            let (code, line) = line.split_once(' ')?;
            let (asked, said) = line.split_once(" | ").unwrap_or((line, ""));
            asked.starts_with(words).then(|| Some((code.parse().ok()?, said.to_owned())))?
        });
        lines.collect()
    }
}

/// Runs a script of `guest` in a machine.
pub(crate) fn run(architecture: Architecture, story: &str) -> Results {
    let folder = tempfile::tempdir().unwrap();
    let of = |name: &str| folder.path().join(name);
    let machine = built(architecture);
    let (initrd, console) = (of("initrd"), of("console"));
    fs::copy(machine.join("base.cpio"), &initrd).expect("run tests/emulated/build again: it has no base.cpio");
    let top = of("top");
    for folder in ["guest", "usr/bin"] {
        fs::create_dir_all(top.join(folder)).unwrap();
    }
    let guest = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/emulated/guest");
    for entry in fs::read_dir(&guest).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), top.join("guest").join(entry.file_name())).unwrap();
    }
    fs::rename(top.join("guest/init"), top.join("init")).unwrap();
    fs::copy(guest.join(story), top.join("guest/story.sh")).unwrap();
    if architecture == Architecture::Amd64 {
        let program = env!("CARGO_BIN_EXE_statetrail");
        done(Command::new("strip").arg("-o").arg(top.join("usr/bin/statetrail")).arg(program));
    }
    // The kernel loads archives that follow each other one over the other.
    let archive = "find . | busybox cpio -o -H newc -R 0:0 2> /dev/null >> ../initrd";
    done(Command::new("sh").args(["-c", archive]).current_dir(&top));
    fs::remove_dir_all(&top).unwrap();

    let (emulator, tty) = match architecture {
        Architecture::Amd64 => (&["qemu-system-x86_64", "-cpu", "max"][..], "ttyS0"),
        Architecture::Arm64 => (&["qemu-system-aarch64", "-M", "virt", "-cpu", "cortex-a57"][..], "ttyAMA0"),
    };
    // KVM may be there and not work, and then hangs: what is emulated is the same everywhere.
    let mut qemu = Command::new("timeout");
    qemu.args(["--kill-after=5", PATIENCE]).args(emulator);
    qemu.args(["-accel", "tcg,thread=multi", "-smp", "2", "-m", "1G", "-nodefaults", "-no-reboot", "-display", "none"]);
    qemu.arg("-serial").arg(format!("file:{}", console.display()));
    qemu.arg("-kernel").arg(machine.join("kernel")).arg("-initrd").arg(&initrd);
    qemu.arg("-append").arg(format!("console={tty} quiet panic=-1"));
    let ended = qemu.stdin(Stdio::null()).output().expect("no timeout; install it: apt-get install coreutils");
    let said = String::from_utf8_lossy(&fs::read(&console).unwrap_or_default()).replace('\r', "");
    let archive = between(&said).unwrap_or_else(|| panic!("the machine gave no results: {ended:?}\n{said}"));
    let results = Results(tempfile::tempdir().unwrap());
    let tar = of("out.tar.gz");
    fs::write(&tar, archive).unwrap();
    done(Command::new("tar").arg("-xzf").arg(&tar).arg("-C").arg(results.0.path()));
    assert_eq!(results.text("status").trim(), "0", "{}", results.story());
    results
}

/// What stands between the two lines that begin and end the results.
fn between(console: &str) -> Option<Vec<u8>> {
    let lines = console.lines().skip_while(|line| !line.starts_with("==OUT ")).skip(1);
    let all: Vec<&str> = lines.collect();
    let end = all.iter().position(|line| *line == "==END")?;
    BASE64_STANDARD.decode(all[..end].concat()).ok()
}

/// The folder of a machine.
fn built(architecture: Architecture) -> PathBuf {
    let build = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/emulated/build");
    let asked = Command::new(build).arg("--where").output().expect("no bash");
    assert!(asked.status.success(), "{}", String::from_utf8_lossy(&asked.stderr));
    let folders = String::from_utf8(asked.stdout).unwrap();
    let line = match architecture {
        Architecture::Amd64 => 0,
        Architecture::Arm64 => 1,
    };
    PathBuf::from(folders.lines().nth(line).expect("a folder for each machine"))
}

fn done(command: &mut Command) {
    let output =
        command.output().unwrap_or_else(|error| panic!("{command:?}: {error}; tests/run --emulated installs it"));
    assert!(output.status.success(), "{command:?}: {output:?}");
}
