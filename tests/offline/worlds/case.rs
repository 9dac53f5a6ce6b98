//! One case: a world, a view of it, and documents; and what is wrong with the verdicts on it.

use super::chance::Chance;
use super::lines::{self, What};
use super::scope::Scope;
use super::statement::{Document, document};
use super::truth::Truth;
use super::value::Value;
use super::view::{Seen, View, view};
use super::world::{World, mutant, world};
use statetrail::expectation::{Judgement, Program, Source, Verdict};
use statetrail::recording::Reader;
use statetrail::run;
use std::collections::BTreeMap;
use std::fmt::{self, Write as _};
use std::io::Cursor;
use std::sync::Arc;

/// Documents of one world.
const DOCUMENTS: usize = 6;
/// Other worlds that are tried, of which some look the same.
const MUTANTS: usize = 12;

#[derive(Clone)]
pub(super) struct Case {
    pub seed: u64,
    pub world: World,
    pub view: View,
    pub documents: Vec<Document>,
}

#[derive(Default)]
pub(super) struct Tally {
    recorded: u64,
    alike: u64,
    verdicts: u64,
    refused: BTreeMap<String, u64>,
    decided: u64,
    undecided: u64,
    /// All worlds that look the same agree, and no verdict is given.
    weaker: BTreeMap<String, u64>,
}

impl Tally {
    pub(super) fn worlds(&self) -> u64 {
        self.recorded + self.alike
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let refused: u64 = self.refused.values().sum();
        let weaker: u64 = self.weaker.values().sum();
        writeln!(
            f,
            "{} recordings of {} worlds, {} verdicts ({refused} documents refused), {} decided, {} undecided, of these {weaker} where all worlds tried agree",
            self.recorded,
            self.worlds(),
            self.verdicts,
            self.decided,
            self.undecided
        )?;
        let mut refused: Vec<_> = self.refused.iter().collect();
        refused.sort_by_key(|(_, times)| std::cmp::Reverse(**times));
        for (why, times) in refused.iter().take(12) {
            writeln!(f, "  refused {times}: {why}")?;
        }
        let mut weaker: Vec<_> = self.weaker.iter().collect();
        weaker.sort_by_key(|(_, times)| std::cmp::Reverse(**times));
        for (class, times) in weaker.iter().take(25) {
            writeln!(f, "  undecided {times}: {class}")?;
        }
        Ok(())
    }
}

/// What is wrong with a verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Sort {
    Satisfied,
    Violated,
    SatisfiedOfNothing,
    ViolatedOfNothing,
    Retracted,
    Inconclusive,
    PassLost,
}

impl fmt::Display for Sort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Satisfied => "satisfied, and the world does not fit",
            Self::Violated => "violated, and the world fits",
            Self::SatisfiedOfNothing => "satisfied, where nothing is to be said",
            Self::ViolatedOfNothing => "violated, where nothing is to be said",
            Self::Retracted => "decided, and a longer recording is judged otherwise",
            Self::Inconclusive => "inconclusive, and a longer recording is decided",
            Self::PassLost => "pass lost, and a longer recording is satisfied",
        })
    }
}

/// A wrong verdict.
#[derive(Clone)]
pub(super) struct Fault {
    pub sort: Sort,
    pub told: String,
    /// The case with the one document.
    pub case: Case,
}

impl Fault {
    pub(super) fn class(&self) -> String {
        format!("{} | {} | {}", self.sort, self.case.documents[0].sort(), self.case.view.sort())
    }
}

/// A recording that is judged.
struct Recorded {
    bytes: Vec<u8>,
    ends: Vec<usize>,
}

impl Recorded {
    fn judge(&self, lines: usize, program: &Arc<Program>) -> Vec<Judgement> {
        let bytes = self.bytes[..self.ends[lines]].to_vec();
        let reader = Reader::new("world", Cursor::new(bytes)).expect("a recording");
        let judged = run::judge(reader, Arc::clone(program)).expect("it has no tracks of its own");
        assert!(judged.damage.is_none() && judged.torn.is_none(), "{:?} {:?}", judged.damage, judged.torn);
        judged.outcomes.iter().map(|outcome| outcome.standing).collect()
    }
}

fn compile(documents: &[Document], unit: i64) -> Result<Program, String> {
    let texts: Vec<String> = texts(documents, unit).collect();
    let sources = texts.iter().map(|text| Source::Document { name: "w", text });
    Program::compile(sources).map_err(|error| error.to_string())
}

/// The documents, each with its own name.
fn texts(documents: &[Document], unit: i64) -> impl Iterator<Item = String> {
    documents.iter().enumerate().map(move |(at, document)| document.text(&format!("w{at}"), unit))
}

/// Documents that are judged together.
pub(super) struct Batch {
    unit: i64,
    documents: Vec<Document>,
    program: Arc<Program>,
}

