//! Outcomes: what the end of an attempt means for keys, pools and the call, and how calls end.

use std::rc::Rc;

use super::agenda::Due;
use super::budget::Retry;
use super::call::{Landed, Phase};
use super::client::Engine;
use super::event::{Event, Rotation, Settled};
use super::failure::{AttemptNote, Failure, FailureCode, Payer};
use super::gate::Until;
use super::io::{Finish, Output};
use super::learned::Source;
use super::learning::{Lesson, Reading};
use super::penalty::{self, Penalty};
use super::stream::Served;
use super::time::{Millis, Now};
use super::trace::{Step, Told};
use super::units::{CallId, KeyId, PoolId};
use super::usage::Place;
use super::verdict::{Classification, Metric, Span, Verdict};
use super::waiting::patience_ends;

impl Engine {
    pub(super) fn served(&mut self, now: Now, id: CallId, landed: Landed, readings: &[Reading]) {
        let pool = self.scheduler.account(landed.grant.permit.pool);
        self.conclude(now, id, landed, Verdict::Ok, None);
        if !readings.is_empty() {
            let (account, habits) = self.scheduler.with_habits(pool);
            for lesson in account.learn_from_headers(now, habits, readings) {
                self.take_to_heart(now, pool, lesson);
            }
        }
        self.budget.succeeded();
        self.finish(now, id, Finish::Response);
    }

    pub(super) fn failed(&mut self, now: Now, id: CallId, landed: Landed, meaning: Box<Classification>) {
        let (key, pool, status) = (landed.grant.key, landed.grant.permit.pool, landed.status);
        let verdict = meaning.verdict;
        let poisons = self.poisons(id, key, status, &meaning);
        let payer = if poisons { Payer::Nobody } else { Payer::of(&meaning) };
        let charge = (payer, &*meaning);
        let penalty = penalty::penalty(&mut self.scheduler, &self.config, &mut self.rng, now, charge, (key, pool));
        self.close(now, payer, penalty, (key, pool), verdict);
        self.conclude(now, id, landed, verdict, Some(&meaning));
        self.forecasts.clear();
        if let Some((lane, session)) = self.calls.get(&id).map(|call| (call.lane, call.ask.session.clone())) {
            self.gave_nothing(lane, session.as_deref());
        }
        let Some(call) = self.calls.get_mut(&id) else { return };
        call.notes.push(AttemptNote { key, status, verdict, waited: call.waited });
        call.last = Some(meaning);
        call.overloads += u32::from(verdict == Verdict::Overloaded);
        if poisons {
            return self.fail(now, id, Some(code_of(verdict)));
        }
        if payer == Payer::Nobody || call.ask.pinned.is_some() {
            return match status {
                Some(_) => self.finish(now, id, Finish::Response),
                None => self.fail(now, id, Some(code_of(verdict))),
            };
        }
        // A provider that may have acted on a request must not get it twice, where the caller said so.
        let acted = matches!(verdict, Verdict::Transient | Verdict::Network | Verdict::Timeout);
        let over = call.sent >= call.max_attempts
            || call.overloads > self.config.overload_retries
            || (acted && !call.ask.idempotent)
            || now.mono >= call.deadline;
        if over {
            let code = if now.mono >= call.deadline { FailureCode::Deadline } else { code_of(verdict) };
            return self.fail(now, id, Some(code));
        }
        self.retry(now, id, (key, pool), verdict);
    }

    /// Whether a call has just failed in the very way in which it failed on another project before: the same status and the
    /// same words speak about the request. The first failure was charged; nobody is for this one, and no third is tried.
    fn poisons(&self, id: CallId, key: KeyId, status: Option<u16>, meaning: &Classification) -> bool {
        let project = |id| self.scheduler.ring.get(id).map(|key| key.project);
        let Some(call) = self.calls.get(&id).filter(|call| call.ask.pinned.is_none()) else { return false };
        let (Some(before), Some(last)) = (call.notes.last(), &call.last) else { return false };
        // Gateways say 502 and 504 about themselves, and every connection breaks alike.
        meaning.verdict == Verdict::Transient
            && status == Some(500)
            && (before.verdict, before.status) == (Verdict::Transient, status)
            && project(before.key) != project(key)
            && meaning.message.is_some()
            && last.message == meaning.message
    }

