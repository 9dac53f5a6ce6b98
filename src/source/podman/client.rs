//! Requests to Podman's service over its unix socket. Each has a connection of its own, and a bound.

use super::super::unix_socket::{self, Unconnected};
use super::message::{Event, Info, Inspected, InspectedState, Listed};
use crate::observation::Malformed;
use bytes::{Bytes, BytesMut};
use http::{Method, Request, StatusCode, header};
use http_body_util::{BodyExt as _, Empty};
use hyper::body::Incoming;
use hyper_util::rt::TokioIo;
use jiff::Timestamp;
use serde::de::DeserializeOwned;
use smol_str::SmolStr;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::task::JoinHandle;
use tokio::time::timeout;

/// How long the service may take to answer.
const ANSWER: Duration = Duration::from_secs(30);
/// Most bytes of an answer.
const MOST: usize = 256 << 20;

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Failed {
    /// It may answer later; the words say why it does not now.
    For(String),
    /// It will not, whatever is waited for.
    Refused(String),
}

impl Failed {
    pub(super) fn why(&self) -> &str {
        match self {
            Self::For(why) | Self::Refused(why) => why,
        }
    }
}

/// The service behind a socket.
#[derive(Clone, Debug)]
pub(super) struct Client {
    socket: PathBuf,
}

/// The body of an answer, and the task that reads its connection.
pub(super) struct Answer {
    body: Incoming,
    connection: JoinHandle<()>,
}

impl Drop for Answer {
    fn drop(&mut self) {
        self.connection.abort();
    }
}

impl Answer {
    /// The next piece; none at the end. Cancel-safe.
    ///
    /// # Errors
    /// The connection broke.
    pub(super) async fn piece(&mut self) -> Result<Option<Bytes>, Failed> {
        loop {
            match self.body.frame().await {
                None => return Ok(None),
                Some(Ok(frame)) => {
                    if let Ok(data) = frame.into_data() {
                        return Ok(Some(data));
                    }
                }
                Some(Err(error)) => return Err(Failed::For(error.to_string())),
            }
        }
    }
}

impl Client {
    pub(super) fn new(socket: &Path) -> Self {
        Self { socket: socket.to_owned() }
    }

    /// What the service says of itself.
    pub(super) async fn info(&self) -> Result<Info, Failed> {
        let answer = self.read("/v4.0.0/libpod/info").await?.ok_or_else(|| self.not_podman())?;
        serde_json::from_slice(&answer).map_err(|_| self.not_podman())
    }

    /// What a list shows.
    pub(super) async fn list(&self, path: &str) -> Result<Vec<Listed>, Failed> {
        // A list without objects may be `null`.
        let listed: Option<Vec<Listed>> = self.json(path).await?;
        Ok(listed.unwrap_or_default())
    }

    /// The state of a container; none when it is gone.
    pub(super) async fn container_state(&self, id: &str) -> Result<Option<SmolStr>, Failed> {
        self.inspect(id, |state| state.status.as_ref().into()).await
    }

    /// When a container ended last, in nanoseconds; none when it is gone, or nothing shows that.
    pub(super) async fn finished(&self, id: &str) -> Result<Option<i64>, Failed> {
        let nanos = |at: Timestamp| i64::try_from(at.as_nanosecond()).ok();
        Ok(self.inspect(id, |state| state.finished_at.parse().ok().and_then(nanos)).await?.flatten())
    }

    async fn inspect<T>(&self, id: &str, read: impl FnOnce(InspectedState<'_>) -> T) -> Result<Option<T>, Failed> {
        if id.is_empty() || !id.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return Ok(None);
        }
        let Some(answer) = self.read(&format!("/v4.0.0/libpod/containers/{id}/json")).await? else { return Ok(None) };
        let container: Inspected<'_> = serde_json::from_slice(&answer).map_err(unreadable)?;
        Ok(Some(read(container.state)))
    }

    /// All events of the log since a second, in its order.
    pub(super) async fn events(&self, since: i64) -> Result<Vec<Event>, Failed> {
        let path = format!("/v4.0.0/libpod/events?stream=false&since={since}");
        let answer = self.read(&path).await?.unwrap_or_default();
        serde_json::Deserializer::from_slice(&answer).into_iter().collect::<Result<_, _>>().map_err(unreadable)
    }

    /// The stream of events since a second: first those that are there, then those that come.
    pub(super) async fn stream(&self, since: i64) -> Result<Answer, Failed> {
        let path = format!("/v4.0.0/libpod/events?stream=true&since={since}");
        let (status, answer) = within(self.get(&path)).await?;
        if status.is_success() { Ok(answer) } else { Err(Failed::For(format!("its events: {status}"))) }
    }

