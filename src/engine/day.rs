//! A pool's day: what was used of it, and when it is over.
//!
//! Google's documents end the day at midnight in California, dated recordings at 00:00 UTC (and a guess that is wrong
//! either way costs a day, or a hammered provider). So both are counted until an answer tells: where the two disagree
//! about whether there is quota, one call finds out. Everybody else's day refills evenly: the last 24 hours count.

use super::provider::Provider;
use super::snapshot::{Clock, Note};
use super::time::{Instant, Millis, Now, UnixMillis};
use super::window::{Frame, Use, Window};

/// Which midnight ends a provider's day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Midnight {
    Utc,
    Pacific,
}

impl Midnight {
    /// Both, in the order of declaration.
    pub(crate) const ALL: [Self; 2] = [Self::Utc, Self::Pacific];

    /// What snapshots call it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Utc => "utc",
            Self::Pacific => "pacific",
        }
    }
}

#[derive(Debug)]
pub(crate) enum Day {
    Calendar { utc: Count, pacific: Count },
    Rolling(Window),
}

/// What was used until a midnight.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Count {
    used: Use,
    /// Of those requests: refused or lost, so that the provider may not have counted them.
    unserved: u64,
    ends: UnixMillis,
}

/// Which day a request was counted in, so that it can be taken back from that one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Marker([UnixMillis; 2]);

/// Whether a day has room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Room {
    Free,
    /// One of the two midnights has passed, or it is full only if unserved requests count: one call may find out.
    Doubtful,
    Full(Instant),
}

impl Day {
    pub(crate) fn new(provider: Provider, now: Now) -> Self {
        if provider != Provider::Gemini {
            return Self::Rolling(Window::default());
        }
        let until = |ends| Count { ends, ..Count::default() };
        Self::Calendar { utc: until(now.wall.next_utc_midnight()), pacific: until(now.pacific_midnight) }
    }

    /// Ends what is over.
    pub(crate) fn turn(&mut self, now: Now) {
        match self {
            Self::Calendar { utc, pacific } => {
                utc.turn(now, now.wall.next_utc_midnight());
                pacific.turn(now, now.pacific_midnight);
            }
            Self::Rolling(window) => {
                window.used(now.mono, DAY);
            }
        }
    }

    /// What is used, as far as is known: the more of two counts while both may be right.
    pub(crate) fn used(&self, midnight: Option<Midnight>) -> Use {
        match (self, midnight) {
            (Self::Calendar { utc, .. }, Some(Midnight::Utc)) => utc.used,
            (Self::Calendar { pacific, .. }, Some(Midnight::Pacific)) => pacific.used,
            (Self::Calendar { utc, pacific }, None) => Use {
                requests: utc.used.requests.max(pacific.used.requests),
                tokens: utc.used.tokens.max(pacific.used.tokens),
            },
            (Self::Rolling(window), _) => window.total(),
        }
    }

    /// Whether there is room under a limit, where `over` tells by how much a use would exceed it (zero: not at all).
    pub(crate) fn room(&self, now: Now, midnight: Option<Midnight>, over: impl Fn(Use) -> u64) -> Room {
        let is_full = |count: &Count| over(count.used) > 0;
        let surely = |count: &Count| over(Use { requests: count.used.requests - count.unserved, ..count.used }) > 0;
        let of_one = |count: &Count| match (is_full(count), surely(count)) {
            (false, _) => Room::Free,
            (true, false) => Room::Doubtful,
            (true, true) => Room::Full(now.instant_of(count.ends)),
        };
        match (self, midnight) {
            (Self::Calendar { utc, .. }, Some(Midnight::Utc)) => of_one(utc),
            (Self::Calendar { pacific, .. }, Some(Midnight::Pacific)) => of_one(pacific),
            (Self::Calendar { utc, pacific }, None) => match (is_full(utc), is_full(pacific)) {
                (false, false) => Room::Free,
                _ if surely(utc) && surely(pacific) => Room::Full(now.instant_of(utc.ends.min(pacific.ends))),
                _ => Room::Doubtful,
            },
            (Self::Rolling(window), _) => match over(window.total()) {
                0 => Room::Free,
                // Requests or tokens, whichever is asked about: both leave together.
                _ => Room::Full(first_room(window, now.mono, over)),
            },
        }
    }

    /// Which midnight it is, if a call that went in doubt was served, or refused for the day.
    pub(crate) fn tells(&self, over: impl Fn(Use) -> u64, served: bool) -> Option<Midnight> {
        let Self::Calendar { utc, pacific } = self else { return None };
        match (over(utc.used) > 0, over(pacific.used) > 0) {
            (false, true) => Some(if served { Midnight::Utc } else { Midnight::Pacific }),
            (true, false) => Some(if served { Midnight::Pacific } else { Midnight::Utc }),
            _ => None,
        }
    }

