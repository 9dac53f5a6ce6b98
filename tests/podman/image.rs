//! An image to run: a static busybox, as a docker-archive. It has a history, without which builds on it fail.

use std::fs::File;
use std::io::Write as _;
use std::path::Path;

const LINKS: &[&str] = &["sh", "cat", "sleep", "echo", "mkdir", "rm", "grep", "true", "false", "touch"];
const BLOCK: usize = 512;

/// Writes the archive.
pub(crate) fn write(file: &Path, name: &str) {
    write_with(file, name, 0);
}

/// Writes an archive with a file of so many bytes, which do not compress.
pub(crate) fn write_with(file: &Path, name: &str, bytes: usize) {
    let busybox = Path::new("/bin/busybox");
    assert!(busybox.exists(), "no /bin/busybox; install it: apt-get install busybox-static");
    let mut layer = Tar::default();
    for folder in ["bin", "tmp", "etc", "proc", "sys", "dev"] {
        layer.entry(folder, b'5', 0o755, b"", "");
    }
    layer.entry("bin/busybox", b'0', 0o755, &std::fs::read(busybox).unwrap(), "");
    for link in LINKS {
        layer.entry(&format!("bin/{link}"), b'2', 0o777, b"", "busybox");
    }
    if bytes > 0 {
        let mut state = 1_u64;
        let random = std::iter::repeat_with(|| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state.to_le_bytes()
        });
        let content: Vec<u8> = random.take(bytes / 8).flatten().collect();
        layer.entry("tmp/large", b'0', 0o644, &content, "");
    }
    let layer = layer.done();
    let digest = digest(&layer);
    let made = "2026-01-01T00:00:00Z";
    let config = serde_json::json!({
        "architecture": if cfg!(target_arch = "aarch64") { "arm64" } else { "amd64" },
        "os": "linux",
        "config": {"Env": ["PATH=/bin"], "Cmd": ["sh"]},
        "created": made,
        "history": [{"created": made, "created_by": "test"}],
        "rootfs": {"type": "layers", "diff_ids": [format!("sha256:{digest}")]},
    })
    .to_string();
    let manifest =
        serde_json::json!([{"Config": "config.json", "RepoTags": [name], "Layers": ["layer.tar"]}]).to_string();
    let mut archive = Tar::default();
    archive.entry("config.json", b'0', 0o644, config.as_bytes(), "");
    archive.entry("layer.tar", b'0', 0o644, &layer, "");
    archive.entry("manifest.json", b'0', 0o644, manifest.as_bytes(), "");
    File::create(file).unwrap().write_all(&archive.done()).unwrap();
}

fn digest(bytes: &[u8]) -> String {
    let digest = ring::digest::digest(&ring::digest::SHA256, bytes);
    digest.as_ref().iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}

/// A tar archive (POSIX.1-1988, ustar).
#[derive(Default)]
struct Tar(Vec<u8>);

impl Tar {
    fn entry(&mut self, name: &str, kind: u8, mode: u32, bytes: &[u8], link: &str) {
        let mut head = [0_u8; BLOCK];
        let mut put = |at: usize, text: &[u8]| head[at..at + text.len()].copy_from_slice(text);
        put(0, name.as_bytes());
        put(100, format!("{mode:07o}").as_bytes());
        put(108, b"0000000");
        put(116, b"0000000");
        put(124, format!("{:011o}", bytes.len()).as_bytes());
        put(136, b"00000000000");
        put(148, b"        ");
        put(156, &[kind]);
        put(157, link.as_bytes());
        put(257, b"ustar\x0000");
        let sum: u32 = head.iter().map(|byte| u32::from(*byte)).sum();
        head[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        self.0.extend_from_slice(&head);
        self.0.extend_from_slice(bytes);
        self.0.resize(self.0.len().next_multiple_of(BLOCK), 0);
    }

    fn done(mut self) -> Vec<u8> {
        self.0.resize(self.0.len() + 2 * BLOCK, 0);
        self.0
    }
}
