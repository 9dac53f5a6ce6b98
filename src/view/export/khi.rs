//! `-o khi`: a file that Kubernetes History Inspector opens, of its format 6.
//!
//! Rows are nested: kind, namespace, object, track. A state is a revision of its track, which lasts until the next one;
//! so is a gap, and the end of what is shown. Events are on their object. No requests were recorded: the principal of
//! a revision is not known.

use super::fact::{Facts, Value, gap_title};
use super::khi_message::{
    Event, HeaderMetadata, InternFieldPathSet, InternString, InternedStruct, InternedValue, InterningPoolChunk, Kind,
    Log, LogChunk, MetadataChunk, MetadataItem, Revision, Timeline, TimelineChunk, TimelineItems,
};
use super::khi_style::{Line, OBSERVED, Row, States, Weight};
use super::stretch::{Life, Lives, Of, Stretch, Strip};
use crate::observation::Track;
use crate::timeline::{Body, Entry};
use crate::view::selection::Selection;
use crate::view::style::{Caveats, Ink, Style};
use crate::view::{gap, label};
use flate2::{Compression, write::GzEncoder};
use jiff::Timestamp;
use prost::Message;
use std::collections::{BTreeMap, HashMap};
use std::io::{self, Write as _};

/// `KHI` and the version.
const HEAD: [u8; 4] = *b"KHI\x06";
/// Ids of strings that only the server reads begin after this one.
const OF_SERVER: u32 = 0x8000_0000;
/// Bytes of a chunk, of which a reader takes 64 MiB.
const CHUNK: usize = 16 << 20;

/// Types of chunks.
#[derive(Clone, Copy)]
enum Chunk {
    Metadata = 1,
    Strings = 2,
    Logs = 3,
    Style = 4,
    Timelines = 5,
    ServerStrings = 6,
}

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
    let mut file = File::default();
    let recording = file.row(0, Row::Recording, "recording");
    if let Some((start, _)) = lives.span {
        for (_, value) in Facts::of_caveats(caveats).0 {
            if let Value::Text(text) = value {
                file.told(recording, Told::event(start, Line::Mark, Weight::Warning, text, Facts::default()));
            }
        }
    }
    for entry in &lives.apart {
        file.apart(recording, entry);
    }
    for life in &lives.of {
        file.life(life);
    }
    file.write(lives.span, out)
}

/// What a row has at a moment.
struct Told {
    at: Timestamp,
    line: Line,
    weight: Weight,
    summary: String,
    facts: Facts,
    /// The state that begins; none for an event.
    state: Option<u32>,
}

impl Told {
    fn event(at: Timestamp, line: Line, weight: Weight, summary: String, facts: Facts) -> Self {
        Self { at, line, weight, summary, facts, state: None }
    }
}

/// A file in the making.
#[derive(Default)]
struct File {
    strings: Strings,
    of_server: Strings,
    /// Names of the members of structs, with their ids.
    members: HashMap<Vec<&'static str>, u32>,
    sets: Vec<InternFieldPathSet>,
    structs: Vec<InternedStruct>,
    states: States,
    rows: Vec<Timeline>,
    /// Rows above those of objects, by the row above them and their name.
    above: BTreeMap<(u32, String), u32>,
    told: Vec<(u32, Told)>,
}

/// Strings with their ids.
#[derive(Default)]
struct Strings {
    ids: HashMap<String, u32>,
    all: Vec<String>,
}

impl Strings {
    fn id(&mut self, text: &str) -> u32 {
        if let Some(id) = self.ids.get(text) {
            return *id;
        }
        let id = number(self.all.len() + 1);
        self.ids.insert(text.to_owned(), id);
        self.all.push(text.to_owned());
        id
    }

    fn messages(self, base: u32) -> Vec<InternString> {
        let message = |(id, value)| InternString { id: Some(base + id), value: Some(value) };
        (1..).zip(self.all).map(message).collect()
    }
}

fn number(count: usize) -> u32 {
    u32::try_from(count).expect("a timeline in memory has fewer")
}

