//! The engine: takes one input, decides, and lets its outputs be drained.

use std::collections::{BTreeMap, VecDeque};

use super::agenda::{Agenda, Due};
use super::budget::{Budget, Retry};
use super::call::{Call, Leaving, Phase};
use super::config::Config;
use super::event::{Deadline, Event, Rotation, WaitReason};
use super::failure::{AttemptNote, Failure, FailureCode, Payer};
use super::gate::Until;
use super::io::{Ask, Finish, Input, Outcome, Output, Send};
use super::journal::Journal;
use super::penalty::{self, Penalty};
use super::queue::{LaneKey, Place, Queue};
use super::rng::Rng;
use super::scheduler::{Grant, Scheduler};
use super::survey::Survey;
use super::time::{Instant, Millis, Now};
use super::units::{CallId, KeyId};
use super::verdict::{Classification, Scope, Verdict};

/// The state of one client: keys, quota, calls. It decides; whoever owns it acts, and lends it the time.
#[derive(Debug)]
pub struct Engine {
    pub(super) config: Config,
    pub(super) scheduler: Scheduler,
    pub(super) journal: Journal,
    pub(super) queue: Queue,
    pub(super) began: Now,
    pub(super) in_flight: u32,
    calls: BTreeMap<CallId, Call>,
    agenda: Agenda,
    budget: Budget,
    rng: Rng,
    out: VecDeque<Output>,
    /// When a call last moved to another project at once: who moves right after it is spread a little.
    last_move: Option<Instant>,
    pub(super) all_down: bool,
}

impl Engine {
    /// An engine without keys. The same seed and the same inputs give the same outputs.
    pub fn new(config: Config, seed: u64, now: Now) -> Self {
        Self {
            scheduler: Scheduler::new(&config),
            journal: Journal::default(),
            queue: Queue::default(),
            began: now,
            in_flight: 0,
            calls: BTreeMap::new(),
            agenda: Agenda::default(),
            budget: Budget::new(config.budget),
            rng: Rng::new(seed),
            out: VecDeque::new(),
            last_move: None,
            all_down: false,
            config,
        }
    }

    /// Takes in one input. What follows from it is drained with `poll_output`.
    pub fn handle_input(&mut self, now: Now, input: Input) {
        match input {
            Input::Call(id, ask) => self.on_call(now, id, ask),
            Input::Outcome { call, attempt, outcome } => self.on_outcome(now, call, attempt, outcome),
            Input::Abort(call) => self.on_abort(now, call),
            Input::Tick => self.on_tick(now),
        }
        self.pump(now);
    }

    /// The next thing to do. `Output::Wait` ends the drain.
    pub fn poll_output(&mut self) -> Output {
        self.out.pop_front().unwrap_or_else(|| Output::Wait(self.next_deadline()))
    }

    /// When the engine wants an `Input::Tick`, and why.
    pub fn next_deadline(&self) -> Option<Deadline> {
        let agenda = self.agenda.next().map(|(at, due)| (at, self.reason(due)));
        let lanes = self.queue.next();
        agenda.into_iter().chain(lanes).min_by_key(|(at, _)| *at).map(|(at, reason)| Deadline { at, reason })
    }

    /// How many calls are kept waiting, for quota or by their back-off.
    pub fn waiting(&self) -> usize {
        self.calls.len() - self.in_flight as usize
    }

    /// The wait after a failed attempt, counted from 0, as the configured back-off has it.
    pub fn backoff(&mut self, attempt: u32) -> Millis {
        self.config.backoff.wait(attempt, &mut self.rng)
    }

    // ------------------------------------------------------------ inputs

    fn on_call(&mut self, now: Now, id: CallId, ask: Ask) {
        let max_attempts = ask.max_attempts.or(self.config.max_attempts).unwrap_or_else(|| self.usual_attempts());
        let call = Call {
            model: self.scheduler.models.intern(ask.model.as_deref()),
            began: now.mono,
            deadline: now.mono + ask.deadline.unwrap_or(self.config.deadline),
            max_attempts: max_attempts.max(1),
            phase: Phase::Deciding,
            timer: None,
            sent: 0,
            notes: Vec::new(),
            last: None,
            overloads: 0,
            waited: Millis::ZERO,
            holds: Vec::new(),
            leaving: None,
            ask,
        };
        self.calls.insert(id, call);
        self.proceed(now, id);
    }

