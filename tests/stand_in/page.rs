//! The page for browsers in a real one: `page/browser` has what is tried, with pages that this program writes and serves.

use std::path::Path;
use std::process::{Command, Stdio};

#[test]
fn the_page_in_chromium() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("page");
    let node = Command::new(page.join("build")).arg("--browser").stderr(Stdio::inherit()).output().expect("page/build");
    assert!(node.status.success(), "page/build says what is missing");
    let node = String::from_utf8(node.stdout).expect("UTF-8");
    let mut path = std::ffi::OsString::from(node.trim());
    path.push(":");
    path.push(std::env::var_os("PATH").unwrap_or_default());
    let mut tests = Command::new("npm");
    tests.args(["run", "--silent", "browser"]).current_dir(&page).env("PATH", path).stdin(Stdio::null());
    let output = tests.env("STATETRAIL", env!("CARGO_BIN_EXE_statetrail")).output().expect("npm");
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{told}\n{}", String::from_utf8_lossy(&output.stderr));
    assert!(told.lines().any(|line| line.strip_prefix("# pass ").is_some_and(|passed| passed != "0")), "{told}");
    assert!(told.lines().any(|line| line == "# skipped 0"), "{told}");
}
