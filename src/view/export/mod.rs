//! Timelines in the formats of other programs: a diagram, traces and tables.
//!
//! They obey the rules of every view: gaps survive into them, the same timeline gives the same bytes, and a time that
//! was not measured is not stated as if it had been.

mod fact;
mod khi;
mod khi_message;
mod khi_style;
mod mermaid;
mod otlp;
mod otlp_message;
mod parquet;
mod parquet_column;
mod perfetto;
mod perfetto_message;
mod stretch;

pub(super) use khi::write as khi;
pub(super) use mermaid::write as mermaid;
pub(super) use otlp::write as otlp;
pub(super) use parquet::write as parquet;
pub(super) use perfetto::write as perfetto;
