//! The tracks that a clause is about, as written.

use crate::observation::Track;

/// A track, or all of a family: `condition/*`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pattern {
    /// One track.
    One(Track),
    /// All tracks whose name starts with this.
    Family(String),
    /// The unnamed track of a sketch.
    Unnamed,
}

impl Pattern {
    /// Parses `phase`, `condition/*`, `*`.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        match text.strip_suffix('*') {
            Some(family) => Self::Family(family.to_owned()),
            None => Self::One(Track::parse(text)),
        }
    }

    /// True when the pattern matches the track.
    #[must_use]
    pub fn fits(&self, track: &Track) -> bool {
        match self {
            Self::One(one) => one == track,
            Self::Family(family) => track.to_string().starts_with(family.as_str()),
            Self::Unnamed => true,
        }
    }
}

impl std::fmt::Display for Pattern {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::One(track) => track.fmt(f),
            Self::Family(family) => write!(f, "{family}*"),
            Self::Unnamed => Ok(()),
        }
    }
}
