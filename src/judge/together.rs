//! Combines the outcomes of several subjects, including those that may still come or may have been missed.

use super::ends::{Cover, Ends};
use super::outcome::EVERY_LIFE;
use super::state::{Judge, Unseen};
use super::subjects::Member;
use crate::kinds;
use crate::language::{Clause, Expectation, From, Quantify, Selector};
use crate::monitor::{End, Judgement, Micros, NEVER_BEFORE, Span, Verdict};
use crate::observation::Subject;
use std::fmt::Write as _;

/// Where a subject may have lived unseen after the last line.
const UNFENCED: &str = " at the unfenced end";

/// Where its source may not have reported it.
const DROPPED: &str = ": after 25 Events about one object, their source drops most of what follows";

impl Judge {
    /// Combines the judgements of single subjects.
    pub(super) fn together(
        &self,
        expectation: &Expectation,
        clause: &Clause,
        chosen: &Chosen,
        cover: &Cover,
    ) -> (Judgement, Option<String>) {
        if self.is_inverted(&expectation.window) {
            return (Judgement::INCONCLUSIVE, Some("the window ends before it starts".to_owned()));
        }
        let (mut standing, reason) = self.combined(expectation, clause, chosen, cover);
        // If none lived in the window, there is nothing to judge: neither a pass, nor too few.
        let (_, selector) = &expectation.subjects[clause.subject];
        let is_allowed = may_lack(expectation, selector, selector.at_least(clause.is_goal()));
        let may_be_none = chosen.is_windowed && chosen.sure == 0 && !selector.quantify.chooses() && !is_allowed;
        if may_be_none && standing.verdict.is_decided() {
            standing = if cover.end.is_final() { Judgement::INCONCLUSIVE } else { Judgement::PENDING };
        }
        let standing = match cover.end.is_final() {
            true if chosen.sure == 0 || standing.vacuous => standing.vacuously(),
            // Perhaps none of those that were judged is selected.
            false if chosen.sure == 0 => standing.vacuously_so_far(),
            _ => standing,
        };
        (standing, reason)
    }

    fn combined(
        &self,
        expectation: &Expectation,
        clause: &Clause,
        chosen: &Chosen,
        cover: &Cover,
    ) -> (Judgement, Option<String>) {
        let end = &cover.end;
        let (alias, selector) = &expectation.subjects[clause.subject];
        let whom = || describe(alias, selector);
        let least = selector.at_least(clause.is_goal());
        let others = self.others(expectation, (selector, least), chosen, cover);
        let undecided = if end.is_final() { Judgement::INCONCLUSIVE } else { Judgement::PENDING };
        let nothing =
            || (Judgement::SATISFIED.vacuously(), Some(format!("nothing to judge, as allowed: no {}", whom())));
        let mut all = chosen.parts.clone();
        let mut reason = None;
        if let Some((standing, number)) = number_of_subjects((selector, least), chosen, &others, end) {
            // If only the selection of a subject is open, its own reason explains more.
            let is_known = standing.verdict == Verdict::Violated || chosen.sure == chosen.possible;
            if standing.verdict != Verdict::Satisfied && is_known {
                reason = Some(if others.unwatched {
                    unwatched(alias, selector, cover)
                } else {
                    format!("{number} {}", whom())
                });
            }
            if standing.verdict == Verdict::Violated {
                // A violation by one subject is one by something that was judged, whatever their number.
                let each = selector.quantify != Quantify::Any;
                let parts = if each { Judgement::all(all) } else { Judgement::any(all) };
                let whole = Judgement::all([parts, standing]);
                return (whole, reason.filter(|_| whole.vacuous || !standing.vacuous));
            }
            if selector.quantify == Quantify::Any {
                let some = Judgement::any(all.into_iter().chain(others.any().then_some(undecided)));
                return unless_broken(Judgement::all([some, standing]), reason);
            }
            all.push(standing);
        }
        if all.is_empty() && !others.any() {
            // None was seen in the window.
            let is_allowed = !chosen.is_windowed || may_lack(expectation, selector, least);
            return if is_allowed { nothing() } else { (undecided, None) };
        }
        let lacking = || match (others.unwatched, others.unseen) {
            (true, _) => Some(unwatched(alias, selector, cover)),
            (_, Some(UNFENCED)) if selector.name.is_some() && selector.quantify == Quantify::Each => {
                Some(EVERY_LIFE.to_owned())
            }
            (_, Some(why)) => Some(format!("another {} may have existed unseen{why}", whom())),
            _ => None,
        };
        if selector.quantify == Quantify::Any {
            let standing = Judgement::any(all.into_iter().chain(others.any().then_some(undecided)));
            return unless_broken(standing, reason.or_else(|| lacking().filter(|_| !standing.verdict.is_decided())));
        }
        if others.any() {
            all.push(undecided);
            reason = reason.or_else(lacking);
        }
        unless_broken(Judgement::all(all), reason)
    }

