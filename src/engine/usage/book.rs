//! The book: takes down what happens, and sees that it does not grow for ever.

use super::cell::{Cell, Place};
use super::level::{Level, Slot};
use super::names::Words;
use super::policy::UsagePolicy;
use crate::engine::snapshot::Note;
use crate::engine::time::{Millis, UnixMillis};
use crate::engine::units::{KeyId, PoolId, Used};

#[derive(Debug)]
pub(crate) struct Usage {
    most: usize,
    /// Nothing was counted before this.
    pub(super) began: UnixMillis,
    pub(super) minutes: Level,
    pub(super) hours: Level,
    pub(super) days: Level,
    /// The minute that runs, by an instant in it.
    pub(super) open: (UnixMillis, Slot),
    pub(crate) sessions: Words,
    pub(crate) operations: Words,
    /// As they were called when they were used: those that are removed have no name any more.
    pub(super) keys: Words,
    /// The number of each key, in the order in which they were added.
    numbers: Vec<u32>,
    /// Pools of a snapshot that are none any more, as it names them. They are counted from [`GONE`] on.
    pub(super) gone: Vec<Note>,
}

impl Usage {
    pub(crate) fn new(policy: UsagePolicy, now: UnixMillis) -> Self {
        Self {
            most: policy.max_cells as usize,
            began: now,
            minutes: Level::new(MINUTE, policy.minutes, now),
            hours: Level::new(HOUR, policy.hours, now),
            days: Level::new(DAY, policy.days, now),
            open: (now, Slot::default()),
            sessions: Words::new(MOST_SESSIONS),
            operations: Words::new(MOST_OPERATIONS),
            keys: Words::new(usize::MAX),
            numbers: Vec::new(),
            gone: Vec::new(),
        }
    }

    /// Nothing was counted before this instant.
    pub(crate) fn begin_at(&mut self, now: UnixMillis) {
        (self.began, self.open.0) = (now, now);
        for level in [&mut self.minutes, &mut self.hours, &mut self.days] {
            level.begin_at(now);
        }
    }

    /// One more key. If it was there before, under this name, it goes on.
    pub(crate) fn add_key(&mut self, name: &str) {
        let number = self.keys.number(Some(name));
        self.numbers.push(number);
    }

    /// The number of a key.
    pub(crate) fn key(&self, id: KeyId) -> u32 {
        self.numbers.get(id.0 as usize).copied().unwrap_or(0)
    }

    /// An attempt has ended.
    pub(crate) fn ended(&mut self, at: UnixMillis, place: Place, latency: Millis, is_served: bool) {
        let place = self.place_for(at, place);
        let (_, slot) = &mut self.open;
        slot.cell(place).add(&Cell::attempt(latency));
        if is_served {
            slot.latencies.record(latency);
        }
    }

    /// A call is over, after so long a wait.
    pub(crate) fn over(&mut self, at: UnixMillis, waited: Millis) {
        self.turn_page(at);
        let (_, slot) = &mut self.open;
        slot.calls += 1;
        slot.waited_calls += u64::from(waited > Millis::ZERO);
        slot.waited = slot.waited + waited;
        slot.waits.record(waited);
    }

    /// An answer has told what it used.
    pub(crate) fn used(&mut self, at: UnixMillis, place: Place, used: Used) {
        let place = self.place_for(at, place);
        let [input, output, cached, thoughts] =
            [used.input, used.output, used.cached, used.thoughts].map(|tokens| tokens.0);
        self.open.1.cell(place).add(&Cell { input, output, cached, thoughts, ..Cell::default() });
    }

    /// What ended as served at an instant turned out to have failed: wherever it was written down.
    pub(crate) fn broke(&mut self, ended: UnixMillis, from: Place, to: Place, latency: Millis) {
        if self.minutes.index(ended) == self.minutes.index(self.open.0) {
            self.open.1.change(from, to, latency);
            return;
        }
        for level in [&mut self.minutes, &mut self.hours, &mut self.days] {
            if let Some(slot) = level.known(ended) {
                slot.change(from, to, latency);
            }
        }
    }

    /// Where it is written: without session and operation once a minute has as many cells as an eighth of all may be.
    fn place_for(&mut self, at: UnixMillis, place: Place) -> Place {
        self.turn_page(at);
        let (_, slot) = &self.open;
        let is_full = slot.cells.len() >= self.most / 8 && slot.cells.get(&place).is_none();
        if is_full { Place { session: 0, operation: 0, ..place } } else { place }
    }

    /// Ends the minute that ran, if another has begun. A clock that steps back by less than a minute or two changes nothing:
    /// what comes is still counted in the minute that runs.
    pub(crate) fn turn_page(&mut self, at: UnixMillis) {
        let (running, present) = (self.minutes.index(self.open.0), self.minutes.index(at));
        if present == running || (present < running && running - present <= STEP_BACK) {
            return;
        }
        let (then, slot) = core::mem::replace(&mut self.open, (at, Slot::default()));
        if !slot.is_empty() {
            self.hours.slot(then).add(&slot);
            self.days.slot(then).add(&slot);
            self.minutes.slot(then).add(&slot);
        }
        for level in [&mut self.minutes, &mut self.hours, &mut self.days] {
            level.age(at);
        }
        self.shrink();
    }

    pub(super) fn shrink(&mut self) {
        let mut size = self.minutes.size() + self.hours.size() + self.days.size();
        while size > self.most {
            let levels = [&mut self.minutes, &mut self.hours, &mut self.days];
            let Some(less) = levels.into_iter().find_map(Level::forget_first) else { return };
            size -= less;
        }
    }
}

/// Which of those that are gone a pool is, if it is.
pub(super) fn gone_at(pool: PoolId) -> Option<usize> {
    pool.0.checked_sub(GONE).map(|at| at as usize)
}

/// The number of the first pool that is none any more: more than there are.
pub(super) const GONE: u32 = 1 << 31;
const MINUTE: Millis = Millis::from_mins(1);
const HOUR: Millis = Millis::from_hours(1);
const DAY: Millis = Millis::from_hours(24);
/// Minutes that a clock may step back without being taken for one that was set.
const STEP_BACK: u64 = 2;
/// More than a school has people; the rest count as nobody's.
const MOST_SESSIONS: usize = 2_000;
/// They are written by programmers.
const MOST_OPERATIONS: usize = 200;
