//! Errors of requests to a cluster, with remedies.

use super::causes::causes;
use super::certificate;
use super::connection::Trouble;
use super::rights::Rights;
use crate::kinds;
use crate::observation::{Malformed, Resource, printable};
use std::io::ErrorKind;
use std::path::PathBuf;

/// An error of a cluster.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no kubeconfig, and this is not a pod.
    #[error("no cluster: there is no kubeconfig and this is not a pod; set KUBECONFIG or run with --kubeconfig FILE")]
    NoCluster,
    /// A source that is not an API server cannot be read.
    #[error("cannot record {what}: {why}")]
    Source {
        /// The source, as on the command line.
        what: String,
        /// What is wrong, and the remedy.
        why: String,
    },
    /// The kernel refuses a descriptor.
    #[error("cannot wait for events of the kernel")]
    Descriptor(#[source] std::io::Error),
    /// The kubeconfig cannot be used.
    #[error("cannot read kubeconfig{}; name another with --kubeconfig FILE or KUBECONFIG", path.as_ref().map(|path| format!(" {}", path.display())).unwrap_or_default())]
    Kubeconfig {
        /// The path of the file, when one was named.
        path: Option<PathBuf>,
        /// The cause.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A context of the kubeconfig names a user that is not in it.
    #[error("no user `{user}` in the kubeconfig, though context `{context}` names it; run with another --context NAME")]
    NoUser {
        /// The context.
        context: String,
        /// The user that it names.
        user: String,
    },
    /// The file that a flag names cannot be read.
    #[error("cannot read {flag} {}", path.display())]
    File {
        /// The flag.
        flag: &'static str,
        /// The file.
        path: PathBuf,
        /// The cause.
        source: std::io::Error,
    },
    /// What a flag names is not in the kubeconfig.
    #[error("no {what} `{name}` in the kubeconfig; run with --{what} NAME{}", listed(what, known))]
    NotInKubeconfig {
        /// The flag, and what it names: `cluster`, `user`.
        what: &'static str,
        /// What it names.
        name: String,
        /// What the kubeconfig has.
        known: Vec<String>,
    },
    /// The context is not in the kubeconfig.
    #[error("no context `{name}` in the kubeconfig; run with --context NAME{}", listed("context", contexts))]
    Context {
        /// The name that was given.
        name: String,
        /// The contexts of the kubeconfig.
        contexts: Vec<String>,
    },
    /// The kubeconfig names no current context.
    #[error("the kubeconfig has no current context; run with --context NAME{}", listed("context", contexts))]
    NoContext {
        /// The contexts of the kubeconfig.
        contexts: Vec<String>,
    },
    /// The service account of the pod cannot be used.
    #[error("cannot read the service account of this pod")]
    InCluster {
        /// The cause.
        source: Box<kube::config::InClusterError>,
    },
    /// The token of a user does not fit into a header. It is not shown.
    #[error(
        "the token of user `{user}` in the kubeconfig has a line break or another control character, which no HTTP header may have; write the token in one line"
    )]
    Token {
        /// The user of the kubeconfig.
        user: String,
    },
    /// The user or a group to impersonate does not fit into a header.
    #[error("{flag} has a line break or another control character, which no HTTP header may have; correct {flag}")]
    Impersonated {
        /// The flag.
        flag: &'static str,
    },
    /// The exec credential plugin of the kubeconfig returned no credential. Its output is not shown, since it may
    /// contain one.
    #[error(
        "run the credential plugin `{command}`: {problem}; log in again, or fix `exec` of the user in the kubeconfig"
    )]
    Plugin {
        /// The command.
        command: String,
        /// What is wrong.
        problem: String,
    },
    /// The plugin of the kubeconfig is not installed.
    #[error(
        "the credential plugin `{command}` of the kubeconfig is not installed: {}; {}",
        if command.contains('/') { "there is no such file" } else { "it is in no folder of PATH" },
        hint.as_deref().unwrap_or("install it, or fix `exec` of the user in the kubeconfig")
    )]
    NoPlugin {
        /// The command.
        command: String,
        /// How to install it, as the kubeconfig says it.
        hint: Option<String>,
    },
    /// The kubeconfig names an auth provider that kubectl does not have either.
    #[error("user `{user}` in the kubeconfig has the auth provider `{provider}`, which {remedy}")]
    AuthProvider {
        /// The user of the kubeconfig.
        user: String,
        /// The provider.
        provider: String,
        /// Why it is not used, and what to use instead.
        remedy: &'static str,
    },
    /// The auth provider gives no credential while requests are sent.
    #[error("{verb} {url}: {problem}; log in again, or fix the user in the kubeconfig")]
    Credential {
        /// What was attempted.
        verb: &'static str,
        /// The server's address.
        url: String,
        /// What is wrong, without anything that may be a credential.
        problem: String,
    },
    /// Reading the configuration or creating a client takes too long.
    #[error(
        "prepare a client for {url}: it took longer than {seconds} s; is a file or an auth provider of the kubeconfig out of reach?"
    )]
    Slow {
        /// The server's address.
        url: String,
        /// How long it was waited for.
        seconds: u64,
    },
    /// A client cannot be created from the configuration.
    #[error(
        "prepare a client for {url}: {problem}; fix the user or the cluster in the kubeconfig, or the flags that replace them"
    )]
    Client {
        /// The server's address.
        url: String,
        /// What is wrong, without anything that may be a credential.
        problem: String,
    },
    /// The request does not fit into a URI.
    #[error("{verb} {}: no URI can be made of this path; shorten -l or --field-selector", shortened(path))]
    Request {
        /// What was attempted.
        verb: &'static str,
        /// Path and query.
        path: String,
        /// The cause.
        source: http::Error,
    },
    /// The server did not answer.
    #[error("{verb} {url}: {}", unreachable(url, proxy.as_deref(), source))]
    Unreachable {
        /// What was attempted.
        verb: &'static str,
        /// The server's address.
        url: String,
        /// That of the proxy on the way to it.
        proxy: Option<String>,
        /// The cause.
        source: Box<kube::Error>,
    },
    /// The server did not answer in time.
    #[error(
        "{verb} {url}: no answer within {seconds} s; is the server up and reachable from here? a larger --request-timeout waits longer"
    )]
    Timeout {
        /// What was attempted.
        verb: &'static str,
        /// The server's address.
        url: String,
        /// How long it was waited for.
        seconds: u64,
    },
    /// The response broke off.
    #[error("{verb} {what}: the answer broke off")]
    Broken {
        /// What was attempted.
        verb: &'static str,
        /// The resource or path.
        what: String,
        /// The cause.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The response is larger than any that is read.
    #[error("{verb} {what}: the answer is larger than {mebibytes} MiB; select less with -n, -l or --field-selector")]
    TooLarge {
        /// What was attempted.
        verb: &'static str,
        /// The resource or path.
        what: String,
        /// How much is read.
        mebibytes: usize,
    },
    /// The request is forbidden.
    #[error("{}; {}", forbidden(verb, resource, namespace, message), remedy(resource, namespace, message, rights))]
    Forbidden {
        /// `list` or `watch`.
        verb: &'static str,
        /// The resource.
        resource: Box<Resource>,
        /// The namespace; empty for all.
        namespace: String,
        /// The server's message.
        message: String,
        /// All rights that are known to be missing.
        rights: Rights,
    },
    /// Impersonation is forbidden.
    #[error(
        "{verb} {what}: forbidden ({}); allow `--as` with this RBAC rule in a ClusterRole:\n  - apiGroups: [\"\"]\n    resources: [\"users\", \"groups\"]\n    verbs: [\"impersonate\"]",
        printable(message)
    )]
    Impersonation {
        /// What was attempted.
        verb: &'static str,
        /// The resource or path.
        what: String,
        /// The server's message.
        message: String,
    },
    /// The credentials are not accepted.
    #[error(
        "{verb} {what}: the server does not accept our credentials ({}){}; log in again or choose another --context",
        printable(message), certificate.as_ref().map(|problem| format!(": {problem}")).unwrap_or_default()
    )]
    Unauthorized {
        /// What was attempted.
        verb: &'static str,
        /// The resource or path.
        what: String,
        /// The server's message.
        message: String,
        /// What is wrong with the client certificate, if that is known.
        certificate: Option<String>,
    },
    /// The address is not that of a Kubernetes API.
    #[error(
        "{verb} {what}: {url} answered 404 {}, as no Kubernetes API does; is {url} the address of the API server, with its whole path? fix `server` in the kubeconfig, or run with another --context NAME",
        printable(message)
    )]
    NoApi {
        /// What was attempted.
        verb: &'static str,
        /// The resource or path.
        what: String,
        /// The server's address.
        url: String,
        /// The server's message.
        message: String,
    },
    /// The server answers 404, and may not be asked what that means.
    #[error(
        "{verb} {what}: the server answered 404 and forbids its discovery ({}), which alone says whether it serves them in another version or without a namespace; allow it with this RBAC rule in a ClusterRole:\n  - nonResourceURLs: [\"/api\", \"/api/*\", \"/apis\", \"/apis/*\"]\n    verbs: [\"get\"]",
        printable(message)
    )]
    Undiscoverable {
        /// `list` or `watch`.
        verb: &'static str,
        /// The resource.
        what: String,
        /// The server's message about discovery.
        message: String,
    },
    /// The resource is cluster-scoped.
    #[error(
        "{verb} {resource}: its objects are in no namespace, and those of `{namespace}` were asked for; run with -A"
    )]
    ClusterScoped {
        /// What was attempted.
        verb: &'static str,
        /// The resource.
        resource: Box<Resource>,
        /// The namespace that was given.
        namespace: String,
    },
    /// The resource is served in another version only: this one.
    #[error("the server serves {0} only as {version}: record {path}/{plural}",
        version = .0.version, path = .0.api_version(), plural = .0.plural)]
    ServedAs(Box<Resource>),
    /// The resource cannot be watched.
    #[error(
        "watch {resource}: the server answered 405 {}; a resource that can be watched has the verb `watch` in `kubectl api-resources -o wide`",
        printable(message)
    )]
    Unwatchable {
        /// The resource.
        resource: Box<Resource>,
        /// The server's message.
        message: String,
    },
    /// Any other error status.
    #[error("{verb} {what}: the server answered {code} {}{}", printable(message), if *code == 400 && is_selector(message) { "; correct -l or --field-selector" } else { "" })]
    Refused {
        /// What was attempted.
        verb: &'static str,
        /// The resource or path.
        what: String,
        /// HTTP status.
        code: u16,
        /// The server's message.
        message: String,
    },
    /// A response that the Kubernetes API does not allow.
    #[error("{verb} {what}: the answer is not what the Kubernetes API promises")]
    Answer {
        /// What was attempted.
        verb: &'static str,
        /// The resource or path.
        what: String,
        /// What is wrong with it.
        source: Malformed,
    },
    /// A name that is not a resource.
    #[error(
        "`{word}` is not a resource of this server; name it as in `kubectl api-resources`, or as group/version/plural; an object is written `pods/{word}`"
    )]
    UnknownResource {
        /// The name that was given.
        word: String,
    },
    /// The receiver of the observations is gone.
    #[error("the recorder stopped taking observations")]
    Closed,
}

