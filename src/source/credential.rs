//! The exec credential plugin of a kubeconfig.
//!
//! kube runs plugins on the runtime's threads, without a bound, and quotes their output in errors. A plugin may wait
//! for a login, and its standard output contains credentials, so it is never shown. Its standard error is for people:
//! it is shown, as kubectl shows it.

use super::error::Error;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::HeaderValue;
use jiff::Timestamp;
use kube::config::{AuthInfo, ExecConfig, ExecInteractiveMode};
use serde::Deserialize;
use serde_json::json;
use std::io::{ErrorKind, IsTerminal};
use std::process::{ExitStatus, Output, Stdio};
use std::time::Duration;
use tokio::io::AsyncReadExt;
use tokio::process::Command;

/// How long a plugin may take, including a login in a browser.
pub(super) const PLUGIN: Duration = Duration::from_mins(1);
/// Longest standard output of a plugin: a token, or a certificate and its key, is a few KiB.
const MAX_OUTPUT_BYTES: usize = 1 << 20;
/// How much of a plugin's standard error is kept, to find its first line.
const COMPLAINT_BYTES: u64 = 64 << 10;
/// How much of a plugin's standard error is shown, in characters.
const COMPLAINT: usize = 200;

/// The output of a plugin.
pub(super) struct Credential {
    token: Option<String>,
    /// Certificate and key, in PEM.
    identity: Option<(String, String)>,
    /// When a new credential is due.
    pub expires: Option<Timestamp>,
}

impl Credential {
    /// Replaces the plugin in the configuration.
    pub(super) fn enter(self, auth: &mut AuthInfo) {
        auth.exec = None;
        if let Some(token) = self.token {
            auth.token = hidden("token", &token).and_then(|read| read.token);
        }
        if let Some((certificate, key)) = self.identity {
            auth.client_certificate_data = Some(STANDARD.encode(certificate));
            auth.client_key_data =
                hidden("client-key-data", &STANDARD.encode(key)).and_then(|read| read.client_key_data);
        }
    }
}

/// A member in the type that kube keeps tokens and keys in: it is of another crate, and only deserialization creates it.
fn hidden(member: &str, text: &str) -> Option<AuthInfo> {
    serde_json::from_value(json!({ member: text })).ok()
}

/// A user who is known by a bearer token.
pub(super) fn of_token(token: &str) -> AuthInfo {
    hidden("token", token).unwrap_or_default()
}

/// Removes white space at the end of the token of a kubeconfig, such as the line break of a YAML block.
///
/// # Errors
/// It does not fit into a header; kube panics on one.
pub(super) fn check_token(auth: &mut AuthInfo, user: String) -> Result<(), Error> {
    let Some(hidden_token) = &auth.token else { return Ok(()) };
    // Only serialization reads it.
    let read = serde_json::to_value(AuthInfo { token: Some(hidden_token.clone()), ..AuthInfo::default() });
    let token = read.ok().and_then(|read| Some(read.get("token")?.as_str()?.trim_end().to_owned())).unwrap_or_default();
    if !fits_header(&token) {
        return Err(Error::Token { user });
    }
    auth.token = hidden("token", &token).and_then(|read| read.token);
    Ok(())
}

/// True for what may be the value of a header: anything without control characters.
pub(super) fn fits_header(text: &str) -> bool {
    HeaderValue::from_bytes(text.as_bytes()).is_ok()
}

/// Refuses an auth provider that is gone from kubectl: kube would run its command and quote the output in errors.
///
/// # Errors
/// It is any but `oidc`.
pub(super) fn check_provider(auth: &AuthInfo, user: &str) -> Result<(), Error> {
    let Some(provider) = auth.auth_provider.as_ref().map(|provider| provider.name.as_str()) else { return Ok(()) };
    let remedy = match provider {
        "oidc" => return Ok(()),
        "gcp" => {
            "kubectl has removed; install gke-gcloud-auth-plugin and run `gcloud container clusters get-credentials CLUSTER`"
        }
        "azure" => "kubectl has removed; install kubelogin and run `kubelogin convert-kubeconfig`",
        _ => "is not known; use `oidc`, a token, or an exec credential plugin",
    };
    Err(Error::AuthProvider { user: user.to_owned(), provider: provider.to_owned(), remedy })
}

/// The versions of the exchange with plugins that kubectl knows, too.
const VERSIONS: [&str; 2] = ["client.authentication.k8s.io/v1", "client.authentication.k8s.io/v1beta1"];

