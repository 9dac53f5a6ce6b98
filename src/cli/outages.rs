//! Outages as messages: one line when a watch cannot be followed, and one when it is followed again.
//!
//! An interruption that is over at once is not reported, and repeated ones are one outage. Watches that have the same
//! trouble at the same time share a line.

use super::printer::lasted;
use crate::observation::Watch;
use crate::source::{Connection, Outage, Trouble};
use jiff::Timestamp;
use std::time::Duration;

/// How long a watch is not followed before that is reported.
const SHORT: Duration = Duration::from_secs(2);
/// How long it must then be followed before the outage is over: the first time, and at most.
const STEADY: (Duration, Duration) = (Duration::from_secs(2), Duration::from_secs(30));
/// How long it is waited for whether anything was missed.
const UNSETTLED: Duration = Duration::from_secs(5);
/// After this long without an outage, one is over as soon as the first one was.
const FORGIVEN: Duration = Duration::from_mins(2);
/// How often another trouble of the same outage is reported.
const CHANGED: Duration = Duration::from_secs(10);

/// So many interruptions are reported even if each was over at once.
const AGAIN: u64 = 3;

/// The outages of all watches.
#[derive(Debug, Default)]
pub(super) struct Outages {
    watches: Vec<Of>,
}

/// What is known of one watch.
#[derive(Debug, Default)]
struct Of {
    now: Connection,
    outage: Option<Episode>,
    /// How many outages were reported since it was last steady for long, and when the last one was over.
    told: u32,
    over: Option<Timestamp>,
    /// The gaps and the losses read back that lines about outages account for.
    accounted: (u64, u64),
}

/// A time with one or more interruptions.
#[derive(Debug)]
struct Episode {
    since: Timestamp,
    trouble: Trouble,
    /// False if it began with another trouble.
    is_first: bool,
    next: Option<Timestamp>,
    /// Since when it is followed again.
    followed: Option<Timestamp>,
    /// What was reported last, and when.
    told: Option<(&'static str, Timestamp)>,
    /// The state before.
    before: Connection,
}

impl Outages {
    /// Takes the present state of the connections, and returns the lines to print.
    pub(super) fn tell(&mut self, watches: &[Watch], connections: &[Connection], now: Timestamp) -> Vec<String> {
        self.watches.resize_with(watches.len().max(self.watches.len()), Of::default);
        for (of, connection) in self.watches.iter_mut().zip(connections) {
            of.take(connection, now);
        }
        let mut lines = self.begun(watches, now);
        lines.extend(self.ended(watches, now, false));
        lines
    }

    /// The lines for outages that are over now that the recorder ends.
    pub(super) fn finish(&mut self, watches: &[Watch], now: Timestamp) -> Vec<String> {
        self.ended(watches, now, true)
    }

    /// The gaps, and the losses that were read back, that the lines about outages of a watch account for; none during
    /// an outage.
    pub(super) fn accounted(&self, watch: usize) -> Option<(u64, u64)> {
        match self.watches.get(watch) {
            Some(of) if of.outage.is_some() || of.now.outage.is_some() => None,
            of => Some(of.map_or((0, 0), |of| of.accounted)),
        }
    }

    /// The outages under way, in a few words for the progress line.
    pub(super) fn now(&self, watches: &[Watch], now: Timestamp) -> Option<String> {
        let out = |of: &Of| of.outage.as_ref().is_some_and(|outage| outage.told.is_some() && outage.followed.is_none());
        let first = self.watches.iter().find(|of| out(of))?.outage.as_ref()?;
        let names = named(watches, |index| out(&self.watches[index]));
        let (Trouble { what, why }, length, ahead) = (&first.trouble, length(first.since, now), first.ahead(now));
        Some(if first.is_first {
            format!("{names}: {what} for {length} ({why}){ahead}")
        } else {
            format!("{names}: not followed for {length}, now {what} ({why}){ahead}")
        })
    }

