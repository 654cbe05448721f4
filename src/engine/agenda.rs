//! The agenda: what is due when. Every entry is removed by whoever made it, so memory follows what is under way.

use super::table::Set;
use super::time::Instant;
use super::units::{CallId, KeyId};

/// What an instant on the agenda is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Due {
    /// When an attempt's time is up, a parked call may go on, or a waiting call has waited long enough.
    Call(CallId),
    /// When a closed key, its project or its pool may be tried again.
    Reopening(KeyId),
    /// When an alert's reason may have been gone for long enough.
    Review,
}

#[derive(Debug, Default)]
pub(crate) struct Agenda(Set<(Instant, Due)>);

impl Agenda {
    pub(crate) fn add(&mut self, at: Instant, due: Due) {
        self.0.insert((at, due));
    }

    pub(crate) fn remove(&mut self, at: Instant, due: Due) {
        self.0.remove((at, due));
    }

    /// The soonest entry.
    pub(crate) fn next(&self) -> Option<(Instant, Due)> {
        self.0.first()
    }

    /// Takes the soonest entry if its time has come.
    pub(crate) fn pop_due(&mut self, now: Instant) -> Option<Due> {
        let (at, due) = self.0.first()?;
        if at > now {
            return None;
        }
        self.0.remove((at, due));
        Some(due)
    }
}
