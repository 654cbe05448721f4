//! Which key is taken: strategies, what keys are bound to, turns, and keys that come and go.

use quota_aware_api::engine::{Ask, Assignment, Config, FailureCode, KeyError, KeySpec, Millis, Strategy};
use quota_aware_api::provider::Provider;

use crate::world::{World, ask, ask_for, daily, invalid, key, key_of, key_with, minute, of_session, rpm, serve};

fn with(strategy: Strategy) -> Config {
    Config { strategy, ..Config::default() }
}

/// Seven calls one after the other on three keys that differ in everything a strategy may look at.
fn seven_calls(strategy: Strategy, session: &str) -> String {
    let a = KeySpec { weight: 5, priority: 2, ..key_with("a", rpm(60)) };
    let b = key_with("b", rpm(10));
    let c = key_with("c", rpm(30));
    let mut world = World::new(with(strategy)).and([a, b, c]);
    for _ in 0..7 {
        world.finish(of_session(session));
    }
    world.order()
}

#[test]
fn no_strategy_could_pass_for_another() {
    let assigned = |assignment| Strategy::Assigned(assignment);
    let orders = [
        seven_calls(Strategy::RoundRobin, "1"),
        seven_calls(Strategy::Failover, "1"),
        seven_calls(Strategy::LeastLoaded, "1"),
        seven_calls(Strategy::Weighted, "1"),
        seven_calls(Strategy::Priority, "1"),
        seven_calls(assigned(Assignment::Modulo), "1"),
        seven_calls(assigned(Assignment::Rendezvous), "4"),
    ];
    // Least loaded: of 60, 10 and 30 a minute, one each leaves 98, 90 and 97 %; another of `a` makes it equal to `c`.
    assert_eq!(orders, ["abcabca", "aaaaaaa", "abcacaa", "aabacaa", "bcbcbcb", "bbbbbbb", "ccccccc"]);
}

#[test]
fn round_robin_shares_evenly() {
    let mut world = World::of(&["a", "b", "c"]);
    for _ in 0..6 {
        world.finish(ask());
    }
    assert_eq!(world.shares(), [2, 2, 2]);
}

#[test]
fn round_robin_skips_what_has_no_quota_and_comes_back_to_it() {
    let mut world = World::of(&["a", "b", "c"]);
    world.script("b", [minute().hint(5_000)]);
    for _ in 0..5 {
        world.finish(ask());
    }
    assert_eq!(world.order(), "abcaca");
    world.run_for(10_000);
    for _ in 0..3 {
        world.finish(ask());
    }
    assert_eq!(world.order(), "abcacabca");
}

#[test]
fn failover_stays_until_its_key_cannot_serve_and_then_stays_with_the_next() {
    let mut world = World::new(with(Strategy::Failover)).and(["a", "b", "c"].map(key));
    world.script("a", [serve(), serve(), minute().hint(5_000)]);
    for _ in 0..4 {
        world.finish(ask());
    }
    world.run_for(10_000);
    world.finish(ask());
    assert_eq!(world.order(), "aaabbb");
}

#[test]
fn least_loaded_shares_follow_headroom_not_count() {
    let mut world = World::new(with(Strategy::LeastLoaded)).and([key_with("a", rpm(15)), key_with("b", rpm(60))]);
    world.calls(25, &ask());
    assert_eq!(world.shares(), [5, 20]);
    world.calls(50, &ask());
    assert_eq!(world.shares(), [15, 60]);
}

#[test]
fn weighted_is_smooth() {
    let heavy = KeySpec { weight: 5, ..key("a") };
    let mut world = World::new(with(Strategy::Weighted)).and([heavy, key("b"), key("c")]);
    world.calls(14, &ask());
    assert_eq!(world.order(), "aabacaaaabacaa");
}

#[test]
fn weighted_does_not_repay_a_key_for_the_time_it_was_away() {
    let heavy = KeySpec { weight: 3, ..key("a") };
    let mut world = World::new(with(Strategy::Weighted)).and([heavy, key("b")]);
    world.script("a", [minute().hint(5_000)]);
    for _ in 0..9 {
        world.finish(ask());
    }
    world.run_for(10_000);
    let before = world.shares();
    for _ in 0..8 {
        world.finish(ask());
    }
    let [a, b] = [0, 1].map(|key: usize| world.shares()[key] - before[key]);
    assert!((5..=7).contains(&a) && (1..=3).contains(&b), "{a} and {b} of 8 at 3 to 1");
}

