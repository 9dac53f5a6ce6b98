//! The proof that what the API server has answered is recorded.

use super::app::App;
use super::problem::Problem;
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
            let progress = app.progress.borrow().clone();
            let connections = progress.connections.now();
            let is_proven =
                |at: usize| connections.get(at).and_then(|it| it.proven).is_some_and(|proven| proven >= now);
            if progress.watches.iter().enumerate().all(|(at, watched)| watched.absent || is_proven(at)) {
                return Ok(true);
            }
            tokio::time::sleep(LOOK).await;
        }
    }
}
