//! A world that is known to the last version and the last instant: which objects lived, and what each version said.
//!
//! Times are whole microseconds since the recorder started; what was before it is negative. Letters are those of the
//! oracle of single words: 0, 1 and 2 are named by expectations, the others are not.

use super::chance::Chance;
use crate::oracle::language::Labels;

/// Far behind everything.
pub(super) const NEVER: i64 = i64::MAX / 4;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Kind {
    Pod,
    Vmi,
}

pub(super) const KINDS: [Kind; 2] = [Kind::Pod, Kind::Vmi];

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Track {
    Phase,
    Ready,
    Other,
    Container,
    Lifecycle,
}

impl Track {
    pub(super) fn name(self, kind: Kind) -> &'static str {
        match (self, kind) {
            (Self::Phase, _) => "phase",
            (Self::Ready, _) => "condition/Ready",
            (Self::Other, Kind::Pod) => "condition/PodScheduled",
            (Self::Other, Kind::Vmi) => "condition/Paused",
            (Self::Container, _) => "container/app",
            (Self::Lifecycle, _) => "lifecycle",
        }
    }

    /// True when its states have details.
    pub(super) fn has_details(self, kind: Kind) -> bool {
        (self, kind) == (Self::Phase, Kind::Pod)
    }

    /// The number of the label of each letter; none for the state of a track that was lost.
    pub(super) fn numbered(self, kind: Kind) -> Labels {
        let labels = self.labels(kind).map(|state| state.split('/').next().unwrap_or_default());
        labels.map(|label| {
            let first = labels.iter().position(|other| *other == label).and_then(|at| u8::try_from(at).ok());
            first.filter(|_| !["", "Absent"].contains(&label))
        })
    }

    /// The labels of the letters, with their details.
    pub(super) fn labels(self, kind: Kind) -> [&'static str; 6] {
        match (self, kind) {
            // With the pod's own reason.
            (Self::Phase, Kind::Pod) => {
                ["Failed/Evicted", "Failed/Lost", "Running/Evicted", "Failed", "Running/Lost", "Absent"]
            }
            (Self::Phase, Kind::Vmi) => ["Pending", "Running", "Failed", "Scheduled", "Succeeded", "Absent"],
            (Self::Ready | Self::Other, _) => ["True", "False", "Absent", "Unknown", "", ""],
            (Self::Container, _) => {
                ["Running", "Error", "CrashLoopBackOff", "Completed", "ContainerCreating", "Absent"]
            }
            (Self::Lifecycle, _) => ["Present", "Terminating", "Deleted", "", "", ""],
        }
    }
}

/// What one version of an object says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct State {
    pub phase: Option<u8>,
    pub ready: Option<u8>,
    pub other: Option<u8>,
    /// The state of the container, and its restart count.
    pub container: Option<(u8, u32)>,
    /// States that the container went through since the version before, and that no version showed.
    pub hidden: Vec<u8>,
    pub label: u8,
    pub terminating: bool,
}

/// A write of an object: its place is the moment and the number within it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Write {
    pub base: i64,
    pub sub: u8,
    /// None: it was deleted.
    pub state: Option<State>,
    /// The place of the write whose version it has, where the storage was set back to it.
    pub again: Option<i64>,
}

/// A storage that was set back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Restored {
    /// When.
    pub base: i64,
    /// The place whose state it has again. It counts on from there.
    pub snapshot: i64,
}

impl Write {
    pub(super) fn place(&self) -> i64 {
        self.base * 10 + i64::from(self.sub)
    }
}

/// The life of one object, of one uid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Life {
    pub kind: Kind,
    pub namespace: u8,
    pub name: u8,
    pub uid: u32,
    pub owner: Option<u32>,
    pub writes: Vec<Write>,
    /// It was deleted before, and the storage that was set back has it again: another life.
    pub again: bool,
}

