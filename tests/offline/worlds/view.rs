//! How a world is seen: the watches with what each of them misses, and the recording that comes of it.
//!
//! What is recorded is a function of the world and the view. Two worlds that give the same recording under one view are
//! both consistent with what was seen, with no argument about gaps or ends.

use super::chance::{Chance, mix};
use super::lines::{Line, Object, What};
use super::world::{Kind, Life, NEVER, Restored, World, Write};
use std::collections::HashMap;

/// How a stream goes on after an interruption.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Resumption {
    /// At the version recorded last: what was missed comes late, so many lines a microsecond.
    Reconnected { pace: i64 },
    /// After a gap and a new list. Of some objects what was missed is read back whole, or its newest versions.
    Relisted { healed: u64, unchanged: bool },
    /// With all of it read back.
    Healed,
    /// After a new list, since the storage was set back.
    Replaced,
}

/// An interruption, from the moment at which the stream was last known alive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Outage {
    pub from: (i64, u8),
    pub to: i64,
    pub how: Resumption,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Finish {
    Whole,
    Broken,
    None,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Watch {
    pub kind: Kind,
    pub namespace: Option<u8>,
    pub label: Option<u8>,
    /// Its versions are counted apart, by so much off the others.
    pub separate: Option<i64>,
    pub attached: i64,
    /// When the server said that it does not serve the kind, before it did.
    pub unserved: Option<i64>,
    /// What was before was read, too: since when, and as is known after the outage.
    pub past: Option<(i64, Outage)>,
    pub outages: Vec<Outage>,
    pub bookmarks: Vec<(i64, u8)>,
    pub finish: (i64, Finish),
    /// One of so many lines cannot be decoded; 0: all can.
    pub undecodable: u64,
    /// One of so many versions has a status that cannot be read; 0: all can.
    pub unreadable: u64,
    pub seed: u64,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct View {
    pub watches: Vec<Watch>,
    pub marks: Vec<(u8, i64)>,
    /// When the recorder was killed, and started again.
    pub resumed: Option<(i64, i64)>,
    /// Its machine was restarted meanwhile.
    pub rebooted: bool,
    /// It was stopped, not killed.
    pub ended: bool,
    /// When the recorder stopped; none while it goes on.
    pub end: Option<i64>,
    /// Microseconds of one moment.
    pub unit: i64,
}

/// How an object was first seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Sight {
    /// The place of the version.
    pub place: i64,
    /// When the line came.
    pub at: i64,
    /// It came when it was written.
    pub prompt: bool,
    /// It was there before.
    pub listed: bool,
}

/// What was recorded.
pub(super) struct Seen {
    pub lines: Vec<Line>,
    /// By uid, and whether it is the life after a deletion that was undone.
    pub sights: HashMap<(u32, bool), Sight>,
}

impl Watch {
    /// The moment of its first list.
    pub(super) fn first(&self) -> i64 {
        self.past.map_or(self.attached, |(since, _)| since)
    }

    /// Puts an outage in the place of those that are at the same time.
    fn lose(&mut self, outage: Outage) {
        self.outages.retain(|other| other.to < outage.from.0 || other.from.0 > outage.to);
        self.outages.push(outage);
        self.outages.sort_by_key(|outage| outage.from);
    }

    /// Whether it would show objects of this kind and namespace, if they have the label.
    pub(super) fn reaches(&self, kind: Kind, namespace: u8) -> bool {
        self.kind == kind && self.namespace.is_none_or(|only| only == namespace)
    }

    fn selects(&self, write: &Write) -> bool {
        write.state.as_ref().is_some_and(|state| self.label.is_none_or(|label| label == state.label))
    }

    /// Whether nothing of its kind lived when it was not served: what its first list shows was created later.
    fn is_served_as_said(&self, world: &World) -> bool {
        let moment = |place: i64| place.div_euclid(10) + world.delay(self.kind);
        self.unserved.is_none_or(|unserved| {
            world.lives.iter().filter(|life| life.kind == self.kind).all(|life| {
                let (born, died) = (moment(life.born()), life.died().map(moment));
                died.is_some_and(|died| died < unserved)
                    || born > unserved && died.is_none_or(|died| died > self.attached)
            })
        })
    }

    /// Whether it shows every deletion that is undone: an object whose deletion nobody saw lives on.
    fn shows_undone(&self, world: &World) -> bool {
        let replaced = self.outages.iter().find(|outage| outage.how == Resumption::Replaced);
        let read = replaced.map(|outage| (outage.from.0 - world.delay(self.kind)) * 10 + i64::from(outage.from.1));
        let mut undone = world.lives.iter().filter(|life| life.again && self.reaches(life.kind, life.namespace));
        undone.all(|again| {
            let before = world.lives.iter().find(|life| life.uid == again.uid && !life.again);
            let is_unread = |died: i64| {
                let version = self.version(world.version(died)).unsigned_abs();
                self.chooses(self.undecodable, version)
            };
            before.and_then(Life::died).zip(read).is_some_and(|(died, read)| died <= read && !is_unread(died))
        })
    }

    /// A place, as its storage counts.
    pub(super) fn version(&self, place: i64) -> i64 {
        1000 + place + self.separate.unwrap_or(0)
    }

    /// Its server's versions are not numbers.
    pub(super) fn is_opaque(&self) -> bool {
        self.chooses(7, 901)
    }

    /// History is read by number.
    fn reads_nothing_back(&mut self) {
        self.past = None;
        for outage in &mut self.outages {
            outage.how = match outage.how {
                Resumption::Healed => Resumption::Relisted { healed: 0, unchanged: false },
                Resumption::Relisted { unchanged, .. } => Resumption::Relisted { healed: 0, unchanged },
                how => how,
            };
        }
    }

    /// After its gaps, the storage may be another.
    fn is_unproven(&self) -> bool {
        self.chooses(4, 902)
    }

    /// Whether the status of a version can be read.
    fn reads(&self, version: i64) -> bool {
        !self.chooses(self.unreadable, 300 + version.unsigned_abs())
    }

    fn chooses(&self, one_in: u64, of: u64) -> bool {
        one_in > 0 && mix(self.seed ^ mix(of)).is_multiple_of(one_in)
    }
}

/// A watch, as it is written.
struct Stream<'a> {
    world: &'a World,
    watch: &'a Watch,
    id: usize,
    /// When the recorder was stopped, if it was started again.
    ended: Option<i64>,
    lines: Vec<Line>,
    sights: HashMap<(u32, bool), Sight>,
    /// Until when the lines of a backlog come: a bookmark stands behind them.
    backlog: i64,
    /// The last place that was delivered.
    through: i64,
    /// The version recorded last.
    last: i64,
    /// The version of each object that was recorded last.
    versions: HashMap<u32, i64>,
}

