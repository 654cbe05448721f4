//! Scenarios as people write them: every name does something, and mistakes name their place.

use proptest::prelude::*;
use quota_aware_api::engine::{Instant, Millis, UnixMillis};
use quota_aware_api::options::{Planned, Value, parse_scenario};
use quota_aware_api::plan::{Day, Pace, QUIET_MORNING, Scenario, Spread, Window, run};

fn read(json: &str) -> Result<Planned, String> {
    let midnight = |at: UnixMillis| UnixMillis(at.0 + 86_400_000);
    parse_scenario(&serde_json::from_str(json).unwrap(), &midnight).map_err(|mistake| mistake.to_string())
}

fn scenario(json: &str) -> Scenario {
    read(json).unwrap().scenario
}

#[test]
fn nothing_said_is_the_workshop_with_the_free_tier() {
    let planned = read("{}").unwrap();
    let workshop = Scenario::workshop();
    let Scenario { span, people, pace, begins, .. } = planned.scenario;
    assert_eq!((span, people, pace, begins), (workshop.span, workshop.people, workshop.pace, QUIET_MORNING));
    assert_eq!(planned.scenario.projects.len(), 3);
    assert_eq!(planned.assumed.iter().map(|known| known.model).collect::<Vec<_>>(), ["gemini-3.5-flash-lite"]);
    assert!(planned.advise && planned.offered.is_empty());
}

#[test]
fn every_name_changes_something() {
    let usual = read("{}").unwrap();
    for json in [
        r#"{"people":41}"#,
        r#"{"hours":3.25}"#,
        r#"{"callsPerHour":12.5}"#,
        r#"{"thinkTime":0}"#,
        r#"{"trace":[0,5]}"#,
        r#"{"bursts":[{}]}"#,
        r#"{"greedy":{}}"#,
        r#"{"models":"gemini-3.5-flash"}"#,
        r#"{"alternatives":[{"model":"m","limits":{"rpm":1}}]}"#,
        r#"{"keys":4}"#,
        r#"{"keys":[{},{},{"project":"project-1"}]}"#,
        r#"{"projects":1}"#,
        r#"{"limits":{"rpm":15}}"#,
        r#"{"declared":false}"#,
        r#"{"window":"fixed"}"#,
        r#"{"minute":6000}"#,
        r#"{"day":"pacific"}"#,
        r#"{"countRefused":false}"#,
        r#"{"latency":5}"#,
        r#"{"travel":{"min":1,"max":2}}"#,
        r#"{"faults":{"network":0.01}}"#,
        r#"{"options":{"queue":{"maxWait":1000}}}"#,
        r#"{"patience":5}"#,
        r#"{"startsAt":0}"#,
        r#"{"seed":0}"#,
        r#"{"advice":false}"#,
    ] {
        assert_ne!(read(json).unwrap(), usual, "{json}");
    }
}

