//! What somebody should look at: told once when it begins and once when it is over; and keys that people take out.

use core::num::NonZeroU64;

use quota_aware_api::engine::{
    Alert, AlertPolicy, Ask, Cause, Config, Event, FailureCode, Finality, KeyError, LimitTable, Limits, Metric, Scope,
    Span, State, Tokens, UnixMillis, Verdict,
};

use crate::pacific;
use crate::world::{World, ask, ask_for, daily, invalid, key, key_of, key_with, minute, refuse, rpm, serve, transient};

const MINUTE: u64 = 60_000;
const HOUR: u64 = 60 * MINUTE;

/// Every transition, as `(from, to, cause)`.
fn states(world: &World) -> Vec<(State, State, Option<Cause>)> {
    let state = |event: &Event| match event {
        Event::State { from, to, cause } => Some((*from, *to, *cause)),
        _ => None,
    };
    world.events().filter_map(state).collect()
}

/// `+code` for each alert that began, `-code` for each that was over.
fn alerts(world: &World) -> String {
    let told = |event: &Event| match event {
        Event::Alert(alert) => Some(format!("+{} ", alert.code)),
        Event::AlertOver { alert, .. } => Some(format!("-{} ", alert.code)),
        _ => None,
    };
    world.events().filter_map(told).collect()
}

fn status_alerts(world: &mut World) -> Vec<Alert> {
    let now = world.now();
    world.engine.status(now).alerts
}

fn leaked() -> crate::world::Reply {
    invalid().with(|meaning| meaning.finality = Finality::ForGood)
}

// ---------------------------------------------------------------- the state

#[test]
fn each_transition_is_told_once_with_what_keeps_most_keys() {
    let mut world = World::of(&["a", "b"]);
    world.script("a", [minute().hint(30_000)]);
    world.finish(ask());
    let degraded = (State::Ok, State::Degraded, Some(Cause::MinuteQuota));
    assert_eq!(states(&world), [degraded]);
    world.script("b", [invalid()]);
    world.call(ask());
    world.run_for(1_000);
    assert_eq!(states(&world)[1..], [(State::Degraded, State::Exhausted, Some(Cause::MinuteQuota))]);
    world.run_for(3 * MINUTE);
    assert_eq!(states(&world)[2..], [(State::Exhausted, State::Degraded, Some(Cause::Invalid))]);
    world.run_for(2 * HOUR);
    assert_eq!(states(&world)[3..], [(State::Degraded, State::Ok, None)]);
}

#[test]
fn keys_that_go_together_are_one_transition() {
    // The project of both runs out of money with one answer.
    let mut world = World::new(Config::default()).and([key_of("a", "one"), key_of("b", "one")]);
    world.script("a", [refuse(402, Verdict::OutOfCredit, Scope::Project)]);
    world.finish(ask());
    assert_eq!(states(&world), [(State::Ok, State::Exhausted, Some(Cause::OutOfCredit))]);
    // Both come back at the same instant.
    world.run_for(2 * HOUR);
    assert_eq!(states(&world)[1..], [(State::Exhausted, State::Ok, None)]);
}

#[test]
fn keys_that_nobody_accepts_have_a_word_of_their_own() {
    let mut world = World::of(&["a"]);
    world.script("a", [leaked()]);
    world.finish(ask());
    assert_eq!(states(&world), [(State::Ok, State::InvalidKeys, Some(Cause::Leaked))]);
    world.add(key("b"));
    assert_eq!(states(&world)[1..], [(State::InvalidKeys, State::Degraded, Some(Cause::Leaked))]);
    world.remove("a");
    assert_eq!(states(&world)[2..], [(State::Degraded, State::Ok, None)]);
}

#[test]
fn a_model_that_is_asked_for_the_first_time_brings_a_project_back() {
    let mut world = World::of(&["a"]);
    world.script("a", [daily()]);
    world.finish(ask());
    assert_eq!(states(&world).len(), 1);
    world.finish(ask_for("pro"));
    assert_eq!(states(&world)[1..], [(State::Exhausted, State::Ok, None)]);
}

#[test]
fn calls_that_are_served_say_nothing_about_the_state() {
    let mut world = World::of(&["a", "b"]);
    for _ in 0..100 {
        world.finish(ask());
    }
    assert_eq!((states(&world), alerts(&world).as_str()), (Vec::new(), ""));
}

