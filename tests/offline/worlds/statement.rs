//! Random expectations, as documents.

use super::chance::Chance;
use super::lines::{APPS, MARKS, NAMES, NAMESPACES};
use super::world::{Kind, Track};
use crate::oracle::cases::Genes;
use crate::oracle::language::{Expectation, Set, Within};
use serde_json::{Value, json};

/// Who is counted of several.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Among {
    Each,
    Any,
    First,
    /// Of the lives of a name, the one with this number, from 1.
    Life(usize),
    LastLife,
    EachLife,
    AnyLife,
}

#[derive(Clone, Debug)]
pub(super) struct Subject {
    pub kind: Kind,
    pub namespace: Option<u8>,
    pub name: Option<u8>,
    pub label: Option<u8>,
    pub uid: Option<u32>,
    /// Only those that were created within the window.
    pub born: bool,
    pub owned: bool,
    /// By a chain through another kind, by which nothing is owned in these worlds.
    pub through: bool,
    pub among: Among,
    pub min: Option<usize>,
    pub max: Option<usize>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tracks {
    One(Track),
    Conditions,
}

impl Tracks {
    pub(super) fn each(self) -> Vec<Track> {
        match self {
            Self::One(track) => vec![track],
            Self::Conditions => vec![Track::Ready, Track::Other],
        }
    }

    fn name(self, kind: Kind) -> &'static str {
        match self {
            Self::One(track) => track.name(kind),
            Self::Conditions => "condition/*",
        }
    }

    fn labels(self, kind: Kind) -> [&'static str; 6] {
        match self {
            Self::One(track) => track.labels(kind),
            Self::Conditions => Track::Ready.labels(kind),
        }
    }
}

#[derive(Clone, Debug)]
pub(super) enum Says {
    /// What the oracle of single words knows.
    Word(Expectation),
    Restarts {
        min: Option<usize>,
        max: Option<usize>,
    },
    /// For each letter that is named, those that may follow.
    Graph([Option<Vec<u8>>; 3]),
    /// The other subject, its tracks and the state.
    OnlyAfter {
        enter: Set,
        other: usize,
        tracks: Tracks,
        after: Set,
    },
    Quiet {
        other: usize,
        track: Track,
        after: Set,
    },
    /// `never` these, or `always`, while another track is in its states.
    While {
        set: Set,
        always: bool,
        other: usize,
        tracks: Tracks,
        held: Set,
    },
    /// Entries into `every`, each with one of another track.
    Pair {
        every: Set,
        how: Pairing,
        other: usize,
        tracks: Tracks,
        of: Set,
        min: usize,
    },
    /// The states are those of another track.
    Same {
        other: usize,
        tracks: Tracks,
    },
}

/// What is asked of the entries on the other track.
#[derive(Clone, Copy, Debug)]
pub(super) enum Pairing {
    /// As many by then.
    After,
    /// One of them follows.
    Then(Option<Within>),
}

impl Says {
    /// The other subject, if there may be one.
    pub(super) fn other_mut(&mut self) -> Option<&mut usize> {
        match self {
            Self::OnlyAfter { other, .. }
            | Self::Quiet { other, .. }
            | Self::While { other, .. }
            | Self::Pair { other, .. }
            | Self::Same { other, .. } => Some(other),
            Self::Word(_) | Self::Restarts { .. } | Self::Graph(_) => None,
        }
    }

    pub(super) fn other(&self) -> Option<usize> {
        self.clone().other_mut().copied()
    }
}

