//! Dates on the wire: the three forms of an HTTP date, and RFC 3339. Integer calendar arithmetic, no time zones to know.

use crate::engine::UnixMillis;

const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

/// `Sun, 06 Nov 1994 08:49:37 GMT`, or one of the forms that RFC 9110 calls obsolete:
/// `Sunday, 06-Nov-94 08:49:37 GMT`, `Sun Nov  6 08:49:37 1994`.
pub(crate) fn http(text: &str) -> Option<UnixMillis> {
    let mut parts = text.split([' ', ',', '-']).filter(|part| !part.is_empty());
    let (_weekday, first, second) = (parts.next()?, parts.next()?, parts.next()?);
    let (third, fourth) = (parts.next()?, parts.next()?);
    let (day, month, year, time) = match month(first) {
        Some(month) => (second, month, fourth, third),
        None => (first, self::month(second)?, third, fourth),
    };
    let mut year = digits(year)?;
    if year < 100 {
        // No clock here to tell "more than 50 years in the future": nothing on this wire is older than Unix.
        year += if year < 70 { 2000 } else { 1900 };
    }
    instant(year, month, digits(day)?, clock(time)?)
}

/// `2026-02-27T12:53:25Z`, with an optional fraction (rounded up to a millisecond) and any offset.
pub(crate) fn rfc3339(text: &str) -> Option<UnixMillis> {
    let text = text.trim();
    let (date, time) = text.split_once(['T', 't', ' '])?;
    let mut parts = date.splitn(3, '-');
    let (year, month, day) = (digits(parts.next()?)?, digits(parts.next()?)?, digits(parts.next()?)?);
    let zone = time.find(['Z', 'z', '+', '-'])?;
    let (time, zone) = time.split_at(zone);
    let (time, fraction) = time.split_once('.').unwrap_or((time, ""));
    let local = instant(year, month, day, clock(time)?)?;
    let shift = offset(zone)?;
    let at = i64::try_from(local.0).ok()? - shift + i64::try_from(milliseconds(fraction)?).ok()?;
    u64::try_from(at).ok().map(UnixMillis)
}

/// Minutes east of Greenwich, as milliseconds.
fn offset(zone: &str) -> Option<i64> {
    if zone.eq_ignore_ascii_case("z") {
        return Some(0);
    }
    let (hours, minutes) = zone.get(1..)?.split_once(':')?;
    let minutes = i64::try_from(digits(hours)? * 60 + digits(minutes)?).ok()?;
    Some(if zone.starts_with('-') { -minutes } else { minutes } * 60_000)
}

fn milliseconds(fraction: &str) -> Option<u64> {
    if !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let (head, tail) = fraction.split_at(fraction.len().min(3));
    let mut millis = digits(head).unwrap_or(0);
    for _ in head.len()..3 {
        millis *= 10;
    }
    Some(millis + u64::from(tail.bytes().any(|digit| digit != b'0')))
}

/// `08:49:37` as seconds of the day.
fn clock(text: &str) -> Option<u64> {
    let mut parts = text.splitn(3, ':');
    let (hours, minutes, seconds) = (digits(parts.next()?)?, digits(parts.next()?)?, digits(parts.next()?)?);
    // 60: a leap second is legal on the wire.
    (hours < 24 && minutes < 60 && seconds <= 60).then_some(hours * 3600 + minutes * 60 + seconds)
}

fn month(name: &str) -> Option<u64> {
    let position = MONTHS.iter().position(|month| name.eq_ignore_ascii_case(month))?;
    Some(position as u64 + 1)
}

/// None for a day before the epoch, and for one that no calendar has.
fn instant(year: u64, month: u64, day: u64, seconds: u64) -> Option<UnixMillis> {
    if !(1970..=9999).contains(&year) || !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    Some(UnixMillis((days_from_civil(year, month, day) * 86_400 + seconds) * 1000))
}

/// Days since 1970-01-01, after Howard Hinnant's `days_from_civil`: the year begins in March, so that the leap day is
/// its last.
fn days_from_civil(year: u64, month: u64, day: u64) -> u64 {
    let year = if month <= 2 { year - 1 } else { year };
    let (era, year_of_era) = (year / 400, year % 400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

fn digits(text: &str) -> Option<u64> {
    // `parse` alone would accept a leading plus.
    let plain = !text.is_empty() && text.len() <= 9 && text.bytes().all(|byte| byte.is_ascii_digit());
    if plain { text.parse().ok() } else { None }
}
