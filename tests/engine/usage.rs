//! What was used, over time: held against the log of attempts, which is what an outsider could count.

use std::collections::BTreeMap;

use proptest::prelude::*;
use quota_aware_api::engine::{
    Ask, CallId, Classification, Config, Event, Output, Scope, Settled, UnixMillis, UsagePolicy, UsageQuery, UsageStep,
    UsageSums, Verdict,
};

use crate::world::{Reply, World, ask, ask_for, key, key_of, minute, serve, transient, unreachable};

const MINUTE: u64 = 60_000;
const HOUR: u64 = 60 * MINUTE;

fn asked(session: Option<&str>, operation: Option<&str>) -> Ask {
    Ask { session: session.map(str::to_owned), operation: operation.map(str::to_owned), ..ask() }
}

fn usage(world: &mut World, query: &UsageQuery) -> UsageSums {
    let now = world.now();
    world.engine.usage(now, query).expect("it is counted")
}

fn by(step: UsageStep) -> UsageQuery {
    UsageQuery { step: Some(step), ..UsageQuery::default() }
}

/// Attempts by the names of their cells.
fn attempts(sums: &UsageSums) -> BTreeMap<[String; 4], u64> {
    let word = |words: &[String], number: u64| number.checked_sub(1).map_or("", |at| &words[at as usize]).to_owned();
    let mut cells = BTreeMap::new();
    for [key, _, session, operation, verdict, attempts, ..] in &sums.rows {
        let names = [
            sums.keys[*key as usize].clone(),
            word(&sums.sessions, *session),
            word(&sums.operations, *operation),
            sums.verdicts[*verdict as usize].to_owned(),
        ];
        if *attempts > 0 {
            *cells.entry(names).or_default() += attempts;
        }
    }
    cells
}

fn total(sums: &UsageSums, column: usize) -> u64 {
    sums.rows.iter().map(|row| row[column]).sum()
}

#[test]
fn attempts_are_told_apart_by_key_session_operation_and_verdict() {
    let mut world = World::of(&["a", "b"]);
    world.script("a", [serve(), transient()]);
    world.finish(asked(Some("ann"), Some("text")));
    world.finish(asked(Some("bob"), None));
    world.finish(asked(Some("ann"), Some("text")));
    let names = |names: [&str; 4]| names.map(str::to_owned);
    let expected = BTreeMap::from([
        (names(["a", "ann", "text", "ok"]), 1),
        (names(["b", "bob", "", "ok"]), 1),
        (names(["a", "ann", "text", "transient"]), 1),
        (names(["b", "ann", "text", "ok"]), 1),
    ]);
    for step in [UsageStep::Minute, UsageStep::Hour, UsageStep::Day] {
        assert_eq!(attempts(&usage(&mut world, &by(step))), expected, "{step:?}");
    }
    let ann = UsageQuery { session: Some(String::from("ann")), key: Some(String::from("b")), ..UsageQuery::default() };
    assert_eq!(total(&usage(&mut world, &ann), 5), 1);
    let of = |operation: &str| UsageQuery { operation: Some(operation.to_owned()), ..UsageQuery::default() };
    assert_eq!([of("text"), of("vision")].map(|query| total(&usage(&mut world, &query), 5)), [3, 0]);
}

#[test]
fn a_report_covers_the_time_that_was_asked_for() {
    let mut world = World::of(&["a"]);
    let began = world.now().wall;
    for _ in 0..5 {
        world.finish(ask());
        world.sleep(HOUR);
    }
    let from = |ms: u64| UsageQuery { from: Some(UnixMillis(began.0 + ms)), ..UsageQuery::default() };
    let first = usage(&mut world, &from(0));
    // Minutes are kept for four hours: the first has gone, and hours reach back further.
    assert_eq!((first.step, total(&first, 5), first.slots.len()), ("hour", 5, 5));
    let last = usage(&mut world, &from(2 * HOUR - 2 * MINUTE));
    assert_eq!((last.step, total(&last, 5)), ("minute", 3));
    let middle =
        UsageQuery { to: Some(UnixMillis(began.0 + 3 * HOUR)), step: Some(UsageStep::Hour), ..from(2 * HOUR - 1) };
    let middle = usage(&mut world, &middle);
    // Rounded outwards, to whole hours.
    assert_eq!((middle.from, middle.to), (began.0 + HOUR, began.0 + 3 * HOUR));
    assert_eq!(total(&middle, 5), 2);
    assert_eq!(middle.hours.iter().map(|hour| hour[0]).collect::<Vec<_>>().len(), 3);
}

