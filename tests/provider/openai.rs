//! Groq and `OpenAI`: one grammar of sentences, and what models are called in all dialects.

use quota_aware_api::engine::{Scope, Verdict};
use serde_json::json;

use crate::common::{DAY, Figures, INPUT, MINUTE, REQUESTS, TOKENS, figures, of, plain, says, wait, with_headers};

fn groq(what: &str, kind: &str, figures: &str, tail: &str) -> String {
    says(&format!(
        "{what} for model `llama-3.1-8b-instant` in organization `org_1` service tier `on_demand` on {kind}: {figures}{tail} \
         Need more tokens? Upgrade to Dev Tier today at https://console.groq.com/settings/billing"
    ))
}

#[test]
fn groq_and_openai_state_kind_limit_and_wait() {
    let table = [
        ("requests per minute (RPM)", "Limit 30, Used 30, Requested 1.", REQUESTS, MINUTE, Some(30)),
        ("requests per day (RPD)", "Limit 1000, Used 1000, Requested 1.", REQUESTS, DAY, Some(1000)),
        ("tokens per minute (TPM)", "Limit 6000, Used 5034, Requested ~1443.", TOKENS, MINUTE, Some(6000)),
        ("tokens per day (TPD)", "Limit 100000, Used 99000, Requested 2000.", TOKENS, DAY, Some(100_000)),
        ("input tokens per minute", "Limit 6000, Used 5034, Requested 1443.", INPUT, MINUTE, Some(6000)),
        ("output tokens per minute", "Limit 6000, Used 5034, Requested 1443.", None, MINUTE, Some(6000)),
        ("audio seconds per hour (ASPH)", "Limit 7200, Used 7190, Requested 60.", None, None, Some(7200)),
        ("audio seconds per day (ASPD)", "Limit 28800, Used 28790, Requested 60.", None, DAY, Some(28_800)),
        ("tokens per min (TPM)", "Limit 30,000, Used 29,000, Requested 2,000.", TOKENS, MINUTE, Some(30_000)),
    ];
    for (kind, stated, metric, window, limit) in table {
        let verdict = if window == DAY { Verdict::QuotaExhausted } else { Verdict::RateLimited };
        let got = of(429, &groq("Rate limit reached", kind, stated, " Please try again in 9m38.5s."));
        assert_eq!(figures(&got), (verdict, Scope::Model, metric, window, limit), "{kind}");
        assert_eq!((wait(&got), got.model.as_deref()), (Some(578_500), Some("llama-3.1-8b-instant")), "{kind}");
    }
}

#[test]
fn openai_names_the_model_without_the_word() {
    let got = of(
        429,
        &says(
            "Rate limit reached for gpt-4.1 (for limit gpt-4.1-long-context) in organization org-1 on tokens per min (TPM): Limit 200000, Used 150000, Requested 60000. Please try again in 3s.",
        ),
    );
    assert_eq!(figures(&got), (Verdict::RateLimited, Scope::Model, TOKENS, MINUTE, Some(200_000)));
    assert_eq!(got.model.as_deref(), Some("gpt-4.1"));
}

#[test]
fn the_wording_of_2023_is_still_read() {
    let got = of(
        429,
        &says(
            "Rate limit reached for default-gpt-3.5-turbo in organization org-1 on requests per min. Limit: 3 / min. Please try again in 20s. Contact us through our help center. Please add a payment method to your account to increase your rate limit. Visit https://platform.openai.com/account/billing to add a payment method.",
        ),
    );
    assert_eq!(figures(&got), (Verdict::RateLimited, Scope::Model, REQUESTS, MINUTE, Some(3)));
    assert_eq!(wait(&got), Some(20_000));
    let fraction = of(
        429,
        &says(
            "Rate limit reached for text-embedding-ada-002 in organization org-1 on tokens per min. Limit: 150000.000000 / min. Current: 160000.000000 / min.",
        ),
    );
    assert_eq!(figures(&fraction), (Verdict::RateLimited, Scope::Model, TOKENS, MINUTE, Some(150_000)));
}