#[derive(Clone, Debug)]
pub(super) enum Formula {
    All(Vec<Formula>),
    Any(Vec<Formula>),
    Not(Box<Formula>),
    Clause { subject: usize, tracks: Tracks, says: Says },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum From {
    Created,
    Attached,
    Mark(u8),
    Time(i64),
    Enter(Entered),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Until {
    Mark(u8),
    Time(i64),
    Enter(Entered),
}

/// An entry at which a window starts or ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Entered {
    pub subject: usize,
    pub track: Track,
    pub set: Set,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Window {
    pub from: From,
    /// None: the end.
    pub until: Option<Until>,
    pub max: Option<i64>,
}

impl Window {
    pub(super) const WHOLE: Self = Self { from: From::Created, until: None, max: None };

    /// It starts or ends at an entry.
    pub(super) fn is_by_entry(self) -> bool {
        matches!(self.from, From::Enter(_)) || matches!(self.until, Some(Until::Enter(_)))
    }
}

/// One document.
#[derive(Clone, Debug)]
pub(super) struct Document {
    /// The second one may be owned by the first.
    pub subjects: Vec<Subject>,
    pub window: Window,
    pub formula: Formula,
}

const ALIASES: [&str; 2] = ["s", "t"];

/// A set, with the labels of a track.
fn named(set: Set, labels: [&'static str; 6]) -> String {
    worded(&set.to_string(), labels)
}

/// The text of the oracle of single words, with labels in place of letters.
fn worded(text: &str, labels: [&'static str; 6]) -> String {
    let mut out = String::new();
    for character in text.chars() {
        match character {
            'A' => out += labels[0],
            'B' => out += labels[1],
            'C' => out += labels[2],
            other => out.push(other),
        }
    }
    out
}

impl Document {
    /// The document as JSON.
    pub(super) fn text(&self, name: &str, unit: i64) -> String {
        let mut subjects = serde_json::Map::new();
        for (alias, subject) in ALIASES.iter().zip(&self.subjects) {
            subjects.insert((*alias).to_owned(), subject.json());
        }
        let mut document = json!({"apiVersion": "statetrail/v1", "kind": "Expectation", "metadata": {"name": name},
            "subjects": subjects, "expect": self.json(&self.formula)});
        if self.window != Window::WHOLE {
            document["window"] = self.window.json(&self.subjects, unit);
        }
        // No word has this in it but durations.
        let zeros = &unit.to_string()[1..];
        document
            .to_string()
            .replace("us ", &format!("{zeros}us "))
            .replace("us\"", &format!("{zeros}us\""))
            .replace("us)", &format!("{zeros}us)"))
            .replace("us..", &format!("{zeros}us.."))
    }

    fn json(&self, formula: &Formula) -> Value {
        let list = |parts: &[Formula]| parts.iter().map(|part| self.json(part)).collect::<Vec<_>>();
        match formula {
            Formula::All(parts) => json!({"all": list(parts)}),
            Formula::Any(parts) => json!({"any": list(parts)}),
            Formula::Not(part) => json!({"not": self.json(part)}),
            Formula::Clause { subject, tracks, says } => self.clause(*subject, *tracks, says),
        }
    }

    fn clause(&self, subject: usize, tracks: Tracks, says: &Says) -> Value {
        let kind = self.subjects[subject].kind;
        let labels = tracks.labels(kind);
        let track = format!("{}.{}", ALIASES[subject], tracks.name(kind));
        match says {
            Says::Word(Expectation::Path(path)) => json!({"track": track, "path": worded(&path.to_string(), labels)}),
            Says::Word(Expectation::Never(set)) => json!({"track": track, "never": named(*set, labels)}),
            Says::Word(Expectation::Always(set)) => json!({"track": track, "always": named(*set, labels)}),
            Says::Word(Expectation::Every { every, then, within, min }) => {
                let mut json =
                    json!({"track": track, "every": named(*every, labels), "then": named(*then, labels), "min": min});
                if let Some(within) = within {
                    json["within"] = json!(within.to_string());
                }
                json
            }
            Says::Word(Expectation::Count { set, min, max }) => {
                json!({"track": track, "count": {named(*set, labels): bounds(Some(*min), *max)}})
            }
            Says::Word(Expectation::OnlyAfter { .. } | Expectation::Quiet { .. }) => Value::Null,
            Says::Restarts { min, max } => json!({"track": track, "count": {"restart": bounds(*min, *max)}}),
            Says::Graph(edges) => {
                let mut graph = serde_json::Map::new();
                for (from, to) in edges.iter().enumerate() {
                    if let Some(to) = to {
                        let to: Vec<&str> = to.iter().map(|to| labels[usize::from(*to)]).collect();
                        graph.insert(labels[from].to_owned(), json!(to));
                    }
                }
                json!({"track": track, "graph": graph})
            }
            Says::OnlyAfter { enter, other, tracks, after } => {
                let kind = self.subjects[*other].kind;
                let condition =
                    format!("{}.{}={}", ALIASES[*other], tracks.name(kind), named(*after, tracks.labels(kind)));
                json!({"enter": format!("{track}={}", named(*enter, labels)), "onlyAfter": condition})
            }
            Says::While { set, always, other, tracks, held } => {
                let kind = self.subjects[*other].kind;
                let condition =
                    format!("{}.{}={}", ALIASES[*other], tracks.name(kind), named(*held, tracks.labels(kind)));
                let operator = if *always { "always" } else { "never" };
                json!({"track": track, operator: named(*set, labels), "while": condition})
            }
            Says::Pair { every, how, other, tracks, of, min } => {
                let kind = self.subjects[*other].kind;
                let condition =
                    format!("{}.{}={}", ALIASES[*other], tracks.name(kind), named(*of, tracks.labels(kind)));
                let mut json = json!({"track": track, "every": named(*every, labels), "min": min});
                match how {
                    Pairing::After => json["after"] = json!(condition),
                    Pairing::Then(within) => {
                        json["then"] = json!(condition);
                        if let Some(within) = within {
                            json["within"] = json!(within.to_string());
                        }
                    }
                }
                json
            }
            Says::Same { other, tracks } => {
                let of = format!("{}.{}", ALIASES[*other], tracks.name(self.subjects[*other].kind));
                json!({"track": track, "sameAs": of})
            }
            Says::Quiet { other, track: of, after } => {
                let kind = self.subjects[*other].kind;
                let condition = format!("{}.{}={}", ALIASES[*other], of.name(kind), named(*after, of.labels(kind)));
                json!({"quiet": [track], "after": condition})
            }
        }
    }

    /// Which sort of statement it is, for tallies.
    pub(super) fn sort(&self) -> String {
        let mut words: Vec<&str> = Vec::new();
        sorts(&self.formula, &mut words);
        words.dedup();
        let from = match self.window.from {
            From::Created => "",
            From::Attached => " from:attached",
            From::Mark(_) => " from:mark",
            From::Time(_) => " from:time",
            From::Enter(_) => " from:enter",
        };
        let until = match self.window.until {
            None => "",
            Some(Until::Mark(_)) => " until:mark",
            Some(Until::Time(_)) => " until:time",
            Some(Until::Enter(_)) => " until:enter",
        };
        let max = if self.window.max.is_some() { " max" } else { "" };
        let among: Vec<String> = self.subjects.iter().map(|subject| format!("{:?}", subject.among)).collect();
        format!("{}{from}{until}{max} | {}", words.join("+"), among.join(","))
    }
}

fn sorts(formula: &Formula, words: &mut Vec<&'static str>) {
    match formula {
        Formula::All(parts) => {
            words.push("all");
            parts.iter().for_each(|part| sorts(part, words));
        }
        Formula::Any(parts) => {
            words.push("any");
            parts.iter().for_each(|part| sorts(part, words));
        }
        Formula::Not(part) => {
            words.push("not");
            sorts(part, words);
        }
        Formula::Clause { tracks, says, .. } => {
            words.push(match says {
                Says::Word(Expectation::Path(path)) if path.has_placeholder() => "path($x)",
                Says::Word(Expectation::Path(path)) if path.is_timed() => "path(timed)",
                Says::Word(Expectation::Path(_)) => "path",
                Says::Word(Expectation::Never(_)) => "never",
                Says::Word(Expectation::Always(_)) => "always",
                Says::Word(Expectation::Every { within: Some(_), .. }) => "every-within",
                Says::Word(Expectation::Every { .. }) => "every",
                Says::Word(_) => "count",
                Says::Restarts { .. } => "restart",
                Says::Graph(_) => "graph",
                Says::OnlyAfter { .. } => "onlyAfter",
                Says::Quiet { .. } => "quiet",
                Says::While { .. } => "while",
                Says::Pair { how: Pairing::After, .. } => "every-after",
                Says::Pair { how: Pairing::Then(_), .. } => "every-then",
                Says::Same { .. } => "same-as",
            });
            if *tracks == Tracks::Conditions {
                words.push("family");
            }
        }
    }
}

fn bounds(min: Option<usize>, max: Option<usize>) -> Value {
    let mut json = serde_json::Map::new();
    if let Some(min) = min {
        json.insert("min".to_owned(), json!(min));
    }
    if let Some(max) = max {
        json.insert("max".to_owned(), json!(max));
    }
    Value::Object(json)
}

impl Subject {
    pub(super) fn disown(&mut self) {
        (self.owned, self.through) = (false, false);
    }

    pub(super) fn chooses_life(&self) -> bool {
        !matches!(self.among, Among::Each | Among::Any | Among::First)
    }

    fn json(&self) -> Value {
        let mut json = json!({"kind": if self.kind == Kind::Pod { "Pod" } else { "VirtualMachineInstance" }});
        if let Some(namespace) = self.namespace {
            json["namespace"] = json!(NAMESPACES[usize::from(namespace)]);
        }
        if let Some(name) = self.name {
            json["name"] = json!(NAMES[usize::from(name)]);
        }
        if let Some(label) = self.label {
            json["labels"] = json!({"app": APPS[usize::from(label)]});
        }
        if let Some(uid) = self.uid {
            json["uid"] = json!(super::lines::uid(uid));
        }
        if self.born {
            json["born"] = json!("window");
        }
        if self.owned {
            json["ownedBy"] = json!(ALIASES[0]);
            if self.through {
                json["through"] = json!(["ReplicaSet"]);
            }
        }
        match self.among {
            Among::Each => json["quantify"] = json!("each"),
            Among::Any => json["quantify"] = json!("any"),
            Among::First => json["quantify"] = json!("first"),
            Among::Life(number) => json["life"] = if number == 1 { json!("first") } else { json!(number) },
            Among::LastLife => json["life"] = json!("last"),
            Among::EachLife => json["life"] = json!("each"),
            Among::AnyLife => json["life"] = json!("any"),
        }
        if let Some(min) = self.min {
            json["min"] = json!(min);
        }
        if let Some(max) = self.max {
            json["max"] = json!(max);
        }
        json
    }
}

impl Window {
    fn json(self, subjects: &[Subject], unit: i64) -> Value {
        let enter = |Entered { subject, track, set }: Entered| {
            let kind = subjects[subject].kind;
            let states = named(set, track.labels(kind));
            json!({"enter": format!("{}.{}={states}", ALIASES[subject], track.name(kind))})
        };
        let time = |at: i64| json!({"time": super::lines::time(at, unit)});
        let mark = |name: u8| json!({"mark": MARKS[usize::from(name)]});
        let mut json = json!({"from": match self.from {
            From::Created => json!("created"),
            From::Attached => json!("attached"),
            From::Mark(name) => mark(name),
            From::Time(at) => time(at),
            From::Enter(entered) => enter(entered),
        }});
        match self.until {
            None => {}
            Some(Until::Mark(name)) => json["until"] = mark(name),
            Some(Until::Time(at)) => json["until"] = time(at),
            Some(Until::Enter(entered)) => json["until"] = enter(entered),
        }
        if let Some(max) = self.max {
            json["max"] = json!(format!("{max}us"));
        }
        json
    }
}

/// A random document.
pub(super) fn document(chance: &mut Chance) -> Document {
    let kind = if chance.one_in(2) { Kind::Pod } else { Kind::Vmi };
    let mut subjects = vec![subject(kind, chance)];
    if chance.one_in(3) {
        let second = if chance.one_in(4) { kind } else { other(kind) };
        let mut subject = subject(second, chance);
        subject.owned = kind == Kind::Vmi && second == Kind::Pod && !chance.one_in(3);
        subject.through = subject.owned && chance.one_in(8);
        subjects.push(subject);
    }
    let window = if chance.one_in(2) { window(&subjects, chance) } else { Window::WHOLE };
    if window.is_by_entry() {
        subjects.iter_mut().for_each(|subject| subject.born = false);
    }
    Document { formula: formula(&subjects, 2, chance), subjects, window }
}

fn other(kind: Kind) -> Kind {
    match kind {
        Kind::Pod => Kind::Vmi,
        Kind::Vmi => Kind::Pod,
    }
}

fn subject(kind: Kind, chance: &mut Chance) -> Subject {
    let name = chance.one_in(2).then(|| u8::from(chance.one_in(3)));
    let among = match (name.is_some(), chance.below(6)) {
        (true, 0..=3) => {
            [Among::Life(1), Among::Life(2), Among::LastLife, Among::EachLife, Among::AnyLife][chance.index(5)]
        }
        (false, 0..=2) => Among::Each,
        (false, 3..=4) | (true, 4) => Among::Any,
        _ => Among::First,
    };
    let is_placed = if name.is_some() { !chance.one_in(5) } else { chance.one_in(4) };
    let namespace = is_placed.then(|| u8::from(chance.one_in(4)));
    let min = match (among, chance.below(5)) {
        (Among::Life(_) | Among::LastLife, _) => None,
        (_, 0) => Some(0),
        (Among::Each | Among::Any, 1) => Some(2),
        _ => None,
    };
    let max = (matches!(among, Among::Each | Among::Any) && chance.one_in(6)).then(|| 1 + chance.index(2));
    let max = max.filter(|max| min.is_none_or(|min| min <= *max));
    let label = chance.one_in(6).then(|| u8::from(chance.one_in(3)));
    let born = chance.one_in(10);
    if chance.one_in(12) {
        let uid = u32::try_from(chance.below(4)).expect("small");
        let (name, namespace, label, min, max) = (None, None, None, min.filter(|min| *min < 2), None);
        return Subject {
            kind,
            namespace,
            name,
            label,
            uid: Some(uid),
            born,
            owned: false,
            through: false,
            among: Among::Each,
            min,
            max,
        };
    }
    Subject { kind, namespace, name, label, uid: None, born, owned: false, through: false, among, min, max }
}

fn window(subjects: &[Subject], chance: &mut Chance) -> Window {
    let from = match chance.below(8) {
        0..=1 => From::Created,
        2 => From::Attached,
        3..=4 => From::Mark(u8::from(chance.one_in(2))),
        5..=6 => From::Enter(entered(subjects, chance)),
        _ => From::Time(chance.within(0, 25)),
    };
    let until = match chance.below(6) {
        0 => Some(Until::Mark(u8::from(chance.one_in(2)))),
        1 => Some(Until::Time(chance.within(5, 40))),
        2 => Some(Until::Enter(entered(subjects, chance))),
        _ => None,
    };
    let until = match (from, until) {
        (From::Time(from), Some(Until::Time(until))) if until < from => None,
        (From::Mark(from), Some(Until::Mark(until))) if until == from => None,
        (_, until) => until,
    };
    Window { from, until, max: chance.one_in(4).then(|| chance.within(2, 25)) }
}

fn entered(subjects: &[Subject], chance: &mut Chance) -> Entered {
    let subject = chance.index(subjects.len());
    let bytes: Vec<u8> = (0..8).map(|_| chance.below(256).to_le_bytes()[0]).collect();
    let set = Genes::new(&bytes).set();
    let track = match tracks(subjects[subject].kind, chance) {
        Tracks::One(track) => track,
        Tracks::Conditions => Track::Ready,
    };
    Entered { subject, track, set }
}

fn formula(subjects: &[Subject], depth: u32, chance: &mut Chance) -> Formula {
    let parts = |chance: &mut Chance| (0..2).map(|_| formula(subjects, depth - 1, chance)).collect::<Vec<_>>();
    match chance.below(9) {
        0 if depth > 0 => Formula::All(parts(chance)),
        1 if depth > 0 => Formula::Any(parts(chance)),
        2 if depth > 0 => Formula::Not(Box::new(formula(subjects, depth - 1, chance))),
        _ => clause(subjects, chance),
    }
}

fn clause(subjects: &[Subject], chance: &mut Chance) -> Formula {
    let subject = chance.index(subjects.len());
    let kind = subjects[subject].kind;
    let tracks = tracks(kind, chance);
    let bytes: Vec<u8> = (0..40).map(|_| chance.below(256).to_le_bytes()[0]).collect();
    let mut genes = Genes::new(&bytes);
    let says = match chance.below(20) {
        0..=4 => match genes.expectation(chance.one_in(2)) {
            Expectation::OnlyAfter { .. } | Expectation::Quiet { .. } => Says::Word(Expectation::Never(genes.set())),
            expectation => Says::Word(expectation),
        },
        5..=6 => Says::Word(Expectation::Never(genes.set())),
        7 => Says::Word(Expectation::Always(genes.set())),
        8 => {
            let min = chance.index(3);
            let max = chance.one_in(2).then(|| min + chance.index(2));
            Says::Word(Expectation::Count { set: genes.set(), min, max })
        }
        9 => {
            let letters = |chance: &mut Chance| {
                let bits = chance.below(8);
                (0..3_u8).filter(|letter| bits & (1 << letter) != 0).collect::<Vec<u8>>()
            };
            let mut edges: [Option<Vec<u8>>; 3] = [None, None, None];
            edges[0] = Some(letters(chance));
            edges[1] = chance.one_in(2).then(|| letters(chance));
            for (from, to) in edges.iter_mut().enumerate() {
                if let Some(to) = to {
                    to.retain(|to| usize::from(*to) != from);
                }
            }
            Says::Graph(edges)
        }
        10 if kind == Kind::Pod => {
            let min = chance.one_in(2).then(|| chance.index(3));
            let max = (min.is_none() || chance.one_in(2)).then(|| min.unwrap_or(0) + chance.index(3));
            return Formula::Clause {
                subject,
                tracks: Tracks::One(Track::Container),
                says: Says::Restarts { min, max },
            };
        }
        11..=12 => {
            let other = chance.index(subjects.len());
            let tracks = self::tracks(subjects[other].kind, chance);
            Says::OnlyAfter { enter: genes.set(), other, tracks, after: genes.set() }
        }
        13 => {
            let other = chance.index(subjects.len());
            let Tracks::One(track) = self::tracks(subjects[other].kind, chance) else {
                return clause(subjects, chance);
            };
            Says::Quiet { other, track, after: genes.set() }
        }
        14..=15 => {
            let other = chance.index(subjects.len());
            let awaited = self::tracks(subjects[other].kind, chance);
            if other == subject && awaited == tracks {
                return clause(subjects, chance);
            }
            Says::While { set: genes.set(), always: chance.one_in(2), other, tracks: awaited, held: genes.set() }
        }
        16..=19 => {
            let other = chance.index(subjects.len());
            let awaited = self::tracks(subjects[other].kind, chance);
            if other == subject && awaited == tracks {
                return clause(subjects, chance);
            }
            let how = match chance.below(4) {
                0 => return Formula::Clause { subject, tracks, says: Says::Same { other, tracks: awaited } },
                1 => Pairing::After,
                _ => Pairing::Then(chance.one_in(2).then(|| genes.within())),
            };
            let min = usize::from(!chance.one_in(3));
            Says::Pair { every: genes.set(), how, other, tracks: awaited, of: genes.set(), min }
        }
        _ => Says::Word(Expectation::Never(genes.set())),
    };
    Formula::Clause { subject, tracks, says }
}

fn tracks(kind: Kind, chance: &mut Chance) -> Tracks {
    match chance.below(9) {
        0..=3 => Tracks::One(Track::Phase),
        4 => Tracks::One(Track::Ready),
        5 => Tracks::One(Track::Other),
        6 => Tracks::One(Track::Lifecycle),
        7 => Tracks::Conditions,
        _ if kind == Kind::Pod => Tracks::One(Track::Container),
        _ => Tracks::One(Track::Phase),
    }
}
