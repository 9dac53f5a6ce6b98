//! The player without a terminal: what keys do, and what is drawn.

use super::draw::draw;
use super::keys::KEYS;
use super::model::{Action, Model, Overlay};
use super::story::Story;
use crate::recording::Reader;
use crate::replay::{Doing, Playback, Position, Speed};
use crate::timeline::{Body, Entry};
use crate::view::{KindName, Selection, Style};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use std::time::Duration;

const RECORDING: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/scenarios/vm-imagepull/recording.jsonl.zst");
/// It has a gap.
const EXPIRED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/scenarios/expired-and-relisted/recording.jsonl");

/// A player without a terminal, paused at its start.
struct Player {
    model: Model,
    playback: Playback,
}

impl Player {
    fn of(recording: &str, kinds: &[&str], tracks: &[&str]) -> Self {
        let reader = Reader::open(std::path::Path::new(recording)).expect("a recording");
        let whole = crate::run::folded(reader, |_| true).expect("a recording");
        let selection = Selection {
            kinds: kinds.iter().map(|kind| kind.parse::<KindName>().expect("a kind")).collect(),
            tracks: tracks.iter().map(|track| track.parse().expect("a track")).collect(),
            ..Selection::default()
        };
        let start = whole.header.started;
        let end = whole.last.expect("it has lines").at;
        let style = Style { start: Some(start), ..Style::default() };
        let story = Story::new(whole.entries, selection, style, [start, end]);
        let playback = story.playback(Speed::Step);
        Self { model: Model::new(story), playback }
    }

    fn vm() -> Self {
        Self::of(RECORDING, &["vm"], &["status"])
    }

    fn position(&self) -> Position {
        self.playback.position()
    }

    /// Presses a key, and does what it asks for.
    fn press(&mut self, code: KeyCode) -> Option<Action> {
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
    let now = |player: &Player| player.model.story.now(&player.position());
    let table = |player: &Player| {
        let now = now(player);
        let lines = player.model.states.lines(now, true);
        let text = |pieces: Vec<crate::view::Piece>| pieces.into_iter().map(|piece| piece.text).collect::<String>();
        player.model.states.table(&lines, now, 500).into_iter().map(text).collect::<Vec<_>>()
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

#[tokio::test]
async fn in_a_gap_the_state_is_unknown_and_afterwards_it_is_known() {
    let mut player = Player::of(EXPIRED, &[], &[]);
    let Some(Action::StepTo(step)) = player.press(KeyCode::Char(']')) else { panic!("it has a gap") };
    assert!(matches!(player.last().expect("an entry").body, Body::Gap(_)));
    let [from, to] = player.model.story.gaps().next().expect("a gap");
    assert!(from < to, "{from:?} {to:?}");
    player.playback.seek((from + to) / 2);
    let inside = player.drawn(150, 30);
    assert!(inside.contains("unknown") && inside.contains('~'), "{inside}");
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
    for (text, note) in [("+9h", "nothing is played of that time"), ("never", "is not a moment"), ("mark:x", "no mark")]
    {
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
    assert_eq!(player.press(KeyCode::Esc), None, "it removes the filter first");
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
    insta::assert_snapshot!("playing", player.drawn(140, 12));
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
