//! What is known of what the API server has answered: that it is recorded, or how new it was at a moment.

use super::app::App;
use super::problem::Problem;
use crate::source::Connection;
use std::time::Duration;
use tokio::time::Instant;

/// How often it is looked whether something is proven, and how often the proof is requested again.
const LOOK: Duration = Duration::from_millis(5);
const AGAIN: Duration = Duration::from_secs(5);

/// Waits until everything up to now is proven to be recorded, of every watch that is served.
pub(super) async fn proven(app: &App) -> Result<bool, Problem> {
    let now = app.marker.now().await.map_err(|_| Problem::ended())?.at;
    loop {
        app.prover.prove();
        let asked = Instant::now();
        while asked.elapsed() < AGAIN {
            if app.has_ended() {
                return Ok(false);
            }
            if each_served(app, |watch| watch.proven.is_some_and(|proven| proven >= now)) {
                return Ok(true);
            }
            tokio::time::sleep(LOOK).await;
        }
    }
}

/// Waits until it is known of every watch that is served how new the newest version was at a doubt.
pub(super) async fn resolved(app: &App, doubt: u64) {
    while !each_served(app, |watch| watch.resolved >= doubt) && !app.has_ended() {
        tokio::time::sleep(LOOK).await;
    }
}

fn each_served(app: &App, holds: impl Fn(&Connection) -> bool) -> bool {
    let progress = app.progress.borrow().clone();
    let connections = progress.connections.now();
    let mut watches = progress.watches.iter().enumerate();
    watches.all(|(at, watched)| watched.absent || connections.get(at).is_some_and(&holds))
}