/// Runs a plugin, which may talk to people on the terminal if that `is_free`. Dropping the future kills it.
///
/// # Errors
/// It cannot be run, takes too long, fails, or returns no credential.
pub(super) async fn ask(exec: &ExecConfig, is_free: bool) -> Result<Credential, Error> {
    let name = printable(exec.command.as_deref().unwrap_or_default());
    let failed = |problem: String| Error::Plugin { command: name.clone(), problem };
    let version = exec.api_version.as_deref().unwrap_or_default();
    if !VERSIONS.contains(&version) {
        let problem =
            format!("its apiVersion in the kubeconfig is `{}`; use {}", printable(version), VERSIONS.join(" or "));
        return Err(failed(problem));
    }
    let has_terminal = is_free && std::io::stdin().is_terminal();
    if exec.interactive_mode == Some(ExecInteractiveMode::Always) && !has_terminal {
        let why = if is_free { "standard input is none" } else { "this one is in use" };
        return Err(failed(format!("it needs a terminal (`interactiveMode: Always`), and {why}")));
    }
    let interactive = exec.interactive_mode != Some(ExecInteractiveMode::Never) && has_terminal;
    let output = tokio::time::timeout(PLUGIN, run(command(exec, interactive)))
        .await
        .map_err(|_| failed(format!("it did not end within {} s", PLUGIN.as_secs())))?
        .map_err(|error| match error.kind() {
            ErrorKind::NotFound => {
                Error::NoPlugin { command: name.clone(), hint: exec.install_hint.as_deref().map(printable) }
            }
            _ => failed(error.to_string()),
        })?;
    let Some(output) = output else {
        let most = MAX_OUTPUT_BYTES >> 20;
        return Err(failed(format!("its output is longer than {most} MiB, so it is not an ExecCredential")));
    };
    if !output.status.success() {
        return Err(failed(ended(output.status, &output.stderr)));
    }
    read(&output.stdout).map_err(|problem| failed(problem.to_owned()))
}

/// Waits for the end of a plugin, or until its output is too long: then there is none. The rest of a long standard error
/// is read and dropped, since a plugin that nobody reads would wait.
async fn run(mut command: Command) -> std::io::Result<Option<Output>> {
    let mut child = command.spawn()?;
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    let mut output = Output { status: ExitStatus::default(), stdout: Vec::new(), stderr: Vec::new() };
    let printed = async {
        if let Some(stdout) = stdout {
            stdout.take(MAX_OUTPUT_BYTES as u64 + 1).read_to_end(&mut output.stdout).await?;
        }
        let is_short = output.stdout.len() <= MAX_OUTPUT_BYTES;
        if is_short { Ok(()) } else { Err(std::io::Error::from(ErrorKind::FileTooLarge)) }
    };
    let complained = async {
        if let Some(mut stderr) = stderr {
            (&mut stderr).take(COMPLAINT_BYTES).read_to_end(&mut output.stderr).await?;
            tokio::io::copy(&mut stderr, &mut tokio::io::sink()).await?;
        }
        Ok(())
    };
    match tokio::try_join!(printed, complained, child.wait()) {
        Ok(((), (), status)) => Ok(Some(Output { status, ..output })),
        // Dropping the child ends it.
        Err(error) if error.kind() == ErrorKind::FileTooLarge => Ok(None),
        Err(error) => Err(error),
    }
}

fn command(exec: &ExecConfig, interactive: bool) -> Command {
    let mut command = Command::new(exec.command.as_deref().unwrap_or_default());
    command.args(exec.args.iter().flatten()).stdout(Stdio::piped()).kill_on_drop(true);
    for variable in exec.env.iter().flatten() {
        if let (Some(name), Some(value)) = (variable.get("name"), variable.get("value")) {
            command.env(name, value);
        }
    }
    let mut spec = json!({ "interactive": interactive });
    if let (true, Some(cluster)) = (exec.provide_cluster_info, &exec.cluster) {
        spec["cluster"] = json!(cluster);
    }
    let info = json!({ "kind": "ExecCredential", "apiVersion": exec.api_version, "spec": spec });
    command.env("KUBERNETES_EXEC_INFO", info.to_string());
    if interactive {
        command.stdin(Stdio::inherit()).stderr(Stdio::inherit());
    } else {
        command.stdin(Stdio::null()).stderr(Stdio::piped());
    }
    command
}

/// The exit status and the first line of standard error.
fn ended(status: ExitStatus, complaint: &[u8]) -> String {
    let complaint = String::from_utf8_lossy(complaint);
    match complaint.lines().map(str::trim).find(|line| !line.is_empty()) {
        Some(line) => format!("{status}: {}", printable(line)),
        None => status.to_string(),
    }
}

fn printable(text: &str) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    text.chars().filter(|char| !char.is_control()).take(COMPLAINT).collect()
}

