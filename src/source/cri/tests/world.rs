//! The machine against a simulated runtime: whatever happens, in whichever order it is told and looked at, what is
//! recorded without a gap is what happened.

use super::super::machine::Machine;
use super::super::messages::{ContainerEvent, ContainerMetadata, ContainerStatus, Sandbox};
use super::super::shown::{Of, Shown, Told};
use super::machine::{at, machine};
use crate::kinds::{CriEvent, CriState as State};
use crate::observation::Payload;
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

#[derive(Default)]
struct World {
    millis: i64,
    containers: BTreeMap<String, ContainerStatus>,
    /// What happened to each, and when.
    truth: BTreeMap<String, Vec<(State, i64)>>,
    on_their_way: VecDeque<ContainerEvent>,
    made: usize,
}

impl World {
    fn happened(&mut self, id: &str, state: State) {
        self.truth.entry(id.to_owned()).or_default().push((state, self.millis));
    }

    fn tell(&mut self, id: &str, kind: i32) {
        self.on_their_way.push_back(ContainerEvent {
            container_id: id.to_owned(),
            kind,
            created_at: self.millis * 1_000_000,
            sandbox: Some(Sandbox { id: "s".to_owned(), ..Sandbox::default() }),
            containers: self.containers.values().cloned().collect(),
        });
    }

    fn set(&mut self, id: &str, state: i32, runs: bool) {
        let now = self.millis * 1_000_000;
        let container = self.containers.get_mut(id).unwrap();
        container.state = state;
        if state == 2 {
            (container.finished_at, container.exit_code) = (now, 1);
        }
        if runs {
            container.started_at = now;
        }
    }

    /// The container in a state that a step is for.
    fn some(&self, state: i32, which: usize) -> Option<String> {
        let fit: Vec<&String> =
            self.containers.iter().filter(|(_, container)| container.state == state).map(|(id, _)| id).collect();
        (!fit.is_empty()).then(|| fit[which % fit.len()].clone())
    }

    /// One thing happens in the runtime.
    fn happen(&mut self, step: u8, which: usize) {
        self.millis += 1;
        match step {
            0 => {
                let id = format!("c{}", self.made);
                self.made += 1;
                let metadata = Some(ContainerMetadata { name: id.clone(), attempt: 0 });
                let created_at = self.millis * 1_000_000;
                let status = ContainerStatus { id: id.clone(), metadata, created_at, ..ContainerStatus::default() };
                self.containers.insert(id.clone(), status);
                self.happened(&id, State::Created);
                self.tell(&id, 0);
            }
            1 => self.some(0, which).into_iter().for_each(|id| {
                self.set(&id, 1, true);
                self.happened(&id, State::Running);
                self.tell(&id, 1);
            }),
            2 => self.some(1, which).into_iter().for_each(|id| {
                self.set(&id, 2, false);
                self.happened(&id, State::Exited);
                self.tell(&id, 2);
            }),
            // It cannot be started, which no event tells.
            3 => self.some(0, which).into_iter().for_each(|id| {
                self.set(&id, 2, false);
                self.happened(&id, State::Exited);
            }),
            // It ends so soon that its end overtakes its start.
            4 => self.some(0, which).into_iter().for_each(|id| {
                self.set(&id, 2, true);
                self.happened(&id, State::Running);
                self.happened(&id, State::Exited);
                self.tell(&id, 2);
                self.tell(&id, 1);
            }),
            5 => self.some(if which.is_multiple_of(3) { 0 } else { 2 }, which).into_iter().for_each(|id| {
                self.containers.remove(&id);
                self.happened(&id, State::Removed);
                self.tell(&id, 3);
            }),
            // Its removal overtakes its end.
            _ => self.some(1, which).into_iter().for_each(|id| {
                self.containers.remove(&id);
                self.happened(&id, State::Exited);
                self.happened(&id, State::Removed);
                self.tell(&id, 3);
                self.tell(&id, 2);
            }),
        }
    }

    fn list(&self) -> Vec<Shown> {
        let tell = |status: &ContainerStatus| {
            let (container_id, containers) = (status.id.clone(), vec![status.clone()]);
            let event = ContainerEvent { container_id, containers, ..ContainerEvent::default() };
            Shown { end: None, started_at: 0, ..Told::taken(event, Of::Containers, |_| at(0)).unwrap().own.unwrap() }
        };
        self.containers.values().map(tell).collect()
    }

