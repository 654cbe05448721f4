//! Declared limits, as an outsider counts at the sends, and what refusals cost where the provider tells the truth.

use core::num::NonZeroU64;

use proptest::prelude::*;
use proptest::test_runner::FileFailurePersistence;
use quota_aware_api::engine::{Ask, Config, Demand, Limits, Millis, Minute, QueuePolicy, Send, Tokens, UnixMillis};

use super::provider::{DAY, Ends, MINUTE, Rule, Runs, Says};
use super::stage::{Dice, End, Fate, Road, Sent, Stage, ask};
use crate::pacific;

impl Stage {
    /// No window that ends with the latest send holds more than is declared.
    pub(super) fn check_limits(&self, send: Send) {
        let project = self.truth.owners[send.key.0 as usize];
        let Some(limits) = self.declared.get(project) else { return };
        let model = |sent: &Sent| &self.calls[&sent.send.call].ask.model;
        let of_pool = |sent: &&Sent| {
            self.truth.owners[sent.send.key.0 as usize] == project && model(sent) == &self.calls[&send.call].ask.model
        };
        let most = |limit: Option<NonZeroU64>| limit.map_or(u64::MAX, NonZeroU64::get);
        let now = self.now();
        let of_this: Vec<&Sent> = self.log.iter().filter(of_pool).collect();
        let counted: Vec<&Sent> = of_this.iter().copied().filter(|sent| sent.fate.counts()).collect();
        let minute: Vec<&Sent> = counted.iter().copied().filter(|sent| sent.at + MINUTE > now.mono.0).collect();
        assert!(minute.len() as u64 <= most(limits.rpm), "{} a minute of {:?}", minute.len(), limits.rpm);
        let tokens: u64 = minute.iter().map(|sent| sent.tokens).sum();
        assert!(minute.len() == 1 || tokens <= most(limits.tpm), "{tokens} tokens a minute of {:?}", limits.tpm);
        let under_way = of_this.iter().filter(|sent| sent.fate == Fate::UnderWay).count() as u64;
        assert!(under_way <= most(limits.concurrency), "{under_way} under way");
        // A burst of b is earned within b of r parts of the minute.
        let earned = limits.rpm.map_or(MINUTE, |rpm| (MINUTE * most(limits.burst).min(MINUTE) / rpm.get()).min(MINUTE));
        let in_burst = |sent: &&&Sent| sent.fate != Fate::Dead && sent.at + earned > now.mono.0;
        let burst = of_this.iter().filter(in_burst).count() as u64;
        assert!(burst <= most(limits.burst), "a burst of {burst} within {earned} ms");
        // Which midnight ends the day is for the engine to find out: by one of them it is right at every instant.
        let today = |next: fn(UnixMillis) -> UnixMillis| {
            counted.iter().filter(|sent| next(UnixMillis(sent.wall)) > now.wall).count() as u64
        };
        let today = today(UnixMillis::next_utc_midnight).min(today(pacific::next_midnight));
        assert!(today <= most(limits.rpd), "{today} a day of {:?}", limits.rpd);
    }

    /// What is left in the pools once everything is over, as the engine says and as its books may have it: a request
    /// counts from somewhere between its send and its answer, 2 s later at the most; 25 ms are for slices and rounding.
    fn check_use(&mut self) {
        let now = self.now();
        for pool in self.engine.status(now).pools {
            let project = pool.project[1..].parse::<usize>().unwrap();
            let counted = |after: u64| {
                let counts = |sent: &&Sent| {
                    self.truth.owners[sent.send.key.0 as usize] == project
                        && self.calls[&sent.send.call].ask.model.as_deref() == Some(&pool.model)
                        && sent.fate.counts()
                        && sent.at.max(sent.answered.min(sent.at + after)) + MINUTE + after.min(25) > now.mono.0
                };
                self.log.iter().filter(counts).fold((0, 0), |(n, tokens), sent| (n + 1, tokens + sent.tokens))
            };
            let (least, most) = (counted(0), counted(2_000));
            let (requests, tokens) = (pool.used.requests, pool.used.tokens);
            // Refused and lost requests are given back until an answer has told otherwise.
            let may_count = |sent: &&Sent| sent.fate.is_refused() || sent.fate == Fate::Lost;
            let more = self.log.iter().filter(may_count).fold((0, 0), |(n, sum), sent| (n + 1, sum + sent.tokens));
            assert!((least.0..=most.0 + more.0).contains(&requests), "{requests} of {least:?} to {most:?}");
            assert!((least.1..=most.1 + more.1).contains(&tokens), "{tokens} of {least:?} to {most:?}");
        }
    }
}