    /// The lines for outages that have begun or have another cause, one for each cause.
    fn begun(&mut self, watches: &[Watch], now: Timestamp) -> Vec<String> {
        let mut lines = Vec::new();
        let is_ripe = |outage: &&Episode| length_of(outage.since, now) >= SHORT;
        while let Some(ripe) = self.watches.iter().find_map(|of| of.untold(now).filter(is_ripe)) {
            let key = ripe.key();
            let is_same = |of: &Of| of.untold(now).is_some_and(|outage| outage.key() == key);
            let same: Vec<usize> = (0..self.watches.len()).filter(|index| is_same(&self.watches[*index])).collect();
            let outages = || same.iter().filter_map(|index| self.watches[*index].outage.as_ref());
            let since = outages().map(|outage| outage.since).min().unwrap_or(now);
            let soonest = outages().min_by_key(|outage| outage.next).unwrap_or(ripe);
            let names = named(watches, |index| same.contains(&index));
            let interruptions = self.watches[same[0]].interruptions();
            let Trouble { what, why } = &ripe.trouble;
            let at = since.strftime("%H:%M:%S");
            let is_resumed = soonest.next.is_none_or(|next| length_of(now, next) < Duration::from_secs(1));
            lines.push(if *what == INTERRUPTED && interruptions > 1 && is_resumed {
                format!("{names}: {what} {interruptions} times since {at} ({why}); resumed each time")
            } else if ripe.is_first {
                format!("{names}: {what} since {at} ({why}){}", soonest.ahead(now))
            } else {
                format!("{names}: not followed since {at}, now {what} ({why}){}", soonest.ahead(now))
            });
            let what = *what;
            for index in same {
                let of = &mut self.watches[index];
                if let Some(outage) = &mut of.outage {
                    of.told += u32::from(outage.told.is_none());
                    outage.told = Some((what, now));
                }
            }
        }
        lines
    }

    /// The lines for outages that are over, one for each result. If several watches are followed again, they are waited
    /// for, unless the recorder ends.
    fn ended(&mut self, watches: &[Watch], now: Timestamp, is_end: bool) -> Vec<String> {
        let is_over = |of: &Of| if is_end { of.now.outage.is_none() && of.now.settled } else { of.is_over(now) };
        let is_waited_for =
            |of: &Of| of.is_told() && !is_over(of) && of.followed_for(now).is_some_and(|it| it < UNSETTLED);
        if !is_end && self.watches.iter().any(is_waited_for) {
            return Vec::new();
        }
        let mut results: Vec<(String, Vec<usize>, Timestamp, Timestamp)> = Vec::new();
        for (index, of) in self.watches.iter_mut().enumerate() {
            if !is_over(of) {
                continue;
            }
            let Some(outage) = of.outage.take() else { continue };
            if outage.told.is_none() {
                continue;
            }
            (of.over, of.accounted) = (Some(now), (of.now.gaps, of.now.healed));
            let result = of.result(&outage);
            let followed = outage.followed.unwrap_or(now);
            match results.iter_mut().find(|(same, ..)| *same == result) {
                Some((_, indices, since, until)) => {
                    indices.push(index);
                    (*since, *until) = ((*since).min(outage.since), (*until).max(followed));
                }
                None => results.push((result, vec![index], outage.since, followed)),
            }
        }
        let line = |(result, indices, since, until): (String, Vec<usize>, Timestamp, Timestamp)| {
            let names = named(watches, |index| indices.contains(&index));
            format!("{names}: back after {}; {result}", length(since, until))
        };
        results.into_iter().map(line).collect()
    }
}

impl Of {
    fn take(&mut self, connection: &Connection, now: Timestamp) {
        let before = std::mem::replace(&mut self.now, connection.clone());
        if self.outage.is_none() && self.over.is_some_and(|over| length_of(over, now) > FORGIVEN) {
            self.told = 0;
        }
        let episode = |since, trouble: &Trouble| Episode {
            since,
            trouble: trouble.clone(),
            is_first: true,
            next: None,
            followed: None,
            told: None,
            before: before.clone(),
        };
        if let Some(Outage { since, trouble, next }) = &connection.outage {
            let outage = self.outage.get_or_insert_with(|| episode(*since, trouble));
            outage.takes(trouble, now);
            (outage.next, outage.followed) = (*next, None);
            return;
        }
        let again = connection.interruptions > before.interruptions;
        if let (true, Some(last)) = (again, &connection.last) {
            let outage = self.outage.get_or_insert_with(|| episode(now, last));
            outage.takes(last, now);
            (outage.next, outage.followed) = (None, Some(now));
        } else if let Some(outage) = &mut self.outage {
            outage.followed.get_or_insert(now);
        }
    }

