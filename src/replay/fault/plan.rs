//! Which faults strike a request: the active ones that match, counted down when they are used.
//!
//! What is random comes from a seed: the same requests in the same order get the same faults.

use super::super::collection::Bookmark;
use super::super::route::{Query, Verb};
use super::super::store::Address;
use super::super::wire::WireShape;
use super::{Effect, Fault, Gone, OldServer, Shape};
use jiff::SignedDuration;
use std::time::Duration;

/// The active faults of a server.
#[derive(Debug, Default)]
pub(in super::super) struct Faults {
    active: Vec<Fault>,
    random: Random,
}

/// Numbers that look random, by `SplitMix64` (Steele, Lea, Flood, 2014).
#[derive(Debug, Default)]
struct Random(u64);

impl Random {
    /// From 0 to below 1.
    #[expect(clippy::cast_precision_loss, reason = "53 bits are exact")]
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }
}

/// The faults that one request gets.
#[derive(Debug, Default)]
pub(in super::super) struct Plan {
    pub http: Option<(u16, Option<u64>)>,
    pub delay: Option<Duration>,
    pub gone: Option<Gone>,
    pub forget: bool,
    pub expire_continue: bool,
    pub old_server: Option<OldServer>,
    pub bookmarks: Bookmark,
    pub gzip: Option<bool>,
    pub refuse_exact: Option<u16>,
    pub chunks: Vec<usize>,
    pub cut_list: Option<usize>,
    pub clock_jump: Option<SignedDuration>,
    pub wire: WireShape,
    pub shape: Shape,
}

impl Faults {
    pub(crate) fn add(&mut self, fault: Fault) {
        self.active.push(fault);
    }

    /// What is random is repeated with the same seed.
    pub(crate) fn seed(&mut self, seed: u64) {
        self.random = Random(seed);
    }

    pub(crate) fn clear(&mut self) {
        self.active.clear();
    }

    /// The faults for a request, in the order in which they were added. If one replaces the response, those after it
    /// are not used up.
    pub(crate) fn plan(&mut self, verb: Verb, address: Option<&Address>, query: &Query) -> Plan {
        let mut plan = Plan::default();
        for fault in &mut self.active {
            let used_up = fault.times == Some(0);
            if used_up || plan.http.is_some() || !fault.concerns(verb, address) {
                continue;
            }
            if fault.skip > 0 {
                fault.skip -= 1;
                continue;
            }
            if !fault.applies(query) {
                continue;
            }
            if fault.chance.is_some_and(|chance| self.random.next() >= chance) {
                continue;
            }
            fault.times = fault.times.map(|times| times - 1);
            plan.take(&fault.effect, &mut self.random);
        }
        self.active.retain(|fault| fault.times != Some(0));
        plan
    }
}

impl Fault {
    /// Whether it is about requests with this verb, for this resource.
    fn concerns(&self, verb: Verb, address: Option<&Address>) -> bool {
        let one_of = |wanted: Option<Verb>| wanted.is_none_or(|wanted| wanted == verb);
        let resource = address.map_or(self.scope.resource.is_none(), |(group, _, plural)| self.is_about(group, plural));
        one_of(self.scope.verb) && one_of(self.effect.only_verb()) && resource
    }

    /// Whether it can strike requests for a resource.
    #[must_use]
    pub fn is_about(&self, group: &str, plural: &str) -> bool {
        let wanted = self.scope.resource.as_deref();
        wanted.is_none_or(|wanted| wanted == plural || wanted.split_once('.') == Some((plural, group)))
    }

    /// Whether it can strike a request with this query.
    fn applies(&self, query: &Query) -> bool {
        match self.effect {
            Effect::ExpireContinue => !query.text("continue").is_empty(),
            Effect::RefuseExact { .. } => query.text("resourceVersionMatch") == "Exact",
            Effect::NoInitialEvents(_) => query.flag("sendInitialEvents"),
            // A watch without a version cannot be too old.
            Effect::Gone(_) | Effect::Forget => !matches!(query.text("resourceVersion"), "" | "0"),
            _ => true,
        }
    }
}

impl Plan {
    fn take(&mut self, effect: &Effect, random: &mut Random) {
        match effect {
            Effect::Http { status, retry_after } => self.http = Some((*status, *retry_after)),
            Effect::Delay(delay) => self.delay = Some(*delay),
            Effect::Gone(gone) => self.gone = Some(*gone),
            Effect::Forget => self.forget = true,
            Effect::ExpireContinue => self.expire_continue = true,
            Effect::NoInitialEvents(old) => self.old_server = Some(*old),
            Effect::Bookmarks(shape) => self.bookmarks = *shape,
            Effect::Gzip(on) => self.gzip = Some(*on),
            Effect::RefuseExact { status } => self.refuse_exact = Some(*status),
            Effect::Chunks(sizes) => self.chunks.clone_from(sizes),
            Effect::Segments(sizes) => self.wire.segments.clone_from(sizes),
            Effect::DropSlow(patience) => self.wire.drop_slow = Some(*patience),
            Effect::CutList { bytes } => self.cut_list = Some(*bytes),
            Effect::ClockJump(by) => self.clock_jump = Some(*by),
            Effect::Reorder(most) => self.shape.lag = Some(most.mul_f64(random.next())),
            _ => self.shape.take(effect),
        }
    }
}
