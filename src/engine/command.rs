//! What people and programs may do to an engine besides calling: keys come and go, turns are taken, flags are cleared.

use super::client::Engine;
use super::event::Event;
use super::failure::FailureCode;
use super::gate::{Cause, Gate, Until};
use super::io::Ask;
use super::key::KeySpec;
use super::limits::LimitTable;
use super::provider::Provider;
use super::scheduler::Need;
use super::terms::Spread;
use super::time::{Instant, Now};
use super::units::{CallId, KeyId, ModelId, Tokens, Used};
use super::verdict::Verdict;

/// Why a key could not be added or removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyError {
    /// The id is in use.
    DuplicateId,
    /// The last key stays: an engine without keys could serve nobody.
    LastKey,
    /// There is no such key.
    Unknown,
}

impl Engine {
    /// Adds a key; calls that wait may go with it at once.
    pub fn add_key(&mut self, now: Now, spec: KeySpec) -> Result<KeyId, KeyError> {
        if self.scheduler.ring.find(&spec.id).is_some() {
            return Err(KeyError::DuplicateId);
        }
        if let Some(usage) = &mut self.usage {
            usage.add_key(&spec.id);
        }
        let id = self.scheduler.add_key(&self.config, spec);
        self.freed(now);
        Ok(id)
    }

    /// Removes a key. What is in flight with it comes to its end; what waits goes with the others.
    pub fn remove_key(&mut self, now: Now, id: KeyId) -> Result<(), KeyError> {
        if self.scheduler.ring.get(id).is_none() {
            return Err(KeyError::Unknown);
        }
        if self.scheduler.ring.len() == 1 {
            return Err(KeyError::LastKey);
        }
        if self.scheduler.rotation.turn() == id {
            let next = self.scheduler.ring.after(id);
            self.scheduler.rotation.set_turn(next);
        }
        self.scheduler.remove_key(id);
        self.freed(now);
        Ok(())
    }

    /// Takes a key out until somebody puts it back: whatever it is found to be meanwhile, and though it is the last. What is
    /// in flight with it comes to its end; what waits goes with the others. False where it was out already.
    pub fn disable_key(&mut self, now: Now, id: KeyId) -> Result<bool, KeyError> {
        let key = self.scheduler.ring.get_mut(id).ok_or(KeyError::Unknown)?;
        if !key.hand.close(Cause::ByHand, None) {
            return Ok(false);
        }
        if !core::mem::replace(&mut key.down, true) {
            self.emit(Event::KeyDown { key: id, cause: Cause::ByHand, until: None });
        }
        self.freed(now);
        Ok(true)
    }

    /// Puts a key back that was taken out, with whatever is held against it. False where it was not out.
    pub fn enable_key(&mut self, now: Now, id: KeyId) -> Result<bool, KeyError> {
        let key = self.scheduler.ring.get_mut(id).ok_or(KeyError::Unknown)?;
        if core::mem::take(&mut key.hand) == Gate::Open {
            return Ok(false);
        }
        self.restored(now, id);
        self.freed(now);
        Ok(true)
    }

    /// The turn goes to the next key.
    pub fn rotate(&mut self, now: Now) {
        let from = self.scheduler.rotation.turn();
        let to = self.scheduler.ring.after(from);
        self.scheduler.rotation.set_turn(to);
        self.rotated(now, Some(from), Some(to), Verdict::Ok);
    }

    /// One session goes to the next key of its own order; the others stay.
    pub fn rotate_session(&mut self, now: Now, session: &str) {
        let from = self.session_key(session);
        self.scheduler.rotation.move_session(session);
        let to = self.session_key(session);
        self.rotated(now, from, to, Verdict::Ok);
    }

    /// The turn goes to this key.
    pub fn switch_to(&mut self, now: Now, id: KeyId) -> Result<(), KeyError> {
        self.scheduler.ring.get(id).ok_or(KeyError::Unknown)?;
        let from = self.scheduler.rotation.turn();
        self.scheduler.rotation.set_turn(id);
        if from != id {
            self.rotated(now, Some(from), Some(id), Verdict::Ok);
        }
        Ok(())
    }

    /// Forgets what is held against a key, its project and its pools; against everybody, where no key is named.
    pub fn reset(&mut self, now: Now, id: Option<KeyId>) {
        let keys: Vec<KeyId> = if let Some(id) = id {
            self.scheduler.reset_key(id);
            vec![id]
        } else {
            self.scheduler.reset_all();
            self.scheduler.ring.iter().map(|(id, _)| id).collect()
        };
        for key in keys {
            self.restored(now, key);
        }
        self.freed(now);
    }

