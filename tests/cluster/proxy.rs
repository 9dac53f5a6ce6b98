//! A relay of TCP connections on loopback, between a recorder and an API server: it cuts them on command, and can make
//! the server as far away as one in another data centre.
//!
//! It passes bytes on unread, so TLS goes through it: the server's certificate is for the loopback address.

use std::fs;
use std::io::{self, Read as _, Write as _};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::Duration;

pub(crate) struct Proxy {
    address: SocketAddr,
    shared: Arc<Shared>,
    acceptor: Option<JoinHandle<()>>,
}

struct Shared {
    to: String,
    /// How long bytes are under way, in either direction.
    latency: Duration,
    open: Mutex<Vec<TcpStream>>,
    accepted: AtomicUsize,
    closing: AtomicBool,
}

impl Proxy {
    /// Starts one before the server at this URL (`https://127.0.0.1:18000`).
    pub(crate) fn start(server_url: &str) -> Self {
        Self::distant(server_url, Duration::ZERO)
    }

    /// Starts one behind which the server is far away.
    pub(crate) fn distant(server_url: &str, latency: Duration) -> Self {
        let to = server_url.trim_start_matches("https://").to_owned();
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("binding a loopback port");
        let address = listener.local_addr().expect("a bound socket has an address");
        let (open, accepted, closing) = (Mutex::default(), AtomicUsize::new(0), AtomicBool::new(false));
        let shared = Arc::new(Shared { to, latency, open, accepted, closing });
        let relay = Arc::clone(&shared);
        let acceptor = thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if relay.closing.load(Ordering::SeqCst) {
                    break;
                }
                relay.accepted.fetch_add(1, Ordering::SeqCst);
                // A server that is not there is met as such: the connection is closed.
                let _ = relay.connect(stream);
            }
        });
        Self { address, shared, acceptor: Some(acceptor) }
    }

    /// Rewrites a kubeconfig so that it leads through here; gives the new file, beside the old one.
    pub(crate) fn kubeconfig(&self, direct: &Path) -> PathBuf {
        let text = fs::read_to_string(direct).expect("reading the kubeconfig");
        let through = text.replace(&format!("https://{}", self.shared.to), &format!("https://{}", self.address));
        assert_ne!(text, through, "the kubeconfig leads elsewhere");
        let path = direct.with_extension(format!("through-{}", self.address.port()));
        fs::write(&path, through).expect("writing a kubeconfig");
        path
    }

    /// Cuts all connections; new ones are taken as before. Says how many there were.
    pub(crate) fn cut(&self) -> usize {
        let open = std::mem::take(&mut *self.shared.open.lock().expect("no holder panics"));
        for stream in &open {
            // One that has ended already cannot be cut.
            let _ = stream.shutdown(Shutdown::Both);
        }
        open.len() / 2
    }

    /// How many connections were made through it so far.
    pub(crate) fn accepted(&self) -> usize {
        self.shared.accepted.load(Ordering::SeqCst)
    }
}

impl Shared {
    fn connect(&self, client: TcpStream) -> io::Result<()> {
        let server = TcpStream::connect(&self.to)?;
        let mut open = self.open.lock().expect("no holder panics");
        open.extend([client.try_clone()?, server.try_clone()?]);
        drop(open);
        let latency = self.latency;
        for (from, to) in [(client.try_clone()?, server.try_clone()?), (server, client)] {
            thread::spawn(move || {
                // One that was cut, on either side, is over on both.
                let _ = relay(&from, &to, latency);
                let _ = to.shutdown(Shutdown::Both);
                let _ = from.shutdown(Shutdown::Both);
            });
        }
        Ok(())
    }
}

fn relay(mut from: &TcpStream, mut to: &TcpStream, latency: Duration) -> io::Result<()> {
    let mut bytes = vec![0; 1 << 16];
    loop {
        let length = from.read(&mut bytes)?;
        if length == 0 {
            return Ok(());
        }
        thread::sleep(latency);
        to.write_all(&bytes[..length])?;
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.shared.closing.store(true, Ordering::SeqCst);
        self.cut();
        // Wakes the acceptor, which then sees that it is over.
        let _ = TcpStream::connect(self.address);
        if let Some(acceptor) = self.acceptor.take() {
            let _ = acceptor.join();
        }
    }
}
