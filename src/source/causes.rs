//! The causes of an error: their text for a log line or a recording, which has only one line, and one of some type.

/// An error with all its causes on one line.
pub(super) fn causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let more = error.to_string();
        if !text.contains(&more) {
            text.push_str(": ");
            text.push_str(&more);
        }
        cause = error.source();
    }
    // Where the library of TLS explains what a peer did that closed the connection without a notice.
    match text.split_once(": https://docs.rs/") {
        Some((told, _)) => told.to_owned(),
        None => text,
    }
}

/// The first error of a type among an error and its causes. What an I/O error wraps is none of its causes.
pub(super) fn find<'a, T: std::error::Error + 'static>(error: &'a (dyn std::error::Error + 'static)) -> Option<&'a T> {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if let Some(found) = error.downcast_ref() {
            return Some(found);
        }
        cause = match error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref) {
            Some(wrapped) => Some(wrapped),
            None => error.source(),
        };
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn causes_are_told_once_and_without_the_address_of_an_explanation() {
        let closed = std::io::Error::other("peer closed connection: https://docs.rs/rustls/latest/rustls/manual");
        assert_eq!(causes(&closed), "peer closed connection");
        let wrapped = std::io::Error::other(std::io::Error::other("no"));
        assert_eq!(causes(&wrapped), "no");
    }
}
