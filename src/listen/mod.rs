//! What servers on a port of this program share: the port, certificates, tokens, and requests that a browser was made to
//! send.

mod certificate;
mod error;
mod forged;
mod port;
mod token;

pub(crate) use certificate::Certificate;
pub(crate) use error::Error;
pub(crate) use forged::{Forged, refuse_forged};
pub(crate) use port::{descriptors, open, require_protection};
pub(crate) use token::{TokenFile, bearer, first_token};