#[test]
fn a_request_above_the_limit_never_fits() {
    let too_large = (Verdict::TooLarge, Scope::Model, TOKENS, MINUTE, Some(6000));
    let request = "Limit 6000, Requested 10338,";
    for status in [413, 429] {
        let got = of(
            status,
            &groq(
                "Request too large",
                "tokens per minute (TPM)",
                request,
                " please reduce your message size and try again.",
            ),
        );
        assert_eq!(figures(&got), too_large, "{status}");
    }
    let reached =
        of(429, &groq("Rate limit reached", "tokens per minute (TPM)", "Limit 6000, Used 0, Requested 6001.", ""));
    assert_eq!(figures(&reached), too_large);
    let fits =
        of(429, &groq("Rate limit reached", "tokens per minute (TPM)", "Limit 6000, Used 1, Requested 6000.", ""));
    assert_eq!(fits.verdict, Verdict::RateLimited, "exactly the limit fits");
}

#[test]
fn status_413_is_too_large_whatever_the_body() {
    for body in [
        "",
        "<html><h1>413 Request Entity Too Large</h1></html>",
        r#"{"error":{"code":"request_too_large","message":"Request Entity Too Large"}}"#,
    ] {
        assert_eq!(figures(&of(413, body)), plain(Verdict::TooLarge, Scope::None), "{body}");
    }
}

const OPENAI: [(u16, &str, Option<&str>, &str, Figures); 16] = [
    (
        401,
        "invalid_request_error",
        Some("invalid_api_key"),
        "Incorrect API key provided: sk-…-key.",
        plain(Verdict::InvalidKey, Scope::Key),
    ),
    (
        403,
        "request_forbidden",
        Some("unsupported_country_region_territory"),
        "Country, region, or territory not supported",
        plain(Verdict::Permission, Scope::None),
    ),
    (
        404,
        "invalid_request_error",
        Some("model_not_found"),
        "The model `x` does not exist or you do not have access to it.",
        plain(Verdict::NotFound, Scope::Model),
    ),
    (
        400,
        "invalid_request_error",
        Some("model_not_found"),
        "The requested model 'gpt-5.2-proo' does not exist.",
        plain(Verdict::NotFound, Scope::Model),
    ),
    (
        400,
        "invalid_request_error",
        Some("context_length_exceeded"),
        "Your input exceeds the context window of this model.",
        plain(Verdict::TooLarge, Scope::None),
    ),
    (
        400,
        "invalid_request_error",
        Some("context_length_exceeded"),
        "This model's maximum context length is 4097 tokens. However, your messages resulted in 192871 tokens.",
        (Verdict::TooLarge, Scope::None, TOKENS, None, Some(4097)),
    ),
    (
        400,
        "invalid_request_error",
        Some("unknown_parameter"),
        "Unknown parameter: 'x'.",
        plain(Verdict::BadRequest, Scope::None),
    ),
    (
        400,
        "invalid_request_error",
        Some("unsupported_value"),
        "Unsupported value: 'messages[0].role' does not support 'system' with this model.",
        plain(Verdict::BadRequest, Scope::None),
    ),
    (
        429,
        "insufficient_quota",
        Some("insufficient_quota"),
        "You exceeded your current quota, please check your plan and billing details.",
        plain(Verdict::OutOfCredit, Scope::Project),
    ),
    (
        429,
        "insufficient_quota",
        None,
        "You exceeded your current quota, please check your plan and billing details.",
        plain(Verdict::OutOfCredit, Scope::Project),
    ),
    (
        429,
        "requests",
        Some("rate_limit_exceeded"),
        "Too many requests.",
        (Verdict::RateLimited, Scope::Project, REQUESTS, None, None),
    ),
    (
        429,
        "tokens",
        Some("rate_limit_exceeded"),
        "Request too large for gpt-4o in organization org-1 on tokens per min (TPM): Limit 30000, Requested 31538. The input or output tokens must be reduced.",
        (Verdict::TooLarge, Scope::Model, TOKENS, MINUTE, Some(30_000)),
    ),
    (
        500,
        "server_error",
        None,
        "The server had an error while processing your request.",
        plain(Verdict::Transient, Scope::None),
    ),
    (
        503,
        "server_error",
        None,
        "The engine is currently overloaded, please try again later",
        plain(Verdict::Overloaded, Scope::Model),
    ),
    (503, "server_error", None, "Slow Down", plain(Verdict::Overloaded, Scope::None)),
    (
        429,
        "server_error",
        None,
        "That model is currently overloaded with other requests.",
        plain(Verdict::Overloaded, Scope::Model),
    ),
];

#[test]
fn openai_tells_by_code() {
    let error = |kind: &str, code: Option<&str>, message: &str| {
        json!({ "error": { "message": message, "type": kind, "param": null, "code": code } }).to_string()
    };
    for (status, kind, code, message, expected) in OPENAI {
        assert_eq!(figures(&of(status, &error(kind, code, message))), expected, "{status} {message}");
    }
}

