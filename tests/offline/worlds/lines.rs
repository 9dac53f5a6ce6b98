//! The lines of a recording, as docs/FORMAT.md says.

use super::view::{View, Watch};
use super::world::{Kind, Life, State, Track, Write};
use std::fmt::Write as _;

/// An object, as a line holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Object {
    pub uid: u32,
    pub json: String,
    pub version: i64,
    pub name: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum What {
    Object {
        event: &'static str,
        object: Object,
        late: Option<i64>,
        healed: bool,
        confirmed: bool,
    },
    Unchanged {
        uid: u32,
        version: i64,
    },
    /// With the moment at which it was known alive, if that is not the one of the line.
    Attached {
        version: i64,
        kind: Kind,
        alive: Option<i64>,
    },
    Past {
        version: i64,
        since: i64,
    },
    NotServed,
    Resumed,
    Clock,
    Bookmark {
        version: i64,
    },
    Reconnected {
        version: i64,
        late: i64,
    },
    Gap {
        from: (i64, i64),
        to: (i64, i64),
        cause: &'static str,
    },
    Healed {
        from: (i64, i64),
        to: (i64, i64),
    },
    Undecodable {
        event: &'static str,
        object: Object,
    },
    Fence {
        version: i64,
        whole: bool,
    },
    Mark {
        name: u8,
    },
    End,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Line {
    pub at: i64,
    pub watch: Option<usize>,
    pub what: What,
}

pub(super) fn uid(uid: u32) -> String {
    format!("u{uid}")
}

pub(super) const NAMESPACES: [&str; 2] = ["m", "n"];
pub(super) const NAMES: [&str; 2] = ["a", "b"];
pub(super) const APPS: [&str; 2] = ["x", "y"];
pub(super) const MARKS: [&str; 2] = ["one", "two"];

impl Object {
    /// With a status that can be read, or not.
    pub(super) fn new(life: &Life, holds: &Write, version: i64, is_readable: bool) -> Self {
        let state = holds.state.as_ref().expect("a version of an object has a state");
        let (space, name) = (NAMESPACES[usize::from(life.namespace)], NAMES[usize::from(life.name)]);
        let mut json = format!(
            r#"{{"metadata":{{"name":"{name}","namespace":"{space}","uid":"{}","resourceVersion":"{version}","labels":{{"app":"{}"}}"#,
            uid(life.uid),
            APPS[usize::from(state.label)]
        );
        if state.terminating {
            json += r#","deletionTimestamp":"2026-01-01T00:01:00Z","deletionGracePeriodSeconds":30"#;
        }
        if let Some(owner) = life.owner {
            let _ = write!(
                json,
                r#","ownerReferences":[{{"apiVersion":"kubevirt.io/v1","kind":"VirtualMachineInstance","name":"o","uid":"{}","controller":true}}]"#,
                uid(owner)
            );
        }
        json += r#"},"status":{"#;
        json += &if is_readable { status(life.kind, state).join(",") } else { r#""phase":5"#.to_owned() };
        json += "}}";
        Self { uid: life.uid, json, version, name: format!("{space}/{name}") }
    }
}

fn status(kind: Kind, state: &State) -> Vec<String> {
    let label = |track: Track, letter: u8| track.labels(kind)[usize::from(letter)];
    let mut members = Vec::new();
    if let Some(phase) = state.phase {
        let label = label(Track::Phase, phase);
        let (phase, reason) = label.split_once('/').map_or((label, None), |(phase, reason)| (phase, Some(reason)));
        members.push(format!(r#""phase":"{phase}""#));
        members.extend(reason.map(|reason| format!(r#""reason":"{reason}""#)));
    }
    let condition = |track: Track, state: Option<u8>| {
        let name = &track.name(kind)["condition/".len()..];
        state.map(|state| format!(r#"{{"type":"{name}","status":"{}"}}"#, label(track, state)))
    };
    let conditions: Vec<String> =
        [condition(Track::Ready, state.ready), condition(Track::Other, state.other)].into_iter().flatten().collect();
    if !conditions.is_empty() {
        members.push(format!(r#""conditions":[{}]"#, conditions.join(",")));
    }
    if let Some((letter, count)) = state.container {
        let now = match letter {
            0 => r#"{"running":{}}"#.to_owned(),
            1 => r#"{"terminated":{"reason":"Error","exitCode":1}}"#.to_owned(),
            3 => r#"{"terminated":{"reason":"Completed","exitCode":0}}"#.to_owned(),
            letter => format!(r#"{{"waiting":{{"reason":"{}"}}}}"#, label(Track::Container, letter)),
        };
        members.push(format!(r#""containerStatuses":[{{"name":"app","restartCount":{count},"state":{now}}}]"#));
    }
    members
}

/// The second at which the recorder starts.
const STARTED: i64 = 20;

/// A moment, as a time of the recording: `unit` is how many microseconds one is.
pub(super) fn time(at: i64, unit: i64) -> String {
    let micros = STARTED * 1_000_000 + at * unit;
    let (seconds, micros) = (micros.div_euclid(1_000_000), micros.rem_euclid(1_000_000));
    format!("2026-01-01T00:00:{seconds:02}.{micros:06}Z")
}

fn header(view: &View) -> String {
    let watch = |watch: &Watch| {
        let (group, resource, kind) = match watch.kind {
            Kind::Pod => ("", "pods", "Pod"),
            Kind::Vmi => ("kubevirt.io", "virtualmachineinstances", "VirtualMachineInstance"),
        };
        let mut json = format!(r#"{{"group":"{group}","version":"v1","resource":"{resource}","kind":"{kind}""#);
        if let Some(namespace) = watch.namespace {
            let _ = write!(json, r#","namespace":"{}""#, NAMESPACES[usize::from(namespace)]);
        }
        if let Some(label) = watch.label {
            let _ = write!(json, r#","labelSelector":"app={}""#, APPS[usize::from(label)]);
        }
        if watch.separate.is_some() {
            json += r#","separateStorage":true"#;
        }
        json + "}"
    };
    let watches: Vec<String> = view.watches.iter().map(watch).collect();
    format!(
        r#"{{"format":"statetrail.recording/v1","tool":"statetrail 0.1.0","started":"{}","clock":"receipt","capture":"status","environment":{{}},"watches":[{}]"#,
        time(0, view.unit),
        watches.join(",")
    )
}

impl Line {
    /// Its members after `elapsed`.
    fn members(&self, unit: i64) -> String {
        match &self.what {
            What::Object { event, object, late, healed, confirmed } => {
                let late = late.map(|late| format!(r#","notBefore":"{}""#, time(late, unit))).unwrap_or_default();
                let healed = if *healed { r#","healed":true"# } else { "" };
                let confirmed = if *confirmed { r#","confirmed":true"# } else { "" };
                format!(
                    r#""type":"{event}","watch":{},"resourceVersion":"{}"{late}{healed}{confirmed},"object":{}"#,
                    self.id(),
                    object.version,
                    object.json
                )
            }
            What::Unchanged { uid: of, version } => {
                format!(
                    r#""type":"UNCHANGED","watch":{},"uid":"{}","resourceVersion":"{version}""#,
                    self.id(),
                    uid(*of)
                )
            }
            What::Past { version, since } => {
                let since = time(*since, unit);
                format!(
                    r#""type":"PAST","watch":{},"since":"{since}","resourceVersion":"{version}","dated":"{since}","clock":"leases""#,
                    self.id()
                )
            }
            What::NotServed => format!(r#""type":"NOT_SERVED","watch":{}"#, self.id()),
            What::Resumed => r#""type":"RESUMED","name":"statetrail 0.1.0""#.to_owned(),
            What::Clock => r#""type":"CLOCK","boot":{"id":"another","boottime":1.0}"#.to_owned(),
            What::Attached { version, kind, .. } => {
                let kind = if *kind == Kind::Pod { "Pod" } else { "VirtualMachineInstance" };
                format!(r#""type":"ATTACHED","watch":{},"resourceVersion":"{version}","name":"{kind}""#, self.id())
            }
            What::Bookmark { version } => {
                format!(r#""type":"BOOKMARK","watch":{},"resourceVersion":"{version}""#, self.id())
            }
            What::Reconnected { version, late } => format!(
                r#""type":"RECONNECTED","watch":{},"resourceVersion":"{version}","notBefore":"{}","reason":"closed""#,
                self.id(),
                time(*late, unit)
            ),
            What::Gap { from, to, cause } => self.span("GAP", cause, *from, *to, unit),
            What::Healed { from, to } => self.span("HEALED", "history-expired", *from, *to, unit),
            What::Undecodable { event, object } => format!(
                r#""type":"UNDECODABLE","watch":{},"uid":"{}","resourceVersion":"{}","head":"{event} {}","reason":"it is cut off","length":9,"digest":"crc32c:00000000""#,
                self.id(),
                uid(object.uid),
                object.version,
                object.name
            ),
            What::Fence { version, whole } => {
                let reason = if *whole { "" } else { r#","reason":"an object""# };
                format!(r#""type":"FENCE","watch":{},"resourceVersion":"{version}","whole":{whole}{reason}"#, self.id())
            }
            What::Mark { name } => format!(r#""type":"MARK","name":"{}""#, MARKS[usize::from(*name)]),
            What::End => r#""type":"END","reason":"finished""#.to_owned(),
        }
    }

    fn span(&self, event: &str, cause: &str, from: (i64, i64), to: (i64, i64), unit: i64) -> String {
        format!(
            r#""type":"{event}","watch":{},"fromResourceVersion":"{}","toResourceVersion":"{}","from":"{}","to":"{}","cause":"{cause}""#,
            self.id(),
            from.1,
            to.1,
            time(from.0, unit),
            time(to.0, unit)
        )
    }

    fn id(&self) -> usize {
        self.watch.expect("a line about a watch")
    }
}

/// The same members where versions are not numbers.
fn opaque(members: &str) -> String {
    let mut parts = members.split("esourceVersion\":\"");
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (version, rest) = part.split_once('"').expect("a version in quotes");
        let _ = write!(text, "esourceVersion\":\"v{version}-x\"{rest}");
    }
    text
}

/// The bytes of a recording, and where each line ends.
pub(super) fn text(view: &View, lines: &[Line]) -> (Vec<u8>, Vec<usize>) {
    let mut bytes: Vec<u8> = Vec::new();
    let mut crc = 0;
    let mut ends = Vec::new();
    let mut push = |line: String| {
        crc = crc32c::crc32c_append(crc, line.as_bytes());
        bytes.extend_from_slice(line.as_bytes());
        bytes.extend_from_slice(format!(",\"crc\":\"{crc:08x}\"}}\n").as_bytes());
        ends.push(bytes.len());
    };
    push(header(view));
    for (number, line) in lines.iter().enumerate() {
        let (seq, at, mut members) = (number + 1, line.at * view.unit, line.members(view.unit));
        if line.watch.is_some_and(|watch| view.watches[watch].is_opaque()) {
            members = opaque(&members);
        }
        let (seconds, micros) = (at / 1_000_000, at % 1_000_000);
        let shown = match line.what {
            What::Attached { alive: Some(alive), .. } => alive,
            _ => line.at,
        };
        push(format!(r#"{{"seq":{seq},"at":"{}","elapsed":{seconds}.{micros:06},{members}"#, time(shown, view.unit)));
    }
    (bytes, ends)
}
