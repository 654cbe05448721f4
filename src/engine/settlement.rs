//! Settlement: what the end of an attempt does to what it was sent with. Permits are settled or released, gates that it
//! probed learn what was found, the guilty are closed, and on request everything is opened again.

use super::failure::Payer;
use super::gate::{Cause, Finding, Gate, Pass};
use super::habits::{Minute, Unserved};
use super::learning::{Lesson, Sent};
use super::permit::{Bet, Permit, Receipt};
use super::pool::Pool;
use super::provider::Provider;
use super::scheduler::{Capacity, Grant, Scheduler};
use super::time::{Instant, Now};
use super::units::{KeyId, ModelId, PoolId};
use super::verdict::{Classification, Verdict};

impl Scheduler {
    /// An attempt is over: its permit is settled, or released where the provider counted nothing, what the answer tells is
    /// learned, and every gate that it probed hears what it found. Charging the guilty comes first (`close`), so that a gate
    /// closed anew stays so.
    pub(crate) fn conclude(
        &mut self,
        now: Now,
        minute: Minute,
        grant: Grant,
        verdict: Verdict,
        meaning: Option<&Classification>,
    ) -> Concluded {
        let Grant { key: id, permit, key_pass, project_pass, capacity_pass, tests, .. } = grant;
        let (served, answered) = (finding(verdict, Proof::Served), finding(verdict, Proof::Answered));
        let probed = [permit.pass, key_pass, project_pass, capacity_pass].contains(&Pass::Probe);
        let account = self.account(permit.pool);
        let pass = permit.pass;
        let settled = self.settle(now, minute, account, permit, verdict, meaning);
        let pool = &mut self.pools[account.0 as usize];
        let (provider, model, project) = (pool.provider, pool.model, pool.project);
        pool.conclude(now.mono, pass, served);
        if !pool.answered && !matches!(verdict, Verdict::Network | Verdict::Timeout | Verdict::Aborted) {
            pool.answered = true;
            self.stirred = true;
        }
        let made_room = settled.made_room || pool.limits.concurrency.is_some();
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
        self.stirred |= probed || tests;
        let made_room = made_room || probed || tests;
        if settled.lesson.habits {
            self.wake_all();
        } else if made_room {
            self.wake(project);
        }
        Concluded { made_room: made_room || settled.lesson.habits, ..settled }
    }

    /// Ends a permit by what became of its request, and learns from that.
    fn settle(
        &mut self,
        now: Now,
        minute: Minute,
        account: PoolId,
        permit: Permit,
        verdict: Verdict,
        meaning: Option<&Classification>,
    ) -> Concluded {
        let (pool, habits) = self.with_habits(account);
        let sent = Sent { at: permit.sent, bet: permit.bet, signs: permit.signs };
        let mut concluded = Concluded { made_room: sent.bet != Bet::None, ..Concluded::default() };
        match verdict {
            Verdict::Ok | Verdict::Blocked => {
                concluded.receipt = Some(pool.settle(now.mono, habits, permit));
                concluded.lesson.habits = pool.learn_from_service(now, habits, minute, sent);
            }
            Verdict::RateLimited | Verdict::QuotaExhausted => {
                pool.unserved(now.mono, habits, permit, Unserved::Refused);
                concluded.made_room = true;
                if let Some(meaning) = meaning {
                    concluded.lesson = pool.learn_from_refusal(now, habits, minute, sent, meaning);
                }
            }
            // An unreachable server has counted nothing, as far as is known.
            Verdict::Network => {
                pool.unserved(now.mono, habits, permit, Unserved::Lost);
                concluded.made_room = true;
                pool.end_bet(now, habits, sent.bet);
            }
            // A dead key has no project to count against.
            Verdict::InvalidKey => {
                pool.release(habits, permit);
                concluded.made_room = true;
                pool.end_bet(now, habits, sent.bet);
            }
            // Whatever else failed may have been counted (AI Studio counts calls that answered 503).
            _ => {
                pool.settle(now.mono, habits, permit);
                pool.end_bet(now, habits, sent.bet);
            }
        }
        concluded
    }

    /// Closes what is guilty until an instant (`None`: not by itself). Returns whether it was open before.
    pub(crate) fn close(&mut self, payer: Payer, id: KeyId, pool: PoolId, until: Option<Instant>) -> bool {
        self.stirred = true;
        let pool = self.account(pool);
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
        let pool = self.account(pool);
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
        self.wake_all();
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
        self.wake_all();
    }

    /// A grant that was not used: everything is as if it had not been made.
    pub(crate) fn give_back(&mut self, now: Now, grant: Grant) {
        let Grant { key: id, permit, key_pass, project_pass, capacity_pass, .. } = grant;
        let (pool, habits) = self.with_habits(permit.pool);
        let (pass, project, provider, model) = (permit.pass, pool.project, pool.provider, pool.model);
        pool.end_bet(now, habits, permit.bet);
        pool.release(habits, permit);
        pool.conclude(now.mono, pass, Finding::Nothing);
        conclude(&mut self.projects[project.0 as usize].gate, now, project_pass, Finding::Nothing, false);
        if let Some(key) = self.ring.get_mut(id) {
            key.in_flight -= 1;
            conclude(&mut key.gate, now, key_pass, Finding::Nothing, false);
        }
        if let Some(capacity) = self.capacities.iter_mut().find(|c| c.provider == provider && c.model == model) {
            conclude(&mut capacity.gate, now, capacity_pass, Finding::Nothing, false);
        }
        self.stirred = true;
        self.wake(project);
    }

    pub(super) fn capacity_mut(&mut self, provider: Provider, model: ModelId) -> &mut Capacity {
        let at = self.capacities.iter().position(|c| c.provider == provider && c.model == model);
        let at = at.unwrap_or_else(|| {
            self.capacities.push(Capacity { provider, model, gate: Gate::default(), overloads: 0 });
            self.capacities.len() - 1
        });
        &mut self.capacities[at]
    }
}

/// What the end of an attempt came to.
#[derive(Debug, Default)]
pub(crate) struct Concluded {
    /// Room may have been made for somebody who waits.
    pub(crate) made_room: bool,
    pub(crate) lesson: Lesson,
    /// Of a served request.
    pub(crate) receipt: Option<Receipt>,
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
