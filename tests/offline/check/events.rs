//! Events as subjects: that one occurs, never occurs, how often, and before or after a state.

use super::tape::{Tape, document, growing, object, of_json, pods, windowed};
use proptest::prelude::*;
use statetrail::expectation::{Program, Source};
use statetrail::observation::{Change, Object, Payload, Resource, Watch};

fn events() -> Watch {
    Watch::all(Resource::new("", "v1", "events", "Event"))
}

/// A version of an Event about the pod with this name.
fn event(name: &str, version: u64, (about, reason, kind): (&str, &str, &str), count: u32) -> Object {
    of_json(&format!(
        r#"{{"metadata":{{"name":"{name}","namespace":"n","uid":"uid-{name}","resourceVersion":"{version}"}},"involvedObject":{{"kind":"Pod","namespace":"n","name":"{about}","uid":"uid-{about}"}},"reason":"{reason}","type":"{kind}","message":"of {about}","count":{count},"source":{{"component":"kubelet"}}}}"#
    ))
}

const NEVER: &str = "p: {kind: Pod, namespace: n, name: a, life: first}, e: {kind: Event, about: p}";
const SOME: &str = "p: {kind: Pod, namespace: n, name: a, life: first}, e: {kind: Event, about: p, quantify: any}";

/// A pod that is pulled, runs and fails, with its Events, and another pod with an Event of its own.
fn tape() -> Tape {
    let mut tape = Tape::of(vec![pods(), events()]);
    tape.attached(0.0, 0, 100).attached(0.0, 1, 100);
    tape.object(1.0, 0, Change::Added, object("a", 101, "Pending"));
    tape.object(1.0, 0, Change::Added, object("b", 102, "Pending"));
    tape.object(2.0, 1, Change::Added, event("a1", 103, ("a", "Pulled", "Normal"), 1));
    tape.object(3.0, 1, Change::Added, event("b1", 104, ("b", "FailedMount", "Warning"), 1));
    tape.object(4.0, 0, Change::Modified, object("a", 105, "Running"));
    tape.object(5.0, 1, Change::Added, event("a2", 106, ("a", "BackOff", "Warning"), 1));
    tape.object(6.0, 1, Change::Modified, event("a2", 107, ("a", "BackOff", "Warning"), 2));
    tape.object(7.0, 1, Change::Modified, event("a2", 108, ("a", "BackOff", "Warning"), 4));
    tape.bookmark(8.0, 0, 110).bookmark(8.0, 1, 110);
    tape
}

#[test]
fn an_event_occurs_or_never_occurs_so_often_and_before_or_after_a_state() {
    let mut tape = tape();
    tape.closed(9.0);
    for (subjects, statement, verdict) in [
        (NEVER, "{track: e.reason, never: FailedMount}", 'S'),
        (NEVER, "{track: e.reason, never: BackOff}", 'V'),
        (NEVER, "{track: e.reason, never: _/Warning}", 'V'),
        (SOME, "{track: e.reason, path: \"... -> BackOff/Warning -> ...\"}", 'S'),
        (SOME, "{track: e.reason, path: \"... -> BackOff/Normal -> ...\"}", 'V'),
        (SOME, "{track: e.reason, path: \"... -> FailedMount -> ...\"}", 'V'),
        (NEVER, "{track: e.reason, count: {BackOff: {max: 4}}}", 'S'),
        (NEVER, "{track: e.reason, count: {BackOff: {max: 3}}}", 'V'),
        (SOME, "{track: e.reason, count: {BackOff: {min: 4}}}", 'S'),
        (SOME, "{track: e.reason, count: {BackOff: {min: 5}}}", 'V'),
        (SOME, "{enter: p.phase=Running, onlyAfter: e.reason=Pulled}", 'S'),
        (SOME, "{enter: p.phase=Running, onlyAfter: e.reason=BackOff}", 'V'),
        (SOME, "{enter: e.reason=BackOff, onlyAfter: p.phase=Running}", 'S'),
        (NEVER, "{enter: e.reason=Pulled, onlyAfter: p.phase=Running}", 'V'),
    ] {
        let verdicts = growing(&tape, &document(subjects, statement));
        assert!(verdicts.ends_with(verdict), "{statement}: {verdicts}");
    }
    // Running, and no Warning until then.
    let warnings = |window: &str| growing(&tape, &windowed(NEVER, window, "{track: e.reason, never: _/Warning}"));
    assert!(warnings("{until: {enter: p.phase=Running}}").ends_with('S'));
    assert!(warnings("{from: {enter: p.phase=Running}, max: 500ms}").ends_with('S'));
    assert!(warnings("{from: {enter: p.phase=Running}, max: 1s}").ends_with('V'));
    let pulled = "{from: {enter: e.reason=Pulled}, until: {enter: e.reason=BackOff}}";
    let states = windowed(SOME, pulled, "{track: p.phase, path: Pending -> Running}");
    assert!(growing(&tape, &states).ends_with('S'), "between two Events");
}

