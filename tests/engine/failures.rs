//! Who pays for a failure, for how long, and what the call does then.

use quota_aware_api::engine::{
    Ask, AttemptNote, Config, Demand, Event, FailureCode, Finality, Hint, KeySpec, LimitTable, Limits, Millis, Scope,
    Strategy, Tokens, UnixMillis, Verdict,
};
use quota_aware_api::provider::Provider;

use crate::pacific;
use crate::world::{
    HELD, Reply, World, ask, ask_for, daily, invalid, key, key_of, key_with, minute, overloaded, refuse, rpm, serve,
    silence, transient, unreachable,
};

const MINUTE: u64 = 60_000;
const HOUR: u64 = 60 * MINUTE;

/// Keys `a` and `b` of project one and `c` of project two, and so many attempts with `a` on `flash` that get a reply.
/// Then: who serves `flash`, and who serves `pro`.
fn serving_after(times: usize, reply: &Reply) -> [String; 2] {
    let mut world = World::new(Config::default()).and([key_of("a", "one"), key_of("b", "one"), key_of("c", "two")]);
    for model in ["flash", "pro"] {
        world.finish(ask_for(model));
    }
    world.script("a", vec![reply.clone(); times]);
    for _ in 0..times {
        world.switch_to("a");
        world.finish(Ask { max_attempts: Some(1), timeout: Some(Millis(500)), ..ask() });
    }
    [world.serving("flash"), world.serving("pro")]
}

/// The reply that gives an attempt this verdict.
fn reply(verdict: Verdict, scope: Scope) -> Reply {
    match verdict {
        Verdict::Network => unreachable(),
        Verdict::Timeout => silence(),
        _ => refuse(400, verdict, scope).hint(30_000),
    }
}

#[test]
fn every_verdict_charges_exactly_who_is_guilty() {
    const ALL: [&str; 2] = ["abc", "abc"];
    const POOL: [&str; 2] = ["c", "abc"];
    const PROJECT: [&str; 2] = ["c", "c"];
    const KEY: [&str; 2] = ["bc", "bc"];
    const MODEL: [&str; 2] = ["", "abc"];
    for verdict in Verdict::ALL {
        for scope in [Scope::Key, Scope::Project, Scope::Model, Scope::None] {
            // After one such answer, and after three in a row.
            let (once, thrice) = match (verdict, scope) {
                (Verdict::RateLimited | Verdict::QuotaExhausted, Scope::Project) => (PROJECT, PROJECT),
                (Verdict::RateLimited | Verdict::QuotaExhausted, _) => (POOL, POOL),
                (Verdict::OutOfCredit, _) | (Verdict::Permission, Scope::Project) => (PROJECT, PROJECT),
                (Verdict::InvalidKey, _) | (Verdict::Permission, Scope::Key) => (KEY, KEY),
                (Verdict::Permission, Scope::Model) => (POOL, POOL),
                (Verdict::Overloaded, _) => (ALL, MODEL),
                (Verdict::Transient | Verdict::Network | Verdict::Timeout, _) => (ALL, KEY),
                (Verdict::Permission, Scope::None)
                | (
                    Verdict::Ok
                    | Verdict::BadRequest
                    | Verdict::NotFound
                    | Verdict::TooLarge
                    | Verdict::Blocked
                    | Verdict::Aborted,
                    _,
                ) => (ALL, ALL),
            };
            assert_eq!(serving_after(1, &reply(verdict, scope)), once, "{verdict:?} {scope:?} once");
            if once == ALL {
                assert_eq!(serving_after(3, &reply(verdict, scope)), thrice, "{verdict:?} {scope:?} thrice");
            }
        }
    }
}

#[test]
fn a_limit_of_zero_closes_that_pool_only_and_its_hint_means_nothing() {
    let zero = |scope| refuse(429, Verdict::Permission, scope).hint(1_000).with(|meaning| meaning.limit = Some(0));
    assert_eq!(serving_after(1, &zero(Scope::Model)), ["c", "abc"]);
    assert_eq!(serving_after(1, &zero(Scope::Project)), ["c", "c"]);
    let mut world = World::of(&["a"]);
    world.script("a", [zero(Scope::Model)]);
    let first = world.finish(ask());
    assert_eq!(world.code(first), Some(FailureCode::QuotaExceeded));
    world.run_for(23 * HOUR);
    assert_eq!(world.serving("flash"), "");
    assert_eq!(world.health("a"), "quota-exhausted");
    world.run_for(HOUR + MINUTE);
    assert_eq!(world.serving("flash"), "a");
}