impl File {
    fn row(&mut self, parent: u32, of: Row, name: &str) -> u32 {
        let id = number(self.rows.len() + 1);
        self.rows.push(Timeline {
            id: Some(id),
            timeline_type: Some(of as u32),
            name_string_id: Some(self.strings.id(name)),
            timeline_items_id: Some(id),
            parent_timeline_id: Some(parent),
        });
        id
    }

    fn shared(&mut self, parent: u32, of: Row, name: &str) -> u32 {
        let key = (parent, name.to_owned());
        match self.above.get(&key) {
            Some(id) => *id,
            None => {
                let id = self.row(parent, of, name);
                self.above.insert(key, id);
                id
            }
        }
    }

    fn namespace(&mut self, kind: &str, namespace: &str) -> u32 {
        let kind = self.shared(0, Row::Kind, kind);
        let namespace = if namespace.is_empty() { "cluster-scoped" } else { namespace };
        self.shared(kind, Row::Namespace, namespace)
    }

    fn told(&mut self, row: u32, told: Told) {
        self.told.push((row, told));
    }

    /// Marks, gaps of whole watches, and Events about objects that were not seen.
    fn apart(&mut self, recording: u32, entry: &Entry) {
        let at = entry.stamp.at;
        match &entry.body {
            Body::Mark(name) => {
                let mark = Told::event(at, Line::Mark, Weight::Info, name.clone(), Facts::default());
                self.told(recording, mark);
            }
            Body::Evidence(evidence) => {
                let involved = &evidence.involved;
                let namespace = self.namespace(&involved.kind, &involved.namespace);
                let row = self.shared(namespace, Row::Object, &format!("{} (not recorded)", involved.name));
                self.event(row, entry);
            }
            Body::Gap(gap) => {
                let name = match (gap.resource.as_str(), gap.namespace.as_str()) {
                    ("", _) => "watch".to_owned(),
                    (resource, "") => resource.to_owned(),
                    (resource, namespace) => format!("{resource} in {namespace}"),
                };
                let row = self.shared(recording, Row::Track, &name);
                let stretch = Stretch::gap(entry, gap);
                let to = stretch.to;
                self.stretch(row, None, &stretch);
                self.end(row, to, "followed again");
            }
            Body::Transition(_) | Body::Detailed(_) => {}
        }
    }

    fn life(&mut self, life: &Life<'_>) {
        let namespace = self.namespace(&life.subject.kind, &life.subject.namespace);
        let name = format!("{} ({})", life.subject.name, label::short_uid(&life.subject.uid));
        let object = self.row(namespace, Row::Object, &name);
        for event in &life.events {
            self.event(object, event);
        }
        for gap in &life.gaps {
            self.stretch(object, None, gap);
            self.end(object, gap.to, "followed again");
        }
        for strip in &life.strips {
            self.strip(object, life, strip);
        }
    }

    fn strip(&mut self, object: u32, life: &Life<'_>, strip: &Strip<'_>) {
        let row = self.row(object, Row::Track, &strip.track.to_string());
        for stretch in &strip.stretches {
            self.stretch(row, Some(strip.track), stretch);
        }
        for entry in &strip.details {
            if let Body::Detailed(detailed) = &entry.body {
                let summary = format!("{} continues, {}", label::plain(&detailed.to), label::change(detailed));
                let facts = Facts::of_detail(entry);
                self.told(row, Told::event(entry.stamp.at, Line::Detail, Weight::Info, summary, facts));
            }
        }
        let last = strip.stretches.last();
        let is_deletion = |of: &Of<'_>| matches!(of, Of::Stay { transition, .. } if transition.is_deletion());
        if let Some(last) = last.filter(|last| !is_deletion(&last.of)) {
            let is_deleted = last.to.is_some() && last.to == life.deleted;
            self.end(row, last.to, if is_deleted { "deleted" } else { "not shown" });
        }
    }

