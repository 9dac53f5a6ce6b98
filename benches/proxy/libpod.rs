//! Calls of Podman's API.

use crate::place::{Events, Place};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::path::Path;

/// A client with a connection.
struct Client(BufReader<UnixStream>);

impl Client {
    fn of(socket: &Path) -> Self {
        Self(BufReader::new(UnixStream::connect(socket).expect("it listens")))
    }

    /// Gets something, which has a length.
    fn get(&mut self, path: &str) {
        let asked = format!("GET {path} HTTP/1.1\r\nHost: d\r\n\r\n");
        self.0.get_mut().write_all(asked.as_bytes()).expect("it is read");
        let (mut line, mut length) = (String::new(), 0);
        self.0.read_line(&mut line).expect("an answer");
        assert!(line.starts_with("HTTP/1.1 200"), "{line}");
        while line != "\r\n" {
            line.clear();
            self.0.read_line(&mut line).expect("a header");
            if let Some((name, value)) = line.split_once(':')
                && name.eq_ignore_ascii_case("content-length")
            {
                length = value.trim().parse().expect("a length");
            }
        }
        assert!(length > 0, "no length");
        self.0.read_exact(&mut vec![0; length]).expect("a body");
    }
}

pub(crate) fn compare() {
    let place = Place::new(&Events::In("file"));
    let mut service = place.serve();
    place.podman(&["create", "--name", "web", "localhost/bb:1", "true"]);
    let proxy = place.path("proxy.sock");
    let recorder = place.record(&[&format!("--proxy=libpod={}", proxy.display())]);
    let [mut direct, mut through] = [place.path("podman.sock"), proxy].map(|socket| Client::of(&socket));
    for path in ["/_ping", "/v4.0.0/libpod/containers/json?all=true"] {
        let name = format!("libpod GET {}", path.trim_start_matches("/v4.0.0").trim_end_matches("?all=true"));
        crate::compare(&name, || direct.get(path), || through.get(path));
    }
    drop((direct, through));
    let (code, said) = recorder.stop();
    assert!(code.is_some(), "{said}");
    service.stop();
}
