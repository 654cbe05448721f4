//! A pool: the quota of one provider, project and model. It hands out permits, and without a permit nothing is sent.
//!
//! What is learned from answers is in `learning`.

use core::mem;
use std::collections::VecDeque;

use super::day::{Day, Room};
use super::gate::{Cause, Finding, Gate, Pass, Shut, Until};
use super::habits::{Counting, Habits, Unserved};
use super::learned::Learned;
use super::limits::Limits;
use super::permit::{Bet, Permit, Receipt};
use super::provider::Provider;
use super::time::{Instant, Millis, Now, UnixMillis};
use super::units::{ModelId, PoolId, ProjectId, Tokens};
use super::verdict::{Metric, Span};
use super::window::{Frame, ROUNDING, Use, Window};

#[derive(Debug)]
pub(crate) struct Pool {
    pub(crate) id: PoolId,
    pub(crate) provider: Provider,
    pub(crate) project: ProjectId,
    pub(crate) model: ModelId,
    /// The limits in force: what is declared, a preset's, or learned.
    pub(crate) limits: Limits,
    pub(super) declared: Limits,
    pub(super) preset: Limits,
    pub(super) learned: Learned,
    pub(crate) gate: Gate,
    /// Refusals in a row, over all calls.
    pub(crate) refusals: u32,
    pub(super) minute: Window,
    /// What refused and lost requests would use if the provider counts them, while that is not known.
    pub(super) ghosts: [Window; 2],
    pub(super) day: Day,
    pub(super) in_flight: u64,
    /// It turned out to be another pool under another name, which goes on for both.
    pub(super) moved: Option<PoolId>,
    /// A call is under way that bets on this pool.
    pub(super) betting: bool,
    /// When the next send may go if they are spread evenly.
    paced: Instant,
    /// The last sends, as many as may go in a burst.
    burst: VecDeque<Instant>,
    /// When places were last seen to have just become ours again, and how many.
    freed: (Instant, u64),
    warned: Warned,
}

/// Which limits have been warned about in their present window: each crossing is told once.
#[derive(Debug, Default)]
struct Warned {
    until: [UnixMillis; 4],
}

/// Use of one limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Level {
    pub(crate) metric: Metric,
    pub(crate) span: Span,
    pub(crate) used: u64,
    pub(crate) limit: u64,
}

/// How many tokens a request asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Demand {
    /// The caller said so: larger than the limit means never.
    Stated(Tokens),
    /// Our own guess from the body's length: a guess above the limit is cut to it, and the request goes alone.
    Guessed(Tokens),
}

impl Demand {
    pub(crate) const fn tokens(self) -> Tokens {
        match self {
            Self::Stated(tokens) | Self::Guessed(tokens) => tokens,
        }
    }

    fn within(self, limits: &Limits) -> Result<Tokens, Refusal> {
        let most = [limits.tpm, limits.tpd].into_iter().flatten().min();
        match (self, most) {
            (Self::Stated(tokens), Some(most)) if tokens.0 > most.get() => {
                Err(Refusal::NeverFits { limit: most.get(), metric: Metric::Tokens })
            }
            (Self::Guessed(tokens), Some(most)) => Ok(tokens.min(Tokens(most.get()))),
            (Self::Stated(tokens) | Self::Guessed(tokens), _) => Ok(tokens),
        }
    }
}

/// On what terms a request is admitted.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Terms {
    pub(crate) demand: Demand,
    /// The share of each minute's limit, in thousandths, that it must leave to others.
    pub(crate) spare: u64,
    pub(crate) spread: Spread,
}

/// Whether a request waits for its turn although there is room.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Spread {
    #[default]
    No,
    /// Once half of the minute is used.
    Scarce,
    Always,
}

impl Terms {
    /// Whether the same request might go on other terms.
    pub(crate) const fn is_strict(&self) -> bool {
        self.spare > 0 || !matches!(self.spread, Spread::No)
    }
}