    fn on_outcome(&mut self, now: Now, id: CallId, attempt: u32, outcome: Outcome) {
        let Some(call) = self.calls.get_mut(&id).filter(|call| call.sent == attempt) else { return };
        let Phase::InFlight { grant, sent, .. } = core::mem::replace(&mut call.phase, Phase::Deciding) else { return };
        match outcome {
            Outcome::Served(status) => self.served(now, id, grant, sent, status),
            Outcome::Answered(status, meaning) => self.failed(now, id, grant, sent, Some(status), meaning),
            Outcome::Unreachable => {
                let meaning = Box::new(Classification::new(Verdict::Network, Scope::None));
                self.failed(now, id, grant, sent, None, meaning);
            }
        }
    }

    fn on_abort(&mut self, now: Now, id: CallId) {
        let Some(call) = self.calls.get_mut(&id) else { return };
        call.woken(now.mono);
        if let Phase::InFlight { grant, sent, .. } = core::mem::replace(&mut call.phase, Phase::Deciding) {
            self.out.push_back(Output::Cancel(id));
            self.conclude(now, id, grant, sent, Verdict::Aborted, None);
        }
        self.finish(id, Finish::Aborted);
    }

    fn on_tick(&mut self, now: Now) {
        while let Some(due) = self.agenda.pop_due(now.mono) {
            match due {
                Due::Call(id) => self.on_timer(now, id),
                Due::Reopening(key) => self.reopened(now, key),
            }
        }
    }

    fn on_timer(&mut self, now: Now, id: CallId) {
        let Some(call) = self.calls.get_mut(&id) else { return };
        call.timer = None;
        let late = now.mono >= call.deadline;
        match call.phase {
            Phase::InFlight { .. } => {
                let Phase::InFlight { grant, sent, .. } = core::mem::replace(&mut call.phase, Phase::Deciding) else {
                    return;
                };
                self.out.push_back(Output::Cancel(id));
                if late {
                    // Out of time altogether: the key answers for the time-out, the call for its deadline.
                    call.max_attempts = 0;
                }
                let meaning = Box::new(Classification::new(Verdict::Timeout, Scope::None));
                self.failed(now, id, grant, sent, None, meaning);
            }
            Phase::Queued { .. } | Phase::Parked { .. } if late => self.fail(now, id, Some(FailureCode::Deadline)),
            Phase::Queued { .. } => self.fail(now, id, None),
            Phase::Parked { .. } => self.proceed(now, id),
            Phase::Deciding => {}
        }
    }

    // ------------------------------------------------------------ going on

    /// Sends a call if some key can take it, else makes it wait or refuses it.
    fn proceed(&mut self, now: Now, id: CallId) {
        let Some(call) = self.calls.get_mut(&id) else { return };
        call.woken(now.mono);
        call.phase = Phase::Deciding;
        call.holds.retain(|(_, until)| *until > now.mono);
        let lane = lane_of(call);
        // Whoever came before waits for the same quota: there is nothing to take past them.
        if call.ask.pinned.is_none() && call.holds.is_empty() && self.queue.has_lane(&lane) {
            return self.enqueue(now, id, None);
        }
        match self.scheduler.pick(&self.config, now, &call.need()) {
            Ok(grant) => self.send(now, id, grant),
            Err(survey) => self.wait(now, id, &survey),
        }
    }

