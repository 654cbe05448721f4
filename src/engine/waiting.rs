//! Going on: a call is sent if some key can take it, else it waits, for quota in a lane or for its own back-off apart.

use super::call::Phase;
use super::client::Engine;
use super::event::{Event, WaitLimit, WaitReason};
use super::failure::FailureCode;
use super::gate::Until;
use super::io::{Output, Send};
use super::penalty;
use super::promise::limit_of;
use super::queue::Guest;
use super::roster::Outlook;
use super::scheduler::Grant;
use super::survey;
use super::terms::{Demand, Refusal, Spread};
use super::time::{Instant, Millis, Now};
use super::trace::{FEW, Skip, Step};
use super::units::{CallId, KeyId};
use super::verdict::Verdict;

impl Engine {
    /// Sends a call if some key can take it, else makes it wait or refuses it.
    pub(super) fn proceed(&mut self, now: Now, id: CallId) {
        let Some(call) = self.calls.get_mut(&id) else { return };
        call.woken(now.mono);
        call.phase = Phase::Deciding;
        call.holds.retain(|(_, until)| *until > now.mono);
        // Whoever came before waits for the same quota: there is nothing to take past them.
        if call.ask.pinned.is_none() && call.holds.is_empty() && self.queue.has_head(call.lane) {
            return match self.never(now, id) {
                Some(code) => self.fail(now, id, Some(code)),
                None => self.enqueue(now, id, None),
            };
        }
        self.mind_manners(now, id);
        let Some(call) = self.calls.get(&id) else { return };
        if call.manners.sated.is_some() && call.ask.pinned.is_none() && call.holds.is_empty() {
            return self.enqueue(now, id, None);
        }
        match self.scheduler.pick(&self.config, now, &call.need()) {
            Ok(grant) => self.send(now, id, grant),
            Err(outlook) => match self.never(now, id) {
                Some(code) => self.fail(now, id, Some(code)),
                None => self.wait(now, id, &outlook),
            },
        }
    }

    /// Why a call can't ever go, if that is so. Only what a caller states can be too large for ever; what is guessed is cut
    /// to fit. A roster does not tell: keys that were full for somebody else have not been asked for this size.
    fn never(&mut self, now: Now, id: CallId) -> Option<FailureCode> {
        let call = self.calls.get(&id).filter(|call| matches!(call.ask.demand, Demand::Stated(_)))?;
        let survey = self.scheduler.survey(&self.config, now, &call.need());
        (survey.until() == Until::Never && survey.able == 0).then(|| survey.code())
    }

