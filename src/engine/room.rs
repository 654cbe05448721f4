//! Room: whether a pool's limits leave any for one more request, until when not, and what a request bets on by taking it.

use core::num::NonZeroU64;

use super::day::Room;
use super::gate::Pass;
use super::habits::{AT_LATEST, Counting, Habits, TOLERANCE, Unserved};
use super::permit::{Bet, Contest, Permit, Signs};
use super::pool::{Pool, plain};
use super::terms::{Demand, Leave, Level, Refusal, Spread, Terms};
use super::time::{Instant, Millis, Now};
use super::units::Tokens;
use super::verdict::{Metric, Span};
use super::window::{Frame, ROUNDING, Use, Window};

/// Why a request may have to wait for a limit: until when, for which, and what it may bet on instead.
#[derive(Clone, Copy)]
struct Short {
    until: Instant,
    level: Level,
}

impl Pool {
    /// Whether a request may go now, without taking the permit.
    pub(crate) fn check(&mut self, now: Now, habits: &Habits, terms: Terms) -> Result<Leave, Refusal> {
        let pass = self.gate.check(now.mono).map_err(Refusal::Shut)?;
        match self.check_limits(now, habits, terms, pass) {
            Err(Refusal::Full { .. } | Refusal::Paced { .. } | Refusal::Busy | Refusal::Betting) if terms.shadow => {
                let tokens = terms.demand.within(&self.limits)?;
                Ok(Leave { shadowed: true, ..plain(pass, tokens, Bet::None) })
            }
            other => other,
        }
    }

    fn check_limits(&mut self, now: Now, habits: &Habits, terms: Terms, pass: Pass) -> Result<Leave, Refusal> {
        if self.limits.concurrency.is_some_and(|most| self.in_flight + self.streams >= most.get()) {
            return Err(Refusal::Busy);
        }
        let tokens = terms.demand.within(&self.limits)?;
        self.day.turn(now);
        let new_day = self.day_room(now, habits, tokens)?;
        if new_day && self.betting {
            return Err(Refusal::Betting);
        }
        let freed = self.sweep(now.mono, habits);
        let turn = self.turn(terms.spread).filter(|turn| *turn > now.mono);
        let bet = match self.minute_room(now.mono, habits, terms, tokens).map_err(|refusal| refusal.not_before(turn))? {
            Bet::None if new_day => Bet::NewDay,
            bet => bet,
        };
        self.burst_room(now.mono, self.frame(habits).span()).map_err(|refusal| refusal.not_before(turn))?;
        turn.map_or(Ok(()), |until| Err(Refusal::Paced { until }))?;
        let used = self.minute.total().requests;
        let limit = self.requests_a_minute();
        let signs = Signs {
            tight: freed > 0 && limit.is_some_and(|limit| used + freed >= limit),
            beyond_rolling: limit.is_some_and(|limit| self.is_beyond_rolling(now.mono, habits, limit)),
            contest: limit.map_or(Contest::None, |limit| self.contest(now.mono, habits, limit)),
        };
        Ok(Leave { pass, tokens, bet, signs, shadowed: false })
    }

    /// When the next of those that are spread may go.
    fn turn(&self, spread: Spread) -> Option<Instant> {
        let spreads = match spread {
            Spread::No => false,
            Spread::Scarce => self.requests_a_minute().is_some_and(|limit| self.minute.total().requests * 2 >= limit),
            Spread::Always => true,
        };
        spreads.then_some(self.paced)
    }

    /// Whether requests that were not served would leave no room if they counted. By far where what is soon to leave does
    /// not matter for that: places stay ours for longer than they are the provider's.
    fn contest(&self, now: Instant, habits: &Habits, limit: u64) -> Contest {
        let requests = |window: &Window| window.total().requests;
        let ghosts: u64 = self.ghosts.iter().map(requests).sum();
        if ghosts == 0 || requests(&self.minute) + ghosts < limit {
            return Contest::None;
        }
        let frame = self.frame(habits);
        let stays = |window: &Window| -> u64 {
            let slices = window.slices(frame).filter(|(leaves, _)| *leaves > now + AT_LATEST);
            slices.map(|(_, used)| used.requests).sum()
        };
        if stays(&self.minute) + self.ghosts.iter().map(stays).sum::<u64>() >= limit {
            Contest::ByFar
        } else {
            Contest::Close
        }
    }

