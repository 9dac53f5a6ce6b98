//! Drains a response into a bounded queue, and does nothing else, so that a slow disk does not make the server drop us.
//!
//! When the queue is full, reading stops until there is room: nothing is dropped, and TCP slows down the server.

use super::causes::causes;
use super::clock::{Clock, Now};
use super::cluster::is_gzip;
use super::depth::{Depth, Waiting, Waits};
use crate::observation::Stamp;
use bytes::Bytes;
use flate2::write::MultiGzDecoder;
use futures::{Stream, StreamExt};
use http::Response;
use http_body_util::BodyExt;
use jiff::Timestamp;
use kube::client::Body;
use std::error::Error;
use std::io::Write;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinHandle;

/// Most undecoded bytes of a stream.
pub(crate) const QUEUE_BYTES: usize = 8 << 20;
/// Most chunks of a stream.
const QUEUE_CHUNKS: usize = 4096;
/// How often the draining looks at the clock when nothing comes.
const BEAT: Duration = Duration::from_millis(20);
/// When it has not looked for so long, it was held up: the process was stopped, the machine suspended, the queue full.
/// Whatever lasts for 100 ms is so noticed.
const HELD_UP: Duration = Duration::from_millis(90);

/// What a stream delivers.
pub(super) enum Delivery {
    /// Some bytes.
    Chunk(Chunk),
    /// What comes from here on may have waited since this time, because draining was delayed.
    Stalled(Timestamp),
    /// The body ended, at this time.
    Closed(Stamp),
    /// The connection broke.
    Broken(String),
}

/// Bytes with the time of their receipt. Dropping it frees its space in the queue.
pub(super) struct Chunk {
    pub bytes: Bytes,
    pub stamp: Stamp,
    queued: Arc<Depth>,
    length: usize,
    _room: OwnedSemaphorePermit,
}

impl Drop for Chunk {
    fn drop(&mut self) {
        self.queued.left(self.length);
    }
}

/// A response that is being drained. Dropping it stops the drain and closes the connection.
pub(super) struct Socket {
    deliveries: Receiver<Delivery>,
    waits: Arc<Waiting>,
    drainer: JoinHandle<()>,
}

impl Socket {
    /// Starts draining a response to a request that was sent at `asked`.
    pub(super) fn drain(response: Response<Body>, clock: Clock, depth: Arc<Depth>, asked: Now) -> Self {
        let (queue, deliveries) = channel(QUEUE_CHUNKS);
        let waits = Arc::new(Waiting::default());
        let gunzip = is_gzip(&response).then(|| MultiGzDecoder::new(Vec::new()));
        let body = response.into_body().into_data_stream();
        let drainer = tokio::spawn(drain(body, gunzip, clock, depth, queue, Arc::clone(&waits), asked));
        Self { deliveries, waits, drainer }
    }

    /// Sets what is awaited before anything more is taken from the queue; none while it is taken and decoded.
    pub(super) fn waits(&self, waits: Option<Waits>) {
        self.waits.set(waits);
    }

    /// The next delivery; cancel-safe.
    pub(super) async fn next(&mut self) -> Delivery {
        self.deliveries.recv().await.unwrap_or_else(|| Delivery::Broken("the draining stopped".to_owned()))
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        self.drainer.abort();
    }
}

async fn drain(
    body: impl Stream<Item = Result<Bytes, impl Error + 'static>>,
    mut gunzip: Option<MultiGzDecoder<Vec<u8>>>,
    clock: Clock,
    depth: Arc<Depth>,
    queue: Sender<Delivery>,
    waits: Arc<Waiting>,
    mut awake: Now,
) {
    let room = Arc::new(Semaphore::new(QUEUE_BYTES));
    let mut body = pin!(body);
    let end = loop {
        let next = tokio::time::timeout(BEAT, body.next()).await;
        let now = clock.read();
        let stamp = now.stamp;
        // Everything that had come by then was read; otherwise reading would have continued.
        let stalled = (now.monotonic.saturating_sub(awake.monotonic) > HELD_UP).then_some(awake.stamp.at);
        awake = now;
        if let Some(since) = stalled
            && queue.send(Delivery::Stalled(since)).await.is_err()
        {
            return;
        }
        let Ok(next) = next else { continue };
        let bytes = match next {
            None => break Delivery::Closed(stamp),
            Some(Err(error)) => break Delivery::Broken(causes(&error)),
            Some(Ok(bytes)) => bytes,
        };
        let bytes = match inflate(gunzip.as_mut(), bytes) {
            Ok(bytes) if bytes.is_empty() => continue,
            Ok(bytes) => bytes,
            Err(error) => break Delivery::Broken(causes(&error)),
        };
        let length = bytes.len();
        let room = space(&room, length, &depth, &waits).await;
        depth.queued(length);
        let chunk = Chunk { bytes, stamp, queued: Arc::clone(&depth), length, _room: room };
        if queue.send(Delivery::Chunk(chunk)).await.is_err() {
            return;
        }
    };
    // The receiver may be gone, and does not need the end then.
    let _ = queue.send(end).await;
}

