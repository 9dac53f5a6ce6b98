//! Who sends a request, as far as limits are concerned.

use std::net::IpAddr;

/// The address that a connection comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Client(pub IpAddr);
