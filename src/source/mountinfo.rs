//! The table of mounts of a process (proc(5), `mountinfo`).

use crate::kinds::Mounted;
use smol_str::SmolStr;

/// A mount, as the table has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Row {
    /// Its number. A later mount may get the same one.
    pub id: u32,
    /// The number of the mount that it is on.
    pub parent: u32,
    /// The device of its filesystem, `7:0`.
    pub dev: SmolStr,
    /// The part of the filesystem that it shows.
    pub root: SmolStr,
    /// Where it is, written as the kernel writes it: a space is `\040`.
    pub point: SmolStr,
    /// The type of its filesystem.
    pub fs: SmolStr,
    /// What it was mounted from, where that is a device.
    pub source: Option<SmolStr>,
    /// It, a mount above it, or a layer of it is of a network or made on demand: touching it may wait for another
    /// machine.
    pub is_remote: bool,
}

/// Filesystems that another machine, or a program, answers for.
const REMOTE: [&str; 18] = [
    "9p", "afs", "autofs", "beegfs", "ceph", "cifs", "coda", "fuse", "fuseblk", "gfs2", "gpfs", "lustre", "nfs",
    "nfs4", "ocfs2", "orangefs", "smb3", "virtiofs",
];

impl Row {
    /// True for what is the same mount as far as the table shows. Its place changes when a directory above is renamed.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        let Self { id, dev, root, fs, source, .. } = self;
        (*id, dev, root, fs, source) == (other.id, &other.dev, &other.root, &other.fs, &other.source)
    }

    /// What is recorded of it.
    pub(super) fn mounted(&self) -> Mounted {
        let Self { dev, fs, root, source, .. } = self.clone();
        Mounted { dev, fs, root, source }
    }

    /// True when it shows all of its filesystem.
    pub(super) fn is_whole(&self) -> bool {
        self.root == "/"
    }
}

/// Reads a table. A line of another form is left out.
pub(super) fn read(bytes: &[u8]) -> Vec<Row> {
    let text = escaped(bytes);
    let mut rows: Vec<Row> = text.lines().filter_map(line).collect();
    while let Some(overlay) = layered_on_remote(&text, &rows) {
        rows[overlay].is_remote = true;
    }
    // A mount is on one of the table, or on one that cannot be seen from here.
    let remote: Vec<(u32, u32, bool)> = rows.iter().map(|row| (row.id, row.parent, row.is_remote)).collect();
    if remote.iter().any(|(.., is_remote)| *is_remote) {
        for row in &mut rows {
            let (mut at, mut left) = (row.parent, remote.len());
            while let Some((_, parent, is_remote)) = remote.iter().find(|(id, ..)| *id == at).filter(|_| left > 0) {
                row.is_remote |= *is_remote;
                (at, left) = (*parent, left - 1);
            }
        }
    }
    rows
}

/// The index of an overlay that is not known to be remote, with a layer in a directory of a mount that is.
fn layered_on_remote<'a>(text: &'a str, rows: &[Row]) -> Option<usize> {
    let remote: Vec<&SmolStr> = rows.iter().filter(|row| row.is_remote).map(|row| &row.point).collect();
    if remote.is_empty() {
        return None;
    }
    let options = |line: &'a str| line.rsplit(' ').next().unwrap_or_default();
    // A directory stands after `=` or `:`, as in `lowerdir=/a:/b`.
    let is_in = |options: &str, point: &str| {
        options.match_indices(point).any(|(at, _)| {
            let (before, after) = (&options[..at], &options[at + point.len()..]);
            before.ends_with(['=', ':']) && (after.is_empty() || after.starts_with(['/', ':', ',']) || point == "/")
        })
    };
    let overlays = text.lines().filter(|line| line.contains(" - overlay "));
    let mut layered = overlays.filter(|line| remote.iter().any(|point| is_in(options(line), point)));
    layered.find_map(|line| {
        let id: u32 = line.split(' ').next()?.parse().ok()?;
        rows.iter().position(|row| row.id == id && row.fs == "overlay" && !row.is_remote)
    })
}

/// Text in which what is not UTF-8 is written as the kernel writes a space: `\377`.
fn escaped(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(chunk.invalid().iter().map(|byte| format!("\\{byte:03o}")));
    }
    text
}