impl Error {
    /// True when the server did not answer.
    #[must_use]
    pub(super) fn is_silence(&self) -> bool {
        match self {
            Self::Unreachable { source, .. } => certificate::refused(&**source).is_none(),
            Self::Timeout { .. } => true,
            _ => false,
        }
    }

    /// What is reported of it while a recorder runs, which tries again.
    #[must_use]
    pub(super) fn trouble(&self) -> Trouble {
        let trouble = |what, why: String| Trouble { what, why: why.into() };
        let refused = |code: u16, message: &str| match message {
            "" => code.to_string(),
            message => format!("{code}: {}", printable(message)),
        };
        match self {
            Self::Unreachable { source, .. } if self.is_silence() => {
                let mut cause: &(dyn std::error::Error + 'static) = &**source;
                while let Some(deeper) = cause.source() {
                    cause = deeper;
                }
                let cause = cause.to_string();
                // Its number says nothing that its text does not.
                let words = cause.split(" (os error").next().unwrap_or(&cause);
                let (first, rest) = words.split_at(words.chars().next().map_or(0, char::len_utf8));
                trouble("no answer", first.to_lowercase() + rest)
            }
            Self::Credential { problem, .. } => trouble("failing", problem.clone()),
            Self::Timeout { seconds, .. } => trouble("no answer", format!("none within {seconds} s")),
            Self::Forbidden { message, .. } | Self::Impersonation { message, .. } => {
                trouble("refused", refused(403, message))
            }
            Self::Unauthorized { message, .. } => trouble("refused", refused(401, message)),
            Self::Refused { code: 429, message, .. } => trouble("throttled", refused(429, message)),
            Self::Refused { code, message, .. } if *code < 500 => trouble("refused", refused(*code, message)),
            Self::Refused { code, message, .. } => trouble("failing", refused(*code, message)),
            other => trouble("failing", causes(other)),
        }
    }

    /// The error with its causes on one line, for a recording.
    pub(super) fn line(&self) -> String {
        match self {
            Self::Forbidden { verb, resource, namespace, message, .. } => forbidden(verb, resource, namespace, message),
            error => causes(error),
        }
    }

    /// True when retrying is of no use: no server listens there, the name does not resolve, or its certificate is not
    /// trusted. A connection that was reset is different: that happens to running servers.
    #[must_use]
    pub fn is_not_there(&self) -> bool {
        let Self::Unreachable { source, .. } = self else { return false };
        let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(&**source);
        let mut connects = false;
        while let Some(error) = cause {
            if let Some(error) = error.downcast_ref::<hyper_util::client::legacy::Error>() {
                connects |= error.is_connect();
            }
            if let Some(error) = error.downcast_ref::<std::io::Error>()
                && BROKEN.contains(&error.kind())
            {
                return false;
            }
            cause = error.source();
        }
        connects
    }
}

/// How an established connection breaks.
const BROKEN: [ErrorKind; 4] =
    [ErrorKind::ConnectionReset, ErrorKind::ConnectionAborted, ErrorKind::BrokenPipe, ErrorKind::UnexpectedEof];

/// A server with an untrusted certificate is running, so asking whether it is up would be misleading.
fn unreachable(url: &str, proxy: Option<&str>, source: &kube::Error) -> String {
    let causes = causes(source);
    if causes.contains("invalid bearer token") {
        "the token file has a line break or another control character within the token, which no HTTP header may have; write the token in one line".to_owned()
    } else if let Some(problem) = certificate::refused(source) {
        problem
    } else if let Some(proxy) = proxy {
        format!(
            "cannot reach the API server through the proxy {proxy}; is that up, and is it needed to reach {url}? It is \
             `proxy-url` in the kubeconfig, or HTTPS_PROXY"
        )
    } else {
        format!("no answer from the API server; is it up, and is {url} its address?")
    }
}

/// Whether the server's message is about selectors.
fn is_selector(message: &str) -> bool {
    ["requirement", "selector", "field label"].iter().any(|word| message.contains(word))
}

/// The beginning of a path.
fn shortened(path: &str) -> &str {
    let end = path.find('?').unwrap_or(path.len());
    &path[..end]
}

fn listed(what: &str, names: &[String]) -> String {
    if names.is_empty() { format!("; it has no {what}s") } else { format!("; {what}s: {}", names.join(", ")) }
}

fn of_namespace(namespace: &str) -> String {
    if namespace.is_empty() { " in all namespaces".to_owned() } else { format!(" in namespace {namespace}") }
}

fn forbidden(verb: &str, resource: &Resource, namespace: &str, message: &str) -> String {
    format!("{verb} {resource}{}: forbidden ({})", of_namespace(namespace), printable(message))
}

/// What helps: rights, or a user who may have some. No one should grant them to everybody.
fn remedy(resource: &Resource, namespace: &str, message: &str, rights: &Rights) -> String {
    if message.contains("\"system:anonymous\"") {
        return "the server was sent no credentials, or did not accept them: log in, or check the user of the kubeconfig"
            .to_owned();
    }
    format!("{}grant what is missing with:\n\n{}", narrower(resource, namespace), rights.granted(message))
}

fn narrower(resource: &Resource, namespace: &str) -> &'static str {
    let is_namespaced = kinds::served(&resource.group, &resource.plural).is_none_or(|kind| kind.namespaced);
    if namespace.is_empty() && is_namespaced { "watch one namespace with -n NAMESPACE, or " } else { "" }
}
