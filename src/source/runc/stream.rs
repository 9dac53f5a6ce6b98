//! Runs the machine by the clock: when there is something to read, and often enough that little can have happened unread.

use super::super::delivery::{Delivery, NOT_RUN};
use super::super::error::Error;
use super::super::kernel::Woken;
use super::super::settings::Resume;
use super::directories::Directories;
use super::linux::Linux;
use super::machine::Machine;
use super::watching::{Lost, Watching};
use crate::kinds::DIRECTORIES;
use jiff::Timestamp;
use std::path::Path;

const MADE: &str = "the directory was made or removed, and what happened in it meanwhile is not known";

/// A watch of one directory of runc.
struct Running<Machine> {
    delivery: Delivery,
    machine: Machine,
    host: Linux,
    is_there: bool,
}

/// Runs until fenced. Dropping the future stops it at once, without a fence.
///
/// # Errors
/// An error that the operator must fix, or the receiver of the observations is gone.
pub(in super::super) async fn run(delivery: Delivery, resume: Resume) -> Result<(), Error> {
    let lines = delivery.lines(&resume);
    if delivery.watch().resource.plural == DIRECTORIES {
        let mut machine = Directories::new(lines);
        machine.recall(resume.found.values());
        Running::of(machine, delivery)?.run(&resume).await
    } else {
        Running::of(Machine::new(lines), delivery)?.run(&resume).await
    }
}

impl<Machine: Watching<Linux>> Running<Machine> {
    fn of(machine: Machine, delivery: Delivery) -> Result<Self, Error> {
        let host = Linux::new(Path::new(&delivery.watch().address)).map_err(|why| delivery.refused(why))?;
        Ok(Self { delivery, machine, host, is_there: true })
    }

    async fn run(mut self, resume: &Resume) -> Result<(), Error> {
        let woken = Woken::by(self.host.ready())?;
        let since = self.delivery.unrecorded_since(resume);
        self.attach(since.map(|since| (since, NOT_RUN))).await?;
        loop {
            let asked = self.delivery.asked();
            let is_finishing = self.delivery.is_finishing();
            let now = self.delivery.now().at;
            let Self { delivery, machine, host, is_there } = &mut self;
            let turned = if is_finishing { machine.fence(host, *is_there, now) } else { machine.turn(host, now) };
            if turned.is_ok() && !is_finishing {
                delivery.answer(asked, machine.lines());
            }
            delivery.pass(machine.lines()).await?;
            match turned {
                Ok(()) if is_finishing => {
                    let watch = self.delivery.watch();
                    if !self.is_there && watch.resource.plural != DIRECTORIES {
                        tracing::warn!("{} was not there at the end: check its name", watch.address);
                    }
                    return Ok(());
                }
                Ok(()) => woken.wait(delivery).await,
                Err(lost) => self.lost(&lost).await?,
            }
        }
    }

    async fn lost(&mut self, lost: &Lost) -> Result<(), Error> {
        let since = self.machine.lost_since();
        match lost {
            Lost::Events(why) => {
                tracing::warn!("{}: events were lost: {why}", self.delivery.watch().selected());
                self.attach(Some((since, *why))).await
            }
            // Also where it is not there: it may have been made and removed since.
            Lost::Root => self.attach(Some((since, MADE))).await,
        }
    }

    async fn attach(&mut self, lost: Option<(Timestamp, &str)>) -> Result<(), Error> {
        let Self { delivery, machine, host, is_there } = self;
        let kind = delivery.watch().resource.kind.clone();
        let attached = machine.attach(host, lost, &kind, delivery.now().at);
        *is_there = attached.map_err(|why| delivery.refused(why))?;
        if !*is_there {
            tracing::warn!("{} is not there yet: waiting until it is made", delivery.watch().address);
        }
        delivery.send(machine.lines()).await
    }
}
