//! A container registry on loopback whose pulls succeed, fail or hang, on command.
//!
//! It speaks as much of the OCI distribution specification as pulling needs, and serves busybox under every
//! name and tag. What it does with requests is switched while pods wait for them, so that a test decides when a
//! pull ends instead of racing with it.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use super::image::{Image, digest};

/// What a registry does with a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// The image is there: pulls succeed.
    Serve,
    /// There is no such image (404).
    NotFound,
    /// The registry is broken (500).
    Fail,
    /// Nothing, until another answer is chosen: then that one, also for requests that wait already.
    Hold,
}

/// A running registry. Ends when dropped; requests that it holds get a 500 then.
pub(crate) struct Registry {
    address: SocketAddr,
    state: Arc<State>,
    acceptor: Option<JoinHandle<()>>,
}

struct State {
    switch: Mutex<Switch>,
    changed: Condvar,
    image: Image,
    manifest: Vec<u8>,
}

struct Switch {
    answer: Answer,
    manifest_requests: usize,
    closing: bool,
}

impl Registry {
    /// Starts it on a free loopback port.
    ///
    /// # Panics
    /// When no port can be had, or the programs are not built: the image is made of busybox.
    pub(crate) fn start(answer: Answer) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("binding a loopback port");
        let address = listener.local_addr().expect("a bound socket has an address");
        let image = Image::busybox();
        let manifest = image.manifest();
        let switch = Mutex::new(Switch { answer, manifest_requests: 0, closing: false });
        let state = Arc::new(State { switch, changed: Condvar::new(), image, manifest });
        let shared = Arc::clone(&state);
        let acceptor = thread::spawn(move || accept(&listener, &shared));
        Self { address, state, acceptor: Some(acceptor) }
    }

    /// What a pod writes to pull from here: `image("app:1")` is `127.0.0.1:PORT/app:1`.
    pub(crate) fn image(&self, name: &str) -> String {
        format!("{}/{name}", self.address)
    }

    /// Chooses the answer, from now on and for what is held.
    pub(crate) fn answer(&self, answer: Answer) {
        self.state.switch().answer = answer;
        self.state.changed.notify_all();
    }

    /// Waits until manifests have been asked for `count` times in all, that is until as many pulls were tried.
    /// Says whether they were, within `bound`.
    pub(crate) fn await_pulls(&self, count: usize, bound: Duration) -> bool {
        let waiting = |switch: &mut Switch| switch.manifest_requests < count;
        let waited = self.state.changed.wait_timeout_while(self.state.switch(), bound, waiting);
        !waited.unwrap_or_else(PoisonError::into_inner).1.timed_out()
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        self.state.switch().closing = true;
        self.state.changed.notify_all();
        // Wakes the acceptor, which then sees that it is over.
        let _ = TcpStream::connect(self.address);
        if let Some(acceptor) = self.acceptor.take() {
            let _ = acceptor.join();
        }
    }
}

impl State {
    fn switch(&self) -> MutexGuard<'_, Switch> {
        self.switch.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The chosen answer, once it is not to hold.
    fn decide(&self, is_manifest: bool) -> Answer {
        let mut switch = self.switch();
        switch.manifest_requests += usize::from(is_manifest);
        self.changed.notify_all();
        let holding = |switch: &mut Switch| switch.answer == Answer::Hold && !switch.closing;
        let switch = self.changed.wait_while(switch, holding).unwrap_or_else(PoisonError::into_inner);
        if switch.closing { Answer::Fail } else { switch.answer }
    }

    /// Status, media type and body for a path.
    fn respond(&self, path: &str) -> (&'static str, &'static str, &[u8]) {
        const NOT_FOUND: (&str, &str, &[u8]) =
            ("404 Not Found", "application/json", b"{\"errors\":[{\"code\":\"NOT_FOUND\"}]}");
        if path == "/v2/" {
            return ("200 OK", "application/json", b"{}");
        }
        let is_manifest = path.contains("/manifests/");
        match self.decide(is_manifest) {
            Answer::Fail | Answer::Hold => ("500 Internal Server Error", "text/plain", b"broken on command"),
            Answer::NotFound => NOT_FOUND,
            Answer::Serve if is_manifest => ("200 OK", "application/vnd.oci.image.manifest.v1+json", &self.manifest),
            Answer::Serve => {
                let blobs = [&self.image.config, &self.image.layer];
                let found = blobs.into_iter().find(|blob| path.ends_with(&digest(blob)));
                found.map_or(NOT_FOUND, |blob| ("200 OK", "application/octet-stream", blob))
            }
        }
    }
}

fn accept(listener: &TcpListener, state: &Arc<State>) {
    let mut connections = Vec::new();
    for stream in listener.incoming().flatten() {
        if state.switch().closing {
            break;
        }
        let state = Arc::clone(state);
        connections.push(thread::spawn(move || serve(stream, &state)));
    }
    for connection in connections {
        let _ = connection.join();
    }
}

/// One request a connection. One that cannot be read, or whose sender has gone, is nobody's loss.
fn serve(mut stream: TcpStream, state: &State) {
    let _ = stream.set_read_timeout(Some(Duration::from_secs(10)));
    let mut lines = BufReader::new(&stream).lines().map_while(Result::ok);
    let request = lines.next().unwrap_or_default();
    let mut words = request.split_whitespace();
    let (Some(method), Some(path)) = (words.next(), words.next()) else {
        // Clients try TLS first; this answer tells them that there is none.
        let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        return;
    };
    let (method, path) = (method.to_owned(), path.to_owned());
    // The rest of the head says nothing that matters here.
    lines.take_while(|line| !line.is_empty()).for_each(drop);
    let (status, media, body) = state.respond(&path);
    let hash = digest(body);
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Type: {media}\r\nContent-Length: {}\r\n\
         Docker-Content-Digest: {hash}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    let _ = stream.write_all(head.as_bytes());
    if method != "HEAD" {
        let _ = stream.write_all(body);
    }
}
