//! Inbound: how often each session may call, whatever quota there is.
//!
//! The generic cell rate algorithm: one instant a session, the theoretical arrival of its next call. A call is admitted
//! if it comes no earlier than a burst's worth of intervals before that; else it is told when to come back.

use super::config::SessionRate;
use super::table::Names;
use super::time::{Instant, Millis};

#[derive(Debug, Default)]
pub(crate) struct Inbound {
    /// In microseconds: a rate of 3 a second has no whole interval in milliseconds.
    arrivals: Names<u64>,
    swept: Instant,
}

impl Inbound {
    /// Admits a call of a session, or says how long it is too early.
    pub(crate) fn admit(&mut self, now: Instant, session: &str, rate: SessionRate) -> Result<(), Millis> {
        let interval = 1_000_000 / u64::from(rate.per_second.get());
        let tolerance = interval * u64::from(rate.burst.get() - 1);
        let at = now.0.saturating_mul(1_000);
        if now - self.swept >= SWEEP {
            self.swept = now;
            self.arrivals.retain(|_, arrival| *arrival > at);
        }
        let arrival = self.arrivals.get(session).copied().unwrap_or(0).max(at);
        if arrival > at + tolerance {
            return Err(Millis((arrival - at - tolerance).div_ceil(1_000)));
        }
        self.arrivals.insert(session, arrival + interval);
        Ok(())
    }
}

/// A session whose calls are all earned again is like one that never called.
const SWEEP: Millis = Millis::from_secs(10);

#[cfg(test)]
mod tests {
    use core::num::NonZeroU32;

    use super::*;

    #[test]
    fn twenty_at_once_and_ten_a_second_for_each_session() {
        let number = |n| NonZeroU32::new(n).unwrap();
        let rate = SessionRate { per_second: number(10), burst: number(20) };
        let mut inbound = Inbound::default();
        let mut at = |ms, session| inbound.admit(Instant(ms), session, rate);
        assert!((0..20).all(|_| at(0, "a").is_ok()));
        assert_eq!(at(0, "a"), Err(Millis(100)));
        assert_eq!(at(99, "a"), Err(Millis(1)));
        assert_eq!((at(0, "b"), at(100, "a")), (Ok(()), Ok(())));
        assert!((0..20).all(|_| at(60_000, "a").is_ok()));
    }
}
