//! Recordings of a cluster in which things happen at random, and of which a watch sometimes sees nothing for a while. Then
//! all of that is read back, or a list shows what there is, or the storage has been replaced by an older one.

use statetrail::observation::{
    Attached, Capture, Change, Gap, GapReason, Healed, ObjectEvent, Observation, Payload, Resource, ResourceVersion,
    Shape, Stamp, Watch, decode_object,
};
use statetrail::recording::{Header, SyncPolicy, Writer};
use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

/// How many sorts of recordings there are: a seed is of the sort of its remainder.
pub(super) const SORTS: u64 = 7;

/// Whether the versions of the recording of a seed order what its watches saw: the storage is not replaced, and no two
/// watches are of one kind.
pub(super) fn is_ordered(seed: u64) -> bool {
    matches!(seed % SORTS, 0 | 3)
}

/// Whether the storage is replaced in the recording of a seed.
pub(super) fn is_replaced(seed: u64) -> bool {
    seed % SORTS >= 4
}

/// Writes the recording of a seed.
pub(super) fn recording(seed: u64, path: &Path) {
    let watches = watches(seed % SORTS % 4);
    let header = Header::new(started(), watches.to_vec());
    let mut random = Random {
        state: seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1,
        revision: 10,
        at: Duration::ZERO,
        objects: BTreeMap::new(),
        uids: 0,
        backup: None,
        watched: watches.into_iter().map(|watch| Watched { watch, hidden: None }).collect(),
        lines: Vec::new(),
    };
    random.play(is_replaced(seed));
    let mut writer = Writer::create(path, &header, SyncPolicy::Never).expect("a file");
    for line in &random.lines {
        writer.append(line).expect("a line");
    }
    writer.finish().expect("it is written");
}

/// Two kinds; two namespaces; two names; those with a label, beside a namespace.
fn watches(sort: u64) -> [Watch; 2] {
    let [pods, maps] = [("pods", "Pod"), ("configmaps", "ConfigMap")]
        .map(|(plural, kind)| Watch::all(Resource::new("", "v1", plural, kind)));
    let within = |watch: &Watch, namespace: &str| Watch { namespace: namespace.into(), ..watch.clone() };
    let named = |name: &str| Watch { field_selector: format!("metadata.name={name}"), ..within(&pods, "a") };
    match sort {
        0 => [pods, maps],
        1 => [within(&pods, "a"), within(&pods, "b")],
        2 => [named("o0"), named("o1")],
        _ => [Watch { label_selector: "on=yes".to_owned(), ..pods }, within(&maps, "a")],
    }
}

/// When the recordings start.
pub(super) fn started() -> jiff::Timestamp {
    "2026-01-01T00:00:00Z".parse().expect("a time")
}

/// Kind, namespace and name.
type Key = (&'static str, &'static str, String);

/// A version of an object.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Version {
    uid: u64,
    revision: u64,
    phase: &'static str,
    /// Whether it has the label.
    is_on: bool,
}

type Objects = BTreeMap<Key, Version>;

struct Random {
    state: u64,
    revision: u64,
    at: Duration,
    objects: Objects,
    uids: u64,
    /// What there was at a revision.
    backup: Option<(u64, Objects)>,
    watched: Vec<Watched>,
    lines: Vec<Observation>,
}

struct Watched {
    watch: Watch,
    hidden: Option<Hidden>,
}

/// Since when a watch sees nothing, what it knew by then, and what it has missed.
struct Hidden {
    from: Duration,
    revision: u64,
    known: Objects,
    missed: Vec<(Change, Key, Version, bool)>,
}

impl Watched {
    fn sees(&self, (kind, namespace, name): &Key, version: &Version) -> bool {
        let Watch { resource, namespace: of, label_selector, field_selector, .. } = &self.watch;
        resource.plural == *kind
            && (of.is_empty() || of == namespace)
            && (label_selector.is_empty() || version.is_on)
            && (field_selector.is_empty() || *field_selector == format!("metadata.name={name}"))
    }

    fn of(&self, objects: &Objects) -> Objects {
        let seen = objects.iter().filter(|(key, version)| self.sees(key, version));
        seen.map(|(key, version)| (key.clone(), *version)).collect()
    }
}

impl Random {
    fn play(&mut self, may_be_replaced: bool) {
        for watch in 0..self.watched.len() {
            self.attach(watch);
        }
        for _ in 0..40 {
            self.at += Duration::from_millis(50);
            if self.chance(6) {
                let watch = usize::try_from(self.below(2)).unwrap();
                if self.watched[watch].hidden.is_some() { self.show(watch) } else { self.hide(watch) }
            } else if may_be_replaced && self.chance(8) {
                match self.backup.take() {
                    None => self.backup = Some((self.revision, self.objects.clone())),
                    Some(backup) => self.replace(backup),
                }
            }
            self.write();
        }
        for watch in 0..self.watched.len() {
            if self.watched[watch].hidden.is_some() {
                self.show(watch);
            }
            let resource_version = version(self.revision);
            self.line(Payload::Bookmark { watch: id(watch), resource_version });
        }
    }

    fn chance(&mut self, of: u64) -> bool {
        self.below(of) == 0
    }

    fn below(&mut self, end: u64) -> u64 {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        self.state % end
    }

    fn one<T: Copy>(&mut self, all: &[T]) -> T {
        all[usize::try_from(self.below(u64::try_from(all.len()).unwrap())).unwrap()]
    }

    fn line(&mut self, payload: Payload) {
        let stamp = Stamp { at: started() + self.at, elapsed: self.at };
        self.lines.push(Observation { stamp, payload });
    }

    fn attach(&mut self, watch: usize) {
        let resource_version = version(self.revision);
        self.line(Payload::Attached(Attached {
            watch: id(watch),
            resource_version,
            kind: "".into(),
            not_before: None,
        }));
    }

