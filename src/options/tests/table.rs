//! Every option by name: what it takes and that it does something, what it refuses and in which words.

use super::{Value, parse, value, with_options};
use crate::options::settings::NAMES;
use crate::options::words::described;

/// An option's path below `options`, what it expects, and JSON values that it takes, none of them its default.
struct Row(&'static str, &'static str, &'static [&'static str]);

const TIMER: &str = "a whole number of milliseconds from 1 to 2147483647";
const WAIT: &str = "a whole number of milliseconds from 0 to 2147483647";
const COUNT: &str = "a whole number from 1 to 1000000";
const COUNT_OR_NONE: &str = "a whole number from 0 to 1000000";
const FLAG: &str = "true or false";
const OBJECT: &str = "an object";
const OBJECT_OR_FALSE: &str = "an object or false";

const TABLE: &[Row] = &[
    Row(
        "provider",
        "one of gemini, groq, openai, anthropic, openai-compatible",
        &["\"gemini\"", "\"groq\"", "\"openai\"", "\"anthropic\"", "\"openai-compatible\""],
    ),
    Row(
        "strategy",
        "one of round-robin, failover, least-loaded, weighted, priority, assigned",
        &["\"failover\"", "\"least-loaded\"", "\"weighted\"", "\"priority\"", "\"assigned\""],
    ),
    Row("limits", "an object of limits, or one of limits by model", &["{\"rpm\":1}", "{\"flash\":{\"tpm\":1}}"]),
    Row(
        "preset",
        "one of workshop, quest, handler, gemini-free, groq-free",
        &["\"workshop\"", "\"quest\"", "\"handler\"", "\"gemini-free\"", "[\"handler\",\"groq-free\"]"],
    ),
    Row("maxRetries", "a whole number from 0 to 100", &["0", "1", "100"]),
    Row("resetInterval", TIMER, &["1", "2147483647"]),
    Row("verbose", FLAG, &["true"]),
    Row("backoff", OBJECT, &[]),
    Row("backoff.base", WAIT, &["0", "30000"]),
    Row("backoff.max", WAIT, &["500", "2147483647"]),
    Row("backoff.factor", "a number from 1 to 100", &["1", "1.5", "100"]),
    Row("backoff.jitter", "one of full, equal, none", &["\"equal\"", "\"none\""]),
    Row("cooldown", OBJECT, &[]),
    Row("cooldown.rateLimit", TIMER, &["1", "2147483647"]),
    Row("cooldown.error", TIMER, &["1", "2147483647"]),
    Row("cooldown.errorThreshold", COUNT, &["1", "1000000"]),
    Row("retryBudget", OBJECT_OR_FALSE, &["false"]),
    Row("retryBudget.capacity", COUNT_OR_NONE, &["0", "1000000"]),
    Row("retryBudget.refill", COUNT_OR_NONE, &["0", "1000000"]),
    Row("timeout", TIMER, &["1", "2147483647"]),
    Row("chunkTimeout", TIMER, &["1", "2147483647"]),
    Row("deadline", TIMER, &["1", "2147483647"]),
    Row("queue", OBJECT, &[]),
    Row("queue.maxWait", WAIT, &["0", "2147483647"]),
    Row("queue.maxSize", COUNT_OR_NONE, &["0", "1000000"]),
    Row("queue.fair", FLAG, &["false"]),
    Row("fallback", "an array of fallbacks", &["[{\"model\":\"m\"}]"]),
    Row("pacing", "one of auto, burst, even", &["\"burst\"", "\"even\""]),
    Row("minute", "one of auto, rolling", &["\"rolling\""]),
    Row("reserve", "an object of shares by workload", &["{\"chat\":0.3}"]),
    Row("shadow", FLAG, &["true"]),
    Row("sessionRate", OBJECT, &["{}"]),
    Row("sessionRate.perSecond", COUNT, &["1", "1000000"]),
    Row("sessionRate.burst", COUNT, &["1", "1000000"]),
    Row("allowedOrigins", "an array of strings", &["[\"https://a.example\"]"]),
    Row("baseURL", "a string", &["\"https://a.example/v1\""]),
    Row("healthCheck", OBJECT_OR_FALSE, &["{}"]),
    Row("healthCheck.interval", "a whole number of milliseconds from 1000 to 2147483647", &["1000", "2147483647"]),
    Row("printStatsEvery", COUNT, &["1", "1000000"]),
    Row(
        "warnAt",
        "a number above 0 and at most 1, or an array of them",
        &["0.5", "1", "0.0001", "[]", "[0.5]", "[0.95,0.5,0.5]"],
    ),
    Row("alerts", OBJECT_OR_FALSE, &["false"]),
    Row("alerts.successRate", "a number above 0 and at most 1", &["0.5", "1"]),
    Row("alerts.errorRate", "a number above 0 and at most 1", &["0.5", "1"]),
    Row("alerts.minRequests", "a whole number from 1 to 50", &["1", "50"]),
    Row("alerts.terms", FLAG, &["false"]),
    Row("enableRotation", FLAG, &["false"]),
    Row("profiles", "an object of profiles by name", &["{\"quest-1\":{}}"]),
    Row("cache", "true, false or an object", &["true", "{}"]),
    Row("cache.maxEntries", COUNT, &["1", "1000000"]),
    Row("cache.ttl", TIMER, &["1", "2147483647"]),
    Row("cache.maxBytes", "a whole number from 1 to 1099511627776", &["1", "1099511627776"]),
    Row("usage", OBJECT_OR_FALSE, &["false"]),
    Row("usage.minutes", "a whole number from 1 to 10080", &["1", "10080"]),
    Row("usage.hours", "a whole number from 1 to 2208", &["1", "2208"]),
    Row("usage.days", "a whole number from 1 to 3660", &["1", "3660"]),
    Row("usage.maxCells", "a whole number from 100 to 1000000", &["100", "1000000"]),
    Row("onBadConfig", "one of throw, single-key", &["\"single-key\""]),
];

