//! The player without a terminal: what keys do, and what is drawn.

mod live;

use super::action::Action;
use super::draw::draw;
use super::keys::KEYS;
use super::model::{Model, Overlay};
use super::story::{Damage, Story};
use crate::observation::{GapReason, StateKind};
use crate::recording::Reader;
use crate::replay::{Doing, Playback, Position, Speed};
use crate::timeline::{Body, Entry};
use crate::view::states::Doubts;
use crate::view::{Format, KindName, Moment, Piece, Selection, Style};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use std::sync::Arc;
use std::time::Duration;

const RECORDING: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/scenarios/vm-imagepull/recording.jsonl.zst");
/// It has a gap.
const EXPIRED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/scenarios/expired-and-relisted/recording.jsonl");
/// Its entries are not in the order of their times, and it has delayed ones.
const ROLLOUT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/scenarios/web-rollout/recording.jsonl.zst");
/// It has long names and long states.
const ALL: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/assets/image-pull.jsonl.zst");

/// All entries of a recording, as a player gets them.
fn story(recording: &str, selection: Selection) -> Story {
    let reader = Reader::open(std::path::Path::new(recording)).expect("a recording");
    let whole = crate::run::folded(reader, |_| true).expect("a recording");
    let start = whole.header.started;
    let end = whole.last.expect("it has lines").at;
    let style = Style { start: Some(start), ..Style::default() };
    let selection = selection.within(start, end).and_then(|selection| selection.resolve(&whole.entries));
    Story::new(whole.entries, selection.expect("a selection"), style, [start, end])
}

fn text(pieces: Vec<Piece>) -> String {
    pieces.into_iter().map(|piece| piece.text).collect()
}

/// A player without a terminal, paused at its start.
struct Player {
    model: Model,
    playback: Playback,
    /// Columns and rows of its terminal.
    size: (u16, u16),
}

impl Player {
    fn of(recording: &str, kinds: &[&str], tracks: &[&str]) -> Self {
        let selection = Selection {
            kinds: kinds.iter().map(|kind| kind.parse::<KindName>().expect("a kind")).collect(),
            tracks: tracks.iter().map(|track| track.parse().expect("a track")).collect(),
            ..Selection::default()
        };
        Self::playing(story(recording, selection))
    }

    fn playing(story: Story) -> Self {
        let playback = story.playback(Speed::Step);
        Self { model: Model::new(story), playback, size: (80, 24) }
    }

    fn vm() -> Self {
        Self::of(RECORDING, &["vm"], &["status"])
    }

    fn position(&self) -> Position {
        self.playback.position()
    }

    /// Presses a key, and does what it asks for.
    fn press(&mut self, code: KeyCode) -> Option<Action> {
        self.model.page = super::overlay::page(&self.model, &self.position(), self.size);
        let action = self.model.press(KeyEvent::new(code, KeyModifiers::NONE), &self.position());
        if let Some(action) = action {
            super::session::apply(action, &self.playback);
        }
        action
    }

    fn type_in(&mut self, text: &str) {
        text.chars().for_each(|letter| _ = self.press(KeyCode::Char(letter)));
    }

    /// The entry that was made last.
    fn last(&self) -> Option<&Entry> {
        self.position().step.checked_sub(1).map(|step| self.model.story.entry(step))
    }

    fn last_state(&self) -> String {
        match self.last().map(|entry| &entry.body) {
            Some(Body::Transition(transition)) => transition.to.label.to_string(),
            other => format!("{other:?}"),
        }
    }

    fn drawn(&self, width: u16, height: u16) -> String {
        let mut terminal = Terminal::new(TestBackend::new(width, height)).expect("a terminal");
        terminal.draw(|frame| draw(frame, &self.model, &self.position())).expect("it is drawn");
        if width == 0 || height == 0 {
            return String::new();
        }
        let text = terminal.backend().to_string();
        text.lines().map(|line| line.trim_matches('"').trim_end()).collect::<Vec<_>>().join("\n")
    }
}

