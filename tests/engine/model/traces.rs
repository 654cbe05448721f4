//! What a call leaves behind that came to nothing: nothing, except for what the provider has counted.
//!
//! Two runs of one world, one of them with a call more; their reports and everything that is sent have to be the same.

use core::num::NonZeroU64;

use proptest::prelude::*;
use quota_aware_api::engine::{
    Ask, CallId, Config, Cooldown, Demand, Limits, Millis, Minute, Pacing, QueuePolicy, Tokens,
};

use super::limits::cases;
use super::provider::Rule;
use super::stage::{End, Road, Stage, ask};

/// The call that comes to nothing; its number changes nobody else's.
const EXTRA: CallId = CallId(1_000_000);

#[derive(Clone, Debug)]
struct Plan {
    seed: u64,
    limits: Vec<Limits>,
    /// Pauses and calls.
    before: Vec<(u64, Ask)>,
    extra: Ask,
    /// It is aborted after so long.
    waits: u64,
    after: Vec<(u64, Ask)>,
}

/// What was sent by whom, when and where; and what people see afterwards.
#[derive(Debug, PartialEq, Eq)]
struct Seen {
    sends: Vec<(CallId, u64, u32)>,
    between: String,
    after: String,
}

fn run(plan: &Plan, with_it: bool) -> (Seen, Option<End>, bool) {
    // While it waits, others make room for it and are spread: that is as it should be, and leaves traces.
    let (fair, pacing) = if plan.waits == 0 { (true, Pacing::Auto) } else { (false, Pacing::Burst) };
    let queue = QueuePolicy { fair, ..QueuePolicy::default() };
    let config = Config { minute: Minute::Rolling, pacing, queue, ..Config::default() };
    let mut stage = Stage::new(plan.seed, 1_772_000_000_000, config);
    // Travel takes as long for everybody: the run with one more must not draw other numbers.
    stage.road = Road { travel: (40, 40), work: (900, 900), lost: 0, busy: 0 };
    for limits in &plan.limits {
        stage.project(Rule::rpm(limits.rpm.map_or(u64::MAX, NonZeroU64::get)), *limits);
    }
    // Too large for all: every pool has been looked at, which makes it one that reports name.
    stage.call_as(CallId(1), Ask { demand: Demand::Stated(Tokens(5_000)), ..ask() });
    let mut number = 1;
    let mut call_all = |stage: &mut Stage, calls: &[(u64, Ask)]| {
        for (pause, ask) in calls {
            stage.run_for(*pause);
            number += 1;
            stage.call_as(CallId(number), ask.clone());
        }
    };
    call_all(&mut stage, &plan.before);
    if with_it {
        stage.call_as(EXTRA, plan.extra.clone());
    }
    stage.run_for(plan.waits);
    if with_it {
        stage.abort(EXTRA);
    }
    let between = state(&mut stage);
    call_all(&mut stage, &plan.after);
    stage.run();
    stage.check_the_end();
    let sends = stage.log.iter().map(|sent| (sent.send.call, sent.at, sent.send.key.0)).collect();
    let was_sent = stage.log.iter().any(|sent| sent.send.call == EXTRA);
    let end = stage.calls.get(&EXTRA).and_then(|told| told.ended).map(|(_, end)| end);
    let after = state(&mut stage);
    (Seen { sends, between, after }, end, was_sent)
}

/// The whole report, but for promises, their reasons and the wait that `pace` tells: those are as of the last look, and
/// whoever asks makes one.
fn state(stage: &mut Stage) -> String {
    let now = stage.now();
    let mut status = serde_json::to_value(stage.engine.status(now)).unwrap();
    for call in status["queue"]["calls"].as_array_mut().unwrap() {
        for told in ["startsAt", "reason", "limit"] {
            call.as_object_mut().unwrap().remove(told);
        }
    }
    status["pace"].as_object_mut().unwrap().remove("waitMs");
    status.to_string()
}

fn limits() -> impl Strategy<Value = Limits> {
    let some = |most: u64| proptest::option::weighted(0.6, 1..=most).prop_map(|limit| limit.and_then(NonZeroU64::new));
    (some(5), some(3)).prop_map(|(rpm, concurrency)| Limits {
        rpm,
        // Larger than any usual call, smaller than one that never fits.
        tpm: NonZeroU64::new(1_000),
        concurrency: if rpm.is_none() { concurrency.or(NonZeroU64::new(1)) } else { concurrency },
        ..Limits::default()
    })
}

fn any_ask() -> impl Strategy<Value = Ask> {
    (proptest::option::of(0..4_u8), 0..10_u8).prop_map(|(session, priority)| Ask {
        session: session.map(|session| session.to_string()),
        priority,
        ..ask()
    })
}

fn plan() -> impl Strategy<Value = Plan> {
    let calls = |most| proptest::collection::vec((prop_oneof![2 => Just(0), 1 => 0..5_000_u64], any_ask()), 1..most);
    let extra = (any_ask(), 0..4_u8).prop_map(|(ask, kind)| match kind {
        0 => Ask { demand: Demand::Stated(Tokens(5_000)), ..ask },
        1 => Ask { deadline: Some(Millis(1)), ..ask },
        2 => Ask { session: Some(String::from("somebody else")), ..ask },
        _ => ask,
    });
    let waits = prop_oneof![Just(0), 0..3_000_u64];
    (any::<u64>(), proptest::collection::vec(limits(), 1..3), calls(30), extra, waits, calls(10))
        .prop_map(|(seed, limits, before, extra, waits, after)| Plan { seed, limits, before, extra, waits, after })
}

