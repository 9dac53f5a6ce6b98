//! The clock of a replay: it runs at a speed, pauses, and is moved to any moment or step, also back.
//!
//! A recording is a sequence of steps, each at a moment. Any number of holders of a [`Playback`] control it and ask where
//! it is; one task drives it ([`Playback::drive`]), which makes the steps that are due.

use super::speed::Speed;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::Instant;

/// How many steps are made at full speed before other tasks get a turn.
const BURST: usize = 64;
/// How long the end of a recording lasts before it is played again.
const REST: Duration = Duration::from_secs(1);

/// Controls a replay. Clones control the same one.
#[derive(Clone, Debug)]
pub struct Playback(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    /// The moments of the steps, ascending.
    moments: Vec<Duration>,
    /// The length of the recording.
    length: Duration,
    repeat: bool,
    clock: Mutex<Clock>,
    changed: watch::Sender<u64>,
    /// What was made last: in which round, and how many steps.
    driven: watch::Sender<(u64, usize)>,
}

/// Where the clock is, and how it moves.
#[derive(Clone, Copy, Debug)]
struct Clock {
    /// Its position when it was set.
    from: Duration,
    /// When it was set.
    set: Instant,
    /// Steps that were made when it was set, or since: it never goes behind them by itself.
    made: usize,
    speed: Speed,
    is_paused: bool,
    /// It waits for the first watch.
    is_held: bool,
    /// The step after which it stops by itself.
    last: Option<usize>,
    /// It waits for clients that have to list again.
    waits: Option<u64>,
    /// How often it has waited for them.
    waits_so_far: u64,
    round: u64,
}

/// What a replay is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doing {
    /// The clock runs.
    Playing,
    /// It was paused, or moves only by single steps.
    Paused,
    /// It starts with the first watch.
    Waiting,
    /// All of the recording was played.
    Ended,
}

/// Where a replay is.
#[derive(Clone, Copy, Debug)]
pub struct Position {
    /// Time since the start of the recording.
    pub at: Duration,
    /// The length of the recording.
    pub length: Duration,
    /// Steps that were made.
    pub step: usize,
    /// Steps of the recording.
    pub steps: usize,
    /// The speed.
    pub speed: Speed,
    /// What it is doing.
    pub doing: Doing,
    /// How often it was moved back, or started again.
    pub round: u64,
}

impl fmt::Display for Doing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Playing => "playing",
            Self::Paused => "paused",
            Self::Waiting => "waiting",
            Self::Ended => "ended",
        })
    }
}

impl Playback {
    /// A clock at the start of a recording; `moments` are those of its steps, ascending. With `is_held`, it starts with
    /// [`Playback::release`]; with `repeat`, it starts again after the end.
    #[must_use]
    pub fn new(moments: Vec<Duration>, length: Duration, speed: Speed, is_held: bool, repeat: bool) -> Self {
        let length = moments.last().copied().unwrap_or_default().max(length);
        let clock = Clock {
            from: Duration::ZERO,
            set: Instant::now(),
            made: 0,
            speed,
            is_paused: speed == Speed::Step,
            is_held,
            last: None,
            waits: None,
            waits_so_far: 0,
            round: 0,
        };
        Self(Arc::new(Inner {
            moments,
            length,
            repeat,
            clock: Mutex::new(clock),
            changed: watch::Sender::new(0),
            driven: watch::Sender::new((0, 0)),
        }))
    }

    /// Where it is.
    #[must_use]
    pub fn position(&self) -> Position {
        let inner = &*self.0;
        let clock = inner.lock();
        let (at, step) = inner.now(&clock);
        let doing = if clock.is_held || clock.waits.is_some() {
            Doing::Waiting
        } else if step == inner.moments.len() && at >= inner.length && !inner.repeat {
            Doing::Ended
        } else if clock.is_paused || clock.last == Some(step) {
            Doing::Paused
        } else {
            Doing::Playing
        };
        Position {
            at,
            length: inner.length,
            step,
            steps: inner.moments.len(),
            speed: clock.speed,
            doing,
            round: clock.round,
        }
    }

