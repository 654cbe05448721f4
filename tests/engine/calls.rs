//! One call's life: attempts, back-off, time-outs, the queue, ends.

use core::num::NonZeroU64;

use quota_aware_api::engine::{
    Ask, CallId, Config, Demand, Event, FailureCode, Finish, Hint, Input, Instant, Limits, Millis, Outcome, Output,
    Preset, QueuePolicy, Scope, Tokens, UnixMillis, Verdict, WaitReason,
};

use crate::pacific;
use crate::world::{
    HELD, Reply, TRIED, World, ask, daily, invalid, key, key_with, minute, of_session, overloaded, refuse, rpm, serve,
    silence, transient, unreachable,
};

fn attempts(most: u32) -> Ask {
    Ask { max_attempts: Some(most), ..ask() }
}

fn queue(change: impl FnOnce(&mut QueuePolicy)) -> Config {
    let mut config = Config::default();
    change(&mut config.queue);
    config
}

fn concurrency(most: u64) -> Limits {
    Limits { concurrency: NonZeroU64::new(most), ..Limits::default() }
}

/// Where calls may wait for minutes.
fn patient() -> Config {
    Config { deadline: Millis::from_mins(10), ..queue(|queue| queue.max_wait = Millis::from_mins(5)) }
}

/// One key of which every answer is the same.
fn one_key(seed: u64, config: Config, answer: Reply) -> World {
    let mut world = World::seeded(seed, UnixMillis(pacific::utc(2026, 3, 2).0), config).and([key("a")]);
    world.always("a", answer);
    world
}

// ---------------------------------------------------------------- attempts

#[test]
fn a_call_is_sent_projects_and_two_times_at_most_and_never_more_than_ten() {
    for (projects, most) in [(1, 3), (3, 5), (8, 10), (12, 10)] {
        let names: Vec<String> = (0..projects).map(|n| format!("k{n}")).collect();
        let mut world = World::new(Config::default()).and(names.iter().map(|name| key(name)));
        names.iter().for_each(|name| world.always(name, transient()));
        let call = world.finish(ask());
        assert_eq!((world.sends_of(call).len(), world.code(call)), (most, Some(FailureCode::Exhausted)));
    }
}

#[test]
fn a_call_may_ask_for_another_number_of_attempts() {
    for (asked, made) in [(0, 1), (1, 1), (2, 2), (7, 7)] {
        let mut world = one_key(42, Config::default(), transient());
        let call = world.finish(attempts(asked));
        assert_eq!(world.sends_of(call).len(), made);
    }
    let mut world = one_key(42, Config { max_attempts: Some(4), ..Config::default() }, transient());
    let call = world.finish(ask());
    assert_eq!(world.sends_of(call).len(), 4);
}

#[test]
fn what_a_provider_may_have_acted_on_is_sent_once_where_that_matters() {
    let sends = |answer: Reply| {
        let mut world = World::of(&["a", "b"]);
        world.script("a", [answer]);
        let call = world.finish(Ask { idempotent: false, timeout: Some(Millis(5_000)), ..ask() });
        (world.order_of(call), world.code(call))
    };
    assert_eq!(sends(transient()), ("a".into(), Some(FailureCode::Exhausted)));
    assert_eq!(sends(unreachable()), ("a".into(), Some(FailureCode::Exhausted)));
    assert_eq!(sends(silence()), ("a".into(), Some(FailureCode::Timeout)));
    assert_eq!(sends(minute().hint(1_000)), ("ab".into(), None));
    assert_eq!(sends(invalid()), ("ab".into(), None));
    assert_eq!(sends(overloaded()), ("ab".into(), None));
}

