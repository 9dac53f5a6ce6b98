//! Draws the player: the entries so far, the states at the clock, the progress and the status. A pure function of the
//! model and the position; the text is that of the views.

use super::model::Model;
use super::paint;
use super::{overlay, status};
use crate::replay::Position;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Borders, Paragraph};

/// From this width on, entries and states are next to each other.
const SIDE_BY_SIDE: u16 = 160;
/// Columns of the states next to the entries, at least; at most, it is half of all.
const STATES: u16 = 60;
/// The border, and the sign of the last entry's subject.
const BESIDE: u16 = 3;
/// From this height on, both are shown in a narrower terminal.
const BOTH: u16 = 9;

/// Draws everything.
pub(super) fn draw(frame: &mut Frame<'_>, model: &Model, position: &Position) {
    let area = frame.area();
    if area.is_empty() {
        return;
    }
    let [body, foot] = overlay::parts(area, model.live.is_some());
    match model.overlay {
        Some(overlay) => overlay::draw(frame, body, overlay, model, position),
        None => panes(frame, body, model, position),
    }
    status::draw(frame, foot, model, position);
}

fn panes(frame: &mut Frame<'_>, body: Rect, model: &Model, position: &Position) {
    if body.width >= SIDE_BY_SIDE {
        let half = body.width / 2;
        let width = body.width - model.width.saturating_add(BESIDE).clamp(STATES, half);
        log(frame, Rect { width, ..body }, model, position);
        let right = Rect { x: body.x + width, width: body.width - width, ..body };
        let block = Block::new().borders(Borders::LEFT);
        let inside = block.inner(right);
        frame.render_widget(block, right);
        states(frame, inside, model, position);
    } else if body.height >= BOTH {
        let height = body.height / 2;
        log(frame, Rect { height, ..body }, model, position);
        let below = Rect { y: body.y + height, height: body.height - height, ..body };
        let block = Block::new().borders(Borders::TOP);
        let inside = block.inner(below);
        frame.render_widget(block, below);
        states(frame, inside, model, position);
    } else {
        log(frame, body, model, position);
    }
}

/// The last entries that fit.
fn log(frame: &mut Frame<'_>, area: Rect, model: &Model, position: &Position) {
    let made = model.made(position.step);
    let room = usize::from(area.height);
    let first = made.len().saturating_sub(room);
    let mut lines = model.lines.within(usize::from(area.width));
    let colour = model.story.style.colour;
    let drawn = (first..made.len()).map(|index| {
        let step = made.get(index);
        let (entry, width) = (model.story.entry(step), usize::from(area.width));
        let pieces = match model.story.times(step) {
            Some(times) => lines.repeated_pieces(entry, times, width),
            None => lines.pieces(entry, model.story.is_held(step), width),
        };
        let line = paint::line(pieces, colour);
        let is_last = index + 1 == made.len();
        if is_last { line.style(Style::new().add_modifier(Modifier::BOLD)) } else { line }
    });
    frame.render_widget(Paragraph::new(drawn.collect::<Vec<_>>()), area);
}

/// The states at the clock, around the selected row or else the row of the last entry.
fn states(frame: &mut Frame<'_>, area: Rect, model: &Model, position: &Position) {
    let now = model.now(position);
    let rows = model.rows(now);
    let room = usize::from(area.height.saturating_sub(1));
    let last = position.step.checked_sub(1).and_then(|step| model.story.entry(step).subject.as_deref());
    let is_last = |row: &_| last.is_some_and(|subject| model.states.subject(*row) == subject);
    let selected = model.selected.and_then(|line| rows.iter().position(|row| *row == line));
    let focus = selected.or_else(|| rows.iter().position(is_last)).unwrap_or(0);
    let first = focus.saturating_sub(room / 2).min(rows.len().saturating_sub(room));
    let shown = &rows[first..rows.len().min(first + room)];
    let colour = model.story.style.colour;
    let table = model.states.table(shown, now, &model.doubts, usize::from(area.width.saturating_sub(2)));
    let drawn = table.into_iter().enumerate().map(|(index, pieces)| {
        let row = index.checked_sub(1).map(|index| (first + index, shown[index]));
        let sign = if row.is_some_and(|(_, row)| is_last(&row)) { "* " } else { "  " };
        let mut line = paint::line(pieces, colour);
        line.spans.insert(0, Span::raw(sign));
        let is_selected = row.is_some_and(|(at, _)| Some(at) == selected);
        if is_selected { line.style(Style::new().add_modifier(Modifier::REVERSED)) } else { line }
    });
    frame.render_widget(Paragraph::new(drawn.collect::<Vec<Line<'_>>>()), area);
}
