//! Meters: the three ways in which providers count what was used, each to the millisecond.

use std::collections::VecDeque;

use crate::engine::{Instant, Millis};

/// What counts one limit of one pool.
#[derive(Clone, Debug)]
pub(crate) enum Meter {
    /// Everything in the span that ends now.
    Rolling { limit: u64, span: Millis, log: VecDeque<(Instant, u64)>, used: u64 },
    /// Everything since the last boundary; boundaries lie a period apart from a first one.
    Fixed { limit: u64, first: Instant, period: Millis, ends: Instant, used: u64 },
    /// A bucket from which `limit` leaks evenly over `span`. Fill is counted in units of 1/span, so nothing is rounded; it
    /// saturates where a limit of 300 million million a minute would, which nobody has.
    Refill { limit: u64, span: Millis, fill: u64, at: Instant },
}

impl Meter {
    pub(crate) fn rolling(limit: u64, span: Millis) -> Self {
        Self::Rolling { limit, span, log: VecDeque::new(), used: 0 }
    }

    pub(crate) fn fixed(limit: u64, first: Instant, period: Millis) -> Self {
        Self::Fixed { limit, first, period, ends: first, used: 0 }
    }

    pub(crate) fn refill(limit: u64, span: Millis) -> Self {
        Self::Refill { limit, span, fill: 0, at: Instant(0) }
    }

    pub(crate) fn limit(&self) -> u64 {
        match self {
            Self::Rolling { limit, .. } | Self::Fixed { limit, .. } | Self::Refill { limit, .. } => *limit,
        }
    }

    /// What is used now, rounded up.
    pub(crate) fn used(&mut self, now: Instant) -> u64 {
        match self {
            Self::Rolling { span, log, used, .. } => {
                while let Some((_, amount)) = log.front().filter(|(at, _)| *at + *span <= now) {
                    *used -= amount;
                    log.pop_front();
                }
                *used
            }
            Self::Fixed { first, period, ends, used, .. } => {
                if now >= *ends {
                    let past = (now - *first).0 / period.0.max(1);
                    *ends = *first + Millis((past + 1).saturating_mul(period.0.max(1)));
                    *used = 0;
                }
                *used
            }
            Self::Refill { limit, span, fill, at } => {
                *fill = fill.saturating_sub((now - *at).times(*limit).0);
                *at = now.max(*at);
                fill.div_ceil(span.0.max(1))
            }
        }
    }

    /// How long until this much more fits; `None` where it fits now. Nothing else is taken meanwhile, and what is larger
    /// than the limit itself never fits.
    pub(crate) fn wait(&mut self, now: Instant, amount: u64) -> Option<Millis> {
        if amount > self.limit() {
            return Some(Millis(u64::MAX));
        }
        let taken = self.used(now);
        match self {
            Self::Rolling { limit, span, log, .. } => {
                let mut excess = taken.saturating_add(amount).saturating_sub(*limit);
                if excess == 0 {
                    return None;
                }
                for (at, freed) in log {
                    excess = excess.saturating_sub(*freed);
                    if excess == 0 {
                        return Some(*at + *span - now);
                    }
                }
                None
            }
            Self::Fixed { limit, ends, .. } => (taken.saturating_add(amount) > *limit).then(|| *ends - now),
            Self::Refill { limit, span, fill, .. } => {
                let excess = fill.saturating_add(span.times(amount).0).saturating_sub(span.times(*limit).0);
                (excess > 0).then(|| Millis(excess.div_ceil(*limit)))
            }
        }
    }

    pub(crate) fn take(&mut self, now: Instant, amount: u64) {
        self.used(now);
        match self {
            Self::Rolling { log, used, .. } => {
                *used += amount;
                match log.back_mut().filter(|(at, _)| *at == now) {
                    Some((_, known)) => *known += amount,
                    None => log.push_back((now, amount)),
                }
            }
            Self::Fixed { used, .. } => *used += amount,
            Self::Refill { span, fill, .. } => *fill = fill.saturating_add(span.times(amount).0),
        }
    }
}