#[test]
fn the_retry_budget_pays_five_for_the_same_pool_ten_after_a_time_out_and_gets_one_back_for_a_success() {
    let with = |capacity| {
        let budget = Some(quota_aware_api::engine::BudgetPolicy { capacity, refill: 1 });
        Config { budget, ..Config::default() }
    };
    let mut world = one_key(42, with(12), transient());
    let call = world.finish(attempts(10));
    assert_eq!((world.sends_of(call).len(), world.code(call)), (3, Some(FailureCode::Exhausted)));
    world.script("a", [serve(), serve(), serve()]);
    for _ in 0..3 {
        world.finish(ask());
    }
    let call = world.finish(attempts(10));
    assert_eq!(world.sends_of(call).len(), 2, "2 left and 3 earned pay for one retry");

    let mut world = one_key(42, with(12), silence());
    let call = world.finish(Ask { timeout: Some(Millis(1_000)), ..attempts(10) });
    assert_eq!(world.sends_of(call).len(), 2);

    let mut world = one_key(42, Config { budget: None, ..Config::default() }, transient());
    let call = world.finish(Ask { deadline: Some(Millis::from_mins(20)), ..attempts(8) });
    assert_eq!(world.sends_of(call).len(), 8);
}

#[test]
fn a_move_to_a_fresh_project_is_free_and_a_return_to_one_that_failed_is_not() {
    let broke = Some(quota_aware_api::engine::BudgetPolicy { capacity: 0, refill: 0 });
    let mut world = World::new(Config { budget: broke, ..Config::default() }).and(["a", "b", "c"].map(key));
    ["a", "b", "c"].iter().for_each(|name| world.always(name, transient()));
    let call = world.finish(attempts(10));
    assert_eq!(world.order_of(call), "abc");
}

#[test]
fn a_retry_that_the_budget_cannot_pay_leaves_no_trace() {
    let broke = Some(quota_aware_api::engine::BudgetPolicy { capacity: 0, refill: 0 });
    let mut world = World::new(Config { budget: broke, ..Config::default() }).and([key_with("a", rpm(5))]);
    world.script("a", [transient()]);
    let call = world.finish(ask());
    assert_eq!((world.sends_of(call).len(), world.code(call)), (1, Some(FailureCode::Exhausted)));
    let now = world.now();
    let status = world.engine.status(now);
    assert_eq!((status.pools[0].used.requests, status.queue.in_flight, status.queue.waiting), (1, 0, 0));
}

// ---------------------------------------------------------------- back-off

#[test]
fn back_off_on_the_same_pool_fills_the_range_up_to_its_ceiling() {
    let mut waits: [Vec<u64>; 4] = Default::default();
    for seed in 0..400 {
        let mut world = one_key(seed, Config::default(), transient());
        let call = world.finish(attempts(5));
        world.waits(call).into_iter().zip(&mut waits).for_each(|(wait, all)| all.push(wait));
    }
    for (waits, ceiling) in waits.iter().zip([500, 1_000, 2_000, 4_000]) {
        assert_eq!(waits.len(), 400);
        assert!(waits.iter().all(|wait| *wait <= ceiling));
        let mean = waits.iter().sum::<u64>() / 400;
        // Uniform: the standard deviation of the mean is ceiling / 69.
        assert!(mean.abs_diff(ceiling / 2) < ceiling / 12, "mean {mean} of {ceiling}");
    }
}

#[test]
fn a_hint_is_a_lower_bound_for_every_failure_that_carries_one() {
    for failure in [transient(), overloaded(), minute()] {
        for truncated in [false, true] {
            for seed in 0..50 {
                let hint = Some(Hint { delay: Millis(3_000), truncated });
                let mut world = one_key(seed, Config::default(), serve());
                world.script("a", [failure.clone().with(|meaning| meaning.retry_after = hint)]);
                let call = world.finish(ask());
                let least = 3_250 + if truncated { 1_000 } else { 0 };
                let wait = world.waits(call)[0];
                assert!((least..=least + 300).contains(&wait), "{failure:?}: {wait}");
            }
        }
    }
}

