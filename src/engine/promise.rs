//! Promises: when a waiting call will go, and how it behaves towards the others until then.

use super::call::{Manners, Phase};
use super::client::Engine;
use super::config::Pacing;
use super::event::WaitLimit;
use super::forecast::Forecast;
use super::roster::{LaneId, Outlook};
use super::shares::{Shares, Standing};
use super::terms::{Demand, Spread};
use super::time::{Instant, Now};
use super::units::{CallId, PoolId, Tokens};

impl Engine {
    /// When a call with so many before it will go, if that can be told. `None`: not known.
    pub(super) fn promise(&mut self, now: Now, id: CallId, ahead: u32) -> Option<Instant> {
        let after_others = self.after_others(now, id, u64::from(ahead));
        let call = self.calls.get(&id)?;
        let lane = call.lane;
        let head = self.queue.opens(lane);
        if call.manners.sated.is_some() {
            let Phase::Queued { place, .. } = &call.phase else { return None };
            let session = call.ask.session.as_deref();
            let nth = self.queue.ahead_in_session(session, place).unwrap_or(0);
            let began = self.scheduler.minute_began(now.mono, call.ask.provider);
            let own = self.shares.get(&lane).and_then(|shares| shares.nth_place(began, session?, nth));
            return own.max(call.manners.sated);
        }
        if ahead == 0 && head.is_some() {
            return head.max(after_others);
        }
        let ahead = u64::from(ahead);
        let takes_turns = call.manners.spread == Spread::Always;
        let Phase::Queued { place, .. } = &call.phase else { return None };
        // Whoever goes at once goes after the last one before it that is spread; one that is spread has its own turn. Those
        // between two that are spread take turns with them, if they wait for them or not.
        let after = match (self.queue.spread_before(place), takes_turns) {
            (Some((first, _)), true) => Some((first, ahead)),
            (None, true) => Some((ahead, ahead)),
            (Some((first, last)), false) => Some((first, last)),
            (None, false) => None,
        };
        let forecast = self.forecast(now, id)?;
        let start = forecast.start(ahead)?;
        let turn = match (after, forecast.capacity()) {
            (Some((first, at)), Some(capacity)) => {
                let period = forecast.period();
                let mut turn = |at: u64| forecast.turn(at.saturating_sub(first), first);
                // The place of somebody who goes later than there is room comes back later, too.
                let back = ahead.checked_sub(capacity).filter(|before| !takes_turns && *before >= first);
                let back = back.and_then(|before| turn(before.min(at))).map(|turn| turn + period);
                turn(at).max(back)
            }
            _ => None,
        };
        Some(start.max(turn.unwrap_or(start)).max(head.unwrap_or(start)).max(after_others.unwrap_or(start)))
    }

    /// The places of a call's lane in time to come.
    fn forecast(&mut self, now: Now, id: CallId) -> Option<&mut Forecast> {
        let call = self.calls.get(&id)?;
        let lane = call.lane;
        if self.forecasts.get(&lane).is_none_or(|known| !known.is_fresh(now.mono)) {
            // For everybody in the lane: not for one that backs off, nor for one that is too large.
            let demand = Demand::Guessed(Tokens(0));
            let need = super::scheduler::Need { holds: &[], demand, ..call.need() };
            let made = self.scheduler.forecast(&self.config, now, &need);
            self.forecasts.insert(lane, made);
        }
        self.forecasts.get_mut(&lane)
    }