    /// Notifies of what was changed by a call, not of the clock's own progress.
    #[must_use]
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.0.changed.subscribe()
    }

    /// Stops the clock.
    pub fn pause(&self) {
        self.0.change(|_, clock| clock.is_paused = true);
    }

    /// Lets the clock run; at the speed [`Speed::Step`], at its own speed.
    pub fn resume(&self) {
        self.0.change(|_, clock| {
            (clock.is_paused, clock.is_held, clock.waits) = (false, false, None);
            if clock.speed == Speed::Step {
                clock.speed = Speed::Times(1.0);
            }
        });
    }

    /// Lets the clock stop by itself once as many steps were made; without a number, it goes on.
    pub fn stop_after(&self, steps: Option<usize>) {
        self.0.change(|_, clock| clock.last = steps);
    }

    /// Starts a clock that waits for the first watch.
    pub fn release(&self) {
        if self.0.lock().is_held {
            self.0.change(|_, clock| clock.is_held = false);
        }
    }

    /// Changes the speed; [`Speed::Step`] stops the clock.
    pub fn set_speed(&self, speed: Speed) {
        self.0.change(|_, clock| {
            clock.speed = speed;
            clock.is_paused = speed == Speed::Step || clock.is_paused;
        });
    }

    /// Moves to a moment: all steps up to it are made, and no others.
    pub fn seek(&self, to: Duration) {
        self.0.change(|inner, clock| {
            (clock.from, clock.waits) = (to.min(inner.length), None);
            let made = inner.up_to(clock.from);
            clock.round += u64::from(made < clock.made);
            clock.made = made;
        });
    }

    /// Stops the clock and moves by a number of steps; a negative one moves back.
    pub fn step(&self, by: i64) {
        self.0.change(|inner, clock| {
            (clock.is_paused, clock.is_held, clock.waits) = (true, false, None);
            let distance = usize::try_from(by.unsigned_abs()).unwrap_or(usize::MAX);
            let made = if by < 0 { clock.made.saturating_sub(distance) } else { clock.made.saturating_add(distance) };
            let made = made.min(inner.moments.len());
            clock.round += u64::from(made < clock.made);
            clock.made = made;
            clock.from = match (made.checked_sub(1), by < 0) {
                (Some(last), _) if made == inner.moments.len() && by > 0 => inner.moments[last].max(clock.from),
                (Some(last), _) => inner.moments[last],
                (None, _) => Duration::ZERO,
            };
        });
    }

    /// Waits until the steps that are due now were made. Dropping the future ends the wait, which has no bound of its own.
    pub async fn settled(&self) {
        let (round, due) = {
            let clock = self.0.lock();
            (clock.round, self.0.now(&clock).1)
        };
        let mut driven = self.0.driven.subscribe();
        // Only the clock itself ends the channel.
        let _ = driven.wait_for(|driven| *driven >= (round, due)).await;
    }

    /// Stops the clock at a step that was just made, until it is told to go on with the number that this returns.
    pub(super) fn wait_at(&self, made: usize) -> u64 {
        let mut number = 0;
        self.0.change(|inner, clock| {
            clock.made = made;
            clock.from = made.checked_sub(1).and_then(|last| inner.moments.get(last)).copied().unwrap_or_default();
            clock.waits_so_far += 1;
            number = clock.waits_so_far;
            clock.waits = Some(number);
        });
        number
    }

    /// Goes on after [`Playback::wait_at`], unless it waits for something else by now.
    pub(super) fn go_on(&self, number: u64) {
        if self.0.lock().waits == Some(number) {
            self.0.change(|_, clock| clock.waits = None);
        }
    }

    /// Makes the steps that are due, from now on, until it is dropped. `move_to` gets the number of steps that are to be
    /// made from then on, which is less than before where the clock was moved back.
    pub async fn drive(&self, mut move_to: impl FnMut(usize)) {
        let moved = |made: usize, _: bool| {
            move_to(made);
            made
        };
        self.drive_in_parts(moved).await;
    }

    /// The same, where `move_to` may make fewer steps, and returns how many were made. It also gets whether the clock was
    /// moved there, and did not come there by itself.
    pub(super) async fn drive_in_parts(&self, mut move_to: impl FnMut(usize, bool) -> usize) {
        let inner = &*self.0;
        let mut changed = self.changes();
        let (mut made, mut round) = (0, 0);
        loop {
            let (clock, (at, due)) = {
                let clock = inner.lock();
                (*clock, inner.now(&clock))
            };
            if clock.round != round || due != made {
                let target = if clock.round == round { due.min(made + BURST) } else { due };
                let is_jump = clock.round != round || target <= clock.made;
                (made, round) = (move_to(target, is_jump), clock.round);
                inner.driven.send_replace((round, made));
                if clock.speed == Speed::Max {
                    inner.lock().made_at_most(made);
                }
                tokio::task::yield_now().await;
                continue;
            }
            let over = made == inner.moments.len();
            let wait = match clock.speed {
                _ if clock.stands() || clock.is_over(made) => None,
                Speed::Times(times) => {
                    let next = inner.moments.get(made).copied().unwrap_or(inner.length).saturating_sub(at);
                    let rest = if over { REST } else { Duration::ZERO };
                    // Timers count milliseconds: a shorter wait would be none, and the clock may stand still meanwhile.
                    let next = scaled(next, times.recip()).max(Duration::from_millis(1));
                    (!over || inner.repeat).then(|| next.saturating_add(rest))
                }
                Speed::Max => (!over || inner.repeat).then_some(if over { REST } else { Duration::ZERO }),
                Speed::Step => None,
            };
            let elapsed = async {
                match wait {
                    Some(wait) => tokio::time::sleep(wait).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                result = changed.changed() => if result.is_err() { return },
                () = elapsed => if over && inner.repeat {
                    inner.change(|_, clock| {
                        (clock.from, clock.made) = (Duration::ZERO, 0);
                        clock.round += 1;
                    });
                },
            }
        }
    }
}