impl<'a> Stream<'a> {
    fn new(world: &'a World, watch: &'a Watch, id: usize, ended: Option<i64>) -> Self {
        let (lines, sights, versions) = (Vec::new(), HashMap::new(), HashMap::new());
        Self { world, watch, id, ended, lines, sights, versions, backlog: i64::MIN, through: i64::MIN, last: 0 }
    }

    fn delay(&self) -> i64 {
        self.world.delay(self.watch.kind)
    }

    /// A place, as the storage counts.
    fn version(&self, place: i64) -> i64 {
        self.watch.version(self.world.version(place))
    }

    /// The version of a write.
    fn version_of(&self, write: &Write) -> i64 {
        self.version(write.again.unwrap_or_else(|| write.place()))
    }

    fn lives(&self) -> impl Iterator<Item = &'a Life> + use<'a> {
        let watch = self.watch;
        self.world.lives.iter().filter(move |life| watch.reaches(life.kind, life.namespace))
    }

    /// The last place whose write could have been received at this moment.
    fn horizon(&self, at: i64) -> i64 {
        (at - self.delay()) * 10 + 9
    }

    fn say(&mut self, at: i64, what: What) {
        self.lines.push(Line { at, watch: Some(self.id), what });
    }

    /// Writes behind what was delivered, up to a place, in order.
    fn writes(&self, after: i64, upto: i64) -> Vec<(&'a Life, usize)> {
        let mut found: Vec<(&Life, usize)> = self
            .lives()
            .flat_map(|life| (0..life.writes.len()).map(move |at| (life, at)))
            .filter(|(life, at)| (after + 1..=upto).contains(&life.writes[*at].place()))
            .collect();
        found.sort_by_key(|(life, at)| life.writes[*at].place());
        found
    }

