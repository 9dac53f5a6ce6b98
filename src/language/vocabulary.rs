//! Closed vocabularies: a misspelt name in one could let an expectation pass forever, so it does not compile.
//!
//! The kinds declare them ([`crate::kinds`]). Other names are not restricted, and a quoted name is never checked, to
//! allow APIs that are newer than the declarations.

use crate::kinds::{self, TrackDeclaration, Unknown, Vocabulary};
use crate::monitor::{Fault, Name, NamedAt, Place, Predicate};
use crate::observation::{DetailSort, OF_LABEL, OF_MESSAGE, StateKind, Track, nearest};
use smol_str::SmolStr;

/// The declaration of a track of a kind. Tracks that all kinds have are also known for kinds that are not declared.
fn declared(kind: &str, track: &Track) -> Option<&'static TrackDeclaration> {
    let name = track.to_string();
    kinds::tracks(kind).iter().find(|declared| declared.is(&name))
}

/// The vocabulary of a track and its name, where it is closed.
#[must_use]
pub fn closed(kind: &str, track: &Track) -> Option<(&'static str, &'static [&'static str])> {
    match declared(kind, track)?.vocabulary {
        Vocabulary::Closed { what, words } => Some((what, words)),
        Vocabulary::Open { .. } => None,
    }
}

/// The known names on a track with an open vocabulary.
#[must_use]
pub fn familiar(kind: &str, track: &Track) -> &'static [&'static str] {
    match declared(kind, track).map(|declared| declared.vocabulary) {
        Some(Vocabulary::Open { words, .. }) => words,
        _ => &[],
    }
}

/// True for a known name on a track with an open vocabulary, or one of a known form.
#[must_use]
pub fn is_familiar(kind: &str, track: &Track, word: &str) -> bool {
    match declared(kind, track).map(|declared| declared.vocabulary) {
        Some(Vocabulary::Open { words, form, .. }) => words.contains(&word) || form(word),
        _ => false,
    }
}

/// The label of a state that nothing shows on a track, and the labels of those that it is none of.
#[must_use]
pub fn unknown(kind: &str, track: &Track) -> Option<Unknown> {
    declared(kind, track)?.unknown
}

/// The labels of the states that one of which nothing shows is none of.
#[must_use]
pub fn never_unknown(place: &Place) -> &'static [&'static str] {
    let unknown = place.track.as_ref().and_then(|track| unknown(&place.kind, track));
    unknown.map_or(&[], |unknown| unknown.never)
}

/// True when the kind declares the track.
#[must_use]
pub fn is_declared(kind: &str, track: &Track) -> bool {
    declared(kind, track).is_some()
}

/// The declared members of the track's family, when the track is not one of them.
#[must_use]
pub fn unlisted(kind: &str, track: &Track) -> Option<&'static [&'static str]> {
    let family = declared(kind, track).filter(|declared| declared.is_family() && !kind.is_empty())?;
    let name = track.to_string();
    let listed = name.strip_prefix(family.name).is_some_and(|member| family.members.contains(&member));
    (!listed).then_some(family.members)
}

/// True when every object of the kind may have the track, or when the kind is not known.
#[must_use]
pub fn has_track(kind: &str, track: &Track) -> bool {
    kind.is_empty() || is_declared(kind, track)
}

/// The tracks of a kind, families with a trailing `/`; none when the kind is not known.
#[must_use]
pub fn tracks(kind: &str) -> Option<Vec<&'static str>> {
    (!kind.is_empty()).then(|| kinds::tracks(kind).iter().map(|declared| declared.name).collect())
}

/// True when the states of a track may have details: a reason, an exit code, a signal, or what an instance is called.
fn has_details(kind: &str, track: &Track) -> bool {
    match track {
        Track::Lifecycle | Track::Node => false,
        Track::Custom(_) => kind.is_empty() || declared(kind, track).is_some_and(kinds::has_reasons),
        _ => true,
    }
}

