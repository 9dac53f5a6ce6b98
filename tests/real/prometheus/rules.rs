//! What promtool says of the rules.

use std::process::Command;

use super::releases::releases;
use crate::dashboards::{fixtures, rule_files};

#[test]
fn promtool_accepts_the_rules_and_their_fixtures() {
    for release in releases() {
        for (command, files) in [("check", rule_files()), ("test", fixtures())] {
            let mut promtool = Command::new(release.join("promtool"));
            let output = promtool.args([command, "rules"]).args(files).output().expect("promtool");
            let (printed, told) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
            assert!(output.status.success() && !printed.contains("FAILED"), "{}\n{printed}{told}", release.display());
            assert!(printed.contains("SUCCESS"), "{}\n{printed}{told}", release.display());
        }
    }
}
