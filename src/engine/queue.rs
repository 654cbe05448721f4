//! The queue: calls that wait for quota, in lanes of calls that the same keys can serve.
//!
//! Within a lane the head is served first, and while the head can't go nobody behind it can: so one look at the head
//! says everything about the lane, and a lane is looked at only when its instant has come or something was freed.
//!
//! A lane has a level for each priority. The most urgent level is served: that whose oldest call has the lowest
//! priority number, less one for every five seconds that it has waited. Within a level sessions take turns (`fair`).

use super::event::{WaitLimit, WaitReason};
use super::fair::{Level, Ticket};
use super::roster::LaneId;
use super::table::{Names, Table};
use super::time::{Instant, Millis};
use super::turnout::{Mark, Turnout};
use super::units::CallId;

/// A waiting call's place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) lane: LaneId,
    priority: u8,
    ticket: Ticket,
    mark: Mark,
}

/// Who wants a place.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Guest<'a> {
    pub(crate) call: CallId,
    pub(crate) priority: u8,
    pub(crate) session: Option<&'a str>,
    /// When it began to wait at first.
    pub(crate) arrived: Instant,
    /// The number with which it had its turn, if it comes back from a failed attempt.
    pub(crate) had: Option<u64>,
    /// How many turns later than others it goes.
    pub(crate) later: u64,
    /// It is spread, as far as can be seen when it comes.
    pub(crate) takes_turns: bool,
}

#[derive(Debug, Default)]
pub(crate) struct Lane {
    levels: Table<u8, Level>,
    turnout: Turnout,
    /// When the head may go, and what it waits for. `None`: when something is freed.
    opens: Option<(Instant, WaitReason)>,
    /// An attempt under way may let it go sooner.
    pending: bool,
    /// What the head was seen to wait for, for people.
    seen: Option<(WaitReason, Option<WaitLimit>)>,
    /// Something was freed since the head was last looked at.
    stale: bool,
}

#[derive(Debug, Default)]
pub(crate) struct Queue {
    lanes: Table<LaneId, Lane>,
    len: usize,
    sessions: Names<u32>,
    /// False: who came first goes first.
    unfair: bool,
}

impl Lane {
    pub(crate) fn len(&self) -> usize {
        self.levels.values().map(Level::len).sum()
    }

    fn in_line(&self) -> usize {
        self.levels.values().map(Level::in_line).sum()
    }

    fn comes_back(&self) -> Option<Instant> {
        self.levels.values().filter_map(Level::comes_back).min()
    }

    fn first(&self) -> Option<(u64, CallId)> {
        self.urgent().and_then(|(urgency, level)| Some((urgency, level.first()?)))
    }

    /// The level that is served next. Two levels age alike, so their order is that of arrival plus patience.
    fn urgent(&self) -> Option<(u64, &Level)> {
        let urgency = |priority: u8, level: &Level| Some(level.oldest()?.0 + STEP.0 * u64::from(priority));
        let levels = self.levels.iter().filter(|(_, level)| level.first().is_some());
        let levels = levels.filter_map(|(priority, level)| Some((urgency(priority, level)?, level)));
        levels.min_by_key(|(urgency, _)| *urgency)
    }

    /// How many are before a call, if nobody comes or ages past somebody meanwhile.
    fn ahead(&self, call: CallId, session: Option<&str>, place: &Place) -> usize {
        let Some(own) = self.levels.get(&place.priority) else { return 0 };
        let urgency = |priority: u8, level: &Level| level.oldest().map_or(0, |at| at.0 + STEP.0 * u64::from(priority));
        let mine = urgency(place.priority, own);
        let others = self.levels.iter().filter(|(priority, level)| {
            *priority != place.priority && (urgency(*priority, level), *priority) < (mine, place.priority)
        });
        others.map(|(_, level)| level.len()).sum::<usize>() + own.rank(call, session, place.ticket)
    }
}

