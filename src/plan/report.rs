//! The report: what a day comes to, as data. Every span and instant is in milliseconds, instants since the beginning.

use serde::Serialize;

use super::ledger::{Broke, Ledger, Page};
use super::provider::{Emulator, Limit};
use super::scenario::Scenario;
use crate::engine::{Limits, Millis};

/// What came of a scenario.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// Whether every call was served, and in no slice more than one in twenty, and than one, waited longer than people are
    /// patient.
    pub holds: bool,
    /// How long the event was.
    pub span: u64,
    /// How long a minute of the quota was.
    pub minute: u64,
    /// When the last call was over.
    pub ended_at: u64,
    /// Calls, by their end.
    pub calls: Calls,
    /// How long served calls waited before the send that served them.
    pub waits: Waits,
    /// Attempts that were sent.
    pub sends: u64,
    /// Of those, refused by the provider for quota.
    pub refusals: u64,
    /// The busiest minute's calls.
    pub busiest_minute: u32,
    /// What there is and what is asked for, model by model.
    pub supply: Vec<Supply>,
    /// The first time that a limit could be felt.
    pub first_break: Option<Break>,
    /// The same over time.
    pub slices: Vec<Slice>,
    /// The length of a slice.
    pub slice: u64,
    /// Whether it was ended early, since a million calls are the most that is played.
    pub cut: bool,
    /// How evenly answers were spread over people (Jain): 1 is evenly, 1/n is all to one.
    pub fairness: f64,
}

/// Calls, by their end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Calls {
    /// Asked for.
    pub asked: u64,
    /// Answered.
    pub served: u64,
    /// Not answered for want of quota.
    pub unserved: u64,
    /// Not answered by a fault of the provider's or the network's.
    pub failed: u64,
    /// The codes of the last two.
    pub codes: Vec<Count>,
}

/// How many calls ended with a code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Count {
    /// As in `QuotaAwareError.code`.
    pub code: &'static str,
    /// So many.
    pub calls: u64,
}

/// Waits of served calls.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Waits {
    /// Calls that were sent in the millisecond in which they were asked for.
    pub at_once: u64,
    /// Half of all wait no longer.
    pub p50: u32,
    /// 95 of 100.
    pub p95: u32,
    /// 99 of 100.
    pub p99: u32,
    /// The longest.
    pub max: u32,
    /// How many waited how long.
    pub histogram: Vec<Bar>,
}

/// One bar of a histogram.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Bar {
    /// Waits longer than the bar before, and up to this; none: all longer ones.
    pub up_to: Option<u32>,
    /// So many calls.
    pub calls: u64,
}

/// Quota and need of one model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Supply {
    /// The model; `*` where calls name none.
    pub model: String,
    /// Projects that serve it. Quota is theirs, however many keys they have.
    pub projects: usize,
    /// Their keys.
    pub keys: u64,
    /// Requests a minute of all projects together; none: not limited, or not known.
    pub per_minute: Option<u64>,
    /// The same for an hour.
    pub per_hour: Option<u64>,
    /// Requests a day.
    pub per_day: Option<u64>,
    /// Tokens a minute.
    pub tokens_per_minute: Option<u64>,
    /// Tokens a day.
    pub tokens_per_day: Option<u64>,
    /// Calls asked for.
    pub asked: u64,
    /// The same for an hour, on average.
    pub asked_per_hour: u64,
    /// Calls served.
    pub served: u64,
    /// When the day of the last project was used up.
    pub day_used_up_at: Option<u64>,
    /// The most requests that one project served on one day.
    pub most_of_a_day: u64,
}

/// The first time that a limit could be felt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Break {
    /// When.
    pub at: u64,
    /// How it was felt.
    pub how: How,
    /// For which model.
    pub model: String,
    /// In which project, where one refused.
    pub project: Option<String>,
    /// Which limit.
    pub limit: Option<BrokenLimit>,
}

/// How a limit is felt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum How {
    /// A call waited longer than two seconds.
    Waited,
    /// The provider refused a call; it may have been served elsewhere, or later.
    Refused,
    /// A call was not served at all.
    Unserved,
}

/// A limit that broke.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct BrokenLimit {
    /// `requests` or `input-tokens`.
    pub metric: &'static str,
    /// `minute` or `day`.
    pub window: &'static str,
    /// What one project is allowed.
    pub limit: u64,
}

/// A part of the day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Slice {
    /// When it begins.
    pub at: u64,
    /// Calls asked for in it.
    pub asked: u64,
    /// Of those, served.
    pub served: u64,
    /// Of those, not served for want of quota.
    pub unserved: u64,
    /// Of those, failed otherwise.
    pub failed: u64,
    /// Of the served, those that waited longer than people are patient.
    pub slow: u64,
    /// Refusals in it.
    pub refused: u64,
    /// Half of the served waited no longer.
    pub p50: u32,
    /// 95 of 100.
    pub p95: u32,
    /// The longest.
    pub max: u32,
}

