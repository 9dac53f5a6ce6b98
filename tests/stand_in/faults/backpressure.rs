//! The consumer of observations stalls: memory stays bounded, the queue depth is visible, and nothing is lost.
//!
//! The stall is simulated where entries are passed on: the fold waits, then the recorder's thread for the fold, the
//! decoders for the recorder, the queues for the decoders, and the server for the queues, as when the disk stalls.

use super::recorder::{Recorder, Scene};
use super::truth::{Truth, object};
use crate::recorder::Recording;
use statetrail::observation::Change;
use statetrail::replay::Options;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::time::Duration;

const QUEUE_BYTES: usize = 8 << 20;
const EVENT_BYTES: usize = 128 << 10;
/// More than fit into all queues together.
const EVENTS: usize = 600;

/// A recorder whose fold blocks, once it is attached, until it is released.
async fn stalled(scene: &Scene) -> (Recorder, Sender<()>) {
    let (go, wait) = channel::<()>();
    let is_attached = Arc::new(AtomicBool::new(false));
    let stalls = Arc::clone(&is_attached);
    let mut plan = scene.pods().await;
    plan.settle = Duration::ZERO;
    let mut recorder = Recorder::start_with(plan, |attaching| {
        attaching.stalled_by(move || {
            if stalls.load(Ordering::SeqCst) {
                // Dropping the sender releases the fold.
                let _ = wait.recv();
            }
        })
    });
    recorder.attached().await;
    is_attached.store(true, Ordering::SeqCst);
    (recorder, go)
}

fn write_large(truth: &mut Truth) {
    let message = "x".repeat(EVENT_BYTES);
    for number in 0..EVENTS {
        let json = object("a", "uid-a", &format!("Phase{number}"));
        truth.write(
            0,
            Change::Modified,
            &json.replace(r#""status":{"#, &format!(r#""status":{{"message":"{message}","#)),
        );
    }
}

async fn stalls(options: Options, faults: &[&str]) -> Recording {
    let mut truth = Truth::new();
    let scene = Scene::with(&truth, options);
    faults.iter().for_each(|fault| scene.inject(fault));
    let (recorder, go) = stalled(&scene).await;
    write_large(&mut truth);
    let depth = recorder.progress.borrow().depth.clone();
    // The fold is what is waited for, and neither the disk nor the server.
    let full = async {
        while depth.stalls().fold == 0 {
            tokio::task::yield_now().await;
        }
    };
    super::bounded("a full queue", full).await;
    // While it stalls, the queue is well filled, and the server keeps the rest.
    assert!(depth.queued_bytes() > QUEUE_BYTES / 2, "{} bytes wait", depth.queued_bytes());
    if !faults.is_empty() {
        super::bounded("the server's timeout", scene.server.until(|server| server.open_watches() == 0)).await;
    }
    drop(go);
    let outcome = recorder.finish().await;
    outcome.assert_whole(&truth, "a stall");
    assert!(depth.peak_bytes() <= QUEUE_BYTES + EVENT_BYTES, "{} bytes waited", depth.peak_bytes());
    assert_eq!(depth.queued_bytes(), 0);
    outcome
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stall_loses_nothing_and_keeps_memory_bounded() {
    let outcome = stalls(Options::default(), &[]).await;
    assert_eq!(outcome.reconnects(), 0);
    let stalls = outcome.recorded.expect("it was recorded").depth.stalls();
    // Which one it was in the end, of those that it waited for one after the other, is a matter of chance.
    assert!(stalls.history == 0 && stalls.storage == 0, "{stalls:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_stream_of_a_server_that_drops_slow_readers_is_resumed() {
    let options = Options { send_buffer_bytes: Some(64 << 10), ..Options::default() };
    let outcome = stalls(options, &["drop-slow=100ms,verb=watch,times=1"]).await;
    assert!(outcome.reconnects() >= 1);
}
