//! A provider that counts truthfully: windows for each project and model, and refusals in Gemini's terms.
//!
//! What it refuses it classifies at once, as `provider::classify` would the recorded bodies: the limit, what it counts,
//! over which window, and a hint that is exact: whoever waits as told, and asks for nothing meanwhile, gets in.

use super::meter::Meter;
use super::rng::Rng;
use super::scenario::{Day, Faults, Scenario, Service, Window};
use crate::engine::{Classification, Hint, Instant, Limits, Metric, Millis, Outcome, Scope, Span, UnixMillis, Verdict};

/// The provider of a scenario.
#[derive(Debug)]
pub struct Emulator {
    service: Service,
    /// Project by project, the models side by side.
    pools: Vec<Pool>,
    names: Vec<Option<String>>,
    rng: Rng,
}

/// One project's quota of one model.
#[derive(Debug)]
struct Pool {
    gauges: Vec<Gauge>,
    /// Requests that were served today and on the days before: the most of one day.
    today: u64,
    most_of_a_day: u64,
    day_ends: Instant,
    /// When its day was first used up.
    used_up: Option<Instant>,
}

/// One limit of a pool.
#[derive(Debug)]
struct Gauge {
    metric: Metric,
    span: Span,
    meter: Meter,
}

/// A limit, as people are told of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    /// What it counts.
    pub metric: Metric,
    /// Over which span.
    pub span: Span,
    /// How much it allows.
    pub most: u64,
}

/// What a provider does with a request that has arrived, or with one that never will.
#[derive(Debug)]
pub struct Reply {
    /// What the client gets to see.
    pub outcome: Outcome,
    /// How long after the arrival the answer leaves.
    pub after: Millis,
    /// The limit that refused it.
    pub refused: Option<Limit>,
}

impl Emulator {
    /// A provider on which nothing was used yet.
    pub fn new(scenario: &Scenario) -> Self {
        let mut rng = Rng::stream(scenario.seed, 2);
        let days = day_ends(scenario);
        let kinds = scenario.kinds();
        let of = |project| (0..kinds).map(move |model| scenario.limits(project, model));
        let pools = scenario.projects.iter().flat_map(of).map(|limits| {
            // One draw for a pool, whatever its limits are: its minute turns for requests and tokens alike.
            let turn = Instant(1 + rng.below(scenario.service.minute.0));
            Pool::new(limits, scenario.service, turn, days)
        });
        let pools = pools.collect();
        let names = (0..kinds).map(|model| scenario.models.get(model).map(|model| model.name.clone())).collect();
        Self { service: scenario.service, pools, names, rng }
    }

    /// A request arrives: it is counted and served, or refused. Instants since the beginning, never earlier than before.
    pub fn arrive(&mut self, now: Instant, project: usize, model: usize, tokens: u64) -> Reply {
        let Faults { transient, overloaded, .. } = self.service.faults;
        let tokens = tokens.min(MOST_TOKENS);
        let refused = |outcome, refused| Reply { outcome, after: REFUSING, refused };
        let Some(pool) = self.pools.get_mut(project * self.names.len() + model) else {
            return refused(answer(404, Classification::new(Verdict::NotFound, Scope::Model)), None);
        };
        if let Some((limit, wait)) = pool.refuses(now, tokens, self.service.counts_refused) {
            return refused(answer(429, refusal(limit, wait, self.names.get(model).cloned().flatten())), Some(limit));
        }
        pool.serve(now, tokens);
        let roll = self.rng.below(1000) as u32;
        let latency = self.rng.within(self.service.latency);
        if roll < overloaded {
            return refused(answer(503, Classification::new(Verdict::Overloaded, Scope::Model)), None);
        }
        if roll < overloaded.saturating_add(transient) {
            return refused(answer(500, Classification::new(Verdict::Transient, Scope::None)), None);
        }
        Reply { outcome: Outcome::Served(200, Vec::new()), after: latency, refused: None }
    }

    /// Whether the next request is lost on its way: drawn before it arrives.
    pub fn loses(&mut self) -> bool {
        let lost = self.service.faults.network;
        lost > 0 && (self.rng.below(1000) as u32) < lost
    }

    /// Of the kinds of limit that a model has, the one of which even the freest project has least left.
    pub fn tightest(&mut self, now: Instant, model: usize, span: Option<Span>) -> Option<Limit> {
        let mut freest: Vec<(Limit, u64)> = Vec::new();
        for pool in self.pools.iter_mut().skip(model).step_by(self.names.len()) {
            for gauge in pool.gauges.iter_mut().filter(|gauge| span.is_none_or(|span| span == gauge.span)) {
                let (limit, used) = (gauge.limit(), gauge.meter.used(now));
                let share = used.saturating_mul(1000) / limit.most;
                match freest.iter_mut().find(|(known, _)| (known.metric, known.span) == (limit.metric, limit.span)) {
                    Some((_, least)) => *least = share.min(*least),
                    None => freest.push((limit, share)),
                }
            }
        }
        // The first of equals: a day's limit before a minute's, requests before tokens.
        freest.iter().rev().max_by_key(|(_, share)| *share).map(|(limit, _)| *limit)
    }

    /// When the last project's day of a model was used up, where that has happened.
    pub fn used_up(&self, model: usize) -> Option<Instant> {
        self.of(model).map(|pool| pool.used_up).collect::<Option<Vec<_>>>()?.into_iter().max()
    }