    fn deliver(&mut self, machine: &mut Machine, most: usize) {
        let count = most.min(self.on_their_way.len());
        for event in self.on_their_way.drain(..count) {
            let told = Told::taken(event, Of::Containers, |time| at(time / 1_000_000)).unwrap();
            machine.told(told, elapsed(self.millis));
        }
    }

    /// A list, during which more happens; what was told before the list before has come by its end.
    fn look(&mut self, machine: &mut Machine, before: &mut i64, meanwhile: &[(u8, usize)]) {
        let asked = self.millis;
        let list = self.list();
        meanwhile.iter().for_each(|(step, which)| self.happen(*step, *which));
        machine.look(list, at(asked), elapsed(self.millis));
        let due = self.on_their_way.iter().filter(|event| event.created_at <= *before * 1_000_000).count();
        self.deliver(machine, due);
        machine.prove();
        *before = asked;
        let proven = machine.lines.not_before().as_millisecond();
        assert!(proven <= asked);
    }
}

fn elapsed(millis: i64) -> Duration {
    Duration::from_millis(u64::try_from(millis).unwrap())
}

/// What was recorded of each: its states, since when each may have been, and whether there is a gap.
#[derive(Default)]
struct Recorded {
    states: BTreeMap<String, Vec<(State, i64)>>,
    gaps: BTreeSet<String>,
}

impl Recorded {
    fn take(&mut self, machine: &mut Machine, world: &World) {
        for line in machine.lines.take() {
            match line {
                Payload::Raw(raw) => {
                    let event: CriEvent = serde_json::from_str(raw.event.get()).unwrap();
                    let state = (event.state, raw.not_before.as_millisecond());
                    self.states.entry(raw.uid.to_string()).or_default().push(state);
                }
                Payload::Undecodable(unseen) => drop(self.gaps.insert(unseen.uid.unwrap().to_string())),
                _ => {}
            }
        }
        // What is proven to have been told was told.
        let proven = machine.lines.not_before().as_millisecond();
        for (id, truth) in world.truth.iter().filter(|(id, _)| !self.gaps.contains(*id)) {
            let told = self.states.get(id).map_or(0, Vec::len);
            let owed = truth.iter().filter(|(_, when)| *when < proven).count();
            assert!(told >= owed, "{id}: {truth:?}, told {told} by {proven}");
        }
    }
}

proptest! {
    #[test]
    fn what_is_recorded_without_a_gap_is_what_happened(
        steps in prop::collection::vec((0u8..12, 0usize..8, prop::collection::vec((0u8..7, 0usize..8), 0..3)), 0..60)
    ) {
        let mut world = World { millis: 200, ..World::default() };
        let mut machine = machine(Of::Containers, Vec::new());
        let (mut recorded, mut before) = (Recorded::default(), 100);
        for (step, which, meanwhile) in &steps {
            match step {
                0..7 => world.happen(*step, *which),
                7 | 8 => world.deliver(&mut machine, *which),
                9 | 10 => world.look(&mut machine, &mut before, meanwhile),
                _ => {
                    world.millis += 400;
                    let due = machine.due(elapsed(world.millis));
                    let mut seen = world.list();
                    seen.retain(|shown| due.contains(&shown.id));
                    machine.settle(&due, seen);
                }
            }
            recorded.take(&mut machine, &world);
        }
        world.deliver(&mut machine, usize::MAX);
        world.look(&mut machine, &mut before, &[]);
        world.millis += 2000;
        let due = machine.due(elapsed(world.millis));
        machine.settle(&due, Vec::new());
        (0..2).for_each(|_| world.look(&mut machine, &mut before, &[]));
        prop_assert!(!machine.is_in_doubt());
        recorded.take(&mut machine, &world);
        for (id, truth) in &world.truth {
            let none = Vec::new();
            let told = recorded.states.get(id).unwrap_or(&none);
            let states = |of: &[(State, i64)]| of.iter().map(|(state, _)| *state).collect::<Vec<_>>();
            if recorded.gaps.contains(id) {
                let mut rest = truth.iter().map(|(state, _)| *state);
                prop_assert!(states(told).iter().all(|state| rest.any(|next| next == *state)), "{id} {told:?} {truth:?}");
                // One that came and went before it was told of has no states.
                let is_brief = told.is_empty() && states(truth).last() == Some(&State::Removed);
                prop_assert!(is_brief || states(told).last() == states(truth).last(), "{id} {told:?} {truth:?}");
            } else {
                prop_assert_eq!(states(told), states(truth), "{}", id);
                for ((state, since), (_, when)) in told.iter().zip(truth) {
                    prop_assert!(since <= when, "{id} {state:?}: not before {since}, and it was at {when}");
                }
            }
        }
    }
}
