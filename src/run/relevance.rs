//! Which entries of a timeline a program needs: with thousands of programs, most need few.
//!
//! A verdict must not depend on what is left out, so this is generous: only a program whose expectations are each about
//! one object, by its kind and name, does without the entries of other objects.

use crate::expectation::Program;
use crate::timeline::{Body, Entry};
use smol_str::SmolStr;
use std::collections::HashSet;

/// The kind and the name of an object.
pub(super) type KindAndName = (SmolStr, SmolStr);

/// The entries that a program needs, besides those that are about no object.
#[derive(Debug)]
pub(super) enum Relevance {
    /// All.
    All,
    /// Those of these objects.
    Of(HashSet<KindAndName>),
}

impl Relevance {
    pub(super) fn of(program: &Program) -> Self {
        program.single_objects().map_or(Self::All, |objects| Self::Of(objects.collect()))
    }

    /// Whether an entry is needed.
    pub(super) fn has(&self, entry: &Entry) -> bool {
        match (self, object(entry)) {
            (Self::All, _) | (_, Object::None) => true,
            (Self::Of(_), Object::OfEvent) => false,
            (Self::Of(objects), Object::Named(object)) => objects.contains(&object),
        }
    }
}

/// What an entry is about.
pub(super) enum Object {
    /// No object: it is a mark, or a gap of a whole watch.
    None,
    /// An Event, which only expectations about Events need.
    OfEvent,
    Named(KindAndName),
}

/// What an entry is about.
pub(super) fn object(entry: &Entry) -> Object {
    match (&entry.body, &entry.subject) {
        (Body::Evidence(_), _) => Object::OfEvent,
        (_, Some(subject)) => Object::Named((subject.kind.clone(), subject.name.clone())),
        (_, None) => Object::None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expectation::{Judge, Source};
    use crate::recording::Reader;
    use crate::run::folded::folded;
    use crate::run::judging::end;
    use std::collections::BTreeSet;
    use std::path::Path;
    use std::sync::Arc;

    fn objects(line: &str) -> Option<Vec<String>> {
        let program = Program::compile([Source::Line { name: "test", text: line }]).expect("it compiles");
        match Relevance::of(&program) {
            Relevance::All => None,
            Relevance::Of(objects) => Some(objects.into_iter().map(|(kind, name)| format!("{kind}/{name}")).collect()),
        }
    }

    #[test]
    fn verdicts_do_not_depend_on_the_entries_that_are_left_out() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let scenarios = std::fs::read_dir(root.join("tests/scenarios")).expect("a folder");
        let files = scenarios.map(|entry| entry.expect("readable").path().join("recording.jsonl.zst"));
        let mut compared = 0;
        for path in files.filter(|path| path.exists()).chain([root.join("assets/image-pull.jsonl.zst")]) {
            let whole = folded(Reader::open(&path).expect("a recording"), |_| true).expect("its tracks are valid");
            let mut lines = BTreeSet::new();
            for entry in &whole.entries {
                if let (Some(subject), Body::Transition(transition)) = (&entry.subject, &entry.body) {
                    let (kind, name, track) = (&subject.kind, &subject.name, &transition.track);
                    let state = format!("'{}'", transition.to.label);
                    lines.insert(format!("{kind}/{name} {track}: never {state}"));
                    lines.insert(format!("{kind}/{name} {track}: ... -> {state} -> ..."));
                    lines.insert(format!("{kind}/{name} {track}: {state}"));
                }
            }
            for text in lines {
                let Ok(program) = Program::compile([Source::Line { name: "test", text: &text }]) else { continue };
                let (relevance, program) = (Relevance::of(&program), Arc::new(program));
                let judged = |keeps: &dyn Fn(&Entry) -> bool| {
                    let mut judge = Judge::new(Arc::clone(&program));
                    whole.entries.iter().filter(|entry| keeps(entry)).for_each(|entry| judge.push(entry));
                    format!("{:?}", end(&whole).ask(&mut judge, Judge::verdicts))
                };
                compared += 1;
                assert_eq!(judged(&|entry| relevance.has(entry)), judged(&|_| true), "{text} in {}", path.display());
            }
        }
        assert!(compared > 300, "{compared} verdicts");
    }

    #[test]
    fn only_expectations_on_one_named_object_do_without_the_others() {
        assert_eq!(objects("pod/web phase: never Failed"), Some(vec!["Pod/web".to_owned()]));
        assert_eq!(objects("pod phase: never Failed"), None);
        assert_eq!(objects("event reason: never Failed"), None);
        assert_eq!(objects("pod/a phase: Failed onlyAfter pod/b phase: Failed"), None);
    }
}
