//! What keys ask for beyond the screen.

use crate::replay::Speed;
use std::time::Duration;

/// What a key asks of the clock, or of the program.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Action {
    Quit,
    /// Leaves the terminal to the shell until it is continued.
    Suspend,
    Pause,
    Resume,
    /// Plays from the start.
    Restart,
    /// Pauses after a number of steps of the whole timeline.
    StepTo(usize),
    Seek(Duration),
    SetSpeed(Speed),
}
