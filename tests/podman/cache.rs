//! Two remote clients of one Podman, which build at once with cache mounts: each writes its name into its cache, and
//! expects to read it in a second build.

use crate::place::{Events, Place, statetrail, until};
use crate::told;
use rustix::fs::{CWD, FileType, Mode, mknodat};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};

const EXPECTATIONS: &str = "tests/scenarios/podman-cache-shared/expectations.yaml";

struct Story {
    place: Place,
    /// Follows the name of a cache.
    sharing: &'static str,
}

impl Story {
    /// Begins a build with one step, which has a cache.
    fn build(&self, client: &str, number: u8, cache: &str, step: &str) -> Child {
        let context = self.place.path(&format!("context-{client}"));
        fs::create_dir_all(&context).unwrap();
        let containerfile = context.join(format!("Containerfile.{number}"));
        let mount = format!("--mount=type=cache,target=/cache,id={cache}{}", self.sharing);
        fs::write(&containerfile, format!("FROM localhost/bb:1\nRUN {mount} sh -c '{step}'\n")).unwrap();
        let mut command = self.place.command();
        command.env("TMPDIR", &context).args(["--remote", "--url"]);
        command.arg(format!("unix://{}", self.place.path("podman.sock").display()));
        command.args(["build", "--no-cache", "-t", &format!("localhost/{client}:{number}"), "-f"]);
        command.arg(&containerfile).arg(&context);
        command.stderr(fs::File::create(context.join("said")).unwrap());
        command.stdout(Stdio::null());
        command.spawn().expect("no podman; install it: apt-get install podman runc busybox-static")
    }

    fn cache(&self, name: &str) -> PathBuf {
        self.place.path("svctmp/buildah-cache").join(name)
    }

    /// Waits until a client has written into its cache.
    fn written(&self, client: &str, cache: &str) {
        let file = self.cache(cache).join("world");
        until(client, || fs::read_to_string(&file).is_ok_and(|text| text == format!("{client}\n")).then_some(()));
    }

    fn ended(&self, client: &str, mut build: Child, is_good: bool) {
        let status = until("the build ends", || build.try_wait().unwrap());
        let said = fs::read_to_string(self.place.path(&format!("context-{client}/said"))).unwrap();
        assert_eq!(status.success(), is_good, "{client}: {said}");
    }
}

/// Tells the story, and returns the recording, and what `check` says of it.
fn story(scenario: &str, [a, b]: [&str; 2], sharing: &'static str, is_good: bool) -> (String, Option<i32>) {
    let place = Place::new(&Events::In("file"));
    let mut service = place.serve();
    let runc = format!("runc:{}", place.path("runc").display());
    let marks = place.path("marks");
    mknodat(CWD, &marks, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).unwrap();
    let recorder = place.record(&[&runc, "--marks-from", marks.to_str().unwrap()]);
    // What was there before is not a part of the story.
    fs::write(&marks, "builds\n").unwrap();
    until("the mark is recorded", || recorder.has(r#""type":"MARK""#).then_some(()));
    let story = Story { place, sharing };
    let wait = |file: &str| format!("until [ -e /cache/{file} ]; do sleep 0.05; done");
    let writes = |client: &str| format!("echo {client} >/cache/world; {}", wait(&format!("go-{client}")));
    let reads = |client: &str| format!("{}; grep -qx {client} /cache/world", wait(&format!("read-{client}")));
    let go = |file: &str, cache: &str| fs::write(story.cache(cache).join(file), "").unwrap();
    // A step that is over before it is recorded would be a gap.
    let used = |times: usize| {
        let text = || fs::read_to_string(&recorder.file).unwrap();
        let uses = || text().lines().filter(|line| line.contains(r#""did":"USE""#)).count();
        until("the step is recorded", || (uses() == times).then_some(()));
    };

    let first = story.build("a", 1, a, &writes("a"));
    story.written("a", a);
    used(1);
    let second = story.build("b", 1, b, &writes("b"));
    // A lock makes it wait.
    if sharing.is_empty() {
        story.written("b", b);
        used(2);
    }
    go("go-a", a);
    story.written("b", b);
    used(2);
    go("go-b", b);
    story.ended("a", first, true);
    story.ended("b", second, true);
    for (times, client, cache, is_good) in [(3, "a", a, is_good), (4, "b", b, true)] {
        let build = story.build(client, 2, cache, &reads(client));
        used(times);
        go(&format!("read-{client}"), cache);
        story.ended(client, build, is_good);
    }

    let file = recorder.file.clone();
    let (code, said) = recorder.stop();
    assert_eq!(code, Some(0), "{said}");
    assert!(told::verified(&file).status.success());
    service.stop();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    if std::env::var_os("UPDATE_SCENARIOS").is_some() {
        fs::copy(&file, root.join("tests/scenarios").join(scenario).join("recording.jsonl")).unwrap();
    }
    let checked = statetrail().arg("check").arg("-e").arg(root.join(EXPECTATIONS)).arg(&file).output().unwrap();
    (String::from_utf8(checked.stdout).unwrap(), checked.status.code())
}

#[test]
fn two_builds_that_share_a_cache_are_seen_to_share_it() {
    let (said, code) = story("podman-cache-shared", ["c", "c"], "", false);
    assert_eq!(code, Some(1), "{said}");
    for violated in ["every-build-ends-with-an-image", "no-directory-is-shared"] {
        assert!(said.contains(&format!("violated      {violated}")), "{said}");
    }
    assert!(said.contains("/buildah-cache/c users: never: shared"), "{said}");
}

#[test]
fn two_builds_with_a_cache_each_share_none() {
    let (said, code) = story("podman-cache-own", ["ca", "cb"], "", true);
    assert_eq!(code, Some(0), "{said}");
}

#[test]
fn two_builds_that_take_turns_at_a_cache_do_not_share_it_at_once_and_mix_what_is_in_it() {
    let (said, code) = story("podman-cache-locked", ["c", "c"], ",sharing=locked", false);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("violated      every-build-ends-with-an-image"), "{said}");
    assert!(said.contains("satisfied     no-directory-is-shared"), "{said}");
}
