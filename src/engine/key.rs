//! Keys: who may send, how healthy they are, and whose turn it is.
//!
//! The engine never sees a secret. A key is known here by its id, and people see at most its last three characters.

use super::gate::{Cause, Gate};
use super::lately::Lately;
use super::limits::LimitTable;
use super::provider::Provider;
use super::snapshot::{Clock, Note};
use super::table::Names;
use super::time::{Millis, UnixMillis};
use super::units::{KeyId, ProjectId};

/// A key as configured, without its secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeySpec {
    /// Unique name, for people and logs.
    pub id: String,
    /// The last characters of the secret, three at most.
    pub hint: String,
    /// Whose key it is. `None`: told from each call's endpoint.
    pub provider: Option<Provider>,
    /// The project whose quota it uses. `None`: a project of its own.
    pub project: Option<String>,
    /// Models it may serve. `None`: all.
    pub models: Option<Vec<String>>,
    /// Declared limits of its project.
    pub limits: Option<LimitTable>,
    /// Its share under `weighted`, at least 1.
    pub weight: u32,
    /// Its rank under `priority`; 1 is tried first.
    pub priority: u32,
    /// Served first to calls of the same workload.
    pub workload: Option<String>,
}

impl KeySpec {
    /// A key of which nothing is known but its name.
    pub fn named(id: &str) -> Self {
        Self {
            id: id.to_owned(),
            hint: String::new(),
            provider: None,
            project: None,
            models: None,
            limits: None,
            weight: 1,
            priority: 1,
            workload: None,
        }
    }
}

/// How many ranks `Key::workload_rank` tells apart.
pub(crate) const WORKLOAD_RANKS: u8 = 3;

/// What one key has been through.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) requests: u64,
    pub(crate) successes: u64,
    pub(crate) errors: u64,
    pub(crate) rate_limited: u64,
    pub(crate) latency_total: Millis,
    pub(crate) last_used: Option<UnixMillis>,
    /// The last of those that were served or failed.
    pub(crate) lately: Lately,
}

#[derive(Debug)]
pub(crate) struct Key {
    pub(crate) spec: KeySpec,
    pub(crate) project: ProjectId,
    pub(crate) gate: Gate,
    /// Closed while a person has taken the key out. A gate of its own: what is held against the key meanwhile neither opens
    /// it nor is forgotten by it.
    pub(crate) hand: Gate,
    /// Errors in a row.
    pub(crate) strikes: u32,
    /// Cooldowns in a row: each is twice as long as the one before.
    cooldowns: u32,
    pub(crate) in_flight: u64,
    /// The running balance of `weighted`.
    pub(crate) credit: i64,
    pub(crate) tally: Tally,
    /// Whether it was told to be down, or seen to be, and not yet to be back.
    pub(crate) down: bool,
}

impl Key {
    fn new(spec: KeySpec, project: ProjectId) -> Self {
        Self {
            spec,
            project,
            gate: Gate::default(),
            hand: Gate::default(),
            strikes: 0,
            cooldowns: 0,
            in_flight: 0,
            credit: 0,
            tally: Tally::default(),
            down: false,
        }
    }

    /// Whether it may serve such a call at all, whatever its health.
    pub(crate) fn serves(&self, provider: Provider, model: Option<&str>) -> bool {
        let right_provider = self.spec.provider.is_none_or(|own| own == provider);
        let right_model = match (&self.spec.models, model) {
            (Some(models), Some(model)) => models.iter().any(|known| known == model),
            _ => true,
        };
        right_provider && right_model
    }

    /// How well its workload fits a call's: the same first, then keys for anything, then keys meant for others.
    pub(crate) fn workload_rank(&self, workload: Option<&str>) -> u8 {
        match (self.spec.workload.as_deref(), workload) {
            (own, wanted) if own == wanted => 0,
            (None, Some(_)) => 1,
            _ => 2,
        }
    }

    /// Dead until somebody acts: not worth waiting for.
    pub(crate) fn is_out(&self) -> bool {
        self.hand != Gate::Open || matches!(self.gate.cause(), Some(Cause::Invalid | Cause::Leaked | Cause::Restricted))
    }

    /// The server did its part: errors in a row are over.
    pub(crate) fn answered(&mut self) {
        self.strikes = 0;
        self.cooldowns = 0;
    }

    /// One more error in a row. Returns whether that makes a cooldown due.
    pub(crate) fn strike(&mut self, threshold: u32) -> bool {
        self.strikes = self.strikes.saturating_add(1);
        self.strikes >= threshold
    }

    /// The length of one more cooldown in a row: `base`, doubling to `most`.
    pub(crate) fn cool_down(&mut self, base: Millis, most: Millis) -> Millis {
        let doubled = base.times(1_u64.checked_shl(self.cooldowns.min(20)).unwrap_or(u64::MAX));
        self.cooldowns = self.cooldowns.saturating_add(1);
        doubled.min(most.max(base))
    }

    /// Forgets what is held against it. Whoever was taken out by hand stays out.
    pub(crate) fn reset(&mut self) {
        self.answered();
        self.gate.open();
    }

