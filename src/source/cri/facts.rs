//! What the runtime says of itself, as a fact.

use super::client::Client;
use crate::observation::Fact;
use std::path::Path;

const SOURCE: &str = "CRI Version";

/// Its name and version, `containerd://2.2.9`, as a node of a cluster says them.
pub(in super::super) async fn fact(socket: &Path) -> Fact {
    let asked = async { Client::connect(socket.to_owned()).await?.version().await };
    match asked.await {
        Ok(said) if said.runtime_name.is_empty() => Fact::unknown(SOURCE, "it does not say"),
        Ok(said) => {
            let (name, version) = (said.runtime_name, said.runtime_version);
            Fact::known(SOURCE, format!("{name}://{}", version.trim_start_matches('v')))
        }
        Err(unanswered) => Fact::unknown(SOURCE, unanswered.words()),
    }
}
