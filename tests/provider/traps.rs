//! Sentences and fields that mislead.

use quota_aware_api::engine::{Metric, Scope, Span, Verdict};
use quota_aware_api::provider::Provider;
use serde_json::json;

use crate::common::{figures, google, of, of_provider, says, violation, wait, with_headers};

#[test]
fn the_advertisement_of_groq_is_no_sign_of_a_day_or_of_money() {
    let got = of(
        429,
        &says(
            "Rate limit reached for model `m-1` in organization `o` on requests per minute (RPM): Limit 30, Used 30, Requested 1. Please try again in 2s. Need more tokens? Upgrade to Dev Tier today at https://console.groq.com/settings/billing",
        ),
    );
    assert_eq!((got.verdict, got.window), (Verdict::RateLimited, Some(Span::Minute)));
}

#[test]
fn the_link_to_billing_is_no_sign_of_money() {
    let got = of(
        429,
        &says(
            "Rate limit reached for gpt-4o-mini in organization o on requests per day (RPD): Limit 200, Used 200, Requested 1. Please try again in 7m12s. You can increase your rate limit by adding a payment method to your account at https://platform.openai.com/account/billing.",
        ),
    );
    assert_eq!(
        figures(&got),
        (Verdict::QuotaExhausted, Scope::Model, Some(Metric::Requests), Some(Span::Day), Some(200))
    );
}

#[test]
fn the_same_first_sentence_means_money_at_openai_and_a_quota_at_google() {
    let sentence = "You exceeded your current quota, please check your plan and billing details.";
    assert_eq!(of(429, &says(sentence)).verdict, Verdict::OutOfCredit, "no sign of Google");
    assert_eq!(of_provider(Provider::OpenAi, 429, &says(sentence)).verdict, Verdict::OutOfCredit);
    assert_eq!(of_provider(Provider::Gemini, 429, &says(sentence)).verdict, Verdict::RateLimited);
    assert_eq!(of(429, &google(429, "RESOURCE_EXHAUSTED", sentence, &json!([]))).verdict, Verdict::RateLimited);
    let linked = format!(
        "{sentence} For more information on this error, head to: https://ai.google.dev/gemini-api/docs/rate-limits."
    );
    assert_eq!(of(429, &says(&linked)).verdict, Verdict::RateLimited);
    let docs = format!(
        "{sentence} For more information on this error, read the docs: https://platform.openai.com/docs/guides/error-codes/api-errors."
    );
    assert_eq!(of(429, &says(&docs)).verdict, Verdict::OutOfCredit);
}

#[test]
fn a_short_hint_on_a_daily_quota_is_a_daily_quota() {
    let body = violation(
        "GenerateRequestsPerDayPerProjectPerModel-FreeTier",
        "generate_content_free_tier_requests",
        Some("20"),
    )
    .replace("billing details.", "billing details.\\nPlease retry in 51.606482386s.");
    let got = of(429, &body);
    assert_eq!((got.verdict, wait(&got)), (Verdict::QuotaExhausted, Some(51_607)));
}

#[test]
fn a_promise_of_a_thousand_a_day_is_not_the_limit() {
    let got = of(
        429,
        &says("Rate limit exceeded: free-models-per-day. Add 10 credits to unlock 1000 free model requests per day"),
    );
    assert_eq!(figures(&got), (Verdict::QuotaExhausted, Scope::Project, Some(Metric::Requests), Some(Span::Day), None));
    let minute = of(
        429,
        &says("Rate limit exceeded: free-models-per-min. Add 10 credits to unlock 1000 free model requests per day"),
    );
    assert_eq!((minute.verdict, minute.window), (Verdict::RateLimited, Some(Span::Minute)));
}

#[test]
fn high_demand_is_an_overload_only_where_it_is_experienced() {
    let limited = of(
        429,
        &says(
            "Rate limit exceeded: limit_rpm/a/b-1/0. High demand for a/b-1:free on OpenRouter - limited to 1 requests per minute. Please retry shortly.",
        ),
    );
    assert_eq!(limited.verdict, Verdict::RateLimited);
    let overloaded =
        of(429, &says("The system is currently experiencing high demand and cannot process your request."));
    assert_eq!(overloaded.verdict, Verdict::Overloaded);
}

