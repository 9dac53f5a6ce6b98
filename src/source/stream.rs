//! Performs one watch: executes the actions of its machine over HTTP and by the clock, and feeds the results back.

use super::attach;
use super::clock::until;
use super::confirm;
use super::connection::Connection;
use super::decode::ask;
use super::depth::Waits;
use super::error::Error;
use super::heal::{self, History, Question, Stop};
use super::query;
use super::request_error::{RequestError, what};
use super::rewatch::{self, Span};
use super::settings::{Healing, LastEvent, Requests, Resume, Settings};
use super::socket::{Chunk, Delivery, Socket};
use super::watch::{Action, Config, Input, Machine, Tail};
use crate::observation::{Object, Observation, Resource, ResourceVersion, Watch, WatchId};
use futures::future::BoxFuture;
use futures::stream::FuturesUnordered;
use futures::{FutureExt, StreamExt};
use jiff::Timestamp;
use std::future::pending;
use std::hash::{BuildHasher, RandomState};
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

/// Most requests to date revisions by Leases.
const DATES: u32 = 100;

/// More revisions than this are not read one by one where the server shows what happened in another way, or to let time
/// decide something. To that end, none are read for a while after each.
const MANY_REVISIONS: u64 = 100;
const DUE_PAUSE: Duration = Duration::from_millis(50);

/// One watch.
pub(crate) struct Stream {
    id: WatchId,
    watch: Watch,
    settings: Settings,
    machine: Machine,
    socket: Option<Socket>,
    /// The chunk that was read last keeps its space in the queue until its observations are sent.
    chunk: Option<Chunk>,
    /// A list, or an opening.
    request: Request,
    history: Request,
    head: Request,
    heads: Request,
    /// Reading the configuration again; a plugin may take long, and nothing waits for it.
    renewal: Option<BoxFuture<'static, ()>>,
    proof: Request,
    last: Request,
    confirmations: FuturesUnordered<BoxFuture<'static, Input>>,
    /// Limits how many are asked concurrently.
    confirming: Arc<Semaphore>,
    /// The requests that were met.
    met: Requests,
    /// Until then a proof that was asked for may take what it takes, and until then none is given that lets time decide.
    thorough_until: Duration,
    rests_until: Duration,
    /// The last doubt of which it is known how far it reaches.
    resolved: u64,
    /// The last silence of the server that the machine knows of, and a chunk that came after another one.
    silence: Option<Timestamp>,
    held: Option<Chunk>,
    /// Stops reading history.
    stop: CancellationToken,
    finishing: bool,
}

impl std::fmt::Debug for Stream {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Stream").field("id", &self.id).field("watch", &self.watch).finish_non_exhaustive()
    }
}

