//! The track and subject that a statement names: `vm.status`, `vm.status=Running`.

use super::{Reader, meant};
use crate::language::clause::track;
use crate::language::document::tree::Node;
use crate::language::line::list;
use crate::language::pattern::Pattern;
use crate::language::syntax::Stream;
use crate::monitor::{Place, States};

/// A track of a subject.
pub(super) struct Where {
    pub subject: usize,
    pub pattern: Pattern,
    pub place: Place,
}

impl Where {
    /// Whether both are about one track. A condition on a family waits for any of its tracks, not for the same one.
    pub(super) fn is_track_of(&self, other: &Self) -> bool {
        self.pattern == other.pattern && !matches!(self.pattern, Pattern::Family(_))
    }
}

impl Reader<'_> {
    /// `vm.status=Running`
    pub(super) fn entry(&mut self, node: &Node) -> Option<(Where, States)> {
        let text = self.text(node, "an entry")?;
        let Some((place, states)) = text.split_once('=') else {
            let (track, state) = text.split_once([':', ' ']).unwrap_or((&text, ""));
            let track = if track.contains('.') { track } else { "vm.status" };
            let is_state = !state.trim().is_empty() && !state.trim().contains(char::is_whitespace);
            let state = match state.trim() {
                state if is_state => state,
                _ if track.contains("condition/") => "True",
                _ => "Running",
            };
            let message = format!("`{text}` does not name an entry into a state");
            self.fault(node.range.clone(), message, format!("`{track}={state}`"));
            return None;
        };
        if let Some(track) = place.trim_end().strip_suffix(['!', '<', '>']) {
            let sign = &place.trim_end()[track.len()..];
            let states = states.trim_matches(['"', '=', ' ']);
            let (meant, what) =
                if sign == "!" { ("!".to_owned(), "any other state") } else { (format!("{sign}="), "a comparison") };
            self.fault(
                node.range.clone(),
                format!("`{sign}=` in an entry"),
                format!("{what} follows the `=`: `\"{track}={meant}{states}\"`"),
            );
            return None;
        }
        let place = self.place_of(place.trim(), node)?;
        // `vm.fails=">3"`: YAML leaves quotes within a word to us. With an escape, they would not mean the same as YAML's.
        let quoted = states.trim().strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
        let states = quoted.filter(|text| !text.contains(['"', '\\'])).unwrap_or(states);
        let tokens = self.tokens_of(states, node)?;
        let mut stream = Stream::new(&tokens);
        let read = list(&mut stream).and_then(|states| stream.finish("the entry ends before it").map(|()| states));
        Some((place, self.read(read)?))
    }

    pub(super) fn place(&mut self, node: &Node) -> Option<Where> {
        let text = self.text(node, "a track")?;
        self.place_of(&text, node)
    }

    /// `vm.status`; the subject may be omitted if there is only one.
    fn place_of(&mut self, text: &str, node: &Node) -> Option<Where> {
        let aliases: Vec<&str> = self.subjects.iter().map(|(alias, _)| alias.as_str()).collect();
        let (alias, name) = text.split_once('.').unwrap_or(("", text));
        let (subject, name) = match aliases.iter().position(|known| *known == alias) {
            Some(at) => (at, name),
            None if aliases.len() == 1 && (alias.is_empty() || alias.contains('/')) => (0, text),
            None => {
                let (named, track) = text.split_once(['/', ' ']).unwrap_or((text, "phase"));
                // Of `vmi/a phase`, as a line names a track.
                let track = track.split_whitespace().next_back().unwrap_or(track);
                let help = match alias {
                    "" if aliases.contains(&named) => format!("`{named}.{track}`"),
                    "" => format!("`{}.{text}`", aliases[0]),
                    alias => meant(alias, &aliases),
                };
                let message = if alias.is_empty() && aliases.contains(&named) {
                    format!("`{text}` does not name a track")
                } else if alias.is_empty() {
                    format!("track `{text}`: the subject is missing")
                } else {
                    format!("unknown subject `{alias}`")
                };
                self.fault(node.range.clone(), message, help);
                return None;
            }
        };
        self.used.insert(subject);
        let kind = self.subjects[subject].1.kind.clone();
        let (pattern, place) = self.read(track(&kind, name, &node.range))?;
        self.mentions.track(&pattern, &place, &node.range);
        Some(Where { subject, pattern, place })
    }
}
