//! Calls that one project alone may serve: they wait for it as any call waits for quota, and never go elsewhere.

use quota_aware_api::engine::{
    Ask, CallId, Config, Event, FailureCode, Millis, Only, ProjectId, QueuePolicy, Strategy, Thing, Tie,
};
use quota_aware_api::provider::Provider;

use crate::world::{HELD, World, ask, daily, invalid, key, key_of, key_with, minute, overloaded, rpm, transient};

/// A call about a file of the project that the first key (or the second, …) made.
fn about(project: u32) -> Ask {
    Ask { only: Some(Only { project: ProjectId(project), tie: Tie::Owned(Thing::File) }), ..ask() }
}

/// Where calls may wait for minutes, and go one by one as their places come.
fn patient() -> Config {
    let queue = QueuePolicy { max_wait: Millis::from_mins(10), ..Config::default().queue };
    Config {
        deadline: Millis::from_mins(20),
        queue,
        pacing: quota_aware_api::engine::Pacing::Burst,
        ..Config::default()
    }
}

/// When a call was promised to go, if it was made to wait.
fn promised(world: &World, call: CallId) -> Option<u64> {
    let since = world.now();
    world.events().find_map(|event| match event {
        Event::Waiting { call: id, until: Some(until), .. } if *id == call => Some(until.0 - since.wall.0),
        _ => None,
    })
}

#[test]
fn it_goes_to_its_project_whosever_turn_it_is_and_takes_nobodys_turn() {
    for strategy in
        [Strategy::RoundRobin, Strategy::Failover, Strategy::LeastLoaded, Strategy::Weighted, Strategy::Priority]
    {
        let mut world = World::new(Config { strategy, ..Config::default() }).and(["a", "b", "c"].map(key));
        for _ in 0..4 {
            let call = world.finish(about(1));
            assert_eq!(world.order_of(call), "b", "{strategy:?}");
        }
        let call = world.finish(ask());
        assert_eq!(world.order_of(call), "a", "{strategy:?}");
    }
}

#[test]
fn any_key_of_the_project_will_do() {
    let mut world =
        World::new(Config::default()).and([key("a"), key_of("b", "shared"), key_of("c", "shared"), key("d")]);
    world.always("b", invalid());
    let call = world.finish(about(1));
    assert_eq!((world.order_of(call).as_str(), world.is_answered(call)), ("bc", true));
}

#[test]
fn without_quota_it_waits_for_its_project_is_promised_its_place_and_keeps_it() {
    let mut world = World::new(patient()).and(["a", "b", "c"].map(|name| key_with(name, rpm(1))));
    world.finish(about(1));
    let call = world.call(about(1));
    let promise = promised(&world, call).unwrap();
    let now = world.now().mono;
    world.run();
    let sent = world.sends_of(call)[0].at - now;
    assert_eq!(world.order_of(call), "b");
    assert!(sent.0 + 1_000 >= promise && sent.0 <= promise + 1_000, "{sent:?} after a promise of {promise}");
    assert!(world.is_answered(call));
}

#[test]
fn after_refusals_and_failures_it_comes_back_to_its_project() {
    for reply in [minute().hint(5_000), transient(), overloaded()] {
        let mut world = World::new(patient()).and(["a", "b", "c"].map(key));
        world.script("b", [reply]);
        let call = world.finish(about(1));
        assert_eq!((world.order_of(call).as_str(), world.is_answered(call)), ("bb", true));
    }
}

#[test]
fn it_is_refused_at_once_where_its_project_cannot_serve_in_time_while_others_could() {
    let mut world = World::new(patient()).and([key_with("a", rpm(1)), key("b"), key("c")]);
    world.finish(about(0));
    let call = world.call(Ask { deadline: Some(Millis(30_000)), ..about(0) });
    let failure = world.failure(call);
    assert_eq!((failure.code, failure.keys), (FailureCode::Deadline, 1));
    assert!(failure.retry_after.is_some_and(|after| after.0 > 30_000 && after.0 <= HELD));
    assert!(world.sends_of(call).is_empty());
}

#[test]
fn the_failure_speaks_of_its_project_alone() {
    let mut world = World::of(&["a", "b", "c"]);
    world.always("a", daily());
    world.always("b", invalid());
    let (spent, dead) = (world.finish(about(0)), world.finish(about(1)));
    let failure = world.failure(spent);
    assert_eq!((failure.code, failure.keys, failure.keys_exhausted), (FailureCode::OwnerUnavailable, 1, 1));
    assert!(failure.retry_after.is_some_and(|after| after > Millis::from_mins(60)), "when the day ends");
    let failure = world.failure(dead);
    assert_eq!((failure.code, failure.keys, failure.keys_invalid), (FailureCode::OwnerUnavailable, 1, 1));
    world.remove("b");
    let gone = world.finish(about(1));
    assert_eq!((world.failure(gone).code, world.failure(gone).keys), (FailureCode::OwnerUnavailable, 0));
    let never = world.finish(about(9));
    assert_eq!((world.failure(never).code, world.failure(never).only), (FailureCode::OwnerUnavailable, about(9).only));
    // Whom the caller has named, the caller knows.
    let only = Some(Only { project: ProjectId(0), tie: Tie::Named });
    let named = world.finish(Ask { only, ..ask() });
    assert_eq!(world.code(named), Some(FailureCode::QuotaExceeded));
    let call = world.finish(ask());
    assert_eq!(world.order_of(call), "c");
}

