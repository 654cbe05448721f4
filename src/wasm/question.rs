//! The options of `generate`, looked at by whoever looks at all other options.

use wasm_bindgen::prelude::*;

use super::convert;
use crate::options::{self, Value};

/// Throws a plain object `{ code, path, detail }` where the options of a question are at fault, as far as they are data.
#[wasm_bindgen(js_name = checkQuestionRaw)]
pub fn check_question_raw(options: &JsValue) -> Result<(), JsValue> {
    let value: Value = serde_wasm_bindgen::from_value(options.clone())
        .map_err(|error| convert::invalid("options", &["expected plain data: ", &error.to_string()].concat()))?;
    options::check_question(&value).map_err(|mistake| convert::mistake(&mistake))
}
