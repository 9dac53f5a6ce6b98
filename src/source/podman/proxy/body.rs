//! Where the body of a message of HTTP/1.1 ends.

/// Longest head, a little more than Go's servers take, and longest trailers.
pub(super) const MOST_HEAD: usize = (1 << 20) + (8 << 10);
/// Longest line before a chunk, as Go's server takes it.
const MOST_LINE: usize = 4096;

/// It is not what HTTP/1.1 has there, or longer than Podman's service takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Unreadable;

/// What of a body is to come.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Body {
    /// As many bytes.
    Length(u64),
    /// Chunks.
    Chunked(Chunk),
    /// Everything until the connection ends.
    ToEnd,
}

/// Where in a body of chunks it is.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Chunk {
    /// In the line before a chunk.
    Size(Vec<u8>),
    /// As many bytes of the chunk are to come.
    Data(u64),
    /// In the end of the line after it.
    After(&'static [u8]),
    /// After the last one: the bytes of trailers so far, and those of the line.
    Trailers(usize, usize),
    /// At the end.
    Over,
}

impl Body {
    /// A body of chunks, of which nothing has come.
    pub(super) fn chunked() -> Self {
        Self::Chunked(Chunk::Size(Vec::new()))
    }

    /// True when nothing is to come.
    pub(super) fn is_over(&self) -> bool {
        matches!(self, Self::Length(0) | Self::Chunked(Chunk::Over))
    }

    /// Takes what is of the body from the begin of `bytes`, and returns how much that is; `content` gets what it
    /// carries.
    pub(super) fn take(&mut self, bytes: &[u8], content: &mut impl FnMut(&[u8])) -> Result<usize, Unreadable> {
        match self {
            Self::Length(left) => Ok(counted(left, bytes, content)),
            Self::ToEnd => {
                content(bytes);
                Ok(bytes.len())
            }
            Self::Chunked(chunk) => {
                let mut taken = 0;
                while taken < bytes.len() && *chunk != Chunk::Over {
                    taken += chunk.take(&bytes[taken..], content)?;
                }
                Ok(taken)
            }
        }
    }
}

impl Chunk {
    /// Takes at least a byte.
    fn take(&mut self, bytes: &[u8], content: &mut impl FnMut(&[u8])) -> Result<usize, Unreadable> {
        match self {
            Self::Size(line) => {
                let end = memchr::memchr(b'\n', bytes).map(|end| end + 1);
                let taken = end.unwrap_or(bytes.len());
                if line.len() + taken > MOST_LINE {
                    return Err(Unreadable);
                }
                line.extend_from_slice(&bytes[..taken]);
                if end.is_some() {
                    match httparse::parse_chunk_size(line) {
                        Ok(httparse::Status::Complete((_, 0))) => *self = Self::Trailers(0, 0),
                        Ok(httparse::Status::Complete((_, size))) => *self = Self::Data(size),
                        Ok(httparse::Status::Partial) | Err(_) => return Err(Unreadable),
                    }
                }
                Ok(taken)
            }
            Self::Data(left) => {
                let taken = counted(left, bytes, content);
                if *left == 0 {
                    *self = Self::After(b"\r\n");
                }
                Ok(taken)
            }
            Self::After(end) => {
                if end.first() != bytes.first() {
                    return Err(Unreadable);
                }
                *end = &end[1..];
                if end.is_empty() {
                    *self = Self::Size(Vec::new());
                }
                Ok(1)
            }
            Self::Trailers(all, line) => {
                let byte = bytes[0];
                *all += 1;
                match byte {
                    b'\n' if *line == 0 => *self = Self::Over,
                    b'\n' => *line = 0,
                    b'\r' => {}
                    _ if *all > MOST_HEAD => return Err(Unreadable),
                    _ => *line += 1,
                }
                Ok(1)
            }
            Self::Over => Ok(bytes.len()),
        }
    }
}

fn counted(left: &mut u64, bytes: &[u8], content: &mut impl FnMut(&[u8])) -> usize {
    let most = usize::try_from(*left).unwrap_or(usize::MAX);
    let taken = bytes.len().min(most);
    content(&bytes[..taken]);
    *left -= taken as u64;
    taken
}
