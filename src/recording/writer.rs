//! Appends observations to a file: numbered, checksummed, batched, synced.
//!
//! It never rewrites a line and never drops one. It reads no clock: the caller says when to flush and to sync.

use super::axis::Axis;
use super::checksum::Running;
use super::error::Error;
use super::header::Header;
use super::input::{is_dash, require_file, unsuitable};
use super::line::{Line, MAX_LINE_BYTES};
use super::place;
use super::reader::{Reader, Record, Torn};
use super::sink::{Appended, Frame, Sink};
use crate::meter::Timer;
use crate::observation::Observation;
use serde::{Deserialize, Serialize};
use std::ffi::OsStr;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, IsTerminal, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicU64;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, OnceLock};
use std::thread::JoinHandle;

/// A batch is handed to the kernel when it has this size.
const BATCH_BYTES: usize = 256 * 1024;
/// More bytes than the checksum adds to a line.
const TAIL_BYTES: usize = 64;

/// When the file is fsynced.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum SyncPolicy {
    /// With every flushed batch.
    Always,
    /// Within a second, by a thread of its own.
    #[default]
    EverySecond,
    /// Never: the kernel decides.
    Never,
}

/// A recording that is locked and open for appending.
pub struct Writer {
    path: PathBuf,
    axis: Axis,
    sink: Sink,
    batch: Vec<u8>,
    next_seq: u64,
    running: Running,
    policy: SyncPolicy,
    unsynced: bool,
    syncer: Option<Syncer>,
    timer: Arc<OnceLock<Timer>>,
    written_bytes: u64,
    /// The text up to here is intact; what follows it is cut off before anything is written.
    cut: Option<u64>,
}

impl std::fmt::Debug for Writer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Writer").field("path", &self.path).field("next_seq", &self.next_seq).finish_non_exhaustive()
    }
}

impl Writer {
    /// Creates the file, and writes its header; `-` is standard output.
    ///
    /// # Errors
    /// When the file exists, another recorder holds it, or it cannot be created or written.
    pub fn create(path: &Path, header: &Header, policy: SyncPolicy) -> Result<Self, Error> {
        if is_dash(path) {
            let out = io::stdout();
            if out.is_terminal() {
                let source = unsuitable("it is a terminal; pipe the recording to a program, or use a file");
                return Err(Error::Open { path: path.to_owned(), source });
            }
            return Self::begin(Sink::Out(out, Arc::default()), path, header, SyncPolicy::Never);
        }
        require_file(path).map_err(|source| Error::Open { path: path.to_owned(), source })?;
        let file =
            OpenOptions::new().read(true).append(true).create_new(true).open(path).map_err(|source| {
                match source.kind() {
                    io::ErrorKind::AlreadyExists => Error::Exists { path: path.to_owned() },
                    _ => Error::Open { path: path.to_owned(), source },
                }
            })?;
        lock(&file, path)?;
        let sink = Appended::new(file, 0);
        let sink = if path.extension() == Some(OsStr::new("zst")) {
            Sink::Zst(Frame::Between(sink))
        } else {
            Sink::Plain(sink)
        };
        // Without its header it is not a recording, and would only be in the way of the next attempt.
        Self::begin(sink, path, header, policy).inspect_err(|_| _ = std::fs::remove_file(path))
    }

    /// Writes the header.
    fn begin(sink: Sink, path: &Path, header: &Header, policy: SyncPolicy) -> Result<Self, Error> {
        let mut writer = Self::over(sink, path, Axis::new(header), policy, 0, Running::default())?;
        let mut text = serde_json::to_vec(header).expect("a header is plain data");
        writer.running.seal(&mut text, 0);
        writer.batch.extend_from_slice(&text);
        writer.next_seq = 1;
        writer.flush()?;
        Ok(writer)
    }

