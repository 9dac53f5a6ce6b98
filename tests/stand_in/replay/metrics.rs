//! The metrics of what is replayed are those that `show -o json` of the recording has.

use super::recorded::{measured_again, scenarios};
use crate::recorder::handle::counted;
use crate::recorder::metrics::assert_counted;
use statetrail::replay::Speed;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_scenario_is_counted_as_it_is_shown() {
    for path in scenarios() {
        let (recording, metrics) = measured_again(&path, Speed::Max).await;
        assert_counted(&counted(&metrics).await, &recording, &path.display().to_string());
    }
}