#[test]
fn priority_prefers_the_lowest_number_while_it_has_headroom() {
    let first = KeySpec { priority: 1, ..key_with("a", rpm(2)) };
    let [second, third] = ["b", "c"].map(|name| KeySpec { priority: 2, ..key(name) });
    let mut world = World::new(with(Strategy::Priority)).and([third, first, second]);
    world.calls(6, &ask());
    assert_eq!(world.order(), "aabcbc");
}

#[test]
fn assigned_is_stable_for_each_session_and_spreads_them() {
    let mut world = World::new(with(Strategy::Assigned(Assignment::Rendezvous))).and(["a", "b", "c", "d"].map(key));
    for round in 0..3 {
        for person in 0..40 {
            let call = world.finish(of_session(&format!("person {person}")));
            let own = world.engine.session_key(&format!("person {person}"));
            assert_eq!(Some(world.sends_of(call)[0].send.key), own, "round {round}");
        }
    }
    assert!(world.shares().iter().all(|share| (15..=45).contains(share)), "{:?}", world.shares());
}

#[test]
fn rendezvous_moves_only_the_sessions_of_the_key_that_left() {
    let mut world =
        World::new(with(Strategy::Assigned(Assignment::Rendezvous))).and(["a", "b", "c", "d", "e"].map(key));
    let sessions: Vec<String> = (0..200).map(|n| format!("s{n}")).collect();
    let homes = |world: &World| sessions.iter().map(|s| world.engine.session_key(s).unwrap()).collect::<Vec<_>>();
    let (before, gone) = (homes(&world), world.id("c"));
    world.remove("c");
    for (old, new) in before.iter().zip(homes(&world)) {
        assert!(if *old == gone { new != gone } else { new == *old });
    }
}

#[test]
fn a_session_falls_back_to_least_loaded_while_its_key_is_limited_and_then_returns() {
    let modulo = with(Strategy::Assigned(Assignment::Modulo));
    let mut world = World::new(modulo).and([key("a"), key_with("b", rpm(4)), key_with("c", rpm(60))]);
    world.script("a", [serve(), minute().hint(20_000)]);
    for _ in 0..4 {
        world.finish(of_session("3"));
    }
    assert_eq!(world.order(), "aabcc");
    world.run_for(30_000);
    world.finish(of_session("3"));
    assert_eq!(world.order(), "aabcca");
}

#[test]
fn a_session_of_a_dead_key_gets_another_for_good() {
    let mut world = World::new(with(Strategy::Assigned(Assignment::Rendezvous))).and(["a", "b", "c"].map(key));
    let session = "person 1";
    let first = world.engine.session_key(session).unwrap();
    let name = world.name(first).to_owned();
    world.script(&name, [invalid()]);
    let calls: Vec<_> = (0..4).map(|_| world.finish(of_session(session))).collect();
    let then = world.sends_of(calls[1])[0].send.key;
    assert_ne!(then, first);
    assert!(calls[2..].iter().all(|call| world.sends_of(*call)[0].send.key == then));
}

#[test]
fn quest_n_gets_key_n_mod_k() {
    let modulo = with(Strategy::Assigned(Assignment::Modulo));
    let mut world = World::new(modulo).and(["a", "b", "c", "d"].map(key));
    for quest in 1..=10 {
        world.finish(of_session(&quest.to_string()));
    }
    assert_eq!(world.order(), "bcdabcdabc");
}

#[test]
fn a_dead_key_does_not_shift_the_other_quests() {
    let modulo = with(Strategy::Assigned(Assignment::Modulo));
    let mut world = World::new(modulo).and(["a", "b", "c"].map(key));
    world.script("b", [invalid()]);
    world.finish(of_session("1"));
    for quest in ["0", "2", "3", "5"] {
        let call = world.finish(of_session(quest));
        assert_eq!(world.order_of(call), if quest == "0" || quest == "3" { "a" } else { "c" });
    }
}

#[test]
fn a_session_is_stable_among_the_keys_of_its_provider() {
    let mut world = World::new(with(Strategy::Assigned(Assignment::Rendezvous))).and(["a", "b", "c"].map(key));
    for name in ["x", "y", "z"] {
        world.add(KeySpec { provider: Some(Provider::Groq), ..KeySpec::named(name) });
    }
    for person in 0..12 {
        let calls: Vec<_> = (0..4).map(|_| world.finish(of_session(&format!("person {person}")))).collect();
        let keys: Vec<String> = calls.iter().map(|call| world.order_of(*call)).collect();
        assert!(keys.iter().all(|key| *key == keys[0]), "person {person}: {keys:?}");
    }
}