    pub(crate) fn add(&mut self, counted: Instant, used: Use) {
        match self {
            Self::Calendar { utc, pacific } => {
                for count in [utc, pacific] {
                    count.used.requests += used.requests;
                    count.used.tokens = count.used.tokens.saturating_add(used.tokens);
                }
            }
            Self::Rolling(window) => window.add(counted, DAY, used),
        }
    }

    pub(crate) fn marker(&self) -> Marker {
        match self {
            Self::Calendar { utc, pacific } => Marker([utc.ends, pacific.ends]),
            Self::Rolling(_) => Marker([UnixMillis(0); 2]),
        }
    }

    /// Takes back what did not count, from the days it was counted in.
    pub(crate) fn take_back(&mut self, marker: Marker, counted: Instant, used: Use) {
        match self {
            Self::Calendar { utc, pacific } => {
                for (count, ends) in [utc, pacific].into_iter().zip(marker.0) {
                    if count.ends == ends {
                        count.used.requests = count.used.requests.saturating_sub(used.requests);
                        count.unserved = count.unserved.min(count.used.requests);
                        count.used.tokens = count.used.tokens.saturating_sub(used.tokens);
                    }
                }
            }
            Self::Rolling(window) => {
                window.take_back(counted, DAY, used);
            }
        }
    }

    /// A request that is counted was not served: the provider may not count it.
    pub(crate) fn unserved(&mut self, marker: Marker) {
        if let Self::Calendar { utc, pacific } = self {
            for (count, ends) in [utc, pacific].into_iter().zip(marker.0) {
                if count.ends == ends {
                    count.unserved = (count.unserved + 1).min(count.used.requests);
                }
            }
        }
    }

    /// The provider says that the day is used up, whatever we have counted.
    pub(crate) fn exhausted(&mut self, limit: u64) {
        if let Self::Calendar { utc, pacific } = self {
            for count in [utc, pacific] {
                count.used.requests = count.used.requests.max(limit);
                count.unserved = 0;
            }
        }
    }

    /// When the day ends, or its oldest use leaves; for reports.
    pub(crate) fn ends(&self, now: Now, midnight: Option<Midnight>) -> UnixMillis {
        match (self, midnight) {
            (Self::Calendar { pacific, .. }, Some(Midnight::Pacific)) => pacific.ends,
            (Self::Calendar { utc, .. }, _) => utc.ends,
            (Self::Rolling(window), _) => now.wall_of(window.oldest_leaves(DAY).unwrap_or(now.mono)),
        }
    }

    /// For a snapshot: a day that rolls, and the two that it may be where it does not.
    pub(crate) fn recorded(&self, clock: &Clock) -> [Note; 2] {
        let now = clock.now;
        let record = |mut count: Count, next| {
            count.turn(now, next);
            Note::numbers(&[count.used.requests, count.unserved, count.used.tokens, count.ends.0])
        };
        let none = || Note::List(Vec::new());
        match self {
            Self::Calendar { utc, pacific } => {
                [none(), Note::of([record(*utc, now.wall.next_utc_midnight()), record(*pacific, now.pacific_midnight)])]
            }
            Self::Rolling(window) => [window.recorded(clock, DAY.span()), none()],
        }
    }

    /// From a snapshot: what is of a day that is not over counts besides what does already.
    pub(crate) fn restore(&mut self, clock: &Clock, [slices, counts]: [&Note; 2]) {
        self.turn(clock.now);
        match self {
            Self::Calendar { utc, pacific } => {
                for (count, note) in [utc, pacific].into_iter().zip(counts.list()) {
                    let [requests, unserved, tokens, ends] = note.parts().map(Note::number);
                    // It ends with our own, however far away the snapshot has its midnight.
                    if UnixMillis(ends) > clock.now.wall {
                        count.used.requests += requests;
                        count.used.tokens = count.used.tokens.saturating_add(tokens);
                        count.unserved += unserved.min(requests);
                    }
                }
            }
            Self::Rolling(window) => window.restore(clock, DAY, slices),
        }
    }

    /// Takes over what another pool's day holds.
    pub(crate) fn absorb(&mut self, other: &mut Self) {
        match (self, other) {
            (Self::Calendar { utc, pacific }, Self::Calendar { utc: its_utc, pacific: its_pacific }) => {
                for (count, its) in [(utc, its_utc), (pacific, its_pacific)] {
                    count.used.requests += its.used.requests;
                    count.unserved += core::mem::take(&mut its.unserved);
                    count.used.tokens = count.used.tokens.saturating_add(its.used.tokens);
                    its.used = Use::default();
                }
            }
            (Self::Rolling(window), Self::Rolling(its)) => window.absorb(its, DAY),
            _ => {}
        }
    }
}

