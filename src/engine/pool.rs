//! A pool: the quota of one provider, project and model. It hands out permits, and without a permit nothing is sent.

use core::mem;

use super::gate::{Cause, Finding, Gate, Pass, Shut, Until};
use super::limits::Limits;
use super::provider::Provider;
use super::time::{Instant, Millis, Now, UnixMillis};
use super::units::{ModelId, PoolId, ProjectId, Tokens};
use super::verdict::{Metric, Span};
use super::window::{Use, Window};

/// The right to send one request. It is settled with what was used, or released where the provider counted nothing;
/// both consume it, so it cannot be paid twice, and dropping it otherwise is a bug that debug builds stop at.
#[derive(Debug)]
#[must_use = "a permit must be settled or released"]
pub(crate) struct Permit {
    pub(crate) pool: PoolId,
    pub(crate) pass: Pass,
    at: Instant,
    day: UnixMillis,
    reserved: Tokens,
}

impl Drop for Permit {
    fn drop(&mut self) {
        debug_assert!(std::thread::panicking(), "a permit of pool {:?} was neither settled nor released", self.pool);
    }
}

#[derive(Debug)]
pub(crate) struct Pool {
    pub(crate) id: PoolId,
    pub(crate) provider: Provider,
    pub(crate) project: ProjectId,
    pub(crate) model: ModelId,
    pub(crate) limits: Limits,
    pub(crate) gate: Gate,
    /// Refusals in a row, over all calls.
    pub(crate) refusals: u32,
    /// The length of the provider's minute.
    span: Millis,
    minute: Window,
    today: Use,
    day_ends: UnixMillis,
    in_flight: u64,
    warned: Warned,
}

/// Which limits have been warned about in their present window: each crossing is told once.
#[derive(Debug, Default)]
struct Warned {
    until: [UnixMillis; 4],
}

/// Use of one limit, as reported by `Pool::pressing`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Pressing {
    pub(crate) metric: Metric,
    pub(crate) span: Span,
    pub(crate) used: u64,
    pub(crate) limit: u64,
}

/// How many tokens a request asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Demand {
    /// The caller said so: larger than the limit means never.
    Stated(Tokens),
    /// Our own guess from the body's length: a guess above the limit is cut to it, and the request goes alone.
    Guessed(Tokens),
}

impl Demand {
    fn within(self, limits: &Limits) -> Result<Tokens, Refusal> {
        let most = [limits.tpm, limits.tpd].into_iter().flatten().min();
        match (self, most) {
            (Self::Stated(tokens), Some(most)) if tokens.0 > most.get() => {
                Err(Refusal::NeverFits { limit: most.get(), metric: Metric::Tokens })
            }
            (Self::Guessed(tokens), Some(most)) => Ok(tokens.min(Tokens(most.get()))),
            (Self::Stated(tokens) | Self::Guessed(tokens), _) => Ok(tokens),
        }
    }
}

/// What a pool says to a call that it cannot admit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// Its gate is shut.
    Shut(Shut),
    /// A limit is reached; there is room at this instant if nobody else takes it.
    Full { until: Instant, span: Span },
    /// The call itself backs off from this pool.
    Held { until: Instant },
    /// As many requests as allowed are under way; the next settlement makes room.
    Busy,
    /// Larger than the limit itself: not ever.
    NeverFits { limit: u64, metric: Metric },
}

impl Pool {
    pub(crate) fn new(
        id: PoolId,
        (provider, project, model): (Provider, ProjectId, ModelId),
        limits: Limits,
        minute: Millis,
        now: Now,
    ) -> Self {
        Self {
            id,
            provider,
            project,
            model,
            limits,
            gate: Gate::default(),
            refusals: 0,
            span: minute,
            minute: Window::new(minute + ROUNDING),
            today: Use::default(),
            day_ends: now.wall.next_utc_midnight(),
            in_flight: 0,
            warned: Warned::default(),
        }
    }

    /// Whether a request of this size may ever go.
    pub(crate) fn fits(&self, demand: Demand) -> Result<(), Refusal> {
        demand.within(&self.limits).map(|_| ())
    }

