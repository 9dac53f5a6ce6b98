//! Assigns streams to watches: one for each resource, or for each namespace if the inputs differ in it.

use super::item::{Item, Said};
use super::note::UNPLACED;
use super::segment::{Begin, Segment};
use super::{Error, Note, Options};
use crate::kinds;
use crate::observation::{Object, Resource, ResourceVersion, Watch};
use smol_str::SmolStr;
use std::collections::{BTreeSet, HashSet};

/// The segments of one watch, in order.
pub(super) struct Group {
    /// The watch.
    pub watch: Watch,
    /// Its segments, in order.
    pub segments: Vec<Segment>,
    /// True if some of them may be of one namespace and others of all.
    pub is_mixed: bool,
}

/// Segments that certainly are of the same objects, in order.
type Chain = Vec<Segment>;

/// Groups the streams of all inputs into watches.
///
/// # Errors
/// Two of them contain the same objects at the same versions.
pub(super) fn grouped(
    streams: Vec<(Resource, Vec<Segment>)>,
    options: &Options,
    notes: &mut Vec<Note>,
) -> Result<Vec<Group>, Error> {
    let all: BTreeSet<SmolStr> = streams.iter().flat_map(|(_, segments)| segments).flat_map(namespaces).collect();
    let mut resources: Vec<(Resource, Vec<Vec<Segment>>)> = Vec::new();
    for (resource, segments) in paged(streams) {
        match resources.iter_mut().find(|(of, _)| of.group == resource.group && of.plural == resource.plural) {
            Some((_, all)) => all.push(segments),
            None => resources.push((resource, vec![segments])),
        }
    }
    let mut groups = Vec::new();
    for (resource, streams) in resources {
        let is_namespaced = is_namespaced(&resource, &streams);
        let chains = if options.namespace.is_some() || !is_namespaced { streams } else { placed(streams, notes) };
        let is_mixed = options.namespace.is_none() && is_mixed(&chains);
        for segments in by_namespace(chains) {
            one_after_another(&resource, &segments)?;
            let own: BTreeSet<SmolStr> = segments.iter().flat_map(namespaces).collect();
            let said = options.namespace.as_ref().filter(|said| !said.is_empty());
            if let Some(said) = said
                && let Some(found) = own.iter().find(|own| !own.is_empty() && *own != said)
            {
                let (said, found, resource) = (said.clone(), found.clone(), resource.to_string());
                return Err(Error::Namespace { said, found, resource });
            }
            let shared = if own.is_empty() && is_namespaced { sole(&all) } else { sole(&own) };
            let watch = Watch {
                namespace: options.namespace.clone().or(shared).unwrap_or_default(),
                label_selector: options.label_selector.clone(),
                field_selector: options.field_selector.clone(),
                separate_storage: options.separate_storage.iter().any(|word| kinds::is_named(&resource, word)),
                address: String::new(),
                ..Watch::all(resource.clone())
            };
            if is_mixed && let Some(segment) = segments.first() {
                let text = "some of it shows objects of one namespace and some of several: nothing proves that all of it is \
                            of one watch; there is a gap from its first line to its last; say what was watched with \
                            `--namespace NAME`, or `--namespace ''` for all";
                notes.push(Note::on(&segment.input, text));
            }
            groups.push(Group { watch, segments, is_mixed });
        }
    }
    let is_unknown = |word: &&SmolStr| !groups.iter().any(|group| kinds::is_named(&group.watch.resource, word));
    if let Some(word) = options.separate_storage.iter().find(is_unknown) {
        let known: BTreeSet<String> = groups.iter().map(|group| group.watch.resource.to_string()).collect();
        let known = known.into_iter().collect::<Vec<_>>().join(", ");
        return Err(Error::SeparateStorage { word: word.to_string(), known });
    }
    Ok(groups)
}

/// The streams, in which a list of the same version as a page of one is a page, too: perhaps the last one.
fn paged(mut streams: Vec<(Resource, Vec<Segment>)>) -> Vec<(Resource, Vec<Segment>)> {
    let listed = streams.iter().flat_map(|(_, segments)| segments).flat_map(|segment| &segment.listed);
    let page = |item: &Item| match &item.said {
        Said::List { version, is_page: true, .. } => Some(version.clone()),
        _ => None,
    };
    let pages: HashSet<ResourceVersion> = listed.filter_map(page).collect();
    for item in streams.iter_mut().flat_map(|(_, segments)| segments).flat_map(|segment| &mut segment.listed) {
        if let Said::List { version, is_page, .. } = &mut item.said {
            *is_page |= pages.contains(version);
        }
    }
    streams
}

/// Whether the objects of a resource have namespaces.
fn is_namespaced(resource: &Resource, streams: &[Chain]) -> bool {
    let own: BTreeSet<SmolStr> = streams.iter().flatten().flat_map(namespaces).collect();
    let declared = kinds::served(&resource.group, &resource.plural);
    declared.map_or_else(|| sole(&own).is_none_or(|own| !own.is_empty()), |kind| kind.namespaced)
}

