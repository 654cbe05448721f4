//! What is asked of the book, and what it says: sums over a time, in numbers. Names and sentences are made of them elsewhere.

use serde::Serialize;

use super::book::{Usage, gone_at};
use super::cell::{Cell, Place};
use super::level::{Level, Slot};
use crate::engine::client::Engine;
use crate::engine::histogram::Histogram;
use crate::engine::provider::Provider;
use crate::engine::snapshot::Note;
use crate::engine::table::Table;
use crate::engine::time::{Millis, Now, UnixMillis};
use crate::engine::units::{ModelId, PoolId};
use crate::engine::verdict::Verdict;

/// How long the slots are that a report is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// 60 s.
    Minute,
    /// 60 min.
    Hour,
    /// 24 h, as UTC has them.
    Day,
}

/// Which time and whose usage.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UsageQuery {
    /// From here. `None`: seven days before its end.
    pub from: Option<UnixMillis>,
    /// Up to here. `None`: now.
    pub to: Option<UnixMillis>,
    /// Of this key alone.
    pub key: Option<String>,
    /// Of this session alone.
    pub session: Option<String>,
    /// Of this model alone.
    pub model: Option<String>,
    /// Of this operation alone.
    pub operation: Option<String>,
    /// `None`: the finest that reaches back far enough.
    pub step: Option<Step>,
}

/// Sums over a time.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct UsageSums {
    /// The beginning of the first slot; Unix milliseconds, here and below.
    pub from: u64,
    /// The end of the last.
    pub to: u64,
    /// `minute`, `hour` or `day`.
    pub step: &'static str,
    /// How long a slot is.
    pub width: u64,
    /// Before this something may be missing.
    pub since: u64,
    /// The ids of keys, by their numbers.
    pub keys: Vec<String>,
    /// Sessions; the first has the number 1.
    pub sessions: Vec<String>,
    /// Operations, likewise.
    pub operations: Vec<String>,
    /// The pools, by their numbers: provider, project, model, and how many requests their known limits would have allowed.
    pub pools: Vec<(&'static str, String, String, Option<u64>)>,
    /// Verdicts, by their numbers.
    pub verdicts: Vec<&'static str>,
    /// A cell each: numbers of key, pool, session, operation and verdict; attempts, their milliseconds to headers, and tokens: input,
    /// output, cached, thoughts.
    pub rows: Vec<[u64; 11]>,
    /// A slot each: its beginning, attempts, served, failed, refused for quota, milliseconds to headers of the served, calls that
    /// are over, such as waited, and for how long.
    pub slots: Vec<[u64; 9]>,
    /// An hour and a key each: the hour's beginning, the number of the key, attempts, served.
    pub hours: Vec<[u64; 4]>,
    /// Of served attempts: 50th, 95th, 99th percentile. Null where a session, model, operation or key was asked for, or nothing was served.
    pub latency: Option<[u64; 3]>,
    /// Of waits, likewise, and the longest, to within 1 %.
    pub waits: Option<[u64; 4]>,
}

