//! `statetrail verify`: whether a recording is whole.

use super::arguments::{ReportFormat, Verify};
use super::exit::{Exit, Failure, written};
use super::printer::{self, Notation, counted};
use crate::observation::printable;
use crate::recording::{Chain, Reader, Verified};
use crate::run;
use std::fmt::Write as _;

/// Runs it.
pub(super) fn run(command: &Verify) -> Result<Exit, Failure> {
    let (verified, damage) = run::verify(Reader::open(&command.recording)?)?;
    let printed = match command.output {
        ReportFormat::Text => printer::print(Notation::Words, &text(&verified)),
        ReportFormat::Json => {
            let json = serde_json::to_string(&verified).expect("plain data");
            printer::print(Notation::Json, &(json + "\n"))
        }
    };
    written(printed)?;
    match damage {
        Some(damage) => Err(damage.into()),
        None if verified.complete => Ok(Exit::Ok),
        None => Ok(Exit::Undecided),
    }
}

fn text(verified: &Verified) -> String {
    let mut text = String::new();
    for chain in &verified.watches {
        let _ = writeln!(text, "{}", printable(&line(chain)));
        for problem in &chain.problems {
            let _ = writeln!(text, "  not whole: {}", printable(problem));
        }
    }
    for problem in &verified.problems {
        let _ = writeln!(text, "not whole: {}", printable(problem));
    }
    text.push_str(if verified.complete { "whole\n" } else { "not whole\n" });
    text
}

fn line(chain: &Chain) -> String {
    let place = match chain.namespace.as_str() {
        "" if chain.is_source => String::new(),
        "" => " in all namespaces".to_owned(),
        namespace => format!(" in {namespace}"),
    };
    if chain.not_served {
        let when = if chain.problems.is_empty() { ", so there was nothing to see" } else { " at first" };
        return format!("{}{place}: not served{when}", chain.selected);
    }
    let span = match (&chain.from_resource_version, &chain.to_resource_version) {
        (Some(from), Some(to)) => format!("from {from} to {to}"),
        _ => "never attached".to_owned(),
    };
    format!(
        "{}{place}: {span}, {}, {}, {}{}{}",
        chain.selected,
        counted(chain.events, "event"),
        counted(chain.reconnects, "reconnect"),
        if chain.healed > 0 {
            format!("{} healed, {}", chain.healed, counted(chain.gaps + chain.undecodable, "gap"))
        } else {
            counted(chain.gaps + chain.undecodable, "gap")
        },
        if chain.undecodable > 0 && !chain.is_source {
            format!(" ({} undecodable)", chain.undecodable)
        } else {
            String::new()
        },
        if chain.fenced { ", fenced" } else { ", not fenced" },
    )
}
