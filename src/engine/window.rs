//! A window: how much was used in the last span of time, or since the provider's minute began.
//!
//! Use is logged in slices of 1/4096 of the span (15 ms of a minute); what falls into one slice shares an entry that
//! carries the slice's latest instant. So a window holds at most 4,097 entries however long it runs and however fast it
//! fills (32 bytes each, and no more of them than requests), it never admits too much (an entry leaves when its newest
//! use does), and room comes back at most one slice late.

use std::collections::VecDeque;

use super::snapshot::{Clock, Note, most};
use super::time::{Instant, Millis};

/// How a provider's minute runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Frame {
    /// Use counts for this long.
    Rolling(Millis),
    /// Use counts until the next boundary: one of them, and from one to the next.
    Fixed { boundary: Instant, span: Millis },
}

impl Frame {
    pub(crate) const fn span(self) -> Millis {
        match self {
            Self::Rolling(span) | Self::Fixed { span, .. } => span,
        }
    }

    /// When use that counts from an instant is over.
    pub(crate) fn leaves(self, counted: Instant) -> Instant {
        match self {
            Self::Rolling(span) => counted + span + ROUNDING,
            Self::Fixed { boundary, span } => {
                let span = span.0.max(1);
                let past = (counted.0 % span + span - boundary.0 % span) % span;
                counted + Millis(span - past) + ROUNDING
            }
        }
    }
}

/// Clocks are read in whole milliseconds, here and there.
pub(crate) const ROUNDING: Millis = Millis(10);

#[derive(Clone, Debug, Default)]
pub(crate) struct Window {
    log: VecDeque<Slice>,
    total: Use,
    /// What a fixed minute has ended for, while it is younger than a span: what would still count if the minute turned
    /// out to roll.
    past: VecDeque<Slice>,
    past_requests: u64,
}

/// An amount of use.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Use {
    pub(crate) requests: u64,
    pub(crate) tokens: u64,
}

impl Use {
    pub(crate) const fn one(tokens: u64) -> Self {
        Self { requests: 1, tokens }
    }
}

#[derive(Clone, Copy, Debug)]
struct Slice {
    last: Instant,
    /// When the newest of its requests was sent; they are counted a little later.
    sent: Instant,
    used: Use,
}

impl Window {
    /// What is used now.
    pub(crate) fn used(&mut self, now: Instant, frame: Frame) -> Use {
        if matches!(frame, Frame::Rolling(_)) {
            self.recall();
        }
        // A clock that stepped back keeps everything: safe.
        while let Some(oldest) = self.log.front().filter(|slice| frame.leaves(slice.last) <= now) {
            self.total.requests = self.total.requests.saturating_sub(oldest.used.requests);
            self.total.tokens = self.total.tokens.saturating_sub(oldest.used.tokens);
            if let (Some(slice), Frame::Fixed { .. }) = (self.log.pop_front(), frame) {
                self.past_requests += slice.used.requests;
                self.past.push_back(slice);
            }
        }
        let rolling = Frame::Rolling(frame.span());
        while let Some(oldest) = self.past.front().filter(|slice| rolling.leaves(slice.last) <= now) {
            self.past_requests = self.past_requests.saturating_sub(oldest.used.requests);
            self.past.pop_front();
        }
        self.total
    }

    /// Requests that would count if the minute rolled, as of the last look.
    pub(crate) fn rolling_requests(&self) -> u64 {
        self.total.requests + self.past_requests
    }

    /// The minute turned out to roll: what a boundary has ended counts again.
    pub(crate) fn recall(&mut self) {
        self.past_requests = 0;
        while let Some(slice) = self.past.pop_back() {
            self.total.requests += slice.used.requests;
            self.total.tokens = self.total.tokens.saturating_add(slice.used.tokens);
            self.log.push_front(slice);
        }
    }

    /// What is used, as of the last look.
    pub(crate) fn total(&self) -> Use {
        self.total
    }

    /// Adds use at an instant: mostly the newest, but a request that is settled moves to where it was counted.
    pub(crate) fn add(&mut self, at: Instant, frame: Frame, used: Use) {
        self.add_sent(at, at, frame, used);
    }

