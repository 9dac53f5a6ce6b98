//! Converts a document's tree to an expectation: which keys there are, and what each accepts.

mod parts;
mod places;
mod statements;

use super::tree::{Node, Tree, folded};
use crate::language::diagnostic::{Diagnostic, Fragment};
use crate::language::mention::{Mentions, Origin};
use crate::language::program::{Clause, Expectation};
use crate::language::select::Selector;
use crate::language::syntax::{Token, duration, range, tokens};
use crate::monitor::{Bound, Fault};
use crate::observation::nearest;
use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;

/// The version of the language: `apiVersion` of every document.
pub const API_VERSION: &str = "statetrail/v1";

/// The names that `assume` accepts.
const ASSUMPTIONS: &[&str] = &["restart-count-exact"];

/// Most errors reported for one document.
pub const MAX_DIAGNOSTICS: usize = 100;

type Tokens = Vec<(Token, Range<usize>)>;

/// Parses one document, and collects all errors.
pub struct Reader<'a> {
    whole: Fragment<'a>,
    /// The errors so far.
    pub wrong: Vec<Diagnostic>,
    subjects: Vec<(String, Selector)>,
    clauses: Vec<Clause>,
    /// The subjects that a statement or a window is about.
    used: BTreeSet<usize>,
    exact_restarts: bool,
    origin: &'a Arc<Origin>,
    mentions: Mentions,
}

impl<'a> Reader<'a> {
    /// A reader of one source; it has read nothing yet.
    pub fn new(origin: &'a Arc<Origin>) -> Self {
        Self {
            whole: Fragment::whole(&origin.name, &origin.text),
            wrong: Vec::new(),
            subjects: Vec::new(),
            clauses: Vec::new(),
            used: BTreeSet::new(),
            exact_restarts: false,
            origin,
            mentions: Mentions::default(),
        }
    }

    /// Parses an expectation; none, or errors in `wrong`, when it is not one.
    pub fn expectation(&mut self, document: &Node) -> Option<Expectation> {
        const KEYS: &[&str] =
            &["apiVersion", "kind", "metadata", "requires", "assume", "subjects", "window", "sometimes", "expect"];
        if document.is_one_line() {
            let help =
                "a line is passed with `--expect`; in a file it is `expect: [{track: vm.status, never: Failed}]`";
            self.fault(document.range.clone(), "expected an expectation with keys, found a line", help);
            return None;
        }
        let entries = self.map(document, "an expectation", KEYS)?;
        self.constant(&entries, document, "apiVersion", API_VERSION);
        self.constant(&entries, document, "kind", "Expectation");
        let (name, name_range) = self.name(&entries, document);
        let requires = get(&entries, "requires").map(|node| self.requires(node)).unwrap_or_default();
        let assumptions = get(&entries, "assume").map(|node| self.assume(node)).unwrap_or_default();
        match get(&entries, "subjects") {
            Some(node) => self.subjects(node),
            None => self.fault(document.range.clone(), "the expectation has no subjects", EXAMPLE_SUBJECTS),
        }
        let Some(expect) = get(&entries, "expect") else {
            self.fault(document.range.clone(), "the expectation has no `expect`", EXAMPLE_EXPECT);
            return None;
        };
        if self.subjects.is_empty() {
            return None;
        }
        let window = get(&entries, "window").map(|node| self.window(node)).unwrap_or_default();
        let sometimes = get(&entries, "sometimes").is_some_and(|node| self.sometimes(node));
        let formula = self.statements(expect, 0)?;
        if let Some(node) = get(&entries, "subjects") {
            self.unused(node);
        }
        let subjects = std::mem::take(&mut self.subjects);
        let clauses = std::mem::take(&mut self.clauses);
        let mentions = self.mentioned();
        Some(Expectation {
            name,
            name_range,
            subjects,
            requires,
            window,
            formula,
            clauses,
            assumptions,
            sometimes,
            mentions,
        })
    }

    /// The names that only a recording can show to be mistakes, in the order of the text.
    fn mentioned(&mut self) -> Mentions {
        let mut mentions = std::mem::take(&mut self.mentions);
        if !mentions.found.is_empty() {
            mentions.found.sort_by_key(|mention| mention.range.start);
            mentions.origin = Some(Arc::clone(self.origin));
        }
        mentions
    }

    fn sometimes(&mut self, node: &Node) -> bool {
        match node.tree.scalar() {
            Some("true") => true,
            Some("false") => false,
            _ => {
                let help = "`true`: it must hold in one of several recordings; `false`: in each";
                self.fault(node.range.clone(), "`sometimes` is true or false", help);
                false
            }
        }
    }

    fn constant(&mut self, entries: &[(&str, &Node)], document: &Node, key: &str, wanted: &str) {
        match get(entries, key) {
            None => self.fault(
                document.range.clone(),
                format!("the expectation has no `{key}`"),
                format!("`{key}: {wanted}`"),
            ),
            Some(node) if node.tree.scalar() != Some(wanted) => {
                self.fault(node.range.clone(), format!("unknown `{key}`"), format!("`{key}: {wanted}`"));
            }
            Some(_) => {}
        }
    }

    /// The name, and where it is.
    fn name(&mut self, entries: &[(&str, &Node)], document: &Node) -> (String, Range<usize>) {
        let metadata = get(entries, "metadata").and_then(|node| self.map(node, "metadata", &["name", "labels"]));
        let node = metadata.and_then(|metadata| get(&metadata, "name"));
        match node.and_then(|node| Some((self.text(node, "a name")?, node.range.clone()))) {
            Some(found) => found,
            None => {
                self.fault(document.range.clone(), "the expectation has no name", "`metadata: {name: vm-starts}`");
                (String::new(), document.range.clone())
            }
        }
    }

