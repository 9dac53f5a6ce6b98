//! Finds the resource of an object's kind.

use super::Error;
use crate::kinds;
use crate::observation::Resource;
use crate::source::resolve::is_version;
use kube::core::{ApiResource, GroupVersionKind};

/// The resource of a kind: as the user gives it, as declared, or with the plural that Kubernetes would most likely
/// choose.
pub(super) fn of_kind(api_version: &str, kind: &str, hints: &[Resource]) -> Resource {
    let (group, version) = api_version.split_once('/').unwrap_or(("", api_version));
    let said = hints.iter().find(|hint| hint.kind == kind && hint.group == group);
    let known = kinds::all().find(|known| known.kind == kind && known.serves(group, known.plural));
    match (said, known) {
        (Some(said), _) => Resource::new(group, version, &said.plural, kind),
        (None, Some(known)) => Resource::new(group, version, known.plural, kind),
        // kube's guess would index before the first letter.
        (None, None) if kind.len() < 2 => Resource::new(group, version, &kind.to_ascii_lowercase(), kind),
        (None, None) => {
            let guessed = ApiResource::from_gvk(&GroupVersionKind::gvk(group, version, kind));
            Resource::new(group, version, &guessed.plural, kind)
        }
    }
}

/// Reads a `--resource`: `pods`, `group/version/plural`, `v1/plural`, or `Kind=...` for one kind.
///
/// # Errors
/// It is not a resource.
pub fn hint(word: &str) -> Result<Resource, Error> {
    let (kind, name) = word.split_once('=').unwrap_or(("", word));
    let mut resource = match (kinds::named(name), &*name.split('/').collect::<Vec<_>>()) {
        (Some(known), _) => known.resource(),
        (None, [group, version, plural]) if !plural.is_empty() => Resource::new(group, version, plural, ""),
        (None, [version, plural]) if is_version(version) && !plural.is_empty() => {
            Resource::new("", version, plural, "")
        }
        _ => return Err(Error::Hint { word: word.to_owned() }),
    };
    if !kind.is_empty() {
        resource.kind = kind.into();
    }
    Ok(resource)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(resource: &Resource) -> String {
        format!("{}={}", resource.kind, resource.path(""))
    }

    #[test]
    fn plurals_are_declared_given_or_guessed() {
        let octopus = hint("Octopus=sea.example/v1/octopodes").unwrap();
        for (api_version, kind, expected) in [
            ("v1", "Pod", "Pod=/api/v1/pods"),
            ("v1", "Endpoints", "Endpoints=/api/v1/endpoints"),
            ("kubevirt.io/v1alpha3", "VirtualMachine", "VirtualMachine=/apis/kubevirt.io/v1alpha3/virtualmachines"),
            ("example.com/v1", "Gateway", "Gateway=/apis/example.com/v1/gateways"),
            ("example.com/v1", "Policy", "Policy=/apis/example.com/v1/policies"),
            ("sea.example/v1", "Octopus", "Octopus=/apis/sea.example/v1/octopodes"),
            ("land.example/v1", "Octopus", "Octopus=/apis/land.example/v1/octopuses"),
        ] {
            assert_eq!(path(&of_kind(api_version, kind, std::slice::from_ref(&octopus))), expected);
        }
    }

    #[test]
    fn a_hint_that_names_nothing_is_refused() {
        assert_eq!(path(&hint("vmi").unwrap()), "VirtualMachineInstance=/apis/kubevirt.io/v1/virtualmachineinstances");
        assert_eq!(path(&hint("v1/services").unwrap()), "=/api/v1/services");
        for word in ["", "pod/x", "a/b/", "Octopus", "Octopus="] {
            assert!(hint(word).is_err(), "{word}");
        }
    }
}
