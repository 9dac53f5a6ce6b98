//! docs/COOKBOOK.md: each recipe compiles, matches the schema's examples, and gives the verdicts that it says.

use super::sketches::judged;

const PAGE: &str = include_str!("../../docs/COOKBOOK.md");

/// The blocks of a language in a part of the page.
fn blocks<'a>(part: &'a str, language: &str) -> Vec<&'a str> {
    let fence = format!("```{language}\n");
    part.split(&fence).skip(1).filter_map(|rest| rest.split("```").next()).collect()
}

/// The verdict of a document on a sketch.
pub(super) fn verdict(document: &str, sketch: &str) -> String {
    judged(document, sketch).verdict.to_string()
}

#[test]
fn each_recipe_gives_the_verdicts_that_it_says() {
    let (mut recipes, mut wrong) = (0, Vec::new());
    let parts = PAGE.split("\n## ").skip(1).filter(|part| part.contains("```yaml"));
    for part in parts {
        let title = part.lines().next().unwrap_or_default();
        let (document, sketches) = (blocks(part, "yaml"), blocks(part, "text"));
        let ([document], [sketches]) = (document.as_slice(), sketches.as_slice()) else {
            panic!("{title}: one document and one list of sketches")
        };
        let mut said: Vec<&str> = Vec::new();
        for line in sketches.lines() {
            let (verdict, text) = line.split_once(' ').expect("a verdict and a sketch");
            let judged = self::verdict(document, text.trim());
            if judged != verdict {
                wrong.push(format!("{title}: {text}: {judged}, not {verdict}"));
            }
            said.push(verdict);
        }
        assert_eq!(said, ["satisfied", "violated"], "{title}");
        recipes += 1;
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
    assert!(recipes >= 20, "{recipes} recipes");
}
