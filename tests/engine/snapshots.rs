//! Snapshots: what an engine knows goes on in another, and nothing else does.

use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::test_runner::FileFailurePersistence;
use quota_aware_api::engine::{
    Ask, Assignment, Config, Engine, KeySpec, Limits, Metric, Millis, Now, Restored, Scope, Strategy as Choice,
    UnixMillis, UsageQuery, UsageStep, UsageSums, VERSION, Verdict,
};
use quota_aware_api::options::{Value, parse_snapshot};
use quota_aware_api::provider::Provider;
use serde_json::Value as Json;

use crate::invariants::{lasting_plan, leaving_plan, restarting_plan, run, written};
use crate::world::{World, ask, ask_for, daily, invalid, key, key_with, minute, refuse, serve, transient, unreachable};

/// What people see of an engine, but for what is about the process.
fn seen(engine: &mut Engine, now: Now) -> [Json; 4] {
    let json = |report: serde_json::Result<Json>| report.unwrap();
    let mut stats = json(serde_json::to_value(engine.stats(now)));
    stats["uptime"] = Json::Null;
    let mut standing = json(serde_json::to_value(engine.status(now)));
    // An alert of a rate stands a little longer than its reason, once it was told: another process has told nothing yet.
    let lingers = |alert: &Json| ["low-success-rate", "high-error-rate"].iter().any(|code| alert["code"] == *code);
    standing["alerts"].as_array_mut().unwrap().retain(|alert| !lingers(alert));
    [stats, standing, json(serde_json::to_value(engine.history(1_000))), used(engine, now)]
}

/// What was used over time, as it answers to several questions: names in the place of their numbers.
pub(crate) fn used(engine: &mut Engine, now: Now) -> Json {
    let some = |name: &str| Some(name.to_owned());
    let all = UsageQuery::default();
    let steps = [UsageStep::Minute, UsageStep::Hour, UsageStep::Day];
    let mut queries: Vec<UsageQuery> = steps.map(|step| UsageQuery { step: Some(step), ..all.clone() }).into();
    queries.push(UsageQuery { from: Some(UnixMillis(0)), ..all.clone() });
    queries.push(UsageQuery { from: Some(UnixMillis(now.wall.0 - 5_400_000)), ..all.clone() });
    queries.push(UsageQuery { key: some("k1"), model: some("pro"), ..all.clone() });
    queries.push(UsageQuery { session: some("2"), operation: some("text"), ..all.clone() });
    queries.push(all);
    queries.iter().map(|query| engine.usage(now, query).map(|sums| named(&sums))).collect()
}

pub(crate) fn named(sums: &UsageSums) -> Json {
    let word = |words: &[String], number: u64| number.checked_sub(1).map(|at| words[at as usize].clone());
    let cell = |row: &[u64; 11]| {
        let [key, pool, session, operation, verdict, counts @ ..] = *row;
        let pool = &sums.pools[pool as usize];
        let [session, operation] = [word(&sums.sessions, session), word(&sums.operations, operation)];
        serde_json::json!([sums.keys[key as usize], pool, session, operation, sums.verdicts[verdict as usize], counts])
    };
    let mut rows: Vec<Json> = sums.rows.iter().map(cell).collect();
    rows.sort_by_key(Json::to_string);
    let hour = |[at, key, counts @ ..]: &[u64; 4]| (*at, sums.keys[*key as usize].clone(), counts.to_vec());
    let mut hours: Vec<_> = sums.hours.iter().map(hour).collect();
    hours.sort();
    serde_json::json!([sums.step, sums.from, sums.to, sums.since, sums.slots, sums.latency, sums.waits, rows, hours])
}

/// Which keys the next calls of models that were used before would take, and when there is one if not now.
fn picks(engine: &mut Engine, now: Now) -> Vec<String> {
    let models: BTreeSet<String> = engine.status(now).pools.into_iter().map(|pool| pool.model).collect();
    let pick = |model: String| match engine.next_key(now, None, Some(&model)) {
        Ok(key) => format!("{model}: {key:?}"),
        Err((code, until)) => format!("{model}: {code:?} in {:?}", until.map(|until| until - now.mono)),
    };
    models.into_iter().map(pick).collect()
}