#[test]
fn that_no_event_occurred_is_known_only_where_all_was_watched() {
    let never = document(NEVER, "{track: e.reason, never: FailedMount}");
    let mut none = Tape::of(vec![pods(), events()]);
    none.attached(0.0, 0, 100).attached(0.0, 1, 100).object(1.0, 0, Change::Added, object("a", 101, "Running"));
    let until = windowed(NEVER, "{until: {enter: p.phase=Running}}", "{track: e.reason, never: FailedMount}");
    assert_eq!(none.clone().closed(9.0).verdict(&never), "satisfied");
    assert_eq!(none.clone().closed(9.0).verdict(&until), "satisfied", "in a window");
    assert_eq!(none.clone().closed(9.0).verdict(&document(SOME, "{track: e.reason, path: _}")), "violated");
    let unproven = none.clone().fence(9.0, 0, true).fence(9.0, 1, false).ended(9.0).verdict(&never);
    assert_eq!(unproven, "inconclusive", "an end that no fence proves");
    let mut hidden = none.clone();
    hidden.gap(4.0, 1, (2.0, 100), 110).attached(4.0, 1, 110).closed(9.0);
    assert_eq!(hidden.verdict(&never), "inconclusive", "a gap");
    let mut unwatched = Tape::of(vec![pods()]);
    unwatched.attached(0.0, 0, 100).object(1.0, 0, Change::Added, object("a", 101, "Running")).closed(9.0);
    assert_eq!(unwatched.verdict(&never), "inconclusive", "Events were not watched");
    // What it is about is not known.
    let mut nameless = none;
    let other = event("x", 105, ("a", "FailedMount", "Warning"), 1);
    let json = other.json.get().replace(r#","uid":"uid-a""#, "");
    nameless.object(3.0, 1, Change::Added, of_json(&json)).closed(9.0);
    assert_eq!(nameless.verdict(&never), "inconclusive", "an Event about an object without a uid");
}

#[test]
fn an_event_from_before_the_recording_occurred_before_each_window() {
    let mut tape = Tape::of(vec![pods(), events()]);
    tape.object(0.0, 0, Change::Listed, object("a", 90, "Running")).attached(0.0, 0, 100);
    tape.object(0.0, 1, Change::Listed, event("a1", 95, ("a", "BackOff", "Warning"), 2)).attached(0.0, 1, 100);
    tape.line(1.0, Payload::Mark { name: "test".into() }).closed(9.0);
    let never = "{track: e.reason, never: BackOff}";
    assert_eq!(tape.verdict(&document(NEVER, never)), "violated");
    assert_eq!(tape.verdict(&windowed(NEVER, "{from: {mark: test}}", never)), "satisfied");
}

#[test]
fn an_event_that_a_gap_hid_came_at_some_time_in_it() {
    let mut tape = tape();
    tape.gap(20.0, 1, (8.0, 110), 130);
    for name in ["a1", "b1"] {
        tape.unchanged(20.0, 1, name, if name == "a1" { 103 } else { 104 });
    }
    tape.object(20.0, 1, Change::Listed, event("a2", 108, ("a", "BackOff", "Warning"), 4));
    tape.object(20.0, 1, Change::Listed, event("a3", 120, ("a", "Killing", "Normal"), 1)).attached(20.0, 1, 130);
    tape.object(21.0, 0, Change::Modified, object("a", 115, "Failed")).closed(29.0);
    let judge = |statement: &str| growing(&tape, &document(SOME, statement)).pop().unwrap();
    assert_eq!(judge("{track: e.reason, path: \"... -> Killing -> ...\"}"), 'S');
    assert_eq!(judge("{enter: p.phase=Failed, onlyAfter: e.reason=Killing}"), 'i');
    let at = |second: u32| format!("{{from: {{time: \"2026-11-20T18:00:{second}Z\"}}}}");
    let never = |second: u32| tape.verdict(&windowed(NEVER, &at(second), "{track: e.reason, never: Killing}"));
    assert_eq!((never(15).as_str(), never(22).as_str()), ("inconclusive", "inconclusive"));
}

#[test]
fn a_source_that_reports_too_often_may_drop_events_about_that_object() {
    let mut tape = Tape::of(vec![pods(), events()]);
    tape.attached(0.0, 0, 100).attached(0.0, 1, 100);
    tape.object(1.0, 0, Change::Added, object("a", 101, "Pending"));
    tape.object(1.0, 0, Change::Added, object("b", 102, "Pending"));
    tape.object(2.0, 1, Change::Added, event("a1", 110, ("a", "BackOff", "Warning"), 1));
    let judge = |tape: &Tape, count: u32| {
        let mut tape = tape.clone();
        tape.object(5.0, 1, Change::Modified, event("a1", 120, ("a", "BackOff", "Warning"), count)).closed(9.0);
        let never = |pod: &str| {
            let subjects = format!("p: {{kind: Pod, name: {pod}, life: first}}, e: {{kind: Event, about: p}}");
            tape.verdict(&document(&subjects, "{track: e.reason, never: FailedMount}"))
        };
        (never("a"), never("b"))
    };
    let known = |(one, other): (&str, &str)| (one.to_owned(), other.to_owned());
    assert_eq!(judge(&tape, 24), known(("satisfied", "satisfied")));
    assert_eq!(judge(&tape, 25), known(("inconclusive", "satisfied")));
}

#[test]
fn what_a_count_has_risen_by_was_written_with_that_version() {
    let order = "{enter: p.phase=Failed, onlyAfter: e.reason=_/Warning}";
    let mut tape = Tape::of(vec![pods(), events()]);
    tape.attached(0.0, 0, 10).attached(0.0, 1, 10).object(1.0, 0, Change::Added, object("a", 11, "Pending"));
    tape.object(2.0, 1, Change::Added, event("e1", 12, ("a", "BackOff", "Normal"), 1));
    tape.object(3.0, 0, Change::Modified, object("a", 14, "Failed"));
    tape.object(4.0, 1, Change::Added, event("e2", 15, ("a", "Failed", "Warning"), 3)).bookmark(5.0, 0, 16);
    tape.object(6.0, 1, Change::Modified, event("e1", 18, ("a", "BackOff", "Normal"), 3)).closed(9.0);
    assert!(growing(&tape, &document(SOME, order)).ends_with('V'));
    let since = windowed(SOME, "{from: {time: \"2026-11-20T18:00:02Z\"}}", order);
    assert!(growing(&tape, &since).ends_with('V'));
    // Where it falls, how often it occurred is not known.
    let mut fallen = Tape::of(vec![pods(), events()]);
    fallen.attached(0.0, 0, 10).attached(0.0, 1, 10).object(1.0, 0, Change::Added, object("a", 11, "Pending"));
    fallen.object(2.0, 1, Change::Added, event("e1", 12, ("a", "BackOff", "Normal"), 3));
    fallen.object(3.0, 1, Change::Modified, event("e1", 13, ("a", "BackOff", "Normal"), 1));
    fallen.object(6.0, 1, Change::Modified, event("e1", 14, ("a", "BackOff", "Normal"), 2)).closed(9.0);
    let never = |from: u32, until: u32| {
        let at = |second: u32| format!("{{time: \"2026-11-20T18:00:0{second}Z\"}}");
        let window = format!("{{from: {}, until: {}}}", at(from), at(until));
        fallen.verdict(&windowed(NEVER, &window, "{track: e.reason, never: BackOff}"))
    };
    assert_eq!((never(5, 8).as_str(), never(7, 8).as_str()), ("violated", "satisfied"));
    assert_eq!(fallen.verdict(&document(NEVER, "{track: e.reason, count: {BackOff: {max: 4}}}")), "inconclusive");
    assert_eq!(fallen.verdict(&document(SOME, "{track: e.reason, count: {BackOff: {min: 4}}}")), "satisfied");
}

#[test]
fn events_are_in_the_namespace_of_what_they_are_about() {
    let mut tape = Tape::of(vec![pods(), Watch { namespace: "m".into(), ..events() }]);
    tape.attached(0.0, 0, 10)
        .attached(0.0, 1, 10)
        .object(1.0, 0, Change::Added, object("a", 11, "Running"))
        .closed(9.0);
    let of = |subjects: &str| tape.verdict(&document(subjects, "{track: e.reason, never: BackOff}"));
    assert_eq!(of("p: {kind: Pod, name: a, life: first}, e: {kind: Event, about: p}"), "inconclusive");
    let nodes = Watch::all(Resource::new("", "v1", "nodes", "Node"));
    let node = r#"{"metadata":{"name":"w","uid":"uid-w","resourceVersion":"11"},"status":{}}"#;
    for (namespace, verdict) in [("n", "inconclusive"), ("default", "satisfied"), ("", "satisfied")] {
        let mut tape = Tape::of(vec![nodes.clone(), Watch { namespace: namespace.into(), ..events() }]);
        tape.attached(0.0, 0, 10).attached(0.0, 1, 10).object(1.0, 0, Change::Added, of_json(node)).closed(9.0);
        let subjects = "p: {kind: Node, name: w, life: first}, e: {kind: Event, about: p}";
        assert_eq!(tape.verdict(&document(subjects, "{track: e.reason, never: BackOff}")), verdict, "{namespace}");
    }
}

#[test]
fn an_order_that_was_decided_stays_when_the_storage_of_the_events_is_replaced() {
    let mut tape = tape();
    tape.replaced(12.0, 1, (8.0, 110), 50);
    tape.attached(12.0, 1, 50).closed(19.0);
    let order = "{enter: p.phase=Running, onlyAfter: e.reason=BackOff}";
    assert!(growing(&tape, &document(SOME, order)).contains('V'));
}

#[test]
fn an_event_that_has_to_occur_needs_one() {
    let mut none = Tape::of(vec![pods(), events()]);
    none.attached(0.0, 0, 100).attached(0.0, 1, 100).object(1.0, 0, Change::Added, object("a", 101, "Running"));
    none.closed(9.0);
    let verdict = |statement: &str| none.verdict(&document(NEVER, statement));
    assert_eq!(verdict("{track: e.reason, path: \"... -> Pulled -> ...\"}"), "violated");
    assert_eq!(verdict("{track: e.reason, count: {Pulled: {min: 1}}}"), "violated");
    assert_eq!(verdict("{track: e.reason, count: {Pulled: {max: 1}}}"), "satisfied");
    assert_eq!(verdict("{not: {track: e.reason, never: Pulled}}"), "inconclusive");
}

#[test]
fn of_several_occurrences_in_one_version_only_the_last_has_its_message() {
    let mut tape = Tape::of(vec![pods(), events()]);
    tape.attached(0.0, 0, 10).attached(0.0, 1, 10).object(1.0, 0, Change::Added, object("a", 11, "Running"));
    tape.object(2.0, 1, Change::Added, event("e1", 12, ("a", "Failed", "Warning"), 3)).closed(9.0);
    let judge = |subjects: &str, statement: &str| tape.verdict(&document(subjects, statement));
    assert_eq!(judge(NEVER, "{track: e.reason, never: \"Failed/~'timeout'\"}"), "inconclusive");
    assert_eq!(judge(NEVER, "{track: e.reason, never: \"Failed/~'of a'\"}"), "violated");
    assert_eq!(judge(SOME, "{track: e.reason, count: {\"Failed/~'of a'\": {min: 3}}}"), "inconclusive");
    assert_eq!(judge(NEVER, "{track: e.reason, count: {Failed: {max: 3}}}"), "satisfied");
    // Whatever else falls, what was written before stays in order.
    let mut fallen = Tape::of(vec![pods(), events()]);
    fallen.attached(0.0, 0, 10).attached(0.0, 1, 10).object(1.0, 0, Change::Added, object("a", 11, "Pending"));
    fallen.object(2.0, 1, Change::Added, event("e1", 12, ("a", "Failed", "Warning"), 2));
    fallen.object(3.0, 0, Change::Modified, object("a", 13, "Running")).bookmark(4.0, 1, 15);
    fallen.object(5.0, 1, Change::Modified, event("e1", 16, ("a", "Failed", "Warning"), 1)).closed(9.0);
    let order = "{enter: p.phase=Running, onlyAfter: e.reason='Other'}";
    assert!(growing(&fallen, &document(SOME, order)).ends_with('V'));
}

#[test]
fn the_window_of_events_about_a_life_is_that_of_this_life() {
    let life = |uid: &str, version: u64, phase: &str| {
        let json = object("a", version, phase).json.get().replace("uid-a", uid);
        of_json(&json)
    };
    let mut tape = Tape::of(vec![pods(), events()]);
    tape.attached(0.0, 0, 10).attached(0.0, 1, 10).object(1.0, 0, Change::Added, life("u1", 11, "Pending"));
    tape.object(2.0, 0, Change::Deleted, life("u1", 12, "Pending"));
    tape.object(3.0, 0, Change::Added, life("uid-a", 13, "Pending"));
    tape.object(4.0, 0, Change::Modified, life("uid-a", 14, "Running"));
    tape.object(5.0, 1, Change::Added, event("e1", 15, ("a", "BackOff", "Warning"), 1)).closed(9.0);
    for which in ["name: a, life: 2", "name: a, life: last", "uid: uid-a"] {
        let subjects = format!("p: {{kind: Pod, {which}}}, e: {{kind: Event, about: p}}");
        let never = |window: &str| tape.verdict(&windowed(&subjects, window, "{track: e.reason, never: BackOff}"));
        assert_eq!(never("{until: {enter: p.phase=Running}}"), "satisfied", "{which}");
        assert_eq!(never("{from: {enter: p.phase=Running}}"), "violated", "{which}");
    }
}

#[test]
fn a_pattern_may_have_escapes_in_yaml() {
    for text in [r#""~'a\\.b'""#, "'~''a\\.b'''", r#""True/'x\u0041'""#] {
        let text = document("p: {kind: VirtualMachine}", &format!("{{track: p.condition/Ready, never: {text}}}"));
        let compiled = Program::compile([Source::Document { name: "x.yaml", text: &text }]);
        assert!(compiled.is_ok(), "{text}");
    }
}

#[test]
fn subjects_that_are_events_are_about_others_and_have_a_reason_only() {
    let compile = |subjects: &str, statement: &str| {
        let text = document(subjects, statement);
        let source = Source::Document { name: "x.yaml", text: &text };
        Program::compile([source]).map_or_else(|error| error.to_string(), |_| "compiled".to_owned())
    };
    let never = "{track: e.reason, never: BackOff}";
    assert_eq!(compile(NEVER, never), "compiled");
    let owned = compile("p: {kind: Pod}, e: {kind: Event, ownedBy: p}", never);
    assert!(owned.contains("`ownedBy` of an Event") && owned.contains("`about: p`"), "{owned}");
    let about = compile("p: {kind: Pod}, e: {kind: Pod, about: p}", "{track: e.phase, never: Failed}");
    assert!(about.contains("only an Event is about an object"), "{about}");
    let quiet = compile(NEVER, "{quiet: [reason], after: e.reason=Killing}");
    assert!(quiet.contains("`quiet` about an Event"), "{quiet}");
    let track = compile(NEVER, "{track: e.lifecycle, never: Deleted}");
    assert!(track.contains("Event has no track `lifecycle`"), "{track}");
}

/// What happens: which Event occurs at which second.
#[derive(Clone, Debug)]
struct Story {
    occurrences: Vec<(u64, usize)>,
    runs: u64,
    /// The second at which it is attached, and the gap of the watch of Events.
    attached: u64,
    gap: Option<(u64, u64)>,
    mark: u64,
}

const OBJECTS: [(&str, (&str, &str, &str)); 3] =
    [("e0", ("a", "BackOff", "Warning")), ("e1", ("a", "Pulled", "Normal")), ("e2", ("b", "BackOff", "Warning"))];

fn story() -> impl Strategy<Value = Story> {
    let occurrences = prop::collection::vec((1..40_u64, 0..3_usize), 0..7);
    (occurrences, 1..40_u64, 0..20_u64, prop::option::of((20..30_u64, 1..9_u64)), 1..40_u64).prop_map(
        |(mut occurrences, runs, attached, gap, mark)| {
            occurrences.sort_unstable();
            occurrences.dedup_by_key(|(second, _)| *second);
            let gap = gap.map(|(from, length)| (from, from + length));
            Story { occurrences, runs, attached, gap, mark }
        },
    )
}

impl Story {
    fn count(&self, object: usize, until: u64) -> u32 {
        let until = self.occurrences.iter().filter(|(second, of)| *of == object && *second <= until);
        u32::try_from(until.count()).unwrap()
    }

    fn event(&self, object: usize, second: u64) -> Option<Object> {
        let (name, what) = OBJECTS[object];
        let last = self.occurrences.iter().rfind(|(at, of)| *of == object && *at <= second)?;
        Some(event(name, last.0 * 10, what, self.count(object, second)))
    }

    /// The recording; the pod is there from the first second on.
    fn tape(&self) -> Tape {
        let mut tape = Tape::of(vec![pods(), events()]);
        let start = self.attached;
        let second = |at: u64| f64::from(u32::try_from(at).unwrap());
        let pod = |at: u64| {
            object(
                "a",
                if at < self.runs { 3 } else { self.runs * 10 + 1 },
                if at < self.runs { "Pending" } else { "Running" },
            )
        };
        tape.object(second(start), 0, Change::Listed, pod(start)).attached(second(start), 0, start * 10 + 5);
        let list = |tape: &mut Tape, at: u64, since: Option<u64>| {
            for (object, (name, _)) in OBJECTS.iter().enumerate() {
                let Some(version) = self.event(object, at) else { continue };
                match since.filter(|since| self.count(object, *since) == self.count(object, at)) {
                    Some(_) => {
                        let number = version.resource_version.number().unwrap();
                        tape.unchanged(second(at), 1, name, number);
                    }
                    None => _ = tape.object(second(at), 1, Change::Listed, version),
                }
            }
            tape.attached(second(at), 1, at * 10 + 5);
        };
        list(&mut tape, start, None);
        for at in start + 1..=41 {
            if at == self.runs {
                tape.object(second(at), 0, Change::Modified, pod(at));
            }
            if at == self.mark {
                tape.line(second(at), Payload::Mark { name: "m".into() });
            }
            let gap = self.gap.filter(|(from, _)| *from > start);
            if let Some((from, to)) = gap.filter(|(from, to)| *from < at && at <= *to) {
                if at == to {
                    tape.gap(second(at), 1, (second(from), from * 10 + 5), at * 10 + 5);
                    list(&mut tape, at, Some(from));
                }
                continue;
            }
            if let Some((_, object)) = self.occurrences.iter().find(|(second, _)| *second == at) {
                let change = if self.count(*object, at) == 1 { Change::Added } else { Change::Modified };
                tape.object(second(at), 1, change, self.event(*object, at).unwrap());
            }
        }
        tape.bookmark(42.0, 0, 425).bookmark(42.0, 1, 425).closed(43.0);
        tape
    }

    /// Whether an Event of the pod that comes `within` has this reason.
    fn occurs(&self, reason: &str, within: impl Fn(u64) -> bool) -> bool {
        let meant = |object: usize| OBJECTS[object].1.0 == "a" && OBJECTS[object].1.1 == reason;
        self.occurrences.iter().any(|(second, object)| meant(*object) && within(*second))
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn a_decided_verdict_about_events_is_that_of_what_happened(story in story()) {
        let tape = story.tape();
        let (marked, ran) = (story.mark > story.attached, story.runs);
        let counts = || [0].into_iter().all(|object| story.count(object, 99) <= 1);
        let mark = "{from: {mark: m}}";
        let cases = [
            (document(NEVER, "{track: e.reason, never: BackOff}"), !story.occurs("BackOff", |_| true)),
            (document(NEVER, "{track: e.reason, never: _/Warning}"), !story.occurs("BackOff", |_| true)),
            (document(SOME, "{track: e.reason, path: \"... -> Pulled -> ...\"}"), story.occurs("Pulled", |_| true)),
            (document(NEVER, "{track: e.reason, count: {BackOff: {max: 1}}}"), counts()),
            (
                document(SOME, "{enter: p.phase=Running, onlyAfter: e.reason=Pulled}"),
                story.occurs("Pulled", |second| second * 10 < ran * 10 + 1),
            ),
            (
                windowed(NEVER, "{until: {enter: p.phase=Running}}", "{track: e.reason, never: BackOff}"),
                !story.occurs("BackOff", |second| second <= ran),
            ),
            (
                windowed(NEVER, mark, "{track: e.reason, never: BackOff}"),
                !story.occurs("BackOff", |second| second > story.mark),
            ),
        ];
        for (text, fits) in cases {
            if text.contains("mark: m") && !marked {
                continue;
            }
            let verdict = growing(&tape, &text).pop().unwrap();
            let allowed = if fits { ['S', 'i'] } else { ['V', 'i'] };
            prop_assert!(allowed.contains(&verdict), "{verdict}, {fits}: {text}");
        }
    }
}