#[test]
fn tokens_count_when_an_answer_tells_of_them_and_once() {
    let mut world = World::of(&["a"]);
    let call = world.finish(asked(Some("ann"), None));
    world.sleep(2 * MINUTE);
    world.used(call, 100, 20, None);
    world.used(call, 100, 20, None);
    let sums = usage(&mut world, &by(UsageStep::Minute));
    assert_eq!((total(&sums, 7), total(&sums, 8)), (100, 20));
    assert_eq!(sums.rows.len(), 1, "on the same cell");
    assert_eq!(sums.slots.len(), 2, "in a later minute");
}

#[test]
fn a_stream_that_breaks_is_a_failure_of_the_minute_in_which_it_began() {
    for later in [0, 3 * MINUTE, 3 * HOUR] {
        let mut world = World::of(&["a"]);
        let call = world.finish(ask());
        world.engine.streams(call);
        world.sleep(later);
        let now = world.now();
        world.engine.stream_broke(now, call, Box::new(Classification::new(Verdict::Network, Scope::None)));
        for step in [UsageStep::Minute, UsageStep::Hour, UsageStep::Day] {
            let sums = usage(&mut world, &by(step));
            let verdicts: Vec<u64> = sums.rows.iter().filter(|row| row[5] > 0).map(|row| row[4]).collect();
            assert_eq!(verdicts, [Verdict::Network as u64], "{step:?} {later}");
            assert_eq!((sums.slots[0][1], sums.slots[0][2], sums.slots[0][3]), (1, 0, 1));
            assert_eq!(sums.latency, None);
        }
    }
}

#[test]
fn waits_are_those_of_calls_and_percentiles_those_of_all() {
    let mut world = World::new(Config::default()).and([key_of("a", "p")]);
    world.script("a", [minute().hint(20_000), serve()]);
    world.finish(ask());
    (0..9).for_each(|_| _ = world.finish(ask()));
    let sums = usage(&mut world, &UsageQuery::default());
    let [.., calls, waited, span] = sums.slots.iter().fold([0; 9], |mut sum, slot| {
        sum.iter_mut().zip(slot).for_each(|(sum, more)| *sum += more);
        sum
    });
    assert_eq!((calls, waited), (10, 1));
    assert!((20_000..23_000).contains(&span), "{span}");
    let [half, p95, _, longest] = sums.waits.expect("there were some");
    assert_eq!(half, 0);
    assert!(p95.abs_diff(span) * 100 <= span && longest == p95, "{p95} {longest} {span}");
    assert_eq!(sums.latency.expect("there were some")[0], 100);
    let key = UsageQuery { key: Some(String::from("a")), ..UsageQuery::default() };
    assert_eq!(usage(&mut world, &key).waits, None, "they are not told apart");
}

#[test]
fn memory_is_bounded_by_age_and_by_cells() {
    let policy = UsagePolicy { minutes: 3, hours: 2, days: 1, max_cells: 1_000 };
    let mut world = World::new(Config { usage: Some(policy), ..Config::default() }).and([key("a")]);
    for round in 0..200_u64 {
        world.finish(asked(Some(&format!("s{}", round % 40)), None));
        world.sleep(MINUTE);
    }
    let minutes = usage(&mut world, &by(UsageStep::Minute));
    assert!(total(&minutes, 5) <= 4 && minutes.since > minutes.from, "{} {minutes:?}", total(&minutes, 5));
    let day = usage(&mut world, &by(UsageStep::Day));
    assert_eq!(total(&day, 5), 200);
    // More sessions in a minute than an eighth of the cells: the rest are nobody's, and nothing is lost.
    for session in 0..600 {
        world.finish(asked(Some(&format!("t{session}")), None));
    }
    let day = usage(&mut world, &by(UsageStep::Day));
    assert_eq!(total(&day, 5), 800);
    assert!(day.rows.len() < 500, "{}", day.rows.len());
}

