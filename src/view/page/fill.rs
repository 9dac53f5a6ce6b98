//! Words into lines of a given width.

use unicode_width::UnicodeWidthStr;

/// What stands before the lines of a text.
#[derive(Clone, Copy)]
pub(in crate::view) struct Lead<'a> {
    /// Before the first one, such as `- `.
    pub(in crate::view) first: &'a str,
    /// Before the others.
    pub(in crate::view) other: &'a str,
}

impl<'a> Lead<'a> {
    /// The same before all lines.
    pub(in crate::view) fn all(indent: &'a str) -> Self {
        Self { first: indent, other: indent }
    }
}

/// Lines of at most `width` columns, each with a line break. A word that is wider has a line of its own.
pub(in crate::view) fn fill(words: &str, lead: Lead<'_>, width: usize) -> String {
    let (mut text, mut line, mut is_empty) = (String::new(), lead.first.to_owned(), true);
    for word in words.split_whitespace() {
        if !is_empty && line.width() + 1 + word.width() > width {
            text.extend([line.trim_end(), "\n"]);
            lead.other.clone_into(&mut line);
            is_empty = true;
        }
        if !is_empty {
            line.push(' ');
        }
        line.push_str(word);
        is_empty = false;
    }
    text.extend([line.trim_end(), "\n"]);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_as_wide_as_they_may_be() {
        let lead = Lead { first: "- ", other: "  " };
        assert_eq!(fill("one two  three\nfour", lead, 9), "- one two\n  three\n  four\n");
        assert_eq!(fill("extraordinary word", Lead::all(""), 5), "extraordinary\nword\n");
        assert_eq!(fill("", lead, 9), "-\n");
    }
}
