//! What headers of successes tell about limits.

use quota_aware_api::engine::{Metric, Millis, Span};
use quota_aware_api::provider::{Headers, LimitReading, limits};

use crate::common::pairs;

fn read(headers: &[(&str, &str)]) -> Vec<LimitReading> {
    limits(Headers::new(&pairs(headers)))
}

fn reading(metric: Metric, window: Option<Span>, limit: u64, remaining: u64, reset: Option<u64>) -> LimitReading {
    LimitReading { metric, window, limit: Some(limit), remaining: Some(remaining), reset: reset.map(Millis) }
}

#[test]
fn the_window_follows_from_the_speed_of_refill() {
    let families = |requests: [&str; 3], tokens: [&str; 3]| {
        read(&[
            ("x-ratelimit-limit-requests", requests[0]),
            ("X-RateLimit-Remaining-Requests", requests[1]),
            ("x-ratelimit-reset-requests", requests[2]),
            ("x-ratelimit-limit-tokens", tokens[0]),
            ("x-ratelimit-remaining-tokens", tokens[1]),
            ("x-ratelimit-reset-tokens", tokens[2]),
        ])
    };
    let (day, minute) = (Some(Span::Day), Some(Span::Minute));
    assert_eq!(
        families(["14400", "14397", "17.399999999s"], ["30000", "29987", "26ms"]),
        [
            reading(Metric::Requests, day, 14_400, 14_397, Some(17_400)),
            reading(Metric::Tokens, minute, 30_000, 29_987, Some(26))
        ],
        "Groq"
    );
    assert_eq!(
        families(["200", "197", "20m52.666s"], ["40000", "39974", "39ms"]),
        [
            reading(Metric::Requests, day, 200, 197, Some(1_252_666)),
            reading(Metric::Tokens, minute, 40_000, 39_974, Some(39))
        ],
        "OpenAI, free"
    );
    assert_eq!(
        families(["10000", "9999", "6ms"], ["30000000", "0", "1m0.052s"]),
        [
            reading(Metric::Requests, minute, 10_000, 9999, Some(6)),
            reading(Metric::Tokens, minute, 30_000_000, 0, Some(60_052))
        ],
        "OpenAI, tier 5"
    );
    assert_eq!(families(["60", "60", "0s"], ["9", "10", "1s"])[0].window, None, "nothing used, nothing to divide");
}

#[test]
fn names_carry_windows_and_projects() {
    assert_eq!(
        read(&[
            ("x-ratelimit-limit-tokens-minute", "100000"),
            ("x-ratelimit-remaining-tokens-minute", "98863"),
            ("x-ratelimit-tokens-query-cost", "60"),
            ("x-ratelimit-limit-req-minute", "100"),
            ("x-ratelimit-remaining-req-minute", "94"),
            ("x-ratelimit-limit-tokens-month", "10000000"),
            ("x-ratelimit-remaining-tokens-month", "5"),
        ]),
        [
            reading(Metric::Tokens, Some(Span::Minute), 100_000, 98_863, None),
            reading(Metric::Requests, Some(Span::Minute), 100, 94, None)
        ],
        "Mistral; months are no span of ours"
    );
    assert_eq!(
        read(&[
            ("x-ratelimit-limit-requests-day", "14400"),
            ("x-ratelimit-remaining-requests-day", "14399"),
            ("x-ratelimit-reset-requests-day", "33011.382867"),
        ]),
        [reading(Metric::Requests, Some(Span::Day), 14_400, 14_399, Some(33_011_383))],
        "Cerebras"
    );
    let openai = read(&[
        ("x-ratelimit-limit-project-tokens", "150000000"),
        ("x-ratelimit-remaining-project-tokens", "149999367"),
        ("x-ratelimit-reset-project-tokens", "0s"),
        ("x-ratelimit-limit-input-images", "50"),
        ("x-ratelimit-remaining-input-images", "50"),
    ]);
    assert_eq!(openai, [reading(Metric::Tokens, None, 150_000_000, 149_999_367, Some(0))], "images have no metric");
    let cohere = read(&[
        ("x-trial-endpoint-call-limit", "20"),
        ("x-trial-endpoint-call-remaining", "19"),
        ("x-endpoint-monthly-call-limit", "1000"),
    ]);
    assert_eq!(cohere, [reading(Metric::Requests, Some(Span::Minute), 20, 19, None)]);
}

