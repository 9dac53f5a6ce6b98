//! Blocks a thread on a future, with a bound and without a runtime: the threads of a recorder may outlive the runtime
//! that started them, whose timers panic after its end.

use crate::source::Clock;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::Duration;

/// The future's output; none when it is not ready within the bound. It is polled at least once.
pub(super) fn wait<F: Future>(future: F, bound: Duration, clock: &Clock) -> Option<F::Output> {
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut context = Context::from_waker(&waker);
    let mut future = pin!(future);
    let begun = clock.played();
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
            return Some(output);
        }
        let left = bound.checked_sub(clock.played().saturating_sub(begun)).filter(|left| !left.is_zero())?;
        thread::park_timeout(left);
    }
}

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}
