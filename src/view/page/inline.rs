//! Links and emphasis within a line of Markdown.

/// The text without the marks of links and emphasis. Code stays in its backticks; a link to another place of the web is
/// followed by its address.
pub(super) fn inline(markdown: &str) -> String {
    let (mut text, mut rest) = (String::with_capacity(markdown.len()), markdown);
    while let Some(at) = rest.find(['`', '[', '*']) {
        text.push_str(&rest[..at]);
        rest = &rest[at..];
        let taken = match rest.as_bytes()[0] {
            b'`' => code(rest).inspect(|code| text.push_str(code)).map(str::len),
            b'[' => link(rest).map(|link| {
                text.push_str(&inline(link.text));
                if link.target.contains("://") {
                    text.extend([" <", link.target, ">"]);
                }
                link.length
            }),
            _ => emphasis(rest).map(|(inner, length)| {
                text.push_str(&inline(inner));
                length
            }),
        };
        let taken = taken.unwrap_or_else(|| {
            text.push_str(&rest[..1]);
            1
        });
        rest = &rest[taken..];
    }
    text.push_str(rest);
    text
}

/// The span of code at the start of a text, with its backticks.
fn code(text: &str) -> Option<&str> {
    let ticks = text.len() - text.trim_start_matches('`').len();
    let end = text[ticks..].find(&text[..ticks])?;
    Some(&text[..ticks + end + ticks])
}

struct Link<'a> {
    text: &'a str,
    target: &'a str,
    length: usize,
}

/// The link at the start of a text.
fn link(text: &str) -> Option<Link<'_>> {
    let (mut depth, mut at) = (0, 0);
    loop {
        let rest = &text[at..];
        match rest.chars().next()? {
            '`' => at += code(rest).map_or(1, str::len),
            '[' => (depth, at) = (depth + 1, at + 1),
            ']' if depth == 1 => break,
            ']' => (depth, at) = (depth - 1, at + 1),
            other => at += other.len_utf8(),
        }
    }
    let (target, _) = text[at + 1..].strip_prefix('(')?.split_once(')')?;
    Some(Link { text: &text[1..at], target, length: at + target.len() + 3 })
}

/// What is emphasized at the start of a text, and how long it is with its marks.
fn emphasis(text: &str) -> Option<(&str, usize)> {
    let mark = if text.starts_with("**") { "**" } else { "*" };
    let inner = &text[mark.len()..];
    let (inner, _) = inner.split_once(mark)?;
    let touches = |c: Option<char>| c.is_some_and(|c| !c.is_whitespace() && c != '*');
    let is_around_code = mark == "**" && inner.matches('`').count() % 2 == 0;
    let is_one =
        touches(inner.chars().next()) && touches(inner.chars().next_back()) && (is_around_code || !inner.contains('`'));
    is_one.then_some((inner, inner.len() + 2 * mark.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_are_their_text_and_those_to_the_web_have_their_address() {
        assert_eq!(inline("see [the `[A, B]` page](#b), [x]"), "see the `[A, B]` page, [x]");
        assert_eq!(inline("([KEP](https://k8s.io/1))"), "(KEP <https://k8s.io/1>)");
        assert_eq!(inline("`[a](b)` and [a] (b)"), "`[a](b)` and [a] (b)");
    }

    #[test]
    fn emphasis_has_no_marks_and_code_is_as_it_was() {
        assert_eq!(inline("**`every A`, where B**: *x*"), "`every A`, where B: x");
        assert_eq!(inline("a *symbol* is **never: one** `*x*`"), "a symbol is never: one `*x*`");
        assert_eq!(inline("2 * 3 * 4, a* and `condition/*`*"), "2 * 3 * 4, a* and `condition/*`*");
        assert_eq!(inline("`` a`b `` [`"), "`` a`b `` [`");
    }
}
