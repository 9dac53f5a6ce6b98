//! A torn file is read as far as it goes; an altered one is rejected at the altered line.

use super::{header, marks, read, write};
use statetrail::observation::Observation;
use statetrail::recording::{Error, Reader, SyncPolicy, Torn, Writer};
use std::fs;
use std::io::Cursor;

#[test]
fn a_torn_last_line_is_cut_off_and_reported_wherever_it_tears() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.jsonl");
    write(&path, &marks(3));
    let bytes = fs::read(&path).unwrap();
    let last = bytes[..bytes.len() - 1].iter().rposition(|byte| *byte == b'\n').unwrap() + 1;
    for length in last..=bytes.len() {
        let (records, torn) = read(&bytes[..length]).unwrap();
        let is_whole = length == bytes.len();
        assert_eq!(records.len(), if is_whole { 3 } else { 2 }, "{length}");
        let cut = (length - last) as u64;
        assert_eq!(torn, (cut > 0 && !is_whole).then_some(Torn { bytes: cut, line: 4, is_frame: false }), "{length}");
    }
}

#[test]
fn a_torn_compressed_file_keeps_every_line_before_the_torn_one_wherever_it_tears() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.jsonl.zst");
    let mut writer = Writer::create(&path, &header(), SyncPolicy::Always).unwrap();
    let mut ends = vec![fs::metadata(&path).unwrap().len()];
    for mark in marks(3) {
        writer.append(&mark).unwrap();
        writer.flush().unwrap();
        ends.push(fs::metadata(&path).unwrap().len());
    }
    drop(writer);
    let bytes = fs::read(&path).unwrap();
    for length in ends[0]..=bytes.len() as u64 {
        let (records, _) = read(&bytes[..usize::try_from(length).unwrap()]).unwrap();
        // A line may be complete in a torn frame; no synced line is missing.
        let synced = ends.iter().skip(1).filter(|end| **end <= length).count();
        assert!((synced..=synced + 1).contains(&records.len()), "{length}: {} lines, {synced} synced", records.len());
        let expected: Vec<Observation> = marks(3).into_iter().take(records.len()).collect();
        assert_eq!(records.into_iter().map(|record| record.observation).collect::<Vec<_>>(), expected);
    }
}

#[test]
fn a_resumed_recording_goes_on_after_the_last_whole_line_wherever_it_was_torn() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["a.jsonl", "a.jsonl.zst"] {
        let path = folder.path().join(name);
        write(&path, &marks(2));
        let bytes = fs::read(&path).unwrap();
        for length in bytes.len() - 40..=bytes.len() {
            let torn_path = folder.path().join(format!("{length}-{name}"));
            fs::write(&torn_path, &bytes[..length]).unwrap();
            let mut before = Vec::new();
            let (mut writer, _, _) =
                Writer::resume(&torn_path, SyncPolicy::Always, |record| before.push(record.observation)).unwrap();
            writer.append(&marks(9)[8]).unwrap();
            writer.finish().unwrap();
            let (records, torn) = read(&fs::read(&torn_path).unwrap()).unwrap();
            assert_eq!(torn, None, "{name} {length}");
            before.push(marks(9)[8].clone());
            assert_eq!(records.into_iter().map(|record| record.observation).collect::<Vec<_>>(), before);
        }
    }
}

#[test]
fn a_line_that_was_removed_moved_altered_or_doubled_is_refused_where_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.jsonl");
    write(&path, &marks(5));
    let text = fs::read_to_string(&path).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    let refused = |lines: &[&str]| match read((lines.join("\n") + "\n").as_bytes()) {
        Err(Error::Altered { name, line, .. }) => {
            assert_eq!(name, "it");
            line
        }
        other => panic!("{other:?}"),
    };
    for at in 1..lines.len() - 1 {
        let without = [&lines[..at], &lines[at + 1..]].concat();
        assert_eq!(refused(&without), at as u64 + 1);
        let mut moved = lines.clone();
        moved.swap(at, at + 1);
        assert_eq!(refused(&moved), at as u64 + 1);
        let doubled = [&lines[..=at], &lines[at..]].concat();
        assert_eq!(refused(&doubled), at as u64 + 2);
        for (from, to) in [("mark", "Mark"), (":0.00", ":0.01"), ("\"seq\":", "\"seq\": ")] {
            let altered = lines[at].replace(from, to);
            let mut lines = lines.clone();
            lines[at] = &altered;
            assert_eq!(refused(&lines), at as u64 + 1);
        }
    }
}

