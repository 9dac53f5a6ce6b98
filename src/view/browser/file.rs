//! The page as one file, with its data in it: it needs no network and no server.

use super::chunk::Chunk;
use super::head::{Head, Kept, Titled};
use super::objects::Objects;
use super::packed::packed;
use super::tone;
use crate::observation::Subject;
use crate::timeline::{Body, Entry};
use serde::Serialize;
use serde_json::value::RawValue;
use std::collections::HashSet;
use std::io::{self, Write};

/// The page without data.
pub const TEMPLATE: &str = include_str!("../../../page/dist/page.html");
/// Where its data belongs.
const DATA: &str = "<!-- data -->";
/// Most bytes of stored objects in a page.
const OBJECTS_BYTES: usize = 4 << 20;

/// What a page shows.
#[derive(Debug)]
pub struct Page<'a> {
    /// About the whole recording.
    pub head: Head,
    /// The entries.
    pub entries: Vec<&'a Entry>,
    /// The document of the verdicts, if expectations were judged.
    pub verdicts: Option<Box<RawValue>>,
    /// The objects that the entries were read from, if they are at hand.
    pub objects: Objects,
}

impl Page<'_> {
    /// Writes it.
    ///
    /// # Errors
    /// When writing to `out` fails.
    pub fn write(self, out: &mut impl Write) -> io::Result<()> {
        let (before, after) = TEMPLATE.split_once(DATA).expect("the page has a place for its data");
        let chunk = Chunk::of(self.entries.iter().copied());
        let subjects: Vec<&Subject> = chunk.subjects().iter().map(AsRef::as_ref).collect();
        let failing = self.failing();
        let (first, rest): (Vec<usize>, Vec<usize>) =
            (0..subjects.len()).partition(|place| failing.contains(subjects[*place]));
        let objects = self.objects.packed(&subjects, &[first, rest].concat(), OBJECTS_BYTES)?;
        let kept = Kept { kept: objects.iter().flatten().count(), of: objects.len() };
        let data = Data { head: self.head.titled(Some(kept)), chunks: [&chunk], verdicts: self.verdicts };
        out.write_all(before.as_bytes())?;
        write!(out, "<script type=\"text/plain\" id=\"timeline\">{}</script>", packed(&serde_json::to_vec(&data)?)?)?;
        // Nothing in it can end the element: base64 has no `<`.
        write!(out, "<script type=\"text/plain\" id=\"objects\">")?;
        serde_json::to_writer(&mut *out, &objects)?;
        out.write_all(b"</script>")?;
        out.write_all(after.as_bytes())
    }

    /// The subjects that failed at some time: their objects are asked for first.
    fn failing(&self) -> HashSet<&Subject> {
        let fails = |entry: &Entry| match &entry.body {
            Body::Transition(transition) => tone::of(&transition.track, &transition.to) == "failing",
            _ => false,
        };
        self.entries.iter().filter(|entry| fails(entry)).filter_map(|entry| entry.subject.as_deref()).collect()
    }
}

#[derive(Serialize)]
struct Data<'a> {
    head: Titled,
    chunks: [&'a Chunk; 1],
    verdicts: Option<Box<RawValue>>,
}
