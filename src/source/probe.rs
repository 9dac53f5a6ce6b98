//! Asks a server for its version when nothing comes from it: an idle stream and a server that is gone look the same.
//!
//! What a probe finds is only reported. A stream that stays silent is given up by its own timeout.

use super::clock::Clock;
use super::cluster::Cluster;
use super::connection::Connections;
use super::error::Error;
use std::pin::pin;
use std::time::Duration;

/// How long a server that does not answer is left alone.
const PAUSE: Duration = Duration::from_secs(1);
/// How often is looked whether anything has come while an answer is awaited.
const LOOK: Duration = Duration::from_millis(200);

/// Probes the server whenever nothing has come from it for as long as `silence`, until the future is dropped. When there
/// is no answer for as long again, the watches are out.
pub(crate) async fn probe(cluster: &Cluster, connections: &Connections, clock: &Clock, silence: Duration) {
    loop {
        let quiet = cluster.silent_for();
        if quiet < silence {
            tokio::time::sleep(silence.saturating_sub(quiet)).await;
            continue;
        }
        let before = cluster.last_heard();
        let since = clock.now().at - quiet;
        let mut asked = pin!(cluster.get("get", "/version", "application/json"));
        // What keeps it from being asked is not the server's silence.
        let is_answer = |answer: Result<_, Error>| answer.map_or_else(|error| !error.is_silence(), |_| true);
        let is_answered = match tokio::time::timeout(silence, &mut asked).await {
            Ok(answer) => is_answer(answer),
            // A stream may have delivered something meanwhile.
            Err(_) if cluster.last_heard() != before => true,
            Err(_) => {
                connections.set_silent(Some(since));
                // The answer may never come, though the server is back.
                loop {
                    match tokio::time::timeout(LOOK, &mut asked).await {
                        Ok(answer) => break is_answer(answer),
                        Err(_) if cluster.last_heard() != before => break true,
                        Err(_) => {}
                    }
                }
            }
        };
        let is_heard = cluster.last_heard() != before;
        connections.set_silent((!is_answered && !is_heard).then_some(since));
        if !is_heard {
            tokio::time::sleep(PAUSE).await;
        }
    }
}