#[test]
fn a_byte_that_was_changed_anywhere_is_never_passed_over() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.jsonl");
    write(&path, &marks(2));
    let bytes = fs::read(&path).unwrap();
    let whole = read(&bytes).unwrap();
    for at in 0..bytes.len() {
        let mut changed = bytes.clone();
        changed[at] ^= 1;
        if let Ok(found) = read(&changed) {
            // Only a changed last line end can look like a torn line.
            assert_eq!(at, bytes.len() - 1, "byte {at}");
            assert_ne!(found, whole);
        }
    }
}

#[test]
fn the_lines_before_a_damaged_one_are_read_and_the_error_names_it_and_both_checksums() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.jsonl");
    write(&path, &marks(5));
    let text = fs::read_to_string(&path).unwrap().replace("mark 4", "mark 7");
    let checksum = text.lines().nth(4).unwrap().rsplit('"').nth(1).unwrap().to_owned();
    let mut reader = Reader::new("it", Cursor::new(text.into_bytes())).unwrap();
    assert_eq!(reader.by_ref().map_while(Result::ok).count(), 3);
    let damaged = folder.path().join("b.jsonl");
    fs::write(&damaged, fs::read_to_string(&path).unwrap().replace("mark 4", "mark 7")).unwrap();
    let (verified, damage) = statetrail::run::verify(Reader::open(&damaged).unwrap()).unwrap();
    let damage = damage.unwrap().to_string();
    assert!(damage.contains(":5: its checksum is ") && damage.contains(&checksum), "{damage}");
    assert!(damage.contains("the 4 lines before it are intact") && damage.contains("head -n 4"), "{damage}");
    assert!(!verified.complete && verified.problems.contains(&damage), "{verified:?}");
}

#[test]
fn an_end_with_zeros_or_missing_bytes_is_reported_and_cut_off_in_every_format() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["a.jsonl", "a.jsonl.zst"] {
        let path = folder.path().join(name);
        write(&path, &marks(3));
        let bytes = fs::read(&path).unwrap();
        for (cut, zeros) in [(0, 1), (0, 4096), (1, 0), (2, 0), (3, 0), (3, 4096), (20, 4096), (20, 300_000)] {
            let torn_path = folder.path().join(format!("{cut}-{zeros}-{name}"));
            let mut torn = bytes[..bytes.len() - cut].to_vec();
            torn.resize(torn.len() + zeros, 0);
            fs::write(&torn_path, &torn).unwrap();
            let (before, found) = read(&torn).unwrap();
            // The last two bytes of a frame are zeros anyway.
            let is_mended = name.ends_with("zst") && (1..=2).contains(&cut) && zeros >= cut;
            assert_eq!(found.is_some(), !is_mended, "{name}: {cut} bytes cut, {zeros} zeros");
            let (mut writer, _, _) = Writer::resume(&torn_path, SyncPolicy::Never, |_| {}).unwrap();
            assert_eq!(fs::read(&torn_path).unwrap(), torn, "nothing is cut off before a line is written");
            writer.append(&marks(9)[8]).unwrap();
            writer.finish().unwrap();
            let (after, torn) = read(&fs::read(&torn_path).unwrap()).unwrap();
            assert_eq!((after.len(), torn), (before.len() + 1, None), "{name}: {cut} bytes cut, {zeros} zeros");
        }
    }
}

#[test]
fn the_remedy_for_a_damaged_file_fits_its_form() {
    let folder = tempfile::tempdir().unwrap();
    for (name, command) in [("a.jsonl", "(`head -n 3`)"), ("a.jsonl.zst", "(`zstd -dcf it | head -n 3`)")] {
        let path = folder.path().join("plain.jsonl");
        let _ = fs::remove_file(&path);
        write(&path, &marks(5));
        let text = fs::read_to_string(&path).unwrap();
        let altered = text.replacen("\"seq\":3", "\"seq\":4", 1);
        let bytes =
            if name.ends_with("zst") { zstd::encode_all(altered.as_bytes(), 1).unwrap() } else { altered.into() };
        let words = read(&bytes).unwrap_err().to_string();
        assert!(words.contains(command), "{words}");
    }
}

#[test]
fn a_file_that_ends_within_its_header_is_told_from_one_that_is_no_recording() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.jsonl");
    write(&path, &marks(1));
    let text = fs::read(&path).unwrap();
    let header = text.iter().position(|byte| *byte == b'\n').unwrap();
    assert!(matches!(read(b"").unwrap_err(), Error::Empty { .. }));
    assert!(matches!(read(b"NAME READY").unwrap_err(), Error::NotARecording { .. }));
    for length in [1, 40, header] {
        let error = read(&text[..length]).unwrap_err();
        assert!(matches!(error, Error::Headless { .. }), "{length}: {error}");
    }
}
