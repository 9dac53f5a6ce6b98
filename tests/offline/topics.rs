//! `statetrail explain`: kinds, their tracks, and the documents.

use statetrail::kinds;
use std::process::{Command, Output, Stdio};

fn explain(topic: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_statetrail"));
    command.arg("explain").args(topic).stdin(Stdio::null()).output().expect("the program")
}

fn printed(topic: &[&str]) -> String {
    let Output { status, stdout, stderr } = explain(topic);
    assert!(status.success() && stderr.is_empty(), "{topic:?}: {}", String::from_utf8_lossy(&stderr));
    String::from_utf8(stdout).expect("UTF-8")
}

fn refused(topic: &str) -> String {
    let Output { status, stdout, stderr } = explain(&[topic]);
    assert!(status.code() == Some(2) && stdout.is_empty(), "{topic}: {status}");
    String::from_utf8(stderr).expect("UTF-8")
}

const DOCUMENTS: [&str; 9] =
    ["expectations", "cookbook", "patterns", "kinds", "output", "semantics", "metrics", "format", "glossary"];

#[test]
fn without_a_topic_all_topics_are_listed() {
    insta::assert_snapshot!("topics", printed(&[]));
    for name in DOCUMENTS.into_iter().chain(kinds::all().map(|kind| kind.display)) {
        assert!(printed(&[]).lines().any(|line| line.split_whitespace().next() == Some(name)), "{name}");
        assert!(printed(&[name]).lines().count() > 10, "{name}");
    }
}

#[test]
fn a_kind_is_explained_by_any_of_its_names() {
    let vm = printed(&["vm"]);
    insta::assert_snapshot!("vm", vm);
    for name in ["vms", "virtualmachine", "VirtualMachine", "virtualmachines.kubevirt.io"] {
        assert_eq!(printed(&[name]), vm, "{name}");
    }
    insta::assert_snapshot!("pods", printed(&["pods"]));
}

#[test]
fn a_track_is_explained_with_its_states() {
    for (name, topic) in [
        ("closed", "vm.status"),
        ("member_of_a_family", "pod.condition/Ready"),
        ("family", "po.container"),
        ("open", "pvc.capacity"),
        ("of_a_form", "deployments.apps.ready"),
        ("words_and_forms", "pod.status"),
    ] {
        insta::assert_snapshot!(format!("track_{name}"), printed(&[topic]));
    }
    let member = printed(&["pod.condition/example.com/feature"]);
    assert!(member.contains("TRACK:      condition/example.com/feature\n"), "{member}");
}

#[test]
fn a_misspelt_topic_is_refused_with_what_is_meant() {
    let topics = [
        "pdo",
        "vmi.phse",
        "vm.phase",
        "pod.condition/Redy",
        "pod.condtion/Ready",
        "virtualmachin.status",
        "semantic",
        "semantics.gap",
        "output.xyz",
        "statefulset",
        "vm/web",
        "vm.",
        "",
    ];
    let said: Vec<String> = topics.iter().map(|topic| format!("{topic}\n  {}", refused(topic).trim_end())).collect();
    insta::assert_snapshot!("misspelt", said.join("\n"));
}

/// The lines that a terminal may have to break: those outside blocks and tables.
fn prose(text: &str) -> impl Iterator<Item = &str> {
    text.lines().filter(|line| !line.starts_with("    ") && !line.contains("  "))
}

#[test]
fn documents_are_text_for_a_terminal() {
    for name in DOCUMENTS {
        let text = printed(&[name]);
        assert!(!text.contains("```") && !text.contains("](") && !text.contains("\n##"), "{name}");
        assert!(!text.contains("\n|-") && !text.contains("\n| "), "{name}");
        for line in prose(&text) {
            assert!(line.chars().count() <= 100, "{name}: {line}");
        }
        assert_eq!(printed(&[&format!("docs/{}.md", name.to_uppercase())]), text);
    }
}

#[test]
fn the_language_is_explained_from_the_examples_on() {
    let text = printed(&["expectations"]);
    assert!(text.starts_with("Expectations\n============\n\nAn expectation is"), "{text}");
    let examples = printed(&["expectations.what-tests-assert"]);
    assert!(text.contains(examples.trim()) && examples.starts_with("What tests assert\n---"), "{examples}");
    assert_eq!(examples.matches("    $ statetrail try --timeline").count(), 10);
    assert_eq!(examples.matches("    violated ").count(), 10);
    insta::assert_snapshot!("section", printed(&["expectations.other-statements"]));
}

#[test]
fn every_section_of_a_document_is_a_topic() {
    for name in DOCUMENTS {
        let text = printed(&[name]);
        let lines: Vec<&str> = text.lines().collect();
        let titles = lines.windows(2).filter(|pair| pair[1].len() > 2 && pair[1].chars().all(|c| c == '-'));
        for title in titles.map(|pair| pair[0]) {
            let kept: String = title.chars().filter(|c| c.is_alphanumeric() || " -_".contains(*c)).collect();
            let section = format!("{name}.{}", kept.to_lowercase().replace(' ', "-"));
            assert!(printed(&[&section]).starts_with(title), "{section}");
        }
    }
    // The second one of a title has a number, as on GitHub.
    assert!(printed(&["output.json-1"]).contains("violated"));
}

#[test]
fn a_reader_that_closes_the_pipe_is_no_error() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_statetrail"));
    command.args(["explain", "semantics"]).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the program");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("it ends");
    assert!(output.status.success() && output.stderr.is_empty(), "{output:?}");
}
