//! A span of revisions that a stream did not deliver: what happened in it, as far as history shows.
//!
//! First every object that is known to have changed is walked, then the deleted ones, and then everything else is
//! swept. Only a complete sweep makes a span complete.

use super::bisection::Bisection;
use super::event::Event;
use super::history::{Head, History, Snapshot, Unknown};
use super::sweep::{Known, sweep};
use super::walk::{Beginning, Chain, gone_at, walk};
use crate::observation::{Change, Object, ResourceVersion};
use futures::{FutureExt, StreamExt};
use smol_str::SmolStr;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// A lost span.
#[derive(Clone, Debug)]
pub(crate) struct Span {
    /// The revision after which events were lost, ...
    pub from: u64,
    /// ... a later one up to which a bookmark said that nothing had happened, if that may be of another storage, ...
    pub read: Option<u64>,
    /// ... the objects that were recorded last, ...
    pub recorded: HashMap<SmolStr, ResourceVersion>,
    /// ... the lines from which reading may begin instead, if something was lost before, ...
    pub steps: Vec<Step>,
    /// ... and the events that were recorded since that revision, if it was not the last one; these are incomplete.
    pub seen: Option<Vec<Seen>>,
    /// The revision of the list that came after, ...
    pub to: u64,
    /// ... the objects in it, ...
    pub end: Snapshot,
    /// ... and those that differ from what was recorded.
    pub changed: Vec<Object>,
}

/// A recorded line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Step {
    /// The revision that was reached with it.
    pub revision: u64,
    /// Its event, if it has one.
    pub seen: Option<Seen>,
}

/// An event that was recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Seen {
    pub uid: SmolStr,
    pub version: ResourceVersion,
    pub is_deletion: bool,
}

impl Seen {
    fn is(&self, event: &Event) -> bool {
        self.uid == event.object.uid
            && self.version.number() == Some(event.revision)
            && self.is_deletion == (event.change == Change::Deleted)
    }
}

/// What was found of a span.
#[derive(Debug)]
pub(crate) struct Found {
    /// Events of subjects of which nothing is missing, in order.
    pub events: Vec<Event>,
    /// Events of subjects whose older versions are missing, in order.
    pub loose: Vec<Event>,
    /// Ok when nothing else happened; otherwise why that is unknown.
    pub whole: Result<(), Unknown>,
}

impl Found {
    /// The result when nothing is known.
    pub(crate) fn nothing(why: Unknown) -> Self {
        Self { events: Vec::new(), loose: Vec::new(), whole: Err(why) }
    }

    /// # Errors
    /// History shows nothing of the span, or contradicts what was recorded.
    pub(crate) async fn of(history: &Arc<History>, span: &Span) -> Result<Self, Unknown> {
        let base = history.heads(span.from).await?;
        if let Some(unknown) = difference(&base, span.from, &span.recorded, span.seen.as_deref().unwrap_or_default()) {
            return Err(unknown);
        }
        let mut found = Self { events: Vec::new(), loose: Vec::new(), whole: Ok(()) };
        // If objects can leave and return, only a sweep finds when they did.
        if !history.watch().can_be_left() {
            found.walk(history, span, &base).await?;
        }
        if found.whole.is_ok() {
            let known = Known { from: span.from, base, to: span.to, end: &span.end, events: &found.events };
            match sweep(history, known).await {
                Ok(events) => found.events.extend(events),
                Err(unknown @ Unknown::Contradicted(_)) => return Err(unknown),
                Err(unknown) => found.whole = Err(unknown),
            }
        }
        found.events.sort_by_key(|event| event.revision);
        match &span.seen {
            None => Ok(found),
            Some(seen) => found.without(seen),
        }
    }

    /// Removes what was recorded. The rest is recorded after it, so it must not be older for any object.
    fn without(mut self, seen: &[Seen]) -> Result<Self, Unknown> {
        self.whole?;
        if let Some(unknown) = seen.iter().find(|seen| !self.events.iter().any(|event| seen.is(event))) {
            return Err(Unknown::Contradicted(format!("{} was delivered at {}", unknown.uid, unknown.version)));
        }
        self.events.retain(|event| !seen.iter().any(|seen| seen.is(event)));
        let is_overtaken = |event: &&Event| {
            seen.iter().any(|seen| seen.uid == event.object.uid && seen.version.number() >= Some(event.revision))
        };
        match self.events.iter().find(is_overtaken) {
            Some(event) => Err(Unknown::Overtaken { name: event.object.name.clone() }),
            None => Ok(Self { whole: Ok(()), ..self }),
        }
    }

