//! Shares: how much of a lane's quota each session has used lately.
//!
//! Taking turns is not enough: whoever asks without pause fills the minute while nobody waits, and those who come a little
//! later find it full. So a session that has used more than twice its fair share leaves room for others, and is spread
//! over what they leave.

use std::collections::BTreeMap;

use super::time::{Instant, Millis};

#[derive(Debug, Default)]
pub(crate) struct Shares {
    sessions: BTreeMap<String, Share>,
    swept: Instant,
}

/// Sends in this minute and in the one before: a sliding count from two numbers.
#[derive(Clone, Copy, Debug, Default)]
struct Share {
    minute: u64,
    now: u64,
    before: u64,
}

impl Share {
    fn turn(&mut self, minute: u64) {
        if minute != self.minute {
            self.before = if minute == self.minute + 1 { self.now } else { 0 };
            (self.now, self.minute) = (0, minute);
        }
    }

    /// In thousandths of a request.
    fn recent(mut self, now: Instant) -> u64 {
        self.turn(now.0 / MINUTE.0);
        self.now * 1000 + self.before * (1000 - now.0 % MINUTE.0 * 1000 / MINUTE.0)
    }
}

impl Shares {
    /// A session has sent a request.
    pub(crate) fn sent(&mut self, now: Instant, session: &str) {
        let minute = now.0 / MINUTE.0;
        if let Some(share) = self.sessions.get_mut(session) {
            share.turn(minute);
            share.now += 1;
        } else {
            self.sessions.insert(session.to_owned(), Share { minute, now: 1, before: 0 });
        }
        if now - self.swept >= SWEEP {
            self.swept = now;
            self.sessions.retain(|_, share| share.recent(now) > 0);
        }
    }

    /// Whether a session has used more than twice its fair share of a minute's places.
    pub(crate) fn is_greedy(&self, now: Instant, session: &str, places: u64) -> bool {
        let sessions = self.sessions.len() as u64;
        let Some(own) = self.sessions.get(session).filter(|_| sessions >= FEWEST) else { return false };
        own.recent(now) * sessions > places * 2_000
    }
}

const MINUTE: Millis = Millis::from_secs(60);
const SWEEP: Millis = Millis::from_secs(5);
/// Two share a quota by taking turns: nobody of them can take more than twice the half.
const FEWEST: u64 = 3;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn twice_the_fair_share_is_greedy_and_is_forgotten_in_time() {
        let mut shares = Shares::default();
        for session in ["a", "b", "c", "d"] {
            shares.sent(Instant(1_000), session);
        }
        (0..8).for_each(|_| shares.sent(Instant(2_000), "a"));
        // Four share sixteen: four each. Nine are more than eight.
        assert!(shares.is_greedy(Instant(3_000), "a", 16));
        assert!(!shares.is_greedy(Instant(3_000), "a", 20));
        assert!(!shares.is_greedy(Instant(3_000), "b", 16));
        assert!(!shares.is_greedy(Instant(90_000), "a", 16));
    }

    #[test]
    fn two_are_never_greedy() {
        let mut shares = Shares::default();
        (0..100).for_each(|_| shares.sent(Instant(0), "a"));
        shares.sent(Instant(0), "b");
        assert!(!shares.is_greedy(Instant(0), "a", 4));
    }
}
