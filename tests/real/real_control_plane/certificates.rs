//! Certificates that are not accepted: the error says why, with the dates.

use std::path::Path;

use rcgen::{BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair};
use tempfile::TempDir;

use crate::cluster::{ControlPlane, Options};
use crate::recorder::process::run;

/// Writes an authority, and certificates of it that are valid from one year to another, with their keys.
fn write(folder: &Path, certificates: &[(&str, i32, i32)]) {
    let key = KeyPair::generate().expect("a key");
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.distinguished_name.push(DnType::CommonName, "authority");
    let put = |name: &str, text: String| std::fs::write(folder.join(name), text).expect("a file");
    put("authority.crt", params.self_signed(&key).expect("a certificate").pem());
    let issuer = Issuer::new(params, key);
    for (name, from, to) in certificates {
        let key = KeyPair::generate().expect("a key");
        let mut params = CertificateParams::new(vec!["localhost".to_owned()]).expect("a name");
        params.distinguished_name.push(DnType::CommonName, *name);
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth, ExtendedKeyUsagePurpose::ClientAuth];
        (params.not_before, params.not_after) = (rcgen::date_time_ymd(*from, 1, 2), rcgen::date_time_ymd(*to, 3, 4));
        put(&format!("{name}.crt"), params.signed_by(&key, &issuer).expect("a certificate").pem());
        put(&format!("{name}.key"), key.serialize_pem());
    }
}

/// What `record` says with a kubeconfig of this cluster and this user.
fn said(folder: &Path, cluster: &str, user: &str) -> String {
    let kubeconfig = folder.join("kubeconfig");
    let text = format!(
        "apiVersion: v1\nkind: Config\ncurrent-context: c\ncontexts: [{{name: c, context: {{cluster: c, user: u}}}}]\n\
         clusters: [{{name: c, cluster: {cluster}}}]\nusers: [{{name: u, user: {user}}}]\n"
    );
    std::fs::write(&kubeconfig, text).expect("a file");
    let file = folder.join("run.jsonl").display().to_string();
    let ended = run(&kubeconfig, &["record", "pods", "-o", &file]);
    assert_eq!(ended.code, Some(4), "{}", ended.stderr);
    ended.stderr
}

#[test]
fn an_expired_certificate_of_the_server_is_told_with_its_dates() {
    for (name, from, to, told) in [
        ("expired", 2001, 2002, "its certificate expired at 2002-03-04T00:00:00Z (it is 20"),
        ("early", 2090, 2091, "its certificate is not valid before 2090-01-02T00:00:00Z (it is 20"),
    ] {
        let folder = TempDir::new().expect("a folder");
        let path = |name: &str| folder.path().join(name).display().to_string();
        write(folder.path(), &[(name, from, to)]);
        let (certificate, key) = (path(&format!("{name}.crt")), path(&format!("{name}.key")));
        let flag = format!("--tls-sni-cert-key={certificate},{key}:localhost");
        let plane = ControlPlane::start(Options::default().apiserver_flag(&flag));
        let url = plane.server_url().replace("127.0.0.1", "localhost");
        let cluster = format!("{{server: '{url}', certificate-authority: {}}}", path("authority.crt"));
        let text = said(folder.path(), &cluster, "{token: t}");
        assert!(text.contains(told), "{text}");
    }
}

#[test]
fn an_expired_certificate_of_the_user_is_told_with_its_dates() {
    let folder = TempDir::new().expect("a folder");
    let path = |name: &str| folder.path().join(name).display().to_string();
    write(folder.path(), &[("expired", 2001, 2002), ("early", 2090, 2091)]);
    let flag = format!("--client-ca-file={}", path("authority.crt"));
    let plane = ControlPlane::start(Options::default().apiserver_flag(&flag));
    let authority = plane.folder().join("ca.crt").display().to_string();
    let cluster = format!("{{server: '{}', certificate-authority: {authority}}}", plane.server_url());
    for (name, told) in [
        ("expired", "the client certificate of the kubeconfig expired at 2002-03-04T00:00:00Z (it is 20"),
        ("early", "the client certificate of the kubeconfig is not valid before 2090-01-02T00:00:00Z (it is 20"),
    ] {
        let (certificate, key) = (path(&format!("{name}.crt")), path(&format!("{name}.key")));
        let text = said(folder.path(), &cluster, &format!("{{client-certificate: {certificate}, client-key: {key}}}"));
        assert!(text.contains(told) && text.contains("log in again"), "{text}");
    }
}
