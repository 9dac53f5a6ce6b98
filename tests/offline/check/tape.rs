//! Recordings for the tests: those of scenarios, to be changed, and constructed ones.

use crate::recorder::Recording;
use jiff::Timestamp;
use serde_json::value::RawValue;
use statetrail::expectation::{Outcome, Program, Source, Verdict};
use statetrail::observation::{
    Attached, Boot, Change, ClockChange, Fence, Gap, GapReason, Object, ObjectEvent, Observation, Payload, Reconnected,
    Resource, ResourceVersion, Stamp, Undecodable, Watch, WatchId, decode_kept,
};
use statetrail::recording::{Header, Reader, SyncPolicy, Writer};
use statetrail::run;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// The lines of a recording.
#[derive(Clone)]
pub(super) struct Tape {
    pub header: Header,
    pub lines: Vec<Observation>,
}

/// The time at this second of the recording.
pub(super) fn at(second: f64) -> Timestamp {
    let start: Timestamp = "2026-11-20T18:00:00Z".parse().unwrap();
    start + Duration::from_secs_f64(second)
}

pub(super) fn pods() -> Watch {
    Watch::all(Resource::new("", "v1", "pods", "Pod"))
}

pub(super) fn vmis() -> Watch {
    Watch::all(Resource::new("kubevirt.io", "v1", "virtualmachineinstances", "VirtualMachineInstance"))
}

/// An object with a phase.
pub(super) fn object(name: &str, version: u64, phase: &str) -> Object {
    of_json(&format!(
        r#"{{"metadata":{{"name":"{name}","namespace":"n","uid":"uid-{name}","resourceVersion":"{version}"}},"status":{{"phase":"{phase}"}}}}"#
    ))
}

/// An object `a` with a phase and a condition.
pub(super) fn with_condition(version: u64, phase: &str, condition: &str, status: &str) -> Object {
    of_json(&format!(
        r#"{{"metadata":{{"name":"a","namespace":"n","uid":"uid-a","resourceVersion":"{version}"}},"status":{{"phase":"{phase}","conditions":[{{"type":"{condition}","status":"{status}"}}]}}}}"#
    ))
}