    /// Sends a call that failed once more: elsewhere at once, in the same place after a wait.
    fn retry(&mut self, now: Now, id: CallId, (key, pool): (KeyId, PoolId), verdict: Verdict) {
        let hint = self.calls.get(&id).and_then(|call| call.last.as_ref()?.retry_after);
        let Some(failures) = self.calls.get(&id).map(|call| call.notes.len() as u32 - 1) else { return };
        let backoff = self.config.backoff.wait(failures, &mut self.rng);
        let hinted = hint.map_or(backoff, |hint| backoff.max(penalty::pad(hint, &mut self.rng)));
        let crowded = self.last_move.is_some_and(|last| now.mono - last < LOCK_STEP);
        self.last_move = Some(now.mono);
        let Some(call) = self.calls.get_mut(&id) else { return };
        let cost = match verdict {
            Verdict::Timeout => Some(Retry::AfterTimeout),
            Verdict::Transient | Verdict::Network | Verdict::Overloaded => Some(Retry::SamePool),
            // The gate that it closed has to open first: that wait is the price.
            _ => None,
        };
        call.leaving = Some(key);
        call.costs.retain(|(known, _)| *known != pool);
        if let Some(cost) = cost {
            call.costs.push((pool, cost));
            call.holds.push((pool, now.mono + hinted));
        }
        if verdict == Verdict::Overloaded {
            let until = now.mono + hinted;
            if until >= call.deadline {
                return self.fail(now, id, Some(FailureCode::Deadline));
            }
            if until > patience_ends(now.mono, self.config.queue.max_wait) {
                return self.fail(now, id, Some(FailureCode::Exhausted));
            }
            self.park(now, id, until);
        } else if self.config.moves_wait {
            self.park(now, id, now.mono + backoff);
        } else if crowded {
            let spread = self.rng.up_to(LOCK_STEP);
            self.park(now, id, now.mono + spread);
        } else {
            self.proceed(now, id);
        }
    }

    /// Everything that the end of an attempt means besides the call: permit, gates, counters, events.
    pub(super) fn conclude(
        &mut self,
        now: Now,
        id: CallId,
        landed: Landed,
        verdict: Verdict,
        meaning: Option<&Classification>,
    ) {
        let Landed { grant, sent, status } = landed;
        let (key, pool) = (grant.key, grant.permit.pool);
        let latency = now.mono - sent;
        let concluded = self.scheduler.conclude(now, self.config.minute, grant, verdict, meaning);
        if concluded.made_room {
            self.queue.freed();
        }
        let told = self.calls.get_mut(&id).map(|call| {
            call.trace.note(now.wall, Step::Ended { key, verdict, status, latency });
            let (session, operation) = (call.ask.session.clone(), call.ask.operation.clone());
            let (attempt, model, waited) = (call.sent, call.model, call.waited);
            let settled =
                Settled { call: id, attempt, key, pool, model, session, operation, verdict, status, latency, waited };
            Rc::new(settled)
        });
        let place = self.write_down(now, id, (key, pool), verdict, latency);
        if let Some(receipt) = concluded.receipt
            && let (Some(call), Some(told)) = (self.calls.get(&id), &told)
        {
            let (began, notes) = (call.began, call.notes.clone());
            let (ended, receipt) = (now, Some(receipt));
            self.remember(Served { told: told.clone(), began, sent, ended, notes, receipt, place });
        }
        self.take_to_heart(now, pool, concluded.lesson);
        if let Some(name) = meaning.and_then(|meaning| meaning.model.as_deref())
            && let Some(call) = self.calls.get(&id)
        {
            self.scheduler.resolve(call.ask.provider, call.model, name);
        }
        self.in_flight -= 1;
        self.set_timer(id, None);
        self.journal.settled(verdict, latency);
        if let Some(key) = self.scheduler.ring.get_mut(key) {
            key.tally.settled(verdict, latency);
        }
        self.out.extend(told.map(|told| Output::Event(Event::Settled(told))));
        self.stir(key, verdict);
        // Whatever the answer was, a gate may have opened by it.
        self.restored(now, key);
        if self.all_down {
            self.check_service(now);
        }
    }

