//! What goes on in another engine whose keys and settings may be others: usage over time, and projects without keys.

use quota_aware_api::engine::{
    Ask, CallId, Config, Engine, FailureCode, Input, KeySpec, LimitTable, Limits, Millis, Outcome, Output, Restored,
    Snapshot, Tokens, UsagePolicy, UsageQuery, UsageStep, Used,
};
use quota_aware_api::options::parse_snapshot;
use serde_json::Value as Json;

use crate::invariants::{now_at, written};
use crate::snapshots::{named, used};
use crate::world::{World, ask, ask_for, daily, key, key_of, serve, transient};

const MINUTE: u64 = 60_000;
const HOUR: u64 = 60 * MINUTE;

fn of(session: &str, operation: &str) -> Ask {
    Ask { session: Some(session.to_owned()), operation: Some(operation.to_owned()), ..ask() }
}

/// What a snapshot says, once it was in a file.
fn filed(engine: &Engine, now: quota_aware_api::engine::Now) -> Snapshot {
    parse_snapshot(&written(engine, now)).unwrap()
}

/// An engine that goes on at the same moment with other keys and settings.
fn successor(before: &World, config: Config, keys: impl IntoIterator<Item = KeySpec>) -> (World, Restored) {
    let mut after = World::at(before.now().wall, config).and(keys);
    let snapshot = filed(&before.engine, before.now());
    let now = after.now();
    let restored = after.engine.restore(now, &snapshot);
    (after, restored)
}

/// Two days of two keys, two models and three sessions, with tokens.
fn lived() -> World {
    let mut world = World::of(&["a", "b"]);
    world.script("b", [serve(), transient(), serve().after(1_234)]);
    for hour in 0..30_u64 {
        for minute in 0..3 {
            let mut asked = of(["ann", "bob", "eve"][minute], "text");
            if hour % 2 == 0 {
                asked = Ask { operation: None, ..asked };
            }
            let call = world.finish(Ask { model: ask_for(["flash", "pro"][hour as usize % 2]).model, ..asked });
            world.counted(call, [100 + hour, 20, 10, 5], None);
            world.sleep(MINUTE);
        }
        world.sleep(HOUR);
    }
    world.finish(of("ann", "text"));
    world
}

fn by(step: UsageStep) -> UsageQuery {
    UsageQuery { step: Some(step), ..UsageQuery::default() }
}

fn sums(world: &mut World, query: &UsageQuery) -> Json {
    let now = world.now();
    named(&world.engine.usage(now, query).expect("it is counted"))
}

#[test]
fn what_was_used_is_known_again() {
    let mut before = lived();
    let (mut after, _) = successor(&before, Config::default(), ["a", "b"].map(key));
    let [now, then] = [before.now(), after.now()];
    assert_eq!(used(&mut after.engine, then), used(&mut before.engine, now));
    // And goes on: a call of the same minute, and one of the next hour.
    for world in [&mut before, &mut after] {
        world.finish(of("bob", "text"));
        world.sleep(HOUR);
        world.finish(of("new", "text"));
    }
    let [now, then] = [before.now(), after.now()];
    assert_eq!(used(&mut after.engine, then), used(&mut before.engine, now));
}

#[test]
fn what_was_used_here_already_counts_besides() {
    let before = lived();
    let mut after = World::at(before.now().wall, Config::default()).and(["a", "b"].map(key));
    after.finish(of("zoe", "text"));
    let (now, own) = (after.now(), sums(&mut after, &by(UsageStep::Day)));
    after.engine.restore(now, &filed(&before.engine, before.now()));
    let both = sums(&mut after, &by(UsageStep::Day));
    let attempts = |sums: &Json| sums[4].as_array().unwrap().iter().map(|slot| slot[1].as_u64().unwrap()).sum::<u64>();
    let mut before = before;
    let theirs = sums(&mut before, &by(UsageStep::Day));
    assert_eq!(attempts(&both), attempts(&own) + attempts(&theirs));
    assert_eq!(both[3], theirs[3], "it reaches back as far as theirs");
}

