//! From a response to its meaning: a sequence of rules, the first that applies decides.
//!
//! Status alone classifies nothing: an invalid key is a 400 at Google and xAI, an empty account is 429, 402, 400 or 403,
//! and a 429 may be a minute, a day, money, an overload or a request that can never fit.

use super::cause::Cause;
use super::envelope::Envelope;
use super::google::{self, Quota};
use super::headers::Headers;
use super::limits::{self, LimitReading};
use super::scan::Prose;
use super::stream::{self, Outcome};
use super::text::{self, Stated};
use super::{Provider, duration, model, rules, tier};
use crate::engine::{Classification, Finality, Hint, Metric, Scope, Span, Verdict};

/// A response to be classified.
#[derive(Clone, Copy, Debug)]
pub struct Response<'a> {
    /// Whose API answered, where known. It decides only what the wire leaves open.
    pub provider: Option<Provider>,
    /// The HTTP status.
    pub status: u16,
    /// The headers, names in any case.
    pub headers: &'a [(String, String)],
    /// The body, or as much of it as is there; any bytes are survived.
    pub body: &'a [u8],
}

/// Says what a response means. Pure: the same response always gives the same answer.
pub fn classify(response: &Response<'_>) -> Classification {
    let body = String::from_utf8_lossy(response.body);
    if !(200..300).contains(&response.status) {
        return judge(response, response.status, &Envelope::read(&body));
    }
    match stream::inspect(&body) {
        Outcome::Served => Finding::new(Cause::Served, Scope::None).classification(),
        Outcome::Blocked => Finding::new(Cause::Blocked, Scope::None).classification(),
        Outcome::Failed(envelope) => {
            // An error without any code still ended the stream: the server's failure.
            let status = envelope.own_status().unwrap_or(500);
            // A `retry-after` under 200 belongs to the success that the status line promised.
            Classification { retry_after: None, ..judge(&Response { headers: &[], ..*response }, status, &envelope) }
        }
    }
}

/// What an error means that stood in a stream whose status line promised a success.
pub fn error_in_stream(provider: Option<Provider>, body: &[u8]) -> Classification {
    let meaning = classify(&Response { provider, status: 200, headers: &[], body });
    if meaning.verdict != Verdict::Ok {
        return meaning;
    }
    // An error that nothing is known of ended the stream all the same.
    classify(&Response { provider, status: 500, headers: &[], body })
}

/// The status that such an error would have had on a status line.
pub fn status_in_stream(body: &[u8]) -> u16 {
    match stream::inspect(&String::from_utf8_lossy(body)) {
        Outcome::Failed(envelope) => envelope.own_status().unwrap_or(500),
        Outcome::Served | Outcome::Blocked => 500,
    }
}

fn judge(response: &Response<'_>, status: u16, envelope: &Envelope) -> Classification {
    let case = Case::new(response, status, envelope);
    let finding = rules::RULES.iter().find_map(|rule| rule(&case)).unwrap_or_else(|| rules::by_status(&case));
    let mut classification = finding.classification();
    classification.retry_after = case.hint;
    classification.model.clone_from(&case.model);
    classification.tier = tier::stated(&case.prose, &case.quotas);
    classification.message.clone_from(&envelope.message);
    classification
}

/// A failure with everything read that the rules ask for.
pub(crate) struct Case<'a> {
    pub(crate) status: u16,
    pub(crate) envelope: &'a Envelope,
    /// All messages of the body, to be searched for words.
    pub(crate) prose: Prose<'a>,
    pub(crate) stated: Stated,
    pub(crate) quotas: Vec<Quota>,
    /// The limits that the headers show as used up.
    exhausted: Vec<LimitReading>,
    pub(crate) model: Option<String>,
    pub(crate) hint: Option<Hint>,
    /// Google answered, by its error model, its words, or the caller's knowledge.
    pub(crate) google: bool,
}

impl<'a> Case<'a> {
    fn new(response: &Response<'a>, status: u16, envelope: &'a Envelope) -> Self {
        let headers = Headers::new(response.headers).with_body(&envelope.headers);
        let prose = Prose::new(&envelope.prose);
        let quotas = google::quotas(&envelope.violations, &prose, envelope.whole);
        let by_words = prose.has_any(&["googleapis.com", "ai.google.dev", "ai.studio/", "https://ai.dev/"]);
        let of_quota = quotas.iter().find_map(|quota| quota.model.clone());
        Self {
            status,
            envelope,
            stated: text::stated(&prose, &envelope.codes),
            exhausted: limits::families(headers)
                .iter()
                .filter(|family| family.is_exhausted())
                .filter_map(limits::Family::reading)
                .collect(),
            model: of_quota.or_else(|| envelope.model.clone()).or_else(|| model::named(&prose)),
            hint: hint(headers, &prose, envelope, status),
            google: envelope.google || by_words || response.provider == Some(Provider::Gemini),
            quotas,
            prose,
        }
    }

    /// What the refusal counts, over which span, and up to what: as stated in words, completed from a header family
    /// that is used up and does not contradict them.
    pub(crate) fn figures(&self) -> (Option<Metric>, Option<Span>, Option<u64>) {
        let Stated { metric, window, limit, .. } = self.stated;
        let agrees = |reading: &&LimitReading| {
            metric.is_none_or(|metric| metric == reading.metric)
                && (window.is_none() || reading.window.is_none() || window == reading.window)
        };
        match self.exhausted.iter().find(agrees) {
            Some(reading) => (metric.or(Some(reading.metric)), window.or(reading.window), limit.or(reading.limit)),
            None => (metric, window, limit),
        }
    }

    /// Whether the failure is about one model, named or not.
    pub(crate) fn is_of_a_model(&self) -> bool {
        self.model.is_some() || model::meant(&self.prose)
    }
}

/// The most exact wait on the wire: the message's own, `RetryInfo` (the same cut to seconds), an explicit header, and
/// last the reset of what is used up, which says when all of it is back.
fn hint(headers: Headers<'_>, prose: &Prose<'_>, envelope: &Envelope, status: u16) -> Option<Hint> {
    let exact = |delay| Hint { delay, truncated: false };
    let refused_for_quota = matches!(status, 413 | 429 | 498 | 503 | 529);
    duration::asked(prose)
        .map(exact)
        .or_else(|| envelope.retry_delay.map(|(delay, truncated)| Hint { delay, truncated }))
        .or_else(|| headers.retry_after().map(exact))
        .or_else(|| headers.exhausted_reset().filter(|_| refused_for_quota).map(exact))
}

/// What a rule found.
pub(crate) struct Finding {
    cause: Cause,
    scope: Scope,
    metric: Option<Metric>,
    window: Option<Span>,
    limit: Option<u64>,
    finality: Finality,
}

impl Finding {
    pub(crate) const fn new(cause: Cause, scope: Scope) -> Self {
        Self { cause, scope, metric: None, window: None, limit: None, finality: Finality::Repairable }
    }

    pub(crate) const fn with(self, metric: Option<Metric>, window: Option<Span>, limit: Option<u64>) -> Self {
        Self { metric, window, limit, ..self }
    }

    pub(crate) const fn for_good(self) -> Self {
        Self { finality: Finality::ForGood, ..self }
    }

    fn classification(&self) -> Classification {
        Classification {
            metric: self.metric,
            window: self.window,
            limit: self.limit,
            finality: self.finality,
            cause: self.cause.name(),
            ..Classification::new(self.cause.verdict(), self.scope)
        }
    }
}