    /// Looks at the heads of lanes that may go. Stops when none may.
    fn pump(&mut self, now: Now) {
        while let Some(id) = self.queue.ready(now.mono) {
            let Some(call) = self.calls.get_mut(&id) else { return };
            match self.scheduler.pick(&self.config, now, &call.need()) {
                Ok(grant) => {
                    self.unqueue(now, id);
                    self.send(now, id, grant);
                }
                Err(survey) => match self.refusal(now, id, &survey) {
                    Some(code) => self.fail(now, id, Some(code)),
                    None => {
                        let opens = match survey.until() {
                            Until::At(at) => Some((at, survey.reason())),
                            Until::Probe | Until::Never => None,
                        };
                        let lane = self.calls.get(&id).map(lane_of);
                        if let Some(lane) = lane {
                            self.queue.looked_at(&lane, opens);
                        }
                    }
                },
            }
        }
    }

    fn send(&mut self, now: Now, id: CallId, grant: Grant) {
        let Some(call) = self.calls.get_mut(&id) else { return };
        if let Some(leaving) = call.leaving {
            let retry = if leaving.pool == grant.permit.pool { leaving.cost } else { Some(Retry::Moved) };
            if retry.is_some_and(|retry| !self.budget.pay(retry)) {
                self.scheduler.give_back(now, grant);
                return self.fail(now, id, Some(FailureCode::Exhausted));
            }
        }
        let left = call.leaving.take();
        call.holds.clear();
        call.sent += 1;
        let expires = (now.mono + call.ask.timeout.unwrap_or(self.config.timeout)).min(call.deadline);
        let send = Send::new(&grant.permit, id, grant.key, call.sent);
        let model = call.model;
        let last = call.notes.last().map(|note| note.verdict);
        call.phase = Phase::InFlight { grant, sent: now.mono };
        self.in_flight += 1;
        self.set_timer(id, Some(expires));
        if let Some(left) = left.filter(|left| left.key != send.key) {
            self.rotated(now, Some(left.key), Some(send.key), last.unwrap_or(Verdict::Ok));
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
            // Its own back-off: nobody else waits for that.
            Until::At(at) if !call.holds.is_empty() => self.park(now, id, at),
            _ => self.enqueue(now, id, Some(survey)),
        }
    }