#[test]
fn what_the_settings_have_no_room_for_is_dropped() {
    let mut before = lived();
    let off = Config { usage: None, ..Config::default() };
    let (mut after, _) = successor(&before, off, ["a", "b"].map(key));
    let now = after.now();
    assert!(after.engine.usage(now, &UsageQuery::default()).is_none());
    let policy = UsagePolicy { minutes: 30, hours: 3, days: 1, max_cells: 100 };
    let (mut after, _) = successor(&before, Config { usage: Some(policy), ..Config::default() }, ["a", "b"].map(key));
    let kept = |sums: &Json| sums[4].as_array().unwrap().len();
    let [minutes, hours, days] =
        [UsageStep::Minute, UsageStep::Hour, UsageStep::Day].map(|step| sums(&mut after, &by(step)));
    assert_eq!([kept(&minutes), kept(&hours)], [1, 4], "three hours that are over, and the one that runs");
    let all = sums(&mut before, &by(UsageStep::Day));
    let slots = all[4].as_array().unwrap();
    assert_eq!(days[4].as_array().unwrap()[..], slots[slots.len() - kept(&days)..]);
    // What was not counted is in no snapshot, and is none when it is restored.
    let silent = World::new(Config { usage: None, ..Config::default() }).and([key("a")]);
    let (mut after, _) = successor(&silent, Config::default(), [key("a")]);
    let now = after.now();
    assert!(after.engine.usage(now, &UsageQuery::default()).unwrap().rows.is_empty());
}

#[test]
fn names_that_are_gone_keep_their_rows() {
    let mut before = lived();
    let (mut after, restored) = successor(&before, Config::default(), [key("c"), key("b")]);
    assert_eq!(restored, Restored { keys: 1, pools: 2, ignored: 3 });
    for query in [by(UsageStep::Day), UsageQuery { key: Some(String::from("a")), ..UsageQuery::default() }] {
        assert_eq!(sums(&mut after, &query), sums(&mut before, &query));
    }
    let model = UsageQuery { model: Some(String::from("pro")), ..UsageQuery::default() };
    assert_eq!(sums(&mut after, &model), sums(&mut before, &model));
    let now = after.now();
    let pools = after.engine.status(now).pools.into_iter().map(|pool| pool.project);
    assert!(pools.into_iter().all(|project| project == "b"), "in no other report");
    // In the next snapshot they are still there, and when the key is added again its rows are its own.
    let (mut later, _) = successor(&after, Config::default(), [key("b")]);
    assert_eq!(sums(&mut later, &by(UsageStep::Day)), sums(&mut before, &by(UsageStep::Day)));
    later.add(key("a"));
    before.remove("a");
    before.add(key("a"));
    for world in [&mut before, &mut later] {
        world.switch_to("a");
        world.finish(ask_for("pro"));
    }
    let [one, other] = [&mut before, &mut later].map(|world| sums(world, &by(UsageStep::Day)));
    assert_eq!(other[4], one[4]);
}

/// Two projects that have a name, of which one has lost its only key after three requests of its minute and day, and one that
/// is a key's own. The second is refused for the day.
fn deserted() -> World {
    let mut world = World::of(&["a"]).and([key_of("b", "team"), key_of("c", "closed"), key("own")]);
    world.script("c", [daily()]);
    for name in ["b", "c", "own"] {
        world.switch_to(name);
        world.calls(1, &ask());
        world.run_for(500);
    }
    world.switch_to("b");
    world.calls(2, &Ask { pinned: Some(world.id("b")), ..ask() });
    world.run_for(500);
    for name in ["b", "c", "own"] {
        world.remove(name);
    }
    world
}

fn today(world: &mut World, project: &str) -> Option<(u64, Option<&'static str>)> {
    let now = world.now();
    let pools = world.engine.status(now).pools;
    pools.into_iter().find(|pool| pool.project == project).map(|pool| (pool.used.requests_today, pool.closed))
}

#[test]
fn what_a_project_without_keys_has_used_counts_once_it_has_one_again() {
    let before = deserted();
    let (mut after, restored) = successor(&before, Config::default(), [key("a")]);
    assert_eq!((restored.keys, restored.ignored), (1, 2), "none of its pools is configured now");
    let now = after.now();
    // What nobody can use says nothing of how things stand.
    assert_eq!(after.engine.status(now).pace.used, None);
    assert_eq!(after.engine.stats(now).utilisation, None);
    assert_eq!(today(&mut after, "own"), None, "a key's own project ends with the key");
    let rpd = Limits { rpd: core::num::NonZeroU64::new(3), ..Limits::default() };
    for (name, project) in [("b2", "team"), ("c2", "closed")] {
        after.add(KeySpec { limits: Some(LimitTable::all(rpd)), ..key_of(name, project) });
    }
    assert_eq!(today(&mut after, "team"), Some((3, None)));
    assert_eq!(today(&mut after, "closed").unwrap().1, Some("daily quota used up"));
    let now = after.now();
    assert_eq!(after.engine.disable_key(now, after.id("a")), Ok(true));
    let call = after.finish(Ask { deadline: Some(Millis(1_000)), ..ask() });
    assert_eq!((after.sends_of(call).len(), after.code(call)), (0, Some(FailureCode::QuotaExceeded)));
}

