//! Pieces of text of the views, as ratatui draws them.

use crate::view::Piece;
use anstyle::{AnsiColor, Color as Ansi, Effects};
use ratatui::style::{Color, Modifier, Style};
use ratatui::text::{Line, Span};

/// A line of pieces, with their colours if there are any.
pub(super) fn line(pieces: Vec<Piece>, colour: bool) -> Line<'static> {
    let span = |piece: Piece| Span::styled(piece.text, if colour { style(piece.style) } else { Style::new() });
    Line::from(pieces.into_iter().map(span).collect::<Vec<_>>())
}

/// A colour, if there are colours.
pub(super) fn coloured(colour: Color, is_coloured: bool) -> Style {
    if is_coloured { Style::new().fg(colour) } else { Style::new() }
}

fn style(style: anstyle::Style) -> Style {
    let mut drawn = Style::new();
    if let Some(Ansi::Ansi(colour)) = style.get_fg_color() {
        drawn = drawn.fg(match colour {
            AnsiColor::Red => Color::Red,
            AnsiColor::Green => Color::Green,
            AnsiColor::Yellow => Color::Yellow,
            AnsiColor::Blue => Color::Blue,
            AnsiColor::Magenta => Color::Magenta,
            AnsiColor::Cyan => Color::Cyan,
            _ => Color::Reset,
        });
    }
    let effects = style.get_effects();
    if effects.contains(Effects::BOLD) {
        drawn = drawn.add_modifier(Modifier::BOLD);
    }
    if effects.contains(Effects::DIMMED) {
        drawn = drawn.add_modifier(Modifier::DIM);
    }
    drawn
}