#[test]
fn a_limit_of_zero_is_forgotten_when_the_configuration_changes() {
    let mut world = World::of(&["a"]);
    world.script("a", [refuse(429, Verdict::Permission, Scope::Model).with(|meaning| meaning.limit = Some(0))]);
    world.finish(ask());
    let (now, id) = (world.now(), world.id("a"));
    world.engine.set_limits(now, id, &LimitTable::all(rpm(15))).unwrap();
    let call = world.finish(ask());
    assert!(world.is_answered(call));
}

#[test]
fn a_refusal_of_one_model_never_benches_the_key_for_another() {
    let mut world = World::of(&["a"]);
    world.script("a", [minute().hint(30_000)]);
    world.call(ask_for("flash"));
    world.run_for(1_000);
    let other = world.finish(ask_for("pro"));
    assert_eq!(world.order_of(other), "a");
    assert!(world.is_answered(other));
}

#[test]
fn a_refusal_of_one_key_makes_its_project_wait_and_another_project_is_tried_at_once() {
    let mut world = World::new(Config::default()).and([key_of("a", "one"), key_of("b", "one"), key_of("c", "two")]);
    world.script("a", [minute().hint(30_000)]);
    let call = world.finish(ask());
    assert_eq!((world.order(), world.waits(call)), ("ac".to_owned(), vec![0]));
    world.calls(4, &ask());
    assert_eq!(world.order(), "accccc");
}

#[test]
fn callers_that_move_together_are_spread_over_fifty_milliseconds() {
    let names: Vec<String> = (0..20).map(|n| format!("k{n}")).collect();
    let mut world = World::new(Config::default()).and(names.iter().map(|name| key(name)));
    names.iter().take(10).for_each(|name| world.script(name, [minute().hint(30_000)]));
    let calls = world.calls(10, &ask());
    world.run();
    let waits: Vec<u64> = calls.iter().flat_map(|call| world.waits(*call)).collect();
    assert_eq!(waits[0], 0);
    assert!(waits.iter().all(|wait| *wait <= 50), "{waits:?}");
    assert!(waits.iter().filter(|wait| **wait > 0).count() >= 7, "{waits:?}");
}

#[test]
fn a_minutes_refusal_without_a_hint_closes_to_the_end_of_the_observed_window() {
    let mut world = World::of(&["a"]);
    world.finish(ask());
    world.run_for(20_000);
    let began = world.sends()[0].at;
    world.script("a", [minute()]);
    let call = world.finish(ask());
    assert_eq!(world.sends_of(call)[1].at, began + Millis(HELD));
}

#[test]
fn a_minutes_hint_is_a_lower_bound_padded_by_a_quarter_second_to_a_tenth_more() {
    for seed in 0..200 {
        let start = UnixMillis(pacific::utc(2026, 3, 2).0);
        for truncated in [false, true] {
            let mut world = World::seeded(seed, start, Config::default()).and([key("a")]);
            let hint = Some(Hint { delay: Millis(20_000), truncated });
            world.script("a", [minute().with(|meaning| meaning.retry_after = hint)]);
            let call = world.finish(ask());
            let (least, wait) = (20_250 + if truncated { 1_000 } else { 0 }, world.waits(call)[0]);
            assert!((least..=least + 2_000).contains(&wait), "{wait}");
        }
    }
}

