//! Words that the API closes: where one is misspelt the expectation could pass for ever, so it does not compile.
//!
//! The kinds declare them ([`crate::kinds`]). All other words are free, and a quoted word is taken as it is, for APIs that
//! are newer than the declarations.

use crate::kinds::{self, TrackDeclaration, Vocabulary};
use crate::monitor::{Fault, Name, NamedAt};
use crate::observation::{StateKind, Track};

/// The declaration of a track of a kind. What all kinds have is known also where the kind is not.
fn declared(kind: &str, track: &Track) -> Option<&'static TrackDeclaration> {
    let name = track.to_string();
    kinds::tracks(kind).iter().find(|declared| declared.is(&name))
}

/// The words of a track, where they are closed.
#[must_use]
pub fn closed(kind: &str, track: &Track) -> Option<(&'static str, &'static [&'static str])> {
    match declared(kind, track)?.vocabulary {
        Vocabulary::Closed { what, words } => Some((what, words)),
        Vocabulary::Open { .. } => None,
    }
}

/// Words that are known on a track whose vocabulary is open.
#[must_use]
pub fn familiar(kind: &str, track: &Track) -> &'static [&'static str] {
    match declared(kind, track).map(|declared| declared.vocabulary) {
        Some(Vocabulary::Open { words, .. }) => words,
        _ => &[],
    }
}

/// True for a word that is known on a track whose vocabulary is open, or of a form that is.
#[must_use]
pub fn is_familiar(kind: &str, track: &Track, word: &str) -> bool {
    match declared(kind, track).map(|declared| declared.vocabulary) {
        Some(Vocabulary::Open { words, form }) => words.contains(&word) || form(word),
        _ => false,
    }
}

/// True when a track is one that its kind declares.
#[must_use]
pub fn is_declared(kind: &str, track: &Track) -> bool {
    declared(kind, track).is_some()
}

/// The listed members of the family that a track is of, where it is none of them.
#[must_use]
pub fn unlisted(kind: &str, track: &Track) -> Option<&'static [&'static str]> {
    let family = declared(kind, track).filter(|declared| declared.is_family() && !kind.is_empty())?;
    let name = track.to_string();
    let listed = name.strip_prefix(family.name).is_some_and(|member| family.members.contains(&member));
    (!listed).then_some(family.members)
}

/// True when a track is one that every object of its kind may have, or when the kind is not known.
#[must_use]
pub fn has_track(kind: &str, track: &Track) -> bool {
    kind.is_empty() || is_declared(kind, track)
}

/// The tracks of a kind, families with `/` at the end; none when the kind is not known.
#[must_use]
pub fn tracks(kind: &str) -> Option<Vec<&'static str>> {
    (!kind.is_empty()).then(|| kinds::tracks(kind).iter().map(|declared| declared.name).collect())
}

/// Holds a state's name against the words of its track.
///
/// # Errors
/// When the track's words are closed and this is none, or when the track's states have no sorts.
pub fn check_state(kind: &str, track: &Track, named: &NamedAt) -> Result<(), Fault> {
    let Name { kind: sort, label, quoted } = &named.name;
    if let Some(sort) = sort.filter(|sort| *sort != StateKind::Absent)
        && !track.is_container()
        && !kind.is_empty()
    {
        let word = sort.word().unwrap_or_default();
        return Err(Fault::new(
            named.range.clone(),
            format!("`{word}:` on track `{track}`: only containers are {word}"),
        )
        .help(format!("`{label}`")));
    }
    let Some((what, words)) = closed(kind, track) else { return Ok(()) };
    if *quoted || sort.is_some() || words.contains(&label.as_str()) {
        return Ok(());
    }
    let fault = Fault::new(named.range.clone(), format!("`{label}` is no {what}"));
    Err(match nearest(label, words.iter().copied()) {
        Some(word) => fault.help(format!("did you mean `{word}`?")),
        None => fault.help(format!("one of {}; a newer word of the API is quoted: `'{label}'`", words.join(", "))),
    })
}

