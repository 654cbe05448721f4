//! The book: takes down what happens, and sees that it does not grow for ever.

use super::cell::{Cell, Place};
use super::level::{Level, Slot};
use super::names::Words;
use super::policy::UsagePolicy;
use crate::engine::time::{Millis, UnixMillis};
use crate::engine::units::Used;

#[derive(Debug)]
pub(crate) struct Usage {
    most: usize,
    pub(super) minutes: Level,
    pub(super) hours: Level,
    pub(super) days: Level,
    /// The minute that runs, by an instant in it.
    pub(super) open: (UnixMillis, Slot),
    pub(crate) sessions: Words,
    pub(crate) operations: Words,
    /// Keys by their numbers, as they were called when they were used: those that are removed have no name any more.
    pub(crate) keys: Vec<String>,
}

impl Usage {
    pub(crate) fn new(policy: UsagePolicy, now: UnixMillis) -> Self {
        Self {
            most: policy.max_cells as usize,
            minutes: Level::new(MINUTE, policy.minutes, now),
            hours: Level::new(HOUR, policy.hours, now),
            days: Level::new(DAY, policy.days, now),
            open: (now, Slot::default()),
            sessions: Words::new(MOST_SESSIONS),
            operations: Words::new(MOST_OPERATIONS),
            keys: Vec::new(),
        }
    }

    /// Nothing was counted before this instant.
    pub(crate) fn begin_at(&mut self, now: UnixMillis) {
        self.open.0 = now;
        for level in [&mut self.minutes, &mut self.hours, &mut self.days] {
            level.begin_at(now);
        }
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

    fn shrink(&mut self) {
        let mut size = self.minutes.size() + self.hours.size() + self.days.size();
        while size > self.most {
            let levels = [&mut self.minutes, &mut self.hours, &mut self.days];
            if !levels.into_iter().any(Level::forget_first) {
                return;
            }
            size = self.minutes.size() + self.hours.size() + self.days.size();
        }
    }
}

const MINUTE: Millis = Millis::from_mins(1);
const HOUR: Millis = Millis::from_hours(1);
const DAY: Millis = Millis::from_hours(24);
/// Minutes that a clock may step back without being taken for one that was set.
const STEP_BACK: u64 = 2;
/// More than a school has people; the rest count as nobody's.
const MOST_SESSIONS: usize = 2_000;
/// They are written by programmers.
const MOST_OPERATIONS: usize = 200;