/// How a request may go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Leave {
    pub(crate) pass: Pass,
    tokens: Tokens,
    bet: Bet,
    tight: bool,
    contested: bool,
}

/// What a pool says to a call that it cannot admit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// Its gate is shut.
    Shut(Shut),
    /// A limit is reached; there is room at this instant if nobody else takes it.
    Full { until: Instant, level: Level },
    /// Sends are spread, and the last one was just before.
    Paced { until: Instant },
    /// Somebody is finding out whether there is more.
    Betting,
    /// The call itself backs off from this pool.
    Held { until: Instant },
    /// As many requests as allowed are under way; the next settlement makes room.
    Busy,
    /// Larger than the limit itself: not ever.
    NeverFits { limit: u64, metric: Metric },
}

/// Why a request may have to wait for a limit: until when, for which, and what it may bet on instead.
#[derive(Clone, Copy)]
struct Short {
    until: Instant,
    level: Level,
}

impl Pool {
    pub(crate) fn new(
        id: PoolId,
        (provider, project, model): (Provider, ProjectId, ModelId),
        (declared, preset): (Limits, Limits),
        now: Now,
    ) -> Self {
        Self {
            id,
            provider,
            project,
            model,
            limits: Learned::default().in_force(declared, preset),
            declared,
            preset,
            learned: Learned::default(),
            gate: Gate::default(),
            refusals: 0,
            minute: Window::default(),
            ghosts: [Window::default(), Window::default()],
            day: Day::new(provider, now),
            in_flight: 0,
            moved: None,
            betting: false,
            paced: Instant::default(),
            burst: VecDeque::new(),
            freed: (Instant::default(), 0),
            warned: Warned::default(),
        }
    }

    /// Other limits are declared from now on.
    pub(crate) fn declare(&mut self, declared: Limits, preset: Limits) {
        (self.declared, self.preset) = (declared, preset);
        self.limits = self.learned.in_force(declared, preset);
    }

    /// Whether a request of this size may ever go.
    pub(crate) fn fits(&self, demand: Demand) -> Result<(), Refusal> {
        demand.within(&self.limits).map(|_| ())
    }

    /// Whether a request may go now, without taking the permit.
    pub(crate) fn check(&mut self, now: Now, habits: &Habits, terms: Terms) -> Result<Leave, Refusal> {
        let pass = self.gate.check(now.mono).map_err(Refusal::Shut)?;
        if self.limits.concurrency.is_some_and(|most| self.in_flight >= most.get()) {
            return Err(Refusal::Busy);
        }
        let tokens = terms.demand.within(&self.limits)?;
        self.day.turn(now);
        let new_day = self.day_room(now, habits, tokens)?;
        if new_day && self.betting {
            return Err(Refusal::Betting);
        }
        let freed = self.sweep(now.mono, habits);
        let bet = match self.minute_room(now.mono, habits, terms, tokens)? {
            Bet::None if new_day => Bet::NewDay,
            bet => bet,
        };
        self.burst_room(now.mono, habits.frame().span())?;
        let used = self.minute.total().requests;
        let spreads = match terms.spread {
            Spread::No => false,
            Spread::Scarce => self.requests_a_minute().is_some_and(|limit| used * 2 >= limit),
            Spread::Always => true,
        };
        if spreads && self.paced > now.mono {
            return Err(Refusal::Paced { until: self.paced });
        }
        let ghosts: u64 = self.ghosts.iter().map(|window| window.total().requests).sum();
        let limit = self.requests_a_minute();
        Ok(Leave {
            pass,
            tokens,
            bet,
            tight: freed > 0 && limit.is_some_and(|limit| used + freed >= limit),
            contested: ghosts > 0 && limit.is_some_and(|limit| used + ghosts >= limit),
        })
    }

    /// Takes the permit that `check` allows.
    pub(crate) fn admit(&mut self, now: Now, habits: &mut Habits, terms: Terms) -> Result<Permit, Refusal> {
        let leave = self.check(now, habits, terms)?;
        Ok(self.reserve(now, habits, leave))
    }

