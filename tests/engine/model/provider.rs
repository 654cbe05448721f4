//! A provider that tells the truth: it counts what arrives, by its own rules, and refuses exactly what is too much.
//!
//! Slow and obvious on purpose: every arrival is kept, and every question is answered by counting all of them again.

use std::collections::BTreeMap;

use quota_aware_api::engine::{
    Classification, Hint, Instant, Metric, Millis, Now, Reading, Scope, Span, UnixMillis, Verdict,
};

use crate::pacific;

pub(crate) const MINUTE: u64 = 60_000;
pub(crate) const DAY: u64 = 24 * 60 * MINUTE;

/// How a minute's quota runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Runs {
    /// What arrived in the last 60 s counts.
    Rolling,
    /// What arrived since the last instant that is this much past a whole minute counts.
    Fixed(u64),
}

/// What ends a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ends {
    Utc,
    Pacific,
}

/// What a refusal says about coming back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Says {
    Nothing,
    /// The wait, to the millisecond.
    Exactly,
    /// The wait, cut to whole seconds.
    Seconds,
}

/// The rules of one project's models.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rule {
    pub(crate) rpm: u64,
    pub(crate) tpm: u64,
    pub(crate) rpd: u64,
    pub(crate) runs: Runs,
    pub(crate) day: Ends,
    pub(crate) says: Says,
    /// A refusal names what it counts and the limit.
    pub(crate) states: bool,
    /// Answers carry the minute's limit and what is left of it.
    pub(crate) headers: bool,
    /// Refused requests count like served ones.
    pub(crate) counts_refused: bool,
}

impl Rule {
    /// So many a rolling minute, and nothing else.
    pub(crate) const fn rpm(rpm: u64) -> Self {
        Self {
            rpm,
            tpm: u64::MAX,
            rpd: u64::MAX,
            runs: Runs::Rolling,
            day: Ends::Utc,
            says: Says::Exactly,
            states: false,
            headers: false,
            counts_refused: false,
        }
    }
}

/// What a request got.
#[derive(Clone, Debug)]
pub(crate) enum Verdicts {
    Served(Vec<Reading>),
    Refused(Box<Classification>),
}

/// One request that counts.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Arrival {
    pub(crate) at: u64,
    wall: UnixMillis,
    pub(crate) tokens: u64,
    pub(crate) served: bool,
}

/// All the projects of a provider, by number, and which of them each key belongs to.
#[derive(Debug, Default)]
pub(crate) struct Truth {
    pub(crate) rules: Vec<Rule>,
    /// The project of each key, by the key's place.
    pub(crate) owners: Vec<usize>,
    /// Models that other names stand for.
    pub(crate) aliases: BTreeMap<String, String>,
    pub(crate) counted: BTreeMap<(usize, String), Vec<Arrival>>,
}

impl Truth {
    /// A request arrives.
    pub(crate) fn arrives(&mut self, now: Now, key: usize, model: &str, tokens: u64) -> Verdicts {
        let project = self.owners[key];
        let rule = self.rules[project];
        let model = self.aliases.get(model).map_or(model, String::as_str);
        let counted = self.counted.entry((project, model.to_owned())).or_default();
        let (at, wall) = (now.mono.0, now.wall);
        let today = || counted.iter().filter(|arrival| is_today(rule.day, now, arrival)).count() as u64;
        let counting = || counted.iter().filter(|arrival| counts(rule.runs, at, arrival.at));
        let requests = counting().count() as u64;
        let used: u64 = counting().map(|arrival| arrival.tokens).sum();
        let refusal = if rule.rpd != u64::MAX && today() >= rule.rpd {
            let meaning =
                Classification { window: Some(Span::Day), ..refusal(rule, Verdict::QuotaExhausted, rule.rpd) };
            Some(Classification { retry_after: None, ..meaning })
        } else if requests >= rule.rpm {
            let ours: Vec<u64> = counting().map(|arrival| arrival.at).collect();
            let frees = leaves(rule.runs, ours[ours.len() - rule.rpm as usize]);
            Some(hinted(rule, refusal(rule, Verdict::RateLimited, rule.rpm), frees - at))
        } else if requests > 0 && used + tokens > rule.tpm {
            let mut left = used;
            let enough = counting().find(|arrival| {
                left -= arrival.tokens;
                left + tokens <= rule.tpm
            });
            let frees = enough.or(counting().next_back()).map_or(at, |arrival| leaves(rule.runs, arrival.at));
            let meaning = hinted(rule, refusal(rule, Verdict::RateLimited, rule.tpm), frees - at);
            Some(Classification { metric: rule.states.then_some(Metric::InputTokens), ..meaning })
        } else {
            None
        };
        let served = refusal.is_none();
        if served || rule.counts_refused {
            counted.push(Arrival { at, wall, tokens: if served { tokens } else { 0 }, served });
        }
        match refusal {
            Some(meaning) => Verdicts::Refused(Box::new(meaning)),
            None if rule.headers => Verdicts::Served(vec![Reading {
                metric: Metric::Requests,
                span: Span::Minute,
                limit: Some(rule.rpm),
                remaining: Some(rule.rpm - requests - 1),
            }]),
            None => Verdicts::Served(Vec::new()),
        }
    }

