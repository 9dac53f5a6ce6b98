//! `-o perfetto`: a trace for <https://ui.perfetto.dev>, in protobuf.
//!
//! Tracks are nested: namespace, kind, object, track. States are slices, Events and marks are instants, and a gap is a
//! slice named as a gap on everything that it concerns. What is not over has no end in the trace either.

use super::fact::{Facts, Value, gap_title};
use super::perfetto_message::{
    Argument, ChildOrder, Clock, ClockSnapshot, Data, DebugAnnotation, SiblingMerge, Trace, TracePacket,
    TrackDescriptor, TrackEvent, Type,
};
use super::stretch::{Life, Lives, Of, Stretch};
use crate::observation::Subject;
use crate::timeline::{Body, Entry};
use crate::view::label;
use crate::view::selection::Selection;
use crate::view::style::Caveats;
use jiff::Timestamp;
use prost::Message as _;
use std::collections::{BTreeMap, HashMap};
use std::io;

/// Wall clock, and the clock that the times of a trace are of: here the same.
const CLOCKS: [u32; 2] = [1, 6];
/// All packets are of one sequence, whose first one depends on none before it.
const SEQUENCE: u32 = 1;
const FIRST: u32 = 1;

/// Writes what the selection matches.
///
/// # Errors
/// When writing to `out` fails.
pub(in crate::view) fn write(
    entries: &[Entry],
    selection: &Selection,
    caveats: Caveats,
    out: &mut impl io::Write,
) -> io::Result<()> {
    let lives = Lives::of(entries, selection, caveats);
    let Some((start, _)) = lives.span else { return Ok(()) };
    let mut drawing = Drawing::default();
    let recording = drawing.track(None, "recording", ChildOrder::Explicit, None);
    drawing.caveats(recording, start, caveats);
    for entry in &lives.apart {
        drawing.apart(recording, entry);
    }
    let names = names(&lives);
    for (life, name) in lives.of.iter().zip(names) {
        drawing.life(life, &name);
    }
    drawing.write(start, out)
}

/// The names of the objects, with a part of the uid where several objects of a kind and a namespace share one.
fn names(lives: &Lives<'_>) -> Vec<String> {
    let key = |subject: &Subject| {
        (subject.namespace.clone(), subject.kind.clone(), subject.group.clone(), subject.name.clone())
    };
    let mut lived: HashMap<_, usize> = HashMap::new();
    for life in &lives.of {
        *lived.entry(key(life.subject)).or_default() += 1;
    }
    let name = |life: &Life<'_>| match lived[&key(life.subject)] {
        1 => life.subject.name.to_string(),
        _ => format!("{} ({})", life.subject.name, label::short_uid(&life.subject.uid)),
    };
    lives.of.iter().map(name).collect()
}

/// A trace in the making.
#[derive(Default)]
struct Drawing {
    tracks: Vec<TrackDescriptor>,
    /// Tracks above those of objects, by the track above them and their name.
    above: BTreeMap<(Option<u64>, String), u64>,
    events: Vec<(Timestamp, TrackEvent)>,
    /// By the track that gaps are on: the tracks that they take because they overlap, and when the last on each is over.
    lanes: BTreeMap<u64, Vec<(u64, Option<Timestamp>)>>,
}

impl Drawing {
    /// A new track.
    fn track(&mut self, parent: Option<u64>, name: &str, order: ChildOrder, rank: Option<usize>) -> u64 {
        let uuid = self.tracks.len() as u64 + 1;
        self.tracks.push(TrackDescriptor {
            uuid: Some(uuid),
            name: Some(name.to_owned()),
            parent_uuid: parent,
            child_ordering: Some(order.into()),
            sibling_order_rank: rank.and_then(|rank| i32::try_from(rank).ok()),
            sibling_merge_behavior: Some(SiblingMerge::None.into()),
        });
        uuid
    }

    /// The track of that name, which may exist.
    fn shared(&mut self, parent: Option<u64>, name: &str) -> u64 {
        let key = (parent, name.to_owned());
        match self.above.get(&key) {
            Some(uuid) => *uuid,
            None => {
                let uuid = self.track(parent, name, ChildOrder::Lexicographic, None);
                self.above.insert(key, uuid);
                uuid
            }
        }
    }

    /// The track of the objects of a kind.
    fn kind(&mut self, namespace: &str, kind: &str) -> u64 {
        let namespace = if namespace.is_empty() { "cluster-scoped" } else { namespace };
        let namespace = self.shared(None, namespace);
        self.shared(Some(namespace), kind)
    }

    fn caveats(&mut self, track: u64, start: Timestamp, caveats: Caveats) {
        let facts = Facts::of_caveats(caveats);
        if !facts.0.is_empty() {
            self.instant(track, start, "caveats", "caveat", facts);
        }
    }

    /// Marks, gaps of whole watches, and Events about objects that were not seen.
    fn apart(&mut self, recording: u64, entry: &Entry) {
        let at = entry.stamp.at;
        match &entry.body {
            Body::Mark(name) => {
                let mut facts = Facts::default();
                facts.number("seq", i64::try_from(entry.seq).ok());
                self.instant(recording, at, name, "mark", facts);
            }
            Body::Evidence(evidence) => {
                let involved = &evidence.involved;
                let kind = self.kind(&involved.namespace, &involved.kind);
                let track = self.shared(Some(kind), &format!("{} (not recorded)", involved.name));
                self.instant(track, at, &evidence.reason, "event", Facts::of_event(entry));
            }
            Body::Gap(gap) => {
                let name = match (gap.resource.as_str(), gap.namespace.as_str()) {
                    ("", _) => "watch".to_owned(),
                    (resource, "") => resource.to_owned(),
                    (resource, namespace) => format!("{resource} in {namespace}"),
                };
                let track = self.shared(Some(recording), &name);
                self.gap(track, (recording, &name), &Stretch::gap(entry, gap));
            }
            Body::Transition(_) | Body::Detailed(_) => {}
        }
    }

