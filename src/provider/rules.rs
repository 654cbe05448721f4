//! The rules, in the order in which they are asked. Words and codes come before statuses: they say why.

use super::cause::Cause;
use super::classify::{Case, Finding};
use super::google;
use super::size;
use crate::engine::{Millis, Scope, Span};

pub(crate) type Rule = fn(&Case<'_>) -> Option<Finding>;

/// First match wins; what none of them knows is judged by its status.
pub(crate) const RULES: [Rule; 12] = [
    dead_key,
    two_credentials,
    restricted_key,
    place,
    unauthorized,
    money,
    missing_file,
    forbidden,
    not_found,
    overloaded,
    too_large,
    quota,
];

/// Google's own client takes a longer wait for the end of a daily quota: its minutes never ask for more than 60 s.
const GOOGLE_DAY: Millis = Millis::from_mins(5);

/// Elsewhere buckets of a minute have asked for minutes; an hour is a day's.
const DAY: Millis = Millis::from_hours(1);

/// A credential that is dead, under any status: Google and xAI answer 400.
fn dead_key(case: &Case<'_>) -> Option<Finding> {
    let (prose, body) = (&case.prose, case.envelope);
    let key = |cause| Some(Finding::new(cause, Scope::Key));
    if prose.has("reported as leaked") {
        return Some(Finding::new(Cause::KeyLeaked, Scope::Key).for_good());
    }
    if prose.has("api key expired") {
        return key(Cause::KeyExpired);
    }
    if body.has_any_code(&["access_token_type_unsupported", "credentials_missing"]) {
        return key(Cause::KeyKind);
    }
    if prose.has("unregistered callers") {
        return key(Cause::KeyMissing);
    }
    let words = ["api key not valid", "api key not found", "incorrect api key", "invalid api key", "invalid x-api-key"];
    let dead = body.has_any_code(&["api_key_invalid", "invalid_api_key"]) || prose.has_any(&words);
    if dead { key(Cause::KeyInvalid) } else { None }
}

fn two_credentials(case: &Case<'_>) -> Option<Finding> {
    let two = case.prose.has("multiple authentication credentials") || case.envelope.has_code("overloaded_credentials");
    two.then(|| Finding::new(Cause::TwoCredentials, Scope::None))
}

/// A good key that is not allowed here: `API_KEY_*_BLOCKED` is the key's matter, the others are the project's.
fn restricted_key(case: &Case<'_>) -> Option<Finding> {
    let (prose, body) = (&case.prose, case.envelope);
    let key = |cause| Some(Finding::new(cause, Scope::Key));
    let project = |cause| Some(Finding::new(cause, Scope::Project));
    if body.has_code("api_key_http_referrer_blocked") || prose.has("requests from referer") {
        key(Cause::KeyReferrer)
    } else if body.has_code("api_key_ip_address_blocked") || prose.has("ip address restriction") {
        key(Cause::KeyAddress)
    } else if body.has_any_code(&["api_key_android_app_blocked", "api_key_ios_app_blocked"])
        || prose.has("client application <empty>")
    {
        key(Cause::KeyApp)
    } else if body.codes.iter().any(|code| code.starts_with("api_key_") && code.ends_with("_blocked"))
        || (prose.has("requests to this api") && prose.has("are blocked"))
    {
        key(Cause::KeyApis)
    } else if body.has_code("service_disabled") || (prose.has("has not been used in project") && prose.has("disabled"))
    {
        project(Cause::ApiDisabled)
    } else if body.has_code("billing_disabled") {
        project(Cause::BillingDisabled)
    } else if body.has_code("consumer_suspended") || (prose.has("consumer '") && prose.has("has been suspended")) {
        Some(Finding::new(Cause::Suspended, Scope::Project).for_good())
    } else if body.codes.iter().any(|code| code.starts_with("consumer_")) {
        project(Cause::Denied)
    } else {
        None
    }
}

/// Refusals that every key of the caller, or of the free tier, would meet.
fn place(case: &Case<'_>) -> Option<Finding> {
    let here = ["user location is not supported", "country, region, or territory not supported"];
    if case.prose.has_any(&here) || case.envelope.has_code("unsupported_country_region_territory") {
        return Some(Finding::new(Cause::Location, Scope::None));
    }
    // Google's answer to batch calls of a free project.
    let free = case.status == 400 && case.prose.has("precondition check failed");
    free.then(|| Finding::new(Cause::BillingNeeded, Scope::Project))
}

fn unauthorized(case: &Case<'_>) -> Option<Finding> {
    if case.status != 401 {
        return None;
    }
    let none_came = ["missing authentication", "no cookie auth credentials", "didn't provide an api key"];
    let reason = if case.prose.has_any(&none_came) { Cause::KeyMissing } else { Cause::KeyInvalid };
    Some(Finding::new(reason, Scope::Key))
}

/// No money, under 429, 402, 400 or 403.
fn money(case: &Case<'_>) -> Option<Finding> {
    let (prose, body) = (&case.prose, case.envelope);
    let caps = [
        "spending cap",
        "spend cap breached",
        "billing hard limit",
        "reached your specified api usage limits",
        "monthly spending limit",
    ];
    if prose.has_any(&caps) || body.has_any_code(&["enforced_spend_limit_reached", "billing_hard_limit_reached"]) {
        return Some(Finding::new(Cause::SpendCap, Scope::Project));
    }
    let words = [
        "credit balance is too low",
        "prepayment credits are depleted",
        "insufficient balance",
        "used all available credits",
    ];
    let codes = ["insufficient_quota", "billing_error", "billing_not_active"];
    let empty = case.status == 402 || prose.has_any(&words) || body.has_any_code(&codes) || is_openai_sentence(case);
    // Cohere's trial: 1,000 calls a month, closed until the next one or until it is paid for.
    let monthly = case.status == 429 && prose.has_any(&["api calls / month", "calls per month"]);
    (empty || monthly).then(|| Finding::new(Cause::Credit, Scope::Project))
}

/// Google's 429 and `OpenAI`'s empty account begin with the same sentence. Where a proxy dropped the code, the rest of
/// Google's message, or its status word, tells them apart.
fn is_openai_sentence(case: &Case<'_>) -> bool {
    case.status == 429
        && case.prose.has("you exceeded your current quota, please check your plan and billing details")
        && !case.google
}

/// Google says 403 of a file or a cache that is gone, and of one that another project has: a matter of the request, not
/// of the key. Taken for a refusal of the project, one question about a file would close all projects but its own.
fn missing_file(case: &Case<'_>) -> Option<Finding> {
    let words = ["permission to access the file", "cachedcontent not found"];
    (case.status == 403 && case.prose.has_any(&words)).then(|| Finding::new(Cause::FileMissing, Scope::None))
}

fn forbidden(case: &Case<'_>) -> Option<Finding> {
    (case.status == 403).then(|| Finding::new(Cause::Denied, Scope::Project))
}

/// A model that does not exist, under 404 or 400; or a path.
fn not_found(case: &Case<'_>) -> Option<Finding> {
    let codes = [
        "model_not_found",
        "not_found_error",
        "not_found",
        "model_decommissioned",
        "model_not_available",
        "invalid_model",
        "deploymentnotfound",
    ];
    let by_code = case.envelope.has_any_code(&codes);
    let by_words = case.status == 400 && names_missing_model(case);
    if !by_code && !by_words && case.status != 404 {
        return None;
    }
    let of_a_model = by_code || by_words || case.google || case.is_of_a_model() || case.prose.has("model");
    Some(Finding::new(Cause::NotFound, if of_a_model { Scope::Model } else { Scope::None }))
}

/// Voyage: `Model X is not supported. Supported models are […]`. A parameter that "is not supported with this model",
/// or a model that "only supports Interactions API", is a malformed request instead.
fn names_missing_model(case: &Case<'_>) -> bool {
    let prose = &case.prose;
    let refused = prose.lower().starts_with("model ") && prose.has(" is not supported");
    refused
        || prose.has_any(&["is not a valid model", "invalid model:", "invalid model '"])
        || (prose.has("model '") && prose.has("' does not exist"))
}

/// The server's capacity, whoever asks.
fn overloaded(case: &Case<'_>) -> Option<Finding> {
    let (prose, body) = (&case.prose, case.envelope);
    let scope = if case.is_of_a_model() || (case.google && case.status == 503) { Scope::Model } else { Scope::None };
    let refused_upstream = case.status == 429 && prose.has("provider returned error");
    if prose.has("rate-limited upstream") || refused_upstream {
        return Some(Finding::new(Cause::UpstreamPool, Scope::Model));
    }
    let words = [
        "capacity exceeded",
        "no capacity available",
        "over capacity",
        "currently overloaded",
        "is overloaded",
        "experiencing high demand",
    ];
    let codes = [
        "model_capacity_exhausted",
        "overloaded_error",
        "capacity_exceeded",
        "engine_overloaded",
        "temporary-reduced-capacity",
    ];
    let full = matches!(case.status, 498 | 503 | 529) || body.has_any_code(&codes) || prose.has_any(&words);
    full.then(|| Finding::new(Cause::Overloaded, scope))
}

/// A request that can never fit: into a window of its quota, or into the model.
fn too_large(case: &Case<'_>) -> Option<Finding> {
    let stated = case.stated;
    let no_quota = stated.limit == Some(0);
    let by_quota =
        stated.limit.is_some() && (stated.never_fits() || case.status == 413 || case.prose.has("request too large"));
    if by_quota && !no_quota {
        let scope = if case.is_of_a_model() { Scope::Model } else { Scope::Project };
        return Some(Finding::new(Cause::NeverFits, scope).with(stated.metric, stated.window, stated.limit));
    }
    let too_large = case.status == 413 || size::is_too_large(&case.prose, &case.envelope.codes);
    let size = size::stated(&case.prose);
    too_large.then(|| {
        Finding::new(Cause::ContextTooLong, Scope::None).with(
            size.map(|(metric, _)| metric),
            None,
            size.map(|(_, limit)| limit),
        )
    })
}

/// A refusal for quota: by Google's names where there are any, else by the words.
fn quota(case: &Case<'_>) -> Option<Finding> {
    if case.status != 429 {
        None
    } else if case.quotas.is_empty() {
        Some(worded_quota(case))
    } else {
        Some(named_quota(case))
    }
}

fn named_quota(case: &Case<'_>) -> Finding {
    let quotas = &case.quotas;
    let worst = google::worst(quotas);
    let scope = worst.map_or(Scope::Project, google::Quota::scope);
    if quotas.iter().all(|quota| quota.limit == Some(0)) {
        let (metric, window) =
            (google::common(quotas, google::Quota::metric), google::common(quotas, google::Quota::window));
        return Finding::new(Cause::NoQuota, scope).with(metric, window, Some(0));
    }
    let (metric, limit) = (worst.and_then(google::Quota::metric), worst.and_then(|quota| quota.limit));
    let window = worst.and_then(google::Quota::window);
    if window == Some(Span::Day) || waits(case, GOOGLE_DAY) {
        Finding::new(Cause::DailyQuota, scope).with(metric, Some(Span::Day), limit)
    } else {
        Finding::new(Cause::MinuteQuota, scope).with(metric, window, limit)
    }
}

fn worded_quota(case: &Case<'_>) -> Finding {
    let (metric, window, limit) = case.figures();
    let says_nothing = metric.is_none() && window.is_none() && limit.is_none();
    let scope = match (case.is_of_a_model(), case.google && says_nothing) {
        (true, _) => Scope::Model,
        (false, true) => Scope::None,
        (false, false) => Scope::Project,
    };
    if limit == Some(0) {
        return Finding::new(Cause::NoQuota, scope).with(metric, window, limit);
    }
    // `QUOTA_EXHAUSTED` of Code Assist, `quota_exceeded` of form E: both stand for the day, minutes have other codes.
    let by_code = window.is_none() && case.envelope.has_any_code(&["quota_exhausted", "quota_exceeded"]);
    let long = waits(case, if case.google { GOOGLE_DAY } else { DAY });
    if window == Some(Span::Day) || long || by_code {
        Finding::new(Cause::DailyQuota, scope).with(metric, Some(Span::Day), limit)
    } else if scope == Scope::None {
        Finding::new(Cause::SharedCapacity, scope)
    } else {
        Finding::new(Cause::MinuteQuota, scope).with(metric, window, limit)
    }
}

fn waits(case: &Case<'_>, at_least: Millis) -> bool {
    case.hint.is_some_and(|hint| hint.delay >= at_least)
}

/// What remains when neither words nor codes say more.
pub(crate) fn by_status(case: &Case<'_>) -> Finding {
    match case.status {
        400.. if case.envelope.has_code("tool_use_failed") => Finding::new(Cause::ToolCall, Scope::None),
        408 | 499 | 500.. => Finding::new(Cause::Transient, Scope::None),
        300..=498 => Finding::new(Cause::BadRequest, Scope::None),
        // No status of HTTP: whatever stood in for the server failed.
        _ => Finding::new(Cause::Transient, Scope::None),
    }
}
