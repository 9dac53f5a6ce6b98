//! The stand-in API server: a port on the loopback interface, its connections, and how tests and replays control it.
//!
//! It owns every task that it starts and joins them in [`Server::shutdown`]. It refuses writes.

use super::connections::accept;
use super::fault::Fault;
use super::journal::RecordedRequest;
use super::load::Loaded;
use super::options::Options;
use super::playback::Playback;
use super::reel::Reel;
use super::shared::{Shared, lock};
use super::store::{Store, address};
use super::{Error, Verb};
use crate::listen::{self, Certificate, TokenFile};
use crate::observation::Resource;
use jiff::Timestamp;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinHandle;

/// How long the clock of a recording waits at the end of a gap for clients that have to list again.
const AFTER_GAP: Duration = Duration::from_secs(10);

/// A running server.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    shared: Arc<Shared>,
    certificate: Option<Certificate>,
    accepting: JoinHandle<usize>,
    /// Makes the steps of a recording.
    driving: Option<JoinHandle<()>>,
}

/// Who may send requests to a server, and how.
#[derive(Debug, Default)]
pub(crate) struct Access {
    /// The certificate of HTTPS; without one, it is HTTP.
    pub certificate: Option<Certificate>,
    /// The tokens that requests need one of.
    pub tokens: Option<TokenFile>,
}

impl Server {
    /// Opens the port and serves the store from then on.
    ///
    /// # Errors
    /// When the port cannot be opened.
    ///
    /// # Panics
    /// Outside a tokio runtime, whose tasks serve the connections.
    pub fn start(store: Store, options: Options) -> Result<Self, Error> {
        Self::open(store, options, Access::default(), None)
    }

    /// Opens the port and replays a recording from then on.
    ///
    /// # Errors
    /// When the port cannot be opened.
    pub(crate) fn replay(
        loaded: Loaded,
        started: Timestamp,
        playback: Playback,
        options: Options,
        access: Access,
    ) -> Result<Self, Error> {
        loaded.store.follow(started, playback.clone());
        let reel = Reel { playback, started, marks: loaded.marks.into() };
        Self::open(loaded.store, options, access, Some(reel))
    }

    /// The same over plain HTTP, without tokens.
    ///
    /// # Errors
    /// When the port cannot be opened.
    #[doc(hidden)]
    pub fn of_recording(
        loaded: Loaded,
        started: Timestamp,
        playback: Playback,
        options: Options,
    ) -> Result<Self, Error> {
        Self::replay(loaded, started, playback, options, Access::default())
    }

    fn open(store: Store, options: Options, access: Access, reel: Option<Reel>) -> Result<Self, Error> {
        let Access { certificate, tokens } = access;
        let failed = |source| Error::Bind { address: options.address, source };
        let listener = listen::open(options.address, options.send_buffer_bytes).map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let shared = Arc::new(Shared::new(store, options, tokens, reel));
        let driving = shared.reel.is_some().then(|| tokio::spawn(drive(shared.clone())));
        let accepting = tokio::spawn(accept(listener, certificate.clone(), shared.clone()));
        Ok(Self { address, shared, certificate, accepting, driving })
    }

    /// The address that it listens on.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// `http://127.0.0.1:PORT`
    #[must_use]
    pub fn url(&self) -> String {
        let scheme = if self.certificate.is_some() { "https" } else { "http" };
        format!("{scheme}://{}", self.address)
    }

    /// The same, where a client on this machine reaches it: an address that stands for all others is none.
    fn reached_at(&self) -> String {
        let loopback: IpAddr = match self.address.ip() {
            IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
            IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
            _ => return self.url(),
        };
        self.url().replace(&self.address.to_string(), &SocketAddr::new(loopback, self.address.port()).to_string())
    }

    /// A kubeconfig with one context, `replay`, and the currently expected token, if any.
    #[must_use]
    pub fn kubeconfig_yaml(&self) -> String {
        let token = lock(&self.shared.token).clone();
        self.kubeconfig(token.as_deref(), None)
    }

    /// A kubeconfig with one context, `replay`, and with this token and this file of the certificate authority.
    pub(crate) fn kubeconfig(&self, token: Option<&str>, authority: Option<&Path>) -> String {
        let quoted = |text: &str| serde_json::Value::from(text).to_string();
        let user = token.map_or_else(|| "{}".to_owned(), |token| format!("{{token: {}}}", quoted(token)));
        let authority = authority.map(|path| std::path::absolute(path).unwrap_or_else(|_| path.to_owned()));
        let authority = authority.map(|path| format!(", certificate-authority: {}", quoted(&path.to_string_lossy())));
        let (url, authority) = (self.reached_at(), authority.unwrap_or_default());
        format!(
            "apiVersion: v1\nkind: Config\ncurrent-context: replay\n\
             clusters:\n- name: replay\n  cluster: {{server: \"{url}\"{authority}}}\n\
             users:\n- name: replay\n  user: {user}\n\
             contexts:\n- name: replay\n  context: {{cluster: replay, user: replay}}\n"
        )
    }

