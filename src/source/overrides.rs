//! kubectl's global flags that replace parts of a kubeconfig, or do without one.

use super::credential;
use super::error::Error;
use kube::config::{AuthInfo, Cluster, Context, Kubeconfig, NamedAuthInfo, NamedCluster, NamedContext};
use std::fmt;
use std::fs::File;

/// The name of what is in no kubeconfig.
const FLAGS: &str = "flags";

/// What replaces parts of the kubeconfig, each as kubectl's flag of its name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Overrides {
    /// `--cluster`: a cluster of the kubeconfig.
    pub cluster: Option<String>,
    /// `--user`: a user of the kubeconfig.
    pub user: Option<String>,
    /// `--server`: the address of the server.
    pub server: Option<String>,
    /// `--insecure-skip-tls-verify`.
    pub insecure_skip_tls_verify: bool,
    /// `--tls-server-name`.
    pub tls_server_name: Option<String>,
    /// `--certificate-authority`: a file.
    pub certificate_authority: Option<String>,
    /// `--token`: a bearer token.
    pub token: Option<Token>,
    /// `--client-certificate`: a file.
    pub client_certificate: Option<String>,
    /// `--client-key`: a file.
    pub client_key: Option<String>,
}

/// A bearer token, which is not shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(pub String);

impl From<String> for Token {
    fn from(token: String) -> Self {
        Self(token)
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(..)")
    }
}

impl Overrides {
    /// True when they say where the server is, so that no kubeconfig is needed.
    pub(super) fn are_enough(&self) -> bool {
        self.server.is_some()
    }

    /// Replaces parts of a kubeconfig, in the context of that name or else in the current one.
    ///
    /// # Errors
    /// The kubeconfig does not have the cluster or the user, or the token cannot be sent.
    pub(super) fn apply(&self, context: Option<&str>, kubeconfig: &mut Kubeconfig) -> Result<(), Error> {
        if *self == Self::default() {
            return Ok(());
        }
        self.check(kubeconfig)?;
        let current = kubeconfig.current_context.clone().filter(|name| !name.is_empty());
        let Some(name) = context.map(str::to_owned).or(current).or_else(|| self.own_context(kubeconfig)) else {
            return Ok(());
        };
        let named = kubeconfig.contexts.iter_mut().find(|named| named.name == name);
        // One that is missing is an error of whoever reads the kubeconfig.
        let Some(context) = named.and_then(|named| named.context.as_mut()) else { return Ok(()) };
        if let Some(cluster) = &self.cluster {
            context.cluster.clone_from(cluster);
        }
        if let Some(user) = &self.user {
            context.user = Some(user.clone());
        }
        let cluster = context.cluster.clone();
        let user = self.identifies().then(|| context.user.get_or_insert_with(|| FLAGS.to_owned()).clone());
        if self.reaches() {
            self.reach(cluster_of(kubeconfig, &cluster));
        }
        user.map_or(Ok(()), |user| self.identify(user_of(kubeconfig, &user)))
    }

    fn reaches(&self) -> bool {
        let Self { server, tls_server_name, insecure_skip_tls_verify, certificate_authority, .. } = self;
        [server, tls_server_name, certificate_authority].into_iter().any(Option::is_some) || *insecure_skip_tls_verify
    }

    fn identifies(&self) -> bool {
        self.token.is_some() || self.client_certificate.is_some() || self.client_key.is_some()
    }

    fn check(&self, kubeconfig: &Kubeconfig) -> Result<(), Error> {
        let files = [
            ("--certificate-authority", &self.certificate_authority),
            ("--client-certificate", &self.client_certificate),
            ("--client-key", &self.client_key),
        ];
        for (flag, path) in files.into_iter().filter_map(|(flag, path)| Some((flag, path.as_ref()?))) {
            File::open(path).map_err(|source| Error::File { flag, path: path.into(), source })?;
        }
        let clusters: Vec<&str> = kubeconfig.clusters.iter().map(|named| named.name.as_str()).collect();
        let users: Vec<&str> = kubeconfig.auth_infos.iter().map(|named| named.name.as_str()).collect();
        for (what, wanted, known) in [("cluster", &self.cluster, clusters), ("user", &self.user, users)] {
            if let Some(name) = wanted.as_ref().filter(|name| !known.contains(&name.as_str())) {
                let known = known.into_iter().map(str::to_owned).collect();
                return Err(Error::NotInKubeconfig { what, name: name.clone(), known });
            }
        }
        Ok(())
    }

    /// A context for a kubeconfig that has no current one, where the flags are enough.
    fn own_context(&self, kubeconfig: &mut Kubeconfig) -> Option<String> {
        if !self.are_enough() && self.cluster.is_none() {
            return None;
        }
        let context = Context { cluster: FLAGS.to_owned(), ..Context::default() };
        let named = NamedContext { name: FLAGS.to_owned(), context: Some(context), ..NamedContext::default() };
        kubeconfig.contexts.retain(|named| named.name != FLAGS);
        kubeconfig.contexts.push(named);
        kubeconfig.current_context = Some(FLAGS.to_owned());
        Some(FLAGS.to_owned())
    }

    fn reach(&self, cluster: &mut Cluster) {
        if let Some(server) = &self.server {
            cluster.server = Some(server.clone());
        }
        if let Some(name) = &self.tls_server_name {
            cluster.tls_server_name = Some(name.clone());
        }
        if self.insecure_skip_tls_verify {
            cluster.insecure_skip_tls_verify = Some(true);
            (cluster.certificate_authority, cluster.certificate_authority_data) = (None, None);
        }
        if let Some(authority) = &self.certificate_authority {
            cluster.certificate_authority = Some(authority.clone());
            cluster.certificate_authority_data = None;
        }
    }

