//! Runs the proxy: listens, and records what passes through.

use super::super::clock::until;
use super::super::delivery::{Delivery, NOT_RUN};
use super::super::error::Error;
use super::super::settings::Resume;
use super::accept::{Accepting, Protocol};
use super::calls::{Calls, Taken};
use smol_str::format_smolstr;
use std::os::unix::fs::FileTypeExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::net::{UnixListener, UnixStream};

/// How often it is said that everything up to now passed through, if nothing is.
const AT_LEAST: Duration = Duration::from_secs(1);

/// How long what passed waits for more: what is recorded at once delays the answer.
const AFTER_CALL: Duration = Duration::from_millis(1);

/// How long the calls that are dropped at the end may take to end.
const PATIENCE: Duration = Duration::from_secs(2);

const FULL: &str = "more calls passed through than could be recorded";

/// Removes the socket at the end.
struct Socket(PathBuf);

impl Drop for Socket {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
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
    let listener = listen(&socket).await.map_err(|why| delivery.refused(why))?;
    let remove = Socket(socket);
    // The numbers of lines go on in a resumed recording, and there are more lines than calls.
    let calls = Calls::after(lines.version().number().unwrap_or_default(), delivery.settings().clock.clone());
    let clock = delivery.settings().clock.clone();
    if let Some(since) = delivery.unrecorded_since(&resume) {
        lines.gap(since, clock.now().at, NOT_RUN);
    }
    lines.attached(&kind, clock.now().at);
    delivery.send(&mut lines).await?;
    let ending = delivery.settings().finish.child_token();
    let mut accepting = Accepting::start::<P>((listener, source), calls.clone(), ending)?;
    loop {
        let asked = delivery.asked();
        let is_finishing = delivery.is_finishing();
        if is_finishing {
            // What was not answered is dropped with its connection.
            accepting.ended().await;
            let over = async {
                while calls.open() > 0 {
                    calls.woken().await;
                }
            };
            let _ = tokio::time::timeout(PATIENCE, over).await;
        }
        let now = clock.now().at;
        let Taken { seen, is_full, is_unread } = calls.take();
        for seen in seen {
            lines.delivered_until(seen.at);
            let uid = format_smolstr!("call-{}", seen.number);
            match seen.known {
                Ok(call) => lines.event(&seen.name, &uid, &call, false),
                Err(why) => lines.unseen(&uid, why.to_owned()),
            }
        }
        if is_unread {
            lines.unseen_others(P::UNREAD);
        }
        if is_full {
            tracing::warn!("{}: {FULL}", delivery.watch().selected());
            lines.gap(lines.not_before(), now, FULL);
            lines.attached(&kind, now);
        }
        lines.delivered_until(now.max(lines.not_before()));
        if is_finishing {
            let open = calls.open();
            lines.fence(if open == 0 { String::new() } else { format!("the end of {open} calls") });
            delivery.send(&mut lines).await?;
            drop(remove);
            return Ok(());
        }
        delivery.answer(asked, &mut lines);
        delivery.send(&mut lines).await?;
        let deadline = clock.after(AT_LEAST);
        tokio::select! {
            biased;
            () = delivery.woken() => {}
            () = calls.woken() => {
                tokio::select! {
                    () = delivery.woken() => {}
                    () = until(Some(clock.after(AFTER_CALL))) => {}
                }
            }
            () = until(Some(deadline)) => {}
        }
    }
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