#[test]
fn too_many_tokens_a_minute_is_not_too_many_tokens() {
    let minute = of(
        429,
        r#"{"message":"Tokens per minute limit exceeded - too many tokens processed.","type":"too_many_tokens_error","code":"token_quota_exceeded"}"#,
    );
    assert_eq!(minute.verdict, Verdict::RateLimited);
    let prompt = of(400, r#"{"message":"too many tokens: …","error_type":"TOO_MANY_TOKENS"}"#);
    assert_eq!(prompt.verdict, Verdict::TooLarge);
}

#[test]
fn reducing_the_prompt_is_advice_and_no_verdict() {
    let got = of(
        429,
        &says(
            "This request would exceed your organization's rate limit of 30,000 input tokens per minute. Please reduce the prompt length or the maximum tokens requested, or try again later.",
        ),
    );
    assert_eq!(got.verdict, Verdict::RateLimited);
}

#[test]
fn requests_to_an_operation_do_not_make_requests_the_metric() {
    let got = of(429, &says("Your requests to m-1 for m-1 in westeurope have exceeded rate limit."));
    assert_eq!(got.metric, None);
}

#[test]
fn minutes_and_days_elsewhere_in_a_message_do_not_count() {
    let got = of(
        404,
        r#"{"error":{"code":"DeploymentNotFound","message":"The API deployment for this resource does not exist. If you created the deployment within the last 5 minutes, please wait a moment and try again."}}"#,
    );
    assert_eq!((got.window, wait(&got)), (None, None));
}

#[test]
fn a_long_wait_makes_a_day() {
    let azure = |seconds: u32| {
        let got = of(
            429,
            &says(&format!(
                "Requests to the Operation have exceeded token rate limit of your current tier. Please retry after {seconds} seconds."
            )),
        );
        (got.verdict, got.window)
    };
    assert_eq!(azure(3599), (Verdict::RateLimited, None));
    assert_eq!(azure(3600), (Verdict::QuotaExhausted, Some(Span::Day)));
}

#[test]
fn the_content_type_lies() {
    let body = r#"{"error":{"code":400,"message":"API key not valid.","details":[{"reason":"API_KEY_INVALID"}]}}"#;
    for content_type in ["text/event-stream", "application/octet-stream", "text/html"] {
        assert_eq!(
            with_headers(400, &[("content-type", content_type)], body).verdict,
            Verdict::InvalidKey,
            "{content_type}"
        );
    }
}

#[test]
fn pages_of_the_edge_say_nothing() {
    let page =
        "<!DOCTYPE html><html><title>Overloaded? invalid api key, spending cap, maximum context length</title></html>";
    let table = [
        (500, Verdict::Transient),
        (502, Verdict::Transient),
        (503, Verdict::Overloaded),
        (403, Verdict::Permission),
        (400, Verdict::BadRequest),
        (429, Verdict::RateLimited),
        (520, Verdict::Transient),
    ];
    for (status, verdict) in table {
        assert_eq!(of(status, page).verdict, verdict, "{status}");
    }
}

#[test]
fn bare_statuses_have_a_meaning() {
    let table = [
        (400, Verdict::BadRequest, Scope::None),
        (401, Verdict::InvalidKey, Scope::Key),
        (402, Verdict::OutOfCredit, Scope::Project),
        (403, Verdict::Permission, Scope::Project),
        (404, Verdict::NotFound, Scope::None),
        (405, Verdict::BadRequest, Scope::None),
        (408, Verdict::Transient, Scope::None),
        (409, Verdict::BadRequest, Scope::None),
        (413, Verdict::TooLarge, Scope::None),
        (415, Verdict::BadRequest, Scope::None),
        (422, Verdict::BadRequest, Scope::None),
        (424, Verdict::BadRequest, Scope::None),
        (429, Verdict::RateLimited, Scope::Project),
        (498, Verdict::Overloaded, Scope::None),
        (499, Verdict::Transient, Scope::None),
        (500, Verdict::Transient, Scope::None),
        (501, Verdict::Transient, Scope::None),
        (502, Verdict::Transient, Scope::None),
        (503, Verdict::Overloaded, Scope::None),
        (504, Verdict::Transient, Scope::None),
        (524, Verdict::Transient, Scope::None),
        (529, Verdict::Overloaded, Scope::None),
        (302, Verdict::BadRequest, Scope::None),
        (0, Verdict::Transient, Scope::None),
    ];
    for (status, verdict, scope) in table {
        let got = of(status, "");
        assert_eq!((got.verdict, got.scope), (verdict, scope), "{status}");
    }
}

#[test]
fn a_page_of_ours_in_a_message_does_not_name_a_model() {
    let got = of(
        404,
        &says("Not here. See https://docs.cohere.com/docs/models#command for a list of models you can use instead."),
    );
    assert_eq!(got.model, None);
}

#[test]
fn the_detail_of_a_problem_is_its_message() {
    let got = of(
        429,
        r#"{"type":"about:blank","title":"Too Many Requests","status":429,"detail":"Slow down, try again in 3s."}"#,
    );
    assert_eq!((got.message.as_deref(), wait(&got)), (Some("Slow down, try again in 3s."), Some(3000)));
}

#[test]
fn a_code_is_compared_whole() {
    let got = of(
        400,
        r#"{"error":{"code":"previous_response_not_found","message":"Previous response with id 'r' not found."}}"#,
    );
    assert_eq!((got.verdict, got.scope), (Verdict::BadRequest, Scope::None));
}