impl Inner {
    fn lock(&self) -> MutexGuard<'_, Clock> {
        self.clock.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sets the clock to where it is now, changes it, and wakes who waits for it.
    fn change(&self, change: impl FnOnce(&Self, &mut Clock)) {
        let mut clock = self.lock();
        (clock.from, clock.made) = self.now(&clock);
        clock.set = Instant::now();
        change(self, &mut clock);
        drop(clock);
        self.changed.send_modify(|count| *count += 1);
    }

    /// The number of steps up to a moment.
    fn up_to(&self, at: Duration) -> usize {
        self.moments.partition_point(|moment| *moment <= at)
    }

    /// The moment that the clock shows, and the number of steps that are due.
    fn now(&self, clock: &Clock) -> (Duration, usize) {
        let moment_of = |made: usize| made.checked_sub(1).map_or(Duration::ZERO, |last| self.moments[last]);
        if clock.is_over(clock.made) {
            return (clock.from.max(moment_of(clock.made)), clock.made);
        }
        if clock.stands() {
            return (clock.from, clock.made);
        }
        let (at, due) = match clock.speed {
            Speed::Times(times) => {
                let at = clock.from.saturating_add(scaled(clock.set.elapsed(), times)).min(self.length);
                (at, self.up_to(at).max(clock.made))
            }
            Speed::Max => {
                let at = moment_of(clock.made).max(clock.from);
                let over = clock.made >= self.moments.len();
                (if over { self.length } else { at }, (clock.made + BURST).min(self.moments.len()))
            }
            Speed::Step => (clock.from, clock.made),
        };
        match clock.last.filter(|last| *last < due) {
            Some(last) => (clock.from.max(moment_of(last)), last),
            None => (at, due),
        }
    }
}

impl Clock {
    /// It does not move by itself.
    fn stands(&self) -> bool {
        self.is_paused || self.is_held || self.waits.is_some() || self.is_over(self.made)
    }

    /// It is to stop after as many steps.
    fn is_over(&self, made: usize) -> bool {
        self.last.is_some_and(|last| last <= made)
    }

    /// At full speed, the clock is where its steps are.
    fn made_at_most(&mut self, made: usize) {
        if self.speed == Speed::Max && !self.stands() {
            self.made = made;
        }
    }
}

