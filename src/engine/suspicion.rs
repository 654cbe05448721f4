//! Suspicions: projects that were not declared together, and always refuse together.
//!
//! Keys that look apart may belong to one project (nobody can see it from a key). The sign is a refusal for a minute's
//! requests that neither's own use explains, close to one of the other. They are never merged for it: people are told,
//! with the evidence, and declare `project` if it is so. Meanwhile each pool's ceiling keeps the peace.

use super::time::{Instant, Millis};
use super::units::PoolId;

/// Two pools that seem to be one, with the evidence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Suspicion {
    /// The two pools.
    pub pools: [PoolId; 2],
    /// How often both refused within three seconds.
    pub coincidences: u32,
    /// How much each had served of its minute when it refused last.
    pub served: [u64; 2],
    /// What the provider says the limit is, where it says.
    pub limit: Option<u64>,
}

#[derive(Clone, Copy, Debug)]
struct Seen {
    pool: PoolId,
    at: Instant,
    served: u64,
    /// Already counted for a coincidence.
    used: bool,
}

#[derive(Debug, Default)]
pub(crate) struct Suspicions {
    recent: Vec<Seen>,
    pairs: Vec<Suspicion>,
}

impl Suspicions {
    /// A pool refused without its own use explaining it. Returns the pairs that have just become suspicious.
    pub(crate) fn refused(&mut self, now: Instant, pool: PoolId, served: u64, limit: Option<u64>) -> Vec<Suspicion> {
        self.recent.retain(|seen| now - seen.at <= TOGETHER);
        let mut told = Vec::new();
        for other in self.recent.iter_mut().filter(|seen| seen.pool != pool && !seen.used) {
            other.used = true;
            let pools = [pool.min(other.pool), pool.max(other.pool)];
            let served = if pools[0] == pool { [served, other.served] } else { [other.served, served] };
            let at = self.pairs.iter().position(|pair| pair.pools == pools).unwrap_or_else(|| {
                if self.pairs.len() == MOST_PAIRS {
                    self.pairs.remove(0);
                }
                self.pairs.push(Suspicion { pools, coincidences: 0, served, limit });
                self.pairs.len() - 1
            });
            let pair = &mut self.pairs[at];
            pair.coincidences = pair.coincidences.saturating_add(1);
            (pair.served, pair.limit) = (served, limit.or(pair.limit));
            if pair.coincidences == ENOUGH {
                told.push(*pair);
            }
        }
        if self.recent.len() < MOST_RECENT {
            self.recent.push(Seen { pool, at: now, served, used: false });
        }
        told
    }

    /// All pairs that have coincided.
    pub(crate) fn all(&self) -> &[Suspicion] {
        &self.pairs
    }

    /// From a snapshot: a pair of which nothing is known yet.
    pub(crate) fn restore(&mut self, pair: Suspicion) {
        let Suspicion { pools: [one, other], served: [served, theirs], .. } = pair;
        let pair =
            if one <= other { pair } else { Suspicion { pools: [other, one], served: [theirs, served], ..pair } };
        let is_known = self.pairs.iter().any(|known| known.pools == pair.pools);
        if !is_known && one != other && self.pairs.len() < MOST_PAIRS {
            self.pairs.push(pair);
        }
    }

    /// Pairs that are suspicious.
    pub(crate) fn pairs(&self) -> impl Iterator<Item = &Suspicion> {
        self.pairs.iter().filter(|pair| pair.coincidences >= ENOUGH)
    }
}

/// Calls that were sent together are refused within this span of each other.
const TOGETHER: Millis = Millis::from_secs(3);
/// One coincidence is chance, two are bad luck.
const ENOUGH: u32 = 3;
pub(crate) const MOST_PAIRS: usize = 200;
const MOST_RECENT: usize = 200;