#[test]
fn rotating_one_session_moves_only_that_one_and_comes_around() {
    for assignment in [Assignment::Rendezvous, Assignment::Modulo] {
        let mut world = World::new(with(Strategy::Assigned(assignment))).and(["a", "b", "c"].map(key));
        let now = world.now();
        let home = |world: &World, session: &str| world.engine.session_key(session).unwrap();
        let (mine, others) = (home(&world, "7"), ["1", "2", "3"].map(|session| home(&world, session)));
        let mut seen = vec![mine];
        for _ in 0..2 {
            world.engine.rotate_session(now, "7");
            seen.push(home(&world, "7"));
        }
        world.engine.rotate_session(now, "7");
        assert_eq!(home(&world, "7"), mine);
        assert_eq!(["1", "2", "3"].map(|session| home(&world, session)), others);
        seen.sort_unstable();
        seen.dedup();
        assert_eq!(seen.len(), 3, "{assignment:?}");
    }
}

#[test]
fn a_key_is_used_only_for_its_models() {
    let only = |name: &str, model: &str| KeySpec { models: Some(vec![model.to_owned()]), ..key(name) };
    let mut world = World::new(Config::default()).and([only("a", "flash"), only("b", "pro"), key("c")]);
    for model in ["flash", "pro", "flash", "pro", "other", "other"] {
        world.finish(ask_for(model));
    }
    assert_eq!(world.order(), "abcbcc");
}

#[test]
fn a_model_without_a_key_is_a_mistake_in_the_configuration() {
    let mut world = World::new(Config::default()).and([KeySpec { models: Some(vec!["flash".into()]), ..key("a") }]);
    let call = world.call(ask_for("pro"));
    assert_eq!(world.code(call), Some(FailureCode::NoKey));
}

#[test]
fn a_key_is_used_only_for_its_provider() {
    let groq = KeySpec { provider: Some(Provider::Groq), ..KeySpec::named("g") };
    let mut world = World::new(Config::default()).and([key("a"), groq, KeySpec::named("x")]);
    for provider in [Provider::Gemini, Provider::Groq, Provider::Gemini, Provider::Groq, Provider::Anthropic] {
        world.finish(Ask { provider, ..ask() });
    }
    assert_eq!(world.order(), "agxxx", "each provider's calls take turns of their own");
}

#[test]
fn providers_in_alternation_leave_no_key_out() {
    let groq = KeySpec { provider: Some(Provider::Groq), ..KeySpec::named("g") };
    let mut world = World::new(Config::default()).and([key("a"), groq, KeySpec::named("x")]);
    for provider in [Provider::Groq, Provider::Gemini].into_iter().cycle().take(8) {
        world.finish(Ask { provider, ..ask() });
    }
    let of_gemini: String = world.order().chars().skip(1).step_by(2).collect();
    assert_eq!(of_gemini, "xaxa");
}

#[test]
fn calls_prefer_keys_of_their_workload_but_do_not_insist() {
    let work = |name: &str, workload: &str| KeySpec { workload: Some(workload.into()), ..key_with(name, rpm(2)) };
    let asking = |workload: Option<&str>| Ask { workload: workload.map(str::to_owned), ..ask() };
    let mut world = World::new(Config::default()).and([work("h", "heavy"), work("l", "light"), key_with("x", rpm(2))]);
    for _ in 0..5 {
        world.finish(asking(Some("light")));
    }
    assert_eq!(world.order(), "llxxh");
    let mut world = World::new(Config::default()).and([work("h", "heavy"), work("l", "light"), key_with("x", rpm(2))]);
    for _ in 0..3 {
        world.finish(asking(None));
    }
    assert_eq!(world.order(), "xxh");
}

#[test]
fn looking_does_not_take_a_turn() {
    let mut world = World::of(&["a", "b", "c"]);
    world.finish(ask());
    let now = world.now();
    let looks = [0; 5].map(|_| world.engine.next_key(now, Some(Provider::Gemini), Some("flash")));
    assert_eq!(looks, [Ok(world.id("b")); 5]);
    world.finish(ask());
    assert_eq!(world.order(), "ab");
}

