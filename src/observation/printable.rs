//! Makes text from outside safe to show: characters that move a cursor, start an escape sequence, change the direction
//! of writing or are invisible are written as code points.

use std::borrow::Cow;
use std::fmt::Write as _;

/// True when a character shows as itself: not a control character (C0, DEL, C1), a bidirectional control, an invisible
/// character that could hide a difference or a text, or a line separator.
#[must_use]
pub(crate) fn is_printable(character: char) -> bool {
    !character.is_control()
        && !matches!(
            character,
            // Those with the property Default_Ignorable_Code_Point
            // (<https://www.unicode.org/Public/UCD/latest/ucd/DerivedCoreProperties.txt>): joiners, fillers,
            // bidirectional controls, variation selectors, and tags, which can spell a whole invisible text.
            '\u{ad}'
                | '\u{34f}'
                | '\u{61c}'
                | '\u{115f}'..='\u{1160}'
                | '\u{17b4}'..='\u{17b5}'
                | '\u{180b}'..='\u{180f}'
                | '\u{200b}'..='\u{200f}'
                | '\u{202a}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{3164}'
                | '\u{fe00}'..='\u{fe0f}'
                | '\u{feff}'
                | '\u{ffa0}'
                | '\u{fff0}'..='\u{fff8}'
                | '\u{1bca0}'..='\u{1bca3}'
                | '\u{1d173}'..='\u{1d17a}'
                | '\u{e0000}'..='\u{e0fff}'
                // Separators of lines, and annotations.
                | '\u{2028}'..='\u{2029}'
                | '\u{fff9}'..='\u{fffb}'
        )
        // Noncharacters of every plane; XML forbids the first two.
        && u32::from(character) & 0xfffe != 0xfffe
}

/// Writes unprintable characters as code points: `\u{9b}`.
#[must_use]
pub(crate) fn printable(text: &str) -> Cow<'_, str> {
    if text.chars().all(is_printable) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 8);
    for character in text.chars() {
        if is_printable(character) {
            shown.push(character);
        } else {
            let _ = write!(shown, "\\u{{{:x}}}", u32::from(character));
        }
    }
    Cow::Owned(shown)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_would_interpret_is_shown_as_a_code_point() {
        assert_eq!(printable("rôle 🦀 a\\b"), "rôle 🦀 a\\b");
        assert_eq!(printable("\x1b[2K\u{9b}31m\r\n\t\0\x7f"), r"\u{1b}[2K\u{9b}31m\u{d}\u{a}\u{9}\u{0}\u{7f}");
        for character in
            "\u{61c}\u{200b}\u{200c}\u{200d}\u{200e}\u{200f}\u{2028}\u{2029}\u{202a}\u{202e}\u{2066}\u{2069}\u{feff}\
             \u{34f}\u{3164}\u{fe0f}\u{1fffe}\u{e0001}\u{e0020}\u{e007f}\u{e01ef}"
                .chars()
        {
            assert_eq!(printable(&character.to_string()), format!("\\u{{{:x}}}", u32::from(character)));
        }
    }
}