impl Life {
    pub(super) fn born(&self) -> i64 {
        self.writes[0].place()
    }

    /// The place of its deletion.
    pub(super) fn died(&self) -> Option<i64> {
        self.writes.last().filter(|write| write.state.is_none()).map(Write::place)
    }

    /// The last write up to a place.
    pub(super) fn upto(&self, place: i64) -> Option<usize> {
        self.writes.iter().rposition(|write| write.place() <= place)
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct World {
    pub lives: Vec<Life>,
    /// By how much the streams of pods and of VMIs are late.
    pub delays: [i64; 2],
    pub restored: Option<Restored>,
}

/// One entry of a trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    pub letter: u8,
    pub at: i64,
    pub place: i64,
}

impl World {
    /// How the storage counts a place.
    pub(super) fn version(&self, place: i64) -> i64 {
        match self.restored {
            Some(restored) if place >= restored.base * 10 => restored.snapshot + place - restored.base * 10,
            _ => place,
        }
    }

    /// Makes the writes of the moment at which the storage was set back those that this means.
    pub(super) fn set_back(&mut self) {
        let Some(Restored { base, snapshot }) = self.restored else { return };
        let mut revived: Vec<Life> = Vec::new();
        for (number, life) in self.lives.iter_mut().enumerate().filter(|(_, life)| !life.again) {
            life.writes.retain(|write| write.base != base);
            let (then, last) = (life.upto(snapshot), life.upto(base * 10));
            let sub = u8::try_from(number).expect("few");
            match (then, last) {
                (None, Some(last)) => {
                    // It was created since: nobody has heard of it.
                    life.writes.truncate(last + 1);
                    if life.died().is_none() {
                        life.writes.push(Write { base, sub, state: None, again: None });
                    }
                }
                (Some(then), Some(last)) if then < last => {
                    let before = &life.writes[then];
                    let state = before.state.clone().map(|state| State { hidden: Vec::new(), ..state });
                    let again = Some(before.place());
                    let write = Write { base, sub, state, again };
                    if life.writes[last].state.is_some() {
                        life.writes.insert(last + 1, write);
                    } else {
                        revived.push(Life { writes: vec![write], again: true, ..life.clone() });
                    }
                }
                _ => {}
            }
        }
        // What happened to them since stays.
        for life in &mut revived {
            let known = self.lives.iter().find(|known| known.again && known.uid == life.uid);
            let since = known.into_iter().flat_map(|known| &known.writes).filter(|write| write.base > base);
            life.writes.extend(since.cloned());
        }
        self.lives.retain(|life| !life.again);
        self.lives.extend(revived);
    }

    pub(super) fn delay(&self, kind: Kind) -> i64 {
        self.delays[kind as usize]
    }

    /// The whole trace of a track. None where the object of this kind has no such track.
    pub(super) fn trace(&self, life: &Life, track: Track) -> Vec<Entry> {
        let mut trace: Vec<Entry> = Vec::new();
        let mut restarts = 0;
        for write in &life.writes {
            let (at, place) = (write.base + self.delay(life.kind), write.place());
            let enter = |trace: &mut Vec<Entry>, letter: u8| {
                if trace.last().is_none_or(|last| last.letter != letter) {
                    trace.push(Entry { letter, at, place });
                }
            };
            let Some(state) = &write.state else {
                if track == Track::Lifecycle {
                    enter(&mut trace, 2);
                }
                continue;
            };
            let (held, absent) = match track {
                Track::Lifecycle => (Some(u8::from(state.terminating)), 5),
                Track::Container => {
                    if let Some((_, count)) = state.container {
                        if count > restarts {
                            state.hidden.iter().for_each(|letter| enter(&mut trace, *letter));
                        }
                        restarts = count;
                    }
                    (state.container.map(|(letter, _)| letter), 5)
                }
                Track::Phase => (state.phase, 5),
                Track::Ready => (state.ready, 2),
                Track::Other => (state.other, 2),
            };
            match held {
                None if trace.is_empty() => {}
                held => enter(&mut trace, held.unwrap_or(absent)),
            }
        }
        trace
    }

