//! Values that YAML does not read as text, because they have no quotes: what is wrong with one, and how to write it.

use crate::monitor::Fault;

/// The remedy for an error of the parser at a place, and the message where YAML's own does not say what it reads.
pub fn unquoted(text: &str, at: usize, reason: &str) -> Option<Fault> {
    let at = (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at))?;
    let here = at..at + text[at..].chars().next().map_or(1, char::len_utf8);
    let fault = |message: String, help: String| Some(Fault::new(here.clone(), message).help(help));
    if reason.contains("unclosed quote") || reason.contains("multiline quoted scalar") {
        return fault(
            "the quote that opens here or above it is never closed".into(),
            "close it with the same sign".into(),
        );
    }
    if reason.contains("found a tab") {
        return fault("expected spaces, found a tab".into(), "indent with spaces".into());
    }
    let start = text[..at].rfind('\n').map_or(0, |end| end + 1);
    let line = &text[start..at];
    let Some((key, value)) = last_key(line) else {
        let is_key = reason.contains("mapping values are not allowed");
        let help = "a key begins in the column of the keys above it; quote a value with `: `";
        return is_key.then(|| Fault::new(here.clone(), reason).help(help));
    };
    let value = &text[start + value..];
    let first = value.chars().next().filter(|first| !first.is_whitespace())?;
    let reads = match first {
        '*' => Some("an alias".to_owned()),
        '&' => Some("an anchor".to_owned()),
        '>' | '|' => Some("the start of a text of several lines".to_owned()),
        '-' | '?' => Some("the start of a list or a key".to_owned()),
        '@' | '`' | '%' => Some("a sign of its own".to_owned()),
        _ => None,
    };
    let message = reads.map_or_else(|| reason.to_owned(), |reads| format!("YAML reads `{first}` here as {reads}"));
    let comma = if line.contains('{') { "; keys in `{}` are separated by `,`" } else { "" };
    let quoted = if first == '"' || first == '\'' { "all of the value" } else { "the value" };
    fault(message, format!("quote {quoted}: `{key}: \"... -> Running -> ...\"`{comma}"))
}

/// The last key in the part of a line, and where its value starts.
fn last_key(line: &str) -> Option<(&str, usize)> {
    let mut ends = line.match_indices(": ").map(|(end, _)| end).collect::<Vec<_>>();
    ends.reverse();
    ends.into_iter().find_map(|end| {
        let start = line[..end].char_indices().rfind(|(_, c)| !c.is_ascii_alphanumeric());
        let start = start.map_or(0, |(before, c)| before + c.len_utf8());
        let is_first = line[..start].trim_end().is_empty() || line[..start].trim_end().ends_with(['-', '{', ',']);
        (start < end && is_first).then(|| {
            let blanks = line[end + 1..].len() - line[end + 1..].trim_start_matches(' ').len();
            (&line[start..end], end + 1 + blanks)
        })
    })
}

#[cfg(test)]
mod tests {
    use super::unquoted;

    #[test]
    fn a_value_that_needs_quotes_is_named_by_its_key() {
        for (text, at, message) in [
            ("path: *Running", "*", "YAML reads `*` here as an alias"),
            (
                "- {track: vm.status, path: > Running}",
                ">",
                "YAML reads `>` here as the start of a text of several lines",
            ),
            ("path: A -> B: C", ": C", "reason"),
            ("- {path: A -> [B, C]}", "[", "reason"),
            ("  never: @x", "@", "YAML reads `@` here as a sign of its own"),
        ] {
            let fault = unquoted(text, text.find(at).unwrap(), "reason").expect(text);
            assert_eq!(fault.message, message, "{text}");
            assert!(fault.help.is_some_and(|help| help.contains("value: `")), "{text}");
        }
        assert_eq!(unquoted("   path: Running", 7, "reason"), None);
        assert_eq!(unquoted("", 9, "reason"), None);
        assert_eq!(unquoted("kindé: x", 7, "reason"), None, "no key of ours");
    }
}
