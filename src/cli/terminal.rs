//! Where output goes: a terminal with its width and colours, or a pipe.

use crate::view::Style;
use anstream::stream::RawStream;

/// The style for a stream: colours and width on a terminal, neither in a pipe. `NO_COLOR` and `CLICOLOR_FORCE` are
/// obeyed.
pub fn style(stream: &impl RawStream) -> Style {
    let terminal = stream.is_terminal();
    let colour = anstream::AutoStream::choice(stream) != anstream::ColorChoice::Never;
    let width = terminal.then(|| terminal_size::terminal_size().map(|(width, _)| usize::from(width.0))).flatten();
    Style { colour, width, ..Style::default() }
}
