//! Restoring a snapshot: into an engine that has its keys already.

use serde::Serialize;

use super::{Clock, Note, Snapshot};
use crate::engine::agenda::Due;
use crate::engine::client::Engine;
use crate::engine::event::Rotation;
use crate::engine::gate::Until;
use crate::engine::outcome::rotation_reason;
use crate::engine::provider::Provider;
use crate::engine::scheduler::{Project, Scheduler, habits_mut};
use crate::engine::suspicion::Suspicion;
use crate::engine::time::{Now, UnixMillis};
use crate::engine::units::{KeyId, ModelId, PoolId, ProjectId};
use crate::engine::verdict::Verdict;

/// What came of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Restored {
    /// Keys that are known again.
    pub keys: u32,
    /// Pools that are known again.
    pub pools: u32,
    /// Keys and pools of the snapshot that are none of this engine's: they, their project or their model are not configured
    /// any more. Of a project that has a name and no key it is kept what counts, until it does no more.
    pub ignored: u32,
}

impl Engine {
    /// Goes on where the engine that took the snapshot was. What it had counted and used counts besides what this one has
    /// done so far, of two closures the longer one holds, and what is configured now stands above what was learned then.
    pub fn restore(&mut self, now: Now, Snapshot(snapshot): &Snapshot) -> Restored {
        let [_, at, counters, latencies, recent, rotations, keys, projects, capacities, pools, more @ ..]: [&Note; 22] =
            snapshot.parts();
        let [window, habits, aliases, presumed, suspicions, turn, turns, sessions, budget, waits, verdicts, usage] =
            more;
        let clock = Clock::restoring(now, UnixMillis(at.number()));
        let same_minute = window.number() == self.config.window.0;
        let mut restored = Restored::default();
        for note in keys.list() {
            match self.key_of(note).and_then(|id| self.scheduler.ring.get_mut(id)) {
                Some(key) => key.restore(&clock, note),
                None => restored.ignored += 1,
            }
        }
        restored.keys = keys.list().len() as u32 - restored.ignored;
        self.restore_rotations(rotations);
        self.journal.restore(counters, recent);
        self.journal.latencies.restore(latencies);
        self.journal.waits.restore(waits);
        self.journal.restore_verdicts(verdicts);
        self.budget.restore(budget.maybe());
        self.scheduler.rotation.restore(&self.scheduler.ring, [turn, turns, sessions]);
        if same_minute {
            for note in habits.list() {
                let [provider] = note.parts();
                let provider = provider.word(&Provider::ALL);
                habits_mut(&mut self.scheduler.habits, provider).restore(&clock, self.config.minute, note);
            }
        }
        for note in aliases.list() {
            let [provider, alias, model] = note.parts();
            let asked = self.scheduler.models.intern(alias.name());
            self.scheduler.resolve(provider.word(&Provider::ALL), asked, model.name().unwrap_or_default());
        }
        for note in presumed.list().iter().filter(|_| same_minute) {
            let [provider, model, limit] = note.parts();
            if let Some(model) = self.model_named(model) {
                let of = (provider.word(&Provider::ALL), model);
                self.scheduler.presumed.get_or_insert_with(of, || limit.number().max(1));
            }
        }
        self.restore_capacities(&clock, capacities);
        for note in pools.list() {
            let served = self.pool_of(now, note);
            restored.pools += u32::from(served.is_some());
            restored.ignored += u32::from(served.is_none());
            if let Some(pool) = served.or_else(|| self.deserted_pool(now, note)) {
                let (pool, habits) = self.scheduler.with_habits(pool);
                pool.restore(&clock, habits, note, same_minute, served.is_some());
            }
        }
        self.restore_usage(now, usage);
        self.restore_suspicions(now, suspicions);
        self.restore_projects(&clock, projects, keys);
        self.notice_closures(now);
        self.freed(now);
        restored
    }

    fn restore_capacities(&mut self, clock: &Clock, capacities: &Note) {
        for note in capacities.list() {
            let [provider, model, overloads, shut] = note.parts();
            if let Some(model) = self.model_named(model) {
                let capacity = self.scheduler.capacity_mut(provider.word(&Provider::ALL), model);
                capacity.overloads = capacity.overloads.max(overloads.count());
                capacity.gate.restore(clock, shut);
            }
        }
    }

    fn restore_suspicions(&mut self, now: Now, suspicions: &Note) {
        for note in suspicions.list() {
            let [one, other, coincidences, served, theirs, limit] = note.parts();
            if let (Some(one), Some(other)) = (self.pool_of(now, one), self.pool_of(now, other)) {
                let (pools, served) = ([one, other], [served.number(), theirs.number()]);
                let coincidences = coincidences.count();
                self.suspicions.restore(Suspicion { pools, coincidences, served, limit: limit.maybe() });
            }
        }
    }