#[test]
fn what_is_said_arrives() {
    let said = scenario(
        r#"{"hours":0.5,"bursts":[{"at":60000,"people":7,"within":0}],"latency":{"min":5,"max":9},"window":"refill",
        "day":"pacific","startsAt":1000,"models":["a",{"model":"b","share":0.25,"tokens":9}],"limits":{"a":{"rpm":3},"*":{"rpd":4}}}"#,
    );
    assert_eq!(
        (said.span, said.begins, said.pacific_midnight),
        (Millis::from_mins(30), UnixMillis(1000), UnixMillis(86_401_000))
    );
    assert_eq!((said.bursts[0].at, said.bursts[0].people, said.bursts[0].within), (Millis(60_000), 7, Millis::ZERO));
    assert_eq!(said.service.latency, Spread::new(Millis(9), Millis(5)));
    assert_eq!((said.service.window, said.service.day), (Window::Refill, Day::Pacific));
    let weights: Vec<u32> = said.models.iter().map(|model| model.weight.get()).collect();
    assert_eq!((weights, said.models[1].tokens), (vec![1000, 250], 9));
    assert_eq!(scenario(r#"{"callsPerHour":0}"#).pace, Pace::Open { gap: Millis(u64::MAX) });
    assert!(Instant(0) < Instant(said.span.0));
}

#[test]
fn the_client_knows_how_long_the_minute_is_unless_it_is_told_otherwise() {
    let windows = |json: &str| {
        let said = scenario(json);
        (said.service.minute.0, said.client.window.0)
    };
    assert_eq!(windows("{}"), (60_000, 60_000));
    assert_eq!(windows(r#"{"minute":6000,"options":{"preset":"workshop"}}"#), (6_000, 6_000));
    assert_eq!(windows(r#"{"minute":6000,"options":{"resetInterval":9000}}"#), (6_000, 9_000));
    assert_eq!(windows(r#"{"options":{"resetInterval":9000}}"#), (60_000, 9_000));
}

#[test]
fn keys_are_spread_over_projects_as_evenly_as_they_go() {
    let keys = |json: &str| -> Vec<u32> { scenario(json).projects.iter().map(|project| project.keys.get()).collect() };
    assert_eq!(keys(r#"{"keys":7,"projects":3}"#), [3, 2, 2]);
    assert_eq!(keys(r#"{"keys":3,"projects":1}"#), [3]);
    assert_eq!(keys(r#"{"keys":[{"project":"a"},{"project":"b"},{"project":"a"},{}]}"#), [2, 1, 1]);
}

#[test]
fn limits_of_a_key_are_its_projects() {
    let said = scenario(r#"{"models":"m","limits":{"rpm":1},"keys":[{"limits":{"rpm":9}},{}]}"#);
    let rpm: Vec<u64> =
        said.projects.iter().map(|project| project.limits.of("m").unwrap().rpm.unwrap().get()).collect();
    assert_eq!(rpm, [9, 1]);
}

#[test]
fn mistakes_name_their_place() {
    for (json, words) in [
        ("[]", "scenario: expected an object, got an empty array"),
        (r#"{"peopel":1}"#, "scenario.peopel: unknown option; did you mean people?"),
        (r#"{"people":0}"#, "scenario.people: expected a whole number from 1 to 10000, got 0"),
        (r#"{"hours":0}"#, "scenario.hours: expected a number of hours from 0.001 to 72, got 0"),
        (r#"{"hours":"3.5"}"#, "scenario.hours: expected a number of hours from 0.001 to 72, got \"3.5\""),
        (r#"{"callsPerHour":-1}"#, "scenario.callsPerHour: expected a number of calls from 0 to 3600, got -1"),
        (
            r#"{"people":10000,"hours":72,"callsPerHour":100}"#,
            "scenario.callsPerHour: expected at most 1000000 calls in all, got 72000000",
        ),
        (
            r#"{"callsPerHour":1,"trace":[]}"#,
            "scenario.trace: expected only one of callsPerHour, thinkTime, trace, got callsPerHour too",
        ),
        (
            r#"{"trace":[0,-1]}"#,
            "scenario.trace[1]: expected milliseconds since the beginning, at most 72 hours, got -1",
        ),
        (r#"{"bursts":[{"att":1}]}"#, "scenario.bursts[0].att: unknown option; did you mean at?"),
        (r#"{"bursts":[{"people":41}]}"#, "scenario.bursts[0].people: expected a whole number from 1 to 40, got 41"),
        (
            r#"{"hours":1,"bursts":[{"at":3600001}]}"#,
            "scenario.bursts[0].at: expected a whole number of milliseconds since the beginning from 0 to 3600000, got 3600001",
        ),
        (r#"{"greedy":{"parallel":0}}"#, "scenario.greedy.parallel: expected a whole number from 1 to 1000, got 0"),
        (r#"{"models":[]}"#, "scenario.models: expected from 1 to 20 models, got an empty array"),
        (r#"{"models":5}"#, "scenario.models: expected the name of a model, or an object, got 5"),
        (r#"{"models":[{"share":1}]}"#, "scenario.models[0].model: expected the name of a model, got nothing"),
        (r#"{"models":["m","m"],"limits":{"rpm":1}}"#, "scenario.models[1]: expected each model once, got \"m\" again"),
        (r#"{"models":"m"}"#, "scenario.limits: expected limits of \"m\", of which none are known here, got nothing"),
        (r#"{"keys":0}"#, "scenario.keys: expected a whole number from 1 to 200, got 0"),
        (r#"{"keys":2,"projects":3}"#, "scenario.projects: expected at most as many as keys, which are 2, got 3"),
        (r#"{"keys":["a"]}"#, "scenario.keys[0]: expected an object, got \"a\""),
        (r#"{"keys":[{"key":"a"}]}"#, "scenario.keys[0].key: unknown option; known are project, limits"),
        (r#"{"limits":{"rmp":1}}"#, "scenario.limits.rmp: unknown option; did you mean rpm?"),
        (
            r#"{"window":"rollling"}"#,
            "scenario.window: expected one of rolling, fixed, refill, got \"rollling\"; did you mean rolling?",
        ),
        (
            r#"{"minute":60001}"#,
            "scenario.minute: expected a whole number of milliseconds from 1000 to 60000, got 60001",
        ),
        (r#"{"latency":{"min":2,"max":1}}"#, "scenario.latency.max: expected at least min, which is 2, got 1"),
        (r#"{"latency":{"min":2}}"#, "scenario.latency.max: expected a number of milliseconds, got nothing"),
        (r#"{"faults":{"network":2}}"#, "scenario.faults.network: expected a number from 0 to 1, got 2"),
        (
            r#"{"options":{"verbose":true}}"#,
            "scenario.options.verbose: unknown option; known are strategy, preset, pacing, minute, maxRetries, resetInterval, backoff, cooldown, retryBudget, timeout, deadline, queue",
        ),
        (
            r#"{"options":{"queue":{"maxWiat":1}}}"#,
            "scenario.options.queue.maxWiat: unknown option; did you mean maxWait?",
        ),
    ] {
        assert_eq!(read(json).unwrap_err(), words, "{json}");
    }
}

const NAMES: [&str; 34] = [
    "people",
    "hours",
    "callsPerHour",
    "thinkTime",
    "trace",
    "bursts",
    "greedy",
    "models",
    "alternatives",
    "keys",
    "projects",
    "limits",
    "declared",
    "window",
    "minute",
    "day",
    "countRefused",
    "latency",
    "travel",
    "faults",
    "options",
    "patience",
    "startsAt",
    "seed",
    "at",
    "within",
    "parallel",
    "model",
    "tokens",
    "rpm",
    "tpd",
    "min",
    "max",
    "network",
];

fn anything() -> impl Strategy<Value = Value> {
    let number =
        prop::sample::select(vec![0.0, 0.01, 0.5, 1.0, 2.0, 20.0, 1e5, 9_007_199_254_740_991.0, -1.0, f64::NAN]);
    let text =
        prop::sample::select(vec!["gemini-3.5-flash", "fixed", "refill", "pacific", "a", ""]).prop_map(String::from);
    let leaf = prop_oneof![
        number.prop_map(Value::Number),
        text.prop_map(Value::Text),
        any::<bool>().prop_map(Value::Bool),
        Just(Value::Nothing),
    ];
    let name = || prop::sample::select(NAMES.to_vec()).prop_map(String::from);
    leaf.prop_recursive(3, 24, 4, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::List),
            prop::collection::vec((name(), inner), 0..4).prop_map(Value::Map),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// One odd field at a time, so that most scenarios are right; what is right is played, in small.
    #[test]
    fn whatever_is_written_is_refused_or_played(name in prop::sample::select(NAMES[..24].to_vec()), value in anything()) {
        let limits = Value::Map(vec![(String::from("tpm"), Value::Number(9_007_199_254_740_991.0))]);
        let mut fields = vec![(name.to_owned(), value)];
        for (usual, value) in [("people", Value::Number(3.0)), ("hours", Value::Number(0.05)), ("limits", limits)] {
            if usual != name {
                fields.push((usual.to_owned(), value));
            }
        }
        if let Ok(planned) = parse_scenario(&Value::Map(fields), &|at| at) {
            let short = Scenario { span: planned.scenario.span.min(Millis::from_mins(5)), ..planned.scenario };
            let calls = run(&short).calls;
            prop_assert_eq!(calls.asked, calls.served + calls.unserved + calls.failed);
        }
    }
}
