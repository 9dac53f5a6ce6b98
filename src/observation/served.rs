//! Whether the server serves a resource, as far as its watch shows.

/// Whether the server serves a resource.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Served {
    /// Not known yet.
    #[default]
    Unknown,
    /// It does.
    Yes,
    /// It does not.
    No,
    /// It did not at first, and does now.
    Arrived,
}

impl Served {
    /// The server delivered something of it.
    pub(super) fn seen(&mut self) {
        *self = match self {
            Self::Unknown | Self::Yes => Self::Yes,
            Self::No | Self::Arrived => Self::Arrived,
        };
    }

    /// The server said that it does not serve it.
    pub(super) fn refused(&mut self) {
        if *self == Self::Unknown {
            *self = Self::No;
        }
    }
}