impl Batch {
    /// Random documents, of which those that are refused are only counted.
    pub(super) fn drawn(seed: u64, tally: &mut Tally) -> Self {
        let mut chance = Chance(seed);
        let unit = if chance.one_in(2) { 1 } else { 100_000 };
        let mut documents: Vec<Document> = (0..DOCUMENTS).map(|_| document(&mut chance)).collect();
        let program = compile(&documents, unit).unwrap_or_else(|_| {
            documents.retain(|document| match compile(std::slice::from_ref(document), unit) {
                Ok(_) => true,
                Err(error) => {
                    let why = error.lines().next().unwrap_or_default().to_owned();
                    *tally.refused.entry(why).or_default() += 1;
                    false
                }
            });
            compile(&documents, unit).expect("each of them compiles")
        });
        Self { unit, documents, program: Arc::new(program) }
    }
}

impl Batch {
    /// The documents, compiled.
    pub(super) fn program(&self) -> Arc<Program> {
        Arc::clone(&self.program)
    }

    /// Its documents.
    pub(super) fn told(&self) -> String {
        texts(&self.documents, self.unit).map(|text| text + "\n").collect()
    }
}

impl Case {
    /// The recording of it, and where each of its lines ends.
    pub(super) fn recording(&self) -> (Vec<u8>, Vec<usize>) {
        lines::text(&self.view, &self.view.of(&self.world).lines)
    }

    /// A random world, seen in a random way.
    pub(super) fn drawn(seed: u64, batch: &Batch) -> Self {
        let mut chance = Chance(seed);
        loop {
            let world = world(&mut chance);
            let view = view(&world, batch.unit, &mut chance);
            if view.shows(&world) {
                return Self { seed, world, view, documents: batch.documents.clone() };
            }
        }
    }

    /// What is wrong with the verdicts.
    pub(super) fn faults(&self, batch: &Batch, scope: &Scope, tally: &mut Tally) -> Vec<Fault> {
        let seen = self.view.of(&self.world);
        let (bytes, ends) = lines::text(&self.view, &seen.lines);
        let recorded = Recorded { bytes, ends };
        let whole = seen.lines.len();
        tally.recorded += 1;

        let mut chance = Chance(self.seed ^ 0x5eed);
        let mut counts: Vec<usize> =
            if chance.one_in(8) { (0..whole).collect() } else { (0..3).map(|_| chance.index(whole)).collect() };
        counts.push(whole);
        // Where a recorder was stopped, what is proven until then is decided.
        counts.retain(|count| *count == whole || !is_stopped(&seen.lines, *count));
        counts.sort_unstable();
        counts.dedup();
        let judged: Vec<(usize, Vec<Judgement>)> =
            counts.into_iter().map(|count| (count, recorded.judge(count, &batch.program))).collect();
        tally.verdicts += judged.iter().map(|(_, verdicts)| verdicts.len() as u64).sum::<u64>();

        let alike = self.alike(&seen, &mut chance);
        tally.alike += alike.len() as u64;
        let mut faults = Vec::new();
        for (index, document) in self.documents.iter().enumerate() {
            if !scope.admits(document, &self.view) {
                continue;
            }
            let verdicts: Vec<(usize, Judgement)> =
                judged.iter().map(|(count, verdicts)| (*count, verdicts[index])).collect();
            let fault = |sort: Sort, told: String, world: &World| Fault {
                sort,
                told,
                case: Self {
                    seed: self.seed,
                    world: world.clone(),
                    view: self.view.clone(),
                    documents: vec![document.clone()],
                },
            };
            let (mut pass, mut fail) = (false, false);
            let mut found = None;
            for world in std::iter::once(&self.world).chain(&alike) {
                let values = [false, true].map(|is_final| Truth::new(world, &self.view, &seen, is_final).of(document));
                pass |= values[1].may_be_satisfied() || values[1].may_be_undecided();
                fail |= values[1].may_be_violated() || values[1].may_be_undecided();
                let wrong = verdicts.iter().find_map(|(count, judgement)| {
                    let is_final = *count == whole && self.view.end.is_some();
                    let sort = against(*judgement, values[usize::from(is_final)])?;
                    Some((sort, format!("after line {count} of {whole}: {}", say(*judgement))))
                });
                if let Some((sort, told)) = wrong {
                    found = Some(fault(sort, told, world));
                    break;
                }
            }
            let found = found.or_else(|| {
                let (sort, told) = retracted(&verdicts)?;
                Some(fault(sort, told, &self.world))
            });
            let last = verdicts.last().expect("the whole recording").1;
            if last.verdict.is_decided() {
                tally.decided += 1;
            } else {
                tally.undecided += 1;
                if alike.len() >= 3 && pass != fail {
                    *tally.weaker.entry(document.sort()).or_default() += 1;
                }
            }
            faults.extend(found);
        }
        faults
    }

