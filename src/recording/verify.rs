//! Is a recording whole? Per watch, from its attachment to its fence, without a gap.
//!
//! It proves what the file can prove: that no line was removed, moved or altered (the reader's checksums, and `seq`),
//! that every stream was taken up where it had been left, and that the fence at the end found nothing missing.

use super::header::Header;
use super::reader::Record;
use crate::observation::{Change, ResourceVersion, Watch, WatchId, What};
use serde::Serialize;

/// What a recording proves of one watch.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Chain {
    /// kubectl's name of the resource.
    pub resource: String,
    /// Empty for all namespaces.
    pub namespace: String,
    /// Version of the first list; none while it was not attached.
    pub from_resource_version: Option<ResourceVersion>,
    /// Version up to which it is known.
    pub to_resource_version: Option<ResourceVersion>,
    /// Objects that were seen, listed ones included.
    pub events: u64,
    /// How often the stream was taken up again without a loss.
    pub reconnects: u64,
    /// How often something was lost.
    pub gaps: u64,
    /// How often what was not delivered was read back whole from the server's history.
    pub healed: u64,
    /// Lines that could not be decoded.
    pub undecodable: u64,
    /// The fence at the end found nothing missing.
    pub fenced: bool,
    /// The server does not serve it: there was nothing to see.
    pub not_served: bool,
    /// Why it is not whole; empty when it is.
    pub problems: Vec<String>,
    /// Up to where the fence proves it.
    #[serde(skip)]
    fence: Option<ResourceVersion>,
}

/// The verification of a recording.
#[derive(Clone, Debug)]
pub struct Verification {
    chains: Vec<Chain>,
    next_seq: u64,
    ended: Option<String>,
    problems: Vec<String>,
}

/// What is proven.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Verified {
    /// Every watch is whole from its attachment to its fence.
    pub complete: bool,
    /// The watches.
    pub watches: Vec<Chain>,
    /// What is wrong with the file as a whole.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub problems: Vec<String>,
}

impl Verification {
    /// Of a recording with this header.
    #[must_use]
    pub fn new(header: &Header) -> Self {
        let chain = |watch: &Watch| Chain {
            resource: watch.resource.to_string(),
            namespace: watch.namespace.to_string(),
            ..Chain::default()
        };
        Self { chains: header.watches.iter().map(chain).collect(), next_seq: 1, ended: None, problems: Vec::new() }
    }

    /// Takes the next line.
    pub fn push(&mut self, Record { seq, observation }: &Record) {
        if *seq != self.next_seq {
            self.problems.push(format!("line {seq} follows where line {} must be", self.next_seq));
        }
        self.next_seq = seq + 1;
        match &observation.what {
            What::End { reason } => self.ended = Some(reason.clone()),
            What::Resumed { .. } => {
                self.ended = None;
                self.chains.iter_mut().for_each(Chain::reopen);
            }
            what => {
                if let Some(chain) = what.watch().and_then(|id: WatchId| self.chains.get_mut(usize::from(id))) {
                    chain.take(what);
                }
            }
        }
    }

    /// Says what is proven. `torn` tells that the last line was cut off.
    #[must_use]
    pub fn finish(mut self, torn: bool) -> Verified {
        if torn {
            self.problems.push("the last line was cut off".to_owned());
        }
        if self.ended.is_none() {
            self.problems.push("it has no last line: the recorder is still running, or was killed".to_owned());
        }
        self.chains.iter_mut().for_each(Chain::close);
        let complete = self.problems.is_empty() && self.chains.iter().all(|chain| chain.problems.is_empty());
        Verified { complete, watches: self.chains, problems: self.problems }
    }
}

impl Chain {
    fn take(&mut self, what: &What) {
        match what {
            What::Object(seen) => {
                self.events += 1;
                let version = &seen.object.resource_version;
                if seen.change != Change::Listed && !seen.healed {
                    self.advance(version, "an event");
                }
                self.not_served = false;
            }
            What::Bookmark { resource_version, .. } => self.reach(resource_version),
            What::Attached(attached) => {
                self.from_resource_version.get_or_insert_with(|| attached.resource_version.clone());
                self.to_resource_version = Some(attached.resource_version.clone());
                self.not_served = false;
            }
            What::NotServed { .. } => self.not_served = self.from_resource_version.is_none(),
            What::Reconnected(reconnected) => {
                self.reconnects += 1;
                if self.to_resource_version.as_ref() != Some(&reconnected.resource_version) {
                    self.problems.push(format!(
                        "it was taken up again at {}, and had been left at {}",
                        reconnected.resource_version,
                        shown(self.to_resource_version.as_ref())
                    ));
                }
            }
            What::Gap(gap) => {
                self.gaps += 1;
                let why = if gap.unhealed.is_empty() { String::new() } else { format!(": {}", gap.unhealed) };
                let (from, to) = (&gap.from_resource_version, &gap.to_resource_version);
                self.problems.push(format!("not seen from {from} to {to}{why}"));
            }
            What::Healed(healed) => {
                self.healed += 1;
                if self.to_resource_version.as_ref() != Some(&healed.from_resource_version) {
                    self.problems.push(format!(
                        "it was healed from {} on, and had been left at {}",
                        healed.from_resource_version,
                        shown(self.to_resource_version.as_ref())
                    ));
                }
                self.to_resource_version = Some(healed.to_resource_version.clone());
            }
            What::Undecodable(undecodable) => {
                self.undecodable += 1;
                if let Some(version) = &undecodable.resource_version {
                    self.reach(version);
                }
                self.problems.push(format!("an event could not be decoded: {}", undecodable.error));
            }
            What::Fence(fence) => {
                self.fenced = fence.whole;
                if fence.whole {
                    self.fence = Some(fence.resource_version.clone());
                } else {
                    self.problems.push(format!("the fence found: {}", fence.missing));
                }
            }
            _ => {}
        }
    }

    /// Events of a watch come in the order of their versions.
    fn advance(&mut self, version: &ResourceVersion, what: &str) {
        if self.to_resource_version.as_ref().is_some_and(|last| version.is_covered_by(last)) {
            let last = shown(self.to_resource_version.as_ref());
            self.problems.push(format!("{what} at {version} follows one at {last}"));
        }
        self.to_resource_version = Some(version.clone());
    }

    fn reach(&mut self, version: &ResourceVersion) {
        if self.to_resource_version.as_ref().is_some_and(|last| !version.is_covered_by(last)) {
            self.to_resource_version = Some(version.clone());
        }
    }

    /// A recorder goes on: what was the end is not the end.
    fn reopen(&mut self) {
        (self.fenced, self.fence) = (false, None);
    }

    fn close(&mut self) {
        if let Some(fence) = self.fence.take() {
            self.reach(&fence);
        }
        if self.not_served && self.fenced {
            return;
        }
        if self.from_resource_version.is_none() {
            self.problems.push("it was never attached".to_owned());
        } else if !self.fenced && self.problems.is_empty() {
            self.problems.push("its end was not fenced: what came last is not known".to_owned());
        }
    }
}

fn shown(version: Option<&ResourceVersion>) -> &str {
    version.map_or("nothing", ResourceVersion::as_str)
}
