//! A cell: what one key, on one pool, for one session and operation, came to in one way.

use crate::engine::code::Code;
use crate::engine::time::Millis;
use crate::engine::units::PoolId;
use crate::engine::verdict::Verdict;

/// Which cell. Keys, sessions and operations by their numbers in the book, 0 for none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) key: u32,
    pub(crate) pool: PoolId,
    pub(crate) session: u32,
    pub(crate) operation: u32,
    pub(crate) verdict: Verdict,
}

/// What is counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Cell {
    pub(crate) attempts: u64,
    /// From sending to response headers, of all of them.
    pub(crate) latency: Millis,
    pub(crate) input: u64,
    pub(crate) output: u64,
    /// Of the input.
    pub(crate) cached: u64,
    /// Of the output.
    pub(crate) thoughts: u64,
}

impl Cell {
    pub(crate) const fn attempt(latency: Millis) -> Self {
        Self { attempts: 1, latency, input: 0, output: 0, cached: 0, thoughts: 0 }
    }

    pub(crate) fn add(&mut self, other: &Self) {
        self.attempts += other.attempts;
        self.latency = self.latency + other.latency;
        self.input = self.input.saturating_add(other.input);
        self.output = self.output.saturating_add(other.output);
        self.cached = self.cached.saturating_add(other.cached);
        self.thoughts = self.thoughts.saturating_add(other.thoughts);
    }
}

impl Code for Place {
    fn code(self) -> u128 {
        let [key, pool, session] = [self.key, self.pool.0, self.session].map(u128::from);
        let last = u128::from(self.operation & MOST_OPERATIONS) << 8 | u128::from(self.verdict as u8);
        key << 96 | pool << 64 | session << 32 | last
    }

    fn of(code: u128) -> Self {
        Self {
            key: (code >> 96) as u32,
            pool: PoolId((code >> 64) as u32),
            session: (code >> 32) as u32,
            operation: (code >> 8) as u32 & MOST_OPERATIONS,
            verdict: Verdict::ALL[code as u8 as usize % Verdict::ALL.len()],
        }
    }
}

/// What has room beside a verdict; far fewer are told apart.
const MOST_OPERATIONS: u32 = (1 << 24) - 1;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_its_number() {
        for verdict in Verdict::ALL {
            let place = Place { key: 7, pool: PoolId(u32::MAX), session: 3, operation: 0xabcd, verdict };
            assert_eq!(Place::of(place.code()), place);
        }
    }
}
