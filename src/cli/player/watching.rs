//! The screen of `watch --tui`: entries, messages and keys come in, and frames go out, until the recorder is to end.

use super::action::Action;
use super::collector;
use super::live::Live;
use super::model::Model;
use super::picture::Picture;
use super::screen::Screen;
use super::story::Story;
use super::suspension::{Left, signals};
use super::{input, overlay};
use crate::cli::exit::Failure;
use crate::cli::outages::Outages;
use crate::cli::printer::Held;
use crate::cli::record::Started;
use crate::cli::tally::Tally;
use crate::observation::Watch;
use crate::run::{Listener, Stop};
use crate::source::{Clock, wall};
use crate::view::{Selection, Style};
use jiff::Timestamp;
use ratatui::crossterm::event::KeyEvent;
use ratatui::crossterm::style::force_color_output;
use ratatui::crossterm::terminal::size;
use rustix::process::{Signal, getpid, kill_process};
use signal_hook::low_level::emulate_default_handler;
use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinHandle;
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

/// How often times and outages are drawn anew.
const TICK: Duration = Duration::from_millis(200);
/// How long a watch is not followed before its states are stale: streams are closed and opened again all the time.
const GRACE: Duration = Duration::from_secs(1);

/// A screen that is open.
pub(in crate::cli) struct Watching {
    closing: CancellationToken,
    task: JoinHandle<Closed>,
}

/// How it was closed.
#[derive(Default)]
pub(in crate::cli) struct Closed {
    /// True if the terminal did not take what restores it in time.
    pub is_stalled: bool,
    /// Why the terminal can no longer be used.
    pub failed: Option<Failure>,
}

/// What a screen is opened with.
pub(in crate::cli) struct Opening {
    pub listener: Listener,
    pub tally: Arc<Mutex<Tally>>,
    pub style: Style,
    pub watches: Vec<Watch>,
    /// The file that is recorded to.
    pub file: Option<String>,
    pub stop: Stop,
    /// Comes when the recorder has started.
    pub started: oneshot::Receiver<Started>,
    pub held: Held,
    /// Counts the messages of the listener that were handled.
    pub handled: watch::Sender<u64>,
}

impl Watching {
    /// Opens the screen. Must be called within a runtime.
    ///
    /// # Errors
    /// There is no terminal for it.
    pub(in crate::cli) fn open(opening: Opening) -> Result<Self, Failure> {
        let Opening { listener, tally, style, watches, file, stop, started, held, handled } = opening;
        let no_terminal = |error: io::Error| Failure::usage(format!("{NO_TERMINAL}: {error}"));
        let signals = signals(&[Signal::QUIT]).map_err(no_terminal)?;
        let keys = input::keys().map_err(no_terminal)?;
        force_color_output(style.colour);
        Screen::restore_on_panic();
        let screen = Screen::open().map_err(no_terminal)?;
        let now = wall();
        let nothing = (Selection::default(), Style { start: Some(now), ..style });
        let empty = Story::collected(Vec::new(), &[], nothing, (now, None));
        let live = Live { file: file.map(Into::into), ..Live::default() };
        let next = collector::collect(listener, tally, style, handled);
        let closing = CancellationToken::new();
        let session = Session {
            model: Model::growing(empty, live),
            watches,
            outages: Outages::default(),
            started: None,
            held,
            seen: 0,
            stop,
            closing: closing.clone(),
        };
        let task = tokio::spawn(session.run(screen, (keys, signals), next, started));
        Ok(Self { closing, task })
    }

    /// Waits until it is closed; the recorder has ended.
    pub(in crate::cli) async fn close(self) -> Closed {
        self.closing.cancel();
        self.task.await.unwrap_or_else(|error| match error.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            Err(error) => Closed { is_stalled: true, failed: Some(Failure::trouble(error)) },
        })
    }
}

/// The refusal without a terminal.
pub(in crate::cli) const NO_TERMINAL: &str = "--tui needs a terminal: leave it out to print lines";

/// What the screen is about.
struct Session {
    model: Model,
    watches: Vec<Watch>,
    outages: Outages,
    started: Option<Started>,
    held: Held,
    /// Messages that were taken.
    seen: u64,
    stop: Stop,
    closing: CancellationToken,
}

/// Why it ends.
enum End {
    /// The recorder ends.
    Recorder,
    /// A signal that has no other handler.
    Signal(Signal),
    /// The terminal was closed, or cannot be written.
    Terminal(io::Error),
}