// ---------------------------------------------------------------- alerts

#[test]
fn some_keys_without_quota_then_all_then_none_of_it() {
    let mut world = World::of(&["a", "b"]);
    world.script("a", [daily()]);
    world.finish(ask());
    assert_eq!(alerts(&world), "+some-keys-exhausted ");
    world.script("b", [daily()]);
    world.finish(ask());
    assert_eq!(alerts(&world), "+some-keys-exhausted +all-keys-exhausted ");
    let told = status_alerts(&mut world);
    assert_eq!((told.len(), told[0].severity, told[0].kind), (1, "critical", "error"));
    assert_eq!(told[0].message, "the daily quota of all 2 keys is used up");
    // Not at the moment of the return, nor when its first try fails, but once it has been good for a while.
    world.script("a", [daily()]);
    world.run_for(12 * HOUR + 2_000);
    assert_eq!(status_alerts(&mut world), []);
    assert_eq!(alerts(&world), "+some-keys-exhausted +all-keys-exhausted -some-keys-exhausted ");
    world.finish(ask());
    world.run_for(3 * MINUTE);
    let told =
        "+some-keys-exhausted +all-keys-exhausted -some-keys-exhausted -all-keys-exhausted +some-keys-exhausted ";
    assert_eq!(alerts(&world), told);
    world.run_for(24 * HOUR);
    assert_eq!(alerts(&world), format!("{told}-some-keys-exhausted "));
}

#[test]
fn what_comes_back_within_two_minutes_is_one_alert() {
    let mut world = World::of(&["a"]);
    for _ in 0..5 {
        world.script("a", [minute().hint(20_000)]);
        world.call(ask());
        world.run_for(MINUTE);
    }
    assert_eq!(alerts(&world), "+no-key-available ");
    assert_eq!(status_alerts(&mut world), []);
    world.run_for(3 * MINUTE);
    assert_eq!(alerts(&world), "+no-key-available -no-key-available ");
}

#[test]
fn a_leaked_key_is_named_with_what_to_do() {
    let mut world = World::of(&["a", "b"]);
    world.script("a", [leaked()]);
    world.finish(ask());
    let told = status_alerts(&mut world);
    assert_eq!((told[0].code, told[0].severity, told[0].key.as_deref()), ("leaked-key", "critical", Some("a")));
    assert_eq!(
        told[0].message,
        "a was reported as leaked, and its provider has ended it: revoke it, and add a new one"
    );
    let now = world.now();
    assert_eq!(world.engine.status(now).keys[0].reason, Some("key reported as leaked"));
    // Never tried again, and over once it is gone.
    world.run_for(50 * HOUR);
    world.remove("a");
    world.run_for(3 * MINUTE);
    assert_eq!(alerts(&world), "+leaked-key -leaked-key ");
}

#[test]
fn a_dead_key_that_may_be_repaired_is_no_leaked_one() {
    let mut world = World::of(&["a", "b"]);
    world.script("a", [invalid()]);
    world.finish(ask());
    assert_eq!(alerts(&world), "");
}

#[test]
fn a_rate_below_the_threshold_is_told_after_enough_requests_and_wavers_without_a_word() {
    let policy = AlertPolicy { error_rate: 1_000, ..AlertPolicy::default() };
    let mut world = World::new(Config { alerts: Some(policy), ..Config::default() }).and([key("a")]);
    let once = || Ask { max_attempts: Some(1), ..ask() };
    world.script("a", [transient(), transient(), serve(), transient()]);
    for _ in 0..10 {
        world.finish(once());
    }
    assert_eq!(alerts(&world), "", "ten are not enough, three of them failed");
    world.finish(once());
    assert_eq!(alerts(&world), "+low-success-rate ");
    let told = status_alerts(&mut world);
    assert_eq!(
        (told[0].key.as_deref(), told[0].message.as_str()),
        (Some("a"), "3 of the last 11 requests with a failed")
    );
    // 80 % would be 15 of them; it is over at 85 %, with the twentieth, and told two minutes later.
    for _ in 0..8 {
        world.finish(once());
        world.run_for(3 * MINUTE);
    }
    assert_eq!(alerts(&world), "+low-success-rate ");
    world.finish(once());
    assert_eq!(status_alerts(&mut world), []);
    world.run_for(3 * MINUTE);
    assert_eq!(alerts(&world), "+low-success-rate -low-success-rate ");
}

