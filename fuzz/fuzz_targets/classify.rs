//! Any response is survived, and means the same the second time.
//!
//! The input is a status, lines of `name: value`, an empty line and a body: close to what is on the wire, so that
//! recorded responses are good seeds.

#![no_main]

use libfuzzer_sys::fuzz_target;
use quota_aware_api::provider::{Endpoint, Headers, Provider, Response, by_host, classify, limits};

fuzz_target!(|input: &[u8]| {
    let Some((status, rest)) = input.split_first_chunk() else { return };
    let status = u16::from_le_bytes(*status);
    let split = rest.windows(2).position(|pair| pair == b"\n\n").unwrap_or(rest.len());
    let (head, body) = rest.split_at(split);
    let head = String::from_utf8_lossy(head);
    let headers: Vec<_> = head
        .lines()
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    for provider in [None, Some(Provider::Gemini)] {
        let response = Response { provider, status, headers: &headers, body: body.get(2..).unwrap_or_default() };
        let first = classify(&response);
        assert_eq!(first, classify(&response));
        assert!(!first.cause.is_empty());
    }
    let _ = limits(Headers::new(&headers));
    let _ = Endpoint::of(&head);
    let _ = by_host(&head);
});
