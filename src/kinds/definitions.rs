//! User-defined tracks as they are written: `NAME=JSONPATH`, `KIND:NAME=JSONPATH` for one kind.

use super::registry::{admit, is_named, served};
use super::{Error, Kind};
use crate::observation::{Capture, CustomTrack, Watch};
use smol_str::SmolStr;

/// User-defined tracks.
#[derive(Clone, Debug, Default)]
pub struct Definitions(Vec<Definition>);

#[derive(Clone, Debug)]
struct Definition {
    /// The only kind that has it; none for all.
    kind: Option<String>,
    track: CustomTrack,
}

impl Definitions {
    /// Parses them.
    ///
    /// # Errors
    /// The one that is not written so.
    pub fn parse(words: &[String]) -> Result<Self, &String> {
        let parsed = words.iter().map(|word| {
            let (left, path) = word.split_once('=').ok_or(word)?;
            let (kind, name) = left.split_once(':').map_or((None, left), |(kind, name)| (Some(kind), name));
            let track = CustomTrack { name: name.into(), path: path.to_owned() };
            Ok(Definition { kind: kind.map(str::to_owned), track })
        });
        parsed.collect::<Result<_, _>>().map(Self)
    }

    /// Their names.
    pub fn names(&self) -> impl Iterator<Item = &SmolStr> {
        self.0.iter().map(|definition| &definition.track.name)
    }

    /// Those of a watch.
    #[must_use]
    pub fn of(&self, watch: &Watch) -> Vec<CustomTrack> {
        let is_evidence = served(&watch.resource.group, &watch.resource.plural).is_some_and(Kind::is_evidence);
        let is_its = |definition: &&Definition| match &definition.kind {
            Some(kind) => is_named(&watch.resource, kind),
            None => !is_evidence,
        };
        self.0.iter().filter(is_its).map(|definition| definition.track.clone()).collect()
    }

    /// Adds them to the watches of a recording, in place of those of the same names.
    ///
    /// # Errors
    /// When the recording has nothing at the end of a path, a kind uses a name itself, or no watch is of a kind.
    pub fn add(&self, watches: &mut [Watch], capture: Capture) -> Result<(), Error> {
        for Definition { kind, track } in &self.0 {
            if let Some(kind) = kind
                && !watches.iter().any(|watch| is_named(&watch.resource, kind))
            {
                let wrong = "the recording has no watch of its kind";
                return Err(Error::Name { track: track.name.clone(), wrong });
            }
        }
        for watch in watches {
            let tracks = self.of(watch);
            admit(&Watch { tracks: tracks.clone(), ..watch.clone() }, capture)?;
            watch.tracks.retain(|known| tracks.iter().all(|track| track.name != known.name));
            watch.tracks.extend(tracks);
        }
        Ok(())
    }
}