impl Report {
    pub(crate) fn of(scenario: &Scenario, ledger: &Ledger, emulator: &Emulator) -> Self {
        let mut all: Vec<u32> = ledger.slices.iter().flat_map(|page| page.waits.iter().copied()).collect();
        all.sort_unstable();
        let waits = Waits::of(&all);
        let calls = Calls {
            asked: ledger.asked(),
            served: all.len() as u64,
            unserved: ledger.unserved,
            failed: ledger.failed,
            codes: ledger.failures.iter().map(|(code, calls)| Count { code, calls: *calls }).collect(),
        };
        let pages = ledger.slices.iter().enumerate();
        Self {
            holds: ledger.has_held(),
            span: scenario.span.0,
            minute: scenario.service.minute.0,
            ended_at: ledger.ended.0,
            sends: ledger.sends,
            refusals: ledger.refusals,
            busiest_minute: ledger.minutes.iter().copied().max().unwrap_or(0),
            supply: (0..scenario.kinds()).map(|model| Supply::of(scenario, ledger, emulator, model)).collect(),
            first_break: ledger.broke.map(|broke| Break::of(scenario, broke)),
            slices: pages.map(|(number, page)| Slice::of(ledger.slice.times(number as u64), page)).collect(),
            slice: ledger.slice.0,
            cut: ledger.cut,
            fairness: fairness(&ledger.answers),
            calls,
            waits,
        }
    }
}

impl Waits {
    /// `sorted`: shortest first.
    fn of(sorted: &[u32]) -> Self {
        let mut histogram = Vec::new();
        let mut below = 0;
        for up_to in BARS.map(Some).into_iter().chain([None]) {
            let end = up_to.map_or(sorted.len(), |up_to| sorted.partition_point(|wait| *wait <= up_to));
            histogram.push(Bar { up_to, calls: (end - below) as u64 });
            below = end;
        }
        Self {
            at_once: sorted.partition_point(|wait| *wait == 0) as u64,
            p50: percentile(sorted, 50),
            p95: percentile(sorted, 95),
            p99: percentile(sorted, 99),
            max: sorted.last().copied().unwrap_or(0),
            histogram,
        }
    }
}

impl Slice {
    fn of(at: Millis, page: &Page) -> Self {
        let mut waits = page.waits.clone();
        waits.sort_unstable();
        Self {
            at: at.0,
            asked: page.asked,
            served: waits.len() as u64,
            unserved: page.unserved,
            failed: page.failed,
            slow: page.slow,
            refused: page.refused,
            p50: percentile(&waits, 50),
            p95: percentile(&waits, 95),
            max: waits.last().copied().unwrap_or(0),
        }
    }
}

impl Supply {
    fn of(scenario: &Scenario, ledger: &Ledger, emulator: &Emulator, model: usize) -> Self {
        // One project without a limit is enough for there to be none.
        let sum = |of: fn(Limits) -> Option<core::num::NonZeroU64>| {
            let each = scenario.projects.iter().map(|project| of(scenario.limits(project, model)));
            each.map(|limit| limit.map(core::num::NonZeroU64::get))
                .try_fold(0_u64, |sum, one| Some(sum.saturating_add(one?).min(MOST_EXACT)))
        };
        let (asked, served) = ledger.models.get(model).copied().unwrap_or_default();
        let per_minute = sum(|limits| limits.rpm);
        let minute = u128::from(scenario.service.minute.0.max(1));
        let by_the_hour = |most: u64| (u128::from(most) * 3_600_000 / minute).min(u128::from(MOST_EXACT)) as u64;
        let hourly = |count: u64| count.saturating_mul(3_600_000) / scenario.span.0.max(1);
        Self {
            model: name(scenario, model),
            projects: scenario.projects.len(),
            keys: scenario.projects.iter().map(|project| u64::from(project.keys.get())).sum(),
            per_minute,
            per_hour: per_minute.map(by_the_hour),
            per_day: sum(|limits| limits.rpd),
            tokens_per_minute: sum(|limits| limits.tpm),
            tokens_per_day: sum(|limits| limits.tpd),
            asked,
            asked_per_hour: hourly(asked),
            served,
            day_used_up_at: emulator.used_up(model).map(|at| at.0),
            most_of_a_day: emulator.most_of_a_day(model),
        }
    }
}

impl Break {
    fn of(scenario: &Scenario, broke: Broke) -> Self {
        let project = broke.project.and_then(|project| scenario.projects.get(project));
        Self {
            at: broke.at.0,
            how: broke.how,
            model: name(scenario, broke.model),
            project: project.map(|project| project.name.clone()),
            limit: broke.limit.map(BrokenLimit::of),
        }
    }
}

impl BrokenLimit {
    const fn of(limit: Limit) -> Self {
        Self { metric: limit.metric.name(), window: limit.span.name(), limit: limit.most }
    }
}

fn name(scenario: &Scenario, model: usize) -> String {
    scenario.models.get(model).map_or_else(|| String::from("*"), |model| model.name.clone())
}

/// The nearest rank: a wait that there was. Zero where there was none.
fn percentile(sorted: &[u32], percent: usize) -> u32 {
    let rank = (sorted.len() * percent).div_ceil(100).max(1);
    sorted.get(rank - 1).copied().unwrap_or(0)
}

fn fairness(answers: &[u32]) -> f64 {
    let sum: f64 = answers.iter().map(|n| f64::from(*n)).sum();
    let squares: f64 = answers.iter().map(|n| f64::from(*n) * f64::from(*n)).sum();
    if squares > 0.0 { sum * sum / (answers.len() as f64 * squares) } else { 1.0 }
}

/// Larger numbers are not exact in JavaScript, and do not cross.
pub(super) const MOST_EXACT: u64 = (1 << 53) - 1;

/// What people tell apart: at once, a moment, a wait, a long one, a minute.
const BARS: [u32; 6] = [0, 2_000, 10_000, 30_000, 60_000, 120_000];
