//! One document of the input: an event of a watch, a list, an object without an event, or something undecodable.
//!
//! It only decodes; `segment` and `stream` interpret the items of a stream.

use super::super::lines::{MAX_LINE_BYTES, TooLong};
use super::stamps;
use super::{audit, foreign, resources};
use crate::kinds;
use crate::observation::{
    Capture, Change, Envelope, Object, Resource, ResourceVersion, Shape, StatusError, Undecodable, decode_event,
    decode_object,
};
use jiff::Timestamp;
use serde::Deserialize;
use serde::de::Error as _;
use serde_json::Error;
use serde_json::value::RawValue;
use std::borrow::Cow;

/// One line of a stream, with its times.
#[derive(Clone, Debug)]
pub(super) struct Item {
    /// First line of its document in the input, from 1.
    pub line: u64,
    /// When it was received, if the input has that.
    pub received: Option<Timestamp>,
    /// The newest timestamp in it.
    pub stamped: Option<Timestamp>,
    /// Why what happened before it, and until the next, is unknown: it is the response to a request, for example.
    pub answers: Option<&'static str>,
    /// The content.
    pub said: Said,
}

/// The content of an item.
#[derive(Clone, Debug)]
pub(super) enum Said {
    /// ADDED, MODIFIED or DELETED.
    Event(Change, Object),
    /// An object without a type of event.
    Bare(Object),
    /// A list, or a page of one.
    List { version: ResourceVersion, items: Vec<Result<Object, Undecodable>>, is_page: bool },
    /// BOOKMARK.
    Bookmark { version: ResourceVersion, initial_events_end: bool },
    /// ERROR: the server ended the watch.
    Ended(StatusError),
    /// An undecodable document, not assigned to a watch yet.
    Unreadable(Undecodable),
}

/// The resources of one input, in the order in which they appear.
pub(super) struct Known<'h> {
    pub resources: Vec<Resource>,
    /// Lines of an audit log without an object.
    pub without_object: PassedOver,
    hints: &'h [Resource],
}

const NO_TIME: &str = "its `receivedAt` is no time as RFC 3339 writes it, of a year before 9999";

/// Lines that were skipped.
#[derive(Default)]
pub(super) struct PassedOver {
    /// The number of lines.
    pub count: u64,
    /// The first of them.
    pub first: Option<u64>,
}

/// Why a document is rejected.
#[derive(Debug)]
pub(super) enum Rejection {
    /// It is a recording's header.
    Recording,
    /// Not from Kubernetes.
    Foreign(Error),
    /// Not from Kubernetes, for this reason.
    Because(&'static str),
    /// An object without kind and apiVersion.
    Kindless,
    /// A known format that lacks the required content: its description and the remedy.
    Unsuitable(&'static str, &'static str),
}

impl<'h> Known<'h> {
    pub(super) fn new(hints: &'h [Resource]) -> Self {
        Self { resources: Vec::new(), without_object: PassedOver::default(), hints }
    }

