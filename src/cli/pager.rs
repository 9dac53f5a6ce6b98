//! A pager for long output on a terminal, as git has one: `$STATETRAIL_PAGER`, `$PAGER`, or `less`.
//!
//! `less` gets `LESS=FRX` unless it is set: text that fits on the screen is printed, and colours pass.

use super::{signals, terminal};
use std::ffi::OsString;
use std::io::{self, IsTerminal, Write};
use std::process::{Child, Command, Stdio};

/// What the pager is run with if it is not named.
const PAGER: &str = "less";
/// Characters for which a shell runs the pager.
const OF_A_SHELL: &[char] = &['"', '\'', '\\', '$', '`', '|', '&', ';', '<', '>', '(', ')', '*', '?', '~', '='];

/// Standard output, through a pager if there is one.
pub(super) struct Pager {
    child: Option<Child>,
}

impl Pager {
    /// Starts the pager if it is wanted and standard output is a terminal. A pager that cannot be started, or that is
    /// empty or `cat`, is none.
    pub(super) fn start(wanted: bool) -> Self {
        let chosen = |name: &str| std::env::var_os(name);
        let is_wanted = wanted && terminal::stdout().is_terminal();
        let named = is_wanted.then(|| named(chosen("STATETRAIL_PAGER"), chosen("PAGER"))).flatten();
        let child = named.and_then(|words| {
            let mut command = Command::new(&words[0]);
            command.args(&words[1..]).stdin(Stdio::piped());
            if std::env::var_os("LESS").is_none() {
                command.env("LESS", "FRX");
            }
            command.spawn().ok()
        });
        if child.is_some() {
            // Ctrl-C is for the pager.
            signals::survive_interrupts();
        }
        Self { child }
    }

    /// Waits until the reader leaves the pager.
    pub(super) fn finish(mut self) {
        self.wait();
    }

    fn wait(&mut self) {
        if let Some(mut child) = self.child.take() {
            drop(child.stdin.take());
            // How the pager ends is its own business.
            let _ = child.wait();
        }
    }
}

impl Drop for Pager {
    fn drop(&mut self) {
        self.wait();
    }
}

impl Write for Pager {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self.child.as_mut().and_then(|child| child.stdin.as_mut()) {
            Some(pipe) => pipe.write(bytes),
            None => terminal::stdout().write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self.child.as_mut().and_then(|child| child.stdin.as_mut()) {
            Some(pipe) => pipe.flush(),
            None => terminal::stdout().flush(),
        }
    }
}

/// The command of the pager; none if there is to be none.
fn named(own: Option<OsString>, general: Option<OsString>) -> Option<Vec<String>> {
    let command = own.or(general).map_or_else(|| PAGER.to_owned(), |name| name.to_string_lossy().into_owned());
    if command.contains(OF_A_SHELL) {
        return Some(["sh", "-c", &command].map(str::to_owned).to_vec());
    }
    let words: Vec<String> = command.split_whitespace().map(str::to_owned).collect();
    match words.first().map(String::as_str) {
        None | Some("cat") => None,
        Some(_) => Some(words),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pager_is_statetrails_own_then_the_general_one_then_less() {
        let words = |own: Option<&str>, general: Option<&str>| named(own.map(Into::into), general.map(Into::into));
        assert_eq!(words(Some("most"), Some("more -s")), Some(vec!["most".to_owned()]));
        assert_eq!(words(None, Some("more -s")), Some(vec!["more".to_owned(), "-s".to_owned()]));
        assert_eq!(words(None, None), Some(vec!["less".to_owned()]));
        assert_eq!(words(Some(""), Some("more")), None, "an empty one is none");
        assert_eq!(words(None, Some("cat")), None);
        let shell = words(None, Some("less -R | head"));
        assert_eq!(shell, Some(["sh", "-c", "less -R | head"].map(str::to_owned).to_vec()));
    }
}
