//! The order of what different watches show, by times: a container, a mount and a pod whose true order is known, each
//! recorded at turns of its own, or some time after it happened.

use super::tape::{Tape, at, document, object, pods, several, windowed};
use proptest::prelude::*;
use serde_json::value::RawValue;
use statetrail::expectation::Verdict;
use statetrail::observation::{
    Attached, Change, Gap, GapReason, ObjectEvent, Payload, Raw, Resource, ResourceVersion, Watch, WatchId,
};
use std::fmt::Write as _;

/// Each moment is recorded as so many milliseconds, so that several things happen at one.
const MOMENTS: u32 = 40;

const CONTAINER: &[(&str, &str)] = &[
    ("creating", r#"{"did":"CREATE","what":"directory"}"#),
    ("created", r#"{"did":"MOVED_TO","what":"state.json"}"#),
    ("running", r#"{"did":"CLOSE_WRITE","what":"exec.fifo"}"#),
    ("stopped", r#"{"did":"EXIT","what":"init"}"#),
    ("deleted", r#"{"did":"DELETE","what":"directory"}"#),
];
const CONTAINER_FOUND: [&str; 4] = [
    r#"{"did":"FOUND","what":"directory"}"#,
    r#"{"did":"FOUND","what":"directory","has":["state.json","exec.fifo"],"alive":true}"#,
    r#"{"did":"FOUND","what":"directory","has":["state.json"],"alive":true}"#,
    r#"{"did":"FOUND","what":"directory","has":["state.json"],"alive":false}"#,
];
const MOUNT: &[(&str, &str)] = &[
    ("mounted", r#"{"did":"ATTACH","mount":{"dev":"7:0","fs":"ext4","root":"/"},"release":"watched"}"#),
    ("detached", r#"{"did":"DETACH"}"#),
    ("released", r#"{"did":"UNMOUNT"}"#),
];
const MOUNT_FOUND: [&str; 2] = [
    r#"{"did":"FOUND","mount":{"dev":"7:0","fs":"ext4","root":"/"},"release":"watched"}"#,
    r#"{"did":"FOUND","mount":{"dev":"7:0","fs":"ext4","root":"/"},"release":"watched","detached":true}"#,
];
const POD: &[(&str, &str)] = &[("Pending", ""), ("Running", ""), ("Succeeded", "")];

/// When something truly happened: a moment, and a part of it that no recording tells.
type Time = (u32, u32);

/// One of the three objects: when it entered its states, as far as it did.
#[derive(Clone, Debug)]
struct Life {
    what: usize,
    times: Vec<Time>,
    /// When it is read: the turns of a source, or how long the server takes for each version.
    turns: Vec<u32>,
    /// The turn at which events were lost.
    lost: Option<usize>,
    attached: u32,
}

impl Life {
    fn words(&self) -> &'static [(&'static str, &'static str)] {
        [CONTAINER, MOUNT, POD][self.what]
    }

    fn name(&self) -> &'static str {
        ["c.state", "m.state", "p.phase"][self.what]
    }

    fn watch(&self) -> WatchId {
        WatchId::try_from(self.what).unwrap()
    }

    /// When it entered a state.
    fn entered(&self, state: usize) -> Option<Time> {
        self.times.get(state).copied()
    }

    /// From when to when it was in a state.
    fn held(&self, state: usize) -> Option<(Time, Time)> {
        let from = self.entered(state)?;
        let is_over = self.words()[state].0 == "deleted" || self.words()[state].0 == "released";
        Some((from, if is_over { from } else { self.entered(state + 1).unwrap_or((u32::MAX, 0)) }))
    }

    fn found(&self) -> &'static [&'static str] {
        if self.what == 0 { &CONTAINER_FOUND } else { &MOUNT_FOUND }
    }

    /// What is recorded, with its times, and when each state was, as far as nothing was lost.
    fn recorded(&self) -> Vec<(u32, Payload)> {
        if self.what == 2 { self.served() } else { self.told() }
    }

    fn raw(&self, version: u64, not_before: u32, listed: bool, event: &str) -> Payload {
        Payload::Raw(Raw {
            watch: self.watch(),
            resource_version: ResourceVersion::new(version.to_string()),
            uid: format!("uid-{}", self.what).into(),
            name: ["c1", "/m"][self.what].into(),
            not_before: moment(not_before),
            since: None,
            listed,
            event: RawValue::from_string(event.to_owned()).unwrap(),
        })
    }

    /// How many states a turn has read. What happens at its very moment is read then, or at the next one.
    fn through(&self, now: u32) -> usize {
        self.times.iter().take_while(|(when, part)| (*when, part % 2) <= (now, 0)).count()
    }

    /// The lines of a source, which is read at each turn.
    fn told(&self) -> Vec<(u32, Payload)> {
        let (mut lines, mut version, mut read) = (Vec::new(), 0, 0);
        let watch = self.watch();
        let next = |version: &mut u64| {
            *version += 1;
            ResourceVersion::new(version.to_string())
        };
        let mut before = None;
        for (turn, now) in std::iter::once(self.attached).chain(self.turns.iter().copied()).enumerate() {
            let through = self.through(now);
            let is_list = turn == 0 || self.lost == Some(turn);
            if let Some(not_before) = before.filter(|_| is_list) {
                let from_resource_version = ResourceVersion::new(version.to_string());
                lines.push((
                    now,
                    Payload::Gap(Gap {
                        watch,
                        from_resource_version,
                        to_resource_version: next(&mut version),
                        from: moment(not_before),
                        to: moment(now),
                        reason: GapReason::Unrecorded,
                        unhealed: "events were lost".to_owned(),
                    }),
                ));
            }
            if is_list {
                if let Some(found) = through.checked_sub(1).and_then(|last| self.found().get(last)) {
                    version += 1;
                    lines.push((now, self.raw(version, before.unwrap_or(0), true, found)));
                }
                let kind = ["RuncContainer", "Mount"][self.what].into();
                let resource_version = next(&mut version);
                lines.push((now, Payload::Attached(Attached { watch, resource_version, kind, not_before: None })));
            } else {
                for at in read..through {
                    version += 1;
                    lines.push((now, self.raw(version, before.unwrap(), false, self.words()[at].1)));
                }
                let resource_version = ResourceVersion::new(version.to_string());
                lines.push((now, Payload::LateBookmark { watch, resource_version, not_before: moment(now) }));
            }
            (read, before) = (through, Some(now));
        }
        lines
    }

    /// The lines of an API server, which come some time after what they show.
    fn served(&self) -> Vec<(u32, Payload)> {
        let listed = self.times.iter().filter(|(when, _)| *when < self.attached).count();
        let mut lines = Vec::new();
        let version = |at: usize| 100 + 10 * at as u64;
        if let Some(last) = listed.checked_sub(1) {
            let (not_before, healed, confirmed) = (None, false, false);
            let (watch, change, object) = (2, Change::Listed, object("p", version(last), POD[last].0));
            let seen = ObjectEvent { watch, change, object, not_before, healed, confirmed };
            lines.push((self.attached, Payload::Object(seen)));
        }
        let resource_version = ResourceVersion::new((version(listed) - 5).to_string());
        let attached = Attached { watch: 2, resource_version, kind: "Pod".into(), not_before: None };
        lines.push((self.attached, Payload::Attached(attached)));
        let mut before = self.attached;
        for (at, (when, _)) in self.times.iter().enumerate().skip(listed) {
            before = before.max(when + self.turns[at % self.turns.len()]);
            let (not_before, healed, confirmed) = (None, false, false);
            let change = if at == 0 { Change::Added } else { Change::Modified };
            let (watch, object) = (2, object("p", version(at), POD[at].0));
            let seen = ObjectEvent { watch, change, object, not_before, healed, confirmed };
            lines.push((before, Payload::Object(seen)));
        }
        lines
    }

    /// From when to when a state was entered, as a source says it; none where it was not, or not seen.
    fn told_of(&self, state: usize) -> Option<(u32, u32)> {
        self.entered(state)?;
        let turns: Vec<u32> = std::iter::once(self.attached).chain(self.turns.iter().copied()).collect();
        let read = turns.iter().position(|turn| self.through(*turn) > state)?;
        (read > 0 && self.lost.is_none()).then(|| (turns[read - 1], turns[read]))
    }
}

fn moment(moment: u32) -> jiff::Timestamp {
    at(1.0 + f64::from(moment) / 1000.0)
}

fn tape(lives: &[Life], mark: u32, is_closed: bool) -> Tape {
    let runc = Watch::at(Resource::new("runc", "v1", "runccontainers", "RuncContainer"), "/run/runc");
    let mounts = Watch::at(Resource::new("mounts", "v1", "mounts", "Mount"), "/proc/self");
    let mut tape = Tape::of(vec![runc, mounts, pods()]);
    let mut lines: Vec<(u32, Payload)> = lives.iter().flat_map(Life::recorded).collect();
    lines.push((mark, Payload::Mark { name: "go".to_owned() }));
    lines.sort_by_key(|(when, _)| *when);
    for (when, payload) in lines {
        tape.line(1.0 + f64::from(when) / 1000.0, payload);
    }
    if is_closed {
        tape.closed(2.0);
    }
    tape
}

/// A statement about two states of two objects, and whether it is true of the world; none where that is not asked.
fn statements(a: (&Life, usize), b: (&Life, usize), mark: u32) -> Vec<(String, Option<bool>)> {
    let subjects = "c: {kind: runc, name: c1}, m: {kind: mount, name: /m}, p: {kind: Pod, name: p}";
    let (own, other) = (a.0.words()[a.1].0, b.0.words()[b.1].0);
    let (track, alias) = (a.0.name(), b.0.name());
    let entered = a.0.entered(a.1);
    let (first, there) = (entered.unwrap_or((u32::MAX, 1)), b.0.entered(b.1).unwrap_or((u32::MAX, 0)));
    let is_held = a.0.held(a.1).zip(b.0.held(b.1)).is_some_and(|(one, other)| one.0 < other.1 && other.0 < one.1);
    // One that was gone before is no subject.
    let is_gone = a.0.what < 2 && a.0.through(a.0.attached) == a.0.words().len();
    let is_there = !a.0.times.is_empty() && !is_gone;
    let mut all = Vec::new();
    let mut add = |statement: String, is_true: bool| {
        all.push((document(subjects, &statement), is_there.then_some(is_true)));
    };
    add(format!("{{enter: {track}={own}, onlyAfter: {alias}={other}}}"), entered.is_none() || there < first);
    add(format!("{{track: {track}, never: {own}, while: {alias}={other}}}"), !is_held);
    add(
        format!("{{track: {track}, every: {own}, after: {alias}={other}, min: 0}}"),
        entered.is_none() || there < first,
    );
    let answered = there.0 < u32::MAX && first < there;
    add(format!("{{track: {track}, every: {own}, then: {alias}={other}, min: 0}}"), entered.is_none() || answered);
    // What is held at the mark comes before all else.
    let since = |(life, state): (&Life, usize)| match life.held(state) {
        Some((from, until)) if from.0 <= mark => (until.0 > mark).then_some((0, 0)),
        held => held.map(|(from, _)| from),
    };
    let is_beside = |life: &Life| life.what < 2 && life.times.iter().all(|(when, _)| *when != mark);
    let (first, there) = (since(a), since(b).unwrap_or((u32::MAX, 0)));
    let is_asked = is_there && is_beside(a.0) && is_beside(b.0);
    let statement = format!("{{enter: {track}={own}, onlyAfter: {alias}={other}}}");
    let is_true = first.is_none_or(|first| there <= first);
    all.push((windowed(subjects, "{from: {mark: go}}", &statement), is_asked.then_some(is_true)));
    all
}

fn life(what: usize) -> impl Strategy<Value = Life> {
    let states = [CONTAINER, MOUNT, POD][what].len();
    let times = prop::collection::vec((1..MOMENTS, 0..1000u32), 0..=states);
    let turns = if what == 2 {
        prop::collection::vec(0..15u32, 3..4).boxed()
    } else {
        prop::collection::vec(1..MOMENTS, 1..12).boxed()
    };
    (times, turns, prop::option::weighted(0.15, 1..8usize), prop::bool::weighted(0.8), 0..MOMENTS).prop_map(
        move |(mut times, mut turns, lost, is_first, attached)| {
            times.sort_unstable();
            let attached = if is_first { 0 } else { attached };
            if what < 2 {
                turns.push(MOMENTS + 1);
                turns.retain(|turn| *turn > attached);
                turns.sort_unstable();
                turns.dedup();
            }
            let lost = lost.filter(|lost| what < 2 && *lost < turns.len());
            Life { what, times, turns, lost, attached }
        },
    )
}

fn told(lives: &[Life], statement: &str) -> String {
    let mut text = statement.to_owned();
    for life in lives {
        let _ = writeln!(text, "{life:?}");
    }
    text
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn what_is_decided_by_times_is_so_and_what_times_tell_is_decided(
        lives in (life(0), life(1), life(2)),
        pair in (0..3usize, 0..3usize),
        states in (0..5usize, 0..5usize),
        (cut, mark) in (0..40usize, 1..MOMENTS),
    ) {
        let lives = [lives.0, lives.1, lives.2];
        let (a, b) = (&lives[pair.0], &lives[if pair.0 == pair.1 { (pair.1 + 1) % 3 } else { pair.1 }]);
        // No part of a moment is the same.
        let times: Vec<Time> = lives.iter().flat_map(|life| life.times.clone()).collect();
        let is_unique = (0..times.len()).all(|at| !times[..at].contains(&times[at]));
        prop_assume!(is_unique);
        let (state, other) = (states.0 % a.words().len(), states.1 % b.words().len());
        let statements = statements((a, state), (b, other), mark);
        let documents = several(statements.iter().map(|(document, _)| document));
        let whole = tape(&lives, mark, true);
        let outcomes = whole.judge(&documents);
        for (outcome, (statement, is_true)) in outcomes.iter().zip(&statements) {
            let verdict = outcome.standing.verdict;
            if let Some(is_true) = is_true {
                let right = if *is_true { Verdict::Satisfied } else { Verdict::Violated };
                prop_assert!(!verdict.is_decided() || verdict == right, "{verdict}: {}", told(&lives, statement));
            }
        }
        // The order of two sources is decided where their times do not overlap.
        let both = a.told_of(state).zip(b.told_of(other)).filter(|_| a.attached == 0 && b.attached == 0);
        if let Some((one, two)) = both.filter(|_| a.what < 2 && b.what < 2 && a.lost.is_none() && b.lost.is_none()) {
            // A life before the recording may have done it, but for what a window asks.
            let is_known = |statement: usize| statement != 0 || two.1 < one.0;
            let is_after = [a, b].iter().all(|life| life.told_of(0).is_some_and(|(from, _)| from > mark));
            for statement in [0, 4].into_iter().filter(|at| is_known(*at) && (*at == 0 || is_after)) {
                let verdict = outcomes[statement].standing.verdict;
                let expected = match () {
                    () if two.1 < one.0 => verdict == Verdict::Satisfied,
                    () if one.1 < two.0 => verdict == Verdict::Violated,
                    () => true,
                };
                prop_assert!(expected, "{verdict}: {}", told(&lives, &statements[statement].0));
            }
        }
        // Nor is anything decided too early.
        let mut part = tape(&lives, mark, false);
        part.lines.truncate(cut);
        for (outcome, (statement, is_true)) in part.judge(&documents).iter().zip(&statements) {
            let verdict = outcome.standing.verdict;
            if let Some(is_true) = is_true {
                let right = if *is_true { Verdict::Satisfied } else { Verdict::Violated };
                let text = || told(&lives, statement);
                prop_assert!(!verdict.is_decided() || verdict == right, "{verdict} after {cut} lines: {}", text());
            }
        }
    }
}

/// A statement about two states of one object that has two names, and whether it is true of the world.
fn of_one(life: &Life, (own, other): (usize, usize), mark: u32) -> Vec<(String, Option<bool>)> {
    let selector = ["{kind: runc, name: c1}", "{kind: mount, name: /m}", "{kind: Pod, name: p}"][life.what];
    let track = life.name().split_once('.').unwrap().1;
    let subjects = format!("one: {selector}, two: {selector}");
    let (is_same, [own_word, other_word]) = (own == other, [own, other].map(|state| life.words()[state].0));
    let never = format!("{{track: one.{track}, never: {own_word}, while: two.{track}={other_word}}}");
    let after = format!("{{enter: one.{track}={own_word}, onlyAfter: two.{track}={other_word}}}");
    let is_first = life.entered(own).is_none_or(|first| life.entered(other).is_some_and(|there| there < first));
    let (window, longest) = ("{from: {mark: go}}", "{from: {mark: go}, max: 15ms}");
    let is_never = !is_same || life.entered(own).is_none();
    // Within a window, only what can never be so is asked.
    let of_window = |is_true: bool| is_true.then_some(true);
    vec![
        (document(&subjects, &never), Some(is_never)),
        (windowed(&subjects, window, &never), of_window(is_never)),
        (windowed(&subjects, longest, &never), of_window(is_never)),
        (document(&subjects, &after), (!is_same).then_some(is_first)),
        (windowed(&subjects, longest, &after), of_window(life.entered(own).is_none_or(|(when, _)| when > mark + 16))),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn what_is_decided_of_one_object_with_two_names_is_so(
        life in prop_oneof![life(0), life(1), life(2)],
        states in (0..5usize, 0..5usize),
        (cut, mark) in (0..40usize, 1..MOMENTS),
    ) {
        let is_unique = (0..life.times.len()).all(|at| !life.times[..at].contains(&life.times[at]));
        prop_assume!(is_unique);
        let states = (states.0 % life.words().len(), states.1 % life.words().len());
        let statements = of_one(&life, states, mark);
        let documents = several(statements.iter().map(|(document, _)| document));
        let lives = std::slice::from_ref(&life);
        let mut part = tape(lives, mark, false);
        part.lines.truncate(cut);
        let (whole, part) = (tape(lives, mark, true).judge(&documents), part.judge(&documents));
        let is_there = !life.times.is_empty() && (life.what == 2 || life.through(life.attached) < life.words().len());
        for (outcomes, what) in [(whole, "whole"), (part, "part")] {
            for (outcome, (statement, is_true)) in outcomes.iter().zip(&statements) {
                let verdict = outcome.standing.verdict;
                let Some(is_true) = is_true.filter(|_| is_there) else { continue };
                let right = if is_true { Verdict::Satisfied } else { Verdict::Violated };
                let text = || told(lives, statement);
                prop_assert!(!verdict.is_decided() || verdict == right, "{what}, {cut} lines: {verdict}: {}", text());
            }
        }
    }
}

fn raw(watch: WatchId, version: u32, (not_before, uid): (f64, &str), name: &str, event: &str) -> Payload {
    Payload::Raw(Raw {
        watch,
        resource_version: ResourceVersion::new(version.to_string()),
        uid: uid.into(),
        name: name.into(),
        not_before: at(not_before),
        since: None,
        listed: false,
        event: RawValue::from_string(event.to_owned()).unwrap(),
    })
}

/// Two mounts are at one place, and a list found both: either may have come first.
#[test]
fn mounts_that_were_found_at_one_place_have_no_order() {
    let mut tape = Tape::of(vec![Watch::at(Resource::new("mounts", "v1", "mounts", "Mount"), "/proc/self")]);
    for (version, uid) in [(1, "a"), (2, "b")] {
        let Payload::Raw(found) = raw(0, version, (0.0, uid), "/m", MOUNT_FOUND[0]) else { unreachable!() };
        tape.line(0.1, Payload::Raw(Raw { listed: true, ..found }));
    }
    tape.attached(0.1, 0, 2);
    tape.line(1.0, raw(0, 3, (0.9, "a"), "/m", MOUNT[1].1));
    tape.line(1.2, raw(0, 4, (1.1, "a"), "/m", MOUNT[2].1));
    tape.closed(2.0);
    for life in ["first", "last"] {
        let document =
            document(&format!("m: {{kind: mount, name: /m, life: {life}}}"), "{track: m.state, never: detached}");
        assert_eq!(tape.verdict(&document), "inconclusive", "{life}");
    }
}

/// A source numbers what it reads, and that need not be the order in which it happened.
#[test]
fn the_first_object_of_a_source_is_the_first_by_times() {
    for (not_before, expected) in [(1.95, "inconclusive"), (2.05, "satisfied")] {
        let runc = Watch::at(Resource::new("runc", "v1", "runccontainers", "RuncContainer"), "/run/runc");
        let mut tape = Tape::of(vec![runc]);
        tape.attached(0.1, 0, 1);
        tape.line(2.0, raw(0, 2, (1.9, "a"), "c1", CONTAINER[0].1));
        tape.line(2.1, raw(0, 3, (not_before, "b"), "c2", CONTAINER[0].1));
        tape.line(2.4, raw(0, 4, (2.3, "b"), "c2", CONTAINER[1].1));
        tape.closed(3.0);
        let first = document("c: {kind: runc, quantify: first}", "{track: c.state, path: creating}");
        assert_eq!(tape.verdict(&first), expected, "the second was created after {not_before}");
    }
}

/// Two directories of runc, each with a container of the same name: these are not lives of one object, and the count of
/// one directory says nothing of the other.
#[test]
fn objects_of_one_name_at_two_addresses_are_not_lives_of_one() {
    let runc = |folder: &str| Watch::at(Resource::new("runc", "v1", "runccontainers", "RuncContainer"), folder);
    for (begun, expected) in [(2.2, "satisfied"), (1.15, "inconclusive"), (0.4, "violated")] {
        let mut tape = Tape::of(vec![runc("/run/runc"), runc("/run/other")]);
        tape.attached(0.1, 0, 1).attached(0.1, 1, 1);
        // The count of the first watch is ahead.
        let of_a =
            (7..10_u32).zip(CONTAINER).map(|(version, step)| (0, "a", version, step, 0.5 + f64::from(version) / 10.0));
        let of_b = (2..4_u32)
            .zip(CONTAINER)
            .map(|(version, step)| (1, "b", version, step, begun + f64::from(version - 2) / 10.0));
        let mut lines: Vec<_> = of_a.chain(of_b).collect();
        lines.sort_by(|one, other| one.4.total_cmp(&other.4));
        for (watch, uid, version, step, second) in lines {
            tape.line(second, raw(watch, version, (second - 0.1, uid), "c1", step.1));
        }
        tape.closed(3.0);
        let first = document(
            "c: {kind: runc, name: c1, life: first}",
            "{track: c.state, path: creating -> created -> running}",
        );
        assert_eq!(tape.verdict(&first), expected, "the other one began by {begun}");
    }
}

#[test]
fn a_life_before_the_recording_is_not_held_at_once_with_what_came_later() {
    let lives = [
        Life {
            what: 0,
            times: vec![(3, 0), (5, 0), (7, 0), (9, 0), (11, 0)],
            turns: (2..30).collect(),
            lost: None,
            attached: 0,
        },
        Life { what: 1, times: vec![(20, 0), (22, 0)], turns: (2..30).collect(), lost: None, attached: 0 },
        Life { what: 2, times: Vec::new(), turns: vec![0], lost: None, attached: 0 },
    ];
    let subjects = "c: {kind: runc, name: c1}, m: {kind: mount, name: /m}";
    let never = document(subjects, "{track: m.state, never: mounted, while: c.state=running}");
    assert_eq!(tape(&lives, 1, true).verdict(&never), "satisfied");
}
