//! Reading a watch stream: chunks into observations, in the server's order, each exactly once.

use super::attach::{head, undecodable};
use super::cluster::Cluster;
use super::decode::{Trouble, get, judge};
use super::error::Error;
use super::lines::Lines;
use super::query;
use super::socket::Chunk;
use super::stream::Stream;
use crate::observation::{
    Change, Envelope, Object, Observation, ResourceVersion, Seen, Stamp, Undecodable, Watch, What, decode_event,
};
use http::StatusCode;
use jiff::Timestamp;
use smol_str::SmolStr;
use std::future::pending;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinHandle;

/// How long a deletion may take to be confirmed by reading the name again.
const CONFIRM: Duration = Duration::from_secs(2);

/// How far a stream was read.
#[derive(Default)]
pub struct Reading {
    lines: Lines,
    /// It has delivered something new.
    progressed: bool,
}

/// How a stream ended.
pub enum Ending {
    /// To be taken up again where it was left.
    Interrupted { why: String, progressed: bool },
    /// 410.
    Expired(String),
    /// An event could not be decoded: what it said has to be found out otherwise.
    Undecodable,
    /// The server said in the stream that it will not go on.
    Refused(Trouble),
}

/// What the server had waiting when a stream was taken up again: events up to its head are late.
pub struct Backlog {
    not_before: Timestamp,
    head: Head,
}

enum Head {
    Asked(JoinHandle<Option<ResourceVersion>>),
    Known(ResourceVersion),
    /// It could not be asked: all is late until the next bookmark.
    Unknown,
}

impl Reading {
    /// The stream ended by itself. A line that was cut off was never delivered: the server sends it again.
    pub fn ended(&self, mut why: String) -> Ending {
        if self.lines.is_torn() {
            why.push_str(" in the middle of an event");
        }
        Ending::Interrupted { why, progressed: self.progressed }
    }
}

impl Backlog {
    /// Asks for the head beside the stream.
    pub fn ask(cluster: &Arc<Cluster>, watch: &Watch, not_before: Timestamp) -> Self {
        let (cluster, watch) = (Arc::clone(cluster), watch.clone());
        let head = Head::Asked(tokio::spawn(async move { head(&cluster, &watch).await.ok() }));
        Self { not_before, head }
    }

    /// Takes the answer if it is there.
    async fn look(&mut self) {
        if let Head::Asked(task) = &mut self.head
            && task.is_finished()
        {
            self.head = task.await.ok().flatten().map_or(Head::Unknown, Head::Known);
        }
    }

    /// Waits for the answer; for ever when none is to come. Cancel-safe.
    pub async fn progress(backlog: Option<&mut Self>) {
        let Some(Self { head, .. }) = backlog else { return pending().await };
        let Head::Asked(task) = head else { return pending().await };
        *head = task.await.ok().flatten().map_or(Head::Unknown, Head::Known);
    }

    /// The collection as of now is older than what was recorded: the storage was put back to an earlier state.
    pub fn is_behind(&self, recorded: &ResourceVersion) -> bool {
        matches!(&self.head, Head::Known(head) if head != recorded && head.is_covered_by(recorded))
    }

    fn covers(&self, version: &ResourceVersion) -> bool {
        match &self.head {
            Head::Known(head) => version.is_covered_by(head),
            Head::Asked(_) | Head::Unknown => true,
        }
    }
}

impl Drop for Backlog {
    fn drop(&mut self) {
        if let Head::Asked(task) = &self.head {
            task.abort();
        }
    }
}

impl Stream {
    /// Reads a chunk and sends on what it holds; tells when the stream has nothing more to say.
    pub(super) async fn read(&mut self, chunk: Chunk, reading: &mut Reading) -> Result<Option<Ending>, Error> {
        if let Some(backlog) = &mut self.backlog {
            backlog.look().await;
        }
        let stamp = chunk.stamp;
        self.heard();
        let mut batch = Vec::new();
        let mut ending = None;
        let Reading { lines, progressed } = reading;
        lines.push(chunk.bytes.clone(), |line| {
            if ending.is_none() {
                ending = self.line(line, stamp, progressed, &mut batch);
            }
        });
        if *progressed {
            self.forgotten = 0;
        }
        if self.watch.can_be_left() {
            self.confirm(&mut batch).await;
        }
        if !batch.is_empty() {
            self.send(batch).await?;
        }
        drop(chunk);
        Ok(ending)
    }

