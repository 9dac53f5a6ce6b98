//! States that nothing shows: what is found when a recorder begins, or after a gap, may be any. A verdict on what is known
//! then is none that the whole history contradicts.

use super::sketches::judged;
use proptest::prelude::*;
use statetrail::expectation::Verdict;

const ACTIONS: &[&str] = &["create", "start", "stop", "kill", "pause"];

/// Statements about the pod `g` and the container `w`.
const STATEMENTS: &[&str] = &[
    "{track: g.action, path: '... -> stop'}",
    "{track: g.action, path: 'create -> start -> ...'}",
    "{track: g.action, path: '... -> start -> kill -> ...'}",
    "{track: g.action, path: '... -> start for <3s -> ...'}",
    "{track: g.action, path: '... -> start for >=3s -> ...'}",
    "{track: g.action, path: '... -> (start -> kill) within 2s -> ...'}",
    "{track: g.action, path: '... -> !stop -> stop -> ...'}",
    "{track: g.action, path: '... -> _ -> stop? -> remove'}",
    "{track: g.action, never: pause}",
    "{track: g.action, never: remove}",
    "{track: g.action, never: [stop, remove]}",
    "{track: g.action, never: \"~'^p'\"}",
    "{track: g.action, always: [create, start, stop]}",
    "{track: g.action, always: '!pause'}",
    "{track: g.action, every: start, then: stop}",
    "{track: g.action, every: start, then: stop, within: 3s}",
    "{track: g.action, every: start, then: [stop, kill], within: 1s..4s}",
    "{track: g.action, count: {start: {max: 1}}}",
    "{track: g.action, count: {start: {min: 2}}}",
    "{track: g.action, count: {'!stop': {max: 2}}}",
    "{track: g.action, count: {\"~'^p'\": {min: 1}}}",
    "{track: g.action, graph: {create: [start, kill], start: [stop, kill, pause], stop: [start], kill: [start]}}",
    "{track: w.state, every: running, then: g.action=start}",
    "{track: w.state, every: running, then: g.action=stop, within: 3s}",
    "{track: w.state, every: exited, after: g.action=stop}",
    "{track: g.action, every: start, then: w.state=running}",
    "{track: w.state, never: running, while: g.action=pause}",
    "{track: g.action, never: pause, while: w.state=running}",
    "{enter: w.state=running, onlyAfter: g.action=start}",
    "{enter: g.action=stop, onlyAfter: w.state=running}",
    "{quiet: [action], after: g.action=start}",
    "{quiet: [state], after: w.state=exited}",
];

/// None begins where a recorder did, which is another one for the part.
const WINDOWS: &[&str] = &[
    "",
    "window: {from: {mark: m}}",
    "window: {from: {mark: m}, max: 3s}",
    "window: {from: {mark: m}, until: {enter: g.action=start}}",
    "window: {from: {enter: g.action=start}}",
    "window: {from: {enter: g.action=start}, until: {enter: 'g.action=[stop, kill]'}}",
    "window: {until: {enter: g.action=stop}}",
];

/// What happened to a pod, at even seconds; and when what of it was not seen began and ended, at odd ones.
#[derive(Clone, Debug)]
struct History {
    actions: Vec<usize>,
    is_removed: bool,
    /// After how many actions: the beginning is none for a recorder that was started late.
    unseen: (Option<usize>, usize),
    /// When the container ran and ended, and when the mark was set, in seconds.
    container: (usize, usize),
    mark: usize,
}

impl History {
    fn end(&self) -> usize {
        2 * (self.actions.len() + 2)
    }

    fn at(index: usize) -> usize {
        2 * index + 2
    }

    /// Some actions, of which one that repeats the one before it is no entry.
    fn words(&self, range: std::ops::Range<usize>) -> String {
        let mut last = None;
        let removed = self.is_removed.then_some("remove");
        let all = self.actions.iter().map(|action| ACTIONS[*action]).chain(removed);
        let here = all.enumerate().skip(range.start).take(range.len());
        let new = here.filter(|(_, action)| last.replace(*action) != Some(*action));
        let words: Vec<String> = new.map(|(index, action)| format!("{action}@{} ", Self::at(index))).collect();
        words.concat()
    }

