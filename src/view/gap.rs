//! Gaps as text. "Not seen" and "never published" are different things, and are worded differently.

use super::clock;
use super::label;
use super::row::Row;
use super::style::{Ink, Style};
use crate::observation::{GapReason, ResourceVersion, Subject};
use crate::timeline::GapEntry;
use jiff::Timestamp;
use std::fmt::Write as _;

/// Columns of the shortest name.
const SHORTEST: usize = 12;

/// The line that no view omits: `~~~ status: not seen for 12.3s, 18:09:30.000 to 18:09:42.300: history expired (rv
/// 123..456) ~~~`.
pub(super) fn line(gap: &GapEntry, subject: Option<&Subject>, style: &Style) -> Row {
    let mut row = Row::of(Ink::Gap, "~~~ ");
    if let Some(about) = about(gap, subject) {
        row.push(Ink::Gap, format!("{about}: "));
    }
    row.push(Ink::Gap, words(gap, subject.is_none(), style)).push(Ink::Gap, " ~~~");
    row
}

/// The line in a width: without times and versions before its reason would be cut, and with a shorter name.
pub(super) fn line_within(gap: &GapEntry, subject: Option<&Subject>, style: &Style, width: usize) -> Row {
    let whole = line(gap, subject, style);
    if whole.width() <= width || gap.reason == GapReason::NeverPublished {
        return whole;
    }
    let words = match (known_from(gap), gap.to) {
        (Some(from), Some(to)) if from < to => {
            format!("not seen for {}: {}", clock::span(clock::between(from, to)), reason(gap.reason))
        }
        _ => format!("not seen: {}", reason(gap.reason)),
    };
    let words = Row::of(Ink::Gap, words);
    let mut row = Row::of(Ink::Gap, "~~~ ");
    if let Some(about) = about(gap, subject) {
        let room = width.saturating_sub(words.width() + 2 * "~~~ ".len() + 2).max(SHORTEST);
        row.append(Row::of(Ink::Gap, about).shortened(room)).push(Ink::Gap, ": ");
    }
    row.append(words).push(Ink::Gap, " ~~~");
    row
}

/// A line for each gap, then one for each track of a subject of which states were never published.
pub(super) fn lines<'a>(gaps: impl Iterator<Item = (&'a GapEntry, Option<&'a Subject>)>, style: &Style) -> Vec<Row> {
    let (unpublished, gaps): (Vec<_>, Vec<_>) = gaps.partition(|(gap, _)| gap.reason == GapReason::NeverPublished);
    let mut rows: Vec<Row> = gaps.into_iter().map(|(gap, subject)| line(gap, subject, style)).collect();
    let mut tracks: Vec<(Option<String>, &GapEntry, Option<&Subject>, usize)> = Vec::new();
    for (gap, subject) in unpublished {
        let of = about(gap, subject);
        match tracks.iter_mut().find(|(known, ..)| *known == of) {
            Some((.., count)) => *count += 1,
            None => tracks.push((of, gap, subject, 1)),
        }
    }
    rows.extend(tracks.into_iter().map(|(about, gap, subject, count)| match about {
        Some(about) if count > 1 => Row::of(Ink::Gap, format!("~~~ {about}: never published, {count} times ~~~")),
        _ => line(gap, subject, style),
    }));
    rows
}

/// The line next to the track or subject that it is about, which is not named again.
pub(super) fn line_beside(gap: &GapEntry, style: &Style) -> Row {
    Row::of(Ink::Gap, format!("~~~ {} ~~~", words(gap, false, style)))
}

/// The short form within a path: `~not seen 12.3s~`.
pub(super) fn short(gap: &GapEntry) -> Row {
    let words = match (gap.reason, known_from(gap), gap.to) {
        (GapReason::NeverPublished, ..) => "never published".to_owned(),
        // Nobody measured it.
        (_, Some(from), Some(to)) if from >= to => "not seen".to_owned(),
        (_, Some(from), Some(to)) => format!("not seen {}", clock::span(clock::between(from, to))),
        (_, _, None) => "not seen again".to_owned(),
        (_, None, Some(_)) => "not seen".to_owned(),
    };
    Row::of(Ink::Gap, format!("~{words}~"))
}

