//! Runs one target: generates inputs and checks that each is answered in time.

use super::change::Changer;
use std::collections::HashSet;
use std::fs;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::os::unix::fs::FileExt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Once};
use std::thread;
use std::time::{Duration, Instant};

/// The longest time for one input, on a loaded machine.
const ANSWERED: Duration = Duration::from_secs(30);
/// Most inputs that are kept.
const MAX_KEPT: usize = 4_000;
/// Longest input.
const MAX_INPUT: usize = 256 * 1024;
/// Most memory of the process: an input that asks for more ends it.
const MEMORY: u64 = 3 << 30;

/// A fuzz target.
pub(super) struct Target {
    /// Its folder of the corpus.
    pub name: &'static str,
    /// The seeds in addition to the corpus.
    pub seeds: Vec<Vec<u8>>,
    /// The mutator.
    pub changer: Changer,
    /// Answers an input; inputs that take the same path have the same answer.
    pub answer: fn(&[u8]) -> String,
}

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().and_then(|text| text.parse().ok())
}

/// The inputs that are kept in the repository.
fn corpus(name: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/offline/fuzz/corpus").join(name);
    let mut files: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files.iter().map(|file| fs::read(file).unwrap()).collect()
}

/// Runs everything in a target's corpus, then mutations for its time.
#[expect(clippy::disallowed_methods, reason = "a run is bounded by time, and what must be answered at once is timed")]
pub(super) fn run(target: Target) {
    static LIMIT: Once = Once::new();
    LIMIT.call_once(|| {
        use rustix::process::{Resource, Rlimit, setrlimit};
        setrlimit(Resource::As, Rlimit { current: Some(MEMORY), maximum: Some(MEMORY) }).unwrap();
    });
    let shown = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("fuzz-{}", target.name));
    let begun = Arc::new(AtomicU64::new(0));
    let watch = (Arc::clone(&begun), shown.clone(), target.name);
    let worker =
        thread::Builder::new().name(target.name.to_owned()).spawn(move || work(target, &begun, &shown)).unwrap();
    let (begun, shown, name) = watch;
    let (mut last, mut since) = (u64::MAX, Instant::now());
    while !worker.is_finished() {
        thread::sleep(Duration::from_millis(20));
        let now = begun.load(Ordering::Relaxed);
        if now != last {
            (last, since) = (now, Instant::now());
        }
        assert!(since.elapsed() < ANSWERED, "{name}: not answered within {ANSWERED:?}: {}", shown.display());
    }
    if let Err(failure) = worker.join().unwrap() {
        panic!("{name}: {failure}");
    }
}

#[expect(clippy::disallowed_methods, reason = "a run is bounded by time")]
fn work(target: Target, begun: &AtomicU64, shown: &Path) -> Result<(), String> {
    let seed = number("STATETRAIL_FUZZ_SEED").unwrap_or_else(|| RandomState::new().build_hasher().finish());
    let end = Instant::now() + Duration::from_secs(number("STATETRAIL_FUZZ_SECONDS").unwrap_or(10));
    let mut changer = target.changer.seeded(seed);
    let mut kept: Vec<Vec<u8>> = Vec::new();
    let mut answers: HashSet<String> = HashSet::new();
    let mut tried = 0_u64;
    let mut waiting: Vec<Vec<u8>> = corpus(target.name).into_iter().chain(target.seeds).collect();
    waiting.push(Vec::new());
    let kept_aside = fs::File::create(shown).map_err(|error| format!("{}: {error}", shown.display()))?;
    while !waiting.is_empty() || Instant::now() < end {
        let input = waiting.pop().unwrap_or_else(|| changer.change(&kept));
        if input.len() > MAX_INPUT && !kept.is_empty() {
            continue;
        }
        // Written before it runs, so that an input that kills the process is not lost.
        kept_aside
            .set_len(input.len() as u64)
            .and_then(|()| kept_aside.write_all_at(&input, 0))
            .map_err(|error| format!("{}: {error}", shown.display()))?;
        begun.fetch_add(1, Ordering::Relaxed);
        tried += 1;
        let answer = catch_unwind(AssertUnwindSafe(|| (target.answer)(&input)))
            .map_err(|_| format!("panicked at case {tried} of seed {seed}: {}", shown.display()))?;
        let fresh = answers.len() < MAX_KEPT && answers.insert(answer);
        if fresh || kept.is_empty() {
            kept.push(input);
        }
    }
    println!("{}: {tried} inputs, {} answers, seed {seed}", target.name, answers.len());
    fs::remove_file(shown).ok();
    Ok(())
}

/// An error without the parts that depend on the input: digits and quotations.
pub(super) fn shape(text: &str) -> String {
    let mut quoted = false;
    let mut shape = String::new();
    for c in text.lines().next().unwrap_or_default().chars() {
        if c == '`' || c == '\'' || c == '"' {
            quoted = !quoted;
        } else if !quoted && !c.is_ascii_digit() {
            shape.push(c);
        }
    }
    shape.truncate(shape.char_indices().nth(80).map_or(shape.len(), |(at, _)| at));
    shape
}