/// When the pool of `flash` is tried next, and after its refusal next, from an exhausted day on.
fn daily_probes(world: &mut World, hint: Option<u64>, count: usize) -> Vec<UnixMillis> {
    world.script("a", (0..=count).map(|_| hint.map_or_else(daily, |hint| daily().hint(hint))));
    world.finish(ask());
    let mut probes = Vec::new();
    for _ in 0..count {
        let now = world.now();
        let (_, at) = world.engine.next_key(now, Some(Provider::Gemini), Some("flash")).unwrap_err();
        probes.push(now.wall_of(at.unwrap()));
        world.run_for((at.unwrap() - now.mono).0 - 1);
        assert_eq!(world.serving("flash"), "", "a millisecond early");
        world.run_for(1);
        assert_eq!(world.serving("flash"), "a");
        let sent = world.sends().len();
        world.calls(3, &ask());
        assert_eq!(world.sends().len(), sent + 1, "one probe, not a burst");
        world.run();
    }
    probes
}

fn assert_just_after(at: UnixMillis, midnight: UnixMillis) {
    let late = at - midnight;
    assert!(at >= midnight + Millis(250) && late <= Millis(1_250), "{late:?} after midnight");
}

#[test]
fn a_short_hint_on_geminis_daily_quota_is_ignored_for_both_midnights_in_turn_also_when_the_clocks_change() {
    let hour = |date: (u64, u64, u64), hour: u64| UnixMillis(pacific::utc(date.0, date.1, date.2).0 + hour * HOUR);
    // Noon UTC before an ordinary day, and before both changes of 2026. Los Angeles' midnight is 08:00 UTC in winter.
    let days = [
        (hour((2026, 1, 14), 12), [hour((2026, 1, 15), 0), hour((2026, 1, 15), 8), hour((2026, 1, 16), 0)]),
        (hour((2026, 3, 7), 12), [hour((2026, 3, 8), 0), hour((2026, 3, 8), 8), hour((2026, 3, 9), 0)]),
        (hour((2026, 3, 8), 12), [hour((2026, 3, 9), 0), hour((2026, 3, 9), 7), hour((2026, 3, 10), 0)]),
        (hour((2026, 10, 31), 12), [hour((2026, 11, 1), 0), hour((2026, 11, 1), 7), hour((2026, 11, 2), 0)]),
        (hour((2026, 11, 1), 12), [hour((2026, 11, 2), 0), hour((2026, 11, 2), 8), hour((2026, 11, 3), 0)]),
    ];
    for (start, midnights) in days {
        for hint in [None, Some(51_607)] {
            let mut world = World::at(start, Config::default()).and([key("a")]);
            let probes = daily_probes(&mut world, hint, 3);
            probes.iter().zip(midnights).for_each(|(probe, midnight)| assert_just_after(*probe, midnight));
        }
    }
}

#[test]
fn a_long_hint_on_a_daily_quota_is_believed() {
    let mut world = World::of(&["a"]);
    let start = world.now().wall;
    let probes = daily_probes(&mut world, Some(2 * HOUR), 1);
    let wait = probes[0] - start;
    assert!(wait >= Millis(2 * HOUR + 250) && wait <= Millis(2 * HOUR + 12 * MINUTE + 350), "{wait:?}");
}

#[test]
fn short_hints_of_groqs_and_openais_daily_quotas_are_believed() {
    for provider in [Provider::Groq, Provider::OpenAi] {
        let mut world = World::new(Config::default()).and([KeySpec { provider: Some(provider), ..key("a") }]);
        world.script("a", [daily().hint(7_000)]);
        let call = world.finish(Ask { provider, ..ask() });
        assert!(world.is_answered(call));
        assert!((7_250..=7_950).contains(&world.waits(call)[0]), "{provider:?}");
    }
}

#[test]
fn three_refusals_at_a_hint_that_names_no_window_mean_the_day() {
    let unnamed = || refuse(429, Verdict::RateLimited, Scope::Model).hint(1_580);
    let mut world = World::of(&["a"]);
    world.always("a", unnamed());
    let call = world.finish(Ask { max_attempts: Some(10), ..ask() });
    assert_eq!(world.order(), "aaa");
    assert_eq!(world.code(call), Some(FailureCode::QuotaExceeded));
    assert_eq!(world.health("a"), "quota-exhausted");
}

#[test]
fn a_burst_of_refusals_is_one_refusal_and_not_yet_the_day() {
    let unnamed = || refuse(429, Verdict::RateLimited, Scope::Model).hint(1_580);
    let mut world = World::of(&["a"]);
    world.script("a", (0..8).map(|_| unnamed()));
    let calls = world.calls(8, &ask());
    world.run();
    assert!(calls.iter().all(|call| world.is_answered(*call)));
}

