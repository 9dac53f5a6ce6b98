//! The dashboards before Grafana's published schema.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::dashboards::boards;

/// Checks files with the program of `tests/prometheus/go/dashboards`.
fn checked(files: &[PathBuf]) -> Output {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/prometheus/go/dashboards");
    let mut go = Command::new("go");
    go.args(["run", "."]).args(files).current_dir(folder).env("GOWORK", "off").env_remove("GOFLAGS");
    go.output().expect("Go is needed to check dashboards: install it, and put `go` on the PATH")
}

#[test]
fn the_dashboards_fit_the_schema_of_grafana() {
    let files: Vec<PathBuf> = boards().into_iter().map(|board| board.file).collect();
    let output = checked(&files);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn a_dashboard_with_a_mistake_does_not_fit() {
    let folder = tempfile::tempdir().expect("a folder");
    let text = fs::read_to_string(&boards()[0].file).expect("UTF-8");
    let mistakes = [
        ("\"legendFormat\"", "\"legendFromat\"", "legendFromat"),
        ("\"decimals\"", "\"decimal\"", "no place for"),
        ("\"drawStyle\": \"bars\"", "\"drawStyle\": \"bar\"", "\"bar\" is none of"),
        ("\"unit\": \"short\"", "\"unit\": \"number\"", "the unit \"number\""),
    ];
    let files: Vec<PathBuf> = mistakes
        .iter()
        .map(|(right, wrong, _)| {
            assert!(text.contains(right), "{right}");
            let file = folder.path().join(format!("{}.json", wrong.replace(|c: char| !c.is_alphabetic(), "")));
            fs::write(&file, text.replace(right, wrong)).expect("a file");
            file
        })
        .collect();
    let output = checked(&files);
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success(), "{told}");
    for (file, (.., why)) in files.iter().zip(mistakes) {
        let name = file.display().to_string();
        assert!(told.lines().any(|line| line.starts_with(&name) && line.contains(why)), "{name}: {why}\n{told}");
    }
}
