//! Shares: how much of a lane's quota each session has used in the last minute, and who is still to come.
//!
//! Taking turns is not enough: whoever asks again at once fills the minute while nobody waits, and those who come a little
//! later find it full. So a session that has had one more than its fair share leaves room for those with a call under way
//! that have had less, and one that has had more than twice its share leaves room for anybody, and is spread over the rest.
//!
//! One with several calls open asks for more than it has had answers to, and would take whatever others leave for a moment:
//! it gets its fair share, and of the rest what the others have not used in either of the last two minutes. Beyond that it
//! sits aside (`fair`). One of forty with twenty calls open: 1.2 times what the others get in a saturated hour (2.4 times
//! where it only left room for those with a call under way), which cost them a hundredth of their answers (three).
//!
//! One more, since places that are kept for somebody stand empty until they come. Forty who always ask, an hour on a
//! virtual clock: kept from the fair share on, a tenth of the quota was lost; from one more on, nothing, and Jain's index
//! over three minutes of it is 0.993 where it was 0.97.

use std::collections::VecDeque;

use super::table::Names;
use super::time::{Instant, Millis};

#[derive(Debug)]
pub(crate) struct Shares {
    /// How long the provider's minute is: in tests and demos shorter than one.
    minute: Millis,
    sessions: Names<Share>,
    /// Everybody's sends of two minutes.
    sends: Sends,
    swept: Instant,
}

#[derive(Debug, Default)]
struct Share {
    sends: Sends,
    /// Calls that wait or are under way.
    calls: u32,
}

/// How a session should behave towards the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    /// It has not had its share.
    Behind,
    /// It has, and goes after those that have not.
    Even,
    /// It has had more: so many places of a minute are wanted by others that have not.
    Ahead { wanted: u64 },
    /// It has had more than twice its share.
    Greedy,
    /// It has several calls open and has had what the others leave: its next place comes then.
    Sated { until: Instant },
}

/// Sends of two minutes, oldest first: no more than twice the places of the lane's quota, all sessions together.
#[derive(Debug, Default)]
struct Sends(VecDeque<Instant>);

impl Standing {
    /// How many turns later than the others such a session goes.
    pub(crate) const fn turns_later(self) -> u64 {
        match self {
            Self::Behind => 0,
            Self::Even => 1,
            Self::Ahead { .. } => 2,
            Self::Greedy | Self::Sated { .. } => 3,
        }
    }
}

impl Sends {
    fn push(&mut self, now: Instant, most: usize, minute: Millis) {
        self.forget_old(now, minute);
        if self.0.len() == most {
            self.0.pop_front();
        }
        self.0.push_back(now);
    }

    /// Takes one out that was sent then.
    fn take(&mut self, at: Instant) {
        let place = self.0.partition_point(|known| *known < at);
        if self.0.get(place) == Some(&at) {
            self.0.remove(place);
        }
    }

    fn forget_old(&mut self, now: Instant, minute: Millis) {
        while self.0.front().is_some_and(|at| *at + minute.times(2) <= now) {
            self.0.pop_front();
        }
    }

    /// Sends since the minute began: of the last sixty seconds, or since a fixed minute's boundary.
    fn since(&self, began: Instant) -> u64 {
        (self.0.len() - self.0.partition_point(|at| *at < began)) as u64
    }

    /// The first one since then.
    fn first_since(&self, began: Instant) -> Option<Instant> {
        self.0.get(self.0.partition_point(|at| *at < began)).copied()
    }
}

impl Shares {
    pub(crate) fn new(minute: Millis) -> Self {
        Self { minute, sessions: Names::default(), sends: Sends::default(), swept: Instant::default() }
    }

    /// A session has one more call here.
    pub(crate) fn came(&mut self, session: &str) {
        match self.sessions.get_mut(session) {
            Some(share) => share.calls += 1,
            None => {
                self.sessions.insert(session, Share { calls: 1, ..Share::default() });
            }
        }
    }

