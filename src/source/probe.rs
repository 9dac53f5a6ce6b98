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
            // Something came in the pause after an answer was missed.
            connections.set_silent(None);
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::connection::Connection;
    use std::io::{BufRead, BufReader, Write};
    use std::net::TcpListener;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};

    /// A server that closes every connection until it is up. It ends with its last request after `over`.
    fn server(is_up: Arc<AtomicBool>, over: Arc<AtomicBool>) -> (String, std::thread::JoinHandle<()>) {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a loopback port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let serve = move || {
            for mut stream in listener.incoming().map_while(Result::ok) {
                if over.load(Ordering::SeqCst) {
                    return;
                }
                if !is_up.load(Ordering::SeqCst) {
                    continue;
                }
                let head = BufReader::new(&stream).lines().map_while(Result::ok);
                head.take_while(|line| !line.is_empty()).for_each(drop);
                let _ = write!(stream, "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{{}}");
            }
        };
        (url, std::thread::spawn(serve))
    }

    #[tokio::test]
    async fn a_server_that_is_heard_again_without_a_probe_is_not_silent() {
        const BOUND: Duration = Duration::from_secs(20);
        let [is_up, over] = [(); 2].map(|()| Arc::new(AtomicBool::new(false)));
        let (url, server) = server(Arc::clone(&is_up), Arc::clone(&over));
        let cluster = Cluster::at(url.clone()).await.expect("a client");
        let (connections, clock) = (Connections::default(), Clock::start(Duration::ZERO));
        connections.set(0, Connection { followed: true, ..Connection::default() });
        let is_out = || connections.now()[0].outage.is_some();
        let story = async {
            let outage = async {
                while !is_out() {
                    tokio::time::sleep(Duration::from_millis(10)).await;
                }
            };
            tokio::time::timeout(BOUND, outage).await.expect("it is silent");
            is_up.store(true, Ordering::SeqCst);
            // Something comes all the time, so that it is not probed.
            let back = async {
                while is_out() {
                    cluster.get("get", "/healthz", "application/json").await.expect("it answers");
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
            };
            tokio::time::timeout(BOUND, back).await.expect("it is heard");
        };
        tokio::select! {
            () = story => {}
            () = probe(&cluster, &connections, &clock, Duration::from_millis(500)) => {}
        }
        over.store(true, Ordering::SeqCst);
        drop(std::net::TcpStream::connect(url.trim_start_matches("http://")).expect("it listens"));
        server.join().expect("it does not panic");
    }
}
