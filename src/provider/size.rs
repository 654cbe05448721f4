//! Requests that are too large for the model: every vendor's sentence, and the figure in it.

use super::scan::{self, Prose};
use crate::engine::Metric;

/// Whether the words, or the exact codes, say that the request can never fit.
pub(crate) fn is_too_large(message: &Prose<'_>, codes: &[String]) -> bool {
    // Exact: Cerebras calls a per-minute refusal `too_many_tokens_error`.
    const CODES: [&str; 6] = [
        "context_length_exceeded",
        "too_many_prompt_tokens",
        "requested_too_many_tokens",
        "too_many_tokens",
        "request_too_large",
        "max_tokens_per_request",
    ];
    const WORDS: [&str; 19] = [
        "request too large",
        "maximum context length",
        "max context length",
        "context window of this model",
        "exceeds the context window",
        "exceed context limit",
        "available context size",
        "prompt is too long",
        "prompt too long",
        "total length of all messages is too long",
        "input is too long",
        "maximum prompt length is",
        "exceeds the maximum number of tokens",
        "input token count is",
        "number of input tokens exceeds",
        "request payload size exceeds",
        "too many tokens: size limit exceeded",
        "max allowed tokens per submitted batch",
        "tokens + `max_new_tokens` must be",
    ];
    codes.iter().any(|code| CODES.contains(&code.as_str())) || message.has_any(&WORDS)
}

/// The largest size that would fit, where a message states it. A figure follows its words, or stands before them.
pub(crate) fn stated(message: &Prose<'_>) -> Option<(Metric, u64)> {
    const FOLLOWS: [(&str, Metric); 15] = [
        ("maximum number of tokens allowed", Metric::InputTokens),
        ("only supports up to ", Metric::InputTokens),
        ("maximum prompt length is ", Metric::InputTokens),
        ("maximum context length is ", Metric::Tokens),
        ("maximum context length of ", Metric::Tokens),
        ("maximum context length: ", Metric::Tokens),
        ("context window of ", Metric::Tokens),
        ("context size (", Metric::Tokens),
        ("limit for this model is ", Metric::Tokens),
        ("exceeds the max limit of ", Metric::Tokens),
        ("while limit is ", Metric::Tokens),
        ("per submitted batch is ", Metric::Tokens),
        ("`max_new_tokens` must be <= ", Metric::Tokens),
        ("max context length of ", Metric::Tokens),
        ("max tokens per request: ", Metric::Tokens),
    ];
    // `prompt is too long: 3333404 tokens > 200000 maximum`; `180000 + 30000 > 200000` counts the output too.
    let compared = message.after("tokens > ").map(|rest| (Metric::InputTokens, rest));
    let summed =
        message.after("exceed context limit: ").and_then(|rest| Some((Metric::Tokens, rest.split_once("> ")?.1)));
    let after = |(_, rest): &(Metric, &str)| scan::number(rest.trim_start_matches([' ', '('])).map(|(limit, _)| limit);
    compared
        .into_iter()
        .chain(summed)
        .chain(FOLLOWS.iter().filter_map(|(words, metric)| Some((*metric, message.after(words)?))))
        .find_map(|found| Some((found.0, after(&found)?)))
        .or_else(|| preceding(message).map(|limit| (Metric::Tokens, limit)))
}

/// Mistral: `… too large for model with 131072 maximum context length`.
fn preceding(message: &Prose<'_>) -> Option<u64> {
    let figure = message.before(" maximum context length")?.rsplit(' ').next()?;
    scan::number(figure).map(|(limit, _)| limit)
}