#[test]
fn a_pool_that_failed_is_left_alone_for_its_whole_back_off_also_when_another_failed_since() {
    let mut world = World::of(&["a", "b"]);
    world.script("a", [transient().hint(20_000)]);
    world.script("b", [transient().hint(40_000)]);
    let call = world.finish(ask());
    assert_eq!(world.order_of(call), "aba");
    assert!(world.waits(call)[1] >= 20_250 - 100, "{:?}", world.waits(call));
}

#[test]
fn the_back_off_is_there_to_be_asked_for() {
    let mut world = World::new(Preset::Workshop.config(3));
    let waits: Vec<u64> = (0..6).map(|attempt| world.engine.backoff(attempt).0).collect();
    assert_eq!(waits, [100, 200, 400, 800, 1_600, 2_000]);
}

// ---------------------------------------------------------------- time

#[test]
fn an_attempt_without_an_answer_in_time_is_cancelled_and_the_call_goes_elsewhere() {
    let mut world = World::of(&["a", "b"]);
    world.script("a", [silence()]);
    let call = world.finish(Ask { timeout: Some(Millis(5_000)), ..ask() });
    assert_eq!((world.order_of(call), world.waits(call)), ("ab".into(), vec![0]));
    assert!(world.is_answered(call));
    let cancelled = world.log.iter().filter(|(_, output)| matches!(output, Output::Cancel(id) if *id == call));
    assert_eq!(cancelled.count(), 1);
    assert_eq!(world.sends()[1].at - world.sends()[0].at, Millis(5_000));
}

#[test]
fn a_call_whose_last_attempt_timed_out_says_so() {
    let mut world = one_key(42, Config::default(), silence());
    let call = world.finish(Ask { timeout: Some(Millis(5_000)), ..attempts(2) });
    let failure = world.failure(call);
    assert_eq!((failure.code, failure.attempts.len()), (FailureCode::Timeout, 2));
    assert_eq!(failure.attempts[1].verdict, Verdict::Timeout);
}

#[test]
fn a_call_ends_at_its_deadline_wherever_it_is() {
    let deadline = Some(Millis(30_000));
    // Under way.
    let mut world = one_key(42, Config::default(), silence());
    let call = world.finish(Ask { deadline, ..ask() });
    assert_eq!((world.code(call), world.failure(call).elapsed), (Some(FailureCode::Deadline), Millis(30_000)));
    // In the queue, behind a probe that takes its time.
    let mut world = World::new(Config::default()).and([key_with("a", concurrency(1))]);
    world.script("a", [silence()]);
    world.call(ask());
    let call = world.call(Ask { deadline, ..ask() });
    world.run();
    assert_eq!((world.code(call), world.failure(call).elapsed), (Some(FailureCode::Deadline), Millis(30_000)));
    assert!(world.sends_of(call).is_empty());
}

#[test]
fn a_call_is_refused_at_once_when_its_deadline_is_before_the_quota_is_back() {
    let mut world = World::of(&["a"]);
    world.script("a", [minute().hint(40_000)]);
    let first = world.call(ask());
    world.run_for(1_000);
    // With an empty lane or behind somebody: that makes no difference.
    let second = world.call(Ask { deadline: Some(Millis(10_000)), ..ask() });
    assert_eq!((world.code(second), world.failure(second).elapsed), (Some(FailureCode::Deadline), Millis::ZERO));
    world.abort(first);
    let third = world.call(Ask { deadline: Some(Millis(10_000)), ..ask() });
    assert_eq!(world.code(third), Some(FailureCode::Deadline));
}

#[test]
fn a_call_is_refused_at_once_when_the_wait_is_longer_than_anybody_should_wait() {
    let mut world = World::of(&["a"]);
    world.script("a", [minute().hint(90_000)]);
    let call = world.finish(ask());
    let failure = world.failure(call);
    assert_eq!((failure.code, failure.elapsed), (FailureCode::Exhausted, Millis(100)));
    assert!(failure.retry_after.unwrap() >= Millis(90_250));
}

