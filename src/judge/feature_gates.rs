//! Whether a feature gate of KubeVirt is on: from its lists, or, for a gate in neither, from its stage in that release.
//!
//! Sources: `pkg/virt-config/featuregate` of kubevirt/kubevirt (see the constants for the release of each stage);
//! kubevirt/kubevirt#16370 (`disabledFeatureGates`, 1.8); VEP 229 and kubevirt/kubevirt#17405 (gates in beta are on by
//! default, 1.9; before that, `IsFeatureGateEnabled` of `pkg/virt-config/feature-gates.go` only enables gates that are
//! listed or generally available). Gates that are not in the table are unknown.

/// What a recording contains about KubeVirt's feature gates.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FeatureGates {
    /// Version of KubeVirt.
    pub kubevirt: Option<String>,
    /// `featureGates`.
    pub enabled: Vec<String>,
    /// `disabledFeatureGates`; none when the recording does not contain it.
    pub disabled: Option<Vec<String>>,
}

/// A release, as major and minor number.
type Release = (u64, u64);

/// The first release in which gates can be turned off.
const DISABLED: Release = (1, 8);
/// The first release in which gates in beta are on; before it, only listed and generally available gates are.
const BETA_ON: Release = (1, 9);
/// Development builds of this release and the next may be from before or after gates in beta were on.
const CHANGED: [Release; 2] = [(1, 8), BETA_ON];
/// The newest release whose gates the table knows.
const KNOWN: Release = (1, 9);

/// A gate and the first releases of its stages.
struct Gate {
    name: &'static str,
    beta: Option<Release>,
    general: Option<Release>,
}

const fn gate(name: &'static str, beta: Option<Release>, general: Option<Release>) -> Gate {
    Gate { name, beta, general }
}

const GATES: &[Gate] = &[
    gate("BochsDisplayForEFIGuests", None, Some((1, 4))),
    gate("CommonInstancetypesDeploymentGate", Some((1, 2)), Some((1, 4))),
    gate("DynamicPodInterfaceNaming", Some((1, 4)), Some((1, 5))),
    gate("EnableVirtioFsConfigVolumes", Some((1, 6)), Some((1, 8))),
    gate("ExpandDisks", None, Some((1, 8))),
    gate("HotplugNICs", Some((1, 3)), Some((1, 4))),
    gate("ImageVolume", Some((1, 7)), None),
    gate("InstancetypeReferencePolicy", Some((1, 5)), Some((1, 6))),
    gate("LiveUpdateNADRef", Some((1, 8)), Some((1, 9))),
    gate("MigrationPriorityQueue", Some((1, 8)), Some((1, 9))),
    gate("NetworkBindingPlugins", Some((1, 4)), Some((1, 5))),
    gate("NodeRestriction", Some((1, 6)), None),
    gate("PanicDevices", Some((1, 7)), Some((1, 9))),
    gate("PersistentReservation", None, Some((1, 9))),
    gate("SecureExecution", Some((1, 7)), Some((1, 9))),
    gate("Snapshot", Some((1, 3)), None),
    gate("VMExport", Some((1, 3)), Some((1, 9))),
    gate("VideoConfig", Some((1, 7)), Some((1, 9))),
];

impl FeatureGates {
    /// Whether a gate is on; none when that is unknown.
    #[must_use]
    pub fn is_on(&self, name: &str) -> Option<bool> {
        let lists = |list: &[String]| list.iter().any(|listed| listed == name);
        let release = self.kubevirt.as_deref().and_then(release);
        let gate = GATES.iter().find(|gate| gate.name == name);
        let is_general = |gate: &Gate, release: Release| gate.general.is_some_and(|general| general <= release);
        if let (Some(gate), Some(release)) = (gate, release)
            && is_general(gate, release)
        {
            return Some(true);
        }
        match (lists(&self.enabled), self.disabled.as_deref().map(lists)) {
            // KubeVirt rejects a gate in both lists.
            (true, Some(true)) => return None,
            (true, _) => return Some(true),
            (false, Some(true)) => return Some(false),
            (false, Some(false)) => {}
            (false, None) if release.is_some_and(|release| release < DISABLED) => {}
            (false, None) => return None,
        }
        let (gate, release) = (gate?, release?);
        let is_beta = gate.beta.is_some_and(|beta| beta <= release);
        let may_be_either = CHANGED.contains(&release) && !self.kubevirt.as_deref().is_some_and(is_release);
        if release > KNOWN || (is_beta && may_be_either) {
            return None;
        }
        Some(is_beta && release >= BETA_ON)
    }
}

