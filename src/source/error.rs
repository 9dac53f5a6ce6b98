//! What can go wrong between us and a cluster, with what an operator can do about it.

use super::causes::causes;
use crate::observation::{Malformed, Resource, printable};
use std::io::ErrorKind;
use std::path::PathBuf;

/// Trouble with a cluster.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No kubeconfig, and not inside a cluster.
    #[error("no cluster: there is no kubeconfig and this is no pod; set KUBECONFIG or run with --kubeconfig FILE")]
    NoCluster,
    /// The kubeconfig cannot be used.
    #[error("read kubeconfig{}; name another with --kubeconfig FILE or KUBECONFIG", path.as_ref().map(|path| format!(" {}", path.display())).unwrap_or_default())]
    Kubeconfig {
        /// Which file, when one was named.
        path: Option<PathBuf>,
        /// Why.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A context of the kubeconfig names a user that is not in it.
    #[error("no user `{user}` in the kubeconfig, though context `{context}` names it; run with another --context NAME")]
    NoUser {
        /// Which context.
        context: String,
        /// Whom it names.
        user: String,
    },
    /// The context is not in the kubeconfig.
    #[error("no context `{name}` in the kubeconfig; run with --context NAME{}", listed(contexts))]
    Context {
        /// What was asked for.
        name: String,
        /// What there is.
        contexts: Vec<String>,
    },
    /// The kubeconfig names no current context.
    #[error("the kubeconfig has no current context; run with --context NAME{}", listed(contexts))]
    NoContext {
        /// What there is.
        contexts: Vec<String>,
    },
    /// The service account of the pod cannot be used.
    #[error("read the service account of this pod")]
    InCluster {
        /// Why.
        source: Box<kube::config::InClusterError>,
    },
    /// The exec credential plugin of the kubeconfig gives no credential. What it printed is not shown: it may be one.
    #[error(
        "run the credential plugin `{command}`: {problem}; log in again, or mend `exec` of the user in the kubeconfig"
    )]
    Plugin {
        /// What was run.
        command: String,
        /// Why.
        problem: String,
    },
    /// Reading the configuration or making a client of it takes too long.
    #[error(
        "prepare a client for {url}: it took longer than {seconds} s; is a file or an auth provider of the kubeconfig out of reach?"
    )]
    Slow {
        /// Which server.
        url: String,
        /// How long it was waited for.
        seconds: u64,
    },
    /// A client cannot be made of the configuration.
    #[error("prepare a client for {url}: {problem}; mend the user or the cluster in the kubeconfig")]
    Client {
        /// Which server.
        url: String,
        /// Why, without anything that may be a credential.
        problem: String,
    },
    /// What was asked for does not make a URI: it is too long.
    #[error("{verb} {}: no URI can be made of this path; shorten -l or --field-selector", shortened(path))]
    Request {
        /// What was attempted.
        verb: &'static str,
        /// Path and query.
        path: String,
        /// Why.
        source: http::Error,
    },
    /// The server did not answer.
    #[error("{verb} {url}: {}", unreachable(url, source))]
    Unreachable {
        /// What was attempted.
        verb: &'static str,
        /// Which server.
        url: String,
        /// Why.
        source: Box<kube::Error>,
    },
    /// The server did not answer in time.
    #[error("{verb} {url}: no answer within {seconds} s; a larger --request-timeout waits longer")]
    Timeout {
        /// What was attempted.
        verb: &'static str,
        /// Which server.
        url: String,
        /// How long it was waited for.
        seconds: u64,
    },
    /// The server's answer broke off.
    #[error("{verb} {what}: the answer broke off")]
    Broken {
        /// What was attempted.
        verb: &'static str,
        /// On what.
        what: String,
        /// Why.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// Not allowed.
    #[error(
        "{verb} {resource}{}: forbidden ({}); allow it with this RBAC rule in a {}:\n  - apiGroups: [\"{}\"]\n    resources: [\"{}\"]\n    verbs: [\"get\", \"list\", \"watch\"]",
        of_namespace(namespace), printable(message), role(namespace), resource.group, resource.plural
    )]
    Forbidden {
        /// `list` or `watch`.
        verb: &'static str,
        /// What.
        resource: Box<Resource>,
        /// Where; empty for everywhere.
        namespace: String,
        /// The server's words.
        message: String,
    },
    /// Not allowed to act as somebody else.
    #[error(
        "{verb} {what}: forbidden ({}); allow `--as` with this RBAC rule in a ClusterRole:\n  - apiGroups: [\"\"]\n    resources: [\"users\", \"groups\"]\n    verbs: [\"impersonate\"]",
        printable(message)
    )]
    Impersonation {
        /// What was attempted.
        verb: &'static str,
        /// On what.
        what: String,
        /// The server's words.
        message: String,
    },
    /// Not authenticated.
    #[error(
        "{verb} {what}: the server does not accept our credentials ({}); log in again or choose another --context",
        printable(message)
    )]
    Unauthorized {
        /// What was attempted.
        verb: &'static str,
        /// On what.
        what: String,
        /// The server's words.
        message: String,
    },
    /// Somebody answers who is no Kubernetes API, or not under this path.
    #[error(
        "{verb} {what}: {url} answered 404 {message}, as no Kubernetes API does; is {url} the address of the API server, with its whole path? mend `server` in the kubeconfig, or run with another --context NAME"
    )]
    NoApi {
        /// What was attempted.
        verb: &'static str,
        /// On what.
        what: String,
        /// Which server.
        url: String,
        /// The server's words.
        message: String,
    },
    /// The resource is not in namespaces.
    #[error(
        "{verb} {resource}: its objects are in no namespace, and those of `{namespace}` were asked for; run with -A"
    )]
    ClusterScoped {
        /// What was attempted.
        verb: &'static str,
        /// On which.
        resource: Box<Resource>,
        /// The namespace that was asked for.
        namespace: String,
    },
    /// The resource has no verb `watch`.
    #[error(
        "watch {resource}: the server answered 405 {message}; a resource that can be watched has the verb `watch` in `kubectl api-resources -o wide`"
    )]
    Unwatchable {
        /// What.
        resource: Box<Resource>,
        /// The server's words.
        message: String,
    },
    /// Any other refusal.
    #[error("{verb} {what}: the server answered {code} {}{}", printable(message), if *code == 400 && is_selector(message) { "; mend -l or --field-selector" } else { "" })]
    Refused {
        /// What was attempted.
        verb: &'static str,
        /// On what.
        what: String,
        /// HTTP status.
        code: u16,
        /// The server's words.
        message: String,
    },
    /// An answer that is not what the API promises.
    #[error("{verb} {what}: the answer is not what the Kubernetes API promises")]
    Answer {
        /// What was attempted.
        verb: &'static str,
        /// On what.
        what: String,
        /// What is wrong.
        source: Malformed,
    },
    /// A word that names nothing to watch.
    #[error(
        "`{word}` is not a resource of this server; name it as in `kubectl api-resources`, or as group/version/plural"
    )]
    UnknownResource {
        /// What was given.
        word: String,
    },
    /// Whoever takes the observations is gone.
    #[error("the recorder stopped taking observations")]
    Closed,
}

