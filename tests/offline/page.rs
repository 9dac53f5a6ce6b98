//! The page for browsers: what its file contains is what `show -o json` prints, and nothing of a recording is lost in it
//! or escapes from it. `page/test` holds what the page shows.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use flate2::read::GzDecoder;
use serde_json::{Map, Value, json};
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

fn statetrail(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_statetrail"));
    command.args(arguments).stdin(Stdio::null()).output().expect("the program")
}

/// Standard output of a command that succeeds with this code.
fn printed(arguments: &[&str], code: i32) -> String {
    let output = statetrail(arguments);
    assert_eq!(output.status.code(), Some(code), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("UTF-8")
}

fn scenarios() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scenarios");
    let folders = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("readable").path());
    let mut files: Vec<PathBuf> = folders.map(|folder| folder.join("recording.jsonl")).collect();
    files.retain(|file| file.is_file());
    files.sort();
    assert!(files.len() > 20, "{files:?}");
    files
}

/// The text of an element of the page.
fn element<'a>(page: &'a str, id: &str) -> &'a str {
    let begin = format!("<script type=\"text/plain\" id=\"{id}\">");
    let mut parts = page.split(&begin).skip(1);
    let text = parts.next().and_then(|rest| rest.split_once("</script>")).unwrap_or_else(|| panic!("no {id}")).0;
    assert_eq!(parts.next(), None, "{id} is there twice");
    text
}

fn unpacked(text: &str) -> String {
    let bytes = BASE64_STANDARD.decode(text).expect("base64");
    let mut unpacked = String::new();
    GzDecoder::new(&bytes[..]).read_to_string(&mut unpacked).expect("gzip of text");
    unpacked
}

fn data(page: &str) -> Value {
    serde_json::from_str(&unpacked(element(page, "timeline"))).expect("JSON")
}

/// The stored objects of each subject, by the number of their line.
fn objects(page: &str) -> Vec<Option<Vec<(u64, Value)>>> {
    let all: Vec<Option<String>> = serde_json::from_str(element(page, "objects")).expect("JSON");
    let line = |line: &str| {
        let (seq, json) = line.split_once('\t').expect("a number and an object");
        (seq.parse().expect("a number"), serde_json::from_str(json).expect("JSON"))
    };
    all.iter().map(|text| text.as_deref().map(|text| unpacked(text).lines().map(line).collect())).collect()
}

fn at(micros: i64) -> Value {
    let at = jiff::Timestamp::from_microsecond(micros).expect("a time");
    json!(format!("{at:.6}"))
}

/// The entries of a page, as `show -o json` prints them, apart from `elapsed` and `held`.
fn documents(data: &Value) -> Vec<Value> {
    let chunk = &data["chunks"][0];
    let column = |name: &str| chunk["entries"][name].as_array().unwrap_or_else(|| panic!("{name}")).clone();
    let number = |value: &Value| value.as_i64().expect("a number");
    let indexed = |table: &str, index: &Value| match number(index) {
        -1 => None,
        index => Some(chunk[table][usize::try_from(index).expect("an index")].clone()),
    };
    let length = column("type").len();
    for name in ["seq", "at", "subject", "track", "from", "to", "version", "seen", "since"] {
        assert_eq!(column(name).len(), length, "{name}");
    }
    let special = |table: &str, place: usize| {
        let rows = chunk[table].as_array().expect("a table");
        rows.iter().find(|row| row[0] == json!(place)).map(|row| row[1].clone())
    };
    let (mut seq, mut micros) = (0, 0);
    let mut documents = Vec::new();
    for place in 0..length {
        let cell = |name: &str| chunk["entries"][name][place].clone();
        seq += number(&cell("seq"));
        micros += number(&cell("at"));
        let mut document = Map::new();
        document.insert("seq".to_owned(), json!(seq));
        document.insert("at".to_owned(), at(micros));
        let subject = indexed("subjects", &cell("subject")).map(|row| {
            let text = |index: usize| indexed("strings", &row[index]).filter(|text| text != "");
            let names = ["cluster", "kind", "namespace", "name", "uid"];
            names.iter().enumerate().filter_map(|(index, name)| Some(((*name).to_owned(), text(index)?))).collect()
        });
        let subject: Map<String, Value> = subject.unwrap_or_default();
        let track = indexed("tracks", &cell("track")).map(|track| track["name"].clone());
        let details = |name: &str| {
            let mut state = indexed("states", &cell(name)).unwrap_or(json!({}));
            let members = state.as_object_mut().expect("an object");
            ["text", "label", "tone"].iter().for_each(|own| drop(members.remove(*own)));
            state
        };
        let label = |name: &str| indexed("states", &cell(name)).map_or(Value::Null, |state| state["label"].clone());
        let seen = ["initial", "live", "delayed", "late", "healed", "after-gap"];
        let is_gap = number(&cell("type")) == 2;
        if let Some(leases) = special("leases", place) {
            document.insert("leases".to_owned(), json!([at(number(&leases[0])), at(number(&leases[1]))]));
        }
        if number(&cell("since")) > 0 {
            document.insert("notBefore".to_owned(), at(micros - number(&cell("since"))));
        }
        if !is_gap {
            document.extend(subject.clone());
        }
        match number(&cell("type")) {
            0 => {
                document.insert("track".to_owned(), track.expect("a track"));
                document.insert("from".to_owned(), label("from"));
                document.insert("to".to_owned(), label("to"));
                let state = details("to");
                if state != json!({}) {
                    document.insert("state".to_owned(), state);
                }
            }
            1 => {
                let detail =
                    json!({"track": track, "label": label("to"), "from": details("from"), "to": details("to")});
                document.insert("detail".to_owned(), detail);
            }
            2 => {
                let mut gap = special("gaps", place).expect("a gap");
                let members = gap.as_object_mut().expect("an object");
                for own in ["kind", "text"] {
                    members.remove(own);
                }
                for end in ["from", "to"] {
                    let time = members.get(end).map_or(Value::Null, |micros| at(number(micros)));
                    members.insert(end.to_owned(), time);
                }
                if !subject.is_empty() {
                    members.insert("subject".to_owned(), subject.into());
                }
                track.into_iter().for_each(|track| drop(members.insert("track".to_owned(), track)));
                document.insert("gap".to_owned(), gap);
            }
            3 => drop(document.insert("mark".to_owned(), special("marks", place).expect("a mark"))),
            4 => drop(document.insert("evidence".to_owned(), special("events", place).expect("an Event"))),
            other => panic!("type {other}"),
        }
        if matches!(number(&cell("type")), 0 | 1 | 4) {
            let version = match cell("version") {
                Value::Number(number) => json!(number.to_string()),
                other => other,
            };
            if !version.is_null() {
                document.insert("resourceVersion".to_owned(), version);
            }
            document.insert("seen".to_owned(), json!(seen[usize::try_from(number(&cell("seen"))).expect("an index")]));
        }
        documents.push(document.into());
    }
    documents
}