    fn identify(&self, user: &mut AuthInfo) -> Result<(), Error> {
        if let Some(Token(token)) = &self.token {
            if !credential::fits_header(token) {
                return Err(Error::Token { user: "--token".to_owned() });
            }
            let certificate = (user.client_certificate.take(), user.client_certificate_data.take());
            let key = (user.client_key.take(), user.client_key_data.take());
            *user = credential::of_token(token);
            (user.client_certificate, user.client_certificate_data) = certificate;
            (user.client_key, user.client_key_data) = key;
        }
        if let Some(certificate) = &self.client_certificate {
            (user.client_certificate, user.client_certificate_data) = (Some(certificate.clone()), None);
        }
        if let Some(key) = &self.client_key {
            (user.client_key, user.client_key_data) = (Some(key.clone()), None);
        }
        Ok(())
    }
}

fn cluster_of<'a>(kubeconfig: &'a mut Kubeconfig, name: &str) -> &'a mut Cluster {
    let at = kubeconfig.clusters.iter().position(|named| named.name == name).unwrap_or_else(|| {
        kubeconfig.clusters.push(NamedCluster { name: name.to_owned(), ..NamedCluster::default() });
        kubeconfig.clusters.len() - 1
    });
    kubeconfig.clusters[at].cluster.get_or_insert_default()
}

fn user_of<'a>(kubeconfig: &'a mut Kubeconfig, name: &str) -> &'a mut AuthInfo {
    let at = kubeconfig.auth_infos.iter().position(|named| named.name == name).unwrap_or_else(|| {
        kubeconfig.auth_infos.push(NamedAuthInfo { name: name.to_owned(), ..NamedAuthInfo::default() });
        kubeconfig.auth_infos.len() - 1
    });
    kubeconfig.auth_infos[at].auth_info.get_or_insert_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const KUBECONFIG: &str = r#"{"apiVersion": "v1", "kind": "Config", "current-context": "a",
        "clusters": [{"name": "one", "cluster": {"server": "https://one", "certificate-authority-data": "x"}},
            {"name": "two", "cluster": {"server": "https://two"}}],
        "users": [{"name": "me", "user": {"exec": {"command": "login"}, "client-certificate": "me.crt"}}],
        "contexts": [{"name": "a", "context": {"cluster": "one", "user": "me"}},
            {"name": "b", "context": {"cluster": "two", "user": "gone"}}]}"#;

    /// What the flags make of it, as JSON.
    fn applied(overrides: &Overrides, context: Option<&str>) -> Result<serde_json::Value, String> {
        let mut kubeconfig = Kubeconfig::from_yaml(KUBECONFIG).expect("a kubeconfig");
        overrides.apply(context, &mut kubeconfig).map_err(|error| error.to_string())?;
        Ok(serde_json::to_value(&kubeconfig).expect("JSON"))
    }

    #[test]
    fn only_the_context_that_is_used_is_changed() {
        let overrides = Overrides { server: Some("https://new".into()), ..Overrides::default() };
        for (context, changed, kept) in [(None, 0, 1), (Some("b"), 1, 0)] {
            let config = applied(&overrides, context).unwrap();
            assert_eq!(config["clusters"][changed]["cluster"]["server"], "https://new");
            assert_ne!(config["clusters"][kept]["cluster"]["server"], "https://new");
            // A user that is missing stays missing, and is an error later.
            assert_eq!(config["users"].as_array().unwrap().len(), 1);
        }
    }

    #[test]
    fn a_token_takes_the_place_of_a_plugin_and_is_not_shown() {
        let overrides = Overrides { token: Some(Token("secret".into())), ..Overrides::default() };
        let config = applied(&overrides, None).unwrap();
        let user = &config["users"][0]["user"];
        assert_eq!(
            (&user["token"], &user["exec"], &user["client-certificate"]),
            (&"secret".into(), &serde_json::Value::Null, &"me.crt".into())
        );
        assert!(!format!("{overrides:?}").contains("secret"));
        let broken = Overrides { token: Some(Token("a\nb".into())), ..Overrides::default() };
        assert!(applied(&broken, None).is_err_and(|error| !error.contains("a\nb")));
    }

    #[test]
    fn a_connection_that_is_not_checked_needs_no_authority() {
        let overrides = Overrides { insecure_skip_tls_verify: true, ..Overrides::default() };
        let cluster = applied(&overrides, None).unwrap()["clusters"][0]["cluster"].clone();
        assert_eq!(cluster["insecure-skip-tls-verify"], true);
        assert_eq!(cluster["certificate-authority-data"], serde_json::Value::Null);
    }

    #[test]
    fn a_cluster_or_a_user_that_is_missing_is_an_error_with_those_that_are_there() {
        let cluster = Overrides { cluster: Some("three".into()), ..Overrides::default() };
        let said = "no cluster `three` in the kubeconfig; run with --cluster NAME; clusters: one, two";
        assert_eq!(applied(&cluster, None).unwrap_err(), said);
        let user = Overrides { user: Some("you".into()), ..Overrides::default() };
        let said = "no user `you` in the kubeconfig; run with --user NAME; users: me";
        assert_eq!(applied(&user, None).unwrap_err(), said);
    }
}
