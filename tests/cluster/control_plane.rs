//! A control plane: one etcd, one API server or several, and controllers when asked for. No root is needed.
//!
//! It is what a test starts first. It has no node (see [`Node`](super::Node)) and, unless asked, no
//! controllers: objects are then exactly what the test made of them, and nothing else writes.

use std::ops::Deref;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::apiserver::{Apiserver, Shared};
use super::certificates::{self, Authority};
use super::client::{ADMIN, Client, token_of};
use super::controllers::Controllers;
use super::etcd::Etcd;
use super::folder::Folder;

/// How a control plane is started. Built by its methods from [`Options::default`].
#[derive(Clone, Debug, Default)]
pub(crate) struct Options {
    users: Vec<(String, Vec<String>)>,
    apiserver_flags: Vec<String>,
    controller_flags: Vec<String>,
    etcd_flags: Vec<String>,
    feature_gates: Vec<String>,
    controllers: bool,
}

impl Options {
    /// Adds a user with a token, in these groups. Without RBAC bindings of the test's making, it may do nothing.
    #[must_use]
    pub(crate) fn user(mut self, name: &str, groups: &[&str]) -> Self {
        self.users.push((name.to_owned(), groups.iter().map(ToString::to_string).collect()));
        self
    }

    /// Adds a flag of kube-apiserver, such as `--min-request-timeout=5`. It wins over the harness's own.
    #[must_use]
    pub(crate) fn apiserver_flag(mut self, flag: &str) -> Self {
        self.apiserver_flags.push(flag.to_owned());
        self
    }

    /// Adds a flag of kube-controller-manager, such as `--node-monitor-grace-period=10s`.
    #[must_use]
    pub(crate) fn controller_flag(mut self, flag: &str) -> Self {
        self.controller_flags.push(flag.to_owned());
        self
    }

    /// Adds a flag of etcd.
    #[must_use]
    pub(crate) fn etcd_flag(mut self, flag: &str) -> Self {
        self.etcd_flags.push(flag.to_owned());
        self
    }

    /// Switches a feature gate, in all of the programs.
    #[must_use]
    pub(crate) fn feature_gate(mut self, name: &str, on: bool) -> Self {
        self.feature_gates.push(format!("{name}={on}"));
        self
    }

    /// Starts kube-controller-manager and kube-scheduler too, and lets pods have service accounts, which a
    /// controller makes. A [`Node`](super::Node) needs them.
    #[must_use]
    pub(crate) fn with_controllers(mut self) -> Self {
        self.controllers = true;
        self
    }
}

/// A running control plane. What clients do with it is in [`Client`], to which it dereferences.
pub(crate) struct ControlPlane {
    // In the order in which they are to end.
    controllers: Mutex<Option<Controllers>>,
    apiserver: Apiserver,
    etcd: Mutex<Etcd>,
    shared: Arc<Shared>,
    options: Options,
}

impl ControlPlane {
    /// Starts it, and returns once its API server is ready.
    ///
    /// # Panics
    /// When the programs are not built, or something does not come up within a minute: with the end of its log.
    #[expect(clippy::needless_pass_by_value, reason = "who starts it writes the options in place")]
    pub(crate) fn start(options: Options) -> Self {
        const TRIES: usize = 3;
        let mut failure = String::new();
        for _ in 0..TRIES {
            match Self::try_start(&options) {
                Ok(plane) => return plane,
                // Somebody outside of these tests was quicker at the port.
                Err(reason) if reason.contains("address already in use") => failure = reason,
                Err(reason) => panic!("{reason}"),
            }
        }
        panic!("no control plane after {TRIES} tries\n{failure}");
    }

    fn try_start(options: &Options) -> Result<Self, String> {
        let folder = Arc::new(Folder::new());
        let etcd = Etcd::start(&folder, &options.etcd_flags)?;
        let authority = Authority::new();
        folder.write("ca.crt", authority.pem());
        let flags = common_flags(&folder, &authority, options);
        let shared = Arc::new(Shared { folder, authority, etcd_url: etcd.url(), flags });
        let apiserver = Apiserver::start(Arc::clone(&shared))?;
        let (controllers, etcd) = (Mutex::new(None), Mutex::new(etcd));
        let plane = Self { controllers, apiserver, etcd, shared, options: options.clone() };
        if options.controllers {
            let controllers = Controllers::start(&plane)?;
            *plane.controllers.lock().unwrap_or_else(PoisonError::into_inner) = Some(controllers);
        }
        Ok(plane)
    }

    /// See [`Apiserver::kill`].
    pub(crate) fn kill_apiserver(&self) {
        self.apiserver.kill();
    }

    /// See [`Apiserver::stop`].
    pub(crate) fn stop_apiserver(&self) {
        self.apiserver.stop();
    }

    /// See [`Apiserver::restart`].
    pub(crate) fn restart_apiserver(&self) {
        self.apiserver.restart();
    }

