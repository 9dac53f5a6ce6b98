//! Expectations on a growing recording: the handle of one program that [`super::judges`] judges.

use super::answer::Answer;
use super::listener::Queue;
use super::orders::Order;
use super::verdicts::Verdicts;
use crate::expectation::Judgement;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use tokio::sync::{oneshot, watch};

/// The verdicts on expectations while a recording grows. Clones share the judge, which ends with the last of them.
#[derive(Clone)]
pub struct LiveJudge {
    pub(super) case: Arc<Case>,
    pub(super) answers: watch::Receiver<Answer>,
}

/// A program that is judged.
pub(super) struct Case {
    pub thread: Arc<JudgeThread>,
    pub id: u64,
}

/// The thread that judges. It ends with the recorder, or when nothing refers to it any more.
pub(super) struct JudgeThread {
    queue: Arc<Queue>,
    handle: Mutex<Option<JoinHandle<()>>>,
}

impl JudgeThread {
    pub(super) fn new(queue: Arc<Queue>, handle: JoinHandle<()>) -> Self {
        Self { queue, handle: Mutex::new(Some(handle)) }
    }

    /// Gives the thread an order; false when the recorder has ended.
    pub(super) fn order(&self, order: Order) -> bool {
        self.queue.order(order)
    }

    /// Passes on the panic of the thread.
    fn panicked(&self) -> ! {
        let thread = self.handle.lock().unwrap_or_else(PoisonError::into_inner).take();
        let panic = thread.and_then(|thread| thread.join().err());
        std::panic::resume_unwind(panic.unwrap_or_else(|| Box::new("the judges' thread panicked")))
    }
}

impl Drop for JudgeThread {
    fn drop(&mut self) {
        self.queue.leave();
    }
}

impl fmt::Debug for LiveJudge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LiveJudge").finish_non_exhaustive()
    }
}

impl LiveJudge {
    /// Each expectation's judgement when the thread last judged. Cheap.
    #[must_use]
    pub fn standings(&self) -> Arc<[Judgement]> {
        Arc::clone(&self.answers.borrow().standings)
    }

    /// Waits until there is nothing left to wait for; false when the recorder ended first. Cancel-safe.
    ///
    /// That is when every expectation is decided or can no longer be, or when each of the others would be satisfied if
    /// the recording were fenced at that moment, unless all expectations are guards ([`Program::has_goals`]). What is
    /// still undecided then is judged at the fence; see [`LiveJudge::standings`].
    ///
    /// [`Program::has_goals`]: crate::expectation::Program::has_goals
    pub async fn decided(&mut self) -> bool {
        self.until(|answer| answer.decided || answer.settled).await
    }

    /// Waits until nothing is pending; false when the recorder ended first. Cancel-safe.
    pub(crate) async fn judged(&mut self) -> bool {
        self.until(|answer| answer.decided).await
    }

    async fn until(&mut self, holds: impl Fn(&Answer) -> bool) -> bool {
        let waited = self.answers.wait_for(|answer| holds(answer) || answer.last.is_some()).await;
        waited.is_ok_and(|answer| holds(&answer))
    }

    /// The outcome of each expectation now, with reasons; after the recorder's end, the final ones. Cancel-safe.
    ///
    /// # Panics
    /// If the thread panicked.
    pub async fn verdicts(&mut self) -> Verdicts {
        let (question, answer) = oneshot::channel();
        if self.case.thread.order(Order::Explain(self.case.id, question))
            && let Ok(verdicts) = answer.await
        {
            return verdicts;
        }
        if let Ok(answer) = self.answers.wait_for(|answer| answer.last.is_some()).await
            && let Some(last) = &answer.last
        {
            return Verdicts::clone(last);
        }
        self.case.thread.panicked()
    }
}

impl Drop for Case {
    fn drop(&mut self) {
        self.thread.order(Order::Forget(self.id));
    }
}
