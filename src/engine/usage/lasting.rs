//! What a snapshot says of usage over time, and how another book goes on with it.
//!
//! Each name is written once, under the number that it has in this book, and each place once, in the order of their numbers
//! there; cells say which place they are of. So a full history of twenty thousand cells is less than a megabyte.

use super::book::{GONE, Usage, gone_at};
use super::cell::{Cell, Place};
use super::level::{Level, Slot};
use super::names::Words;
use crate::engine::client::Engine;
use crate::engine::scheduler::Scheduler;
use crate::engine::snapshot::{Note, most};
use crate::engine::table::Table;
use crate::engine::time::{Millis, Now, UnixMillis};
use crate::engine::units::PoolId;
use crate::engine::verdict::Verdict;

impl Engine {
    /// What was used over time, for a snapshot.
    pub(crate) fn recorded_usage(&self) -> Note {
        let Some(usage) = &self.usage else { return Note::Nothing };
        let mut writer =
            Writer { scheduler: &self.scheduler, places: Table::default(), all: Vec::new(), left: most::CELLS };
        // What is told of the longest time comes first: where not all of it has room, minutes are left out before hours.
        let [days, hours] = [&usage.days, &usage.hours].map(|level| writer.level(level));
        let (running, slot) = &usage.open;
        let open = writer.slot(usage.minutes.index(*running) * usage.minutes.width.0, slot);
        let minutes = writer.level(&usage.minutes);
        let name = |words: &Words, number: u32| words.all().get(number as usize - 1).map(|word| word.as_str().into());
        let named = |words: &Words, of: fn(&Place) -> u32| writer.names(of, &|number| name(words, number));
        Note::of([
            usage.began.into(),
            named(&usage.keys, |place| place.key),
            named(&usage.sessions, |place| place.session),
            named(&usage.operations, |place| place.operation),
            // From 1 on, as the others.
            writer.names(|place| place.pool.0 + 1, &|number| Some(self.recorded_pool(usage, PoolId(number - 1)))),
            Note::List(writer.all.iter().map(place_note).collect()),
            days,
            hours,
            open,
            minutes,
        ])
    }

    /// What was used before is added to what was used here. Retention is ours: what it has no room for is forgotten.
    pub(crate) fn restore_usage(&mut self, now: Now, note: &Note) {
        let [began, keys, sessions, operations, pools, places, days, hours, open, minutes] = note.parts();
        if self.usage.is_none() || *note == Note::Nothing {
            return;
        }
        let mut known_pools = Vec::new();
        for row in pools.list() {
            let [number, name] = row.parts();
            known_pools.push((number.number(), self.pool_for_usage(now, name)));
        }
        let Some(usage) = &mut self.usage else { return };
        usage.turn_page(now.wall);
        let keys = learned(&mut usage.keys, keys);
        let sessions = learned(&mut usage.sessions, sessions);
        let operations = learned(&mut usage.operations, operations);
        let mut known_places = Vec::new();
        for row in places.list() {
            let [key, pool, session, operation, verdict] = row.parts();
            // A session that may not be named is nobody's. Of a key or a pool that may not be, nothing can be said.
            let [session, operation] =
                [(&sessions, session), (&operations, operation)].map(|(all, of)| known(all, of).unwrap_or(0));
            let place = known(&keys, key).zip(known(&known_pools, pool)).map(|(key, pool)| Place {
                key,
                pool: PoolId(pool),
                session,
                operation,
                verdict: verdict.word(&Verdict::ALL),
            });
            known_places.push(place);
        }
        usage.restore(now.wall, UnixMillis(began.number()), &known_places, [days, hours, open, minutes]);
    }

    /// The number of a pool as a snapshot names it: one that there is or may be, else one that is only remembered.
    fn pool_for_usage(&mut self, now: Now, name: &Note) -> u32 {
        if let Some(pool) = self.pool_of(now, name).or_else(|| self.scheduler.pool_named(name)) {
            return pool.0;
        }
        let Some(usage) = &mut self.usage else { return GONE };
        let at = usage.gone.iter().position(|known| known == name).unwrap_or_else(|| {
            usage.gone.push(name.clone());
            usage.gone.len() - 1
        });
        GONE + at as u32
    }

    fn recorded_pool(&self, usage: &Usage, pool: PoolId) -> Note {
        match gone_at(pool) {
            Some(at) => usage.gone[at].clone(),
            None => Note::of(self.recorded_name(&self.scheduler.pools[pool.0 as usize])),
        }
    }
}

