//! Output styles: a terminal with its width and colours, or a pipe.

use crate::view::Style;
use anstream::stream::RawStream;

/// Whether standard output has colours.
pub(super) fn colours_stdout() -> bool {
    style_of_stdout().colour
}

/// Whether standard error has colours.
pub(super) fn colours_stderr() -> bool {
    style_of_stderr().colour
}

/// Standard output, for a printer or a pager.
pub(super) fn stdout() -> std::io::Stdout {
    std::io::stdout()
}

/// True if standard output is a terminal with a screen.
pub(super) fn is_screen() -> bool {
    std::io::IsTerminal::is_terminal(&stdout()) && std::env::var_os("TERM").is_none_or(|term| term != "dumb")
}

/// The style for standard output.
pub(super) fn style_of_stdout() -> Style {
    style(&std::io::stdout())
}

/// The style for standard error.
pub(super) fn style_of_stderr() -> Style {
    style(&std::io::stderr())
}

/// The style for a stream: colours and width on a terminal, neither in a pipe. `NO_COLOR` and `CLICOLOR_FORCE` are
/// respected.
pub(super) fn style(stream: &impl RawStream) -> Style {
    let terminal = stream.is_terminal();
    let colour = anstream::AutoStream::choice(stream) != anstream::ColorChoice::Never;
    let width = terminal.then(|| terminal_size::terminal_size().map(|(width, _)| usize::from(width.0))).flatten();
    Style { colour, width, ..Style::default() }
}
