//! Alerts: what somebody should look at, found out from how everything stands, and in words.

use super::client::Engine;
use super::config::AlertPolicy;
use super::gate::Cause;
use super::learned::Drift;
use super::pool::Pool;
use super::report::{Alert, LimitDrift};
use super::standing::Standing;
use super::units::{KeyId, PoolId};
use super::verdict::{Metric, Span, Verdict};

/// A reason for an alert, and whom it is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// The day's quota of every key is used up.
    AllExhausted,
    /// That of some keys is.
    SomeExhausted,
    /// No key can serve now, for whatever reasons.
    NoneAvailable,
    /// A key was found in public, and its provider has ended it.
    Leaked(KeyId),
    /// Too many of a key's last attempts failed.
    LowSuccess(KeyId),
    /// Too many of all last attempts failed.
    HighErrors,
    /// Two projects behave as one.
    SharedQuota([PoolId; 2]),
    /// A declared limit is more than there is.
    Drift(PoolId, Metric, Span),
}

impl Trouble {
    /// For programs: the words of `AlertCode` in `index.d.ts`.
    pub(crate) const fn code(self) -> &'static str {
        match self {
            Self::AllExhausted => "all-keys-exhausted",
            Self::SomeExhausted => "some-keys-exhausted",
            Self::NoneAvailable => "no-key-available",
            Self::Leaked(_) => "leaked-key",
            Self::LowSuccess(_) => "low-success-rate",
            Self::HighErrors => "high-error-rate",
            Self::SharedQuota(_) => "shared-quota-suspected",
            Self::Drift(..) => "limit-drift",
        }
    }

    const fn is_critical(self) -> bool {
        matches!(self, Self::AllExhausted | Self::NoneAvailable | Self::Leaked(_))
    }

    /// Whether calls that are served may end it, where no gate tells.
    pub(crate) const fn follows_calls(self) -> bool {
        matches!(self, Self::LowSuccess(_) | Self::HighErrors | Self::Drift(..))
    }
}

impl Engine {
    /// Everything that somebody should look at now. What has been told is judged more strictly before it counts as over:
    /// a rate that wavers around its threshold is one alert.
    pub(super) fn troubles(&self, standing: &Standing) -> Vec<Trouble> {
        let Some(policy) = self.config.alerts else { return Vec::new() };
        let mut troubles = Vec::new();
        if standing.exhausted == standing.total {
            troubles.push(Trouble::AllExhausted);
        } else if standing.exhausted > 0 {
            troubles.push(Trouble::SomeExhausted);
        }
        if standing.able == 0 && standing.exhausted < standing.total {
            troubles.push(Trouble::NoneAvailable);
        }
        for (id, key) in self.scheduler.ring.iter() {
            if key.gate.cause() == Some(Cause::Leaked) {
                troubles.push(Trouble::Leaked(id));
            }
        }
        for (id, key) in self.scheduler.ring.iter() {
            let (trouble, lately) = (Trouble::LowSuccess(id), key.tally.lately);
            if lately.over > policy.min_requests
                && u64::from(lately.over - lately.failed) * 1000
                    < u64::from(lately.over) * policy.success_rate(self.watch.tells(trouble))
            {
                troubles.push(trouble);
            }
        }
        let (attempts, failures, _) = self.journal.trouble();
        let most = policy.error_rate(self.watch.tells(Trouble::HighErrors));
        if attempts > policy.min_requests && u64::from(failures) * 1000 > u64::from(attempts) * most {
            troubles.push(Trouble::HighErrors);
        }
        let has_keys = |id: PoolId| {
            let project = self.scheduler.pools[id.0 as usize].project;
            !self.scheduler.projects[project.0 as usize].keys.is_empty()
        };
        let pairs = self.suspicions.pairs().map(|pair| pair.pools);
        troubles.extend(pairs.filter(|pools| pools.iter().copied().all(has_keys)).map(Trouble::SharedQuota));
        for pool in self.scheduler.pools.iter().filter(|pool| pool.moved.is_none() && has_keys(pool.id)) {
            for drift in pool.drifts().into_iter().filter(Drift::is_short) {
                troubles.push(Trouble::Drift(pool.id, drift.metric, drift.span));
            }
        }
        troubles
    }

