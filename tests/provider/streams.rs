//! Errors and blocks under status 200.

use quota_aware_api::engine::{Scope, Verdict};
use serde_json::json;

use crate::common::{figures, of, violation, with_headers};

const CHUNK: &str = r#"data: {"candidates":[{"content":{"parts":[{"text":"rate limit reached, error: 429"}]}}]}"#;
const LAST: &str = r#"data: {"candidates":[{"finishReason":"STOP"}],"usageMetadata":{"totalTokenCount":3}}"#;

#[test]
fn an_answer_about_errors_is_an_answer() {
    let body = json!({ "choices": [{ "message": { "content": "{\"error\":{\"code\":429}} invalid api key" }, "finish_reason": "stop" }], "error": null });
    assert_eq!(of(200, &body.to_string()).verdict, Verdict::Ok);
    assert_eq!(of(200, &format!("{CHUNK}\r\n\r\n{LAST}\r\n\r\n")).verdict, Verdict::Ok);
    assert_eq!(of(200, "data: [DONE]\n\n").verdict, Verdict::Ok);
    for empty in ["", "ok", "[]", "{}", "null", "<html>error</html>", "\u{0}\u{1}"] {
        assert_eq!(of(204, empty).verdict, Verdict::Ok, "{empty:?}");
    }
}

#[test]
fn an_error_after_the_first_chunks_is_found_in_every_form() {
    let error = r#"{"error":{"code":503,"message":"The model is overloaded.","status":"UNAVAILABLE"}}"#;
    let pretty = serde_json::to_string_pretty(&serde_json::from_str::<serde_json::Value>(error).unwrap()).unwrap();
    let lines = format!("data: {}", pretty.replace('\n', "\ndata: "));
    for tail in [
        format!("data: {error}"),
        format!("data:{error}"),
        error.to_owned(),
        pretty.clone(),
        format!("[{error}]"),
        lines,
        format!("event: error\ndata: {error}"),
    ] {
        let got = with_headers(
            200,
            &[("content-type", "text/event-stream"), ("retry-after", "53")],
            &format!("{CHUNK}\n\n{CHUNK}\n\n{tail}\n\n"),
        );
        assert_eq!((got.verdict, got.scope, got.retry_after), (Verdict::Overloaded, Scope::Model, None), "{tail}");
    }
    let array = format!("[{{\"candidates\":[{{}}]}}\n,\r\n{error}]");
    assert_eq!(of(200, &array).verdict, Verdict::Overloaded, "an array of chunks");
}

#[test]
fn an_error_under_200_is_judged_by_its_own_code() {
    let quota = violation("GenerateRequestsPerDayPerProjectPerModel-FreeTier", "m", Some("20"));
    assert_eq!(figures(&of(200, &quota)), figures(&of(429, &quota)));
    let table = [
        (r#"{"error":{"type":"overloaded_error","message":"Overloaded"},"type":"error"}"#, Verdict::Overloaded),
        (r#"{"error":{"type":"rate_limit_error","message":"Rate limited"},"type":"error"}"#, Verdict::RateLimited),
        (r#"{"error":{"type":"authentication_error","message":"no"},"type":"error"}"#, Verdict::InvalidKey),
        (r#"{"error":{"code":"insufficient_quota","message":"no"}}"#, Verdict::OutOfCredit),
        (
            r#"{"error":{"code":502,"message":"Provider disconnected","metadata":{"error_type":"provider_unavailable"}},"choices":[{"finish_reason":"error"}]}"#,
            Verdict::Transient,
        ),
        (
            r#"{"error":{"error":{"code":429,"message":"Rate limit exceeded: free-models-per-min."}}}"#,
            Verdict::RateLimited,
        ),
        (
            r#"{"type":"response.failed","response":{"status":"failed","error":{"code":"rate_limit_exceeded","message":"Rate limit reached for gpt-4o in organization o on tokens per min (TPM): Limit 10, Used 9, Requested 2."}}}"#,
            Verdict::RateLimited,
        ),
        (r#"{"type":"error","code":"server_error","message":"The server had an error"}"#, Verdict::Transient),
        (
            r#"{"event_type":"error","error":{"code":"quota_exceeded","message":"Quota exceeded for gemini-3.8-flash."}}"#,
            Verdict::QuotaExhausted,
        ),
        (r#"{"error":"something broke"}"#, Verdict::Transient),
        (
            r#"{"object":"error","message":"Rate limit exceeded","type":"rate_limited","code":"1300"}"#,
            Verdict::RateLimited,
        ),
    ];
    for (event, verdict) in table {
        assert_eq!(of(200, &format!("{CHUNK}\n\ndata: {event}\n\n")).verdict, verdict, "{event}");
    }
}

#[test]
fn blocked_answers_are_blocked() {
    for reason in [
        "SAFETY",
        "OTHER",
        "BLOCKLIST",
        "PROHIBITED_CONTENT",
        "IMAGE_SAFETY",
        "MODEL_ARMOR",
        "JAILBREAK",
        "BLOCKED_REASON_UNSPECIFIED",
    ] {
        let body = json!({ "promptFeedback": { "blockReason": reason }, "usageMetadata": { "promptTokenCount": 4 } })
            .to_string();
        for body in [body.clone(), format!("data: {body}\n\n"), format!("[{body}]")] {
            let got = of(200, &body);
            assert_eq!((got.verdict, got.scope), (Verdict::Blocked, Scope::None), "{body}");
        }
    }
    let finish = |reasons: &[&str]| {
        let candidates: Vec<_> = reasons.iter().map(|reason| json!({ "finishReason": reason })).collect();
        of(200, &json!({ "candidates": candidates }).to_string()).verdict
    };
    for reason in [
        "SAFETY",
        "RECITATION",
        "LANGUAGE",
        "BLOCKLIST",
        "PROHIBITED_CONTENT",
        "SPII",
        "IMAGE_SAFETY",
        "IMAGE_PROHIBITED_CONTENT",
        "IMAGE_RECITATION",
    ] {
        assert_eq!(finish(&[reason]), Verdict::Blocked, "{reason}");
        assert_eq!(finish(&[reason, "STOP"]), Verdict::Ok, "one good candidate is an answer");
        assert_eq!(finish(&["MAX_TOKENS", reason]), Verdict::Ok);
    }
    for reason in [
        "STOP",
        "MAX_TOKENS",
        "MALFORMED_FUNCTION_CALL",
        "UNEXPECTED_TOOL_CALL",
        "TOO_MANY_TOOL_CALLS",
        "NO_IMAGE",
        "FINISH_REASON_UNSPECIFIED",
    ] {
        assert_eq!(finish(&[reason]), Verdict::Ok, "{reason}");
    }
}

#[test]
fn a_stream_that_ends_in_safety_is_blocked() {
    let body = format!("{CHUNK}\n\ndata: {{\"candidates\":[{{\"finishReason\":\"SAFETY\"}}]}}\n\n");
    assert_eq!(of(200, &body).verdict, Verdict::Blocked);
}
