//! One cluster: how it is reached, as whom, and raw requests to it.
//!
//! The client is kube's, on a connector of our own that has TCP keep-alive on. Nothing is retried here: the watch loop
//! decides what an interruption means.

use super::causes::find;
use super::certificate::Validity;
use super::clock::Clock;
use super::credential;
use super::error::Error;
use super::overrides::Overrides;
use super::patience::Patience;
use super::secretless;
use http::{Request, Response, StatusCode, Uri, header};
use http_body_util::BodyExt;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use jiff::{SignedDuration, Timestamp};
use kube::client::{AuthError, Body, ClientBuilder, ConfigExt};
use kube::config::{Context, KubeConfigOptions, Kubeconfig, KubeconfigError};
use kube::{Client, Config};
use std::io::Read as _;
use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::RwLock;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;
use tokio::sync::Mutex;
use tower::{BoxError, ServiceBuilder, ServiceExt};

/// How long a request may take, unless `--request-timeout` says otherwise.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(30);
/// Largest answer that is read. A page of a list with 500 ordinary objects is a fraction of it; of larger objects, smaller
/// pages are requested.
const MAX_BODY_BYTES: usize = 128 << 20;
/// The same for errors.
const MAX_ERROR_BYTES: usize = 1 << 20;
/// How long before its expiry a credential is renewed.
const EXPIRY: SignedDuration = SignedDuration::from_secs(60);
/// The same warning is given again after this time.
const WARNED: Duration = Duration::from_mins(1);
/// How much longer than a request a connection attempt may take.
const CONNECT: Duration = Duration::from_secs(5);
const KEEP_ALIVE: Duration = Duration::from_secs(30);

/// How to reach a cluster, as kubectl's flags say it.
#[derive(Clone, Debug, Default)]
pub struct Access {
    /// `--kubeconfig`; else `KUBECONFIG`, `~/.kube/config`, or the pod's service account.
    pub kubeconfig: Option<PathBuf>,
    /// The address of a server that asks for no credentials; no kubeconfig is read then.
    pub server: Option<String>,
    /// What replaces parts of the kubeconfig.
    pub overrides: Overrides,
    /// `--context`.
    pub context: Option<String>,
    /// `--as`.
    pub impersonate: Option<String>,
    /// `--as-uid`.
    pub impersonate_uid: Option<String>,
    /// `--as-group`.
    pub impersonate_groups: Vec<String>,
    /// `--request-timeout`.
    pub request_timeout: Option<Duration>,
}

/// A cluster that is being talked to.
pub struct Cluster {
    access: Access,
    client: RwLock<Client>,
    /// When the credential of a plugin expires.
    expires: RwLock<Option<Timestamp>>,
    /// When the client certificate is valid.
    certificate: RwLock<Option<Validity>>,
    /// Held while the configuration is read again.
    renewal: Mutex<()>,
    clock: Clock,
    url: String,
    /// The address of the proxy that the server is reached through.
    proxy: Option<String>,
    /// Fingerprint of the certificate authority, if the configuration names one.
    authority: Option<String>,
    default_namespace: String,
    request_timeout: Duration,
    /// When anything last came from it, in milliseconds of the clock.
    heard: AtomicU64,
    /// How long it is waited for before the first list.
    patience: std::sync::Mutex<Patience>,
    /// The last warning, and when it was given.
    warned: std::sync::Mutex<Option<(String, Duration)>>,
    /// False once the terminal is for others, and a credential plugin can no longer talk to people on it.
    has_terminal: AtomicBool,
}

impl std::fmt::Debug for Cluster {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Cluster").field("url", &self.url).finish_non_exhaustive()
    }
}

impl Cluster {
    /// Reads the configuration and makes a client; sends nothing yet.
    ///
    /// # Errors
    /// When the configuration cannot be read or used.
    pub async fn new(access: Access) -> Result<Self, Error> {
        let request_timeout = access.request_timeout.unwrap_or(REQUEST_TIMEOUT);
        let Prepared { client, expires, certificate, url, proxy, authority, default_namespace } =
            prepare(&access, request_timeout, true).await?;
        Ok(Self {
            client: RwLock::new(client),
            expires: RwLock::new(expires),
            certificate: RwLock::new(certificate),
            renewal: Mutex::new(()),
            clock: Clock::start(Duration::ZERO),
            url,
            proxy,
            authority,
            default_namespace,
            heard: AtomicU64::new(0),
            patience: std::sync::Mutex::default(),
            warned: std::sync::Mutex::default(),
            has_terminal: AtomicBool::new(true),
            access,
            request_timeout,
        })
    }