    /// The moment of the next write behind a place.
    fn next_after(&self, place: i64) -> i64 {
        let next = self.writes(place, NEVER / 100).first().map(|(life, at)| life.writes[*at].base + self.delay());
        next.unwrap_or(NEVER)
    }

    /// What the watch says of a write: the type of its event, and the state that it holds.
    fn event(&self, life: &'a Life, at: usize) -> Option<(&'static str, &'a Write, bool)> {
        let write = &life.writes[at];
        let before = at.checked_sub(1).map(|before| &life.writes[before]).filter(|write| self.watch.selects(write));
        match (before, &write.state) {
            (Some(before), None) => Some(("DELETED", before, true)),
            (None, None) => None,
            (Some(before), Some(_)) if !self.watch.selects(write) => Some(("DELETED", before, false)),
            (None, Some(_)) if !self.watch.selects(write) => None,
            (Some(_), Some(_)) => Some(("MODIFIED", write, false)),
            (None, Some(_)) => Some(("ADDED", write, false)),
        }
    }

    fn object(&mut self, line: (i64, Option<i64>), life: &Life, at: usize, healed: bool) {
        let Some((event, holds, gone)) = self.event(life, at) else { return };
        let place = life.writes[at].place();
        let version = self.version_of(&life.writes[at]);
        let (at, late) = line;
        let unread = !healed && self.watch.chooses(self.watch.undecodable, version.unsigned_abs());
        if !healed {
            self.last = version;
        }
        self.versions.insert(life.uid, version);
        let object = self.shown(life, holds, version);
        if unread {
            self.say(at, What::Undecodable { event, object });
            return;
        }
        let listed = event != "ADDED" && !self.sights.contains_key(&(life.uid, life.again));
        self.sees(life, Sight { place, at, prompt: late.is_none(), listed }, version);
        let confirmed = gone && self.watch.label.is_some() && self.watch.chooses(2, 7 + version.unsigned_abs());
        self.say(at, What::Object { event, object, late, healed, confirmed });
    }

    /// An object, as a line shows it.
    fn shown(&self, life: &Life, holds: &Write, version: i64) -> Object {
        Object::new(life, holds, version, self.watch.reads(version))
    }

    /// Notes how an object is seen, if that is its first version. When one is that could not be read is not known.
    fn sees(&mut self, life: &Life, sight: Sight, version: i64) {
        let known = self.watch.reads(version);
        let sight = Sight { prompt: sight.prompt && known, listed: sight.listed || !known, ..sight };
        self.sights.entry((life.uid, life.again)).or_insert(sight);
    }

    fn deliver(&mut self, upto: i64) {
        for (life, at) in self.writes(self.through, upto) {
            let moment = life.writes[at].base + self.delay();
            self.object((moment, None), life, at, false);
        }
        self.through = self.through.max(upto);
    }

    /// What a list shows at a moment.
    fn list(&mut self, at: i64, known: Option<bool>) {
        self.listed((at, at, None), known);
    }

    /// What a list of a moment shows, received at another, when it may be from before.
    fn listed(&mut self, (of, at, late): (i64, i64, Option<i64>), known: Option<bool>) {
        let upto = self.horizon(of);
        let mut there: Vec<(&Life, usize)> = self
            .lives()
            .filter_map(|life| life.upto(upto).map(|at| (life, at)))
            .filter(|(life, at)| self.watch.selects(&life.writes[*at]))
            .collect();
        there.sort_by_key(|(life, _)| mix(self.watch.seed ^ u64::from(life.uid)));
        for (life, write) in there {
            let holds = &life.writes[write];
            let place = holds.place();
            let version = self.version_of(holds);
            let same = self.versions.insert(life.uid, version) == Some(version);
            if same && known == Some(true) {
                self.say(at, What::Unchanged { uid: life.uid, version });
                continue;
            }
            self.sees(life, Sight { place, at, prompt: late.is_none(), listed: true }, version);
            let object = self.shown(life, holds, version);
            let healed = late.is_some();
            self.say(at, What::Object { event: "LISTED", object, late, healed, confirmed: false });
        }
        self.through = self.through.max(upto);
        self.last = self.version(upto);
        self.say(at, What::Attached { version: self.last, kind: self.watch.kind, alive: late });
    }

