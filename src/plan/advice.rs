//! Advice: what would make a plan hold. Each proposal has been played to its end before it is made.

use core::num::{NonZeroU32, NonZeroU64};

use serde::Serialize;

use super::provider::{DAY, day_ends};
use super::report::{MOST_EXACT, Report};
use super::run::{run, trial};
use super::scenario::{Pace, Project, Scenario};
use crate::engine::{LimitTable, Limits, Millis};

/// A plan: the day as it is, and what would help.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Plan {
    /// The day as it is.
    #[serde(flatten)]
    pub report: Report,
    /// Changes with which it holds, the cheapest first. Empty where it holds as it is, or nothing helps.
    pub advice: Vec<Fix>,
}

/// One change, with which the plan holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Fix {
    /// What is changed.
    pub kind: Change,
    /// Projects that there would be in all.
    pub projects: usize,
    /// How many of them are new.
    pub new_projects: usize,
    /// The model that would be used instead.
    pub model: Option<String>,
    /// How much of today's calls there would be, in hundredths.
    pub calls_percent: Option<u32>,
    /// Over how many milliseconds each burst would be spread.
    pub burst_within: Option<u64>,
    /// Requests a minute that each project would have: what is known of the other model, or what the tier has to give.
    pub rpm: Option<u64>,
    /// Requests a day, likewise.
    pub rpd: Option<u64>,
    /// 95 of 100 calls would wait no longer, in milliseconds.
    pub p95: u32,
    /// What it asks of people, by a rough measure: the order of the proposals.
    pub effort: u32,
}

/// The kinds of change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Change {
    /// The same people ask less at once: by turns, table by table.
    SpreadBursts,
    /// More projects. Keys that share one can be given projects of their own.
    MoreProjects,
    /// Another model, perhaps with more projects.
    OtherModel,
    /// Fewer calls.
    FewerCalls,
    /// Higher limits: a paid tier.
    HigherLimits,
}

/// Plays a scenario, and where it does not hold, looks for what would make it hold.
pub fn plan(scenario: &Scenario) -> Plan {
    let report = run(scenario);
    let mut adviser = Adviser { scenario, purse: MOST_SPENT, fixes: Vec::new() };
    if !report.holds && report.calls.asked > 0 {
        adviser.advise();
    }
    Plan { report, advice: adviser.fixes }
}

struct Adviser<'a> {
    scenario: &'a Scenario,
    /// What may still be spent on playing: see `MOST_SPENT`.
    purse: u64,
    /// Cheapest first; of equals the one that was thought of first.
    fixes: Vec<Fix>,
}