/// A random world: what is declared, what is true, who calls when.
#[derive(Clone, Debug)]
struct Plan {
    seed: u64,
    projects: Vec<(Limits, usize)>,
    runs: Runs,
    day: Ends,
    says: Says,
    states: bool,
    counts_refused: bool,
    road: Road,
    /// A key that the provider does not know.
    dead: Option<usize>,
    calls: Vec<Moment>,
    /// Milliseconds before 00:00 UTC at which it begins.
    before_midnight: u64,
}

/// After a pause, somebody calls; and gives up after a while.
#[derive(Clone, Debug)]
struct Moment {
    pause: u64,
    ask: Ask,
    gives_up: Option<u64>,
}

fn stage(plan: &Plan, config: Config) -> Stage {
    let midnight = pacific::utc(2026, 3, 2).0;
    let mut stage = Stage::new(plan.seed, midnight - plan.before_midnight, config);
    stage.road = plan.road;
    for (limits, keys) in &plan.projects {
        let most = |limit: Option<NonZeroU64>| limit.map_or(u64::MAX, NonZeroU64::get);
        let (rpm, tpm, rpd) = (most(limits.rpm), most(limits.tpm), most(limits.rpd));
        let Plan { runs, day, says, states, counts_refused, .. } = *plan;
        let rule = Rule { rpm, tpm, rpd, runs, day, says, states, headers: false, counts_refused };
        stage.project(rule, *limits);
        let project = stage.truth.rules.len() - 1;
        for _ in 1..*keys {
            stage.key(project, &format!("p{project}"), *limits);
        }
        stage.declared.push(*limits);
    }
    let keys = stage.truth.owners.len() as u32;
    stage.dead.extend(plan.dead.map(|dead| quota_aware_api::engine::KeyId(dead as u32 % keys)));
    stage
}

fn play(stage: &mut Stage, plan: &Plan) {
    for Moment { pause, ask, gives_up } in &plan.calls {
        stage.run_for(*pause);
        let call = stage.call(ask.clone());
        gives_up.iter().for_each(|after| stage.abort_after(*after, call));
    }
    stage.run();
}

/// Nobody loses patience.
fn patient(minute: Minute) -> Config {
    let queue = QueuePolicy { max_wait: Millis::from_hours(40), per_session: 1_000, ..QueuePolicy::default() };
    Config { minute, queue, deadline: Millis::from_hours(40), ..Config::default() }
}

fn limits(with_days: bool) -> impl Strategy<Value = Limits> {
    let some = |share: f64, from: u64, to: u64| proptest::option::weighted(share, from..=to);
    (some(0.8, 1, 8), some(0.3, 20, 60), some(0.3, 3, 12), some(0.3, 1, 4), some(0.3, 1, 5)).prop_map(
        move |(rpm, tpm, rpd, concurrency, burst)| {
            let rpd = rpd.filter(|_| with_days);
            let of = |limit: Option<u64>| limit.and_then(NonZeroU64::new);
            let (rpm, tpm, rpd) = (of(rpm), of(tpm), of(rpd));
            Limits { rpm, tpm, rpd, tpd: None, concurrency: of(concurrency), burst: of(burst) }
        },
    )
}

fn moment() -> impl Strategy<Value = Moment> {
    let pause = prop_oneof![4 => Just(0), 4 => 0..3_000_u64, 1 => 0..90_000_u64];
    let session = proptest::option::of(0..4_u8);
    let gives_up = proptest::option::weighted(0.15, 0..40_000_u64);
    (pause, 0..2_usize, session, 0..10_u8, 1..=20_u64, gives_up).prop_map(
        |(pause, model, session, priority, tokens, gives_up)| Moment {
            pause,
            ask: Ask {
                model: Some(["flash", "pro"][model].to_owned()),
                session: session.map(|session| session.to_string()),
                priority,
                demand: Demand::Guessed(Tokens(tokens)),
                ..ask()
            },
            gives_up,
        },
    )
}