    /// Goes on after an outage, with everything that came late told by a moment.
    fn outage(&mut self, outage: &Outage, by: i64) {
        let (from, to) = (outage.from.0, outage.to);
        let upto = self.horizon(to);
        let missed = self.writes(self.through, upto);
        match outage.how {
            Resumption::Reconnected { pace } => {
                self.say(to, What::Reconnected { version: self.last, late: from });
                let latest = self.next_after(upto).min(by);
                let mut at = to;
                for (number, (life, write)) in missed.into_iter().enumerate() {
                    if number > 0 && pace > 0 {
                        at = (at + pace).min(latest);
                    }
                    self.object((at, Some(from)), life, write, false);
                }
                self.backlog = at;
                self.through = upto;
            }
            Resumption::Healed => {
                for (life, write) in missed {
                    self.object((to, Some(from)), life, write, true);
                }
                let version = self.version(upto);
                self.say(to, What::Healed { from: (from, self.last), to: (to, version) });
                (self.last, self.through) = (version, upto);
            }
            Resumption::Replaced => {
                let version = self.version(upto);
                self.say(to, What::Gap { from: (from, self.last), to: (to, version), cause: "storage-replaced" });
                self.versions.clear();
                self.list(to, None);
            }
            Resumption::Relisted { healed, unchanged } => {
                let whole = |life: &Life| self.watch.chooses(healed, 100 + u64::from(life.uid));
                let newest = |life: &Life| self.watch.chooses(healed, 200 + u64::from(life.uid));
                let whole: Vec<_> = missed.iter().copied().filter(|(life, _)| whole(life)).collect();
                let newest: Vec<_> = missed
                    .iter()
                    .copied()
                    .filter(|(life, write)| {
                        newest(life)
                            && *write > 0
                            && !whole.iter().any(|(other, _)| other.uid == life.uid)
                            && life.upto(upto).is_some_and(|last| last - write < 2)
                    })
                    .collect();
                for (life, write) in whole {
                    self.object((to, Some(from)), life, write, true);
                }
                let version = self.version(upto);
                // History is not read where the storage may be another.
                let cause = match &self.watch.past {
                    Some((_, unread)) if std::ptr::eq(unread, outage) => "unrecorded",
                    _ if healed == 0 && self.watch.is_unproven() => "storage-unproven",
                    _ => "history-expired",
                };
                self.say(to, What::Gap { from: (from, self.last), to: (to, version), cause });
                let mut begun: Vec<u32> = Vec::new();
                for (life, write) in newest {
                    let place = life.writes[write].place();
                    let version = self.version_of(&life.writes[write]);
                    let holds = if life.writes[write].state.is_some() { write } else { write - 1 };
                    let event = match (holds == write, begun.contains(&life.uid)) {
                        (false, _) => "DELETED",
                        (true, true) => "MODIFIED",
                        (true, false) => "LISTED",
                    };
                    begun.push(life.uid);
                    self.versions.insert(life.uid, version);
                    self.sees(life, Sight { place, at: to, prompt: false, listed: true }, version);
                    let object = self.shown(life, &life.writes[holds], version);
                    self.say(to, What::Object { event, object, late: Some(from), healed: true, confirmed: false });
                }
                self.list(to, Some(unchanged));
            }
        }
    }

