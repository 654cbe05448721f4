//! How long to wait: every spelling of a duration and a date, and which of several is believed.

use quota_aware_api::provider::Headers;

use crate::common::{pairs, says, wait, with_headers};

const DATE: &str = "Fri, 27 Feb 2026 12:52:07 GMT";

fn message(text: &str) -> Option<u64> {
    wait(&with_headers(429, &[], &says(text)))
}

fn headers(headers: &[(&str, &str)]) -> Option<u64> {
    wait(&with_headers(429, headers, ""))
}

#[test]
fn messages_spell_waits_in_many_ways() {
    let table = [
        ("Please retry in 38.804097346s.", 38_805),
        ("Please retry in 900.2ms.", 901),
        ("Please retry in 410.215707ms.", 411),
        ("Please retry in 1m5s.", 65_000),
        ("Please retry in 10h50m43.651927829s.", 39_043_652),
        ("Please retry in 14h45m30s or upgrade your tier", 53_130_000),
        ("Please retry in 19h8.488161794s.", 68_408_489),
        ("Please retry in 1.58s", 1580),
        ("Please retry in 250us.", 1),
        ("Please retry in 250\u{b5}s.", 1),
        ("Please retry in 999999ns.", 1),
        ("Please retry in 1000001ns.", 2),
        ("Please retry in 0s.", 0),
        ("Please try again in 1m0.363142857s. Visit", 60_364),
        ("Please try again in 7m12s.", 432_000),
        ("Please try again in 494ms.", 494),
        ("Please try again in 6ms. Contact us", 6),
        ("Please retry after 33 seconds. Please contact", 33_000),
        ("Please retry after 86400 seconds.", 86_400_000),
        ("Please retry after 1 second.", 1000),
        ("Try again in 2 seconds.", 2000),
        ("Try again in 2 minutes and 5 seconds.", 125_000),
        ("Try again in 1 hour, 30 minutes.", 5_400_000),
        ("TRY AGAIN IN 3 MIN", 0),
        ("please try again after 1 seconds", 1000),
        ("Please try your request again in 3 hours.", 10_800_000),
        ("Your quota will reset after 19h14m47s.", 69_287_000),
        ("Limit resets in 1d2h.", 93_600_000),
        ("Please wait 33441 seconds before retrying.", 33_441_000),
        ("Retry in about 5 minutes.", 300_000),
        ("Please try again in a moment. If that fails, try again in 10s.", 10_000),
    ];
    for (text, expected) in table {
        // Units are case-sensitive on every wire seen, and `M` is too close to a month to guess.
        let expected = if text.starts_with("TRY") { None } else { Some(expected) };
        assert_eq!(message(text), expected, "{text}");
    }
}

#[test]
fn what_is_no_wait_is_not_read_as_one() {
    for text in [
        "Please retry shortly.",
        "Please retry in 54",
        "Please retry in -5s.",
        "Please retry in 5 months.",
        "please wait a moment and try again",
        "If you enabled this API recently, wait a few minutes for the action to propagate to our systems and retry.",
        "You will regain access on 2026-11-01 at 00:00 UTC.",
        "If you created the deployment within the last 5 minutes, please wait a moment.",
    ] {
        assert_eq!(message(text), None, "{text}");
    }
}

#[test]
fn absurd_waits_saturate() {
    let longest = message(&format!("Please retry in {}h.", "9".repeat(60))).unwrap();
    assert!(longest >= 500 * 365 * 86_400_000, "{longest}");
    assert_eq!(message(&format!("Please retry in 0.{}s.", "0".repeat(60) + "1")), Some(1), "rounded up, however small");
}

