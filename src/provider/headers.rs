//! The headers of a response, and what they say about waiting.

use super::{date, duration, limits, scan};
use crate::engine::{Millis, UnixMillis};

/// A view over the headers of a response; names are compared without regard to case.
#[derive(Clone, Copy, Debug)]
pub struct Headers<'a> {
    wire: &'a [(String, String)],
    /// `OpenRouter` repeats the headers of a refusal in its body, where CORS cannot hide them.
    in_body: &'a [(String, String)],
}

impl<'a> Headers<'a> {
    /// The headers as they came with the response.
    pub const fn new(wire: &'a [(String, String)]) -> Self {
        Self { wire, in_body: &[] }
    }

    /// The same headers, followed by those that the body repeats.
    pub(crate) const fn with_body(self, in_body: &'a [(String, String)]) -> Self {
        Self { in_body, ..self }
    }

    /// The first value of this name, without the blanks around it.
    pub fn get(&self, name: &str) -> Option<&'a str> {
        self.iter().find(|(header, _)| header.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    /// All headers, those on the wire first.
    pub fn iter(&self) -> impl Iterator<Item = (&'a str, &'a str)> + use<'a> {
        self.wire.iter().chain(self.in_body).map(|(name, value)| (name.as_str(), value.trim()))
    }

    /// The `Date` of the response: the only clock that a reset instant may be compared with. The local one may be wrong
    /// by hours, and the classifier has none.
    pub fn date(&self) -> Option<UnixMillis> {
        self.get("date").and_then(date::http)
    }

    /// An explicit wait: `retry-after-ms` above zero, else `retry-after`. Azure sends a zero for "not known".
    pub(crate) fn retry_after(&self) -> Option<Millis> {
        let exact = self.get("retry-after-ms").and_then(duration::millis).filter(|wait| *wait > Millis::ZERO);
        exact.or_else(|| self.instant_or_span(self.get("retry-after")?))
    }

    /// The wait until the exhausted families are full again: less exact than an explicit wait, which says when the
    /// next request may come.
    pub(crate) fn exhausted_reset(&self) -> Option<Millis> {
        limits::families(*self).iter().filter(|family| family.is_exhausted()).filter_map(|family| family.reset).max()
    }

    /// The date form yields nothing without a `Date` header beside it.
    fn instant_or_span(&self, value: &str) -> Option<Millis> {
        duration::whole(value).or_else(|| Some(date::http(value)? - self.date()?))
    }

    /// A reset in any of the spellings seen: Go style, RFC 3339, or a bare number whose unit its size tells.
    pub(crate) fn reset(&self, value: &str) -> Option<Millis> {
        const DELTA_SECONDS: u64 = 10_000_000;
        const EPOCH_SECONDS: u64 = 100_000_000_000;
        let at = match scan::digits(value) {
            Some((number, rest)) if number >= DELTA_SECONDS && (rest.is_empty() || rest.starts_with('.')) => {
                UnixMillis(if number < EPOCH_SECONDS { number * 1000 } else { number })
            }
            _ => match duration::whole(value) {
                Some(span) => return Some(span),
                None => date::rfc3339(value).or_else(|| date::http(value))?,
            },
        };
        // A reset in the past (Anthropic sends 1970) means that nothing is pending.
        Some(at - self.date()?).filter(|wait| *wait > Millis::ZERO)
    }
}
