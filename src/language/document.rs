//! Expectations as YAML or JSON documents (JSON is YAML), every part with its place for diagnostics.

mod read;
mod tree;
mod unquoted;

pub use read::API_VERSION;

use super::diagnostic::{Diagnostics, Fragment};
use super::mention::Origin;
use super::program::Expectation;
use crate::monitor::Fault;
use std::sync::Arc;

/// Largest file of expectations, in bytes.
pub const MAX_DOCUMENT: usize = 1024 * 1024;

/// Parses every document of a file.
///
/// # Errors
/// Everything that is wrong with them, each with its place.
pub fn read(name: &str, text: &str) -> Result<Vec<Expectation>, Diagnostics> {
    let whole = Fragment::whole(name, text);
    if text.len() > MAX_DOCUMENT {
        let message = format!("the file has {} bytes, at most {MAX_DOCUMENT} are allowed", text.len());
        return Err(whole.locate(Fault::new(0..1, message)).into());
    }
    let documents = tree::documents(text).map_err(|fault| whole.locate(fault))?;
    if documents.is_empty() {
        return Err(whole.locate(Fault::new(0..1, "no expectation in this file").help("`kind: Expectation`")).into());
    }
    let mut found = Vec::new();
    let mut wrong = Vec::new();
    let origin = Arc::new(Origin { name: name.to_owned(), text: text.to_owned(), document: true });
    for document in &documents {
        let mut reader = read::Reader::new(&origin);
        match reader.expectation(document) {
            Some(expectation) if reader.wrong.is_empty() => found.push(expectation),
            // A document that is not understood is an error: it must not pass because it is skipped.
            _ if reader.wrong.is_empty() => {
                wrong.push(whole.locate(Fault::new(document.range.clone(), "no expectation")));
            }
            _ => wrong.extend(reader.wrong),
        }
        if wrong.len() >= read::MAX_DIAGNOSTICS {
            break;
        }
    }
    if wrong.is_empty() { Ok(found) } else { Err(Diagnostics(wrong)) }
}