/// Since when it was not seen; none when no lower bound is known.
fn known_from(gap: &GapEntry) -> Option<Timestamp> {
    gap.from.filter(|from| clock::is_known(*from))
}

/// What the gap is about: `vm/web status`, `pods in story`.
fn about(gap: &GapEntry, subject: Option<&Subject>) -> Option<String> {
    let about = match subject {
        Some(subject) => label::subject(subject),
        None if gap.resource.is_empty() => return gap.track.as_ref().map(ToString::to_string),
        None if gap.namespace.is_empty() => gap.resource.to_string(),
        None => format!("{} in {}", gap.resource, gap.namespace),
    };
    Some(match &gap.track {
        Some(track) => format!("{about} {track}"),
        None => about,
    })
}

/// What happened, without what it is about.
fn words(gap: &GapEntry, whole_watch: bool, style: &Style) -> String {
    if gap.reason == GapReason::NeverPublished {
        return format!("never published{}", gap.evidence.as_ref().map(|e| format!(": {e}")).unwrap_or_default());
    }
    let span = match (known_from(gap), gap.to) {
        (Some(from), Some(to)) if from >= to => format!("not seen at {}", style.time(to)),
        (Some(from), Some(to)) => format!(
            "not seen for {}, {} to {}",
            clock::span(clock::between(from, to)),
            style.time(from),
            style.time(to)
        ),
        (Some(from), None) => format!("not seen from {} on", style.time(from)),
        (None, Some(to)) => format!("not seen before {}", style.time(to)),
        (None, None) => "not seen".to_owned(),
    };
    let mut words = format!("{span}: {}", reason(gap.reason));
    if let Some(versions) = versions(gap.from_resource_version.as_ref(), gap.to_resource_version.as_ref()) {
        let _ = write!(words, " ({versions})");
    }
    if let Some(evidence) = &gap.evidence {
        let _ = write!(words, "; {evidence}");
    }
    if whole_watch {
        words.push_str("; what lived only inside is unknown");
    }
    words
}

fn versions(from: Option<&ResourceVersion>, to: Option<&ResourceVersion>) -> Option<String> {
    let number = |version: Option<&ResourceVersion>| version.map(ToString::to_string).unwrap_or_default();
    match (from, to) {
        (None, None) => None,
        _ if from == to => Some(format!("rv {}", number(to))),
        _ => Some(format!("rv {}..{}", number(from), number(to))),
    }
}

/// Why it was not seen.
pub(super) fn reason(reason: GapReason) -> &'static str {
    match reason {
        GapReason::HistoryExpired => "history expired",
        GapReason::Undecodable => "an event could not be decoded",
        GapReason::LeftSelection => "it left the selection of its watch",
        GapReason::Replaced => "another object has its name, its deletion was never delivered",
        GapReason::NeverPublished => "never published",
        GapReason::StorageReplaced => "the server's storage went back to an older state",
        GapReason::StorageUnproven => "nothing shows whether the server's storage is the recorded one",
        GapReason::Contradicted => "what was delivered contradicts itself",
        GapReason::Unrecorded => "it was not recorded",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_versions_are_one() {
        let (three, five) = (ResourceVersion::new("3"), ResourceVersion::new("5"));
        assert_eq!(versions(Some(&three), Some(&five)).as_deref(), Some("rv 3..5"));
        assert_eq!(versions(Some(&three), Some(&three)).as_deref(), Some("rv 3"));
        assert_eq!(versions(None, Some(&five)).as_deref(), Some("rv ..5"));
        assert_eq!(versions(None, None), None);
    }
}