#[test]
fn a_clock_that_is_set_back_loses_nothing() {
    let mut world = World::of(&["a"]);
    world.finish(ask());
    world.sleep(10 * MINUTE);
    world.finish(ask());
    for back in [30_000, 2 * HOUR, 50 * HOUR] {
        world.set_back(back);
        world.finish(ask());
        world.sleep(2 * MINUTE);
        world.finish(ask());
    }
    world.sleep(60 * HOUR);
    let sums = usage(&mut world, &by(UsageStep::Day));
    assert_eq!(total(&sums, 5), 8);
    assert!(sums.slots.is_sorted_by_key(|slot| slot[0]), "in their order");
}

#[test]
fn efficiency_is_of_what_known_limits_allow() {
    let limits = crate::world::rpm(10);
    let mut world = World::new(Config::default()).and([crate::world::key_with("a", limits)]);
    (0..5).for_each(|_| _ = world.finish(ask()));
    world.finish(ask_for("pro"));
    world.sleep(10 * MINUTE);
    let sums = usage(&mut world, &UsageQuery::default());
    let pools: Vec<_> = sums.pools.iter().map(|(.., model, allowed)| (model.as_str(), *allowed)).collect();
    // Ten minutes and a little, so eleven have begun.
    assert_eq!(pools, [("flash", Some(110)), ("pro", Some(110))]);
}

#[test]
fn nothing_is_counted_where_it_is_switched_off() {
    let mut world = World::new(Config { usage: None, ..Config::default() }).and([key("a")]);
    world.finish(ask());
    let now = world.now();
    assert!(world.engine.usage(now, &UsageQuery::default()).is_none());
}

/// What happens in a random day.
#[derive(Clone, Debug)]
enum Move {
    Call(Option<u8>, Option<u8>, bool),
    Abort(u8),
    Tokens(u8, u64, u64),
    Breaks(u8),
    Passes(u64),
}

fn moves() -> impl Strategy<Value = Vec<Move>> {
    let one = prop_oneof![
        6 => (prop::option::of(0..4_u8), prop::option::of(0..2_u8), any::<bool>()).prop_map(|(s, o, pro)| Move::Call(s, o, pro)),
        1 => any::<u8>().prop_map(Move::Abort),
        2 => (any::<u8>(), 0..5_000_u64, 0..5_000_u64).prop_map(|(call, i, o)| Move::Tokens(call, i, o)),
        1 => any::<u8>().prop_map(Move::Breaks),
        3 => prop_oneof![0..2_000_u64, 20_000..200_000_u64, 1..3 * HOUR].prop_map(Move::Passes),
    ];
    prop::collection::vec(one, 1..80)
}

fn replies() -> impl Strategy<Value = Vec<Reply>> {
    let reply = prop_oneof![
        5 => (1..70_000_u64).prop_map(|ms| serve().after(ms % 3_000)),
        1 => Just(transient()),
        1 => Just(unreachable()),
        1 => (1..30_000_u64).prop_map(|ms| minute().hint(ms)),
    ];
    prop::collection::vec(reply, 0..40)
}