    async fn json<T: DeserializeOwned>(&self, path: &str) -> Result<T, Failed> {
        let answer = self.read(path).await?.unwrap_or_default();
        serde_json::from_slice(&answer).map_err(unreadable)
    }

    /// A whole answer; none where the service knows of nothing.
    async fn read(&self, path: &str) -> Result<Option<Bytes>, Failed> {
        within(async {
            let (status, mut answer) = self.get(path).await?;
            let mut all = BytesMut::new();
            while let Some(piece) = answer.piece().await? {
                if all.len() + piece.len() > MOST {
                    return Err(Failed::For(format!("an answer is longer than {} MiB", MOST >> 20)));
                }
                all.extend_from_slice(&piece);
            }
            match status {
                StatusCode::NOT_FOUND => Ok(None),
                status if status.is_success() => Ok(Some(all.freeze())),
                status => Err(Failed::For(format!("the service answers {status}"))),
            }
        })
        .await
    }

    async fn get(&self, path: &str) -> Result<(StatusCode, Answer), Failed> {
        let remedy = "run as the user whose Podman it is, or leave `libpod:` out";
        let socket = unix_socket::connect(&self.socket, remedy).await.map_err(|error| match error {
            Unconnected::Yet(why) => Failed::For(why),
            Unconnected::Never(why) => Failed::Refused(why),
        })?;
        let failed = |error: hyper::Error| {
            // It speaks something else than HTTP/1.
            if error.is_parse() { self.not_podman() } else { Failed::For(error.to_string()) }
        };
        let (mut sender, connection) =
            hyper::client::conn::http1::handshake(TokioIo::new(socket)).await.map_err(failed)?;
        let connection = tokio::spawn(async move { drop(connection.await) });
        let request = Request::builder().method(Method::GET).uri(path).header(header::HOST, "d");
        let request = request.body(Empty::<Bytes>::new()).map_err(|error| Failed::Refused(error.to_string()))?;
        let answer = sender.send_request(request).await;
        let answer = answer.map_err(|error| {
            connection.abort();
            failed(error)
        })?;
        let (head, body) = answer.into_parts();
        Ok((head.status, Answer { body, connection }))
    }

    fn not_podman(&self) -> Failed {
        Failed::Refused(format!("what answers at {} is not Podman's service", self.socket.display()))
    }
}

async fn within<T>(asked: impl Future<Output = Result<T, Failed>>) -> Result<T, Failed> {
    let late = |_| Err(Failed::For(format!("no answer within {} seconds", ANSWER.as_secs())));
    timeout(ANSWER, asked).await.unwrap_or_else(late)
}

#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
fn unreadable(error: serde_json::Error) -> Failed {
    Failed::For(format!("its answer cannot be read: {}", Malformed::of(&error)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::UnixListener;

    /// What a service is asked first, where it answers with some bytes.
    async fn asked(answer: &'static [u8]) -> Failed {
        let folder = tempfile::tempdir().unwrap();
        let socket = folder.path().join("service.sock");
        let listener = UnixListener::bind(&socket).unwrap();
        let served = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            stream.write_all(answer).await.unwrap();
            let mut rest = Vec::new();
            let _ = stream.read_to_end(&mut rest).await;
        });
        let failed = Client::new(&socket).info().await.unwrap_err();
        served.abort();
        failed
    }

    #[tokio::test]
    async fn what_is_not_podman_is_refused_and_not_waited_for() {
        // SETTINGS of HTTP/2, as a service of gRPC begins with.
        let settings: &[u8] = &[0, 0, 6, 4, 0, 0, 0, 0, 0, 0, 5, 0, 0, 64, 0];
        let not_found: &[u8] = b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n";
        for answer in [settings, not_found] {
            let failed = asked(answer).await;
            assert!(matches!(&failed, Failed::Refused(why) if why.ends_with("is not Podman's service")), "{failed:?}");
        }
        let busy = asked(b"HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\n\r\n").await;
        assert!(matches!(busy, Failed::For(_)), "{busy:?}");
        let folder = tempfile::tempdir().unwrap();
        let (file, absent) = (folder.path().join("file"), folder.path().join("absent"));
        std::fs::write(&file, "").unwrap();
        let (file, absent) = (Client::new(&file).info().await, Client::new(&absent).info().await);
        assert!(matches!((&file, &absent), (Err(Failed::Refused(_)), Err(Failed::For(_)))), "{file:?}, {absent:?}");
    }
}
