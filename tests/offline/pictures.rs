//! The pictures of the README: what the program prints on a terminal about a recording of a real cluster.

use anstyle_svg::Term;
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};
use std::fs::{self, File, OpenOptions};
use std::io::Read as _;
use std::path::Path;
use std::process::{Command, Stdio};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");
const RECORDING: &str = "tests/scenarios/vm-imagepull/recording.jsonl.zst";
const SIZE: Winsize = Winsize { ws_row: 50, ws_col: 110, ws_xpixel: 0, ws_ypixel: 0 };

/// What a command prints on a terminal.
fn printed(mut command: Command) -> String {
    let ours = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC).expect("a terminal");
    grantpt(&ours).and_then(|()| unlockpt(&ours)).expect("a terminal of ours");
    let name = ptsname(&ours, Vec::new()).expect("a name").into_string().expect("UTF-8");
    let theirs = OpenOptions::new().read(true).write(true).open(name).expect("the other end");
    tcsetwinsize(&theirs, SIZE).expect("a size");
    command.stdin(Stdio::null()).stdout(theirs);
    let mut child = command.spawn().expect("the program");
    // It holds the other end of the terminal, which then ends with the program.
    drop(command);
    let (mut text, mut part) = (Vec::new(), [0; 4096]);
    let mut ours = File::from(ours);
    while let Ok(read @ 1..) = ours.read(&mut part) {
        text.extend_from_slice(&part[..read]);
    }
    child.wait().expect("its end");
    String::from_utf8(text).expect("UTF-8").replace("\r\n", "\n")
}

/// A command as it is typed, and what it prints, as an SVG.
fn picture(typed: &[&str]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_statetrail"));
    command.args(typed.iter().map(|word| if *word == "run.jsonl" { RECORDING } else { word }));
    command.current_dir(ROOT).args(["--color", "always"]).env("PAGER", "cat");
    let quoted = typed.iter().map(|word| if word.contains(' ') { format!("'{word}'") } else { (*word).to_owned() });
    let prompt = ["$ statetrail".to_owned()].into_iter().chain(quoted).collect::<Vec<_>>().join(" ");
    let drawn = Term::new().render_svg(&format!("{prompt}\n{}", printed(command)));
    // Legible on black.
    drawn.replace(".dimmed { opacity: 0.4; }", ".dimmed { opacity: 0.7; }")
}

#[test]
fn the_pictures_of_the_readme_show_what_is_printed() {
    let update = std::env::var_os("UPDATE_PICTURES").is_some();
    for (name, typed) in [
        ("show", &["show", "run.jsonl", "vm/vm-imagepull", "--track", "status"][..]),
        ("check", &["check", "run.jsonl", "--expect", "vm/vm-imagepull status: Stopped -> Starting -> Running -> ..."]),
    ] {
        let path = Path::new(ROOT).join(format!("docs/pictures/{name}.svg"));
        let drawn = picture(typed);
        if update {
            fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
            fs::write(&path, &drawn).expect("a file");
        }
        let kept = fs::read_to_string(&path).unwrap_or_default();
        assert!(kept == drawn, "{}: out of date; run this test with UPDATE_PICTURES=1", path.display());
    }
}
