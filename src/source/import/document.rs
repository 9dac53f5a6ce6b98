//! Cuts raw input into JSON documents, one a line, printed over many lines or in one array, and finds its way back
//! after garbage.
//!
//! It only finds where documents begin and end.

use crate::observation::Malformed;
use memchr::memchr;
use serde_json::value::RawValue;

/// The documents of an input, in order.
pub(super) struct Documents<'a> {
    rest: &'a [u8],
    line: u64,
    /// The number of open arrays.
    arrays: usize,
}

/// One document, or what was found in its place.
pub(super) struct Document<'a> {
    /// Its first line, from 1.
    pub line: u64,
    /// The text.
    pub text: Text<'a>,
}

/// The text of a document.
pub(super) enum Text<'a> {
    /// A JSON object.
    Object(&'a RawValue),
    /// Not a JSON object.
    Broken(&'a [u8], Malformed),
    /// An incomplete object at the end of the input.
    Torn(&'a [u8]),
    /// A document in YAML at the end of the input that may be incomplete: what there is of it, as JSON.
    Open(&'a RawValue),
    /// The end of the input within an array.
    Endless,
}

impl<'a> Documents<'a> {
    /// The documents in these bytes; a byte order mark is skipped.
    pub(super) fn of(bytes: &'a [u8]) -> Self {
        Self { rest: bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes), line: 1, arrays: 0 }
    }

    fn skip(&mut self, length: usize) -> &'a [u8] {
        let (skipped, rest) = self.rest.split_at(length);
        self.line += memchr::memchr_iter(b'\n', skipped).count() as u64;
        self.rest = rest;
        skipped
    }

    /// Skips blanks, and the brackets and commas of arrays: `jq -s` and many tools write everything as one array.
    fn pass_over(&mut self) {
        loop {
            let blank = self.rest.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
            self.skip(blank);
            match self.rest.first() {
                Some(b'[') if self.begins_array() => self.arrays += 1,
                Some(b']') if self.arrays > 0 => self.arrays -= 1,
                Some(b',') if self.arrays > 0 => {}
                _ => return,
            }
            self.skip(1);
        }
    }

    /// True for an array of documents; a line of a log may begin with a bracket too.
    fn begins_array(&self) -> bool {
        let first = self.rest[1..].iter().find(|byte| !byte.is_ascii_whitespace());
        first.is_none_or(|byte| b"{[]".contains(byte))
    }

    /// The length of what cannot be parsed: up to the next line that begins a document.
    fn broken(&self) -> Option<usize> {
        let mut at = 0;
        while let Some(length) = memchr(b'\n', &self.rest[at..]) {
            at += length + 1;
            if self.rest.get(at) == Some(&b'{') {
                return Some(at);
            }
        }
        None
    }
}

impl<'a> Iterator for Documents<'a> {
    type Item = Document<'a>;

    fn next(&mut self) -> Option<Document<'a>> {
        self.pass_over();
        let line = self.line;
        if self.rest.is_empty() {
            let is_open = std::mem::take(&mut self.arrays) > 0;
            return is_open.then_some(Document { line, text: Text::Endless });
        }
        let mut stream = serde_json::Deserializer::from_slice(self.rest).into_iter::<&RawValue>();
        let text = match stream.next()? {
            Ok(json) if json.get().starts_with('{') => {
                let length = stream.byte_offset();
                self.skip(length);
                Text::Object(json)
            }
            Ok(_) => {
                let length = memchr(b'\n', self.rest).unwrap_or(self.rest.len());
                Text::Broken(self.skip(length).trim_ascii_end(), Malformed::because("no JSON object"))
            }
            Err(error) => match self.broken() {
                Some(length) => Text::Broken(self.skip(length).trim_ascii_end(), error.into()),
                None if error.is_eof() => Text::Torn(self.skip(self.rest.len())),
                None => Text::Broken(self.skip(self.rest.len()).trim_ascii_end(), error.into()),
            },
        };
        Some(Document { line, text })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(text: &str) -> Vec<(u64, String)> {
        Documents::of(text.as_bytes())
            .map(|document| {
                let text = match document.text {
                    Text::Object(json) => format!("object {}", json.get()),
                    Text::Broken(bytes, _) => format!("broken {}", String::from_utf8_lossy(bytes)),
                    Text::Torn(bytes) => format!("torn {}", String::from_utf8_lossy(bytes)),
                    Text::Open(_) => "open".to_owned(),
                    Text::Endless => "endless".to_owned(),
                };
                (document.line, text)
            })
            .collect()
    }

    #[test]
    fn documents_are_found_on_one_line_or_many_and_after_garbage() {
        let found = cut(
            "\u{feff}{\"a\":1}\n\n{\n  \"b\": {\n  }\n}\n{\"c\":{\"d\":1\n{\"e\":2}\noops\n7\n{\"f\":3} tail\n{\"g",
        );
        let expected = [
            (1, "object {\"a\":1}"),
            (3, "object {\n  \"b\": {\n  }\n}"),
            (7, "broken {\"c\":{\"d\":1"),
            (8, "object {\"e\":2}"),
            (9, "broken oops\n7"),
            (11, "object {\"f\":3}"),
            (11, "broken tail"),
            (12, "torn {\"g"),
        ];
        assert_eq!(found, expected.map(|(line, text)| (line, text.to_owned())));
    }

    #[test]
    fn the_elements_of_an_array_are_documents_each_on_its_line() {
        assert_eq!(
            cut("[\n {\"a\":1},\n {\"b\":2}\n]\n[]\n[[{\"c\":3}]]\n{\"d\":4}\n[x] log"),
            [
                (2, "object {\"a\":1}".to_owned()),
                (3, "object {\"b\":2}".to_owned()),
                (6, "object {\"c\":3}".to_owned()),
                (7, "object {\"d\":4}".to_owned()),
                (8, "broken [x] log".to_owned()),
            ]
        );
        let [object, torn, endless] = ["object {\"a\":1}", "torn {\"b", "endless"].map(str::to_owned);
        assert_eq!(cut("[{\"a\":1},{\"b"), [(1, object.clone()), (1, torn), (1, endless.clone())]);
        assert_eq!(cut("[{\"a\":1},\n"), [(1, object), (2, endless.clone())]);
        assert_eq!(cut(&"[".repeat(100_000)), [(1, endless)]);
    }

    #[test]
    fn a_number_is_no_document_and_costs_one_line() {
        assert_eq!(cut("7\n{}"), [(1, "broken 7".to_owned()), (2, "object {}".to_owned())]);
    }
}
