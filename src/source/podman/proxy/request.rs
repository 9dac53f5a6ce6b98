//! What is recorded of a request: its method, its path, what it names, and chosen parameters.

use super::super::super::proxy::{self, name};
use super::super::super::secretless;
use crate::kinds::{CallProgress as Progress, LIBPOD_OBJECTS as OBJECTS, LibpodCall as Call};
use http::Uri;
use percent_encoding::percent_decode_str;
use smol_str::SmolStr;
use std::collections::BTreeMap;

/// What stands in a path for what is named there.
const NAMED: &str = "{name}";
/// And for where a manifest is pushed to, which may have a password in it.
const DESTINATION: &str = "{destination}";
/// What is neither a word of the API nor below one.
pub(super) const UNKNOWN: &str = "unknown";

/// Words below which nothing is named, with those that may follow them.
const PLAIN: &[(&str, &[&str])] = &[
    ("_ping", &[]),
    ("auth", &[]),
    ("build", &["prune"]),
    ("commit", &[]),
    ("events", &[]),
    ("grpc", &[]),
    ("info", &[]),
    ("kube", &["play", "apply", "generate"]),
    ("play", &["kube"]),
    ("plugins", &[]),
    ("session", &[]),
    ("swarm", &[]),
    ("system", &["df", "prune", "check"]),
    ("version", &[]),
];

/// What is asked of an object.
const ACTIONS: &[&str] = &[
    "add",
    "archive",
    "attach",
    "changes",
    "checkpoint",
    "commit",
    "connect",
    "copy",
    "disconnect",
    "exec",
    "exists",
    "export",
    "extract",
    "file",
    "get",
    "healthcheck",
    "history",
    "import",
    "init",
    "json",
    "kill",
    "kube",
    "logs",
    "mount",
    "pause",
    "push",
    "registry",
    "remove",
    "rename",
    "resize",
    "resolve",
    "restart",
    "restore",
    "runlabel",
    "shouldrestart",
    "start",
    "stats",
    "stop",
    "systemd",
    "tag",
    "top",
    "tree",
    "unmount",
    "unpause",
    "untag",
    "update",
    "wait",
    "ws",
];

/// Parameters that are kept: no label, filter, environment or argument of a build.
const PARAMETERS: &[&str] = &[
    "all",
    "condition",
    "container",
    "dockerfile",
    "force",
    "forcerm",
    "fromImage",
    "ignore",
    "layers",
    "name",
    "nocache",
    "outputformat",
    "platform",
    "policy",
    "pull",
    "reference",
    "remote",
    "repo",
    "rm",
    "signal",
    "squash",
    "t",
    "tag",
    "target",
    "timeout",
    "v",
    "volumes",
];

impl proxy::Call for Call {
    fn name(&self) -> String {
        let words = self.words();
        let mut parts = vec![words.as_str()];
        let of = ["t", "name", "reference", "fromImage"].iter().find_map(|parameter| self.query.get(*parameter));
        let named = if self.name.is_empty() { of.filter(|_| !self.path.contains(NAMED)) } else { Some(&self.name) };
        let named = named.map(|named| shown(named.split(',').next().unwrap_or_default()));
        parts.extend(named.filter(|named| !named.is_empty()));
        // What the name of an object may not have.
        parts.join(".").replace(|letter: char| letter.is_whitespace() || letter == '*', "_")
    }

    fn is_over(&self) -> bool {
        self.state.is_over()
    }

    fn cut(&mut self) {
        self.state = if self.state == Progress::Upgraded { Progress::Closed } else { Progress::Dropped };
    }
}

/// A name, or the begin of an identity, which is enough to know it by.
fn shown(named: &str) -> &str {
    let is_id = named.len() == 64 && named.bytes().all(|byte| byte.is_ascii_hexdigit());
    if is_id { &named[..12] } else { named }
}

/// A call that is passed on.
pub(super) fn call(method: &str, target: &str) -> Call {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    // It may be that of a server, too.
    let of_server = path.split_once("://").filter(|_| !path.starts_with('/'));
    let path = of_server.map_or(path, |(_, rest)| rest.find('/').map_or("/", |at| &rest[at..]));
    let (path, named) = path_of(method, path);
    let mut call = Call {
        state: Progress::Calling,
        method: name(method),
        path,
        name: name(&without_users(&named)),
        query: BTreeMap::new(),
        code: None,
        cause: SmolStr::default(),
        message: SmolStr::default(),
    };
    let mut query_of: BTreeMap<SmolStr, String> = BTreeMap::new();
    for (parameter, value) in form_urlencoded::parse(query.as_bytes()) {
        if let Some(parameter) = PARAMETERS.iter().find(|kept| **kept == parameter) {
            let value = without_secrets(&value);
            let values = query_of.entry(SmolStr::new_static(parameter)).or_default();
            values.push_str(if values.is_empty() { "" } else { "," });
            values.push_str(&value);
        }
    }
    call.query = query_of.into_iter().map(|(parameter, values)| (parameter, name(&values))).collect();
    call
}

