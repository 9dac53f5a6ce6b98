//! The exports of `show`, each read by the tools of its format.

mod khi;
mod mermaid;
mod otlp;
mod page;
mod parquet;
mod perfetto;
mod readers;
mod terminals;
