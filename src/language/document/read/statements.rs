//! The statements of a document: one map each, whose keys select the operator.

use super::places::Where;
use super::{Reader, get};
use crate::kinds;
use crate::language::check::check;
use crate::language::clause::{needs_state, restart_needs_container, track};
use crate::language::document::tree::{Node, Tree};
use crate::language::line::{held_while, limits, list, same};
use crate::language::program::{Clause, Formula, Sight};
use crate::language::syntax::{Stream, Token, path};
use crate::monitor::{Fault, NamedAt, Plan, Statement, States};

const MAX_DEPTH: usize = 16;
const OPERATORS: &[&str] =
    &["path", "never", "always", "every", "count", "sameAs", "enter", "quiet", "graph", "all", "any", "not"];
const KEYS: &[&str] = &[
    "track",
    "path",
    "never",
    "always",
    "every",
    "then",
    "within",
    "min",
    "count",
    "sameAs",
    "enter",
    "onlyAfter",
    "while",
    "quiet",
    "after",
    "graph",
    "all",
    "any",
    "not",
];

/// Requires that states end: what follows them in a line is a key of its own here.
fn ended(stream: &Stream<'_>) -> Result<(), Fault> {
    match stream.peek() {
        Token::Word(key) if KEYS.contains(&key.as_str()) => {
            let fault = Fault::new(stream.range(), format!("`{key}` after states"));
            Err(fault.help(format!("a key of its own: `{key}: ...`; quote a state of that name: `'{key}'`")))
        }
        _ => stream.finish("the states end before it"),
    }
}

type Entries<'n> = [(&'n str, &'n Node)];

/// True for `pod.phase=Running`, and not for `Running`, `<=3` or `'a=b'`.
fn names_track(node: &Node) -> bool {
    let text = node.tree.scalar().unwrap_or_default();
    text.split_once('=')
        .is_some_and(|(place, _)| !place.is_empty() && !place.contains(['\'', '"', '<', '>', '~', '!', '[']))
}

/// What `every` and `onlyAfter` together may mean.
const ONLY_AFTER: &str = "`every: A, after: pod.phase=B`: each entry into A has one into B of its own before it; \
                          `enter: vm.status=A, onlyAfter: pod.phase=B`: the first has";

