//! Nothing is lost without a gap: an in-process recorder against everything that a network, a server, a disk and a kill
//! can do to it.
//!
//! The ground truth of every test is what was written into the store. Nothing sleeps to wait for a state, and every
//! wait is bounded by [`bounded`].

mod answers;
mod attachments;
mod backpressure;
mod beside;
mod clocks;
mod commands;
mod crashes;
mod credentials;
mod expectations;
mod fences;
mod files;
mod gaps;
mod handles;
mod heals;
mod hostile;
mod interruptions;
mod kinds;
mod marks;
mod metrics;
mod orders;
mod outages;
mod pasts;
mod pipes;
mod program;
mod recorder;
mod refusals;
mod restores;
mod screens;
mod selections;
mod serving;
mod startups;
mod strangers;
mod truth;
mod undecodable;
mod unpublished;
mod usage;
mod versions;
mod watching;

use crate::recorder::deadline::bounded;