    /// The index of the resource of a kind. An object without a kind has the resource that the user names, or
    /// the only one so far.
    fn index(&mut self, typed: &Typed<'_>) -> Result<usize, Rejection> {
        let resource = match (&typed.api_version, &typed.kind) {
            (Some(api_version), Some(kind)) if !kind.is_empty() => resources::of_kind(api_version, kind, self.hints),
            _ => match (self.hints, &*self.resources) {
                ([hint], _) => hint.clone(),
                (_, [only]) => only.clone(),
                _ => return Err(Rejection::Kindless),
            },
        };
        let same = |known: &Resource| known.group == resource.group && known.plural == resource.plural;
        Ok(self.resources.iter().position(same).unwrap_or_else(|| {
            self.resources.push(resource);
            self.resources.len() - 1
        }))
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Outer<'a> {
    #[serde(borrow)]
    received_at: Option<&'a RawValue>,
    #[serde(borrow)]
    event: Option<&'a RawValue>,
    #[serde(borrow)]
    verb: Option<&'a RawValue>,
    #[serde(borrow, rename = "type")]
    change: Option<&'a RawValue>,
    #[serde(borrow)]
    object: Option<&'a RawValue>,
    #[serde(borrow, rename = "Type")]
    go_change: Option<&'a RawValue>,
    #[serde(borrow, rename = "Object")]
    go_object: Option<&'a RawValue>,
    #[serde(borrow)]
    kind: Option<&'a RawValue>,
    #[serde(borrow)]
    metadata: Option<&'a RawValue>,
    #[serde(borrow)]
    items: Option<&'a RawValue>,
    #[serde(borrow)]
    format: Option<&'a RawValue>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Typed<'a> {
    #[serde(borrow)]
    kind: Option<Cow<'a, str>>,
    #[serde(borrow)]
    api_version: Option<Cow<'a, str>>,
}

/// Decodes one document; each item has the index of its resource, or none when it may belong to any.
///
/// # Errors
/// The document is not from Kubernetes, or has no kind.
pub(super) fn decode(
    text: &RawValue,
    line: u64,
    known: &mut Known<'_>,
    capture: Capture,
) -> Result<Vec<(Option<usize>, Item)>, Rejection> {
    let outer: Outer<'_> = serde_json::from_str(text.get()).map_err(Rejection::Foreign)?;
    if let Some(kind) = outer.kind {
        if let Some(kind) = audited(text) {
            return decode_audited(&kind, text, line, known, capture);
        }
        if let (Some(rows), Some(metadata)) = (table_rows(text), outer.metadata) {
            return decode_list(text, Some(&array(&rows)?), metadata, line, known, capture);
        }
        suitable(kind, text)?;
    }
    match outer {
        Outer { format: Some(format), .. } if format.get().starts_with("\"statetrail.recording/") => {
            Err(Rejection::Recording)
        }
        Outer { event: Some(event), verb, received_at: None, metadata: None, .. } if foreign::is_routed(event) => {
            if !verb.is_some_and(foreign::is_verb) {
                return Err(Rejection::Because("its verb is not one that eventrouter writes, ADDED or UPDATED"));
            }
            let declared = kinds::all().find(|kind| kind.is_evidence());
            let of_event = declared.map_or_else(Typed::default, |kind| Typed {
                kind: Some(kind.kind.into()),
                api_version: kind.versions.first().map(|version| (*version).into()),
            });
            let (index, object) = decode_bare(event, event, &of_event, known, capture)?;
            let said = object.map_or_else(Said::Unreadable, Said::Bare);
            let answers = Some(foreign::BETWEEN);
            Ok(vec![(Some(index), Item { line, received: None, stamped: stamps::newest(event), answers, said })])
        }
        Outer { event: Some(event), received_at, metadata: None, .. } => {
            let received = received_at.map(moment).transpose().map_err(|_| Rejection::Because(NO_TIME))?;
            decode_watched(event, line, received, known, capture)
        }
        Outer { change: Some(_), object: Some(_), metadata: None, .. }
        | Outer { go_change: Some(_), go_object: Some(_), metadata: None, .. } => {
            decode_watched(text, line, None, known, capture)
        }
        Outer { kind: Some(kind), metadata: Some(metadata), items, .. }
            if items.is_some() || is_list(kind, metadata) =>
        {
            decode_list(text, items, metadata, line, known, capture)
        }
        Outer { metadata: Some(_), .. } => {
            let (index, object) = decode_bare(text, text, &Typed::default(), known, capture)?;
            let said = object.map_or_else(Said::Unreadable, Said::Bare);
            Ok(vec![(Some(index), Item { line, received: None, stamped: stamps::newest(text), answers: None, said })])
        }
        _ => Err(match foreign::document(text) {
            Some((what, remedy)) => Rejection::Unsuitable(what, remedy),
            None => Rejection::Because("neither a watch event nor a Kubernetes object"),
        }),
    }
}

/// The kind of an audit log's line.
fn audited(text: &RawValue) -> Option<String> {
    let typed: Typed<'_> = serde_json::from_str(text.get()).ok()?;
    let is_audit = typed.api_version.is_some_and(|version| version.starts_with("audit.k8s.io/"));
    is_audit.then(|| typed.kind.unwrap_or_default().into_owned())
}

/// Decodes a line of an audit log: the objects in responses to writes.
fn decode_audited(
    kind: &str,
    text: &RawValue,
    line: u64,
    known: &mut Known<'_>,
    capture: Capture,
) -> Result<Vec<(Option<usize>, Item)>, Rejection> {
    let mut items = Vec::new();
    for event in audit::events(kind, text).map_err(Rejection::Foreign)? {
        let Some((object, received)) = audit::answer(event).map_err(Rejection::Foreign)? else {
            known.without_object.count += 1;
            known.without_object.first.get_or_insert(line);
            continue;
        };
        let (index, decoded) = decode_bare(object, object, &Typed::default(), known, capture)?;
        let said = decoded.map_or_else(Said::Unreadable, Said::Bare);
        items.push((
            Some(index),
            Item { line, received, stamped: stamps::newest(object), answers: Some(audit::BETWEEN), said },
        ));
    }
    Ok(items)
}

/// The objects of a Table that has them.
fn table_rows(text: &RawValue) -> Option<Vec<&RawValue>> {
    let typed: Typed<'_> = serde_json::from_str(text.get()).ok()?;
    let is_table = typed.kind.as_deref() == Some("Table")
        && typed.api_version.as_deref().is_some_and(|version| version.starts_with("meta.k8s.io/"));
    if is_table { foreign::rows(text) } else { None }
}

fn array(items: &[&RawValue]) -> Result<Box<RawValue>, Rejection> {
    serde_json::value::to_raw_value(items).map_err(Rejection::Foreign)
}

/// Rejects Kubernetes documents, by their kind, that contain no state of an object.
fn suitable(kind: &RawValue, text: &RawValue) -> Result<(), Rejection> {
    if !kind.get().starts_with('"') {
        return Ok(());
    }
    let typed: Typed<'_> = serde_json::from_str(text.get()).map_err(Rejection::Foreign)?;
    admit(&typed)
}

fn admit(typed: &Typed<'_>) -> Result<(), Rejection> {
    let (group, kind) = (typed.api_version.as_deref().unwrap_or_default(), typed.kind.as_deref().unwrap_or_default());
    let group = group.split_once('/').map_or("", |(group, _)| group);
    if typed.api_version.as_deref().is_some_and(foreign::is_expectation) {
        let (what, remedy) = ("an expectation", "judge a recording with it: `statetrail check RECORDING -f FILE`");
        return Err(Rejection::Unsuitable(what, remedy));
    }
    match (group, kind) {
        ("meta.k8s.io", "Table" | "TableList") => Err(Rejection::Unsuitable(
            "a Table, which has the columns that kubectl prints and no status",
            "ask for whole objects, `kubectl get KIND -w -o json --output-watch-events`",
        )),
        ("meta.k8s.io", "PartialObjectMetadata" | "PartialObjectMetadataList") => Err(Rejection::Unsuitable(
            "metadata alone (PartialObjectMetadata), which has neither kind nor status",
            "ask for whole objects, `kubectl get KIND -w -o json --output-watch-events`",
        )),
        _ => Ok(()),
    }
}

fn moment(text: &RawValue) -> Result<Timestamp, Error> {
    let at: Timestamp = serde_json::from_str(text.get())?;
    Timestamp::from_microsecond(at.as_microsecond()).map_err(Error::custom)
}

fn decode_watched(
    event: &RawValue,
    line: u64,
    received: Option<Timestamp>,
    known: &mut Known<'_>,
    capture: Capture,
) -> Result<Vec<(Option<usize>, Item)>, Rejection> {
    #[derive(Deserialize)]
    struct Wire<'a> {
        #[serde(borrow, rename = "type", alias = "Type")]
        change: Cow<'a, str>,
        #[serde(borrow, alias = "Object")]
        object: &'a RawValue,
    }
    let wire: Wire<'_> = serde_json::from_str(event.get()).map_err(Rejection::Foreign)?;
    if event.get().len() > MAX_LINE_BYTES {
        let said = Said::Unreadable(TooLong::undecodable(0));
        return Ok(vec![(None, Item { line, received, stamped: None, answers: None, said })]);
    }
    // Go marshals client-go's watch.Event, which has no tags, in this form.
    let as_served = format!("{{\"type\":\"{}\",\"object\":{}}}", wire.change, wire.object);
    let is_of_go = serde_json::from_str::<Outer<'_>>(event.get()).is_ok_and(|outer| outer.go_object.is_some());
    let is_word = wire.change.bytes().all(|byte| byte.is_ascii_uppercase());
    let bytes = if is_of_go && is_word { as_served.as_bytes() } else { event.get().as_bytes() };
    let item = |said, stamped| Item { line, received, stamped, answers: None, said };
    if wire.change == "ERROR" {
        let said = match decode_event(bytes, Shape::Other, capture) {
            Ok(Envelope::Error(status)) => Said::Ended(status),
            Ok(_) => Said::Ended(StatusError::default()),
            Err(error) => Said::Unreadable(Undecodable::new(0, bytes, Shape::Other, capture, &error)),
        };
        return Ok(vec![(None, item(said, None))]);
    }
    if let (Some(rows), true) = (table_rows(wire.object), is_word) {
        let Ok([object]) = <[&RawValue; 1]>::try_from(rows) else {
            return Err(Rejection::Because("its Table does not have the one row that the Table of an event has"));
        };
        let event = RawValue::from_string(format!("{{\"type\":\"{}\",\"object\":{object}}}", wire.change));
        return decode_watched(&event.map_err(Rejection::Foreign)?, line, received, known, capture);
    }
    let typed: Typed<'_> = serde_json::from_str(wire.object.get()).map_err(Rejection::Foreign)?;
    admit(&typed)?;
    let index = known.index(&typed)?;
    let shape = kinds::shape(&known.resources[index]);
    let said = match decode_event(bytes, shape, capture) {
        Ok(Envelope::Object(change, object)) => Said::Event(change, object),
        Ok(Envelope::Bookmark { resource_version, initial_events_end }) => {
            Said::Bookmark { version: resource_version, initial_events_end }
        }
        Ok(Envelope::Error(status)) => Said::Ended(status),
        Err(error) => Said::Unreadable(Undecodable::new(0, bytes, shape, capture, &error)),
    };
    Ok(vec![(Some(index), item(said, stamps::newest(wire.object)))])
}

/// Decodes an object that has a kind, or gets that of its list.
fn decode_bare(
    typed_by: &RawValue,
    text: &RawValue,
    of_list: &Typed<'_>,
    known: &mut Known<'_>,
    capture: Capture,
) -> Result<(usize, Result<Object, Undecodable>), Rejection> {
    let own: Typed<'_> = serde_json::from_str(typed_by.get()).map_err(Rejection::Foreign)?;
    let typed = if own.kind.is_some() && own.api_version.is_some() { &own } else { of_list };
    admit(typed)?;
    let index = known.index(typed)?;
    let bytes = text.get().as_bytes();
    if bytes.len() > MAX_LINE_BYTES {
        return Ok((index, Err(TooLong::undecodable(0))));
    }
    let shape = kinds::shape(&known.resources[index]);
    let object = decode_object(bytes, shape, capture);
    Ok((index, object.map_err(|error| Undecodable::new(0, bytes, shape, capture, &error))))
}

/// True for a list, by its kind, even without items.
fn is_list(kind: &RawValue, metadata: &RawValue) -> bool {
    #[derive(Deserialize)]
    struct Identity<'a> {
        #[serde(borrow)]
        uid: Option<&'a RawValue>,
    }
    kind.get().ends_with("List\"")
        && serde_json::from_str(metadata.get()).is_ok_and(|Identity { uid }: Identity<'_>| uid.is_none())
}

/// Decodes a list, of one kind (`PodList`) or, from kubectl, of any (`List`): one item for each kind in it.
fn decode_list(
    text: &RawValue,
    items: Option<&RawValue>,
    metadata: &RawValue,
    line: u64,
    known: &mut Known<'_>,
    capture: Capture,
) -> Result<Vec<(Option<usize>, Item)>, Rejection> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Metadata {
        #[serde(default)]
        resource_version: ResourceVersion,
        #[serde(default, rename = "continue")]
        more: Option<String>,
    }
    let Metadata { resource_version, more } = serde_json::from_str(metadata.get()).map_err(Rejection::Foreign)?;
    let list: Typed<'_> = serde_json::from_str(text.get()).map_err(Rejection::Foreign)?;
    let of_list = Typed {
        kind: list.kind.as_deref().and_then(|kind| kind.strip_suffix("List")).map(|kind| Cow::Owned(kind.to_owned())),
        api_version: list.api_version,
    };
    let raws: Vec<&RawValue> =
        items.map_or(Ok(Vec::new()), |items| serde_json::from_str(items.get())).map_err(Rejection::Foreign)?;
    let mut lists: Vec<(usize, Vec<Result<Object, Undecodable>>)> = Vec::new();
    let mut add =
        |index: usize, object: Option<Result<Object, Undecodable>>| match lists.iter_mut().find(|(of, _)| *of == index)
        {
            Some((_, objects)) => objects.extend(object),
            None => lists.push((index, object.into_iter().collect())),
        };
    if of_list.kind.as_ref().is_some_and(|kind| !kind.is_empty()) {
        add(known.index(&of_list)?, None);
    }
    for raw in raws {
        let (index, object) = decode_bare(raw, raw, &of_list, known, capture)?;
        add(index, Some(object));
    }
    let stamped = stamps::newest(text);
    let is_page = more.is_some_and(|more| !more.is_empty());
    let item = |items| Item {
        line,
        received: None,
        stamped,
        answers: None,
        said: Said::List { version: resource_version.clone(), items, is_page },
    };
    // What kubectl prints when it finds nothing: it may be of any kind, so it is no list of one.
    if lists.is_empty() {
        let said = Said::List { version: ResourceVersion::default(), items: Vec::new(), is_page };
        return Ok(vec![(None, Item { said, ..item(Vec::new()) })]);
    }
    Ok(lists.into_iter().map(|(index, items)| (Some(index), item(items))).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_that_no_server_would_store_is_not_read_and_written_in_a_line_that_is_read() {
        let object = |bytes: usize| {
            let metadata = r#"{"name":"a","uid":"u","resourceVersion":"7"}"#;
            let message = "x".repeat(bytes);
            format!(r#"{{"kind":"Pod","apiVersion":"v1","metadata":{metadata},"status":{{"message":"{message}"}}}}"#)
        };
        let said = |text: String| {
            let text = RawValue::from_string(text).expect("JSON");
            let decoded =
                decode(&text, 1, &mut Known::new(&[]), Capture::Full).unwrap_or_else(|_| panic!("it is read"));
            decoded.into_iter().next().expect("an item").1.said
        };
        let event = |bytes| format!(r#"{{"type":"MODIFIED","object":{}}}"#, object(bytes));
        assert!(matches!(said(event(1 << 20)), Said::Event(Change::Modified, _)));
        for text in [event(MAX_LINE_BYTES), object(MAX_LINE_BYTES)] {
            let Said::Unreadable(unreadable) = said(text) else { panic!("it is too long") };
            assert_eq!((unreadable.length, unreadable.raw), (MAX_LINE_BYTES as u64, None));
        }
    }
}
