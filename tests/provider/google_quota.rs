//! Google's quotas: names, limits of zero, several at once, and the wait beside them.

use quota_aware_api::engine::{Metric, Scope, Span, Verdict};
use serde_json::json;

use crate::common::{figures, google, of, plain, violation, wait};

#[test]
fn quota_ids_are_parsed_not_enumerated() {
    use {Metric::InputTokens, Metric::Requests, Scope::Model, Scope::Project, Span::Day, Span::Minute};
    let table = [
        ("GenerateRequestsPerMinutePerProjectPerModel", Requests, Minute, Model),
        ("GenerateRequestsPerMinutePerProjectPerModel-FreeTier", Requests, Minute, Model),
        ("GenerateRequestsPerMinutePerProjectPerModel-PaidTier2", Requests, Minute, Model),
        ("GenerateRequestsPerMinutePerProjectPerModel-SharedProject", Requests, Minute, Model),
        ("GenerateRequestsPerDayPerProjectPerModel", Requests, Day, Model),
        ("GenerateRequestsPerDayPerProjectPerModel-FreeTier", Requests, Day, Model),
        ("GenerateRequestsPerDayPerProjectPerModel-PaidTier3", Requests, Day, Model),
        ("GenerateContentInputTokensPerModelPerMinute-FreeTier", InputTokens, Minute, Model),
        ("GenerateContentInputTokensPerModelPerDay-FreeTier", InputTokens, Day, Model),
        ("GenerateContentPaidTierInputTokensPerModelPerMinute", InputTokens, Minute, Model),
        ("EmbedContentRequestsPerMinutePerProjectPerModel-FreeTier", Requests, Minute, Model),
        ("EmbedContentRequestsPerMinutePerUserPerProjectPerModel-FreeTier", Requests, Minute, Model),
        ("EmbedContentRequestsPerDayPerProjectPerModel-FreeTier", Requests, Day, Model),
        ("EmbedContentRequestsPerDayPerUserPerProjectPerModel-FreeTier", Requests, Day, Model),
        ("GenerateContentRequestsPerMinutePerProjectPerRegion", Requests, Minute, Project),
        ("ApiRequestsPerMinutePerProjectPerRegion", Requests, Minute, Project),
        ("SomeNewImageRequestsPerDayPerProjectPerModel-FreeTier", Requests, Day, Model),
    ];
    for (id, metric, window, scope) in table {
        let verdict = if window == Day { Verdict::QuotaExhausted } else { Verdict::RateLimited };
        let got = of(429, &violation(id, "", Some("7")));
        assert_eq!(figures(&got), (verdict, scope, Some(metric), Some(window), Some(7)), "{id}");
        let zero = of(429, &violation(id, "", None));
        assert_eq!(
            figures(&zero),
            (Verdict::Permission, scope, Some(metric), Some(window), Some(0)),
            "{id}: proto3 drops a zero"
        );
    }
}

#[test]
fn metric_names_in_the_message_are_enough() {
    let table = [
        ("generate_content_free_tier_requests", Some(Metric::Requests), None, Scope::Project),
        ("generate_content_free_tier_input_token_count", Some(Metric::InputTokens), None, Scope::Project),
        ("generate_content_paid_tier_input_token_count", Some(Metric::InputTokens), None, Scope::Project),
        ("generate_content_paid_tier_3_requests", Some(Metric::Requests), None, Scope::Project),
        ("generate_requests_per_model_per_day", Some(Metric::Requests), Some(Span::Day), Scope::Model),
        ("generate_requests_per_model", Some(Metric::Requests), None, Scope::Model),
        ("embed_content_free_tier_requests", Some(Metric::Requests), None, Scope::Project),
        ("api_requests", Some(Metric::Requests), None, Scope::Project),
    ];
    for (metric, expected, window, scope) in table {
        let line = format!("* Quota exceeded for metric: generativelanguage.googleapis.com/{metric}, limit: 15");
        let verdict = if window == Some(Span::Day) { Verdict::QuotaExhausted } else { Verdict::RateLimited };
        let got = of(429, &google(429, "RESOURCE_EXHAUSTED", &format!("{line}\nPlease retry in 9.5s."), &json!([])));
        assert_eq!(figures(&got), (verdict, scope, expected, window, Some(15)), "{metric}");
        assert_eq!(wait(&got), Some(9500));
        let named = of(
            429,
            &google(
                429,
                "RESOURCE_EXHAUSTED",
                &format!("{line}, model: gemini-2.5-pro\nPlease retry in 9.5s."),
                &json!([]),
            ),
        );
        assert_eq!((named.scope, named.model.as_deref()), (Scope::Model, Some("gemini-2.5-pro")), "{metric}");
    }
}

