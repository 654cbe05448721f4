//! Google's quota names, read by their grammar: new names appear every few months, the words inside them stay.
//!
//! `GenerateRequestsPerDayPerProjectPerModel-FreeTier`, `generate_content_paid_tier_input_token_count`,
//! `GenerateContent request limit per minute for a region`: camel case, snake case and prose are one grammar once case
//! and separators are gone.

use super::json::head;
use super::scan::{self, Prose};
use crate::engine::{Metric, Scope, Span};

/// One quota as a body states it. A violation of `QuotaFailure`, the metadata of `ErrorInfo`, or a line of the message.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Quota {
    /// The metric's name, without the service in front.
    pub(crate) metric: String,
    /// The quota's own name: `quotaId`, `quota_limit`, or the unit, whichever the body has.
    pub(crate) id: String,
    pub(crate) limit: Option<u64>,
    pub(crate) model: Option<String>,
}

impl Quota {
    pub(crate) fn metric(&self) -> Option<Metric> {
        let names = self.names();
        if names.contains("inputtoken") || names.contains("prompttoken") {
            Some(Metric::InputTokens)
        } else if names.contains("request") {
            Some(Metric::Requests)
        } else if names.contains("token") && !names.contains("outputtoken") {
            Some(Metric::Tokens)
        } else {
            None
        }
    }

    pub(crate) fn window(&self) -> Option<Span> {
        let names = self.names();
        if names.contains("perday") || names.contains("daily") || names.contains("1/d") {
            Some(Span::Day)
        } else if names.contains("perminute") || names.contains("1/min") {
            Some(Span::Minute)
        } else {
            None
        }
    }

    pub(crate) fn scope(&self) -> Scope {
        let names = self.names();
        let of_a_model = names.contains("permodel") || names.contains("perbasemodel");
        if of_a_model || self.model.is_some() { Scope::Model } else { Scope::Project }
    }

    /// Both names in lower case and without separators.
    fn names(&self) -> String {
        [&*self.id, " ", &*self.metric]
            .iter()
            .flat_map(|name| name.chars())
            .filter(|letter| !matches!(letter, '_' | '-' | ' '))
            .map(|letter| letter.to_ascii_lowercase())
            .collect()
    }
}

/// The quotas of a refusal: the named violations, completed from the message; else those of the message alone.
///
/// `whole` says that the document was read to its end. Only then does a violation without a value mean 0, because
/// proto3 leaves zeros out; in a body that was cut the value may simply be missing.
pub(crate) fn quotas(violations: &[Quota], message: &Prose<'_>, whole: bool) -> Vec<Quota> {
    let lines = lines(message);
    if violations.is_empty() {
        return lines;
    }
    violations.iter().map(|violation| complete(violation, &lines, whole)).collect()
}

/// The quota that decides how long a refusal lasts: one of a day before one of a minute.
pub(crate) fn worst(quotas: &[Quota]) -> Option<&Quota> {
    quotas.iter().find(|quota| quota.window() == Some(Span::Day)).or_else(|| quotas.first())
}

/// What all quotas agree on, or nothing.
pub(crate) fn common<T: PartialEq>(quotas: &[Quota], part: impl Fn(&Quota) -> Option<T>) -> Option<T> {
    let first = quotas.first().and_then(&part)?;
    quotas.iter().all(|quota| part(quota).as_ref() == Some(&first)).then_some(first)
}

fn complete(violation: &Quota, lines: &[Quota], whole: bool) -> Quota {
    let line = lines.iter().find(|line| line.metric == violation.metric);
    let mut quota = violation.clone();
    if quota.model.is_none() {
        quota.model = lines.iter().find_map(|line| line.model.clone());
    }
    if quota.limit.is_none() {
        let dropped_zero = (whole && !quota.id.is_empty()).then_some(0);
        quota.limit = line.and_then(|line| line.limit).or(dropped_zero);
    }
    quota
}

/// A line of a message is shorter; what follows belongs to the next.
const MAX_LINE: usize = 400;

/// The three sentences in which a message names a quota.
fn lines(message: &Prose<'_>) -> Vec<Quota> {
    let metrics = message.each_after("quota exceeded for metric: ").map(|rest| {
        let line = scan::until(head(rest, MAX_LINE), &['\n', '*']);
        let facts = Prose::new(line);
        Quota {
            metric: last_segment(scan::until(line, &[',', ' '])),
            limit: facts.after("limit: ").and_then(scan::number).map(|(limit, _)| limit),
            model: facts.after("model: ").map(|rest| scan::until(rest, &[' ', ',']).trim_end_matches('.').to_owned()),
            id: String::new(),
        }
    });
    // Vertex: `Quota exceeded for aiplatform.googleapis.com/<name> with base model: <model>.`
    let vertex = message.each_after("quota exceeded for aiplatform.googleapis.com/").map(|rest| Quota {
        metric: scan::until(rest, &[' ', '.']).to_owned(),
        model: Prose::new(head(rest, MAX_LINE))
            .after("base model: ")
            .map(|rest| scan::until(rest, &[' ', ',']).trim_end_matches('.').to_owned()),
        ..Quota::default()
    });
    // Regional: `Quota exceeded for quota metric '<metric>' and limit '<limit>' of service …`
    let regional = message.each_after("quota exceeded for quota metric '").map(|rest| Quota {
        metric: scan::until(rest, &['\'']).to_owned(),
        id: Prose::new(head(rest, MAX_LINE))
            .after("and limit '")
            .map_or_else(String::new, |rest| scan::until(rest, &['\'']).to_owned()),
        ..Quota::default()
    });
    metrics.chain(vertex).chain(regional).collect()
}

/// `generativelanguage.googleapis.com/<metric>` without the service.
pub(crate) fn last_segment(name: &str) -> String {
    name.rsplit('/').next().unwrap_or(name).to_owned()
}
