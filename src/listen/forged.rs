//! Requests that a page of another origin made a browser send (DNS rebinding, cross-site requests).

use http::header::{HOST, ORIGIN};
use http::uri::Authority;
use http::{HeaderMap, HeaderValue, Uri};
use std::net::IpAddr;

/// Why a request is refused.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Forged {
    /// It does not say for which host it is.
    #[error("name one host, in one Host header")]
    Unnamed,
    /// It is for another host, whose name leads here.
    #[error("the request is for `{host}`: ask for localhost, 127.0.0.1 or [::1], where this server listens")]
    Elsewhere {
        /// The names of the host.
        host: String,
    },
    /// It is of a page of another origin.
    #[error("requests of pages of other origins are refused")]
    Origin,
}

/// Refuses requests that a page of another origin has made (DNS rebinding, cross-site requests).
///
/// # Errors
/// It was, or may have been.
pub(crate) fn refuse_forged(is_loopback: bool, headers: &HeaderMap, uri: &Uri) -> Result<(), Forged> {
    let hosts: Vec<&str> = headers.get_all(HOST).iter().map(|host| host.to_str().unwrap_or_default()).collect();
    // HTTP/2 has it in the URI, and HTTP/1 may have it there, too.
    let in_uri = uri.authority().map(Authority::as_str);
    let named: Vec<&str> = hosts.iter().copied().chain(in_uri).collect();
    let authorities: Option<Vec<Authority>> = named.iter().map(|host| host.parse().ok()).collect();
    let authorities = authorities.filter(|all| !all.is_empty() && hosts.len() <= 1);
    let is_plain = |authority: &Authority| !authority.as_str().contains('@');
    let Some(authorities) = authorities.filter(|all| all.iter().all(is_plain)) else {
        return Err(Forged::Unnamed);
    };
    let is_local = authorities.iter().all(|authority| is_loopback_name(authority.host()));
    if is_loopback && !is_local {
        return Err(Forged::Elsewhere { host: named.join("`, `") });
    }
    let is_own = |origin: &HeaderValue| {
        let origin: Option<Uri> = origin.to_str().ok().and_then(|origin| origin.parse().ok());
        origin.as_ref().and_then(Uri::authority).is_some_and(|origin| authorities.contains(origin))
    };
    if headers.get_all(ORIGIN).iter().all(is_own) { Ok(()) } else { Err(Forged::Origin) }
}

fn is_loopback_name(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost") || address.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passes(is_loopback: bool, host: &str, origin: Option<&str>) -> bool {
        let mut headers = HeaderMap::new();
        headers.insert(HOST, host.parse().expect("a value"));
        origin.into_iter().for_each(|origin| _ = headers.insert(ORIGIN, origin.parse().expect("a value")));
        refuse_forged(is_loopback, &headers, &Uri::from_static("/v1/status")).is_ok()
    }

    #[test]
    fn on_loopback_only_names_of_this_machine_are_served() {
        for host in ["localhost", "LOCALHOST:80", "127.0.0.1:1", "127.9.9.9", "[::1]:4"] {
            assert!(passes(true, host, None), "{host}");
        }
        for host in ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example:80", "10.0.0.1", "", "a b"] {
            assert!(!passes(true, host, None), "{host}");
        }
        assert!(passes(false, "statetrail.example", None));
    }

    #[test]
    fn pages_of_other_origins_are_refused() {
        assert!(passes(true, "localhost:80", Some("http://localhost:80")));
        for origin in ["http://localhost:81", "http://evil.example", "null", "http://localhost"] {
            assert!(!passes(true, "localhost:80", Some(origin)), "{origin}");
        }
        assert!(!passes(false, "statetrail.example", Some("https://evil.example")));
    }
}
