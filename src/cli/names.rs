//! Names with `*`, which no API server knows: their kinds are watched, and only the objects that match are shown.

use super::exit::Failure;
use super::what;

/// What is watched, and what of that is shown; nothing where all of it is.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Chosen {
    /// The arguments without patterns.
    pub watched: Vec<String>,
    /// Kinds and objects, some with patterns.
    pub what: Vec<String>,
    /// Names of objects of any kind.
    pub names: Vec<String>,
}

/// Characters of regular expressions that no name and no pattern has.
const OF_EXPRESSIONS: [char; 11] = ['^', '$', '[', ']', '(', ')', '{', '}', '+', '|', '?'];

/// Takes patterns out of arguments: `'web-*'`, `pods 'web-*'`, `vm/'web-*'`.
///
/// # Errors
/// Regular expressions, and kinds after a name.
pub(super) fn chosen(arguments: &[String]) -> Result<Chosen, Failure> {
    for argument in arguments {
        if argument.contains(".*") || argument.contains(OF_EXPRESSIONS) {
            let glob: String = argument.replace(".*", "*").replace(OF_EXPRESSIONS, "");
            return Err(Failure::usage(format!(
                "{argument}: a name may have a `*` for any characters, and is no regular expression; write '{glob}'"
            )));
        }
    }
    if !arguments.iter().any(|argument| argument.contains('*')) {
        return Ok(Chosen { watched: arguments.to_vec(), ..Chosen::default() });
    }
    if arguments[0].contains('*') && !arguments[0].contains('/') {
        let names: Vec<String> = arguments.iter().flat_map(|argument| argument.split(',')).map(str::to_owned).collect();
        if let Some(kind) = names.iter().find(|name| what::is_kind(name)) {
            let pattern = names.iter().find(|name| name.contains('*')).unwrap_or(kind);
            return Err(Failure::usage(format!(
                "{pattern} {kind}: the kind comes first: write {kind} '{pattern}', or leave it out for the default kinds"
            )));
        }
        return Ok(Chosen { names, ..Chosen::default() });
    }
    let words = what::words(arguments)?;
    let mut chosen = Chosen::default();
    let is_pattern = |word: &str| what::split(word).1.is_some_and(|name| name.contains('*'));
    let by_pattern: Vec<&str> = words.iter().filter(|word| is_pattern(word)).map(|word| what::split(word).0).collect();
    for word in &words {
        let kind = what::split(word).0;
        let watched = if by_pattern.contains(&kind) { kind } else { word };
        if !chosen.watched.iter().any(|known| known == watched) {
            chosen.watched.push(watched.to_owned());
        }
    }
    // Only names of kinds have patterns.
    if let Some(kind) = chosen.watched.iter().find(|word| word.contains('*')) {
        return Err(Failure::usage(format!("{kind}: a `*` stands for a part of a name, not of a kind")));
    }
    chosen.what = words;
    Ok(chosen)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kinds_of_patterns_are_watched_and_what_matches_is_shown() {
        let read = |typed: &str| {
            let arguments: Vec<String> = typed.split(' ').map(str::to_owned).collect();
            chosen(&arguments).map(|it| [it.watched, it.what, it.names].map(|words| words.join(" ")).join("|"))
        };
        for (typed, expected) in [
            ("pods", "pods||"),
            ("pods web", "pods web||"),
            ("web-*", "||web-*"),
            ("web-* db", "||web-* db"),
            ("pods web-*", "pods|pods/web-*|"),
            ("vm,vmi web-*", "vm vmi|vm/web-* vmi/web-*|"),
            ("pods/web-*,pods/db events", "pods events|pods/web-* pods/db events|"),
            ("vm/db pods/*-web-*", "vm/db pods|vm/db pods/*-web-*|"),
        ] {
            assert_eq!(read(typed).map_err(|failure| failure.message()).as_deref(), Ok(expected), "{typed}");
        }
        for (typed, wrong) in [
            ("web-.*", "write 'web-*'"),
            ("^web", "write 'web'"),
            ("web-* pods", "write pods 'web-*'"),
            ("pods,p*s", "write pods 'p*s'"),
        ] {
            let message = read(typed).map_err(|failure| failure.message());
            assert!(message.as_ref().is_err_and(|text| text.contains(wrong)), "{typed}: {message:?}");
        }
    }
}
