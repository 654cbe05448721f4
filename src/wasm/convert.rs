//! What leaves for JavaScript, as plain objects. Errors cross as data and become a class on the other side.

use serde::Serialize;
use wasm_bindgen::prelude::*;

use super::json::Json;
use super::vault::Vault;
use crate::engine::{AttemptNote, Classification, Engine, Failure, Millis, Tie};
use crate::options::Mistake;

/// Plain objects and null, as JavaScript users expect them: no `Map`, no `undefined` holes.
pub(crate) fn to_js<T: Serialize + ?Sized>(report: &T) -> JsValue {
    parsed(&Json::of(report))
}

/// A list of words, value by value: what is as plain as this needs no text in between.
pub(crate) fn words(list: &[String]) -> JsValue {
    serde_wasm_bindgen::to_value(list).unwrap_or(JsValue::UNDEFINED)
}

/// Apart from the above, which there is one of for each report.
fn parsed(json: &str) -> JsValue {
    js_sys::JSON::parse(json).unwrap_or(JsValue::UNDEFINED)
}

/// A classification as `classify()` returns it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Meaning {
    verdict: &'static str,
    retry_after: Option<u64>,
    scope: &'static str,
    metric: Option<&'static str>,
    window: Option<&'static str>,
    limit: Option<u64>,
    model: Option<String>,
    tier: Option<String>,
    cause: &'static str,
}

impl Meaning {
    pub(crate) fn of(classification: &Classification) -> Self {
        Self {
            verdict: classification.verdict.name(),
            retry_after: classification.retry_after.map(|hint| hint.delay.0),
            scope: classification.scope.name(),
            metric: classification.metric.map(crate::engine::Metric::name),
            window: classification.window.map(crate::engine::Span::name),
            limit: classification.limit,
            model: classification.model.clone(),
            tier: classification.tier.clone(),
            cause: classification.cause,
        }
    }
}

/// A `Failure` as the error class is made of.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Account {
    code: &'static str,
    retry_after: Option<u64>,
    attempts: Vec<Attempt>,
    meaning: Option<Meaning>,
    words: Option<String>,
    keys: u32,
    keys_exhausted: u32,
    keys_invalid: u32,
    limit: Option<u64>,
    elapsed_ms: u64,
    only: Option<Owner>,
}

/// The one project that might have served a call.
#[derive(Debug, Serialize)]
struct Owner {
    project: String,
    /// What it owns; null where the caller named it.
    kind: Option<&'static str>,
    /// Why, in one word: the kind, `named` or `asked`.
    tie: &'static str,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Attempt {
    key: String,
    status: Option<u16>,
    verdict: &'static str,
    waited_ms: u64,
}

pub(crate) fn failure(engine: &Engine, vault: &Vault, failure: &Failure) -> JsValue {
    let attempt = |note: &AttemptNote| Attempt {
        key: engine.key(note.key).map_or_else(String::new, |spec| spec.id.clone()),
        status: note.status,
        verdict: note.verdict.name(),
        waited_ms: note.waited.0,
    };
    // Whatever is in the provider's own words may repeat a key, a model's name included.
    let own = |words: Option<String>| words.map(|words| vault.redact(&words));
    let redacted = |last: &Classification| {
        let meaning = Meaning::of(last);
        Meaning { model: own(meaning.model), tier: own(meaning.tier), ..meaning }
    };
    to_js(&Account {
        code: failure.code.name(),
        retry_after: failure.retry_after.map(|Millis(ms)| ms),
        attempts: failure.attempts.iter().map(attempt).collect(),
        meaning: failure.last.as_deref().map(redacted),
        words: failure.last.as_ref().and_then(|last| last.message.as_deref()).map(|words| vault.redact(words)),
        keys: failure.keys,
        keys_exhausted: failure.keys_exhausted,
        keys_invalid: failure.keys_invalid,
        limit: failure.limit,
        elapsed_ms: failure.elapsed.0,
        only: failure.only.map(|only| Owner {
            project: engine.project_name(only.project).unwrap_or_default().to_owned(),
            kind: match only.tie {
                Tie::Owned(thing) => Some(thing.name()),
                Tie::Named | Tie::Asked => None,
            },
            tie: match only.tie {
                Tie::Owned(thing) => thing.name(),
                Tie::Named => "named",
                Tie::Asked => "asked",
            },
        }),
    })
}

/// A mistake in what the user gave us.
#[derive(Debug, Serialize)]
struct Invalid<'a> {
    code: &'static str,
    path: &'a str,
    detail: String,
}

pub(crate) fn mistake(mistake: &Mistake) -> JsValue {
    to_js(&Invalid { code: "CONFIG_INVALID", path: &mistake.path, detail: mistake.to_string() })
}

/// A mistake that only the shell can notice.
pub(crate) fn invalid(path: &str, detail: &str) -> JsValue {
    to_js(&Invalid { code: "CONFIG_INVALID", path, detail: [path, ": ", detail].concat() })
}

#[derive(Debug, Serialize)]
struct Plain<'a> {
    code: &'static str,
    detail: &'a str,
}

pub(crate) fn no_snapshot(detail: &str) -> JsValue {
    to_js(&Plain { code: "SNAPSHOT_INVALID", detail })
}

pub(crate) fn origin_not_allowed(detail: &str) -> JsValue {
    to_js(&Plain { code: "ORIGIN_NOT_ALLOWED", detail })
}

pub(crate) fn closed() -> JsValue {
    to_js(&Plain { code: "CLOSED", detail: "" })
}

/// The state is locked because a call into it never came back: a panic, or a stack overflow of the caller's.
pub(crate) fn fault(panic: &str) -> JsValue {
    let cause = if panic.is_empty() { "the call stack overflowed inside it" } else { panic };
    to_js(&Plain { code: "CLOSED", detail: cause })
}

/// The reason that a timed-out attempt is aborted with.
pub(crate) fn time_out() -> JsValue {
    let error = js_sys::Error::new("no response in time");
    error.set_name("TimeoutError");
    error.into()
}
