//! Google's dialect: every status, every quota name, every form of the envelope.

use quota_aware_api::engine::{Finality, Metric, Scope, Span, Verdict};
use serde_json::json;

use crate::common::{figures, google, of, plain, says, violation, wait};

const STATUSES: [(u16, &str, &str, Verdict, Scope); 30] = [
    (400, "INVALID_ARGUMENT", "API key not valid. Please pass a valid API key.", Verdict::InvalidKey, Scope::Key),
    (400, "INVALID_ARGUMENT", "API key expired. Please renew the API key.", Verdict::InvalidKey, Scope::Key),
    (400, "INVALID_ARGUMENT", "API Key not found. Please pass a valid API key.", Verdict::InvalidKey, Scope::Key),
    (
        400,
        "INVALID_ARGUMENT",
        "* GenerateContentRequest.contents: contents is not specified\n",
        Verdict::BadRequest,
        Scope::None,
    ),
    (400, "INVALID_ARGUMENT", "This model only supports Interactions API.", Verdict::BadRequest, Scope::None),
    (
        400,
        "INVALID_ARGUMENT",
        "Multiple authentication credentials received. Please pass only one.",
        Verdict::BadRequest,
        Scope::None,
    ),
    (400, "FAILED_PRECONDITION", "User location is not supported for the API use.", Verdict::Permission, Scope::None),
    (400, "FAILED_PRECONDITION", "Precondition check failed.", Verdict::Permission, Scope::Project),
    (401, "UNAUTHENTICATED", "Request had invalid authentication credentials.", Verdict::InvalidKey, Scope::Key),
    (402, "RESOURCE_EXHAUSTED", "Your prepaid balance is used up.", Verdict::OutOfCredit, Scope::Project),
    (
        403,
        "PERMISSION_DENIED",
        "Method doesn't allow unregistered callers (callers without established identity).",
        Verdict::InvalidKey,
        Scope::Key,
    ),
    (
        403,
        "PERMISSION_DENIED",
        "Your API key was reported as leaked. Please use another API key.",
        Verdict::InvalidKey,
        Scope::Key,
    ),
    (
        403,
        "PERMISSION_DENIED",
        "Gemini API has not been used in project 1 before or it is disabled.",
        Verdict::Permission,
        Scope::Project,
    ),
    (
        403,
        "PERMISSION_DENIED",
        "Permission denied: Consumer 'api_key:x' has been suspended.",
        Verdict::Permission,
        Scope::Project,
    ),
    (
        403,
        "PERMISSION_DENIED",
        "Requests to this API generativelanguage.googleapis.com method m are blocked.",
        Verdict::Permission,
        Scope::Key,
    ),
    (403, "PERMISSION_DENIED", "Requests from referer <empty> are blocked.", Verdict::Permission, Scope::Key),
    (403, "PERMISSION_DENIED", "The provided API key has an IP address restriction.", Verdict::Permission, Scope::Key),
    (
        403,
        "PERMISSION_DENIED",
        "Requests from this Android client application <empty> are blocked.",
        Verdict::Permission,
        Scope::Key,
    ),
    (
        403,
        "PERMISSION_DENIED",
        "You do not have permission to access the File abc-123 or it may not exist.",
        Verdict::NotFound,
        Scope::None,
    ),
    (403, "PERMISSION_DENIED", "CachedContent not found (or permission denied)", Verdict::NotFound, Scope::None),
    (
        403,
        "PERMISSION_DENIED",
        "Your project has been denied access. Please contact support.",
        Verdict::Permission,
        Scope::Project,
    ),
    (
        403,
        "PERMISSION_DENIED",
        "Access to generativelanguage.googleapis.com is restricted from your billing country.",
        Verdict::Permission,
        Scope::Project,
    ),
    (
        403,
        "",
        "Spend cap breached for project: projects/1 for service: s Correlation id: 2",
        Verdict::OutOfCredit,
        Scope::Project,
    ),
    (
        404,
        "NOT_FOUND",
        "models/x is not found for API version v1beta, or is not supported for generateContent.",
        Verdict::NotFound,
        Scope::Model,
    ),
    (
        404,
        "NOT_FOUND",
        "This model models/gemini-2.0-flash is no longer available to new users.",
        Verdict::NotFound,
        Scope::Model,
    ),
    (499, "CANCELLED", "The operation was cancelled.", Verdict::Transient, Scope::None),
    (500, "INTERNAL", "An internal error has occurred. Please retry or report in…", Verdict::Transient, Scope::None),
    (503, "UNAVAILABLE", "The model is overloaded. Please try again later.", Verdict::Overloaded, Scope::Model),
    (503, "UNAVAILABLE", "The service is currently unavailable.", Verdict::Overloaded, Scope::Model),
    (504, "DEADLINE_EXCEEDED", "Deadline expired before operation could complete.", Verdict::Transient, Scope::None),
];

