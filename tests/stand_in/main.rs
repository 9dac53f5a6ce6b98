//! Tests that need the stand-in API server: its own promises, and the recorder against every fault that it can inject.

mod demo;
mod faults;
mod page;
#[path = "../recorder/mod.rs"]
mod recorder;
mod replay;
