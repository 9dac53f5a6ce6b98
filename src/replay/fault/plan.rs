//! Which faults strike a request: the active ones that match, counted down when they are used.
//!
//! Nothing is random: the same requests in the same order get the same faults.

use super::super::collection::Bookmark;
use super::super::route::{Query, Verb};
use super::super::store::Address;
use super::super::wire::WireShape;
use super::{Effect, Fault, Gone, OldServer, Shape};
use std::time::Duration;

/// The active faults of a server.
#[derive(Debug, Default)]
pub(in super::super) struct Faults(Vec<Fault>);

/// The faults that one request gets.
#[derive(Debug, Default)]
pub(in super::super) struct Plan {
    pub http: Option<(u16, Option<u64>)>,
    pub delay: Option<Duration>,
    pub gone: Option<Gone>,
    pub expire_continue: bool,
    pub old_server: Option<OldServer>,
    pub bookmarks: Bookmark,
    pub gzip: Option<bool>,
    pub refuse_exact: Option<u16>,
    pub chunks: Vec<usize>,
    pub cut_list: Option<usize>,
    pub wire: WireShape,
    pub shape: Shape,
}

impl Faults {
    pub(crate) fn add(&mut self, fault: Fault) {
        self.0.push(fault);
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    /// The faults for a request, in the order in which they were added. If one replaces the response, those after it
    /// are not used up.
    pub(crate) fn plan(&mut self, verb: Verb, address: Option<&Address>, query: &Query) -> Plan {
        let mut plan = Plan::default();
        for fault in &mut self.0 {
            let used_up = fault.times == Some(0);
            if used_up || plan.http.is_some() || !fault.strikes(verb, address, query) {
                continue;
            }
            fault.times = fault.times.map(|times| times - 1);
            plan.take(&fault.effect);
        }
        self.0.retain(|fault| fault.times != Some(0));
        plan
    }
}

impl Fault {
    fn strikes(&self, verb: Verb, address: Option<&Address>, query: &Query) -> bool {
        let one_of = |wanted: Option<Verb>| wanted.is_none_or(|wanted| wanted == verb);
        let asked = match self.effect {
            Effect::ExpireContinue => !query.text("continue").is_empty(),
            Effect::RefuseExact { .. } => query.text("resourceVersionMatch") == "Exact",
            Effect::NoInitialEvents(_) => query.flag("sendInitialEvents"),
            // A watch without a version cannot be too old.
            Effect::Gone(_) => !matches!(query.text("resourceVersion"), "" | "0"),
            _ => true,
        };
        let resource = match (&self.scope.resource, address) {
            (None, _) => true,
            (Some(_), None) => false,
            (Some(wanted), Some((group, _, plural))) => {
                wanted == plural || wanted.split_once('.') == Some((plural.as_str(), group.as_str()))
            }
        };
        one_of(self.scope.verb) && one_of(self.effect.only_verb()) && asked && resource
    }
}

impl Plan {
    fn take(&mut self, effect: &Effect) {
        match effect {
            Effect::Http { status, retry_after } => self.http = Some((*status, *retry_after)),
            Effect::Delay(delay) => self.delay = Some(*delay),
            Effect::Gone(gone) => self.gone = Some(*gone),
            Effect::ExpireContinue => self.expire_continue = true,
            Effect::NoInitialEvents(old) => self.old_server = Some(*old),
            Effect::Bookmarks(shape) => self.bookmarks = *shape,
            Effect::Gzip(on) => self.gzip = Some(*on),
            Effect::RefuseExact { status } => self.refuse_exact = Some(*status),
            Effect::Chunks(sizes) => self.chunks.clone_from(sizes),
            Effect::Segments(sizes) => self.wire.segments.clone_from(sizes),
            Effect::DropSlow(patience) => self.wire.drop_slow = Some(*patience),
            Effect::CutList { bytes } => self.cut_list = Some(*bytes),
            _ => self.shape.take(effect),
        }
    }
}