#[test]
fn every_status_means_what_its_words_say() {
    for (code, status, message, verdict, scope) in STATUSES {
        let got = of(code, &google(code, status, message, &json!([])));
        assert_eq!(figures(&got), plain(verdict, scope), "{code} {message}");
        assert_eq!(got.message.as_deref(), Some(message.trim()), "the provider's own words are kept");
    }
}

#[test]
fn reasons_alone_are_enough() {
    let table = [
        (400, "API_KEY_INVALID", Verdict::InvalidKey, Scope::Key),
        (401, "ACCESS_TOKEN_TYPE_UNSUPPORTED", Verdict::InvalidKey, Scope::Key),
        (401, "CREDENTIALS_MISSING", Verdict::InvalidKey, Scope::Key),
        (403, "API_KEY_SERVICE_BLOCKED", Verdict::Permission, Scope::Key),
        (403, "API_KEY_HTTP_REFERRER_BLOCKED", Verdict::Permission, Scope::Key),
        (403, "API_KEY_IP_ADDRESS_BLOCKED", Verdict::Permission, Scope::Key),
        (403, "API_KEY_ANDROID_APP_BLOCKED", Verdict::Permission, Scope::Key),
        (403, "API_KEY_IOS_APP_BLOCKED", Verdict::Permission, Scope::Key),
        (403, "API_KEY_SOMETHING_NEW_BLOCKED", Verdict::Permission, Scope::Key),
        (403, "SERVICE_DISABLED", Verdict::Permission, Scope::Project),
        (403, "BILLING_DISABLED", Verdict::Permission, Scope::Project),
        (403, "CONSUMER_SUSPENDED", Verdict::Permission, Scope::Project),
        (403, "CONSUMER_INVALID", Verdict::Permission, Scope::Project),
        (400, "OVERLOADED_CREDENTIALS", Verdict::BadRequest, Scope::None),
        (429, "MODEL_CAPACITY_EXHAUSTED", Verdict::Overloaded, Scope::None),
    ];
    for (code, reason, verdict, scope) in table {
        let details = json!([{ "@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": reason, "domain": "googleapis.com" }]);
        let got = of(code, &google(code, "", "words of no use", &details));
        assert_eq!(figures(&got), plain(verdict, scope), "{reason}");
    }
}

#[test]
fn leaked_and_suspended_are_for_good() {
    let leaked = of(403, &says("Your API key was reported as leaked. Please use another API key."));
    let suspended = of(403, &says("Permission denied: Consumer 'api_key:x' has been suspended."));
    let expired = of(400, &says("API key expired. Please renew the API key."));
    assert_eq!(
        [leaked.finality, suspended.finality, expired.finality],
        [Finality::ForGood, Finality::ForGood, Finality::Repairable]
    );
}

#[test]
fn money_is_told_by_words() {
    for message in [
        "Your prepayment credits are depleted. Please go to AI Studio at https://ai.studio/projects to manage your project.",
        "Your project has exceeded its monthly spending cap. Please go to AI Studio at https://ai.studio/spend to manage it.",
    ] {
        assert_eq!(
            figures(&of(429, &google(429, "RESOURCE_EXHAUSTED", message, &json!([])))),
            plain(Verdict::OutOfCredit, Scope::Project),
            "{message}"
        );
    }
}

