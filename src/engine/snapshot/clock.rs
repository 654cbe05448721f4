//! The clocks of two processes: instants that one has written as wall-clock times, as the other reads them.

use crate::engine::time::{Instant, Millis, Now, UnixMillis};

/// Wall-clock times of a snapshot, and instants of whoever takes or restores it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Clock {
    pub(crate) now: Now,
    /// By how much the snapshot's clock is ahead of ours: it comes from another machine, or ours was set back. Then no time
    /// has passed since, as far as is known, and everything lasts as long as it did.
    ahead: Millis,
}

impl Clock {
    pub(crate) fn taking(now: Now) -> Self {
        Self { now, ahead: Millis::ZERO }
    }

    pub(crate) fn restoring(now: Now, taken: UnixMillis) -> Self {
        Self { now, ahead: taken - now.wall }
    }

    /// An instant as it is written.
    #[inline(never)]
    pub(crate) fn wall(&self, at: Instant) -> u64 {
        self.now.wall_of(at).0
    }

    /// The same of an instant from which on something may be done: if that has come, now.
    #[inline(never)]
    pub(crate) fn wall_from_now(&self, at: Instant) -> u64 {
        self.wall(at.max(self.now.mono))
    }

    /// A written time as an instant. What was before the beginning of our clock is at its beginning: later than it was, so
    /// that use counts for too long rather than too short.
    #[inline(never)]
    pub(crate) fn instant(&self, wall: u64) -> Instant {
        match self.age(wall) {
            Millis::ZERO => self.now.instant_of(UnixMillis(wall.saturating_sub(self.ahead.0))),
            age => Instant(self.now.mono.0.saturating_sub(age.0)),
        }
    }

    /// How long ago that was; zero for what is to come.
    #[inline(never)]
    pub(crate) fn age(&self, wall: u64) -> Millis {
        Millis(self.now.wall.0.saturating_sub(wall.saturating_sub(self.ahead.0)))
    }

    /// The first boundary from now on, of those that are a span apart and one of which was written.
    #[inline(never)]
    pub(crate) fn boundary(&self, wall: u64, span: Millis) -> Instant {
        let span = span.0.max(1);
        match self.age(wall) {
            Millis::ZERO => self.instant(wall),
            age => self.now.mono + Millis((span - age.0 % span) % span),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(mono: u64, wall: u64) -> Now {
        Now { mono: Instant(mono), wall: UnixMillis(wall), pacific_midnight: UnixMillis(0) }
    }

    #[test]
    fn instants_cross_by_the_wall_clock() {
        let taking = Clock::taking(at(500_000, 1_000_000));
        let written = [400_000, 500_000, 560_000].map(|mono| taking.wall(Instant(mono)));
        assert_eq!(written, [900_000, 1_000_000, 1_060_000]);
        // Ten seconds later, in a process that is a minute old.
        let restoring = Clock::restoring(at(60_000, 1_010_000), UnixMillis(1_000_000));
        assert_eq!(written.map(|wall| restoring.instant(wall).0), [0, 50_000, 110_000]);
        assert_eq!(written.map(|wall| restoring.age(wall).0), [110_000, 10_000, 0]);
    }

    #[test]
    fn a_snapshot_from_the_future_is_of_this_moment() {
        let restoring = Clock::restoring(at(60_000, 1_000_000), UnixMillis(9_000_000));
        assert_eq!(restoring.instant(9_000_000), Instant(60_000));
        assert_eq!(restoring.instant(9_030_000), Instant(90_000));
        assert_eq!(restoring.instant(8_970_000), Instant(30_000));
    }

    #[test]
    fn boundaries_keep_their_place_in_the_minute_however_old_they_are() {
        let span = Millis(60_000);
        let restoring = Clock::restoring(at(1_000, 10_000_000), UnixMillis(9_000_000));
        assert_eq!(restoring.boundary(10_000_000 - 60_000 * 90 - 7_000, span), Instant(1_000 + 53_000));
        assert_eq!(restoring.boundary(10_000_000 - 120_000, span), Instant(1_000));
        assert_eq!(restoring.boundary(10_020_000, span), Instant(21_000));
    }
}
