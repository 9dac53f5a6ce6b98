//! The page about the metrics has every family that the program declares, and no other.

use statetrail::metrics::ALL;
use std::path::Path;

/// The cells of the rows of a table, without marks.
fn rows<'a>(page: &'a str, head: &str) -> Vec<Vec<String>> {
    let table = page.split(head).nth(1).unwrap_or_else(|| panic!("no table {head}"));
    let cells = |line: &'a str| {
        let line = line.trim_matches('|').split('|').map(|cell| cell.trim().replace('`', ""));
        line.collect::<Vec<_>>()
    };
    table.lines().skip(1).take_while(|line| line.starts_with('|')).map(cells).collect()
}

#[test]
fn the_page_has_the_families_of_the_program() {
    let page = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/METRICS.md")).expect("a page");
    let documented = rows(&page, "| name | type | labels | unit | meaning |\n");
    let declared = ALL.iter().map(|family| {
        let labels = family.labels.join(", ");
        [family.name, family.kind.as_str(), &labels, family.unit].map(ToOwned::to_owned).to_vec()
    });
    assert_eq!(documented.iter().map(|row| row[..4].to_vec()).collect::<Vec<_>>(), declared.collect::<Vec<_>>());
    assert!(documented.iter().all(|row| row.len() == 5 && !row[4].is_empty()), "each has a meaning");
}

#[test]
fn names_follow_the_conventions_of_prometheus() {
    for family in ALL {
        let name = family.name;
        assert!(name.starts_with("statetrail_") && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_'));
        assert_eq!(name.ends_with("_total"), family.kind.as_str() == "counter", "{name}");
        assert!(family.kind.as_str() != "histogram" || name.ends_with("_seconds"), "{name}");
        assert!(!family.help.is_empty() && !family.help.ends_with('.'), "{name}");
    }
}