/// True for `v1.9.0` and `v1.9.0-rc.1`, false for builds of the main branch such as `v1.9.0-alpha.0` and
/// `v1.8.0-beta.0-42-g0123abc`.
fn is_release(version: &str) -> bool {
    let (_, suffix) = version.split_once('-').unwrap_or_default();
    let number = suffix.strip_prefix("rc.").or_else(|| suffix.strip_prefix("beta."));
    suffix.is_empty() || number.is_some_and(|number| number.bytes().all(|byte| byte.is_ascii_digit()))
}

fn release(version: &str) -> Option<Release> {
    let (major, rest) = version.trim().trim_start_matches('v').split_once('.')?;
    let minor = rest.split(|char: char| !char.is_ascii_digit()).next()?;
    Some((major.parse().ok()?, minor.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gates(kubevirt: &str, enabled: &[&str], disabled: Option<&[&str]>) -> FeatureGates {
        let list = |names: &[&str]| names.iter().map(ToString::to_string).collect::<Vec<_>>();
        FeatureGates { kubevirt: Some(kubevirt.into()), enabled: list(enabled), disabled: disabled.map(list) }
    }

    #[test]
    fn a_listed_gate_is_what_its_list_says() {
        assert_eq!(gates("v1.9.0", &["ImageVolume"], Some(&[])).is_on("ImageVolume"), Some(true));
        assert_eq!(gates("v1.9.0", &[], Some(&["ImageVolume"])).is_on("ImageVolume"), Some(false));
        assert_eq!(gates("v1.9.0", &["Custom"], Some(&["Other"])).is_on("Custom"), Some(true));
        assert_eq!(gates("v1.9.0", &["Custom"], Some(&["Other"])).is_on("Other"), Some(false));
        assert_eq!(gates("v1.9.0", &["ImageVolume"], Some(&["ImageVolume"])).is_on("ImageVolume"), None);
    }

    #[test]
    fn a_gate_in_neither_list_is_what_its_stage_is_in_that_release() {
        for (version, name, expected) in [
            ("v1.6.2", "ImageVolume", Some(false)),
            // Beta, which no release before 1.9 turns on.
            ("v1.7.0", "ImageVolume", Some(false)),
            ("v1.8.1", "ImageVolume", Some(false)),
            ("v1.8.0-rc.0", "ImageVolume", Some(false)),
            // The main branch, before or after gates in beta were on.
            ("v1.8.0-beta.0-42-g0123abc", "ImageVolume", None),
            ("v1.9.0-alpha.0", "ImageVolume", None),
            ("v1.9.0-alpha.0", "PersistentReservation", Some(true)),
            ("v1.7.0-alpha.0", "ImageVolume", Some(false)),
            ("v1.9.0", "ImageVolume", Some(true)),
            ("v1.9.0-rc.1", "ImageVolume", Some(true)),
            // The stage in that release is not known.
            ("v1.10.0", "ImageVolume", None),
            ("v1.7.3", "MigrationPriorityQueue", Some(false)),
            ("v1.12.0", "PanicDevices", Some(true)),
            ("v1.9.0", "NoSuchGate", None),
            ("v1.5.0", "NoSuchGate", None),
            ("devel", "ImageVolume", None),
        ] {
            assert_eq!(gates(version, &[], Some(&[])).is_on(name), expected, "{name} of {version}");
        }
    }

    #[test]
    fn a_recording_that_did_not_keep_the_second_list_does_not_tell_where_there_is_one() {
        assert_eq!(gates("v1.9.0", &[], None).is_on("ImageVolume"), None);
        assert_eq!(gates("v1.5.0", &[], None).is_on("ImageVolume"), Some(false));
        assert_eq!(gates("v1.9.0", &["ImageVolume"], None).is_on("ImageVolume"), Some(true));
        // A generally available gate cannot be turned off.
        assert_eq!(gates("v1.9.0", &[], None).is_on("PanicDevices"), Some(true));
    }

    #[test]
    fn the_stages_of_a_gate_come_in_order() {
        for gate in GATES {
            assert!(gate.general.is_none_or(|general| gate.beta.is_none_or(|beta| beta <= general)), "{}", gate.name);
        }
    }
}
