//! The running checksum that reveals removed, reordered and altered lines.
//!
//! Every line ends with the member `"crc"`: CRC-32C (RFC 3720, appendix B.4) over all lines so far, each without its
//! own `crc` member and without line ends. It guards against accidents and honest edits, not against forgery.

/// Length of `,"crc":"01234567"}`.
const TAIL: usize = 18;

/// CRC-32C over all lines so far; see docs/FORMAT.md, Checksum.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Running(u32);

/// A line whose checksum does not follow from the lines before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Broken {
    /// The checksum in the line; none when there is none.
    pub carried: Option<u32>,
    /// The checksum that follows from the lines before.
    pub found: u32,
}

impl Running {
    /// Seals a line: `text[start..]` is a JSON object, whose closing brace is replaced by the member and a line end.
    pub(super) fn seal(&mut self, text: &mut Vec<u8>, start: usize) {
        debug_assert_eq!(text.last(), Some(&b'}'));
        text.pop();
        self.0 = crc32c::crc32c_append(self.0, &text[start..]);
        text.extend_from_slice(b",\"crc\":\"");
        for shift in (0..8).rev() {
            text.push(b"0123456789abcdef"[(self.0 >> (shift * 4)) as usize & 0xf]);
        }
        text.extend_from_slice(b"\"}\n");
    }

    /// Checks a line without its line end, and advances.
    ///
    /// # Errors
    /// [`Broken`] when the line is not the one that was written here; the state does not advance.
    pub(super) fn check(&mut self, line: &[u8]) -> Result<(), Broken> {
        let (body, tail) = line.split_at(line.len().saturating_sub(TAIL));
        let digits = tail
            .strip_prefix(b",\"crc\":\"")
            .and_then(|rest| rest.strip_suffix(b"\"}"))
            .and_then(|digits| std::str::from_utf8(digits).ok());
        let carried = digits.and_then(|digits| u32::from_str_radix(digits, 16).ok());
        let found = crc32c::crc32c_append(self.0, if carried.is_some() { body } else { line });
        if carried != Some(found) {
            return Err(Broken { carried, found });
        }
        self.0 = found;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sealed(lines: &[&str]) -> Vec<Vec<u8>> {
        let mut running = Running::default();
        lines
            .iter()
            .map(|line| {
                let mut text = line.as_bytes().to_vec();
                running.seal(&mut text, 0);
                text.pop();
                text
            })
            .collect()
    }

    #[test]
    fn a_removed_reordered_or_altered_line_breaks_the_chain() {
        let lines = sealed(&[r#"{"a":1}"#, r#"{"a":2}"#, r#"{"a":3}"#]);
        let check = |order: &[&[u8]]| {
            let mut running = Running::default();
            order.iter().try_for_each(|line| running.check(line))
        };
        assert_eq!(check(&[&lines[0], &lines[1], &lines[2]]), Ok(()));
        assert!(check(&[&lines[0], &lines[2]]).is_err());
        assert!(check(&[&lines[1], &lines[0], &lines[2]]).is_err());
        let altered = String::from_utf8(lines[1].clone()).expect("ASCII").replace("\"a\":2", "\"a\":7");
        assert!(check(&[&lines[0], altered.as_bytes()]).is_err());
        assert!(matches!(check(&[b"{}"]), Err(Broken { carried: None, .. })));
    }
}