#[test]
fn a_call_whose_project_goes_while_it_waits_is_told() {
    let mut world = World::new(patient()).and(["a", "b"].map(|name| key_with(name, rpm(1))));
    world.finish(about(1));
    let call = world.call(about(1));
    world.remove("b");
    assert_eq!(world.code(call), Some(FailureCode::OwnerUnavailable));
    assert!(world.sends_of(call).is_empty());
}

#[test]
fn those_that_wait_for_the_same_quota_go_in_the_order_in_which_they_came_pinned_or_not() {
    let mut world = World::new(patient()).and([key_with("a", rpm(2))]);
    world.calls(2, &ask());
    let calls: Vec<CallId> = (0..12).map(|n| world.call(if n % 3 == 1 { about(0) } else { ask() })).collect();
    world.run();
    let went: Vec<CallId> =
        world.sends().iter().map(|sent| sent.send.call).filter(|call| calls.contains(call)).collect();
    assert_eq!(went, calls);
}

#[test]
fn it_is_promised_a_place_behind_those_that_any_project_may_serve_and_that_came_first() {
    let mut world = World::new(patient()).and(["a", "b"].map(|name| key_with(name, rpm(2))));
    world.calls(4 + 4, &ask());
    let call = world.call(about(0));
    let promise = promised(&world, call).unwrap();
    let now = world.now().mono;
    world.run();
    let sent = (world.sends_of(call)[0].at - now).0;
    assert!(sent > HELD, "four of them go before it, with all that the next minute has: {sent}");
    assert!(sent + 1_000 >= promise && sent <= promise + 1_000, "{sent} after a promise of {promise}");
}

#[test]
fn what_time_has_freed_is_for_whoever_waits_and_not_for_who_comes_by() {
    let mut world = World::new(patient()).and([key_with("a", rpm(1))]);
    world.finish(ask());
    let waits = world.call(about(0));
    // The host's timer is late: a newcomer of another kind is heard before it.
    world.sleep(2 * HELD);
    let newcomer = world.call(ask());
    assert_eq!((world.sends_of(waits).len(), world.sends_of(newcomer).len()), (1, 0));
}

#[test]
fn others_wait_behind_it_no_longer_than_for_its_own_place() {
    let mut world = World::new(patient()).and(["a", "b"].map(|name| key_with(name, rpm(1))));
    world.finish(about(0));
    world.call(about(0));
    let call = world.call(ask());
    assert_eq!(world.order_of(call), "b", "what it waits for is of no use to others, nor is the wait");
}

#[test]
fn the_account_and_the_status_name_the_project_and_the_reason() {
    let mut world = World::new(patient()).and([key_of("a", "lab"), key("b")]);
    let call = world.finish(about(0));
    let told = format!("{:?}", world.explain(call)[0].steps[0]);
    assert!(told.contains("Only") && told.contains("\"lab\"") && told.contains("it owns the file"), "{told}");
    world.script("a", [minute().hint(30_000)]);
    world.call(about(0));
    world.run_for(1_000);
    let waiting = world.waiting();
    assert_eq!(waiting[0].project.as_deref(), Some("lab"));
}

#[test]
fn projects_are_found_by_the_names_that_people_gave_before_those_of_keys() {
    let mut world = World::new(Config::default()).and([key("a"), key_of("b", "a"), key_of("c", "lab"), key("d")]);
    let found = |world: &World, name: &str| world.engine().find_project(name).map(|ProjectId(at)| at);
    assert_eq!(
        [found(&world, "a"), found(&world, "lab"), found(&world, "d"), found(&world, "x")],
        [Some(1), Some(2), Some(3), None]
    );
    assert_eq!(world.engine().projects_of(Provider::Gemini), [0, 1, 2, 3].map(ProjectId));
    world.remove("d");
    assert_eq!((found(&world, "d"), world.engine().present(ProjectId(3))), (None, ProjectId(3)));
    world.add(key("d"));
    assert_eq!(
        world.engine().present(ProjectId(3)),
        ProjectId(4),
        "the key is back, with a project of its own as before"
    );
}
