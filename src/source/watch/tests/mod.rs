//! The machine, driven by hand: no socket, no server, no clock.

mod attaching;
mod beside;
mod contradicting;
mod elsewhere;
mod failing;
mod finishing;
mod following;
mod losing;
mod proving;
mod reborn;
mod recognizing;
mod waiting;

use super::super::clock::Now;
use super::super::connection::Outage;
use super::super::depth::Waits;
use super::super::error::Error;
use super::super::heal::Question;
use super::super::pages::{Head, Heads, Item, Pages};
use super::super::request_error::RequestError;
use super::super::settings::{Healing, Past, Resume, Timeouts};
use super::{Action, Config, Input, Machine};
use crate::observation::{
    Attached, Capture, Change, Fence, Gap, Healed, Object, ObjectEvent, Observation, Payload, Reconnected, Resource,
    ResourceVersion, Shape, Stamp, Watch, decode_object,
};
use jiff::Timestamp;
use std::time::Duration;

const MS: Duration = Duration::from_millis(1);
const SECOND: Duration = Duration::from_secs(1);

/// A machine and the clock of its driver.
struct Hand {
    machine: Machine,
    at: Duration,
}

fn config() -> Config {
    let (capture, pace) = (Capture::Status, Timeouts::default());
    Config { capture, pace, healing: Healing::OFF, past: Past::Unseen, attach_within: 30 * SECOND, seed: 7 }
}

fn pods() -> Watch {
    Watch::all(Resource::new("", "v1", "pods", "Pod"))
}

fn stamp(at: Duration) -> Stamp {
    Stamp { at: Timestamp::UNIX_EPOCH + at, elapsed: at }
}

impl Hand {
    fn new() -> Self {
        Self::with(pods(), config(), Resume::default())
    }

    fn healing() -> Self {
        Self::with(pods(), Config { healing: Healing::default(), ..config() }, Resume::default())
    }

    fn with(watch: Watch, config: Config, resume: Resume) -> Self {
        let now = Now { stamp: stamp(Duration::ZERO), monotonic: Duration::ZERO };
        Self { machine: Machine::new(0, watch, config, resume, now), at: Duration::ZERO }
    }

    /// A machine that has listed `a@2` as of 5 and follows the stream.
    fn following() -> Self {
        let mut hand = Self::new();
        hand.follow();
        hand
    }

    fn follow(&mut self) {
        assert_eq!(self.step(Input::Started), ["-> list"]);
        self.step(listed("5", &[("a", "2")]));
        self.step(Input::Opened(Ok(())));
    }

    /// Feeds an input, and returns the actions as text.
    fn step(&mut self, input: Input) -> Vec<String> {
        let now = Now { stamp: stamp(self.at), monotonic: self.at };
        self.machine.step(now, input).iter().flat_map(words).collect()
    }

    /// Advances the time to the machine's deadline; returns the wait and the actions.
    fn wait(&mut self) -> (Duration, Vec<String>) {
        let deadline = self.machine.deadline().expect("it waits for something");
        let waited = deadline.saturating_sub(self.at);
        self.at = self.at.max(deadline);
        (waited, self.step(Input::Deadline))
    }

    /// Opens the stream, also from elsewhere; returns the last actions.
    fn opens(&mut self) -> Vec<String> {
        let actions = self.step(Input::Opened(Ok(())));
        let is_again = actions.first().is_some_and(|action| action == "-> close");
        if is_again { self.opens() } else { actions }
    }

    /// Bytes of the stream.
    fn receive(&mut self, text: &str) -> Vec<String> {
        assert_eq!(self.machine.waits_for(), None, "they wait in the queue");
        let (stamp, bytes) = (stamp(self.at), text.to_owned().into());
        self.step(Input::Received { stamp, bytes })
    }

    fn closed(&mut self) -> Vec<String> {
        self.step(Input::Closed(stamp(self.at)))
    }
}

fn version(text: &str) -> ResourceVersion {
    ResourceVersion::new(text)
}

fn json(name: &str, version: &str) -> String {
    format!(
        r#"{{"metadata":{{"name":"{name}","namespace":"ns","uid":"{name}","resourceVersion":"{version}"}},"status":{{}}}}"#
    )
}

fn object(name: &str, version: &str) -> Object {
    decode_object(json(name, version).as_bytes(), Shape::Pod, Capture::Status).expect("an object")
}

/// A line of the stream.
fn event(change: &str, name: &str, version: &str) -> String {
    format!("{{\"type\":\"{change}\",\"object\":{}}}\n", json(name, version))
}

fn bookmark(version: &str) -> String {
    format!(
        "{{\"type\":\"BOOKMARK\",\"object\":{{\"kind\":\"Pod\",\"metadata\":{{\"resourceVersion\":\"{version}\"}}}}}}\n"
    )
}

fn error(code: u16, message: &str) -> String {
    format!(
        "{{\"type\":\"ERROR\",\"object\":{{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"code\":{code},\"message\":\"{message}\"}}}}\n"
    )
}

fn pages(at: &str, objects: &[(&str, &str)]) -> Pages {
    let item = |(name, version): &(&str, &str)| (stamp(Duration::ZERO), Item::Object(object(name, version)));
    let items = objects.iter().map(item).collect();
    Pages { version: version(at), kind: "Pod".into(), skew: None, items, took: Duration::ZERO }
}

