//! Reads one input, plain, gzip or zstd, into the items of its streams, one stream for each resource.
//!
//! Nothing is dropped silently: what cannot be decoded becomes an item or a note.

use super::super::lines::{MAX_LINE_BYTES, TooLong};
use super::document::{Document, Documents, Text};
use super::item::{Item, Known, Rejection, Said, decode};
use super::{Error, Note, Options, answers, audit, foreign, yaml};
use crate::observation::{self, Malformed, Resource, Shape, Undecodable};
use std::io::{self, Read};

/// The streams of one input.
pub(super) struct File {
    /// The name in errors and notes.
    pub name: String,
    /// Each resource, with its items.
    pub streams: Vec<(Resource, Vec<Item>)>,
    /// True when it breaks off in the middle of something.
    pub is_cut: bool,
}

/// Reads an input to its end.
///
/// # Errors
/// It cannot be read or imported.
pub(super) fn read(
    name: String,
    source: &mut dyn Read,
    options: &Options,
    notes: &mut Vec<Note>,
) -> Result<File, Error> {
    let (bytes, mut is_cut) = bytes(&name, source)?;
    let is_compressed_cut = is_cut;
    if bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") {
        return Err(Error::Utf16 { input: name });
    }
    let mut known = Known::new(&options.resources);
    let mut items: Vec<(Option<usize>, Item)> = Vec::new();
    let (mut first_foreign, mut open) = (None, None);
    let from_yaml = yaml::documents(&bytes);
    let documents: Box<dyn Iterator<Item = Document<'_>>> = match &from_yaml {
        Some(documents) => Box::new(documents.iter().map(yaml::Converted::document)),
        None => Box::new(Documents::of(&bytes)),
    };
    for document in documents {
        let line = document.line;
        let foreign = match document.text {
            Text::Object(text) => match decode(text, line, &mut known, options.capture) {
                Ok(decoded) => {
                    items.extend(decoded);
                    continue;
                }
                Err(Rejection::Recording) => return Err(Error::Recording { input: name }),
                Err(Rejection::Unsuitable(what, remedy)) => {
                    return Err(Error::Unsuitable { input: name, line, what, remedy });
                }
                Err(Rejection::Kindless) => return Err(Error::Kind { input: name, line }),
                Err(Rejection::Foreign(error)) => (text.get().as_bytes(), observation::Error::from(error)),
                Err(Rejection::Because(why)) => {
                    (text.get().as_bytes(), observation::Error::Json(Malformed::because(why)))
                }
            },
            Text::Broken(bytes, malformed) => (bytes, observation::Error::Json(malformed)),
            Text::Endless => {
                is_cut = true;
                notes.push(Note::at(&name, line, "its array has no end: it was cut off here"));
                continue;
            }
            Text::Open(text) => {
                let decoded = decode(text, line, &mut Known::new(&options.resources), options.capture);
                if let Err(Rejection::Unsuitable(what, remedy)) = decoded {
                    return Err(Error::Unsuitable { input: name, line, what, remedy });
                }
                open = Some(line);
                notes.push(Note::at(&name, line, format!("left out: {}", yaml::OPEN)));
                continue;
            }
            Text::Torn(bytes) => {
                is_cut = true;
                notes.push(Note::at(&name, line, format!("the last line is torn: {} bytes were cut off", bytes.len())));
                continue;
            }
        };
        let (bytes, error) = foreign;
        let foreign = if bytes.len() > MAX_LINE_BYTES {
            TooLong::undecodable(0)
        } else {
            Undecodable::new(0, bytes, Shape::Other, options.capture, &error)
        };
        first_foreign = first_foreign.or_else(|| Some((line, foreign.error.clone())));
        items
            .push((None, Item { line, received: None, stamped: None, answers: None, said: Said::Unreadable(foreign) }));
    }
    is_cut |= from_yaml.iter().flatten().any(yaml::Converted::is_open);
    if is_compressed_cut {
        notes.push(Note::on(&name, "the compressed data breaks off: what came before it was taken"));
    }
    if let (true, Some(line)) = (known.resources.is_empty(), known.without_object.first) {
        let (what, remedy) = audit::WITHOUT_OBJECTS;
        return Err(Error::Unsuitable { input: name, line, what, remedy });
    }
    if let Some(line) = empty_lists(&items) {
        return Err(Error::Unsuitable {
            input: name,
            line,
            what: "an empty list that does not say of which kind and version it is",
            remedy: "there is no object in it to import",
        });
    }
    let is_blank = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes).iter().all(u8::is_ascii_whitespace);
    if known.resources.is_empty() && !is_blank {
        let first = bytes.split(|byte| *byte == b'\n').find(|line| !line.trim_ascii().is_empty());
        if let (Some((what, remedy)), Some((line, _))) = (first.and_then(foreign::text), &first_foreign) {
            return Err(Error::Unsuitable { input: name, line: *line, what, remedy });
        }
        if let (Some(line), None) = (open, &first_foreign) {
            return Err(Error::Open { input: name, line });
        }
        let (line, why) = first_foreign.unwrap_or_else(|| (1, "it breaks off before its first object ends".to_owned()));
        return Err(Error::Foreign { input: name, line, why });
    }
    note(&name, &items, notes);
    if known.without_object.count > 0 {
        notes.push(Note::on(&name, audit::passed_over(known.without_object.count)));
    }
    let mut streams = shared_out(known.resources, items);
    streams.iter_mut().for_each(|(_, items)| answers::in_order(items));
    Ok(File { name, streams, is_cut })
}