/// `backoff.base` and a value to `{ backoff: { base: value } }`.
fn nested(path: &str, value: Value) -> Value {
    path.rsplit('.').fold(value, |inner, name| Value::Map(vec![(String::from(name), inner)]))
}

/// What is wrong for most options: each of a wrong type, or a number that no option takes.
fn strangers() -> Vec<Value> {
    let mut strangers: Vec<Value> =
        ["-1", "1e300", "0.25", "100.5", "\"soon\"", "true", "false", "[]", "{}"].map(value).into();
    strangers.extend([f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -0.5].map(Value::Number));
    strangers
}

/// Which of those strangers an option takes after all.
fn takes(row: &Row, given: &Value) -> bool {
    match given {
        Value::Bool(on) => row.1 == FLAG || row.0 == "cache" || (row.1 == OBJECT_OR_FALSE && !on),
        Value::Map(_) => {
            matches!(row.1, OBJECT | OBJECT_OR_FALSE) || matches!(row.0, "limits" | "reserve" | "profiles" | "cache")
        }
        Value::Number(n) => {
            matches!(row.0, "warnAt" | "alerts.successRate" | "alerts.errorRate") && (0.0..=1.0).contains(n)
        }
        Value::Text(_) => row.0 == "baseURL",
        Value::List(_) => matches!(row.0, "allowedOrigins" | "preset" | "fallback" | "warnAt"),
        Value::Nothing => true,
    }
}

#[test]
fn the_table_has_every_option() {
    let rows = |name: &&str| TABLE.iter().any(|row| row.0 == *name);
    assert!(NAMES.iter().all(rows));
    assert!(TABLE.iter().all(|row| NAMES.contains(&row.0.split('.').next().unwrap_or_default())));
}

#[test]
fn every_option_does_something() {
    let usual = with_options("{}").unwrap().settings;
    for Row(path, _, values) in TABLE {
        for json in *values {
            let options = nested(path, value(json));
            let settings = parse(&value("[\"secret\"]"), &options, &|_| None).unwrap().settings;
            assert_ne!(settings, usual, "{path}: {json}");
        }
    }
}

#[test]
fn every_option_refuses_what_it_cannot_be_and_says_where_and_what() {
    for row in TABLE {
        for stranger in strangers().into_iter().filter(|stranger| !takes(row, stranger)) {
            // `factor` is the only one whose range has room for it.
            if row.0 == "backoff.factor" && stranger == Value::Number(100.5) {
                continue;
            }
            let got = described(&stranger);
            let options = nested(row.0, stranger);
            let mistake = parse(&value("[\"secret\"]"), &options, &|_| None).expect_err(&format!("{}: {got}", row.0));
            assert_eq!(mistake.path, format!("options.{}", row.0));
            assert_eq!((mistake.expected.as_str(), mistake.got), (row.1, got), "{}", row.0);
        }
    }
}

#[test]
fn every_option_may_be_undefined_or_null() {
    let usual = with_options("{}").unwrap();
    for row in TABLE {
        let options = nested(row.0, Value::Nothing);
        let parsed = parse(&value("[\"secret\"]"), &options, &|_| None);
        // Its group is given then, and a group may mean something by itself: `healthCheck: {}` switches it on.
        if row.0.starts_with("cache.")
            || matches!(row.0, "healthCheck.interval" | "sessionRate.perSecond" | "sessionRate.burst")
        {
            assert!(parsed.is_ok());
        } else {
            assert_eq!(parsed, Ok(usual.clone()), "{}", row.0);
        }
    }
}

#[test]
fn a_slip_in_any_name_is_told_with_the_name_that_was_meant() {
    for Row(path, ..) in TABLE {
        let options = nested(&format!("{path}s"), value("1"));
        let told = parse(&value("[\"secret\"]"), &options, &|_| None).unwrap_err().to_string();
        let name = path.rsplit('.').next().unwrap_or_default();
        assert_eq!(told, format!("options.{path}s: unknown option; did you mean {name}?"));
    }
}

#[test]
fn the_ends_of_ranges_are_exact() {
    for (path, outside) in [
        ("maxRetries", "101"),
        ("resetInterval", "0"),
        ("timeout", "2147483648"),
        ("deadline", "0"),
        ("backoff.factor", "0.999"),
        ("backoff.factor", "100.001"),
        ("cooldown.errorThreshold", "0"),
        ("retryBudget.capacity", "1000001"),
        ("queue.maxSize", "1000001"),
        ("healthCheck.interval", "999"),
        ("printStatsEvery", "0"),
        ("warnAt", "0"),
        ("warnAt", "1.001"),
        ("warnAt", "[0,1,1,1,1,1,1,1,1,1,1]"),
        ("alerts.minRequests", "51"),
        ("alerts.errorRate", "0"),
    ] {
        let options = nested(path, value(outside));
        let mistake = parse(&value("[\"secret\"]"), &options, &|_| None).unwrap_err();
        assert_eq!(mistake.path, format!("options.{path}"), "{outside}");
    }
}

#[test]
fn a_wrong_element_is_told_by_its_place() {
    let told = |json| with_options(json).unwrap_err().to_string();
    assert_eq!(
        told(r#"{"allowedOrigins":["https://a.example",5]}"#),
        "options.allowedOrigins[1]: expected a string, got 5"
    );
    assert_eq!(told(r#"{"baseURL":""}"#), "options.baseURL: expected a string with something in it, got \"\"");
}
