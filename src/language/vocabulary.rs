//! Words that the API closes: where one is misspelt the expectation could pass for ever, so it does not compile.
//!
//! Sources: core/v1 PodPhase and ConditionStatus; KubeVirt's VirtualMachineInstancePhase, VirtualMachinePrintableStatus
//! and VirtualMachineInstanceMigrationPhase (kubevirt.io/api, v1.8); `lifecycle` and `migration` are our own.
//! All other words are free, and a quoted word is taken as it is, for APIs that are newer than this list.

use crate::monitor::{Fault, Name, NamedAt};
use crate::observation::{StateKind, Track};

const POD_PHASE: &[&str] = &["Pending", "Running", "Succeeded", "Failed", "Unknown"];
const VMI_PHASE: &[&str] =
    &["Pending", "Scheduling", "Scheduled", "Running", "Succeeded", "Failed", "WaitingForSync", "Unknown"];
const VM_STATUS: &[&str] = &[
    "Stopped",
    "Provisioning",
    "Starting",
    "Running",
    "Paused",
    "Stopping",
    "Terminating",
    "CrashLoopBackOff",
    "Migrating",
    "Unknown",
    "ErrorUnschedulable",
    "ErrImagePull",
    "ImagePullBackOff",
    "ErrorPvcNotFound",
    "ErrorDataVolumeNotFound",
    "DataVolumeError",
    "WaitingForVolumeBinding",
    "WaitingForReceiver",
];
const MIGRATION_PHASE: &[&str] = &[
    "Pending",
    "Scheduling",
    "Scheduled",
    "PreparingTarget",
    "TargetReady",
    "WaitingForSync",
    "Synchronizing",
    "Running",
    "Succeeded",
    "Failed",
];
const CONDITION: &[&str] = &["True", "False", "Unknown"];
const LIFECYCLE: &[&str] = &["Present", "Terminating", "Deleted"];
const MIGRATION: &[&str] = &["none", "Running", "Succeeded", "Failed", "Aborted"];

/// The words of a track, where they are closed.
#[must_use]
pub fn closed(kind: &str, track: &Track) -> Option<(&'static str, &'static [&'static str])> {
    match (kind, track) {
        (_, Track::Lifecycle) => Some(("lifecycle", LIFECYCLE)),
        (_, Track::Condition(_)) => Some(("condition status", CONDITION)),
        ("Pod", Track::Phase) => Some(("pod phase", POD_PHASE)),
        ("VirtualMachineInstance", Track::Phase) => Some(("VirtualMachineInstance phase", VMI_PHASE)),
        ("VirtualMachineInstance", Track::Migration) => Some(("migration state", MIGRATION)),
        ("VirtualMachine", Track::Status) => Some(("VirtualMachine status", VM_STATUS)),
        ("VirtualMachineInstanceMigration", Track::Phase) => Some(("migration phase", MIGRATION_PHASE)),
        _ => None,
    }
}

/// Words that the kubelet, and kubectl's STATUS column, are known to use where the API closes nothing (kubelet:
/// `images/types.go`, `container/sync_result.go`, `kuberuntime_container.go`, `eviction`, `preemption`; kubectl's printers;
/// KubeVirt's VolumePhase): an expectation may name them although a recording never shows them.
const CONTAINER: &[&str] = &[
    "Waiting",
    "Running",
    "Terminated",
    "ContainerCreating",
    "PodInitializing",
    "ErrImagePull",
    "ImagePullBackOff",
    "ErrImageNeverPull",
    "InvalidImageName",
    "ImageInspectError",
    "RegistryUnavailable",
    "SignatureValidationFailed",
    "CreateContainerConfigError",
    "CreateContainerError",
    "PreCreateHookError",
    "PreStartHookError",
    "PostStartHookError",
    "RunContainerError",
    "StartError",
    "CrashLoopBackOff",
    "Completed",
    "Error",
    "OOMKilled",
    "ContainerCannotRun",
    "ContainerStatusUnknown",
    "DeadlineExceeded",
    "Evicted",
];
const POD_STATUS: &[&str] = &[
    "Pending",
    "Succeeded",
    "Failed",
    "Unknown",
    "Terminating",
    "NotReady",
    "SchedulingGated",
    "NodeLost",
    "NodeAffinity",
    "NodeShutdown",
    "Preempting",
    "UnexpectedAdmissionError",
];
const VOLUME: &[&str] =
    &["Pending", "Bound", "AttachedToNode", "MountedToPod", "Ready", "Detaching", "UnMountedFromPod"];

/// Words that are known on a track whose vocabulary is open.
#[must_use]
pub fn familiar(kind: &str, track: &Track) -> Vec<&'static str> {
    match (kind, track) {
        (_, track) if track.is_container() => CONTAINER.to_vec(),
        ("Pod", Track::Status) => [POD_STATUS, CONTAINER].concat(),
        ("VirtualMachineInstance", Track::Volume(_)) => VOLUME.to_vec(),
        _ => Vec::new(),
    }
}

/// True for a word that is known on a track whose vocabulary is open; the STATUS column's words have numbers and
/// prefixes: `Init:1/2`, `Init:ErrImagePull`, `ExitCode:137`, `Signal:9`.
#[must_use]
pub fn is_familiar(kind: &str, track: &Track, word: &str) -> bool {
    if familiar(kind, track).contains(&word) {
        return true;
    }
    if kind != "Pod" || *track != Track::Status {
        return false;
    }
    let number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let rest = word.strip_prefix("Init:").unwrap_or(word);
    familiar(kind, track).contains(&rest)
        || rest.split_once('/').is_some_and(|(done, all)| rest != word && number(done) && number(all))
        || rest.split_once(':').is_some_and(|(what, code)| matches!(what, "ExitCode" | "Signal") && number(code))
}

