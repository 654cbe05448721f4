//! What is now, and what has been: fills in the reports.

use super::client::Engine;
use super::event::Rotation;
use super::gate::{Cause, Gate};
use super::histogram::Histogram;
use super::key::Key;
use super::pool::Pool;
use super::report::{
    Distribution, KeyStatus, Latency, LimitStatus, Metrics, Pace, PoolStatus, QueueStatus, RemainingStatus,
    ResetStatus, RotationReport, Stats, Status, TokenTotals, UsedStatus, Waited,
};
use super::time::{Millis, Now, UnixMillis};
use super::units::{KeyId, PoolId};
use super::verdict::Verdict;

impl Engine {
    /// The counters.
    pub fn stats(&mut self, now: Now) -> Stats {
        let utilisation = self.utilisation(now);
        let ring = &self.scheduler.ring;
        let journal = &self.journal;
        let percentile = |percent| journal.latencies.percentile(percent).0;
        let over = journal.attempts - u64::from(self.in_flight);
        let uptime = (now.mono - self.began.mono).0 / 1000;
        Stats {
            current_key: ring.position(self.scheduler.rotation.turn()).unwrap_or(0) + 1,
            total_keys: ring.len(),
            request_counts: ring.iter().map(|(_, key)| key.tally.requests).collect(),
            error_counts: ring.iter().map(|(_, key)| key.tally.errors).collect(),
            total_requests: journal.attempts,
            total_errors: journal.errors,
            success_rate: success_rate(journal.attempts - u64::from(self.in_flight), journal.errors),
            uptime: format!("{uptime}s"),
            latency: Latency { p50: percentile(50), p95: percentile(95), p99: percentile(99) },
            tokens: TokenTotals {
                input: journal.used.input.0,
                output: journal.used.output.0,
                total: journal.used.input.0.saturating_add(journal.used.output.0),
                cached: journal.used.cached.0,
                thoughts: journal.used.thoughts.0,
            },
            rate_limited: journal.rate_limited,
            retries: journal.retries,
            held_back: journal.shadowed,
            utilisation,
            efficiency: (over > 0).then(|| journal.served as f64 / over as f64),
            rotations: journal.rotations,
            waited: Waited {
                calls: journal.calls_waited,
                total_ms: journal.waited.0,
                p50: journal.waits.percentile(50).0,
                p95: journal.waits.percentile(95).0,
                p99: journal.waits.percentile(99).0,
            },
        }
    }

    /// Counters for monitoring systems.
    pub fn metrics(&self) -> Metrics {
        let journal = &self.journal;
        Metrics {
            verdicts: Verdict::ALL.map(|verdict| (verdict.name(), journal.verdicts[verdict as usize])).to_vec(),
            latency: distribution(&journal.latencies),
            waits: distribution(&journal.waits),
        }
    }

    /// The state of keys, pools and queue.
    pub fn status(&mut self, now: Now) -> Status {
        let keys: Vec<KeyStatus> = self.scheduler.ring.iter().map(|(_, key)| self.key_status(now, key)).collect();
        let own = |at: &usize| self.scheduler.pools[*at].moved.is_none();
        let pools: Vec<usize> = (0..self.scheduler.pools.len()).filter(own).collect();
        let pools = pools.into_iter().map(|at| self.pool_status(now, PoolId(at as u32))).collect();
        let standing = self.scheduler.standing(now.mono);
        let next = if standing.able > 0 { None } else { keys.iter().filter_map(|key| key.available_at).min() };
        let calls = self.wait_reports(now);
        Status {
            state: standing.state().name(),
            alerts: self.troubles(&standing).into_iter().map(|trouble| self.alert(trouble, &standing)).collect(),
            notices: self.notices(),
            pace: self.pace(now, standing.able, next),
            pools,
            queue: QueueStatus {
                waiting: self.waiting(),
                in_flight: self.in_flight,
                oldest_ms: self.longest_wait(now.mono).0,
                calls,
            },
            next_available_at: next,
            keys,
        }
    }

    /// The last rotations, newest first.
    pub fn history(&self, limit: usize) -> Vec<RotationReport> {
        self.journal.history().take(limit).map(|rotation| self.rotation_report(rotation)).collect()
    }