    /// A permit whatever the gate and the limits say, counted like any other: for a test of one key.
    pub(crate) fn admit_anyway(&mut self, now: Now, habits: &mut Habits) -> Permit {
        self.day.turn(now);
        let pass = self.gate.check(now.mono).unwrap_or(Pass::Free);
        self.reserve(now, habits, Leave { pass, tokens: Tokens(1), bet: Bet::None, tight: false, contested: false })
    }

    /// A permit above a limit, to find out whether the minute is fixed.
    pub(crate) fn admit_probe(&mut self, now: Now, habits: &mut Habits, demand: Demand) -> Option<Permit> {
        let pass = self.gate.check(now.mono).ok()?;
        let tokens = demand.within(&self.limits).ok()?;
        // A burst's limit, or what is left to others, is of our own making: an answer above it tells nothing.
        let (frame, used) = (habits.frame(), self.minute.total());
        let is_full = self.limits.rpm.is_some_and(|rpm| used.requests >= rpm.get());
        let is_all = self.burst_room(now.mono, frame.span()).is_ok()
            && self.short_of_tokens(now.mono, frame, used, tokens).is_none()
            && self.limits.concurrency.is_none_or(|most| self.in_flight < most.get())
            && matches!(self.day_room(now, habits, tokens), Ok(false));
        if !is_full || !is_all {
            return None;
        }
        Some(self.reserve(now, habits, Leave { pass, tokens, bet: Bet::FixedMinute, tight: false, contested: false }))
    }

    fn reserve(&mut self, now: Now, habits: &mut Habits, leave: Leave) -> Permit {
        self.gate.enter(now.mono);
        match leave.bet {
            Bet::None => {}
            Bet::FixedMinute => habits.betting = true,
            Bet::Above | Bet::NewDay => self.betting = true,
            Bet::Early => habits.tries(),
        }
        let used = Use::one(leave.tokens.0);
        // Until it is answered, from its send on: a promise may be early by the allowance, never late.
        let counted = now.mono;
        self.minute.add(counted, habits.frame(), used);
        self.day.add(counted, used);
        self.in_flight += 1;
        self.pace(now.mono, habits.frame().span(), leave.tokens);
        Permit {
            pool: self.id,
            pass: leave.pass,
            sent: now.mono,
            counted,
            day: self.day.marker(),
            reserved: leave.tokens,
            bet: leave.bet,
            tight: leave.tight,
            contested: leave.contested,
        }
    }

    /// The provider counted the request, somewhere between its send and its answer.
    pub(crate) fn settle(&mut self, now: Instant, habits: &Habits, permit: Permit) -> Receipt {
        self.in_flight -= 1;
        let frame = habits.frame();
        let counted = habits.counted_at(permit.sent, now);
        let taken = self.minute.take_back(permit.counted, frame, Use::one(permit.reserved.0));
        self.minute.add_sent(permit.sent, counted, frame, taken);
        let receipt = Receipt { pool: self.id, counted, day: permit.day, reserved: permit.reserved };
        mem::forget(permit);
        receipt
    }

    /// The provider did not serve the request, and may or may not have counted it.
    pub(crate) fn unserved(&mut self, now: Instant, habits: &Habits, permit: Permit, how: Unserved) {
        if habits.counting(how) == Counting::Counts {
            self.settle(now, habits, permit);
            return;
        }
        let frame = habits.frame();
        if habits.counting(how) == Counting::Unknown {
            self.ghosts[how as usize].add(habits.counted_at(permit.sent, now), frame, Use::one(permit.reserved.0));
        }
        self.in_flight -= 1;
        self.minute.take_back(permit.counted, frame, Use::one(permit.reserved.0));
        // Nor was it a turn of those that are spread.
        self.paced = Instant(self.paced.0.saturating_sub(self.step(frame.span(), permit.reserved).0));
        // Of the day it stays a part until one call has shown otherwise: users report that refused calls ate theirs.
        self.day.unserved(permit.day);
        mem::forget(permit);
    }

