//! Admission: whether a key may send a call now, and the permit if it does.

use super::config::Config;
use super::gate::{Gate, Pass};
use super::habits::Minute;
use super::permit::Permit;
use super::pool::Pool;
use super::roster::LaneId;
use super::scheduler::{Grant, Need, Scheduler, habits_mut, habits_of};
use super::strategy::Candidate;
use super::terms::Refusal;
use super::time::{Instant, Millis, Now};
use super::units::{KeyId, PoolId};
use super::verdict::{Metric, Span};

impl Scheduler {
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
            let gates = [&pool.gate, &self.projects[key.project.0 as usize].gate, &key.gate, &key.hand];
            let shut = gates.into_iter().filter_map(|gate| gate.check(now.mono).err()).max_by_key(|shut| shut.until);
            shut.map_or(Ok(()), |shut| Err(Refusal::Shut(shut)))?;
        }
        if let Some((_, until)) = need.holds.iter().find(|(held, until)| *held == pool && *until > now.mono) {
            return Err(Refusal::Held { until: *until });
        }
        let pool = &mut self.pools[pool.0 as usize];
        let habits = habits_of(&self.habits, need.provider);
        let leave = if pinned { None } else { Some(pool.check(now, habits, need.terms())?) };
        let candidate = Candidate { key: id, pool: pool.id, leave, headroom: 1000, recent: 0 };
        // Only strategies that compare keys ask how full they are.
        if self.rotation.takes_first() {
            return Ok(candidate);
        }
        let headroom = pool.headroom(now, habits).unwrap_or(1000);
        Ok(Candidate { headroom, recent: pool.used(now, habits).0.requests, ..candidate })
    }

    /// The permit of a key that was found able just now.
    pub(super) fn grant(&mut self, now: Now, candidate: Candidate, need: &Need<'_>) -> Option<Grant> {
        let pool = &mut self.pools[candidate.pool.0 as usize];
        let habits = habits_mut(&mut self.habits, need.provider);
        let permit = match candidate.leave {
            Some(leave) => pool.reserve(now, habits, leave),
            // A test of one key goes out whatever is known about it: that is its point.
            None => pool.admit_anyway(now, habits),
        };
        let shadowed = candidate.leave.is_some_and(|leave| leave.shadowed);
        self.enter(now, candidate.key, need, permit).map(|grant| Grant { shadowed, ..grant })
    }

    /// From when on a lane's provider may be asked how its minute runs, if it may.
    pub(crate) fn curious_from(&self, config: &Config, lane: LaneId) -> Option<Instant> {
        let provider = self.rosters[lane.0 as usize].lane.provider;
        habits_of(&self.habits, provider).curious_from().filter(|_| config.minute == Minute::Auto)
    }

    /// One call above a full pool's limit, where that may show that the provider's minute is fixed: a quarter more
    /// can be had from those who know where it begins. Only where many wait for long, on three projects or more.
    pub(crate) fn probe_minute(&mut self, config: &Config, now: Now, need: &Need<'_>, waiting: u64) -> Option<Grant> {
        let is_curious = self.curious_from(config, need.lane).is_some_and(|from| from <= now.mono);
        if !is_curious || need.pinned.is_some() || !need.holds.is_empty() || self.overload(now, need).is_some() {
            return None;
        }
        let roster = self.roster(need.lane);
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
        if pools.len() < FEWEST_TO_PROBE || waiting.saturating_mul(4) < capacity {
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
        habits.probed(now.mono);
        self.enter(now, id, need, permit)
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
        let model = self.models.resolved(need.provider, need.model);
        let capacity_pass = self
            .capacities
            .iter_mut()
            .find(|c| c.provider == need.provider && c.model == model)
            .map_or(Pass::Free, |capacity| enter(&mut capacity.gate));
        Some(Grant {
            key: id,
            permit,
            key_pass,
            project_pass,
            capacity_pass,
            tests: need.pinned.is_some(),
            shadowed: false,
        })
    }
}

/// With fewer projects a probe costs a larger part of what it may win; their own refusals teach them.
const FEWEST_TO_PROBE: usize = 3;
/// A wait that is shorter is no reason to be refused.
const WORTH_A_PROBE: Millis = Millis::from_secs(3);
/// Keys that are looked at for a full pool, of however many.
const MOST_LOOKED_AT: usize = 64;
