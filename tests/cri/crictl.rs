//! Clients of a runtime as crictl is one: Go programs on the CRI of a release, which leave out what it does not know.

use crate::image::BUSYBOX;
use crate::process::command;
use crate::programs::program;
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};

/// How old a client is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Age {
    /// cri-api v0.30: a mount has no image yet.
    BeforeImageVolumes,
    /// The newest.
    New,
}

pub(crate) struct Crictl {
    program: &'static str,
    folder: PathBuf,
    socket: PathBuf,
    cgroup: String,
}

impl Crictl {
    /// One that keeps its files in a folder.
    pub(crate) fn new(age: Age, folder: PathBuf, socket: &Path, cgroup: &str) -> Self {
        let program = match age {
            Age::BeforeImageVolumes => "cri-client-old",
            Age::New => "cri-client",
        };
        Self { program, folder, socket: socket.to_owned(), cgroup: cgroup.to_owned() }
    }

    /// Runs the sandbox of a pod, for the containers that it is asked for next.
    pub(crate) fn run_pod(&self, name: &str) -> Result<String, String> {
        let pod = json!({
            "metadata": {"name": name, "uid": format!("uid-{name}"), "namespace": "shop"},
            "linux": {"cgroup_parent": self.cgroup, "security_context": {"namespace_options": {"network": 2}}},
        });
        self.run(&["runp", &self.file("pod.json", &pod)])
    }

    /// Creates a container of busybox in the sandbox that was run last, with the image of busybox at `/vol`.
    pub(crate) fn create_with_image_volume(
        &self,
        sandbox: &str,
        name: &str,
        command: &[&str],
    ) -> Result<String, String> {
        let container = json!({
            "metadata": {"name": name},
            "image": {"image": BUSYBOX},
            "command": command,
            "mounts": [{"container_path": "/vol", "readonly": true, "image": {"image": BUSYBOX}}],
            "linux": {},
        });
        let pod = self.folder.join("pod.json").display().to_string();
        self.run(&["create", sandbox, &self.file("container.json", &container), &pod])
    }

    fn file(&self, name: &str, content: &Value) -> String {
        let path = self.folder.join(name);
        fs::write(&path, content.to_string()).unwrap();
        path.display().to_string()
    }

    fn run(&self, arguments: &[&str]) -> Result<String, String> {
        let mut asked = command(&program(self.program));
        let output = asked.arg(&self.socket).args(arguments).output().unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim_end().to_owned();
        if output.status.success() { Ok(text(&output.stdout)) } else { Err(text(&output.stderr)) }
    }
}
