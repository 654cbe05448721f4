//! What is told while it happens, and what the reports say afterwards.

use core::num::NonZeroU64;

use quota_aware_api::engine::{
    Ask, CallId, Cause, Config, Event, FailureCode, Finality, Limits, Metric, Millis, Scope, Settled, Span, Tokens,
    Verdict, WaitReason,
};

use crate::world::{
    HELD, World, ask, ask_for, daily, invalid, key, key_of, key_with, minute, overloaded, refuse, rpm, transient,
    unreachable,
};

const HOUR: u64 = 3_600_000;

fn count(world: &World, of: impl Fn(&Event) -> bool) -> usize {
    world.events().filter(|event| of(event)).count()
}

fn all_down(event: &Event) -> bool {
    matches!(event, Event::AllKeysDown { .. })
}

fn service_restored(event: &Event) -> bool {
    matches!(event, Event::ServiceRestored)
}

fn key_down(event: &Event) -> bool {
    matches!(event, Event::KeyDown { .. })
}

fn key_restored(event: &Event) -> bool {
    matches!(event, Event::KeyRestored { .. })
}

#[test]
fn every_attempt_is_told_when_it_starts_and_when_it_ends() {
    let mut world = World::of(&["a", "b"]);
    world.script("a", [minute().hint(500), transient(), unreachable()]);
    world.script("b", [overloaded(), invalid()]);
    let calls = world.calls(5, &ask());
    world.abort(calls[4]);
    world.run();
    let mut under_way = Vec::new();
    let mut told = 0;
    for event in world.events() {
        match event {
            Event::Attempt { call, key, .. } => {
                under_way.push((*call, *key));
                told += 1;
            }
            Event::Settled(settled) => {
                let at = under_way.iter().position(|started| *started == (settled.call, settled.key));
                under_way.remove(at.unwrap());
            }
            _ => {}
        }
    }
    assert_eq!((under_way.len(), told), (0, world.sends().len()));
}

#[test]
fn attempts_are_numbered_and_name_the_model() {
    let mut world = World::of(&["a", "b"]);
    world.script("a", [minute().hint(500)]);
    world.finish(ask());
    let attempts: Vec<_> = world
        .events()
        .filter_map(|event| match event {
            Event::Attempt { attempt, model, key, .. } => Some((*attempt, *model, key.0)),
            _ => None,
        })
        .collect();
    assert_eq!(attempts.iter().map(|(n, _, key)| (*n, *key)).collect::<Vec<_>>(), [(1, 0), (2, 1)]);
    assert_eq!(world.engine.model_name(attempts[0].1), "flash");
}

#[test]
fn the_end_of_an_attempt_tells_all_that_a_record_of_it_needs() {
    let mut world = World::of(&["a", "b"]);
    world.script("a", [minute().hint(60_000)]);
    world.script("b", [overloaded()]);
    let call =
        world.finish(Ask { session: Some(String::from("amy")), operation: Some(String::from("vision")), ..ask() });
    let told: Vec<_> = world
        .events()
        .filter_map(|event| if let Event::Settled(settled) = event { Some(Settled::clone(settled)) } else { None })
        .collect();
    let verdicts: Vec<_> = told.iter().map(|told| (told.attempt, told.key.0, told.verdict)).collect();
    assert_eq!(verdicts, [(1, 0, Verdict::RateLimited), (2, 1, Verdict::Overloaded), (3, 1, Verdict::Ok)]);
    for told in &told {
        assert_eq!(
            (told.call, told.session.as_deref(), told.operation.as_deref()),
            (call, Some("amy"), Some("vision"))
        );
        assert_eq!(world.engine.model_name(told.model), "flash");
    }
    assert_eq!(told[1].waited, Millis(0));
    assert!(told[2].waited > Millis(0), "the back-off after an overload is a wait");
    let (provider, project) = world.engine.owner_of(told[1].pool);
    assert_eq!((provider.name(), world.engine.project_name(project)), ("gemini", Some("b")));
}

