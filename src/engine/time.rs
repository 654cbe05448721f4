//! Spans and instants. Three kinds of number that are never mixed up: the compiler keeps them apart.

use core::ops::{Add, Sub};

/// A span of time in whole milliseconds. Arithmetic saturates: a wait can become long, never negative.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Millis(pub u64);

impl Millis {
    /// No time at all.
    pub const ZERO: Self = Self(0);

    /// Whole seconds as a span.
    pub const fn from_secs(seconds: u64) -> Self {
        Self(seconds.saturating_mul(1000))
    }

    /// Whole minutes as a span.
    pub const fn from_mins(minutes: u64) -> Self {
        Self::from_secs(minutes.saturating_mul(60))
    }

    /// Whole hours as a span.
    pub const fn from_hours(hours: u64) -> Self {
        Self::from_mins(hours.saturating_mul(60))
    }

    /// This span `factor` times.
    #[must_use]
    pub const fn times(self, factor: u64) -> Self {
        Self(self.0.saturating_mul(factor))
    }
}

impl Add for Millis {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

/// A reading of the monotonic clock: milliseconds since some origin of the host. For spans, back-off and windows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Instant(pub u64);

impl Add<Millis> for Instant {
    type Output = Self;
    fn add(self, span: Millis) -> Self {
        Self(self.0.saturating_add(span.0))
    }
}

/// Zero where the other instant is later: clocks of hosts have been seen to step back.
impl Sub for Instant {
    type Output = Millis;
    fn sub(self, earlier: Self) -> Millis {
        Millis(self.0.saturating_sub(earlier.0))
    }
}

/// A reading of the wall clock: milliseconds since the Unix epoch. For days, HTTP dates and what people read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct UnixMillis(pub u64);

impl UnixMillis {
    /// The next 00:00 UTC, strictly later than this instant.
    #[must_use]
    pub const fn next_utc_midnight(self) -> Self {
        const DAY: u64 = 86_400_000;
        Self((self.0 / DAY + 1) * DAY)
    }
}

impl Add<Millis> for UnixMillis {
    type Output = Self;
    fn add(self, span: Millis) -> Self {
        Self(self.0.saturating_add(span.0))
    }
}

impl Sub for UnixMillis {
    type Output = Millis;
    fn sub(self, earlier: Self) -> Millis {
        Millis(self.0.saturating_sub(earlier.0))
    }
}

/// What the host's clocks say at one moment. The engine stores no clock; every input brings one of these.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Now {
    /// The monotonic clock.
    pub mono: Instant,
    /// The wall clock, of the same moment.
    pub wall: UnixMillis,
    /// The next 00:00 in Los Angeles. The host knows the daylight-saving rules of its day; we do not carry a copy.
    pub pacific_midnight: UnixMillis,
}

impl Now {
    /// Where a wall-clock instant lies on the monotonic clock, as seen from this moment.
    pub fn instant_of(&self, wall: UnixMillis) -> Instant {
        self.mono + (wall - self.wall)
    }

    /// Where a monotonic instant lies on the wall clock, as seen from this moment.
    pub fn wall_of(&self, at: Instant) -> UnixMillis {
        if at >= self.mono {
            self.wall + (at - self.mono)
        } else {
            UnixMillis(self.wall.0.saturating_sub((self.mono - at).0))
        }
    }
}
