//! Which pool a call uses: made at its first use, found by project, provider and model, and what its limits are.

use super::config::Config;
use super::gate::{Cause, Gate};
use super::habits::Habits;
use super::limits::{LimitTable, Limits};
use super::pool::Pool;
use super::provider::Provider;
use super::scheduler::{Scheduler, habits_mut, habits_of};
use super::time::Now;
use super::units::{KeyId, ModelId, PoolId, ProjectId};

impl Scheduler {
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
    pub(super) fn apply_limits(&mut self, config: &Config, project: ProjectId) {
        for pool in self.projects[project.0 as usize].pools.clone() {
            let Pool { provider, model, .. } = self.pools[pool.0 as usize];
            let limits = self.limits_of(config, project, provider, model);
            self.pools[pool.0 as usize].declare(limits.0, limits.1);
        }
        self.version += 1;
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
        self.pool_at(config, now, project, provider, model)
    }

    /// The same for a project.
    pub(super) fn pool_at(
        &mut self,
        config: &Config,
        now: Now,
        project: ProjectId,
        provider: Provider,
        model: ModelId,
    ) -> PoolId {
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
        let told = self.presumed.get(&(provider, model)).copied();
        if let Some(limit) = told.filter(|_| pool.limits.rpm.is_none()) {
            pool.learned.presume(now.mono, limit);
        }
        self.pools.push(pool);
        self.projects[project.0 as usize].pools.push(id);
        id
    }

    /// A pool has learned its limit: others of the model that know none take it for theirs until they know better.
    pub(crate) fn presume(&mut self, now: Now, from: PoolId, limit: u64) {
        let Pool { provider, model, .. } = self.pools[from.0 as usize];
        if self.presumed.insert((provider, model), limit) == Some(limit) {
            return;
        }
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
        self.stirred = true;
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
        let own = self.projects[project.0 as usize].keys.iter().filter_map(|id| self.ring.get(*id));
        let own: Vec<&LimitTable> = own.filter_map(|key| key.spec.limits.as_ref()).collect();
        let named = own.iter().find_map(|table| table.named(name));
        let general = || config.limits.as_ref().and_then(|table| table.of(name));
        let declared = named.or_else(|| own.iter().find_map(|table| table.of_others())).or_else(general);
        let preset = config.tables.iter().find_map(|table| table.of(provider, name));
        (declared.unwrap_or_default(), preset.unwrap_or_default())
    }
}
