//! `-o otlp`: spans as lines of OTLP/JSON, as the OpenTelemetry Collector's file exporter writes them and its receiver
//! `otlpjsonfile` reads them.
//!
//! A line and a trace per subject: its life is the root, each state a span below it, each gap a span with the status
//! error. Marks and gaps of whole watches are in a trace of their own. A span must have an end: that of what is not over
//! is the last moment of the timeline, and an attribute says so.

use super::fact::{Facts, Value, gap_title};
use super::otlp_message::{
    Attributes, Event, Id, Nanos, Resource, ResourceSpans, Scope, ScopeSpans, Span, Status, TracesData,
};
use super::stretch::{Life, Lives, Of, Stretch};
use crate::observation::{State, Subject, Track, rfc3339_micros};
use crate::timeline::{Body, Entry, Provenance};
use crate::view::gap;
use crate::view::label;
use crate::view::selection::Selection;
use crate::view::style::{Caveats, Style};
use jiff::Timestamp;
use ring::digest;
use std::io;

/// `SPAN_KIND_INTERNAL`.
const INTERNAL: u8 = 1;
/// `STATUS_CODE_ERROR`.
const ERROR: u8 = 2;
/// The semantic conventions that the names of attributes are from.
const SCHEMA: &str = "https://opentelemetry.io/schemas/1.43.0";
const SCOPE: Scope = Scope { name: env!("CARGO_PKG_NAME"), version: env!("CARGO_PKG_VERSION") };

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
    let Some(span) = lives.span else { return Ok(()) };
    let line = |resource: Attributes, spans: Vec<Span>, out: &mut _| {
        let service = Some(Value::Text(SCOPE.name.to_owned()));
        let attributes = resource.with("service.name", service).and(Facts::of_caveats(caveats));
        let (resource, scope_spans) = (Resource { attributes }, [ScopeSpans { scope: SCOPE, spans }]);
        put(&TracesData { resource_spans: [ResourceSpans { resource, scope_spans, schema_url: SCHEMA }] }, out)
    };
    if !lives.apart.is_empty() {
        line(Attributes::default(), recording(&lives.apart, span), out)?;
    }
    lives.of.iter().try_for_each(|life| line(subject(life.subject), spans(life, span.1), out))
}

fn put(data: &TracesData, out: &mut impl io::Write) -> io::Result<()> {
    serde_json::to_writer(&mut *out, data)?;
    out.write_all(b"\n")
}

/// The resource of a subject, by the semantic conventions: those for objects of Kubernetes itself have their kind in
/// the name. Ours are there for every subject.
fn subject(subject: &Subject) -> Attributes {
    let text = |text: &str| Some(Value::Text(text.to_owned())).filter(|_| !text.is_empty());
    let attributes = Attributes::default()
        .with("k8s.cluster.uid", subject.cluster.as_deref().and_then(text))
        .with("k8s.namespace.name", text(&subject.namespace));
    let attributes = if subject.group.contains('.') {
        attributes
    } else {
        let kind = subject.kind.to_lowercase();
        attributes
            .with(format!("k8s.{kind}.name"), text(&subject.name))
            .with(format!("k8s.{kind}.uid"), text(&subject.uid))
    };
    attributes.and(Facts::of_subject(subject))
}

/// The trace of a subject.
fn spans(life: &Life<'_>, end: Timestamp) -> Vec<Span> {
    let Subject { cluster, kind, group, namespace, name, uid, .. } = life.subject;
    let trace = Trace::of(&[cluster.as_deref().unwrap_or_default(), kind, group, namespace, name, uid]);
    let mut root = trace.span(None, &["life"], label::subject(life.subject), [life.from, life.deleted.unwrap_or(end)]);
    let stretches = life.strips.iter().flat_map(|strip| &strip.stretches);
    let first = stretches.clone().min_by_key(|stretch| stretch.from);
    let is_unseen = first.is_none_or(|first| {
        matches!(first.of, Of::Gap(_)) || matches!(first.entry.seen, Provenance::Initial | Provenance::AfterGap)
    });
    let mut facts = Facts::default();
    facts.text("beginning", is_unseen.then_some("not seen"));
    facts.text("end", Some(if life.deleted.is_some() { "seen" } else { "open" }));
    root.attributes = Attributes::default().and(facts);
    root.events = life.events.iter().filter_map(|entry| event(entry, false)).collect();
    let parent = Some(root.span_id);
    let mut spans = vec![root];
    for gap in &life.gaps {
        spans.push(trace.stretch(parent, None, gap, end));
    }
    for strip in &life.strips {
        let first = spans.len();
        spans.extend(strip.stretches.iter().map(|stretch| trace.stretch(parent, Some(strip.track), stretch, end)));
        for detail in &strip.details {
            let at = detail.stamp.at;
            let of = strip.stretches.iter().rposition(|stretch| stretch.from <= at).unwrap_or(0);
            if let Some(span) = spans.get_mut(first + of) {
                let (name, attributes) = ("details changed".to_owned(), attributes(Facts::of_detail(detail)));
                span.events.push(Event { time_unix_nano: Nanos(at), name, attributes });
            }
        }
    }
    spans
}