    fn line(
        &mut self,
        line: &[u8],
        stamp: Stamp,
        progressed: &mut bool,
        batch: &mut Vec<Observation>,
    ) -> Option<Ending> {
        match decode_event(line, self.shape, self.settings.capture) {
            Ok(Envelope::Object(change, object)) => {
                if self.is_recorded(&object.resource_version) {
                    return None;
                }
                *progressed = true;
                let not_before = self.note(change, &object);
                let (watch, healed, confirmed) = (self.id, false, false);
                let seen = Seen { watch, change, object, not_before, healed, confirmed };
                batch.push(self.tell(stamp, What::Object(seen)));
                None
            }
            Ok(Envelope::Bookmark { resource_version, .. }) => {
                self.bookmark(&resource_version, progressed);
                batch.push(self.tell(stamp, What::Bookmark { watch: self.id, resource_version }));
                None
            }
            Ok(Envelope::Error(status)) => Some(self.refused(status)),
            Err(error) => self.unreadable(undecodable(self.id, line, &error), stamp, progressed, batch),
        }
    }

    /// An event that could not be decoded. If it can be told whose it is and in which version, its subject alone has a
    /// gap, and the stream goes on behind it; else a list has to tell what it may have said.
    fn unreadable(
        &mut self,
        undecodable: Undecodable,
        stamp: Stamp,
        progressed: &mut bool,
        batch: &mut Vec<Observation>,
    ) -> Option<Ending> {
        let mut ending = Some(Ending::Undecodable);
        if let (Some(uid), Some(version)) = (&undecodable.uid, &undecodable.resource_version) {
            if self.is_recorded(version) {
                return None;
            }
            *progressed = true;
            if let Some(fencing) = &mut self.fencing {
                fencing.recorded(Change::Modified, uid, version);
            }
            ending = None;
        }
        let what = What::Undecodable(undecodable);
        if ending.is_some() {
            self.withheld.push(Observation { stamp, what });
        } else {
            batch.push(self.tell(stamp, what));
        }
        ending
    }

    /// A server sends events after a version only; one that it sends again is not recorded again.
    fn is_recorded(&self, version: &ResourceVersion) -> bool {
        self.told.position.covers(version)
    }

    /// Notes an object that comes; tells since when it may have waited, if it comes late.
    fn note(&mut self, change: Change, object: &Object) -> Option<Timestamp> {
        let version = &object.resource_version;
        if let Some(fencing) = &mut self.fencing {
            fencing.recorded(change, &object.uid, version);
        }
        let backlog = self.backlog.as_ref()?;
        if backlog.covers(version) {
            return Some(backlog.not_before);
        }
        self.backlog = None;
        None
    }

    fn bookmark(&mut self, version: &ResourceVersion, progressed: &mut bool) {
        *progressed |= !self.is_recorded(version);
        if self
            .backlog
            .as_ref()
            .is_some_and(|backlog| matches!(backlog.head, Head::Unknown) || !backlog.covers(version))
        {
            self.backlog = None;
        }
    }

    fn refused(&self, status: crate::observation::StatusError) -> Ending {
        let code = StatusCode::from_u16(status.code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        match judge("watch", &self.watch, code, None, status.message) {
            Trouble::Expired(message) => Ending::Expired(message),
            trouble => Ending::Refused(trouble),
        }
    }

    /// Reads again the names of those that a selection lost: gone, or only out of the selection?
    async fn confirm(&self, batch: &mut [Observation]) {
        for line in batch {
            let What::Object(seen) = &mut line.what else { continue };
            if seen.change == Change::Deleted {
                let gone = tokio::time::timeout(CONFIRM, self.is_gone(&seen.object));
                seen.confirmed = gone.await.unwrap_or(false);
            }
        }
    }

    async fn is_gone(&self, object: &Object) -> bool {
        #[derive(serde::Deserialize)]
        struct Named {
            metadata: Uid,
        }
        #[derive(serde::Deserialize)]
        struct Uid {
            uid: SmolStr,
        }
        let cluster = &self.settings.cluster;
        let path = self.watch.resource.object_path(&object.namespace, &object.name);
        match get::<Named>(cluster, "get", &self.watch, &path, query::JSON).await {
            Ok(named) => named.metadata.uid != object.uid,
            Err(Trouble::NotServed) => true,
            Err(_) => false,
        }
    }
}