/// Holds a track's name against those of its kind. A name that is not among them and near none of them may be one of the
/// user's own, which only a recording can tell.
///
/// # Errors
/// What to write instead, when the name is close to, but not one of, the kind's tracks, or one of other kinds.
pub fn check_track(kind: &str, track: &str) -> Result<(), (String, String)> {
    let Some(known) = tracks(kind) else { return Ok(()) };
    if known.is_empty() {
        let help = "its objects are evidence on the timelines of others".to_owned();
        return Err((format!("{kind} has no track `{track}`"), help));
    }
    let (family, rest) = match track.split_once('/') {
        Some((family, rest)) => (format!("{family}/"), rest),
        None => (track.to_owned(), ""),
    };
    if known.contains(&family.as_str()) {
        if family.ends_with('/') && rest.is_empty() {
            return Err((format!("track `{track}` of {kind} without a name"), format!("`{track}NAME`")));
        }
        return Ok(());
    }
    let shown = || known.iter().map(|track| track.replace('/', "/NAME")).collect::<Vec<_>>().join(", ");
    if known.contains(&format!("{track}/").as_str()) {
        return Err((format!("track `{track}` of {kind} without a name"), format!("`{track}/NAME`")));
    }
    if let Some(near) = nearest(&family, known.iter().copied()) {
        return Err((format!("{kind} has no track `{track}`"), format!("did you mean `{near}{rest}`?")));
    }
    let of_the_users_own = matches!(Track::parse(track), Track::Custom(_));
    if !of_the_users_own {
        return Err((format!("{kind} has no track `{track}`"), format!("it has {}", shown())));
    }
    Ok(())
}

/// The word that a misspelt one is meant to be, if one is near enough: one edit in four letters, case aside.
pub fn nearest<'a>(word: &str, words: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    nearest_within(word, words, (word.chars().count() / 4).clamp(1, 3))
}

/// The same with so many edits allowed.
pub fn nearest_within<'a>(word: &str, words: impl Iterator<Item = &'a str>, allowed: usize) -> Option<&'a str> {
    let near = words.map(|known| (distance(&word.to_lowercase(), &known.to_lowercase()), known));
    near.filter(|(edits, _)| *edits <= allowed).min_by_key(|(edits, _)| *edits).map(|(_, known)| known)
}

/// Edits between two words, two letters that changed places counting as one; of long words only the beginnings count.
fn distance(a: &str, b: &str) -> usize {
    let start = |word: &str| word.chars().take(64).collect::<String>();
    strsim::osa_distance(&start(a), &start(b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn misspelt_words_are_recognised() {
        let words = ["Pending", "Running", "Succeeded", "Failed", "Unknown", "ErrImagePull"];
        assert_eq!(nearest("Runing", words.into_iter()), Some("Running"));
        assert_eq!(nearest("Runnign", words.into_iter()), Some("Running"));
        assert_eq!(nearest("errimagepull", words.into_iter()), Some("ErrImagePull"));
        assert_eq!(nearest("Completed", words.into_iter()), None);
        assert_eq!(check_track("Pod", "phse").unwrap_err().1, "did you mean `phase`?");
        assert_eq!(check_track("VirtualMachine", "condtion/Ready").unwrap_err().1, "did you mean `condition/Ready`?");
        assert!(check_track("VirtualMachine", "phase").is_err());
        assert!(check_track("Pod", "container/app").is_ok());
        assert!(check_track("Pod", "scheduler-verdict").is_ok());
        assert!(check_track("Pod", "ready").is_ok());
        assert!(check_track("Event", "phase").is_err() && check_track("Event", "zone").is_err());
    }

    #[test]
    fn the_tracks_of_a_kind_that_is_not_declared_are_those_that_are_read_of_every_object() {
        let kind = "StatefulSet";
        assert_eq!(check_track(kind, "condtion/Ready").unwrap_err().1, "did you mean `condition/Ready`?");
        assert_eq!(check_track(kind, "phse").unwrap_err().1, "did you mean `phase`?");
        assert!(check_track(kind, "container/app").is_err() && check_track(kind, "status").is_err());
        for track in ["phase", "lifecycle", "condition/Ready", "zone", "a/b"] {
            assert!(check_track(kind, track).is_ok(), "{track}");
        }
        assert!(has_track(kind, &Track::Phase) && !has_track(kind, &Track::parse("zone")));
    }
}
