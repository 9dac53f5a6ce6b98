//! The rights that a recorder lacks, as RBAC objects that can be pasted. A role names what may be done and a binding
//! who may do it; whoever grants rights needs both, for everything that is watched.

use crate::observation::Watch;
use smol_str::SmolStr;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{self, Display, Write as _};

/// The name of the role and of its binding.
const NAME: &str = "statetrail";

/// Resources by namespace and API group; those of all namespaces, and without one, are in the namespace "".
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rights(BTreeMap<SmolStr, BTreeMap<SmolStr, BTreeSet<SmolStr>>>);

impl Rights {
    /// The rights that one watch needs.
    pub(super) fn of(watch: &Watch) -> Self {
        let mut rights = Self::default();
        rights.add(watch);
        rights
    }

    /// Adds the rights that another watch needs.
    pub(super) fn add(&mut self, watch: &Watch) {
        let groups = self.0.entry(watch.namespace.clone()).or_default();
        groups.entry(watch.resource.group.clone()).or_default().insert(watch.resource.plural.clone());
    }

    /// The command that grants them to the user whom the server's message names.
    pub(super) fn granted(&self, message: &str) -> impl Display {
        let subject = Subject::of(message);
        let objects: Vec<String> =
            self.0.iter().map(|(namespace, groups)| objects(namespace, groups, &subject)).collect();
        format!("kubectl auth reconcile -f - <<'EOF'\n{}EOF", objects.join("---\n"))
    }
}

/// A role and its binding.
fn objects(namespace: &str, groups: &BTreeMap<SmolStr, BTreeSet<SmolStr>>, subject: &Subject) -> String {
    let (role, place) = match namespace {
        "" => ("ClusterRole", String::new()),
        _ => ("Role", format!(", namespace: {namespace}")),
    };
    let mut text = String::new();
    for kind in [role.to_owned(), format!("{role}Binding")] {
        let separator = if text.is_empty() { "" } else { "---\n" };
        let _ = write!(
            text,
            "{separator}apiVersion: rbac.authorization.k8s.io/v1\nkind: {kind}\nmetadata: {{name: {NAME}{place}}}\n"
        );
        if kind != role {
            let _ = writeln!(text, "roleRef: {{apiGroup: rbac.authorization.k8s.io, kind: {role}, name: {NAME}}}");
            let _ = writeln!(text, "subjects:\n- {subject}");
            continue;
        }
        text.push_str("rules:\n");
        for (group, resources) in groups {
            let resources: Vec<String> = resources.iter().map(|plural| format!("\"{plural}\"")).collect();
            let _ = writeln!(text, "- apiGroups: [\"{group}\"]\n  resources: [{}]", resources.join(", "));
            text.push_str("  verbs: [\"get\", \"list\", \"watch\"]\n");
        }
    }
    text
}

/// Who lacks the rights.
#[derive(Debug, PartialEq, Eq)]
enum Subject {
    /// A user, as the server knows it.
    User(String),
    /// The service account of a pod.
    ServiceAccount { namespace: String, name: String },
    /// The server's message does not say it.
    Unknown,
}

impl Subject {
    /// `pods is forbidden: User "reader" cannot list resource ...`, with the name in Go's notation.
    fn of(message: &str) -> Self {
        let Some((_, rest)) = message.split_once("User \"") else { return Self::Unknown };
        let Some((name, _)) = rest.split_once("\" cannot ") else { return Self::Unknown };
        let account = name.strip_prefix("system:serviceaccount:").and_then(|account| account.split_once(':'));
        match account {
            Some((namespace, name)) => Self::ServiceAccount { namespace: namespace.to_owned(), name: name.to_owned() },
            // Without a backslash or a quotation mark, it is the same in YAML.
            None if !name.contains(['"', '\\']) && !name.contains(char::is_control) => Self::User(name.to_owned()),
            None => Self::Unknown,
        }
    }
}

impl Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ServiceAccount { namespace, name } => {
                write!(f, "{{kind: ServiceAccount, namespace: {namespace}, name: {name}}}")
            }
            Self::User(name) => {
                write!(f, "{{kind: User, apiGroup: rbac.authorization.k8s.io, name: \"{name}\"}}")
            }
            Self::Unknown => {
                write!(f, "{{kind: User, apiGroup: rbac.authorization.k8s.io, name: \"USER\"}} # name the user here")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::observation::Resource;

    #[test]
    fn rights_are_a_role_for_each_namespace_with_a_rule_for_each_group() {
        let watch = |group: &str, plural: &str, namespace: &str| {
            let mut watch = Watch::all(Resource::new(group, "v1", plural, ""));
            watch.namespace = namespace.into();
            watch
        };
        let mut rights = Rights::of(&watch("", "pods", "story"));
        rights.add(&watch("kubevirt.io", "virtualmachines", "story"));
        rights.add(&watch("", "events", "story"));
        rights.add(&watch("", "nodes", ""));
        let message = "pods is forbidden: User \"system:serviceaccount:ci:runner\" cannot list resource \"pods\"";
        insta::assert_snapshot!(rights.granted(message), @r#"
        kubectl auth reconcile -f - <<'EOF'
        apiVersion: rbac.authorization.k8s.io/v1
        kind: ClusterRole
        metadata: {name: statetrail}
        rules:
        - apiGroups: [""]
          resources: ["nodes"]
          verbs: ["get", "list", "watch"]
        ---
        apiVersion: rbac.authorization.k8s.io/v1
        kind: ClusterRoleBinding
        metadata: {name: statetrail}
        roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: statetrail}
        subjects:
        - {kind: ServiceAccount, namespace: ci, name: runner}
        ---
        apiVersion: rbac.authorization.k8s.io/v1
        kind: Role
        metadata: {name: statetrail, namespace: story}
        rules:
        - apiGroups: [""]
          resources: ["events", "pods"]
          verbs: ["get", "list", "watch"]
        - apiGroups: ["kubevirt.io"]
          resources: ["virtualmachines"]
          verbs: ["get", "list", "watch"]
        ---
        apiVersion: rbac.authorization.k8s.io/v1
        kind: RoleBinding
        metadata: {name: statetrail, namespace: story}
        roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: statetrail}
        subjects:
        - {kind: ServiceAccount, namespace: ci, name: runner}
        EOF
        "#);
    }

    #[test]
    fn a_user_whose_name_is_not_known_is_left_to_the_reader() {
        let of = |name: &str| Subject::of(&format!("pods is forbidden: User \"{name}\" cannot list resource"));
        assert_eq!(of("me@example.com"), Subject::User("me@example.com".to_owned()));
        assert_eq!(of("a\\\"b"), Subject::Unknown);
        assert_eq!(Subject::of("no"), Subject::Unknown);
    }
}
