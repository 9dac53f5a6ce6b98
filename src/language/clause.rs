//! Compiles a line, or one statement of a document, to a clause: its subject, its track and its statement.

use super::check::check;
use super::diagnostic::{Diagnostics, Fragment};
use super::head::Head;
use super::line::{Line, line};
use super::mention::{Mentions, Origin};
use super::pattern::Pattern;
use super::program::{Clause, Expectation, Formula, Sight};
use super::requires::Requires;
use super::select::{Quantify, Selector, kind, known_kinds};
use super::sketch::{self, Sketch, parts};
use super::vocabulary::check_track;
use super::window::Window;
use crate::kinds;
use crate::monitor::{Fault, Place, Plan, Statement};
use crate::observation::{DNS_LABEL, Track, is_dns_label, nearest, nearest_within};
use std::ops::Range;
use std::sync::Arc;

pub(super) fn one_line(name: &str, text: &str, sketch: Option<&Sketch>) -> Result<Expectation, Diagnostics> {
    let mut expectation =
        compile_line(text, sketch).map_err(|fault| Diagnostics::from(Fragment::whole(name, text).locate(fault)))?;
    if !expectation.mentions.found.is_empty() {
        expectation.mentions.origin =
            Some(Arc::new(Origin { name: name.to_owned(), text: text.to_owned(), document: false }));
    }
    Ok(expectation)
}

fn compile_line(text: &str, sketch: Option<&Sketch>) -> Result<Expectation, Fault> {
    let Line { head, condition, mut statement } = line(text)?;
    let mut subjects = Vec::new();
    let (tracks, place) = own_track(head.as_ref(), sketch, &mut subjects)?;
    let mut mentions = Mentions::default();
    if let Some(head) = &head {
        mentions.track(&tracks, &place, &head.track.1);
    }
    let (condition, condition_place) = match &condition {
        Some(awaited) => {
            let (pattern, place) = written_track(awaited, &mut subjects)?;
            mentions.track(&pattern, &place, &awaited.track.1);
            // With the same words, these are about the same subject.
            let is_about_one = matches!(
                statement,
                Statement::While { .. }
                    | Statement::SameAs { .. }
                    | Statement::EveryAfter { .. }
                    | Statement::EveryThen { .. }
            );
            let is_own = is_about_one && head.as_ref().is_some_and(|own| own.subject.0 == awaited.subject.0);
            if is_own {
                subjects.pop();
            }
            let is_same = is_own && pattern == tracks;
            let alias = usize::from(!is_own);
            if is_same {
                statement = statement.on_one_track();
            }
            if is_same { (None, None) } else { (Some((alias, pattern)), Some(place)) }
        }
        None => (None, None),
    };
    restart_needs_container(&statement, &place, 0..text.len())?;
    check(&statement, &place, condition_place.as_ref())?;
    let plan = Plan::new(&statement, &place, condition_place.as_ref(), false)?;
    mentions.states(&statement, &place, condition_place.as_ref());
    let needs_state = needs_state(&statement);
    let (text, joined, whole) = (text.trim().to_owned(), 0..1, 0..text.len());
    let sight = Sight::of(&statement, &place, condition_place.as_ref());
    let clause =
        Clause { text: text.clone(), subject: 0, tracks, joined, condition, statement, sight, plan, needs_state };
    Ok(Expectation {
        name: text,
        name_range: whole,
        subjects,
        requires: Requires::default(),
        window: Window::default(),
        formula: Formula::Clause(0),
        clauses: vec![clause],
        assumptions: Vec::new(),
        sometimes: false,
        mentions,
    })
}

/// Statements about runs of states do not apply to a track that never had a state.
pub(in crate::language) fn needs_state(statement: &Statement) -> bool {
    matches!(statement, Statement::Never(_) | Statement::Always(_) | Statement::Graph(_))
}

