//! Starting a recording: the cluster's identity, the file, the threads.

use super::config::{Config, Output};
use super::error::Error;
use super::listener::Speaker;
use super::mark::Mark;
use super::pipeline::Pipeline;
use super::prior::PriorRecording;
use super::progress::Progress;
use super::stop::Stop;
use crate::observation::{ClockChange, ClusterIdentity, Environment, Fact, Observation, Payload};
use crate::recording::{self, Header, Verification, Writer};
use crate::source::{self, Clock, Resume};
use crate::timeline::Fold;
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::sync::{mpsc, watch};

/// How long to wait for the cluster's identity after a request to stop.
const GRANTED: Duration = Duration::from_millis(300);

/// A recording that was started or resumed.
pub(super) struct Opened {
    pub clock: Clock,
    pub resumes: Vec<Resume>,
    pub pipeline: Pipeline,
    /// The cluster's versions and nodes at the start.
    pub environment: Environment,
}

/// The source of a fact that was given.
const GIVEN: &str = "--fact";

impl Config {
    /// Opens the file and starts the threads.
    pub(super) async fn open(
        &mut self,
        ends: (Speaker, mpsc::Receiver<Mark>),
        progress: watch::Sender<Progress>,
        stop: &Stop,
    ) -> Result<Opened, Error> {
        let is_of_cluster = self.is_of_cluster();
        let of_cluster = async {
            if is_of_cluster {
                tokio::join!(source::identity(&self.cluster), source::environment(&self.cluster))
            } else {
                (Ok(ClusterIdentity::default()), Environment::default())
            }
        };
        let ((identity, mut environment), facts) = tokio::select! {
            known = async { tokio::join!(of_cluster, source::facts(&self.watches)) } => known,
            () = hurried(stop) => return Err(stop.before_the_start()),
        };
        environment.facts = facts;
        let given = self.facts.iter().map(|(name, value)| (name.clone(), Fact::known(GIVEN, value)));
        environment.facts.extend(given);
        let identity = identity?;
        let output = std::mem::replace(&mut self.output, Output::Nowhere);
        if let Output::Again(earlier) = output {
            return self.open_again(*earlier, &identity, environment, ends, progress).await;
        }
        let clock = self.clock.clone().unwrap_or_else(|| Clock::start(Duration::ZERO));
        let mut header = Header::new(clock.begin(), self.watches.clone());
        header.boot = clock.boot(Duration::ZERO);
        header.identify(identity);
        (header.environment, header.capture) = (environment.clone(), self.capture);
        let mut fold = Fold::new(header.cluster.clone(), &header.watches)?;
        fold.began_in(environment.clone());
        let writer = match &output {
            Output::New(path) => Some(Writer::create(path, &header, self.sync)?),
            _ => None,
        };
        self.output = output;
        let resumes = vec![Resume::default(); self.watches.len()];
        let verification = Verification::new(&header);
        let pipeline = Pipeline::start(writer, fold, verification, self.settle, clock.clone(), ends, progress);
        Ok(Opened { clock, resumes, pipeline, environment })
    }

    async fn open_again(
        &mut self,
        mut earlier: PriorRecording,
        identity: &ClusterIdentity,
        environment: Environment,
        ends: (Speaker, mpsc::Receiver<Mark>),
        progress: watch::Sender<Progress>,
    ) -> Result<Opened, Error> {
        if self.is_of_cluster() && earlier.meet(identity)? {
            tracing::warn!(
                "it is not known whether this is the cluster that was recorded: all watches continue after a gap; \
                 whoever may read the namespace kube-system or default has none"
            );
        }
        let (clock, is_same) = earlier.clock();
        let stamp = clock.now();
        let boot = clock.boot(stamp.elapsed).filter(|_| !is_same);
        let change = boot.map(|boot| ClockChange { step_micros: None, boot: Some(boot) });
        let before = earlier.environment().clone();
        let PriorRecording { writer, fold, verification, watches, transitions, marks, .. } = earlier;
        progress.send_modify(|progress| (progress.transitions, progress.marks) = (transitions, marks));
        let pipeline = Pipeline::start(Some(writer), fold, verification, self.settle, clock.clone(), ends, progress);
        let resumed = Payload::Resumed { tool: recording::tool() };
        let changed = known_since(environment, &before);
        let environment = changed.clone().unwrap_or(before);
        let whats = [resumed].into_iter().chain(change.map(Payload::Clock)).chain(changed.map(Payload::Environment));
        let lines = whats.map(|what| Observation { stamp, payload: what }).collect();
        // A recorder that has failed reports its own error.
        let _ = pipeline.input.send(lines).await;
        Ok(Opened { clock, resumes: watches, pipeline, environment })
    }
}

