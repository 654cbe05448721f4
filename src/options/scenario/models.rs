//! What is asked for, and what might be instead.

use core::num::NonZeroU32;

use super::super::limits;
use super::super::mistake::Mistake;
use super::super::reader::Reader;
use super::super::value::Value;
use super::super::words;
use crate::engine::Limits;
use crate::plan::{FREE_TIER, Known, Model};

/// A name, or a list of names and of objects.
pub(super) fn models(reader: &Reader<'_>) -> Result<Vec<Model>, Mistake> {
    let one = core::slice::from_ref(reader.get("models").unwrap_or(&Value::Nothing));
    let (items, is_list) = match reader.get("models") {
        None => return Ok(vec![model_named(USUAL_MODEL)]),
        Some(Value::List(items)) => (items.as_slice(), true),
        Some(_) => (one, false),
    };
    let path = reader.path_of("models");
    if items.is_empty() || items.len() > MOST_MODELS {
        return Err(Mistake::of(
            path,
            format!("from 1 to {MOST_MODELS} models"),
            reader.get("models").unwrap_or(&Value::Nothing),
        ));
    }
    let mut models: Vec<Model> = Vec::new();
    for (at, item) in items.iter().enumerate() {
        let place = if is_list { words::item(&path, at) } else { path.clone() };
        let model = model(item, &place)?;
        if models.iter().any(|known| known.name == model.name) {
            return Err(Mistake::new(place, "each model once", format!("{} again", words::quoted(&model.name))));
        }
        models.push(model);
    }
    Ok(models)
}

fn model(value: &Value, path: &str) -> Result<Model, Mistake> {
    // A name alone is read as the object that would name it, so that both are held to the same.
    let named = Value::Map(vec![(String::from("model"), value.clone())]);
    let reader = match value {
        Value::Text(_) => Reader::open(&named, path, &["model", "share", "tokens"])?,
        Value::Map(_) => Reader::open(value, path, &["model", "share", "tokens"])?,
        _ => return Err(Mistake::of(path, "the name of a model, or an object", value)),
    };
    let Some(name) = reader.public_name("model")? else { return Err(reader.wrong("model", "the name of a model")) };
    let weight = reader.share("share", false)?.and_then(|share| NonZeroU32::new(share as u32));
    Ok(Model {
        weight: weight.unwrap_or(NonZeroU32::MIN.saturating_add(999)),
        tokens: reader.whole("tokens", 0..=MOST_TOKENS, "")?.unwrap_or(USUAL_TOKENS),
        name,
    })
}

fn model_named(name: &str) -> Model {
    Model { name: name.to_owned(), weight: NonZeroU32::MIN.saturating_add(999), tokens: USUAL_TOKENS }
}

/// Other models that advice may name: those given, or those that are known to have more of a day.
pub(super) fn alternatives(
    reader: &Reader<'_>,
    models: &[Model],
    offered: &mut Vec<Known>,
) -> Result<Vec<(String, Limits)>, Mistake> {
    let Some(items) = reader.list("alternatives", "objects")? else {
        let unused = |known: &&Known| models.iter().all(|model| model.name != known.model);
        offered.extend(FREE_TIER.iter().take(RECOMMENDED).filter(unused));
        return Ok(offered.iter().map(|known| (known.model.to_owned(), known.limits())).collect());
    };
    let path = reader.path_of("alternatives");
    if items.len() > MOST_MODELS {
        return Err(Mistake::new(path, format!("at most {MOST_MODELS} models"), items.len().to_string()));
    }
    let mut alternatives = Vec::new();
    for (at, value) in items.iter().enumerate() {
        let reader = Reader::open(value, words::item(&path, at), &["model", "limits"])?;
        let Some(name) = reader.public_name("model")? else { return Err(reader.wrong("model", "the name of a model")) };
        let given = limits::parse(&reader)?.and_then(|table| table.of(&name));
        let known = Known::of(&name).filter(|_| given.is_none());
        offered.extend(known);
        let Some(limits) = given.or(known.map(Known::limits)) else {
            return Err(reader.wrong("limits", "limits of this model, of which none are known here"));
        };
        alternatives.push((name, limits));
    }
    Ok(alternatives)
}
/// The free tier's model with the most requests a day, as far as is known.
const USUAL_MODEL: &str = FREE_TIER[0].model;
/// A page of text, more or less. Matters only where tokens are limited.
const USUAL_TOKENS: u64 = 500;
/// Of the models that are known, advice names these: the rest has no more of a day.
const RECOMMENDED: usize = 1;
const MOST_MODELS: usize = 20;
/// Five times the largest context window there is.
const MOST_TOKENS: u64 = 10_000_000;