    /// Whether a rolling minute would have room only long after now.
    fn is_beyond_rolling(&self, now: Instant, habits: &Habits, limit: u64) -> bool {
        let Frame::Fixed { span, .. } = self.frame(habits) else { return false };
        let over = (self.minute.rolling_requests() + 1).saturating_sub(limit);
        self.minute.rolling_rid_of(span, over).is_some_and(|room| room > now + TOLERANCE)
    }

    /// A permit above a limit, to find out whether the minute is fixed.
    pub(crate) fn admit_probe(&mut self, now: Now, habits: &mut Habits, demand: Demand) -> Option<Permit> {
        let pass = self.gate.check(now.mono).ok()?;
        let tokens = demand.within(&self.limits).ok()?;
        // Whoever took a place that came free just before may be overtaken, and the probe be served in its stead.
        let (freed_at, freed) = self.freed;
        if freed > 0 && now.mono - freed_at <= AT_LATEST {
            return None;
        }
        // A burst's limit, or what is left to others, is of our own making: an answer above it tells nothing.
        let (frame, used) = (self.frame(habits), self.minute.total());
        let is_full = self.limits.rpm.is_some_and(|rpm| used.requests >= rpm.get());
        let is_all = self.burst_room(now.mono, frame.span()).is_ok()
            && self.short_of_tokens(now.mono, frame, used, tokens).is_none()
            && self.limits.concurrency.is_none_or(|most| self.in_flight + self.streams < most.get())
            && matches!(self.day_room(now, habits, tokens), Ok(false));
        if !is_full || !is_all {
            return None;
        }
        Some(self.reserve(now, habits, plain(pass, tokens, Bet::FixedMinute)))
    }

    /// Drops what has left the minute, and decides about ghosts. Returns how many places became ours again just now.
    fn sweep(&mut self, now: Instant, habits: &Habits) -> u64 {
        let frame = self.frame(habits);
        let oldest = self.minute.oldest_leaves(frame);
        let before = self.minute.total().requests;
        let freed = before.saturating_sub(self.minute.used(now, frame).requests);
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
                        limit: tpd.map_or(0, NonZeroU64::get),
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
        let frame = self.frame(habits);
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
        // Room that only a fixed minute has: one call finds out for this pool.
        let rolling_is_full = self.limits.rpm.is_some_and(|rpm| self.minute.rolling_requests() >= rpm.get());
        match matches!(frame, Frame::Fixed { .. }) && !self.proved && rolling_is_full {
            true if self.betting => Err(Refusal::Betting),
            true => Ok(Bet::FixedMinute),
            false => Ok(Bet::None),
        }
    }

    /// When one call may try whether the oldest place is ours again, where that is all that is missing.
    fn tries_at(&self, now: Instant, habits: &Habits, level: Level) -> Option<Instant> {
        let Frame::Rolling(span) = self.frame(habits) else { return None };
        let is_one = (level.metric, level.span, level.used) == (Metric::Requests, Span::Minute, level.limit);
        let may_try = is_one && self.learned.ceiling.is_none() && self.can_afford_a_refusal();
        let after = habits.try_after(now).filter(|_| may_try)?;
        let begins = self.minute.oldest_sent()? + span + ROUNDING;
        let usual = self.minute.oldest_leaves(Frame::Rolling(span))?;
        // Where the answer came soon, its place is free soon: a try would gain little, and where that little is what the
        // request took to arrive, it is refused.
        let came_soon = usual < begins + habits.allowance();
        (!came_soon || usual - (begins + after) >= WORTH_A_TRY).then_some(begins + after)
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
        let Some(burst) = self.limits.burst.map(NonZeroU64::get) else { return Ok(()) };
        let earned = self.limits.rpm.map_or(span, |rpm| Millis(span.0.saturating_mul(burst) / rpm.get()).min(span));
        let first = self.burst.len().checked_sub(burst as usize).and_then(|at| self.burst.get(at));
        let Some(until) = first.map(|first| *first + earned).filter(|until| *until > now) else { return Ok(()) };
        let level = Level { metric: Metric::Requests, span: Span::Minute, used: burst, limit: burst };
        Err(Refusal::Full { until, level })
    }
}

/// A fifth of a second is felt by nobody.
const WORTH_A_TRY: Millis = Millis(200);

/// A place that was ours again for longer proves nothing about how early we may be.
/// One of so many is less than half a percent.
const FEW_A_DAY: u64 = 250;
const JUST_NOW: Millis = Millis(1_000);
