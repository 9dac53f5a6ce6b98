//! `explain`: a part of the documentation, on the terminal.

use super::arguments::Topic;

const EXPECTATIONS: &str = include_str!("../../docs/EXPECTATIONS.md");

/// What there is to read about a topic.
pub(super) fn about(topic: Topic) -> String {
    match topic {
        Topic::Expectations => section(EXPECTATIONS, "What tests assert"),
    }
}

/// A section of a page without its title, up to the next one. Blocks are indented instead of fenced.
fn section(page: &str, title: &str) -> String {
    let mut sections = page.split("\n## ").filter_map(|section| section.split_once('\n'));
    let section = sections.find(|(named, _)| *named == title).map_or("", |(_, section)| section);
    let (mut text, mut is_block) = (String::new(), false);
    for line in section.trim().lines() {
        if line.starts_with("```") {
            is_block = !is_block;
            continue;
        }
        let indent = if is_block { "    " } else { "" };
        text.extend([indent, line, "\n"]);
    }
    text
}