#[test]
fn anthropic_puts_the_kind_last() {
    let got = read(&[
        ("date", "Fri, 27 Feb 2026 12:52:07 GMT"),
        ("anthropic-ratelimit-input-tokens-limit", "30000"),
        ("anthropic-ratelimit-input-tokens-remaining", "15000"),
        ("anthropic-ratelimit-input-tokens-reset", "2026-02-27T12:52:37Z"),
        ("anthropic-ratelimit-output-tokens-limit", "8000"),
        ("anthropic-ratelimit-output-tokens-remaining", "8000"),
        ("anthropic-ratelimit-requests-limit", "50"),
        ("anthropic-ratelimit-requests-remaining", "50"),
        ("anthropic-ratelimit-requests-reset", "1970-01-01T00:00:00Z"),
        ("anthropic-ratelimit-unified-status", "allowed"),
    ]);
    assert_eq!(
        got,
        [
            reading(Metric::InputTokens, Some(Span::Minute), 30_000, 15_000, Some(30_000)),
            reading(Metric::Requests, None, 50, 50, None)
        ],
        "output tokens have no metric, 1970 means that nothing is pending"
    );
}

#[test]
fn azure_says_unknown_with_numbers() {
    assert_eq!(read(&[("x-ratelimit-limit-tokens", "0"), ("x-ratelimit-remaining-tokens", "0")]), []);
    assert_eq!(read(&[("x-ratelimit-limit-tokens", "-1"), ("x-ratelimit-remaining-tokens", "-1")]), []);
    let renewal = read(&[
        ("x-ratelimit-limit-requests", "60"),
        ("x-ratelimit-remaining-requests", "59"),
        ("x-ratelimit-reset-requests", "33"),
        ("x-ratelimit-renewalperiod-requests", "60"),
    ]);
    assert_eq!(renewal, [reading(Metric::Requests, Some(Span::Minute), 60, 59, Some(33_000))]);
}

#[test]
fn ietf_fields_old_and_new() {
    assert_eq!(
        read(&[("ratelimit", r#""api";r=999;t=295"#), ("ratelimit-policy", r#""fixed window";"api";q=1000;w=300"#)]),
        [reading(Metric::Requests, None, 1000, 999, Some(295_000))],
        "Hugging Face: five minutes are no span of ours"
    );
    assert_eq!(
        read(&[
            ("RateLimit", r#""b";r=50;t=30, "d";r=4;t=600"#),
            ("RateLimit-Policy", r#""b";q=100;w=60,"d";q=1000;w=86400"#)
        ]),
        [
            reading(Metric::Requests, Some(Span::Minute), 100, 50, Some(30_000)),
            reading(Metric::Requests, Some(Span::Day), 1000, 4, Some(600_000))
        ]
    );
    assert_eq!(
        read(&[("ratelimit", r#""b";r=50;t=30"#), ("ratelimit-policy", r#""b";q=100;w=60;qu="content-bytes""#)]),
        []
    );
    assert_eq!(
        read(&[("ratelimit-limit", "100, 100;w=60"), ("ratelimit-remaining", "99"), ("ratelimit-reset", "50")]),
        [reading(Metric::Requests, Some(Span::Minute), 100, 99, Some(50_000))]
    );
}

#[test]
fn bare_names_count_requests_over_an_unknown_span() {
    let together = read(&[("x-ratelimit-limit", "2"), ("x-ratelimit-remaining", "1"), ("x-ratelimit-reset", "2")]);
    assert_eq!(together, [reading(Metric::Requests, None, 2, 1, Some(2000))]);
}

#[test]
fn other_headers_tell_nothing() {
    assert_eq!(
        read(&[("content-type", "application/json"), ("x-ratelimit-reset-tokens", "1s"), ("retry-after", "3")]),
        []
    );
}
