//! Subjects, windows and requirements of a document.

use super::places::Where;
use super::{Reader, get, meant};
use crate::kinds;
use crate::language::check::check_entry;
use crate::language::clause::{admit_name, admit_namespace, known_kind};
use crate::language::document::tree::{Node, Tree};
use crate::language::requires::{Requires, Versions, Wanted};
use crate::language::select::{Quantify, Selector, kind};
use crate::language::vocabulary::never_unknown;
use crate::language::window::{Entered, From, Until, Window};
use crate::monitor::Refinement;
use crate::observation::{Fact, LabelSelector};
use std::collections::BTreeSet;

impl Reader<'_> {
    /// Reports subjects with a number that nothing is about: it would not be judged.
    pub(super) fn unused(&mut self, node: &Node) {
        let Tree::Map(entries) = &node.tree else { return };
        if !self.wrong.is_empty() {
            return;
        }
        let mut used: BTreeSet<String> = self.used.iter().map(|at| self.subjects[*at].0.clone()).collect();
        // Owners restrict what they own.
        loop {
            let owners = self.subjects.iter().filter(|(alias, _)| used.contains(alias));
            let owners: Vec<String> = owners.filter_map(|(_, selector)| selector.owned_by.clone()).collect();
            let before = used.len();
            used.extend(owners);
            if used.len() == before {
                break;
            }
        }
        for (key, _) in entries {
            let Some(alias) = key.tree.scalar().filter(|alias| !used.contains(*alias)) else { continue };
            let is_counted = |selector: &Selector| selector.min.is_some() || selector.max.is_some();
            if self.subjects.iter().any(|(known, selector)| known == alias && is_counted(selector)) {
                let message = format!("no statement is about subject `{alias}`, so its number is not judged");
                self.fault(key.range.clone(), message, format!("use it as in `track: {alias}.phase`, or remove it"));
            }
        }
    }

    pub(super) fn subjects(&mut self, node: &Node) {
        let Tree::Map(entries) = &node.tree else {
            return self.fault(
                node.range.clone(),
                "subjects are a map from a name to a subject",
                super::EXAMPLE_SUBJECTS,
            );
        };
        if entries.is_empty() {
            self.fault(node.range.clone(), "no subjects", super::EXAMPLE_SUBJECTS);
        }
        let mut owners = Vec::new();
        for (key, value) in entries {
            let Some(alias) = self.text(key, "a subject's name") else { continue };
            if alias.contains(['.', '=', '/']) {
                self.fault(
                    key.range.clone(),
                    format!("`{alias}` cannot name a subject"),
                    "letters, digits, `-` and `_`",
                );
                continue;
            }
            let Some(selector) = self.subject(value) else { continue };
            if let Some(owner) = &selector.owned_by {
                let key = if kinds::is_evidence(&selector.kind) { "about" } else { "ownedBy" };
                owners.push((key, owner.clone(), value.range.clone()));
            }
            self.subjects.push((alias, selector));
        }
        for (key, owner, range) in owners {
            let known: Vec<String> = self.subjects.iter().map(|(alias, _)| alias.clone()).collect();
            if !known.contains(&owner) {
                let known: Vec<&str> = known.iter().map(String::as_str).collect();
                self.fault(range, format!("{key}: unknown subject `{owner}`"), meant(&owner, &known));
            } else if self.owns_itself(&owner) {
                self.fault(range, format!("{key}: `{owner}` owns itself"), "owners form a chain: vm, vmi, pod");
            }
        }
        self.namespaces_of_owners();
        self.objects_of_events();
    }

    /// Owners are always in the same namespace: an owned object inherits its owner's.
    fn namespaces_of_owners(&mut self) {
        for _ in 0..self.subjects.len() {
            for at in 0..self.subjects.len() {
                let (_, selector) = &self.subjects[at];
                let owner = |owner: &String| self.subjects.iter().find(|(alias, _)| alias == owner);
                if selector.namespace.is_none()
                    && let Some((_, owner)) = selector.owned_by.as_ref().and_then(owner)
                {
                    self.subjects[at].1.namespace = owner.namespace.clone();
                }
            }
        }
    }

    /// The objects that Events are about: theirs is the namespace of the Events, and `default` has those about objects
    /// without one.
    fn objects_of_events(&mut self) {
        for at in 0..self.subjects.len() {
            let (_, selector) = &self.subjects[at];
            let object = selector.owned_by.as_ref().filter(|_| kinds::is_evidence(&selector.kind));
            let object = object.and_then(|object| self.subjects.iter().find(|(alias, _)| alias == object));
            let Some(object) = object.map(|(_, object)| object.clone()) else { continue };
            let selector = &mut self.subjects[at].1;
            if kinds::of_kind(&object.kind).is_some_and(|kind| !kind.namespaced) {
                selector.namespace.get_or_insert_with(|| "default".to_owned());
            }
            selector.about = Some(Box::new(object));
        }
    }

    fn owns_itself(&self, alias: &str) -> bool {
        let owner = |alias: &str| {
            let found = self.subjects.iter().find(|(known, _)| known == alias);
            found.and_then(|(_, selector)| selector.owned_by.clone())
        };
        let mut at = owner(alias);
        for _ in 0..self.subjects.len() {
            at = match at {
                Some(next) if next == alias => return true,
                Some(next) => owner(&next),
                None => return false,
            };
        }
        false
    }

    fn subject(&mut self, node: &Node) -> Option<Selector> {
        const KEYS: &[&str] = &[
            "kind",
            "group",
            "namespace",
            "name",
            "labels",
            "life",
            "uid",
            "born",
            "ownedBy",
            "about",
            "through",
            "quantify",
            "min",
            "max",
        ];
        let entries = self.map(node, "a subject", KEYS)?;
        let Some(word) = get(&entries, "kind") else {
            self.fault(node.range.clone(), "the subject has no kind", "`kind: Pod`");
            return None;
        };
        let text = self.text(word, "a kind")?;
        let kind = match known_kind(&text, &word.range) {
            Ok(kind) => kind,
            Err(fault) => {
                self.report(fault);
                return None;
            }
        };
        let mut selector = Selector::of(&kind);
        let mut about = None;
        for (key, value) in entries {
            match key {
                "group" => selector.group = value.tree.scalar().map(str::to_owned),
                "namespace" => selector.namespace = self.namespace(value),
                "name" => selector.name = self.object_name(&kind, value),
                "labels" => selector.labels = self.labels(value),
                "uid" => selector.uid = self.text(value, "a uid"),
                "born" => selector.born_in_window = self.born(value),
                "ownedBy" => selector.owned_by = self.text(value, "an owner"),
                "about" => about = self.text(value, "a subject"),
                "through" => selector.through = Some(self.through(value)),
                "min" => selector.min = Some(self.number(value, "min").unwrap_or(1)),
                "max" => selector.max = self.number(value, "max"),
                _ => {}
            }
        }
        let entries = self.map(node, "a subject", KEYS)?;
        match (get(&entries, "quantify"), get(&entries, "life")) {
            (Some(_), Some(life)) => {
                self.fault(life.range.clone(), "`life` and `quantify` exclude each other", "leave one out");
            }
            (None, Some(life)) if selector.name.is_none() => {
                self.fault(life.range.clone(), "`life` without `name`: it is one life of a name", "`quantify: first`");
            }
            (Some(value), None) => selector.quantify = self.quantify(value)?,
            (None, Some(life)) => selector.quantify = self.life(life)?,
            (None, None) => {}
        }
        let is_event = kinds::is_evidence(&kind);
        let range = || node.range.clone();
        match (is_event, &about, &selector.owned_by) {
            (true, _, Some(owner)) => {
                self.fault(range(), "`ownedBy` of an Event", format!("`about: {owner}`: the object that it is about"));
            }
            (false, Some(about), _) => {
                let help = format!("`ownedBy: {about}`, or `kind: Event`");
                self.fault(range(), format!("`about` of a {kind}: only an Event is about an object"), help);
            }
            _ => {}
        }
        selector.owned_by = about.or(selector.owned_by);
        if selector.through.is_some() && selector.owned_by.is_none() {
            self.fault(node.range.clone(), "`through` without `ownedBy`", "`ownedBy: vm, through: [vmi]`");
        }
        let least = selector.min.unwrap_or(1);
        if selector.quantify.chooses() && (least > 1 || selector.max == Some(0)) {
            let help = "use `min: 0` or `min: 1`";
            self.fault(
                node.range.clone(),
                format!("one subject is selected, but {} are required", wanted(&selector)),
                help,
            );
            return Some(selector);
        }
        if let Some(max) = selector.max.filter(|max| *max < selector.min.unwrap_or(u64::from(!is_event))) {
            self.fault(node.range.clone(), format!("at least {least} and at most {max}"), "`min` not above `max`");
        }
        Some(selector)
    }

    fn namespace(&mut self, node: &Node) -> Option<String> {
        if node.tree.scalar() == Some("") {
            let help = "leave `namespace` out for all namespaces, and for objects that have none";
            self.fault(node.range.clone(), "an empty namespace selects nothing", help);
            return None;
        }
        let text = self.text(node, "a namespace")?;
        self.read(admit_namespace(&text, &node.range))?;
        Some(text)
    }

    fn object_name(&mut self, kind: &str, node: &Node) -> Option<String> {
        let text = self.text(node, "a name")?;
        self.read(admit_name(kind, &text, &node.range))?;
        Some(text)
    }

    fn quantify(&mut self, node: &Node) -> Option<Quantify> {
        const WORDS: &[&str] = &["each", "any", "first"];
        match self.text(node, "quantify")?.as_str() {
            "each" => Some(Quantify::Each),
            "any" => Some(Quantify::Any),
            "first" => Some(Quantify::First),
            word => {
                self.fault(node.range.clone(), format!("unknown quantifier `{word}`"), meant(word, WORDS));
                None
            }
        }
    }

    fn life(&mut self, node: &Node) -> Option<Quantify> {
        const WORDS: &[&str] = &["first", "last", "any", "each"];
        let text = self.text(node, "a life")?;
        match (text.as_str(), text.parse::<u64>()) {
            ("each", _) => Some(Quantify::Each),
            ("any", _) => Some(Quantify::Any),
            ("first", _) => Some(Quantify::First),
            ("last", _) => Some(Quantify::Last),
            (_, Ok(number)) if number > 0 => Some(Quantify::Nth(number)),
            (_, Ok(_)) => {
                self.fault(node.range.clone(), "lives are counted from 1", "`life: 1`, or `life: first`");
                None
            }
            (word, Err(_)) => {
                let help = format!("{}, or its number", meant(word, WORDS));
                self.fault(node.range.clone(), format!("unknown life `{word}`"), help);
                None
            }
        }
    }

    fn born(&mut self, node: &Node) -> bool {
        let word = self.text(node, "born");
        let is_window = word.as_deref() == Some("window");
        if let Some(word) = word.filter(|_| !is_window) {
            self.fault(node.range.clone(), format!("unknown `born: {word}`"), "`born: window`");
        }
        is_window
    }

    fn through(&mut self, node: &Node) -> Vec<String> {
        let mut kinds = Vec::new();
        for item in Self::list(node) {
            let Some(word) = self.text(item, "a kind") else { continue };
            match known_kind(&word, &item.range) {
                Ok(kind) => kinds.push(kind),
                Err(fault) => self.report(fault),
            }
        }
        kinds
    }

    fn labels(&mut self, node: &Node) -> LabelSelector {
        let read = if let Tree::Map(entries) = &node.tree {
            let mut labels = Vec::new();
            for (key, value) in entries {
                let value = value.tree.scalar().unwrap_or_default();
                if let Some(key) = self.text(key, "a label") {
                    labels.push((key, value));
                }
            }
            LabelSelector::equal(labels.iter().map(|(key, value)| (key.as_str(), *value)))
        } else {
            let Some(text) = self.text(node, "labels") else { return LabelSelector::default() };
            LabelSelector::parse(&text).map_err(|error| {
                format!("`{text}` is not a valid label selector: at character {}, {error}", error.column(&text))
            })
        };
        read.unwrap_or_else(|wrong| {
            self.fault(node.range.clone(), wrong, "`app=web,tier in (a, b),!canary`");
            LabelSelector::default()
        })
    }

    pub(super) fn window(&mut self, node: &Node) -> Window {
        let mut window = Window::default();
        let Some(entries) = self.map(node, "a window", &["from", "until", "max"]) else { return window };
        for (key, value) in entries {
            match (key, value.tree.scalar()) {
                ("max", _) => window.max = self.duration(value),
                ("from", Some("created")) => window.from = From::Created,
                ("from", Some("attached")) => window.from = From::Attached,
                ("until", Some("end")) => window.until = Until::End,
                ("from", Some(word)) => {
                    let help = meant(word, &["created", "attached"]);
                    self.fault(
                        value.range.clone(),
                        format!("unknown start `{word}`"),
                        format!("{help}; or `{{mark: NAME}}`, `{{time: ...}}`, `{{enter: vm.status=Running}}`"),
                    );
                }
                ("until", Some(word)) => {
                    let help = meant(word, &["end"]);
                    self.fault(
                        value.range.clone(),
                        format!("unknown end `{word}`"),
                        format!("{help}; or `{{mark: NAME}}`, `{{time: ...}}`, `{{enter: vm.status=Running}}`"),
                    );
                }
                (key, None) => self.instant(key, value, &mut window),
                (_, Some(_)) => {}
            }
        }
        if let Some(wrong) = window.inverted() {
            self.fault(node.range.clone(), wrong, "`until` comes after `from`");
        }
        if window.entries().next().is_some() && self.subjects.iter().any(|(_, selector)| selector.born_in_window) {
            let wrong = "`born: window` with a window that starts or ends at an entry";
            self.fault(node.range.clone(), wrong, "a window between marks or times, or no `born`");
        }
        window
    }

    fn instant(&mut self, key: &str, node: &Node, window: &mut Window) {
        let Some(entries) = self.map(node, key, &["mark", "time", "enter"]) else { return };
        if !matches!(&node.tree, Tree::Map(all) if all.len() == 1) {
            let help = "`{mark: NAME}`, `{time: ...}` or `{enter: vm.status=Running}`";
            self.fault(node.range.clone(), format!("`{key}` is one instant"), help);
        }
        for (kind, value) in entries {
            if kind == "enter" {
                let Some(entered) = self.entered(value) else { continue };
                match key {
                    "from" => window.from = From::Enter(Box::new(entered)),
                    _ => window.until = Until::Enter(Box::new(entered)),
                }
                continue;
            }
            let Some(text) = self.text(value, kind) else { continue };
            let at = if kind == "time" {
                let Ok(at) = text.parse::<jiff::Timestamp>() else {
                    self.fault(value.range.clone(), format!("`{text}` is not a time"), "`2026-01-31T12:00:00Z`");
                    continue;
                };
                Some(at.as_microsecond())
            } else {
                None
            };
            match (key, at) {
                ("from", Some(at)) => window.from = From::Time(at),
                ("from", None) => window.from = From::Mark(text),
                (_, Some(at)) => window.until = Until::Time(at),
                (_, None) => window.until = Until::Mark(text),
            }
        }
    }

    /// The entry at which a window starts or ends.
    fn entered(&mut self, node: &Node) -> Option<Entered> {
        let (Where { subject, pattern: tracks, place }, states) = self.entry(node)?;
        self.read(check_entry(&place, &states))?;
        self.mentions.entry(&place, &states);
        let sight = Refinement::new(states.names.iter().map(|named| &named.name), never_unknown(&place));
        let text = node.tree.to_string();
        Some(Entered { subject, tracks, states, sight, text })
    }

    pub(super) fn requires(&mut self, node: &Node) -> Requires {
        const KEYS: &[&str] =
            &["kubernetes", "kubevirt", "containerRuntime", "architecture", "kernel", "kinds", "criu", "facts"];
        let mut requires = Requires::default();
        let Some(entries) = self.map(node, "requires", KEYS) else { return requires };
        for (key, value) in entries {
            match key {
                "kubernetes" => requires.kubernetes = self.versions(value),
                "kubevirt" if matches!(value.tree, Tree::Map(_)) => self.kubevirt(value, &mut requires),
                "kubevirt" => requires.kubevirt = self.versions(value),
                "containerRuntime" => requires.container_runtime = self.runtime(value),
                "kernel" => requires.kernel = self.versions(value),
                "architecture" => requires.architecture = self.text(value, "an architecture"),
                "criu" => self.criu(value, &mut requires),
                "facts" => self.facts(value, &mut requires),
                _ => {
                    for item in Self::list(value) {
                        requires.kinds.extend(self.text(item, "a kind").map(|word| kind(&word)));
                    }
                }
            }
        }
        requires
    }

    fn facts(&mut self, node: &Node, requires: &mut Requires) {
        let Tree::Map(facts) = &node.tree else {
            self.fault(node.range.clone(), "facts are a map", "`facts: {crictl: \">=1.31\"}`");
            return;
        };
        for (name, values) in facts {
            let range = name.range.clone();
            let Some(name) = self.text(name, "the name of a fact") else { continue };
            if !Fact::is_name(&name) {
                let wrong = format!("`{name}` cannot name a fact: words of letters, digits, `_` and `-`, between dots");
                self.fault(range, wrong, "`facts: {crictl: \">=1.31\"}`");
                continue;
            }
            let values_of = Self::list(values);
            let wanted: Vec<Wanted> = values_of.iter().filter_map(|value| self.wanted(value)).collect();
            if values_of.is_empty() {
                self.fault(values.range.clone(), "a fact needs a value", "`facts: {crictl: \">=1.31\"}`");
            }
            requires.facts.insert(name, wanted);
        }
    }

    fn wanted(&mut self, node: &Node) -> Option<Wanted> {
        let text = self.text(node, "a value, or a range of versions")?;
        Wanted::parse(&text)
            .map_err(|part| {
                let wrong = format!("`{part}` is not a range of versions");
                self.fault(node.range.clone(), wrong, "`\">=1.30 <1.33\"`");
            })
            .ok()
    }

    /// `criu: ">=3.17"`, or its version and features that the facts of criu are about.
    fn criu(&mut self, node: &Node, requires: &mut Requires) {
        let version = |versions: Versions| {
            ("criu".to_owned(), vec![Wanted { text: versions.to_string(), versions: Some(versions) }])
        };
        if !matches!(node.tree, Tree::Map(_)) {
            requires.facts.extend(self.versions(node).map(version));
            return;
        }
        let Some(entries) = self.map(node, "criu", &["version", "features"]) else { return };
        for (key, value) in entries {
            if key == "version" {
                requires.facts.extend(self.versions(value).map(version));
                continue;
            }
            for item in Self::list(value) {
                let Some(feature) = self.text(item, "a feature") else { continue };
                let is_there = Wanted { text: "true".to_owned(), versions: None };
                requires.facts.insert(format!("criu.{feature}"), vec![is_there]);
            }
        }
    }

    fn kubevirt(&mut self, node: &Node, requires: &mut Requires) {
        let Some(entries) = self.map(node, "kubevirt", &["version", "featureGates"]) else { return };
        for (key, value) in entries {
            if key == "version" {
                requires.kubevirt = self.versions(value);
                continue;
            }
            let Tree::Map(gates) = &value.tree else {
                self.fault(value.range.clone(), "feature gates are a map", "`featureGates: {ImageVolume: false}`");
                continue;
            };
            for (gate, on) in gates {
                match (self.text(gate, "a feature gate"), on.tree.scalar()) {
                    (Some(gate), Some("true")) => drop(requires.feature_gates.insert(gate, true)),
                    (Some(gate), Some("false")) => drop(requires.feature_gates.insert(gate, false)),
                    _ => self.fault(on.range.clone(), "a feature gate is on or off", "`true` or `false`"),
                }
            }
        }
    }

    fn versions(&mut self, node: &Node) -> Option<Versions> {
        let text = self.text(node, "a range of versions")?;
        match Versions::parse(&text) {
            Ok(versions) => Some(versions),
            Err(part) => {
                self.fault(node.range.clone(), format!("`{part}` is not a range of versions"), "`\">=1.30 <1.33\"`");
                None
            }
        }
    }

    fn runtime(&mut self, node: &Node) -> Option<(String, Option<Versions>)> {
        let text = self.text(node, "a container runtime")?;
        let (name, versions) = text.split_once(' ').unwrap_or((&text, ""));
        let is_name = |letter: char| letter.is_ascii_alphanumeric() || "._-".contains(letter);
        if !name.starts_with(|first: char| first.is_ascii_alphabetic()) || !name.chars().all(is_name) {
            let wrong = format!("`{name}` is not the name of a container runtime");
            self.fault(node.range.clone(), wrong, "`\"cri-o >=1.31\"`");
            return None;
        }
        if versions.trim().is_empty() {
            return Some((name.to_owned(), None));
        }
        match Versions::parse(versions) {
            Ok(versions) => Some((name.to_owned(), Some(versions))),
            Err(part) => {
                self.fault(node.range.clone(), format!("`{part}` is not a range of versions"), "`\"cri-o >=1.31\"`");
                None
            }
        }
    }
}

/// The number of subjects required.
fn wanted(selector: &Selector) -> String {
    match selector.max {
        Some(0) => "none".to_owned(),
        _ => format!("at least {}", selector.min.unwrap_or(1)),
    }
}
