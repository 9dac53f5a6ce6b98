//! User-defined tracks: a name and a JSONPath (RFC 9535) into the object, in addition to the tracks of its kind.
//!
//! Only here is an object parsed into a `serde_json::Value`, and only for watches that have such tracks.

use super::{Error, Interpretation, Interpreter};
use crate::observation::{Capture, CustomTrack, Object, Shape, State, Track, kept_metadata};
use jsonpath_rust::parser::errors::JsonPathError;
use jsonpath_rust::parser::model::JpQuery;
use jsonpath_rust::parser::parse_json_path;
use jsonpath_rust::query::{QueryRef, js_path_process};
use serde_json::Value;
use smol_str::SmolStr;

mod syntax;

/// Reads the tracks of a kind, followed by the user-defined ones.
pub(super) struct WithTracks {
    kind: SmolStr,
    inner: Box<dyn Interpreter>,
    tracks: Vec<(SmolStr, JpQuery)>,
}

impl WithTracks {
    /// Adds `tracks` to those that `inner` reads from objects of `kind`.
    ///
    /// # Errors
    /// When a name is taken or invalid, or a path is not valid JSONPath.
    pub(super) fn new(kind: SmolStr, inner: Box<dyn Interpreter>, tracks: &[CustomTrack]) -> Result<Self, Error> {
        let mut known: Vec<(SmolStr, JpQuery)> = Vec::with_capacity(tracks.len());
        for track in tracks {
            let taken = known.iter().any(|(name, _)| *name == track.name);
            let name = name(&track.name, taken)?;
            let path = syntax::rfc9535(&track.path);
            match parse_json_path(&path) {
                Ok(path) => known.push((name, path)),
                Err(error) => return Err(Error::Path { track: name, path, wrong: wrong(&error) }),
            }
        }
        Ok(Self { kind, inner, tracks: known })
    }
}

impl Interpreter for WithTracks {
    fn interpret(&self, object: &Object) -> Result<Interpretation, Error> {
        let mut interpretation = self.inner.interpret(object)?;
        if let Interpretation::Tracks { states, .. } = &mut interpretation {
            let json: Value = serde_json::from_str(object.json.get()).map_err(Error::shape(self.kind.clone()))?;
            for (name, path) in &self.tracks {
                // The recording is older than the kind's own track of this name.
                states.retain(|(track, _)| !matches!(track, Track::Custom(own) if own == name));
                // An evaluation only fails where nothing can match.
                let matches = js_path_process(path, &json).unwrap_or_default();
                let matches: Vec<&Value> = matches.into_iter().map(QueryRef::val).collect();
                let state = label(&matches).map(State::plain);
                states.extend(state.map(|state| (Track::Custom(name.clone()), state)));
            }
        }
        Ok(interpretation)
    }
}

/// What is wrong with a path, on one line: the parser draws the path, and names the place as line and column.
fn wrong(error: &JsonPathError) -> String {
    let text = error.to_string();
    let column = text.split("--> 1:").nth(1).and_then(|behind| behind.lines().next());
    match column {
        Some(column) => format!("it is no JSONPath at position {column}"),
        None => text.lines().next().unwrap_or_default().to_owned(),
    }
}

/// The state's label for the matches of a path: none, a plain string, or JSON.
fn label(matches: &[&Value]) -> Option<SmolStr> {
    match matches {
        [] | [Value::Null] => None,
        [Value::String(text)] => Some(SmolStr::new(text)),
        [value] => Some(value.to_string().into()),
        values => Some(Value::Array(values.iter().copied().cloned().collect()).to_string().into()),
    }
}

fn name(name: &SmolStr, taken: bool) -> Result<SmolStr, Error> {
    let wrong = if name.is_empty() {
        "it has no name (write `name=.status.some.path`)"
    } else if name.contains(|c: char| c.is_whitespace() || c.is_control()) {
        "a name cannot contain white space (use `-`)"
    } else if !matches!(Track::parse(name), Track::Custom(_)) {
        "kinds have tracks with that name (choose another name)"
    } else if taken {
        "another track has that name (choose another name)"
    } else {
        return Ok(name.clone());
    };
    Err(Error::Name { track: name.clone(), wrong })
}

/// Refuses a path that leads to something that this capture does not keep.
///
/// # Errors
/// When the track could never have a state.
pub(super) fn admit(track: &CustomTrack, capture: Capture, shape: Shape) -> Result<(), Error> {
    let path = syntax::rfc9535(&track.path);
    match (capture, not_kept(&path, shape)) {
        (Capture::Full, _) | (_, None) => Ok(()),
        (Capture::Status, Some(wrong)) => Err(Error::NotKept { track: track.name.clone(), path, wrong }),
    }
}

/// Why the default capture keeps nothing at the places that a path leads to; none if it does.
fn not_kept(path: &str, shape: Shape) -> Option<String> {
    let mut names = syntax::leading_names(path);
    match (names.next(), names.next()) {
        (Some("spec"), Some(member)) if matches!(shape, Shape::Spec(kept) if kept.contains(&member)) => None,
        (Some("status"), _) | (Some("metadata"), None) => None,
        (Some("metadata"), Some(member)) if kept_metadata().any(|kept| kept == member) => None,
        (Some("metadata"), Some(member)) => Some(format!("`metadata.{member}` is not kept")),
        (Some(member), _) => Some(format!("`{member}` is not kept")),
        (None, _) => Some("only the status and parts of the metadata are kept".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::observation::decode_object;

    #[test]
    fn the_admitted_metadata_is_the_metadata_that_is_kept() {
        let mut admitted: Vec<_> = kept_metadata().collect();
        assert!(admitted.contains(&"deletionGracePeriodSeconds"), "{admitted:?}");
        let members: Vec<_> = admitted.iter().map(|member| format!("\"{member}\":\"1\"")).collect();
        let members = members.join(",");
        let object = format!("{{\"metadata\":{{{members},\"annotations\":{{}},\"generateName\":\"a-\"}}}}");
        let kept = decode_object(object.as_bytes(), Shape::Other, Capture::Status).unwrap();
        let kept: Value = serde_json::from_str(kept.json.get()).unwrap();
        let mut kept: Vec<_> = kept["metadata"].as_object().unwrap().keys().map(String::as_str).collect();
        kept.sort_unstable();
        admitted.sort_unstable();
        assert_eq!(kept, admitted);
    }
}