/// A path without its version, and with what it names left out; and that.
fn path_of(method: &str, path: &str) -> (SmolStr, String) {
    let decoded = |segment: &str| percent_decode_str(segment).decode_utf8_lossy().into_owned();
    let mut segments: Vec<String> = path.split('/').filter(|segment| !segment.is_empty()).map(decoded).collect();
    let is_version = |segment: &String| {
        segment.strip_prefix('v').is_some_and(|rest| rest.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.'))
    };
    if segments.first().is_some_and(is_version) {
        segments.remove(0);
    }
    let libpod = if segments.first().is_some_and(|segment| segment == "libpod") { "/libpod" } else { "" };
    let segments: Vec<&str> = segments.iter().skip(usize::from(!libpod.is_empty())).map(String::as_str).collect();
    if let ["local", "build"] | ["local", "images", "load"] | ["artifacts", "local", "add"] = segments[..] {
        return (format!("{libpod}/{}", segments.join("/")).into(), String::new());
    }
    let Some((word, rest)) = segments.split_first() else { return (UNKNOWN.into(), String::new()) };
    if let Some((word, below)) = PLAIN.iter().find(|(plain, _)| plain == word) {
        let path = match rest {
            [] => format!("{libpod}/{word}"),
            [one] if below.contains(one) => format!("{libpod}/{word}/{one}"),
            _ => UNKNOWN.to_owned(),
        };
        return (path.into(), String::new());
    }
    let Some((word, of_all)) = OBJECTS.iter().find(|(objects, _)| objects == word) else {
        return (UNKNOWN.into(), String::new());
    };
    let to = rest.iter().skip(1).position(|one| *one == "registry").map(|at| at + 1).filter(|at| at + 1 < rest.len());
    if let ("manifests", Some(to)) = (*word, to) {
        return (format!("{libpod}/{word}/{NAMED}/registry/{DESTINATION}").into(), rest[..to].join("/"));
    }
    let is_of_all = |one: &&str| of_all.contains(one) && (method != "DELETE" || *one == "remove");
    let actions = match rest {
        [] => return (format!("{libpod}/{word}").into(), String::new()),
        [one] if is_of_all(one) => return (format!("{libpod}/{word}/{one}").into(), String::new()),
        [_, .., "attach", "ws"] => 2,
        ["scp", named @ ..] if *word == "images" && !named.last().is_some_and(|last| ACTIONS.contains(last)) => {
            return (format!("{libpod}/{word}/scp/{NAMED}").into(), named.join("/"));
        }
        // The name of an image has slashes, and may end with such a word; none is removed by one.
        [_, .., last] if ACTIONS.contains(last) && method != "DELETE" => 1,
        _ => 0,
    };
    let (named, actions) = rest.split_at(rest.len() - actions);
    let actions: String = actions.iter().flat_map(|action| ["/", action]).collect();
    (format!("{libpod}/{word}/{NAMED}{actions}").into(), named.join("/"))
}

/// A value without user, password and query, where it is an address.
fn without_secrets(value: &str) -> String {
    if value.contains("://") {
        return value.parse::<Uri>().map_or_else(|_| "...".to_owned(), |address| secretless::address(&address));
    }
    without_users(value)
}

/// `host/path` of `user:password@host/path`, also of an address within a name. The name of an image may have a digest
/// after an `@`, at its end.
fn without_users(value: &str) -> String {
    let segments: Vec<&str> = value.split('/').collect();
    let is_host = |at: usize| {
        let before = segments[..at].iter().rfind(|segment| !segment.is_empty());
        at + 1 < segments.len() || before.is_some_and(|scheme| scheme.ends_with(':'))
    };
    let shown = |(at, segment): (usize, &&'_ str)| match segment.rfind('@') {
        Some(user) if is_host(at) => segment[user + 1..].to_owned(),
        _ => (*segment).to_owned(),
    };
    segments.iter().enumerate().map(shown).collect::<Vec<_>>().join("/")
}

/// True for a call that may take the connection without an upgrade, as clients of Docker's older APIs ask for it.
pub(super) fn attaches(call: &Call) -> bool {
    let path = call.path.strip_prefix("/libpod").unwrap_or(&call.path);
    call.method == "POST" && ["/containers/{name}/attach", "/exec/{name}/start"].contains(&path)
}
