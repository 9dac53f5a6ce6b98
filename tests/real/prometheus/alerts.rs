//! Alerts fire when what they are about happens. They wait for nothing here: promtool tests how long each waits.

use super::story::Story;

/// Waits until an alert has fired in both releases.
fn await_alert(story: &Story, name: &str, labels: &str) {
    for prometheus in &story.releases {
        prometheus
            .await_data(&format!(r#"last_over_time(ALERTS{{alertname="{name}", alertstate="firing", {labels}}}[1h])"#));
    }
}

#[test]
fn alerts_fire_when_it_happens() {
    let mut story = Story::begun();
    story.expect();
    await_alert(&story, "StatetrailExpectationViolated", r#"verdict="violated""#);
    await_alert(&story, "StatetrailGap", r#"resource="pods", reason="history-expired""#);
    await_alert(&story, "StatetrailImagePullFailing", r#"kind="VirtualMachine", namespace="story""#);
    await_alert(&story, "StatetrailReadinessFlapping", r#"kind="Pod", namespace="story""#);
    story.ends();
    await_alert(&story, "StatetrailWatchInterrupted", r#"resource="pods""#);
    for prometheus in &story.releases {
        prometheus.await_data(r#"up{job="statetrail"} == 1 unless on() ALERTS{alertname="StatetrailDown"}"#);
        let missed = prometheus.instant(r#"last_over_time(ALERTS{alertname="StatetrailMetricsIncomplete"}[1h])"#);
        assert!(missed.is_empty(), "{missed:?}");
    }
    story.kill_recorder();
    for prometheus in &story.releases {
        prometheus.await_data(r#"ALERTS{alertname="StatetrailDown", alertstate="firing", job="statetrail"}"#);
    }
}