    /// Counts an attempt that has ended. Returns where.
    fn write_down(
        &mut self,
        now: Now,
        id: CallId,
        (key, pool): (KeyId, PoolId),
        verdict: Verdict,
        latency: Millis,
    ) -> Option<Place> {
        let usage = self.usage.as_mut()?;
        let ask = &self.calls.get(&id)?.ask;
        let session = usage.sessions.number(ask.session.as_deref());
        let operation = usage.operations.number(ask.operation.as_deref());
        let place = Place { key: usage.key(key), pool, session, operation, verdict };
        usage.ended(now.wall, place, latency, verdict == Verdict::Ok);
        Some(place)
    }

    /// Tells what was learned, and what it means for others.
    fn take_to_heart(&mut self, now: Now, pool: PoolId, lesson: Lesson) {
        self.scheduler.stirred |= lesson.limit.is_some() || lesson.unexplained;
        let pool = self.scheduler.account(pool);
        if let Some((metric, span, limit, source)) = lesson.limit {
            if metric == Metric::Requests && span == Span::Minute && source != Source::Observed {
                self.scheduler.presume(now, pool, limit);
            }
            self.scheduler.wake(self.scheduler.pools[pool.0 as usize].project);
            self.queue.freed();
            self.forecasts.clear();
            self.emit(Event::LimitLearned { pool, metric, span, limit, source });
        }
        if lesson.unexplained {
            let limit = self.scheduler.pools[pool.0 as usize].limits.rpm.map(core::num::NonZeroU64::get);
            for suspicion in self.suspicions.refused(now.mono, pool, lesson.served, limit) {
                self.emit(Event::SharedQuotaSuspected(suspicion));
            }
        }
    }

    pub(super) fn close(
        &mut self,
        now: Now,
        payer: Payer,
        penalty: Penalty,
        (key, pool): (KeyId, PoolId),
        verdict: Verdict,
    ) {
        let (cause, until) = match penalty {
            Penalty::Spared => return,
            Penalty::Until(cause, at) => (cause, Some(at)),
            Penalty::ForGood(cause) => (cause, None),
        };
        let was_open = self.scheduler.close(payer.with(cause), key, pool, until);
        if let Some(at) = until {
            self.agenda.add(at, Due::Reopening(key));
        }
        let until = until.map(|at| now.wall_of(at));
        let is_up = self.scheduler.is_key_up(now.mono, key);
        // A key that was removed with this attempt under way is nobody to tell about.
        let is_news = self.scheduler.ring.get_mut(key).is_some_and(|key| {
            let is_news = was_open || !key.down;
            key.down |= !is_up;
            is_news
        });
        match payer {
            Payer::Pool(_) | Payer::Capacity => self.emit(Event::RateLimited { pool, key, verdict, until }),
            _ if is_news => self.emit(Event::KeyDown { key, cause, until }),
            _ => {}
        }
        self.check_service(now);
    }