    /// The request was never sent, or never counted: everything is as if it had not been.
    pub(crate) fn release(&mut self, habits: &Habits, permit: Permit) {
        self.in_flight -= 1;
        let used = Use::one(permit.reserved.0);
        self.minute.take_back(permit.counted, habits.frame(), used);
        self.day.take_back(permit.day, permit.counted, used);
        self.paced = Instant(self.paced.0.saturating_sub(self.step(habits.frame().span(), permit.reserved).0));
        if let Some(at) = self.burst.iter().rposition(|sent| *sent == permit.sent) {
            self.burst.remove(at);
        }
        mem::forget(permit);
    }

    /// An answer has told how many tokens a request has used in truth.
    pub(crate) fn correct(&mut self, habits: &Habits, receipt: Receipt, used: Tokens) {
        let (frame, only) = (habits.frame(), |tokens| Use { requests: 0, tokens });
        if used < receipt.reserved {
            let over = only(receipt.reserved.0 - used.0);
            self.minute.take_back(receipt.counted, frame, over);
            self.day.take_back(receipt.day, receipt.counted, over);
        } else {
            let more = only(used.0 - receipt.reserved.0);
            self.minute.add(receipt.counted, frame, more);
            self.day.add(receipt.counted, more);
        }
    }

    /// The other pool is this one under another name: what it has used counts here from now on.
    pub(crate) fn absorb(&mut self, other: &mut Self, habits: &Habits) {
        let frame = habits.frame();
        self.minute.absorb(&mut other.minute, frame);
        for (ghosts, its) in self.ghosts.iter_mut().zip(&mut other.ghosts) {
            ghosts.absorb(its, frame);
        }
        self.day.absorb(&mut other.day);
        self.in_flight += mem::take(&mut other.in_flight);
        self.betting |= other.betting;
        if let Gate::Closed { cause, until } = other.gate {
            self.gate.close(cause, until);
        }
        other.moved = Some(self.id);
    }

    /// Ends a probe of this pool's gate; see `Gate::conclude`.
    pub(crate) fn conclude(&mut self, now: Instant, pass: Pass, finding: Finding) -> bool {
        pass == Pass::Probe && self.gate.conclude(now, finding)
    }

    /// Forgets what is held against it. What was used stays used.
    pub(crate) fn reset(&mut self) {
        self.gate.open();
        self.refusals = 0;
        self.learned.ceiling = None;
    }

    /// When a refused minute should be over, if the server gave no hint: the end of the window that we have observed.
    pub(crate) fn observed_window_ends(&mut self, now: Instant, habits: &Habits) -> Option<Instant> {
        self.minute.used(now, habits.frame());
        self.minute.oldest_leaves(habits.frame())
    }

    /// What is used of the minute and of the day.
    pub(crate) fn used(&mut self, now: Now, habits: &Habits) -> (Use, Use) {
        self.day.turn(now);
        (self.minute.used(now.mono, habits.frame()), self.day.used(habits.midnight))
    }

    /// When the minute's use begins to leave, and when the day ends.
    pub(crate) fn resets(&mut self, now: Now, habits: &Habits) -> (Instant, UnixMillis) {
        self.day.turn(now);
        (self.minute.oldest_leaves(habits.frame()).unwrap_or(now.mono), self.day.ends(now, habits.midnight))
    }

    /// How many requests a minute can be had, as far as is known.
    pub(crate) fn requests_a_minute(&self) -> Option<u64> {
        let ceiling = self.learned.ceiling.map(|ceiling| ceiling.at_most);
        self.limits.rpm.map(core::num::NonZeroU64::get).into_iter().chain(ceiling).min()
    }

    /// Whether some limit in force was learned.
    pub(crate) fn has_learned(&self) -> bool {
        self.learned.is_in(self.limits, self.declared)
    }

