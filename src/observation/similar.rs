//! Names that are alike: what a misspelt one was probably meant to be.

/// The most similar known name, if it is close enough: one edit for each four letters, ignoring case.
#[must_use]
pub(crate) fn nearest<'a>(word: &str, words: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    nearest_within(word, words, (word.chars().count() / 4).clamp(1, 3))
}

/// The same with a given number of edits.
#[must_use]
pub(crate) fn nearest_within<'a>(word: &str, words: impl Iterator<Item = &'a str>, allowed: usize) -> Option<&'a str> {
    let near = words.map(|known| (distance(&word.to_lowercase(), &known.to_lowercase()), known));
    near.filter(|(edits, _)| *edits <= allowed).min_by_key(|(edits, _)| *edits).map(|(_, known)| known)
}

/// The most similar known name, or else the shortest one that contains the word: `web` for `web-7d4b9`.
#[must_use]
pub(crate) fn alike<'a>(word: &str, names: impl Iterator<Item = &'a str> + Clone) -> Option<&'a str> {
    let contains = |name: &&str| word.len() >= SHORTEST && name.contains(word);
    nearest(word, names.clone()).or_else(|| names.filter(contains).min_by_key(|name| name.len()))
}

/// The shortest word that is looked for inside names.
const SHORTEST: usize = 3;
/// Most names in a list.
const LISTED: usize = 5;

/// `a, b, c`, or `a, b, c, d, e and 7 more`.
#[must_use]
pub(crate) fn listed<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let names: Vec<&str> = names.collect();
    match names.len().checked_sub(LISTED).filter(|more| *more > 0) {
        Some(more) => format!("{} and {more} more", names[..LISTED].join(", ")),
        None => names.join(", "),
    }
}

/// The number of edits between two names, where a transposition counts once; only the first 64 characters count.
fn distance(a: &str, b: &str) -> usize {
    let start = |word: &str| word.chars().take(64).collect::<String>();
    strsim::osa_distance(&start(a), &start(b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn misspelt_words_are_recognised() {
        let words = ["Pending", "Running", "Succeeded", "Failed", "Unknown", "ErrImagePull"];
        assert_eq!(nearest("Runing", words.into_iter()), Some("Running"));
        assert_eq!(nearest("Runnign", words.into_iter()), Some("Running"));
        assert_eq!(nearest("errimagepull", words.into_iter()), Some("ErrImagePull"));
        assert_eq!(nearest("Completed", words.into_iter()), None);
    }

    #[test]
    fn a_part_of_a_name_is_recognised() {
        let names = ["web-7d4b9", "web-7d4b9-x", "vm-imagepull"];
        assert_eq!(alike("web", names.into_iter()), Some("web-7d4b9"));
        assert_eq!(alike("vm-imagepul", names.into_iter()), Some("vm-imagepull"));
        assert_eq!(alike("vm", names.into_iter()), None);
    }

    #[test]
    fn a_long_list_says_how_many_it_leaves_out() {
        assert_eq!(listed(["a", "b"].into_iter()), "a, b");
        assert_eq!(listed(["a", "b", "c", "d", "e", "f", "g"].into_iter()), "a, b, c, d, e and 2 more");
    }
}
