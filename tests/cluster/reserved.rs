//! Numbers that parallel tests must not share: loopback ports and pod subnets.
//!
//! A port that was free a moment ago may be somebody else's when the server binds it, and again when it is
//! restarted there. So each number is locked by a file for as long as it is held, across processes, and ports
//! come from below the range from which the kernel hands them out by itself. The lock ends with the process
//! that holds it, however that ends; its empty file stays among the temporary files, because removing it would
//! race with whoever takes it next.

use std::fs::{self, File};
use std::net::{Ipv4Addr, TcpListener};
use std::ops::Range;
use std::sync::atomic::{AtomicU32, Ordering};

/// A number that nobody else holds while this lives.
pub(super) struct Reserved {
    number: u32,
    _lock: File,
}

impl Reserved {
    /// A TCP port on which nothing listens, on any address.
    pub(super) fn port() -> Self {
        Self::take("port", 18_000..28_000, |number| {
            TcpListener::bind((Ipv4Addr::UNSPECIFIED, u16::try_from(number).expect("ports are below 65536"))).is_ok()
        })
    }

    /// The number of a pod subnet that is `usable`.
    pub(super) fn subnet(usable: impl Fn(u32) -> bool) -> Self {
        Self::take("subnet", 0..512, usable)
    }

    pub(super) fn number(&self) -> u32 {
        self.number
    }

    fn take(kind: &str, range: Range<u32>, usable: impl Fn(u32) -> bool) -> Self {
        static TURN: AtomicU32 = AtomicU32::new(0);
        let owner = rustix::process::geteuid().as_raw();
        let locks = std::env::temp_dir().join(format!("statetrail-{kind}s-{owner}"));
        fs::create_dir_all(&locks).unwrap_or_else(|error| panic!("creating {}: {error}", locks.display()));
        // Processes begin at different places, so that they seldom meet.
        let size = range.end - range.start;
        let begin = std::process::id().wrapping_mul(61);
        for _ in 0..size {
            let turn = TURN.fetch_add(1, Ordering::Relaxed);
            let number = range.start + begin.wrapping_add(turn) % size;
            let path = locks.join(number.to_string());
            let lock = File::create(&path).unwrap_or_else(|error| panic!("creating {}: {error}", path.display()));
            if lock.try_lock().is_ok() && usable(number) {
                return Self { number, _lock: lock };
            }
        }
        panic!("none of {size} numbers of a {kind} is free and usable; their locks are in {}", locks.display());
    }
}
