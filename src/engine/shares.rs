//! Shares: how much of a lane's quota each session has used in the last minute, and who is still to come.
//!
//! Taking turns is not enough: whoever asks again at once fills the minute while nobody waits, and those who come a little
//! later find it full. So a session that has had one more than its fair share leaves room for those with a call under way
//! that have had less, and one that has had more than twice its share leaves room for anybody, and is spread over the rest.
//!
//! One more, since places that are kept for somebody stand empty until they come. Forty who always ask, an hour on a
//! virtual clock: kept from the fair share on, a tenth of the quota was lost; from one more on, nothing, and Jain's index
//! over three minutes of it is 0.993 where it was 0.97.

use std::collections::{BTreeMap, VecDeque};

use super::time::{Instant, Millis};

#[derive(Debug, Default)]
pub(crate) struct Shares {
    sessions: BTreeMap<String, Share>,
    swept: Instant,
}

#[derive(Debug, Default)]
struct Share {
    /// Sends of the last minute: no more than the lane's quota has places, all sessions together.
    sends: VecDeque<Instant>,
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
}

impl Standing {
    /// How many turns later than the others such a session goes.
    pub(crate) const fn turns_later(self) -> u64 {
        match self {
            Self::Behind => 0,
            Self::Even => 1,
            Self::Ahead { .. } => 2,
            Self::Greedy => 3,
        }
    }
}

impl Share {
    /// Sends since the minute began: of the last sixty seconds, or since a fixed minute's boundary.
    fn since(&self, began: Instant) -> u64 {
        self.sends.iter().rev().take_while(|at| **at >= began).count() as u64
    }

    fn forget_old(&mut self, now: Instant) {
        while self.sends.front().is_some_and(|at| *at + MINUTE <= now) {
            self.sends.pop_front();
        }
    }
}

impl Shares {
    /// A session has one more call here.
    pub(crate) fn came(&mut self, session: &str) {
        match self.sessions.get_mut(session) {
            Some(share) => share.calls += 1,
            None => {
                self.sessions.insert(session.to_owned(), Share { calls: 1, ..Share::default() });
            }
        }
    }

    /// A call of a session is over.
    pub(crate) fn left(&mut self, session: &str) {
        if let Some(share) = self.sessions.get_mut(session) {
            share.calls = share.calls.saturating_sub(1);
            // Who has sent nothing has had nothing, and shares nothing.
            if share.calls == 0 && share.sends.is_empty() {
                self.sessions.remove(session);
            }
        }
    }

    /// A session has sent a request.
    pub(crate) fn sent(&mut self, now: Instant, session: &str) {
        if let Some(share) = self.sessions.get_mut(session) {
            if share.sends.len() == MOST_SENDS {
                share.sends.pop_front();
            }
            share.forget_old(now);
            share.sends.push_back(now);
        }
        if now - self.swept >= SWEEP {
            self.swept = now;
            self.sessions.retain(|_, share| {
                share.forget_old(now);
                share.calls > 0 || !share.sends.is_empty()
            });
        }
    }

    /// A request that a session has sent was not served: it has had nothing.
    pub(crate) fn unsent(&mut self, session: &str) {
        if let Some(share) = self.sessions.get_mut(session) {
            share.sends.pop_back();
        }
    }

    /// How a session stands, with so many places a minute for all, in a minute that began then. `waits`: whether another one waits in the queue, where
    /// it has its turn anyway.
    pub(crate) fn standing(
        &self,
        began: Instant,
        session: &str,
        places: u64,
        waits: impl Fn(&str) -> bool,
    ) -> Standing {
        let sessions = self.sessions.len() as u64;
        let Some(own) = self.sessions.get(session).map(|share| share.since(began)) else { return Standing::Behind };
        // Less than two a minute is too coarse to measure anybody by.
        let places = places.max(2 * sessions);
        if sessions < FEWEST || own * sessions < places {
            return Standing::Behind;
        }
        if own * sessions < places + sessions {
            return Standing::Even;
        }
        if own * sessions > places * 2 {
            return Standing::Greedy;
        }
        let fair = places / sessions;
        let is_away = |name: &str, share: &Share| share.calls > 0 && name != session && !waits(name);
        let others = self.sessions.iter().filter(|(name, share)| is_away(name, share));
        // Of many sessions the first few hundred tell as much as all.
        let wanted = others.take(MOST_ASKED).map(|(_, share)| fair.saturating_sub(share.since(began))).sum();
        Standing::Ahead { wanted }
    }
}

const MINUTE: Millis = Millis::from_secs(60);
const SWEEP: Millis = Millis::from_secs(5);
/// Two share a quota by taking turns: neither of them can take more than twice the half.
const FEWEST: u64 = 3;
const MOST_SENDS: usize = 4_096;
const MOST_ASKED: usize = 500;

#[cfg(test)]
mod tests {
    use super::*;

    fn shares_of(sends: &[(&str, usize)]) -> Shares {
        let mut shares = Shares::default();
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
        assert_eq!(shares.standing(Instant(0), "a", 12, |_| false), Standing::Ahead { wanted: 6 });
        assert_eq!(shares.standing(Instant(0), "b", 12, |_| false), Standing::Behind);
        shares.sent(Instant(2_000), "c");
        assert_eq!(shares.standing(Instant(0), "c", 12, |_| false), Standing::Even);
        assert_eq!(shares.standing(Instant(0), "a", 12, |_| false), Standing::Ahead { wanted: 5 });
        shares.left("d");
        assert_eq!(
            shares.standing(Instant(0), "a", 12, |_| false),
            Standing::Ahead { wanted: 4 },
            "three share twelve"
        );
    }

    #[test]
    fn twice_the_fair_share_is_greedy_for_a_minute() {
        let shares = shares_of(&[("a", 9), ("b", 1), ("c", 1), ("d", 1)]);
        assert_eq!(shares.standing(Instant(0), "a", 16, |_| false), Standing::Greedy);
        assert_eq!(shares.standing(Instant(1_001), "a", 16, |_| false), Standing::Behind);
    }

    #[test]
    fn two_take_turns_and_that_is_enough() {
        let shares = shares_of(&[("a", 100), ("b", 1)]);
        assert_eq!(shares.standing(Instant(0), "a", 4, |_| false), Standing::Behind);
    }
}