impl Reader<'_> {
    pub(super) fn statements(&mut self, node: &Node, depth: usize) -> Option<Formula> {
        if depth > MAX_DEPTH {
            self.fault(node.range.clone(), format!("statements are nested more than {MAX_DEPTH} deep"), "split them");
            return None;
        }
        let items = Self::list(node);
        if items.is_empty() {
            self.fault(node.range.clone(), "no statements", super::EXAMPLE_EXPECT);
        }
        let parts: Vec<Formula> = items.into_iter().filter_map(|item| self.statement(item, depth)).collect();
        Some(Formula::All(parts))
    }

    fn statement(&mut self, node: &Node, depth: usize) -> Option<Formula> {
        if node.is_one_line() {
            let help = "`{track: vm.status, never: Failed}`; a line is passed with `--expect`";
            self.fault(node.range.clone(), "expected a statement with keys, found a line", help);
            return None;
        }
        let entries = self.map(node, "a statement", KEYS)?;
        let operators: Vec<&str> = entries.iter().map(|(key, _)| *key).filter(|key| OPERATORS.contains(key)).collect();
        let [operator] = operators.as_slice() else {
            if operators.is_empty() {
                let help = format!("one of {}", OPERATORS.join(", "));
                self.fault(node.range.clone(), "the statement has no operator", help);
            } else {
                let all = operators.iter().map(|key| format!("`{key}`")).collect::<Vec<_>>().join(" and ");
                let help = "one statement for each, a list item of its own";
                self.fault(node.range.clone(), format!("{all} in one statement"), help);
            }
            return None;
        };
        let value = get(&entries, operator)?;
        self.only(operator, &entries);
        match *operator {
            "all" => self.statements(value, depth + 1),
            "any" => match self.statements(value, depth + 1)? {
                Formula::All(parts) => Some(Formula::Any(parts)),
                other => Some(other),
            },
            "not" => self.statements(value, depth + 1).map(|formula| Formula::Not(Box::new(formula))),
            "enter" => self.enter(node, value, &entries),
            "quiet" => self.quiet(node, value, &entries),
            operator => {
                let (statement, other) = self.on_track(operator, value, &entries)?;
                let Some(track) = get(&entries, "track") else {
                    self.fault(node.range.clone(), format!("`{operator}` without a track"), "`track: vm.status`");
                    return None;
                };
                let own = self.place(track)?;
                let other = other.filter(|other| own.subject != other.subject || !own.is_track_of(other));
                let statement = if other.is_some() { statement } else { statement.on_one_track() };
                self.clause(node, own, other, &statement)
            }
        }
    }

    /// Rejects the keys of other operators.
    fn only(&mut self, operator: &str, entries: &Entries<'_>) {
        let allowed: &[&str] = match operator {
            "every" if get(entries, "after").is_some() && get(entries, "then").is_none() => &["track", "after", "min"],
            "every" => &["track", "then", "within", "min"],
            "never" | "always" => &["track", "while"],
            "enter" => &["onlyAfter"],
            "quiet" => &["after"],
            "all" | "any" | "not" => &[],
            _ => &["track"],
        };
        for (key, node) in entries {
            if *key == operator || allowed.contains(key) {
                continue;
            }
            let (message, help) = match (operator, *key) {
                ("every", "after") => ("`then` and `after` in one statement".to_owned(), "one statement for each"),
                ("every", "within") => ("`within` beside `after`".to_owned(), "leave it out; `then` has a time"),
                ("every", "onlyAfter") => ("`onlyAfter` beside `every`".to_owned(), ONLY_AFTER),
                _ => (format!("`{key}` does not belong to `{operator}`"), "leave it out"),
            };
            self.fault(node.range.clone(), message, help);
        }
    }

    /// A statement about one track, and the track of its condition.
    fn on_track(&mut self, operator: &str, value: &Node, entries: &Entries<'_>) -> Option<(Statement, Option<Where>)> {
        let statement = match operator {
            "path" => {
                let tokens = self.tokens(value)?;
                if let Some((Token::Word(key), at)) = tokens.first()
                    && OPERATORS.contains(&key.as_str())
                {
                    let help = format!("a key of its own: `{key}: ...`; quote a state of that name: `'{key}'`");
                    self.fault(at.clone(), format!("`{key}` in a path"), help);
                    return None;
                }
                let mut stream = Stream::new(&tokens);
                let read = path(&mut stream).and_then(|path| stream.finish("the path ends before it").map(|()| path));
                self.read(read).map(Statement::Path)
            }
            "never" | "always" => {
                let states = self.set(value)?;
                let statement = if operator == "never" { Statement::Never(states) } else { Statement::Always(states) };
                let Some(condition) = get(entries, "while") else { return Some((statement, None)) };
                let (other, held) = self.entry(condition)?;
                let held = held_while(statement, held, &condition.range);
                return Some((self.read(held)?, Some(other)));
            }
            "every" => return self.every(value, entries),
            "sameAs" => return self.same_as(value),
            "count" => self.count(value),
            _ => self.graph(value),
        };
        statement.map(|statement| (statement, None))
    }

    fn same_as(&mut self, value: &Node) -> Option<(Statement, Option<Where>)> {
        if names_track(value) {
            self.fault(value.range.clone(), "`sameAs` names a track, not a state", "`sameAs: vmi.node`");
            return None;
        }
        Some((same(value.range.clone()), Some(self.place(value)?)))
    }

    fn every(&mut self, value: &Node, entries: &Entries<'_>) -> Option<(Statement, Option<Where>)> {
        let (then, after) = (get(entries, "then"), get(entries, "after"));
        let Some(other) = then.or(after) else {
            if get(entries, "onlyAfter").is_some() {
                return None;
            }
            let help = "`every: Pending, then: Running`";
            self.fault(value.range.clone(), "`every` without `then` or `after`", help);
            return None;
        };
        let every = self.set(value)?;
        let names_track = then.is_none() || names_track(other) || self.begins_with_track(other);
        let (place, states) = if names_track {
            self.entry(other).map(|(place, states)| (Some(place), states))?
        } else {
            (None, self.set(other)?)
        };
        let within = match get(entries, "within") {
            Some(node) => Some(self.range(node)?),
            None => None,
        };
        let min = match get(entries, "min") {
            Some(node) => self.number(node, "min")?,
            None => 1,
        };
        let statement = match (then.is_some(), names_track) {
            (false, _) => Statement::EveryAfter { every, after: states, min },
            (true, true) => Statement::EveryThen { every, then: states, within, min },
            (true, false) => Statement::Every { every, then: states, within, min },
        };
        Some((statement, place))
    }

    /// True for `vm.status Running`, an entry without its `=`.
    fn begins_with_track(&self, node: &Node) -> bool {
        let text = node.tree.scalar().unwrap_or_default();
        let place = text.split_once([' ', ':']).map_or("", |(place, _)| place);
        place.split_once('.').is_some_and(|(alias, _)| self.subjects.iter().any(|(known, _)| known == alias))
    }

    fn count(&mut self, node: &Node) -> Option<Statement> {
        let Tree::Map(entries) = &node.tree else {
            self.fault(
                node.range.clone(),
                "a count is a map from a state to its limits",
                "`count: {restart: {max: 2}}`",
            );
            return None;
        };
        let [(key, value)] = entries.as_slice() else {
            self.fault(node.range.clone(), "a count has one state", "one statement for each");
            return None;
        };
        if let Some(number) = value.tree.scalar() {
            let state = key.tree.scalar().unwrap_or("Running");
            let number = if number.parse::<u64>().is_ok() { number } else { "1" };
            let help = format!(
                "`count: {{{state}: {{min: {number}, max: {number}}}}}`; leave one out for at least or at most"
            );
            self.fault(value.range.clone(), "the limits of a count are `min` and `max`", help);
            return None;
        }
        let bounds = self.map(value, "a count's limits", &["min", "max"])?;
        let mut bound = |name: &str| match get(&bounds, name) {
            Some(node) => self.number(node, name).map(Some),
            None => Some(None),
        };
        let (min, max) = (bound("min")?, bound("max")?);
        let (min, max) = self.read(limits(value.range.clone(), min, max))?;
        let states = if key.tree.scalar() == Some("restart") { None } else { Some(self.set(key)?) };
        Some(Statement::Count { states, min, max })
    }

    fn graph(&mut self, node: &Node) -> Option<Statement> {
        let Tree::Map(entries) = &node.tree else {
            let help = "`graph: {Pending: [Running, Failed], Running: [Succeeded, Failed]}`";
            self.fault(node.range.clone(), "a graph is a map from a state to those that may follow", help);
            return None;
        };
        if entries.is_empty() {
            self.fault(node.range.clone(), "the graph has no states", "`graph: {Pending: [Running]}`");
            return None;
        }
        let mut edges = Vec::new();
        for (from, to) in entries {
            let from = self.named(from)?;
            let mut next = Vec::new();
            for node in Self::list(to) {
                next.push(self.named(node)?);
            }
            edges.push((from, next));
        }
        Some(Statement::Graph(edges))
    }

    fn named(&mut self, node: &Node) -> Option<NamedAt> {
        let set = self.set(node)?;
        match set.names.as_slice() {
            [one] if !set.negated => Some(one.clone()),
            _ => {
                self.fault(node.range.clone(), "expected one state", "a graph names each of its states");
                None
            }
        }
    }

    fn enter(&mut self, node: &Node, value: &Node, entries: &Entries<'_>) -> Option<Formula> {
        let Some(condition) = get(entries, "onlyAfter") else {
            let help = "`enter: vm.status=Running, onlyAfter: pod.phase=Running`";
            self.fault(node.range.clone(), "`enter` without `onlyAfter`", help);
            return None;
        };
        let (own, enter) = self.entry(value)?;
        let (other, after) = self.entry(condition)?;
        let same = own.subject == other.subject && own.is_track_of(&other);
        self.clause(node, own, (!same).then_some(other), &Statement::OnlyAfter { enter, after })
    }

    fn quiet(&mut self, node: &Node, value: &Node, entries: &Entries<'_>) -> Option<Formula> {
        let Some(trigger) = get(entries, "after") else {
            let help = "`quiet: [phase], after: pod.lifecycle=Deleted`";
            self.fault(node.range.clone(), "`quiet` without `after`", help);
            return None;
        };
        let mut parts = Vec::new();
        let first = self.clauses.len();
        if Self::list(value).is_empty() {
            self.fault(value.range.clone(), "no track is quiet", "`quiet: [phase], after: pod.lifecycle=Deleted`");
        }
        for item in Self::list(value) {
            let (other, after) = self.entry(trigger)?;
            let text = self.text(item, "a track")?;
            let named = self.subjects.iter().position(|(alias, _)| text.starts_with(&format!("{alias}.")));
            if named.is_some_and(|named| named != other.subject) {
                self.fault(
                    item.range.clone(),
                    "`quiet` is about the tracks of the subject that `after` names",
                    "leave the subject out",
                );
                return None;
            }
            let name = match named {
                Some(named) => text[self.subjects[named].0.len() + 1..].to_owned(),
                None => text,
            };
            let kind = self.subjects[other.subject].1.kind.clone();
            if kinds::is_evidence(&kind) {
                let help = "`never` in a window that starts at it: `window: {from: {enter: ...}}`";
                self.fault(item.range.clone(), "`quiet` about an Event: each occurrence of it is over at once", help);
                return None;
            }
            let (pattern, place) = self.read(track(&kind, &name, &item.range))?;
            self.mentions.track(&pattern, &place, &item.range);
            let own = Where { subject: other.subject, pattern, place };
            let same = own.is_track_of(&other);
            parts.push(self.clause(item, own, (!same).then_some(other), &Statement::Quiet { after })?);
        }
        let joined = first..self.clauses.len();
        self.clauses[joined.clone()].iter_mut().for_each(|clause| clause.joined = joined.clone());
        Some(Formula::All(parts))
    }

    fn clause(&mut self, node: &Node, own: Where, other: Option<Where>, statement: &Statement) -> Option<Formula> {
        let checked = restart_needs_container(statement, &own.place, node.range.clone());
        self.read(checked)?;
        let condition = other.as_ref().map(|other| &other.place);
        let checked = check(statement, &own.place, condition);
        self.read(checked)?;
        let plan = Plan::new(statement, &own.place, condition, self.exact_restarts);
        let plan = self.read(plan)?;
        self.mentions.states(statement, &own.place, condition);
        self.clauses.push(Clause {
            text: node.tree.to_string(),
            subject: own.subject,
            tracks: own.pattern,
            joined: self.clauses.len()..self.clauses.len() + 1,
            sight: Sight::of(statement, &own.place, condition),
            condition: other.map(|other| (other.subject, other.pattern)),
            statement: statement.clone(),
            plan,
            needs_state: needs_state(statement),
        });
        Some(Formula::Clause(self.clauses.len() - 1))
    }

    /// Parses `A`, `A, B`, `!A` or a list of states.
    fn set(&mut self, node: &Node) -> Option<States> {
        let Tree::List(items) = &node.tree else {
            let tokens = self.tokens(node)?;
            let mut stream = Stream::new(&tokens);
            let read = list(&mut stream).and_then(|states| ended(&stream).map(|()| states));
            return self.read(read);
        };
        let mut tokens = Vec::new();
        for item in items {
            if !tokens.is_empty() {
                tokens.push((Token::Sign(','), item.range.clone()));
            }
            let mut next = self.tokens(item)?;
            next.pop();
            tokens.extend(next);
        }
        tokens.push((Token::End, node.range.clone()));
        let mut stream = Stream::new(&tokens);
        let read = list(&mut stream).and_then(|states| ended(&stream).map(|()| states));
        self.read(read)
    }

    pub(super) fn read<T>(&mut self, read: Result<T, Fault>) -> Option<T> {
        read.map_err(|fault| self.report(fault)).ok()
    }
}
