//! The dashboards and the rules of `dashboards/`, as tests read them.

#![allow(dead_code, unused_imports, reason = "every suite that includes this module uses its own part of it")]

mod board;
mod rules;

pub(crate) use board::{Board, Panel, Query, boards};
pub(crate) use rules::{Alert, Rule, alerts, fixtures, rule_files, rules};

use std::fs;
use std::path::{Path, PathBuf};

/// The folder of the dashboards.
fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("dashboards")
}

/// The files of a folder with this extension, in order.
///
/// # Panics
/// When there are none.
fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let paths = entries.map(|entry| entry.expect("readable").path());
    let mut files: Vec<_> = paths.filter(|path| path.extension().is_some_and(|own| own == extension)).collect();
    files.sort();
    assert!(!files.is_empty(), "{} has no file with the extension {extension}", folder.display());
    files
}