#[test]
fn out_of_credit_closes_the_project_for_an_hour_and_then_one_probe_goes() {
    let broke = || refuse(402, Verdict::OutOfCredit, Scope::Project);
    let mut world = World::new(Config::default()).and([key_of("a", "one"), key_of("b", "one")]);
    world.script("a", [broke(), broke()]);
    let call = world.finish(ask());
    assert_eq!((world.code(call), world.order()), (Some(FailureCode::QuotaExceeded), "a".to_owned()));
    world.run_for(HOUR - 1_000);
    let early = world.call(Ask { max_attempts: Some(1), deadline: Some(Millis(500)), ..ask() });
    assert_eq!(world.code(early), Some(FailureCode::QuotaExceeded));
    world.run_for(2_000);
    world.switch_to("a");
    world.calls(5, &ask());
    assert_eq!(world.order(), "aa", "one probe");
    world.run();
    assert_eq!(world.order(), "aa", "it was refused: nobody else is sent");
    world.run_for(HOUR + 1_000);
    let again = world.calls(5, &ask());
    assert_eq!(world.order().len(), 3, "one probe");
    world.run();
    assert!(again.iter().all(|call| world.is_answered(*call)));
}

#[test]
fn an_invalid_key_is_out_and_probed_at_most_hourly_and_a_good_answer_brings_it_back() {
    let mut world = World::of(&["a", "b"]);
    world.script("a", [invalid(), invalid()]);
    for _ in 0..3 * 60 {
        world.finish(ask());
        world.run_for(MINUTE);
    }
    let probes: Vec<_> = world.sends().into_iter().filter(|sent| sent.send.key == world.id("a")).collect();
    assert!(probes[1].at - probes[0].at >= Millis(HOUR));
    assert!(probes[2].at - probes[1].at >= Millis(HOUR));
    assert!(probes.len() > 20, "in turn again since its good answer");
}

#[test]
fn a_leaked_key_is_never_tried_again() {
    let mut world = World::of(&["a"]);
    world.script("a", [invalid().with(|meaning| meaning.finality = Finality::ForGood)]);
    let call = world.finish(ask());
    assert_eq!(world.code(call), Some(FailureCode::InvalidKeys));
    world.run_for(400 * 24 * HOUR);
    let call = world.call(ask());
    assert_eq!((world.code(call), world.order()), (Some(FailureCode::InvalidKeys), "a".to_owned()));
    assert_eq!(world.failure(call).retry_after, None);
}

#[test]
fn a_reset_by_hand_gives_even_a_leaked_key_another_try() {
    for by_name in [true, false] {
        let mut world = World::of(&["a"]);
        world.script("a", [invalid().with(|meaning| meaning.finality = Finality::ForGood)]);
        world.finish(ask());
        let (now, id) = (world.now(), world.id("a"));
        world.engine.reset(now, by_name.then_some(id));
        let call = world.finish(ask());
        assert!(world.is_answered(call));
    }
}

#[test]
fn a_reset_forgets_refusals_that_were_on_their_way_to_mean_the_day() {
    let unnamed = || refuse(429, Verdict::RateLimited, Scope::Model).hint(1_580);
    let mut world = World::of(&["a"]);
    world.script("a", [unnamed(), unnamed(), unnamed()]);
    world.finish(ask());
    let (now, id) = (world.now(), world.id("a"));
    world.engine.reset(now, Some(id));
    world.script("a", [unnamed()]);
    let call = world.finish(ask());
    assert!(world.is_answered(call));
}

#[test]
fn a_restricted_key_is_disabled_and_the_others_go_on() {
    let mut world = World::of(&["a", "b"]);
    world.script("a", [refuse(403, Verdict::Permission, Scope::Key)]);
    let call = world.finish(ask());
    assert_eq!((world.order_of(call), world.health("a")), ("ab".to_owned(), "disabled"));
}