    /// A trouble in words.
    pub(super) fn alert(&self, trouble: Trouble, standing: &Standing) -> Alert {
        let (exhausted, total) = (standing.exhausted, standing.total);
        let (mut key, mut limit) = (None, None);
        let message = match trouble {
            Trouble::AllExhausted if total == 1 => String::from("the daily quota of the only key is used up"),
            Trouble::AllExhausted => format!("the daily quota of all {total} keys is used up"),
            Trouble::SomeExhausted => format!("the daily quota of {exhausted} of {total} keys is used up"),
            Trouble::NoneAvailable if total == 1 => String::from("the only key can't serve now"),
            Trouble::NoneAvailable => format!("none of {total} keys can serve now"),
            Trouble::Leaked(id) => {
                let name = self.name_of(id);
                key = Some(name.clone());
                format!("{name} was reported as leaked, and its provider has ended it: revoke it, and add a new one")
            }
            Trouble::LowSuccess(id) => {
                let name = self.name_of(id);
                key = Some(name.clone());
                let lately = self.scheduler.ring.get(id).map(|key| key.tally.lately).unwrap_or_default();
                format!("{} of the last {} requests with {name} failed", lately.failed, lately.over)
            }
            Trouble::HighErrors => {
                let (attempts, failures, most) = self.journal.trouble();
                let cause = most.map_or("", likely_cause);
                format!("{failures} of the last {attempts} attempts failed; {cause}")
            }
            Trouble::SharedQuota(pools) => self.shared(pools),
            Trouble::Drift(pool, metric, span) => {
                let drift = self.drift_report(pool, metric, span);
                let message = drift.as_ref().map(drifted).unwrap_or_default();
                limit = drift;
                message
            }
        };
        let (severity, kind) = if trouble.is_critical() { ("critical", "error") } else { ("medium", "warning") };
        Alert { severity, kind, code: trouble.code(), message, key, limit }
    }

    fn name_of(&self, id: KeyId) -> String {
        self.key(id).map_or_else(String::new, |key| key.id.clone())
    }

    fn shared(&self, pools: [PoolId; 2]) -> String {
        let Some(pair) = self.suspicions.pairs().find(|pair| pair.pools == pools) else { return String::new() };
        let told = self.suspicion_report(pair);
        let ([one, other], [first, second]) = (told.projects, told.served);
        let stated = told.limit.map_or_else(String::new, |limit| format!(" of the {limit} that it states"));
        format!(
            "{one} and {other} seem to share one quota for {}: both refused together {} times, after {first} and {second} \
             requests{stated}; if their keys belong to one project, say so with `project`",
            told.model, told.coincidences
        )
    }

    /// A limit that is another than declared.
    pub(super) fn drift_report(&self, id: PoolId, metric: Metric, span: Span) -> Option<LimitDrift> {
        let pool: &Pool = &self.scheduler.pools[id.0 as usize];
        let drift = pool.drifts().into_iter().find(|drift| (drift.metric, drift.span) == (metric, span))?;
        Some(LimitDrift {
            project: self.scheduler.projects[pool.project.0 as usize].name.clone(),
            model: self.scheduler.models.name(pool.model).to_owned(),
            metric: metric.name(),
            window: span.name(),
            declared: drift.declared,
            stated: drift.stated,
            found: drift.found,
        })
    }
}

fn drifted(drift: &LimitDrift) -> String {
    let LimitDrift { project, model, metric, window, declared, stated, found } = drift;
    let truth = match (stated, found) {
        (Some(stated), _) => format!("the provider states {stated}"),
        (None, found) => format!("the provider refuses after {}", found.unwrap_or_default()),
    };
    format!(
        "{declared} {metric} a {window} are declared for {model} of {project}, and {truth}: correct the declared limit"
    )
}

impl AlertPolicy {
    /// Below this share of successes, in thousandths, a key deserves a look; once it was told, until a quarter of what is
    /// missing has been made good.
    const fn success_rate(&self, told: bool) -> u64 {
        let rate = self.success_rate;
        if told { rate + (1000 - rate) / 4 } else { rate }
    }

    /// Above this share of failures, in thousandths; once it was told, until a quarter less is reached.
    const fn error_rate(&self, told: bool) -> u64 {
        if told { self.error_rate - self.error_rate / 4 } else { self.error_rate }
    }
}

/// What most failures of a kind come from.
const fn likely_cause(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Network => {
            "most never reached the provider: look at the network, a proxy, or a page's content security policy"
        }
        Verdict::Timeout => "most got no answer in time: look at the network, or give large requests a longer timeout",
        Verdict::NotFound => "most named a model or path that is not there: a model may have been renamed or retired",
        Verdict::InvalidKey => "most were refused for their key: replace or remove the keys that are shown as invalid",
        Verdict::Permission => "most were not allowed: look at the keys' restrictions and whether the API is enabled",
        Verdict::OutOfCredit => "most met an empty account: look at billing",
        Verdict::Overloaded => "most met an overloaded model: another model may have room",
        _ => "most are failures on the provider's side: its status page may know more",
    }
}
