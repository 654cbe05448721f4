//! One of the three: all minutes, all hours, or all days that are kept.

use std::collections::VecDeque;

use super::cell::{Cell, Place};
use super::sparse::Sparse;
use crate::engine::table::Table;
use crate::engine::time::{Millis, UnixMillis};

/// What a minute, an hour or a day came to.
#[derive(Debug, Default)]
pub(crate) struct Slot {
    pub(crate) cells: Table<Place, Cell>,
    /// Calls that are over.
    pub(crate) calls: u64,
    /// Of those, such as had to wait.
    pub(crate) waited_calls: u64,
    /// How long, in all.
    pub(crate) waited: Millis,
    /// How long each waited, also not at all.
    pub(crate) waits: Sparse,
    /// Of served attempts.
    pub(crate) latencies: Sparse,
}

/// Slots of one length, in their order. Those in which nothing happened are not there.
#[derive(Debug)]
pub(crate) struct Level {
    pub(crate) width: Millis,
    keep: u64,
    slots: VecDeque<(u64, Slot)>,
    /// Before this instant something may be missing.
    since: UnixMillis,
}

impl Slot {
    pub(crate) fn cell(&mut self, place: Place) -> &mut Cell {
        self.cells.get_or_insert_with(place, Cell::default)
    }

    pub(crate) fn add(&mut self, other: &Self) {
        for (place, cell) in other.cells.iter() {
            self.cell(place).add(cell);
        }
        self.calls += other.calls;
        self.waited_calls += other.waited_calls;
        self.waited = self.waited + other.waited;
        self.waits.add(&other.waits);
        self.latencies.add(&other.latencies);
    }

    /// What was counted as served turned out to have failed.
    pub(crate) fn change(&mut self, from: Place, to: Place, latency: Millis) {
        let Some(cell) = self.cells.get_mut(&from).filter(|cell| cell.attempts > 0) else { return };
        cell.attempts -= 1;
        cell.latency.0 = cell.latency.0.saturating_sub(latency.0);
        self.latencies.take_back(latency);
        self.cell(to).add(&Cell::attempt(latency));
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.calls == 0 && self.cells.is_empty()
    }

    /// In cells; an entry of a histogram is an eighth of one.
    pub(crate) fn size(&self) -> usize {
        self.cells.len() + (self.waits.len() + self.latencies.len()) / 8 + 1
    }
}

impl Level {
    pub(crate) fn new(width: Millis, keep: u32, since: UnixMillis) -> Self {
        Self { width, keep: u64::from(keep), slots: VecDeque::new(), since }
    }

    pub(crate) fn begin_at(&mut self, now: UnixMillis) {
        self.since = now;
    }

    pub(crate) fn index(&self, at: UnixMillis) -> u64 {
        at.0 / self.width.0
    }

    /// The slot of an instant, made if need be. A clock that was set back finds its place among the others.
    pub(crate) fn slot(&mut self, at: UnixMillis) -> &mut Slot {
        let index = self.index(at);
        let place = match self.slots.binary_search_by_key(&index, |(index, _)| *index) {
            Ok(place) => place,
            Err(place) => {
                self.slots.insert(place, (index, Slot::default()));
                place
            }
        };
        &mut self.slots[place].1
    }

    /// The slot of an instant, if it is still there.
    pub(crate) fn known(&mut self, at: UnixMillis) -> Option<&mut Slot> {
        let index = self.index(at);
        let place = self.slots.binary_search_by_key(&index, |(index, _)| *index).ok()?;
        Some(&mut self.slots[place].1)
    }

    /// Forgets what is too old.
    pub(crate) fn age(&mut self, now: UnixMillis) {
        let present = self.index(now);
        while self.slots.front().is_some_and(|(index, _)| index + self.keep < present) {
            self.forget_first();
        }
    }

    /// Forgets the oldest slot, and says how large it was.
    pub(crate) fn forget_first(&mut self) -> Option<usize> {
        let (index, slot) = self.slots.pop_front()?;
        self.since = self.since.max(UnixMillis((index + 1) * self.width.0));
        Some(slot.size())
    }

    /// What was counted before, by somebody else, reaches back to here. `is_whole`: all that was counted here is still there.
    pub(crate) fn reaches_back_to(&mut self, since: UnixMillis, is_whole: bool) {
        self.since = if is_whole { since } else { since.max(self.since) };
    }

    pub(crate) fn size(&self) -> usize {
        self.slots.iter().map(|(_, slot)| slot.size()).sum()
    }

    /// Whether nothing is missing since an instant.
    pub(crate) fn reaches(&self, from: UnixMillis) -> bool {
        self.since <= from
    }

    pub(crate) const fn since(&self) -> UnixMillis {
        self.since
    }

    /// Slots from one index up to, and without, another.
    pub(crate) fn within(&self, from: u64, to: u64) -> impl DoubleEndedIterator<Item = (u64, &Slot)> {
        self.slots.iter().filter(move |(index, _)| (from..to).contains(index)).map(|(index, slot)| (*index, slot))
    }
}
