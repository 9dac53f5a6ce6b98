//! A line of text that is being typed.

use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

/// The longest text.
const LONGEST: usize = 200;

/// What the text is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    /// A time to go to.
    Time,
    /// A text that entries are to contain.
    Filter,
}

/// The text so far.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Prompt {
    pub purpose: Purpose,
    pub text: String,
}

/// What a key made of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Typed {
    /// It goes on.
    More,
    /// The text is complete.
    Done,
    /// It was left without a text.
    Left,
}

impl Prompt {
    pub(super) fn new(purpose: Purpose) -> Self {
        Self { purpose, text: String::new() }
    }

    /// What precedes the text on the screen.
    pub(super) fn label(&self) -> &'static str {
        match self.purpose {
            Purpose::Time => "go to: ",
            Purpose::Filter => "/",
        }
    }

    pub(super) fn press(&mut self, key: KeyEvent) -> Typed {
        if key.kind == KeyEventKind::Release {
            return Typed::More;
        }
        match key.code {
            KeyCode::Enter => return Typed::Done,
            KeyCode::Esc => return Typed::Left,
            KeyCode::Char('u' | 'U') if key.modifiers.contains(KeyModifiers::CONTROL) => self.text.clear(),
            KeyCode::Char(_) if key.modifiers.contains(KeyModifiers::CONTROL) => {}
            KeyCode::Char(letter) if self.text.len() < LONGEST => self.text.push(letter),
            KeyCode::Backspace if self.text.is_empty() => return Typed::Left,
            KeyCode::Backspace => _ = self.text.pop(),
            _ => {}
        }
        Typed::More
    }
}
