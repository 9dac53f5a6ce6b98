//! The definitions of expectations, over completely known traces.
//!
//! Written only from the definitions in docs/SEMANTICS.md: a path is matched by trying every way to split the trace,
//! without an automaton.

use std::fmt;

/// A symbol: 0, 1, 2 are A, B, C; 3 and 4 are X and Y, 5 is the state of a track that was lost. Expectations name only
/// the first three.
pub(super) type Symbol = u8;

/// The labels of the symbols.
pub(super) const LABELS: [&str; 6] = ["A", "B", "C", "X", "Y", "Absent"];

/// The state of a track that its object lost.
pub(super) const LOST: Symbol = 5;

/// For each symbol the number of its label; the state of a track that was lost has none.
pub(crate) type Labels = [Option<u8>; 6];

/// A trace with its times: each symbol with its entry, and the time at which the last one is left.
#[derive(Clone, Debug)]
pub(crate) struct Trace {
    pub symbols: Vec<(Symbol, i64)>,
    pub left: i64,
    /// True where the symbols are states with details.
    pub detailed: bool,
    pub labels: Labels,
}

impl Trace {
    fn stay(&self, at: usize) -> i64 {
        self.symbols.get(at + 1).map_or(self.left, |next| next.1) - self.symbols[at].1
    }
}

/// How a trace ends, as far as obligations are concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Finish {
    /// The subject was deleted.
    Gone,
    /// A fence at this time: the order is final, the last state continues.
    Fenced(i64),
}

/// The symbols as states of a container. `K` stands for the name of every state of one kind.
const KINDS: [(char, &str); 6] = [
    ('A', "waiting:E"),
    ('B', "terminated:E"),
    ('C', "terminated:D"),
    ('X', "running:W"),
    ('Y', "terminated:V"),
    ('K', "terminated:_"),
];

/// The symbols by regular expressions. `K` stands for one that matches several.
const PATTERNS: [(char, &str); 6] =
    [('A', "~'^A'"), ('B', "~'B$'"), ('C', "~'C'"), ('X', "~'^X$'"), ('Y', "~'[Yy]'"), ('K', "~'^(B|C|Y)$'")];

/// The symbols as numbers, `X` as a label that is none. `K`, `M` and `H` stand for comparisons that hold of several: a
/// single symbol has a name of its own, since of what a comparison holds there are always more labels than one.
const NUMBERS: [(char, &str); 8] = [
    ('A', "'-2'"),
    ('B', "'3.5'"),
    ('C', "'10'"),
    ('X', "'none'"),
    ('Y', "'4.0'"),
    ('K', ">3"),
    ('M', "<=3.50"),
    ('H', ">=4"),
];

/// What ends a sketch.
const ENDS: [&str; 4] = ["|open", "|closed", "|deleted", "|unfenced"];

/// The symbols as states with details. `L` stands for the name of every state with one label, `P` for that of every state
/// with one detail.
const DETAILS: [(char, &str); 7] =
    [('A', "E/P"), ('B', "E/Q"), ('C', "F/P"), ('X', "E/R"), ('Y', "F/Q"), ('L', "E"), ('P', "_/P")];

/// The label and the detail of each of these symbols.
const DETAILED: [(u8, u8); 6] = [(0, 0), (0, 1), (1, 0), (0, 2), (1, 1), (2, 3)];

/// How the texts of a case are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Style {
    /// With labels alone.
    #[default]
    Labels,
    /// With states of a container.
    Kinds,
    /// With states and details.
    Details,
    /// With labels, which expectations name by regular expressions.
    Patterns,
    /// With numbers, which expectations compare.
    Numbers,
}

impl Style {
    /// The labels of the symbols.
    pub(super) fn labels(self) -> Labels {
        match self {
            Self::Labels | Self::Patterns | Self::Numbers => [Some(0), Some(1), Some(2), Some(3), Some(4), None],
            Self::Kinds => [Some(0), Some(0), Some(1), Some(2), Some(3), None],
            Self::Details => [Some(0), Some(0), Some(1), Some(0), Some(1), None],
        }
    }

