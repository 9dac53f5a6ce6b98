//! Reads a recording line by line, plain or zstd, and believes nothing that the checksums do not bear out.
//!
//! A torn last line, from a kill or a power loss in the middle of a write, is no error: it is cut off and told.

use super::checksum::Running;
use super::error::Error;
use super::header::{FORMAT, Header};
use super::line::{Line, Unfit};
use crate::observation::Observation;
use serde::Deserialize;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

/// Longest line that is read; the largest object that an API server stores is a fraction of it.
const MAX_LINE_BYTES: u64 = 64 << 20;
const ZSTD_MAGIC: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];

/// A recording that is being read.
pub struct Reader {
    name: String,
    header: Header,
    lines: Box<dyn BufRead + Send>,
    line_number: u64,
    position_bytes: u64,
    running: Running,
    torn: Option<Torn>,
    buffer: Vec<u8>,
    failed: bool,
}

impl std::fmt::Debug for Reader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Reader")
            .field("name", &self.name)
            .field("line_number", &self.line_number)
            .finish_non_exhaustive()
    }
}

/// One observation with its number.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// `seq` of the line, counted from 1 after the header.
    pub seq: u64,
    /// The observation that the line holds.
    pub observation: Observation,
}

/// What was cut off at the end of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Torn {
    /// How many bytes of an unfinished line.
    pub bytes: u64,
    /// Which line it would have been, from 1.
    pub line: u64,
}

impl Reader {
    /// Opens a file and reads its header. `-` is standard input.
    ///
    /// # Errors
    /// When it cannot be opened, is no recording, or has another format.
    pub fn open(path: &Path) -> Result<Self, Error> {
        if path.as_os_str() == "-" {
            return Self::new("standard input", io::stdin());
        }
        let file = File::open(path).map_err(|source| Error::Open { path: path.to_owned(), source })?;
        Self::new(&path.display().to_string(), file)
    }

    /// Reads a recording from any source; `name` is what errors call it.
    ///
    /// # Errors
    /// Reads a recording from any source, as [`Reader::open`] does from a file; `name` is for messages.
    pub fn new(name: &str, source: impl Read + Send + 'static) -> Result<Self, Error> {
        let unreadable = |source| Error::Read { name: name.to_owned(), source };
        let mut raw = BufReader::with_capacity(1 << 16, source);
        let compressed = raw.fill_buf().map_err(unreadable)?.starts_with(&ZSTD_MAGIC);
        let lines: Box<dyn BufRead + Send> = if compressed {
            let decoder = zstd::stream::read::Decoder::with_buffer(raw).map_err(unreadable)?;
            Box::new(BufReader::with_capacity(1 << 16, decoder))
        } else {
            Box::new(raw)
        };
        let mut reader = Self {
            name: name.to_owned(),
            header: Header::new(jiff::Timestamp::UNIX_EPOCH, Vec::new()),
            lines,
            line_number: 0,
            position_bytes: 0,
            running: Running::default(),
            torn: None,
            buffer: Vec::new(),
            failed: false,
        };
        reader.header = reader.read_header()?;
        Ok(reader)
    }

    /// The header, which is line 1.
    #[must_use]
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// What was cut off; known once the iteration has ended.
    #[must_use]
    pub fn torn(&self) -> Option<Torn> {
        self.torn
    }

    /// Bytes of whole lines read so far, uncompressed.
    pub(super) fn position_bytes(&self) -> u64 {
        self.position_bytes
    }

    /// The checksum of the whole lines read so far.
    pub(super) fn running(&self) -> Running {
        self.running
    }

    fn read_header(&mut self) -> Result<Header, Error> {
        #[derive(Deserialize)]
        struct Format {
            format: String,
        }
        let unread = self.next_line();
        let not_a_recording = || Error::NotARecording { name: self.name.clone() };
        match unread {
            Ok(true) => {}
            Ok(false) | Err(Error::Altered { .. }) => return Err(not_a_recording()),
            Err(error) => return Err(error),
        }
        let Format { format } = serde_json::from_slice(&self.buffer).map_err(|_| not_a_recording())?;
        if format != FORMAT {
            return Err(Error::Version { name: self.name.clone(), found: format, ours: FORMAT });
        }
        serde_json::from_slice(&self.buffer).map_err(|source| self.malformed(source))
    }

    /// Reads the next whole line into the buffer, without its line end, and checks it.
    fn next_line(&mut self) -> Result<bool, Error> {
        self.buffer.clear();
        match self.lines.by_ref().take(MAX_LINE_BYTES + 1).read_until(b'\n', &mut self.buffer) {
            Ok(_) => {}
            // A zstd frame that was cut off: all whole lines before were delivered.
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {}
            Err(source) => return Err(Error::Read { name: self.name.clone(), source }),
        }
        if self.buffer.is_empty() {
            return Ok(false);
        }
        if self.buffer.len() as u64 > MAX_LINE_BYTES {
            self.buffer = Vec::new();
            let message = format!("line {} is longer than {} MiB", self.line_number + 1, MAX_LINE_BYTES >> 20);
            let source = io::Error::new(io::ErrorKind::InvalidData, message);
            return Err(Error::Read { name: self.name.clone(), source });
        }
        if self.buffer.pop_if(|last| *last == b'\n').is_none() {
            self.torn = Some(Torn { bytes: self.buffer.len() as u64, line: self.line_number + 1 });
            return Ok(false);
        }
        self.line_number += 1;
        self.position_bytes += self.buffer.len() as u64 + 1;
        self.running
            .check(&self.buffer)
            .map_err(|_| Error::Altered { name: self.name.clone(), line: self.line_number })?;
        Ok(true)
    }

    fn next_record(&mut self) -> Result<Option<Record>, Error> {
        if !self.next_line()? {
            return Ok(None);
        }
        let line: Line<'_> = serde_json::from_slice(&self.buffer).map_err(|source| self.malformed(source))?;
        let (seq, kind) = (line.seq, line.of);
        match line.observation() {
            Ok(observation) => Ok(Some(Record { seq, observation })),
            Err(Unfit::Missing(member)) => Err(Error::Member {
                name: self.name.clone(),
                line: self.line_number,
                kind: format!("{kind:?}").to_uppercase(),
                member,
            }),
            Err(Unfit::Object(crate::observation::Error::Json(source))) => Err(self.malformed(source)),
            Err(Unfit::Object(other)) => {
                Err(self.malformed(<serde_json::Error as serde::de::Error>::custom(other.to_string())))
            }
        }
    }

    fn malformed(&self, source: serde_json::Error) -> Error {
        Error::Line { name: self.name.clone(), line: self.line_number, source }
    }
}

impl Iterator for Reader {
    type Item = Result<Record, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.failed {
            return None;
        }
        let next = self.next_record().transpose();
        self.failed = matches!(next, Some(Err(_)));
        next
    }
}
