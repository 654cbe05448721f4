//! Anthropic's dialect, and what becomes of it behind an `OpenAI`-compatible endpoint.

use quota_aware_api::engine::{Scope, Verdict};
use serde_json::json;

use crate::common::{DAY, Figures, INPUT, MINUTE, REQUESTS, TOKENS, figures, of, plain};

const ERRORS: &[(u16, &str, &str, Figures)] = &[
    (
        400,
        "invalid_request_error",
        "messages: at least one message is required",
        plain(Verdict::BadRequest, Scope::None),
    ),
    (
        400,
        "invalid_request_error",
        "Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing.",
        plain(Verdict::OutOfCredit, Scope::Project),
    ),
    (
        400,
        "invalid_request_error",
        "You have reached your specified API usage limits. You will regain access on 2026-11-01 at 00:00 UTC.",
        plain(Verdict::OutOfCredit, Scope::Project),
    ),
    (
        400,
        "invalid_request_error",
        "prompt is too long: 3333404 tokens > 200000 maximum",
        (Verdict::TooLarge, Scope::None, INPUT, None, Some(200_000)),
    ),
    (
        400,
        "invalid_request_error",
        "input length and `max_tokens` exceed context limit: 180000 + 30000 > 200000, decrease input length",
        (Verdict::TooLarge, Scope::None, TOKENS, None, Some(200_000)),
    ),
    (401, "authentication_error", "invalid x-api-key", plain(Verdict::InvalidKey, Scope::Key)),
    (402, "billing_error", "Billing.", plain(Verdict::OutOfCredit, Scope::Project)),
    (403, "permission_error", "Your API key does not have permission.", plain(Verdict::Permission, Scope::Project)),
    (404, "not_found_error", "model: claude-sonet-4-5", plain(Verdict::NotFound, Scope::Model)),
    (413, "request_too_large", "Request exceeds the maximum size", plain(Verdict::TooLarge, Scope::None)),
    (
        429,
        "rate_limit_error",
        "This request would exceed your organization's rate limit of 30,000 input tokens per minute (org: 0, model: claude-opus-4-6). Please reduce the prompt length or the maximum tokens requested, or try again later.",
        (Verdict::RateLimited, Scope::Model, INPUT, MINUTE, Some(30_000)),
    ),
    (
        429,
        "rate_limit_error",
        "This request would exceed the rate limit for your organization (a22cf6e6) of 1,000,000 input tokens per minute. For details, refer to: https://docs.anthropic.com",
        (Verdict::RateLimited, Scope::Project, INPUT, MINUTE, Some(1_000_000)),
    ),
    (
        429,
        "rate_limit_error",
        "This request would exceed your organization's rate limit of 50 requests per minute.",
        (Verdict::RateLimited, Scope::Project, REQUESTS, MINUTE, Some(50)),
    ),
    (
        429,
        "rate_limit_error",
        "This request would exceed your organization's rate limit of 8,000 output tokens per minute.",
        (Verdict::RateLimited, Scope::Project, None, MINUTE, Some(8000)),
    ),
    (
        429,
        "rate_limit_error",
        "Number of request tokens has exceeded your per-minute rate limit (https://docs.anthropic.com/en/api/rate-limits); see the response headers for current usage.",
        (Verdict::RateLimited, Scope::Project, TOKENS, MINUTE, None),
    ),
    (
        429,
        "rate_limit_error",
        "Number of request tokens has exceeded your daily rate limit (https://docs.anthropic.com/en/api/rate-limits)",
        (Verdict::QuotaExhausted, Scope::Project, TOKENS, DAY, None),
    ),
    (500, "api_error", "Internal server error", plain(Verdict::Transient, Scope::None)),
    (504, "timeout_error", "Timeout", plain(Verdict::Transient, Scope::None)),
    (529, "overloaded_error", "Overloaded", plain(Verdict::Overloaded, Scope::None)),
];

#[test]
fn anthropic_tells_by_type_text_and_status() {
    let error = |kind: &str, message: &str| {
        json!({ "type": "error", "error": { "type": kind, "message": message } }).to_string()
    };
    for &(status, kind, message, expected) in ERRORS {
        assert_eq!(figures(&of(status, &error(kind, message))), expected, "{status} {message}");
    }
    let spend = json!({ "type": "error", "error": { "type": "rate_limit_error", "error_code": "enforced_spend_limit_reached", "message": "Monthly limit." } });
    assert_eq!(figures(&of(429, &spend.to_string())), plain(Verdict::OutOfCredit, Scope::Project));
}

#[test]
fn behind_a_compatible_endpoint_status_and_code_come_before_the_type() {
    let body = json!({ "error": { "code": "rate_limit_error", "type": "invalid_request_error", "param": null,
        "message": "This request would exceed the rate limit for your organization of 20,000 input tokens per minute. For details, refer to: https://docs.anthropic.com/en/api/rate-limits." } });
    let expected = (Verdict::RateLimited, Scope::Project, INPUT, MINUTE, Some(20_000));
    assert_eq!(figures(&of(429, &body.to_string())), expected);
    assert_eq!(figures(&of(200, &format!("data: {body}\n\n"))), expected);
}
