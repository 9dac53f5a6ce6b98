//! Errors of an import.

use smol_str::SmolStr;
use std::io;

/// Why an input cannot be imported.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It cannot be read.
    #[error("cannot read {input}")]
    Read {
        /// The input.
        input: String,
        /// The cause.
        source: io::Error,
    },
    /// It is UTF-16.
    #[error("{input} is UTF-16; convert it to UTF-8 (PowerShell writes it with `| Out-File -Encoding utf8 FILE`)")]
    Utf16 {
        /// The input.
        input: String,
    },
    /// It is a recording already.
    #[error("{input} is a statetrail recording already; it needs no import")]
    Recording {
        /// The input.
        input: String,
    },
    /// It is neither from a watch nor from Kubernetes.
    #[error(
        "{input}:{line}: neither a watch event nor a Kubernetes object ({why}); write them with `kubectl get KIND -w -o json --output-watch-events`"
    )]
    Foreign {
        /// The input.
        input: String,
        /// The first line that is not understood.
        line: u64,
        /// Why it is not.
        why: String,
    },
    /// The only document is YAML that may be cut off.
    #[error("{input}:{line}: {}", super::yaml::OPEN)]
    Open {
        /// The input.
        input: String,
        /// The line.
        line: u64,
    },
    /// All inputs are empty.
    #[error(
        "nothing to import: no input has a line; write some with `kubectl get KIND -w -o json --output-watch-events`"
    )]
    Empty,
    /// There is no object, and nothing says where there is none.
    #[error("{input}: {}", super::note::UNPLACED)]
    Unplaced {
        /// The input.
        input: String,
    },
    /// An object that does not say what it is.
    #[error(
        "{input}:{line}: an object without kind and apiVersion; name its resource with --resource, `--resource pods`"
    )]
    Kind {
        /// The input.
        input: String,
        /// The line.
        line: u64,
    },
    /// There are no times, neither of receipt nor in objects.
    #[error(
        "{input}: no times in it, neither `receivedAt` nor stamps in the objects; write {{\"receivedAt\": TIME, \"event\": LINE}} for each line"
    )]
    Timeless {
        /// The input.
        input: String,
    },
    /// Two inputs contain the same objects at the same versions.
    #[error(
        "{later} overlaps {earlier}: both contain the same {resource} at the same versions; import one of them, or each into a recording of its own"
    )]
    Overlap {
        /// The start of the later one, `FILE:LINE`.
        later: String,
        /// The start of the earlier one.
        earlier: String,
        /// The resource.
        resource: String,
    },
    /// The value of `--resource` is not a resource.
    #[error("`{word}` names no resource; write pods, group/version/plural or v1/plural, or KIND=group/version/plural")]
    Hint {
        /// The value that was given.
        word: String,
    },
    /// No input has objects of the kind in `--separate-storage`.
    #[error("--separate-storage {word}: no input has objects of this kind; there are {known}")]
    SeparateStorage {
        /// The value that was given.
        word: String,
        /// The resources of the inputs.
        known: String,
    },
    /// The value of `--namespace` is not the objects' namespace.
    #[error("--namespace {said}: {resource} of namespace {found} are in the input; leave it out, or name theirs")]
    Namespace {
        /// The value that was given.
        said: SmolStr,
        /// The namespace of an object.
        found: SmolStr,
        /// The resource.
        resource: String,
    },
    /// No line can be decoded.
    #[error(
        "{input}:{line}: nothing in it can be decoded; the first line that cannot: {why}; write whole objects as the API serves them, `kubectl get KIND -w -o json --output-watch-events`"
    )]
    Undecodable {
        /// The input.
        input: String,
        /// The first line that cannot be decoded.
        line: u64,
        /// The cause.
        why: String,
    },
    /// A known format that lacks the required content.
    #[error("{input}:{line}: this is {what}; {remedy}")]
    Unsuitable {
        /// The input.
        input: String,
        /// The line.
        line: u64,
        /// The format.
        what: &'static str,
        /// The remedy.
        remedy: &'static str,
    },
}
