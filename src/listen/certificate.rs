//! The server's certificate, which is read again when its files change.

use super::error::Error;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

/// A certificate with its key.
#[derive(Clone, Debug)]
pub(crate) struct Certificate(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    certificate: PathBuf,
    key: PathBuf,
    known: Mutex<Known>,
}

#[derive(Debug)]
struct Known {
    modified: [Option<SystemTime>; 2],
    config: Arc<ServerConfig>,
}

impl Certificate {
    /// Reads the files, in PEM, if both are given.
    ///
    /// # Errors
    /// Those of [`Certificate::read`].
    pub(crate) fn of(certificate: Option<PathBuf>, key: Option<PathBuf>) -> Result<Option<Self>, Error> {
        certificate.zip(key).map(|(certificate, key)| Self::read(certificate, key)).transpose()
    }

    /// Reads the files, in PEM.
    ///
    /// # Errors
    /// One cannot be read, or they do not belong together.
    pub(crate) fn read(certificate: PathBuf, key: PathBuf) -> Result<Self, Error> {
        let known = read(&certificate, &key)?;
        Ok(Self(Arc::new(Inner { certificate, key, known: Mutex::new(known) })))
    }

    /// Accepts connections with the certificate as it is now.
    pub(crate) fn acceptor(&self) -> TlsAcceptor {
        let Inner { certificate, key, known } = &*self.0;
        let mut known = known.lock().unwrap_or_else(PoisonError::into_inner);
        if [modified(certificate), modified(key)] != known.modified {
            match read(certificate, key) {
                Ok(read) => *known = read,
                // They may be in the middle of a change.
                Err(error) => tracing::warn!("the certificate that was read before is used: {error}"),
            }
        }
        TlsAcceptor::from(Arc::clone(&known.config))
    }
}

fn modified(path: &Path) -> Option<SystemTime> {
    path.metadata().and_then(|metadata| metadata.modified()).ok()
}

fn read(certificate: &Path, key: &Path) -> Result<Known, Error> {
    let refused = |path: &Path, why: String| Error::File { path: path.to_owned(), why };
    let modified = [modified(certificate), modified(key)];
    let chain: Vec<_> = CertificateDer::pem_file_iter(certificate)
        .and_then(Iterator::collect)
        .map_err(|error| refused(certificate, error.to_string()))?;
    if chain.is_empty() {
        return Err(refused(certificate, "it has no certificate in PEM".to_owned()));
    }
    let secret = PrivateKeyDer::from_pem_file(key).map_err(|error| refused(key, error.to_string()))?;
    let mut config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .expect("the provider has TLS 1.2 and 1.3")
        .with_no_client_auth()
        .with_single_cert(chain, secret)
        .map_err(|error| refused(key, format!("it does not fit {}: {error}", certificate.display())))?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(Known { modified, config: Arc::new(config) })
}