    /// All counters of the statistics begin anew. What quota and health are made of stays, and so does usage over time.
    pub fn reset_stats(&mut self) {
        self.journal.reset(u64::from(self.in_flight));
        for key in self.scheduler.ring.iter_mut() {
            key.tally.reset(key.in_flight);
        }
    }

    /// New limits for the project of a key, from now on.
    pub fn set_limits(&mut self, now: Now, id: KeyId, limits: &LimitTable) -> Result<(), KeyError> {
        self.scheduler.ring.get(id).ok_or(KeyError::Unknown)?;
        self.scheduler.set_limits(&self.config, id, limits);
        self.freed(now);
        Ok(())
    }

    /// What a served call's response said it has used in truth, and which model it came from.
    pub fn used(&mut self, now: Now, call: CallId, tokens: Used, model: Option<&str>) {
        self.journal.used.add(tokens);
        let served = match self.streams.get_mut(&call) {
            Some(stream) => Some(stream),
            None => self.served.iter_mut().rfind(|served| served.told.call == call),
        };
        let Some(served) = served else { return };
        let place = served.place;
        let Some(receipt) = served.receipt.take() else { return };
        if let (Some(usage), Some(place)) = (&mut self.usage, place) {
            usage.used(now.wall, place, tokens);
        }
        let account = self.scheduler.account(receipt.pool);
        let (pool, habits) = self.scheduler.with_habits(account);
        let Used { input, output, cached, .. } = tokens;
        // Google's token limits count what goes in, everybody else's both ways; Anthropic's leave out what its cache has read.
        let counted = match pool.provider {
            Provider::Gemini => input,
            Provider::Anthropic => Tokens(input.0.saturating_sub(cached.0).saturating_add(output.0)),
            _ => Tokens(input.0.saturating_add(output.0)),
        };
        pool.correct(habits, receipt, counted);
        let (provider, project, asked) = (pool.provider, pool.project, pool.model);
        if counted < receipt.reserved {
            self.scheduler.wake(project);
            self.queue.freed();
        }
        if let Some(name) = model {
            self.scheduler.resolve(provider, asked, name);
        }
    }

    /// The key that a call of this provider and model would take now; else why none, and when one may.
    pub fn next_key(
        &mut self,
        now: Now,
        provider: Option<Provider>,
        model: Option<&str>,
    ) -> Result<KeyId, (FailureCode, Option<Instant>)> {
        // Looking must not make names known: only a call does that.
        let found = match model.and_then(|name| self.scheduler.models.find(name)) {
            None => self.scheduler.peek_any(now, provider, model),
            Some(model) => {
                let provider = provider.or_else(|| self.usual_provider()).unwrap_or(Provider::Gemini);
                let demand = Ask::to(provider).demand;
                let lane = self.scheduler.lane_of(provider, model, None, None);
                let need = Need {
                    lane,
                    provider,
                    model,
                    session: None,
                    demand,
                    pinned: None,
                    only: None,
                    last_try: false,
                    holds: &[],
                    spare: 0,
                    spread: Spread::No,
                    shadow: false,
                };
                self.scheduler.peek(&self.config, now, &need)
            }
        };
        found.map_err(|survey| match survey.until() {
            Until::At(at) => (survey.code(), Some(at)),
            Until::Probe | Until::Never => (survey.code(), None),
        })
    }

    /// A session's own key under `assigned`.
    pub fn session_key(&self, session: &str) -> Option<KeyId> {
        self.scheduler.rotation.home(&self.scheduler.ring, session, |_| true)
    }

    /// A key by its id.
    pub fn find_key(&self, id: &str) -> Option<KeyId> {
        self.scheduler.ring.find(id)
    }

    /// A model's name; `*` for calls that named none.
    pub fn model_name(&self, id: ModelId) -> String {
        self.scheduler.models.name(id).to_owned()
    }

    /// A key by its position, counted from 0.
    pub fn key_at(&self, position: usize) -> Option<KeyId> {
        self.scheduler.ring.at(position)
    }

    /// A key as it was configured.
    pub fn key(&self, id: KeyId) -> Option<&KeySpec> {
        self.scheduler.ring.get(id).map(|key| &key.spec)
    }

    /// Every key present, in order.
    pub fn keys(&self) -> impl Iterator<Item = (KeyId, &KeySpec)> {
        self.scheduler.ring.iter().map(|(id, key)| (id, &key.spec))
    }

    /// A key's position among those present, counted from 0, and their number.
    pub fn key_position(&self, id: KeyId) -> (Option<usize>, usize) {
        (self.scheduler.ring.position(id), self.scheduler.ring.len())
    }

    fn usual_provider(&self) -> Option<Provider> {
        self.scheduler.ring.iter().find_map(|(_, key)| key.spec.provider)
    }
}
