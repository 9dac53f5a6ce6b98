//! An HTTP client that hides nothing: it sees chunks, and distinguishes an end, a cut and silence.

use super::bounded;
use serde_json::Value;
use statetrail::replay::Server;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

/// What comes next on a stream.
#[derive(Debug, PartialEq)]
pub(super) enum Next {
    /// A watch event.
    Event(Value),
    /// A line that is not JSON.
    Garbage(Vec<u8>),
    /// The response ended properly.
    End,
    /// The connection ended within the response, after this many bytes of a line.
    Cut(usize),
}

pub(super) struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    reader: BufReader<TcpStream>,
    /// Sizes of the HTTP chunks so far.
    pub chunks: Vec<usize>,
    decoded: Vec<u8>,
    ended: Option<bool>,
}

/// A complete response.
pub(super) struct Response {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Response {
    pub(super) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("a JSON body")
    }

    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The names of a list's items.
    pub(super) fn names(&self) -> Vec<String> {
        let json = self.json();
        let items = json["items"].as_array().expect("a list");
        items.iter().map(|item| item["metadata"]["name"].as_str().expect("a name").to_owned()).collect()
    }
}

pub(super) async fn send(server: &Server, method: &str, path: &str, headers: &[(&str, &str)]) -> Answer {
    let mut socket = TcpStream::connect(server.address()).await.expect("the server listens");
    let mut request = format!("{method} {path} HTTP/1.1\r\nHost: localhost\r\n");
    for (key, value) in headers {
        request.extend([key, ": ", value, "\r\n"]);
    }
    socket.write_all((request + "\r\n").as_bytes()).await.expect("the request is taken");
    let mut reader = BufReader::new(socket);
    let head = bounded("the status line", line(&mut reader)).await;
    let status = head.split(' ').nth(1).and_then(|code| code.parse().ok()).unwrap_or_else(|| panic!("{head}"));
    let mut headers = Vec::new();
    loop {
        let header = bounded("a header", line(&mut reader)).await;
        let Some((key, value)) = header.split_once(": ") else { break };
        headers.push((key.to_ascii_lowercase(), value.to_owned()));
    }
    Answer { status, headers, reader, chunks: Vec::new(), decoded: Vec::new(), ended: None }
}

pub(super) async fn get(server: &Server, path: &str) -> Response {
    send(server, "GET", path, &[]).await.whole().await
}

/// Opens a watch with bookmarks, which must succeed.
pub(super) async fn watch(server: &Server, query: &str) -> Answer {
    let answer = send(server, "GET", &format!("/api/v1/pods?watch=1&allowWatchBookmarks=true{query}"), &[]).await;
    assert_eq!(answer.status, 200);
    answer
}

impl Answer {
    pub(super) async fn whole(mut self) -> Response {
        let length = self.headers.iter().find(|(key, _)| key == "content-length");
        let body = if let Some((_, length)) = length {
            let mut body = vec![0; length.parse().expect("a length")];
            bounded("the body", self.reader.read_exact(&mut body)).await.expect("all of the body");
            body
        } else {
            while self.ended.is_none() {
                bounded("a chunk", self.chunk()).await;
            }
            assert_eq!(self.ended, Some(true), "the body was cut");
            self.decoded
        };
        Response { status: self.status, headers: self.headers, body }
    }

    /// The next line of the stream, or its end.
    pub(super) async fn next(&mut self) -> Next {
        bounded("the next event", async {
            loop {
                if let Some(end) = self.decoded.iter().position(|byte| *byte == b'\n') {
                    let line: Vec<u8> = self.decoded.drain(..=end).collect();
                    return serde_json::from_slice(&line).map_or(Next::Garbage(line), Next::Event);
                }
                match self.ended {
                    Some(true) => return Next::End,
                    Some(false) => return Next::Cut(self.decoded.len()),
                    None => self.chunk().await,
                }
            }
        })
        .await
    }

    /// The next event as `TYPE name phase resourceVersion`.
    pub(super) async fn event(&mut self) -> String {
        match self.next().await {
            Next::Event(event) => summary(&event),
            other => format!("{other:?}"),
        }
    }

    /// The next events, each as [`Self::event`] returns it.
    pub(super) async fn events(&mut self, count: usize) -> Vec<String> {
        let mut events = Vec::new();
        while events.len() < count {
            events.push(self.event().await);
        }
        events
    }

    /// True when nothing arrives for a moment and the connection stays open.
    pub(super) async fn is_silent(&mut self) -> bool {
        self.decoded.is_empty()
            && tokio::time::timeout(std::time::Duration::from_millis(150), self.chunk()).await.is_err()
    }

    async fn chunk(&mut self) {
        let mut size = String::new();
        match self.reader.read_line(&mut size).await {
            Ok(read) if read > 0 && size.ends_with("\r\n") => {}
            _ => return self.ended = Some(false),
        }
        let size = usize::from_str_radix(size.trim_end(), 16).expect("a chunk size");
        let mut chunk = vec![0; size + 2];
        let Ok(_) = self.reader.read_exact(&mut chunk).await else { return self.ended = Some(false) };
        if size == 0 {
            self.ended = Some(true);
        } else {
            self.chunks.push(size);
            self.decoded.extend_from_slice(&chunk[..size]);
        }
    }
}

pub(super) fn summary(event: &Value) -> String {
    let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
    let object = &event["object"];
    format!(
        "{} {} {} {}",
        text(&event["type"]),
        text(&object["metadata"]["name"]),
        text(&object["status"]["phase"]),
        text(&object["metadata"]["resourceVersion"])
    )
}

async fn line(reader: &mut BufReader<TcpStream>) -> String {
    let mut line = String::new();
    reader.read_line(&mut line).await.expect("a line");
    assert!(!line.is_empty(), "the connection ended before the response");
    line.trim_end().to_owned()
}