/// An object with these owners, by kind and uid.
pub(super) fn owned(name: &str, version: u64, phase: &str, owners: &[(&str, &str)]) -> Object {
    let owners: Vec<String> =
        owners.iter().map(|(kind, uid)| format!(r#"{{"kind":"{kind}","name":"o","uid":"{uid}"}}"#)).collect();
    of_json(&format!(
        r#"{{"metadata":{{"name":"{name}","namespace":"n","uid":"uid-{name}","resourceVersion":"{version}","ownerReferences":[{}]}},"status":{{"phase":"{phase}"}}}}"#,
        owners.join(",")
    ))
}

pub(super) fn of_json(json: &str) -> Object {
    decode_kept(&RawValue::from_string(json.to_owned()).unwrap()).unwrap()
}

impl Tape {
    /// A recording of these watches without lines.
    pub(super) fn of(watches: Vec<Watch>) -> Self {
        Self { header: Header::new(at(0.0), watches), lines: Vec::new() }
    }

    /// The lines of a scenario.
    pub(super) fn scenario(name: &str) -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scenarios").join(name);
        let Recording { header, records, .. } = Recording::read(&folder.join("recording.jsonl.zst"));
        Self { header, lines: records.into_iter().map(|record| record.observation).collect() }
    }

    pub(super) fn line(&mut self, second: f64, payload: Payload) -> &mut Self {
        let elapsed = Duration::from_secs_f64(second);
        self.lines.push(Observation { stamp: Stamp { at: at(second), elapsed }, payload });
        self
    }

    pub(super) fn attached(&mut self, second: f64, watch: WatchId, version: u64) -> &mut Self {
        self.attached_as(second, watch, version, "")
    }

    pub(super) fn attached_as(&mut self, second: f64, watch: WatchId, version: u64, kind: &str) -> &mut Self {
        let (resource_version, kind) = (ResourceVersion::new(version.to_string()), kind.into());
        self.line(second, Payload::Attached(Attached { watch, resource_version, kind, not_before: None }))
    }

    pub(super) fn object(&mut self, second: f64, watch: WatchId, change: Change, object: Object) -> &mut Self {
        let (not_before, healed, confirmed) = (None, false, false);
        self.line(second, Payload::Object(ObjectEvent { watch, change, object, not_before, healed, confirmed }))
    }

    pub(super) fn bookmark(&mut self, second: f64, watch: WatchId, version: u64) -> &mut Self {
        self.line(second, Payload::Bookmark { watch, resource_version: ResourceVersion::new(version.to_string()) })
    }

    pub(super) fn gap(&mut self, second: f64, watch: WatchId, from: (f64, u64), to: u64) -> &mut Self {
        self.line(
            second,
            Payload::Gap(Gap {
                watch,
                from_resource_version: ResourceVersion::new(from.1.to_string()),
                to_resource_version: ResourceVersion::new(to.to_string()),
                from: at(from.0),
                to: at(second),
                reason: GapReason::HistoryExpired,
                unhealed: String::new(),
            }),
        )
    }

    /// The stream goes on where it was left; it was alive at a second.
    pub(super) fn reconnected(&mut self, second: f64, watch: WatchId, version: u64, alive: f64) -> &mut Self {
        let resource_version = ResourceVersion::new(version.to_string());
        let (not_before, reason) = (at(alive), "cut".to_owned());
        self.line(second, Payload::Reconnected(Reconnected { watch, resource_version, not_before, reason }))
    }

    /// A recorder goes on after the machine was restarted.
    pub(super) fn restarted(&mut self, second: f64) -> &mut Self {
        let boot = Some(Boot { id: "another".into(), boottime: Duration::from_secs(9) });
        self.line(second, Payload::Resumed { tool: "statetrail".to_owned() });
        self.line(second, Payload::Clock(ClockChange { step_micros: None, boot }))
    }

    /// The last line, which is about an object.
    pub(super) fn last_object(&mut self) -> &mut ObjectEvent {
        let Some(Payload::Object(seen)) = self.lines.last_mut().map(|line| &mut line.payload) else {
            panic!("an object")
        };
        seen
    }

    /// A gap after which versions are counted anew.
    pub(super) fn replaced(&mut self, second: f64, watch: WatchId, from: (f64, u64), to: u64) -> &mut Self {
        self.gap_for(GapReason::StorageReplaced, second, watch, from, to)
    }

    /// A gap for this reason.
    pub(super) fn gap_for(
        &mut self,
        reason: GapReason,
        second: f64,
        watch: WatchId,
        from: (f64, u64),
        to: u64,
    ) -> &mut Self {
        self.gap(second, watch, from, to);
        let Some(Payload::Gap(gap)) = self.lines.last_mut().map(|line| &mut line.payload) else { panic!("a gap") };
        gap.reason = reason;
        self
    }

    /// The same recording of a server whose versions are not numbers.
    pub(super) fn opaque(mut self) -> Self {
        let rename = |version: &mut ResourceVersion| *version = ResourceVersion::new(format!("v{version}-x"));
        for line in &mut self.lines {
            match &mut line.payload {
                Payload::Object(seen) => {
                    let (before, version) = (seen.object.resource_version.clone(), &mut seen.object.resource_version);
                    rename(version);
                    let (before, after) = (format!("\"{before}\""), format!("\"{version}\""));
                    seen.object = of_json(&seen.object.json.get().replace(&before, &after));
                }
                Payload::Attached(attached) => rename(&mut attached.resource_version),
                Payload::Bookmark { resource_version, .. } | Payload::Unchanged { resource_version, .. } => {
                    rename(resource_version);
                }
                Payload::Gap(gap) => {
                    rename(&mut gap.from_resource_version);
                    rename(&mut gap.to_resource_version);
                }
                Payload::Fence(fence) => rename(&mut fence.resource_version),
                _ => {}
            }
        }
        self
    }

    pub(super) fn unchanged(&mut self, second: f64, watch: WatchId, name: &str, version: u64) -> &mut Self {
        let (uid, resource_version) = (format!("uid-{name}").into(), ResourceVersion::new(version.to_string()));
        self.line(second, Payload::Unchanged { watch, uid, resource_version })
    }

    /// A version of an object that could not be read.
    pub(super) fn unreadable(&mut self, second: f64, watch: WatchId, name: &str, version: u64) -> &mut Self {
        let uid = Some(format!("uid-{name}").into());
        let resource_version = Some(ResourceVersion::new(version.to_string()));
        let undecodable = Undecodable { watch, uid, resource_version, ..Undecodable::default() };
        self.line(second, Payload::Undecodable(undecodable))
    }

    /// A fence of every watch, and the last line.
    pub(super) fn closed(&mut self, second: f64) -> &mut Self {
        for watch in 0..WatchId::try_from(self.header.watches.len()).unwrap() {
            self.fence(second, watch, true);
        }
        self.ended(second)
    }

    pub(super) fn fence(&mut self, second: f64, watch: WatchId, whole: bool) -> &mut Self {
        let missing = if whole { String::new() } else { "an object".to_owned() };
        let resource_version = ResourceVersion::new("9999");
        self.line(
            second,
            Payload::Fence(Fence { watch, resource_version, from_resource_version: None, whole, missing }),
        )
    }

    pub(super) fn ended(&mut self, second: f64) -> &mut Self {
        self.line(second, Payload::End { reason: "it ended".to_owned() })
    }

    pub(super) fn write(&self, path: &Path) {
        let mut writer = Writer::create(path, &self.header, SyncPolicy::Never).unwrap();
        for line in &self.lines {
            writer.append(line).unwrap();
        }
        writer.finish().unwrap();
    }

    /// Writes it to a file and judges that.
    pub(super) fn judge(&self, expectation: &str) -> Vec<Outcome> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("run.jsonl");
        self.write(&path);
        run::judge(Reader::open(&path).unwrap(), program(expectation)).unwrap().outcomes
    }

    /// The verdict on the only expectation, with `pass lost` where that applies.
    pub(super) fn verdict(&self, expectation: &str) -> String {
        let outcomes = self.judge(expectation);
        let [outcome] = &outcomes[..] else { panic!("one expectation") };
        let standing = outcome.standing;
        let lost = standing.verdict == Verdict::Pending && standing.pass_lost;
        format!("{}{}", standing.verdict, if lost { ", pass lost" } else { "" })
    }
}

