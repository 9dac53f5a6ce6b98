//! Kernel, architecture and cgroups of this machine.

use crate::observation::Fact;
use std::collections::BTreeMap;

/// Names its version: <https://www.kernel.org/doc/html/latest/filesystems/magic-number.html>.
#[cfg(target_os = "linux")]
const CGROUP2: u32 = 0x6367_7270;

#[cfg(not(target_os = "linux"))]
pub(super) fn facts() -> BTreeMap<String, Fact> {
    BTreeMap::new()
}

/// The facts by name.
#[cfg(target_os = "linux")]
pub(super) fn facts() -> BTreeMap<String, Fact> {
    let uname = rustix::system::uname();
    // As Go names it, and so the nodes of a cluster.
    let architecture = match uname.machine().to_str() {
        Ok("x86_64") => "amd64",
        Ok("aarch64") => "arm64",
        Ok(other) => other,
        Err(_) => "",
    };
    let text = |value: &str| match value {
        "" => Fact::unknown("uname", "it is no text"),
        value => Fact::known("uname", value),
    };
    let kernel = text(uname.release().to_str().unwrap_or_default());
    [("kernel", kernel), ("architecture", text(architecture)), ("cgroup", cgroup())]
        .map(|(name, fact)| (name.to_owned(), fact))
        .into()
}

#[cfg(target_os = "linux")]
fn cgroup() -> Fact {
    const PATH: &str = "/sys/fs/cgroup";
    match rustix::fs::statfs(PATH) {
        Ok(stat) if u64::try_from(stat.f_type) == Ok(u64::from(CGROUP2)) => Fact::known(PATH, "v2"),
        Ok(_) if std::path::Path::new(PATH).join("unified").is_dir() => Fact::known(PATH, "hybrid"),
        Ok(_) if std::path::Path::new(PATH).join("freezer").is_dir() => Fact::known(PATH, "v1"),
        Ok(_) => Fact::unknown(PATH, "no cgroups are mounted there"),
        Err(error) => Fact::unknown(PATH, std::io::Error::from(error).to_string()),
    }
}
