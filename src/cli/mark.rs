//! `statetrail mark`.

use super::arguments::Mark;
use super::exit::{Exit, Failure, written};
use super::printer::{self, Notation};
use super::runtime;
use crate::server::{self, CallError, Target};

/// Runs it.
pub(super) fn run(command: &Mark) -> Result<Exit, Failure> {
    let Mark { name, server, token_file, certificate_authority } = command;
    let target = Target {
        server: server.clone(),
        token_file: token_file.clone(),
        certificate_authority: certificate_authority.clone(),
    };
    let at = runtime::run(server::mark(&target, name)).map_err(|error| match error {
        CallError::Address(_) => Failure::usage(error),
        error => Failure::trouble(error),
    })?;
    written(printer::print(Notation::Words, &format!("{at}\n")))
}
