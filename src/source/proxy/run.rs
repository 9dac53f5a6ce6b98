//! Runs the proxy: listens, and records what passes through.

use super::super::clock::until;
use super::super::delivery::{Delivery, NOT_RUN};
use super::super::error::Error;
use super::super::settings::{Requests, Resume};
use super::accept::{Accepting, Protocol};
use super::calls::{Calls, Taken};
use jiff::Timestamp;
use smol_str::format_smolstr;
use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::net::{UnixListener, UnixStream};

/// How often it is said that everything up to now passed through, if nothing is.
const AT_LEAST: Duration = Duration::from_secs(1);

/// The same while something was asked that is not answered.
const SOON: Duration = Duration::from_millis(20);

/// What is missing at the end, where a client does not read, for instance.
const UNREAD: &str = "what waited on connections, and had not passed";

const FULL: &str = "more calls passed through than could be recorded";

/// Removes the socket at the end, unless another one is in its place by then.
struct Socket {
    path: PathBuf,
    identity: Option<(u64, u64)>,
}

impl Socket {
    fn at(path: PathBuf) -> Self {
        Self { identity: identity(&path), path }
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        if self.identity.is_some() && identity(&self.path) == self.identity {
            let _ = std::fs::remove_file(&self.path);
        }
    }
}

/// The device and the number of a file.
fn identity(path: &Path) -> Option<(u64, u64)> {
    std::fs::symlink_metadata(path).ok().map(|there| (there.dev(), there.ino()))
}

/// True for two names of one place, whether something is there or not.
fn is_same(one: &Path, other: &Path) -> bool {
    let place = |path: &Path| {
        let path = std::path::absolute(path).ok()?;
        let folder = path.parent()?.canonicalize().ok()?;
        Some(folder.join(path.file_name()?))
    };
    one == other || place(one).is_some_and(|one| place(other) == Some(one))
}

/// Runs until fenced. Dropping the future ends all connections.
///
/// # Errors
/// The socket cannot be listened on, or the receiver of the observations is gone.
pub(in super::super) async fn run<P: Protocol>(mut delivery: Delivery, resume: Resume) -> Result<(), Error> {
    let mut lines = delivery.lines(&resume);
    let kind = delivery.watch().resource.kind.clone();
    let Some((socket, source)) = delivery.watch().address.split_once('=') else {
        return Err(delivery.refused("the address of the source is missing".to_owned()));
    };
    let (socket, source) = (PathBuf::from(socket), PathBuf::from(source));
    if is_same(&socket, &source) {
        let why = format!("{} is the socket of the source: name another one with --proxy", source.display());
        return Err(delivery.refused(why));
    }
    let listener = listen(&socket).await.map_err(|why| delivery.refused(why))?;
    let remove = Socket::at(socket);
    // The numbers of lines go on in a resumed recording, and there are more lines than calls.
    let calls = Calls::after(lines.version().number().unwrap_or_default(), delivery.settings().clock.clone())?;
    let clock = delivery.settings().clock.clone();
    if let Some(since) = delivery.unrecorded_since(&resume) {
        lines.gap(since, clock.now().at, NOT_RUN);
    }
    lines.attached(&kind, clock.now().at);
    delivery.send(&mut lines).await?;
    let ending = delivery.settings().finish.child_token();
    let mut accepting = Accepting::start::<P>((listener, source), calls.clone(), ending)?;
    let mut asked = Asked { next: Requests::default(), at: clock.now().at, answered: Requests::default() };
    loop {
        let newest = delivery.asked();
        let is_finishing = delivery.is_finishing();
        let now = clock.now().at;
        if is_finishing {
            accepting.ended().await;
        }
        let Taken { seen, is_full, is_unread, until: said_until } = calls.take();
        for seen in seen {
            lines.delivered_until(seen.not_before);
            let uid = format_smolstr!("call-{}", seen.number);
            match seen.known {
                Ok(call) => lines.event_since(&seen.name, &uid, &call, seen.since),
                Err(why) => lines.unseen(&uid, why.to_owned()),
            }
            delivery.hold_read(&mut lines, seen.stamp);
        }
        if is_unread {
            lines.unseen_others(P::UNREAD);
        }
        if is_full {
            tracing::warn!("{}: {FULL}", delivery.watch().selected());
            lines.gap(lines.not_before(), now, FULL);
            lines.attached(&kind, now);
        }
        lines.delivered_until(said_until.max(lines.not_before()));
        if is_finishing {
            lines.fence(if calls.has_read_up() { String::new() } else { UNREAD.to_owned() });
            delivery.send(&mut lines).await?;
            drop(remove);
            return Ok(());
        }
        if said_until >= asked.at {
            asked = Asked { next: newest, at: now, answered: asked.next };
        }
        delivery.answer(asked.answered, &mut lines);
        delivery.send(&mut lines).await?;
        let wait = if newest.answered() == asked.answered.answered() { AT_LEAST } else { SOON };
        let deadline = clock.after(wait);
        tokio::select! {
            biased;
            () = delivery.woken() => {}
            () = calls.due() => {}
            () = until(Some(deadline)) => {}
        }
    }
}

/// What is asked of the watch. It is answered once everything that had come by then was read.
struct Asked {
    next: Requests,
    /// When it had been asked.
    at: Timestamp,
    answered: Requests,
}

/// Listens, in place of a recorder that was killed and left its socket.
async fn listen(socket: &Path) -> Result<UnixListener, String> {
    let words = |error: std::io::Error| format!("{}: {error}", socket.display());
    if let Ok(there) = std::fs::symlink_metadata(socket) {
        if !there.file_type().is_socket() {
            return Err(format!("{} exists, and is no socket", socket.display()));
        }
        if UnixStream::connect(socket).await.is_ok() {
            return Err(format!("{}: another program listens there", socket.display()));
        }
        std::fs::remove_file(socket).map_err(words)?;
    }
    let listener = UnixListener::bind(socket).map_err(words)?;
    // Whoever may write to it may do anything with the source.
    let only_owner = std::os::unix::fs::PermissionsExt::from_mode(0o600);
    std::fs::set_permissions(socket, only_owner).map_err(words)?;
    Ok(listener)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_socket_is_removed_unless_another_one_is_in_its_place() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("proxy.sock");
        for is_replaced in [false, true] {
            let listener = listen(&path).await.unwrap();
            let socket = Socket::at(path.clone());
            let other = is_replaced.then(|| {
                std::fs::remove_file(&path).unwrap();
                UnixListener::bind(&path).unwrap()
            });
            drop((socket, listener));
            assert_eq!(path.exists(), is_replaced);
            drop(other);
        }
    }

    #[test]
    fn one_place_has_several_names() {
        let folder = tempfile::tempdir().unwrap();
        let (inside, link) = (folder.path().join("inside"), folder.path().join("link"));
        std::fs::create_dir(&inside).unwrap();
        std::os::unix::fs::symlink(&inside, &link).unwrap();
        assert!(is_same(&inside.join("a.sock"), &link.join("a.sock")));
        assert!(is_same(&inside.join("a.sock"), &inside.join(".").join("a.sock")));
        assert!(!is_same(&inside.join("a.sock"), &inside.join("b.sock")));
        assert!(!is_same(&inside.join("a.sock"), &folder.path().join("a.sock")));
    }
}