#[test]
fn looking_tells_the_key_that_is_then_taken() {
    let strategies = [Strategy::RoundRobin, Strategy::Failover, Strategy::LeastLoaded, Strategy::Weighted];
    for strategy in strategies.into_iter().chain([Strategy::Priority]) {
        let keys = [key_with("a", rpm(9)), KeySpec { weight: 3, ..key("b") }, KeySpec { priority: 2, ..key("c") }];
        let mut world = World::new(with(strategy)).and(keys);
        world.finish(ask());
        for _ in 0..9 {
            let now = world.now();
            let told = world.engine.next_key(now, Some(Provider::Gemini), Some("flash")).unwrap();
            let call = world.finish(ask());
            assert_eq!(world.sends_of(call)[0].send.key, told, "{strategy:?}");
        }
    }
}

#[test]
fn looking_tells_only_keys_of_the_provider_and_model() {
    let groq = KeySpec { provider: Some(Provider::Groq), models: Some(vec!["llama".into()]), ..KeySpec::named("g") };
    let mut world = World::new(Config::default()).and([key("a"), groq]);
    let now = world.now();
    let mut next = |provider, model: Option<&str>| world.engine.next_key(now, provider, model).ok().map(|key| key.0);
    assert_eq!(next(Some(Provider::Groq), None), Some(1));
    assert_eq!(next(Some(Provider::Groq), Some("llama")), Some(1));
    assert_eq!(next(Some(Provider::Groq), Some("never asked for")), None);
    assert_eq!(next(Some(Provider::Anthropic), None), None);
    assert_eq!(next(Some(Provider::Gemini), Some("never asked for")), Some(0));
    assert_eq!(next(None, None), Some(0));
}

#[test]
fn looking_at_exhausted_keys_tells_why_and_until_when() {
    let mut world = World::of(&["a"]);
    world.script("a", [minute().hint(90_000)]);
    world.finish(ask());
    let now = world.now();
    for model in [None, Some("flash")] {
        let (code, at) = world.engine.next_key(now, None, model).unwrap_err();
        assert_eq!(code, FailureCode::Exhausted, "{model:?}");
        let wait = at.unwrap() - now.mono;
        assert!(wait >= Millis(90_250) && wait <= Millis(99_250), "{wait:?}");
    }
}

#[test]
fn rotating_by_hand_advances_and_wraps() {
    let mut world = World::of(&["a", "b", "c"]);
    let now = world.now();
    let turns = [0; 4].map(|_| {
        let current = world.engine.stats(now).current_key;
        world.engine.rotate(now);
        current
    });
    assert_eq!(turns, [1, 2, 3, 1]);
    assert_eq!(world.engine.stats(now).rotations, 4);
}

#[test]
fn switching_takes_effect_with_the_next_call() {
    for strategy in [Strategy::RoundRobin, Strategy::Failover] {
        let mut world = World::new(with(strategy)).and(["a", "b", "c"].map(key));
        world.switch_to("c");
        world.finish(ask());
        assert_eq!(world.order(), "c", "{strategy:?}");
    }
    let mut world = World::of(&["a"]);
    let now = world.now();
    assert_eq!(world.engine.switch_to(now, quota_aware_api::engine::KeyId(7)), Err(KeyError::Unknown));
}

#[test]
fn an_added_key_serves_at_once_also_those_who_wait() {
    let mut world = World::new(Config::default()).and([key_with("a", rpm(1))]);
    let calls = world.calls(2, &ask());
    world.run_for(1_000);
    assert_eq!(world.order(), "a");
    world.add(key("b"));
    assert_eq!(world.order_of(calls[1]), "b");
}

#[test]
fn a_removed_key_is_not_sent_to_again_and_its_request_ends_well() {
    let mut world = World::of(&["a", "b", "c"]);
    let first = world.call(ask());
    world.remove("a");
    world.calls(4, &ask());
    world.run();
    assert_eq!(world.order(), "abcbc");
    assert!(world.is_answered(first));
}

#[test]
fn the_last_key_stays_and_ids_are_unique() {
    let mut world = World::of(&["a", "b"]);
    let now = world.now();
    assert_eq!(world.engine.add_key(now, key("b")), Err(KeyError::DuplicateId));
    world.remove("a");
    let (a, b) = (world.id("a"), world.id("b"));
    assert_eq!(world.engine.remove_key(now, a), Err(KeyError::Unknown));
    assert_eq!(world.engine.remove_key(now, b), Err(KeyError::LastKey));
}

