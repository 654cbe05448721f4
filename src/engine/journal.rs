//! What has been so far: totals, latencies, and the last rotations with their reasons.

use std::collections::VecDeque;

use super::event::Rotation;
use super::histogram::Histogram;
use super::lately;
use super::snapshot::Note;
use super::time::{Millis, UnixMillis};
use super::units::Used;
use super::verdict::Verdict;

#[derive(Debug, Default)]
pub(crate) struct Journal {
    pub(crate) attempts: u64,
    pub(crate) errors: u64,
    pub(crate) served: u64,
    pub(crate) rate_limited: u64,
    pub(crate) retries: u64,
    /// Sends that a limit would have held back, had it been enforced.
    pub(crate) shadowed: u64,
    /// What the last attempts came to, by verdict: halved now and then, so that the old weighs less.
    recent: [u32; Verdict::ALL.len()],
    pub(crate) calls_waited: u64,
    pub(crate) waited: Millis,
    pub(crate) used: Used,
    pub(crate) latencies: Histogram,
    /// Of calls, those that did not wait included.
    pub(crate) waits: Histogram,
    /// Attempts by what they came to. Only ever more: a stream that broke is counted a second time, by what broke it.
    pub(crate) verdicts: [u64; Verdict::ALL.len()],
    pub(crate) rotations: u64,
    pub(crate) last_sent: Option<UnixMillis>,
    history: VecDeque<Rotation>,
}

impl Journal {
    pub(crate) fn sent(&mut self, at: UnixMillis, attempt: u32) {
        self.attempts += 1;
        self.retries += u64::from(attempt > 1);
        self.last_sent = Some(at);
    }

    /// Counts from nothing again. What is under way stays an attempt, as its end will be counted; the history is none.
    pub(crate) fn reset(&mut self, in_flight: u64) {
        let (history, last_sent) = (core::mem::take(&mut self.history), self.last_sent);
        *self = Self { attempts: in_flight, history, last_sent, ..Self::default() };
    }

    pub(crate) fn settled(&mut self, verdict: Verdict, latency: Millis) {
        self.verdicts[verdict as usize] += 1;
        self.errors += u64::from(verdict.is_error());
        self.rate_limited += u64::from(verdict.is_rate_limit());
        if verdict == Verdict::Ok {
            self.served += 1;
            self.latencies.record(latency);
        }
        self.recent[verdict as usize] += 1;
        if self.lately() >= lately::MOST {
            self.recent.iter_mut().for_each(|count| *count /= 2);
        }
    }

    /// What was settled as served turned out not to be.
    pub(crate) fn broke(&mut self, verdict: Verdict) {
        self.served = self.served.saturating_sub(1);
        self.verdicts[verdict as usize] += 1;
        self.errors += u64::from(verdict.is_error());
        self.rate_limited += u64::from(verdict.is_rate_limit());
        self.recent[verdict as usize] += 1;
    }

    /// How many the last attempts are: those that were under way when a snapshot was taken are none of them.
    pub(crate) fn lately(&self) -> u32 {
        self.recent.iter().sum()
    }

    /// Of the last attempts, how many there were, how many of them failed other than for quota, and of what most did.
    pub(crate) fn trouble(&self) -> (u32, u32, Option<Verdict>) {
        let failures = Verdict::ALL.into_iter().filter(|verdict| is_trouble(*verdict));
        let count = |verdict: Verdict| self.recent[verdict as usize];
        let most = failures.clone().max_by_key(|verdict| count(*verdict)).filter(|verdict| count(*verdict) > 0);
        (self.lately(), failures.map(count).sum(), most)
    }

    pub(crate) fn waited(&mut self, waited: Millis) {
        self.calls_waited += u64::from(waited > Millis::ZERO);
        self.waited = self.waited + waited;
        self.waits.record(waited);
    }

    pub(crate) fn rotated(&mut self, rotation: Rotation) {
        self.rotations += 1;
        if self.history.len() == MOST_ROTATIONS {
            self.history.pop_front();
        }
        self.history.push_back(rotation);
    }

