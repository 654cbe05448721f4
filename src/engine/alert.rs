//! Alerts: the four rules of the multi-key service, told of the state as it is.

use super::report::{Alert, KeyStatus, SuspicionReport};

pub(crate) fn alerts(keys: &[KeyStatus], suspicions: &[SuspicionReport]) -> Vec<Alert> {
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
