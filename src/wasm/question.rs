//! What is asked, looked at by whoever looks at all other options: where no call is begun, nobody else would.

use wasm_bindgen::prelude::*;

use super::{convert, read};
use crate::options::{self, CallQuota, Mistake, Value};

/// Throws a plain object `{ code, path, detail }` where the options of a question are at fault, as far as they are data.
#[wasm_bindgen(js_name = checkQuestionRaw)]
pub fn check_question_raw(options: &JsValue) -> Result<(), JsValue> {
    check(options, "options", options::check_question)
}

/// The same of a call's wishes, for one that is answered without being sent.
#[wasm_bindgen(js_name = checkQuotaRaw)]
pub fn check_quota_raw(quota: &JsValue) -> Result<(), JsValue> {
    check(quota, "quota", |quota| CallQuota::parse(quota).map(drop))
}

/// The one of `known` names that somebody who wrote `name` probably meant, for options that only JavaScript looks at.
#[wasm_bindgen(js_name = nearestRaw)]
pub fn nearest_raw(name: &str, known: Vec<String>) -> Option<String> {
    let known: Vec<&str> = known.iter().map(String::as_str).collect();
    options::nearest(name, &known).map(str::to_owned)
}

fn check(given: &JsValue, path: &str, look: impl FnOnce(&Value) -> Result<(), Mistake>) -> Result<(), JsValue> {
    look(&read::value(given, path)?).map_err(|mistake| convert::mistake(&mistake))
}
