//! Runs the machine by the clock: follows the stream, and reads the whole log where that must prove something.

use super::super::clock::{until, wall};
use super::super::connection::{Outage, Trouble};
use super::super::delivery::{Delivery, NOT_RUN};
use super::super::error::Error;
use super::super::lines::Lines as Splitter;
use super::super::settings::{Requests, Resume};
use super::client::{Client, Failed};
use super::machine::{Lost, Machine, Missed, Reading, Sort};
use super::message::{Event, Look};
use std::os::unix::net::UnixDatagram;
use std::path::Path;
use std::time::Duration;
use tokio::time::timeout;

/// How often it is proven that everything up to now was taken.
const PROOF: Duration = Duration::from_mins(1);
/// How long a stream may take to come to the last event that was taken.
const CATCH_UP: Duration = Duration::from_secs(10);
/// Pauses between attempts, and between looks at the end.
const RETRY: Duration = Duration::from_millis(250);
const SLOW_RETRY: Duration = Duration::from_secs(5);
/// A stream that lasted so long is no failed attempt.
const STEADY: Duration = Duration::from_secs(5);
/// How often a container is looked at that is not as an event says.
const LOOKS: usize = 3;
/// How long a look at a container that ended may take.
const END_LOOK: Duration = Duration::from_secs(1);
/// How often a list is repeated that something happened to meanwhile.
const LISTS: usize = 5;
/// The part of the log before the last event that is read, in seconds: an event may be logged long after it was made. A
/// file is short, since Podman cuts it; a journal is not.
const BEFORE_IN_FILE: i64 = 24 * 3600;
const BEFORE_IN_JOURNAL: i64 = 3600;

/// Where journald receives.
const JOURNAL: &str = "/run/systemd/journal/socket";
const REMEDY: &str = "set `events_logger = \"file\"` in containers.conf, and start the service again";

/// What a connection begins with.
#[derive(Clone, Debug)]
enum Due {
    /// The first list.
    Attach,
    /// What came after the anchor; the words say why it was not read as a stream.
    Continue(String),
    /// A list after a gap.
    Gap(Missed),
}

/// Why a stream is not followed any longer.
enum Ended {
    Finishing,
    /// Podman cut its log. Since Podman 5, a stream goes on then, without what it had not delivered.
    Cut,
    Lost(Lost),
    Failed(Failed),
}

impl From<Failed> for Ended {
    fn from(failed: Failed) -> Self {
        Self::Failed(failed)
    }
}

impl From<Lost> for Ended {
    fn from(lost: Lost) -> Self {
        Self::Lost(lost)
    }
}

/// A watch of the objects of one sort.
struct Running {
    delivery: Delivery,
    client: Client,
    machine: Machine,
    sort: Sort,
    due: Due,
    /// Everything was listed at least once.
    has_attached: bool,
    is_warned: bool,
    failures: u32,
    /// By how many nanoseconds the wall clock was ahead of the recorder's when it was read last.
    ahead: Option<i64>,
    /// When the stream was opened, and since when it has to come to the last event that was taken.
    opened: Duration,
    owing: Duration,
    /// The part of the log before the last event that is read, in seconds.
    before: i64,
    /// The requests that were answered.
    answered: [u64; 3],
}

/// Runs until fenced. Dropping the future stops it at once, without a fence.
///
/// # Errors
/// An error that the operator must fix, or the receiver of the observations is gone.
pub(in super::super) async fn run(delivery: Delivery, resume: Resume) -> Result<(), Error> {
    let Some(sort) = Sort::of(&delivery.watch().resource.plural) else {
        return Err(delivery.refused("this version does not know this kind of Podman".to_owned()));
    };
    let address = delivery.watch().address.clone();
    let client = Client::new(Path::new(&address));
    let mut machine = Machine::new(delivery.lines(&resume), sort, &address);
    let unrecorded = delivery.unrecorded_since(&resume);
    let is_cut = resume.is_cut || resume.position.gap().is_some();
    if let (Some(last), Some(since), false) = (&resume.event, unrecorded, is_cut) {
        machine.recall(resume.found.values(), &resume.doubted, last);
        machine.lines.delivered_until(since);
    }
    let due = match unrecorded {
        Some(_) if machine.has_anchor() => Due::Continue(NOT_RUN.to_owned()),
        Some(since) => Due::Gap(Missed::NotRun(since)),
        None => Due::Attach,
    };
    let has_attached = unrecorded.is_some();
    let (opened, owing, answered) = (Duration::ZERO, Duration::ZERO, [0; 3]);
    let (is_warned, failures, ahead) = (false, 0, None);
    let running = Running {
        delivery,
        client,
        machine,
        sort,
        due,
        has_attached,
        is_warned,
        failures,
        ahead,
        opened,
        owing,
        before: BEFORE_IN_JOURNAL,
        answered,
    };
    running.run().await
}