#[test]
fn every_verdict_but_ok_has_one_of_four_categories() {
    let of = |verdict: Verdict| (verdict.name(), verdict.category());
    assert_eq!(
        Verdict::ALL.map(of),
        [
            ("ok", None),
            ("rate-limited", Some("rate_limit")),
            ("quota-exhausted", Some("quota")),
            ("out-of-credit", Some("quota")),
            ("invalid-key", Some("invalid_key")),
            ("permission", Some("invalid_key")),
            ("overloaded", Some("other")),
            ("transient", Some("other")),
            ("bad-request", Some("other")),
            ("not-found", Some("other")),
            ("too-large", Some("other")),
            ("blocked", Some("other")),
            ("network", Some("other")),
            ("timeout", Some("other")),
            ("aborted", Some("other")),
        ]
    );
}

#[test]
fn a_move_is_told_with_its_reason() {
    let moves = [
        (minute(), "per-minute quota used up"),
        (daily(), "daily quota used up"),
        (refuse(402, Verdict::OutOfCredit, Scope::Project), "out of credit"),
        (invalid(), "key not valid"),
        (refuse(403, Verdict::Permission, Scope::Key), "not allowed with this key"),
        (overloaded(), "model overloaded"),
        (unreachable(), "no connection"),
        (transient(), "server error"),
    ];
    for (reply, reason) in moves {
        let mut world = World::of(&["a", "b"]);
        world.script("a", [reply]);
        world.finish(ask());
        let history = world.engine.history(10);
        assert_eq!(history.len(), 1, "{reason}");
        let (from, to) = (history[0].from.as_deref(), history[0].to.as_deref());
        assert_eq!((from, to, history[0].reason), (Some("a"), Some("b"), reason));
        assert_eq!(count(&world, |event| matches!(event, Event::Rotate(_))), 1);
    }
}

#[test]
fn a_move_that_found_no_other_key_is_told_as_such() {
    let mut world = World::of(&["a"]);
    world.script("a", [invalid()]);
    world.finish(ask());
    let history = world.engine.history(10);
    assert_eq!((history[0].to.as_deref(), history[0].verdict), (None, "invalid-key"));
    assert_eq!(history[0].reason, "no other key could serve");
}

#[test]
fn the_history_is_bounded_and_newest_first() {
    let mut world = World::of(&["a", "b", "c"]);
    for _ in 0..1_500 {
        let now = world.now();
        world.engine.rotate(now);
        world.sleep(1);
    }
    let history = world.engine.history(usize::MAX);
    assert_eq!(history.len(), 1_000);
    assert!(history.windows(2).all(|pair| pair[0].at == pair[1].at + 1));
    assert_eq!(world.engine.history(3).len(), 3);
    let now = world.now();
    assert_eq!(world.engine.stats(now).rotations, 1_500);
}

#[test]
fn a_rotation_by_hand_is_told_as_asked_for() {
    let mut world = World::of(&["a", "b"]);
    world.switch_to("b");
    world.switch_to("b");
    let history = world.engine.history(10);
    assert_eq!((history.len(), history[0].reason, history[0].verdict), (1, "asked for", "ok"));
}

#[test]
fn a_dead_key_is_told_once_however_many_requests_find_out() {
    let mut world = World::of(&["a", "b"]);
    world.script("a", (0..5).map(|_| invalid()));
    world.calls(10, &ask());
    world.run();
    assert_eq!(count(&world, key_down), 1);
    world.run_for(HOUR + 1_000);
    assert_eq!(count(&world, key_restored), 1);
}