#[tokio::test]
async fn entries_are_stepped_through_in_both_directions_and_the_states_follow() {
    let mut player = Player::vm();
    player.press(KeyCode::End);
    let last = player.last_state();
    player.press(KeyCode::Home);
    assert_eq!(player.position().step, 0);
    let mut forth = Vec::new();
    while player.press(KeyCode::Right).is_some() {
        assert!(player.drawn(150, 10).contains(&player.last_state()));
        forth.push(player.last_state());
    }
    assert_eq!(forth.last(), Some(&last));
    assert_eq!(player.model.note.as_deref(), Some("there is no entry after this one"));
    let mut back = vec![player.last_state()];
    while player.press(KeyCode::Left).is_some() && player.position().step > 0 {
        back.push(player.last_state());
    }
    back.reverse();
    assert_eq!(back, forth);
}

#[tokio::test]
async fn the_states_of_a_moment_are_those_that_its_entries_left() {
    let mut player = Player::of(RECORDING, &[], &[]);
    let now = |player: &Player| player.model.now(&player.position());
    let table = |player: &Player| {
        let now = now(player);
        let lines = player.model.states.lines(now, true);
        player.model.states.table(&lines, now, &Doubts::default(), 500).into_iter().map(text).collect::<Vec<_>>()
    };
    // From the start to the end, and back: the same moment has the same states.
    let mut forth = Vec::new();
    loop {
        forth.push(table(&player));
        if player.press(KeyCode::Right).is_none() {
            break;
        }
    }
    for states in forth.iter().rev().skip(1) {
        player.press(KeyCode::Left);
        if player.position().step > 0 {
            assert_eq!(&table(&player), states, "entry {}", player.position().step);
        }
    }
}

/// Subject, track and state of every row of a table.
fn states(table: impl Iterator<Item = String>) -> Vec<String> {
    let rows = table.skip_while(|row| !row.starts_with("SUBJECT")).skip(1);
    let cells = |row: String| {
        let cells = row.split("   ").map(str::trim).filter(|cell| !cell.is_empty());
        cells.take(3).collect::<Vec<_>>().join(" ")
    };
    let mut states: Vec<String> = rows.map(cells).collect();
    states.sort();
    states
}

#[tokio::test]
async fn the_states_of_every_moment_are_those_of_show_at() {
    for recording in [RECORDING, EXPIRED, ROLLOUT] {
        let mut player = Player::of(recording, &[], &[]);
        let entries = Arc::clone(&player.model.story.entries);
        let gaps = entries.iter().filter_map(|entry| match &entry.body {
            Body::Gap(gap) => Some([gap.from, gap.to]),
            _ => None,
        });
        let bounds = entries.iter().map(|entry| entry.stamp.at).chain(gaps.flatten().flatten());
        let bounds: std::collections::BTreeSet<_> = bounds.filter(|at| *at >= player.model.story.start).collect();
        let micros = jiff::SignedDuration::from_micros(1);
        for at in bounds.into_iter().flat_map(|at| [at - micros, at]) {
            let Ok(moment) = player.model.story.moment(&at.to_string(), player.model.story.length) else { continue };
            player.playback.seek(moment);
            player.model.is_stepped = false;
            let now = player.model.now(&player.position());
            let moment = Some(Moment::At(now.at));
            let selection = Selection { since: moment.clone(), until: moment, ..Selection::default() };
            for (format, every_track) in [(Format::Table, false), (Format::Wide, true)] {
                let mut shown = Vec::new();
                format.write(&entries, &selection, &player.model.story.style, &mut shown).expect("a Vec takes all");
                let shown = String::from_utf8(shown).expect("UTF-8");
                let lines = player.model.states.lines(now, every_track);
                let drawn = player.model.states.table(&lines, now, &Doubts::default(), 500).into_iter().map(text);
                assert_eq!(states(drawn), states(shown.lines().map(str::to_owned)), "{recording} at {at}");
            }
        }
    }
}