#[test]
fn retry_after_takes_seconds_fractions_and_dates() {
    let table = [
        ("13", Some(13_000)),
        ("7.5", Some(7500)),
        (" 2 ", Some(2000)),
        ("0", Some(0)),
        ("-1", None),
        ("soon", None),
        ("", None),
        ("1m30s", Some(90_000)),
        ("Fri, 27 Feb 2026 12:53:07 GMT", Some(60_000)),
        ("Friday, 27-Feb-26 12:53:07 GMT", Some(60_000)),
        ("Fri Feb 27 12:53:07 2026", Some(60_000)),
        ("Fri, 27 Feb 2026 12:00:00 GMT", Some(0)),
        ("Fri, 31 Foo 2026 12:00:00 GMT", None),
    ];
    for (value, expected) in table {
        assert_eq!(headers(&[("Retry-After", value), ("date", DATE)]), expected, "{value:?}");
    }
    assert_eq!(
        headers(&[("retry-after", "Fri, 27 Feb 2026 12:53:07 GMT")]),
        None,
        "no Date, no hint: our clock may be wrong"
    );
}

#[test]
fn the_exact_header_wins_unless_it_is_zero() {
    assert_eq!(headers(&[("retry-after", "1"), ("retry-after-ms", "494")]), Some(494));
    assert_eq!(headers(&[("retry-after", "1"), ("retry-after-ms", "493.2")]), Some(494));
    assert_eq!(headers(&[("retry-after", "1"), ("retry-after-ms", "0")]), Some(1000));
    assert_eq!(headers(&[("retry-after-ms", "0")]), None);
}

#[test]
fn the_order_is_message_then_retry_info_then_header_then_reset() {
    let all = [("retry-after", "4"), ("x-ratelimit-remaining-tokens", "0"), ("x-ratelimit-reset-tokens", "5s")];
    let info = r#"{"error":{"code":429,"message":"WORDS","details":[{"retryDelay":"3s"}]}}"#;
    assert_eq!(wait(&with_headers(429, &all, &info.replace("WORDS", "Please retry in 2s."))), Some(2000));
    assert_eq!(wait(&with_headers(429, &all, info)), Some(3000));
    assert_eq!(wait(&with_headers(429, &all, "")), Some(4000));
    assert_eq!(wait(&with_headers(429, &all[1..], "")), Some(5000));
}

#[test]
fn only_the_exhausted_family_counts() {
    let anthropic = [
        ("date", DATE),
        ("anthropic-ratelimit-input-tokens-remaining", "0"),
        ("anthropic-ratelimit-input-tokens-reset", "2026-02-27T12:53:25Z"),
        ("anthropic-ratelimit-requests-remaining", "50"),
        ("anthropic-ratelimit-requests-reset", "2026-02-27T13:53:25Z"),
        ("anthropic-ratelimit-output-tokens-remaining", "0"),
        ("anthropic-ratelimit-output-tokens-reset", "1970-01-01T00:00:00Z"),
    ];
    assert_eq!(headers(&anthropic), Some(78_000), "the other families are healthy, or have nothing pending");
    assert_eq!(headers(&anthropic[1..]), None, "an instant without a Date to subtract");
    assert_eq!(headers(&[("x-ratelimit-remaining-requests", "9"), ("x-ratelimit-reset-requests", "8s")]), None);
    let both = [
        ("x-ratelimit-remaining-requests", "0"),
        ("x-ratelimit-reset-requests", "7.66s"),
        ("x-ratelimit-remaining-tokens", "0"),
        ("x-ratelimit-reset-tokens", "2m59.56s"),
    ];
    assert_eq!(headers(&both), Some(179_560), "two are exhausted: the longer wait");
}

#[test]
fn a_bare_reset_is_read_by_its_size() {
    let table = [
        ("2", Some(2000)),
        ("9999999", Some(9_999_999_000)),
        ("1772196787", Some(60_000)),
        ("1772196787000", Some(60_000)),
        ("1772196727", None),
        ("2026-02-27T12:53:07Z", Some(60_000)),
        ("2026-02-27T12:53:07.0005Z", Some(60_001)),
        ("2026-02-27T13:53:07+01:00", Some(60_000)),
        ("2026-02-27T04:53:07-08:00", Some(60_000)),
        ("2026-02-29T12:53:07", None),
        ("17.399999999s", Some(17_400)),
        ("1h2m3s", Some(3_723_000)),
        ("26ms", Some(26)),
    ];
    for (value, expected) in table {
        let family =
            [("date", DATE), ("x-ratelimit-limit", "1"), ("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", value)];
        assert_eq!(headers(&family), expected, "{value}");
    }
}