#[test]
fn many_errors_are_told_with_a_likely_cause() {
    let mut world = World::of(&["a", "b", "c"]);
    world.script("a", (0..3).map(|_| refuse(404, Verdict::NotFound, Scope::Model)));
    for _ in 0..12 {
        world.finish(ask());
    }
    assert_eq!(alerts(&world), "+high-error-rate ");
    assert!(status_alerts(&mut world)[0].message.ends_with("a model may have been renamed or retired"));
}

#[test]
fn thresholds_can_be_set_and_all_of_it_switched_off() {
    let run = |policy: Option<AlertPolicy>| {
        let mut world = World::new(Config { alerts: policy, ..Config::default() }).and([key("a"), key("b")]);
        world.script("a", [transient(), daily()]);
        for _ in 0..6 {
            world.finish(ask());
        }
        let told = alerts(&world);
        let now = world.now();
        let status = world.engine.status(now);
        (told, status.alerts.len(), status.notices.len())
    };
    let strict = AlertPolicy { success_rate: 990, error_rate: 10, min_requests: 1, terms: false };
    assert_eq!(run(Some(strict)), (String::from("+high-error-rate +some-keys-exhausted +low-success-rate "), 3, 0));
    assert_eq!(run(Some(AlertPolicy::default())), (String::from("+some-keys-exhausted "), 1, 1));
    assert_eq!(run(None), (String::new(), 0, 0));
}

// ---------------------------------------------------------------- limits

#[test]
fn a_stated_limit_below_the_declared_one_is_told_with_both_figures() {
    let mut world = World::new(Config::default()).and([key_with("a", rpm(60)), key("b")]);
    let stated = |limit| {
        minute().hint(1_000).with(|meaning| (meaning.metric, meaning.limit) = (Some(Metric::Requests), Some(limit)))
    };
    world.script("a", [stated(15)]);
    world.finish(ask());
    let told = status_alerts(&mut world);
    assert_eq!((told[0].code, told[0].severity), ("limit-drift", "medium"));
    assert_eq!(
        told[0].message,
        "60 requests a minute are declared for flash of a, and the provider states 15: correct the declared limit"
    );
    let limit = told[0].limit.as_ref().unwrap();
    assert_eq!((limit.declared, limit.stated, limit.found), (60, Some(15), None));
    // Correcting it ends it.
    let (now, a) = (world.now(), world.id("a"));
    world.engine.set_limits(now, a, &LimitTable::all(rpm(15))).unwrap();
    world.drain();
    assert_eq!(status_alerts(&mut world), []);
    world.run_for(3 * MINUTE);
    assert_eq!(alerts(&world), "+limit-drift -limit-drift ");
}

#[test]
fn a_declared_limit_below_the_stated_one_is_a_wish_and_a_notice() {
    let mut world = World::new(Config::default()).and([key_with("a", rpm(10)), key("b")]);
    let stated = minute().hint(1_000).with(|m| (m.metric, m.limit) = (Some(Metric::Requests), Some(15)));
    world.script("a", [stated]);
    world.finish(ask());
    assert_eq!(alerts(&world), "");
    let now = world.now();
    let notices = world.engine.status(now).notices;
    let above = notices.iter().find(|notice| notice.code == "limit-above").unwrap();
    assert_eq!(
        above.message,
        "10 requests a minute are declared for flash of a, and the provider states 15: what is above is left unused"
    );
}

#[test]
fn refusals_well_below_the_declared_limit_are_told_once_they_have_been_confirmed() {
    let mut world = World::new(Config::default()).and([key_with("a", rpm(100))]);
    world.quota("a", "flash", 10, usize::MAX);
    world.calls(12, &ask());
    world.run();
    assert_eq!(alerts(&world), "+no-key-available ", "once may be somebody else's doing");
    for _ in 0..4 {
        world.run_for(MINUTE);
        world.calls(11, &ask());
        world.run();
    }
    assert!(alerts(&world).contains("+limit-drift "), "{}", alerts(&world));
    let told = status_alerts(&mut world);
    let drift = told.iter().find(|alert| alert.code == "limit-drift").unwrap();
    assert_eq!(drift.limit.as_ref().unwrap().found, Some(10));
    assert!(drift.message.ends_with("the provider refuses after 10: correct the declared limit"));
}