    /// Ends a call with an error; without a code, with what the keys' state says.
    pub(super) fn fail(&mut self, now: Now, id: CallId, code: Option<FailureCode>) {
        self.unqueue(now, id, false);
        let Some(call) = self.calls.get(&id) else { return };
        let survey = self.scheduler.survey(&self.config, now, &call.need());
        let asked = code.unwrap_or(survey.code());
        // What is true of all keys says more than how the call happened to end.
        let code = match (asked, survey.code()) {
            (FailureCode::Exhausted, seen) if survey.keys > 0 => seen,
            _ => asked,
        };
        let only = call.ask.only;
        let code = only.map_or(code, |only| only.code(code));
        let retry_after = match survey.until() {
            Until::At(at) if survey.able == 0 => Some(at - now.mono),
            _ => None,
        };
        let places = self.places_for(call.ask.session.as_deref());
        let Some(call) = self.calls.get_mut(&id) else { return };
        let failure = Failure {
            code,
            retry_after,
            attempts: core::mem::take(&mut call.notes),
            last: call.last.take(),
            keys: survey.keys,
            keys_exhausted: survey.exhausted,
            keys_invalid: survey.invalid,
            limit: match code {
                FailureCode::NeverFits => survey.limit,
                FailureCode::QueueFull => Some(u64::from(places)),
                _ => None,
            },
            elapsed: now.mono - call.began,
            only,
        };
        if let Some(left) = call.leaving.take() {
            let verdict = failure.attempts.last().map_or(Verdict::Ok, |note| note.verdict);
            self.rotated(now, Some(left), None, verdict);
        }
        self.finish(now, id, Finish::Failed(Box::new(failure)));
    }

    /// A session calls more often than it may: told at once, with when to come back.
    pub(super) fn refuse_session(&mut self, now: Now, id: CallId, wait: Millis) {
        let failure = Failure {
            code: FailureCode::SessionLimit,
            retry_after: Some(wait),
            attempts: Vec::new(),
            last: None,
            keys: self.scheduler.ring.len() as u32,
            keys_exhausted: 0,
            keys_invalid: 0,
            limit: self.config.session_rate.map(|rate| u64::from(rate.per_second.get())),
            elapsed: Millis::ZERO,
            only: None,
        };
        self.finish(now, id, Finish::Failed(Box::new(failure)));
    }

    pub(super) fn finish(&mut self, now: Now, id: CallId, finish: Finish) {
        self.set_timer(id, None);
        let Some(call) = self.calls.remove(&id) else { return };
        if let Phase::Queued { place, .. } = &call.phase {
            self.queue.leave(id, call.ask.session.as_deref(), place, false);
        }
        self.journal.waited(call.waited);
        if let Some(usage) = &mut self.usage {
            usage.over(now.wall, call.waited);
        }
        self.note_session(call.lane, call.ask.session.as_deref(), false);
        let mut trace = call.trace;
        trace.note(
            now.wall,
            Step::Over(match &finish {
                Finish::Response => "response",
                Finish::Aborted => "aborted",
                Finish::Failed(failure) => failure.code.name(),
            }),
        );
        let began = now.wall_of(call.began);
        self.traces.keep(Told {
            call: id,
            model: call.model,
            session: call.ask.session,
            began,
            waited: call.waited,
            trace,
        });
        self.out.push_back(Output::Done(id, finish));
    }

    pub(super) fn rotated(&mut self, now: Now, from: Option<KeyId>, to: Option<KeyId>, verdict: Verdict) {
        let rotation = Rotation { at: now.wall, from, to, verdict, reason: rotation_reason(verdict, to) };
        self.journal.rotated(rotation.clone());
        self.emit(Event::Rotate(rotation));
    }
}

const fn code_of(verdict: Verdict) -> FailureCode {
    match verdict {
        Verdict::Timeout => FailureCode::Timeout,
        _ => FailureCode::Exhausted,
    }
}

pub(super) const fn rotation_reason(verdict: Verdict, to: Option<KeyId>) -> &'static str {
    match (verdict, to) {
        (_, None) => "no other key could serve",
        (Verdict::Ok, _) => "asked for",
        (Verdict::RateLimited, _) => "per-minute quota used up",
        (Verdict::QuotaExhausted, _) => "daily quota used up",
        (Verdict::OutOfCredit, _) => "out of credit",
        (Verdict::InvalidKey, _) => "key not valid",
        (Verdict::Permission, _) => "not allowed with this key",
        (Verdict::Overloaded, _) => "model overloaded",
        (Verdict::Network, _) => "no connection",
        (Verdict::Timeout, _) => "no answer in time",
        _ => "server error",
    }
}

/// Callers that move within this span of each other are spread over it: otherwise they would go on in lock-step.
const LOCK_STEP: Millis = Millis(50);
