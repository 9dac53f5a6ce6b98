//! Tests without a server: the language, monitors, folds and views, and the command on files.

mod allow_list;
mod check;
mod command_line;
mod cookbook;
mod details;
mod documents;
mod expectation_docs;
mod expectation_errors;
mod expectation_reasons;
mod expectation_schema;
mod expectation_time;
mod expectation_timeline;
mod expectation_windows;
mod expectation_words;
mod explained;
mod fold;
mod format;
mod fuzz;
mod gaps;
mod healed;
mod help;
mod identity;
mod import;
mod kinds;
mod mistaken;
mod oracle;
mod output;
mod planted;
#[path = "../recorder/mod.rs"]
mod recorder;
mod recording;
mod rooms;
mod scenarios;
mod sketches;
mod view;
mod worlds;
