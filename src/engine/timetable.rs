//! A timetable: when the n-th place comes that some pools will have, where each place comes again minute after minute.

use super::time::{Instant, Millis};

#[derive(Debug, Default)]
pub(super) struct Timetable {
    /// Instants and how many places there are up to them: all until every place has come once.
    places: Vec<(Instant, u64)>,
    /// The last so many of them are a minute's, and come again a minute later.
    cycle: u64,
    period: Millis,
}

impl Timetable {
    /// Of a minute's places: when they come first, and how many at once.
    pub(super) fn new(mut firsts: Vec<(Instant, u64)>, period: Millis) -> Self {
        firsts.retain(|(_, count)| *count > 0);
        let Some(last) = firsts.iter().map(|(at, _)| *at).max() else { return Self::default() };
        let cycle = firsts.iter().map(|(_, count)| count).sum();
        let mut places = Vec::with_capacity(firsts.len() * 2);
        for (at, count) in firsts {
            let again = (0..).map(|times| at + period.times(times)).take_while(|at| *at <= last).take(MOST_ROUNDS);
            places.extend(again.map(|at| (at, count)));
        }
        places.sort_unstable();
        let mut sum = 0;
        for (_, count) in &mut places {
            sum += *count;
            *count = sum;
        }
        Self { places, cycle, period }
    }

    /// When somebody gets a place who has so many before.
    pub(super) fn nth(&self, ahead: u64) -> Option<Instant> {
        let (_, known) = *self.places.last()?;
        let beyond = (ahead + 1).saturating_sub(known).div_ceil(self.cycle);
        let ahead = ahead - beyond * self.cycle;
        let at = self.places.partition_point(|(_, sum)| *sum <= ahead);
        self.places.get(at).map(|(at, _)| *at + self.period.times(beyond))
    }
}

/// Of a place that comes long before the others no more than an hour is written down.
const MOST_ROUNDS: usize = 60;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_come_again_in_order_of_time() {
        let table = Timetable::new(vec![(Instant(10), 1), (Instant(55), 2), (Instant(120), 1)], Millis(60));
        let starts: Vec<u64> = (0..14).map(|ahead| table.nth(ahead).unwrap().0).collect();
        assert_eq!(starts, [10, 55, 55, 70, 115, 115, 120, 130, 175, 175, 180, 190, 235, 235]);
        assert_eq!(Timetable::new(vec![(Instant(10), 0)], Millis(60)).nth(0), None);
    }
}