impl Engine {
    /// What was used in a time. `None` where nothing is counted.
    pub fn usage(&mut self, now: Now, query: &UsageQuery) -> Option<UsageSums> {
        self.usage.as_mut()?.turn_page(now.wall);
        // What happens at this very instant is a part of it.
        let to = query.to.unwrap_or(now.wall + Millis(1));
        let from = query.from.unwrap_or(UnixMillis(to.0.saturating_sub(USUAL.0)));
        let usage = self.usage.as_ref()?;
        let (step, level) = usage.level(query.step, from.max(usage.began));
        let (first, last) = (level.index(from), level.index(UnixMillis(to.0.saturating_sub(1).max(from.0))) + 1);
        let since = level.since().0;
        let ours = |place: &Place| self.is_asked(usage, query, place);
        let gone: Vec<PoolId> = (0..usage.gone.len()).map(|at| self.pool_gone(usage, at)).collect();
        let (mut cells, mut slots) = (Table::<Place, Cell>::default(), Vec::<[u64; 9]>::new());
        let (mut latencies, mut waits) = (Histogram::default(), Histogram::default());
        for (index, slot) in usage.slots(level, first, last) {
            let at = index * level.width.0;
            if slots.last().is_none_or(|last| last[0] != at) {
                slots.push([at, 0, 0, 0, 0, 0, 0, 0, 0]);
            }
            let sums = slots.last_mut()?;
            for (place, cell) in slot.cells.iter().filter(|(place, _)| ours(place)) {
                let pool = match gone_at(place.pool) {
                    Some(at) => gone[at],
                    None => self.scheduler.account(place.pool),
                };
                let place = Place { pool, ..place };
                cells.get_or_insert_with(place, Cell::default).add(cell);
                count(sums, place.verdict, cell);
            }
            for (sum, more) in sums[6..].iter_mut().zip([slot.calls, slot.waited_calls, slot.waited.0]) {
                *sum += more;
            }
            slot.latencies.pour_into(&mut latencies);
            slot.waits.pour_into(&mut waits);
        }
        let hours = usage.by_hour(from, to, ours);
        let whole = (&query.key, &query.session, &query.model, &query.operation) == (&None, &None, &None, &None);
        let rows = cells.iter().map(|(place, cell)| row(place, cell)).collect();
        let quantile = |of: &Histogram, percent| of.percentile(percent).0;
        let (keys, sessions) = (usage.keys.all().to_vec(), usage.sessions.all().to_vec());
        let (operations, width) = (usage.operations.all().to_vec(), level.width);
        let overlap = to.min(now.wall) - from.max(usage.began);
        let gone: Vec<_> = usage.gone.iter().map(|note| pool_name(note)).collect();
        let present = self.scheduler.pools.len();
        Some(UsageSums {
            from: first * width.0,
            to: last * width.0,
            step,
            width: width.0,
            since,
            keys,
            sessions,
            operations,
            verdicts: Verdict::ALL.iter().map(|verdict| verdict.name()).collect(),
            latency: (whole && latencies.total() > 0)
                .then(|| [50, 95, 99].map(|percent| quantile(&latencies, percent))),
            waits: (whole && waits.total() > 0).then(|| [50, 95, 99, 100].map(|percent| quantile(&waits, percent))),
            pools: (0..present).map(|at| self.allowed(now, PoolId(at as u32), overlap)).chain(gone).collect(),
            rows,
            slots,
            hours,
        })
    }

    fn is_asked(&self, usage: &Usage, query: &UsageQuery, place: &Place) -> bool {
        let is_model = |name: &String| {
            if let Some(at) = gone_at(place.pool) {
                return pool_name(&usage.gone[at]).2 == *name;
            }
            let pool = self.scheduler.account(place.pool);
            self.model_of(pool).is_some_and(|model| self.scheduler.models.name(model) == name)
        };
        query.key.as_ref().is_none_or(|name| usage.keys.find(name) == Some(place.key))
            && query.model.as_ref().is_none_or(is_model)
            && query.session.as_ref().is_none_or(|name| usage.sessions.find(name) == Some(place.session))
            && query.operation.as_ref().is_none_or(|name| usage.operations.find(name) == Some(place.operation))
    }

    /// The number in a report of a pool that was gone, and may be there again.
    fn pool_gone(&self, usage: &Usage, at: usize) -> PoolId {
        let number = self.scheduler.pools.len() + at;
        self.scheduler.pool_named(&usage.gone[at]).unwrap_or(PoolId(number as u32))
    }

    fn model_of(&self, pool: PoolId) -> Option<ModelId> {
        self.scheduler.pools.get(pool.0 as usize).map(|pool| pool.model)
    }

