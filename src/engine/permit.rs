//! The right to send one request, and what is left of it afterwards.

use super::day::Marker;
use super::gate::Pass;
use super::time::Instant;
use super::units::{PoolId, Tokens};

/// The right to send one request. It is settled with what was used, or released where the provider counted nothing;
/// both consume it, so it cannot be paid twice, and dropping it otherwise is a bug that debug builds stop at.
#[derive(Debug)]
#[must_use = "a permit must be settled or released"]
pub(crate) struct Permit {
    pub(crate) pool: PoolId,
    pub(crate) pass: Pass,
    pub(crate) sent: Instant,
    /// The instant at which its use is logged in the minute.
    pub(crate) counted: Instant,
    pub(crate) day: Marker,
    pub(crate) reserved: Tokens,
    pub(crate) bet: Bet,
    pub(crate) signs: Signs,
}

impl Drop for Permit {
    fn drop(&mut self) {
        debug_assert!(std::thread::panicking(), "a permit of pool {:?} was neither settled nor released", self.pool);
    }
}

/// What the answer to a send may tell besides.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Signs {
    /// It took a place that was ours again only just before: if it is refused at once, we were too early.
    pub(crate) tight: bool,
    /// A rolling minute would have no room for it, by far: if it is served, the minute is fixed indeed.
    pub(crate) beyond_rolling: bool,
    pub(crate) contest: Contest,
}

/// Whether there would have been room for a request with refused and lost ones counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Contest {
    #[default]
    None,
    /// No: if it is refused, they do count.
    Close,
    /// Not by far: if it is served, they do not.
    ByFar,
}

/// What a send finds out by going where it may be refused. Each bet has at most one call at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Bet {
    /// There is room as far as is known.
    None,
    /// That the minute is fixed.
    FixedMinute,
    /// That a limit which was learned is too low.
    Above,
    /// That a place is ours again sooner than it was proved to be.
    Early,
    /// That the midnight just past ended the day.
    NewDay,
}

/// What a settled request has used, so that it can be corrected when the answer has told the truth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Receipt {
    pub(crate) pool: PoolId,
    pub(crate) counted: Instant,
    pub(crate) day: Marker,
    pub(crate) reserved: Tokens,
}