    /// A call of a session is over.
    pub(crate) fn left(&mut self, session: &str) {
        if let Some(share) = self.sessions.get_mut(session) {
            share.calls = share.calls.saturating_sub(1);
            // Who has sent nothing has had nothing, and shares nothing.
            if share.calls == 0 && share.sends.0.is_empty() {
                self.sessions.remove(session);
            }
        }
    }

    /// A session has sent a request.
    pub(crate) fn sent(&mut self, now: Instant, session: &str) {
        if let Some(share) = self.sessions.get_mut(session) {
            share.sends.push(now, MOST_SENDS, self.minute);
            self.sends.push(now, MOST_SENDS_OF_ALL, self.minute);
        }
        if now - self.swept >= SWEEP {
            self.swept = now;
            self.sessions.retain(|_, share| {
                share.sends.forget_old(now, self.minute);
                share.calls > 0 || !share.sends.0.is_empty()
            });
        }
    }

    /// A request that a session has sent was not served: it has had nothing.
    pub(crate) fn unsent(&mut self, session: &str) {
        if let Some(at) = self.sessions.get_mut(session).and_then(|share| share.sends.0.pop_back()) {
            self.sends.take(at);
        }
    }

    /// How a session stands, with so many places a minute for all, in a minute that began then. `waits`: whether another
    /// one waits in the queue, where it has its turn anyway.
    pub(crate) fn standing(
        &self,
        now: Instant,
        began: Instant,
        session: &str,
        places: u64,
        waits: impl Fn(&str) -> bool,
    ) -> Standing {
        let sessions = self.sessions.len() as u64;
        let Some(share) = self.sessions.get(session) else { return Standing::Behind };
        let own = share.sends.since(began);
        // Less than two a minute is too coarse to measure anybody by.
        let places = places.max(2 * sessions);
        if sessions < FEWEST || own * sessions < places {
            return Standing::Behind;
        }
        let fair = places / sessions;
        if share.calls > 1
            && let Some(until) = self.sated(now, began, share, places, fair)
        {
            return Standing::Sated { until };
        }
        if own * sessions < places + sessions {
            return Standing::Even;
        }
        if own * sessions > places * 2 {
            return Standing::Greedy;
        }
        let is_away = |name: &str, share: &Share| share.calls > 0 && name != session && !waits(name);
        let others = self.sessions.iter().filter(|(name, share)| is_away(name, share));
        // Of many sessions the first few hundred tell as much as all.
        let wanted = others.take(MOST_ASKED).map(|(_, share)| fair.saturating_sub(share.sends.since(began))).sum();
        Standing::Ahead { wanted }
    }

    /// When the n-th waiting call of a session goes that has had what the others leave, if they go on using what they use:
    /// when its n-th send leaves the minute.
    pub(crate) fn nth_place(&self, began: Instant, session: &str, nth: u64) -> Option<Instant> {
        let sends = &self.sessions.get(session)?.sends;
        let (count, first) = (sends.since(began), sends.0.len() as u64 - sends.since(began));
        let at = sends.0.get((first + nth.checked_rem(count)?) as usize)?;
        Some(*at + self.minute.times(1 + nth / count))
    }

    /// When a session with several calls open gets its next place. It may have its fair share, and of the rest what the
    /// others have not used in either of the last two minutes, less what chance may add: whoever comes once a minute finds
    /// the place that was used a minute ago.
    fn sated(&self, now: Instant, began: Instant, share: &Share, places: u64, fair: u64) -> Option<Instant> {
        let before = Instant(began.0.saturating_sub(self.minute.0));
        let others = |since: Instant| self.sends.since(since).saturating_sub(share.sends.since(since));
        let (last, both) = (others(began), others(before));
        let used = last.max(both.saturating_sub(last));
        let most = fair.max(places.saturating_sub(used + 2 * used.isqrt()));
        if share.sends.since(began) < most {
            return None;
        }
        // One of its own leaves the minute, or one of theirs the two minutes; or a fixed minute ends.
        let own = share.sends.first_since(began).map(|at| at + self.minute);
        let theirs = self.sends.first_since(before).map(|at| at + self.minute.times(2));
        let ends = Some(began + self.minute).filter(|ends| *ends > now);
        own.into_iter().chain(theirs).chain(ends).min().map(|until| until.max(now + Millis(1)))
    }
}