fn later(now: Now, by: u64) -> Now {
    Now { mono: now.mono + Millis(by), wall: now.wall + Millis(by), ..now }
}

/// The same clocks of a process that began at another time: whole minutes earlier, so that windows are cut into the same
/// slices.
fn elsewhere(now: Now, minutes: u64) -> Now {
    Now { mono: now.mono + Millis(60_000 * minutes), ..now }
}

/// 300 cases unless `PROPTEST_CASES` says otherwise. What has failed once is kept beside this file.
fn cases() -> ProptestConfig {
    let default = ProptestConfig::default();
    let cases = if std::env::var_os("PROPTEST_CASES").is_some() { default.cases } else { 300 };
    let kept = FileFailurePersistence::WithSource("regressions");
    ProptestConfig { cases, failure_persistence: Some(Box::new(kept)), ..default }
}

fn shift() -> impl Strategy<Value = u64> {
    prop_oneof![Just(0), 0..100_000_u64]
}

proptest! {
    #![proptest_config(cases())]

    /// Now and from now on.
    #[test]
    fn what_is_restored_is_as_it_was(plan in lasting_plan(), shift in shift()) {
        let mut run = run(&plan);
        run.settle();
        let now = run.now();
        // A minute that is over is added to its hour when somebody looks.
        used(&mut run.engine, now);
        let (mut successor, restored) = run.successor(elsewhere(now, shift));
        prop_assert_eq!(restored.ignored, 0);
        prop_assert_eq!(written(&successor, elsewhere(now, shift)), written(&run.engine, now));
        for by in [0, 1_000, 20_000, 61_000, 600_000, 90_000_000] {
            let now = later(now, by);
            prop_assert_eq!(seen(&mut successor, elsewhere(now, shift)), seen(&mut run.engine, now), "{} ms later", by);
        }
    }

    /// A project whose keys are gone is known again by what it has used; what was declared for it went with its last key.
    #[test]
    fn what_is_of_keys_that_are_gone_is_restored_as_well(plan in leaving_plan(), shift in shift()) {
        let mut run = run(&plan);
        run.settle();
        let now = run.now();
        let (mut successor, _) = run.successor(elsewhere(now, shift));
        // Rotations from or to a key that is gone are in no snapshot.
        let own = |[stats, mut standing, _, mut used]: [Json; 4]| {
            let keys: Vec<Json> = standing["keys"].as_array().unwrap().iter().map(|key| key["project"].clone()).collect();
            let pools = standing["pools"].as_array_mut().unwrap();
            for pool in pools.iter_mut().filter(|pool| !keys.contains(&pool["project"])) {
                for declared in ["limits", "remaining"] {
                    pool[declared] = Json::Null;
                }
            }
            pools.retain(|pool| keys.contains(&pool["project"]) || pool["used"]["requestsToday"] != 0 || pool["closed"] != Json::Null);
            pools.sort_by_key(Json::to_string);
            for sums in used.as_array_mut().unwrap() {
                for row in sums[7].as_array_mut().unwrap() {
                    // What its limits would have allowed.
                    row[1][3] = Json::Null;
                }
            }
            [stats, standing, used]
        };
        for by in [0, 1_000, 20_000, 61_000, 600_000, 90_000_000] {
            let now = later(now, by);
            let theirs = own(seen(&mut run.engine, now));
            prop_assert_eq!(own(seen(&mut successor, elsewhere(now, shift))), theirs, "{} ms later", by);
        }
    }

    /// Every send is held against the log across restarts: what has been sent before counts, and dead keys stay dead.
    #[test]
    fn a_restart_overspends_nothing(plan in restarting_plan()) {
        let mut run = run(&plan);
        run.settle();
        prop_assert_eq!(run.engine.waiting(), 0);
    }

    /// Apart from the first: a look at a model makes its pools known, where its name is.
    #[test]
    fn the_next_key_is_the_one_it_would_have_been(plan in lasting_plan(), shift in shift()) {
        let mut run = run(&plan);
        run.settle();
        let now = run.now();
        let (mut successor, _) = run.successor(elsewhere(now, shift));
        // A roster may not have looked at a key again that has become able since: a key that comes and goes makes both look.
        for (engine, now) in [(&mut run.engine, now), (&mut successor, elsewhere(now, shift))] {
            let passing = engine.add_key(now, KeySpec { provider: Some(Provider::Groq), ..KeySpec::named("passing") }).unwrap();
            engine.remove_key(now, passing).unwrap();
        }
        for by in [0, 1_000, 20_000, 61_000, 600_000] {
            let now = later(now, by);
            prop_assert_eq!(picks(&mut successor, elsewhere(now, shift)), picks(&mut run.engine, now), "{} ms later", by);
        }
    }
}

