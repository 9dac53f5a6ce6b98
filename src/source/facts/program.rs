//! Programs that are asked, each for a bounded time.

use crate::observation::Fact;
use std::process::{Output, Stdio};
use std::time::Duration;

/// How long a program may take to answer.
const PATIENCE: Duration = Duration::from_secs(15);

/// The version that a program says, `runc version 1.1.5+ds1`.
pub(super) async fn version(program: &str) -> Fact {
    let source = format!("{program} --version");
    let said = match said(program, &["--version"]).await {
        Ok(output) => String::from_utf8_lossy(&output.stdout).into_owned(),
        Err(why) => return Fact::unknown(source, why),
    };
    let words = said.lines().next().unwrap_or_default().split_whitespace();
    let is_version = |word: &&str| word.trim_start_matches('v').starts_with(|first: char| first.is_ascii_digit());
    match words.clone().find(is_version) {
        Some(version) => Fact::known(source, version),
        None => Fact::unknown(source, "it names no version"),
    }
}

/// What a program says and how it ends.
///
/// # Errors
/// It cannot be run, or takes too long, in words.
pub(super) async fn said(program: &str, arguments: &[&str]) -> Result<Output, String> {
    let mut command = tokio::process::Command::new(program);
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).process_group(0);
    let child = command.kill_on_drop(true).spawn().map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => format!("{program} is not on the PATH"),
        _ => format!("{program} cannot be run: {error}"),
    })?;
    let group = Group(child.id());
    let output = match tokio::time::timeout(PATIENCE, child.wait_with_output()).await {
        Ok(output) => output.map_err(|error| format!("{program} cannot be run: {error}"))?,
        Err(_) => return Err(format!("{program} did not answer within {} s", PATIENCE.as_secs())),
    };
    group.has_ended();
    Ok(output)
}

/// A program and those that it starts, which end with it.
struct Group(Option<u32>);

impl Group {
    /// Nothing of it is left.
    fn has_ended(mut self) {
        self.0 = None;
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        #[cfg(unix)]
        if let Some(group) = self.0.and_then(|id| rustix::process::Pid::from_raw(i32::try_from(id).ok()?)) {
            // It may have ended by now.
            let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
        }
    }
}