    /// Walks everything that changed.
    async fn walk(&mut self, history: &Arc<History>, span: &Span, base: &Snapshot) -> Result<(), Unknown> {
        let from = span.from;
        let mut walks = Vec::new();
        for object in &span.changed {
            let (history, object) = (Arc::clone(history), object.clone());
            let recorded = base.get(&object.uid).map(|head| head.version);
            if recorded.is_some() && recorded == object.resource_version.number() {
                continue;
            }
            walks.push(async move { (walk(&history, object, recorded, from).await, None) }.boxed());
        }
        let mut chains: Vec<(Chain, Option<Event>)> = history.few(walks).collect().await;
        let mut vanished: Vec<_> = base.iter().filter(|(uid, _)| !span.end.contains_key(*uid)).collect();
        vanished.sort_by_key(|(uid, _)| *uid);
        let mut walks = Vec::new();
        for (uid, head) in vanished {
            let (history, uid, head, to) = (Arc::clone(history), uid.clone(), head.clone(), span.to);
            walks.push(async move { last_of(&history, &uid, &head, from, to).await }.boxed());
        }
        let ended: Vec<_> = history.few(walks).collect().await;
        for walked in ended {
            match walked {
                Ok((chain, deletion)) => chains.push((chain, Some(deletion))),
                Err(unknown) => self.whole = Err(unknown),
            }
        }
        for (chain, deletion) in chains {
            self.take(chain, deletion)?;
        }
        self.events.sort_by_key(|event| event.revision);
        self.loose.sort_by_key(|event| event.revision);
        Ok(())
    }

    fn take(&mut self, chain: Chain, deletion: Option<Event>) -> Result<(), Unknown> {
        let first = match chain.beginning {
            Beginning::Recorded => Change::Modified,
            Beginning::Birth => Change::Added,
            Beginning::Unseen(unknown @ Unknown::Contradicted(_)) => return Err(unknown),
            Beginning::Unseen(unknown) => {
                self.whole = Err(unknown);
                Change::Listed
            }
        };
        // The newest version alone says no more than the list.
        if first == Change::Listed && deletion.is_none() && chain.versions.len() == 1 {
            return Ok(());
        }
        let to = if first == Change::Listed { &mut self.loose } else { &mut self.events };
        let mut change = first;
        for object in chain.versions {
            let revision = object.resource_version.number().unwrap_or_default();
            to.push(Event { revision, change, object, confirmed: false });
            change = Change::Modified;
        }
        to.extend(deletion);
        Ok(())
    }
}

/// How a snapshot differs from what was recorded, except for objects of which events were recorded since.
fn difference(
    base: &Snapshot,
    revision: u64,
    recorded: &HashMap<SmolStr, ResourceVersion>,
    seen: &[Seen],
) -> Option<Unknown> {
    let changed: HashSet<&SmolStr> = seen.iter().map(|seen| &seen.uid).collect();
    let other = |(uid, head): (&SmolStr, &Head)| {
        let recorded = recorded.get(uid).map(ResourceVersion::number);
        (recorded != Some(Some(head.version))).then(|| (head.name.clone(), recorded.flatten() > Some(head.version)))
    };
    let there = base.iter().filter(|(uid, _)| !changed.contains(uid)).filter_map(other);
    let gone = recorded.keys().filter(|uid| !changed.contains(uid) && !base.contains_key(*uid));
    let (name, is_older) = there.chain(gone.map(|uid| (uid.clone(), false))).min()?;
    Some(if is_older {
        // No event that was lost explains that.
        Unknown::Contradicted(format!("{name} at revision {revision}"))
    } else {
        Unknown::LostBefore { name, revision, why: String::new() }
    })
}

