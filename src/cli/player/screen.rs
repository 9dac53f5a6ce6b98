//! The terminal while the player has it. A thread of its own draws, always the latest frame: a terminal that stops reading
//! blocks only that thread, and delays neither keys nor signals. The terminal is restored at the end and by a panic.

use super::draw::draw;
use super::model::Model;
use crate::cli::terminal;
use crate::replay::Position;
use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;
use ratatui::crossterm::cursor::{Hide, Show};
use ratatui::crossterm::execute;
use ratatui::crossterm::terminal::{
    Clear, ClearType, EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode,
};
use std::io::{self, BufWriter};
use std::os::fd::AsFd;
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::sync::{oneshot, watch};

/// How long a terminal may take to be restored.
const PATIENCE: Duration = Duration::from_millis(500);
/// What a frame writes at once.
const BUFFER: usize = 1 << 16;
/// Leaves the alternate screen and shows the cursor.
const RESTORE: &[u8] = b"\x1b[?1049l\x1b[?25h";

/// What is to be drawn.
type Picture = (Model, Position);

/// The terminal.
pub(super) struct Screen {
    pictures: Option<watch::Sender<Option<Picture>>>,
    ended: oneshot::Receiver<io::Result<()>>,
}

impl Screen {
    /// Takes the terminal. Must be called within a runtime.
    ///
    /// # Errors
    /// There is no terminal for the keys.
    pub(super) fn open() -> io::Result<Self> {
        enable_raw_mode()?;
        let (pictures, next) = watch::channel(None);
        let (done, ended) = oneshot::channel();
        let runtime = Handle::current();
        std::thread::spawn(move || done.send(show(next, &runtime)));
        Ok(Self { pictures: Some(pictures), ended })
    }

    /// Restores the terminal when a thread panics.
    pub(super) fn restore_on_panic() {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            let _ = disable_raw_mode();
            // No lock: another thread may hold that of standard output.
            let _ = rustix::io::write(terminal::stdout().as_fd(), RESTORE);
            before(panic);
        }));
    }

    /// Draws a frame as soon as the terminal has taken the one before.
    pub(super) fn show(&self, model: &Model, position: Position) {
        if let Some(pictures) = &self.pictures {
            pictures.send_replace(Some((model.clone(), position)));
        }
    }

    /// Waits until the terminal can no longer be written.
    ///
    /// # Errors
    /// Why, always.
    pub(super) async fn failed(&mut self) -> io::Error {
        match (&mut self.ended).await {
            Ok(Err(error)) => error,
            _ => io::Error::other("the thread that draws has ended"),
        }
    }

    /// Restores the terminal. One that does not read is left as it is, except for its mode; returns whether it reads.
    pub(super) async fn close(mut self) -> bool {
        drop(self.pictures.take());
        let is_in_time = self.ended.is_terminated() || tokio::time::timeout(PATIENCE, &mut self.ended).await.is_ok();
        let _ = disable_raw_mode();
        is_in_time
    }
}

/// Draws the pictures until there are no more.
fn show(mut next: watch::Receiver<Option<Picture>>, runtime: &Handle) -> io::Result<()> {
    let mut out = BufWriter::with_capacity(BUFFER, terminal::stdout());
    // The alternate screen may have what was there before it was left.
    execute!(out, EnterAlternateScreen, Clear(ClearType::All), Hide)?;
    let mut terminal = Terminal::new(CrosstermBackend::new(out))?;
    while runtime.block_on(next.changed()).is_ok() {
        let picture = next.borrow_and_update().clone();
        if let Some((model, position)) = picture {
            terminal.draw(|frame| draw(frame, &model, &position))?;
        }
    }
    execute!(terminal.backend_mut(), LeaveAlternateScreen, Show)
}
