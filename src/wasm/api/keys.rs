//! Keys: turned, tried, added and taken away by people.

use wasm_bindgen::prelude::*;

use super::super::shell::State;
use super::{RawQuotaAware, add, convert, value};
use crate::engine::{KeyError, KeyId, ModelId, ProjectId};
use crate::options;

#[wasm_bindgen]
impl RawQuotaAware {
    /// The turn goes to the next key; with a session, only that session moves.
    pub fn rotate(&self, session: Option<String>) -> Result<(), JsValue> {
        self.shell.enter(|state, now| match session {
            Some(session) => state.engine.rotate_session(now, &session),
            None => state.engine.rotate(now),
        })
    }

    /// The turn goes to this key.
    #[wasm_bindgen(js_name = switchTo)]
    pub fn switch_to(&self, id: &str) -> Result<(), JsValue> {
        self.shell.enter(|state, now| {
            let key = known(state, id)?;
            state.engine.switch_to(now, key).map_err(|error| refused(error, id))
        })?
    }

    /// How often a call is sent at most that says nothing about it.
    #[wasm_bindgen(js_name = usualAttempts)]
    pub fn usual_attempts(&self) -> Result<u32, JsValue> {
        self.shell.enter(|state, _| state.engine.usual_attempts())
    }

    /// The id of the key at a position, counted from 0.
    #[wasm_bindgen(js_name = keyAt)]
    pub fn key_at(&self, position: u32) -> Result<Option<String>, JsValue> {
        self.shell.enter(|state, _| {
            let key = state.engine.key_at(position as usize)?;
            state.engine.key(key).map(|spec| spec.id.clone())
        })
    }

    /// The id of a key of this number in events; undefined where it was taken away.
    #[wasm_bindgen(js_name = keyNamed)]
    pub fn key_named(&self, number: u32) -> Result<Option<String>, JsValue> {
        self.shell.enter(|state, _| state.engine.key(KeyId(number)).map(|spec| spec.id.clone()))
    }

    /// The model of this number in events.
    #[wasm_bindgen(js_name = modelNamed)]
    pub fn model_named(&self, number: u32) -> Result<String, JsValue> {
        self.shell.enter(|state, _| state.engine.model_name(ModelId(number)))
    }

    /// The project of this number in events.
    #[wasm_bindgen(js_name = projectNamed)]
    pub fn project_named(&self, number: u32) -> Result<Option<String>, JsValue> {
        self.shell.enter(|state, _| state.engine.project_name(ProjectId(number)).map(str::to_owned))
    }

    /// The wait after a failed attempt, counted from 0, in milliseconds.
    pub fn backoff(&self, attempt: u32) -> Result<f64, JsValue> {
        self.shell.enter(|state, _| state.engine.backoff(attempt).0 as f64)
    }

    /// The id of the key that a call of this model would take now.
    #[wasm_bindgen(js_name = nextKey)]
    pub fn next_key(&self, model: Option<String>) -> Result<Option<String>, JsValue> {
        let provider = self.settings.provider;
        self.shell.enter(|state, now| {
            let key = state.engine.next_key(now, provider, model.as_deref()).ok()?;
            state.engine.key(key).map(|spec| spec.id.clone())
        })
    }

    /// The id of a session's own key under `assigned`.
    #[wasm_bindgen(js_name = sessionKey)]
    pub fn session_key(&self, session: &str) -> Result<Option<String>, JsValue> {
        self.shell.enter(|state, _| {
            let key = state.engine.session_key(session)?;
            state.engine.key(key).map(|spec| spec.id.clone())
        })
    }

    /// Forgets what is held against a key, or against all.
    pub fn reset(&self, id: Option<String>) -> Result<(), JsValue> {
        self.shell.enter(|state, now| {
            let key = id.map(|id| known(state, &id)).transpose()?;
            state.engine.reset(now, key);
            Ok(())
        })?
    }

    /// The counters of the statistics begin anew.
    #[wasm_bindgen(js_name = resetStats)]
    pub fn reset_stats(&self) -> Result<(), JsValue> {
        self.shell.enter(|state, _| state.engine.reset_stats())
    }

    /// Takes a key out by hand, or puts it back. False where it was so already.
    #[wasm_bindgen(js_name = setDisabled)]
    pub fn set_disabled(&self, id: &str, disabled: bool) -> Result<bool, JsValue> {
        self.shell.enter(|state, now| {
            let key = known(state, id)?;
            let done = if disabled { state.engine.disable_key(now, key) } else { state.engine.enable_key(now, key) };
            done.map_err(|error| refused(error, id))
        })?
    }

    /// Adds a key, given as in the constructor, and returns its id.
    #[wasm_bindgen(js_name = addKey)]
    pub fn add_key(&self, key: &JsValue) -> Result<String, JsValue> {
        let parsed = value(key, "key")?;
        self.shell.enter(|state, now| {
            let present = state.entries();
            let key =
                options::parse_key(&parsed, self.settings.provider, &present).map_err(|m| convert::mistake(&m))?;
            let id = key.spec.id.clone();
            add(state, now, key).map(|()| id)
        })?
    }

    /// Removes a key. False where there is none of that id.
    #[wasm_bindgen(js_name = removeKey)]
    pub fn remove_key(&self, id: &str) -> Result<bool, JsValue> {
        self.shell.enter(|state, now| {
            let Some(key) = state.engine.find_key(id) else { return Ok(false) };
            state.engine.remove_key(now, key).map_err(|error| refused(error, id))?;
            state.vault.forget(key);
            Ok(true)
        })?
    }

    /// New limits for the project of a key.
    #[wasm_bindgen(js_name = setLimits)]
    pub fn set_limits(&self, id: &str, limits: &JsValue) -> Result<(), JsValue> {
        let limits = options::parse_limits(&value(limits, "limits")?).map_err(|m| convert::mistake(&m))?;
        self.shell.enter(|state, now| {
            let key = known(state, id)?;
            state.engine.set_limits(now, key, &limits).map_err(|error| refused(error, id))
        })?
    }
}

pub(super) fn known(state: &State, id: &str) -> Result<KeyId, JsValue> {
    state.engine.find_key(id).ok_or_else(|| refused(KeyError::Unknown, &ids(state)))
}

/// The ids that exist, for whoever named another. What was given is not repeated: it may be a secret in the wrong place.
pub(super) fn ids(state: &State) -> String {
    let mut ids = String::new();
    for (at, (_, spec)) in state.engine.keys().enumerate().take(MOST_NAMED) {
        ids.push_str(if at == 0 { "" } else { ", " });
        ids.push_str(&spec.id);
    }
    ids
}

/// `about`: the id in question, or the ids that exist.
pub(super) fn refused(error: KeyError, about: &str) -> JsValue {
    let detail = match error {
        KeyError::DuplicateId => ["expected an id of its own, \"", about, "\" is taken"].concat(),
        KeyError::LastKey => {
            ["\"", about, "\" is the last key; add another before it goes, or close the instance"].concat()
        }
        KeyError::Unknown => ["expected the id of a key; there are ", about].concat(),
    };
    convert::invalid("id", &detail)
}

pub(super) const MOST_NAMED: usize = 10;
