//! All output goes through here: text from outside cannot control the terminal, and a blocked terminal delays nothing.
//!
//! Standard output goes through a [`Printer`]. Standard error goes through [`say`]: a thread writes it, and the caller
//! waits only briefly.

use super::invocation;
use crate::observation::is_printable;
use std::collections::VecDeque;
use std::fmt::Write as _;
use std::io::{self, IsTerminal, Write};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How long a message waits for a blocked standard error.
const PATIENCE: Duration = Duration::from_millis(300);
/// Most messages that wait for standard error.
const QUEUE: usize = 1024;
/// The longest escape sequence of a colour, and so how long an incomplete one is waited for.
const LONGEST_COLOUR: usize = 24;

/// How unprintable characters are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Notation {
    /// `\u{9b}`, in text.
    Words,
    /// `\u009b`, in JSON, where only strings can contain such characters. Beyond U+FFFF, a pair of surrogates.
    Json,
}

impl Notation {
    fn escape(self, character: char, shown: &mut String) {
        let written = match self {
            Self::Words => write!(shown, "\\u{{{:x}}}", u32::from(character)),
            Self::Json => {
                let mut units = [0; 2];
                character.encode_utf16(&mut units).iter().try_for_each(|unit| write!(shown, "\\u{unit:04x}"))
            }
        };
        written.expect("a String takes everything");
    }
}

/// Writes text, replacing unprintable characters by their numbers.
pub(super) struct Printer<W> {
    out: W,
    notation: Notation,
    /// True when colours pass; they are ours, since [`crate::view`] removes those of others.
    painted: bool,
    /// The beginning of an incomplete character or colour.
    rest: Vec<u8>,
}

impl<W: Write> Printer<W> {
    pub(super) fn new(out: W, notation: Notation, painted: bool) -> Self {
        Self { out, notation, painted, rest: Vec::new() }
    }

    /// The text to write for the bytes so far; an incomplete rest is kept.
    fn take(&mut self) -> String {
        let bytes = std::mem::take(&mut self.rest);
        let mut shown = String::with_capacity(bytes.len() + 16);
        let mut at = 0;
        for chunk in bytes.utf8_chunks() {
            let text = chunk.valid();
            if let Some(left) = self.show(text, &mut shown) {
                self.rest = bytes[at + left..].to_vec();
                return shown;
            }
            at += text.len();
            let is_cut = at + chunk.invalid().len() == bytes.len() && chunk.invalid().len() < 4;
            if is_cut && could_go_on(chunk.invalid()) {
                self.rest = chunk.invalid().to_vec();
            } else if !chunk.invalid().is_empty() {
                shown.push(char::REPLACEMENT_CHARACTER);
            }
            at += chunk.invalid().len();
        }
        shown
    }

    /// Escapes a text; returns where an incomplete colour begins.
    fn show(&self, text: &str, shown: &mut String) -> Option<usize> {
        let mut from = 0;
        while let Some(length) = text[from..].find(|c| !is_printable(c) && c != '\n' && c != '\t') {
            shown.push_str(&text[from..from + length]);
            from += length;
            let rest = &text[from..];
            let character = rest.chars().next().expect("one was found");
            let colour = if self.painted && character == '\x1b' { colour(rest) } else { Colour::None };
            match colour {
                Colour::Of(length) => {
                    shown.push_str(&rest[..length]);
                    from += length;
                }
                Colour::Incomplete => return Some(from),
                Colour::None => {
                    self.notation.escape(character, shown);
                    from += character.len_utf8();
                }
            }
        }
        shown.push_str(&text[from..]);
        None
    }
}

/// Whether the bytes may be the beginning of a character.
fn could_go_on(bytes: &[u8]) -> bool {
    let length = match bytes.first() {
        Some(0xc2..=0xdf) => 2,
        Some(0xe0..=0xef) => 3,
        Some(0xf0..=0xf4) => 4,
        _ => 0,
    };
    bytes.len() < length
}

enum Colour {
    /// A colour of this many bytes.
    Of(usize),
    Incomplete,
    None,
}

/// Recognises `ESC [ 1 ; 31 m` at the beginning of a text.
fn colour(text: &str) -> Colour {
    let Some(rest) = text.strip_prefix("\x1b[") else {
        return if text.len() < 2 { Colour::Incomplete } else { Colour::None };
    };
    match rest.find(|c: char| !c.is_ascii_digit() && c != ';') {
        Some(end) if rest[end..].starts_with('m') => Colour::Of(end + 3),
        None if text.len() < LONGEST_COLOUR => Colour::Incomplete,
        _ => Colour::None,
    }
}

impl<W: Write> Write for Printer<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.rest.extend_from_slice(bytes);
        let shown = self.take();
        self.out.write_all(shown.as_bytes())?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// Standard output.
