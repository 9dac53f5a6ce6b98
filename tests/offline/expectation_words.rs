//! Names that only a recording can show to be mistakes: a typo must not pass unnoticed.

use statetrail::expectation::{Program, Severity, Sketch, Source, Words};
use statetrail::observation::{CustomTrack, Resource, State, Track, Watch};

fn compiled(text: &str) -> Program {
    Program::compile([Source::Line { name: "--expect", text }]).unwrap_or_else(|error| panic!("{error}"))
}

fn words() -> Words {
    let mut words = Words::default();
    words.state("Pod", &Track::Container("app".into()), &State::plain("ErrShinyNewThing"));
    words.state("Pod", &Track::Node, &State::plain("node-a"));
    words.state("StatefulSet", &Track::Phase, &State::plain("Rolling"));
    let mut watch = Watch::all(Resource::new("", "v1", "pods", ""));
    watch.tracks.push(CustomTrack { name: "zone".into(), path: "$.status.zone".into() });
    words.watch(&watch);
    words
}

fn diagnostics(line: &str) -> String {
    let diagnostics = compiled(line).unknown_words(&words());
    if diagnostics.is_empty() {
        "nothing".into()
    } else {
        diagnostics.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
    }
}

#[test]
fn names_that_no_line_shows_are_reported_with_their_place() {
    let lines = [
        "pod/a container/app: ... -> ErrShinyNewThin -> ...",
        "pod/a container/app: never ErrShinyNewThin",
        "pod/a init/setup: never CrashLopBackOff",
        "pod/a container/app: never Abracadabra",
        "pod/a node: always node-b",
        "pod/a status: ... -> Init:1/2 -> Init:ErrImagePul -> ...",
        "sts/a phase: Roling -> ...".trim_start_matches("sts/a"),
        "pod/a fase: Pending -> ...",
        "pod/a zones: a",
        "pod/a scheduler-verdict: a",
        "vm/a zone: a",
        "pod/a phase: Running onlyAfter pod/b container/app: Runing",
    ];
    let lines = lines.map(|line| if line.starts_with(' ') { format!("StatefulSet/a{line}") } else { line.to_owned() });
    let diagnostics: Vec<String> = lines.iter().map(|line| format!("{line}\n{}\n", diagnostics(line))).collect();
    insta::assert_snapshot!("words", diagnostics.join("\n"));
}

#[test]
fn quoted_and_known_names_are_not_reported() {
    let lines = [
        "pod/a container/app: ErrShinyNewThing -> waiting:ErrImagePull -> Running",
        "pod/a init/setup: never ErrShinyNewThing",
        "pod/a container/app: never 'Abracadabra'",
        "pod/a container/app: never CrashLoopBackOff",
        "pod/a container/app: Absent -> ''",
        "pod/a status: Init:0/2 -> Init:ExitCode:1 -> Signal:9 -> Completed",
        "pod/a phase: never Failed",
        "pod/a condition/Ready: never Unknown",
        "StatefulSet/a phase: Rolling",
        "pod/a zone: 'eu-1'",
        "pod/a container/app: count restart max 2",
    ];
    for line in lines {
        assert_eq!(diagnostics(line), "nothing", "{line}");
    }
}

#[test]
fn a_warning_is_an_error_under_never() {
    let severities = |line: &str| -> Vec<Severity> {
        compiled(line).unknown_words(&words()).iter().map(|diagnostics| diagnostics.severity).collect()
    };
    assert_eq!(severities("pod/a container/app: never Foo"), [Severity::Error]);
    assert_eq!(severities("pod/a container/app: always !Foo"), [Severity::Warning]);
    assert_eq!(severities("pod/a container/app: Foo -> Bar"), [Severity::Warning, Severity::Warning]);
    assert_eq!(severities("pod/a fase: Foo"), [Severity::Error]);
}

#[test]
fn diagnostics_of_a_document_have_places_in_its_text() {
    let text = "apiVersion: statetrail/v1\nkind: Expectation\nmetadata: {name: x}\nsubjects: {pod: {kind: Pod, name: a}}\nexpect:\n\
                - {track: pod.container/app, never: [ErrShinyNewThing, Abracadabra]}\n\
                - {quiet: [node, zome], after: pod.container/app=Foo}\n\
                - {track: pod.zone, graph: {a: [b], b: [\"'c'\"]}}\n";
    let program = Program::compile([Source::Document { name: "x.yaml", text }]).unwrap();
    let diagnostics: Vec<String> = program.unknown_words(&words()).iter().map(ToString::to_string).collect();
    insta::assert_snapshot!("words_of_a_document", diagnostics.join("\n\n"));
}

#[test]
fn a_sketch_has_the_tracks_that_it_names_and_no_others() {
    let sketch = Sketch::parse("--timeline", "pod/a phase: Pending Running ; pod/a zone: a b |closed").unwrap();
    assert!(Program::for_sketch("--expect", "pod/a zone: a -> b", &sketch).is_ok());
    let error = Program::for_sketch("--expect", "pod/a fase: Pending -> Running", &sketch).unwrap_err().to_string();
    assert!(error.contains("did you mean `phase`?"), "{error}");
    let error = Program::for_sketch("--expect", "StatefulSet/a zones: a", &sketch).unwrap_err().to_string();
    assert!(error.contains("StatefulSet has no track `zones`"), "{error}");
    let sketch = Sketch::parse("--timeline", "StatefulSet/a zones: a b |closed").unwrap();
    assert!(Program::for_sketch("--expect", "StatefulSet/a zones: a -> b", &sketch).is_ok());
}

#[test]
fn a_track_that_no_recording_of_an_undeclared_kind_defines_is_an_error() {
    let diagnostics = |words: &Words, line: &str| {
        compiled(line).unknown_tracks(words).iter().map(|diagnostics| diagnostics.severity).collect()
    };
    let diagnostics: [Vec<Severity>; 3] = {
        let mut words = Words::default();
        // The kind of a watch that was given as a full name is unknown until the server reports it.
        let mut watch = Watch::all(Resource::new("apps", "v1", "statefulsets", ""));
        watch.tracks.push(CustomTrack { name: "zone".into(), path: "$.status.zone".into() });
        words.watch(&watch);
        ["StatefulSet/a zone: a", "StatefulSet/a zones: a", "StatefulSet/a cond/Ready: 'True'"]
            .map(|line| diagnostics(&words, line))
    };
    assert_eq!(diagnostics, [vec![], vec![Severity::Error], vec![Severity::Error]]);
    for line in
        ["StatefulSet/a condtion/Ready: 'True'", "StatefulSet/a phse: A", "StatefulSet/a status: A", "node/a phase: A"]
    {
        assert!(Program::compile([Source::Line { name: "--expect", text: line }]).is_err(), "{line}");
    }
}
