//! Learning: what answers tell a pool about its limits, and about its provider's habits.

use core::num::NonZeroU64;

use super::habits::{Counting, Habits, Minute, TOLERANCE, Unserved};
use super::learned::Source;
use super::permit::{Bet, Contest, Signs};
use super::pool::Pool;
use super::time::{Instant, Millis, Now};
use super::units::Tokens;
use super::verdict::{Classification, Metric, Scope, Span, Verdict};
use super::window::{Frame, Use};

/// What a permit was about, kept when it is settled.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sent {
    pub(crate) at: Instant,
    pub(crate) bet: Bet,
    pub(crate) signs: Signs,
}

/// What came of looking at an answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Lesson {
    /// A limit is another than it was.
    pub(crate) limit: Option<(Metric, Span, u64, Source)>,
    /// The provider's habits are other than was thought: all of its pools may have more or less room.
    pub(crate) habits: bool,
    /// It was refused although it had not served what it states: somebody else uses this quota.
    pub(crate) unexplained: bool,
    /// It had served this much of its minute when it refused.
    pub(crate) served: u64,
}

/// One limit as the headers of an answer tell it, its span known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reading {
    /// What it counts.
    pub metric: Metric,
    /// Over which span.
    pub span: Span,
    /// How much a window allows.
    pub limit: Option<u64>,
    /// How much is left.
    pub remaining: Option<u64>,
}

impl Pool {
    /// A request was served. Returns whether the provider's habits are other than was thought.
    pub(crate) fn learn_from_service(&mut self, now: Now, habits: &mut Habits, minute: Minute, sent: Sent) -> bool {
        let mut news = false;
        if sent.signs.contest == Contest::ByFar {
            // With the ghosts counted it would have been refused.
            for how in [Unserved::Refused, Unserved::Lost] {
                if self.ghosts[how as usize].total() != Use::default() {
                    news |= habits.learn_counting(how, Counting::Free);
                }
            }
        }
        if sent.signs.beyond_rolling {
            habits.trust(now.mono);
        }
        let served = self.minute.total().requests;
        match sent.bet {
            Bet::None => {}
            Bet::Early => habits.try_held(now.mono),
            Bet::FixedMinute => {
                news |= habits.served_above(minute, sent.at);
                self.proved = true;
            }
            Bet::Above if self.learned.ceiling.is_some() => {
                let stated = self.limits.rpm.map(NonZeroU64::get);
                self.learned.rose(now.mono, served, stated, self.frame(habits).span());
            }
            Bet::Above => {
                self.learned.outgrown(now.mono, served);
                self.limits = self.learned.in_force(self.declared, self.preset);
            }
            Bet::NewDay => {
                let told = self.day.tells(|used| self.over_day(used, Tokens(0)), true);
                news |= told.is_some() && habits.midnight != told;
                habits.midnight = told.or(habits.midnight);
            }
        }
        self.end_bet(now, habits, sent.bet);
        news
    }

    /// A request was refused for quota: its own place is given back already.
    pub(crate) fn learn_from_refusal(
        &mut self,
        now: Now,
        habits: &mut Habits,
        minute: Minute,
        sent: Sent,
        meaning: &Classification,
    ) -> Lesson {
        let lesson = self.lesson_of(now, habits, minute, sent, meaning);
        self.end_bet(now, habits, sent.bet);
        lesson
    }

    fn lesson_of(
        &mut self,
        now: Now,
        habits: &mut Habits,
        minute: Minute,
        sent: Sent,
        meaning: &Classification,
    ) -> Lesson {
        let mut lesson = self.hear(now, meaning);
        if meaning.verdict == Verdict::QuotaExhausted {
            if sent.bet == Bet::NewDay {
                let told = self.day.tells(|used| self.over_day(used, Tokens(0)), false);
                habits.midnight = told.or(habits.midnight);
            }
            if meaning.metric == Some(Metric::Requests) {
                self.day.exhausted(meaning.limit.unwrap_or(0));
            }
            return lesson;
        }
        let about_requests = matches!(meaning.metric, Some(Metric::Requests) | None);
        // Shared capacity has refused, or a quota of several models: nothing of this pool's.
        if meaning.verdict != Verdict::RateLimited || meaning.scope != Scope::Model || !about_requests {
            return lesson;
        }
        self.learn_about_requests(now, habits, minute, sent, meaning, &mut lesson);
        lesson
    }

