//! Cuts a stream where it breaks off and continues elsewhere: after an ERROR, at a new list, between a list and the
//! watch after it, where versions go back.
//!
//! ADDED lines that may be the initial state are taken for it: their objects existed before, as far as can be
//! proven. What the lines do not show, such as a watch that was reopened at a later version, cannot be detected.

use super::item::{Item, Said};
use crate::observation::{Change, ResourceVersion};
use smol_str::SmolStr;
use std::collections::{HashSet, VecDeque};

/// A part of a stream within which nothing is missing.
#[derive(Debug)]
pub(super) struct Segment {
    /// The input that it is from.
    pub input: String,
    /// How it begins.
    pub begin: Begin,
    /// Its initial state, in the input's order.
    pub listed: Vec<Item>,
    /// The bookmark that marks the end of the initial state.
    pub closing: Option<Item>,
    /// The items after the initial state.
    pub live: Vec<Item>,
    /// True if it shows objects of the watch. One without any may be of another namespace.
    pub is_placed: bool,
    /// True if its initial state may be that of everything that it shows.
    pub is_proven: bool,
}

/// How a segment begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Begin {
    /// At the start of its input.
    Input,
    /// After the server's ERROR with this code.
    Ended(u16),
    /// With a new initial state.
    Again,
    /// With a watch after a list. A watch that was not asked for at the list's version begins later, with what exists
    /// then or with the next change, and its lines do not show at which version it was asked for.
    AfterList,
    /// With a change older than earlier ones: the stream was reopened at an earlier version, or its
    /// versions start again.
    Back,
}

impl Segment {
    /// True when something says that its initial state is complete: the bookmark at its end, or that it is one list
    /// with the version that a server gives it. kubectl makes lists without a version, also of the objects named.
    pub(super) fn is_whole(&self) -> bool {
        let is_served = |version: &ResourceVersion| !version.as_str().is_empty();
        let is_whole =
            |item: &Item| matches!(&item.said, Said::List { version, is_page: false, .. } if is_served(version));
        self.is_proven && (self.closing.is_some() || matches!(&*self.listed, [list] if is_whole(list)))
    }

    /// True when its initial state is the document of a list.
    pub(super) fn is_list(&self) -> bool {
        matches!(&*self.listed, [Item { said: Said::List { .. }, .. }])
    }

    /// All items, in order.
    pub(super) fn items(&self) -> impl Iterator<Item = &Item> {
        self.listed.iter().chain(&self.closing).chain(&self.live)
    }
}

/// Cuts the items of one resource of one input.
pub(super) fn cut(input: &str, items: Vec<Item>) -> Vec<Segment> {
    let mut cutter = Cutter::default();
    let mut segments: Vec<Segment> = Vec::new();
    let mut items = VecDeque::from(items);
    let mut begin = Some(Begin::Input);
    while let Some(next) = items.front() {
        if begin.is_none() && ends_at(segments.last(), &next.said) {
            begin = Some(Begin::AfterList);
            cutter.newest = None;
        }
        let mut run = run(&mut items, begin.is_some());
        // If a list follows directly on another, the seam is where its order starts again.
        for item in seam(&mut run).into_iter().rev() {
            items.push_front(item);
        }
        let is_closed = items.front().is_some_and(|item| closes(&item.said));
        let rest = if is_closed { Vec::new() } else { unreadable_end(&mut run) };
        let begins = begin.take().or((is_closed || cutter.is_again(&run)).then_some(Begin::Again));
        cutter.take(&run);
        match begins {
            Some(begin) => {
                let closing = if is_closed { items.pop_front() } else { None };
                cutter.take(closing.as_slice());
                segments.push(Segment {
                    input: input.to_owned(),
                    begin,
                    listed: run,
                    closing,
                    live: rest,
                    is_placed: true,
                    is_proven: true,
                });
            }
            None => segments.last_mut().expect("the first begins one").live.extend(run.into_iter().chain(rest)),
        }
        // Items after a run do not begin another.
        while let Some(item) =
            next_if(&mut items, |item| !may_begin(&item.said) && !ends_at(segments.last(), &item.said))
        {
            let goes_back = cutter.goes_back(&item);
            if goes_back {
                cutter.newest = None;
            }
            cutter.take(std::slice::from_ref(&item));
            if let Said::Ended(status) = &item.said {
                begin = Some(Begin::Ended(status.code));
                break;
            }
            if goes_back {
                segments.push(Segment {
                    input: input.to_owned(),
                    begin: Begin::Back,
                    listed: Vec::new(),
                    closing: None,
                    live: Vec::new(),
                    is_placed: true,
                    is_proven: true,
                });
            }
            segments.last_mut().expect("the first begins one").live.push(item);
        }
    }
    segments
}

