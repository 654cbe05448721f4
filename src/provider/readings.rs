//! What the headers of a success tell the engine: limits whose span is known.

use super::{Headers, Provider, limits};
use crate::engine::{Metric, Reading, Span};

/// Limits by these headers of a provider's answer. Where neither name nor arithmetic tells the span, the provider's
/// documents do; where those don't either, nothing is learned.
pub fn readings(provider: Provider, headers: Headers<'_>) -> Vec<Reading> {
    let known = limits(headers).into_iter().filter_map(|told| {
        let span = told.window.or_else(|| usual(provider, told.metric))?;
        Some(Reading { metric: told.metric, span, limit: told.limit, remaining: told.remaining })
    });
    known.collect()
}

/// Groq's request headers always speak of a day, its token headers of a minute; Anthropic's all of a minute. `OpenAI`'s
/// do not say.
fn usual(provider: Provider, metric: Metric) -> Option<Span> {
    match (provider, metric) {
        (Provider::Groq, Metric::Requests) => Some(Span::Day),
        (Provider::Groq | Provider::Anthropic, _) => Some(Span::Minute),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groq_speaks_of_requests_a_day_and_tokens_a_minute() {
        let pairs: Vec<(String, String)> = [
            ("x-ratelimit-limit-requests", "14400"),
            ("x-ratelimit-remaining-requests", "14400"),
            ("x-ratelimit-limit-tokens", "6000"),
            ("x-ratelimit-remaining-tokens", "5000"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into();
        let told = readings(Provider::Groq, Headers::new(&pairs));
        assert!(told.contains(&Reading {
            metric: Metric::Requests,
            span: Span::Day,
            limit: Some(14_400),
            remaining: Some(14_400)
        }));
        assert!(told.contains(&Reading {
            metric: Metric::Tokens,
            span: Span::Minute,
            limit: Some(6_000),
            remaining: Some(5_000)
        }));
        assert!(readings(Provider::OpenAi, Headers::new(&pairs[..2])).is_empty());
    }
}