    /// Resumes a file: reads it through `each`, and appends after its last complete line, in the format of its content,
    /// whatever its name is. An unfinished end is cut off when the first line is written, and not before.
    ///
    /// # Errors
    /// When another recorder holds it, it is not a recording, was altered, or cannot be read or written.
    pub fn resume(
        path: &Path,
        policy: SyncPolicy,
        mut each: impl FnMut(Record),
    ) -> Result<(Self, Header, Option<Torn>), Error> {
        let failed = |source| Error::Open { path: path.to_owned(), source };
        require_file(path).map_err(failed)?;
        let file = OpenOptions::new().read(true).append(true).open(path).map_err(failed)?;
        lock(&file, path)?;
        let bytes = file.metadata().map_err(failed)?.len();
        let mut source = file.try_clone().map_err(failed)?;
        source.seek(SeekFrom::Start(0)).map_err(failed)?;
        let mut reader = Reader::new(&path.display().to_string(), source)?;
        let mut next_seq = 1;
        for record in reader.by_ref() {
            let record = record?;
            next_seq = record.seq + 1;
            each(record);
        }
        let (header, torn) = (reader.header().clone(), reader.torn());
        let sink = Appended::new(file, bytes);
        let sink = if reader.is_compressed() { Sink::Zst(Frame::Between(sink)) } else { Sink::Plain(sink) };
        let mut writer = Self::over(sink, path, reader.axis().clone(), policy, next_seq, reader.running())?;
        writer.cut = torn.is_some().then_some(reader.position_bytes());
        Ok((writer, header, torn))
    }

    fn over(
        sink: Sink,
        path: &Path,
        axis: Axis,
        policy: SyncPolicy,
        next_seq: u64,
        running: Running,
    ) -> Result<Self, Error> {
        let timer = Arc::default();
        let syncer = match policy {
            SyncPolicy::EverySecond => {
                let file = |appended: &Appended| appended.file().try_clone();
                let handle = sink.appended().and_then(|appended| appended.map(file).transpose());
                handle
                    .map_err(|source| Error::Open { path: path.to_owned(), source })?
                    .map(|file| Syncer::start(file, Arc::clone(&timer)))
            }
            SyncPolicy::Always | SyncPolicy::Never => None,
        };
        Ok(Self {
            path: path.to_owned(),
            axis,
            sink,
            batch: Vec::with_capacity(BATCH_BYTES + BATCH_BYTES / 4),
            next_seq,
            running,
            policy,
            unsynced: false,
            syncer,
            timer,
            written_bytes: 0,
            cut: None,
        })
    }

    /// Measures fsyncs from now on. The first call counts.
    pub(crate) fn time_syncs(&self, timer: Timer) {
        let _ = self.timer.set(timer);
    }

    /// Bytes that this writer has written to the file, compressed if that is; shared, not a copy.
    pub(crate) fn written(&self) -> Arc<AtomicU64> {
        self.sink.written()
    }

    /// Adds one observation to the batch and returns its `seq`. A full batch is flushed.
    ///
    /// # Errors
    /// When the batch cannot be written, or the line would be too long to be read.
    pub fn append(&mut self, observation: &Observation) -> Result<u64, Error> {
        let (seq, start) = (self.next_seq, self.batch.len());
        let mut line = Line::new(seq, observation);
        line.onto_wall(&mut self.axis);
        serde_json::to_writer(&mut self.batch, &line).expect("a line is plain data");
        if self.batch.len() - start > MAX_LINE_BYTES - TAIL_BYTES {
            self.batch.truncate(start);
            let message = format!("line {seq} would be longer than {} MiB", MAX_LINE_BYTES >> 20);
            return Err(self.failed(io::Error::new(io::ErrorKind::InvalidData, message)));
        }
        self.running.seal(&mut self.batch, start);
        self.next_seq += 1;
        if self.batch.len() >= BATCH_BYTES {
            self.flush()?;
        }
        Ok(seq)
    }

    /// Hands the batch to the kernel: readers of the file see it. The caller does so within 100 ms.
    ///
    /// # Errors
    /// When it cannot be written, because of a full disk or a quota.
    pub fn flush(&mut self) -> Result<(), Error> {
        if self.batch.is_empty() {
            return Ok(());
        }
        if let Some(whole_bytes) = self.cut.take() {
            self.sink.cut(whole_bytes).map_err(|source| self.failed(source))?;
        }
        self.sink.write(&self.batch).map_err(|source| self.failed(source))?;
        self.written_bytes += self.batch.len() as u64;
        self.batch.clear();
        self.unsynced = true;
        if self.policy == SyncPolicy::Always {
            self.sync_now()?;
        }
        Ok(())
    }

    /// Closes the zstd frame and, under [`SyncPolicy::EverySecond`], asks for an fsync of what was flushed, without
    /// waiting for it. The caller does so every second.
    ///
    /// # Errors
    /// When an earlier fsync failed, or the zstd frame cannot be closed.
    pub fn sync(&mut self) -> Result<(), Error> {
        if !self.unsynced {
            return Ok(());
        }
        self.sink.seal().map_err(|source| self.failed(source))?;
        if let Some(syncer) = &self.syncer {
            syncer.request().map_err(|source| self.failed(source))?;
        }
        self.unsynced = false;
        Ok(())
    }