impl Session {
    async fn run(
        mut self,
        mut screen: Screen,
        (mut keys, mut signals): (mpsc::Receiver<KeyEvent>, mpsc::Receiver<Signal>),
        mut pictures: watch::Receiver<Option<Picture>>,
        mut started: oneshot::Receiver<Started>,
    ) -> Closed {
        let mut ticks = interval(TICK);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut is_waiting = true;
        let mut is_growing = true;
        let end = loop {
            self.look();
            let Some(live) = &self.model.live else { break End::Recorder };
            let position = live.position(&self.model.story, self.now());
            self.model.page = overlay::page(&self.model, &position, size().unwrap_or((80, 24)));
            screen.show(&self.model, position);
            let left = tokio::select! {
                biased;
                () = self.stop.finish.cancelled() => break End::Recorder,
                () = self.stop.abort.cancelled() => break End::Recorder,
                () = self.closing.cancelled() => break End::Recorder,
                key = keys.recv() => {
                    let Some(key) = key else { break End::Terminal(io::Error::other("it was closed")) };
                    match self.model.press(key, &position) {
                        // The signal of Ctrl-C, so that a second one is what it always is.
                        Some(Action::Quit) => {
                            if kill_process(getpid(), Signal::INT).is_err() {
                                self.stop.finish("SIGINT");
                            }
                            None
                        }
                        Some(Action::Suspend) => Some(Left::ByKey),
                        Some(action) => {
                            let story = Arc::clone(&self.model.story);
                            self.model.live.iter_mut().for_each(|live| live.apply(action, &story, &position));
                            None
                        }
                        None => None,
                    }
                }
                signal = signals.recv() => match signal {
                    // Its size was changed.
                    Some(Signal::WINCH) => None,
                    Some(Signal::TSTP) => Some(Left::BySignal),
                    Some(Signal::CONT) => Some(Left::Before),
                    Some(signal) => break End::Signal(signal),
                    None => break End::Terminal(io::Error::other("no signals are received")),
                },
                error = screen.failed() => break End::Terminal(error),
                begun = &mut started, if is_waiting => {
                    is_waiting = false;
                    self.started = begun.ok();
                    None
                }
                changed = pictures.changed(), if is_growing => {
                    is_growing = changed.is_ok();
                    if let Some(picture) = pictures.borrow_and_update().clone() {
                        self.model.renew(picture);
                    }
                    None
                }
                _ = ticks.tick() => None,
            };
            let Some(left) = left else { continue };
            screen.close().await;
            if let Some(signal) = left.wait(&mut signals).await {
                return self.closed(End::Signal(signal), false);
            }
            screen = match Screen::open() {
                Ok(screen) => screen,
                Err(error) => return self.closed(End::Terminal(error), false),
            };
        };
        let is_stalled = !screen.close().await;
        self.closed(end, is_stalled)
    }

    /// Notes why it was closed, and has the recorder end.
    fn closed(self, end: End, is_stalled: bool) -> Closed {
        let failed = match end {
            End::Recorder => None,
            End::Signal(signal) => {
                // It ends as it would without a screen.
                let _ = emulate_default_handler(signal.as_raw());
                None
            }
            End::Terminal(error) => {
                self.stop.finish("the terminal can no longer be used");
                Some(Failure::trouble(format!("the terminal can no longer be used: {error}")))
            }
        };
        Closed { is_stalled, failed }
    }

    /// Takes what is known of the recorder by now.
    fn look(&mut self) {
        let now = self.now();
        let Some(live) = &mut self.model.live else { return };
        if let Some((messages, seen)) = self.held.after(self.seen) {
            (live.messages, self.seen) = (messages.into(), seen);
        }
        let Some(started) = &self.started else { return };
        let (connections, is_attached) = {
            let progress = started.progress.borrow();
            (progress.connections.now(), progress.is_attached())
        };
        live.is_attached = is_attached;
        // The lines are printed by the recorder's reports.
        let _ = self.outages.tell(&self.watches, &connections, wall());
        live.outage = self.outages.now(&self.watches, wall());
        let out = connections.iter().enumerate().filter_map(|(watch, connection)| {
            let since = connection.outage.as_ref()?.since;
            (now.duration_since(since).unsigned_abs() >= GRACE && since <= now).then_some((watch, since))
        });
        self.model.doubts.unfollowed = out.collect();
    }

    /// Now, by the recorder's clock.
    fn now(&self) -> Timestamp {
        let clock = self.started.as_ref().and_then(|started| started.clock.borrow().as_ref().map(Clock::now));
        clock.map_or_else(wall, |now| now.at)
    }
}