    /// When a call that one project alone may serve gets a place there, if those that any may serve wait as well: they came
    /// first, and take the places of all until they have theirs.
    fn after_others(&mut self, now: Now, id: CallId, ahead: u64) -> Option<Instant> {
        let call = self.calls.get(&id)?;
        call.ask.only?;
        let (own, others) = (call.lane, self.scheduler.lane_of_all(call.lane)?);
        let waiting = self.queue.len_of(others) as u64;
        if waiting == 0 {
            return None;
        }
        if self.forecasts.get(&others).is_none_or(|known| !known.is_fresh(now.mono)) {
            let demand = Demand::Guessed(Tokens(0));
            let need = super::scheduler::Need { lane: others, only: None, holds: &[], demand, ..call.need() };
            let made = self.scheduler.forecast(&self.config, now, &need);
            self.forecasts.insert(others, made);
        }
        let theirs = self.forecasts.get_mut(&others)?.start(waiting)?;
        self.forecast(now, id)?;
        let forecast = self.forecasts.get_mut(&own)?;
        // The first of its project's places that is not theirs.
        let (mut low, mut high) = (ahead, ahead + waiting);
        while low < high {
            let middle = low.midpoint(high);
            if forecast.start(middle)? < theirs {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        forecast.start(low).map(|start| start.max(theirs))
    }

    /// Somebody of a lane was sent.
    pub(super) fn took_place(&mut self, now: Now, lane: LaneId, pool: PoolId, session: Option<&str>) {
        if let Some(forecast) = self.forecasts.get_mut(&lane) {
            forecast.took(now.mono, pool);
        }
        if let Some(session) = session.filter(|_| self.config.queue.fair) {
            self.shares.get_or_insert_with(lane, || Shares::new(self.config.window)).sent(now.mono, session);
        }
    }

    /// What was sent for a session was not served.
    pub(super) fn gave_nothing(&mut self, lane: LaneId, session: Option<&str>) {
        if let Some(session) = session.filter(|_| self.config.queue.fair)
            && let Some(shares) = self.shares.get_mut(&lane)
        {
            shares.unsent(session);
        }
    }

    /// A call has come to its lane, or left it for good.
    pub(super) fn note_session(&mut self, lane: LaneId, session: Option<&str>, came: bool) {
        let Some(session) = session.filter(|_| self.config.queue.fair) else { return };
        let shares = self.shares.get_or_insert_with(lane, || Shares::new(self.config.window));
        if came {
            shares.came(session);
        } else {
            shares.left(session);
        }
    }

    /// Settles how a call behaves towards others before a key is looked for.
    pub(super) fn mind_manners(&mut self, now: Now, id: CallId) {
        let Some(call) = self.calls.get(&id) else { return };
        let (lane, provider) = (call.lane, call.ask.provider);
        // Whoever comes back from a failed attempt has had the turn already.
        let found = match &call.phase {
            _ if call.had.is_some() => 0,
            Phase::Queued { place, .. } => self.queue.found(place),
            _ => self.queue.in_line(lane),
        };
        let session = call.ask.session.clone().filter(|_| self.config.queue.fair && call.had.is_none());
        let reserved: u64 = self
            .config
            .reserves
            .iter()
            .filter(|(name, _)| Some(name) != call.ask.workload.as_ref())
            .map(|(_, share)| share)
            .sum();
        let may_spread = self.config.pacing == Pacing::Auto && found > 0;
        let capacity = if session.is_some() || may_spread {
            self.forecast(now, id).and_then(|forecast| forecast.capacity())
        } else {
            None
        };
        let standing = match (session, capacity) {
            (Some(session), Some(capacity)) => {
                let waits = |name: &str| self.queue.of_session(name) > 0;
                let began = self.scheduler.minute_began(now.mono, provider);
                let shares = self.shares.get(&lane);
                shares.map_or(Standing::Behind, |shares| shares.standing(now.mono, began, &session, capacity, waits))
            }
            _ => Standing::Behind,
        };
        let greedy = standing == Standing::Greedy;
        // What it found, not what waits now: whoever comes later does not break the promise that it was given.
        let outlasts = may_spread && capacity.is_some_and(|capacity| found > capacity);
        let spread = match self.config.pacing {
            Pacing::Even => Spread::Always,
            Pacing::Auto if outlasts => Spread::Always,
            Pacing::Auto | Pacing::Burst if greedy => Spread::Scarce,
            Pacing::Auto | Pacing::Burst => Spread::No,
        };
        let left_to_others = match standing {
            Standing::Behind | Standing::Even | Standing::Sated { .. } => 0,
            Standing::Ahead { wanted } => capacity.map_or(0, |capacity| (wanted * 1000).div_ceil(capacity.max(1))),
            Standing::Greedy => LEFT_BY_THE_GREEDY,
        };
        let sated = match standing {
            Standing::Sated { until } => Some(until),
            _ => None,
        };
        let (spare, later) = ((reserved + left_to_others).min(1000), standing.turns_later());
        if let Some(call) = self.calls.get_mut(&id) {
            call.manners = Manners { spare, spread, later, sated, shadow: self.config.shadow };
        }
    }
}

/// The limit that an outlook speaks of.
pub(super) fn limit_of(outlook: &Outlook) -> Option<WaitLimit> {
    outlook.level.map(|(key, level)| WaitLimit {
        key,
        metric: level.metric,
        span: level.span,
        used: level.used,
        limit: level.limit,
    })
}

/// In thousandths of each minute: enough that the next to come mostly finds a place free.
const LEFT_BY_THE_GREEDY: u64 = 125;
