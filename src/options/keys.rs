//! The keys argument: a list of secrets and key objects, or the contents of a `keys.json`.

use super::keys_file::{self, FileSettings};
use super::limits;
use super::mistake::Mistake;
use super::names::PROVIDERS;
use super::reader::Reader;
use super::roster::{Draft, KeyEntry, Roster};
use super::secret::Secret;
use super::value::Value;
use super::words;
use crate::engine::KeySpec;
use crate::provider::{Provider, provider_of_key};

/// All keys, and what a `keys.json` says besides.
pub(super) fn parse(
    keys: &Value,
    provider: Option<Provider>,
    env: &dyn Fn(&str) -> Option<String>,
) -> Result<(Vec<KeyEntry>, FileSettings), Mistake> {
    match keys {
        Value::List(items) => Ok((list(items, provider)?, FileSettings::default())),
        Value::Map(_) => keys_file::parse(keys, provider, env),
        Value::Nothing => Err(Mistake::of("keys", AT_LEAST_ONE, keys)),
        // One secret without its brackets is a likely slip: none of it may be shown.
        _ => {
            Err(Mistake::new("keys", "an array of keys or the contents of a keys file", words::described_secret(keys)))
        }
    }
}

/// One more key, to go with those present. `provider` holds where the key names none.
pub fn parse_key(value: &Value, provider: Option<Provider>, present: &[KeyEntry]) -> Result<KeyEntry, Mistake> {
    let mut roster = Roster::default();
    for entry in present {
        let path = format!("the key {}", words::quoted(&entry.spec.id));
        roster.join(Draft { path, id_field: "id", entry: entry.clone() })?;
    }
    let newcomer = draft(value, "key", provider)?;
    roster.join(
        newcomer.ok_or_else(|| Mistake::new("key", "a secret or a key object", words::described_secret(value)))?,
    )?;
    roster.into_entries().pop().ok_or_else(|| Mistake::of("key", AT_LEAST_ONE, value))
}

fn list(items: &[Value], provider: Option<Provider>) -> Result<Vec<KeyEntry>, Mistake> {
    let mut roster = Roster::default();
    for (index, item) in items.iter().enumerate() {
        if let Some(draft) = draft(item, &words::item("keys", index), provider)? {
            roster.join(draft)?;
        }
    }
    let entries = roster.into_entries();
    if !entries.is_empty() {
        return Ok(entries);
    }
    let got = if items.is_empty() { "an empty array" } else { "an array of nothing but blanks" };
    Err(Mistake::new("keys", AT_LEAST_ONE, got))
}

/// One key of a list. `None` for what stands for no key: a variable of the environment that is not set, `cond && key`.
fn draft(value: &Value, path: &str, provider: Option<Provider>) -> Result<Option<Draft>, Mistake> {
    let (spec, secret) = match value {
        Value::Nothing | Value::Bool(false) => return Ok(None),
        Value::Text(text) if text.trim().is_empty() => return Ok(None),
        Value::Text(text) => (KeySpec::named(""), Secret::parse(text, path)?),
        Value::Map(_) => described(value, path)?,
        _ => return Err(Mistake::of(path, "a secret, a key object or nothing", value)),
    };
    Ok(Some(Draft { path: path.to_owned(), id_field: "id", entry: complete(spec, secret, provider) }))
}

/// Adds what is known from the secret and from the options.
pub(super) fn complete(spec: KeySpec, secret: Secret, provider: Option<Provider>) -> KeyEntry {
    let provider = spec.provider.or(provider).or_else(|| provider_of_key(secret.expose()));
    KeyEntry { spec: KeySpec { hint: secret.hint(), provider, ..spec }, secret }
}

/// A key object.
fn described(value: &Value, path: &str) -> Result<(KeySpec, Secret), Mistake> {
    let reader = Reader::open(value, path, &FIELDS)?;
    let secret = secret_of(&reader)?.ok_or_else(|| Mistake::new(reader.path_of("key"), "the secret", "nothing"))?;
    let models = reader.texts("models")?;
    if models.as_ref().is_some_and(Vec::is_empty) {
        return Err(reader.wrong("models", "at least one model (leave it out for all)"));
    }
    let spec = KeySpec {
        id: reader.public_name("id")?.unwrap_or_default(),
        hint: String::new(),
        provider: reader.choice("provider", PROVIDERS)?,
        project: reader.public_name("project")?,
        models,
        limits: limits::parse(&reader)?,
        weight: reader.count("weight", 1..=MOST_WEIGHT)?.unwrap_or(1),
        priority: reader.count("priority", 1..=MOST_WEIGHT)?.unwrap_or(1),
        workload: reader.text("workload")?,
    };
    Ok((spec, secret))
}

/// The field `key`, of which no mistake shows anything.
pub(super) fn secret_of(reader: &Reader<'_>) -> Result<Option<Secret>, Mistake> {
    match reader.get("key") {
        None => Ok(None),
        Some(Value::Text(text)) => Secret::parse(text, &reader.path_of("key")).map(Some),
        Some(other) => Err(Mistake::new(reader.path_of("key"), "the secret, a string", words::described_secret(other))),
    }
}

pub(super) const AT_LEAST_ONE: &str = "at least one key";

/// Weights are shares: more than a million to one is a slip of the finger.
pub(super) const MOST_WEIGHT: u32 = 1_000_000;