/// The chains in these streams. One without an object may be of any namespace: it shows no state of the others, and is
/// only a gap after them.
fn placed(streams: Vec<Chain>, notes: &mut Vec<Note>) -> Vec<Chain> {
    let mut chains: Vec<Chain> = Vec::new();
    for (mut chain, is_only) in streams.into_iter().flat_map(chained) {
        let is_unread = chain.iter().flat_map(Segment::items).any(|item| matches!(item.said, Said::Unreadable(_)));
        if is_unread || chain.iter().flat_map(namespaces).next().is_some() {
            if !is_only {
                chain.iter_mut().for_each(|segment| prove(segment, notes));
            }
            chains.push(chain);
            continue;
        }
        if let Some(first) = chain.first() {
            let line = first.items().next().map_or(1, |item| item.line);
            notes.push(Note::at(&first.input, line, UNPLACED));
        }
        chain.iter_mut().for_each(|segment| segment.is_placed = false);
        match chains.last_mut() {
            Some(before) => before.extend(chain),
            None => chains.push(chain),
        }
    }
    // One that nothing precedes is no gap either.
    if chains.len() > 1 && chains[0].iter().all(|segment| !segment.is_placed) {
        chains.remove(0);
    }
    chains
}

/// In an input of several watches, the list of one proves nothing if what follows is also of namespaces that it does not
/// show: that may be of another watch.
fn prove(segment: &mut Segment, notes: &mut Vec<Note>) {
    let listed: BTreeSet<SmolStr> = segment.listed.iter().flat_map(of_item).collect();
    let Some(other) = segment.live.iter().flat_map(of_item).find(|namespace| !listed.contains(namespace)) else {
        return;
    };
    if segment.is_whole() {
        let line = segment.items().next().map_or(1, |item| item.line);
        let text = format!(
            "its list shows no object of namespace {other}, as later lines do, so it may be of another one, and no object's \
             beginning is known; say what was watched with `--namespace NAME`, or `--namespace ''` for all"
        );
        notes.push(Note::at(&segment.input, line, text));
    }
    segment.is_proven = false;
}

/// Splits a stream where it may go on with other objects: only a watch that the server ended certainly has the same.
/// Tells of each whether it is the only one.
fn chained(stream: Vec<Segment>) -> Vec<(Chain, bool)> {
    let mut chains: Vec<Chain> = Vec::new();
    for segment in stream {
        match chains.last_mut().filter(|_| matches!(segment.begin, Begin::Ended(_))) {
            Some(chain) => chain.push(segment),
            None => chains.push(vec![segment]),
        }
    }
    let is_only = chains.len() == 1;
    chains.into_iter().map(|chain| (chain, is_only)).collect()
}

/// True if some chains show objects of one namespace, and others of several: then they may be of different watches.
fn is_mixed(chains: &[Chain]) -> bool {
    let of: Vec<usize> =
        chains.iter().map(|chain| chain.iter().flat_map(namespaces).collect::<BTreeSet<_>>().len()).collect();
    of.contains(&1) && of.iter().any(|number| *number > 1)
}

/// Inputs of one namespace each are watches of those namespaces; otherwise they are parts of one watch.
fn by_namespace(streams: Vec<Vec<Segment>>) -> Vec<Vec<Segment>> {
    let of = |stream: &Vec<Segment>| sole(&stream.iter().flat_map(namespaces).collect());
    let soles: Option<Vec<SmolStr>> = streams.iter().map(of).collect();
    let Some(soles) = soles else { return vec![streams.into_iter().flatten().collect()] };
    let mut groups: Vec<(SmolStr, Vec<Segment>)> = Vec::new();
    for (namespace, segments) in soles.into_iter().zip(streams) {
        match groups.iter_mut().find(|(of, _)| *of == namespace) {
            Some((_, group)) => group.extend(segments),
            None => groups.push((namespace, segments)),
        }
    }
    groups.into_iter().map(|(_, group)| group).collect()
}

/// Segments of one watch follow each other. One that goes back may repeat earlier lines; two with different
/// content for the same span are two watches of the same objects.
fn one_after_another(resource: &Resource, segments: &[Segment]) -> Result<(), Error> {
    let mut seen: HashSet<(&SmolStr, &ResourceVersion)> = HashSet::new();
    let mut newest: Option<(u64, &Segment)> = None;
    for segment in segments {
        for object in segment.live.iter().filter_map(object) {
            let number = object.resource_version.number();
            let is_new = seen.insert((&object.uid, &object.resource_version));
            if let (Some(number), Some((last, earlier))) = (number, newest)
                && is_new
                && number <= last
                // Within one input they follow each other nevertheless, with a gap between them.
                && earlier.input != segment.input
            {
                let (later, earlier) = (place(segment), place(earlier));
                return Err(Error::Overlap { later, earlier, resource: resource.to_string() });
            }
        }
        let last = segment.live.iter().filter_map(object).filter_map(|object| object.resource_version.number()).max();
        newest = match (newest, last) {
            (Some((before, _)), Some(last)) if last <= before => newest,
            (_, Some(last)) => Some((last, segment)),
            (_, None) => newest,
        };
    }
    Ok(())
}

fn place(segment: &Segment) -> String {
    let line = segment.items().next().map_or(1, |item| item.line);
    format!("{}:{line}", segment.input)
}

fn object(item: &Item) -> Option<&Object> {
    match &item.said {
        Said::Event(_, object) => Some(object),
        _ => None,
    }
}

fn namespaces(segment: &Segment) -> impl Iterator<Item = SmolStr> {
    segment.items().flat_map(of_item)
}

fn of_item(item: &Item) -> impl Iterator<Item = SmolStr> {
    let objects: Box<dyn Iterator<Item = &Object>> = match &item.said {
        Said::Event(_, object) | Said::Bare(object) => Box::new(std::iter::once(object)),
        Said::List { items, .. } => Box::new(items.iter().flatten()),
        _ => Box::new(std::iter::empty()),
    };
    objects.map(|object| object.namespace.clone())
}

fn sole(namespaces: &BTreeSet<SmolStr>) -> Option<SmolStr> {
    let mut all = namespaces.iter();
    all.next().filter(|_| namespaces.len() == 1).cloned()
}
