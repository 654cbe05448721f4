//! One call's life: queued or parked while it waits, in flight while it is sent, gone once it is done.

use super::budget::Retry;
use super::failure::AttemptNote;
use super::io::Ask;
use super::queue::Place;
use super::roster::LaneId;
use super::scheduler::{Grant, Need};
use super::terms::Spread;
use super::time::{Instant, Millis};
use super::trace::Trace;
use super::units::{KeyId, ModelId, PoolId};
use super::verdict::Classification;

#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) ask: Ask,
    pub(crate) model: ModelId,
    pub(crate) lane: LaneId,
    pub(crate) began: Instant,
    /// When the whole call must be over.
    pub(crate) deadline: Instant,
    pub(crate) max_attempts: u32,
    pub(crate) phase: Phase,
    /// Its entry on the agenda.
    pub(crate) timer: Option<Instant>,
    /// Sends so far.
    pub(crate) sent: u32,
    /// Failed attempts so far.
    pub(crate) notes: Vec<AttemptNote>,
    /// What the last response meant.
    pub(crate) last: Option<Box<Classification>>,
    /// Overloads met so far: `Config::overload_retries` more tries, then it is over.
    pub(crate) overloads: u32,
    /// How long it has waited so far, in all.
    pub(crate) waited: Millis,
    /// Its back-off: pools that it leaves alone until an instant.
    pub(crate) holds: Vec<(PoolId, Instant)>,
    /// Pools that have failed it, and what another send there costs. None where the wait for a closed gate has paid.
    pub(crate) costs: Vec<(PoolId, Retry)>,
    /// The key whose failure it is moving away from.
    pub(crate) leaving: Option<KeyId>,
    /// The number with which it had its turn, so that a failed attempt doesn't cost it another.
    pub(crate) had: Option<u64>,
    /// The terms on which it is sent at present.
    pub(crate) manners: Manners,
    /// The account of what was decided about it, and why.
    pub(crate) trace: Trace,
}

/// How a call behaves towards others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Manners {
    /// The share of each minute that it leaves to others, in thousandths.
    pub(crate) spare: u64,
    pub(crate) spread: Spread,
    /// How many turns later than others it goes: its session has had its share of the minute, or more.
    pub(crate) later: u64,
    /// Its session has had what the others leave, and gets its next place then.
    pub(crate) sated: Option<Instant>,
    /// Limits are counted, and not obeyed.
    pub(crate) shadow: bool,
}

/// Where a call is. What exists only in one state is in that state.
#[derive(Debug)]
pub(crate) enum Phase {
    /// Being decided upon: never seen between two inputs.
    Deciding,
    /// Waits in a lane for quota.
    Queued { place: Place, since: Instant, expires: Instant },
    /// Waits for its own back-off, outside the lanes.
    Parked { since: Instant },
    /// Sent.
    InFlight { grant: Grant, sent: Instant },
}

/// An attempt that has come to its end: what it was sent with and when, and the HTTP status where there was a response.
#[derive(Debug)]
pub(crate) struct Landed {
    pub(crate) grant: Grant,
    pub(crate) sent: Instant,
    pub(crate) status: Option<u16>,
}

impl Call {
    pub(crate) fn need(&self) -> Need<'_> {
        Need {
            lane: self.lane,
            provider: self.ask.provider,
            model: self.model,
            session: self.ask.session.as_deref(),
            demand: self.ask.demand,
            pinned: self.ask.pinned,
            only: self.ask.only.map(|only| only.project),
            last_try: self.sent + 1 >= self.max_attempts,
            holds: &self.holds,
            spare: self.manners.spare,
            spread: self.manners.spread,
            shadow: self.manners.shadow,
        }
    }

    /// Ends a wait, and counts it.
    pub(crate) fn woken(&mut self, now: Instant) -> Millis {
        let waited = match self.phase {
            Phase::Queued { since, .. } | Phase::Parked { since } => now - since,
            Phase::Deciding | Phase::InFlight { .. } => Millis::ZERO,
        };
        self.waited = self.waited + waited;
        waited
    }
}