#[test]
fn nobody_waits_longer_than_allowed_for_what_has_no_known_end() {
    let mut world = World::new(queue(|queue| queue.max_wait = Millis(10_000))).and([key_with("a", concurrency(1))]);
    world.script("a", [silence()]);
    world.call(ask());
    let call = world.call(ask());
    world.run();
    let failure = world.failure(call);
    assert_eq!(failure.code, FailureCode::Exhausted);
    assert!((10_000..=12_250).contains(&failure.elapsed.0));
}

#[test]
fn a_tick_that_comes_late_does_not_turn_patience_into_a_mistake_of_the_configuration() {
    let mut world = World::new(Config::default()).and([key_with("a", rpm(1))]);
    let calls = world.calls(3, &ask());
    world.sleep(80_000);
    world.input(Input::Tick);
    world.run();
    let codes: Vec<_> = calls[1..].iter().map(|call| world.code(*call)).collect();
    assert!(!codes.contains(&Some(FailureCode::NoKey)), "{codes:?}");
}

#[test]
fn a_call_whose_deadline_has_passed_unseen_is_not_sent() {
    let mut world = World::new(Config::default()).and([key_with("a", concurrency(1))]);
    let first = world.call(ask());
    let second = world.call(Ask { deadline: Some(Millis(5_000)), ..ask() });
    world.sleep(20_000);
    world.input(Input::Outcome { call: first, attempt: 1, outcome: Outcome::Served(200, Vec::new()) });
    assert!(world.sends_of(second).is_empty());
    assert_eq!(world.code(second), Some(FailureCode::Deadline));
}

// ---------------------------------------------------------------- the queue

#[test]
fn the_sixteenth_of_fifteen_a_minute_is_sent_when_the_first_leaves_the_window() {
    let mut world = World::new(Config::default()).and([key_with("a", rpm(15))]);
    world.quota("a", "flash", 15, usize::MAX);
    let calls = world.calls(16, &ask());
    world.run();
    assert!(calls.iter().all(|call| world.is_answered(*call)));
    let sends = world.sends();
    assert_eq!(sends[15].at - sends[0].at, Millis(HELD));
    assert_eq!(sends[14].at, sends[0].at);
}

/// Of an answer that takes 225 ms a try gains 200; of a sooner one too little for what a refusal costs.
#[test]
fn an_early_try_is_for_places_that_answers_free_late() {
    for (latency, sent) in [(20, 60_030), (224, 60_234), (225, TRIED), (450, TRIED), (5_000, TRIED)] {
        let mut world = World::new(Config::default()).and([key_with("a", rpm(15))]);
        world.latency = latency;
        world.calls(16, &ask());
        world.run();
        let sends = world.sends();
        assert_eq!(sends[15].at - sends[0].at, Millis(sent), "answers take {latency} ms");
    }
}

#[test]
fn a_day_that_is_used_up_ends_at_midnight_utc() {
    let limits = Limits { rpd: NonZeroU64::new(2), ..Limits::default() };
    let mut world = World::new(Config::default()).and([key_with("a", limits)]);
    let calls: Vec<_> = (0..3).map(|_| world.finish(ask())).collect();
    let failure = world.failure(calls[2]);
    assert_eq!((failure.code, failure.keys_exhausted), (FailureCode::QuotaExceeded, 1));
    let wait = failure.retry_after.unwrap();
    world.run_for(wait.0 - 1);
    let early = world.call(Ask { deadline: Some(Millis(1)), ..ask() });
    assert_eq!(world.code(early), Some(FailureCode::QuotaExceeded));
    world.run_for(1);
    assert_eq!(world.now().wall.0 % 86_400_000, 0);
    let call = world.finish(ask());
    assert!(world.is_answered(call));
}