/// Only containers have restarts.
pub(in crate::language) fn restart_needs_container(
    statement: &Statement,
    place: &Place,
    range: Range<usize>,
) -> Result<(), Fault> {
    match (&place.track, statement) {
        (Some(track), Statement::Count { states: None, .. }) if !track.is_container() => {
            Err(Fault::new(range, format!("`restart` on track `{track}`: only containers restart"))
                .help("a `container/NAME` track; quote a state of that name: `'restart'`"))
        }
        _ => Ok(()),
    }
}

fn own_track(
    head: Option<&Head>,
    sketch: Option<&Sketch>,
    subjects: &mut Vec<(String, Selector)>,
) -> Result<(Pattern, Place), Fault> {
    if let Some(head) = head {
        if let Some([sketch::Track { name: None, .. }]) = sketch.map(|sketch| sketch.tracks.as_slice()) {
            let (subject, track) = (&head.subject.0, &head.track.0);
            let fault = Fault::new(head.subject.1.start..head.track.1.end, "the timeline does not name its track");
            return Err(
                fault.help(format!("`--timeline '{subject} {track}: ...'`, or leave `{subject} {track}:` out here"))
            );
        }
        return written_track(head, subjects);
    }
    let example = "`vm/vm-imagepull status: ... -> Running -> ...`";
    let Some(sketch) = sketch else {
        return Err(Fault::new(0..1, "the subject and the track are missing").help(example));
    };
    let [track] = sketch.tracks.as_slice() else {
        return Err(Fault::new(0..1, "the sketch has several tracks, and the expectation names none").help(example));
    };
    let Some((subject, name)) = &track.name else {
        subjects.push((String::new(), Selector { quantify: Quantify::First, ..Selector::of("") }));
        return Ok((Pattern::Unnamed, Place { has_kinds: track.has_kinds, ..Place::unknown() }));
    };
    let head = Head { subject: (subject.clone(), 0..1), track: (name.clone(), 0..1) };
    head_track(&head, subjects)
}

/// The track of a subject that the expectation names; a sketch may have any names.
fn written_track(head: &Head, subjects: &mut Vec<(String, Selector)>) -> Result<(Pattern, Place), Fault> {
    let found = head_track(head, subjects)?;
    if let Some((_, Selector { kind, namespace, name, .. })) = subjects.last() {
        let range = &head.subject.1;
        namespace.iter().try_for_each(|namespace| admit_namespace(namespace, range))?;
        name.iter().try_for_each(|name| admit_name(kind, name, range))?;
    }
    Ok(found)
}

fn head_track(head: &Head, subjects: &mut Vec<(String, Selector)>) -> Result<(Pattern, Place), Fault> {
    let selector = selector(&head.subject.0, &head.subject.1)?;
    let (pattern, place) = track(&selector.kind, &head.track.0, &head.track.1)?;
    subjects.push((head.subject.0.clone(), selector));
    Ok((pattern, place))
}

/// Parses the name of a track of a kind.
pub(in crate::language) fn track(kind: &str, name: &str, range: &Range<usize>) -> Result<(Pattern, Place), Fault> {
    if name.is_empty() {
        return Err(Fault::new(range.clone(), "the track has no name").help("`phase`, `condition/Ready`"));
    }
    check_track(kind, name).map_err(|(message, help)| Fault::new(range.clone(), message).help(help))?;
    let pattern = Pattern::parse(name);
    let place = match &pattern {
        Pattern::One(track) => Place::of(kind, track),
        Pattern::Family(family) => Place::of(kind, &Track::parse(&format!("{family}x"))),
        Pattern::Unnamed => Place::unknown(),
    };
    Ok((pattern, place))
}

/// Parses `KIND`, `KIND/NAME` or `KIND/NAMESPACE/NAME`.
pub(in crate::language) fn selector(text: &str, range: &Range<usize>) -> Result<Selector, Fault> {
    let parts = parts(text);
    let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
    let (word, namespace, name) = match parts.as_slice() {
        [kind] => (*kind, None, None),
        [kind, name] => (*kind, None, Some(*name)),
        [kind, namespace, name] => (*kind, Some(*namespace), Some(*name)),
        _ => {
            return Err(Fault::new(range.clone(), format!("`{text}` does not name a subject"))
                .help("`KIND`, `KIND/NAME` or `KIND/NAMESPACE/NAME`"));
        }
    };
    if [Some(word), namespace, name].into_iter().flatten().any(str::is_empty) {
        return Err(Fault::new(range.clone(), format!("`{text}` does not name a subject")).help("`vm/vm-imagepull`"));
    }
    let kind = known_kind(word, range).map_err(|fault| not_a_kind(word, &parts, fault))?;
    Ok(Selector { namespace: namespace.map(str::to_owned), name: name.map(str::to_owned), ..Selector::of(&kind) })
}

