//! The keys: what each of them does, and the list of them that `?` shows.

use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

/// What a key asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Command {
    Quit,
    Suspend,
    /// Closes what is open, or else quits.
    Leave,
    PlayOrPause,
    /// By a number of entries; a negative one moves back.
    Move(i64),
    /// To the next entry of a sort, or the previous one.
    MoveTo(Sort, Direction),
    /// By a number of rows.
    Select(i64),
    Start,
    End,
    GoToTime,
    Faster,
    Slower,
    RealTime,
    Filter,
    Details,
    EveryTrack,
    Help,
    /// Of a running recorder.
    Messages,
}

/// A sort of entries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sort {
    /// Transitions of the selected subject.
    OfSubject,
    Gap,
    Mark,
}

/// A direction in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Direction {
    Next,
    Previous,
}

/// How many entries a page has.
pub(super) const PAGE: i64 = 10;

/// Every key, and what it does.
pub(super) const KEYS: [(&str, &str); 20] = [
    ("Space", "play, or pause; at the end, play again"),
    ("Right, l", "one entry on"),
    ("Left, h", "one entry back"),
    ("PgDn, PgUp", "ten entries on, or back; in details and help, a page"),
    ("Down, Up, j, k", "next, or previous subject; in details and help, scroll"),
    ("n, N", "next, or previous transition of the selected subject"),
    ("], [", "next, or previous gap"),
    ("m, M", "next, or previous mark"),
    ("t", "go to a time: 18:09:30, +12.5s, or a mark"),
    ("Home, 0, g", "start; in details and help, the first line"),
    ("End, G", "end; in details and help, the last line"),
    ("+, -", "faster, or slower"),
    ("1", "the speed of the recording"),
    ("/", "show only entries that contain a text; empty: all"),
    ("w", "every track of each subject, or the first only"),
    ("Enter", "details of the last entry and of the selected subject"),
    ("?", "help"),
    ("Esc", "close details, help or a note, remove the filter, or quit"),
    ("Ctrl-Z", "suspend; fg in the shell continues"),
    ("q, Ctrl-C", "quit"),
];

/// The same while a recorder runs.
pub(super) const LIVE_KEYS: [(&str, &str); 19] = [
    ("Space", "pause, or follow the newest entry again"),
    ("End, G", "follow the newest entry; in other lists, the last line"),
    ("Left, h", "one entry back; that and other moves pause"),
    ("Right, l", "one entry on"),
    ("PgDn, PgUp", "ten entries on, or back; in other lists, a page"),
    ("Down, Up, j, k", "next, or previous subject; in other lists, scroll"),
    ("n, N", "next, or previous transition of the selected subject"),
    ("], [", "next, or previous gap"),
    ("m, M", "next, or previous mark"),
    ("t", "go to a time: 18:09:30, +12.5s, or a mark"),
    ("Home, 0, g", "start; in other lists, the first line"),
    ("/", "show only entries that contain a text; empty: all"),
    ("w", "every track of each subject, or the first only"),
    ("Enter", "details of the last entry and of the selected subject"),
    ("e", "messages of the recorder"),
    ("?", "help"),
    ("Esc", "close what is open, remove the filter, or quit"),
    ("Ctrl-Z", "suspend, and with it the recorder; fg continues"),
    ("q, Ctrl-C", "end the recorder and quit; Ctrl-C again: at once"),
];

/// What a key asks for, if anything.
pub(super) fn command(key: KeyEvent) -> Option<Command> {
    use Direction::{Next, Previous};
    if key.kind == KeyEventKind::Release {
        return None;
    }
    if key.modifiers.contains(KeyModifiers::CONTROL) {
        return match key.code {
            KeyCode::Char('c' | 'C') => Some(Command::Quit),
            KeyCode::Char('z' | 'Z') => Some(Command::Suspend),
            _ => None,
        };
    }
    Some(match key.code {
        KeyCode::Char('q') => Command::Quit,
        KeyCode::Esc => Command::Leave,
        KeyCode::Char(' ') => Command::PlayOrPause,
        KeyCode::Right | KeyCode::Char('l') => Command::Move(1),
        KeyCode::Left | KeyCode::Char('h') => Command::Move(-1),
        KeyCode::PageDown => Command::Move(PAGE),
        KeyCode::PageUp => Command::Move(-PAGE),
        KeyCode::Down | KeyCode::Char('j') => Command::Select(1),
        KeyCode::Up | KeyCode::Char('k') => Command::Select(-1),
        KeyCode::Char('n') => Command::MoveTo(Sort::OfSubject, Next),
        KeyCode::Char('N') => Command::MoveTo(Sort::OfSubject, Previous),
        KeyCode::Char(']') => Command::MoveTo(Sort::Gap, Next),
        KeyCode::Char('[') => Command::MoveTo(Sort::Gap, Previous),
        KeyCode::Char('m') => Command::MoveTo(Sort::Mark, Next),
        KeyCode::Char('M') => Command::MoveTo(Sort::Mark, Previous),
        KeyCode::Char('t') => Command::GoToTime,
        KeyCode::Home | KeyCode::Char('0' | 'g') => Command::Start,
        KeyCode::End | KeyCode::Char('G') => Command::End,
        KeyCode::Char('+' | '=') => Command::Faster,
        KeyCode::Char('-') => Command::Slower,
        KeyCode::Char('1') => Command::RealTime,
        KeyCode::Char('/') => Command::Filter,
        KeyCode::Char('w') => Command::EveryTrack,
        KeyCode::Enter => Command::Details,
        KeyCode::Char('?') => Command::Help,
        KeyCode::Char('e') => Command::Messages,
        _ => return None,
    })
}