#[test]
fn each_return_is_told_once_for_each_time_a_key_went() {
    let mut world = World::of(&["a", "b"]);
    world.script("a", [invalid(), invalid()]);
    world.finish(ask());
    let (now, a) = (world.now(), world.id("a"));
    world.engine.reset(now, Some(a));
    world.drain();
    assert_eq!((count(&world, key_down), count(&world, key_restored)), (1, 1));
    world.switch_to("a");
    world.finish(ask());
    assert_eq!((count(&world, key_down), count(&world, key_restored)), (2, 1));
    world.run_for(3 * HOUR);
    assert_eq!((count(&world, key_down), count(&world, key_restored)), (2, 2));
}

#[test]
fn a_key_whose_only_model_was_limited_is_told_to_be_back() {
    let mut world = World::of(&["a", "b"]);
    world.script("a", [minute().hint(10_000)]);
    world.finish(ask());
    assert_eq!(count(&world, |event| matches!(event, Event::RateLimited { .. })), 1);
    world.run_for(20_000);
    assert_eq!((count(&world, key_down), count(&world, key_restored)), (0, 1));
}

#[test]
fn all_keys_down_and_service_restored_are_told_once_a_transition() {
    let mut world = World::of(&["a", "b"]);
    world.script("a", [minute().hint(30_000)]);
    world.script("b", [minute().hint(40_000)]);
    world.call(ask());
    world.run_for(1_000);
    assert_eq!((count(&world, all_down), count(&world, service_restored)), (1, 0));
    let until = world.events().find_map(|event| match event {
        Event::AllKeysDown { until } => *until,
        _ => None,
    });
    let wait = until.unwrap() - world.now().wall;
    assert!((29_000..=33_000).contains(&wait.0), "the sooner of the two: {wait:?}");
    world.run();
    world.run_for(60_000);
    assert_eq!((count(&world, all_down), count(&world, service_restored)), (1, 1));
}

#[test]
fn refusals_that_arrive_together_are_one_transition() {
    let mut world = World::of(&["a", "b"]);
    ["a", "b"].iter().for_each(|name| world.script(name, (0..5).map(|_| minute().hint(30_000))));
    world.calls(10, &ask());
    world.run();
    world.run_for(60_000);
    assert_eq!((count(&world, all_down), count(&world, service_restored)), (1, 1));
}

#[test]
fn the_return_of_a_projects_quota_is_told_also_when_the_key_that_used_it_up_is_gone() {
    let mut world = World::new(Config::default()).and([key_of("a", "one"), key_of("b", "one")]);
    world.script("a", [minute().hint(90_000)]);
    world.finish(ask());
    world.remove("a");
    assert_eq!(count(&world, all_down), 1);
    world.run_for(120_000);
    assert_eq!(count(&world, service_restored), 1);
}

#[test]
fn an_added_key_and_a_good_test_restore_the_service() {
    for how in ["add", "served", "answered", "reset"] {
        let mut world = World::of(&["a"]);
        world.script("a", [invalid()]);
        world.finish(ask());
        assert_eq!(count(&world, all_down), 1);
        match how {
            "add" => drop(world.add(key("b"))),
            "served" => drop(world.test("a")),
            "answered" => {
                world.script("a", [refuse(400, Verdict::BadRequest, Scope::None)]);
                world.test("a");
            }
            _ => {
                let now = world.now();
                world.engine.reset(now, None);
                world.drain();
            }
        }
        assert_eq!(count(&world, service_restored), 1, "{how}");
    }
}

#[test]
fn all_keys_down_never_names_an_instant_that_has_passed() {
    let mut world = World::of(&["a", "b"]);
    world.script("a", [minute().hint(5_000), invalid()]);
    world.finish(ask());
    world.run_for(20_000);
    world.script("b", [invalid(), invalid()]);
    world.switch_to("b");
    world.finish(ask());
    let down: Vec<_> = world
        .log
        .iter()
        .filter_map(|(at, output)| match output {
            quota_aware_api::engine::Output::Event(Event::AllKeysDown { until }) => Some((*at, *until)),
            _ => None,
        })
        .collect();
    assert_eq!(down.len(), 1);
    let now = world.now();
    assert!(down[0].1.unwrap() - now.wall > Millis(HOUR - 1_000), "{down:?}");
}

