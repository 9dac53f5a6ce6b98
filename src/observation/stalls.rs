//! What kept a stream from being read.

/// How often a full queue stopped the reading of a stream, by what was waited for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stalls {
    /// The file.
    pub disk: u64,
    /// The fold.
    pub fold: u64,
    /// Decoding.
    pub decoding: u64,
    /// What the server's history shows of the time before.
    pub history: u64,
    /// Whether the server's storage is the one that was recorded.
    pub storage: u64,
}
