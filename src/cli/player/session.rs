//! The player on a terminal: keys, signals and the clock come in, and frames go out.

use super::action::Action;
use super::input;
use super::model::Model;
use super::overlay;
use super::screen::Screen;
use super::story::Story;
use super::suspension::{Left, signals};
use crate::cli::exit::{Exit, Failure};
use crate::replay::{Doing, Playback, Speed};
use ratatui::crossterm::style::force_color_output;
use ratatui::crossterm::terminal::size;
use rustix::process::Signal;
use signal_hook::low_level::emulate_default_handler;
use std::io;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::{MissedTickBehavior, interval};

/// The time between two frames while the clock runs.
const FRAME: Duration = Duration::from_millis(50);
/// The signals that end it, after the terminal was restored.
const ENDING: [Signal; 4] = [Signal::INT, Signal::TERM, Signal::HUP, Signal::QUIT];

/// Why the player ends.
enum End {
    Quit,
    Signal(Signal),
    /// The terminal was closed, or cannot be written.
    Terminal(io::Error),
}

/// Plays on the terminal until the reader quits.
///
/// # Errors
/// The terminal cannot be used.
pub(in crate::cli) async fn play(story: Story, speed: Speed) -> Result<Exit, Failure> {
    let no_terminal = |error: io::Error| {
        Failure::trouble(format!("no keys can be read from a terminal; `| cat` prints plain lines: {error}"))
    };
    let signals = signals(&ENDING).map_err(|error| Failure::trouble(format!("cannot wait for signals: {error}")))?;
    let keys = input::keys().map_err(no_terminal)?;
    let playback = story.playback(speed);
    let colour = story.style.colour;
    let model = Model::new(story);
    force_color_output(colour);
    Screen::restore_on_panic();
    let screen = Screen::open().map_err(no_terminal)?;
    let driven = playback.clone();
    let driving = tokio::spawn(async move { driven.drive(|_| {}).await });
    let end = run(model, &playback, (keys, signals), screen).await;
    driving.abort();
    match end {
        End::Quit => Ok(Exit::Ok),
        End::Signal(signal) => {
            // It ends as it would without a screen.
            let _ = emulate_default_handler(signal.as_raw());
            Ok(Exit::Ok)
        }
        End::Terminal(error) => Err(Failure::trouble(format!("the terminal can no longer be used: {error}"))),
    }
}

type Keys = mpsc::Receiver<ratatui::crossterm::event::KeyEvent>;

async fn run(
    mut model: Model,
    playback: &Playback,
    (mut keys, mut signals): (Keys, mpsc::Receiver<Signal>),
    mut screen: Screen,
) -> End {
    let mut frames = interval(FRAME);
    frames.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let end = loop {
        let position = playback.position();
        model.page = overlay::page(&model, &position, size().unwrap_or((80, 24)));
        screen.show(&model, position);
        let left = tokio::select! {
            key = keys.recv() => {
                let Some(key) = key else {
                    break End::Terminal(io::Error::other("it was closed"));
                };
                match model.press(key, &position) {
                    Some(Action::Quit) => break End::Quit,
                    Some(Action::Suspend) => Some(Left::ByKey),
                    Some(action) => {
                        apply(action, playback);
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
            error = screen.failed() => {
                break End::Terminal(error);
            }
            _ = frames.tick(), if position.doing == Doing::Playing => None,
        };
        let Some(left) = left else { continue };
        screen.close().await;
        // The clock stands while nothing is shown.
        if position.doing == Doing::Playing {
            playback.pause();
        }
        if let Some(signal) = left.wait(&mut signals).await {
            return End::Signal(signal);
        }
        screen = match Screen::open() {
            Ok(screen) => screen,
            Err(error) => return End::Terminal(error),
        };
        if position.doing == Doing::Playing {
            playback.resume();
        }
    };
    screen.close().await;
    end
}

pub(super) fn apply(action: Action, playback: &Playback) {
    match action {
        Action::Quit | Action::Suspend => {}
        Action::Pause => playback.pause(),
        Action::Resume => playback.resume(),
        Action::Restart => {
            playback.seek(Duration::ZERO);
            playback.resume();
        }
        Action::StepTo(step) => {
            playback.pause();
            let made = i64::try_from(playback.position().step).unwrap_or(i64::MAX);
            playback.step(i64::try_from(step).unwrap_or(i64::MAX) - made);
        }
        Action::Seek(moment) => playback.seek(moment),
        Action::SetSpeed(speed) => playback.set_speed(speed),
    }
}
