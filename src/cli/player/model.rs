//! What is on the screen of the player, and what keys change of it. It knows neither the terminal nor the clock: the
//! position of the clock comes in, and what is to be done with the clock goes out.

use super::action::Action;
use super::filter::Filter;
use super::keys::{self, Command, Direction, PAGE, Sort};
use super::live::Live;
use super::picture::Picture;
use super::prompt::{Prompt, Purpose, Typed};
use super::speeds;
use super::story::Story;
use crate::replay::{Doing, Position, Speed};
use crate::timeline::Body;
use crate::view::line::Lines;
use crate::view::states::{Doubts, Line, Now, States};
use ratatui::crossterm::event::{KeyEvent, KeyModifiers};
use std::sync::Arc;
use std::time::Duration;

const BACK: i64 = -PAGE;

/// What covers the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Overlay {
    Help,
    Details,
    Messages,
}

/// The state of the screen. Clones are small.
#[derive(Clone, Debug)]
pub(super) struct Model {
    pub story: Arc<Story>,
    pub states: Arc<States>,
    /// With columns for all entries.
    pub lines: Lines,
    /// Columns of the states in which nothing has to be shortened.
    pub width: u16,
    pub selected: Option<Line>,
    pub every_track: bool,
    /// True when the clock was moved last by a number of entries, and not to a moment.
    pub is_stepped: bool,
    pub filter: Option<Arc<Filter>>,
    pub prompt: Option<Prompt>,
    pub overlay: Option<Overlay>,
    /// Lines of the overlay that are above the screen.
    pub scrolled: u16,
    /// Lines of a page of the overlay, and the most by which it can be scrolled.
    pub page: (u16, u16),
    /// An answer to the last key.
    pub note: Option<String>,
    /// For a timeline that grows.
    pub live: Option<Live>,
    /// What is not known of its present.
    pub doubts: Doubts,
}

impl Model {
    pub(super) fn new(story: Story) -> Self {
        let states = States::of(&story.entries, &story.selection, story.style);
        let lines = Lines::fitted(story.style, story.shown.iter().map(|place| &story.entries[*place]));
        Self {
            story: Arc::new(story),
            width: u16::try_from(states.width()).unwrap_or(u16::MAX),
            states: Arc::new(states),
            lines,
            selected: None,
            every_track: false,
            is_stepped: false,
            filter: None,
            prompt: None,
            overlay: None,
            scrolled: 0,
            page: (0, 0),
            note: None,
            live: None,
            doubts: Doubts::default(),
        }
    }

    /// A timeline that grows from now on.
    pub(super) fn growing(story: Story, live: Live) -> Self {
        Self { live: Some(live), ..Self::new(story) }
    }

    /// Takes what has become of a timeline that grows. What is selected and filtered stays so.
    pub(super) fn renew(&mut self, picture: Picture) {
        let Picture { story, states, lines, width, doubts, left_out, missed } = picture;
        let selected = self.selected.map(|line| (self.states.subject(line), self.states.track(line)));
        self.selected = selected.and_then(|(subject, track)| states.find(subject, track));
        self.filter = self.filter.as_ref().map(|filter| Arc::new(filter.again(&self.story, &story)));
        self.doubts.missed = doubts.missed;
        (self.story, self.states, self.lines, self.width) = (story, states, lines, width);
        if let Some(live) = &mut self.live {
            (live.left_out, live.missed) = (left_out, missed);
        }
    }

    /// Handles a key; returns what is to be done.
    pub(super) fn press(&mut self, key: KeyEvent, position: &Position) -> Option<Action> {
        let action = self.pressed(key, position);
        match action {
            Some(Action::StepTo(_)) => self.is_stepped = true,
            Some(Action::Resume | Action::Restart | Action::Seek(_)) => self.is_stepped = false,
            Some(Action::Quit | Action::Suspend | Action::Pause | Action::SetSpeed(_)) | None => {}
        }
        action
    }

    /// The moment that is shown.
    pub(super) fn now(&self, position: &Position) -> Now {
        self.story.now(position, self.is_stepped)
    }

