//! Expectations on the command line, and the exit codes of their verdicts.

use super::arguments::{ExpectArgs, VerdictFormat};
use super::exit::{self, Exit, Failure};
use super::printer::{self, Notation};
use super::{content, terminal};
use crate::expectation::{Diagnostic, Diagnostics, Program, Severity, Source};
use crate::recording::input;
use crate::view::verdict;
use std::io::{self, Read, Write};
use std::path::Path;
use std::sync::Arc;

impl ExpectArgs {
    /// Compiles all expectations; none when there are none.
    pub(super) fn optional(&self) -> Result<Option<Arc<Program>>, Failure> {
        self.texts()?.program()
    }

    /// Compiles all expectations, files first.
    pub(super) fn program(&self) -> Result<Arc<Program>, Failure> {
        Ok(self.optional()?.expect("the command line requires one"))
    }

    /// Reads the files.
    pub(super) fn texts(&self) -> Result<Texts, Failure> {
        let files = self.files.iter().map(|path| read(path)).collect::<Result<_, _>>()?;
        Ok(Texts { files, lines: self.lines.clone() })
    }
}

/// Expectations as text.
#[derive(Clone)]
pub(super) struct Texts {
    /// The files, each with its name.
    files: Vec<(String, String)>,
    /// The lines.
    lines: Vec<String>,
}

impl Texts {
    /// These and others.
    pub(super) fn and(mut self, other: Self) -> Self {
        self.files.extend(other.files);
        self.lines.extend(other.lines);
        self
    }

    /// Compiles them, files first; none when there are none.
    pub(super) fn program(&self) -> Result<Option<Arc<Program>>, Failure> {
        if self.files.is_empty() && self.lines.is_empty() {
            return Ok(None);
        }
        let documents = self.files.iter().map(|(name, text)| Source::Document { name, text });
        let lines = self.lines.iter().map(|text| Source::Line { name: "--expect", text });
        let program = Program::compile(documents.chain(lines)).map_err(|wrong| self.refused_lines(wrong))?;
        if program.expectations().is_empty() {
            let names: Vec<&str> = self.files.iter().map(|(name, _)| name.as_str()).collect();
            return Err(Failure::usage(format!("{} contains no expectation", names.join(", "))));
        }
        Ok(Some(Arc::new(program)))
    }

    /// The failure for expectations that do not compile; a line may be the name of a file.
    fn refused_lines(&self, wrong: Diagnostics) -> Failure {
        match self.lines.iter().find(|line| Path::new(line).is_file()) {
            Some(line) => Failure::usage(format!("--expect {line}: this is a file; pass it with `-e {line}`")),
            None => refused(wrong),
        }
    }
}

/// A file's name for messages, and its content.
pub(super) fn read(path: &Path) -> Result<(String, String), Failure> {
    let failed = |error: io::Error| {
        let remedy = if error.kind() == io::ErrorKind::NotFound && is_line(path) {
            "; pass a one-line expectation with --expect"
        } else {
            ""
        };
        Failure::usage(format!("cannot read expectations {}: {error}{remedy}", path.display()))
    };
    let (name, mut source) = input(path).map_err(failed)?;
    let mut bytes = Vec::new();
    source.read_to_end(&mut bytes).map_err(failed)?;
    if let Some(instead) = content::other_than_expectations(&bytes) {
        return Err(Failure::usage(format!("cannot read expectations {name}: {instead}")));
    }
    match String::from_utf8(bytes) {
        Ok(text) => Ok((name, text)),
        Err(_) => Err(Failure::usage(format!("cannot read expectations {name}: it is not text in UTF-8"))),
    }
}

/// True for `vm/web status: never Failed`, where a file's name is expected.
fn is_line(path: &Path) -> bool {
    path.to_str().is_some_and(|text| text.contains(' '))
}

/// The failure for expectations that do not compile.
#[expect(clippy::needless_pass_by_value, reason = "`map_err` hands it over")]
pub(super) fn refused(diagnostics: Diagnostics) -> Failure {
    Failure::usage(diagnostics.to_string().trim_start_matches("error: ").to_owned())
}

/// Prints the diagnostics; fails if one of them is an error.
pub(super) fn refuse(found: Vec<Diagnostic>) -> Result<(), Failure> {
    let (wrong, odd): (Vec<_>, Vec<_>) = found.into_iter().partition(|found| found.severity == Severity::Error);
    for warning in odd {
        printer::say(warning.to_string());
    }
    if wrong.is_empty() { Ok(()) } else { Err(refused(Diagnostics(wrong))) }
}

/// Writes verdicts to standard output, and returns the exit code.
pub(super) fn print(format: VerdictFormat, judged: &[verdict::Judged<'_>]) -> Result<Exit, Failure> {
    let notation = match format {
        VerdictFormat::Json => Notation::Json,
        VerdictFormat::Text | VerdictFormat::Junit => Notation::Words,
    };
    let mut out = printer::stdout(notation);
    let written = verdict::write(format.into(), judged, &terminal::style_of_stdout(), &mut out);
    exit::written(written.and_then(|()| out.flush()))?;
    Ok(verdict::total(judged).into())
}