    /// The restart counts that its versions showed, each with its time.
    pub(super) fn restarts(&self, life: &Life) -> Vec<(u32, i64, i64)> {
        let counted = |write: &Write| {
            let count = write.state.as_ref()?.container?.1;
            Some((count, write.base + self.delay(life.kind), write.place()))
        };
        life.writes.iter().filter_map(counted).collect()
    }

    /// A place that no write has.
    fn free(&self, base: i64, chance: &mut Chance) -> Option<u8> {
        let sub = u8::try_from(chance.below(9)).expect("small");
        let taken = |write: &Write| write.base == base && write.sub == sub;
        (!self.lives.iter().flat_map(|life| &life.writes).any(taken)).then_some(sub)
    }

    /// Adds a write of a life at a moment, if there is room.
    pub(super) fn write(&mut self, life: usize, base: i64, state: Option<State>, chance: &mut Chance) -> bool {
        let Some(sub) = self.free(base, chance) else { return false };
        self.lives[life].writes.push(Write { base, sub, state, again: None });
        self.lives[life].writes.sort_by_key(Write::place);
        true
    }

    /// Nothing follows on a deletion, none that was requested is taken back, a life begins with a state, and no two
    /// lives of one name overlap.
    pub(super) fn is_possible(&self) -> bool {
        let terminates = |write: &Write| write.state.as_ref().is_none_or(|state| state.terminating);
        let follows = |pair: &[Write]| pair[1].again.is_some() || terminates(&pair[0]) <= terminates(&pair[1]);
        let sound = |life: &Life| {
            let last = life.writes.len().saturating_sub(1);
            !life.writes.is_empty()
                && life.writes[0].state.is_some()
                && life.writes.iter().enumerate().all(|(at, write)| write.state.is_some() || at == last)
                && life.writes.windows(2).all(follows)
        };
        let overlap = |one: &Life, other: &Life| {
            let until = |life: &Life| life.died().unwrap_or(NEVER);
            one.born() <= until(other) && other.born() <= until(one)
        };
        let namesakes =
            |one: &Life, other: &Life| (one.kind, one.namespace, one.name) == (other.kind, other.namespace, other.name);
        // Who is named as an owner has lived.
        let owned = |life: &Life| {
            life.owner.is_none_or(|uid| {
                let mut owners = self.lives.iter().filter(|owner| owner.uid == uid);
                owners.any(|owner| owner.namespace == life.namespace && owner.born() < life.born())
            })
        };
        self.lives.iter().all(sound)
            && self.lives.iter().all(owned)
            && self.lives.iter().enumerate().all(|(at, one)| {
                self.lives[..at].iter().all(|other| {
                    (one.uid != other.uid || one.again != other.again)
                        && !(namesakes(one, other) && overlap(one, other))
                })
            })
    }
}

/// The next state of an object.
pub(super) fn next(kind: Kind, before: &State, chance: &mut Chance) -> State {
    let mut state = State { hidden: Vec::new(), ..before.clone() };
    for _ in 0..=chance.below(2) {
        match chance.below(9) {
            0..=2 => {
                let letter = [0, 1, 2, 1, 3, 4][chance.index(6)];
                state.phase = (!chance.one_in(30)).then_some(letter);
            }
            3..=4 => state.ready = [Some(0), Some(1), None, Some(3)][chance.index(4)],
            5 => state.other = [Some(0), Some(1), None][chance.index(3)],
            6..=7 if kind == Kind::Pod => {
                let (letter, count) = before.container.unwrap_or((4, 0));
                state.container = Some(match chance.below(6) {
                    0 => (0, count + 1),
                    1 => (letter, count + 1 + u32::from(chance.one_in(3))),
                    2 if chance.one_in(4) => (0, 0),
                    _ => ([0, 1, 2, 3, 4][chance.index(5)], count),
                });
                if state.container.is_some_and(|(now, risen)| now == letter && risen > count)
                    && before.container.is_some()
                {
                    let hidden = chance.below(3);
                    state.hidden = (0..hidden).map(|_| [0, 1, 2, 3][chance.index(4)]).collect();
                }
            }
            _ if chance.one_in(4) => state.terminating = true,
            _ if chance.one_in(6) => state.label = 1 - state.label,
            _ => {}
        }
    }
    state
}

/// The first state of an object.
pub(super) fn first(kind: Kind, chance: &mut Chance) -> State {
    let state = State {
        phase: (!chance.one_in(8)).then(|| [0, 0, 0, 1, 3][chance.index(5)]),
        label: u8::from(chance.one_in(3)),
        ..State::default()
    };
    let mut state = if chance.one_in(2) { next(kind, &state, chance) } else { state };
    state.terminating = false;
    if let Some((_, count)) = &mut state.container
        && !chance.one_in(4)
    {
        *count = 0;
    }
    state.hidden.clear();
    state
}

/// A life with its writes from `from` on, until about `to`.
fn live(world: &mut World, life: Life, from: i64, to: i64, chance: &mut Chance) {
    let (kind, at) = (life.kind, world.lives.len());
    world.lives.push(life);
    let mut state = first(kind, chance);
    let mut base = from;
    let written = world.write(at, base, Some(state.clone()), chance);
    while written && base <= to {
        base += chance.within(0, 6);
        if base > to || chance.one_in(9) {
            break;
        }
        state = next(kind, &state, chance);
        let dies = chance.one_in(7);
        let after = world.lives[at].writes.last().map(Write::place);
        if !world.write(at, base, (!dies).then(|| state.clone()), chance) || dies {
            break;
        }
        // A write of the same moment that came before: not what was meant.
        if world.lives[at].writes.last().map(Write::place) == after {
            world.lives[at].writes.retain(|write| Some(write.place()) <= after && write.state.is_some());
            break;
        }
    }
    if world.lives[at].writes.is_empty() {
        world.lives.pop();
    }
}

/// A small world.
pub(super) fn world(chance: &mut Chance) -> World {
    loop {
        let mut world = World { lives: Vec::new(), delays: [0, 0], restored: None };
        if chance.one_in(3) {
            world.delays[chance.index(2)] = chance.within(1, 4);
        }
        let count = 1 + chance.below(4);
        for uid in 0..count {
            let kind = KINDS[chance.index(2)];
            let owners: Vec<(u32, u8, i64)> = world
                .lives
                .iter()
                .filter(|life| life.kind == Kind::Vmi)
                .map(|life| (life.uid, life.namespace, life.writes[0].base))
                .collect();
            let owner = (kind == Kind::Pod && !owners.is_empty() && !chance.one_in(3))
                .then(|| owners[chance.index(owners.len())]);
            let namespace = u8::from(chance.one_in(5));
            let from = chance.within(-15, 25);
            let life = Life {
                kind,
                namespace: owner.map_or(namespace, |owner| owner.1),
                name: u8::from(chance.one_in(3)),
                uid: u32::try_from(uid).expect("small"),
                owner: owner.map(|owner| owner.0),
                writes: Vec::new(),
                again: false,
            };
            let from = owner.map_or(from, |owner| from.max(owner.2 + 1));
            live(&mut world, life, from, 45, chance);
        }
        if chance.one_in(8) {
            let base = chance.within(12, 28);
            let snapshot = (base - chance.within(1, 10)) * 10;
            world.restored = Some(Restored { base, snapshot });
            world.set_back();
            for at in 0..world.lives.len() {
                if world.lives[at].again && !chance.one_in(3) {
                    let state = world.lives[at].writes[0].state.clone().unwrap_or_default();
                    let state = next(world.lives[at].kind, &state, chance);
                    world.write(at, base + chance.within(1, 12), Some(state), chance);
                }
            }
        }
        if !world.lives.is_empty() && world.is_possible() && hidden_fits(&world) {
            return world;
        }
    }
}

/// Another world, which may look the same.
pub(super) fn mutant(world: &World, moments: &[(i64, i64)], chance: &mut Chance) -> Option<World> {
    let mut other = world.clone();
    for _ in 0..=chance.below(3) {
        let (from, to) = moments[chance.index(moments.len())];
        let at = chance.index(other.lives.len());
        match chance.below(10) {
            0..=3 => {
                let base = chance.within(from, to);
                let life = &other.lives[at];
                let before = life.upto(base * 10 + 9).and_then(|at| life.writes[at].state.clone());
                let before = before.or_else(|| life.writes[0].state.clone()).unwrap_or_default();
                let state = if chance.one_in(8) { None } else { Some(next(life.kind, &before, chance)) };
                other.write(at, base, state, chance);
            }
            4 => {
                let life = &mut other.lives[at];
                let write = chance.index(life.writes.len());
                life.writes.remove(write);
                if life.writes.is_empty() {
                    other.lives.remove(at);
                    if other.lives.is_empty() {
                        return None;
                    }
                }
            }
            5..=6 => {
                let life = &mut other.lives[at];
                let write = chance.index(life.writes.len());
                life.writes[write].base += chance.within(-3, 3);
                life.writes.sort_by_key(Write::place);
            }
            7 => {
                let kind = other.lives[at].kind;
                let life = &mut other.lives[at];
                let write = chance.index(life.writes.len());
                if let Some(state) = &mut life.writes[write].state {
                    *state = next(kind, state, chance);
                }
            }
            8 => {
                let life = &mut other.lives[at];
                let write = chance.index(life.writes.len());
                if let Some(state) = &mut life.writes[write].state
                    && state.container.is_some()
                {
                    state.hidden = (0..chance.below(3)).map(|_| [0, 1, 2, 3][chance.index(4)]).collect();
                }
            }
            _ => {
                let uid = 10 + u32::try_from(chance.below(1000)).expect("small");
                let kind = KINDS[chance.index(2)];
                let owner = world.lives.iter().rfind(|life| life.kind == Kind::Vmi);
                let owner = owner.filter(|_| kind == Kind::Pod && chance.one_in(2));
                let namespace = u8::from(chance.one_in(5));
                let life = Life {
                    kind,
                    namespace: owner.map_or(namespace, |owner| owner.namespace),
                    name: u8::from(chance.one_in(2)),
                    uid,
                    owner: owner.map(|owner| owner.uid),
                    writes: Vec::new(),
                    again: false,
                };
                let base = chance.within(from, to);
                live(&mut other, life, base, to, chance);
                if let Some(life) = other.lives.last_mut().filter(|life| life.uid == uid)
                    && life.died().is_none()
                    && chance.one_in(2)
                {
                    let index = other.lives.len() - 1;
                    let base = other.lives[index].writes.last().map_or(base, |write| write.base);
                    other.write(index, base.max(to), None, chance);
                }
            }
        }
        other.set_back();
        if !other.is_possible() || !hidden_fits(&other) {
            return None;
        }
    }
    (other != *world).then_some(other)
}

/// What was never published comes with a higher restart count under the same label, in a version that is not the first.
fn hidden_fits(world: &World) -> bool {
    world.lives.iter().all(|life| {
        let mut before: Option<(u8, u32)> = None;
        life.writes.iter().filter_map(|write| write.state.as_ref()).all(|state| {
            let risen = match (before, state.container) {
                (Some((letter, count)), Some((now, risen))) => letter == now && risen > count,
                _ => false,
            };
            before = state.container.or(before);
            state.hidden.is_empty() || risen
        })
    })
}
