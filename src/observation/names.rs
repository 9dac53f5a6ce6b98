//! The names that Kubernetes allows (API concepts, "object names and IDs"; `validation` of k8s.io/apimachinery).

/// The rule for a DNS label, as in "it is ...".
pub(crate) const DNS_LABEL: &str = "at most 63 of `a-z`, `0-9` and `-`, and begins and ends with a letter or digit";
/// The rule for a DNS subdomain.
pub(crate) const SUBDOMAIN: &str =
    "at most 253 of `a-z`, `0-9`, `-` and `.`, and each part begins and ends with a letter or digit";
/// The rule for a segment of an API path.
pub(crate) const PATH_SEGMENT: &str = "not empty, not `.` or `..`, and has no `/` or `%`";

/// The rule for the name of an object that is named by its place.
pub(crate) const PLACE: &str = "an absolute path, as in `mount//mnt`; a space is `\\040`, as the kernel writes it";

/// True for what may be a path in a file of the kernel, which has blanks, tabs and ends of lines in octal.
#[must_use]
pub(crate) fn is_place(name: &str) -> bool {
    name.starts_with('/') && !name.contains([' ', '\t', '\n'])
}

/// The rule for the name of an image.
pub(crate) const IMAGE: &str = "that of an image, such as `localhost/web:1`";

/// True for what may be the name of an image, or its identity.
#[must_use]
pub(crate) fn is_image(name: &str) -> bool {
    !name.is_empty() && !name.starts_with('/') && !name.contains(|c: char| c.is_whitespace() || c == '*')
}

/// True for a DNS label of RFC 1123, such as a namespace's name: at most 63 of `a-z`, `0-9` and, inside, `-`.
#[must_use]
pub(crate) fn is_dns_label(name: &str) -> bool {
    name.len() <= 63 && is_part(name)
}

/// True for a DNS subdomain of RFC 1123, such as an API group or the name of most objects: at most 253 characters, in
/// parts like DNS labels of any length.
#[must_use]
pub(crate) fn is_subdomain(name: &str) -> bool {
    name.len() <= 253 && name.split('.').all(is_part)
}

fn is_part(part: &str) -> bool {
    let plain = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let bytes = part.as_bytes();
    bytes.first().is_some_and(plain)
        && bytes.last().is_some_and(plain)
        && bytes.iter().all(|byte| plain(byte) || *byte == b'-')
}

/// True for a valid segment of an API path, which the name of every object is (`IsValidPathSegmentName`).
#[must_use]
pub(crate) fn is_path_segment(name: &str) -> bool {
    !name.is_empty() && name != "." && name != ".." && !name.contains(['/', '%'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_as_the_kernel_writes_them() {
        for (name, is_one) in [("/", true), ("/my\\040disk", true), ("/\u{fc}n\u{ef}", true), ("/my disk", false)] {
            assert_eq!(is_place(name), is_one, "{name}");
        }
        assert!(["mnt", "", "/a\tb", "/a\n"].iter().all(|name| !is_place(name)));
    }

    #[test]
    fn names_are_checked_as_apimachinery_checks_them() {
        let long = "a".repeat(64);
        for (name, label, subdomain, segment) in [
            ("web", true, true, true),
            ("web-1", true, true, true),
            ("kubevirt.io", false, true, true),
            (long.as_str(), false, true, true),
            ("Web", false, false, true),
            ("a b", false, false, true),
            ("a?b#c", false, false, true),
            ("system:node", false, false, true),
            ("-web", false, false, true),
            ("web-", false, false, true),
            ("a..b", false, false, true),
            ("", false, false, false),
            (".", false, false, false),
            ("..", false, false, false),
            ("a/b", false, false, false),
            ("50%", false, false, false),
        ] {
            let found = (is_dns_label(name), is_subdomain(name), is_path_segment(name));
            assert_eq!(found, (label, subdomain, segment), "{name}");
        }
    }
}
