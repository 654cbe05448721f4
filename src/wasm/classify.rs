//! The classifier for JavaScript: logs, tests and other clients use it without a client.

use js_sys::Array;
use wasm_bindgen::prelude::*;

use super::convert::{Meaning, to_js};
use super::read;
use crate::provider::{self, Provider, Response};

/// What a response means. `provider` may be undefined; `headers` is an array of pairs of strings.
#[wasm_bindgen(js_name = classifyRaw)]
pub fn classify_raw(provider: Option<String>, status: u16, headers: &Array, body: &[u8]) -> Result<JsValue, JsValue> {
    let headers = read::pairs(headers)?;
    let provider = provider.as_deref().and_then(Provider::from_name);
    let classification = provider::classify(&Response { provider, status, headers: &headers, body });
    Ok(to_js(&Meaning::of(&classification)))
}

/// The HTTP status that an error would have had, had it not come inside a stream under 200.
#[wasm_bindgen(js_name = statusOfError)]
pub fn status_of_error(body: &[u8]) -> u16 {
    provider::status_in_stream(body)
}
