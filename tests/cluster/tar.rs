//! Writes tar archives (POSIX ustar) into memory: as much as a container image needs.
//!
//! Directories, files and symbolic links with short names, owned by root, without a time. It refuses long names
//! instead of cutting them.

#[derive(Default)]
pub(super) struct Tar {
    bytes: Vec<u8>,
}

impl Tar {
    pub(super) fn directory(&mut self, name: &str, mode: u32) {
        self.header(&format!("{name}/"), b'5', mode, 0, "");
    }

    pub(super) fn file(&mut self, name: &str, mode: u32, content: &[u8]) {
        self.header(name, b'0', mode, content.len(), "");
        self.bytes.extend_from_slice(content);
        self.pad();
    }

    pub(super) fn link(&mut self, name: &str, target: &str) {
        self.header(name, b'2', 0o777, 0, target);
    }

    /// The archive, closed with its two empty blocks.
    pub(super) fn finish(mut self) -> Vec<u8> {
        self.bytes.resize(self.bytes.len() + 1024, 0);
        self.bytes
    }

    fn header(&mut self, name: &str, kind: u8, mode: u32, size: usize, target: &str) {
        assert!(name.len() < 100 && target.len() < 100, "a name too long for this archive: {name}, {target}");
        let mut block = [0_u8; 512];
        let mut put = |at: usize, text: &str| block[at..at + text.len()].copy_from_slice(text.as_bytes());
        put(0, name);
        put(100, &format!("{mode:07o}"));
        put(108, "0000000");
        put(116, "0000000");
        put(124, &format!("{size:011o}"));
        put(136, "00000000000");
        // The checksum counts its own field as spaces.
        put(148, "        ");
        put(157, target);
        put(257, "ustar");
        put(263, "00");
        block[156] = kind;
        let sum: u32 = block.iter().copied().map(u32::from).sum();
        block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        self.bytes.extend_from_slice(&block);
    }

    fn pad(&mut self) {
        self.bytes.resize(self.bytes.len().next_multiple_of(512), 0);
    }
}
