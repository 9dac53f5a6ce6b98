//! The cluster's own certificate authority, and what it signs.
//!
//! Every control plane makes an authority of its own, so that a client that trusts one cluster does not trust
//! its neighbour. Nothing here is fit for anything but tests: the certificates never end and the keys lie in
//! the open.

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose,
};

/// A certificate with its key, both PEM.
pub(crate) struct Certified {
    pub(crate) certificate: String,
    pub(crate) key: String,
}

pub(crate) struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pem: String,
}

impl Authority {
    pub(crate) fn new() -> Self {
        let mut params = named("statetrail-test-ca");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::DigitalSignature];
        let key = key();
        let certificate = params.self_signed(&key).expect("signing with a fresh key");
        Self { pem: certificate.pem(), issuer: Issuer::new(params, key) }
    }

    /// The authority's certificate.
    pub(crate) fn pem(&self) -> &str {
        &self.pem
    }

    /// A new certificate for servers on this machine's loopback addresses.
    pub(crate) fn server(&self, name: &str) -> Certified {
        let names = ["localhost", "127.0.0.1", "::1", "kubernetes.default.svc", name].map(String::from);
        let mut params = CertificateParams::new(names).expect("these are names and addresses");
        params.distinguished_name.push(DnType::CommonName, name);
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        self.certify(params)
    }

    /// A new certificate for a client that is known as `name`.
    pub(super) fn client(&self, name: &str) -> Certified {
        let mut params = named(name);
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        self.certify(params)
    }

    fn certify(&self, mut params: CertificateParams) -> Certified {
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        let key = key();
        let certificate = params.signed_by(&key, &self.issuer).expect("signing with the authority's key");
        Certified { certificate: certificate.pem(), key: key.serialize_pem() }
    }
}

/// A fresh key, for certificates or for service account tokens.
pub(super) fn key() -> KeyPair {
    KeyPair::generate().expect("the machine gives random numbers")
}

fn named(name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, name);
    params
}
