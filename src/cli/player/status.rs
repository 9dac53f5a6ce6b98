//! The progress bar, on which gaps and marks are marked, the status line, and between them, while a recorder runs, its
//! last message.

use super::live::Live;
use super::model::Model;
use super::paint::coloured;
use crate::replay::{Doing, Position, Speed};
use crate::view::span;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier, Style};
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;
use std::fmt::Write as _;
use std::time::Duration;
use unicode_width::UnicodeWidthStr;

/// Draws the bar and the line below it; on one row, the line alone.
pub(super) fn draw(frame: &mut Frame<'_>, area: Rect, model: &Model, position: &Position) {
    let last = Rect { y: area.y + area.height.saturating_sub(1), height: 1.min(area.height), ..area };
    if area.height > 1 {
        frame.render_widget(bar(model, position, area.width), Rect { height: 1, ..area });
    }
    if let (3.., Some(live)) = (area.height, &model.live) {
        frame.render_widget(message(live, model), Rect { y: area.y + 1, height: 1, ..area });
    }
    if let Some(prompt) = &model.prompt {
        let text = format!("{}{}", prompt.label(), prompt.text);
        let width = u16::try_from(text.width()).unwrap_or(u16::MAX);
        frame.render_widget(Paragraph::new(text), last);
        frame.set_cursor_position((last.x + width.min(last.width.saturating_sub(1)), last.y));
    } else {
        frame.render_widget(line(model, position, area.height > 2), last);
    }
}

/// What was said of the last key, or what is not followed now, or else the last message.
fn message(live: &Live, model: &Model) -> Line<'static> {
    let is_coloured = model.story.style.colour;
    match (&model.note, &live.outage, live.messages.first()) {
        (Some(note), ..) => noted(note),
        (None, Some(outage), _) => {
            Line::styled(outage.clone(), coloured(Color::Magenta, is_coloured).add_modifier(Modifier::BOLD))
        }
        (None, None, Some(message)) => {
            let text = message.lines().next().unwrap_or_default().to_owned();
            Line::styled(text, Style::new().add_modifier(Modifier::DIM))
        }
        (None, None, None) => Line::default(),
    }
}

fn noted(note: &str) -> Line<'static> {
    Line::styled(note.to_owned(), Style::new().add_modifier(Modifier::BOLD))
}

/// `live  18:09:30.123 UTC  2m17s  214 entries  ? help`.
fn live_line(live: &Live, model: &Model, position: &Position) -> Line<'static> {
    let is_coloured = model.story.style.colour;
    let is_out = !model.doubts.unfollowed.is_empty();
    let (doing, colour) = match position.doing {
        Doing::Playing if is_out => ("outage", Color::Magenta),
        Doing::Playing if !live.is_attached => ("attaching", Color::Yellow),
        Doing::Playing => ("live", Color::Green),
        _ => ("paused", Color::Yellow),
    };
    let doing = Span::styled(doing, coloured(colour, is_coloured).add_modifier(Modifier::BOLD));
    let mut words = String::new();
    let new = model.made(position.steps).len() - model.made(position.step).len();
    if position.doing != Doing::Playing {
        let _ = write!(words, "  {new} more");
    }
    if is_out && position.doing != Doing::Playing {
        words.push_str("  outage");
    }
    if live.missed > 0 {
        let _ = write!(words, "  {} missed", live.missed);
    }
    let time = model.story.style.time(model.now(position).at);
    let _ = write!(words, "  {time} UTC  {}", span(model.story.since_start(position)));
    match position.doing {
        Doing::Playing => _ = write!(words, "  {}", counted(position.steps as u64)),
        _ => _ = write!(words, "  entry {} of {}", position.step, position.steps),
    }
    if live.left_out > 0 {
        let _ = match &live.file {
            Some(file) => write!(words, ", {} older in {file}", live.left_out),
            None => write!(words, ", {} older not shown", live.left_out),
        };
    }
    if let Some(filter) = &model.filter {
        let _ = write!(words, "  /{}", filter.text);
    }
    words.push_str("  ? help");
    Line::from(vec![doing, Span::raw(words)])
}