#[tokio::test]
async fn after_a_step_the_state_of_its_entry_is_there_whatever_the_order_of_times() {
    for recording in [RECORDING, EXPIRED, ROLLOUT] {
        let mut player = Player::of(recording, &[], &[]);
        while player.press(KeyCode::Right).is_some() {
            let entry = player.last().expect("an entry");
            let (Body::Transition(transition), Some(subject)) = (&entry.body, &entry.subject) else { continue };
            let now = player.model.now(&player.position());
            let lines = player.model.states.lines(now, true);
            let of_it: Vec<_> =
                lines.into_iter().filter(|line| player.model.states.subject(*line) == &**subject).collect();
            let rows = states(player.model.states.table(&of_it, now, &Doubts::default(), 500).into_iter().map(text));
            let row = rows.iter().find(|row| row.contains(&format!(" {} ", transition.track)));
            match transition.to.kind {
                _ if transition.is_deletion() => assert!(row.is_none(), "{entry:?}: {rows:?}"),
                StateKind::Absent => assert!(row.is_none(), "{entry:?}: {rows:?}"),
                _ => assert!(row.is_some_and(|row| row.contains(&*transition.to.label)), "{entry:?}: {rows:?}"),
            }
        }
    }
}

#[test]
fn every_state_fits_into_the_list_of_a_terminal_and_so_does_the_reason_of_a_gap() {
    for recording in [ALL, RECORDING, EXPIRED, ROLLOUT] {
        let story = story(recording, Selection::default());
        let model = Model::new(story);
        for width in [80, 100, 120, 160] {
            let mut lines = model.lines.within(width);
            let mut columns = std::collections::BTreeSet::new();
            for entry in &*model.story.entries {
                let line = text(lines.pieces(entry, false, width));
                match &entry.body {
                    Body::Transition(transition) => {
                        assert!(line.contains(&*transition.to.label), "{width}: {line}");
                        let state = transition.from.as_ref().filter(|_| line.contains(" -> "));
                        let state = Some(state.unwrap_or(&transition.to)).filter(|state| !state.label.is_empty());
                        let Some(state) = state else { continue };
                        columns.extend(line.rfind(&format!("  {}", state.label)).map(|at| line[..at].chars().count()));
                    }
                    Body::Gap(gap) if gap.reason == GapReason::HistoryExpired => {
                        assert!(line.contains("history expired"), "{width}: {line}");
                    }
                    _ => {}
                }
            }
            assert_eq!(columns.len(), 1, "the states are not in one column: {columns:?}");
        }
    }
}

#[tokio::test]
async fn a_window_begins_with_the_states_that_were_held() {
    let since = Some("+30s".parse().expect("a moment"));
    let mut player = Player::playing(story(RECORDING, Selection { since, ..Selection::default() }));
    player.press(KeyCode::Right);
    let drawn = player.drawn(150, 30);
    assert!(drawn.lines().next().is_some_and(|line| line.contains("held at the start]")), "{drawn}");
    player.press(KeyCode::End);
    let drawn = player.drawn(150, 30);
    assert!(!drawn.contains("held at the start"), "{drawn}");
}

#[tokio::test]
async fn the_end_of_a_damaged_recording_is_no_end() {
    for (until, is_told) in [(None, true), (Some("+10s"), false)] {
        let until = until.map(|until| until.parse().expect("a moment"));
        let mut story = story(RECORDING, Selection { until, ..Selection::default() });
        story.damage = Some(Damage { what: "the rest is damaged", why: "line 7 is not valid".to_owned() });
        let mut player = Player::playing(story);
        assert!(!player.drawn(80, 24).contains("damaged"));
        player.press(KeyCode::End);
        let drawn = player.drawn(80, 24);
        assert_eq!(drawn.contains("ended, the rest is damaged"), is_told, "{drawn}");
        player.press(KeyCode::Enter);
        player.press(KeyCode::End);
        let drawn = player.drawn(80, 24);
        assert!(drawn.contains("line 7 is not valid"), "{drawn}");
    }
}

