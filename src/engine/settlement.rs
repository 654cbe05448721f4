//! Settlement: what the end of an attempt does to what it was sent with. Permits are settled or released, gates that it
//! probed learn what was found, the guilty are closed, and on request everything is opened again.

use super::failure::Payer;
use super::gate::{Cause, Finding, Gate, Pass};
use super::pool::Pool;
use super::provider::Provider;
use super::scheduler::{Capacity, Grant, Scheduler};
use super::time::{Instant, Now};
use super::units::{KeyId, ModelId, PoolId};
use super::verdict::Verdict;

impl Scheduler {
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
            pool.settle(now.mono, permit);
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

    /// A grant that was not used: everything is as if it had not been made.
    pub(crate) fn give_back(&mut self, now: Now, grant: Grant) {
        self.conclude(now, grant, Verdict::Network);
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