    /// Other worlds of which the same is recorded.
    fn alike(&self, seen: &Seen, chance: &mut Chance) -> Vec<World> {
        let moments = self.view.moments();
        let mutants = (0..MUTANTS).filter_map(|_| mutant(&self.world, &moments, chance));
        mutants.filter(|other| self.view.shows(other) && self.view.of(other).lines == seen.lines).collect()
    }

    /// Everything that is needed to see it again.
    pub(super) fn told(&self) -> String {
        let seen = self.view.of(&self.world);
        let (bytes, _) = lines::text(&self.view, &seen.lines);
        let mut out = format!("seed {}\n", self.seed);
        for life in &self.world.lives {
            let _ = writeln!(
                out,
                "  {:?} {}/{} uid {} owner {:?}, seen {:?} late",
                life.kind,
                lines::NAMESPACES[usize::from(life.namespace)],
                lines::NAMES[usize::from(life.name)],
                lines::uid(life.uid),
                life.owner.map(lines::uid),
                self.world.delay(life.kind)
            );
            for write in &life.writes {
                let _ = writeln!(out, "    @{} version {}: {:?}", write.base, 1000 + write.place(), write.state);
            }
        }
        for document in &self.documents {
            out += &document.text("w", self.view.unit);
            out.push('\n');
        }
        out + &String::from_utf8_lossy(&bytes)
    }
}

fn say(judgement: Judgement) -> String {
    let lost = if judgement.verdict == Verdict::Pending && judgement.pass_lost { ", pass lost" } else { "" };
    format!("{}{lost}", judgement.verdict)
}

/// What is wrong with a verdict where the world is known.
fn against(judgement: Judgement, value: Value) -> Option<Sort> {
    match judgement.verdict {
        Verdict::Satisfied if value.may_be_satisfied() => None,
        Verdict::Violated if value.may_be_violated() => None,
        Verdict::Satisfied if value.is_undecided() => Some(Sort::SatisfiedOfNothing),
        Verdict::Satisfied => Some(Sort::Satisfied),
        Verdict::Violated if value.is_undecided() => Some(Sort::ViolatedOfNothing),
        Verdict::Violated => Some(Sort::Violated),
        _ => None,
    }
}

/// Whether the last of so many lines says that a recorder was stopped.
fn is_stopped(lines: &[lines::Line], count: usize) -> bool {
    count.checked_sub(1).is_some_and(|last| lines[last].what == What::End)
}

/// What a longer recording took back.
fn retracted(verdicts: &[(usize, Judgement)]) -> Option<(Sort, String)> {
    for (at, (count, before)) in verdicts.iter().enumerate() {
        for (later, after) in &verdicts[at + 1..] {
            let sort = if before.verdict.is_decided() && before.verdict != after.verdict {
                Some(Sort::Retracted)
            } else if before.verdict == Verdict::Inconclusive && after.verdict.is_decided() {
                Some(Sort::Inconclusive)
            } else if before.verdict == Verdict::Pending && before.pass_lost && after.verdict == Verdict::Satisfied {
                Some(Sort::PassLost)
            } else {
                None
            };
            if let Some(sort) = sort {
                return Some((
                    sort,
                    format!("after line {count}: {}; after line {later}: {}", say(*before), say(*after)),
                ));
            }
        }
    }
    None
}

impl Fault {
    /// Whether a smaller case shows the same sort of fault.
    pub(super) fn again(&self, case: Case) -> Option<Self> {
        let mut case = case;
        case.world.set_back();
        if !case.world.is_possible() || case.world.lives.is_empty() || !case.view.shows(&case.world) {
            return None;
        }
        let found = case.every_line()?;
        (found.sort == self.sort).then_some(found)
    }

    /// The lines that say what is wrong.
    pub(super) fn text(&self) -> String {
        format!("{}: {}\n{}", self.sort, self.told, self.case.told())
    }
}

impl Case {
    /// The fault of the only document, judged after every line, with no other world.
    fn every_line(self) -> Option<Fault> {
        let program = Arc::new(compile(&self.documents, self.view.unit).ok()?);
        let seen = self.view.of(&self.world);
        let (bytes, ends) = lines::text(&self.view, &seen.lines);
        let recorded = Recorded { bytes, ends };
        let whole = seen.lines.len();
        let verdicts: Vec<(usize, Judgement)> = (0..=whole)
            .filter(|count| *count == whole || !is_stopped(&seen.lines, *count))
            .map(|count| (count, recorded.judge(count, &program)[0]))
            .collect();
        for (count, judgement) in &verdicts {
            let is_final = matches!(seen.lines.last().map(|line| &line.what), Some(What::End)) && *count == whole;
            let value = Truth::new(&self.world, &self.view, &seen, is_final).of(&self.documents[0]);
            if let Some(sort) = against(*judgement, value) {
                let told = format!("after line {count} of {whole}: {}", say(*judgement));
                return Some(Fault { sort, told, case: self });
            }
        }
        let (sort, told) = retracted(&verdicts)?;
        Some(Fault { sort, told, case: self })
    }
}
