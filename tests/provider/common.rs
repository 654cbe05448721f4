//! A short way to write a response and what is expected of it.

use quota_aware_api::engine::{Classification, Metric, Scope, Span, Verdict};
use quota_aware_api::provider::{Provider, Response, classify};

pub(crate) fn pairs(headers: &[(&str, &str)]) -> Vec<(String, String)> {
    headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

/// Classifies with headers and without a provider: the wire alone has to tell.
pub(crate) fn with_headers(status: u16, headers: &[(&str, &str)], body: &str) -> Classification {
    classify(&Response { provider: None, status, headers: &pairs(headers), body: body.as_bytes() })
}

pub(crate) fn of(status: u16, body: &str) -> Classification {
    with_headers(status, &[], body)
}

pub(crate) fn of_provider(provider: Provider, status: u16, body: &str) -> Classification {
    classify(&Response { provider: Some(provider), status, headers: &[], body: body.as_bytes() })
}

/// An error body of the `OpenAI` form with nothing but a message.
pub(crate) fn says(message: &str) -> String {
    serde_json::json!({ "error": { "message": message } }).to_string()
}

/// Google's form A.
pub(crate) fn google(code: u16, status: &str, message: &str, details: &serde_json::Value) -> String {
    serde_json::json!({ "error": { "code": code, "message": message, "status": status, "details": details } })
        .to_string()
}

/// A 429 of Google with one violation.
pub(crate) fn violation(id: &str, metric: &str, value: Option<&str>) -> String {
    let mut violation =
        serde_json::json!({ "quotaMetric": format!("generativelanguage.googleapis.com/{metric}"), "quotaId": id });
    if let Some(value) = value {
        violation["quotaValue"] = value.into();
    }
    let details =
        serde_json::json!([{ "@type": "type.googleapis.com/google.rpc.QuotaFailure", "violations": [violation] }]);
    google(
        429,
        "RESOURCE_EXHAUSTED",
        "You exceeded your current quota, please check your plan and billing details.",
        &details,
    )
}

/// The five figures of a refusal, to be compared at once.
pub(crate) type Figures = (Verdict, Scope, Option<Metric>, Option<Span>, Option<u64>);

pub(crate) fn figures(classification: &Classification) -> Figures {
    let Classification { verdict, scope, metric, window, limit, .. } = classification;
    (*verdict, *scope, *metric, *window, *limit)
}

pub(crate) fn wait(classification: &Classification) -> Option<u64> {
    classification.retry_after.map(|hint| hint.delay.0)
}

pub(crate) const INPUT: Option<Metric> = Some(Metric::InputTokens);
pub(crate) const TOKENS: Option<Metric> = Some(Metric::Tokens);
pub(crate) const REQUESTS: Option<Metric> = Some(Metric::Requests);
pub(crate) const MINUTE: Option<Span> = Some(Span::Minute);
pub(crate) const DAY: Option<Span> = Some(Span::Day);

/// A failure that states no figures.
pub(crate) const fn plain(verdict: Verdict, scope: Scope) -> Figures {
    (verdict, scope, None, None, None)
}
