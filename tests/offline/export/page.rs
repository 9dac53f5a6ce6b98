//! The examples of docs/OUTPUT.md that export.

use super::readers::{read, root, scenario};
use std::fs;
use std::process::{Command, Stdio};

const PAGE: &str = include_str!("../../../docs/OUTPUT.md");

fn blocks<'a>(part: &'a str, language: &str) -> Vec<&'a str> {
    let fence = format!("```{language}\n");
    part.split(&fence).skip(1).filter_map(|rest| rest.split("```").next()).collect()
}

#[test]
fn the_commands_of_the_page_export_and_its_query_has_an_answer() {
    let folder = tempfile::tempdir().expect("a folder");
    let recording = scenario("vm-life");
    let run = folder.path().join("run.jsonl");
    let text = fs::read(&recording).expect("a recording");
    let is_compressed = recording.extension().is_some_and(|extension| extension == "zst");
    let text = if is_compressed { zstd::decode_all(&text[..]).expect("zstd") } else { text };
    fs::write(&run, text).expect("a file");
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_statetrail"), folder.path().join("statetrail")).expect("a link");
    let commands = blocks(PAGE, "sh");
    assert!(commands.len() >= 4, "{commands:?}");
    for block in commands {
        let script = format!("set -eu; PATH=\"$PWD:$PATH\"\n{}", block.replace("vm/web", "vms"));
        let mut command = Command::new("sh");
        let done = command.args(["-c", &script]).current_dir(folder.path()).stdin(Stdio::null()).output().expect("sh");
        assert!(done.status.success(), "{block}{}", String::from_utf8_lossy(&done.stderr));
    }
    let query =
        blocks(PAGE, "sql")[0].replace("'run.parquet'", &format!("'{}'", folder.path().join("run.parquet").display()));
    let script = root().join("tests/export/python/query.py");
    let rows = read("python3", &[script.as_os_str(), query.as_ref()], &[]);
    assert!(!rows.is_empty() && rows.iter().all(|row| row[2].as_u64().is_some_and(|count| count > 0)), "{rows:?}");
}