#[test]
fn a_test_brings_a_key_back_only_by_a_good_answer() {
    let mut world = World::of(&["a", "b"]);
    world.script("a", [invalid(), invalid()]);
    world.finish(ask());
    world.test("a");
    assert_eq!((world.health("a"), world.serving("flash")), ("invalid", "b".to_owned()));
    let good = world.test("a");
    assert!(world.is_answered(good));
    assert_eq!((world.health("a"), world.serving("flash")), ("available", "ab".to_owned()));
}

#[test]
fn a_test_that_finds_a_key_dead_takes_it_down() {
    let mut world = World::of(&["a", "b"]);
    world.script("a", [invalid()]);
    world.test("a");
    assert_eq!(world.health("a"), "invalid");
}

#[test]
fn a_test_that_finds_the_account_empty_does_not_reopen_it() {
    let mut world = World::of(&["a", "b"]);
    world.script(
        "a",
        [refuse(402, Verdict::OutOfCredit, Scope::Project), refuse(402, Verdict::OutOfCredit, Scope::Project)],
    );
    world.finish(ask());
    world.test("a");
    assert_eq!(world.serving("flash"), "b");
}

#[test]
fn a_test_goes_out_whatever_is_known_and_ends_with_what_it_found() {
    let mut world = World::of(&["a"]);
    world.script("a", [overloaded(), overloaded(), overloaded()]);
    let call = world.finish(ask());
    assert_eq!(world.code(call), Some(FailureCode::Exhausted));
    let sent = world.sends().len();
    let id = world.id("a");
    world.call(Ask { pinned: Some(id), ..ask() });
    assert_eq!(world.sends().len(), sent + 1);
    world.run();
    for found in [minute().hint(9_000), transient(), invalid(), refuse(403, Verdict::Permission, Scope::Key)] {
        world.script("a", [found]);
        let test = world.test("a");
        assert!(world.is_answered(test), "a test returns the response");
        assert_eq!(world.sends_of(test).len(), 1);
    }
    world.script("a", [unreachable()]);
    let test = world.test("a");
    assert_eq!(world.failure(test).attempts[0].verdict, Verdict::Network);
}

#[test]
fn an_overloaded_model_gets_four_more_tries_with_back_off_and_nobodys_key_is_charged() {
    let mut world = World::of(&["a", "b", "c"]);
    ["a", "b", "c"].iter().for_each(|name| world.always(name, overloaded()));
    let call = world.finish(Ask { max_attempts: Some(10), ..ask() });
    assert_eq!((world.sends_of(call).len(), world.code(call)), (5, Some(FailureCode::Exhausted)));
    assert!(world.waits(call).iter().zip([500, 1_000, 2_000, 4_000]).all(|(wait, ceiling)| *wait <= ceiling));
    assert_eq!(["a", "b", "c"].map(|name| world.health(name)), ["available"; 3]);
    assert!(!world.events().any(|event| matches!(event, Event::KeyDown { .. })), "no key is down");
    let other = world.finish(ask_for("pro"));
    assert_eq!(world.sends_of(other).len(), 5, "another model is asked");
}

#[test]
fn where_there_is_a_fallback_an_overloaded_model_gets_two_more_tries() {
    let config = Config { overload_retries: 2, ..Config::default() };
    let mut world = World::new(config).and(["a", "b", "c"].map(key));
    ["a", "b", "c"].iter().for_each(|name| world.always(name, overloaded()));
    let call = world.finish(Ask { max_attempts: Some(10), ..ask() });
    assert_eq!((world.sends_of(call).len(), world.code(call)), (3, Some(FailureCode::Exhausted)));
}

#[test]
fn an_overload_that_asks_for_more_patience_than_the_call_has_ends_it_at_once() {
    let mut world = World::of(&["a"]);
    world.script("a", [overloaded().hint(10 * MINUTE)]);
    let call = world.finish(ask());
    assert_eq!(world.failure(call).elapsed, Millis(100));
}

/// Single attempts with key `a`.
fn fail_with_a(world: &mut World, times: usize) {
    for _ in 0..times {
        world.switch_to("a");
        world.finish(Ask { max_attempts: Some(1), ..ask() });
    }
}

/// For how long key `a`, the first, is still closed.
fn cooldown_of_a(world: &mut World) -> u64 {
    let now = world.now();
    world.engine.status(now).keys[0].available_at.map_or(0, |until| until - now.wall.0)
}

