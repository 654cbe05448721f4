//! Google's `details`, told apart by their members: `@type` has been seen misspelt, the members have not.

use super::duration;
use super::envelope::Envelope;
use super::google::{self, Quota};
use super::json::Value;
use super::scan::{self, Prose};
use crate::engine::Millis;

/// Takes what one entry of `details` says.
pub(crate) fn add(envelope: &mut Envelope, detail: &Value<'_>) {
    envelope.google |= detail.text_of("@type").is_some_and(|name| name.contains("google.rpc"));
    for violation in detail.get("violations").map_or(&[][..], Value::elements) {
        envelope.violations.extend(quota(violation));
    }
    if let Some(delay) = detail.get("retryDelay").and_then(delay) {
        envelope.retry_delay = envelope.retry_delay.max(Some(delay));
    }
    if let Some(reason) = detail.text_of("reason") {
        envelope.add_code(reason);
    }
    if let Some(metadata) = detail.get("metadata") {
        envelope.violations.extend(metadata_quota(metadata));
        if let Some(model) = metadata.text_of("model") {
            envelope.model = Some(model.to_owned());
        }
    }
}

/// A violation of `QuotaFailure`. One of the older form, `{subject, description}`, names no quota.
fn quota(violation: &Value<'_>) -> Option<Quota> {
    let text = |key: &str| violation.text_of(key).unwrap_or_default();
    let (id, metric) = (text("quotaId"), text("quotaMetric"));
    let model = violation.get("quotaDimensions").and_then(|dimensions| dimensions.text_of("model"));
    (!id.is_empty() || !metric.is_empty()).then(|| Quota {
        metric: google::last_segment(metric),
        id: id.to_owned(),
        limit: violation.get("quotaValue").and_then(Value::number),
        model: model.map(str::to_owned),
    })
}

/// `ErrorInfo` of regional quotas. Its values are a map of strings, so a zero is written out.
fn metadata_quota(metadata: &Value<'_>) -> Option<Quota> {
    let text = |key: &str| metadata.text_of(key).unwrap_or_default();
    let id = [text("quota_limit"), text("quota_unit")].join(" ");
    let metric = google::last_segment(text("quota_metric"));
    let limit = metadata.get("quota_limit_value").and_then(Value::number);
    let named = !id.trim().is_empty() || !metric.is_empty();
    if named { Some(Quota { metric, id, limit, model: None }) } else { None }
}

/// `"51s"`, and the form in which some libraries print it: `{"seconds": 51, "nanos": 0}`.
fn delay(value: &Value<'_>) -> Option<(Millis, bool)> {
    if let Some(text) = value.text() {
        return cut_or_exact(text);
    }
    let nanos = value.get("nanos").and_then(Value::number).unwrap_or(0);
    let seconds = Millis::from_secs(value.get("seconds")?.number()?);
    Some((seconds + Millis(nanos.div_ceil(1_000_000)), nanos == 0))
}

/// A delay without a fraction is the message's, cut to whole seconds.
fn cut_or_exact(delay: &str) -> Option<(Millis, bool)> {
    let span = duration::whole(delay)?;
    Some((span, !delay.contains('.') && span.0.is_multiple_of(1000)))
}

/// Violations in a text that no reader understood: `"quotaId": "…"`, or `quota_id: "…"` of printed protobufs.
pub(crate) fn scanned_violations(text: &Prose<'_>) -> Vec<Quota> {
    ["quotaid\"", "quota_id:"]
        .iter()
        .flat_map(|lead| text.each_after(lead))
        .filter_map(|rest| {
            let id = string(rest)?.to_owned();
            // The value belongs to this violation only if it comes before the next one.
            let own = Prose::new(rest.split("quotaId").next().unwrap_or(rest));
            let value = own.after("quotavalue\"").or_else(|| own.after("quota_value:"));
            let limit = value.and_then(|rest| scan::number(rest.trim_start_matches([':', ' ', '"', '\\'])));
            Some(Quota { id, limit: limit.map(|(limit, _)| limit), ..Quota::default() })
        })
        .take(16)
        .collect()
}

/// `"retryDelay": "51s"`, or `retry_delay { seconds: 46 }`.
pub(crate) fn scanned_delay(text: &Prose<'_>) -> Option<(Millis, bool)> {
    if let Some(delay) = text.after("retrydelay\"").and_then(string) {
        return cut_or_exact(delay);
    }
    let seconds = Prose::new(text.after("retry_delay")?).after("seconds:").and_then(scan::number)?;
    Some((Millis::from_secs(seconds.0), true))
}

/// The quoted string at the start of a member's value; quotes may still be escaped.
fn string(rest: &str) -> Option<&str> {
    let value = rest.trim_start_matches(['\\', '"', ':', ' ', '\n']);
    value.split(['"', '\\', '\n']).next().filter(|value| !value.is_empty() && value.len() < 200)
}