#[test]
fn an_unknown_name_is_judged_by_the_length_of_the_wait() {
    let got = |delay: &str| {
        let message = format!(
            "* Quota exceeded for metric: generativelanguage.googleapis.com/brand_new_requests, limit: 5, model: m-1\nPlease retry in {delay}."
        );
        let got = of(429, &google(429, "RESOURCE_EXHAUSTED", &message, &json!([])));
        (got.verdict, got.window)
    };
    assert_eq!(got("59.9s"), (Verdict::RateLimited, None));
    assert_eq!(got("4m59.9s"), (Verdict::RateLimited, None));
    assert_eq!(got("5m"), (Verdict::QuotaExhausted, Some(Span::Day)));
    assert_eq!(got("19h8.488161794s"), (Verdict::QuotaExhausted, Some(Span::Day)));
}

#[test]
fn of_several_violations_the_day_decides() {
    let details = json!([{ "violations": [
        { "quotaId": "GenerateContentInputTokensPerModelPerMinute-FreeTier", "quotaValue": "250000" },
        { "quotaId": "GenerateRequestsPerDayPerProjectPerModel-FreeTier", "quotaValue": "20", "quotaDimensions": { "model": "gemini-2.5-flash" } },
    ] }]);
    let got = of(429, &google(429, "RESOURCE_EXHAUSTED", "You exceeded your current quota.", &details));
    assert_eq!(
        figures(&got),
        (Verdict::QuotaExhausted, Scope::Model, Some(Metric::Requests), Some(Span::Day), Some(20))
    );
}

#[test]
fn zeros_that_agree_keep_what_they_agree_on() {
    let message = "* Quota exceeded for metric: g/generate_content_free_tier_requests, limit: 0, model: x-1\n\
                   * Quota exceeded for metric: g/generate_content_free_tier_requests, limit: 0, model: x-1\nPlease retry in 15h2m.";
    let got = of(429, &google(429, "RESOURCE_EXHAUSTED", message, &json!([])));
    assert_eq!(figures(&got), (Verdict::Permission, Scope::Model, Some(Metric::Requests), None, Some(0)));
    assert_eq!(wait(&got), Some(54_120_000), "what the wire says, also where obeying it is wrong");
}

#[test]
fn a_zero_is_a_whole_zero() {
    for (limit, verdict) in [
        ("0", Verdict::Permission),
        ("0.5", Verdict::RateLimited),
        ("01", Verdict::RateLimited),
        ("0,", Verdict::Permission),
    ] {
        let message =
            format!("* Quota exceeded for metric: g/new_requests, limit: {limit} model: x-1\nPlease retry in 3s.");
        assert_eq!(
            of(429, &google(429, "RESOURCE_EXHAUSTED", &message, &json!([]))).verdict,
            verdict,
            "limit: {limit}"
        );
    }
}

#[test]
fn a_value_that_was_cut_off_is_not_a_zero() {
    let whole = violation("GenerateRequestsPerMinutePerProjectPerModel-FreeTier", "m", Some("10"));
    let cut = &whole[..whole.find("quotaValue").unwrap()];
    let got = of(429, cut);
    assert_eq!(figures(&got), (Verdict::RateLimited, Scope::Model, Some(Metric::Requests), Some(Span::Minute), None));
}

