//! The keys in the bytes that a terminal sends.
//!
//! crossterm's own reader is not used: it loses a key that comes together with a change of the terminal's size, and never
//! ends when the terminal is closed.

use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// The longest sequence that is waited for.
const LONGEST: usize = 32;

/// Bytes that are no key yet.
#[derive(Debug, Default)]
pub(super) struct Decoder {
    rest: Vec<u8>,
}

enum Decoded {
    /// A key, and how many bytes it has.
    Key(KeyEvent, usize),
    /// Bytes that are no key of ours.
    Nothing(usize),
    /// The beginning of a key.
    Incomplete,
}

impl Decoder {
    /// The keys that are complete with these bytes.
    pub(super) fn push(&mut self, bytes: &[u8]) -> Vec<KeyEvent> {
        self.rest.extend_from_slice(bytes);
        let mut keys = Vec::new();
        while !self.rest.is_empty() {
            let length = match decoded(&self.rest) {
                Decoded::Key(key, length) => {
                    keys.push(key);
                    length
                }
                Decoded::Nothing(length) => length,
                Decoded::Incomplete if self.rest.len() > LONGEST => self.rest.len(),
                Decoded::Incomplete => break,
            };
            self.rest.drain(..length);
        }
        keys
    }

    /// True while a key is incomplete, which may be the Esc key.
    pub(super) fn is_waiting(&self) -> bool {
        !self.rest.is_empty()
    }

    /// The key if nothing follows: Esc is the beginning of others.
    pub(super) fn end(&mut self) -> Option<KeyEvent> {
        let is_escape = self.rest == b"\x1b";
        self.rest.clear();
        is_escape.then(|| KeyEvent::new(KeyCode::Esc, KeyModifiers::NONE))
    }
}

fn decoded(bytes: &[u8]) -> Decoded {
    let plain = |code, length| Decoded::Key(KeyEvent::new(code, KeyModifiers::NONE), length);
    match *bytes {
        [] | [0x1b] => Decoded::Incomplete,
        [0x1b, b'[', ref rest @ ..] => {
            let Some(end) = rest.iter().position(|byte| (0x40..0x7f).contains(byte)) else {
                return Decoded::Incomplete;
            };
            named(rest[end], &rest[..end]).map_or(Decoded::Nothing(end + 3), |code| plain(code, end + 3))
        }
        [0x1b, b'O'] => Decoded::Incomplete,
        [0x1b, b'O', last, ..] => named(last, &[]).map_or(Decoded::Nothing(3), |code| plain(code, 3)),
        [0x1b, 0x1b, ..] => plain(KeyCode::Esc, 1),
        // With Alt.
        [0x1b, ..] => Decoded::Nothing(2),
        [b'\r' | b'\n', ..] => plain(KeyCode::Enter, 1),
        [0x7f | 0x08, ..] => plain(KeyCode::Backspace, 1),
        [byte @ 1..=26, ..] => {
            let letter = char::from(byte - 1 + b'a');
            Decoded::Key(KeyEvent::new(KeyCode::Char(letter), KeyModifiers::CONTROL), 1)
        }
        [byte @ 0x20..=0x7e, ..] => plain(KeyCode::Char(char::from(byte)), 1),
        [first, ..] => {
            let length = match first {
                0xc2..=0xdf => 2,
                0xe0..=0xef => 3,
                0xf0..=0xf4 => 4,
                _ => return Decoded::Nothing(1),
            };
            let Some(character) = bytes.get(..length) else { return Decoded::Incomplete };
            let character = std::str::from_utf8(character).ok().and_then(|text| text.chars().next());
            character.map_or(Decoded::Nothing(1), |character| plain(KeyCode::Char(character), length))
        }
    }
}

/// The key of a sequence with this end and these parameters (ECMA-48, as xterm uses it).
fn named(end: u8, parameters: &[u8]) -> Option<KeyCode> {
    let number = parameters.split(|byte| *byte == b';').next().unwrap_or_default();
    Some(match (end, number) {
        (b'A', _) => KeyCode::Up,
        (b'B', _) => KeyCode::Down,
        (b'C', _) => KeyCode::Right,
        (b'D', _) => KeyCode::Left,
        (b'H', _) | (b'~', b"1" | b"7") => KeyCode::Home,
        (b'F', _) | (b'~', b"4" | b"8") => KeyCode::End,
        (b'~', b"5") => KeyCode::PageUp,
        (b'~', b"6") => KeyCode::PageDown,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(bytes: &[u8]) -> Vec<KeyCode> {
        let whole: Vec<KeyCode> = Decoder::default().push(bytes).into_iter().map(|key| key.code).collect();
        // Divided in any way, they are the same.
        let mut decoder = Decoder::default();
        let single: Vec<KeyCode> = bytes.iter().flat_map(|byte| decoder.push(&[*byte])).map(|key| key.code).collect();
        assert_eq!(single, whole);
        whole
    }

    #[test]
    fn keys_are_recognised_in_both_modes_of_a_terminal_and_other_sequences_are_none() {
        use KeyCode::{Backspace, Char, Down, End, Enter, Home, Left, PageDown, PageUp, Right, Up};
        assert_eq!(codes(b"\x1b[A\x1b[B\x1b[C\x1b[D"), [Up, Down, Right, Left]);
        assert_eq!(codes(b"\x1bOA\x1bOD\x1bOH\x1bOF"), [Up, Left, Home, End]);
        assert_eq!(codes(b"\x1b[1;5C\x1b[H\x1b[1~\x1b[8~\x1b[5~\x1b[6~"), [Right, Home, Home, End, PageUp, PageDown]);
        assert_eq!(codes("qé🦀\r\x7f".as_bytes()), [Char('q'), Char('é'), Char('🦀'), Enter, Backspace]);
        assert_eq!(codes(b"\x1b[3~\x1b[200~\x1bx\xff\0j"), [Char('j')]);
    }

    #[test]
    fn escape_is_a_key_once_nothing_follows() {
        let mut decoder = Decoder::default();
        assert_eq!(decoder.push(b"\x1b"), []);
        assert!(decoder.is_waiting());
        assert_eq!(decoder.end().map(|key| key.code), Some(KeyCode::Esc));
        assert!(!decoder.is_waiting() && decoder.end().is_none());
        let control: Vec<_> = decoder.push(b"\x03").into_iter().map(|key| (key.code, key.modifiers)).collect();
        assert_eq!(control, [(KeyCode::Char('c'), KeyModifiers::CONTROL)]);
    }
}
