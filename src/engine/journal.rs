//! What has been so far: totals, latencies, and the last rotations with their reasons.

use std::collections::VecDeque;

use super::event::Rotation;
use super::histogram::Histogram;
use super::time::{Millis, UnixMillis};
use super::units::Tokens;
use super::verdict::Verdict;

#[derive(Debug, Default)]
pub(crate) struct Journal {
    pub(crate) attempts: u64,
    pub(crate) errors: u64,
    pub(crate) rate_limited: u64,
    pub(crate) retries: u64,
    pub(crate) calls_waited: u64,
    pub(crate) waited: Millis,
    pub(crate) tokens_in: Tokens,
    pub(crate) tokens_out: Tokens,
    pub(crate) latencies: Histogram,
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

    pub(crate) fn settled(&mut self, verdict: Verdict, latency: Millis) {
        self.errors += u64::from(is_error(verdict));
        self.rate_limited += u64::from(is_rate_limit(verdict));
        if verdict == Verdict::Ok {
            self.latencies.record(latency);
        }
    }

    pub(crate) fn waited(&mut self, waited: Millis) {
        self.calls_waited += u64::from(waited > Millis::ZERO);
        self.waited = self.waited + waited;
    }

    pub(crate) fn rotated(&mut self, rotation: Rotation) {
        self.rotations += 1;
        if self.history.len() == MOST_ROTATIONS {
            self.history.pop_front();
        }
        self.history.push_back(rotation);
    }

    /// The last rotations, newest first.
    pub(crate) fn history(&self) -> impl Iterator<Item = &Rotation> {
        self.history.iter().rev()
    }
}

impl super::key::Tally {
    pub(crate) fn settled(&mut self, verdict: Verdict, latency: Millis) {
        self.errors += u64::from(is_error(verdict));
        self.rate_limited += u64::from(is_rate_limit(verdict));
        if verdict == Verdict::Ok {
            self.successes += 1;
            self.latency_total = self.latency_total + latency;
        }
    }
}

/// What counts as an error of the key or the provider. A request that is itself at fault is no error of theirs, and an
/// aborted one of nobody.
pub(crate) const fn is_error(verdict: Verdict) -> bool {
    !matches!(
        verdict,
        Verdict::Ok | Verdict::BadRequest | Verdict::NotFound | Verdict::TooLarge | Verdict::Blocked | Verdict::Aborted
    )
}

const fn is_rate_limit(verdict: Verdict) -> bool {
    matches!(verdict, Verdict::RateLimited | Verdict::QuotaExhausted)
}

/// Rotations that are remembered: a day of a busy workshop.
const MOST_ROTATIONS: usize = 1_000;