    /// What its minute holds and when that leaves, oldest first.
    pub(crate) fn departures(&self, habits: &Habits) -> impl Iterator<Item = (Instant, u64)> {
        self.minute.slices(habits.frame()).map(|(leaves, used)| (leaves, used.requests))
    }

    /// The share of the tightest known limit that is left, in thousandths; `None` where no limit is known.
    pub(crate) fn headroom(&mut self, now: Now, habits: &Habits) -> Option<u64> {
        let left = |used: u64, limit: u64| limit.saturating_sub(used).saturating_mul(1000) / limit.max(1);
        self.levels(now, habits).into_iter().flatten().map(|level| left(level.used, level.limit)).min()
    }

    /// Limits that have just crossed `threshold` (thousandths), each told once a window.
    pub(crate) fn pressing(&mut self, now: Now, habits: &Habits, threshold: u64) -> Option<Level> {
        let Self { limits: Limits { rpm, tpm, rpd, tpd, .. }, .. } = *self;
        if rpm.or(tpm).or(rpd).or(tpd).is_none() && self.learned.ceiling.is_none() {
            return None;
        }
        let levels = self.levels(now, habits);
        let crossed = (0..4).find(|&n| {
            levels[n].is_some_and(|level| {
                level.used.saturating_mul(1000) >= level.limit.saturating_mul(threshold)
                    && self.warned.until[n] <= now.wall
            })
        })?;
        self.warned.until[crossed] = match crossed {
            0 | 1 => now.wall + habits.frame().span(),
            _ => self.day.ends(now, habits.midnight),
        };
        levels[crossed]
    }

    fn levels(&mut self, now: Now, habits: &Habits) -> [Option<Level>; 4] {
        let (minute, day) = self.used(now, habits);
        let level = |limit: Option<u64>, used, metric, span| limit.map(|limit| Level { metric, span, used, limit });
        let value = |limit: Option<core::num::NonZeroU64>| limit.map(core::num::NonZeroU64::get);
        let Limits { tpm, rpd, tpd, .. } = self.limits;
        [
            level(self.requests_a_minute(), minute.requests, Metric::Requests, Span::Minute),
            level(value(tpm), minute.tokens, Metric::Tokens, Span::Minute),
            level(value(rpd), day.requests, Metric::Requests, Span::Day),
            level(value(tpd), day.tokens, Metric::Tokens, Span::Day),
        ]
    }

    /// Drops what has left the minute, and decides about ghosts. Returns how many places became ours again just now.
    fn sweep(&mut self, now: Instant, habits: &Habits) -> u64 {
        let frame = habits.frame();
        let oldest = self.minute.oldest_leaves(frame);
        let before = self.minute.total().requests;
        let freed = before - self.minute.used(now, frame).requests;
        for how in [Unserved::Refused, Unserved::Lost] {
            let ghosts = &mut self.ghosts[how as usize];
            match habits.counting(how) {
                Counting::Unknown => {
                    ghosts.used(now, frame);
                }
                Counting::Counts => self.minute.absorb(ghosts, frame),
                Counting::Free => *ghosts = Window::default(),
            }
        }
        let (at, places) = self.freed;
        let still = if now - at <= JUST_NOW { places } else { 0 };
        let is_new = oldest.is_some_and(|leaves| leaves <= now && now - leaves <= JUST_NOW);
        if is_new {
            self.freed = (now, still + freed);
        }
        still + if is_new { freed } else { 0 }
    }

    /// Whether the day has room: `Ok(true)` where that is a bet.
    fn day_room(&self, now: Now, habits: &Habits, tokens: Tokens) -> Result<bool, Refusal> {
        let over = |used: Use| self.over_day(used, tokens);
        match self.day.room(now, habits.midnight, over) {
            Room::Free => Ok(false),
            Room::Doubtful => Ok(true),
            Room::Full(until) => {
                let used = self.day.used(habits.midnight);
                let level = match (self.limits.rpd, self.limits.tpd) {
                    (Some(rpd), _) if used.requests >= rpd.get() => {
                        Level { metric: Metric::Requests, span: Span::Day, used: used.requests, limit: rpd.get() }
                    }
                    (_, tpd) => Level {
                        metric: Metric::Tokens,
                        span: Span::Day,
                        used: used.tokens,
                        limit: tpd.map_or(0, core::num::NonZeroU64::get),
                    },
                };
                Err(Refusal::Full { until, level })
            }
        }
    }