    /// A server that asks for no credentials, such as the stand-in of `replay`; sends nothing yet.
    ///
    /// # Errors
    /// When that is no address.
    pub async fn at(url: impl Into<String>) -> Result<Self, Error> {
        Self::new(Access { server: Some(url.into()), ..Access::default() }).await
    }

    /// From now on, a credential plugin that is run again cannot use the terminal.
    pub(crate) fn leave_terminal(&self) {
        self.has_terminal.store(false, Ordering::Relaxed);
    }

    /// The server's address.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Fingerprint of the certificate authority that the server is trusted by, if the configuration names one.
    #[must_use]
    pub(crate) fn authority(&self) -> Option<&str> {
        self.authority.as_deref()
    }

    /// The namespace of the context.
    #[must_use]
    pub fn default_namespace(&self) -> &str {
        &self.default_namespace
    }

    /// How long a request may take.
    #[must_use]
    pub(crate) fn request_timeout(&self) -> Duration {
        self.request_timeout
    }

    /// Reads the configuration again: credentials and authorities may have been rotated. If that is already
    /// under way, nothing is done.
    ///
    /// # Errors
    /// When it cannot be read; the old client stays.
    pub(crate) async fn renew(&self) -> Result<(), Error> {
        let Ok(_renewal) = self.renewal.try_lock() else { return Ok(()) };
        self.replace().await
    }

    async fn replace(&self) -> Result<(), Error> {
        let fresh = prepare(&self.access, self.request_timeout, self.has_terminal.load(Ordering::Relaxed)).await?;
        *self.client.write().expect("never poisoned: nothing panics under it") = fresh.client;
        *self.expires.write().expect("never poisoned: nothing panics under it") = fresh.expires;
        *self.certificate.write().expect("never poisoned: nothing panics under it") = fresh.certificate;
        Ok(())
    }

    /// What is wrong with the client certificate, as far as its dates tell.
    pub(super) fn problem_of_certificate(&self) -> Option<String> {
        let certificate = *self.certificate.read().expect("never poisoned: nothing panics under it");
        certificate?.problem(self.clock.now().at)
    }

    fn is_expiring(&self) -> bool {
        let expires = *self.expires.read().expect("never poisoned: nothing panics under it");
        expires.is_some_and(|expires| expires.duration_since(self.clock.now().at) < EXPIRY)
    }

    /// Asks the plugin again shortly before its credential expires; where none can be had, the server answers 401.
    async fn refresh(&self) {
        if !self.is_expiring() {
            return;
        }
        let _renewal = self.renewal.lock().await;
        if self.is_expiring()
            && let Err(error) = self.replace().await
        {
            self.warn(&error);
        }
    }

    /// Warns of an error that does not end the recorder: the same one again only after a minute.
    pub(super) fn warn(&self, error: &Error) {
        let (words, now) = (error.to_string(), self.clock.played());
        let mut last = self.warned.lock().expect("never poisoned: nothing panics under it");
        if last.as_ref().is_some_and(|(same, at)| *same == words && now.saturating_sub(*at) < WARNED) {
            tracing::info!("{words}");
            return;
        }
        tracing::warn!("{words}");
        *last = Some((words, now));
    }