#[tokio::test]
async fn details_and_help_are_scrolled_by_the_keys_that_move_otherwise_and_no_further_than_to_their_end() {
    let mut player = Player::of(RECORDING, &[], &[]);
    player.press(KeyCode::PageDown);
    player.press(KeyCode::Enter);
    player.size = (40, 8);
    let step = player.position().step;
    let first = player.drawn(40, 8);
    assert!(first.contains("Down: more"), "{first}");
    player.press(KeyCode::PageDown);
    let second = player.drawn(40, 8);
    player.press(KeyCode::End);
    let last = player.drawn(40, 8);
    assert!(first != second && second != last && !last.contains("Down: more"), "{last}");
    player.press(KeyCode::Char('j'));
    assert_eq!(player.drawn(40, 8), last);
    // It is full of text.
    assert!(last.lines().skip(1).take(4).all(|line| !line.trim_matches(['│', ' ']).is_empty()), "{last}");
    player.press(KeyCode::Char('k'));
    assert!(player.drawn(40, 8).contains("Down: more"));
    player.press(KeyCode::Home);
    assert_eq!((player.drawn(40, 8), player.position().step), (first, step));
}

#[tokio::test]
async fn ctrl_z_suspends_whatever_is_open() {
    let mut player = Player::vm();
    let suspend = KeyEvent::new(KeyCode::Char('z'), KeyModifiers::CONTROL);
    for key in ['w', '?', 't'] {
        player.press(KeyCode::Char(key));
        let position = player.position();
        assert_eq!(player.model.press(suspend, &position), Some(Action::Suspend));
    }
}

#[tokio::test]
async fn in_a_gap_the_state_is_unknown_and_afterwards_it_is_known() {
    let mut player = Player::of(EXPIRED, &[], &[]);
    let Some(Action::StepTo(step)) = player.press(KeyCode::Char(']')) else { panic!("it has a gap") };
    assert!(matches!(player.last().expect("an entry").body, Body::Gap(_)));
    let [from, to] = player.model.story.gaps(player.position().length).next().expect("a gap");
    assert!(from < to, "{from:?} {to:?}");
    player.playback.seek((from + to) / 2);
    let inside = player.drawn(150, 30);
    assert!(inside.contains("unknown") && inside.contains("≈~"), "{inside}");
    player.press(KeyCode::End);
    let after = player.drawn(150, 30);
    assert!(player.position().step >= step && !after.contains("unknown"), "{after}");
}

#[tokio::test]
async fn keys_move_to_transitions_of_the_selected_subject_and_say_where_there_are_none() {
    let mut player = Player::of(RECORDING, &["vm", "pods"], &["status"]);
    player.press(KeyCode::Char('n'));
    assert_eq!(player.model.note.as_deref(), Some("no subject is selected: j and k select one"));
    player.press(KeyCode::PageDown);
    player.press(KeyCode::Char('j'));
    let selected = player.model.states.subject(player.model.selected.expect("a row")).clone();
    player.press(KeyCode::Home);
    let mut count = 0;
    while player.press(KeyCode::Char('n')).is_some() {
        assert_eq!(player.last().expect("an entry").subject.as_deref(), Some(&selected));
        count += 1;
    }
    assert!(count > 0);
    while player.press(KeyCode::Char('N')).is_some() {
        count -= 1;
    }
    assert_eq!(count, 1);
    player.press(KeyCode::Char('m'));
    assert_eq!(player.model.note.as_deref(), Some("there is no mark after this moment"));
}

#[tokio::test]
async fn a_time_is_typed_as_for_show_and_a_wrong_one_is_explained() {
    let mut player = Player::vm();
    player.press(KeyCode::Char('t'));
    player.type_in("+5s");
    assert_eq!(player.press(KeyCode::Enter), Some(Action::Seek(Duration::from_secs(5))));
    assert_eq!(player.position().at, Duration::from_secs(5));
    let outside = "outside the recording, which is from 18:09:";
    for (text, note) in [
        ("+9h", outside),
        ("18:09:01", outside),
        ("5m", outside),
        ("never", "no such time or mark; times: 18:09:30, +12.5s, 5m; marks: there are none"),
        ("mark:x", "no such mark; marks: there are none"),
        ("18:09:30+02:00", "a time of day is in UTC: write it without a zone"),
    ] {
        player.press(KeyCode::Char('t'));
        player.type_in(text);
        assert_eq!(player.press(KeyCode::Enter), None);
        let said = player.model.note.clone().unwrap_or_default();
        assert!(said.contains(note), "{text}: {said}");
        assert!(player.drawn(80, 20).contains(note));
    }
    player.press(KeyCode::Char('t'));
    player.press(KeyCode::Esc);
    assert!(player.model.prompt.is_none());
}

