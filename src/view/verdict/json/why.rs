//! Breaches and doubts as members of the JSON of verdicts: the numbers behind the sentence for people.

use crate::expectation::{self, Length, Micros, Rule};
use crate::view::verdict::axis::{Axis, decimal};
use serde::Serialize;
use serde_json::value::RawValue;

/// What broke a trace.
#[derive(Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Breach<'a> {
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    step: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    to_step: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rule: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    states: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    lasted: Option<Seconds>,
    #[serde(skip_serializing_if = "Option::is_none")]
    asked: Option<Seconds>,
    #[serde(skip_serializing_if = "Option::is_none")]
    counted: Option<Count>,
    #[serde(skip_serializing_if = "Option::is_none")]
    asked_count: Option<Count>,
    #[serde(skip_serializing_if = "Option::is_none")]
    condition_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    condition_elapsed: Option<Box<RawValue>>,
}

/// Seconds: the least and the greatest number.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Seconds {
    #[serde(skip_serializing_if = "Option::is_none")]
    at_least: Option<Box<RawValue>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    at_most: Option<Box<RawValue>>,
}

impl Seconds {
    fn lasted(length: Length) -> Self {
        Self { at_least: Some(decimal(length.least)), at_most: length.most.map(decimal) }
    }

    fn asked(least: Micros, most: Option<Micros>) -> Self {
        Self { at_least: (least > 0).then(|| decimal(least)), at_most: most.map(decimal) }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Count {
    at_least: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    at_most: Option<u64>,
}

impl<'a> Breach<'a> {
    /// The members of a breach.
    pub(super) fn of(breach: &'a expectation::Breach, axis: Axis) -> Self {
        use expectation::Breach as B;
        match breach {
            B::Illegal { at, rule } => {
                let rule = match rule {
                    Rule::Path => "path",
                    Rule::Never => "never",
                    Rule::Always(_) => "always",
                    Rule::Graph(_) => "graph",
                };
                Self { kind: "illegal", step: Some(*at), rule: Some(rule), ..Self::default() }
            }
            B::Unfinished => Self { kind: "unfinished", ..Self::default() },
            B::Stay { at, lasted, least, most } => Self {
                kind: "stay",
                step: Some(*at),
                lasted: Some(Seconds::lasted(*lasted)),
                asked: Some(Seconds::asked(*least, *most)),
                ..Self::default()
            },
            B::Group { from, to, took, within } => Self {
                kind: "group",
                step: Some(*from),
                to_step: *to,
                lasted: Some(Seconds::lasted(*took)),
                asked: Some(Seconds::asked(within.least, within.limit())),
                ..Self::default()
            },
            B::Unanswered { trigger, answer, after, within, then } => Self {
                kind: "unanswered",
                step: Some(*trigger),
                to_step: *answer,
                states: Some(then),
                lasted: Some(Seconds::lasted(*after)),
                asked: within.map(|within| Seconds::asked(within.least, within.limit())),
                ..Self::default()
            },
            B::Unmet { trigger, awaited, after, within } => Self {
                kind: "unanswered",
                step: Some(*trigger),
                states: Some(awaited),
                lasted: after.map(Seconds::lasted),
                asked: within.map(|within| Seconds::asked(within.least, within.limit())),
                ..Self::default()
            },
            B::Uncaused { at, number, awaited, came } => Self {
                kind: "uncaused",
                step: Some(*at),
                states: Some(awaited),
                counted: Some(Count { at_least: 0, at_most: Some(*came) }),
                asked_count: Some(Count { at_least: *number, at_most: None }),
                ..Self::default()
            },
            B::Untriggered { every, seen, min } => Self {
                kind: "untriggered",
                states: Some(every),
                counted: Some(Count { at_least: *seen, at_most: None }),
                asked_count: Some(Count { at_least: *min, at_most: None }),
                ..Self::default()
            },
            B::Number { states, at, least, most, min, max } => Self {
                kind: if states.is_some() { "count" } else { "restarts" },
                step: *at,
                states: states.as_deref(),
                counted: Some(Count { at_least: *least, at_most: *most }),
                asked_count: Some(Count { at_least: *min, at_most: *max }),
                ..Self::default()
            },
            B::Early { at, awaited, came } => Self::of_condition("early", *at, (awaited, *came), axis),
            B::Meanwhile { at, held, since, .. } => Self::of_condition("meanwhile", *at, (held, *since), axis),
            B::Noise { at, trigger, since } => {
                Self::of_condition("noise", *at, (trigger, since.map(|since| since.hi)), axis)
            }
        }
    }

    /// A step that is wrong because of a condition, and when that was met.
    fn of_condition(kind: &'static str, step: usize, (states, met): (&'a str, Option<Micros>), axis: Axis) -> Self {
        Self {
            kind,
            step: Some(step),
            states: Some(states),
            condition_at: met.and_then(|met| axis.rfc3339(met)),
            condition_elapsed: met.and_then(|met| axis.seconds(met)),
            ..Self::default()
        }
    }
}

/// What keeps a trace from being decided.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Doubt<'a> {
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    step: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    states: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    until_elapsed: Option<Box<RawValue>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fits: Option<bool>,
}

impl<'a> Doubt<'a> {
    /// The members of a doubt.
    pub(super) fn of(doubt: &'a expectation::Doubt, axis: Axis) -> Self {
        use expectation::Doubt as D;
        let of = |kind, step| Self { kind, step, states: None, until: None, until_elapsed: None, fits: None };
        let timed = |kind, step, until: &Option<Micros>| Self {
            until: until.and_then(|until| axis.rfc3339(until)),
            until_elapsed: until.and_then(|until| axis.seconds(until)),
            ..of(kind, step)
        };
        match doubt {
            D::Beginning(at) => of("beginning", Some(*at)),
            D::Lost(at) => of("lost", Some(*at)),
            D::NotSeenAgain(at) => of("notSeenAgain", Some(*at)),
            D::Coalesced(at) => of("neverPublished", Some(*at)),
            D::Interval(at) => of("interval", Some(*at)),
            D::Damaged { .. } => of("damaged", None),
            D::Unfenced => of("unfenced", None),
            D::Unended { since, until, .. } => timed("unended", Some(*since), until),
            D::Condition(awaited)
            | D::Held(awaited)
            | D::Values(awaited)
            | D::Apart(awaited)
            | D::Entries(awaited)
            | D::Order(awaited) => Self { states: Some(awaited), ..of("condition", None) },
            D::Labels { placeholder, .. } => Self { states: Some(placeholder), ..of("labels", None) },
            D::Waiting { trigger, until, fits } => Self { fits: *fits, ..timed("waiting", *trigger, until) },
        }
    }
}
