//! Fair share: who of those that wait is next.
//!
//! Start-time fair queueing on virtual time. The calls of one session are numbered from where the session stands: the
//! virtual time when its first one came, or one more than its last one that went. The lowest number goes first, then who
//! came first; virtual time is the number of who went last. So sessions take turns however many calls each of them has
//! waiting, a session that comes late waits one turn at most, and nobody saves up turns by staying away. A call without a
//! session is a session of its own.
//!
//! Where a call leaves without a turn, those of its session that come after it move up by one. The order is told so of the
//! session's first call at once, of the others only once an eighth of them are gone: moving each time was 22 us of 250
//! calls. Until then such a session's calls are counted apart.

use std::collections::VecDeque;

use super::ranking::Ranking;
use super::table::Names;
use super::time::Instant;
use super::units::CallId;

/// Calls of one priority.
#[derive(Debug, Default)]
pub(crate) struct Level {
    order: Ranking<(u64, CallId)>,
    /// By arrival: the oldest tells how urgent the level has become.
    arrivals: Ranking<(Instant, CallId)>,
    sessions: Names<Session>,
    /// Sessions of which some calls stand under a larger number than they have.
    untold: Names<()>,
    /// Sessions that sit aside until an instant, and stand in nobody's way: none of their calls is in the order.
    aside: Names<Instant>,
    virtual_time: u64,
}

/// A session's waiting calls, in order, and the number of the first of them; or of its next call, if none waits.
#[derive(Debug, Default)]
struct Session {
    start: u64,
    calls: VecDeque<Stand>,
    /// How many calls it has put in so far.
    joined: u64,
    /// How many have left it since the order was told of all numbers.
    gone: usize,
}

/// A call of a session, and the number under which it stands in the order: its own, or a larger one.
#[derive(Clone, Copy, Debug)]
struct Stand {
    call: CallId,
    nth: u64,
    number: u64,
}

/// A waiting call's own part of its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ticket {
    arrived: Instant,
    turn: Turn,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Turn {
    /// The number of a call without a session, or of one that is back after it had its turn.
    Own(u64),
    /// The how-manieth of its session it is.
    OfSession { nth: u64 },
}

impl Session {
    fn find(&self, nth: u64) -> Option<usize> {
        self.calls.binary_search_by_key(&nth, |stand| stand.nth).ok()
    }

    /// How many of its calls come before this number and call: as they stand in the order, and by their own numbers.
    fn before(&self, number: u64, call: CallId) -> (usize, usize) {
        let stood = self.calls.partition_point(|stand| (stand.number, stand.call) < (number, call));
        let own = usize::try_from(number.saturating_sub(self.start)).unwrap_or(usize::MAX).min(self.calls.len());
        let same = number >= self.start && self.calls.get(own).is_some_and(|stand| stand.call < call);
        (stood, own + usize::from(same))
    }

    /// Tells the order of the own number of this call and of so many after it.
    fn tell(&mut self, order: &mut Ranking<(u64, CallId)>, count: usize) {
        for (number, stand) in (self.start..).zip(self.calls.iter_mut().take(count)) {
            if stand.number != number {
                order.remove((stand.number, stand.call));
                order.insert((number, stand.call));
                stand.number = number;
            }
        }
    }
}

impl Level {
    pub(crate) fn len(&self) -> usize {
        self.arrivals.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.arrivals.is_empty()
    }

    pub(crate) fn first(&self) -> Option<CallId> {
        self.order.first().map(|(_, call)| call)
    }

    /// When the oldest of them came.
    pub(crate) fn oldest(&self) -> Option<Instant> {
        self.arrivals.first().map(|(at, _)| at)
    }

    /// All of them, those that sit aside last.
    pub(crate) fn iter(&self) -> impl Iterator<Item = CallId> {
        let aside = self.aside.iter().filter_map(|(name, _)| self.sessions.get(name));
        let aside = aside.flat_map(|session| session.calls.iter().map(|stand| stand.call));
        self.order.iter().map(|(_, call)| call).chain(aside)
    }

    /// Lets a session sit aside until then. Others go meanwhile.
    pub(crate) fn put_aside(&mut self, name: &str, until: Instant) {
        let Some(session) = self.sessions.get_mut(name) else { return };
        for stand in &session.calls {
            self.order.remove((stand.number, stand.call));
        }
        session.gone = 0;
        self.untold.remove(name);
        self.aside.insert(name, until);
    }

    /// How many do not sit aside.
    pub(crate) fn in_line(&self) -> usize {
        self.order.len()
    }

    /// When the first of those that sit aside come back.
    pub(crate) fn comes_back(&self) -> Option<Instant> {
        self.aside.iter().map(|(_, until)| *until).min()
    }