#[test]
fn a_key_that_was_taken_out_stays_out() {
    let mut world = World::of(&["a", "b"]);
    world.finish(ask());
    let (now, b) = (world.now(), world.id("b"));
    assert_eq!(world.engine.disable_key(now, b), Ok(true));
    let snapshot = world.engine.snapshot(now);
    let mut after = World::of(&["a", "b"]);
    after.engine.restore(now, &snapshot);
    assert_eq!([after.health("a"), after.health("b")], ["available", "disabled"]);
    after.calls(4, &ask());
    after.run_for(1_000);
    assert_eq!(after.order(), "aaaa");
    let now = after.now();
    assert_eq!(after.engine.enable_key(now, b), Ok(true));
    assert_eq!(after.health("b"), "available");
}

// ---------------------------------------------------------------- what is no snapshot

/// Numbers, words and trees that a damaged file may have anywhere.
fn rubbish() -> impl Strategy<Value = Value> {
    const NUMBERS: &[f64] = &[0.0, -1.0, 0.5, 1e9, 1e12, 9e15, 1e17, 1e300, f64::NAN, f64::INFINITY, f64::NEG_INFINITY];
    const WORDS: &[&str] = &["", "gemini", "day-quota", "flash", "k0", "p0", "a\nb"];
    let leaf = prop_oneof![
        Just(Value::Nothing),
        any::<bool>().prop_map(Value::Bool),
        any::<f64>().prop_map(Value::Number),
        (0..3_000_u32).prop_map(|number| Value::Number(f64::from(number))),
        proptest::sample::select(NUMBERS).prop_map(Value::Number),
        proptest::sample::select(WORDS).prop_map(|word| Value::Text(word.to_owned())),
        any::<String>().prop_map(Value::Text),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..5).prop_map(Value::List),
            proptest::collection::vec((any::<String>(), inner), 0..4).prop_map(Value::Map),
        ]
    })
}

/// Puts something else in the place of some part of a tree, or leaves it out, or doubles it.
fn damage(value: &mut Value, path: &[usize], how: usize, with: Value) {
    let Some((at, rest)) = path.split_first() else { return *value = with };
    match value {
        Value::List(items) if !items.is_empty() => {
            let at = at % items.len();
            match (rest.is_empty(), how % 6) {
                (true, 0) => drop(items.remove(at)),
                (true, 1) => items.insert(at, items[at].clone()),
                _ => damage(&mut items[at], rest, how, with),
            }
        }
        Value::Map(fields) if !fields.is_empty() => {
            let at = at % fields.len();
            match (rest.is_empty(), how % 6) {
                (true, 0) => drop(fields.remove(at)),
                (true, 1) => fields[at].0.push('x'),
                _ => damage(&mut fields[at].1, rest, how, with),
            }
        }
        _ => *value = with,
    }
}