    fn life(&mut self, life: &Life<'_>, name: &str) {
        let kind = self.kind(&life.subject.namespace, &life.subject.kind);
        let object = self.track(Some(kind), name, ChildOrder::Explicit, None);
        for gap in &life.gaps {
            self.gap(object, (object, "gaps"), gap);
        }
        for event in &life.events {
            if let Body::Evidence(evidence) = &event.body {
                self.instant(object, event.stamp.at, &evidence.reason, "event", Facts::of_event(event));
            }
        }
        for (rank, strip) in life.strips.iter().enumerate() {
            let track = self.track(Some(object), &strip.track.to_string(), ChildOrder::Explicit, Some(rank));
            for stretch in &strip.stretches {
                self.slice(track, stretch);
            }
            for detail in &strip.details {
                self.instant(track, detail.stamp.at, "details changed", "detail", Facts::of_detail(detail));
            }
        }
        let mut facts = Facts::of_subject(life.subject);
        facts.flag("deleted", life.deleted.is_some());
        self.instant(object, life.from, "first shown", "object", facts);
    }

    /// A gap on a track, or, where one is there already, on another one of this name below `parent`.
    fn gap(&mut self, track: u64, (parent, name): (u64, &str), gap: &Stretch<'_>) {
        let lanes = self.lanes.entry(track).or_insert_with(|| vec![(track, Some(Timestamp::MIN))]);
        let is_free = |(_, over): &&mut (u64, Option<Timestamp>)| over.is_some_and(|over| over <= gap.from);
        let lane = match lanes.iter_mut().find(is_free) {
            Some((lane, over)) => {
                *over = gap.to;
                *lane
            }
            None => {
                let lane = self.track(Some(parent), name, ChildOrder::Explicit, None);
                self.lanes.entry(track).or_default().push((lane, gap.to));
                lane
            }
        };
        self.slice(lane, gap);
    }

    fn slice(&mut self, track: u64, stretch: &Stretch<'_>) {
        let (name, category) = match &stretch.of {
            Of::Stay { transition, .. } => (label::short(&transition.to), "state"),
            Of::Found(state) => (label::short(state), "state"),
            Of::Gap(gap) => (gap_title(gap), "gap"),
        };
        let facts = Facts::of(stretch);
        // A slice of no length cannot be seen.
        if stretch.to == Some(stretch.from) {
            return self.instant(track, stretch.from, &name, category, facts);
        }
        self.event(track, stretch.from, Type::SliceBegin, Some((&name, category, facts)));
        if let Some(to) = stretch.to {
            self.event(track, to, Type::SliceEnd, None);
        }
    }

    fn instant(&mut self, track: u64, at: Timestamp, name: &str, category: &str, facts: Facts) {
        self.event(track, at, Type::Instant, Some((name, category, facts)));
    }

    fn event(&mut self, track: u64, at: Timestamp, of: Type, told: Option<(&str, &str, Facts)>) {
        let mut event = TrackEvent { r#type: Some(of.into()), track_uuid: Some(track), ..TrackEvent::default() };
        if let Some((name, category, facts)) = told {
            event.name = Some(name.to_owned());
            event.categories = vec![category.to_owned()];
            event.debug_annotations = annotations(facts);
        }
        self.events.push((at, event));
    }

    fn write(mut self, start: Timestamp, out: &mut impl io::Write) -> io::Result<()> {
        // Stable: what ends at a moment comes before what begins then.
        self.events.sort_by_key(|(at, _)| *at);
        let first = self.events.first().map_or(start, |(at, _)| start.min(*at));
        let clocks = CLOCKS.map(|id| Clock { clock_id: Some(id), timestamp: nanos(first) });
        let snapshot = Data::ClockSnapshot(ClockSnapshot { clocks: clocks.to_vec() });
        put(packet(Some(first), snapshot, Some(FIRST)), out)?;
        for track in self.tracks {
            put(packet(None, Data::TrackDescriptor(track), None), out)?;
        }
        self.events.into_iter().try_for_each(|(at, event)| put(packet(Some(at), Data::TrackEvent(event), None), out))
    }
}

fn packet(at: Option<Timestamp>, data: Data, flags: Option<u32>) -> TracePacket {
    TracePacket {
        timestamp: at.and_then(nanos),
        trusted_packet_sequence_id: Some(SEQUENCE),
        sequence_flags: flags,
        data: Some(data),
    }
}

/// A trace is its packets, one after the other.
fn put(packet: TracePacket, out: &mut impl io::Write) -> io::Result<()> {
    out.write_all(&Trace { packet: vec![packet] }.encode_to_vec())
}

/// Since the epoch; none before it.
fn nanos(at: Timestamp) -> Option<u64> {
    u64::try_from(at.as_nanosecond()).ok()
}

fn annotations(facts: Facts) -> Vec<DebugAnnotation> {
    let value = |value| match value {
        Value::Text(text) => Argument::Text(text),
        Value::Number(number) => Argument::Number(number),
        Value::Flag(flag) => Argument::Flag(flag),
    };
    let annotation =
        |(name, of): (&str, Value)| DebugAnnotation { name: Some(name.to_owned()), value: Some(value(of)) };
    facts.0.into_iter().map(annotation).collect()
}