    fn assume(&mut self, node: &Node) -> Vec<String> {
        let mut found = Vec::new();
        for item in Self::list(node) {
            let Some(word) = self.text(item, "an assumption") else { continue };
            if ASSUMPTIONS.contains(&word.as_str()) {
                self.exact_restarts |= word == "restart-count-exact";
                found.push(word);
            } else {
                self.fault(item.range.clone(), format!("unknown assumption `{word}`"), meant(&word, ASSUMPTIONS));
            }
        }
        found
    }

    fn fault(&mut self, range: Range<usize>, message: impl Into<String>, help: impl Into<String>) {
        self.report(Fault::new(range, message).help(help));
    }

    fn report(&mut self, fault: Fault) {
        if self.wrong.len() == MAX_DIAGNOSTICS {
            return;
        }
        let diagnostic = self.whole.locate(fault);
        if !self.wrong.contains(&diagnostic) {
            self.wrong.push(diagnostic);
        }
    }

    /// The entries of a map, by key; unknown keys are reported.
    fn map<'n>(&mut self, node: &'n Node, what: &str, keys: &[&str]) -> Option<Vec<(&'n str, &'n Node)>> {
        let Tree::Map(entries) = &node.tree else {
            self.fault(node.range.clone(), format!("{what} is a map of {}", keys.join(", ")), "`key: value`");
            return None;
        };
        let mut found = Vec::new();
        for (key, value) in entries {
            match key.tree.scalar() {
                Some(word) if keys.contains(&word) => found.push((word, value)),
                Some(word) => {
                    self.fault(key.range.clone(), format!("unknown key `{word}` in {what}"), meant(word, keys));
                }
                None => self.fault(key.range.clone(), "a key must be text", "`key: value`"),
            }
        }
        Some(found)
    }

    /// The items of a list; a single value is a list of one.
    fn list(node: &Node) -> Vec<&Node> {
        match &node.tree {
            Tree::List(items) => items.iter().collect(),
            Tree::Null => Vec::new(),
            Tree::Scalar(_) | Tree::Map(_) => vec![node],
        }
    }

    fn text(&mut self, node: &Node, what: &str) -> Option<String> {
        if let Some(text) = node.tree.scalar().filter(|text| !text.is_empty()) {
            return Some(text.to_owned());
        }
        let is_scalar = matches!(node.tree, Tree::Scalar(_));
        if let Some(fault) = folded(self.whole.source, node.range.start).filter(|_| is_scalar) {
            self.report(fault);
            return None;
        }
        let found = match &node.tree {
            Tree::List(_) => "a list",
            Tree::Map(_) => "a map",
            Tree::Null | Tree::Scalar(_) => "nothing",
        };
        let (what, example) = match what {
            "a statement" => ("a path or a state", "text in quotes: `\"... -> Running -> ...\"`, `\"Running\"`"),
            what => (what, "text, and not empty"),
        };
        self.fault(node.range.clone(), format!("expected {what}, found {found}"), example);
        None
    }

    fn number(&mut self, node: &Node, what: &str) -> Option<u64> {
        let number = node.tree.scalar().and_then(|text| text.parse().ok());
        if number.is_none() {
            self.fault(node.range.clone(), format!("{what} is a whole number"), "such as 1");
        }
        number
    }

    fn duration(&mut self, node: &Node) -> Option<i64> {
        self.time(node, duration)
    }

    /// A range of durations, or the most alone.
    fn range(&mut self, node: &Node) -> Option<Bound> {
        self.time(node, range)
    }

    fn time<T>(&mut self, node: &Node, read: impl Fn(&str) -> Result<T, (String, String)>) -> Option<T> {
        let text = self.text(node, "a duration")?;
        match read(&text) {
            Ok(time) => Some(time),
            Err((message, help)) => {
                self.fault(node.range.clone(), message, help);
                None
            }
        }
    }

    /// The tokens of a scalar, with places in the whole source.
    fn tokens(&mut self, node: &Node) -> Option<Tokens> {
        let text = self.text(node, "a statement")?;
        self.tokens_of(&text, node)
    }

    /// The tokens of a part of a scalar.
    fn tokens_of(&mut self, text: &str, node: &Node) -> Option<Tokens> {
        let written = self.whole.source.get(node.range.clone()).unwrap_or_default();
        let place = written.find(text).map(|at| node.range.start + at);
        let shift = |range: Range<usize>| match place {
            Some(start) => start + range.start..start + range.end,
            None => node.range.clone(),
        };
        match tokens(text) {
            Ok(tokens) => Some(tokens.into_iter().map(|(token, range)| (token, shift(range))).collect()),
            Err(fault) => {
                self.report(Fault { range: shift(fault.range), ..fault });
                None
            }
        }
    }
}

const EXAMPLE_SUBJECTS: &str = "`subjects: {vm: {kind: VirtualMachine, name: vm-a}}`";
const EXAMPLE_EXPECT: &str = "`expect: [{track: vm.status, path: \"... -> Running -> ...\"}]`";

fn get<'n>(entries: &[(&str, &'n Node)], key: &str) -> Option<&'n Node> {
    entries.iter().find(|(known, _)| *known == key).map(|(_, node)| *node)
}

/// The remedy for a misspelt name.
fn meant(word: &str, known: &[&str]) -> String {
    match nearest(word, known.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("one of {}", known.join(", ")),
    }
}