#[test]
fn the_turn_passes_on_when_its_key_leaves() {
    let mut world = World::of(&["a", "b", "c"]);
    world.finish(ask());
    world.remove("b");
    for _ in 0..3 {
        world.finish(ask());
    }
    assert_eq!(world.order(), "acac");
}

#[test]
fn an_id_can_be_used_again_for_another_secret() {
    let mut world = World::of(&["a", "b"]);
    world.script("a", [invalid()]);
    world.finish(ask());
    world.remove("a");
    world.add(key("a"));
    let now = world.now();
    let found = world.engine.find_key("a").unwrap();
    assert_eq!(world.engine.key_position(found), (Some(1), 2));
    assert_eq!(world.engine.key_at(1), Some(found));
    assert_eq!(world.engine.next_key(now, None, None).map(|id| world.name(id).to_owned()), Ok("b".to_owned()));
    world.calls(2, &ask());
    world.run();
    assert_eq!(world.order(), "abba");
}

#[test]
fn keys_of_one_project_share_its_declared_limits() {
    let limited = KeySpec { limits: key_with("", rpm(3)).limits, ..key_of("a", "one") };
    let mut world = World::new(Config::default()).and([limited, key_of("b", "one")]);
    world.calls(8, &ask());
    world.run_for(59_000);
    assert_eq!(world.sends().len(), 3);
}

#[test]
fn limits_of_a_key_that_joins_a_project_hold_for_its_pools_of_before() {
    let mut world = World::new(Config::default()).and([key_of("a", "one")]);
    world.finish(ask());
    world.add(KeySpec { limits: key_with("", rpm(3)).limits, ..key_of("b", "one") });
    world.calls(8, &ask());
    world.run_for(59_000);
    assert_eq!(world.sends().len(), 3);
}

#[test]
fn new_limits_hold_whichever_key_of_the_project_names_them() {
    for name in ["a", "b"] {
        let declared = |name| KeySpec { limits: key_with("", rpm(3)).limits, ..key_of(name, "one") };
        let mut world = World::new(Config::default()).and([declared("a"), declared("b")]);
        world.calls(6, &ask());
        let (now, id) = (world.now(), world.id(name));
        world.engine.set_limits(now, id, &key_with("", rpm(5)).limits.unwrap()).unwrap();
        world.drain();
        assert_eq!(world.sends().len(), 5, "named by {name}");
    }
}

#[test]
fn a_limit_by_name_beats_one_for_all_others_whichever_key_declares_it() {
    let table = |rows: &[(&str, u64)]| {
        Some(quota_aware_api::engine::LimitTable(
            rows.iter().map(|(name, most)| ((*name).into(), rpm(*most))).collect(),
        ))
    };
    let general = KeySpec { limits: table(&[("*", 1)]), ..key_of("a", "one") };
    let exact = KeySpec { limits: table(&[("pro", 3)]), ..key_of("b", "one") };
    let mut world = World::new(Config::default()).and([general, exact]);
    world.calls(5, &ask_for("pro"));
    assert_eq!(world.sends().len(), 3);
}

#[test]
fn nobody_joins_a_project_that_exists_only_because_a_key_names_none() {
    let mut world = World::new(Config::default()).and([key_with("a", rpm(1)), key_of("b", "a")]);
    world.calls(4, &ask());
    assert_eq!(world.shares(), [1, 3]);
}

#[test]
fn limits_are_looked_up_by_model_and_then_for_all() {
    let table = quota_aware_api::engine::LimitTable(vec![("*".into(), rpm(1)), ("pro".into(), rpm(2))]);
    let mut world = World::new(Config { limits: Some(table), ..Config::default() }).and([key("a")]);
    for model in ["flash", "pro"] {
        world.calls(3, &ask_for(model));
    }
    assert_eq!(world.sends().len(), 3);
}

#[test]
fn a_daily_refusal_leaves_the_other_models_of_the_session_where_they_were() {
    let mut world = World::new(with(Strategy::Assigned(Assignment::Modulo))).and(["a", "b"].map(key));
    world.script("a", [daily()]);
    world.finish(of_session("0"));
    let other = world.finish(Ask { model: Some("pro".into()), ..of_session("0") });
    assert_eq!(world.order_of(other), "a");
}
