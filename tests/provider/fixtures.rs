//! Every recorded response, in every field.

use std::{fs, path::PathBuf, sync::LazyLock};

use quota_aware_api::engine::{Classification, Metric, Scope, Span, Verdict};
use quota_aware_api::provider::{Provider, Response, classify};
use serde_json::Value;

/// One recording.
pub(crate) struct Fixture {
    pub(crate) name: String,
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
    provider: Provider,
    recorded: Value,
}

/// Every recording, read once.
pub(crate) fn all() -> &'static [Fixture] {
    static FIXTURES: LazyLock<Vec<Fixture>> = LazyLock::new(|| {
        let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/responses");
        let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        files.sort();
        files
            .iter()
            .map(|file| read(file.file_name().unwrap().to_str().unwrap(), &fs::read_to_string(file).unwrap()))
            .collect()
    });
    &FIXTURES
}

fn read(name: &str, text: &str) -> Fixture {
    let recorded: Value = serde_json::from_str(text).unwrap();
    let headers = recorded["headers"].as_object().unwrap();
    Fixture {
        name: name.to_owned(),
        status: u16::try_from(recorded["status"].as_u64().unwrap()).unwrap(),
        headers: headers.iter().map(|(name, value)| (name.clone(), value.as_str().unwrap().to_owned())).collect(),
        body: match &recorded["body"] {
            Value::String(text) => text.clone().into_bytes(),
            json => json.to_string().into_bytes(),
        },
        provider: provider(recorded["provider"].as_str().unwrap()),
        recorded,
    }
}

/// The dialect of a vendor; all but four speak `OpenAI`'s.
fn provider(vendor: &str) -> Provider {
    match vendor {
        "gemini" | "gemini-openai" | "vertex" => Provider::Gemini,
        "groq" => Provider::Groq,
        "openai" => Provider::OpenAi,
        "anthropic" => Provider::Anthropic,
        _ => Provider::Compatible,
    }
}

#[test]
fn every_recording_agrees_in_every_field() {
    let fixtures = all();
    assert!(!fixtures.is_empty(), "no recordings found");
    let mut failures = Vec::new();
    let mut agreed = 0;
    for fixture in fixtures {
        let before = failures.len();
        for provider in [Some(fixture.provider), None] {
            let Fixture { status, headers, body, .. } = fixture;
            let got = classify(&Response { provider, status: *status, headers, body });
            let told = if provider.is_some() { "named" } else { "unnamed" };
            failures.extend(
                disagreements(&fixture.recorded, &got)
                    .into_iter()
                    .map(|line| format!("{} ({told}): {line}", fixture.name)),
            );
        }
        agreed += usize::from(failures.len() == before);
    }
    println!("{agreed} of {} recordings agree", fixtures.len());
    assert!(failures.is_empty(), "{agreed} of {} recordings agree\n{}", fixtures.len(), failures.join("\n"));
}

fn disagreements(recorded: &Value, got: &Classification) -> Vec<String> {
    let expect = &recorded["expect"];
    let mut lines = Vec::new();
    let mut compare = |field: &str, expected: String, found: String| {
        if expected != found {
            lines.push(format!("{field}: expected {expected}, got {found}"));
        }
    };
    let mut classes: Vec<Verdict> =
        recorded["accept"].as_array().into_iter().flatten().map(|class| verdict(class, &expect["window"])).collect();
    classes.push(verdict(&expect["class"], &expect["window"]));
    if !classes.contains(&got.verdict) {
        compare("class", format!("{classes:?}"), format!("{:?}", got.verdict));
    }
    let wait = got.retry_after.map(|hint| hint.delay.0);
    let close = match (expect["retry_after_ms"].as_u64(), wait) {
        (Some(expected), Some(found)) => (expected..=expected + 1000).contains(&found),
        (expected, found) => expected.is_none() && found.is_none(),
    };
    if !close {
        compare("retry_after_ms", expect["retry_after_ms"].to_string(), format!("{wait:?}"));
    }
    compare("scope", expect["scope"].as_str().unwrap().to_owned(), got.scope.name().to_owned());
    compare("metric", word(&expect["metric"]), got.metric.map_or("null", Metric::name).replace('-', "_"));
    compare("window", word(&expect["window"]), got.window.map_or("null", Span::name).to_owned());
    compare("limit", expect["limit"].to_string(), got.limit.map_or("null".to_owned(), |limit| limit.to_string()));
    if got.cause.is_empty() {
        lines.push("cause: empty".to_owned());
    }
    lines
}

fn word(value: &Value) -> String {
    value.as_str().unwrap_or("null").to_owned()
}

/// The recordings put money and days in one class and tell them apart by the window.
fn verdict(class: &Value, window: &Value) -> Verdict {
    match class.as_str().unwrap() {
        "quota_exhausted_daily" if window.is_null() => Verdict::OutOfCredit,
        "quota_exhausted_daily" => Verdict::QuotaExhausted,
        other => {
            let name = other.replace('_', "-");
            Verdict::ALL
                .into_iter()
                .find(|verdict| verdict.name() == name)
                .unwrap_or_else(|| panic!("unknown class {other}"))
        }
    }
}

#[test]
fn the_check_itself_notices_every_field() {
    let expect = serde_json::json!({
        "expect": { "class": "ok", "retry_after_ms": null, "scope": "none", "metric": null, "window": null, "limit": null }
    });
    let mut wrong = Classification::new(Verdict::Blocked, Scope::Key);
    wrong.retry_after =
        Some(quota_aware_api::engine::Hint { delay: quota_aware_api::engine::Millis(5), truncated: false });
    wrong.metric = Some(Metric::Tokens);
    wrong.window = Some(Span::Day);
    wrong.limit = Some(0);
    assert_eq!(disagreements(&expect, &wrong).len(), 7, "one line a field, and one for the missing advice");
}