#[test]
fn each_threshold_is_told_once_a_window_and_a_leap_over_both_tells_both() {
    let told = |world: &World| -> Vec<(u64, u64)> {
        let warning = |event: &Event| match event {
            Event::QuotaWarning { used, threshold, .. } => Some((*used, *threshold)),
            _ => None,
        };
        world.events().filter_map(warning).collect()
    };
    let mut world = World::new(Config::default()).and([key_with("a", rpm(20))]);
    world.calls(20, &ask());
    assert_eq!(told(&world), [(16, 800), (19, 950)]);
    world.run();
    world.run_for(61_000);
    world.calls(20, &ask());
    assert_eq!(told(&world)[2..], [(16, 800), (19, 950)]);
    let tokens = Limits { tpm: NonZeroU64::new(1_000), ..Limits::default() };
    let mut world = World::new(Config::default()).and([key_with("a", tokens)]);
    world.call(Ask { demand: quota_aware_api::engine::Demand::Stated(Tokens(960)), ..ask() });
    assert_eq!(told(&world), [(960, 800), (960, 950)]);
    let days = Limits { rpd: NonZeroU64::new(10), ..Limits::default() };
    let mut world = World::new(Config { warn_at: vec![500], ..Config::default() }).and([key_with("a", days)]);
    for _ in 0..9 {
        world.finish(ask());
        world.run_for(2 * MINUTE);
    }
    assert_eq!(told(&world), [(5, 500)], "once a day");
    let mut world = World::new(Config { warn_at: Vec::new(), ..Config::default() }).and([key_with("a", rpm(1))]);
    world.call(ask());
    assert_eq!(told(&world), []);
    let now = world.now();
    assert_ne!(world.engine.status(now).pace.signal, "slow");
}

// ---------------------------------------------------------------- notices

#[test]
fn several_keys_of_one_provider_without_a_project_are_noted_and_are_no_alert() {
    let notices = |keys: Vec<quota_aware_api::engine::KeySpec>| {
        let mut world = World::new(Config::default()).and(keys);
        let now = world.now();
        let status = world.engine.status(now);
        assert_eq!(status.alerts, []);
        status.notices.into_iter().map(|notice| (notice.severity, notice.code)).collect::<Vec<_>>()
    };
    assert_eq!(notices(vec![key("a"), key("b")]), [("info", "terms")]);
    assert_eq!(notices(vec![key("a")]), []);
    assert_eq!(notices(vec![key_of("a", "one"), key_of("b", "two"), key("c")]), []);
}

// ---------------------------------------------------------------- by hand

#[test]
fn a_key_that_is_taken_out_is_not_used_until_it_is_put_back() {
    let mut world = World::of(&["a", "b"]);
    let a = world.id("a");
    let now = world.now();
    assert_eq!(world.engine.disable_key(now, a), Ok(true));
    assert_eq!(world.engine.disable_key(now, a), Ok(false));
    world.drain();
    for _ in 0..4 {
        world.finish(ask());
    }
    assert_eq!((world.order().as_str(), world.health("a")), ("bbbb", "disabled"));
    let status = world.engine.status(now);
    assert_eq!((status.state, status.keys[0].reason), ("degraded", Some("taken out by hand")));
    // Neither time nor a reset nor a good test puts it back.
    world.test("a");
    world.engine.reset(world.now(), None);
    world.run_for(50 * HOUR);
    assert_eq!(world.health("a"), "disabled");
    let now = world.now();
    assert_eq!(world.engine.enable_key(now, a), Ok(true));
    assert_eq!(world.engine.enable_key(now, a), Ok(false));
    world.drain();
    assert_eq!(world.health("a"), "available");
    let told = |of: fn(&Event) -> bool| world.events().filter(|event| of(event)).count();
    assert_eq!(told(|event| matches!(event, Event::KeyDown { cause: Cause::ByHand, until: None, .. })), 1);
    assert_eq!(told(|event| matches!(event, Event::KeyRestored { .. })), 1);
    let hand = Some(Cause::ByHand);
    assert_eq!(states(&world), [(State::Ok, State::Degraded, hand), (State::Degraded, State::Ok, None)]);
    assert_eq!(world.engine.disable_key(now, quota_aware_api::engine::KeyId(9)), Err(KeyError::Unknown));
}