#[test]
fn a_burst_is_as_large_as_it_may_be_and_the_rest_is_earned() {
    let limits = Limits { burst: NonZeroU64::new(5), ..rpm(15) };
    let mut world = World::new(Config::default()).and([key_with("a", limits)]);
    world.calls(16, &ask());
    world.run();
    let after: Vec<u64> = world.sends().iter().map(|sent| (sent.at - world.sends()[0].at).0).collect();
    // A third of the window for a third of the limit, from burst to burst; then the minute's own limit.
    let steps = [0, 20_000, 40_000, HELD];
    assert_eq!(after, steps.iter().flat_map(|at| [*at; 5]).take(16).collect::<Vec<u64>>());
}

#[test]
fn tokens_are_counted_and_a_guess_above_the_limit_goes_alone() {
    let limits = Limits { tpm: NonZeroU64::new(1_000), ..Limits::default() };
    let of = |tokens| Ask { demand: Demand::Guessed(Tokens(tokens)), ..ask() };
    let mut world = World::new(patient()).and([key_with("a", limits)]);
    let calls = [of(600), of(400), of(5_000), of(1)].map(|ask| world.call(ask));
    world.run();
    let after = calls.map(|call| (world.sends_of(call)[0].at - world.sends()[0].at).0);
    assert_eq!(after, [0, 0, HELD, 2 * HELD]);
}

#[test]
fn of_ten_calls_at_once_with_room_for_one_exactly_one_is_sent() {
    for limits in [rpm(1), concurrency(1)] {
        let mut world = World::new(Config::default()).and([key_with("a", limits)]);
        world.calls(10, &ask());
        assert_eq!(world.sends().len(), 1);
    }
}

#[test]
fn a_place_among_those_under_way_is_free_once_its_request_is_over() {
    let mut world = World::new(Config::default()).and([key_with("a", concurrency(2))]);
    let answers = [serve(), refuse(400, Verdict::BadRequest, Scope::None), serve()];
    world.script("a", answers);
    world.calls(6, &ask());
    world.run();
    let after: Vec<u64> = world.sends().iter().map(|sent| (sent.at - world.sends()[0].at).0).collect();
    assert_eq!(after, [0, 0, 100, 100, 200, 200]);
}

#[test]
fn lower_priority_numbers_go_first_and_equals_in_the_order_they_came() {
    let mut world = World::new(Config::default()).and([key_with("a", concurrency(1))]);
    let of = |priority| Ask { priority, ..ask() };
    let calls = [5, 5, 9, 0, 5, 1, 0].map(|priority| world.call(of(priority)));
    world.run();
    let order: Vec<usize> =
        world.sends().iter().map(|sent| calls.iter().position(|call| *call == sent.send.call).unwrap()).collect();
    assert_eq!(order, [0, 3, 6, 5, 1, 4, 2]);
}

#[test]
fn calls_of_different_workloads_that_wait_for_the_same_key_go_in_the_order_they_came() {
    let mut world = World::new(Config::default()).and([key_with("a", concurrency(1))]);
    let of = |workload: &str| Ask { workload: Some(workload.to_owned()), ..ask() };
    let calls = ["x", "x", "y", "x", "z", "y"].map(|workload| world.call(of(workload)));
    world.run();
    assert_eq!(world.sends().iter().map(|sent| sent.send.call).collect::<Vec<_>>(), calls);
}

#[test]
fn the_waiting_room_is_bounded_for_all_and_for_each_session() {
    let bounded = queue(|queue| (queue.max_size, queue.per_session) = (3, 2));
    let mut world = World::new(bounded).and([key_with("a", concurrency(1))]);
    let asks = ["x", "x", "x", "x", "y", "y"].map(of_session);
    let calls = asks.map(|ask| world.call(ask));
    let refused = |call: CallId| (world.failure(call).code, world.failure(call).limit);
    assert_eq!(refused(calls[3]), (FailureCode::QueueFull, Some(2)));
    assert_eq!(refused(calls[5]), (FailureCode::QueueFull, Some(3)));
    world.run();
    assert_eq!([0, 1, 2, 4].map(|n| world.is_answered(calls[n])), [true; 4]);
}