/// `1 entry`, `2 entries`.
fn counted(entries: u64) -> String {
    if entries == 1 { "1 entry".to_owned() } else { format!("{entries} entries") }
}

/// `playing  18:09:30.123 UTC  12.3s of 2m17s  10x  entry 12 of 214  ? help`.
fn line(model: &Model, position: &Position, has_messages: bool) -> Line<'static> {
    match (&model.live, &model.note) {
        // What happens to the recorder is not covered by it.
        (Some(live), None) => return live_line(live, model, position),
        (Some(live), Some(_)) if has_messages => return live_line(live, model, position),
        (_, Some(note)) => return noted(note),
        (None, None) => {}
    }
    let is_coloured = model.story.style.colour;
    let doing = match position.doing {
        Doing::Playing => coloured(Color::Green, is_coloured),
        Doing::Paused | Doing::Waiting => coloured(Color::Yellow, is_coloured),
        Doing::Ended => coloured(Color::Cyan, is_coloured),
    };
    let speed = match position.speed {
        Speed::Step => "step by step".to_owned(),
        speed => speed.to_string(),
    };
    let now = model.now(position);
    let time = model.story.style.time(now.at);
    let doing_now = match model.story.damage_at_its_end() {
        Some(damage) if position.doing == Doing::Ended => format!("ended, {}", damage.what),
        _ => position.doing.to_string(),
    };
    let (elapsed, length) = (span(position.at), span(position.length));
    let mut words =
        format!("  {time} UTC  {elapsed} of {length}  {speed}  entry {} of {}", position.step, position.steps);
    if let Some(filter) = &model.filter {
        let _ = write!(words, "  /{}", filter.text);
    }
    words.push_str("  ? help");
    Line::from(vec![Span::styled(doing_now, doing.add_modifier(Modifier::BOLD)), Span::raw(words)])
}

/// `━━━━≈≈━━│━━──~~──`: what was played is heavy, `~` is a gap, `≈` where it was played, and `│` a mark.
fn bar(model: &Model, position: &Position, width: u16) -> Line<'static> {
    let is_coloured = model.story.style.colour;
    let columns = usize::from(width);
    let column = |at: Duration| column(at, position.length, columns);
    let is_whole = position.doing == Doing::Ended || model.live.is_some() && position.doing == Doing::Playing;
    let played = if is_whole { columns } else { column(position.at) };
    let rest = Style::new().add_modifier(Modifier::DIM);
    let mut cells: Vec<(char, Style)> =
        (0..columns).map(|at| if at < played { ('━', Style::new()) } else { ('─', rest) }).collect();
    if columns > 0 {
        for mark in model.story.marks() {
            cells[column(mark)] = ('│', coloured(Color::Blue, is_coloured).add_modifier(Modifier::BOLD));
        }
        let outages = model.doubts.unfollowed.iter().map(|(_, since)| [model.story.at(*since), position.length]);
        for [from, to] in model.story.gaps(position.length).chain(outages) {
            let gap = coloured(Color::Magenta, is_coloured).add_modifier(Modifier::BOLD);
            for (at, cell) in cells.iter_mut().enumerate().take(column(to) + 1).skip(column(from)) {
                *cell = (if at < played { '≈' } else { '~' }, gap);
            }
        }
    }
    Line::from(cells.into_iter().map(|(sign, style)| Span::styled(sign.to_string(), style)).collect::<Vec<_>>())
}

/// The column of a moment.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "a column of a terminal"
)]
fn column(at: Duration, length: Duration, columns: usize) -> usize {
    let share = if length.is_zero() { 0.0 } else { at.as_secs_f64() / length.as_secs_f64() };
    ((share * columns as f64) as usize).min(columns.saturating_sub(1))
}
