//! Going on: a call is sent if some key can take it, else it waits, for quota in a lane or for its own back-off apart.

use super::call::{Call, Phase};
use super::client::Engine;
use super::event::{Event, WaitReason};
use super::failure::FailureCode;
use super::gate::Until;
use super::io::{Output, Send};
use super::penalty;
use super::queue::{LaneKey, Place};
use super::scheduler::Grant;
use super::survey::Survey;
use super::time::{Instant, Millis, Now};
use super::units::CallId;
use super::verdict::Verdict;

impl Engine {
    /// Sends a call if some key can take it, else makes it wait or refuses it.
    pub(super) fn proceed(&mut self, now: Now, id: CallId) {
        let Some(call) = self.calls.get_mut(&id) else { return };
        call.woken(now.mono);
        call.phase = Phase::Deciding;
        call.holds.retain(|(_, until)| *until > now.mono);
        let lane = lane_of(call);
        // Whoever came before waits for the same quota: there is nothing to take past them.
        if call.ask.pinned.is_none() && call.holds.is_empty() && self.queue.has_lane(&lane) {
            let survey = self.scheduler.survey(&self.config, now, &call.need());
            return match self.refusal(now, id, &survey).filter(|_| survey.able == 0) {
                Some(code) => self.fail(now, id, Some(code)),
                None => self.enqueue(now, id, None),
            };
        }
        match self.scheduler.pick(&self.config, now, &call.need()) {
            Ok(grant) => self.send(now, id, grant),
            Err(survey) => self.wait(now, id, &survey),
        }
    }

    /// Looks at the heads of lanes that may go. Stops when none may.
    pub(super) fn pump(&mut self, now: Now) {
        while let Some(id) = self.queue.ready(now.mono) {
            let Some(call) = self.calls.get_mut(&id) else { return };
            match self.scheduler.pick(&self.config, now, &call.need()) {
                Ok(grant) => {
                    self.unqueue(now, id);
                    self.send(now, id, grant);
                }
                Err(survey) => {
                    let lane = lane_of(call);
                    if let Some(code) = self.refusal(now, id, &survey) {
                        self.fail(now, id, Some(code));
                    } else {
                        self.queue.looked_at(&lane, survey.opens());
                    }
                }
            }
        }
    }

    fn send(&mut self, now: Now, id: CallId, grant: Grant) {
        let Some(call) = self.calls.get_mut(&id) else { return };
        // Wherever it has failed before is not fresh, also if it has been elsewhere in between.
        let cost = call.costs.iter().find(|(pool, _)| *pool == grant.permit.pool).map(|(_, cost)| *cost);
        if cost.is_some_and(|cost| !self.budget.pay(cost)) {
            self.scheduler.give_back(now, grant);
            return self.fail(now, id, Some(FailureCode::Exhausted));
        }
        let left = call.leaving.take();
        call.sent += 1;
        let expires = (now.mono + call.ask.timeout.unwrap_or(self.config.timeout)).min(call.deadline);
        let send = Send::new(&grant.permit, id, grant.key, call.sent);
        let model = call.model;
        let last = call.notes.last().map(|note| note.verdict);
        call.phase = Phase::InFlight { grant, sent: now.mono };
        self.in_flight += 1;
        self.set_timer(id, Some(expires));
        if let Some(left) = left.filter(|left| *left != send.key) {
            self.rotated(now, Some(left), Some(send.key), last.unwrap_or(Verdict::Ok));
        }
        self.journal.sent(now.wall, send.attempt);
        if let Some(key) = self.scheduler.ring.get_mut(send.key) {
            key.tally.requests += 1;
            key.tally.last_used = Some(now.wall);
        }
        self.emit(Event::Attempt { call: id, key: send.key, model, attempt: send.attempt });
        self.out.push_back(Output::Send(send));
        self.warn(now, send);
    }

