//! Any bytes, any headers, any status: an answer, the same one each time, and soon.

use std::{sync::mpsc, thread, time::Duration};

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use quota_aware_api::engine::{Classification, Finality, Scope, Span, Verdict};
use quota_aware_api::provider::{Endpoint, Headers, Provider, Response, by_host, classify, limits};

use crate::fixtures;

/// What holds for every classification.
fn check(response: &Response<'_>) -> Classification {
    let got = classify(response);
    assert_eq!(got, classify(response), "the same response, the same answer");
    assert!(!got.cause.is_empty());
    assert!(
        !matches!(got.verdict, Verdict::Network | Verdict::Timeout | Verdict::Aborted),
        "those come from our side of the wire"
    );
    if (200..300).contains(&response.status) {
        assert_eq!(got.retry_after, None, "a success is not waited for");
    } else {
        assert!(!matches!(got.verdict, Verdict::Ok | Verdict::Blocked), "{} is a failure", response.status);
    }
    match got.verdict {
        Verdict::QuotaExhausted => assert_eq!(got.window, Some(Span::Day)),
        Verdict::OutOfCredit => assert_eq!((got.window, got.limit, got.scope), (None, None, Scope::Project)),
        Verdict::InvalidKey => assert_eq!(got.scope, Scope::Key),
        _ => {}
    }
    if got.finality == Finality::ForGood {
        assert!(matches!(got.verdict, Verdict::InvalidKey | Verdict::Permission));
    }
    if got.retry_after.is_some_and(|hint| hint.truncated) {
        assert_eq!(got.retry_after.unwrap().delay.0 % 1000, 0, "only whole seconds were cut");
    }
    let _ = limits(Headers::new(response.headers));
    got
}

fn providers() -> impl Strategy<Value = Option<Provider>> {
    proptest::option::of(select(Provider::ALL.to_vec()))
}

fn statuses() -> impl Strategy<Value = u16> {
    prop_oneof![select(vec![200_u16, 400, 401, 402, 403, 404, 413, 429, 498, 500, 503, 529]), any::<u16>()]
}

/// Names that are looked for, with values that are nearly right.
fn headers() -> impl Strategy<Value = Vec<(String, String)>> {
    let names = select(vec![
        "date",
        "retry-after",
        "retry-after-ms",
        "ratelimit",
        "ratelimit-policy",
        "ratelimit-limit",
        "x-ratelimit-limit-requests",
        "x-ratelimit-remaining-requests",
        "x-ratelimit-reset-requests",
        "x-ratelimit-remaining",
        "x-ratelimit-reset",
        "X-RateLimit-Reset-Tokens",
        "anthropic-ratelimit-tokens-reset",
        "anthropic-ratelimit-tokens-remaining",
        "x-ratelimit-renewalperiod-requests",
    ]);
    let values = prop_oneof![
        "[0-9]{0,40}",
        "[-+0-9.:,TZ ]{0,40}",
        "([0-9]{1,25}(\\.[0-9]{0,20})?(h|m|s|ms|us|ns|\u{b5}s)){0,5}",
        "\"?[a-z]{0,4}\"?(;[rtqwu]=[0-9]{0,20}){0,3}",
        "(Sun, )?[0-9]{1,3}[ -](Jan|Feb|Nov|Xxx)[ -][0-9]{1,5} [0-9]{1,2}:[0-9]{1,2}:[0-9]{1,2} GMT",
        any::<String>(),
    ];
    vec((names.prop_map(str::to_owned), values), 0..8)
}