/// Moves the start of a span back to the newest recorded line at which history shows what was recorded: something was
/// lost after it.
///
/// # Errors
/// History shows nothing of that time, or something else at all of those lines.
pub(super) async fn begin_earlier(history: &Arc<History>, span: &mut Span) -> Result<(), Unknown> {
    // More events may share the revision of one.
    let is_last = |at: usize| span.steps.get(at + 1).is_none_or(|next| next.revision > span.steps[at].revision);
    let points: Vec<usize> =
        (0..span.steps.len()).filter(|at| span.steps[*at].revision < span.from && is_last(*at)).collect();
    let since = |point: usize| {
        let at = points[point];
        let seen: Vec<Seen> = span.steps[at + 1..].iter().filter_map(|step| step.seen.clone()).collect();
        (span.steps[at].revision, seen)
    };
    let compare = async |point: usize| {
        let (revision, seen) = since(point);
        let base = history.heads(revision).await?;
        Ok::<_, Unknown>(difference(&base, revision, &span.recorded, &seen))
    };
    if points.is_empty() {
        return Err(Unknown::Contradicted("nothing that was recorded before is remembered".to_owned()));
    }
    if let Some(unknown) = compare(0).await? {
        return Err(unknown);
    }
    let mut search = Bisection::between(0, points.len() as u64);
    while let Some(point) = search.next() {
        let point = usize::try_from(point).expect("an index");
        search.answer(point as u64, compare(point).await?.is_none());
    }
    let (revision, seen) = since(usize::try_from(search.before()).expect("an index"));
    (span.from, span.seen) = (revision, Some(seen));
    Ok(())
}

/// The versions of a deleted object, and its deletion.
async fn last_of(
    history: &Arc<History>,
    uid: &SmolStr,
    head: &Head,
    from: u64,
    to: u64,
) -> Result<(Chain, Event), Unknown> {
    let gone = gone_at(history, uid, head, from, to).await?;
    let last = history.object(&head.namespace, &head.name, gone - 1).await?;
    let last = last.filter(|object| object.uid == *uid);
    let last = last.ok_or_else(|| Unknown::Contradicted(format!("{} before revision {gone}", head.name)))?;
    let deletion = Event::deletion(gone, &last, false)?;
    let chain = if last.resource_version.number() == Some(head.version) {
        Chain { versions: Vec::new(), beginning: Beginning::Recorded }
    } else {
        walk(history, last, Some(head.version), from).await
    };
    Ok((chain, deletion))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::observation::{Capture, Shape, decode_object};

    fn event(name: &str, revision: u64, change: Change) -> Event {
        let json = format!(
            r#"{{"metadata":{{"name":"{name}","uid":"{name}","resourceVersion":"{revision}"}},"status":{{}}}}"#
        );
        let object = decode_object(json.as_bytes(), Shape::Pod, Capture::Status).expect("an object");
        Event { revision, change, object, confirmed: false }
    }

    fn seen(uid: &str, version: &str, is_deletion: bool) -> Seen {
        Seen { uid: uid.into(), version: ResourceVersion::new(version), is_deletion }
    }

    fn lost(seen: &[Seen]) -> Result<Vec<u64>, Unknown> {
        let changes = [("a", 6, Change::Added), ("b", 7, Change::Modified), ("a", 8, Change::Deleted)];
        let events = changes.map(|(name, revision, change)| event(name, revision, change)).into();
        let found = Found { events, loose: Vec::new(), whole: Ok(()) }.without(seen)?;
        Ok(found.events.iter().map(|event| event.revision).collect())
    }

    #[test]
    fn recorded_events_are_not_recorded_again_nor_older_ones_of_the_same_object() {
        assert_eq!(lost(&[]), Ok(vec![6, 7, 8]));
        assert_eq!(lost(&[seen("a", "6", false), seen("a", "8", true)]), Ok(vec![7]));
        assert_eq!(lost(&[seen("a", "8", true)]), Err(Unknown::Overtaken { name: "a".into() }));
        // Delivered, but never written.
        for other in [seen("b", "6", false), seen("a", "8", false), seen("b", "9", false)] {
            assert!(matches!(lost(&[other]), Err(Unknown::Contradicted(_))));
        }
    }
}