impl Queue {
    pub(crate) fn new(fair: bool) -> Self {
        Self { unfair: !fair, ..Self::default() }
    }

    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// How many wait in a lane.
    pub(crate) fn len_of(&self, lane: LaneId) -> usize {
        self.lanes.get(&lane).map_or(0, Lane::len)
    }

    /// How many a call found waiting in its lane, without those that have given up since.
    pub(crate) fn found(&self, place: &Place) -> u64 {
        self.lanes.get(&place.lane).map_or(0, |lane| lane.turnout.found(place.mark))
    }

    /// Of those that came before a call: how many before the first one that is spread, and how many before the last one.
    pub(crate) fn spread_before(&self, place: &Place) -> Option<(u64, u64)> {
        self.lanes.get(&place.lane)?.turnout.spread_before(place.mark)
    }

    /// How many calls of a session wait.
    pub(crate) fn of_session(&self, session: &str) -> u32 {
        self.sessions.get(session).copied().unwrap_or(0)
    }

    /// How many of them do not sit aside.
    pub(crate) fn in_line(&self, lane: LaneId) -> u64 {
        self.lanes.get(&lane).map_or(0, |lane| lane.in_line() as u64)
    }

    /// Whether anybody waits in a lane whom a newcomer has to wait behind.
    pub(crate) fn has_head(&self, lane: LaneId) -> bool {
        self.lanes.get(&lane).is_some_and(|lane| lane.first().is_some())
    }

    /// Lets a call's session sit aside until then, out of everybody's way.
    pub(crate) fn put_aside(&mut self, session: Option<&str>, place: &Place, until: Instant) {
        if let (Some(lane), Some(session)) = (self.lanes.get_mut(&place.lane), session)
            && let Some(level) = lane.levels.get_mut(&place.priority)
        {
            level.put_aside(session, until);
            lane.opens = None;
            lane.stale = true;
        }
    }

    /// Lets those that sat aside stand in line again whose time has come.
    pub(crate) fn bring_back(&mut self, now: Instant) {
        for lane in self.lanes.values_mut().filter(|lane| lane.comes_back().is_some_and(|at| at <= now)) {
            lane.levels.values_mut().for_each(|level| level.bring_back(now));
            lane.stale = true;
        }
    }

    /// Puts a call into its lane. Returns its place and how many wait before it there.
    pub(crate) fn join(&mut self, lane: LaneId, guest: Guest<'_>) -> (Place, u32) {
        let Guest { call, priority, session, arrived, had, later, takes_turns } = guest;
        let fair_session = session.filter(|_| !self.unfair);
        let known = self.lanes.get_or_insert_with(lane, || Lane { stale: true, ..Lane::default() });
        let aside = (known.len() - known.in_line()) as u64;
        let ticket =
            known.levels.get_or_insert_with(priority, Level::default).join(call, fair_session, arrived, (had, later));
        known.stale |= known.first().is_some_and(|(_, first)| first == call);
        let mark = known.turnout.join(takes_turns, aside);
        let place = Place { lane, priority, ticket, mark };
        let ahead = known.ahead(call, fair_session, &place);
        self.len += 1;
        if let Some(session) = session {
            *self.sessions.get_or_default(session) += 1;
        }
        (place, ahead as u32)
    }

    /// How many wait before a call.
    pub(crate) fn ahead(&self, call: CallId, session: Option<&str>, place: &Place) -> u32 {
        let session = session.filter(|_| !self.unfair);
        self.lanes.get(&place.lane).map_or(0, |lane| lane.ahead(call, session, place) as u32)
    }

    /// How many of its own session wait before a call.
    pub(crate) fn ahead_in_session(&self, session: Option<&str>, place: &Place) -> Option<u64> {
        let level = self.lanes.get(&place.lane)?.levels.get(&place.priority)?;
        level.rank_in_session(session?, place.ticket).map(|rank| rank as u64)
    }