/// Parses the output of a plugin; errors do not quote it.
fn read(output: &[u8]) -> Result<Credential, &'static str> {
    #[derive(Deserialize)]
    struct ExecCredential {
        #[serde(default)]
        status: Option<Status>,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Status {
        #[serde(default)]
        expiration_timestamp: Option<String>,
        #[serde(default)]
        token: Option<String>,
        #[serde(default)]
        client_certificate_data: Option<String>,
        #[serde(default)]
        client_key_data: Option<String>,
    }
    // client-go reads YAML too.
    let read = serde_json::from_slice(output).ok().or_else(|| serde_saphyr::from_slice(output).ok());
    let ExecCredential { status } = read.ok_or("its output is not an ExecCredential")?;
    let status = status.ok_or("its output has no status")?;
    let expires = match status.expiration_timestamp.map(|stamp| stamp.parse()) {
        Some(Err(_)) => return Err("its expirationTimestamp is not a time"),
        Some(Ok(stamp)) => Some(stamp),
        None => None,
    };
    let token = status.token.map(|token| token.trim_end().to_owned()).filter(|token| !token.is_empty());
    if token.as_ref().is_some_and(|token| !fits_header(token)) {
        return Err("its token has a line break or another control character, which no HTTP header may have");
    }
    let identity = status.client_certificate_data.zip(status.client_key_data);
    if token.is_none() && identity.is_none() {
        return Err("its output has neither a token nor a certificate with its key");
    }
    Ok(Credential { token, identity, expires })
}

#[cfg(test)]
mod tests {
    use super::super::cluster::{Access, Cluster};
    use super::*;
    use std::collections::HashMap;

    const SECRET: &str = "c2VjcmV0LXRva2Vu";

    fn shell(script: &str) -> ExecConfig {
        serde_json::from_value(json!({
            "apiVersion": "client.authentication.k8s.io/v1",
            "command": "sh",
            "args": ["-c", script],
            "interactiveMode": "Never",
        }))
        .expect("an exec config")
    }

    async fn refused(script: &str) -> String {
        let error = ask(&shell(script), true).await.err().expect("it fails");
        let mut message = format!("{error} {error:?}");
        let mut cause = std::error::Error::source(&error);
        while let Some(error) = cause {
            message = format!("{message} {error} {error:?}");
            cause = error.source();
        }
        message
    }

    #[tokio::test]
    async fn what_a_plugin_prints_is_never_shown_however_it_fails() {
        for script in [
            format!("echo '{{\"status\":{{\"token\":\"{SECRET}\"}}}}'; echo no network >&2; exit 3"),
            format!("echo {SECRET}"),
            format!("echo '{{\"status\":{{\"token\":[\"{SECRET}\"]}}}}'"),
            format!("echo '{{\"status\":{{\"token\":\"{SECRET}\",\"expirationTimestamp\":\"{SECRET}\"}}}}'"),
            format!("echo '{{\"spec\":\"{SECRET}\"}}'"),
            format!("printf %s '{{\"status\":{{\"token\":\"{SECRET}\\n{SECRET}\"}}}}'"),
        ] {
            let message = refused(&script).await;
            assert!(!message.contains(SECRET), "{script}: {message}");
            assert!(message.contains("credential plugin `sh`"), "{message}");
        }
        let message = refused("echo first >&2; echo second >&2; exit 3").await;
        assert!(message.contains("exit status: 3: first") && !message.contains("second"), "{message}");
    }

    #[tokio::test]
    async fn a_plugin_that_is_not_installed_is_named_with_its_install_hint() {
        let mut exec = shell("");
        exec.command = Some("kubectl-login-of-nobody".to_owned());
        exec.install_hint = Some("Get it from\nhttps://example.com".to_owned());
        let message = ask(&exec, true).await.err().expect("it fails").to_string();
        assert_eq!(
            message,
            "the credential plugin `kubectl-login-of-nobody` of the kubeconfig is not installed: it is in no folder of \
             PATH; Get it from https://example.com"
        );
        (exec.command, exec.install_hint) = (Some("/no/such/file".to_owned()), None);
        let message = ask(&exec, true).await.err().expect("it fails").to_string();
        assert!(message.contains("there is no such file; install it, or fix `exec`"), "{message}");
    }

    #[test]
    fn auth_providers_that_kubectl_removed_are_refused_with_what_replaces_them() {
        let refused = |name: &str| {
            let auth = json!({ "auth-provider": { "name": name, "config": { "cmd-path": "x" } } });
            let auth: AuthInfo = serde_json::from_value(auth).expect("a user");
            check_provider(&auth, "me").err().map(|error| error.to_string()).unwrap_or_default()
        };
        assert_eq!(refused("oidc"), "");
        assert!(refused("gcp").contains("`gcp`, which kubectl has removed; install gke-gcloud-auth-plugin"));
        assert!(refused("azure").contains("kubelogin convert-kubeconfig"));
        assert!(refused("openstack").contains("user `me`"), "{}", refused("openstack"));
    }

