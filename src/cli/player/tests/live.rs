//! The screen of a running recorder without a terminal and without a recorder.

use super::{ALL, EXPIRED, RECORDING, states, text};
use crate::cli::player::action::Action;
use crate::cli::player::collection::{Collection, LIMIT, Painter};
use crate::cli::player::draw::draw;
use crate::cli::player::keys::LIVE_KEYS;
use crate::cli::player::live::Live;
use crate::cli::player::model::{Model, Overlay};
use crate::cli::player::overlay;
use crate::cli::player::story::Story;
use crate::cli::tally::{Fate, Tally};
use crate::recording::Reader;
use crate::replay::{Doing, Position};
use crate::timeline::{Body, Entry};
use crate::view::digest::Digest;
use crate::view::states::Doubts;
use crate::view::{Selection, Style};
use jiff::{SignedDuration, Timestamp};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use std::sync::Arc;

/// The entries of a recording, as a listener gets them.
fn entries(recording: &str) -> Vec<Arc<Entry>> {
    let reader = Reader::open(std::path::Path::new(recording)).expect("a recording");
    let whole = crate::run::folded(reader, |_| true).expect("a recording");
    whole.entries.into_iter().map(Arc::new).collect()
}

fn selection(kinds: &[&str], tracks: &[&str]) -> Selection {
    Selection {
        kinds: kinds.iter().map(|kind| kind.parse().expect("a kind")).collect(),
        tracks: tracks.iter().map(|track| track.parse().expect("a track")).collect(),
        ..Selection::default()
    }
}

/// The screen of a recorder that has delivered some entries.
struct Screen {
    model: Model,
    collection: Collection,
    painter: Painter,
    tally: Tally,
    now: Timestamp,
    size: (u16, u16),
}

impl Screen {
    fn new(selection: Selection, digest: Option<Digest>, limit: usize) -> Self {
        let style = Style::default();
        let now = Timestamp::UNIX_EPOCH;
        let empty = Story::collected(Vec::new(), &[], (selection.clone(), style), (now, None));
        let live = Live { is_attached: true, ..Live::default() };
        let collection = Collection::new(selection.clone(), style, limit);
        let tally = Tally::new(selection, digest);
        Self {
            model: Model::growing(empty, live),
            collection,
            painter: Painter::new(style),
            tally,
            now,
            size: (80, 24),
        }
    }

    /// Everything of a recording is selected and shown.
    fn of(limit: usize) -> Self {
        Self::new(Selection::default(), None, limit)
    }

    /// Takes entries, and shows them.
    fn take(&mut self, entries: &[Arc<Entry>]) {
        for entry in entries {
            let fate = self.tally.take(entry);
            self.collection.take(Arc::clone(entry), fate);
            self.now = self.now.max(entry.stamp.at);
        }
        self.model.renew(self.painter.picture(self.collection.collected()));
    }

    fn position(&self) -> Position {
        self.model.live.as_ref().expect("it is live").position(&self.model.story, self.now)
    }

    fn press(&mut self, code: KeyCode) -> Option<Action> {
        let position = self.position();
        self.model.page = overlay::page(&self.model, &position, self.size);
        let action = self.model.press(KeyEvent::new(code, KeyModifiers::NONE), &position);
        if let Some(action) = action {
            let story = Arc::clone(&self.model.story);
            self.model.live.as_mut().expect("it is live").apply(action, &story, &position);
        }
        action
    }

    fn live(&mut self) -> &mut Live {
        self.model.live.as_mut().expect("it is live")
    }

    /// The seq of the line of the entry that is last on the screen, and what it says.
    fn last(&self) -> Option<Entry> {
        self.position().step.checked_sub(1).map(|step| self.model.story.entry(step).clone())
    }