    fn learn_about_requests(
        &mut self,
        now: Now,
        habits: &mut Habits,
        minute: Minute,
        sent: Sent,
        meaning: &Classification,
        lesson: &mut Lesson,
    ) {
        let frame = self.frame(habits);
        let oldest_sent = self.minute.oldest_sent();
        let served = self.minute.used(now.mono, frame).requests;
        lesson.served = served;
        let limit = self.limits.rpm.map(NonZeroU64::get);
        let hint = meaning.retry_after;
        let by = hint.map(|hint| if hint.truncated { hint.delay + Millis::from_secs(1) } else { hint.delay });
        if let (Bet::Early, Some(before)) = (sent.bet, oldest_sent)
            && by.is_none_or(|by| by <= EARLY)
        {
            let tried = Millis((sent.at - before).0.saturating_sub(frame.span().0));
            habits.try_failed(now.mono, tried, by.unwrap_or(tried));
            return;
        }
        if let (Frame::Fixed { boundary, span }, Some(limit)) = (frame, limit) {
            lesson.habits = self.learn_about_fixed(now.mono, habits, (boundary, span), limit, by);
            return;
        }
        if limit.is_some_and(|limit| served >= limit) {
            // Our own use explains it; when it says to come back tells how the minute runs.
            let room = |over: u64| self.minute.rid_of(now.mono, frame, over, |used| used.requests);
            let over = limit.map_or(0, |limit| served + 1 - limit);
            let (Some(by), Some(latest)) = (by, room(over)) else { return };
            // What is under way stands in our minute and may be refused as well; and where refused requests count, this one
            // stands there already, and not yet in the hint.
            let soonest = room(over.saturating_sub(1 + self.in_flight).max(1)).unwrap_or(latest);
            lesson.habits = habits.heard(minute, now.mono, by, (soonest - now.mono, latest - now.mono));
            return;
        }
        if let Some(limit) = limit {
            let is_soon = by.is_none_or(|by| by <= EARLY);
            let early = by.unwrap_or(habits.allowance());
            if is_soon && sent.signs.tight {
                habits.was_early(now.mono, early);
                return;
            }
            let ghosts: u64 = self.ghosts.iter().map(|window| window.total().requests).sum();
            if sent.signs.contest != Contest::None && served + ghosts >= limit {
                for how in [Unserved::Refused, Unserved::Lost] {
                    if self.ghosts[how as usize].total() != Use::default() {
                        lesson.habits |= habits.learn_counting(how, Counting::Counts);
                    }
                }
                return;
            }
        }
        lesson.unexplained = true;
        // If refused requests count after all, that explains it: whether they do is an open question again.
        for how in [Unserved::Refused, Unserved::Lost] {
            if habits.counting(how) == Counting::Free {
                habits.learn_counting(how, Counting::Unknown);
            }
        }
        // What it had served is the limit only if it takes as long as that does to leave: a hint that is much shorter
        // speaks of a burst, of a bucket that refills, or of somebody else's use.
        let oldest = self.minute.oldest_leaves(frame).map(|leaves| leaves - now.mono);
        let is_ours = match (oldest, hint) {
            (None, _) => false,
            (Some(_), None) => true,
            (Some(oldest), Some(hint)) => hint.delay + Millis(frame.span().0 / 4) >= oldest,
        };
        if !is_ours {
            return;
        }
        if self.learned.refused_after(now.mono, served, frame.span()) {
            lesson.limit = Some((Metric::Requests, Span::Minute, served.max(1), Source::Observed));
        }
    }

