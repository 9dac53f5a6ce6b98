//! The machine on a simulated kernel.

mod world;
