//! Accounts: what was decided about calls and why, in people's words.

use super::client::Engine;
use super::event::{WaitLimit, WaitReason};
use super::report::{SkipReport, StepReport, SuspicionReport, TraceReport, WaitLimitReport, WaitReport};
use super::suspicion::Suspicion;
use super::time::{Now, UnixMillis};
use super::trace::{Skip, Step, Told};
use super::units::{CallId, KeyId, PoolId};

impl Engine {
    /// The accounts of the last calls, newest first; of one call, where it is named.
    pub fn explain(&self, limit: usize, call: Option<CallId>) -> Vec<TraceReport> {
        let wanted = self.traces.iter().filter(|told| call.is_none_or(|call| told.call == call));
        wanted.take(limit).map(|told| self.trace_report(told)).collect()
    }

    /// A limit that somebody waits for.
    pub fn wait_limit(&self, limit: &WaitLimit) -> WaitLimitReport {
        let project = self.scheduler.ring.get(limit.key).map(|key| key.project);
        WaitLimitReport {
            project: project
                .map_or_else(String::new, |project| self.scheduler.projects[project.0 as usize].name.clone()),
            metric: limit.metric.name(),
            window: limit.span.name(),
            used: limit.used,
            limit: limit.limit,
        }
    }

    /// Two projects that seem to be one.
    pub fn suspicion_report(&self, suspicion: &Suspicion) -> SuspicionReport {
        let pool = |id: PoolId| &self.scheduler.pools[id.0 as usize];
        let project = |id| self.scheduler.projects[pool(id).project.0 as usize].name.clone();
        SuspicionReport {
            projects: suspicion.pools.map(project),
            model: self.scheduler.models.name(pool(suspicion.pools[0]).model).to_owned(),
            coincidences: suspicion.coincidences,
            served: suspicion.served,
            limit: suspicion.limit,
        }
    }

    /// The waiting calls, the first hundred in the order in which they will go.
    pub(super) fn wait_reports(&mut self, now: Now) -> Vec<WaitReport> {
        let calls: Vec<CallId> = self.queue.iter().take(MOST_SHOWN).collect();
        let mut reports: Vec<WaitReport> = calls.into_iter().filter_map(|id| self.wait_report(now, id)).collect();
        reports.sort_unstable_by_key(|report| (report.ahead, report.call));
        reports
    }

    fn wait_report(&mut self, now: Now, id: CallId) -> Option<WaitReport> {
        let call = self.calls.get(&id)?;
        let super::call::Phase::Queued { place, since, .. } = &call.phase else { return None };
        let (since, lane) = (*since, place.lane);
        let session = call.ask.session.clone();
        let (priority, only) = (call.ask.priority, call.ask.only);
        let ahead = self.queue.ahead(id, session.as_deref(), place);
        let sated = call.manners.sated.is_some();
        let starts = self.promise(now, id, ahead);
        let (reason, limit) = if sated { (WaitReason::Share, None) } else { self.queue.seen(lane) };
        let limit = limit.map(|limit| self.wait_limit(&limit));
        Some(WaitReport {
            call: id.0,
            session,
            priority,
            ahead,
            starts_at: starts.map(|at| now.wall_of(at).0),
            waited_ms: (now.mono - since).0,
            reason: reason.phrase(),
            limit,
            project: only.and_then(|only| self.project_name(only.project)).map(str::to_owned),
        })
    }

    fn trace_report(&self, told: &Told) -> TraceReport {
        TraceReport {
            call: told.call.0,
            model: self.scheduler.models.name(told.model).to_owned(),
            session: told.session.clone(),
            began: told.began.0,
            waited_ms: told.waited.0,
            steps: told.trace.steps.iter().map(|(at, step)| self.step_report(*at, step)).collect(),
            left_out: told.trace.left_out,
        }
    }

    fn step_report(&self, UnixMillis(at): UnixMillis, step: &Step) -> StepReport {
        let name = |id: KeyId| self.key(id).map_or_else(String::new, |key| key.id.clone());
        let limit = |limit: &Option<WaitLimit>| limit.map(|limit| self.wait_limit(&limit));
        match step {
            Step::Only(only) => StepReport::Only {
                at,
                project: self.project_name(only.project).unwrap_or_default().to_owned(),
                reason: only.tie.phrase(),
            },
            Step::Skipped(skips) => {
                let report = |skip: &Skip| SkipReport {
                    key: name(skip.key),
                    reason: skip.reason.phrase(),
                    limit: limit(&skip.limit),
                    until: skip.until.map(|until| until.0),
                };
                StepReport::Skipped { at, keys: skips.iter().map(report).collect() }
            }
            Step::Waits { ahead, starts, reason, limit: waited_for } => StepReport::Waits {
                at,
                ahead: *ahead,
                starts_at: starts.map(|starts| starts.0),
                reason: reason.phrase(),
                limit: limit(waited_for),
            },
            Step::BacksOff { until } => StepReport::BacksOff { at, until: until.0 },
            Step::Sent { key, attempt } => StepReport::Sent { at, key: name(*key), attempt: *attempt },
            Step::Ended { key, verdict, status, latency } => StepReport::Ended {
                at,
                key: name(*key),
                verdict: verdict.name(),
                status: *status,
                latency_ms: latency.0,
            },
            Step::Over(with) => StepReport::Over { at, with },
        }
    }
}

/// Waiting calls that a status names.
const MOST_SHOWN: usize = 100;