    /// A pool, and how many requests its known limits allow in a time.
    fn allowed(&mut self, now: Now, id: PoolId, span: Millis) -> (&'static str, String, String, Option<u64>) {
        let status = self.pool_status(now, id);
        let times = |limit: u64, window: Millis| limit.saturating_mul(span.0.div_ceil(window.0.max(1)).max(1));
        let minutes = status.limits.rpm.map(|limit| times(limit, self.config.window));
        let days = status.limits.rpd.map(|limit| times(limit, Millis::from_hours(24)));
        (status.provider, status.project, status.model, minutes.into_iter().chain(days).min())
    }
}

impl Usage {
    /// The level of a step, or the finest that reaches back to an instant.
    fn level(&self, step: Option<Step>, from: UnixMillis) -> (&'static str, &Level) {
        match step {
            Some(Step::Minute) => ("minute", &self.minutes),
            Some(Step::Hour) => ("hour", &self.hours),
            None if self.minutes.reaches(from) => ("minute", &self.minutes),
            None if self.hours.reaches(from) => ("hour", &self.hours),
            Some(Step::Day) | None => ("day", &self.days),
        }
    }

    /// Slots of a level with their indices, and the minute that runs at the end, as one of them.
    fn slots<'a>(&'a self, level: &'a Level, from: u64, to: u64) -> impl Iterator<Item = (u64, &'a Slot)> {
        let running = level.index(self.open.0);
        let is_within = (from..to).contains(&running) && !self.open.1.is_empty();
        // It may have been set back, and then stands before others.
        let (before, after) = (level.within(from, to.min(running + 1)), level.within(from.max(running + 1), to));
        before.chain(is_within.then_some((running, &self.open.1))).chain(after)
    }

    fn by_hour(&self, from: UnixMillis, to: UnixMillis, ours: impl Fn(&Place) -> bool) -> Vec<[u64; 4]> {
        let level = &self.hours;
        let mut rows: Vec<[u64; 4]> = Vec::new();
        for (index, slot) in self.slots(level, level.index(from), level.index(to) + 1) {
            let at = index * level.width.0;
            let begun = rows.iter().position(|row| row[0] == at).unwrap_or(rows.len());
            for (place, cell) in slot.cells.iter().filter(|(place, _)| ours(place)) {
                let key = u64::from(place.key) - 1;
                let known = rows[begun..].iter().position(|row| row[1] == key);
                let row = begun + known.unwrap_or(rows.len() - begun);
                if known.is_none() {
                    rows.push([at, key, 0, 0]);
                }
                rows[row][2] += cell.attempts;
                rows[row][3] += if place.verdict == Verdict::Ok { cell.attempts } else { 0 };
            }
        }
        rows
    }
}

/// A pool that is gone. What its limits would have allowed nobody knows.
fn pool_name(note: &Note) -> (&'static str, String, String, Option<u64>) {
    let [provider, project, _, model] = note.parts();
    let name = |note: &Note| note.name().unwrap_or("*").to_owned();
    (provider.word(&Provider::ALL).name(), name(project), name(model), None)
}

fn count(sums: &mut [u64; 9], verdict: Verdict, cell: &Cell) {
    let only = |counts: bool| if counts { cell.attempts } else { 0 };
    let is_served = verdict == Verdict::Ok;
    sums[1] += cell.attempts;
    sums[2] += only(is_served);
    sums[3] += only(verdict.is_error());
    sums[4] += only(verdict.is_rate_limit());
    sums[5] += if is_served { cell.latency.0 } else { 0 };
}

fn row(place: Place, cell: &Cell) -> [u64; 11] {
    let Place { key, pool, session, operation, verdict } = place;
    let [key, pool, session, operation] = [key - 1, pool.0, session, operation].map(u64::from);
    let Cell { attempts, latency, input, output, cached, thoughts } = *cell;
    [key, pool, session, operation, verdict as u64, attempts, latency.0, input, output, cached, thoughts]
}

/// A week: what a person who names no beginning looks back on.
const USUAL: Millis = Millis::from_hours(24 * 7);
