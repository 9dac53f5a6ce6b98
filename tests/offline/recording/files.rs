//! Which files are written, by how many writers, and which are read.

use super::{header, marks, read};
use statetrail::recording::{Error, Header, Reader, SyncPolicy, Writer};
use std::fs;

#[test]
fn an_existing_file_is_not_written_over_and_two_writers_do_not_share_one() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.jsonl");
    let first = Writer::create(&path, &header(), SyncPolicy::EverySecond).unwrap();
    let message = |error: Error| error.to_string();
    let exists = message(Writer::create(&path, &header(), SyncPolicy::Never).err().unwrap());
    assert_eq!(exists, format!("{0} already exists; use another file, or resume it with --resume {0}", path.display()));
    let busy = message(Writer::resume(&path, SyncPolicy::Never, |_| {}).err().unwrap());
    assert_eq!(
        busy,
        format!("{} is being written by another recorder; stop that one or use another file", path.display())
    );
    first.finish().unwrap();
    Writer::resume(&path, SyncPolicy::Never, |_| {}).unwrap().0.finish().unwrap();
}

#[test]
fn a_compressed_recording_ends_well_however_often_it_was_synced() {
    let folder = tempfile::tempdir().unwrap();
    for (number, policy) in (0..).zip([SyncPolicy::Always, SyncPolicy::EverySecond, SyncPolicy::Never]) {
        let path = folder.path().join(format!("{number}.zst"));
        let mut writer = Writer::create(&path, &header(), policy).unwrap();
        for mark in marks(3) {
            writer.append(&mark).unwrap();
            writer.flush().unwrap();
            writer.sync().unwrap();
            writer.sync().unwrap();
        }
        writer.finish().unwrap();
        let plain = zstd::decode_all(&*fs::read(&path).unwrap()).unwrap();
        assert_eq!(read(&plain).unwrap().0.len(), 3, "{policy:?}");
    }
}

#[test]
fn a_file_that_is_no_recording_or_has_another_format_is_refused_with_a_remedy() {
    let refused = |text: &str| read(text.as_bytes()).unwrap_err().to_string();
    let no_recording = "it is not a statetrail recording: its first line is not a header; raw watch lines become one \
                        with `statetrail import`";
    assert_eq!(refused(""), "it is empty; use the file that was recorded");
    assert_eq!(refused("{\"type\":\"ADDED\",\"object\":{}}\n"), no_recording);
    assert_eq!(refused("\u{0}\u{1}\n"), no_recording);

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.jsonl");
    let header = Header { format: "statetrail.recording/v2".to_owned(), ..header() };
    Writer::create(&path, &header, SyncPolicy::Never).unwrap().finish().unwrap();
    let error = Reader::open(&path).err().unwrap().to_string();
    let expected = "has format `statetrail.recording/v2`, this statetrail reads `statetrail.recording/v1`; use the \
                    statetrail that wrote it, or a newer one";
    assert_eq!(error, format!("{} {expected}", path.display()));
}