    /// Notes that something came from it.
    pub(super) fn hears(&self) {
        self.heard.store(u64::try_from(self.clock.played().as_millis()).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    /// When anything last came from it, by a clock of its own.
    pub(super) fn last_heard(&self) -> Duration {
        Duration::from_millis(self.heard.load(Ordering::Relaxed))
    }

    /// How long nothing has come from it.
    pub(super) fn silent_for(&self) -> Duration {
        self.clock.played().saturating_sub(self.last_heard())
    }

    /// Notes a temporary error of a request before the first list; true if the server answered properly before.
    pub(super) fn failed(&self) -> bool {
        let mut patience = self.patience.lock().expect("never poisoned: nothing panics under it");
        patience.failed(self.request_timeout, self.clock.played())
    }

    /// How long a first list may take: `--request-timeout`, less what temporary errors took before.
    pub(super) fn patience(&self) -> Duration {
        let patience = self.patience.lock().expect("never poisoned: nothing panics under it");
        patience.left(self.request_timeout, self.clock.played())
    }

    /// Sends a GET and returns the response as it begins.
    ///
    /// # Errors
    /// When there is no answer in time, or the path is longer than a URI may be (64 KiB). An answer of any status is no
    /// error.
    pub(crate) async fn get(&self, verb: &'static str, path: &str, accept: &str) -> Result<Response<Body>, Error> {
        let compressed = if verb == "watch" { "identity" } else { "gzip" };
        let request = Request::get(path)
            .header(header::ACCEPT, accept)
            .header(header::ACCEPT_ENCODING, compressed)
            .body(Body::empty())
            .map_err(|source| Error::Request { verb, path: path.to_owned(), source })?;
        let response = self.send(verb, request).await?;
        if !is_temporary(response.status()) {
            self.patience.lock().expect("never poisoned: nothing panics under it").answered();
        }
        Ok(response)
    }

    /// Sends a request and returns the response as it begins.
    async fn send(&self, verb: &'static str, request: Request<Body>) -> Result<Response<Body>, Error> {
        let sent = async {
            self.refresh().await;
            let client = self.client.read().expect("never poisoned: nothing panics under it").clone();
            client.send(request).await
        };
        match tokio::time::timeout(self.request_timeout, sent).await {
            Ok(Ok(response)) => {
                self.hears();
                Ok(response)
            }
            Ok(Err(source)) => Err(match find::<AuthError>(&source) {
                // Its cause may quote a credential.
                Some(error) if !matches!(error, AuthError::InvalidBearerToken(_)) => {
                    Error::Credential { verb, url: self.url.clone(), problem: secretless::of_auth(error) }
                }
                _ => {
                    let (url, proxy) = (self.url.clone(), self.proxy.clone());
                    Error::Unreachable { verb, url, proxy, source: Box::new(source) }
                }
            }),
            Err(_) => Err(Error::Timeout { verb, url: self.url.clone(), seconds: self.request_timeout.as_secs() }),
        }
    }

    /// Sends a JSON text by POST and returns the answer. Only reviews are sent: they create nothing.
    ///
    /// # Errors
    /// When there is no answer in time, or it is an error.
    pub(super) async fn post(&self, path: &str, json: String) -> Result<Vec<u8>, Error> {
        let verb = "post";
        let request = Request::post(path)
            .header(header::ACCEPT, "application/json")
            .header(header::CONTENT_TYPE, "application/json")
            .body(Body::from(json.into_bytes()))
            .map_err(|source| Error::Request { verb, path: path.to_owned(), source })?;
        let response = self.send(verb, request).await?;
        let code = response.status();
        let body = self.read(verb, path, response).await?;
        if code.is_success() {
            return Ok(body);
        }
        let message = code.canonical_reason().unwrap_or_default().to_owned();
        Err(Error::Refused { verb, what: path.to_owned(), code: code.as_u16(), message })
    }

    /// Reads a response to its end.
    ///
    /// # Errors
    /// When it breaks off, or does not end in time.
    pub(crate) async fn read(
        &self,
        verb: &'static str,
        what: &str,
        response: Response<Body>,
    ) -> Result<Vec<u8>, Error> {
        let gzip = is_gzip(&response);
        let limit = if response.status() == StatusCode::OK { MAX_BODY_BYTES } else { MAX_ERROR_BYTES };
        let too_large = || Error::TooLarge { verb, what: what.to_owned(), mebibytes: limit >> 20 };
        let broken = |source| Error::Broken { verb, what: what.to_owned(), source };
        let body = tokio::time::timeout(self.request_timeout, collect(response.into_body(), limit))
            .await
            .map_err(|_| Error::Timeout { verb, url: self.url.clone(), seconds: self.request_timeout.as_secs() })?
            .map_err(|source| broken(Box::new(source)))?
            .ok_or_else(too_large)?;
        if !gzip {
            return Ok(body);
        }
        let mut plain = Vec::with_capacity((body.len() * 8).min(limit));
        let unpacked = flate2::read::MultiGzDecoder::new(&*body).take(limit as u64 + 1);
        let length = { unpacked }.read_to_end(&mut plain).map_err(|source| broken(Box::new(source)))?;
        if length > limit { Err(too_large()) } else { Ok(plain) }
    }
}

/// The bytes of a body; none if there are more than `limit`.
async fn collect(mut body: Body, limit: usize) -> Result<Option<Vec<u8>>, kube::Error> {
    let mut bytes = Vec::new();
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame?.into_data() else { continue };
        if bytes.len() + data.len() > limit {
            return Ok(None);
        }
        bytes.extend_from_slice(&data);
    }
    Ok(Some(bytes))
}

/// True for errors after which a request is sent again.
#[must_use]
pub(super) fn is_temporary(code: StatusCode) -> bool {
    code.is_server_error() || matches!(code, StatusCode::TOO_MANY_REQUESTS | StatusCode::REQUEST_TIMEOUT)
}

/// True when the body is compressed.
#[must_use]
pub(super) fn is_gzip(response: &Response<Body>) -> bool {
    response.headers().get(header::CONTENT_ENCODING).is_some_and(|value| value.as_bytes() == b"gzip")
}

/// SHA-256 of certificates or of other bytes, whatever their order is.
pub(super) fn fingerprint(certificates: &[Vec<u8>]) -> String {
    use std::fmt::Write as _;
    let mut certificates: Vec<&Vec<u8>> = certificates.iter().collect();
    certificates.sort();
    let mut context = ring::digest::Context::new(&ring::digest::SHA256);
    certificates.into_iter().for_each(|certificate| context.update(certificate));
    context.finish().as_ref().iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// A client, and what is known of it.
struct Prepared {
    client: Client,
    expires: Option<Timestamp>,
    certificate: Option<Validity>,
    url: String,
    proxy: Option<String>,
    authority: Option<String>,
    default_namespace: String,
}

/// Reads the configuration and creates a client, on a thread that may block on files and auth providers. With
/// `has_terminal`, a credential plugin may talk to people.
async fn prepare(access: &Access, request_timeout: Duration, has_terminal: bool) -> Result<Prepared, Error> {
    let mut config = configure(access).await?;
    let url = secretless::address(&config.cluster_url).trim_end_matches('/').to_owned();
    let default_namespace = config.default_namespace.clone();
    let authority = config.root_cert.as_deref().map(fingerprint);
    if is_local(&config.cluster_url) && config.proxy_url.as_ref().is_some_and(is_of_environment) {
        config.proxy_url = None;
    }
    let proxy = config.proxy_url.as_ref().map(|proxy| secretless::address(proxy).trim_end_matches('/').to_owned());
    let mut expires = None;
    if let Some(exec) = config.auth_info.exec.clone() {
        let credential = credential::ask(&exec, has_terminal).await?;
        expires = credential.expires;
        credential.enter(&mut config.auth_info);
    }
    let made = tokio::task::spawn_blocking(move || {
        let certificate = Validity::of(&config.auth_info);
        Ok((client(config, request_timeout)?, certificate))
    });
    let (client, certificate) = tokio::time::timeout(credential::PLUGIN, made)
        .await
        .map_err(|_| Error::Slow { url: url.clone(), seconds: credential::PLUGIN.as_secs() })?
        .unwrap_or_else(|panic| std::panic::resume_unwind(panic.into_panic()))?;
    Ok(Prepared { client, expires, certificate, url, proxy, authority, default_namespace })
}

async fn configure(access: &Access) -> Result<Config, Error> {
    if let Some(url) = &access.server {
        return anonymous(url);
    }
    let asked = access.clone();
    // It may be a pipe, or on a disk that does not answer.
    let read = tokio::task::spawn_blocking(move || read_kubeconfig(&asked)).await;
    let mut config = match read.unwrap_or_else(|panic| std::panic::resume_unwind(panic.into_panic()))? {
        Some(kubeconfig) => from_kubeconfig(access, kubeconfig).await?,
        None if access.overrides.are_enough() => from_kubeconfig(access, Kubeconfig::default()).await?,
        None if std::env::var_os("KUBERNETES_SERVICE_HOST").is_some() => {
            Config::incluster().map_err(|source| Error::InCluster { source: Box::new(source) })?
        }
        None => return Err(Error::NoCluster),
    };
    let user = access.impersonate.iter().map(|user| ("--as", user));
    let uid = access.impersonate_uid.iter().map(|uid| ("--as-uid", uid));
    for (flag, value) in user.chain(uid).chain(groups(access)) {
        if !credential::fits_header(value) {
            return Err(Error::Impersonated { flag });
        }
    }
    if let Some(user) = &access.impersonate {
        config.auth_info.impersonate = Some(user.clone());
    }
    if let Some(uid) = &access.impersonate_uid {
        config.auth_info.impersonate_uid = Some(uid.clone());
    }
    if !access.impersonate_groups.is_empty() {
        config.auth_info.impersonate_groups = Some(access.impersonate_groups.clone());
    }
    Ok(config)
}

fn groups(access: &Access) -> impl Iterator<Item = (&'static str, &String)> {
    access.impersonate_groups.iter().map(|group| ("--as-group", group))
}

/// A server that is reached without credentials.
fn anonymous(url: &str) -> Result<Config, Error> {
    let failed = |error: http::uri::InvalidUri| Error::Client {
        // An invalid URL may contain a password in an unexpected place.
        url: url.rsplit('@').next().unwrap_or_default().to_owned(),
        problem: error.to_string(),
    };
    Ok(Config::new(url.parse().map_err(failed)?))
}

/// The kubeconfig, or none where kubectl would find none.
fn read_kubeconfig(access: &Access) -> Result<Option<Kubeconfig>, Error> {
    if let Some(path) = &access.kubeconfig {
        return Kubeconfig::read_from(path).map(Some).map_err(|error| unusable(access, error));
    }
    match Kubeconfig::read() {
        Ok(kubeconfig) => Ok(Some(kubeconfig)),
        Err(KubeconfigError::FindPath) => Ok(None),
        Err(KubeconfigError::ReadConfig(error, _))
            if error.kind() == std::io::ErrorKind::NotFound && named_by_environment().is_none() =>
        {
            Ok(None)
        }
        Err(error) => Err(unusable(access, error)),
    }
}

/// The names in a kubeconfig.
#[derive(Debug, Default)]
pub(crate) struct KubeconfigNames {
    /// Its contexts.
    pub contexts: Vec<String>,
    /// Its clusters.
    pub clusters: Vec<String>,
    /// Its users.
    pub users: Vec<String>,
}

/// The names in the kubeconfig; none if it cannot be read.
pub(crate) fn kubeconfig_names(access: &Access) -> KubeconfigNames {
    let Ok(Some(kubeconfig)) = read_kubeconfig(access) else { return KubeconfigNames::default() };
    KubeconfigNames {
        contexts: kubeconfig.contexts.into_iter().map(|named| named.name).collect(),
        clusters: kubeconfig.clusters.into_iter().map(|named| named.name).collect(),
        users: kubeconfig.auth_infos.into_iter().map(|named| named.name).collect(),
    }
}

/// kubectl takes an empty variable for none.
fn named_by_environment() -> Option<PathBuf> {
    std::env::var_os("KUBECONFIG").filter(|names| !names.is_empty()).map(PathBuf::from)
}

fn unusable(access: &Access, error: KubeconfigError) -> Error {
    let named = access.kubeconfig.clone().or_else(named_by_environment);
    match error {
        KubeconfigError::ReadConfig(source, path) => Error::Kubeconfig { path: Some(path), source: Box::new(source) },
        error => Error::Kubeconfig { path: named, source: secretless::of_kubeconfig(&error).into() },
    }
}

async fn from_kubeconfig(access: &Access, mut kubeconfig: Kubeconfig) -> Result<Config, Error> {
    access.overrides.apply(access.context.as_deref(), &mut kubeconfig)?;
    let contexts: Vec<String> = kubeconfig.contexts.iter().map(|context| context.name.clone()).collect();
    let authority = authority_file(access, &kubeconfig);
    check_user(access, &kubeconfig)?;
    let user = context(access, &kubeconfig).and_then(|(_, context)| context.user.clone()).unwrap_or_default();
    let options = KubeConfigOptions { context: access.context.clone(), cluster: None, user: None };
    let mut config = Config::from_custom_kubeconfig(kubeconfig, &options).await.map_err(|source| match source {
        KubeconfigError::LoadContext(name) => Error::Context { name, contexts },
        KubeconfigError::CurrentContextNotSet => Error::NoContext { contexts },
        error => unusable(access, error),
    })?;
    config.root_cert_file = authority;
    credential::check_provider(&config.auth_info, &user)?;
    credential::check_token(&mut config.auth_info, user)?;
    Ok(config)
}

/// kube treats a missing user as anonymous, and the server would only report that anonymous access is denied.
fn check_user(access: &Access, kubeconfig: &Kubeconfig) -> Result<(), Error> {
    let Some((name, context)) = context(access, kubeconfig) else { return Ok(()) };
    let Some(user) = context.user.as_ref().filter(|user| !user.is_empty()) else { return Ok(()) };
    if kubeconfig.auth_infos.iter().any(|named| named.name == *user) {
        return Ok(());
    }
    Err(Error::NoUser { context: name.to_owned(), user: user.clone() })
}

fn context<'a>(access: &'a Access, kubeconfig: &'a Kubeconfig) -> Option<(&'a str, &'a Context)> {
    let name = access.context.as_ref().or(kubeconfig.current_context.as_ref())?;
    let named = kubeconfig.contexts.iter().find(|named| named.name == *name)?;
    Some((name, named.context.as_ref()?))
}

/// The file of the certificate authority, if it is one: it may be rotated under us, and kube re-reads it.
fn authority_file(access: &Access, kubeconfig: &Kubeconfig) -> Option<PathBuf> {
    let (_, context) = context(access, kubeconfig)?;
    let cluster = kubeconfig.clusters.iter().find(|named| named.name == context.cluster)?.cluster.as_ref()?;
    if cluster.certificate_authority_data.is_some() {
        return None;
    }
    cluster.certificate_authority.as_ref().map(PathBuf::from)
}

fn client(mut config: Config, request_timeout: Duration) -> Result<Client, Error> {
    // A request that connects has its own, which says more when it ends.
    config.connect_timeout = Some(request_timeout + CONNECT);
    config.default_retry = false;
    let url = secretless::address(&config.cluster_url);
    if config.cluster_url.scheme().is_none() {
        let problem = format!("the address has no scheme; write https://{url}");
        return Err(Error::Client { url, problem });
    }
    let failed = |error: kube::Error| Error::Client { url, problem: secretless::of_client(&error) };
    if config.cluster_url.scheme() == Some(&http::uri::Scheme::HTTP) {
        // No certificate is checked, and this machine may have no authorities.
        config.root_cert.get_or_insert_default();
    }
    if config.proxy_url.is_some() {
        return Client::try_from(config).map_err(failed);
    }
    direct(&config).map_err(failed)
}

/// True for this machine, which no proxy of the environment is asked for, as in kubectl.
fn is_local(address: &Uri) -> bool {
    let host = address.host().unwrap_or_default().trim_matches(['[', ']']);
    host == "localhost" || host.parse().is_ok_and(|ip: IpAddr| ip.is_loopback())
}

/// True for a proxy that is named by the environment.
fn is_of_environment(proxy: &Uri) -> bool {
    ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"]
        .iter()
        .filter_map(|name| std::env::var(name).ok()?.parse::<Uri>().ok())
        .any(|named| named == *proxy)
}

/// kube's layers around a connector with TCP keep-alive.
fn direct(config: &Config) -> Result<Client, kube::Error> {
    let mut tcp = HttpConnector::new();
    tcp.enforce_http(false);
    tcp.set_nodelay(true);
    tcp.set_keepalive(Some(KEEP_ALIVE));
    tcp.set_connect_timeout(config.connect_timeout);
    let tls = config.rustls_https_connector_with_connector(tcp)?;
    let http = hyper_util::client::legacy::Builder::new(TokioExecutor::new()).build::<_, Body>(tls);
    let service = ServiceBuilder::new()
        .layer(config.base_uri_layer())
        .option_layer(config.auth_layer()?)
        .layer(config.extra_headers_layer()?)
        .map_err(BoxError::from)
        .service(http);
    Ok(ClientBuilder::new(service.boxed(), config.default_namespace.clone()).build())
}
