//! The documentation, which is a part of the program.

use crate::view::reference;
use std::borrow::Cow;

/// A document.
pub(super) struct Document {
    /// Its name, as `explain` takes it.
    pub name: &'static str,
    /// What it is about.
    pub about: &'static str,
    /// The page; that of the kinds is generated.
    pub page: fn() -> Cow<'static, str>,
}

/// All documents that `explain` prints.
pub(super) static ALL: [Document; 12] = [
    Document {
        name: "expectations",
        about: "The language of expectations: examples, then a reference",
        page: || include_str!("../../docs/EXPECTATIONS.md").into(),
    },
    Document {
        name: "cookbook",
        about: "What KubeVirt's functional tests assert, as expectations to copy",
        page: || include_str!("../../docs/COOKBOOK.md").into(),
    },
    Document {
        name: "patterns",
        about: "The specification patterns of the literature, as expectations",
        page: || include_str!("../../docs/PATTERNS.md").into(),
    },
    Document {
        name: "kinds",
        about: "All kinds with their names, tracks and states",
        page: || reference::markdown().into(),
    },
    Document {
        name: "runtimes",
        about: "Sources that are not API servers: runc, Podman, CRI, mounts, block devices",
        page: || include_str!("../../docs/RUNTIMES.md").into(),
    },
    Document {
        name: "output",
        about: "What statetrail prints, and the formats for programs",
        page: || include_str!("../../docs/OUTPUT.md").into(),
    },
    Document {
        name: "semantics",
        about: "The exact meaning of verdicts",
        page: || include_str!("../../docs/SEMANTICS.md").into(),
    },
    Document {
        name: "server",
        about: "The API of `serve`, and of `record -- COMMAND`",
        page: || include_str!("../../docs/SERVER.md").into(),
    },
    Document {
        name: "metrics",
        about: "The metrics for Prometheus: /metrics of `serve`, and --metrics",
        page: || include_str!("../../docs/METRICS.md").into(),
    },
    Document {
        name: "replay",
        about: "Recordings on the terminal, and as a Kubernetes API server; tests of watch clients",
        page: || include_str!("../../docs/REPLAY.md").into(),
    },
    Document {
        name: "format",
        about: "The format of recordings, and what they promise",
        page: || include_str!("../../docs/FORMAT.md").into(),
    },
    Document { name: "glossary", about: "The terms", page: || include_str!("../../docs/GLOSSARY.md").into() },
];