#[test]
fn a_page_has_every_entry_of_every_scenario_as_json_has_it() {
    let mut all = 0;
    for file in scenarios() {
        let file = file.to_str().expect("UTF-8");
        let page = printed(&["show", file, "-o", "html"], 0);
        let mut expected: Vec<Value> = printed(&["show", file, "-o", "json"], 0)
            .lines()
            .map(|line| serde_json::from_str(line).expect("JSON"))
            .collect();
        for document in &mut expected {
            let members = document.as_object_mut().expect("an object");
            members.remove("elapsed");
        }
        let data = data(&page);
        let shown = documents(&data);
        assert_eq!(shown.len(), expected.len(), "{file}");
        for (shown, expected) in shown.iter().zip(&expected) {
            assert_eq!(shown, expected, "{file}");
        }
        assert_eq!(data["head"]["format"], "statetrail-page/1", "{file}");
        assert_eq!(data["verdicts"], Value::Null, "{file}");
        all += shown.len();
    }
    assert!(all > 1000, "{all} entries");
}

#[test]
fn a_page_has_the_stored_objects_behind_its_transitions() {
    let story = concat!(env!("CARGO_MANIFEST_DIR"), "/assets/image-pull.jsonl.zst");
    let page = printed(&["show", story, "-o", "html"], 0);
    let (data, objects) = (data(&page), objects(&page));
    assert_eq!(data["head"]["objects"], json!({"kept": objects.len(), "of": objects.len()}));
    let columns = &data["chunks"][0]["entries"];
    let mut seq = 0;
    let mut found = 0;
    for (place, kind) in columns["type"].as_array().expect("a column").iter().enumerate() {
        seq += columns["seq"][place].as_i64().expect("a number");
        if kind != 0 {
            continue;
        }
        let subject = usize::try_from(columns["subject"][place].as_i64().expect("a number")).expect("a subject");
        let of_subject = objects[subject].as_ref().expect("they are kept");
        let (_, object) = of_subject.iter().find(|(at, _)| i64::try_from(*at) == Ok(seq)).expect("its object");
        assert_eq!(object["metadata"]["resourceVersion"], columns["version"][place].to_string());
        found += 1;
    }
    assert_eq!(found, 253, "transitions of the story");
}

#[test]
fn selectors_choose_what_a_page_shows_and_it_says_so() {
    let story = concat!(env!("CARGO_MANIFEST_DIR"), "/assets/image-pull.jsonl.zst");
    let page = printed(&["show", story, "vm/vm-imagepull", "--track", "status", "-o", "html"], 0);
    let data = data(&page);
    assert_eq!(data["head"]["selection"], "vm/vm-imagepull --track status");
    let kinds: Vec<Value> = documents(&data).iter().map(|document| document["kind"].clone()).collect();
    assert!(!kinds.is_empty() && kinds.iter().all(|kind| kind == "VirtualMachine"), "{kinds:?}");
    assert_eq!(objects(&page).len(), 1);
}

