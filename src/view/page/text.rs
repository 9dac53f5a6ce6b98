//! Markdown as text for a terminal: paragraphs filled, blocks indented, titles underlined.
//!
//! It reads the Markdown that the documentation uses: titles, paragraphs, lists, tables, fenced and indented blocks,
//! links and emphasis. Code keeps its backticks, which tell it from the words around it.

use super::fill::{Lead, fill};
use super::inline::inline;
use super::table::table;
use std::iter::Peekable;
use unicode_width::UnicodeWidthStr;

/// What a block is indented by.
const INDENT: &str = "    ";

/// The page in lines of at most `width` columns, except those of blocks, which are never broken.
#[must_use]
pub fn text(markdown: &str, width: usize) -> String {
    let mut text = String::new();
    let mut lines = markdown.trim().lines().peekable();
    let mut is_after_blank = true;
    while let Some(line) = lines.next() {
        let start = line.trim_start();
        if line.starts_with('#') {
            text.push_str(&title(line));
        } else if start.starts_with("```") {
            while let Some(line) = lines.next_if(|line| !line.trim_start().starts_with("```")) {
                block(line, &mut text);
            }
            lines.next();
        } else if is_after_blank && line.starts_with(INDENT) {
            block(&line[INDENT.len()..], &mut text);
            while let Some(line) = lines.next_if(|line| line.starts_with(INDENT)) {
                block(&line[INDENT.len()..], &mut text);
            }
        } else if line.starts_with('|') {
            let mut rows = vec![line];
            rows.extend(std::iter::from_fn(|| lines.next_if(|line| line.starts_with('|'))));
            text.push_str(&table(&rows, width));
        } else if start.is_empty() {
            text.push('\n');
        } else {
            text.push_str(&words(line, &mut lines, width));
        }
        is_after_blank = start.is_empty();
    }
    text
}

fn block(line: &str, text: &mut String) {
    text.extend([format!("{INDENT}{line}").trim_end(), "\n"]);
}

/// A title, underlined by its level.
fn title(line: &str) -> String {
    let words = inline(line.trim_start_matches('#').trim());
    let level = line.len() - line.trim_start_matches('#').len();
    let under = match level {
        1 => "=",
        2 => "-",
        _ => return format!("{words}\n"),
    };
    format!("{words}\n{}\n", under.repeat(words.width()))
}

/// A paragraph or an item of a list, which starts with a line and goes on in the next ones.
fn words<'a>(first: &'a str, lines: &mut Peekable<impl Iterator<Item = &'a str>>, width: usize) -> String {
    let indent = &first[..first.len() - first.trim_start().len()];
    let marker = marker(first.trim_start());
    let mut words = vec![first.trim_start()[marker.len()..].trim()];
    let goes_on = |line: &&str| {
        let start = line.trim_start();
        !start.is_empty() && marker_length(start) == 0 && !start.starts_with("```") && !start.starts_with(['#', '|'])
    };
    words.extend(std::iter::from_fn(|| lines.next_if(goes_on).map(str::trim)));
    let lead = format!("{indent}{marker}");
    let other = " ".repeat(lead.len());
    fill(&inline(&words.join(" ")), Lead { first: &lead, other: &other }, width)
}

/// The marker of an item of a list, `- ` or `1. `; empty for a paragraph.
fn marker(line: &str) -> &str {
    &line[..marker_length(line)]
}

fn marker_length(line: &str) -> usize {
    let digits = line.len() - line.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    match () {
        () if line.starts_with("- ") || line.starts_with("* ") => 2,
        () if (1..=3).contains(&digits) && line[digits..].starts_with(". ") => digits + 2,
        () => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paragraphs_are_filled_and_blocks_are_indented() {
        let page =
            "# Title\n\nOne two\nthree [four](#x).\n\n```console\n$ a  b\n\n  c\n```\n\n    d  e\n    f\n\n## Next\n";
        let shown = "Title\n=====\n\nOne two\nthree four.\n\n    $ a  b\n\n      c\n\n    d  e\n    f\n\nNext\n----\n";
        assert_eq!(text(page, 11), shown);
    }

    #[test]
    fn items_of_lists_keep_their_markers_and_hang() {
        let page = "Two:\n- one two\n  three\n- four\n1. five\nsix\n";
        assert_eq!(text(page, 9), "Two:\n- one two\n  three\n- four\n1. five\n   six\n");
    }

    #[test]
    fn a_link_may_go_on_in_the_next_line() {
        assert_eq!(text("see [one\ntwo](#a) and *three\nfour*", 80), "see one two and three four\n");
    }
}