    /// The same text in this style.
    pub(super) fn write(self, text: &str) -> String {
        let states = match self {
            Self::Labels => return text.to_owned(),
            // A sketch shows labels.
            Self::Patterns if ENDS.iter().any(|end| text.contains(end)) => return text.to_owned(),
            Self::Patterns => &PATTERNS[..],
            Self::Numbers => &NUMBERS[..],
            Self::Kinds => &KINDS[..],
            Self::Details => &DETAILS[..],
        };
        let is_word = |next: Option<char>| next.is_some_and(char::is_alphanumeric);
        let (mut out, mut last) = (String::new(), None);
        let mut rest = text.chars().peekable();
        while let Some(one) = rest.next() {
            let state =
                states.iter().find(|(letter, _)| *letter == one && !is_word(last) && !is_word(rest.peek().copied()));
            match state {
                Some((_, state)) => out.push_str(state),
                None => out.push(one),
            }
            last = Some(one);
        }
        out
    }
}

/// A name of several symbols.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wide {
    /// Of a kind, or of a comparison with a lower bound.
    Kind,
    /// Of a comparison with an upper bound.
    Low,
    /// Of a comparison with another lower bound.
    High,
    /// Of a label, whatever the details.
    Label,
    /// Of a detail, whatever the label.
    Detail,
}

impl Wide {
    fn letter(self) -> &'static str {
        match self {
            Self::Kind => "K",
            Self::Low => "M",
            Self::High => "H",
            Self::Label => "L",
            Self::Detail => "P",
        }
    }

    fn has(self, symbol: Symbol) -> bool {
        match self {
            Self::Kind => [1, 2, 4].contains(&symbol),
            Self::Low => [0, 1].contains(&symbol),
            Self::High => [2, 4].contains(&symbol),
            Self::Label => DETAILED[usize::from(symbol)].0 == 0,
            Self::Detail => DETAILED[usize::from(symbol)].1 == 0,
        }
    }
}

/// A set of A, B and C, and perhaps of all that a wide name means, and of the label that `$x` stands for; or all other
/// symbols.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Set {
    pub negated: bool,
    pub named: u8,
    pub(crate) wide: Option<Wide>,
    /// It names `$x`; only in a path.
    pub(crate) placeholder: bool,
}

impl Set {
    pub(crate) fn has(self, symbol: Symbol) -> bool {
        self.has_where(symbol, false)
    }

    /// The same where `$x` stands for the label of the symbol, or for another one.
    fn has_where(self, symbol: Symbol, is_meant: bool) -> bool {
        let is_named = symbol < 3 && self.named & (1 << symbol) != 0;
        let is_held = self.placeholder && is_meant;
        (is_named || is_held || self.wide.is_some_and(|wide| wide.has(symbol))) != self.negated
    }

    /// True when it names a label.
    fn names_label(self, label: u8, labels: Labels) -> bool {
        let named = (0..3).filter(|symbol| self.named & (1 << symbol) != 0);
        let wide = (self.wide == Some(Wide::Label)).then_some(0);
        named.chain(wide).any(|symbol: usize| labels[symbol] == Some(label))
    }

    /// True when it names the detail of a symbol, for states with its label.
    fn names_detail(self, symbol: Symbol) -> bool {
        let by_name = symbol < 3 && self.named & (1 << symbol) != 0;
        by_name || self.wide == Some(Wide::Detail) && Wide::Detail.has(symbol)
    }
}

/// The label of a symbol, and its detail if one of these sets names that for it.
pub(crate) fn seen_as(symbol: Symbol, sets: &[Set]) -> (u8, Option<u8>) {
    let (label, detail) = DETAILED[usize::from(symbol)];
    (label, Some(detail).filter(|_| sets.iter().any(|set| set.names_detail(symbol))))
}

impl fmt::Display for Set {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let named = (0..3).filter(|at| self.named & (1 << at) != 0).map(|at| LABELS[at]);
        let placeholder = self.placeholder.then_some("$x");
        let names: Vec<&str> = named.chain(self.wide.map(Wide::letter)).chain(placeholder).collect();
        let bang = if self.negated { "!" } else { "" };
        if names.len() == 1 { write!(f, "{bang}{}", names[0]) } else { write!(f, "{bang}[{}]", names.join(", ")) }
    }
}

