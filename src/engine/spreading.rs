//! Spreading: the places of some pools as those get them that take turns, each a step after the one before.

use super::forecast::Supply;
use super::time::{Instant, Millis};

/// When a minute's places come to those that are spread, once the first `gone` places were taken by those who go as soon
/// as they can; and how many at once.
pub(super) fn spread(supplies: &[Supply], period: Millis, mut gone: u64) -> Vec<(Instant, u64)> {
    let mut turns: Vec<Instant> = supplies.iter().map(|supply| supply.paced).collect();
    // As many minutes as are taken, and one more: a place that is taken comes again.
    let cycle: u64 = supplies.iter().flat_map(Supply::places).map(|(_, count)| count).sum();
    let Some(minutes) = gone.checked_div(cycle) else { return Vec::new() };
    let mut places: Vec<(Instant, usize, u64)> = Vec::new();
    for (pool, supply) in supplies.iter().enumerate() {
        for (at, count) in supply.places() {
            places.extend((0..minutes + 2).map(|times| (at + period.times(times), pool, count)));
        }
    }
    places.sort_unstable();
    for (at, pool, count) in &mut places {
        let taken = gone.min(*count);
        gone -= taken;
        *count -= taken;
        if taken > 0 {
            turns[*pool] = turns[*pool].max(*at) + supplies[*pool].step.times(taken);
        }
    }

    let mut left: Vec<u64> = supplies.iter().map(|supply| supply.places().map(|(_, count)| count).sum()).collect();
    let mut turned: Vec<(Instant, u64)> = Vec::new();
    for (at, pool, count) in places {
        let supply = &supplies[pool];
        let together = supply.limit.map_or(1, |(limit, _)| limit / FINEST + 1);
        let mut count = count.min(left[pool]);
        left[pool] -= count;
        while count > 0 {
            let taken = count.min(together);
            let turn = turns[pool].max(at);
            turned.push((turn, taken));
            turns[pool] = turn + supply.step.times(taken);
            count -= taken;
        }
    }
    turned
}

/// Steps of a minute that are told apart: a quarter of a second.
const FINEST: u64 = 240;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::units::PoolId;

    fn supply(free: u64, departures: &[(u64, u64)]) -> Supply {
        Supply {
            pool: PoolId(0),
            opens: Instant(0),
            limit: Some((4, free)),
            departures: departures.iter().map(|(at, count)| (Instant(*at), *count)).collect(),
            paced: Instant(0),
            step: Millis(15_000),
        }
    }

    fn expand(places: &[(Instant, u64)]) -> Vec<u64> {
        let mut all: Vec<u64> = places.iter().flat_map(|(at, count)| vec![at.0 / 1000; *count as usize]).collect();
        all.sort_unstable();
        all
    }

    #[test]
    fn each_pool_gives_a_place_a_step() {
        let full = [supply(0, &[(50_000, 4)])];
        assert_eq!(expand(&spread(&full, Millis(60_000), 0)), [50, 65, 80, 95]);
        let two = [supply(4, &[]), Supply { paced: Instant(7_000), ..supply(4, &[]) }];
        assert_eq!(expand(&spread(&two, Millis(60_000), 0)), [0, 7, 15, 22, 30, 37, 45, 52]);
    }

    #[test]
    fn those_that_burst_take_their_places_and_turns_with_them() {
        let full = [supply(0, &[(50_000, 4)])];
        assert_eq!(expand(&spread(&full, Millis(60_000), 3)), [95, 110, 125, 140]);
        assert_eq!(expand(&spread(&full, Millis(60_000), 4)), [110, 125, 140, 155]);
        assert_eq!(spread(&[], Millis(60_000), 4), []);
    }
}