fn plan(with_days: bool, accidents: bool) -> impl Strategy<Value = Plan> {
    let projects = proptest::collection::vec((limits(with_days), 1..3_usize), 1..4);
    let runs = prop_oneof![2 => Just(Runs::Rolling), 1 => (0..MINUTE).prop_map(Runs::Fixed)];
    let day = prop_oneof![Just(Ends::Utc), Just(Ends::Pacific)];
    let says = prop_oneof![Just(Says::Nothing), Just(Says::Exactly), Just(Says::Seconds)];
    let rare = move |most: u64| {
        (proptest::bool::weighted(0.3), 0..most).prop_map(move |(is, rate)| if is && accidents { rate } else { 0 })
    };
    let road =
        (0..200_u64, 0..400_u64, 0..3_000_u64, rare(300), rare(300)).prop_map(|(least, jitter, work, lost, busy)| {
            Road { travel: (least, least + jitter), work: (work, 2 * work), lost, busy }
        });
    let dead = proptest::option::weighted(0.2, any::<usize>()).prop_map(move |dead| dead.filter(|_| accidents));
    let before_midnight = prop_oneof![3 => 0..5 * MINUTE, 1 => 0..DAY];
    let calls = proptest::collection::vec(moment(), 1..40);
    (any::<u64>(), projects, (runs, day, says), (any::<bool>(), any::<bool>()), road, dead, calls, before_midnight)
        .prop_map(
            move |(seed, projects, (runs, day, says), (states, counts_refused), road, dead, calls, before_midnight)| {
                Plan {
                    seed,
                    projects,
                    runs,
                    day,
                    says,
                    states,
                    counts_refused: counts_refused && accidents,
                    road,
                    dead,
                    calls,
                    before_midnight,
                }
            },
        )
}

/// 500 cases unless `PROPTEST_CASES` says otherwise. What has failed once is kept beside this file.
pub(super) fn cases() -> ProptestConfig {
    let default = ProptestConfig::default();
    let cases = if std::env::var_os("PROPTEST_CASES").is_some() { default.cases } else { 500 };
    let kept = FileFailurePersistence::WithSource("regressions");
    ProptestConfig { cases, failure_persistence: Some(Box::new(kept)), max_shrink_iters: 4_000, ..default }
}

proptest! {
    #![proptest_config(cases())]

    /// Limits are held against every send by `check_limits`, ends and answers by the stage.
    #[test]
    fn no_send_exceeds_a_declared_limit_whatever_happens_and_everything_is_settled(plan in plan(true, true)) {
        let mut stage = stage(&plan, Config { minute: Minute::Rolling, ..Config::default() });
        stage.tells_usage = true;
        play(&mut stage, &plan);
        stage.check_the_end();
        stage.check_use();
    }

    /// Every call is answered, and what it costs to find out how the provider counts is bounded.
    #[test]
    fn patient_calls_are_all_answered_and_few_are_refused(plan in plan(false, false)) {
        let mut stage = stage(&plan, patient(Minute::Auto));
        stage.declared.clear();
        play(&mut stage, &plan);
        stage.check_the_end();
        let failed = stage.calls.values().filter(|told| matches!(told.ended, Some((_, End::Failed(_))))).count();
        let minutes = stage.log.last().map_or(0, |last| (last.at - stage.log[0].at) / MINUTE);
        prop_assert_eq!(failed, 0);
        let refused = stage.refusals().len() as u64;
        prop_assert!(refused <= 8 + 2 * minutes);
    }
}

#[test]
fn dice_are_fair_enough() {
    let mut dice = Dice(1);
    let sum: u64 = (0..1_000).map(|_| dice.between((0, 100))).sum();
    assert!((45_000..55_000).contains(&sum), "{sum}");
}
