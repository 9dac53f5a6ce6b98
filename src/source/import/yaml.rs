//! Converts Kubernetes YAML, as `kubectl -o yaml` and must-gather write it, to JSON.
//!
//! YAML without braces has no end of its own: a document that is cut off between two lines is another document. So the
//! last one of an input counts only if something in it shows that nothing is missing.

use super::document::{Document, Text};
use crate::observation::Malformed;
use serde_json::Value;
use serde_json::value::RawValue;

/// One document, or what was found in its place.
pub(super) struct Converted {
    line: u64,
    json: Result<Box<RawValue>, (Vec<u8>, String)>,
    /// True if it may be cut off.
    is_open: bool,
}

impl Converted {
    /// True if it is the last one, and may be cut off.
    pub(super) fn is_open(&self) -> bool {
        self.is_open
    }

    /// The document as JSON.
    pub(super) fn document(&self) -> Document<'_> {
        let text = match &self.json {
            Ok(json) if self.is_open => Text::Open(json),
            Ok(json) => Text::Object(json),
            Err((bytes, problem)) => Text::Broken(bytes, Malformed::because(problem)),
        };
        Document { line: self.line, text }
    }
}

/// Why the last document of an input does not count, and the remedy.
pub(super) const OPEN: &str =
    "nothing shows that this document is complete; if it is, add a line `...` after it, or write JSON (`-o json`)";

/// The documents of an input, each with its first line; none when it is not Kubernetes YAML.
pub(super) fn documents(bytes: &[u8]) -> Option<Vec<Converted>> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    if !begins(bytes) {
        return None;
    }
    let mut documents = Vec::new();
    let (mut first, mut text) = (1, Vec::new());
    for (number, line) in (1..).zip(bytes.split_inclusive(|byte| *byte == b'\n')) {
        if is_marker(line) {
            convert(first, &std::mem::take(&mut text), &mut documents);
            // The rest of the marker's line belongs to the document after it.
            text.extend_from_slice(&line[3..]);
            first = number;
        } else {
            text.extend_from_slice(line);
        }
    }
    convert(first, &text, &mut documents);
    if let Some(last) = documents.last_mut()
        && last.line >= first
    {
        last.is_open = !(last.json.is_ok() && is_complete(&text));
    }
    Some(documents)
}

/// True if the last document of an input is complete: its braces are closed, or its last member is one that kubectl,
/// which sorts them, writes after all that matters here.
fn is_complete(text: &[u8]) -> bool {
    if pass_over(text).starts_with(b"{") {
        return true;
    }
    let says = |line: &&[u8]| !line.trim_ascii().is_empty() && !line.trim_ascii_start().starts_with(b"#");
    let lines: Vec<&[u8]> = text.split_inclusive(|byte| *byte == b'\n').filter(says).collect();
    let members: Vec<&[u8]> = lines.iter().copied().filter(|line| !b" -".contains(&line[0])).collect();
    let (Some(last), Some(member)) = (lines.last(), members.last()) else { return false };
    if !last.ends_with(b"\n") {
        return false;
    }
    let has = |name: &[u8]| members.iter().any(|line| line.starts_with(name));
    match member {
        // Of an event of a watch, and of an Event.
        member if member.starts_with(b"type: ") => has(b"object:") || has(b"involvedObject:") || has(b"regarding:"),
        // Of a list.
        member if member.starts_with(b"metadata:") => {
            let mut within = lines.iter().rev().take_while(|line| *line != member);
            let is_versioned = within.any(|line| line.starts_with(b"  resourceVersion: "));
            has(b"items:") && (is_versioned || member.trim_ascii_end().ends_with(b"{}"))
        }
        // In that order, nothing follows the start of a pod.
        member if member.starts_with(b"status:") => {
            let within = lines.iter().skip_while(|line| *line != member).filter(|line| line.starts_with(b"  "));
            let direct: Vec<&[u8]> = within.map(|line| &line[2..]).filter(|line| !b" -".contains(&line[0])).collect();
            members.iter().any(|line| line.trim_ascii_end() == b"kind: Pod")
                && [&members, &direct].into_iter().all(|keys| keys.is_sorted())
                && last.starts_with(b"  startTime: ")
        }
        _ => false,
    }
}

/// True for the end of a document. Within one, only a text block could begin like this, and that is indented.
fn is_marker(line: &[u8]) -> bool {
    let rest = line.strip_prefix(b"---").or_else(|| line.strip_prefix(b"..."));
    rest.is_some_and(|rest| rest.first().is_none_or(u8::is_ascii_whitespace))
}

