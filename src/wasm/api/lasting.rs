//! What outlasts an instance: its snapshot, and how another goes on with it.

use wasm_bindgen::prelude::*;

use super::RawQuotaAware;
use crate::engine::Snapshot;
use crate::options;
use crate::wasm::convert::{self, to_js};
use crate::wasm::read;

#[wasm_bindgen]
impl RawQuotaAware {
    /// `Snapshot` of `index.d.ts`, but for its fallbacks.
    pub fn snapshot(&self) -> Result<JsValue, JsValue> {
        self.shell.enter(|state, now| {
            let mut snapshot = state.engine.snapshot(now);
            // Models and sessions are named by callers, who may put anything there.
            snapshot.forget_names(&|name| state.vault.is_told_by(name));
            to_js(&snapshot)
        })
    }

    /// Whether `restore` would take it. Throws a plain object where it would not.
    #[wasm_bindgen(js_name = checkSnapshot)]
    pub fn check_snapshot(&self, given: &JsValue) -> Result<(), JsValue> {
        self.valid(given).map(drop)
    }

    /// Goes on with a snapshot; returns `Restored` of `index.d.ts`. Throws a plain object where it is none, and then nothing
    /// has changed.
    pub fn restore(&self, given: &JsValue) -> Result<JsValue, JsValue> {
        let snapshot = self.valid(given)?;
        self.shell.enter(|state, now| to_js(&state.engine.restore(now, &snapshot)))
    }
}

impl RawQuotaAware {
    fn valid(&self, given: &JsValue) -> Result<Snapshot, JsValue> {
        let refused = |detail: &str| match self.shell.enter(|state, _| state.vault.redact(detail)) {
            Ok(detail) => convert::no_snapshot(&detail),
            Err(closed) => closed,
        };
        let given = read::data(given).map_err(|cause| refused(&["snapshot: expected plain data: ", cause].concat()))?;
        options::parse_snapshot(&given).map_err(|mistake| refused(&mistake.to_string()))
    }
}
