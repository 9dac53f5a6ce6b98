//! `statetrail serve`.

use super::arguments::{ExpectArgs, Record, Serve};
use super::exit::{Exit, Failure};
use super::record;

/// Runs it.
pub(super) fn run(command: Serve) -> Result<Exit, Failure> {
    let Serve { selecting, output, resume, serving, keeping, reaching } = command;
    let record = Record {
        selecting,
        until_expect: Vec::new(),
        expecting: ExpectArgs::default(),
        report: None,
        output,
        resume,
        keeping,
        reaching,
        metrics: None,
        command: Vec::new(),
    };
    record::run_with(record, Some(serving))
}