#[test]
fn three_errors_in_a_row_cool_a_key_for_thirty_seconds_doubling_to_five_minutes() {
    let mut world = World::of(&["a", "b"]);
    world.always("a", transient());
    fail_with_a(&mut world, 3);
    let mut cooldowns = Vec::new();
    for _ in 0..6 {
        assert_eq!(world.health("a"), "cooling-down");
        cooldowns.push(cooldown_of_a(&mut world));
        world.run_for(cooldowns[cooldowns.len() - 1]);
        assert_eq!(world.health("a"), "probing");
        fail_with_a(&mut world, 1);
    }
    assert_eq!(cooldowns, [30_000, 60_000, 120_000, 240_000, 300_000, 300_000]);
}

#[test]
fn success_clears_errors_and_cooldowns() {
    let mut world = World::of(&["a", "b"]);
    world.script("a", [transient(), transient(), serve(), transient(), transient()]);
    fail_with_a(&mut world, 5);
    assert_eq!(world.health("a"), "available");
    world.script("a", [transient(), serve(), transient(), transient(), transient()]);
    fail_with_a(&mut world, 1);
    assert_eq!(cooldown_of_a(&mut world), 30_000);
    world.run_for(30_000);
    fail_with_a(&mut world, 4);
    assert_eq!(cooldown_of_a(&mut world), 30_000, "the first cooldown again");
}

#[test]
fn a_half_open_key_gets_one_call_and_not_a_burst() {
    let mut world = World::new(Config { strategy: Strategy::Failover, ..Config::default() }).and([key("a"), key("b")]);
    world.script("a", [transient(), transient(), transient()]);
    fail_with_a(&mut world, 3);
    world.run_for(30_000);
    world.switch_to("a");
    let calls = world.calls(5, &ask());
    let keys: String = calls.iter().map(|call| world.order_of(*call)).collect();
    assert_eq!(keys, "abbbb");
}

#[test]
fn failures_that_were_under_way_together_cost_one_cooldown() {
    let mut world = World::of(&["a", "b"]);
    world.script("a", (0..12).map(|_| unreachable()));
    world.calls(24, &ask());
    world.run_for(5_000);
    assert!((20_000..=30_000).contains(&cooldown_of_a(&mut world)), "{}", cooldown_of_a(&mut world));
}

#[test]
fn the_last_usable_key_is_never_ejected() {
    let mut world = World::of(&["a", "b"]);
    world.script("b", [invalid()]);
    world.always("a", transient());
    for _ in 0..6 {
        world.finish(ask());
    }
    assert_eq!(world.health("a"), "available");
}

#[test]
fn the_last_usable_key_of_a_provider_or_model_is_never_ejected() {
    let groq = KeySpec { provider: Some(Provider::Groq), ..KeySpec::named("g") };
    let other = KeySpec { models: Some(vec!["pro".into()]), ..key("p") };
    for bystander in [groq, other] {
        let mut world = World::new(Config::default()).and([key("a"), bystander]);
        world.always("a", transient());
        for _ in 0..3 {
            world.finish(Ask { max_attempts: Some(1), ..ask() });
        }
        assert_eq!(world.health("a"), "available");
    }
}

#[test]
fn errors_that_ejected_nobody_do_not_lengthen_the_first_cooldown() {
    let mut world = World::of(&["a", "b"]);
    world.script("b", [invalid()]);
    world.script("a", (0..9).map(|_| transient()));
    for _ in 0..9 {
        world.finish(Ask { max_attempts: Some(1), ..ask() });
    }
    let (now, b) = (world.now(), world.id("b"));
    world.engine.reset(now, Some(b));
    world.script("a", [transient()]);
    fail_with_a(&mut world, 1);
    assert_eq!(cooldown_of_a(&mut world), 30_000);
}

#[test]
fn the_later_end_of_two_closures_wins() {
    for hints in [[40_000, 10_000], [10_000, 40_000]] {
        let mut world = World::of(&["a"]);
        world.script("a", hints.map(|hint| minute().hint(hint)));
        let calls = world.calls(2, &ask());
        world.run();
        let first = calls.iter().flat_map(|call| world.waits(*call)).min().unwrap();
        assert!(first >= 40_250, "{first}");
    }
}