/// Waits for space in the queue, and counts the wait by its cause, which may show only later.
async fn space(room: &Arc<Semaphore>, length: usize, depth: &Depth, waits: &Waiting) -> OwnedSemaphorePermit {
    let permits = u32::try_from(length.min(QUEUE_BYTES)).expect("the queue is smaller than 4 GiB");
    if let Ok(space) = Arc::clone(room).try_acquire_many_owned(permits) {
        return space;
    }
    let mut cause = depth.stalled(waits);
    let mut space = pin!(Arc::clone(room).acquire_many_owned(permits));
    loop {
        if let Ok(space) = tokio::time::timeout(BEAT, &mut space).await {
            return space.expect("the semaphore is never closed");
        }
        depth.stalls_still(waits, &mut cause);
    }
}

fn inflate(gunzip: Option<&mut MultiGzDecoder<Vec<u8>>>, bytes: Bytes) -> std::io::Result<Bytes> {
    let Some(gunzip) = gunzip else { return Ok(bytes) };
    gunzip.write_all(&bytes)?;
    gunzip.flush()?;
    Ok(std::mem::take(gunzip.get_mut()).into())
}

#[cfg(test)]
mod tests {
    use super::super::clock;
    use super::*;
    use crate::observation::Stalls;
    use flate2::Compression;
    use flate2::write::GzEncoder;
    use futures::FutureExt;

    fn member(text: &str) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(text.as_bytes()).and_then(|()| encoder.finish()).expect("a Vec takes every byte")
    }

    #[tokio::test(start_paused = true)]
    async fn a_full_queue_is_counted_once_by_what_was_waited_for_last() {
        let (depth, waits) = (Depth::default(), Waiting::default());
        let room = Arc::new(Semaphore::new(QUEUE_BYTES));
        let all = space(&room, QUEUE_BYTES, &depth, &waits).await;
        assert_eq!(depth.stalls(), Stalls::default(), "there was space");
        {
            let mut stall = pin!(space(&room, 1, &depth, &waits));
            assert!(stall.as_mut().now_or_never().is_none());
            assert_eq!(depth.stalls(), Stalls { decoding: 1, ..Stalls::default() });
            // A while later, the decoder waits for the writer, and that for the fold.
            waits.set(Some(Waits::Writer));
            depth.set_folding(true);
            tokio::time::advance(BEAT).await;
            assert!(stall.as_mut().now_or_never().is_none());
            assert_eq!(depth.stalls(), Stalls { fold: 1, ..Stalls::default() });
            drop(all);
            drop(stall.await);
        }
        assert_eq!(depth.stalls(), Stalls { fold: 1, ..Stalls::default() });
    }

    #[tokio::test]
    async fn only_real_time_counts_as_held_up_when_a_scenario_is_replayed() {
        let begin = clock::wall();
        // A thousand times as fast as it was.
        let clock = Clock::of_story(begin, [(Duration::from_mins(1), Duration::from_mins(1000))].into());
        let often = tokio::time::interval(BEAT / 2);
        let chunks = futures::stream::unfold(often, async |mut often| {
            often.tick().await;
            Some((Ok::<_, std::io::Error>(Bytes::from_static(b"{}")), often))
        });
        let (queue, mut deliveries) = channel(QUEUE_CHUNKS);
        drain(chunks.take(20), None, clock.clone(), Arc::default(), queue, Arc::default(), clock.read()).await;
        let mut since = None;
        while let Some(delivery) = deliveries.recv().await {
            match (delivery, since.take()) {
                (Delivery::Stalled(at), _) => since = Some(at),
                (Delivery::Chunk(chunk), Some(since)) => {
                    let held_up = chunk.stamp.at.duration_since(since);
                    assert!(held_up.unsigned_abs() >= HELD_UP * 1000, "{held_up:?} of the scenario");
                }
                (Delivery::Chunk(_) | Delivery::Closed(_), _) => {}
                (Delivery::Broken(why), _) => panic!("{why}"),
            }
        }
    }

    #[test]
    fn a_member_per_event_is_inflated_as_it_comes_however_the_chunks_fall() {
        let events: Vec<String> = (0..20).map(|number| format!("{{\"event\":{number}}}\n")).collect();
        let members: Vec<Vec<u8>> = events.iter().map(|event| member(event)).collect();
        for size in [1, 2, 3, 7, 10, 18, 1000] {
            let mut gunzip = MultiGzDecoder::new(Vec::new());
            for (event, member) in events.iter().zip(&members) {
                let mut plain = Vec::new();
                for piece in member.chunks(size) {
                    let piece = inflate(Some(&mut gunzip), Bytes::copy_from_slice(piece)).expect("gzip");
                    plain.extend_from_slice(&piece);
                }
                // No event waits for the next one.
                assert_eq!(String::from_utf8_lossy(&plain), *event, "in pieces of {size}");
            }
        }
        let mut gunzip = MultiGzDecoder::new(Vec::new());
        let all = inflate(Some(&mut gunzip), members.concat().into()).expect("gzip");
        assert_eq!(String::from_utf8_lossy(&all), events.concat());
    }

    #[test]
    fn one_member_over_all_events_is_inflated_as_far_as_it_was_flushed() {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        let mut gunzip = MultiGzDecoder::new(Vec::new());
        for number in 0..20 {
            let event = format!("{{\"event\":{number}}}\n");
            encoder.write_all(event.as_bytes()).and_then(|()| encoder.flush()).expect("a Vec takes every byte");
            let piece = std::mem::take(encoder.get_mut());
            let plain = inflate(Some(&mut gunzip), piece.into()).expect("gzip");
            assert_eq!(String::from_utf8_lossy(&plain), event);
        }
    }
}
