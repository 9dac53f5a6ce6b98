//! The metrics of a recorder as tests read them, and what they must be by the JSON that `show -o json` has of the
//! recording.

use super::recording::Recording;
use serde_json::Value;
use statetrail::observation::{State, StateKind};
use statetrail::timeline::{Body, Transition};
use statetrail::view::{dwells, json};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Values by family and labels: `statetrail_objects` and `kind=Pod,namespace=story,track=phase,state=Running`.
type Series = BTreeMap<(String, String), f64>;

/// A scrape.
#[derive(Debug, Default)]
pub(crate) struct Scrape {
    /// The samples, with the label `le` among the labels.
    pub samples: Series,
    /// The type of each family.
    pub types: BTreeMap<String, String>,
}

impl Scrape {
    /// Reads the text format.
    ///
    /// # Panics
    /// When it is not that.
    pub(crate) fn read(text: &str) -> Self {
        let mut scrape = Self::default();
        for line in text.lines() {
            if let Some(rest) = line.strip_prefix("# TYPE ") {
                let (name, kind) = rest.split_once(' ').unwrap_or_else(|| panic!("{line}"));
                assert!(scrape.types.insert(name.to_owned(), kind.to_owned()).is_none(), "twice: {line}");
            } else if !line.starts_with("# HELP ") {
                let (series, value) = line.rsplit_once(' ').unwrap_or_else(|| panic!("{line}"));
                let (name, labels) = series.split_once('{').unwrap_or((series, "}"));
                let labels = labels.strip_suffix('}').unwrap_or_else(|| panic!("{line}")).replace('"', "");
                let value = value.parse().unwrap_or_else(|_| panic!("{line}"));
                assert!(scrape.samples.insert((name.to_owned(), labels), value).is_none(), "twice: {line}");
            }
        }
        scrape
    }

    /// The series of a family.
    pub(crate) fn of(&self, family: &str) -> BTreeMap<&str, f64> {
        let own = self.samples.iter().filter(|((name, _), _)| name == family);
        own.map(|((_, labels), value)| (labels.as_str(), *value)).collect()
    }

    /// The value of a series; 0 if there is none.
    pub(crate) fn value(&self, family: &str, labels: &str) -> f64 {
        self.of(family).get(labels).copied().unwrap_or_default()
    }

    /// The same, of what is counted in whole numbers.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is checked")]
    pub(crate) fn number(&self, family: &str, labels: &str) -> u64 {
        let value = self.value(family, labels);
        assert!(value >= 0.0 && value.fract() < f64::EPSILON, "{family} {labels}: {value}");
        value as u64
    }

    /// What follows from the timeline alone.
    fn counted(&self) -> Series {
        let families = [
            "statetrail_transitions_total",
            "statetrail_evidence_total",
            "statetrail_gaps_total",
            "statetrail_objects",
            "statetrail_state_dwell_seconds_count",
            "statetrail_state_dwell_seconds_sum",
        ];
        let own = self.samples.iter().filter(|((name, _), _)| families.contains(&name.as_str()));
        own.map(|(series, value)| (series.clone(), rounded(*value))).collect()
    }
}

/// Sums of seconds have the digits of microseconds.
fn rounded(value: f64) -> f64 {
    (value * 1e6).round() / 1e6
}

