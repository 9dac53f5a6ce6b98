//! The etcd of one control plane, and what tests ask of it: its revision, its compaction, a backup, and to be put back
//! to that.
//!
//! It speaks plain HTTP on loopback and does not sync to the disk: a test's cluster does not outlive the
//! machine. Questions go through etcd's JSON gateway, so that no client program is needed.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use std::{fs, io};

use serde_json::{Value, json};

use super::deadline;
use super::folder::Folder;
use super::process::{Process, command};
use super::programs::program;
use super::reserved::Reserved;

const START_BOUND: Duration = Duration::from_mins(1);

pub(super) struct Etcd {
    process: Process,
    folder: Arc<Folder>,
    flags: Vec<String>,
    client_port: Reserved,
    peer_port: Reserved,
}

/// Its data, and the copy that was made of it.
const DATA: &str = "etcd";
const BACKUP: &str = "etcd-backup";

impl Etcd {
    /// Starts it and waits until it answers. The error is what it logged.
    pub(super) fn start(folder: &Arc<Folder>, flags: &[String]) -> Result<Self, String> {
        let (client_port, peer_port) = (Reserved::port(), Reserved::port());
        let process = launch(folder, flags, &client_port, &peer_port);
        let mut etcd = Self { process, folder: Arc::clone(folder), flags: flags.to_vec(), client_port, peer_port };
        etcd.await_healthy()?;
        Ok(etcd)
    }

    fn await_healthy(&mut self) -> Result<(), String> {
        let up = deadline::until(START_BOUND, || {
            self.process.exited().map(|_| false).or_else(|| self.healthy().then_some(true))
        });
        if up == Some(true) { Ok(()) } else { Err(format!("etcd did not come up\n{}", self.log_tail())) }
    }

    /// Copies its data, and starts it again where it was: API servers find it again.
    pub(super) fn back_up(&mut self) {
        self.replace(DATA, BACKUP);
    }

    /// Puts it back to the copy, as if nothing had been written since.
    pub(super) fn restore(&mut self) {
        self.replace(BACKUP, DATA);
    }

    fn replace(&mut self, from: &str, to: &str) {
        self.stop();
        let to = self.folder.path().join(to);
        let copied = fs::remove_dir_all(&to)
            .or_else(|error| if error.kind() == io::ErrorKind::NotFound { Ok(()) } else { Err(error) })
            .and_then(|()| copy(&self.folder.path().join(from), &to));
        copied.unwrap_or_else(|error| panic!("copying etcd's data to {}: {error}", to.display()));
        self.process = launch(&self.folder, &self.flags, &self.client_port, &self.peer_port);
        self.await_healthy().unwrap_or_else(|failure| panic!("{failure}"));
    }

    pub(super) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.client_port.number())
    }

    /// The revision of the newest write.
    pub(super) fn revision(&self) -> i64 {
        // Ranges over the one key "\0", which is not there; every answer's header tells the revision.
        let answer = self.ask("/v3/kv/range", &json!({"key": base64(b"\0")}));
        let revision = answer["header"]["revision"].as_str().and_then(|text| text.parse().ok());
        revision.unwrap_or_else(|| panic!("etcd answered without a revision: {answer}"))
    }

    /// Forgets all history before `revision`, and returns once it is gone.
    ///
    /// API servers are told as they tell each other, in the key `compact_rev_key` (k8s.io/apiserver,
    /// storage/etcd3/compact.go).
    pub(super) fn compact(&self, revision: i64) {
        let number = base64(revision.to_string().as_bytes());
        let told = self.ask("/v3/kv/put", &json!({"key": base64(b"compact_rev_key"), "value": number}));
        assert!(told.get("header").is_some(), "etcd would not take the compacted revision: {told}");
        let answer = self.ask("/v3/kv/compaction", &json!({"revision": revision.to_string(), "physical": true}));
        assert!(answer.get("header").is_some(), "etcd would not compact at revision {revision}: {answer}");
    }

    pub(super) fn stop(&mut self) {
        self.process.stop(Duration::from_secs(5));
    }

    pub(super) fn log_tail(&self) -> String {
        self.process.log_tail()
    }

    fn healthy(&self) -> bool {
        self.post("/v3/maintenance/status", &json!({})).is_ok_and(|answer| answer.get("header").is_some())
    }

    fn ask(&self, path: &str, question: &Value) -> Value {
        self.post(path, question).unwrap_or_else(|error| panic!("asking etcd at {path}: {error}\n{}", self.log_tail()))
    }

    /// HTTP/1.0: the answer comes whole and the server closes.
    fn post(&self, path: &str, question: &Value) -> Result<Value, String> {
        let port = u16::try_from(self.client_port.number()).expect("ports are below 65536");
        let body = question.to_string();
        let request = format!("POST {path} HTTP/1.0\r\nContent-Length: {}\r\n\r\n{body}", body.len());
        let mut answer = String::new();
        TcpStream::connect((Ipv4Addr::LOCALHOST, port))
            .and_then(|mut stream| {
                stream.set_read_timeout(Some(Duration::from_secs(30)))?;
                stream.write_all(request.as_bytes())?;
                stream.read_to_string(&mut answer)
            })
            .map_err(|error| error.to_string())?;
        let (_, body) = answer.split_once("\r\n\r\n").ok_or("an answer without a body")?;
        serde_json::from_str(body).map_err(|error| format!("{error} in {body:?}"))
    }
}

fn launch(folder: &Folder, flags: &[String], client_port: &Reserved, peer_port: &Reserved) -> Process {
    let client = format!("http://127.0.0.1:{}", client_port.number());
    let peer = format!("http://127.0.0.1:{}", peer_port.number());
    let mut etcd = command(&program("etcd"));
    etcd.arg(format!("--data-dir={}", folder.directory(DATA).display()))
        .arg(format!("--listen-client-urls={client}"))
        .arg(format!("--advertise-client-urls={client}"))
        .arg(format!("--listen-peer-urls={peer}"))
        .arg(format!("--initial-advertise-peer-urls={peer}"))
        .arg(format!("--initial-cluster=default={peer}"))
        .args(["--unsafe-no-fsync=true", "--log-level=warn"])
        .args(flags);
    Process::start("etcd", etcd, folder.entry("etcd.log"))
}

fn copy(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let to = to.join(entry.file_name());
        if entry.file_type()?.is_dir() { copy(&entry.path(), &to)? } else { fs::copy(entry.path(), &to).map(|_| ())? }
    }
    Ok(())
}

/// The gateway wants keys and values so (RFC 4648, section 4).
fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for group in bytes.chunks(3) {
        let bits = group.iter().fold(0_u32, |bits, &byte| bits << 8 | u32::from(byte)) << (8 * (3 - group.len()));
        for place in 0..4 {
            let digit = char::from(DIGITS[(bits >> (18 - 6 * place)) as usize & 63]);
            text.push(if place <= group.len() { digit } else { '=' });
        }
    }
    text
}
