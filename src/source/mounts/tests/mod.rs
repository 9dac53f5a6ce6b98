//! The machine on a simulated kernel, and what is asked of the real one.

#[cfg(target_os = "linux")]
mod linux;
mod living;
mod losing;
mod moving;
mod world;
