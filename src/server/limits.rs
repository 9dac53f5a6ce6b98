//! What one client, and all of them, may use at the same time.

use super::client::Client;
use super::problem::Problem;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Entries that are held for readers, by default.
pub(crate) const ENTRIES: usize = 200_000;
/// The largest body of a request.
pub(super) const BODY_BYTES: usize = 1 << 20;
/// The longest wait for verdicts, or for readiness.
pub(super) const LONGEST_WAIT: Duration = Duration::from_mins(10);
/// Most expectations of one request.
pub(super) const EXPECTATIONS_OF_ONE: usize = 1000;
/// How long a request may take to arrive.
pub(super) const ARRIVAL: Duration = Duration::from_secs(10);
/// How long a client may stop reading.
pub(super) const READING: Duration = Duration::from_secs(30);

/// Counts what is used of a limited resource, by client.
#[derive(Clone, Debug)]
pub(super) struct Limit(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    /// What is counted, in the plural.
    what: &'static str,
    of_one: usize,
    of_all: usize,
    used: Mutex<Used>,
}

#[derive(Debug, Default)]
struct Used {
    by: HashMap<Client, usize>,
    all: usize,
}

impl Limit {
    /// A limit for each client, and for all of them.
    pub(super) fn new(what: &'static str, of_one: usize, of_all: usize) -> Self {
        Self(Arc::new(Inner { what, of_one, of_all, used: Mutex::default() }))
    }

    /// Takes a number of them, until the result is dropped.
    ///
    /// # Errors
    /// There are too many.
    pub(super) fn take(&self, client: Client, number: usize) -> Result<Taken, Problem> {
        let mut used = self.0.lock();
        let own = used.by.get(&client).copied().unwrap_or_default();
        let Inner { what, of_one, of_all, .. } = *self.0;
        if own + number > of_one {
            return Err(Problem::too_many(format!("{own} of at most {of_one} {what} of one client are in use")));
        }
        if used.all + number > of_all {
            return Err(Problem::too_many(format!("{} of at most {of_all} {what} are in use", used.all)));
        }
        used.by.insert(client, own + number);
        used.all += number;
        Ok(Taken { limit: self.clone(), client, number })
    }
}

impl Inner {
    fn lock(&self) -> MutexGuard<'_, Used> {
        self.used.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What is in use; dropping it gives it back.
#[derive(Debug)]
pub(super) struct Taken {
    limit: Limit,
    client: Client,
    number: usize,
}

impl Drop for Taken {
    fn drop(&mut self) {
        let mut used = self.limit.0.lock();
        used.all -= self.number;
        if let Some(own) = used.by.get_mut(&self.client) {
            *own -= self.number;
            if *own == 0 {
                used.by.remove(&self.client);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv4Addr;

    #[test]
    fn what_is_given_back_can_be_taken_again_and_no_client_takes_all() {
        let limit = Limit::new("waits", 2, 3);
        let [a, b] = [1, 2].map(|last| Client(Ipv4Addr::new(127, 0, 0, last).into()));
        let first = limit.take(a, 2).expect("2 of 2");
        assert!(limit.take(a, 1).is_err(), "3 of 2");
        let _second = limit.take(b, 1).expect("1 of 2, 3 of 3");
        assert!(limit.take(b, 1).is_err(), "4 of 3");
        drop(first);
        limit.take(a, 2).expect("given back");
    }
}