/// Waits for a request to stop and a little longer, so that a server that answers quickly is still recorded.
async fn hurried(stop: &Stop) {
    stop.finish.cancelled().await;
    tokio::time::sleep(GRANTED).await;
}

/// The facts that were found now, besides those that were given before and are not given anew. What is not known any
/// more has changed.
fn facts_since(now: BTreeMap<String, Fact>, before: &BTreeMap<String, Fact>) -> BTreeMap<String, Fact> {
    let given = before
        .iter()
        .filter(|(name, fact)| fact.source == GIVEN && now.get(*name).is_none_or(|found| found.source != GIVEN));
    let given: Vec<_> = given.map(|(name, fact)| (name.clone(), fact.clone())).collect();
    now.into_iter().chain(given).collect()
}

/// The facts of a recording that ends. What is not known by then, as where a service has ended before, is as it was; so is
/// what was not known before.
pub(super) fn facts_at_end(now: BTreeMap<String, Fact>, before: &BTreeMap<String, Fact>) -> BTreeMap<String, Fact> {
    let is_other = |name: &String, fact: &Fact| {
        let before = before.get(name).filter(|before| before.source != GIVEN && before.value.is_some());
        fact.value.is_some() && before.is_some_and(|before| before.value != fact.value)
    };
    let changed = now.into_iter().filter(|(name, fact)| is_other(name, fact));
    before.clone().into_iter().chain(changed).collect()
}

/// The environment if it changed; what can no longer be read counts as unchanged.
pub(super) fn known_since(now: Environment, before: &Environment) -> Option<Environment> {
    let now = Environment {
        kubernetes: now.kubernetes.or_else(|| before.kubernetes.clone()),
        platform: now.platform.or_else(|| before.platform.clone()),
        kubevirt: now.kubevirt.or_else(|| before.kubevirt.clone()),
        feature_gates: now.feature_gates.or_else(|| before.feature_gates.clone()),
        disabled_feature_gates: now.disabled_feature_gates.or_else(|| before.disabled_feature_gates.clone()),
        nodes: now.nodes.or_else(|| before.nodes.clone()),
        facts: facts_since(now.facts, &before.facts),
    };
    (now != *before).then_some(now)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn at_the_end_only_what_is_known_otherwise_has_changed() {
        let facts = |facts: &[(&str, Fact)]| -> BTreeMap<String, Fact> {
            facts.iter().map(|(name, fact)| ((*name).to_owned(), fact.clone())).collect()
        };
        let (known, unknown) = (|value: &str| Fact::known("info", value), Fact::unknown("info", "it does not answer"));
        let before = [
            ("podman", known("4.3.1")),
            ("podman.ociRuntime", known("runc")),
            ("crictl", Fact::known(GIVEN, "1.30.0")),
            ("criu", unknown.clone()),
        ];
        let before = facts(&before);
        let now = [
            ("podman", unknown),
            ("podman.ociRuntime", known("crun")),
            ("crictl", known("1.31.0")),
            ("criu", known("3.17.1")),
        ];
        let mut expected = before.clone();
        expected.insert("podman.ociRuntime".to_owned(), known("crun"));
        assert_eq!(facts_at_end(facts(&now), &before), expected);
        assert_eq!(facts_at_end(BTreeMap::new(), &before), before);
    }
}
