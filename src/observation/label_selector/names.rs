//! The syntax of label keys and values (API concepts, "labels and selectors", syntax and character set).

use crate::observation::names::is_subdomain;

const LONGEST: usize = 63;

/// Checks a key: a name, optionally preceded by a DNS subdomain and a slash.
pub(super) fn key(key: &str) -> Result<(), String> {
    let (prefix, name) = match key.split_once('/') {
        Some((prefix, name)) => (Some(prefix), name),
        None => (None, key),
    };
    let wrong = |why: &str| Err(format!("`{key}` is not a valid label: {why}"));
    if prefix.is_some_and(|prefix| !is_subdomain(prefix)) {
        return wrong("before the slash there must be a DNS subdomain, in lower case");
    }
    if name.len() > LONGEST {
        return wrong("its name must have at most 63 characters");
    }
    if !is_plain(name) {
        return wrong("its name must begin and end with a letter or digit, with `-`, `_` or `.` between");
    }
    Ok(())
}

/// Checks a value; it may be empty.
pub(super) fn value(value: &str) -> Result<(), String> {
    let wrong = |why: &str| Err(format!("`{value}` is not a valid label value: {why}"));
    if value.len() > LONGEST {
        return wrong("it must have at most 63 characters");
    }
    if !value.is_empty() && !is_plain(value) {
        return wrong("it must begin and end with a letter or digit, with `-`, `_` or `.` between");
    }
    Ok(())
}

fn is_plain(name: &str) -> bool {
    let ends = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
    let bytes = name.as_bytes();
    ends(bytes.first())
        && ends(bytes.last())
        && bytes.iter().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(byte))
}