    /// For a snapshot.
    pub(crate) fn recorded(&self, clock: &Clock) -> Note {
        let Tally { requests, successes, errors, rate_limited, latency_total, last_used, lately } = self.tally;
        Note::of([
            self.spec.id.as_str().into(),
            self.spec.hint.as_str().into(),
            requests.into(),
            successes.into(),
            errors.into(),
            rate_limited.into(),
            latency_total.0.into(),
            last_used.into(),
            self.strikes.into(),
            self.cooldowns.into(),
            self.gate.recorded(clock),
            Note::Number(self.credit),
            Note::numbers(&[u64::from(lately.over), u64::from(lately.failed)]),
            (self.hand != Gate::Open).into(),
        ])
    }

    /// From a snapshot. Health is the secret's: another one under the same id has its own to show.
    pub(crate) fn restore(&mut self, clock: &Clock, note: &Note) {
        let [_, hint, requests, successes, errors, rate_limited, latency, used, strikes, cooldowns, shut, more @ ..]: [&Note; 14] =
            note.parts();
        let [credit, lately, out] = more;
        let [over, failed] = lately.parts();
        let Tally { requests: own, successes: good, errors: bad, rate_limited: full, latency_total, last_used, .. } =
            &mut self.tally;
        for (own, before) in
            [(own, requests), (good, successes), (bad, errors), (full, rate_limited), (&mut latency_total.0, latency)]
        {
            *own = own.saturating_add(before.number());
        }
        *last_used = (*last_used).max(used.maybe().map(UnixMillis));
        self.tally.lately.over = (self.tally.lately.over + over.count()).min(super::lately::MOST - 1);
        self.tally.lately.failed = (self.tally.lately.failed + failed.count()).min(self.tally.lately.over);
        if out.flag() {
            self.hand.close(Cause::ByHand, None);
        }
        self.credit = self.credit.saturating_add(credit.signed());
        if hint.name() == Some(self.spec.hint.as_str()) {
            self.strikes = self.strikes.max(strikes.count());
            self.cooldowns = self.cooldowns.max(cooldowns.count());
            self.gate.restore(clock, shut);
        }
    }
}

/// All keys, in the order in which they were given; places of removed ones stay empty.
#[derive(Debug, Default)]
pub(crate) struct KeyRing {
    places: Vec<Option<Key>>,
    /// Of those present.
    names: Names<KeyId>,
    live: usize,
}

impl KeyRing {
    pub(crate) fn add(&mut self, spec: KeySpec, project: ProjectId) -> KeyId {
        let id = KeyId(self.places.len() as u32);
        self.names.insert(&spec.id, id);
        self.places.push(Some(Key::new(spec, project)));
        self.live += 1;
        id
    }

    pub(crate) fn remove(&mut self, id: KeyId) {
        let removed = self.places.get_mut(id.0 as usize).and_then(Option::take);
        self.live -= usize::from(removed.is_some());
        if let Some(key) = removed {
            self.names.remove(&key.spec.id);
        }
    }

    pub(crate) fn get(&self, id: KeyId) -> Option<&Key> {
        self.places.get(id.0 as usize)?.as_ref()
    }

    pub(crate) fn get_mut(&mut self, id: KeyId) -> Option<&mut Key> {
        self.places.get_mut(id.0 as usize)?.as_mut()
    }

    pub(crate) fn find(&self, id: &str) -> Option<KeyId> {
        self.names.get(id).copied()
    }

    /// The key at a position among those present, counted from 0.
    pub(crate) fn at(&self, position: usize) -> Option<KeyId> {
        self.iter().nth(position).map(|(place, _)| place)
    }

    /// A key's position among those present, counted from 0.
    pub(crate) fn position(&self, id: KeyId) -> Option<usize> {
        self.iter().position(|(place, _)| place == id)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (KeyId, &Key)> {
        self.places.iter().enumerate().filter_map(|(place, key)| Some((KeyId(place as u32), key.as_ref()?)))
    }

    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = &mut Key> {
        self.places.iter_mut().flatten()
    }

    /// Places in turn from `start` on, once around, the empty ones included.
    pub(crate) fn around(&self, start: KeyId) -> impl Iterator<Item = KeyId> + use<> {
        let count = self.places.len() as u32;
        (0..count).map(move |step| KeyId((start.0 + step) % count))
    }

    /// The next key present after a place, wrapping.
    pub(crate) fn after(&self, id: KeyId) -> KeyId {
        let count = self.places.len() as u32;
        (1..=count).map(|step| KeyId((id.0 + step) % count.max(1))).find(|&next| self.get(next).is_some()).unwrap_or(id)
    }

    pub(crate) fn len(&self) -> usize {
        self.live
    }

    /// Places, the empty ones included.
    pub(crate) fn places(&self) -> u32 {
        self.places.len() as u32
    }

    pub(crate) fn reset_all(&mut self) {
        self.iter_mut().for_each(Key::reset);
    }
}
