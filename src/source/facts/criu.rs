//! Whether criu can do what a checkpoint needs: `criu check --feature`.
//!
//! It exits with 1 both where a feature is missing and where the check itself cannot run. Only its words differ: those
//! of `criu/cr-check.c` are about the feature, all others about something that failed before.

use super::program::{said, version};
use crate::observation::Fact;
use std::collections::BTreeMap;
use std::process::Output;

/// Each feature that is asked for, and the words with which criu says that it is missing.
const FEATURES: &[(&str, &[&str])] = &[
    ("mem_dirty_track", &["Dirty tracking is OFF. Memory snapshot will not work."]),
    ("uffd-noncoop", &["UFFD is not supported", "Non-cooperative UFFD is not supported"]),
    ("tcp_half_closed", &["TCP_REPAIR can't be enabled for half-closed sockets"]),
    ("fdinfo_lock", &["fdinfo doesn't contain the lock field"]),
    ("loginuid", &["Loginuid restore is OFF."]),
    ("cgroupns", &["cgroupns not supported. This is not fatal."]),
    ("nsid", &["NSID isn't supported"]),
];

/// The version of criu and its features, `criu.mem_dirty_track`.
pub(super) async fn facts() -> BTreeMap<String, Fact> {
    let mut facts = BTreeMap::from([("criu".to_owned(), version("criu").await)]);
    // What criu finds in its first check, it keeps for the others in /run/criu.kdat. They would all take as long at once.
    let [(first, _), ..] = FEATURES else { return facts };
    let first_said = &check(first).await;
    let others = FEATURES.iter().map(|(feature, missing)| async move {
        let said = match first_said {
            Ok(said) if feature == first => Ok(said.clone()),
            Ok(_) => check(feature).await,
            Err(why) => Err(why.clone()),
        };
        (format!("criu.{feature}"), of(feature, missing, said))
    });
    facts.extend(futures::future::join_all(others).await);
    facts
}

async fn check(feature: &str) -> Result<Output, String> {
    said("criu", &["check", "--feature", feature]).await
}

fn of(feature: &str, missing: &[&str], said: Result<Output, String>) -> Fact {
    let source = format!("criu check --feature {feature}");
    let output = match said {
        Ok(output) => output,
        Err(why) => return Fact::unknown(source, why),
    };
    let both = [output.stdout.as_slice(), &output.stderr].map(|stream| String::from_utf8_lossy(stream).into_owned());
    let mut words = both.iter().flat_map(|stream| stream.lines()).map(str::trim).filter(|line| !line.is_empty());
    if output.status.success() {
        let is_said = words.clone().any(|line| line.ends_with(&format!("{feature} is supported")));
        return if is_said { Fact::known(source, "true") } else { Fact::unknown(source, "it does not say so") };
    }
    let is_missing = words.clone().any(|line| {
        let said = line.split_once("criu/cr-check.c:").and_then(|(_, rest)| rest.split_once("): "));
        said.is_some_and(|(_, said)| missing.contains(&said))
    });
    if is_missing {
        return Fact::known(source, "false");
    }
    let last = words.next_back().map(|line| line.split_once("): ").map_or(line, |(_, said)| said));
    Fact::unknown(source, format!("the check could not run: {}", last.unwrap_or("it says nothing")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::process::ExitStatusExt;
    use std::process::ExitStatus;

    fn mem_dirty_track(code: i32, stdout: &str, stderr: &str) -> Fact {
        let status = ExitStatus::from_raw(code << 8);
        let output = Output { status, stdout: stdout.into(), stderr: stderr.into() };
        let (feature, missing) = FEATURES[0];
        of(feature, missing, Ok(output))
    }

    const SOURCE: &str = "criu check --feature mem_dirty_track";

    /// As criu 3.17.1 says it with Linux 6.1 on amd64 and arm64, and with Linux 6.18.
    #[test]
    fn a_check_that_cannot_run_is_not_a_feature_that_is_missing() {
        assert_eq!(mem_dirty_track(0, "mem_dirty_track is supported\n", ""), Fact::known(SOURCE, "true"));
        let missing = "Error (criu/util.c:642): exited, status=1\n\
                       Warn  (criu/cr-check.c:813): Dirty tracking is OFF. Memory snapshot will not work.\n";
        assert_eq!(mem_dirty_track(1, "", missing), Fact::known(SOURCE, "false"));
        let broken = "Error (criu/vdso.c:381): vdso: Unexpected rt vDSO area bounds\n\
                      Error (criu/crtools.c:260): Could not initialize kernel features detection.\n";
        let why = "the check could not run: Could not initialize kernel features detection.";
        assert_eq!(mem_dirty_track(1, "", broken), Fact::unknown(SOURCE, why));
        let unknown = "Error (criu/cr-check.c:1642): Unknown feature mem_dirty_track\n";
        let why = "the check could not run: Unknown feature mem_dirty_track";
        assert_eq!(mem_dirty_track(1, "", unknown), Fact::unknown(SOURCE, why));
        let why = "the check could not run: it says nothing";
        assert_eq!(mem_dirty_track(1, "", ""), Fact::unknown(SOURCE, why));
        assert_eq!(mem_dirty_track(0, "", ""), Fact::unknown(SOURCE, "it does not say so"));
    }
}
