//! Describes what is wrong with a kubeconfig without quoting what may be a token, a password or a key, as kube's
//! parsers do.

use http::Uri;
use http::uri::Authority;
use kube::client::AuthError;
use kube::config::{KubeconfigError, LoadDataError};

/// Why a kubeconfig cannot be used.
pub(super) fn of_kubeconfig(error: &KubeconfigError) -> String {
    let data = |member: &str, error: &LoadDataError| match error {
        LoadDataError::DecodeBase64(_) => format!("`{member}-data` is not base64"),
        LoadDataError::ReadFile(error, path) => format!("`{member}`: read {}: {error}", path.display()),
        LoadDataError::NoBase64DataOrFile => format!("there is neither `{member}` nor `{member}-data`"),
    };
    match error {
        KubeconfigError::Parse(error) => match error.location() {
            Some(at) => {
                format!("line {}, column {} is not what a kubeconfig has there", at.line(), at.column())
            }
            None => "it is not a kubeconfig in YAML".to_owned(),
        },
        KubeconfigError::ParseClusterUrl(_) => "`server` is not a URL".to_owned(),
        KubeconfigError::ParseProxyUrl(_) => "`proxy-url`, or HTTPS_PROXY, is not a URL".to_owned(),
        KubeconfigError::LoadCertificateAuthority(error) => data("certificate-authority", error),
        KubeconfigError::LoadClientCertificate(error) => data("client-certificate", error),
        KubeconfigError::LoadClientKey(error) => data("client-key", error),
        KubeconfigError::ParseCertificates(_) => "a certificate authority in it is not PEM".to_owned(),
        // These contain only names.
        error => error.to_string(),
    }
}

/// Why a client cannot be created from a configuration.
pub(super) fn of_client(error: &kube::Error) -> String {
    match error {
        kube::Error::Auth(error) => of_auth(error),
        kube::Error::ProxyProtocolUnsupported { proxy_url } | kube::Error::ProxyProtocolDisabled { proxy_url, .. } => {
            let scheme = proxy_url.scheme_str().map(|scheme| format!(" {scheme}")).unwrap_or_default();
            format!("unsupported proxy scheme{scheme}; use http or socks5")
        }
        // The flags are checked before.
        kube::Error::HttpError(_) => {
            "`as`, `as-uid`, `as-groups` or `as-user-extra` has a character that no header may have".to_owned()
        }
        // TLS errors say which of certificate and key cannot be read.
        error => super::causes::causes(error),
    }
}

/// Why there is no credential.
pub(super) fn of_auth(error: &AuthError) -> String {
    match error {
        AuthError::InvalidBasicAuth(_) => "username or password has a character that no header may have".to_owned(),
        AuthError::InvalidBearerToken(_) => "the token has a character that no header may have".to_owned(),
        AuthError::ReadTokenFile(error, path) => format!("cannot read the token file {}: {error}", path.display()),
        AuthError::AuthExecStart(error) => format!("its auth provider cannot be run: {error}"),
        AuthError::AuthExecRun { out, .. } => format!("its auth provider failed, {}", out.status),
        AuthError::NoValidNativeRootCA(error) => format!("there are no certificate authorities: {error}"),
        AuthError::Oidc(_) => "its OIDC provider gives no token".to_owned(),
        _ => "its user's credentials cannot be used".to_owned(),
    }
}

/// An address without user, password and query. A password with a `/` or another delimiter in it ends up elsewhere than
/// where passwords are, and then nothing but the scheme is shown.
pub(super) fn address(url: &Uri) -> String {
    let scheme = url.scheme_str().map(|scheme| format!("{scheme}://")).unwrap_or_default();
    let authority = url.authority().map_or("", Authority::as_str);
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let has_port = host.rsplit_once(':').is_some_and(|(before, _)| !before.contains('[') || before.ends_with(']'));
    if has_port && url.port_u16().is_none() || url.path().contains('@') {
        return format!("{scheme}...");
    }
    let path = if scheme.is_empty() || url.path() == "/" { "" } else { url.path() };
    format!("{scheme}{host}{path}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use kube::config::Kubeconfig;

    const SECRET: &str = "s3cr3t-t0k3n";

    #[test]
    fn an_address_has_no_secret_wherever_it_was_written() {
        let shown = |text: &str| address(&text.parse().expect("a URI"));
        assert_eq!(shown("https://10.0.0.1:6443/k8s/clusters/c-1"), "https://10.0.0.1:6443/k8s/clusters/c-1");
        assert_eq!(shown("https://u:p@host:6443/k8s"), "https://host:6443/k8s");
        assert_eq!(shown("https://[::1]:6443/"), "https://[::1]:6443");
        assert_eq!(shown("https://[::1]"), "https://[::1]");
        assert_eq!(shown("127.0.0.1:6443"), "127.0.0.1:6443");
        for text in [
            "http://me:s3c-r3t@127.0.0.1:9",
            "http://me:s3c/r3t@127.0.0.1:9",
            "http://me:s3c?r3t@127.0.0.1:9",
            "http://me:s3c#r3t@127.0.0.1:9",
            "socks5://me:s3c/r3t@127.0.0.1:9",
            "https://me/r3t@127.0.0.1:9",
            "http://127.0.0.1:9?token=r3t",
            "me:r3t@127.0.0.1:9",
        ] {
            let shown = shown(text);
            assert!(!shown.contains("s3c") && !shown.contains("r3t"), "{text}: {shown}");
        }
    }

    #[test]
    fn no_word_of_a_kubeconfig_that_cannot_be_read_is_quoted() {
        let users = [
            format!("users: [{{name: f, user: {{token: [{SECRET}]}}}}]"),
            format!("users: [{{name: f, user: {SECRET}}}]"),
            format!("users: [{{name: f, user: {{token: \"{SECRET}\", exec: {SECRET}}}}}]"),
            format!("users: {SECRET}"),
            format!("users:\n- name: f\n  user:\n    token: {SECRET}: {SECRET}"),
            format!("users:\n- name: f\n  user:\n   token: {SECRET}\n  password: {SECRET}\n {SECRET}"),
            SECRET.to_owned(),
            format!("? {SECRET}\n: *{SECRET}"),
        ];
        for text in users {
            let Err(error) = Kubeconfig::from_yaml(&format!("apiVersion: v1\nkind: Config\n{text}\n")) else {
                continue;
            };
            let words = of_kubeconfig(&error);
            assert!(!words.contains(SECRET) && !words.is_empty(), "{text}: {words}");
        }
    }
}