#[derive(Clone, Debug)]
pub(crate) enum Primitive {
    Run,
    One,
    State(Set),
    Group(Path),
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Bound {
    Less(i64),
    AtMost(i64),
    More(i64),
    AtLeast(i64),
    Range(Within),
}

impl Bound {
    fn holds(self, stay: i64) -> bool {
        match self {
            Self::Less(limit) => stay < limit,
            Self::AtMost(limit) => stay <= limit,
            Self::More(limit) => stay > limit,
            Self::AtLeast(limit) => stay >= limit,
            Self::Range(range) => range.holds(stay),
        }
    }
}

/// The least and the most time, both included; none for unlimited.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Within {
    pub least: i64,
    pub most: Option<i64>,
}

impl Within {
    pub(crate) fn holds(self, time: i64) -> bool {
        time >= self.least && self.most.is_none_or(|most| time <= most)
    }
}

impl fmt::Display for Within {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.least, self.most) {
            (0, Some(most)) => write!(f, "{most}us"),
            (least, None) => write!(f, "{least}us.."),
            (least, Some(most)) => write!(f, "{least}us..{most}us"),
        }
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Item {
    pub primitive: Primitive,
    pub repeat: Option<(u32, Option<u32>)>,
    pub stay: Option<Bound>,
    pub within: Option<Within>,
}

