//! Los Angeles' midnights by the rules in force since 2007: daylight saving from the second Sunday of March, 10:00 UTC,
//! to the first Sunday of November, 09:00 UTC. Hosts ask their time-zone database; the tests need no more than this.

use quota_aware_api::engine::UnixMillis;

const HOUR: u64 = 3_600_000;
const DAY: u64 = 24 * HOUR;

/// The next 00:00 in Los Angeles, strictly later.
pub(crate) fn next_midnight(wall: UnixMillis) -> UnixMillis {
    let midnight = |day: u64| {
        let [daylight, standard] = [day * DAY + 7 * HOUR, day * DAY + 8 * HOUR];
        if is_daylight_saving(daylight) { daylight } else { standard }
    };
    let today = wall.0 / DAY;
    let next = [today, today + 1].map(midnight).into_iter().find(|at| *at > wall.0);
    UnixMillis(next.unwrap_or(u64::MAX))
}

/// 00:00 UTC of a date.
pub(crate) fn utc(year: u64, month: u64, day: u64) -> UnixMillis {
    UnixMillis(days_from_civil(year, month, day) * DAY)
}

fn is_daylight_saving(at: u64) -> bool {
    let mut year = 1970;
    while days_from_civil(year + 1, 1, 1) * DAY <= at {
        year += 1;
    }
    let begins = sunday_from(year, 3, 8) * DAY + 10 * HOUR;
    let ends = sunday_from(year, 11, 1) * DAY + 9 * HOUR;
    (begins..ends).contains(&at)
}

/// The first Sunday on or after a date, in days since 1970-01-01 (a Thursday).
fn sunday_from(year: u64, month: u64, day: u64) -> u64 {
    let first = days_from_civil(year, month, day);
    first + (10 - first % 7) % 7
}

/// Days since 1970-01-01 (Howard Hinnant's `days_from_civil`).
fn days_from_civil(year: u64, month: u64, day: u64) -> u64 {
    let year = if month <= 2 { year - 1 } else { year };
    let (era, of_era) = (year / 400, year % 400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

#[test]
fn midnights_follow_the_daylight_saving_rules() {
    let at = |(year, month, day), hour| UnixMillis(utc(year, month, day).0 + hour * HOUR);
    // 2026: from 8 March to 1 November.
    assert_eq!(next_midnight(at((2026, 3, 7), 12)), at((2026, 3, 8), 8));
    assert_eq!(next_midnight(at((2026, 3, 8), 8)), at((2026, 3, 9), 7));
    assert_eq!(next_midnight(at((2026, 10, 31), 12)), at((2026, 11, 1), 7));
    assert_eq!(next_midnight(at((2026, 11, 1), 7)), at((2026, 11, 2), 8));
    assert_eq!(utc(2000, 3, 1).0, 951_868_800_000);
}
