//! Notices: what is good to know once, and no problem.

use super::client::Engine;
use super::provider::Provider;
use super::report::{LimitDrift, Notice};

impl Engine {
    pub(super) fn notices(&self) -> Vec<Notice> {
        let Some(policy) = self.config.alerts else { return Vec::new() };
        let mut notices = Vec::new();
        let ring = &self.scheduler.ring;
        for provider in Provider::ALL.into_iter().filter(|_| policy.terms) {
            let of_it =
                ring.iter().filter(|(_, key)| key.spec.provider == Some(provider) && key.spec.project.is_none());
            let keys = of_it.count();
            if keys > 1 {
                let message = format!(
                    "{keys} {} keys name no project: keys of one project share its quota, and whoever owns several is bound \
                     by the provider's terms for all of them; say with `project` which belong together",
                    provider.name()
                );
                notices.push(Notice { severity: "info", code: "terms", message, limit: None });
            }
        }
        for pool in self.scheduler.pools.iter().filter(|pool| pool.moved.is_none()) {
            for drift in pool.drifts().into_iter().filter(|drift| !drift.is_short()) {
                let Some(limit) = self.drift_report(pool.id, drift.metric, drift.span) else { continue };
                let LimitDrift { project, model, metric, window, declared, stated, .. } = &limit;
                let message = format!(
                    "{declared} {metric} a {window} are declared for {model} of {project}, and the provider states {}: \
                     what is above is left unused",
                    stated.unwrap_or_default()
                );
                notices.push(Notice { severity: "info", code: "limit-above", message, limit: Some(limit) });
            }
        }
        notices
    }
}