/// The trace of marks, gaps of whole watches, and Events about objects that were not seen.
fn recording(apart: &[&Entry], (start, end): (Timestamp, Timestamp)) -> Vec<Span> {
    let started = rfc3339_micros(start);
    let trace = Trace::of(&["recording", &started]);
    let mut root = trace.span(None, &["recording"], "recording".to_owned(), [start, end]);
    root.events = apart.iter().filter_map(|entry| event(entry, true)).collect();
    let parent = Some(root.span_id);
    let gaps = apart.iter().filter_map(|entry| match &entry.body {
        Body::Gap(gap) => Some(trace.stretch(parent, None, &Stretch::gap(entry, gap), end)),
        _ => None,
    });
    let gaps: Vec<Span> = gaps.collect();
    [root].into_iter().chain(gaps).collect()
}

/// A mark or an Event; `is_apart` where its trace does not say what it is about.
fn event(entry: &Entry, is_apart: bool) -> Option<Event> {
    let (name, facts) = match &entry.body {
        Body::Mark(name) => {
            let mut facts = Facts::default();
            facts.flag("mark", true).number("seq", i64::try_from(entry.seq).ok());
            (name.clone(), facts)
        }
        Body::Evidence(evidence) => {
            let mut facts = Facts::of_event(entry);
            let involved = &evidence.involved;
            if is_apart {
                facts.text("kind", Some(involved.kind.as_str())).text("namespace", Some(involved.namespace.as_str()));
                facts.text("name", Some(involved.name.as_str())).text("uid", Some(involved.uid.as_str()));
            }
            (evidence.reason.to_string(), facts)
        }
        _ => return None,
    };
    Some(Event { time_unix_nano: Nanos(entry.stamp.at), name, attributes: attributes(facts) })
}

fn attributes(facts: Facts) -> Attributes {
    Attributes::default().and(facts)
}

/// A trace, whose ids follow from what it is about: a timeline always has the same.
struct Trace<'a> {
    about: Vec<&'a str>,
    id: Id<16>,
}

impl<'a> Trace<'a> {
    fn of(about: &[&'a str]) -> Self {
        Self { about: about.to_vec(), id: Id(hashed(about)) }
    }

    fn span(&self, parent: Option<Id<8>>, about: &[&str], name: String, [from, to]: [Timestamp; 2]) -> Span {
        Span {
            trace_id: self.id,
            span_id: Id(hashed(&[&self.about, about].concat())),
            parent_span_id: parent,
            name,
            kind: INTERNAL,
            start_time_unix_nano: Nanos(from),
            end_time_unix_nano: Nanos(to.max(from)),
            attributes: Attributes::default(),
            events: Vec::new(),
            status: Status::default(),
        }
    }

    /// The span of a state or of a gap; what has no end yet ends at the end of the timeline.
    fn stretch(&self, parent: Option<Id<8>>, track: Option<&Track>, stretch: &Stretch<'_>, end: Timestamp) -> Span {
        let track_name = track.map(ToString::to_string).unwrap_or_default();
        let (state, gap) = match &stretch.of {
            Of::Stay { transition, .. } => (Some(&transition.to), None),
            Of::Found(state) => (Some(*state), None),
            Of::Gap(gap) => (None, Some(*gap)),
        };
        let what = state.map_or_else(|| gap.map(gap_title).unwrap_or_default(), label::plain);
        let name = if track_name.is_empty() { what.clone() } else { format!("{track_name}: {what}") };
        let (seq, from) = (stretch.entry.seq.to_string(), rfc3339_micros(stretch.from));
        let about = ["stretch", &track_name, &what, &seq, &from];
        let mut span = self.span(parent, &about, name, [stretch.from, stretch.to.unwrap_or(end)]);
        let mut facts = Facts::of(stretch);
        facts.text("track", track.map(ToString::to_string));
        span.attributes = conventional(track, state).and(facts);
        if let Some(gap) = gap {
            let whom = stretch.entry.subject.as_deref();
            let style = Style { namespaces: true, ..Style::default() };
            let message = gap::line(gap, whom, &style).line(&style);
            let message = message.trim().trim_matches(['~', ' ']).to_owned();
            span.status = Status { code: Some(ERROR), message: Some(message) };
        }
        span
    }
}

/// What the semantic conventions have for a container.
fn conventional(track: Option<&Track>, state: Option<&State>) -> Attributes {
    let Some(Track::Init(name) | Track::Container(name) | Track::Ephemeral(name)) = track else {
        return Attributes::default();
    };
    let text = |text: &str| Value::Text(text.to_owned());
    let detail = state.map(|state| &state.detail);
    let restarts = detail.and_then(|detail| detail.restart_count).map(|count| Value::Number(count.into()));
    let kind = state.and_then(|state| state.kind.name()).filter(|kind| *kind != "absent");
    Attributes::default()
        .with("k8s.container.name", Some(text(name)))
        .with("k8s.container.restart_count", restarts)
        .with("k8s.container.status.state", kind.map(text))
        .with("k8s.container.status.reason", detail.and_then(|detail| detail.reason.as_deref()).map(text))
}

/// The beginning of a SHA-256. No id is zero, which OTLP forbids, but with a probability of 2^-64.
fn hashed<const LENGTH: usize>(parts: &[&str]) -> [u8; LENGTH] {
    let mut context = digest::Context::new(&digest::SHA256);
    for part in parts {
        context.update(&(part.len() as u64).to_be_bytes());
        context.update(part.as_bytes());
    }
    let digest = context.finish();
    std::array::from_fn(|at| digest.as_ref()[at])
}