    /// By how much a use of the day would exceed it with one more request of so many tokens.
    pub(super) fn over_day(&self, used: Use, tokens: Tokens) -> u64 {
        let requests = self.limits.rpd.map_or(0, |rpd| (used.requests + 1).saturating_sub(rpd.get()));
        let tokens = self.limits.tpd.map_or(0, |tpd| used.tokens.saturating_add(tokens.0).saturating_sub(tpd.get()));
        requests.max(tokens)
    }

    /// Whether the minute has room, and what a request bets on by taking it.
    fn minute_room(&self, now: Instant, habits: &Habits, terms: Terms, tokens: Tokens) -> Result<Bet, Refusal> {
        let frame = habits.frame();
        let used = self.minute.total();
        let short =
            [self.short_of_tokens(now, frame, used, tokens), self.short_of_requests(now, frame, used, terms.spare)];
        // The last to have room again counts.
        let short = short.into_iter().flatten().max_by_key(|short| short.until);
        if let Some(Short { until, level }) = short {
            // Where tokens are short as well, or places are left to others, more has to leave than the oldest.
            let is_oldest = self.minute.oldest_leaves(frame).is_some_and(|leaves| until <= leaves);
            let soon = self.tries_at(now, habits, level).filter(|_| is_oldest);
            if soon.is_some_and(|at| at <= now) {
                return Ok(Bet::Early);
            }
            let may_outgrow =
                level.metric == Metric::Requests && self.declared.rpm.is_none() && used.requests >= level.limit;
            if may_outgrow && self.learned.is_stale(now) && !self.betting {
                return Ok(Bet::Above);
            }
            return Err(Refusal::Full { until: soon.map_or(until, |soon| soon.min(until)), level });
        }
        if let Some(ceiling) = self.learned.ceiling.filter(|ceiling| used.requests >= ceiling.at_most) {
            if self.betting {
                return Err(Refusal::Betting);
            }
            if ceiling.tried_at <= now {
                return Ok(Bet::Above);
            }
            let room = self.minute.rid_of(now, frame, used.requests + 1 - ceiling.at_most, |used| used.requests);
            let until = room.unwrap_or(ceiling.tried_at).min(ceiling.tried_at);
            let level =
                Level { metric: Metric::Requests, span: Span::Minute, used: used.requests, limit: ceiling.at_most };
            return Err(Refusal::Full { until, level });
        }
        let rolling_is_full = || self.limits.rpm.is_some_and(|rpm| self.minute.rolling_requests() >= rpm.get());
        match habits.is_unproved() && rolling_is_full() {
            true if habits.betting => Err(Refusal::Betting),
            true => Ok(Bet::FixedMinute),
            false => Ok(Bet::None),
        }
    }

    /// When one call may try whether the oldest place is ours again, where that is all that is missing.
    fn tries_at(&self, now: Instant, habits: &Habits, level: Level) -> Option<Instant> {
        let Frame::Rolling(span) = habits.frame() else { return None };
        let is_one = (level.metric, level.span, level.used) == (Metric::Requests, Span::Minute, level.limit);
        let may_try = is_one && self.learned.ceiling.is_none() && self.can_afford_a_refusal();
        let after = habits.try_after(now).filter(|_| may_try)?;
        Some(self.minute.oldest_sent()? + span + ROUNDING + after)
    }

    /// Refused requests may count for the day: where a day has few, none is spent on finding something out.
    pub(super) fn can_afford_a_refusal(&self) -> bool {
        self.limits.rpd.is_none_or(|rpd| rpd.get() >= FEW_A_DAY)
    }