    fn pressed(&mut self, key: KeyEvent, position: &Position) -> Option<Action> {
        let was_noted = self.note.take().is_some();
        match keys::command(key) {
            Some(Command::Leave) if was_noted && self.prompt.is_none() && self.overlay.is_none() => return None,
            Some(Command::Quit) if key.modifiers.contains(KeyModifiers::CONTROL) => return Some(Action::Quit),
            Some(Command::Suspend) => return Some(Action::Suspend),
            _ => {}
        }
        if let Some(prompt) = &mut self.prompt {
            return match prompt.press(key) {
                Typed::More => None,
                Typed::Left => {
                    self.prompt = None;
                    None
                }
                Typed::Done => self.prompt.take().and_then(|prompt| self.given(&prompt, position)),
            };
        }
        let command = keys::command(key)?;
        if self.overlay.is_some() && self.in_overlay(command) {
            return None;
        }
        self.run(command, position)
    }

    /// The steps that are shown, of those up to a number of steps.
    pub(super) fn made(&self, step: usize) -> Steps<'_> {
        match &self.filter {
            Some(filter) => Steps::These(&filter.steps[..filter.steps.partition_point(|of| *of < step)]),
            None => Steps::All(step),
        }
    }

    /// The states that are shown.
    pub(super) fn rows(&self, now: Now) -> Vec<Line> {
        self.states.lines(now, self.every_track)
    }

    /// Uses what was typed.
    fn given(&mut self, prompt: &Prompt, position: &Position) -> Option<Action> {
        let text = prompt.text.trim();
        match prompt.purpose {
            Purpose::Filter => {
                self.filter = (!text.is_empty()).then(|| Arc::new(Filter::of(text, &self.story)));
                None
            }
            Purpose::Time if text.is_empty() => None,
            Purpose::Time => match self.story.moment(text, position.length) {
                Ok(moment) => Some(Action::Seek(moment)),
                Err(error) => {
                    self.note = Some(error);
                    None
                }
            },
        }
    }

    /// Handles a key while details or help are shown; false where it does the same as without them.
    fn in_overlay(&mut self, command: Command) -> bool {
        let same = match command {
            Command::Help => Some(Overlay::Help),
            Command::Details => Some(Overlay::Details),
            Command::Messages => Some(Overlay::Messages),
            _ => None,
        };
        match command {
            Command::Leave => self.overlay = None,
            Command::Help | Command::Details | Command::Messages if self.overlay == same => self.overlay = None,
            Command::Select(by) => self.scroll(|_| by),
            Command::Move(PAGE) => self.scroll(i64::from),
            Command::Move(BACK) => self.scroll(|page| -i64::from(page)),
            Command::Start => self.scrolled = 0,
            Command::End => self.scroll(|_| i64::from(u16::MAX)),
            _ => return false,
        }
        true
    }

    /// Scrolls what is open by a number of lines, of those that a page has.
    fn scroll(&mut self, by: impl FnOnce(u16) -> i64) {
        let (page, most) = self.page;
        let scrolled = i64::from(self.scrolled.min(most)) + by(page);
        self.scrolled = u16::try_from(scrolled.max(0)).unwrap_or(most).min(most);
    }

    fn run(&mut self, command: Command, position: &Position) -> Option<Action> {
        if self.live.is_some() {
            match command {
                Command::End => return Some(Action::Resume),
                Command::Faster | Command::Slower | Command::RealTime => {
                    self.note = Some("there is no speed to change: entries are shown as they come".to_owned());
                    return None;
                }
                Command::Messages => {
                    (self.overlay, self.scrolled) = (Some(Overlay::Messages), 0);
                    return None;
                }
                _ => {}
            }
        }
        match command {
            Command::Quit => return Some(Action::Quit),
            Command::Suspend => return Some(Action::Suspend),
            Command::Leave if self.filter.is_some() => self.filter = None,
            Command::Leave => return Some(Action::Quit),
            Command::PlayOrPause => {
                return Some(match position.doing {
                    Doing::Playing => Action::Pause,
                    Doing::Ended => Action::Restart,
                    Doing::Paused | Doing::Waiting => Action::Resume,
                });
            }
            Command::Move(by) => return self.moved(by, position),
            Command::MoveTo(sort, direction) => return self.moved_to(sort, direction, position),
            Command::Select(by) => self.select(by, position),
            Command::Start => return Some(Action::Seek(Duration::ZERO)),
            Command::End => return Some(Action::Seek(position.length)),
            Command::GoToTime => self.prompt = Some(Prompt::new(Purpose::Time)),
            Command::Filter => self.prompt = Some(Prompt::new(Purpose::Filter)),
            Command::Faster => return Some(Action::SetSpeed(speeds::faster(position.speed))),
            Command::Slower => return Some(Action::SetSpeed(speeds::slower(position.speed))),
            Command::RealTime => return Some(Action::SetSpeed(Speed::Times(1.0))),
            Command::EveryTrack => self.every_track = !self.every_track,
            Command::Details => (self.overlay, self.scrolled) = (Some(Overlay::Details), 0),
            Command::Help => (self.overlay, self.scrolled) = (Some(Overlay::Help), 0),
            Command::Messages => {}
        }
        None
    }

    /// Moves by a number of entries that are shown.
    fn moved(&mut self, by: i64, position: &Position) -> Option<Action> {
        let all = self.made(position.steps);
        let made = self.made(position.step).len();
        let distance = usize::try_from(by.unsigned_abs()).unwrap_or(usize::MAX);
        let target = if by < 0 { made.saturating_sub(distance) } else { made.saturating_add(distance).min(all.len()) };
        let target = target.checked_sub(1).map_or(0, |last| all.get(last) + 1);
        match (target == position.step, by < 0) {
            (true, true) => self.note = Some("this is the start".to_owned()),
            (true, false) => self.note = Some("there is no entry after this one".to_owned()),
            (false, _) => return Some(Action::StepTo(target)),
        }
        None
    }

    /// Moves to the next or previous entry of a sort.
    fn moved_to(&mut self, sort: Sort, direction: Direction, position: &Position) -> Option<Action> {
        let wanted = match sort {
            Sort::OfSubject => {
                let Some(line) = self.selected else {
                    self.note = Some("no subject is selected: j and k select one".to_owned());
                    return None;
                };
                Some(self.states.subject(line))
            }
            Sort::Gap | Sort::Mark => None,
        };
        let is_it = |step: &usize| {
            let entry = self.story.entry(*step);
            match (sort, &entry.body) {
                (Sort::OfSubject, Body::Transition(_)) => entry.subject.as_deref() == wanted,
                (Sort::Gap, Body::Gap(_)) | (Sort::Mark, Body::Mark(_)) => true,
                _ => false,
            }
        };
        // The last step that was made is where it is.
        let found = match direction {
            Direction::Next => (position.step..position.steps).find(is_it),
            Direction::Previous => (0..position.step.saturating_sub(1)).rev().find(is_it),
        };
        if found.is_none() {
            let what = match sort {
                Sort::OfSubject => "transition of the selected subject",
                Sort::Gap => "gap",
                Sort::Mark => "mark",
            };
            let where_ = if direction == Direction::Next { "after" } else { "before" };
            self.note = Some(format!("there is no {what} {where_} this moment"));
        }
        found.map(|step| Action::StepTo(step + 1))
    }

    /// Selects another row.
    fn select(&mut self, by: i64, position: &Position) {
        let rows = self.rows(self.now(position));
        let at = self.selected.and_then(|line| rows.iter().position(|row| *row == line));
        let last = rows.len().saturating_sub(1);
        let to = match at {
            None if by < 0 => last,
            None => 0,
            Some(at) if by < 0 => at.saturating_sub(1),
            Some(at) => (at + 1).min(last),
        };
        self.selected = rows.get(to).copied();
    }
}

/// Steps, ascending.
#[derive(Clone, Copy, Debug)]
pub(super) enum Steps<'a> {
    /// The first ones.
    All(usize),
    /// Those that a filter leaves.
    These(&'a [usize]),
}

impl Steps<'_> {
    pub(super) fn len(self) -> usize {
        match self {
            Self::All(steps) => steps,
            Self::These(steps) => steps.len(),
        }
    }

    pub(super) fn get(self, index: usize) -> usize {
        match self {
            Self::All(_) => index,
            Self::These(steps) => steps[index],
        }
    }
}