#[test]
fn a_warning_is_told_once_a_window_when_four_fifths_are_used() {
    let mut world = World::new(Config::default()).and([key_with("a", rpm(10))]);
    let warnings = |world: &World| count(world, |event| matches!(event, Event::QuotaWarning { .. }));
    world.calls(7, &ask());
    assert_eq!(warnings(&world), 0);
    world.calls(3, &ask());
    assert_eq!(warnings(&world), 2, "and once more at 95 %");
    assert!(world.events().any(|event| {
        matches!(event, Event::QuotaWarning { metric: Metric::Requests, span: Span::Minute, used: 8, limit: 10, .. })
    }));
    world.run();
    world.run_for(61_000);
    world.calls(10, &ask());
    assert_eq!(warnings(&world), 4);
}

#[test]
fn each_limit_that_one_request_presses_on_is_told() {
    let both = Limits { rpd: NonZeroU64::new(1), ..rpm(1) };
    let mut world = World::new(Config::default()).and([key_with("a", both)]);
    world.finish(ask());
    assert_eq!(count(&world, |event| matches!(event, Event::QuotaWarning { .. })), 4);
}

#[test]
fn the_counters_are_exact() {
    let mut world = World::of(&["a", "b"]);
    world.script("a", [minute().hint(1_000), transient()]);
    world.script("b", [refuse(400, Verdict::BadRequest, Scope::None)]);
    world.run_for(7_000);
    // a 429, b 400; a is limited: b 200; a 500, b 200; a 200.
    for _ in 0..2 {
        world.finish(ask());
    }
    world.run_for(5_000);
    for _ in 0..2 {
        world.finish(ask());
    }
    world.counted(CallId(0), [100, 20, 60, 5], None);
    world.counted(CallId(0), [1, 2, 0, 1], None);
    let now = world.now();
    let stats = world.engine.stats(now);
    assert_eq!(world.order(), "abbaba");
    assert_eq!((stats.total_keys, stats.total_requests, stats.total_errors), (2, 6, 2));
    assert_eq!((stats.request_counts, stats.error_counts), (vec![3, 3], vec![2, 0]));
    assert_eq!((stats.success_rate.as_str(), stats.uptime.as_str()), ("66.7%", "12s"));
    assert_eq!((stats.rate_limited, stats.retries, stats.rotations), (1, 2, 2));
    assert_eq!((stats.tokens.input, stats.tokens.output, stats.tokens.total), (101, 22, 123));
    assert_eq!((stats.tokens.cached, stats.tokens.thoughts), (60, 6));
    assert_eq!((stats.latency.p50, stats.latency.p95, stats.latency.p99), (100, 100, 100));
    assert_eq!((stats.waited.calls, stats.waited.total_ms), (0, 0));
    assert_eq!(stats.current_key, 2);
}

#[test]
fn attempts_under_way_and_aborted_ones_are_no_errors() {
    let mut world = World::of(&["a"]);
    let now = world.now();
    assert_eq!(world.engine.stats(now).success_rate, "N/A");
    let call = world.call(ask());
    assert_eq!(world.engine.stats(now).success_rate, "N/A");
    world.abort(call);
    assert_eq!((world.engine.stats(now).success_rate.as_str(), world.engine.stats(now).total_errors), ("100.0%", 0));
}

#[test]
fn waits_are_counted_by_call_and_in_all() {
    let mut config = Config { deadline: Millis::from_mins(10), ..Config::default() };
    config.queue.max_wait = Millis::from_mins(5);
    let mut world = World::new(config).and([key_with("a", rpm(1))]);
    world.calls(3, &ask());
    world.run_for(HELD);
    let now = world.now();
    let queue = world.engine.status(now).queue;
    assert_eq!((queue.waiting, queue.in_flight, queue.oldest_ms), (1, 1, HELD));
    world.run();
    let now = world.now();
    let stats = world.engine.stats(now);
    // The second a held minute after the first, the third after the second.
    assert_eq!((stats.waited.calls, stats.waited.total_ms), (2, 3 * HELD));
}

