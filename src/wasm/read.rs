//! What JavaScript hands over, looked at value by value. What is no data (a function, a symbol, a cycle) is refused.

use js_sys::{Array, ArrayBuffer, Map, Object, Symbol};
use wasm_bindgen::prelude::*;

use super::convert;
use crate::options::{MOST_DEEP, Value};

/// Takes over a plain value. What is no data is a mistake at this path.
pub(crate) fn value(given: &JsValue, path: &str) -> Result<Value, JsValue> {
    data(given).map_err(|cause| convert::invalid(path, &["expected plain data: ", cause].concat()))
}

/// The same, where a mistake has another name.
pub(crate) fn data(given: &JsValue) -> Result<Value, &'static str> {
    look(given, MOST_DEEP)
}

/// Pairs of strings, such as headers.
pub(crate) fn pairs(given: &Array) -> Result<Vec<(String, String)>, JsValue> {
    let pair = |pair: JsValue| {
        let text = |at| pair.dyn_ref::<Array>()?.get(at).as_string();
        text(0).zip(text(1)).ok_or_else(|| convert::invalid("headers", "expected pairs of strings"))
    };
    given.iter().map(pair).collect()
}

fn look(given: &JsValue, depth_left: u32) -> Result<Value, &'static str> {
    if given.is_undefined() || given.is_null() {
        return Ok(Value::Nothing);
    }
    if let Some(number) = given.as_f64() {
        return Ok(Value::Number(number));
    }
    if let Some(text) = given.as_string() {
        return Ok(Value::Text(text));
    }
    if let Some(on) = given.as_bool() {
        return Ok(Value::Bool(on));
    }
    if given.is_bigint() {
        let number = i64::try_from(given.clone()).map_err(|_| "a bigint of more than 64 bits is none")?;
        return Ok(Value::Number(number as f64));
    }
    if !given.is_object() {
        return Err("a function or a symbol is none");
    }
    let depth_left =
        depth_left.checked_sub(1).ok_or("nested more than 32 levels deep (does an object contain itself?)")?;
    if let Some(items) = given.dyn_ref::<Array>() {
        return items.iter().map(|item| look(&item, depth_left)).collect::<Result<_, _>>().map(Value::List);
    }
    fields(given, depth_left).map(Value::Map)
}

fn fields(given: &JsValue, depth_left: u32) -> Result<Vec<(String, Value)>, &'static str> {
    let object = match given.dyn_ref::<Map>() {
        Some(map) => Object::from_entries(map).map_err(|_| "a map with such keys is none")?,
        None if given.is_instance_of::<ArrayBuffer>() => return Err("bytes are none"),
        None if Symbol::iterator().js_in(given) => {
            return Err("of things that can be iterated, only arrays and maps are");
        }
        None => given.clone().unchecked_into(),
    };
    let field = |entry: JsValue| {
        let entry: Array = entry.unchecked_into();
        Ok((entry.get(0).as_string().unwrap_or_default(), look(&entry.get(1), depth_left)?))
    };
    Object::entries(&object).iter().map(field).collect()
}
