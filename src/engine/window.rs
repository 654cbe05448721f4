//! A rolling window: how much was used in the last span of time.
//!
//! Sends are logged in slices of 1/1024 of the span (59 ms of a minute); those of one slice share an entry that carries
//! the slice's latest instant. So a window holds at most 1,025 entries however long it runs and however fast it fills,
//! it never admits too much (an entry leaves when its newest send does), and capacity returns at most one slice late.

use std::collections::VecDeque;

use super::time::{Instant, Millis};

#[derive(Debug)]
pub(crate) struct Window {
    span: Millis,
    log: VecDeque<Slice>,
    total: Use,
}

/// An amount of use.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Use {
    pub(crate) requests: u64,
    pub(crate) tokens: u64,
}

#[derive(Clone, Copy, Debug)]
struct Slice {
    last: Instant,
    used: Use,
}

impl Window {
    pub(crate) fn new(span: Millis) -> Self {
        Self { span, log: VecDeque::new(), total: Use::default() }
    }

    pub(crate) fn span(&self) -> Millis {
        self.span
    }

    /// What was used in the span that ends now.
    pub(crate) fn used(&mut self, now: Instant) -> Use {
        // A slice leaves once its newest send is a whole span old. A clock that stepped back keeps everything: safe.
        while let Some(oldest) = self.log.front().filter(|slice| slice.last + self.span <= now) {
            self.total.requests = self.total.requests.saturating_sub(oldest.used.requests);
            self.total.tokens = self.total.tokens.saturating_sub(oldest.used.tokens);
            self.log.pop_front();
        }
        self.total
    }

    /// What was used in a span no longer than the window's own.
    pub(crate) fn within(&self, now: Instant, span: Millis) -> Use {
        let recent = self.log.iter().rev().take_while(|slice| slice.last + span > now);
        recent.fold(Use::default(), |sum, slice| Use {
            requests: sum.requests + slice.used.requests,
            tokens: sum.tokens.saturating_add(slice.used.tokens),
        })
    }

    /// Adds use at an instant: mostly the newest, but a request that is settled moves to where it was settled.
    pub(crate) fn add(&mut self, at: Instant, used: Use) {
        if used == Use::default() {
            return;
        }
        self.total.requests += used.requests;
        self.total.tokens = self.total.tokens.saturating_add(used.tokens);
        let span = self.span;
        let place = self.log.partition_point(|known| slice(span, known.last) <= slice(span, at));
        match place.checked_sub(1).and_then(|before| self.log.get_mut(before)) {
            Some(known) if slice(span, known.last) == slice(span, at) => {
                known.last = known.last.max(at);
                known.used.requests += used.requests;
                known.used.tokens = known.used.tokens.saturating_add(used.tokens);
            }
            _ => self.log.insert(place, Slice { last: at, used }),
        }
    }

    /// Takes back what turned out not to count. `at` is the instant it was added at; what has left the window since is
    /// no longer there to take. Returns what was taken.
    pub(crate) fn take_back(&mut self, at: Instant, used: Use) -> Use {
        let span = self.span;
        let place = self.log.partition_point(|known| slice(span, known.last) < slice(span, at));
        let Some(known) = self.log.get_mut(place).filter(|known| slice(span, known.last) == slice(span, at)) else {
            return Use::default();
        };
        let (requests, tokens) = (used.requests.min(known.used.requests), used.tokens.min(known.used.tokens));
        known.used.requests -= requests;
        known.used.tokens -= tokens;
        if known.used == Use::default() {
            self.log.remove(place);
        }
        self.total.requests -= requests;
        self.total.tokens -= tokens;
        Use { requests, tokens }
    }

    /// The first instant at which no more than `most` of the measured amount lies within `span` before it, if nothing
    /// is added until then. `span` may be shorter than the window's own (a burst's).
    pub(crate) fn at_most(&self, now: Instant, span: Millis, most: u64, amount: impl Fn(Use) -> u64) -> Instant {
        let mut inside = 0_u64;
        // From the newest back: the first slice that tips the sum over must have left.
        for slice in self.log.iter().rev() {
            inside = inside.saturating_add(amount(slice.used));
            if inside > most {
                return (slice.last + span).max(now);
            }
        }
        now
    }

    /// When the oldest use leaves the window, if there is any.
    pub(crate) fn oldest_leaves(&self) -> Option<Instant> {
        self.log.front().map(|slice| slice.last + self.span)
    }
}

/// The number of the slice that an instant lies in.
const fn slice(span: Millis, at: Instant) -> u64 {
    let span = if span.0 == 0 { 1 } else { span.0 };
    at.0.saturating_mul(SLICES) / span
}

const SLICES: u64 = 1024;

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: Use = Use { requests: 1, tokens: 10 };

    #[test]
    fn use_leaves_after_exactly_one_span() {
        let mut window = Window::new(Millis(60_000));
        window.add(Instant(1_000), ONE);
        window.add(Instant(2_000), ONE);
        assert_eq!(window.used(Instant(60_999)).requests, 2);
        assert_eq!(window.used(Instant(61_000)).requests, 1);
        assert_eq!(window.used(Instant(62_000)), Use::default());
    }

    #[test]
    fn says_when_there_is_room() {
        let mut window = Window::new(Millis(60_000));
        for at in [0, 10_000, 20_000] {
            window.add(Instant(at), ONE);
        }
        let room_for = |most| window.at_most(Instant(30_000), Millis(60_000), most, |used| used.requests);
        assert_eq!(room_for(3), Instant(30_000));
        assert_eq!(room_for(2), Instant(60_000));
        assert_eq!(room_for(0), Instant(80_000));
        // A burst span of 15 s: only the send at 20 s is inside it at 30 s.
        assert_eq!(window.at_most(Instant(30_000), Millis(15_000), 0, |used| used.requests), Instant(35_000));
    }

    #[test]
    fn memory_is_bounded_and_nothing_is_admitted_early() {
        let mut window = Window::new(Millis(60_000));
        for at in 0..600_000 {
            window.used(Instant(at));
            window.add(Instant(at), ONE);
            assert!(window.log.len() <= 1025);
        }
        // The true use of the last minute is 60,000; what is held on to beyond that is at most one slice.
        let used = window.used(Instant(600_000)).requests;
        assert!((59_999..=60_060).contains(&used), "{used}");
    }

    #[test]
    fn taking_back_never_goes_below_zero() {
        let mut window = Window::new(Millis(60_000));
        window.add(Instant(5), ONE);
        window.take_back(Instant(5), Use { requests: 9, tokens: 99 });
        assert_eq!(window.used(Instant(6)), Use::default());
        window.take_back(Instant(5), ONE);
        assert_eq!(window.used(Instant(6)), Use::default());
    }

    #[test]
    fn a_clock_that_steps_back_harms_nothing() {
        let mut window = Window::new(Millis(60_000));
        window.add(Instant(100_000), ONE);
        window.add(Instant(40_000), ONE);
        assert_eq!(window.used(Instant(40_000)).requests, 2);
        assert_eq!(window.used(Instant(160_000)).requests, 0);
    }
}
