//! A recording that an earlier recorder left: what it knew, so that this one can go on where it stopped.

use super::error::Error;
use crate::observation::{Change, Environment, Observation, ResourceVersion, Stamp, Undecodable, What};
use crate::recording::{Header, Reader, Record, Sync, Torn, Writer};
use crate::source::Resume;
use crate::timeline::Fold;
use smol_str::SmolStr;
use std::collections::HashSet;
use std::path::Path;
use std::time::Duration;

/// An earlier recording, opened to be continued.
pub struct Earlier {
    /// Appends to it.
    pub writer: Writer,
    /// Its first line.
    pub header: Header,
    /// What was cut off of it.
    pub torn: Option<Torn>,
    /// What each watch knew.
    pub watches: Vec<Resume>,
    /// The fold of all its lines.
    pub fold: Fold,
    /// When its last line was received, on both of its clocks.
    pub last: Option<Stamp>,
}

impl Earlier {
    /// Opens it, and cuts off a torn last line.
    ///
    /// # Errors
    /// When another recorder holds it, or it cannot be read to its end.
    pub fn open(path: &Path, sync: Sync) -> Result<Self, Error> {
        let header = Reader::open(path)?.header().clone();
        let mut fold = Fold::new(header.cluster.clone(), &header.watches)?;
        fold.began_in(header.environment.clone());
        let mut watches = vec![Learnt::default(); header.watches.len()];
        let mut last = None;
        let mut entries = Vec::new();
        let (writer, header, torn) = Writer::resume(path, sync, |Record { seq, observation }| {
            last = Some(observation.stamp);
            if let Some(learnt) = observation.what.watch().and_then(|id| watches.get_mut(usize::from(id))) {
                learnt.learn(&observation);
            }
            fold.push(seq, observation, &mut entries);
            entries.clear();
        })?;
        let watches = watches.into_iter().map(|learnt| learnt.resume).collect();
        Ok(Self { writer, header, torn, watches, fold, last })
    }

    /// What the cluster was made of when it was looked at last.
    #[must_use]
    pub fn environment(&self) -> &Environment {
        self.fold.environments().last().unwrap_or(&self.header.environment)
    }

    /// How long it had been recording, by the wall clock's word for the time between.
    #[must_use]
    pub fn elapsed_at(&self, now: jiff::Timestamp) -> Duration {
        let Some(last) = self.last else { return Duration::ZERO };
        last.elapsed + Duration::try_from(now.duration_since(last.at)).unwrap_or_default()
    }
}

/// What the lines of one watch tell.
#[derive(Clone, Default)]
struct Learnt {
    resume: Resume,
    /// Who was found in the list after a gap, while it is being read.
    relisted: Option<HashSet<SmolStr>>,
    /// Who is there, in which version, and who is gone, by what was healed; not believed before it is told to be whole.
    healed: Vec<(SmolStr, Option<ResourceVersion>)>,
}

impl Learnt {
    fn learn(&mut self, observation: &Observation) {
        let resume = &mut self.resume;
        // That the server answered says nothing of what it will say: only a line of the stream does.
        // What was healed is as old as the gap that it fills, until that is told to be filled.
        let healed = matches!(&observation.what, What::Object(seen) if seen.healed);
        if !healed && !matches!(observation.what, What::Reconnected(_) | What::Undecodable(_)) {
            resume.alive = Some(observation.stamp.at);
        }
        match &observation.what {
            What::Object(seen) if seen.healed && seen.change != Change::Listed => {
                let version = (seen.change != Change::Deleted).then(|| seen.object.resource_version.clone());
                self.healed.push((seen.object.uid.clone(), version));
            }
            What::Healed(healed) => {
                resume.version = Some(healed.to_resource_version.clone());
                for (uid, version) in self.healed.drain(..) {
                    match version {
                        Some(version) => _ = resume.known.insert(uid, version),
                        None => _ = resume.known.remove(&uid),
                    }
                }
            }
            What::Object(seen) if seen.change == Change::Deleted => {
                resume.known.remove(&seen.object.uid);
                resume.version = Some(seen.object.resource_version.clone());
            }
            What::Object(seen) => {
                let (uid, version) = (&seen.object.uid, &seen.object.resource_version);
                self.found(uid, version);
                // A list says where its objects are, not where the stream is.
                if seen.change != Change::Listed {
                    self.resume.version = Some(version.clone());
                }
            }
            What::Unchanged { uid, resource_version, .. } => self.found(uid, resource_version),
            What::Bookmark { resource_version, .. } => resume.version = Some(resource_version.clone()),
            What::Gap(gap) => {
                self.healed.clear();
                self.relisted = Some(HashSet::new());
                resume.relisting = Some(gap.reason);
            }
            What::Undecodable(Undecodable { uid: Some(uid), resource_version: Some(version), .. }) => {
                match &mut self.relisted {
                    Some(relisted) => _ = relisted.insert(uid.clone()),
                    // A list says where its objects are, not where the stream is.
                    None if resume.version.is_some() => resume.version = Some(version.clone()),
                    None => {}
                }
            }
            What::Attached(attached) => {
                resume.version = Some(attached.resource_version.clone());
                resume.relisting = None;
                self.healed.clear();
                if let Some(relisted) = self.relisted.take() {
                    resume.known.retain(|uid, _| relisted.contains(uid));
                }
            }
            _ => {}
        }
    }

    fn found(&mut self, uid: &SmolStr, version: &ResourceVersion) {
        self.resume.known.insert(uid.clone(), version.clone());
        if let Some(relisted) = &mut self.relisted {
            relisted.insert(uid.clone());
        }
    }
}