proptest! {
    #![proptest_config(cases())]

    /// Aborted while it waited, too large, or out of time before anything was free.
    #[test]
    fn a_call_that_was_never_sent_leaves_everything_as_without_it(plan in plan()) {
        let (with, end, was_sent) = run(&plan, true);
        if !was_sent {
            prop_assert!(matches!(end, Some(End::Aborted | End::Failed(_))), "{:?}", end);
            prop_assert_eq!(with, run(&plan, false).0);
        }
    }

    /// Whatever became of a call: once the minute is over, only counters of what was sent tell that it has been there.
    #[test]
    fn a_minute_after_an_aborted_or_failed_attempt_all_room_is_back(plan in plan(), lost in 0..300_u64) {
        // Keys that have failed too often go on with one call: that is another subject.
        let cooldown = Cooldown { error_threshold: 1_000, ..Cooldown::default() };
        let config = Config { minute: Minute::Rolling, cooldown, ..Config::default() };
        let mut stage = Stage::new(plan.seed, 1_772_000_000_000, config);
        stage.road = Road { lost, ..Road::GOOD };
        for limits in &plan.limits {
            stage.project(Rule::rpm(u64::MAX), *limits);
        }
        for (pause, ask) in plan.before.iter().chain(&plan.after) {
            stage.run_for(*pause);
            let call = stage.call(ask.clone());
            if call.0.is_multiple_of(3) {
                stage.abort_after(plan.waits, call);
            }
        }
        stage.run();
        stage.run_for(65_000);
        stage.check_the_end();
        let now = stage.now();
        for pool in stage.engine.status(now).pools {
            prop_assert_eq!((pool.used.requests, pool.used.tokens, pool.remaining.rpm), (0, 0, pool.limits.rpm));
            prop_assert!(pool.closed.is_none(), "{:?}", pool.closed);
        }
        // As many as are allowed at once can go at once.
        let before = stage.log.len();
        stage.calls(20, &ask());
        let room = |limits: &Limits| {
            let [rpm, at_once] = [limits.rpm, limits.concurrency].map(|most| most.map_or(u64::MAX, NonZeroU64::get));
            rpm.min(at_once)
        };
        let room = plan.limits.iter().map(room).fold(0, u64::saturating_add);
        prop_assert_eq!((stage.log.len() - before) as u64, room.min(20));
        stage.run();
    }
}

fn told(call: CallId, stage: &Stage) -> (Option<u64>, Option<End>) {
    let told = &stage.calls[&call];
    (told.sent, told.ended.map(|(_, end)| end))
}

/// Six wait for a pool of four a minute, so the third is spread; then two of those behind it give up.
#[test]
fn who_was_spread_for_those_who_wait_goes_when_they_give_up() {
    // One is under way, seven wait; the last two of them found more than four.
    let begun = || {
        let queue = QueuePolicy { max_wait: Millis::from_mins(9), ..QueuePolicy::default() };
        let config = Config { minute: Minute::Rolling, queue, deadline: Millis::from_mins(9), ..Config::default() };
        let mut stage = Stage::new(1, 1_772_000_000_000, config);
        let limits = Limits { rpm: NonZeroU64::new(4), concurrency: NonZeroU64::new(1), ..Limits::default() };
        stage.project(Rule::rpm(4), limits);
        let calls = stage.calls(8, &ask());
        (stage, calls)
    };
    let (mut stage, calls) = begun();
    stage.run_for(66_000);
    assert_eq!((stage.log.len(), told(calls[6], &stage).0), (6, None), "four, two, and then one every 15 s");
    // Whoever comes later changes nothing for those that wait, nor whoever of those gives up.
    let late = stage.calls(4, &ask());
    late.into_iter().for_each(|call| stage.abort(call));
    assert_eq!(told(calls[6], &stage).0, None);
    stage.run();
    let waited = |stage: &Stage, n: usize| stage.calls[&calls[n]].sent.unwrap() - stage.calls[&calls[n]].asked;
    assert!(waited(&stage, 6) >= 90_000);

    // But if those give up that it found, it has found fewer.
    let (mut stage, _) = begun();
    stage.abort(calls[2]);
    stage.abort(calls[3]);
    stage.run();
    assert!(waited(&stage, 6) < 62_000, "{:?}", waited(&stage, 6));
}

#[test]
fn what_is_too_large_for_ever_leaves_the_places_of_the_next_minute_to_those_who_come_then() {
    let mut stage = Stage::new(1, 1_772_000_000_000, Config { minute: Minute::Rolling, ..Config::default() });
    for rpm in [3, 4] {
        let limits = Limits { rpm: NonZeroU64::new(rpm), tpm: NonZeroU64::new(1_000), ..Limits::default() };
        stage.project(Rule::rpm(rpm), limits);
    }
    stage.calls(7, &ask());
    let large = stage.call(Ask { demand: Demand::Stated(Tokens(5_000)), ..ask() });
    assert!(matches!(told(large, &stage).1, Some(End::Failed(_))));
    let first = stage.call(Ask { session: Some(String::from("0")), ..ask() });
    let rest = stage.calls(3, &ask());
    stage.run();
    assert!([first].iter().chain(&rest).all(|call| told(*call, &stage).1 == Some(End::Response)));
}

#[test]
fn a_dead_keys_place_among_those_under_way_is_free_again() {
    let mut stage = Stage::new(1, 1_772_000_000_000, Config::default());
    let limits = Limits { concurrency: NonZeroU64::new(1), ..Limits::default() };
    let dead = stage.project(Rule::rpm(u64::MAX), limits);
    stage.key(0, "p0", limits);
    stage.dead.insert(dead);
    let calls = stage.calls(4, &ask());
    stage.run();
    assert!(calls.iter().all(|call| told(*call, &stage).1 == Some(End::Response)));
    stage.check_the_end();
}
