//! Plans for JavaScript: a day is played and its account handed over as plain data.

use js_sys::Function;
use serde::Serialize;
use wasm_bindgen::prelude::*;

use super::convert::{self, to_js};
use super::read;
use crate::engine::UnixMillis;
use crate::options;
use crate::plan::{self, Known, Plan};

/// `PlanReport` of `index.d.ts`, less its text.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Account {
    #[serde(flatten)]
    plan: Plan,
    people: u32,
    patience: u64,
    assumed: Vec<Assumed>,
    /// Whether changes were looked for.
    advised: bool,
}

/// Limits that were looked up.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Assumed {
    model: &'static str,
    rpm: u64,
    rpd: u64,
    seen: &'static str,
    recorded: bool,
}

/// Plays a scenario. `pacific_midnight`: `(ms) => the next 00:00 in Los Angeles`. Throws a plain object
/// `{ code, path, detail }` where the scenario is at fault.
#[wasm_bindgen(js_name = planRaw)]
pub fn plan_raw(scenario: &JsValue, pacific_midnight: &Function) -> Result<JsValue, JsValue> {
    let value = read::value(scenario, "scenario")?;
    let midnight = |at: UnixMillis| {
        let next = pacific_midnight.call1(&JsValue::UNDEFINED, &JsValue::from_f64(at.0 as f64)).ok();
        UnixMillis(next.and_then(|next| next.as_f64()).map_or(at.0, |ms| ms as u64))
    };
    let planned = options::parse_scenario(&value, &midnight).map_err(|mistake| convert::mistake(&mistake))?;
    let scenario = &planned.scenario;
    let plan =
        if planned.advise { plan::plan(scenario) } else { Plan { report: plan::run(scenario), advice: Vec::new() } };
    let assumed = |known: &Known| Assumed {
        model: known.model,
        rpm: known.rpm,
        rpd: known.rpd,
        seen: known.seen,
        recorded: known.recorded,
    };
    let named = |known: &&Known| plan.advice.iter().any(|fix| fix.model.as_deref() == Some(known.model));
    let looked_up = planned.assumed.iter().chain(planned.offered.iter().filter(named)).map(assumed).collect();
    let (people, patience, advised) = (scenario.people.get(), scenario.patience.0, planned.advise);
    Ok(to_js(&Account { assumed: looked_up, people, patience, advised, plan }))
}
