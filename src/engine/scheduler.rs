//! The scheduler: picks a key and takes its pool's permit. What comes of the send is in `settlement`.
//!
//! It owns the three nouns that a failure can hit: keys (health), projects with their pools (limits and use), and
//! models' capacity at a provider (overload). Each of them has a gate; the scheduler is where all gates are asked.

use super::config::Config;
use super::forecast::{Forecast, Supply};
use super::gate::{Cause, Gate, Pass, Shut, Until};
use super::habits::{Habits, Minute};
use super::key::{Key, KeyRing, KeySpec, WORKLOAD_RANKS};
use super::limits::{LimitTable, Limits};
use super::permit::Permit;
use super::pool::{Demand, Pool, Refusal, Spread, Terms};
use super::provider::Provider;
use super::roster::{LaneId, LaneKey, Outlook, Roster};
use super::strategy::{Candidate, Rotation};
use super::survey::Survey;
use super::time::{Instant, Millis, Now};
use super::units::{KeyId, ModelId, Models, PoolId, ProjectId};
use super::verdict::{Metric, Span};
use super::window::{Frame, ROUNDING};

/// A project (Google) or organisation (Groq, OpenAI), with the pools that its calls have made so far.
#[derive(Debug)]
pub(crate) struct Project {
    pub(crate) name: String,
    /// Named by somebody, so that other keys can join it. A key's own project has the key's name, and nobody joins it.
    shared: bool,
    pub(crate) gate: Gate,
    pub(crate) pools: Vec<PoolId>,
    pub(crate) keys: Vec<KeyId>,
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
    pub(crate) lane: LaneId,
    pub(crate) provider: Provider,
    pub(crate) model: ModelId,
    pub(crate) session: Option<&'a str>,
    pub(crate) demand: Demand,
    pub(crate) pinned: Option<KeyId>,
    /// The call may be sent once more and no oftener.
    pub(crate) last_try: bool,
    /// Pools that this call must not use before an instant: its own back-off.
    pub(crate) holds: &'a [(PoolId, Instant)],
    /// The share of each minute that it leaves to others, in thousandths.
    pub(crate) spare: u64,
    pub(crate) spread: Spread,
}

