//! The scheduler: picks a key and takes its pool's permit. What comes of the send is in `settlement`.
//!
//! It owns the three nouns that a failure can hit: keys (health), projects with their pools (limits and use), and
//! models' capacity at a provider (overload). Each of them has a gate; the scheduler is where all gates are asked.

use super::config::Config;
use super::gate::{Gate, Pass, Shut};
use super::habits::Habits;
use super::key::{Key, KeyRing, KeySpec, WORKLOAD_RANKS};
use super::permit::Permit;
use super::pool::Pool;
use super::provider::Provider;
use super::roster::{LaneId, LaneKey, Outlook, Roster};
use super::strategy::{Candidate, Rotation};
use super::survey::Survey;
use super::table::Table;
use super::terms::{Demand, Refusal, Spread, Terms};
use super::time::{Instant, Now};
use super::units::{KeyId, ModelId, Models, PoolId, ProjectId};

/// A project (Google) or organisation (Groq, OpenAI), with the pools that its calls have made so far.
#[derive(Debug)]
pub(crate) struct Project {
    pub(crate) name: String,
    /// Named by somebody, so that other keys can join it. A key's own project has the key's name, and nobody joins it.
    pub(super) shared: bool,
    pub(crate) gate: Gate,
    pub(crate) pools: Vec<PoolId>,
    pub(crate) keys: Vec<KeyId>,
}

impl Project {
    /// Whether some key belongs to it, or may come to. A key's own ends with the key.
    pub(crate) fn may_serve(&self) -> bool {
        self.shared || !self.keys.is_empty()
    }
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
    pub(crate) only: Option<ProjectId>,
    /// The call may be sent once more and no oftener.
    pub(crate) last_try: bool,
    /// Pools that this call must not use before an instant: its own back-off.
    pub(crate) holds: &'a [(PoolId, Instant)],
    /// The share of each minute that it leaves to others, in thousandths.
    pub(crate) spare: u64,
    pub(crate) spread: Spread,
    /// Limits are counted, and not obeyed.
    pub(crate) shadow: bool,
}

impl Need<'_> {
    pub(super) fn terms(&self) -> Terms {
        Terms { demand: self.demand, spare: self.spare, spread: self.spread, shadow: self.shadow }
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
    /// It went where a limit said to wait.
    pub(crate) shadowed: bool,
}

