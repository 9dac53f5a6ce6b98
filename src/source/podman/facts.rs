//! What the service says of itself, as facts.

use super::client::Client;
use crate::observation::Fact;
use std::path::Path;
use std::time::Duration;
use tokio::time::timeout;

/// How long it may take to answer: nothing is recorded before.
const PATIENCE: Duration = Duration::from_secs(5);
const SOURCE: &str = "podman info";

/// Its version, the backend of its events and its runtime, by the name of the fact.
pub(in super::super) async fn facts(socket: &Path) -> [(&'static str, Fact); 3] {
    const NAMES: [&str; 3] = ["podman", "podman.eventLogger", "podman.ociRuntime"];
    let client = Client::new(socket);
    let info = match timeout(PATIENCE, client.info()).await {
        Ok(Ok(info)) => info,
        Ok(Err(failed)) => return NAMES.map(|name| (name, Fact::unknown(SOURCE, failed.why()))),
        Err(_) => return NAMES.map(|name| (name, Fact::unknown(SOURCE, "the service did not answer in time"))),
    };
    let fact = |value: &str| match value {
        "" => Fact::unknown(SOURCE, "it does not say"),
        value => Fact::known(SOURCE, value),
    };
    let values = [&info.version.version, &info.host.event_logger, &info.host.oci_runtime.name];
    let [version, logger, runtime] = values.map(|value| fact(value));
    let [podman, event_logger, oci_runtime] = NAMES;
    [(podman, version), (event_logger, logger), (oci_runtime, runtime)]
}
