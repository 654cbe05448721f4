//! The scheduler: picks a key and takes its pool's permit. What comes of the send is in `settlement`.
//!
//! It owns the three nouns that a failure can hit: keys (health), projects with their pools (limits and use), and
//! models' capacity at a provider (overload). Each of them has a gate; the scheduler is where all gates are asked.

use super::config::Config;
use super::gate::{Cause, Gate, Pass, Shut};
use super::key::{Key, KeyRing, KeySpec, WORKLOAD_RANKS};
use super::limits::{LimitTable, Limits};
use super::pool::{Demand, Permit, Pool, Refusal};
use super::provider::Provider;
use super::strategy::{Candidate, Rotation};
use super::survey::Survey;
use super::time::{Instant, Now};
use super::units::{KeyId, ModelId, Models, PoolId, ProjectId};

/// A project (Google) or organisation (Groq, OpenAI), with the pools that its calls have made so far.
#[derive(Debug)]
pub(crate) struct Project {
    pub(crate) name: String,
    /// Named by somebody, so that other keys can join it. A key's own project has the key's name, and nobody joins it.
    shared: bool,
    pub(crate) gate: Gate,
    pub(crate) pools: Vec<PoolId>,
}

/// A model at a provider, for everyone: whether it has capacity.
#[derive(Debug)]
pub(crate) struct Capacity {
    pub(super) provider: Provider,
    pub(super) model: ModelId,
    pub(super) gate: Gate,
    /// Overloads in a row, over all keys.
    pub(super) overloads: u32,
}

/// What a call needs, as far as picking is concerned.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Need<'a> {
    pub(crate) provider: Provider,
    pub(crate) model: ModelId,
    pub(crate) session: Option<&'a str>,
    pub(crate) workload: Option<&'a str>,
    pub(crate) demand: Demand,
    pub(crate) pinned: Option<KeyId>,
    /// The call may be sent once more and no oftener.
    pub(crate) last_try: bool,
    /// Pools that this call must not use before an instant: its own back-off.
    pub(crate) holds: &'a [(PoolId, Instant)],
}

/// The right to send with a key: a permit, and through which gates it came as a probe.
#[derive(Debug)]
pub(crate) struct Grant {
    pub(crate) key: KeyId,
    pub(crate) permit: Permit,
    pub(super) key_pass: Pass,
    pub(super) project_pass: Pass,
    pub(super) capacity_pass: Pass,
    /// It tests one key: a good answer restores the key, whatever had been held against it.
    pub(super) tests: bool,
}

#[derive(Debug)]
pub(crate) struct Scheduler {
    pub(crate) ring: KeyRing,
    pub(crate) rotation: Rotation,
    pub(crate) models: Models,
    pub(crate) projects: Vec<Project>,
    pub(crate) pools: Vec<Pool>,
    /// Projects that have a key: kept, because every call asks.
    pub(crate) live_projects: usize,
    pub(super) capacities: Vec<Capacity>,
}

impl Scheduler {
    pub(crate) fn new(config: &Config) -> Self {
        Self {
            ring: KeyRing::default(),
            rotation: Rotation::new(config.strategy),
            models: Models::new(),
            projects: Vec::new(),
            pools: Vec::new(),
            live_projects: 0,
            capacities: Vec::new(),
        }
    }

    pub(crate) fn add_key(&mut self, config: &Config, spec: KeySpec) -> KeyId {
        let project = match &spec.project {
            Some(name) => self.projects.iter().position(|project| project.shared && project.name == *name),
            None => None,
        };
        let project = ProjectId(project.unwrap_or_else(|| {
            let name = spec.project.clone().unwrap_or_else(|| spec.id.clone());
            let shared = spec.project.is_some();
            self.projects.push(Project { name, shared, gate: Gate::default(), pools: Vec::new() });
            self.projects.len() - 1
        }) as u32);
        let id = self.ring.add(spec, project);
        self.count_projects();
        self.apply_limits(config, project);
        id
    }

    pub(crate) fn remove_key(&mut self, id: KeyId) {
        self.ring.remove(id);
        self.count_projects();
    }

    /// Picks a key for a call and takes its permit, or says what stands in the way.
    pub(crate) fn pick(&mut self, config: &Config, now: Now, need: &Need<'_>) -> Result<Grant, Survey> {
        let (candidates, survey) = self.candidates(config, now, need);
        let fits = |key: &Key| self.serves(key, need);
        let chosen = self.rotation.choose(&self.ring, &candidates, need.session, fits);
        let grant = chosen.and_then(|key| self.grant(config, now, key, need));
        let Some(grant) = grant else { return Err(survey) };
        if need.pinned.is_none() {
            self.rotation.took(&mut self.ring, grant.key, &candidates, need.provider);
        }
        Ok(grant)
    }