    /// The store that it serves.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.shared.store
    }

    /// Adds a fault, which strikes from the next request on.
    pub fn inject(&self, fault: Fault) {
        self.shared.faults().add(fault);
    }

    /// What faults choose at random is repeated with the same seed.
    pub fn seed(&self, seed: u64) {
        self.shared.faults().seed(seed);
    }

    /// Removes all faults; open watches keep theirs.
    pub fn clear_faults(&self) {
        self.shared.faults().clear();
    }

    /// From now on, requests without this bearer token get 401; `None` admits everyone.
    pub fn expect_token(&self, token: Option<&str>) {
        *lock(&self.shared.token) = token.map(str::to_owned);
    }

    /// Sends a bookmark on every watch that allows it and has sent everything.
    pub fn send_bookmarks(&self) {
        self.shared.bookmark_now.send_modify(|count| *count += 1);
    }

    /// Cuts every connection immediately, wherever it is.
    pub fn cut(&self) {
        std::mem::take(&mut *lock(&self.shared.cut)).cancel();
    }

    /// The requests so far, oldest first.
    #[must_use]
    pub fn requests(&self) -> Vec<RecordedRequest> {
        self.shared.journal.entries()
    }

    /// How many requests had this verb and this resource, `pods` or `virtualmachines.kubevirt.io`.
    #[must_use]
    pub fn count(&self, verb: Verb, resource: &str) -> usize {
        self.requests().iter().filter(|asked| asked.verb == verb && asked.resource == resource).count()
    }

    /// The number of open watches.
    #[must_use]
    pub fn open_watches(&self) -> usize {
        self.shared.journal.open_watches()
    }

    /// Waits until a condition on [`Server::requests`], [`Server::count`] or [`Server::open_watches`] holds. Dropping
    /// the future ends the wait, which has no bound of its own.
    pub async fn until(&self, mut holds: impl FnMut(&Self) -> bool) {
        let mut changes = self.shared.journal.changes();
        while !holds(self) {
            if changes.changed().await.is_err() {
                return;
            }
        }
    }

    /// Waits until each of these resources was watched at least once. Dropping the future ends the wait.
    pub async fn until_watched(&self, resources: &[Resource]) {
        let addresses: Vec<_> = resources.iter().map(address).collect();
        self.until(|server| server.shared.journal.watched(&addresses)).await;
    }

    /// Stops listening, ends watches properly, lets other responses finish, and joins every task.
    ///
    /// # Errors
    /// When connections did not end within [`Options::drain`]: they are cut and joined.
    pub async fn shutdown(self) -> Result<(), Error> {
        self.driving.iter().for_each(JoinHandle::abort);
        self.shared.closing.cancel();
        match self.accepting.await {
            Ok(0) | Err(_) => Ok(()),
            Ok(connections) => Err(Error::Drain { connections }),
        }
    }

    /// Stops like a killed process: every connection is cut immediately. Joins every task.
    pub async fn kill(self) {
        self.driving.iter().for_each(JoinHandle::abort);
        self.cut();
        self.shared.closing.cancel();
        // The number of aborted connections does not matter here.
        let _ = self.accepting.await;
    }
}

/// Makes the steps of a recording.
async fn drive(shared: Arc<Shared>) {
    let Some(reel) = &shared.reel else { return };
    let of_steps = shared.clone();
    let playback = reel.playback.clone();
    // The watches that have ended and were not opened again.
    let mut ended_watches = Vec::new();
    let move_to = move |target, jumps| {
        if jumps {
            ended_watches.clear();
        }
        let mut wanted = Vec::new();
        let made = of_steps.store.move_to(target, jumps, |ended| {
            let journal = &of_steps.journal;
            ended_watches.retain(|watch| !journal.has_opened(watch));
            for part in &ended.watches {
                for watch in journal.once_reopened(part) {
                    if !ended_watches.iter().any(|(watched, _)| *watched == watch.0) {
                        ended_watches.push(watch);
                    }
                }
            }
            if ended.is_listed {
                let is_listed = |((address, scope), _): &mut (_, _)| {
                    ended.watches.iter().any(|(of, part)| of == address && part.overlaps(scope))
                };
                wanted = ended_watches.extract_if(.., is_listed).collect();
            }
        });
        if !wanted.is_empty() {
            let number = playback.wait_at(made);
            let (shared, playback) = (of_steps.clone(), playback.clone());
            tokio::spawn(async move {
                // A client that ends instead is not waited for.
                let _ = tokio::time::timeout(AFTER_GAP, shared.journal.until_opened(&wanted)).await;
                playback.go_on(number);
            });
        }
        made
    };
    reel.playback.drive_in_parts(move_to).await;
}
