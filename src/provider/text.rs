//! What a message says about the limit that was hit. Sentences are kept by all vendors for years, field names are not.
//!
//! Traps that the shapes below avoid: Groq ends every 429 with an advertisement (`Upgrade to Dev Tier today at
//! …/settings/billing`), `OpenAI` ends its daily ones with a link to billing, `OpenRouter` promises "1000 free model
//! requests per day" on a limit of 50. So a figure counts only beside the words that make it one.

use super::json::head;
use super::scan::{self, Prose};
use crate::engine::{Metric, Span};

/// The limit that a message states, as far as it does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Stated {
    pub(crate) metric: Option<Metric>,
    pub(crate) window: Option<Span>,
    pub(crate) limit: Option<u64>,
    /// What this one request asked for, in the metric's unit.
    pub(crate) requested: Option<u64>,
}

impl Stated {
    /// No window is long enough for this request.
    pub(crate) fn never_fits(&self) -> bool {
        matches!((self.requested, self.limit), (Some(requested), Some(limit)) if requested > limit)
    }

    fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// Reads a message by the grammars of all vendors, the most telling first; `codes` are the words beside the message.
pub(crate) fn stated(message: &Prose<'_>, codes: &[String]) -> Stated {
    let found = reached(message)
        .or_else(|| actual_and_limit(message))
        .or_else(|| bucket(message))
        .or_else(|| figure(message))
        .or_else(|| Some(loose(message)).filter(|stated| !stated.is_empty()));
    let mut stated = found.unwrap_or_default();
    for code in codes {
        let (metric, window) = of_code(code);
        stated.metric = stated.metric.or(metric);
        stated.window = stated.window.or(window);
    }
    stated
}

/// Groq and `OpenAI`: `… on <kind>: Limit L, Used U, Requested R.`; until 2023 `… on <kind>. Limit: L / min.`
fn reached(message: &Prose<'_>) -> Option<Stated> {
    let lead = ["rate limit reached for ", "request too large for "].iter().find_map(|lead| message.after(lead))?;
    let facts = Prose::new(lead);
    let head = facts.before(": limit ").or_else(|| facts.before(". limit: "))?;
    let (_, kind) = head.rsplit_once(" on ")?;
    let (metric, window) = kind_of(kind);
    let figure_after = |word: &str| facts.after(word).and_then(scan::number).map(|(figure, _)| figure);
    Some(Stated {
        metric,
        window,
        limit: figure_after(": limit ").or_else(|| figure_after(". limit: ")),
        requested: figure_after("requested "),
    })
}

/// xAI: `Tokens per Minute (actual/limit): 65605/16000`, one per limit; the one that was passed counts.
fn actual_and_limit(message: &Prose<'_>) -> Option<Stated> {
    const MARK: &str = "(actual/limit): ";
    let mut kinds = message.lower().split(MARK);
    let mut kind = kinds.next()?;
    let mut last = None;
    for (next, rest) in kinds.zip(message.each_after(MARK)) {
        let (metric, window) = kind_of(kind.rsplit([',', ':', '\u{2014}']).next().unwrap_or(kind));
        kind = next;
        let Some((actual, rest)) = scan::number(rest) else { continue };
        let Some((limit, _)) = rest.strip_prefix('/').and_then(scan::number) else { continue };
        last = Some(Stated { metric, window, limit: Some(limit), requested: None });
        if actual >= limit {
            break;
        }
    }
    last
}

/// `OpenRouter`'s names of limits.
fn bucket(message: &Prose<'_>) -> Option<Stated> {
    let requests = |window| Stated { metric: Some(Metric::Requests), window: Some(window), ..Stated::default() };
    let of_a_day = ["free-models-per-day", "limit_rpd/"];
    let of_a_minute = ["free-models-per-min", "limit_rpm/"];
    let mut stated = if message.has_any(&of_a_day) {
        requests(Span::Day)
    } else if message.has_any(&of_a_minute) {
        requests(Span::Minute)
    } else {
        return None;
    };
    stated.limit = message.after("limited to ").and_then(scan::number).map(|(limit, _)| limit);
    Some(stated)
}

/// A number and its kind after one of a few words: `rate limit of 30,000 input tokens per minute`,
/// `(limit: 10 requests per day on Free Tier)`, `limited to 10 API calls / minute`, `Rate limit of 50 per 86400s`.
fn figure(message: &Prose<'_>) -> Option<Stated> {
    ["limit: ", "limited to ", "limit of ", ") of ", "organization of ", "limit is ", "limit for this model is "]
        .iter()
        .find_map(|lead| {
            message.each_after(lead).find_map(|rest| {
                let (limit, rest) = scan::number(rest)?;
                let (metric, window) = kind_of(scan::until(head(rest, 60), &['.', ';', ')', '(', ',']));
                window.map(|window| Stated { metric, window: Some(window), limit: Some(limit), requested: None })
            })
        })
}

/// Words without a figure: `Tokens per minute limit exceeded`, `exceeded token rate limit`, `your daily rate limit`.
fn loose(message: &Prose<'_>) -> Stated {
    const SPANS: [(&str, Span); 8] = [
        ("per minute", Span::Minute),
        ("per-minute", Span::Minute),
        ("per min", Span::Minute),
        ("for rpm", Span::Minute),
        ("per day", Span::Day),
        ("per-day", Span::Day),
        ("daily", Span::Day),
        ("(rpd)", Span::Day),
    ];
    let by_span = SPANS.iter().find_map(|(words, span)| Some((message.before(words)?, *span)));
    let metric = if message.has_any(&["token rate limit", "tokens rate limit", "request tokens", "too many tokens"]) {
        Some(Metric::Tokens)
    } else if message.has_any(&["requests rate limit", "request rate limit", "call rate limit", "number of requests"]) {
        Some(Metric::Requests)
    } else {
        // `Tokens per minute`: the metric is the word before.
        by_span.and_then(|(before, _)| kind_of(before.trim_end().rsplit(' ').next()?).0)
    };
    Stated { metric, window: by_span.map(|(_, span)| span), ..Stated::default() }
}

/// `type: "tokens"` of Groq and `OpenAI`, `rpm_rate_limit_exceeded` of Baidu, `request_quota_exceeded` of Cerebras.
fn of_code(code: &str) -> (Option<Metric>, Option<Span>) {
    match code {
        "tokens" | "token_quota_exceeded" => (Some(Metric::Tokens), None),
        "requests" | "request_quota_exceeded" => (Some(Metric::Requests), None),
        _ => match code.split('_').next() {
            Some("rpm") => (Some(Metric::Requests), Some(Span::Minute)),
            Some("tpm") => (Some(Metric::Tokens), Some(Span::Minute)),
            Some("rpd") => (Some(Metric::Requests), Some(Span::Day)),
            Some("tpd") => (Some(Metric::Tokens), Some(Span::Day)),
            _ => (None, None),
        },
    }
}

/// The kind of a limit, from a few words that hold nothing else: `tokens per min (TPM)`, `API calls / minute`.
fn kind_of(words: &str) -> (Option<Metric>, Option<Span>) {
    let words = Prose::new(words);
    let metric = if words.has("output token") {
        // Neither input tokens nor the sum of both: no metric of ours.
        None
    } else if words.has_any(&["input token", "input-token", "prompt token"]) {
        Some(Metric::InputTokens)
    } else if words.has("token") {
        Some(Metric::Tokens)
    } else if words.has_any(&["request", "call", "quer"]) {
        Some(Metric::Requests)
    } else {
        None
    };
    let window = if words.has_any(&["per min", "per-min", "/ min", "/min", "per 60s"]) {
        Some(Span::Minute)
    } else if words.has_any(&["per day", "per-day", "/ day", "/day", "per 86400s"]) {
        Some(Span::Day)
    } else {
        None
    };
    (metric, window)
}