#[test]
fn every_health_has_its_word() {
    let word = |replies: Vec<crate::world::Reply>, wait: u64| {
        let mut world = World::of(&["a", "b"]);
        world.script("a", replies.clone());
        for _ in &replies {
            world.switch_to("a");
            world.finish(Ask { max_attempts: Some(1), ..ask() });
        }
        world.run_for(wait);
        world.health("a")
    };
    assert_eq!(word(vec![], 0), "available");
    assert_eq!(word(vec![minute().hint(30_000)], 0), "rate-limited");
    assert_eq!(word(vec![minute().hint(30_000)], 40_000), "probing");
    assert_eq!(word(vec![daily()], 0), "quota-exhausted");
    assert_eq!(word(vec![refuse(402, Verdict::OutOfCredit, Scope::Project)], 0), "quota-exhausted");
    assert_eq!(word(vec![transient(), transient(), transient()], 0), "cooling-down");
    assert_eq!(word(vec![invalid()], 0), "invalid");
    assert_eq!(word(vec![refuse(403, Verdict::Permission, Scope::Key)], 0), "disabled");
    assert_eq!(word(vec![refuse(403, Verdict::Permission, Scope::Project)], 0), "disabled");
}

#[test]
fn a_key_with_another_open_model_is_available() {
    let mut world = World::of(&["a"]);
    world.finish(ask_for("pro"));
    world.script("a", [minute().hint(90_000)]);
    world.finish(ask());
    assert_eq!(world.health("a"), "available");
}

#[test]
fn the_state_of_everything_has_four_words() {
    let state = |names: &[&str], replies: &[crate::world::Reply]| {
        let mut world = World::of(names);
        for (name, reply) in names.iter().zip(replies) {
            world.script(name, [reply.clone()]);
            world.switch_to(name);
            world.finish(Ask { max_attempts: Some(1), ..ask() });
        }
        let now = world.now();
        let status = world.engine.status(now);
        (status.state, status.next_available_at.map(|at| at - now.wall.0))
    };
    assert_eq!(state(&["a", "b"], &[]), ("ok", None));
    assert_eq!(state(&["a", "b"], &[invalid()]), ("degraded", None));
    assert_eq!(state(&["a", "b"], &[invalid(), invalid()]), ("invalid-keys", Some(HOUR - 100)));
    let (word, next) = state(&["a", "b"], &[minute().hint(50_000), invalid()]);
    assert_eq!(word, "exhausted");
    assert!((50_000..=56_000).contains(&next.unwrap()));
    let leaked = || invalid().with(|meaning| meaning.finality = Finality::ForGood);
    assert_eq!(state(&["a"], &[leaked()]), ("invalid-keys", None));
}

#[test]
fn a_key_tells_what_it_has_been_through() {
    let spec = quota_aware_api::engine::KeySpec { hint: "3dQ".into(), ..key_of("a", "one") };
    let mut world = World::new(Config::default()).and([spec, key("b")]);
    world.script("a", [crate::world::serve(), minute().hint(30_000)]);
    world.finish(ask());
    world.switch_to("a");
    world.finish(Ask { max_attempts: Some(1), ..ask() });
    let now = world.now();
    let status = &world.engine.status(now).keys[0];
    assert_eq!((status.id.as_str(), status.hint.as_str(), status.project.as_str()), ("a", "…3dQ", "one"));
    assert_eq!((status.provider, status.reason), (Some("gemini"), Some("per-minute quota used up")));
    assert_eq!((status.requests, status.successes, status.errors, status.rate_limited), (2, 1, 1, 1));
    assert_eq!((status.success_rate, status.latency_ms), (Some(0.5), Some(100)));
    assert_eq!((status.consecutive_errors, status.last_used_at), (0, Some(now.wall.0 - 100)));
}

