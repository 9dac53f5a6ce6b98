//! What a label may be called, and what it may say (API concepts, "labels and selectors", syntax and character set).

use crate::observation::names::is_subdomain;

const LONGEST: usize = 63;

/// Checks a key: a name, behind a DNS subdomain and a slash if need be.
pub(super) fn key(key: &str) -> Result<(), String> {
    let (prefix, name) = match key.split_once('/') {
        Some((prefix, name)) => (Some(prefix), name),
        None => (None, key),
    };
    let wrong = |why: &str| Err(format!("`{key}` is no label: {why}"));
    if prefix.is_some_and(|prefix| !is_subdomain(prefix)) {
        return wrong("before the slash is a DNS subdomain, in lower case");
    }
    if name.len() > LONGEST {
        return wrong("its name has at most 63 characters");
    }
    if !is_plain(name) {
        return wrong("its name begins and ends with a letter or digit, with `-`, `_` or `.` between");
    }
    Ok(())
}

/// Checks a value; it may be empty.
pub(super) fn value(value: &str) -> Result<(), String> {
    let wrong = |why: &str| Err(format!("`{value}` is no value of a label: {why}"));
    if value.len() > LONGEST {
        return wrong("it has at most 63 characters");
    }
    if !value.is_empty() && !is_plain(value) {
        return wrong("it begins and ends with a letter or digit, with `-`, `_` or `.` between");
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
