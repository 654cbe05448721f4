//! Strategies: which of the keys that may send is taken.
//!
//! All of them see the same candidates: keys of the call's provider and model whose gates are open and whose pool has
//! room. They differ only in the choice among those.

use super::key::{Key, KeyRing};
use super::provider::Provider;
use super::rng::affinity;
use super::snapshot::Note;
use super::table::Names;
use super::terms::Leave;
use super::units::{KeyId, PoolId};

/// How keys are chosen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Strategy {
    /// Every request takes the next available key.
    #[default]
    RoundRobin,
    /// Stay on one key until it can't serve, then on the next.
    Failover,
    /// The key with the largest share of quota left.
    LeastLoaded,
    /// In proportion to the keys' weights, smoothly.
    Weighted,
    /// The lowest priority number, in turn among equals.
    Priority,
    /// A stable key for each session, falling back to `LeastLoaded` while that key can't serve.
    Assigned(Assignment),
}

/// How `assigned` finds a session's key.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Assignment {
    /// Rendezvous hashing: when a key comes or goes, only the sessions of that key move.
    #[default]
    Rendezvous,
    /// Session `n` gets key `n mod k` (the quest app's rule); sessions that are no numbers are hashed.
    Modulo,
}

/// A key that may send now.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Candidate {
    pub(crate) key: KeyId,
    /// On this pool.
    pub(crate) pool: PoolId,
    /// As that has allowed it; a test of one key asks nobody.
    pub(crate) leave: Option<Leave>,
    /// The share left of its pool's tightest limit, in thousandths; a pool without known limits counts as untouched.
    pub(crate) headroom: u64,
    /// What its pool has sent in the present minute: tells unlimited pools apart.
    pub(crate) recent: u64,
}

/// The strategy with the little that it remembers.
#[derive(Debug)]
pub(crate) struct Rotation {
    strategy: Strategy,
    /// Whose turn it is, as people are told.
    turn: KeyId,
    /// Whose turn it is among each provider's calls. With one turn for all, keys of two providers called in alternation
    /// would pass it past a third key for ever.
    turns: Vec<(Provider, KeyId)>,
    /// How often `rotate` has moved a session down its own order of keys. Bounded; the oldest are forgotten.
    moved: Names<u32>,
}

impl Rotation {
    pub(crate) fn new(strategy: Strategy) -> Self {
        Self { strategy, turn: KeyId(0), turns: Vec::new(), moved: Names::default() }
    }

    pub(crate) fn turn(&self) -> KeyId {
        self.turn
    }

    /// Whose turn it is for a call of this provider.
    pub(crate) fn turn_of(&self, provider: Provider) -> KeyId {
        self.turns.iter().find(|(known, _)| *known == provider).map_or(self.turn, |(_, key)| *key)
    }

    /// The turn goes to this key, whatever is called.
    pub(crate) fn set_turn(&mut self, key: KeyId) {
        self.turn = key;
        self.turns.clear();
    }

    fn pass_turn(&mut self, provider: Provider, key: KeyId) {
        self.turn = key;
        match self.turns.iter_mut().find(|(known, _)| *known == provider) {
            Some((_, turn)) => *turn = key,
            None => self.turns.push((provider, key)),
        }
    }

    /// Whether the first candidate in turn is the choice, so that the others need not be looked at.
    pub(crate) fn takes_first(&self) -> bool {
        matches!(self.strategy, Strategy::RoundRobin | Strategy::Failover)
    }

    /// Chooses, without remembering it. `candidates` is not empty and in order of turn.
    /// `fits` tells the keys for such a call, whatever their health.
    pub(crate) fn choose(
        &self,
        ring: &KeyRing,
        candidates: &[Candidate],
        session: Option<&str>,
        fits: impl Fn(&Key) -> bool,
    ) -> Option<KeyId> {
        match self.strategy {
            Strategy::RoundRobin | Strategy::Failover => candidates.first().map(|c| c.key),
            Strategy::LeastLoaded => least_loaded(ring, candidates),
            Strategy::Weighted => {
                // Smooth weighted round robin: whoever has the highest balance after everyone got their weight.
                candidates.iter().max_by_key(|c| (balance(ring, c.key), core::cmp::Reverse(c.key))).map(|c| c.key)
            }
            // `min_by_key` keeps the first of equals, and the candidates are in order of turn.
            Strategy::Priority => candidates
                .iter()
                .min_by_key(|c| ring.get(c.key).map_or(u32::MAX, |key| key.spec.priority))
                .map(|c| c.key),
            Strategy::Assigned(_) => session
                .and_then(|session| self.home(ring, session, fits))
                .filter(|home| candidates.iter().any(|c| c.key == *home))
                .or_else(|| least_loaded(ring, candidates)),
        }
    }

