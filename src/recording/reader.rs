//! Reads a recording line by line, plain or zstd, and accepts nothing that the checksums do not confirm.
//!
//! A torn last line, from a kill or a power loss in the middle of a write, is not an error: it is cut off and reported.

use super::axis::Axis;
use super::checksum::{Broken, Running};
use super::error::Error;
use super::frames::{Frames, is_gzip, is_zstd};
use super::header::{BEGIN, FORMAT, Header};
use super::input::input;
use super::line::{Line, MAX_LINE_BYTES};
use super::malformed;
use crate::observation::Observation;
use serde::Deserialize;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

/// A recording that is being read.
pub struct Reader {
    name: String,
    header: Header,
    axis: Axis,
    text: Text,
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

type Raw = BufReader<Box<dyn Read + Send>>;

/// The source of the text.
enum Text {
    Plain(Raw),
    Zst(Box<BufReader<Frames<Raw>>>),
}

/// One observation with its number.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// `seq` of the line, counted from 1 after the header.
    pub seq: u64,
    /// The observation that the line holds.
    pub observation: Observation,
}

/// The unfinished end of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Torn {
    /// Length in bytes of the unfinished line, or of the unfinished zstd frame if all its lines are complete.
    pub bytes: u64,
    /// The number that this line would have, from 1.
    pub line: u64,
    /// Every line is complete, but the zstd frame of the last ones has no end.
    pub is_frame: bool,
}

impl Reader {
    /// Opens a file and reads its header. `-` is standard input.
    ///
    /// # Errors
    /// When it cannot be opened, is not a recording, or has another format.
    pub fn open(path: &Path) -> Result<Self, Error> {
        let (name, source) = input(path).map_err(|source| Error::Open { path: path.to_owned(), source })?;
        Self::new(&name, source)
    }

    /// The same with a changed header: what is read depends on it, for instance on the tracks that it defines.
    ///
    /// # Errors
    /// Those of `change`.
    pub fn changed<E>(mut self, change: impl FnOnce(&mut Header) -> Result<(), E>) -> Result<Self, E> {
        change(&mut self.header)?;
        Ok(self)
    }

    /// Reads a recording from any source, plain or zstd; `name` is used in errors.
    ///
    /// # Errors
    /// When it cannot be read, is not a recording, or has another format.
    pub fn new(name: &str, source: impl Read + Send + 'static) -> Result<Self, Error> {
        let unreadable = |source| Error::Read { name: name.to_owned(), line: 1, source };
        let source: Box<dyn Read + Send> = Box::new(source);
        let mut raw = BufReader::with_capacity(1 << 16, source);
        if is_gzip(raw.fill_buf().map_err(unreadable)?) {
            return Err(Error::Gzip { name: name.to_owned() });
        }
        let text = if is_zstd(raw.fill_buf().map_err(unreadable)?) {
            Text::Zst(Box::new(BufReader::with_capacity(1 << 16, Frames::new(raw).map_err(unreadable)?)))
        } else {
            Text::Plain(raw)
        };
        let header = Header::new(jiff::Timestamp::UNIX_EPOCH, Vec::new());
        let mut reader = Self {
            name: name.to_owned(),
            axis: Axis::new(&header),
            header,
            text,
            line_number: 0,
            position_bytes: 0,
            running: Running::default(),
            torn: None,
            buffer: Vec::new(),
            failed: false,
        };
        reader.header = reader.read_header()?;
        reader.axis = Axis::new(&reader.header);
        Ok(reader)
    }

    /// The header, which is line 1.
    #[must_use]
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// The torn end; known once the iteration has ended.
    #[must_use]
    pub fn torn(&self) -> Option<Torn> {
        self.torn
    }

    /// True when it consists of zstd frames.
    pub(super) fn is_compressed(&self) -> bool {
        matches!(self.text, Text::Zst(_))
    }

    /// Size in bytes of the complete lines read so far, uncompressed.
    pub(super) fn position_bytes(&self) -> u64 {
        self.position_bytes
    }

    /// The checksum of the complete lines read so far.
    pub(super) fn running(&self) -> Running {
        self.running
    }

