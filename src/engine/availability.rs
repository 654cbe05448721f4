//! Availability: which keys could serve at all, and when the next one may.

use super::gate::{Gate, Shut, Until};
use super::key::Key;
use super::pool::Pool;
use super::provider::Provider;
use super::scheduler::Scheduler;
use super::survey::Survey;
use super::terms::Refusal;
use super::time::{Instant, Now};
use super::units::{KeyId, ModelId, PoolId};

impl Scheduler {
    /// Which key would be taken by a call of no particular model, or of one that was never asked for. Nothing is known
    /// of such a model's pools; without a model, a key will do while some pool of its project is open.
    pub(crate) fn peek_any(&self, now: Now, provider: Option<Provider>, model: Option<&str>) -> Result<KeyId, Survey> {
        let mut survey = Survey::default();
        for id in self.ring.around(self.rotation.turn()) {
            let Some(key) = self.ring.get(id) else { continue };
            let provider = provider.or(key.spec.provider).unwrap_or(Provider::Gemini);
            if !key.serves(provider, model) {
                continue;
            }
            let project = &self.projects[key.project.0 as usize];
            let shut = match model {
                None => self.shut(now.mono, id),
                Some(_) => [&key.hand, &key.gate, &project.gate].iter().find_map(|gate| gate.check(now.mono).err()),
            };
            match shut {
                None => return Ok(id),
                Some(shut) => survey.note(Refusal::Shut(shut)),
            }
        }
        Err(survey)
    }

    /// Whether a key could send a call of some model now.
    pub(crate) fn is_key_up(&self, now: Instant, id: KeyId) -> bool {
        self.ring.get(id).is_some() && self.shut(now, id).is_none()
    }

    /// What stands in the way of a key whatever the model, if something does.
    pub(super) fn shut(&self, now: Instant, id: KeyId) -> Option<Shut> {
        self.culprit(now, self.ring.get(id)?)?.check(now).err()
    }

    /// The gate that keeps a key from serving, or that it may be tried through: of those in its way the last to open. Of its
    /// project's pools one open one is enough, and a project that no model has been asked of is up. A model that was never
    /// answered shows nothing yet: to ask for it once all others are closed brings nobody back.
    pub(crate) fn culprit<'a>(&'a self, now: Instant, key: &'a Key) -> Option<&'a Gate> {
        let project = &self.projects[key.project.0 as usize];
        let until = |gate: &Gate| gate.check(now).err().map(|shut| shut.until);
        let pools = project.pools.iter().map(|pool| &self.pools[pool.0 as usize]);
        let known = pools.filter(|pool| pool.answered || pool.gate.cause().is_some()).map(|pool| &pool.gate);
        let pool = known.min_by_key(|gate| (until(gate), gate.cause().is_some()));
        // Of several that open together the last counts: the key's own before its project's, and that before a pool's.
        let gates = pool.into_iter().chain([&project.gate, &key.gate, &key.hand]);
        gates.filter(|gate| gate.cause().is_some()).max_by_key(|gate| until(gate))
    }

    /// Whether some key can serve, or is being tried: service is not lost before the probe has failed.
    pub(crate) fn any_up(&self, now: Instant) -> bool {
        self.ring.iter().any(|(id, _)| self.shut(now, id).is_none_or(|shut| shut.until == Until::Probe))
    }

    /// Whether some key's project has this pool, under no other's name.
    pub(crate) fn has_key(&self, pool: PoolId) -> bool {
        let pool = &self.pools[pool.0 as usize];
        pool.moved.is_none() && !self.projects[pool.project.0 as usize].keys.is_empty()
    }

    /// Whether some key besides this one can serve the model of a pool.
    pub(crate) fn has_other(&self, now: Instant, than: KeyId, pool: PoolId) -> bool {
        let Pool { provider, model, .. } = self.pools[self.account(pool).0 as usize];
        let name = (model != ModelId::UNNAMED).then(|| self.models.name(model));
        self.ring.iter().any(|(id, key)| {
            let project = &self.projects[key.project.0 as usize];
            let pools = project.pools.iter().map(|pool| &self.pools[pool.0 as usize]);
            let own = pools.filter(|pool| pool.provider == provider && pool.model == model).map(|pool| &pool.gate);
            id != than
                && key.serves(provider, name)
                && [&key.hand, &key.gate, &project.gate].into_iter().chain(own).all(|gate| gate.check(now).is_ok())
        })
    }

    /// When the first key returns by itself.
    pub(crate) fn soonest_return(&self, now: Instant) -> Option<Instant> {
        let shut = self.ring.iter().filter_map(|(id, _)| self.shut(now, id));
        shut.filter_map(|shut| if let Until::At(at) = shut.until { Some(at) } else { None }).min()
    }
}