    /// Which key would be taken now, without taking it.
    pub(crate) fn peek(&mut self, config: &Config, now: Now, need: &Need<'_>) -> Result<KeyId, Survey> {
        let (candidates, survey) = self.candidates(config, now, need);
        let fits = |key: &Key| self.serves(key, need);
        self.rotation.choose(&self.ring, &candidates, need.session, fits).ok_or(survey)
    }

    /// The keys that may send now, in order of turn, best workload only.
    fn candidates(&mut self, config: &Config, now: Now, need: &Need<'_>) -> (Vec<Candidate>, Survey) {
        let mut survey = Survey::default();
        let mut found: Vec<Candidate> = Vec::new();
        let mut rank = u8::MAX;
        let start = need.pinned.unwrap_or(self.rotation.turn_of(need.provider));
        for id in self.ring.around(start) {
            if need.pinned.is_some_and(|pinned| pinned != id) {
                continue;
            }
            let Some(key) = self.ring.get(id).filter(|key| self.serves(key, need)) else { continue };
            // A key that was found dead is probed by calls that have another try; the last try of one goes elsewhere first.
            let risky = need.last_try && key.is_out();
            let own_rank = key.workload_rank(need.workload) + if risky { WORKLOAD_RANKS } else { 0 };
            if own_rank > rank {
                continue;
            }
            match self.admissible(config, now, id, need) {
                Err(refusal) => survey.note(refusal),
                Ok(candidate) => {
                    if own_rank < rank {
                        found.clear();
                        rank = own_rank;
                    }
                    found.push(candidate);
                    if rank == 0 && self.rotation.takes_first() {
                        break;
                    }
                }
            }
        }
        if !found.is_empty() && self.overload(now, need).is_some() {
            return (Vec::new(), self.survey(config, now, need));
        }
        (found, survey)
    }

    /// All keys for such a call, those that could serve it included, and what stands in the way of the others.
    pub(crate) fn survey(&mut self, config: &Config, now: Now, need: &Need<'_>) -> Survey {
        let mut survey = Survey::default();
        let overload = self.overload(now, need);
        for id in self.ring.around(need.pinned.unwrap_or(KeyId(0))) {
            let wanted = need.pinned.is_none_or(|pinned| pinned == id);
            if !wanted || self.ring.get(id).is_none_or(|key| !self.serves(key, need)) {
                continue;
            }
            match (self.admissible(config, now, id, need), overload) {
                (Err(refusal), _) => survey.note(refusal),
                (Ok(_), Some(shut)) => survey.note(Refusal::Shut(shut)),
                (Ok(_), None) => survey.able(),
            }
        }
        survey
    }

    /// Whether the model lacks capacity. A test of one key asks nevertheless.
    fn overload(&self, now: Now, need: &Need<'_>) -> Option<Shut> {
        if need.pinned.is_some() {
            return None;
        }
        self.capacity(need.provider, need.model)?.gate.check(now.mono).err()
    }

    fn serves(&self, key: &Key, need: &Need<'_>) -> bool {
        let name = (need.model != ModelId::UNNAMED).then(|| self.models.name(need.model));
        need.pinned.is_some() || key.serves(need.provider, name)
    }

    fn admissible(&mut self, config: &Config, now: Now, id: KeyId, need: &Need<'_>) -> Result<Candidate, Refusal> {
        let pool = self.pool_of(config, now, id, need.provider, need.model);
        let pinned = need.pinned.is_some();
        if !pinned && let Some(key) = self.ring.get(id) {
            let pool = &self.pools[pool.0 as usize];
            pool.fits(need.demand)?;
            // Behind several closed gates it is the last to open that counts.
            let gates = [&pool.gate, &self.projects[key.project.0 as usize].gate, &key.gate];
            let shut = gates.into_iter().filter_map(|gate| gate.check(now.mono).err()).max_by_key(|shut| shut.until);
            shut.map_or(Ok(()), |shut| Err(Refusal::Shut(shut)))?;
        }
        if let Some((_, until)) = need.holds.iter().find(|(held, until)| *held == pool && *until > now.mono) {
            return Err(Refusal::Held { until: *until });
        }
        let pool = &mut self.pools[pool.0 as usize];
        if !pinned {
            pool.check(now, need.demand)?;
        }
        let headroom = pool.headroom(now).unwrap_or(1000);
        Ok(Candidate { key: id, headroom, recent: pool.used(now).0.requests })
    }

