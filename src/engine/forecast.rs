//! Forecasts: when the n-th of those that wait will go.
//!
//! The places that a lane's pools will have again are merged into one list, in order of time; whoever has n before them
//! gets the n-th of it, and beyond a minute's places the list repeats itself a minute later. A list is good for a second
//! or until something is refused: sends take places from its front.

use super::spreading::spread;
use super::time::{Instant, Millis};
use super::timetable::Timetable;
use super::units::PoolId;

#[derive(Debug)]
pub(crate) struct Forecast {
    made: Instant,
    supplies: Vec<Supply>,
    /// How many pools each of these stands for, where not all were looked at.
    weight: u64,
    /// How much later places come again.
    period: Millis,
    places: Timetable,
    /// Places that were taken since.
    taken: u64,
    /// The places of those that take turns, after so many that don't.
    spread: Option<(u64, Timetable)>,
    /// From when on there are as many places as anybody wants: some pool has no known limit.
    endless: Option<Instant>,
}

/// What one pool has to give.
#[derive(Debug)]
pub(crate) struct Supply {
    pub(crate) pool: PoolId,
    /// Nothing before this.
    pub(crate) opens: Instant,
    /// Requests a minute, and how many are free at once. `None`: not known.
    pub(crate) limit: Option<(u64, u64)>,
    /// What comes back and when.
    pub(crate) departures: Vec<(Instant, u64)>,
    /// The next turn of those that are spread.
    pub(crate) paced: Instant,
    /// And how much later each further one is.
    pub(crate) step: Millis,
}

impl Supply {
    /// When its places come first, and how many at once.
    pub(super) fn places(&self) -> impl Iterator<Item = (Instant, u64)> {
        let (limit, free) = self.limit.unwrap_or_default();
        let known = self.departures.iter().map(|(at, count)| ((*at).max(self.opens), *count));
        let last = known.clone().map(|(at, _)| at).max().unwrap_or(self.opens);
        // Fewer than its limit: some are held back. They come with the last one.
        let missing = limit.saturating_sub(free + known.clone().map(|(_, count)| count).sum::<u64>());
        core::iter::once((self.opens, free)).chain(known).chain(core::iter::once((last, missing)))
    }

    /// A place was taken: it comes back in a minute.
    fn took(&mut self, now: Instant, period: Millis) {
        self.paced = self.paced.max(now) + self.step;
        let next = self.departures.iter_mut().find(|(_, count)| *count > 0);
        match (&mut self.limit, next) {
            (Some((_, free)), _) if *free > 0 => *free -= 1,
            (_, Some((_, count))) => *count -= 1,
            (_, None) => {}
        }
        self.departures.push((now + period, 1));
    }
}

impl Forecast {
    pub(crate) fn new(now: Instant, period: Millis, mut supplies: Vec<Supply>, weight: u64) -> Self {
        let endless = supplies.iter().filter(|supply| supply.limit.is_none()).map(|supply| supply.opens).min();
        // Who is shut for much longer than others gives nobody anything for now.
        let soonest = supplies.iter().map(|supply| supply.opens).min().unwrap_or(now);
        supplies.retain(|supply| supply.opens <= soonest + period.times(2));
        let places = Timetable::new(weighted(supplies.iter().flat_map(Supply::places), weight), period);
        Self { made: now, supplies, weight, period, places, taken: 0, spread: None, endless }
    }

    pub(crate) fn is_fresh(&self, now: Instant) -> bool {
        now - self.made < GOOD_FOR
    }

    /// Somebody has gone, on this pool.
    pub(crate) fn took(&mut self, now: Instant, pool: PoolId) {
        self.taken += 1;
        self.spread = None;
        if let Some(supply) = self.supplies.iter_mut().find(|supply| supply.pool == pool) {
            supply.took(now, self.period);
        }
    }

    /// How much later places come again.
    pub(crate) fn period(&self) -> Millis {
        self.period
    }

    /// A minute's places; `None` where they are not known.
    pub(crate) fn capacity(&self) -> Option<u64> {
        let limits = self.supplies.iter().filter_map(|supply| supply.limit);
        let capacity = limits.map(|(limit, _)| limit).sum::<u64>() * self.weight;
        (capacity > 0 && self.endless.is_none()).then_some(capacity)
    }

    /// When somebody with so many before them will go, if anybody can tell.
    pub(crate) fn start(&self, ahead: u64) -> Option<Instant> {
        self.places.nth(ahead + self.taken).into_iter().chain(self.endless).min()
    }

    /// When somebody will go that takes turns, with so many before them that do and so many that don't.
    pub(crate) fn turn(&mut self, ahead: u64, bursting: u64) -> Option<Instant> {
        let gone = bursting / self.weight;
        if self.spread.as_ref().is_none_or(|(known, _)| *known != gone) {
            let places = spread(&self.supplies, self.period, gone);
            self.spread = Some((gone, Timetable::new(weighted(places.into_iter(), self.weight), self.period)));
        }
        self.spread.as_ref().and_then(|(_, places)| places.nth(ahead))
    }
}

fn weighted(places: impl Iterator<Item = (Instant, u64)>, weight: u64) -> Vec<(Instant, u64)> {
    places.map(|(at, count)| (at, count * weight)).collect()
}

/// Long enough for a rush of callers to share one list.
const GOOD_FOR: Millis = Millis::from_secs(1);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nth_gets_the_nth_place_and_beyond_a_minute_the_list_repeats() {
        let supply = |opens, free, departures: &[(u64, u64)]| Supply {
            pool: PoolId(0),
            opens: Instant(opens),
            limit: Some((3, free)),
            departures: departures.iter().map(|(at, count)| (Instant(*at), *count)).collect(),
            paced: Instant(0),
            step: Millis(20_000),
        };
        let supplies = vec![supply(0, 1, &[(30_000, 2)]), supply(40_000, 3, &[])];
        let mut forecast = Forecast::new(Instant(0), Millis(60_000), supplies, 1);
        let starts: Vec<u64> = (0..8).map(|ahead| forecast.start(ahead).unwrap().0).collect();
        assert_eq!(starts, [0, 30_000, 30_000, 40_000, 40_000, 40_000, 60_000, 90_000]);
        forecast.took(Instant(0), PoolId(0));
        assert_eq!(forecast.start(0), Some(Instant(30_000)));
        assert_eq!(forecast.capacity(), Some(6));
        let turns: Vec<u64> = (0..7).map(|ahead| forecast.turn(ahead, 0).unwrap().0).collect();
        assert_eq!(turns, [30_000, 40_000, 50_000, 60_000, 70_000, 80_000, 90_000], "one has gone");
    }

    #[test]
    fn an_unknown_limit_has_room_for_all() {
        let (paced, step) = (Instant(0), Millis::ZERO);
        let supply = Supply { pool: PoolId(0), opens: Instant(7), limit: None, departures: Vec::new(), paced, step };
        let forecast = Forecast::new(Instant(0), Millis(60_000), vec![supply], 1);
        assert_eq!((forecast.start(1_000), forecast.capacity()), (Some(Instant(7)), None));
        assert_eq!(Forecast::new(Instant(0), Millis(60_000), Vec::new(), 1).start(0), None);
    }
}