impl Running {
    async fn run(mut self) -> Result<(), Error> {
        loop {
            let finish = self.delivery.settings().finish.clone();
            let patience = self.delivery.settings().pace.unattached;
            let ended = if self.has_attached {
                self.follow().await
            } else {
                // A recorder that ends before anything was listed does not wait for the service.
                tokio::select! {
                    ended = self.follow() => ended,
                    () = async { finish.cancelled().await; tokio::time::sleep(patience).await } => return Ok(()),
                }
            };
            self.send().await?;
            let why = self.ended(ended)?;
            if self.delivery.is_finishing() {
                return if self.has_attached { self.fence().await } else { Ok(()) };
            }
            if let Some(why) = why {
                self.wait(&why).await;
            }
        }
    }

    /// What the end of a stream means; returns why the next attempt is not made at once.
    fn ended(&mut self, ended: Result<(), Ended>) -> Result<Option<String>, Error> {
        if self.delivery.now().elapsed.saturating_sub(self.opened) >= STEADY {
            self.failures = 0;
        }
        match ended {
            Ok(()) => {
                self.failures += 1;
                self.go_on("the stream ended");
                Ok(Some("the stream ended".to_owned()))
            }
            Err(Ended::Cut) => {
                self.go_on("Podman cut its log");
                Ok(None)
            }
            Err(Ended::Finishing) => Ok(None),
            Err(Ended::Lost(lost)) => {
                tracing::warn!("{}: {}", self.delivery.watch().selected(), lost.words());
                self.due = Due::Gap(Missed::Lost(lost));
                Ok(None)
            }
            Err(Ended::Failed(Failed::Refused(why))) => Err(self.delivery.refused(why)),
            Err(Ended::Failed(failed)) => {
                self.failures += 1;
                self.go_on(failed.why());
                Ok(Some(failed.why().to_owned()))
            }
        }
    }

    fn go_on(&mut self, why: &str) {
        if self.has_attached && !matches!(self.due, Due::Gap(..)) {
            self.due = Due::Continue(why.to_owned());
        }
    }

    /// Says that the service does not answer, and waits for a while.
    async fn wait(&mut self, why: &str) {
        // Until then it was heard, or not asked.
        let now = self.delivery.now().at;
        // A stream that ends is opened again at once, unless that does not last.
        if self.failures > 1 && !std::mem::replace(&mut self.is_warned, true) {
            let source = self.delivery.watch().selected();
            tracing::warn!("{source}: {why}: waiting until Podman's service answers (`podman system service`)");
        }
        let trouble = Trouble { what: "no answer", why: why.into() };
        self.delivery.connection(|connection| {
            connection.interruptions += u64::from(connection.outage.is_none() && connection.followed);
            (connection.followed, connection.last) = (false, Some(trouble.clone()));
            let since = connection.outage.as_ref().map_or(now, |outage| outage.since);
            connection.outage = Some(Outage { since, trouble, next: None });
        });
        let pause = (RETRY * 2_u32.saturating_pow(self.failures.min(8).saturating_sub(1))).min(SLOW_RETRY);
        let deadline = self.delivery.settings().clock.after(pause);
        let finish = self.delivery.settings().finish.clone();
        tokio::select! {
            () = finish.cancelled() => {}
            () = until(Some(deadline)) => {}
        }
    }

    /// Connects, and takes events until the stream ends.
    async fn follow(&mut self) -> Result<(), Ended> {
        self.before = before(&self.client.info().await?.host.event_logger).map_err(Failed::Refused)?;
        let mut stream = self.client.stream(self.since()).await?;
        self.begin().await?;
        self.machine.opened();
        self.is_warned = false;
        self.delivery.connection(|connection| {
            (connection.followed, connection.outage) = (true, None);
        });
        (self.opened, self.owing) = (self.delivery.now().elapsed, self.delivery.now().elapsed);
        let mut splitter = Splitter::default();
        loop {
            if self.send().await.is_err() || self.delivery.is_finishing() {
                return Err(Ended::Finishing);
            }
            let asked = self.delivery.asked();
            if asked.answered() != self.answered {
                self.answer(asked).await?;
                continue;
            }
            let owing = self.delivery.now().elapsed.saturating_sub(self.owing);
            if self.machine.is_skipping() && owing >= CATCH_UP {
                return Err(Failed::For("the stream does not deliver what is in the log".to_owned()).into());
            }
            let deadline =
                self.delivery.settings().clock.after(if self.machine.is_skipping() { CATCH_UP } else { PROOF });
            let piece = tokio::select! {
                biased;
                () = self.delivery.woken() => None,
                piece = stream.piece() => Some(piece?),
                () = until(Some(deadline)) => None,
            };
            match piece {
                Some(Some(piece)) => self.pushed(&mut splitter, piece).await?,
                Some(None) => return Ok(()),
                None if self.delivery.is_finishing() => {}
                None => self.answer(asked).await?,
            }
        }
    }

