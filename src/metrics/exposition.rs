//! The text format of Prometheus, version 0.0.4.

use super::families::{self, Family, Kind};
use super::measured::{Measured, lock};
use crate::expectation::{Judgement, Verdict};
use crate::meter::Counted;
use crate::observation::{Watch, WatchId};
use crate::run::{Filling, Progress, Watched};
use crate::source::{Connection, QUEUE_BYTES};
use prometheus::TextEncoder;
use prometheus::proto::{Bucket, Counter, Gauge, Histogram, LabelPair, Metric, MetricFamily, MetricType};
use std::collections::BTreeMap;

/// The media type of the text.
pub const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// All verdicts, so that each has a number, also if it is 0.
const VERDICTS: [Verdict; 5] =
    [Verdict::Satisfied, Verdict::Violated, Verdict::Pending, Verdict::Inconclusive, Verdict::Skipped];

/// The metrics now.
pub(super) fn text<'a>(of: &Measured, judged: impl Iterator<Item = &'a Judgement>) -> String {
    // Read first: what is counted by then is in the rest.
    let has_ended = *of.ended.borrow();
    let progress = of.progress.borrow().clone();
    let connections = progress.connections.now();
    let mut text = Exposition::default();
    text.numbers(families::BUILD_INFO, [([env!("CARGO_PKG_VERSION")], 1)]);
    text.timeline(of, &progress, &connections);
    text.watches(of, &progress, &connections);
    text.recorder(of, &progress);
    text.numbers(families::ENDED, [([""; 0], u64::from(has_ended))]);
    let mut verdicts = VERDICTS.map(|verdict| ([verdict.as_str()], 0));
    for judgement in judged {
        let own = verdicts.iter_mut().filter(|([name], _)| *name == judgement.verdict.as_str());
        own.for_each(|(_, count)| *count += 1);
    }
    text.numbers(families::EXPECTATIONS, verdicts);
    text.0.sort_by(|one, other| one.name().cmp(other.name()));
    TextEncoder::new().encode_to_string(&text.0).expect("every family has a name and series")
}

#[derive(Default)]
struct Exposition(Vec<MetricFamily>);

impl Exposition {
    /// What happened to the objects.
    fn timeline(&mut self, of: &Measured, progress: &Progress, connections: &[Connection]) {
        let is_out = |watch: WatchId| {
            let watch = usize::from(watch);
            let is_attached = progress.watches.get(watch).is_some_and(|watched| watched.attached);
            !is_attached || connections.get(watch).is_some_and(|connection| connection.outage.is_some())
        };
        let counts = lock(&of.counts);
        self.numbers(families::TRANSITIONS, counts.transitions.all().map(|(labels, count)| (labels.clone(), *count)));
        let stayed = counts.stayed.all().map(|(labels, stayed)| (labels.clone(), stayed.0.counted()));
        self.lengths(families::DWELL, stayed);
        self.numbers(families::OBJECTS, counts.objects.now(is_out));
        self.numbers(families::EVIDENCE, counts.evidence.all().map(|(labels, count)| (labels.clone(), *count)));
        self.numbers(families::GAPS, counts.gaps.all().map(|(labels, count)| (labels.clone(), *count)));
        self.numbers(families::MISSED, [([""; 0], counts.missed)]);
    }

    /// The watches; those of one resource and namespace together.
    fn watches(&mut self, of: &Measured, progress: &Progress, connections: &[Connection]) {
        let mut watches: BTreeMap<[String; 2], [u64; 5]> = BTreeMap::new();
        let mut lags: BTreeMap<[String; 1], Counted> = BTreeMap::new();
        for (at, Watch { resource, namespace, .. }) in of.watches.iter().enumerate() {
            let watched = progress.watches.get(at).cloned().unwrap_or_default();
            let before = of.before.get(at).map_or(0, |before: &Watched| before.reconnects);
            let is_out = connections.get(at).is_some_and(|connection| connection.outage.is_some());
            let own = [
                1,
                u64::from(watched.attached),
                u64::from(!is_out),
                watched.reconnects.saturating_sub(before),
                progress.meters.healed(at),
            ];
            let all = watches.entry([resource.to_string(), namespace.to_string()]).or_default();
            all.iter_mut().zip(own).for_each(|(all, own)| *all += own);
            if let Some(lag) = progress.meters.lag(at) {
                let known = lags.remove(&[resource.to_string()]);
                let both = known.map_or(lag.clone(), |known| known.and(&lag));
                lags.insert([resource.to_string()], both);
            }
        }
        let of_each =
            [families::WATCHES, families::ATTACHED, families::CONNECTED, families::RECONNECTS, families::HEALED];
        for (place, family) in of_each.into_iter().enumerate() {
            self.numbers(family, watches.iter().map(|(labels, numbers)| (labels.clone(), numbers[place])));
        }
        self.lengths(families::LAG, lags);
    }