    /// The API server that was started with the control plane.
    pub(crate) fn apiserver(&self) -> &Apiserver {
        &self.apiserver
    }

    /// One more API server before the same etcd, at another port. It is the caller's to keep, and to drop
    /// before the control plane.
    ///
    /// # Panics
    /// As [`ControlPlane::start`].
    pub(crate) fn second_apiserver(&self) -> Apiserver {
        Apiserver::start(Arc::clone(&self.shared)).unwrap_or_else(|failure| panic!("{failure}"))
    }

    /// See [`Apiserver::rotate_serving_certificate`].
    pub(crate) fn rotate_serving_certificate(&self) {
        self.apiserver.rotate_serving_certificate();
    }

    /// The revision of etcd's newest write: what a list would tell as its resourceVersion.
    pub(crate) fn etcd_revision(&self) -> i64 {
        self.etcd().revision()
    }

    /// Makes etcd forget all history before its newest revision, and gives that revision.
    ///
    /// API servers keep what they have in memory. A watch goes on from their watch caches, and with the feature
    /// gate `ListFromCacheSnapshot` (on since 1.34) a list at an old revision is answered from snapshots for up
    /// to 15 s more. After a restart both are gone.
    pub(crate) fn compact_etcd(&self) -> i64 {
        let etcd = self.etcd();
        let revision = etcd.revision();
        etcd.compact(revision);
        revision
    }

    /// Backs etcd up, and gives its newest revision then.
    pub(crate) fn back_up_etcd(&self) -> i64 {
        let mut etcd = self.etcd();
        let revision = etcd.revision();
        etcd.back_up();
        revision
    }

    /// Puts etcd back to its backup, and restarts the API server, as after a disaster.
    pub(crate) fn restore_etcd(&self) {
        self.kill_apiserver();
        self.etcd().restore();
        self.restart_apiserver();
    }

    /// A test that panicked while holding the lock left a process to be ended all the same.
    fn etcd(&self) -> MutexGuard<'_, Etcd> {
        self.etcd.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The folder that holds everything of the control plane, until it is dropped.
    pub(crate) fn folder(&self) -> &Path {
        self.shared.folder.path()
    }

    pub(super) fn shared(&self) -> &Shared {
        &self.shared
    }

    pub(super) fn options(&self) -> &Options {
        &self.options
    }
}

impl Options {
    /// The flag by which every program of Kubernetes is told of the feature gates.
    pub(super) fn feature_gates_flag(&self) -> Option<String> {
        (!self.feature_gates.is_empty()).then(|| format!("--feature-gates={}", self.feature_gates.join(",")))
    }

    pub(super) fn controller_flags(&self) -> &[String] {
        &self.controller_flags
    }

    pub(super) fn has_controllers(&self) -> bool {
        self.controllers
    }
}

impl Deref for ControlPlane {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.apiserver
    }
}

impl Drop for ControlPlane {
    /// An API server whose etcd went first never ends by itself.
    fn drop(&mut self) {
        self.controllers.lock().unwrap_or_else(PoisonError::into_inner).take();
        self.apiserver.kill();
        self.etcd().stop();
    }
}

fn common_flags(folder: &Folder, authority: &Authority, options: &Options) -> Vec<String> {
    let signing = certificates::key();
    let kubelet_client = authority.client("kube-apiserver-kubelet-client");
    let written = |name: &str, text: &str| folder.write(name, text).display().to_string();
    let mut flags = vec![
        format!("--token-auth-file={}", written("tokens.csv", &tokens(options))),
        "--authorization-mode=RBAC".into(),
        "--allow-privileged=true".into(),
        // The service network is not used: nothing routes it.
        "--service-cluster-ip-range=10.96.0.0/24".into(),
        "--endpoint-reconciler-type=none".into(),
        // Nodes are named at will; no name server knows them.
        "--kubelet-preferred-address-types=InternalIP".into(),
        "--service-account-issuer=https://kubernetes.default.svc".into(),
        format!("--service-account-key-file={}", written("service-accounts.pub", &signing.public_key_pem())),
        format!("--service-account-signing-key-file={}", written("service-accounts.key", &signing.serialize_pem())),
        format!("--kubelet-client-certificate={}", written("kubelet-client.crt", &kubelet_client.certificate)),
        format!("--kubelet-client-key={}", written("kubelet-client.key", &kubelet_client.key)),
    ];
    if !options.controllers {
        flags.push("--disable-admission-plugins=ServiceAccount".into());
    }
    flags.extend(options.feature_gates_flag());
    flags.extend_from_slice(&options.apiserver_flags);
    flags
}

/// Lines of `token,user,uid,"group,group"`.
fn tokens(options: &Options) -> String {
    let admin = (ADMIN.to_owned(), vec!["system:masters".to_owned()]);
    let line =
        |(user, groups): &(String, Vec<String>)| format!("{},{user},{user},\"{}\"\n", token_of(user), groups.join(","));
    std::iter::once(&admin).chain(&options.users).map(line).collect()
}