/// The items of a possible list: one list, or ADDED lines, or, at the start of a segment, objects without events.
fn run(items: &mut VecDeque<Item>, is_beginning: bool) -> Vec<Item> {
    if let Some(list) = next_if(items, |item| matches!(item.said, Said::List { .. })) {
        return vec![list];
    }
    let mut seen = HashSet::new();
    let mut run = Vec::new();
    while let Some(item) = next_if(items, |item| match &item.said {
        Said::Event(Change::Added, _) => true,
        Said::Unreadable(_) => is_beginning,
        Said::Bare(object) => is_beginning && seen.insert(object.uid.clone()),
        _ => false,
    }) {
        run.push(item);
    }
    run
}

fn next_if(items: &mut VecDeque<Item>, fits: impl FnOnce(&Item) -> bool) -> Option<Item> {
    if fits(items.front()?) { items.pop_front() } else { None }
}

/// Splits off what follows a whole list: a loop around `kubectl get --watch` prints one list after the other. The
/// next one begins at the latest with the first object that repeats, or before it with those that sort before
/// it, since a list is in the order of names.
fn seam(run: &mut Vec<Item>) -> Vec<Item> {
    let mut seen = HashSet::new();
    let Some(mut at) = run.iter().position(|item| match &item.said {
        Said::Event(_, object) => !seen.insert(object.uid.clone()),
        _ => false,
    }) else {
        return Vec::new();
    };
    let key = |item: &Item| match &item.said {
        Said::Event(_, object) => Some((object.namespace.clone(), object.name.clone())),
        _ => None,
    };
    while at > 1 && key(&run[at - 1]).is_some_and(|before| Some(before) < key(&run[at])) {
        at -= 1;
    }
    run.split_off(at)
}

/// Undecodable items at the end of a list without a closing bookmark need not belong to it.
fn unreadable_end(run: &mut Vec<Item>) -> Vec<Item> {
    let is_readable = |item: &Item| !matches!(item.said, Said::Unreadable(_));
    run.split_off(run.iter().rposition(is_readable).map_or(0, |last| last + 1))
}

/// True for the first line of a watch after the document of a list.
fn ends_at(segment: Option<&Segment>, next: &Said) -> bool {
    matches!(next, Said::Event(..) | Said::Bare(_) | Said::Bookmark { .. }) && segment.is_some_and(Segment::is_list)
}

fn may_begin(said: &Said) -> bool {
    matches!(said, Said::Event(Change::Added, _) | Said::List { .. }) || closes(said)
}

fn closes(said: &Said) -> bool {
    matches!(said, Said::Bookmark { initial_events_end: true, .. })
}

/// The state of a stream so far.
#[derive(Default)]
struct Cutter {
    living: HashSet<SmolStr>,
    /// The newest version since the stream last went back.
    newest: Option<ResourceVersion>,
    /// The newest version ever: older objects may have existed before, even after the stream went back.
    newest_ever: Option<ResourceVersion>,
}

impl Cutter {
    /// True when ADDED lines repeat known objects, or have older versions: then they are a list.
    fn is_again(&self, run: &[Item]) -> bool {
        let mut newest = self.newest_ever.clone();
        run.iter().any(|item| match &item.said {
            Said::List { .. } => true,
            Said::Event(_, object) => {
                let goes_back = is_older(&object.resource_version, newest.as_ref());
                advance(&mut newest, &object.resource_version);
                goes_back || self.living.contains(&object.uid)
            }
            _ => false,
        })
    }

    /// True for a change with a version older than an earlier one. Several deletions may share one version.
    fn goes_back(&self, item: &Item) -> bool {
        match &item.said {
            Said::Event(_, object) => is_older(&object.resource_version, self.newest.as_ref()),
            _ => false,
        }
    }

    fn take(&mut self, items: &[Item]) {
        for item in items {
            match &item.said {
                Said::Event(Change::Deleted, object) => {
                    self.living.remove(&object.uid);
                    self.note(&object.resource_version);
                }
                Said::Event(_, object) | Said::Bare(object) => {
                    self.living.insert(object.uid.clone());
                    self.note(&object.resource_version);
                }
                Said::List { version, items, .. } => {
                    for object in items.iter().flatten() {
                        self.living.insert(object.uid.clone());
                        self.note(&object.resource_version);
                    }
                    self.note(version);
                }
                Said::Bookmark { version, .. } => self.note(version),
                Said::Ended(_) | Said::Unreadable(_) => {}
            }
        }
    }

    fn note(&mut self, version: &ResourceVersion) {
        advance(&mut self.newest, version);
        advance(&mut self.newest_ever, version);
    }
}

fn is_older(version: &ResourceVersion, newest: Option<&ResourceVersion>) -> bool {
    newest.is_some_and(|newest| version.is_covered_by(newest) && !newest.is_covered_by(version))
}

/// Versions that are not numbers say nothing about the order.
fn advance(newest: &mut Option<ResourceVersion>, version: &ResourceVersion) {
    if version.is_decimal() && newest.as_ref().is_none_or(|newest| !version.is_covered_by(newest)) {
        *newest = Some(version.clone());
    }
}