    /// The recorder itself.
    fn recorder(&mut self, of: &Measured, progress: &Progress) {
        let received =
            Filling { depth: progress.depth.queued_bytes(), capacity: QUEUE_BYTES.saturating_mul(of.watches.len()) };
        let queues = [
            ("received", received),
            ("decoded", progress.meters.decoded()),
            ("recorded", progress.meters.recorded()),
            ("metrics", (of.entries)()),
        ];
        let number = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
        self.numbers(families::QUEUE_DEPTH, queues.map(|(name, queue)| ([name], number(queue.depth))));
        self.numbers(families::QUEUE_CAPACITY, queues.map(|(name, queue)| ([name], number(queue.capacity))));
        self.numbers(families::RECORDING_BYTES, [([""; 0], progress.meters.written_bytes())]);
        self.lengths(families::FSYNC, [([""; 0], progress.meters.fsyncs())]);
    }

    /// A family of counters or gauges.
    fn numbers<const LABELS: usize, L: Into<String>>(
        &mut self,
        family: Family,
        series: impl IntoIterator<Item = ([L; LABELS], u64)>,
    ) {
        self.family(family, series, |metric, value| {
            #[expect(clippy::cast_precision_loss, reason = "Prometheus has floats: exact up to 2^53")]
            let value = value as f64;
            if family.kind == Kind::Counter {
                let mut counter = Counter::default();
                counter.set_value(value);
                metric.set_counter(counter);
            } else {
                let mut gauge = Gauge::default();
                gauge.set_value(value);
                metric.set_gauge(gauge);
            }
        });
    }

    /// A family of histograms.
    fn lengths<const LABELS: usize, L: Into<String>>(
        &mut self,
        family: Family,
        series: impl IntoIterator<Item = ([L; LABELS], Counted)>,
    ) {
        self.family(family, series, |metric, counted| {
            let mut histogram = Histogram::default();
            histogram.set_sample_count(counted.count);
            histogram.set_sample_sum(counted.sum.as_secs_f64());
            let bucket = |(bound, count)| {
                let mut bucket = Bucket::default();
                bucket.set_upper_bound(bound);
                bucket.set_cumulative_count(count);
                bucket
            };
            histogram.set_bucket(counted.buckets.into_iter().map(bucket).collect());
            metric.set_histogram(histogram);
        });
    }

    fn family<const LABELS: usize, L: Into<String>, V>(
        &mut self,
        family: Family,
        series: impl IntoIterator<Item = ([L; LABELS], V)>,
        set: impl Fn(&mut Metric, V),
    ) {
        let mut series: Vec<([String; LABELS], V)> =
            series.into_iter().map(|(values, value)| (values.map(Into::into), value)).collect();
        series.sort_by(|(one, _), (other, _)| one.cmp(other));
        let metric = |(values, value): ([String; LABELS], V)| {
            let label = |(name, value): (&&str, String)| {
                let mut label = LabelPair::default();
                label.set_name((*name).to_owned());
                label.set_value(value);
                label
            };
            let mut metric = Metric::default();
            metric.set_label(family.labels.iter().zip(values).map(label).collect::<Vec<_>>());
            set(&mut metric, value);
            metric
        };
        let metrics: Vec<Metric> = series.into_iter().map(metric).collect();
        if metrics.is_empty() {
            return;
        }
        let mut written = MetricFamily::default();
        written.set_name(family.name.to_owned());
        written.set_help(family.help.to_owned());
        written.set_field_type(match family.kind {
            Kind::Counter => MetricType::COUNTER,
            Kind::Gauge => MetricType::GAUGE,
            Kind::Histogram => MetricType::HISTOGRAM,
        });
        written.set_metric(metrics);
        self.0.push(written);
    }
}
