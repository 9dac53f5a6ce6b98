//! What is wrong with a certificate: that of the server, as TLS says it, or the client certificate of the kubeconfig, of
//! which a server only says 401.

use super::causes::find;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use kube::config::AuthInfo;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, UnixTime};
use rustls::{AlertDescription, CertificateError};

/// When a certificate is valid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Validity {
    not_before: Timestamp,
    not_after: Timestamp,
}

impl Validity {
    /// Of the client certificate of a user, if there is one that can be read.
    pub(super) fn of(user: &AuthInfo) -> Option<Self> {
        let pem = match (&user.client_certificate_data, &user.client_certificate) {
            (Some(data), _) => STANDARD.decode(data).ok()?,
            (None, Some(path)) => std::fs::read(path).ok()?,
            (None, None) => return None,
        };
        Self::read(&CertificateDer::from_pem_slice(&pem).ok()?)
    }

    /// Reads `tbsCertificate.validity` (RFC 5280, 4.1).
    fn read(certificate: &[u8]) -> Option<Self> {
        let (_, certificate, _) = element(certificate)?;
        let (_, mut rest, _) = element(certificate)?;
        if rest.first() == Some(&VERSION) {
            rest = element(rest)?.2;
        }
        // The serial number, the algorithm and the issuer.
        for _ in 0..3 {
            rest = element(rest)?.2;
        }
        let (_, validity, _) = element(rest)?;
        let (tag, not_before, rest) = element(validity)?;
        let not_before = time(tag, not_before)?;
        let (tag, not_after, _) = element(rest)?;
        Some(Self { not_before, not_after: time(tag, not_after)? })
    }

    /// What is wrong at a moment.
    pub(super) fn problem(self, now: Timestamp) -> Option<String> {
        let Self { not_before, not_after } = self;
        if now > not_after {
            Some(format!("the client certificate of the kubeconfig expired at {not_after} (it is {now:.0} here)"))
        } else if now < not_before {
            Some(format!(
                "the client certificate of the kubeconfig is not valid before {not_before} (it is {now:.0} here)"
            ))
        } else {
            None
        }
    }
}

/// The tag of an optional version.
const VERSION: u8 = 0xa0;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;

/// The first element of DER: its tag, its content, and what follows it.
fn element(der: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&tag, rest) = der.split_first()?;
    let (&first, mut rest) = rest.split_first()?;
    let mut length = usize::from(first);
    if first > 0x7f {
        let (bytes, after) = rest.split_at_checked(usize::from(first & 0x7f))?;
        if bytes.len() > 4 {
            return None;
        }
        length = bytes.iter().fold(0, |length, byte| length << 8 | usize::from(*byte));
        rest = after;
    }
    let (content, rest) = rest.split_at_checked(length)?;
    Some((tag, content, rest))
}

/// `YYMMDDhhmmssZ`, of 1950 to 2049, or `YYYYMMDDhhmmssZ`.
fn time(tag: u8, content: &[u8]) -> Option<Timestamp> {
    let text = std::str::from_utf8(content).ok().filter(|text| text.is_ascii())?;
    let text = match tag {
        UTC_TIME if text.get(..2)? < "50" => format!("20{text}"),
        UTC_TIME => format!("19{text}"),
        GENERALIZED_TIME => text.to_owned(),
        _ => return None,
    };
    let (date, time) = text.split_at_checked(8)?;
    format!("{date}T{time}").parse().ok()
}

