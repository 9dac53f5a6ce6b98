//! Container images made here, of one static busybox, for a node that has no registry to pull from.
//!
//! There are two kinds of them: busybox with its links, for the containers of tests, and the sandbox that holds
//! a pod's namespaces. Both are one layer. A test that needs another program in a container does not need this
//! harness.

use std::io::Write as _;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use super::programs::program;
use super::tar::Tar;

/// The image that every node has. Pods use it with `imagePullPolicy: Never` or `IfNotPresent`.
pub(crate) const BUSYBOX: &str = "local.test/busybox:1";

/// The image of the containers that hold pods' namespaces.
pub(super) const SANDBOX: &str = "local.test/pause:1";

/// An image's parts, each as the bytes whose SHA-256 names them.
pub(super) struct Image {
    pub(super) config: Vec<u8>,
    pub(super) layer: Vec<u8>,
}

impl Image {
    /// A shell and its tools; runs a shell when a pod names no command.
    pub(super) fn busybox() -> Self {
        Self::running(&json!({"Env": ["PATH=/bin"], "Cmd": ["sh"]}))
    }

    /// Sleeps. As the first process of its namespace it ignores SIGTERM, and is killed.
    pub(super) fn sandbox() -> Self {
        Self::running(&json!({"Entrypoint": ["/bin/busybox", "sleep", "2147483647"]}))
    }

    fn running(settings: &Value) -> Self {
        let layer = layer();
        let config = json!({
            "architecture": architecture(),
            "os": "linux",
            "config": settings,
            "rootfs": {"type": "layers", "diff_ids": [digest(&layer)]},
        });
        Self { config: config.to_string().into_bytes(), layer }
    }

    /// A tar archive as `docker save` makes them, in which the image has these names.
    pub(super) fn docker_archive(&self, names: &[&str]) -> Vec<u8> {
        let manifest = json!([{"Config": "config.json", "RepoTags": names, "Layers": ["layer.tar"]}]);
        let mut archive = Tar::default();
        archive.file("config.json", 0o644, &self.config);
        archive.file("layer.tar", 0o644, &self.layer);
        archive.file("manifest.json", 0o644, manifest.to_string().as_bytes());
        archive.finish()
    }

    /// The OCI manifest under which a registry serves it.
    pub(super) fn manifest(&self) -> Vec<u8> {
        let part = |kind: &str, bytes: &[u8]| {
            let media = format!("application/vnd.oci.image.{kind}");
            json!({"mediaType": media, "digest": digest(bytes), "size": bytes.len()})
        };
        let manifest = json!({
            "schemaVersion": 2,
            "mediaType": "application/vnd.oci.image.manifest.v1+json",
            "config": part("config.v1+json", &self.config),
            "layers": [part("layer.v1.tar", &self.layer)],
        });
        manifest.to_string().into_bytes()
    }
}

/// `sha256:` and the hash in hexadecimal.
///
/// # Panics
/// When there is no `sha256sum`: that spares the tests a dependency.
pub(super) fn digest(bytes: &[u8]) -> String {
    let mut sum = Command::new("sha256sum")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("starting sha256sum, of coreutils");
    sum.stdin.take().expect("stdin was asked for").write_all(bytes).expect("sha256sum reads to the end");
    let output = sum.wait_with_output().expect("waiting for sha256sum");
    let text = String::from_utf8(output.stdout).expect("sha256sum prints ASCII");
    format!("sha256:{}", text.split_whitespace().next().expect("sha256sum prints the hash first"))
}

/// The machine's, as images name it.
pub(super) fn architecture() -> &'static str {
    match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        other => other,
    }
}

fn layer() -> Vec<u8> {
    let path = program("busybox");
    let busybox = std::fs::read(&path).unwrap_or_else(|error| panic!("reading {}: {error}", path.display()));
    let applets = Command::new(&path).arg("--list").output().expect("asking busybox for its applets").stdout;
    let applets = String::from_utf8(applets).expect("applets have ASCII names");
    let mut tar = Tar::default();
    for name in ["bin", "dev", "etc", "proc", "sys"] {
        tar.directory(name, 0o755);
    }
    tar.directory("tmp", 0o1777);
    tar.file("etc/passwd", 0o644, b"root:x:0:0:root:/:/bin/sh\n");
    tar.file("bin/busybox", 0o755, &busybox);
    for applet in applets.lines().filter(|&applet| applet != "busybox") {
        tar.link(&format!("bin/{applet}"), "/bin/busybox");
    }
    tar.finish()
}