    /// The time axes at the last line read.
    pub(super) fn axis(&self) -> &Axis {
        &self.axis
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
            Ok(false) => return Err(self.headless()),
            Err(Error::Altered { .. }) => return Err(not_a_recording()),
            Err(error) => return Err(error),
        }
        let Format { format } = serde_json::from_slice(&self.buffer).map_err(|_| not_a_recording())?;
        if format != FORMAT {
            return Err(Error::Version { name: self.name.clone(), found: format, ours: FORMAT });
        }
        serde_json::from_slice(&self.buffer).map_err(|_| self.malformed(malformed::of_header(&self.buffer)))
    }

    /// The error for a file without a complete line.
    fn headless(&self) -> Error {
        let name = self.name.clone();
        let length = self.buffer.len().min(BEGIN.len());
        if self.torn.is_none() {
            Error::Empty { name }
        } else if self.buffer[..length] == BEGIN[..length] {
            Error::Headless { name }
        } else {
            Error::NotARecording { name }
        }
    }

    /// Reads the next complete line into the buffer, without its line end, and checks it.
    fn next_line(&mut self) -> Result<bool, Error> {
        self.buffer.clear();
        let number = self.line_number + 1;
        let read = self.text.lines().take(MAX_LINE_BYTES as u64 + 1).read_until(b'\n', &mut self.buffer);
        read.map_err(|source| self.unreadable(source))?;
        if self.buffer.is_empty() {
            let unfinished = self.text.unfinished_bytes();
            self.torn = (unfinished > 0).then_some(Torn { bytes: unfinished, line: number, is_frame: true });
            return Ok(false);
        }
        if self.buffer.len() > MAX_LINE_BYTES {
            let bytes = self.zeros()?;
            self.torn = Some(Torn { bytes, line: number, is_frame: false });
            return Ok(false);
        }
        if self.buffer.pop_if(|last| *last == b'\n').is_none() {
            self.torn = Some(Torn { bytes: self.buffer.len() as u64, line: number, is_frame: false });
            return Ok(false);
        }
        self.line_number = number;
        self.running.check(&self.buffer).map_err(|Broken { carried, found }| Error::Altered {
            name: self.name.clone(),
            line: number,
            good: number - 1,
            carried,
            found,
            is_zst: self.is_compressed(),
        })?;
        self.position_bytes += self.buffer.len() as u64 + 1;
        Ok(true)
    }

    /// The length of a last line that is too long, if it is filled up with zeros, as after a power loss.
    fn zeros(&mut self) -> Result<u64, Error> {
        let mut bytes = self.buffer.len() as u64;
        let written = self.buffer.iter().position(|byte| *byte == 0).unwrap_or(self.buffer.len());
        let mut is_padding = self.buffer[written..].iter().all(|byte| *byte == 0) && written < self.buffer.len();
        self.buffer = Vec::new();
        while is_padding {
            let rest = self.text.lines().fill_buf();
            let (length, zeros) = match rest {
                Ok(rest) => (rest.len(), rest.iter().all(|byte| *byte == 0)),
                Err(source) => return Err(self.unreadable(source)),
            };
            if length == 0 {
                return Ok(bytes);
            }
            is_padding = zeros;
            bytes += length as u64;
            self.text.lines().consume(length);
        }
        let message = format!("line {} is longer than {} MiB", self.line_number + 1, MAX_LINE_BYTES >> 20);
        Err(self.unreadable(io::Error::new(io::ErrorKind::InvalidData, message)))
    }

    fn unreadable(&self, source: io::Error) -> Error {
        Error::Read { name: self.name.clone(), line: self.line_number + 1, source }
    }

    fn next_record(&mut self) -> Result<Option<Record>, Error> {
        if !self.next_line()? {
            return Ok(None);
        }
        let mut line: Line<'_> =
            serde_json::from_slice(&self.buffer).map_err(|_| self.malformed(malformed::of_line(&self.buffer)))?;
        line.onto_axis(&mut self.axis);
        let (seq, kind) = (line.seq, line.of);
        let observation = line.observation().map_err(|unfit| self.malformed(malformed::of_unfit(kind, &unfit)))?;
        Ok(Some(Record { seq, observation }))
    }

    fn malformed(&self, problem: String) -> Error {
        let (name, line, is_zst) = (self.name.clone(), self.line_number, self.is_compressed());
        Error::Line { name, line, problem, is_zst }
    }
}

impl Text {
    fn lines(&mut self) -> &mut dyn BufRead {
        match self {
            Self::Plain(lines) => lines,
            Self::Zst(lines) => lines,
        }
    }

    /// Bytes at the end that are not a complete frame.
    fn unfinished_bytes(&self) -> u64 {
        match self {
            Self::Plain(_) => 0,
            Self::Zst(lines) => lines.get_ref().unfinished_bytes(),
        }
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