    /// Subject, track and state of every row, at the moment that is shown.
    fn states(&self) -> Vec<String> {
        let now = self.model.now(&self.position());
        let lines = self.model.states.lines(now, true);
        states(self.model.states.table(&lines, now, &self.model.doubts, 500).into_iter().map(text))
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

    /// The line above the last one.
    fn message(&self) -> String {
        self.drawn(120, 24).lines().nth_back(1).unwrap_or_default().to_owned()
    }

    /// The last line of the screen.
    fn status(&self) -> String {
        self.drawn(120, 24).lines().last().unwrap_or_default().to_owned()
    }
}

#[test]
fn new_entries_are_followed_until_it_is_paused_and_then_they_are_counted() {
    let all = entries(RECORDING);
    let mut screen = Screen::of(LIMIT);
    screen.take(&all[..20]);
    assert!(screen.status().starts_with("live  "), "{}", screen.status());
    assert_eq!(screen.last().as_ref(), Some(&*all[19]));
    screen.take(&all[20..30]);
    assert_eq!(screen.last().as_ref(), Some(&*all[29]));
    assert_eq!(screen.press(KeyCode::Char(' ')), Some(Action::Pause));
    let states = screen.states();
    screen.take(&all[30..42]);
    assert_eq!((screen.last().as_ref(), screen.states()), (Some(&*all[29]), states));
    let status = screen.status();
    assert!(status.starts_with("paused  12 more  ") && status.contains("  entry 30 of 42"), "{status}");
    for key in [KeyCode::End, KeyCode::Char('G'), KeyCode::Char(' ')] {
        assert_eq!(screen.press(key), Some(Action::Resume));
        assert_eq!(screen.last().as_ref(), Some(&*all[41]), "{key:?}");
        assert!(screen.status().contains("  42 entries"), "{}", screen.status());
        // A move pauses, too.
        screen.press(KeyCode::Left);
        assert_eq!((screen.position().doing, screen.last().as_ref()), (Doing::Paused, Some(&*all[40])), "{key:?}");
    }
}

#[test]
fn speed_keys_say_that_there_is_no_speed() {
    let mut screen = Screen::of(LIMIT);
    screen.take(&entries(RECORDING)[..9]);
    for key in ['+', '-', '1'] {
        assert_eq!(screen.press(KeyCode::Char(key)), None);
        assert!(screen.message().contains("there is no speed to change"), "{}", screen.message());
        assert!(screen.status().starts_with("live  "), "{}", screen.status());
    }
    assert_eq!(screen.press(KeyCode::Esc), None, "it closes the note, and does not end the recorder");
    assert_eq!((screen.message().as_str(), screen.press(KeyCode::Esc)), ("", Some(Action::Quit)));
}

#[test]
fn memory_is_bounded_and_the_present_is_that_of_all_entries() {
    for recording in [ALL, RECORDING, EXPIRED] {
        let all = entries(recording);
        for limit in [1, 7, 40] {
            let (mut whole, mut bounded) = (Screen::of(LIMIT), Screen::of(limit));
            for part in all.chunks(15) {
                whole.take(part);
                bounded.take(part);
                assert_eq!(bounded.states(), whole.states(), "{recording} with the newest {limit}");
            }
            let is_gap = |entry: &&Arc<Entry>| matches!(entry.body, Body::Gap(_));
            let (gaps, story) = (all.iter().filter(is_gap).count(), &bounded.model.story);
            assert!(story.entries.len() <= limit + gaps + bounded.states().len(), "{recording}: {limit}");
            // Every gap is still listed, and what is not is counted.
            assert_eq!(
                (0..story.shown.len()).filter(|step| is_gap(&&Arc::new(story.entry(*step).clone()))).count(),
                gaps
            );
            let listed = story.shown.len() as u64;
            assert_eq!(bounded.live().left_out, all.len() as u64 - listed, "{recording}: {limit}");
        }
    }
}

#[test]
fn the_status_says_what_is_not_shown_and_where_it_is() {
    let all = entries(ALL);
    let mut screen = Screen::of(10);
    screen.take(&all[..10]);
    assert!(!screen.status().contains("older"), "{}", screen.status());
    screen.take(&all[10..25]);
    assert!(screen.status().contains("  10 entries, 15 older not shown"), "{}", screen.status());
    screen.live().file = Some("run.jsonl".into());
    assert!(screen.status().contains("  10 entries, 15 older in run.jsonl"), "{}", screen.status());
    screen.press(KeyCode::Char('e'));
    let drawn = screen.drawn(80, 24);
    assert!(drawn.contains("15 older entries are not shown; they are in run.jsonl"), "{drawn}");
}

#[test]
fn the_time_since_the_start_is_that_of_the_recorder_whatever_is_left_out() {
    let all = entries(ALL);
    let (mut whole, mut bounded) = (Screen::of(LIMIT), Screen::of(10));
    for screen in [&mut whole, &mut bounded] {
        screen.take(&all);
        screen.press(KeyCode::Left);
    }
    let elapsed = |screen: &Screen| screen.status().split("  ").nth(3).map(str::to_owned);
    assert!(elapsed(&whole).is_some() && bounded.live().left_out > 0);
    assert_eq!(elapsed(&bounded), elapsed(&whole));
}

#[test]
fn place_selection_filter_and_tracks_stay_while_entries_come_and_others_go() {
    let all = entries(ALL);
    let mut screen = Screen::of(60);
    screen.take(&all[..60]);
    screen.press(KeyCode::Char('w'));
    (0..3).for_each(|_| _ = screen.press(KeyCode::Char('j')));
    let selected = |screen: &Screen| {
        let line = screen.model.selected?;
        Some((screen.model.states.subject(line).clone(), screen.model.states.track(line).cloned()))
    };
    let before = selected(&screen).expect("a row");
    screen.press(KeyCode::Char('/'));
    "condition".chars().for_each(|letter| _ = screen.press(KeyCode::Char(letter)));
    screen.press(KeyCode::Enter);
    (0..2).for_each(|_| _ = screen.press(KeyCode::Left));
    let place = screen.last().expect("an entry");
    for (count, part) in all[60..].chunks(7).take(8).enumerate() {
        screen.take(part);
        assert_eq!(selected(&screen).as_ref(), Some(&before), "{count}");
        assert!(screen.model.every_track);
        if screen.position().step > 0 {
            assert_eq!(screen.last(), Some(place.clone()), "{count}");
        }
        // The filter is as if it had been typed now.
        let filter = screen.model.filter.clone().expect("a filter");
        let anew = super::super::filter::Filter::of("condition", &screen.model.story);
        assert_eq!(filter.steps, anew.steps, "{count}");
        assert!(!anew.steps.is_empty());
    }
    // What it was paused at has gone: it is at the start of what is left.
    for part in all[60..].chunks(100) {
        screen.take(part);
    }
    assert_eq!(screen.position().step, 0);
    screen.press(KeyCode::End);
    assert_eq!(screen.last().as_ref(), all.last().map(|entry| &**entry));
}

#[test]
fn states_of_a_watch_that_is_not_followed_are_stale_and_those_of_others_are_not() {
    let all = entries(RECORDING);
    let mut screen = Screen::of(LIMIT);
    screen.take(&all[..60]);
    let before = screen.states();
    assert!(!before.iter().any(|row| row.contains("stale")), "{before:?}");
    let watch = |entry: &Entry| entry.origin.map(|origin| usize::from(origin.watch));
    let pods = all.iter().find(|entry| entry.subject.as_ref().is_some_and(|subject| subject.kind == "Pod"));
    let of_pods = pods.and_then(|entry| watch(entry)).expect("a watch");
    screen.model.doubts.unfollowed = vec![(of_pods, screen.now)];
    screen.live().outage = Some("pods: no answer for 10 s (connection refused); next attempt in 2 s".to_owned());
    let during = screen.states();
    assert_eq!(before.len(), during.len());
    for (known, row) in before.iter().zip(&during) {
        let is_pod = row.starts_with("pod/");
        assert_eq!(row.contains("stale: "), is_pod, "{known}: {row}");
    }
    assert!(during.iter().any(|row| row.starts_with("pod/")) && during.iter().any(|row| !row.starts_with("pod/")));
    assert!(screen.status().starts_with("outage  "), "{}", screen.status());
    let drawn = screen.drawn(80, 24);
    assert!(drawn.lines().rev().nth(1).is_some_and(|row| row.starts_with("pods: no answer for 10 s")), "{drawn}");
    // Before the outage, the states were known.
    screen.press(KeyCode::Home);
    (0..30).for_each(|_| _ = screen.press(KeyCode::Right));
    assert!(!screen.states().iter().any(|row| row.contains("stale")));
    assert!(screen.status().contains("  outage"), "{}", screen.status());
    screen.press(KeyCode::End);
    screen.press(KeyCode::Char('j'));
    while screen.model.selected.is_some_and(|line| screen.model.states.subject(line).kind != "Pod") {
        screen.press(KeyCode::Char('j'));
    }
    screen.press(KeyCode::Enter);
    let details = screen.drawn(120, 40);
    assert!(details.contains("what came after it may not have been seen"), "{details}");
    // In the lowest terminals, too.
    for height in 1..6 {
        let drawn = screen.drawn(80, height);
        assert!(drawn.lines().last().is_some_and(|row| row.starts_with("outage")), "{drawn}");
    }
}

#[test]
fn after_missed_entries_older_states_are_stale_until_they_change() {
    let all = entries(RECORDING);
    let mut screen = Screen::of(LIMIT);
    screen.take(&all[..60]);
    let rows = screen.states().len();
    screen.collection.miss(5);
    screen.take(&[]);
    assert_eq!(screen.states().iter().filter(|row| row.contains("stale: ")).count(), rows);
    assert!(screen.status().contains("  5 missed"), "{}", screen.status());
    let changed = all[60..].iter().find(|entry| matches!(&entry.body, Body::Transition(to) if !to.is_deletion()));
    let changed = changed.expect("a transition");
    screen.take(std::slice::from_ref(changed));
    let states = screen.states();
    let known: Vec<_> = states.iter().filter(|row| !row.contains("stale: ")).collect();
    let Body::Transition(transition) = &changed.body else { unreachable!("it was found as one") };
    assert!(matches!(known[..], [row] if row.ends_with(&*transition.to.label)), "{known:?}");
}

#[test]
fn what_watch_leaves_out_is_not_listed_and_its_states_are_there_with_w() {
    let all = entries(ALL);
    let mut screen = Screen::new(Selection::default(), Some(Digest::new(false)), LIMIT);
    screen.take(&all);
    let mut digest = Digest::new(false);
    let listed: Vec<&Entry> = all.iter().map(|entry| &**entry).filter(|entry| digest.shows(entry).is_some()).collect();
    let story = &screen.model.story;
    let shown: Vec<&Entry> = (0..story.shown.len()).map(|step| story.entry(step)).collect();
    assert_eq!(shown, listed);
    assert!(shown.len() < all.len());
    let mut whole = Screen::of(LIMIT);
    whole.take(&all);
    assert_eq!(screen.states(), whole.states());
}

#[test]
fn of_a_track_that_is_selected_the_end_of_its_subject_is_known() {
    let all = entries(ALL);
    for limit in [3, LIMIT] {
        let mut screen = Screen::new(selection(&["pods"], &["phase"]), None, limit);
        let mut deleted = 0;
        for entry in &all {
            screen.take(std::slice::from_ref(entry));
            let Some(subject) = entry.subject.as_ref().filter(|subject| subject.kind == "Pod") else { continue };
            if matches!(&entry.body, Body::Transition(transition) if transition.is_deletion()) {
                deleted += 1;
                let now = screen.model.now(&screen.position());
                let lines = screen.model.states.lines(now, true);
                assert!(lines.iter().all(|line| screen.model.states.subject(*line).uid != subject.uid));
            }
        }
        assert!(deleted > 0, "the recording has no deletion of a pod");
        assert_eq!(screen.tally.take(all.last().expect("an entry")), Fate::NotSelected);
    }
}

#[test]
fn the_messages_are_listed_with_the_newest_first() {
    let mut screen = Screen::of(LIMIT);
    screen.take(&entries(RECORDING)[..9]);
    assert_eq!(screen.press(KeyCode::Char('e')), None);
    let long =
        "all watches: no answer since 18:09:22 (connection refused); next attempt in 2 s, or so, or a little later";
    screen.live().messages = [long, "attached: pods"].map(str::to_owned).into();
    assert_eq!(screen.model.overlay, Some(Overlay::Messages));
    let drawn = screen.drawn(60, 16);
    let at = |text: &str| drawn.find(text).unwrap_or_else(|| panic!("no `{text}`:\n{drawn}"));
    assert!(at("all watches") < at("little later") && at("little later") < at("attached: pods"), "{drawn}");
    screen.press(KeyCode::Char('e'));
    assert_eq!(screen.model.overlay, None);
    let drawn = screen.drawn(120, 16);
    assert!(drawn.lines().rev().nth(1).is_some_and(|row| row.starts_with("all watches: no answer")), "{drawn}");
}

#[test]
fn a_time_up_to_now_can_be_gone_to_though_nothing_happened_since() {
    let mut screen = Screen::of(LIMIT);
    let all = entries(RECORDING);
    screen.take(&all[..9]);
    let start = all[0].stamp.at - SignedDuration::try_from(all[0].stamp.elapsed).expect("short");
    screen.now = start + SignedDuration::from_mins(10);
    screen.press(KeyCode::Char('t'));
    "+9m".chars().for_each(|letter| _ = screen.press(KeyCode::Char(letter)));
    assert_eq!(screen.press(KeyCode::Enter), Some(Action::Seek(std::time::Duration::from_mins(9))));
    assert!(screen.status().contains("paused  0 more") && screen.status().contains("9m00"), "{}", screen.status());
    screen.press(KeyCode::Char('t'));
    "+11m".chars().for_each(|letter| _ = screen.press(KeyCode::Char(letter)));
    assert_eq!(screen.press(KeyCode::Enter), None);
    assert!(screen.message().contains("outside the recording"), "{}", screen.message());
}

#[test]
fn every_size_of_a_terminal_can_be_drawn_with_everything_that_can_be_open() {
    let mut screen = Screen::of(30);
    for key in [None, Some('?'), Some('t'), Some('e'), Some('\n')] {
        match key {
            Some('\n') => _ = screen.press(KeyCode::Enter),
            Some(key) => _ = screen.press(KeyCode::Char(key)),
            None => {}
        }
        for (width, height) in [(0, 0), (1, 1), (10, 3), (3, 10), (20, 5), (80, 6), (80, 24), (300, 4), (250, 60)] {
            screen.drawn(width, height);
        }
        screen.press(KeyCode::Esc);
        // At first it is empty.
        screen.take(&entries(EXPIRED));
        screen.model.doubts = Doubts { unfollowed: vec![(0, screen.now)], missed: Some(3) };
    }
}

#[test]
fn the_screen_is_drawn_while_it_follows_is_paused_and_during_an_outage() {
    let all = entries(RECORDING);
    let mut screen = Screen::new(selection(&["vm", "vmi"], &[]), Some(Digest::new(false)), LIMIT);
    screen.take(&all[..60]);
    screen.live().messages = ["attached: virtualmachines.kubevirt.io".to_owned()].into();
    insta::assert_snapshot!("live", screen.drawn(170, 14));
    let watch = all.iter().find_map(|entry| entry.origin).map(|origin| usize::from(origin.watch));
    screen.model.doubts.unfollowed = vec![(watch.expect("a watch"), screen.now)];
    screen.live().outage = Some("virtualmachines.kubevirt.io: no answer for 10 s (connection refused)".to_owned());
    insta::assert_snapshot!("outage", screen.drawn(60, 16));
    screen.model.doubts = Doubts::default();
    screen.live().outage = None;
    screen.press(KeyCode::Left);
    screen.take(&all[60..]);
    insta::assert_snapshot!("paused", screen.drawn(80, 18));
    screen.press(KeyCode::Char('?'));
    insta::assert_snapshot!("live_help", screen.drawn(80, 26));
}

#[test]
fn the_documentation_has_the_keys_of_the_help() {
    let page = include_str!("../../../../docs/OUTPUT.md");
    for (keys, what) in LIVE_KEYS {
        assert!(page.contains(&format!("| {keys} | {what} |")), "{keys}");
    }
}