    /// Remembers that a key was taken out of these candidates, for a call of this provider.
    pub(crate) fn took(&mut self, ring: &mut KeyRing, taken: KeyId, candidates: &[Candidate], provider: Provider) {
        if self.strategy == Strategy::Weighted {
            let mut all = 0;
            for candidate in candidates {
                if let Some(key) = ring.get_mut(candidate.key) {
                    key.credit += i64::from(key.spec.weight);
                    all += i64::from(key.spec.weight);
                }
            }
            if let Some(key) = ring.get_mut(taken) {
                key.credit -= all;
            }
        }
        let next = if self.strategy == Strategy::Failover { taken } else { ring.after(taken) };
        self.pass_turn(provider, next);
    }

    /// A session's own key among those that are not out for good and pass `fits`: stable, whatever their quota is at.
    pub(crate) fn home(&self, ring: &KeyRing, session: &str, fits: impl Fn(&Key) -> bool) -> Option<KeyId> {
        let fitting = || ring.iter().filter(|(_, key)| fits(key));
        let alive = fitting().filter(|(_, key)| !key.is_out());
        let mut alive: Vec<(KeyId, &str)> = alive.map(|(id, key)| (id, key.spec.id.as_str())).collect();
        let down = self.moved.get(session).copied().unwrap_or(0) as usize;
        let numbered = session.parse::<u64>().ok().filter(|_| self.strategy == Strategy::Assigned(Assignment::Modulo));
        if let Some(number) = numbered {
            // n mod k over dead keys as well: a key that is out must not shift everybody else's assignment.
            let count = fitting().count().max(1) as u64;
            let (wanted, _) = fitting().nth((number.wrapping_add(down as u64) % count) as usize)?;
            return alive.iter().any(|(id, _)| *id == wanted).then_some(wanted);
        }
        if down == 0 {
            return alive.into_iter().max_by_key(|(_, name)| affinity(session, name)).map(|(id, _)| id);
        }
        // By the place as well, so that the order is one and the same: a sort that keeps the order of equals has 8 KB of code.
        alive.sort_unstable_by_key(|(id, name)| (core::cmp::Reverse(affinity(session, name)), *id));
        alive.get(down % alive.len().max(1)).map(|(id, _)| *id)
    }

    /// Moves one session to the next key of its own order; the others stay.
    pub(crate) fn move_session(&mut self, session: &str) {
        if self.moved.len() >= MOST_MOVED && !self.moved.contains(session) {
            self.moved.pop_first();
        }
        let steps = self.moved.get_or_default(session);
        *steps = steps.wrapping_add(1);
    }
}

impl Rotation {
    /// For a snapshot: whose turn it is, for all and for each provider's calls, and the sessions that were moved.
    pub(crate) fn recorded(&self, ring: &KeyRing) -> [Note; 3] {
        let name = |id: KeyId| ring.get(id).map_or(Note::Nothing, |key| key.spec.id.as_str().into());
        let (mut turns, mut sessions) = (Vec::new(), Vec::new());
        for (provider, id) in &self.turns {
            turns.push(Note::of([(*provider as u32).into(), name(*id)]));
        }
        for (session, steps) in self.moved.iter() {
            sessions.push(Note::of([session.into(), (*steps).into()]));
        }
        [name(self.turn), Note::List(turns), Note::List(sessions)]
    }

    /// From a snapshot.
    pub(crate) fn restore(&mut self, ring: &KeyRing, [turn, turns, sessions]: [&Note; 3]) {
        let find = |id: &Note| id.name().and_then(|id| ring.find(id));
        if let Some(key) = find(turn) {
            self.set_turn(key);
        }
        for note in turns.list() {
            let [provider, id] = note.parts();
            if let Some(key) = find(id) {
                self.turns.push((provider.word(&Provider::ALL), key));
            }
        }
        for note in sessions.list() {
            let [session, steps] = note.parts();
            let session = session.name().unwrap_or_default();
            if self.moved.len() < MOST_MOVED && !self.moved.contains(session) {
                self.moved.insert(session, steps.count());
            }
        }
    }
}

/// Where a key would stand after everyone got their weight.
fn balance(ring: &KeyRing, key: KeyId) -> i64 {
    ring.get(key).map_or(i64::MIN, |key| key.credit + i64::from(key.spec.weight))
}

fn least_loaded(ring: &KeyRing, candidates: &[Candidate]) -> Option<KeyId> {
    let load = |c: &Candidate| {
        let in_flight = ring.get(c.key).map_or(0, |key| key.in_flight);
        (core::cmp::Reverse(c.headroom), in_flight, c.recent)
    };
    candidates.iter().min_by_key(|c| load(c)).map(|c| c.key)
}

/// Sessions moved by hand that are remembered. They are people at most; what is beyond falls back to its first key.
const MOST_MOVED: usize = 10_000;