/// The verdicts on the only expectation after each line, by their initials, in upper case where they are decided. What
/// is decided is not taken back.
pub(super) fn growing(tape: &Tape, expectation: &str) -> String {
    let after = |lines: usize| {
        let (header, lines) = (tape.header.clone(), tape.lines[..lines].to_vec());
        Tape { header, lines }.judge(expectation).remove(0).standing.verdict
    };
    let verdicts: Vec<Verdict> = (0..=tape.lines.len()).map(after).collect();
    let initial = |verdict: &Verdict| match (verdict.to_string().remove(0), verdict.is_decided()) {
        (initial, true) => initial.to_ascii_uppercase(),
        (initial, false) => initial,
    };
    let initials: String = verdicts.iter().map(initial).collect();
    for pair in verdicts.windows(2) {
        assert!(!pair[0].is_decided() || pair[0] == pair[1], "{initials} of {expectation}");
    }
    initials
}

/// A document with one statement.
pub(super) fn document(subjects: &str, statement: &str) -> String {
    format!(
        "apiVersion: statetrail/v1\nkind: Expectation\nmetadata: {{name: x}}\nsubjects: {{{subjects}}}\n\
         expect: [{statement}]\n"
    )
}

/// Documents in one file, each with its own name.
pub(super) fn several<'a>(documents: impl IntoIterator<Item = &'a String>) -> String {
    let named = |(at, document): (usize, &String)| document.replacen("{name: x}", &format!("{{name: x{at}}}"), 1);
    documents.into_iter().enumerate().map(named).collect::<Vec<_>>().join("---\n")
}

/// The same within a window.
pub(super) fn windowed(subjects: &str, window: &str, statement: &str) -> String {
    document(subjects, statement) + &format!("window: {window}\n")
}

/// Compiles a document or a line.
pub(super) fn program(text: &str) -> Arc<Program> {
    let source = if text.contains('\n') {
        Source::Document { name: "expectations.yaml", text }
    } else {
        Source::Line { name: "--expect", text }
    };
    Arc::new(Program::compile([source]).unwrap_or_else(|error| panic!("{error}")))
}

/// A file of the project.
pub(super) fn file(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}