/// Checks the name of a state against the vocabulary of its track.
///
/// # Errors
/// The vocabulary is closed and does not have the name, or the name has a kind and the track's states have none.
pub fn check_state(kind: &str, track: &Track, named: &NamedAt) -> Result<(), Fault> {
    let Name { kind: state_kind, label, details, quoted } = &named.name;
    if details.iter().any(|detail| detail.starts_with(OF_MESSAGE)) && !kinds::is_evidence(kind) {
        let what = format!("a message after a state of track `{track}`: it may change while the state stays");
        return Err(Fault::new(named.range.clone(), what).help("only Events have one here; `--track` makes it a track"));
    }
    let predicate = |detail: &&SmolStr| DetailSort::of(detail) == DetailSort::Predicate;
    if let Some(detail) = details.iter().find(|detail| !predicate(detail)).filter(|_| !has_details(kind, track)) {
        let what = format!("`{detail}` after a state of track `{track}`, whose states have no details");
        return Err(Fault::new(named.range.clone(), what).help(format!("quote the state: `'{}'`", named.name)));
    }
    let is_number = |detail: &&SmolStr| matches!(DetailSort::of(detail), DetailSort::ExitCode | DetailSort::Signal);
    if let Some(number) = details.iter().find(is_number) {
        let is_running = matches!(state_kind, Some(StateKind::Waiting | StateKind::Running | StateKind::Absent));
        let has_codes = track.is_container() || declared(kind, track).is_some_and(kinds::has_exit_codes);
        if is_running || !has_codes && !kind.is_empty() {
            let what = format!("`{}`: only containers that ended have an exit code or a signal", named.name);
            let help = format!("`terminated:_/{number}` on a container's track; a reason is a word, `True/Deferred`");
            return Err(Fault::new(named.range.clone(), what).help(help));
        }
    }
    if let Some(state_kind) = state_kind.filter(|state_kind| *state_kind != StateKind::Absent)
        && !track.is_container()
        && !kind.is_empty()
    {
        let word = state_kind.name().unwrap_or_default();
        return Err(Fault::new(
            named.range.clone(),
            format!("`{word}:` on track `{track}`: only containers are {word}"),
        )
        .help(match label {
            Some(_) => format!("`{}`", Name { kind: None, ..named.name.clone() }),
            None => "any one state is `_`".to_owned(),
        }));
    }
    let Some((what, words)) = closed(kind, track) else { return Ok(()) };
    let is_number = |word: &&str| word.parse::<i64>().is_ok();
    if details.predicates(OF_LABEL).any(Predicate::compares) && !words.iter().any(is_number) {
        let what = format!("`{}` compares numbers, and no state of track `{track}` is one", named.name);
        let help =
            format!("they are {}; a field with a number is a track by `--track NAME=JSONPATH`", words.join(", "));
        return Err(Fault::new(named.range.clone(), what).help(help));
    }
    let Some(label) = label.as_ref().filter(|label| !quoted && !words.contains(&label.as_str())) else { return Ok(()) };
    if state_kind.is_some() {
        return Ok(());
    }
    let fault = Fault::new(named.range.clone(), format!("unknown {what} `{label}`"));
    Err(match nearest(label, words.iter().copied()) {
        Some(word) => fault.help(format!("did you mean `{word}`?")),
        None => fault.help(format!("one of {}; quote a newer value of the API: `'{label}'`", few(words, kind, track))),
    })
}

/// Some of the states of a track, and where all are listed.
fn few(words: &[&str], kind: &str, track: &Track) -> String {
    const MOST: usize = 8;
    match words.len().checked_sub(MOST).filter(|more| *more > 1) {
        None => words.join(", "),
        Some(more) => {
            let kind = kinds::of_kind(kind).map_or(kind, |kind| kind.display);
            let all = format!("`statetrail explain {kind}.{track}` lists them");
            format!("{} and {more} more ({all})", words[..MOST].join(", "))
        }
    }
}

/// Checks the name of a track against those of its kind. A name that is not close to any of them may be a custom track,
/// which only a recording can show.
///
/// # Errors
/// The message and the remedy, when the name is close to one of the kind's tracks, or is a track of other kinds only.
pub fn check_track(kind: &str, track: &str) -> Result<(), (String, String)> {
    let Some(known) = tracks(kind) else { return Ok(()) };
    if kinds::is_evidence(kind) && !known.contains(&track) {
        return Err((format!("{kind} has no track `{track}`"), format!("it has {}", known.join(", "))));
    }
    let (family, rest) = match track.split_once('/') {
        Some((family, rest)) => (format!("{family}/"), rest),
        None => (track.to_owned(), ""),
    };
    if let Some(why) = declared(kind, &Track::parse(track)).and_then(|declared| declared.untold) {
        return Err((format!("nothing can be expected of track `{track}` of {kind}"), why.to_owned()));
    }
    if known.contains(&family.as_str()) {
        if family.ends_with('/') && rest.is_empty() {
            return Err((format!("track `{track}` of {kind} has no name"), format!("`{track}NAME`")));
        }
        return Ok(());
    }
    let shown = || known.iter().map(|track| track.replace('/', "/NAME")).collect::<Vec<_>>().join(", ");
    if known.contains(&format!("{track}/").as_str()) {
        return Err((format!("track `{track}` of {kind} has no name"), format!("`{track}/NAME`")));
    }
    if known.contains(&"container/") && ["restarts", "restartCount", "restart-count"].contains(&track) {
        let help = "restarts of a container are counted by `count`: `container/NAME: count restart max 3`";
        return Err((format!("{kind} has no track `{track}`"), help.to_owned()));
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn misspelt_tracks_are_recognised() {
        assert_eq!(check_track("Pod", "phse").unwrap_err().1, "did you mean `phase`?");
        assert_eq!(check_track("VirtualMachine", "condtion/Ready").unwrap_err().1, "did you mean `condition/Ready`?");
        assert!(check_track("VirtualMachine", "phase").is_err());
        assert!(check_track("Pod", "container/app").is_ok());
        assert!(check_track("Pod", "scheduler-verdict").is_ok());
        assert!(check_track("Pod", "ready").is_ok());
        assert!(check_track("Event", "reason").is_ok());
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
