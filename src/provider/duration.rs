//! Every way in which providers spell a span of time, read with integers and rounded up to whole milliseconds.
//!
//! | spelling | where |
//! |---|---|
//! | `51s`, `0.539477544s`, `927.819932ms` | protobuf `retryDelay` |
//! | `1m0.363142857s`, `19h8.488161794s`, `26ms`, `0s` | Go: Groq's and `OpenAI`'s resets, messages of all |
//! | `33 seconds`, `2 hours and 5 minutes` | Azure's and other prose |
//! | `13`, `7.5` | `retry-after`, Azure's and Cerebras' resets: seconds |
//!
//! Rounding is always up: a wait that is too short by a microsecond costs another refusal.

use super::scan::{self, Prose};
use crate::engine::Millis;

/// One millisecond in the nanoseconds that everything is added up in; `u64` holds 584 years of them.
const MILLI: u64 = 1_000_000;
const SECOND: u64 = 1000 * MILLI;

/// A unit must be tried before those that it begins with.
const UNITS: [(&str, u64); 28] = [
    ("milliseconds", MILLI),
    ("millisecond", MILLI),
    ("msec", MILLI),
    ("ms", MILLI),
    ("microseconds", 1000),
    ("us", 1000),
    ("\u{b5}s", 1000),
    ("\u{3bc}s", 1000),
    ("nanoseconds", 1),
    ("ns", 1),
    ("minutes", 60 * SECOND),
    ("minute", 60 * SECOND),
    ("mins", 60 * SECOND),
    ("min", 60 * SECOND),
    ("m", 60 * SECOND),
    ("hours", 3600 * SECOND),
    ("hour", 3600 * SECOND),
    ("hrs", 3600 * SECOND),
    ("hr", 3600 * SECOND),
    ("h", 3600 * SECOND),
    ("seconds", SECOND),
    ("second", SECOND),
    ("secs", SECOND),
    ("sec", SECOND),
    ("s", SECOND),
    ("days", 86_400 * SECOND),
    ("day", 86_400 * SECOND),
    ("d", 86_400 * SECOND),
];

/// What stands before a wait in prose. `again in` covers `try again in` and `try your request again in`.
const LEADS: [&str; 9] = [
    "retry in ",
    "again in ",
    "retry after ",
    "again after ",
    "reset after ",
    "resets after ",
    "reset in ",
    "resets in ",
    "wait ",
];

/// A text that is a span and nothing else, with units or as bare seconds.
pub(crate) fn whole(text: &str) -> Option<Millis> {
    let text = text.trim();
    bare(text, SECOND).or_else(|| leading(text).filter(|(_, rest)| rest.is_empty()).map(|(span, _)| span))
}

/// A text that is a bare number of milliseconds.
pub(crate) fn millis(text: &str) -> Option<Millis> {
    bare(text.trim(), MILLI)
}

/// The wait that a message asks for.
pub(crate) fn asked(message: &Prose<'_>) -> Option<Millis> {
    LEADS.iter().find_map(|lead| {
        message.each_after(lead).find_map(|rest| {
            let rest = ["about ", "approximately ", "at least ", "~"]
                .iter()
                .fold(rest, |rest, hedge| rest.strip_prefix(hedge).unwrap_or(rest));
            leading(rest).map(|(span, _)| span)
        })
    })
}

/// A span with units at the start of `text`, and what follows it.
fn leading(text: &str) -> Option<(Millis, &str)> {
    let (mut nanos, mut rest) = component(text)?;
    loop {
        let next = [" and ", ", ", " ", ""].iter().find_map(|joint| component(rest.strip_prefix(joint)?));
        let Some((more, tail)) = next else { break };
        nanos = nanos.saturating_add(more);
        rest = tail;
    }
    Some((Millis(nanos.div_ceil(MILLI)), rest))
}

/// A number and its unit, in nanoseconds.
fn component(text: &str) -> Option<(u64, &str)> {
    let (number, rest) = Decimal::read(text)?;
    let rest = rest.trim_start_matches(' ');
    let (unit, tail) = UNITS.iter().find_map(|(name, nanos)| Some((*nanos, rest.strip_prefix(name)?)))?;
    // `5 months` is no `5 m`.
    let ends = !tail.starts_with(|next: char| next.is_ascii_alphabetic());
    ends.then(|| (number.times(unit), tail))
}

fn bare(text: &str, unit: u64) -> Option<Millis> {
    let (number, rest) = Decimal::read(text)?;
    rest.is_empty().then(|| Millis(number.times(unit).div_ceil(MILLI)))
}

/// A decimal number without a sign: `whole` and a fraction in billionths, rounded up.
struct Decimal {
    whole: u64,
    billionths: u64,
}

impl Decimal {
    fn read(text: &str) -> Option<(Self, &str)> {
        let (whole, mut rest) = scan::digits(text)?;
        let mut billionths = 0;
        if let Some((fraction, tail)) =
            rest.strip_prefix('.').map(split_digits).filter(|(digits, _)| !digits.is_empty())
        {
            let mut place = SECOND;
            for digit in fraction.bytes().take(9) {
                place /= 10;
                billionths += place * u64::from(digit - b'0');
            }
            billionths += u64::from(fraction.bytes().skip(9).any(|digit| digit != b'0'));
            rest = tail;
        }
        Some((Self { whole, billionths }, rest))
    }

    /// This many units of `unit` nanoseconds, rounded up.
    fn times(&self, unit: u64) -> u64 {
        // A billionth of a day times a billion is beyond u64, hence the two ways.
        let fraction = if unit >= SECOND {
            self.billionths.saturating_mul(unit / SECOND)
        } else {
            (self.billionths * unit).div_ceil(SECOND)
        };
        self.whole.saturating_mul(unit).saturating_add(fraction)
    }
}

fn split_digits(text: &str) -> (&str, &str) {
    text.split_at(text.bytes().take_while(u8::is_ascii_digit).count())
}