impl Item {
    /// True when it matches one entry at most.
    pub(crate) fn is_one_state(&self) -> bool {
        let is_one = match &self.primitive {
            Primitive::Run => false,
            Primitive::One | Primitive::State(_) => true,
            Primitive::Group(Path(alternatives)) => {
                alternatives.iter().all(|items| matches!(items.as_slice(), [item] if item.is_one_state()))
            }
        };
        is_one && self.repeat.is_none_or(|(_, max)| max.is_some_and(|max| max <= 1))
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Path(pub Vec<Vec<Item>>);

/// Positions in a trace, as bits.
type Places = u64;

impl Path {
    /// Where a match that starts at `at` may end, if `$x` stands for this label.
    fn ends(&self, trace: &Trace, at: usize, x: Option<u8>) -> Places {
        self.0.iter().fold(0, |sum, sequence| {
            let ends = sequence.iter().fold(1 << at, |starts, item| each(starts, |at| item.ends(trace, at, x)));
            sum | ends
        })
    }

    /// `$x` stands for a label that the path does not name otherwise: for none that the trace has, or for one of those.
    fn fits(&self, trace: &Trace) -> bool {
        let fits = |x: Option<u8>| self.ends(trace, 0, x) & (1 << trace.symbols.len()) != 0;
        if fits(None) || !self.has_placeholder() {
            return fits(None);
        }
        let sets = self.sets();
        let is_named = |label: u8| sets.iter().any(|set| set.names_label(label, trace.labels));
        (0..5).any(|label| trace.labels.contains(&Some(label)) && !is_named(label) && fits(Some(label)))
    }

    pub(crate) fn has_placeholder(&self) -> bool {
        self.sets().iter().any(|set| set.placeholder)
    }

    /// How often `$x` is used; what is repeated, twice.
    pub(crate) fn uses(&self) -> usize {
        let of_item = |item: &Item| {
            let once = match &item.primitive {
                Primitive::Run | Primitive::One => 0,
                Primitive::State(set) => usize::from(set.placeholder),
                Primitive::Group(path) => path.uses(),
            };
            if item.repeat.is_some_and(|(_, max)| max != Some(1)) { 2 * once } else { once }
        };
        self.0.iter().flatten().map(of_item).sum()
    }

    /// The length of the shortest trace that fits.
    pub(crate) fn shortest(&self) -> usize {
        let item = |item: &Item| {
            let one = match &item.primitive {
                Primitive::Run => 0,
                Primitive::One | Primitive::State(_) => 1,
                Primitive::Group(path) => path.shortest(),
            };
            one * item.repeat.map_or(1, |(min, _)| min as usize)
        };
        self.0.iter().map(|sequence| sequence.iter().map(item).sum()).min().unwrap_or(0)
    }

    fn sets(&self) -> Vec<Set> {
        let of_item = |item: &Item| match &item.primitive {
            Primitive::Run | Primitive::One => Vec::new(),
            Primitive::State(set) => vec![*set],
            Primitive::Group(path) => path.sets(),
        };
        self.0.iter().flatten().flat_map(of_item).collect()
    }

    pub(crate) fn is_timed(&self) -> bool {
        self.0.iter().flatten().any(|item| {
            item.stay.is_some()
                || item.within.is_some()
                || matches!(&item.primitive, Primitive::Group(path) if path.is_timed())
        })
    }
}

fn each(mut places: Places, ends: impl Fn(usize) -> Places) -> Places {
    let mut sum = 0;
    while places != 0 {
        sum |= ends(places.trailing_zeros() as usize);
        places &= places - 1;
    }
    sum
}

impl Item {
    fn once(&self, trace: &Trace, at: usize, x: Option<u8>) -> Places {
        let is_meant = |symbol: Symbol| x.is_some() && trace.labels[usize::from(symbol)] == x;
        let one = |set: Option<Set>| match trace.symbols.get(at) {
            Some((symbol, _))
                if set.is_none_or(|set| set.has_where(*symbol, is_meant(*symbol)))
                    && self.stay.is_none_or(|bound| bound.holds(trace.stay(at))) =>
            {
                1 << (at + 1)
            }
            _ => 0,
        };
        match &self.primitive {
            Primitive::Run => (1 << (trace.symbols.len() + 1)) - (1 << at),
            Primitive::One => one(None),
            Primitive::State(set) => one(Some(*set)),
            Primitive::Group(path) => path.ends(trace, at, x),
        }
    }

    fn ends(&self, trace: &Trace, at: usize, x: Option<u8>) -> Places {
        let (min, max) = self.repeat.unwrap_or((1, Some(1)));
        let mut here: Places = 1 << at;
        let mut sum = if min == 0 { here } else { 0 };
        // Beyond the required ones, more repetitions than symbols can only repeat the empty trace.
        let most = max.unwrap_or(min + u32::try_from(trace.symbols.len()).unwrap() + 1);
        for time in 1..=most {
            let next = each(here, |at| self.once(trace, at, x));
            // The same positions again lead to nothing new.
            if next == 0 || (next == here && time >= min) {
                sum |= if time >= min { next } else { 0 };
                break;
            }
            here = next;
            if time >= min {
                sum |= here;
            }
        }
        match self.within {
            None => sum,
            Some(within) => (at..=trace.symbols.len())
                .filter(|end| *end == at || within.holds(trace.symbols[end - 1].1 - trace.symbols[at].1))
                .fold(0, |kept, end| kept | (sum & (1 << end))),
        }
    }
}

#[derive(Clone, Debug)]
pub(crate) enum Expectation {
    Path(Path),
    Never(Set),
    Always(Set),
    Every { every: Set, then: Set, within: Option<Within>, min: usize },
    Count { set: Set, min: usize, max: Option<usize> },
    OnlyAfter { enter: Set, after: Set },
    Quiet { after: Set },
}

impl Expectation {
    pub(crate) fn is_timed(&self) -> bool {
        match self {
            Self::Path(path) => path.is_timed(),
            Self::Every { within, .. } => within.is_some(),
            _ => false,
        }
    }

    pub(crate) fn has_placeholder(&self) -> bool {
        matches!(self, Self::Path(path) if path.has_placeholder())
    }

    /// How many symbols a trace may need to decide the expectation.
    pub(crate) fn reach(&self) -> usize {
        match self {
            Self::Path(path) => path.shortest(),
            Self::Count { min, max, .. } => 2 * max.unwrap_or(*min) + 1,
            Self::Every { min, .. } => 2 * min + 1,
            _ => 2,
        }
    }

    fn sets(&self) -> Vec<Set> {
        match self {
            Self::Path(path) => path.sets(),
            Self::Never(set) | Self::Always(set) | Self::Count { set, .. } | Self::Quiet { after: set } => vec![*set],
            Self::Every { every: one, then: other, .. } | Self::OnlyAfter { enter: one, after: other } => {
                vec![*one, *other]
            }
        }
    }

    /// The trace as it sees it: details that it does not name make no difference.
    fn sees(&self, trace: &Trace) -> Trace {
        let sets = self.sets();
        let mut seen = trace.clone();
        if trace.detailed {
            seen.symbols.dedup_by_key(|(symbol, _)| seen_as(*symbol, &sets));
        }
        seen
    }

    /// Whether a complete trace fits; none when its end does not decide.
    pub(crate) fn fits(&self, trace: &Trace, finish: Finish) -> Option<bool> {
        let trace = &self.sees(trace);
        let symbols = || trace.symbols.iter().map(|(symbol, _)| *symbol);
        match self {
            Self::Path(path) => Some(path.fits(trace)),
            Self::Never(set) => Some(!symbols().any(|symbol| set.has(symbol))),
            Self::Always(set) => Some(symbols().all(|symbol| set.has(symbol))),
            Self::Count { set, min, max } => {
                let count = symbols().filter(|symbol| set.has(*symbol)).count();
                Some(count >= *min && max.is_none_or(|max| count <= max))
            }
            Self::OnlyAfter { enter, after } => {
                let first = |set: &Set| symbols().position(|symbol| set.has(symbol));
                Some(match (first(enter), first(after)) {
                    (None, _) => true,
                    (Some(entered), Some(condition)) => condition <= entered,
                    (Some(_), None) => false,
                })
            }
            Self::Quiet { after } => {
                Some(symbols().position(|symbol| after.has(symbol)).is_none_or(|at| at + 1 == trace.symbols.len()))
            }
            Self::Every { every, then, within, min } => every_fits(trace, finish, *every, *then, *within, *min),
        }
    }
}

fn every_fits(
    trace: &Trace,
    finish: Finish,
    every: Set,
    then: Set,
    within: Option<Within>,
    min: usize,
) -> Option<bool> {
    let mut unknown = false;
    let mut entries = 0;
    for (at, (symbol, entered)) in trace.symbols.iter().enumerate() {
        if !every.has(*symbol) {
            continue;
        }
        entries += 1;
        let mut answers = trace.symbols[at + 1..].iter().filter(|(symbol, _)| then.has(*symbol));
        if answers.any(|(_, answered)| within.is_none_or(|within| within.holds(answered - entered))) {
            continue;
        }
        match (within, finish) {
            (None, _) | (_, Finish::Gone) => return Some(false),
            // All of the time for an answer was seen; without an end of that time, its beginning.
            (Some(within), Finish::Fenced(until)) if until - entered >= within.most.unwrap_or(within.least) => {
                return Some(false);
            }
            // The recording ended before.
            (Some(_), Finish::Fenced(_)) => unknown = true,
        }
    }
    match (entries >= min, unknown) {
        (false, _) => Some(false),
        (true, true) => None,
        (true, false) => Some(true),
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sequence = |items: &Vec<Item>| items.iter().map(ToString::to_string).collect::<Vec<_>>().join(" -> ");
        f.write_str(&self.0.iter().map(sequence).collect::<Vec<_>>().join(" | "))
    }
}

impl fmt::Display for Item {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.primitive {
            Primitive::Run => f.write_str("...")?,
            Primitive::One => f.write_str("_")?,
            Primitive::State(set) => set.fmt(f)?,
            Primitive::Group(path) => write!(f, "({path})")?,
        }
        match self.repeat {
            None => {}
            Some((0, Some(1))) => f.write_str("?")?,
            Some((0, None)) => f.write_str("*")?,
            Some((1, None)) => f.write_str("+")?,
            Some((min, None)) => write!(f, "{{{min},}}")?,
            Some((min, Some(max))) => write!(f, "{{{min},{max}}}")?,
        }
        match self.stay {
            None => {}
            Some(Bound::Less(limit)) => write!(f, " for <{limit}us")?,
            Some(Bound::AtMost(limit)) => write!(f, " for <={limit}us")?,
            Some(Bound::More(limit)) => write!(f, " for >{limit}us")?,
            Some(Bound::AtLeast(limit)) => write!(f, " for >={limit}us")?,
            Some(Bound::Range(range)) => write!(f, " for {range}")?,
        }
        match self.within {
            None => Ok(()),
            Some(within) => write!(f, " within {within}"),
        }
    }
}

impl fmt::Display for Expectation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Path(path) => path.fmt(f),
            Self::Never(set) => write!(f, "never {set}"),
            Self::Always(set) => write!(f, "always {set}"),
            Self::Every { every, then, within, min } => {
                write!(f, "every {every} then {then}")?;
                if let Some(within) = within {
                    write!(f, " within {within}")?;
                }
                write!(f, " min {min}")
            }
            Self::Count { set, min, max } => {
                write!(f, "count {set} min {min}")?;
                max.map_or(Ok(()), |max| write!(f, " max {max}"))
            }
            Self::OnlyAfter { enter, after } => write!(f, "{enter} onlyAfter {after}"),
            Self::Quiet { after } => write!(f, "quiet after {after}"),
        }
    }
}