pub(super) fn stdout(notation: Notation) -> Printer<io::StdoutLock<'static>> {
    let stdout = io::stdout();
    let painted = super::terminal::style(&stdout).colour;
    Printer::new(stdout.lock(), notation, painted)
}

/// Writes a text to standard output.
///
/// # Errors
/// The text cannot be written.
pub(super) fn print(notation: Notation, text: &str) -> io::Result<()> {
    let mut out = stdout(notation);
    out.write_all(text.as_bytes()).and_then(|()| out.flush())
}

/// `1 gap`, `2 gaps`.
pub(super) fn counted(number: u64, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
}

/// `7 s`, `1m05s`.
pub(super) fn lasted(length: Duration) -> String {
    let seconds = (length + Duration::from_millis(500)).as_secs();
    if seconds < 60 { format!("{} s", seconds.max(1)) } else { format!("{}m{:02}s", seconds / 60, seconds % 60) }
}

/// Prints a line to standard error.
pub(super) fn say(text: impl AsRef<str>) {
    let mut line = shown(invocation::named(text.as_ref()).as_bytes(), false);
    if !line.ends_with('\n') {
        line.push('\n');
    }
    VOICE.say(line, true);
}

/// Prints our own text, with colours if standard error has them.
pub(super) fn say_painted(text: &str) {
    VOICE.say(shown(invocation::named(text).as_bytes(), true), true);
}

fn shown(text: &[u8], painted: bool) -> String {
    let mut shown = Vec::with_capacity(text.len() + 1);
    Printer::new(&mut shown, Notation::Words, painted).write_all(text).expect("a Vec takes everything");
    String::from_utf8(shown).expect("a printer writes characters")
}

/// Most messages that are held for a screen.
const HELD: usize = 500;

/// The messages while a screen covers the terminal: they are not written over it, but shown by it, and written to
/// standard error when this is dropped. A standard error that is no terminal gets them at once.
pub(super) struct Held {
    voice: &'static Voice,
}

/// Holds messages from now on.
pub(super) fn hold() -> Held {
    let mut waiting = VOICE.lock();
    waiting.held = Some(Recent { is_terminal: io::stderr().is_terminal(), ..Recent::default() });
    Held { voice: &VOICE }
}

impl Held {
    /// The last messages, the newest first, without colours; none if there is none after the first `seen` ones.
    pub(super) fn after(&self, seen: u64) -> Option<(Vec<String>, u64)> {
        let waiting = self.voice.lock();
        let recent = waiting.held.as_ref().filter(|recent| recent.said > seen)?;
        let plain = |line: &String| anstream::adapter::strip_str(line.trim_end()).to_string();
        Some((recent.lines.iter().rev().map(plain).collect(), recent.said))
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.voice.lock().held = None;
        self.voice.changed.notify_all();
    }
}

/// What was said since messages are held.
#[derive(Default)]
struct Recent {
    is_terminal: bool,
    lines: VecDeque<String>,
    said: u64,
}

/// Waits for pending messages before the program ends.
pub(super) fn finish() {
    let waiting = VOICE.lock();
    let patience = if waiting.stalled { Duration::ZERO } else { PATIENCE };
    drop(VOICE.changed.wait_timeout_while(waiting, patience, |waiting| waiting.is_open()));
}

/// Receives lines of the log, which are never waited for.
pub(super) struct Log;

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        VOICE.say(shown(bytes, false), false);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

static VOICE: Voice = Voice { waiting: Mutex::new(Waiting::EMPTY), changed: Condvar::new() };

/// The messages that wait for standard error, and the thread that writes them.
struct Voice {
    waiting: Mutex<Waiting>,
    changed: Condvar,
}

struct Waiting {
    lines: VecDeque<String>,
    /// Messages that did not fit.
    missed: u64,
    /// True when the thread was started.
    started: bool,
    /// True while it writes.
    busy: bool,
    /// True when standard error did not take a message in time.
    stalled: bool,
    /// While a screen covers the terminal.
    held: Option<Recent>,
    /// The oldest messages, which were dropped while they were held.
    dropped: u64,
}

impl Waiting {
    const EMPTY: Self =
        Self { lines: VecDeque::new(), missed: 0, started: false, busy: false, stalled: false, held: None, dropped: 0 };

    /// True while nothing may be written.
    fn is_held(&self) -> bool {
        self.held.as_ref().is_some_and(|recent| recent.is_terminal)
    }

    fn is_open(&self) -> bool {
        self.busy || self.dropped > 0 || !self.lines.is_empty()
    }
}