    /// For a snapshot: the totals, and what the last attempts came to.
    pub(crate) fn recorded(&self) -> [Note; 2] {
        let totals = [
            self.attempts,
            self.errors,
            self.served,
            self.rate_limited,
            self.retries,
            self.shadowed,
            self.calls_waited,
            self.waited.0,
            self.used.input.0,
            self.used.output.0,
            self.rotations,
            self.used.cached.0,
            self.used.thoughts.0,
        ];
        let mut recent = Vec::new();
        for (verdict, count) in self.recent.into_iter().enumerate() {
            if count > 0 {
                recent.push(Note::numbers(&[verdict as u64, u64::from(count)]));
            }
        }
        [Note::numbers(&totals), Note::List(recent)]
    }

    /// From a snapshot: what was before counts besides what has been since.
    pub(crate) fn restore(&mut self, totals: &Note, recent: &Note) {
        let own = [
            &mut self.attempts,
            &mut self.errors,
            &mut self.served,
            &mut self.rate_limited,
            &mut self.retries,
            &mut self.shadowed,
            &mut self.calls_waited,
            &mut self.waited.0,
            &mut self.used.input.0,
            &mut self.used.output.0,
            &mut self.rotations,
            &mut self.used.cached.0,
            &mut self.used.thoughts.0,
        ];
        for (own, before) in own.into_iter().zip(totals.list()) {
            *own = own.saturating_add(before.number());
        }
        for note in recent.list() {
            let [verdict, count] = note.parts();
            self.recent[verdict.word(&Verdict::ALL) as usize] += count.count();
        }
    }

    /// For a snapshot: attempts by what they came to.
    pub(crate) fn recorded_verdicts(&self) -> Note {
        let counts = self.verdicts.iter().enumerate().filter(|(_, count)| **count > 0);
        counts.map(|(verdict, count)| Note::numbers(&[verdict as u64, *count])).collect()
    }

    pub(crate) fn restore_verdicts(&mut self, verdicts: &Note) {
        for note in verdicts.list() {
            let [verdict, count] = note.parts();
            let own = &mut self.verdicts[verdict.word(&Verdict::ALL) as usize];
            *own = own.saturating_add(count.number());
        }
    }

    /// A rotation that was before those that are remembered, and is in the count.
    pub(crate) fn rotated_before(&mut self, rotation: Rotation) {
        if self.history.len() < MOST_ROTATIONS {
            self.history.push_front(rotation);
        }
    }

    /// The last rotations, newest first.
    pub(crate) fn history(&self) -> impl Iterator<Item = &Rotation> {
        self.history.iter().rev()
    }
}

impl super::key::Tally {
    /// The same for one key.
    pub(crate) fn reset(&mut self, in_flight: u64) {
        *self = Self { requests: in_flight, last_used: self.last_used, ..Self::default() };
    }

    pub(crate) fn settled(&mut self, verdict: Verdict, latency: Millis) {
        self.errors += u64::from(verdict.is_error());
        self.rate_limited += u64::from(verdict.is_rate_limit());
        if verdict == Verdict::Ok {
            self.successes += 1;
            self.latency_total = self.latency_total + latency;
        }
        if verdict == Verdict::Ok || verdict.is_error() {
            self.lately.note(verdict.is_error());
        }
    }

    /// What was settled as served turned out not to be.
    pub(crate) fn broke(&mut self, verdict: Verdict) {
        // How long it took is known of all together: its part is the average.
        self.latency_total.0 -= self.latency_total.0 / self.successes.max(1);
        self.successes = self.successes.saturating_sub(1);
        if verdict.is_error() {
            self.lately.broke();
        }
        self.errors += u64::from(verdict.is_error());
        self.rate_limited += u64::from(verdict.is_rate_limit());
    }
}

/// What speaks of something broken: neither of quota, which passes, nor of a caller's own doing.
const fn is_trouble(verdict: Verdict) -> bool {
    (verdict.is_error() && !verdict.is_rate_limit()) || matches!(verdict, Verdict::NotFound)
}

/// Rotations that are remembered: a day of a busy workshop.
pub(crate) const MOST_ROTATIONS: usize = 1_000;