    /// The end of what is known of a row, after which a revision would go on for ever.
    fn end(&mut self, row: u32, at: Option<Timestamp>, label: &str) {
        let Some(at) = at else { return };
        let state = Some(self.states.of(label, Ink::Gone, "The end of what is shown"));
        let told = Told::event(at, Line::End, Weight::Info, label.to_owned(), Facts::default());
        self.told(row, Told { state, ..told });
    }

    fn event(&mut self, row: u32, entry: &Entry) {
        if let Body::Evidence(evidence) = &entry.body {
            let weight = if evidence.kind == "Warning" { Weight::Warning } else { Weight::Info };
            let summary = format!("{}: {}", evidence.reason, evidence.message);
            self.told(row, Told::event(entry.stamp.at, Line::Event, weight, summary, Facts::of_event(entry)));
        }
    }

    fn stretch(&mut self, row: u32, track: Option<&Track>, stretch: &Stretch<'_>) {
        let subject = stretch.entry.subject.as_deref();
        let whom = subject.map(label::subject).unwrap_or_default();
        let about = track.map(|track| format!("{whom} {track}: ")).unwrap_or_default();
        let ink = |state| track.map_or(Ink::Plain, |track| label::ink(track, state));
        let (line, weight, summary, state) = match &stretch.of {
            Of::Stay { transition, .. } => {
                let (to, ink) = (&transition.to, ink(&transition.to));
                let before = transition.from.as_ref().map(|from| format!("{} -> ", label::plain(from)));
                let summary = format!("{about}{}{}", before.unwrap_or_default(), label::short(to));
                let weight = if ink == Ink::Failure { Weight::Warning } else { Weight::Info };
                (Line::State, weight, summary, self.states.of(&label::short(to), ink, ""))
            }
            Of::Found(state) => {
                let summary = format!("{about}still {}, after a gap", label::short(state));
                (Line::State, Weight::Info, summary, self.states.of(&label::short(state), ink(state), ""))
            }
            Of::Gap(gap) => {
                let style = Style { namespaces: true, ..Style::default() };
                let summary = gap::line(gap, subject, &style).line(&style).trim().to_owned();
                let state = self.states.of(&gap_title(gap), Ink::Gap, "Nothing may be concluded about what happened");
                (Line::Gap, Weight::Warning, summary, state)
            }
        };
        let told = Told::event(stretch.from, line, weight, summary, Facts::of(stretch));
        self.told(row, Told { state: Some(state), ..told });
    }

    /// The id of a struct with these members; none without any.
    fn body(&mut self, facts: Facts) -> Option<u32> {
        let names: Vec<&'static str> = facts.0.iter().map(|(name, _)| *name).collect();
        if names.is_empty() {
            return None;
        }
        let set = match self.members.get(&names) {
            Some(id) => *id,
            None => {
                let id = number(self.sets.len() + 1);
                let strings = names.iter().map(|name| OF_SERVER + self.of_server.id(name)).collect();
                self.sets.push(InternFieldPathSet { id: Some(id), field_path_string_ids: strings });
                self.members.insert(names, id);
                id
            }
        };
        let mut value = |value| match value {
            Value::Text(text) => Kind::Text(OF_SERVER + self.of_server.id(&text)),
            Value::Number(number) => Kind::Number(number),
            Value::Flag(flag) => Kind::Flag(flag),
        };
        let values = facts.0.into_iter().map(|(_, of)| InternedValue { kind: Some(value(of)) }).collect();
        let id = number(self.structs.len() + 1);
        self.structs.push(InternedStruct { field_path_set_id: Some(set), values, id: Some(id) });
        Some(id)
    }