proptest! {
    #![proptest_config(cases())]

    /// No input panics. What is refused names its place; what is taken in spite of the damage (a number may be another) is
    /// harmless: the engine that restores it goes on as any.
    #[test]
    fn damaged_snapshots_are_refused_or_harmless(
        plan in lasting_plan(),
        damages in proptest::collection::vec((proptest::collection::vec(any::<usize>(), 1..7), any::<usize>(), rubbish()), 1..4),
        away in -100_000_000..100_000_000_i64,
    ) {
        let mut run = run(&plan);
        let mut written = written(&run.engine, run.now());
        for (path, how, with) in damages {
            damage(&mut written, &path, how, with);
        }
        match parse_snapshot(&written) {
            Err(mistake) => prop_assert!(mistake.path.starts_with("snapshot"), "{mistake}"),
            Ok(snapshot) => {
                run.restart_with(&snapshot, away);
                run.settle();
                let now = run.now();
                let again = self::written(&run.engine, now);
                prop_assert!(parse_snapshot(&again).is_ok(), "{:?}", parse_snapshot(&again));
                seen(&mut run.engine, now);
            }
        }
    }

    #[test]
    fn rubbish_is_refused(value in rubbish()) {
        prop_assert!(parse_snapshot(&value).is_err());
    }
}

// ---------------------------------------------------------------- the format

/// An engine that has something in every part of a snapshot.
fn seasoned_for_long() -> World {
    let mut world = seasoned();
    world.sleep(7_200_000);
    for _ in 0..2 {
        world.finish(Ask { operation: Some(String::from("text")), ..ask() });
        world.sleep(60_000);
    }
    world.finish(ask());
    let team = world.add(KeySpec { project: Some(String::from("team")), ..key("e") });
    world.finish(Ask { pinned: Some(team), ..ask() });
    world.remove("e");
    world
}

/// Of one minute.
fn seasoned() -> World {
    let hinted = |name: &str, hint: &str| KeySpec { hint: hint.to_owned(), ..key(name) };
    let groq = KeySpec { provider: Some(Provider::Groq), hint: String::from("sky"), ..KeySpec::named("g") };
    let burst =
        Limits { burst: core::num::NonZeroU64::new(2), rpm: core::num::NonZeroU64::new(60), ..Limits::default() };
    let keys = [hinted("a", "one"), hinted("b", "two"), hinted("c", "six"), key_with("d", burst), groq];
    let mut world = World::new(assigned()).and(keys);
    let refusal = |limit| {
        minute().hint(50_000).with(move |meaning| {
            meaning.metric = Some(Metric::Requests);
            meaning.limit = Some(limit);
        })
    };
    world.script("a", [serve(), refusal(15), invalid()]);
    world.script("b", [serve(), serve(), daily()]);
    world.script("c", [transient(), transient(), transient(), refuse(403, Verdict::OutOfCredit, Scope::Project)]);
    world.script("g", [serve(), unreachable(), refuse(503, Verdict::Overloaded, Scope::Model)]);
    for n in 0..12 {
        world.finish(Ask { session: Some(format!("s{n}")), ..ask() });
        world.run_for(700);
    }
    for _ in 0..4 {
        world.finish(Ask { model: Some(String::from("llama")), ..Ask::to(Provider::Groq) });
    }
    let served = world.finish(ask_for("flash-latest"));
    world.counted(served, [40, 60, 10, 20], Some("flash"));
    let now = world.now();
    world.engine.rotate_session(now, "s1");
    world
}

fn assigned() -> Config {
    Config { strategy: Choice::Assigned(Assignment::Rendezvous), ..Config::default() }
}