/// What is wrong with the certificate of a server, or with ours for the server; none if the connection failed for another
/// reason.
pub(super) fn refused(error: &(dyn std::error::Error + 'static)) -> Option<String> {
    match find::<rustls::Error>(error)? {
        rustls::Error::InvalidCertificate(error) => Some(of_server(error)),
        rustls::Error::AlertReceived(alert) => of_client(*alert),
        _ => None,
    }
}

fn of_server(error: &CertificateError) -> String {
    const CLOCK: &str = "renew it on the server, or set the clock here";
    match error {
        CertificateError::ExpiredContext { time, not_after } => {
            format!("its certificate expired at {} (it is {} here); {CLOCK}", moment(*not_after), moment(*time))
        }
        CertificateError::NotValidYetContext { time, not_before } => {
            let (now, then) = (moment(*time), moment(*not_before));
            format!("its certificate is not valid before {then} (it is {now} here); {CLOCK}")
        }
        CertificateError::Expired => format!("its certificate has expired; {CLOCK}"),
        CertificateError::NotValidYet => format!("its certificate is not valid yet; {CLOCK}"),
        CertificateError::UnknownIssuer => "its certificate is signed by an unknown authority; is certificate-authority in \
            the kubeconfig that of this cluster?"
            .to_owned(),
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            "its certificate is for another name; use a name of the certificate as `server` in the kubeconfig, or give it \
             with --tls-server-name"
                .to_owned()
        }
        _ => "its certificate is not trusted; is certificate-authority in the kubeconfig that of this cluster?".to_owned(),
    }
}

fn of_client(alert: AlertDescription) -> Option<String> {
    let wrong = match alert {
        AlertDescription::CertificateExpired => "says that it has expired",
        AlertDescription::UnknownCA => "does not know the authority that signed it",
        AlertDescription::CertificateRevoked => "says that it is revoked",
        AlertDescription::CertificateRequired => "requires one, and there is none",
        AlertDescription::BadCertificate | AlertDescription::CertificateUnknown => "does not accept it",
        _ => return None,
    };
    Some(format!("the client certificate of the kubeconfig is refused: the server {wrong}; log in again, or renew it"))
}

fn moment(time: UnixTime) -> String {
    let seconds = i64::try_from(time.as_secs()).unwrap_or(i64::MAX);
    Timestamp::from_second(seconds).map_or_else(|_| format!("{seconds} s after 1970"), |time| time.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn certificate(from: i32, to: i32) -> Vec<u8> {
        let mut params = rcgen::CertificateParams::new(vec!["me".to_owned()]).expect("parameters");
        (params.not_before, params.not_after) = (rcgen::date_time_ymd(from, 1, 2), rcgen::date_time_ymd(to, 3, 4));
        let key = rcgen::KeyPair::generate().expect("a key");
        params.self_signed(&key).expect("a certificate").der().to_vec()
    }

    #[test]
    fn the_dates_of_a_certificate_are_read_in_both_notations_of_time() {
        for (from, to) in [(1999, 2026), (2026, 2049), (2049, 2051), (2050, 2100)] {
            let read = Validity::read(&certificate(from, to)).expect("dates");
            assert_eq!(read.not_before.to_string(), format!("{from}-01-02T00:00:00Z"));
            assert_eq!(read.not_after.to_string(), format!("{to}-03-04T00:00:00Z"));
        }
    }

    #[test]
    fn a_certificate_that_is_cut_off_anywhere_has_no_dates() {
        let whole = certificate(2020, 2030);
        for length in 0..whole.len() {
            assert_eq!(Validity::read(&whole[..length]), None, "{length}");
        }
    }

    #[test]
    fn a_certificate_is_wrong_before_and_after_its_dates_only() {
        let validity = Validity::read(&certificate(2020, 2030)).expect("dates");
        let at = |text: &str| validity.problem(text.parse().expect("a time"));
        assert_eq!(at("2025-01-01T00:00:00Z"), None);
        let late = at("2031-01-01T00:00:00Z").expect("a problem");
        assert!(late.contains("expired at 2030-03-04T00:00:00Z (it is 2031-01-01T00:00:00Z here)"), "{late}");
        let early = at("2019-01-01T00:00:00Z").expect("a problem");
        assert!(early.contains("not valid before 2020-01-02T00:00:00Z"), "{early}");
    }
}
