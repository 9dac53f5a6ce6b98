//! What covers the entries and states: the keys, or details.

use super::keys::{KEYS, LIVE_KEYS};
use super::model::{Model, Overlay};
use super::paint;
use super::story::Damage;
use crate::replay::Position;
use crate::view::{self, Piece};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;
use ratatui::widgets::{Block, Borders, Paragraph};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Columns of the keys, and of the names of details.
const KEY: usize = 16;
const NAME: usize = 17;
/// Where the second line of a message starts.
const HANG: usize = 2;

/// Draws it, from the line to which it was scrolled.
pub(super) fn draw(frame: &mut Frame<'_>, area: Rect, overlay: Overlay, model: &Model, position: &Position) {
    let inside = inside(area);
    let rows = rows(overlay, model, position, inside.width);
    let most = most(&rows, inside);
    let scrolled = model.scrolled.min(most);
    let lines: Vec<Line<'_>> = rows.into_iter().map(|row| paint::line(row, model.story.style.colour)).collect();
    let text = Paragraph::new(lines).scroll((scrolled, 0));
    if inside == area {
        return frame.render_widget(text, area);
    }
    let title = match overlay {
        Overlay::Help => " Keys ",
        Overlay::Details => " Details ",
        Overlay::Messages => " Messages ",
    };
    let block = Block::new().borders(Borders::ALL).title(title);
    let block = if scrolled < most { block.title_bottom(" Down: more ") } else { block };
    frame.render_widget(text.block(block), area);
}

/// What is above the status, and the status, which has a line more where there are messages.
pub(super) fn parts(area: Rect, has_messages: bool) -> [Rect; 2] {
    // On the lowest terminals, the status line alone.
    let bottom = match area.height {
        6.. if has_messages => 3,
        4.. => 2,
        height => 1.min(height),
    };
    let body = Rect { height: area.height - bottom, ..area };
    [body, Rect { y: area.y + body.height, height: bottom, ..area }]
}

/// The lines of a page of what is open, and the most by which it can be scrolled.
pub(super) fn page(model: &Model, position: &Position, (width, height): (u16, u16)) -> (u16, u16) {
    let inside = inside(parts(Rect { x: 0, y: 0, width, height }, model.live.is_some())[0]);
    let rows = model.overlay.map(|overlay| rows(overlay, model, position, inside.width)).unwrap_or_default();
    (inside.height, most(&rows, inside))
}

/// What is within the frame, if there is room for one.
fn inside(area: Rect) -> Rect {
    if area.height > 3 && area.width > 3 { Block::new().borders(Borders::ALL).inner(area) } else { area }
}

fn most(rows: &[Vec<Piece>], inside: Rect) -> u16 {
    u16::try_from(rows.len()).unwrap_or(u16::MAX).saturating_sub(inside.height)
}

/// Its lines, broken at a width.
fn rows(overlay: Overlay, model: &Model, position: &Position, width: u16) -> Vec<Vec<Piece>> {
    let (rows, hang) = match overlay {
        Overlay::Help => (help(if model.live.is_some() { &LIVE_KEYS } else { &KEYS }), KEY),
        Overlay::Details => (details(model, position), NAME),
        Overlay::Messages => (messages(model), HANG),
    };
    let width = usize::from(width);
    let hang = if width > 2 * hang { hang } else { 0 };
    rows.into_iter().flat_map(|row| broken(row, width, hang)).collect()
}

/// The keys, and what they do.
fn help(keys: &[(&str, &str)]) -> Vec<Vec<Piece>> {
    let row = |(keys, what): &(&str, &str)| {
        let bold = anstyle::Style::new().bold();
        vec![Piece { style: bold, text: format!("{0:KEY$}", format!(" {keys}")) }, plain(what)]
    };
    keys.iter().map(row).collect()
}

/// What is not followed and not shown, and the messages of the recorder, the newest first.
fn messages(model: &Model) -> Vec<Vec<Piece>> {
    let Some(live) = &model.live else { return Vec::new() };
    let where_ = live.file.as_ref().map(|file| format!("; they are in {file}")).unwrap_or_default();
    let counted = |entries: u64, what: &str| (entries > 0).then(|| format!("{entries} {what}{where_}"));
    let present = live.outage.clone().into_iter();
    let present = present.chain(counted(live.missed, "entries were not received: the screen was too slow"));
    let present = present.chain(counted(live.left_out, "older entries are not shown"));
    let mut rows: Vec<_> = present.map(|text| vec![Piece { style: anstyle::Style::new().bold(), text }]).collect();
    rows.extend((!rows.is_empty()).then(Vec::new));
    rows.extend(live.messages.iter().map(|message| vec![plain(message)]));
    rows
}

/// The last entry, and the selected subject, or else that of the entry.
fn details(model: &Model, position: &Position) -> Vec<Vec<Piece>> {
    let now = model.now(position);
    let made = model.made(position.step);
    let entry = made.len().checked_sub(1).map(|last| model.story.entry(made.get(last)));
    let mut rows = entry.map(|entry| view::details(entry, &model.story.style)).unwrap_or_default();
    let of_entry = entry.and_then(|entry| entry.subject.as_deref());
    let of_entry = of_entry.and_then(|subject| {
        model.states.lines(now, false).into_iter().find(|line| model.states.subject(*line) == subject)
    });
    if let Some(line) = model.selected.or(of_entry) {
        rows.extend((!rows.is_empty()).then(Vec::new));
        rows.extend(model.states.details(line, now, &model.doubts));
    }
    if let Some(Damage { what, why }) = &model.story.damage {
        rows.extend([Vec::new(), vec![plain(&format!("{:<NAME$}", "recording")), plain(&format!("{what}: {why}"))]]);
    }
    rows
}

fn plain(text: &str) -> Piece {
    Piece { style: anstyle::Style::new(), text: text.to_owned() }
}

/// A row on as many lines of a width as it takes, broken at blanks where there are any; those after the first start at
/// `hang`.
fn broken(row: Vec<Piece>, width: usize, hang: usize) -> Vec<Vec<Piece>> {
    let mut lines = vec![Vec::new()];
    let mut used = 0;
    let next = |lines: &mut Vec<Vec<Piece>>, used: &mut usize| {
        lines.push(vec![plain(&" ".repeat(hang))]);
        *used = hang;
    };
    for Piece { style, text } in row {
        for word in text.split_inclusive(' ') {
            let length = word.trim_end().width();
            if used > hang && used + length > width && hang + length <= width {
                next(&mut lines, &mut used);
            }
            for letter in word.chars() {
                let columns = letter.width().unwrap_or(0);
                if used > hang && used + columns > width && letter != ' ' {
                    next(&mut lines, &mut used);
                }
                used += columns;
                push(&mut lines, style, letter);
            }
        }
    }
    lines
}

/// Adds a letter to the last line.
fn push(lines: &mut [Vec<Piece>], style: anstyle::Style, letter: char) {
    let Some(line) = lines.last_mut() else { return };
    match line.last_mut() {
        Some(last) if last.style == style => last.text.push(letter),
        _ => line.push(Piece { style, text: letter.into() }),
    }
}