#[test]
fn regional_quotas_belong_to_the_project() {
    let message = "Quota exceeded for quota metric 'Generate Content API requests per minute' and limit 'GenerateContent request limit per minute \
                   for a region' of service 'generativelanguage.googleapis.com' for consumer 'project_number:1'.";
    let words = of(429, &google(429, "RESOURCE_EXHAUSTED", message, &json!([])));
    assert_eq!(
        figures(&words),
        (Verdict::RateLimited, Scope::Project, Some(Metric::Requests), Some(Span::Minute), None)
    );
    let unit = json!([{ "reason": "RATE_LIMIT_EXCEEDED", "metadata": { "quota_metric": "g/generate_content_requests", "quota_unit": "1/min/{project}/{region}", "quota_limit_value": "60" } }]);
    let unit = of(429, &google(429, "RESOURCE_EXHAUSTED", "Quota exceeded.", &unit));
    assert_eq!(
        figures(&unit),
        (Verdict::RateLimited, Scope::Project, Some(Metric::Requests), Some(Span::Minute), Some(60))
    );
}

#[test]
fn vertex_names_a_base_model() {
    let body = |metric: &str| {
        google(
            429,
            "RESOURCE_EXHAUSTED",
            &format!(
                "Quota exceeded for aiplatform.googleapis.com/{metric} with base model: gemini-pro. Please submit a quota increase request."
            ),
            &json!([]),
        )
    };
    let got = of(429, &body("generate_content_requests_per_minute_per_project_per_base_model"));
    assert_eq!(figures(&got), (Verdict::RateLimited, Scope::Model, Some(Metric::Requests), Some(Span::Minute), None));
    assert_eq!(got.model.as_deref(), Some("gemini-pro"));
    assert_eq!(of(429, &body("online_prediction_requests_per_base_model")).window, None);
}

#[test]
fn shared_capacity_is_nobodys_quota() {
    for message in [
        "Resource has been exhausted (e.g. check quota).",
        "Resource exhausted. Please try again later. Please refer to https://cloud.google.com/vertex-ai/generative-ai/docs/error-code-429 for more details.",
    ] {
        let got = of(429, &google(429, "RESOURCE_EXHAUSTED", message, &json!([])));
        assert_eq!(figures(&got), plain(Verdict::RateLimited, Scope::None), "{message}");
    }
}

#[test]
fn the_message_is_more_exact_than_retry_info() {
    let details = json!([{ "@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "48s" }]);
    let both = of(429, &google(429, "RESOURCE_EXHAUSTED", "Please retry in 48.939935699s.", &details));
    assert_eq!(both.retry_after.map(|hint| (hint.delay.0, hint.truncated)), Some((48_940, false)));
    let alone = of(429, &google(429, "RESOURCE_EXHAUSTED", "Wait.", &details));
    assert_eq!(
        alone.retry_after.map(|hint| (hint.delay.0, hint.truncated)),
        Some((48_000, true)),
        "cut to whole seconds"
    );
    let exact = json!([{ "retryDelay": "0.539477544s" }]);
    let exact = of(429, &google(429, "RESOURCE_EXHAUSTED", "Wait.", &exact));
    assert_eq!(exact.retry_after.map(|hint| (hint.delay.0, hint.truncated)), Some((540, false)));
}

#[test]
fn the_model_is_the_resolved_one() {
    let details = json!([{ "violations": [{ "quotaId": "GenerateRequestsPerMinutePerProjectPerModel", "quotaValue": "5", "quotaDimensions": { "location": "global", "model": "gemini-3.1-pro" } }] }]);
    assert_eq!(of(429, &google(429, "RESOURCE_EXHAUSTED", "q", &details)).model.as_deref(), Some("gemini-3.1-pro"));
    let missing =
        of(404, &google(404, "NOT_FOUND", "models/gemini-1.5-flash is not found for API version v1beta", &json!([])));
    assert_eq!(missing.model.as_deref(), Some("gemini-1.5-flash"));
}