    /// The outage, if there is anything to report of it. An interruption that is over is nothing, unless it comes again.
    fn untold(&self, now: Timestamp) -> Option<&Episode> {
        let is_open = |outage: &&Episode| outage.followed.is_none() || self.interruptions() >= AGAIN;
        self.outage.as_ref().filter(|outage| outage.is_untold(now)).filter(is_open)
    }

    fn is_told(&self) -> bool {
        self.outage.as_ref().is_some_and(|outage| outage.told.is_some())
    }

    fn followed_for(&self, now: Timestamp) -> Option<Duration> {
        Some(length_of(self.outage.as_ref()?.followed?, now))
    }

    /// True when it was followed for long enough.
    fn is_over(&self, now: Timestamp) -> bool {
        let steady = match self.outage.as_ref().map(|outage| outage.told.is_some()) {
            Some(true) => (STEADY.0 * (1 << (self.told.clamp(1, 5) - 1))).min(STEADY.1),
            _ => STEADY.0,
        };
        self.followed_for(now).is_some_and(|it| it >= steady && (self.now.settled || it >= UNSETTLED))
    }

    /// How often it was interrupted in the outage.
    fn interruptions(&self) -> u64 {
        let before = self.outage.as_ref().map_or(0, |outage| outage.before.interruptions);
        self.now.interruptions.saturating_sub(before)
    }

    /// What the outage cost.
    fn result(&self, outage: &Episode) -> String {
        if self.now.gaps > outage.before.gaps {
            "a gap: some events were missed".to_owned()
        } else if self.now.healed > outage.before.healed {
            "what was missed was read back from the server's history".to_owned()
        } else if self.now.settled {
            "nothing was missed".to_owned()
        } else {
            "whether anything was missed is not known yet".to_owned()
        }
    }
}

/// The trouble of a stream that was open.
const INTERRUPTED: &str = "interrupted";

impl Episode {
    /// Takes what keeps it from being followed now. What a stream breaks with is known a moment later.
    fn takes(&mut self, trouble: &Trouble, now: Timestamp) {
        self.is_first &= self.trouble.what == trouble.what || length_of(self.since, now) < SHORT;
        self.trouble = trouble.clone();
    }

    /// True when nothing was reported of it, or only of another trouble.
    fn is_untold(&self, now: Timestamp) -> bool {
        match self.told {
            None => true,
            // It is interrupted before and after any other trouble.
            Some((what, at)) => {
                what != self.trouble.what && self.trouble.what != INTERRUPTED && length_of(at, now) >= CHANGED
            }
        }
    }

    /// What watches that share a line have in common: the message of a refusal names the resource.
    fn key(&self) -> (&'static str, String) {
        let why = self.trouble.why.as_str();
        let is_status = why.starts_with(|first: char| first.is_ascii_digit());
        (self.trouble.what, if is_status { why.split(':').next().unwrap_or(why) } else { why }.to_owned())
    }