#[test]
fn unknown_limits_of_azure_are_not_exhausted() {
    for limit in ["-1", "0"] {
        let family = [
            ("x-ratelimit-limit-requests", limit),
            ("x-ratelimit-remaining-requests", "0"),
            ("x-ratelimit-reset-requests", "33"),
        ];
        assert_eq!(headers(&family), None, "{limit}");
    }
    assert_eq!(
        headers(&[
            ("x-ratelimit-limit-requests", "6"),
            ("x-ratelimit-remaining-requests", "0"),
            ("x-ratelimit-reset-requests", "33")
        ]),
        Some(33_000)
    );
}

#[test]
fn the_body_of_openrouter_repeats_its_headers() {
    let body = r#"{"error":{"message":"Rate limit exceeded: free-models-per-day.","code":429,"metadata":{"headers":{"X-RateLimit-Limit":"50","X-RateLimit-Remaining":"0","X-RateLimit-Reset":"1772236800000"}}}}"#;
    assert_eq!(wait(&with_headers(429, &[("date", DATE)], body)), Some(40_073_000), "until 00:00 UTC");
    assert_eq!(wait(&with_headers(429, &[], body)), None);
}

#[test]
fn the_ietf_fields_tell_seconds() {
    assert_eq!(
        headers(&[("ratelimit", r#""default";r=0;t=30"#), ("ratelimit-policy", r#""default";q=100;w=60"#)]),
        Some(30_000)
    );
    assert_eq!(headers(&[("ratelimit", "limit=100, remaining=0, reset=50")]), Some(50_000));
    assert_eq!(
        headers(&[("ratelimit-limit", "100, 100;w=60"), ("ratelimit-remaining", "0"), ("ratelimit-reset", "50")]),
        Some(50_000)
    );
    assert_eq!(headers(&[("ratelimit", r#""default";r=5;t=30"#)]), None);
}

#[test]
fn dates_are_read_across_leap_days_and_centuries() {
    let at = |date: &str| Headers::new(&pairs(&[("date", date)])).date().map(|at| at.0);
    assert_eq!(at("Sun, 06 Nov 1994 08:49:37 GMT"), Some(784_111_777_000));
    assert_eq!(at("Sunday, 06-Nov-94 08:49:37 GMT"), Some(784_111_777_000));
    assert_eq!(at("Sun Nov  6 08:49:37 1994"), Some(784_111_777_000));
    assert_eq!(at("Thu, 01 Jan 1970 00:00:00 GMT"), Some(0));
    assert_eq!(at("Thu, 29 Feb 2024 23:59:59 GMT"), Some(1_709_251_199_000));
    assert_eq!(at("Sun, 28 Feb 2100 00:00:00 GMT"), Some(4_107_456_000_000));
    assert_eq!(at("Mon, 01 Mar 2100 00:00:00 GMT"), Some(4_107_542_400_000), "2100 is no leap year");
    for nonsense in [
        "",
        "Sun, 06 Nov 1994",
        "Sun, 06 Nov 1994 25:00:00 GMT",
        "Sun, 00 Nov 1994 08:49:37 GMT",
        "Wed, 31 Dec 1969 23:59:59 GMT",
    ] {
        assert_eq!(at(nonsense), None, "{nonsense}");
    }
}

#[test]
fn other_failures_carry_hints_too() {
    assert_eq!(wait(&with_headers(503, &[("retry-after", "20")], "")), Some(20_000));
    assert_eq!(
        wait(&with_headers(200, &[("retry-after", "53")], "{}")),
        None,
        "Anthropic and Hugging Face send it on successes"
    );
    let exhausted = [("x-ratelimit-remaining-tokens", "0"), ("x-ratelimit-reset-tokens", "5s")];
    assert_eq!(wait(&with_headers(400, &exhausted, "")), None, "a malformed request is not waiting for tokens");
}
