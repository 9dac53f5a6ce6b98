//! Runs the machine by the clock: when there is something to read, and often enough that little can have happened unread.

use super::super::delivery::{Delivery, NOT_RUN};
use super::super::error::Error;
use super::super::kernel::Woken;
use super::super::settings::Resume;
use super::host::Host as _;
use super::linux::Linux;
use super::machine::{Lost, Machine};
use jiff::Timestamp;
use std::path::Path;

/// Runs until fenced. Dropping the future stops it at once, without a fence.
///
/// # Errors
/// An error that the operator must fix, or the receiver of the observations is gone.
pub(in super::super) async fn run(mut delivery: Delivery, resume: Resume) -> Result<(), Error> {
    let since = delivery.unrecorded_since(&resume);
    let is_first = since.is_none() && resume.position.counts().events == 0;
    let mut machine = Machine::new(delivery.lines(&resume), is_first);
    let mut host = Linux::new(Path::new(&delivery.watch().address)).map_err(|why| delivery.refused(why))?;
    machine.recall(resume.found.values(), &host.boot());
    let woken = Woken::by(host.ready())?;
    list(&mut delivery, &mut machine, &mut host, since.map(|since| (since, NOT_RUN))).await?;
    if !host.is_exact() {
        tracing::warn!(
            "{}: the kernel tells only that something was mounted or unmounted; every change is a gap: Linux 6.14 and \
             CAP_SYS_ADMIN show each",
            delivery.watch().selected()
        );
    }
    let mut has_ended = false;
    let mut looks = 0;
    loop {
        let asked = delivery.asked();
        machine.is_asked |= asked.looks != std::mem::replace(&mut looks, asked.looks);
        let is_finishing = delivery.is_finishing();
        let now = delivery.now().at;
        let turned = if is_finishing { machine.fence(&mut host, now) } else { machine.turn(&mut host, now) };
        if turned.is_ok() && !is_finishing {
            delivery.answer(asked, &mut machine.lines);
        }
        delivery.pass(&mut machine.lines).await?;
        if host.has_ended() && !std::mem::replace(&mut has_ended, true) {
            tracing::warn!(
                "{}: the process has ended: nothing more is seen of what is mounted in its namespace",
                delivery.watch().selected()
            );
        }
        match turned {
            Ok(()) if is_finishing => return Ok(()),
            Ok(()) => {}
            Err(Lost(why)) => {
                tracing::warn!("{}: events were lost: {why}", delivery.watch().selected());
                let since = machine.lost_since();
                list(&mut delivery, &mut machine, &mut host, Some((since, why))).await?;
                continue;
            }
        }
        woken.wait(&mut delivery).await;
    }
}

async fn list(
    delivery: &mut Delivery,
    machine: &mut Machine,
    host: &mut Linux,
    lost: Option<(Timestamp, &str)>,
) -> Result<(), Error> {
    let kind = delivery.watch().resource.kind.clone();
    let listed = machine.list(host, lost, &kind, delivery.now().at);
    listed.map_err(|why| delivery.refused(why))?;
    delivery.send(&mut machine.lines).await
}
