//! Judges sketches, by which the language is learnt and tested.

use super::outcome::Outcome;
use super::state::Judge;
use super::subjects::Member;
use crate::kinds;
use crate::language::{Diagnostics, Ending, Program, Sketch, Track as Sketched, kind, parts, unknown};
use crate::monitor::{Cause, End, Event, Found, Order};
use crate::observation::{Identity, Owner, StateKind, Subject, Track};
use smol_str::SmolStr;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Judges one line on one sketch.
///
/// # Errors
/// Everything that is wrong with either.
pub fn judge_line(sketch: &str, line: &str) -> Result<Outcome, Diagnostics> {
    let sketch = Sketch::parse("--timeline", sketch)?;
    let program = Program::for_sketch("--expect", line, &sketch)?;
    Ok(judge(program, &sketch).remove(0))
}

/// Judges a sketch.
#[must_use]
pub fn judge(program: Program, sketch: &Sketch) -> Vec<Outcome> {
    let alone = sketch.tracks.len() == 1;
    let mut judge = Judge::new(Arc::new(program));
    judge.sketched = true;
    for (name, at) in &sketch.marks {
        judge.mark(name, *at);
    }
    let mut unseen: BTreeMap<usize, Vec<Event>> = BTreeMap::new();
    for (number, sketched) in sketch.tracks.iter().enumerate() {
        let (mut subject, track) = named(sketched, number);
        if kinds::is_evidence(&subject.kind) {
            Arc::make_mut(&mut subject).identity.owners = about(&subject, sketch).map(|owner| vec![owner]);
        }
        let member = judge.seen(&subject);
        for (place, event) in (0_u64..).zip(&sketched.events) {
            let event = judge.named_in(if alone { placed(event, place) } else { event.clone() });
            let event = as_found(event, &subject.kind, &track);
            if matches!(&event, Event::Gap { cause, .. } if *cause != Cause::Coalesced) {
                unseen.entry(member).or_default().push(event.clone());
            }
            judge.observe(member, &track, event);
        }
        if let (End::Deleted { when }, Some(member)) = (sketched.end(sketch.end), judge.roster.members.get_mut(member))
        {
            member.deleted = Some(when);
        }
    }
    for (member, mut gaps) in unseen {
        gaps.sort_by_key(|gap| gap.when().lo);
        if let Some(member) = judge.roster.members.get_mut(member) {
            gaps.iter().for_each(|gap| lose_unshown(member, gap));
        }
    }
    let end = match sketch.end {
        Ending::Open { now, alive } => End::Open { now, alive },
        Ending::Closed(at) | Ending::Deleted(at) => End::Closed { at },
        Ending::Unfenced => End::Unfenced,
    };
    judge.verdicts(&end)
}

impl Judge {
    /// An event with the predicates that hold of its state.
    fn named_in(&self, mut event: Event) -> Event {
        if let Event::Enter { shown, .. } | Event::Gap { found: Found::In(shown), .. } = &mut event {
            // A sketch has no messages: each detail may be one.
            let message = shown.symbol.details.iter().map(SmolStr::as_str).collect::<Vec<_>>().join(" ");
            shown.symbol = self.matched(shown.symbol.clone(), &message);
        }
        event
    }
}

/// An event whose state may be one that nothing shows.
fn as_found(mut event: Event, kind: &str, track: &Track) -> Event {
    if let Event::Enter { shown, .. } | Event::Gap { found: Found::In(shown), .. } = &mut event
        && unknown(kind, track).is_some_and(|unknown| shown.symbol.label == unknown.label)
    {
        shown.symbol.kind = StateKind::Unknown;
    }
    event
}

/// What was not seen of a subject was not seen of its tracks that the sketch does not show.
fn lose_unshown(member: &mut Member, gap: &Event) {
    if let Event::Gap { when, order, cause, found } = gap {
        let ended_by = (*found != Found::NotSeen).then_some(0);
        member.unshown.lost(*when, *order, *cause, ended_by);
    }
}

/// The subject and the track that a sketched track stands for. What the sketch does not name is unknown.
fn named(sketched: &Sketched, number: usize) -> (Arc<Subject>, Track) {
    let (subject, track) = match &sketched.name {
        Some((subject, track)) => (subject.as_str(), Track::parse(track)),
        None => ("", Track::Custom(SmolStr::default())),
    };
    let parts = parts(subject);
    let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
    let (word, namespace, name) = match parts.as_slice() {
        [kind, namespace, name] => (*kind, *namespace, *name),
        [kind, name] => (*kind, "", *name),
        [kind, ..] => (*kind, "", ""),
        [] => ("", "", ""),
    };
    let uid = match (subject, sketched.life) {
        ("", _) => format!("track {number}"),
        (subject, 1) => subject.to_owned(),
        (subject, life) => format!("{subject}#{life}"),
    };
    let subject = Subject {
        cluster: None,
        kind: SmolStr::new(kind(word)),
        group: SmolStr::default(),
        namespace: SmolStr::new(namespace),
        name: SmolStr::new(name),
        uid: SmolStr::new(uid),
        identity: Identity::default(),
    };
    (Arc::new(subject), track)
}

/// What an Event of a sketch is about, by its name: that of an Event is the object's with a suffix, `web.18e9d337`. None
/// if the sketch has no such subject, or several.
fn about(event: &Subject, sketch: &Sketch) -> Option<Owner> {
    let (name, _) = event.name.rsplit_once('.')?;
    let subjects = sketch.tracks.iter().zip(0..).map(|(sketched, number)| named(sketched, number).0);
    let mut meant = subjects
        .filter(|other| other.name == name && other.namespace == event.namespace && !kinds::is_evidence(&other.kind));
    let first = meant.next()?;
    let is_one = meant.all(|other| other.uid == first.uid);
    is_one.then(|| Owner { kind: first.kind.clone(), uid: first.uid.clone() })
}

/// Gives an event its exact place: the only track of a sketch is totally ordered.
fn placed(event: &Event, place: u64) -> Event {
    let (before, at) = (place * 2 + 1, place * 2 + 2);
    match event {
        Event::Enter { shown, when, .. } => Event::Enter { shown: shown.clone(), when: *when, order: Order::at(at) },
        Event::Gap { when, cause, found, .. } => {
            Event::Gap { when: *when, order: Order { lo: before, hi: at }, cause: *cause, found: found.clone() }
        }
    }
}
