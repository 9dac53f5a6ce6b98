//! What is known of a stretch or an Event, as named values: the arguments of a slice, the attributes of a span.

use super::stretch::{Of, Stretch};
use crate::observation::{ResourceVersion, State, StateKind, Subject, rfc3339_micros};
use crate::timeline::{Body, Entry, GapEntry, Provenance};
use crate::view::dwell::{Dwell, End};
use crate::view::style::{Caveats, Durations};
use crate::view::{clock, gap, label};
use jiff::Timestamp;
use std::time::Duration;

/// A value of a fact.
pub(super) enum Value {
    Text(String),
    Number(i64),
    Flag(bool),
}

/// Facts with their names.
#[derive(Default)]
pub(super) struct Facts(pub(super) Vec<(&'static str, Value)>);

impl Facts {
    pub(super) fn text(&mut self, name: &'static str, text: Option<impl Into<String>>) -> &mut Self {
        self.0.extend(text.map(|text| (name, Value::Text(text.into()))));
        self
    }

    pub(super) fn number(&mut self, name: &'static str, number: Option<impl Into<i64>>) -> &mut Self {
        self.0.extend(number.map(|number| (name, Value::Number(number.into()))));
        self
    }

    pub(super) fn flag(&mut self, name: &'static str, flag: bool) -> &mut Self {
        self.0.extend(flag.then_some((name, Value::Flag(true))));
        self
    }

    fn time(&mut self, name: &'static str, at: Option<Timestamp>) -> &mut Self {
        self.text(name, at.map(rfc3339_micros))
    }

    fn micros(&mut self, name: &'static str, span: Option<Duration>) -> &mut Self {
        self.number(name, span.and_then(|span| i64::try_from(span.as_micros()).ok()))
    }

    /// Of a stretch.
    pub(super) fn of(stretch: &Stretch<'_>) -> Self {
        let mut facts = Self::default();
        match &stretch.of {
            Of::Stay { transition, dwell, held } => {
                facts.state(&transition.to);
                let before = transition.from.as_ref().filter(|from| from.kind != StateKind::Absent);
                facts.text("previous_state", before.map(|from| from.label.as_str()));
                facts.seen(stretch.entry);
                let is_unseen = matches!(stretch.entry.seen, Provenance::Initial | Provenance::AfterGap);
                facts.text("beginning", is_unseen.then_some("not seen"));
                facts.flag("held", *held);
                facts.dwell(dwell.as_ref());
            }
            Of::Found(state) => {
                facts.state(state);
                facts.text("seen", Some(Provenance::AfterGap.as_str()));
                facts.text("beginning", Some("not seen"));
                facts.text("dwell", Some("not measured"));
                facts.text("end", Some(if stretch.to.is_some() { "seen" } else { "open" }));
            }
            Of::Gap(gap) => facts.gap(stretch.entry, gap),
        }
        facts
    }

    /// Of an Event.
    pub(super) fn of_event(entry: &Entry) -> Self {
        let mut facts = Self::default();
        if let Body::Evidence(evidence) = &entry.body {
            facts.text("type", Some(evidence.kind.as_str()));
            facts.text("reason", Some(evidence.reason.as_str()));
            facts.text("message", Some(evidence.message.as_str()));
            facts.number("count", Some(evidence.count));
            facts.text("source", Some(evidence.source.as_str()).filter(|source| !source.is_empty()));
            facts.seen(entry);
        }
        facts
    }

    /// Of a state that goes on with other details.
    pub(super) fn of_detail(entry: &Entry) -> Self {
        let mut facts = Self::default();
        if let Body::Detailed(detailed) = &entry.body {
            facts.text("change", Some(label::change(detailed)));
            facts.state(&detailed.to);
            facts.seen(entry);
        }
        facts
    }

    /// Of a subject.
    pub(super) fn of_subject(subject: &Subject) -> Self {
        let filled = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        let mut facts = Self::default();
        facts.text("cluster", subject.cluster.as_deref()).text("kind", Some(subject.kind.as_str()));
        facts.text("group", filled(&subject.group)).text("namespace", filled(&subject.namespace));
        facts.text("name", Some(subject.name.as_str())).text("uid", filled(&subject.uid));
        facts
    }

    /// Of a recording, where its entries alone would mislead.
    pub(super) fn of_caveats(caveats: Caveats) -> Self {
        let mut facts = Self::default();
        facts.text(
            "durations",
            match caveats.durations {
                Durations::Measured => None,
                Durations::Stamped => {
                    Some("times are stamps of the writers' clocks in whole seconds: no stay is exact")
                }
                Durations::Unknown => {
                    Some("times are of clocks that do not compare: how long anything took is not known")
                }
            },
        );
        let stepped =
            "the wall clock was set during the recording: times are those of the clock as it was at the start";
        let incomplete = "lines of the recording are missing: the absence of gaps means nothing";
        facts.text("clock", caveats.stepped.then_some(stepped));
        facts.text("lines", caveats.incomplete.then_some(incomplete));
        facts
    }

    fn seen(&mut self, entry: &Entry) {
        self.number("seq", i64::try_from(entry.seq).ok());
        self.text("seen", Some(entry.seen.as_str()));
        self.time("not_before", entry.not_before.filter(|at| clock::is_known(*at)));
        let is_unknown = entry.not_before.is_some_and(|at| !clock::is_known(at));
        self.text("not_before", is_unknown.then_some("not known"));
        if let Some([before, after]) = entry.leases.as_deref() {
            self.time("lease_before", Some(*before)).time("lease_after", Some(*after));
        }
        self.text("resource_version", entry.resource_version.as_ref().map(ResourceVersion::as_str));
    }

    fn state(&mut self, state: &State) {
        let detail = &state.detail;
        self.text("state", (state.kind != StateKind::Absent).then_some(state.label.as_str()));
        self.text("state_kind", state.kind.name());
        self.text("reason", detail.reason.as_deref()).text("message", detail.message.as_deref());
        self.number("exit_code", detail.exit_code).number("signal", detail.signal);
        self.number("restart_count", detail.restart_count);
        self.text("instance", detail.instance.as_deref());
        self.time("started_at", detail.started_at).time("finished_at", detail.finished_at);
        self.time("server_time", detail.server_time);
    }

    fn dwell(&mut self, dwell: Option<&Dwell>) {
        let Some(dwell) = dwell else { return };
        let end = match dwell.end {
            End::Next | End::Deleted => "seen",
            End::Unseen => "gap",
            End::Open => "open",
        };
        self.text("end", Some(end));
        if let Some(exact) = dwell.exact() {
            self.micros("dwell_us", Some(exact));
            return;
        }
        self.text("dwell", Some(if dwell.end == End::Open { "not over".to_owned() } else { dwell.text() }));
        // Whole seconds of other clocks are no bounds.
        if !dwell.stamped && dwell.end != End::Open {
            self.micros("dwell_at_least_us", Some(dwell.at_least)).micros("dwell_at_most_us", dwell.at_most);
        }
    }

    fn gap(&mut self, entry: &Entry, gap: &GapEntry) {
        let of = match (&gap.track, &entry.subject) {
            (Some(_), _) => "track",
            (None, Some(_)) => "object",
            (None, None) => "watch",
        };
        let known = |at: Option<Timestamp>, or: &str| at.map_or_else(|| or.to_owned(), rfc3339_micros);
        self.number("seq", i64::try_from(entry.seq).ok()).text("gap_of", Some(of));
        self.text("reason", Some(gap.reason.as_str()));
        self.text("gap_from", Some(known(gap.from.filter(|from| clock::is_known(*from)), "not known")));
        self.text("gap_to", Some(known(gap.to, "not seen again")));
        self.text("resource", Some(gap.resource.as_str()).filter(|resource| !resource.is_empty()));
        self.text("from_resource_version", gap.from_resource_version.as_ref().map(ResourceVersion::as_str));
        self.text("to_resource_version", gap.to_resource_version.as_ref().map(ResourceVersion::as_str));
        self.text("evidence", gap.evidence.as_deref());
    }
}

/// `gap: history expired`, the name of what stands for a gap.
pub(super) fn gap_title(gap: &GapEntry) -> String {
    format!("gap: {}", gap::reason(gap.reason))
}
