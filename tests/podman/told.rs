//! What a recording tells.

use crate::place::statetrail;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;
use std::process::Output;

/// What a recording tells.
#[derive(Debug)]
pub(crate) struct Told {
    /// The states of each subject, by its kind with its name, and uid.
    pub(crate) states: BTreeMap<(String, String), Vec<String>>,
    /// The number of gaps.
    pub(crate) gaps: usize,
    /// The number of interruptions that cost nothing.
    pub(crate) reconnects: usize,
}

impl Told {
    /// The states of the calls of a name, whatever their numbers are.
    pub(crate) fn calls(&self, name: &str) -> Vec<String> {
        let is_of =
            |of: &str| of.strip_prefix("libpodcall/").and_then(|of| of.rsplit_once('.')).map(|(of, _)| of == name);
        let calls = self.states.iter().filter(|((of, _), _)| is_of(of) == Some(true));
        calls.map(|(_, states)| states.join(" ")).collect()
    }
}

/// Reads a recording.
pub(crate) fn told(file: &Path) -> Told {
    let shown = statetrail().arg("show").arg(file).args(["-o", "json"]).output().unwrap();
    assert!(shown.status.success(), "{shown:?}");
    let (mut states, mut gaps) = (BTreeMap::<_, Vec<String>>::new(), 0);
    for line in String::from_utf8(shown.stdout).unwrap().lines() {
        let entry: Value = serde_json::from_str(line).unwrap();
        let text = |member: &str| entry[member].as_str().unwrap_or_default().to_owned();
        if ["state", "action"].contains(&text("track").as_str()) {
            let kind = text("kind").to_lowercase().replace("podmancontainer", "podman");
            let reason = entry["state"]["reason"].as_str().map(|reason| format!("({reason})")).unwrap_or_default();
            let state = format!("{}{reason}", text("to"));
            states.entry((format!("{kind}/{}", text("name")), text("uid"))).or_default().push(state);
        }
        gaps += usize::from(entry.get("gap").is_some());
    }
    let lines = std::fs::read_to_string(file).unwrap();
    let reconnects = lines.lines().filter(|line| line.contains(r#""type":"RECONNECTED""#)).count();
    Told { states, gaps, reconnects }
}

/// Verifies a recording.
pub(crate) fn verified(file: &Path) -> Output {
    statetrail().arg("verify").arg(file).output().unwrap()
}