    /// Checks that the path still leads to the file, and that the file was not cut. The caller does so several times a
    /// second.
    ///
    /// # Errors
    /// When it was removed, replaced or cut.
    pub fn check_place(&self) -> Result<(), Error> {
        let appended = self.sink.appended().map_err(|source| self.failed(source))?;
        match appended.and_then(|appended| place::lost(&self.path, appended.file(), appended.bytes())) {
            Some(what) => Err(Error::TakenAway { path: self.path.clone(), what }),
            None => Ok(()),
        }
    }

    /// Flushes, syncs and closes. Returns how many bytes of lines were written.
    ///
    /// # Errors
    /// When the last batch cannot be written or synced.
    pub fn finish(mut self) -> Result<u64, Error> {
        self.flush()?;
        if self.policy == SyncPolicy::Never {
            self.sink.seal().map_err(|source| self.failed(source))?;
        } else {
            self.sync_now()?;
        }
        if let Some(syncer) = self.syncer.take() {
            syncer.stop().map_err(|source| self.failed(source))?;
        }
        self.check_place()?;
        Ok(self.written_bytes)
    }

    /// `seq` of the next line.
    #[must_use]
    pub fn next_seq(&self) -> u64 {
        self.next_seq
    }

    /// How far the wall clock was ahead of the recorder's time when the last line was written, in microseconds.
    #[must_use]
    pub fn wall_ahead_micros(&self) -> i64 {
        self.axis.ahead()
    }

    /// Path of the file, as it was given.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    fn sync_now(&mut self) -> Result<(), Error> {
        self.sink.seal().map_err(|source| self.failed(source))?;
        if let Some(appended) = self.sink.appended().map_err(|source| self.failed(source))? {
            timed(&self.timer, || appended.file().sync_data()).map_err(|source| self.failed(source))?;
        }
        self.unsynced = false;
        Ok(())
    }

    fn failed(&self, source: io::Error) -> Error {
        Error::Write { path: self.path.clone(), source }
    }
}

/// Does the work, and measures it if someone wants to know.
fn timed<T>(timer: &OnceLock<Timer>, work: impl FnOnce() -> T) -> T {
    match timer.get() {
        Some(timer) => timer.time(work),
        None => work(),
    }
}

fn lock(file: &File, path: &Path) -> Result<(), Error> {
    match file.try_lock() {
        Ok(()) => Ok(()),
        Err(TryLockError::WouldBlock) => Err(Error::Busy { path: path.to_owned() }),
        Err(TryLockError::Error(source)) => Err(Error::Open { path: path.to_owned(), source }),
    }
}

/// The thread that fsyncs, so that a slow disk does not delay writing.
struct Syncer {
    requests: SyncSender<()>,
    failure: Arc<Mutex<Option<io::Error>>>,
    thread: JoinHandle<()>,
}

impl Syncer {
    fn start(file: File, timer: Arc<OnceLock<Timer>>) -> Self {
        let (requests, inbox): (_, Receiver<()>) = sync_channel(1);
        let failure = Arc::new(Mutex::new(None));
        let slot = Arc::clone(&failure);
        let thread = std::thread::Builder::new()
            .name("fsync".to_owned())
            .spawn(move || {
                while inbox.recv().is_ok() {
                    if let Err(error) = timed(&timer, || file.sync_data()) {
                        *slot.lock().expect("never poisoned: nothing panics under it") = Some(error);
                        return;
                    }
                }
            })
            .expect("a thread can be started");
        Self { requests, failure, thread }
    }

    fn request(&self) -> io::Result<()> {
        match self.requests.try_send(()) {
            // Full: one sync is running and one is waiting; the waiting one covers this request, too.
            Ok(()) | Err(TrySendError::Full(())) => Ok(()),
            Err(TrySendError::Disconnected(())) => Err(self.failure()),
        }
    }

    fn stop(self) -> io::Result<()> {
        let Self { requests, failure, thread } = self;
        drop(requests);
        thread.join().expect("the fsync thread does not panic");
        failure.lock().expect("never poisoned: nothing panics under it").take().map_or(Ok(()), Err)
    }

    fn failure(&self) -> io::Error {
        let taken = self.failure.lock().expect("never poisoned: nothing panics under it").take();
        taken.unwrap_or_else(|| io::Error::other("an earlier fsync failed"))
    }
}
