//! The sections of a page, by the anchors of their headings.

use std::collections::HashMap;

/// The anchor of a heading, as GitHub makes it.
fn anchor(heading: &str) -> String {
    let kept = heading.trim().chars().filter(|c| c.is_alphanumeric() || " -_".contains(*c));
    kept.collect::<String>().to_lowercase().replace(' ', "-")
}

/// A heading of a page.
struct Heading {
    start: usize,
    level: usize,
    /// Its anchor; from the second one of a text on, with a number.
    anchor: String,
}

fn headings(page: &str) -> Vec<Heading> {
    let (mut found, mut at, mut is_code): (Vec<Heading>, _, _) = (Vec::new(), 0, false);
    let mut numbers: HashMap<String, usize> = HashMap::new();
    for line in page.split_inclusive('\n') {
        is_code ^= line.trim_start().starts_with("```");
        let text = line.trim_start_matches('#');
        if !is_code && text.len() < line.len() && text.starts_with(' ') {
            let anchor = anchor(text);
            let number = numbers.entry(anchor.clone()).or_default();
            let anchor = if *number == 0 { anchor } else { format!("{anchor}-{number}") };
            *number += 1;
            found.push(Heading { start: at, level: line.len() - text.len(), anchor });
        }
        at += line.len();
    }
    found
}

/// The anchors of a page, its title left out.
#[must_use]
pub fn anchors(page: &str) -> Vec<String> {
    headings(page).into_iter().skip(1).map(|heading| heading.anchor).collect()
}

/// The section with an anchor: its heading, and all up to the next heading of its level.
#[must_use]
pub fn section<'a>(page: &'a str, wanted: &str) -> Option<&'a str> {
    let headings = headings(page);
    let at = headings.iter().position(|heading| heading.anchor == wanted)?;
    let Heading { start, level, .. } = headings[at];
    let next = headings[at + 1..].iter().find(|next| next.level <= level);
    Some(&page[start..next.map_or(page.len(), |next| next.start)])
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "# T\n\na\n\n## One, two\n\nb\n\n```\n# c\n```\n\n### Three\n\nd\n\n## Three\n\ne\n";

    #[test]
    fn a_section_ends_before_the_next_one_of_its_level() {
        assert_eq!(anchors(PAGE), ["one-two", "three", "three-1"]);
        assert_eq!(section(PAGE, "one-two"), Some("## One, two\n\nb\n\n```\n# c\n```\n\n### Three\n\nd\n\n"));
        assert_eq!(section(PAGE, "three"), Some("### Three\n\nd\n\n"));
        assert_eq!(section(PAGE, "three-1"), Some("## Three\n\ne\n"));
        assert_eq!(section(PAGE, "c"), None);
    }
}
