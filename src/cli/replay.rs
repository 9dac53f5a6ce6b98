//! `statetrail replay`: plays a recording, on the terminal or as lines.

use super::arguments::Replay;
use super::exit::{Exit, Failure};
use super::player::{self, Damage, Story};
use super::selected::Selected;
use super::{printer, replaying, runtime, terminal};
use crate::replay::Speed;

/// Runs it.
pub(super) fn run(command: &Replay) -> Result<Exit, Failure> {
    if command.list_faults {
        return replaying::list_faults();
    }
    let Some(recording) = &command.recording else { return Err(Failure::usage("name a recording")) };
    if let Some(address) = command.serving.listen {
        return replaying::run(recording, address, &command.serving, command.speed);
    }
    let is_screen = terminal::is_screen();
    if command.speed == Speed::Step && !is_screen {
        return Err(Failure::usage(
            "--speed step needs a terminal, whose keys make the steps: use --speed max to print all entries at once, or \
             --speed 1x to print them at their own pace",
        ));
    }
    let mut selected = Selected::of("replay", recording, &command.choosing, None)?;
    let damage = selected.whole.damage.take();
    // What is not found may be behind the damage.
    if damage.is_none() {
        selected.refuse_missing()?;
    }
    if let Some(nothing) = selected.nothing()? {
        printer::say(nothing);
        return damage.map_or(Ok(Exit::Ok), |damage| Err(damage.into()));
    }
    let start = selected.whole.header.started;
    let end = selected.whole.last.map_or(start, |last| last.at);
    let mut story = Story::new(selected.whole.entries, selected.selection, selected.style, [start, end]);
    let cut_off = || Damage { what: "the rest is missing", why: "its file was cut off".to_owned() };
    let damaged = damage.as_ref().map(|damage| Damage { what: "the rest is damaged", why: damage.to_string() });
    story.damage = damaged.or_else(|| selected.whole.torn.map(|_| cut_off()));
    let played = runtime::run(async {
        if is_screen { player::play(story, command.speed).await } else { player::print(&story, command.speed).await }
    })?;
    // It was played up to there.
    damage.map_or(Ok(played), |damage| Err(damage.into()))
}