#[test]
fn a_call_that_backs_off_makes_nobody_else_wait() {
    let mut world = World::of(&["a"]);
    world.script("a", [transient().hint(20_000)]);
    let first = world.call(ask());
    world.run_for(1_000);
    let second = world.finish(ask());
    assert!(world.sends_of(second)[0].at < world.sends()[0].at + Millis(2_000));
    world.run();
    assert!(world.is_answered(first));
}

#[test]
fn a_call_whose_back_off_is_over_waits_with_the_others_and_goes_with_a_key_that_is_added() {
    let mut world = World::of(&["a", "b"]);
    world.script("b", [minute().hint(50_000)]);
    world.script("a", [transient(), transient(), transient()]);
    world.switch_to("b");
    world.finish(ask());
    for _ in 0..2 {
        world.finish(attempts(1));
    }
    // `a` is the last key that works: it stays. Its third error leaves the call to its back-off.
    world.script("a", [minute().hint(40_000)]);
    let call = world.call(ask());
    world.run_for(5_000);
    assert!(world.open().contains(&call));
    world.add(key("c"));
    assert_eq!(world.order_of(call).chars().last(), Some('c'));
}

// ---------------------------------------------------------------- giving up

/// What is left of everything, as people see it.
fn state(world: &mut World) -> String {
    let now = world.now();
    serde_json::to_string(&(world.engine.status(now), world.engine.stats(now))).unwrap()
}

#[test]
fn an_aborted_call_that_waited_leaves_everything_as_without_it() {
    let run = |with_it: bool| {
        let mut world = World::new(Config::default()).and([key_with("a", concurrency(1))]);
        world.calls(2, &ask());
        let aborted = with_it.then(|| world.call(Ask { priority: 0, ..of_session("x") }));
        world.run_for(50);
        aborted.into_iter().for_each(|call| world.abort(call));
        let between = state(&mut world);
        world.calls(2, &of_session("x"));
        world.run();
        assert!(aborted.is_none_or(|call| matches!(world.end(call), Finish::Aborted)));
        (between, world.sends().len())
    };
    let ((with, sent), (without, sent_without)) = (run(true), run(false));
    let ignoring_waits = |state: &str| state.split(",\"waited\"").next().unwrap().to_owned();
    assert_eq!((ignoring_waits(&with), sent), (ignoring_waits(&without), sent_without));
}

#[test]
fn who_waits_behind_an_aborted_call_goes_in_its_place() {
    let mut world = World::new(patient()).and([key_with("a", rpm(1))]);
    let calls = world.calls(3, &ask());
    world.run_for(1_000);
    world.abort(calls[1]);
    world.run_for(HELD - 1_000);
    assert_eq!(world.sends_of(calls[2]).len(), 1);
    world.run();
    assert!(world.is_answered(calls[2]));
}

#[test]
fn an_aborted_request_is_cancelled_gives_its_place_back_and_stays_counted() {
    let mut world =
        World::new(Config::default()).and([key_with("a", Limits { rpm: NonZeroU64::new(9), ..concurrency(1) })]);
    world.script("a", [silence()]);
    let calls = world.calls(2, &ask());
    world.abort(calls[0]);
    assert!(world.log.iter().any(|(_, output)| matches!(output, Output::Cancel(id) if *id == calls[0])));
    assert_eq!(world.sends_of(calls[1]).len(), 1);
    let now = world.now();
    assert_eq!(world.engine.status(now).pools[0].used.requests, 2);
    world.run();
    assert!(matches!(world.end(calls[0]), Finish::Aborted));
    assert!(world.is_answered(calls[1]));
}

