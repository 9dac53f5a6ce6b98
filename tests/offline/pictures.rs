//! The pictures of the README: what the program prints on a terminal about a recording of a real cluster.

use crate::recorder::process::PROGRAM;
use crate::recorder::terminal::Terminal;
use anstyle_svg::Term;
use std::fs;
use std::path::Path;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");
const RECORDING: &str = "tests/scenarios/vm-imagepull/recording.jsonl.zst";
const COLUMNS: u16 = 110;

/// A command as it is typed, and what it prints on a terminal, as an SVG.
fn picture(typed: &[&str]) -> String {
    let terminal = Terminal::open();
    terminal.set_columns(COLUMNS);
    let arguments = typed.iter().map(|word| if *word == "run.jsonl" { RECORDING } else { word });
    let arguments: Vec<&str> = arguments.chain(["--color", "always"]).collect();
    let mut command = terminal.command(PROGRAM, &arguments);
    command.current_dir(ROOT).env("STATETRAIL_PAGER", "");
    command.status().expect("the program");
    // It has the terminal open, too.
    drop(command);
    let quoted = typed.iter().map(|word| if word.contains(' ') { format!("'{word}'") } else { (*word).to_owned() });
    let prompt = ["$ statetrail".to_owned()].into_iter().chain(quoted).collect::<Vec<_>>().join(" ");
    let drawn = Term::new().render_svg(&format!("{prompt}\n{}", terminal.ended().replace("\r\n", "\n")));
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
