//! Programs that are asked, each for a bounded time.

use crate::observation::Fact;
use std::process::{Output, Stdio};
use std::time::Duration;

/// How long a program may take to answer.
const PATIENCE: Duration = Duration::from_secs(10);

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
    command.args(arguments).stdin(Stdio::null()).kill_on_drop(true);
    match tokio::time::timeout(PATIENCE, command.output()).await {
        Ok(Ok(output)) => Ok(output),
        Ok(Err(error)) if error.kind() == std::io::ErrorKind::NotFound => Err(format!("{program} is not on the PATH")),
        Ok(Err(error)) => Err(format!("{program} cannot be run: {error}")),
        Err(_) => Err(format!("{program} did not answer within {} s", PATIENCE.as_secs())),
    }
}