    fn object(&mut self, watch: usize, (change, key, version, confirmed): (Change, Key, Version, bool), healed: bool) {
        let (_, namespace, name) = key;
        let Version { uid, revision, phase, is_on } = version;
        let labels = if is_on { r#"{"on":"yes"}"# } else { "{}" };
        let text = format!(
            r#"{{"metadata":{{"name":"{name}","namespace":"{namespace}","uid":"u{uid}","resourceVersion":"{revision}","labels":{labels}}},"status":{{"phase":"{phase}"}}}}"#
        );
        let object = decode_object(text.as_bytes(), Shape::Other, Capture::Full).expect("an object");
        let event = ObjectEvent { watch: id(watch), change, object, not_before: None, healed, confirmed };
        self.line(Payload::Object(event));
    }

    /// Something is written, and recorded by the watches that see it.
    fn write(&mut self) {
        self.revision += 1 + self.below(3);
        let key = (self.one(&["pods", "configmaps"]), self.one(&["a", "b"]), self.one(&["o0", "o1", "o2"]).to_owned());
        let before = self.objects.get(&key).copied();
        let is_deleted = before.is_some() && self.chance(4);
        let uid = before.map_or(self.uids + 1, |before| before.uid);
        self.uids = self.uids.max(uid);
        let phase = self.one(&["Pending", "Running", "Failed"]);
        let now = Version { uid, revision: self.revision, phase, is_on: !self.chance(3) };
        if is_deleted {
            self.objects.remove(&key);
        } else {
            self.objects.insert(key.clone(), now);
        }
        for index in 0..self.watched.len() {
            let watched = &mut self.watched[index];
            let was = before.filter(|before| watched.sees(&key, before));
            let is = (!is_deleted).then_some(now).filter(|now| watched.sees(&key, now));
            let event = match (was, is) {
                (None, None) => continue,
                (None, Some(now)) => (Change::Added, key.clone(), now, false),
                (Some(_), Some(now)) => (Change::Modified, key.clone(), now, false),
                // As from a real server: the last state that was selected.
                (Some(was), None) => {
                    let confirmed = is_deleted && !watched.watch.label_selector.is_empty();
                    (Change::Deleted, key.clone(), Version { revision: now.revision, ..was }, confirmed)
                }
            };
            match &mut watched.hidden {
                Some(hidden) => hidden.missed.push(event),
                None => self.object(index, event, false),
            }
        }
    }

    fn hide(&mut self, watch: usize) {
        let known = self.watched[watch].of(&self.objects);
        let hidden = Hidden { from: self.at, revision: self.revision, known, missed: Vec::new() };
        self.watched[watch].hidden = Some(hidden);
        // What is written next is not proven to be the first write of the gap.
        self.revision += 2;
    }

    fn show(&mut self, watch: usize) {
        let Some(hidden) = self.watched[watch].hidden.take() else { return };
        // An object that is unchanged has no gap where it is all that is watched.
        let watched = &self.watched[watch];
        let is_proven =
            watched.watch.object().is_some() && !hidden.known.is_empty() && hidden.known == watched.of(&self.objects);
        if is_proven || self.chance(3) {
            self.heal(watch, hidden);
            return;
        }
        // Of at least one revision of the gap, nothing shows what it was: otherwise nothing is lost.
        self.revision += 3;
        self.list(watch, &hidden, GapReason::HistoryExpired);
    }

    fn heal(&mut self, watch: usize, hidden: Hidden) {
        for event in hidden.missed {
            self.object(watch, event, true);
        }
        self.line(Payload::Healed(Healed {
            watch: id(watch),
            from_resource_version: version(hidden.revision),
            to_resource_version: version(self.revision),
            from: started() + hidden.from,
            to: started() + self.at,
            reason: GapReason::HistoryExpired,
            not_before: None,
        }));
    }

    fn list(&mut self, watch: usize, hidden: &Hidden, reason: GapReason) {
        self.line(Payload::Gap(Gap {
            watch: id(watch),
            from_resource_version: version(hidden.revision),
            to_resource_version: version(self.revision),
            from: started() + hidden.from,
            to: started() + self.at,
            reason,
            unhealed: String::new(),
        }));
        for (key, version) in self.watched[watch].of(&self.objects) {
            if reason == GapReason::HistoryExpired && hidden.known.get(&key) == Some(&version) {
                let resource_version = self::version(version.revision);
                let uid = format!("u{}", version.uid).into();
                self.line(Payload::Unchanged { watch: id(watch), uid, resource_version });
            } else {
                self.object(watch, (Change::Listed, key, version, false), false);
            }
        }
        self.attach(watch);
    }

    /// The storage is replaced by what it was before.
    fn replace(&mut self, (revision, objects): (u64, Objects)) {
        for watch in 0..self.watched.len() {
            if self.watched[watch].hidden.is_none() {
                self.hide(watch);
            }
        }
        (self.revision, self.objects) = (revision, objects);
        let hidden = self.watched.iter_mut().map(|watched| watched.hidden.take().expect("it was hidden"));
        let mut hidden: Vec<(usize, Hidden)> = hidden.enumerate().collect();
        hidden.sort_by_key(|(_, hidden)| std::cmp::Reverse(hidden.revision));
        for (watch, hidden) in hidden {
            // Others cannot tell.
            let is_noticed = hidden.revision > self.revision;
            self.list(watch, &hidden, if is_noticed { GapReason::StorageReplaced } else { GapReason::HistoryExpired });
        }
    }
}

fn version(revision: u64) -> ResourceVersion {
    ResourceVersion::new(revision.to_string())
}

fn id(watch: usize) -> u16 {
    u16::try_from(watch).expect("few watches")
}