impl Error {
    /// No server listens there, or none of that name, or none that is trusted: asking again is of no use. A connection
    /// that was reset is another thing: that happens to servers that are there.
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

/// How a connection ends that was there.
const BROKEN: [ErrorKind; 4] =
    [ErrorKind::ConnectionReset, ErrorKind::ConnectionAborted, ErrorKind::BrokenPipe, ErrorKind::UnexpectedEof];

/// A server that is not trusted is there, and looking whether it is up would lead astray.
fn unreachable(url: &str, source: &kube::Error) -> String {
    if causes(source).contains("invalid peer certificate") {
        "its certificate is not trusted; is certificate-authority in the kubeconfig that of this cluster?".to_owned()
    } else {
        format!("no answer from the API server; is it up, and is {url} its address?")
    }
}

/// Whether the server's words are about what it was asked to select.
fn is_selector(message: &str) -> bool {
    ["requirement", "selector", "field label"].iter().any(|word| message.contains(word))
}

/// Enough of a path to see what it is.
fn shortened(path: &str) -> &str {
    let end = path.find('?').unwrap_or(path.len());
    &path[..end]
}

fn listed(contexts: &[String]) -> String {
    if contexts.is_empty() { "; it has no contexts".to_owned() } else { format!("; contexts: {}", contexts.join(", ")) }
}

fn of_namespace(namespace: &str) -> String {
    if namespace.is_empty() { " in all namespaces".to_owned() } else { format!(" in namespace {namespace}") }
}

fn role(namespace: &str) -> String {
    if namespace.is_empty() {
        "ClusterRole (or watch one namespace with -n NAMESPACE)".to_owned()
    } else {
        format!("Role in {namespace}")
    }
}