    /// Looks at the heads of lanes that may go. Stops when none may.
    pub(super) fn pump(&mut self, now: Now) {
        self.queue.bring_back(now.mono);
        while let Some(id) = self.queue.ready(now.mono) {
            self.mind_manners(now, id);
            let Some(call) = self.calls.get(&id) else { return };
            if let (Some(until), Phase::Queued { place, .. }) = (call.manners.sated, &call.phase) {
                self.queue.put_aside(call.ask.session.as_deref(), place, until);
                continue;
            }
            match self.scheduler.pick(&self.config, now, &call.need()) {
                Ok(grant) => {
                    self.unqueue(now, id, true);
                    self.send(now, id, grant);
                }
                Err(outlook) => {
                    let lane = call.lane;
                    if let Some(code) = self.refusal(now, id, outlook.until(), outlook.pending.is_some()) {
                        self.fail(now, id, Some(code));
                        continue;
                    }
                    let waiting = self.queue.len_of(lane) as u64;
                    let Some(call) = self.calls.get(&id) else { return };
                    if let Some(grant) = self.scheduler.probe_minute(&self.config, now, &call.need(), waiting) {
                        self.unqueue(now, id, true);
                        self.send(now, id, grant);
                        continue;
                    }
                    // Somebody may have to look again before there is room: to find out how the minute runs.
                    let curious = self.scheduler.curious_from(&self.config, lane).filter(|from| *from > now.mono);
                    let opens = match (outlook.opens, curious) {
                        (Some((at, reason)), Some(from)) if from < at => Some((from, reason)),
                        (opens, _) => opens,
                    };
                    let seen = (outlook.reason(), limit_of(&outlook));
                    self.queue.looked_at(lane, opens, outlook.pending.is_some(), seen);
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
        let (model, lane, session) = (call.model, call.lane, call.ask.session.clone());
        let last = call.notes.last().map(|note| note.verdict);
        let shadowed = grant.shadowed;
        call.phase = Phase::InFlight { grant, sent: now.mono };
        call.trace.note(now.wall, Step::Sent { key: send.key, attempt: send.attempt });
        self.in_flight += 1;
        self.set_timer(id, Some(expires));
        self.took_place(now, lane, send.pool, session.as_deref());
        if let Some(left) = left.filter(|left| *left != send.key) {
            self.rotated(now, Some(left), Some(send.key), last.unwrap_or(Verdict::Ok));
        }
        self.journal.sent(now.wall, send.attempt);
        self.journal.shadowed += u64::from(shadowed);
        if let Some(key) = self.scheduler.ring.get_mut(send.key) {
            key.tally.requests += 1;
            key.tally.last_used = Some(now.wall);
        }
        self.emit(Event::Attempt { call: id, key: send.key, model, attempt: send.attempt });
        self.out.push_back(Output::Send(send));
        self.warn(now, send);
    }

    fn wait(&mut self, now: Now, id: CallId, outlook: &Outlook) {
        self.note_skipped(now, id);
        if let Some(code) = self.refusal(now, id, outlook.until(), outlook.pending.is_some()) {
            return self.fail(now, id, Some(code));
        }
        let Some(call) = self.calls.get_mut(&id) else { return };
        match outlook.until() {
            // Its own back-off: nobody else waits for that. Once it is over, the call waits with the others.
            Until::At(at) if !call.holds.is_empty() => {
                let held = call.holds.iter().map(|(_, until)| *until).max();
                self.park(now, id, held.map_or(at, |held| held.min(at)));
            }
            _ => self.enqueue(now, id, Some(outlook)),
        }
    }

    pub(super) fn park(&mut self, now: Now, id: CallId, until: Instant) {
        let Some(call) = self.calls.get_mut(&id) else { return };
        call.phase = Phase::Parked { since: now.mono };
        let until = until.min(call.deadline);
        call.trace.note(now.wall, Step::BacksOff { until: now.wall_of(until) });
        self.set_timer(id, Some(until));
    }

    /// Gives a call a place in the queue and a promise, or refuses it where there is no place or the promise would be of no
    /// use. `outlook`: where keys were looked at just now; behind others nobody looks.
    fn enqueue(&mut self, now: Now, id: CallId, outlook: Option<&Outlook>) {
        let policy = self.config.queue;
        if outlook.is_none() {
            self.mind_manners(now, id);
        }
        let Some(call) = self.calls.get_mut(&id) else { return };
        let session = call.ask.session.as_deref();
        if self.queue.len() >= policy.max_size as usize
            || session.is_some_and(|session| self.queue.of_session(session) >= policy.per_session)
        {
            return self.fail(now, id, Some(FailureCode::QueueFull));
        }
        let lane = call.lane;
        let (later, takes_turns) = (call.manners.later, call.manners.spread == Spread::Always);
        let (priority, arrived, had) = (call.ask.priority, call.began, call.had);
        let guest = Guest { call: id, priority, session, arrived, had, later, takes_turns };
        let (place, ahead) = self.queue.join(lane, guest);
        let expires = patience_ends(now.mono, policy.max_wait).min(call.deadline);
        call.phase = Phase::Queued { place, since: now.mono, expires };
        if let Some(outlook) = outlook.filter(|_| ahead == 0) {
            let seen = (outlook.reason(), limit_of(outlook));
            self.queue.looked_at(lane, outlook.opens, outlook.pending.is_some(), seen);
        }
        // The more that wait, the more it is worth to find out how the minute runs; asked now and then, not for each.
        let waiting = self.queue.len_of(lane);
        let curious = self.scheduler.curious_from(&self.config, lane);
        if waiting.is_multiple_of(8) && curious.is_some_and(|from| from <= now.mono) {
            self.queue.look_again(lane);
        }
        let starts = self.promise(now, id, ahead);
        // A head that only an attempt under way holds up may go any moment. Whoever has had what others leave may go
        // sooner than promised, if these stay away: that is worth a wait.
        let sated = self.calls.get(&id).and_then(|call| call.manners.sated);
        let until = sated.or(starts).map_or(Until::Probe, Until::At);
        if let Some(code) = self.refusal(now, id, until, starts.is_none()) {
            return self.fail(now, id, Some(code));
        }
        self.set_timer(id, Some(expires));
        let own = match sated {
            Some(_) => Some((WaitReason::Share, None)),
            None => outlook.map(|outlook| (outlook.reason(), limit_of(outlook))),
        };
        let (reason, limit) = own.unwrap_or_else(|| self.queue.seen(lane));
        let until = starts.map(|at| now.wall_of(at));
        if let Some(call) = self.calls.get_mut(&id) {
            call.trace.note(now.wall, Step::Waits { ahead, starts: until, reason, limit });
        }
        self.emit(Event::Waiting { call: id, ahead, until, reason, limit });
    }

    /// Why a call should not wait until then, if so: it can never be met, or not in the time it has. `pending`: an attempt
    /// under way may make room sooner.
    fn refusal(&mut self, now: Now, id: CallId, until: Until, pending: bool) -> Option<FailureCode> {
        let call = self.calls.get(&id)?;
        let patience = match call.phase {
            Phase::Queued { expires, .. } => expires,
            _ => patience_ends(now.mono, self.config.queue.max_wait),
        };
        let deadline = call.deadline;
        let is_late = match until {
            Until::Never => true,
            Until::At(at) if !pending => at > patience || at >= deadline,
            Until::At(_) | Until::Probe => false,
        };
        if !is_late {
            return None;
        }
        let code = self.scheduler.survey(&self.config, now, &call.need()).code();
        let out_of_time = matches!(until, Until::At(at) if at >= deadline && deadline <= patience);
        Some(if out_of_time && code == FailureCode::Exhausted { FailureCode::Deadline } else { code })
    }

    fn warn(&mut self, now: Now, send: Send) {
        loop {
            let (pool, habits) = self.scheduler.with_habits(send.pool);
            let Some((level, threshold)) = pool.pressing(now, habits, &self.config.warn_at) else { return };
            let (metric, span, used, limit) = (level.metric, level.span, level.used, level.limit);
            self.emit(Event::QuotaWarning { pool: send.pool, metric, span, used, limit, threshold });
        }
    }

    /// Takes a call out of the queue; `served` where it has its turn.
    pub(super) fn unqueue(&mut self, now: Now, id: CallId, served: bool) {
        let Some(call) = self.calls.get_mut(&id) else { return };
        call.woken(now.mono);
        if let Phase::Queued { place, .. } = core::mem::replace(&mut call.phase, Phase::Deciding) {
            let number = self.queue.leave(id, call.ask.session.as_deref(), &place, served);
            call.had = number.or(call.had);
        }
    }

    /// Writes down why keys were not taken.
    fn note_skipped(&mut self, now: Now, id: CallId) {
        let Some(call) = self.calls.get_mut(&id) else { return };
        let most = if call.ask.explain { usize::MAX } else { FEW };
        let roster = self.scheduler.roster(call.lane);
        let skip = |(key, refusal): (KeyId, Refusal)| Skip {
            key,
            reason: survey::reason(refusal),
            limit: match refusal {
                Refusal::Full { level, .. } => {
                    let (metric, span, used, limit) = (level.metric, level.span, level.used, level.limit);
                    Some(WaitLimit { key, metric, span, used, limit })
                }
                _ => None,
            },
            until: match refusal.until() {
                Until::At(at) => Some(now.wall_of(at)),
                Until::Probe | Until::Never => None,
            },
        };
        let skipped: Vec<Skip> = roster.skipped().take(most).map(skip).collect();
        if !skipped.is_empty() {
            call.trace.note(now.wall, Step::Skipped(skipped));
        }
    }
}

/// What we add to hints ourselves must not make a call give up that the hint alone would have let wait.
pub(super) fn patience_ends(now: Instant, max_wait: Millis) -> Instant {
    now + max_wait + penalty::most_padding(max_wait)
}