const SWEEP: Millis = Millis::from_secs(5);
/// Two share a quota by taking turns: neither of them can take more than twice the half.
const FEWEST: u64 = 3;
const MOST_SENDS: usize = 4_096;
const MOST_SENDS_OF_ALL: usize = 65_536;
const MOST_ASKED: usize = 500;

#[cfg(test)]
mod tests {
    use super::*;

    fn shares_of(sends: &[(&str, usize)]) -> Shares {
        let mut shares = Shares::new(Millis::from_secs(60));
        for (session, count) in sends {
            shares.came(session);
            (0..*count).for_each(|_| shares.sent(Instant(1_000), session));
        }
        shares
    }

    #[test]
    fn whoever_has_had_the_fair_share_leaves_what_others_are_still_to_get() {
        let mut shares = shares_of(&[("a", 5), ("b", 1), ("c", 2), ("d", 0)]);
        // Four share twelve: three each. Two, one and three are wanted by the others.
        assert_eq!(shares.standing(Instant(2_000), Instant(0), "a", 12, |_| false), Standing::Ahead { wanted: 6 });
        assert_eq!(shares.standing(Instant(2_000), Instant(0), "b", 12, |_| false), Standing::Behind);
        shares.sent(Instant(2_000), "c");
        assert_eq!(shares.standing(Instant(2_000), Instant(0), "c", 12, |_| false), Standing::Even);
        assert_eq!(shares.standing(Instant(2_000), Instant(0), "a", 12, |_| false), Standing::Ahead { wanted: 5 });
        shares.left("d");
        assert_eq!(
            shares.standing(Instant(2_000), Instant(0), "a", 12, |_| false),
            Standing::Ahead { wanted: 4 },
            "three share twelve"
        );
    }

    #[test]
    fn twice_the_fair_share_is_greedy_for_a_minute() {
        let shares = shares_of(&[("a", 9), ("b", 1), ("c", 1), ("d", 1)]);
        assert_eq!(shares.standing(Instant(2_000), Instant(0), "a", 16, |_| false), Standing::Greedy);
        assert_eq!(shares.standing(Instant(61_001), Instant(1_001), "a", 16, |_| false), Standing::Behind);
    }

    #[test]
    fn several_calls_open_may_have_what_the_others_have_not_used_in_two_minutes() {
        let mut shares = shares_of(&[("a", 9), ("b", 6), ("c", 10)]);
        let standing = |shares: &Shares, now| shares.standing(Instant(now), Instant(now - 60_000), "a", 40, |_| false);
        // Forty less sixteen, less eight for chance.
        assert_eq!(standing(&shares, 60_500), Standing::Behind);
        shares.came("a");
        (0..7).for_each(|_| shares.sent(Instant(50_000), "a"));
        assert_eq!(standing(&shares, 60_500), Standing::Sated { until: Instant(61_000) });
        // The others' sends are no longer of this minute, nor are nine of its own: but they count as they did.
        (0..9).for_each(|_| shares.sent(Instant(61_100), "a"));
        assert_eq!(standing(&shares, 61_200), Standing::Sated { until: Instant(110_000) });
    }

    #[test]
    fn two_take_turns_and_that_is_enough() {
        let shares = shares_of(&[("a", 100), ("b", 1)]);
        assert_eq!(shares.standing(Instant(2_000), Instant(0), "a", 4, |_| false), Standing::Behind);
    }
}