/// A duration at another speed.
fn scaled(duration: Duration, times: f64) -> Duration {
    Duration::try_from_secs_f64(duration.as_secs_f64() * times).unwrap_or(Duration::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc;

    const MOMENTS: [u64; 4] = [1, 2, 2, 5];

    fn playback(speed: Speed, is_held: bool, repeat: bool) -> (Playback, mpsc::Receiver<usize>) {
        let moments = MOMENTS.iter().map(|second| Duration::from_secs(*second)).collect();
        let playback = Playback::new(moments, Duration::from_secs(6), speed, is_held, repeat);
        let (sender, made) = mpsc::channel();
        let driven = playback.clone();
        tokio::spawn(async move { driven.drive(move |made| sender.send(made).expect("the test listens")).await });
        (playback, made)
    }

    async fn after(milliseconds: u64) {
        tokio::time::sleep(Duration::from_millis(milliseconds)).await;
    }

    fn all(made: &mpsc::Receiver<usize>) -> Vec<usize> {
        made.try_iter().collect()
    }

    #[tokio::test(start_paused = true)]
    async fn steps_are_made_at_their_moments_at_any_speed() {
        let (playback, made) = playback(Speed::Times(2.0), false, false);
        after(450).await;
        assert_eq!(all(&made), [0; 0]);
        after(100).await;
        assert_eq!(all(&made), [1]);
        after(500).await;
        assert_eq!(all(&made), [3], "two steps of one moment");
        playback.set_speed(Speed::Times(10.0));
        after(310).await;
        assert_eq!(all(&made), [4]);
        after(200).await;
        let position = playback.position();
        assert_eq!((position.doing, position.at), (Doing::Ended, Duration::from_secs(6)));
    }

    #[tokio::test(start_paused = true)]
    async fn a_paused_clock_moves_by_steps_and_to_moments() {
        let (playback, made) = playback(Speed::Step, false, false);
        after(10_000).await;
        assert_eq!(all(&made), [0; 0]);
        playback.step(2);
        after(1).await;
        assert_eq!(all(&made), [2]);
        assert_eq!(playback.position().at, Duration::from_secs(2));
        playback.step(-1);
        after(1).await;
        assert_eq!(all(&made), [1]);
        playback.seek(Duration::from_secs(4));
        after(1).await;
        assert_eq!(all(&made), [3]);
        playback.seek(Duration::ZERO);
        after(1).await;
        assert_eq!((all(&made), playback.position().round), (vec![0], 2));
        playback.step(9);
        after(1).await;
        assert_eq!(all(&made), [4]);
        playback.resume();
        after(1_001).await;
        assert_eq!(playback.position().doing, Doing::Ended);
    }

    #[tokio::test(start_paused = true)]
    async fn a_held_clock_starts_when_it_is_released_and_a_repeated_one_starts_again() {
        let (playback, made) = playback(Speed::Times(1.0), true, true);
        after(60_000).await;
        assert_eq!((all(&made), playback.position().doing), (vec![], Doing::Waiting));
        playback.release();
        after(5_001).await;
        assert_eq!(all(&made), [1, 3, 4]);
        after(2_001).await;
        assert_eq!(all(&made), [0]);
        after(1_001).await;
        assert_eq!((all(&made), playback.position().round), (vec![1], 1));
    }

    #[tokio::test(start_paused = true)]
    async fn a_clock_that_is_to_stop_after_a_step_goes_on_from_there() {
        for speed in [Speed::Times(1.0), Speed::Max] {
            let (playback, made) = playback(speed, true, false);
            playback.stop_after(Some(2));
            playback.release();
            after(20_000).await;
            assert_eq!(made.try_iter().last(), Some(2), "{speed}");
            let position = playback.position();
            assert_eq!((position.doing, position.at, position.step), (Doing::Paused, Duration::from_secs(2), 2));
            playback.stop_after(None);
            after(2_900).await;
            assert_eq!(made.try_iter().last(), Some(if speed == Speed::Max { 4 } else { 3 }), "{speed}");
            after(1_200).await;
            assert_eq!(playback.position().doing, Doing::Ended, "{speed}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn at_full_speed_the_end_is_reached_at_once_and_a_pause_stops_it() {
        let (playback, made) = playback(Speed::Max, false, false);
        after(1).await;
        assert_eq!(all(&made), [4]);
        assert_eq!(playback.position().doing, Doing::Ended);
        playback.pause();
        playback.seek(Duration::from_secs(1));
        after(1).await;
        assert_eq!((all(&made), playback.position().doing), (vec![1], Doing::Paused));
        playback.set_speed("1e300x".parse().expect("a speed"));
        playback.resume();
        after(2).await;
        assert_eq!(all(&made), [4]);
    }
}