    /// `; next attempt in 4 s`.
    fn ahead(&self, now: Timestamp) -> String {
        match self.next {
            Some(next) => format!("; next attempt in {} s", length_of(now, next).as_millis().div_ceil(1000)),
            None => "; waiting for an answer".to_owned(),
        }
    }
}

fn length_of(from: Timestamp, to: Timestamp) -> Duration {
    Duration::try_from(to.duration_since(from)).unwrap_or_default()
}

fn length(from: Timestamp, to: Timestamp) -> String {
    lasted(length_of(from, to))
}

/// `pods, events`; `all watches` where there are more than two and all are meant.
fn named(watches: &[Watch], is_meant: impl Fn(usize) -> bool) -> String {
    let meant: Vec<usize> = (0..watches.len()).filter(|index| is_meant(*index)).collect();
    if meant.len() == watches.len() && meant.len() > 2 {
        return "all watches".to_owned();
    }
    let mut names: Vec<String> = meant.iter().map(|index| watches[*index].resource.to_string()).collect();
    names.dedup();
    names.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kinds;

    /// Watches of these kinds, and a clock that is moved by hand.
    struct Scene {
        watches: Vec<Watch>,
        connections: Vec<Connection>,
        outages: Outages,
        at: f64,
        lines: Vec<String>,
    }

    impl Scene {
        fn of(kinds: &[&str]) -> Self {
            let watches: Vec<Watch> =
                kinds.iter().map(|kind| Watch::all(kinds::named(kind).expect("a kind").resource())).collect();
            let connections = vec![Connection { settled: true, ..Connection::default() }; watches.len()];
            Self { watches, connections, outages: Outages::default(), at: 0.0, lines: Vec::new() }
        }

        fn now(&self) -> Timestamp {
            "2026-11-20T18:09:20Z".parse::<Timestamp>().expect("a time") + Duration::from_secs_f64(self.at)
        }

        /// A watch is interrupted.
        fn out(&mut self, watch: usize, what: &'static str, why: &str, next: Option<f64>) {
            let now = self.now();
            let trouble = Trouble { what, why: why.into() };
            let connection = &mut self.connections[watch];
            let since = connection.outage.as_ref().map_or(now, |outage| outage.since);
            let next = next.map(|seconds| now + Duration::from_secs_f64(seconds));
            connection.outage = Some(Outage { since, trouble: trouble.clone(), next });
            connection.interruptions += 1;
            (connection.last, connection.settled) = (Some(trouble), false);
        }

        fn back(&mut self, watch: usize) {
            (self.connections[watch].outage, self.connections[watch].settled) = (None, true);
        }

        /// Lets time pass.
        fn pass(&mut self, seconds: f64) {
            let until = self.at + seconds;
            while self.at < until {
                self.at = (self.at + 0.2).min(until);
                let lines = self.outages.tell(&self.watches, &self.connections, self.now());
                self.lines.extend(lines.into_iter().map(|line| format!("{:.1} {line}", self.at)));
            }
        }
    }

    #[test]
    fn watches_with_the_same_trouble_share_a_line_within_five_seconds_and_one_when_they_are_back() {
        let mut scene = Scene::of(&["pods", "vmi", "events"]);
        scene.pass(2.0);
        scene.out(0, "no answer", "connection refused", Some(4.0));
        scene.pass(0.4);
        scene.out(1, "no answer", "connection refused", Some(7.0));
        scene.out(2, "no answer", "connection refused", Some(3.0));
        scene.pass(9.6);
        let now = scene.outages.now(&scene.watches, scene.now());
        assert_eq!(now.as_deref(), Some("all watches: no answer for 10 s (connection refused); next attempt in 0 s"));
        (0..3).for_each(|watch| scene.back(watch));
        scene.pass(60.0);
        let lines = [
            "4.0 all watches: no answer since 18:09:22 (connection refused); next attempt in 2 s",
            "14.2 all watches: back after 10 s; nothing was missed",
        ];
        assert_eq!(scene.lines, lines);
    }

    #[test]
    fn a_recorder_that_ends_during_an_outage_does_not_say_that_it_is_over() {
        let mut scene = Scene::of(&["pods"]);
        scene.out(0, "no answer", "its open streams are silent", None);
        scene.pass(5.0);
        // Nobody waits for an answer any more.
        scene.connections[0].outage = None;
        scene.pass(0.2);
        assert_eq!(scene.outages.finish(&scene.watches, scene.now()), [""; 0]);
        assert_eq!(scene.lines.len(), 1, "{:#?}", scene.lines);
    }

    #[test]
    fn a_line_says_what_the_outage_cost() {
        let mut scene = Scene::of(&["pods", "vmi"]);
        let refused = "403: pods is forbidden: User \"ci\" cannot watch resource \"pods\"";
        for (watch, why) in [(0, refused), (1, "403: virtualmachineinstances is forbidden")] {
            scene.out(watch, "refused", why, Some(8.0));
        }
        scene.pass(5.0);
        (scene.connections[0].gaps, scene.connections[1].healed) = (1, 1);
        (0..2).for_each(|watch| scene.back(watch));
        scene.pass(5.0);
        let all = format!(
            "2.0 pods, virtualmachineinstances.kubevirt.io: refused since 18:09:20 ({refused}); next attempt in 6 s"
        );
        let lines = [
            &all,
            "7.2 pods: back after 5 s; a gap: some events were missed",
            "7.2 virtualmachineinstances.kubevirt.io: back after 5 s; what was missed was read back from the server's history",
        ];
        assert_eq!(scene.lines, lines);
    }

    #[test]
    fn what_is_over_at_once_is_not_told_and_streams_that_are_cut_again_and_again_are_one_outage() {
        let mut scene = Scene::of(&["pods"]);
        scene.out(0, "interrupted", "the server closed the stream", Some(0.05));
        scene.pass(0.2);
        scene.back(0);
        scene.pass(10.0);
        assert_eq!(scene.lines, [""; 0]);
        for _ in 0..40 {
            scene.out(0, "interrupted", "the server closed the stream", None);
            scene.back(0);
            scene.pass(0.5);
        }
        scene.pass(10.0);
        let lines = [
            "12.4 pods: interrupted 5 times since 18:09:30 (the server closed the stream); resumed each time",
            "32.0 pods: back after 20 s; nothing was missed",
        ];
        assert_eq!(scene.lines, lines);
    }

    #[test]
    fn a_server_that_comes_and_goes_is_told_ever_more_seldom() {
        let mut scene = Scene::of(&["pods"]);
        for _ in 0..60 {
            scene.out(0, "no answer", "connection refused", None);
            scene.pass(3.0);
            scene.back(0);
            scene.pass(3.0);
        }
        scene.pass(5.0);
        let lines = [
            "2.0 pods: no answer since 18:09:20 (connection refused); waiting for an answer",
            "5.2 pods: back after 3 s; nothing was missed",
            "8.0 pods: no answer since 18:09:26 (connection refused); waiting for an answer",
            "361.2 pods: back after 5m51s; nothing was missed",
        ];
        assert_eq!(scene.lines, lines);
    }

    #[test]
    fn what_an_outage_did_not_begin_with_is_not_dated_to_its_beginning() {
        let mut scene = Scene::of(&["pods"]);
        scene.out(0, "refused", "403: no", None);
        scene.pass(11.0);
        scene.out(0, "throttled", "429: slow down", None);
        scene.pass(1.0);
        let lines = [
            "2.0 pods: refused since 18:09:20 (403: no); waiting for an answer",
            "12.0 pods: not followed since 18:09:20, now throttled (429: slow down); waiting for an answer",
        ];
        assert_eq!(scene.lines, lines);
    }

    #[test]
    fn another_trouble_in_the_same_outage_is_told_but_not_every_second() {
        let mut scene = Scene::of(&["pods"]);
        for _ in 0..10 {
            scene.out(0, "no answer", "connection refused", None);
            scene.pass(1.0);
            scene.out(0, "throttled", "429: slow down", Some(1.0));
            scene.pass(1.0);
        }
        assert!(
            scene.lines[0].starts_with("2.0 pods: throttled since 18:09:20 (429: slow down)"),
            "{:#?}",
            scene.lines
        );
        assert!(scene.lines.len() <= 3, "{:#?}", scene.lines);
    }
}
