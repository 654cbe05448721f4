//! The queue: calls that wait for quota, in lanes of calls that the same keys can serve.
//!
//! Within a lane the head is served first, and while the head can't go nobody behind it can: so one look at the head
//! says everything about the lane, and a lane is looked at only when its instant has come or something was freed.

use std::collections::{BTreeMap, BTreeSet};

use super::event::WaitReason;
use super::provider::Provider;
use super::time::Instant;
use super::units::{CallId, ModelId};

/// What calls of one lane have in common.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LaneKey {
    pub(crate) provider: Provider,
    pub(crate) model: ModelId,
    pub(crate) workload: Option<String>,
}

/// A waiting call's place: its lane and its rank there. Lower priority numbers go first, then who came first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) lane: LaneKey,
    pub(crate) rank: (u8, CallId),
}

#[derive(Debug)]
pub(crate) struct Lane {
    pub(crate) key: LaneKey,
    waiting: BTreeSet<(u8, CallId)>,
    /// When the head may go, and what it waits for. `None`: when something is freed.
    pub(crate) opens: Option<(Instant, WaitReason)>,
    /// Something was freed since the head was last looked at.
    stale: bool,
}

#[derive(Debug, Default)]
pub(crate) struct Queue {
    lanes: Vec<Lane>,
    len: usize,
    sessions: BTreeMap<String, u32>,
}

impl Queue {
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// How many calls of a session wait.
    pub(crate) fn of_session(&self, session: &str) -> u32 {
        self.sessions.get(session).copied().unwrap_or(0)
    }

    pub(crate) fn has_lane(&self, key: &LaneKey) -> bool {
        self.lanes.iter().any(|lane| lane.key == *key)
    }

    /// Puts a call into its lane. Returns how many wait before it there.
    pub(crate) fn join(&mut self, place: &Place, session: Option<&str>) -> u32 {
        let at = self.lanes.iter().position(|lane| lane.key == place.lane).unwrap_or_else(|| {
            self.lanes.push(Lane { key: place.lane.clone(), waiting: BTreeSet::new(), opens: None, stale: true });
            self.lanes.len() - 1
        });
        let lane = &mut self.lanes[at];
        let ahead = if lane.waiting.last().is_none_or(|last| *last < place.rank) {
            lane.waiting.len()
        } else {
            lane.waiting.range(..place.rank).count()
        };
        lane.stale |= ahead == 0;
        lane.waiting.insert(place.rank);
        self.len += 1;
        if let Some(session) = session {
            *self.sessions.entry(session.to_owned()).or_default() += 1;
        }
        ahead as u32
    }

    /// Takes a call out, wherever in its lane it is. An empty lane is gone.
    pub(crate) fn leave(&mut self, place: &Place, session: Option<&str>) {
        let Some(at) = self.lanes.iter().position(|lane| lane.key == place.lane) else { return };
        let lane = &mut self.lanes[at];
        let was_head = lane.waiting.first() == Some(&place.rank);
        if !lane.waiting.remove(&place.rank) {
            return;
        }
        lane.stale |= was_head;
        self.len -= 1;
        if lane.waiting.is_empty() {
            self.lanes.swap_remove(at);
        }
        if let Some(session) = session
            && let Some(count) = self.sessions.get_mut(session)
        {
            *count -= 1;
            if *count == 0 {
                self.sessions.remove(session);
            }
        }
    }

    /// Something was freed: every head deserves a look.
    pub(crate) fn freed(&mut self) {
        self.lanes.iter_mut().for_each(|lane| lane.stale = true);
    }

    /// Of the heads of lanes that deserve a look now, the one with the best rank: lanes may share keys.
    pub(crate) fn ready(&self, now: Instant) -> Option<CallId> {
        let ready = self.lanes.iter().filter(|lane| lane.stale || lane.opens.is_some_and(|(at, _)| at <= now));
        ready.filter_map(|lane| lane.waiting.first()).min().map(|(_, call)| *call)
    }

    /// The head of this lane was looked at: it may go then, or when something is freed.
    pub(crate) fn looked_at(&mut self, key: &LaneKey, opens: Option<(Instant, WaitReason)>) {
        if let Some(lane) = self.lanes.iter_mut().find(|lane| lane.key == *key) {
            lane.opens = opens;
            lane.stale = false;
        }
    }

    /// The soonest instant at which some head may go.
    pub(crate) fn next(&self) -> Option<(Instant, WaitReason)> {
        self.lanes.iter().filter_map(|lane| lane.opens).min_by_key(|(at, _)| *at)
    }

    /// When this lane's head may go.
    pub(crate) fn opens(&self, key: &LaneKey) -> Option<(Instant, WaitReason)> {
        self.lanes.iter().find(|lane| lane.key == *key)?.opens
    }
}
