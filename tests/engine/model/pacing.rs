//! Whether sends are spread: always, never, when more wait than a minute holds; and what is kept free for whom.

use core::num::NonZeroU64;

use quota_aware_api::engine::{Ask, Config, Limits, Millis, Pacing, QueuePolicy};

use super::provider::{MINUTE, Rule};
use super::stage::{Road, Stage, ask, of_session};

fn config(pacing: Pacing) -> Config {
    let queue = QueuePolicy { max_wait: Millis::from_mins(20), ..QueuePolicy::default() };
    Config { pacing, queue, deadline: Millis::from_mins(30), ..Config::default() }
}

fn stage(config: Config, limits: Limits) -> Stage {
    let mut stage = Stage::new(5, 1_772_000_000_000, config);
    stage.road = Road::GOOD;
    stage.project(Rule::rpm(limits.rpm.map_or(u64::MAX, NonZeroU64::get)), limits);
    stage
}

fn rpm(most: u64) -> Limits {
    Limits { rpm: NonZeroU64::new(most), ..Limits::default() }
}

fn gaps(stage: &Stage) -> Vec<u64> {
    stage.log.windows(2).map(|pair| pair[1].at - pair[0].at).collect()
}

#[test]
fn even_spreads_fifteen_a_minute_evenly() {
    let mut stage = stage(config(Pacing::Even), rpm(15));
    stage.calls(45, &ask());
    stage.run();
    assert!(gaps(&stage).iter().all(|gap| *gap >= 4_000 - 40), "{:?}", gaps(&stage));
    let span = stage.log[44].at - stage.log[0].at;
    assert!(span <= 44 * 4_000 + 3_000, "{span}");
    assert_eq!(stage.answered(), 45);
}

#[test]
fn bursts_go_at_once_while_there_is_room_and_whoever_finds_more_waiting_than_a_minute_holds_is_spread() {
    let mut few = stage(config(Pacing::Auto), rpm(15));
    few.calls(25, &ask());
    assert_eq!(few.log.len(), 15);
    few.run();
    let second: Vec<u64> = few.log[15..].iter().map(|sent| sent.at - few.log[0].at).collect();
    assert!(second.iter().all(|at| *at < MINUTE + 1_000), "ten that wait are fewer than a minute holds: {second:?}");

    let mut many = stage(config(Pacing::Auto), rpm(15));
    many.calls(60, &ask());
    assert_eq!(many.log.len(), 15);
    many.run();
    // Sixteen found fifteen or fewer: one of them is left for the third minute, in which the others are spread.
    let at = |range: core::ops::Range<usize>| -> Vec<u64> {
        many.log[range].iter().map(|sent| sent.at - many.log[0].at).collect()
    };
    assert!(at(15..30).iter().all(|at| *at < MINUTE + 1_000), "{:?}", at(15..30));
    let third = at(30..46);
    assert!(third.windows(2).all(|pair| pair[1] - pair[0] >= 4_000 - 40), "{third:?}");
    assert!((2 * MINUTE..2 * MINUTE + 1_000).contains(&third[0]), "{third:?}");
    assert!(at(59..60)[0] < 4 * MINUTE + 1_000, "{:?}", at(46..60));

    let mut burst = stage(config(Pacing::Burst), rpm(15));
    burst.calls(60, &ask());
    burst.run();
    let minutes: Vec<u64> = burst.log.iter().map(|sent| (sent.at - burst.log[0].at) / (MINUTE + 600)).collect();
    assert!((0..60).all(|n| minutes[n] <= n as u64 / 15), "{minutes:?}");
}

#[test]
fn ten_a_second_is_six_hundred_a_minute_with_a_burst_of_one() {
    let mut stage = stage(config(Pacing::Auto), Limits { burst: NonZeroU64::new(1), ..rpm(600) });
    stage.calls(25, &ask());
    stage.run();
    assert!(gaps(&stage).iter().all(|gap| *gap >= 100), "{:?}", gaps(&stage));
    let span = stage.log[24].at - stage.log[0].at;
    assert!((2_400..2_500).contains(&span), "{span}");
}