    /// Closed projects. What a project that is a key's own was closed for was this key's doing: another secret under the same
    /// id is another credential.
    fn restore_projects(&mut self, clock: &Clock, projects: &Note, keys: &Note) {
        for note in projects.list() {
            let [name, shared, shut] = note.parts();
            let is_swapped = keys.list().iter().any(|key| {
                let [id, hint] = key.parts();
                let own = self.key_of(key).and_then(|id| self.key(id));
                id == name && own.is_none_or(|own| Some(own.hint.as_str()) != hint.name())
            });
            let known = self.project_of(name, shared).filter(|_| shared.flag() || !is_swapped);
            if let Some(ProjectId(at)) = known.or_else(|| self.deserted(name, shared)) {
                self.scheduler.projects[at as usize].gate.restore(clock, shut);
            }
        }
    }

    /// Whoever is told when keys come back is told of those, too, that were down before.
    fn notice_closures(&mut self, now: Now) {
        for place in 0..self.scheduler.ring.places() {
            let id = KeyId(place);
            let Some(shut) = self.scheduler.shut(now.mono, id) else { continue };
            if let Until::At(at) = shut.until {
                self.agenda.add(at, Due::Reopening(id));
            }
            if let Some(key) = self.scheduler.ring.get_mut(id) {
                key.down = true;
            }
        }
    }

    /// Those between keys that are still there, before what has happened since.
    fn restore_rotations(&mut self, rotations: &Note) {
        for note in rotations.list().iter().rev() {
            let [at, from, to, verdict] = note.parts();
            let [known_from, known_to] = [from, to].map(|id| id.name().and_then(|id| self.find_key(id)));
            if known_from.is_some() == from.name().is_some() && known_to.is_some() == to.name().is_some() {
                let verdict = verdict.word(&Verdict::ALL);
                let reason = rotation_reason(verdict, known_to);
                let at = UnixMillis(at.number());
                self.journal.rotated_before(Rotation { at, from: known_from, to: known_to, verdict, reason });
            }
        }
    }

    /// The key that a note is about.
    fn key_of(&self, note: &Note) -> Option<KeyId> {
        let [id] = note.parts();
        self.find_key(id.name()?)
    }

    /// A model of this name. Past the bound of models a name is told from no other.
    fn model_named(&mut self, name: &Note) -> Option<ModelId> {
        let id = self.scheduler.models.intern(name.name());
        (name.name().is_none() || id != ModelId::UNNAMED).then_some(id)
    }

    /// A project that has a key: of this name, or the own one of the key of this name.
    fn project_of(&self, name: &Note, shared: &Note) -> Option<ProjectId> {
        let at = self.scheduler.projects.iter().position(|project| {
            project.shared == shared.flag() && Some(project.name.as_str()) == name.name() && !project.keys.is_empty()
        });
        at.map(|at| ProjectId(at as u32))
    }

    /// A project that has a name and no key: what the next key of this name will join.
    fn deserted(&mut self, name: &Note, shared: &Note) -> Option<ProjectId> {
        let name = name.name().filter(|_| shared.flag())?;
        let known = self.scheduler.projects.iter().position(|project| project.shared && project.name == name);
        match known {
            Some(at) => self.scheduler.projects[at].keys.is_empty().then_some(ProjectId(at as u32)),
            None => Some(self.scheduler.new_project(name, true)),
        }
    }

    /// The pool that a note is about, of such a project: what it has used counts for that key.
    fn deserted_pool(&mut self, now: Now, note: &Note) -> Option<PoolId> {
        let [provider, name, shared, model] = note.parts();
        let project = self.deserted(name, shared)?;
        let model = self.model_named(model)?;
        Some(self.scheduler.pool_at(&self.config, now, project, provider.word(&Provider::ALL), model))
    }

    /// The pool that a note is about, if some key may serve it, whatever its health.
    pub(crate) fn pool_of(&mut self, now: Now, note: &Note) -> Option<PoolId> {
        let [provider, project, shared, model] = note.parts();
        let provider = provider.word(&Provider::ALL);
        let project = self.project_of(project, shared)?;
        let mut keys = self.scheduler.projects[project.0 as usize].keys.iter();
        let ring = &self.scheduler.ring;
        if !keys.any(|id| ring.get(*id).is_some_and(|key| key.serves(provider, model.name()))) {
            return None;
        }
        let model = self.model_named(model)?;
        Some(self.scheduler.pool_at(&self.config, now, project, provider, model))
    }
}

impl Scheduler {
    /// The pool that a note is about, if it is there, whether some key may serve it or none.
    pub(crate) fn pool_named(&self, note: &Note) -> Option<PoolId> {
        let [provider, project, shared, model] = note.parts();
        let provider = provider.word(&Provider::ALL);
        let model = model.name().map_or(Some(ModelId::UNNAMED), |name| self.models.find(name))?;
        let model = self.models.resolved(provider, model);
        let of_name = |known: &&Project| known.shared == shared.flag() && Some(known.name.as_str()) == project.name();
        // Of a key's own projects the last is the one that goes on.
        self.projects.iter().rev().filter(of_name).flat_map(|project| &project.pools).copied().find(|pool| {
            let pool = &self.pools[pool.0 as usize];
            pool.provider == provider && pool.model == model
        })
    }
}
