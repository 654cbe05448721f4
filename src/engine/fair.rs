//! Fair share: who of those that wait is next.
//!
//! Start-time fair queueing on virtual time. The calls of one session are numbered from where the session stands: the
//! virtual time when its first one came, or one more than its last one that went. The lowest number goes first, then who
//! came first; virtual time is the number of who went last. So sessions take turns however many calls each of them has
//! waiting, a session that comes late waits one turn at most, and nobody saves up turns by staying away. A call without a
//! session is a session of its own.

use std::collections::{BTreeMap, VecDeque};

use super::ranking::Ranking;
use super::time::Instant;
use super::units::CallId;

/// Calls of one priority.
#[derive(Debug, Default)]
pub(crate) struct Level {
    order: Ranking<(u64, CallId)>,
    /// By arrival: the oldest tells how urgent the level has become.
    arrivals: Ranking<(Instant, CallId)>,
    sessions: BTreeMap<String, Session>,
    virtual_time: u64,
}

/// A session's waiting calls, in order, and the number of the first of them; or of its next call, if none waits.
#[derive(Debug, Default)]
struct Session {
    start: u64,
    calls: VecDeque<CallId>,
}

/// A waiting call's own part of its place. A call of a session is found by that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ticket {
    pub(crate) arrived: Instant,
    /// The number of a call without a session, or of one that is back after it had its turn.
    pub(crate) number: Option<u64>,
}

impl Level {
    pub(crate) fn len(&self) -> usize {
        self.order.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.order.is_empty()
    }

    pub(crate) fn first(&self) -> Option<CallId> {
        self.order.first().map(|(_, call)| call)
    }

    /// When the oldest of them came.
    pub(crate) fn oldest(&self) -> Option<Instant> {
        self.arrivals.first().map(|(at, _)| at)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = CallId> {
        self.order.iter().map(|(_, call)| call)
    }

    /// Puts a call in. `had`: the number with which it had its turn already, if it comes back from a failed attempt.
    /// `later`: its session has had its share of the minute, and goes so many turns later than those that have not.
    pub(crate) fn join(
        &mut self,
        call: CallId,
        session: Option<&str>,
        arrived: Instant,
        (had, later): (Option<u64>, u64),
    ) -> Ticket {
        self.arrivals.insert((arrived, call));
        let Some(name) = session.filter(|_| had.is_none()) else {
            // A number of an earlier rush may be larger than time itself by now.
            let number = had.map_or(self.virtual_time, |had| had.min(self.virtual_time));
            self.order.insert((number, call));
            return Ticket { arrived, number: Some(number) };
        };
        let virtual_time = self.virtual_time;
        let session = self.sessions.entry(name.to_owned()).or_default();
        if session.calls.is_empty() {
            session.start = session.start.max(virtual_time + later);
        }
        self.order.insert((session.start + session.calls.len() as u64, call));
        session.calls.push_back(call);
        Ticket { arrived, number: None }
    }

    /// How many are before a call.
    pub(crate) fn rank(&self, call: CallId, session: Option<&str>, ticket: Ticket) -> usize {
        self.number(call, session, ticket).map_or(0, |number| self.order.rank((number, call)))
    }

    /// A call has its turn. Returns its number.
    pub(crate) fn serve(&mut self, call: CallId, session: Option<&str>, ticket: Ticket) -> Option<u64> {
        let number = self.number(call, session, ticket)?;
        let own = session.filter(|_| ticket.number.is_none()).and_then(|name| self.sessions.get_mut(name));
        match own {
            Some(session) if session.calls.front() == Some(&call) => {
                session.calls.pop_front();
                session.start = number + 1;
                self.take(call, number, ticket);
            }
            _ => {
                self.leave(call, session, ticket);
            }
        }
        self.virtual_time = self.virtual_time.max(number);
        self.tidy();
        Some(number)
    }

    /// A call leaves without having had its turn: everything is as if it had not been there.
    pub(crate) fn leave(&mut self, call: CallId, session: Option<&str>, ticket: Ticket) -> bool {
        let Some(number) = self.number(call, session, ticket) else { return false };
        if !self.take(call, number, ticket) {
            return false;
        }
        if ticket.number.is_none()
            && let Some(session) = session.and_then(|name| self.sessions.get_mut(name))
            && let Some(at) = session.calls.iter().position(|known| *known == call)
        {
            session.calls.remove(at);
            // Those behind it move up.
            for (step, behind) in session.calls.iter().enumerate().skip(at) {
                let number = session.start + step as u64;
                self.order.remove((number + 1, *behind));
                self.order.insert((number, *behind));
            }
        }
        self.tidy();
        true
    }

    fn number(&self, call: CallId, session: Option<&str>, ticket: Ticket) -> Option<u64> {
        ticket.number.or_else(|| {
            let session = self.sessions.get(session?)?;
            let at = session.calls.iter().position(|known| *known == call)?;
            Some(session.start + at as u64)
        })
    }

    fn take(&mut self, call: CallId, number: u64, ticket: Ticket) -> bool {
        self.arrivals.remove((ticket.arrived, call));
        self.order.remove((number, call))
    }

    /// Forgets sessions that virtual time has caught up with, and everything once nobody waits.
    fn tidy(&mut self) {
        if self.order.is_empty() {
            self.sessions.clear();
            self.virtual_time = 0;
        } else if self.sessions.len() > 2 * self.order.len() + 16 {
            let now = self.virtual_time;
            self.sessions.retain(|_, session| !session.calls.is_empty() || session.start > now);
        }
    }
}
