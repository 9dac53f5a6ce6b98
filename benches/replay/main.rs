//! A replay under load: how well 1x keeps the distances of a recording, and what many watches of many objects cost.
//!
//! `cargo bench --bench replay`. The replay is the program itself, in a process of its own; this process has the clients.
//! Beside it, a server that does nothing but send the same bytes to as many clients shows what the sockets alone take.
//! Nothing is asserted about the times: machines differ, and the ratio is what matters.

#![expect(clippy::disallowed_methods, clippy::cast_precision_loss, reason = "a benchmark measures time and sizes")]

mod made;
mod program;
mod yardstick;

use made::Made;
use program::Program;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Objects of the recording for the load.
const OBJECTS: usize = 50_000;
/// Clients that watch all of them.
const WATCHES: usize = 200;
/// Events of the recording for the pace, and the distance between two of them.
const EVENTS: usize = 5_000;
const DISTANCE: Duration = Duration::from_millis(2);

fn main() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime can be built");
    runtime.block_on(pace());
    runtime.block_on(load());
}

/// The distances between events at 1x, as a client meets them.
async fn pace() {
    let made = Made::recording(1, EVENTS, DISTANCE);
    let program = Program::start(&made.path, &["--start", "on-watch"]).await;
    let mut socket = request(program.address(), "/api/v1/pods?watch=1&resourceVersion=2").await;
    let (mut times, mut buffer) = (Vec::with_capacity(EVENTS), vec![0; 1 << 16]);
    let mut text = Vec::new();
    while times.len() < EVENTS {
        let read = socket.read(&mut buffer).await.expect("it stays open");
        assert!(read > 0, "the watch has ended");
        let now = Instant::now();
        text.extend_from_slice(&buffer[..read]);
        let events = text.windows(EVENT.len()).filter(|bytes| *bytes == EVENT).count();
        times.extend(std::iter::repeat_n(now, events));
        // The start of one may be at the end.
        text.drain(..(text.len() + 1).saturating_sub(EVENT.len()));
    }
    assert_eq!(times.len(), EVENTS);
    // Against the moment of the first one: drift counts.
    let first = times[0];
    let mut off: Vec<f64> = (0_u32..)
        .zip(&times)
        .map(|(index, time)| {
            let expected = DISTANCE * index;
            (time.duration_since(first).as_secs_f64() - expected.as_secs_f64()).abs() * 1000.0
        })
        .collect();
    off.sort_by(f64::total_cmp);
    println!(
        "pace at 1x, {EVENTS} events {DISTANCE:?} apart: off by {:.2} ms in the median, {:.2} ms at the 99th percentile, \
         {:.2} ms at most",
        off[off.len() / 2],
        off[off.len() * 99 / 100],
        off[off.len() - 1]
    );
    program.stop().await;
}

/// Many watches of many objects, with their initial state.
async fn load() {
    let made = Made::recording(OBJECTS, 1000, Duration::from_millis(1));
    let program = Program::start(&made.path, &["--speed", "step"]).await;
    let idle = program.memory_mib("VmRSS:");
    let path = "/api/v1/pods?watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true";
    let mib = |bytes: usize| bytes as f64 / f64::from(1 << 20);
    println!("{WATCHES} watches of {OBJECTS} objects: the recording has {:.0} MiB of objects", mib(made.object_bytes));
    let began = Instant::now();
    let (bytes, sockets) = read_all(program.address(), path).await;
    let ours = began.elapsed();
    let peak = program.memory_mib("VmHWM:");
    drop(sockets);
    program.stop().await;
    let (address, serving) = yardstick::start(made.object_bytes).await;
    let began = Instant::now();
    let (plain, _sockets) = read_all(address, "/").await;
    let theirs = began.elapsed();
    serving.abort();
    let rate = |bytes: usize, time: Duration| mib(bytes) / time.as_secs_f64();
    println!("  the initial state of all: {:.0} MiB in {ours:.1?}, {:.0} MiB/s", mib(bytes), rate(bytes, ours));
    println!("  bytes alone:              {:.0} MiB in {theirs:.1?}, {:.0} MiB/s", mib(plain), rate(plain, theirs));
    println!("  ratio of the rates: {:.2}", rate(bytes, ours) / rate(plain, theirs));
    println!(
        "  memory: {idle:.0} MiB loaded, {peak:.0} MiB at most; {:.2} and {:.2} times the objects",
        idle / mib(made.object_bytes),
        peak / mib(made.object_bytes)
    );
}

/// Reads the initial state on all connections at once; returns the bytes, and the open connections.
async fn read_all(address: std::net::SocketAddr, path: &'static str) -> (usize, Vec<TcpStream>) {
    let reading: Vec<_> = (0..WATCHES)
        .map(|_| {
            tokio::spawn(async move {
                let mut socket = request(address, path).await;
                let (mut buffer, mut bytes, mut tail) = (vec![0; 1 << 18], 0, Vec::<u8>::new());
                loop {
                    let read = socket.read(&mut buffer).await.expect("it stays open");
                    assert!(read > 0, "the stream has ended");
                    bytes += read;
                    // Nothing follows it.
                    tail.extend_from_slice(&buffer[read.saturating_sub(TAIL)..read]);
                    tail.drain(..tail.len().saturating_sub(TAIL));
                    if tail.windows(END.len()).any(|bytes| bytes == END) {
                        return (bytes, socket);
                    }
                }
            })
        })
        .collect();
    let (mut all, mut sockets) = (0, Vec::new());
    for task in reading {
        let (bytes, socket) = task.await.expect("a client");
        all += bytes;
        sockets.push(socket);
    }
    (all, sockets)
}

/// What an event begins with.
const EVENT: &[u8] = b"{\"type\":\"MODIFIED\"";
/// Size in bytes of the last event, at most.
const TAIL: usize = 512;
/// What ends the initial state.
const END: &[u8] = b"initial-events-end";

async fn request(address: std::net::SocketAddr, path: &str) -> TcpStream {
    let mut socket = TcpStream::connect(address).await.expect("it listens");
    let text = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nAccept: application/json\r\n\r\n");
    socket.write_all(text.as_bytes()).await.expect("it reads");
    socket
}
