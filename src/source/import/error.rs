//! What keeps lines from becoming a recording.

use smol_str::SmolStr;
use std::io;

/// Trouble with the input.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It cannot be read.
    #[error("read {input}")]
    Read {
        /// Which input.
        input: String,
        /// Why.
        source: io::Error,
    },
    /// It is not UTF-8 at all.
    #[error("{input} is UTF-16; convert it to UTF-8 (PowerShell writes it with `| Out-File -Encoding utf8 FILE`)")]
    Utf16 {
        /// Which input.
        input: String,
    },
    /// It is what an import would make.
    #[error("{input} is a statetrail recording already; it needs no import")]
    Recording {
        /// Which input.
        input: String,
    },
    /// Nothing in it is from a watch.
    #[error(
        "{input}:{line}: no watch line and no Kubernetes object; write them with `kubectl get KIND -w -o json --output-watch-events`"
    )]
    Foreign {
        /// Which input.
        input: String,
        /// Its first line that is not understood.
        line: u64,
    },
    /// There is nothing in any input.
    #[error(
        "nothing to import: no input has a line; write some with `kubectl get KIND -w -o json --output-watch-events`"
    )]
    Empty,
    /// An object that does not say what it is.
    #[error(
        "{input}:{line}: an object without kind and apiVersion; name its resource with --resource, `--resource pods`"
    )]
    Kind {
        /// Which input.
        input: String,
        /// Where.
        line: u64,
    },
    /// No time, neither of receipt nor in any object.
    #[error(
        "{input}: no times in it, neither `receivedAt` nor stamps in the objects; write {{\"receivedAt\": TIME, \"event\": LINE}} for each line"
    )]
    Timeless {
        /// Which input.
        input: String,
    },
    /// Two streams of the same objects beside each other.
    #[error(
        "{later} overlaps {earlier}: both contain the same {resource} at the same versions; import one of them, or each into a recording of its own"
    )]
    Overlap {
        /// Where the later one begins, `FILE:LINE`.
        later: String,
        /// Where the earlier one begins.
        earlier: String,
        /// Of what.
        resource: String,
    },
    /// A `--resource` that names nothing.
    #[error("`{word}` names no resource; write pods, group/version/plural or v1/plural, or KIND=group/version/plural")]
    Hint {
        /// What was given.
        word: String,
    },
    /// A `--separate-storage` of which no input has objects.
    #[error("--separate-storage {word}: no input has objects of this kind; there are {known}")]
    SeparateStorage {
        /// What was given.
        word: String,
        /// The resources of the inputs.
        known: String,
    },
    /// A `--namespace` that is not the objects'.
    #[error("--namespace {said}: {resource} of namespace {found} are in the input; leave it out, or name theirs")]
    Namespace {
        /// What was given.
        said: SmolStr,
        /// Where an object is.
        found: SmolStr,
        /// Of what.
        resource: String,
    },
    /// Nothing in it can be read.
    #[error("{input}:{line}: nothing in it can be decoded; the first line that cannot: {why}")]
    Undecodable {
        /// Which input.
        input: String,
        /// Its first line that cannot be decoded.
        line: u64,
        /// Why.
        why: String,
    },
    /// Something known that does not carry what is needed.
    #[error("{input}:{line}: this is {what}; {remedy}")]
    Unsuitable {
        /// Which input.
        input: String,
        /// Where.
        line: u64,
        /// What it is.
        what: &'static str,
        /// How to get what is needed.
        remedy: &'static str,
    },
}
