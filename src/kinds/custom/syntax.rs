//! The notations for a path: RFC 9535's `$.status.phase`, and kubectl's `{.status.phase}` and `.status.phase`.
//!
//! kubectl's names may contain dashes, and dots after a backslash (`.metadata.labels.kubevirt\.io/nodeName`); in RFC
//! 9535 such names go into brackets. The content of brackets is the same in both, as far as it is used here.

/// The path in RFC 9535 notation. A text in neither notation is returned unchanged, so that the parser reports it.
pub(super) fn rfc9535(path: &str) -> String {
    let path = path.trim();
    let inner = path.strip_prefix('{').and_then(|path| path.strip_suffix('}')).map_or(path, str::trim);
    if path.starts_with('$') || !inner.starts_with(['.', '[', '$']) {
        return path.to_owned();
    }
    let mut out = String::with_capacity(inner.len() + 8);
    out.push('$');
    let mut rest = inner.strip_prefix('$').unwrap_or(inner);
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '.' => segment(rest, &mut out),
            '[' => {
                let length = bracket(rest);
                out.push_str(&rest[..length]);
                length
            }
            _ => {
                out.push(first);
                first.len_utf8()
            }
        };
        rest = &rest[length..];
    }
    out
}

/// Writes the leading `.name` or `..name` of `path`, with the name in brackets if necessary; returns its length in
/// bytes.
fn segment(path: &str, out: &mut String) -> usize {
    let dots = if path.starts_with("..") { 2 } else { 1 };
    let mut name = String::new();
    let mut escaped = false;
    let mut end = path.len();
    for (at, character) in path.char_indices().skip(dots) {
        if !escaped && matches!(character, '.' | '[') {
            end = at;
            break;
        }
        escaped = !escaped && character == '\\';
        if !escaped {
            name.push(character);
        }
    }
    if name.is_empty() || name == "*" || is_shorthand(&name) {
        out.push_str(&path[..dots]);
        out.push_str(&name);
    } else {
        out.push_str(if dots == 2 { "..['" } else { "['" });
        out.push_str(&name.replace('\\', "\\\\").replace('\'', "\\'"));
        out.push_str("']");
    }
    end
}

/// RFC 9535's `member-name-shorthand`.
fn is_shorthand(name: &str) -> bool {
    let is_letter = |c: char| c.is_ascii_alphabetic() || c == '_' || !c.is_ascii();
    name.starts_with(is_letter) && name.chars().all(|c| is_letter(c) || c.is_ascii_digit())
}

/// Length in bytes of the bracket at the start of `path`; quoted brackets inside it are text.
fn bracket(path: &str) -> usize {
    let mut depth = 0_usize;
    let mut quote = None;
    let mut escaped = false;
    for (at, character) in path.char_indices() {
        match (quote, character) {
            _ if escaped => escaped = false,
            (Some(_), '\\') => escaped = true,
            (Some(open), _) => quote = Some(open).filter(|open| *open != character),
            (None, '\'' | '"') => quote = Some(character),
            (None, '[') => depth += 1,
            (None, ']') if depth == 1 => return at + 1,
            (None, ']') => depth -= 1,
            _ => {}
        }
    }
    path.len()
}

/// The member names at the start of a path, up to the first segment that is not a plain name.
pub(super) fn leading_names(path: &str) -> impl Iterator<Item = &str> {
    let mut rest = path.strip_prefix('$').unwrap_or_default();
    std::iter::from_fn(move || {
        let (name, after) = if let Some(dotted) = rest.strip_prefix('.') {
            let end = dotted.find(['.', '[']).unwrap_or(dotted.len());
            dotted.split_at(end)
        } else {
            let quoted = rest.strip_prefix('[')?.trim_start();
            let quote = quoted.chars().next().filter(|quote| matches!(quote, '\'' | '"'))?;
            let (name, after) = quoted[1..].split_once(quote)?;
            (name, after.trim_start().strip_prefix(']')?)
        };
        rest = after;
        Some(name.trim()).filter(|name| !name.is_empty() && *name != "*")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_to_write_a_path_is_understood() {
        for (written, understood) in [
            ("$.status.phase", "$.status.phase"),
            (".status.phase", "$.status.phase"),
            ("{.status.phase}", "$.status.phase"),
            (" { $.status.phase } ", "$.status.phase"),
            ("{.status.conditions[?(@.type==\"Ready\")].status}", "$.status.conditions[?(@.type==\"Ready\")].status"),
            ("{.status['a.b'].c-d}", "$.status['a.b']['c-d']"),
            (r"{.metadata.labels.kubevirt\.io/nodeName}", "$.metadata.labels['kubevirt.io/nodeName']"),
            ("{..phase}", "$..phase"),
            ("{..a-b}", "$..['a-b']"),
            (".status.*", "$.status.*"),
            (".status.it's", r"$.status['it\'s']"),
            ("[\"status\"]", "$[\"status\"]"),
            (".status[\"]\"].x-y", "$.status[\"]\"]['x-y']"),
            ("status.phase", "status.phase"),
            ("{status}", "{status}"),
            ("$.status.a-b", "$.status.a-b"),
            ("", ""),
            (".", "$."),
            (".status.ä", "$.status.ä"),
            ("..", "$.."),
            (".[", "$.["),
        ] {
            assert_eq!(rfc9535(written), understood, "{written}");
        }
    }

    #[test]
    fn leading_names_end_at_the_first_segment_that_is_no_name() {
        let names = |path| leading_names(path).collect::<Vec<_>>();
        assert_eq!(names("$.status.phase"), ["status", "phase"]);
        assert_eq!(names("$['status'][ \"a.b\" ].c[0].d"), ["status", "a.b", "c"]);
        assert_eq!(names("$..phase"), [""; 0]);
        assert_eq!(names("$.*.phase"), [""; 0]);
        assert_eq!(names("$"), [""; 0]);
        assert_eq!(names("status"), [""; 0]);
    }
}