impl Adviser<'_> {
    fn advise(&mut self) {
        // What is quickly tried comes first: on a long day there may be no time for the rest.
        self.spread_bursts();
        self.higher_limits();
        self.more_projects(None);
        for alternative in &self.scenario.alternatives {
            self.more_projects(Some(alternative));
        }
        self.fewer_calls();
    }

    fn spread_bursts(&mut self) {
        if self.scenario.bursts.is_empty() {
            return;
        }
        for within in SPREADS {
            if self.scenario.bursts.iter().all(|burst| burst.within >= within) {
                continue;
            }
            let mut scenario = self.scenario.clone();
            scenario.bursts.iter_mut().for_each(|burst| burst.within = burst.within.max(within));
            if let Some(report) = self.holds(&scenario) {
                let fix = self.fix(Change::SpreadBursts, &report, 1);
                return self.propose(Fix { burst_within: Some(within.0), ..fix });
            }
        }
    }

    /// The fewest projects with which it holds, at least as many as there are; with another model, where one is named. On a
    /// very long day there is no time for the fewest: then some with which it holds.
    fn more_projects(&mut self, instead: Option<&(String, Limits)>) {
        let base = match instead {
            None => self.scenario.clone(),
            Some((model, limits)) => with_model(self.scenario, model, *limits),
        };
        let present = base.projects.len();
        let with = |count: usize| with_projects(&base, count);
        let least = needed(&base).max(present + usize::from(instead.is_none()));
        let most = least.saturating_mul(4).max(present + 8).min(MOST_PROJECTS);
        // Up in growing steps until it holds, then back between the last two.
        let (mut fails, mut count) = (least.saturating_sub(1), least);
        let mut found = loop {
            if count > most {
                return;
            }
            if let Some(report) = self.holds(&with(count)) {
                break (count, report);
            }
            if self.purse == 0 {
                return;
            }
            fails = count;
            count += 1 + count / 3;
        };
        while found.0 - fails > 1 {
            let middle = usize::midpoint(fails, found.0);
            match self.holds(&with(middle)) {
                Some(report) => found = (middle, report),
                None => fails = middle,
            }
        }
        let (projects, report) = found;
        let new_projects = projects - present;
        let effort = EFFORT_OF_PROJECT.saturating_mul(new_projects as u32);
        let (kind, effort) = match instead {
            None => (Change::MoreProjects, effort),
            Some(_) => (Change::OtherModel, effort.saturating_add(EFFORT_OF_MODEL)),
        };
        let fix = self.fix(kind, &report, effort);
        self.propose(Fix {
            projects,
            new_projects,
            model: instead.map(|(model, _)| model.clone()),
            rpm: instead.and_then(|(_, limits)| limits.rpm).map(NonZeroU64::get),
            rpd: instead.and_then(|(_, limits)| limits.rpd).map(NonZeroU64::get),
            ..fix
        });
    }

    /// The most calls with which it holds, in hundredths of those that were asked for.
    fn fewer_calls(&mut self) {
        let scenario = self.scenario;
        let with = |percent: u32| {
            let pace = match &scenario.pace {
                Pace::Open { gap } => Pace::Open { gap: Millis(gap.0.saturating_mul(100) / u64::from(percent)) },
                Pace::Trace(instants) => {
                    let keeps = |n: usize| (n as u64 * u64::from(percent)) % 100 < u64::from(percent);
                    let kept = instants.iter().enumerate().filter(|(n, _)| keeps(*n));
                    Pace::Trace(kept.map(|(_, at)| *at).collect())
                }
                Pace::Loop { .. } => return None,
            };
            Some(Scenario { pace, ..scenario.clone() })
        };
        let (mut holds, mut fails) = (None, 100_u32);
        let mut low = 0_u32;
        while fails - low > 1 {
            let middle = u32::midpoint(low, fails);
            let Some(scenario) = with(middle) else { return };
            match self.holds(&scenario) {
                Some(report) => {
                    low = middle;
                    holds = Some((middle, report));
                }
                None => fails = middle,
            }
        }
        if let Some((percent, report)) = holds.filter(|(_, report)| report.calls.asked > 0) {
            let fix = self.fix(Change::FewerCalls, &report, EFFORT_OF_FEWER + (100 - percent) / 2);
            self.propose(Fix { calls_percent: Some(percent), ..fix });
        }
    }

    /// The limits that the present projects would need, as a paid tier has them: no day's limit that matters, and the
    /// minute's doubled until it holds.
    fn higher_limits(&mut self) {
        for factor in FACTORS {
            let mut scenario = self.scenario.clone();
            for project in &mut scenario.projects {
                for (_, limits) in &mut project.limits.0 {
                    let more =
                        |limit: Option<NonZeroU64>| limit.and_then(|n| NonZeroU64::new(n.get().saturating_mul(factor)));
                    *limits = Limits { rpm: more(limits.rpm), tpm: more(limits.tpm), rpd: None, tpd: None, ..*limits };
                }
            }
            if let Some(report) = self.holds(&scenario) {
                let highest = |project: &Project| {
                    let all = (0..scenario.kinds()).map(|model| scenario.limits(project, model).rpm);
                    all.flatten().max()
                };
                let rpm = scenario.projects.iter().filter_map(highest).max().map(|rpm| rpm.get().min(MOST_EXACT));
                let rpd = report.supply.iter().map(|supply| supply.most_of_a_day).max();
                let fix = self.fix(Change::HigherLimits, &report, EFFORT_OF_TIER);
                return self.propose(Fix { rpm, rpd, ..fix });
            }
        }
    }

    /// Plays a variation, if there is time for it.
    fn holds(&mut self, scenario: &Scenario) -> Option<Report> {
        if self.purse == 0 {
            return None;
        }
        let trial = trial(scenario);
        let calls = trial.calls.max(LEAST_CALLS);
        let keys = scenario.projects.len() as u64;
        self.purse = self.purse.saturating_sub(calls * (KEYS_OF_A_CALL + keys) / KEYS_OF_A_CALL);
        trial.report
    }

    fn propose(&mut self, fix: Fix) {
        let place = self.fixes.iter().take_while(|known| known.effort <= fix.effort).count();
        self.fixes.insert(place, fix);
    }

    fn fix(&self, kind: Change, report: &Report, effort: u32) -> Fix {
        Fix {
            kind,
            projects: self.scenario.projects.len(),
            new_projects: 0,
            model: None,
            calls_percent: None,
            burst_within: None,
            rpm: None,
            rpd: None,
            p95: report.waits.p95,
            effort,
        }
    }
}