#[test]
fn groq_has_statuses_of_its_own() {
    let error = |code: &str, message: &str| {
        json!({ "error": { "message": message, "code": code, "type": "invalid_request_error" } }).to_string()
    };
    let table = [
        (
            400,
            "tool_use_failed",
            "Tool choice is required, but model did not call a tool",
            plain(Verdict::BadRequest, Scope::None),
        ),
        (401, "invalid_api_key", "Invalid API Key", plain(Verdict::InvalidKey, Scope::Key)),
        (403, "", "Access denied. Please check your network settings.", plain(Verdict::Permission, Scope::Project)),
        (
            404,
            "model_not_found",
            "The model `x` does not exist or you do not have access to it.",
            plain(Verdict::NotFound, Scope::Model),
        ),
        (
            400,
            "model_decommissioned",
            "The model `mixtral-8x7b-32768` has been decommissioned and is no longer supported.",
            plain(Verdict::NotFound, Scope::Model),
        ),
        (
            400,
            "context_length_exceeded",
            "Please reduce the length of the messages or completion.",
            plain(Verdict::TooLarge, Scope::None),
        ),
        (422, "", "Unprocessable", plain(Verdict::BadRequest, Scope::None)),
        (424, "", "Failed dependency", plain(Verdict::BadRequest, Scope::None)),
        (498, "capacity_exceeded", "Flex tier capacity exceeded.", plain(Verdict::Overloaded, Scope::None)),
        (499, "", "", plain(Verdict::Transient, Scope::None)),
        (502, "", "", plain(Verdict::Transient, Scope::None)),
        (
            503,
            "",
            "openai/gpt-oss-120b is currently over capacity. Please try again and back off exponentially.",
            plain(Verdict::Overloaded, Scope::Model),
        ),
    ];
    for (status, code, message, expected) in table {
        assert_eq!(figures(&of(status, &error(code, message))), expected, "{status} {message}");
    }
}

#[test]
fn models_are_named_in_many_ways() {
    let table = [
        (
            429,
            says(
                "Rate limit exceeded: limit_rpm/meta-llama/llama-3.2-3b-instruct/0-0. limited to 1 requests per minute",
            ),
            "meta-llama/llama-3.2-3b-instruct",
        ),
        (
            429,
            says("google/gemini-2.0-flash-exp:free is temporarily rate-limited upstream."),
            "google/gemini-2.0-flash-exp:free",
        ),
        (
            429,
            says("Too many tokens for team t and model grok-4-0709. Tokens per Minute (actual/limit): 2/1"),
            "grok-4-0709",
        ),
        (
            429,
            says("Your requests to grok-4-1-fast for grok-4-1-fast in westeurope have exceeded rate limit."),
            "grok-4-1-fast",
        ),
        (429, says("…rate limit of 1 requests per minute (org: 0, model: claude-opus-4-6)."), "claude-opus-4-6"),
        (404, says("model 'command-r' was removed on September 15, 2025."), "command-r"),
        (404, says("The model `meta-llama/llama-4` does not exist"), "meta-llama/llama-4"),
        (400, r#"{"detail":"Model nonexistent is not supported."}"#.to_owned(), "nonexistent"),
        (503, says("gemini-3.8-flash is currently experiencing high demand"), "gemini-3.8-flash"),
    ];
    for (status, body, model) in table {
        assert_eq!(of(status, &body).model.as_deref(), Some(model), "{body}");
    }
    assert_eq!(of(503, &says("OpenAI is currently overloaded")).model, None, "a company is no model");
}

#[test]
fn exhausted_headers_complete_what_the_words_leave_out() {
    let headers = [
        ("x-ratelimit-limit-req-minute", "100"),
        ("x-ratelimit-remaining-req-minute", "0"),
        ("x-ratelimit-limit-tokens-minute", "100000"),
        ("x-ratelimit-remaining-tokens-minute", "98863"),
    ];
    let got = with_headers(429, &headers, r#"{"message":"Requests rate limit exceeded"}"#);
    assert_eq!(figures(&got), (Verdict::RateLimited, Scope::Project, REQUESTS, MINUTE, Some(100)));
    let other = with_headers(429, &headers, r#"{"message":"Tokens per minute limit exceeded"}"#);
    assert_eq!(
        figures(&other),
        (Verdict::RateLimited, Scope::Project, TOKENS, MINUTE, None),
        "a family that contradicts the words is left alone"
    );
}
