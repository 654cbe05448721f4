//! Streams: what is left of a call between the first content of its answer and the last.

use core::num::NonZeroU64;

use quota_aware_api::engine::{
    Ask, CallId, Classification, Config, Demand, Event, FailureCode, Limits, Scope, Tokens, Verdict,
};

use crate::world::{World, ask, ask_for, key_with, serve, transient};

fn concurrency(most: u64) -> Limits {
    Limits { concurrency: NonZeroU64::new(most), ..Limits::default() }
}

/// A call that is answered by a stream.
fn stream(world: &mut World) -> CallId {
    let call = world.finish(ask());
    world.engine.streams(call);
    call
}

fn broke(world: &mut World, call: CallId, verdict: Verdict, scope: Scope) -> Option<Vec<(Verdict, Option<u16>)>> {
    let now = world.now();
    let failure = world.engine.stream_broke(now, call, Box::new(Classification::new(verdict, scope)));
    world.drain();
    let failure = failure?;
    assert_eq!(failure.code, FailureCode::StreamBroken);
    Some(failure.attempts.iter().map(|note| (note.verdict, note.status)).collect())
}

#[test]
fn a_stream_keeps_its_place_until_it_ends() {
    let mut world = World::new(Config::default()).and([key_with("a", concurrency(1))]);
    let first = stream(&mut world);
    let second = world.call(ask());
    world.run_for(10_000);
    assert_eq!(world.sends_of(second).len(), 0);
    let now = world.now();
    world.engine.stream_ended(now, first);
    world.drain();
    world.run();
    assert_eq!(world.sends_of(second).len(), 1);
    // A second end is none: the place was given back once.
    world.engine.stream_ended(now, first);
    stream(&mut world);
    let third = world.call(ask());
    world.run_for(1_000);
    assert_eq!(world.sends_of(third).len(), 0);
}

#[test]
fn a_stream_that_breaks_gives_its_place_back_and_is_not_sent_again() {
    let mut world = World::new(Config::default()).and([key_with("a", concurrency(1))]);
    let first = stream(&mut world);
    let second = world.call(ask());
    world.run_for(1_000);
    assert_eq!(broke(&mut world, first, Verdict::Network, Scope::None), Some(vec![(Verdict::Network, Some(200))]));
    world.run();
    assert_eq!((world.sends_of(first).len(), world.sends_of(second).len()), (1, 1));
    assert_eq!(broke(&mut world, first, Verdict::Network, Scope::None), None);
}

#[test]
fn its_account_has_the_attempts_before_it() {
    let mut world = World::of(&["a", "b"]);
    world.script("a", [transient()]);
    let call = stream(&mut world);
    let attempts = broke(&mut world, call, Verdict::Overloaded, Scope::Model);
    assert_eq!(attempts, Some(vec![(Verdict::Transient, Some(500)), (Verdict::Overloaded, Some(200))]));
}

#[test]
fn the_guilty_are_charged_as_for_any_failure() {
    let mut world = World::of(&["a", "b"]);
    let call = stream(&mut world);
    broke(&mut world, call, Verdict::InvalidKey, Scope::Key);
    assert_eq!((world.health("a"), world.health("b")), ("invalid", "available"));
    let pools = |verdict, scope| {
        let mut world = World::of(&["a", "b"]);
        let call = stream(&mut world);
        broke(&mut world, call, verdict, scope);
        for _ in 0..4 {
            world.finish(ask());
        }
        world.order()
    };
    // The pool of the one is closed, and the other serves all; a request that is itself at fault closes nothing.
    assert_eq!(pools(Verdict::RateLimited, Scope::Model), "abbbb");
    assert_eq!(pools(Verdict::BadRequest, Scope::None), "ababa");
}

#[test]
fn it_is_told_and_counted_as_a_failure_in_place_of_the_success() {
    let mut world = World::of(&["a"]);
    world.always("a", serve());
    let call = stream(&mut world);
    world.sleep(5_000);
    broke(&mut world, call, Verdict::Timeout, Scope::None);
    let now = world.now();
    let stats = world.engine.stats(now);
    assert_eq!((stats.total_requests, stats.total_errors), (1, 1));
    let settled: Vec<_> = world
        .events()
        .filter_map(|event| match event {
            Event::Settled(settled) => Some((settled.verdict, settled.latency.0)),
            _ => None,
        })
        .collect();
    assert_eq!(settled, [(Verdict::Ok, 100), (Verdict::Timeout, 5_100)]);
}

#[test]
fn its_tokens_are_settled_however_many_calls_were_served_meanwhile() {
    let limits = Limits { tpm: NonZeroU64::new(1_000_000), ..Limits::default() };
    let mut world = World::new(Config::default()).and([key_with("a", limits)]);
    let call = world.finish(Ask { demand: Demand::Guessed(Tokens(5_000)), ..ask() });
    world.engine.streams(call);
    world.calls(600, &ask_for("pro"));
    world.run_for(1_000);
    let used = |world: &mut World| {
        let now = world.now();
        let status = world.engine.status(now);
        status.pools.iter().find(|pool| pool.model == "flash").map(|pool| pool.used.tokens)
    };
    assert_eq!(used(&mut world), Some(5_000));
    world.used(call, 700, 0, None);
    assert_eq!(used(&mut world), Some(700));
}