    fn short_of_requests(&self, now: Instant, frame: Frame, used: Use, spare: u64) -> Option<Short> {
        let limit = self.limits.rpm?.get();
        // At least one request a minute is everybody's.
        let most = (limit - limit * spare / 1000).max(1);
        let over = (used.requests + 1).checked_sub(most).filter(|over| *over > 0)?;
        let until = self.minute.rid_of(now, frame, over, |used| used.requests)?;
        let level = Level { metric: Metric::Requests, span: Span::Minute, used: used.requests, limit };
        Some(Short { until, level })
    }

    fn short_of_tokens(&self, now: Instant, frame: Frame, used: Use, tokens: Tokens) -> Option<Short> {
        let limit = self.limits.tpm?.get();
        let over = used.tokens.saturating_add(tokens.0).checked_sub(limit).filter(|over| *over > 0)?;
        // What is larger than the bucket goes when nothing else counts.
        let until = self.minute.rid_of(now, frame, over.min(used.tokens), |used| used.tokens)?;
        let level = Level { metric: Metric::Tokens, span: Span::Minute, used: used.tokens, limit };
        (until > now).then_some(Short { until, level })
    }

    /// A burst of b out of r a minute: no more than b within the time in which b are earned. Without `rpm` the minute's
    /// whole span is the only honest measure.
    fn burst_room(&self, now: Instant, span: Millis) -> Result<(), Refusal> {
        let Some(burst) = self.limits.burst.map(core::num::NonZeroU64::get) else { return Ok(()) };
        let earned = self.limits.rpm.map_or(span, |rpm| Millis(span.0.saturating_mul(burst) / rpm.get()).min(span));
        let first = self.burst.len().checked_sub(burst as usize).and_then(|at| self.burst.get(at));
        let Some(until) = first.map(|first| *first + earned).filter(|until| *until > now) else { return Ok(()) };
        let level = Level { metric: Metric::Requests, span: Span::Minute, used: burst, limit: burst };
        Err(Refusal::Full { until, level })
    }

    /// The next send, if sends are spread: a minute's share later, of requests or of tokens.
    fn pace(&mut self, now: Instant, span: Millis, tokens: Tokens) {
        self.paced = self.paced.max(now) + self.step(span, tokens);
        if let Some(burst) = self.limits.burst {
            self.burst.push_back(now);
            while self.burst.len() as u64 > burst.get() {
                self.burst.pop_front();
            }
        }
    }

    fn step(&self, span: Millis, tokens: Tokens) -> Millis {
        let by_requests = self.requests_a_minute().map_or(0, |rpm| span.0 / rpm.max(1));
        let by_tokens = self.limits.tpm.map_or(0, |tpm| span.0.saturating_mul(tokens.0) / tpm.get());
        Millis(by_requests.max(by_tokens))
    }
}

/// A place that was ours again for longer proves nothing about how early we may be.
/// One of so many is less than half a percent.
const FEW_A_DAY: u64 = 250;
const JUST_NOW: Millis = Millis(1_000);

impl Refusal {
    /// When this may change, as far as it is known.
    pub(crate) fn until(&self) -> Until {
        match self {
            Self::Shut(shut) => shut.until,
            Self::Full { until, .. } | Self::Held { until } | Self::Paced { until } => Until::At(*until),
            Self::Busy | Self::Betting => Until::Probe,
            Self::NeverFits { .. } => Until::Never,
        }
    }

    /// The cause in a gate's words, for reports.
    pub(crate) fn cause(&self) -> Option<Cause> {
        match self {
            Self::Shut(shut) => Some(shut.cause),
            Self::Full { level: Level { span: Span::Minute, .. }, .. } | Self::Paced { .. } => Some(Cause::MinuteQuota),
            Self::Full { level: Level { span: Span::Day, .. }, .. } => Some(Cause::DayQuota),
            Self::Held { .. } | Self::Busy | Self::Betting | Self::NeverFits { .. } => None,
        }
    }
}