    /// The same for requests that were sent before the instant they count at.
    pub(crate) fn add_sent(&mut self, sent: Instant, at: Instant, frame: Frame, used: Use) {
        if used == Use::default() {
            return;
        }
        self.total.requests += used.requests;
        self.total.tokens = self.total.tokens.saturating_add(used.tokens);
        let span = frame.span();
        let place = self.log.partition_point(|known| slice(span, known.last) <= slice(span, at));
        match place.checked_sub(1).and_then(|before| self.log.get_mut(before)) {
            Some(known) if slice(span, known.last) == slice(span, at) => {
                known.last = known.last.max(at);
                known.sent = known.sent.max(sent);
                known.used.requests += used.requests;
                known.used.tokens = known.used.tokens.saturating_add(used.tokens);
            }
            _ => self.log.insert(place, Slice { last: at, sent, used }),
        }
    }

    /// Takes back what turned out not to count. `at` is the instant it was added at; what has left the window since is
    /// no longer there to take. Returns what was taken.
    pub(crate) fn take_back(&mut self, at: Instant, frame: Frame, used: Use) -> Use {
        let span = frame.span();
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

    /// When `amount` of what is used now has left, if nothing is added: now for nothing, and `None` for more than there
    /// is. From the oldest on: what has to leave is mostly one request.
    pub(crate) fn rid_of(&self, now: Instant, frame: Frame, amount: u64, of: impl Fn(Use) -> u64) -> Option<Instant> {
        if amount == 0 {
            return Some(now);
        }
        let mut gone = 0_u64;
        let mut slices = self.log.iter();
        slices.find_map(|slice| {
            gone = gone.saturating_add(of(slice.used));
            (gone >= amount).then(|| frame.leaves(slice.last).max(now))
        })
    }

    /// When so many requests would have left if the minute rolled; `None` for none.
    pub(crate) fn rolling_rid_of(&self, span: Millis, requests: u64) -> Option<Instant> {
        if requests == 0 {
            return None;
        }
        let mut gone = 0_u64;
        self.past.iter().chain(&self.log).find_map(|slice| {
            gone += slice.used.requests;
            (gone >= requests).then(|| Frame::Rolling(span).leaves(slice.last))
        })
    }

    /// When the oldest use leaves, if there is any.
    pub(crate) fn oldest_leaves(&self, frame: Frame) -> Option<Instant> {
        self.log.front().map(|slice| frame.leaves(slice.last))
    }

    /// What leaves and when, oldest first.
    pub(crate) fn slices(&self, frame: Frame) -> impl Iterator<Item = (Instant, Use)> {
        self.log.iter().map(move |slice| (frame.leaves(slice.last), slice.used))
    }

    /// Takes over what another window holds.
    pub(crate) fn absorb(&mut self, other: &mut Self, frame: Frame) {
        other.total = Use::default();
        for slice in other.log.drain(..) {
            self.add_sent(slice.sent, slice.last, frame, slice.used);
        }
    }

    /// Whether nothing is used, as of the last look.
    pub(crate) fn is_empty(&self) -> bool {
        self.log.is_empty()
    }

    /// For a snapshot: what is used, and what would be if the minute rolled.
    pub(crate) fn recorded(&self, clock: &Clock, span: Millis) -> Note {
        let mut slices: Vec<Slice> = Vec::with_capacity(self.past.len() + self.log.len());
        for slice in self.past.iter().chain(&self.log) {
            if Frame::Rolling(span).leaves(slice.last) > clock.now.mono {
                slices.push(*slice);
            }
        }
        let mut notes = Vec::new();
        for part in slices.chunks(slices.len().div_ceil(most::SLICES).max(1)) {
            let Slice { last, sent, .. } = part[part.len() - 1];
            let (mut requests, mut tokens) = (0_u64, 0_u64);
            for slice in part {
                requests = requests.saturating_add(slice.used.requests);
                tokens = tokens.saturating_add(slice.used.tokens);
            }
            notes.push(Note::numbers(&[clock.wall(last), (last - sent).0, requests, tokens]));
        }
        Note::List(notes)
    }

    /// From a snapshot: what has not left meanwhile counts besides what does already.
    pub(crate) fn restore(&mut self, clock: &Clock, frame: Frame, slices: &Note) {
        for note in slices.list() {
            let [last, before, requests, tokens] = note.parts().map(Note::number);
            if clock.age(last) < frame.span() + ROUNDING {
                let at = clock.instant(last);
                self.add_sent(Instant(at.0.saturating_sub(before)), at, frame, Use { requests, tokens });
            }
        }
        self.used(clock.now.mono, frame);
    }

    /// When the oldest of what is used was sent.
    pub(crate) fn oldest_sent(&self) -> Option<Instant> {
        self.log.front().map(|slice| slice.sent)
    }
}

/// The number of the slice that an instant lies in.
const fn slice(span: Millis, at: Instant) -> u64 {
    let span = if span.0 == 0 { 1 } else { span.0 };
    at.0.saturating_mul(SLICES) / span
}

const SLICES: u64 = 4096;

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: Use = Use { requests: 1, tokens: 10 };
    const MINUTE: Frame = Frame::Rolling(Millis(60_000));