/// Projects like the first, added until there are so many.
fn with_projects(base: &Scenario, count: usize) -> Scenario {
    let mut scenario = base.clone();
    let Some(first) = base.projects.first() else { return scenario };
    for number in base.projects.len()..count {
        // No name that users may give contains a line break.
        let name = ["new\n", &number.to_string()].concat();
        scenario.projects.push(Project { name, keys: NonZeroU32::MIN, limits: first.limits.clone() });
    }
    scenario
}

/// Every call asks for this model instead, and counts for as many tokens as before on average.
fn with_model(base: &Scenario, model: &str, limits: Limits) -> Scenario {
    let mut scenario = base.clone();
    let weight = |model: &super::scenario::Model| u64::from(model.weight.get());
    let all: u64 = base.models.iter().map(weight).sum();
    let tokens: u64 = base.models.iter().map(|model| model.tokens.saturating_mul(weight(model))).sum();
    scenario.models = vec![super::scenario::Model {
        name: model.to_owned(),
        weight: NonZeroU32::MIN,
        tokens: tokens.checked_div(all).unwrap_or(0),
    }];
    for project in &mut scenario.projects {
        project.limits = LimitTable::all(limits);
    }
    scenario
}

/// How many projects it takes by the sum alone: a day's calls over a day's quota, an hour's over an hour's.
fn needed(scenario: &Scenario) -> usize {
    let Some(first) = scenario.projects.first() else { return 1 };
    let bursts: u64 = scenario.bursts.iter().map(|burst| u64::from(burst.people)).sum();
    let calls = bursts
        + match &scenario.pace {
            Pace::Open { gap } => u64::from(scenario.people.get()).saturating_mul(scenario.span.0) / gap.0.max(1),
            Pace::Trace(instants) => instants.len() as u64,
            Pace::Loop { .. } => 0,
        };
    let days = days_touched(scenario);
    // What is asked in the last minute may be sent up to two minutes later.
    let minutes = scenario.span.0 / scenario.service.minute.0.max(1) + 3;
    let weights: u64 = scenario.models.iter().map(|model| u64::from(model.weight.get())).sum();
    let of_model = |model: usize| {
        let limits = scenario.limits(first, model);
        let weight = scenario.models.get(model).map_or(1, |model| u64::from(model.weight.get()));
        // A tenth less: shares are drawn, and this must never be more than it takes.
        let calls = calls.saturating_mul(weight) / weights.max(1) * 9 / 10;
        let by = |limit: Option<NonZeroU64>, times: u64| {
            limit.map_or(1, |limit| calls / limit.get().saturating_mul(times).max(1))
        };
        by(limits.rpd, days).max(by(limits.rpm, minutes))
    };
    ((0..scenario.kinds()).map(of_model).max().unwrap_or(1) as usize).min(MOST_PROJECTS)
}

/// How many of the provider's days an event lies in.
fn days_touched(scenario: &Scenario) -> u64 {
    let first = day_ends(scenario);
    if scenario.span.0 <= first.0 { 1 } else { 2 + (scenario.span.0 - first.0) / DAY.0 }
}

/// Bursts are tried over one minute, two, and so on: longer is no burst.
const SPREADS: [Millis; 4] = [Millis::from_mins(1), Millis::from_mins(2), Millis::from_mins(3), Millis::from_mins(5)];

/// Of paid tiers the first has some ten to thirty times the free tier's requests a minute.
const FACTORS: [u64; 8] = [1, 2, 4, 8, 16, 32, 64, 128];

// What a change asks of people: a judgement, not a measurement, and only good for an order. Spreading a burst is a word to
// the room (1); a project is two minutes in AI Studio (2); another model has to be tried first (5); one call in ten less is
// felt by everybody (7), one in two is another event (27); money needs somebody's signature (20).
const EFFORT_OF_PROJECT: u32 = 2;
const EFFORT_OF_MODEL: u32 = 5;
const EFFORT_OF_FEWER: u32 = 2;
const EFFORT_OF_TIER: u32 = 20;

/// Nobody keeps more projects than this, and each makes every call of the engine a little slower.
const MOST_PROJECTS: usize = 200;

/// What the search for advice may cost, all variations together, in calls: it bounds the time that a plan takes. Eight hours
/// of 1,000 people with 30 keys, which is 129,000 calls: 7.3 s in wasm, of which 1.9 s are the day itself. With three times as
/// much it was 19 s, and the fewest projects were found to be 78 instead of 103.
const MOST_SPENT: u64 = 800_000;

/// Looking at so many keys costs as much as the rest of a call: a million calls took 30 s with a hundred keys, 9 s with one.
const KEYS_OF_A_CALL: u64 = 40;

/// Setting up a variation costs as much as playing so many calls.
const LEAST_CALLS: u64 = 100;