impl Usage {
    fn restore(&mut self, now: UnixMillis, began: UnixMillis, places: &[Option<Place>], levels: [&Note; 4]) {
        let [days, hours, open, minutes] = levels;
        for (level, note) in [(&mut self.minutes, minutes), (&mut self.hours, hours), (&mut self.days, days)] {
            let [since, slots] = note.parts();
            level.reaches_back_to(UnixMillis(since.number()), level.since() == self.began);
            for note in slots.list() {
                let (at, slot) = read(note, places);
                level.slot(at).add(&slot);
            }
        }
        let (at, slot) = read(open, places);
        if self.minutes.index(at) == self.minutes.index(self.open.0) {
            self.open.1.add(&slot);
        } else if !slot.is_empty() {
            for level in [&mut self.hours, &mut self.days, &mut self.minutes] {
                level.slot(at).add(&slot);
            }
        }
        self.began = self.began.min(began);
        for level in [&mut self.minutes, &mut self.hours, &mut self.days] {
            level.age(now);
        }
        self.shrink();
    }
}

/// Writes slots, and takes down which places they are of.
struct Writer<'a> {
    scheduler: &'a Scheduler,
    /// The numbers of places, and all in their order.
    places: Table<Place, u32>,
    all: Vec<Place>,
    /// For how many cells there is still room.
    left: usize,
}

impl Writer<'_> {
    /// The newest slots of a level, as many as there is room for.
    fn level(&mut self, level: &Level) -> Note {
        let (mut since, mut notes) = (level.since(), Vec::new());
        for (index, slot) in level.within(0, u64::MAX).rev() {
            if slot.size() > self.left {
                since = since.max(UnixMillis((index + 1) * level.width.0));
                self.left = 0;
                break;
            }
            notes.push(self.slot(index * level.width.0, slot));
        }
        notes.reverse();
        Note::of([since.into(), Note::List(notes)])
    }

    fn slot(&mut self, at: u64, slot: &Slot) -> Note {
        self.left = self.left.saturating_sub(slot.size());
        let mut cells = Vec::new();
        for (place, cell) in slot.cells.iter() {
            let Cell { attempts, latency, input, output, cached, thoughts } = *cell;
            let place = u64::from(self.place(place));
            cells.push(Note::numbers(&[place, attempts, latency.0, input, output, cached, thoughts]));
        }
        Note::of([
            at.into(),
            slot.calls.into(),
            slot.waited_calls.into(),
            slot.waited.0.into(),
            slot.waits.recorded(),
            slot.latencies.recorded(),
            Note::List(cells),
        ])
    }

    /// The number of a place; of pools that have turned out to be one, that of the one.
    fn place(&mut self, place: Place) -> u32 {
        let is_gone = gone_at(place.pool).is_some();
        let pool = if is_gone { place.pool } else { self.scheduler.account(place.pool) };
        let place = Place { pool, ..place };
        let all = &mut self.all;
        *self.places.get_or_insert_with(place, || {
            all.push(place);
            all.len() as u32 - 1
        })
    }

    /// What places have in their names: the number, from 1 on, and the name.
    fn names(&self, of: fn(&Place) -> u32, name: &dyn Fn(u32) -> Option<Note>) -> Note {
        let mut numbers: Vec<u32> = self.all.iter().map(of).filter(|number| *number > 0).collect();
        numbers.sort_unstable();
        numbers.dedup();
        numbers.into_iter().filter_map(|number| Some(Note::of([number.into(), name(number)?]))).collect()
    }
}

fn place_note(place: &Place) -> Note {
    let Place { key, pool, session, operation, verdict } = *place;
    Note::of([key, pool.0 + 1, session, operation, verdict as u32].map(Note::from))
}

/// The names of a snapshot, as this book numbers them.
fn learned(words: &mut Words, names: &Note) -> Vec<(u64, u32)> {
    let mut all = Vec::new();
    for row in names.list() {
        let [number, name] = row.parts();
        all.push((number.number(), words.number(name.name())));
    }
    all
}

/// What a number of a snapshot is here.
fn known(all: &[(u64, u32)], number: &Note) -> Option<u32> {
    all.binary_search_by_key(&number.number(), |(number, _)| *number).ok().map(|at| all[at].1)
}

fn read(note: &Note, places: &[Option<Place>]) -> (UnixMillis, Slot) {
    let [at, calls, waited_calls, waited, waits, latencies, rows] = note.parts();
    let [calls, waited_calls] = [calls, waited_calls].map(Note::number);
    let mut slot = Slot { calls, waited_calls, waited: Millis(waited.number()), ..Slot::default() };
    slot.waits.restore(waits);
    slot.latencies.restore(latencies);
    for row in rows.list() {
        let [place, counts @ ..]: [&Note; 7] = row.parts();
        let [attempts, latency, input, output, cached, thoughts] = counts.map(Note::number);
        if let Some(place) = places.get(place.number() as usize).copied().flatten() {
            slot.cell(place).add(&Cell { attempts, latency: Millis(latency), input, output, cached, thoughts });
        }
    }
    (UnixMillis(at.number()), slot)
}
