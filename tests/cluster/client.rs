//! What a client needs to reach one API server: its address, kubeconfigs, and kubectl itself.
//!
//! kubectl is the real program, never a re-implementation: what tests do to a cluster is what a person would
//! type. Its caches and settings stay in the cluster's folder, and the kubeconfig of the person who runs the
//! tests is never looked at.

use std::fmt::Display;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use std::sync::Arc;

use serde_json::{Value, json};

use super::folder::Folder;
use super::process::command;
use super::programs::program;

/// The user who may do everything (group `system:masters`).
pub(crate) const ADMIN: &str = "admin";

pub(crate) struct Client {
    port: u32,
    ca_pem: String,
    folder: Arc<Folder>,
}

impl Client {
    pub(super) fn new(port: u32, ca_pem: String, folder: Arc<Folder>) -> Self {
        Self { port, ca_pem, folder }
    }

    /// Such as `https://127.0.0.1:18000`.
    pub(crate) fn server_url(&self) -> String {
        format!("https://127.0.0.1:{}", self.port)
    }

    /// The authority that signed the server's certificate.
    pub(crate) fn ca_pem(&self) -> &str {
        &self.ca_pem
    }

    /// The bearer token of a user that the control plane was started with, or of [`ADMIN`].
    pub(crate) fn token(user: &str) -> String {
        token_of(user)
    }

    /// The path of a kubeconfig with which `user` reaches this server. It lives as long as the control plane.
    pub(crate) fn kubeconfig(&self, user: &str) -> PathBuf {
        let name = "test";
        let authority = self.folder.path().join("ca.crt");
        let config = json!({
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": name, "cluster": {"server": self.server_url(), "certificate-authority": authority}}],
            "users": [{"name": user, "user": {"token": token_of(user)}}],
            "contexts": [{"name": name, "context": {"cluster": name, "user": user, "namespace": "default"}}],
            "current-context": name,
        });
        let file = format!("kubeconfigs/{}-{}", self.port, user.replace(|c: char| !c.is_ascii_alphanumeric(), "_"));
        self.folder.write(&file, format!("{config:#}"))
    }

    /// A kubectl for this server, as [`ADMIN`] unless the arguments say otherwise, not yet started.
    ///
    /// It is killed with the test. A test that spawns it (`get -w`) ends it itself.
    pub(crate) fn kubectl_command(&self, args: &[&str]) -> Command {
        let mut kubectl = command(&program("kubectl"));
        kubectl
            .args(args)
            .env("KUBECONFIG", self.kubeconfig(ADMIN))
            .env("KUBECACHEDIR", self.folder.path().join("kubectl-cache"))
            .env("KUBERC", "off")
            .stdin(Stdio::null());
        kubectl
    }

    /// Runs kubectl to its end.
    pub(crate) fn kubectl(&self, args: &[&str]) -> Output {
        self.kubectl_command(args).output().expect("starting kubectl")
    }

    /// Runs kubectl, and gives what it printed.
    ///
    /// # Panics
    /// When it fails, with what it said.
    pub(crate) fn kubectl_ok(&self, args: &[&str]) -> String {
        printed(args, self.kubectl(args))
    }

    /// Gives kubectl something to read.
    ///
    /// # Panics
    /// As [`Client::kubectl_ok`].
    pub(crate) fn kubectl_with_input(&self, args: &[&str], input: &str) -> String {
        let mut kubectl = self.kubectl_command(args);
        kubectl.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = kubectl.spawn().expect("starting kubectl");
        let mut stdin = child.stdin.take().expect("stdin was asked for");
        // kubectl reads everything before it prints; that it gives up early shows in how it ends.
        let _ = stdin.write_all(input.as_bytes());
        drop(stdin);
        printed(args, child.wait_with_output().expect("waiting for kubectl"))
    }

    /// `kubectl apply` of YAML or JSON, any number of objects.
    pub(crate) fn apply(&self, manifests: impl Display) -> String {
        self.kubectl_with_input(&["apply", "--filename=-"], &manifests.to_string())
    }

    /// Merges `status` into an object's status, as its controller would.
    pub(crate) fn write_status(&self, namespace: &str, object: &str, status: &Value) {
        let patch = json!({"status": status}).to_string();
        self.kubectl_ok(&[
            "--namespace",
            namespace,
            "patch",
            object,
            "--subresource=status",
            "--type=merge",
            "--patch",
            &patch,
        ]);
    }

    /// A fresh token of a service account (`TokenRequest`); the account is created if it is not there.
    pub(crate) fn service_account_token(&self, namespace: &str, account: &str) -> String {
        let account_yaml = json!({
            "apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": account, "namespace": namespace},
        });
        if !self.kubectl(&["--namespace", namespace, "get", "serviceaccount", account]).status.success() {
            self.kubectl_with_input(&["create", "--filename=-"], &account_yaml.to_string());
        }
        self.kubectl_ok(&["--namespace", namespace, "create", "token", account]).trim_end().to_owned()
    }
}

/// Tokens are no secret here: the server listens on loopback and ends with the test.
pub(super) fn token_of(user: &str) -> String {
    format!("token-of-{user}")
}

fn printed(args: &[&str], output: Output) -> String {
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "kubectl {}: {}\n{stderr}", args.join(" "), output.status);
    String::from_utf8(output.stdout).expect("kubectl prints UTF-8")
}