impl Need<'_> {
    fn terms(&self) -> Terms {
        Terms { demand: self.demand, spare: self.spare, spread: self.spread }
    }
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
    /// What each provider has been seen to do, in the order of `Provider::ALL`.
    pub(crate) habits: Vec<Habits>,
    /// By `LaneId`.
    rosters: Vec<Roster>,
    /// Counts changes of keys, limits and habits: rosters of an older count start over.
    version: u64,
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
            habits: Provider::ALL.iter().map(|provider| Habits::new(*provider, config.window)).collect(),
            rosters: Vec::new(),
            version: 1,
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
            self.projects.push(Project { name, shared, gate: Gate::default(), pools: Vec::new(), keys: Vec::new() });
            self.projects.len() - 1
        }) as u32);
        let id = self.ring.add(spec, project);
        self.projects[project.0 as usize].keys.push(id);
        self.count_projects();
        self.apply_limits(config, project);
        id
    }

    pub(crate) fn remove_key(&mut self, id: KeyId) {
        if let Some(key) = self.ring.get(id) {
            self.projects[key.project.0 as usize].keys.retain(|key| *key != id);
        }
        self.ring.remove(id);
        self.count_projects();
        self.version += 1;
    }

    /// The number of a kind of call. Past the bound, workloads are no longer told apart: their names come from callers.
    pub(crate) fn lane_of(&mut self, provider: Provider, model: ModelId, workload: Option<&str>) -> LaneId {
        let is =
            |lane: &LaneKey| lane.provider == provider && lane.model == model && lane.workload.as_deref() == workload;
        if let Some(at) = self.rosters.iter().position(|roster| is(&roster.lane)) {
            return LaneId(at as u32);
        }
        if self.rosters.len() >= MOST_LANES && workload.is_some() {
            return self.lane_of(provider, model, None);
        }
        let lane = LaneKey { provider, model, workload: workload.map(str::to_owned) };
        self.rosters.push(Roster::new(lane));
        LaneId(self.rosters.len() as u32 - 1)
    }

    /// Picks a key for a call and takes its permit, or says when to look again.
    pub(crate) fn pick(&mut self, config: &Config, now: Now, need: &Need<'_>) -> Result<Grant, Outlook> {
        let (chosen, candidates) = self.choose(config, now, need)?;
        let grant = self.grant(config, now, chosen, need);
        let Some(grant) = grant else { return Err(self.roster(config, need.lane).outlook()) };
        if need.pinned.is_none() {
            self.rotation.took(&mut self.ring, grant.key, &candidates, need.provider);
        }
        Ok(grant)
    }

    /// Which key would be taken now, without taking it.
    pub(crate) fn peek(&mut self, config: &Config, now: Now, need: &Need<'_>) -> Result<KeyId, Survey> {
        match self.choose(config, now, need) {
            Ok((key, _)) => Ok(key),
            Err(_) => Err(self.survey(config, now, need)),
        }
    }

    /// The choice among the keys that may send now, and those it was made from.
    fn choose(&mut self, config: &Config, now: Now, need: &Need<'_>) -> Result<(KeyId, Vec<Candidate>), Outlook> {
        if let Some(pinned) = need.pinned {
            if self.ring.get(pinned).is_none() {
                return Err(Outlook::HOPELESS);
            }
            return match self.admissible(config, now, pinned, need) {
                Ok(candidate) => Ok((candidate.key, Vec::new())),
                Err(refusal) => Err(Outlook::of(refusal)),
            };
        }
        if let Some(shut) = self.overload(now, need) {
            return Err(Outlook::of(Refusal::Shut(shut)));
        }
        self.roster(config, need.lane).promote(now.mono, need.terms());
        let mut held: Option<Refusal> = None;
        // The last try of a call goes elsewhere before it probes a key that was found dead.
        let mut risky: Option<Candidate> = None;
        for rank in 0..WORKLOAD_RANKS {
            let found = self.able(config, now, need, rank, &mut held, &mut risky);
            if found.is_empty() {
                continue;
            }
            let fits = |key: &Key| self.serves(key, need);
            if let Some(key) = self.rotation.choose(&self.ring, &found, need.session, fits) {
                return Ok((key, found));
            }
        }
        if let Some(candidate) = risky {
            return Ok((candidate.key, vec![candidate]));
        }
        let mut outlook = self.roster(config, need.lane).outlook();
        if let Some(refusal) = held {
            outlook.note(refusal);
        }
        Err(outlook)
    }

    /// The keys of one rank that may send now, in order of turn; only the first where the strategy takes that.
    fn able(
        &mut self,
        config: &Config,
        now: Now,
        need: &Need<'_>,
        rank: u8,
        held: &mut Option<Refusal>,
        risky: &mut Option<Candidate>,
    ) -> Vec<Candidate> {
        let mut found = Vec::new();
        let turn = self.rotation.turn_of(need.provider);
        let mut last = None;
        while let Some(id) = self.rosters[need.lane.0 as usize].next_open(rank, turn, last) {
            last = Some(id);
            let is_risky = need.last_try && self.ring.get(id).is_some_and(Key::is_out);
            match self.admissible(config, now, id, need) {
                Err(refusal @ Refusal::Held { .. }) => {
                    let is_sooner = held.is_none_or(|known| refusal.until() < known.until());
                    *held = if is_sooner { Some(refusal) } else { *held };
                }
                Err(refusal) => self.rosters[need.lane.0 as usize].refused(id, refusal, need.terms()),
                Ok(candidate) if is_risky => *risky = risky.or(Some(candidate)),
                Ok(candidate) => {
                    found.push(candidate);
                    if self.rotation.takes_first() {
                        break;
                    }
                }
            }
        }
        found
    }

    /// The roster of a kind of call, up to date with keys and limits.
    pub(crate) fn roster(&mut self, _config: &Config, lane: LaneId) -> &mut Roster {
        let roster = &mut self.rosters[lane.0 as usize];
        let model = roster.lane.model;
        let name = (model != ModelId::UNNAMED).then(|| self.models.name(model));
        roster.refresh(self.version, &self.ring, name);
        roster
    }

    /// Keys of a project may be able sooner than their rosters say.
    pub(crate) fn wake(&mut self, project: ProjectId) {
        for roster in &mut self.rosters {
            for id in &self.projects[project.0 as usize].keys {
                roster.wake(*id);
            }
        }
    }

    /// Everybody may be able sooner.
    pub(crate) fn wake_all(&mut self) {
        self.version += 1;
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

    pub(super) fn admissible(
        &mut self,
        config: &Config,
        now: Now,
        id: KeyId,
        need: &Need<'_>,
    ) -> Result<Candidate, Refusal> {
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
        let habits = habits_of(&self.habits, need.provider);
        if !pinned {
            pool.check(now, habits, need.terms())?;
        }
        // Only strategies that compare keys ask how full they are.
        if self.rotation.takes_first() {
            return Ok(Candidate { key: id, headroom: 1000, recent: 0 });
        }
        let headroom = pool.headroom(now, habits).unwrap_or(1000);
        Ok(Candidate { key: id, headroom, recent: pool.used(now, habits).0.requests })
    }

    fn grant(&mut self, config: &Config, now: Now, id: KeyId, need: &Need<'_>) -> Option<Grant> {
        let pool = self.pool_of(config, now, id, need.provider, need.model);
        let pinned = need.pinned.is_some();
        let pool = &mut self.pools[pool.0 as usize];
        let habits = habits_mut(&mut self.habits, need.provider);
        // A test of one key goes out whatever is known about it: that is its point.
        let permit =
            if pinned { pool.admit_anyway(now, habits) } else { pool.admit(now, habits, need.terms()).ok()? };
        self.enter(now, id, need, permit)
    }

    /// One call above a full pool's limit, where that may show that the provider's minute is fixed: a quarter more
    /// can be had from those who know where it begins. Only where many wait for long, on more than one project.
    pub(crate) fn probe_minute(&mut self, config: &Config, now: Now, need: &Need<'_>, waiting: u64) -> Option<Grant> {
        let curious = config.minute == Minute::Auto && habits_of(&self.habits, need.provider).is_curious();
        if !curious || need.pinned.is_some() || !need.holds.is_empty() || self.overload(now, need).is_some() {
            return None;
        }
        let roster = self.roster(config, need.lane);
        let full: Vec<KeyId> = roster
            .skipped()
            .filter(|(_, why)| {
                matches!(why, Refusal::Full { until, level } if level.span == Span::Minute
                && level.metric == Metric::Requests && *until - now.mono >= WORTH_A_PROBE)
            })
            .map(|(id, _)| id)
            .take(MOST_LOOKED_AT)
            .collect();
        let mut pools: Vec<PoolId> =
            full.iter().map(|id| self.pool_of(config, now, *id, need.provider, need.model)).collect();
        pools.dedup();
        let capacity: u64 = pools.iter().filter_map(|pool| self.pools[pool.0 as usize].requests_a_minute()).sum();
        if pools.len() < 2 || waiting.saturating_mul(4) < capacity {
            return None;
        }
        let (id, pool) = (*full.first()?, *pools.first()?);
        // What is learned above a ceiling of our own making would be about that.
        let Pool { learned, .. } = &self.pools[pool.0 as usize];
        if learned.ceiling.is_some() || !self.pools[pool.0 as usize].can_afford_a_refusal() {
            return None;
        }
        let habits = habits_mut(&mut self.habits, need.provider);
        let permit = self.pools[pool.0 as usize].admit_probe(now, habits, need.demand)?;
        habits.probed();
        self.enter(now, id, need, permit)
    }

    /// When the pools of a kind of call will have places. Of many pools some are looked at, and stand for the rest.
    pub(crate) fn forecast(&mut self, config: &Config, now: Now, need: &Need<'_>) -> Forecast {
        let roster = self.roster(config, need.lane);
        roster.promote(now.mono, need.terms());
        let keys: Vec<KeyId> = roster.present().collect();
        let mut supplies: Vec<(PoolId, Supply)> = Vec::new();
        for id in keys.iter().copied() {
            if supplies.len() == MOST_LOOKED_AT {
                break;
            }
            let until = match self.admissible(config, now, id, need) {
                Err(Refusal::Full { until, level }) if level.span == Span::Day => Until::At(until),
                Err(Refusal::Shut(shut)) => shut.until,
                Err(Refusal::NeverFits { .. }) => Until::Never,
                Ok(_) | Err(_) => Until::At(now.mono),
            };
            let pool_id = self.pool_of(config, now, id, need.provider, need.model);
            let opens = match until {
                Until::At(at) => at,
                Until::Probe => now.mono,
                Until::Never => continue,
            };
            if let Some((_, known)) = supplies.iter_mut().find(|(known, _)| *known == pool_id) {
                known.opens = known.opens.min(opens);
                continue;
            }
            let (pool, habits) = self.with_habits(pool_id);
            let used = pool.used(now, habits).0.requests;
            let limit = pool.requests_a_minute().map(|limit| (limit, limit.saturating_sub(used)));
            // A place that was taken early leaves for nobody.
            let mut over = limit.map_or(0, |(limit, _)| used.saturating_sub(limit));
            let vacant = |(at, count): (Instant, u64)| {
                let taken = over.min(count);
                over -= taken;
                (at, count - taken)
            };
            let departures = limit.map_or_else(Vec::new, |_| pool.departures(habits).map(vacant).collect());
            supplies.push((pool_id, Supply { opens, limit, departures }));
        }
        let weight = if supplies.len() == MOST_LOOKED_AT { (keys.len() / MOST_LOOKED_AT).max(1) as u64 } else { 1 };
        let habits = habits_of(&self.habits, need.provider);
        let period = match habits.frame() {
            Frame::Rolling(span) => span + ROUNDING + habits.allowance(),
            Frame::Fixed { span, .. } => span,
        };
        let supplies: Vec<Supply> = supplies.into_iter().map(|(_, supply)| supply).collect();
        Forecast::new(now.mono, period, &supplies, weight)
    }

    /// Through the gates with a permit.
    fn enter(&mut self, now: Now, id: KeyId, need: &Need<'_>, permit: Permit) -> Option<Grant> {
        let Some(key) = self.ring.get_mut(id) else {
            let pool = &mut self.pools[permit.pool.0 as usize];
            pool.release(habits_of(&self.habits, need.provider), permit);
            return None;
        };
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
        Some(Grant { key: id, permit, key_pass, project_pass, capacity_pass, tests: need.pinned.is_some() })
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
        self.version += 1;
    }

    /// What is declared for a project, in force for the pools that it has.
    fn apply_limits(&mut self, config: &Config, project: ProjectId) {
        for pool in self.projects[project.0 as usize].pools.clone() {
            let Pool { provider, model, .. } = self.pools[pool.0 as usize];
            let limits = self.limits_of(config, project, provider, model);
            self.pools[pool.0 as usize].declare(limits.0, limits.1);
        }
        self.version += 1;
    }

    fn count_projects(&mut self) {
        let mut projects: Vec<ProjectId> = self.ring.iter().map(|(_, key)| key.project).collect();
        projects.sort_unstable();
        projects.dedup();
        self.live_projects = projects.len();
    }

    /// The pool of a key's project for a provider and model, made at its first use.
    pub(super) fn pool_of(
        &mut self,
        config: &Config,
        now: Now,
        id: KeyId,
        provider: Provider,
        model: ModelId,
    ) -> PoolId {
        let project = self.ring.get(id).map_or(ProjectId(0), |key| key.project);
        let model = self.models.resolved(provider, model);
        let known = self.projects[project.0 as usize].pools.iter().copied().find(|pool| {
            let pool = &self.pools[pool.0 as usize];
            pool.provider == provider && pool.model == model
        });
        known.unwrap_or_else(|| self.make_pool(config, now, project, provider, model))
    }

    fn make_pool(
        &mut self,
        config: &Config,
        now: Now,
        project: ProjectId,
        provider: Provider,
        model: ModelId,
    ) -> PoolId {
        let id = PoolId(self.pools.len() as u32);
        let limits = self.limits_of(config, project, provider, model);
        let mut pool = Pool::new(id, (provider, project, model), limits, now);
        let neighbour = self.pools.iter().filter(|other| other.provider == provider && other.model == model);
        let stated = neighbour.filter_map(|other| other.limits.rpm.filter(|_| other.has_learned())).max();
        if let Some(limit) = stated.filter(|_| pool.limits.rpm.is_none()) {
            pool.learned.presume(now.mono, limit.get());
        }
        self.pools.push(pool);
        self.projects[project.0 as usize].pools.push(id);
        id
    }

    /// A pool has learned its limit: others of the model that know none take it for theirs until they know better.
    pub(crate) fn presume(&mut self, now: Now, from: PoolId, limit: u64) {
        let Pool { provider, model, .. } = self.pools[from.0 as usize];
        for pool in self.pools.iter_mut().filter(|pool| pool.provider == provider && pool.model == model) {
            if pool.id != from && pool.limits.rpm.is_none() {
                pool.learned.presume(now.mono, limit);
            }
        }
    }

    /// A response has said which model it came from. Names of one model share their pools from now on.
    pub(crate) fn resolve(&mut self, provider: Provider, asked: ModelId, name: &str) {
        if asked == ModelId::UNNAMED || self.models.name(asked) == name {
            return;
        }
        let resolved = self.models.intern(Some(name));
        if resolved == ModelId::UNNAMED || !self.models.alias(provider, asked, resolved) {
            return;
        }
        let resolved = self.models.resolved(provider, asked);
        let habits = habits_of(&self.habits, provider);
        for project in &mut self.projects {
            let find =
                |pools: &[Pool], model| {
                    project.pools.iter().copied().find(|pool| {
                        pools[pool.0 as usize].provider == provider && pools[pool.0 as usize].model == model
                    })
                };
            let (from, to) = (find(&self.pools, asked), find(&self.pools, resolved));
            match (from, to) {
                (Some(from), None) => self.pools[from.0 as usize].model = resolved,
                (Some(from), Some(to)) if from != to => {
                    if let Ok([from_pool, to_pool]) = self.pools.get_disjoint_mut([from.0 as usize, to.0 as usize]) {
                        to_pool.absorb(from_pool, habits);
                    }
                    project.pools.retain(|pool| *pool != from);
                }
                _ => {}
            }
        }
        self.version += 1;
    }

    /// Where a pool's account is kept: in another's, once both have turned out to be one.
    pub(crate) fn account(&self, pool: PoolId) -> PoolId {
        self.pools[pool.0 as usize].moved.map_or(pool, |to| self.account(to))
    }

    /// A pool with what its provider has been seen to do.
    pub(crate) fn with_habits(&mut self, pool: PoolId) -> (&mut Pool, &mut Habits) {
        let pool = &mut self.pools[pool.0 as usize];
        let habits = habits_mut(&mut self.habits, pool.provider);
        (pool, habits)
    }

    /// What is declared for a project, and what a preset says. A table that names the model says more than one that means
    /// every other model, and a key's more than the client's.
    fn limits_of(&self, config: &Config, project: ProjectId, provider: Provider, model: ModelId) -> (Limits, Limits) {
        let name = self.models.name(model);
        let own = self.ring.iter().filter(|(_, key)| key.project == project);
        let own: Vec<&LimitTable> = own.filter_map(|(_, key)| key.spec.limits.as_ref()).collect();
        let named = own.iter().find_map(|table| table.named(name));
        let general = || config.limits.as_ref().and_then(|table| table.of(name));
        let declared = named.or_else(|| own.iter().find_map(|table| table.of_others())).or_else(general);
        let preset = config.tables.iter().find_map(|table| table.of(provider, name));
        (declared.unwrap_or_default(), preset.unwrap_or_default())
    }

    pub(super) fn capacity(&self, provider: Provider, model: ModelId) -> Option<&Capacity> {
        self.capacities.iter().find(|c| c.provider == provider && c.model == model)
    }
}

fn habits_of(habits: &[Habits], provider: Provider) -> &Habits {
    &habits[provider as usize]
}

fn habits_mut(habits: &mut [Habits], provider: Provider) -> &mut Habits {
    &mut habits[provider as usize]
}

/// Kinds of calls that are told apart.
const MOST_LANES: usize = 4_000;
/// A wait that is shorter is no reason to be refused.
const WORTH_A_PROBE: Millis = Millis::from_secs(3);
/// Keys that are looked at for a full pool, of however many.
const MOST_LOOKED_AT: usize = 64;
