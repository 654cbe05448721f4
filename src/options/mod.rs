//! What users write (keys, options, a call's wishes), turned into what the engine works with.
//!
//! Every option does something or is a [`Mistake`] that names its path, what was expected and what came; so is a name
//! that nobody knows, with the nearest known one. `undefined` and `null` mean "not given" everywhere. No message
//! contains a secret, wherever it was put.

mod alerts;
mod ask;
mod cache;
mod echo;
mod fallback;
mod keys;
mod keys_file;
mod limits;
mod mistake;
mod names;
mod nearest;
mod profiles;
mod question;
mod reader;
mod roster;
mod scenario;
mod secret;
mod settings;
mod snapshot;
mod usage;
mod value;
mod words;

#[cfg(test)]
mod tests;

use core::slice;

pub use ask::CallQuota;
pub use cache::Cache;
pub use echo::Echoes;
pub use keys::parse_key;
pub use limits::parse_limits;
pub use mistake::Mistake;
pub use nearest::nearest;
pub use profiles::{Profile, find as find_profile};
pub use question::check_question;
pub use roster::KeyEntry;
pub use scenario::{Planned, parse_scenario};
pub use secret::Secret;
pub use settings::{OnBadConfig, Settings};
pub use snapshot::parse_snapshot;
pub use usage::parse_usage_query;
pub use value::{MOST_DEEP, Value};

use crate::provider::Provider;

/// Keys and options that are right.
#[derive(Clone, Debug, PartialEq)]
pub struct Parsed {
    /// At least one key, in the order in which they are to be tried.
    pub keys: Vec<KeyEntry>,
    /// All options.
    pub settings: Settings,
    /// What people should know and what stops nothing: one sentence each, without secrets.
    pub warnings: Vec<String>,
}

/// Reads the constructor's two arguments. `env` looks up a variable of the environment, for a `keys.json` alone.
///
/// With `onBadConfig: "single-key"` a mistake becomes a warning as long as one key can be made out.
pub fn parse(keys: &Value, options: &Value, env: &dyn Fn(&str) -> Option<String>) -> Result<Parsed, Mistake> {
    parse_strictly(keys, options, env).or_else(|mistake| {
        let degraded = wants_single_key(options).then(|| single_key(keys, options, env)).flatten();
        let Some(mut parsed) = degraded else { return Err(mistake) };
        parsed.warnings.insert(0, format!("running on one key, since the configuration is wrong: {mistake}"));
        Ok(parsed)
    })
}

fn parse_strictly(keys: &Value, options: &Value, env: &dyn Fn(&str) -> Option<String>) -> Result<Parsed, Mistake> {
    let reader = settings::open(options)?;
    let provider = settings::provider(&reader)?;
    let (mut keys, file) = keys::parse(keys, provider, env)?;
    if !settings::rotation(&reader)? {
        keys.truncate(1);
    }
    let settings = settings::parse(&reader, file, keys.len())?;
    let warnings = keys.iter().filter(|entry| looks_cut_off(entry)).map(unusual).collect();
    Ok(Parsed { keys, settings, warnings })
}

fn wants_single_key(options: &Value) -> bool {
    options.field("onBadConfig") == Some(&Value::Text(String::from("single-key")))
}

/// The first key that is right by itself, with those options that are.
fn single_key(keys: &Value, options: &Value, env: &dyn Fn(&str) -> Option<String>) -> Option<Parsed> {
    let Value::Map(fields) = options else { return None };
    let sound = |field: &&(String, Value)| {
        let alone = Value::Map(vec![(*field).clone()]);
        settings::open(&alone)
            .and_then(|reader| settings::parse(&reader, keys_file::FileSettings::default(), 1))
            .is_ok()
    };
    let options = Value::Map(fields.iter().filter(sound).cloned().collect());
    let alone = |key: &Value| match keys {
        Value::Map(_) => Value::Map(vec![(String::from("keys"), Value::List(vec![key.clone()]))]),
        _ => Value::List(vec![key.clone()]),
    };
    let given = match (keys, keys.field("keys")) {
        (_, Some(Value::List(items))) | (Value::List(items), _) => items.as_slice(),
        _ => slice::from_ref(keys),
    };
    given.iter().find_map(|key| parse_strictly(&alone(key), &options, env).ok())
}

/// Whether a key that is said to be Gemini's does not look it: most likely a part was lost on the way here.
///
/// Only a warning, for Google may change the form again; and none for short stand-ins such as tests use.
fn looks_cut_off(entry: &KeyEntry) -> bool {
    let secret = entry.secret.expose();
    let usual = secret.starts_with("AQ.") || (secret.starts_with("AIza") && secret.len() == 39);
    entry.spec.provider == Some(Provider::Gemini) && secret.len() > 20 && !usual
}

fn unusual(entry: &KeyEntry) -> String {
    let id = &entry.spec.id;
    format!("the key {id} is not of the usual form of Gemini keys (AIza and 35 more characters, or AQ. and more)")
}
