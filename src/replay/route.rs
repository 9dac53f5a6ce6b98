//! Parses request lines: the URL space of the Kubernetes API, for reading.
//!
//! Nothing is refused here; unknown paths are [`Target::Unknown`].

use super::store::Address;
use http::{Method, Uri};
use smol_str::SmolStr;
use std::borrow::Cow;
use std::fmt;

/// What a client asks for, in RBAC's terms; [`Verb::Other`] for everything that is not about objects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    /// One object.
    Get,
    /// A collection.
    List,
    /// A stream of a collection.
    Watch,
    /// Discovery, version, health, or a write.
    Other,
}

impl fmt::Display for Verb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Get => "get",
            Self::List => "list",
            Self::Watch => "watch",
            Self::Other => "other",
        })
    }
}

/// A parsed request.
#[derive(Clone, Debug)]
pub(super) struct Call {
    pub verb: Verb,
    pub target: Target,
    pub query: Query,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Target {
    Version,
    Health,
    /// `/api`
    Core,
    /// `/apis`
    Groups,
    /// `/apis/GROUP`
    Group(SmolStr),
    /// `/api/v1`, `/apis/GROUP/VERSION`
    GroupVersion(SmolStr, SmolStr),
    /// `/openapi/v2`, `/openapi/v3`
    OpenApi(u8),
    Objects {
        address: Address,
        namespace: SmolStr,
        name: SmolStr,
    },
    Unknown,
}

impl Call {
    pub(super) fn read(method: &Method, uri: &Uri) -> Self {
        let query = Query::read(uri.query().unwrap_or_default());
        let target = Target::read(uri.path());
        let verb = match &target {
            Target::Objects { name, .. } if method == Method::GET => match () {
                () if query.flag("watch") => Verb::Watch,
                () if name.is_empty() => Verb::List,
                () => Verb::Get,
            },
            _ => Verb::Other,
        };
        Self { verb, target, query }
    }

    /// Group, version and plural, if the request is about objects.
    pub(super) fn address(&self) -> Option<&Address> {
        match &self.target {
            Target::Objects { address, .. } => Some(address),
            _ => None,
        }
    }
}

impl Target {
    fn read(path: &str) -> Self {
        let decoded: Vec<Cow<'_, str>> = path.split('/').filter(|segment| !segment.is_empty()).map(decode).collect();
        let segments: Vec<&str> = decoded.iter().map(AsRef::as_ref).collect();
        match segments[..] {
            ["version"] => Self::Version,
            ["healthz" | "livez" | "readyz", ..] => Self::Health,
            ["openapi", "v2"] => Self::OpenApi(2),
            ["openapi", "v3"] => Self::OpenApi(3),
            ["api"] => Self::Core,
            ["apis"] => Self::Groups,
            ["apis", group] => Self::Group(group.into()),
            ["api", version] => Self::GroupVersion(SmolStr::default(), version.into()),
            ["apis", group, version] => Self::GroupVersion(group.into(), version.into()),
            ["api", version, ref rest @ ..] => Self::objects("", version, rest),
            ["apis", group, version, ref rest @ ..] => Self::objects(group, version, rest),
            _ => Self::Unknown,
        }
    }

    fn objects(group: &str, version: &str, rest: &[&str]) -> Self {
        let (namespace, plural, name) = match *rest {
            ["namespaces", namespace, plural] => (namespace, plural, ""),
            ["namespaces", namespace, plural, name] => (namespace, plural, name),
            [plural, name] => ("", plural, name),
            [plural] => ("", plural, ""),
            _ => return Self::Unknown,
        };
        Self::Objects {
            address: (group.into(), version.into(), plural.into()),
            namespace: namespace.into(),
            name: name.into(),
        }
    }
}

/// The query parameters.
#[derive(Clone, Debug, Default)]
pub(super) struct Query(Vec<(String, String)>);

impl Query {
    pub(super) fn read(text: &str) -> Self {
        Self(form_urlencoded::parse(text.as_bytes()).into_owned().collect())
    }

    /// The value of a parameter; empty when it is absent, because the API does not distinguish the two.
    pub(super) fn text(&self, key: &str) -> &str {
        self.0.iter().find(|(name, _)| name == key).map_or("", |(_, value)| value)
    }

    /// The names of all parameters.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(name, _)| name.as_str())
    }

    /// True for `1`, `t`, `true` in any case.
    pub(super) fn flag(&self, key: &str) -> bool {
        matches!(self.text(key).to_ascii_lowercase().as_str(), "1" | "t" | "true")
    }

    /// The value of a parameter as a number, if it is one.
    pub(super) fn number(&self, key: &str) -> Option<u64> {
        self.text(key).parse().ok()
    }
}

/// Decodes a path segment; invalid sequences are replaced.
fn decode(segment: &str) -> Cow<'_, str> {
    percent_encoding::percent_decode_str(segment).decode_utf8_lossy()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::observation::Resource;

    fn read(uri: &str) -> Call {
        Call::read(&Method::GET, &uri.parse().expect("a URI"))
    }

    #[test]
    fn paths_of_the_api_are_distinguished() {
        let objects = |group: &str, version: &str, plural: &str, namespace: &str, name: &str| Target::Objects {
            address: (group.into(), version.into(), plural.into()),
            namespace: namespace.into(),
            name: name.into(),
        };
        for (uri, verb, target) in [
            ("/version", Verb::Other, Target::Version),
            ("/api/v1", Verb::Other, Target::GroupVersion("".into(), "v1".into())),
            ("/api/v1/pods?watch=1", Verb::Watch, objects("", "v1", "pods", "", "")),
            ("/api/v1/namespaces/kube-system", Verb::Get, objects("", "v1", "namespaces", "", "kube-system")),
            ("/api/v1/namespaces", Verb::List, objects("", "v1", "namespaces", "", "")),
            ("/api/v1/namespaces/a/pods/b", Verb::Get, objects("", "v1", "pods", "a", "b")),
            ("/apis/kubevirt.io/v1/namespaces/a/vms", Verb::List, objects("kubevirt.io", "v1", "vms", "a", "")),
            ("/api/v1/namespaces/a/pods/b/log", Verb::Other, Target::Unknown),
            ("/openapi/v3", Verb::Other, Target::OpenApi(3)),
            ("/api/v1/namespaces/a%20b/pods/c%2Fd%3F", Verb::Get, objects("", "v1", "pods", "a b", "c/d?")),
        ] {
            let call = read(uri);
            assert_eq!((call.verb, call.target), (verb, target), "{uri}");
        }
    }

    #[test]
    fn what_the_recorder_encodes_decodes_to_the_same() {
        let names =
            ["web", "a b", "<x>", "a?b#c", "50%", "50%25", "a/b", "system:node", "ü", "a+b", "a&b=c", ".", "\\"];
        let resource = Resource::new("g.example", "v1", "things", "Thing");
        for namespace in names {
            let call = read(&resource.path(namespace));
            let address = ("g.example".into(), "v1".into(), "things".into());
            let target = Target::Objects { address, namespace: namespace.into(), name: "".into() };
            assert_eq!(call.target, target, "{namespace}");
        }
    }

    #[test]
    fn parameters_are_decoded() {
        let call = read("/api/v1/pods?labelSelector=app%20in%20%28a%2Cb%29&fieldSelector=a%3Db+c&watch=True&odd=%zz");
        assert_eq!(call.query.text("labelSelector"), "app in (a,b)");
        assert_eq!(call.query.text("fieldSelector"), "a=b c");
        assert_eq!(call.query.text("odd"), "%zz");
        assert!(call.query.flag("watch"));
    }
}