    #[tokio::test]
    async fn the_output_of_a_plugin_is_read_within_a_bound() {
        let message = refused(&format!("exec yes {SECRET}")).await;
        assert!(message.contains("longer than 1 MiB") && !message.contains(SECRET), "{message}");
        // Standard error is not a reason to refuse a credential, however long it is.
        let script = "head -c 3000000 /dev/zero >&2; echo '{\"status\":{\"token\":\"t\"}}'";
        assert!(ask(&shell(script), true).await.is_ok());
        let long = format!("head -c {MAX_OUTPUT_BYTES} /dev/zero; exit 3");
        assert!(refused(&long).await.contains("exit status: 3"));
    }

    #[tokio::test]
    async fn a_token_or_a_certificate_takes_the_place_of_the_plugin() {
        let script = format!("printf 'status:\\n  token: {SECRET}\\n  expirationTimestamp: 2026-01-02T03:04:05Z\\n'");
        let credential = ask(&shell(&script), true).await.expect("YAML is read too");
        assert!(credential.expires.is_some());
        let mut auth = AuthInfo { exec: Some(shell("exit 1")), ..AuthInfo::default() };
        credential.enter(&mut auth);
        assert!(auth.exec.is_none() && auth.token.is_some());
        let credential = Credential { token: None, identity: Some(("c".into(), "k".into())), expires: None };
        let mut auth = AuthInfo::default();
        credential.enter(&mut auth);
        assert!(auth.client_certificate_data.as_deref() == Some("Yw==") && auth.client_key_data.is_some());
    }

    #[tokio::test]
    async fn white_space_after_a_token_is_no_part_of_it() {
        let credential = ask(&shell("printf %s '{\"status\":{\"token\":\"t \\n\"}}'"), true).await.expect("a token");
        assert_eq!(credential.token.as_deref(), Some("t"));
        for (written, is_read) in
            [("t\n", true), ("t", true), ("", true), ("\u{e4}", true), ("t\nt", false), ("\0", false)]
        {
            let mut auth = hidden("token", written).expect("a user");
            let checked = check_token(&mut auth, "me".to_owned());
            assert_eq!(checked.is_ok(), is_read, "{written:?}");
            match checked {
                Ok(()) => assert_eq!(serde_json::to_value(&auth).expect("JSON")["token"], written.trim_end()),
                Err(error) => assert!(error.to_string().contains("user `me`"), "{error}"),
            }
        }
    }

    #[tokio::test]
    async fn what_no_header_may_have_is_told_by_the_flag_or_the_user_that_has_it() {
        let folder = tempfile::tempdir().expect("a folder");
        let kubeconfig = folder.path().join("config");
        let error = async |token: &str, user: Option<&str>, group: &str| {
            let text = format!(
                "apiVersion: v1\nkind: Config\ncurrent-context: c\ncontexts: [{{name: c, context: {{cluster: k, user: me}}}}]\n\
                 clusters: [{{name: k, cluster: {{server: 'http://127.0.0.1:1'}}}}]\nusers: [{{name: me, user: {{token: \"{token}\"}}}}]\n"
            );
            std::fs::write(&kubeconfig, text).expect("a file");
            let access = Access {
                kubeconfig: Some(kubeconfig.clone()),
                impersonate: user.map(str::to_owned),
                impersonate_groups: vec![group.to_owned()],
                ..Access::default()
            };
            Cluster::new(access).await.err().map(|error| error.to_string()).unwrap_or_default()
        };
        assert_eq!(error("t\\n", Some("\u{e4}"), "g").await, "");
        let words = error(&format!("{SECRET}\\n{SECRET}"), None, "g").await;
        assert!(words.contains("user `me`") && !words.contains(SECRET), "{words}");
        assert!(error("t", Some("a\nb"), "g").await.starts_with("--as has a line break"));
        assert!(error("t", Some("a"), "a\nb").await.starts_with("--as-group has a line break"));
    }

    #[tokio::test]
    async fn a_plugin_sees_its_environment_and_what_it_is_asked() {
        let mut exec = shell(
            "test \"$WHO\" = me && echo \"$KUBERNETES_EXEC_INFO\" | grep -q '\"interactive\":false' && echo '{\"status\":{\"token\":\"t\"}}'",
        );
        exec.env = Some(vec![HashMap::from([("name".into(), "WHO".into()), ("value".into(), "me".into())])]);
        assert!(ask(&exec, true).await.is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn a_plugin_that_waits_for_ever_is_ended() {
        assert!(refused("exec sleep 1000").await.contains("did not end within 60 s"));
    }
}