#[test]
fn an_aborted_back_off_leaves_nothing_behind() {
    let mut world = World::of(&["a"]);
    world.script("a", [transient().hint(5_000)]);
    let call = world.call(ask());
    world.run_for(1_000);
    world.abort(call);
    assert_eq!((world.engine.waiting(), world.engine.next_deadline()), (0, None));
    assert!(matches!(world.end(call), Finish::Aborted));
}

#[test]
fn an_aborted_probe_leaves_its_place_to_the_next() {
    let mut world = World::of(&["a"]);
    world.script("a", [minute().hint(5_000), silence()]);
    let first = world.call(ask());
    world.run_for(10_000);
    let second = world.call(ask());
    assert_eq!(world.sends().len(), 2, "one probe");
    world.abort(first);
    assert_eq!(world.sends_of(second).len(), 1);
    world.run();
    assert!(world.is_answered(second));
}

#[test]
fn while_the_last_project_is_probed_nobody_is_sent_home_until_the_others_midnight() {
    let mut world = World::of(&["a", "b"]);
    world.script("b", [daily()]);
    world.script("a", [serve(), minute().hint(5_000), serve().after(2_000)]);
    world.switch_to("b");
    world.finish(ask());
    let waiting = world.call(ask());
    world.run_for(6_500);
    assert_eq!(world.order(), "baaa", "the last one is a probe, and takes its time");
    let late = world.calls(3, &ask());
    world.run();
    assert!(world.is_answered(waiting));
    late.iter().for_each(|call| assert!(world.is_answered(*call), "{:?}", world.code(*call)));
}

#[test]
fn aborting_what_is_over_or_never_was_changes_nothing() {
    let mut world = World::of(&["a"]);
    let call = world.finish(ask());
    let (before, said) = (state(&mut world), world.log.len());
    world.abort(call);
    world.abort(CallId(99));
    assert_eq!((state(&mut world), world.log.len()), (before, said));
}

#[test]
fn an_answer_to_an_attempt_that_was_given_up_is_ignored_whenever_it_comes() {
    for late in (1..4_000).step_by(37) {
        for keys in [&["a"][..], &["a", "b"]] {
            let mut world = World::of(keys);
            world.delivers_late = true;
            world.script("a", [refuse(400, Verdict::BadRequest, Scope::None).after(1_000 + late)]);
            world.always("a", serve().after(900));
            let call = world.finish(Ask { timeout: Some(Millis(1_000)), ..ask() });
            assert!(world.is_answered(call));
            assert_eq!(world.sends_of(call).len(), 2);
            assert_eq!(world.ended(call), world.sends()[1].at + Millis(if keys.len() == 1 { 900 } else { 100 }));
        }
    }
}

#[test]
fn answers_to_calls_that_are_over_or_never_were_are_ignored() {
    let mut world = World::of(&["a"]);
    let call = world.finish(ask());
    let said = world.log.len();
    for (call, attempt) in [(call, 1), (call, 2), (CallId(99), 1)] {
        world.input(Input::Outcome { call, attempt, outcome: Outcome::Served(200, Vec::new()) });
    }
    assert_eq!(world.log.len(), said);
}

#[test]
fn an_engine_that_ends_with_calls_under_way_ends_quietly() {
    let mut world = World::new(Config::default()).and([key_with("a", concurrency(1))]);
    world.calls(3, &ask());
    drop(world);
}

#[test]
fn what_was_not_counted_is_given_back_and_nothing_else_is() {
    let mut world = World::new(Config::default()).and([key_with("a", rpm(2))]);
    world.script("a", [unreachable()]);
    let call = world.finish(attempts(1));
    assert_eq!(world.failure(call).attempts[0].verdict, Verdict::Network);
    world.calls(3, &ask());
    assert_eq!(world.sends().len(), 3, "two of them count");

    // The place of a request that left the window long ago is not taken from a younger one.
    let mut world = World::new(patient()).and([key_with("a", rpm(1))]);
    world.script("a", [unreachable().after(70_000)]);
    let slow = Ask { timeout: Some(Millis(100_000)), ..attempts(1) };
    world.call(slow);
    let calls = world.calls(2, &ask());
    world.run();
    let gap = world.sends_of(calls[1])[0].at - world.sends_of(calls[0])[0].at;
    assert!(gap >= Millis(60_000), "{gap:?}");
}