#[test]
fn a_key_behind_several_closed_gates_waits_for_the_last_of_them() {
    let mut world = World::of(&["a", "b"]);
    world.script("a", [daily(), transient(), transient(), transient()]);
    world.script("b", [daily()]);
    world.switch_to("a");
    world.finish(ask());
    for _ in 0..3 {
        world.switch_to("a");
        world.finish(Ask { max_attempts: Some(1), ..ask_for("pro") });
    }
    assert_eq!(world.health("a"), "cooling-down");
    let call = world.call(ask());
    assert_eq!(world.code(call), Some(FailureCode::QuotaExceeded));
    assert!(world.failure(call).retry_after.unwrap() > Millis(HOUR));
}

#[test]
fn a_request_at_fault_is_returned_after_one_attempt_and_nobody_is_charged() {
    let faults = [
        (400, Verdict::BadRequest, Scope::None),
        (413, Verdict::TooLarge, Scope::None),
        (404, Verdict::NotFound, Scope::Model),
        (200, Verdict::Blocked, Scope::None),
        (403, Verdict::Permission, Scope::None),
    ];
    for (status, verdict, scope) in faults {
        let mut world = World::of(&["a", "b"]);
        world.script("a", [refuse(status, verdict, scope)]);
        let call = world.finish(ask());
        assert!(world.is_answered(call), "{verdict:?}");
        assert_eq!(world.order_of(call), "a", "{verdict:?}");
        assert_eq!(["a", "b"].map(|name| world.health(name)), ["available"; 2]);
    }
}

#[test]
fn what_can_never_fit_is_refused_at_once_and_not_sent() {
    let small = Limits { tpm: core::num::NonZeroU64::new(1_000), ..Limits::default() };
    let stated = |tokens| Ask { demand: Demand::Stated(Tokens(tokens)), ..ask() };
    for closed in [false, true] {
        let mut world = World::new(Config::default()).and([key_with("a", small)]);
        if closed {
            world.script("a", [minute().hint(30_000)]);
            world.call(ask());
            world.run_for(1_000);
        }
        let sent = world.sends().len();
        let call = world.call(stated(1_001));
        assert_eq!((world.code(call), world.sends().len()), (Some(FailureCode::NeverFits), sent), "closed: {closed}");
        assert_eq!(world.failure(call).limit, Some(1_000));
    }
}

#[test]
fn a_refusal_that_arrives_after_its_key_was_removed_still_charges_the_project() {
    let mut world = World::new(Config::default()).and([key_of("a", "one"), key_of("b", "one")]);
    world.script("a", [refuse(402, Verdict::OutOfCredit, Scope::Project)]);
    let call = world.call(ask());
    world.remove("a");
    world.run();
    assert_eq!((world.order_of(call), world.code(call)), ("a".to_owned(), Some(FailureCode::QuotaExceeded)));
}

#[test]
fn the_code_says_what_is_true_of_the_keys() {
    let end = |replies: [Reply; 3]| {
        let mut world = World::of(&["a", "b", "c"]);
        for (name, reply) in ["a", "b", "c"].iter().zip(replies) {
            world.always(name, reply);
        }
        let call = world.finish(Ask { max_attempts: Some(3), ..ask() });
        let failure = world.failure(call);
        (failure.code, failure.keys, failure.keys_exhausted, failure.keys_invalid, failure.attempts.len())
    };
    let limited = || minute().hint(30_000);
    assert_eq!(end([daily(), daily(), daily()]), (FailureCode::QuotaExceeded, 3, 3, 0, 3));
    assert_eq!(end([daily(), invalid(), daily()]), (FailureCode::QuotaExceeded, 3, 2, 1, 3));
    assert_eq!(end([daily(), limited(), limited()]), (FailureCode::PartialQuota, 3, 1, 0, 3));
    assert_eq!(end([daily(), daily(), transient()]), (FailureCode::PartialQuota, 3, 2, 0, 3));
    assert_eq!(end([invalid(), invalid(), invalid()]), (FailureCode::InvalidKeys, 3, 0, 3, 3));
    // A suspended project is no matter of quota: its keys are as dead as if they were revoked.
    let denied = || refuse(403, Verdict::Permission, Scope::Project);
    assert_eq!(end([denied(), denied(), denied()]), (FailureCode::InvalidKeys, 3, 0, 3, 3));
    assert_eq!(end([denied(), invalid(), denied()]), (FailureCode::InvalidKeys, 3, 0, 3, 3));
    assert_eq!(end([denied(), daily(), denied()]), (FailureCode::QuotaExceeded, 3, 1, 2, 3));
    assert_eq!(end([limited(), limited(), limited()]), (FailureCode::Exhausted, 3, 0, 0, 3));
    assert_eq!(end([unreachable(), transient(), unreachable()]), (FailureCode::Exhausted, 3, 0, 0, 3));
}