    /// All lines of the watch, until the recorder stops.
    fn written(mut self, stop: i64) -> Self {
        #[derive(PartialEq, Eq, PartialOrd, Ord)]
        enum Step {
            Bookmark,
            Outage(usize),
            Finish,
        }
        let watch = self.watch;
        if let Some(at) = watch.unserved {
            self.say(at, What::NotServed);
        }
        match &watch.past {
            None => self.list(watch.attached, None),
            Some((since, unread)) => {
                let alive = unread.from.0;
                self.say(watch.attached, What::Past { version: self.version(self.horizon(*since)), since: *since });
                self.listed((*since, watch.attached, Some(alive)), None);
                self.outage(unread, watch.attached);
            }
        }
        let mut steps: Vec<(i64, u8, Step)> =
            watch.bookmarks.iter().map(|(at, sub)| (*at, *sub, Step::Bookmark)).collect();
        steps.extend(
            watch.outages.iter().enumerate().map(|(at, outage)| (outage.from.0, outage.from.1, Step::Outage(at))),
        );
        steps.push((watch.finish.0, 9, Step::Finish));
        steps.sort();
        let moments: Vec<i64> = steps.iter().skip(1).map(|(at, ..)| *at).chain([watch.finish.0.min(stop)]).collect();
        for ((at, sub, step), next) in steps.into_iter().zip(moments) {
            let place = (at - self.delay()) * 10 + i64::from(sub);
            match step {
                Step::Finish if at > stop => self.deliver(self.horizon(stop)),
                _ if at > stop || place < self.through => {}
                Step::Bookmark if at <= self.backlog => {}
                Step::Bookmark => {
                    self.deliver(place);
                    self.last = self.version(place);
                    self.say(at, What::Bookmark { version: self.last });
                }
                Step::Outage(number) => {
                    self.deliver(place);
                    let ended = self.ended.filter(|ended| (at..=watch.outages[number].to).contains(ended));
                    if let Some(ended) = ended.filter(|_| !watch.chooses(4, 903)) {
                        self.say(ended, What::Fence { version: self.version(place), whole: watch.chooses(2, 904) });
                    }
                    if watch.outages[number].to > stop {
                        return self;
                    }
                    self.outage(&watch.outages[number], next.max(watch.outages[number].to).min(stop));
                }
                Step::Finish => {
                    self.deliver(self.horizon(at));
                    let version = self.version(self.through);
                    match watch.finish.1 {
                        Finish::Whole => self.say(at, What::Fence { version, whole: true }),
                        Finish::Broken => self.say(at, What::Fence { version, whole: false }),
                        Finish::None => {}
                    }
                    return self;
                }
            }
        }
        self
    }
}

impl View {
    /// What is recorded of a world.
    pub(super) fn of(&self, world: &World) -> Seen {
        let stop = self.end.unwrap_or(NEVER / 100);
        let ended = self.resumed.map(|(killed, _)| killed).filter(|_| self.ended);
        let mut sights: HashMap<(u32, bool), Sight> = HashMap::new();
        let mut lines: Vec<Line> = Vec::new();
        for (id, watch) in self.watches.iter().enumerate() {
            let stream = Stream::new(world, watch, id, ended).written(stop);
            lines.extend(stream.lines);
            sights.extend(stream.sights);
        }
        // Lines of one watch stay in their order.
        lines.sort_by_key(|line| line.at);
        if let Some((_, started)) = self.resumed.filter(|(_, started)| *started <= stop) {
            let place = lines.partition_point(|line| line.at < started);
            let clock = self.rebooted.then_some(What::Clock);
            let begun = [What::Resumed].into_iter().chain(clock);
            lines.splice(place..place, begun.map(|what| Line { at: started, watch: None, what }));
            lines.splice(place..place, ended.map(|at| Line { at, watch: None, what: What::End }));
        }
        let late = self.watches.first().map_or(0, |watch| i64::from(watch.seed % 4 == 0) * 2);
        let mut marks: Vec<_> = self.marks.iter().filter(|(_, at)| *at <= stop).collect();
        marks.sort_by_key(|(_, at)| *at);
        for (name, at) in marks {
            // A mark has the time of its request, and stands after what was received before it was written.
            let written = at + late;
            let place = lines.partition_point(|line| line.at <= written);
            // Nothing is written between two recorders.
            let is_between = place > 0 && lines[place - 1].what == What::End;
            let place = place - usize::from(is_between);
            lines.insert(place, Line { at: *at, watch: None, what: What::Mark { name: *name } });
        }
        if self.end.is_some() {
            lines.push(Line { at: stop, watch: None, what: What::End });
        }
        Seen { lines, sights }
    }