// ---------------------------------------------------------------- presets

#[test]
fn the_workshop_makes_three_attempts_on_three_keys_and_waits_100_and_200_ms() {
    let mut world = World::new(Preset::Workshop.config(3)).and(["a", "b", "c"].map(key));
    ["a", "b", "c"].iter().for_each(|name| world.always(name, minute()));
    let call = world.finish(ask());
    assert_eq!((world.order_of(call), world.waits(call)), ("abc".into(), vec![100, 200]));
    let failure = world.failure(call);
    assert_eq!((failure.code, failure.keys, failure.attempts.len()), (FailureCode::Exhausted, 3, 3));
}

#[test]
fn the_handler_makes_five_sends_from_a_base_of_fifteen_seconds_with_jitter() {
    let mut longest = 0;
    for seed in 0..200 {
        let mut world = one_key(seed, Preset::Handler.config(1), transient());
        let call = world.finish(ask());
        let waits = world.waits(call);
        assert_eq!(waits.len(), 4, "{waits:?}");
        assert!(waits.iter().zip([15_000, 30_000, 60_000, 120_000]).all(|(wait, most)| *wait <= most));
        longest = longest.max(waits[3]);
    }
    assert!(longest > 110_000, "jitter fills its range: {longest}");
}

#[test]
fn the_quest_app_gets_its_three_sends_sixty_seconds_and_thirty_after_three_errors() {
    let mut world = World::new(Preset::Quest.config(4)).and(["a", "b", "c", "d"].map(key));
    world.script("b", [minute()]);
    let call = world.finish(of_session("1"));
    let now = world.now();
    let until = world.engine.status(now).pools[1].available_at.unwrap();
    assert_eq!((world.order_of(call).len(), until - (now.wall.0 - 100)), (2, 60_000));

    let mut world = World::new(Preset::Quest.config(4)).and(["a", "b", "c", "d"].map(key));
    ["a", "b", "c", "d"].iter().for_each(|name| world.always(name, transient()));
    let call = world.finish(of_session("0"));
    assert_eq!(world.sends_of(call).len(), 3);
    for _ in 0..2 {
        world.finish(Ask { max_attempts: Some(1), ..of_session("0") });
    }
    let now = world.now();
    let closed = world.engine.status(now).keys[0].available_at.unwrap();
    assert_eq!(closed - now.wall.0, 30_000);
}

#[test]
fn presets_are_found_by_name() {
    assert_eq!(Preset::ALL.map(Preset::name), ["workshop", "handler", "quest"]);
}

// ---------------------------------------------------------------- what a waiting call is told

#[test]
fn a_waiting_call_is_told_for_what_until_when_and_behind_how_many() {
    let mut world = World::new(Config::default()).and([key_with("a", rpm(2))]);
    world.calls(4, &ask());
    let now = world.now();
    let waiting: Vec<_> = world
        .events()
        .filter_map(|event| match event {
            Event::Waiting { call, ahead, until, reason, .. } => Some((call.0, *ahead, *until, *reason)),
            _ => None,
        })
        .collect();
    let minute = WaitReason::QuotaWindow(quota_aware_api::engine::Span::Minute);
    let promised = Some(now.wall + Millis(60_010));
    assert_eq!(waiting, [(3, 0, promised, minute), (4, 1, promised, minute)]);
    let deadline = world.engine.next_deadline().unwrap();
    assert_eq!((deadline.at, deadline.reason), (Instant(now.mono.0 + 60_000), WaitReason::Deadline));
}
