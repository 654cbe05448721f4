//! Taking a snapshot.

use super::pool::is_in_use;
use super::{Clock, Note, Snapshot, VERSION, most};
use crate::engine::call::Phase;
use crate::engine::client::Engine;
use crate::engine::permit::Permit;
use crate::engine::pool::Pool;
use crate::engine::scheduler::habits_of;
use crate::engine::time::Now;
use crate::engine::units::{KeyId, ModelId, PoolId};

impl Engine {
    /// What is known now, for another engine to go on with. It holds no secret and is bounded; calls are not in it.
    pub fn snapshot(&self, now: Now) -> Snapshot {
        let clock = Clock::taking(now);
        let scheduler = &self.scheduler;
        let ring = &scheduler.ring;
        let [counters, recent] = self.journal.recorded();
        let [turn, turns, sessions] = scheduler.rotation.recorded(ring);
        let note = Note::of([
            VERSION.into(),
            now.wall.into(),
            counters,
            self.journal.latencies.recorded(),
            recent,
            self.recorded_rotations(),
            ring.iter().map(|(_, key)| key.recorded(&clock)).collect(),
            self.recorded_projects(&clock),
            self.recorded_capacities(&clock),
            self.recorded_pools(&clock),
            self.config.window.0.into(),
            scheduler.habits.iter().map(|habits| habits.recorded(&clock)).collect(),
            scheduler.models.recorded(),
            self.recorded_presumptions(),
            self.recorded_suspicions(),
            turn,
            turns,
            sessions,
            self.budget.recorded().into(),
            self.journal.waits.recorded(),
            self.journal.recorded_verdicts(),
            self.recorded_usage(),
        ]);
        Snapshot::taken(note, now.wall.0)
    }

    /// Rotations between keys that are still there, oldest first.
    fn recorded_rotations(&self) -> Note {
        let name = |id: Option<KeyId>| match id {
            None => Some(Note::Nothing),
            Some(id) => self.key(id).map(|spec| Note::from(spec.id.as_str())),
        };
        let mut notes = Vec::new();
        for rotation in self.journal.history() {
            if let (Some(from), Some(to)) = (name(rotation.from), name(rotation.to)) {
                notes.push(Note::of([rotation.at.into(), from, to, (rotation.verdict as u32).into()]));
            }
        }
        notes.reverse();
        Note::List(notes)
    }

    /// Those that are closed: first such as have a key, then such as a key may join.
    fn recorded_projects(&self, clock: &Clock) -> Note {
        let (mut notes, mut deserted) = (Vec::new(), Vec::new());
        for project in self.scheduler.projects.iter().filter(|project| project.may_serve()) {
            let shut = project.gate.recorded(clock);
            if shut != Note::Nothing {
                let notes = if project.keys.is_empty() { &mut deserted } else { &mut notes };
                notes.push(Note::of([project.name.as_str().into(), project.shared.into(), shut]));
            }
        }
        notes.append(&mut deserted);
        Note::List(notes)
    }

    fn recorded_capacities(&self, clock: &Clock) -> Note {
        let mut notes = Vec::new();
        for capacity in &self.scheduler.capacities {
            let shut = capacity.gate.recorded(clock);
            if shut != Note::Nothing || capacity.overloads > 0 {
                let model = self.recorded_model(capacity.model);
                notes.push(Note::of([(capacity.provider as u32).into(), model, capacity.overloads.into(), shut]));
            }
        }
        Note::List(notes)
    }

    /// The pools of projects that have a key; after them those of projects that have none at present, if they were used within
    /// a day or are closed. Where there are too many, those come first that have something to say.
    fn recorded_pools(&self, clock: &Clock) -> Note {
        let scheduler = &self.scheduler;
        let mut permits: Vec<(PoolId, &Permit)> = Vec::new();
        for call in self.calls.values() {
            if let Phase::InFlight { grant, .. } = &call.phase {
                permits.push((scheduler.account(grant.permit.pool), &grant.permit));
            }
        }
        let are_many = scheduler.pools.len() > most::POOLS;
        let (mut notes, mut deserted) = (Vec::new(), Vec::new());
        for pool in &scheduler.pools {
            let is_idle = are_many && pool.gate.cause().is_none() && pool.minute.is_empty() && !pool.has_learned();
            let project = &scheduler.projects[pool.project.0 as usize];
            if pool.moved.is_none() && project.may_serve() && !is_idle {
                let mut under_way = Vec::new();
                under_way.extend(permits.iter().filter(|(of, _)| *of == pool.id).map(|(_, permit)| *permit));
                let habits = habits_of(&scheduler.habits, pool.provider);
                let note = pool.recorded(clock, habits, self.recorded_name(pool), &under_way);
                if !project.keys.is_empty() {
                    notes.push(note);
                } else if is_in_use(&note) {
                    deserted.push(note);
                }
            }
        }
        notes.append(&mut deserted);
        Note::List(notes)
    }

    /// What a pool is known by.
    pub(crate) fn recorded_name(&self, pool: &Pool) -> [Note; 4] {
        let project = &self.scheduler.projects[pool.project.0 as usize];
        let model = self.recorded_model(pool.model);
        [(pool.provider as u32).into(), project.name.as_str().into(), project.shared.into(), model]
    }

    fn recorded_model(&self, id: ModelId) -> Note {
        if id == ModelId::UNNAMED { Note::Nothing } else { self.scheduler.models.name(id).into() }
    }

    fn recorded_presumptions(&self) -> Note {
        let mut notes = Vec::new();
        for ((provider, model), limit) in self.scheduler.presumed.iter() {
            notes.push(Note::of([(provider as u32).into(), self.recorded_model(model), (*limit).into()]));
        }
        Note::List(notes)
    }

    fn recorded_suspicions(&self) -> Note {
        let mut notes = Vec::new();
        for pair in self.suspicions.all() {
            let [one, other] = pair.pools.map(|pool| {
                let account = self.scheduler.account(pool);
                Note::of(self.recorded_name(&self.scheduler.pools[account.0 as usize]))
            });
            let [served, theirs] = pair.served.map(Note::from);
            notes.push(Note::of([one, other, pair.coincidences.into(), served, theirs, pair.limit.into()]));
        }
        Note::List(notes)
    }
}
