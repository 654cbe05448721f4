//! Forecasts: when the n-th of those that wait will go.
//!
//! The places that a lane's pools will have again are merged into one list, in order of time; whoever has n before them
//! gets the n-th of it, and beyond a minute's places the list repeats itself a minute later. A list is good for a second
//! or until something is refused: sends take places from its front.

use super::time::{Instant, Millis};

#[derive(Debug)]
pub(crate) struct Forecast {
    made: Instant,
    /// Instants and how many places there are up to them.
    places: Vec<(Instant, u64)>,
    /// Places that were taken since.
    taken: u64,
    /// A minute's places, in all.
    cycle: u64,
    /// How much later they come again.
    period: Millis,
    /// From when on there are as many places as anybody wants: some pool has no known limit.
    endless: Option<Instant>,
}

/// What one pool has to give.
#[derive(Debug)]
pub(crate) struct Supply {
    /// Nothing before this.
    pub(crate) opens: Instant,
    /// Requests a minute, and how many are free at once. `None`: not known.
    pub(crate) limit: Option<(u64, u64)>,
    /// What comes back and when.
    pub(crate) departures: Vec<(Instant, u64)>,
}

impl Forecast {
    /// `weight`: how many pools each of these stands for, where not all were looked at.
    pub(crate) fn new(now: Instant, period: Millis, supplies: &[Supply], weight: u64) -> Self {
        let mut places: Vec<(Instant, u64)> = Vec::new();
        let (mut cycle, mut endless) = (0, None::<Instant>);
        for supply in supplies {
            let Some((limit, free)) = supply.limit else {
                endless = Some(endless.map_or(supply.opens, |known| known.min(supply.opens)));
                continue;
            };
            cycle += limit * weight;
            places.push((supply.opens, free * weight));
            places.extend(supply.departures.iter().map(|(at, count)| ((*at).max(supply.opens), count * weight)));
        }
        places.retain(|(_, count)| *count > 0);
        places.sort_unstable();
        let mut sum = 0;
        for (_, count) in &mut places {
            sum += *count;
            *count = sum;
        }
        Self { made: now, places, taken: 0, cycle, period, endless }
    }

    pub(crate) fn is_fresh(&self, now: Instant) -> bool {
        now - self.made < GOOD_FOR
    }

    /// Somebody has gone.
    pub(crate) fn took(&mut self) {
        self.taken += 1;
    }

    /// A minute's places; `None` where they are not known.
    pub(crate) fn capacity(&self) -> Option<u64> {
        (self.cycle > 0 && self.endless.is_none()).then_some(self.cycle)
    }

    /// When somebody with so many before them will go, if anybody can tell.
    pub(crate) fn start(&self, ahead: u64) -> Option<Instant> {
        let counted = self.counted(ahead + self.taken);
        counted.into_iter().chain(self.endless).min()
    }

    fn counted(&self, place: u64) -> Option<Instant> {
        let round = place.checked_div(self.cycle)?;
        let place = place % self.cycle;
        let at = self.places.partition_point(|(_, sum)| *sum <= place);
        // Fewer places than a minute has: some are under way or held back; they come with the next minute.
        let (at, rounds) = match self.places.get(at) {
            Some((at, _)) => (*at, round),
            None => (self.places.last()?.0, round + 1),
        };
        Some(at + self.period.times(rounds))
    }
}

/// Long enough for a rush of callers to share one list.
const GOOD_FOR: Millis = Millis::from_secs(1);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nth_gets_the_nth_place_and_beyond_a_minute_the_list_repeats() {
        let supply = |opens, free, departures: &[(u64, u64)]| Supply {
            opens: Instant(opens),
            limit: Some((3, free)),
            departures: departures.iter().map(|(at, count)| (Instant(*at), *count)).collect(),
        };
        let supplies = [supply(0, 1, &[(30_000, 2)]), supply(40_000, 3, &[])];
        let mut forecast = Forecast::new(Instant(0), Millis(60_000), &supplies, 1);
        let starts: Vec<u64> = (0..8).map(|ahead| forecast.start(ahead).unwrap().0).collect();
        assert_eq!(starts, [0, 30_000, 30_000, 40_000, 40_000, 40_000, 60_000, 90_000]);
        forecast.took();
        assert_eq!(forecast.start(0), Some(Instant(30_000)));
        assert_eq!(forecast.capacity(), Some(6));
    }

    #[test]
    fn an_unknown_limit_has_room_for_all() {
        let supply = Supply { opens: Instant(7), limit: None, departures: Vec::new() };
        let forecast = Forecast::new(Instant(0), Millis(60_000), &[supply], 1);
        assert_eq!((forecast.start(1_000), forecast.capacity()), (Some(Instant(7)), None));
        assert_eq!(Forecast::new(Instant(0), Millis(60_000), &[], 1).start(0), None);
    }
}
