//! Connections to services of this machine.

use std::io::ErrorKind;
use std::os::unix::fs::FileTypeExt as _;
use std::path::Path;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::UnixStream;

/// How long a service may take to say which protocol it speaks.
const PATIENCE: Duration = Duration::from_secs(1);

/// Why there is no connection.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Unconnected {
    /// There may be one later.
    Yet(String),
    /// There will be none, whatever is waited for.
    Never(String),
}

/// Connects to a socket; `remedy` says what to do where that is not permitted.
///
/// # Errors
/// There is no connection.
pub(super) async fn connect(socket: &Path, remedy: &str) -> Result<UnixStream, Unconnected> {
    UnixStream::connect(socket).await.map_err(|error| {
        let name = socket.display();
        match error.kind() {
            ErrorKind::PermissionDenied => Unconnected::Never(format!("{name}: permission denied: {remedy}")),
            ErrorKind::NotFound => Unconnected::Yet(format!("{name} is not there")),
            // So is a connection to a file.
            ErrorKind::ConnectionRefused if is_something_else(socket) => {
                Unconnected::Never(format!("{name} is not a socket"))
            }
            // A path that is too long.
            ErrorKind::InvalidInput => Unconnected::Never(format!("{name}: {error}")),
            ErrorKind::ConnectionRefused => Unconnected::Yet(format!("nothing listens on {name}")),
            _ => Unconnected::Yet(format!("{name}: {error}")),
        }
    })
}

/// True when what listens on a socket answers HTTP/2 with HTTP/1, as Podman's service does.
pub(super) async fn is_of_http1(socket: &Path) -> bool {
    let asked = async {
        let mut stream = UnixStream::connect(socket).await?;
        stream.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").await?;
        let mut begins = [0; 7];
        stream.read_exact(&mut begins).await?;
        Ok::<_, std::io::Error>(begins == *b"HTTP/1.")
    };
    tokio::time::timeout(PATIENCE, asked).await.is_ok_and(|answered| answered.unwrap_or(false))
}

fn is_something_else(socket: &Path) -> bool {
    socket.metadata().is_ok_and(|there| !there.file_type().is_socket())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_service_of_http1_is_told_from_others() {
        let folder = tempfile::tempdir().unwrap();
        for (answer, is_it) in
            [("HTTP/1.1 400 Bad Request\r\n\r\n", true), ("\0\0\x06\x04\0\0\0\0\0", false), ("", false)]
        {
            let socket = folder.path().join(answer.len().to_string());
            let listener = tokio::net::UnixListener::bind(&socket).unwrap();
            let answered = async {
                let (mut stream, _) = listener.accept().await.unwrap();
                stream.read_exact(&mut [0; 24]).await.unwrap();
                stream.write_all(answer.as_bytes()).await.unwrap();
            };
            assert_eq!(tokio::join!(is_of_http1(&socket), answered).0, is_it, "{answer}");
        }
    }

    #[tokio::test]
    async fn what_is_no_socket_is_not_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let (file, absent, left) =
            (folder.path().join("file"), folder.path().join("absent"), folder.path().join("left"));
        std::fs::write(&file, "").unwrap();
        for path in [file.as_path(), folder.path()] {
            let never = Unconnected::Never(format!("{} is not a socket", path.display()));
            assert_eq!(connect(path, "").await.unwrap_err(), never);
        }
        let yet = Unconnected::Yet(format!("{} is not there", absent.display()));
        assert_eq!(connect(&absent, "").await.unwrap_err(), yet);
        // A service that has ended leaves its socket.
        drop(tokio::net::UnixListener::bind(&left).unwrap());
        let yet = Unconnected::Yet(format!("nothing listens on {}", left.display()));
        assert_eq!(connect(&left, "").await.unwrap_err(), yet);
    }
}