    fn park(&mut self, now: Now, id: CallId, until: Instant) {
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
            let opens = match survey.until() {
                Until::At(at) => Some((at, survey.reason())),
                Until::Probe | Until::Never => None,
            };
            self.queue.looked_at(&place.lane, opens);
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

    // ------------------------------------------------------------ outcomes

    fn served(&mut self, now: Now, id: CallId, grant: Grant, sent: Instant, status: u16) {
        self.conclude(now, id, grant, sent, Verdict::Ok, Some(status));
        self.budget.succeeded();
        self.finish(id, Finish::Response);
        if self.all_down {
            self.check_service(now);
        }
    }

    fn failed(
        &mut self,
        now: Now,
        id: CallId,
        grant: Grant,
        sent: Instant,
        status: Option<u16>,
        meaning: Box<Classification>,
    ) {
        let (key, pool) = (grant.key, grant.permit.pool);
        let verdict = meaning.verdict;
        let payer = Payer::of(&meaning);
        let charge = (payer, &*meaning);
        let penalty = penalty::penalty(&mut self.scheduler, &self.config, &mut self.rng, now, charge, (key, pool));
        self.close(now, payer, penalty, (key, pool), verdict);
        self.conclude(now, id, grant, sent, verdict, status);
        let Some(call) = self.calls.get_mut(&id) else { return };
        call.notes.push(AttemptNote { key, status, verdict, waited: call.waited });
        call.last = Some(meaning);
        call.overloads += u32::from(verdict == Verdict::Overloaded);
        if payer == Payer::Nobody || call.ask.pinned.is_some() {
            return match status {
                Some(_) => self.finish(id, Finish::Response),
                None => self.fail(now, id, Some(code_of(verdict))),
            };
        }
        // A provider that may have acted on a request must not get it twice, where the caller said so.
        let acted = matches!(verdict, Verdict::Transient | Verdict::Network | Verdict::Timeout);
        let over = call.sent >= call.max_attempts
            || call.overloads > RETRIES_OF_OVERLOAD
            || (acted && !call.ask.idempotent)
            || now.mono >= call.deadline;
        if over {
            let code = if now.mono >= call.deadline { FailureCode::Deadline } else { code_of(verdict) };
            return self.fail(now, id, Some(code));
        }
        self.retry(now, id, (key, pool), verdict);
    }

    /// Sends a call that failed once more: elsewhere at once, in the same place after a wait.
    fn retry(&mut self, now: Now, id: CallId, (key, pool): (KeyId, super::units::PoolId), verdict: Verdict) {
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
        call.leaving = Some(Leaving { key, pool, cost });
        if cost.is_some() {
            call.holds.push((pool, now.mono + hinted));
        }
        if verdict == Verdict::Overloaded {
            self.park(now, id, now.mono + hinted);
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
    fn conclude(&mut self, now: Now, id: CallId, grant: Grant, sent: Instant, verdict: Verdict, status: Option<u16>) {
        let key = grant.key;
        let latency = now.mono - sent;
        if self.scheduler.conclude(now, grant, verdict) {
            self.queue.freed();
        }
        self.in_flight -= 1;
        self.set_timer(id, None);
        self.journal.settled(verdict, latency);
        if let Some(key) = self.scheduler.ring.get_mut(key) {
            key.tally.settled(verdict, latency);
        }
        self.emit(Event::Settled { call: id, key, verdict, status, latency });
    }

    fn close(
        &mut self,
        now: Now,
        payer: Payer,
        penalty: Penalty,
        (key, pool): (KeyId, super::units::PoolId),
        verdict: Verdict,
    ) {
        let (cause, until) = match penalty {
            Penalty::Spared => return,
            Penalty::Until(cause, at) => (cause, Some(at)),
            Penalty::ForGood(cause) => (cause, None),
        };
        self.scheduler.close(payer.with(cause), key, pool, until);
        if let Some(at) = until {
            self.agenda.add(at, Due::Reopening(key));
        }
        let until = until.map(|at| now.wall_of(at));
        match payer {
            Payer::Pool(_) => self.emit(Event::RateLimited { pool, key, verdict, until }),
            _ => self.emit(Event::KeyDown { key, cause, until }),
        }
        self.check_service(now);
    }

    // ------------------------------------------------------------ ends

    /// Ends a call with an error; without a code, with what the keys' state says.
    fn fail(&mut self, now: Now, id: CallId, code: Option<FailureCode>) {
        self.unqueue(now, id);
        let Some(call) = self.calls.get(&id) else { return };
        let survey = self.scheduler.peek(&self.config, now, &call.need()).err().unwrap_or_default();
        let asked = code.unwrap_or(survey.code());
        // What is true of all keys says more than how the call happened to end.
        let code = match (asked, survey.code()) {
            (FailureCode::Exhausted, seen) if survey.keys > 0 => seen,
            _ => asked,
        };
        let retry_after = match survey.until() {
            Until::At(at) => Some(at - now.mono),
            Until::Probe | Until::Never => None,
        };
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
                FailureCode::QueueFull => Some(u64::from(self.config.queue.max_size)),
                _ => None,
            },
            elapsed: now.mono - call.began,
        };
        if let Some(left) = call.leaving.take() {
            let verdict = failure.attempts.last().map_or(Verdict::Ok, |note| note.verdict);
            self.rotated(now, Some(left.key), None, verdict);
        }
        self.finish(id, Finish::Failed(Box::new(failure)));
    }

    fn finish(&mut self, id: CallId, finish: Finish) {
        self.set_timer(id, None);
        let Some(call) = self.calls.remove(&id) else { return };
        if let Phase::Queued { place, .. } = &call.phase {
            self.queue.leave(place, call.ask.session.as_deref());
        }
        self.journal.waited(call.waited);
        self.out.push_back(Output::Done(id, finish));
    }

    // ------------------------------------------------------------ small things

    fn unqueue(&mut self, now: Now, id: CallId) {
        let Some(call) = self.calls.get_mut(&id) else { return };
        call.woken(now.mono);
        if let Phase::Queued { place, .. } = core::mem::replace(&mut call.phase, Phase::Deciding) {
            self.queue.leave(&place, call.ask.session.as_deref());
        }
    }

    fn set_timer(&mut self, id: CallId, at: Option<Instant>) {
        let Some(call) = self.calls.get_mut(&id) else { return };
        if let Some(old) = core::mem::replace(&mut call.timer, at) {
            self.agenda.remove(old, Due::Call(id));
        }
        if let Some(at) = at {
            self.agenda.add(at, Due::Call(id));
        }
    }

    fn reason(&self, due: Due) -> WaitReason {
        match due {
            Due::Reopening(_) => WaitReason::Reopening,
            Due::Call(id) => match self.calls.get(&id).map(|call| &call.phase) {
                Some(Phase::Parked { .. }) => WaitReason::Backoff,
                _ => WaitReason::Deadline,
            },
        }
    }

    fn reopened(&mut self, now: Now, key: KeyId) {
        self.queue.freed();
        if self.scheduler.is_key_up(now.mono, key) {
            self.emit(Event::KeyRestored { key });
            self.check_service(now);
        }
    }

    /// Tells it once when the last key goes down, and once when the first comes back.
    pub(super) fn check_service(&mut self, now: Now) {
        let up = self.scheduler.any_up(now.mono);
        if up == self.all_down {
            self.all_down = !up;
            let event = if up {
                Event::ServiceRestored
            } else {
                Event::AllKeysDown { until: self.scheduler.soonest_return().map(|at| now.wall_of(at)) }
            };
            self.emit(event);
        }
    }

    fn warn(&mut self, now: Now, send: Send) {
        let pool = &mut self.scheduler.pools[send.pool.0 as usize];
        if let Some(level) = pool.pressing(now, self.config.warn_at) {
            let (metric, span, used, limit) = (level.metric, level.span, level.used, level.limit);
            self.emit(Event::QuotaWarning { pool: send.pool, metric, span, used, limit });
        }
    }

    pub(super) fn rotated(&mut self, now: Now, from: Option<KeyId>, to: Option<KeyId>, verdict: Verdict) {
        let rotation = Rotation { at: now.wall, from, to, verdict, reason: rotation_reason(verdict, to) };
        self.journal.rotated(rotation.clone());
        self.emit(Event::Rotate(rotation));
    }

    pub(super) fn emit(&mut self, event: Event) {
        self.out.push_back(Output::Event(event));
    }

    pub(super) fn freed(&mut self, now: Now) {
        self.queue.freed();
        self.check_service(now);
        self.pump(now);
    }

    /// Since when the longest-waiting call waits.
    pub(super) fn oldest_waiting(&self) -> Option<Instant> {
        let since = |call: &Call| match call.phase {
            Phase::Queued { since, .. } | Phase::Parked { since } => Some(since),
            Phase::Deciding | Phase::InFlight { .. } => None,
        };
        self.calls.values().filter_map(since).min()
    }

    fn usual_attempts(&self) -> u32 {
        (self.scheduler.live_projects as u32 + 2).min(10)
    }
}

/// Calls that are under way when everything ends: their permits end with them, settled with nobody.
impl Drop for Engine {
    fn drop(&mut self) {
        for (_, call) in core::mem::take(&mut self.calls) {
            if let Phase::InFlight { grant, .. } = call.phase {
                core::mem::forget(grant.permit);
            }
        }
    }
}

fn lane_of(call: &Call) -> LaneKey {
    LaneKey { provider: call.ask.provider, model: call.model, workload: call.ask.workload.clone() }
}

/// What we add to hints ourselves must not make a call give up that the hint alone would have let wait.
fn patience_ends(now: Instant, max_wait: Millis) -> Instant {
    now + max_wait + penalty::most_padding(max_wait)
}

const fn code_of(verdict: Verdict) -> FailureCode {
    match verdict {
        Verdict::Timeout => FailureCode::Timeout,
        _ => FailureCode::Exhausted,
    }
}

const fn rotation_reason(verdict: Verdict, to: Option<KeyId>) -> &'static str {
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
/// A call that meets an overloaded model gets two more tries.
const RETRIES_OF_OVERLOAD: u32 = 2;