/// A pending request, if there is one.
#[derive(Default)]
struct Request(Option<BoxFuture<'static, Answered>>);

/// The result of a request.
enum Answered {
    Input(Input),
    Opened(Result<Socket, RequestError>),
}

impl Request {
    /// Sends a request, dropping the pending one.
    fn send(&mut self, request: impl Future<Output = Input> + Send + 'static) {
        self.0 = Some(request.map(Answered::Input).boxed());
    }

    /// Waits for the result; forever when there is no request. Cancel-safe.
    async fn answer(&mut self) -> Answered {
        let Some(request) = &mut self.0 else { return pending().await };
        let answer = request.await;
        self.0 = None;
        answer
    }
}

impl Stream {
    /// A watch that begins, or continues from `resume`.
    #[must_use]
    pub(crate) fn new(id: WatchId, watch: Watch, settings: Settings, resume: Resume) -> Self {
        let config = Config {
            capture: settings.capture,
            pace: settings.pace,
            healing: settings.healing,
            past: resume.asked(settings.past),
            attach_within: settings.cluster.patience(),
            seed: RandomState::new().hash_one(id),
        };
        Self {
            machine: Machine::new(id, watch.clone(), config, resume, settings.clock.read()),
            id,
            watch,
            settings,
            socket: None,
            chunk: None,
            request: Request::default(),
            history: Request::default(),
            head: Request::default(),
            heads: Request::default(),
            renewal: None,
            proof: Request::default(),
            last: Request::default(),
            confirmations: FuturesUnordered::new(),
            confirming: Arc::new(Semaphore::new(confirm::AT_ONCE)),
            met: Requests::default(),
            thorough_until: Duration::ZERO,
            rests_until: Duration::ZERO,
            resolved: 0,
            silence: None,
            held: None,
            stop: CancellationToken::new(),
            finishing: false,
        }
    }

    /// Runs until fenced. Dropping the future stops it at once, without a fence.
    ///
    /// # Errors
    /// An error that the operator must fix, before the first attachment; later only when the receiver of the
    /// observations is gone.
    pub(crate) async fn run(mut self) -> Result<(), Error> {
        let mut input = Input::Started;
        loop {
            let actions = self.machine.step(self.settings.clock.read(), input);
            if !self.machine.is_doubtful() {
                self.resolved = self.met.doubts;
            }
            let connection = Connection { resolved: self.resolved, ..self.machine.connection() };
            self.settings.connections.set(self.id, connection);
            for action in actions {
                if self.perform(action).await?.is_break() {
                    return Ok(());
                }
            }
            self.chunk = None;
            input = self.next().await;
        }
    }

    /// The next input. Pending deliveries come before the deadline: a stream is not silent while its queue has data.
    async fn next(&mut self) -> Input {
        if let Some(chunk) = self.held.take() {
            return self.delivered(Delivery::Chunk(chunk));
        }
        let deadline = self.machine.deadline().map(|monotonic| self.settings.clock.at(monotonic));
        let waits = self.machine.waits_for();
        if let Some(socket) = &self.socket {
            socket.waits(waits);
        }
        let answered = loop {
            let requests = *self.settings.requests.borrow_and_update();
            if requests.doubts != self.met.doubts {
                self.met.doubts = requests.doubts;
                return Input::Doubted(None);
            }
            if requests.proofs != self.met.proofs {
                self.met.proofs = requests.proofs;
                self.thorough_until = self.settings.clock.played() + self.settings.pace.fence;
                return Input::ProofRequested;
            }
            if requests.dues != self.met.dues {
                self.met.dues = requests.dues;
                if self.settings.clock.played() >= self.rests_until {
                    return Input::ProofRequested;
                }
            }
            tokio::select! {
                biased;
                () = self.settings.finish.cancelled(), if !self.finishing => {
                    self.finishing = true;
                    return Input::FinishRequested;
                }
                Ok(()) = self.settings.requests.changed() => {}
                () = renewed(&mut self.renewal) => {}
                answered = self.request.answer() => break answered,
                answered = self.history.answer() => break answered,
                answered = self.head.answer() => break answered,
                answered = self.heads.answer() => break answered,
                answered = self.proof.answer() => break answered,
                answered = self.last.answer() => break answered,
                Some(confirmed) = self.confirmations.next() => return confirmed,
                delivery = delivery(self.socket.as_mut()), if waits.is_none() => return self.delivered(delivery),
                () = until(deadline) => return Input::Deadline,
            }
        };
        match answered {
            Answered::Input(input) => input,
            Answered::Opened(opened) => Input::Opened(opened.map(|socket| self.socket = Some(socket))),
        }
    }

    fn delivered(&mut self, delivery: Delivery) -> Input {
        if matches!(delivery, Delivery::Chunk(_) | Delivery::Closed(_)) {
            self.settings.cluster.hears();
        }
        match delivery {
            // Where the server was silent, this may have waited since then.
            Delivery::Chunk(chunk) if self.silence != self.settings.connections.last_silence() => {
                self.silence = self.settings.connections.last_silence();
                self.held = Some(chunk);
                Input::Doubted(self.silence)
            }
            Delivery::Chunk(chunk) => {
                let (stamp, bytes) = (chunk.stamp, chunk.bytes.clone());
                self.chunk = Some(chunk);
                Input::Received { stamp, bytes }
            }
            Delivery::Stalled(since) => Input::Stalled(since),
            Delivery::Closed(stamp) => Input::Closed(stamp),
            Delivery::Broken(why) => Input::Broken(why),
        }
    }

    async fn perform(&mut self, action: Action) -> Result<ControlFlow<()>, Error> {
        match action {
            Action::Send(lines) => self.send(lines).await?,
            Action::List => self.list(),
            Action::OpenWatch { from } => self.open(from),
            Action::CloseWatch => self.socket = None,
            Action::ReadHistory(question) => self.read_history(question),
            Action::StopHistory => self.stop.cancel(),
            Action::ConfirmDeletions(objects) => self.confirm(objects),
            Action::AskHead => {
                let (cluster, watch) = (Arc::clone(&self.settings.cluster), self.watch.clone());
                self.head.send(async move { Input::Head(attach::head(&cluster, &watch).await.ok()) });
            }
            Action::ListHeads => {
                let (cluster, watch) = (Arc::clone(&self.settings.cluster), self.watch.clone());
                self.heads.send(async move { Input::Heads(attach::heads(&cluster, &watch).await) });
            }
            Action::AskLast(last) => self.ask_last(last),
            Action::ProveEnd(tail) => self.prove(tail),
            Action::RenewCredentials if self.renewal.is_none() => {
                let cluster = Arc::clone(&self.settings.cluster);
                let renewal = async move {
                    // If the configuration cannot be read, the old client stays.
                    if let Err(error) = cluster.renew().await {
                        cluster.warn(&error);
                    }
                };
                self.renewal = Some(renewal.boxed());
            }
            Action::RenewCredentials => {}
            Action::Warn(words) => tracing::warn!("{}: {words}", what(&self.watch)),
            Action::Inform(words) => tracing::info!("{}: {words}", what(&self.watch)),
            Action::Fail(error) => return Err(error),
            Action::Done => return Ok(ControlFlow::Break(())),
        }
        Ok(ControlFlow::Continue(()))
    }

    async fn send(&mut self, lines: Vec<Observation>) -> Result<(), Error> {
        if let Some(socket) = &self.socket {
            socket.waits(Some(Waits::Writer));
        }
        let sent = self.settings.out.send(lines).await;
        if let Some(socket) = &self.socket {
            socket.waits(None);
        }
        sent.map_err(|_| Error::Closed)
    }

    fn list(&mut self) {
        let (Settings { cluster, capture, clock, .. }, watch, id) =
            (self.settings.clone(), self.watch.clone(), self.id);
        let list = async move { attach::pages(&cluster, &watch, id, capture, &clock).await };
        self.request.send(list.map(Input::Listed));
    }

    /// Opens the stream after a version; from then on its socket is drained.
    fn open(&mut self, from: ResourceVersion) {
        let (Settings { cluster, pace, clock, depth, .. }, watch) = (self.settings.clone(), self.watch.clone());
        let open = async move {
            let asked = clock.read();
            let path = query::watch(&watch, &from, pace.watch_timeout.as_secs());
            let response = ask(&cluster, "watch", &watch, &path).await?;
            Ok(Socket::drain(response, clock, depth, asked))
        };
        self.socket = None;
        self.request.0 = Some(open.map(Answered::Opened).boxed());
    }

    fn read_history(&mut self, question: Question) {
        let Settings { cluster, capture, healing, clock, .. } = self.settings.clone();
        self.stop = CancellationToken::new();
        let stop = Stop { token: self.stop.clone(), end: self.settings.finish.clone() };
        let history = |watch, limits| History::new(Arc::clone(&cluster), watch, capture, limits, stop.clone());
        let leases = Watch::all(Resource::new("coordination.k8s.io", "v1", "leases", "Lease"));
        let leases = question.is_dated_by_leases().then(|| history(leases, Healing { requests: DATES, ..healing }));
        let (history, watch) = (history(self.watch.clone(), healing), self.watch.clone());
        self.history.send(async move {
            let begun = clock.played();
            let answer = question.ask(Arc::clone(&history), leases).await;
            let length = clock.played().saturating_sub(begun);
            tracing::info!("{}: {} requests to history in {length:?}", what(&watch), history.asked());
            Input::HistoryRead(answer)
        });
    }

    /// Proves the end, within limits of its own: the limits for healing, which may be zero, do not apply. Without it a
    /// quiet collection would only be proven by the next bookmark, up to a minute later.
    fn prove(&mut self, Tail { from, to, state }: Tail) {
        let Settings { cluster, capture, clock, .. } = self.settings.clone();
        let (watch, mut limits) = (self.watch.clone(), Healing::default());
        let (now, revisions) = (clock.played(), to.saturating_sub(from));
        if !self.finishing && now >= self.thorough_until {
            // Each revision of the cluster is a request.
            limits.revisions = MANY_REVISIONS;
            self.rests_until = now + DUE_PAUSE * u32::try_from(revisions.min(MANY_REVISIONS)).unwrap_or_default();
        }
        let history = History::new(Arc::clone(&cluster), watch.clone(), capture, limits, Stop::default());
        self.proof.send(async move {
            let by_history = async |from| heal::newest(&history, from, to, &state).await;
            let rewatched = async || rewatch::read(&cluster, &watch, clock, from, to).await;
            let newest = if revisions <= MANY_REVISIONS {
                match by_history(from).await {
                    // What contradicts the recording is not asked again.
                    Err(unknown) if unknown.is_of_cost() => {
                        let span = rewatched().await;
                        if span.is_read() { Ok(span.newest) } else { Err(unknown) }
                    }
                    known => known,
                }
            } else {
                match rewatched().await {
                    span if span.is_read() => Ok(span.newest),
                    // Its objects are still those of the beginning.
                    Span { until, newest: None, .. } => by_history(until).await,
                    _ => by_history(from).await,
                }
            };
            Input::EndProven(newest)
        });
    }

    fn ask_last(&mut self, last: LastEvent) {
        let (cluster, watch) = (Arc::clone(&self.settings.cluster), self.watch.clone());
        self.last.send(async move { Input::Last(confirm::is_known(cluster, watch, last).await) });
    }

    fn confirm(&mut self, objects: Vec<Object>) {
        for object in objects {
            let (cluster, watch, turn) =
                (Arc::clone(&self.settings.cluster), self.watch.clone(), Arc::clone(&self.confirming));
            let (uid, version) = (object.uid.clone(), object.resource_version.clone());
            let ask = async move {
                Input::Confirmed { uid, version, is_gone: confirm::is_gone(cluster, watch, object, turn).await }
            };
            self.confirmations.push(ask.boxed());
        }
    }
}

/// Waits until the configuration was read again; forever when it is not. Cancel-safe.
async fn renewed(renewal: &mut Option<BoxFuture<'static, ()>>) {
    match renewal {
        Some(reading) => reading.await,
        None => pending().await,
    }
    *renewal = None;
}

async fn delivery(socket: Option<&mut Socket>) -> Delivery {
    match socket {
        Some(socket) => socket.next().await,
        None => pending().await,
    }
}