    fn grant(&mut self, config: &Config, now: Now, id: KeyId, need: &Need<'_>) -> Option<Grant> {
        let pool = self.pool_of(config, now, id, need.provider, need.model);
        let pinned = need.pinned.is_some();
        let pool = &mut self.pools[pool.0 as usize];
        // A test of one key goes out whatever is known about it: that is its point.
        let permit = if pinned { pool.admit_anyway(now) } else { pool.admit(now, need.demand).ok()? };
        let key = self.ring.get_mut(id)?;
        key.in_flight += 1;
        let project = &mut self.projects[key.project.0 as usize];
        let enter = |gate: &mut Gate| {
            let pass = gate.check(now.mono).unwrap_or(Pass::Free);
            gate.enter(now.mono);
            pass
        };
        let key_pass = enter(&mut key.gate);
        let project_pass = enter(&mut project.gate);
        let capacity_pass = self
            .capacities
            .iter_mut()
            .find(|c| c.provider == need.provider && c.model == need.model)
            .map_or(Pass::Free, |capacity| enter(&mut capacity.gate));
        Some(Grant { key: id, permit, key_pass, project_pass, capacity_pass, tests: pinned })
    }

    /// New limits for the project of a key, in force for pools that exist as well.
    pub(crate) fn set_limits(&mut self, config: &Config, id: KeyId, limits: &LimitTable) {
        let Some(project) = self.ring.get(id).map(|key| key.project) else { return };
        // The project's first key that declares any would outvote the one that is named.
        let of_project = self.ring.iter_mut().filter(|key| key.project == project);
        for key in of_project {
            key.spec.limits = Some(limits.clone());
        }
        self.apply_limits(config, project);
        // "No quota at all" was true of the configuration before.
        let gate = &mut self.projects[project.0 as usize].gate;
        let pools = self.pools.iter_mut().filter(|pool| pool.project == project).map(|pool| &mut pool.gate);
        pools.chain([gate]).filter(|gate| gate.cause() == Some(Cause::NoQuota)).for_each(Gate::open);
    }

    /// What is declared for a project, in force for the pools that it has.
    fn apply_limits(&mut self, config: &Config, project: ProjectId) {
        for pool in self.projects[project.0 as usize].pools.clone() {
            let limits = self.limits_of(config, project, self.pools[pool.0 as usize].model);
            self.pools[pool.0 as usize].limits = limits;
        }
    }

    fn count_projects(&mut self) {
        let mut projects: Vec<ProjectId> = self.ring.iter().map(|(_, key)| key.project).collect();
        projects.sort_unstable();
        projects.dedup();
        self.live_projects = projects.len();
    }

    /// The pool of a key's project for a provider and model, made at its first use.
    fn pool_of(&mut self, config: &Config, now: Now, id: KeyId, provider: Provider, model: ModelId) -> PoolId {
        let project = self.ring.get(id).map_or(ProjectId(0), |key| key.project);
        let known = self.projects[project.0 as usize].pools.iter().copied().find(|pool| {
            let pool = &self.pools[pool.0 as usize];
            pool.provider == provider && pool.model == model
        });
        known.unwrap_or_else(|| {
            let pool = PoolId(self.pools.len() as u32);
            let limits = self.limits_of(config, project, model);
            self.pools.push(Pool::new(pool, (provider, project, model), limits, config.window, now));
            self.projects[project.0 as usize].pools.push(pool);
            pool
        })
    }

    /// What is declared for a project. A table that names the model says more than one that means every other model, and
    /// a key's more than the client's.
    fn limits_of(&self, config: &Config, project: ProjectId, model: ModelId) -> Limits {
        let name = self.models.name(model);
        let own = self.ring.iter().filter(|(_, key)| key.project == project);
        let own: Vec<&LimitTable> = own.filter_map(|(_, key)| key.spec.limits.as_ref()).collect();
        let named = own.iter().find_map(|table| table.named(name));
        let general = || config.limits.as_ref().and_then(|table| table.of(name));
        named.or_else(|| own.iter().find_map(|table| table.of_others())).or_else(general).unwrap_or_default()
    }

    pub(super) fn capacity(&self, provider: Provider, model: ModelId) -> Option<&Capacity> {
        self.capacities.iter().find(|c| c.provider == provider && c.model == model)
    }
}