    #[test]
    fn use_leaves_one_span_later_and_the_rounding_of_clocks() {
        let mut window = Window::default();
        window.add(Instant(1_000), MINUTE, ONE);
        window.add(Instant(2_000), MINUTE, ONE);
        assert_eq!(window.used(Instant(61_009), MINUTE).requests, 2);
        assert_eq!(window.used(Instant(61_010), MINUTE).requests, 1);
        assert_eq!(window.used(Instant(62_010), MINUTE), Use::default());
    }

    #[test]
    fn a_fixed_minute_ends_for_all_of_its_use_at_once() {
        let fixed = Frame::Fixed { boundary: Instant(7_000), span: Millis(60_000) };
        let mut window = Window::default();
        for at in [68_000, 90_000, 126_999] {
            window.add(Instant(at), fixed, ONE);
        }
        assert_eq!(window.used(Instant(127_009), fixed).requests, 3);
        assert_eq!(window.used(Instant(127_010), fixed).requests, 0);
        assert_eq!(window.rolling_requests(), 3);
        window.recall();
        assert_eq!(window.used(Instant(128_011), MINUTE).requests, 2);
        // On the boundary itself the next minute has begun.
        assert_eq!(fixed.leaves(Instant(127_000)), Instant(187_010));
    }

    #[test]
    fn says_when_there_is_room() {
        let mut window = Window::default();
        for at in [0, 10_000, 20_000] {
            window.add(Instant(at), MINUTE, ONE);
        }
        let rid_of = |amount| window.rid_of(Instant(30_000), MINUTE, amount, |used| used.requests);
        assert_eq!(rid_of(0), Some(Instant(30_000)));
        assert_eq!(rid_of(1), Some(Instant(60_010)));
        assert_eq!(rid_of(3), Some(Instant(80_010)));
        assert_eq!(rid_of(4), None);
    }

    #[test]
    fn memory_is_bounded_and_nothing_is_admitted_early() {
        let mut window = Window::default();
        for at in 0..600_000 {
            window.used(Instant(at), MINUTE);
            window.add(Instant(at), MINUTE, ONE);
            assert!(window.log.len() <= 4098);
        }
        // The true use of the last minute is 60,000; what is held on to beyond that is a slice and the rounding.
        let used = window.used(Instant(600_000), MINUTE).requests;
        assert!((59_999..=60_030).contains(&used), "{used}");
    }

    #[test]
    fn taking_back_never_goes_below_zero() {
        let mut window = Window::default();
        window.add(Instant(5), MINUTE, ONE);
        window.take_back(Instant(5), MINUTE, Use { requests: 9, tokens: 99 });
        assert_eq!(window.used(Instant(6), MINUTE), Use::default());
        window.take_back(Instant(5), MINUTE, ONE);
        assert_eq!(window.used(Instant(6), MINUTE), Use::default());
    }

    #[test]
    fn a_clock_that_steps_back_harms_nothing() {
        let mut window = Window::default();
        window.add(Instant(100_000), MINUTE, ONE);
        window.add(Instant(40_000), MINUTE, ONE);
        assert_eq!(window.used(Instant(40_000), MINUTE).requests, 2);
        assert_eq!(window.used(Instant(160_010), MINUTE).requests, 0);
    }
}
