//! The format of a recording is decided by its content, and the file being written is the one at its path.

use super::{header, marks, read, write};
use statetrail::recording::{Error, SyncPolicy, Writer};
use std::fs;
use std::path::Path;

#[test]
fn a_file_goes_on_in_the_format_of_its_content_whatever_its_name_is() {
    let folder = tempfile::tempdir().unwrap();
    for (name, other) in [("a.jsonl.zst", "renamed"), ("a.jsonl", "b.jsonl.zst")] {
        for torn in [0, 3, 30] {
            let path = folder.path().join(name);
            write(&path, &marks(4));
            let bytes = fs::read(&path).unwrap();
            fs::remove_file(&path).unwrap();
            let path = folder.path().join(other);
            fs::write(&path, &bytes[..bytes.len() - torn]).unwrap();
            let mut before = Vec::new();
            let (mut writer, _, _) =
                Writer::resume(&path, SyncPolicy::Always, |record| before.push(record.observation)).unwrap();
            writer.append(&marks(9)[8]).unwrap();
            writer.finish().unwrap();
            let after = fs::read(&path).unwrap();
            assert_eq!(after[..4], bytes[..4], "{name} keeps its format");
            before.push(marks(9)[8].clone());
            let (records, torn) = read(&after).unwrap();
            assert_eq!(
                (records.into_iter().map(|record| record.observation).collect::<Vec<_>>(), torn),
                (before, None)
            );
        }
    }
}

#[test]
fn a_torn_line_inside_a_complete_frame_is_cut_off_with_the_frame_and_the_lines_before_it_are_written_anew() {
    let folder = tempfile::tempdir().unwrap();
    let (plain, path) = (folder.path().join("a.jsonl"), folder.path().join("b.jsonl.zst"));
    write(&plain, &marks(4));
    let text = fs::read(&plain).unwrap();
    fs::write(&path, zstd::stream::encode_all(&text[..text.len() - 10], 3).unwrap()).unwrap();
    let (mut writer, _, torn) = Writer::resume(&path, SyncPolicy::Always, |_| {}).unwrap();
    assert!(torn.is_some());
    writer.append(&marks(9)[8]).unwrap();
    writer.finish().unwrap();
    let (records, torn) = read(&fs::read(&path).unwrap()).unwrap();
    assert_eq!((records.len(), torn), (4, None));
}

#[test]
fn a_file_that_is_removed_replaced_or_truncated_while_it_is_written_is_reported() {
    let message = |name: &str, happens: fn(&Path)| {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        let mut writer = Writer::create(&path, &header(), SyncPolicy::Always).unwrap();
        writer.append(&marks(1)[0]).unwrap();
        writer.flush().unwrap();
        writer.check_place().unwrap();
        happens(&path);
        let Err(Error::TakenAway { what, .. }) = writer.check_place() else { panic!("it is not reported") };
        assert!(matches!(writer.finish(), Err(Error::TakenAway { .. })), "nor is it whole in the end");
        what
    };
    for name in ["a.jsonl", "a.jsonl.zst"] {
        assert!(message(name, |path| fs::remove_file(path).unwrap()).contains("removed"));
        assert!(message(name, |path| fs::remove_dir_all(path.parent().unwrap()).unwrap()).contains("removed"));
        let replace = |path: &Path| {
            fs::copy(path, path.with_extension("copy")).unwrap();
            fs::rename(path.with_extension("copy"), path).unwrap();
        };
        assert!(message(name, replace).contains("replaced"));
        assert!(message(name, |path| drop(fs::File::create(path).unwrap())).contains("to 0 bytes"));
    }
}