#[test]
fn a_page_of_check_has_the_verdicts_of_its_json_and_its_exit_code() {
    let story = concat!(env!("CARGO_MANIFEST_DIR"), "/assets/image-pull.jsonl.zst");
    for (line, code) in [("vm status: never ErrImagePull", 1), ("vm status: never CrashLoopBackOff", 3)] {
        let page = printed(&["check", story, "--expect", line, "-o", "html"], code);
        let verdicts: Value =
            serde_json::from_str(&printed(&["check", story, "--expect", line, "-o", "json"], code)).expect("JSON");
        assert_eq!(data(&page)["verdicts"], verdicts, "{line}");
    }
}

#[test]
fn text_of_a_recording_cannot_leave_its_element() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("hostile.yaml");
    let hostile = "</script><img src=x onerror=alert(1)>";
    let object = json!({"apiVersion": "v1", "kind": "Pod",
        "metadata": {"name": hostile, "namespace": "a", "uid": "u", "resourceVersion": "1"},
        "status": {"phase": hostile}});
    let line = json!({"receivedAt": "2026-11-30T10:00:00Z", "event": {"type": "ADDED", "object": object}});
    fs::write(&file, line.to_string()).expect("written");
    let recording = folder.path().join("run.jsonl");
    let (file, recording) = (file.to_str().expect("UTF-8"), recording.to_str().expect("UTF-8"));
    printed(&["import", file, "-o", recording], 0);
    let page = printed(&["show", recording, "-o", "html"], 0);
    assert!(!page.contains("<img"), "it is in the page");
    assert!(documents(&data(&page)).iter().any(|document| document["to"] == hostile), "it is not in the data");
}

#[test]
fn a_page_that_cannot_be_is_refused_with_a_remedy() {
    let story = concat!(env!("CARGO_MANIFEST_DIR"), "/assets/image-pull.jsonl.zst");
    let refused = |arguments: &[&str]| {
        let output = statetrail(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(output.stdout.is_empty(), "{arguments:?}");
        String::from_utf8(output.stderr).expect("UTF-8")
    };
    let moment = refused(&["show", story, "--at", "+30s", "-o", "html"]);
    assert!(moment.contains("leave out --at"), "{moment}");
    let two = refused(&["check", story, story, "--expect", "vm status: never Failed", "-o", "html"]);
    assert!(two.contains("run it once for each"), "{two}");
    let pipe = refused(&["check", "-", "--expect", "vm status: never Failed", "-o", "html"]);
    assert!(pipe.contains("write it to a file first"), "{pipe}");
    let report = refused(&["watch", "pods", "--report", "run.html", "--kubeconfig", "/dev/null"]);
    assert!(report.contains("-o FILE"), "{report}");
}

#[test]
fn what_is_selected_by_time_or_track_keeps_what_says_how_long_states_were_held() {
    let story = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/image-pull.jsonl.zst");
    let story = story.to_str().expect("UTF-8");
    let shown = |more: &[&str]| data(&printed(&[&["show", story, "vm", "-o", "html"], more].concat(), 0));
    let whole = documents(&shown(&[]));
    let window = shown(&["--until", "18:09:40"]);
    assert_eq!(documents(&window), whole);
    assert_eq!(at(window["head"]["until"].as_i64().expect("a time")), json!("2026-11-20T18:09:40.000000Z"));
    assert_eq!(window["head"]["since"], Value::Null);
    let status = documents(&shown(&["--track", "status"]));
    assert!(status.iter().any(|entry| entry["track"] == "lifecycle" && entry["to"] == "Deleted"), "{status:?}");
    assert!(status.iter().all(|entry| ["status", "lifecycle"].iter().any(|track| entry["track"] == *track)));
}

#[test]
fn what_is_wrong_with_a_recording_is_said_on_its_page() {
    let folder = tempfile::tempdir().expect("a folder");
    let whole = fs::read_to_string(scenarios().remove(0)).expect("a recording");
    let lines: Vec<&str> = whole.split_inclusive('\n').collect();
    let notices = |lines: &[&str], code: i32| {
        let file = folder.path().join("recording.jsonl");
        fs::write(&file, lines.concat()).expect("it is written");
        let head = data(&printed(&["show", file.to_str().expect("UTF-8"), "-o", "html"], code))["head"].clone();
        head["notices"]
            .as_array()
            .expect("a list")
            .iter()
            .map(|notice| notice.as_str().expect("text").to_owned())
            .collect()
    };
    let none: Vec<String> = notices(&lines, 0);
    assert_eq!(none, Vec::<String>::new());
    let open: Vec<String> = notices(&lines[..lines.len() - 3], 0);
    assert_eq!(open, ["The recorder was still running, or was killed: the recording has no end."]);
    let damaged: Vec<String> = notices(&[&lines[..8], &lines[9..]].concat(), 4);
    assert_eq!(damaged, ["The recording is damaged at line 9: only what is before that is shown."]);
}