    /// Since when, up to now, one more request of a key would have been served: the instant at which the latest of the
    /// limits had room again.
    pub(crate) fn room_since(&self, now: u64, key: usize, model: &str) -> u64 {
        let project = self.owners[key];
        let rule = self.rules[project];
        let counted = self.counted.get(&(project, model.to_owned())).map_or(&[][..], Vec::as_slice);
        let before: Vec<u64> = counted.iter().map(|arrival| arrival.at).filter(|at| *at < now).collect();
        let oldest = before.len().checked_sub(rule.rpm as usize);
        oldest.map_or(0, |place| leaves(rule.runs, before[place]))
    }
}

fn counts(runs: Runs, now: u64, arrived: u64) -> bool {
    leaves(runs, arrived) > now
}

/// When what has arrived counts no more.
fn leaves(runs: Runs, arrived: u64) -> u64 {
    match runs {
        Runs::Rolling => arrived + MINUTE,
        Runs::Fixed(offset) => arrived + MINUTE - (arrived + MINUTE - offset % MINUTE) % MINUTE,
    }
}

fn is_today(day: Ends, now: Now, arrival: &Arrival) -> bool {
    match day {
        Ends::Utc => arrival.wall.next_utc_midnight() > now.wall,
        Ends::Pacific => pacific::next_midnight(arrival.wall) > now.wall,
    }
}

fn refusal(rule: Rule, verdict: Verdict, limit: u64) -> Classification {
    Classification {
        window: Some(Span::Minute),
        metric: rule.states.then_some(Metric::Requests),
        limit: rule.states.then_some(limit),
        ..Classification::new(verdict, Scope::Model)
    }
}

fn hinted(rule: Rule, meaning: Classification, wait: u64) -> Classification {
    let retry_after = match rule.says {
        Says::Nothing => None,
        Says::Exactly => Some(Hint { delay: Millis(wait), truncated: false }),
        Says::Seconds => Some(Hint { delay: Millis(wait / 1000 * 1000), truncated: true }),
    };
    Classification { retry_after, ..meaning }
}

pub(crate) fn now_at(mono: u64, wall: u64) -> Now {
    let wall = UnixMillis(wall);
    Now { mono: Instant(mono), wall, pacific_midnight: pacific::next_midnight(wall) }
}

#[test]
fn a_rolling_minute_ends_sixty_seconds_after_each_arrival_and_a_fixed_one_for_all_at_once() {
    let refused_at = |runs| {
        let mut truth = Truth { rules: vec![Rule { runs, ..Rule::rpm(2) }], owners: vec![0], ..Truth::default() };
        let mut refused = Vec::new();
        for at in [10_000, 50_000, 60_999, 61_000, 69_999, 70_000] {
            let answer = truth.arrives(now_at(at, at), 0, "flash", 1);
            refused.extend(matches!(answer, Verdicts::Refused(_)).then_some(at));
        }
        refused
    };
    assert_eq!(refused_at(Runs::Rolling), [60_999, 61_000, 69_999]);
    assert_eq!(refused_at(Runs::Fixed(1_000)), [60_999, 70_000]);
}
