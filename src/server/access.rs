//! Who may send requests: a token where one is needed, and no pages of other origins.

use super::problem::Problem;
use super::review::Reviewer;
use super::token::TokenFile;
use http::header::{AUTHORIZATION, HOST, ORIGIN};
use http::uri::Authority;
use http::{HeaderMap, HeaderValue, Uri};
use std::net::IpAddr;

/// Who has access.
#[derive(Clone, Debug)]
pub(crate) struct Access {
    /// The server listens on a loopback address: names of other hosts that lead here are forged.
    pub is_loopback: bool,
    /// Who may send requests.
    pub who: Who,
}

/// Who may send requests.
#[derive(Clone, Debug)]
pub(crate) enum Who {
    /// Whoever reaches it.
    Anyone,
    /// Who has a token of a file.
    Token(TokenFile),
    /// Who may watch in the cluster what is recorded.
    Kubernetes(Reviewer),
}

/// Refuses requests that a page of another origin has made (DNS rebinding, cross-site requests).
pub(super) fn refuse_forged(access: &Access, headers: &HeaderMap, uri: &Uri) -> Result<(), Problem> {
    let hosts: Vec<&str> = headers.get_all(HOST).iter().map(|host| host.to_str().unwrap_or_default()).collect();
    // HTTP/2 has it in the URI, and HTTP/1 may have it there, too.
    let in_uri = uri.authority().map(Authority::as_str);
    let named: Vec<&str> = hosts.iter().copied().chain(in_uri).collect();
    let authorities: Option<Vec<Authority>> = named.iter().map(|host| host.parse().ok()).collect();
    let authorities = authorities.filter(|all| !all.is_empty() && hosts.len() <= 1);
    let is_plain = |authority: &Authority| !authority.as_str().contains('@');
    let Some(authorities) = authorities.filter(|all| all.iter().all(is_plain)) else {
        return Err(Problem::bad_request("name one host, in one Host header"));
    };
    let is_local = authorities.iter().all(|authority| is_loopback(authority.host()));
    if access.is_loopback && !is_local {
        return Err(Problem::forbidden(format!(
            "the request is for `{}`: ask for localhost, 127.0.0.1 or [::1], where this server listens",
            named.join("`, `")
        )));
    }
    let is_own = |origin: &HeaderValue| {
        let origin: Option<Uri> = origin.to_str().ok().and_then(|origin| origin.parse().ok());
        origin.as_ref().and_then(Uri::authority).is_some_and(|origin| authorities.contains(origin))
    };
    if headers.get_all(ORIGIN).iter().all(is_own) {
        Ok(())
    } else {
        Err(Problem::forbidden("requests of pages of other origins are refused"))
    }
}

fn is_loopback(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost") || address.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// Refuses requests without the token that is needed.
pub(super) async fn authorize(who: &Who, headers: &HeaderMap) -> Result<(), Problem> {
    let token = || {
        let value = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
        let token = value.and_then(|value| value.split_once(' '));
        let token = token.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer")).map(|(_, token)| token.trim());
        token.ok_or_else(|| Problem::unauthorized("send `Authorization: Bearer TOKEN`"))
    };
    match who {
        Who::Anyone => Ok(()),
        Who::Token(file) if file.has(token()?) => Ok(()),
        Who::Token(_) => Err(Problem::unauthorized("the token is not valid")),
        Who::Kubernetes(reviewer) => reviewer.review(token()?).await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passes(is_loopback: bool, host: &str, origin: Option<&str>) -> bool {
        let mut headers = HeaderMap::new();
        headers.insert(HOST, host.parse().expect("a value"));
        origin.into_iter().for_each(|origin| _ = headers.insert(ORIGIN, origin.parse().expect("a value")));
        refuse_forged(&Access { is_loopback, who: Who::Anyone }, &headers, &Uri::from_static("/v1/status")).is_ok()
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
