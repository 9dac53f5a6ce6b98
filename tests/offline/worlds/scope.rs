//! Classes of documents and views, to leave some of them out.

use super::statement::{Among, Document, Formula, From, Says, Subject, Tracks, Until, Window};
use super::view::{Finish, Resumption, View};
use crate::oracle::language::Expectation;

/// Classes of documents and views that are left out altogether: `STATETRAIL_WORLDS_WITHOUT=negation,family`, to look for
/// what is behind the frequent ones.
#[derive(Clone, Debug, Default)]
pub(super) struct Scope(Vec<String>);

impl Scope {
    pub(super) fn told() -> Self {
        let told = std::env::var("STATETRAIL_WORLDS_WITHOUT").unwrap_or_default();
        Self(told.split(',').filter(|name| !name.is_empty()).map(str::to_owned).collect())
    }

    /// Whether a document is judged on a recording of this view.
    pub(super) fn admits(&self, document: &Document, view: &View) -> bool {
        self.0.iter().all(|name| !is_of(name, document, view))
    }
}

/// Whether a document, on a recording of this view, is of a class.
fn is_of(class: &str, document: &Document, view: &View) -> bool {
    let watch = |fits: &dyn Fn(&super::view::Watch) -> bool| view.watches.iter().any(fits);
    let outage = |fits: &dyn Fn(Resumption) -> bool| watch(&|watch| watch.outages.iter().any(|one| fits(one.how)));
    let clause = |fits: &dyn Fn(usize, Tracks, &Says) -> bool| any_clause(&document.formula, fits);
    let Window { from, until, max } = document.window;
    match class {
        "negation" => negates(&document.formula),
        "min-2" => document.subjects.iter().any(|subject| subject.min == Some(2)),
        "any" => document.subjects.iter().any(|subject| matches!(subject.among, Among::Any | Among::AnyLife)),
        "last" => document.subjects.iter().any(|subject| subject.among == Among::LastLife),
        "owned" => document.subjects.iter().any(|subject| subject.owned),
        "named" => document.subjects.iter().any(|subject| subject.name.is_some()),
        "every" => clause(&|_, _, says| matches!(says, Says::Word(Expectation::Every { .. }))),
        "unfenced" => watch(&|watch| watch.finish.1 != Finish::Whole),
        "mark" => matches!(from, From::Mark(_)) || matches!(until, Some(Until::Mark(_))),
        "from-instant" => matches!(from, From::Mark(_) | From::Time(_)),
        "min-0" => document.subjects.iter().any(|subject| subject.min == Some(0)),
        "first" => document.subjects.iter().any(|subject| subject.among == Among::First),
        "window" => document.window != Window::WHOLE,
        "entry" => document.window.is_by_entry(),
        "attached" => from == From::Attached,
        "max" => max.is_some(),
        "until" => until.is_some(),
        "missing-mark" => {
            let missing = |name: u8| !view.marks.iter().any(|(mark, _)| *mark == name);
            matches!(from, From::Mark(name) if missing(name))
                || matches!(until, Some(Until::Mark(name)) if missing(name))
        }
        "selector" => watch(&|watch| watch.label.is_some()),
        "one-namespace" => {
            watch(&|watch| watch.namespace.is_some())
                && document.subjects.iter().any(|subject| subject.namespace.is_none())
        }
        "uid" => document.subjects.iter().any(|subject| subject.uid.is_some()),
        "born" => document.subjects.iter().any(|subject| subject.born),
        "labels" => document.subjects.iter().any(|subject| subject.label.is_some()),
        "unwatched" => document.subjects.iter().any(|subject| !watch(&|watch| watch.kind == subject.kind)),
        "family" => clause(&|_, tracks, says| {
            tracks == Tracks::Conditions || matches!(says, Says::OnlyAfter { tracks: Tracks::Conditions, .. })
        }),
        "restart" => clause(&|_, _, says| matches!(says, Says::Restarts { .. })),
        "pair" => clause(&|_, _, says| matches!(says, Says::Pair { .. })),
        "same" => clause(&|_, _, says| matches!(says, Says::Same { .. })),
        "while" => clause(&|_, _, says| matches!(says, Says::While { .. })),
        "order" => clause(&|_, _, says| matches!(says, Says::OnlyAfter { .. } | Says::Quiet { .. })),
        "other-subject" => clause(&|subject, _, says| says.other().is_some_and(|other| other != subject)),
        "separate" => watch(&|watch| watch.separate.is_some()),
        "undecodable" => watch(&|watch| watch.undecodable > 0),
        "unreadable" => watch(&|watch| watch.unreadable > 0),
        "late" => outage(&|how| matches!(how, Resumption::Reconnected { .. })),
        "gap" => outage(&|how| matches!(how, Resumption::Relisted { .. })),
        "part-healed" => outage(&|how| matches!(how, Resumption::Relisted { healed, .. } if healed > 0)),
        "replaced" => outage(&|how| how == Resumption::Replaced),
        "past" => watch(&|watch| watch.past.is_some()),
        "resumed" => view.resumed.is_some(),
        "rebooted" => view.rebooted,
        "ended" => view.ended,
        "unserved" => watch(&|watch| watch.unserved.is_some()),
        "healed" => outage(&|how| how == Resumption::Healed),
        "lives" => document.subjects.iter().any(Subject::chooses_life),
        _ => panic!("{class} is no class"),
    }
}

fn negates(formula: &Formula) -> bool {
    match formula {
        Formula::Not(_) => true,
        Formula::All(parts) | Formula::Any(parts) => parts.iter().any(negates),
        Formula::Clause { .. } => false,
    }
}

fn any_clause(formula: &Formula, fits: &dyn Fn(usize, Tracks, &Says) -> bool) -> bool {
    match formula {
        Formula::All(parts) | Formula::Any(parts) => parts.iter().any(|part| any_clause(part, fits)),
        Formula::Not(part) => any_clause(part, fits),
        Formula::Clause { subject, tracks, says } => fits(*subject, *tracks, says),
    }
}
