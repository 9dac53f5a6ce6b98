//! The result of an import is a recording like any other.

use super::{captured, event, pod};
use statetrail::observation::Payload;
use statetrail::recording::{Clock, Reader};
use statetrail::run;
use statetrail::source::import::Options;
use std::io::{Cursor, Read};

fn input(text: String) -> Vec<(String, Box<dyn Read>)> {
    vec![("in".to_owned(), Box::new(Cursor::new(text)))]
}

#[test]
fn the_file_says_whose_clock_its_times_are_and_how_it_came_to_be() {
    let folder = tempfile::tempdir().unwrap();
    for (name, text, clock) in [
        ("a.jsonl", captured(1, "ADDED", &pod("a", 5, "Pending")), Clock::Receipt),
        ("a.jsonl.zst", event("ADDED", &pod("a", 5, "Pending")), Clock::Server),
    ] {
        let path = folder.path().join(name);
        let import = run::import(input(text), &Options::default(), &path).unwrap();
        assert_eq!((import.objects, import.gaps), (1, 0));
        let mut reader = Reader::open(&path).unwrap();
        assert_eq!(reader.header(), &import.header);
        assert_eq!(reader.header().clock, clock);
        let observations: Vec<_> = reader.by_ref().map(|record| record.unwrap().observation).collect();
        assert_eq!(reader.header().started, observations[0].stamp.at);
        assert_eq!(observations.last().unwrap().payload, Payload::End { reason: "imported".to_owned() });
    }
}

#[test]
fn an_input_that_is_refused_leaves_no_file_and_a_file_that_is_there_is_not_written_over() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.jsonl");
    run::import(input("what is this".to_owned()), &Options::default(), &path).unwrap_err();
    assert!(!path.exists());
    std::fs::write(&path, "mine").unwrap();
    run::import(input(event("ADDED", &pod("a", 5, "Pending"))), &Options::default(), &path).unwrap_err();
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "mine");
}

#[test]
fn an_import_counts_the_gaps_that_verify_counts() {
    let folder = tempfile::tempdir().unwrap();
    let polled: String = [(3, "Pending"), (3, "Pending"), (6, "Running"), (7, "Failed")]
        .map(|(version, phase)| format!("{}\n", pod("a", version, phase)))
        .concat();
    let again = event("ADDED", &pod("a", 3, "Pending")).repeat(3);
    for (name, text, gaps) in [("polled", polled, 1), ("again", again, 2)] {
        let path = folder.path().join(name);
        let import = run::import(input(text), &Options::default(), &path).unwrap();
        let (verified, _) = run::verify(Reader::open(&path).unwrap()).unwrap();
        assert_eq!((import.gaps, verified.watches[0].gaps), (gaps, gaps), "{name}: {verified:?}");
        let told = verified.watches[0].problems.join("; ");
        assert!(!told.contains("no line says that anything was lost"), "{name}: {told}");
    }
}
