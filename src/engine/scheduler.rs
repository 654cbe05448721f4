//! The scheduler: picks a key and takes its pool's permit, and charges what a failure is guilty of.
//!
//! It owns the three nouns that a failure can hit: keys (health), projects with their pools (limits and use), and
//! models' capacity at a provider (overload). Each of them has a gate; the scheduler is where all gates are asked.

use super::config::Config;
use super::failure::Payer;
use super::gate::{Cause, Finding, Gate, Pass, Shut, Until};
use super::key::{Key, KeyRing, KeySpec};
use super::limits::Limits;
use super::pool::{Demand, Permit, Pool, Refusal};
use super::strategy::{Candidate, Rotation};
use super::survey::Survey;
use super::time::{Instant, Now};
use super::units::{KeyId, ModelId, Models, PoolId, ProjectId};
use super::verdict::Verdict;
use crate::provider::Provider;

/// A project (Google) or organisation (Groq, OpenAI), with the pools that its calls have made so far.
#[derive(Debug)]
pub(crate) struct Project {
    pub(crate) name: String,
    pub(crate) gate: Gate,
    pub(crate) pools: Vec<PoolId>,
}

/// A model at a provider, for everyone: whether it has capacity.
#[derive(Debug)]
struct Capacity {
    provider: Provider,
    model: ModelId,
    gate: Gate,
    /// Overloads in a row, over all keys.
    overloads: u32,
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
    /// Pools that this call must not use before an instant: its own back-off.
    pub(crate) holds: &'a [(PoolId, Instant)],
}