/// Keys that could send and are passed over for now.
#[derive(Debug, Default)]
struct Spared {
    /// The call itself backs off from their pool: the first to be tried again.
    held: Option<Refusal>,
    /// Found dead before: the last try of a call goes elsewhere before it probes one.
    risky: Option<Candidate>,
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
    /// Requests a minute as some project's pool has learned them: the first guess for others.
    pub(super) presumed: Table<(Provider, ModelId), u64>,
    /// By `LaneId`.
    pub(super) rosters: Vec<Roster>,
    /// Counts changes of keys, limits and habits: rosters of an older count start over.
    pub(super) version: u64,
    /// Something that how the keys stand depends on may have changed since it was last looked at.
    pub(crate) stirred: bool,
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
            presumed: Table::default(),
            rosters: Vec::new(),
            version: 1,
            stirred: false,
        }
    }

    pub(crate) fn add_key(&mut self, config: &Config, spec: KeySpec) -> KeyId {
        let project = match &spec.project {
            Some(name) => self.projects.iter().position(|project| project.shared && project.name == *name),
            None => None,
        };
        let project = project.map_or_else(
            || self.new_project(spec.project.as_ref().unwrap_or(&spec.id), spec.project.is_some()),
            |at| ProjectId(at as u32),
        );
        let id = self.ring.add(spec, project);
        let keys = &mut self.projects[project.0 as usize].keys;
        self.live_projects += usize::from(keys.is_empty());
        keys.push(id);
        self.apply_limits(config, project);
        id
    }

    /// A project without keys.
    pub(super) fn new_project(&mut self, name: &str, shared: bool) -> ProjectId {
        let (name, gate) = (name.to_owned(), Gate::default());
        self.projects.push(Project { name, shared, gate, pools: Vec::new(), keys: Vec::new() });
        ProjectId(self.projects.len() as u32 - 1)
    }

    pub(crate) fn remove_key(&mut self, id: KeyId) {
        if let Some(key) = self.ring.get(id) {
            let keys = &mut self.projects[key.project.0 as usize].keys;
            keys.retain(|key| *key != id);
            self.live_projects -= usize::from(keys.is_empty());
        }
        self.ring.remove(id);
        self.version += 1;
    }

    /// The number of a kind of call. Past the bound, workloads are no longer told apart: their names come from callers.
    pub(crate) fn lane_of(
        &mut self,
        provider: Provider,
        model: ModelId,
        workload: Option<&str>,
        only: Option<ProjectId>,
    ) -> LaneId {
        let is = |lane: &LaneKey| {
            (lane.provider, lane.model, lane.only) == (provider, model, only) && lane.workload.as_deref() == workload
        };
        if let Some(at) = self.rosters.iter().position(|roster| is(&roster.lane)) {
            return LaneId(at as u32);
        }
        if self.rosters.len() >= MOST_LANES && workload.is_some() {
            return self.lane_of(provider, model, None, only);
        }
        let lane = LaneKey { provider, model, workload: workload.map(str::to_owned), only };
        self.rosters.push(Roster::new(lane));
        LaneId(self.rosters.len() as u32 - 1)
    }

    /// The lane of calls that any project may serve, otherwise of the same kind, if there have been some.
    pub(crate) fn lane_of_all(&self, lane: LaneId) -> Option<LaneId> {
        let all = LaneKey { only: None, ..self.rosters[lane.0 as usize].lane.clone() };
        self.rosters.iter().position(|roster| roster.lane == all).map(|at| LaneId(at as u32))
    }

    /// Picks a key for a call and takes its permit, or says when to look again.
    pub(crate) fn pick(&mut self, config: &Config, now: Now, need: &Need<'_>) -> Result<Grant, Outlook> {
        let (chosen, candidates) = self.choose(config, now, need)?;
        let Some(grant) = self.grant(now, chosen, need) else { return Err(Outlook::HOPELESS) };
        // Whoever had no choice has had nobody's turn.
        if need.pinned.is_none() && need.only.is_none() {
            self.rotation.took(&mut self.ring, grant.key, &candidates, need.provider);
        }
        Ok(grant)
    }

    /// Which key would be taken now, without taking it.
    pub(crate) fn peek(&mut self, config: &Config, now: Now, need: &Need<'_>) -> Result<KeyId, Survey> {
        match self.choose(config, now, need) {
            Ok((candidate, _)) => Ok(candidate.key),
            Err(_) => Err(self.survey(config, now, need)),
        }
    }

    /// The choice among the keys that may send now, and those it was made from where the strategy compares them.
    fn choose(&mut self, config: &Config, now: Now, need: &Need<'_>) -> Result<(Candidate, Vec<Candidate>), Outlook> {
        if let Some(pinned) = need.pinned {
            if self.ring.get(pinned).is_none() {
                return Err(Outlook::HOPELESS);
            }
            return match self.admissible(config, now, pinned, need) {
                Ok(candidate) => Ok((candidate, Vec::new())),
                Err(refusal) => Err(Outlook::of(refusal)),
            };
        }
        if let Some(shut) = self.overload(now, need) {
            return Err(Outlook::of(Refusal::Shut(shut)));
        }
        self.roster(need.lane).promote(now.mono, need.terms());
        let mut spared = Spared::default();
        for rank in 0..WORKLOAD_RANKS {
            if self.rotation.takes_first() {
                if let Some(first) = self.next_able(config, now, need, (rank, None), &mut spared) {
                    return Ok((first, Vec::new()));
                }
                continue;
            }
            let mut found = Vec::new();
            while let Some(candidate) =
                self.next_able(config, now, need, (rank, found.last().map(|c: &Candidate| c.key)), &mut spared)
            {
                found.push(candidate);
            }
            let fits = |key: &Key| self.serves(key, need);
            if let Some(key) = self.rotation.choose(&self.ring, &found, need.session, fits)
                && let Some(chosen) = found.iter().find(|candidate| candidate.key == key)
            {
                return Ok((*chosen, found));
            }
        }
        if let Some(candidate) = spared.risky {
            return Ok((candidate, vec![candidate]));
        }
        let mut outlook = self.roster(need.lane).outlook();
        if let Some(refusal) = spared.held {
            outlook.note(refusal);
        }
        Err(outlook)
    }

    /// The next key of a rank that may send now, in order of turn. What a key can't is written into the roster.
    fn next_able(
        &mut self,
        config: &Config,
        now: Now,
        need: &Need<'_>,
        (rank, mut last): (u8, Option<KeyId>),
        spared: &mut Spared,
    ) -> Option<Candidate> {
        let turn = self.rotation.turn_of(need.provider);
        while let Some(id) = self.rosters[need.lane.0 as usize].next_open(rank, turn, last) {
            last = Some(id);
            let is_risky = need.last_try && self.ring.get(id).is_some_and(Key::is_out);
            match self.admissible(config, now, id, need) {
                Err(refusal @ Refusal::Held { .. }) => {
                    let is_sooner = spared.held.is_none_or(|known| refusal.until() < known.until());
                    spared.held = if is_sooner { Some(refusal) } else { spared.held };
                }
                Err(refusal) => self.rosters[need.lane.0 as usize].refused(id, refusal, need.terms()),
                Ok(candidate) if is_risky => spared.risky = spared.risky.or(Some(candidate)),
                Ok(candidate) => return Some(candidate),
            }
        }
        None
    }

    /// The roster of a kind of call, up to date with keys and limits.
    pub(crate) fn roster(&mut self, lane: LaneId) -> &mut Roster {
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
    pub(super) fn overload(&self, now: Now, need: &Need<'_>) -> Option<Shut> {
        if need.pinned.is_some() {
            return None;
        }
        self.capacity(need.provider, self.models.resolved(need.provider, need.model))?.gate.check(now.mono).err()
    }

    pub(super) fn serves(&self, key: &Key, need: &Need<'_>) -> bool {
        let name = (need.model != ModelId::UNNAMED).then(|| self.models.name(need.model));
        need.pinned.is_some() || (key.serves(need.provider, name) && need.only.is_none_or(|only| only == key.project))
    }

    pub(super) fn capacity(&self, provider: Provider, model: ModelId) -> Option<&Capacity> {
        self.capacities.iter().find(|c| c.provider == provider && c.model == model)
    }
}

/// What a provider has been seen to do, out of all habits in the order of `Provider::ALL`.
pub(super) fn habits_of(habits: &[Habits], provider: Provider) -> &Habits {
    &habits[provider as usize]
}

pub(super) fn habits_mut(habits: &mut [Habits], provider: Provider) -> &mut Habits {
    &mut habits[provider as usize]
}

/// Kinds of calls that are told apart.
const MOST_LANES: usize = 4_000;