proptest! {
    #[test]
    fn totals_are_those_of_the_log(moves in moves(), first in replies(), second in replies()) {
        let mut world = World::of(&["a", "b"]);
        let began = world.now();
        world.script("a", first);
        world.script("b", second);
        let mut calls: Vec<(CallId, [String; 2])> = Vec::new();
        let (mut streams, mut tokens) = (Vec::new(), (0, 0));
        let mut told = Vec::new();
        for each in moves {
            match each {
                Move::Call(session, operation, pro) => {
                    let [session, operation] = [(session, 's'), (operation, 'o')].map(|(n, of)| n.map(|n| format!("{of}{n}")));
                    let asked = Ask { session: session.clone(), operation: operation.clone(), ..ask_for(if pro { "pro" } else { "flash" }) };
                    calls.push((world.call(asked), [session.unwrap_or_default(), operation.unwrap_or_default()]));
                }
                Move::Passes(ms) => world.run_for(ms),
                _ if calls.is_empty() => {}
                Move::Abort(at) => world.abort(calls[at as usize % calls.len()].0),
                Move::Tokens(at, input, output) => {
                    let call = calls[at as usize % calls.len()].0;
                    if !world.open().contains(&call) && world.is_answered(call) && !told.contains(&call) && !streams.contains(&call) {
                        world.used(call, input, output, None);
                        told.push(call);
                        tokens = (tokens.0 + input, tokens.1 + output);
                    }
                }
                Move::Breaks(at) => {
                    let call = calls[at as usize % calls.len()].0;
                    if !world.open().contains(&call) && world.is_answered(call) && !streams.contains(&call) {
                        streams.push(call);
                        world.engine.streams(call);
                        let now = world.now();
                        world.engine.stream_broke(now, call, Box::new(Classification::new(Verdict::Network, Scope::None)));
                        world.drain();
                    }
                }
            }
        }
        world.run_for(10 * MINUTE);
        // The log, as an outsider reads it: a second end of an attempt takes the place of the first.
        let mut ends: BTreeMap<(CallId, usize), (u64, String, Verdict)> = BTreeMap::new();
        let mut attempts_of: BTreeMap<CallId, usize> = BTreeMap::new();
        for (at, output) in &world.log {
            if let Output::Event(Event::Settled(settled)) = output {
                let Settled { call, key, verdict, .. } = &**settled;
                let broke = streams.contains(call) && *verdict == Verdict::Network
                    && ends.get(&(*call, attempts_of.get(call).copied().unwrap_or(0))).is_some_and(|end| end.2 == Verdict::Ok);
                let attempt = attempts_of.entry(*call).or_default();
                *attempt += usize::from(!broke);
                let wall = began.wall.0 + (at.0 - began.mono.0);
                let first = ends.get(&(*call, *attempt)).map_or(wall, |end| end.0);
                ends.insert((*call, *attempt), (first, world.name(*key).to_owned(), *verdict));
            }
        }
        let (mut cells, mut hours) = (BTreeMap::new(), BTreeMap::new());
        for ((call, _), (wall, key, verdict)) in &ends {
            let [session, operation] = calls.iter().find(|(id, _)| id == call).unwrap().1.clone();
            *cells.entry([key.clone(), session, operation, verdict.name().to_owned()]).or_default() += 1;
            *hours.entry((wall / HOUR * HOUR, key.clone())).or_default() += 1;
        }
        for step in [UsageStep::Hour, UsageStep::Day] {
            let sums = usage(&mut world, &by(step));
            prop_assert_eq!(&attempts(&sums), &cells, "{:?}", step);
            prop_assert_eq!((total(&sums, 7), total(&sums, 8)), tokens);
            prop_assert_eq!(sums.slots.iter().map(|slot| slot[1]).sum::<u64>(), ends.len() as u64);
            let by_hour: BTreeMap<_, _> =
                sums.hours.iter().filter(|row| row[2] > 0).map(|row| ((row[0], sums.keys[row[1] as usize].clone()), row[2])).collect();
            prop_assert_eq!(&by_hour, &hours);
        }
        let now = world.now();
        let stats = world.engine.stats(now);
        let sums = usage(&mut world, &by(UsageStep::Day));
        prop_assert_eq!(stats.total_requests, total(&sums, 5));
        prop_assert_eq!(stats.total_errors, sums.slots.iter().map(|slot| slot[3]).sum::<u64>());
        prop_assert_eq!(stats.rate_limited, sums.slots.iter().map(|slot| slot[4]).sum::<u64>());
    }
}