    /// Which subjects there may be in addition to those that were seen.
    fn others(
        &self,
        expectation: &Expectation,
        (selector, least): (&Selector, u64),
        chosen: &Chosen,
        cover: &Cover,
    ) -> Others {
        let end = &cover.end;
        // A uid is one life, and a name in a sketch is the one that it shows.
        let alone = selector.uid.is_some() || (self.sketched && selector.name.is_some());
        let is_whole = match selector.quantify {
            Quantify::Each | Quantify::Any => alone && chosen.sure > 0,
            Quantify::First | Quantify::Nth(_) => chosen.sure > 0,
            Quantify::Last => chosen.sure > 0 && chosen.is_settled,
        };
        if is_whole {
            return Others::default();
        }
        let window = &expectation.window;
        // Objects created after a window are not among its subjects; one that enters a watch's selection after it may be.
        let last = self.last_birth(selector, window).filter(|_| !cover.may_enter);
        let mut hidden = self.unseen_of(selector).filter(|unseen| last.is_none_or(|last| unseen.after <= last));
        let unseen = if let Some(unseen) = hidden.next() {
            Some(if unseen.about.is_none() { " in a gap of its watch" } else { DROPPED })
        } else if *end == End::Unfenced && last.is_none_or(|last| cover.alive.unwrap_or(NEVER_BEFORE) < last) {
            Some(UNFENCED)
        } else if self.awaits_mark(window, cover, chosen.possible >= least) {
            Some(" in the window: one of its marks was never written")
        } else {
            None
        };
        let is_too_late = |last: Micros| matches!(end, End::Open { alive, .. } if *alive >= last);
        let to_come = !end.is_final() && !last.is_some_and(is_too_late);
        Others { to_come, unseen, unwatched: cover.unwatched }
    }

    /// The spans in which subjects of a selector may have lived unseen.
    pub(super) fn unseen_of(&self, selector: &Selector) -> impl Iterator<Item = &Unseen> {
        self.unseen.iter().filter(move |unseen| {
            unseen.scope.may_have(&selector.kind, selector.group.as_deref(), selector.namespace.as_deref())
                && !self.is_taken(selector, unseen)
                && !self.is_about_another(selector, unseen)
        })
    }

    /// True when one subject had the name during a whole span, so that no other can have had it.
    fn is_taken(&self, selector: &Selector, unseen: &Unseen) -> bool {
        self.roster.members.iter().any(|member| self.takes(member, selector, unseen))
    }

    /// True when a subject had the name that a selector names from before a span on until its end. A storage that goes
    /// back may bring an object back.
    pub(super) fn takes(&self, member: &Member, selector: &Selector, unseen: &Unseen) -> bool {
        let subject = &member.subject;
        if selector.name.as_deref().is_none_or(|name| subject.name != name) || subject.kind != selector.kind {
            return false;
        }
        let is_clusters = kinds::of_kind(&selector.kind).is_some_and(|kind| !kind.namespaced);
        let namespace = match (&selector.namespace, unseen.scope.namespace.as_str()) {
            (Some(namespace), _) => namespace.as_str(),
            (None, "") if !is_clusters => return false,
            (None, namespace) => namespace,
        };
        subject.namespace == namespace && self.holds_name(member, unseen)
    }

    /// True when another subject had the name of one during a whole span.
    pub(super) fn is_name_held(&self, subject: &Subject, unseen: &Unseen) -> bool {
        let mut others = self.roster.named(subject).filter(|other| other.subject.uid != subject.uid);
        others.any(|other| self.holds_name(other, unseen))
    }

    /// True when a subject existed from before a span on until its end, and no other can have had its name meanwhile.
    fn holds_name(&self, member: &Member, unseen: &Unseen) -> bool {
        if kinds::is_named_by_place(&member.subject.kind) {
            return false;
        }
        let is_one_storage = self.replaced_under(&member.subject).all(|replaced| unseen.by <= replaced.after);
        // What comes at the moment of its deletion comes before it only if its place says so.
        let is_before = |gone: Span| {
            let at_once = gone.lo == unseen.by && member.death_place().is_some_and(|place| unseen.order.hi < place);
            unseen.by < gone.lo || at_once
        };
        is_one_storage
            && member.deleted.is_none_or(is_before)
            && !member.may_have_gone_before(unseen.by)
            && self.is_one_count(&member.subject.kind, member.watch, unseen.watch)
            && member.began.is_some_and(|began| began < unseen.place)
    }
}

/// Whether an expectation is fulfilled by no subject in its window: about Events, which may be none, from a start that
/// does not depend on them.
fn may_lack(expectation: &Expectation, selector: &Selector, least: u64) -> bool {
    kinds::is_evidence(&selector.kind) && least == 0 && !matches!(expectation.window.from, From::Enter(_))
}