/// What a recorder that has recorded this has counted, without bounds, and after its end.
fn expected(recording: &Recording) -> Series {
    let mut series = Series::new();
    let mut add = |family: &str, labels: String, value: f64| {
        *series.entry((format!("statetrail_{family}"), labels)).or_default() += value;
    };
    let mut objects: HashMap<String, Object> = HashMap::new();
    for (entry, dwell) in recording.timeline.iter().zip(dwells(&recording.timeline)) {
        let mut text = Vec::new();
        json::entry(entry, &mut text).expect("memory");
        let shown: Value = serde_json::from_slice(&text).expect("JSON");
        let (kind, namespace) = (word(&shown["kind"]), word(&shown["namespace"]));
        let is_initial = shown["seen"] == "initial";
        match &entry.body {
            Body::Transition(Transition { track, from, to }) => {
                let track = family(&track.to_string());
                let is_absent = |state: &State| state.kind == StateKind::Absent;
                let from = if shown["seen"] == "after-gap" {
                    "unknown".to_owned()
                } else {
                    label(&shown["from"], from.as_ref().is_some_and(is_absent))
                };
                let to = label(&shown["to"], is_absent(to));
                if !is_initial {
                    let labels = format!("kind={kind},namespace={namespace},track={track},from={from},to={to}");
                    add("transitions_total", labels, 1.0);
                }
                if let Some(exact) = dwell.and_then(|dwell| dwell.exact())
                    && to != "absent"
                {
                    let labels = format!("kind={kind},track={track},state={to}");
                    add("state_dwell_seconds_count", labels.clone(), 1.0);
                    add("state_dwell_seconds_sum", labels, exact.as_secs_f64());
                }
                let object = objects.entry(word(&shown["uid"])).or_default();
                (object.kind, object.namespace, object.is_out) = (kind, namespace, false);
                match (word(&shown["track"]).as_str(), to.as_str()) {
                    ("lifecycle", "Deleted") => _ = objects.remove(&word(&shown["uid"])),
                    (track, "absent") => _ = object.tracks.remove(track),
                    (track, _) => _ = object.tracks.insert(track.to_owned(), (to, false)),
                }
            }
            Body::Evidence(_) if !is_initial => {
                let (level, reason) = (word(&shown["evidence"]["type"]), word(&shown["evidence"]["reason"]));
                let labels = format!("kind={kind},namespace={namespace},type={level},reason={reason}");
                add("evidence_total", labels, 1.0);
            }
            Body::Gap(_) => {
                let gap = &shown["gap"];
                let (resource, reason) = (word(&gap["resource"]), word(&gap["reason"]));
                let namespace = word(&gap["namespace"]);
                add("gaps_total", format!("resource={resource},namespace={namespace},reason={reason}"), 1.0);
                let Some(object) = objects.get_mut(&word(&gap["subject"]["uid"])) else { continue };
                let is_open = gap["to"].is_null();
                object.is_out = if is_open { object.is_out || reason == "left-selection" } else { false };
                for (track, (_, is_unknown)) in &mut object.tracks {
                    if gap.get("track").is_none_or(|lost| lost == track) {
                        *is_unknown = is_open;
                    }
                }
            }
            Body::Evidence(_) | Body::Detailed(_) | Body::Mark(_) => {}
        }
    }
    for object in objects.values().filter(|object| !object.is_out) {
        let Object { kind, namespace, tracks, .. } = object;
        for (track, (state, is_unknown)) in tracks {
            let (track, state) = (family(track), if *is_unknown { "unknown" } else { state });
            add("objects", format!("kind={kind},namespace={namespace},track={track},state={state}"), 1.0);
        }
    }
    series.values_mut().for_each(|value| *value = rounded(*value));
    series
}

/// Asserts that a scrape has exactly what the recording has.
pub(crate) fn assert_counted(scrape: &Scrape, recording: &Recording, what: &str) {
    let (found, expected) = (scrape.counted(), expected(recording));
    let all: BTreeSet<_> = found.keys().chain(expected.keys()).collect();
    let wrong = all.into_iter().filter(|series| found.get(series) != expected.get(series)).map(|series| {
        let [found, expected] = [&found, &expected].map(|all| all.get(series).copied());
        format!("{} {}: {found:?}, not {expected:?}", series.0, series.1)
    });
    let wrong: Vec<String> = wrong.collect();
    assert!(wrong.is_empty(), "{what}:\n{}", wrong.join("\n"));
}

#[derive(Default)]
struct Object {
    kind: String,
    namespace: String,
    /// It has left the selection.
    is_out: bool,
    /// The state of each track, and whether it is unknown.
    tracks: HashMap<String, (String, bool)>,
}

fn word(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn label(state: &Value, is_absent: bool) -> String {
    match state.as_str() {
        _ if is_absent => "absent".to_owned(),
        Some("") => "empty".to_owned(),
        Some(label) => label.to_owned(),
        None => String::new(),
    }
}

/// A track without the name of a container or a volume.
fn family(track: &str) -> String {
    let family = track.split('/').next().unwrap_or_default();
    if ["container", "init", "ephemeral", "volume"].contains(&family) { family.to_owned() } else { track.to_owned() }
}
