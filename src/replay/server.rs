//! The stand-in API server: a port on the loopback interface, its connections, and how tests and replays control it.
//!
//! It owns every task that it starts and joins them in [`Server::shutdown`]. It speaks plain HTTP/1.1 and refuses
//! writes; it has no TLS and no authorization.

use super::connections::{accept, listen};
use super::fault::Fault;
use super::journal::RecordedRequest;
use super::options::Options;
use super::shared::{Shared, lock};
use super::store::{Store, address};
use super::{Error, Verb};
use crate::observation::Resource;
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::task::JoinHandle;

/// A running server.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    shared: Arc<Shared>,
    accepting: JoinHandle<usize>,
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
        let bind = |source| Error::Bind { address: options.address, source };
        let listener = listen(&options).map_err(bind)?;
        let address = listener.local_addr().map_err(bind)?;
        let shared = Arc::new(Shared::new(store, options));
        let accepting = tokio::spawn(accept(listener, shared.clone()));
        Ok(Self { address, shared, accepting })
    }

    /// The address that it listens on.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// `http://127.0.0.1:PORT`
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// A kubeconfig with one context, `replay`, and the currently expected token, if any.
    #[must_use]
    pub fn kubeconfig_yaml(&self) -> String {
        let user = match &*lock(&self.shared.token) {
            Some(token) => format!("{{token: {}}}", serde_json::Value::from(token.as_str())),
            None => "{}".to_owned(),
        };
        let url = self.url();
        format!(
            "apiVersion: v1\nkind: Config\ncurrent-context: replay\n\
             clusters:\n- name: replay\n  cluster: {{server: \"{url}\"}}\n\
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
        self.shared.closing.cancel();
        match self.accepting.await {
            Ok(0) | Err(_) => Ok(()),
            Ok(connections) => Err(Error::Drain { connections }),
        }
    }

    /// Stops like a killed process: every connection is cut immediately. Joins every task.
    pub async fn kill(self) {
        self.cut();
        self.shared.closing.cancel();
        // The number of aborted connections does not matter here.
        let _ = self.accepting.await;
    }
}
