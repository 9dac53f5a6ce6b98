//! What needs the stand-in API server: its own promises, and the recorder against every fault that it can show.

mod faults;
#[path = "../recorded/mod.rs"]
mod recorded;
mod replay;
