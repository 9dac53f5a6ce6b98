//! One kube-apiserver process before a control plane's etcd: started, killed, frozen and started again on the
//! same port.
//!
//! Several may serve one etcd, as in a highly available control plane. What is not said here is left at the server's
//! own default, because defaults are what a watcher meets; it does not run without TLS.

use std::fs;
use std::net::{Ipv4Addr, TcpStream};
use std::ops::Deref;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rustix::process::Signal;

use super::certificates::Authority;
use super::client::Client;
use super::deadline;
use super::folder::Folder;
use super::process::{Process, command};
use super::programs::program;
use super::reserved::Reserved;

const START_BOUND: Duration = Duration::from_mins(1);
const STOP_BOUND: Duration = Duration::from_secs(30);

/// What all API servers of one control plane share.
pub(super) struct Shared {
    pub(super) folder: Arc<Folder>,
    pub(super) authority: Authority,
    pub(super) etcd_url: String,
    pub(super) flags: Vec<String>,
}

/// One API server. What clients do with it is in [`Client`], to which it dereferences.
pub(crate) struct Apiserver {
    client: Client,
    shared: Arc<Shared>,
    port: Reserved,
    process: Mutex<Option<Process>>,
}

impl Apiserver {
    /// Starts it on a port of its own and waits until it is ready. The error is what it logged.
    pub(super) fn start(shared: Arc<Shared>) -> Result<Self, String> {
        let port = Reserved::port();
        let client = Client::new(port.number(), shared.authority.pem().to_owned(), Arc::clone(&shared.folder));
        let server = Self { client, shared, port, process: Mutex::new(None) };
        server.write_certificate();
        server.launch()?;
        Ok(server)
    }

    /// Ends it at once (SIGKILL), as a crash would. The kernel closes its connections.
    pub(crate) fn kill(&self) {
        if let Some(mut process) = self.process().take() {
            process.kill();
        }
    }

    /// Asks it to end (SIGTERM), as an upgrade would: it ends its watches cleanly.
    pub(crate) fn stop(&self) {
        if let Some(mut process) = self.process().take() {
            process.stop(STOP_BOUND);
        }
    }

    /// Starts it again where it was, with the same certificates, and waits until it is ready. One that still
    /// runs is killed first.
    ///
    /// # Panics
    /// When it is not ready within a minute, with the end of its log.
    pub(crate) fn restart(&self) {
        self.kill();
        self.launch().unwrap_or_else(|failure| panic!("{failure}"));
    }

    /// Stops its clock (SIGSTOP): connections stay open and nothing is answered.
    pub(crate) fn freeze(&self) {
        self.running().as_ref().expect("checked to run").signal(Signal::STOP);
    }

    /// Lets a frozen one go on.
    pub(crate) fn thaw(&self) {
        self.running().as_ref().expect("checked to run").signal(Signal::CONT);
    }

    /// Gives it a new serving certificate of the same authority, and waits until it serves with that. Open
    /// connections stay.
    pub(crate) fn rotate_serving_certificate(&self) {
        let loads = || self.log().matches("Loaded serving cert").count();
        let before = loads();
        self.write_certificate();
        let loaded = deadline::until(START_BOUND, || (loads() > before).then_some(()));
        assert!(loaded.is_some(), "the API server did not take up its new certificate\n{}", self.log_tail());
    }

    /// Everything that it has logged, over all of its starts.
    pub(crate) fn log(&self) -> String {
        let path = self.shared.folder.entry(&self.log_name());
        String::from_utf8_lossy(&fs::read(path).unwrap_or_default()).into_owned()
    }

    fn launch(&self) -> Result<(), String> {
        let mut apiserver = command(&program("kube-apiserver"));
        apiserver.args(self.own_flags()).args(&self.shared.flags);
        let log = self.shared.folder.entry(&self.log_name());
        let mut process = Process::start("kube-apiserver", apiserver, log);
        let ready = deadline::until(START_BOUND, || {
            let ended = process.exited().map(|_| false);
            ended.or_else(|| self.ready().then_some(true))
        });
        let failure = format!("kube-apiserver did not become ready within {START_BOUND:?}\n{}", process.log_tail());
        *self.process() = Some(process);
        if ready == Some(true) { Ok(()) } else { Err(failure) }
    }

    fn ready(&self) -> bool {
        let port = u16::try_from(self.port.number()).expect("ports are below 65536");
        // Knocking is cheap, kubectl is not.
        TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok()
            && self.client.kubectl(&["get", "--raw=/readyz", "--request-timeout=5s"]).stdout == b"ok"
    }

    fn own_flags(&self) -> Vec<String> {
        let path = |name: &str| self.shared.folder.entry(name).display().to_string();
        vec![
            format!("--etcd-servers={}", self.shared.etcd_url),
            "--bind-address=127.0.0.1".into(),
            "--advertise-address=127.0.0.1".into(),
            format!("--secure-port={}", self.port.number()),
            format!("--tls-cert-file={}", path(&self.certificate_name("crt"))),
            format!("--tls-private-key-file={}", path(&self.certificate_name("key"))),
            // Tells when a rotated certificate is in use.
            "--vmodule=tlsconfig=2".into(),
        ]
    }

    /// The key first: the server takes up a pair only when both belong together, and tries again until they do.
    fn write_certificate(&self) {
        let fresh = self.shared.authority.server("kube-apiserver");
        self.shared.folder.write(&self.certificate_name("key"), fresh.key);
        self.shared.folder.write(&self.certificate_name("crt"), fresh.certificate);
    }

    fn certificate_name(&self, ending: &str) -> String {
        format!("serving/{}.{ending}", self.port.number())
    }

    fn log_name(&self) -> String {
        format!("kube-apiserver-{}.log", self.port.number())
    }

    fn log_tail(&self) -> String {
        self.process().as_ref().map(Process::log_tail).unwrap_or_default()
    }

    fn running(&self) -> MutexGuard<'_, Option<Process>> {
        let process = self.process();
        assert!(process.is_some(), "this API server was ended; restart it first");
        process
    }

    /// A test that panicked while holding the lock left a process to be ended all the same.
    fn process(&self) -> MutexGuard<'_, Option<Process>> {
        self.process.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Deref for Apiserver {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.client
    }
}

impl Drop for Apiserver {
    /// Killed, not asked: a graceful end waits for watches, and nobody will miss it.
    fn drop(&mut self) {
        self.kill();
    }
}