    /// Whether a request of this size may go now, without taking the permit.
    pub(crate) fn check(&mut self, now: Now, demand: Demand) -> Result<Pass, Refusal> {
        let pass = self.gate.check(now.mono).map_err(Refusal::Shut)?;
        self.turn_day(now);
        let limits = self.limits;
        if limits.concurrency.is_some_and(|most| self.in_flight >= most.get()) {
            return Err(Refusal::Busy);
        }
        let tokens = demand.within(&limits)?;
        let used = self.minute.used(now.mono);
        let until = self.minute_room(now.mono, used, tokens);
        if until > now.mono {
            return Err(Refusal::Full { until, span: Span::Minute });
        }
        let day_full = limits.rpd.is_some_and(|most| self.today.requests >= most.get())
            || limits.tpd.is_some_and(|most| self.today.tokens + tokens.0 > most.get());
        if day_full {
            return Err(Refusal::Full { until: now.instant_of(self.day_ends), span: Span::Day });
        }
        Ok(pass)
    }

    /// Takes the permit that `check` has just allowed.
    pub(crate) fn admit(&mut self, now: Now, demand: Demand) -> Result<Permit, Refusal> {
        let pass = self.check(now, demand)?;
        let tokens = demand.within(&self.limits)?;
        Ok(self.reserve(now, pass, tokens))
    }

    /// A permit whatever the gate and the limits say, counted like any other: for a test of one key.
    pub(crate) fn admit_anyway(&mut self, now: Now) -> Permit {
        self.turn_day(now);
        let pass = self.gate.check(now.mono).unwrap_or(Pass::Free);
        self.reserve(now, pass, Tokens(1))
    }

    fn reserve(&mut self, now: Now, pass: Pass, tokens: Tokens) -> Permit {
        self.gate.enter(now.mono);
        self.minute.add(now.mono, Use { requests: 1, tokens: tokens.0 });
        self.today.requests += 1;
        self.today.tokens = self.today.tokens.saturating_add(tokens.0);
        self.in_flight += 1;
        Permit { pool: self.id, pass, at: now.mono, day: self.day_ends, reserved: tokens }
    }

    /// The provider counted the request, at some instant between its send and now: the place is ours again when the latest
    /// of these is a window old. Measured: fifty calls on two new connections, places counted from the send and 250 ms
    /// allowed for travel, drew 10 to 29 refusals; counted like this, none.
    pub(crate) fn settle(&mut self, now: Instant, permit: Permit) {
        self.in_flight -= 1;
        let taken = self.minute.take_back(permit.at, Use { requests: 1, tokens: permit.reserved.0 });
        self.minute.add(now.min(permit.at + LONGEST_TRAVEL), taken);
        mem::forget(permit);
    }

    /// The provider counted nothing: the place is free again.
    pub(crate) fn release(&mut self, permit: Permit) {
        self.in_flight -= 1;
        let used = Use { requests: 1, tokens: permit.reserved.0 };
        self.minute.take_back(permit.at, used);
        if permit.day == self.day_ends {
            self.today.requests = self.today.requests.saturating_sub(1);
            self.today.tokens = self.today.tokens.saturating_sub(used.tokens);
        }
        mem::forget(permit);
    }

    /// Ends a probe of this pool's gate; see `Gate::conclude`.
    pub(crate) fn conclude(&mut self, now: Instant, pass: Pass, finding: Finding) -> bool {
        pass == Pass::Probe && self.gate.conclude(now, finding)
    }

    /// Forgets what is held against it. What was used stays used.
    pub(crate) fn reset(&mut self) {
        self.gate.open();
        self.refusals = 0;
    }

    /// When a refused minute should be over, if the server gave no hint: the end of the window that we have observed.
    pub(crate) fn observed_window_ends(&mut self, now: Instant) -> Option<Instant> {
        self.minute.used(now);
        self.minute.oldest_leaves()
    }

    /// What is used of the minute and of the day.
    pub(crate) fn used(&mut self, now: Now) -> (Use, Use) {
        self.turn_day(now);
        (self.minute.within(now.mono, self.span), self.today)
    }

    /// When the minute's use begins to leave, and when the day ends.
    pub(crate) fn resets(&mut self, now: Now) -> (Instant, UnixMillis) {
        self.turn_day(now);
        (self.minute.oldest_leaves().unwrap_or(now.mono), self.day_ends)
    }