impl Count {
    fn turn(&mut self, now: Now, next: UnixMillis) {
        if now.wall >= self.ends {
            *self = Self { ends: next, ..Self::default() };
        }
        // The host begins with what the law says and may know better soon after. Clocks that jump are another matter.
        if self.ends.0.abs_diff(next.0) <= Millis::from_hours(1).0 {
            self.ends = next;
        }
    }
}

/// When enough has left that nothing is over.
fn first_room(window: &Window, now: Instant, over: impl Fn(Use) -> u64) -> Instant {
    let mut left = window.total();
    let departed = window.slices(DAY).find_map(|(leaves, used)| {
        left.requests = left.requests.saturating_sub(used.requests);
        left.tokens = left.tokens.saturating_sub(used.tokens);
        (over(left) == 0).then_some(leaves)
    });
    departed.unwrap_or(now + DAY.span())
}

const DAY: Frame = Frame::Rolling(Millis::from_hours(24));

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: u64 = 3_600_000;

    /// Midnight in California is 08:00 UTC in this test.
    fn at(hour: u64) -> Now {
        let wall = UnixMillis(hour * HOUR);
        let pacific = UnixMillis(((hour + 16) / 24 * 24 + 8) * HOUR);
        Now { mono: Instant(wall.0), wall, pacific_midnight: pacific }
    }

    fn twenty(used: Use) -> u64 {
        (used.requests + 1).saturating_sub(20)
    }

    #[test]
    fn a_midnight_that_was_told_an_hour_wrong_is_put_right_and_no_use_is_lost() {
        let told = |hour: u64, midnight: u64| Now { pacific_midnight: UnixMillis(midnight * HOUR), ..at(hour) };
        let mut day = Day::new(Provider::Gemini, told(10, 31));
        (0..20).for_each(|_| day.add(at(12).mono, Use::one(1)));
        day.turn(told(13, 32));
        assert_eq!(day.ends(at(13), Some(Midnight::Pacific)), UnixMillis(32 * HOUR));
        assert_eq!(day.room(told(31, 32), Some(Midnight::Pacific), twenty), Room::Full(at(32).mono));
        day.turn(told(32, 56));
        assert_eq!(day.used(Some(Midnight::Pacific)), Use::default());
    }

    #[test]
    fn a_full_day_is_doubtful_from_the_first_midnight_on() {
        let mut day = Day::new(Provider::Gemini, at(10));
        (0..20).for_each(|_| day.add(at(12).mono, Use::one(1)));
        assert_eq!(day.room(at(12), None, twenty), Room::Full(at(24).mono));
        day.turn(at(24));
        assert_eq!(day.room(at(24), None, twenty), Room::Doubtful);
        assert_eq!(day.tells(twenty, true), Some(Midnight::Utc));
        assert_eq!(day.tells(twenty, false), Some(Midnight::Pacific));
        assert_eq!(day.room(at(24), Some(Midnight::Pacific), twenty), Room::Full(at(32).mono));
        day.turn(at(32));
        assert_eq!(day.room(at(32), None, twenty), Room::Free);
    }

    #[test]
    fn what_was_refused_leaves_a_full_day_in_doubt() {
        let mut day = Day::new(Provider::Gemini, at(10));
        (0..20).for_each(|_| day.add(at(12).mono, Use::one(1)));
        day.unserved(day.marker());
        assert_eq!(day.room(at(12), None, twenty), Room::Doubtful);
        assert_eq!(day.room(at(12), Some(Midnight::Utc), twenty), Room::Doubtful);
        day.exhausted(20);
        assert_eq!(day.room(at(12), None, twenty), Room::Full(at(24).mono));
    }

    #[test]
    fn what_is_taken_back_leaves_only_the_day_it_was_in() {
        let mut day = Day::new(Provider::Gemini, at(10));
        let marker = day.marker();
        day.add(at(10).mono, Use::one(5));
        day.turn(at(24));
        day.add(at(24).mono, Use::one(5));
        day.take_back(marker, at(10).mono, Use::one(5));
        assert_eq!(day.used(Some(Midnight::Utc)).requests, 1);
        assert_eq!(day.used(Some(Midnight::Pacific)).requests, 1);
    }

    #[test]
    fn elsewhere_the_last_day_counts() {
        let mut day = Day::new(Provider::Groq, at(10));
        (0..20).for_each(|n| day.add(at(10 + n).mono, Use::one(1)));
        let Room::Full(until) = day.room(at(30), None, twenty) else { panic!("full") };
        assert!(until >= at(34).mono && until - at(34).mono < Millis::from_mins(1));
        day.turn(at(35));
        assert_eq!(day.room(at(35), None, twenty), Room::Free);
    }
}
