//! Verdicts for CI, as JUnit XML: a suite for each recording, a case for each expectation. Expectations that must hold
//! in one of several recordings are in a suite of their own: in a single recording, one that is violated is no failure.
//!
//! Violated is a `<failure>`. Inconclusive and pending are an `<error>`, JUnit's element for a test that could not be
//! completed: readers of JUnit count it, colour it red and distinguish it from a failure, whereas `<skipped>` would
//! look like a pass although the command exits with 3. Skipped is `<skipped>`. The `time` of a suite and of its cases is
//! that of the run: from the first to the last entry of the recording.

use super::index::Index;
use super::judged::{Judged, Trouble};
use super::sometimes::{self, Sometimes};
use super::story::{Line, Story};
use crate::expectation::{Outcome, Verdict};
use crate::observation::printable;
use crate::timeline::Entry;
use crate::view::row::harmless;
use crate::view::style::Style;
use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};
use std::io;
use std::time::Duration;

/// The name of the report, and of a suite whose recording has no name.
const NAME: &str = "statetrail";

/// The name of the suite of expectations that must hold in one of several recordings.
const SHARED: &str = "sometimes";

/// Writes the report.
pub(super) fn write(judged: &[Judged<'_>], out: &mut impl io::Write) -> io::Result<()> {
    let mut report = Report::new(NAME);
    report.add_test_suites(judged.iter().map(|one| suite(judged, one)));
    let over = sometimes::over(judged);
    if !over.is_empty() {
        let mut suite = TestSuite::new(SHARED);
        suite.add_test_cases(over.iter().map(shared));
        report.add_test_suite(suite);
    }
    let text = report.to_string().map_err(io::Error::other)?;
    out.write_all(text.as_bytes())
}

fn suite(judged: &[Judged<'_>], one: &Judged<'_>) -> TestSuite {
    let index = Index::of(one);
    let mut suite = TestSuite::new(harmless(one.recording.unwrap_or(NAME)));
    suite.add_test_cases(sometimes::own(judged, one).map(|outcome| case(one, outcome, &index)));
    suite.add_test_cases(one.trouble.map(unread));
    if let Some(length) = length(one.entries) {
        suite.set_time(length);
        suite.test_cases.iter_mut().for_each(|case| _ = case.set_time(length));
    }
    suite
}

/// How long the run took that was recorded; none for a sketch.
fn length(entries: &[Entry]) -> Option<Duration> {
    let times = || entries.iter().map(|entry| entry.stamp.elapsed);
    Some(times().max()?.saturating_sub(times().min()?))
}

/// The case of a recording that could not be read, or not to its end.
fn unread(trouble: Trouble<'_>) -> TestCase {
    let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
    status.set_message(harmless(trouble.message)).set_type(trouble.extent.as_str());
    let mut case = TestCase::new("the recording is readable", status);
    case.set_classname(harmless(trouble.recording));
    case
}

/// Characters that XML 1.0 does not allow are written as code points; newlines stay.
fn valid(text: &str) -> String {
    text.split('\n').map(printable).collect::<Vec<_>>().join("\n")
}

fn case(judged: &Judged<'_>, outcome: &Outcome, index: &Index<'_>) -> TestCase {
    let story = Story::of(judged, outcome, index);
    let of = (outcome.name.as_str(), judged.recording.unwrap_or(NAME));
    written(of, outcome.standing.verdict, &story.sentence(), &lines(&story))
}

/// The case of an expectation that must hold in one of several recordings.
fn shared(over: &Sometimes<'_>) -> TestCase {
    let sentence = over.sentence();
    let nearest = over.nearest().map(|(judged, outcome)| {
        let story = lines(&Story::of(judged, outcome, &Index::of(judged)));
        format!("  in {}\n{story}", judged.recording.unwrap_or_default())
    });
    let text = format!("  {sentence}\n{}", nearest.unwrap_or_default());
    written((over.name, SHARED), over.standing.verdict, &sentence, &valid(&text))
}

/// The lines of a story.
fn lines(story: &Story<'_>) -> String {
    let line = |line: Line| match line {
        Line::Words(row) | Line::Cells(row) => row.line(&Style::default()),
    };
    valid(&story.lines().into_iter().map(line).collect::<String>())
}

/// A case of a class, with why and the lines below.
fn written((name, class): (&str, &str), verdict: Verdict, sentence: &str, lines: &str) -> TestCase {
    let mut status = match verdict {
        Verdict::Satisfied => TestCaseStatus::success(),
        Verdict::Skipped => TestCaseStatus::skipped(),
        Verdict::Violated => TestCaseStatus::non_success(NonSuccessKind::Failure),
        Verdict::Inconclusive | Verdict::Pending => TestCaseStatus::non_success(NonSuccessKind::Error),
    };
    match verdict {
        Verdict::Satisfied => {}
        Verdict::Skipped => _ = status.set_message(harmless(sentence)),
        _ => {
            let description = format!("\n{lines}");
            status.set_message(harmless(sentence)).set_type(verdict.as_str()).set_description(description);
        }
    }
    let mut case = TestCase::new(harmless(name), status);
    case.set_classname(harmless(class));
    if verdict == Verdict::Satisfied && !lines.is_empty() {
        case.set_system_out(lines);
    }
    case
}
