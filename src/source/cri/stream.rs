//! Runs the machine by the clock: takes what the intake has read, and compares with a list often enough that little can
//! have happened unseen.

use super::super::clock::{until, wall};
use super::super::delivery::{Delivery, NOT_RUN};
use super::super::error::Error;
use super::super::settings::{Requests, Resume};
use super::client::{Client, Unanswered};
use super::intake::{Intake, Lost};
use super::machine::Machine;
use super::shown::{Of, Shown};
use crate::kinds::CRI_SANDBOXES;
use jiff::Timestamp;
use smol_str::SmolStr;
use std::path::PathBuf;
use std::time::Duration;

/// How often a list is asked for while nothing happens, and while something does.
const IDLE: Duration = Duration::from_millis(250);
const BUSY: Duration = Duration::from_millis(50);
/// Pauses between attempts to reach the runtime: the first, and the longest.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
/// How often something is asked after the stream, before the first list: the runtime begins the stream meanwhile.
const QUESTIONS: usize = 3;

const ENDED: &str = "the runtime's stream of events was interrupted, and what happened meanwhile is not told again";
const FULL: &str = "events came faster than they could be recorded";

/// A watch of a runtime.
struct Running {
    delivery: Delivery,
    machine: Machine,
    of: Of,
}

/// A stream that is followed.
struct Followed {
    client: Client,
    intake: Intake,
}

/// Runs until fenced. Dropping the future stops it at once, without a fence.
///
/// # Errors
/// An error that the operator must fix, or the receiver of the observations is gone.
pub(in super::super) async fn run(delivery: Delivery, resume: Resume) -> Result<(), Error> {
    let of = if delivery.watch().resource.plural == CRI_SANDBOXES { Of::Sandboxes } else { Of::Containers };
    let machine = Machine::new(of, delivery.lines(&resume));
    let mut lost = delivery.unrecorded_since(&resume).map(|since| (since, NOT_RUN));
    let mut running = Running { delivery, machine, of };
    while let Some(followed) = running.attach(lost).await? {
        let Some(why) = running.follow(&followed).await? else { return Ok(()) };
        let words = match &why {
            Lost::Full => FULL,
            Lost::Ended(_) => ENDED,
        };
        tracing::warn!("{}: {}", running.delivery.watch().selected(), words_of(why));
        running.delivery.connection(|connection| {
            connection.followed = false;
            connection.interruptions += 1;
        });
        lost = Some((running.machine.lines.not_before(), words));
    }
    Ok(())
}

fn words_of(lost: Lost) -> String {
    match lost {
        Lost::Full => format!("{FULL}; listing everything again"),
        Lost::Ended(error) => format!("the stream of events was interrupted: {}; connecting again", error.words()),
    }
}

impl Running {
    /// Connects and lists, as often as it takes; none if the recorder ends before.
    async fn attach(&mut self, lost: Option<(Timestamp, &str)>) -> Result<Option<Followed>, Error> {
        let mut pause = FIRST_PAUSE;
        let mut has_warned = lost.is_some_and(|(_, why)| why != NOT_RUN);
        loop {
            let error = match self.attached(lost).await {
                Ok(followed) => {
                    self.delivery.connection(|connection| connection.followed = true);
                    self.delivery.send(&mut self.machine.lines).await?;
                    return Ok(Some(followed));
                }
                Err(Unanswered::Never(why)) => return Err(self.delivery.refused(why)),
                Err(error) => error,
            };
            if !std::mem::replace(&mut has_warned, true) {
                let what = self.delivery.watch().selected();
                tracing::warn!("{what}: {}: waiting for the runtime", error.words());
            }
            let deadline = self.delivery.settings().clock.after(pause);
            pause = (pause * 2).min(LONGEST_PAUSE);
            tokio::select! {
                biased;
                () = self.delivery.settings().finish.cancelled() => {
                    self.unattached(lost).await?;
                    return Ok(None);
                }
                () = until(Some(deadline)) => {}
            }
        }
    }

    /// The recorder ends before the runtime could be asked: what is there is not known.
    async fn unattached(&mut self, lost: Option<(Timestamp, &str)>) -> Result<(), Error> {
        if let Some((since, why)) = lost {
            self.machine.lines.gap(since, self.delivery.now().at, why);
            self.delivery.send(&mut self.machine.lines).await?;
        }
        Ok(())
    }

