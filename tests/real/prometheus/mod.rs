//! The dashboards and rules before real releases of Prometheus (`tests/prometheus/build`), which scrape a recorder.

mod alerts;
mod panels;
mod releases;
mod rules;
mod schema;
mod server;
mod story;