/// Pieces that the readers look for, in any order.
fn near_misses() -> impl Strategy<Value = Vec<u8>> {
    let pieces = select(vec![
        "{",
        "}",
        "[",
        "]",
        "\"",
        "'",
        ":",
        ",",
        "\\",
        "\\u",
        "\\ud83d",
        "\n",
        "data:",
        "event: error\n",
        "\"error\"",
        "\"message\"",
        "\"details\"",
        "\"violations\"",
        "\"quotaId\":",
        "\"quotaValue\":",
        "\"retryDelay\":",
        "\"51s\"",
        "quota_id:",
        "PerDay",
        "PerMinute",
        "limit: ",
        "0",
        "9999999999999999999999",
        "retry in ",
        "try again in ",
        "1h",
        "2m",
        "3.5s",
        "Rate limit reached for ",
        " on ",
        ": Limit ",
        "Requested ",
        "(actual/limit): ",
        "/",
        "limit_rpm/",
        "model: ",
        "models/",
        " is ",
        "Quota exceeded for metric: ",
        "Quota exceeded for quota metric '",
        "' and limit '",
        "maximum context length is ",
        "exceed context limit: ",
        "> ",
        "\u{e9}",
        "\u{1f600}",
        "\u{0}",
        "`",
        "429",
        "RESOURCE_EXHAUSTED",
    ]);
    vec(pieces, 0..60).prop_map(|pieces| pieces.concat().into_bytes())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_get_an_answer(provider in providers(), status in statuses(), headers in headers(), body in vec(any::<u8>(), 0..300)) {
        check(&Response { provider, status, headers: &headers, body: &body });
    }

    #[test]
    fn near_misses_get_an_answer(provider in providers(), status in statuses(), headers in headers(), body in near_misses()) {
        check(&Response { provider, status, headers: &headers, body: &body });
    }

    #[test]
    fn damaged_recordings_get_an_answer(
        which in any::<Index>(), other in any::<Index>(), cut in any::<Index>(), joint in any::<Index>(),
        flips in vec((any::<Index>(), any::<u8>()), 0..6), status in proptest::option::of(statuses()),
    ) {
        let fixtures = fixtures::all();
        let (first, second) = (which.get(fixtures), other.get(fixtures));
        let mut body = first.body.clone();
        body.truncate(cut.index(body.len() + 1));
        body.extend_from_slice(&second.body[joint.index(second.body.len() + 1)..]);
        for (at, byte) in flips {
            if !body.is_empty() {
                let at = at.index(body.len());
                body[at] = byte;
            }
        }
        check(&Response { provider: None, status: status.unwrap_or(first.status), headers: &second.headers, body: &body });
    }

    #[test]
    fn any_path_and_host_get_an_answer(path in any::<String>(), tail in "[a-zA-Z0-9%/:._?#-]{0,60}") {
        for path in [&path, &tail, &format!("/v1beta/models/{tail}:generateContent")] {
            let _ = Endpoint::of(path);
            let _ = by_host(path);
        }
    }
}

#[test]
fn a_recording_cut_anywhere_gets_an_answer() {
    for fixture in fixtures::all() {
        for end in 0..=fixture.body.len() {
            check(&Response {
                provider: None,
                status: fixture.status,
                headers: &fixture.headers,
                body: &fixture.body[..end],
            });
        }
    }
}

#[test]
fn the_case_of_header_names_does_not_matter() {
    for fixture in fixtures::all() {
        let upper: Vec<_> =
            fixture.headers.iter().map(|(name, value)| (name.to_ascii_uppercase(), value.clone())).collect();
        let of = |headers| classify(&Response { provider: None, status: fixture.status, headers, body: &fixture.body });
        assert_eq!(of(&upper), of(&fixture.headers), "{}", fixture.name);
        assert_eq!(limits(Headers::new(&upper)), limits(Headers::new(&fixture.headers)), "{}", fixture.name);
    }
}

/// Quadratic work on a megabyte would take hours; linear work takes well under a second, so a minute is no race.
#[test]
fn a_megabyte_of_anything_takes_linear_time() {
    const MEGABYTE: usize = 1 << 20;
    for status in [200, 429] {
        for piece in [
            "[",
            "{",
            "]",
            "\"",
            "'",
            "\\",
            "{\"error\":",
            "{\"a\":1}",
            "{\"a\":1}\n",
            "data: {\n",
            "data: {}\n\n",
            "data:",
            "event: error\n",
            "\"quotaId\":\"",
            "quota_id: \"x\" ",
            "quota exceeded for metric: ",
            "retry in ",
            "retry in 1h",
            "1,234",
            "(actual/limit): 1/2",
            "limit of 3 ",
            "model ",
            "model `",
            "models/",
            "rate limit reached for ",
            "\u{e9}",
            "\n",
            " ",
            "{\"error\":{\"message\":\"{",
            "\\\"",
            "[{\"error\":1},",
            "limit_rpm/",
        ] {
            let (done, finished) = mpsc::channel();
            thread::spawn(move || {
                let body = piece.repeat(MEGABYTE / piece.len());
                check(&Response { provider: None, status, headers: &[], body: body.as_bytes() });
                let message = format!("{{\"error\":{{\"message\":\"{body}");
                check(&Response { provider: None, status, headers: &[], body: message.as_bytes() });
                done.send(()).unwrap();
            });
            assert_eq!(finished.recv_timeout(Duration::from_secs(60)), Ok(()), "{piece:?} under {status}");
        }
    }
}

#[test]
fn a_megabyte_of_headers_takes_linear_time() {
    let (done, finished) = mpsc::channel();
    thread::spawn(move || {
        let value = "1h".repeat(1 << 19);
        let headers = ["retry-after", "ratelimit", "ratelimit-policy", "x-ratelimit-reset", "date"]
            .map(|name| (name.to_owned(), value.clone()));
        check(&Response { provider: None, status: 429, headers: &headers, body: b"" });
        done.send(()).unwrap();
    });
    assert_eq!(finished.recv_timeout(Duration::from_secs(60)), Ok(()));
}