    /// The most requests of a model that one project served on one day.
    pub fn most_of_a_day(&self, model: usize) -> u64 {
        self.of(model).map(|pool| pool.most_of_a_day.max(pool.today)).max().unwrap_or(0)
    }

    fn of(&self, model: usize) -> impl Iterator<Item = &Pool> {
        self.pools.iter().skip(model).step_by(self.names.len())
    }
}

impl Pool {
    fn new(limits: Limits, service: Service, turn: Instant, day_ends: Instant) -> Self {
        let minute = |limit| match service.window {
            Window::Rolling => Meter::rolling(limit, service.minute),
            Window::Fixed => Meter::fixed(limit, turn, service.minute),
            Window::Refill => Meter::refill(limit, service.minute),
        };
        let day = |limit| Meter::fixed(limit, day_ends, DAY);
        let mut gauges = Vec::new();
        let mut add = |limit: Option<core::num::NonZeroU64>, metric, span, meter: &dyn Fn(u64) -> Meter| {
            gauges.extend(limit.map(|limit| Gauge { metric, span, meter: meter(limit.get()) }));
        };
        // In the order in which a refusal names them: who is out for the day must not be told to wait a minute.
        add(limits.rpd, Metric::Requests, Span::Day, &day);
        add(limits.tpd, Metric::InputTokens, Span::Day, &day);
        add(limits.rpm, Metric::Requests, Span::Minute, &minute);
        add(limits.tpm, Metric::InputTokens, Span::Minute, &minute);
        Self { gauges, today: 0, most_of_a_day: 0, day_ends, used_up: None }
    }

    /// The first limit that has no room for a request, and how long it will have none. A refused request that counts makes
    /// that longer: it is counted before the hint is worked out, as the mock does.
    fn refuses(&mut self, now: Instant, tokens: u64, counts: bool) -> Option<(Limit, Millis)> {
        let full = self.gauges.iter_mut().position(|gauge| gauge.wait(now, tokens).is_some())?;
        if counts {
            self.count(now, tokens);
        }
        let gauge = self.gauges.get_mut(full)?;
        Some((gauge.limit(), gauge.wait(now, tokens)?))
    }

    fn count(&mut self, now: Instant, tokens: u64) {
        for gauge in &mut self.gauges {
            let amount = gauge.amount(tokens);
            gauge.meter.take(now, amount);
        }
    }

    fn serve(&mut self, now: Instant, tokens: u64) {
        self.count(now, tokens);
        if now >= self.day_ends {
            self.most_of_a_day = self.most_of_a_day.max(self.today);
            self.today = 0;
            let past = (now - self.day_ends).0 / DAY.0;
            self.day_ends = self.day_ends + DAY.times(past + 1);
        }
        self.today += 1;
        if self.used_up.is_none() && self.gauges.iter_mut().any(|gauge| gauge.is_day_used_up(now, tokens)) {
            self.used_up = Some(now);
        }
    }
}

impl Gauge {
    fn limit(&self) -> Limit {
        Limit { metric: self.metric, span: self.span, most: self.meter.limit() }
    }

    fn amount(&self, tokens: u64) -> u64 {
        if self.metric == Metric::Requests { 1 } else { tokens }
    }

    fn wait(&mut self, now: Instant, tokens: u64) -> Option<Millis> {
        let amount = self.amount(tokens);
        self.meter.wait(now, amount)
    }

    fn is_day_used_up(&mut self, now: Instant, tokens: u64) -> bool {
        self.span == Span::Day && self.wait(now, tokens).is_some()
    }
}

fn answer(status: u16, meaning: Classification) -> Outcome {
    Outcome::Answered(status, Box::new(meaning))
}

fn refusal(limit: Limit, wait: Millis, model: Option<String>) -> Classification {
    let verdict = match limit.span {
        Span::Minute => Verdict::RateLimited,
        Span::Day => Verdict::QuotaExhausted,
    };
    Classification {
        retry_after: (wait < FOREVER).then_some(Hint { delay: wait, truncated: false }),
        metric: Some(limit.metric),
        window: Some(limit.span),
        limit: Some(limit.most),
        model,
        ..Classification::new(verdict, Scope::Model)
    }
}

/// The first end of a provider's day, since the beginning.
pub(crate) fn day_ends(scenario: &Scenario) -> Instant {
    let first = match scenario.service.day {
        Day::Utc => scenario.begins.next_utc_midnight(),
        Day::Pacific => later(scenario.pacific_midnight, scenario.begins),
    };
    Instant((first - scenario.begins).0)
}

/// The first of the midnights a day apart that is later than an instant.
pub(crate) fn later(midnight: UnixMillis, than: UnixMillis) -> UnixMillis {
    if midnight > than { midnight } else { midnight + DAY.times((than - midnight).0 / DAY.0 + 1) }
}

pub(crate) const DAY: Millis = Millis::from_hours(24);

/// Refusals and errors are quick: nobody had to think.
const REFUSING: Millis = Millis(20);

/// Far more than any model takes; sums of it can't overflow within a day of a million calls.
const MOST_TOKENS: u64 = 1_000_000_000_000;

/// No hint of a limit's is longer than a day.
const FOREVER: Millis = Millis::from_hours(25);
