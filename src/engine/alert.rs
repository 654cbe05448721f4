//! Alerts: the four rules of the multi-key service, told of the state as it is.

use super::report::{Alert, KeyStatus, SuspicionReport};
use super::verdict::Verdict;

pub(crate) fn alerts(
    keys: &[KeyStatus],
    suspicions: &[SuspicionReport],
    (attempts, failures, most): (u32, u32, Option<Verdict>),
) -> Vec<Alert> {
    let mut alerts = Vec::new();
    let exhausted = keys.iter().filter(|key| key.health == "quota-exhausted").count();
    let available = keys.iter().filter(|key| matches!(key.health, "available" | "probing")).count();
    let total = keys.len();
    if exhausted == total {
        let message = format!("the daily quota of all {total} keys is used up");
        alerts.push(Alert { severity: "critical", kind: "error", code: "all-keys-exhausted", message, key: None });
    } else if exhausted > 0 {
        let message = format!("the daily quota of {exhausted} of {total} keys is used up");
        alerts.push(Alert { severity: "medium", kind: "warning", code: "some-keys-exhausted", message, key: None });
    }
    if available == 0 && exhausted < total {
        let message = format!("none of {total} keys can serve now");
        alerts.push(Alert { severity: "critical", kind: "error", code: "no-key-available", message, key: None });
    }
    for key in keys.iter().filter(|key| key.requests > ENOUGH && key.success_rate.is_some_and(|rate| rate < GOOD)) {
        let message = format!("{} of {} requests with {} failed", key.errors, key.requests, key.id);
        let key = Some(key.id.clone());
        alerts.push(Alert { severity: "medium", kind: "warning", code: "low-success-rate", message, key });
    }
    if attempts > FEW
        && failures * 10 > attempts
        && let Some(verdict) = most
    {
        let message = format!("{failures} of the last {attempts} attempts failed; {}", likely_cause(verdict));
        alerts.push(Alert { severity: "medium", kind: "warning", code: "high-error-rate", message, key: None });
    }
    for SuspicionReport { projects: [one, other], model, coincidences, served, limit } in suspicions {
        let stated = limit.map_or_else(String::new, |limit| format!(" of the {limit} that it states"));
        let message = format!(
            "{one} and {other} seem to share one quota for {model}: both refused together {coincidences} times, after {} and \
             {} requests{stated}; if their keys belong to one project, say so with `project`",
            served[0], served[1]
        );
        alerts.push(Alert { severity: "medium", kind: "warning", code: "shared-quota-suspected", message, key: None });
    }
    alerts
}

/// Below this share of successes, after more than this many requests, a key deserves a look (capability 59).
const GOOD: f64 = 0.8;
const ENOUGH: u64 = 10;
/// Fewer say nothing about a rate (capability 33: more than a tenth).
const FEW: u32 = 10;

/// What most failures of a kind come from.
const fn likely_cause(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Network => {
            "most never reached the provider: look at the network, a proxy, or a page's content security policy"
        }
        Verdict::Timeout => "most got no answer in time: look at the network, or give large requests a longer timeout",
        Verdict::NotFound => "most named a model or path that is not there: a model may have been renamed or retired",
        Verdict::InvalidKey => "most were refused for their key: replace or remove the keys that are shown as invalid",
        Verdict::Permission => "most were not allowed: look at the keys' restrictions and whether the API is enabled",
        Verdict::OutOfCredit => "most met an empty account: look at billing",
        Verdict::Overloaded => "most met an overloaded model: another model may have room",
        _ => "most are failures on the provider's side: its status page may know more",
    }
}