#[test]
fn a_limit_of_nothing_is_not_waited_for() {
    let nothing =
        || refuse(429, Verdict::Permission, Scope::Model).hint(30_000).with(|meaning| meaning.limit = Some(0));
    let mut world = World::of(&["a", "b"]);
    world.always("a", nothing());
    world.always("b", nothing());
    for attempts in [2, 0] {
        let call = world.finish(ask());
        let failure = world.failure(call);
        assert_eq!((failure.code, failure.attempts.len()), (FailureCode::QuotaExceeded, attempts));
        assert_eq!((failure.retry_after, failure.keys_exhausted), (None, 2), "after {attempts} attempts");
    }
    // Another key's minute is something to wait for.
    let mut world = World::of(&["a", "b"]);
    world.always("a", nothing());
    world.always("b", minute().hint(45_000));
    let call = world.finish(Ask { max_attempts: Some(2), ..ask() });
    assert!(world.failure(call).retry_after.is_some_and(|wait| wait < Millis(50_000)));
}

#[test]
fn the_error_tells_every_attempt_and_when_to_come_back() {
    let mut world = World::of(&["a", "b"]);
    world.script("a", [minute().hint(30_000)]);
    world.script("b", [minute().hint(45_000)]);
    let call = world.finish(Ask { max_attempts: Some(2), ..ask() });
    let failure = world.failure(call);
    let note = |name: &str| AttemptNote {
        key: world.id(name),
        status: Some(429),
        verdict: Verdict::RateLimited,
        waited: Millis::ZERO,
    };
    assert_eq!(failure.attempts, [note("a"), note("b")]);
    assert_eq!(failure.last.as_ref().map(|last| last.verdict), Some(Verdict::RateLimited));
    assert!((30_150..=33_250).contains(&failure.retry_after.unwrap().0), "the sooner of the two");
    assert_eq!(failure.elapsed, Millis(200));
}

#[test]
fn a_call_with_one_try_is_not_spent_on_a_key_that_was_found_dead() {
    let mut world = World::of(&["a", "b"]);
    world.script("a", [invalid(), invalid()]);
    world.finish(ask());
    world.sleep(3_600_000);
    world.switch_to("a");
    let careful = world.finish(Ask { max_attempts: Some(1), ..ask() });
    assert_eq!(world.order_of(careful), "b");
    world.switch_to("a");
    let relaxed = world.finish(ask());
    assert_eq!(world.order_of(relaxed), "ab", "somebody has to probe");
}

#[test]
fn an_overload_is_the_models_under_whatever_name_it_is_asked() {
    let mut world = World::of(&["a", "b"]);
    world.script("a", [minute().hint(1_001).with(|meaning| meaning.model = Some("flash".to_owned()))]);
    let call = world.finish(ask_for("flash-latest"));
    assert!(world.is_answered(call), "and both names are known to be one model");
    world.run_for(5_000);
    ["a", "b"].iter().for_each(|name| world.always(name, overloaded().hint(20_000)));
    world.call(ask_for("flash-latest"));
    world.run_for(45_000);
    let before = world.sends().len();
    let other = world.call(ask_for("flash-latest"));
    assert_eq!(
        (world.sends_of(other).len(), world.sends().len()),
        (0, before),
        "the model is closed, whatever it is called"
    );
}