/// The right to send with a key: a permit, and through which gates it came as a probe.
#[derive(Debug)]
pub(crate) struct Grant {
    pub(crate) key: KeyId,
    pub(crate) permit: Permit,
    key_pass: Pass,
    project_pass: Pass,
    capacity_pass: Pass,
    /// It tests one key: a good answer restores the key, whatever had been held against it.
    tests: bool,
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
    capacities: Vec<Capacity>,
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
            Some(name) => self.projects.iter().position(|project| project.name == *name),
            None => None,
        };
        let project = ProjectId(project.unwrap_or_else(|| {
            let name = spec.project.clone().unwrap_or_else(|| spec.id.clone());
            self.projects.push(Project { name, gate: Gate::default(), pools: Vec::new() });
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
            self.rotation.took(&mut self.ring, grant.key, &candidates);
        }
        Ok(grant)
    }

    /// Which key would be taken now, without taking it.
    pub(crate) fn peek(&mut self, config: &Config, now: Now, need: &Need<'_>) -> Result<KeyId, Survey> {
        let (candidates, survey) = self.candidates(config, now, need);
        let fits = |key: &Key| self.serves(key, need);
        self.rotation.choose(&self.ring, &candidates, need.session, fits).ok_or(survey)
    }

    /// Which key would be taken by a call of no particular model, or of one that was never asked for. Nothing is known
    /// of such a model's pools; without a model, a key will do while some pool of its project is open.
    pub(crate) fn peek_any(&self, now: Now, provider: Option<Provider>, model: Option<&str>) -> Result<KeyId, Survey> {
        let mut survey = Survey::default();
        for id in self.ring.around(self.rotation.turn()) {
            let Some(key) = self.ring.get(id) else { continue };
            let provider = provider.or(key.spec.provider).unwrap_or(Provider::Gemini);
            if !key.serves(provider, model) {
                continue;
            }
            let project = &self.projects[key.project.0 as usize];
            let shut = match model {
                None => self.shut(now.mono, id),
                Some(_) => key.gate.check(now.mono).and(project.gate.check(now.mono)).err(),
            };
            match shut {
                None => return Ok(id),
                Some(shut) => survey.note(Refusal::Shut(shut)),
            }
        }
        Err(survey)
    }

    /// The keys that may send now, in order of turn, best workload only.
    fn candidates(&mut self, config: &Config, now: Now, need: &Need<'_>) -> (Vec<Candidate>, Survey) {
        let mut survey = Survey::default();
        let mut found: Vec<Candidate> = Vec::new();
        let mut rank = u8::MAX;
        let start = need.pinned.unwrap_or(self.rotation.turn());
        for id in self.ring.around(start) {
            if need.pinned.is_some_and(|pinned| pinned != id) {
                continue;
            }
            let Some(key) = self.ring.get(id).filter(|key| self.serves(key, need)) else { continue };
            let own_rank = key.workload_rank(need.workload);
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

    /// An attempt is over: its permit is settled, or released where the provider counted nothing, and every gate that
    /// it probed learns what it found. Charging the guilty comes first (`close`), so that a gate closed anew stays so.
    /// Returns whether room may have been made for somebody who waits.
    pub(crate) fn conclude(&mut self, now: Now, grant: Grant, verdict: Verdict) -> bool {
        let Grant { key: id, permit, key_pass, project_pass, capacity_pass, tests } = grant;
        let (served, answered) = (finding(verdict, Proof::Served), finding(verdict, Proof::Answered));
        let probed = [permit.pass, key_pass, project_pass, capacity_pass].contains(&Pass::Probe);
        let pool = &mut self.pools[permit.pool.0 as usize];
        let (provider, model, project) = (pool.provider, pool.model, pool.project);
        pool.conclude(now.mono, permit.pass, served);
        // A dead key has no project to count against; an unreachable server has counted nothing. Whatever else was
        // refused may have been counted (OpenAI says so, Gemini users report it), so it stays counted.
        let uncounted = matches!(verdict, Verdict::InvalidKey | Verdict::Network);
        let made_room = uncounted || pool.limits.concurrency.is_some();
        if uncounted {
            pool.release(permit);
        } else {
            pool.settle(permit);
        }
        if served == Finding::Sound {
            pool.refusals = 0;
            if tests {
                pool.gate.open();
            }
        }
        let restores = tests && finding(verdict, Proof::Faultless) == Finding::Sound;
        conclude(&mut self.projects[project.0 as usize].gate, now, project_pass, answered, restores);
        if let Some(key) = self.ring.get_mut(id) {
            key.in_flight -= 1;
            conclude(&mut key.gate, now, key_pass, answered, restores);
            if answered == Finding::Sound {
                key.answered();
            }
        }
        if let Some(capacity) = self.capacities.iter_mut().find(|c| c.provider == provider && c.model == model) {
            conclude(&mut capacity.gate, now, capacity_pass, answered, false);
            if answered == Finding::Sound {
                capacity.overloads = 0;
            }
        }
        made_room || probed || tests
    }

    /// Closes what is guilty until an instant (`None`: not by itself). Returns whether it was open before.
    pub(crate) fn close(&mut self, payer: Payer, id: KeyId, pool: PoolId, until: Option<Instant>) -> bool {
        // Not the key's: that may have been removed since.
        let project = self.pools[pool.0 as usize].project;
        match payer {
            Payer::KeyClosed(cause) => self.ring.get_mut(id).is_some_and(|key| key.gate.close(cause, until)),
            Payer::Project(cause) => self.projects[project.0 as usize].gate.close(cause, until),
            Payer::Pool(cause) => self.pools[pool.0 as usize].gate.close(cause, until),
            Payer::KeyStruck => self.ring.get_mut(id).is_some_and(|key| key.gate.close(Cause::Errors, until)),
            Payer::Capacity => {
                let pool = &self.pools[pool.0 as usize];
                let (provider, model) = (pool.provider, pool.model);
                self.capacity_mut(provider, model).gate.close(Cause::Overload, until)
            }
            Payer::Nobody => false,
        }
    }

    /// One more overload in a row for a model; returns how many that makes.
    pub(crate) fn overloaded(&mut self, pool: PoolId) -> u32 {
        let (provider, model) = (self.pools[pool.0 as usize].provider, self.pools[pool.0 as usize].model);
        let capacity = self.capacity_mut(provider, model);
        capacity.overloads = capacity.overloads.saturating_add(1);
        capacity.overloads
    }

    /// Opens everything that belongs to a key: its gate, its project's and its project's pools'.
    pub(crate) fn reset_key(&mut self, id: KeyId) {
        let Some(key) = self.ring.get_mut(id) else { return };
        key.reset();
        let project = &mut self.projects[key.project.0 as usize];
        project.gate.open();
        for pool in &project.pools {
            self.pools[pool.0 as usize].reset();
        }
    }

    /// Opens every gate there is.
    pub(crate) fn reset_all(&mut self) {
        self.ring.reset_all();
        self.projects.iter_mut().for_each(|project| project.gate.open());
        self.pools.iter_mut().for_each(Pool::reset);
        for capacity in &mut self.capacities {
            capacity.gate.open();
            capacity.overloads = 0;
        }
    }

    /// New limits for the project of a key, in force for pools that exist as well.
    pub(crate) fn set_limits(&mut self, config: &Config, id: KeyId, limits: super::limits::LimitTable) {
        let Some(project) = self.ring.get(id).map(|key| key.project) else { return };
        // The project's first key that declares any would outvote the one that is named.
        let of_project = self.ring.iter_mut().filter(|key| key.project == project);
        of_project.for_each(|key| key.spec.limits = Some(limits.clone()));
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

    /// Whether a key could send a call of some model now.
    pub(crate) fn is_key_up(&self, now: Instant, id: KeyId) -> bool {
        self.ring.get(id).is_some() && self.shut(now, id).is_none()
    }

    /// What stands in the way of a key whatever the model, if something does.
    fn shut(&self, now: Instant, id: KeyId) -> Option<Shut> {
        let key = self.ring.get(id)?;
        let project = &self.projects[key.project.0 as usize];
        let own = [&key.gate, &project.gate].into_iter().filter_map(|gate| gate.check(now).err());
        // A project that no model has been asked of is up; otherwise one open pool is enough.
        let pools = project.pools.iter().map(|pool| self.pools[pool.0 as usize].gate.check(now).err());
        let pools = pools.min_by_key(|shut| shut.map(|shut| shut.until)).flatten();
        own.chain(pools).max_by_key(|shut| shut.until)
    }

    /// Whether some key can serve, or is being tried: service is not lost before the probe has failed.
    pub(crate) fn any_up(&self, now: Instant) -> bool {
        self.ring.iter().any(|(id, _)| self.shut(now, id).is_none_or(|shut| shut.until == Until::Probe))
    }

    /// Whether some key besides this one can serve the model of a pool.
    pub(crate) fn has_other(&self, now: Instant, than: KeyId, pool: PoolId) -> bool {
        let Pool { provider, model, .. } = self.pools[pool.0 as usize];
        let name = (model != ModelId::UNNAMED).then(|| self.models.name(model));
        self.ring.iter().any(|(id, key)| {
            let project = &self.projects[key.project.0 as usize];
            let pools = project.pools.iter().map(|pool| &self.pools[pool.0 as usize]);
            let own = pools.filter(|pool| pool.provider == provider && pool.model == model).map(|pool| &pool.gate);
            id != than
                && key.serves(provider, name)
                && [&key.gate, &project.gate].into_iter().chain(own).all(|gate| gate.check(now).is_ok())
        })
    }

    /// When the first key returns by itself.
    pub(crate) fn soonest_return(&self, now: Instant) -> Option<Instant> {
        let shut = self.ring.iter().filter_map(|(id, _)| self.shut(now, id));
        shut.filter_map(|shut| if let Until::At(at) = shut.until { Some(at) } else { None }).min()
    }

    fn count_projects(&mut self) {
        let mut projects: Vec<ProjectId> = self.ring.iter().map(|(_, key)| key.project).collect();
        projects.sort_unstable();
        projects.dedup();
        self.live_projects = projects.len();
    }

    /// A grant that was not used: everything is as if it had not been made.
    pub(crate) fn give_back(&mut self, now: Now, grant: Grant) {
        self.conclude(now, grant, Verdict::Network);
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

    /// What is declared for a project: by its first key that declares anything for the model, else for everyone.
    fn limits_of(&self, config: &Config, project: ProjectId, model: ModelId) -> Limits {
        let name = self.models.name(model);
        self.ring
            .iter()
            .filter(|(_, key)| key.project == project)
            .find_map(|(_, key)| key.spec.limits.as_ref()?.of(name))
            .or_else(|| config.limits.as_ref()?.of(name))
            .unwrap_or_default()
    }

    fn capacity(&self, provider: Provider, model: ModelId) -> Option<&Capacity> {
        self.capacities.iter().find(|c| c.provider == provider && c.model == model)
    }

    fn capacity_mut(&mut self, provider: Provider, model: ModelId) -> &mut Capacity {
        let at = self.capacities.iter().position(|c| c.provider == provider && c.model == model);
        let at = at.unwrap_or_else(|| {
            self.capacities.push(Capacity { provider, model, gate: Gate::default(), overloads: 0 });
            self.capacities.len() - 1
        });
        &mut self.capacities[at]
    }
}

/// How much a response must prove for a gate to open again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Proof {
    /// Quota was granted: only a served request shows that.
    Served,
    /// The credential, project or model works: any considered answer shows that.
    Answered,
    /// Neither credential nor project was blamed: what a test of a key asks, which no charge has just closed anew.
    Faultless,
}

/// Tells a gate what came of the call that passed it.
fn conclude(gate: &mut Gate, now: Now, pass: Pass, finding: Finding, restores: bool) {
    if pass == Pass::Probe {
        gate.conclude(now.mono, finding);
    } else if restores && !matches!(gate, Gate::Probing { .. }) {
        gate.open();
    }
}

fn finding(verdict: Verdict, needed: Proof) -> Finding {
    let sound = match verdict {
        Verdict::Ok | Verdict::Blocked => true,
        Verdict::BadRequest | Verdict::NotFound | Verdict::TooLarge => needed != Proof::Served,
        Verdict::RateLimited
        | Verdict::QuotaExhausted
        | Verdict::OutOfCredit
        | Verdict::Permission
        | Verdict::InvalidKey => needed == Proof::Answered,
        Verdict::Overloaded | Verdict::Transient | Verdict::Network | Verdict::Timeout | Verdict::Aborted => false,
    };
    if sound { Finding::Sound } else { Finding::Nothing }
}
