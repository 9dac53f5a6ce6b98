//! A request to a server: `statetrail mark`.

use crate::listen::first_token;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{Request, Uri};
use http_body_util::{BodyExt, Limited};
use kube::{Client, Config};
use serde::Deserialize;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How long the answer is waited for.
const PATIENCE: Duration = Duration::from_secs(10);
/// The largest answer.
const MOST_BYTES: usize = 1 << 20;

/// Where a server is, and how it is reached.
#[derive(Debug)]
pub(crate) struct Target {
    /// Its address: `http://127.0.0.1:43121`.
    pub server: String,
    /// A file with a bearer token in its first line.
    pub token_file: Option<PathBuf>,
    /// A file with the certificate authority of its certificate.
    pub certificate_authority: Option<PathBuf>,
}

/// Why a request failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CallError {
    /// The address is none.
    #[error("`{0}` is no address of a server; write http://HOST:PORT")]
    Address(String),
    /// A file cannot be used.
    #[error("cannot use {}: {why}", path.display())]
    File {
        /// Its path.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// There was no answer.
    #[error("cannot ask {server}")]
    Unreachable {
        /// The server.
        server: String,
        /// The cause.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The server did not answer in time.
    #[error("{0} does not answer within 10s: whether the mark is in its recording is not known")]
    Silent(String),
    /// The server refused.
    #[error("{server} answers {status}: {detail}")]
    Refused {
        /// The server.
        server: String,
        /// The status code.
        status: u16,
        /// Why.
        detail: String,
    },
}

/// Writes a mark, and returns when it was written.
///
/// # Errors
/// It may not be in the recording.
pub(crate) async fn mark(target: &Target, name: &str) -> Result<String, CallError> {
    #[derive(Deserialize)]
    struct Written {
        at: String,
    }
    #[derive(Deserialize)]
    struct Problem {
        detail: String,
    }
    let Target { server, token_file, certificate_authority } = target;
    let address = || CallError::Address(server.clone());
    let url: Uri = server.parse().map_err(|_| address())?;
    if !matches!(url.scheme_str(), Some("http" | "https")) || url.host().is_none() {
        return Err(address());
    }
    let mut config = Config::new(url);
    config.root_cert = certificate_authority.as_deref().map(authorities).transpose()?;
    let unreachable =
        |source: Box<dyn std::error::Error + Send + Sync>| CallError::Unreachable { server: server.clone(), source };
    let client = Client::try_from(config).map_err(|error| unreachable(error.into()))?;
    let body = serde_json::json!({ "name": name }).to_string();
    let mut request = Request::post("/v1/marks").header(CONTENT_TYPE, "application/json");
    if let Some(path) = token_file {
        request = request.header(AUTHORIZATION, format!("Bearer {}", token(path)?));
    }
    let request = request.body(body.into_bytes().into()).map_err(|error| unreachable(error.into()))?;
    let asked = async {
        let response = client.send(request).await.map_err(|error| match error {
            kube::Error::Service(source) => unreachable(source),
            error => unreachable(error.into()),
        })?;
        let status = response.status();
        let body = Limited::new(response.into_body(), MOST_BYTES).collect().await.map_err(unreachable)?.to_bytes();
        Ok((status, body))
    };
    let (status, body) =
        tokio::time::timeout(PATIENCE, asked).await.map_err(|_| CallError::Silent(server.clone()))??;
    if status.is_success()
        && let Ok(Written { at }) = serde_json::from_slice(&body)
    {
        return Ok(at);
    }
    let detail = serde_json::from_slice(&body).map(|Problem { detail }| detail);
    let detail = detail.unwrap_or_else(|_| "it is no statetrail server".to_owned());
    Err(CallError::Refused { server: server.clone(), status: status.as_u16(), detail })
}

fn token(path: &Path) -> Result<String, CallError> {
    first_token(path).map_err(|why| CallError::File { path: path.to_owned(), why })
}

fn authorities(path: &Path) -> Result<Vec<Vec<u8>>, CallError> {
    use tokio_rustls::rustls::pki_types::CertificateDer;
    use tokio_rustls::rustls::pki_types::pem::PemObject;
    let refused = |why: String| CallError::File { path: path.to_owned(), why };
    let read = CertificateDer::pem_file_iter(path).map_err(|error| refused(error.to_string()))?;
    let read: Vec<Vec<u8>> = read
        .map(|certificate| certificate.map(|der| der.to_vec()).map_err(|error| refused(error.to_string())))
        .collect::<Result<_, _>>()?;
    if read.is_empty() { Err(refused("it has no certificate in PEM".to_owned())) } else { Ok(read) }
}