    fn sketch(&self, pod: &str) -> String {
        let (runs, ends) = (2 * self.container.0 + 1, 2 * (self.container.0 + self.container.1) + 2);
        let last = self.end();
        let container = format!("podman/w state: created@0 running@{runs} exited@{ends}");
        let end = last.max(ends).max(self.mark) + 1;
        let mark = format!("marks: m@{}.5", self.mark);
        let removed = self.actions.len();
        let deleted = if self.is_removed { format!("|deleted@{} ", Self::at(removed)) } else { String::new() };
        format!("podmanpod/g action: {pod}{deleted}; {container} ; {mark} |closed@{end}")
    }

    fn whole(&self) -> String {
        self.sketch(&self.words(0..usize::MAX))
    }

    fn partial(&self) -> String {
        let (from, to) = self.unseen;
        let found = 2 * to + 1;
        let after = self.words(to..usize::MAX);
        self.sketch(&match from {
            None => format!("^present@{found} {after}"),
            Some(from) => {
                let before = self.words(0..from);
                format!("{before}~{},{found}~ present {after}", 2 * from + 1)
            }
        })
    }
}

fn history() -> impl Strategy<Value = History> {
    let actions = prop::collection::vec(0..ACTIONS.len(), 1..5);
    let rest = (any::<bool>(), 0..6_usize, 0..6_usize, any::<bool>(), (0..4_usize, 0..4_usize), 0..12_usize);
    (actions, rest).prop_map(|(mut actions, (is_removed, first, second, is_late, container, mark))| {
        actions[0] = 0;
        let (first, second) = (1 + first % actions.len(), 1 + second % actions.len());
        let unseen = (Some(first.min(second)).filter(|_| !is_late), first.max(second));
        History { actions, is_removed, unseen, container, mark }
    })
}

fn verdict(statement: &str, window: &str, sketch: &str) -> Verdict {
    let subjects = "{g: {kind: PodmanPod, name: g}, w: {kind: PodmanContainer, name: w}}";
    let expectation = "apiVersion: statetrail/v1\nkind: Expectation\nmetadata: {name: x}";
    judged(&format!("{expectation}\nsubjects: {subjects}\n{window}\nexpect: [{statement}]\n"), sketch).verdict
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_verdict_on_a_part_contradicts_the_whole(history in history()) {
        let (whole, part) = (history.whole(), history.partial());
        for statement in STATEMENTS {
            for window in WINDOWS {
                let (known, said) = (verdict(statement, window, &whole), verdict(statement, window, &part));
                let is_right = !said.is_decided() || !known.is_decided() || said == known;
                prop_assert!(is_right, "{statement} {window}\n{whole}: {known:?}\n{part}: {said:?}");
            }
        }
    }
}

#[test]
fn what_can_be_known_of_an_object_that_was_found_is_decided() {
    let found = "podmanpod/g action: ^present@1 start@4 stop@6 remove@8 |deleted@8 ; \
                 podman/w state: created@0 running@5 exited@7 ; marks: m@2 |closed@9";
    for (statement, window, expected) in [
        ("{track: g.action, path: '... -> stop -> remove'}", "", Verdict::Satisfied),
        ("{track: g.action, path: '... -> kill -> remove'}", "", Verdict::Violated),
        ("{track: g.action, never: kill}", "window: {from: {mark: m}}", Verdict::Inconclusive),
        ("{track: g.action, never: stop}", "window: {from: {mark: m}}", Verdict::Violated),
        // A pod that is there was not removed.
        ("{track: g.action, never: remove}", "window: {from: {mark: m}, max: 4s}", Verdict::Satisfied),
        ("{track: g.action, count: {remove: {max: 1}}}", "window: {from: {mark: m}}", Verdict::Satisfied),
        ("{track: g.action, every: stop, then: remove, within: 2s}", "", Verdict::Inconclusive),
    ] {
        assert_eq!(verdict(statement, window, found), expected, "{statement} {window}");
    }
}
