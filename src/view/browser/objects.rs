//! The stored objects behind a timeline, for the page that is one file: those of each subject compressed together,
//! since each version is much like the one before.

use super::packed::packed;
use crate::observation::Subject;
use std::collections::HashMap;
use std::io;

/// The most that is held before it is compressed, in bytes.
const HELD: usize = 512 << 20;

/// The versions of objects, by their uid.
#[derive(Debug, Default)]
pub struct Objects {
    of: HashMap<String, Vec<u8>>,
    held: usize,
    /// What was not held, because it was too much.
    refused: bool,
}

impl Objects {
    /// Adds the object of a line of the recording.
    pub fn add(&mut self, uid: &str, seq: u64, json: &str) {
        let line = format!("{seq}\t{json}\n");
        if self.refused || self.held + line.len() > HELD {
            // A version that is missing between others would be taken for one that never was.
            self.refused = true;
            self.of.clear();
            return;
        }
        self.held += line.len();
        self.of.entry(uid.to_owned()).or_default().extend_from_slice(line.as_bytes());
    }

    /// Compresses those of these subjects, in the order in which they are preferred, while they fit into a number of
    /// bytes. The result is in the order of the subjects.
    ///
    /// # Errors
    /// Never: it is written into memory.
    pub(super) fn packed(
        mut self,
        subjects: &[&Subject],
        preferred: &[usize],
        mut room: usize,
    ) -> io::Result<Vec<Option<String>>> {
        let mut all = vec![None; subjects.len()];
        for place in preferred {
            let Some(lines) = self.of.remove(subjects[*place].uid.as_str()) else { continue };
            let text = packed(&lines)?;
            if text.len() > room {
                continue;
            }
            room -= text.len();
            all[*place] = Some(text);
        }
        Ok(all)
    }
}