    /// Takes a call out, wherever in its lane it is; `served` where it has its turn. An empty lane is gone. Returns the
    /// number of a call that was served.
    pub(crate) fn leave(&mut self, call: CallId, session: Option<&str>, place: &Place, served: bool) -> Option<u64> {
        let fair_session = session.filter(|_| !self.unfair);
        let lane = self.lanes.get_mut(&place.lane)?;
        let was_head = lane.first().is_some_and(|(_, first)| first == call);
        let level = lane.levels.get_mut(&place.priority)?;
        let number = if served {
            Some(level.serve(call, fair_session, place.ticket)?)
        } else {
            level.leave(call, fair_session, place.ticket).then_some(())?;
            None
        };
        if level.is_empty() {
            lane.levels.remove(&place.priority);
        }
        lane.turnout.leave(place.mark, served);
        if lane.first().is_none() {
            lane.opens = None;
        }
        // With fewer waiting the head may go sooner: sends are no longer spread, nothing is left to others.
        lane.stale |= was_head || !served;
        self.len -= 1;
        if lane.levels.is_empty() {
            self.lanes.remove(&place.lane);
        }
        if let Some(session) = session
            && let Some(count) = self.sessions.get_mut(session)
        {
            *count -= 1;
            if *count == 0 {
                self.sessions.remove(session);
            }
        }
        number
    }

    /// Something was freed: every head deserves a look.
    pub(crate) fn freed(&mut self) {
        self.lanes.values_mut().for_each(|lane| lane.stale = true);
    }

    /// The head of a lane deserves a look, though nothing was freed.
    pub(crate) fn look_again(&mut self, lane: LaneId) {
        if let Some(lane) = self.lanes.get_mut(&lane) {
            lane.stale = true;
        }
    }

    /// Of the heads of lanes that deserve a look now, the most urgent one: lanes may share keys.
    pub(crate) fn ready(&self, now: Instant) -> Option<CallId> {
        let ready = self.lanes.values().filter(|lane| lane.stale || lane.opens.is_some_and(|(at, _)| at <= now));
        ready.filter_map(Lane::first).min().map(|(_, call)| call)
    }

    /// The head of this lane was looked at: it may go then, or when something is freed; `pending`: an attempt under way may free
    /// something before. `seen`: what it waits for.
    pub(crate) fn looked_at(
        &mut self,
        lane: LaneId,
        opens: Option<(Instant, WaitReason)>,
        pending: bool,
        seen: (WaitReason, Option<WaitLimit>),
    ) {
        if let Some(lane) = self.lanes.get_mut(&lane) {
            lane.opens = opens;
            lane.pending = pending;
            lane.seen = Some(seen);
            lane.stale = false;
        }
    }

    /// The soonest instant at which some head may go.
    pub(crate) fn next(&self) -> Option<(Instant, WaitReason)> {
        let aside = |lane: &Lane| lane.comes_back().map(|at| (at, WaitReason::Share));
        self.lanes.values().flat_map(|lane| [lane.opens, aside(lane)]).flatten().min_by_key(|(at, _)| *at)
    }

    /// When this lane's head may go, and no sooner: nothing is promised by it where an attempt under way may change that. The other
    /// projects may be out until midnight while the last one tries whether its minute is over.
    pub(crate) fn opens(&self, lane: LaneId) -> Option<Instant> {
        let lane = self.lanes.get(&lane).filter(|lane| !lane.pending)?;
        lane.opens.map(|(at, _)| at)
    }

    /// What this lane's head was seen to wait for.
    pub(crate) fn seen(&self, lane: LaneId) -> (WaitReason, Option<WaitLimit>) {
        self.lanes.get(&lane).and_then(|lane| lane.seen).unwrap_or((WaitReason::Concurrency, None))
    }

    /// The waiting calls, lane by lane, each lane in order as far as priorities go.
    pub(crate) fn iter(&self) -> impl Iterator<Item = CallId> {
        self.lanes.values().flat_map(|lane| lane.levels.values().flat_map(Level::iter))
    }
}

/// Whoever has waited this long counts as one priority more urgent.
const STEP: Millis = Millis::from_secs(5);