    /// The share of the tightest known limit that is left, in thousandths; `None` where no limit is known.
    pub(crate) fn headroom(&mut self, now: Now) -> Option<u64> {
        let left = |used: u64, limit: u64| limit.saturating_sub(used).saturating_mul(1000) / limit;
        self.levels(now).into_iter().flatten().map(|level| left(level.used, level.limit)).min()
    }

    /// Limits that have just crossed `threshold` (thousandths), each told once a window.
    pub(crate) fn pressing(&mut self, now: Now, threshold: u64) -> Option<Pressing> {
        let ends = [Span::Minute, Span::Minute, Span::Day, Span::Day].map(|span| match span {
            Span::Minute => now.wall + self.span,
            Span::Day => self.day_ends,
        });
        let levels = self.levels(now);
        let crossed = (0..4).find(|&n| {
            levels[n].is_some_and(|level| {
                level.used.saturating_mul(1000) >= level.limit.saturating_mul(threshold)
                    && self.warned.until[n] <= now.wall
            })
        })?;
        self.warned.until[crossed] = ends[crossed];
        levels[crossed]
    }

    fn levels(&mut self, now: Now) -> [Option<Pressing>; 4] {
        let (minute, day) = self.used(now);
        let level = |limit: Option<core::num::NonZeroU64>, used, metric, span| {
            limit.map(|limit| Pressing { metric, span, used, limit: limit.get() })
        };
        let Limits { rpm, tpm, rpd, tpd, .. } = self.limits;
        [
            level(rpm, minute.requests, Metric::Requests, Span::Minute),
            level(tpm, minute.tokens, Metric::Tokens, Span::Minute),
            level(rpd, day.requests, Metric::Requests, Span::Day),
            level(tpd, day.tokens, Metric::Tokens, Span::Day),
        ]
    }

    /// The first instant at which the minute's limits leave room.
    fn minute_room(&self, now: Instant, used: Use, tokens: Tokens) -> Instant {
        let Limits { rpm, tpm, burst, .. } = self.limits;
        let span = self.minute.span();
        let mut until = now;
        if let Some(limit) = rpm.filter(|limit| used.requests >= limit.get()) {
            until = until.max(self.minute.at_most(now, span, limit.get() - 1, |u| u.requests));
        }
        if let Some(limit) = tpm.filter(|limit| used.tokens.saturating_add(tokens.0) > limit.get()) {
            until = until.max(self.minute.at_most(now, span, limit.get() - tokens.0, |u| u.tokens));
        }
        // A burst of b out of r a minute: no more than b within the time in which b are earned. Without `rpm` the
        // minute's whole span is the only honest measure.
        if let Some(burst) = burst {
            let earned = rpm.map_or(span, |rpm| Millis(span.0.saturating_mul(burst.get()) / rpm.get()).min(span));
            until = until.max(self.minute.at_most(now, earned, burst.get() - 1, |u| u.requests));
        }
        until
    }

    fn turn_day(&mut self, now: Now) {
        if now.wall >= self.day_ends {
            self.today = Use::default();
            self.day_ends = now.wall.next_utc_midnight();
        }
    }
}

/// Clocks are read in whole milliseconds, here and there.
const ROUNDING: Millis = Millis(10);

/// What takes longer is the model at work, not the request on its way.
const LONGEST_TRAVEL: Millis = Millis::from_secs(2);

impl Refusal {
    /// When this may change, as far as it is known.
    pub(crate) fn until(&self) -> Until {
        match self {
            Self::Shut(shut) => shut.until,
            Self::Full { until, .. } | Self::Held { until } => Until::At(*until),
            Self::Busy => Until::Probe,
            Self::NeverFits { .. } => Until::Never,
        }
    }

    /// The cause in a gate's words, for reports.
    pub(crate) fn cause(&self) -> Option<Cause> {
        match self {
            Self::Shut(shut) => Some(shut.cause),
            Self::Full { span: Span::Minute, .. } => Some(Cause::MinuteQuota),
            Self::Full { span: Span::Day, .. } => Some(Cause::DayQuota),
            Self::Held { .. } | Self::Busy | Self::NeverFits { .. } => None,
        }
    }
}