fn line(line: &str) -> Option<Row> {
    let mut words = line.split(' ');
    let (id, parent) = (words.next()?.parse().ok()?, words.next()?.parse().ok()?);
    let (dev, root, point) = (words.next()?, words.next()?, words.next()?);
    // Options, and any number of optional fields.
    let mut words = words.skip_while(|word| *word != "-").skip(1);
    let (fs, source) = (words.next()?, words.next().unwrap_or_default());
    let source = source.starts_with("/dev/").then(|| SmolStr::new(source));
    let is_remote = REMOTE.contains(&fs) || fs.starts_with("fuse.");
    Some(Row { id, parent, dev: dev.into(), root: root.into(), point: point.into(), fs: fs.into(), source, is_remote })
}

/// The path that the kernel wrote with `\040` for a space, and the like.
pub(super) fn path(written: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(written.len());
    let mut rest = written.as_bytes();
    while let Some((first, behind)) = rest.split_first() {
        let octal = behind.get(..3).filter(|_| *first == b'\\').and_then(|digits| {
            let text = std::str::from_utf8(digits).ok()?;
            u8::from_str_radix(text, 8).ok()
        });
        match octal {
            Some(byte) => {
                bytes.push(byte);
                rest = &behind[3..];
            }
            None => {
                bytes.push(*first);
                rest = behind;
            }
        }
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str = "\
27 2 254:0 / / rw,relatime - ext4 /dev/root rw
42 27 7:0 / /scratch/my\\040disk rw,relatime shared:7 master:3 - ext4 /dev/loop0 rw
43 27 254:0 /home /bind rw - ext4 /dev/root rw
50 27 0:50 / /far rw - nfs4 server:/secret rw,addr=10.0.0.1
51 50 0:51 / /far/near rw - tmpfs tmpfs rw
broken
60 27 0:60 / /o/1 rw - overlay overlay rw,lowerdir=/a:/far/l,upperdir=/u,workdir=/w
61 27 0:61 / /o/2 rw - overlay overlay rw,lowerdir=/farther:/a/far,upperdir=/u,workdir=/w
62 27 0:62 / /o/3 rw - overlay overlay rw,lowerdir+=/o/1,upperdir=/u,workdir=/w
63 62 0:63 / /o/3/x rw - tmpfs tmpfs rw
";

    #[test]
    fn a_table_is_read_without_options_and_without_what_may_be_secret() {
        let rows = read(TABLE.as_bytes());
        let of = |id: u32| rows.iter().find(|row| row.id == id).unwrap();
        assert_eq!(rows.len(), 9);
        assert_eq!((of(42).dev.as_str(), of(42).fs.as_str(), of(42).parent), ("7:0", "ext4", 27));
        assert_eq!(of(42).source.as_deref(), Some("/dev/loop0"));
        assert_eq!(of(50).source, None);
        assert!(of(42).is_whole() && !of(43).is_whole());
        let remote: Vec<u32> = rows.iter().filter(|row| row.is_remote).map(|row| row.id).collect();
        assert_eq!(
            remote,
            [50, 51, 60, 62, 63],
            "what is on a mount of a network is reached through it, and layers are"
        );
    }

    #[test]
    fn names_that_are_no_text_are_told_apart_and_lead_to_what_they_name() {
        let table = b"1 2 0:1 / /bad\xff rw - tmpfs t rw\n\
            3 2 0:2 / /bad\xfe\xc3 rw - tmpfs t rw\n\
            4 2 0:3 / /\xc3\xa9 rw - tmpfs t rw\n";
        let rows = read(table);
        let points: Vec<&str> = rows.iter().map(|row| row.point.as_str()).collect();
        assert_eq!(points, ["/bad\\377", "/bad\\376\\303", "/\u{e9}"]);
        let paths: Vec<Vec<u8>> = points.iter().map(|point| path(point)).collect();
        assert_eq!(paths, [&b"/bad\xff"[..], b"/bad\xfe\xc3", b"/\xc3\xa9"]);
    }

    #[test]
    fn a_path_is_what_the_kernel_escaped() {
        assert_eq!(path("/scratch/my\\040disk"), b"/scratch/my disk");
        assert_eq!(path("/a\\134040"), b"/a\\040");
        assert_eq!(path("/odd\\9"), b"/odd\\9");
        assert_eq!(path("/end\\04"), b"/end\\04");
    }
}