fn listed(at: &str, objects: &[(&str, &str)]) -> Input {
    Input::Listed(Ok(pages(at, objects)))
}

fn heads(at: &str, objects: &[(&str, &str)]) -> Input {
    let head = |(name, at): &(&str, &str)| Head {
        uid: (*name).into(),
        namespace: "ns".into(),
        name: (*name).into(),
        version: version(at),
    };
    Input::Heads(Ok(Heads { version: version(at), objects: objects.iter().map(head).collect() }))
}

/// The error of an overloaded server.
fn busy(after: Option<Duration>) -> RequestError {
    let error = Error::Refused { verb: "watch", what: "pods".to_owned(), code: 503, message: "busy".to_owned() };
    RequestError::Passing { after, error }
}

fn forbidden() -> RequestError {
    RequestError::Lasting(Error::Refused { verb: "list", what: "pods".to_owned(), code: 403, message: "no".to_owned() })
}

/// The state that these lines of an earlier recorder leave.
fn resume(whats: Vec<Payload>) -> Resume {
    let mut resume = Resume::default();
    for what in whats {
        resume.learn(&Observation { stamp: stamp(Duration::ZERO), payload: what });
    }
    resume
}

fn seen(change: Change, name: &str, version: &str) -> Payload {
    let object = object(name, version);
    Payload::Object(ObjectEvent { watch: 0, change, object, not_before: None, healed: false, confirmed: false })
}

fn attached(at: &str) -> Payload {
    Payload::Attached(Attached { watch: 0, resource_version: version(at), kind: "Pod".into(), not_before: None })
}

fn words(action: &Action) -> Vec<String> {
    let one = match action {
        Action::Send(lines) => return lines.iter().map(|line| line_in_words(&line.payload)).collect(),
        Action::List => "-> list".to_owned(),
        Action::OpenWatch { from } => format!("-> watch {from}"),
        Action::CloseWatch => "-> close".to_owned(),
        Action::ReadHistory(Question::Loss(span)) => format!("-> history {}..{}", span.from, span.to),
        Action::ReadHistory(Question::Since { to, .. }) => format!("-> history ..{to}"),
        Action::ReadHistory(Question::Beginnings(objects)) => format!("-> beginnings of {}", objects.len()),
        Action::StopHistory => "-> stop history".to_owned(),
        Action::ConfirmDeletions(objects) => format!("-> confirm {}", objects.len()),
        Action::AskHead => "-> head".to_owned(),
        Action::AskLast(last) => format!("-> last {}@{}", last.name, last.revision),
        Action::ListHeads => "-> heads".to_owned(),
        Action::ProveEnd(tail) => format!("-> prove {}..{}", tail.from, tail.to),
        Action::RenewCredentials => "-> renew".to_owned(),
        Action::Warn(_) | Action::Inform(_) => return Vec::new(),
        Action::Fail(_) => "fail".to_owned(),
        Action::Done => "done".to_owned(),
    };
    vec![one]
}

fn line_in_words(what: &Payload) -> String {
    match what {
        Payload::Object(ObjectEvent { change, object, not_before, healed, confirmed, .. }) => {
            let late = if not_before.is_some() && !healed { " late" } else { "" };
            let (healed, gone) = (if *healed { " healed" } else { "" }, if *confirmed { " gone" } else { "" });
            format!("{change:?} {}@{}{late}{healed}{gone}", object.name, object.resource_version)
        }
        Payload::Unchanged { uid, resource_version, .. } => format!("Unchanged {uid}@{resource_version}"),
        Payload::Bookmark { resource_version, .. } => format!("bookmark {resource_version}"),
        Payload::LateBookmark { resource_version, .. } => format!("bookmark {resource_version} late"),
        Payload::NotServed { .. } => "not served".to_owned(),
        Payload::Attached(Attached { resource_version, .. }) => format!("attached {resource_version}"),
        Payload::Reconnected(Reconnected { resource_version, reason, .. }) => {
            format!("reconnected {resource_version}: {reason}")
        }
        Payload::Gap(Gap { from_resource_version: from, to_resource_version: to, reason, .. }) => {
            format!("gap {from}..{to} {reason:?}")
        }
        Payload::Healed(Healed { from_resource_version: from, to_resource_version: to, .. }) => {
            format!("healed {from}..{to}")
        }
        Payload::Undecodable(_) => "undecodable".to_owned(),
        Payload::Fence(Fence { resource_version, whole: true, .. }) => format!("fence {resource_version} whole"),
        Payload::Fence(Fence { resource_version, missing, .. }) => format!("fence {resource_version}: {missing}"),
        what => format!("{what:?}"),
    }
}

#[test]
fn the_machine_knows_no_socket_and_no_clock_and_awaits_nothing() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/source/watch");
    let mut read = 0;
    for entry in std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("readable").path()) {
        if !entry.is_file() {
            continue;
        }
        let text = std::fs::read_to_string(&entry).expect("UTF-8");
        for word in ["tokio", "async ", ".await", "Instant", "now()", "cluster", "Clock", "tracing"] {
            let found = text.lines().find(|line| !line.trim_start().starts_with("//") && line.contains(word));
            assert_eq!(found, None, "{word} in {}", entry.display());
        }
        read += 1;
    }
    assert!(read > 10, "{read} files");
}