    /// Answers what is asked of all watches, once everything up to now was taken.
    async fn answer(&mut self, asked: Requests) -> Result<(), Ended> {
        self.prove(None).await?;
        self.delivery.answer(asked, &mut self.machine.lines);
        self.answered = asked.answered();
        Ok(())
    }

    /// From where on the log is read.
    fn since(&self) -> i64 {
        let now = wall().as_second();
        self.machine.anchored_at().map_or(now, |at| at.min(now)).saturating_sub(self.before).max(1)
    }

    /// What a connection begins with.
    async fn begin(&mut self) -> Result<(), Ended> {
        match self.due.clone() {
            Due::Continue(why) => self.prove(Some(&why)).await,
            Due::Attach => self.attach(None).await,
            Due::Gap(missed) => self.attach(Some(missed)).await,
        }
    }

    async fn attach(&mut self, missed: Option<Missed>) -> Result<(), Ended> {
        let since = wall().as_second().saturating_sub(self.before);
        let mut before = self.client.events(since).await?;
        for turn in 1.. {
            let asked = self.delivery.now().at;
            let listed = self.client.list(self.sort.list()).await?;
            let after = self.client.events(since).await?;
            if turn < LISTS && self.machine.has_moved(&before, &after) {
                before = after;
                continue;
            }
            let kind = self.delivery.watch().resource.kind.clone();
            let now = self.delivery.now().at;
            self.machine.attach((&before, &after), &listed, missed, &kind, (asked, now));
            break;
        }
        (self.due, self.has_attached) = (Due::Continue(String::new()), true);
        Ok(())
    }

    /// Takes what is in the log and was not delivered yet: everything up to now. After an interruption, the words say why
    /// it was.
    async fn prove(&mut self, interrupted: Option<&str>) -> Result<(), Ended> {
        let asked = self.delivery.now();
        let since = self.since();
        let log = self.client.events(since).await?;
        let new = self.machine.news(&log, since)?;
        if let Some(why) = interrupted {
            self.machine.lines.reconnected(why);
        }
        let reading = self.reading();
        for (at, event) in new.iter().enumerate() {
            self.take(event, &new[at + 1..], reading).await?;
        }
        if !new.is_empty() {
            // The stream delivers them, too.
            if !self.machine.is_skipping() {
                self.owing = self.delivery.now().elapsed;
            }
            self.machine.opened();
        }
        self.machine.was_read();
        self.machine.lines.delivered_until(asked.at);
        Ok(())
    }

    /// Takes a piece of the stream.
    async fn pushed(&mut self, splitter: &mut Splitter, piece: bytes::Bytes) -> Result<(), Ended> {
        let (mut events, mut is_readable) = (Vec::new(), true);
        let pushed = splitter.push(piece, |line| match serde_json::from_slice::<Event>(line) {
            Ok(event) => events.push(event),
            Err(_) => is_readable = false,
        });
        let mut events: Vec<Event> = events.into_iter().filter(|event| !self.machine.has_taken(event)).collect();
        events.dedup_by(|next, event| next.anchor() == event.anchor());
        let cut = events.iter().position(|event| self.machine.is_cut(event));
        events.truncate(cut.unwrap_or(events.len()));
        let reading = self.reading();
        for (at, event) in events.iter().enumerate() {
            self.take(event, &events[at + 1..], reading).await?;
        }
        // What follows cannot be trusted; the log as a whole decides.
        if !is_readable || pushed.is_err() {
            return Err(Failed::For("its stream has a line that is no event".to_owned()).into());
        }
        if cut.is_some() { Err(Ended::Cut) } else { Ok(()) }
    }

    async fn take(&mut self, event: &Event, rest: &[Event], reading: Reading) -> Result<(), Ended> {
        let look = if self.machine.needs_look(event, rest) { self.look(event, rest).await? } else { Look::Spared };
        let ended = if self.machine.is_end(event) { self.finished(event).await } else { None };
        Ok(self.machine.take(event, look, Reading { ended, ..reading })?)
    }

