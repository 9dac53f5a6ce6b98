//! What a machine is like on which sources run that are not API servers: facts that expectations may require.
//!
//! A fact is known, or it is not and says why. A check that cannot run is no answer: only words by which a program
//! itself says that a feature is missing are taken for that.

mod criu;
mod found;
mod machine;
mod program;

pub(crate) use found::facts;