    /// Whether each watch that was interrupted when another one saw their storage replaced saw that, too: otherwise the
    /// recorder learns too late that it may have missed something.
    fn is_replaced_for_all(&self) -> bool {
        let shared = || self.watches.iter().filter(|watch| watch.separate.is_none());
        let outages = |is: &'static dyn Fn(Resumption) -> bool| {
            shared().flat_map(|watch| &watch.outages).filter(move |outage| is(outage.how))
        };
        let mut replaced = outages(&|how| how == Resumption::Replaced);
        replaced.all(|replaced| {
            outages(&|how| matches!(how, Resumption::Reconnected { .. }))
                .all(|other| replaced.from.0 >= other.to || other.from.0 >= replaced.to)
        })
    }

    /// Whether each watch misses the moment at which the storage was set back, and that at which there was no recorder.
    pub(super) fn shows(&self, world: &World) -> bool {
        let misses = |watch: &Watch, is: &dyn Fn(&Outage) -> bool| watch.outages.iter().any(is);
        let replaced = |watch: &Watch, restored: Restored| {
            let moment = restored.base + world.delay(watch.kind);
            misses(watch, &|one| one.how == Resumption::Replaced && one.from.0 < moment && one.to >= moment)
        };
        self.is_replaced_for_all()
            && self.watches.iter().all(|watch| {
                let is_replaced = world.restored.is_none_or(|restored| replaced(watch, restored));
                let is_resumed = self
                    .resumed
                    .is_none_or(|(killed, started)| misses(watch, &|one| one.from.0 <= killed && one.to >= started));
                is_replaced && is_resumed && watch.is_served_as_said(world) && watch.shows_undone(world)
            })
    }

    /// What is special about it, for tallies.
    pub(super) fn sort(&self) -> String {
        let mut words: Vec<&str> = Vec::new();
        for watch in &self.watches {
            words.extend(watch.outages.iter().map(|outage| match outage.how {
                Resumption::Reconnected { .. } => "reconnect",
                Resumption::Relisted { healed: 0, .. } => "gap",
                Resumption::Relisted { .. } => "gap(healed)",
                Resumption::Healed => "healed",
                Resumption::Replaced => "replaced",
            }));
            words.extend(watch.past.map(|_| "past"));
            words.extend(watch.label.map(|_| "selector"));
            words.extend(watch.separate.map(|_| "separate"));
            words.extend((watch.undecodable > 0).then_some("undecodable"));
            words.extend((watch.unreadable > 0).then_some("unreadable"));
            words.extend(watch.is_opaque().then_some("opaque"));
            words.extend(watch.is_unproven().then_some("unproven"));
            words.extend((watch.finish.1 != Finish::Whole).then_some("unfenced"));
        }
        words.extend(self.watches.iter().any(|watch| watch.unserved.is_some()).then_some("unserved"));
        words.extend(self.ended.then_some("ended"));
        words.extend(self.resumed.map(|_| if self.rebooted { "rebooted" } else { "resumed" }));
        words.sort_unstable();
        words.dedup();
        words.join("+")
    }

    /// The watch that would show an object, if it had its label.
    pub(super) fn watch_of(&self, life: &Life) -> Option<&Watch> {
        self.watches.iter().find(|watch| watch.reaches(life.kind, life.namespace))
    }

    /// Where another world may differ.
    pub(super) fn moments(&self) -> Vec<(i64, i64)> {
        let stop = self.end.unwrap_or(30);
        let mut moments = vec![(-15, -1), (stop, stop + 20), (0, stop)];
        for watch in &self.watches {
            moments.extend(watch.outages.iter().map(|outage| (outage.from.0, outage.to)));
            moments.push((watch.first() - 4, watch.attached));
            moments.push((watch.finish.0.min(stop), stop + 15));
        }
        moments
    }
}