#[test]
fn code_assist_speaks_of_capacity_and_of_quota() {
    let error = |message: &str, reason: &str, delay: Option<&str>| {
        let mut details = vec![
            json!({ "@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": reason, "domain": "cloudcode-pa.googleapis.com" }),
        ];
        details.extend(
            delay.map(|delay| json!({ "@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": delay })),
        );
        json!([{ "error": { "code": 429, "message": message, "status": "RESOURCE_EXHAUSTED", "details": details,
            "errors": [{ "message": message, "domain": "global", "reason": "rateLimitExceeded" }] } }])
        .to_string()
    };
    let full = of(
        429,
        &error(
            "No capacity available for model gemini-3.1-pro-preview on the server",
            "MODEL_CAPACITY_EXHAUSTED",
            None,
        ),
    );
    assert_eq!(figures(&full), plain(Verdict::Overloaded, Scope::Model));
    assert_eq!(full.model.as_deref(), Some("gemini-3.1-pro-preview"));
    let nameless =
        of(429, &error("No capacity available for model on the server", "MODEL_CAPACITY_EXHAUSTED", Some("40s")));
    assert_eq!(
        (figures(&nameless), nameless.model, nameless.retry_after.map(|hint| hint.delay.0)),
        (plain(Verdict::Overloaded, Scope::Model), None, Some(40_000))
    );
    let day = of(
        429,
        &error(
            "You have exhausted your capacity on this model. Your quota will reset after 19h14m47s.",
            "QUOTA_EXHAUSTED",
            Some("68940s"),
        ),
    );
    assert_eq!(figures(&day), (Verdict::QuotaExhausted, Scope::Model, None, Some(Span::Day), None));
    assert_eq!(wait(&day), Some(69_287_000));
}

#[test]
fn form_e_states_the_limit_in_words() {
    let body = |kind: &str, delay: &str| {
        json!({ "error": { "message": format!("Rate limit exceeded for model gemini-3.8-flash-tts (limit: {kind} on Free Tier). Please retry in {delay} or upgrade your tier."), "code": "too_many_requests" } }).to_string()
    };
    let day = of(429, &body("10 requests per day", "14h45m30s"));
    assert_eq!(
        figures(&day),
        (Verdict::QuotaExhausted, Scope::Model, Some(Metric::Requests), Some(Span::Day), Some(10))
    );
    assert_eq!((day.model.as_deref(), wait(&day)), (Some("gemini-3.8-flash-tts"), Some(53_130_000)));
    let minute = of(429, &body("3 requests per minute", "31.2s"));
    assert_eq!(
        figures(&minute),
        (Verdict::RateLimited, Scope::Model, Some(Metric::Requests), Some(Span::Minute), Some(3))
    );
    let zero = of(429, &body("0 requests per day", "20s"));
    assert_eq!(figures(&zero), (Verdict::Permission, Scope::Model, Some(Metric::Requests), Some(Span::Day), Some(0)));
}

#[test]
fn form_e_codes_need_no_words() {
    let table = [
        (400, "invalid_request", Verdict::BadRequest, Scope::None),
        (401, "authentication", Verdict::InvalidKey, Scope::Key),
        (403, "permission_denied", Verdict::Permission, Scope::Project),
        (404, "not_found", Verdict::NotFound, Scope::Model),
        (429, "too_many_requests", Verdict::RateLimited, Scope::None),
        (503, "service_unavailable", Verdict::Overloaded, Scope::Model),
        (504, "deadline_exceeded", Verdict::Transient, Scope::None),
        (500, "internal", Verdict::Transient, Scope::None),
    ];
    for (status, code, verdict, scope) in table {
        let message = if status == 503 { "gemini-3.8-flash is currently experiencing high demand" } else { "No." };
        let body = json!({ "error": { "message": message, "code": code } });
        assert_eq!(figures(&of(status, &body.to_string())), plain(verdict, scope), "{code}");
        let event = format!("data: {}\n\n", json!({ "event_type": "error", "error": body["error"] }));
        let in_stream = of(200, &event);
        assert_eq!(figures(&in_stream), plain(verdict, scope), "{code} under 200");
    }
}

