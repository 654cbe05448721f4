//! What else people take: `governor`, and a `Vec` of counters. Both do less: no session, no deadline, no health.

use std::num::NonZeroU32;

use governor::clock::FakeRelativeClock;
use governor::middleware::NoOpMiddleware;
use governor::state::keyed::DefaultKeyedStateStore;
use governor::state::{InMemoryState, NotKeyed};
use governor::{Quota, RateLimiter};

use crate::stage::MODELS;

/// Without a reading of a clock, as the engine is without one.
type Clock = FakeRelativeClock;
type Passes = NoOpMiddleware<<Clock as governor::clock::Clock>::Instant>;
type Store = DefaultKeyedStateStore<u32>;

/// One limiter that never refuses.
pub(crate) fn direct() -> RateLimiter<NotKeyed, InMemoryState, Clock, Passes> {
    RateLimiter::direct_with_clock(Quota::per_minute(NonZeroU32::MAX), Clock::default())
}

/// A limiter of pools, with a turn among the keys around it: the next key that passes the check.
pub(crate) struct Keyed {
    limiter: RateLimiter<u32, Store, Clock, Passes>,
    room: Vec<bool>,
    turn: usize,
    calls: usize,
}

/// One limiter has one quota for all of its keys, so a full pool is one that is asked for more than its burst.
pub(crate) fn keyed(keys: usize, room: fn(usize, usize) -> bool) -> Keyed {
    Keyed {
        limiter: RateLimiter::new(Quota::per_minute(NonZeroU32::MAX), Store::default(), Clock::default()),
        room: (0..keys).map(|key| room(key, keys)).collect(),
        turn: 0,
        calls: 0,
    }
}

impl Keyed {
    pub(crate) fn call(&mut self) -> Option<usize> {
        let keys = self.room.len();
        self.calls += 1;
        let model = self.calls % MODELS;
        for step in 0..keys {
            let key = (self.turn + step) % keys;
            let pool = (key * MODELS + model) as u32;
            let wanted = if self.room[key] { NonZeroU32::MIN } else { NonZeroU32::MAX };
            // Asked for all of its burst at a standing clock: the first time that passes, from then on it is full.
            if matches!(self.limiter.check_key_n(&pool, wanted), Ok(Ok(()))) && self.room[key] {
                self.turn = key + 1;
                return Some(key);
            }
        }
        None
    }
}

/// Counters in a `Vec`, tried in turn.
pub(crate) struct Scan {
    pools: Vec<Counter>,
    models: usize,
    turn: usize,
    calls: usize,
}

struct Counter {
    used: u64,
    limit: u64,
}

impl Scan {
    pub(crate) fn new(keys: usize, models: usize, room: fn(usize, usize) -> bool) -> Self {
        let counter = |key| Counter { used: 0, limit: if room(key, keys) { u64::MAX } else { 0 } };
        Self { pools: (0..keys * models).map(|pool| counter(pool / models)).collect(), models, turn: 0, calls: 0 }
    }

    pub(crate) fn call(&mut self) -> Option<usize> {
        let keys = self.pools.len() / self.models;
        self.calls += 1;
        let model = self.calls % self.models;
        for step in 0..keys {
            let key = (self.turn + step) % keys;
            let counter = &mut self.pools[key * self.models + model];
            if counter.used < counter.limit {
                counter.used += 1;
                self.turn = key + 1;
                return Some(key);
            }
        }
        None
    }
}