const FIELDS: [&str; 9] = ["key", "id", "provider", "project", "models", "limits", "weight", "priority", "workload"];

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(json: &str) -> Result<Vec<KeyEntry>, String> {
        let keys = serde_json::from_str(json).unwrap();
        parse(&keys, None, &|_| None).map(|(entries, _)| entries).map_err(|mistake| mistake.to_string())
    }

    #[test]
    fn what_stands_for_no_key_is_dropped_and_the_rest_is_counted() {
        let entries = parsed(r#"[null,"a",false,""," ",{"key":"b"},"c"]"#).unwrap();
        let told: Vec<_> = entries.iter().map(|entry| (entry.spec.id.as_str(), entry.secret.expose())).collect();
        assert_eq!(told, [("key-1", "a"), ("key-2", "b"), ("key-3", "c")]);
    }

    #[test]
    fn every_field_of_a_key_arrives() {
        let json = r#"[{"key":"gsk_abcdefghi","id":"x","provider":"openai","project":"p","models":["m"],
            "limits":{"rpm":3},"weight":2,"priority":7,"workload":"heavy"}]"#;
        let spec = parsed(json).unwrap().remove(0).spec;
        assert_eq!((spec.id.as_str(), spec.hint.as_str(), spec.provider), ("x", "ghi", Some(Provider::OpenAi)));
        assert_eq!((spec.project.as_deref(), spec.models), (Some("p"), Some(vec![String::from("m")])));
        assert_eq!(spec.limits.unwrap().of("m").unwrap().rpm.unwrap().get(), 3);
        assert_eq!((spec.weight, spec.priority, spec.workload.as_deref()), (2, 7, Some("heavy")));
    }

    #[test]
    fn the_provider_is_the_keys_own_then_the_options_then_the_beginnings() {
        let keys = serde_json::from_str(r#"["gsk_1",{"key":"gsk_2","provider":"openai"},"plain"]"#).unwrap();
        let of = |provider| -> Vec<Option<Provider>> {
            parse(&keys, provider, &|_| None).unwrap().0.iter().map(|entry| entry.spec.provider).collect()
        };
        assert_eq!(of(None), [Some(Provider::Groq), Some(Provider::OpenAi), None]);
        let gemini = Some(Provider::Gemini);
        assert_eq!(of(gemini), [gemini, Some(Provider::OpenAi), gemini]);
    }

    #[test]
    fn mistakes_name_the_place_and_keep_the_secret() {
        let whole = "expected a whole number from 1 to 1000000";
        for (json, words) in [
            ("[]", "keys: expected at least one key, got an empty array"),
            ("null", "keys: expected at least one key, got nothing"),
            ("[null,\"\"]", "keys: expected at least one key, got an array of nothing but blanks"),
            (
                "\"hunter2\"",
                "keys: expected an array of keys or the contents of a keys file, got a string of 7 characters",
            ),
            ("[7]", "keys[0]: expected a secret, a key object or nothing, got 7"),
            ("[true]", "keys[0]: expected a secret, a key object or nothing, got true"),
            ("[{\"id\":\"a\"}]", "keys[0].key: expected the secret, got nothing"),
            ("[{\"key\":5}]", "keys[0].key: expected the secret, a string, got a number"),
            ("[\"a\",{\"key\":\"b\",\"wieght\":1}]", "keys[1].wieght: unknown option; did you mean weight?"),
            ("[{\"key\":\"b\",\"weight\":0}]", &format!("keys[0].weight: {whole}, got 0")),
            ("[{\"key\":\"b\",\"weight\":1000001}]", &format!("keys[0].weight: {whole}, got 1000001")),
            (
                "[{\"key\":\"b\",\"priority\":1.5}]",
                &format!("keys[0].priority: {whole}, got a fraction between 1 and 2"),
            ),
            ("[{\"key\":\"b\",\"models\":\"m\"}]", "keys[0].models: expected an array of strings, got \"m\""),
            (
                "[{\"key\":\"b\",\"models\":[]}]",
                "keys[0].models: expected at least one model (leave it out for all), got an empty array",
            ),
            (
                "[{\"key\":\"b\",\"models\":[\"m\",\"\"]}]",
                "keys[0].models[1]: expected a string with something in it, got \"\"",
            ),
            ("[{\"key\":\"b\",\"id\":3}]", "keys[0].id: expected a string, got 3"),
            ("[{\"key\":\"b\",\"workload\":true}]", "keys[0].workload: expected a string, got true"),
            ("[{\"key\":\"b\",\"project\":{}}]", "keys[0].project: expected a string, got an object"),
            (
                "[{\"key\":\"b\",\"limits\":{\"rpm\":\"x\"}}]",
                "keys[0].limits.rpm: expected a whole number from 1 to 9007199254740991, got \"x\"",
            ),
            (
                "[{\"key\":\"b\",\"provider\":\"gemeni\"}]",
                "keys[0].provider: expected one of gemini, groq, openai, anthropic, openai-compatible, \
                 got \"gemeni\"; did you mean gemini?",
            ),
        ] {
            assert_eq!(parsed(json).unwrap_err(), words, "{json}");
        }
    }

    #[test]
    fn one_more_key_goes_with_those_present() {
        let present = parsed(r#"["a",{"key":"b","id":"key-3"}]"#).unwrap();
        let add = |json: &str| parse_key(&serde_json::from_str(json).unwrap(), Some(Provider::Groq), &present);
        let added = add("\"c\"").unwrap();
        assert_eq!((added.spec.id.as_str(), added.spec.provider), ("key-4", Some(Provider::Groq)));
        let told = |json: &str| add(json).unwrap_err().to_string();
        assert_eq!(told("\"a\""), "key: expected a secret of its own, got the same secret as the key \"key-1\"");
        assert_eq!(
            told(r#"{"key":"c","id":"key-1"}"#),
            "key.id: expected an id of its own, got the same as the key \"key-1\".id"
        );
        assert_eq!(told("\"\""), "key: expected a secret or a key object, got a string of 0 characters");
    }
}
