//! The report of a run: its verdicts as a file for programs.

use super::exit::Failure;
use super::page;
use crate::recording::is_dash;
use crate::run;
use crate::view::{Style, verdict};
use std::path::{Path, PathBuf};

/// The file of `--report`, if there is one.
pub(super) struct Report(Option<(PathBuf, Form)>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Verdicts(verdict::Format),
    /// The timeline and the verdicts, for browsers.
    Page,
}

impl Report {
    /// # Errors
    /// Its name tells no format, or it cannot be written where it is to be.
    pub(super) fn new(path: Option<PathBuf>) -> Result<Self, Failure> {
        let Some(path) = path else { return Ok(Self(None)) };
        let named = path.display();
        let format = match path.extension().and_then(|extension| extension.to_str()) {
            Some("xml") => Form::Verdicts(verdict::Format::Junit),
            Some("json") => Form::Verdicts(verdict::Format::Json),
            Some("html") => Form::Page,
            _ => {
                let message = format!(
                    "--report {named}: the name must end in .xml, for JUnit, in .json, or in .html, for browsers"
                );
                return Err(Failure::usage(message));
            }
        };
        let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty());
        if let Some(missing) = directory.filter(|directory| !directory.is_dir()) {
            let message = format!("--report {named}: the directory {} does not exist", missing.display());
            return Err(Failure::trouble(message));
        }
        Ok(Self(Some((path, format))))
    }

    /// Fails if it shows a recording, and there is no file of it.
    ///
    /// # Errors
    /// That.
    pub(super) fn require(&self, recording: Option<&Path>) -> Result<(), Failure> {
        match &self.0 {
            Some((path, Form::Page)) if recording.is_none_or(is_dash) => Err(Failure::usage(format!(
                "--report {} shows the recording: write it to a file with -o FILE",
                path.display()
            ))),
            _ => Ok(()),
        }
    }

    /// True if it has something to report without an expectation.
    pub(super) fn shows_recording(&self) -> bool {
        matches!(self.0, Some((_, Form::Page)))
    }

    /// Where it is written.
    pub(super) fn path(&self) -> Option<&Path> {
        self.0.as_ref().map(|(path, _)| path.as_path())
    }

    /// Removes the report of an earlier run.
    ///
    /// # Errors
    /// It exists and cannot be removed.
    pub(super) fn withdraw(&self) -> Result<(), Failure> {
        Ok(run::withdraw(self.path())?)
    }

    /// Writes the verdicts, and what else it shows of the file of the recording. A report that cannot be written to
    /// its end is removed.
    ///
    /// # Errors
    /// It cannot be written.
    pub(super) fn write(&self, judged: &[verdict::Judged<'_>], recording: Option<&Path>) -> Result<(), Failure> {
        let Some((path, form)) = &self.0 else { return Ok(()) };
        let mut text = Vec::new();
        match (form, recording) {
            (Form::Verdicts(format), _) => {
                verdict::write(*format, judged, &Style::default(), &mut text).expect("memory can be written");
            }
            (Form::Page, Some(recording)) => page::report(recording, judged, &mut text)?,
            // `require` refused it.
            (Form::Page, None) => return Ok(()),
        }
        written(path, &text)
    }

    /// The result of a recorder. If that is a failure, the report says that there are no verdicts, and why.
    ///
    /// # Errors
    /// The failure.
    pub(super) fn unless_failed<T>(&self, done: Result<T, Failure>, recording: Option<&Path>) -> Result<T, Failure> {
        done.inspect_err(|failure| self.without_verdicts(&failure.message(), recording))
    }

    /// Says in the report that there are no verdicts, and why. What stands in the way of that is no more than the reason.
    pub(super) fn without_verdicts(&self, why: &str, recording: Option<&Path>) {
        let name = recording.map_or_else(|| "statetrail".to_owned(), |path| path.display().to_string());
        let written = match &self.0 {
            // Nothing was recorded that it could show.
            Some((path, Form::Page)) if recording.is_none_or(|recording| !recording.exists()) => {
                let mut text = Vec::new();
                page::unrecorded(recording, why, &mut text).and_then(|()| written(path, &text))
            }
            _ => self.write(&[verdict::Judged::unreadable(&name, why)], recording),
        };
        if let Err(failure) = written {
            failure.print();
        }
    }
}

fn written(path: &Path, text: &[u8]) -> Result<(), Failure> {
    std::fs::write(path, text).map_err(|error| {
        let _ = std::fs::remove_file(path);
        Failure::trouble(format!("cannot write the report {}: {error}", path.display()))
    })
}