    /// When the container of an event ended. While something holds it, as an export, a look is not answered: then that is
    /// not known.
    async fn finished(&self, event: &Event) -> Option<i64> {
        timeout(END_LOOK, self.client.finished(&event.actor.id)).await.ok()?.ok()?
    }

    /// Looks at a container, for an event that does not prove itself. A look shows the state after that event only if
    /// the log, read after the look, says nothing of the container after it: Podman logs what it did before it lets
    /// another process see the container.
    async fn look(&self, event: &Event, rest: &[Event]) -> Result<Look, Failed> {
        if rest.iter().any(|later| later.is_of(event)) {
            return Ok(Look::Saw(None));
        }
        let mut saw = None;
        for turn in 0..LOOKS {
            if turn > 0 {
                until(Some(self.delivery.settings().clock.after(RETRY))).await;
            }
            saw = self.client.container_state(&event.actor.id).await?;
            if self.before == BEFORE_IN_JOURNAL {
                // What journald is told can be read some time later.
                until(Some(self.delivery.settings().clock.after(RETRY))).await;
            }
            let log = self.client.events(self.since()).await?;
            let Some(at) = log.iter().rposition(|logged| logged.is(&event.anchor())) else {
                return Ok(Look::Saw(None));
            };
            let later = &log[at + 1..];
            if !self.machine.needs_look(event, later) {
                return Ok(Look::Spared);
            }
            if later.iter().any(|later| later.is_of(event)) {
                return Ok(Look::Saw(None));
            }
            if self.machine.is_settled(event, saw.as_ref()) {
                break;
            }
        }
        Ok(Look::Saw(saw))
    }

    /// How far the wall clock, which Podman reads, may have been ahead since it was read last.
    fn reading(&mut self) -> Reading {
        let clock = &self.delivery.settings().clock;
        let at = clock.now().at;
        if clock.is_of_a_story() {
            return Reading { at, ..Reading::default() };
        }
        let ahead = i64::try_from(wall().as_nanosecond() - at.as_nanosecond()).ok();
        let before = std::mem::replace(&mut self.ahead, ahead);
        Reading { ahead: ahead.map(|ahead| before.map_or(ahead, |before| before.max(ahead))), at, ended: None }
    }

    async fn send(&mut self) -> Result<(), Error> {
        self.delivery.send(&mut self.machine.lines).await
    }

    /// The end: the log was read to its end, and what is there is what was recorded.
    async fn fence(mut self) -> Result<(), Error> {
        let patience = self.delivery.settings().pace.fence;
        let missing = timeout(patience, self.compare()).await;
        let late = |_| format!("the end is not proven within {} seconds", patience.as_secs());
        self.machine.lines.fence(missing.unwrap_or_else(late));
        self.send().await
    }

    async fn compare(&mut self) -> String {
        let mut missing = String::new();
        // The death of a container is logged some time after it.
        for _ in 0..20 {
            match self.prove(None).await {
                Ok(()) | Err(Ended::Finishing | Ended::Cut) => {}
                Err(Ended::Failed(failed)) => return unproven(&failed),
                Err(Ended::Lost(lost)) => {
                    if let Err(Ended::Failed(failed)) = self.attach(Some(Missed::Lost(lost))).await {
                        return unproven(&failed);
                    }
                }
            }
            missing = match self.client.list(self.sort.list()).await {
                Ok(listed) => self.machine.differences(&listed),
                Err(failed) => return unproven(&failed),
            };
            if missing.is_empty() {
                break;
            }
            until(Some(self.delivery.settings().clock.after(RETRY))).await;
        }
        missing
    }
}

/// How much of the log before the last event is read, in seconds.
///
/// # Errors
/// The backend keeps no events; Podman goes on without them.
fn before(event_logger: &str) -> Result<i64, String> {
    match event_logger {
        "file" => Ok(BEFORE_IN_FILE),
        "journald" => {
            let journal = UnixDatagram::unbound().and_then(|socket| socket.connect(JOURNAL));
            let nothing =
                |error| format!("Podman's events go to journald, and nothing receives at {JOURNAL} ({error})");
            journal.map(|()| BEFORE_IN_JOURNAL).map_err(|error| format!("{}; {REMEDY}", nothing(error)))
        }
        other => Err(format!("Podman keeps no events (events_logger = \"{other}\"); {REMEDY}")),
    }
}

fn unproven(failed: &Failed) -> String {
    format!("the end is not proven: {}", failed.why())
}