#[test]
fn a_reserve_keeps_room_for_its_workload_and_for_nobody_else() {
    let reserving = Config { reserves: vec![(String::from("grading"), 200)], ..config(Pacing::Burst) };
    let of = |workload: &str| Ask { workload: Some(workload.to_owned()), ..ask() };
    let mut stage = stage(reserving, rpm(20));
    stage.calls(30, &of("chat"));
    assert_eq!(stage.log.len(), 16, "four of twenty are kept");
    stage.calls(10, &of("grading"));
    assert_eq!(stage.log.len(), 20, "and go at once");
    stage.run();
    assert_eq!((stage.answered(), stage.refusals().len()), (40, 0));
    // The workload itself may use everything.
    stage.run_for(2 * MINUTE);
    let before = stage.log.len();
    stage.calls(30, &of("grading"));
    assert_eq!(stage.log.len() - before, 20);
    stage.run();
}

#[test]
fn a_reserve_holds_in_every_minute_of_a_crowd() {
    let reserving = Config { reserves: vec![(String::from("grading"), 250)], ..config(Pacing::Auto) };
    let mut stage = stage(reserving, rpm(40));
    for person in 0..60 {
        stage.person(of_session(&person.to_string()), (0, 500));
    }
    stage.run_for(3 * MINUTE);
    // At any instant ten places are free, or have been used by the workload within the minute.
    let mut waits = Vec::new();
    for _ in 0..30 {
        let call = stage.call(Ask { workload: Some(String::from("grading")), ..ask() });
        stage.run_for(7_000);
        let told = &stage.calls[&call];
        waits.extend(told.sent.map(|sent| sent - told.asked));
    }
    println!("RESERVE {waits:?}");
    assert_eq!(waits, [0; 30]);
}

/// Two of four are kept, and all four are used: the oldest place that comes back belongs to the reserve.
#[test]
fn an_early_try_is_not_for_those_who_have_to_leave_places_to_others() {
    let reserving = Config { reserves: vec![(String::from("grading"), 500)], ..config(Pacing::Burst) };
    let mut stage = stage(reserving, rpm(4));
    stage.calls(2, &ask());
    stage.run_for(10_000);
    stage.calls(2, &Ask { workload: Some(String::from("grading")), ..ask() });
    let call = stage.call(ask());
    stage.run();
    let gone = stage.calls[&call].sent.unwrap() - stage.log[0].at;
    assert!(gone >= MINUTE + 10_000, "{gone}");
}

/// The provider knows nothing of a declared burst: an answer above it tells nothing of how the minute runs.
#[test]
fn a_burst_that_is_used_up_is_no_reason_to_probe_the_minute() {
    let mut stage = stage(config(Pacing::Auto), Limits { burst: NonZeroU64::new(1), ..Limits::default() });
    stage.project(Rule::rpm(3), rpm(3));
    for _ in 0..6 {
        stage.calls(5, &ask());
        stage.run_for(20_000);
    }
    stage.run();
    let now = stage.now();
    assert!(stage.engine.status(now).pools.iter().all(|pool| pool.minute != "fixed"));
    let of_first: Vec<u64> = stage.log.iter().filter(|sent| sent.send.key.0 == 0).map(|sent| sent.at).collect();
    assert!(of_first.windows(2).all(|pair| pair[1] - pair[0] >= MINUTE), "{of_first:?}");
    assert_eq!(stage.answered(), 30);
}

/// One a minute, and some first tries for the second place come too early.
#[test]
fn a_refused_try_is_no_turn_of_those_that_are_spread() {
    let mut refused = 0;
    for seed in 0..20 {
        let mut stage = Stage::new(seed, 1_772_000_000_000, config(Pacing::Even));
        stage.project(Rule::rpm(1), rpm(1));
        stage.road = Road { travel: (0, 150), ..Road::GOOD };
        stage.calls(5, &ask());
        stage.run();
        refused += stage.refusals().len();
        assert!(stage.log.last().unwrap().at - stage.log[0].at < 4 * MINUTE + 3_000, "seed {seed}: {:?}", gaps(&stage));
    }
    assert!(refused > 5, "{refused}");
}
