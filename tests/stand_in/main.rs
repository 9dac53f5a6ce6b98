//! Tests that need the stand-in API server: its own promises, and the recorder against every fault that it can inject.

mod faults;
#[path = "../recorded/mod.rs"]
mod recorded;
mod replay;
