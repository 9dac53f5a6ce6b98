//! What covers the entries and states: the keys, or details.

use super::keys::KEYS;
use super::model::Model;
use super::paint;
use crate::replay::Position;
use crate::view;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Borders, Paragraph, Wrap};

/// The keys, and what they do.
pub(super) fn help(frame: &mut Frame<'_>, area: Rect, model: &Model) {
    let bold = Style::new().add_modifier(Modifier::BOLD);
    let row = |(keys, what): (&'static str, &'static str)| {
        Line::from(vec![Span::styled(format!(" {keys:<12}"), bold), Span::raw(what)])
    };
    cover(frame, area, model, " Keys ", KEYS.into_iter().map(row).collect());
}

/// The last entry, and the selected subject, or else that of the entry.
pub(super) fn details(frame: &mut Frame<'_>, area: Rect, model: &Model, position: &Position) {
    let colour = model.story.style.colour;
    let now = model.story.now(position);
    let made = model.made(position.step);
    let entry = made.len().checked_sub(1).map(|last| model.story.entry(made.get(last)));
    let mut rows = entry.map(|entry| view::details(entry, &model.story.style)).unwrap_or_default();
    let of_entry = entry.and_then(|entry| entry.subject.as_deref());
    let of_entry = of_entry.and_then(|subject| {
        model.states.lines(now, false).into_iter().find(|line| model.states.subject(*line) == subject)
    });
    if let Some(line) = model.selected.or(of_entry) {
        rows.extend((!rows.is_empty()).then(Vec::new));
        rows.extend(model.states.details(line, now));
    }
    let lines = rows.into_iter().map(|pieces| paint::line(pieces, colour)).collect();
    cover(frame, area, model, " Details ", lines);
}

/// Lines in a frame, from the one to which it was scrolled.
fn cover(frame: &mut Frame<'_>, area: Rect, model: &Model, title: &'static str, lines: Vec<Line<'_>>) {
    let most = u16::try_from(lines.len()).unwrap_or(u16::MAX).saturating_sub(1);
    let text = Paragraph::new(lines).wrap(Wrap { trim: false }).scroll((model.scrolled.min(most), 0));
    let is_framed = area.height > 3 && area.width > 3;
    let text = if is_framed { text.block(Block::new().borders(Borders::ALL).title(title)) } else { text };
    frame.render_widget(text, area);
}