impl Voice {
    fn say(&'static self, line: String, wait: bool) {
        let mut waiting = self.lock();
        if !waiting.started {
            waiting.started = true;
            std::thread::spawn(|| self.write());
        }
        if let Some(recent) = &mut waiting.held {
            recent.said += 1;
            recent.lines.push_back(line.clone());
            if recent.lines.len() > HELD {
                recent.lines.pop_front();
            }
        }
        if waiting.lines.len() < QUEUE {
            waiting.lines.push_back(line);
        } else if waiting.is_held() {
            waiting.lines.pop_front();
            waiting.lines.push_back(line);
            waiting.dropped += 1;
        } else {
            waiting.missed += 1;
        }
        self.changed.notify_all();
        if wait && !waiting.stalled && !waiting.is_held() {
            let waited = self.changed.wait_timeout_while(waiting, PATIENCE, |waiting| waiting.is_open());
            let (mut waiting, timeout) = waited.unwrap_or_else(PoisonError::into_inner);
            waiting.stalled = timeout.timed_out();
        }
    }

    fn write(&self) {
        loop {
            let mut waiting = self.lock();
            let line = loop {
                if waiting.is_held() {
                    waiting = self.changed.wait(waiting).unwrap_or_else(PoisonError::into_inner);
                    continue;
                }
                if waiting.dropped > 0 {
                    let dropped = std::mem::take(&mut waiting.dropped);
                    break format!("{dropped} earlier messages are left out\n");
                }
                if let Some(line) = waiting.lines.pop_front() {
                    break line;
                }
                if waiting.missed > 0 {
                    let missed = std::mem::take(&mut waiting.missed);
                    break format!("{missed} messages are not shown: standard error is too slow\n");
                }
                waiting.stalled = false;
                waiting = self.changed.wait(waiting).unwrap_or_else(PoisonError::into_inner);
            };
            waiting.busy = true;
            drop(waiting);
            // There is no one to report a failure of standard error to.
            let _ = io::stderr().write_all(line.as_bytes());
            self.lock().busy = false;
            self.changed.notify_all();
        }
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Prints the text in pieces of various sizes, which must not matter.
    fn printed(text: &[u8], notation: Notation, painted: bool) -> String {
        let whole = pieces(text, text.len().max(1), notation, painted);
        for size in 1..5 {
            assert_eq!(pieces(text, size, notation, painted), whole, "in pieces of {size}");
        }
        whole
    }

    fn pieces(text: &[u8], size: usize, notation: Notation, painted: bool) -> String {
        let mut out = Vec::new();
        let mut printer = Printer::new(&mut out, notation, painted);
        text.chunks(size).for_each(|piece| printer.write_all(piece).expect("a Vec takes everything"));
        String::from_utf8(out).expect("UTF-8")
    }

    const HOSTILE: &str = "a\x1b]0;P\x07\u{9b}31m\u{61c}\u{200b}\r\0rôle 🦀\n\tb";

    #[test]
    fn nothing_that_acts_on_a_terminal_passes() {
        let words = r"a\u{1b}]0;P\u{7}\u{9b}31m\u{61c}\u{200b}\u{d}\u{0}rôle 🦀";
        for painted in [false, true] {
            assert_eq!(printed(HOSTILE.as_bytes(), Notation::Words, painted), format!("{words}\n\tb"));
        }
        assert_eq!(printed(b"a\xffb\xe2\x80", Notation::Words, false), "a\u{fffd}b");
    }

    #[test]
    fn json_stays_the_same_json() {
        let json = serde_json::to_string(HOSTILE).expect("JSON");
        let printed = printed(json.as_bytes(), Notation::Json, true);
        assert!(printed.chars().all(is_printable), "{printed}");
        assert_eq!(serde_json::from_str::<String>(&printed).expect("JSON"), HOSTILE);
    }

    #[test]
    fn every_unprintable_character_stays_the_same_in_json() {
        let all: String = ('\0'..=char::MAX).filter(|character| !is_printable(*character)).collect();
        assert!(all.contains('\u{1fffe}') && all.contains('\u{e0041}'));
        let json = serde_json::to_string(&all).expect("JSON");
        let mut printed = Vec::new();
        let mut printer = Printer::new(&mut printed, Notation::Json, false);
        printer.write_all(json.as_bytes()).expect("a Vec takes everything");
        let printed = String::from_utf8(printed).expect("UTF-8");
        assert!(printed.chars().all(is_printable), "{printed}");
        assert_eq!(serde_json::from_str::<String>(&printed).expect("JSON"), all);
    }

    #[test]
    fn colours_pass_where_there_are_colours_and_nothing_else_does() {
        assert_eq!(printed(b"\x1b[1;31mred\x1b[0m", Notation::Words, true), "\x1b[1;31mred\x1b[0m");
        assert_eq!(printed(b"\x1b[1mred", Notation::Words, false), r"\u{1b}[1mred");
        assert_eq!(printed(b"\x1b[2K\x1b[1A", Notation::Words, true), r"\u{1b}[2K\u{1b}[1A");
    }
}
