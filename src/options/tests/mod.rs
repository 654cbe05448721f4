//! The room as its users see it: both arguments at once.

mod properties;
mod table;
mod whole;

use super::{Mistake, Parsed, Value, parse};

fn value(json: &str) -> Value {
    serde_json::from_str(json).unwrap()
}

/// What these options come to beside one key.
fn with_options(json: &str) -> Result<Parsed, Mistake> {
    parse(&value("[\"secret\"]"), &value(json), &|_| None)
}
