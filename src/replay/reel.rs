//! A recording that is being replayed: its clock, its start, and its marks.

use super::playback::Playback;
use super::refusal::Refusal;
use jiff::Timestamp;
use std::sync::Arc;
use std::time::Duration;

/// What drives a recording, and what it is about.
#[derive(Clone, Debug)]
pub(super) struct Reel {
    pub playback: Playback,
    pub started: Timestamp,
    pub marks: Arc<[(Duration, String)]>,
}

impl Reel {
    /// A moment that a request names: a time, a time since the start, or a mark.
    pub(super) fn moment(&self, text: &str) -> Result<Duration, Refusal> {
        if let Ok(at) = text.parse::<Timestamp>() {
            return Ok(Duration::try_from(at.duration_since(self.started)).unwrap_or_default());
        }
        // In a query, a plus sign is a space.
        let elapsed = text.trim().trim_start_matches('+');
        if let Ok(elapsed) = humantime::parse_duration(elapsed) {
            return Ok(elapsed);
        }
        if let Some(seconds) = elapsed.strip_suffix('s').and_then(|seconds| seconds.parse::<f64>().ok())
            && let Ok(elapsed) = Duration::try_from_secs_f64(seconds)
        {
            return Ok(elapsed);
        }
        let mark = self.marks.iter().find(|(_, name)| name == text).map(|(at, _)| *at);
        mark.ok_or_else(|| {
            let message = "to: write a time (2026-11-20T18:09:30Z), a time since the start of the recording (12.5s, 1m30s), \
                           or the name of a mark";
            Refusal::new(400, message)
        })
    }
}
