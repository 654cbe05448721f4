//! Two names of one model: once an answer has told, they share their pools, and what was under way is settled there.

use core::num::NonZeroU64;

use quota_aware_api::engine::{Ask, Classification, Config, Limits, Millis, Scope, Verdict};

use crate::world::{World, ask_for, key_with, refuse};

const LATEST: &str = "flash-latest";
const MODEL: &str = "flash-002";

fn world(limits: Limits) -> World {
    World::new(Config::default()).and([key_with("a", limits)])
}

fn limits(rpm: u64) -> Limits {
    Limits { rpm: NonZeroU64::new(rpm), ..Limits::default() }
}

/// Project pools with their use.
fn pools(world: &mut World) -> Vec<(String, u64, u64)> {
    let now = world.now();
    let pools = world.engine.status(now).pools;
    pools.into_iter().map(|pool| (pool.model, pool.used.requests, pool.used.tokens)).collect()
}

#[test]
fn names_that_turn_out_to_be_one_model_share_its_minute_from_then_on() {
    let mut world = world(limits(5));
    let first = world.finish(ask_for(LATEST));
    world.finish(ask_for(MODEL));
    world.used(first, 0, 0, Some(MODEL));
    world.drain();
    world.calls(3, &ask_for(LATEST));
    assert_eq!(world.sends().len(), 5, "two and three are five");
    let more = [world.call(ask_for(MODEL)), world.call(ask_for(LATEST))];
    assert_eq!(world.sends().len(), 5);
    world.run();
    assert!(more.iter().all(|call| world.is_answered(*call)));
    assert!(more.iter().all(|call| world.sends_of(*call)[0].at - world.sends()[0].at >= Millis(60_000)));
    let names: Vec<String> = pools(&mut world).into_iter().map(|(model, ..)| model).collect();
    assert!(names.iter().all(|name| name == MODEL), "{names:?}");
}

#[test]
fn what_is_under_way_on_both_when_they_become_one_is_settled_there() {
    let most = NonZeroU64::new(4);
    let mut world = world(Limits { concurrency: most, ..limits(10) });
    let first = world.finish(ask_for(LATEST));
    let under_way = [LATEST, LATEST, MODEL].map(|model| world.call(ask_for(model)));
    world.used(first, 7, 3, Some(MODEL));
    world.drain();
    // Three are under way on one pool of four places now.
    world.calls(2, &ask_for(MODEL));
    assert_eq!(world.sends().len(), 5);
    world.run();
    assert!(under_way.iter().all(|call| world.is_answered(*call)));
    let now = world.now();
    assert_eq!(world.engine.status(now).queue.in_flight, 0);
    assert!(
        pools(&mut world).iter().all(|(model, used, _)| (model.as_str(), *used) == (MODEL, 6)),
        "{:?}",
        pools(&mut world)
    );
    // All four places are free again, for either name.
    world.calls(2, &ask_for(LATEST));
    world.calls(2, &ask_for(MODEL));
    assert_eq!(world.sends().len(), 10);
    world.run_for(70_000);
    assert!(pools(&mut world).iter().all(|(_, used, tokens)| (*used, *tokens) == (0, 0)));
}

#[test]
fn a_refusal_that_names_the_model_makes_them_one_as_well_and_closes_both() {
    let mut world = world(Limits::default());
    let named = |meaning: &mut Classification| {
        meaning.model = Some(String::from(MODEL));
        meaning.retry_after = Some(quota_aware_api::engine::Hint { delay: Millis(20_000), truncated: false });
    };
    world.finish(ask_for(MODEL));
    world.script("a", [refuse(429, Verdict::RateLimited, Scope::Model).with(named)]);
    let refused = world.call(ask_for(LATEST));
    world.run_for(1_000);
    let other = world.call(Ask { deadline: Some(Millis(60_000)), ..ask_for(MODEL) });
    assert!(world.sends_of(other).is_empty(), "the model's pool is closed under both names");
    world.run();
    assert!(world.is_answered(refused) && world.is_answered(other));
}
