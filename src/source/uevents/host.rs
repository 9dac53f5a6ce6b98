//! What the machine asks the machine it runs on.

use super::message::Uevent;
use smol_str::SmolStr;

/// What the socket delivers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Notice {
    /// A uevent.
    Uevent(Uevent),
    /// Uevents were lost.
    Overrun,
}

/// A device that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Found {
    /// Its name in `/sys`.
    pub name: SmolStr,
    /// Identifies it.
    pub uid: SmolStr,
    /// Its numbers.
    pub dev: Option<SmolStr>,
    /// What is in it.
    pub diskseq: Option<u64>,
    /// Whether anything is.
    pub is_open: bool,
}

/// The machine with the devices.
pub(super) trait Host {
    /// All that was delivered, in the kernel's order.
    fn drain(&mut self) -> Vec<Notice>;

    /// The number of the last uevent of the machine.
    ///
    /// # Errors
    /// It cannot be read; the words say why.
    fn last(&mut self) -> Result<u64, String>;

    /// The devices that are there.
    ///
    /// # Errors
    /// They cannot be read; the words say why.
    fn devices(&mut self) -> Result<Vec<Found>, String>;

    /// The identity of a device that is there.
    fn uid(&mut self, name: &str) -> Option<SmolStr>;

    /// A part of the identity of every device.
    fn boot(&self) -> SmolStr;
}