    async fn attached(&mut self, lost: Option<(Timestamp, &str)>) -> Result<Followed, Unanswered> {
        let socket = PathBuf::from(&self.delivery.watch().address);
        let client = Client::connect(socket.clone()).await?;
        let version = client.runtime(&socket).await?;
        tracing::debug!("{} {}", version.runtime_name, version.runtime_version);
        let intake = Intake::start(client.clone(), self.of, self.delivery.settings().clock.clone()).await;
        for _ in 0..QUESTIONS {
            client.version().await?;
        }
        // A stream that the runtime does not have ends at once.
        if let (_, Some(Lost::Ended(error))) = intake.take() {
            return Err(error);
        }
        let (asked, attached) = (self.delivery.now().at, nanoseconds(wall()));
        let mut list = client.list(self.of, true).await?;
        for shown in &mut list {
            if let Some(status) = ended_status(&client, shown).await? {
                *shown = status;
            }
        }
        let kind: SmolStr = self.delivery.watch().resource.kind.clone();
        self.machine.attach(list, lost, &kind, (asked, attached));
        Ok(Followed { client, intake })
    }

    /// Follows the stream; none once the recorder ends, after the fence.
    async fn follow(&mut self, followed: &Followed) -> Result<Option<Lost>, Error> {
        let Followed { client, intake } = followed;
        let clock = self.delivery.settings().clock.clone();
        let mut next = clock.now().elapsed;
        let mut fence_by = None;
        // What is to be answered, and when it was asked: the answer comes once everything up to then was told.
        let mut open = None;
        let mut answered = Requests::default();
        loop {
            let asked = self.delivery.asked();
            // Another one waits: it may come faster than it can be answered.
            if open.is_none() && asked.answered() != answered.answered() {
                (answered, open) = (asked, Some(clock.now().at));
            }
            let was_busy = self.take(intake);
            self.delivery.send(&mut self.machine.lines).await?;
            if let Some(lost) = was_busy.1 {
                return Ok(Some(lost));
            }
            let is_finishing = self.delivery.is_finishing();
            let now = clock.now();
            if is_finishing && fence_by.is_none() {
                fence_by = Some(now.elapsed + self.delivery.settings().pace.fence);
                open = Some(now.at);
                next = now.elapsed;
            }
            if now.elapsed >= next {
                let listed = client.list(self.of, false).await;
                match listed {
                    Ok(list) => {
                        self.machine.look(list, now.at, clock.now().elapsed);
                        self.take(intake);
                        self.machine.prove();
                    }
                    Err(error) => tracing::debug!("{}: {}", self.delivery.watch().selected(), error.words()),
                }
                next = now.elapsed + if open.is_some() || self.machine.is_in_doubt() { BUSY } else { IDLE };
            } else if was_busy.0 {
                next = next.min(now.elapsed + BUSY);
            }
            self.settle(client).await;
            let is_proven = open.is_none_or(|since| self.machine.lines.not_before() >= since);
            if is_finishing && (is_proven || fence_by.is_some_and(|by| clock.now().elapsed >= by)) {
                if !is_proven && !self.machine.is_in_doubt() {
                    self.machine.lines.fence("the runtime does not answer".to_owned());
                } else {
                    self.machine.fence();
                }
                self.delivery.send(&mut self.machine.lines).await?;
                return Ok(None);
            }
            if is_proven && !is_finishing {
                open = None;
                self.delivery.answer(answered, &mut self.machine.lines);
            }
            self.delivery.send(&mut self.machine.lines).await?;
            let wait = next.saturating_sub(clock.now().elapsed);
            let deadline = clock.after(wait);
            tokio::select! {
                biased;
                () = intake.woken() => {}
                () = self.delivery.woken(), if !is_finishing => {}
                () = until(Some(deadline)) => {}
            }
        }
    }

    /// Takes what was read; returns whether there was anything, and why nothing more will come.
    fn take(&mut self, intake: &Intake) -> (bool, Option<Lost>) {
        let (events, lost) = intake.take();
        let was_busy = !events.is_empty();
        let now = self.delivery.now().elapsed;
        events.into_iter().for_each(|told| self.machine.told(told, now));
        (was_busy, lost)
    }

    /// Asks about what no event told, and says what is known of it.
    async fn settle(&mut self, client: &Client) {
        let due = self.machine.due(self.delivery.now().elapsed);
        if due.is_empty() {
            return;
        }
        let mut seen = client.list(self.of, true).await.unwrap_or_default();
        seen.retain(|shown| due.contains(&shown.id));
        for shown in &mut seen {
            if let Ok(Some(status)) = ended_status(client, shown).await {
                *shown = status;
            }
        }
        self.machine.settle(&due, seen);
    }
}

/// A container that has ended, with how it ended, which lists do not say; none for any other.
async fn ended_status(client: &Client, shown: &Shown) -> Result<Option<Shown>, Unanswered> {
    if !shown.lacks_end() {
        return Ok(None);
    }
    let status = client.status(&shown.id).await?;
    Ok(status.map(|status| shown.clone().with(&status)))
}

fn nanoseconds(moment: Timestamp) -> i64 {
    i64::try_from(moment.as_nanosecond()).unwrap_or(i64::MAX)
}