    /// Puts those into the order again whose time has come.
    pub(crate) fn bring_back(&mut self, now: Instant) {
        let Self { order, sessions, aside, virtual_time, .. } = self;
        aside.retain(|name, until| {
            if *until > now {
                return true;
            }
            if let Some(session) = sessions.get_mut(name) {
                session.start = session.start.max(*virtual_time);
                for (number, stand) in (session.start..).zip(&mut session.calls) {
                    stand.number = number;
                    order.insert((number, stand.call));
                }
            }
            false
        });
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
            return Ticket { arrived, turn: Turn::Own(number) };
        };
        let virtual_time = self.virtual_time;
        let session = self.sessions.get_or_default(name);
        if session.calls.is_empty() {
            session.start = session.start.max(virtual_time + later);
        }
        let number = session.calls.back().map_or(session.start, |last| last.number + 1);
        let nth = session.joined;
        session.joined += 1;
        if !self.aside.contains(name) {
            self.order.insert((number, call));
        }
        session.calls.push_back(Stand { call, nth, number });
        Ticket { arrived, turn: Turn::OfSession { nth } }
    }

    /// How many are before a call.
    pub(crate) fn rank(&self, call: CallId, session: Option<&str>, ticket: Ticket) -> usize {
        let Some(number) = self.number(session, ticket) else { return 0 };
        if let Some(aside) = session.filter(|name| self.aside.contains(name)).and_then(|name| self.sessions.get(name))
            && let Turn::OfSession { .. } = ticket.turn
        {
            return self.order.len() + (number - aside.start) as usize;
        }
        let stood = self.order.rank((number, call));
        let untold = self.untold.iter().filter_map(|(name, ())| self.sessions.get(name));
        let (over, under) = untold
            .map(|session| session.before(number, call))
            .fold((0, 0), |sum, (stood, own)| (sum.0 + stood, sum.1 + own));
        stood + under - over
    }

    /// How many of its own session are before a call.
    pub(crate) fn rank_in_session(&self, session: &str, ticket: Ticket) -> Option<usize> {
        let Turn::OfSession { nth } = ticket.turn else { return None };
        self.sessions.get(session)?.find(nth)
    }

    /// A call has its turn. Returns its number.
    pub(crate) fn serve(&mut self, call: CallId, session: Option<&str>, ticket: Ticket) -> Option<u64> {
        let number = self.number(session, ticket)?;
        let own = session.and_then(|name| Some((name, self.sessions.get_mut(name)?)));
        match (ticket.turn, own) {
            (Turn::OfSession { nth }, Some((name, session))) if session.find(nth) == Some(0) => {
                session.calls.pop_front();
                session.start = number + 1;
                session.tell(&mut self.order, 1);
                if session.calls.is_empty() {
                    session.gone = 0;
                    self.untold.remove(name);
                }
                self.arrivals.remove((ticket.arrived, call));
                self.order.remove((number, call));
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
        let stood = match ticket.turn {
            Turn::Own(number) => Some(number),
            Turn::OfSession { nth } => session.and_then(|name| self.leave_session(name, nth)),
        };
        let Some(stood) = stood else { return false };
        self.order.remove((stood, call));
        let was_there = self.arrivals.remove((ticket.arrived, call));
        self.tidy();
        was_there
    }

    /// Takes the nth call out of its session, and returns the number under which it stood in the order.
    fn leave_session(&mut self, name: &str, nth: u64) -> Option<u64> {
        let session = self.sessions.get_mut(name)?;
        let at = session.find(nth)?;
        let stood = session.calls.remove(at)?.number;
        if self.aside.contains(name) {
            if session.calls.is_empty() {
                self.aside.remove(name);
            }
            return Some(stood);
        }
        session.gone += usize::from(at < session.calls.len());
        if session.gone * 8 > session.calls.len() || session.calls.is_empty() {
            session.gone = 0;
            session.tell(&mut self.order, usize::MAX);
            self.untold.remove(name);
        } else if session.gone > 0 {
            session.tell(&mut self.order, 1);
            self.untold.insert(name, ());
        }
        Some(stood)
    }

    /// A call's number: of those of a session it is one more for each one before it.
    fn number(&self, session: Option<&str>, ticket: Ticket) -> Option<u64> {
        match ticket.turn {
            Turn::Own(number) => Some(number),
            Turn::OfSession { nth } => {
                let session = self.sessions.get(session?)?;
                Some(session.start + session.find(nth)? as u64)
            }
        }
    }

    /// Forgets sessions that virtual time has caught up with, and everything once nobody waits.
    fn tidy(&mut self) {
        if self.arrivals.is_empty() {
            self.sessions.clear();
            self.untold.clear();
            self.virtual_time = 0;
        } else if self.sessions.len() > 2 * self.arrivals.len() + 16 {
            let now = self.virtual_time;
            self.sessions.retain(|_, session| !session.calls.is_empty() || session.start > now);
            self.untold.retain(|name, ()| self.sessions.contains(name));
        }
    }
}
