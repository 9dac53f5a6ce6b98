//! The machine: on a simulated host, and on captures.

mod captured;
mod directories;
mod world;