#[test]
fn a_project_without_keys_is_forgotten_once_nothing_of_it_counts() {
    let mut before = deserted();
    before.sleep(26 * HOUR);
    before.finish(ask());
    let (mut after, restored) = successor(&before, Config::default(), [key("a")]);
    assert_eq!(restored.ignored, 1, "that of the closed one");
    assert_eq!(today(&mut after, "team"), None);
}

/// A second a call, each session in its turn. Without the world, whose log would be searched for each call.
fn history(policy: UsagePolicy, calls: u64, sessions: u64) -> (Engine, quota_aware_api::engine::Now) {
    let mut now = now_at(1_000_000, 1_772_452_800_000);
    let mut engine = Engine::new(Config { usage: Some(policy), ..Config::default() }, 7, now);
    for name in ["a", "b", "c"] {
        engine.add_key(now, key(name)).unwrap();
    }
    for n in 0..calls {
        let call = CallId(n + 1);
        let (session, operation) = (format!("person-{}@school.example", n % sessions), format!("op-{}", n % 7));
        engine.handle_input(now, Input::Call(call, of(&session, &operation)));
        now = now_at(now.mono.0 + 1_000, now.wall.0 + 1_000);
        while !matches!(engine.poll_output(), Output::Wait(_)) {}
        engine.handle_input(now, Input::Outcome { call, attempt: 1, outcome: Outcome::Served(200, Vec::new()) });
        while !matches!(engine.poll_output(), Output::Wait(_)) {}
        let [input, output, thoughts] = [1_200 + n % 60 * 37, 350 + n % 60 * 11, 120].map(Tokens);
        engine.used(now, call, Used { input, output, cached: Tokens(0), thoughts }, None);
    }
    (engine, now)
}

/// A snapshot's bytes, and the cells of its days, hours and minutes.
fn size(engine: &Engine, now: quota_aware_api::engine::Now) -> (usize, [usize; 3]) {
    let snapshot = serde_json::to_value(engine.snapshot(now)).unwrap();
    let slots = ["days", "hours", "minutes"].map(|level| snapshot["usage"][level][1].as_array().unwrap().iter());
    let cells = slots.map(|slots| slots.map(|slot| slot[6].as_array().unwrap().len()).sum::<usize>());
    (snapshot.to_string().len(), cells)
}

#[test]
fn a_full_history_is_of_a_bounded_size() {
    let (engine, now) = history(UsagePolicy::default(), 10_000, 500);
    let (bytes, cells) = size(&engine, now);
    assert!((17_000..=20_000).contains(&cells.iter().sum::<usize>()), "{cells:?}");
    assert!(bytes < 1_000_000, "{bytes} bytes");
}

/// Of a larger one than a snapshot has room for the oldest minutes are left out, and no hour and no day.
#[test]
fn a_larger_history_than_there_is_room_for_goes_without_its_oldest_minutes() {
    let policy = UsagePolicy { max_cells: 1_000_000, ..UsagePolicy::default() };
    let (mut engine, now) = history(policy, 19_000, 2_000);
    let (bytes, [days, hours, minutes]) = size(&engine, now);
    assert!((45_000..50_000).contains(&(days + hours + minutes)) && minutes < 14_000, "{days} {hours} {minutes}");
    assert!(bytes < 2_000_000, "{bytes} bytes");
    let mut after = Engine::new(Config { usage: Some(policy), ..Config::default() }, 7, now);
    for name in ["a", "b", "c"] {
        after.add_key(now, key(name)).unwrap();
    }
    after.restore(now, &filed(&engine, now));
    for step in [UsageStep::Hour, UsageStep::Day] {
        let [its, theirs] = [&mut after, &mut engine].map(|engine| named(&engine.usage(now, &by(step)).unwrap()));
        assert!(its == theirs, "{step:?}");
    }
    let [its, theirs] = [&mut after, &mut engine].map(|engine| engine.usage(now, &by(UsageStep::Minute)).unwrap());
    assert!(its.since > theirs.since && its.slots[..] == theirs.slots[theirs.slots.len() - its.slots.len()..]);
}