/// A view of a world.
pub(super) fn view(world: &World, unit: i64, chance: &mut Chance) -> View {
    let stop = chance.within(12, 40);
    let mut watches = Vec::new();
    for kind in [Kind::Pod, Kind::Vmi] {
        if chance.one_in(7) {
            continue;
        }
        let separate = (world.restored.is_none() && chance.one_in(8)).then(|| chance.within(-600, 600));
        let spaces = match chance.below(8) {
            0 => vec![Some(0), Some(1)],
            1 => vec![Some(0)],
            _ => vec![None],
        };
        for namespace in spaces {
            let label = chance.one_in(6).then(|| u8::from(chance.one_in(3)));
            watches.push(watch(kind, namespace, label, separate, stop, chance));
        }
    }
    if watches.is_empty() {
        watches.push(watch(Kind::Pod, None, None, None, stop, chance));
    }
    let mut marks: Vec<(u8, i64)> =
        (0..chance.below(4)).map(|_| (u8::from(chance.one_in(2)), chance.within(0, stop))).collect();
    let mut resumed = None;
    if let Some(restored) = world.restored {
        for watch in &mut watches {
            let moment = restored.base + world.delay(watch.kind);
            let from = (moment - chance.within(1, 5), sub(chance));
            watch.lose(Outage { from, to: moment + chance.within(0, 5), how: Resumption::Replaced });
        }
    } else if stop > 18 && chance.one_in(6) {
        let killed = chance.within(8, stop - 8);
        let started = killed + chance.within(3, 4);
        for watch in &mut watches {
            let from = (killed - chance.within(0, 1), sub(chance));
            let how = how(watch.label.is_none(), chance);
            watch.lose(Outage { from, to: started + chance.within(0, 3), how });
        }
        marks.retain(|(_, at)| *at <= killed || *at >= started);
        resumed = Some((killed, started));
    }
    let rebooted = resumed.is_some() && chance.one_in(3);
    let ended = resumed.is_some() && chance.one_in(3);
    for at in 0..watches.len() {
        let is_only = watches.iter().filter(|watch| watch.kind == watches[at].kind).count() == 1;
        let watch = &mut watches[at];
        if is_only && watch.past.is_none() && watch.attached > 0 && !chance.one_in(3) {
            watch.unserved = Some(chance.within(0, watch.attached - 1));
            watch.unserved = watch.unserved.filter(|_| watch.is_served_as_said(world));
        }
    }
    View { watches, marks, resumed, rebooted, ended, end: Some(stop), unit }
}

fn sub(chance: &mut Chance) -> u8 {
    u8::try_from(chance.below(10)).expect("small")
}

/// How a stream goes on, after which history can be read where no label is selected.
fn how(is_read_back: bool, chance: &mut Chance) -> Resumption {
    match chance.below(7) {
        0..=2 => Resumption::Reconnected { pace: chance.within(0, 2) },
        3..=5 => {
            let healed = if is_read_back { [0, 0, 1, 2][chance.index(4)] } else { 0 };
            Resumption::Relisted { healed, unchanged: chance.one_in(2) }
        }
        _ if is_read_back => Resumption::Healed,
        _ => Resumption::Relisted { healed: 0, unchanged: false },
    }
}

fn watch(
    kind: Kind,
    namespace: Option<u8>,
    label: Option<u8>,
    separate: Option<i64>,
    stop: i64,
    chance: &mut Chance,
) -> Watch {
    let attached = if chance.one_in(4) { chance.within(0, 6) } else { 0 };
    let mut outages: Vec<Outage> = Vec::new();
    let mut at = attached + 1;
    for _ in 0..[0, 0, 1, 1, 1, 2][chance.index(6)] {
        let from = chance.within(at, at + 14);
        let to = from + chance.within(1, 9);
        let how = how(label.is_none(), chance);
        outages.push(Outage { from: (from, sub(chance)), to, how });
        at = to + 1;
    }
    let past = (label.is_none() && chance.one_in(6)).then(|| {
        let since = attached - chance.within(2, 14);
        let how = match how(true, chance) {
            Resumption::Reconnected { .. } => Resumption::Healed,
            how => how,
        };
        (since, Outage { from: (since - chance.within(0, 3), 0), to: attached, how })
    });
    let bookmarks = (0..chance.below(4)).map(|_| (chance.within(attached + 1, stop), sub(chance)));
    let bookmarks = bookmarks.collect();
    let finish = match chance.below(6) {
        0 => Finish::None,
        1 => Finish::Broken,
        _ => Finish::Whole,
    };
    let finish = (stop - if chance.one_in(4) { chance.within(0, 3) } else { 0 }, finish);
    let undecodable = if chance.one_in(8) { [2, 5][chance.index(2)] } else { 0 };
    let unreadable = if chance.one_in(8) { [2, 5][chance.index(2)] } else { 0 };
    let mut watch = Watch {
        kind,
        namespace,
        label,
        separate,
        attached,
        unserved: None,
        past,
        outages,
        bookmarks,
        finish,
        undecodable,
        unreadable,
        seed: chance.below(1 << 40),
    };
    if watch.is_opaque() {
        watch.reads_nothing_back();
    }
    watch
}