/// The fault of an unknown kind in a line, which may be a name without its kind, or apart from it by another sign.
fn not_a_kind(word: &str, parts: &[&str], fault: Fault) -> Fault {
    let is_near = fault.help.as_ref().is_some_and(|help| help.starts_with("did you mean"));
    if is_near || parts.len() > 1 {
        return fault;
    }
    let apart = word.split_once(['-', '.', ':', '_', '=']);
    match apart.filter(|(kind, name)| kinds::named(kind).is_some() && !name.is_empty()) {
        Some((kind, name)) => fault.help(format!("did you mean `{kind}/{name}`?")),
        None => fault.help(format!("a subject is `KIND/NAME`, such as `vm/{word}`, or `KIND` for all of a kind")),
    }
}

/// Rejects a name that no object of the kind can have: nothing would ever be selected.
///
/// # Errors
/// The name is not one.
pub(in crate::language) fn admit_name(kind: &str, name: &str, range: &Range<usize>) -> Result<(), Fault> {
    let declared = kinds::of_kind(kind);
    let Err(rule) = kinds::check_name(declared, name) else { return Ok(()) };
    let fault = Fault::new(range.clone(), format!("no {kind} can have the name `{name}`"));
    if name.contains('*') {
        return Err(fault.help("a name is not a pattern; leave it out for all, or select by labels in a file"));
    }
    Err(fault.help(remedy(name, rule, |lower| kinds::check_name(declared, lower).is_ok())))
}

/// Rejects a name that no namespace can have.
///
/// # Errors
/// The name is not one.
pub(in crate::language) fn admit_namespace(namespace: &str, range: &Range<usize>) -> Result<(), Fault> {
    if is_dns_label(namespace) {
        return Ok(());
    }
    let fault = Fault::new(range.clone(), format!("no namespace can have the name `{namespace}`"));
    Err(fault.help(remedy(namespace, DNS_LABEL, is_dns_label)))
}

/// What to write instead of an impossible name.
fn remedy(name: &str, rule: &str, is_one: impl Fn(&str) -> bool) -> String {
    let lower = name.to_lowercase();
    if is_one(&lower) { format!("names are in lower case: `{lower}`") } else { format!("a name is {rule}") }
}

/// Resolves the name of a kind.
pub(in crate::language) fn known_kind(word: &str, range: &Range<usize>) -> Result<String, Fault> {
    let known = kind(word);
    if known == word && word.chars().next().is_some_and(char::is_lowercase) {
        let fault = Fault::new(range.clone(), format!("unknown kind `{word}`"));
        return Err(match nearest(word, known_kinds().into_iter()) {
            Some(near) => fault.help(format!("did you mean `{near}`?")),
            None => {
                let subjects = kinds::all().filter(|kind| !kind.is_evidence()).map(|kind| kind.display);
                let known = subjects.collect::<Vec<_>>().join(", ");
                fault.help(format!("{known}; any other kind is written as the API writes it, `StatefulSet`"))
            }
        });
    }
    // One edit only: the names of kinds are long, and others may be alike (`VirtualMachineExport`,
    // `VirtualMachineImport`).
    if known == word
        && kinds::of_kind(word).is_none()
        && let Some(near) = nearest_within(word, kinds::all().map(|kind| kind.kind), 1)
    {
        let fault = Fault::new(range.clone(), format!("unknown kind `{word}`"));
        return Err(fault.help(format!("did you mean `{near}`?")));
    }
    Ok(known)
}