/// All bytes, decompressed, and whether they end in the middle of a compressed frame.
fn bytes(name: &str, source: &mut dyn Read) -> Result<(Vec<u8>, bool), Error> {
    let failed = |source| Error::Read { input: name.to_owned(), source };
    let mut raw = Vec::new();
    source.read_to_end(&mut raw).map_err(failed)?;
    let mut plain = Vec::new();
    let read = if raw.starts_with(b"\x1f\x8b") {
        flate2::read::MultiGzDecoder::new(&*raw).read_to_end(&mut plain)
    } else if raw.starts_with(b"\x28\xb5\x2f\xfd") {
        zstd::stream::read::Decoder::new(&*raw).and_then(|mut decoder| decoder.read_to_end(&mut plain))
    } else {
        return Ok((raw, false));
    };
    match read {
        Ok(_) => Ok((plain, false)),
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok((plain, true)),
        Err(error) => Err(failed(error)),
    }
}

/// The line of the first item, if all are empty lists without a kind or a version.
fn empty_lists(items: &[(Option<usize>, Item)]) -> Option<u64> {
    let says_nothing = |(index, item): &(Option<usize>, Item)| match &item.said {
        Said::List { version, items, .. } => items.is_empty() && (index.is_none() || version.as_str().is_empty()),
        _ => false,
    };
    items.iter().all(says_nothing).then(|| items.first().map(|(_, item)| item.line)).flatten()
}

fn note(name: &str, items: &[(Option<usize>, Item)], notes: &mut Vec<Note>) {
    if items.is_empty() {
        notes.push(Note::on(name, "nothing in it"));
    }
    let unread = |unreadable: &Undecodable| {
        let kept = if unreadable.raw.is_some() { "it is kept as it is" } else { "its bytes are not kept" };
        format!("cannot be decoded ({}); {kept}", unreadable.error)
    };
    for (index, item) in items {
        match &item.said {
            Said::List { .. } if index.is_none() => {
                let text = "an empty list that does not say of which kind it is: nothing is known to be deleted by it";
                notes.push(Note::at(name, item.line, text));
            }
            Said::Unreadable(unreadable) => notes.push(Note::at(name, item.line, unread(unreadable))),
            Said::List { items, .. } => {
                let all = items.iter().filter_map(|item| item.as_ref().err());
                notes
                    .extend(all.map(|unreadable| Note::at(name, item.line, format!("an item {}", unread(unreadable)))));
            }
            Said::Ended(status) => {
                let text =
                    format!("the server ended the watch here: {} {} {}", status.code, status.reason, status.message);
                notes.push(Note::at(name, item.line, text.trim_end()));
            }
            _ => {}
        }
    }
}

/// Distributes items to their streams; those that may belong to any stream go to all.
fn shared_out(resources: Vec<Resource>, items: Vec<(Option<usize>, Item)>) -> Vec<(Resource, Vec<Item>)> {
    let mut streams: Vec<(Resource, Vec<Item>)> =
        resources.into_iter().map(|resource| (resource, Vec::new())).collect();
    for (index, item) in items {
        match index {
            Some(index) => streams[index].1.push(item),
            None => streams.iter_mut().for_each(|(_, stream)| stream.push(item.clone())),
        }
    }
    streams
}