/// Whether the first line that is not blank or a comment is a key that such YAML begins with, or a mapping in braces
/// that is not JSON (`kubectl -o kyaml`).
fn begins(bytes: &[u8]) -> bool {
    if begins_in_braces(bytes) {
        return true;
    }
    let says = |line: &&[u8]| !line.is_empty() && !line.starts_with(b"#") && *line != b"---";
    let first = bytes.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii).find(says).unwrap_or_default();
    let first = first.strip_prefix(b"--- ").unwrap_or(first).trim_ascii_start();
    let keys: [&[u8]; 6] = [b"apiVersion:", b"kind:", b"items:", b"metadata:", b"object:", b"type:"];
    let first = first.strip_prefix(b"- ").unwrap_or(first);
    keys.iter().any(|key| first.starts_with(key))
}

/// True for a mapping in braces after `---` or with a key without quotes.
fn begins_in_braces(bytes: &[u8]) -> bool {
    let bytes = pass_over(bytes);
    let (bytes, is_marked) = match bytes.strip_prefix(b"---") {
        Some(rest) if rest.first().is_some_and(u8::is_ascii_whitespace) => (pass_over(rest), true),
        _ => (bytes, false),
    };
    let Some(inside) = bytes.strip_prefix(b"{") else { return false };
    is_marked || pass_over(inside).first().is_some_and(u8::is_ascii_alphabetic)
}

/// What follows blanks and comments.
fn pass_over(mut bytes: &[u8]) -> &[u8] {
    loop {
        bytes = bytes.trim_ascii_start();
        if !bytes.starts_with(b"#") {
            return bytes;
        }
        let end = memchr::memchr(b'\n', bytes).unwrap_or(bytes.len());
        bytes = &bytes[end..];
    }
}

fn convert(line: u64, text: &[u8], documents: &mut Vec<Converted>) {
    let says = |line: &[u8]| !line.is_empty() && !line.starts_with(b"#");
    if !text.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii).any(says) {
        return;
    }
    let first = text.iter().position(|byte| !byte.is_ascii_whitespace()).unwrap_or_default();
    let blank = memchr::memchr_iter(b'\n', &text[..first]).count() as u64;
    let line = line + blank;
    let broken = |problem: String| Converted { line, json: Err((text.to_vec(), problem)), is_open: false };
    // The objects of a whole cluster exceed the default budget; they are bounded by the input, which is in memory.
    let options = serde_saphyr::options! { budget: None };
    let value = match serde_saphyr::from_slice_with_options::<Value>(text, options) {
        Ok(Value::Null) => return,
        Ok(value) => value,
        Err(error) => {
            // The parser's messages quote the input.
            let at = error.location().map(|at| format!(" at its line {}, column {}", at.line(), at.column()));
            return documents.push(broken(format!("it is not YAML{}", at.unwrap_or_default())));
        }
    };
    let values = if let Value::Array(values) = value { values } else { vec![value] };
    for value in values {
        let is_object = value.is_object();
        documents.push(match serde_json::value::to_raw_value(&value) {
            Ok(json) if is_object => Converted { line, json: Ok(json), is_open: false },
            _ => broken("it is not a mapping".to_owned()),
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn converted(text: &str) -> Vec<(u64, String)> {
        let documents = documents(text.as_bytes()).expect("YAML of Kubernetes");
        let shown = |document: &Converted| match &document.json {
            Ok(json) => json.get().to_owned(),
            Err((_, problem)) => problem.clone(),
        };
        documents.iter().map(|document| (document.line, shown(document))).collect()
    }

    #[test]
    fn documents_are_separated_with_their_lines_and_texts_keep_what_looks_like_their_end() {
        let text = "# of a cluster\n---\nkind: A\ntext: |\n  ---\n  b\n---\n\n---\nkind: B\n...\n- kind: C\n- 7\n";
        let expected = [
            (3, r#"{"kind":"A","text":"---\nb\n"}"#),
            (10, r#"{"kind":"B"}"#),
            (12, r#"{"kind":"C"}"#),
            (12, "it is not a mapping"),
        ];
        assert_eq!(converted(text), expected.map(|(line, text)| (line, text.to_owned())));
    }

    #[test]
    fn strings_that_look_like_numbers_and_times_stay_strings_and_damage_is_reported_without_its_content() {
        let text = "kind: A\nv: \"9001\"\nat: 2026-03-02T09:00:00Z\nn: 3\nt: true\n";
        let found: Value = serde_json::from_str(&converted(text)[0].1).expect("JSON");
        let expected = serde_json::json!({"kind": "A", "v": "9001", "at": "2026-03-02T09:00:00Z", "n": 3, "t": true});
        assert_eq!(found, expected);
        let damaged = &converted("kind: A\nsecret: [hunter2\n")[0].1;
        assert!(damaged.starts_with("it is not YAML") && !damaged.contains("hunter2"), "{damaged}");
    }

    #[test]
    fn json_and_tables_are_not_yaml() {
        for text in ["{\"kind\":\"A\"}", "NAME READY\n", "", "[{\"kind\":\"A\"}]"] {
            assert!(documents(text.as_bytes()).is_none(), "{text}");
        }
    }
}
