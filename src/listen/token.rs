//! A file of bearer tokens.

use super::error::Error;
use http::HeaderMap;
use http::header::AUTHORIZATION;
use ring::digest::{SHA256, digest};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;
use subtle::{Choice, ConstantTimeEq};

/// The tokens of a file, one a line; a changed file is read again.
#[derive(Clone, Debug)]
pub(crate) struct TokenFile(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    path: PathBuf,
    known: Mutex<Known>,
}

#[derive(Debug)]
struct Known {
    modified: Option<SystemTime>,
    /// The SHA-256 of each token: comparisons of these take the same time, however long a token is.
    digests: Vec<[u8; 32]>,
}

impl TokenFile {
    /// Reads the file.
    ///
    /// # Errors
    /// It cannot be read, or has no token.
    pub(crate) fn read(path: PathBuf) -> Result<Self, Error> {
        let known = read(&path).map_err(|why| Error::File { path: path.clone(), why })?;
        Ok(Self(Arc::new(Inner { path, known: Mutex::new(known) })))
    }

    /// Whether it has a token.
    pub(crate) fn has(&self, token: &str) -> bool {
        let Inner { path, known } = &*self.0;
        let mut known = known.lock().unwrap_or_else(PoisonError::into_inner);
        if modified(path) != known.modified {
            match read(path) {
                Ok(read) => *known = read,
                Err(why) => tracing::warn!("{}: {why}; the tokens that were read before are valid", path.display()),
            }
        }
        let wanted = sha256(token);
        let is_any = known.digests.iter().fold(Choice::from(0), |any, digest| any | digest.ct_eq(&wanted));
        is_any.into()
    }
}

/// The first token of a file, for a client.
///
/// # Errors
/// Why it cannot be read, or that it has none.
pub(crate) fn first_token(path: &Path) -> Result<String, String> {
    let text = std::fs::read_to_string(path).map_err(|error| error.to_string())?;
    let token = text.lines().map(str::trim).find(|line| !line.is_empty());
    token.map(ToOwned::to_owned).ok_or_else(|| "it has no token".to_owned())
}

/// The bearer token of a request.
pub(crate) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let (scheme, token) = value?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

fn modified(path: &Path) -> Option<SystemTime> {
    path.metadata().and_then(|metadata| metadata.modified()).ok()
}

fn read(path: &Path) -> Result<Known, String> {
    let modified = modified(path);
    let text = std::fs::read_to_string(path).map_err(|error| error.to_string())?;
    let digests: Vec<_> = text.lines().map(str::trim).filter(|line| !line.is_empty()).map(sha256).collect();
    if digests.is_empty() {
        Err("it has no token; write one in a line".to_owned())
    } else {
        Ok(Known { modified, digests })
    }
}

fn sha256(text: &str) -> [u8; 32] {
    digest(&SHA256, text.as_bytes()).as_ref().try_into().expect("SHA-256 has 32 bytes")
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "a time in the future is of the clock of the file system")]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn each_line_is_a_token_and_a_changed_file_is_read_again() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("tokens");
        assert!(TokenFile::read(path.clone()).is_err());
        std::fs::write(&path, "\n").expect("it is written");
        assert!(TokenFile::read(path.clone()).is_err());
        std::fs::write(&path, "one\n two \n").expect("it is written");
        let tokens = TokenFile::read(path.clone()).expect("two tokens");
        assert!(tokens.has("one") && tokens.has("two") && !tokens.has("") && !tokens.has("on"));
        std::fs::write(&path, "three\n").expect("it is written");
        let later = SystemTime::now() + Duration::from_secs(5);
        std::fs::File::options().write(true).open(&path).and_then(|file| file.set_modified(later)).expect("it is set");
        assert!(tokens.has("three") && !tokens.has("one"));
        std::fs::remove_file(&path).expect("it is removed");
        assert!(tokens.has("three"), "a file that is being replaced locks nobody out");
    }
}