    fn write(mut self, span: Option<(Timestamp, Timestamp)>, out: &mut impl io::Write) -> io::Result<()> {
        let principal = self.strings.id("not known");
        let mut told = std::mem::take(&mut self.told);
        told.sort_by_key(|(_, told)| told.at);
        let mut items: BTreeMap<u32, TimelineItems> = BTreeMap::new();
        let mut logs = Vec::with_capacity(told.len());
        for (id, (row, told)) in (1..).zip(told) {
            let body = self.body(told.facts);
            logs.push(Log {
                id: Some(id),
                ts: Some(told.at.into()),
                summary_string_id: Some(self.strings.id(&told.summary)),
                log_type_id: Some(told.line as u32),
                severity_type_id: Some(told.weight as u32),
                body_struct_id: body,
            });
            let of = items.entry(row).or_insert_with(|| TimelineItems { id: Some(row), ..TimelineItems::default() });
            match told.state {
                None => of.events.push(Event { log_id: Some(id) }),
                Some(state) => of.revisions.push(Revision {
                    log_id: Some(id),
                    changed_time: Some(told.at.into()),
                    principal_string_id: Some(principal),
                    verb_type: Some(OBSERVED),
                    state_type: Some(state),
                    resource_body_struct_id: body,
                }),
            }
        }
        out.write_all(&HEAD)?;
        chunk(Chunk::Metadata, &metadata(span), out)?;
        chunk(Chunk::Style, &self.states.chunk(), out)?;
        let pool = |strings| InterningPoolChunk { strings, ..InterningPoolChunk::default() };
        chunks(Chunk::Strings, self.strings.messages(0), pool, out)?;
        chunks(Chunk::ServerStrings, self.of_server.messages(OF_SERVER), pool, out)?;
        let sets = |field_path_sets| InterningPoolChunk { field_path_sets, ..InterningPoolChunk::default() };
        chunks(Chunk::ServerStrings, self.sets, sets, out)?;
        let structs = |structs| InterningPoolChunk { structs, ..InterningPoolChunk::default() };
        chunks(Chunk::ServerStrings, self.structs, structs, out)?;
        chunks(Chunk::Logs, logs, |logs| LogChunk { logs }, out)?;
        let rows = |timelines| TimelineChunk { timelines, ..TimelineChunk::default() };
        chunks(Chunk::Timelines, self.rows, rows, out)?;
        let items: Vec<TimelineItems> = items.into_values().collect();
        let of_items = |timeline_items| TimelineChunk { timeline_items, ..TimelineChunk::default() };
        chunks(Chunk::Timelines, items, of_items, out)
    }
}

fn metadata(span: Option<(Timestamp, Timestamp)>) -> MetadataChunk {
    let header = HeaderMetadata {
        inspection_type: Some("statetrail".to_owned()),
        inspection_name: Some("statetrail show -o khi".to_owned()),
        start_time_unix_seconds: span.map(|(start, _)| start.as_second()),
        // Up to the end of the last second.
        end_time_unix_seconds: span.map(|(_, end)| end.as_second() + 1),
        suggested_filename: Some("statetrail.khi".to_owned()),
    };
    MetadataChunk { metadata: vec![MetadataItem { header: Some(header) }] }
}

/// Writes messages in as many chunks as they need.
fn chunks<T: Message, M: Message>(
    of: Chunk,
    all: Vec<T>,
    wrap: impl Fn(Vec<T>) -> M,
    out: &mut impl io::Write,
) -> io::Result<()> {
    let (mut part, mut size) = (Vec::new(), 0);
    for message in all {
        let length = message.encoded_len();
        if size + length > CHUNK && !part.is_empty() {
            chunk(of, &wrap(std::mem::take(&mut part)), out)?;
            size = 0;
        }
        size += length;
        part.push(message);
    }
    if part.is_empty() { Ok(()) } else { chunk(of, &wrap(part), out) }
}

fn chunk(of: Chunk, message: &impl Message, out: &mut impl io::Write) -> io::Result<()> {
    let mut packed = GzEncoder::new(Vec::new(), Compression::default());
    packed.write_all(&message.encode_to_vec())?;
    let packed = packed.finish()?;
    let length = u32::try_from(packed.len()).map_err(io::Error::other)?;
    out.write_all(&length.to_le_bytes())?;
    out.write_all(&(of as u32).to_le_bytes())?;
    out.write_all(&packed)
}