    /// A provider whose minute is fixed has refused: its hint tells where this pool's minute begins, whoever has used it up.
    /// Unless it rolls after all. Returns whether that is so.
    fn learn_about_fixed(
        &mut self,
        now: Instant,
        habits: &mut Habits,
        (boundary, span): (Instant, Millis),
        limit: u64,
        by: Option<Millis>,
    ) -> bool {
        let Some(by) = by else { return false };
        let begins = now + by;
        let span_ms = span.0.max(1);
        let off = (begins.0 % span_ms + span_ms - boundary.0 % span_ms) % span_ms;
        if off <= TOLERANCE.0 || span_ms - off <= TOLERANCE.0 {
            // Later than known: an early boundary costs refusals, a late one only time. Where it had been right before, a
            // minute that rolls by now would say the same.
            if off <= TOLERANCE.0 {
                self.boundary = Some(begins);
            }
            return self.proved && habits.doubt(now);
        }
        self.minute.recall();
        let rolling = Frame::Rolling(span);
        let used = self.minute.used(now, rolling).requests;
        let over = (used + 1).saturating_sub(limit);
        let room = self.minute.rid_of(now, rolling, over, |used| used.requests).unwrap_or(now);
        if (room - now).0.abs_diff(by.0) <= TOLERANCE.0 && habits.doubt(now) {
            return true;
        }
        self.boundary = Some(begins);
        self.proved = false;
        self.minute.used(now, self.frame(habits));
        false
    }

    /// Believes a limit that a refusal states.
    fn hear(&mut self, now: Now, meaning: &Classification) -> Lesson {
        let mut lesson = Lesson::default();
        let (Some(metric), Some(span)) = (meaning.metric, meaning.window) else { return lesson };
        let Some(limit) = meaning.limit.and_then(NonZeroU64::new).filter(|_| meaning.scope == Scope::Model) else {
            return lesson;
        };
        if self.learned.state(now.mono, metric, span, limit) {
            lesson.limit = self.enforce(metric, span, limit, Source::Refusal);
        }
        lesson
    }

    /// Believes what the headers of an answer say of limits, and that somebody else has used what we have not.
    pub(crate) fn learn_from_headers(&mut self, now: Now, habits: &Habits, readings: &[Reading]) -> Vec<Lesson> {
        let mut lessons = Vec::new();
        for Reading { metric, span, limit, remaining } in readings.iter().copied() {
            let limit = limit.and_then(NonZeroU64::new);
            if let Some(limit) = limit
                && self.learned.state(now.mono, metric, span, limit)
            {
                let limit = self.enforce(metric, span, limit, Source::Headers);
                lessons.extend(limit.map(|limit| Lesson { limit: Some(limit), ..Lesson::default() }));
            }
            if let (Metric::Requests, Span::Minute, Some(limit), Some(remaining)) = (metric, span, limit, remaining) {
                self.believe_used(now, habits, limit.get().saturating_sub(remaining));
            }
        }
        lessons
    }

    /// A provider that counts more requests than we do has another client: what that used stands in our minute too.
    /// Tokens are left out: a guess of ours that was too low is corrected by the answer itself.
    fn believe_used(&mut self, now: Now, habits: &Habits, used: u64) {
        let own = self.minute.used(now.mono, self.frame(habits)).requests;
        self.minute.add(now.mono, self.frame(habits), Use { requests: used.saturating_sub(own), tokens: 0 });
    }

    fn enforce(
        &mut self,
        metric: Metric,
        span: Span,
        limit: NonZeroU64,
        source: Source,
    ) -> Option<(Metric, Span, u64, Source)> {
        let before = self.limits;
        self.limits = self.learned.in_force(self.declared, self.preset);
        (self.limits != before).then_some((metric, span, limit.get(), source))
    }

    /// A bet that ended in whatever way leaves room for the next.
    pub(crate) fn end_bet(&mut self, now: Now, habits: &mut Habits, bet: Bet) {
        match bet {
            Bet::None => {}
            // Whoever has learned from it has set the next try as well.
            Bet::Early => habits.tried_in_vain(now.mono),
            Bet::FixedMinute => {
                habits.betting = false;
                self.betting = false;
            }
            Bet::Above | Bet::NewDay => self.betting = false,
        }
    }
}

/// A hint this short says that we came too early; a longer one, that there is less than we thought.
const EARLY: Millis = Millis(1_500);