fn fixture(name: &str) -> Json {
    let path = format!("{}/tests/fixtures/snapshots/{name}.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(&path).unwrap_or_else(|_| panic!("{path} is missing"))).unwrap()
}

/// What is written is what was recorded when the version began. Where this fails the format has changed: that takes a new
/// version, a recorded snapshot of it, and a test that the one before is still read. `RECORD_SNAPSHOT=1` records.
#[test]
fn the_second_version_is_as_it_was_recorded() {
    let world = seasoned_for_long();
    let written = serde_json::to_value(world.engine.snapshot(world.now())).unwrap();
    if std::env::var_os("RECORD_SNAPSHOT").is_some() {
        let path = format!("{}/tests/fixtures/snapshots/version-2.json", env!("CARGO_MANIFEST_DIR"));
        std::fs::write(path, format!("{}\n", serde_json::to_string_pretty(&written).unwrap())).unwrap();
    }
    assert_eq!(written["version"], VERSION);
    assert_eq!(written, fixture("version-2"));
}

/// The second version had no usage over time at first.
#[test]
fn the_second_version_is_still_read_as_it_was_at_first() {
    let given = fixture("version-2-before-usage");
    let mut before = seasoned();
    let mut after = World::new(assigned()).and(before.keys.clone());
    let now = before.now();
    let restored = after.engine.restore(now, &parse_snapshot(&serde_json::from_value(given.clone()).unwrap()).unwrap());
    assert_eq!(restored, Restored { keys: 5, pools: 5, ignored: 0 });
    let [seen_before, seen_after] = [&mut before, &mut after].map(|world| seen(&mut world.engine, now));
    assert_eq!(seen_after[..3], seen_before[..3]);
    assert_eq!(seen_after[3][0][7], Json::Array(Vec::new()), "nothing is known of it");
    let mut written = serde_json::to_value(after.engine.snapshot(now)).unwrap();
    written.as_object_mut().unwrap().remove("usage");
    assert_eq!(written, given, "all else goes on");
}

/// The first version had counters and cooldowns, and nothing of what is used or learned.
#[test]
fn the_first_version_is_still_read() {
    let first: Value = serde_json::from_value(fixture("version-1")).unwrap();
    let mut before = seasoned();
    let mut after = World::new(Config::default()).and(before.keys.clone());
    let now = before.now();
    let restored = after.engine.restore(now, &parse_snapshot(&first).unwrap());
    assert_eq!(restored, Restored { keys: 5, pools: before.engine.status(now).pools.len() as u32, ignored: 0 });
    let [mut sums, mut state, history, _] = seen(&mut before.engine, now);
    let [mut its_sums, mut its_state, its_history, _] = seen(&mut after.engine, now);
    for sums in [&mut sums, &mut its_sums] {
        sums["utilisation"] = Json::Null;
        sums["currentKey"] = Json::Null;
        for of_later in ["cached", "thoughts"] {
            sums["tokens"][of_later] = Json::Null;
        }
        for of_later in ["p50", "p95", "p99"] {
            sums["waited"][of_later] = Json::Null;
        }
    }
    assert_eq!(its_sums, sums);
    assert_eq!(its_history, history);
    for state in [&mut state, &mut its_state] {
        state["pace"] = Json::Null;
        for pool in state["pools"].as_array_mut().unwrap() {
            for of_later in ["limits", "used", "remaining", "resetsAt", "minute"] {
                pool[of_later] = Json::Null;
            }
        }
    }
    assert_eq!(its_state, state);
    // What is written from now on is of this version.
    assert_eq!(serde_json::to_value(after.engine.snapshot(now)).unwrap()["version"], VERSION);
}

#[test]
fn a_version_that_is_not_known_is_refused_before_anything_else() {
    for (version, says) in [
        ("3", "; it was taken by a newer quota-aware-api"),
        ("0", ""),
        ("-1", ""),
        ("2.5", "; it was taken by a newer quota-aware-api"),
        ("\"2\"", ""),
        ("null", ""),
    ] {
        let given: Value = serde_json::from_str(&format!("{{\"zebra\":1,\"version\":{version}}}")).unwrap();
        let mistake = parse_snapshot(&given).unwrap_err().to_string();
        assert!(
            mistake.starts_with("snapshot.version: expected a version from 1 to 2, got ") && mistake.ends_with(says),
            "{mistake}"
        );
    }
}