#[test]
fn what_is_under_way_ends_as_it_would_and_what_waits_moves_on() {
    let mut world = World::new(Config::default()).and([key_with("a", rpm(1)), key_with("b", rpm(1))]);
    let calls = world.calls(3, &ask());
    let (now, a) = (world.now(), world.id("a"));
    world.engine.disable_key(now, a).unwrap();
    world.drain();
    world.run();
    assert!(calls.iter().all(|call| world.is_answered(*call)));
    assert_eq!(world.order(), "abb");
}

#[test]
fn the_last_key_may_be_taken_out_and_whoever_waits_is_told_at_once() {
    let mut world = World::new(Config::default()).and([key_with("a", rpm(1))]);
    let calls = world.calls(3, &ask());
    let (now, a) = (world.now(), world.id("a"));
    world.engine.disable_key(now, a).unwrap();
    world.drain();
    assert_eq!(world.open(), [calls[0]]);
    assert_eq!(world.code(calls[2]), Some(FailureCode::Exhausted));
    assert_eq!(states(&world), [(State::Ok, State::Exhausted, Some(Cause::ByHand))]);
    assert!(world.events().any(|event| matches!(event, Event::AllKeysDown { until: None })));
    world.run();
    assert!(world.is_answered(calls[0]));
    let now = world.now();
    world.engine.enable_key(now, a).unwrap();
    world.drain();
    assert!(world.events().any(|event| matches!(event, Event::ServiceRestored)));
    assert_eq!(states(&world).len(), 2);
}

#[test]
fn what_was_held_against_a_key_is_still_there_when_it_is_put_back() {
    let mut world = World::of(&["a", "b"]);
    world.script("a", [invalid()]);
    world.finish(ask());
    let a = world.id("a");
    world.engine.disable_key(world.now(), a).unwrap();
    world.drain();
    assert_eq!(world.health("a"), "disabled");
    world.engine.enable_key(world.now(), a).unwrap();
    world.drain();
    assert_eq!(world.health("a"), "invalid");
    world.run_for(HOUR + 1_000);
    assert_eq!(world.health("a"), "probing");
    let told = |of: fn(&Event) -> bool| world.events().filter(|event| of(event)).count();
    assert_eq!(told(|event| matches!(event, Event::KeyDown { .. })), 1);
    assert_eq!(told(|event| matches!(event, Event::KeyRestored { .. })), 1);
}

#[test]
fn a_warning_names_the_span_of_its_limit() {
    let mut world = World::new(Config::default()).and([key_with("a", rpm(1))]);
    world.call(ask());
    assert!(world.events().any(|event| {
        matches!(event, Event::QuotaWarning { metric: Metric::Requests, span: Span::Minute, threshold: 800, .. })
    }));
}

// ---------------------------------------------------------------- the day's end

#[test]
fn flags_are_lifted_at_midnight_in_los_angeles_over_both_changes_of_the_clock() {
    // The eve, and the UTC hour of the midnight there that follows: before, in and after each change.
    for ((year, month, day), hour) in [
        ((2026, 3, 7), 8),
        ((2026, 3, 8), 8),
        ((2026, 3, 9), 7),
        ((2026, 10, 31), 7),
        ((2026, 11, 1), 7),
        ((2026, 11, 2), 8),
    ] {
        // Past 00:00 UTC of the day, so that the midnight there is the next of the two.
        let begin = UnixMillis(pacific::utc(year, month, day).0 + HOUR);
        let mut world = World::at(begin, Config::default()).and([key("a")]);
        world.script("a", [daily()]);
        world.finish(ask());
        let now = world.now();
        let status = &world.engine.status(now).keys[0];
        assert!(status.quota_exceeded, "{month}/{day}");
        let lifted = status.quota_reset_time.unwrap() - pacific::utc(year, month, day).0;
        assert!((hour * HOUR..hour * HOUR + 1_500).contains(&lifted), "{month}/{day}: {lifted}");
        world.run_for(hour * HOUR - HOUR - 200);
        assert_eq!(world.health("a"), "quota-exhausted", "{month}/{day}");
        world.run_for(2_000);
        assert_eq!(world.health("a"), "probing", "{month}/{day}");
        let call = world.finish(ask());
        assert!(world.is_answered(call));
        assert_eq!(states(&world).last(), Some(&(State::Exhausted, State::Ok, None)));
        world.run_for(3 * MINUTE);
        assert_eq!(alerts(&world), "+all-keys-exhausted -all-keys-exhausted ");
    }
}
