//! Events as documented in `index.d.ts`: a name, and a plain object that holds ids, never a secret.

use serde::Serialize;

use crate::engine::{
    Alert, Engine, Event, KeyId, LimitDrift, Now, PoolId, RotationReport, SuspicionReport, UnixMillis, WaitLimitReport,
};

/// Which event names somebody listens to: what nobody hears is not built.
#[derive(Debug, Default)]
pub(crate) struct Listened(Vec<&'static str>);

impl Listened {
    pub(crate) fn add(&mut self, name: &str) {
        if let Some(known) = NAMES.iter().find(|known| **known == name)
            && !self.has(known)
        {
            self.0.push(known);
        }
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.0.contains(&name)
    }
}

pub(crate) const fn name(event: &Event) -> &'static str {
    match event {
        Event::Attempt { .. } => "attempt",
        Event::Settled { .. } => "settled",
        Event::Rotate(_) => "rotate",
        Event::RateLimited { .. } => "rate-limited",
        Event::KeyDown { .. } => "key-down",
        Event::KeyRestored { .. } => "key-restored",
        Event::AllKeysDown { .. } => "all-keys-down",
        Event::ServiceRestored => "service-restored",
        Event::QuotaWarning { .. } => "quota-warning",
        Event::Waiting { .. } => "waiting",
        Event::LimitLearned { .. } => "limit-learned",
        Event::SharedQuotaSuspected(_) => "shared-quota-suspected",
        Event::State { .. } => "state",
        Event::Alert(_) => "alert",
        Event::AlertOver { .. } => "alert-over",
    }
}

const NAMES: [&str; 15] = [
    "attempt",
    "settled",
    "rotate",
    "rate-limited",
    "key-down",
    "key-restored",
    "all-keys-down",
    "service-restored",
    "quota-warning",
    "waiting",
    "limit-learned",
    "shared-quota-suspected",
    "state",
    "alert",
    "alert-over",
];

/// An event's detail, as documented in `index.d.ts`. None of the two that cross as numbers.
pub(crate) fn detail<'a>(engine: &mut Engine, now: Now, event: &'a Event) -> Option<Detail<'a>> {
    let at = now.wall.0;
    let millis = |until: Option<UnixMillis>| until.map(|at| at.0);
    Some(match event {
        Event::Attempt { .. } | Event::Settled(_) => return None,
        Event::Rotate(rotation) => Detail::Rotate(engine.rotation_report(rotation)),
        Event::RateLimited { pool, key, verdict, until } => {
            let (project, model) = pool_names(engine, now, *pool);
            let key = key_name(engine, *key);
            Detail::RateLimited { at, key, project, model, verdict: verdict.name(), until: millis(*until) }
        }
        Event::KeyDown { key, cause, until } => {
            Detail::KeyDown { at, key: key_name(engine, *key), reason: cause.phrase(), until: millis(*until) }
        }
        Event::KeyRestored { key } => Detail::KeyRestored { at, key: key_name(engine, *key) },
        Event::AllKeysDown { until } => Detail::AllKeysDown { at, until: millis(*until) },
        Event::ServiceRestored => Detail::ServiceRestored { at },
        Event::QuotaWarning { pool, metric, span, used, limit, threshold } => {
            let (project, model) = pool_names(engine, now, *pool);
            let (metric, window) = (metric.name(), span.name());
            let threshold = *threshold as f64 / 1000.0;
            Detail::QuotaWarning { at, project, model, metric, window, used: *used, limit: *limit, threshold }
        }
        Event::Waiting { call, ahead, until, reason, limit } => Detail::Waiting {
            at,
            call: call.0,
            ahead: *ahead,
            until: millis(*until),
            reason: reason.phrase(),
            limit: limit.map(|limit| engine.wait_limit(&limit)),
        },
        Event::LimitLearned { pool, metric, span, limit, source } => {
            let (project, model) = pool_names(engine, now, *pool);
            let (metric, window, source) = (metric.name(), span.name(), source.phrase());
            Detail::LimitLearned { at, project, model, metric, window, limit: *limit, source }
        }
        Event::SharedQuotaSuspected(suspicion) => {
            let alert = engine.suspicion_report(suspicion);
            Detail::SharedQuotaSuspected { at, suspicion: alert }
        }
        Event::State { from, to, cause } => {
            let reason = cause.map(crate::engine::Cause::phrase);
            Detail::State { at, from: from.name(), to: to.name(), reason }
        }
        Event::Alert(alert) => alerted(at, at, alert),
        Event::AlertOver { alert, since } => alerted(at, since.0, alert),
    })
}

fn alerted(at: u64, since: u64, alert: &Alert) -> Detail<'_> {
    let Alert { severity, kind, code, message, key, limit } = alert;
    Detail::Alert { at, since, severity, kind, code, message, key: key.as_deref(), limit: limit.as_ref() }
}

fn key_name(engine: &Engine, key: KeyId) -> String {
    engine.key(key).map_or_else(String::new, |spec| spec.id.clone())
}

fn pool_names(engine: &mut Engine, now: Now, pool: PoolId) -> (String, String) {
    let status = engine.pool_status(now, pool);
    (status.project, status.model)
}

#[derive(Serialize)]
#[serde(untagged, rename_all_fields = "camelCase")]
pub(crate) enum Detail<'a> {
    Rotate(RotationReport),
    RateLimited {
        at: u64,
        key: String,
        project: String,
        model: String,
        verdict: &'static str,
        until: Option<u64>,
    },
    KeyDown {
        at: u64,
        key: String,
        reason: &'static str,
        until: Option<u64>,
    },
    KeyRestored {
        at: u64,
        key: String,
    },
    AllKeysDown {
        at: u64,
        until: Option<u64>,
    },
    ServiceRestored {
        at: u64,
    },
    QuotaWarning {
        at: u64,
        project: String,
        model: String,
        metric: &'static str,
        window: &'static str,
        used: u64,
        limit: u64,
        threshold: f64,
    },
    Waiting {
        at: u64,
        call: u64,
        ahead: u32,
        until: Option<u64>,
        reason: &'static str,
        limit: Option<WaitLimitReport>,
    },
    LimitLearned {
        at: u64,
        project: String,
        model: String,
        metric: &'static str,
        window: &'static str,
        limit: u64,
        source: &'static str,
    },
    SharedQuotaSuspected {
        at: u64,
        #[serde(flatten)]
        suspicion: SuspicionReport,
    },
    State {
        at: u64,
        from: &'static str,
        to: &'static str,
        reason: Option<&'static str>,
    },
    Alert {
        at: u64,
        since: u64,
        severity: &'static str,
        #[serde(rename = "type")]
        kind: &'static str,
        code: &'static str,
        message: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        key: Option<&'a str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        limit: Option<&'a LimitDrift>,
    },
}
