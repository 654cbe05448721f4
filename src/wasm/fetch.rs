//! Reading what came back: a response's status, headers and the beginning of its body, without disturbing it.

use js_sys::{Reflect, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{ReadableStreamDefaultReader, Response};

use crate::engine::Reading;
use crate::provider::{self, Provider};

/// What the classifier gets to see of a failed response.
#[derive(Debug)]
pub(crate) struct Seen {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

/// The status of whatever `fetch` resolved to; 0 where it is no response at all.
pub(crate) fn status(response: &JsValue) -> u16 {
    // Not `instanceof Response`: a custom fetch may bring a class of its own, or of another realm.
    let member = |name: &str| Reflect::get(response, &name.into()).ok();
    match member("status").and_then(|status| status.as_f64()).map_or(0, |status| status as u16) {
        // Pages are not told which redirect it was that nobody follows; it is an answer all the same.
        0 if member("type").and_then(|kind| kind.as_string()).as_deref() == Some("opaqueredirect") => 302,
        status => status,
    }
}

/// Looks at a response through a clone, so that the caller's body stays unread.
pub(crate) async fn look(response: &JsValue) -> Seen {
    let status = status(response);
    let response: &Response = response.unchecked_ref();
    let body = match clone(response) {
        Some(twin) => beginning(&twin).await,
        None => Vec::new(),
    };
    Seen { status, headers: headers(response), body }
}

/// Frees the connection of a response that nobody will read.
pub(crate) fn discard(response: &JsValue) {
    let body = Reflect::get(response, &"body".into()).unwrap_or(JsValue::UNDEFINED);
    let cancel = Reflect::get(&body, &"cancel".into()).ok().and_then(|f| f.dyn_into::<js_sys::Function>().ok());
    if let Some(Ok(promise)) = cancel.map(|cancel| cancel.call0(&body))
        && let Ok(promise) = promise.dyn_into::<js_sys::Promise>()
    {
        // A body that is locked rejects; nobody needs to hear of it.
        wasm_bindgen_futures::spawn_local(async move {
            let _ = JsFuture::from(promise).await;
        });
    }
}

fn clone(response: &Response) -> Option<Response> {
    // A stub may have no `clone`: it is then classified by its status.
    let clone = Reflect::get(response, &"clone".into()).ok()?.dyn_into::<js_sys::Function>().ok()?;
    clone.call0(response).ok().map(JsCast::unchecked_into)
}

/// What the headers of a success tell of limits. Gemini's tell nothing, so nobody reads them there.
pub(crate) fn told(provider: Provider, response: &JsValue) -> Vec<Reading> {
    if provider == Provider::Gemini {
        return Vec::new();
    }
    provider::readings(provider, provider::Headers::new(&headers(response)))
}

/// All header pairs; from a browser page that is mostly the safelisted ones.
fn headers(response: &JsValue) -> Vec<(String, String)> {
    let headers = Reflect::get(response, &"headers".into()).unwrap_or(JsValue::UNDEFINED);
    let Ok(Some(pairs)) = js_sys::try_iter(&headers) else { return Vec::new() };
    pairs
        .filter_map(|pair| {
            let pair = pair.ok()?;
            let part = |at: u32| Reflect::get_u32(&pair, at).ok()?.as_string();
            Some((part(0)?, part(1)?))
        })
        .take(MOST_HEADERS)
        .collect()
}

/// The first bytes of a body: errors are short, and an endless one must not hold us.
async fn beginning(response: &Response) -> Vec<u8> {
    let mut bytes = Vec::new();
    let Some(stream) = response.body() else { return bytes };
    let reader: ReadableStreamDefaultReader = stream.get_reader().unchecked_into();
    while bytes.len() < MOST_BYTES {
        let Ok(chunk) = JsFuture::from(reader.read()).await else { break };
        let Ok(value) = Reflect::get(&chunk, &"value".into()) else { break };
        let Ok(chunk) = value.dyn_into::<Uint8Array>() else { break };
        let wanted = (MOST_BYTES - bytes.len()).min(chunk.length() as usize) as u32;
        bytes.extend(chunk.subarray(0, wanted).to_vec());
    }
    let _ = JsFuture::from(reader.cancel()).await;
    bytes
}

/// Error documents are a few kilobytes; SDK wrappings of them some ten.
const MOST_BYTES: usize = 64 * 1024;
const MOST_HEADERS: usize = 200;