    /// A rotation with its keys named. Keys that are gone since have no name any more.
    pub fn rotation_report(&self, rotation: &Rotation) -> RotationReport {
        let name = |id: Option<KeyId>| id.and_then(|id| self.key(id)).map(|key| key.id.clone());
        RotationReport {
            at: rotation.at.0,
            from: name(rotation.from),
            to: name(rotation.to),
            verdict: rotation.verdict.name(),
            reason: rotation.reason,
        }
    }

    /// One pool, in people's words.
    pub fn pool_status(&mut self, now: Now, id: PoolId) -> PoolStatus {
        let id = self.scheduler.account(id);
        let Pool { project, model, .. } = self.scheduler.pools[id.0 as usize];
        let project = self.scheduler.projects[project.0 as usize].name.clone();
        let model = self.scheduler.models.name(model).to_owned();
        let (pool, habits) = self.scheduler.with_habits(id);
        let (minute, today) = pool.used(now, habits);
        let (frees, day) = pool.resets(now, habits);
        let minute_runs = habits.minute_name();
        let limits = pool.limits;
        let value = |limit: Option<core::num::NonZeroU64>| limit.map(core::num::NonZeroU64::get);
        let left = |limit, used| value(limit).map(|limit| limit.saturating_sub(used));
        PoolStatus {
            provider: pool.provider.name(),
            project,
            model,
            limits: LimitStatus {
                rpm: pool.requests_a_minute(),
                tpm: value(limits.tpm),
                rpd: value(limits.rpd),
                tpd: value(limits.tpd),
                concurrency: value(limits.concurrency),
                burst: value(limits.burst),
                learned: pool.has_learned(),
            },
            used: UsedStatus { requests: minute.requests, tokens: minute.tokens, requests_today: today.requests },
            remaining: RemainingStatus {
                rpm: pool.requests_a_minute().map(|limit| limit.saturating_sub(minute.requests)),
                tpm: left(limits.tpm, minute.tokens),
                rpd: left(limits.rpd, today.requests),
            },
            minute: minute_runs,
            resets_at: ResetStatus { minute: now.wall_of(frees).0, day: day.0 },
            closed: closed_now(&pool.gate, now).map(Cause::phrase),
            available_at: pool.gate.reopens_at().filter(|at| *at > now.mono).map(|at| now.wall_of(at).0),
        }
    }

    /// How much of the known quota of the present minute is in use.
    fn utilisation(&mut self, now: Now) -> Option<f64> {
        let (mut used, mut limits) = (0, 0);
        for at in 0..self.scheduler.pools.len() {
            let is_ours = self.scheduler.has_key(PoolId(at as u32));
            let (pool, habits) = self.scheduler.with_habits(PoolId(at as u32));
            if let Some(limit) = pool.requests_a_minute().filter(|_| is_ours) {
                used += pool.used(now, habits).0.requests.min(limit);
                limits += limit;
            }
        }
        (limits > 0).then(|| used as f64 / limits as f64)
    }

    /// What people who are about to ask should be told.
    fn pace(&mut self, now: Now, available: usize, next: Option<u64>) -> Pace {
        let mut least: Option<u64> = None;
        for at in 0..self.scheduler.pools.len() {
            let is_ours = self.scheduler.has_key(PoolId(at as u32));
            let (pool, habits) = self.scheduler.with_habits(PoolId(at as u32));
            if is_ours && pool.gate.check(now.mono).is_ok() {
                let used = 1000 - pool.headroom(now, habits).unwrap_or(1000).min(1000);
                least = Some(least.map_or(used, |known| known.min(used)));
            }
        }
        let queued = self.queue.next().map(|(at, _)| (at - now.mono).0);
        let wait = queued.or(next.map(|at| at.saturating_sub(now.wall.0)));
        let waits = self.queue.len() > 0 || available == 0;
        let signal = match least {
            _ if waits => "wait",
            Some(used) if self.config.warn_at.first().is_some_and(|least| used >= *least) => "slow",
            _ => "go",
        };
        Pace { signal, wait_ms: wait.filter(|_| waits), used: least.map(|used| used as f64 / 1000.0) }
    }