#[test]
fn a_pool_tells_its_limits_its_use_and_what_is_left() {
    let limits = Limits { rpd: NonZeroU64::new(50), tpm: NonZeroU64::new(1_000), ..rpm(10) };
    let mut world = World::new(Config::default()).and([key_with("a", limits)]);
    let demand = quota_aware_api::engine::Demand::Stated(Tokens(300));
    world.calls(3, &Ask { demand, ..ask() });
    let now = world.now();
    let pool = &world.engine.status(now).pools[0];
    assert_eq!((pool.provider, pool.project.as_str(), pool.model.as_str()), ("gemini", "a", "flash"));
    assert_eq!(
        (pool.limits.rpm, pool.limits.tpm, pool.limits.rpd, pool.limits.tpd),
        (Some(10), Some(1_000), Some(50), None)
    );
    assert_eq!((pool.used.requests, pool.used.tokens, pool.used.requests_today), (3, 900, 3));
    assert_eq!((pool.remaining.rpm, pool.remaining.tpm, pool.remaining.rpd), (Some(7), Some(100), Some(47)));
    assert_eq!((pool.resets_at.minute, pool.resets_at.day), (now.wall.0 + 60_010, now.wall.next_utc_midnight().0));
    assert_eq!((pool.closed, pool.available_at), (None, None));
}

#[test]
fn words_are_those_of_the_public_contract() {
    let codes = [
        FailureCode::QuotaExceeded,
        FailureCode::PartialQuota,
        FailureCode::InvalidKeys,
        FailureCode::Exhausted,
        FailureCode::NeverFits,
        FailureCode::QueueFull,
        FailureCode::Deadline,
        FailureCode::Timeout,
        FailureCode::NoKey,
    ];
    let names =
        "QUOTA_EXCEEDED PARTIAL_QUOTA INVALID_KEYS EXHAUSTED NEVER_FITS QUEUE_FULL DEADLINE TIMEOUT CONFIG_INVALID";
    assert_eq!(codes.map(FailureCode::name).join(" "), names);
    let verdicts = "ok rate-limited quota-exhausted out-of-credit invalid-key permission overloaded transient bad-request \
                    not-found too-large blocked network timeout aborted";
    assert_eq!(Verdict::ALL.map(Verdict::name).join(" "), verdicts);
    assert_eq!(
        [Scope::Key, Scope::Project, Scope::Model, Scope::None].map(Scope::name).join(" "),
        "key project model none"
    );
    assert_eq!(
        [Metric::Requests, Metric::InputTokens, Metric::Tokens].map(Metric::name).join(" "),
        "requests input-tokens tokens"
    );
    assert_eq!([Span::Minute, Span::Day].map(Span::name), ["minute", "day"]);
}

#[test]
fn every_reason_to_wait_has_words() {
    let causes = [
        Cause::MinuteQuota,
        Cause::DayQuota,
        Cause::NoQuota,
        Cause::OutOfCredit,
        Cause::Denied,
        Cause::Errors,
        Cause::Invalid,
        Cause::Restricted,
        Cause::Overload,
        Cause::Leaked,
        Cause::ByHand,
    ];
    let reasons = [
        WaitReason::Backoff,
        WaitReason::QuotaWindow(Span::Minute),
        WaitReason::QuotaWindow(Span::Day),
        WaitReason::Concurrency,
        WaitReason::Deadline,
        WaitReason::Reopening,
    ];
    let mut phrases: Vec<&str> = causes.map(|cause| WaitReason::Gate(cause).phrase()).into();
    phrases.extend(reasons.map(WaitReason::phrase));
    phrases.sort_unstable();
    phrases.dedup();
    assert_eq!(phrases.len(), causes.len() + reasons.len(), "each its own");
}