    fn wait(&mut self, now: Now, id: CallId, survey: &Survey) {
        if let Some(code) = self.refusal(now, id, survey) {
            return self.fail(now, id, Some(code));
        }
        let Some(call) = self.calls.get_mut(&id) else { return };
        match survey.until() {
            // Its own back-off: nobody else waits for that. Once it is over, the call waits with the others.
            Until::At(at) if !call.holds.is_empty() => {
                let held = call.holds.iter().map(|(_, until)| *until).max();
                self.park(now, id, held.map_or(at, |held| held.min(at)));
            }
            _ => self.enqueue(now, id, Some(survey)),
        }
    }

    pub(super) fn park(&mut self, now: Now, id: CallId, until: Instant) {
        let Some(call) = self.calls.get_mut(&id) else { return };
        call.phase = Phase::Parked { since: now.mono };
        let until = until.min(call.deadline);
        self.set_timer(id, Some(until));
    }

    fn enqueue(&mut self, now: Now, id: CallId, survey: Option<&Survey>) {
        let policy = self.config.queue;
        let Some(call) = self.calls.get_mut(&id) else { return };
        let session = call.ask.session.as_deref();
        if self.queue.len() >= policy.max_size as usize
            || session.is_some_and(|session| self.queue.of_session(session) >= policy.per_session)
        {
            return self.fail(now, id, Some(FailureCode::QueueFull));
        }
        let place = Place { lane: lane_of(call), rank: (call.ask.priority, id) };
        let ahead = self.queue.join(&place, session);
        if let Some(survey) = survey.filter(|_| ahead == 0) {
            self.queue.looked_at(&place.lane, survey.opens());
        }
        let opens = self.queue.opens(&place.lane);
        let expires = patience_ends(now.mono, policy.max_wait).min(call.deadline);
        call.phase = Phase::Queued { place, since: now.mono, expires };
        self.set_timer(id, Some(expires));
        let reason = opens.map(|(_, reason)| reason).or(survey.map(Survey::reason)).unwrap_or(WaitReason::Concurrency);
        let until = opens.filter(|_| ahead == 0).map(|(at, _)| now.wall_of(at));
        self.emit(Event::Waiting { call: id, ahead, until, reason });
    }

    /// Why a call should not wait for what a survey says, if so: it can never be met, or not in the time it has.
    fn refusal(&self, now: Now, id: CallId, survey: &Survey) -> Option<FailureCode> {
        let call = self.calls.get(&id)?;
        match survey.until() {
            Until::Never => Some(survey.code()),
            Until::At(at) if !survey.is_pending() => {
                let patience = match call.phase {
                    Phase::Queued { expires, .. } => expires,
                    _ => patience_ends(now.mono, self.config.queue.max_wait),
                };
                if at >= call.deadline && call.deadline <= patience {
                    let code = survey.code();
                    return Some(if code == FailureCode::Exhausted { FailureCode::Deadline } else { code });
                }
                (at > patience).then(|| survey.code())
            }
            Until::At(_) | Until::Probe => None,
        }
    }

    fn warn(&mut self, now: Now, send: Send) {
        while let Some(level) = self.scheduler.pools[send.pool.0 as usize].pressing(now, self.config.warn_at) {
            let (metric, span, used, limit) = (level.metric, level.span, level.used, level.limit);
            self.emit(Event::QuotaWarning { pool: send.pool, metric, span, used, limit });
        }
    }

    pub(super) fn unqueue(&mut self, now: Now, id: CallId) {
        let Some(call) = self.calls.get_mut(&id) else { return };
        call.woken(now.mono);
        if let Phase::Queued { place, .. } = core::mem::replace(&mut call.phase, Phase::Deciding) {
            self.queue.leave(&place, call.ask.session.as_deref());
        }
    }
}

fn lane_of(call: &Call) -> LaneKey {
    LaneKey { provider: call.ask.provider, model: call.model, workload: call.ask.workload.clone() }
}

/// What we add to hints ourselves must not make a call give up that the hint alone would have let wait.
pub(super) fn patience_ends(now: Instant, max_wait: Millis) -> Instant {
    now + max_wait + penalty::most_padding(max_wait)
}