/// True when a track is one that every object of its kind may have, or when the kind is not known.
#[must_use]
pub fn has_track(kind: &str, track: &Track) -> bool {
    let name = track.to_string();
    let family = name.split_once('/').map_or(name.clone(), |(family, _)| format!("{family}/"));
    tracks(kind).is_none_or(|known| known.contains(&family.as_str()))
}

/// The tracks of the kinds that are known; families end with `/`.
#[must_use]
pub fn tracks(kind: &str) -> Option<&'static [&'static str]> {
    match kind {
        "Pod" => Some(&["phase", "status", "node", "lifecycle", "container/", "init/", "ephemeral/", "condition/"]),
        "VirtualMachineInstance" => Some(&["phase", "node", "migration", "lifecycle", "condition/", "volume/"]),
        "VirtualMachine" => Some(&["status", "lifecycle", "condition/"]),
        "VirtualMachineInstanceMigration" | "DataVolume" => Some(&["phase", "lifecycle", "condition/"]),
        _ => None,
    }
}

/// Holds a state's name against the words of its track.
///
/// # Errors
/// When the track's words are closed and this is none, or when the track's states have no sorts.
pub fn check_state(kind: &str, track: &Track, named: &NamedAt) -> Result<(), Fault> {
    let Name { kind: sort, label, quoted } = &named.name;
    if let Some(sort) = sort.filter(|sort| *sort != StateKind::Absent)
        && !track.is_container()
        && !kind.is_empty()
    {
        let word = sort.word().unwrap_or_default();
        return Err(Fault::new(
            named.range.clone(),
            format!("`{word}:` on track `{track}`: only containers are {word}"),
        )
        .help(format!("`{label}`")));
    }
    let Some((what, words)) = closed(kind, track) else { return Ok(()) };
    if *quoted || sort.is_some() || words.contains(&label.as_str()) {
        return Ok(());
    }
    let fault = Fault::new(named.range.clone(), format!("`{label}` is no {what}"));
    Err(match nearest(label, words.iter().copied()) {
        Some(word) => fault.help(format!("did you mean `{word}`?")),
        None => fault.help(format!("one of {}; a newer word of the API is quoted: `'{label}'`", words.join(", "))),
    })
}

/// Holds a track's name against those of its kind.
///
/// # Errors
/// What to write instead, when the kind is known and the name is close to, but not one of, its tracks.
pub fn check_track(kind: &str, track: &str) -> Result<(), (String, String)> {
    let Some(known) = tracks(kind) else { return Ok(()) };
    let (family, rest) = match track.split_once('/') {
        Some((family, rest)) => (format!("{family}/"), rest),
        None => (track.to_owned(), ""),
    };
    if known.contains(&family.as_str()) {
        if family.ends_with('/') && rest.is_empty() {
            return Err((format!("track `{track}` of {kind} without a name"), format!("`{track}NAME`")));
        }
        return Ok(());
    }
    let shown = || known.iter().map(|track| track.replace('/', "/NAME")).collect::<Vec<_>>().join(", ");
    if known.contains(&format!("{track}/").as_str()) {
        return Err((format!("track `{track}` of {kind} without a name"), format!("`{track}/NAME`")));
    }
    if let Some(near) = nearest(&family, known.iter().copied()) {
        return Err((format!("{kind} has no track `{track}`"), format!("did you mean `{near}{rest}`?")));
    }
    let elsewhere = ["phase", "status", "migration", "container/", "init/", "ephemeral/", "volume/"];
    if elsewhere.contains(&family.as_str()) {
        return Err((format!("{kind} has no track `{track}`"), format!("it has {}", shown())));
    }
    Ok(())
}

/// The word that a misspelt one is meant to be, if one is near enough: one edit in four letters, case aside.
pub fn nearest<'a>(word: &str, words: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    nearest_within(word, words, (word.chars().count() / 4).clamp(1, 3))
}

/// The same with so many edits allowed.
pub fn nearest_within<'a>(word: &str, words: impl Iterator<Item = &'a str>, allowed: usize) -> Option<&'a str> {
    let near = words.map(|known| (distance(&word.to_lowercase(), &known.to_lowercase()), known));
    near.filter(|(edits, _)| *edits <= allowed).min_by_key(|(edits, _)| *edits).map(|(_, known)| known)
}

/// Edits between two words, two letters that changed places counting as one; of long words only the beginnings count.
fn distance(a: &str, b: &str) -> usize {
    let start = |word: &str| word.chars().take(64).collect::<String>();
    strsim::osa_distance(&start(a), &start(b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn misspelt_words_are_recognised() {
        assert_eq!(nearest("Runing", VM_STATUS.iter().copied()), Some("Running"));
        assert_eq!(nearest("Runnign", POD_PHASE.iter().copied()), Some("Running"));
        assert_eq!(nearest("errimagepull", VM_STATUS.iter().copied()), Some("ErrImagePull"));
        assert_eq!(nearest("Completed", POD_PHASE.iter().copied()), None);
        assert_eq!(check_track("Pod", "phse").unwrap_err().1, "did you mean `phase`?");
        assert_eq!(check_track("VirtualMachine", "condtion/Ready").unwrap_err().1, "did you mean `condition/Ready`?");
        assert!(check_track("VirtualMachine", "phase").is_err());
        assert!(check_track("Pod", "container/app").is_ok());
        assert!(check_track("Pod", "scheduler-verdict").is_ok());
    }
}