#[tokio::test]
async fn a_filter_leaves_what_contains_its_text_and_steps_are_made_among_that() {
    let mut player = Player::of(RECORDING, &[], &[]);
    player.press(KeyCode::Char('/'));
    player.type_in("errimagepull");
    player.press(KeyCode::Enter);
    let mut lines = player.model.lines.clone();
    let mut count = 0;
    while player.press(KeyCode::Right).is_some() {
        let entry = player.last().expect("an entry");
        assert!(lines.line(entry).to_lowercase().contains("errimagepull") || matches!(entry.body, Body::Gap(_)));
        count += 1;
    }
    assert!(count > 0 && count < player.position().steps);
    let now = player.model.now(&player.position());
    let subjects = player.model.rows(now);
    assert_eq!(subjects, player.model.states.lines(now, false), "the states are those of all subjects");
    assert!(player.model.note.is_some());
    assert_eq!(player.press(KeyCode::Esc), None, "it closes the note first");
    assert!(player.model.note.is_none() && player.model.filter.is_some());
    assert_eq!(player.press(KeyCode::Esc), None, "then it removes the filter");
    assert_eq!(player.press(KeyCode::Esc), Some(Action::Quit));
}

#[tokio::test(start_paused = true)]
async fn the_space_bar_plays_pauses_and_plays_again_from_the_end() {
    let mut player = Player::vm();
    assert_eq!(player.press(KeyCode::Char(' ')), Some(Action::Resume));
    assert_eq!(player.position().doing, Doing::Playing);
    assert_eq!(player.press(KeyCode::Char('+')), Some(Action::SetSpeed(Speed::Times(2.0))));
    assert_eq!(player.press(KeyCode::Char(' ')), Some(Action::Pause));
    player.press(KeyCode::End);
    assert_eq!(player.position().doing, Doing::Ended);
    assert_eq!(player.press(KeyCode::Char(' ')), Some(Action::Restart));
    assert_eq!((player.position().doing, player.position().step), (Doing::Playing, 0));
}

#[tokio::test]
async fn every_size_of_a_terminal_can_be_drawn_with_everything_that_can_be_open() {
    let mut player = Player::of(EXPIRED, &[], &[]);
    player.press(KeyCode::End);
    for key in [None, Some('?'), Some('t'), Some('\n')] {
        match key {
            Some('\n') => _ = player.press(KeyCode::Enter),
            Some(key) => _ = player.press(KeyCode::Char(key)),
            None => {}
        }
        for (width, height) in [(0, 0), (1, 1), (10, 3), (3, 10), (20, 5), (80, 24), (119, 9), (300, 4), (250, 60)] {
            player.drawn(width, height);
        }
        player.press(KeyCode::Esc);
    }
}

#[tokio::test]
async fn the_screen_is_drawn_and_so_are_help_and_details() {
    let mut player = Player::vm();
    player.press(KeyCode::Right);
    player.press(KeyCode::Right);
    insta::assert_snapshot!("playing", player.drawn(170, 12));
    insta::assert_snapshot!("narrow", player.drawn(70, 16));
    player.press(KeyCode::Char('j'));
    player.press(KeyCode::Enter);
    assert_eq!(player.model.overlay, Some(Overlay::Details));
    insta::assert_snapshot!("details", player.drawn(100, 24));
    player.press(KeyCode::Char('?'));
    insta::assert_snapshot!("help", player.drawn(80, 26));
}

#[test]
fn the_documentation_has_the_keys_of_the_help() {
    let page = include_str!("../../../docs/OUTPUT.md");
    for (keys, what) in KEYS {
        assert!(page.contains(&format!("| {keys} | {what} |")), "{keys}");
    }
}
