//! Views for programs, validated against the published schema and read back.

use super::sample::{Timeline, at, image_pull, subject, troubled};
use flate2::read::GzDecoder;
use parquet::file::reader::{FileReader, SerializedFileReader};
use serde_json::Value;
use statetrail::observation::{State, StateKind};
use statetrail::timeline::Entry;
use statetrail::view::{Caveats, Durations, Format, Selection, Style, json};
use std::io::Read;
use std::sync::LazyLock;

fn written(format: Format, entries: &[Entry]) -> String {
    let mut out = Vec::new();
    format.write(entries, &Selection::everything(), &Style::default(), &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

/// What is in the output of a format: text as it is, and of binary formats their texts.
pub(super) fn legible(format: Format, out: Vec<u8>) -> String {
    match format {
        Format::Parquet => {
            let file = SerializedFileReader::new(bytes::Bytes::from(out)).unwrap();
            file.get_row_iter(None).unwrap().map(|row| row.unwrap().to_string() + "\n").collect()
        }
        Format::Khi => unpacked(&out),
        _ if format.binary_extension().is_some() => String::from_utf8_lossy(&out).into_owned(),
        _ => String::from_utf8(out).unwrap(),
    }
}

/// The texts of the chunks of a KHI file, each of which is compressed.
fn unpacked(mut file: &[u8]) -> String {
    let mut text = String::new();
    assert_eq!(file.split_off(..4), Some(&b"KHI\x06"[..]));
    while let Some(head) = file.split_off(..8) {
        let length = usize::try_from(u32::from_le_bytes(head[..4].try_into().unwrap())).unwrap();
        let mut chunk = Vec::new();
        GzDecoder::new(file.split_off(..length).unwrap()).read_to_end(&mut chunk).unwrap();
        text += &String::from_utf8_lossy(&chunk);
    }
    text
}

static SCHEMA: LazyLock<jsonschema::Validator> = LazyLock::new(|| {
    let schema = include_str!("../../../docs/schema/timeline-v1.schema.json");
    jsonschema::validator_for(&serde_json::from_str(schema).unwrap()).unwrap()
});

/// Parses a line and validates it against the schema.
pub(super) fn assert_fits(line: &str) -> Value {
    let value: Value = serde_json::from_str(line).unwrap();
    let errors: Vec<String> = SCHEMA.iter_errors(&value).map(|error| error.to_string()).collect();
    assert!(errors.is_empty(), "{line}\n{errors:#?}");
    value
}

#[test]
fn json_lines_are_the_contract() {
    insta::assert_snapshot!(written(Format::Json, &troubled()));
}

#[test]
fn every_json_line_fits_the_published_schema() {
    let text = written(Format::Json, &image_pull()) + &written(Format::Json, &troubled());
    for line in text.lines() {
        assert_fits(line);
    }
    for wrong in [
        r#"{"seq":1,"at":"2026-11-20T18:09:20.000000Z","elapsed":0.0}"#,
        r#"{"seq":1,"at":"2026-11-20T18:09:20Z","elapsed":0.0,"mark":"no digits"}"#,
        r#"{"seq":1,"at":"2026-11-20T18:09:20.000000Z","elapsed":0.0,"mark":"a","surprise":1}"#,
    ] {
        assert!(!SCHEMA.is_valid(&serde_json::from_str(wrong).unwrap()), "{wrong}");
    }
}

#[test]
fn members_stand_in_the_order_of_the_contract() {
    let pod = subject("Pod", "web", "u1");
    let mut timeline = Timeline::new();
    let mut state = State::plain("OOMKilled");
    state.kind = StateKind::Terminated;
    state.detail.reason = Some("OOMKilled".into());
    state.detail.message = Some("killed".into());
    state.detail.exit_code = Some(137);
    state.detail.signal = Some(9);
    state.detail.restart_count = Some(2);
    state.detail.started_at = Some(at(1_000));
    state.detail.finished_at = Some(at(2_000));
    state.detail.server_time = Some(at(3_000));
    let entry = timeline.enter(4_905, &pod, "container/app", state);
    entry.not_before = Some(at(4_000));
    let mut line = Vec::new();
    json::entry(&timeline.entries[0], &mut line).unwrap();
    assert_eq!(
        String::from_utf8(line).unwrap(),
        concat!(
            r#"{"seq":2,"at":"2026-11-20T18:09:24.905000Z","elapsed":4.905000,"notBefore":"2026-11-20T18:09:24.000000Z","#,
            r#""cluster":"c1f9a6e0-0000-4000-8000-000000000001","kind":"Pod","namespace":"story","name":"web","uid":"u1","#,
            r#""track":"container/app","from":null,"to":"OOMKilled","#,
            r#""state":{"kind":"terminated","reason":"OOMKilled","message":"killed","exitCode":137,"signal":9,"#,
            r#""restartCount":2,"startedAt":"2026-11-20T18:09:21Z","finishedAt":"2026-11-20T18:09:22Z","#,
            r#""serverTime":"2026-11-20T18:09:23Z"},"resourceVersion":"3702","seen":"live"}"#,
            "\n"
        )
    );
}

#[test]
fn absent_and_empty_are_two_values() {
    let vmi = subject("VirtualMachineInstance", "a", "u1");
    let mut timeline = Timeline::new();
    timeline.go(0, &vmi, "phase", "");
    timeline.enter(1, &vmi, "condition/Paused", State::absent());
    let lines: Vec<Value> =
        written(Format::Json, &timeline.entries).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines[0]["to"], Value::String(String::new()));
    assert_eq!(lines[0].get("state"), None);
    assert_eq!(lines[1]["to"], Value::Null);
    assert_eq!(lines[1]["state"]["kind"], "absent");
}

#[test]
fn yaml_documents_say_what_the_json_lines_say() {
    for entries in [image_pull(), troubled()] {
        let lines: Vec<Value> =
            written(Format::Json, &entries).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let text = written(Format::Yaml, &entries);
        let documents: Vec<Value> = serde_saphyr::from_multiple(&text).unwrap();
        assert_eq!(documents.len(), lines.len());
        for (document, line) in documents.iter().zip(&lines) {
            assert_eq!(document, line);
        }
    }
}

#[test]
fn yaml_is_a_document_per_entry() {
    insta::assert_snapshot!(written(Format::Yaml, &troubled()[8..15]));
}

#[test]
fn csv_has_a_row_per_entry_under_a_fixed_header() {
    let entries = troubled();
    let text = written(Format::Csv, &entries);
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let header = reader.headers().unwrap().clone();
    assert_eq!(reader.records().map(Result::unwrap).count(), entries.len());
    let nothing = written(Format::Csv, &[]);
    assert_eq!(nothing.trim_end(), header.iter().collect::<Vec<_>>().join(","));
    insta::assert_snapshot!(text);
}

#[test]
fn a_parquet_file_without_rows_can_be_read() {
    let mut out = Vec::new();
    Format::Parquet.write(&[], &Selection::everything(), &Style::default(), &mut out).unwrap();
    assert_eq!(legible(Format::Parquet, out), "");
}

#[test]
fn a_format_is_parsed_by_its_name() {
    for format in Format::ALL {
        assert_eq!(format.to_string().parse(), Ok(format));
    }
    let error = "xml".parse::<Format>().unwrap_err();
    let listed = Format::ALL.map(Format::as_str);
    let (last, others) = listed.split_last().unwrap();
    let wanted = format!("`xml` is not an output format: write {} or {last}", others.join(", "));
    assert_eq!(error.to_string(), wanted);
}

/// An output that has been closed.
struct Closed;

impl std::io::Write for Closed {
    fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
        Err(std::io::ErrorKind::BrokenPipe.into())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[test]
fn every_format_reports_a_closed_pipe() {
    let entries = vec![image_pull(); 20].concat();
    for format in Format::ALL {
        let error = format.write(&entries, &Selection::everything(), &Style::default(), &mut Closed).unwrap_err();
        assert_eq!(error.kind(), std::io::ErrorKind::BrokenPipe, "{format}");
    }
}

#[test]
fn stamps_of_the_writers_clocks_give_no_exact_stay() {
    let caveats = Caveats { durations: Durations::Stamped, ..Caveats::default() };
    let mut out = Vec::new();
    let style = Style { caveats, ..Style::default() };
    Format::Csv.write(&image_pull(), &Selection::everything(), &style, &mut out).unwrap();
    let mut reader = csv::Reader::from_reader(&out[..]);
    let at = reader.headers().unwrap().iter().position(|name| name == "dwellSeconds").unwrap();
    assert!(reader.records().all(|record| record.unwrap()[at].is_empty()));
}