    fn key_status(&self, now: Now, key: &Key) -> KeyStatus {
        let tally = key.tally;
        let project = &self.scheduler.projects[key.project.0 as usize];
        let gate = self.scheduler.culprit(now.mono, key);
        let health = health(gate, now);
        let available_at = gate.and_then(Gate::reopens_at).filter(|at| *at > now.mono);
        let judged = tally.successes + tally.errors;
        KeyStatus {
            id: key.spec.id.clone(),
            hint: if key.spec.hint.is_empty() { String::new() } else { ["…", &key.spec.hint].concat() },
            provider: key.spec.provider.map(super::provider::Provider::name),
            project: project.name.clone(),
            health,
            available_at: available_at.map(|at| now.wall_of(at).0),
            available_in_ms: available_at.map(|at| (at - now.mono).0),
            reason: gate.and_then(Gate::cause).map(Cause::phrase),
            quota_exceeded: health == "quota-exhausted",
            quota_reset_time: available_at.filter(|_| health == "quota-exhausted").map(|at| now.wall_of(at).0),
            requests: tally.requests,
            successes: tally.successes,
            errors: tally.errors,
            rate_limited: tally.rate_limited,
            consecutive_errors: key.strikes,
            success_rate: (judged > 0).then(|| tally.successes as f64 / judged as f64),
            latency_ms: (tally.successes > 0).then(|| tally.latency_total.0 / tally.successes),
            last_used_at: tally.last_used.map(|UnixMillis(at)| at),
        }
    }

    fn longest_wait(&self, now: super::time::Instant) -> Millis {
        self.oldest_waiting().map_or(Millis::ZERO, |since| now - since)
    }
}

fn distribution(histogram: &Histogram) -> Distribution {
    Distribution {
        buckets: BOUNDS.map(|bound| (bound, histogram.up_to(Millis(bound)))).to_vec(),
        count: histogram.total(),
        sum: histogram.sum().0,
    }
}

/// From a near model's answer to the longest that a call may take by default; a server's clock has no finer use.
const BOUNDS: [u64; 14] = [10, 50, 100, 250, 500, 1_000, 2_000, 4_000, 8_000, 15_000, 30_000, 60_000, 120_000, 300_000];

/// A key's health in one word, by the gate in its way.
fn health(gate: Option<&Gate>, now: Now) -> &'static str {
    match gate.and_then(|gate| Some((gate, gate.cause()?))) {
        Some((gate, cause)) => word(gate, cause, now),
        None => "available",
    }
}

fn word(gate: &Gate, cause: Cause, now: Now) -> &'static str {
    let half_open = matches!(gate, Gate::Probing { .. }) || gate.reopens_at().is_some_and(|at| at <= now.mono);
    if half_open {
        return "probing";
    }
    match cause {
        Cause::MinuteQuota => "rate-limited",
        Cause::DayQuota | Cause::NoQuota | Cause::OutOfCredit => "quota-exhausted",
        Cause::Errors | Cause::Overload => "cooling-down",
        Cause::Invalid | Cause::Leaked => "invalid",
        Cause::Restricted | Cause::Denied | Cause::ByHand => "disabled",
    }
}

fn closed_now(gate: &Gate, now: Now) -> Option<Cause> {
    gate.cause().filter(|_| gate.check(now.mono).is_err())
}

/// In tenths of a percent by integers: printing floats would cost the package 17 KB.
fn success_rate(over: u64, errors: u64) -> String {
    if over == 0 {
        return String::from("N/A");
    }
    let tenths = ((over.saturating_sub(errors)) * 1000 + over / 2) / over;
    format!("{}.{}%", tenths / 10, tenths % 10)
}

#[cfg(test)]
mod tests {
    use super::success_rate;

    #[test]
    fn rates_read_as_people_write_them() {
        assert_eq!(success_rate(0, 0), "N/A");
        assert_eq!(success_rate(60, 1), "98.3%");
        assert_eq!(success_rate(50, 1), "98.0%");
        assert_eq!(success_rate(3, 3), "0.0%");
        assert_eq!(success_rate(1, 0), "100.0%");
    }
}