#[test]
fn every_form_of_the_envelope_says_the_same() {
    let a = violation(
        "GenerateRequestsPerDayPerProjectPerModel-FreeTier",
        "generate_content_free_tier_requests",
        Some("20"),
    );
    let value: serde_json::Value = serde_json::from_str(&a).unwrap();
    let python = a.replace('"', "'").replace("null", "None");
    let forms = [
        ("A", a.clone()),
        ("B", format!("[{a}]")),
        ("B, pretty", serde_json::to_string_pretty(&json!([value])).unwrap()),
        ("C", {
            let mut c = value.clone();
            c["error"]["errors"] = json!([{ "message": "m", "domain": "global", "reason": "rateLimitExceeded" }]);
            c.to_string()
        }),
        ("D", json!({ "error": { "message": a, "code": 429, "status": "Too Many Requests" } }).to_string()),
        (
            "D twice",
            json!({ "error": { "message": json!({ "error": { "message": a } }).to_string(), "code": 429 } })
                .to_string(),
        ),
        (
            "D with words before",
            json!({ "error": { "message": format!("litellm.RateLimitError: geminiException - {a}"), "code": 429 } })
                .to_string(),
        ),
        ("D behind brackets", json!({ "error": { "message": format!("[429] {{gateway}} said: {a}") } }).to_string()),
        ("D in Python", json!({ "error": { "message": format!("429 RESOURCE_EXHAUSTED. {python}") } }).to_string()),
        ("words and a document", format!("429 RESOURCE_EXHAUSTED. {python}")),
        ("error.error", json!({ "error": { "error": value["error"] } }).to_string()),
        ("F: spaced keys", a.replace("\"@type\"", "\n\" @type\"")),
        ("F: raw line break", a.replace("billing details.", "billing\ndetails.")),
        ("F: trailing commas", a.replace('}', ",}").replace(']', ",]")),
        ("F: cut at the end", a.trim_end_matches(['}', ']']).to_owned()),
        ("F: an unescaped quote", a.replace("current quota", "\"current\" quota")),
        ("an event", format!("event: error\ndata: {a}\n\n")),
        ("a byte order mark", format!("\u{feff}{a}")),
    ];
    for (form, body) in forms {
        let got = of(429, &body);
        assert_eq!(
            figures(&got),
            (Verdict::QuotaExhausted, Scope::Model, Some(Metric::Requests), Some(Span::Day), Some(20)),
            "{form}: {body}"
        );
    }
}

#[test]
fn printed_protobufs_are_understood() {
    let body = says(
        "429 Resource exhausted [violations { quota_metric: \"g/r\" quota_id: \"GenerateRequestsPerDayPerProjectPerModel-FreeTier\" quota_value: 50 } , retry_delay { seconds: 46 } ]",
    );
    let got = of(429, &body);
    assert_eq!(
        figures(&got),
        (Verdict::QuotaExhausted, Scope::Model, Some(Metric::Requests), Some(Span::Day), Some(50))
    );
    assert_eq!(wait(&got), Some(46_000));
}

#[test]
fn too_long_prompts_state_the_limit() {
    for message in [
        "The input token count (1250074) exceeds the maximum number of tokens allowed (1048576).",
        "The input token count exceeds the maximum number of tokens allowed 1048576.",
        "Unable to submit request because the input token count is 1250074 but model only supports up to 1048576. Reduce the input token count and try again.",
    ] {
        let got = of(400, &google(400, "INVALID_ARGUMENT", message, &json!([])));
        assert_eq!(
            figures(&got),
            (Verdict::TooLarge, Scope::None, Some(Metric::InputTokens), None, Some(1_048_576)),
            "{message}"
        );
    }
}