/// The judgement of all, and the reason: a violation is explained by its subject, whatever others there may be.
fn unless_broken(standing: Judgement, reason: Option<String>) -> (Judgement, Option<String>) {
    (standing, reason.filter(|_| standing.verdict != Verdict::Violated))
}

/// The subjects that a clause is about, as far as they are known.
#[derive(Default)]
pub(super) struct Chosen {
    /// The judgements of the subjects.
    pub parts: Vec<Judgement>,
    /// How many are certainly selected.
    pub sure: u64,
    /// How many may be selected.
    pub possible: u64,
    /// True when a gap cannot hide the life that is selected.
    pub is_settled: bool,
    /// True when they are those of a window.
    pub is_windowed: bool,
}

/// Subjects in addition to those that were seen.
#[derive(Default)]
struct Others {
    /// True when they may still come.
    to_come: bool,
    /// Where they may have lived unseen; none when they cannot.
    unseen: Option<&'static str>,
    /// True when no watch would have shown them.
    unwatched: bool,
}

impl Others {
    fn any(&self) -> bool {
        self.to_come || self.unseen.is_some() || self.unwatched
    }
}

/// A judgement while it may become known where the window lies: nothing is out of reach, nor known to be empty.
pub(super) fn so_far(standing: Judgement, expectation: &Expectation, ends: &Ends) -> Judgement {
    let mut selectors = expectation.window.entries().map(|entered| &expectation.subjects[entered.subject].1);
    let awaits_entry = selectors.any(|selector| !ends.of_selector(selector).end.is_final());
    match standing.verdict {
        Verdict::Inconclusive | Verdict::Pending if awaits_entry => Judgement::PENDING,
        _ if awaits_entry => standing.not_for_good(),
        _ => standing,
    }
}

/// The judgement of a subject that may or may not be selected.
pub(super) fn doubtful(standing: Judgement, selector: &Selector, end: &End) -> Judgement {
    let harmless = match selector.quantify {
        // Without it there may be nothing to judge, which `min: 0` allows.
        Quantify::Any => standing.verdict == Verdict::Violated && selector.at_least(true) > 0,
        _ => standing.verdict == Verdict::Satisfied,
    };
    // Another subject may turn out to be selected, or this one not to be: nothing is out of reach.
    if harmless {
        if end.is_final() { standing } else { standing.not_for_good() }
    } else if end.is_final() {
        Judgement::INCONCLUSIVE
    } else {
        Judgement::PENDING
    }
}

fn number_of_subjects(
    (selector, least): (&Selector, u64),
    chosen: &Chosen,
    others: &Others,
    end: &End,
) -> Option<(Judgement, String)> {
    let (sure, possible) = (chosen.sure, chosen.possible);
    if selector.max.is_some_and(|max| sure > max) {
        return Some((Judgement::VIOLATED, format!("found {sure} of at most {}", selector.max.unwrap_or(0))));
    }
    // If none is in the window, there is nothing to judge; that is not too few.
    let is_empty = possible == 0 && chosen.is_windowed;
    if possible < least && !others.any() && !is_empty {
        let number = format!("nothing to judge: found {possible} of at least {least}");
        return Some((Judgement::VIOLATED.vacuously(), number));
    }
    let few = sure < least;
    let many = selector.max.is_some_and(|max| possible > max || others.any());
    if !few && !many {
        return None;
    }
    let standing = if end.is_final() { Judgement::INCONCLUSIVE } else { Judgement::PENDING };
    Some((standing, format!("found {sure} of at least {least}")))
}

fn unwatched(alias: &str, selector: &Selector, cover: &Cover) -> String {
    let whom = describe(alias, selector);
    match &cover.part {
        Some(part) => format!("only {part} was watched, which may not show every {whom}: record without it"),
        None => format!("no watch would have shown {whom}: record it, too"),
    }
}

/// A selector's description in messages.
fn describe(alias: &str, selector: &Selector) -> String {
    let kind = &selector.kind;
    let mut text = match (&selector.namespace, &selector.name) {
        (Some(namespace), Some(name)) => format!("{kind} {namespace}/{name}"),
        (None, Some(name)) => format!("{kind} {name}"),
        (Some(namespace), None) => format!("{kind} in {namespace}"),
        (None, None) => kind.clone(),
    };
    let labels = selector.labels.to_string();
    let life = if let Quantify::Nth(number) = selector.quantify { number.to_string() } else { String::new() };
    let details = [("uid", selector.uid.as_deref().unwrap_or_default()), ("labels", &labels), ("life", &life)];
    for (what, value) in details.into_iter().filter(|(_, value)| !value.is_empty()) {
        let _ = write!(text, ", {what} {value}");
    }
    if alias.is_empty() || alias.contains('/') || alias == selector.kind { text } else { format!("{alias} ({text})") }
}
